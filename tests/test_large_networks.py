"""Every measure of the table on a fly-sized network: a value within limits of time and memory, or a refusal at once.

python -m tests.test_large_networks      the table of times and memory
"""

import multiprocessing
import resource
import time

import numpy as np
import pytest

import netanalysis as na
from netanalysis.table.measures import MEASURES
from tests.benchmarks import networks

SECONDS = 1200
GIB = 24


def fly():
    """140,000 nodes and 5,000,000 connections, in space and with known modules."""
    w = networks.fly_directed()
    n = w.shape[0]
    rng = np.random.default_rng(0)
    return na.Connectome(w, positions=rng.random((n, 3)), modules=np.arange(n) // 1400)


def report(name, net, pipe):
    started = time.perf_counter()
    try:
        unmet = MEASURES[name].unmet(net)
        result = unmet or float(MEASURES[name](net))
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    pipe.send((result, time.perf_counter() - started, peak))


def measured(name, net):
    """Value or refusal, seconds and peak GiB of one measure in a process of its own."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=report, args=(name, net, there))
    process.start()
    answer = here.recv() if here.poll(SECONDS) else (f"more than {SECONDS} s", SECONDS, np.nan)
    process.kill()
    process.join()
    return answer


@pytest.fixture(scope="module")
def net():
    return fly()


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_of_a_large_network(name, net):
    result, seconds, peak = measured(name, net)
    assert peak < GIB
    if isinstance(result, str):
        assert "; use " in result, result  # names what to do instead
        assert seconds < 1
    else:
        assert np.isfinite(result)


if __name__ == "__main__":
    large = fly()
    print("| measure | result | seconds | peak GiB |\n| --- | --- | --- | --- |")
    for measure in MEASURES:
        found, took, most = measured(measure, large)
        shown = found if isinstance(found, str) else f"{found:.6g}"
        print(f"| {measure} | {shown[:70]} | {took:.1f} | {most:.2f} |", flush=True)
