"""The exponential of many small non-negative matrices of norm at most 1, without leaving compiled code."""

import numpy as np

from netanalysis._kernels.compiling import kernel, part


@part
def combine(factors, powers, out):
    """``out = sum_j factors[j] powers[j] + factors[-1] I``, on flat arrays."""
    for k in range(len(out)):
        for t in range(out.shape[1]):
            x = factors[0] * powers[0, k, t] + factors[1] * powers[1, k, t]
            out[k, t] = x + (factors[2] * powers[2, k, t] + factors[3] * powers[3, k, t])
        out[k, k] += factors[4]


@part
def add(x, to):
    """``to += x``."""
    for k in range(len(to)):
        for t in range(to.shape[1]):
            to[k, t] += x[k, t]


@kernel
def contractions(stack, left, right, table, out):
    """exp of ``left_i |w_ij| right_j`` for every network, as ``_expm._expm_contraction`` with its `table`."""
    n = stack.shape[1]
    powers, q, factor = np.empty((4, n, n), np.float64), np.empty((n, n), np.float64), np.empty((n, n), np.float64)
    for m in range(len(stack)):
        for i in range(n):
            for j in range(n):
                powers[0, i, j] = abs(stack[m, i, j]) * (left[m, i] * right[m, j])
        np.dot(powers[0], powers[0], powers[1])
        np.dot(powers[1], powers[0], powers[2])
        np.dot(powers[1], powers[1], powers[3])
        combine(table[0], powers, factor)
        np.dot(factor, powers[3], q)
        combine(table[1], powers, factor)
        add(q, factor)
        combine(table[2], powers, out[m])
        add(out[m], q)
        np.dot(factor, q, out[m])
        combine(table[3], powers, q)
        add(q, out[m])
