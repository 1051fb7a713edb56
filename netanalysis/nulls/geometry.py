"""Null models in space: lattices, preserved wiring, and nodes in other places."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import options, parallel, random, validate
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.nulls import kernels
from netanalysis.nulls._pairs_by_distance import deal_within_bins, equal_limits
from netanalysis.nulls._replicate import LARGE, Batch, batched, directedness, distances_of, replicate
from netanalysis.nulls.degree import require_switchable
from netanalysis.nulls.shuffle import deal_weights

_AT_LEAST, _GAIN = 1000, 3e-3  # a lattice is done when so many attempts, one a connection, shorten it by no more


def lattice(
    net: Network,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    swaps_per_edge: int = 1000,
    distances: ArrayLike | None = None,
) -> Any:
    """Degree-preserving rewiring towards a lattice, until connections hardly become shorter (latticisation).

    Switches as in :func:`degree_preserving`, but only those that do not raise the sum over connections of weight times
    length. Without `distances` the nodes stand on a ring in random order. Switches are proposed where they can succeed:
    from each connection in turn to a target no farther than its own, drawn at random, with that connection of the
    target's that gains most. They end when a round, an attempt per connection and 1,000 at least, lowers the sum by no
    more than 0.3 %. The result is then within a few per cent of what any number of switches reaches: C of a ring of
    200 nodes of degree 8, latticised, is 0.62 to 0.64, of the ring itself 0.643.

    It is a lattice *with these degrees as far as such switches lead*, not the network's most clustered arrangement:
    cliques and other networks more clustered than a ring lattice come out less clustered than they went in.

    **Keeps** exactly: degrees (in and out if directed), the weights as a set, self-connections. **Destroys**: long
    connections. **Imposes**: clustering and long paths, what small-worldness omega compares with.

    Parameters
    ----------
    net : network, or stack (..., n, n); weights must not be negative
        Sparse networks are made dense on the way.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    swaps_per_edge : int
        Attempted switches per connection at most, should the sum fall on.
    distances : array_like, shape (n, n), optional
        Lengths to shorten in place of those on the ring. A Connectome's own are not taken unless given here.

    References
    ----------
    Sporns & Zwi 2004, doi:10.1385/NI:2:2:145; Rubinov & Sporns 2010, doi:10.1016/j.neuroimage.2009.10.003 (latmio,
    which draws both connections at random and needs thousands of attempts for each to come as far).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = np.random.default_rng(0).random((30, 30)) < 0.1
    >>> w = np.triu(w, 1) | np.triu(w, 1).T
    >>> triangles = lambda a: np.trace(np.linalg.matrix_power(a.astype(int), 3)) // 6
    >>> bool(triangles(na.nulls.lattice(w, 0)) > triangles(w))
    True
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")
    w = validate.as_weights(net)
    validate.require_nonnegative(w, "net", measure="nulls.lattice", instead="Pass transform.absolute(net)")
    require_switchable(w)
    given = validate.for_kernels(np.empty((0, 0)))  # none: a ring
    if distances is not None:
        given = distances_of(None, distances, *directedness(w))
    order = np.argsort(given, axis=1, kind="stable").astype(np.int32)
    rank = np.argsort(order, axis=1).astype(np.int32)

    def dense(batch: Batch, out: Any) -> None:
        edges = batch.begins, batch.directed, batch.sources, batch.targets
        rule = swaps, _AT_LEAST, _GAIN
        kernels.latticize.latticize(batch.n, *edges, batch.values, batch.states, given, order, rank, *rule)
        batch.place(out)

    return replicate(w, rng, size, dense=batched(dense))


