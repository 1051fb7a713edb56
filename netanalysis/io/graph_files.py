"""Graphs: GraphML, GML, GEXF and node-link JSON through networkx; Pajek and METIS."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis._core import columns, graphs
from netanalysis.connectome import Connectome
from netanalysis.io._dialect import encodings, open_bytes
from netanalysis.io._edges import shorten
from netanalysis.io._entries import FileError, Loaded, check_bytes, check_size, informative

_OBJECTS = 20  # bytes that objects of Python take for one of a text: a number, an edge with its dict
_CHOOSE = "choose the attribute with key="


def read_graphml(path: Path, key: str | None) -> Loaded:
    """GraphML: `key` names the edge attribute that holds the weights, by default "weight" or another name of it.

    An undirected graph gives a symmetric matrix. Node labels are the attribute "label", else "name", else the
    ids. Edges without any attribute weigh 1; parallel edges are summed, and the history says so.
    """
    import networkx as nx

    _check_xml(path)
    graph = nx.read_graphml(path)
    for name, default in graph.graph.get("edge_default", {}).items():  # networkx leaves them aside
        for *_, data in graph.edges(data=True):
            data.setdefault(name, default)
    return _loaded(path, graph, key)


def read_gml(path: Path, key: str | None) -> Loaded:
    """GML: undirected unless it says "directed 1"."""
    import networkx as nx

    _check_text(path)
    return _loaded(path, nx.read_gml(path, label=None), key)


def read_gexf(path: Path, key: str | None) -> Loaded:
    """GEXF, the graphs of Gephi."""
    import networkx as nx

    _check_xml(path)
    return _loaded(path, nx.read_gexf(path), key)


def _check_text(path: Path) -> None:
    check_bytes(_OBJECTS * path.stat().st_size, f"the text of {path} as objects of Python")


def _check_xml(path: Path) -> None:
    _check_text(path)
    if b"<!ENTITY" in path.read_bytes().replace(b"\0", b"").upper():  # in UTF-16 too
        raise FileError(f"{path} defines XML entities, which graphs have no use for: refused")


def _loaded(path: Path, graph: Any, key: str | None, *, stated: bool = True) -> Loaded:
    """Weights, labels and what was done; `stated`: the file says whether its edges have a direction."""
    if len(graph) == 0:
        raise FileError(f"{path} holds a graph without nodes")
    try:
        weights, notes, attribute = graphs.weights_of(graph, str(path), key=key, choose=_CHOOSE)
    except ValueError as error:
        raise FileError(str(error)) from None
    labels = next(
        (
            [data[name] for _, data in graph.nodes(data=True)]
            for name in ("label", "name")
            if all(name in data for _, data in graph.nodes(data=True))
        ),
        list(graph.nodes),
    )
    return Loaded(
        weights,
        attribute,
        "source_target",
        settled=True,
        fields={"labels": _labels(labels), "history": tuple(f"load: {note}" for note in notes)},
        edges=True,
        undirected=not graph.is_directed() if stated else None,
    )


def _labels(labels: Sequence[Any]) -> list[Any] | None:
    """Whole numbers or text; none if they only count 0, 1, 2, …"""
    if all(isinstance(label, int) for label in labels):
        return None if list(labels) == list(range(len(labels))) else list(labels)
    return informative([str(label) for label in labels])


def read_json(path: Path, key: str | None) -> Loaded:
    """JSON: node-link data of networkx or D3, or a matrix as nested lists, alone or under a name (`key`)."""
    import networkx as nx

    _check_text(path)
    with path.open(encoding=encodings(path)[0]) as file:
        data = json.load(file)
    links = data.get("links", data.get("edges")) if isinstance(data, dict) else None
    if not isinstance(links, list):
        return _json_matrix(path, data, key)
    if not all(isinstance(link, dict) for link in links):
        raise FileError(f"{path}: links must name their source and target, as in {{'source': 0, 'target': 1}}")
    directed = data.get("directed")
    graph: Any = nx.MultiGraph() if directed is False else nx.MultiDiGraph()
    nodes = data.get("nodes", [])
    ids = [node.get("id", node.get("name", k)) if isinstance(node, dict) else node for k, node in enumerate(nodes)]
    if len(set(ids)) != len(ids):
        raise FileError(f"{path}: several nodes have the same id")
    for node, name in zip(nodes, ids, strict=True):
        own = {k: node[k] for k in ("label", "name") if k in node} if isinstance(node, dict) else {}
        graph.add_node(name, **own)
    for number, link in enumerate(links, start=1):
        ends = columns.ends(link)
        if ends is None:
            raise FileError(f"{path}: link {number} has no source and target; it has {shorten(list(link))}")
        names = list(link)
        pair = [_node(path, graph, ids, link[names[k]]) for k in ends[:2]]
        graph.add_edge(
            *pair, **{k: v for k, v in link.items() if k not in (names[ends[0]], names[ends[1]], "key", "index")}
        )
    return _loaded(path, graph, key, stated=isinstance(directed, bool))


def _node(path: Path, graph: Any, ids: list[Any], end: Any) -> Any:
    """The node that a link names, by id or, as D3 once had it, by place."""
    if isinstance(end, dict):
        end = end.get("id", end.get("name"))
    if end in graph:
        return end
    if ids and isinstance(end, int) and not isinstance(end, bool) and 0 <= end < len(ids):
        return ids[end]
    if ids or isinstance(end, (list, dict)) or end is None:
        raise FileError(f"{path}: a link names the node {end!r}, which is not among the nodes")
    return end


def _json_matrix(path: Path, data: Any, key: str | None) -> Loaded:
    found = data if isinstance(data, dict) else {None: data}
    squares = {
        name: rows
        for name, rows in found.items()
        if isinstance(rows, list) and rows and all(isinstance(r, list) and len(r) == len(rows) for r in rows)
    }
    if key is not None:
        squares = {name: rows for name, rows in squares.items() if name == key}
    if len(squares) != 1:
        raise FileError(
            f"{path} holds neither nodes and links (node-link JSON) nor one square matrix as nested lists"
            f"{f'; choose with key=, among {shorten(list(squares))}' if squares else ''}. "
            f"It holds {shorten(list(found)) if isinstance(data, dict) else type(data).__name__}"
        )
    ((name, rows),) = squares.items()
    lost = [
        (i, j) for i, row in enumerate(rows) if isinstance(row, list) for j, value in enumerate(row) if value is None
    ]
    if not lost:
        return Loaded(np.array(rows), name)
    values = [[np.nan if value is None else value for value in row] for row in rows]
    return Loaded(np.array(values), name, first_missing=f"null (row {lost[0][0]}, column {lost[0][1]})")


def read_pajek(path: Path, key: str | None) -> Loaded:
    """Pajek: vertices with labels and places; *Arcs have a direction, *Edges have none."""
    if key is not None:
        raise FileError(f"{path} holds one network; leave key out, got {key!r}")
    labels: list[str] = []
    places: list[list[float]] = []
    ends: list[tuple[int, int, float]] = []
    arcs, relations, section, matrix = 0, 0, "", []
    for line in _lines(path):
        words = shlex.split(line, comments=False) if '"' in line else line.split()
        if not words:
            continue
        if words[0].startswith("*"):
            section = words[0].lower()
            relations += section in ("*arcs", "*edges", "*arcslist", "*edgeslist", "*matrix")
            if section == "*vertices":
                n = int(words[1])
                check_bytes(n * 100, f"the {n} vertices of {path}")
                if len(words) > 2 and words[2].isdigit() and 0 < int(words[2]) < n:
                    raise FileError(f"{path} is a two-mode network, of which not every pair of nodes can be connected")
                labels = [str(i + 1) for i in range(n)]
                places = [[] for _ in range(n)]
            continue
        if section == "*vertices":
            i = int(words[0]) - 1
            labels[i] = words[1] if len(words) > 1 else labels[i]
            places[i] = _leading_numbers(words[2:])[:3]
        elif section == "*matrix":
            matrix.append([float(word) for word in words])
            arcs += 1
        elif section in ("*arcs", "*edges"):
            pair, weight = [int(words[0]), int(words[1])], float(words[2]) if len(words) > 2 else 1.0
            ends += _both(pair, weight, section == "*edges")
            arcs += section == "*arcs"
        elif section in ("*arcslist", "*edgeslist"):
            for target in words[1:]:
                ends += _both([int(words[0]), int(target)], 1.0, section == "*edgeslist")
                arcs += section == "*arcslist"
    if not labels:
        raise FileError(f"{path} has no *Vertices section")
    n = len(labels)
    if any(not 1 <= end <= n for edge in ends for end in edge[:2]):
        raise FileError(f"{path} names a vertex beyond its {n}")
    history = ("load: connections of several sections added up",) if relations > 1 else ()
    fields: dict[str, Any] = {"labels": informative([str(int(x) - 1) for x in labels] if _counts(labels) else labels)}
    if len({len(place) for place in places}) == 1 and len(places[0]) > 1 and len(set(map(tuple, places))) > 1:
        fields["positions"] = places
        history = (*history, "load: positions are the places of the drawing")
    weights = _from_ends(ends, n)
    if matrix:
        check_size((n, n), f"the matrix in {path}")
        weights = weights + np.array(matrix)
    return Loaded(
        weights, None, "source_target", settled=True, fields=fields | {"history": history}, undirected=arcs == 0
    )


def _counts(labels: list[str]) -> bool:
    return labels == [str(i + 1) for i in range(len(labels))]


def _leading_numbers(words: list[str]) -> list[float]:
    out: list[float] = []
    for word in words:
        if not re.fullmatch(r"[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?", word):
            break
        out.append(float(word))
    return out


def _both(pair: list[int], weight: float, undirected: bool) -> list[tuple[int, int, float]]:
    """A connection, and its mirror image if it has no direction."""
    one = (pair[0], pair[1], weight)
    return [one, (pair[1], pair[0], weight)] if undirected else [one]


def _from_ends(ends: list[tuple[int, int, float]], n: int) -> Any:
    """Weights from edges between nodes that are counted from 1; edges between the same nodes add up."""
    table = np.array(ends, float).reshape(-1, 3)
    rows, cols = (table[:, k].astype(np.int64) - 1 for k in (0, 1))
    weights = sparse.csr_array((table[:, 2], (rows, cols)), shape=(n, n))
    return weights if n > graphs.SPARSE_FROM else weights.toarray()


def _lines(path: Path) -> list[str]:
    """Lines that are no comment (%); empty ones too."""
    with open_bytes(path) as file:
        raw = file.read()
    check_bytes(_OBJECTS * len(raw), f"the text of {path} as objects of Python")
    for encoding in encodings(path):
        try:
            return [line for line in raw.decode(encoding).splitlines() if not line.lstrip().startswith("%")]
        except UnicodeDecodeError:
            continue
    raise FileError(f"{path} is no text")


def read_metis(path: Path, key: str | None) -> Loaded:
    """METIS: line i lists the neighbours of node i, with weights if the header says so; always undirected."""
    if key is not None:
        raise FileError(f"{path} holds one network; leave key out, got {key!r}")
    lines = _lines(path)
    while lines and not lines[0].strip():
        del lines[0]
    header = lines[0].split() if lines else []
    if not 2 <= len(header) <= 4 or not all(word.isdigit() for word in header):
        raise FileError(f"{path}: METIS begins with the numbers of nodes and edges, and a format; got {header[:5]}")
    n, m = int(header[0]), int(header[1])
    kind = header[2].zfill(3) if len(header) > 2 else "000"
    before = int(kind[0]) + int(kind[1]) * (int(header[3]) if len(header) > 3 else 1)
    rows = lines[1:]
    while len(rows) > n and not rows[-1].strip():
        rows.pop()
    if len(rows) != n:
        raise FileError(f"{path} promises {n} nodes; {len(rows)} lines follow")
    ends: list[tuple[int, int, float]] = []
    for i, row in enumerate(rows, start=1):
        words = row.split()[before:]
        step = 2 if kind[2] == "1" else 1
        for k in range(0, len(words), step):
            if not 1 <= int(words[k]) <= n:
                raise FileError(f"{path}: node {i} names the neighbour {words[k]}, beyond {n}")
            ends.append((i, int(words[k]), float(words[k + 1]) if step == 2 else 1.0))
    if len(ends) != 2 * m:
        raise FileError(f"{path} promises {m} edges, each listed from both its ends; {len(ends)} are listed")
    return Loaded(_from_ends(ends, n), None, "source_target", settled=True, undirected=True)


def write_graphml(net: Connectome, path: Path) -> None:
    """Weights and labels; an undirected graph if the weights are symmetric."""
    import networkx as nx

    if net.is_stack:
        raise ValueError(
            f"a .graphml file holds one network; got a stack of shape {net.weights.shape}. Save it as .npz"
        )
    kind = nx.DiGraph if net.is_directed else nx.Graph
    weights = sparse.csr_array(net.weights)
    if not net.is_directed:  # a self-connection of an undirected graph counts twice
        weights = sparse.csr_array(weights - sparse.diags_array(weights.diagonal() / 2))
    graph = nx.from_scipy_sparse_array(weights, create_using=kind)
    for *_, data in graph.edges(data=True):
        data["weight"] = float(data["weight"])
    if net.labels is not None:
        nx.set_node_attributes(graph, dict(enumerate(np.asarray(net.labels).tolist())), "label")
    nx.write_graphml(graph, path)
