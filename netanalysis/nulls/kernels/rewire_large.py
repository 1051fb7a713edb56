"""Degree-preserving rewiring of an edge list, for large or sparse graphs and with connectivity kept.

The chains are those of :mod:`.rewire`. Here the graph is an edge list (m, 2) and a set of pairs,
which do not fit the caches: proposals are drawn `AHEAD` at a time and the words they will need are read once, so that
their cache misses overlap instead of queueing. What is decided is decided afterwards, one proposal at a time.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.random import below, next_uint64
from netanalysis.nulls.kernels import pair_set
from netanalysis.nulls.kernels.rewire import TRIANGLE_EVERY, two_edges

AHEAD = 4 * TRIANGLE_EVERY
SMALLEST_BLOCK = 4


@kernel
def prepare(edges, n, directed, table, shift):
    """What :func:`rewire` and :func:`rewire_connected` need: pairs in an empty set, and where each node's edges begin.

    `edges` is uint32 (m, 2); directed edges must come sorted by source.
    """
    for i in range(n):  # a blocked diagonal: nothing becomes a self-connection
        pair_set.add(table, shift, pair_set.pair(i, i, n, directed))
    first = np.zeros(n + 1, np.int64)
    for e in range(len(edges)):
        pair_set.add(table, shift, pair_set.pair(edges[e, 0], edges[e, 1], n, directed))
        first[edges[e, 0] + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    return first


@part
def _replace(table, shift, old, new, n, directed):
    for e in range(len(old)):
        pair_set.discard(table, shift, pair_set.pair(old[e, 0], old[e, 1], n, directed))
    for e in range(len(new)):
        pair_set.add(table, shift, pair_set.pair(new[e, 0], new[e, 1], n, directed))


@kernel
def rewire(edges, colour, first, table, shift, n, directed, attempts, state):
    """Rewire at least two edges in place.

    `colour`, uint8 (m,) or empty: only edges of one colour are switched with each other.
    """
    m = uint64(len(edges))
    draws = np.empty(AHEAD, np.uint64)
    read = uint64(0)
    done = 0
    while done < attempts:
        count = min(AHEAD, attempts - done)
        done += count
        for k in range(count):
            draws[k] = next_uint64(state)
            e, f, _coin = two_edges(draws[k], m)
            read += uint64(edges[e, 0]) + uint64(edges[f, 0])
        for k in range(count):
            a, b, c, d = _ends(edges, draws[k], m, directed)
            read += table[pair_set.home(pair_set.pair(a, d, n, directed), shift)]
            read += table[pair_set.home(pair_set.pair(c, b, n, directed), shift)]
            read += table[pair_set.home(pair_set.pair(a, b, n, directed), shift)]
            read += table[pair_set.home(pair_set.pair(c, d, n, directed), shift)]
        for k in range(count):
            _switch(edges, colour, table, shift, draws[k], m, n, directed)
        if directed:
            for _ in range((count + TRIANGLE_EVERY - 1) // TRIANGLE_EVERY):
                _reverse_triangle(edges, colour, first, table, shift, n, directed, state)
    return read  # returned so that the compiler keeps the reads


@part
def _ends(edges, draw, m, directed):
    e, f, coin = two_edges(draw, m)
    if coin == 0 or directed:
        return edges[e, 0], edges[e, 1], edges[f, 0], edges[f, 1]
    return edges[e, 0], edges[e, 1], edges[f, 1], edges[f, 0]


@part
def _switch(edges, colour, table, shift, draw, m, n, directed):
    e, f, _coin = two_edges(draw, m)
    if len(colour) and colour[e] != colour[f]:
        return
    a, b, c, d = _ends(edges, draw, m, directed)
    ad, cb = pair_set.pair(a, d, n, directed), pair_set.pair(c, b, n, directed)
    if pair_set.holds(table, shift, ad) or pair_set.holds(table, shift, cb):
        return
    pair_set.add(table, shift, ad)
    pair_set.add(table, shift, cb)
    pair_set.discard(table, shift, pair_set.pair(a, b, n, directed))
    pair_set.discard(table, shift, pair_set.pair(c, d, n, directed))
    edges[e, 1] = d
    edges[f, 0], edges[f, 1] = c, b


@part
def _reverse_triangle(edges, colour, first, table, shift, n, directed, state):
    # As in rewire._rewire_directed, with the pair set for the adjacency matrix.
    e, _f, coin = two_edges(next_uint64(state), uint64(len(edges)))
    a, b = edges[e, 0], edges[e, 1]
    out = first[b + 1] - first[b]
    if coin == 0 or out == 0:
        return
    f = first[b] + below(state, out)
    c = edges[f, 1]
    ba, cb = pair_set.pair(b, a, n, directed), pair_set.pair(c, b, n, directed)
    ac = pair_set.pair(a, c, n, directed)
    if c == a or not pair_set.holds(table, shift, pair_set.pair(c, a, n, directed)):
        return
    if pair_set.holds(table, shift, ba) or pair_set.holds(table, shift, cb) or pair_set.holds(table, shift, ac):
        return
    g = first[c]
    while edges[g, 1] != a:
        g += 1
    if len(colour) and not colour[e] == colour[f] == colour[g]:
        return
    edges[e, 1], edges[f, 1], edges[g, 1] = c, a, b
    pair_set.discard(table, shift, pair_set.pair(a, b, n, directed))
    pair_set.discard(table, shift, pair_set.pair(b, c, n, directed))
    pair_set.discard(table, shift, pair_set.pair(c, a, n, directed))
    pair_set.add(table, shift, ba)
    pair_set.add(table, shift, cb)
    pair_set.add(table, shift, ac)


@kernel
def rewire_connected(edges, colour, first, table, shift, n, directed, attempts, state):
    """:func:`rewire` in blocks of switches, each taken back as a whole if it leaves the graph disconnected.

    A block may pass through disconnected graphs, so more is within reach than by checking every switch, and the check
    costs once per block. Moves of a fixed number of switches are symmetric, so the chain stays uniform over the
    connected graphs; the number is settled in a pilot, whose end is only the chain's start.
    """
    saved = np.empty(edges.shape, np.uint32)
    _copy(edges, saved)
    parent = np.empty(n, np.int64)
    block = max(SMALLEST_BLOCK, min(attempts, len(edges)))
    left = -1  # blocks to go, once their size is settled
    tried = kept = 0
    while left != 0:
        rewire(edges, colour, first, table, shift, n, directed, block, state)
        if is_connected(edges, parent):
            _copy(edges, saved)
            kept += 1
        else:
            _replace(table, shift, edges, saved, n, directed)
            _copy(saved, edges)
        if left > 0:
            left -= 1
            continue
        tried += 1
        if tried == 4:
            if kept >= 2 or block == SMALLEST_BLOCK:
                left = (attempts + block - 1) // block
            block = block if left >= 0 else max(SMALLEST_BLOCK, block // 2)
            tried = kept = 0


@part
def _copy(edges, to):
    for e in range(len(edges)):
        to[e, 0], to[e, 1] = edges[e, 0], edges[e, 1]


@part
def is_connected(edges, parent):
    """Whether the edges join all nodes, by union-find; `parent` is scratch, (n,)."""
    left = len(parent) - 1
    for i in range(len(parent)):
        parent[i] = i
    for e in range(len(edges)):
        a, b = np.int64(edges[e, 0]), np.int64(edges[e, 1])
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a != b:
            parent[a] = b
            left -= 1
            if left == 0:
                return True
    return left == 0


@kernel
def random_pairs(count, n, directed, table, shift, state):
    """`count` different pairs of different nodes, all choices equally likely; ``i < j`` if undirected.

    They are put into the set, which comes empty.
    """
    sources, targets = np.empty(count, np.int32), np.empty(count, np.int32)
    found = 0
    while found < count:
        i, j = below(state, n), below(state, n)
        key = pair_set.pair(i, j, n, directed)
        if i == j or pair_set.holds(table, shift, key):
            continue
        pair_set.add(table, shift, key)
        sources[found], targets[found] = (i, j) if directed else (min(i, j), max(i, j))
        found += 1
    return sources, targets
