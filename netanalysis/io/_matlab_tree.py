"""MATLAB's values as a tree, whatever file they come from: arrays, text, cells and structs, and the entries they make.

Names are MATLAB's own: ``data.conn``, ``subjects(2).conn``, ``matrices{3}``. A cell or a struct array that holds
matrices of one size is also one stack of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netanalysis._core.text import text_array
from netanalysis.io._entries import Entry

NUMERIC = {
    "double": "f8", "single": "f4", "logical": "u1", "int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8",
    "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8",
}  # fmt: skip
_TABLE = (
    "is a MATLAB {kind}, an object that only MATLAB reads. Where it was written, save plain arrays: for a table "
    "s = table2struct(T, 'ToScalar', true); save('file.mat', '-struct', 's'), or writetable(T, 'file.csv')"
)


@dataclass(frozen=True)
class Array:
    """Numbers, read when asked for."""

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Any]
    sparse: bool = False


@dataclass(frozen=True)
class Text:
    """Lines of a char array."""

    lines: list[str]


@dataclass(frozen=True)
class Cell:
    """A cell array, in MATLAB's order (down the columns)."""

    items: Sequence[Any]


@dataclass(frozen=True)
class Struct:
    """A struct array: of every field one value per element."""

    fields: Mapping[str, Sequence[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Opaque:
    """An object of a class: its kind."""

    kind: str


def entries(variables: Mapping[str, Any]) -> list[Entry]:
    """All arrays and texts of a file's variables."""
    return [entry for name, value in variables.items() for entry in _of(name, value)]


def _of(name: str, value: Any) -> Iterator[Entry]:
    match value:
        case Array():
            yield Entry(name, value.shape, value.dtype, value.read, sparse=value.sparse)
        case Text():
            # A row of characters is a word about something; several are one for each node.
            if len(value.lines) == 1:
                yield Entry(name, (), "U1", lambda: np.array(value.lines[0].rstrip(), dtype=str))
            else:
                yield _text(name, value.lines)
        case Cell():
            yield from _many(name, value.items, [f"{name}{{{k + 1}}}" for k in range(len(value.items))])
        case Struct():
            for label, values in value.fields.items():
                if len(values) == 1:
                    yield from _of(f"{name}.{label}", values[0])
                else:
                    yield from _many(
                        f"{name}.{label}", values, [f"{name}({k + 1}).{label}" for k in range(len(values))]
                    )
        case Opaque():
            yield Entry(name, (), "V8", lambda: None, refusal=_TABLE.format(kind=value.kind))


def _many(name: str, items: Sequence[Any], names: Sequence[str]) -> Iterator[Entry]:
    """Values in one array: a list of words or numbers, a stack of matrices, and each by its own name."""
    if items and all(isinstance(item, Text) and len(item.lines) <= 1 for item in items):
        yield _text(name, ["".join(item.lines) for item in items])
        return
    arrays = [item for item in items if isinstance(item, Array)]
    if items and len(arrays) == len(items) and all(math.prod(a.shape) == 1 and not a.sparse for a in arrays):
        yield Entry(name, (len(arrays),), arrays[0].dtype, lambda: np.array([np.ravel(a.read())[0] for a in arrays]))
        return
    shape = arrays[0].shape if arrays else ()
    stack = (
        len(items) > 1 and len(arrays) == len(items) and len({a.shape for a in arrays}) == 1 and len(shape) == 2
        and shape[0] == shape[1] and not any(a.sparse for a in arrays)
    )  # fmt: skip
    if stack:
        yield Entry(
            name, (len(arrays), *shape), "f8", lambda: np.stack([np.asarray(a.read(), float) for a in arrays]),
            pages_first=True,
        )  # fmt: skip
    for label, item in zip(names, items, strict=True):
        for entry in _of(label, item):
            yield (
                entry
                if not stack
                else Entry(
                    entry.name, entry.shape, entry.dtype, entry.read, role="member of a stack", sparse=entry.sparse
                )
            )


def _text(name: str, lines: Sequence[str]) -> Entry:
    return Entry(name, (len(lines),), "U1", lambda: text_array([line.rstrip() for line in lines]))


def _other(name: str, shape: tuple[int, ...]) -> Entry:
    return Entry(name, shape, "V8", lambda: None)
