"""Betweenness: on how many shortest paths between others a node or a connection lies."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import options, parallel, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths, checked, length_matrices, lists, to_length

__all__ = ["betweenness"]

Counting = Literal["ordered", "unordered", "share"]
_DENSE_UP_TO = 1500  # nodes: below, distances between all pairs tell which connections no shortest path takes
_PARTS = 16  # sums over sources that are added up in the end, so that they do not depend on the number of cores
_PARTS_BYTES = 2**28
_WORK_LIMIT = 1e11  # connections looked at: 30 to 80 minutes of one core


@takes_stacks
def betweenness(
    net: Network,
    *,
    lengths: Lengths = "inverse",
    edges: bool = False,
    counting: Counting = "ordered",
    sources: ArrayLike | None = None,
) -> Any:
    r"""Number of shortest paths between other nodes that lead through each node, or through each connection.

    .. math::

        b_k = \sum_{i \ne k \ne j} \frac{\sigma_{ij}(k)}{\sigma_{ij}}

    with :math:`\sigma_{ij}` shortest paths from i to j, :math:`\sigma_{ij}(k)` of them through k: where several are
    equally short, each carries its share.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Dense or sparse, directed or not; self-connections and pairs without a path count nothing.
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`: strong connections are short by default, "hops" is the binary betweenness.
    edges : bool
        Of connections instead of nodes; paths that begin or end at the two nodes count too. An undirected connection
        counts paths of either direction.
    counting : {"ordered", "unordered", "share"}
        "ordered": the path from i to j and the one back are two (the Brain Connectivity Toolbox). "unordered": they
        are one, undirected networks only (networkx and igraph without normalisation; ``edge_betweenness`` of the
        toolbox). "share": of all pairs that there could be, ``(n - 1)(n - 2)`` for a node and ``n (n - 1)`` for a
        connection; between 0 and 1, to compare networks of different size.
    sources : node indices or mask, or names of modules or labels, optional
        Only paths that start at these nodes: of k random ones, times n / k, an estimate for large networks.

    Returns
    -------
    ndarray, shape (..., n); with ``edges=True`` (..., n, n), or a csr_array for a sparse network
        nan under "share" where there are no pairs (fewer than three nodes, or two for connections).

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``; "unordered" for a directed network.
    MemoryError
        A sparse network on which it would take more than about an hour of one core; name `sources`.

    Notes
    -----
    *Ties.* Lengths are sums of decimals, so that equally short paths differ in the last digits (0.1 + 0.2 is not 0.3).
    Paths whose lengths differ by less than 1e-10 of their size tie; networkx and the toolbox compare exactly, and drop
    one of them.

    *Cost.* Per source as much as a search through the network, once out and once back: on one core 0.03 ms ("hops") or
    0.07 ms for 400 nodes, 5 or 8 ms for 10,000 nodes with 500,000 connections, 0.13 or 0.24 s for 140,000 nodes with 5
    million. Threads share out the sources, or the networks of a stack.

    References
    ----------
    Freeman 1978, doi:10.1016/0378-8733(78)90021-7. Brandes 2001, doi:10.1080/0022250X.2001.9990249. Brandes & Pich
    2007, doi:10.1142/S0218127407018403 (of sampled sources).

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 1.0, 0], [1, 0, 1], [0, 1, 0]]
    >>> na.betweenness(chain), na.betweenness(chain, counting="share")
    (array([0., 2., 0.]), array([0., 1., 0.]))
    >>> na.betweenness(chain, edges=True, counting="unordered")
    array([[0., 2., 0.],
           [2., 0., 2.],
           [0., 2., 0.]])
    """
    options.flags(edges=edges)
    options.choice(counting, get_args(Counting), "counting")
    w = checked(net, lengths)
    n = w.shape[-1]
    nodes = np.arange(n) if sources is None else validate.as_nodes(sources, n, "sources", net=net)
    if sparse.issparse(w):
        return _sparse(w, lengths, edges, counting, nodes)
    flat, lead = stacks.flatten(w)
    out = np.zeros((len(flat), n, n) if edges else (len(flat), n))
    if len(flat) == 1:
        out[0] = _dense(flat[0], lengths, edges, nodes, threads=True)
    else:

        def block(start: int, stop: int) -> None:
            for k in range(start, stop):
                out[k] = _dense(flat[k], lengths, edges, nodes)

        stacks.in_threads(block, flat, work=2**13)
    for k, m in enumerate(flat):
        out[k] = _counted(out[k], validate.is_symmetric(m), edges, counting, n)
    return _said(out.reshape(lead + out.shape[1:]), n)


def _counted(loads: Any, undirected: bool, edges: bool, counting: Counting, n: int) -> Any:
    """Sums over sources, those of connections by direction, in the way of counting that is asked for."""
    if edges and undirected:
        loads = loads + loads.T
    if counting == "unordered":
        if not undirected:
            raise ValueError('counting="unordered" needs an undirected network; net is directed. Use "ordered"')
        return loads / 2
    if counting == "share":
        pairs = n * (n - 1) if edges else (n - 1) * (n - 2)
        return loads * (1 / pairs) if pairs else loads * np.nan
    return loads


def _said(loads: Any, n: int) -> Any:
    """The loads; where they are nan it is said."""
    why = "there are no pairs of nodes to connect" if n < 3 else "two nodes have more shortest paths than a float holds"
    undefined.spoken(loads.data if sparse.issparse(loads) else loads, "betweenness", why, of="values")
    return loads


def _summed(search: Any, n_sources: int, n_nodes: int, n_edges: tuple[int, ...], threads: bool) -> Any:
    """``search(first, last, of_nodes, of_edges)`` over all sources: the sums for nodes and for connections."""
    size = n_nodes + int(np.prod(n_edges))
    parts = min(_PARTS, n_sources, max(1, _PARTS_BYTES // (8 * size))) if threads else 1
    nodes, edges = np.zeros((parts, n_nodes)), np.zeros((parts, *n_edges))
    bounds = [n_sources * k // parts for k in range(parts + 1)]

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            search(bounds[k], bounds[k + 1], nodes[k], edges[k])

    parallel.thread_blocks(block, parts)
    return nodes.sum(axis=0), edges.sum(axis=0)


def _dense(
    m: NDArray[np.float64], lengths: Lengths, edges: bool, sources: NDArray[np.intp], *, threads: bool = False
) -> NDArray[np.float64]:
    """Loads of nodes, or of connections by direction, (n, n)."""
    n = len(m)
    if lengths == "hops":
        rows, columns = (_kernels.bits.pack(validate.for_kernels(x)) for x in (m, m.T))

        def by_bits(start: int, stop: int, of_nodes: Any, of_edges: Any) -> None:
            kernels.betweenness.by_bits(start, stop, rows, columns, sources, of_nodes, of_edges)

        return _summed(by_bits, len(sources), n, (n, n) if edges else (0, 0), threads and n > 64)[edges]
    length = length_matrices(m[None], lengths)
    distances, left = length.copy(), np.empty(1, bool)
    kernels.paths.floyd(distances, left)
    length, distances = length[0], distances[0]
    given, orders = np.empty((0, n)), np.empty((0, n), np.int32)
    on_path = length < np.inf
    if not left[0]:
        # A connection longer than the way round it is on no shortest path; most of a dense network are.
        on_path &= length <= distances * kernels.betweenness.TIE
    np.fill_diagonal(on_path, False)
    at, indices = np.nonzero(on_path)
    indptr = np.searchsorted(at, np.arange(n + 1))
    values = length[at, indices]
    finite = distances[np.isfinite(distances)]
    # Beside the longest distance the shortest connection must count, else sorting by distance is no order of paths.
    if not left[0] and len(values) and values.min() > 1e-9 * finite.max():
        given = distances[sources]
        orders = np.argsort(given, axis=-1).astype(np.int32)
    search = _by_lists(indptr, indices, values, sources, given, orders)
    loads = _summed(search, len(sources), n, (len(at) if edges else 0,), threads and n > 64)[edges]
    if not edges:
        return loads
    out = np.zeros((n, n))
    out[at, indices] = loads
    return out


def _by_lists(
    indptr: Any, indices: Any, values: Any, sources: NDArray[np.intp], given: Any = None, orders: Any = None
) -> Any:
    ptr, near, long = validate.lists_for_kernels(indptr, indices, values)
    if given is None:
        given, orders = np.empty((0, 0)), np.empty((0, 0), np.int32)

    def search(start: int, stop: int, of_nodes: Any, of_edges: Any) -> None:
        kernels.betweenness.by_lists(start, stop, ptr, near, long, sources, given, orders, of_nodes, of_edges)

    return search


def _sparse(w: Any, lengths: Lengths, edges: bool, counting: Counting, sources: NDArray[np.intp]) -> Any:
    n = w.shape[0]
    undirected = validate.is_symmetric(w)
    if n <= _DENSE_UP_TO:
        loads = _dense(w.toarray(), lengths, edges, sources, threads=True)
        if edges:
            loads = sparse.csr_array(loads)
    else:
        work = float(len(sources)) * max(n, w.nnz)
        if work > _WORK_LIMIT:
            raise MemoryError(
                f"betweenness of {n} nodes and {w.nnz} connections from {len(sources)} sources would look at "
                f"{work:.1g} connections, more than the limit of {_WORK_LIMIT:.0e}; name sources, a random sample say"
            )
        indptr, indices, weights = lists(w)
        values = np.empty(0) if lengths == "hops" else to_length(weights, lengths)
        search = _by_lists(indptr, indices, values, sources)
        loads = _summed(search, len(sources), n, (len(indices) if edges else 0,), True)[edges]
        if edges:
            loads = sparse.csr_array((loads, indices, indptr), shape=w.shape)
    return _said(_counted(loads, undirected, edges, counting, n), n)
