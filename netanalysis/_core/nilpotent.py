"""Networks of which some power is exactly 0 although they have cycles: those of one sign cancel those of the other.

All their eigenvalues are 0, and any iteration finds them on a circle round 0 instead, which may be large: a rounding
error moves an eigenvalue 0 of multiplicity k by the k-th root of itself. So they are told by arithmetic without errors.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

# Sums of n products of numbers below it are exact in doubles for n up to 8192.
_BELOW = 2**20
_LARGEST = 3000  # nodes
_MOST = 8  # primes


def are_nilpotent(flat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which strongly connected networks of a stack (m, n, n), of more than one node, have a power that is 0."""
    out = np.zeros(len(flat), bool)
    n = flat.shape[-1]
    if n > _LARGEST:
        return out
    for k in np.flatnonzero((flat < 0).any(axis=(-2, -1)) & (flat > 0).any(axis=(-2, -1))):
        out[k] = _traces_vanish(flat[k]) and _is_nilpotent(flat[k])
    return out


def _traces_vanish(w: NDArray[np.float64]) -> bool:
    """Whether those of W and its square are 0 but for rounding, as all networks that matter here have them."""
    w = w / np.abs(w).max()
    both = w * w.T
    own = np.diagonal(w)
    rounding = 1e-15 * len(w)
    return bool(
        abs(own.sum()) <= rounding * np.abs(own).sum() and abs(both.sum()) <= rounding * len(w) * np.abs(both).sum()
    )


def _is_nilpotent(w: NDArray[np.float64]) -> bool:
    """Modulo primes: as many as no coefficient of the characteristic polynomial but 0 can be a multiple of all of.

    Of large networks that would be hundreds; eight leave a chance of about 1e-45 for weights that were not made from
    these primes.
    """
    mantissa, exponent = np.frexp(w)
    whole = (mantissa * 2.0**53).astype(np.int64)
    there = whole != 0
    zeros = np.zeros(w.shape, np.int64)
    zeros[there] = np.log2((whole[there] & -whole[there]).astype(float)).astype(np.int64)
    whole >>= zeros
    shift = exponent + zeros
    shift = np.where(there, shift - shift[there].min(), 0)
    n = len(w)
    # A coefficient is a sum of at most 2^n minors, each at most the product of the lengths of its rows (Hadamard).
    bits = n * (2 + np.log2(np.abs(whole).astype(float).max()) + float(shift.max()) + 0.5 * np.log2(n))
    squarings = int(np.ceil(np.log2(n)))
    for prime in _primes()[: min(_MOST, int(np.ceil((bits + 1) / 19)))]:
        powers = np.array([pow(2, int(k), prime) for k in range(int(shift.max()) + 1)])
        power = ((whole % prime) * powers[shift] % prime).astype(float)
        for _ in range(squarings):
            power = (power @ power) % prime
            if not power.any():
                break
        else:
            return False
    return True


@cache
def _primes() -> list[int]:
    """Primes between 2^19 and 2^20, from the largest down."""
    prime = np.ones(_BELOW, bool)
    prime[:2] = False
    for k in range(2, int(_BELOW**0.5) + 1):
        if prime[k]:
            prime[k * k :: k] = False
    found = np.flatnonzero(prime)
    return [int(k) for k in found[found > _BELOW // 2][::-1]]
