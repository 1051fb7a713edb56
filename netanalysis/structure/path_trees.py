"""The shortest paths themselves, from some sources, where the lengths alone do not do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import memory, stacks, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.structure._lengths import Lengths, checked, lists, to_length

__all__ = ["ShortestPathTree", "shortest_path_tree"]


@result
class ShortestPathTree:
    """What :func:`shortest_path_tree` returns.

    Attributes
    ----------
    sources : ndarray, shape (s,)
    distances : ndarray, shape (s, n)
        Length of the shortest path; inf where there is none.
    predecessors : ndarray, shape (s, n)
        The node before the last on it; -1 at the source and where there is no path.
    """

    sources: NDArray[np.intp]
    distances: NDArray[np.float64]
    predecessors: NDArray[np.intp]

    def path(self, source: int, target: int) -> tuple[int, ...]:
        """Nodes of the shortest path from one of the sources to any node.

        Raises
        ------
        ValueError
            If the source is none of the sources, the target is no node, or no path leads to it.
        """
        row = np.flatnonzero(self.sources == source)
        if len(row) == 0:
            raise ValueError(f"source must be one of the sources of this tree, {self.sources.tolist()}; got {source}")
        nodes = [int(validate.as_nodes([target], self.distances.shape[1], "target")[0])]
        if not np.isfinite(self.distances[row[0], nodes[0]]):
            raise ValueError(f"no path leads from {source} to {nodes[0]}")
        while nodes[-1] != source:
            nodes.append(int(self.predecessors[row[0], nodes[-1]]))
        return tuple(reversed(nodes))


def shortest_path_tree(net: Network, *, sources: ArrayLike, lengths: Lengths = "inverse") -> ShortestPathTree:
    """Shortest paths from some sources to every node, with their lengths.

    Of several shortest paths it holds one.

    Parameters
    ----------
    net : network
        Dense or sparse of any size; self-connections are ignored.
    sources : node indices or mask, or names of modules or labels
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`.

    Returns
    -------
    ShortestPathTree

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.
    MemoryError
        If sources x nodes distances do not fit.

    Examples
    --------
    >>> import netanalysis as na
    >>> tree = na.shortest_path_tree([[0, 2.0, 0.1], [0, 0, 4.0], [0, 0, 0]], sources=[0])
    >>> tree.path(0, 2), tree.distances
    ((0, 1, 2), array([[0.  , 0.5 , 0.75]]))
    """
    w = stacks.one_network(net, instead="take its networks one by one")
    checked(net, lengths)
    n = w.shape[-1]
    nodes = validate.as_nodes(sources, n, "sources", net=net)
    memory.require(16 * len(nodes) * n, f"paths from {len(nodes)} sources to {n} nodes", instead="name fewer sources")
    indptr, indices, weights = lists(w)  # a dense network as csr
    values: Any = to_length(weights, lengths) if lengths != "hops" else np.ones(len(weights))
    graph = sparse.csr_array((values, indices, indptr), shape=(n, n))
    distances, before = csgraph.dijkstra(
        graph, indices=nodes, return_predecessors=True, unweighted=lengths == "hops", directed=True
    )
    return ShortestPathTree(nodes, distances, np.where(before < 0, -1, before).astype(np.intp))
