"""Rows of cells, of text files and sheets: a matrix with or without labels, or an edge list.

How they are told apart:

- An edge list has a header with a source and a target column (:data:`netanalysis._core.columns.ENDS`), and may
  have a column of weights. Without header it has two or three columns, of which the first two hold node ids
  (whole numbers or text); which column is the source is then not settled.
- A matrix has n rows of n numbers; or one line of n labels above them; or that line and a first column of
  the same labels in the same order (or one of the two only counts); or the first column alone, of text or ids.
- What fits both (a 3 x 3 table of whole numbers, say) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import columns
from netanalysis._core.direction import printed_precision
from netanalysis._core.text import of_cell
from netanalysis.io import _edges
from netanalysis.io._dialect import is_missing, is_number
from netanalysis.io._edges import NAME_THEM, Columns, Rows, shorten
from netanalysis.io._entries import FileError, Loaded, check_size, informative

# The corner cell of the tables that save() writes says what rows and columns are.
CORNERS = {"source\\target": "source_target", "target\\source": "target_source"}

Numbers = Callable[[list[str], int, int], list[float]]
Plain = Callable[[bool, Columns, int], Rows | None]  # header or not, columns, cells in a row
_SAMPLE = 1000


def _not_plain(header: bool, at: Columns, width: int) -> Rows | None:
    return None


def read(
    path: Path,
    rows: Iterator[list[str]],
    numbers: Numbers,
    key: str | None,
    names: list[str] | None = None,
    plain: Plain = _not_plain,
) -> Loaded:
    """A matrix, or an edge list, of which `key` names the column of weights; `names` may name its columns.

    `plain` reads an edge list of many rows at once, if they are of the plainest kind.
    """
    first = next(rows, None)
    header = True
    if first is None:
        raise FileError(f"{path} holds no numbers")
    if names and len(names) == len(first) and columns.ends(names) and not columns.ends(first):
        first, rows, header = names, chain([first], rows), False  # a comment named them
    if columns.ends(first):
        sample = list(islice(rows, _SAMPLE))
        rows = chain(sample, rows)
        if not _names_its_rows(first, sample):
            return _named_edges(path, first, sample, rows, numbers, key, partial(plain, header))
    if key is not None:
        raise FileError(
            f"{path}: key names the weight column of an edge list, but no columns are named source and target "
            f"(or from and to, pre and post, …); got {shorten(first)}"
        )
    second = next(rows, None)
    rest: Iterator[list[str]] = chain([second] if second else [], rows)
    count = None
    if second is not None and len(second) != len(first) <= 3 and all(map(_is_whole, first)):
        kept = list(rest)
        if not _is_r_header(first, kept):
            count, first, rest = [int(cell) for cell in first], kept[0], iter(kept[1:])
        else:
            rest = iter(kept)
    if count is None and second is not None and len(second) == len(first) + 1:
        first = ["", *first]  # R writes no corner cell
    rest = of_width(path, rest, len(first))
    if count is not None:
        return _counted(path, count, first, list(rest), numbers)
    if len(first) in (2, 3):
        head = list(islice(rest, 4))  # no matrix of so few columns has more lines
        return _without_names(path, first, head, rest, numbers, partial(plain, False))
    return _matrix(path, first, rest, numbers)


def _names_its_rows(first: list[str], sample: list[list[str]]) -> bool:
    """Whether the rows are called as the columns are: a matrix, of nodes that may be called region 1 and region 2."""
    top = first[1:] if sample and len(sample[0]) == len(first) else first
    return bool(sample) and len(top) >= 2 and [row[0] for row in sample] == top[: len(sample)]


def of_width(path: Path, rows: Iterable[list[str]], width: int) -> Iterator[list[str]]:
    """The rows, of which each must have `width` cells."""
    for number, row in enumerate(rows, start=2):
        if len(row) != width:
            raise FileError(
                f"{path}: row {number} has {len(row)} cells, the ones before it {width}: text that holds the "
                "separator, a triangle of a matrix, or a line that was cut off?"
            )
        yield row


def _named_edges(
    path: Path,
    names: list[str],
    sample: list[list[str]],
    rows: Iterable[list[str]],
    numbers: Numbers,
    key: str | None,
    plain: Callable[[Columns, int], Rows | None],
) -> Loaded:
    words = [columns.plain(name) for name in names]
    kinds = [row[words.index("type")] for row in sample if len(row) == len(names)] if "type" in words else []
    numeric = [
        all(len(row) <= i or _could_be_value(row[i]) for row in sample)
        and any(len(row) > i and _could_be_number(row[i]) for row in sample)
        for i in range(len(names))
    ]
    at = _edges.columns_of(names, key, numeric if sample else None, kinds)
    found = plain(at, len(names)) or _edges.collected(of_width(path, rows, len(names)), at, numbers)
    return _edges.loaded(found, at)


def _headless(
    first: list[str],
    rows: Iterable[list[str]],
    numbers: Numbers,
    n_nodes: int | None = None,
    plain: Callable[[Columns, int], Rows | None] | None = None,
) -> Loaded:
    """Edges without header; which column is the source is not settled."""
    weight = 2 if len(first) == 3 else None
    at = Columns(0, 1, False, weight, None, "weight" if weight else None, ())
    found = plain(at, len(first)) if plain is not None else None
    if found is None or not all(_is_edge([name, name]) for name in found.names):
        found = _edges.collected(chain([first], rows), at, numbers)
    return _edges.loaded(found, at, n_nodes=n_nodes)


def _counted(path: Path, count: list[int], first: list[str], rows: list[list[str]], numbers: Numbers) -> Loaded:
    """What follows a first line that says how many nodes, and how many edges, there are."""
    n, lines = count[0], len(rows) + 1
    if len(count) == 1 and lines == len(first) == n:
        return _matrix(path, first, iter(rows), numbers)
    # Of MatrixMarket's kind: rows, columns, entries.
    if len(count) == 3 and count[0] == count[1]:
        count = [count[0], count[2]]
    if len(first) in (2, 3) and _is_edge(first) and (len(count) == 1 or count[1] == lines):
        return _headless(first, rows, numbers, n_nodes=n)
    raise FileError(
        f"{path} begins with {' '.join(map(str, count))}, which could count nodes and edges or be a line of data; "
        f"{lines} lines of {len(first)} follow. Leave it out, or correct it"
    )


def _is_r_header(first: list[str], rows: list[list[str]]) -> bool:
    """A line of names above as many lines that begin with the same names, in a table without corner cell."""
    return len(rows) == len(first) and [row[0] for row in rows] == first


def _without_names(
    path: Path,
    first: list[str],
    head: list[list[str]],
    rest: Iterator[list[str]],
    numbers: Numbers,
    plain: Callable[[Columns, int], Rows | None],
) -> Loaded:
    """Two or three columns: an edge list, a tiny matrix, or either."""
    begins = _is_edge(first)
    heads = all(cell and not is_number(cell) for cell in first)
    edges = all(map(_is_edge, head)) and (begins or (heads and head)) and first[0] not in CORNERS
    try:
        if len(head) > 3:
            raise FileError(
                f"{path} is neither a square matrix nor an edge list: more than 4 lines of {len(first)}. {NAME_THEM}"
            )
        matrix = _matrix(path, first, iter(head), _complete(numbers))
    except FileError:
        ends = [is_number(cell) for row in (first, *head) for cell in row[:2]]
        if not edges or (len(head) == len(first) - 1 and any(ends)):  # a square with a cell that is no number
            if len(head) > 3:
                raise
            return _matrix(path, first, iter(head), numbers)
        if not begins or (len(first) == 2 and heads):
            raise FileError(f"{path}: cannot tell whether the first line, {first}, is a header. {NAME_THEM}") from None
        found = _headless(first, chain(head, _edge_rows(path, rest, len(head) + 2)), numbers, plain=plain)
        _refuse_count(path, first, found)
        return found
    # The same labels on both sides are no accident, unless the first line is an edge like the others.
    same = len(head) == len(first) - 1 and [row[0] for row in head] == first[1:]
    if edges and not begins and not same and len(head) == len(first) - 1:
        raise FileError(f"{path}: cannot tell whether the first line, {first}, is a header. {NAME_THEM}")
    if edges and (begins or not same):
        raise FileError(
            f"{path} ({len(head) + 1} lines of {len(first)}) could be an edge list or a matrix. {NAME_THEM}. "
            "For a matrix, save it as .npy, or let netanalysis.save write the table"
        )
    return matrix


def _complete(numbers: Numbers) -> Numbers:
    """The same, where no cell may be without a value: it could be the name of a node."""

    def complete(cells: list[str], row: int, column: int) -> list[float]:
        if any(map(is_missing, cells)):
            raise FileError("a value is missing")
        return numbers(cells, row, column)

    return complete


def _edge_rows(path: Path, rows: Iterable[list[str]], start: int) -> Iterator[list[str]]:
    for number, row in enumerate(rows, start=start):
        if not _is_edge(row):
            raise FileError(f"{path}: row {number}, {row}, is not an edge as the rows before it are. {NAME_THEM}")
        yield row


def _refuse_count(path: Path, first: list[str], found: Loaded) -> None:
    """A first line "5 8" before 8 edges among 5 nodes may be no edge."""
    if len(first) == 2 and all(map(_is_whole, first)):
        n, m = map(int, first)
        labels = found.fields["labels"]
        entries = int(np.count_nonzero(found.weights) if isinstance(found.weights, np.ndarray) else found.weights.nnz)
        repeated = sum(int(re.findall(r"\d+", note)[0]) for note in found.fields["history"])
        if entries + repeated - 1 == m > 1 and n in (len(labels), len(labels) - 1):
            raise FileError(
                f"{path}: the first line, {first}, could be an edge or the numbers of nodes and edges, {m} of which "
                f"follow. Leave it out if it counts them; if it is an edge, {NAME_THEM[0].lower()}{NAME_THEM[1:]}"
            )


def _matrix(path: Path, first: list[str], rows: Iterable[list[str]], numbers: Numbers) -> Loaded:
    """A square table of numbers; the counts of rows and columns tell where its labels are."""
    width = len(first)
    check_size((width, width), f"the matrix in {path}")
    values = all(map(_could_be_value, first))  # as far as that tells: names may be numbers, too
    side: list[str] = []
    grid = np.empty((width, width))  # row by row: lists of Python's numbers take four times as much
    for row in rows:
        side.append(row[0])
        found = numbers(row[1:], len(side) + 1, 2)
        if len(side) <= width:
            grid[len(side) - 1, 1:] = found
    below = len(side)
    top: list[str] | None = None
    layout = None
    if below == width - 1 and _is_header(path, first, side, grid):
        top, layout = _agreed(path, first[1:], side), CORNERS.get(first[0])
        top = [of_cell(label) for label in top] if layout else top  # as save() wrote them
        weights = grid[:below, 1:].copy()
    elif below == width - 2 and all(map(_could_be_value, first[1:])) and _are_names([first[0], *side]):
        top = [first[0], *side]
        weights = np.vstack([numbers(first[1:], 1, 2), grid[:below, 1:]])
    elif below == width - 1 and values:
        grid[1:] = grid[:-1].copy()
        grid[:, 0], grid[0, 1:] = numbers([first[0], *side], 1, 1), numbers(first[1:], 1, 2)
        weights = grid
    elif below == width and _are_names(first):
        top = first
        grid[:, 0] = numbers(side, 2, 1)
        weights = grid
    else:
        raise FileError(
            f"{path} is neither a square matrix nor an edge list: {below + 1} lines of {width}. {NAME_THEM}"
        )
    del grid
    return Loaded(
        weights, None, layout, layout is not None, fields={"labels": _labels(top)}, precision=printed_precision(weights)
    )


def _is_header(path: Path, first: list[str], side: list[str], grid: NDArray[np.float64]) -> bool:
    """Whether a line above as many as it has further cells names them, or is itself a row of values."""
    if _could_be_number(first[0]):
        return False
    if not all(map(_could_be_value, first)):
        return True
    if first[0] or not _are_ids([cell.removesuffix(".0") for cell in first[1:]]) or any(map(is_missing, side)):
        return False
    inner = grid[: len(side), 1:]
    if not np.isnan(inner.diagonal()).all() or (np.nan_to_num(inner) % 1).any():
        return True
    raise FileError(
        f"{path}: cannot tell whether the first line, {shorten(first)}, names the nodes or holds weights without a "
        "diagonal. Write nan where values are missing, or 0, or name the nodes by text"
    )


def _agreed(path: Path, top: list[str], side: list[str]) -> list[str]:
    """The labels of a table with a header and a first column: the same, or those of one where the other only counts."""
    a, b = columns.identities(top), columns.identities(side)
    if a == b:
        return top
    if sorted(map(str, a)) != sorted(map(str, b)):
        if _only_counts(side):
            return top
        if _only_counts(top):
            return side
    where = next(i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
    raise FileError(
        f"{path}: the first column must name the same nodes as the header, in the same order; it has "
        f"{'the same labels in another order' if sorted(side) == sorted(top) else 'other labels'} "
        f"(node {where}: {side[where]!r} in the column, {top[where]!r} in the header)"
    )


def _only_counts(labels: list[str]) -> bool:
    """0, 1, 2, … or 1, 2, 3, …, as pandas and R number rows; V1, V2, … as R calls columns that have no name."""
    return any(labels == [f"{prefix}{i + start}" for i in range(len(labels))]
               for prefix, start in (("", 0), ("", 1), ("V", 1), ("X", 1)))  # fmt: skip


def _are_ids(cells: list[str]) -> bool:
    """Whole numbers, each once: no row of weights above n rows of n, no column beside them."""
    return all(map(_is_whole, cells)) and len(set(cells)) == len(cells)


def _are_names(cells: list[str]) -> bool:
    """Text among them, or ids: no row of weights."""
    return not all(map(_could_be_value, cells)) or _are_ids(cells)


def _labels(labels: list[str] | None) -> Any:
    kept = informative(labels)
    if not kept or (kept[0] in ("V1", "X1") and _only_counts(kept)):
        return None
    return columns.identities(kept) if all(map(_is_whole, kept)) else kept


def _is_whole(cell: str) -> bool:
    return re.fullmatch("0|[1-9][0-9]*", cell) is not None


def _is_edge(row: list[str]) -> bool:
    """Two node ids, whole numbers or text, and perhaps a number."""
    return all(re.fullmatch("[0-9]+(?:[.]0*)?", c) or (c and not _could_be_number(c)) for c in row[:2]) and all(
        map(_could_be_number, row[2:])
    )


def _could_be_value(cell: str) -> bool:
    """A number, or one that is missing."""
    return _could_be_number(cell) or is_missing(cell)


def _could_be_number(cell: str) -> bool:
    """A number, or one with a decimal comma, or true or false."""
    return is_number(cell) or cell.lower() in ("true", "false") or bool(re.fullmatch(r"[+-]?[0-9]*,[0-9]+.*", cell))
