"""Clustering and path length of degree-preserving nulls, without leaving compiled code."""

import numpy as np
from numba import uint64

from netanalysis._kernels.bits import to_lists, transpose
from netanalysis._kernels.compiling import kernel
from netanalysis.structure.kernels.paths import BATCH, spread, summarize_counts
from netanalysis.structure.kernels.triangles import directed_counts, undirected_counts


@kernel
def summarize(n, begins, directed, sources, targets, clustering, sums):
    """Of every network of a batch of edges: mean clustering, and sums over its shortest paths in hops."""
    counts = np.zeros(n + 1, np.int64)
    closed, pairs, nothing = np.empty(n, np.float64), np.empty(n, np.float64), np.empty((0, 0), np.float64)
    rows = np.empty((n, (n + 63) // 64), np.uint64)
    for r in range(len(directed)):
        rows[:] = 0
        for e in range(begins[r], begins[r + 1]):
            i, j = sources[e], targets[e]
            rows[i, j >> 6] |= uint64(1) << uint64(j & 63)
            if not directed[r]:
                rows[j, i >> 6] |= uint64(1) << uint64(i & 63)
        if directed[r]:
            directed_counts(rows, transpose(rows), closed, pairs)
        else:
            undirected_counts(rows, closed, pairs)
        total = 0.0
        for v in range(n):
            if pairs[v] > 0:
                total += closed[v] / pairs[v]
        clustering[r] = total / n
        indptr, indices = to_lists(rows)
        for first in range(0, n, BATCH):
            spread(indptr, indices, first, min(n, first + BATCH), counts, nothing, first)
        summarize_counts(counts, sums[r])
