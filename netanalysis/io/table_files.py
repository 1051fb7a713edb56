"""Tables: pandas DataFrames, .parquet and .feather (pyarrow), .xlsx (openpyxl), and edge tables of SQLite."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from netanalysis._core import columns, frames, kinds, node_order
from netanalysis.io import _edges, _tables
from netanalysis.io._dialect import Numbers, dialects
from netanalysis.io._edges import shorten
from netanalysis.io._entries import FileError, Loaded, check_bytes

NEEDS = {"read_arrow": "pyarrow", "read_xlsx": "openpyxl"}

_CELL_BYTES = 100  # of a cell as text of Python, in a list
_EXTRA = "needs {library}: pip install 'netanalysis[tables]'"


def is_frame(obj: Any) -> bool:
    """Whether this is a pandas DataFrame."""
    return kinds.is_instance(obj, "pandas", "DataFrame")


def from_frame(frame: Any, key: str | None) -> Loaded:
    """An edge list with named columns, of which `key` names the weights, or a square matrix."""
    import pandas as pd

    kinds = pd.api.types
    names = [str(name) for name in frame.columns]
    if not columns.ends(names) or (len(names) > 1 and [str(name) for name in frame.index] == names):
        return _matrix(frame, key)  # or of nodes that may be called region 1 and region 2
    numeric = [kinds.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    words = [columns.plain(name) for name in names]
    of_type = frame.iloc[:, words.index("type")] if words.count("type") == 1 else None
    at = _edges.columns_of(names, key, numeric, [] if of_type is None else of_type.dropna().unique()[:3])
    ends = [_ids(frame.iloc[:, column], names[column]) for column in (at.source, at.target)]
    numbers, unique = pd.factorize(pd.concat(ends, ignore_index=True))  # whole numbers are faster than their text
    unique = [str(name).strip() for name in unique]
    if len(set(unique)) < len(unique):  # " a" and "a" are one
        again, unique = pd.factorize(np.array(unique, dtype=object))
        numbers = again[numbers]
    values, missing = np.ones(len(frame)), ""
    if at.weight is not None:
        values, missing = _values(frame.iloc[:, at.weight], names[at.weight])
    mirrored = None
    if at.kind is not None:
        mirrored = frame.iloc[:, at.kind].astype(str).str.lower().map({"directed": 0, "undirected": 1}).fillna(-1)
        mirrored = mirrored.to_numpy(np.int8)
    sources, targets = np.split(numbers.astype(np.int64), 2)
    found = _edges.assemble(list(unique), sources, targets, values, at, mirrored=mirrored)
    return replace(found, first_missing=missing)


def _ids(column: Any, name: str) -> Any:
    if column.isna().any():
        raise FileError(
            f"edge {int(np.argmax(column.isna().to_numpy())) + 1} lacks a source or a target (column {name!r})"
        )
    if column.dtype.kind == "f":
        if (column.abs() >= 2**53).any():
            raise FileError(
                f"the ids in column {name!r} are floats, which do not hold numbers of that size exactly: their last "
                "digits were lost where the table was made. Save ids as whole numbers or text"
            )
        if (column == column.round()).all():
            column = column.astype("int64")
    return column if column.dtype.kind in "iu" else column.astype(str)


def _values(column: Any, name: str) -> tuple[np.ndarray, str]:
    """The numbers of a column, and where the first is missing."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise FileError(f"the column {name!r} does not hold numbers but {column.dtype}")
    lost = column.isna().to_numpy()
    missing = f"none (edge {int(np.argmax(lost)) + 1} lacks its weight, column {name!r})" if lost.any() else ""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan)), missing


def _matrix(frame: Any, key: str | None) -> Loaded:
    if key is not None:
        raise FileError(
            "key names the weight column of an edge list, but no columns are named source and target (or from and to, "
            f"pre and post, …); got {shorten(list(frame.columns))}"
        )
    if frame.shape[1] == frame.shape[0] + 1:  # the labels are its first column
        frame = frame.set_index(frame.columns[0])
    if frame.shape[0] != frame.shape[1]:
        raise FileError(
            f"a table of shape {frame.shape} is no square matrix, and no columns are named source and target; got "
            f"{shorten(list(frame.columns))}"
        )
    weights, missing = frames.weights_of(frame, "the table", incomplete=True), ""
    if (lost := frame.isna().to_numpy()).any():
        i, j = (int(k) for k in np.argwhere(lost)[0])
        missing = f"none (row {frame.index[i]!r}, column {frame.columns[j]!r})"
    return Loaded(weights, fields={"labels": node_order.own_labels(frame)}, first_missing=missing)


def _arrow(path: Path) -> Any:
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError(f"{path} {_EXTRA.format(library='pyarrow')}") from error
    if path.suffix.lower() == ".parquet":
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            facts = file.metadata
            check_bytes(facts.num_rows * facts.num_columns * 16, f"the table in {path}")
            table = file.read()
            table.validate(full=True)
            return table.to_pandas(split_blocks=True, self_destruct=True)
    from pyarrow import feather

    table = feather.read_table(path, memory_map=True)
    check_bytes(table.num_rows * table.num_columns * 16, f"the table in {path}")
    table.validate(full=True)  # offsets of text that lie would be read outside memory
    return table.to_pandas(split_blocks=True, self_destruct=True)


