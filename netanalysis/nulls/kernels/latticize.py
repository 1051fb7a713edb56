"""Switches that shorten connections, proposed where they may succeed.

Two connections drawn at random almost never become shorter together in a large network. Here the first is drawn, then
for its source a target no farther than the present one, then one of the connections of that target: every switch that
shortens can be proposed, from the connection that it shortens. Places of connections in the lists of their ends stay;
a switch exchanges what is in two of them.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.compiling import inlined, kernel


@inlined
def _between(a, b, distances, place):
    """The distance between two nodes, on the ring if they have a `place` there."""
    n = len(place)
    if n == 0:
        return distances[a, b]
    gap = abs(place[a] - place[b])
    return np.float64(min(gap, n - gap))


@inlined
def _as_near(a, length, distances, order, place):
    """How many nodes are no farther from node a than `length`, itself included."""
    if len(place) > 0:
        return min(2 * np.int64(length) + 1, len(place))
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if distances[a, order[a, middle]] <= length:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _kth_nearest(a, k, order, place, who):
    n = len(place)
    if n == 0:
        return np.int64(order[a, k])
    gap = (k + 1) // 2
    return who[(place[a] + (gap if k % 2 else n - gap)) % n]


@kernel
def latticize(n, begins, directed, sources, targets, load, states, distances, order, swaps, per_round, gain):
    """Shorten every network of a batch until a round of attempts no longer lowers its cost by a share of `gain`.

    The cost of an edge is its `load` times its length; a round has `per_round` attempts for each edge, all rounds
    `swaps`. `order` lists the nodes from near to far for each; with no `distances` (and no `order`), nodes stand on a
    ring in random order, another one for every network.
    """
    on_ring = len(distances) == 0
    who, place = np.empty(n, np.int64), np.empty(n if on_ring else 0, np.int64)
    adjacency = np.empty((n, n), np.uint8)
    first, fill = np.empty(n + 1, np.int64), np.empty(n, np.int64)
    for r in range(len(states)):
        state, undirected = states[r], not directed[r]
        if on_ring:
            for a in range(n):
                who[a] = a
            random.shuffle(state, who)
            for a in range(n):
                place[who[a]] = a
        i, j, cost = (
            sources[begins[r] : begins[r + 1]],
            targets[begins[r] : begins[r + 1]],
            load[begins[r] : begins[r + 1]],
        )
        m, total = len(i), 0.0
        # `held` lists the edges into every node, undirected ones at both ends; an edge's own places in it beside.
        held, at_source, at_target = np.empty(2 * m, np.int64), np.empty(m, np.int64), np.empty(m, np.int64)
        first[:] = 0
        for e in range(m):
            first[j[e] + 1] += 1
            if undirected:
                first[i[e] + 1] += 1
        for a in range(n):
            first[a + 1] += first[a]
            fill[a] = first[a]
            for b in range(n):
                adjacency[a, b] = a == b
        for e in range(m):
            a, b = i[e], j[e]
            held[fill[b]], at_target[e] = e, fill[b]
            fill[b] += 1
            adjacency[a, b] = 1
            total += cost[e] * _between(a, b, distances, place)
            if undirected:
                held[fill[a]], at_source[e] = e, fill[a]
                fill[a] += 1
                adjacency[b, a] = 1
        left, before = swaps, total
        while left > 0:
            rounds = min(left, per_round)
            left -= rounds
            for _ in range(rounds * m):
                e = random.below(state, m)
                if undirected and random.next_uint64(state) >> uint64(63):
                    i[e], j[e] = j[e], i[e]
                    at_source[e], at_target[e] = at_target[e], at_source[e]
                a, b = i[e], j[e]
                length = _between(a, b, distances, place)
                nearer = _as_near(a, length, distances, order, place)
                d = _kth_nearest(a, random.below(state, nearer), order, place, who)
                degree = first[d + 1] - first[d]
                if adjacency[a, d] or degree == 0:
                    continue
                f = held[first[d] + random.below(state, degree)]
                if j[f] != d:
                    i[f], j[f] = j[f], i[f]
                    at_source[f], at_target[f] = at_target[f], at_source[f]
                c = i[f]
                if adjacency[c, b]:
                    continue
                change = cost[e] * (_between(a, d, distances, place) - length)
                change += cost[f] * (_between(c, b, distances, place) - _between(c, d, distances, place))
                if change > 0:
                    continue
                total += change
                adjacency[a, b] = adjacency[c, d] = 0
                adjacency[a, d] = adjacency[c, b] = 1
                if undirected:
                    adjacency[b, a] = adjacency[d, c] = 0
                    adjacency[d, a] = adjacency[b, c] = 1
                held[at_target[e]], held[at_target[f]] = f, e
                at_target[e], at_target[f] = at_target[f], at_target[e]
                j[e], j[f] = d, b
            if before - total <= gain * abs(before):
                break
            before = total
