"""Null models that keep the signs of a network's connections, and nearly its strengths."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import options, random, stacks, validate
from netanalysis._core.types import Network
from netanalysis.nulls import kernels
from netanalysis.nulls._replicate import Batch, batched, replicate
from netanalysis.nulls.degree import rewire, rewire_lists

_SWEEPS, _SWEEPS_OF_LARGE, _LARGE = 1000, 30, 2_000_000  # by stored connections


def sign_preserving(net: Network, rng: random.RNG = None, *, size: int | None = None, swaps_per_edge: int = 10) -> Any:
    """Rewire positive and negative connections so that every node keeps its number of each.

    Two connections of one sign, a->b and c->d, are switched to a->d and c->b where those are both absent, or both of
    the other sign and then trade places with them. So complete signed networks, as trained recurrent weights are, get
    rewired too. Proposals are symmetric: all networks within reach of such switches are equally likely.

    **Keeps** exactly: positive and negative degrees (in and out if directed), the positive and the negative weights
    as sets, self-connections; in directed networks each weight stays with its source, so that positive and negative
    out-strengths are kept as well. **Destroys**: who is connected to whom with which sign, strengths.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        Without negative weights this is degree-preserving rewiring. A network in which nothing can be switched, such
        as a complete one of one sign, comes back unchanged. Sparse networks stay sparse. Of more than 2,000 nodes,
        connections move to absent places only, without trades between signs.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    swaps_per_edge : int
        Attempted switches per connection.

    References
    ----------
    Rubinov & Sporns 2011, doi:10.1016/j.neuroimage.2011.03.069.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = np.random.default_rng(0).normal(size=(6, 6))
    >>> null = na.nulls.sign_preserving(w, 0)
    >>> np.array_equal((null > 0).sum(axis=0), (w > 0).sum(axis=0)), np.array_equal(null, w)
    (True, False)
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")

    def edges(batch: Batch) -> None:
        rewire_lists(batch, swaps, by_sign=True)

    def dense(batch: Batch, out: Any) -> None:
        batch.place(out)
        _switch_signed(batch, swaps * batch.counts, out)

    return replicate(net, rng, size, dense=batched(dense), edges=edges)


