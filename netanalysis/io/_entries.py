"""What a file holds before anything is read: names, shapes, roles; and the choice of one array among them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis._core import memory, sparse_parts


class FileError(ValueError):
    """A file that cannot be used; the message names it and says what to do."""


class TextError(FileError):
    """Text whose letters the file does not tell."""


@dataclass(frozen=True)
class Entry:
    """One array of a file, not read yet.

    `role` says what the array is by its name (see `_names`); only those that may be the network are taken without
    a key. `layout` is the orientation its name stands for (torch's ``weight_hh`` is target_source); `settled` says
    that the file format guarantees it. `blocks` are the square matrices of a gated kernel, by gate. `partners` are
    the "inputs" and "outputs" of the same part of the model. `refusal` is why this array is never the network.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Any]
    role: str = ""
    layout: str | None = None
    settled: bool = False
    blocks: Mapping[str, Entry] = field(default_factory=dict)
    partners: Mapping[str, Entry] = field(default_factory=dict)
    biases: tuple[Entry, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)  # for the metadata
    history: tuple[str, ...] = ()
    refusal: str = ""
    sparse: bool = False
    pages_first: bool = False  # a stack of which the first axis is known to count the networks

    def __str__(self) -> str:
        kind = "text" if self.is_text else np.dtype(self.dtype).name
        role = f" ({self.role})" if self.role not in ("", "recurrent") else ""
        gates = f" (gates {' '.join(self.blocks)})" if self.blocks else ""
        return f"{self.name!r} {self.shape} {'sparse ' * self.sparse}{kind}{role}{gates}"

    @property
    def is_numeric(self) -> bool:
        """Whether it holds real numbers."""
        return np.dtype(self.dtype).kind in "biuf"

    @property
    def is_text(self) -> bool:
        """Whether it holds strings."""
        return np.dtype(self.dtype).kind in "US"

    def values(self) -> Any:
        """The array, once its size is known to be bearable."""
        if not self.sparse:
            check_size(self.shape, f"array {self.name!r}")
        return self.read()


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
    left_out: tuple[str, ...] = ()  # what the file holds about the nodes and is not taken
    first_missing: str = ""  # the first cell of a table without a value, and where it is
    lost: Any = None  # of edges, how many values are missing in each entry of the weights


_INSTEAD = "keep large networks sparse (scipy.sparse.save_npz), cut out the part you need where the file was made"


def check_size(shape: Sequence[int], what: str) -> None:
    """Refuse an array that takes more than half of the limit as float64: reading it takes up to twice that."""
    size = math.prod(int(s) for s in shape) * 8
    reading = f"reading {what} of shape {tuple(shape)}, twice its {size / 2**30:.3g} GiB as float64,"
    memory.require(2 * size, reading, instead=_INSTEAD)


def check_bytes(need: float, what: str) -> None:
    """Refuse to take more memory than the limit."""
    memory.require(need, what, instead=_INSTEAD)


def compressed(kind: str, data: Any, indices: Any, indptr: Any, shape: Sequence[int], name: str = "the array") -> Any:
    """A csr_array or csc_array of parts that have been checked: wrong ones would read outside memory."""
    shape = tuple(int(s) for s in shape)
    check_size((max(shape, default=0) + 1,), f"{name}: the index of a sparse matrix")
    try:
        sparse_parts.check_parts(kind, data, indices, indptr, shape, name)
    except ValueError as error:
        raise FileError(str(error)) from None
    make = {"csr": sparse.csr_array, "csc": sparse.csc_array}[kind]
    return make((data, indices, indptr), shape=shape)


