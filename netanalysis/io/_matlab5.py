"""MATLAB 5 to 7 files, parsed here: every size is checked before it is believed.

SciPy trusts sizes and types, so that a damaged file can crash Python (github.com/scipy/scipy/pull/25349). The format
is MathWorks' "MAT-File Format", version 5: elements of a tag and data, matrices nested in cells and structs.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from netanalysis.io._entries import FileError, check_bytes, check_size, compressed
from netanalysis.io._matlab_tree import Array, Cell, Opaque, Struct, Text

_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXT = {16: "utf-8", 17: "utf-16", 18: "utf-32", 1: "latin-1", 2: "latin-1", 3: "utf-16", 4: "utf-16"}
_CLASSES = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
_CELL, _STRUCT, _OBJECT, _CHAR, _SPARSE, _FUNCTION, _OPAQUE = 1, 2, 3, 4, 5, 16, 17
_MATRIX, _COMPRESSED = 14, 15
_HEAD = 4096  # bytes that hold flags, dimensions and name
_DEPTH = 32
_PIECE = 2**16

Order = Literal["little", "big"]


def variables(path: Path) -> dict[str, Any]:
    """The tree of every variable; plain arrays are read when asked for."""
    found = {}
    with path.open("rb") as file:
        order: Order = "big" if file.read(128).endswith(b"MI") else "little"
        while tag := file.read(8):
            kind, size = _tag(tag, order)
            at = file.tell()
            head = file.read(min(size, _HEAD))
            end = file.seek(at + size)
            if len(tag) < 8 or end > path.stat().st_size:
                raise FileError(f"{path} ends in the middle of a variable")
            whole = _Variable(path, at, size, kind == _COMPRESSED, order)
            matrix = whole.head(head)
            if matrix is None or matrix.name.startswith("__"):  # MATLAB's own; no variable of a user can begin so
                continue
            if matrix.kind in (_CELL, _STRUCT, _OBJECT):
                found[matrix.name] = _value(_Matrix.of(whole.read(matrix.name), order), f"{path}: {matrix.name!r}", 0)
            else:
                found[matrix.name] = _value(matrix, f"{path}: {matrix.name!r}", 0, whole)
    return found


def _tag(raw: bytes, order: Order) -> tuple[int, int]:
    return int.from_bytes(raw[:4], order), int.from_bytes(raw[4:8], order)


@dataclass(frozen=True)
class _Variable:
    """Where a variable lies in the file."""

    path: Path
    at: int
    size: int
    packed: bool
    order: Order

    def head(self, start: bytes) -> _Matrix | None:
        """Flags, dimensions and name, without the data."""
        if self.packed:
            try:
                start = zlib.decompressobj().decompress(start, _HEAD)[8:]
            except zlib.error as error:
                raise FileError(f"{self.path} is damaged or incomplete: {error}") from error
        return _Matrix.of(start, self.order, whole=False)

    def read(self, name: str) -> memoryview:
        """All of it, unpacked into the room that it says it needs."""
        check_bytes(self.size, f"{self.path}: {name!r}")
        with self.path.open("rb") as file:
            file.seek(self.at)
            if not self.packed:
                return memoryview(file.read(self.size))
            unzip = zlib.decompressobj()
            left = self.size
            start = b""
            while len(start) < 8 and left:
                packed = file.read(min(_PIECE, left))
                left -= len(packed)
                start += unzip.decompress(packed, _PIECE)
            kind, size = _tag(start[:8], self.order)
            check_bytes(2 * size, f"{self.path}: {name!r}, unpacked,")
            raw, at = bytearray(size), len(start) - 8
            damaged = FileError(f"{self.path}: {name!r} is damaged or incomplete")
            if kind != _MATRIX or at < 0 or at > size:
                raise damaged
            raw[:at] = start[8:]
            while piece := unzip.unconsumed_tail or file.read(min(_PIECE, left)):
                left -= 0 if unzip.unconsumed_tail else len(piece)
                part = unzip.decompress(piece, _PIECE)
                if at + len(part) > size:
                    raise damaged
                raw[at : at + len(part)] = part
                at += len(part)
            if at != size or not unzip.eof:
                raise damaged
        return memoryview(raw).toreadonly()


@dataclass(frozen=True)
class _Matrix:
    """One matrix: what its head says, and the elements behind it."""

    kind: int
    flags: int
    shape: tuple[int, ...]
    name: str
    rest: memoryview
    order: Order

    @classmethod
    def of(cls, raw: bytes | memoryview, order: Order, *, whole: bool = True) -> _Matrix:
        """Parse the head; without `whole` the data may be cut off."""
        elements = _elements(memoryview(raw), order)
        try:
            _, flags, _ = next(elements)
            word = int.from_bytes(flags[:4], order)
            kind = word & 0xFF
            if kind == _OPAQUE:  # no dimensions, but two words: what sort of object
                _, name, _ = next(elements)
                return cls(kind, word, (), _ascii(name), memoryview(b""), order)
            code, dimensions, _ = next(elements)
            _, name, rest = next(elements)
        except StopIteration:
            raise FileError("a variable is damaged or incomplete") from None
        shape = tuple(int(n) for n in _numbers(code, dimensions, order))
        if len(flags) < 8 or code != 5 or len(shape) < 2 or min(shape) < 0:
            raise FileError("a variable is damaged or incomplete")
        return cls(kind, word, shape, _ascii(name), rest if whole else memoryview(b""), order)


def _ascii(raw: memoryview) -> str:
    return bytes(raw).decode("ascii", "replace")


def _elements(view: memoryview, order: Order) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Type and data of each element up to the first that is damaged or cut off, and what is behind it."""
    at = 0
    while at + 8 <= len(view):
        kind, size = _tag(bytes(view[at : at + 8]), order)
        start = at + 8
        if kind >> 16:  # up to four bytes are kept inside the tag
            kind, size, start = kind & 0xFFFF, kind >> 16, at + 4
            if size > 4:
                return
        if start + size > len(view) or not (kind in _STORED or kind in _TEXT or kind in (_MATRIX, 0)):
            return
        end = at + 8 if start == at + 4 else start + size + (-size % 8 if kind != _COMPRESSED else 0)
        yield kind, view[start : start + size], view[min(end, len(view)) :]
        at = end


