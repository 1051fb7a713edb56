"""MATLAB 4 files, parsed here as those of version 5 are: every size is checked before it is believed.

Each variable is five whole numbers (kind, rows, columns, whether complex, length of the name), the name, and numbers
by columns. The kind is MOPT in decimal digits: order of bytes, 0, type of the numbers, and full, text or sparse.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis.io._entries import FileError, check_size
from netanalysis.io._matlab_tree import Array, Opaque, Text

_STORED = ["f8", "f4", "i4", "i2", "u2", "u1"]
_FULL, _TEXT, _SPARSE = range(3)
_LONGEST_NAME = 256


def is_version_4(start: bytes) -> bool:
    """Whether a file begins as those of version 4 do, which has no header of text: with a MOPT."""
    return _order(start[:4]) is not None


def _order(raw: bytes) -> str | None:
    """The order of bytes in which four of them are a MOPT, whose first digit says the same."""
    for digit, order in ((0, "<"), (1, ">")):
        mopt = int.from_bytes(raw, "little" if order == "<" else "big")
        first, zero, stored, kind = (mopt // 10**k % 10 for k in (3, 2, 1, 0))
        if len(raw) == 4 and mopt < 10**4 and first == digit and not zero and stored < len(_STORED) and kind <= _SPARSE:
            return order
    return None


def variables(path: Path) -> dict[str, Any]:
    """The tree of every variable; numbers are read when asked for."""
    found: dict[str, Any] = {}
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        while head := file.read(20):
            order = _order(head[:4])
            if len(head) < 20 or order is None:
                raise FileError(f"{path} is no MATLAB file of any version, or is damaged or incomplete")
            mopt, rows, columns, imaginary, length = (int(x) for x in np.frombuffer(head, order + "i4"))
            dtype, kind = np.dtype(order + _STORED[mopt // 10 % 10]), mopt % 10
            size = rows * columns * dtype.itemsize * (2 if imaginary else 1)
            if min(rows, columns) < 0 or not 0 < length <= _LONGEST_NAME or file.tell() + length + size > end:
                raise FileError(f"{path} is damaged, or ends in the middle of a variable")
            name = file.read(length).split(b"\0")[0].decode("latin-1")
            numbers = partial(_numbers, path, file.tell(), dtype, (rows, columns), f"{path}: {name!r}")
            if imaginary:
                found[name] = Opaque("complex array")
            elif kind == _TEXT:
                found[name] = Text([bytes(row.astype(np.uint8)).decode("latin-1") for row in numbers()])
            elif kind == _SPARSE:
                found[name] = _sparse(numbers, (rows, columns), f"{path}: {name!r}")
            else:
                found[name] = Array((rows, columns), dtype.newbyteorder("=").str, numbers)
            file.seek(size, os.SEEK_CUR)
    return found


def _numbers(path: Path, at: int, dtype: np.dtype, shape: tuple[int, int], what: str) -> Any:
    check_size(shape, what)
    values = np.fromfile(path, dtype, shape[0] * shape[1], offset=at).reshape(shape, order="F")
    return values.astype(dtype.newbyteorder("="), copy=False)


def _sparse(numbers: Callable[[], Any], stored: tuple[int, int], what: str) -> Array | Opaque:
    """Row, column and value of each entry, counted from 1, and in the last line the shape."""
    if stored[1] == 4:
        return Opaque("complex array")
    if stored[0] < 1 or stored[1] != 3:
        raise FileError(f"{what} is a damaged sparse matrix")
    table = numbers()
    ends = table[:, :2].astype(np.int64)
    shape = (int(ends[-1, 0]), int(ends[-1, 1]))
    if not (ends == table[:, :2]).all() or min(shape) < 0 or (ends[:-1] < 1).any() or (ends[:-1] > shape).any():
        raise FileError(f"{what} is a damaged sparse matrix: entries outside of its shape {shape}")
    check_size((max(shape) + 1,), f"{what}: the index of a sparse matrix")

    def read() -> Any:
        rows, columns = ends[:-1].T - 1
        return sparse.csc_array(sparse.coo_array((table[:-1, 2].astype(float), (rows, columns)), shape=shape))

    return Array(shape, "f8", read, sparse=True)
