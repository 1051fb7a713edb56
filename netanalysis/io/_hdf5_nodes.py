"""The groups and datasets of an HDF5 file, of which only those that lie in this very file are ever opened.

A link, a virtual dataset or external storage leads to any other file that the reader of the file may read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from netanalysis._core.text import text_array
from netanalysis.io._entries import FileError, TextError, check_bytes, check_size

_DEPTH = 64
_PIECE = 256
_NODES = 30_000  # each takes 0.2 ms


def is_here(node: Any) -> bool:
    """Whether a node is a dataset that holds its own values, and has some."""
    return hasattr(node, "is_virtual") and not (node.is_virtual or node.external or node.shape is None)


def is_member(group: Any, name: str) -> bool:
    """Whether a name leads to a node of the same file: soft links may lead on through one to another file."""
    return type(group.get(name, getlink=True)).__name__ == "HardLink"


def members(group: Any) -> dict[str, Any]:
    """The nodes of a group; links are not followed."""
    return {name: group[name] for name in group if is_member(group, name)}


def dataset(group: Any, name: str, where: Any) -> Any:
    """The dataset of this name, which holds its own values."""
    if name not in group:
        raise FileError(f"{where} lacks the array {name!r}: incomplete")
    if not is_member(group, name) or not is_here(group[name]):
        raise FileError(f"{where}: {name!r} lies in another file, which is not read")
    return group[name]


def values(node: Any, where: Any) -> Any:
    """All numbers of a dataset, once its size is known to be bearable."""
    what = f"{where}: {str(node.name).removeprefix('/')!r}"
    check_size(node.shape, what)
    check_bytes(node.size * node.dtype.itemsize, what)
    return node[()]


def texts(node: Any, where: Any) -> Any:
    """All text of a dataset, in pieces: each of many entries may point to one and the same long text."""
    what = f"{where}: {str(node.name).removeprefix('/')!r}"
    check_size(node.shape, what)
    check_bytes(node.size * node.dtype.itemsize, what)
    letters = node.asstr("utf-8")  # ASCII is UTF-8, too
    found: list[str] = []
    size = 0
    try:
        if node.ndim == 0:
            return np.array(letters[()], dtype=str)
        for start in range(0, node.shape[0], _PIECE):
            piece = np.asarray(letters[start : start + _PIECE], dtype=object).ravel().tolist()
            size += sum(64 + 4 * len(text) for text in piece)
            check_bytes(size, what)
            found += piece
    except UnicodeDecodeError as error:
        raise TextError(
            f"{what} holds text that is not UTF-8 (byte 0x{error.object[error.start]:02x}); write it as UTF-8 where "
            "the file was made, or leave it out"
        ) from error
    return text_array(found).reshape(node.shape)


def walk(h5py: Any, file: Any, where: Any) -> Iterator[tuple[str, Any]]:
    """Every node below the top with its path, each once: groups may hold one another in circles."""
    seen = set()
    pending = [("", file)]
    while pending:
        path, node = pending.pop()
        if path:
            yield path, node
        if not isinstance(node, h5py.Group):
            continue
        if path.count("/") == _DEPTH:
            raise FileError(f"{where} nests groups more than {_DEPTH} deep; save the matrix alone")
        for name, inner in sorted(members(node).items(), reverse=True):
            address = h5py.h5o.get_info(inner.id).addr
            if address not in seen:
                seen.add(address)
                pending.append((f"{path}/{name}" if path else name, inner))
        if len(seen) > _NODES:
            raise FileError(f"{where} holds more than {_NODES:,} groups and datasets; save the matrix alone")
