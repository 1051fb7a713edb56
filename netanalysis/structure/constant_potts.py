"""The constant Potts model: connections inside communities against a weight that each pair of nodes is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import transform
from netanalysis._core import stacks


def potts_matrix(w: NDArray[np.float64], resolution: float) -> NDArray[np.float64]:
    """B of :func:`potts_quality` for one network, (n, n), without a diagonal."""
    b = (w + w.T) / 2 - resolution
    np.fill_diagonal(b, 0.0)
    whole = np.abs(transform.remove_self_connections(w)).sum()
    return np.asarray(b / whole if whole else b)


def potts_quality(w: Any, labels: NDArray[np.intp], resolution: float) -> NDArray[np.float64]:
    """``sum_{i != j} (W_ij - resolution) delta(c_i, c_j) / sum_{i != j} |W_ij|`` of partitions (runs, n), nan without
    weights.
    """
    w = transform.remove_self_connections(w)
    out = np.empty(len(labels))
    for r, c in enumerate(labels):
        if sparse.issparse(w):
            inside = w.data[np.repeat(c, np.diff(w.indptr)) == c[w.indices]].sum()
        else:
            inside = w[c[:, None] == c].sum()
        size = np.bincount(c).astype(float)
        out[r] = inside - resolution * (size * (size - 1)).sum()
    return stacks.ratio(out, abs(w).sum())
