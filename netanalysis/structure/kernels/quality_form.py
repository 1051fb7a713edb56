"""Modularity as a sum over pairs, ``Q = sum_ij B_ij delta(c_i, c_j)`` with ``B = S - p q'``, S and B symmetric.

S is the network in units of Q, the sum over t of ``p_it q_jt`` the null term.
"""

import numpy as np

from netanalysis._kernels.compiling import kernel, maker

TILE = 32  # rows of which a column stays in cache


@kernel
def null_terms(strengths, resolution, directed):
    """p and q of the null term, (columns, n), from strengths (4, n): out, in, negative out, negative in.

    Undirected networks use the out-strengths only. Without negative weights their rows are left out.
    """
    n = strengths.shape[1]
    positive = 0.0
    negative = 0.0
    for i in range(n):
        positive += strengths[0, i]
        negative += strengths[2, i]
    ways = 2 if directed else 1
    columns = ways * (2 if negative > 0.0 else 1)
    p = np.empty((columns, n), np.float64)
    q = np.empty((columns, n), np.float64)
    for t in range(columns):
        sign = t // ways  # 0 positive, 1 negative weights
        total = negative if sign == 1 else positive
        scale = 1.0 / total if total > 0.0 else 0.0
        factor = resolution / ways
        if sign == 1:
            factor *= -negative / (positive + negative)
        here = 2 * sign + t % ways
        there = 2 * sign + 1 - t % ways if directed else here
        for i in range(n):
            p[t, i] = factor * scale * strengths[here, i]
            q[t, i] = scale * strengths[there, i]
    return p, q


@maker
def matrix_form(w, resolution, b):
    """Write B without its diagonal; the sum of that, the mean weight of a connection in S, and if none is negative.

    Plain loops along rows, which the compiler turns into vector instructions.
    """
    n = len(w)
    for first in range(0, n, TILE):
        for i in range(n):
            for j in range(first, min(first + TILE, n)):
                b[i, j] = w[j, i]
    strengths = np.zeros((4, n), np.float64)
    one_way = 0
    for i in range(n):
        for j in range(n):
            x = w[i, j]
            y = b[i, j]
            one_way += x != y
            strengths[0, j] += max(y, 0.0)
            strengths[1, j] += max(x, 0.0)
            strengths[2, j] += max(-y, 0.0)
            strengths[3, j] += max(-x, 0.0)
    p, q = null_terms(strengths, resolution, one_way > 0)
    positive = 0.0
    negative = 0.0
    for i in range(n):
        positive += strengths[0, i]
        negative += strengths[2, i]
    plus = 0.5 / positive if positive > 0.0 else 0.0
    minus = 0.5 / (positive + negative) if negative > 0.0 else 0.0
    connections = 0
    alone = 0.0
    for i in range(n):
        for j in range(n):
            x = w[i, j]
            y = b[i, j]
            b[i, j] = x * (plus if x > 0.0 else minus) + y * (plus if y > 0.0 else minus)
            connections += b[i, j] != 0.0
        for t in range(len(p)):
            factor = p[t, i]
            for j in range(n):
                b[i, j] -= factor * q[t, j]
        alone += b[i, i]
        b[i, i] = 0.0
    weight = (1.0 + 2.0 * minus * negative) / connections if connections > 0 else 0.0
    return alone, weight, negative == 0.0
