"""Path length and efficiency of networks too large for the exact values, from a sample of sources."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, scaling, stacks, undefined
from netanalysis._core.types import Network
from netanalysis.structure import kernels
from netanalysis.structure._estimate import Estimate
from netanalysis.structure._lengths import Lengths, checked, lists, to_length

__all__ = ["estimate_efficiency", "estimate_path_length"]


def estimate_path_length(
    net: Network,
    *,
    n_sources: int | None = None,
    lengths: Lengths = "inverse",
    confidence: float = 0.95,
    rng: random.RNG = None,
) -> Estimate:
    """Characteristic path length from the paths of a random sample of source nodes.

    What :func:`path_length` gives with ``unreachable="exclude"``, for networks too large for it.

    Parameters
    ----------
    net : network
        One network, not a stack.
    n_sources : int, optional
        How many sources to draw without replacement, at least 2; by default 256, or all where there are fewer.
        The work is ``n_sources`` searches of the network; the error shrinks with the square root.
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`.
    confidence : float in (0, 1)
        Coverage of the interval.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    Estimate
        Value, standard error and Student interval of the ratio of summed lengths to reached pairs, with the
        correction for a finite population: with all nodes as sources it is the exact value with error 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> ring = [[0, 1.0, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    >>> na.estimate_path_length(ring, n_sources=4, rng=0).interval
    (1.3333333333333333, 1.3333333333333333)
    """
    sums, n = _sampled_sums(net, n_sources, lengths, rng)
    return _ratio(sums[:, 1], sums[:, 0], n, confidence, "shortest paths from sampled sources; ratio estimator")


def estimate_efficiency(
    net: Network,
    *,
    n_sources: int | None = None,
    lengths: Lengths = "inverse",
    confidence: float = 0.95,
    rng: random.RNG = None,
) -> Estimate:
    """Global efficiency from the paths of a random sample of source nodes.

    What :func:`efficiency` gives, for networks too large for it.

    Parameters
    ----------
    net, n_sources, lengths, confidence, rng
        As for :func:`estimate_path_length`.

    Returns
    -------
    Estimate
        Value, standard error and Student interval of the mean over sources, with the correction for a finite
        population: with all nodes as sources it is the exact value with error 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> ring = [[0, 1.0, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    >>> round(na.estimate_efficiency(ring, n_sources=2, rng=0).value, 6)
    0.833333
    """
    sums, n = _sampled_sums(net, n_sources, lengths, rng)
    others = np.full(len(sums), float(n - 1))
    return _ratio(sums[:, 2], others, n, confidence, "shortest paths from sampled sources; mean")


def _ratio(y: Any, x: Any, population: int, confidence: float, method: str) -> Estimate:
    """Sum of y over sum of x, with the linearised error of sampling without replacement."""
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    from scipy.special import stdtrit

    k = len(y)
    y, unit = scaling.to_one(y)  # squares of lengths may be beyond the doubles
    if x.sum() == 0:
        undefined.say("estimate_path_length is nan: no pair of nodes with a sampled source is connected by a path")
        return Estimate(np.nan, np.nan, (np.nan, np.nan), confidence, k, method)
    value = float(y.sum() / x.sum())  # in this unit
    spread = np.sum((y - value * x) ** 2) / (k - 1)
    error = float(np.sqrt((1.0 - k / population) * spread / k) / x.mean())
    value, error = value * float(unit), error * float(unit)
    half = float(stdtrit(k - 1, 0.5 + confidence / 2)) * error
    return Estimate(value, error, (value - half, value + half), confidence, k, method)


def _sampled_sums(net: Network, n_sources: int | None, lengths: Lengths, rng: Any) -> tuple[NDArray[np.float64], int]:
    w = checked(stacks.one_network(net, instead="estimate its members one by one"), lengths)
    n = w.shape[0]
    if n < 2:
        raise ValueError("net must have at least 2 nodes; a single node has no paths")
    k = min(n, 256) if n_sources is None else options.positive_int(n_sources, "n_sources", minimum=2)
    if k > n:
        raise ValueError(f"n_sources must be at most the number of nodes, {n}; got {k}")
    sources = np.sort(np.random.default_rng(random.seed_sequence(rng)).permutation(n)[:k])
    indptr, indices, weights = lists(w if sparse.issparse(w) else sparse.csr_array(w))
    out = np.empty((k, 3))
    if lengths == "hops":
        parallel.thread_blocks(lambda a, b: kernels.paths.hops_from(a, b, indptr, indices, sources, out), k)
    else:
        data = to_length(weights, lengths)
        parallel.thread_blocks(lambda a, b: kernels.paths.dijkstra_sums(a, b, indptr, indices, data, sources, out), k)
    return out, n
