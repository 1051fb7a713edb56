"""Edge lists: rows that name a source and a target, from text, tables and databases."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import columns
from netanalysis._core.direction import printed_precision
from netanalysis._core.graphs import SPARSE_FROM
from netanalysis.io._entries import FileError, Loaded

NAME_THEM = "For an edge list, name the columns in a header line: source,target,weight"
_KINDS = {"directed": False, "undirected": True}


@dataclass(frozen=True)
class Columns:
    """Where an edge list has what."""

    source: int
    target: int
    settled: bool  # the names say which is the source
    weight: int | None
    kind: int | None  # "Directed" or "Undirected" in each row
    key: str | None
    notes: tuple[str, ...]
    group: str = ""  # a column by which one pair can have several rows


def columns_of(names: Sequence[str], key: str | None, numeric: Sequence[bool] | None, kinds: Iterable[Any]) -> Any:
    """The :class:`Columns` of a table with these names, or None if it names no source and target.

    `numeric` tells which columns hold numbers, if that is known; `kinds` are values of the column called type, if any.
    """
    found = columns.ends(names)
    if found is None:
        return None
    source, target, settled = found
    others = [i for i in range(len(names)) if i not in (source, target)]
    words = [columns.plain(name) for name in names]
    kind = next((i for i in others if words[i] in ("type", "directed", "edgetype")), None)
    values = {str(value).strip().lower() for value in kinds}
    if kind is not None and not (values and values <= set(_KINDS)):
        kind = None
    weight = _weight(names, [i for i in others if i != kind], key, numeric)
    unread = [names[i] for i in others if i not in (weight, kind) and names[i]]
    notes = []
    if weight is not None and key is None and names[weight].lower() != "weight":
        notes.append(f"load: weights from the column {names[weight]!r}")
    if unread:
        notes.append(f"load: columns not read: {shorten(unread)}")
    group = next((name for name in unread if columns.plain(name) in columns.GROUPS), "")
    taken = None if weight is None else names[weight]
    return Columns(source, target, settled, weight, kind, taken, tuple(notes), group)


def _weight(names: Sequence[str], others: list[int], key: str | None, numeric: Sequence[bool] | None) -> int | None:
    if key is not None:
        same = [i for i in others if names[i] == key] or [i for i in others if names[i].lower() == key.lower()]
        if not same:
            raise FileError(f"there is no column {key!r} to take weights from; got {shorten(names)}")
        return same[0]
    others = [i for i in others if columns.plain(names[i]) not in ("id", "label", "")]  # of graph editors
    candidates = [i for i in others if numeric is None or numeric[i]]
    try:
        name = columns.weight([names[i] for i in candidates]) or columns.weight([names[i] for i in others])
    except LookupError as error:
        raise FileError(f"the columns {error}; choose one with key=") from None
    if name is None and candidates:
        raise FileError(
            f"no column is named weight; choose one with key=, among {shorten([names[i] for i in candidates])}. To "
            "count rows, keep the columns of sources and targets alone"
        )
    return None if name is None else list(names).index(name)


@dataclass(frozen=True)
class Rows:
    """Rows by the numbers of their nodes, so that millions of them fit in memory."""

    names: list[str]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    values: NDArray[np.float64] | None  # every row is 1
    mirrored: NDArray[np.int8] | None = None  # undirected 1, directed 0, neither -1


def collected(rows: Iterable[Sequence[str]], at: Columns, numbers: Any) -> Rows:
    """All rows of cells, of which `at` says the columns."""
    node: defaultdict[str, int] = defaultdict()
    node.default_factory = node.__len__
    sources, targets, values, mirrored = array("q"), array("q"), array("d"), array("b")
    source, target, value = sources.append, targets.append, values.append
    i, j, w, kind = at.source, at.target, at.weight, at.kind
    for row in rows:
        source(node[row[i]])
        target(node[row[j]])
        if w is not None:
            try:
                value(float(row[w]) if "_" not in row[w] else numbers([row[w]], len(sources), w + 1)[0])
            except ValueError:
                value(numbers([row[w]], len(sources), w + 1)[0])
        if kind is not None:
            mirrored.append(_KINDS.get(row[kind].lower(), -1))
    return Rows(
        list(node),
        np.frombuffer(sources, np.int64),
        np.frombuffer(targets, np.int64),
        None if w is None else np.frombuffer(values),
        None if kind is None else np.frombuffer(mirrored, np.int8),
    )


def loaded(rows: Rows, at: Columns, *, n_nodes: int | None = None) -> Loaded:
    """The network of rows of text, whose weights are as precise as their digits."""
    values = np.ones(len(rows.sources)) if rows.values is None else rows.values
    found = assemble(rows.names, rows.sources, rows.targets, values, at, mirrored=rows.mirrored, n_nodes=n_nodes)
    return replace(found, precision=printed_precision(found.weights))


def assemble(
    names: list[str],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    values: NDArray[np.float64],
    at: Columns,
    *,
    mirrored: NDArray[np.int8] | None = None,
    n_nodes: int | None = None,
) -> Loaded:
    """The network of edges: nodes that are numbers in order, text in order of appearance. Repeated edges add up."""
    if not len(sources):
        raise FileError("it holds an edge list without edges")
    if np.isinf(values).any():
        raise FileError(f"edge {int(np.argmax(np.isinf(values))) + 1} has an infinite weight")
    if "" in names:
        empty = names.index("")
        raise FileError(
            f"edge {int(np.flatnonzero((sources == empty) | (targets == empty))[0]) + 1} lacks a source or a target"
        )
    if mirrored is not None and (mirrored < 0).any():
        raise FileError(f"edge {int(np.argmin(mirrored)) + 1} is neither called directed nor undirected")
    try:
        nodes = columns.identities(names)
    except ValueError as error:
        raise FileError(str(error)) from None
    labels, position = _placed(nodes, n_nodes)
    i, j, n = position[sources], position[targets], len(labels)

    def summed(values: NDArray[np.float64]) -> tuple[Any, int]:
        """The values of each pair of nodes, and how many of one direction were repeated."""
        pairs = directed = sparse.csr_array((values, (i, j)), shape=(n, n))
        repeated = len(values) - directed.nnz
        if mirrored is not None and mirrored.any():
            back = mirrored == 1
            pairs = sparse.csr_array(directed + sparse.csr_array((values[back], (j[back], i[back])), shape=(n, n)))
        pairs.eliminate_zeros()
        return pairs if n > SPARSE_FROM else pairs.toarray(), repeated

    missing = np.isnan(values)
    lost = None
    if missing.any():
        values = np.where(missing, 0.0, values)
        lost, _ = summed(missing.astype(np.float64))
    weights, repeated = summed(values)
    notes = list(at.notes)
    if repeated:
        rows = f" (rows of one pair for each {at.group!r})" if at.group else ""
        notes.append(f"load: {repeated} repeated edges added to others between the same nodes{rows}")
    if mirrored is not None:
        notes.append(f"load: {int(mirrored.sum())} of {len(mirrored)} edges say that they are undirected")
    settled = at.settled or mirrored is not None
    return Loaded(
        weights,
        at.key,
        "source_target" if settled else None,
        settled,
        fields={"labels": labels, "history": tuple(notes)},
        edges=True,
        undirected=None if mirrored is None else bool(mirrored.all()),
        lost=lost,
    )


def _placed(nodes: list[Any], n_nodes: int | None) -> tuple[Any, NDArray[np.int32]]:
    """The labels of the network, and where among them each of these nodes is."""
    numbers = np.array(nodes) if isinstance(nodes[0], int) else np.empty(0)
    if numbers.dtype.kind == "i":  # as below, for hundreds of thousands
        found = np.unique(numbers)
        labels = found if n_nodes is None else np.array(_counted(found.tolist(), n_nodes))
        return labels, np.searchsorted(labels, numbers).astype(np.int32)
    names = list(dict.fromkeys(nodes))
    if not isinstance(names[0], str):
        names.sort()
    if n_nodes is not None:
        names = _counted(names, n_nodes)
    place = {name: i for i, name in enumerate(names)}
    return names, np.array([place[node] for node in nodes], np.int32)


def _counted(labels: list[Any], n: int) -> list[Any]:
    """All nodes of a list whose first line says how many there are, those without edges too."""
    if len(labels) == n:
        return labels
    for start in (1, 0):  # lists that begin with a count number nodes from 1, unless a node is called 0
        if all(isinstance(x, int) and start <= x < start + n for x in labels):
            return list(range(start, start + n))
    raise FileError(f"its first line counts {n} nodes, its edges name {len(labels)}, which are not numbered up to that")


def shorten(names: Sequence[Any]) -> str:
    """A list of names, not too long for a message."""
    names = list(names)
    return str(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
