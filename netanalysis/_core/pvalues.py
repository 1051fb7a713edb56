"""P-values of resampling tests: one rule for ties, one for undefined values, one meaning of significant."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import scaling
from netanalysis._core.rounding import ROUNDING, alike

Side = Literal["two-sided", "greater", "less"]


def standard_score(observed: ArrayLike, null: ArrayLike) -> tuple[Any, Any, Any]:
    """Mean and standard deviation (n - 1) of null values (..., n), and ``z = (observed - mean) / std``.

    Null values that differ by rounding do not vary: their std is 0, and z nan. One value has neither std nor z.
    """
    drawn = np.asarray(null, float)
    near, unit = scaling.to_one(drawn, axis=-1)  # squares of very large or small values are no doubles
    unit = unit[..., 0]
    with np.errstate(invalid="ignore", over="ignore"):
        mean = near.mean(axis=-1)
        std = near.std(axis=-1, ddof=1) if drawn.shape[-1] > 1 else np.full_like(mean, np.nan)
        fixed = alike(near, -1)
        std = np.where(fixed & ~np.isnan(std), 0.0, std)
        z = np.where(fixed, np.nan, (np.asarray(observed, float) / unit - mean) / np.where(fixed, 1.0, std))
        return mean * unit, std * unit, z


def p_value(observed: ArrayLike, null: ArrayLike, side: Side) -> NDArray[np.float64]:
    """``(b + 1) / (n + 1)``, b of the n null values on the last axis being at least as extreme as the observed one.

    Ties count, and so does a null value that is nan; a nan observed value has no p. Two-sided is twice the smaller of
    the two, at most 1 (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    observed, null = np.asarray(observed, float), np.asarray(null, float)
    undefined = np.isnan(null).sum(axis=-1)
    scale = _typical(np.abs(null), undefined)

    def share(side: Literal["greater", "less"]) -> NDArray[np.float64]:
        as_extreme = at_least_as_extreme(null, observed[..., None], side, scale=scale[..., None])
        return share_as_extreme(as_extreme.sum(axis=-1) + undefined, null.shape[-1])

    p = np.minimum(1.0, 2 * np.minimum(share("greater"), share("less"))) if side == "two-sided" else share(side)
    return np.where(np.isnan(observed), np.nan, p)


def _typical(magnitude: NDArray[np.float64], undefined: NDArray[np.intp]) -> NDArray[np.float64]:
    """Median over the last axis of the values that are not nan; 0 where there is none, or it is infinite."""
    n = magnitude.shape[-1]
    if n == 0:
        return np.zeros(magnitude.shape[:-1])
    if not undefined.any():
        median = np.median(magnitude, axis=-1)
    else:  # nan are sorted to the end
        middle = np.maximum(n - undefined - 1, 0) // 2
        median = np.take_along_axis(np.sort(magnitude, axis=-1), middle[..., None], axis=-1)[..., 0]
    return np.where(np.isfinite(median), median, 0.0)


def at_least_as_extreme(
    values: Any, observed: Any, side: Literal["greater", "less"], *, scale: ArrayLike
) -> NDArray[np.bool_]:
    """Whether values lie as far on one side as the observed one, or farther; `scale` is the size of typical values."""
    size = np.where(np.isfinite(observed), np.abs(observed), 0.0)
    margin = ROUNDING * np.maximum(size, scale)
    with np.errstate(invalid="ignore"):
        return np.asarray(values >= observed - margin if side == "greater" else values <= observed + margin)


def share_as_extreme(count: Any, n_nulls: int) -> NDArray[np.float64]:
    """p from the number of null values at least as extreme: the observed one counts as one of them."""
    return np.asarray((1 + np.asarray(count)) / (n_nulls + 1), dtype=float)


def is_significant(p: ArrayLike, level: float = 0.05) -> NDArray[np.bool_]:
    """p at most `level`; nan is not."""
    return np.asarray(p, float) <= level


def too_few(n_nulls: int) -> str:
    """What to say of numbers that no two-sided p of so few null values can make significant; else nothing."""
    least = 2 / (n_nulls + 1)
    return "" if is_significant(least) else f"p cannot be below {least:.2g} with n_nulls={n_nulls}: 39 reach 0.05"


def maximum_p(observed: ArrayLike, null: ArrayLike, side: Side) -> NDArray[np.float64]:
    """P-values corrected for the number of values by the maximum statistic (family-wise error).

    Each observed value (..., m) is compared with the largest of each null's m values (..., n_nulls, m); two-sided with
    the largest magnitude. Values that are nan for every null have no p; a nan of some nulls counts as extreme.
    """
    values, drawn = np.asarray(observed, float), np.asarray(null, float)
    if side == "two-sided":
        values, drawn = np.abs(values), np.abs(drawn)
    elif side == "less":
        values, drawn = -values, -drawn
    without = np.isnan(drawn).all(axis=-2, keepdims=True)
    largest = np.where(np.isnan(drawn), np.where(without, -np.inf, np.inf), drawn).max(axis=-1)
    size = np.where(np.isfinite(largest), np.abs(largest), np.nan)
    scale = _typical(size, np.isnan(size).sum(axis=-1))
    extreme = at_least_as_extreme(largest[..., None, :], values[..., None], "greater", scale=scale[..., None, None])
    p = share_as_extreme(extreme.sum(axis=-1), drawn.shape[-2])
    return np.where(np.isnan(values) | without[..., 0, :], np.nan, p)


def standardized_maximum_p(observed: ArrayLike, null: ArrayLike, side: Side) -> NDArray[np.float64]:
    """:func:`maximum_p` of values of different size and spread, the nulls first: observed (...), null (n_nulls, ...).

    Each is standardised by the mean and the standard deviation of its observed and null values together, so that the
    observed network is one of ``n_nulls + 1`` alike if the null holds. Values that never vary have no p.
    """
    values = np.concatenate([np.asarray(observed, float)[None], np.asarray(null, float)])
    with np.errstate(invalid="ignore"):
        spread = values.std(axis=0)
        fixed = ~(spread > ROUNDING * np.abs(values).max(axis=0))
        standard = (values - values.mean(axis=0)) / np.where(fixed, np.nan, spread)
    return maximum_p(standard[0], np.moveaxis(standard[1:], 0, -2), side)


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """P-values corrected for their number by Holm's step-down (family-wise error); nan stays and does not count."""
    return _corrected(p, lambda p: np.minimum(1.0, np.maximum.accumulate(p * np.arange(len(p), 0, -1))))


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """P-values corrected for their number by Benjamini & Hochberg (false discovery rate); nan stays, uncounted."""
    from scipy.stats import false_discovery_control

    return _corrected(p, false_discovery_control)


def _corrected(p: ArrayLike, of_sorted: Any) -> NDArray[np.float64]:
    p = np.asarray(p, float)
    out = np.full_like(p, np.nan)
    has = np.flatnonzero(~np.isnan(p))
    order = has[np.argsort(p[has], kind="stable")]
    if len(order):
        out[order] = of_sorted(p[order])
    return out
