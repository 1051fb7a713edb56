"""Whether a matrix holds correlations, as they are or as something was done to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import validate

ALTERED = {
    "z-transformed": "the inverse hyperbolic tangents of correlations (Fisher's z)",
    "thresholded": "correlations of which the weak ones are set to 0",
    "rectified": "correlations of which the negative ones are set to 0, or to their magnitude",
    "mended": "correlations that no recording has all at once, as pairwise deletion or averages after Fisher's z give",
}
_CERTAIN = 0.6  # standard deviation of weights, in 1 / sqrt(n), that makes other matrices have negative eigenvalues
LARGEST_Z = 4.0  # Fisher's z of a correlation of 0.9993


def correlation_kind(net: Any, *, stated: bool = False) -> str:
    """``"correlation"``, a key of ``ALTERED``, or ``"network"`` for anything else.

    Correlations are symmetric, at most 1, and have 1 on the diagonal and no eigenvalue below 0 beyond what rounding
    to three decimals does. A diagonal of zeros counts as left out if no weight is missing, and if the eigenvalues are a
    feat: symmetric weights of that spread at random would have some below 0. `stated` takes that for granted. Zeros
    among correlations without negative, or without weak ones, are the trace of a threshold: samples give no such gap.
    """
    w = validate.as_weights(net)
    n = w.shape[-1]
    unit, empty = np.allclose(w.diagonal(), 1, rtol=0, atol=1e-6), is_without_diagonal(w)
    if n < 3 or not (unit or empty) or (empty and sparse.issparse(w)):
        return "network"
    w = validate.dense(w, measure="a correlation matrix", instead="the correlations of fewer units")
    if not np.allclose(w, w.T, rtol=0, atol=1e-9):
        return "network"
    pairs = w[np.triu_indices(n, 1)]
    largest, complete = np.abs(pairs).max(), np.count_nonzero(pairs) == len(pairs)
    if not stated and largest - np.abs(pairs[pairs != 0]).min(initial=largest) <= 1e-9:
        return "network"  # a binary one with self-connections
    if largest > 1 + 1e-9:
        spread = largest <= LARGEST_Z and complete and pairs.std() * np.sqrt(n) > _CERTAIN
        return "z-transformed" if spread and _has_no_negative_eigenvalue(np.tanh(w)) else "network"
    if unit or stated:
        smallest, negative = np.abs(pairs[pairs != 0]).min(initial=1.0), bool((pairs < 0).any())
        if not complete and smallest > 0.02 * largest:
            return "thresholded"
        if not complete and not negative:
            return "rectified"
        if _has_no_negative_eigenvalue(w):
            return "correlation"
        return "mended" if negative else "rectified"
    if complete and pairs.std() * np.sqrt(n) > _CERTAIN and _has_no_negative_eigenvalue(w):
        return "correlation"
    return "network"


def is_without_diagonal(w: Any) -> bool:
    """Whether the diagonal was left out: 0 but for rounding, as subtracting the identity leaves it."""
    return bool(np.abs(w.diagonal()).max() <= 1e-9)


def _has_no_negative_eigenvalue(w: NDArray[np.float64]) -> bool:
    n = len(w)
    shifted = w.copy()
    # Entries rounded to three decimals move eigenvalues by no more than twice their standard deviation times sqrt(n).
    np.fill_diagonal(shifted, 1 + 6e-4 * np.sqrt(n))
    try:
        np.linalg.cholesky(shifted)
    except np.linalg.LinAlgError:
        return False
    return True
