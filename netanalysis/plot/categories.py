"""A number for each of several tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame
from netanalysis.plot._fit import LONGEST, fit, name_categories
from netanalysis.plot._interval import interval_of
from netanalysis.plot._tidy import counted, text_of, tidy


def bars(
    table: Any,
    *,
    x: str,
    y: str,
    by: str | None = None,
    interval: Literal["ci", "se2", "sd", "quartiles"] = "ci",
    reference: float | None = None,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Mean of y in each category of x with its interval, bars of groups side by side.

    Parameters
    ----------
    table : DataFrame, one row per observation
        One row per network and task, say. Rows in which `y` is no finite number or `x` is missing are left out.
    x : str
        Column of the categories (tasks), drawn in the order of the table.
    y : str
        Column of numbers.
    by : str, optional
        Column of the groups; without it all rows are one.
    interval : {"ci", "se2", "sd", "quartiles"}
        As for :func:`curve`, over the observations of a bar.
    reference : float, optional
        Height of a dashed line (1: all correct; or chance). ``labels={"reference": ...}`` names it.
    labels : mapping, optional
        Text for columns, categories and groups, with units.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Bars begin at 0. Names of categories are broken into lines, and stand upright where they are many. The legend
        says what bar and whisker are and how many observations stand behind each.

    Raises
    ------
    ValueError
        If a column is missing, `y` holds no numbers, or a row no group.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"task": ["go", "go", "dms", "dms"], "accuracy": [1.0, 0.9, 0.8, 0.7]})
    >>> ax = na.plot.bars(table, x="task", y="accuracy", reference=1, ax=Figure().subplots())
    >>> [round(float(bar.get_height()), 2) for bar in ax.patches if bar.get_height()]
    [0.95, 0.75]
    """
    import seaborn as sns

    estimator, errorbar, said = interval_of(interval)
    data = tidy(table, by, categories=("x",), x=x, y=y)
    ax = current_axes(ax)
    categories = list(dict.fromkeys(data.rows["x"]))
    place = {category: str(k) for k, category in enumerate(categories)}  # as text, or seaborn would sort numbers
    palette = data.palette()
    rows = data.rows.assign(x=[place[category] for category in data.rows["x"]])
    sns.barplot(
        rows,
        x="x",
        y="y",
        hue="group",
        order=list(place.values()),
        hue_order=data.groups,
        palette=palette,
        saturation=1,
        estimator=estimator,
        errorbar=errorbar,
        err_kws={"color": ink(ax), "linewidth": 0.8},
        capsize=0,
        alpha=0.85,
        linewidth=0,
        width=0.75,
        legend=False,
        ax=ax,
    )
    handles: list[Any] = []
    spread = False
    for group in data.groups:
        counts = data.of(group).groupby("x").size().to_numpy()
        spread = spread or bool((counts > 1).any())
        handles.append(Patch(color=palette[group], alpha=0.85, lw=0, label=counted(text_of(labels, group), counts)))
    if reference is not None:
        ax.axhline(reference, color=ink(ax), lw=0.9, ls=(0, (4, 3)))
        name = (labels or {}).get("reference", f"{reference:g}")
        handles.append(Line2D([], [], color=ink(ax), lw=0.9, ls=(0, (4, 3)), label=name))
    legend_above(ax, handles, title=said if spread else None)
    name_categories(ax, [text_of(labels, category, limit=2 * LONGEST) for category in categories])
    ax.tick_params(axis="x", length=0, pad=2)
    ax.set_xlim(-0.6, len(categories) - 0.4)
    if np.all(data.rows["y"] >= 0):
        ax.set_ylim(bottom=0)
    ax.set(xlabel=text_of(labels, x), ylabel=text_of(labels, y))
    open_frame(ax)
    fit(ax)
    return ax
