"""Compiled loops (numba): arrays in, arrays out, no policy.

Submodules load on first use, because importing numba costs a quarter of a second. Every kernel is
``@njit(cache=True, nogil=True)``, takes a block ``start:stop`` of a stack, and writes to arrays its
caller made, so that :func:`netanalysis._parallel.thread_blocks` can run blocks in threads.
"""

import sys
from functools import cache
from importlib import import_module
from threading import RLock
from types import ModuleType

_LOADING = RLock()  # two threads that import numba at the same time can wait for each other's locks forever


@cache
def _announce_compiling() -> None:
    """Have the first compilation in this process say what is going on; loading from the cache says nothing."""
    from numba.core import event

    class Announcement(event.Listener):
        said = False

        def on_start(self, _event: object) -> None:
            if not self.said and sys.__stderr__ is not None:
                self.said = True
                sys.__stderr__.write("netanalysis: compiling what is needed for this machine, once\n")

        def on_end(self, _event: object) -> None:
            pass

    event.register("numba:compile", Announcement())


def __getattr__(name: str) -> ModuleType:
    if name.startswith("_"):
        raise AttributeError(name)
    with _LOADING:
        _announce_compiling()
        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(f"no kernels named {name!r}") from error
