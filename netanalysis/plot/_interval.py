"""How means and their intervals are computed and called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from netanalysis._core import options

Errorbar = Callable[[Any], tuple[float, float]] | tuple[str, float]


def t_interval(values: Any) -> tuple[float, float]:
    """The 95 % interval of the mean by Student's t; nan of fewer than two values."""
    from scipy import special

    values = np.asarray(values, dtype=float)
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    half = special.stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n)
    return float(values.mean() - half), float(values.mean() + half)


# The centre, what seaborn takes for the error bar, and what the legend says.
_INTERVALS: dict[str, tuple[str, Any, str]] = {
    "ci": ("mean", t_interval, "mean, 95 % interval"),
    "se2": ("mean", ("se", 2), "mean ± 2 SE"),
    "sd": ("mean", ("sd", 1), "mean ± SD"),
    "quartiles": ("median", ("pi", 50), "median, quartiles"),
}


def interval_of(interval: str) -> tuple[str, Errorbar, str]:
    """Estimator, error bar and name of an interval."""
    options.choice(interval, list(_INTERVALS), "interval")
    return _INTERVALS[interval]
