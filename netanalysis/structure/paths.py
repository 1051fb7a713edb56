"""Shortest paths: how far signals have to travel, and how efficiently the network carries them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import memory, options, parallel, reuse, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths, checked, connections, length_matrices, lists, to_length
from netanalysis.structure.path_trees import shortest_path_tree

__all__ = ["efficiency", "path_length", "shortest_paths"]

_CHUNK_BYTES = 2**25
# Connections looked at: about 10 minutes of one core.
_WORK_LIMIT = 1e11


@takes_stacks
def shortest_paths(
    net: Network, *, lengths: Lengths = "inverse", sources: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Length of the shortest path between all pairs of nodes, along the direction of the connections.

    The paths themselves are those of :func:`shortest_path_tree`.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths : {"inverse", "hops", "weights"}
        Length of a connection. "inverse": ``1 / w``, strong connections are short. "hops": 1 for every weight
        that is not 0, of either sign. "weights": the entries are lengths already. 0 means no connection in each.
    sources : node indices or mask, or names of modules or labels, optional
        Only these rows; what a large sparse network needs.

    Returns
    -------
    ndarray, shape (..., n or number of sources, n)
        ``[i, j]`` is the length of the shortest path from i to j; 0 on the diagonal, inf where there is no path.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.
    MemoryError
        Sparse networks whose n x n distances do not fit; :func:`path_length` and :func:`efficiency` need no such
        array.

    Notes
    -----
    Self-connections never shorten a path and are ignored. Hops: breadth-first search from 512 nodes at once.
    Weighted: Floyd-Warshall or Dijkstra from every node, whichever is faster at this density.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.shortest_paths([[0, 2.0, 0], [0, 0, 4.0], [0, 0, 0]])
    array([[0.  , 0.5 , 0.75],
           [ inf, 0.  , 0.25],
           [ inf,  inf, 0.  ]])
    """
    w = checked(net, lengths)
    n = w.shape[-1]
    if sources is not None:
        nodes = validate.as_nodes(sources, n, "sources", net=net)
        if sparse.issparse(w):
            return shortest_path_tree(w, sources=nodes, lengths=lengths).distances
        return shortest_paths(w, lengths=lengths)[..., nodes, :]
    if sparse.issparse(w):
        instead = "name sources, use path_length or efficiency, which keep only sums, or estimate_path_length"
        memory.require(8 * n * n, f"shortest_paths returns a dense {n} x {n} array, which", instead=instead)
        indptr, indices, weights = lists(w)
        out = np.full((n, n), np.inf)
        np.fill_diagonal(out, 0.0)
        if lengths == "hops":
            _hops(indptr, indices, out)
        else:
            data = to_length(weights, lengths)
            parallel.thread_blocks(lambda a, b: kernels.paths.dijkstra_rows(a, b, indptr, indices, data, out), n)
        return out
    flat, lead = stacks.flatten(validate.for_kernels(w))
    if lengths == "hops":
        out = np.full(flat.shape, np.inf)
        out[:, np.arange(n), np.arange(n)] = 0.0

        def block(start: int, stop: int) -> None:
            for k in range(start, stop):
                _hops(*connections(flat[k]), out[k])
    else:
        out = length_matrices(flat, lengths)

        def block(start: int, stop: int) -> None:
            _shortest(out[start:stop])

    stacks.in_threads(block, flat, work=2**16)
    return out.reshape(*lead, n, n)


@takes_stacks
def path_length(
    net: Network, *, lengths: Lengths = "inverse", unreachable: Literal["exclude", "infinite"] = "exclude"
) -> Any:
    """Characteristic path length: mean shortest path over ordered pairs of distinct nodes.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`.
    unreachable : {"exclude", "infinite"}
        Pairs without a path are left out of the mean, or make it infinite.

    Returns
    -------
    float, or array over the leading axes
        nan for a single node, and under "exclude" where no pair is connected by a path.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.
    MemoryError
        A sparse network on which the exact value would take more than about ten minutes of one core; the error
        names :func:`estimate_path_length`.

    Notes
    -----
    Sparse networks are worked through by source (512 at a time for hops); nothing n x n is kept.

    References
    ----------
    Watts & Strogatz 1998, doi:10.1038/30918.

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 1.0, 0], [1, 0, 1], [0, 1, 0]]
    >>> round(na.path_length(chain), 6)
    1.333333
    >>> na.path_length([[0, 1.0], [0, 0]], unreachable="infinite")
    inf
    """
    options.choice(unreachable, ["exclude", "infinite"], "unreachable")
    sums, n, lead = _sums(net, lengths, "path_length")
    values = stacks.restore(mean_length(sums, n, unreachable), lead)
    why = "no pair of nodes is connected by a path" if n > 1 else "a single node has no pairs"
    return undefined.spoken(values, "path_length", why)


