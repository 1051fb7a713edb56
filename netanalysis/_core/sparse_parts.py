"""The arrays of a sparse matrix, looked at before scipy's compiled code believes them: wrong ones end the process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["check", "check_parts"]


def check_parts(kind: str, data: Any, indices: Any, indptr: Any, shape: Sequence[int], name: str) -> None:
    """Refuse lists of neighbours that cannot be those of a matrix of this kind (csr, csc) and shape.

    Raises
    ------
    ValueError
        Naming the array that lies: a wrong length, start, order or end of indptr, an index out of range.

    Examples
    --------
    >>> check_parts("csr", [1.0], [0], [0, 1, 0], (2, 2), "net")
    Traceback (most recent call last):
    ...
    ValueError: net is no sparse matrix: indptr must not decrease; it does at 2
    """
    if len(shape) != 2 or min(shape) < 0:
        raise ValueError(f"{name} is no sparse matrix: its shape is {tuple(shape)}")
    outer, inner = (int(n) for n in (shape if kind == "csr" else reversed(shape)))
    data, indices, indptr = (np.asarray(part) for part in (data, indices, indptr))

    def refuse(why: str) -> None:
        raise ValueError(f"{name} is no sparse matrix: {why}")

    if indices.ndim != 1 or indptr.ndim != 1 or data.ndim != 1:
        refuse(f"its arrays must have one axis; data, indices, indptr have {data.ndim}, {indices.ndim}, {indptr.ndim}")
    if indices.dtype.kind not in "iu" or indptr.dtype.kind not in "iu":
        refuse(f"indices and indptr must be whole numbers; got {indices.dtype} and {indptr.dtype}")
    if len(indptr) != outer + 1:
        refuse(f"indptr must have {outer + 1} entries for shape {tuple(map(int, shape))}; it has {len(indptr)}")
    if indptr[0] != 0:
        refuse(f"indptr must begin with 0; it begins with {indptr[0]}")
    if (falls := np.flatnonzero(indptr[1:] < indptr[:-1])).size:
        refuse(f"indptr must not decrease; it does at {int(falls[0]) + 1}")
    if int(indptr[-1]) != len(indices) or len(indices) != len(data):
        refuse(f"indptr ends at {indptr[-1]}, for {len(indices)} indices and {len(data)} values")
    if len(indices) and not (int(indices.min()) >= 0 and int(indices.max()) < inner):
        refuse(f"indices must lie in 0..{inner - 1}; got {indices.min()}..{indices.max()}")


def check(net: Any, name: str) -> None:
    """Refuse a scipy matrix or array whose parts were changed into what cannot be one."""
    if net.format in ("csr", "csc") and net.ndim == 2:
        room = int(net.indptr[-1]) if np.size(net.indptr) else 0
        used = slice(0, room if 0 <= room <= min(len(net.indices), len(net.data)) else None)  # scipy lets it keep more
        check_parts(net.format, net.data[used], net.indices[used], net.indptr, net.shape, name)
    elif net.format == "bsr":
        high, wide = net.data.shape[1:]
        blocks = (net.shape[0] // max(1, high), net.shape[1] // max(1, wide))
        check_parts("csr", net.data[:, :1, :1].ravel(), net.indices, net.indptr, blocks, name)
    elif net.format == "coo":
        for axis, (places, n) in enumerate(zip(net.coords, net.shape, strict=True)):
            if len(places) != len(net.data):
                raise ValueError(f"{name} is no sparse matrix: {len(places)} places for {len(net.data)} values")
            if len(places) and not (int(places.min()) >= 0 and int(places.max()) < n):
                raise ValueError(
                    f"{name} is no sparse matrix: places along axis {axis} must lie in 0..{n - 1}; got "
                    f"{places.min()}..{places.max()}"
                )
    elif net.format == "dia" and len(net.offsets) != len(net.data):
        raise ValueError(f"{name} is no sparse matrix: {len(net.offsets)} offsets for {len(net.data)} diagonals")
