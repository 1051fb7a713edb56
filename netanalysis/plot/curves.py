"""A measure along training or along the strength of a penalty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from netanalysis._core import options
from netanalysis.plot._axes import (
    current_axes,
    factor_in_label,
    legend_above,
    linear_while_drawing,
    log_or_zero,
    open_frame,
    short_ticks,
    whole_ticks,
)
from netanalysis.plot._interval import interval_of
from netanalysis.plot._tidy import counted, text_of, tidy


def curve(
    table: Any,
    *,
    x: str,
    y: str,
    by: str | None = None,
    interval: Literal["ci", "se2", "sd", "quartiles"] = "ci",
    log_x: bool | None = None,
    log_y: bool = False,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Mean of y at each x with its interval, one line per group.

    Parameters
    ----------
    table : DataFrame, one row per observation
        Rows in which `x` or `y` is no finite number are left out.
    x, y : str
        Columns of numbers, such as the epoch and a measure.
    by : str, optional
        Column of the groups; without it all rows are one.
    interval : {"ci", "se2", "sd", "quartiles"}
        Around each mean: its 95 % interval (Student's t over the observations), two standard errors, or one standard
        deviation (n - 1); "quartiles" draws the median and the middle half. None where there is one observation.
    log_x : bool, optional
        Logarithmic x. Default: if no x is negative and the largest exceeds 100 times the smallest above 0. An x of 0
        (no penalty) stands one decade left of the smallest.
    log_y : bool
        Logarithmic y. Means are of the values, not of their logarithms.
    labels : mapping, optional
        Text for columns and groups, with units: ``{"q": "Modularity Q", "sernn": "seRNN"}``.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The legend says what line and band are, and how many observations stand behind the means of each group: at
        every x, or from the fewest to the most.

    Raises
    ------
    ValueError
        If a column is missing, holds no numbers, or a row no group.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"epoch": [0, 0, 1, 1], "q": [0.1, 0.2, 0.3, 0.5]})
    >>> ax = na.plot.curve(table, x="epoch", y="q", labels={"q": "Modularity Q"}, ax=Figure().subplots())
    >>> ax.get_ylabel(), ax.get_legend().get_texts()[0].get_text()
    ('Modularity Q', 'n = 2')
    """
    options.optional_flags(log_x=log_x, log_y=log_y)
    import seaborn as sns  # a second to load, for the figures that need it

    estimator, errorbar, said = interval_of(interval)
    data = tidy(table, by, x=x, y=y)
    ax = current_axes(ax)
    places = np.unique(data.rows["x"])
    palette, markers = data.palette(), data.markers()
    with linear_while_drawing(ax):  # else seaborn would average logarithms
        sns.lineplot(
            data.rows,
            x="x",
            y="y",
            hue="group",
            style="group",
            hue_order=data.groups,
            style_order=data.groups,
            palette=palette,
            markers=markers if len(places) <= 25 else False,
            dashes=False,
            markersize=4,
            markeredgewidth=0,
            linewidth=1.5,
            estimator=estimator,
            errorbar=errorbar,
            err_style="band" if len(places) > 1 else "bars",
            err_kws={"lw": 0} if len(places) > 1 else {},
            legend=False,
            ax=ax,
        )
    handles: list[Any] = []
    spread = False
    for group in data.groups:
        counts = data.of(group).groupby("x").size()
        spread = spread or bool((counts > 1).any())
        marker = markers[group] if len(places) <= 25 else ""
        name = counted(text_of(labels, group), counts.to_numpy())
        handles.append(Line2D([], [], color=palette[group], lw=1.5, marker=marker, ms=4, mew=0, label=name))
    legend_above(ax, handles, title=said if spread else None)
    log_or_zero(ax.xaxis, places, log_x)
    log_or_zero(ax.yaxis, data.rows["y"].to_numpy(), log_y)
    if ax.get_xscale() == "linear" and np.array_equal(places, np.round(places)):
        whole_ticks(ax.xaxis)
    short_ticks(ax.xaxis, ax.yaxis)
    ax.set(xlabel=text_of(labels, x), ylabel=text_of(labels, y))
    factor_in_label(ax.yaxis)
    open_frame(ax)
    return ax
