"""Plugin of pytest that runs kernels as Python: ``NUMBA_DISABLE_JIT=1 python -m pytest -p tests.interpreted …``.

What is written in LLVM's language has no Python body: numpy stands in for it, as its docstrings say. A test that takes
too long without a compiler is left out.
"""

import os
import signal

import numpy as np
import pytest

from netanalysis._kernels import llvm

os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # one thread, which can be interrupted: others run until they are done
SECONDS = float(os.environ.get("NETANALYSIS_INTERPRETED_SECONDS", "30"))  # of computing, for a test

assert os.environ.get("NUMBA_DISABLE_JIT") == "1", "kernels would be compiled: set NUMBA_DISABLE_JIT=1"


def popcount(word):
    return np.uint64(int(word).bit_count())


def lowest_bit(word):
    word = int(word)
    return np.uint64((word & -word).bit_length() - 1)


def eight_bytes(text, at):
    return np.uint64(int.from_bytes(text[at : at + 8].tobytes(), "little"))


def nonzero_bits(weights, at):
    chosen = np.flatnonzero(weights.reshape(-1)[at : at + 64])
    return np.uint64(sum(1 << int(bit) for bit in chosen))


def union(out, rows, members, first, last):
    out[:8] = np.bitwise_or.reduce(rows[members[first:last], :8], axis=0, initial=0)


def sum_where(x, a, i, b, j):
    both = a[i] & b[j]
    bits = (both[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    return x.reshape(-1)[: bits.size][bits.reshape(-1).astype(bool)].sum()


def add_row(out, i, weight, x, j):
    out[i] += weight * x[j]


def sum_rows(out, i, x, first, last):
    out[i] = 0.0
    for k in range(first, last):
        out[i] += x[k]


def vectors(array):
    return array.reshape(-1, llvm.LANES)


def add_multiple(y, at, x, start, count, factor, place):
    for t in range(count):
        vectors(y)[at + t] += vectors(factor)[place] * vectors(x)[start + t]


def dot(out, place, x, at, y, start, count):
    total = np.zeros(llvm.LANES)
    for t in range(count):
        total += vectors(x)[at + t] * vectors(y)[start + t]
    vectors(out)[place] = total


def reflect(h, start, step, count, apart, c):
    v2, v3, *factors = vectors(c)[:5]
    h = vectors(h)
    for s in range(count):
        places = [start + s * step + k * apart for k in range(3)]
        x, y, z = (h[place].copy() for place in places)
        along = x + (v2 * y + v3 * z)
        for place, old, factor in zip(places, (x, y, z), factors, strict=True):
            h[place] = old - along * factor


for stand_in in (
    popcount,
    lowest_bit,
    eight_bytes,
    nonzero_bits,
    union,
    sum_where,
    add_row,
    sum_rows,
    add_multiple,
    dot,
    reflect,
):
    assert hasattr(llvm, stand_in.__name__)
    setattr(llvm, stand_in.__name__, stand_in)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    def late(_, frame):
        if f"{os.sep}coverage{os.sep}" in frame.f_code.co_filename:  # it holds a lock, and would never let go of it
            signal.setitimer(signal.ITIMER_PROF, 0.01)
        else:
            pytest.skip(f"takes more than {SECONDS:g} s without a compiler")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
