"""The matrix exponential: whole, over stacks, and applied to a few vectors.

All are Taylor series. Where the matrix is non-negative with norm at most 1, as strength-normalised weights are, every
step adds non-negative numbers: each entry is accurate to rounding and none turns negative, however small. And the
answer is the same in every run, which scipy's ``expm_multiply`` (norms estimated with the global numpy seed) is not.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import parallel, products, validate
from netanalysis.structure import kernels

# theta_m of Al-Mohy & Higham (doi:10.1137/100788860): a matrix of norm below it has its exponential to double
# precision from m Taylor terms.
_THETA_18 = 1.08
_THETA_30 = 3.54

# Smaller matrices go through compiled code whole; larger ones through BLAS, with half a product where that will do.
_HALVES_FROM = 300

# Degree 16 from five products and without subtraction: with b_r row r of this table times (a, a^2, a^3, a^4), last
# column: of the identity, and q = b_0 a^4, exp = (b_1 + q) (b_2 + q) + b_3. tests/oracles/expm_table.py derives it.
_POSITIVE = np.array(
    [
        [0.00021337327385069214, 1.9238573871783716e-05, 1.748961261071247e-06, 2.1862015763390587e-07, 0.0],
        [1.9773397283478513, 0.315809612498322, 0.03102685260520569, 0.003095661432096107, 9.029900982600937],
        [0.005394690723222937, 0.013526788806438074, 0.010472500197492856, 0.0013467001710248602, 0.0],
        [0.9512864769375411, 0.36718730017613116, 0.04365027475224708, 0.004359136568199134, 1.0],
    ]
)

# Degree 18 from five products (Bader, Blanes & Casas, doi:10.3390/math7121174): with b_r row r of this table times
# (a, a^2, a^3, a^6), q = b_0 b_4 + b_3 and exp = b_1 + (b_2 + q) q; last column: of the identity.
_OPTIMAL = np.array(
    [
        [-1.00365581030144618291e-01, -8.02924648241156932449e-03, -8.92138498045729985177e-04, 0.0, 0.0],
        [
            3.97849749499645077844e-01,
            1.36783778460411720168e00,
            4.98289622525382669416e-01,
            -6.37898194594723280150e-04,
            0.0,
        ],
        [
            1.68015813878906206114e00,
            5.71779846478865511061e-02,
            -6.98210122488052056106e-03,
            3.34975017086070470649e-05,
            -1.09676396052962061844e01,
        ],
        [
            -6.76404519071381882256e-02,
            6.75961301770459654925e-02,
            2.95552570429315521194e-02,
            -1.39180257516060693404e-05,
            -9.04316832390810593223e-02,
        ],
        [0.0, -9.23364619367118555360e-02, -1.69364939002081722752e-02, -1.40086798182036094347e-05, 0.0],
    ]
)


def expm(w: NDArray[np.float64]) -> NDArray[np.float64]:
    """exp of every matrix of a stack (m, n, n)."""
    out = np.empty(w.shape)  # row-major, whatever w is
    n = w.shape[-1]

    def block(start: int, stop: int) -> None:
        work = np.empty((7, n, n))
        with np.errstate(over="ignore", invalid="ignore"):  # of this thread
            for k in range(start, stop):
                _expm_any(w[k], out[k], work)

    parallel.blas_blocks(block, len(w), order=n)
    return _finite(out)


def expm_scaled(
    w: NDArray[np.float64], factors: Callable[[NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
) -> NDArray[np.float64]:
    """exp of ``left_i |w_ij| right_j`` for every matrix of a stack (m, n, n).

    `factors` turns magnitudes (k, n, n) into left and right, (k, n) each, which must make the norm at most 1 in some
    weighted norm.
    """
    out = np.empty(w.shape)
    n = w.shape[-1]

    def small(start: int, stop: int) -> None:
        step = max(1, 2**20 // (n * n))
        for a in range(start, stop, step):
            part = slice(a, min(stop, a + step))
            left, right = map(np.ascontiguousarray, factors(np.abs(w[part])))
            kernels.expm.contractions(validate.for_kernels(w[part]), left, right, _POSITIVE, out[part])

    def large(start: int, stop: int) -> None:
        work = np.empty((6, n, n))
        for k in range(start, stop):
            np.abs(w[k], out=work[0])
            left, right = factors(work[:1])
            # The factors are multiplied first, so that what is symmetric stays so to the last digit.
            work[0] *= np.multiply.outer(left[0], right[0], out=out[k])
            _expm_contraction(work, out[k])

    parallel.blas_blocks(small if n < _HALVES_FROM else large, len(w), order=n)
    return out


def _square(a: NDArray[np.float64], symmetric: bool, out: NDArray[np.float64]) -> None:
    np.matmul(a, a.T if symmetric else a, out=out)  # numpy computes only half of x @ x.T


def _product(a: NDArray[np.float64], b: NDArray[np.float64], symmetric: bool, out: NDArray[np.float64]) -> None:
    """``a @ b`` of two polynomials of one matrix: if that is symmetric so is the product, and half of it will do."""
    n = len(a)
    if not symmetric or n < _HALVES_FROM:
        np.matmul(a, b, out=out)
        return
    step = -(-n // 4)
    for k in range(0, n, step):
        here, after = slice(k, k + step), slice(k + step, n)
        np.matmul(a[here], b[:, k:], out=out[here, k:])
        out[after, here] = out[here, after].T


def _combine(row: NDArray[np.float64], powers: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """``out = sum_j row[j] powers[j] + row[-1] I``."""
    np.matmul(row[:-1], powers.reshape(len(powers), -1), out=out.reshape(-1))
    out.reshape(-1)[:: len(out) + 1] += row[-1]


def _expm_contraction(work: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """exp of ``work[0]``; the rest of `work`, (6, n, n), is scratch."""
    powers, q, factor = work[:4], *work[4:]
    symmetric = validate.is_symmetric(powers[0])
    _square(powers[0], symmetric, powers[1])
    _product(powers[1], powers[0], symmetric, powers[2])
    _square(powers[1], symmetric, powers[3])
    _combine(_POSITIVE[0], powers, factor)
    _product(factor, powers[3], symmetric, q)
    _combine(_POSITIVE[1], powers, factor)
    factor += q
    _combine(_POSITIVE[2], powers, out)
    q += out
    _product(factor, q, symmetric, out)
    _combine(_POSITIVE[3], powers, q)
    out += q


def _expm_any(a: NDArray[np.float64], out: NDArray[np.float64], work: NDArray[np.float64]) -> None:
    symmetric = validate.is_symmetric(a)
    powers, left, right, result = work[:4], *work[4:]
    powers[0] = a
    _square(powers[0], symmetric, powers[1])
    _product(powers[1], powers[0], symmetric, powers[2])
    # These powers tell how fast the series falls, more sharply than the norm of a itself.
    size = max(np.linalg.norm(powers[1], 1) ** (1 / 2), np.linalg.norm(powers[2], 1) ** (1 / 3))
    if not np.isfinite(size):
        out[:] = np.inf
        return
    squarings = max(0, int(np.ceil(np.log2(size / _THETA_18)))) if size > 0 else 0
    # LAPACK's symmetric eigenproblem is cheaper once matrices outgrow the cache.
    if symmetric and len(a) >= 300 and squarings > 0:
        with parallel.one_blas_thread():
            values, vectors = np.linalg.eigh(a)
        np.matmul(vectors * np.exp(values), vectors.T, out=out)
        return
    for k in range(3):
        powers[k] *= 2.0 ** (-squarings * (k + 1))
    _square(powers[2], symmetric, powers[3])
    _combine(_OPTIMAL[0], powers, left)
    _combine(_OPTIMAL[4], powers, right)
    _product(left, right, symmetric, result)
    _combine(_OPTIMAL[3], powers, left)
    result += left
    _combine(_OPTIMAL[2], powers, left)
    left += result
    _product(left, result, symmetric, right)
    _combine(_OPTIMAL[1], powers, result)
    result += right
    for _ in range(squarings):
        _square(result, symmetric, left)
        result, left = left, result
    out[:] = result


def expm_derivative(
    a: NDArray[np.float64], direction: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """exp of one contraction, and its derivative (Fréchet) in the direction that is given for this exponential."""
    a2 = a @ a
    a4 = a2 @ a2
    powers = np.stack([a, a2, a2 @ a, a4])
    eye = np.eye(len(a))

    def combine(r: int, of: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.tensordot(_POSITIVE[r, :-1], of, axes=1)

    head = combine(0, powers)
    q = head @ a4
    left, right = (combine(r, powers) + _POSITIVE[r, -1] * eye + q for r in (1, 2))
    exp = left @ right + combine(3, powers) + _POSITIVE[3, -1] * eye
    e = direction(exp)
    e2 = a @ e + e @ a
    e4 = a2 @ e2 + e2 @ a2
    slopes = np.stack([e, e2, a2 @ e + e2 @ a, e4])
    q = combine(0, slopes) @ a4 + head @ e4
    slope = (combine(1, slopes) + q) @ right + left @ (combine(2, slopes) + q) + combine(3, slopes)
    return exp, slope


def expm_sums(a: Any, *, contraction: bool = False) -> NDArray[np.float64]:
    """Row sums of exp(a) for a square a, dense or csr, or a stack of contractions; exp(a) is never formed."""
    if sparse.issparse(a):
        return _taylor(lambda x: a @ x, np.ones(a.shape[0]), *_series(a, contraction))
    return _taylor(lambda x: (a @ x[..., None])[..., 0], np.ones(a.shape[:-1]), *_series(a, contraction))


def expm_columns(
    a: Any, rows: NDArray[np.intp], columns: NDArray[np.intp], *, contraction: bool = False
) -> NDArray[np.float64]:
    """``exp(a)[rows][:, columns]`` for one square a, dense or sparse, from products with `columns`."""
    if not sparse.issparse(a):
        unit = products.unit_columns(a.shape[0], columns)
        return np.asarray(_taylor(lambda x: a @ x, unit, *_series(a, contraction))[rows])
    out = np.empty((len(rows), len(columns)))

    def use(part: slice, block: NDArray[np.float64]) -> None:
        out[:, part] = block[rows]

    expm_blocks(a, columns, use, contraction=contraction)
    return out


def expm_blocks(
    a: Any, columns: NDArray[np.intp], use: Callable[[slice, NDArray[np.float64]], None], *, contraction: bool
) -> None:
    """``use(part, exp(a)[:, columns[part]])`` for 16 columns at a time of a sparse a, in threads."""
    series, n = _series(a, contraction), a.shape[0]
    product, blocks = products.BlockProduct(a), products.blocks(len(columns))

    def block(start: int, stop: int) -> None:
        for part in blocks[start:stop]:
            x = products.padded(products.unit_columns(n, columns[part]))
            use(part, _taylor(product, x, *series)[:, : part.stop - part.start])

    parallel.thread_blocks(block, len(blocks))


def _series(a: Any, contraction: bool) -> tuple[int, int]:
    """Number of steps, and of Taylor terms in each."""
    return (1, 18) if contraction else (max(1, int(np.ceil(_power_norm(a) / _THETA_30))), 30)


def _taylor(product: Any, x: NDArray[np.float64], steps: int, terms: int) -> NDArray[np.float64]:
    """``exp(a) @ x`` with `product` multiplying by a."""
    result = x.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            term = result
            for j in range(1, terms + 1):
                term = product(term)
                term /= j * steps
                result = result + term if j == 1 else np.add(result, term, out=result)
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
    with np.errstate(over="ignore", invalid="ignore"):  # finite numbers may have no finite sum
        total = result.sum()
    if not np.isfinite(total) and not np.isfinite(result).all():
        raise OverflowError(
            "the exponential of these weights is beyond double precision (exp of a spectral radius near 700 or more); "
            "give normalize='out', or scale the weights with netanalysis.transform.normalize"
        )
    return result
