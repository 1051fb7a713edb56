"""What the page needs to follow walks from node to node by itself: a network, small enough to travel in it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core.text import text_array
from netanalysis.connectome import Connectome

# 13 bytes a connection at most: 130 kB. Larger networks are shown by type, or not at all.
MAX_NODES, MAX_CONNECTIONS = 2000, 10_000
_LONGEST = 40  # characters of a name
_ENDS = (("sensory", "motor"), ("input", "output"))  # in names of classes


@dataclass(frozen=True)
class PathView:
    """A network for the script, and what the page says about it."""

    data: str
    text: str


def path_view(net: Connectome) -> PathView:
    """The network as JSON, with the ends to begin with.

    Raises
    ------
    ValueError
        If there is nothing to choose ends by, or too much to send.
    """
    ends = net.inputs is not None and net.outputs is not None
    if not ends and net.modules is None and net.labels is None:
        raise ValueError("neither inputs and outputs nor classes or labels of nodes are known")
    source, target, weight = _connections(net.weights)
    names = None if net.labels is None else [str(name)[:_LONGEST] for name in net.labels]
    types: Any = None
    kind: Any = None  # of each node
    if net.modules is not None:
        types, kind = np.unique(text_array(list(map(str, net.modules.tolist()))), return_inverse=True)
    into, out_of = (
        None if weights is None else np.abs(weights).sum(axis=axis)
        for weights, axis in ((net.inputs, 0), (net.outputs, 1))
    )
    n, text = net.n_nodes, ""
    if n > MAX_NODES or len(weight) > MAX_CONNECTIONS:
        limit = f"up to {MAX_NODES:,} nodes and {MAX_CONNECTIONS:,} connections"
        if types is None:
            raise ValueError(f"followed {limit}, this network has {n:,} and {len(weight):,} and no classes")
        into, out_of = (None if end is None else np.bincount(kind, end) for end in (into, out_of))
        text = (
            f"Single nodes are followed {limit}; this network has {n:,} and {len(weight):,}, so that walks are those "
            f"between its {len(types):,} classes, whose weights are sums: they may join nodes that do not connect."
        )
        source, target, weight = _between_types(source, target, weight, kind, len(types))
        n, names, kind = len(types), [str(name)[:_LONGEST] for name in types], None
        if n > MAX_NODES or len(weight) > MAX_CONNECTIONS:
            raise ValueError(f"followed {limit}, and even its {n:,} classes have {len(weight):,}")
    exact = bool((weight == weight.astype("<f4")).all())
    data = {
        "n": n,
        "names": names,
        "types": None if kind is None else [str(name)[:_LONGEST] for name in types],
        "type": None if kind is None else _packed(kind, "<u2"),
        "degree": _packed(np.bincount(source, minlength=n), "<u2"),
        "target": _packed(target, "<u2"),
        "weight": _packed(weight, "<f4" if exact else "<f8"),
        "double": not exact,
        "inputs": None if into is None else _packed(into, "<f8"),
        "outputs": None if out_of is None else _packed(out_of, "<f8"),
        "noun": "nodes" if not text else "classes",
        "ends": ["inputs", "outputs"] if ends else _first_ends(source, target, weight, types, kind, n),
    }
    return PathView(json.dumps(data, ensure_ascii=False, separators=(",", ":")), text)


def _connections(w: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Sources, targets and weights, in the order of the sources."""
    m = sparse.csr_array(w).tocoo()
    keep = m.data != 0
    return m.row[keep].astype(np.intp), m.col[keep].astype(np.intp), m.data[keep]


def _between_types(
    source: NDArray[np.intp], target: NDArray[np.intp], weight: NDArray[np.float64], kind: NDArray[np.intp], count: int
) -> tuple[Any, Any, Any]:
    """Sums of weights between types, positive and negative ones apart."""
    negative = weight < 0
    code = (kind[source] * count + kind[target]) * 2 + negative
    codes, which = np.unique(code, return_inverse=True)
    return codes // 2 // count, codes // 2 % count, np.bincount(which, weight, minlength=len(codes))


def _first_ends(
    source: NDArray[np.intp], target: NDArray[np.intp], weight: NDArray[np.float64], types: Any, kind: Any, n: int
) -> list[str]:
    """Types by the names of ends, else the first two; without types the strongest sender and the strongest receiver."""
    if types is None:
        sent, received = (np.bincount(end, np.abs(weight), minlength=n) for end in (source, target))
        first = int(sent.argmax())
        received[first] = -1.0
        return [f"node {first}", f"node {received.argmax()}"]
    word = "node" if kind is None else "type"  # of a network of types
    pair = [0, min(1, len(types) - 1)]
    for ends in _ENDS:
        found = [[k for k, name in enumerate(types) if end in name.lower()] for end in ends]
        if all(found):
            pair = [end[0] for end in found]
            break
    return [f"{word} {k}" for k in pair]


def _packed(values: NDArray[Any], kind: str) -> str:
    """Numbers as base64, which the page turns into typed arrays."""
    return b64encode(np.ascontiguousarray(values.astype(kind)).tobytes()).decode()
