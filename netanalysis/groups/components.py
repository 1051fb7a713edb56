"""Network-based statistic: components of edges that differ between people, tested as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import options, random
from netanalysis._core.pvalues import Side, is_significant
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis.groups._design import arrangements_of, design_of
from netanalysis.groups._people import Edges, edges_of
from netanalysis.groups._regression import Regression, in_blocks, p_of, signs_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["NetworkBasedStatistic", "network_based_statistic"]


@result
class NetworkBasedStatistic:
    """Components of edges above a threshold, the largest first, and their family-wise p.

    ``component[i, j]`` is the number of the component of an edge, 1 for the first row of :meth:`table`, 0 for none;
    ``t[i, j]`` the t of the edge, or F if `edge_statistic` says so, nan where it does not vary between people and on
    the diagonal. ``sign[k]`` is 1 where the effect is positive, and of F; ``size[k]`` the statistic of the component,
    ``p[k]`` its p. ``null_distribution`` holds the largest component of every arrangement of people, all of them if
    `exact`; `exchange` says who changed places.
    """

    t: NDArray[np.float64]
    component: NDArray[np.intp]
    sign: NDArray[np.intp]
    n_edges: NDArray[np.intp]
    nodes: tuple[NDArray[np.intp], ...]
    size: NDArray[np.float64]
    p: NDArray[np.float64]
    null_distribution: NDArray[np.float64]
    threshold: float
    statistic: str
    side: str
    contrast: str
    covariates: tuple[str, ...]
    df: int
    exact: bool
    n_nulls: int
    edge_statistic: str = "t"
    df_effect: int = 1
    exchange: str = "people"

    @property
    def smallest_p(self) -> float:
        """The p of the whole test; 1 where no edge exceeds the threshold."""
        return float(self.p.min(initial=1.0))

    def edge_mask(self, level: float = 0.05) -> NDArray[np.bool_]:
        """Edges (n, n) of components with p at most `level`. They are significant together, not one by one."""
        return np.asarray(np.concatenate([[False], is_significant(self.p, level)])[self.component])

    def table(self) -> pd.DataFrame:
        """A row per component, the largest first; without any row where no edge exceeds the threshold."""
        import pandas as pd

        own: dict[str, Any] = {"component": np.arange(1, len(self.p) + 1), "sign": self.sign, "n_edges": self.n_edges}
        own |= {"n_nodes": np.array([len(nodes) for nodes in self.nodes], np.intp), "size": self.size, "p": self.p}
        own |= {"statistic": self.statistic, "threshold": self.threshold, "contrast": self.contrast}
        own |= {"covariates": ", ".join(self.covariates), "df": self.df, "n_nulls": self.n_nulls, "exact": self.exact}
        own |= {"edge_statistic": self.edge_statistic, "df_effect": self.df_effect, "exchange": self.exchange}
        return pd.DataFrame(own)


@recorded
def network_based_statistic(
    stack: Any,
    effect: str | ArrayLike,
    *,
    threshold: float,
    statistic: Literal["extent", "intensity", "excess"] = "extent",
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
) -> NetworkBasedStatistic:
    """Find components of edges that go with a group or a score, and test each as a whole.

    Every edge is regressed on the effect (and covariates); edges whose t exceeds the threshold make a network; its
    components are compared with the largest component that arises when people are rearranged. That holds the chance of
    any false component at the level of p. **It says nothing about single edges**: a component of p = 0.01 may hold
    edges without any effect.

    Parameters
    ----------
    stack : network, shape (people, n, n), or list of networks
        The same nodes in the same order in all. Undirected if all are; self-connections are left out.
    effect : str or array_like, shape (people,) or (people, q)
        A column of `subjects` or values: groups by name, or numbers (a score; 0 and 1). More than two groups are
        compared by F, unless `contrast` says what to compare; so are several scores, (people, q) or a DataFrame.
    threshold : float above 0
        Edges of ``|t| > threshold`` (or F) are kept. It is a choice: report it, and what others give.
    statistic : {"extent", "intensity", "excess"}
        Size of a component: number of its edges, sum of their ``|t|`` or F, or of what of it exceeds the threshold.
    side : {"two-sided", "greater", "less"}
        Two-sided takes positive and negative edges apart, so that no component mixes rises and falls, and compares
        with the largest component of either sign. F has no sign.
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
        What groups are compared: t is positive where a exceeds b, or where the means times weights (which sum to 0) do
        so, others being in the model; of a list, any of them, by F. Default: two groups in sorted order.
    n_nulls : int
        Random arrangements of people; if there are no more than that, all are enumerated, and p is exact.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        Threads, -1 for one per core.
    progress : bool
        Show a progress bar.

    Returns
    -------
    NetworkBasedStatistic
        With ``.table()`` (a row per component) and ``.edge_mask()``.

    Raises
    ------
    ValueError
        For a table that does not match the stack, an effect that covariates explain, too few people.

    Notes
    -----
    With covariates, residuals of the model without the effect change places, its fit is added back, and the full model
    is fitted again (Freedman & Lane 1983). Rearranging assumes that people are independent and, given the covariates,
    alike. Relatives, and scans of one person, are not: ``within="person"`` where the effect changes from scan to scan,
    ``whole="family"`` where it is of families, or of people whose relatives go along. p is ``(b + 1) / (n_nulls + 1)``,
    or ``b / n`` of all n arrangements, the observed one among them.

    Edges are pooled-variance t or F; one that does not vary between people is in no component.

    References
    ----------
    Zalesky, Fornito & Bullmore 2010, doi:10.1016/j.neuroimage.2010.06.041; Freedman & Lane 1983,
    doi:10.1080/07350015.1983.10509354; Winkler et al. 2014, doi:10.1016/j.neuroimage.2014.01.060.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> x = np.random.default_rng(0).normal(size=(20, 8, 8))
    >>> x[:10, :3, :3] += 2
    >>> group = ["patient"] * 10 + ["control"] * 10
    >>> test = na.network_based_statistic(
    ...     x + x.swapaxes(1, 2), group, contrast=("patient", "control"), threshold=3, rng=0
    ... )
    >>> test.table()[["sign", "n_edges", "n_nodes"]].values.tolist(), bool(test.smallest_p < 0.01)
    ([[1, 3, 3]], True)
    """
    threshold = options.number_in(threshold, "threshold", above=0)
    options.choice(statistic, ["extent", "intensity", "excess"], "statistic")
    n_nulls = options.count(n_nulls, "n_nulls")
    options.jobs(n_jobs)
    options.flags(progress=progress)
    edges = edges_of(stack)
    design = design_of(stack, effect, subjects, covariates, within, contrast, len(edges.values), whole=whole)
    signs = signs_of(side, design)
    model = Regression(edges.values, design)
    ends = edges.rows[model.varies], edges.columns[model.varies]

    def found_in(arrangements: NDArray[np.intp]) -> Iterator[_Found]:
        r = model.correlations(arrangements)
        for sign in signs:
            rows, columns = np.nonzero(sign * r > model.r_of(threshold))
            t = sign * model.statistic_of(r[rows, columns])
            yield _components(rows, columns, t, sign, ends, edges.n, len(r), statistic, threshold)

    arrangements, exact = arrangements_of(design, n_nulls, rng)
    null = in_blocks(
        lambda block: np.max([found.largest for found in found_in(block)], axis=0),
        arrangements, len(model.size), n_jobs=n_jobs, progress=progress,
    )  # fmt: skip
    observed = list(found_in(np.arange(len(edges.values))[None]))
    number = np.zeros(edges.rows.shape, np.intp)
    sizes = np.concatenate([found.size for found in observed])
    order = np.lexsort((-sizes,))
    rank = np.argsort(order) + 1
    places, start = np.flatnonzero(model.varies), 0
    for found in observed:
        number[places[found.edge]] = rank[start + found.member]
        start += len(found.size)
    sizes = sizes[order]
    return NetworkBasedStatistic(
        t=edges.matrix(model.placed(model.observed()[0]), otherwise=np.nan),
        component=edges.matrix(number, otherwise=0),
        sign=np.concatenate([np.full(len(found.size), found.sign) for found in observed])[order],
        n_edges=np.bincount(number, minlength=len(sizes) + 1)[1:],
        nodes=_nodes(edges, number, len(sizes)),
        size=sizes,
        p=p_of(sizes, null, exact=exact),
        null_distribution=null,
        threshold=threshold,
        statistic=statistic,
        side=side,
        contrast=design.contrast,
        covariates=design.covariates,
        df=design.df,
        exact=exact,
        n_nulls=len(null),
        edge_statistic=design.statistic,
        df_effect=design.df_effect,
        exchange=design.exchange,
    )


class _Found(NamedTuple):
    """Components of one sign over a block of arrangements."""

    sign: int
    edge: NDArray[Any]  # index of each edge above the threshold, and the component it belongs to
    member: NDArray[Any]
    size: NDArray[Any]  # of each component
    largest: NDArray[Any]  # size of the largest of each arrangement, 0 without any


def _components(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    t: NDArray[np.float64],
    sign: int,
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    n: int,
    count: int,
    statistic: str,
    threshold: float,
) -> _Found:
    """Components of all arrangements of a block at once: as one graph with n nodes for each."""
    a, b = rows * n + ends[0][columns], rows * n + ends[1][columns]
    used, index = np.unique(np.concatenate([a, b]), return_inverse=True)
    a, b = index[: len(a)], index[len(a) :]
    graph = sparse.coo_array((np.ones(len(a), bool), (a, b)), shape=(len(used), len(used)))
    total, label = csgraph.connected_components(graph, directed=False) if len(used) else (0, np.empty(0, np.intp))
    weight = {"extent": np.ones_like(t), "intensity": t, "excess": t - threshold}[statistic]
    member = label[a].astype(np.intp)
    size = np.bincount(member, weights=weight, minlength=total)
    largest = np.zeros(count)
    np.maximum.at(largest, rows, size[member])
    return _Found(sign, columns, member, size, largest)


def _nodes(edges: Edges, number: NDArray[np.intp], count: int) -> tuple[NDArray[np.intp], ...]:
    return tuple(
        np.unique(np.concatenate([edges.rows[number == k], edges.columns[number == k]])) for k in range(1, count + 1)
    )
