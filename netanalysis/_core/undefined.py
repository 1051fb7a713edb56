"""Undefined results speak: a warning says which number is nan and why, once, unless a note of the result says so."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np


class UndefinedWarning(UserWarning):
    """A result is nan because it is undefined: the message says which and why.

    Tables and other results that have a note say it there instead. Silence it where you expect it.

    Examples
    --------
    >>> import warnings, netanalysis as na
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", na.UndefinedWarning)
    ...     na.reciprocity([[0.0, 0], [0, 0]])
    nan
    """


# Where somebody writes a note, what was said so far; each thread has its own.
_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@contextmanager
def noted() -> Iterator[list[str]]:
    """Within, nothing warns: what would have been said is in the list, for whoever writes the note."""
    said: list[str] = []
    token = _notes.set(said)
    try:
        yield said
    finally:
        _notes.reset(token)


@contextmanager
def once() -> Iterator[None]:
    """Within, the same is said once, at the end, however often it comes."""
    with noted() as said:
        yield
    for text in said:
        say(text)


def spoken(values: Any, what: str, why: str, *, of: str = "networks") -> Any:
    """The values as they are; those that are nan are said to be."""
    if isinstance(values, float):
        if values != values:
            say(f"{what} is nan: {why}")
        return values
    undefined = np.isnan(values)
    if undefined.any():
        some = f" for {undefined.sum()} of {undefined.size} {of}" if undefined.size > 1 else ""
        say(f"{what} is nan{some}: {why}")
    return values


def say(text: str) -> None:
    """Into the note, where somebody writes one; else a warning that points at the caller of netanalysis."""
    notes = _notes.get()
    if notes is None:
        warnings.warn(text, UndefinedWarning, stacklevel=_depth())
    elif text not in notes:
        notes.append(text)


def _depth() -> int:
    """How many frames up, from the one that asks, the first one outside the package is."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "netanalysis":
        frame, depth = frame.f_back, depth + 1
    return depth
