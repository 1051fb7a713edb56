"""What a command leaves beside its tables, so that it can be run again: itself, and its files by sha256."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from netanalysis._core.records import noted, versions

_GONE = ("-o", "--output", "--jobs", "--checkpoint", "--consensus", "--figure")  # with their value


def words(context: click.Context) -> list[str]:
    """The command line, where whoever made the context handed it over."""
    return list(context.find_root().obj or ())


def of_command(table: str) -> dict[str, Any]:
    """The command in progress, without where it writes and how many workers it has."""
    context = click.get_current_context()
    line, name = words(context), str(context.info_name)
    start = line.index(name) if name in line else 0
    kept, skip = [], False
    for word in line[start:]:
        option = word.partition("=")[0]
        if skip or option in _GONE or (word.startswith("-o") and not word.startswith("--")):
            skip = not skip and word in _GONE
            continue
        kept.append(word)
    files = {}
    for part in (part.strip() for word in kept[1:] for part in _parts(word)):
        if part and Path(part).exists():
            files[part] = noted(Path(part))
    before = [word for word in line[:start] if word == "--trusted"]
    options = {
        key: value
        for key, value in context.params.items()
        if (value is None or isinstance(value, (bool, int, str))) and key not in ("output", "jobs", "checkpoint")
    }
    made = {"command": kept, "before": before, "table": table, "files": files, "options": options}
    return {"versions": versions(), **made}


def _parts(word: str) -> list[str]:
    """What in an argument may be the name of a file."""
    tail = word.rpartition("=")[2]
    return [word, *tail.split(",")]
