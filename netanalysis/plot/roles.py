"""Nodes that stand out: the rich club by level of degree, and hubs by how many measures name them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis._core.pvalues import is_significant
from netanalysis.plot._axes import current_axes, legend_above, open_frame, short_ticks, whole_ticks
from netanalysis.plot._colour import BLUE, GREY, VERMILION
from netanalysis.plot._fit import CHARACTER, LONGEST, fit, name_categories, points, size_of
from netanalysis.plot._result import need_one, need_result
from netanalysis.plot._text import short

_NAMES = {
    "low_clustering": "low clustering",
    "nodal_efficiency": "efficiency",
    "eigenvector_centrality": "eigenvector",
    "k_core": "k-core",
    "s_core": "s-core",
    "pagerank": "PageRank",
}


def rich_club(club: Any, *, value: Literal["coefficient", "ratio"] = "coefficient", ax: Axes | None = None) -> Axes:
    """Rich-club coefficient at every level of degree, with the middle 95 % of the null networks.

    Parameters
    ----------
    club : RichClub
        From :func:`netanalysis.rich_club`.
    value : {"coefficient", "ratio"}
        The coefficient and that of the nulls, or both over the mean of the nulls at each level (the normalised
        coefficient).
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Filled dots mark levels that are significant (0.05) after correction over levels; levels at which the
        coefficient of a null network is undefined have no band.

    Raises
    ------
    TypeError
        If it is no result of that function.
    ValueError
        If it is of a stack.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> club = na.rich_club(na.datasets.load("celegans_chemical"), n_nulls=19, rng=0)
    >>> na.plot.rich_club(club, ax=Figure().subplots()).get_xlabel()
    'Degree above'
    """
    options.choice(value, ["coefficient", "ratio"], "value")
    need_result(club, "club", "rich_club", "levels", "null_distribution")
    need_one(club.observed, 1, "club", "rich_club")
    ax = current_axes(ax)
    defined = np.isfinite(club.null_mean)
    scale = np.ones(len(club.levels))
    if value == "ratio":
        defined &= club.null_mean > 0
        scale = np.where(defined, 1 / np.where(defined, club.null_mean, 1.0), np.nan)
    low, high = np.quantile(club.null_distribution[:, defined], [0.025, 0.975], axis=0) * scale[defined]
    levels = club.levels
    handles: list[Any] = []
    if defined.any():
        ax.fill_between(levels[defined], low, high, color=GREY, alpha=0.3, lw=0)
        handles += ax.plot(
            levels[defined], (club.null_mean * scale)[defined], color=GREY, lw=1.2, label=f"nulls ({club.n_nulls:,})"
        )
    observed = club.observed * scale
    handles += ax.plot(levels, observed, color=BLUE, lw=1.2, label="network")
    sure = is_significant(club.p_corrected)
    handles += ax.plot(levels[sure], observed[sure], "o", color=VERMILION, ms=3.5, label="p ≤ 0.05, corrected")
    legend_above(ax, [handle for handle in handles if len(handle.get_xdata())])
    whole_ticks(ax.xaxis)
    short_ticks(ax.yaxis)
    kind = "weighted rich club" if club.weighted else "rich club"
    ax.set(xlabel="Degree above", ylabel=kind.capitalize() + (" over nulls" if value == "ratio" else " coefficient"))
    open_frame(ax)
    fit(ax)
    return ax


def hubs(result: Any, *, top: int = 20, ax: Axes | None = None) -> Axes:
    """The nodes with the highest hub scores, and which measures put each of them among the top ones.

    Parameters
    ----------
    result : Hubs
        From :func:`netanalysis.hubs`.
    top : int
        How many nodes, at most and where there is room, the highest score first; nodes with a score of 0 are never
        drawn.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        A row per node, a column per measure: filled where the node is among the top ones, its size the rank within
        them.

    Raises
    ------
    TypeError
        If it is no result of that function.
    ValueError
        If no node has a score, or it is of a stack.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> found = na.hubs(na.datasets.load("celegans_chemical"))
    >>> ax = na.plot.hubs(found, top=5, ax=Figure().subplots())
    >>> ax.get_title()
    '5 of 155 nodes with a score'
    """
    need_result(result, "result", "hubs", "score", "measures")
    need_one(result.score, 1, "result", "hubs")
    options.positive_int(top, "top")
    ax = current_axes(ax)
    order = np.lexsort((-result.values[:, 0], -result.score))
    order = order[result.score[order] > 0]
    if not len(order):
        raise ValueError("result must hold a node with a score; got none, as all nodes are alike")
    names = [_NAMES.get(name, name) for name in result.measures]
    width, height = size_of(ax)
    limit = int(np.clip(0.4 * width / (CHARACTER * points("x-small")), 8, LONGEST))
    # Names take from the height of the Axes when the figure is laid out.
    row, room = 12.0, height - name_categories(ax, names)
    shown = order[: max(2, min(top, int(room // row)))]
    rows = np.arange(len(shown))
    for k in range(len(names)):
        chosen = result.top[shown, k]
        size = 36 * (0.4 + 0.6 * _standing(result, k)[shown[chosen]])
        ax.scatter(np.full(chosen.sum(), k), rows[chosen], s=size, color=BLUE, lw=0)
        ax.scatter(np.full((~chosen).sum(), k), rows[~chosen], s=4, color=GREY, alpha=0.6, lw=0)
    ax.set_yticks(rows, [short(str(result.labels[i]), limit, tail=limit // 3) for i in shown], fontsize="x-small")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_xlabel(f"Among the top {100 * result.share:.3g} % by")
    open_frame(ax)
    ax.set_title(f"{len(shown):,} of {len(order):,} nodes with a score", fontsize="medium")
    fit(ax)
    return ax


def _standing(result: Any, k: int) -> NDArray[np.float64]:
    """Where each of the top nodes stands among them by one measure, 1 the first and 0 the last."""
    values = result.values[:, k] * (-1 if result.measures[k] == "low_clustering" else 1)
    out = np.zeros(len(values))
    top = np.flatnonzero(result.top[:, k])
    out[top] = np.argsort(np.argsort(values[top])) / max(1, len(top) - 1)
    return out
