"""What several measures of one network need is computed once, while all of them are asked for together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

R = TypeVar("R")
_held: ContextVar[dict[Callable[..., Any], tuple[tuple[Any, ...], Any, Any]] | None] = ContextVar("held", default=None)


@contextmanager
def reusing() -> Iterator[None]:
    """Within it :func:`once` remembers the last answer of every function."""
    token = _held.set({})
    try:
        yield
    finally:
        _held.reset(token)


def once(function: Callable[..., R], w: Any, *options: Any) -> R:
    """``function(w, *options)``, or its last answer if that was to the same array and options; not to be written to."""
    held = _held.get()
    if held is None:
        return function(w, *options)
    key = (id(w), *options)
    if function not in held or held[function][0] != key:
        held.pop(function, None)  # before the next one is made
        held[function] = key, w, function(w, *options)  # w too, or another array might get its id
    answer: R = held[function][2]
    return answer
