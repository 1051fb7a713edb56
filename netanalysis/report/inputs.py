"""What to analyse, and which null model suits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import netanalysis as na
from netanalysis._collection import items
from netanalysis.connectome import Connectome

DENSE = 0.5


def as_connectomes(networks: Any) -> list[Connectome]:
    """Connectomes named as :func:`netanalysis.summarize` names them; the members of a stack one by one."""
    return [item.net.replace(name=item.name) for item in items(networks)]


def choose_null(net: Any) -> tuple[Callable[..., Any], str]:
    """The null model that fits a network, and the reason in words.

    Signed weights, dense or sparse: :func:`~netanalysis.nulls.sign_preserving`. Others, where more than half of all
    pairs are connected and rewiring has almost nowhere to put a connection:
    :func:`~netanalysis.nulls.strength_preserving`. The rest: :func:`~netanalysis.nulls.degree_preserving`.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> null, reason = na.report.choose_null(np.random.default_rng(0).normal(size=(8, 8)))
    >>> null.__name__
    'sign_preserving'
    """
    net = net if isinstance(net, Connectome) else Connectome(net)
    density = float(net.density)
    if net.is_signed:
        return na.nulls.sign_preserving, (
            "connections switched so that every node keeps its numbers of positive and of negative connections, and "
            "the weights as a set."
        )
    if density > DENSE:
        return na.nulls.strength_preserving, (
            "connections and weights rearranged so that every node keeps its number of connections and nearly its "
            f"strength: with {100 * density:.3g} % of all pairs connected, rewiring alone would change little."
        )
    kept = "numbers of incoming and outgoing connections" if net.is_directed else "number of connections"
    return (
        na.nulls.degree_preserving,
        f"connections rewired so that every node keeps its {kept}, and the weights as a set.",
    )
