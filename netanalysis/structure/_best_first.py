"""The k best walks and simple paths of limited length, best first, without listing the others.

Costs are minus logarithms of step strengths. What is left to pay from a node with r connections to go is known exactly
(for walks) beforehand, so a search only touches what it returns and its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netanalysis.structure import kernels

END = -1  # the choice to stop at an output
TIE = 1.5e-12  # costs that differ by less are ties: those of one rounded cost, or of two that are neighbours
_DIGITS = 12


class Found(NamedTuple):
    """A path: its cost, its nodes and the places of its connections in the lists."""

    cost: float
    nodes: tuple[int, ...]
    edges: tuple[int, ...]


class Choices(NamedTuple):
    """Where to go next, best first: least cost all the way, node, and place of the connection."""

    totals: NDArray[np.float64]
    nodes: NDArray[np.intp]
    edges: NDArray[np.intp]


class Layers:
    """A network as (connections to go, node), with the least cost from each."""

    def __init__(self, lists: tuple[Any, ...], inputs: Any, outputs: Any, max_hops: int) -> None:
        self.indptr, self.indices, self.costs = lists
        self.inputs, self.max_hops = np.unique(inputs), max_hops
        self.exactly = np.full((max_hops + 1, len(self.indptr) - 1), np.inf)
        self.exactly[0, outputs] = 0.0
        kernels.walk_bounds.remaining(self.indptr, self.indices, self.costs, self.exactly)
        self.within = np.minimum.accumulate(self.exactly, axis=0)
        self._known: dict[tuple[bool, int, int], Choices] = {}

    def first(self, hops: int, *, within: bool = False) -> Choices:
        """Choices of the input."""
        bound = (self.within if within else self.exactly)[hops, self.inputs]
        return _sorted(bound, self.inputs, np.full(len(self.inputs), END))

    def after(self, node: int, to_go: int, *, within: bool = False) -> Choices:
        """Choices of the next connection, with `to_go` left to make; or, within as many, to end here."""
        key = (within, node, to_go)
        if key not in self._known:
            part = slice(self.indptr[node], self.indptr[node + 1]) if to_go else slice(0)
            targets = self.indices[part].astype(np.intp)
            bound = (self.within if within else self.exactly)[max(to_go - 1, 0)]
            totals, edges = self.costs[part] + bound[targets], np.arange(part.start or 0, part.stop)
            if within and self.exactly[0, node] == 0:
                totals, targets, edges = (np.append(*x) for x in ((0.0, totals), (END, targets), (END, edges)))
            self._known[key] = _sorted(totals, targets, edges)
        return self._known[key]


def on_grid(costs: NDArray[np.float64], max_hops: int) -> NDArray[np.float64]:
    """Costs to so many bits that sums of a path's are exact: the same weights in another order are a tie."""
    largest = float(np.abs(costs).max(initial=0.0)) * (max_hops + 1)
    unit = 2.0 ** (np.ceil(np.log2(max(largest, 1.0))) - 52)
    return np.asarray(np.round(costs / unit) * unit)


def _sorted(totals: Any, nodes: Any, edges: Any) -> Choices:
    """Best first; of equals, which come by node, the first. What is returned is not rounded, so that sums are not."""
    order = totals.round(_DIGITS).argsort(kind="stable")
    totals = totals[order]
    order = order[: totals.searchsorted(np.inf)]
    return Choices(totals[: len(order)], nodes[order], edges[order])


