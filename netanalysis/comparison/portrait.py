"""Portrait divergence: how many nodes have how many others at every distance."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, validate
from netanalysis._core.types import Network
from netanalysis.comparison._distributions import SAME, jensen_shannon
from netanalysis.comparison._pairs import LARGE, Parts, in_parts, over, sized
from netanalysis.structure._lengths import Lengths
from netanalysis.structure.paths import shortest_paths

__all__ = ["network_portrait", "portrait_divergence"]

Variant = Literal["code", "formula"]


def network_portrait(net: Network) -> NDArray[np.intp]:
    """Portrait of a network: how many nodes have k others at a distance of l hops.

    Parameters
    ----------
    net : network
        Of either direction; every weight that is not 0 is a connection, self-connections are none.

    Returns
    -------
    ndarray of int, shape (diameter + 1, n)
        ``B[l, k]`` nodes from which exactly k nodes are reached in l hops and no fewer; ``B[0, 1] = n``. Pairs without
        a path are at no distance.

    References
    ----------
    Bagrow, Bollt, Skufca & ben-Avraham 2008, doi:10.1209/0295-5075/81/68004.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.network_portrait([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    array([[0, 3, 0],
           [0, 2, 1],
           [1, 2, 0]])
    """
    w = validate.as_weights(net, as_given=True)
    if w.ndim != 2:
        raise ValueError(f"net must be one network; got a stack of shape {w.shape}: ask for each by itself")
    return _portrait(_shells(shortest_paths(w, lengths="hops")), w.shape[0])


def _shells(hops: NDArray[np.float64]) -> NDArray[np.intp]:
    """Distances as numbers of shells, -1 where there is no path."""
    return np.where(np.isfinite(hops), hops, -1).astype(np.intp)


def _portrait(shells: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """``B[l, k]``, from the shell of every pair; `width` is one more than the largest k, at least 2."""
    n, deepest = len(shells), int(shells.max())
    cells = np.arange(n)[:, None] * (deepest + 2) + shells + 1
    counts = np.bincount(cells.ravel(), minlength=n * (deepest + 2)).reshape(n, -1)[:, 1:]
    width = max(width, int(counts.max()) + 1)
    at = np.arange(deepest + 1) * width + counts
    return np.bincount(at.ravel(), minlength=(deepest + 1) * width).reshape(-1, width)


def _shares(portrait: NDArray[np.intp], variant: str) -> NDArray[np.float64]:
    """The joint distribution of distance and number of nodes at it."""
    pairs = portrait * np.arange(portrait.shape[1])
    if variant == "code":
        return np.asarray(pairs / pairs.sum())
    at_distance = pairs.sum(axis=1, keepdims=True) / pairs.sum()
    return np.asarray(portrait / portrait[0].sum() * at_distance)


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    shape = np.maximum(p.shape, q.shape)
    padded = [np.pad(x, [(0, int(s) - k) for s, k in zip(shape, x.shape, strict=True)]).ravel() for x in (p, q)]
    return jensen_shannon(*padded)


def _in_hops(net: Any, variant: str) -> NDArray[np.float64]:
    w = validate.as_weights(net, as_given=True)
    return _shares(_portrait(_shells(shortest_paths(w, lengths="hops")), 2), variant)


def _in_lengths(net: Any, lengths: Lengths) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances between all pairs, and the distinct ones between different nodes."""
    d = shortest_paths(validate.as_weights(net), lengths=lengths)
    return d, _distinct(d[~np.eye(len(d), dtype=bool) & np.isfinite(d)])


def _distinct(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values = np.sort(values)
    return values[np.diff(values, prepend=-np.inf) > SAME * np.abs(values).max(initial=0.0)]


def _binned(distances: NDArray[np.float64], cuts: NDArray[np.float64], variant: str) -> NDArray[np.float64]:
    """Shares over bins of distance: bin 0 is the node itself, bin b lies below cut b."""
    shells = np.searchsorted(cuts * (1 + SAME), distances, side="left") + 1
    shells[~np.isfinite(distances)] = -1
    np.fill_diagonal(shells, 0)
    return _shares(_portrait(shells, 2), variant)


def _in_bins(net: Any, lengths: Lengths, cuts: NDArray[np.float64], variant: str) -> NDArray[np.float64]:
    return _binned(_in_lengths(net, lengths)[0], cuts, variant)


def _between_lengths(a: Any, b: Any, n_bins: int, variant: str) -> float:
    lengths = _distinct(np.concatenate([a[1], b[1]]))
    cuts = np.quantile(lengths, np.arange(1, n_bins) / n_bins) if len(lengths) else np.empty(0)
    return _divergence(_binned(a[0], cuts, variant), _binned(b[0], cuts, variant))


@sized("portrait_divergence", LARGE)
def _parts(*, variant: Variant = "code", lengths: Lengths = "hops", bins: int | ArrayLike = 10) -> Parts:
    options.choice(variant, get_args(Variant), "variant")
    options.choice(lengths, get_args(Lengths), "lengths")
    n_bins = options.count(bins, "bins") if np.ndim(bins) == 0 else 0
    if lengths == "hops":
        return Parts(partial(_in_hops, variant=variant), _divergence)
    if n_bins:
        return Parts(partial(_in_lengths, lengths=lengths), partial(_between_lengths, n_bins=n_bins, variant=variant))
    cuts = validate.as_array(bins, "bins", shape=(None,))
    if not (np.diff(cuts) > 0).all() or (cuts <= 0).any():
        raise ValueError("bins must be a number of bins, or positive lengths in rising order at which to cut")

    return Parts(partial(_in_bins, lengths=lengths, cuts=cuts, variant=variant), _divergence)


@in_parts(_parts)
def portrait_divergence(
    a: Network,
    b: Network,
    *,
    variant: Variant = "code",
    lengths: Lengths = "hops",
    bins: int | ArrayLike = 10,
) -> Any:
    r"""Portrait divergence of two networks of any size: 0 to 1 bit.

    The Jensen-Shannon divergence, in bits, of the joint distributions of a distance l and of the number k of nodes at
    it, from the portraits B of both (:func:`network_portrait`). Unlabelled: relabelled networks are at 0.

    Parameters
    ----------
    a, b : network or stack (..., n, n)
        Of any size, of either direction (distances go along the connections). Leading axes are matched as numpy
        broadcasts.
    variant : {"code", "formula"}
        "code": :math:`P(k, l) = k B_{lk} / \sum_{lk} k B_{lk}`, what the authors' program computes, and so the
        published values. "formula": :math:`P(k, l) = B_{lk} / N` times the share of connected pairs that are at
        distance l, as the paper prints it (and netrd computes it). Two numbers.
    lengths : {"hops", "inverse", "weights"}
        As for :func:`shortest_paths`; all but "hops" use weights, which must be positive and, of two networks, in the
        same unit (:func:`netanalysis.transform.normalize`).
    bins : int or sequence of float
        For weighted lengths. A number of bins: they are cut at quantiles of the distinct path lengths of both networks
        together, so that they differ from pair to pair. Or the lengths at which to cut, the same for all pairs. The
        node itself is a bin of its own.

    Returns
    -------
    float, or array over the leading axes
        Its square root is a metric (with the same bins for all pairs); the divergence itself breaks the triangle
        inequality. 0 does not mean isomorphic: two graphs may share a portrait.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.

    References
    ----------
    Bagrow & Bollt 2019, doi:10.1007/s41109-019-0156-x.

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    >>> star = [[0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    >>> round(na.portrait_divergence(chain, star), 6)
    0.598289
    >>> round(na.portrait_divergence(chain, star, variant="formula"), 6)
    0.522433
    """
    return over(a, b, _parts(variant=variant, lengths=lengths, bins=bins))
