"""Networks of people and the table of people, matched by what stands in the names of files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from netanalysis._core.matching import PERSON, cell_text, rows_of, words_of
from netanalysis._core.text import cut, some
from netanalysis.connectome import Connectome
from netanalysis.io import read_table
from netanalysis.transform.node_sets import said_of

_NAMELESS = re.compile(r"network( \d+)?( \[[\d, ]+\])?")  # as networks without a name are called


class People(NamedTuple):
    """Networks of one kind and a row of the table for each, in the same order; and what was done to get there."""

    networks: list[Connectome]
    table: pd.DataFrame
    said: list[str]


def people_of(networks: Sequence[Connectome], table: Any = None) -> People:
    """Networks with the rows of a table, a DataFrame or a file; without one, with what their metadata say.

    A row belongs to the network whose name, or name of file, is what stands in one column of the table, or holds it as
    a word (``sub-01`` of ``sub-01_connectome.csv``); else what stands in two columns (subject and session). What finds
    no partner is left out and said. Networks without names, as of an array, are in the order of the table.
    """
    networks = list(networks)
    if table is None:
        return People(networks, _of_metadata(networks), ["the table is that of the metadata of the networks"])
    if not isinstance(table, (str, PathLike)) and not hasattr(table, "columns"):
        raise TypeError(f"people must be a DataFrame or the path of a table; got {type(table).__name__}")
    table = table.reset_index(drop=True) if hasattr(table, "columns") else _read(table)
    if all(_NAMELESS.fullmatch(str(net.name)) for net in networks):
        if len(table) != len(networks):
            raise ValueError(
                f"people must have a row for each of the {len(networks)} networks, which have no names to be found by; "
                f"got {len(table)} rows. Give a dict of name to network, or files"
            )
        return People(networks, table, ["rows belong to networks, which have no names, in their order"])
    words = [words_of(net) for net in networks]
    row, columns = _best_match(words, table)
    found = np.flatnonzero(row >= 0)
    if 2 * len(found) < min(len(networks), len(table)):  # what so few have in common is chance, such as an age
        names = ", ".join(cut(net.name, 40) for net in networks[:3])
        for name in table.columns:
            once = ~table[name].duplicated(keep=False).to_numpy()
            first = table[name].drop_duplicates()
            if once.mean() < 0.5 and 2 * (rows_of(words, [(cell_text(value),) for value in first]) >= 0).sum() >= len(
                networks
            ):
                rows = _count(np.flatnonzero(~once), "row")
                raise ValueError(
                    f"people: {name!r} names the networks, but {rows} of the table have the same value as another: a "
                    "network needs one row. Leave out those that are repeated, or, of several scans, put what stands "
                    "in the names of files beside it, such as the session"
                )
        raise ValueError(
            f"people: no column holds what most networks are called ({names}, …); the table has the columns "
            f"{list(table.columns)}, and the closest match finds {len(found)} of {len(networks)}. Put their names, or "
            "names of their files, in one of them"
        )
    said = [f"rows belong to networks by {' and '.join(columns)}"]
    without = [str(networks[k].name) for k in np.flatnonzero(row < 0)]
    idle = np.setdiff1d(np.arange(len(table)), row)
    if without:
        said.append(f"left out, without a row in the table: {_count(without, 'network')}, {some(without)}")
    if len(idle):
        values = [" ".join(str(table[name][k]) for name in columns) for k in idle]
        said.append(f"left out, without a network: {_count(values, 'row')} of the table, {some(values)}")
    if lacking := said_of(networks):
        said.append(lacking)
    return People([networks[k] for k in found], table.iloc[row[found]].reset_index(drop=True), said)


def chosen(people: People, by: str, contrast: Sequence[str] | None, others: Sequence[str] = ()) -> People:
    """The people of whom the columns `by` and `others` are known; with a contrast, those of its two groups."""
    table = people.table
    for name in (by, *others):
        if name not in table.columns:
            raise ValueError(
                f"the table of people has no column {name!r}; it has {list(table.columns)}. "
                "people= gives a table; without one it is what the metadata of the networks say"
            )
    said = list(people.said)
    known = (table[[by, *others]].notna() & (table[[by, *others]] != "")).all(axis=1).to_numpy()
    if not known.all():
        columns = ", ".join(dict.fromkeys((by, *others)))
        said.append(f"left out, as {columns} is not known: {_count(np.flatnonzero(~known), 'row')} of the table")
    keep = known
    groups = table.loc[known, by]
    if contrast is not None:
        if len(contrast) != 2 or len(set(contrast)) != 2:
            raise ValueError(f"contrast must be two groups (a, b); got {tuple(contrast)}")
        absent = [name for name in contrast if name not in set(groups.astype(str))]
        if absent:
            raise ValueError(
                f"contrast: {by} has no group {absent[0]!r}; it has {sorted(set(groups.astype(str)))[:12]}"
            )
        keep = known & table[by].astype(str).isin(list(contrast)).to_numpy()
        if not np.array_equal(keep, known):
            said.append(f"of other groups, and without a part: {_count(np.flatnonzero(known & ~keep), 'row')}")
    at = np.flatnonzero(keep)
    if len(at) < 3:
        raise ValueError(f"at least 3 people are needed to compare them by {by!r}; got {len(at)}")
    return People([people.networks[k] for k in at], table.iloc[at].reset_index(drop=True), said)


def repeated(people: People, person: str | None) -> str | None:
    """The column that says whose scan a network is, where people were scanned more than once; it must be named."""
    table = people.table
    if person is not None:
        if person not in table.columns:
            raise ValueError(f"person={person!r} is no column of the table of people; it has {list(table.columns)}")
        return person if table[person].duplicated().any() else None
    for name in table.columns:
        if str(name).lower() in PERSON and table[name].duplicated().any():
            raise ValueError(
                f"{name!r} is the same in several rows of the table of people, and scans of one person are not "
                f"independent: say person={name!r} to heed that"
            )
    return None


def _read(path: str | PathLike[str]) -> pd.DataFrame:
    """A table from a file: columns of numbers as numbers, but for codes such as 007."""
    table = read_table(path, "people")
    for name in table.columns:
        if table[name].dtype.kind in "biufc":
            continue
        text = table[name].astype(str).str.strip()
        text = text.mask(text.str.lower().isin(["", "na", "n/a", "nan", "none", "null"]))
        numbers = pd.to_numeric(text, errors="coerce")
        code = text.str.match(r"0\d").fillna(False).any()
        table[name] = text if code or (numbers.isna() & text.notna()).any() or text.isna().all() else numbers
    return table


def _of_metadata(networks: Sequence[Connectome]) -> pd.DataFrame:
    keys = [key for key in networks[0].metadata if all(_is_plain(net.metadata.get(key)) for net in networks)]
    varying = [key for key in keys if len({str(net.metadata[key]) for net in networks}) > 1 and key != "sha256"]
    return pd.DataFrame({key: [net.metadata[key] for net in networks] for key in varying})


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float, np.generic)) and not isinstance(value, bool)


def _best_match(words: list[set[str]], table: pd.DataFrame) -> tuple[np.ndarray, tuple[str, ...]]:
    """For every network its row, -1 for none, by the column or two columns that match most."""
    best, used = np.full(len(words), -1), tuple[str, ...]()
    text = {name: [cell_text(value) for value in table[name]] for name in table.columns}
    for size in (1, 2):
        for columns in combinations(table.columns, size):
            keys = list(zip(*(text[name] for name in columns), strict=True))
            if len(set(keys)) == len(keys):
                row = rows_of(words, keys)
                if (row >= 0).sum() > (best >= 0).sum():
                    best, used = row, tuple(map(str, columns))
        if (best >= 0).any():
            break
    return best, used


def _count(things: Any, name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"
