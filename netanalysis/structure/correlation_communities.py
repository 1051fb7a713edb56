"""Communities of correlation matrices, against what random matrix theory expects of noise.

The null term of :func:`netanalysis.modularity`, the product of strengths, belongs to networks whose connections could
be placed one by one. MacMahon & Garlaschelli (doi:10.1103/PhysRevX.5.021006) split a correlation matrix by its
eigenvalues instead: noise, a mode common to all, and what remains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.nulls.correlation import require_correlations
from netanalysis.structure._matrix_search import search_matrices
from netanalysis.structure._search import number_by_size

__all__ = ["CorrelationCommunities", "correlation_communities", "correlation_modularity"]

_NO_SUM = "the correlations sum to 0"
_ABOVE_ONE = (
    "modularity is above 1: inside communities lies more than the sum of all correlations, some of which are negative; "
    "compare it with that of other partitions of this matrix alone"
)


@result
class CorrelationCommunities:
    """What :func:`correlation_communities` returns.

    Attributes
    ----------
    labels : ndarray of int, shape (n,)
        Community of each unit, 0 the largest.
    modularity : float
    n_communities : int
    modularities : ndarray, shape (n_restarts,)
        Of every run.
    samples_per_unit : float
        q = T / N.
    noise_edge : float
        Largest eigenvalue expected of noise, :math:`(1 + \\sqrt{N / T})^2`.
    global_eigenvalue : float
        The largest one.
    global_same_sign : float
        Share of the units that have the sign of the majority in its eigenvector: 1 for a mode common to all.
    n_group_eigenvalues : int
        How many count as structure; 0 where there is nothing beyond noise, and every unit is alone.
    definition : str
    note : str
        Says so where the modularity is above 1 or undefined; else empty.
    """

    labels: NDArray[np.intp]
    modularity: float
    n_communities: int
    modularities: NDArray[np.float64]
    samples_per_unit: float
    noise_edge: float
    global_eigenvalue: float
    global_same_sign: float
    n_group_eigenvalues: int
    definition: str
    note: str = ""


def correlation_modularity(
    net: Network, communities: ArrayLike, *, n_samples: int, remove_global_mode: bool = True
) -> float:
    r"""Modularity of a partition of a correlation matrix (MacMahon & Garlaschelli).

    .. math:: Q = \frac{1}{\sum_{ij} C_{ij}} \sum_{ij} B_{ij} \delta(c_i, c_j), \qquad
        B = \sum_{k: \lambda_+ < \lambda_k} \lambda_k v_k v_k'

    over the eigenvalues beyond the edge of the Marchenko-Pastur law, :math:`\lambda_+ = (1 + \sqrt{N / T})^2`, which T
    independent samples of N uncorrelated units stay below; without the largest of all eigenvalues if the global mode is
    removed.

    Parameters
    ----------
    net : correlation matrix (n, n)
        A diagonal of zeros counts as left out.
    communities : array_like, shape (n,)
    n_samples : int
        T, the number of *independent* samples. Steps of a slow signal, such as BOLD, are fewer: their number over the
        sum of the products of autocorrelations is nearer. Too large a T takes noise for structure.
    remove_global_mode : bool
        Whether the largest eigenvalue, if beyond the edge, counts as common to all units (the global signal; the
        market mode of the source) and not as structure. Where communities are few and of unequal sign it is structure:
        ``global_same_sign`` of :func:`correlation_communities` tells. While it is kept, groups that correlate at all
        are worth joining, since nothing is subtracted but noise.

    Returns
    -------
    float
        0 where no eigenvalue counts; nan where the correlations sum to 0. It may exceed 1, unlike the Q of a network:
        only noise is subtracted, so that with the global mode kept, or many negative correlations, what lies inside
        communities can be more than the sum of all correlations.

    Notes
    -----
    For T < N, q = T / N below 1, the N - T eigenvalues that are 0 are among the noise, and the edge is above 4: only
    groups of several units can be seen.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> x = np.repeat(rng.normal(size=(2, 500)), 10, axis=0) + rng.normal(size=(20, 500))
    >>> r = np.corrcoef(x)
    >>> q = [na.correlation_modularity(r, c, n_samples=500, remove_global_mode=False) for c in (np.arange(20) // 10,
    ...     np.arange(20) % 2)]
    >>> q[0] > 0.9, q[1] < 0.6
    (True, True)
    """
    parts = _split(net, n_samples, remove_global_mode)
    labels = np.asarray(communities)
    if labels.shape != (len(parts.structure),):
        raise ValueError(f"communities must hold one label per unit, {len(parts.structure)}; got shape {labels.shape}")
    q = _quality(parts, np.unique(labels, return_inverse=True)[1])
    return float(undefined.spoken(q, "correlation_modularity", _NO_SUM))


def correlation_communities(
    net: Network,
    *,
    n_samples: int,
    remove_global_mode: bool = True,
    n_restarts: int = 10,
    rng: random.RNG = None,
) -> CorrelationCommunities:
    """Partition a correlation matrix into groups of units by :func:`correlation_modularity`, with Leiden.

    Parameters
    ----------
    net, n_samples, remove_global_mode
        As for :func:`correlation_modularity`.
    n_restarts : int
        Independent runs; the one of highest modularity is returned.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    CorrelationCommunities
        Its modularity may exceed 1, as :func:`correlation_modularity` says; the note says where it does.

    References
    ----------
    MacMahon & Garlaschelli 2015, doi:10.1103/PhysRevX.5.021006.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> x = np.repeat(rng.normal(size=(3, 500)), 8, axis=0) + rng.normal(size=500) + rng.normal(size=(24, 500))
    >>> found = na.correlation_communities(np.corrcoef(x), n_samples=500, rng=0)
    >>> found.labels
    array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2,
           2, 2])
    >>> found.n_group_eigenvalues, found.global_same_sign
    (2, 1.0)
    """
    runs = options.count(n_restarts, "n_restarts")
    parts = _split(net, n_samples, remove_global_mode)
    n = len(parts.structure)
    labels, values = np.arange(n)[None], np.zeros(1)
    if parts.n_group:
        labels = search_matrices([parts.structure], random.seeds(rng, runs)[None])[0]
        values = np.array([_quality(parts, run) for run in labels])
    best = int(values.argmax())
    note = f"modularity is nan: {_NO_SUM}" if np.isnan(values[best]) else _ABOVE_ONE if values[best] > 1 else ""
    return CorrelationCommunities(
        labels=number_by_size(labels[best]),
        modularity=float(values[best]),
        n_communities=len(np.unique(labels[best])),
        modularities=values,
        samples_per_unit=n_samples / n,
        noise_edge=parts.edge,
        global_eigenvalue=parts.largest,
        global_same_sign=parts.same_sign,
        n_group_eigenvalues=parts.n_group,
        definition=(
            "MacMahon & Garlaschelli 2015: eigenvalues above the Marchenko-Pastur edge, "
            f"{'without' if remove_global_mode else 'with'} the largest"
        ),
        note=note,
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """What is beyond noise in a correlation matrix."""

    structure: NDArray[np.float64]
    total: float
    edge: float
    largest: float
    same_sign: float
    n_group: int


def _split(net: Any, n_samples: int, remove_global_mode: bool) -> _Parts:
    options.flags(remove_global_mode=remove_global_mode)
    samples = options.count(n_samples, "n_samples", minimum=2)
    w = stacks.one_network(net, instead="take its correlation matrices one by one")
    w = validate.dense(w, measure="this modularity", instead="fewer units")
    require_correlations(w)
    c = (w + w.T) / 2
    np.fill_diagonal(c, 1)
    values, vectors = np.linalg.eigh(c)
    edge = float((1 + np.sqrt(len(c) / samples)) ** 2)
    group = values > edge
    if remove_global_mode:
        group[-1] = False
    negative = float((vectors[:, -1] < 0).mean())
    return _Parts(
        structure=(vectors[:, group] * values[group]) @ vectors[:, group].T,
        total=float(c.sum()),
        edge=edge,
        largest=float(values[-1]),
        same_sign=max(negative, 1 - negative),
        n_group=int(group.sum()),
    )


def _quality(parts: _Parts, labels: NDArray[np.intp]) -> float:
    same = labels[:, None] == labels
    return float(stacks.ratio((parts.structure * same).sum(), parts.total))
