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


@kernel
def contractions(stack, left, right, groups, out):
    """exp of ``left_i |w_ij| right_j`` for every network: four groups of four powers, by Horner's rule."""
    n = stack.shape[1]
    powers, product = np.empty((4, n, n)), np.empty((n, n))
    for m in range(len(stack)):
        for i in range(n):
            for j in range(n):
                powers[0, i, j] = abs(stack[m, i, j]) * (left[m, i] * right[m, j])
        np.dot(powers[0], powers[0], powers[1])
        np.dot(powers[1], powers[0], powers[2])
        np.dot(powers[1], powers[1], powers[3])
        combine(groups[3], powers, out[m])
        for g in (2, 1, 0):
            np.dot(out[m], powers[3], product)
            combine(groups[g], powers, out[m])
            for i in range(n):
                for j in range(n):
                    out[m, i, j] += product[i, j]
