"""The description length of a network by groups of its nodes, term by term (Peixoto 2017)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy  # its special functions are loaded when they are called
from numpy.typing import NDArray
from scipy import sparse

from netanalysis.structure import kernels

_FACTORIALS, _PARTITIONS, _GRID = 2**14, 1024, 2**13


@cache
def tables() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """``ln x!``, ``ln q(m, n)``, and the growth and the front of Szekeres' formula on a grid of ``ln u``."""
    count = np.zeros((_PARTITIONS, _PARTITIONS))  # [m, n]
    column = np.zeros(2 * _PARTITIONS)  # with room behind, for whole rows of n
    column[0] = 1.0
    for n in range(1, _PARTITIONS):
        rows = column[: n * -(-_PARTITIONS // n)].reshape(-1, n)
        np.cumsum(rows, axis=0, out=rows)  # q(m, n) = q(m, n - 1) + q(m - n, n)
        column[_PARTITIONS:] = 0.0
        count[:, n] = np.log(column[:_PARTITIONS])
    first, last = kernels.block_counts.GRID_FIRST, kernels.block_counts.GRID_LAST
    u = np.exp(np.linspace(first, last, _GRID))
    v = u.copy()
    for _ in range(200):
        v = u * np.sqrt(scipy.special.spence(np.exp(-v)))
    growth = 2 * v / u - u * np.log1p(-np.exp(-v))
    front = np.log(v) - np.log1p(-np.exp(-v) * (1 + u * u / 2)) / 2 - np.log(u) - 1.5 * np.log(2) - np.log(np.pi)
    return _log_factorial(np.arange(_FACTORIALS)), count, np.column_stack([growth, front])


@dataclass
class Graph:
    """A multigraph without self-connections, as kernels take it.

    Undirected: all ends are "out", and the lists of "in" are empty.
    """

    n: int
    directed: bool
    counts: Any  # csr_array of int64
    lists: tuple[NDArray[np.int64], ...]  # indptr, indices, counts of targets; the same of sources
    degrees: NDArray[np.int64]  # (2, n)
    edges: int

    @classmethod
    def of(cls, counts: Any, directed: bool) -> Graph:
        """From a csr_array of whole numbers, whose diagonal is empty."""
        back = sparse.csr_array(counts.T) if directed else sparse.csr_array(counts.shape, dtype=np.int64)
        lists = [np.require(x, np.int64, ["C", "W"]) for m in (counts, back) for x in (m.indptr, m.indices, m.data)]
        degrees = np.array([np.asarray(m.sum(1), np.int64) for m in (counts, back)])
        edges = int(degrees[0].sum()) // (1 if directed else 2)
        return cls(counts.shape[0], directed, counts, tuple(lists), degrees, edges)

    def between(self, label: NDArray[Any], k: int) -> Any:
        """Numbers of connections from each of k groups to each; undirected, those within a group are counted twice."""
        groups = sparse.csr_array((np.ones(self.n, np.int64), (np.arange(self.n), label)), shape=(self.n, k))
        return sparse.csr_array(groups.T @ self.counts @ groups)


def description_length(graph: Graph, label: NDArray[Any], corrected: bool) -> float:
    """In nats, of labels 0..k-1, all in use."""
    size = np.bincount(label)
    k, n, directed = len(size), graph.n, graph.directed
    m = graph.between(label, k)
    ends = np.array([np.bincount(label, d, k) for d in graph.degrees]).astype(np.int64)
    cells = k * k if directed else k * (k + 1) // 2
    partition = np.log(n) + _choose(n - 1, k - 1) + _log_factorial(n) - _log_factorial(size).sum()
    matrix = _choose(cells + graph.edges - 1, graph.edges)
    parallel = _log_factorial(graph.lists[2]).sum()
    if directed:
        pairs = _log_factorial(m.data).sum()
    else:  # every pair of nodes and of groups is there twice
        parallel, within = parallel / 2, m.diagonal()
        pairs = (_log_factorial(m.data).sum() - _log_factorial(within).sum()) / 2
        pairs += (_log_factorial(within / 2) + within / 2 * np.log(2)).sum()
    total = partition + matrix + parallel - pairs
    if not corrected:
        return float(total + (ends.sum(0) * np.log(size)).sum())
    for own, mine in zip(graph.degrees[: 1 + directed], ends[: 1 + directed], strict=True):
        total += _log_factorial(mine).sum() - _log_factorial(own).sum()
        _, times = np.unique(np.column_stack([label, own]), axis=0, return_counts=True)
        total += _log_factorial(size).sum() - _log_factorial(times).sum()
        total += kernels.block_counts.sum_of_log_partitions(mine, size, tables())
    return float(total)


def _log_factorial(x: Any) -> Any:
    return scipy.special.gammaln(x + 1.0)


def _choose(n: int, k: int) -> float:
    return 0.0 if k <= 0 or k > n else float(_log_factorial(n) - _log_factorial(k) - _log_factorial(n - k))
