"""Clustering: how often the neighbours of a node are connected to each other, and how strongly."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, scaling, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.transform import remove_self_connections

__all__ = ["clustering", "transitivity"]

Method = Literal["binary", "onnela", "fagiolo", "barrat", "signed_onnela", "costantini", "out"]
_METHODS = get_args(Method)
_BY_CUBE_ROOT = (None, "onnela", "fagiolo", "signed_onnela")
_SIGNED = ("costantini", "signed_onnela")
_WITHOUT_SCALE = ("binary", "barrat", "out")

# Above this density a matrix product beats going through the triangles (measured at n = 100 and 1,000).
_BLAS_FROM_DENSITY = 0.6

_ROWS_WORK = 2**23  # paths of two connections looked at together
_LEAST = np.nextafter(0.0, 1.0)
_SMALL = 1e-200  # sums of products of weights near 1 below this may have lost some to underflow


@takes_stacks
def clustering(net: Network, *, method: Method | None = None, scale: Literal["max"] | None = "max") -> Any:
    r"""Clustering coefficient of every node.

    Parameters
    ----------
    net : network or stack (..., n, n)
    method : {"binary", "onnela", "fagiolo", "barrat", "signed_onnela", "costantini", "out"}, optional
        By default "onnela" for an undirected network and "fagiolo" for a directed one. Both give the
        binary value for a matrix of 0 and 1, and "fagiolo" gives "onnela" for an undirected network.

        ``"binary"``
            Every weight that is not 0, of either sign, counts 1. Undirected (Watts & Strogatz 1998):
            :math:`C_i = 2 t_i / k_i (k_i - 1)` with :math:`t_i` triangles and :math:`k_i` neighbours.
            Directed: Fagiolo's coefficient of the 0/1 matrix.
        ``"onnela"`` (undirected, weights >= 0)
            :math:`C_i = \sum_{jk} (w_{ij} w_{jk} w_{ki})^{1/3} / k_i (k_i - 1)`: each triangle counts the
            geometric mean of its weights (Onnela et al. 2005).
        ``"fagiolo"`` (weights >= 0)
            :math:`C_i = [(S + S^T)^3]_{ii} / 2 [d_i (d_i - 1) - 2 d_i^\leftrightarrow]`, where S holds the cube
            roots of W, :math:`d_i` is in- plus out-degree and :math:`d_i^\leftrightarrow` counts mutual
            connections: all eight directed triangles of a pair of neighbours (Fagiolo 2007).
        ``"barrat"`` (undirected, weights >= 0)
            :math:`C_i = \sum_{jk} a_{ij} a_{jk} a_{ki} (w_{ij} + w_{ik}) / 2 s_i (k_i - 1)`, with :math:`s_i` the
            strength: each triangle counts the mean weight of the two connections to i; that of the third one does not
            matter (Barrat et al. 2004).
        ``"signed_onnela"`` (undirected, signed)
            "onnela" with the sign of each product: triangles with an odd number of negative weights count negatively
            (Costantini & Perugini 2014). Without negative weights it is "onnela".
        ``"costantini"`` (undirected, signed)
            :math:`C_i = \sum_{jk} w_{ij} w_{jk} w_{ki} / \sum_{j \ne k} |w_{ij} w_{ik}|`: triangles with an odd
            number of negative weights count negatively. Of the signed coefficients in Costantini & Perugini 2014 it is
            the one after Zhang & Horvath, "type 3" of ``clustering_coef_wu_sign`` in the Brain Connectivity Toolbox,
            and not the one after Onnela, which is "signed_onnela".
        ``"out"``
            Share of the ordered pairs of out-neighbours of i that are connected, 0/1 as in "binary". For a
            directed network this is what ``clustering_coef_bu`` of the Brain Connectivity Toolbox returns
            although it asks for an undirected one; published values exist that were computed so.
    scale : {"max", None}
        "max" divides the weights of each network by their largest magnitude (off the diagonal) first, which
        is how the weighted coefficients are defined; None takes the weights as they are, as the Brain
        Connectivity Toolbox does. Without effect on "binary", "barrat" and "out".

    Returns
    -------
    ndarray, shape (..., n)
        One value per node; its mean is the clustering coefficient of the network.

    Raises
    ------
    ValueError
        Negative weights under "onnela", "fagiolo" or "barrat"; a directed network under "onnela", "barrat",
        "signed_onnela" or "costantini".

    Notes
    -----
    Self-connections are ignored. Nodes with fewer than two neighbours (under "out": out-neighbours) have
    clustering 0. A network without connections has clustering 0 everywhere. Sparse networks stay sparse
    (except under "out"): time grows at most like edges to the power 1.5, memory like edges.

    References
    ----------
    Watts & Strogatz 1998, doi:10.1038/30918. Onnela et al. 2005, doi:10.1103/PhysRevE.71.065103.
    Fagiolo 2007, doi:10.1103/PhysRevE.76.026107. Barrat et al. 2004, doi:10.1073/pnas.0400087101.
    Costantini & Perugini 2014, doi:10.1371/journal.pone.0088669.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.clustering([[0, 8.0, 8], [8, 0, 1], [8, 1, 0]])
    array([0.5, 0.5, 0.5])
    >>> na.clustering([[0, 1.0, 1], [1, 0, 0], [1, 0, 0]], method="binary")
    array([0., 0., 0.])
    """
    w, unit = _weights(net, method)
    closed, possible, lead, unit = _triangles(net, w, unit, method, scale)
    out = closed / np.maximum(possible, _LEAST)  # where nothing is possible nothing is closed
    if method == "costantini":
        for k, i in np.argwhere((possible < _SMALL) & (_degrees(w) > 1)).tolist():
            out[k, i] = _of_node(w if sparse.issparse(w) else w.reshape(-1, *w.shape[-2:])[k], i, scale)
    if scale is None and method not in _WITHOUT_SCALE:
        out *= unit.reshape(-1, 1)
    return out.reshape(lead + out.shape[1:])


@takes_stacks
def transitivity(net: Network, *, method: Method | None = None, scale: Literal["max"] | None = "max") -> Any:
    """Clustering of a whole network: triangles over all pairs of neighbours, numerators and denominators summed.

    Unlike the mean of :func:`clustering` it gives nodes with many neighbours more say.

    Parameters
    ----------
    net : network or stack (..., n, n)
    method, scale
        As for :func:`clustering`.

    Returns
    -------
    float, or array over the leading axes
        nan where no node has two neighbours.

    References
    ----------
    Newman 2003, doi:10.1137/S003614450342480.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transitivity([[0, 1.0, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    0.6
    """
    w, unit = _weights(net, method)
    closed, possible, lead, unit = _triangles(net, w, unit, method, scale)
    out = stacks.ratio(closed.sum(-1), possible.sum(-1))
    if scale is None and method not in _WITHOUT_SCALE:
        out *= unit.ravel()
    return undefined.spoken(stacks.restore(out, lead), "transitivity", "no node has two neighbours")


def _weights(net: Network, method: Method | None) -> tuple[Any, NDArray[np.float64]]:
    """Weights near 1, as given, since rounding makes no difference beyond rounding; and their units.

    For cube roots of dense weights :func:`_dense` sees to it, which learns the largest on the way.
    """
    w = validate.as_weights(net, as_given=True)
    if method in ("binary", "out") or (method in _BY_CUBE_ROOT and not sparse.issparse(w)):
        return w, scaling.ONE
    return scaling.near_one(w)


def _triangles(
    net: Network,
    w: Any,
    unit: NDArray[np.float64],
    method: Method | None,
    scale: Literal["max"] | None,
) -> tuple[Any, Any, tuple[int, ...], NDArray[np.float64]]:
    """Closed triangles, weighted, and possible ones per network and node, the leading shape, and the weights' unit.

    Both as Fagiolo counts them for directed networks; for undirected ones each is four times the number of pairs of
    neighbours, and the quotient, in floating point too, is Onnela's.
    """
    if scale is not None:
        options.choice(scale, ["max"], "scale (None or a string)")
    if method is not None:
        options.choice(method, _METHODS, "method (None or a string)")
    if method == "out":
        w = validate.dense(w, measure='clustering with method="out"', instead='method="binary"')
    if sparse.issparse(w):
        closed, possible = _sparse(net, w, method, scale)
        return closed[None], possible[None], (), unit
    flat, lead = stacks.flatten(validate.for_kernels(w))
    closed, possible = np.empty(flat.shape[:2]), np.empty(flat.shape[:2])
    if method == "barrat":
        _barrat(net, flat, closed, possible)
    elif method in ("binary", "out"):
        kernel = kernels.triangles.binary if method == "binary" else kernels.triangles.among_successors
        stacks.in_threads(lambda a, b: kernel(a, b, flat, closed, possible), flat, work=2**21)
    else:
        found = _dense(net, flat, method, scale, closed, possible)
        unit = unit if found is None else found
    return closed, possible, lead, unit


def _refuse(net: Network, method: Method | None, directed: Any, negative: Any) -> None:
    if method in ("onnela", "barrat", *_SIGNED) and directed and not validate.is_symmetric(validate.as_weights(net)):
        raise ValueError(
            f'clustering with method="{method}" needs an undirected network; net is directed. '
            'Use method="fagiolo", or make it undirected with transform.symmetrize(net, how=...)'
        )
    if method not in _SIGNED and negative:
        raise ValueError(
            'weighted clustering needs non-negative weights; net has negative ones. Use method="costantini" '
            'or "signed_onnela" (undirected), or method="binary", or choose '
            "transform.absolute(net) or transform.positive_part(net)"
        )


def _dense(
    net: Network,
    flat: NDArray[np.float64],
    method: Method | None,
    scale: Literal["max"] | None,
    closed: Any,
    possible: Any,
) -> NDArray[np.float64] | None:
    """Through the triangles on bits up to a density, by a matrix product beyond it; the unit, if weights got one."""
    n = flat.shape[-1]
    facts = np.empty((len(flat), 5))
    cube_roots = method != "costantini"

    def block(start: int, stop: int) -> None:
        step = max(1, 2**17 // (n * n))
        for a in range(start, stop, step):
            b = min(stop, a + step)
            rows, weights = kernels.triangles.connected_pairs(a, b, flat, _BLAS_FROM_DENSITY, possible, facts)
            if cube_roots:
                weights = np.cbrt(weights)
            kernels.triangles.sums_of_pairs(a, b, rows, weights, facts, scale is not None, closed)

    stacks.in_threads(block, flat)
    directed, negative, largest, any_filled, _ = (facts.max(axis=0) if len(flat) > 1 else facts[0]).tolist()
    far = scaling.is_far(facts[:, 2]).any() if len(flat) > 1 else scaling.is_far(largest)
    if cube_roots and far:
        unit = np.where(scaling.is_far(facts[:, 2]), facts[:, 2], 1.0)
        with np.errstate(over="ignore"):  # of self-connections, which do not count
            near = flat / unit[:, None, None]
        _dense(net, near, method, scale, closed, possible)
        return unit

    def product(start: int, stop: int) -> None:
        for k in np.flatnonzero(facts[start:stop, 3]) + start:
            root = np.cbrt(flat[k]) if cube_roots else flat[k]
            m = root + root.T
            m.flat[:: n + 1] = 0.0
            np.einsum("ij,ij->i", m @ m, m, out=closed[k])
            closed[k] *= 0.5
            if scale:
                closed[k] /= facts[k, 2]

    if any_filled:
        parallel.blas_blocks(product, len(flat), order=n)
    _refuse(net, method, directed, negative)
    if method == "costantini":
        for k, w in enumerate(flat):
            off = np.abs(w) - np.diag(np.abs(w.diagonal()))
            possible[k] = 4.0 * _strength_pairs(off)
    return None


def _barrat(net: Network, flat: NDArray[np.float64], closed: Any, possible: Any) -> None:
    """Weight of closed and of all pairs of neighbours, each pair at the mean of its two weights."""
    facts = np.empty((len(flat), 2))
    stacks.in_threads(lambda a, b: kernels.triangles.shared_weights(a, b, flat, closed, possible, facts), flat)
    _refuse(net, "barrat", facts[:, 0].any(), facts[:, 1].any())


def _sparse_barrat(w: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """:func:`_barrat` of a csr_array without self-connections, some rows at a time."""
    closed = np.empty(w.shape[0])
    present = sparse.csr_array((np.ones(w.nnz), w.indices, w.indptr), shape=w.shape)
    degree = np.diff(w.indptr)
    paths = np.concatenate([[0], np.cumsum(present @ degree.astype(float))])  # work before each row
    cuts = np.unique(np.searchsorted(paths, np.arange(0, paths[-1], _ROWS_WORK)).clip(0, w.shape[0]))
    for a, b in pairwise([*cuts.tolist(), w.shape[0]]):
        closed[a:b] = (w[a:b].multiply(present[a:b] @ present)).sum(axis=1)
    return closed, np.asarray(w.sum(axis=1)) * (degree - 1.0)


def _strength_pairs(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over ordered pairs of different neighbours of the product of their weights' magnitudes a; a is used up.

    With S the sum of a row, each magnitude times the others is a (S - a), which keeps its digits for all but the
    largest; that is multiplied by the sum of the others itself. The square of S less the squares would keep none where
    one weight outweighs the others.
    """
    nodes, at = np.arange(len(a)), a.argmax(-1)
    largest = a[nodes, at]
    a[nodes, at] = 0.0
    rest = a.sum(-1)
    return np.asarray(largest * rest + (a * ((largest + rest)[:, None] - a)).sum(-1))


def _degrees(w: Any) -> NDArray[np.intp]:
    """Numbers of neighbours in each network, (networks, n)."""
    if sparse.issparse(w):
        return (np.diff(w.indptr) - (w.diagonal() != 0))[None]
    flat, _ = stacks.flatten(w)
    return np.asarray(np.count_nonzero(flat, axis=-1) - (np.diagonal(flat, axis1=1, axis2=2) != 0))


def _of_node(w: Any, i: int, scale: str | None) -> float:
    """Signed clustering of one node whose weights are so small that their products are lost beside those of others."""
    row = (w[[i]].toarray() if sparse.issparse(w) else w[i]).ravel().copy()
    row[i] = 0.0
    unit = np.abs(row) / np.abs(row).max()
    row /= np.abs(row).max()
    weights = w - sparse.diags_array(w.diagonal()) if sparse.issparse(w) else w - np.diag(w.diagonal())
    before = np.concatenate([[0.0], np.cumsum(unit)[:-1]])
    value = float(row @ (weights @ row)) / float(2.0 * unit @ before)
    largest = float(abs(weights).max())
    return value / largest if scale and largest else value


def _sparse_strength_pairs(w: Any) -> NDArray[np.float64]:
    """:func:`_strength_pairs` of a csr_array."""
    n, degree = w.shape[0], np.diff(w.indptr)
    rows = np.repeat(np.arange(n), degree)
    a = np.abs(w.data)
    largest = np.zeros(n)
    largest[degree > 0] = np.maximum.reduceat(a, w.indptr[:-1][degree > 0]) if len(a) else 0.0
    at = np.flatnonzero(a == largest[rows])
    _, once = np.unique(rows[at], return_index=True)
    a[at[once]] = 0.0
    rest = np.bincount(rows, a, n)
    return np.asarray(largest * rest + np.bincount(rows, a * ((largest + rest)[rows] - a), n))


def _sparse(
    net: Network, w: Any, method: Method | None, scale: Literal["max"] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if w.diagonal().any():
        w = remove_self_connections(w)
    if method != "binary":
        _refuse(net, method, method != "fagiolo" and not validate.is_symmetric(w), validate.has_negative(w))
    if method == "barrat":
        return _sparse_barrat(w)
    data = np.ones(w.nnz) if method == "binary" else w.data if method == "costantini" else np.cbrt(w.data)
    root = sparse.csr_array((data, w.indices, w.indptr), shape=w.shape)
    m = sparse.csr_array(root + root.T)
    neighbours = np.diff(m.indptr)
    if method == "costantini":
        possible = 4.0 * _sparse_strength_pairs(root)
    else:
        degree = np.diff(w.indptr) + np.bincount(w.indices, minlength=w.shape[0])
        possible = degree * (degree - 1.0) - 2.0 * (degree - neighbours)
    closed = np.empty(w.shape[0])
    kernels.triangles.weighted_sums(*validate.lists_for_kernels(m.indptr, m.indices, m.data), closed)
    if scale and method != "binary" and w.nnz:
        closed /= np.abs(w.data).max()
    return closed, possible
