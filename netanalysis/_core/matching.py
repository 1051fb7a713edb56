"""Which row of a table belongs to a name: the same text, or a word of it (``sub-01`` of ``sub-01_connectome.csv``)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Columns that say who somebody is.
PERSON = ("participant_id", "participant", "subject_id", "subject", "sub", "person")


def words_of(net: Any) -> set[str]:
    """What a network is called: its name, and its file with and without what follows the first dot."""
    file = Path(str(net.metadata.get("file") or "")).name
    return {word for word in (str(net.name or ""), file, file.split(".")[0]) if word}


def rows_of(words: list[set[str]], keys: list[tuple[str, ...]]) -> NDArray[np.intp]:
    """Rows whose key is the name, or is in it as a word; one that more than one row or network claims is none.

    A number is in it with zeros before it, too: 1 is sub-01.
    """
    exact = {key[0]: k for k, key in enumerate(keys) if len(key) == 1}
    patterns = [
        [
            re.compile(rf"(?<![A-Za-z0-9]){'0*' * part.isdigit()}{re.escape(part)}(?![A-Za-z0-9])") if part else None
            for part in key
        ]
        for key in keys
    ]
    out = np.full(len(words), -1)
    for k, names in enumerate(words):
        rows = {exact[name] for name in names if name in exact}
        if not rows:
            rows = {
                r
                for r, parts in enumerate(patterns)
                if any(all(part is not None and part.search(name) for part in parts) for name in names)
            }
        if len(rows) == 1:
            out[k] = rows.pop()
    several = [r for r in np.unique(out[out >= 0]) if (out == r).sum() > 1]
    out[np.isin(out, several)] = -1
    return out


def cell_text(value: Any) -> str:
    """What stands in a cell; whole numbers without a point, nothing for nan."""
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:g}" if value.is_integer() else str(value)
    return str(value).strip()
