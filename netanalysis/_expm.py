"""The matrix exponential: whole, over stacks, and applied to a few vectors.

Both are Taylor series with scaling. Every step of a Taylor series of a non-negative matrix adds non-negative
numbers, so each entry of such a result is accurate to rounding and none turns negative, however small. And the
answer is the same in every run, which scipy's ``expm_multiply`` (norms estimated with the global numpy seed) is not.
"""

from __future__ import annotations

from itertools import pairwise
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis import _parallel, _sparse, _validate

# theta_m of Al-Mohy & Higham (doi:10.1137/100788860): a matrix of norm below it has its exponential to double
# precision from m Taylor terms.
_THETA_16 = 0.78
_THETA_30 = 3.54

# exp as a polynomial of degree 16 in four groups of four, joined by Horner's rule in a^4 (Paterson & Stockmeyer).
_GROUPS = np.array([[1 / factorial(4 * g + j) for j in range(1, 4)] + [1 / factorial(16) * (g == 3)] for g in range(4)])
_CONSTANTS = np.array([1 / factorial(4 * g) for g in range(4)])


def expm(a: NDArray[np.float64], *, contraction: bool = False) -> NDArray[np.float64]:
    """exp of every matrix of a stack (m, n, n).

    `contraction` promises norm at most 1 in some weighted norm (as strength normalisation gives), where the
    series needs no scaling.
    """
    out = np.empty_like(a)

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            out[k] = _expm_one(a[k], contraction)

    with np.errstate(over="ignore", invalid="ignore"):
        _parallel.blas_blocks(block, len(a))
    return _finite(out)


def _expm_one(a: NDArray[np.float64], contraction: bool) -> NDArray[np.float64]:
    n = len(a)
    powers = np.empty((4, n, n))
    powers[0] = a
    np.matmul(a, a, out=powers[1])
    np.matmul(powers[1], a, out=powers[2])
    np.matmul(powers[1], powers[1], out=powers[3])
    squarings = 0
    if not contraction:
        # The powers tell how fast the series falls, more sharply than the norm of a itself.
        size = max(np.linalg.norm(powers[2], 1) ** (1 / 3), np.linalg.norm(powers[3], 1) ** (1 / 4))
        if not np.isfinite(size):
            return np.full_like(a, np.inf)
        squarings = max(0, int(np.ceil(np.log2(size / _THETA_16)))) if size > 0 else 0
        # Three squarings cost what LAPACK's symmetric eigenproblem costs, once matrices outgrow the cache.
        if squarings > 0 and n >= 300 and _validate.is_symmetric(a):
            values, vectors = np.linalg.eigh(a)
            return np.asarray((vectors * np.exp(values)) @ vectors.T)
        powers *= (2.0 ** (-squarings * np.arange(1, 5)))[:, None, None]
    groups = (_GROUPS @ powers.reshape(4, -1)).reshape(4, n, n)
    groups[:, np.arange(n), np.arange(n)] += _CONSTANTS[:, None]
    result, work = groups[3], powers[0]
    for g in (2, 1, 0):
        np.matmul(result, powers[3], out=work)
        result = np.add(work, groups[g], out=groups[g])
    for _ in range(squarings):
        result, work = np.matmul(result, result, out=work), result
    return result


def expm_action(a: Any, v: NDArray[np.float64], *, contraction: bool = False) -> NDArray[np.float64]:
    """``exp(a) @ v`` for one square a, dense or csr, and v of shape (n, k); exp(a) is never formed."""
    if contraction:
        steps, terms = 1, 18
    else:
        steps, terms = max(1, int(np.ceil(_power_norm(a) / _THETA_30))), 30
    result = v.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            term = result.copy()
            for j in range(1, terms + 1):
                term = _sparse.matmul(a, term)
                term /= j * steps
                result += term
    return _finite(result)


def _power_norm(a: Any) -> float:
    """A bound at which the Taylor series of exp(a) falls: min over p of max(d_p, d_p+1), d_p = || |a|^p ||^(1/p).

    The row sums of ``|a|^p`` come from p products with a vector of ones, so nothing is estimated at random.
    """
    magnitude = abs(a)
    sums = np.ones(a.shape[0])
    roots = []
    with np.errstate(over="ignore", invalid="ignore"):
        for p in range(1, 7):
            sums = magnitude @ sums
            roots.append(sums.max() ** (1 / p))
    bound = min(roots[0], *(max(pair) for pair in pairwise(roots)))
    if not np.isfinite(bound) or bound > 1e5:
        _finite(np.array([np.inf]))
    return float(bound)


def _finite(result: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(result.sum()) and not np.isfinite(result).all():
        raise OverflowError(
            "the exponential of these weights is beyond double precision (exp of a spectral radius near 700 or more); "
            "give normalize='out', or scale the weights with netanalysis.transform.normalize"
        )
    return result
