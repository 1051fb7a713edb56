"""Rewiring that keeps degrees and the number of connections between every two groups of nodes.

Two connections exchange ends of the same group: a->b, c->d become a->d, c->b if b and d are of one group, or if a and c
are. The second connection is drawn from those that fit, which are as many afterwards, so that a switch is as likely as
the one that undoes it, and a refused one counts as a stay. ``by`` lists the places of ends group by group: of
undirected connections both ends, ``2 e`` and ``2 e + 1`` of edge e; of directed ones the targets, while the lists of
sources, which they keep, do not change. Two directed connections that exchange targets of different groups also
exchange their places in the list. The set of pairs is that of :mod:`.pair_set`.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, maker, part
from netanalysis._kernels.random import below, next_uint64
from netanalysis.nulls.kernels import pair_set
from netanalysis.nulls.kernels.rewire import TRIANGLE_EVERY


@maker
def _grouped(kind, k, start):
    """Places sorted by kind, and where each is; kind g at ``start[g]:start[g + 1]``."""
    start[:] = 0
    for x in range(len(kind)):
        start[kind[x] + 1] += 1
    for g in range(k):
        start[g + 1] += start[g]
    by, at, filled = np.empty(len(kind), np.int64), np.empty(len(kind), np.int64), start.copy()
    for x in range(len(kind)):
        at[x] = filled[kind[x]]
        by[at[x]] = x
        filled[kind[x]] += 1
    return by, at


@kernel
def rewire(begins, directed, sources, targets, group, k, attempts, states, n, table, shift):
    """Rewire the edges ``begins[r]:begins[r + 1]`` of every network r in place, with so many attempts an edge.

    The set of pairs has room for the largest network and its diagonal.
    """
    start = np.empty(k + 1, np.int64)
    for r in range(len(directed)):
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        m = len(i)
        if m < 2:
            continue
        table[:] = 0
        for v in range(n):  # a blocked diagonal: nothing becomes a self-connection
            pair_set.add(table, shift, pair_set.pair(v, v, n, directed[r]))
        for e in range(m):
            pair_set.add(table, shift, pair_set.pair(i[e], j[e], n, directed[r]))
        if directed[r]:
            _directed(i, j, group, k, start, table, shift, attempts * m, states[r], n)
        else:
            _undirected(i, j, group, k, start, table, shift, attempts * m, states[r], n)


@part
def _exchange(a, b, c, d, table, shift, n, directed):
    """Put a-d and c-b in the place of a-b and c-d, if neither is there."""
    ad, cb = pair_set.pair(a, d, n, directed), pair_set.pair(c, b, n, directed)
    if ad == cb or pair_set.holds(table, shift, ad) or pair_set.holds(table, shift, cb):
        return False
    pair_set.discard(table, shift, pair_set.pair(a, b, n, directed))
    pair_set.discard(table, shift, pair_set.pair(c, d, n, directed))
    pair_set.add(table, shift, ad)
    pair_set.add(table, shift, cb)
    return True


@maker
def _undirected(i, j, group, k, start, table, shift, attempts, state, n):
    m = len(i)
    kind = np.empty(2 * m, np.int64)
    for e in range(m):
        kind[2 * e], kind[2 * e + 1] = group[i[e]], group[j[e]]
    by, _at = _grouped(kind, k, start)
    for _ in range(attempts):
        x = below(state, 2 * m)
        first = start[kind[x]]
        y = by[first + below(state, start[kind[x] + 1] - first)]
        e, f = x >> 1, y >> 1
        if e == f:
            continue
        b, a = (j[e], i[e]) if x & 1 else (i[e], j[e])
        d, c = (j[f], i[f]) if y & 1 else (i[f], j[f])
        if _exchange(a, b, c, d, table, shift, n, False):
            if x & 1:
                j[e] = d
            else:
                i[e] = d
            if y & 1:
                j[f] = b
            else:
                i[f] = b


@maker
def _directed(i, j, group, k, start, table, shift, attempts, state, n):
    """Exchanges of targets, and 3-cycles turned round, two of whose nodes are of one group (see :mod:`.rewire`)."""
    m = len(i)
    kind = np.empty(m, np.int64)
    for e in range(m):
        kind[e] = group[i[e]]
    start_out = start.copy()
    out, _at = _grouped(kind, k, start_out)
    for e in range(m):
        kind[e] = group[j[e]]
    by, at = _grouped(kind, k, start)
    first = np.zeros(n + 1, np.int64)  # edges come sorted by source, and keep it
    for e in range(m):
        first[i[e] + 1] += 1
    for v in range(n):
        first[v + 1] += first[v]
    for step in range(attempts):
        e = below(state, m)
        if next_uint64(state) & uint64(1):
            g = group[j[e]]
            f = by[start[g] + below(state, start[g + 1] - start[g])]
        else:
            g = group[i[e]]
            f = out[start_out[g] + below(state, start_out[g + 1] - start_out[g])]
        if e != f and _exchange(i[e], j[e], i[f], j[f], table, shift, n, True):
            j[e], j[f] = j[f], j[e]
            by[at[e]], by[at[f]] = f, e
            at[e], at[f] = at[f], at[e]
        if step % TRIANGLE_EVERY == 0:
            _turn(i, j, group, first, by, at, table, shift, state, n)


@part
def _turn(i, j, group, first, by, at, table, shift, state, n):
    """Try to turn round a 3-cycle a->b->c->a without reciprocal edges, with a coin, so that it can stay."""
    e = below(state, len(i))
    a, b = i[e], j[e]
    count = first[b + 1] - first[b]
    if count == 0 or next_uint64(state) & uint64(1):
        return
    f = first[b] + below(state, count)
    c = j[f]
    if c == a or not (group[a] == group[b] or group[b] == group[c] or group[a] == group[c]):
        return
    if not pair_set.holds(table, shift, pair_set.pair(c, a, n, True)):
        return
    ba, cb = pair_set.pair(b, a, n, True), pair_set.pair(c, b, n, True)
    ac = pair_set.pair(a, c, n, True)
    if pair_set.holds(table, shift, ba) or pair_set.holds(table, shift, cb) or pair_set.holds(table, shift, ac):
        return
    g = first[c]
    while j[g] != a:
        g += 1
    pair_set.discard(table, shift, pair_set.pair(a, b, n, True))
    pair_set.discard(table, shift, pair_set.pair(b, c, n, True))
    pair_set.discard(table, shift, pair_set.pair(c, a, n, True))
    pair_set.add(table, shift, ba)
    pair_set.add(table, shift, cb)
    pair_set.add(table, shift, ac)
    j[e], j[f], j[g] = c, a, b
    of_b, of_c, of_a = at[e], at[f], at[g]  # places of the groups of b, c and a
    by[of_c], by[of_a], by[of_b] = e, f, g
    at[e], at[f], at[g] = of_c, of_a, of_b
