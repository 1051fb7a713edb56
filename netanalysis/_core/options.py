"""Options of a call: names, numbers, switches. Each is returned as its type, or refused by its name."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

import numpy as np

from netanalysis._core import memory

_MOST = 2**31 - 1


def choice(value: Any, options: Iterable[str], name: str) -> str:
    """A string among `options`."""
    options = list(options)
    if value not in options:
        raise ValueError(f"{name} must be one of {options}; got {value!r}")
    return str(value)


def names(values: Any, name: str, of: str) -> list[str]:
    """One name or several, as a list of them; `of` says what they are names of."""
    found = [values] if isinstance(values, str) else list(values) if isinstance(values, Iterable) else None
    if found is None:
        raise TypeError(f"{name} must be a list of {of}; got {values!r}")
    odd = [value for value in found if not isinstance(value, str)]
    if odd:
        raise TypeError(f"{name} must be a list of {of}; got {odd[0]!r} among them")
    if not found:
        raise ValueError(f"{name} is empty: give at least one, of {of}")
    return found


def positive_int(value: Any, name: str, *, minimum: int = 1) -> int:
    """An integer from `minimum` to what a loop would take a lifetime for."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer; got {value!r}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}; got {value}")
    if value > _MOST:
        raise ValueError(f"{name} must be at most {_MOST:,}; got {int(value):,}")
    return int(value)


def count(value: Any, name: str, *, minimum: int = 1) -> int:
    """:func:`positive_int` of things that take a number in memory each, or more: null networks, draws, bins."""
    value = positive_int(value, name, minimum=minimum)
    memory.require(8 * value, f"{name}={value:,}, with one number each,", instead="ask for fewer")
    return value


def flags(**values: Any) -> None:
    """Each of the named values is True or False."""
    for name, value in values.items():
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{name} must be True or False; got {value!r}")


def optional_flags(**values: Any) -> None:
    """:func:`flags` that may be None."""
    flags(**{name: value for name, value in values.items() if value is not None})


def jobs(n_jobs: Any) -> None:
    """A number of workers, negative to count from the number of cores; or None."""
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0):
        raise TypeError(f"n_jobs must be a whole number of workers, -1 for one per core, or None; got {n_jobs!r}")


def number_in(
    value: Any,
    name: str,
    *,
    at_least: float = -np.inf,
    above: float = -np.inf,
    at_most: float = np.inf,
    below: float = np.inf,
) -> float:
    """A finite number within bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a number; got {value!r}")
    if not (isfinite(value) and value >= at_least and value > above and value <= at_most and value < below):
        said = {"at least": at_least, "above": above, "at most": at_most, "below": below}
        bounds = " and ".join(f"{word} {bound:g}" for word, bound in said.items() if isfinite(bound))
        raise ValueError(f"{name} must be {bounds or 'finite'}; got {value}")
    return float(value)
