"""Settings are refused by name, before any work."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

__all__ = ["built", "lacking", "number", "only"]

T = TypeVar("T")


def number(
    value: Any, name: str, *, least: float = -math.inf, above: float = -math.inf, most: float = math.inf
) -> float:
    """A finite number within bounds.

    Examples
    --------
    >>> number(0.5, "leak", above=0, most=1)
    0.5
    >>> number(0, "leak", above=0, most=1)
    Traceback (most recent call last):
    ValueError: leak must be above 0 and at most 1; got 0
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a number; got {value!r}")
    if not (math.isfinite(value) and least <= value <= most and value > above):
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (("at least", least), ("above", above), ("at most", most))
            if math.isfinite(bound)
        ]
        raise ValueError(f"{name} must be {' and '.join(bounds) or 'finite'}; got {value}")
    return float(value)


def only(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Refuse options that do not exist.

    Examples
    --------
    >>> only(["epoch"], ["epochs", "steps"], "a recipe")
    Traceback (most recent call last):
    TypeError: a recipe takes epochs, steps; got epoch
    """
    known = list(known)
    if unknown := [name for name in given if name not in known]:
        raise TypeError(f"{what} takes {', '.join(known) or 'no options'}; got {', '.join(unknown)}")


def built(make: Callable[..., T], options: Mapping[str, Any], what: str, **context: Any) -> T:
    """``make(**options)`` with those of `context` that it asks for; options that it has not are refused by name."""
    asked = inspect.signature(make).parameters
    context = {name: value for name, value in context.items() if name in asked}
    only(options, [name for name in asked if name not in context], what)
    return make(**context, **options)


def lacking(thing: Any, protocol: type) -> list[str]:
    """What a protocol has and `thing` has not."""
    names = {*vars(protocol), *inspect.get_annotations(protocol)}
    return sorted(name for name in names if not name.startswith("_") and not hasattr(thing, name))