def choose(entries: Sequence[Entry], key: str | None, where: Any) -> Entry:
    """The array that `key` names, or the only one that can be the network; refused if it is no square matrix.

    Names first, then shapes: arrays that are recurrent weights by their name, else those whose name says nothing.
    """
    entry = _by_key(entries, key, where) if key is not None else _only_candidate(entries, where)
    if entry.refusal:
        raise FileError(f"{where}: {entry.name!r} {entry.refusal}")
    if np.dtype(entry.dtype).kind == "c":
        raise FileError(f"{where}: {entry.name!r} is complex; weights are real numbers")
    if not entry.is_numeric:
        raise FileError(f"{where}: {entry} does not hold real numbers")
    if entry.blocks:
        raise FileError(
            f"{where}: {entry.name!r} stacks {len(entry.blocks)} gates; choose one: {_block_keys(entry)}, "
            f"or key='{entry.name}[:]' for all as a stack"
        )
    if stack_axis(entry, where) is None:
        count = _plain_blocks(entry.shape)
        hint = f"As a stack of {count} square blocks, choose one: {_block_keys(entry)}. " if count else ""
        raise FileError(f"{where}: {entry} is not square. {hint}The file holds {listing(entries)}")
    return entry


def stack_axis(entry: Entry, where: Any) -> int | None:
    """Which axis counts networks: 0 for a matrix and (..., n, n), 1 or 2 where n x n are others; None: not square."""
    shape = entry.shape
    if len(shape) < 2 or 0 in shape:
        return None
    if len(shape) != 3 or entry.pages_first:
        return 0 if shape[-1] == shape[-2] else None
    axes = [k for k in range(3) if len({n for axis, n in enumerate(shape) if axis != k}) == 1]
    if len(axes) == 3 and shape[0] > 1:
        raise FileError(
            f"{where}: {entry.name!r} of shape {shape} stacks networks along an axis that its shape does not settle. "
            "Read the array and say which: na.Connectome(numpy.moveaxis(array, axis, 0)), axis=0 if array[k] is a "
            "network, axis=2 if array[:, :, k] is"
        )
    return axes[0] if axes else None


def _only_candidate(entries: Sequence[Entry], where: Any) -> Entry:
    numeric = [e for e in entries if e.is_numeric]
    recurrent = [e for e in numeric if e.role == "recurrent"]
    # Recurrent weights that are no square matrix, or are computed by code, do not make another array the network.
    named = recurrent or [e for e in numeric if e.role == ""]
    square = [e for e in named if e.blocks or e.refusal or _may_be_square(e.shape)]
    # 1 x 1 is how MATLAB and others store scalars; it must be asked for, unless nothing else is there.
    found = [e for e in square if e.blocks or e.refusal or e.shape[-1] > 1 or e.shape[0] > 1] or square
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise FileError(f"{where} holds several arrays that could be the weights; choose with key=: {listing(found)}")
    other = [e for e in numeric if e.role != "" and _may_be_square(e.shape)]
    if other and not recurrent:
        raise FileError(
            f"{where} holds no square array that its name leaves free to be the network; if one is, say so with "
            f"key='{other[0].name}': {listing(entries)}{_factors(numeric)}"
        )
    raise FileError(
        f"{where} holds no square array of real numbers, shape (n, n) or (..., n, n): "
        f"{listing(entries)}{_factors(numeric)}"
    )


def _may_be_square(shape: tuple[int, ...]) -> bool:
    if len(shape) == 3 and 0 not in shape:
        return len(set(shape)) < 3
    return len(shape) >= 2 and shape[-1] == shape[-2] > 0


def _factors(entries: Iterable[Entry]) -> str:
    """How factors of a low-rank matrix become the network: no file says what the program multiplies them with."""
    by_name = {e.name: e for e in entries}
    for left, right in (("m", "n"), ("U", "V"), ("u", "v"), ("L", "R"), ("left", "right")):
        pair = by_name.get(left), by_name.get(right)
        if pair[0] and pair[1] and len(pair[0].shape) == 2 and pair[0].shape == pair[1].shape:
            return (
                f". {left!r} and {right!r} look like factors of a low-rank matrix, whose order and scale only the "
                f"program knows: na.Connectome({right} @ {left}.T / len({left})) if unit i receives "
                f"{left}[i] ({right}[j] x_j) / n from unit j"
            )
    return ""


