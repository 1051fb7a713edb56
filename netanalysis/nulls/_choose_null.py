"""Which null model suits a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.nulls.degree import degree_preserving
from netanalysis.nulls.shuffle import weight_shuffle
from netanalysis.nulls.strength import sign_preserving, strength_preserving

__all__ = ["choose_null"]

_DENSE = 0.5


def choose_null(net: Network) -> tuple[Callable[..., Any], str]:
    """The null model that fits a network, and the reason in words.

    - More than half of all pairs connected, so that rewiring has almost nowhere to put a connection: signed weights,
      as of trained recurrent networks and correlations, :func:`~netanalysis.nulls.weight_shuffle`; others
      :func:`~netanalysis.nulls.strength_preserving`.
    - Sparser: signed weights :func:`~netanalysis.nulls.sign_preserving`, others
      :func:`~netanalysis.nulls.degree_preserving`.

    Parameters
    ----------
    net : network
        Not a stack: its members may differ in density and signs.

    Returns
    -------
    null : callable
    reason : str

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> null, reason = na.choose_null(np.random.default_rng(0).normal(size=(8, 8)))
    >>> null.__name__
    'weight_shuffle'
    """
    net = net if isinstance(net, Connectome) else Connectome(net)
    if net.is_stack:
        raise ValueError(
            f"net must be one network; got a stack of shape {net.weights.shape}: choose for one of its members, which "
            "may differ in density and signs"
        )
    density = float(net.density)
    dense = f"with {100 * density:.3g} % of all pairs connected, rewiring would change little."
    if net.is_signed and density > _DENSE:
        return weight_shuffle, f"the same weights and signs on the connections in random order: {dense}"
    if net.is_signed:
        return sign_preserving, (
            "connections switched so that every node keeps its numbers of positive and of negative connections, and "
            "the weights as a set."
        )
    if density > _DENSE:
        # A third of the usual effort leaves strengths within half a per cent here, and a page is read the sooner.
        return partial(strength_preserving, sweeps=300), (
            "weights rearranged so that every node keeps its number of connections and nearly its strength, the sum of "
            f"its weights: {dense}"
        )
    kept = "numbers of incoming and outgoing connections" if net.is_directed else "number of connections"
    return degree_preserving, (f"connections rewired so that every node keeps its {kept}, and the weights as a set.")
