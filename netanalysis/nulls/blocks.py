"""Connections dealt anew between the same groups of nodes: what cell types alone explain."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, validate
from netanalysis._core.types import Network
from netanalysis.nulls import kernels
from netanalysis.nulls._replicate import Batch, batched, replicate


def block_preserving(
    net: Network, rng: random.RNG = None, *, groups: ArrayLike | None = None, size: int | None = None
) -> Any:
    """Place the connections between every two groups of nodes at random among their pairs.

    **Keeps** exactly: number, weights (as a set) and signs of the connections from each group to each, symmetry,
    self-connections. **Destroys**: which nodes of a group have them, hence degrees and strengths, and all else.

    A stochastic block model with the counts given. A measure that such networks share is explained by the groups, such
    as cell types, and does not need their cells. :func:`block_degree_preserving` keeps degrees too.

    Parameters
    ----------
    net : network, or stack (..., n, n); sparse stays sparse
    rng : seed, Generator or SeedSequence, optional
    groups : sequence of labels, one per node; default: the modules of the Connectome
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).

    References
    ----------
    Holland, Laskey & Leinhardt 1983, doi:10.1016/0378-8733(83)90021-7.

    Examples
    --------
    >>> import netanalysis as na
    >>> w = [[0, 0, 5.0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    >>> null = na.nulls.block_preserving(w, 3, groups=["in", "in", "out", "out"])
    >>> null.sum(), null[:2, 2:].sum()
    (np.float64(5.0), np.float64(5.0))
    """
    group = _groups(net, groups, "block_preserving")
    blocks = _Blocks(group)

    def edges(batch: Batch) -> None:
        blocks.deal(batch)

    def dense(batch: Batch, out: NDArray[np.float64]) -> None:
        blocks.deal(batch)
        batch.place(out)

    return replicate(net, rng, size, dense=batched(dense, at_once=1), edges=edges)


def block_degree_preserving(
    net: Network,
    rng: random.RNG = None,
    *,
    groups: ArrayLike | None = None,
    size: int | None = None,
    swaps_per_edge: int = 20,
) -> Any:
    """Rewire the connections while degrees and the number of connections between every two groups stay.

    Two connections a->b and c->d become a->d and c->b if b and d are of one group, or a and c, unless one of these
    exists or would be a self-connection. In directed networks 3-cycles with two nodes of one group are also turned
    round. Proposals are symmetric: all networks within reach of such steps are equally likely.

    **Keeps** exactly: degrees (in- and out-degrees if directed), the number of connections from each group to each,
    symmetry, the weights as a set (each goes with its connection, so its sign too), self-connections; in directed
    networks each weight stays with its source, so out-strengths are kept as well. **Destroys**: who of a group is
    connected to whom of another, such as finer groups, clusters and motifs beyond those of groups and degrees.

    The degree-corrected stochastic block model with counts and degrees given, over networks without parallel
    connections. Groups may be cell types, or those that :func:`netanalysis.block_model` finds: a measure that such
    networks share is explained by the blocks and the degrees.

    Parameters
    ----------
    net : network, or stack (..., n, n); sparse stays sparse
    rng : seed, Generator or SeedSequence, optional
    groups : sequence of labels, one per node, or a result that holds them; default: the modules of the Connectome
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    swaps_per_edge : int
        Attempted switches per connection.

    Returns
    -------
    ndarray (n, n) or csr_array; with `size`, (size, ..., n, n) or a list of csr_array
        A network in which nothing can be switched comes back unchanged: where every node is a group of its own, say.

    References
    ----------
    Karrer & Newman 2011, doi:10.1103/PhysRevE.83.016107 (the model); Maslov & Sneppen 2002,
    doi:10.1126/science.1065103 (switches).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = (np.random.default_rng(0).random((20, 20)) < 0.3) * 1.0
    >>> blocks = np.arange(20) < 8
    >>> null = na.nulls.block_degree_preserving(w, 0, groups=blocks)
    >>> np.array_equal(null.sum(axis=0), w.sum(axis=0)), null[:8, 8:].sum() == w[:8, 8:].sum(), np.array_equal(null, w)
    (True, np.True_, False)
    """
    attempts = options.positive_int(swaps_per_edge, "swaps_per_edge")
    group = _groups(net, groups, "block_degree_preserving")
    k = int(group.max()) + 1

    def edges(batch: Batch) -> None:
        # New arrays: replicates of a sparse network begin with the same ones.
        batch.sources, batch.targets = batch.sources.copy(), batch.targets.copy()
        lists = batch.begins, batch.directed, batch.sources, batch.targets
        pairs = kernels.pair_set.new(batch.n, int(batch.counts.max()) + batch.n)
        kernels.rewire_blocks.rewire(*lists, group, k, attempts, batch.states, batch.n, *pairs)

    def dense(batch: Batch, out: NDArray[np.float64]) -> None:
        edges(batch)
        batch.place(out)

    return replicate(net, rng, size, dense=batched(dense), edges=edges)


def _groups(net: Network, groups: ArrayLike | None, null: str) -> NDArray[np.int64]:
    """The groups given, or the modules of a Connectome, as numbers."""
    n = validate.as_weights(net).shape[-1]
    if groups is None:
        groups = getattr(net, "modules", None)
        if groups is None:
            raise ValueError(
                "groups must be one label per node: the network has no modules to go by. "
                f"Within null_test: functools.partial(nulls.{null}, groups=...)"
            )
    return np.unique(validate.as_labels(groups, n, "groups", net=net), return_inverse=True)[1].astype(np.int64)


class _Blocks:
    """The pairs of distinct nodes between every two groups, numbered."""

    def __init__(self, group: NDArray[np.int64]) -> None:
        self.group, self.sizes = group, np.bincount(group)
        self.members = np.argsort(group, kind="stable")
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])

    def deal(self, batch: Batch) -> None:
        """Other pairs of the same blocks for the connections of one replicate."""
        rng = np.random.default_rng(batch.seeds[0])
        directed = bool(batch.directed[0])
        a, b = self.group[batch.sources], self.group[batch.targets]
        if not directed:
            a, b = np.minimum(a, b), np.maximum(a, b)
        block, kind, held = np.unique(a * len(self.sizes) + b, return_inverse=True, return_counts=True)
        a, b = np.divmod(block, len(self.sizes))
        within = a == b
        pairs = np.where(within, self.sizes[a] * (self.sizes[a] - 1), self.sizes[a] * self.sizes[b])
        pairs = np.where(within & (not directed), pairs // 2, pairs)
        number = np.empty(len(kind), np.int64)
        full = 2 * held > pairs
        order = np.argsort(kind, kind="stable")
        number[order] = self._numbers(full, pairs, held, kind[order], rng)
        source, target = self._nodes(a[kind], b[kind], number, directed)
        # New arrays: replicates of a sparse network begin with the same ones.
        batch.sources, batch.targets = source.astype(np.int32), target.astype(np.int32)

    @staticmethod
    def _numbers(full: Any, pairs: Any, held: Any, kind: Any, rng: np.random.Generator) -> NDArray[np.int64]:
        """Distinct numbers of pairs for the connections, which come block by block, in random order."""
        number = np.empty(len(kind), np.int64)
        crowded = np.flatnonzero(full)
        if len(crowded):  # all their pairs shuffled, and the first so many taken
            of = np.repeat(np.arange(len(crowded)), pairs[crowded])
            begin = np.cumsum(pairs[crowded]) - pairs[crowded]
            shuffled = np.lexsort((rng.random(len(of)), of))
            rank = np.arange(len(of)) - begin[of]
            number[full[kind]] = (shuffled - begin[of])[rank < held[crowded][of]]
        left = np.flatnonzero(~full[kind])
        taken = np.empty(0, np.int64)
        first = np.cumsum(pairs) - pairs  # pairs of all blocks, numbered through
        while len(left):  # drawn again until no two are the same
            drawn = rng.integers(0, pairs[kind[left]])
            through = first[kind[left]] + drawn
            _, new = np.unique(through, return_index=True)
            new = new[~np.isin(through[new], taken)]
            number[left[new]] = drawn[new]
            taken = np.concatenate([taken, through[new]])
            left = np.delete(left, new)
        return number

    def _nodes(self, a: Any, b: Any, number: Any, directed: bool) -> tuple[Any, Any]:
        """Source and target of a pair by its number in the block."""
        same, width = a == b, np.where(a == b, self.sizes[b] - 1, self.sizes[b])
        i, j = np.divmod(number, np.maximum(width, 1))
        if directed:
            j += same & (j >= i)
        else:
            # Pairs i < j of one group: row i holds j = i + 1 … s - 1; rows i and s - 2 - i together fill one of s - 1.
            fold = same & (j < i)
            i, j = np.where(fold, self.sizes[a] - 1 - i, i), np.where(fold, self.sizes[a] - 1 - j, j + same)
        source, target = self.members[self.starts[a] + i], self.members[self.starts[b] + j]
        return (source, target) if directed else (np.minimum(source, target), np.maximum(source, target))
