"""Estimates from samples, with their error."""

from __future__ import annotations

from dataclasses import dataclass

from netanalysis._core.results import shown


@dataclass(frozen=True, repr=False)
class Estimate:
    """A number estimated from a sample.

    Attributes
    ----------
    value : float
    standard_error : float
    interval : (float, float)
        Confidence interval.
    confidence : float
        Its coverage.
    n_samples : int
        How many samples it rests on.
    method : str
        What was sampled and how the error was found.
    """

    value: float
    standard_error: float
    interval: tuple[float, float]
    confidence: float
    n_samples: int
    method: str

    __repr__ = shown

    def __float__(self) -> float:
        return self.value
