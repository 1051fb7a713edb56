"""How much a linear model explains: in sample, adjusted, and of data that it was not fitted to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import scaling

TINY = 1e-12
_ALONE = 1e-9  # a row that the model fits whatever it is


class Explained(NamedTuple):
    """R^2 of three kinds, nan where undefined."""

    r2: float
    adjusted: float
    cross_validated: float


UNDEFINED = Explained(np.nan, np.nan, np.nan)


def explained(
    x: NDArray[np.float64], y: NDArray[np.float64], *, parts: NDArray[np.intp] | None, means_of_training: bool
) -> Explained:
    """R^2 of y (m,) by x (m, k) and a constant.

    `parts` is the part of every row that is left out together; without it each row is a part of its own.
    """
    m = len(y)
    x, y = scaling.to_one(x, axis=0)[0], scaling.to_one(y)[0]
    deviation = y - y.mean() if m else y
    whole = float(deviation @ deviation)
    if m < 3 or whole <= TINY**2 * float(y @ y):
        return UNDEFINED
    basis = _basis(x)
    residual = deviation - basis @ (basis.T @ deviation)
    unexplained = float(residual @ residual)
    free = m - basis.shape[1] - 1
    r2 = 1 - unexplained / whole
    adjusted = 1 - (unexplained / free) / (whole / (m - 1)) if free > 0 else np.nan
    if parts is None:
        left = 1 - 1 / m - (basis**2).sum(axis=1)
        missed = np.divide(residual, left, out=np.zeros(m), where=left > _ALONE)
        for row in np.flatnonzero(left <= _ALONE):
            missed[row] = _missed(x, y, np.arange(m) == row)[0]
        compared = deviation * m / (m - 1) if means_of_training else deviation
    else:
        missed, compared = np.empty(m), deviation.copy()
        for part in np.unique(parts):
            out = parts == part
            missed[out] = _missed(x, y, out)
            if means_of_training:
                compared[out] = y[out] - y[~out].mean()
    return Explained(r2, adjusted, 1 - float(missed @ missed) / float(compared @ compared))


def _missed(x: NDArray[np.float64], y: NDArray[np.float64], out: NDArray[np.bool_]) -> NDArray[np.float64]:
    """By how much the model of all other rows misses those left out; what does not vary among others has no slope."""
    scale, centre, mean = _spread(x[~out]), x[~out].mean(axis=0), y[~out].mean()
    slopes = np.linalg.lstsq((x[~out] - centre) / scale, y[~out] - mean, rcond=TINY)[0]
    return np.asarray(y[out] - mean - (x[out] - centre) / scale @ slopes)


def _basis(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal columns that span those of x without their means."""
    left, size, _ = np.linalg.svd((x - x.mean(axis=0)) / _spread(x), full_matrices=False)
    return np.asarray(left[:, size > TINY * max(size.max(initial=0.0), np.sqrt(len(x)))])


def _spread(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations of the columns, infinite for one that is constant up to rounding."""
    spread = x.std(axis=0)
    return np.where(spread > TINY * np.abs(x).max(axis=0, initial=0.0), spread, np.inf)
