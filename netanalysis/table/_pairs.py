"""Pairs of networks: the same seed under two penalties, the same animal before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, scaling
from netanalysis._core.rounding import ROUNDING
from netanalysis._core.text import some
from netanalysis.table._permutation import two_sided


def keys_of(paired: str | Sequence[str] | None) -> list[str]:
    """The columns that tell which networks belong together."""
    if paired is None:
        return []
    return options.names(paired, "paired", "columns, such as 'seed'")


def need_keys(table: Any, name: str, keys: list[str]) -> None:
    """Refuse a table without what tells its pairs."""
    for key in keys:
        if key not in table.columns or table[key].isna().any():
            lacks = (
                "networks whose metadata lack it"
                if key in table.columns
                else f"no such column: summarise it with metadata=[{key!r}]"
            )
            raise ValueError(f"paired names {key!r}, but {name} has {lacks}")


def match(tables: Sequence[Any], measure: str, column: str, keys: list[str]) -> tuple[Any, Any, tuple[int, int]]:
    """Values of both networks of each pair, and how many networks of each group are in none; nan stays."""
    parts = []
    for table, name in zip(tables, "ab", strict=True):
        rows = table[table["measure"] == measure]
        twice = rows[rows.duplicated(keys)]
        if len(twice):
            which = ", ".join(f"{key} {twice.iloc[0][key]}" for key in keys)
            raise ValueError(
                f"paired must tell the networks of {name} apart; {which} comes more than once: keep one epoch of each "
                'training, or name more columns, as in paired=["seed", "gamma"], or leave networks out'
            )
        parts.append(rows.set_index(keys)[column].astype(float))
    both = parts[0].index.intersection(parts[1].index, sort=False)
    if not len(both):
        raise ValueError(
            f"a and b have no pair: {', '.join(keys)} is {some(parts[0].index)} in a, {some(parts[1].index)} in b"
        )
    alone = len(parts[0]) - len(both), len(parts[1]) - len(both)
    return parts[0].loc[both].to_numpy(), parts[1].loc[both].to_numpy(), alone


def same_training(tables: Sequence[Any], keys: list[str]) -> str:
    """Says so where pairs are several epochs of one training."""
    others = [key for key in keys if key not in ("epoch", "step")]
    if len(others) == len(keys):
        return ""
    first = tables[0][keys].drop_duplicates()
    trainings = len(first[others].drop_duplicates()) if others else 1
    if trainings == len(first):
        return ""
    return f"pairs are epochs of {trainings} trainings, not independent: p and intervals are too small"


def effect(x: NDArray[np.float64], y: NDArray[np.float64], confidence: float) -> dict[str, float]:
    """The mean difference within pairs, its interval, and its size in standard deviations of the differences."""
    from scipy import special

    x, y, unit = near_one(x, y)
    n, difference = len(x), x - y
    nan = float("nan")
    keys = "mean_a mean_b std_a std_b median_a median_b difference difference_low difference_high difference_std"
    out = dict.fromkeys(f"{keys} cohen_dz hedges_gz t df p".split(), nan)
    if n:
        out |= {"mean_a": x.mean(), "mean_b": y.mean(), "difference": difference.mean()}
        out |= {"median_a": np.median(x), "median_b": np.median(y)}
    if n > 1:
        out |= {"std_a": x.std(ddof=1), "std_b": y.std(ddof=1), "difference_std": difference.std(ddof=1), "df": n - 1}
        half = special.stdtrit(n - 1, (1 + confidence) / 2) * out["difference_std"] / np.sqrt(n)
        out |= {"difference_low": out["difference"] - half, "difference_high": out["difference"] + half}
        # Differences equal up to rounding have no variance, only noise of the last digits.
        if out["difference_std"] > 100 * np.finfo(float).eps * max(np.abs(x).max(), np.abs(y).max()):
            k = n - 1
            unbias = np.exp(special.gammaln(k / 2) - special.gammaln((k - 1) / 2)) / np.sqrt(k / 2) if k > 1 else nan
            d = out["difference"] / out["difference_std"]
            out |= {"cohen_dz": d, "hedges_gz": unbias * d, "t": d * np.sqrt(n)}
    return in_unit(out, unit)


def near_one(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any, float]:
    """Both samples over a power of 2, so that squares of very large or small values are doubles; and that power."""
    values, unit = scaling.to_one(np.concatenate([x, y]))
    return values[: len(x)], values[len(x) :], float(unit)


def in_unit(effect: dict[str, Any], unit: float) -> dict[str, float]:
    """What has the unit of the values, times that power; the rest as it is."""
    parts = "mean", "std", "median", "difference"
    return {key: float(value) * (unit if key.startswith(parts) else 1.0) for key, value in effect.items()}


def p_value(x: NDArray[np.float64], y: NDArray[np.float64], test: str, n_nulls: int, seed: Any) -> float:
    """Two-sided p of the differences within pairs: by exchanging the two of a pair, or Wilcoxon's signed ranks."""
    from scipy import stats

    if len(x) < 2:
        return float("nan")
    scale = max(np.abs(x).max(), np.abs(y).max())
    difference = np.where(np.abs(x - y) <= ROUNDING * scale, 0.0, x - y)
    if not difference.any():
        return 1.0
    if test == "wilcoxon":
        return float(stats.wilcoxon(difference, zero_method="wilcox").pvalue)

    def mean(x: Any, axis: int) -> Any:
        return np.mean(x, axis=axis)

    result = stats.permutation_test(
        (difference,),
        mean,
        permutation_type="samples",
        n_resamples=n_nulls,
        vectorized=True,
        batch=1000,
        rng=np.random.default_rng(seed),
    )
    return two_sided(result, exact=2 ** len(x) <= n_nulls, n_nulls=n_nulls, scale=float(np.abs(difference).max()))
