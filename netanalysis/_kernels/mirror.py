"""Whether a large sparse network equals its transpose, without making the transpose."""

import numpy as np

from netanalysis._kernels.compiling import kernel


@kernel
def largest_difference(indptr, indices, data):
    """Largest difference between w[i, j] and w[j, i] of a canonical csr matrix; -1 if an entry has no mirror image.

    Rows are taken in order, so that the mirror image of an entry above the diagonal is the next one, in its row, that
    no row has asked for yet.
    """
    n = len(indptr) - 1
    next_of = np.empty(n, np.int64)
    for i in range(n):
        next_of[i] = indptr[i]
    largest = 0.0
    for i in range(n):
        begin, end = next_of[i], indptr[i + 1]
        if begin < end and indices[begin] < i:
            return -1.0
        for e in range(begin, end):
            j = indices[e]
            if j == i:
                continue
            f = next_of[j]
            if f >= indptr[j + 1] or indices[f] != i:
                return -1.0
            largest = max(largest, abs(data[e] - data[f]))
            next_of[j] = f + 1
    return largest
