"""How far each node is from the others: the farthest, and the mean of inverse distances."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, stacks, undefined
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths, checked, lists, to_length
from netanalysis.structure.paths import shortest_paths

__all__ = ["diameter", "eccentricity", "nodal_efficiency", "radius"]

Unreachable = Literal["exclude", "infinite"]
_CHUNK = 256


@takes_stacks
def eccentricity(
    net: Network, *, lengths: Lengths = "inverse", unreachable: Unreachable = "exclude"
) -> NDArray[np.float64]:
    """Length of the shortest path from each node to the node farthest from it.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`.
    unreachable : {"exclude", "infinite"}
        Nodes that no path leads to are left out, or make it infinite.

    Returns
    -------
    ndarray, shape (..., n)
        Along the direction of connections, from the node to others. nan for a single node, and under "exclude" for a
        node from which no path leads anywhere.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.

    References
    ----------
    Harary 1969, Graph Theory. As in Rubinov & Sporns 2010, doi:10.1016/j.neuroimage.2009.10.003.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.eccentricity([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])
    array([2., 1., 2.])
    """
    why = "no path leads from it to another node"
    return np.asarray(undefined.spoken(_farthest(net, lengths, unreachable), "eccentricity", why, of="values"))


@takes_stacks
def diameter(net: Network, *, lengths: Lengths = "inverse", unreachable: Unreachable = "exclude") -> Any:
    """Largest :func:`eccentricity`: the longest of the shortest paths.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths, unreachable
        As for :func:`eccentricity`.

    Returns
    -------
    float, or array over the leading axes
        nan where no pair is connected by a path.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.diameter([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])
    2.0
    """
    return _extreme(net, lengths, unreachable, "diameter", np.fmax)


@takes_stacks
def radius(net: Network, *, lengths: Lengths = "inverse", unreachable: Unreachable = "exclude") -> Any:
    """Smallest :func:`eccentricity`: how far the most central node is from all others.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths, unreachable
        As for :func:`eccentricity`; nodes whose eccentricity is nan are left out.

    Returns
    -------
    float, or array over the leading axes
        nan where no pair is connected by a path.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.radius([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])
    1.0
    """
    return _extreme(net, lengths, unreachable, "radius", np.fmin)


@takes_stacks
def nodal_efficiency(net: Network, *, lengths: Lengths = "inverse") -> NDArray[np.float64]:
    r"""Mean over the other nodes of one over the shortest path from each node to them.

    :math:`E_i = \sum_{j \ne i} d_{ij}^{-1} / (n - 1)`; its mean is :func:`efficiency`. Nodes that no path leads to
    count 0. It carries the unit of the weights.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of connections, from the node to others; hand in the transpose for paths to it.
    lengths : {"inverse", "hops", "weights"}
        As for :func:`shortest_paths`. Under "hops" also known as harmonic closeness.

    Returns
    -------
    ndarray, shape (..., n)
        nan for a single node.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.

    References
    ----------
    Achard & Bullmore 2007, doi:10.1371/journal.pcbi.0030017.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.nodal_efficiency([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])
    array([0.75, 1.  , 0.75])
    """
    w = checked(net, lengths)
    n = w.shape[-1]
    if sparse.issparse(w):
        indptr, indices, weights = lists(w)
        sums, every = np.empty((n, 3)), np.arange(n)
        if lengths == "hops":
            parallel.thread_blocks(lambda a, b: kernels.paths.hops_from(a, b, indptr, indices, every, sums), n)
        else:
            data = to_length(weights, lengths)
            parallel.thread_blocks(
                lambda a, b: kernels.paths.dijkstra_sums(a, b, indptr, indices, data, every, sums), n
            )
        total = sums[:, 2]
    else:
        distances = shortest_paths(w, lengths=lengths)
        total = stacks.ratio(1.0, distances, otherwise=0.0).sum(axis=-1)
    return np.asarray(
        undefined.spoken(stacks.ratio(total, n - 1), "nodal_efficiency", "a single node has no pairs", of="values")
    )


def _extreme(net: Network, lengths: Lengths, unreachable: Unreachable, name: str, extreme: Any) -> Any:
    values = stacks.number(extreme.reduce(_farthest(net, lengths, unreachable), axis=-1))
    return undefined.spoken(values, name, "no pair of nodes is connected by a path")


def _farthest(net: Network, lengths: Lengths, unreachable: Unreachable) -> NDArray[np.float64]:
    options.choice(unreachable, ["exclude", "infinite"], "unreachable")
    w = checked(net, lengths)
    n = w.shape[-1]
    if not sparse.issparse(w):
        return _largest(shortest_paths(w, lengths=lengths), unreachable)
    chunks = [np.arange(k, min(k + _CHUNK, n)) for k in range(0, n, _CHUNK)]
    return np.concatenate([_largest(shortest_paths(w, lengths=lengths, sources=c), unreachable) for c in chunks])


def _largest(distances: NDArray[np.float64], unreachable: Unreachable) -> NDArray[np.float64]:
    """The largest of each row but the 0 of the node itself; nan without another."""
    if unreachable == "exclude":
        distances = np.where(np.isfinite(distances), distances, 0.0)
    largest = distances.max(axis=-1)
    return np.where(largest > 0, largest, np.nan)
