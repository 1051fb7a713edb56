"""The search for the groups with the shortest description: groups merge, nodes move (Peixoto 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis.structure import kernels
from netanalysis.structure._description_length import Graph, description_length, tables
from netanalysis.structure._search import number_by_size

MOST_GROUPS = 2048  # nodes move among fewer; the matrix of their connections would not fit the caches
_FEW = 16  # nodes, of which every number of groups is looked at
_SHRINK, _SHRINK_UNMOVED, _STEP = 1.3, 2.0, 1.1
_WARM, _SWEEPS = 2, 10
LARGE = 20_000  # nodes: with more, unless they have few connections, groups divide before they merge
_ENDS = 20  # connections of a node on average from which halves find what tells them apart
_DIVIDE_TO = 16  # groups at least, shorter or not: the first divisions may cut across what is there
_ENOUGH = 3e-4  # nats per node of a large network that a sweep gains, or it is the last


@dataclass
class Found:
    """A partition into groups 0..k-1, and the shortest description met for every number of groups."""

    labels: NDArray[np.intp]
    length: float
    by_number: dict[int, float]


class Search:
    """Runs on one network, of one model."""

    def __init__(self, graph: Graph, corrected: bool) -> None:
        self.graph, self.corrected = graph, corrected
        classes = np.zeros((2, graph.n), np.int64)
        for d in range(1 + graph.directed):
            classes[d] = np.unique(graph.degrees[d], return_inverse=True)[1]
        self.classes, self.kinds = classes, int(classes.max()) + 1 if corrected else 0
        together = np.zeros(graph.n, np.int32)
        self.one = description_length(graph, together, corrected)
        self.common = self.one - self.cost(self.counted(together, 1))  # of all partitions

    @property
    def how(self) -> tuple[Any, ...]:
        """What kernels take of the network."""
        return self.graph.directed, self.corrected, self.graph.lists, self.graph.degrees, self.classes

    def counted(self, label: NDArray[np.int32], room: int) -> tuple[Any, ...]:
        """The state of a model of so many groups, of which some may be empty."""
        size, m, ends = np.zeros(room, np.int64), np.zeros((room, room), np.int64), np.zeros((2, room), np.int64)
        ties = np.zeros((2, room, self.kinds), np.int32)
        kernels.block_moves.tally(label, *self.how, size, m, ends, ties)
        return label, size, m, ends, ties

    def cost(self, model: tuple[Any, ...]) -> float:
        """The description length, but for what all partitions have in common."""
        graph = self.graph
        return float(kernels.block_moves.cost(graph.directed, self.corrected, graph.n, graph.edges, model, tables()))

    def run(self, seed: np.uint64, n_blocks: int | None, bar: Any = None) -> Found:
        """One run; the bar counts the partitions that it keeps or not."""
        return _Run(self, _kernels.random.new_state(seed), n_blocks, bar).search()


class _Run:
    def __init__(self, of: Search, state: NDArray[np.uint64], wanted: int | None, bar: Any) -> None:
        self.bar = bar
        self.of, self.graph, self.corrected, self.state, self.wanted = of, of.graph, of.corrected, state, wanted
        self.kept: dict[int, tuple[float, NDArray[np.int32]]] = {}
        self.large = of.graph.n > LARGE and of.graph.degrees.sum() > _ENDS * of.graph.n
        self.enough = _ENOUGH * of.graph.n if self.large else 1e-6

    def search(self) -> Found:
        """To about the best number of groups, or those wanted; then slowly through those around it, and by splits."""
        if self.large and (self.wanted or 1) <= MOST_GROUPS:
            self.divide()
        else:
            self.unite(np.arange(self.graph.n, dtype=np.int32), self.wanted or 1)
        if self.wanted is None:
            self.refine()
            self.polish()
        best = self.wanted or self.best()
        labels = number_by_size(self.kept[best][1])
        by_number = {k: length for k, (length, _) in self.kept.items()}
        by_number[best] = description_length(self.graph, labels, self.corrected)  # without the rounding of many sums
        if 1 in by_number:
            by_number[1] = self.of.one
        return Found(labels, by_number[best], by_number)

    def unite(self, label: NDArray[np.int32], last: int) -> None:
        """Groups merge by a constant factor until so many are left, with moves in between."""
        k = self.keep(label)
        while k > last:
            shrink = 1.0 if self.graph.n <= _FEW else _SHRINK if k <= MOST_GROUPS else _SHRINK_UNMOVED
            label = self.merged(label, max(last, min(k - 1, int(k / shrink))))
            if label.max() < MOST_GROUPS:
                self.keep(label)  # moves may empty groups, and do not come back to as many
                label = self.moved(label, times=_WARM if self.large else _SWEEPS)
            k = self.keep(label)
            if self.large and not self.wanted and k * _SHRINK**2 < self.best():
                return

    def divide(self) -> None:
        """Every group in two, from one on, until that no longer shortens the description; then back by mergers."""
        label = np.zeros(self.graph.n, np.int32)
        k = self.keep(label)
        while 2 * k <= MOST_GROUPS and k < (self.wanted or max(_DIVIDE_TO, 2 * self.best())):
            label = self.halved(label)
            k = self.keep(label)
        # On the way down others come first: groups cut at random, of another number, are no place to go on from.
        self.kept = {known: self.kept[known] for known in (1, self.best(), k)}
        self.unite(label, self.wanted or 1)

    def best(self) -> int:
        """The number of groups of the shortest description so far."""
        return min(self.kept, key=lambda k: self.kept[k][0])

    def halved(self, label: NDArray[np.int32]) -> NDArray[np.int32]:
        """Every group divided at random; nodes move between the halves, then among all.

        Halves that differ in degrees alone would soon be in each other's way: at first degrees are taken as given.
        """
        n = len(label)
        halves = 2 * label + (kernels.block_moves.random_order(n, self.state) < n // 2)
        used, made = np.unique(halves, return_inverse=True)
        at = np.minimum(np.searchsorted(used, used ^ 1), len(used) - 1)
        twin = np.where(used[at] == used ^ 1, at, -1)  # none, where all nodes came into one half
        label, nodes = made.astype(np.int32), np.arange(n, dtype=np.int32)
        self.sweeps(label, nodes, 2 * _SWEEPS, np.inf, False, twin)
        self.sweeps(label, nodes, _WARM, np.inf, False)
        return label

    def keep(self, label: NDArray[np.int32]) -> int:
        """Remember the labels if no shorter description of so many groups is known; the number of groups."""
        k = int(label.max()) + 1
        if k > MOST_GROUPS:
            length = description_length(self.graph, label, self.corrected)
        else:
            length = self.of.common + self.of.cost(self.of.counted(label, k))
        if k not in self.kept or length < self.kept[k][0]:
            self.kept[k] = length, label.copy()
        if self.bar is not None:
            best = self.best()
            self.bar.set_postfix_str(f"{k} blocks, best {best}: {self.kept[best][0]:.6g} nats", refresh=False)
            self.bar.update()
        return k

    def refine(self) -> None:
        """From the number of groups above the best so far to the one below it, in small steps."""
        for _ in range(3):
            known = sorted(self.kept)
            at = known.index(self.best())
            low, high = known[max(at - 1, 0)], known[min(at + 1, len(known) - 1)]
            if high >= MOST_GROUPS or high - low <= 2:
                return
            label, k = self.kept[high][1], high
            while k > low + 1:
                label = self.moved(self.merged(label, max(low + 1, min(k - 1, int(k / _STEP)))))
                k = self.keep(label)

    def polish(self) -> None:
        """Moves that may found and empty groups, merges of two, splits of one, while they shorten the description."""
        while True:
            best = self.best()
            length, label = self.kept[best]
            if best >= MOST_GROUPS:
                return
            self.keep(self.moved(label, free=True))
            if best > 1:
                self.keep(self.moved(self.merged(label, best - 1), free=True))
            if not self.large:
                for group in range(best):
                    self.keep(self.moved(self.split(label, group), free=True))
            if min(kept[0] for kept in self.kept.values()) > length - self.enough:
                return

    def split(self, label: NDArray[np.int32], group: int) -> NDArray[np.int32]:
        """A group divided at random, and its nodes moved between the two parts and others."""
        label = label.copy()
        members = np.flatnonzero(label == group)
        if len(members) > 1:
            order = members[kernels.block_moves.random_order(len(members), self.state)]
            label[order[: len(order) // 2]] = label.max() + 1
            self.sweeps(label, members.astype(np.int32), 3, np.inf, False)
        return _compact(label)

    def merged(self, label: NDArray[np.int32], wanted: int) -> NDArray[np.int32]:
        """Groups merged in pairs, those first that cost least, until so many are left."""
        k = int(label.max()) + 1
        while k > wanted:
            lists, within, size, ends, ties = self.level(label, k)
            partner, change, into = np.empty(k, np.int64), np.empty(k), np.empty(k, np.int64)
            how = self.graph.directed, self.corrected, lists, within, size, ends, ties, self.state, tables()
            kernels.block_merges.propose(*how, partner, change)
            kernels.block_merges.merge(partner, np.argsort(change, kind="stable"), wanted, into)
            label = _compact(into[label])
            k = int(label.max()) + 1
        return label

    def level(self, label: NDArray[np.int32], k: int) -> tuple[Any, ...]:
        """The groups as nodes of a multigraph: lists of neighbours, connections within, sizes, ends, ties."""
        graph = self.graph
        if k <= MOST_GROUPS:
            _, size, m, ends, ties = self.of.counted(label, k)
            return kernels.block_merges.lists_of(m, graph.directed), m.diagonal().copy(), size, ends, ties
        m = graph.between(label, k)
        within = np.array(m.diagonal(), np.int64) // (1 if graph.directed else 2)
        parts = m.tocoo()
        apart = parts.row != parts.col
        m = sparse.csr_array((parts.data[apart], (parts.row[apart], parts.col[apart])), shape=m.shape)
        size = np.bincount(label, minlength=k).astype(np.int64)
        ends = np.array([np.bincount(label, d, k) for d in graph.degrees]).astype(np.int64)
        return Graph.of(m, graph.directed).lists, within, size, ends, np.zeros((2, k, 0), np.int32)

    def moved(self, label: NDArray[np.int32], *, free: bool = False, times: int = _SWEEPS) -> NDArray[np.int32]:
        """Sweeps over all nodes: first at the temperature of the posterior, then downhill, until nothing is gained."""
        label = label.copy()
        nodes = np.arange(len(label), dtype=np.int32)
        if not free and not self.large:
            self.sweeps(label, nodes, _WARM, 1.0, free)
        self.sweeps(label, nodes, times, np.inf, free)
        return _compact(label)

    def sweeps(
        self,
        label: NDArray[np.int32],
        nodes: NDArray[np.int32],
        times: int,
        beta: float,
        free: bool,
        twin: NDArray[np.integer[Any]] | None = None,
    ) -> None:
        """At most so many sweeps over some nodes; changes the labels in place.

        With a `twin` of each group, nodes move only there, and by their connections, whatever their degrees.
        """
        room = min(len(label), int(label.max()) + 1 + (4 if free else 0))
        model = self.of.counted(label, room)
        given = twin is not None
        twin = np.full(room, -1) if twin is None else twin
        how = *self.of.how, self.graph.edges, model, beta, free, twin, given, self.state, tables()
        for _ in range(times):
            order = nodes[kernels.block_moves.random_order(len(nodes), self.state)]
            if kernels.block_moves.sweep(order, *how) > -self.enough and beta == np.inf:
                break


def _compact(label: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    return np.unique(label, return_inverse=True)[1].astype(np.int32)
