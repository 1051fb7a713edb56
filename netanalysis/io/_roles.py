"""From the arrays of a file to one network: what each array is, which is taken, and what comes along with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netanalysis.io import _attributes, _cells, _facts, _names
from netanalysis.io._entries import Entry, Loaded, choose, cut, stack_axis
from netanalysis.io._parts import effective


def select(entries: Sequence[Entry], key: str | None, where: Any) -> Loaded:
    """Read the array that `key` names, or the only one that can be the network, and what belongs to it."""
    entry = choose(entries, key, where)
    axis = stack_axis(entry, where)
    weights, history = entry.values(), entry.history
    if axis:
        weights = np.moveaxis(weights, axis, 0)
        history = (*history, f"load: networks along axis {axis} of {entry.name}, {entry.shape}, moved to the front")
    partners = {name: partner.values() for name, partner in entry.partners.items()}
    notes: dict[str, Any] = {name: partner.name for name, partner in entry.partners.items()}
    notes = dict(entry.notes) | notes
    if entry.biases:
        notes["biases"] = {bias.name: np.asarray(bias.values(), float) for bias in entry.biases}
    if "inputs" in notes:
        notes.setdefault("outputs", "none: no readout is named")
    trained = entry.role == "recurrent" and entry.layout is not None  # a model's parameters say nothing of its nodes
    fields, left_out = ({}, []) if trained else _attributes.of_nodes(entries, entry, chosen=key is not None)
    if not trained:
        count = weights.shape[0] if len(weights.shape) > 2 else None
        facts, too = _facts.of_networks(entries, entry, count, taken=fields)
        notes, left_out = facts | notes, [*left_out, *too]
    if axis == 0 and not trained:
        left_out += _attributes.masks(entries, entry, weights)
    return Loaded(
        weights,
        entry.name,
        entry.layout,
        entry.settled,
        inputs=partners.get("inputs"),
        outputs=partners.get("outputs"),
        fields=fields | {"metadata": notes, "history": history},
        left_out=tuple(left_out),
    )


def with_roles(
    entries: Sequence[Entry], *, keras_cells: Mapping[str, str] | None = None, titles: Mapping[str, str] | None = None
) -> list[Entry]:
    """Every array with what it is by its name; recurrent kernels with their gates, inputs and outputs.

    Where a container numbers its arrays, `keras_cells` says which ``vars`` are those of a cell, and `titles` what
    the layers that own arrays are called.
    """
    titles = titles or {}
    known = {
        e.name: e if e.role else replace(e, role=_names.role(titles.get(e.name, e.name))) for e in effective(entries)
    }
    keras: dict[str, Entry] = {}
    for base in keras_cells or {}:
        kernel, *others = (known.get(f"{base}/{k}") for k in (1, 0, 2))
        if kernel is not None:
            keras |= _cells.keras_kernel(known, kernel, *others)
    kernels = _cells.recurrent_kernels(known) | keras
    kernels = _with_keras_readout(known, kernels, titles)
    own = {e.name: e for e in known.values() if e.role == "recurrent" and e.name not in kernels}
    kernels |= {name: _with_ends(known, e, own) for name, e in own.items()}
    return [*kernels.values(), *(e for e in known.values() if e.name not in kernels)]


def _with_keras_readout(known: _cells.Known, kernels: _cells.Known, titles: Mapping[str, str]) -> _cells.Known:
    """Keras names layers side by side: the readout is that of the only recurrent layer, in both directions."""
    keras = [e for e in kernels.values() if e.settled and "outputs" not in e.notes and _cells.is_keras(e.name)]
    forward = [e.name.replace("backward", "forward") for e in keras]
    if not keras or len(set(forward)) > 1:
        return {
            **kernels,
            **{e.name: _cells.with_outputs(e, None, "none: several layers are recurrent") for e in keras},
        }
    n = keras[0].shape[0]
    named = {titles.get(name, name): e for name, e in known.items() if name not in kernels}
    layer, note = _cells.readout(named, "", {""}, n * len(keras), axis=0, nested=True)
    for k, entry in enumerate(sorted(keras, key=lambda e: "backward" in e.name)):
        part = layer and cut(layer, (slice(k * n, (k + 1) * n),), (n, layer.shape[1]), layer.name)
        kernels = {**kernels, entry.name: _cells.with_outputs(entry, part, note)}
    return kernels


def _with_ends(known: _cells.Known, entry: Entry, own: _cells.Known) -> Entry:
    """Recurrent weights of one's own code (W_rec, ``rnn.h2h.weight``), with the ends in the same part of the model."""
    layer = _names.layer(entry.name)
    place = re.split(r"[^./]+[./][^./]+$" if layer else r"[^./]+$", entry.name)[0]
    partners = {}
    for role in ("inputs", "outputs"):
        beside = [e for e in known.values() if e.role == role and e.name.startswith(place) and not e.refusal]
        beside = [e for e in beside if not re.search(r"[./]", e.name[len(place) :].removesuffix(_tail(e, layer)))]
        if len(beside) == 1 and sum(other.startswith(place) for other in own) == 1:
            partners[role] = beside[0]
    linear = {"weight": "target_source", "kernel": "source_target"}.get(_names.path(entry.name)[-1]) if layer else None
    if linear and len(entry.shape) == 2 and "outputs" not in partners:
        places = {re.split(r"[^./]+[./][^./]+$", name)[0] for name in own}
        found, note = _cells.readout(known, place, places, entry.shape[1], axis=int(linear == "target_source"))
        entry = _cells.with_outputs(entry, found, note)
    return replace(entry, layout=linear, partners={**entry.partners, **partners})


def _tail(entry: Entry, layer: str | None) -> str:
    return re.search(r"[./][^./]+$", entry.name)[0] if layer and _names.layer(entry.name) else ""  # type: ignore[index]
