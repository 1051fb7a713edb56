"""Weights of networks that grow: with every connection, all of them go one step down an objective."""

from __future__ import annotations

from functools import partial
from math import factorial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import stacks
from netanalysis.structure._expm import expm_derivative

__all__ = ["OBJECTIVES", "Objective", "tuned"]

Objective = Literal["akarca", "communicability", "distance_communicability", "sernn"]
OBJECTIVES: tuple[str, ...] = get_args(Objective)

_SHARE = 0.05  # of a weight, by which the published code varies it
_TERMS = 19  # of the exponential of a matrix whose norm is at most 1, to double precision
_INVERSE_FACTORIALS = np.array(
    [[1 / factorial(i + j + 1) if i + j < _TERMS else 0.0 for j in range(_TERMS)] for i in range(_TERMS)]
)


def tuned(
    w: NDArray[np.float64],
    made: NDArray[np.int64],
    d: NDArray[np.float64],
    *,
    objective: Any,
    alpha: float,
    omega: float,
    directed: bool,
) -> NDArray[np.float64]:
    """Weights of a network that got the connections `made`, one after the other, from `w` on; `w` is changed."""
    connected = w > 0
    step = _published if objective == "akarca" else partial(_gradient, objective=objective)
    for i, j in made:
        w[i, j] = 1.0
        connected[i, j] = True
        if not directed:
            w[j, i] = 1.0
            connected[j, i] = True
        down = alpha * step(w, d, omega=omega, directed=directed)
        np.subtract(w, down, out=w, where=connected)
        np.maximum(w, 0.0, out=w)
    return w


def _published(w: NDArray[np.float64], d: NDArray[np.float64], *, omega: float, directed: bool) -> NDArray[np.float64]:
    """Change of ``(d_ij sum C)^omega`` as the weight ij changes by 1 / 20 of itself."""
    r = _factors(w)
    b = w * r[:, None] * r
    left, right = np.empty((2, _TERMS, len(w)))
    left[0] = right[0] = 1.0
    for k in range(1, _TERMS):
        left[k], right[k] = left[k - 1] @ b, b @ right[k - 1]
    # the derivative of the sum of exp(b) by b: the integral over t of exp((1 - t) b') 1 1' exp(t b')
    slope = _by_weight(left.T @ _INVERSE_FACTORIALS @ right, w, b, r)
    total = len(w) + float(right[1:].sum(axis=1) @ _INVERSE_FACTORIALS[0, :-1])
    slope = slope if directed else slope + slope.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(w > 0, _SHARE * w * omega * d * (d * total) ** (omega - 1) * slope, 0.0)


def _gradient(
    w: NDArray[np.float64], d: NDArray[np.float64], *, objective: str, omega: float, directed: bool
) -> NDArray[np.float64]:
    """Gradient of the objective; of undirected networks the mean of the two entries of a connection."""
    costs = {"communicability": np.ones_like(d), "distance_communicability": d, "sernn": w * d}[objective]
    r = _factors(w)
    b = w * r[:, None] * r

    def by_communicability(c: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore"):  # pairs that no walk joins stay out
            return np.where(c.T > 0, omega * costs**omega * c.T ** (omega - 1), 0.0)

    c, inner = expm_derivative(b.T, by_communicability)
    slope = _by_weight(inner, w, b, r)
    if objective == "sernn":
        with np.errstate(divide="ignore", invalid="ignore"):
            slope += np.where(w > 0, omega * (d * c.T) ** omega * w ** (omega - 1), 0.0)
    return slope if directed else (slope + slope.T) / 2


def _factors(w: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 over the roots of the strengths, 0 for a node without output."""
    return np.asarray(stacks.ratio(1.0, np.sqrt(w.sum(axis=1)), otherwise=0.0))


def _by_weight(
    inner: NDArray[np.float64], w: NDArray[np.float64], b: NDArray[np.float64], r: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The derivative by w_ij, from `inner`, that by ``b_ij = r_i w_ij r_j`` with r_i = (sum_j w_ij)^-1/2."""
    flow = inner * b
    return inner * r[:, None] * r - ((flow.sum(axis=0) + flow.sum(axis=1)) * r * r / 2)[:, None]
