"""What a file says of the nodes beside the weights: taken where the name and the shape say so, else said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from netanalysis._core.text import text_array
from netanalysis.io import _names
from netanalysis.io._entries import Entry, informative

_ROLES = ("labels", "modules", "positions", "distances")
_NODE_ARRAYS = (*_ROLES, "", "delays or statistics")


def of_nodes(entries: Sequence[Entry], network: Entry, *, chosen: bool) -> tuple[dict[str, Any], list[str]]:
    """Fields of a Connectome, and what else describes the nodes and is left out; `chosen`: by the user's key."""
    n = sorted(network.shape)[-1] if len(network.shape) == 2 else _order(network.shape)
    fields: dict[str, Any] = {}
    left_out = []
    for entry in sorted(entries, key=lambda e: _names.rank(e.name)):
        square = re.split(r"[./]", entry.name)[-1] == "B" and entry.shape.count(n) > 1  # no biases: another network
        if entry.name == network.name or (entry.role not in _NODE_ARRAYS and not square):
            continue
        if entry.refusal:  # an object that only another program reads
            left_out += [repr(entry.name)] if entry.role in _ROLES else []
            continue
        if entry.role in _ROLES and entry.role not in fields:
            fits, value = _value(entry, n)
            if fits:
                fields[entry.role] = value
                continue
        if _describes_nodes(entry, n) and not (chosen and entry.role == "" and entry.shape.count(n) > 1):
            left_out.append(f"{entry.name!r} {entry.shape}")
    return fields, left_out


def masks(entries: Sequence[Entry], network: Entry, weights: Any) -> list[str]:
    """Masks of the network's shape that the weights do not obey: the program multiplied them, this reader does not."""
    if network.sparse:
        return []
    beside = [e for e in entries if e.role == "mask" and e.shape == network.shape and e.is_numeric and not e.sparse]
    broken = [e for e in beside if np.any(np.asarray(weights)[np.asarray(e.values()) == 0] != 0)]
    return [f"{e.name!r} {e.shape} (a mask that is not applied)" for e in broken]


def _order(shape: tuple[int, ...]) -> int:
    """n of a stack: the length that two axes share."""
    return next((s for s in shape if shape.count(s) > 1), shape[-1])


def _value(entry: Entry, n: int) -> tuple[bool, Any]:
    """Whether an array fits its role, and its values in the shape of that role."""
    if entry.sparse or not (entry.is_numeric or entry.is_text):
        return False, None
    if entry.role in ("labels", "modules"):
        fits = tuple(s for s in entry.shape if s != 1) == ((n,) if n > 1 else ())
        values = _one_per_node(entry) if fits else None
        if entry.role == "labels" and values is not None and informative([str(v) for v in values]) is None:
            return True, None  # they only count
        return values is not None, values
    if entry.is_text or len(entry.shape) != 2:
        return False, None
    if entry.role == "positions":
        upright = entry.shape[0] == n and entry.shape[1] <= 3
        if not upright and not (entry.shape[1] == n and entry.shape[0] <= 3):
            return False, None
        values = entry.values() if upright else entry.values().T
    elif entry.shape == (n, n):
        values = entry.values()
    else:
        return False, None
    return bool(np.isfinite(values).all()), values


def _one_per_node(entry: Entry) -> Any:
    """Text or numbers; whole numbers as such, where MATLAB has doubles only."""
    values = np.asarray(entry.values()).ravel()
    if values.dtype.kind == "S":
        return text_array([value.decode("utf-8") for value in values.tolist()])
    if values.dtype.kind != "f":
        return values
    whole = np.isfinite(values).all() and (values == np.rint(values)).all()
    return values.astype(np.int64) if whole else None


def _describes_nodes(entry: Entry, n: int) -> bool:
    """Whether an array has a row for every node, or a name that says so."""
    if not (entry.is_numeric or entry.is_text):
        return False
    if entry.role in _ROLES:
        return int(np.prod(entry.shape)) > 1
    if _names.path(entry.name)[-1].isdigit():
        return False  # numbered, as the parameters of a model are
    return n > 1 and (entry.shape[:1] == (n,) or entry.shape == (1, n))