def best_walks(layers: Layers, min_hops: int, *, simple: bool = False, looks: float = np.inf) -> Iterator[Found]:
    """Walks in order of cost; with `simple` those that visit no node twice, and an error after so many `looks`.

    Every walk found splits the rest by where they first leave it (Lawler 1972, doi:10.1287/mnsc.18.7.401); a part whose
    common beginning visits a node twice holds no simple path.
    """
    heap: list[tuple[Any, ...]] = []

    def push(hops: int, nodes: tuple[int, ...], edges: tuple[int, ...], choice: int) -> None:
        """The best walk that begins with these nodes and goes on with this choice, or a later one."""
        begin = len(nodes)

        def options(done: tuple[int, ...]) -> Choices:
            return layers.after(done[-1], hops - len(done) + 1) if done else layers.first(hops)

        at = options(nodes)
        while choice < len(at.nodes) and simple and at.nodes[choice] in nodes:
            choice += 1
        if choice >= len(at.nodes):
            return
        cost = sum(layers.costs[e] for e in edges) + at.totals[choice]
        place = choice
        while True:
            nodes = (*nodes, int(at.nodes[place]))
            edges = edges if len(nodes) == 1 else (*edges, int(at.edges[place]))
            if len(nodes) > hops:
                break
            at, place = options(nodes), 0
        heappush(heap, (round(float(cost), _DIGITS), hops, nodes, edges, begin, choice))

    for hops in range(min_hops, layers.max_hops + 1):
        push(hops, (), (), 0)
    looked = 0
    while heap:
        cost, hops, nodes, edges, begin, choice = heappop(heap)
        looked += 1
        if looked > looks:
            raise RuntimeError(
                f"the {looks:,.0f} strongest walks hold fewer simple paths than were asked for: most visit a node "
                "twice. Ask for fewer paths or hops, raise max_looks, or remove strong cycles and self-connections"
            )
        if not simple or len(set(nodes)) == len(nodes):
            yield Found(cost, nodes, edges)
        for position in range(begin, hops + 1):
            if simple and len(set(nodes[:position])) < position:
                break
            push(hops, nodes[:position], edges[: max(position - 1, 0)], choice + 1 if position == begin else 1)


def best_simple_paths(layers: Layers) -> Iterator[Found]:
    """Simple paths of at most ``layers.max_hops`` connections in order of cost; costs must not be negative.

    Yen 1971 (doi:10.1287/mnsc.17.11.712): what remains after a path are those that share its first nodes and go on
    otherwise, the best of which is a shortest path around these nodes, within the connections that are left.
    """
    heap: list[tuple[Any, ...]] = []
    taken: dict[tuple[int, ...], set[int]] = {}

    def push(nodes: tuple[int, ...], edges: tuple[int, ...]) -> None:
        spur = _shortest(layers, nodes, taken.setdefault(nodes, set()))
        if spur is None:
            return
        cost = sum(layers.costs[e] for e in edges) + spur.cost
        found = (*nodes, *spur.nodes)
        taken[nodes].add(spur.nodes[0] if spur.nodes else END)
        heappush(heap, (round(float(cost), _DIGITS), len(found), found, (*edges, *spur.edges), len(nodes)))

    push((), ())
    while heap:
        cost, _, nodes, edges, begin = heappop(heap)
        if edges:
            yield Found(cost, nodes, edges)
        for position in range(begin, len(nodes) + 1):
            beginning = nodes[:position]
            if position > begin:
                taken.setdefault(beginning, set()).add(nodes[position] if position < len(nodes) else END)
            push(beginning, edges[: max(position - 1, 0)])


def _shortest(layers: Layers, before: tuple[int, ...], taken: set[int]) -> Found | None:
    """The cheapest way on from the last of the nodes `before`, around them, whose first choice is not `taken`."""
    left = layers.max_hops - max(len(before) - 1, 0)
    heap: list[tuple[Any, ...]] = []
    closed: set[tuple[int, int]] = set()

    def push(spent: float, nodes: tuple[int, ...], edges: tuple[int, ...], choice: int) -> None:
        """The next choice after these nodes."""
        last = nodes[-1] if nodes else before[-1] if before else None
        to_go = left - len(edges)
        at = layers.first(left, within=True) if last is None else layers.after(last, to_go, within=True)
        while choice < len(at.nodes):
            node = int(at.nodes[choice])
            if (node == END or (node not in before and node not in nodes)) and (nodes or node not in taken):
                total = round(float(spent + at.totals[choice]), _DIGITS)
                heappush(heap, (total, len(nodes) + (node != END), (*nodes, node), edges, choice, spent))
                return
            choice += 1

    push(0.0, (), (), 0)
    while heap:
        total, _, (*begun, node), edges, choice, spent = heappop(heap)
        nodes = tuple(begun)
        if node == END:
            return Found(total, nodes, edges)
        push(spent, nodes, edges, choice + 1)
        start = not nodes and not before
        if start:
            further, cost = edges, spent
        else:
            last = nodes[-1] if nodes else before[-1]
            edge = int(layers.after(last, left - len(edges), within=True).edges[choice])
            further, cost = (*edges, edge), spent + layers.costs[edge]
        state = (node, len(further))
        if state not in closed:
            closed.add(state)
            push(cost, (*nodes, node), further, 0)
    return None
