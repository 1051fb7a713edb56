"""Adjacency as rows of bits: 64 pairs of nodes in one AND and one population count."""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, maker, part
from netanalysis._kernels.llvm import lowest_bit, nonzero_bits, popcount


@part
def beyond(i, k):
    """Mask of the nodes after i within word k of a row; every edge is met once through it."""
    if k > i >> 6:
        return ~uint64(0)
    return ~((uint64(2) << uint64(i & 63)) - uint64(1))


@kernel
def pack(weights):
    """Rows of bits of ``weights != 0`` without the diagonal, shape (n, ceil(n / 64))."""
    n = len(weights)
    rows = np.zeros((n, (n + 63) // 64), np.uint64)
    whole, rest = n // 64, n % 64
    for i in range(n):
        for k in range(whole):
            rows[i, k] = nonzero_bits(weights, i * n + 64 * k)
        if rest and whole:
            rows[i, whole] = nonzero_bits(weights, i * n + n - 64) >> uint64(64 - rest)
        elif rest:
            for j in range(n):
                rows[i, 0] |= uint64(weights[i, j] != 0) << uint64(j)
        rows[i, i >> 6] &= ~(uint64(1) << uint64(i & 63))
    return rows


@maker
def transpose(rows):
    """Rows of bits of the reversed network."""
    n, words = rows.shape
    out = np.zeros((n, words), np.uint64)
    for i in range(n):
        bit = uint64(1) << uint64(i & 63)
        for k in range(words):
            word = rows[i, k]
            while word:
                out[64 * k + np.int64(lowest_bit(word)), i >> 6] |= bit
                word &= word - uint64(1)
    return out


@kernel
def to_lists(rows):
    """Neighbour lists (indptr, indices) of the set bits."""
    n, words = rows.shape
    indptr = np.zeros(n + 1, np.int64)
    for i in range(n):
        total = uint64(0)
        for k in range(words):
            total += popcount(rows[i, k])
        indptr[i + 1] = indptr[i] + np.int64(total)
    indices = np.empty(indptr[n], np.int32)
    at = 0
    for i in range(n):
        for k in range(words):
            word = rows[i, k]
            while word:
                indices[at] = 64 * k + np.int64(lowest_bit(word))
                at += 1
                word &= word - uint64(1)
    return indptr, indices
