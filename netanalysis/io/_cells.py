"""Recurrent cells as libraries name and pack them: which array is the recurrence, of which gate, with whose inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netanalysis.io import _names
from netanalysis.io._entries import Entry, cut

Known = dict[str, Entry]

# Gates in their order of storage, by how many there are.
_TORCH_GATES = {3: "rzn", 4: "ifgo"}
_KERAS_GATES = {3: "zrh", 4: "ifco"}
_TORCH = re.compile(r"(?P<prefix>(?:.*[./])?)weight_hh(?P<layer>(?:_l(?P<depth>\d+))?)(?P<reverse>(?:_reverse)?)")


def recurrent_kernels(known: Known) -> Known:
    """Recurrent kernels that a library's naming settles, by name; the arrays that they are made from left aside."""
    kernels: Known = {}
    for find in (_torch, _keras, _flax, _fused):
        kernels |= find(known)
    return kernels


def _gates(n: int, total: int, names: Mapping[int, str]) -> list[str]:
    """Names of the blocks of size n in `total`; numbers where the library has no cell of so many."""
    count = total // n if n and total % n == 0 else 0
    return list(names.get(count, "")) or [str(k) for k in range(count if count <= 16 else 0)]


def _blocks(kernel: Entry, gates: Sequence[str], block: Callable[[int, str, str], Entry], **known: Any) -> Entry:
    """A kernel as its square matrices: itself if it is one, else by gate."""
    if len(gates) == 1:
        return replace(block(0, gates[0], kernel.name), role="recurrent", **known)
    blocks = {
        gate: replace(block(k, gate, f"{kernel.name}[{gate}]"), role="recurrent", **known)
        for k, gate in enumerate(gates)
    }
    return replace(kernel, role="recurrent", blocks=blocks, **known)


# ---------------------------------------------------------------- torch: [target, source], gates along the rows


def _torch(known: Known) -> Known:
    cells = {name: m for name in known if (m := _TORCH.fullmatch(name)) and _names.role(name) != "optimizer"}
    return {name: _torch_kernel(known, name, match, cells) for name, match in cells.items()}


def _torch_kernel(known: Known, name: str, match: re.Match[str], cells: Mapping[str, re.Match[str]]) -> Entry:
    kernel, prefix, tail = known[name], match["prefix"], match["layer"] + match["reverse"]
    if len(kernel.shape) != 2 or kernel.refusal:
        return replace(kernel, role="recurrent", layout="target_source")
    # With proj_size the cell hears its projected output: the recurrence runs through weight_hr, (projected, units).
    projection = known.get(f"{prefix}weight_hr{tail}")
    n = projection.shape[-1] if projection else kernel.shape[1]
    others = {part: known.get(f"{prefix}{part}{tail}") for part in ("weight_ih", "bias_ih", "bias_hh")}

    def block(k: int, gate: str, full: str) -> Entry:
        rows = slice(k * n, (k + 1) * n)
        part = cut(kernel, (rows,), (n, n), full)
        if projection is not None:
            part = replace(
                part,
                read=lambda: np.asarray(kernel.values()[rows], float) @ np.asarray(projection.values(), float),
                history=(*part.history, f"load: {kernel.name} @ {projection.name}, the projection of the units"),
            )
        named = {
            part: cut(e, (rows,), (n, *e.shape[1:]), f"{e.name}[{gate}]") for part, e in others.items() if e is not None
        }
        inputs = named.pop("weight_ih", None)
        return replace(part, partners={"inputs": inputs} if inputs else {}, biases=tuple(named.values()))

    entry = _blocks(kernel, _gates(n, kernel.shape[0], _TORCH_GATES), block, layout="target_source")
    if not entry.blocks and entry.partners:
        plain = {part: e for part, e in others.items() if e is not None}
        entry = replace(entry, partners={"inputs": plain.pop("weight_ih")}, biases=tuple(plain.values()))
    layers = [int(m["depth"] or 0) for m in cells.values() if m["prefix"] == prefix]
    if int(match["depth"] or 0) < max(layers):
        return with_outputs(entry, None, "none: a readout reads from the last layer")
    reverse = {m["reverse"] for m in cells.values() if m["prefix"] == prefix}
    width = projection.shape[0] if projection else n
    start = width * bool(match["reverse"])
    layer, note = readout(known, prefix, {m["prefix"] for m in cells.values()}, width * len(reverse), axis=1)

    def outputs() -> Entry:
        assert layer is not None
        part = cut(layer, (slice(None), slice(start, start + width)), (layer.shape[0], width), layer.name)
        if projection is None:
            return part
        return replace(
            part, shape=(part.shape[0], n), read=lambda: np.asarray(part.values(), float) @ projection.values()
        )

    return with_outputs(entry, outputs() if layer else None, note)


# ---------------------------------------------------------------- Keras: [source, target], gates along the columns


