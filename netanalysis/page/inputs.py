"""What to analyse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netanalysis.connectome import Connectome
from netanalysis.datasets.trained import TrainedNetworks
from netanalysis.table._collection import items

# Of trained networks: held-out accuracy of those that count as solving their task, and how many a group shows.
ACCURATE, MOST = 0.9, 16


def as_connectomes(networks: Any) -> list[Connectome]:
    """Connectomes named as :func:`netanalysis.summarize` names them; the members of a stack one by one."""
    return [item.net.replace(name=item.name) for item in items(networks)]


def as_groups(groups: Mapping[str, Any]) -> dict[str, list[Connectome]]:
    """Groups of named Connectomes; of trained networks those that solve their task.

    Examples
    --------
    >>> import netanalysis as na
    >>> group = as_groups({"spatial": na.datasets.load("sernn")})["spatial"]
    >>> min(net.metadata["accuracy"] for net in group) >= ACCURATE
    True
    """
    out = {}
    for name, networks in groups.items():
        out[str(name)] = as_connectomes(_solved(networks) if isinstance(networks, TrainedNetworks) else networks)
        if not out[str(name)]:
            raise ValueError(f"groups[{name!r}] must hold at least one network; got none")
    return out


def _solved(trained: TrainedNetworks) -> TrainedNetworks:
    """Networks that solve their task at the last epoch the file holds of all; of many, some at even steps."""
    table = trained.table
    networks = table.groupby("epoch")["network"].nunique()
    last = table["epoch"] == max(networks.index[networks == table["network"].nunique()])
    rows = np.flatnonzero(last & (table["accuracy"] >= ACCURATE))
    return trained.select(
        rows[np.unique(np.linspace(0, len(rows) - 1, MOST).astype(int))] if len(rows) > MOST else rows
    )
