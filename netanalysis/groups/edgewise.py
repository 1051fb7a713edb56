"""Every edge or node by itself: does it go with a group or a score?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import node_order, options, random, validate
from netanalysis._core.pvalues import benjamini_hochberg, holm
from netanalysis._core.records import recorded
from netanalysis._core.rounding import ROUNDING
from netanalysis.groups._design import Design, arrangements_of, design_of
from netanalysis.groups._people import edges_of, same_people
from netanalysis.groups._regression import Regression, in_blocks, p_of, p_of_counts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["edge_test", "node_test"]

_UNEQUAL = 1.5  # times the variance, from which on the smaller group makes p_max too small


@recorded
def edge_test(
    stack: Any,
    effect: str | ArrayLike,
    *,
    variance: Literal["pooled", "welch"] = "pooled",
    subjects: pd.DataFrame | None = None,
    covariates: str | Sequence[str] | ArrayLike | None = None,
    within: str | ArrayLike | None = None,
    whole: str | ArrayLike | None = None,
    contrast: Any = None,
    n_nulls: int = 0,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Test every edge against a group or a score, and correct for their number.

    Parameters
    ----------
    stack : network, shape (people, n, n), or list of networks
        The same nodes in the same order in all. Undirected if all are; self-connections are left out.
    effect : str or array_like, shape (people,) or (people, q)
        A column of `subjects` or values: groups by name, or numbers (a score; 0 and 1). More than two groups are
        compared by F, unless `contrast` says what to compare; so are several scores, (people, q) or a DataFrame.
    variance : {"pooled", "welch"}
        Student's t of a linear model, or Welch's of two groups, which may vary unequally; it takes no covariates.
    subjects : DataFrame, optional
        A row per network, in the order of the stack. Columns that the stack's metadata have too must agree.
    covariates : names of columns, DataFrame or array_like, shape (people, k), optional
        Held constant. Names of groups become indicators.
    within : str or array_like, shape (people,), optional
        Groups within which effects are looked for and people change places: site, or the person of repeated scans (a
        paired test). They are held constant, as indicators.
    whole : str or array_like, shape (people,), optional
        Who stay together when people are rearranged: families, or scans of one person where groups of persons are
        compared. Those of as many people change places as a whole (in one block of `within`, if both are given), the
        first in the table taking the place of the first, and so on.
    contrast : (a, b), mapping of group to weight, or list of those, optional
        What groups are compared: `estimate` is the mean of a minus that of b, or the sum of means times weights (which
        sum to 0), others being in the model; of a list, any of them, by F. Default: two groups in sorted order.
    n_nulls : int
        Arrangements of people for `p_max`, all of them if there are no more than that; 0: without it. `whole` needs
        some.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        Threads, -1 for one per core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DataFrame, one row per edge
        ``source, target`` (undirected edges once; labels where the networks have them); ``estimate``: difference of
        means, or slope; ``t, df``; ``p``, two-sided and parametric; ``p_holm`` and ``p_bh``: corrected for the number
        of edges (family-wise error, false discovery rate); ``p_max``: family-wise, from the largest ``|t|`` of any
        edge when people are rearranged, which needs no normal distribution and heeds that edges go together, but takes
        groups to vary alike (see Notes);
        ``contrast, variance, covariates, exchange, n_nulls, note``.

        Of F tests, ``partial_r2, F, df_effect`` in place of ``estimate, t``: the share of what covariates leave that
        the effects explain. With `whole`, p is of the edge by itself when people are rearranged, since that of a t
        distribution takes them to be independent; so are `p_holm` and `p_bh`.

    Notes
    -----
    An edge that does not vary between people (given the covariates) has no t: its row is nan, says so in `note`, and
    it does not count in the corrections. Where groups are constant and differ, t is large and finite. With covariates,
    arrangements are those of Freedman & Lane (1983), as for :func:`netanalysis.network_based_statistic`.

    People who are rearranged are taken to vary alike in both groups, whatever `variance` is: Welch's t allows for
    unequal ones in `p`, `p_holm` and `p_bh`, and its largest in `p_max` only where groups are large or of one size.
    With 8 people who vary three times as much as 24 others, 19 % of data sets without effects had a `p_max` of 0.05 or
    less, 8 % a `p_holm`; with 20 beside 20, 7 and 3 %. A warning says where the smaller group varies more.

    References
    ----------
    Welch 1947, doi:10.1093/biomet/34.1-2.28; Nichols & Holmes 2002, doi:10.1002/hbm.1058; Winkler et al. 2014,
    doi:10.1016/j.neuroimage.2014.01.060.

    Examples
    --------
    >>> import netanalysis as na
    >>> stack = [[[0, w], [w, 0]] for w in (5.0, 6, 7, 1, 2, 3, 9)]
    >>> table = na.edge_test(stack, list("aaabbbb"), variance="welch")
    >>> table[["source", "target", "estimate", "t", "df", "p"]].round(4).values.tolist()
    [[0.0, 1.0, 2.25, 1.1921, 3.5939, 0.306]]
    """
    edges = edges_of(stack)
    design = design_of(stack, effect, subjects, covariates, within, contrast, len(edges.values), whole=whole)
    place = {"source": edges.named(edges.rows), "target": edges.named(edges.columns)}
    return _table(place, edges.values, design, variance, n_nulls, rng, n_jobs, progress)


