"""Octave's own text and binary files, which carry the suffix .mat as well."""

from __future__ import annotations

import math
import re
import struct
from array import array
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis.io._entries import FileError, check_bytes, check_size
from netanalysis.io._matlab_tree import Array, Cell, Struct, Text

_BINARY = (b"Octave-1-L", b"Octave-1-B")
_INTEGERS = {f"{sign}int{bits}": f"{sign[:1] or 'i'}{bits // 8}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_STORED = ["u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8", "u8", "i8"]  # by the code before the numbers
_CONVERT = "In Octave, save('-v7', 'file.mat', 'W') writes what every program reads"
_DEPTH = 32


def is_octave(start: bytes) -> bool:
    """Whether a file begins as Octave's do."""
    return start.startswith(_BINARY) or bool(re.match(rb"(?:[#%][^\n]*\n)*[#%] name: ", start))


def variables(path: Path, start: bytes) -> dict[str, Any]:
    """The tree of every variable."""
    check_bytes(4 * path.stat().st_size, f"the content of {path}, in lines,")
    content = path.read_bytes()
    reader: _TextFile | _BinaryFile = (
        _BinaryFile(path, content) if start.startswith(_BINARY) else _TextFile(path, content.decode("utf-8", "replace"))
    )
    found = {}
    while (item := reader.item(0)) is not None:
        found[item[0]] = item[1]
    return found


def _array(values: Any) -> Array:
    return Array(values.shape, values.dtype.str, lambda: values)


def _sparse(path: Path, rows: Any, columns: Any, data: Any, shape: tuple[int, int]) -> Array:
    check_size((max(shape),), f"{path}: index of a sparse matrix")
    if len(rows) and (min(rows.min(), columns.min()) < 0 or rows.max() >= shape[0] or columns.max() >= shape[1]):
        raise FileError(f"{path}: a sparse matrix of shape {shape} has entries outside")
    matrix = sparse.csc_array(sparse.coo_array((data, (rows, columns)), shape=shape))
    return Array(shape, "f8", lambda: matrix, sparse=True)


class _TextFile:
    """``# name:``, ``# type:`` and what the type asks for."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.lines, self.at = path, text.splitlines(), 0

    def peek(self) -> str | None:
        while self.at < len(self.lines) and not self.lines[self.at].strip():
            self.at += 1
        return self.lines[self.at] if self.at < len(self.lines) else None

    def header(self, *keys: str) -> str:
        """The value of the next line ``# key: value``."""
        line = self.peek() or ""
        for key in keys:
            if match := re.match(rf"[#%] {key}:\s?(.*)", line):
                self.at += 1
                return match[1].rstrip()
        raise FileError(f"{self.path}: line {self.at + 1} should say {keys[0]!r}; got {line[:40]!r}")

    def item(self, depth: int) -> tuple[str, Any] | None:
        while (line := self.peek()) is not None and not re.match(r"[#%] name:", line):
            if depth or not line.startswith(("#", "%")):
                raise FileError(f"{self.path}: line {self.at + 1} should name a variable; got {line[:40]!r}")
            self.at += 1
        if line is None:
            return None
        name = self.header("name")
        return name, self.value(name, self.header("type").removeprefix("global "), depth)

    def value(self, name: str, kind: str, depth: int) -> Any:
        if depth > _DEPTH:
            raise FileError(f"{self.path}: {name!r} is nested more than {_DEPTH} deep")
        if kind in ("scalar", "float scalar", "bool") or kind in {f"{k} scalar" for k in _INTEGERS}:
            return _array(self.numbers(1).reshape(1, 1))
        if kind in ("matrix", "float matrix", "bool matrix") or kind in {f"{k} matrix" for k in _INTEGERS}:
            return _array(self.matrix(name))
        if kind == "diagonal matrix":
            shape = int(self.header("rows")), int(self.header("columns"))
            check_size(shape, f"{self.path}: {name!r}")
            full = np.zeros(shape)
            np.fill_diagonal(full, self.numbers(min(shape)))
            return _array(full)
        if kind in ("string", "sq_string"):
            return self.text()
        if kind in ("sparse matrix", "sparse bool matrix"):
            count, n_rows, n_columns = (int(self.header(part)) for part in ("nnz", "rows", "columns"))
            triples = self.numbers(3 * count).reshape(-1, 3)
            rows, columns = (triples[:, k].astype(np.int64) - 1 for k in (0, 1))
            return _sparse(self.path, rows, columns, triples[:, 2], (n_rows, n_columns))
        if kind == "cell":
            return Cell([self.child(depth)[1] for _ in range(math.prod(self.shape()))])
        if kind in ("scalar struct", "struct"):
            if re.match(r"[#%] ndims:", self.peek() or ""):
                self.shape()
            members = [self.child(depth) for _ in range(int(self.header("length")))]
            return Struct({k: v.items if kind == "struct" and isinstance(v, Cell) else [v] for k, v in members})
        raise FileError(f"{self.path}: {name!r} is of type {kind!r}, which is not read. {_CONVERT}")

    def child(self, depth: int) -> tuple[str, Any]:
        item = self.item(depth + 1)
        if item is None:
            raise FileError(f"{self.path} ends in the middle of a variable")
        return item

    def shape(self) -> tuple[int, ...]:
        if re.match(r"[#%] ndims:", self.peek() or ""):
            count = int(self.header("ndims"))
            return tuple(int(n) for n in self.numbers(count))
        return int(self.header("rows")), int(self.header("columns"))

    def matrix(self, name: str) -> Any:
        by_rows = not re.match(r"[#%] ndims:", self.peek() or "")
        shape = self.shape()
        check_size(shape, f"{self.path}: {name!r}")
        return self.numbers(math.prod(shape)).reshape(shape, order="C" if by_rows else "F")

    def numbers(self, count: int) -> Any:
        found = array("d")  # Python's own numbers take four times as much
        while len(found) < count:
            line = self.peek()
            if line is None or line.startswith(("#", "%")):
                raise FileError(
                    f"{self.path} promises {count} numbers before line {self.at + 1} and holds {len(found)}"
                )
            found.extend(float(word.replace("NA", "nan")) for word in line.split())
            self.at += 1
        if len(found) != count:
            raise FileError(f"{self.path}: {len(found)} numbers before line {self.at + 1}, where {count} belong")
        return np.frombuffer(found)

    def text(self) -> Text:
        rows = int(self.header("elements"))
        lines = []
        for _ in range(rows):
            length = int(self.header("length"))
            lines.append(self.lines[self.at] if self.at < len(self.lines) and length else "")
            self.at += 1
        return Text(lines)


class _BinaryFile:
    """Length, name, documentation, type, and what the type asks for."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content, self.at = path, content, 11
        self.order = "<" if content.startswith(_BINARY[0]) else ">"

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.content):
            raise FileError(f"{self.path} is damaged, or ends in the middle of a variable")
        self.at += count
        return self.content[self.at - count : self.at]

    def integer(self) -> int:
        return int(struct.unpack(self.order + "i", self.take(4))[0])

    def array(self, dtype: str, shape: tuple[int, ...]) -> Any:
        kind = np.dtype(self.order + dtype)
        if min(shape, default=0) < 0:
            raise FileError(f"{self.path} is damaged: shape {shape}")
        raw = self.take(math.prod(shape) * kind.itemsize)
        return np.frombuffer(raw, kind).reshape(shape, order="F").astype(kind.newbyteorder("="))

    def stored(self, shape: tuple[int, ...]) -> Any:
        code = self.take(1)[0]
        if code >= len(_STORED):
            raise FileError(f"{self.path} is damaged: numbers of the unknown type {code}")
        return self.array(_STORED[code], shape)

    def shape(self) -> tuple[int, ...]:
        count = self.integer()
        if not -32 <= count < 0:
            raise FileError(f"{self.path} has a layout of old Octave, or is damaged. {_CONVERT}")
        return tuple(self.integer() for _ in range(-count))

    def item(self, depth: int) -> tuple[str, Any] | None:
        if self.at == len(self.content):
            return None
        if depth > _DEPTH:
            raise FileError(f"{self.path} is nested more than {_DEPTH} deep")
        name = self.take(self.integer()).decode("utf-8", "replace")
        self.take(self.integer())  # documentation
        self.take(1)  # whether global
        code = self.take(1)[0]
        kind = self.take(self.integer()).decode("ascii", "replace") if code == 255 else f"old type {code}"
        return name, self.value(name, kind, depth)

    def value(self, name: str, kind: str, depth: int) -> Any:
        if kind in ("scalar", "float scalar"):
            return _array(self.stored((1, 1)))
        if kind in ("matrix", "float matrix"):
            return _array(self.stored(self.shape()))
        if kind == "bool":
            return _array(self.array("u1", (1, 1)))
        if kind == "bool matrix":
            return _array(self.array("u1", self.shape()))
        first, _, last = kind.partition(" ")
        if first in _INTEGERS and last in ("scalar", "matrix"):
            return _array(self.array(_INTEGERS[first], (1, 1) if last == "scalar" else self.shape()))
        if kind in ("string", "sq_string"):
            shape = self.shape()
            letters = self.array("u1", shape)
            return Text(
                [bytes(row).decode("utf-8", "replace") for row in np.atleast_2d(letters)] if letters.size else []
            )
        if kind in ("sparse matrix", "sparse bool matrix"):
            rank, rows, columns, count = (self.integer() for _ in range(4))
            if rank != -2 or min(rows, columns, count) < 0:
                raise FileError(f"{self.path}: {name!r} is damaged. {_CONVERT}")
            starts, at = self.array("i4", (columns + 1,)), self.array("i4", (count,))
            data = self.stored((count,)) if kind == "sparse matrix" else self.array("u1", (count,))
            lengths = np.diff(starts)
            if (lengths < 0).any() or starts[0] != 0 or starts[-1] != count:
                raise FileError(f"{self.path}: {name!r} is damaged")
            return _sparse(self.path, at, np.repeat(np.arange(columns), lengths), data.astype(float), (rows, columns))
        if kind == "cell":
            return Cell([self.child(depth) for _ in range(self.bounded(math.prod(self.shape())))])
        if kind in ("struct", "scalar struct"):
            if kind == "struct":
                self.shape()
            fields = {}
            for _ in range(self.bounded(self.integer())):
                item = self.item(depth + 1)
                if item is None:
                    raise FileError(f"{self.path} ends in the middle of a variable")
                label, value = item
                fields[label] = value.items if kind == "struct" and isinstance(value, Cell) else [value]
            return Struct(fields)
        raise FileError(f"{self.path}: {name!r} is of type {kind!r}, which is not read. {_CONVERT}")

    def bounded(self, count: int) -> int:
        """A number of members that the rest of the file can hold: each takes 10 bytes and more."""
        if not 0 <= count <= (len(self.content) - self.at) // 10 + 1:
            raise FileError(f"{self.path} is damaged: {count} members")
        return count

    def child(self, depth: int) -> Any:
        item = self.item(depth + 1)
        if item is None:
            raise FileError(f"{self.path} ends in the middle of a variable")
        return item[1]
