"""Degree-preserving rewiring of small graphs: edge switching, with triangle reversals for directed ones.

``rewire_edges`` rewires the edges of a batch of networks (see :mod:`.batches`), all different, in
place. Undirected edges are listed once, in either orientation; directed edges come **sorted by source**, as
``np.nonzero`` gives them, and keep their source. Self-connections must not be listed, and none arise.
Up to some thousand nodes (a byte per pair; at most 65,536); :mod:`.rewire_large` is for more.

Both chains are symmetric and a rejected proposal counts as a stay, so that in the limit every graph with these
degrees is equally likely. Two directed edges a->b, c->d become a->d, c->b; that alone cannot turn a 3-cycle round
(Rao, Jana & Bandyopadhyay 1996, Sankhya A 58:225), so after every `TRIANGLE_EVERY` switches a reversal is tried.

An edge is one word, ``a << shift | b``, which is also its place in the table of existing pairs: switching the ends of
two edges is one exclusive or. And no branch depends on the draw: a third of the proposals fail, and mispredicting
them would cost more than the whole switch.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.random import rotl

TRIANGLE_EVERY = 8


@part
def draw(s0, s1, s2, s3):
    """``random.next_uint64`` on four registers: a state in memory costs a third of a switch."""
    r = rotl(s0 + s3, 23) + s0
    t = s1 << uint64(17)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    return r, s0, s1, s2, rotl(s3, 45)


@part
def two_edges(r, m):
    """Two edge slots and a coin from one 64-bit number."""
    first = ((r >> uint64(33)) * m) >> uint64(31)
    second = (((r >> uint64(1)) & uint64(0xFFFFFFFF)) * m) >> uint64(32)
    return first, second, r & uint64(1)


@part
def turned(edge, shift, low):
    """An edge with its ends swapped."""
    return (edge >> shift) | ((edge & low) << shift)


@kernel
def rewire_edges(begins, directed, sources, targets, attempts, states, n):
    """Rewire the edges ``begins[r]:begins[r + 1]`` of every network r in place; see the top of this file."""
    shift = uint64(0)
    while (1 << np.int64(shift)) < n:
        shift += uint64(1)
    low = (uint64(1) << shift) - uint64(1)
    largest = 0
    for r in range(len(directed)):
        largest = max(largest, begins[r + 1] - begins[r])
    words, begin = np.empty(largest, np.uint32), np.empty(n + 1, np.uint32)
    has = np.empty(n << np.int64(shift), np.uint8)  # of undirected pairs, the one with the larger number first
    for r in range(len(directed)):
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        m = len(i)
        if m < 2 or attempts[r] == 0:
            continue
        has[:] = 0
        for v in range(n):
            has[(v << np.int64(shift)) + v] = 1  # one test for multi-edges, self-connections and twice the same edge
        edges = words[:m]
        for e in range(m):
            edge = (uint64(i[e]) << shift) | uint64(j[e])
            edges[e] = edge
            has[edge if directed[r] else max(edge, turned(edge, shift, low))] = 1
        if directed[r]:
            _rewire_directed(edges, has, begin, shift, low, attempts[r], states[r])
        else:
            _switch_undirected(edges, has, shift, low, attempts[r], states[r])
        for e in range(m):
            i[e], j[e] = edges[e] >> shift, edges[e] & low


@part
def _switch_undirected(edges, has, shift, low, attempts, state):
    m = uint64(len(edges))
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for _ in range(attempts):
        r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
        e, f, coin = two_edges(r, m)
        ab, cd = uint64(edges[e]), uint64(edges[f])
        ba, dc = turned(ab, shift, low), turned(cd, shift, low)
        old, other = max(ab, ba), max(cd, dc)
        cd = dc if coin else cd
        swap = (ab ^ cd) & low
        ad, cb = ab ^ swap, cd ^ swap
        new, second = max(ad, turned(ad, shift, low)), max(cb, turned(cb, shift, low))
        refused = has[new] | has[second]
        ok = np.uint8(1) - refused
        has[new] |= ok
        has[second] |= ok
        has[old] = refused
        has[other] = refused
        swap &= uint64(0) - uint64(ok)
        edges[e], edges[f] = ab ^ swap, cd ^ swap
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3


@part
def _rewire_directed(edges, has, first, shift, low, attempts, state):
    """Switches, and reversals of 3-cycles a->b->c->a without reciprocal edges, with a coin, so that they can stay.

    A cycle is drawn as a uniform edge a->b and a uniform target c of b: over the three edges that can come first this
    is as likely for the cycle as for its reverse, whose nodes have the same out-degrees.
    """
    m = uint64(len(edges))
    first[:] = 0
    for e in range(len(edges)):
        first[(edges[e] >> shift) + uint64(1)] += 1
    for i in range(len(first) - 1):
        first[i + 1] += first[i]
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    done = 0
    while done < attempts:
        count = min(TRIANGLE_EVERY, attempts - done)
        done += count
        for _ in range(count):
            r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
            e, f, coin = two_edges(r, m)
            ab, cd = uint64(edges[e]), uint64(edges[f])
            swap = (ab ^ cd) & low
            ad, cb = ab ^ swap, cd ^ swap
            refused = has[ad] | has[cb]
            ok = np.uint8(1) - refused
            has[ad] |= ok
            has[cb] |= ok
            has[ab] = refused
            has[cd] = refused
            swap &= uint64(0) - uint64(ok)
            edges[e], edges[f] = ab ^ swap, cd ^ swap
        r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
        e, _f, coin = two_edges(r, m)
        ab = uint64(edges[e])
        a, b = ab >> shift, ab & low
        start, out = uint64(first[b]), uint64(first[b + uint64(1)]) - uint64(first[b])
        f = min(start + ((((r >> uint64(1)) & uint64(0xFFFFFFFF)) * out) >> uint64(32)), m - uint64(1))
        bc = uint64(edges[f])
        c = bc & low
        ca, ac = (c << shift) | a, (a << shift) | c
        ba, cb = turned(ab, shift, low), turned(bc, shift, low)
        possible = uint64(has[ca]) & coin & uint64(out > 0) & uint64(c != a)
        if possible > uint64(has[ba] | has[cb] | has[ac]):
            g = first[c]
            while edges[g] & low != a:
                g += 1
            edges[e], edges[f], edges[g] = ac, ba, cb
            has[ab] = has[bc] = has[ca] = 0
            has[ac] = has[ba] = has[cb] = 1
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3