def mean_length(sums: NDArray[np.float64], n: int, unreachable: str) -> NDArray[np.float64]:
    """Path lengths from connected pairs and summed distances (..., 2 or more)."""
    pairs, total = sums[..., 0], sums[..., 1]
    out = stacks.ratio(total, pairs)
    if unreachable == "infinite":
        out[pairs < n * (n - 1)] = np.inf
    return out


@takes_stacks
def efficiency(net: Network, *, lengths: Lengths = "inverse") -> Any:
    r"""Global efficiency: mean over ordered pairs of distinct nodes of one over the shortest path.

    :math:`E = \sum_{i \ne j} d_{ij}^{-1} / n (n - 1)`. Pairs without a path count 0. Weighted efficiencies carry the
    unit of the weights; divide by the largest weight (:func:`netanalysis.transform.normalize`) to compare networks.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`.

    Returns
    -------
    float, or array over the leading axes
        nan for a single node.

    Raises
    ------
    ValueError, MemoryError
        As for :func:`path_length`.

    References
    ----------
    Latora & Marchiori 2001, doi:10.1103/PhysRevLett.87.198701 (without their division by the ideal network, as in
    Rubinov & Sporns 2010, doi:10.1016/j.neuroimage.2009.10.003).

    Examples
    --------
    >>> import netanalysis as na
    >>> round(na.efficiency([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]]), 6)
    0.833333
    """
    sums, n, lead = _sums(net, lengths, "efficiency")
    values = sums[:, 2] / (n * (n - 1)) if n > 1 else np.full(len(sums), np.nan)
    return undefined.spoken(stacks.restore(values, lead), "efficiency", "a single node has no pairs")


def _sums(net: Network, lengths: Lengths, measure: str) -> tuple[NDArray[np.float64], int, tuple[int, ...]]:
    """Per network: connected ordered pairs, sum of their distances, sum of their inverse distances."""
    w = checked(net, lengths)
    n = w.shape[-1]
    if sparse.issparse(w):
        work = float(n) * w.nnz / (80 if lengths == "hops" else 1)  # 512 sources share a search, of a few rounds
        if work > _WORK_LIMIT:
            raise MemoryError(
                f"{measure} of {n} nodes and {w.nnz} connections would look at {work:.1g} connections, more than "
                f"the limit of {_WORK_LIMIT:.0e}; use estimate_{measure}"
            )
    return reuse.once(_sums_of, w, lengths), n, w.shape[:-2]


def _sums_of(w: Any, lengths: Lengths) -> NDArray[np.float64]:
    n = w.shape[-1]
    if sparse.issparse(w):
        indptr, indices, weights = lists(w)
        if lengths == "hops":
            out = _hops(indptr, indices)
        else:
            out = np.empty((n, 3))
            data, every = to_length(weights, lengths), np.arange(n)
            parallel.thread_blocks(lambda a, b: kernels.paths.dijkstra_sums(a, b, indptr, indices, data, every, out), n)
        return np.asarray(out.sum(axis=0)[None])
    flat, _ = stacks.flatten(validate.for_kernels(w))
    out = np.empty((len(flat), 3))
    if lengths == "hops" and len(flat) == 1 and n > 4 * kernels.paths.BATCH:  # worth threads of its own
        out[0] = _hops(*connections(flat[0])).sum(axis=0)
        return out
    step = max(1, _CHUNK_BYTES // (8 * n * n))

    def block(start: int, stop: int) -> None:
        if lengths == "hops":
            kernels.paths.hop_sums(start, stop, flat, out)
            return
        for a in range(start, stop, step):
            b = min(stop, a + step)
            distances = length_matrices(flat[a:b], lengths)
            _shortest(distances)
            kernels.paths.distance_sums(distances, out[a:b])

    stacks.in_threads(block, flat)
    return out


def _hops(indptr: Any, indices: Any, distances: Any = None) -> NDArray[np.float64]:
    """Sums over pairs for each batch of targets, in threads; hops into `distances` if given."""
    batch = kernels.paths.BATCH
    n = len(indptr) - 1
    sums = np.empty((-(-n // batch), 3))
    if distances is None:
        distances = np.empty((0, 0))

    def block(start: int, stop: int) -> None:
        counts = np.zeros(n + 1, np.int64)
        for k in range(start, stop):
            first, last = k * batch, min(n, (k + 1) * batch)
            kernels.paths.spread(indptr, indices, first, last, counts, distances, first)
            kernels.paths.summarize_counts(counts, sums[k])

    parallel.thread_blocks(block, len(sums), min_block=4)
    return sums


def _shortest(stack: NDArray[np.float64]) -> None:
    """Matrices of lengths into shortest distances, in place, each by the faster way."""
    left = np.empty(len(stack), bool)
    kernels.paths.floyd(stack, left)
    for m in np.flatnonzero(left):
        kernels.paths.dijkstra_rows(0, stack.shape[1], *kernels.paths.finite_lists(stack[m]), stack[m])
