"""Null models that keep the signs of a network's connections, and nearly its strengths."""

from __future__ import annotations

from typing import Any

import numpy as np

from netanalysis import _kernels, _random, _validate
from netanalysis.nulls._replicate import Edges, replicate
from netanalysis.nulls.degree import rewired


def sign_preserving(net: Any, rng: _random.RNG = None, *, size: int | None = None, swaps_per_edge: int = 10) -> Any:
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
        as a complete one of one sign, comes back unchanged. Sparse networks stay sparse; in them connections move
        to absent places only, without trades between signs.
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
    swaps = _validate.positive_int(swaps_per_edge, "swaps_per_edge")

    def edges(e: Edges, seed: np.uint64) -> Edges:
        return rewired(e, seed, swaps, by_sign=True)

    def dense(start: int, stop: int, w: Any, directed: Any, seeds: Any, out: Any) -> None:
        for r in range(start, stop):
            k = r % len(w)
            sources, targets, values = _kernels.nulls.edges_of(w[k], directed[k])
            _kernels.nulls.place(w[k], sources, targets, values, directed[k], out[r])
            state = _kernels.random.new_state(seeds[r])
            _kernels.null_strengths.switch_signed(out[r], sources, targets, directed[k], swaps * len(values), state)

    return replicate(net, rng, size, dense=dense, edges=edges)


def strength_preserving(
    net: Any, rng: _random.RNG = None, *, size: int | None = None, swaps_per_edge: int = 10, sweeps: int = 1000
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
    sweeps : int
        Attempted exchanges per connection. Networks of few connections with very unequal weights need 10,000 or more.

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
    swaps = _validate.positive_int(swaps_per_edge, "swaps_per_edge")
    _validate.positive_int(sweeps, "sweeps", minimum=0)

    def edges(e: Edges, seed: np.uint64) -> Edges:
        new = rewired(e, seed, swaps, by_sign=bool((e.values < 0).any()))
        values = e.values.copy()
        # The rewiring has used the stream of this seed; the placement gets another.
        state = _kernels.random.new_state(seed ^ np.uint64(0x9E3779B97F4A7C15))
        _restore_strengths(new.sources, new.targets, values, e, sweeps, state)
        return new._replace(values=values)

    def dense(start: int, stop: int, w: Any, directed: Any, seeds: Any, out: Any) -> None:
        edges_of, place, strengths = _kernels.nulls.edges_of, _kernels.nulls.place, _kernels.null_strengths
        for r in range(start, stop):
            k = r % len(w)
            state = _kernels.random.new_state(seeds[r])
            i, j, v = edges_of(w[k], directed[k])
            old = Edges(i.copy(), j.copy(), v.copy(), w.shape[1], bool(directed[k]))
            if (v < 0).any():
                place(w[k], i, j, v, directed[k], out[r])
                strengths.switch_signed(out[r], i, j, directed[k], swaps * len(v), state)
                i, j, v = edges_of(_validate.for_kernels(out[r]), directed[k])
                out[r] = 0.0
            else:
                _kernels.rewire.rewire_edges(i, j, w.shape[1], directed[k], swaps * len(v), state)
            _restore_strengths(i, j, v, old, sweeps, state)
            place(w[k], i, j, v, directed[k], out[r])

    return replicate(net, rng, size, dense=dense, edges=edges)


def _restore_strengths(sources: Any, targets: Any, values: Any, old: Edges, sweeps: int, state: Any) -> None:
    """Shuffle the weights over their edges, then match them to the strengths that the old edges had, in place.

    Positive and negative weights separately; edges move to absent pairs only.
    """
    ends = np.column_stack([sources, targets]).astype(np.uint32)
    table, shift, _ = _kernels.rewire_large.prepare(ends, old.n, old.directed)
    for sign in (1, -1):
        part, before = np.flatnonzero(values * sign > 0), old.values * sign > 0
        if len(part) < 2:
            continue
        i, j, v = sources[part], targets[part], values[part]
        _kernels.random.shuffle(state, v)
        out_excess, in_excess = (
            np.bincount(new, v, old.n) - np.bincount(ends_before[before], old.values[before], old.n)
            for new, ends_before in ((i, old.sources), (j, old.targets))
        )
        if not old.directed:
            out_excess += in_excess
            in_excess = out_excess
        _kernels.null_strengths.match_strengths(
            i, j, v, table, shift, out_excess, in_excess, old.directed, sweeps, state
        )
        sources[part], targets[part], values[part] = i, j, v


def strength_error(net: Any, null: Any) -> Any:
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
    a, b = _validate.as_weights(net), _validate.as_weights(null, name="null")
    parts = [lambda w: w]
    if _validate.has_negative(a) or _validate.has_negative(b):
        parts = [lambda w: w * (w > 0), lambda w: w * (w < 0)]
    before, after = (
        np.concatenate([np.asarray(part(w).sum(axis=axis)) for part in parts for axis in (-1, -2)], axis=-1)
        for w in (a, b)
    )
    scale = np.abs(before).mean(axis=-1)
    error = np.sqrt(((after - before) ** 2).mean(axis=-1))
    share = np.divide(error, scale, out=np.zeros_like(error), where=scale > 0)
    return _validate.restore_stack(share.ravel(), share.shape)
