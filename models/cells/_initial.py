"""Initial weights, from source (row) to target (column)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw"]


def draw(scheme: str, gain: float, shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """One block of weights, `gain` times

    =============  ========================================================
    "orthogonal"   a random orthogonal matrix (uniform over all of them)
    "glorot"       uniform within ``sqrt(6 / (sources + targets))``
    "uniform"      uniform within ``1 / sqrt(sources)`` (torch's linear layers)
    "normal"       Gaussian with standard deviation ``1 / sqrt(sources)``
    "identity"     the identity
    =============  ========================================================

    Examples
    --------
    >>> w = draw("orthogonal", 2.0, (50, 50), np.random.default_rng(0)).astype(float)
    >>> bool(np.allclose(w @ w.T, 4 * np.eye(50), atol=1e-5))
    True
    """
    sources, targets = shape
    if scheme == "orthogonal":
        q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
        q *= np.sign(np.diag(r))
        w = q if sources >= targets else q.T
    elif scheme == "glorot":
        w = rng.uniform(-1, 1, shape) * np.sqrt(6 / (sources + targets))
    elif scheme == "uniform":
        w = rng.uniform(-1, 1, shape) / np.sqrt(sources)
    elif scheme == "normal":
        w = rng.standard_normal(shape) / np.sqrt(sources)
    elif scheme == "identity":
        w = np.eye(sources, targets)
    else:
        raise ValueError(
            f"scheme must be one of 'orthogonal', 'glorot', 'uniform', 'normal', 'identity'; got {scheme!r}"
        )
    return np.asarray(gain * w, dtype=np.float32)
