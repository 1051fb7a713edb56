"""Safetensors: named arrays behind a JSON header, without code."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome
from netanalysis.io import _layout
from netanalysis.io._entries import Entry, FileError, Loaded, check_size
from netanalysis.io._roles import select, with_roles

_DTYPES = {
    "BOOL": "bool", "U8": "u1", "I8": "i1", "U16": "u2", "I16": "i2", "U32": "u4", "I32": "i4", "U64": "u8",
    "I64": "i8", "F16": "f2", "F32": "f4", "F64": "f8",
}  # fmt: skip


def _library() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(".safetensors files need safetensors: pip install 'netanalysis[formats]'") from error
    return safetensors


NEEDS = {"read": "safetensors"}


def read(path: Path, key: str | None) -> Loaded:
    """Safetensors: one tensor, or what netanalysis saved."""
    library = _library()
    with library.safe_open(path, framework="numpy") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        shapes = {name: tuple(s.get_shape()) for name, s in slices.items()}
        dtypes = {name: s.get_dtype() for name, s in slices.items()}
        header = (file.metadata() or {}).get(_layout.HEADER)

    def tensor(name: str) -> Any:
        if name not in shapes:
            raise FileError(f"{path} lacks the array {name!r}: incomplete")
        check_size(shapes[name], f"{path}: {name!r}")
        if dtypes[name] == "BF16":
            return _bfloat16(path, name, shapes[name])
        if dtypes[name] not in _DTYPES:
            raise FileError(f"{path}: {name!r} has dtype {dtypes[name]}, which numpy lacks; save it as float32")
        with library.safe_open(path, framework="numpy") as file:
            return file.get_tensor(name)

    if header is not None:
        return _layout.unpack(header, set(shapes), tensor, key)
    # A dtype that numpy lacks (BF16, F8) is listed as the float it is.
    entries = [Entry(name, shapes[name], _DTYPES.get(dtypes[name], "f2"), partial(tensor, name)) for name in shapes]
    return select(with_roles(entries), key, path)


def _bfloat16(path: Path, name: str, shape: tuple[int, ...]) -> Any:
    """The upper halves of float32, which is what bfloat16 is; the library has checked that offsets fit the file."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        start, stop = json.loads(file.read(length))[name]["data_offsets"]
        file.seek(8 + length + start)
        halves = np.frombuffer(file.read(stop - start), "<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).reshape(shape)


def write(net: Connectome, path: Path) -> None:
    """Everything, in the marked layout; text labels in the header."""
    arrays, header = _layout.pack(net, strings=False)
    tensors = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    path.write_bytes(_library().numpy.save(tensors, metadata={_layout.HEADER: header}))
