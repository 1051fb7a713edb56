"""Are units that prefer the same variable closer together than chance?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, validate
from netanalysis._core.pvalues import at_least_as_extreme, p_value
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.activity.selectivity import MixedSelectivity
from netanalysis.connectome import node_distances

__all__ = ["SpatialPermutation", "spatial_permutation"]


@result
class SpatialPermutation:
    """Result of :func:`spatial_permutation`, one entry per window (a float for a single one).

    ``p_perm_first`` belongs to units that prefer the first variable (preference > 0), ``p_perm_second`` to those
    that prefer the second: the share of null sets with a **smaller** statistic, 0 for a clustered set and 1 for
    a dispersed one. ``p_first`` and ``p_second`` are ``(1 + #{null <= observed}) / (n_nulls + 1)``, small when
    clustered. nan for an empty set. `statistic_*` are the observed weighted mean distances, `n_*` the set sizes.
    """

    statistic_first: Any
    statistic_second: Any
    p_perm_first: Any
    p_perm_second: Any
    p_first: Any
    p_second: Any
    n_first: Any
    n_second: Any
    n_nulls: int


def spatial_permutation(
    preference: MixedSelectivity | ArrayLike,
    net: Network = None,
    *,
    variables: tuple[str, str] | None = None,
    distances: ArrayLike | None = None,
    top: int | None = None,
    n_nulls: int = 1000,
    rng: random.RNG = None,
) -> SpatialPermutation:
    """Permutation test of the distances among units with one preference (Achterberg et al. 2023).

    With G the units of positive preference p, the statistic is the mean over the submatrix D[G, G], zero diagonal
    included, of ``|p_u| D[u, v]``; for the second variable G holds the units of negative preference. The null draws
    as many units at random and gives them the same magnitudes.

    Parameters
    ----------
    preference : MixedSelectivity, or array_like of shape (n,) or (n, windows)
        Preference of each unit for the first variable over the second. Of a :func:`mixed_selectivity`, the difference
        of magnitudes ``|EV_first| - |EV_second|`` in every window, as the authors take it; silent units have none and
        take no part in their window, in the null sets neither. Units at exactly 0 belong to neither set, but null
        sets may hold them.
    variables : (first, second), optional
        Names of the two variables of a MixedSelectivity; default: its only two.
    net : Connectome, optional
        Gives the distances. Not needed with `distances`.
    distances : array_like, shape (n, n), optional
    top : int, optional
        The control of the paper: use the `top` units of largest and smallest preference, unweighted.
    n_nulls : int
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    SpatialPermutation

    Raises
    ------
    ValueError
        Without distances, or if lengths disagree.

    References
    ----------
    Achterberg et al. 2023, doi:10.1038/s42256-023-00748-9, Methods and Supplementary Fig. 12.

    Examples
    --------
    Ten units on a line; the first five prefer goals:

    >>> import numpy as np, netanalysis as na
    >>> line = na.Connectome(np.zeros((10, 10)), positions=np.arange(10.0)[:, None])
    >>> result = na.spatial_permutation([1.0] * 5 + [-1.0] * 5, line, rng=0)
    >>> result.statistic_first, result.p_first < 0.05
    (1.6, True)
    """
    if isinstance(preference, MixedSelectivity):
        p, kept = preference.preference(variables), ~preference.silent
    elif variables is not None:
        raise ValueError("variables= name those of a MixedSelectivity; preference is an array")
    else:
        p = validate.as_array(preference, "preference")
        kept = np.ones(p.shape, bool)
    if p.ndim not in (1, 2):
        raise ValueError(f"preference must have shape (n,) or (n, windows); got {p.shape}")
    d = node_distances(net, distances, len(p))
    n_nulls = options.count(n_nulls, "n_nulls")
    if top is not None and options.positive_int(top, "top") > (least := kept.sum(axis=0).min()):
        raise ValueError(f"top must be at most the number of units that are not silent, {least}; got {top}")
    windows, takes_part = p.reshape(len(p), -1).T, kept.reshape(len(p), -1).T
    streams = random.generators(rng, len(windows))
    rows = [
        _one_window(w[k], d[np.ix_(k, k)], top, n_nulls, g)
        for w, k, g in zip(windows, takes_part, streams, strict=True)
    ]
    s1, s2, q1, q2, p1, p2, n1, n2 = (np.array(c) if len(rows) > 1 else c[0] for c in zip(*rows, strict=True))
    return SpatialPermutation(s1, s2, q1, q2, p1, p2, n1, n2, n_nulls)


def _one_window(
    p: NDArray[np.float64], d: NDArray[np.float64], top: int | None, n_nulls: int, generator: np.random.Generator
) -> tuple[float | int, ...]:
    if top is None:
        sets = [np.flatnonzero(p > 0), np.flatnonzero(p < 0)]
        magnitudes = [np.abs(p[s]) for s in sets]
    else:
        order = np.argsort(-p, kind="stable")
        sets = [order[:top], order[-top:]]
        magnitudes = [np.ones(top)] * 2
    # One set of random orders serves both: the first |G| units of a random order are a random set of that size.
    orders = generator.permuted(np.tile(np.arange(len(p)), (n_nulls, 1)), axis=1)
    found = []
    for members, magnitude in zip(sets, magnitudes, strict=True):
        if len(members) == 0:
            found.append((float("nan"),) * 3)
            continue
        observed = float(magnitude @ d[np.ix_(members, members)].sum(axis=1)) / len(members) ** 2
        nulls = np.array([_weighted_mean(d, o[: len(members)], magnitude) for o in orders])
        larger = at_least_as_extreme(nulls, observed, "greater", scale=0.0)
        found.append((observed, float((~larger).mean()), float(p_value(observed, nulls, "less"))))
    (s1, q1, p1), (s2, q2, p2) = found
    return s1, s2, q1, q2, p1, p2, len(sets[0]), len(sets[1])


def _weighted_mean(d: NDArray[np.float64], members: NDArray[np.int64], magnitude: NDArray[np.float64]) -> float:
    inside = np.zeros(len(d))
    inside[members] = 1.0
    return float(magnitude @ (d[members] @ inside)) / len(members) ** 2
