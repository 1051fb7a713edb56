"""Old names, which work for one version more and say what they are called now."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def warn(old: str, new: str) -> None:
    """Say what an old name is called now, at the line of the user's that used it."""
    warnings.warn(f"{old} is now {new}; the old name goes with the next version", FutureWarning, stacklevel=3)


def renamed(old: str, new: str, function: F) -> F:
    """A function under its old name."""

    @wraps(function)
    def called_by_old_name(*args: Any, **kwargs: Any) -> Any:
        warn(old, new)
        return function(*args, **kwargs)

    return called_by_old_name  # type: ignore[return-value]


def renamed_argument(old: str, new: str) -> Callable[[F], F]:
    """A function of which an argument was called otherwise."""

    def decorate(function: F) -> F:
        name = function.__qualname__.removesuffix(".__init__")

        @wraps(function)
        def with_old_name(*args: Any, **kwargs: Any) -> Any:
            if old in kwargs:
                if new in kwargs:
                    raise TypeError(f"{name}() got {new} and its old name {old}; give one")
                warn(f"{name}({old}=)", f"{new}=")
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return with_old_name  # type: ignore[return-value]

    return decorate


def renamed_field(old: str, new: str) -> Any:
    """A field of a result under its old name."""

    def read(result: Any) -> Any:
        warn(f"{type(result).__name__}.{old}", new)
        return getattr(result, new)

    return property(read, doc=f"Old name of `{new}`.")
