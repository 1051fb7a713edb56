"""HDF5: generic .h5, AnnData, Keras weights, MATLAB 7.3, and networks saved by netanalysis."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome
from netanalysis.io import _hdf5_nodes, _layout, _matlab73, _matlab_tree, _names
from netanalysis.io._entries import Entry, FileError, Loaded, compressed
from netanalysis.io._hdf5_nodes import is_here, is_member
from netanalysis.io._roles import select, with_roles

NEEDS = {"read": "h5py"}
_KERAS_CELL = re.compile(r"(?:^|[./])(?:simple_rnn|gru|lstm)(?:_cell)?(?:_\d+)?$")


def _library() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            "HDF5 files (.h5, .hdf5, MATLAB 7.3) need h5py: pip install 'netanalysis[formats]'"
        ) from error
    return h5py


@dataclass(frozen=True)
class _Source:
    """A file on disk or a member of an archive, opened anew for every array."""

    where: Path
    content: bytes | None = None

    def open(self) -> Any:
        return _library().File(self.where if self.content is None else io.BytesIO(self.content), "r")


def read(path: Path, key: str | None, content: bytes | None = None) -> Loaded:
    """HDF5: one dataset or sparse group (AnnData), Keras weights, or what netanalysis saved."""
    h5py, source = _library(), _Source(path, content)
    with source.open() as file:
        if _layout.HEADER in file:
            return _own(file, path, key)
        if _matlab73.is_matlab(file):
            return select(
                with_roles(_matlab_tree.entries(_matlab73.variables(h5py, file, source.open, path))), key, path
            )
        entries = list(_entries(h5py, file, source))
        titles, cells = _keras_names(file, [e.name for e in entries])
    loaded = select(with_roles(entries, keras_cells=cells, titles=titles), key, path)
    if loaded.layout is not None or loaded.key is None:  # a model's
        return loaded
    with source.open() as file:
        _refuse_packed(file.get(loaded.key), path, loaded.key)
        facts = _attributes(file) | (_attributes(file[loaded.key]) if loaded.key in file else {})
    return replace(loaded, fields=loaded.fields | {"metadata": facts | loaded.fields["metadata"]})


def _refuse_packed(node: Any, path: Path, key: str) -> None:
    """NetCDF's packed numbers are not the values they stand for."""
    packed = [name for name in ("scale_factor", "add_offset") if name in getattr(node, "attrs", ())]
    if packed:
        raise FileError(
            f"{path}: {key!r} is packed ({' and '.join(packed)}): its numbers are not the values. Unpack it where it "
            f"was written, as xarray.open_dataset(path)[{key!r}].values does, and save that"
        )


def _attributes(node: Any) -> dict[str, Any]:
    """Words and numbers among the attributes of a file or dataset, but for those in capitals, which programs write."""
    said = {name: node.attrs[name] for name in node.attrs if not re.match(r"[A-Z_]+$|MATLAB_", name)}
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in said.items()
        if isinstance(value, (str, int, float, np.bool_, np.number))
    }


def _own(file: Any, path: Path, key: str | None) -> Loaded:
    def array(name: str) -> Any:
        node = _hdf5_nodes.dataset(file, name, path)
        return _hdf5_nodes.texts(node, path) if node.dtype.kind == "O" else _hdf5_nodes.values(node, path)

    header = _hdf5_nodes.dataset(file, _layout.HEADER, path)
    return _layout.unpack(header.asstr("utf-8")[()], set(file), array, key)


def _entries(h5py: Any, file: Any, source: _Source) -> Iterator[Entry]:
    """Every dataset and sparse group; links out of the file are not followed."""
    found = list(_hdf5_nodes.walk(h5py, file, source.where))
    sparse_groups = {name: kind for name, node in found if (kind := _sparse_kind(h5py, node)) is not None}
    for name, node in found:
        if name.rpartition("/")[0] in sparse_groups:
            continue
        if name in sparse_groups:
            yield _sparse(source, name, node, *sparse_groups[name])
        elif isinstance(node, h5py.Dataset) and is_here(node):
            text = h5py.check_string_dtype(node.dtype) is not None
            dtype = "U1" if text else node.dtype.str if node.dtype.kind in "biuf" else "V8"
            yield Entry(name, tuple(node.shape), dtype, partial(_dataset, source, name, text=text))


def _dataset(source: _Source, name: str, *, text: bool) -> Any:
    with source.open() as file:
        return _hdf5_nodes.texts(file[name], source.where) if text else _hdf5_nodes.values(file[name], source.where)


def _sparse_kind(h5py: Any, node: Any) -> tuple[str, tuple[int, int]] | None:
    """Format and shape of a group that holds one sparse matrix, as AnnData, h5sparse and 10x write it."""
    if not isinstance(node, h5py.Group) or not {"data", "indices", "indptr"} <= set(node):
        return None
    parts = [node[part] for part in ("data", "indices", "indptr") if is_member(node, part)]
    if len(parts) < 3 or not all(is_here(part) and part.ndim == 1 for part in parts):
        return None
    attrs = node.attrs
    shape = next((attrs[k] for k in ("shape", "h5sparse_shape") if k in attrs), None)
    if shape is None and is_member(node, "shape") and is_here(node["shape"]) and node["shape"].shape == (2,):
        shape = node["shape"][()]
    if shape is None or np.shape(shape) != (2,):
        return None
    kind = str(attrs.get("encoding-type", attrs.get("h5sparse_format", "csr"))).removesuffix("_matrix")
    return (kind, (int(shape[0]), int(shape[1]))) if kind in ("csr", "csc") else None


def _sparse(source: _Source, name: str, group: Any, kind: str, shape: tuple[int, int]) -> Entry:
    def read() -> Any:
        with source.open() as file:
            stored = (file[name][part] for part in ("data", "indices", "indptr"))
            data, indices, indptr = (_hdf5_nodes.values(part, source.where) for part in stored)
            return compressed(kind, data, indices, indptr, shape, f"{source.where}: {name!r}")

    dtype = group["data"].dtype
    return Entry(name, shape, dtype.str if dtype.kind in "biuf" else "V8", read, sparse=True)


def _keras_names(file: Any, names: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Of .weights.h5, which numbers its arrays: names of the layers that own arrays, and groups of Keras' cells.

    A cell of the user's own may order its arrays otherwise, so only cells that Keras defines count.
    """
    titles, cells = {}, {}
    for name in names:
        base, _, last = name.rpartition("/")
        given = file[base].attrs.get("name") if base.endswith("vars") else None
        if isinstance(given, str) and last == "0" and not base.endswith("cell/vars"):
            titles[name] = f"{base.removesuffix('vars')}{given}/kernel"
        elif base.endswith("cell/vars") and last == "1" and _names.role(name) != "optimizer":
            title = given if isinstance(given, str) else base.removesuffix("/cell/vars")
            if _KERAS_CELL.search(title):
                cells[base] = title
    return titles, cells


def write(net: Connectome, path: Path) -> None:
    """Everything, in the marked layout."""
    h5py = _library()
    arrays, header = _layout.pack(net)
    with h5py.File(path, "w") as file:
        for name, value in (arrays | {_layout.HEADER: header}).items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "U":
                file.create_dataset(name, data=value.astype(object), dtype=h5py.string_dtype())
            else:
                file[name] = value
