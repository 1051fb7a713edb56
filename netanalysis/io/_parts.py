"""Weights that torch keeps in parts: weight norm, spectral norm and pruning. A part alone is never the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis.io._entries import Entry

_CODE = (
    "is made by code that the file does not hold, from {parts}. Where it was written, save what comes out: "
    "torch.nn.utils.parametrize.remove_parametrizations(module, {last!r}) before state_dict(), or na.from_torch(module)"
)


def effective(entries: Sequence[Entry]) -> list[Entry]:
    """The entries, with the whole weight beside its parts, which are refused from then on."""
    known = {e.name: e for e in entries}
    found = True
    while found:  # a pruned part of a normalised weight is itself in parts
        found = False
        for name in list(known):
            if known[name].refusal or not (parts := _parts(name, known)):
                continue
            whole, kind, names, compute = parts
            found = True
            of = [known[part] for part in names]
            if compute is None:
                refusal = _CODE.format(parts=" and ".join(map(repr, names)), last=whole.rpartition(".")[2])
                known[whole] = replace(known[name], name=whole, refusal=refusal)
            else:
                refusal = f"is a part of {whole!r} ({kind}), not a weight of its own; choose key={whole!r}"
                history = (*(line for e in of for line in e.history), f"load: {whole} by {kind}")
                known[whole] = Entry(whole, of[0].shape, "f8", _computed(compute, of), history=history)
            for part in names:
                known[part] = replace(known[part], role="part", refusal=refusal)
    return list(known.values())


def _computed(compute: Callable[..., Any], of: Sequence[Entry]) -> Callable[[], Any]:
    return lambda: compute(*(np.asarray(e.values(), dtype=np.float64) for e in of))


def _parts(name: str, known: dict[str, Entry]) -> tuple[str, str, list[str], Callable[..., Any] | None] | None:
    """Of the part that decides (the one with the shape of the weight): whole, kind, all parts, and the formula."""
    new = re.fullmatch(r"(.*?)parametrizations\.(\w+)\.original([01]?)", name)
    if new:
        prefix, whole = f"{new[1]}parametrizations.{new[2]}.", new[1] + new[2]
        other = [n for n in known if n.startswith(prefix)]
        pair = [prefix + "original1", prefix + "original0"]
        if set(other) == set(pair) and _is_norm(*(known[n].shape for n in pair)):
            return whole, "weight norm, g v / |v|", pair, _weight_norm
        triple = [prefix + part for part in ("original", "0._u", "0._v")]
        if set(other) == set(triple) and _is_spectral(*(known[n].shape for n in triple)):
            return whole, "spectral norm, W / (u W v)", triple, _spectral_norm
        return whole, "code", other, None
    for suffix, others, kind, fits, compute in _OLD:
        if name.endswith(suffix):
            whole = name.removesuffix(suffix)
            names = [name, *(whole + other for other in others)]
            if all(n in known for n in names) and fits(*(known[n].shape for n in names)):
                return whole, kind, names, compute
    return None


def _weight_norm(v: NDArray[Any], g: NDArray[Any]) -> NDArray[Any]:
    """``g v / |v|``, the norm over the axes along which g has one entry."""
    if g.size == 1:
        return v * (g.reshape(()) / np.linalg.norm(v))
    axes = tuple(k for k in range(v.ndim) if g.shape[k] == 1)
    return np.asarray(v * (g / np.sqrt((v**2).sum(axis=axes, keepdims=True))))


def _spectral_norm(w: NDArray[Any], u: NDArray[Any], v: NDArray[Any]) -> NDArray[Any]:
    """W over its largest singular value, as the stored vectors estimate it: what the module computes when it runs."""
    return np.asarray(w / (u @ w @ v))


def _is_norm(v: tuple[int, ...], g: tuple[int, ...]) -> bool:
    if np.prod(g, dtype=int) == 1:
        return True
    kept = [k for k, n in enumerate(g) if n != 1]
    return len(g) == len(v) and len(kept) == 1 and g[kept[0]] == v[kept[0]]


def _is_spectral(w: tuple[int, ...], u: tuple[int, ...], v: tuple[int, ...]) -> bool:
    return len(w) == 2 and (u, v) == (w[:1], w[1:])


def _same(w: tuple[int, ...], mask: tuple[int, ...]) -> bool:
    return w == mask


_OLD: tuple[tuple[str, tuple[str, ...], str, Callable[..., bool], Callable[..., Any]], ...] = (
    ("_v", ("_g",), "weight norm, g v / |v|", _is_norm, _weight_norm),
    ("_orig", ("_u", "_v"), "spectral norm, W / (u W v)", _is_spectral, _spectral_norm),
    ("_orig", ("_mask",), "pruning, W mask", _same, np.multiply),
)
