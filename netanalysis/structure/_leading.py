"""Whether linear activity settles: the leading eigenvalue of W, and the gain up to which it does."""

from __future__ import annotations

from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import eigenvalues, stacks, validate
from netanalysis.connectome import Connectome

Dynamics = Literal["continuous", "discrete"]

_TOLERANCE = 1e-10
_ROUNDING = 1e-14  # of an eigenvalue, relative to n times the largest weight
_EDGE = 1e-12  # an eigenvalue computed to rounding must not decide whether exactly 1 settles

# A Connectome cannot change: further questions about its influence need no second look.
_known: WeakKeyDictionary[Connectome, dict[str, NDArray[np.float64]]] = WeakKeyDictionary()


def leading_value(net: Any, w: Any, dynamics: Dynamics) -> NDArray[np.float64]:
    """Largest real part (continuous) or modulus (discrete) of an eigenvalue, of each network."""
    known = _known.setdefault(net, {}) if isinstance(net, Connectome) else {}
    kind = dynamics if validate.has_negative(w) else "non-negative"
    if kind not in known:
        known[kind] = _leading(w, kind)
    return known[kind]


def _leading(w: Any, kind: str) -> NDArray[np.float64]:
    if kind == "non-negative":
        if sparse.issparse(w):
            return np.asarray(eigenvalues.perron(w))
        flat, lead = stacks.flatten(w)
        return np.array([eigenvalues.perron(m) for m in flat]).reshape(lead)
    if sparse.issparse(w):
        found = eigenvalues.extreme_eigenvalue(w, "LR" if kind == "continuous" else "LM", _TOLERANCE)
        return np.asarray(found.real if kind == "continuous" else abs(found))
    every = eigenvalues.eigenvalues(w)
    return np.asarray((every.real if kind == "continuous" else np.abs(every)).max(axis=-1))


def rounding_of(w: Any) -> NDArray[np.float64]:
    """Up to where a leading value may be 0 but for rounding, of each network; of non-negative weights it is exact."""
    n = w.shape[-1]
    if sparse.issparse(w):
        return np.asarray(_ROUNDING * n * np.abs(w.data).max(initial=0.0) * (w.data < 0).any())
    return np.asarray(_ROUNDING * n * np.abs(w).max(axis=(-2, -1)) * (w < 0).any(axis=(-2, -1)))


def require_steady_state(leading: Any, gain: Any, dynamics: str, *, after: str = "") -> None:
    """Refuse networks in which activity grows."""
    at = np.asarray(leading) * np.asarray(gain)
    if np.any(at >= 1 - _EDGE):
        worst = int(np.argmax(at))
        limit = 1 / float(np.ravel(leading)[worst])
        what = "largest real part" if dynamics == "continuous" else "largest modulus"
        where = f" after {after}" if after else ""
        raise ValueError(
            f"activity does not settle{where}: the {what} of an eigenvalue of gain * W must be below 1 for "
            f'dynamics="{dynamics}"; got {float(at.max()):.6g}. gain must be below {limit:.6g}'
        )
