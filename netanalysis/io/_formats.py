"""The table of formats in the documentation, made from the readers that there are."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any


def table(readers: Mapping[str, Callable[..., Any]], writers: Collection[str]) -> str:
    """One row a reader: its suffixes, the first line of its docstring, the library it needs, and what is saved."""
    suffixes: dict[Callable[..., Any], list[str]] = {}
    for suffix, reader in readers.items():
        suffixes.setdefault(reader, []).append(suffix)
    lines = ["| suffix | what is read | needs | saved |", "| --- | --- | --- | --- |"]
    for reader, names in suffixes.items():
        first = (inspect.getdoc(reader) or "").splitlines()[0].removesuffix(".")
        needs = getattr(sys.modules[reader.__module__], "NEEDS", {}).get(reader.__name__, "")
        saved = " ".join(name for name in names if name in writers)
        lines.append(f"| {' '.join(names)} | {first} | {needs} | {saved} |")
    return "\n".join(lines) + "\n"


def refused_table(refused: Mapping[str, tuple[str, str]]) -> str:
    """One row a kind of file that is not read: what it is, and the line that converts it."""
    suffixes: dict[tuple[str, str], list[str]] = {}
    for suffix, why in refused.items():
        suffixes.setdefault(why, []).append(suffix)
    lines = ["| suffix | what it is | what to do |", "| --- | --- | --- |"]
    lines += [f"| {' '.join(names)} | {what} | {line} |" for (what, line), names in suffixes.items()]
    return "\n".join(lines) + "\n"
