"""Null models in space: switches judged by distance, and shuffling within distance bins."""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel
from netanalysis._kernels.rewire import two_edges


@kernel
def switch_by_length(sources, targets, load, adjacency, distance, directed, attempts, allowed, state):
    """Edge switching where an edge's cost is its `load` times its length.

    A switch must keep the total cost within `allowed` of where it began or, if `allowed` is negative, not raise it.
    """
    m = uint64(len(sources))
    if m < 2:
        return
    for i in range(len(adjacency)):
        adjacency[i, i] = 1
    drift = 0.0
    for _ in range(attempts):
        e, f, coin = two_edges(random.next_uint64(state), m)
        a, b, c, d = sources[e], targets[e], sources[f], targets[f]
        if coin and not directed:
            c, d = d, c
        if adjacency[a, d] or adjacency[c, b]:
            continue
        change = load[e] * (distance[a, d] - distance[a, b]) + load[f] * (distance[c, b] - distance[c, d])
        if change > 0 if allowed < 0 else abs(drift + change) > allowed:
            continue
        drift += change
        adjacency[a, b] = adjacency[c, d] = 0
        adjacency[a, d] = adjacency[c, b] = 1
        if not directed:
            adjacency[b, a] = adjacency[d, c] = 0
            adjacency[d, a] = adjacency[b, c] = 1
        targets[e] = d
        sources[f], targets[f] = c, b


@kernel
def distance_binned(start, stop, w, directed, seeds, out, order_u, edges_u, order_d, edges_d):
    """Permute all entries, present or not, among the pairs ``order[edges[b]:edges[b + 1]]`` of each bin b.

    `order` holds flat positions of pairs: ``i < j`` for undirected networks (``_u``), all off-diagonal ones for
    directed ones (``_d``).
    """
    n = w.shape[1]
    for r in range(start, stop):
        k = r % len(w)
        state = random.new_state(seeds[r])
        order, edges = (order_d, edges_d) if directed[k] else (order_u, edges_u)
        for a in range(n):
            for b in range(n):
                out[r, a, b] = w[k, a, b]
        for b in range(len(edges) - 1):
            pairs = order[edges[b] : edges[b + 1]]
            values = np.empty(len(pairs))
            for p in range(len(pairs)):
                values[p] = w[k, pairs[p] // n, pairs[p] % n]
            random.shuffle(state, values)
            for p in range(len(pairs)):
                out[r, pairs[p] // n, pairs[p] % n] = values[p]
                if not directed[k]:
                    out[r, pairs[p] % n, pairs[p] // n] = values[p]
