"""What null models of dense stacks are made of: batches of edges, begun, changed and placed.

A batch of replicates is edges ``begins[r]:begins[r + 1]`` of three arrays, ``sources, targets, values``, and one state
of a generator each, ``states[r]``. Every kernel goes over the whole batch, and each is compiled by itself: one that
called the others would compile them all again. Edges are listed once: in row order if directed, ``i < j`` if
undirected. Self-connections are copied, never moved.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.bits import beyond, pack
from netanalysis._kernels.compiling import kernel
from netanalysis._kernels.llvm import lowest_bit


@kernel
def batch_of(w, directed, network, seeds):
    """A batch in which replicate r is network ``network[r]`` of a stack."""
    n = w.shape[1]
    begins, states = np.empty(len(network) + 1, np.int64), np.empty((len(network), 4), np.uint64)
    begins[0] = count = 0
    for r in range(len(network)):
        if r == 0 or network[r] != network[r - 1]:
            weights = w[network[r]]
            count = 0
            for i in range(n):
                for j in range(n):
                    count += weights[i, j] != 0
                count -= weights[i, i] != 0
            if not directed[r]:
                count >>= 1
        begins[r + 1] = begins[r] + count
        state = random.new_state(seeds[r])
        for q in range(4):
            states[r, q] = state[q]
    total = begins[len(network)]
    sources, targets, values = np.empty(total, np.int32), np.empty(total, np.int32), np.empty(total, np.float64)
    e = uint64(0)
    for r in range(len(network)):
        if r > 0 and network[r] == network[r - 1]:  # the same edges again
            count = uint64(begins[r + 1] - begins[r])
            for _ in range(count):
                sources[e], targets[e], values[e] = sources[e - count], targets[e - count], values[e - count]
                e += uint64(1)
            continue
        weights = w[network[r]]
        rows = pack(weights)
        for i in range(n):
            for q in range(0 if directed[r] else i >> 6, rows.shape[1]):
                word = rows[i, q] if directed[r] else rows[i, q] & beyond(i, q)
                while word:
                    j = uint64(64 * q) + lowest_bit(word)
                    sources[e], targets[e], values[e] = i, j, weights[i, j]
                    word &= word - uint64(1)
                    e += uint64(1)
    return begins, sources, targets, values, states


@kernel
def place(w, network, begins, directed, sources, targets, values, out):
    """Write the edges, and the diagonals of their networks, into `out`, which holds zeros."""
    for r in range(len(out)):
        mine, undirected = out[r], not directed[r]
        for i in range(w.shape[1]):
            mine[i, i] = w[network[r], i, i]
        for e in range(begins[r], begins[r + 1]):
            i, j = sources[e], targets[e]
            mine[i, j] = values[e]
            if undirected:
                mine[j, i] = values[e]


@kernel
def deal_weights(start, stop, w, directed, sources, targets, first, last, parts, anywhere, seeds, out):
    """Replicate r of network ``k = r % len(w)``: the weights of its pairs ``first[k]:last[k]`` in random order.

    They change places within parts ``parts[p, k]:parts[p + 1, k]``. Or go `anywhere`: to as many uniformly chosen pairs
    (selection sampling).
    """
    n = w.shape[1]
    most = 0
    for k in range(len(w)):
        most = max(most, last[k] - first[k])
    values = np.empty(most, np.float64)
    for r in range(start, stop):
        k = r % len(w)
        begin, undirected = first[k], not directed[k]
        for e in range(begin, last[k]):
            values[e - begin] = w[k, sources[e], targets[e]]
        state = random.new_state(seeds[r])
        for p in range(len(parts) - 1):
            random.shuffle(state, values[parts[p, k] - begin : parts[p + 1, k] - begin])
        for i in range(n):
            out[r, i, i] = w[k, i, i]
        if anywhere:
            wanted, pairs = last[k] - begin, n * (n - 1) >> undirected
            for i in range(n):
                for j in range(i + 1 if undirected else 0, n):
                    if i == j:
                        continue
                    if random.below(state, pairs) < wanted:
                        wanted -= 1
                        out[r, i, j] = values[wanted]
                        if undirected:
                            out[r, j, i] = values[wanted]
                    pairs -= 1
        else:
            for e in range(begin, last[k]):
                out[r, sources[e], targets[e]] = values[e - begin]
                if undirected:
                    out[r, targets[e], sources[e]] = values[e - begin]


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
