"""Components of edges that differ between people, over all thresholds at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, validate
from netanalysis._core.pvalues import Side, is_significant
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis.groups import kernels
from netanalysis.groups._design import arrangements_of, design_of
from netanalysis.groups._people import Edges, edges_of
from netanalysis.groups._regression import Regression, in_blocks, p_of, signs_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ThresholdFreeTest", "threshold_free_scores", "threshold_free_test"]

_MOST_STEPS = 10**7


@result
class ThresholdFreeTest:
    """Threshold-free scores of edges and their family-wise p, each (n, n).

    ``t[i, j]`` is the t of an edge, or F if `edge_statistic` says so, nan where it does not vary between people and on
    the diagonal; ``score[i, j]`` has its sign; ``p[i, j]`` compares its magnitude with the largest of every arrangement
    of people, in ``null_distribution``, all of them if `exact`. `step` is None where the integral is exact.
    """

    t: NDArray[np.float64]
    score: NDArray[np.float64]
    p: NDArray[np.float64]
    null_distribution: NDArray[np.float64]
    extent_power: float
    height_power: float
    step: float | None
    side: str
    contrast: str
    covariates: tuple[str, ...]
    df: int
    exact: bool
    n_nulls: int
    edges: Edges
    edge_statistic: str = "t"
    df_effect: int = 1
    exchange: str = "people"

    def edge_mask(self, level: float = 0.05) -> NDArray[np.bool_]:
        """Edges (n, n) with p at most `level`."""
        return is_significant(self.p, level)

    def table(self) -> pd.DataFrame:
        """A row per edge: where it is, t, score, p, and how they were computed."""
        import pandas as pd

        at = self.edges.rows, self.edges.columns
        out: dict[str, Any] = {"source": self.edges.named(at[0]), "target": self.edges.named(at[1])}
        out |= {"t": self.t[at], "score": self.score[at], "p": self.p[at], "extent_power": self.extent_power}
        out |= {"height_power": self.height_power, "step": "exact" if self.step is None else self.step}
        out |= {"side": self.side, "contrast": self.contrast, "covariates": ", ".join(self.covariates), "df": self.df}
        out |= {"n_nulls": self.n_nulls, "exact": self.exact, "edge_statistic": self.edge_statistic}
        return pd.DataFrame(out | {"df_effect": self.df_effect, "exchange": self.exchange})


def threshold_free_scores(
    t: ArrayLike, *, extent_power: float = 0.4, height_power: float = 3.0, step: float | None = None
) -> NDArray[np.float64]:
    """Support of every edge by its neighbours at all thresholds below it.

    ``s_e = integral from 0 to t_e of extent_e(h)^E h^H dh``, with extent_e(h) the number of edges of the component that
    e belongs to among edges of at least h. Positive and negative edges make components of their own; scores of negative
    edges are negative.

    Parameters
    ----------
    t : array_like, shape (n, n)
        A statistic of every edge; nan and 0: no edge. Undirected if symmetric.
    extent_power, height_power : float
        E and H. Programs differ (0.5 and 2, 0.4 and 3, 0.75 and 3): report them.
    step : float, optional
        Sum over ``h = step, 2 step, …`` times `step`, as most programs do. Default: the exact integral, which needs
        none, because extents only change at the values of t.

    Returns
    -------
    ndarray, shape (n, n)

    References
    ----------
    Smith & Nichols 2009, doi:10.1016/j.neuroimage.2008.03.061; Baggio et al. 2018, doi:10.1002/hbm.24007.

    Examples
    --------
    >>> import netanalysis as na
    >>> t = [[0, 1.0, 0], [1, 0, 2], [0, 2, 0]]
    >>> na.threshold_free_scores(t, extent_power=1, height_power=1)
    array([[0. , 1. , 0. ],
           [1. , 0. , 2.5],
           [0. , 2.5, 0. ]])
    """
    powers = _powers(extent_power, height_power, step)
    given = validate.as_array(t, "t", undefined=True)
    values = validate.as_weights(np.where(np.isnan(given), 0.0, given), name="t")
    edges = edges_of(values[None], name="t")
    ends = edges.rows, edges.columns
    return edges.matrix(_scores(edges.values, ends, (1, -1), *powers)[0], otherwise=0.0)


@recorded
def threshold_free_test(
    stack: Any,
    effect: str | ArrayLike,
    *,
    extent_power: float = 0.4,
    height_power: float = 3.0,
    step: float | None = None,
    side: Side = "two-sided",
    subjects: pd.DataFrame | None = None,
    covariates: str | Sequence[str] | ArrayLike | None = None,
    within: str | ArrayLike | None = None,
    whole: str | ArrayLike | None = None,
    contrast: Any = None,
    n_nulls: int = 1000,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> ThresholdFreeTest:
    """Find edges that go with a group or a score, each supported by its component at every threshold.

    The network-based statistic without a threshold to choose: edges are scored by
    :func:`netanalysis.threshold_free_scores` of their t, and scores are compared with the largest of any edge when
    people are rearranged, which holds the family-wise error. A score is that of an edge among its neighbours: a weak
    edge inside a strong component is carried by it.

    Parameters
    ----------
    stack : network, shape (people, n, n), or list of networks
        As for :func:`netanalysis.network_based_statistic`, like all that is not explained here.
    effect : str or array_like, shape (people,) or (people, q)
        Of F, the root is scored, so that two groups score alike by t and by F.
    extent_power, height_power : float
        E and H; report them.
    step : float, optional
        Width of a sum in place of the exact integral.
    side : {"two-sided", "greater", "less"}
        Two-sided: the largest score of either sign.
    subjects : DataFrame, optional
    covariates : names of columns, DataFrame or array_like, shape (people, k), optional
    within, whole : str or array_like, shape (people,), optional
    contrast : (a, b), mapping of group to weight, or list of those, optional
    n_nulls : int
        Random arrangements of people; if there are no more than that, all are enumerated, and p is exact.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        Threads, -1 for one per core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ThresholdFreeTest
        With ``.table()`` (a row per edge) and ``.edge_mask()``.

    References
    ----------
    Baggio et al. 2018, doi:10.1002/hbm.24007; Smith & Nichols 2009, doi:10.1016/j.neuroimage.2008.03.061.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> x = np.random.default_rng(0).normal(size=(20, 8, 8))
    >>> x[:10, :3, :3] += 2
    >>> test = na.threshold_free_test(x + x.swapaxes(1, 2), ["a"] * 10 + ["b"] * 10, n_nulls=199, rng=0)
    >>> test.edge_mask()[:3, :3].sum().item()
    6
    """
    powers = _powers(extent_power, height_power, step)
    n_nulls = options.count(n_nulls, "n_nulls")
    options.jobs(n_jobs)
    options.flags(progress=progress)
    edges = edges_of(stack)
    design = design_of(stack, effect, subjects, covariates, within, contrast, len(edges.values), whole=whole)
    signs = signs_of(side, design)
    model = Regression(edges.values, design)
    ends = edges.rows[model.varies], edges.columns[model.varies]

    def scored(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return _scores(values if design.statistic == "t" else np.sqrt(values), ends, signs, *powers)

    arrangements, exact = arrangements_of(design, n_nulls, rng)
    null = in_blocks(
        lambda block: np.abs(scored(model.statistics(block))).max(axis=1, initial=0.0),
        arrangements, 4 * len(model.size), n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    t = model.observed()[0]
    score = scored(t[None])[0]
    return ThresholdFreeTest(
        **{
            name: edges.matrix(model.placed(values), otherwise=np.nan)
            for name, values in (("t", t), ("score", score), ("p", p_of(np.abs(score), null, exact=exact)))
        },
        null_distribution=null,
        extent_power=powers[0],
        height_power=powers[1],
        step=powers[2],
        side=side,
        contrast=design.contrast,
        covariates=design.covariates,
        df=design.df,
        exact=exact,
        n_nulls=len(null),
        edges=edges._replace(values=edges.values[:0]),
        edge_statistic=design.statistic,
        df_effect=design.df_effect,
        exchange=design.exchange,
    )


def _powers(extent_power: float, height_power: float, step: float | None) -> tuple[float, float, float | None]:
    return (
        options.number_in(extent_power, "extent_power", at_least=0),
        options.number_in(height_power, "height_power", at_least=0),
        None if step is None else options.number_in(step, "step", above=0),
    )


def _scores(
    t: NDArray[np.float64],
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    signs: tuple[int, ...],
    extent_power: float,
    height_power: float,
    step: float | None,
) -> NDArray[np.float64]:
    """Scores of the edges of every row of t, positive and negative ones apart, 0 where a sign is not asked for."""
    edges = []
    for row in t:
        order = np.argsort(-np.abs(row))
        edges += [order[sign * row[order] > 0] for sign in signs]
    lengths = [len(e) for e in edges]
    begins = np.concatenate([[0], np.cumsum(lengths)])
    edge, network = np.concatenate(edges), np.repeat(np.arange(len(edges)) // len(signs), lengths)
    value = t[network, edge]
    height = np.abs(value)
    if step is None:
        levels = height ** (height_power + 1) / (height_power + 1)
    else:  # the sum over all steps up to a height; a height that is a step up to rounding counts as one
        if height.max(initial=0.0) > _MOST_STEPS * step:
            raise ValueError(
                f"step must not be below a ten-millionth of the largest t, {height.max():.3g}; got {step:g}"
            )
        count = np.floor(height / step * (1 + 1e-12)).astype(np.intp)
        sums = np.concatenate([[0.0], np.cumsum((np.arange(1, count.max(initial=0) + 1) * step) ** height_power)])
        levels = step * sums[count]
    powers = np.arange(t.shape[1] + 1, dtype=float) ** extent_power
    collected = np.zeros(len(edge))
    inputs = (edge, begins, np.asarray(ends[0], np.int64), np.asarray(ends[1], np.int64), levels, powers)
    kernels.merging.threshold_free(0, len(edges), *map(validate.for_kernels, inputs), collected)
    out = np.zeros_like(t)
    out[network, edge] = np.copysign(collected, value)
    return out
