"""Every way to hand over many networks, as one stream of named Connectomes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from netanalysis._core import validate
from netanalysis.connectome import Connectome
from netanalysis.recording import Recording


class Item(NamedTuple):
    """One network of the table, with its place in it."""

    position: int
    name: str
    net: Connectome


def items(networks: Any) -> Iterator[Item]:
    """Every network in its order, one by one, under a name of its own."""
    seen: Counter[str] = Counter()
    position = 0
    for given, entry in _entries(networks):
        try:
            net = _as_connectome(entry)
        except Exception as error:
            error.add_note(f"network {given or position}")
            raise
        name = given or net.name or (Path(entry).stem if isinstance(entry, (str, os.PathLike)) else None)
        for member, index in _members(net):
            full = (name or "network") + index if index else name or f"network {position}"
            seen[full] += 1
            yield Item(position, full if seen[full] == 1 else f"{full} ({seen[full]})", member)
            position += 1


def _entries(networks: Any) -> Iterable[tuple[str | None, Any]]:
    if isinstance(networks, Mapping):
        return ((str(name), entry) for name, entry in networks.items())
    if is_one(networks):
        return [(None, networks)]
    if not isinstance(networks, Iterable):
        raise TypeError(f"networks must be networks or paths; got {type(networks).__name__}")
    return ((None, entry) for entry in networks)


def is_one(networks: Any) -> bool:
    """Whether the argument is itself a network, stack or path rather than a collection of them."""
    if isinstance(networks, (str, os.PathLike, Connectome, np.ndarray)) or sparse.issparse(networks):
        return True
    if isinstance(networks, (list, tuple)) and len(networks) and isinstance(networks[0], (list, tuple)):
        return True  # a nested list of numbers
    foreign = (("pandas", "DataFrame"), ("networkx", "Graph"), ("torch", "Tensor"))
    return any(validate._isinstance_of(networks, module, kind) for module, kind in foreign)


def count(networks: Any) -> int | None:
    """Number of networks as far as it shows without reading files."""
    if not is_one(networks) and not isinstance(networks, Sized):
        return None
    return sum(int(np.prod(getattr(entry, "shape", ())[:-2])) for _, entry in _entries(networks))


def _as_connectome(entry: Any) -> Connectome:
    if isinstance(entry, Connectome):
        return entry
    if isinstance(entry, (str, os.PathLike)):
        from netanalysis.io import load

        entry = load(entry)
    if isinstance(entry, Recording):
        raise TypeError(f"{entry!r} is a recording, not a network")
    return entry if isinstance(entry, Connectome) else Connectome(entry)


def _members(net: Connectome) -> Iterator[tuple[Connectome, str]]:
    """The networks of a stack, each with its index as text."""
    if not net.is_stack:
        yield net, ""
        return
    for index in np.ndindex(net.shape[:-2]):
        yield net[index], f" [{', '.join(map(str, index))}]"