def _keras(known: Known) -> Known:
    kernels: Known = {}
    names = [n for n in known if re.search(r"(?:^|[./])recurrent_kernel(?::0)?$", n) and _names.role(n) == "recurrent"]
    for name in names:
        base, kernel = re.split(r"recurrent_kernel", name)[0], known[name]
        tail = ":0" if name.endswith(":0") else ""
        kernels |= keras_kernel(known, kernel, known.get(f"{base}kernel{tail}"), known.get(f"{base}bias{tail}"))
    return kernels


def keras_kernel(known: Known, kernel: Entry, inputs: Entry | None, bias: Entry | None) -> Known:
    """A recurrent kernel (n, gates n) of Keras; nothing if its shape is not that of a cell of Keras."""
    if len(kernel.shape) != 2 or kernel.refusal:
        return {}
    n, total = kernel.shape
    count = total // n if n and total % n == 0 else 0
    if count not in (1, *_KERAS_GATES):
        return {}
    # CuDNN keeps every gate's block the other way round, and two vectors of biases in one.
    cudnn = count > 1 and (
        "cudnn" in kernel.name.lower().replace("_", "") or (bias is not None and bias.shape == (2 * total,))
    )

    def block(k: int, gate: str, full: str) -> Entry:
        columns = (..., slice(k * n, (k + 1) * n))
        part, partners = cut(kernel, columns, (n, n), full), {}
        if inputs is not None and inputs.shape[1:] == (total,):
            shape = (inputs.shape[0], n)
            partners["inputs"] = cut(inputs, columns, shape, f"{inputs.name}[{gate}]" if count > 1 else inputs.name)
        if cudnn:
            read, heard = part.read, partners.get("inputs")
            part = replace(part, read=lambda: read().T)
            if heard is not None:
                turn = heard.read
                partners["inputs"] = replace(heard, read=lambda: turn().T.reshape(heard.shape, order="F"))
        return replace(part, partners=partners, biases=() if bias is None else (bias,))

    gates = ["0"] if count == 1 else list(_KERAS_GATES[count])
    return {kernel.name: _blocks(kernel, gates, block, layout="source_target", settled=True)}


# ---------------------------------------------------------------- Flax: one Dense per gate, or dense_h and dense_i


_FLAX = {
    "rzn": (["hr", "hz", "hn"], ["ir", "iz", "in"]),
    "ifgo": (["hi", "hf", "hg", "ho"], ["ii", "if", "ig", "io"]),
    "h": (["h"], ["i"]),
}


def _flax(known: Known) -> Known:
    kernels: Known = {}
    cells = {
        m[1] for n in known if (m := re.fullmatch(r"((?:.*[./])?)(?:h[rzifg]?|dense_h)[./]kernel", n))
        and _names.role(n) != "optimizer"
    }  # fmt: skip
    for prefix in cells:
        sep = "." if any(n.startswith(prefix) and n.endswith(".kernel") for n in known) else "/"

        def array(part: str, what: str = "kernel", prefix: str = prefix, sep: str = sep) -> Entry | None:
            return known.get(f"{prefix}{part}{sep}{what}") or known.get(f"{prefix}{part}_{sep}{what}")

        if (kernel := array("dense_h")) is not None:
            entry = _fused_flax(kernel, array("dense_i"), (array("dense_h", "bias"), array("dense_i", "bias")))
        else:
            entry = _flax_gates(prefix, array)
        if entry is None:
            continue
        layer, note = readout(known, prefix, cells, _units(entry), axis=0)
        kernels[entry.name] = with_outputs(entry, layer, note)
    return kernels


def _flax_gates(prefix: str, array: Callable[..., Entry | None]) -> Entry | None:
    for gates, (hidden, heard) in _FLAX.items():
        parts = [array(part) for part in hidden]
        if any(part is None or len(part.shape) != 2 or part.shape[0] != part.shape[1] for part in parts):
            continue
        blocks = {}
        for gate, part, h, i in zip(gates, parts, hidden, heard, strict=True):
            assert part is not None
            inputs, biases = array(i), [b for b in (array(h, "bias"), array(i, "bias")) if b]
            name = part.name if len(gates) == 1 else f"{prefix[:-1]}[{gate}]"
            blocks[gate] = replace(
                part, name=name, role="recurrent", layout="source_target", settled=True, biases=tuple(biases),
                partners={"inputs": inputs} if inputs else {},
            )  # fmt: skip
        first = next(iter(blocks.values()))
        if len(gates) == 1:
            return first if first.partners else None
        n = first.shape[0]
        return replace(first, name=prefix[:-1] or "cell", shape=(n, n * len(gates)), blocks=blocks, partners={})
    return None


