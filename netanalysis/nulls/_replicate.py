"""What all null models share: seeds, replicates, stacks and edge lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels, _parallel, _random, _validate
from netanalysis.connectome import Connectome

LARGE = 2_000  # nodes; beyond it one byte per pair leaves the L2 cache, and rewiring by edges is faster


AT_ONCE = 2**18  # edges in a batch: those of many small networks, or of one large one


@dataclass
class Batch:
    """Replicates made together: their edges one after the other, ``begins[r]:begins[r + 1]`` those of replicate r.

    Without the diagonal; in row order if directed, once each (i < j) if undirected. Null models change them in place.
    """

    n: int
    directed: NDArray[np.bool_]
    begins: NDArray[np.int64]
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    values: NDArray[np.float64]
    states: NDArray[np.uint64]
    diagonals: NDArray[np.float64]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.begins)

    def place(self, out: NDArray[np.float64]) -> None:
        """Write the networks into `out`, which holds zeros."""
        edges = self.begins, self.directed, self.sources, self.targets, self.values
        _kernels.nulls.place(self.diagonals, *edges, out)


class Listed(NamedTuple):
    """The edges of a stack: those of network k are ``first[k]:last[k]`` of the lists."""

    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def listed(w: NDArray[np.float64], directed: NDArray[np.bool_]) -> Listed:
    """The edges of a dense stack."""
    sources, targets, begins = _kernels.nulls.edges_of(w, directed)
    return Listed(sources, targets, begins[:-1], begins[1:])


def batch_of(
    w: NDArray[np.float64],
    directed: NDArray[np.bool_],
    lists: Listed,
    network: NDArray[np.int64],
    seeds: NDArray[np.uint64],
) -> Batch:
    """A batch in which replicate r begins as network ``network[r]`` of the stack."""
    begins = np.zeros(len(network) + 1, np.int64)
    np.cumsum((lists.last - lists.first)[network], out=begins[1:])
    m = begins[-1]
    batch = Batch(
        w.shape[1],
        directed[network],
        begins,
        np.empty(m, np.int32),
        np.empty(m, np.int32),
        np.empty(m),
        np.empty((len(network), 4), np.uint64),
        np.diagonal(w, axis1=1, axis2=2)[network],
    )
    made = batch.sources, batch.targets, batch.values, batch.states
    _kernels.nulls.copy_edges(w, network, lists.first, begins, lists.sources, lists.targets, seeds, *made)
    return batch


def in_batches(
    use: Callable[[slice, Batch], None],
    w: NDArray[np.float64],
    directed: NDArray[np.bool_],
    lists: Listed,
    network: NDArray[np.int64],
    seeds: NDArray[np.uint64],
    most: int = AT_ONCE,
) -> None:
    """Call ``use(which, batch)`` until all replicates are made, in threads; `which` are those in the batch.

    A batch has `most` edges if one replicate has no more.
    """
    at_once = max(1, most // max(1, int((lists.last - lists.first).max(initial=1))))

    def block(start: int, stop: int) -> None:
        for first in range(start, stop, at_once):
            which = slice(first, min(first + at_once, stop))
            use(which, batch_of(w, directed, lists, network[which], seeds[which]))

    _parallel.thread_blocks(block, len(seeds))


def replicate(
    net: Any,
    rng: _random.RNG,
    size: int | None,
    *,
    dense: Callable[[Batch, NDArray[np.float64]], None],
    edges: Callable[[Batch, np.uint64], None] | None = None,
    prefer_edges: bool = False,
    lists: Callable[[NDArray[np.float64], NDArray[np.bool_]], Listed] = listed,
) -> Any:
    """Replicates of a network, or of a stack.

    ``dense(batch, out)`` changes a batch and writes it into zeros. ``edges(batch, seed)`` changes one replicate without
    a table of all pairs: for sparse and for large networks, for all if `prefer_edges`. Without it sparse networks are
    made dense on the way. `lists` says what counts as an edge.
    """
    w = _validate.as_weights(net)
    if sparse.issparse(w) and edges is not None:
        count = 1 if size is None else _validate.positive_int(size, "size")
        made: list[Any] = [None] * count
        seeds = _random.seeds(rng, count)
        begin, diagonal = _edges_of_sparse(w), w.diagonal()

        def block(start: int, stop: int) -> None:
            for r in range(start, stop):
                batch = replace(begin, values=begin.values.copy(), states=_kernels.random.new_state(seeds[r])[None])
                edges(batch, seeds[r])
                made[r] = _to_sparse(batch, diagonal)

        _parallel.thread_blocks(block, count)
        return made[0] if size is None else made

    def fill(flat: NDArray[np.float64], seeds: NDArray[np.uint64], out: NDArray[np.float64]) -> None:
        directed = is_directed(flat)
        by_edges = edges is not None and (prefer_edges or flat.shape[-1] > LARGE)

        def use(which: slice, batch: Batch) -> None:
            if by_edges:
                edges(batch, seeds[which][0])
                batch.place(out[which])
            else:
                dense(batch, out[which])

        network = np.arange(len(seeds)) % len(flat)
        in_batches(use, flat, directed, lists(flat, directed), network, seeds, 1 if by_edges else AT_ONCE)

    return fill_stack(w, rng, size, fill)


def fill_stack(w: Any, rng: _random.RNG, size: int | None, fill: Callable[..., None]) -> Any:
    """Replicates of a network or a stack, where ``fill(flat, seeds, out)`` writes them into zeros.

    Replicate r is one of network ``r % len(flat)``. A sparse network is made dense on the way.
    """
    count = 1 if size is None else _validate.positive_int(size, "size")
    full = _validate.dense(w, measure="this null model", instead="nulls.degree_preserving or nulls.weight_shuffle")
    flat, lead = _validate.flatten_stack(_validate.for_kernels(full))
    seeds = np.stack([_random.seeds(source, count) for source in _random.per_network(rng, len(flat))], axis=1).ravel()
    out = np.zeros((len(seeds), *flat.shape[1:]))  # only what is not 0 is written
    fill(flat, seeds, out)
    made = [sparse.csr_array(m) for m in out] if sparse.issparse(w) else out.reshape(count, *lead, *flat.shape[1:])
    return made[0] if size is None else made


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


def _edges_of_sparse(w: Any) -> Batch:
    """A batch of one network; its state is not set."""
    directed = not _validate.is_symmetric(w)
    part = w.tocoo()
    keep = part.row != part.col if directed else part.row < part.col
    sources, targets, values = part.row[keep].astype(np.int32), part.col[keep].astype(np.int32), part.data[keep]
    begins = np.array([0, len(values)])
    nothing = np.empty((1, 0))
    return Batch(w.shape[0], np.array([directed]), begins, sources, targets, values, nothing.astype(np.uint64), nothing)


def _to_sparse(batch: Batch, diagonal: NDArray[np.float64]) -> sparse.csr_array:
    loops = np.flatnonzero(diagonal)
    rows: list[Any] = [batch.sources, loops]
    cols: list[Any] = [batch.targets, loops]
    values: list[Any] = [batch.values, diagonal[loops]]
    if not batch.directed[0]:
        rows.append(batch.targets)
        cols.append(batch.sources)
        values.append(batch.values)
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(cols)))
    return sparse.csr_array(entries, shape=(batch.n, batch.n))


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
