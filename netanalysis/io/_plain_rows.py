"""Long edge lists of the plainest kind, read by a compiled loop; everything else is left to the rows of cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from netanalysis.io import kernels
from netanalysis.io._dialect import Dialect, whole_bytes
from netanalysis.io._edges import Columns, Rows

_FROM = 2**20  # bytes: below, reading with care takes less than loading the loop
_PIECE = 2**16  # bytes, which a core keeps at hand
_BOM = b"\xef\xbb\xbf"


def read(path: Path, dialect: Dialect, header: bool, at: Columns, width: int) -> Rows | None:
    """All rows of a long file, the first one left out if it is a header; None if some are not of the plainest kind."""
    separator = " " if dialect.separator is None else dialect.separator
    if path.stat().st_size < _FROM or at.kind is not None or dialect.drops_last or not separator.isascii():
        return None
    data = whole_bytes(path)
    begin = dialect.begins[header] + len(_BOM) * data.startswith(_BOM)
    if not data[len(_BOM) * data.startswith(_BOM) : begin].isascii():
        return None
    weight = -1 if at.weight is None else at.weight
    text = np.frombuffer(data, np.uint8)
    lines = 1 + sum(np.count_nonzero(text[k : k + _PIECE] == ord("\n")) for k in range(begin, len(text), _PIECE))
    count, ends, values, late, names = kernels.edge_rows.scan(
        text, begin, lines, ord(separator), width, at.source, at.target, weight
    )
    if count < 0:
        return None
    values = values[:count]
    try:
        values[np.isnan(values)] = [float(cell) for cell in _cut(data, late)]
    except ValueError:  # a number like 1e
        return None
    found = [name.decode("ascii") for name in _cut(data, names)]
    sources, targets = ends[: 2 * count : 2], ends[1 : 2 * count : 2]
    return Rows(found, sources, targets, None if weight < 0 else values)


def _cut(data: bytes, bounds: Any) -> list[bytes]:
    """The cells of which `bounds` says, in turn, where they begin and end."""
    cuts = bounds.tolist()
    return [data[i:j] for i, j in zip(cuts[::2], cuts[1::2], strict=True)]
