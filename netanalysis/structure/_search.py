"""Runs of Leiden and Louvain: on matrices or on lists of connections, whichever is faster for a network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import validate
from netanalysis._core.parallel import thread_blocks
from netanalysis.structure import _leiden_lists, kernels

UNTIL_NO_GAIN = 2**30  # iterations
_THREAD_WORK = 100_000  # connections; a thread is worth starting for some milliseconds of work
_ALWAYS_MATRIX, _NEVER_MATRIX, _MATRIX_SHARE = 256, 2048, 32  # nodes, nodes, entries of a matrix per connection


def number_by_size(labels: NDArray[Any]) -> NDArray[np.intp]:
    """Labels 0..k-1 by decreasing size, ties by first member, for labels of any kind."""
    numbers = np.unique(labels, return_inverse=True)[1].astype(kernels.labels.NODE)
    out = np.empty(len(numbers), np.intp)
    kernels.labels.number_by_size(numbers, out)
    return out


def search(
    w: Any,
    resolution: float,
    seeds: NDArray[np.uint64],
    *,
    refined: bool = True,
    iterations: int = UNTIL_NO_GAIN,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Labels (networks, runs, n) and Q (networks, runs) of a run for each seed (networks, runs).

    Leiden if `refined`, with at most so many iterations; else Louvain.
    """
    n, seeds = w.shape[-1], np.ascontiguousarray(seeds)
    labels, q = np.empty((*seeds.shape, n), np.intp), np.empty(seeds.shape)
    networks = w.reshape(-1, n, n) if not sparse.issparse(w) else w.toarray()[None] if suits_matrix(w) else [w]
    for on_matrix, part in _alike(networks):
        run = _on_matrices if on_matrix else _on_lists
        run(networks[part], resolution, refined, iterations, seeds[part], labels[part], q[part])
    return labels, q


def _alike(networks: Any) -> Iterator[tuple[bool, slice]]:
    """Networks in a row that suit matrices, or do not."""
    kinds = [suits_matrix(w) for w in networks]
    first = 0
    for kind, alike in groupby(kinds):
        last = first + len(list(alike))
        yield kind, slice(first, last)
        first = last


def suits_matrix(w: Any) -> bool:
    """Whether Leiden and Louvain are faster on the matrix of a network than on lists of its connections."""
    n = w.shape[0]
    return n <= _ALWAYS_MATRIX or (n <= _NEVER_MATRIX and n * n <= _MATRIX_SHARE * _n_connections(w))


def _on_matrices(
    networks: Any, resolution: float, refined: bool, iterations: int, seeds: Any, labels: Any, q: Any
) -> None:
    """All runs on a stack of dense networks."""
    w = validate.for_kernels(networks)
    thread_blocks(
        lambda start, stop: kernels.leiden.optimize(start, stop, w, resolution, refined, iterations, seeds, labels, q),
        q.size,
        min_block=max(1, _THREAD_WORK // w[0].size),
        blocks_per_worker=1 if len(w) == 1 else 4,  # each works out the quality of its first network
    )


def _on_lists(
    networks: Any, resolution: float, refined: bool, iterations: int, seeds: Any, labels: Any, q: Any
) -> None:
    """All runs on networks as lists of connections; each takes milliseconds."""
    forms = [_leiden_lists.form(sparse.csr_array(w), resolution) for w in networks]
    size = networks[0].shape[0] + _n_connections(networks[0])
    run_on_lists(forms, size, refined, iterations, seeds, labels, q)


def run_on_lists(forms: Any, size: int, refined: bool, iterations: int, seeds: Any, labels: Any, q: Any) -> None:
    """All runs on networks in one of the forms of :mod:`._leiden_lists`, of some `size`."""
    runs = q.shape[1]

    def block(start: int, stop: int) -> None:
        for task in range(start, stop):
            g, r = divmod(task, runs)
            q[g, r] = _leiden_lists.run(forms[g], refined, iterations, seeds[g, r], labels[g, r])

    thread_blocks(block, q.size, min_block=max(1, _THREAD_WORK // size))


def _n_connections(w: Any) -> int:
    return int(w.nnz if sparse.issparse(w) else np.count_nonzero(w))
