"""Names and other text that come from files: how they are kept, and how they are shown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["as_text", "cells", "cut", "in_cell", "of_cell", "shown", "some", "suggested", "text_array", "writable"]

_SMALL = 2**24  # bytes
_MANY = 20_000  # names that take a second to compare
_HALVES = re.compile("[\ud800-\udfff]")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_SIGNS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def text_array(values: Sequence[str]) -> NDArray[Any]:
    """Text as an array: of numpy's fixed width, or of Python's strings where one long entry would widen all others.

    Examples
    --------
    >>> text_array(["AVAL", "I"]).dtype, text_array(["I"] * 1000 + ["I" * 100_000]).dtype
    (dtype('<U4'), dtype('O'))
    """
    width = max(map(len, values), default=0)
    fixed = 4 * width * len(values)
    if fixed <= _SMALL or fixed <= 4 * sum(64 + len(value) for value in values):
        return np.array(values, dtype=str)
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def some(values: Any, most: int = 5) -> str:
    """The first few of a list, array or index, and how many there are."""
    first = ", ".join(cut(str(value), 40) for value in values[:most])
    return first + (f", … ({len(values)} in all)" if len(values) > most else "")


def as_text(value: Any, name: str) -> str:
    """Text that can be written to a file, or an error that says what came."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text; got {type(value).__name__} {cut(repr(value))}")
    writable(value, name)
    return value


def writable(value: Any, name: str) -> None:
    """Refuse text, alone or anywhere in lists, dicts and arrays, of which halves of letters are left (surrogates)."""
    if isinstance(value, str):
        if _HALVES.search(value):
            raise ValueError(f"{name} holds a broken letter, half of a surrogate pair: {cut(shown(value))!r}")
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "U" and value.size:
            codes = np.ascontiguousarray(value).view(np.uint32)
            if (((codes >= 0xD800) & (codes < 0xE000)) | (codes > 0x10FFFF)).any():
                raise ValueError(f"{name} holds a broken letter, half of a surrogate pair")
        elif value.dtype.kind == "O":
            writable(value.ravel().tolist(), name)
    elif isinstance(value, (list, tuple)):
        for item in value:
            writable(item, name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            writable(key, name)
            writable(item, f"{name}[{key!r}]")


def cut(text: Any, letters: int = 80) -> str:
    """Text for a place of limited width: its beginning, and the sign … where more follows.

    Examples
    --------
    >>> cut("superior frontal gyrus", 9)
    'superior…'
    """
    text = str(text)
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def suggested(name: Any, options: Iterable[Any]) -> str:
    """What a misspelt name may have meant, as a sentence and a space; nothing if none of the options is like it.

    Examples
    --------
    >>> suggested("efficency", ["density", "efficiency"])
    'Did you mean efficiency? '
    """
    words = [str(option) for option in options]
    near = difflib.get_close_matches(str(name), words, n=3) if len(words) < _MANY else []
    return f"Did you mean {' or '.join(near)}? " if near else ""


def shown(text: Any) -> str:
    r"""Text for a terminal or a message: signs that steer terminals, or turn the direction of text, are spelled out.

    Examples
    --------
    >>> print(shown("AVAL\x1b[2J"))
    AVAL\x1b[2J
    """
    return _SIGNS.sub(lambda sign: sign[0].encode("unicode_escape").decode("ascii"), str(text))


def in_cell(text: Any) -> Any:
    """Text for a cell of a .csv, where programs of sheets would take what begins with = + - @ for a formula: after a '.

    Numbers stay as they are, as does what is no text. :func:`of_cell` gives the text back.

    Examples
    --------
    >>> in_cell("=cmd|' /C calc'!A0"), in_cell("-0.5"), in_cell("AVAL")
    ("'=cmd|' /C calc'!A0", '-0.5', 'AVAL')
    """
    if not isinstance(text, str) or not _FORMULA.match(text):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text


def of_cell(text: str) -> str:
    """The text that :func:`in_cell` put into a cell."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def cells(table: Any) -> Any:
    """A DataFrame whose text is safe in cells of a .csv."""
    words = [name for name in table.columns if table[name].dtype.kind not in "biufcmM"]
    safe = table.assign(**{str(name): table[name].map(in_cell) for name in words if isinstance(name, str)})
    return safe.rename(columns=in_cell)
