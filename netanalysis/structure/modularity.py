"""Modularity Q of a given partition, and of each of its communities: undirected, directed, signed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import node_order, options, scaling, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks

__all__ = ["modularity", "module_quality"]

NO_WEIGHTS = "there are no weights to share out"

_ROUNDING = 1e-14  # of Q
_BLOCK = 2**18  # entries of a stack looked at together, which stay in cache


@takes_stacks
def modularity(net: Network, communities: ArrayLike | None = None, *, resolution: float = 1.0) -> Any:
    r"""Modularity Q: weight inside communities beyond what node strengths alone would put there.

    For non-negative weights, with :math:`m = \sum_{ij} W_{ij}`, :math:`k^{out}_i = \sum_j W_{ij}` and
    :math:`k^{in}_j = \sum_i W_{ij}` (Leicht & Newman),

    .. math:: Q = \frac{1}{m} \sum_{ij} \Big[ W_{ij} - \gamma \frac{k^{out}_i k^{in}_j}{m} \Big] \delta(c_i, c_j),

    which for an undirected network is Newman's Q. With negative weights it is Q* of Rubinov & Sporns: split
    :math:`W = W^+ - W^-`, let :math:`m^\pm` and :math:`k^\pm` be their sums and strengths, then

    .. math::
        Q^* = \frac{1}{m^+} \sum_{ij} \Big[ W^+_{ij} - \gamma \frac{k^{+out}_i k^{+in}_j}{m^+} \Big] \delta(c_i, c_j)
        - \frac{1}{m^+ + m^-} \sum_{ij} \Big[ W^-_{ij} - \gamma \frac{k^{-out}_i k^{-in}_j}{m^-} \Big] \delta(c_i, c_j)

    (a part whose sum is 0 is left out). Without negative weights the two are the same.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Dense or sparse, any signs, directed or not. Nothing is symmetrised, thresholded or made positive.
        Self-connections count as weight inside their node's community, in Q and in the strengths; leave them out with
        :func:`netanalysis.transform.remove_self_connections`.
    communities : array_like, shape (n,) or (..., n), optional
        A label per node, numbers or strings; default: the modules of the Connectome. Leading axes are matched with
        those of the stack as numpy broadcasts.
    resolution : float
        :math:`\gamma \ge 0`. Above 1, smaller communities are worth more.

    Returns
    -------
    float or ndarray
        Q, over the leading axes if there are any. NaN for a network without weights, including a single node that is
        not connected to itself. Nodes without connections change nothing, wherever they are put.

    Raises
    ------
    TypeError, ValueError
        If `communities` has no label for each node, or `resolution` is not a non-negative number.

    References
    ----------
    Newman, doi:10.1103/PhysRevE.70.056131; Leicht & Newman, doi:10.1103/PhysRevLett.100.118703; Reichardt & Bornholdt
    (resolution), doi:10.1103/PhysRevE.74.016110; Rubinov & Sporns, doi:10.1016/j.neuroimage.2011.03.069.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> two_pairs = np.kron(np.eye(2), [[0, 1], [1, 0]])
    >>> na.modularity(two_pairs, ["a", "a", "b", "b"])
    0.5
    >>> na.modularity(two_pairs, [[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]])
    array([ 0.5, -0.5,  0. ])
    """
    values = _quality(net, communities, resolution).cumsum(axis=-1)[..., -1]  # in turn: alike for any number of labels
    values = without_rounding(values)
    return undefined.spoken(stacks.number(values), "modularity", NO_WEIGHTS, of="partitions")


@takes_stacks
def module_quality(net: Network, communities: ArrayLike | None = None, *, resolution: float = 1.0) -> Any:
    """What each community adds to modularity Q: the terms of :func:`modularity` within it.

    Parameters
    ----------
    net : network or stack (..., n, n)
        As for :func:`modularity`.
    communities : array_like, shape (n,) or (..., n), optional
        A label per node, numbers or strings; default: the modules of the Connectome.
    resolution : float
        As for :func:`modularity`.

    Returns
    -------
    ndarray, shape (..., k)
        A value for each of the k labels, in their sorted order, 0 for a label that a partition does not use; their sum
        is Q. nan for a network without weights.

    References
    ----------
    Newman, doi:10.1103/PhysRevE.70.056131; signed: Rubinov & Sporns, doi:10.1016/j.neuroimage.2011.03.069.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.module_quality([[0, 3.0, 0, 0], [3, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], ["a", "a", "b", "b"])
    array([0.11, 0.11])
    """
    return undefined.spoken(_quality(net, communities, resolution), "module_quality", NO_WEIGHTS, of="values")


def without_rounding(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Q that is 0 but for rounding, since its terms are shares of all weight, as 0."""
    return np.where(np.abs(q) < _ROUNDING, 0.0, q)


def _quality(net: Network, communities: ArrayLike | None, resolution: float) -> NDArray[np.float64]:
    """What each community adds to Q, (..., communities)."""
    w, _ = scaling.near_one(validate.as_weights(net, as_given=True))
    gamma = options.number_in(resolution, "resolution", at_least=0)
    codes = codes_of(net, communities, w.shape[-1])
    k = int(codes.max()) + 1
    if sparse.issparse(w):
        rows = codes.reshape(-1, codes.shape[-1])
        return np.array([_sparse_quality(w, c, gamma, k) for c in rows]).reshape(*codes.shape[:-1], k)
    try:
        lead = np.broadcast_shapes(w.shape[:-2], codes.shape[:-1])
    except ValueError:
        raise ValueError(
            f"communities of shape {codes.shape} do not match net of shape {w.shape}: "
            "give labels (n,) or one row of labels per network"
        ) from None
    n = w.shape[-1]
    if w.ndim > 2:
        w = np.broadcast_to(w, (*lead, n, n))
    flat = w.reshape(-1, n, n)
    rows = np.broadcast_to(codes, (*lead, n)).reshape(-1, n)
    step = max(1, _BLOCK // n**2)
    values = np.empty((len(rows), k))
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        values[block] = _dense_quality(flat if len(flat) == 1 else flat[block], rows[block], gamma, k)
    return values.reshape(*lead, k)


def modularity_matrix(w: NDArray[np.float64], resolution: float) -> NDArray[np.float64]:
    """Symmetric B with ``Q = sum_ij B_ij delta(c_i, c_j)``, (n, n); zeros for a network without weights."""
    w, _ = scaling.near_one(w)
    sums = w[w > 0].sum(), -w[w < 0].sum()
    b = np.zeros_like(w)
    for part, total, factor in _parts(w, *sums):
        if total > 0:
            b += factor * (part - resolution * np.outer(part.sum(1), part.sum(0)) / total)
    return (b + b.T) / 2


def _parts(w: Any, positive: Any, negative: Any) -> Any:
    """The positive and the negative weights, each with its sum and its factor in Q."""
    with np.errstate(divide="ignore"):
        yield np.maximum(w, 0.0), positive, 1.0 / positive
        if np.any(negative > 0):
            yield np.maximum(-w, 0.0), negative, -1.0 / (positive + negative)


def codes_of(net: Network, communities: ArrayLike | None, n: int) -> NDArray[np.intp]:
    """Labels of any kind, or those of the modules of a Connectome, as integers 0..k-1 of the same shape (..., n)."""
    if communities is None:
        communities = getattr(net, "modules", None)
        if communities is None:
            raise ValueError("give communities, a label per node, or a Connectome with modules")
    node_order.of_nodes(node_order.own_labels(net), communities, "communities")
    labels = validate.label_array(communities, "communities")
    if labels.ndim == 0 or labels.shape[-1] != n:
        raise ValueError(f"communities must hold one label per node, shape (..., {n}); got shape {labels.shape}")
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape)


def _dense_quality(w: NDArray[np.float64], labels: NDArray[np.intp], resolution: float, k: int) -> NDArray[np.float64]:
    """Of each row of labels (g, n), on the network (1, n, n) or one network each (g, n, n)."""
    count = len(labels)
    place = (labels + k * np.arange(count)[:, None]).ravel()
    same = labels[:, :, None] == labels[:, None, :]
    flat = w.reshape(len(w), -1)
    positive = np.maximum(flat, 0.0).sum(1)
    negative = np.maximum(-flat, 0.0).sum(1)
    q = np.broadcast_to(np.where(positive + negative > 0, 0.0, np.nan)[:, None], (count, k)).copy()

    def of_communities(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(place, np.broadcast_to(values, labels.shape).ravel(), count * k)
        return np.asarray(sums, float).reshape(count, k)

    for part, total, factor in _parts(w, positive, negative):
        inside = of_communities((part * same).sum(2))
        expected = of_communities(part.sum(2)) * of_communities(part.sum(1))
        whole = total[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.reshape(factor, (-1, 1)) * (inside - resolution * expected / whole)
        q += np.where(whole > 0, share, 0.0)
    return q


def _sparse_quality(w: Any, labels: NDArray[np.intp], resolution: float, k: int) -> NDArray[np.float64]:
    """Of labels (n,) on a csr_array, in time proportional to the connections."""
    rows = np.repeat(labels, np.diff(w.indptr))
    cols = labels[w.indices]
    same = rows == cols
    sums = w.data[w.data > 0].sum(), -w.data[w.data < 0].sum()
    if sum(sums) == 0:
        return np.full(k, np.nan)
    q = np.zeros(k)
    for part, total, factor in _parts(w.data, *sums):
        if total > 0:
            expected = np.bincount(rows, part, k) * np.bincount(cols, part, k)
            q += factor * (np.bincount(rows[same], part[same], k) - resolution * expected / total)
    return q
