"""What figures take from a network: its weights, connections, modules, places and distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import validate
from netanalysis.connectome import Connectome

_SYMBOLS = {"micrometre": "µm", "millimetre": "mm", "nanometre": "nm"}


def one_network(net: Any, figure: str) -> Any:
    """Weights of a single network; a figure cannot show a stack."""
    w = validate.as_weights(net)
    if w.ndim != 2:
        raise ValueError(f"net must be one network for {figure}; got a stack of shape {w.shape}: draw its members")
    return w


def edge_list(w: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], bool]:
    """Sources, targets and weights of the connections between distinct nodes; undirected pairs once."""
    directed = not validate.is_symmetric(w)
    kept = sparse.coo_array(w)
    row, col, data = kept.row.astype(np.intp), kept.col.astype(np.intp), kept.data
    keep = (row != col if directed else row < col) & (data != 0)
    return row[keep], col[keep], data[keep], directed


def modules_of(net: Any, modules: Any, n: int) -> NDArray[Any] | None:
    """The partition to show: the one given, else the Connectome's own, else None."""
    if modules is None:
        return net.modules if isinstance(net, Connectome) else None
    return validate.as_labels(modules, n, "modules", net=net)


def unit_of(net: Any) -> str:
    """The length unit of a Connectome, as `` (mm)``; empty if unknown."""
    unit = net.metadata.get("unit") if isinstance(net, Connectome) else None
    unit = str(unit).split(" (")[0] if unit else None  # "millimetre (some surface)"
    return f" ({_SYMBOLS.get(unit, unit)})" if unit else ""


def positions_of(net: Any, positions: ArrayLike | None, n: int) -> NDArray[np.float64]:
    """The place of each of `n` nodes: the one given, else the Connectome's own."""
    if positions is None:
        positions = net.positions if isinstance(net, Connectome) else None
    if positions is None:
        raise ValueError("there are no positions to draw nodes in space; pass positions= with shape (n, d), d >= 2")
    return validate.as_array(positions, "positions", shape=(n, None))


def plane_of(place: NDArray[np.float64], plane: str | None) -> tuple[int, int]:
    """The two axes to show: those named, else the two along which the nodes spread widest."""
    d = place.shape[1]
    if d not in (2, 3):
        raise ValueError(f"positions must have 2 or 3 coordinates to be drawn; got {d}")
    if plane is None:
        first, second = sorted(np.argsort(-np.ptp(place, axis=0), kind="stable")[:2])
        return int(first), int(second)
    axes = "xyz"[:d]
    if len(plane) != 2 or plane[0] == plane[1] or any(letter not in axes for letter in plane):
        raise ValueError(f"plane must be two different letters of {axes!r}, such as 'xy'; got {plane!r}")
    return axes.index(plane[0]), axes.index(plane[1])