def _fused_flax(kernel: Entry, inputs: Entry | None, biases: Sequence[Entry | None]) -> Entry | None:
    if len(kernel.shape) != 2:
        return None
    n, total = kernel.shape

    def block(k: int, gate: str, full: str) -> Entry:
        columns = (..., slice(k * n, (k + 1) * n))
        heard = inputs and cut(inputs, columns, (inputs.shape[0], n), f"{inputs.name}[{gate}]")
        return replace(
            cut(kernel, columns, (n, n), full),
            partners={"inputs": heard} if heard else {},
            biases=tuple(cut(b, columns, (n,), f"{b.name}[{gate}]") for b in biases if b),
        )

    gates = _gates(n, total, _TORCH_GATES)
    return _blocks(kernel, gates, block, layout="source_target", settled=True) if gates else None


# ---------------------------------------------------------------- one kernel [inputs + units, gates x units]


_FUSED = {  # TensorFlow 1 and Haiku
    r"(?:.*/)?(?:layer_norm_)?basic_lstm_cell/kernel(?::0)?": "ijfo",
    r"(?:.*/)?lstm_cell/kernel(?::0)?": "ijfo",
    r"(?:.*/)?(?:basic_)?rnn_cell/kernel(?::0)?": "h",
    r"(?:.*/)?gru_cell/gates/kernel(?::0)?": "ru",
    r"(?:.*/)?gru_cell/candidate/kernel(?::0)?": "c",
    r"(?:.*/)?lstm(?:_\d+)?/linear/w": "igfo",
}


def _fused(known: Known) -> Known:
    kernels: Known = {}
    for name, kernel in known.items():
        gates = next((gates for pattern, gates in _FUSED.items() if re.fullmatch(pattern, name)), None)
        beside = re.sub(r"kernel(?=(:0)?$)", "recurrent_kernel", name)
        if gates is None or len(kernel.shape) != 2 or (beside != name and beside in known):
            continue
        rows, total = kernel.shape
        n = total // len(gates)
        base = name.rpartition("/")[0]
        if total % len(gates) or rows <= n or any(other.startswith(f"{base}/projection/") for other in known):
            kernels[name] = replace(
                kernel, role="recurrent",
                refusal="holds inputs, recurrence and a projection in one kernel; save the product you mean",
            )  # fmt: skip
            continue

        def block(k: int, gate: str, full: str, kernel: Entry = kernel, n: int = n, rows: int = rows) -> Entry:
            columns = slice(k * n, (k + 1) * n)
            above = cut(kernel, (slice(rows - n), columns), (rows - n, n), f"{full}, inputs")
            return replace(
                cut(kernel, (slice(rows - n, None), columns), (n, n), full),
                partners={"inputs": above},
                history=(f"load: the last {n} of {rows} rows of {kernel.name} are recurrent, those before are inputs",),
            )

        kernels[name] = _blocks(kernel, gates, block, layout="source_target", settled=True)
    return kernels


# ---------------------------------------------------------------- readouts


_READOUTS = {
    "readout", "read_out", "output", "outputs", "out", "fc", "head", "decoder", "linear", "dense", "dense_0",
    "classifier", "output_layer", "fc_out", "w_out", "lm_head", "action_net",
}  # fmt: skip


def readout(
    known: Known, prefix: str, cells: set[str], width: int, *, axis: int, nested: bool = False
) -> tuple[Entry | None, str]:
    """The layer that reads from a cell, and where there is none or a doubt, what to say of it.

    Of the part of the model in which the cell is the only one: an encoder has no part in a decoder's readout. With
    `nested` the names of layers say nothing of parts.
    """
    found = []
    for name, entry in known.items():
        owner = _names.layer(name)
        if owner not in _READOUTS or _names.role(name) == "optimizer" or len(entry.shape) != 2:
            continue
        part = "" if nested else re.split(r"[^./]+[./][^./]+$", name)[0]
        alone = sum(cell.startswith(part) for cell in cells) == 1
        if prefix.startswith(part) and alone and entry.shape[axis] == width and not entry.refusal:
            found.append(entry)
    if len(found) == 1:
        return found[0], found[0].name
    return None, "none: " + (
        f"{' and '.join(repr(e.name) for e in found)} could both be it" if found else "no readout of this cell is named"
    )


def is_keras(name: str) -> bool:
    """Whether a kernel has one of the names that Keras gives."""
    return bool(re.search(r"recurrent_kernel(?::0)?$|/vars/1$", name))


def _units(entry: Entry) -> int:
    return next(iter(entry.blocks.values()), entry).shape[0]


def with_outputs(entry: Entry, outputs: Entry | None, note: str) -> Entry:
    """The outputs for every gate: a readout has none of its own."""
    partners = {"outputs": outputs} if outputs is not None else {}
    notes = {"outputs": note}
    blocks = {
        gate: replace(b, partners={**b.partners, **partners}, notes={**b.notes, **notes})
        for gate, b in entry.blocks.items()
    }
    return replace(entry, partners={**entry.partners, **partners}, notes={**entry.notes, **notes}, blocks=blocks)
