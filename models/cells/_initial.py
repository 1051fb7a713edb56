"""Initial weights, from source (row) to target (column)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from models._settings import number
from models.cells._protocol import BLOCKS

__all__ = ["Initial", "check", "draw"]

# (scheme, gain) of each block of weights.
Initial = Mapping[str, tuple[str, float]]


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
    _known(scheme)
    sources, targets = shape
    return np.asarray(gain * _SCHEMES[scheme](sources, targets, rng), dtype=np.float32)


def check(initial: Initial) -> None:
    """Refuse initial weights that lack a block, or have an unknown scheme or gain."""
    if set(initial) != set(BLOCKS):
        raise ValueError(f"initial must have a (scheme, gain) for each of {', '.join(BLOCKS)}; got {dict(initial)}")
    for block, (scheme, gain) in initial.items():
        _known(scheme)
        number(gain, f"gain of initial[{block!r}]")


def _known(scheme: str) -> None:
    if scheme not in _SCHEMES:
        raise ValueError(f"scheme must be one of {', '.join(map(repr, _SCHEMES))}; got {scheme!r}")


def _orthogonal(sources: int, targets: int, rng: np.random.Generator) -> NDArray[np.float64]:
    q, r = np.linalg.qr(rng.standard_normal((max(sources, targets), min(sources, targets))))
    q *= np.sign(np.diag(r))
    return q if sources >= targets else q.T


_SCHEMES: dict[str, Callable[[int, int, np.random.Generator], NDArray[np.float64]]] = {
    "orthogonal": _orthogonal,
    "glorot": lambda s, t, rng: rng.uniform(-1, 1, (s, t)) * np.sqrt(6 / (s + t)),
    "uniform": lambda s, t, rng: rng.uniform(-1, 1, (s, t)) / np.sqrt(s),
    "normal": lambda s, t, rng: rng.standard_normal((s, t)) / np.sqrt(s),
    "identity": lambda s, t, _: np.eye(s, t),
}