def _numbers(code: int, raw: memoryview, order: Order) -> Any:
    if code not in _STORED:
        raise FileError(f"numbers of the unknown type {code}")
    dtype = np.dtype(_STORED[code]).newbyteorder("<" if order == "little" else ">")
    if len(raw) % dtype.itemsize:
        raise FileError("numbers that end in the middle of one")
    return np.frombuffer(raw, dtype)


def _value(matrix: _Matrix, what: str, depth: int, whole: _Variable | None = None) -> Any:
    """The tree of one matrix; of a plain array in `whole` nothing is read yet."""
    damaged = FileError(f"{what} is damaged or incomplete")
    if depth > _DEPTH:
        raise FileError(f"{what} is nested more than {_DEPTH} deep")

    def elements() -> list[tuple[int, memoryview]]:
        full = matrix if whole is None else _Matrix.of(whole.read(matrix.name), matrix.order)
        return [(code, data) for code, data, _ in _elements(full.rest, matrix.order)]

    def nested() -> list[Any]:
        parts = elements()
        if any(code != _MATRIX for code, _ in parts):
            raise damaged
        return [
            _value(_Matrix.of(data, matrix.order), what, depth + 1) if len(data) else Array((0, 0), "f8", _nothing)
            for _, data in parts
        ]

    count = math.prod(matrix.shape)
    if matrix.kind in _CLASSES or matrix.kind == _SPARSE:
        if matrix.flags & 0x800:
            return Array(matrix.shape, "c16", _complex(what))
        read = _sparse(matrix, elements, what) if matrix.kind == _SPARSE else _full(matrix, elements, what)
        dtype = "u1" if matrix.flags & 0x200 else _CLASSES.get(matrix.kind, "f8")
        return Array(matrix.shape, dtype, read, sparse=matrix.kind == _SPARSE)
    if matrix.kind == _CHAR:
        return _text(matrix, elements(), what)
    if matrix.kind == _CELL:
        if len(items := nested()) != count:
            raise damaged
        return Cell(items)
    if matrix.kind in (_STRUCT, _OBJECT):
        return _struct(matrix, count, what, depth)
    return Opaque({_OPAQUE: "table or object", _FUNCTION: "function"}.get(matrix.kind, "value of unknown class"))


