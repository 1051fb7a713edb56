"""What a file, and its reader, say of direction: weights from source to target, or undirected."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis._core import direction, validate
from netanalysis.io._entries import Loaded

_HALF = (
    "all connections lie {side} the diagonal ({found} triangle; the {empty} triangle is empty). If this is an "
    "undirected network stored by half, pass undirected=True; {else_}"
)


def settle(loaded: Loaded, orientation: str | None, undirected: bool) -> tuple[Any, str | None, list[str]]:
    """Weights [source, target], the orientation that was stated or None, and what was done, for the history.

    Raises ValueError where that is not known, or said twice with different answers; warns where a network looks like
    half of an undirected one.
    """
    if loaded.settled and orientation not in (None, loaded.layout):
        raise ValueError(
            f"it stores {loaded.layout}, which its format settles; orientation={orientation!r} contradicts it"
        )
    stated = loaded.layout if loaded.settled else orientation
    weights, notes = validate.as_network(loaded.weights, name="weights", precision=loaded.precision)
    notes = [f"load: {note}" for note in notes]
    symmetric = validate.is_symmetric(weights)
    if undirected:
        if loaded.undirected is False and not symmetric:
            raise ValueError(
                "it says itself that its connections are directed; undirected=True contradicts it. To make the network "
                "undirected, choose how: transform.symmetrize(net, how=...)"
            )
        if loaded.undirected is None:
            given = weights
            weights = direction.mirrored(weights, ends_meet=loaded.edges)
            if weights is not given:
                notes.append("load: undirected: every connection stored once stands for both directions")
        return weights, stated or "source_target", notes
    empty = None if symmetric or loaded.undirected is not None or loaded.own else direction.empty_triangle(weights)
    if stated is None and not symmetric:
        raise ValueError(_ask(loaded, empty))
    # Fewer connections are a chain or a tree; columns called source and target are believed in small networks.
    if empty and _connections(weights) >= weights.shape[-1] * (2 if loaded.settled else 1):
        warnings.warn(
            _half(empty, "as a directed network it has no cycle, which stands if nothing is said"), stacklevel=6
        )
    if stated == "target_source":
        weights = sparse.csr_array(weights.T) if sparse.issparse(weights) else np.swapaxes(weights, -1, -2)
    return weights, stated, notes


def _connections(w: Any) -> int:
    """Between distinct nodes, in any network of a stack."""
    if sparse.issparse(w):
        return int(w.nnz - np.count_nonzero(w.diagonal()))
    any_of = w.any(axis=tuple(range(w.ndim - 2)))
    return int(np.count_nonzero(any_of) - np.count_nonzero(any_of.diagonal()))


def _half(empty: str, otherwise: str) -> str:
    found, side = ("upper", "above") if empty == "lower" else ("lower", "below")
    return _HALF.format(side=side, found=found, empty=empty, else_=otherwise)


def _ask(loaded: Loaded, empty: str | None) -> str:
    hint = " (torch stores weight_hh as target_source)" if loaded.layout == "target_source" else ""
    if loaded.edges:
        ask = (
            "the edges do not say which end is the source: pass orientation='source_target' if the first column holds "
            "the sources, 'target_source' if it holds the targets, undirected=True if the edges have no direction"
        )
        return ask
    what = f"{loaded.key!r} is" if loaded.key else "the weights are"
    ask = (
        f"pass orientation='source_target' if W[i, j] is the weight from i to j, 'target_source' if it is the weight "
        f"to i from j{hint}"
    )
    if empty:
        return f"{what} not symmetric: " + _half(empty, f"if it is directed, {ask}")
    return f"{what} not symmetric and the format does not say what rows are: {ask}"
