"""From what a file or a program holds to a Connectome: weights turned from source to target, once, with provenance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome, own
from netanalysis.io import _direction
from netanalysis.io._entries import Loaded


def as_connectome(
    loaded: Loaded,
    orientation: str | None,
    provenance: Mapping[str, Any],
    name: str | None,
    *,
    undirected: bool = False,
    fresh: bool = False,
) -> Connectome:
    """Orient what was read and say where it came from; `fresh`: the arrays are nobody else's, and need no copy."""
    fields = dict(loaded.fields)
    weights, stated, notes = _direction.settle(loaded, orientation, undirected)
    if type(weights) is np.ndarray and (fresh or not np.may_share_memory(weights, np.asarray(loaded.weights))):
        weights = own(weights)
    if stated == "target_source" and fields.get("distances") is not None:
        fields["distances"] = fields["distances"].T
    fields["history"] = (*fields.get("history", ()), *notes)
    metadata = dict(fields.pop("metadata", {}))
    if not loaded.own:
        ends, said = _ends(loaded, stated or loaded.layout, weights.shape)
        fields |= ends
        metadata |= said
    metadata = with_provenance(metadata, dict(provenance) | {"key": loaded.key, "orientation": stated or "symmetric"})
    fields["name"] = fields.get("name") or name  # an unnamed network has the name of its file, whoever wrote it
    return Connectome(weights, metadata=metadata, **fields)


def with_provenance(metadata: Mapping[str, Any], provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata with where this file is from; what an earlier file had said moves to "origin"."""
    kept = dict(metadata)
    if origin := {k: kept.pop(k) for k in (*provenance, "origin") if k in kept}:
        kept["origin"] = origin
    return kept | dict(provenance)


def _ends(loaded: Loaded, layout: str | None, shape: tuple[int, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Input and output weights in our orientation, and what the metadata say of those that do not fit."""
    fields: dict[str, Any] = {}
    said: dict[str, Any] = {}
    for name, axis in (("inputs", -1), ("outputs", -2)):
        value = getattr(loaded, name)
        if value is None:
            continue
        if layout is None:
            said[name] = "none: the orientation of the weights was not stated"
            continue
        value = np.swapaxes(value, -1, -2) if layout == "target_source" and value.ndim > 1 else value
        if value.ndim == 2 and value.shape[axis] == shape[-1]:
            fields[name] = value
        elif value.ndim == 3 and value.shape[axis] == shape[-1] and value.shape[0] == shape[0]:
            said[f"{name}_of_stack"] = value  # a Connectome holds one for all
        else:
            said[name] = f"none: shape {value.shape} does not fit {shape[-1]} nodes in this orientation"
    return fields, said
