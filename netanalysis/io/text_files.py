"""Text: matrices with or without labels, and edge lists (.csv, .tsv, .txt).

How they are told apart:

- An edge list has a header with a source and a target column (source/target, from/to or pre/post), and may
  have a "weight" column. Without a header it has two or three columns, of which the first two hold node ids
  (whole numbers or text); which column is the source is then not settled.
- A matrix has n rows of n numbers; or one line of n labels above them; or that line and a first column of
  the same labels in the same order; or the first column alone, of text.
- What fits both (a 3 x 3 table of whole numbers, say) is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
from scipy import sparse

from netanalysis._core import validate
from netanalysis.connectome import Connectome
from netanalysis.io._entries import FileError, Loaded, check_bytes, check_size, informative

# The corner cell of the tables that save() writes says what rows and columns are.
CORNERS = {"source\\target": "source_target", "target\\source": "target_source"}
_ENDS = [("source", "target"), ("from", "to"), ("pre", "post")]
_NAME_THEM = "For an edge list, name the columns in a header line: source,target,weight"


def read(path: Path, key: str | None) -> Loaded:
    """A matrix, or an edge list, of which `key` names the column of weights."""
    check_bytes(path.stat().st_size, f"the text of {path}")
    records = _records(path)
    first = next(records, None)
    if first is None:
        raise FileError(f"{path} holds no numbers")
    names = [cell.lower() for cell in first]
    for source, target in _ENDS:
        if names.count(source) == names.count(target) == 1:
            ends = names.index(source), names.index(target)
            weight = _weight_column(path, first, ends, key)
            columns = ends if weight is None else (*ends, weight)
            rows = [[row[c] for c in columns] for row in _of_width(path, records, len(first))]
            return _from_edges(path, rows, first[weight] if weight is not None else None, settled=True)
    if key is not None:
        raise FileError(
            f"{path}: key names the weight column of an edge list, but no columns are named source and target "
            f"(or from and to, pre and post); got {_shorten(first)}"
        )
    second = next(records, None)
    if second is not None and len(second) == len(first) + 1:
        first = ["", *first]  # R writes no corner cell
    rest = _of_width(path, chain([second] if second else [], records), len(first))
    return _without_names(path, first, list(rest)) if len(first) in (2, 3) else _matrix(path, first, rest)


def _records(path: Path) -> Iterator[list[str]]:
    """Stripped cells of each line that is not blank; a .txt file may begin with lines of comment (#)."""
    suffix = path.suffix.lower()
    with path.open(encoding="utf-8-sig", newline="") as file:
        skipped = 0
        for line in file:
            if line.strip() and not (suffix == ".txt" and line.startswith("#")):
                break
            skipped += 1
        else:
            return
        separators = "\t" if suffix == ".tsv" else ",\t;"
        separator = next((s for s in separators if s in line), None)
        file.seek(0)
        for _ in range(skipped):
            file.readline()
        if separator is None and suffix == ".txt":
            rows: Iterable[list[str]] = map(str.split, file)
        else:
            rows = csv.reader(file, delimiter=separator or separators[0])
        for row in rows:
            if row:
                yield [cell.strip() for cell in row]


def _of_width(path: Path, rows: Iterable[list[str]], width: int) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=2):
        if len(row) != width:
            raise FileError(f"{path}: row {number} has {len(row)} cells, the ones before it {width}")
        yield row


def _without_names(path: Path, first: list[str], rows: list[list[str]]) -> Loaded:
    """Two or three columns: an edge list, a tiny matrix, or either."""
    begins = _is_edge(first)
    heads = all(cell and not _is_number(cell) for cell in first)
    edges = all(map(_is_edge, rows)) and (begins or (heads and rows)) and first[0] not in CORNERS
    try:
        matrix = _matrix(path, first, rows)
    except FileError:
        if not edges:
            raise
        if not begins or (len(first) == 2 and heads):
            raise FileError(f"{path}: cannot tell whether the first line, {first}, is a header. {_NAME_THEM}") from None
        return _from_edges(path, [first, *rows], "weight" if len(first) == 3 else None, settled=False)
    # The same labels on both sides are no accident, unless the first line is an edge like the others.
    if edges and (begins or len(rows) != len(first) - 1):
        raise FileError(
            f"{path} ({len(rows) + 1} lines of {len(first)}) could be an edge list or a matrix. {_NAME_THEM}. "
            "For a matrix, save it as .npy, or let netanalysis.save write the table"
        )
    return matrix


