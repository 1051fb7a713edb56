"""What to analyse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis import datasets
from netanalysis._core.text import cut
from netanalysis.connectome import Connectome
from netanalysis.datasets.trained import TrainedNetworks
from netanalysis.table._collection import Item, Reading, is_one, items, listed

# Of trained networks: held-out accuracy of those that count as solving their task, and how many a group shows.
ACCURATE, MOST = 0.9, 16
LONGEST = 120  # letters of a name
_TABLES = ("alignment", "comparison", "coupling", "coupling_map", "groups", "measures", "selectivity")
_OF_PEOPLE = ("measures", "nodes", "edges", "components", "threshold_free")
WRITTEN = ("index.html", *(f"{name}.csv" for name in (*_TABLES, *(f"people_{name}" for name in _OF_PEOPLE))))


def keep_inputs(output: Path, *given: Any) -> None:
    """Refuse an output folder in which a file that is read has the name of one that is written."""
    named = [entry for each in given for entry in (each if isinstance(each, (list, tuple)) else [each])]
    read = [Path(file) for entry in named if isinstance(entry, (str, PathLike)) for file in _files(entry)]
    for name in WRITTEN:
        path = output / name
        if path.is_file() and any(file.is_file() and file.samefile(path) for file in read):
            raise ValueError(f"output: {path} is among the files that are read, and would be lost; name another folder")


def _files(entry: Any) -> list[Any]:
    """A file, or those of a folder, which may hold none that is a network."""
    return list(Path(entry).iterdir()) if Path(entry).is_dir() else [entry]


def as_connectomes(
    networks: Any, *, reading: Reading | None = None, lost: list[Item] | None = None
) -> list[Connectome]:
    """Connectomes named as :func:`netanalysis.summarize` names them; the members of a stack one by one.

    What cannot be loaded is an error, or goes to `lost` if that is given.
    """
    found: list[Connectome] = []
    for item in items(_opened(networks), reading=reading, strict=lost is None):
        if item.net is not None:
            name = cut(item.name, LONGEST)  # it stands on the page hundreds of times
            if name != item.name and name in (net.name for net in found):
                name = f"{name} [{len(found)}]"
            found.append(item.net.replace(name=name))
        elif lost is not None:
            lost.append(item)
    return found


def is_bundled(name: str | PathLike[str]) -> bool:
    """Whether this is the name of a bundled data set, and of no file."""
    return not Path(name).exists() and str(name) in set(datasets.available()["name"])


def entries(networks: Any) -> list[Any]:
    """What was given, with bundled data sets in place of their names."""
    return [_opened(entry) if isinstance(entry, str) else entry for entry in listed(networks)]


def _opened(networks: Any) -> Any:
    """Networks with bundled data sets in place of their names."""
    if isinstance(networks, str):
        return datasets.load(networks) if is_bundled(networks) else networks
    if isinstance(networks, (Mapping, TrainedNetworks)) or is_one(networks) or not isinstance(networks, Iterable):
        return networks
    opened = [_opened(entry) if isinstance(entry, str) else entry for entry in networks]
    return [net for entry in opened for net in (entry if isinstance(entry, TrainedNetworks) else [entry])]


def as_groups(
    groups: Mapping[str, Any], *, reading: Reading | None = None, lost: list[Item] | None = None
) -> dict[str, list[Connectome]]:
    """Groups of named Connectomes; of trained networks those that solve their task.

    Examples
    --------
    >>> group = as_groups({"spatial": "sernn"})["spatial"]
    >>> min(net.metadata["accuracy"] for net in group) >= ACCURATE
    True
    """
    out = {}
    for name, given in groups.items():
        networks = _opened(given)
        out[str(name)] = as_connectomes(
            _solved(networks) if isinstance(networks, TrainedNetworks) else networks, reading=reading, lost=lost
        )
        if not out[str(name)]:
            raise ValueError(f"groups[{name!r}] must hold at least one network; got none")
    return out


def over_epochs(networks: Iterable[Connectome]) -> bool:
    """Whether these are networks at several epochs of their training, each of them known."""
    epochs = [net.metadata.get("epoch") for net in networks]
    known = [epoch for epoch in epochs if isinstance(epoch, (int, float, np.number)) and np.isfinite(epoch)]
    return len(known) == len(epochs) and len(set(known)) > 1


def _solved(trained: TrainedNetworks) -> TrainedNetworks:
    """Networks that solve their task at the last epoch the file holds of all; of many, some at even steps."""
    table = trained.table
    networks = table.groupby("epoch")["network"].nunique()
    last = table["epoch"] == max(networks.index[networks == table["network"].nunique()])
    rows = np.flatnonzero(last & (table["accuracy"] >= ACCURATE))
    return trained.select(
        rows[np.unique(np.linspace(0, len(rows) - 1, MOST).astype(int))] if len(rows) > MOST else rows
    )
