"""Ranks in which values that differ by rounding are ties, and their correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import stacks

_TIE = 1e-10  # relative


def ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Mean ranks along the last axis; infinite values are ties of each other, a row with nan is nan."""
    values = np.asarray(values, float)
    m = values.shape[-1]
    if not m:
        return values.copy()
    order = np.argsort(values, axis=-1)
    ascending = np.take_along_axis(values, order, axis=-1)
    before, after = ascending[..., :-1], ascending[..., 1:]
    begins = np.ones(values.shape, bool)  # of ties
    with np.errstate(invalid="ignore"):
        begins[..., 1:] = (before != after) & ~(np.isfinite(after) & (after - before <= _TIE * np.abs(after)))
    ends = np.roll(begins, -1, axis=-1)
    at = np.arange(m)
    first = np.maximum.accumulate(np.where(begins, at, 0), axis=-1)
    last = np.minimum.accumulate(np.where(ends, at, m)[..., ::-1], axis=-1)[..., ::-1]
    out = np.empty(values.shape)
    np.put_along_axis(out, order, (first + last) / 2 + 1, axis=-1)
    out[np.isnan(values).any(axis=-1)] = np.nan
    return out


def rank_correlations(x: NDArray[np.float64], y: NDArray[np.float64]) -> Any:
    """Spearman's correlation of every row of x (k, m) with every row of y (l, m); nan where ranks do not vary."""
    a, b = (r - r.mean(axis=-1, keepdims=True) for r in (ranks(x), ranks(y)))
    return stacks.ratio(a @ b.T, np.sqrt(np.outer((a**2).sum(axis=-1), (b**2).sum(axis=-1))))
