"""Spin tests: the map is turned on the sphere, and every node takes a value that came to lie near it."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, validate
from netanalysis._core.rounding import alike
from netanalysis.maps._surrogates import as_map, each_map, how_many, within

Rule = Literal["nearest", "greedy", "optimal", "optimal_squared"]

_MIRROR = np.outer([-1.0, 1, 1], [-1.0, 1, 1])
_ROUND = 0.01  # radii of a sphere agree within this share


def spin(
    values: ArrayLike,
    rng: random.RNG = None,
    *,
    positions: ArrayLike,
    hemispheres: ArrayLike | None = None,
    reassign: Rule = "nearest",
    size: int | None = None,
) -> NDArray[np.float64]:
    """A map after its sphere has been turned at random (Alexander-Bloch et al. 2018).

    Rotations are uniform. Of two hemispheres, each a sphere around the origin as surface templates have them, the
    second turns by the mirror image of the rotation of the first, ``M R M`` with ``M = diag(-1, 1, 1)``.

    **Keeps** the map's values but for what the rule loses, and how they vary over short distances. **Destroys**: where
    they lie. Nodes far from each other stay far only if they cover the sphere evenly.

    Parameters
    ----------
    values : array_like, shape (n,) or (..., n)
        nan (a medial wall) travels with the map: leave out nodes after the spin, not before.
    rng : seed, Generator or SeedSequence, optional
    positions : array_like, shape (n, 3)
        On a sphere around the origin; centres of parcels on an inflated or white surface are not.
    hemispheres : array_like, shape (n,), optional
        Two labels. Values stay in their hemisphere. Default: all nodes lie on one sphere.
    reassign : {"nearest", "greedy", "optimal", "optimal_squared"}
        What a node takes. ``"nearest"``: the value turned to the nearest place; some values come twice, others vanish.
        The others give each value to one node: ``"greedy"`` serves the node whose nearest value is farthest first
        (Vasa et al. 2018), ``"optimal"`` makes the sum of distances smallest (Markello & Misic 2021),
        ``"optimal_squared"`` that of their squares.
    size : int, optional
        Number of surrogates; None gives a single one.

    Returns
    -------
    ndarray (..., n); with `size`, (size, ..., n)

    Raises
    ------
    ValueError
        If positions are not on a sphere around the origin, or hemispheres are not two.

    References
    ----------
    Alexander-Bloch et al. 2018, doi:10.1016/j.neuroimage.2018.05.070; Vasa et al. 2018, doi:10.1093/cercor/bhx249;
    Markello & Misic 2021, doi:10.1016/j.neuroimage.2021.118052.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> ball = np.random.default_rng(0).normal(size=(40, 3))
    >>> ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    >>> turned = na.maps.spin(ball[:, 2], positions=ball, reassign="optimal", size=20, rng=0)
    >>> turned.shape, np.array_equal(np.sort(turned[0]), np.sort(ball[:, 2]))
    ((20, 40), True)
    """
    return each_map(values, rng, size, lambda x, source: _of_one(x, source, positions, hemispheres, reassign, size))


def _of_one(
    values: Any, rng: random.RNG, positions: Any, hemispheres: Any, reassign: Rule, size: int | None
) -> NDArray[np.float64]:
    """Surrogates of a single map."""
    x = as_map(values, undefined=True)
    options.choice(reassign, get_args(Rule), "reassign")
    sphere = on_a_sphere(positions, len(x))
    sides = _sides(hemispheres, len(x))

    turns = rotations(np.random.default_rng(random.seed_sequence(rng)), how_many(size))
    out = np.empty((len(turns), len(x)))
    for number, side in enumerate(sides):
        place, own = sphere[side], x[side]
        for row, turn in zip(out, turns if number == 0 else turns * _MIRROR, strict=True):
            row[side] = own[taken(place, place @ turn.T, reassign)]
    return out[0] if size is None else out


def rotations(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Rotation matrices, uniform over all: those of unit quaternions uniform on their sphere."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_quat(rng.normal(size=(count, 4))).as_matrix())


def taken(places: NDArray[np.float64], turned: NDArray[np.float64], reassign: Rule) -> NDArray[np.intp]:
    """Which of the turned nodes each place takes its value from."""
    if reassign == "nearest":  # on a sphere the one with the largest product
        return np.asarray((places @ turned.T).argmax(axis=1))
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    cost = cdist(places, turned, "sqeuclidean" if reassign == "optimal_squared" else "euclidean")
    if reassign == "greedy":
        return _greedy(cost)
    return np.asarray(linear_sum_assignment(cost)[1])


def _greedy(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """The place whose nearest free node is farthest chooses first; of equal ones the first."""
    out = np.empty(len(cost), np.intp)
    nearest = cost.min(axis=1)
    for _ in range(len(cost)):
        place = int(nearest.argmax())
        node = out[place] = int(cost[place].argmin())
        nearest[place] = -np.inf
        cost[:, node] = np.inf
        again = np.flatnonzero(np.isfinite(nearest))
        nearest[again] = cost[again].min(axis=1)
    return out


def on_a_sphere(positions: ArrayLike, n: int) -> NDArray[np.float64]:
    """Positions on the unit sphere, if they lie on one around the origin."""
    place = validate.as_array(positions, "positions", shape=(n, 3))
    within(place, "positions")
    if n > 1 and alike(place, 0).all():
        raise ValueError("positions must lie apart; all are in one place")
    radii = np.linalg.norm(place, axis=1)
    if radii.min() == 0 or np.ptp(radii) > _ROUND * radii.max():
        raise ValueError(
            f"positions must lie on a sphere around the origin, within {_ROUND:.0%}; got radii {radii.min():.3g} to "
            f"{radii.max():.3g}: take coordinates of the spherical surface of the template"
        )
    return np.asarray(place / radii[:, None])


def _sides(hemispheres: Any, n: int) -> list[NDArray[np.intp]]:
    if hemispheres is None:
        return [np.arange(n)]
    labels = validate.as_labels(hemispheres, n, "hemispheres")
    names, side = np.unique(labels, return_inverse=True)
    if len(names) != 2:
        raise ValueError(f"hemispheres must be two, or None for one sphere; got {len(names)}: {names[:5].tolist()}")
    return [np.flatnonzero(side == k) for k in (0, 1)]
