"""Cores: what is left when weakly connected nodes are taken off one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import transform
from netanalysis._core import options, stacks, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure.basic import Direction

__all__ = ["k_core", "s_core"]

_DIRECTIONS = ["both", "out", "in"]


@takes_stacks
def k_core(net: Network, *, direction: Direction = "both") -> NDArray[np.float64]:
    """Coreness of every node: the largest k such that it lies in the k-core.

    The k-core is the largest part of the network whose nodes all have degree k or more within it,
    ``k_core(net) >= k``.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Every weight that is not 0, of either sign, is a connection; self-connections are ignored.
    direction : {"both", "out", "in"}
        Degree, as for :func:`degree`: of a directed network in- plus out-degree by default (two nodes connected both
        ways count two). Where all connections go both ways the binary network is undirected, whatever the weights, and
        each pair counts one.

    Returns
    -------
    ndarray, shape (..., n)
        0 for nodes without connections.

    References
    ----------
    Seidman 1983, doi:10.1016/0378-8733(83)90028-X. Batagelj & Zaversnik 2003, doi:10.48550/arXiv.cs/0310049.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.k_core([[0, 1.0, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    array([2., 2., 2., 1.])
    """
    options.choice(direction, _DIRECTIONS, "direction")
    w = transform.binarize(validate.as_weights(net, as_given=True))
    return _coreness(w, direction)


@takes_stacks
def s_core(net: Network, *, direction: Direction = "both") -> NDArray[np.float64]:
    """Weighted coreness of every node: the largest s such that it lies in the s-core.

    The s-core is the largest part of the network whose nodes all have strength s or more *within it*: strengths are
    counted anew whenever a node is taken off. It is ``s_core(net) >= s``, as in the Brain Connectivity Toolbox; the
    paper asks for more than s, ``s_core(net) > s``.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Non-negative weights; self-connections are ignored.
    direction : {"both", "out", "in"}
        Strength, as for :func:`strength`.

    Returns
    -------
    ndarray, shape (..., n)
        0 for nodes without connections; for weights of 0 and 1 that of :func:`k_core`.

    Raises
    ------
    ValueError
        Negative weights.

    References
    ----------
    Eidsaa & Almaas 2013, doi:10.1103/PhysRevE.88.062819.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.s_core([[0, 2.0, 2, 0], [2, 0, 2, 0], [2, 2, 0, 1.5], [0, 0, 1.5, 0]])
    array([4. , 4. , 4. , 1.5])
    """
    options.choice(direction, _DIRECTIONS, "direction")
    w = transform.remove_self_connections(validate.as_weights(net))
    validate.require_nonnegative(
        w, "net", measure="the s-core", instead="Use k_core, or choose transform.absolute(net) or positive_part"
    )
    return _coreness(w, direction)


def _coreness(w: Any, direction: Direction) -> NDArray[np.float64]:
    if sparse.issparse(w):
        return _of_lists(w, direction)
    flat, lead = stacks.flatten(np.asarray(w, float))
    if direction == "both":
        alike = np.fromiter((validate.is_symmetric(m) for m in flat), bool, len(flat))
        falls = np.where(alike[:, None, None], flat, flat + flat.swapaxes(-1, -2)) if not alike.all() else flat
    else:
        falls = flat.swapaxes(-1, -2) if direction == "out" else flat
    falls = validate.for_kernels(np.ascontiguousarray(falls))
    # What a node loses to itself is no strength, and nothing when it has gone.
    strength = falls.sum(axis=-2) - np.diagonal(falls, axis1=-2, axis2=-1)
    out = np.empty(strength.shape)
    stacks.in_threads(lambda start, stop: kernels.cores.peel_stack(start, stop, falls, strength, out), falls)
    return np.asarray(np.maximum(out, 0.0).reshape(*lead, -1))


def _of_lists(w: Any, direction: Direction) -> NDArray[np.float64]:
    w = transform.remove_self_connections(sparse.csr_array(w))
    if direction == "both":
        falls = w if validate.is_symmetric(w) else sparse.csr_array(w + w.T)
    else:
        falls = sparse.csr_array(w.T) if direction == "out" else w
    out = np.empty(w.shape[0])
    strength = np.asarray(falls.sum(axis=0), float).copy()
    kernels.cores.peel(*validate.lists_for_kernels(falls.indptr, falls.indices, falls.data), strength, out)
    return np.maximum(out, 0.0)
