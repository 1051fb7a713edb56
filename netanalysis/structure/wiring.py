"""Weights and distances: do strong connections stay short?"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, stacks, undefined, validate
from netanalysis._core.rounding import alike
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import edge_distances, node_distances
from netanalysis.structure.basic import NO_CONNECTIONS

__all__ = ["connection_distance", "weight_distance_correlation", "wiring_cost"]

_NO_SPREAD = "there are fewer than 2 pairs, or their magnitudes or distances are all the same"


@takes_stacks
def weight_distance_correlation(
    net: Network,
    *,
    distances: ArrayLike | None = None,
    pairs: Literal["connected", "all"] = "connected",
    self_connections: bool = False,
) -> Any:
    """Pearson correlation of connection magnitude ``|w_ij|`` and distance ``d_ij``.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Magnitudes are used. Of an undirected network each connection counts in both directions, which
        does not change the correlation.
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome.
    pairs : {"connected", "all"}
        Over pairs with a connection (w != 0), or over all pairs with absent connections as 0
        (Sheeran et al., doi:10.48550/arXiv.2409.17693).
    self_connections : bool
        Whether the diagonal takes part, at its distance (0). Achterberg et al. (doi:10.1038/s42256-023-00748-9)
        correlate connected pairs including it.

    Returns
    -------
    float, or array over the leading axes
        nan with fewer than 2 pairs, or if magnitudes or distances do not vary.

    Raises
    ------
    ValueError
        Without distances.

    Examples
    --------
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 2.0, 1], [2, 0, 3], [1, 3, 0]], positions=[[0.0], [2], [3]])
    >>> round(na.weight_distance_correlation(net), 6)
    -1.0
    """
    options.flags(self_connections=self_connections)
    options.choice(pairs, ["connected", "all"], "pairs")
    w = validate.as_weights(net, as_given=True)
    if sparse.issparse(w) and pairs == "connected":
        entries = sparse.coo_array(w)
        keep = slice(None) if self_connections else entries.row != entries.col
        rows, columns = entries.row[keep], entries.col[keep]
        r = _pearson(np.abs(entries.data[keep]), edge_distances(net, distances, w.shape[-1], rows, columns))
        return undefined.spoken(r, "weight_distance_correlation", _NO_SPREAD)
    w = validate.dense(w, measure="correlation over all pairs", instead="pairs='connected'")
    d = node_distances(net, distances, w.shape[-1])
    off = np.ones_like(d, bool) if self_connections else ~np.eye(len(d), dtype=bool)

    def one(m: NDArray[np.float64]) -> float:
        keep = off if pairs == "all" else off & (m != 0)
        return _pearson(np.abs(m[keep]), d[keep])

    return undefined.spoken(stacks.each(w, one), "weight_distance_correlation", _NO_SPREAD)


@takes_stacks
def connection_distance(net: Network, *, distances: ArrayLike | None = None, weighted: bool = False) -> Any:
    """Mean distance between connected nodes, ``sum a_ij d_ij / sum a_ij`` over i != j.

    Parameters
    ----------
    net : network or stack (..., n, n)
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome.
    weighted : bool
        ``a_ij = |w_ij|`` rather than 1 for every connection.

    Returns
    -------
    float, or array over the leading axes
        In the unit of the distances; nan without connections.

    Examples
    --------
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 2.0, 1], [2, 0, 3], [1, 3, 0]], positions=[[0.0], [2], [3]])
    >>> na.connection_distance(net)
    2.0
    """
    options.flags(weighted=weighted)
    cost, a, _ = _sums(net, distances, weighted)
    return undefined.spoken(stacks.number(stacks.ratio(cost, a)), "connection_distance", NO_CONNECTIONS)


@takes_stacks
def wiring_cost(net: Network, *, distances: ArrayLike | None = None, weighted: bool = True) -> Any:
    """Material that the connections take: ``sum a_ij d_ij`` over connections, undirected ones counted once.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Self-connections have length 0 and cost nothing.
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome.
    weighted : bool
        ``a_ij = |w_ij|``, a connection being as thick as it is strong, rather than 1 for every connection: the total
        length.

    Returns
    -------
    float, or array over the leading axes
        In the unit of the weights times that of the distances; 0 without connections.

    Notes
    -----
    By itself it grows with size and density: what counts is how it compares. Against nodes in other places,
    :func:`netanalysis.nulls.permute_positions`, it says whether the wiring fits the places (brains cost less than
    nearly all such rearrangements). Against :func:`netanalysis.nulls.degree_preserving`, whether it is short beyond
    what the degrees give. :func:`netanalysis.nulls.wiring_length_preserving` and
    :func:`netanalysis.nulls.geometry_preserving` hold it nearly fixed: they serve other measures, not this one.

    References
    ----------
    Bullmore & Sporns 2012, doi:10.1038/nrn3214; Kaiser & Hilgetag 2006 (other places),
    doi:10.1371/journal.pcbi.0020095.

    Examples
    --------
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 2.0, 1], [2, 0, 3], [1, 3, 0]], positions=[[0.0], [2], [3]])
    >>> na.wiring_cost(net), na.wiring_cost(net, weighted=False)
    (10.0, 6.0)
    >>> worm = na.datasets.load("celegans_chemical")
    >>> found = na.null_test(worm, na.wiring_cost, na.nulls.permute_positions, n_nulls=99, rng=0)
    >>> bool(found.observed < 0.7 * found.null_mean)
    True
    """
    options.flags(weighted=weighted)
    cost, _, directed = _sums(net, distances, weighted)
    return stacks.number(np.where(directed, cost, np.asarray(cost) / 2))


def _sums(net: Network, distances: Any, weighted: bool) -> tuple[Any, Any, Any]:
    """``sum a d`` and ``sum a`` over ordered pairs of distinct nodes, and whether the networks are directed."""
    w = validate.as_weights(net, as_given=True)
    if sparse.issparse(w):
        entries = sparse.coo_array(w)
        keep = entries.row != entries.col
        d = edge_distances(net, distances, w.shape[-1], entries.row[keep], entries.col[keep])
        a = np.abs(entries.data[keep]) if weighted else np.ones(len(d))
        return a @ d, a.sum(), not validate.is_symmetric(w)
    d = node_distances(net, distances, w.shape[-1])
    a = np.abs(w) if weighted else (w != 0).astype(float)
    a = np.where(np.eye(w.shape[-1], dtype=bool), 0.0, a)
    flat, lead = stacks.flatten(w)
    directed = np.reshape([not validate.is_symmetric(m) for m in flat], lead)
    return (a * d).sum(axis=(-2, -1)), a.sum(axis=(-2, -1)), directed


def _pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    if len(x) < 2 or alike(x) or alike(y):
        return float("nan")
    x, y = (values / np.abs(values).max() for values in (x, y))  # squares of what is left are doubles
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
