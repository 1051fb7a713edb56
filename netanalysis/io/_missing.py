"""Missing values, for which a number was asked to stand: NaN anywhere, and infinite values on the diagonal.

Fisher's z of the correlation of a region with itself is infinite; a region that a scan missed has no value at all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core.text import some
from netanalysis.io._entries import FileError, Loaded
from netanalysis.transform.node_sets import WITHOUT_VALUES

HOW = "load with missing=0, or another number that is to stand for them"


def replaced(loaded: Loaded, missing: float | None) -> Loaded:
    """What was read with `missing` in the place of missing values, and how many they were in the history."""
    w, lost = loaded.weights, loaded.lost
    if lost is None:
        held: Any = w.data if sparse.issparse(w) else w
        if not isinstance(held, np.ndarray) or held.dtype.kind != "f" or min(w.shape) == 0:
            return loaded
        here = np.isnan(held)
        if missing is None and not here.any():
            return loaded
        diagonal = _on_diagonal(w)
        if missing is not None:
            here |= np.isinf(held) & diagonal
        if not here.any():
            return loaded
        count, on_diagonal = int(here.sum()), int((here & diagonal).sum())
    else:
        count, on_diagonal = int(lost.sum()), int(lost.diagonal().sum())
    if missing is None:
        if not loaded.first_missing and lost is None:
            return loaded  # which is refused by its place
        first = loaded.first_missing or "nan as the weight of an edge"
        raise FileError(
            f"expected a number, got {first}. Missing values are never filled here unless you say by what: {HOW}"
        )
    said = f"load: {missing:g} stands for {count:,} missing value{'s' * (count > 1)} ({on_diagonal:,} on the diagonal)"
    if lost is not None:
        weights = w + missing * lost
        if sparse.issparse(weights):
            weights.eliminate_zeros()
    elif sparse.issparse(w):
        weights = w.copy()
        weights.data = np.where(here, held.dtype.type(missing), held)
    else:
        weights = np.where(here, held.dtype.type(missing), held)
    fields = dict(loaded.fields)
    if lost is None and not sparse.issparse(w) and (without := _without_any(here)).any():
        said += f"; without any value of their own: nodes {some(np.flatnonzero(without))}"
        fields["metadata"] = {**fields.get("metadata", {}), WITHOUT_VALUES: without}
    fields["history"] = (*fields.get("history", ()), said)
    return replace(loaded, weights=weights, lost=None, fields=fields)


def _on_diagonal(w: Any) -> NDArray[np.bool_]:
    """Which of the stored values are self-connections."""
    if sparse.issparse(w):
        entries = w.tocoo()
        return np.asarray(entries.row == entries.col)
    return np.broadcast_to(np.arange(w.shape[-2])[:, None] == np.arange(w.shape[-1]), w.shape)


def _without_any(lost: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which nodes have no value off the diagonal, in any network of a stack."""
    if lost.shape[-2] != lost.shape[-1]:
        return np.zeros(1, bool)
    n = lost.shape[-1]
    off = lost & ~_on_diagonal(lost)
    none = (off.sum(axis=-1) == n - 1) & (off.sum(axis=-2) == n - 1)
    return np.asarray(none.reshape(-1, n).any(axis=0))
