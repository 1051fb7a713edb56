"""Ratios of two amounts that rest on counts, with and without a spread beyond the noise of counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy  # its special functions are loaded when they are called
from numpy.typing import NDArray

_OFFSET = 3 / 8  # Anscombe's
_FARTHEST = 60.0  # logarithm of a ratio
_LARGEST = 1e6  # dispersion


@dataclass(frozen=True)
class Amounts:
    """Values that rest on counts.

    `unit`: the value of one count (variance over mean), nan where there is none; None: no counts. `lever`: by how much
    a variance of what the values are made of moves their own, 1 for what is no share. `whole`: of how many counts a
    value is a share; None: no shares, or no counts.
    """

    value: NDArray[np.float64]
    unit: NDArray[np.float64] | None
    lever: NDArray[np.float64]
    whole: NDArray[np.float64] | None = None

    def _each(self, change: Any) -> Self:
        unit, whole = (None if values is None else change(values) for values in (self.unit, self.whole))
        return type(self)(change(self.value), unit, change(self.lever), whole)

    def __getitem__(self, index: Any) -> Self:
        return self._each(lambda values: values[index])

    def turned(self) -> Self:
        """Sources and targets exchanged."""
        return self._each(lambda values: values.swapaxes(-1, -2))

    def flat(self, rows: int) -> Self:
        """Values of each row side by side."""
        return self._each(lambda values: values.reshape(rows, -1))

    @classmethod
    def join(cls, parts: list[Self]) -> Self:
        """Parts side by side."""

        def side_by_side(name: str) -> Any:
            each = [getattr(part, name) for part in parts]
            return None if each[0] is None else np.concatenate(each, axis=-1)

        return cls(*(side_by_side(name) for name in ("value", "unit", "lever", "whole")))


def z_of_ratio(a: Amounts, b: Amounts, dispersion: Any, ratio: Any = 1.0) -> NDArray[np.float64]:
    """How far two amounts are from a ratio ``a / b``, in standard deviations; nan where both are 0."""
    dispersion = dispersion * 0.5 * (a.lever + b.lever)
    with np.errstate(divide="ignore", invalid="ignore"):
        if a.unit is None or b.unit is None:
            apart = np.log(a.value / b.value / ratio)
            z = apart / np.sqrt(2 * dispersion)
            return np.asarray(np.where(np.isfinite(z), z, np.nan))
        if a.whole is not None and b.whole is not None:
            return _z_of_shares(a, b, dispersion, ratio)
        count_a, count_b, units = _counts(a, b)
        rho = ratio * units  # counts of a for one of b, if they are alike
        mean = rho * (count_a + count_b) / (1 + rho)  # of a
        apart = _even(count_a + _OFFSET, dispersion) - _even(rho * (count_b + _OFFSET), dispersion)
        variance = 1 + (rho + dispersion * mean) / (1 + dispersion * mean)
    return np.asarray(apart / np.sqrt(variance))


def _counts(a: Amounts, b: Amounts) -> tuple[Any, Any, Any]:
    """Both as counts, and how many of a's are worth one of b's; where one is 0 the other says what a count is worth."""
    assert a.unit is not None
    assert b.unit is not None
    unit_a = np.where(a.value > 0, a.unit, b.unit)
    unit_b = np.where(b.value > 0, b.unit, a.unit)
    return a.value / unit_a, b.value / unit_b, unit_b / unit_a


def _z_of_shares(a: Amounts, b: Amounts, dispersion: Any, ratio: Any) -> NDArray[np.float64]:
    """Of shares s of N counts each, whose variance is ``s (1 - s) / N + dispersion s^2``.

    That of a, and of b times the ratio, is on average ``linear s + square s^2``, for which they are made even; 0 of few
    counts, or all of them, is not far from any share.
    """
    wholes = (np.asarray(a.whole), np.asarray(b.whole))
    share_a, share_b = ((x.value * n + _OFFSET) / (n + 2 * _OFFSET) for x, n in zip((a, b), wholes, strict=True))
    one_a, one_b = (1 / (n + 0.5) for n in wholes)
    linear, square = 0.5 * (one_a + ratio * one_b), dispersion - 0.5 * (one_a + one_b)
    apart = _even(share_a / linear, square) - _even(ratio * share_b / linear, square)
    z = apart / np.sqrt(2)
    higher = a.value - ratio * b.value
    higher = np.where(np.abs(higher) < 1e-12 * a.value, 0.0, higher)
    z = np.where(z * higher <= 0, 0.0, z)  # few counts are drawn to one half by more than many are
    return np.where((a.value > 0) | (b.value > 0), z, np.nan)


def _even(count: Any, dispersion: Any) -> NDArray[np.float64]:
    """Transform after which a count of mean m and variance ``m + dispersion m^2`` has variance 1.

    A dispersion below 0 is that of a count out of so many: ``-1 / dispersion``.
    """
    root = np.sqrt(np.maximum(np.abs(dispersion), 1e-300))
    half = root * np.sqrt(count)
    bent = np.where(dispersion > 0, np.arcsinh(half), np.arcsin(np.minimum(half, 1.0)))
    return np.where(np.abs(dispersion) > 1e-12, 2 * bent / root, 2 * np.sqrt(count))


def two_sided(z: NDArray[np.float64], freedom: int) -> NDArray[np.float64]:
    """p of z, by Student's t with so many degrees of freedom, or the normal distribution if 0."""
    tail = scipy.special.stdtr(freedom, -np.abs(z)) if freedom else scipy.special.ndtr(-np.abs(z))
    return np.asarray(2 * tail)


def interval(
    a: Amounts, b: Amounts, dispersion: Any, confidence: float, freedom: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ratios that the test keeps: the ends are where z is as large as it may be."""
    share = 0.5 + confidence / 2
    limit = float(scipy.special.stdtrit(freedom, share) if freedom else scipy.special.ndtri(share))
    ends = []
    for side in (limit, -limit):
        low, high = np.full(a.value.shape, -_FARTHEST), np.full(a.value.shape, _FARTHEST)
        for _ in range(80):
            middle = 0.5 * (low + high)
            beyond = z_of_ratio(a, b, dispersion, np.exp(middle)) > side  # z falls as the ratio grows
            low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
        end = np.exp(0.5 * (low + high))
        end = np.where(low > _FARTHEST - 1e-6, np.inf, np.where(high < 1e-6 - _FARTHEST, 0.0, end))
        ends.append(np.where(np.isnan(z_of_ratio(a, b, dispersion)), np.nan, end))
    return ends[0], ends[1]


def dispersion(a: Amounts, b: Amounts) -> NDArray[np.float64]:
    """Of every row the dispersion at which the mean square of z is 1; 0 if it is smaller, or nothing is defined."""
    found = []
    for one, other in ((a[k], b[k]) for k in range(len(a.value))):

        def mean_square(phi: float, one: Amounts = one, other: Amounts = other) -> float:
            z = z_of_ratio(one, other, phi)
            return float(np.mean(z[~np.isnan(z)] ** 2)) if not np.isnan(z).all() else 0.0

        found.append(_at_one(mean_square, one.unit is None))
    return np.array(found)


def _at_one(mean_square: Any, exact: bool) -> float:
    from scipy.optimize import brentq

    if exact:  # z goes with the inverse of its root
        return float(mean_square(1.0))
    if mean_square(0.0) <= 1:
        return 0.0
    if mean_square(_LARGEST) > 1:
        return _LARGEST
    return float(np.exp(brentq(lambda x: np.log(mean_square(np.exp(x))), np.log(1e-10), np.log(_LARGEST))))
