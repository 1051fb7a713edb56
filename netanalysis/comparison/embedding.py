"""Many networks as points, so that those that are alike lie close together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, validate
from netanalysis._core.results import result
from netanalysis._core.rounding import centred

__all__ = ["Embedding", "embed"]


@result
class Embedding:
    """Networks as points, from :func:`embed`.

    Attributes
    ----------
    points : ndarray, shape (m, n_dimensions)
        About their mean; of each dimension the largest coordinate in size is positive.
    names : tuple of str
    share : ndarray, shape (n_dimensions,)
        Of the sum of all eigenvalues ("mds": of their magnitudes), or of the variance ("pca").
    stress : float
        ``sqrt(sum (d - D)^2 / sum D^2)`` over pairs, d between points and D those given: 0 is exact, above 0.2 is poor.
    negative_share : float
        Of the magnitudes of eigenvalues, those below 0: distances that no space holds. 0 for "pca".
    method : str
    what : str
        What the points are of.
    """

    points: NDArray[np.float64]
    names: tuple[str, ...]
    share: NDArray[np.float64]
    stress: float
    negative_share: float
    method: str
    what: str


def embed(
    data: Any,
    *,
    method: Literal["mds", "pca"] = "mds",
    n_dimensions: int = 2,
    standardize: bool = True,
    names: Sequence[str] | None = None,
) -> Embedding:
    """Points whose distances are those between networks, as nearly as so few dimensions allow.

    Parameters
    ----------
    data : NetworkDistances, RecordingSimilarity of a distance, DataFrame or array_like
        For "mds", distances (m, m): of :func:`network_distances` or ``profile(...).distances()``. For "pca", a row per
        network and a column per measure: ``profile(...).vectors()``.
    method : {"mds", "pca"}
        "mds": classical multidimensional scaling, by the eigenvectors of the doubly centred squared distances. Of a
        divergence, give its root, which is a metric: ``np.sqrt(found.matrix)``. "pca": principal components.
    n_dimensions : int
    standardize : bool
        For "pca": divide each measure by its standard deviation first, since measures have units of their own.
    names : sequence of str, optional
        Of the networks; None: those that come with the data.

    Returns
    -------
    Embedding
        For ``na.plot.embedding``.

    Raises
    ------
    ValueError
        Distances that are not symmetric, negative or not 0 on the diagonal; entries that are no numbers; fewer
        networks than dimensions and one.

    References
    ----------
    Torgerson 1952, doi:10.1007/BF02288916; Gower 1966, doi:10.1093/biomet/53.3-4.325.

    Examples
    --------
    >>> import netanalysis as na
    >>> found = na.embed([[0, 3, 5], [3, 0, 4], [5, 4, 0]])
    >>> round(found.stress, 9), round(float(((found.points[0] - found.points[1]) ** 2).sum()), 6)
    (0.0, 9.0)
    """
    options.choice(method, ["mds", "pca"], "method")
    options.positive_int(n_dimensions, "n_dimensions")
    options.flags(standardize=standardize)
    own = getattr(data, "names", None)
    if own is None and hasattr(data, "index") and hasattr(data, "to_numpy"):
        own = [str(name) for name in data.index]
    x = validate.as_array(getattr(data, "matrix", data), "data", shape=(None, None))
    if len(x) <= n_dimensions:
        raise ValueError(f"data must hold more networks than dimensions, {n_dimensions}; got {len(x)}")
    named = own if names is None else names
    named = [str(k) for k in range(len(x))] if named is None else [str(name) for name in named]
    if len(named) != len(x):
        raise ValueError(f"names must have one for each of {len(x)} networks; got {len(named)}")
    what = str(getattr(data, "distance", getattr(data, "measure", "")))
    if method == "mds":
        points, share, negative = _scaled(_distances(x), n_dimensions)
        target = x
    else:
        points, share, target = _components(x, n_dimensions, standardize)
        negative = 0.0
    return Embedding(points, tuple(named), share, _stress(points, target), negative, method, what)


def _distances(d: NDArray[np.float64]) -> NDArray[np.float64]:
    size = np.abs(d).max()
    if d.shape[0] != d.shape[1] or not np.allclose(d, d.T, rtol=1e-9, atol=1e-9 * size):
        raise ValueError(f'method="mds" takes symmetric distances (m, m); got shape {d.shape}. Of measures take "pca"')
    if (d < 0).any() or np.abs(np.diag(d)).max() > 1e-6 * size:
        raise ValueError("distances must be at least 0, and 0 on the diagonal; of similarities give 1 - similarity")
    return d


def _scaled(d: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    unit = d.max() or 1.0
    squares = (d / unit) ** 2
    squares = squares - squares.mean(axis=0) - squares.mean(axis=1)[:, None] + squares.mean()
    values, vectors = np.linalg.eigh(-(squares + squares.T) / 4)
    values, vectors = values[::-1], vectors[:, ::-1]
    values[np.abs(values) <= 1e-12 * np.abs(values).max()] = 0.0
    whole = float(np.abs(values).sum()) or 1.0
    points = vectors[:, :count] * np.sqrt(np.maximum(values[:count], 0.0)) * unit
    share = np.maximum(values[:count], 0.0) / whole
    return _turned(points), share, float(-values[values < 0].sum() / whole)


def _components(
    x: NDArray[np.float64], count: int, standardize: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    from sklearn.decomposition import PCA

    if x.shape[1] < count:
        raise ValueError(f"data must have at least {count} measures, as many as dimensions; got {x.shape[1]}")
    x = centred(x, 0)
    if standardize:
        spread = x.std(axis=0, ddof=1)
        x = x / np.where(spread > 0, spread, 1.0)
    model = PCA(n_components=count, svd_solver="full").fit(x)
    target = np.linalg.norm(x[:, None] - x, axis=2)
    share = np.nan_to_num(model.explained_variance_ratio_)
    return _turned(model.transform(x)), share, target


def _turned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each dimension the largest coordinate positive: signs of eigenvectors mean nothing."""
    largest = points[np.abs(points).argmax(axis=0), np.arange(points.shape[1])]
    return np.asarray(points * np.where(largest < 0, -1.0, 1.0))


def _stress(points: NDArray[np.float64], target: NDArray[np.float64]) -> float:
    rows, columns = np.triu_indices(len(points), 1)
    unit = target.max() or 1.0
    d = np.linalg.norm((points[rows] - points[columns]) / unit, axis=1)
    right = target[rows, columns] / unit
    return float(np.linalg.norm(d - right) / (np.linalg.norm(right) or 1.0))