def _by_key(entries: Sequence[Entry], key: str, where: Any) -> Entry:
    found = _named(entries, key)
    if found:
        return _single(found, key, where)
    indexed = re.fullmatch(r"(.+)\[(\w+|:)\]", key)
    found = _named(entries, indexed[1]) if indexed else []
    if not indexed or not found:
        raise FileError(f"{where} holds no array named {key!r}; it holds {listing(entries)}")
    entry, gate = _single(found, indexed[1], where), indexed[2]
    if entry.refusal:
        return entry
    count = len(entry.blocks) or _plain_blocks(entry.shape)
    if not count:
        raise FileError(f"{where}: {entry} does not stack square blocks, so [{gate}] has no meaning")
    if gate == ":":
        return stacked(entry, entry.blocks or {str(k): _plain_block(entry, k) for k in range(count)})
    if gate in entry.blocks:
        return entry.blocks[gate]
    if not gate.isdigit() or int(gate) >= count:
        raise FileError(f"{where}: {entry} has no gate {gate!r}; choose {_block_keys(entry)}")
    return list(entry.blocks.values())[int(gate)] if entry.blocks else _plain_block(entry, int(gate))


def stacked(entry: Entry, blocks: Mapping[str, Entry]) -> Entry:
    """All gates as one stack (gates, n, n); their input weights as one stack too."""
    parts = list(blocks.values())
    first = parts[0]

    def joined(of: Sequence[Entry]) -> Entry:
        shape = (len(of), *of[0].shape)
        name = f"{of[0].name.rpartition('[')[0] or of[0].name}[:]"
        return Entry(name, shape, of[0].dtype, lambda: np.stack([e.values() for e in of]))

    partners = dict(first.partners)
    if "inputs" in partners:
        partners["inputs"] = joined([e.partners["inputs"] for e in parts])
    whole = joined(parts)
    return Entry(
        f"{entry.name}[:]", whole.shape, whole.dtype, whole.read, role=entry.role, layout=first.layout,
        settled=first.settled, partners=partners, biases=tuple(b for e in parts for b in e.biases),
        notes={**first.notes, "gates": " ".join(blocks)}, history=first.history, pages_first=True,
    )  # fmt: skip


def cut(entry: Entry, index: Any, shape: tuple[int, ...], name: str, **known: Any) -> Entry:
    """A part of an array, as an array of its own."""
    return Entry(name, shape, entry.dtype, lambda: entry.values()[index], history=entry.history, **known)


def _plain_blocks(shape: tuple[int, ...]) -> int:
    """How many square blocks an array stacks, whatever they are."""
    small, large = sorted(shape) if len(shape) == 2 else (0, 0)
    return 0 if small < 2 or large % small or large == small else large // small


def _plain_block(entry: Entry, k: int) -> Entry:
    n, along = min(entry.shape), int(entry.shape[1] > entry.shape[0])
    at = slice(k * n, (k + 1) * n)
    return cut(entry, (slice(None), at) if along else (at,), (n, n), f"{entry.name}[{k}]")


def _block_keys(entry: Entry) -> str:
    if entry.blocks:
        return " or ".join(f"key='{block.name}'" for block in entry.blocks.values())
    return f"key='{entry.name}[0]' to '{entry.name}[{_plain_blocks(entry.shape) - 1}]'"


def _named(entries: Sequence[Entry], key: str) -> list[Entry]:
    """The entry of that name, else those whose path ends with it (weight_hh_l0 for rnn.weight_hh_l0)."""
    exact = [e for e in entries if e.name == key]
    key = key.replace("/", ".")
    exact = exact or [e for e in entries if e.name.replace("/", ".") == key]
    return exact or [e for e in entries if e.name.replace("/", ".").endswith("." + key) and e.role != "optimizer"]


def _single(found: Sequence[Entry], key: str, where: Any) -> Entry:
    if len(found) > 1:
        raise FileError(f"{where} holds several arrays named {key!r}; give the full name: {listing(found)}")
    return found[0]


def listing(entries: Sequence[Entry], limit: int = 40) -> str:
    """Names, shapes and roles, for messages."""
    if not entries:
        return "no arrays"
    shown = ", ".join(map(str, entries[:limit]))
    return shown + (f", and {len(entries) - limit} more" if len(entries) > limit else "")


def informative(labels: Sequence[str] | None) -> list[str] | None:
    """Labels, unless they only count 0, 1, 2, … as tables do that had none."""
    if labels is None or list(labels) == [str(i) for i in range(len(labels))]:
        return None
    return list(labels)
