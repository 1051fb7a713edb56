"""Null models in space: switches judged by distance."""

import numpy as np
from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel
from netanalysis.nulls.kernels.rewire import two_edges


@kernel
def ring_distances(states, out):
    """For every replicate the distances on a ring on which its nodes stand in random order."""
    n = out.shape[1]
    place = np.empty(n, np.int64)
    for r in range(len(states)):
        for i in range(n):
            place[i] = i
        random.shuffle(states[r], place)
        for i in range(n):
            for j in range(n):
                gap = abs(place[i] - place[j])
                out[r, i, j] = min(gap, n - gap)


@kernel
def switch_by_length(begins, directed, sources, targets, load, states, distances, allowed, swaps, adjacency):
    """Edge switching in every network of a batch, where an edge's cost is its `load` times its length.

    A switch must keep the total cost within ``allowed[r]`` of where it began or, if that is negative, not raise it.
    `distances` are those of each replicate, or one matrix for all; `adjacency` is scratch.
    """
    n = len(adjacency)
    for r in range(len(states)):
        state, distance, undirected = states[r], distances[r % len(distances)], not directed[r]
        for a in range(n):
            for b in range(n):
                adjacency[a, b] = a == b
        i, j, cost = (
            sources[begins[r] : begins[r + 1]],
            targets[begins[r] : begins[r + 1]],
            load[begins[r] : begins[r + 1]],
        )
        m, limit = uint64(len(i)), allowed[r]
        for e in range(len(i)):
            adjacency[i[e], j[e]] = 1
            if undirected:
                adjacency[j[e], i[e]] = 1
        drift = 0.0
        for _ in range(swaps * len(i)):
            e, f, coin = two_edges(random.next_uint64(state), m)
            a, b, c, d = i[e], j[e], i[f], j[f]
            if coin and undirected:
                c, d = d, c
            if adjacency[a, d] or adjacency[c, b]:
                continue
            change = cost[e] * (distance[a, d] - distance[a, b]) + cost[f] * (distance[c, b] - distance[c, d])
            if change > 0 if limit < 0 else abs(drift + change) > limit:
                continue
            drift += change
            adjacency[a, b] = adjacency[c, d] = 0
            adjacency[a, d] = adjacency[c, b] = 1
            if undirected:
                adjacency[b, a] = adjacency[d, c] = 0
                adjacency[d, a] = adjacency[b, c] = 1
            j[e] = d
            i[f], j[f] = c, b
