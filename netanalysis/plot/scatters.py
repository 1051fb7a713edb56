"""Two measures against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, factor_in_label, legend_above, open_frame, short_ticks
from netanalysis.plot._colour import GREY
from netanalysis.plot._text import brief, number
from netanalysis.plot._tidy import Tidy, counted, text_of, tidy


def scatter(
    table: Any,
    *,
    x: str,
    y: str,
    by: str | None = None,
    size: str | None = None,
    fit: Literal["linear", "rank"] | None = None,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One measure against another, one dot per row, in the colour and marker of its group.

    Parameters
    ----------
    table : DataFrame, one row per observation
        Rows in which `x`, `y` or `size` is no finite number are left out.
    x, y : str
        Columns of numbers.
    by : str, optional
        Column of the groups; without it all rows are one.
    size : str, optional
        Column that the area of dots grows with, from its smallest to its largest value.
    fit : {"linear", "rank"}, optional
        "linear" adds the least-squares line of each group, its 95 % interval and Pearson's r; "rank" Spearman's rho
        alone. Neither is given a p-value. None of groups with fewer than 3 dots or without variance.
    labels : mapping, optional
        Text for columns and groups, with units.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The legend gives the number of dots of each group and, if asked for, their correlation.

    Raises
    ------
    ValueError
        If a column is missing, holds no numbers, or a row no group; if `fit` is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"q": [0.1, 0.2, 0.4, 0.3], "h": [6.0, 5.5, 5.0, 5.2]})
    >>> ax = na.plot.scatter(table, x="q", y="h", fit="rank", ax=Figure().subplots())
    >>> ax.get_legend().get_texts()[0].get_text()
    'n = 4, ρ = −1'
    """
    import seaborn as sns

    if fit is not None:
        options.choice(fit, ["linear", "rank"], "fit")
    data = tidy(table, by, x=x, y=y, size=size)
    ax = current_axes(ax)
    palette, markers = data.palette(), data.markers()
    many = len(data.rows) > 400
    sizes: dict[str, Any] = {"s": 9 if many else 20} if size is None else {"size": "size", "sizes": (8, 90)}
    sns.scatterplot(
        data.rows,
        x="x",
        y="y",
        hue="group",
        style="group",
        hue_order=data.groups,
        style_order=data.groups,
        palette=palette,
        markers=markers,
        linewidth=0,
        alpha=0.4 if many else 0.75,
        rasterized=len(data.rows) > 3000,
        legend=False,
        ax=ax,
        **sizes,
    )
    handles = []
    for group in data.groups:
        own = data.of(group)
        said = _fitted(ax, own, fit, palette[group])
        name = counted(text_of(labels, group), len(own), *said)
        handles.append(Line2D([], [], color=palette[group], ls="", marker=markers[group], ms=5, mew=0, label=name))
    legend_above(ax, handles + _size_handles(data, size), title=f"area: {text_of(labels, size)}" if size else None)
    short_ticks(ax.xaxis, ax.yaxis)
    ax.set(xlabel=text_of(labels, x), ylabel=text_of(labels, y))
    factor_in_label(ax.yaxis)
    open_frame(ax)
    return ax


def _fitted(ax: Axes, rows: Any, fit: str | None, colour: str) -> list[str]:
    """Draw the fit of one group; what the legend says of it."""
    import seaborn as sns
    from scipy import stats

    if fit is None or len(rows) < 3 or np.ptp(rows["x"]) == 0 or np.ptp(rows["y"]) == 0:
        return []
    if fit == "rank":
        return [f"ρ = {number(stats.spearmanr(rows['x'], rows['y']).statistic)}"]
    sns.regplot(rows, x="x", y="y", scatter=False, color=colour, truncate=True, seed=0, line_kws={"lw": 1.3}, ax=ax)
    return [f"r = {number(stats.pearsonr(rows['x'], rows['y']).statistic)}"]


def _size_handles(data: Tidy, size: str | None) -> list[Line2D]:
    """The smallest and the largest area, with what they stand for."""
    if size is None:
        return []
    values = data.rows["size"]
    ends = [(8, values.min()), (90, values.max())] if np.ptp(values) else [(8, values.min())]
    grey: dict[str, Any] = {"color": GREY, "ls": "", "marker": "o", "mew": 0}
    return [Line2D([], [], ms=np.sqrt(area), label=brief(value), **grey) for area, value in ends]
