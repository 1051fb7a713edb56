"""Modularity in the form :mod:`netanalysis._kernels.leiden` works on: S, p and q of ``sum_ij [S_ij - p_i . q_j]``."""

# mypy: disable-error-code="no-untyped-def"
import numpy as np
from numba import njit

from netanalysis._kernels.node_moves import NODE


@njit(cache=True, nogil=True)
def null_terms(strengths, resolution, directed):
    """p and q of the null term, from strengths (4, n): out, in, negative out, negative in.

    Undirected networks use the out-strengths only. Without negative weights their columns are left out.
    """
    n = strengths.shape[1]
    sums = np.zeros(4)
    for t in range(4):
        for i in range(n):
            sums[t] += strengths[t, i]
    positive = sums[0]
    negative = sums[2]
    ways = 2 if directed else 1
    columns = ways * (2 if negative > 0.0 else 1)
    p = np.zeros((n, columns))
    q = np.zeros((n, columns))
    for t in range(columns):
        sign = t // ways  # 0 positive, 1 negative weights
        sum_of_sign = positive if sign == 0 else negative
        if sum_of_sign == 0.0:
            continue
        factor = resolution / ways
        if sign == 1:
            factor *= -negative / (positive + negative)
        here = strengths[2 * sign + t % ways]
        there = strengths[2 * sign + 1 - t % ways] if directed else here
        for i in range(n):
            p[i, t] = factor * here[i] / sum_of_sign
            q[i, t] = there[i] / sum_of_sign
    return p, q


@njit(cache=True, nogil=True)
def _add_parts(w, i, plus, minus):
    """Add the positive and the negative part of row i to sums over rows."""
    for j in range(len(plus)):
        plus[j] += w[i, j] if w[i, j] > 0.0 else 0.0
        minus[j] -= w[i, j] if w[i, j] < 0.0 else 0.0


@njit(cache=True, nogil=True)
def from_dense(w, resolution):
    """CSR of S without its diagonal, p, q, the trace of S, and whether no weight is negative."""
    n = len(w)
    t = np.empty((n, n))
    strengths = np.zeros((4, n))
    filled = 0
    # Plain loops along rows, which the compiler turns into vector instructions.
    for i in range(n):
        for j in range(n):
            t[i, j] = w[j, i]
    one_way = 0
    for i in range(n):
        for j in range(n):
            one_way += w[i, j] != t[i, j]
            filled += (w[i, j] != 0.0) | (t[i, j] != 0.0)
        _add_parts(t, i, strengths[0], strengths[2])
        _add_parts(w, i, strengths[1], strengths[3])
    positive = 0.0
    negative = 0.0
    for i in range(n):
        positive += strengths[0, i]
        negative += strengths[2, i]
    plus = 0.5 / positive if positive > 0.0 else 0.0
    minus = 0.5 / (positive + negative) if negative > 0.0 else 0.0
    indptr = np.zeros(n + 1, np.int64)
    indices = np.empty(filled + 1, NODE)
    data = np.empty(filled + 1)
    trace = 0.0
    filled = 0
    for i in range(n):
        for j in range(n):
            x = w[i, j]
            y = t[i, j]
            indices[filled] = j
            data[filled] = x * (plus if x > 0.0 else minus) + y * (plus if y > 0.0 else minus)
            filled += ((x != 0.0) | (y != 0.0)) & (i != j)
        indptr[i + 1] = filled
        trace += 2.0 * w[i, i] * (plus if w[i, i] > 0.0 else minus)
    p, q = null_terms(strengths, resolution, one_way > 0)
    return indptr, indices[:filled], data[:filled], p, q, trace, negative == 0.0
