"""Matrices with more entries than a figure has room for, drawn as means over cells of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_CHUNK = 1 << 20  # connections at a time


def cell_sizes(shape: tuple[int, ...], room: tuple[float, float]) -> tuple[int, int]:
    """Rows and columns of a cell: 1 up to two a point of the room (height, width), else a point's worth of them.

    Entries finer than that would be drawn over each other or not at all.
    """
    rows, columns = (1 if n <= 2 * r else int(np.ceil(n / r)) for n, r in zip(shape, room, strict=True))
    return rows, columns


def cell_means(w: Any, size: tuple[int, int]) -> NDArray[np.float64]:
    """Mean over the entries of each cell, absent connections counted as 0; sparse matrices stay so."""
    shape = tuple(-(-n // k) for n, k in zip(w.shape, size, strict=True))
    if not sparse.issparse(w):
        starts = [np.arange(0, n, k) for n, k in zip(w.shape, size, strict=True)]
        total = np.add.reduceat(np.add.reduceat(w, starts[0], axis=0), starts[1], axis=1)
    else:
        w = sparse.coo_array(w)
        total = np.zeros(shape[0] * shape[1])
        for start in range(0, w.nnz, _CHUNK):
            part = slice(start, start + _CHUNK)
            cell = (w.row[part] // size[0]).astype(np.int64) * shape[1] + w.col[part] // size[1]
            total += np.bincount(cell, w.data[part], minlength=len(total))
        total = total.reshape(shape)
    counts = [np.minimum(k, n - k * np.arange(m)) for n, k, m in zip(w.shape, size, shape, strict=True)]
    return np.asarray(total / np.outer(*counts))


def cell_means_of_connections(w: Any, size: tuple[int, int]) -> NDArray[np.float64]:
    """Mean over the entries of each cell that are not 0; 0 where there are none."""
    present = cell_means((w != 0).astype(float), size)
    return np.asarray(np.divide(cell_means(w, size), present, out=np.zeros(present.shape), where=present > 0))


def per_cell(label: str, size: tuple[int, int], what: str = "") -> str:
    """What a cell shows, for the colour bar."""
    return label if size == (1, 1) else f"{label}, mean {what}of {size[0]:,} × {size[1]:,}"
