"""What is there: connections, weights, degrees and strengths."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import transform
from netanalysis._core import options, scaling, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks

__all__ = [
    "degree",
    "degree_heterogeneity",
    "density",
    "reciprocity",
    "self_connection_share",
    "strength",
    "strength_heterogeneity",
    "total_weight",
]

Direction = Literal["out", "in", "both"]
NO_CONNECTIONS = "there are no connections between distinct nodes"


@takes_stacks
def density(net: Network) -> Any:
    """Share of the n (n - 1) ordered pairs of distinct nodes that are connected (w != 0).

    Parameters
    ----------
    net : network or stack (..., n, n)

    Returns
    -------
    float, or array over the leading axes
        0 for a single node.

    References
    ----------
    Bullmore & Sporns 2009, doi:10.1038/nrn2575.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.density([[5.0, 1], [0, 0]])
    0.5
    """
    w = validate.as_weights(net, as_given=True)
    n = w.shape[-1]
    return stacks.number(_edges(w) / max(1, n * (n - 1)))


@takes_stacks
def total_weight(net: Network) -> Any:
    """Sum of the magnitudes of all weights, ``sum_ij |w_ij|``, self-connections included.

    Parameters
    ----------
    net : network or stack (..., n, n)

    Returns
    -------
    float, or array over the leading axes

    Examples
    --------
    >>> import netanalysis as na
    >>> na.total_weight([[1.0, -2], [0, 0]])
    3.0
    """
    return stacks.number(_total(abs(validate.as_weights(net, as_given=True))))


@takes_stacks
def self_connection_share(net: Network) -> Any:
    """Share of the weight that lies on self-connections, ``sum_i |w_ii| / sum_ij |w_ij|``.

    Parameters
    ----------
    net : network or stack (..., n, n)

    Returns
    -------
    float, or array over the leading axes
        nan without connections.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.self_connection_share([[1.0, -3], [0, 0]])
    0.25
    """
    w = abs(validate.as_weights(net, as_given=True))
    own = w.diagonal().sum() if sparse.issparse(w) else np.trace(w, axis1=-2, axis2=-1)
    share = stacks.number(stacks.ratio(own, _total(w)))
    return undefined.spoken(share, "self_connection_share", "without connections there is no weight")


@takes_stacks
def reciprocity(net: Network) -> Any:
    """Share of the connections between distinct nodes (w != 0) whose reverse exists too.

    Parameters
    ----------
    net : network or stack (..., n, n)

    Returns
    -------
    float, or array over the leading axes
        1 for an undirected network, nan without connections.

    References
    ----------
    Garlaschelli & Loffredo 2004, doi:10.1103/PhysRevLett.93.268701 (their r).

    Examples
    --------
    >>> import netanalysis as na
    >>> round(na.reciprocity([[0, 1.0, 1], [1, 0, 0], [0, 0, 0]]), 4)
    0.6667
    """
    a = _present(net)
    if sparse.issparse(a):
        share = stacks.ratio(a.multiply(a.T).sum(), a.sum())
    else:
        both = (a * np.swapaxes(a, -1, -2)).sum(axis=(-2, -1))
        share = stacks.ratio(both, a.sum(axis=(-2, -1)))
    return undefined.spoken(stacks.number(share), "reciprocity", NO_CONNECTIONS)


@takes_stacks
def degree(net: Network, *, direction: Direction = "both") -> NDArray[np.float64]:
    """Number of connections of every node (w != 0), self-connections left out.

    Parameters
    ----------
    net : network or stack (..., n, n)
    direction : {"both", "out", "in"}
        Outgoing, incoming, or both: of an undirected network the number of neighbours, of a directed one
        in- plus out-degree, so that a neighbour both ways counts two. What counts is the binary network: where all
        connections go both ways it is undirected, whatever their weights, and each pair counts one.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> import netanalysis as na
    >>> na.degree([[0, 2.0, 1], [2, 0, 0], [1, 0, 0]])
    array([2., 1., 1.])
    >>> na.degree([[0, 2.0, 1], [0, 0, 0], [0, 0, 0]], direction="in")
    array([0., 1., 1.])
    """
    return _sums(_present(net), direction)


@takes_stacks
def strength(net: Network, *, direction: Direction = "both", magnitude: bool = False) -> NDArray[np.float64]:
    """Sum of the weights of every node's connections, self-connections left out.

    Parameters
    ----------
    net : network or stack (..., n, n)
    direction : {"both", "out", "in"}
        As for :func:`degree`; here the weights say whether the network is undirected.
    magnitude : bool
        Sum ``|w|``; else negative weights subtract.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> import netanalysis as na
    >>> na.strength([[0, 2.0, -1], [2, 0, 0], [-1, 0, 0]])
    array([ 1.,  2., -1.])
    """
    options.flags(magnitude=magnitude)
    w = transform.remove_self_connections(validate.as_weights(net))
    return _sums(abs(w) if magnitude else w, direction)


@takes_stacks
def degree_heterogeneity(net: Network) -> Any:
    """How unequal degrees are, ``<k^2> / <k>^2`` of in- plus out-degree: 1 if all are equal.

    Parameters
    ----------
    net : network or stack (..., n, n)

    Returns
    -------
    float, or array over the leading axes
        nan without connections.

    References
    ----------
    Pastor-Satorras & Vespignani 2001, doi:10.1103/PhysRevLett.86.3200.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.degree_heterogeneity([[0, 1.0, 1], [1, 0, 1], [1, 1, 0]])
    1.0
    """
    return undefined.spoken(_heterogeneity(_present(net)), "degree_heterogeneity", NO_CONNECTIONS)


@takes_stacks
def strength_heterogeneity(net: Network) -> Any:
    """How unequal strengths are, ``<s^2> / <s>^2`` of in- plus out-strength of ``|W|``: 1 if all are equal.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Self-connections are left out.

    Returns
    -------
    float, or array over the leading axes
        nan without connections.

    References
    ----------
    Pastor-Satorras & Vespignani 2001, doi:10.1103/PhysRevLett.86.3200 (of degrees).

    Examples
    --------
    >>> import netanalysis as na
    >>> na.strength_heterogeneity([[0, -2.0, 2], [2, 0, 2], [2, 2, 0]])
    1.0
    """
    w = abs(transform.remove_self_connections(validate.as_weights(net, as_given=True)))
    return undefined.spoken(_heterogeneity(w), "strength_heterogeneity", NO_CONNECTIONS)


def _present(net: Network) -> Any:
    return transform.binarize(transform.remove_self_connections(validate.as_weights(net, as_given=True)))


def _edges(w: Any) -> NDArray[np.intp]:
    if sparse.issparse(w):
        return np.asarray(w.nnz - np.count_nonzero(w.diagonal()))
    own = np.count_nonzero(np.diagonal(w, axis1=-2, axis2=-1), axis=-1)
    return np.asarray(np.count_nonzero(w, axis=(-2, -1)) - own)


def _total(w: Any) -> Any:
    return w.sum() if sparse.issparse(w) else w.sum(axis=(-2, -1))


def _sums(w: Any, direction: Literal["both", "out", "in"]) -> NDArray[np.float64]:
    options.choice(direction, ["both", "out", "in"], "direction")
    out, into = np.asarray(w.sum(axis=-1)), np.asarray(w.sum(axis=-2))
    if direction != "both":
        return out if direction == "out" else into
    both = out + into
    if sparse.issparse(w):
        return both / 2 if validate.is_symmetric(w) else both
    flat, lead = stacks.flatten(w)
    share = np.array([0.5 if validate.is_symmetric(m) else 1.0 for m in flat])
    return np.asarray(both * share.reshape(*lead, 1))


def _heterogeneity(w: Any) -> Any:
    w, _ = scaling.near_one(w)
    k = np.asarray(w.sum(axis=-1) + w.sum(axis=-2))
    return stacks.number(stacks.ratio((k**2).mean(axis=-1), k.mean(axis=-1) ** 2))