def _matrix(path: Path, first: list[str], rows: Iterable[list[str]]) -> Loaded:
    """A square table of numbers; the counts of rows and columns tell where its labels are."""
    width = len(first)
    check_size((width, width), f"the matrix in {path}")
    numeric = [_is_number(cell) for cell in first]
    side: list[str] = []
    inner: list[np.ndarray] = []
    for row in rows:
        side.append(row[0])
        inner.append(_numbers(path, row[1:], len(side) + 1, 2))
    below = len(side)
    top: list[str] | None = None
    layout = None
    if below == width - 1 and not numeric[0]:
        top, layout = first[1:], CORNERS.get(first[0])
        if side != top:
            where = next(i for i, (a, b) in enumerate(zip(side, top, strict=True)) if a != b)
            raise FileError(
                f"{path}: the first column must name the same nodes as the header, in the same order; it has "
                f"{'the same labels in another order' if sorted(side) == sorted(top) else 'other labels'} "
                f"(node {where}: {side[where]!r} in the column, {top[where]!r} in the header)"
            )
        weights = np.array(inner)
    elif below == width - 2 and not numeric[0] and all(numeric[1:]):
        top = [first[0], *side]
        weights = np.array([_numbers(path, first[1:], 1, 2), *inner])
    elif below == width - 1 and all(numeric):
        weights = np.column_stack([_numbers(path, [first[0], *side], 1, 1), [_numbers(path, first[1:], 1, 2), *inner]])
    elif below == width and (not all(numeric) or first == [str(i) for i in range(width)]):
        top = first
        weights = np.column_stack([_numbers(path, side, 2, 1), inner])
    else:
        raise FileError(
            f"{path} is neither a square matrix nor an edge list: {below + 1} lines of {width}. {_NAME_THEM}"
        )
    return Loaded(weights, None, layout, layout is not None, fields={"labels": _labels(top)})


def _numbers(path: Path, cells: list[str], row: int, column: int) -> np.ndarray:
    """Cells of a row (or of a column) as float64; one that is empty or no number is an error that says where."""
    try:
        if "_" not in "".join(cells):
            return np.array(list(map(float, cells)))
    except ValueError:
        pass
    bad = next(cell for cell in cells if not _is_number(cell))
    raise FileError(
        f"{path}: expected a number, got {bad!r} (from row {row}, column {column} on). "
        "Missing values are never filled here"
    )


def _weight_column(path: Path, names: list[str], ends: tuple[int, int], key: str | None) -> int | None:
    others = {name: i for i, name in enumerate(names) if i not in ends}
    if key is not None:
        if key not in others:
            raise FileError(f"{path}: there is no column {key!r} to take weights from; got {_shorten(names)}")
        return others[key]
    weight = [i for name, i in others.items() if name.lower() == "weight"]
    if others and not weight:
        raise FileError(f"{path}: no column is named weight; choose one with key=, among {_shorten(list(others))}")
    return weight[0] if weight else None


def _from_edges(path: Path, rows: list[list[str]], key: str | None, *, settled: bool) -> Loaded:
    """The nodes are those that occur: whole numbers in order, text in order of appearance. Repeated edges add up."""
    if not rows:
        raise FileError(f"{path} holds an edge list without edges")
    for number, row in enumerate(rows, start=1):
        if not row[0] or not row[1]:
            raise FileError(f"{path}: edge {number} lacks a source or a target")
    values = np.ones(len(rows)) if key is None else _numbers(path, [row[2] for row in rows], 1, 3)
    nodes = list(dict.fromkeys(end for row in rows for end in row[:2]))
    labels = sorted(map(int, nodes)) if _whole(nodes) else nodes
    at = {str(label): i for i, label in enumerate(labels)}
    source, target = ([at[row[k]] for row in rows] for k in (0, 1))
    n = len(nodes)
    weights = sparse.csr_array((values, (source, target)), shape=(n, n))
    repeated = len(rows) - len(set(zip(source, target, strict=True)))
    history = (f"load: {repeated} repeated edges added to others between the same nodes",) if repeated else ()
    return Loaded(
        weights if n > 5000 else weights.toarray(),
        key,
        "source_target" if settled else None,
        settled,
        fields={"labels": labels, "history": history},
    )


def _whole(labels: list[str]) -> bool:
    """Whether labels are whole numbers as numbers are written (007 is a text)."""
    return all(re.fullmatch("0|[1-9][0-9]*", label) for label in labels)


def _labels(labels: list[str] | None) -> list[str] | list[int] | None:
    kept = informative(labels)
    return [int(label) for label in kept] if kept and _whole(kept) else kept


def _is_edge(row: list[str]) -> bool:
    """Two node ids, whole numbers or text, and perhaps a number."""
    return all(re.fullmatch("[0-9]+", c) or (c and not _is_number(c)) for c in row[:2]) and all(
        map(_is_number, row[2:])
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python's 1_000, which may well be a label here


def _shorten(names: list[str]) -> str:
    return str(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def write(net: Connectome, path: Path) -> None:
    """Weights with the labels (or 0, 1, …) as header and first column; the corner cell says source\\target."""
    if net.is_stack:
        raise ValueError(f"a {path.suffix} file holds one network; got a stack {net.weights.shape}. Save it as .npz")
    weights = validate.dense(net.weights, measure=f"a {path.suffix} file", instead="an .npz file")
    labels = [str(label) for label in (range(net.n_nodes) if net.labels is None else net.labels.tolist())]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", lineterminator="\n")
        writer.writerow(["source\\target", *labels])
        for label, row in zip(labels, weights, strict=True):
            writer.writerow([label, *map(repr, row.tolist())])
