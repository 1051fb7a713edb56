"""HDF5: generic .h5, Keras weights, MATLAB 7.3, and networks saved by netanalysis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome
from netanalysis.io import _layout
from netanalysis.io._entries import Entry, FileError, Loaded, check_size, compressed, select, with_roles

# Keras stores [source, target] and stacks the gates in the columns, in this order.
_KERAS_GATES = {1: "", 3: "zrh", 4: "ifco"}
_KERAS_CELL = re.compile(r"(?:^|[./])(?:simple_rnn|gru|lstm)(?:_cell)?(?:_\d+)?$")
_READOUTS = {"readout", "read_out", "output", "outputs", "out"}


def _library() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            "HDF5 files (.h5, .hdf5, MATLAB 7.3) need h5py: pip install 'netanalysis[formats]'"
        ) from error
    return h5py


def read(path: Path, key: str | None) -> Loaded:
    """One dataset, or a network saved by netanalysis."""
    h5py = _library()
    with h5py.File(path, "r") as file:
        if _layout.HEADER in file:
            return _own(file, path, key)
        entries = list(_entries(h5py, file, path))
        kernels = list(_keras_kernels(file, {e.name: e for e in entries}))
    if kernels:
        # Where Keras names the recurrent kernels, nothing else stands for a network unless it is asked for.
        names = {kernel.name for kernel in kernels}
        return select(kernels + [replace(e, candidate=False) for e in entries if e.name not in names], key, path)
    return select(with_roles(entries), key, path)


def _own(file: Any, path: Path, key: str | None) -> Loaded:
    def array(name: str) -> Any:
        if name not in file:
            raise FileError(f"{path} lacks the array {name!r}: incomplete")
        check_size(file[name].shape, f"{path}: {name!r}")
        if file[name].dtype.kind == "O":
            return np.array(file[name].asstr()[()].tolist(), dtype=str)
        return file[name][()]

    return _layout.unpack(file[_layout.HEADER].asstr()[()], set(file), array, key)


def _entries(h5py: Any, file: Any, path: Path) -> Iterator[Entry]:
    """Every dataset and MATLAB sparse matrix; links out of the file are not followed."""
    found: list[tuple[str, Any]] = []
    file.visititems(lambda name, node: found.append((name, node)))
    sparse_groups = {name for name, node in found if isinstance(node, h5py.Group) and "MATLAB_sparse" in node.attrs}
    for name, node in found:
        if name.startswith(("#refs#", "#subsystem#")) or name.rpartition("/")[0] in sparse_groups:
            continue
        if name in sparse_groups:
            yield _matlab_sparse(h5py, path, name, node)
        elif isinstance(node, h5py.Dataset):
            if node.is_virtual or node.external or "MATLAB_empty" in node.attrs or node.shape is None:
                continue  # virtual and external datasets read other files
            matlab = node.attrs.get("MATLAB_class")
            text = matlab is not None and matlab in (b"char", b"cell", "char", "cell")
            shape = tuple(node.shape)
            if matlab is not None and len(shape) >= 2:
                shape = (*shape[:-2], shape[-1], shape[-2])
            dtype = "V8" if text or node.dtype.kind not in "biuf" else node.dtype.str
            yield Entry(name, shape, dtype, partial(_dataset, h5py, path, name, matlab=matlab is not None))


def _dataset(h5py: Any, path: Path, name: str, *, matlab: bool) -> Any:
    with h5py.File(path, "r") as file:
        array = file[name][()]
    # MATLAB stores by columns, so HDF5 shows its axes reversed: A(i, j, k) is array[k, j, i].
    return np.swapaxes(array, -1, -2) if matlab and array.ndim >= 2 else array


def _matlab_sparse(h5py: Any, path: Path, name: str, group: Any) -> Entry:
    shape = (int(group.attrs["MATLAB_sparse"]), int(group["jc"].shape[0]) - 1)

    def read() -> Any:
        with h5py.File(path, "r") as file:
            node = file[name]
            for part in ("data", "ir", "jc"):
                if part in node:
                    check_size(node[part].shape, f"{path}: '{name}/{part}'")
            # MATLAB leaves data and ir out when there is no entry.
            data, rows = (
                node[part][()] if part in node else np.zeros(0, kind) for part, kind in (("data", float), ("ir", int))
            )
            indptr = node["jc"][()]
        return compressed("csc", data, rows.astype(np.int64), indptr.astype(np.int64), shape)

    dtype = group["data"].dtype if "data" in group else np.dtype(float)
    return Entry(name, shape, dtype.str if dtype.kind in "biuf" else "V8", read, sparse=True)


def _keras_kernels(file: Any, by_name: dict[str, Entry]) -> Iterator[Entry]:
    """Recurrent kernels, with the input kernel of the same cell and, of a single recurrent layer, the readout."""
    pairs = []
    for name in by_name:
        base, _, last = name.rpartition("/")
        if name.startswith("optim"):
            continue
        if last in ("recurrent_kernel", "recurrent_kernel:0"):  # .h5 of Keras 2 and 3
            pairs.append((name, f"{base}/{last.replace('recurrent_', '')}"))
        elif last == "1" and base.endswith("cell/vars") and _is_keras_cell(file, base):  # .weights.h5
            pairs.append((name, f"{base}/0"))
    readouts = [name for name in by_name if _is_readout(file, name)]
    for name, inputs in pairs:
        shape = by_name[name].shape
        gates = shape[1] / shape[0] if len(shape) == 2 and shape[0] else 0
        if gates not in _KERAS_GATES:
            continue
        partners = {"inputs": inputs} if inputs in by_name and by_name[inputs].shape[1:] == shape[1:] else {}
        if len(pairs) == len(readouts) == 1:
            partners["outputs"] = readouts[0]
        yield replace(
            by_name[name], layout="source_target", settled=True, gates=_KERAS_GATES[int(gates)], partners=partners
        )


def _is_keras_cell(file: Any, base: str) -> bool:
    """Whether variables belong to a cell that Keras defines: a cell of the user's own may order them otherwise."""
    given = file[base].attrs.get("name")
    name = given if given is not None else base.removesuffix("/cell/vars")
    return bool(_KERAS_CELL.search(str(name)))


def _is_readout(file: Any, name: str) -> bool:
    """Whether a kernel belongs to a layer that its author named a readout."""
    base, _, last = name.rpartition("/")
    if name.startswith("optim"):
        return False
    if last in ("kernel", "kernel:0"):
        return base.rpartition("/")[2] in _READOUTS
    return last == "0" and base.endswith("/vars") and str(file[base].attrs.get("name")) in _READOUTS


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