def read_arrow(path: Path, key: str | None) -> Loaded:
    """Arrow: an edge list with named columns, of which `key` names the weights, or a square matrix."""
    return from_frame(_arrow(path), key)


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    """Rows of text of every sheet that is not empty."""
    try:
        import openpyxl
    except ImportError as error:
        raise ImportError(f"{path} {_EXTRA.format(library='openpyxl')}") from error

    with zipfile.ZipFile(path) as archive:
        check_bytes(sum(member.file_size for member in archive.infolist()), f"{path}, unpacked,")
        for name in archive.namelist():
            with archive.open(name) as member:
                if name.endswith((".xml", ".rels")) and re.search(rb"<!(?!--|\[CDATA\[)", member.read(2**16)):
                    raise FileError(f"{path}: {name} declares a document type, which sheets have no use for: refused")
    found = {}
    with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
        count = 0
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file says of them may be anything
            rows = []
            for cells in sheet.iter_rows(values_only=True):
                count += len(cells)
                check_bytes(count * _CELL_BYTES, f"the cells of {path}")
                row = [_cell(path, cell) for cell in cells]
                if any(row):
                    rows.append(row)
            width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell), default=0)
            if rows:
                found[str(sheet.title)] = [(row + [""] * (width - len(row)))[:width] for row in rows]
    return found


def _cell(path: Path, value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, (int, float)) and abs(value) >= 10**15 and value == int(value):
        raise FileError(
            f"{path} holds {value:.0f} as a number, of which a sheet keeps 15 digits. Keep ids in it as text, or save "
            "them as .csv where they were made"
        )
    if isinstance(value, float):
        return repr(int(value) if value.is_integer() else value)
    return str(value).strip()


def read_xlsx(path: Path, key: str | None) -> Loaded:
    """Excel: a sheet; `key` names it, the column of weights, or both, as in "Sheet1!weight"."""
    sheets = _sheets(path)
    sheet, key = _part(list(sheets), key, "!", "sheets", path)
    numbers = Numbers(path)
    return replace(_tables.read(path, iter(sheets[sheet]), numbers, key), first_missing=numbers.first_missing)


def _part(names: list[str], key: str | None, between: str, what: str, path: Path) -> tuple[str, str | None]:
    """Which of the parts of a file `key` names, and what is left of it for a column."""
    if key in names:
        return str(key), None
    head, _, tail = (key or "").rpartition(between)
    if head in names:
        return head, tail
    if len(names) != 1:
        raise FileError(
            f"{path} holds {what} {shorten(names)}; choose one with key=, and its column of weights as "
            f"key='name{between}column'"
            if names
            else f"{path} holds no {what} that can be read as a network"
        )
    return names[0], key


def read_sqlite(path: Path, key: str | None) -> Loaded:
    """SQLite: an edge table; `key` names the table, its column of weights, or both, as in "synapses.weight"."""
    log = Path(f"{path}-wal")  # opened as immutable, the file is read without it
    if log.exists() and log.stat().st_size:
        raise FileError(
            f"{path} has changes still in {log.name}: close the program that writes it, or let it checkpoint"
        )
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)) as database:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        pages, size = (database.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "page_size"))
        if path.stat().st_size < pages * size:  # SQLite reads the missing end of the last page as zeros
            raise FileError(f"{path} is cut off: it has {path.stat().st_size:,} bytes of {pages * size:,}")
        listed = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        tables = {}
        for name, sql in listed:
            if not name.startswith("sqlite_") and not str(sql).upper().startswith("CREATE VIRTUAL"):
                tables[name] = [row[1] for row in database.execute(f"PRAGMA table_info({_quoted(name)})")]
        edges = [name for name, names in tables.items() if columns.ends(names)]
        if not edges:
            raise FileError(
                f"{path} holds no table with columns of sources and targets (source and target, pre and post, …); "
                f"it holds {shorten(list(tables.items()))}"
            )
        table, key = _part(edges, key, ".", "edge tables", path)
        names = tables[table]
        (count,) = database.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()
        check_bytes(count * len(names) * 8, f"the table {table!r} in {path}")
        rows = database.execute(f"SELECT {', '.join(map(_quoted, names))} FROM {_quoted(table)}")
        texts = (
            ["" if cell is None else repr(cell) if isinstance(cell, float) else str(cell) for cell in r] for r in rows
        )
        numbers = Numbers(path)
        found = _tables.read(path, chain([names], texts), numbers, key)
        return replace(found, first_missing=numbers.first_missing)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text_frame(path: Path) -> Any:
    import pandas as pd

    for dialect, _ in dialects(path):
        try:
            rows = list(dialect.rows())
        except UnicodeDecodeError:
            continue
        return _of_text(path, rows)
    return pd.DataFrame()


def _of_text(path: Path, rows: list[list[str]]) -> Any:
    import pandas as pd

    if len(rows) < 2:
        raise FileError(f"{path} holds no table: a header and a line for each node or person")
    return pd.DataFrame(list(_tables.of_width(path, rows[1:], len(rows[0]))), columns=rows[0])


def _only_sheet(path: Path) -> Any:
    sheets = _sheets(path)
    if len(sheets) != 1:
        raise FileError(f"{path} holds sheets {shorten(list(sheets))}; pass the one of the nodes as a DataFrame")
    return _of_text(path, next(iter(sheets.values())))


_TEXT: Iterable[str] = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".ssv", ".dat")
FRAMES: dict[str, Callable[[Path], Any]] = {  # how a table of nodes is read
    **dict.fromkeys(_TEXT, _text_frame),
    ".parquet": _arrow,
    ".feather": _arrow,
    ".xlsx": _only_sheet,
}
