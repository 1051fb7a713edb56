"""What a file holds before anything is read: names, shapes, roles; and the choice of one array among them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis._core import validate

# Largest array (as float64) or text file that load() reads; checked before memory is taken.
SIZE_LIMIT_BYTES = validate.DENSE_LIMIT_BYTES


class FileError(ValueError):
    """A file that cannot be used; the message names it and says what to do."""


@dataclass(frozen=True)
class Entry:
    """One array of a file, not read yet.

    `layout` is the orientation its name stands for (torch's ``weight_hh`` is target_source); `settled` says
    that the file format guarantees it. Only a `candidate` is taken without a key. `gates` names the blocks of a
    gated recurrent kernel, in order.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Any]
    layout: str | None = None
    settled: bool = False
    candidate: bool = True
    gates: str = ""
    partners: dict[str, str] = field(default_factory=dict)  # "inputs", "outputs" -> name of the entry
    sparse: bool = False

    def __str__(self) -> str:
        return f"{self.name!r} {self.shape} {'sparse ' * self.sparse}{np.dtype(self.dtype).name}"


@dataclass(frozen=True)
class Loaded:
    """Weights as the file stores them, with what else it says; :func:`netanalysis.load` orients them."""

    weights: Any
    key: str | None = None
    layout: str | None = None
    settled: bool = False
    inputs: Any = None
    outputs: Any = None
    fields: dict[str, Any] = field(default_factory=dict)
    own: bool = False  # written by netanalysis.save
    edges: bool = False  # a list of connections, each of which may stand for both directions
    undirected: bool | None = None  # what the file says of itself, if it does
    precision: float | None = None  # relative one of the stored weights, if their type does not tell


def check_size(shape: Sequence[int], what: str) -> None:
    """Refuse an array that would take more than the limit as float64."""
    check_bytes(math.prod(int(s) for s in shape) * 8, f"{what} of shape {tuple(shape)}, as float64,")


def check_bytes(need: int, what: str) -> None:
    """Refuse to take more memory than the limit."""
    if need > SIZE_LIMIT_BYTES:
        raise MemoryError(
            f"{what} takes {need / 2**30:.3g} GiB, more than the limit of {SIZE_LIMIT_BYTES / 2**30:.3g} GiB. Keep "
            "large networks sparse (scipy.sparse.save_npz), or cut out the part you need where the file was made"
        )


def compressed(kind: str, data: Any, indices: Any, indptr: Any, shape: Sequence[int]) -> Any:
    """A csr_array or csc_array whose indices have been checked: wrong ones would read outside memory."""
    make = {"csr": sparse.csr_array, "csc": sparse.csc_array}[kind]
    matrix = make((data, indices, indptr), shape=tuple(int(s) for s in shape))
    matrix.check_format(full_check=True)
    return matrix


# Names whose meaning a library or the field has fixed. torch.nn.RNN/GRU/LSTM: rows are [r, z, n] or [i, f, g, o].
_TORCH = re.compile(r"(?:^|[./])weight_hh(?:_l\d+(?:_reverse)?)?$")
_READOUT = re.compile(r"(?:^|[./])(?:readout|read_out|output|outputs|out)\.weight$")
_TORCH_GATES = {3: "rzn", 4: "ifgo"}


def with_roles(entries: list[Entry]) -> list[Entry]:
    """Recognise torch's recurrent weights and the W_rec, W_in, W_out of rate-network code."""
    names = {e.name for e in entries}
    torch_names = [e.name for e in entries if _TORCH.search(e.name) and not _is_optimizer(e.name)]
    readouts = [e.name for e in entries if _READOUT.search(e.name) and not _is_optimizer(e.name)]
    out = []
    for e in entries:
        known: dict[str, Any] = {}
        if _is_optimizer(e.name):
            known = {"candidate": False}
        elif e.name in torch_names:
            partners = {"inputs": e.name.replace("weight_hh", "weight_ih")}
            if len(torch_names) == len(readouts) == 1:  # with several layers the readout need not read from this one
                partners["outputs"] = readouts[0]
            blocks = e.shape[0] / e.shape[1] if len(e.shape) == 2 and e.shape[1] else 0
            known = {
                "layout": "target_source",
                "gates": _TORCH_GATES.get(int(blocks), "") if blocks == int(blocks) else "",
                "partners": {k: v for k, v in partners.items() if v in names},
            }
        elif _TORCH.search(e.name.replace("weight_ih", "weight_hh")):
            known = {"candidate": False}
        elif re.search(r"(?i)w_rec\b", e.name):
            pairs = {"inputs": "in", "outputs": "out"}
            partners = {k: re.sub(r"(?i)(w_)rec\b", rf"\g<1>{v}", e.name) for k, v in pairs.items()}
            known = {"partners": {k: v for k, v in partners.items() if v in names}}
        out.append(replace(e, **known))
    return out


def _is_optimizer(name: str) -> bool:
    """Moments kept by an optimiser have the shapes of weights but are not weights."""
    return any(part.startswith("optim") for part in re.split(r"[./]", name))


