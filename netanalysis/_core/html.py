"""What a notebook shows of an object: a small table, escaped, without scripts."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from netanalysis._core.text import cut, shown

_LONGEST = 80  # characters of a cell


def table(title: str, rows: Iterable[tuple[str, Any]]) -> str:
    """A title and two columns, names and values."""
    cells = "".join(
        f'<tr><th style="text-align:left">{_cell(name)}</th><td style="text-align:left">{_cell(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption><b>{_cell(title)}</b></caption><tbody>{cells}</tbody></table>"


def _cell(value: Any) -> str:
    return escape(cut(shown(value), _LONGEST))
