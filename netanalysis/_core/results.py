"""What functions with several values return: frozen, compared by identity, and short to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import wraps
from inspect import isfunction, signature
from numbers import Real
from typing import Any, TypeVar, dataclass_transform

import numpy as np

from netanalysis._core import html, records

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False)
def result(cls: type[T]) -> type[T]:
    """A frozen dataclass that prints its numbers, and of arrays their shapes."""
    own = cls.__dict__.get("__repr__")
    cls = dataclass(frozen=True, eq=False, repr=False)(cls)
    if own is None:
        cls.__repr__ = shown  # type: ignore[assignment]
    cls._repr_html_ = _table  # type: ignore[attr-defined]
    for name, method in list(vars(cls).items()):
        if isfunction(method) and not name.startswith("_"):
            setattr(cls, name, _with_record(method))
    return cls


def _with_record(method: Any) -> Any:
    """A method whose tables know what they were made from."""
    called = signature(method)

    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = method(self, *args, **kwargs)
        if "_record" not in vars(self):
            return made
        given = called.bind(self, *args, **kwargs).arguments
        return records.derived(made, self, f".{method.__name__}", {k: v for k, v in given.items() if v is not self})

    return call


def shown(self: Any) -> str:
    """A result in one line."""
    said = ", ".join(f"{f.name} {_short(getattr(self, f.name))}" for f in fields(self) if f.repr)
    return f"<{type(self).__name__}: {said}>"


def _table(self: Any) -> str:
    """For notebooks. What is computed when it is asked for is not asked for."""
    rows = [(f.name, _short(vars(self)[f.name]) if f.name in vars(self) else "…") for f in fields(self) if f.repr]
    return html.table(type(self).__name__, rows)


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return f"array {value.shape}"
    if hasattr(value, "columns") and hasattr(value, "shape"):  # without importing pandas
        return f"table {value.shape}"
    if isinstance(value, (bool, np.bool_)) or value is None:
        return str(value)
    if isinstance(value, (Real, np.ndarray)):
        return f"{float(value):.6g}"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "…")
    if isinstance(value, Mapping) or (isinstance(value, tuple) and len(value) > 4):
        return f"of {len(value)}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_short, value)) + ")"
    return repr(value)
