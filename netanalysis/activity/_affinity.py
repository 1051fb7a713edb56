"""How alike the connections of two nodes are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import ranks, stacks

_ROUNDING = 1e-14
KERNELS = ("cosine", "normalized_angle", "pearson", "spearman", "gaussian")


def strongest_of_rows(w: NDArray[np.float64], sparsity: float) -> NDArray[np.float64]:
    """Rows without the least `sparsity` of their entries; what ties with the least one kept stays too."""
    n = w.shape[-1]
    left_out = min(round(sparsity * n), n - 1)
    if not left_out:
        return w
    least = np.partition(w, left_out, axis=-1)[:, left_out, None]
    return np.where(w >= least, w, 0.0)


def affinity(rows: NDArray[np.float64], kernel: str) -> NDArray[np.float64]:
    """Similarity of every row with every row, (n, n); nan where a row has nothing to compare."""
    if kernel == "spearman":
        return np.asarray(ranks.rank_correlations(rows, rows))
    if kernel == "gaussian":
        square = (rows**2).sum(axis=1)
        apart = np.maximum(square[:, None] + square - 2 * rows @ rows.T, 0.0)
        np.fill_diagonal(apart, 0.0)
        return np.asarray(np.exp(-apart / rows.shape[1]))
    if kernel == "pearson":
        rows = rows - rows.mean(axis=1, keepdims=True)
    length: Any = np.sqrt((rows**2).sum(axis=1))
    cosine = np.clip(stacks.ratio(rows @ rows.T, np.outer(length, length)), -1.0, 1.0)
    np.fill_diagonal(cosine, np.where(length > 0, 1.0, np.nan))
    if kernel == "normalized_angle":
        cosine[cosine > 1 - _ROUNDING] = 1.0  # the angle of rows alike up to rounding would be its root
    return 1.0 - np.arccos(cosine) / np.pi if kernel == "normalized_angle" else cosine
