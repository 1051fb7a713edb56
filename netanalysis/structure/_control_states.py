"""What a transition is between, and what states may cost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, validate

Array = NDArray[np.float64]

_FAR = 1e100
_NEGATIVE = 1e-12  # an eigenvalue that may be 0 but for rounding, as a share of the largest


def as_states(values: Any, n: int, name: str, net: Any) -> Array:
    """States (..., n); names stand for 1 at their nodes."""
    if isinstance(values, str) or (isinstance(values, (list, tuple)) and values and isinstance(values[0], str)):
        out = np.zeros(n)
        out[validate.as_nodes(values, n, name, net=net)] = 1
        return out
    array = validate.as_array(values, name)
    if array.ndim == 0 or array.shape[-1] != n or array.size == 0:
        raise ValueError(f"{name} must have shape (..., {n}), one number per node; got {array.shape}")
    largest = float(np.abs(array).max())
    if largest and not 1 / _FAR < largest < _FAR:
        raise ValueError(
            f"{name} must be 0 or have its largest magnitude between {1 / _FAR:g} and {_FAR:g}, or squared inputs are "
            f"no doubles; got {largest:g}. Use another unit: energy grows with the square of the states"
        )
    return array


def transitions(x0: Any, xf: Any, reference: Any, n: int, net: Any) -> tuple[Array, Array, Array, tuple[int, ...]]:
    """First, last and reference state of each transition (k, n), and the shape of k."""
    given = {"x0": as_states(x0, n, "x0", net), "xf": as_states(xf, n, "xf", net)}
    if reference is not None:
        given["reference"] = as_states(reference, n, "reference", net)
    try:
        start, end, *rest = np.broadcast_arrays(*given.values())
    except ValueError as wrong:
        shapes = [array.shape for array in given.values()]
        raise ValueError(f"{' and '.join(given)} must broadcast; got shapes {', '.join(map(str, shapes))}") from wrong
    around = rest[0] if rest else np.zeros_like(start)
    return start.reshape(-1, n), end.reshape(-1, n), around.reshape(-1, n), start.shape[:-1]


def as_state_cost(values: Any, n: int, net: Any) -> Array | None:
    """S (n, n) of a number, a cost per node, names or a matrix; None where no state costs anything."""
    name = "state_cost"
    if values is None:
        return None
    if np.ndim(values) == 2:
        cost = validate.as_array(values, name)
        if cost.shape != (n, n) or not np.allclose(cost, cost.T, rtol=1e-10, atol=0):
            raise ValueError(f"{name} must be symmetric, ({n}, {n}), if it is a matrix; got shape {cost.shape}")
        least = np.linalg.eigvalsh(cost)
        if least[0] < -_NEGATIVE * np.abs(least).max():
            raise ValueError(f"{name} must have no negative eigenvalues; the least is {least[0]:.3g}")
        cost = 0.5 * (cost + cost.T)
    elif np.ndim(values) == 0 and not isinstance(values, str):
        cost = options.number_in(values, name, at_least=0) * np.eye(n)
    else:
        each = as_states(values, n, name, net)
        if each.min() < 0:
            raise ValueError(f"{name} must be at least 0 at every node; got {each.min():g}")
        cost = np.diag(each)
    return cost if cost.any() else None
