"""Rewiring that keeps how often every motif of three nodes occurs: what motifs of four are beyond."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, random, stacks, validate
from netanalysis._core.types import Network
from netanalysis.nulls import kernels
from netanalysis.nulls._replicate import Batch, batched, is_directed, replicate
from netanalysis.nulls.degree import require_switchable, rewire_kinds

_STARTS = 50


def triad_preserving(
    net: Network,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    tolerance: float = 0.001,
    swaps_per_edge: int = 20,
) -> Any:
    r"""Rewire one-way and mutual connections until every motif of three nodes is as frequent as it was.

    A motif of four nodes holds motifs of three, and is frequent where they are. Against this null model what stands out
    is of four (Milo et al. 2002). The network is rewired as by :func:`reciprocity_preserving`; then pairs of ties of
    one kind are switched by simulated annealing of

    .. math::

        E = \sum_k \frac{|N_k - N_k^{net}|}{N_k + N_k^{net}}

    over the 7 classes k of triads all three of whose pairs are tied (the triangle alone, if undirected). The numbers of
    the other 6 follow from these and the ties of every node. The temperature falls until E is at most `tolerance`,
    stays there for `swaps_per_edge` attempts per tie, and the first network after that with E at most `tolerance` is
    taken.

    **Keeps** exactly: of every node the numbers of one-way connections in and out and of mutual ones; the weights as a
    set, each with its source, so out-strengths; self-connections. **Keeps nearly**: the numbers of triads of all
    classes, as :func:`triad_error` says; with the default all classes of fewer than 500 are kept exactly, and larger
    ones mostly are. **Destroys**: larger motifs, modules, hubs connected to hubs, in-strengths, relations to space, as
    far as triads do not bring them about.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        Sparse networks are made dense on the way.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    tolerance : float
        The largest E.
    swaps_per_edge : int
        Attempted switches per connection, before and after the numbers have been reached.

    Returns
    -------
    ndarray (n, n) or csr_array; with `size`, (size, ..., n, n) or a list of csr_array

    Raises
    ------
    ValueError
        As for :func:`degree_preserving`.
    RuntimeError
        If the tolerance is not reached from any of 50 rewired networks.

    Notes
    -----
    At a fixed temperature networks of the same E are equally likely, if all can be reached by switches of two ties:
    so it was found of undirected networks of six nodes, not of all directed ones of four. An attempt takes time
    proportional to the number of nodes.

    References
    ----------
    Milo et al. 2002, doi:10.1126/science.298.5594.824.

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.datasets.load("celegans_chemical")
    >>> null = na.nulls.triad_preserving(worm, 0)
    >>> bool(na.nulls.triad_error(worm, null) <= 0.001)
    True
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")
    tolerance = options.number_in(tolerance, "tolerance", at_least=0)
    w = validate.as_weights(net)
    require_switchable(w)

    def dense(batch: Batch, out: Any) -> None:
        classes, code = kernels.triads.closed_classes(), np.empty((batch.n, batch.n), np.uint8)
        edges = batch.begins, batch.sources, batch.targets, batch.directed
        wanted, off = np.zeros((len(out), 8), np.int64), np.full(len(out), np.inf)
        kernels.triads.closed_triads(*edges, classes, code, wanted)
        for _ in range(_STARTS):
            rewire_kinds(batch, np.where(off > tolerance, swaps, 0))
            kernels.triads.anneal(*edges, batch.states, wanted, tolerance, swaps, classes, code, off)
            if (off <= tolerance).all():
                break
        else:
            raise RuntimeError(
                f"the numbers of triads of a null network are off by {off.max():.3g} at least, in {_STARTS} attempts: "
                f"raise tolerance={tolerance:g}, and say what it was"
            )
        batch.place(out)

    return replicate(w, rng, size, dense=batched(dense))


def triad_error(net: Network, null: Any) -> Any:
    """How far the numbers of closed triads of a null network are from those of the network: E of `triad_preserving`.

    Parameters
    ----------
    net, null : networks, or stacks that broadcast against each other

    Returns
    -------
    float or ndarray (...)

    Examples
    --------
    >>> import netanalysis as na
    >>> triangle, path = [[0, 1, 1], [1, 0, 1], [1, 1, 0]], [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> na.nulls.triad_error(triangle, path)
    1.0
    """
    before, after = _closed(net, "net"), _closed(null, "null")
    share = stacks.ratio(np.abs(after - before), after + before, otherwise=0.0).sum(axis=-1)
    return stacks.restore(share.ravel(), share.shape)


def _closed(net: Network, name: str) -> NDArray[np.int64]:
    """Closed triads by class, (..., 7)."""
    w = validate.dense(validate.as_weights(net, name=name), measure="triad_error", instead="motif_census")
    flat, lead = stacks.flatten(validate.for_kernels(w))
    out, scratch = np.zeros((len(flat), 8), np.int64), np.empty(flat.shape[1:], np.uint8)
    directed, classes = is_directed(flat), kernels.triads.closed_classes()
    for k, m in enumerate(flat):
        i, j = (x.astype(np.int32) for x in np.nonzero(m * (1 - np.eye(len(m)))))
        kernels.triads.closed_triads(np.array([0, len(i)]), i, j, directed[k : k + 1], classes, scratch, out[k : k + 1])
    return out[:, :7].reshape(*lead, 7)
