"""Do two maps correlate beyond what their smoothness in space gives? All null models that are valid, and the worst."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import node_order, options, random, stacks, validate
from netanalysis._core.pvalues import p_value, standard_score
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis.maps._moran import moran
from netanalysis.maps._spin import Rule, on_a_sphere, spin
from netanalysis.maps._surrogates import as_distances, as_map, maps_of
from netanalysis.maps._variogram import misfit, variogram_matched

NULLS = ("spin", "variogram", "moran")


@result
class MapTest:
    """Result of :func:`map_test`.

    Attributes
    ----------
    r : float, or ndarray (...) for stacks of maps
        Correlation of the two maps.
    p : float or ndarray
        The largest of all null models and both maps: the verdict, of each pair of maps by itself.
    rows : tuple of dict
        For each null model and each map randomised: ``null``, ``randomised`` ("a", "b"), ``p``, ``z``, ``null_std``,
        and ``note``: what the null keeps of this map, or why it is not valid here (then p is nan). Of stacks first
        ``map``: which pair, counting from 0; of several axes, their indices.
    statistic : str
    n_nulls : int
    """

    r: Any
    p: Any
    rows: tuple[dict[str, Any], ...]
    statistic: str
    n_nulls: int

    def table(self) -> Any:
        """A DataFrame with a row for each null model and map randomised."""
        import pandas as pd

        return pd.DataFrame(self.rows)


@recorded
def map_test(
    a: ArrayLike,
    b: ArrayLike,
    *,
    positions: ArrayLike | None = None,
    hemispheres: ArrayLike | None = None,
    distances: ArrayLike | None = None,
    nulls: Sequence[str] | str = NULLS,
    reassign: Rule = "nearest",
    statistic: Literal["pearson", "spearman"] = "pearson",
    n_nulls: int = 1000,
    rng: random.RNG = None,
) -> MapTest:
    """Correlate two maps, and compare with maps as smooth in space: by every null model that is valid here.

    Null models disagree, and so does the same one for the two maps, so that a choice among them is a choice of p. All
    are run, randomising either map, and the largest p is the verdict.

    Parameters
    ----------
    a, b : array_like, shape (n,) or (..., n)
        One value per node, without nan. Stacks of maps are tested pair by pair; one map is set against every map of the
        other stack.
    positions : array_like, shape (n, 3), optional
        On a sphere around the origin, for :func:`netanalysis.maps.spin`.
    hemispheres : array_like, shape (n,), optional
        Two labels, for spins.
    distances : array_like, shape (n, n), optional
        For :func:`netanalysis.maps.variogram_matched` and :func:`netanalysis.maps.moran`, best along the surface.
        Default: along great circles, if positions lie on one sphere. Spheres of two hemispheres do not tell how far
        apart these are, nor do centres of parcels how far it is along the surface; ``distances=net.distances`` takes
        straight lines.
    nulls : sequence of {"spin", "variogram", "moran"}, or one of them
    reassign : {"nearest", "greedy", "optimal", "optimal_squared"}
        As for :func:`netanalysis.maps.spin`.
    statistic : {"pearson", "spearman"}
    n_nulls : int
        Surrogates of each map by each null model.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    MapTest

    Raises
    ------
    ValueError
        If no null model is valid; it says why each is not. Stacks of different shape.

    Notes
    -----
    ``p = (b + 1) / (n_nulls + 1)``, b surrogates having a correlation at least as large in magnitude: two-sided. The
    verdict controls false alarms as well as the most cautious of the null models does; it costs power.

    References
    ----------
    Markello & Misic 2021, doi:10.1016/j.neuroimage.2021.118052.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> ball = np.random.default_rng(0).normal(size=(100, 3))
    >>> ball /= np.linalg.norm(ball, axis=1, keepdims=True)
    >>> found = na.map_test(ball[:, 2], ball[:, 2] ** 3, positions=ball, n_nulls=99, rng=0)
    >>> round(found.r, 2), list(found.table().columns)
    (0.91, ['null', 'randomised', 'p', 'z', 'null_std', 'note'])
    """
    options.choice(statistic, ["pearson", "spearman"], "statistic")
    options.choice(reassign, get_args(Rule), "reassign")
    options.count(n_nulls, "n_nulls")
    chosen = options.names(nulls, "nulls", f"null models {list(NULLS)}")
    if len(set(chosen)) < len(chosen) or not set(chosen) <= set(NULLS):
        raise ValueError(f"nulls must be some of {list(NULLS)}, each once; got {nulls!r}")
    node_order.same_index(a, b, ("a", "b"))
    (first, lead), (second, own) = maps_of(a, "a"), maps_of(b, "b")
    if lead and own and lead != own:
        raise ValueError(f"a and b must be stacks of as many maps, or one of them a single map; got {lead} and {own}")
    stacked = lead or own
    count = max(len(first), len(second))
    given = ((first, lead, "a"), (second, own, "b"))
    pairs = [
        [as_map(maps[k if of else 0], f"{name}[{k}]" if of else name) for maps, of, name in given] for k in range(count)
    ]
    if len({len(x) for pair in pairs for x in pair}) > 1:
        x, y = pairs[0]
        raise ValueError(f"a and b must be maps of the same nodes; got {len(x)} and {len(y)} values")
    if distances is not None:
        distances = as_distances(distances, len(pairs[0][0]))
    apart, why = _distances(distances, positions, hemispheres)
    models: dict[str, Any] = {
        "spin": partial(spin, positions=cast("Any", positions), hemispheres=hemispheres, reassign=reassign),
        "variogram": partial(variogram_matched, distances=apart),
        "moran": partial(moran, distances=apart),
    }
    lacking = {
        "spin": "" if positions is not None else "needs positions on a sphere",
        **dict.fromkeys(("variogram", "moran"), "" if apart is not None else why),
    }
    compare = _spearman if statistic == "spearman" else _pearson
    found = [
        _tested(x, y, chosen, models, lacking, apart, compare, n_nulls, source)
        for (x, y), source in zip(pairs, random.per_network(rng, count), strict=True)
    ]
    r, p = (stacks.restore(np.array([one[k] for one in found]), stacked) for k in (0, 1))
    rows = found[0][2]
    if stacked:
        numbers = stacks.numbers_of(stacked).tolist()
        rows = [{"map": number} | row for number, (_, _, of) in zip(numbers, found, strict=True) for row in of]
    return MapTest(r, p, tuple(rows), statistic, n_nulls)


def _tested(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    chosen: list[str],
    models: dict[str, Any],
    lacking: dict[str, str],
    apart: Any,
    compare: Any,
    n_nulls: int,
    rng: np.random.SeedSequence,
) -> tuple[float, float, list[dict[str, Any]]]:
    """Correlation, verdict and rows of two maps."""
    observed = float(compare(x, y[None])[0])
    rows: list[dict[str, Any]] = []
    for name in chosen:
        for key, (moved, still) in enumerate(((x, y), (y, x))):
            seed = random.child(rng, 2 * NULLS.index(name) + key)
            row: dict[str, Any] = {"null": name, "randomised": "ab"[key], "p": np.nan, "z": np.nan, "null_std": np.nan}
            try:
                if lacking[name]:
                    raise ValueError(lacking[name])
                surrogates = models[name](moved, seed, size=n_nulls)
            except ValueError as error:
                rows.append(row | {"note": str(error)})
                continue
            fit = f"variogram off by {misfit(moved, surrogates, distances=apart):.0%}" if name == "variogram" else ""
            values = compare(still, surrogates)
            flat = np.isnan(values).sum()
            few = f"{flat} of {n_nulls} surrogates are flat, and count as extreme" if flat else ""
            rows.append(row | _scores(values, observed) | {"note": "; ".join(filter(None, (fit, few)))})
    p = [row["p"] for row in rows if np.isfinite(row["p"])]
    if not p:
        reasons = "; ".join(dict.fromkeys(f"{row['null']}: {row['note']}" for row in rows))
        raise ValueError(f"no null model is valid for these maps. {reasons}")
    return observed, max(p), rows


def _scores(null: NDArray[np.float64], observed: float) -> dict[str, Any]:
    _, std, z = standard_score(observed, null)
    p = float(p_value(abs(observed), np.abs(null), "greater"))
    return {"p": p, "z": float(z), "null_std": float(std)}


def _distances(distances: Any, positions: Any, hemispheres: Any) -> tuple[Any, str]:
    """Those given, else great circles of one sphere; or why there are none."""
    if distances is not None:
        return distances, ""
    if positions is None or hemispheres is not None:
        return None, "needs distances=" + ("" if positions is None else ": spheres of two hemispheres tell none")
    place = validate.as_array(positions, "positions", shape=(None, 3))
    try:
        sphere = on_a_sphere(place, len(place))
    except ValueError:
        return None, "needs distances=, such as those of the Connectome: positions are on no sphere"
    angle = np.arccos(np.clip(sphere @ sphere.T, -1, 1))
    np.fill_diagonal(angle, 0)
    return (angle + angle.T) / 2, ""


def _pearson(x: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    z, others = x - x.mean(), rows - rows.mean(axis=1, keepdims=True)
    scale = np.linalg.norm(z) * np.linalg.norm(others, axis=1)
    return np.divide(others @ z, scale, out=np.full(len(rows), np.nan), where=scale > 0)


def _spearman(x: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    return _pearson(rankdata(x), rankdata(rows, axis=1))