def _struct(matrix: _Matrix, count: int, what: str, depth: int) -> Struct:
    """Fields, one value an element: the file holds element after element."""
    elements = list(_elements(matrix.rest, matrix.order))
    if matrix.kind == _OBJECT:  # the name of the class comes first
        elements = elements[1:]
    try:
        (code, length, _), (_, names, _), *values = elements
        width = int(_numbers(code, length, matrix.order)[0])
    except (ValueError, IndexError, TypeError) as error:
        raise FileError(f"{what} is damaged or incomplete") from error
    if width < 1 or len(names) % width or len(values) != count * (len(names) // width):
        raise FileError(f"{what} is damaged or incomplete")
    labels = [_ascii(names[k : k + width]).split("\0")[0] for k in range(0, len(names), width)]
    fields: dict[str, list[Any]] = {label: [] for label in labels}
    for k, (code, data, _) in enumerate(values):
        if code != _MATRIX:
            raise FileError(f"{what} is damaged or incomplete")
        empty = Array((0, 0), "f8", _nothing)
        value = _value(_Matrix.of(data, matrix.order), what, depth + 1) if len(data) else empty
        fields[labels[k % len(labels)]].append(value)
    return Struct(fields)


def _nothing() -> Any:
    return np.zeros((0, 0))


def _complex(what: str) -> Callable[[], Any]:
    def read() -> Any:
        raise FileError(f"{what} is complex; weights are real numbers")

    return read


def _full(matrix: _Matrix, elements: Callable[[], list[tuple[int, memoryview]]], what: str) -> Callable[[], Any]:
    def read() -> Any:
        check_size(matrix.shape, what)
        parts = elements()
        if len(parts) != 1:
            raise FileError(f"{what} is damaged or incomplete")
        values = _numbers(*parts[0], matrix.order)
        if len(values) != math.prod(matrix.shape):
            raise FileError(f"{what} promises {math.prod(matrix.shape)} numbers and holds {len(values)}")
        dtype = np.dtype(_CLASSES[matrix.kind])
        return values.reshape(matrix.shape, order="F").astype(dtype, copy=False)

    return read


def _sparse(matrix: _Matrix, elements: Callable[[], list[tuple[int, memoryview]]], what: str) -> Callable[[], Any]:
    def read() -> Any:
        check_size((max(matrix.shape),), what)
        parts = elements()
        if len(parts) != 3 or len(matrix.shape) != 2:
            raise FileError(f"{what} is damaged or incomplete")
        rows, starts, data = (_numbers(*part, matrix.order) for part in parts)
        if len(starts) != matrix.shape[1] + 1 or int(starts[-1]) > min(len(rows), len(data)):
            raise FileError(f"{what} is damaged or incomplete")
        used = int(starts[-1])  # MATLAB keeps room for more
        rows, starts, data = rows[:used].astype(np.int64), starts.astype(np.int64), data[:used].astype(float)
        return compressed("csc", data, rows, starts, matrix.shape, what)

    return read


def _text(matrix: _Matrix, parts: list[tuple[int, memoryview]], what: str) -> Text:
    if len(parts) != 1 or parts[0][0] not in _TEXT:
        return Text([])
    code, raw = parts[0]
    encoding = _TEXT[code] + ("" if code in (1, 2, 16) else "-le" if matrix.order == "little" else "-be")
    letters = bytes(raw).decode(encoding, "replace")
    rows = matrix.shape[0]
    if len(matrix.shape) != 2 or rows < 1 or len(letters) != math.prod(matrix.shape):
        return Text([letters] if letters else [])
    return Text([letters[k::rows] for k in range(rows)])
