"""What measures along shortest paths start from: distances, and who can come before whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis import transform
from netanalysis._core import options, parallel, scaling, stacks, validate
from netanalysis._core.types import Network
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths, checked, length_matrices, to_length
from netanalysis.structure.paths import shortest_paths

_FAINT = 1e-14


class Ways(NamedTuple):
    """Connections into every node, as kernels take them."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    lengths: NDArray[np.float64]

    def gather(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """``values[target, source]`` of every connection."""
        targets = np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
        return np.ascontiguousarray(values[targets, self.indices])


class Routes(NamedTuple):
    """Networks of a stack: weights by which walkers choose, lengths of connections, shortest distances."""

    weights: NDArray[np.float64]
    lengths: NDArray[np.float64]
    distances: NDArray[np.float64]
    lead: tuple[int, ...]

    def ways(self, k: int) -> Ways:
        """Connections into every node of network k."""
        return Ways(*kernels.paths.finite_lists(np.ascontiguousarray(self.lengths[k].T)))

    def order(self, k: int) -> NDArray[np.int64]:
        """For every source, all nodes from near to far."""
        d = self.distances[k]
        if self.lengths[k][self.lengths[k] > 0].min(initial=np.inf) > _FAINT * d[d < np.inf].max():
            return np.argsort(d, axis=-1).astype(np.int64, copy=False)
        # Connections that are lost in the rounding of a path: the path itself says which end of them comes first.
        present = sparse.csr_array(np.where(self.lengths[k] < np.inf, self.lengths[k], 0.0))
        d[:], before = csgraph.dijkstra(present, return_predecessors=True)
        return np.lexsort((_depths(before), d), axis=-1).astype(np.int64, copy=False)


def _depths(before: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many nodes come before each in every row of a tree of shortest paths."""
    at = before.astype(np.int64)
    depth = np.zeros(at.shape, np.int64)
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, np.take_along_axis(before, np.maximum(at, 0), axis=-1), at)
    return depth


def routes(net: Network, lengths: Lengths, measure: str) -> Routes:
    """Checked weights without self-connections, in a unit that makes no difference, and their shortest distances."""
    w = validate.dense(checked(net, lengths), measure=measure, instead="transform.subset for a part of the network")
    flat, lead = stacks.flatten(transform.remove_self_connections(w))
    flat = binary(flat) if lengths == "hops" else scaling.near_one(flat)[0]
    distances = shortest_paths(flat, lengths=lengths)
    steps = length_matrices(flat, "weights" if lengths == "hops" else lengths)
    if lengths == "weights":
        flat = to_length(flat, "inverse", out=np.zeros(flat.shape), where=flat > 0)
    return Routes(flat, steps, distances, lead)


def binary(w: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for every connection."""
    return (w != 0).astype(np.float64)


def walking_weights(
    net: Network, weighted: bool, measure: str, *, scaled: bool = True
) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Non-negative weights by which walkers choose where to go, self-connections included, as a stack.

    Unless their unit matters they are `scaled`, so that sums stay doubles.
    """
    options.flags(weighted=weighted)
    w = validate.as_weights(net)
    if weighted:
        validate.require_nonnegative(
            w,
            "net",
            measure=f"{measure} of weights",
            instead="Use weighted=False, or choose transform.absolute(net) or transform.positive_part(net)",
        )
    w = validate.dense(w, measure=measure, instead="transform.subset for a part of the network")
    flat, lead = stacks.flatten(w)
    if not weighted:
        return binary(flat), lead
    return (scaling.near_one(flat)[0] if scaled else flat), lead


def transitions(flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability to go from i to j, ``w_ij / s_i``; rows of nodes without output are 0."""
    return stacks.ratio(flat, flat.sum(axis=-1, keepdims=True), otherwise=0.0)


def elsewhere(w: NDArray[np.float64]) -> NDArray[np.float64]:
    """``[..., i, j]`` is the weight from i to all but j, added up from both sides so that no digits cancel."""
    out = np.zeros(w.shape)
    out[..., 1:] = np.cumsum(w[..., :-1], axis=-1)
    out[..., :-1] += np.cumsum(w[..., :0:-1], axis=-1)[..., ::-1]
    return out


def by_source(prepare: Callable[[int], Callable[[int, int], Any]], flat: NDArray[np.float64]) -> None:
    """``prepare(k)(start, stop)`` over all sources of every network, in threads."""
    count, n = flat.shape[:2]
    if count == 1:
        parallel.thread_blocks(prepare(0), n, min_block=64)
        return

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            prepare(k)(0, n)

    stacks.in_threads(block, flat, work=2**14)
