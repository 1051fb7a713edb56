"""MATLAB .mat: version 4 to 7 through scipy, 7.3 as the HDF5 that it is."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome
from netanalysis.io import _layout, hdf5_files
from netanalysis.io._entries import Entry, FileError, Loaded, check_size, select, with_roles

_NUMERIC = {
    "double": "f8", "single": "f4", "logical": "u1", "sparse": "f8",
    "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8",
    "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8",
}  # fmt: skip


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
        value = scipy.io.loadmat(path, appendmat=False, variable_names=[name], spmatrix=False)[name]
        if kind != "sparse" and np.iscomplexobj(value):
            raise FileError(f"{path}: {name!r} is complex; weights are real numbers")
        return np.moveaxis(value, -1, 0) if value.ndim == 3 else value

    if _layout.HEADER in variables:
        if key not in (None, "weights"):
            raise FileError(f"{path} was saved by netanalysis and holds one network; leave key out, got {key!r}")
        return _layout.unpack(str(variable(_layout.HEADER).item()), set(variables), variable)
    entries = [
        Entry(
            name,
            (shape[2], *shape[:2]) if len(shape) == 3 else tuple(shape),
            _NUMERIC.get(kind, "V8"),
            partial(variable, name),
            sparse=kind == "sparse",
        )
        for name, (shape, kind) in variables.items()
    ]
    return select(with_roles(entries), key, path)


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
