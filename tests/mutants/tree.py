"""A copy of the project for each worker: one fault at a time is put into it, all other kernels stay compiled."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.draw import ROOT, Mutant

COPIED = ("netanalysis", "models", "tests", "pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md")
LINKED = ("data", "notebooks", "docs", "CHANGELOG.md", "CITATION.cff", "LICENSE", "constraints.txt")


def copied(to: Path) -> Path:
    """The copy: times and compiled kernels come along, so that nothing is compiled anew."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, to / name)
    for name in LINKED:
        (to / name).symlink_to(ROOT / name)
    return to


@contextmanager
def faulty(tree: Path, mutant: Mutant) -> Iterator[None]:
    """The fault in the copy, and gone from it afterwards."""
    file = tree / mutant.path
    good, times = file.read_text(encoding="utf-8"), file.stat()
    file.write_text(mutant.source(), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(good, encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def stale(path: str) -> set[str]:
    """Modules whose compiled kernels may have the file's own code in them: itself, and all that import it."""
    modules = {_name(p): p.read_text(encoding="utf-8") for p in (ROOT / "netanalysis").rglob("*.py")}
    modules = {name: text for name, text in modules.items() if "njit" in text or re.search(r"@(kernel|part|inl)", text)}
    found = {_name(ROOT / path)} & set(modules)
    while True:
        stems = "|".join(re.escape(name.rsplit(".", 1)[1]) for name in found)
        imports = re.compile(rf"^(?:from|import) .*\b(?:{stems})\b", re.M)
        more = {name for name, text in modules.items() if found and imports.search(text)} - found
        if not more:
            return found
        found |= more


def compile_anew(modules: set[str]) -> None:
    """Have numba neither load nor store what it compiles of these modules; call before they are imported."""
    from numba.core.dispatcher import Dispatcher

    cached = Dispatcher.enable_caching

    def enable_caching(self: Dispatcher) -> None:
        if self.py_func.__module__ not in modules:
            cached(self)

    Dispatcher.enable_caching = enable_caching


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


def enter(tree: Path) -> None:
    """Import from the copy from here on, in this process and those it starts."""
    os.chdir(tree)
    sys.path[:] = [str(tree), *(place for place in sys.path if place and Path(place).resolve() != ROOT)]
    os.environ["PYTHONPATH"] = str(tree)
