"""Degree-preserving rewiring of small graphs: edge switching, with triangle reversals for directed ones.

For other kernels that rewire inside compiled code: ``rewire_edges(sources, targets, n, directed, attempts, state)``
rewires a list of different edges in place. Undirected edges are listed once, in either orientation; directed edges
come **sorted by source**, as ``np.nonzero`` gives them, and keep their source. `state` is from
``random.new_state(seed)``. Self-connections must not be listed, and none arise. Up to some thousand nodes (a byte per
pair; at most 65,536); :mod:`netanalysis._kernels.rewire_large` is for more.

Both chains are symmetric and a rejected proposal counts as a stay, so that in the limit every graph with these
degrees is equally likely. Two directed edges a->b, c->d become a->d, c->b; that alone cannot turn a 3-cycle round
(Rao, Jana & Bandyopadhyay 1996, Sankhya A 58:225), so after every `TRIANGLE_EVERY` switches a reversal is tried.
"""

import numpy as np
from numba import njit, uint64

from netanalysis._kernels.random import below, next_uint64, rotl

TRIANGLE_EVERY = 8


@njit(cache=True, nogil=True, inline="always")
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


@njit(cache=True, nogil=True, inline="always")
def two_edges(r, m):
    """Two edge slots and a coin from one 64-bit number."""
    first = ((r >> uint64(33)) * m) >> uint64(31)
    second = (((r >> uint64(1)) & uint64(0xFFFFFFFF)) * m) >> uint64(32)
    return first, second, r & uint64(1)


@njit(cache=True, nogil=True, inline="always")
def joined(a, b):
    """An edge as one word."""
    return np.uint32((uint64(a) << uint64(16)) | uint64(b))


@njit(cache=True, nogil=True, inline="always")
def ends(edge):
    """Both ends of an edge."""
    return (edge >> uint64(16)) & uint64(0xFFFF), edge & uint64(0xFFFF)


@njit(cache=True, nogil=True, inline="always")
def lower(a, b, n):
    """Position of the pair {a, b} in the flat lower triangle of an n x n array."""
    return max(a, b) * n + min(a, b)


@njit(cache=True, nogil=True)
def rewire_edges(sources, targets, n, directed, attempts, state):
    """Rewire listed edges in place; see the top of this file."""
    m = len(sources)
    if m < 2:
        return
    edges = np.empty(m, np.uint32)  # both ends in one word: half the memory traffic
    has = np.zeros((n, n), np.uint8)  # lower triangle only if undirected
    for i in range(n):
        has[i, i] = 1  # so that one test answers for multi-edges, self-connections and twice the same edge
    for e in range(m):
        i, j = sources[e], targets[e]
        edges[e] = joined(i, j)
        if directed:
            has[i, j] = 1
        else:
            has[max(i, j), min(i, j)] = 1
    if directed:
        _rewire_directed(edges, has, attempts, state)
    else:
        _switch_undirected(edges, has.reshape(-1), n, attempts, state)
    for e in range(m):
        sources[e], targets[e] = edges[e] >> 16, edges[e] & 0xFFFF


@njit(cache=True, nogil=True)
def _switch_undirected(edges, has, n, attempts, state):
    # No branch depends on the draw: a third of the proposals fail, and mispredicting them would cost more
    # than the whole switch. Only the lower triangle of `has` is kept up.
    m = uint64(len(edges))
    stride = uint64(n)
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for _ in range(attempts):
        r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
        e, f, coin = two_edges(r, m)
        a, b = ends(uint64(edges[e]))
        other = uint64(edges[f])
        c, d = ends((other | (other << uint64(32))) >> (coin << uint64(4)))  # its ends swapped if coin
        ab, cd = lower(a, b, stride), lower(c, d, stride)
        ad, cb = lower(a, d, stride), lower(c, b, stride)
        refused = has[ad] | has[cb]
        ok = np.uint8(1) - refused
        has[ad] |= ok
        has[cb] |= ok
        has[ab] = refused
        has[cd] = refused
        edges[e] = joined(a, d if ok else b)
        edges[f] = joined(c, b if ok else d)
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3


@njit(cache=True, nogil=True)
def _rewire_directed(edges, has, attempts, state):
    n = len(has)
    first = np.zeros(n + 1, np.int64)
    for e in range(len(edges)):
        first[(edges[e] >> 16) + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    done = 0
    while done < attempts:
        count = min(TRIANGLE_EVERY, attempts - done)
        _switch_directed(edges, has.reshape(-1), n, count, state)
        _reverse_triangle(edges, first, has, state)
        done += count


@njit(cache=True, nogil=True)
def _switch_directed(edges, has, n, attempts, state):
    m = uint64(len(edges))
    stride = uint64(n)
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for _ in range(attempts):
        r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
        e, f, _coin = two_edges(r, m)
        a, b = ends(uint64(edges[e]))
        c, d = ends(uint64(edges[f]))
        ad, cb = a * stride + d, c * stride + b
        refused = has[ad] | has[cb]
        ok = np.uint8(1) - refused
        has[ad] |= ok
        has[cb] |= ok
        has[a * stride + b] = refused
        has[c * stride + d] = refused
        edges[e] = joined(a, d if ok else b)
        edges[f] = joined(c, b if ok else d)
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3


@njit(cache=True, nogil=True)
def _reverse_triangle(edges, first, has, state):
    """Try to turn one 3-cycle a->b->c->a without reciprocal edges round; with a coin, so that it can also stay.

    Drawn as a uniform edge a->b and a uniform target c of b: over the three edges that can come first this is as
    likely for the cycle as for its reverse, whose nodes have the same out-degrees.
    """
    e, _f, coin = two_edges(next_uint64(state), uint64(len(edges)))
    a, b = ends(uint64(edges[e]))
    out = first[b + uint64(1)] - first[b]
    if coin == 0 or out == 0:
        return
    f = first[b] + below(state, out)
    c = uint64(edges[f] & 0xFFFF)
    if c == a or has[c, a] == 0 or has[b, a] != 0 or has[c, b] != 0 or has[a, c] != 0:
        return
    g = first[c]
    while edges[g] & 0xFFFF != a:
        g += 1
    edges[e], edges[f], edges[g] = joined(a, c), joined(b, a), joined(c, b)
    has[a, b] = has[b, c] = has[c, a] = 0
    has[a, c] = has[c, b] = has[b, a] = 1
