"""Compiled loops (numba): arrays in, arrays out, no policy.

Submodules load on first use, because importing numba costs a quarter of a second. Kernels are compiled as
:mod:`netanalysis._kernels.compiling` says, take a block ``start:stop`` of a stack, and write to arrays their caller
made, so that :func:`netanalysis._core.parallel.thread_blocks` can run blocks in threads.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from threading import RLock
from types import ModuleType

_LOADING = RLock()  # two threads that import numba at the same time can wait for each other's locks forever


@cache
def _announce_compiling() -> None:
    """Have the first compilation in this process say what is going on; loading from the cache says nothing."""
    from numba.core import event

    class Announcement(event.Listener):  # called within numba's lock, so by one thread at a time
        said = False

        def on_start(self, _event: object) -> None:
            if not self.said and sys.__stderr__ is not None:
                self.said = True
                sys.__stderr__.write("netanalysis: compiling what is needed for this machine, once\n")

        def on_end(self, _event: object) -> None:
            pass

    event.register("numba:compile", Announcement())


def loading(package: str) -> Callable[[str], ModuleType]:
    """The ``__getattr__`` of a package of kernels: its modules load on first use."""

    def __getattr__(name: str) -> ModuleType:
        if name.startswith("_"):
            raise AttributeError(name)
        with _LOADING:
            _announce_compiling()
            try:
                return import_module(f"{package}.{name}")
            except ModuleNotFoundError as error:
                raise AttributeError(f"no kernels named {name!r}") from error

    return __getattr__


__getattr__ = loading(__name__)
