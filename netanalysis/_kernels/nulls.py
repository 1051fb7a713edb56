"""Null models of dense stacks: job r makes one replicate of network ``r % len(w)`` from ``seeds[r]`` in ``out[r]``.

`out` comes in full of zeros. Edges are listed once: in row order if directed, ``i < j`` if undirected.
Self-connections are copied, never moved.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.bits import beyond, lowest_bit, pack, popcount
from netanalysis._kernels.compiling import kernel
from netanalysis._kernels.rewire import rewire_edges


@kernel
def edges_of(w, directed):
    """Sources, targets and weights of the off-diagonal edges."""
    rows = pack(w)
    count = uint64(0)
    for i in range(len(rows)):
        for k in range(0 if directed else i >> 6, len(rows[i])):
            if not directed:
                rows[i, k] &= beyond(i, k)
            count += popcount(rows[i, k])
    sources, targets, values = np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count)
    e = 0
    for i in range(len(rows)):
        for k in range(0 if directed else i >> 6, len(rows[i])):
            word = rows[i, k]
            while word:
                j = 64 * k + np.int64(lowest_bit(word))
                word &= word - uint64(1)
                sources[e], targets[e], values[e] = i, j, w[i, j]
                e += 1
    return sources, targets, values


@kernel
def place(w, sources, targets, values, directed, out):
    """Write the edges, and the diagonal of `w`, into `out`, which holds zeros."""
    for i in range(len(w)):
        out[i, i] = w[i, i]
    for k in range(len(values)):
        out[sources[k], targets[k]] = values[k]
        if not directed:
            out[targets[k], sources[k]] = values[k]


@kernel
def degree_preserving(start, stop, w, directed, seeds, out, swaps_per_edge):
    """Rewire; weights go with their edges."""
    sources, targets, values = edges_of(w[start % len(w)], directed[start % len(w)])
    for r in range(start, stop):
        k = r % len(w)
        if len(w) > 1 and r > start:  # else the edges are those of the replicate before
            sources, targets, values = edges_of(w[k], directed[k])
        i, j = sources.copy(), targets.copy()
        rewire_edges(i, j, w.shape[1], directed[k], swaps_per_edge * len(i), random.new_state(seeds[r]))
        place(w[k], i, j, values, directed[k], out[r])


@kernel
def erdos_renyi(start, stop, w, directed, seeds, out):
    """As many edges among uniformly chosen pairs (selection sampling), weights in random order."""
    n = w.shape[1]
    for r in range(start, stop):
        k = r % len(w)
        state = random.new_state(seeds[r])
        i, j, values = edges_of(w[k], directed[k])
        random.shuffle(state, values)
        wanted = len(values)
        pairs = n * (n - 1) if directed[k] else n * (n - 1) // 2
        for a in range(n):
            for b in range(0 if directed[k] else a + 1, n):
                if a == b:
                    continue
                if random.below(state, pairs) < wanted:
                    wanted -= 1
                    i[wanted], j[wanted] = a, b
                pairs -= 1
        place(w[k], i, j, values, directed[k], out[r])


@kernel
def permute_positions(start, stop, w, directed, seeds, out):
    """Relabel the nodes."""
    n = w.shape[1]
    order = np.empty(n, np.int64)
    for r in range(start, stop):
        for a in range(n):
            order[a] = a
        random.shuffle(random.new_state(seeds[r]), order)
        for a in range(n):
            for b in range(n):
                out[r, a, b] = w[r % len(w), order[a], order[b]]
