"""What all null models share: seeds, replicates, stacks and edge lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _parallel, _random, _validate
from netanalysis.connectome import Connectome

LARGE = 2_000  # nodes; beyond it one byte per pair leaves the L2 cache, and rewiring by edges is faster


class Edges(NamedTuple):
    """Off-diagonal edges of a sparse network, in row order if directed, once each (i < j) if undirected."""

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    values: NDArray[np.float64]
    n: int
    directed: bool


def replicate(
    net: Any,
    rng: _random.RNG,
    size: int | None,
    *,
    dense: Callable[..., None],
    edges: Callable[[Edges, np.uint64], Edges] | None = None,
    prefer_edges: bool = False,
) -> Any:
    """Replicates of a network, or of a stack.

    ``dense(start, stop, w, directed, seeds, out)`` makes some of them in compiled code; job r is a replicate of
    network ``r % len(w)``. ``edges(edge_list, seed)`` makes one from its edges: for sparse and for large networks,
    for all if `prefer_edges`. Without it sparse networks are made dense on the way.
    """
    w = _validate.as_weights(net)
    count = 1 if size is None else _validate.positive_int(size, "size")
    made: Any
    if sparse.issparse(w) and edges is not None:
        made = [None] * count
        seeds = _random.seeds(rng, count)
        start, diagonal = _edges_of_sparse(w), w.diagonal()
        _each(lambda r: made.__setitem__(r, _to_sparse(edges(start, seeds[r]), diagonal)), count)
        return made[0] if size is None else made
    full = _validate.dense(w, measure="this null model", instead="nulls.degree_preserving or nulls.weight_shuffle")
    flat, lead = _validate.flatten_stack(_validate.for_kernels(full))
    seeds = np.stack([_random.seeds(source, count) for source in _random.per_network(rng, len(flat))], axis=1).ravel()
    directed = is_directed(flat)
    out = np.zeros((len(seeds), *flat.shape[1:]))  # only what is not 0 is written
    if edges is not None and (prefer_edges or flat.shape[-1] > LARGE):
        lists = [_edges_of_dense(m, bool(d)) for m, d in zip(flat, directed, strict=True)]
        k = len(flat)
        _each(lambda r: _place(edges(lists[r % k], seeds[r]), flat[r % k], out[r]), len(seeds))
    else:
        _parallel.thread_blocks(lambda start, stop: dense(start, stop, flat, directed, seeds, out), len(seeds))
    made = [sparse.csr_array(m) for m in out] if sparse.issparse(w) else out.reshape(count, *lead, *flat.shape[1:])
    return made[0] if size is None else made


def _each(make: Callable[[int], None], count: int) -> None:
    def block(start: int, stop: int) -> None:
        for r in range(start, stop):
            make(r)

    _parallel.thread_blocks(block, count)


def is_directed(flat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which networks of a stack are not symmetric."""
    return np.array([not _validate.is_symmetric(m) for m in flat])


def n_edges(net: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Off-diagonal edges of each network, undirected ones counted once; possible ones; and n."""
    w = _validate.as_weights(net)
    n = w.shape[-1]
    if sparse.issparse(w):
        entries = np.array([w.nnz - np.count_nonzero(w.diagonal())])
        directed = np.array([not _validate.is_symmetric(w)])
    else:
        flat, _ = _validate.flatten_stack(w)
        diagonal = np.diagonal(flat, axis1=1, axis2=2)
        entries = np.count_nonzero(flat, axis=(1, 2)) - np.count_nonzero(diagonal, axis=1)
        directed = is_directed(flat)
    share = np.where(directed, 1, 2)
    return entries // share, n * (n - 1) // share, n


def _edges_of_sparse(w: Any) -> Edges:
    directed = not _validate.is_symmetric(w)
    part = w.tocoo()
    keep = part.row != part.col if directed else part.row < part.col
    sources, targets = part.row[keep].astype(np.int32), part.col[keep].astype(np.int32)
    return Edges(sources, targets, part.data[keep], w.shape[0], directed)


def _to_sparse(edges: Edges, diagonal: NDArray[np.float64]) -> sparse.csr_array:
    loops = np.flatnonzero(diagonal)
    rows: list[Any] = [edges.sources, loops]
    cols: list[Any] = [edges.targets, loops]
    values: list[Any] = [edges.values, diagonal[loops]]
    if not edges.directed:
        rows.append(edges.targets)
        cols.append(edges.sources)
        values.append(edges.values)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(cols)))
    return sparse.csr_array(entries, shape=(edges.n, edges.n))


def _edges_of_dense(w: NDArray[np.float64], directed: bool) -> Edges:
    kept = np.where(np.eye(len(w), dtype=bool), 0, w) if directed else np.triu(w, 1)
    sources, targets = np.nonzero(kept)
    return Edges(sources.astype(np.int32), targets.astype(np.int32), w[sources, targets], len(w), directed)


def _place(edges: Edges, w: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    np.fill_diagonal(out, np.diagonal(w))
    out[edges.sources, edges.targets] = edges.values
    if not edges.directed:
        out[edges.targets, edges.sources] = edges.values


def distances_of(net: Any, distances: Any, n: int, directed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The distances given, or those of a Connectome."""
    if distances is None and isinstance(net, Connectome):
        distances = net.distances
    if distances is None:
        raise ValueError("give distances= (n, n), or a Connectome with positions or distances as net")
    d = _validate.as_array(distances, "distances", shape=(n, n))
    if not directed.all() and not _validate.is_symmetric(d):
        raise ValueError(
            "distances must be symmetric for an undirected network; got distances[i, j] != distances[j, i]"
        )
    return _validate.for_kernels(d)


def directedness(net: Any) -> tuple[int, NDArray[np.bool_]]:
    """n, and which networks of a stack are directed."""
    w = _validate.as_weights(net)
    if sparse.issparse(w):
        return w.shape[0], np.array([not _validate.is_symmetric(w)])
    flat, _ = _validate.flatten_stack(w)
    return w.shape[-1], is_directed(flat)
