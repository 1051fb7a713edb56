"""NumPy's .npy and .npz, and scipy.sparse.save_npz. Nothing is ever unpickled."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from scipy import sparse

from netanalysis._core import validate
from netanalysis.connectome import Connectome
from netanalysis.io import _layout, _recording
from netanalysis.io._entries import Entry, FileError, Loaded, check_bytes, check_size, compressed
from netanalysis.io._roles import select, with_roles
from netanalysis.recording import Recording


def _header(file: IO[bytes], size: int, what: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype from the header of a .npy stream of `size` bytes, which must hold just that array."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise FileError(f"{what} has .npy format version {version}, used for structured arrays only: not a matrix")
    if dtype.hasobject:
        return shape, dtype
    if (data := size - file.tell()) != (want := math.prod(shape) * dtype.itemsize):
        raise FileError(f"{what} is corrupt: its header promises {want} bytes of data, the file holds {data}")
    return shape, dtype


def _refuse_objects(dtype: np.dtype, what: str) -> None:
    if dtype.hasobject:
        raise FileError(
            f"{what} is an array of Python objects, stored as a pickle, which can run any code when read: refused. "
            "Where it was written, save numbers: numpy.savez(path, weights=numpy.asarray(w, dtype=float))"
        )


def read_npy(path: Path, key: str | None) -> Loaded:
    """NumPy: the one array."""
    if key is not None:
        raise FileError(f"{path}: a .npy file holds one array without a name; leave key out, got {key!r}")
    with path.open("rb") as file:
        shape, dtype = _header(file, path.stat().st_size, str(path))
    _refuse_objects(dtype, str(path))
    entry = Entry(path.stem, shape, dtype.str, lambda: np.load(path, allow_pickle=False))
    loaded = select([entry], None, path)
    return Loaded(loaded.weights)


def read_npz(path: Path, key: str | None) -> Loaded | Recording:
    """NumPy: one array, a matrix of scipy.sparse.save_npz, or what netanalysis saved, recordings included."""
    headers: dict[str, tuple[tuple[int, ...], np.dtype]] = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.filename.endswith(".npy"):
                name = info.filename.removesuffix(".npy")
                with archive.open(info) as member:
                    headers[name] = _header(member, info.file_size, f"{path}: {name!r}")

    def read(name: str) -> Any:
        if name not in headers:
            raise FileError(f"{path} lacks the array {name!r}: incomplete")
        shape, dtype = headers[name]
        _refuse_objects(dtype, f"{path}: {name!r}")
        check_size(shape, f"{path}: {name!r}")
        check_bytes(math.prod(shape) * dtype.itemsize * (4 if dtype.kind in "SU" else 1), f"{path}: {name!r}")
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[name]

    if _layout.HEADER in headers:
        marked = str(read(_layout.HEADER))
        unpack = _recording.unpack if _recording.is_recording(marked) else _layout.unpack
        return unpack(marked, set(headers), read, key)
    if {"format", "shape", "data"} <= set(headers):
        if key is not None:
            raise FileError(f"{path} holds one scipy sparse matrix without a name; leave key out, got {key!r}")
        return Loaded(_scipy_sparse(path, set(headers), read))
    entries = [Entry(name, shape, dtype.str, partial(read, name)) for name, (shape, dtype) in headers.items()]
    # Objects beside numbers do no harm unread, but where they are all there is they need their own message.
    numbers = any(dtype.kind in "biuf" for _, dtype in headers.values())
    for name, (_, dtype) in headers.items():
        if key == name or (key is None and not numbers):
            _refuse_objects(dtype, f"{path}: {name!r}")
    return select(with_roles(entries), key, path)


def _scipy_sparse(path: Path, names: set[str], read: Callable[[str], Any]) -> Any:
    kind = read("format").item()
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    shape = tuple(int(s) for s in read("shape"))
    if len(shape) != 2:
        raise FileError(f"{path} holds a sparse array of shape {shape}; a network is (n, n)")
    check_size((max(shape),), f"{path}: index of the sparse matrix")
    if kind in ("csr", "csc"):
        data, indices, indptr = (read(part) for part in ("data", "indices", "indptr"))
        return sparse.csr_array(compressed(kind, data, indices, indptr, shape, str(path)))
    if kind == "coo":
        rows, columns = read("coords") if "coords" in names else (read("row"), read("col"))
        return sparse.csr_array(sparse.coo_array((read("data"), (rows, columns)), shape=shape))
    raise FileError(f"{path} holds a sparse matrix in {kind!r} format; convert it with .tocsr() and save it again")


def write_npz(saved: Connectome | Recording, path: Path) -> None:
    """Everything, in the marked layout."""
    arrays, header = _recording.pack(saved) if isinstance(saved, Recording) else _layout.pack(saved)
    with path.open("wb") as file:
        members: dict[str, Any] = {_layout.HEADER: np.array(header), **arrays}
        np.savez_compressed(file, **members)


def write_npy(net: Connectome, path: Path) -> None:
    """The weights, [source, target]."""
    with path.open("wb") as file:
        np.save(file, validate.dense(net.weights, measure="a .npy file", instead="an .npz file"), allow_pickle=False)
