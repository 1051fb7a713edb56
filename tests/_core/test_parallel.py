"""Jobs and threads give what one would, and BLAS gets one thread unless more are faster."""

import time

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_info, threadpool_limits

import netanalysis as na
from netanalysis._core import parallel


def _square(x):
    return x * x


def test_parallel_map_keeps_order_for_any_number_of_jobs():
    for n_jobs in (1, 2):
        assert parallel.parallel_map(_square, range(5), n_jobs=n_jobs) == [0, 1, 4, 9, 16]


def test_thread_blocks_cover_everything_once():
    hits = np.zeros(37, dtype=int)

    def kernel(start, stop):
        hits[start:stop] += 1

    parallel.thread_blocks(kernel, 37)
    assert (hits == 1).all()


def test_thread_blocks_that_wait_are_not_begun_after_an_error(monkeypatch):
    """Seen: Ctrl-C waited until all null networks were made."""
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    begun = []

    def kernel(start, stop):
        begun.append(start)
        if start == 0:
            raise KeyboardInterrupt
        time.sleep(0.05)

    with pytest.raises(KeyboardInterrupt):
        parallel.thread_blocks(kernel, 100, blocks_per_worker=50)
    assert len(begun) < 10


def test_thread_blocks_pass_errors_on():
    def kernel(start, stop):
        raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        parallel.thread_blocks(kernel, 10)


def blas_threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.mark.parametrize(
    ("count", "order", "threads"), [(1, 0, 1), (1, 999, 1), (1, 1000, 2), (1, 3000, 2), (2, 3000, 1)]
)
def test_products_of_one_large_matrix_alone_keep_the_users_threads(count, order, threads):
    seen = []
    with threadpool_limits(2, user_api="blas"):
        parallel.blas_blocks(lambda start, stop: seen.append(blas_threads()), count, order=order)
        assert blas_threads() == {2}
    assert all(found == {threads} for found in seen)


@pytest.mark.parametrize("name", ["eigvals", "eigvalsh", "eigh", "solve"])
def test_eigenvalues_and_linear_systems_take_one_thread(monkeypatch, name):
    seen, plain = [], getattr(np.linalg, name)

    def watched(*args):
        seen.append(blas_threads())
        return plain(*args)

    monkeypatch.setattr(np.linalg, name, watched)
    w = np.random.default_rng(0).random((350, 350)) / 10
    w = w if name == "eigvals" else w + w.T
    with threadpool_limits(2, user_api="blas"):
        if name == "eigh":
            na.communicability(w, normalize=None)
            na.detect_communities(w * (w > 0.1), method="spectral")
        elif name == "solve":
            na.resolvent(w, alpha=0.5)
            na.resolvent(sparse.csr_array(w), alpha=0.5)
        else:
            na.eigenvalues(w)
    assert seen
    assert all(found == {1} for found in seen)