def wiring_length_preserving(
    net: Network,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    distances: ArrayLike | None = None,
    tolerance: float = 0.01,
    swaps_per_edge: int = 100,
) -> Any:
    """Degree-preserving rewiring that holds the total wiring length within a tolerance.

    Switches as in :func:`degree_preserving`, refused where the summed length of all connections (each counted once,
    whatever its weight) would leave ``(1 ± tolerance)`` times that of `net`. Networks within reach are equally likely.

    **Keeps** exactly: degrees (in and out if directed), the weights as a set (each goes with its connection),
    self-connections; total wiring length within `tolerance`. **Destroys**: the relation of weight to length, clusters
    and modules beyond what short wiring makes.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        A Connectome brings its distances. Sparse networks are made dense on the way.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    distances : array_like, shape (n, n), optional
        In place of the Connectome's; symmetric if `net` is undirected, not negative.
    tolerance : float
        Share by which the total length may change; 0 allows only switches between equal sums of lengths.
    swaps_per_edge : int
        Attempted switches per connection; most are refused where wiring is short.

    References
    ----------
    Samu, Seth & Nowotny 2014, doi:10.1371/journal.pcbi.1003557; Betzel & Bassett 2018, doi:10.1073/pnas.1720186115
    (who keep the distribution of lengths by bins).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> x = np.random.default_rng(0).random((30, 3))
    >>> d = np.linalg.norm(x[:, None] - x, axis=-1)
    >>> net = na.Connectome((d < 0.4) & (d > 0), positions=x)
    >>> null = na.nulls.wiring_length_preserving(net, 0)
    >>> bool(abs((null * d).sum() / (net.weights * d).sum() - 1) <= 0.01)
    True
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")
    tolerance = options.number_in(tolerance, "tolerance", at_least=0)
    w = validate.as_weights(net)
    require_switchable(w)
    d = distances_of(net, distances, *directedness(w))

    def dense(batch: Batch, out: Any) -> None:
        edges = batch.begins, batch.directed, batch.sources, batch.targets
        allowed = tolerance * np.add.reduceat(d[batch.sources, batch.targets], batch.begins[:-1])
        adjacency = np.empty((batch.n, batch.n), np.uint8)
        kernels.geometry.switch_by_length(*edges, batch.states, d, allowed, swaps, adjacency)
        batch.place(out)

    return replicate(w, rng, size, dense=batched(dense))


def geometry_preserving(
    net: Network,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    distances: ArrayLike | None = None,
    bins: int | ArrayLike = 10,
    swaps_per_edge: int = 100,
) -> Any:
    """Degree-preserving rewiring among connections of similar length.

    Switches as in :func:`degree_preserving`, of two connections whose ends change places only if the two new ones have
    lengths in the bins of the two old ones; a weight stays in its bin. Networks within reach are equally likely.

    **Keeps** exactly: degrees (in and out if directed), in every bin of length the number of connections and their
    weights as a set, self-connections; so wiring cost nearly. **Destroys**: clusters and modules beyond what degrees
    and the lengths of connections make.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        A Connectome brings its distances. Sparse networks are made dense on the way.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    distances : array_like, shape (n, n), optional
        In place of the Connectome's; symmetric if `net` is undirected.
    bins : int or array_like
        Number of bins holding about equally many connections, or increasing bin edges; what lies below or beyond them
        is a bin too. More bins keep lengths more closely and leave more connections where they are.
    swaps_per_edge : int
        Attempted switches per connection; most are refused.

    References
    ----------
    Betzel & Bassett 2018, doi:10.1073/pnas.1720186115.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> x = np.random.default_rng(0).random((30, 3))
    >>> d = np.linalg.norm(x[:, None] - x, axis=-1)
    >>> net = na.Connectome((d < 0.4) & (d > 0), positions=x)
    >>> null = na.nulls.geometry_preserving(net, 0, bins=[0.2, 0.3])
    >>> [int(((null > 0) & (d < edge)).sum() - ((net.weights > 0) & (d < edge)).sum()) for edge in (0.2, 0.3)]
    [0, 0]
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")
    w = validate.as_weights(net)
    require_switchable(w)
    d = distances_of(net, distances, *directedness(w))

    def dense(batch: Batch, out: Any) -> None:
        edges = batch.begins, batch.directed, batch.sources, batch.targets
        lengths = np.split(d[batch.sources, batch.targets], batch.begins[1:-1])
        limits = np.array([_limits(of_one, bins) for of_one in lengths])
        which, adjacency = np.empty((batch.n, batch.n), np.int32), np.empty((batch.n, batch.n), np.uint8)
        kernels.geometry.switch_within_bins(*edges, batch.states, d, limits, swaps, which, adjacency)
        batch.place(out)

    return replicate(w, rng, size, dense=batched(dense))


