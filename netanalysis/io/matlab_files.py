"""MATLAB .mat: version 4 to 7 through scipy, 7.3 as the HDF5 that it is."""

from __future__ import annotations

import zlib
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from netanalysis.connectome import Connectome
from netanalysis.io import _entries, _layout, hdf5_files
from netanalysis.io._entries import (
    Entry,
    FileError,
    Loaded,
    check_bytes,
    check_size,
    compressed,
    select,
    with_roles,
)

_NUMERIC = {
    "double": "f8", "single": "f4", "logical": "u1", "sparse": "f8",
    "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8",
    "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8",
}  # fmt: skip
_ELEMENT_TYPES = {1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 16, 17, 18}  # numbers and text of version 5


def read(path: Path, key: str | None) -> Loaded:
    """One variable, or a network saved by netanalysis.

    Pages of a 3-D array are networks: ``A(:, :, k)`` becomes ``weights[k]``.
    """
    with path.open("rb") as file:
        start = file.read(520)
    if start.startswith(b"MATLAB 7.3") or b"\x89HDF\r\n\x1a\n" in (start[:8], start[512:]):
        return hdf5_files.read(path, key)
    import scipy.io

    variables = {name: (shape, kind) for name, shape, kind in scipy.io.whosmat(path, appendmat=False)}

    def variable(name: str) -> Any:
        if name not in variables:
            raise FileError(f"{path} lacks the variable {name!r}: incomplete")
        shape, kind = variables[name]
        check_size(shape if kind != "sparse" else (max(shape),), f"{path}: {name!r}")
        if start.startswith(b"MATLAB 5"):
            _check_elements(path, name)
        value = scipy.io.loadmat(path, appendmat=False, variable_names=[name], spmatrix=False)[name]
        if sparse.issparse(value) and value.format == "csc":
            return compressed("csc", value.data, value.indices, value.indptr, value.shape)
        return np.moveaxis(value, -1, 0) if value.ndim == 3 else value

    if _layout.HEADER in variables:
        return _layout.unpack(str(variable(_layout.HEADER).item()), set(variables), variable, key)
    entries = [
        Entry(
            name,
            (shape[2], *shape[:2]) if len(shape) == 3 else tuple(shape),
            _NUMERIC.get(kind, "V8"),
            partial(variable, name),
            sparse=kind == "sparse",
        )
        for name, (shape, kind) in variables.items()
        if not name.startswith("__")  # MATLAB's own; no variable of a user can begin so
    ]
    return select(with_roles(entries), key, path)


def _check_elements(path: Path, name: str) -> None:
    """Refuse a version 5 variable whose parts do not fit its size or have unknown types.

    scipy trusts both: a damaged file can crash Python (github.com/scipy/scipy/pull/25349), and a compressed
    variable may unpack to any size.
    """
    with path.open("rb") as file:
        order: Literal["little", "big"] = "big" if file.read(128).endswith(b"MI") else "little"
        while tag := file.read(8):
            kind, size = (int.from_bytes(tag[k : k + 4], order) for k in (0, 4))
            raw = file.read(size)
            if len(raw) < size:
                raise FileError(f"{path} ends in the middle of a variable")
            if kind == 15:  # compressed; the names come first, so that only what is asked for is unpacked whole
                unzip = zlib.decompressobj()
                raw = unzip.decompress(raw, 4096)
                if _elements(raw[8:], order)[2:3] == [name.encode()]:
                    raw += unzip.decompress(unzip.unconsumed_tail, _entries.SIZE_LIMIT_BYTES)
                    if unzip.unconsumed_tail:
                        check_bytes(_entries.SIZE_LIMIT_BYTES + 1, f"{path}: {name!r}, unpacked,")
                raw = raw[8:]
            parts = _elements(raw, order)
            if parts[2:3] != [name.encode()]:
                continue
            flags = int.from_bytes(parts[0][:4], order)
            if flags & 0x800:
                raise FileError(f"{path}: {name!r} is complex; weights are real numbers")
            if len(parts) != (6 if flags & 0xFF == 5 else 4):  # flags, dimensions, name, [row and column indices,] data
                raise FileError(f"{path}: {name!r} is damaged or incomplete")
            return
    raise FileError(f"{path}: {name!r} is damaged or incomplete")


def _elements(raw: bytes, order: Literal["little", "big"]) -> list[memoryview]:
    """The parts of a variable, up to the first that is damaged or cut off."""
    view, at, parts = memoryview(raw), 0, []
    while at + 8 <= len(raw):
        kind, size = (int.from_bytes(view[at + k : at + k + 4], order) for k in (0, 4))
        start = at + 8
        if kind >> 16:  # up to four bytes are kept inside the tag
            kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
        if kind not in _ELEMENT_TYPES or start + size > len(raw) or (start == at + 4 and size > 4):
            break
        parts.append(view[start : start + size])
        at = start + size + (-size % 8 if start == at + 8 else 4 - size)
    return parts


def write(net: Connectome, path: Path) -> None:
    """Everything, in the marked layout, as MATLAB 7: `weights` is (n, n), sparse or full, or (n, n, k) for a stack."""
    import scipy.io

    if net.weights.ndim > 3:
        raise ValueError(f"a .mat file holds stacks of shape (k, n, n); got {net.weights.shape}. Save it as .npz")
    arrays, header = _layout.pack(net, strings=False, split_sparse=False)
    if net.is_stack:
        arrays["weights"] = np.moveaxis(arrays["weights"], 0, -1)
    with path.open("wb") as file:
        scipy.io.savemat(file, {_layout.HEADER: header, **arrays}, do_compression=True)
