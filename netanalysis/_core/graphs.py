"""networkx graphs as weights."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis._core import columns

SPARSE_FROM = 5000  # nodes


def weight_attribute(graph: Any, key: str | None, name: str, choose: str) -> str | None:
    """The edge attribute that holds the weights: `key`, "weight" or another name of it; None if edges have no numbers.

    `choose` says how a user names one.
    """
    count: dict[Any, int] = {}
    numeric: dict[Any, bool] = {}
    for *_, data in graph.edges(data=True):
        for attribute, value in data.items():
            count[attribute] = count.get(attribute, 0) + 1
            number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
            numeric[attribute] = numeric.get(attribute, True) and number
    numbers = [a for a, is_number in numeric.items() if is_number and a not in ("id", "key")]
    if key is not None:
        if key not in count:
            raise ValueError(f"{name}: edges have no attribute {key!r}; there is {sorted(map(str, count)) or 'none'}")
        attribute = key
    else:
        try:
            attribute = "weight" if "weight" in count else columns.weight(numbers)
        except LookupError as error:
            raise ValueError(f"{name}: the edge attributes {error}; {choose}") from None
        if attribute is None and numbers:
            raise ValueError(f"{name}: edges have no 'weight'; {choose}, among {sorted(map(str, numbers))}")
    if attribute is None:
        return None
    lacking = graph.number_of_edges() - count[attribute]
    if lacking:
        edge = next((a, b) for a, b, data in graph.edges(data=True) if attribute not in data)
        raise ValueError(f"{name}: {lacking} edges lack the attribute {attribute!r}, the first {edge}")
    if not numeric[attribute]:
        raise ValueError(f"{name}: the edge attribute {attribute!r} does not hold numbers")
    return str(attribute) if isinstance(attribute, str) else attribute


def weights_of(graph: Any, name: str, *, key: str | None = None, choose: str = "") -> tuple[Any, list[str], str]:
    """Weights, csr_array if there are many nodes; what has been done to them; and the attribute that they are from."""
    import networkx as nx

    if len(graph) == 0:
        raise ValueError(f"{name} must have at least one node; got an empty graph")
    attribute = weight_attribute(graph, key, name, choose or "pass networkx.to_scipy_sparse_array(graph, weight=...)")
    notes = []
    if attribute not in (None, "weight") and key is None:
        notes.append(f"weights from the edge attribute {attribute!r}")
    if graph.is_multigraph():
        simple = nx.DiGraph if graph.is_directed() else nx.Graph
        if parallel := graph.number_of_edges() - simple(graph).number_of_edges():
            notes.append(f"{parallel} parallel edges summed")
    w = sparse.csr_array(nx.to_scipy_sparse_array(graph, dtype=float, weight=attribute, format="csr"))
    if not graph.is_directed() and (loops := w.diagonal()).any():
        w = sparse.csr_array(w + sparse.diags_array(loops))  # a self-connection has both its ends at the node
        notes.append(
            f"{np.count_nonzero(loops)} self-connections of an undirected graph count twice, once for each end"
        )
    return w if len(graph) > SPARSE_FROM else w.toarray(), notes, attribute or "weight"


def not_taken(graph: Any) -> list[str]:
    """What a graph in memory says of its nodes, which only its user can give a meaning."""
    attributes = sorted({str(attribute) for _, data in graph.nodes(data=True) for attribute in data})
    if not attributes:
        return []
    return [f"node attributes {', '.join(attributes)} not taken; give them as labels=, modules= or positions="]
