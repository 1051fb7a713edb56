"""What networks show: a number, its 95 % interval over networks, and a test of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import netanalysis as na

MOST_ORDERED = 8  # networks of which all orders are looked at


@dataclass(frozen=True)
class Finding:
    """One number that a claim is about, such as Cohen's d.

    `null` is its value if there were nothing to find, `p` the two-sided test against that. `ours` is what was
    measured, in its own units.
    """

    quantity: str
    value: float
    low: float
    high: float
    p: float
    n: str
    test: str
    ours: str
    null: float = 0.0

    @property
    def effect(self) -> str:
        """The number with its interval."""
        return f"{self.quantity} {with_interval(self.value, self.low, self.high)}"


def missing(quantity: str, test: str, *samples: Any, null: float = 0.0) -> Finding:
    """What there is to say of fewer networks than a number needs: nothing."""
    n = ", ".join(str(len(sample)) for sample in samples)
    return Finding(quantity, np.nan, np.nan, np.nan, np.nan, n, test, "too few networks", null)


def difference(a: Any, b: Any, *, log: bool = False) -> Finding:
    """Two independent groups of networks: Cohen's d, and Welch's t as in :func:`netanalysis.compare`.

    ``log=True`` compares logarithms, for errors that spread over decades; what is shown are geometric means.
    """
    a, b = (_finite(np.log10(x) if log else x) for x in (a, b))
    if min(len(a), len(b)) < 2:
        return missing("d", "Welch's t", a, b)
    found = na.compare(*(_tidy(x) for x in (a, b))).iloc[0]
    # The interval is Hedges' g's, without its correction for small samples.
    by = found["cohen_d"] / found["hedges_g"] if found["hedges_g"] else 1.0
    return Finding(
        quantity="d",
        value=found["cohen_d"],
        low=by * found["g_low"],
        high=by * found["g_high"],
        p=found["p"],
        n=f"{len(a)}, {len(b)}",
        test="Welch's t" + (" of logarithms" if log else ""),
        ours=" against ".join(_mean(x, log=log) for x in (a, b)),
    )


def medians(a: Any, b: Any, *, n_resamples: int = 2000) -> Finding:
    """Two independent groups by their medians: the difference, bootstrapped over networks, and Mann-Whitney's test."""
    a, b = _finite(a), _finite(b)
    if min(len(a), len(b)) < 2:
        return missing("difference of medians", "Mann-Whitney", a, b)

    def between(x: Any, y: Any, axis: int) -> Any:
        return np.median(x, axis=axis) - np.median(y, axis=axis)

    low, high = _bootstrap((a, b), between, n_resamples)
    return Finding(
        quantity="difference of medians",
        value=float(np.median(a) - np.median(b)),
        low=low,
        high=high,
        p=float(stats.mannwhitneyu(a, b).pvalue),
        n=f"{len(a)}, {len(b)}",
        test="Mann-Whitney",
        ours=f"median {number(np.median(a))} against {number(np.median(b))}",
    )


def at_equal(
    a: pd.DataFrame,
    b: pd.DataFrame,
    value: str,
    *,
    given: str = "total_weight",
    log: bool = True,
    squared: bool = True,
    in_units: bool = False,
    overlap: bool = True,
) -> Finding:
    """Difference of two groups among networks that are alike in something else, such as their total weight.

    Least squares on group, the covariate (its logarithm) and its square, over the range that both groups cover
    (``overlap=False``: all networks), with errors that do not assume equal variances (HC3; MacKinnon & White 1985,
    doi:10.1016/0304-4076(85)90158-7).
    d is the difference over the standard deviation of what is left; ``in_units=True`` gives the difference itself.
    """
    low, high = (extreme(x[given].agg(which) for x in (a, b)) for extreme, which in ((max, "min"), (min, "max")))
    low, high = (low, high) if overlap else (-np.inf, np.inf)
    both = [x[x[given].between(low, high) & np.isfinite(x[value])] for x in (a, b)]
    n = f"{len(both[0])}, {len(both[1])}"
    test = f"least squares at equal {given.replace('_', ' ')}, HC3"
    if min(len(x) for x in both) < 5:
        return Finding(
            "d", np.nan, np.nan, np.nan, np.nan, n, test, "fewer than 5 of a group in the range that both cover"
        )
    group = np.repeat([1.0, 0.0], [len(x) for x in both])
    covariate = np.concatenate([x[given].to_numpy(dtype=float) for x in both])
    covariate = np.log(covariate) if log else covariate
    covariate = covariate - covariate.mean()
    columns = [np.ones_like(group), group, covariate] + ([covariate**2] if squared else [])
    coefficient, error, sd, df = _least_squares(
        np.column_stack(columns), np.concatenate([x[value].to_numpy(dtype=float) for x in both])
    )
    half = stats.t.ppf(0.975, df) * error
    scale = 1.0 if in_units else sd
    return Finding(
        quantity="difference" if in_units else "d",
        value=coefficient / scale,
        low=(coefficient - half) / scale,
        high=(coefficient + half) / scale,
        p=float(2 * stats.t.sf(abs(coefficient / error), df)),
        n=n,
        test=test,
        ours=f"difference {with_interval(coefficient, coefficient - half, coefficient + half)}",
    )


