"""What to analyse, and which null model suits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

import netanalysis as na
from netanalysis._collection import items
from netanalysis.connectome import Connectome
from netanalysis.trained import TrainedNetworks

DENSE = 0.5
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


def choose_null(net: Any) -> tuple[Callable[..., Any], str]:
    """The null model that fits a network, and the reason in words.

    - More than half of all pairs connected, so that rewiring has almost nowhere to put a connection: signed weights,
      as of trained recurrent networks and correlations, :func:`~netanalysis.nulls.weight_shuffle`; others
      :func:`~netanalysis.nulls.strength_preserving`.
    - Sparser: signed weights :func:`~netanalysis.nulls.sign_preserving`, others
      :func:`~netanalysis.nulls.degree_preserving`.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> null, reason = na.report.choose_null(np.random.default_rng(0).normal(size=(8, 8)))
    >>> null.__name__
    'weight_shuffle'
    """
    net = net if isinstance(net, Connectome) else Connectome(net)
    density = float(net.density)
    dense = f"with {100 * density:.3g} % of all pairs connected, rewiring would change little."
    if net.is_signed and density > DENSE:
        return na.nulls.weight_shuffle, f"the same weights and signs on the connections in random order: {dense}"
    if net.is_signed:
        return na.nulls.sign_preserving, (
            "connections switched so that every node keeps its numbers of positive and of negative connections, and "
            "the weights as a set."
        )
    if density > DENSE:
        # A third of the usual effort leaves strengths within half a per cent here, and a page is read the sooner.
        return partial(na.nulls.strength_preserving, sweeps=300), (
            "weights rearranged so that every node keeps its number of connections and nearly its strength, the sum of "
            f"its weights: {dense}"
        )
    kept = "numbers of incoming and outgoing connections" if net.is_directed else "number of connections"
    return na.nulls.degree_preserving, (
        f"connections rewired so that every node keeps its {kept}, and the weights as a set."
    )
