"""Weights so large or small that sums of their products leave the doubles, brought near 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

ONE = np.ones(())
_FAR = 1e70  # its cube, times the triangles of a large network, is a double


def near_one(w: Any) -> tuple[Any, NDArray[np.float64]]:
    """Weights, divided by the largest magnitude of a network where that is beyond 1e70 or below 1e-70; the divisors.

    For measures that do not change with the unit of the weights, or change as a power of it. Divisors have the shape of
    the leading axes, and are 1 where nothing was divided.
    """
    if sparse.issparse(w):
        largest = max(float(w.data.max(initial=0.0)), -float(w.data.min(initial=0.0)))
        if not is_far(largest):
            return w, np.ones(())
        return sparse.csr_array((w.data / largest, w.indices, w.indptr), shape=w.shape), np.asarray(largest)
    squares = float(np.vdot(w, w)) if w.size <= 10_000 else 0.0  # BLAS would use threads on more than this
    if 1e-130 < squares < 1e130 and w.ndim == 2:
        return w, ONE
    magnitude = np.maximum(w.max(axis=(-2, -1)), -w.min(axis=(-2, -1)))
    far = is_far(magnitude)
    divisor = np.where(far, magnitude, 1.0)
    return (w / divisor[..., None, None] if far.any() else w), divisor


def to_one(values: Any, axis: int | tuple[int, ...] | None = None) -> tuple[Any, Any]:
    """Finite values over the power of 2 at their largest magnitude, so that it is from 1 to 2; and that power.

    Nothing is rounded. Of all values, also of a sparse network, or along an axis; the power of nothing but 0 is 1.
    """
    if sparse.issparse(values):
        data, unit = to_one(values.data)
        return sparse.csr_array((data, values.indices, values.indptr), shape=values.shape), unit
    largest = np.abs(values).max(axis=axis, keepdims=axis is not None, initial=0.0)
    unit = np.where(largest > 0, np.ldexp(1.0, np.frexp(largest)[1] - 1), 1.0)
    return values / unit, unit


def is_far(magnitude: Any) -> Any:
    """Whether sums of products of weights of this magnitude may leave the doubles."""
    return (magnitude > _FAR) | ((magnitude > 0) & (magnitude < 1 / _FAR))