def _switch_signed(batch: Batch, attempts: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Switches within signs of networks placed in `out`; the order of the weights of the batch is not kept up."""
    edges = batch.begins, batch.directed, batch.sources, batch.targets
    kernels.strengths.switch_signed(out, *edges, attempts, batch.states)


def strength_preserving(
    net: Network,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    swaps_per_edge: int = 10,
    sweeps: int | None = None,
) -> Any:
    """Rewire the connections and place the weights so that every node nearly recovers its strength.

    The connections are rewired as in :func:`degree_preserving` (:func:`sign_preserving` if there are negative weights)
    and get the weights in random order. Then two connections at a time exchange their weights or their targets, with
    simulated annealing of the sum of squared differences between the strengths and those of `net`; positive and
    negative weights apart from each other.

    **Keeps** exactly: degrees (in and out if directed; of each sign), the weights as a set, self-connections.
    **Keeps nearly**: strengths (in and out if directed; of each sign). :func:`strength_error` gives the deviation: of
    the order of 1e-5 in networks of 100 nodes with 1500 connections and 1e-4 with 500, up to 1e-1 where a few
    connections carry most of the weight. It falls with `sweeps`. **Destroys**: everything beyond, such as clusters,
    modules, and which connection is strong.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        A complete network keeps its topology and gets its weights rearranged. Sparse networks stay sparse.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    swaps_per_edge : int
        Attempted switches per connection, for the topology.
    sweeps : int, optional
        Attempted exchanges per connection. Default: 1,000, of networks with more than 2 million connections 30,
        which leave a deviation of about 1e-2. Networks of few connections with very unequal weights need 10,000 or
        more.

    References
    ----------
    Rubinov & Sporns 2011, doi:10.1016/j.neuroimage.2011.03.069; Milisav, Bazinet, Betzel & Mišić 2025,
    doi:10.1038/s43588-024-00735-z (annealing of the weights alone).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = np.random.default_rng(0).lognormal(size=(40, 40)) * (np.random.default_rng(1).random((40, 40)) < 0.4)
    >>> null = na.nulls.strength_preserving(w, 0)
    >>> bool(na.nulls.strength_error(w, null) < 0.02)
    True
    """
    swaps = options.positive_int(swaps_per_edge, "swaps_per_edge")
    if sweeps is None:
        w = validate.as_weights(net)
        stored = w.nnz if sparse.issparse(w) else np.count_nonzero(w, axis=(-2, -1)).max()
        sweeps = _SWEEPS_OF_LARGE if stored > _LARGE else _SWEEPS
    exchanges = options.positive_int(sweeps, "sweeps", minimum=0)

    def edges(batch: Batch) -> None:
        wanted = _strengths(batch)
        rewire_lists(batch, swaps, by_sign=bool((batch.values < 0).any()))
        # The rewiring has used the stream of this seed; the placement gets another.
        batch.states = _kernels.random.new_state(batch.seeds[0] ^ np.uint64(0x9E3779B97F4A7C15))[None]
        _restore_strengths(batch, wanted, exchanges)

    def dense(batch: Batch, out: Any) -> None:
        wanted = _strengths(batch)
        replicates = np.repeat(np.arange(len(out)), batch.counts)
        signed = np.bincount(replicates, batch.values < 0, len(out)) > 0
        attempts = swaps * batch.counts
        rewire(batch, np.where(signed, 0, attempts))
        if signed.any():
            batch.place(out)
            _switch_signed(batch, np.where(signed, attempts, 0), out)
            placed, everyone = validate.for_kernels(out), np.arange(len(out))
            _, sources, targets, values, _ = kernels.batches.batch_of(placed, batch.directed, everyone, batch.seeds)
            moved = signed[replicates]
            batch.sources = np.where(moved, sources, batch.sources)
            batch.targets = np.where(moved, targets, batch.targets)
            batch.values = np.where(moved, values, batch.values)
            out[:] = 0
        _restore_strengths(batch, wanted, exchanges)
        batch.place(out)

    return replicate(net, rng, size, dense=batched(dense), edges=edges)


def _parts(batch: Batch) -> NDArray[np.int64]:
    """For every edge its replicate and sign: 2 r if positive, 2 r + 1 if negative."""
    return np.repeat(np.arange(0, 2 * len(batch.directed), 2), batch.counts) + (batch.values < 0)


def _strengths(batch: Batch) -> NDArray[np.float64]:
    """Sums of the weights of each part by source and by target, (parts, 2, n)."""
    shape = 2 * len(batch.directed), batch.n
    first = batch.n * _parts(batch)
    sums = [np.bincount(first + ends, batch.values, shape[0] * shape[1]) for ends in (batch.sources, batch.targets)]
    return np.stack([x.reshape(shape) for x in sums], axis=1)


def _restore_strengths(batch: Batch, wanted: NDArray[np.float64], sweeps: int) -> None:
    """Shuffle the weights over their edges, then match them to the strengths wanted, in place.

    Positive and negative weights separately; edges move to absent pairs only.
    """
    parts = _parts(batch)
    order = np.argsort(parts, kind="stable")
    batch.sources, batch.targets, batch.values = batch.sources[order], batch.targets[order], batch.values[order]
    begins = np.concatenate([[0], np.cumsum(np.bincount(parts, minlength=len(wanted)))])
    table, shift = kernels.pair_set.new(batch.n, int(batch.counts.max()) + batch.n)
    # Divided by a power of 2 for each network, which rounds nothing: products of very small weights would be 0.
    largest = np.zeros(len(batch.directed))
    np.maximum.at(largest, parts[order] // 2, np.abs(batch.values))
    unit = np.where(largest > 0, np.ldexp(1.0, np.frexp(largest)[1] - 1), 1.0)
    values = batch.values / unit[parts[order] // 2]
    wanted = wanted / np.repeat(unit, 2)[:, None, None]
    edges = begins, batch.directed, batch.sources, batch.targets, values
    kernels.strengths.restore_strengths(*edges, batch.states, wanted, table, shift, sweeps)
    batch.values = values * unit[parts[order] // 2]


def strength_error(net: Network, null: Any) -> Any:
    """How far the strengths of a null network are from those of the network, as a share of the mean strength.

    Root mean square over nodes, directions and signs of the difference in strength, divided by the mean of the
    strengths' magnitudes over the same; 0 where there are no connections. Self-connections count on both sides.

    Parameters
    ----------
    net, null : networks, or stacks that broadcast against each other

    Examples
    --------
    >>> import netanalysis as na
    >>> na.nulls.strength_error([[0, 1.0], [1, 0]], [[0, 1.0], [1, 0]])
    0.0
    """
    a, b = validate.as_weights(net), validate.as_weights(null, name="null")
    parts = [lambda w: w]
    if validate.has_negative(a) or validate.has_negative(b):
        parts = [lambda w: w * (w > 0), lambda w: w * (w < 0)]
    before, after = (
        np.concatenate([np.asarray(part(w).sum(axis=axis)) for part in parts for axis in (-1, -2)], axis=-1)
        for w in (a, b)
    )
    scale = np.abs(before).mean(axis=-1)
    error = np.sqrt(((after - before) ** 2).mean(axis=-1))
    share = stacks.ratio(error, scale, otherwise=0.0)
    return stacks.restore(share.ravel(), share.shape)
