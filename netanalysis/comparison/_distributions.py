"""How far apart two distributions are: between samples of any size, and between shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Values this close, relative to the largest, are one value computed in another order.
SAME = 1e-9


def kolmogorov_smirnov(x: Array, y: Array) -> float:
    """Largest difference between the cumulative distributions of two samples; ties up to rounding are ties.

    0 for two empty samples, nan where one is empty.
    """
    if not len(x) or not len(y):
        return 0.0 if len(x) == len(y) else float("nan")
    values = np.concatenate([x, y])
    order = np.argsort(values, kind="stable")
    values = values[order]
    steps = np.where(order < len(x), len(y), -len(x))  # whole numbers: equal samples are at exactly 0
    last = np.append(np.diff(values) > SAME * np.abs(values).max(), True)
    return float(np.abs(np.cumsum(steps)[last]).max() / (len(x) * len(y)))


def wasserstein(x: Array, y: Array, order: int) -> float:
    """``(integral |Fx^-1 - Fy^-1|^order)^(1/order)`` over quantiles of two sorted samples of any size."""
    n, m = len(x), len(y)
    if n == m:
        widths, difference = np.full(n, 1.0 / n), np.abs(x - y)
    else:  # both quantile functions are constant between multiples of 1/n and of 1/m: here in units of 1/(n m)
        cuts = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
        widths = np.diff(cuts, prepend=0) / (n * m)
        difference = np.abs(x[(cuts - 1) // m] - y[(cuts - 1) // n])
    largest = difference.max()
    if not largest:
        return 0.0
    return float(largest * (widths @ (difference / largest) ** order) ** (1 / order))


def jensen_shannon(p: Array, q: Array) -> float:
    """Jensen-Shannon divergence of two sets of shares in bits, within [0, 1]; its root is a metric."""
    middle = (p + q) / 2
    total = 0.0
    for shares in (p, q):
        there = shares > 0
        total += float(shares[there] @ np.log2(shares[there] / middle[there])) / 2
    return min(1.0, max(0.0, total))
