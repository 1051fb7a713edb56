"""Switches that shorten connections, proposed where they may succeed.

Two connections drawn at random almost never become shorter together in a large network, and in what is nearly a lattice
most nodes that are nearer are connected already. Here the first connection is drawn, then for its source a target no
farther than the present one and not connected to it; of the connections into that target, from sources that are not
connected to the present one, that is taken with which the switch shortens most. Pairs are bits: what can be drawn and
what can be taken is found 64 nodes at a time.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.compiling import inlined, kernel, part
from netanalysis._kernels.llvm import lowest_bit, popcount


@inlined
def _between(a, b, n, distances):
    """The distance between two nodes; of their places on a ring, if there are no `distances`."""
    if len(distances) > 0:
        return distances[a, b]
    gap = abs(a - b)
    return np.float64(min(gap, n - gap))


@inlined
def _as_near(a, length, n, distances, order):
    """How many nodes are no farther from node a than `length`, itself included."""
    if len(distances) == 0:
        return min(2 * np.int64(length) + 1, n)
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if distances[a, order[a, middle]] <= length:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _kth_nearest(a, k, n, order):
    if len(order) > 0:
        return np.int64(order[a, k])
    gap = (k + 1) // 2
    return (a + (gap if k % 2 else n - gap)) % n


@inlined
def _rank(a, b, n, rank):
    """Which k makes b the k-th nearest of a."""
    if len(rank) > 0:
        return np.int64(rank[a, b])
    ahead = (b - a + n) % n
    return 2 * ahead - 1 if 0 < 2 * ahead <= n else 2 * ((n - ahead) % n)


@part
def _connect(a, b, e, n, rank, free, into, which):
    """Make a-b edge e; or, where it is one, part them."""
    k = _rank(a, b, n, rank)
    free[a, k >> 6] ^= uint64(1) << uint64(k & 63)
    into[b, a >> 6] ^= uint64(1) << uint64(a & 63)
    which[a, b] = e


@part
def _one_of(state, chosen):
    """One of the bits that are set, each as likely as any other; -1 if there is none."""
    total = uint64(0)
    for k in range(len(chosen)):
        total += popcount(chosen[k])
    if total == uint64(0):
        return np.int64(-1)
    left, k = random.below(state, total), 0
    while left >= np.int64(popcount(chosen[k])):
        left -= np.int64(popcount(chosen[k]))
        k += 1
    word = chosen[k]
    for _ in range(left):
        word &= word - uint64(1)
    return 64 * k + np.int64(lowest_bit(word))


@kernel
def latticize(n, begins, directed, sources, targets, load, states, distances, order, rank, swaps, at_least, gain):
    """Shorten every network of a batch until a round of attempts no longer lowers its cost by a share of `gain`.

    The cost of an edge is its `load` times its length; a round has an attempt for each edge, and `at_least` so many,
    all rounds `swaps` for each. `order` lists the nodes from near to far for each, `rank` says where they are in it;
    without `distances` (and these) nodes stand on a ring in random order, another one for every network.
    """
    words = (n + 63) // 64
    who, place = np.empty(n, np.int64), np.empty(n, np.int64)  # the node at a place, and the place of a node
    free = np.empty((n, words), np.uint64)  # by rank: the nodes that a has no connection to
    into = np.empty((n, words), np.uint64)  # by number: those that have one to it, and itself
    which, chosen = np.empty((n, n), np.int32), np.empty(words, np.uint64)
    for r in range(len(states)):
        state, undirected = states[r], not directed[r]
        for a in range(n):
            who[a] = a
        if len(distances) == 0:
            random.shuffle(state, who)
        for a in range(n):
            place[who[a]] = a
            for k in range(words):
                free[a, k] = ~uint64(0)
                into[a, k] = uint64(0)
            if n % 64:
                free[a, words - 1] = (uint64(1) << uint64(n % 64)) - uint64(1)
            _connect(a, a, 0, n, rank, free, into, which)
        i, j, cost = (
            sources[begins[r] : begins[r + 1]],
            targets[begins[r] : begins[r + 1]],
            load[begins[r] : begins[r + 1]],
        )
        m, total = len(i), 0.0
        for e in range(m):
            a, b = place[i[e]], place[j[e]]
            i[e], j[e] = a, b
            total += cost[e] * _between(a, b, n, distances)
            _connect(a, b, e, n, rank, free, into, which)
            if undirected:
                _connect(b, a, e, n, rank, free, into, which)
        left, before = swaps * m, total
        while left > 0:
            attempts = min(left, max(m, at_least))
            left -= attempts
            for t in range(attempts):
                e = t % m
                a, b = np.int64(i[e]), np.int64(j[e])
                if undirected and random.next_uint64(state) >> uint64(63):
                    a, b = b, a
                length = _between(a, b, n, distances)
                near = _as_near(a, length, n, distances, order)
                last = (near - 1) >> 6
                for k in range(words):
                    chosen[k] = free[a, k] if k <= last else uint64(0)
                chosen[last] &= ~uint64(0) >> uint64(63 - ((near - 1) & 63))
                at = _one_of(state, chosen)
                if at < 0:
                    continue
                d = _kth_nearest(a, at, n, order)
                gained, c, f = -np.inf, 0, 0
                for k in range(words):
                    word = into[d, k] & ~into[b, k]
                    while word:
                        x = 64 * k + np.int64(lowest_bit(word))
                        word &= word - uint64(1)
                        g = np.int64(which[x, d])
                        shorter = cost[g] * (_between(x, d, n, distances) - _between(x, b, n, distances))
                        if shorter > gained and x != d:
                            gained, c, f = shorter, x, g
                change = cost[e] * (_between(a, d, n, distances) - length) - gained
                if change > 0:
                    continue
                total += change
                _connect(a, b, e, n, rank, free, into, which)
                _connect(c, d, f, n, rank, free, into, which)
                _connect(a, d, e, n, rank, free, into, which)
                _connect(c, b, f, n, rank, free, into, which)
                if undirected:
                    _connect(b, a, e, n, rank, free, into, which)
                    _connect(d, c, f, n, rank, free, into, which)
                    _connect(d, a, e, n, rank, free, into, which)
                    _connect(b, c, f, n, rank, free, into, which)
                i[e], j[e] = a, d
                i[f], j[f] = c, b
            if before - total <= gain * abs(before):
                break
            before = total
        for e in range(m):
            i[e], j[e] = who[i[e]], who[j[e]]
