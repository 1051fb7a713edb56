"""Products of a sparse network with a block of vectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels, _parallel


def matmul(w: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """``w @ x`` for w dense or csr (n, n) and x (n, k).

    A csr product goes row by row over whole rows of x, which is faster than scipy's for k > 1: every stored weight
    is read once for all k columns.
    """
    if not sparse.issparse(w) or x.ndim == 1 or x.shape[1] == 1:
        return np.asarray(w @ x)
    x = np.ascontiguousarray(x)
    out = np.empty((w.shape[0], x.shape[1]))
    _parallel.thread_blocks(
        lambda start, stop: _kernels.sparse.matmul(w.indptr, w.indices, w.data, x, out, start, stop),
        w.shape[0],
        min_block=1000,
    )
    return out
