"""Rewiring that brings the numbers of closed triads back to what they were (Milo et al. 2002).

A tie is two nodes with a connection one way or both ways; two ties of a kind, a-b and c-d, become a-d and c-b where
these pairs are not tied. That keeps of every node how many ties of each kind it has, and so how many pairs of ties meet
at it: only triads all three of whose pairs are tied need be counted, the others follow from them.

``code[a, b]`` is 1 for a connection from a to b, 2 for one back, 3 for both, 0 for none. A triad a, b, k has the code
``ab << 4 | ak << 2 | bk``.
"""

from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel, maker, part

COOLER = 0.8  # of the temperature, after as many attempts as there are ties
COLD = 1e-6  # nothing moves any more that would raise the energy
ROUNDS = 1_000  # of so many attempts at one temperature


@cache
def closed_classes() -> NDArray[np.int64]:
    """The class, 0 to 6, of the code of every triad; 7 for those with a pair that is not tied."""
    out, known = np.full(64, 7), dict[tuple[int, ...], int]()
    for code in range(64):
        tie = np.zeros((3, 3), int)
        for (i, j), bits in zip(((0, 1), (0, 2), (1, 2)), (code >> 4, code >> 2 & 3, code & 3), strict=True):
            tie[i, j], tie[j, i] = bits & 1, bits >> 1
        if ((tie | tie.T) + np.eye(3, dtype=int)).all():
            least = min(tuple(tie[np.ix_(order, order)].ravel()) for order in map(list, permutations(range(3))))
            out[code] = known.setdefault(least, len(known))
    return out


@part
def _set_codes(i, j, directed, code):
    code[:] = 0
    for e in range(len(i)):
        code[i[e], j[e]] |= 1
        code[j[e], i[e]] |= 2
        if not directed:
            code[i[e], j[e]] = code[j[e], i[e]] = 3


@kernel
def closed_triads(begins, sources, targets, directed, classes, code, out):
    """Closed triads of each class, out (networks, 8), of every network of a batch; `code` (n, n) is scratch."""
    n = len(code)
    for r in range(len(out)):
        _set_codes(sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]], directed[r], code)
        out[r] = 0
        for a in range(n):
            for b in range(a + 1, n):
                if code[a, b]:
                    for k in range(b + 1, n):
                        out[r, classes[code[a, b] << 4 | code[a, k] << 2 | code[b, k]]] += 1
        out[r, 7] = 0


@part
def _off(counts, change, wanted):
    """How far the counts are from those wanted (the energy of Milo et al.)."""
    total = 0.0
    for c in range(7):
        have = counts[c] + change[c]
        if have != wanted[c]:
            total += abs(have - wanted[c]) / (have + wanted[c])
    return total


@part
def _tie(a, b, new, code, classes, met, change):
    """Tie a to b as `new` says, and what that changes in the numbers of closed triads."""
    old = code[a, b]
    met[:] = 0
    of_a, of_b = code[a], code[b]
    for k in range(len(code)):
        met[of_a[k] << 2 | of_b[k]] += 1
    for p in range(1, 4):
        for q in range(1, 4):
            times = met[p << 2 | q]
            if times:
                change[classes[new << 4 | p << 2 | q]] += times
                change[classes[old << 4 | p << 2 | q]] -= times
    code[a, b] = new
    code[b, a] = (new >> 1) | (new & 1) << 1


@kernel
def anneal(begins, sources, targets, directed, states, wanted, tolerance, held, classes, code, off):
    """Switch ties of every network of a batch that is `off` by more than `tolerance`, in place, until it is no more.

    Warm at first, cooler until it gets there once, then at that temperature for `held` rounds, and on until it is there
    again. `off` (networks) is how far each is off in the end: more where it was cold before it got there.
    """
    change, met = np.zeros(8, np.int64), np.zeros(16, np.int64)
    counts = np.zeros((1, 8), np.int64)
    for r in range(len(off)):
        if off[r] <= tolerance:
            continue
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        closed_triads(begins[r : r + 2], sources, targets, directed[r : r + 1], classes, code, counts)
        now, state = counts[0], states[r]
        one, there, back, one_way = _ties(i, j, directed[r], code)
        m = len(there)
        change[:] = 0
        energy = _off(now, change, wanted[r])
        heat = max(energy, tolerance, 1e-6)
        warm, left = energy > tolerance, held
        for _ in range(ROUNDS):
            if (not warm and left <= 0 and energy <= tolerance) or heat < COLD * tolerance or heat < 1e-12:
                break
            for _ in range(m):
                e = random.below(state, m)
                f = random.below(state, one_way) if e < one_way else one_way + random.below(state, m - one_way)
                a, b, s, t = one[e, 0], one[e, 1], there[e], back[e]
                if e >= one_way and random.below(state, 2):
                    a, b = b, a
                    if directed[r]:
                        s, t = t, s
                c, d = one[f, 0], one[f, 1]
                if a in (c, d) or b in (c, d) or code[a, d] or code[c, b]:
                    continue
                kind = np.uint8(1 if e < one_way else 3)
                none = np.uint8(0)
                change[:] = 0
                _tie(a, b, none, code, classes, met, change)
                _tie(c, d, none, code, classes, met, change)
                _tie(a, d, kind, code, classes, met, change)
                _tie(c, b, kind, code, classes, met, change)
                would = _off(now, change, wanted[r])
                if would > energy and random.uniform(state) >= np.exp((energy - would) / heat):
                    _set(code, a, d, none)
                    _set(code, c, b, none)
                    _set(code, a, b, kind)
                    _set(code, c, d, kind)
                    continue
                one[e, 0], one[e, 1], one[f, 0], one[f, 1] = a, d, c, b
                there[e], back[e], back[f] = s, back[f], t
                for k in range(7):
                    now[k] += change[k]
                energy = would
                warm = warm and energy > tolerance
                if not warm and left <= 0 and energy <= tolerance:
                    break
            if warm:
                heat *= COOLER
            else:
                left -= 1
        off[r] = energy
        for e in range(m):
            i[there[e]], j[there[e]] = one[e, 0], one[e, 1]
            if back[e] >= 0:
                i[back[e]], j[back[e]] = one[e, 1], one[e, 0]


@part
def _set(code, a, b, new):
    code[a, b] = new
    code[b, a] = (new >> 1) | (new & 1) << 1


@maker
def _ties(i, j, directed, code):
    """Ends of the ties, those of one way first; the slots of their connections there and back (-1: none); how many."""
    m = len(i)
    ends, there, back = np.empty((m, 2), np.int64), np.empty(m, np.int64), np.full(m, -1)
    if not directed:
        for e in range(m):
            ends[e, 0], ends[e, 1], there[e] = i[e], j[e], e
        return ends, there, back, 0
    count = 0
    for e in range(m):
        if code[i[e], j[e]] == 1:
            ends[count, 0], ends[count, 1], there[count] = i[e], j[e], e
            count += 1
    one_way = count
    slot = {}
    for e in range(m):
        if code[i[e], j[e]] == 3:
            key = np.int64(j[e]) * len(code) + i[e]
            if key in slot:
                ends[count, 0], ends[count, 1], there[count], back[count] = j[e], i[e], slot[key], e
                count += 1
            else:
                slot[np.int64(i[e]) * len(code) + j[e]] = np.int64(e)
    return ends[:count], there[:count], back[:count], one_way
