"""Betweenness by Brandes' accumulation of dependencies (2001, doi:10.1080/0022250X.2001.9990249).

From each source the shortest paths to every node are counted outwards, then their shares are summed inwards. All of
the connections that lie on a shortest path from the source are met once each way.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, part
from netanalysis._kernels.llvm import lowest_bit, popcount, sum_where
from netanalysis.structure.kernels.paths import dijkstra

TIE = 1.0 + 1e-10  # lengths that differ by less are the same sum in another order


@kernel
def by_bits(start, stop, rows, columns, sources, nodes, edges):
    """Paths in hops from sources start:stop of a dense network as rows of bits, added to `nodes` and `edges` (n, n).

    The connections between one level and the next are an AND away, from the level that has fewer nodes; where there
    are many, they are counted, or what they lead to is summed, a word at a time. `edges` may be empty.
    """
    n, words = rows.shape
    levels, seen = np.empty((n + 1, words), np.uint64), np.empty(words, np.uint64)
    order, begins, degree = np.empty(n, np.int32), np.empty(n + 3, np.int64), np.zeros(n, np.int64)
    paths, share, total = np.zeros(64 * words, np.float64), np.zeros(64 * words, np.float64), np.empty(n, np.float64)
    for u in range(n):
        for k in range(words):
            degree[u] += np.int64(popcount(rows[u, k]))
    for s in range(start, stop):
        source = sources[s]
        levels[0] = uint64(0)
        levels[0, source >> 6] = uint64(1) << uint64(source & 63)
        for k in range(words):
            seen[k] = levels[0, k]
        paths[:] = 0.0
        paths[source], order[0] = 1.0, source
        begins[0], begins[1], level = 0, 1, 0
        while begins[level] < begins[level + 1]:
            first, found = begins[level], begins[level + 1]
            level += 1
            levels[level] = uint64(0)
            begins[level + 1] = found
            if found == n:
                break
            upcoming = 0
            for at in range(first, found):
                upcoming += degree[order[at]]
            if (n - found < found - first) or (level == 2 and upcoming > n * words):
                last = found
                for w in range(n):
                    if paths[w] != 0.0:
                        continue
                    x = 0.0
                    if level == 2:
                        count = uint64(0)
                        for k in range(words):
                            count += popcount(columns[w, k] & levels[1, k])
                        x = float(np.int64(count))
                    else:
                        x = sum_where(paths, columns, w, levels, level - 1)
                    if x:
                        total[w] = x
                        order[last] = w
                        last += 1
                for at in range(found, last):
                    w = order[at]
                    paths[w] = total[w]
                    levels[level, w >> 6] |= uint64(1) << uint64(w & 63)
            else:
                last = found
                for at in range(first, found):
                    u = order[at]
                    for k in range(words):
                        word = rows[u, k] & ~seen[k]
                        levels[level, k] |= word
                        while word:
                            w = 64 * k + np.int64(lowest_bit(word))
                            if paths[w] == 0.0:
                                order[last] = w
                                last += 1
                            paths[w] += paths[u]
                            word &= word - uint64(1)
            for k in range(words):
                seen[k] |= levels[level, k]
            begins[level + 1] = last
        for back in range(level, 0, -1):
            first, middle, last = begins[back - 1], begins[back], begins[back + 1]
            for at in range(first, middle):
                total[order[at]] = 0.0
            if last - middle < middle - first:
                for at in range(middle, last):
                    w = order[at]
                    for k in range(words):
                        word = columns[w, k] & levels[back - 1, k]
                        while word:
                            u = 64 * k + np.int64(lowest_bit(word))
                            total[u] += share[w]
                            if len(edges):
                                edges[u, w] += paths[u] * share[w]
                            word &= word - uint64(1)
            else:
                for at in range(first, middle):
                    u = order[at]
                    if len(edges) == 0 and (last - middle) * degree[u] > 2 * n:
                        total[u] = sum_where(share, rows, u, levels, back)
                        continue
                    for k in range(words):
                        word = rows[u, k] & levels[back, k]
                        while word:
                            w = 64 * k + np.int64(lowest_bit(word))
                            total[u] += share[w]
                            if len(edges):
                                edges[u, w] += paths[u] * share[w]
                            word &= word - uint64(1)
            for at in range(first, middle):
                u = order[at]
                share[u] = 1.0 / paths[u] + total[u]
                if u != source:
                    nodes[u] += paths[u] * total[u]


@part
def breadth_first(indptr, indices, source, distance, order):
    """Hops from one node, and in `order` the nodes as they are reached; returns how many."""
    distance[:] = np.inf
    distance[source], order[0] = 0.0, source
    head, reached = 0, 1
    while head < reached:
        u = order[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            w = indices[e]
            if distance[w] == np.inf:
                distance[w] = distance[u] + 1.0
                order[reached] = w
                reached += 1
    return reached


@kernel
def by_lists(start, stop, indptr, indices, lengths, sources, distances, orders, nodes, edges):
    """Paths from sources start:stop of neighbour lists, added to `nodes` and, of each entry of the lists, `edges`.

    Without `lengths` each connection is one hop. ``distances[s], orders[s]``, the nodes by increasing distance from
    source s, may be given; else they are found here. `edges` may be empty.
    """
    n = len(indptr) - 1
    distance, order, key = np.empty(n, np.float64), np.empty(n, np.int32), np.empty(n, np.float64)
    heap, place, rank = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    paths, share = np.empty(n, np.float64), np.empty(n, np.float64)
    begins, used = np.empty(n + 1, np.int64), np.empty(len(indices), np.int64)
    for s in range(start, stop):
        source = sources[s]
        if len(distances):
            distance, order = distances[s], orders[s]
            reached = n
            while distance[order[reached - 1]] == np.inf:
                reached -= 1
        elif len(lengths):
            reached = dijkstra(indptr, indices, lengths, source, distance, order, key, heap, place)
        else:
            reached = breadth_first(indptr, indices, source, distance, order)
        for k in range(reached):
            rank[order[k]] = k
            paths[order[k]] = 0.0
        paths[source] = 1.0
        count = 0
        for k in range(reached):
            u = order[k]
            begins[k] = count
            for e in range(indptr[u], indptr[u + 1]):
                w = indices[e]
                x = distance[u] + (lengths[e] if len(lengths) else 1.0)
                if x <= distance[w] * TIE and rank[w] > k:
                    paths[w] += paths[u]
                    used[count] = e
                    count += 1
        begins[reached] = count
        for k in range(reached - 1, -1, -1):
            u = order[k]
            total = 0.0
            for c in range(begins[k], begins[k + 1]):
                e = used[c]
                total += share[indices[e]]
                if len(edges):
                    edges[e] += paths[u] * share[indices[e]]
            share[u] = 1.0 / paths[u] + total
            if k:
                nodes[u] += paths[u] * total
