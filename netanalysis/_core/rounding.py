"""Values that are one value, computed in another order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Two values of a statistic that differ by less than this share of their scale are one.
ROUNDING = 1e-12


def alike(values: ArrayLike, axis: int | tuple[int, ...] | None = None, *, keepdims: bool = False) -> Any:
    """Whether all values along axes are one but for rounding; nan is like nothing."""
    x = np.asarray(values, float)
    low, high = (end(x, axis=axis, keepdims=keepdims) for end in (np.min, np.max))
    return high - low <= ROUNDING * np.maximum(np.abs(low), np.abs(high))


def centred(values: ArrayLike, axis: int | tuple[int, ...]) -> NDArray[np.float64]:
    """Values less their mean along axes, exactly 0 where they are alike: a mean of many 0.1 is another 0.1."""
    x = np.asarray(values, float)
    return np.where(alike(x, axis, keepdims=True), 0.0, x - x.mean(axis=axis, keepdims=True))
