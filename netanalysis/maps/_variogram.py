"""Surrogates whose variogram is that of the map: shuffled, smoothed, and mixed with noise until it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random
from netanalysis.maps._surrogates import as_distances, as_map, drawn, each_map, maps_of

FEWEST = 30  # nodes below which a variogram says nothing
_SHARES = tuple(round(0.1 * k, 1) for k in range(1, 10))


def variogram(
    values: ArrayLike, *, distances: ArrayLike, percentile: float = 25.0, n_lags: int = 25
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much values differ, by the distance between nodes: ``(x_i - x_j)^2 / 2``, smoothed over distance.

    Pairs nearer than the percentile of all distances count, at lag h with weight ``exp(-(2.68 (d - h) / b)^2 / 2)``,
    the bandwidth b being three steps between lags.

    Parameters
    ----------
    values : array_like, shape (n,) or (..., n)
    distances : array_like, shape (n, n)
    percentile : float
        Pairs strictly below this percentile of the distances are used: nodes far apart say little of smoothness.
    n_lags : int
        Equally spaced from the smallest to the largest distance used.

    Returns
    -------
    lags : ndarray, shape (n_lags,)
    variogram : ndarray, shape (..., n_lags)

    Raises
    ------
    ValueError
        If no two different distances lie below the percentile, as for nodes equally far from each other.

    References
    ----------
    Viladomat et al. 2014, doi:10.1111/biom.12139; Burt et al. 2020, doi:10.1016/j.neuroimage.2020.117038.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> row = np.arange(6)[:, None]
    >>> lags, found = na.maps.variogram([1, 3, 2, 6, 5, 9], distances=abs(row - row.T), percentile=70, n_lags=3)
    >>> lags, found.round(6)
    (array([1. , 1.5, 2. ]), array([3.758142, 3.666667, 3.560643]))
    """
    maps, lead = maps_of(values)
    x = np.stack([as_map(one) for one in maps])
    binned = _binned(as_distances(distances, x.shape[-1]), percentile, n_lags)
    return binned.lags, np.stack([binned.variogram(one) for one in x]).reshape(*lead, -1)


def variogram_matched(
    values: ArrayLike,
    rng: random.RNG = None,
    *,
    distances: ArrayLike,
    percentile: float = 25.0,
    n_lags: int = 25,
    neighbours: Sequence[float] = _SHARES,
    resample: bool = True,
    size: int | None = None,
) -> NDArray[np.float64]:
    """A map of random values as smooth in space as the given one (Burt et al. 2020).

    The values are shuffled, then averaged over each node's nearest neighbours with weights ``exp(-d / d_max)``. A line
    is fitted from the :func:`variogram` of the result to that of the map: its slope and intercept, neither negative,
    are the variances of smoothed values and of white noise in the surrogate. Of several sizes of neighbourhood the one
    that fits best is taken, anew for every surrogate.

    **Keeps** nearly: the variogram up to the percentile (:func:`netanalysis.map_test` says how nearly), and with
    `resample` exactly: the values. **Destroys**: where they lie.

    Parameters
    ----------
    values : array_like, shape (n,) or (..., n)
        Of at least 30 nodes.
    rng : seed, Generator or SeedSequence, optional
    distances : array_like, shape (n, n)
        Along the surface if the map is of a cortex, and within one hemisphere, or large between them.
    percentile, n_lags
        As for :func:`variogram`.
    neighbours : sequence of float
        Sizes of neighbourhood to choose from, as shares of all nodes.
    resample : bool
        Whether the surrogate's values are replaced, rank by rank, by those of the map. Without it they are nearly
        normal, and their mean is removed.
    size : int, optional
        Number of surrogates; None gives a single one.

    Returns
    -------
    ndarray (..., n); with `size`, (size, ..., n)

    Raises
    ------
    ValueError
        Fewer than 30 nodes, or no distances below the percentile.

    References
    ----------
    Burt et al. 2020, doi:10.1016/j.neuroimage.2020.117038.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> place = np.random.default_rng(0).random((60, 2))
    >>> distances = np.linalg.norm(place[:, None] - place, axis=-1)
    >>> surrogates = na.maps.variogram_matched(place.sum(axis=1), distances=distances, size=10, rng=0)
    >>> surrogates.shape, np.array_equal(np.sort(surrogates[0]), np.sort(place.sum(axis=1)))
    ((10, 60), True)
    """
    n = as_map(maps_of(values)[0][0]).size
    options.flags(resample=resample)
    if n < FEWEST:
        raise ValueError(f"values must be of at least {FEWEST} nodes for a variogram; got {n}: use moran, or spin")
    d = as_distances(distances, n)
    binned = _binned(d, percentile, n_lags)
    if not len(neighbours):
        raise ValueError("neighbours must be one size of neighbourhood or more, as shares of all nodes; got none")
    kernels = _kernels(d, neighbours)
    return each_map(values, rng, size, lambda x, source: _of_one(x, source, binned, kernels, resample, size))


