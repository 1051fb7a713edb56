"""A network as a linear system that settles, and the Gramian of its inputs."""

from __future__ import annotations

from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, stacks, validate
from netanalysis.structure._leading import Dynamics, leading_value

Scaling = Literal["eigenvalue", "singular_value"] | None
Array = NDArray[np.float64]

_EDGE = 1e-12  # an eigenvalue that rounding could put on either side of the limit does not settle
DOUBLINGS = 64


def linear_system(net: Any, dynamics: str, scaling: Any, measure: str) -> tuple[Array, Array, tuple[int, ...]]:
    """``A`` of ``x' = A x`` for every network (m, n, n), what weights were divided by (m,), and the leading shape.

    Weights are [source, target] and A is [target, source]: they are turned here and nowhere else.
    """
    options.choice(dynamics, get_args(Dynamics), "dynamics")
    if scaling is not None:
        options.choice(scaling, ["eigenvalue", "singular_value"], "scaling")
    w = validate.as_weights(net)
    w = validate.dense(w, measure=measure, instead="transform.subset(net, nodes) for a part of it")
    flat, lead = stacks.flatten(w)
    if scaling is None:
        scale = np.ones(len(flat))
        leading = np.reshape(leading_value(net, w, cast(Dynamics, dynamics)), -1)
    else:  # what bounds every eigenvalue is below 1 in any case, unless the 1 is lost in rounding
        largest = (
            np.reshape(leading_value(net, w, "discrete"), -1)
            if scaling == "eigenvalue"
            else np.linalg.norm(flat, 2, axis=(-2, -1))
        )
        scale = 1 + largest
        leading = largest / scale
    if np.any(leading >= 1 - _EDGE):
        what = "largest real part" if dynamics == "continuous" else "largest modulus"
        advice = 'scaling="eigenvalue" divides by 1 + the largest' if scaling is None else "divide the weights first"
        raise ValueError(
            f'{measure} needs a network whose activity settles: with dynamics="{dynamics}" and scaling={scaling!r} '
            f"the {what} of an eigenvalue must be below 1; got {float(leading.max()):.6g}. {advice}"
        )
    a = np.ascontiguousarray(np.swapaxes(flat / scale[:, None, None], -1, -2))
    if dynamics == "continuous":
        a -= np.eye(a.shape[-1])
    return a, scale, lead


def as_horizon(horizon: Any, dynamics: str, name: str) -> float:
    """A positive time, or inf; whole steps where time is discrete."""
    if isinstance(horizon, float) and np.isposinf(horizon):
        return float(np.inf)
    found = options.number_in(horizon, name, above=0)
    if dynamics == "discrete" and found != int(found):
        raise ValueError(f'{name} counts steps with dynamics="discrete" and must be whole; got {horizon!r}')
    return found


def gramian(a: Array, source: Array, horizon: float, dynamics: str) -> Array:
    """Sum or integral of ``exp(A t) S exp(A^T t)``, or ``A^t S (A^T)^t``, over the horizon, of each system (m, n, n).

    By doubling, from a span so short that its Gramian is accurate. An infinite horizon takes the Cayley transform in
    continuous time, which has the same Gramian.
    """
    n = a.shape[-1]
    source = np.broadcast_to(source, a.shape)
    if dynamics == "continuous":
        if np.isinf(horizon):
            inverse = np.asarray(np.linalg.inv(np.eye(n) - a), np.float64)
            step, part = inverse @ (np.eye(n) + a), 2 * inverse @ source @ _turned(inverse)
        else:
            doublings = max(0, int(np.ceil(np.log2(max(1.0, horizon * np.abs(a).sum(axis=-1).max())))))
            step, part = _short(a, source, horizon / 2**doublings)
            for _ in range(doublings):
                step, part = step @ step, part + step @ part @ _turned(step)
            return _even(part)
    else:
        step, part = a, source
    if np.isinf(horizon):
        for _ in range(DOUBLINGS):
            more = step @ part @ _turned(step)
            part = part + more
            if not np.any(np.abs(more).max(axis=(-2, -1)) > 1e-17 * np.abs(part).max(axis=(-2, -1))):
                break
            step = step @ step
        return _even(part)
    total, moved, left = np.zeros_like(a), np.broadcast_to(np.eye(n), a.shape), int(horizon)
    while left:
        if left & 1:
            total, moved = total + moved @ part @ _turned(moved), moved @ step
        part, step, left = part + step @ part @ _turned(step), step @ step, left >> 1
    return _even(total)


def _short(a: Array, source: Array, time: float) -> tuple[Array, Array]:
    """``exp(A t)`` and the Gramian over t, from one exponential of twice the size."""
    from scipy.linalg import expm

    n = a.shape[-1]
    block = np.zeros((len(a), 2 * n, 2 * n))
    block[:, :n, :n], block[:, :n, n:], block[:, n:, n:] = -a * time, source * time, _turned(a) * time
    found = expm(block)
    step = _turned(found[:, n:, n:])
    return step, _even(step @ found[:, :n, n:])


def _turned(m: Array) -> Array:
    return np.swapaxes(m, -1, -2)


def _even(m: Array) -> Array:
    return 0.5 * (m + _turned(m))
