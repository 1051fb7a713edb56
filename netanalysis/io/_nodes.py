"""A table of nodes joined to a network by id: classes, positions, sides, transmitters."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np

from netanalysis._core import columns
from netanalysis._core.text import text_array
from netanalysis.connectome import Connectome
from netanalysis.io._edges import shorten
from netanalysis.io._entries import FileError

_PLACES = {"position", "positions", "ptposition", "somaposition", "somalocation", "location", "coordinates", "coords"}


def join(net: Connectome, table: Any) -> Connectome:
    """The network with what a table says of its nodes: modules, positions, and the other columns in the metadata."""
    names = [str(name) for name in table.columns]
    plain = {columns.plain(name): k for k, name in reversed(list(enumerate(names)))}
    candidates = [plain[word] for word in columns.IDS if word in plain]
    if not candidates:
        if table.index.name is None and list(table.index) == list(range(len(table))):
            raise FileError(
                f"nodes: no column holds the ids of nodes; got {shorten(names)}. Name one of them id (or root_id, "
                "bodyId, node, label, name)"
            )
        at, ids = None, list(table.index)
        row, said = _rows(net, ids, f"the index {table.index.name or ''}".strip())
    else:
        at, ids, row, said = _best(net, table, candidates)
    found = row >= 0
    fields: dict[str, Any] = {}
    taken = {at}
    done = []
    if net.labels is None and (of_names := _names(table, [k for k in candidates if k != at], row)) is not None:
        taken.add(of_names)
        fields["labels"] = _column(table.iloc[:, of_names], row)
        done.append(f"labels from {names[of_names]!r}")
    if not found.all():
        labels = np.arange(net.n_nodes) if net.labels is None else net.labels
        warnings.warn(
            f"nodes: {int((~found).sum())} of {net.n_nodes} nodes have no row in the table: "
            f"{shorten(labels[~found].tolist())}. Their text is '' and their numbers are NaN",
            stacklevel=5,
        )
    if net.modules is None and (column := columns.first(plain, columns.MODULES)) is not None:
        modules = fields["modules"] = _column(table.iloc[:, column], row, text=True)
        if without := int((modules[found] == "").sum()) if modules.dtype.kind in "UO" else 0:
            warnings.warn(
                f"nodes: {without} nodes have no {names[column]!r} in the table and are one module, ''; leave them out "
                "with transform.subset(net, net.modules != '') where they are no class of their own",
                stacklevel=5,
            )
        done.append(f"modules from {names[column]!r}")
        taken.add(column)
    positions, used = _positions(table, plain, row)
    if positions is not None and net.positions is None:
        taken |= used
        if np.isfinite(positions).all():
            fields["positions"] = positions
            done.append(f"positions from {', '.join(repr(names[k]) for k in sorted(used))}")
        else:
            lacking = int((~np.isfinite(positions).all(axis=1)).sum())
            warnings.warn(f"nodes: {lacking} nodes have no position, so none are taken", stacklevel=5)
    metadata = dict(net.metadata)
    for k, name in enumerate(names):
        if k not in taken:
            word = next((w for w, aliases in columns.PER_NODE.items() if columns.plain(name) in aliases), name)
            word = next(w for w in (word, name, f"node_{name}") if w not in metadata)
            metadata[word] = _column(table.iloc[:, k], row)
            done.append(f"metadata {word!r}")
    note = f"load: nodes joined by {said}: {', '.join(done) or 'nothing else in the table'}"
    unused = len(set(range(len(ids))) - set(row.tolist()))
    if unused:
        note += f"; {unused} rows of the table are of nodes that the network lacks"
    return net.replace(metadata=metadata, history=(*net.history, note), **fields)


def _best(net: Connectome, table: Any, candidates: list[int]) -> tuple[int, list[Any], np.ndarray, str]:
    """The first column of ids that finds half of the nodes, else the one that finds most.

    A folder may hold matrices with names and without.
    """
    best: tuple[int, list[Any], np.ndarray, str] | None = None
    refused: list[FileError] = []
    for at in candidates:
        column = table.iloc[:, at]
        ids = column.astype(object).where(column.notna(), None).tolist()
        try:
            row, said = _rows(net, ids, repr(str(table.columns[at])))
        except FileError as error:
            refused.append(error)
            continue
        if best is None or (row >= 0).sum() > (best[2] >= 0).sum():
            best = at, ids, row, said
        if 2 * (row >= 0).sum() >= len(row):
            break
    if best is None:
        raise refused[0]
    return best


def _names(table: Any, candidates: list[int], row: np.ndarray) -> int | None:
    """A column of text that names every node of a network that has no names."""
    for k in candidates:
        text = [value.strip() if isinstance(value, str) else "" for value in table.iloc[:, k].tolist()]
        of_nodes = [text[r] for r in row.tolist() if r >= 0]
        unique = len(set(of_nodes)) == len(of_nodes) == len(row)
        if unique and all(of_nodes) and not all(name.isdigit() for name in of_nodes):
            return k
    return None


def _rows(net: Connectome, ids: list[Any], said: str) -> tuple[np.ndarray, str]:
    """The row of each node, -1 where there is none, and what the ids are."""
    present = [(k, _text(value)) for k, value in enumerate(ids) if value == value and value is not None and value != ""]
    keys = columns.identities([text for _, text in present])
    mine = columns.identities([str(x) for x in _ids(net, keys, said)])
    if {type(x) for x in keys} != {type(x) for x in mine}:
        keys, mine = [str(x) for x in keys], [str(x) for x in mine]
    row_of: dict[Any, int] = {}
    for (k, text), name in zip(present, keys, strict=True):
        if name in row_of:
            raise FileError(f"nodes: the id {text} occurs twice in {said}; a node has one row")
        row_of[name] = k
    row = np.array([row_of.get(name, -1) for name in mine])
    if (row < 0).all():
        raise FileError(
            f"nodes: no id in {said} ({shorten([text for _, text in present[:3]])}) is that of a node of the network "
            f"({shorten([str(x) for x in mine[:3]])})"
        )
    return row, f"{said}, counted from 1" if net.labels is None and mine[0] == 1 else said


def _ids(net: Connectome, keys: list[Any], said: str) -> list[Any]:
    """The ids of the nodes: labels, or where they are, counted from 1 if only that fits the ids of the table."""
    if net.labels is not None:
        return list(net.labels.tolist())
    n = net.n_nodes
    if not keys or not all(isinstance(key, int) for key in keys):
        raise FileError(
            f"nodes: the network has no names to look up {said} ({shorten(keys[:3])}) by. If the rows of the table are "
            f"in the order of the nodes, say so by a column node_id of 0 to {n - 1}; or give the network labels"
        )
    if min(keys) < 0 or max(keys) > n:
        raise FileError(
            f"nodes: the network has no names, its {n} nodes are counted from 0 or 1; {said} goes from {min(keys)} to "
            f"{max(keys)}. Give the network labels, or the table the places of the nodes"
        )
    start = int(max(keys) == n)
    if start and min(keys) == 0:
        raise FileError(f"nodes: {said} goes from 0 to {n}, and the network has {n} nodes")
    return list(range(start, start + n))


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else str(value)


def _column(column: Any, row: np.ndarray, *, text: bool = False) -> np.ndarray:
    """The values of a column for every node: numbers if all are (NaN where one is missing), else text (then "")."""
    values = column.to_numpy(dtype=object)
    missing = column.isna().to_numpy() | (values == "")
    out = values[np.maximum(row, 0)]
    lacking = missing[np.maximum(row, 0)] | (row < 0)
    known = [_text(value) for value in out[~lacking].tolist()]
    numbers = columns.identities(known) if known else [""]
    if isinstance(numbers[0], str) or (text and lacking.any()):
        out = np.full(len(row), "", dtype=object)
        out[~lacking] = known
        found = text_array(out.tolist())
    elif lacking.any():
        found = np.full(len(row), np.nan)
        found[~lacking] = numbers
    else:
        found = np.array(numbers)
    found.flags.writeable = False
    return found


def _positions(table: Any, plain: dict[str, int], row: np.ndarray) -> tuple[np.ndarray | None, set[int]]:
    """Coordinates from columns x, y, z or from one column of places; NaN where there are none."""
    for axes in columns.POSITIONS:
        if all(axis in plain for axis in axes):
            used = [plain[axis] for axis in axes]
            found = [_column(_decimal(table.iloc[:, k]), row) for k in used]
            if all(values.dtype.kind in "iuf" for values in found):
                return np.column_stack(found).astype(float), set(used)
            names = ", ".join(repr(str(table.columns[k])) for k in used)
            warnings.warn(
                f"nodes: the columns {names} are not numbers, so the nodes get no positions from them", stacklevel=6
            )
    for word in _PLACES & set(plain):
        places = [_place(table.iloc[k, plain[word]]) if k >= 0 else [] for k in row.tolist()]
        width = max(map(len, places))
        if width in (2, 3):
            return np.array([p if len(p) == width else [np.nan] * width for p in places]), {plain[word]}
    return None, set()


def _decimal(column: Any) -> Any:
    """A column with its decimal commas as points, if all of its numbers are written so."""
    text = [value for value in column.tolist() if isinstance(value, str) and value]
    if text and all(re.fullmatch(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?|[+-]?\d+", value.strip()) for value in text):
        return column.map(lambda value: value.replace(",", ".") if isinstance(value, str) else value)
    return column


def _place(value: Any) -> list[float]:
    if isinstance(value, str):
        return [float(x) for x in re.findall(r"[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?", value)]
    return [float(x) for x in value] if np.ndim(value) == 1 else []