def _of_one(
    values: Any, rng: random.RNG, binned: _Binned, kernels: NDArray[np.float64], resample: bool, size: int | None
) -> NDArray[np.float64]:
    """Surrogates of a single map."""
    from scipy.stats import rankdata

    x = as_map(values)
    target = binned.variogram(x)
    ordered = np.sort(x)

    def one(generator: np.random.Generator) -> NDArray[np.float64]:
        smoothed = kernels @ generator.permutation(x)  # (sizes, n)
        fits = [_line(found, target) for found in binned.variogram(smoothed)]
        best = int(np.argmin([residual for residual, _, _ in fits]))
        _, slope, intercept = fits[best]
        out = np.sqrt(slope) * smoothed[best] + np.sqrt(intercept) * generator.normal(size=len(x))
        return ordered[rankdata(out, method="ordinal") - 1] if resample else np.asarray(out - out.mean())

    return drawn(one, rng, size)


def misfit(values: ArrayLike, surrogates: NDArray[np.float64], *, distances: ArrayLike) -> float:
    """Median over surrogates of the mean absolute difference between variograms, as a share of the map's mean."""
    x = as_map(values)
    binned = _binned(as_distances(distances, len(x)), 25.0, 25)
    target = binned.variogram(x)
    return float(np.median(np.abs(binned.variogram(surrogates) - target).mean(axis=1)) / target.mean())


@dataclass(frozen=True, eq=False)
class _Binned:
    """Pairs of nodes and what each counts at every lag."""

    lags: NDArray[np.float64]
    i: NDArray[np.intp]
    j: NDArray[np.intp]
    shares: NDArray[np.float64]  # (lags, pairs); rows sum to 1

    def variogram(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of one map (n,), or several (k, n)."""
        return np.asarray(0.5 * (x[..., self.i] - x[..., self.j]) ** 2 @ self.shares.T)


def _binned(d: NDArray[np.float64], percentile: float, n_lags: int) -> _Binned:
    options.number_in(percentile, "percentile", above=0, at_most=100)
    options.positive_int(n_lags, "n_lags", minimum=2)
    i, j = np.triu_indices(len(d), 1)
    apart = d[i, j]
    near = apart < np.percentile(apart, percentile)
    if np.unique(apart[near]).size < 2:
        raise ValueError(
            f"percentile={percentile:g} leaves {near.sum()} of {near.size} pairs of nodes strictly below it, at fewer "
            "than two distances: raise it"
        )
    i, j, apart = i[near], j[near], apart[near]
    lags = np.linspace(apart.min(), apart.max(), n_lags)
    weights = np.exp(-((2.68 * (apart - lags[:, None]) / (3 * (lags[1] - lags[0]))) ** 2) / 2)
    pairs = weights.sum(axis=1, keepdims=True)
    if not pairs.all():
        raise ValueError(f"n_lags={n_lags} are so many that {(pairs == 0).sum()} lags have no pair near them: fewer")
    return _Binned(lags, i, j, weights / pairs)


def _kernels(d: NDArray[np.float64], neighbours: Sequence[float]) -> NDArray[np.float64]:
    """A smoothing matrix for each size of neighbourhood: nearest nodes without the node itself."""
    n = len(d)
    order = np.argsort(d + np.diag(np.full(n, np.inf)), axis=1, kind="stable")
    out = np.zeros((len(neighbours), n, n))
    for kernel, share in zip(out, neighbours, strict=True):
        count = max(1, int(options.number_in(share, "neighbours", above=0, at_most=1) * n))
        near = order[:, : min(count, n - 1)]
        apart = np.take_along_axis(d, near, axis=1)
        weights = np.exp(-apart / apart.max(axis=1, keepdims=True))
        np.put_along_axis(kernel, near, weights / weights.sum(axis=1, keepdims=True), axis=1)
    return out


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float, float]:
    """Residual, slope and intercept of y over x, neither negative: both are variances."""
    from scipy.optimize import nnls

    (slope, intercept), residual = nnls(np.column_stack([x, np.ones_like(x)]), y)
    return float(residual), float(slope), float(intercept)
