"""Every way to hand over many networks, as one stream of named Connectomes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import sparse

from netanalysis._core import direction, kinds, options
from netanalysis.connectome import Connectome
from netanalysis.datasets.trained import TrainedNetworks
from netanalysis.recording import Recording


class Item(NamedTuple):
    """One network of the table, with its place in it."""

    position: int
    name: str
    net: Connectome | None  # None: not loaded
    fault: str = ""
    file: str | None = None


class Reading(NamedTuple):
    """How files and arrays are to be read, where they do not say."""

    orientation: Literal["source_target", "target_source"] | None = None
    key: str | None = None
    undirected: bool | None = None
    nodes: Any = None
    missing: float | None = None

    def checked(self) -> Reading:
        """Itself, if the options are such."""
        if self.orientation is not None:
            options.choice(self.orientation, ["source_target", "target_source"], "orientation")
        if self.key is not None and not isinstance(self.key, str):
            raise TypeError(f"key must be the name of an array; got {self.key!r}")
        options.optional_flags(undirected=self.undirected)
        if self.undirected and self.orientation is not None:
            raise ValueError(
                f"an undirected network has no orientation; got undirected=True and orientation={self.orientation!r}"
            )
        return self

    def unheeded(self, entries: Iterable[Any], name: str) -> None:
        """Refuse an option that says nothing of any of the entries: it would be ignored."""
        kinds = {_kind(entry) for entry in entries}
        for option in _INSTEAD if kinds else ():
            if getattr(self, option) and not any(option in _HEEDS[kind] for kind in kinds):
                read = "files" if option == "key" else "files and arrays"
                raise ValueError(
                    f"{option}= says how to read {read}, and {name} holds none: it would be ignored. Leave it out"
                    f"{_INSTEAD[option]}"
                )

    def connectome(self, weights: Any) -> Connectome:
        """A network that is no file: an array, frame or graph."""
        net = Connectome(weights, orientation=self.orientation or "source_target")
        if not self.undirected:
            return net
        mirrored = direction.mirrored(net.weights, ends_meet=False)
        return net if mirrored is net.weights else net.replace(weights=mirrored)

    def load(self, path: Any) -> Any:
        """:func:`netanalysis.load` with the options that were given."""
        from netanalysis.io import load

        return load(path, **{option: value for option, value in self._asdict().items() if value is not None})


# What each kind of entry lets be said of it.
_HEEDS = {"file": ("key", "orientation", "undirected"), "array": ("orientation", "undirected"), "network": ()}
_INSTEAD = {
    "key": ", or give na.load(table, key=...) of a table in memory",
    "orientation": ": a Connectome was told when it was made",
    "undirected": ", or give transform.symmetrize(net, how='sum')",
}


def _kind(entry: Any) -> str:
    if isinstance(entry, (str, os.PathLike)):
        return "file"
    known = isinstance(entry, (Connectome, Recording, TrainedNetworks)) or is_table(entry)
    return "network" if known else "array"


def is_table(entry: Any) -> bool:
    """Whether it is a table of measures, as :func:`netanalysis.summarize` makes."""
    return {"network", "measure", "value"} <= set(getattr(entry, "columns", ()))


def listed(networks: Any) -> list[Any]:
    """The entries, where they can be looked at without consuming them."""
    if isinstance(networks, TrainedNetworks):
        return [networks]
    if is_one(networks) or isinstance(networks, (list, tuple, Mapping)):
        return [entry for _, entry in _entries(networks)]
    return []


def items(networks: Any, *, reading: Reading | None = None, strict: bool = True) -> Iterator[Item]:
    """Every network in its order, one by one, under a name of its own; without `strict` also what cannot be loaded."""
    reading = reading or Reading()
    known = listed(networks)
    whole = bool(known)  # else what comes is not known beforehand
    apart = names_of_files(known)
    seen: Counter[str] = Counter()
    position = 0
    for given, entry in _entries(networks):
        path = Path(entry) if isinstance(entry, (str, os.PathLike)) else None
        try:
            if not whole:
                reading.unheeded([entry], "networks")
            net = _as_connectome(entry, reading)
        except Exception as error:
            faults = (ValueError, OSError, ImportError, TypeError, MemoryError) if path else (ValueError, MemoryError)
            if strict or not isinstance(error, faults):
                error.add_note(f"network {given or position}")
                raise
            lost = _numbered(given or apart.get(str(entry)) or (path.stem if path else f"network {position}"), seen)
            yield Item(position, lost, None, " ".join(str(error).split()), None if path is None else str(path))
            position += 1
            continue
        name = given or net.name or (path.stem if path else None)
        if path is not None and name == path.stem:
            name = apart.get(str(entry), name)
        for member, index in _members(net):
            full = (name or "network") + index if index else name or f"network {position}"
            yield Item(position, _numbered(full, seen), member)
            position += 1


def names_of_files(entries: Iterable[Any]) -> dict[str, str]:
    """Names of those files that another one in another folder shares its name with: folder and name, by path."""
    paths = [Path(entry) for entry in entries if isinstance(entry, (str, os.PathLike))]
    shared = Counter(stem for _, stem in {(path.parent, path.stem) for path in paths})
    return {str(path): f"{path.absolute().parent.name}/{path.stem}" for path in paths if shared[path.stem] > 1}


def _numbered(name: str, seen: Counter[str]) -> str:
    """The name, with a number where it comes again."""
    numbered = name
    while seen[numbered]:
        seen[name] += 1
        numbered = f"{name} ({seen[name]})"
    seen[numbered] += 1
    return numbered


def _entries(networks: Any) -> Iterable[tuple[str | None, Any]]:
    if isinstance(networks, Mapping):
        return ((str(name), entry) for name, entry in networks.items())
    if is_one(networks):
        return [(None, entry) for entry in in_folder(networks)]
    if not isinstance(networks, Iterable):
        raise TypeError(f"networks must be networks or paths; got {type(networks).__name__}")
    return ((None, member) for entry in networks for member in in_folder(entry))


def in_folder(entry: Any) -> list[Any]:
    """The files of a folder that can be read, in the order of their names; anything else as it is."""
    if not isinstance(entry, (str, os.PathLike)) or not Path(entry).is_dir():
        return [entry]
    from netanalysis.io import is_read

    files = [path for path in sorted(Path(entry).iterdir()) if is_read(path)]
    if not files:
        raise ValueError(f"the folder {entry} holds no file of a format that netanalysis.load reads")
    return files


def is_one(networks: Any) -> bool:
    """Whether the argument is itself a network, stack or path rather than a collection of them."""
    if isinstance(networks, (str, os.PathLike, Connectome, np.ndarray)) or sparse.issparse(networks):
        return True
    if isinstance(networks, (list, tuple)) and len(networks) and isinstance(networks[0], (list, tuple)):
        return True  # a nested list of numbers
    foreign = (("pandas", "DataFrame"), ("networkx", "Graph"), ("torch", "Tensor"))
    return any(kinds.is_instance(networks, module, kind) for module, kind in foreign)


def count(networks: Any) -> int | None:
    """Number of networks as far as it shows without reading files."""
    if not is_one(networks) and not isinstance(networks, Sized):
        return None
    return sum(int(np.prod(getattr(entry, "shape", ())[:-2])) for _, entry in _entries(networks))


def _as_connectome(entry: Any, reading: Reading) -> Connectome:
    if isinstance(entry, (str, os.PathLike)):
        entry = reading.load(entry)
    if isinstance(entry, Recording):
        raise TypeError(f"{entry!r} is a recording, not a network")
    if isinstance(entry, Connectome):
        return entry
    return reading.connectome(entry)


def _members(net: Connectome) -> Iterator[tuple[Connectome, str]]:
    """The networks of a stack, each with its index as text."""
    if not net.is_stack:
        yield net, ""
        return
    for index in np.ndindex(net.shape[:-2]):
        yield net[index], f" [{', '.join(map(str, index))}]"