def select(entries: list[Entry], key: str | None, path: Path) -> Loaded:
    """Read the array that `key` names, or the only one that can be a weight matrix."""
    entry, block = _by_key(entries, key, path) if key is not None else (_only_candidate(entries, path), None)
    if np.dtype(entry.dtype).kind not in "biuf":
        raise FileError(f"{path}: {entry} does not hold real numbers")
    if block is None and entry.gates:
        raise FileError(f"{path}: {entry} stacks {len(entry.gates)} gates; choose one: {_gate_keys(entry)}")
    if block is None and not _is_square(entry.shape):
        small, large = sorted(entry.shape) if len(entry.shape) == 2 else (0, 0)
        blocks = small > 1 and large % small == 0
        hint = f"As a stack of {large // small} square blocks, choose one: {_gate_keys(entry)}. " if blocks else ""
        raise FileError(f"{path}: {entry} is not square. {hint}The file holds {_listing(entries)}")
    by_name = {e.name: e for e in entries}
    partners = {k: by_name[v] for k, v in entry.partners.items()}
    if block is None:
        weights, *others = (_read(e) for e in (entry, *partners.values()))
        name = entry.name
    else:
        rows, columns = entry.shape
        axis, n = (0, columns) if rows > columns else (1, rows)
        at = slice(block * n, (block + 1) * n)
        cut = (at,) if axis == 0 else (slice(None), at)
        weights = _read(entry)[cut]
        # The input kernel stacks the same gates in the same order; a readout has none.
        others = [_read(e)[cut] if k == "inputs" else _read(e) for k, e in partners.items()]
        name = f"{entry.name}[{entry.gates[block] if entry.gates else block}]"
    return Loaded(weights, name, entry.layout, entry.settled, **dict(zip(partners, others, strict=True)))


def _read(entry: Entry) -> Any:
    if not entry.sparse:
        check_size(entry.shape, f"array {entry.name!r}")
    return entry.read()


def _is_square(shape: tuple[int, ...]) -> bool:
    return len(shape) >= 2 and shape[-1] == shape[-2] > 0


def _only_candidate(entries: list[Entry], path: Path) -> Entry:
    numeric = [e for e in entries if np.dtype(e.dtype).kind in "biuf" and e.candidate]
    # 1 x 1 is how MATLAB and others store scalars; it must be asked for, unless nothing else is there.
    found = [e for e in numeric if e.gates or (_is_square(e.shape) and e.shape[-1] > 1)]
    found = found or [e for e in numeric if _is_square(e.shape)]
    if not found:
        raise FileError(
            f"{path} holds no square array of real numbers, shape (n, n) or (..., n, n): {_listing(entries)}"
        )
    if len(found) > 1:
        raise FileError(f"{path} holds several arrays that could be the weights; choose with key=: {_listing(found)}")
    return found[0]


def _by_key(entries: list[Entry], key: str, path: Path) -> tuple[Entry, int | None]:
    found = _named(entries, key)
    if found:
        return _single(found, key, path), None
    gated = re.fullmatch(r"(.+)\[(\w+)\]", key)
    found = _named(entries, gated[1]) if gated else []
    if not gated or not found:
        raise FileError(f"{path} holds no array named {key!r}; it holds {_listing(entries)}")
    entry, gate = _single(found, gated[1], path), gated[2]
    rows, columns = entry.shape if len(entry.shape) == 2 else (0, 0)
    small, large = sorted((rows, columns))
    if small == 0 or large % small or large == small:
        raise FileError(f"{path}: {entry} does not stack square blocks, so [{gate}] has no meaning")
    if gate in entry.gates:
        return entry, entry.gates.index(gate)
    if gate.isdigit() and int(gate) < large // small:
        return entry, int(gate)
    raise FileError(f"{path}: {entry} has no gate {gate!r}; choose {_gate_keys(entry)}")


def _gate_keys(entry: Entry) -> str:
    if entry.gates:
        return " or ".join(f"key='{entry.name}[{gate}]'" for gate in entry.gates)
    small, large = sorted(entry.shape)
    return f"key='{entry.name}[0]' to '{entry.name}[{large // small - 1}]'"


def _named(entries: list[Entry], key: str) -> list[Entry]:
    """The entry of that name, else those whose path ends with it (weight_hh_l0 for rnn.weight_hh_l0)."""
    exact = [e for e in entries if e.name == key]
    return exact or [e for e in entries if e.name.endswith(("." + key, "/" + key)) and not _is_optimizer(e.name)]


def _single(found: list[Entry], key: str, path: Path) -> Entry:
    if len(found) > 1:
        raise FileError(f"{path} holds several arrays named {key!r}; give the full name: {_listing(found)}")
    return found[0]


def _listing(entries: list[Entry], limit: int = 40) -> str:
    if not entries:
        return "no arrays"
    shown = ", ".join(f"{e}{f' (gates {e.gates})' if e.gates else ''}" for e in entries[:limit])
    return shown + (f", and {len(entries) - limit} more" if len(entries) > limit else "")


def informative(labels: Sequence[str] | None) -> list[str] | None:
    """Labels, unless they only count 0, 1, 2, … as tables do that had none."""
    if labels is None or list(labels) == [str(i) for i in range(len(labels))]:
        return None
    return list(labels)
