"""Rewiring that keeps which ties are mutual: how two nodes are tied changes places with how two others are.

A tie is one-way, there or back, or mutual, or none. Of two ties of one kind, a-b and c-d, the ends change places, if
a-d and c-b are of one kind too, most often none: a is then tied to d as it was to b, and to b as it was to d, and so is
c; b and d see no difference. Cycles of three one-way edges are turned round, and the ties among four nodes are dealt
anew from all that leave each of the four as many of every kind: in networks so small or dense that the others get
stuck. All proposals are as likely as their reverse, and one that is refused is a stay.

Every edge keeps its source, so that the list stays sorted by source and weights with theirs. ``place[a, b]`` is one
more than the slot of a->b in the list, 0 if there is none.
"""

from functools import cache

import numpy as np
from numba import uint64
from numpy.typing import NDArray

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel, part

EVERY = 8  # attempts between the turn of a cycle and a deal of four, and the next
PAIRS = np.array([(p, q) for p in range(4) for q in range(4) if p != q])


@cache
def deals_of_four() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """How four nodes may be tied, a bit for each of `PAIRS`, by what each has of every kind.

    The group of every code, where the members of each group begin, and the codes by group.
    """
    edges = np.zeros((2**12, 4, 4), bool)
    edges[:, *PAIRS.T] = (np.arange(2**12)[:, None] >> np.arange(12)) & 1
    back = edges.swapaxes(1, 2)
    counts = np.concatenate([(edges & ~back).sum(1), (edges & ~back).sum(2), (edges & back).sum(1)], axis=1)
    group = np.unique(counts, axis=0, return_inverse=True)[1].ravel()
    return group, np.concatenate([[0], np.cumsum(np.bincount(group))]), np.argsort(group, kind="stable")


@kernel
def rewire_dyads(begins, sources, targets, states, swaps, deals, place, slots):
    """Rewire every network r of a batch in place; `place` (n, n) and `slots` (edges) are scratch."""
    ties = np.zeros((4, 4), np.int64)
    for r in range(len(states)):
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        state, m = states[r], len(i)
        if not swaps[r]:
            continue
        place[:] = 0
        for e in range(m):
            place[i[e], j[e]] = e + 1
        one_way = _sort_kinds(i, j, place, slots)
        for step in range(swaps[r] * m):
            if step % EVERY == 0:
                if one_way > 2:
                    _turn_cycle(slots[:one_way], i, j, place, state)
                if len(place) > 3:
                    _deal_four(j, place, deals, ties, state)
            else:
                chosen = random.below(state, m)  # so that kinds are tried as often as they have edges
                _switch_two(slots[:one_way] if chosen < one_way else slots[one_way:m], i, j, place, state)


@part
def _sort_kinds(i, j, place, slots):
    """Slots of one-way edges, then of mutual ones; returns how many are one-way, which stays so slot by slot."""
    one_way, mutual = 0, len(i)
    for e in range(len(i)):
        if place[j[e], i[e]]:
            mutual -= 1
            slots[mutual] = e
        else:
            slots[one_way] = e
            one_way += 1
    return one_way


@part
def _alike(place, a, d, c, b):
    """Whether a is tied to d as c is to b."""
    return (place[a, d] > 0) == (place[c, b] > 0) and (place[d, a] > 0) == (place[b, c] > 0)


@part
def _exchange(place, j, a, b, d):
    """The edges from a to b and to d change their targets."""
    to_b, to_d = place[a, b], place[a, d]
    place[a, b], place[a, d] = to_d, to_b
    if to_b:
        j[to_b - 1] = d
    if to_d:
        j[to_d - 1] = b


@part
def _switch_two(kind, i, j, place, state):
    e, f = kind[random.below(state, len(kind))], kind[random.below(state, len(kind))]
    a, b, c, d = i[e], j[e], i[f], j[f]
    if a in (c, d) or b in (c, d) or not _alike(place, a, d, c, b):
        return
    _exchange(place, j, a, b, d)
    _exchange(place, j, c, b, d)
    _exchange(place, j, b, a, c)
    _exchange(place, j, d, a, c)


@part
def _turn_cycle(kind, i, j, place, state):
    """Two one-way edges that follow each other, a->b->c, and c->a turn round, with a coin, so that they can stay."""
    e, f = kind[random.below(state, len(kind))], kind[random.below(state, len(kind))]
    a, b, c = i[e], j[e], j[f]
    if i[f] != b or not place[c, a] or place[a, c] or random.next_uint64(state) >> uint64(63):
        return
    _exchange(place, j, a, b, c)
    _exchange(place, j, b, c, a)
    _exchange(place, j, c, a, b)


@part
def _has(code, p, q):
    """The bit of the pair (p, q)."""
    return (code >> (3 * p + q - (q > p))) & 1


@part
def _deal_four(j, place, deals, ties, state):
    """The ties among four nodes become any that leave each node its one-way edges in and out and its mutual ones."""
    n = len(place)
    a, b, c, d = random.below(state, n), random.below(state, n), random.below(state, n), random.below(state, n)
    if a in (b, c, d) or b in (c, d) or c == d:
        return
    nodes = (a, b, c, d)
    code = 0
    for p in range(4):
        for q in range(4):
            ties[p, q] = place[nodes[p], nodes[q]]
            if ties[p, q]:
                code |= 1 << (3 * p + q - (q > p))
    group, begin, members = deals
    first = begin[group[code]]
    new = members[first + random.below(state, begin[group[code] + 1] - first)]
    if new == code:
        return
    for p in range(4):
        for q in range(4):
            place[nodes[p], nodes[q]] = 0
    for p in range(4):
        for mutual in range(2):  # the edges of a kind go to the new targets in their order
            q = 0
            for k in range(4):
                if ties[p, k] and (ties[k, p] > 0) == mutual:
                    while q == p or not _has(new, p, q) or _has(new, q, p) != mutual:
                        q += 1
                    place[nodes[p], nodes[q]] = ties[p, k]
                    j[ties[p, k] - 1] = nodes[q]
                    q += 1
