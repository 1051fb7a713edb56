"""Groups of a block model merge in pairs.

The groups are the nodes of a multigraph of their own: its lists of neighbours, without what lies within groups, are
made anew from the nodes for every round of merges.
"""

import numpy as np

from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.random import below
from netanalysis.structure.kernels.block_counts import log_factorial, of_group
from netanalysis.structure.kernels.block_moves import EVERY_GROUP, _a_neighbour, _pair

TRIES = 8


@part
def _merged(r, s, lists, within, to, directed, tables):
    """The change of the cost of all cells when group s joins r, whose connections are in `to`."""
    total = 0.0
    for d in range(2 if directed else 1):
        indptr, indices, counts = lists[3 * d], lists[3 * d + 1], lists[3 * d + 2]
        for e in range(indptr[s], indptr[s + 1]):
            t = indices[e]
            if to[d, t] > 0 and t != r:
                both = to[d, t]
                total += log_factorial(both, tables) + log_factorial(counts[e], tables)
                total -= log_factorial(both + counts[e], tables)
    rs, sr = to[0, s], to[1, s]
    total += _pair(within[r], not directed, tables) + _pair(within[s], not directed, tables)
    total += log_factorial(rs, tables) + log_factorial(sr, tables)
    return total - _pair(within[r] + within[s] + rs + sr, not directed, tables)


@kernel
def propose(directed, corrected, lists, within, size, ends, ties, state, tables, partner, change):
    """For every group the best other one to merge with, among all or some `TRIES` near ones, and the change."""
    k = len(size)
    to = np.zeros((2, k), np.int64)
    for r in range(k):
        for d in range(2):
            for e in range(lists[3 * d][r], lists[3 * d][r + 1]):
                to[d, lists[3 * d + 1][e]] = lists[3 * d + 2][e]
        partner[r], change[r] = r, np.inf
        for a in range(k if k <= 4 * EVERY_GROUP else TRIES):
            if k <= 4 * EVERY_GROUP:
                s = a
            elif a == TRIES - 1:
                s = below(state, k)
            else:
                s = _a_neighbour(_a_neighbour(r, lists, state), lists, state)
            if s == r:
                continue
            c = _merged(r, s, lists, within, to, directed, tables)
            c += of_group(
                size[r] + size[s], ends[0, r] + ends[0, s], ends[1, r] + ends[1, s], directed, corrected, False, tables
            )
            c -= of_group(size[r], ends[0, r], ends[1, r], directed, corrected, False, tables)
            c -= of_group(size[s], ends[0, s], ends[1, s], directed, corrected, False, tables)
            if corrected:
                for d in range(2 if directed else 1):
                    for x in range(ties.shape[2]):
                        if ties[d, r, x] > 0 and ties[d, s, x] > 0:
                            c += log_factorial(ties[d, r, x], tables) + log_factorial(ties[d, s, x], tables)
                            c -= log_factorial(ties[d, r, x] + ties[d, s, x], tables)
            if c < change[r]:
                partner[r], change[r] = s, c
        for d in range(2):
            for e in range(lists[3 * d][r], lists[3 * d][r + 1]):
                to[d, lists[3 * d + 1][e]] = 0


@kernel
def lists_of(m, directed):
    """Groups as nodes of a multigraph: its lists of neighbours, of targets and of sources, from the whole matrix."""
    k = len(m)
    filled = 0
    for r in range(k):
        for s in range(k):
            filled += m[r, s] > 0 and r != s
    others = filled if directed else 0
    to, targets, to_counts = np.zeros(k + 1, np.int64), np.empty(filled, np.int64), np.empty(filled, np.int64)
    back, sources, back_counts = np.zeros(k + 1, np.int64), np.empty(others, np.int64), np.empty(others, np.int64)
    e = f = 0
    for r in range(k):
        for s in range(k):
            if r != s and m[r, s] > 0:
                targets[e], to_counts[e] = s, m[r, s]
                e += 1
            if directed and r != s and m[s, r] > 0:
                sources[f], back_counts[f] = s, m[s, r]
                f += 1
        to[r + 1], back[r + 1] = e, f
    return to, targets, to_counts, back, sources, back_counts


@kernel
def merge(partner, order, wanted, into):
    """Merge groups with their partners, in the order given, until `wanted` are left; `into` gets the new labels."""
    k = len(partner)
    for r in range(k):
        into[r] = r
    left = k
    for x in range(k):
        if left <= wanted:
            break
        r, s = order[x], partner[order[x]]
        while into[r] != r:
            r = into[r]
        while into[s] != s:
            s = into[s]
        if r != s:
            into[r] = s
            left -= 1
    for r in range(k):
        s = r
        while into[s] != s:
            s = into[s]
        into[r] = s
    return left
