"""Rewiring that keeps every node's degree, and how many of its connections are mutual."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import options, random, stacks, validate
from netanalysis._core.types import Network
from netanalysis.nulls import kernels
from netanalysis.nulls._replicate import Batch, batched, n_edges, replicate


def degree_preserving(
    net: Network, rng: random.RNG = None, *, size: int | None = None, swaps_per_edge: int = 10, connected: bool = False
) -> Any:
    """Rewire the connections while every node keeps its degree (Maslov & Sneppen).

    Two connections a->b and c->d, drawn at random, become a->d and c->b unless one of these exists or would be a
    self-connection. Directed networks also have 3-cycles turned round, without which some networks with the same
    degrees could never be reached. In the limit all networks with these degrees are equally likely: a refused
    switch counts as an attempt.

    **Keeps** exactly: number of nodes, degrees (in- and out-degrees if directed), the weights as a set (each goes with
    its connection, so its sign too), self-connections; in directed networks each weight stays with its source, so
    out-strengths are kept as well. **Destroys**: everything beyond, such as clusters, modules, reciprocity, hubs
    connected to hubs, strengths (in-strengths if directed), relations to space.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        Sparse networks of any size stay sparse.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    swaps_per_edge : int
        Attempted switches per connection.
    connected : bool
        Keep the network connected (ignoring direction). It must be connected to begin with; switches are then
        made in blocks that are taken back where they disconnect it.

    Returns
    -------
    ndarray (n, n) or csr_array; with `size`, (size, ..., n, n) or a list of csr_array

    Raises
    ------
    ValueError
        If a network is complete or has fewer than 2 connections, so that nothing can be switched, or if `connected`
        is asked of one that is not. A network that is alone with its degrees, such as a star, comes back unchanged.

    References
    ----------
    Maslov & Sneppen 2002, doi:10.1126/science.1065103; uniformity and triangle reversals: Roberts & Coolen 2012,
    doi:10.1103/PhysRevE.85.046103; connectivity: Viger & Latapy 2016, doi:10.1093/comnet/cnv013.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> ring = np.roll(np.eye(8), 1, axis=1) + np.roll(np.eye(8), -1, axis=1)
    >>> null = na.nulls.degree_preserving(ring, 0)
    >>> null.sum(axis=0)
    array([2., 2., 2., 2., 2., 2., 2., 2.])
    >>> na.nulls.degree_preserving(ring, 0, size=3).shape
    (3, 8, 8)
    """
    options.flags(connected=connected)
    options.positive_int(swaps_per_edge, "swaps_per_edge")
    w = validate.as_weights(net)
    require_switchable(w)
    if connected:
        _require_connected(w)

    def edges(batch: Batch) -> None:
        rewire_lists(batch, swaps_per_edge, connected)

    def dense(batch: Batch, out: Any) -> None:
        rewire(batch, swaps_per_edge * batch.counts)
        batch.place(out)

    return replicate(w, rng, size, dense=batched(dense), edges=edges, prefer_edges=connected)


def reciprocity_preserving(
    net: Network, rng: random.RNG = None, *, size: int | None = None, swaps_per_edge: int = 20
) -> Any:
    """Rewire one-way and mutual connections apart, so that every node keeps how many it has of each.

    As :func:`degree_preserving`, but connections of one way change places among themselves, and mutual pairs among
    themselves, two at a time, where the new pairs of nodes are not tied (or both tied alike, and take the places that
    are left). Cycles of three one-way connections are turned round as well, and ties among four nodes dealt anew.

    What degrees alone leave of reciprocity, connectomes exceed by far, and with it every motif that holds a mutual
    pair: against :func:`degree_preserving` those stand out whatever else is true. This is the null model for what lies
    beyond (Milo et al. 2002).

    **Keeps** exactly: of every node the numbers of one-way connections in and out and of mutual ones, so reciprocity;
    the weights as a set, each with its source, so out-strengths; self-connections. Of an undirected network, degrees
    and weights. **Destroys**: clusters, modules, larger motifs, in-strengths, which weight answers which, relations to
    space.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        Sparse networks are made dense on the way.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    swaps_per_edge : int
        Attempted switches per connection.

    Returns
    -------
    ndarray (n, n) or csr_array; with `size`, (size, ..., n, n) or a list of csr_array

    Raises
    ------
    ValueError
        As for :func:`degree_preserving`.

    Notes
    -----
    Networks within reach of such switches are equally likely. Of four nodes, all networks with these numbers are; of
    five, in 93 % of all cases: where ties are so many that hardly any other network has the same numbers, some
    may be out of reach.

    References
    ----------
    Milo et al. 2002, doi:10.1126/science.298.5594.824; Maslov & Sneppen 2002, doi:10.1126/science.1065103; Sporns &
    Kötter 2004, doi:10.1371/journal.pbio.0020369.

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.datasets.load("celegans_chemical")
    >>> null = na.nulls.reciprocity_preserving(worm, 0)
    >>> bool(na.reciprocity(null) == na.reciprocity(worm))
    True
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")
    w = validate.as_weights(net)
    require_switchable(w)

    def dense(batch: Batch, out: Any) -> None:
        rewire_kinds(batch, np.full(len(out), swaps))
        batch.place(out)

    return replicate(w, rng, size, dense=batched(dense))


