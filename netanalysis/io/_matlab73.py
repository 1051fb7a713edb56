"""MATLAB 7.3 files: HDF5 in which attributes say what MATLAB meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.io._entries import FileError, check_size, compressed
from netanalysis.io._hdf5_nodes import is_here, members, values
from netanalysis.io._matlab_tree import NUMERIC, Array, Cell, Opaque, Struct, Text

_DEPTH = 32
_MEMBERS = 100_000  # each is a dataset of its own


def is_matlab(file: Any) -> bool:
    """Whether a file carries MATLAB's attributes."""
    return any("MATLAB_class" in node.attrs or "MATLAB_sparse" in node.attrs for node in members(file).values())


def variables(h5py: Any, file: Any, reopen: Callable[[], Any], path: Path) -> dict[str, Any]:
    """The tree of every variable."""
    reader = _Reader(h5py, file, reopen, path)
    return {name: reader.value(node, 0) for name, node in members(file).items() if not name.startswith("#")}


class _Reader:
    def __init__(self, h5py: Any, file: Any, reopen: Callable[[], Any], path: Path) -> None:
        self.h5py, self.file, self.reopen, self.path = h5py, file, reopen, path
        self.count = 0

    def value(self, node: Any, depth: int) -> Any:
        self.count += 1
        if self.count > _MEMBERS:  # references may go round in circles
            raise FileError(f"{self.path} holds more than {_MEMBERS:,} values; save the matrix alone")
        kind = node.attrs.get("MATLAB_class", "")
        kind = kind.decode() if isinstance(kind, bytes) else str(kind)
        if depth > _DEPTH:
            return Opaque("value nested too deeply")
        if "MATLAB_object_decode" in node.attrs or kind in ("table", "string", "function_handle", "datetime"):
            return Opaque(kind or "object")
        if isinstance(node, self.h5py.Group):
            if "MATLAB_sparse" in node.attrs:
                return self.sparse(node)
            return Struct({name: self.field(child, depth) for name, child in members(node).items()})
        if not is_here(node):
            return Opaque("dataset of another file")
        if "MATLAB_empty" in node.attrs:
            return Cell([]) if kind == "cell" else Array((0, 0), "f8", lambda: np.zeros((0, 0)))
        if kind == "cell":
            return Cell(self.referred(node, depth))
        if kind == "char":
            return self.text(node)
        dtype = NUMERIC.get(kind, node.dtype.str) if node.dtype.kind in "biuf" else "V8"
        return Array(tuple(node.shape)[::-1], dtype, self.numbers(node.name))

    def field(self, child: Any, depth: int) -> list[Any]:
        """A field's value, or of a struct array all its values, kept as references without a class."""
        plain = isinstance(child, self.h5py.Dataset) and child.dtype == self.h5py.ref_dtype
        if plain and "MATLAB_class" not in child.attrs:
            return self.referred(child, depth)
        return [self.value(child, depth + 1)]

    def referred(self, node: Any, depth: int) -> list[Any]:
        if node.dtype != self.h5py.ref_dtype or not is_here(node):
            return []
        check_size(node.shape, f"{self.path}: {node.name!r}")
        # HDF5 shows MATLAB's columns as rows, so that its flat order is MATLAB's own.
        return [self.value(self.file[reference], depth + 1) for reference in node[()].ravel() if reference]

    def text(self, node: Any) -> Text:
        check_size(node.shape, f"{self.path}: {node.name!r}")
        codes = np.atleast_2d(node[()]).T
        if codes.ndim != 2 or codes.dtype.kind not in "iu":
            return Text([])
        return Text([bytes(row.astype("<u2")).decode("utf-16-le", "replace") for row in codes])

    def numbers(self, name: str) -> Callable[[], Any]:
        def read() -> Any:
            with self.reopen() as file:
                return values(file[name], self.path).T  # stored by columns: A(i, j, k) is array[k, j, i]

        return read

    def sparse(self, node: Any) -> Any:
        here = members(node)  # MATLAB leaves data and ir out when there is no entry
        if "jc" not in here or not all(map(is_here, here.values())) or len(here) != len(node):
            return Opaque("sparse matrix of another file")
        shape = (int(node.attrs["MATLAB_sparse"]), int(node["jc"].shape[0]) - 1)
        name = node.name

        def read() -> Any:
            with self.reopen() as file:
                parts = {part: values(stored, self.path) for part, stored in members(file[name]).items()}
            rows, starts = (parts.get(part, np.zeros(0)).astype(np.int64) for part in ("ir", "jc"))
            return compressed("csc", parts.get("data", np.zeros(0)), rows, starts, shape, f"{self.path}: {name!r}")

        dtype = node["data"].dtype if "data" in node else np.dtype(float)
        return Array(shape, dtype.str if dtype.kind in "biuf" else "V8", read, sparse=True)
