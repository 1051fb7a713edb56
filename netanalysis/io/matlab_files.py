"""MATLAB .mat of all versions, and Octave's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome
from netanalysis.io import _layout, _matlab4, _matlab5, _matlab_tree, _octave, hdf5_files
from netanalysis.io._entries import FileError, Loaded
from netanalysis.io._roles import select, with_roles


def read(path: Path, key: str | None) -> Loaded:
    """MATLAB 4 to 7.3 and Octave: one variable, or a field of a struct or cell (``data.conn``, ``matrices{2}``).

    Pages of a 3-D array are networks: ``A(:, :, k)`` becomes ``weights[k]``; so are the members of a cell.
    """
    with path.open("rb") as file:
        start = file.read(520)
    if b"\x89HDF\r\n\x1a\n" in (start[:8], start[512:]):
        return hdf5_files.read(path, key)
    if _octave.is_octave(start):
        return select(with_roles(_matlab_tree.entries(_octave.variables(path, start))), key, path)
    if start[126:128] in (b"IM", b"MI"):
        variables = _matlab5.variables(path)
        if _layout.HEADER in variables:
            return _own(variables, path, key)
        return select(with_roles(_matlab_tree.entries(variables)), key, path)
    if _matlab4.is_version_4(start):
        return select(with_roles(_matlab_tree.entries(_matlab4.variables(path))), key, path)
    raise FileError(f"{path} does not begin as a MATLAB or Octave file of any version does: is it damaged?")


def _own(variables: Mapping[str, Any], path: Path, key: str | None) -> Loaded:
    def variable(name: str) -> Any:
        if name not in variables:
            raise FileError(f"{path} lacks the variable {name!r}: incomplete")
        value = variables[name]
        return np.moveaxis(value.read(), -1, 0) if len(value.shape) == 3 else value.read()

    header = variables[_layout.HEADER]
    if not isinstance(header, _matlab_tree.Text) or len(header.lines) != 1:
        raise FileError(f"{path}: the {_layout.HEADER!r} header is damaged")
    return _layout.unpack(header.lines[0], set(variables), variable, key)


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