def rewire(batch: Batch, attempts: NDArray[np.int64]) -> None:
    """Degree-preserving rewiring of a batch, with as many attempted switches as given for each of its networks."""
    edges = batch.begins, batch.directed, batch.sources, batch.targets
    kernels.rewire.rewire_edges(*edges, attempts, batch.states, batch.n)


def rewire_kinds(batch: Batch, swaps_per_edge: NDArray[np.int64]) -> None:
    """Rewiring that keeps how many one-way and mutual connections every node has; of each network so many attempts."""
    if not batch.directed.all():  # all ties are mutual
        rewire(batch, np.where(batch.directed, 0, swaps_per_edge * batch.counts))
    place, slots = np.empty((batch.n, batch.n), np.int32), np.empty(int(batch.counts.max()), np.int64)
    one = np.where(batch.directed, swaps_per_edge, 0)
    edges, deals = (batch.begins, batch.sources, batch.targets), kernels.dyads.deals_of_four()
    kernels.dyads.rewire_dyads(*edges, batch.states, one, deals, place, slots)


def rewire_lists(batch: Batch, swaps_per_edge: int, connected: bool = False, by_sign: bool = False) -> None:
    """Degree-preserving rewiring of a single network that may be large, or must stay connected."""
    ends = np.column_stack([batch.sources, batch.targets]).astype(np.uint32)
    colour = (batch.values > 0).astype(np.uint8) if by_sign else np.empty(0, np.uint8)
    directed = bool(batch.directed[0])
    if len(ends) > 1:
        table, shift = kernels.pair_set.new(batch.n, len(ends) + batch.n)
        first = kernels.rewire_large.prepare(ends, batch.n, directed, table, shift)
        kernel = kernels.rewire_large.rewire_connected if connected else kernels.rewire_large.rewire
        attempts = swaps_per_edge * len(ends)
        kernel(ends, colour, first, table, shift, batch.n, directed, attempts, batch.states[0])
    batch.sources, batch.targets = ends[:, 0].astype(np.int32), ends[:, 1].astype(np.int32)


def require_switchable(w: Any) -> None:
    """Refuse networks in which no connection can be switched with another."""
    if not sparse.issparse(w) and w.ndim == 2 and 4 + len(w) <= np.count_nonzero(w) < len(w) * (len(w) - 1):
        return  # whatever lies on the diagonal
    edges, possible, n = n_edges(w)
    if (edges < 2).any():
        raise ValueError(
            f"net must have at least 2 connections between different nodes to be rewired; got {int(edges.min())}"
        )
    if (edges == possible).any():
        raise ValueError(
            f"net is complete: all {n} x {n - 1} connections exist, so none can be rewired. Use nulls.weight_shuffle, "
            "nulls.strength_preserving or (signed weights) nulls.sign_preserving, or threshold it first"
        )


def _require_connected(w: Any) -> None:
    flat = [w] if sparse.issparse(w) else stacks.flatten(w)[0]
    for m in flat:
        parts = csgraph.connected_components(sparse.csr_array(m), directed=True, connection="weak", return_labels=False)
        if parts > 1:
            raise ValueError(
                f"net must be connected for connected=True; it has {parts} components. "
                "Use transform.largest_component, or connected=False"
            )
