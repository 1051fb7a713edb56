"""Degree-preserving rewiring in place: edge switching, with triangle reversals for directed graphs.

For other kernels that rewire inside compiled code:

``rewire_undirected(edges_i, edges_j, adjacency, attempts, state)``
    Each undirected edge once, in either orientation.
``rewire_directed(edges_i, edges_j, adjacency, attempts, state)``
    Each directed edge once, **sorted by source** as ``np.nonzero`` gives them. Sources stay where they are.

`edges_*` are int32 or int64 arrays (m,), `adjacency` is uint8 (n, n) with 1 where there is an edge, `state` comes
from ``random.new_state(seed)``. All are changed in place; the number of accepted switches is returned. The
diagonal of `adjacency` is left as it was and its entries must not be among the edges: self-connections stay put.
m must be below 2**31. With m < 2 nothing happens.

Both chains are symmetric and a rejected proposal counts as a stay, so that in the limit every graph with these
degrees is equally likely. Two directed edges a->b, c->d become a->d, c->b; that alone cannot turn a 3-cycle round
(Rao, Jana & Bandyopadhyay 1996, Sankhya A 58:225), so after every `TRIANGLE_EVERY` switches a reversal is tried.
"""

# mypy: disable-error-code="no-untyped-def"
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
def lower(a, b, n):
    """Position of the pair {a, b} in the flat lower triangle of an n x n array."""
    return uint64(max(a, b)) * n + uint64(min(a, b))


@njit(cache=True, nogil=True)
def rewire_undirected(edges_i, edges_j, adjacency, attempts, state):
    """Undirected edge switching; see the top of this file."""
    n = len(adjacency)
    m = len(edges_i)
    if m < 2:
        return 0
    diagonal = np.empty(n, np.uint8)
    # A blocked diagonal makes one test answer for multi-edges, self-connections and twice the same edge.
    for i in range(n):
        diagonal[i] = adjacency[i, i]
        adjacency[i, i] = 1
    edges = np.empty((m, 2), np.uint32)  # both ends on one cache line
    for e in range(m):
        edges[e, 0] = edges_i[e]
        edges[e, 1] = edges_j[e]
    accepted = _switch_undirected(edges, adjacency.reshape(-1), n, attempts, state)
    adjacency[:] = 0
    for e in range(m):
        i, j = edges[e, 0], edges[e, 1]
        edges_i[e], edges_j[e] = i, j
        adjacency[i, j] = adjacency[j, i] = 1
    for i in range(n):
        adjacency[i, i] = diagonal[i]
    return accepted


@njit(cache=True, nogil=True)
def _switch_undirected(edges, has, n, attempts, state):
    # No branch depends on the draw: a third of the proposals fail, and mispredicting them would cost more
    # than the whole switch. Only the lower triangle of `has` is kept up.
    m = uint64(len(edges))
    stride = uint64(n)
    accepted = 0
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for _ in range(attempts):
        r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
        e, f, coin = two_edges(r, m)
        a, b, x, y = edges[e, 0], edges[e, 1], edges[f, 0], edges[f, 1]
        c = y if coin else x
        d = x if coin else y
        ab, cd = lower(a, b, stride), lower(c, d, stride)
        ad, cb = lower(a, d, stride), lower(c, b, stride)
        refused = has[ad] | has[cb]
        ok = np.uint8(1) - refused
        has[ad] |= ok
        has[cb] |= ok
        has[ab] = refused
        has[cd] = refused
        edges[e, 1] = d if ok else b
        edges[f, 0] = c
        edges[f, 1] = b if ok else d
        accepted += ok
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3
    return accepted


@njit(cache=True, nogil=True)
def rewire_directed(edges_i, edges_j, adjacency, attempts, state):
    """Directed edge switching with triangle reversals; see the top of this file."""
    n = len(adjacency)
    m = len(edges_i)
    if m < 2:
        return 0
    diagonal = np.empty(n, np.uint8)
    for i in range(n):
        diagonal[i] = adjacency[i, i]
        adjacency[i, i] = 1
    edges = np.empty((m, 2), np.uint32)
    first = np.zeros(n + 1, np.int64)
    for e in range(m):
        edges[e, 0] = edges_i[e]
        edges[e, 1] = edges_j[e]
        first[edges_i[e] + 1] += 1
    for i in range(n):
        first[i + 1] += first[i]
    accepted = 0
    done = 0
    while done < attempts:
        count = min(TRIANGLE_EVERY, attempts - done)
        accepted += _switch_directed(edges, adjacency.reshape(-1), n, count, state)
        reverse_triangle(edges, first, adjacency, state)
        done += count
    for e in range(m):
        edges_j[e] = edges[e, 1]
    for i in range(n):
        adjacency[i, i] = diagonal[i]
    return accepted


@njit(cache=True, nogil=True)
def _switch_directed(edges, has, n, attempts, state):
    m = uint64(len(edges))
    stride = uint64(n)
    accepted = 0
    s0, s1, s2, s3 = state[0], state[1], state[2], state[3]
    for _ in range(attempts):
        r, s0, s1, s2, s3 = draw(s0, s1, s2, s3)
        e, f, _coin = two_edges(r, m)
        a, b, c, d = uint64(edges[e, 0]), edges[e, 1], uint64(edges[f, 0]), edges[f, 1]
        ad, cb = a * stride + uint64(d), c * stride + uint64(b)
        refused = has[ad] | has[cb]
        ok = np.uint8(1) - refused
        has[ad] |= ok
        has[cb] |= ok
        has[a * stride + uint64(b)] = refused
        has[c * stride + uint64(d)] = refused
        edges[e, 1] = d if ok else b
        edges[f, 1] = b if ok else d
        accepted += ok
    state[0], state[1], state[2], state[3] = s0, s1, s2, s3
    return accepted


@njit(cache=True, nogil=True)
def reverse_triangle(edges, first, adjacency, state):
    """Try to turn one 3-cycle a->b->c->a without reciprocal edges round; with a coin, so that it can also stay.

    Drawn as a uniform edge a->b and a uniform target c of b: over the three edges that can come first this is as
    likely for the cycle as for its reverse, whose nodes have the same out-degrees.
    """
    e, _f, coin = two_edges(next_uint64(state), uint64(len(edges)))
    a, b = edges[e, 0], edges[e, 1]
    out = first[b + 1] - first[b]
    if coin == 0 or out == 0:
        return False
    f = first[b] + below(state, out)
    c = edges[f, 1]
    if c == a or adjacency[c, a] == 0 or adjacency[b, a] != 0 or adjacency[c, b] != 0 or adjacency[a, c] != 0:
        return False
    g = first[c]
    while edges[g, 1] != a:
        g += 1
    edges[e, 1], edges[f, 1], edges[g, 1] = c, a, b
    adjacency[a, b] = adjacency[b, c] = adjacency[c, a] = 0
    adjacency[a, c] = adjacency[c, b] = adjacency[b, a] = 1
    return True
