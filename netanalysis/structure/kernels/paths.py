"""Shortest paths: bit-parallel breadth-first search, Dijkstra with a heap, Floyd-Warshall in blocks of rows.

Networks come as neighbour lists ``indptr, indices`` (out-neighbours of each node, no self-connections) with the
length of each connection in ``lengths``, or as dense matrices of lengths (inf: no connection; diagonal 0).
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.bits import pack, to_lists
from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.llvm import lowest_bit, popcount, union

BATCH = 512  # targets followed at once: eight words, one vector register
TILE = 256  # columns of eight rows that stay in the fastest cache


@kernel
def spread(indptr, indices, first, last, counts, distances, column):
    """Hops from every node to the targets first:last (at most BATCH of them), all at once.

    ``counts[h]`` is increased by the number of pairs h hops apart, h = 1, 2, …; ``distances[i, column + t]`` becomes
    the hops from i to target first + t, unless `distances` is empty. A node's set of targets within h + 1 hops is
    the union of its out-neighbours' sets within h hops (Then et al. 2014, doi:10.14778/2735496.2735507).
    """
    n = len(indptr) - 1
    width = last - first
    seen, now = np.zeros((n, 8), np.uint64), np.zeros((n, 8), np.uint64)
    left = np.empty(n, np.int32)  # targets still to be reached
    left[:] = width
    for t in range(width):
        seen[first + t, t >> 6] |= uint64(1) << uint64(t & 63)
        now[first + t, t >> 6] = seen[first + t, t >> 6]
        left[first + t] -= 1
    fresh = np.empty(8, np.uint64)
    hops = 0
    found = 1
    while found:
        hops += 1
        found = 0
        for i in range(n):
            if left[i] == 0:
                continue
            union(fresh, seen, indices, indptr[i], indptr[i + 1])
            gained = 0
            for q in range(8):
                fresh[q] &= ~seen[i, q]
                now[i, q] = seen[i, q] | fresh[q]
                gained += np.int64(popcount(fresh[q]))
            found += gained
            left[i] -= gained
            if gained and len(distances):
                for q in range(8):
                    word = fresh[q]
                    while word:
                        distances[i, column + 64 * q + np.int64(lowest_bit(word))] = hops
                        word &= word - uint64(1)
        if found:
            counts[hops] += found
            seen, now = now, seen
            # A finished node is not visited again; both tables must hold its complete set.
            for i in range(n):
                if left[i] == 0:
                    for q in range(8):
                        now[i, q] = seen[i, q]


@kernel
def summarize_counts(counts, out):
    """From pairs by hops: pairs, sum of hops, sum of inverse hops; `counts` is cleared."""
    pairs, total, inverse = 0, 0, 0.0
    for h in range(1, len(counts)):
        if counts[h] == 0:
            break
        pairs += counts[h]
        total += h * counts[h]
        inverse += counts[h] / h
        counts[h] = 0
    out[0], out[1], out[2] = pairs, total, inverse


@kernel
def hop_sums(start, stop, stack, sums):
    """Sums over the shortest paths in hops of dense networks start:stop, into ``sums[m]``."""
    n = stack.shape[1]
    counts, nothing = np.zeros(n + 1, np.int64), np.empty((0, 0), np.float64)
    for m in range(start, stop):
        indptr, indices = to_lists(pack(stack[m]))
        for first in range(0, n, BATCH):
            spread(indptr, indices, first, min(n, first + BATCH), counts, nothing, first)
        summarize_counts(counts, sums[m])


@kernel
def floyd(stack, left):
    """Turn matrices of lengths into shortest distances, in place, and mark in `left` those better left to Dijkstra.

    Floyd-Warshall with eight intermediate nodes per pass over the matrix, in tiles whose eight rows stay in cache.
    """
    n = stack.shape[1]
    near, b, rows = np.empty((n, 8), np.float64), np.empty((8, 8), np.float64), np.empty((8, TILE), np.float64)
    for m in range(len(stack)):
        d = stack[m]
        arcs = -n
        for i in range(n):
            for j in range(n):
                arcs += d[i, j] < np.inf
        left[m] = sparse_enough(arcs, n)
        if left[m]:
            continue
        for block in range(0, n - n % 8, 8):
            for k in range(block, block + 8):
                through(d[block : block + 8], k, d[k])
            for q in range(8):
                for p in range(8):
                    b[q, p] = d[block + q, block + p]
            for i in range(n):  # to the eight from i, by way of each other
                x0, x1, x2, x3 = d[i, block], d[i, block + 1], d[i, block + 2], d[i, block + 3]
                x4, x5, x6, x7 = d[i, block + 4], d[i, block + 5], d[i, block + 6], d[i, block + 7]
                for p in range(8):
                    low = min(min(x0 + b[0, p], x1 + b[1, p]), min(x2 + b[2, p], x3 + b[3, p]))
                    near[i, p] = min(low, min(min(x4 + b[4, p], x5 + b[5, p]), min(x6 + b[6, p], x7 + b[7, p])))
            for first in range(0, n, TILE):
                width = min(n, first + TILE) - first
                for q in range(8):
                    via = d[block + q, first : first + width]
                    for j in range(width):
                        rows[q, j] = via[j]
                for i in range(n):
                    if block <= i < block + 8:
                        continue
                    row = d[i, first : first + width]
                    for j in range(width):
                        best = row[j]
                        for q in range(8):
                            x = near[i, q] + rows[q, j]
                            best = x if x < best else best
                        row[j] = best
        for k in range(n - n % 8, n):
            through(d, k, d[k])


@part
def through(rows, k, via):
    """Rows of a matrix of lengths improved by paths through node k, whose own row is `via`."""
    for i in range(len(rows)):
        to_k = rows[i, k]
        if to_k == np.inf:
            continue
        row = rows[i]
        for j in range(len(row)):
            x = to_k + via[j]
            row[j] = x if x < row[j] else row[j]


@part
def sparse_enough(arcs, n):
    """Whether Dijkstra from every node beats Floyd-Warshall: nanoseconds per source, as measured here."""
    return 3.0 * arcs + 130.0 * n < 0.28 * n * n


@kernel
def finite_lists(d):
    """Neighbour lists and lengths of a dense matrix of lengths."""
    n = len(d)
    indptr = np.zeros(n + 1, np.int64)
    for i in range(n):
        count = -1  # the diagonal
        for j in range(n):
            count += d[i, j] < np.inf
        indptr[i + 1] = indptr[i] + count
    indices = np.empty(indptr[n], np.int32)
    lengths = np.empty(indptr[n], np.float64)
    at = 0
    for i in range(n):
        for j in range(n):
            if i != j and d[i, j] < np.inf:
                indices[at] = j
                lengths[at] = d[i, j]
                at += 1
    return indptr, indices, lengths


@kernel
def distance_sums(distances, out):
    """Connected ordered pairs of distinct nodes, sum of distances, sum of inverse distances, per network."""
    n = distances.shape[1]
    for m in range(len(distances)):
        pairs, total, inverse = 0, 0.0, 0.0
        for i in range(n):
            for j in range(n):
                d = distances[m, i, j]
                if i != j and d < np.inf:
                    pairs += 1
                    total += d
                    inverse += 1.0 / d
        out[m, 0], out[m, 1], out[m, 2] = pairs, total, inverse


@part
def dijkstra(indptr, indices, lengths, source, distance, order, key, heap, place):
    """Distances from one node, and in `order` the nodes as they are reached; returns how many.

    A 4-ary heap of nodes whose keys lie beside them; `place` finds a node in it.
    """
    distance[:] = np.inf
    place[:] = -1
    distance[source] = 0.0
    key[0], heap[0], place[source] = 0.0, source, 0
    size, reached = 1, 0
    while size:
        u = heap[0]
        d = key[0]
        order[reached] = u
        reached += 1
        size -= 1
        if size:  # the last entry sinks from the top
            moving, its_key = heap[size], key[size]
            at = 0
            while True:
                child = 4 * at + 1
                if child >= size:
                    break
                least = child
                for c in range(child + 1, min(child + 4, size)):
                    if key[c] < key[least]:
                        least = c
                if key[least] >= its_key:
                    break
                key[at], heap[at] = key[least], heap[least]
                place[heap[at]] = at
                at = least
            key[at], heap[at], place[moving] = its_key, moving, at
        for e in range(indptr[u], indptr[u + 1]):
            v = indices[e]
            x = d + lengths[e]
            if x < distance[v]:
                distance[v] = x
                at = np.int64(place[v])
                if at < 0:
                    at = size
                    size += 1
                while at > 0:
                    parent = (at - 1) >> 2
                    if key[parent] <= x:
                        break
                    key[at], heap[at] = key[parent], heap[parent]
                    place[heap[at]] = at
                    at = parent
                key[at], heap[at], place[v] = x, v, at
    return reached


@kernel
def dijkstra_rows(start, stop, indptr, indices, lengths, out):
    """Distances from the nodes start:stop, one row of `out` each."""
    n = len(indptr) - 1
    order, key = np.empty(n, np.int32), np.empty(n, np.float64)
    heap, place = np.empty(n, np.int32), np.empty(n, np.int32)
    for s in range(start, stop):
        dijkstra(indptr, indices, lengths, s, out[s], order, key, heap, place)


@kernel
def dijkstra_sums(start, stop, indptr, indices, lengths, sources, out):
    """Per source: nodes reached, sum of distances, sum of inverse distances; nothing n x n is kept."""
    n = len(indptr) - 1
    order, key = np.empty(n, np.int32), np.empty(n, np.float64)
    heap, place = np.empty(n, np.int32), np.empty(n, np.int32)
    distance = np.empty(n, np.float64)
    for s in range(start, stop):
        dijkstra(indptr, indices, lengths, sources[s], distance, order, key, heap, place)
        pairs, total, inverse = 0, 0.0, 0.0
        for i in range(n):
            d = distance[i]
            if i != sources[s] and d < np.inf:
                pairs += 1
                total += d
                inverse += 1.0 / d
        out[s, 0], out[s, 1], out[s, 2] = pairs, total, inverse


@kernel
def hops_from(start, stop, indptr, indices, sources, out):
    """Per source: nodes reached, sum of hops, sum of inverse hops, by plain breadth-first search."""
    n = len(indptr) - 1
    queue, hops = np.empty(n, np.int32), np.empty(n, np.int32)
    for s in range(start, stop):
        hops[:] = -1
        hops[sources[s]] = 0
        queue[0] = sources[s]
        head, tail = 0, 1
        total, inverse = 0, 0.0
        while head < tail:
            u = queue[head]
            head += 1
            total += hops[u]
            if hops[u]:
                inverse += 1.0 / hops[u]
            for e in range(indptr[u], indptr[u + 1]):
                v = indices[e]
                if hops[v] < 0:
                    hops[v] = hops[u] + 1
                    queue[tail] = v
                    tail += 1
        out[s, 0], out[s, 1], out[s, 2] = tail - 1, total, inverse
