"""Peeling: the node with the least strength goes first, and takes its connections with it."""

import numpy as np

from netanalysis._kernels.compiling import kernel


@kernel
def peel_stack(begin, stop, falls, strength, out):
    """:func:`peel` of dense networks (m, n, n); ``falls[g, u]`` says whose strength falls when u goes.

    Whoever has gone has infinite strength, from which nothing is lost: the rows are subtracted without a question.
    """
    n = strength.shape[1]
    for g in range(begin, stop):
        level = 0.0
        for _ in range(n):
            u = 0
            for v in range(1, n):
                if strength[g, v] < strength[g, u]:
                    u = v
            level = max(level, strength[g, u])
            out[g, u] = level
            strength[g, u] = np.inf
            for v in range(n):
                strength[g, v] -= falls[g, u, v]


@kernel
def peel(indptr, indices, weights, strength, out):
    """For every node the largest s such that it lies in a part whose nodes all have strength s or more within it.

    ``indices, weights`` list whose strength falls, and by how much, when a node goes; `strength` is used up. A heap of
    nodes (the least on top) of which `place` tells where each is.
    """
    n = len(strength)
    heap, place = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        at = i
        while at > 0 and strength[heap[(at - 1) >> 1]] > strength[i]:
            heap[at] = heap[(at - 1) >> 1]
            place[heap[at]] = at
            at = (at - 1) >> 1
        heap[at], place[i] = i, at
    level = 0.0
    for size in range(n - 1, -1, -1):
        u = heap[0]
        place[u] = -1
        level = max(level, strength[u])
        out[u] = level
        moving, at = heap[size], 0
        if size:
            while True:
                child = 2 * at + 1
                if child >= size:
                    break
                if child + 1 < size and strength[heap[child + 1]] < strength[heap[child]]:
                    child += 1
                if strength[heap[child]] >= strength[moving]:
                    break
                heap[at] = heap[child]
                place[heap[at]] = at
                at = child
            heap[at], place[moving] = moving, at
        for e in range(indptr[u], indptr[u + 1]):
            v = indices[e]
            at = place[v]
            if at < 0:
                continue
            strength[v] -= weights[e]
            while at > 0 and strength[heap[(at - 1) >> 1]] > strength[v]:
                heap[at] = heap[(at - 1) >> 1]
                place[heap[at]] = at
                at = (at - 1) >> 1
            heap[at], place[v] = v, at
