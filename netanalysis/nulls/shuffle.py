"""The two simplest null models: other places for the connections, other connections for the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from netanalysis import _kernels, _random
from netanalysis.nulls._replicate import Batch, replicate


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

    def edges(batch: Batch, _seed: np.uint64) -> None:
        _shuffle_weights(batch)

    def dense(batch: Batch, out: Any) -> None:
        _shuffle_weights(batch)
        batch.place(out)

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

    def edges(batch: Batch, _seed: np.uint64) -> None:
        _shuffle_weights(batch)
        count, directed = len(batch.values), bool(batch.directed[0])
        batch.sources, batch.targets = _kernels.rewire_large.random_pairs(count, batch.n, directed, batch.states[0])

    def dense(batch: Batch, out: Any) -> None:
        _shuffle_weights(batch)
        edges = batch.begins, batch.directed, batch.sources, batch.targets
        _kernels.nulls.draw_pairs(*edges, batch.states, batch.n)
        batch.place(out)

    return replicate(net, rng, size, dense=dense, edges=edges)


def _shuffle_weights(batch: Batch) -> None:
    _kernels.nulls.shuffle_within(batch.begins[:-1], batch.begins[1:], batch.values, batch.states)
