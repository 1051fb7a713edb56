"""A table made again from what it says of itself: is it the same, to the last bit?"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netanalysis._core import options, records
from netanalysis._core.results import result
from netanalysis._core.text import cells, some
from netanalysis.table._replay import Replay, found, found_folder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Rerun", "rerun"]

_COMMANDS = ("measure", "compare", "groups", "distances", "paths", "report")


@result
class Rerun:
    """A table beside the same one made again, from :func:`rerun`.

    Attributes
    ----------
    equal : bool
        Whether every cell of the table is the same, numbers to the last bit.
    differences : DataFrame
        A row for each cell that is not: ``row`` (its label in the index), ``column``, ``before``, ``now``, and for
        numbers ``difference``, now less before.
    table : DataFrame
        The table as it comes out now.
    versions : mapping of name to (before, now)
        Of netanalysis, numpy, scipy, numba, Python and the machine, those that are not the same.
    note : str
        What was not compared, and why; and which rows or columns are there once only.
    """

    equal: bool
    differences: pd.DataFrame
    table: pd.DataFrame
    versions: dict[str, tuple[str, str]]
    note: str = ""

    def __repr__(self) -> str:
        said = "equal to the last bit" if self.equal else f"{len(self.differences)} cells differ"
        now = "; ".join(f"{name} {before} then, {now} now" for name, (before, now) in self.versions.items())
        parts = [f"{len(self.table)} rows, {said}", self.note, now]
        return f"<Rerun: {'. '.join(part for part in parts if part)}>"


def rerun(
    table: Any,
    *,
    networks: Any = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    folder: str | os.PathLike[str] | None = None,
    n_jobs: int | None = None,
) -> Rerun:
    """Make a table again from what it records of itself, and compare every cell.

    Parameters
    ----------
    table : DataFrame, or path of a .csv
        One that a function of netanalysis returned (its ``attrs["netanalysis"]`` hold the calls that led to it), all of
        it or some of its rows and columns; or a file that the command line or :func:`save` wrote, with its
        ``.csv.provenance.json`` beside it.
    networks : network, array, or collection of those, optional
        What was in memory when the table was made, of which it keeps fingerprints only. Each is found by its
        fingerprint, so that their order does not matter.
    functions : mapping of name to function, optional
        Functions of your own that took part (measures, null models), by their names.
    folder : path, optional
        Where to look for files, too: they are looked for under the path that was given, where that path led to when the
        table was made, beside the table, and here. What counts is their sha256.
    n_jobs : int, optional
        joblib workers. The answer does not depend on it.

    Returns
    -------
    Rerun
        ``.equal``, ``.differences`` (which cells, and by how much), ``.table`` (as it comes out now), ``.versions``
        (which of netanalysis, numpy, scipy, numba, Python and the machine are others now).

    Raises
    ------
    ValueError
        The table records nothing of itself; a file is not the one that it was made from; something that was in memory,
        or a function of your own, is not handed over. The error says which.
    FileNotFoundError
        A file is not there; the error says where it was looked for.

    Notes
    -----
    Without a seed the table records the one that was drawn. Of the calls that a record names only public functions are
    made that make tables, and none that writes: a file from elsewhere runs nothing else.

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.transform.subset(na.datasets.load("celegans_chemical"), "motor")
    >>> table = na.summarize(worm, ["modularity", "clustering"], null="weight_shuffle", n_nulls=20, progress=False)
    >>> na.rerun(table)
    <Rerun: 2 rows, equal to the last bit>
    >>> table.loc[1, "value"] += 0.5
    >>> na.rerun(table).differences[["row", "column", "difference"]].values.tolist()
    [[1, 'value', -0.5]]
    """
    import pandas as pd

    options.jobs(n_jobs)
    folders = [] if folder is None else [Path(folder)]
    if isinstance(table, (str, os.PathLike)):
        path = Path(table)
        record = _beside(path)
        folders.append(path.resolve().parent)
        before = _read(path)
        if len(record.get("rows", ())) == len(before):
            before.index = pd.Index(record["rows"])
    elif isinstance(table, pd.DataFrame):
        path, before = None, table
        if records.KEY not in table.attrs:
            raise ValueError(
                'the table records nothing of itself: attrs["netanalysis"] is missing. Functions of netanalysis put it '
                "there; what makes a new table of several (pd.concat, merge) loses it"
            )
        record = json.loads(table.attrs[records.KEY])
    else:
        raise TypeError(f"table must be a DataFrame or the path of a .csv; got {type(table).__name__}")
    if "command" in record:
        now = _of_command(record, folders, n_jobs)
    else:
        now = Replay(networks, functions or {}, folders, n_jobs).table(record)
        if path is not None:
            now = _read(io.StringIO(cells(now).to_csv(index=False)))
    edited = path is not None and record.get("sha256") != records.sha256(path)
    note = f"{path} is no longer as it was written" if edited else ""
    return _compared(before, now, record.get("versions", {}), note)


def _beside(path: Path) -> dict[str, Any]:
    """The record of a table in a file."""
    note = path.with_name(path.name + records.SIDECAR)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    if not note.is_file():
        raise ValueError(
            f"{path} records nothing of itself: there is no {note.name} beside it. `netanalysis measure -o` and the "
            "other commands write one, as does na.save(table, path)"
        )
    try:
        record = dict(json.loads(note.read_text(encoding="utf-8")))
        if "command" not in record and not record["steps"]:
            raise ValueError("no steps")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{note} is no record of a table: {error}") from error
    return record


def _read(file: Any) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    return table.apply(_numbers)


def _numbers(column: pd.Series) -> pd.Series:
    """Text as numbers to the last bit, where all of it is; pandas has rounded them in some versions."""
    try:
        return column.map(lambda text: float(text) if text else np.nan).astype(float)
    except ValueError:
        return column


def _of_command(record: Mapping[str, Any], folders: list[Path], n_jobs: int | None) -> pd.DataFrame:
    """What the command gives now, run in a process of its own with its files where they are found."""
    words = list(map(str, record["command"]))
    if not words or words[0] not in _COMMANDS:
        raise ValueError(f"the record holds a command that makes no table: {' '.join(words) or 'none'}")
    where = {}
    for name, note in record["files"].items():
        where[name] = found(note, folders) if "file" in note else found_folder(note, folders)
    words = [_moved(word, where) for word in words]
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / ("report" if words[0] == "report" else "table.csv")
        command = [sys.executable, "-m", "netanalysis", *record.get("before", ()), *words, "-o", str(output)]
        command += [] if n_jobs is None or words[0] == "paths" else ["--jobs", str(n_jobs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        made = output / record["table"] if words[0] == "report" else output
        if not made.is_file():
            raise ValueError(f"the command fails now: {done.stderr.strip() or done.returncode}")
        return _read(made)


def _moved(word: str, where: Mapping[str, str]) -> str:
    """An argument with its files where they are now; lists with commas and NAME=FILE among them."""
    if word in where:
        return where[word]
    head, equals, tail = word.rpartition("=")
    return head + equals + ",".join(where.get(part.strip(), part) for part in tail.split(","))


def _compared(before: pd.DataFrame, now: pd.DataFrame, versions: Mapping[str, str], note: str) -> Rerun:
    import pandas as pd

    said, lost = [note] if note else [], False
    rows = [row for row in before.index if row in now.index] if before.index.is_unique else list(now.index)
    columns = [name for name in before.columns if name in now.columns]
    for what, old, new, both in (
        ("rows", before.index, now.index, rows),
        ("columns", before.columns, now.columns, columns),
    ):
        if gone := [entry for entry in old if entry not in set(new)]:
            lost = True
            said.append(f"{what} that do not come out now: {some(gone)}")
        if len(new) > len(both):
            said.append(f"{len(both)} of the {len(new)} {what} were compared, those that the table has")
    different: list[dict[str, Any]] = []
    for name in columns:
        for row, old, new in zip(rows, before.loc[rows, name], now.loc[rows, name], strict=True):
            if not _same(old, new):
                change = new - old if _is_number(old) and _is_number(new) else np.nan
                different.append({"row": row, "column": name, "before": old, "now": new, "difference": change})
    differences = pd.DataFrame(different, columns=["row", "column", "before", "now", "difference"])
    other = {name: (old, records.versions().get(name, "none")) for name, old in versions.items()}
    changed = {name: pair for name, pair in other.items() if pair[0] != pair[1]}
    return Rerun(not different and not lost, differences, now, changed, ". ".join(said))


def _same(a: Any, b: Any) -> bool:
    """Whether two cells are the same: numbers to the bit, and nothing is nothing."""
    if _is_number(a) and _is_number(b):
        return bool(np.float64(a).tobytes() == np.float64(b).tobytes() or (np.isnan(a) and np.isnan(b)))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(np.asarray(a), np.asarray(b))
    return bool(_is_nothing(a) and _is_nothing(b)) or (type(a) is type(b) and a == b)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _is_nothing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
