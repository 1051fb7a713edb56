"""Running the same thing many times: joblib over tasks, threads over blocks of a compiled kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# On two busy cores a second BLAS thread takes products of order 300, 500, 700, 1,000, 1,400 to 23, 2.8, 0.9, 0.8, 0.8
# times the time, and eigenvalues of these orders to 6 to 17 (general) or 4 to 80 (symmetric) times.
_MANY_THREADS_FROM = 1000

_in_worker: ContextVar[bool] = ContextVar("_in_worker", default=False)


def _work(function: Callable[[T], R], item: T) -> R:
    """One task in a worker: the machine is already shared out, so nothing inside may start threads."""
    from threadpoolctl import threadpool_limits

    token = _in_worker.set(True)
    try:
        with threadpool_limits(1):
            return function(item)
    finally:
        _in_worker.reset(token)


def parallel_iter(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    n_jobs: int | None = None,
    progress: str | None = None,
    total: int | None = None,
) -> Iterator[R]:
    """``(function(x) for x in items)``, in order, on the joblib backend in force; items are taken as needed.

    With ``n_jobs=None`` a surrounding ``joblib.parallel_config`` decides, one job otherwise.
    `progress` is the caption of a progress bar.
    """
    import joblib
    from tqdm import tqdm

    if isinstance(items, Sequence) and total is None:
        total = len(items)
    # With one job joblib stays out: inside a worker, a Parallel of its own would leave a folder behind.
    pool = None if n_jobs == 1 else joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    if pool is None or joblib.effective_n_jobs(pool.n_jobs) == 1:
        results = map(function, items)
    else:
        results = pool(joblib.delayed(_work)(function, x) for x in items)
    yield from tqdm(results, desc=progress, total=total, disable=progress is None, leave=False)


def parallel_map(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    n_jobs: int | None = None,
    progress: str | None = None,
    total: int | None = None,
) -> list[R]:
    """:func:`parallel_iter` as a list."""
    return list(parallel_iter(function, items, n_jobs=n_jobs, progress=progress, total=total))


def thread_iter(
    function: Callable[[T], R], items: Sequence[T], *, n_jobs: int | None = None, progress: str | None = None
) -> Iterator[R]:
    """:func:`parallel_iter` in threads of this process, for functions that spend their time in numpy.

    Nothing is copied to workers. BLAS has one thread in each.
    """
    import joblib
    from tqdm import tqdm

    workers = 1 if _in_worker.get() else min(joblib.effective_n_jobs(n_jobs), len(items))
    with one_blas_thread(), ThreadPoolExecutor(max(1, workers)) as pool:
        results = map(function, items) if workers <= 1 else pool.map(function, items)
        yield from tqdm(results, desc=progress, total=len(items), disable=progress is None, leave=False)


def thread_blocks(
    kernel: Callable[[int, int], Any], count: int, *, min_block: int = 1, blocks_per_worker: int = 4
) -> None:
    """Call ``kernel(start, stop)`` over 0..count, in threads; the kernel must release the GIL.

    Blocks write to disjoint slices of an output array, so results do not depend on their number. A few for each worker
    even out networks of unequal cost.
    Inside a worker of :func:`parallel_map` it stays on one thread.
    """
    at_most = count // max(1, min_block)
    if at_most < 2 or _in_worker.get():
        kernel(0, count)  # asking for the number of cores would take longer than a small kernel
        return
    import joblib

    workers = min(joblib.cpu_count(), at_most)
    if workers == 1:
        kernel(0, count)
        return
    n_blocks = min(count, blocks_per_worker * workers)
    edges = [count * k // n_blocks for k in range(n_blocks + 1)]
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(kernel, edges[:-1], edges[1:]):
            pass  # after an error, or Ctrl-C, blocks that wait are not begun


def blas_blocks(kernel: Callable[[int, int], Any], count: int, *, order: int = 0) -> None:
    """:func:`thread_blocks` for kernels that are BLAS or LAPACK calls: one BLAS thread in each block.

    `order` is that of the matrices if what takes the time is their products: those of a single large matrix keep BLAS
    as the user has set it. Eigenvalues and linear systems never do.
    """
    if count == 1 and order >= _MANY_THREADS_FROM:
        kernel(0, 1)
        return
    with one_blas_thread():
        thread_blocks(kernel, count)


def one_blas_thread() -> AbstractContextManager[Any]:
    """Hold BLAS and LAPACK to one thread in a ``with`` block; 15 us."""
    return _blas_threads().limit(limits=1, user_api="blas")


@cache
def _blas_threads() -> Any:
    import scipy.linalg  # noqa: F401 (it may bring a BLAS of its own, which must be loaded to be found)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
