"""Which null model suits a network."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy import sparse

from netanalysis._core import options, validate
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.nulls._correlation_kind import ALTERED, LARGEST_Z, correlation_kind
from netanalysis.nulls._null_test import callable_name
from netanalysis.nulls.correlation import correlation_drift, hirschberger_qi_steuer, require_correlations
from netanalysis.nulls.degree import degree_preserving
from netanalysis.nulls.shuffle import weight_shuffle
from netanalysis.nulls.strength import sign_preserving, strength_preserving

__all__ = ["choose_null"]

_DENSE = 0.5


class Choice(NamedTuple):
    """A null model, and why."""

    null: Callable[..., Any]
    reason: str

    def __str__(self) -> str:
        return f"nulls.{callable_name(self.null)}: {self.reason}"


def choose_null(net: Network, *, kind: Literal["correlation", "network"] | None = None) -> Choice:
    """The null model that fits a network, and the reason in words.

    - Correlations, recognised by symmetry, magnitudes up to 1, a diagonal of 1 (or left out, 0, where all pairs are
      there) and no negative eigenvalue beyond rounding: :func:`~netanalysis.nulls.hirschberger_qi_steuer`. With the
      recording at hand, :func:`~netanalysis.nulls.phase_randomized` keeps more.
    - More than half of all pairs connected, so that rewiring has almost nowhere to put a connection: signed weights,
      as of trained recurrent networks, :func:`~netanalysis.nulls.weight_shuffle`; others
      :func:`~netanalysis.nulls.strength_preserving`.
    - Sparser: signed weights :func:`~netanalysis.nulls.sign_preserving`, others
      :func:`~netanalysis.nulls.degree_preserving`.

    Whether more is there than known groups explain, cell types or the blocks of :func:`netanalysis.block_model`, asks
    for :func:`~netanalysis.nulls.block_degree_preserving`, which a network does not call for by itself.

    Parameters
    ----------
    net : network
        Not a stack: its members may differ in density and signs.
    kind : {"correlation", "network"}, optional
        What the weights are, where the rule above could be mistaken.

    Returns
    -------
    null : callable
    reason : str
        A named tuple of both, which prints as a sentence.

    Raises
    ------
    ValueError
        If the weights look like correlations to which something was done (Fisher's z, a threshold, negative ones set
        to 0, or a matrix with negative eigenvalues that has 1 on its diagonal): against shuffled or rewired weights
        every measure of them would differ, because correlations are transitive, and matrices of the null models of
        correlations look different. Test the correlations themselves, with what was done to them as part of the
        statistic; or say ``kind="network"``.

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
    if kind is not None:
        options.choice(kind, ["correlation", "network"], "kind")
    if kind != "network":
        found = correlation_kind(net, stated=kind == "correlation")
        if found in ALTERED and kind is None:
            raise ValueError(
                f"net looks like {ALTERED[found]}, for which no null model means anything: its entries depend on each "
                "other. Give the correlations themselves, and let the statistic do to them and to the nulls what was "
                "done: null_test(r, lambda r: measure(transform.threshold(r, density=0.1)), "
                'nulls.hirschberger_qi_steuer); or kind="network" if they are none'
            )
        if kind == "correlation" or found == "correlation":
            return Choice(hirschberger_qi_steuer, _of_correlations(net))
    null, reason = _of_connections(net)
    return Choice(null, reason + ("" if kind == "network" else _assumed(net)))


def _of_connections(net: Connectome) -> tuple[Callable[..., Any], str]:
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


def _assumed(net: Connectome) -> str:
    """What was taken for granted of weights that might be correlations without their diagonal."""
    w = net.weights
    magnitudes = np.abs(w.data if sparse.issparse(w) else w[w != 0])
    weighted = magnitudes.size and magnitudes.min() < magnitudes.max() <= LARGEST_Z
    if net.is_directed or not weighted or w.diagonal().any():
        return ""
    if magnitudes.max() > 1:
        dense = net.density > 0.5
        return " Taken for connections; if they are Fisher's z of correlations, give np.tanh of them." if dense else ""
    return ' Taken for connections; if they are correlations, say kind="correlation".'


def _of_correlations(net: Connectome) -> str:
    w = validate.dense(net.weights, measure="this null model", instead="the correlations of fewer units")
    require_correlations(w)
    drift = correlation_drift(w, hirschberger_qi_steuer(w, 0, size=10))
    return (
        "random correlation matrices with the mean and the variance of these correlations (Hirschberger, Qi & Steuer), "
        f"but for {drift.mean:+.2g} in the mean and {drift.std:+.2g} in the standard deviation: shuffled ones would "
        "not be correlations, which are transitive. From the recording, nulls.phase_randomized would keep more."
    )
