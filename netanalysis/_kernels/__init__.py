"""Compiled loops (numba): arrays in, arrays out, no policy.

Submodules load on first use, because importing numba costs a quarter of a second. Every kernel is
``@njit(cache=True, nogil=True)``, takes a block ``start:stop`` of a stack, and writes to arrays its
caller made, so that :func:`netanalysis._parallel.thread_blocks` can run blocks in threads.
"""

from importlib import import_module
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name.startswith("_"):
        raise AttributeError(name)
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(f"no kernels named {name!r}") from error
