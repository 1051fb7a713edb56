"""Dominance: what each predictor is worth, over all sets of others that it may be added to."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, scaling, validate
from netanalysis._core.results import result

__all__ = ["Dominance", "dominance"]

MOST = 15  # predictors: twice as many sets with each


@result
class Dominance:
    """What :func:`dominance` returns.

    Attributes
    ----------
    shares : ndarray, shape (k,)
        General dominance: mean gain in explained variance by each predictor, over sets of 0, 1, … others, each size
        counted the same. They sum to `total`.
    alone : ndarray, shape (k,)
        What each explains by itself.
    unique : ndarray, shape (k,)
        What is lost without it.
    total : float
        What all explain together.
    kind : {"in sample", "adjusted"}
        Of the R^2.
    """

    shares: NDArray[np.float64]
    alone: NDArray[np.float64]
    unique: NDArray[np.float64]
    total: float
    kind: str


def dominance(predictors: ArrayLike, response: ArrayLike, *, adjusted: bool = False) -> Dominance:
    """Shares of the predictors in the R^2 of a linear model with a constant.

    Parameters
    ----------
    predictors : array_like, shape (m, k)
        At most 15 columns, each of which varies.
    response : array_like, shape (m,)
    adjusted : bool
        Whether R^2 is adjusted for the number of predictors. Shares then sum to the adjusted one and may be negative.

    Returns
    -------
    Dominance

    Raises
    ------
    ValueError
        Predictors or a response that do not vary, or too few rows.

    References
    ----------
    Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129.

    Examples
    --------
    >>> import netanalysis as na
    >>> found = na.dominance([[1, 0], [2, 1], [3, 1], [4, 3], [5, 2]], [1, 3, 2, 5, 4])
    >>> found.shares.round(3), round(found.total, 3)
    (array([0.32 , 0.622]), 0.942)
    """
    options.flags(adjusted=adjusted)
    x = validate.as_array(predictors, "predictors", shape=(None, None))
    m, k = x.shape
    y = validate.as_array(response, "response", shape=(m,))
    if not 1 <= k <= MOST:
        raise ValueError(f"predictors must have 1 to {MOST} columns, because every set of them is fitted; got {k}")
    if m < k + 2:
        raise ValueError(f"predictors must have at least {k + 2} rows for {k} columns; got {m}")
    if not (x != x[0]).any(axis=0).all() or not (y != y[0]).any():
        raise ValueError("predictors and response must vary; a column of predictors or the response is constant")
    return of_columns(x, y, adjusted)


def of_columns(x: NDArray[np.float64], y: NDArray[np.float64], adjusted: bool = False) -> Dominance:
    """:func:`dominance` of arrays that are known to vary."""
    m, k = x.shape
    r = np.asarray(np.corrcoef(scaling.to_one(np.column_stack([x, y]), axis=0)[0], rowvar=False))
    explained = np.zeros(2**k)  # by the set whose members are the bits of the index
    for size in range(1, k + 1):
        sets = np.array(list(combinations(range(k), size)))
        among, with_y = r[sets[:, :, None], sets[:, None]], r[sets, k]
        r2 = (np.linalg.pinv(among, hermitian=True, rcond=1e-12) @ with_y[..., None])[..., 0]
        values = (r2 * with_y).sum(axis=-1)
        if adjusted:
            values = 1 - (1 - values) * (m - 1) / (m - size - 1)
        explained[(1 << sets).sum(axis=-1)] = values
    index = np.arange(2**k)
    sizes = np.bitwise_count(index)
    weight = np.array([1 / (k * comb(k - 1, size)) if size < k else 0.0 for size in range(k + 1)])
    shares = np.empty(k)
    for i in range(k):
        others = index[(index >> i) & 1 == 0]
        shares[i] = weight[sizes[others]] @ (explained[others | 1 << i] - explained[others])
    full = 2**k - 1
    unique = explained[full] - explained[full - (1 << np.arange(k))]
    kind: Any = "adjusted" if adjusted else "in sample"
    return Dominance(shares, explained[1 << np.arange(k)], unique, float(explained[full]), kind)
