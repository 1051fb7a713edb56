"""The two simplest null models: other places for the connections, other connections for the weights."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from netanalysis import _kernels
from netanalysis._core import parallel, random
from netanalysis._core.types import Network
from netanalysis.nulls import kernels
from netanalysis.nulls._replicate import Batch, replicate


def weight_shuffle(net: Network, rng: random.RNG = None, *, size: int | None = None) -> Any:
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

    def edges(batch: Batch) -> None:
        _kernels.random.shuffle(batch.states[0], batch.values)

    return replicate(net, rng, size, dense=partial(_deal, anywhere=False), edges=edges)


def erdos_renyi(net: Network, rng: random.RNG = None, *, size: int | None = None) -> Any:
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

    def edges(batch: Batch) -> None:
        _kernels.random.shuffle(batch.states[0], batch.values)
        count, directed = len(batch.values), bool(batch.directed[0])
        pairs = kernels.pair_set.new(batch.n, count)
        found = kernels.rewire_large.random_pairs(count, batch.n, directed, *pairs, batch.states[0])
        batch.sources, batch.targets = found

    return replicate(net, rng, size, dense=partial(_deal, anywhere=True), edges=edges)


def _deal(w: Any, directed: Any, seeds: Any, out: Any, *, anywhere: bool) -> None:
    begins, sources, targets, _, _ = kernels.batches.batch_of(w, directed, np.arange(len(w)), seeds)
    whole = np.array([begins[:-1], begins[1:]])
    deal_weights(w, directed, (sources, targets, begins[:-1], begins[1:], whole), anywhere, seeds, out)


def deal_weights(w: Any, directed: Any, pairs: Any, anywhere: bool, seeds: Any, out: Any) -> None:
    """Weights in random order over the pairs, as the kernel has it, in threads."""

    def block(start: int, stop: int) -> None:
        kernels.batches.deal_weights(start, stop, w, directed, *pairs, anywhere, seeds, out)

    parallel.thread_blocks(block, len(seeds))
