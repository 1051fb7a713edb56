"""Shortest paths among the neighbours of each node."""

import numpy as np

from netanalysis._kernels.compiling import kernel, maker, part
from netanalysis.structure.kernels.paths import BATCH, dijkstra, floyd, sparse_enough, spread


@kernel
def local_efficiency(start, stop, near_ptr, near, strength, presence, indptr, indices, lengths, by_hops, root, out):
    """Efficiency among the neighbours of nodes start:stop, pairs weighted by their ties to the node.

    ``near`` lists the neighbours in either direction with ``strength`` (their tie) and ``presence`` (1 or 2
    directions); ``indices, lengths`` the connections followed by paths. ``root``: take the cube root of each
    inverse distance.
    """
    n = len(near_ptr) - 1
    local = np.empty(n, np.int32)
    local[:] = -1
    for u in range(start, stop):
        first, k = near_ptr[u], near_ptr[u + 1] - near_ptr[u]
        out[u] = 0.0
        if k < 2:
            continue
        for a in range(k):
            local[near[first + a]] = a
        sub_ptr = np.zeros(k + 1, np.int64)
        for a in range(k):
            v = near[first + a]
            sub_ptr[a + 1] = sub_ptr[a]
            for e in range(indptr[v], indptr[v + 1]):
                sub_ptr[a + 1] += local[indices[e]] >= 0
        arcs = sub_ptr[k]
        sub = np.empty(arcs, np.int32)
        sub_lengths = np.empty(0 if by_hops else arcs, np.float64)
        at = 0
        for a in range(k):
            v = near[first + a]
            for e in range(indptr[v], indptr[v + 1]):
                b = local[indices[e]]
                if b >= 0:
                    sub[at] = b
                    if not by_hops:
                        sub_lengths[at] = lengths[e]
                    at += 1
        for a in range(k):
            local[near[first + a]] = -1
        if arcs == 0:
            continue
        ties = strength[first : first + k]
        if by_hops:
            efficient = by_hop_batches(sub_ptr, sub, ties)
        elif sparse_enough(arcs, k):
            efficient = by_dijkstra(sub_ptr, sub, sub_lengths, ties, root)
        else:
            efficient = by_floyd(sub_ptr, sub, sub_lengths, ties, root)
        total, squares = 0.0, 0.0
        for e in range(first, first + k):
            total += presence[e]
            squares += presence[e] * presence[e]
        out[u] = efficient / (total * total - squares)


@part
def row_sum(distance, ties, source, root):
    """Sum over the other nodes of tie over distance."""
    total = 0.0
    for j in range(len(ties)):
        d = distance[j]
        if j != source and d < np.inf:
            total += ties[j] * (np.cbrt(1.0 / d) if root else 1.0 / d)
    return total


@maker
def by_floyd(indptr, indices, lengths, ties, root):
    """Weighted efficiency among the neighbours of a node, all pairs at once."""
    k = len(ties)
    stack = np.empty((1, k, k), np.float64)
    stack[:] = np.inf
    d = stack[0]
    for i in range(k):
        d[i, i] = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            d[i, indices[e]] = lengths[e]
    floyd(stack, np.empty(1, np.bool_))
    total = 0.0
    for i in range(k):
        total += ties[i] * row_sum(d[i], ties, i, root)
    return total


@maker
def by_dijkstra(indptr, indices, lengths, ties, root):
    """The same, from one neighbour after the other."""
    k = len(ties)
    key, distance = np.empty(k, np.float64), np.empty(k, np.float64)
    order, heap, place = np.empty(k, np.int32), np.empty(k, np.int32), np.empty(k, np.int32)
    total = 0.0
    for i in range(k):
        dijkstra(indptr, indices, lengths, i, distance, order, key, heap, place)
        total += ties[i] * row_sum(distance, ties, i, root)
    return total


@maker
def by_hop_batches(indptr, indices, ties):
    """Binary efficiency among the neighbours of a node, 512 of them at once."""
    k = len(ties)
    counts = np.zeros(k + 1, np.int64)
    equal = True
    for i in range(k):
        equal &= ties[i] == ties[0]
    hops = np.empty((0 if equal else k, min(k, BATCH)), np.float64)
    total = 0.0
    for first in range(0, k, BATCH):
        width = min(k, first + BATCH) - first
        hops[:] = np.inf
        spread(indptr, indices, first, first + width, counts, hops, 0)
        for i in range(len(hops)):
            total += ties[i] * row_sum(hops[i], ties[first : first + width], i - first, False)
    if equal:  # then only how many pairs are how far apart matters
        for h in range(1, k):
            total += ties[0] * ties[0] * counts[h] / h
    return total
