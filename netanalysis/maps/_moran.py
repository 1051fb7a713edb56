"""Moran spectral randomisation: a map's spatial patterns are kept, their signs or phases are drawn anew."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, validate
from netanalysis.maps._surrogates import as_distances, as_map, drawn, each_map, how_many, maps_of, of_each

_BLOCK = 32  # surrogates at once


def moran(
    values: ArrayLike,
    rng: random.RNG = None,
    *,
    distances: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    procedure: Literal["singleton", "pair"] = "singleton",
    size: int | None = None,
) -> NDArray[np.float64]:
    """A map with the same spatial autocorrelation, from Moran's eigenvectors (Wagner & Dray 2015).

    The eigenvectors of the doubly centred weights between nodes, all but the constant one, are the spatial patterns of
    which the map is a sum. ``"singleton"`` draws the sign of each coefficient; ``"pair"`` turns random pairs of
    coefficients by random angles (one that is left over gets a random sign).

    **Keeps** exactly: mean and variance; by "singleton" Moran's I too. **Destroys**: where the patterns lie; the
    distribution of values, which becomes nearly normal.

    Parameters
    ----------
    values : array_like, shape (n,) or (..., n)
    rng : seed, Generator or SeedSequence, optional
    distances : array_like, shape (n, n), optional
        Weights are then ``1 / distance``.
    weights : array_like, shape (n, n), optional
        Spatial weights themselves: symmetric, not negative; the diagonal is not used.
    procedure : {"singleton", "pair"}
    size : int, optional
        Number of surrogates; None gives a single one.

    Returns
    -------
    ndarray (..., n); with `size`, (size, ..., n)

    Raises
    ------
    ValueError
        If a node has no weight to any other, or both or neither of distances and weights are given.

    Notes
    -----
    O(n³) once. Only the constant vector is dropped: further eigenvectors of eigenvalue 0 carry variance.

    References
    ----------
    Wagner & Dray 2015, doi:10.1111/2041-210X.12407.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> path = np.eye(7, k=1) + np.eye(7, k=-1)
    >>> x = [1, 4, 2, 7, 3, 5, 9]
    >>> surrogate = na.maps.moran(x, weights=path, rng=0)
    >>> round(na.maps.moran_index(x, weights=path), 6), round(na.maps.moran_index(surrogate, weights=path), 6)
    (-0.137226, -0.137226)
    """
    options.choice(procedure, ["singleton", "pair"], "procedure")
    n = as_map(maps_of(values)[0][0]).size
    _, vectors = _patterns(_spatial_weights(distances, weights, n))
    return each_map(values, rng, size, lambda x, source: _of_one(x, source, vectors, procedure, size))


def _of_one(
    values: Any, rng: random.RNG, vectors: NDArray[np.float64], procedure: str, size: int | None
) -> NDArray[np.float64]:
    """Surrogates of a single map."""
    x = as_map(values)
    mean = x.mean()
    coefficients = vectors.T @ (x - mean)
    if procedure == "singleton":
        generator = np.random.default_rng(random.seed_sequence(rng))
        signs = (
            generator.random((how_many(size), len(coefficients))) < 0.5
        )  # row by row, so the first do not depend on size
        rows = np.where(signs, coefficients, -coefficients)
    else:
        rows = np.atleast_2d(drawn(lambda generator: _turned(coefficients, generator), rng, size))
    # In blocks of one shape: the rounding of a product depends on it, and a surrogate not on how many there are.
    blocks = np.zeros((-(-len(rows) // _BLOCK), _BLOCK, rows.shape[1]))
    blocks.reshape(-1, rows.shape[1])[: len(rows)] = rows
    found = mean + np.concatenate([block @ vectors.T for block in blocks])[: len(rows)]
    return np.asarray(found[0] if size is None else found)


def moran_index(values: ArrayLike, *, distances: ArrayLike | None = None, weights: ArrayLike | None = None) -> Any:
    """Moran's I of a map: ``n / sum(w) * sum_ij w_ij z_i z_j / sum_i z_i^2``, z the values less their mean.

    Parameters
    ----------
    values : array_like, shape (n,) or (..., n)
    distances, weights : array_like, shape (n, n)
        One of them, as for :func:`moran`.

    Returns
    -------
    float, or ndarray (...) for a stack of maps
        Near ``-1 / (n - 1)`` without spatial order, towards 1 where neighbours are alike.

    References
    ----------
    Moran 1950, doi:10.1093/biomet/37.1-2.17.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> ring = np.eye(6, k=1) + np.eye(6, k=-1) + np.eye(6, k=5) + np.eye(6, k=-5)
    >>> round(na.maps.moran_index([1, 3, 2, 6, 5, 9], weights=ring), 6)
    -0.176923
    """
    n = as_map(maps_of(values)[0][0]).size
    w = _spatial_weights(distances, weights, n)

    def index(values: Any) -> float:
        x = as_map(values)
        z = x - x.mean()
        return float(n / w.sum() * (z @ w @ z) / (z @ z))

    return of_each(values, index)


def _spatial_weights(distances: ArrayLike | None, weights: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if (distances is None) == (weights is None):
        raise ValueError("give distances or weights between nodes, one of them")
    if weights is None:
        d = as_distances(distances, n)
        if (d[~np.eye(n, dtype=bool)] == 0).any():
            raise ValueError("two nodes lie at distance 0, where 1 / distance has no value: pass weights=")
        w = np.divide(1.0, d, out=np.zeros_like(d), where=d > 0)
    else:
        w = validate.as_array(weights, "weights", shape=(n, n)).copy()
        np.fill_diagonal(w, 0)
        if (w < 0).any() or not np.allclose(w, w.T, rtol=1e-8, atol=0):
            raise ValueError("weights between nodes must be symmetric and not negative")
    if not (lonely := np.flatnonzero(~w.any(axis=1))).size == 0:
        raise ValueError(f"nodes {lonely[:5].tolist()} have no weight to any other: leave them out, or use distances=")
    return (w + w.T) / 2


def _patterns(w: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eigenvalues and eigenvectors of the doubly centred weights, largest first, without the constant vector."""
    n = len(w)
    # A reflection that takes the constant vector to the first axis: among the other axes it cannot mix with others.
    mirror = np.full(n, n**-0.5)
    mirror[0] += 1.0
    mirror /= np.linalg.norm(mirror)
    turned = w - 2 * np.outer(mirror, mirror @ w)
    turned -= 2 * np.outer(turned @ mirror, mirror)
    values, vectors = np.linalg.eigh(turned[1:, 1:])
    whole = np.vstack([np.zeros((1, n - 1)), vectors[:, ::-1]])
    return values[::-1], whole - 2 * np.outer(mirror, mirror @ whole)


def _turned(coefficients: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    order = rng.permutation(len(coefficients))
    half = len(order) // 2
    a, b, rest = order[:half], order[half : 2 * half], order[2 * half :]
    angle = rng.uniform(0, 2 * np.pi, half)
    out = np.empty_like(coefficients)
    length = np.hypot(coefficients[a], coefficients[b])
    out[a], out[b] = length * np.cos(angle), length * np.sin(angle)
    out[rest] = coefficients[rest] * rng.choice([-1.0, 1.0], size=len(rest))
    return out
