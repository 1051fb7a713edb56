"""Null models in space: switches judged by distance."""

from numba import uint64

from netanalysis._kernels import random
from netanalysis._kernels.compiling import kernel, part
from netanalysis.nulls.kernels.rewire import two_edges


@part
def occupy(adjacency, i, j, undirected):
    """The pairs that are taken: those of edges, and of nodes with themselves."""
    for a in range(len(adjacency)):
        for b in range(len(adjacency)):
            adjacency[a, b] = a == b
    for e in range(len(i)):
        adjacency[i[e], j[e]] = 1
        if undirected:
            adjacency[j[e], i[e]] = 1


@part
def switch(adjacency, a, b, c, d, undirected):
    """a-b and c-d become a-d and c-b."""
    adjacency[a, b] = adjacency[c, d] = 0
    adjacency[a, d] = adjacency[c, b] = 1
    if undirected:
        adjacency[b, a] = adjacency[d, c] = 0
        adjacency[d, a] = adjacency[b, c] = 1


@kernel
def switch_by_length(begins, directed, sources, targets, states, distance, allowed, swaps, adjacency):
    """Edge switching in every network of a batch that keeps the total length within ``allowed[r]`` of where it began.

    `adjacency` is scratch.
    """
    for r in range(len(states)):
        state, undirected = states[r], not directed[r]
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        m, limit = uint64(len(i)), allowed[r]
        occupy(adjacency, i, j, undirected)
        drift = 0.0
        for _ in range(swaps * len(i)):
            e, f, coin = two_edges(random.next_uint64(state), m)
            a, b, c, d = i[e], j[e], i[f], j[f]
            if coin and undirected:
                c, d = d, c
            if adjacency[a, d] or adjacency[c, b]:
                continue
            change = (distance[a, d] - distance[a, b]) + (distance[c, b] - distance[c, d])
            if abs(drift + change) > limit:
                continue
            drift += change
            switch(adjacency, a, b, c, d, undirected)
            j[e] = d
            i[f], j[f] = c, b


@part
def bin_of(limits, length):
    """How many limits a length has reached."""
    k = 0
    while k < len(limits) and limits[k] <= length:
        k += 1
    return k


@kernel
def switch_within_bins(begins, directed, sources, targets, states, distance, limits, swaps, bins, adjacency):
    """Edge switching in every network r of a batch that keeps how many edges have a length in each bin.

    Bins lie between ``limits[r]``, below and beyond them. A slot keeps its bin, so that the weight that goes with it
    does too: where the two new edges lie in each other's bins they change slots. `bins` and `adjacency` are scratch.
    """
    n = len(adjacency)
    for r in range(len(states)):
        state, undirected = states[r], not directed[r]
        for a in range(n):
            for b in range(n):
                bins[a, b] = bin_of(limits[r], distance[a, b])
        i, j = sources[begins[r] : begins[r + 1]], targets[begins[r] : begins[r + 1]]
        m = uint64(len(i))
        occupy(adjacency, i, j, undirected)
        for _ in range(swaps * len(i)):
            e, f, coin = two_edges(random.next_uint64(state), m)
            a, b, c, d = i[e], j[e], i[f], j[f]
            if coin and undirected:
                c, d = d, c
            if adjacency[a, d] or adjacency[c, b]:
                continue
            one, other, first, second = bins[a, b], bins[c, d], bins[a, d], bins[c, b]
            straight = first == one and second == other
            if not straight and not (first == other and second == one):
                continue
            switch(adjacency, a, b, c, d, undirected)
            if straight:
                j[e] = d
                i[f], j[f] = c, b
            else:
                i[e], j[e] = c, b
                i[f], j[f] = a, d
