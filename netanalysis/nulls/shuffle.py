"""The two simplest null models: other places for the connections, other connections for the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from netanalysis import _kernels, _random
from netanalysis.nulls._replicate import Edges, replicate


def weight_shuffle(net: Any, rng: _random.RNG = None, *, size: int | None = None) -> Any:
    """Permute the weights over the existing connections.

    **Keeps** exactly: which connections exist (the topology), the weights as a set, symmetry, self-connections.
    **Destroys**: which connection has which weight, hence strengths, the place of negative weights, and the relation
    of weight to distance. Works for complete networks.

    Parameters
    ----------
    net : network, or stack (..., n, n); sparse stays sparse
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).

    References
    ----------
    Opsahl, Colizza, Panzarasa & Ramasco 2008, doi:10.1103/PhysRevLett.101.168702.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.nulls.weight_shuffle([[0, 1, 0], [0, 0, 2], [3, 0, 0]], 1)
    array([[0., 3., 0.],
           [0., 0., 2.],
           [1., 0., 0.]])
    """

    def edges(e: Edges, seed: np.uint64) -> Edges:
        values = e.values.copy()
        _kernels.random.shuffle(_kernels.random.new_state(seed), values)
        return e._replace(values=values)

    def dense(start: int, stop: int, w: Any, directed: Any, seeds: Any, out: Any) -> None:
        for r in range(start, stop):
            k = r % len(w)
            if len(w) > 1 or r == start:
                sources, targets, values = _kernels.nulls.edges_of(w[k], directed[k])
            shuffled = values.copy()
            _kernels.random.shuffle(_kernels.random.new_state(seeds[r]), shuffled)
            _kernels.nulls.place(w[k], sources, targets, shuffled, directed[k], out[r])

    return replicate(net, rng, size, dense=dense, edges=edges)


def erdos_renyi(net: Any, rng: _random.RNG = None, *, size: int | None = None) -> Any:
    """Random network with as many nodes and connections, weights in random order: G(n, m).

    All sets of pairs of that size are equally likely.

    **Keeps** exactly: number of nodes and connections, directedness, the weights as a set, self-connections.
    **Destroys**: everything else, degrees included. A complete network has its weights shuffled.

    Parameters
    ----------
    net : network, or stack (..., n, n); sparse stays sparse
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).

    References
    ----------
    Erdős & Rényi 1959, doi:10.5486/PMD.1959.6.3-4.12.

    Examples
    --------
    >>> import netanalysis as na
    >>> null = na.nulls.erdos_renyi([[0, 1, 1], [1, 0, 0], [1, 0, 0]], 0)
    >>> null.sum(), (null == null.T).all()
    (np.float64(4.0), np.True_)
    """

    def edges(e: Edges, seed: np.uint64) -> Edges:
        state = _kernels.random.new_state(seed)
        values = e.values.copy()
        _kernels.random.shuffle(state, values)
        sources, targets = _kernels.rewire_large.random_pairs(len(values), e.n, e.directed, state)
        return e._replace(sources=sources, targets=targets, values=values)

    return replicate(net, rng, size, dense=_kernels.nulls.erdos_renyi, edges=edges)
