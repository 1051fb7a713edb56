"""What null models of dense stacks are made of: edges listed, copied for every replicate, changed, and placed.

A batch of replicates is edges ``begins[r]:begins[r + 1]`` of three arrays, ``sources, targets, values``, and one state
of a generator each, ``states[r]``. Every kernel goes over the whole batch, and each is compiled by itself: one that
called the others would compile them all again. Edges are listed once: in row order if directed, ``i < j`` if
undirected. Self-connections are copied, never moved.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.bits import beyond, lowest_bit, pack
from netanalysis._kernels.compiling import kernel


@kernel
def edges_of(w, directed):
    """Sources and targets of the off-diagonal edges of a stack, and where those of each network begin."""
    n = w.shape[1]
    begins = np.empty(len(w) + 1, np.int64)
    begins[0] = 0
    for k in range(len(w)):
        count = 0
        for i in range(n):
            for j in range(n):
                count += w[k, i, j] != 0
            count -= w[k, i, i] != 0
        begins[k + 1] = begins[k] + (count if directed[k] else count >> 1)
    sources, targets = np.empty(begins[len(w)], np.int32), np.empty(begins[len(w)], np.int32)
    e = 0
    for k in range(len(w)):
        rows = pack(w[k])
        for i in range(n):
            for q in range(0 if directed[k] else i >> 6, rows.shape[1]):
                word = rows[i, q] if directed[k] else rows[i, q] & beyond(i, q)
                while word:
                    sources[e], targets[e] = i, 64 * q + np.int64(lowest_bit(word))
                    word &= word - uint64(1)
                    e += 1
    return sources, targets, begins


@kernel
def copy_edges(w, network, first, begins, listed_sources, listed_targets, seeds, sources, targets, values, states):
    """Begin a batch: replicate r has the edges of network ``k = network[r]``, listed from ``first[k]`` on."""
    for r in range(len(network)):
        k = network[r]
        state = random.new_state(seeds[r])
        for q in range(4):
            states[r, q] = state[q]
        ahead = first[k] - begins[r]
        for e in range(begins[r], begins[r + 1]):
            i, j = listed_sources[e + ahead], listed_targets[e + ahead]
            sources[e], targets[e], values[e] = i, j, w[k, i, j]


@kernel
def place(diagonals, begins, directed, sources, targets, values, out):
    """Write the edges and the diagonals into `out`, which holds zeros."""
    for r in range(len(out)):
        for i in range(diagonals.shape[1]):
            out[r, i, i] = diagonals[r, i]
        for e in range(begins[r], begins[r + 1]):
            i, j = sources[e], targets[e]
            out[r, i, j] = values[e]
            if not directed[r]:
                out[r, j, i] = values[e]


@kernel
def shuffle_within(first, last, values, states):
    """Shuffle each part ``first[p]:last[p]`` of the values; every replicate has equally many parts."""
    parts = len(first)
    for p in range(parts):
        random.shuffle(states[p * len(states) // parts], values[first[p] : last[p]])


@kernel
def draw_pairs(begins, directed, sources, targets, states, n):
    """Edges among uniformly chosen pairs (selection sampling), as many as there are."""
    for r in range(len(states)):
        wanted = begins[r + 1] - begins[r]
        pairs = n * (n - 1) if directed[r] else n * (n - 1) // 2
        for i in range(n):
            for j in range(0 if directed[r] else i + 1, n):
                if i == j:
                    continue
                if random.below(states[r], pairs) < wanted:
                    wanted -= 1
                    sources[begins[r] + wanted], targets[begins[r] + wanted] = i, j
                pairs -= 1


@kernel
def permute_positions(start, stop, w, seeds, out):
    """Relabel the nodes: replicate r of network ``r % len(w)``."""
    n = w.shape[1]
    order = np.empty(n, np.int64)
    for r in range(start, stop):
        for a in range(n):
            order[a] = a
        random.shuffle(random.new_state(seeds[r]), order)
        for a in range(n):
            for b in range(n):
                out[r, a, b] = w[r % len(w), order[a], order[b]]
