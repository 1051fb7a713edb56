"""Null models in space: switches judged by distance."""

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
