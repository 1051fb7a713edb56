"""What all null models share: seeds, replicates, stacks and edge lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import direction, options, parallel, random, stacks, validate
from netanalysis._core.types import Network
from netanalysis.connectome import node_distances
from netanalysis.nulls import kernels

LARGE = 2_000  # nodes; beyond it one byte per pair leaves the L2 cache, and rewiring by edges is faster
AT_ONCE = 2**23  # pairs of nodes in a batch: those of many small networks, or of one large one


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
    seeds: NDArray[np.uint64]
    states: NDArray[np.uint64]
    stack: Any = None  # replicate r is one of its network ``network[r]``, if they are dense
    network: Any = None

    @property
    def counts(self) -> NDArray[np.int64]:
        """The number of edges of each replicate."""
        return self.begins[1:] - self.begins[:-1]

    def place(self, out: NDArray[np.float64]) -> None:
        """Write the replicates, and the self-connections of their networks, into zeros."""
        edges = self.begins, self.directed, self.sources, self.targets, self.values
        kernels.batches.place(self.stack, self.network, *edges, out)


Fill = Callable[[NDArray[np.float64], NDArray[np.bool_], NDArray[np.uint64], NDArray[np.float64]], None]


def in_batches(
    use: Callable[[slice, Batch], None],
    w: NDArray[np.float64],
    directed: NDArray[np.bool_],
    network: NDArray[np.int64],
    seeds: NDArray[np.uint64],
    at_once: int = AT_ONCE,
) -> None:
    """Call ``use(which, batch)`` until all replicates are made, in threads; `which` are those in the batch.

    Replicate r begins as network ``network[r]`` of the stack. A batch has `at_once` pairs of nodes, or one replicate.
    """
    step = max(1, at_once // w[0].size)

    def block(start: int, stop: int) -> None:
        for first in range(start, stop, step):
            which = slice(first, min(first + step, stop))
            k, mine = network[which], seeds[which]
            begins, sources, targets, values, states = kernels.batches.batch_of(w, directed[k], k, mine)
            use(which, Batch(w.shape[1], directed[k], begins, sources, targets, values, mine, states, w, k))

    parallel.thread_blocks(block, len(seeds))


def batched(change: Callable[[Batch, NDArray[np.float64]], None], at_once: int = AT_ONCE) -> Fill:
    """A null model of dense stacks, from what changes a batch and writes it into zeros."""

    def fill(w: Any, directed: Any, seeds: Any, out: Any) -> None:
        network = np.arange(len(seeds)) % len(w)
        in_batches(lambda which, batch: change(batch, out[which]), w, directed, network, seeds, at_once)

    return fill


def replicate(
    net: Network,
    rng: random.RNG,
    size: int | None,
    *,
    dense: Fill,
    edges: Callable[[Batch], None] | None = None,
    prefer_edges: bool = False,
) -> Any:
    """Replicates of a network, or of a stack.

    ``dense(w, directed, seeds, out)`` writes them into zeros, in compiled code; replicate r is one of network
    ``r % len(w)``. ``edges(batch)`` changes a batch of one without a table of all pairs: for large networks, for all if
    `prefer_edges`. Sparse networks are otherwise made dense on the way, so that one seed gives both the same.
    """
    w = validate.as_weights(net)
    count = 1 if size is None else options.count(size, "size")
    made: Any
    by_edges = edges is not None and (prefer_edges or w.shape[-1] > LARGE)
    if sparse.issparse(w) and by_edges:
        assert edges is not None
        made = [None] * count
        seeds = random.seeds(rng, count)
        begin, diagonal = _edges_of_sparse(w), w.diagonal()

        def block(start: int, stop: int) -> None:
            for r in range(start, stop):
                state = _kernels.random.new_state(seeds[r])
                batch = replace(begin, values=begin.values.copy(), seeds=seeds[r : r + 1], states=state[None])
                edges(batch)
                made[r] = _to_sparse(batch, diagonal)

        parallel.thread_blocks(block, count)
        return made[0] if size is None else made
    full = validate.dense(w, measure="this null model", instead="nulls.degree_preserving or nulls.weight_shuffle")
    flat, lead = stacks.flatten(validate.for_kernels(full))
    seeds = np.array([random.seeds(source, count) for source in random.per_network(rng, len(flat))]).T.ravel()
    if by_edges:

        def change(batch: Batch, out: Any) -> None:
            assert edges is not None
            edges(batch)
            batch.place(out)

        dense = batched(change, at_once=1)
    directed = is_directed(flat)

    def some(seeds: Any) -> NDArray[np.float64]:
        out = np.zeros((len(seeds), *flat.shape[1:]))  # only what is not 0 is written
        dense(flat, directed, seeds, out)
        return out

    if sparse.issparse(w):
        step = max(1, AT_ONCE // flat[0].size)
        made = [sparse.csr_array(m) for a in range(0, count, step) for m in some(seeds[a : a + step])]
    else:
        made = some(seeds).reshape(count, *lead, *flat.shape[1:])
    return made[0] if size is None else made


def is_directed(flat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which networks of a stack are not symmetric."""
    return np.array([not validate.is_symmetric(m) for m in flat])


def n_edges(net: Network) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Off-diagonal edges of each network, undirected ones counted once; possible ones; and n."""
    w = validate.as_weights(net)
    n = w.shape[-1]
    if sparse.issparse(w):
        entries = np.array([w.nnz - np.count_nonzero(w.diagonal())])
        directed = np.array([not validate.is_symmetric(w)])
    else:
        flat, _ = stacks.flatten(w)
        diagonal = np.diagonal(flat, axis1=1, axis2=2)
        entries = np.count_nonzero(flat, axis=(1, 2)) - np.count_nonzero(diagonal, axis=1)
        directed = is_directed(flat)
    share = np.where(directed, 1, 2)
    return entries // share, n * (n - 1) // share, n


def _edges_of_sparse(w: Any) -> Batch:
    """A batch of one network, still without seed."""
    directed = not validate.is_symmetric(w)
    part = w.tocoo()
    keep = part.row != part.col if directed else part.row < part.col
    sources, targets, values = part.row[keep].astype(np.int32), part.col[keep].astype(np.int32), part.data[keep]
    edges, no_seed = (np.array([0, len(values)]), sources, targets, values), np.empty(0, np.uint64)
    return Batch(w.shape[0], np.array([directed]), *edges, no_seed, no_seed)


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


def distances_of(net: Network, distances: Any, n: int, directed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The distances given, or those of a Connectome."""
    d, _ = direction.without_rounding(node_distances(net, distances, n), direction.DOUBLE)
    if not directed.all() and not validate.is_symmetric(d):
        raise ValueError(
            "distances must be symmetric for an undirected network; got distances[i, j] != distances[j, i]"
        )
    return validate.for_kernels(d)


def directedness(net: Network) -> tuple[int, NDArray[np.bool_]]:
    """n, and which networks of a stack are directed."""
    w = validate.as_weights(net)
    if sparse.issparse(w):
        return w.shape[0], np.array([not validate.is_symmetric(w)])
    flat, _ = stacks.flatten(w)
    return w.shape[-1], is_directed(flat)