def level(values: Any, against: float = 0.0, *, quantity: str = "mean") -> Finding:
    """One group against a fixed value: the mean, and Student's t."""
    x = _finite(values)
    if not len(x):
        return missing(quantity, "Student's t", x, null=against)
    low, high = _t_interval(x)
    constant = len(x) < 2 or np.ptp(x) == 0
    return Finding(
        quantity=quantity,
        value=float(x.mean()),
        low=low,
        high=high,
        p=np.nan if constant else float(stats.ttest_1samp(x, against).pvalue),
        n=str(len(x)),
        test=f"Student's t against {number(against)}",
        ours=_mean(x),
        null=against,
    )


def median(values: Any, against: float = 0.0, *, n_resamples: int = 2000) -> Finding:
    """One group against a fixed value: the median, bootstrapped over networks, and Wilcoxon's signed ranks."""
    x = _finite(values)
    if not len(x):
        return missing("median", "Wilcoxon", x, null=against)
    low, high = _bootstrap((x,), np.median, n_resamples)
    return Finding(
        quantity="median",
        value=float(np.median(x)),
        low=low,
        high=high,
        p=float(stats.wilcoxon(x - against).pvalue) if np.any(x != against) else np.nan,
        n=str(len(x)),
        test=f"Wilcoxon against {number(against)}",
        ours=f"median {number(np.median(x))}",
        null=against,
    )


def correlation(x: Any, y: Any) -> Finding:
    """Spearman's rank correlation over networks, with Fisher's interval (Bonett & Wright 2000).

    p of few networks from all their orders: Student's t has p 0 where the order is perfect.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    defined = np.isfinite(x) & np.isfinite(y)
    x, y = x[defined], y[defined]
    if len(x) < 3:
        return missing("rho", "Spearman", x)
    rho, p = stats.spearmanr(x, y)
    if len(x) <= MOST_ORDERED:
        a, b = (stats.zscore(stats.rankdata(values)) for values in (x, y))
        every = np.array(list(permutations(b))) @ a
        p = np.mean(np.abs(every) >= abs(a @ b) * (1 - 1e-9))
    half = stats.norm.ppf(0.975) * np.sqrt((1 + rho**2 / 2) / max(len(x) - 3, 1))
    centre = np.arctanh(np.clip(rho, -1 + 1e-9, 1 - 1e-9))
    low, high = np.tanh([centre - half, centre + half])
    return Finding("rho", float(rho), float(low), float(high), float(p), str(len(x)), "Spearman", f"rho {number(rho)}")


def share(hits: Any, against: float = 0.5) -> Finding:
    """Share of networks, with Wilson's interval and the exact binomial test."""
    hits = np.asarray(hits, dtype=bool)
    if not len(hits):
        return missing("share", "binomial", hits, null=against)
    test = stats.binomtest(int(hits.sum()), len(hits), against)
    interval = test.proportion_ci(method="wilson")
    return Finding(
        quantity="share",
        value=test.statistic,
        low=interval.low,
        high=interval.high,
        p=test.pvalue,
        n=str(len(hits)),
        test=f"binomial against {number(against)}",
        ours=f"{hits.sum()} of {len(hits)}",
        null=against,
    )


def uniform(ranks: Any, *, n_resamples: int = 2000) -> Finding:
    """Ranks among random sets (0 to 1), one a network: their median against 0.5, and Kolmogorov-Smirnov's test."""
    x = _finite(ranks)
    if not len(x):
        return missing("median P", "Kolmogorov-Smirnov", x, null=0.5)
    low, high = _bootstrap((x,), np.median, n_resamples)
    p = float(stats.kstest(x, "uniform").pvalue)
    ours = f"median P {number(np.median(x))}"
    return Finding("median P", float(np.median(x)), low, high, p, str(len(x)), "Kolmogorov-Smirnov", ours, null=0.5)


def number(value: float) -> str:
    """Three significant digits, without an exponent where it can be read."""
    if not np.isfinite(value):
        return "undefined"
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:.2g}"


def with_interval(value: float, low: float, high: float) -> str:
    """``0.31 [0.2, 0.42]``."""
    return f"{number(value)} [{number(low)}, {number(high)}]" if np.isfinite([low, high]).all() else number(value)


def _mean(x: Any, *, log: bool = False) -> str:
    low, high = _t_interval(x)
    return with_interval(*(10.0**v if log else v for v in (x.mean(), low, high)))


def _t_interval(x: Any) -> tuple[float, float]:
    if len(x) < 2:
        return np.nan, np.nan
    half = stats.t.ppf(0.975, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
    return float(x.mean() - half), float(x.mean() + half)


def _least_squares(design: Any, y: Any) -> tuple[float, float, float, int]:
    """Coefficient of the second column, its HC3 error, standard deviation of the residuals, degrees of freedom."""
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residual = y - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    meat = design.T * (residual / (1 - leverage)) ** 2 @ design
    df = len(y) - design.shape[1]
    sd = np.sqrt(residual @ residual / df)
    return float(coefficients[1]), float(np.sqrt((inverse @ meat @ inverse)[1, 1])), float(sd), df


def _bootstrap(samples: Sequence[Any], statistic: Any, n_resamples: int) -> tuple[float, float]:
    if min(len(sample) for sample in samples) < 2:
        return np.nan, np.nan
    found = stats.bootstrap(samples, statistic, n_resamples=n_resamples, method="percentile", rng=0)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _finite(values: Any) -> Any:
    x = np.asarray(values, dtype=float)
    return x[np.isfinite(x)]


def _tidy(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"network": range(len(values)), "measure": "m", "value": values})