def distance_binned(
    net: Network,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    distances: ArrayLike | None = None,
    bins: int | ArrayLike = 10,
) -> Any:
    """Permute the entries of the matrix, absent connections included, among pairs of nodes at similar distance.

    **Keeps** exactly: in every distance bin the number of connections and their weights as a set, so how connection
    probability and weight depend on distance; symmetry; self-connections. **Destroys**: degrees, strengths, and all
    topology that distance alone does not make.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        A Connectome brings its distances. A sparse one with positions and more than 2,000 nodes stays sparse: pairs
        are drawn, not listed; other sparse networks are made dense on the way.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    distances : array_like, shape (n, n), optional
        In place of the Connectome's; symmetric if `net` is undirected.
    bins : int or array_like
        Number of bins holding about equally many pairs (of large sparse networks, of a million of them), or
        increasing bin edges: pair (i, j) is in bin k if
        ``bins[k] <= distance < bins[k + 1]``, and pairs outside all bins stay as they are.

    Raises
    ------
    ValueError
        If a bin of a large sparse network holds too few pairs to draw others for its connections.

    References
    ----------
    Roberts et al. 2016, doi:10.1016/j.neuroimage.2015.09.009; Gollo et al. 2018, doi:10.1038/s41593-018-0188-z.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> place = np.arange(6.0)
    >>> d = np.abs(place[:, None] - place)
    >>> null = na.nulls.distance_binned(np.exp(-d), 0, distances=d, bins=[0.5, 1.5, 2.5, 9])
    >>> bool(np.allclose(np.diag(null, 1), np.exp(-1)))
    True
    """
    w = validate.as_weights(net)
    n, directed = directedness(w)
    if n > LARGE and distances is None and _has_positions_only(net):
        return _binned_by_positions(net, rng, size, bins)
    d = distances_of(net, distances, n, directed)
    kinds = np.unique(directed)
    pairs, bounds = zip(*(_bins(d, bins, bool(kind)) for kind in kinds), strict=True)
    end = np.cumsum([x.shape[1] for x in pairs])
    begin = np.concatenate([[0], end[:-1]])
    sources, targets = np.concatenate(pairs, axis=1).astype(np.int32, order="C")
    limits = np.stack(bounds)

    def dense(w: Any, directed: Any, seeds: Any, out: Any) -> None:
        kind = np.searchsorted(kinds, directed)
        within = (begin[kind, None] + limits[kind]).T.copy()
        deal_weights(w, directed, (sources, targets, begin[kind], end[kind], within), False, seeds, out)

    return replicate(w, rng, size, dense=dense)


def _has_positions_only(net: Network) -> bool:
    sparse_one = isinstance(net, Connectome) and net.is_sparse
    return sparse_one and net.given_distances is None and net.positions is not None


def _binned_by_positions(net: Connectome, rng: random.RNG, size: int | None, bins: Any) -> Any:
    positions = np.asarray(net.positions)
    several = np.ndim(bins) == 0
    limits = equal_limits(positions, options.count(bins, "bins")) if several else _limits(None, bins)

    def edges(batch: Batch) -> None:
        batch.sources, batch.targets = batch.sources.copy(), batch.targets.copy()
        deal_within_bins(batch, positions, limits)

    return replicate(net, rng, size, dense=lambda *_: None, edges=edges, prefer_edges=True)


def _bins(d: Any, bins: Any, directed: bool) -> tuple[Any, Any]:
    """The pairs (2, m) sorted by bin, and where each bin begins."""
    pairs = np.array(np.nonzero(~np.eye(len(d), dtype=bool) if directed else np.tri(len(d), k=-1, dtype=bool).T))
    lengths = d[pairs[0], pairs[1]]
    limits = _limits(lengths, bins)
    which = np.searchsorted(limits, lengths, side="right") - 1
    order = np.argsort(which, kind="stable")
    return pairs[:, order], np.searchsorted(which[order], np.arange(len(limits)))


def _limits(lengths: Any, bins: Any) -> Any:
    """Edges of bins: the given ones, or those of so many bins that hold equally many of some lengths."""
    if np.ndim(bins) == 0:
        count = options.count(bins, "bins")
        limits = np.quantile(lengths, np.linspace(0, 1, count + 1)) if len(lengths) else np.zeros(2)
        limits[-1] = np.inf
        return limits
    limits = validate.as_array(bins, "bins", shape=(None,))
    if len(limits) < 2 or (np.diff(limits) <= 0).any():
        raise ValueError(f"bins must be at least two increasing edges; got {limits}")
    return limits


def permute_positions(net: Network, rng: random.RNG = None, *, size: int | None = None) -> Any:
    """Deal the nodes out again: relabel them at random against fixed positions, labels and modules.

    **Keeps** exactly: the network up to the names of its nodes, so every measure of topology. **Destroys**: the
    relation of topology to whatever is known per node: position, class, activity.

    Parameters
    ----------
    net : network, or stack (..., n, n); sparse stays sparse
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).

    References
    ----------
    Krackhardt 1988 (QAP), doi:10.1016/0378-8733(88)90004-4.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.nulls.permute_positions([[0, 1.0, 0], [0, 0, 2.0], [0, 0, 0]], 3).sum()
    np.float64(3.0)
    """
    w = validate.as_weights(net)
    if not sparse.issparse(w):

        def dense(w: Any, _directed: Any, seeds: Any, out: Any) -> None:
            def block(start: int, stop: int) -> None:
                kernels.batches.permute_positions(start, stop, w, seeds, out)

            parallel.thread_blocks(block, len(seeds))

        return replicate(w, rng, size, dense=dense)
    made = []
    for seed in random.seeds(rng, 1 if size is None else options.count(size, "size")):
        order = np.arange(w.shape[0])
        _kernels.random.shuffle(_kernels.random.new_state(seed), order)
        made.append(sparse.csr_array(w[order][:, order]))
    return made[0] if size is None else made