@recorded
def node_test(
    values: ArrayLike,
    effect: str | ArrayLike,
    *,
    variance: Literal["pooled", "welch"] = "pooled",
    subjects: pd.DataFrame | None = None,
    covariates: str | Sequence[str] | ArrayLike | None = None,
    within: str | ArrayLike | None = None,
    whole: str | ArrayLike | None = None,
    contrast: Any = None,
    n_nulls: int = 0,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Test a measure of every node against a group or a score, and correct for their number.

    Parameters
    ----------
    values : array_like, shape (people, n)
        A measure of every node of everybody's network, such as ``na.strength(stack)``; or a DataFrame whose columns
        name the nodes.
    effect : str or array_like, shape (people,) or (people, q)
    variance : {"pooled", "welch"}
        As for :func:`netanalysis.edge_test`, like all that follows.
    subjects : DataFrame, optional
    covariates : names of columns, DataFrame or array_like, shape (people, k), optional
    within, whole : str or array_like, shape (people,), optional
    contrast : (a, b), mapping of group to weight, or list of those, optional
    n_nulls : int
        Arrangements of people for `p_max`, all of them if there are no more than that; 0: without it.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        Threads, -1 for one per core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DataFrame, one row per node
        ``node``, and the columns of :func:`netanalysis.edge_test`.

    Examples
    --------
    >>> import netanalysis as na
    >>> table = na.node_test([[5.0, 1], [6, 1], [7, 1], [1, 1], [2, 1], [3, 1]], list("aaabbb"), n_nulls=20)
    >>> table[["node", "estimate", "t", "p_max", "note"]].round(4).values.tolist()
    [[0, 4.0, 4.899, 0.1, ''], [1, nan, nan, nan, 'does not vary']]
    """
    for other, name in ((effect, "effect"), (subjects, "subjects"), (covariates, "covariates")):
        node_order.same_index(values, other, ("values", name))
    index: Any = getattr(values, "index", None)
    if hasattr(subjects, "columns") and hasattr(index, "dtype") and index.dtype.kind not in "iuf":
        called = [str(name) for name in index]
        same_people(subjects, [{name} for name in called], called, "the rows of values")
    names = values.columns if hasattr(values, "columns") else None
    array = validate.as_array(values.to_numpy() if hasattr(values, "to_numpy") else values, "values")
    if array.ndim != 2:
        raise ValueError(
            f"values must have a row per person and a column per node, (people, n); got shape {array.shape}"
        )
    design = design_of(None, effect, subjects, covariates, within, contrast, len(array), whole=whole)
    place = {"node": np.arange(array.shape[1]) if names is None else np.asarray(names)}
    return _table(place, array, design, variance, n_nulls, rng, n_jobs, progress)


def _table(
    place: dict[str, Any],
    values: NDArray[np.float64],
    design: Design,
    variance: str,
    n_nulls: int,
    rng: random.RNG,
    n_jobs: int | None,
    progress: bool,
) -> pd.DataFrame:
    import pandas as pd
    from scipy import stats

    options.choice(variance, ["pooled", "welch"], "variance")
    n_nulls = options.count(n_nulls, "n_nulls", minimum=0)
    options.jobs(n_jobs)
    options.flags(progress=progress)
    if design.whole and not n_nulls:
        raise ValueError(
            "whole= says that people are not independent, and p of a t distribution takes them to be: give n_nulls, "
            "such as 1000, for p of rearranged people"
        )
    model = _Welch(values, design) if variance == "welch" else Regression(values, design)
    found, df = model.observed()
    sizes = {"t": "estimate", "F": "partial_r2"}
    out: dict[str, Any] = {**place, sizes[design.statistic]: model.placed(model.sizes())}
    out[design.statistic] = model.placed(found)
    if design.statistic == "F":
        out["df_effect"] = design.df_effect
    out["df"] = model.placed(df)
    if n_nulls:
        if isinstance(model, _Welch):
            model.warn_of_spread()
        arrangements, exact = arrangements_of(design, n_nulls, rng)
        size, larger = np.abs(found), []

        def largest_of(block: NDArray[np.intp]) -> NDArray[np.float64]:
            null = np.abs(model.statistics(block))
            if design.whole:
                larger.append((null >= size * (1 - ROUNDING)).sum(axis=0))
            return np.asarray(null.max(axis=1, initial=0.0))

        largest = in_blocks(largest_of, arrangements, len(found), n_jobs=n_jobs, progress=progress)
        n_nulls = len(arrangements)
    if design.whole:
        p = model.placed(p_of_counts(np.sum(larger, axis=0), n_nulls, exact=exact))
    elif design.statistic == "F":
        p = stats.f.sf(out["F"], design.df_effect, out["df"])
    else:
        p = 2 * stats.t.sf(np.abs(out["t"]), out["df"])
    out |= {"p": p, "p_holm": holm(p), "p_bh": benjamini_hochberg(p)}
    if n_nulls:
        out["p_max"] = model.placed(p_of(size, largest, exact=exact))
    out |= {"contrast": design.contrast, "variance": variance, "covariates": ", ".join(design.covariates)}
    out |= {"exchange": design.exchange, "n_nulls": n_nulls}
    return pd.DataFrame(out | {"note": np.where(model.varies, "", "does not vary")})


class _Welch(Regression):
    """Welch's t of two groups, from sums and sums of squares of the first one."""

    def __init__(self, values: NDArray[np.float64], design: Design) -> None:
        if not design.two_groups or design.nuisance.shape[1] > 1:
            raise ValueError(
                "variance='welch' compares two groups without covariates; use variance='pooled' for a score or "
                "with covariates"
            )
        self.first = design.effect[:, 0] == design.effect.max()
        if min(self.first.sum(), (~self.first).sum()) < 2:
            raise ValueError("variance='welch' needs at least 2 people in each group")
        super().__init__(values, design)

    def _moments(self, arrangements: NDArray[np.intp]) -> tuple[Any, Any, Any]:
        one = self.first[arrangements].astype(float)
        k, m = int(self.first.sum()), len(self.first)
        sums, squares = one @ self.residuals, one @ self.residuals**2
        # Residuals have mean 0 and squares that sum to 1.
        a = np.maximum(squares - sums**2 / k, ROUNDING) / (k - 1) / k
        b = np.maximum(1 - squares - sums**2 / (m - k), ROUNDING) / (m - k - 1) / (m - k)
        return sums * (1 / k + 1 / (m - k)), a, b

    def warn_of_spread(self) -> None:
        """Rearranged people of a smaller group that varies more make p_max too small."""
        k, m = int(self.first.sum()), len(self.first)
        _, a, b = self._moments(np.arange(m)[None])
        small, large = sorted([(k, k * a.mean()), (m - k, (m - k) * b.mean())])
        if small[0] < large[0] and small[1] > _UNEQUAL * large[1]:
            warnings.warn(
                f"p_max is too small where the smaller group varies more: the {small[0]} people of one vary "
                f"{small[1] / large[1]:.2g} times as much (variance) as the {large[0]} of the other. Read p_holm, or "
                "compare groups of one size",
                stacklevel=4,
            )

    def statistics(self, arrangements: NDArray[np.intp]) -> NDArray[np.float64]:
        difference, a, b = self._moments(arrangements)
        return np.asarray(difference / np.sqrt(a + b))

    def observed(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        k, m = int(self.first.sum()), len(self.first)
        difference, a, b = (x[0] for x in self._moments(np.arange(m)[None]))
        return difference / np.sqrt(a + b), (a + b) ** 2 / (a**2 / (k - 1) + b**2 / (m - k - 1))
