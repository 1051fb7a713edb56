"""Weights in another unit: shares of what a node receives or sends, of the largest, lengths."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, stacks, validate
from netanalysis._core.eigenvalues import spectral_radius
from netanalysis._core.records import recorded
from netanalysis._core.types import Network
from netanalysis.transform.connections import elementwise, with_weights

__all__ = ["invert", "normalize"]


@recorded(cheap=True)
def normalize(
    net: Network,
    *,
    by: Literal["max", "total", "spectral_radius", "input", "output"] = "max",
    totals: ArrayLike | None = None,
) -> Any:
    """Divide all weights of a network by one number, or those of every node by what it receives or sends.

    Parameters
    ----------
    net : network
    by : {"max", "total", "spectral_radius", "input", "output"}
        The largest magnitude, the sum of magnitudes, or the largest modulus of an eigenvalue. A network
        whose divisor is 0 is an error: there is nothing to scale.

        "input": every weight as a share of what its target receives, ``w_ij / sum_i |w_ij|``; "output": of what its
        source sends. Magnitudes, because signed sums may be 0; self-connections count (remove them first if they
        should not). A node without any keeps its zeros, so walks end there.
    totals : array_like, shape (n,), optional
        With "input" or "output": what each node receives or sends in all, connections that are not in the network
        (to fragments, below a threshold) included.

    Raises
    ------
    ValueError
        Nothing to scale by; totals below what the network itself holds.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.normalize([[0, -4.0], [2, 0]])
    array([[ 0. , -1. ],
           [ 0.5,  0. ]])
    >>> na.transform.normalize([[2, 6.0], [0, 4]], by="input")
    array([[1. , 0.6],
           [0. , 0.4]])
    >>> na.transform.normalize([[0, 10.0], [0, 0]], by="input", totals=[5, 30])
    array([[0.        , 0.33333333],
           [0.        , 0.        ]])
    """
    options.choice(by, ["max", "total", "spectral_radius", "input", "output"], "by")
    w = validate.as_weights(net)
    if by in ("input", "output"):
        axis = -2 if by == "input" else -1
        divisor = _totals(w, axis, totals)
        step = f"normalize(by={by!r}{'' if totals is None else ', totals given'})"
        if sparse.issparse(w):
            entries = sparse.coo_array(w)
            of = entries.col if by == "input" else entries.row
            share = stacks.ratio(entries.data, divisor[of], otherwise=0.0)
            return with_weights(net, sparse.csr_array((share, (entries.row, entries.col)), shape=w.shape), step)
        return with_weights(net, stacks.ratio(w, np.expand_dims(divisor, axis), otherwise=0.0), step)
    if totals is not None:
        raise ValueError(f'totals are what nodes receive or send; they go with by="input" or "output", not {by!r}')
    if by == "spectral_radius":
        scale = np.asarray(spectral_radius(w))
    elif sparse.issparse(w):
        scale = np.asarray(np.abs(w.data).max(initial=0.0) if by == "max" else np.abs(w.data).sum())
    else:
        scale = np.abs(w).max(axis=(-2, -1)) if by == "max" else np.abs(w).sum(axis=(-2, -1))
    if np.any(scale == 0):
        raise ValueError(f"net has {by} 0 and cannot be scaled by it")
    out = w / float(scale) if sparse.issparse(w) else w / scale[..., None, None]
    return with_weights(net, out, f"normalize(by={by!r})")


def _totals(w: Any, axis: int, totals: Any) -> NDArray[np.float64]:
    held = np.asarray(abs(w).sum(axis=axis))
    if totals is None:
        return held
    given = validate.as_array(totals, "totals", shape=(w.shape[-1],))
    short = np.argwhere(held > given * (1 + 1e-9))
    if len(short):
        node = int(short[0][-1])
        raise ValueError(
            f"totals must be at least what the network holds; of {len(short)} nodes they are less, first of node "
            f"{node}: {given[node]:g}, and {held[tuple(short[0])]:g} in the network"
        )
    return np.broadcast_to(given, held.shape)


@recorded(cheap=True)
def invert(net: Network) -> Any:
    """One over every weight, 0 where there is none: strengths into lengths, and back.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.transform.invert([[0, 4.0], [-0.5, 0]])
    array([[ 0.  ,  0.25],
           [-2.  ,  0.  ]])
    """
    w = validate.as_weights(net)
    held = np.abs(w.data if sparse.issparse(w) else w[w != 0])
    if held.size and held.min() < 1 / np.finfo(float).max:
        raise ValueError(f"net holds weights too small to have an inverse (down to {held.min():.3g})")
    return with_weights(net, elementwise(w, lambda x: stacks.ratio(1.0, x, otherwise=0.0)), "invert")
