"""GraphML through networkx."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse

from netanalysis.connectome import Connectome
from netanalysis.io._entries import FileError, Loaded, check_bytes, informative


def read(path: Path, key: str | None) -> Loaded:
    """The graph: `key` names the edge attribute that holds the weights, "weight" by default.

    An undirected graph gives a symmetric matrix. Node labels are the attribute "label", else "name", else the
    ids. Edges without any attribute weigh 1; parallel edges are summed, and the history says so.
    """
    import networkx as nx

    check_bytes(path.stat().st_size, f"the text of {path}")
    if b"<!ENTITY" in path.read_bytes():
        raise FileError(f"{path} defines XML entities, which GraphML has no use for: refused")
    graph = nx.read_graphml(path)
    if len(graph) == 0:
        raise FileError(f"{path} holds a graph without nodes")
    for name, default in graph.graph.get("edge_default", {}).items():  # networkx leaves them aside
        for *_, data in graph.edges(data=True):
            data.setdefault(name, default)
    attributes = sorted({name for *_, data in graph.edges(data=True) for name in data} - {"id"})
    if key is None and attributes and "weight" not in attributes:
        raise FileError(f"{path}: edges have no 'weight'; choose the attribute with key=, among {attributes}")
    weight = key or "weight"
    if key is not None and key not in attributes:
        raise FileError(f"{path}: edges have no attribute {key!r}; there is {attributes or 'none'}")
    if weight in attributes:
        lacking = [(a, b) for a, b, data in graph.edges(data=True) if weight not in data]
        if lacking:
            raise FileError(f"{path}: {len(lacking)} edges lack the attribute {weight!r}, the first {lacking[0]}")
        values = [data[weight] for *_, data in graph.edges(data=True)]
        if not all(isinstance(v, (int, float)) for v in values):
            raise FileError(f"{path}: the edge attribute {weight!r} does not hold numbers")
    history: tuple[str, ...] = ()
    if graph.is_multigraph():
        simple = nx.DiGraph if graph.is_directed() else nx.Graph
        history = (f"load: {graph.number_of_edges() - simple(graph).number_of_edges()} parallel edges summed",)
    labels = next(
        (
            [data[name] for _, data in graph.nodes(data=True)]
            for name in ("label", "name")
            if all(name in data for _, data in graph.nodes(data=True))
        ),
        list(graph.nodes),
    )
    # as_weights would read "weight" only.
    weights = nx.to_scipy_sparse_array(graph, dtype=float, weight=weight, format="csr")
    if len(graph) <= 5000:
        weights = weights.toarray()
    return Loaded(
        weights, weight, "source_target", settled=True, fields={"labels": informative(labels), "history": history}
    )


def write(net: Connectome, path: Path) -> None:
    """Weights and labels; an undirected graph if the weights are symmetric."""
    import networkx as nx

    if net.is_stack:
        raise ValueError(
            f"a .graphml file holds one network; got a stack of shape {net.weights.shape}. Save it as .npz"
        )
    kind = nx.DiGraph if net.is_directed else nx.Graph
    graph = nx.from_scipy_sparse_array(sparse.csr_array(net.weights), create_using=kind)
    for *_, data in graph.edges(data=True):
        data["weight"] = float(data["weight"])
    if net.labels is not None:
        nx.set_node_attributes(graph, dict(enumerate(np.asarray(net.labels).tolist())), "label")
    nx.write_graphml(graph, path)
