"""Networks of a table among each other: one by one beside their nulls, or in groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, ink, log_ticks, rows_frame, short_ticks
from netanalysis.plot._colour import BLUE, GREY, VERMILION, module_style
from netanalysis.plot._fit import fit
from netanalysis.plot._result import need_names, rows_of
from netanalysis.plot._text import plain, short


def position(
    table: Any,
    *,
    measure: str,
    highlight: Iterable[str] | str = (),
    order: str = "value",
    label: str | None = None,
    log: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One measure over several networks: value (dot), null mean and central 95 % of the null (bar).

    Parameters
    ----------
    table : DataFrame
        As returned by :func:`netanalysis.summarize`: columns ``network``, ``measure``, ``value`` and, if nulls
        were computed, ``null_mean``, ``null_low`` and ``null_high``.
    measure : str
        Which of its measures.
    highlight : str or iterable of str
        Networks to bring out, and to name in any case.
    order : {"value", "table"}
        From the lowest value (bottom) to the highest, or the order of the table from top to bottom: for ages, epochs
        and whatever else has an order of its own.
    label : str, optional
        Axis label, with unit; default: the measure's name.
    log : bool, optional
        Logarithmic axis. Default: if all values are positive and the largest exceeds 100 times the smallest.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Networks without a finite value are left out and counted. Names get smaller with the number of networks; where
        none fits any more, only every so many networks are named, and the axis says how many.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"network": ["a", "b"], "measure": "density", "value": [0.1, 0.3]})
    >>> ax = na.plot.position(table, measure="density", highlight="a", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['a', 'b']
    """
    rows = rows_of(table, measure, "network", "value")
    options.choice(order, ["value", "table"], "order")
    chosen = {highlight} if isinstance(highlight, str) else set(highlight)
    need_names(chosen, "highlight", rows["network"])
    ax = current_axes(ax)
    finite = np.isfinite(rows["value"].to_numpy(dtype=float))
    left_out = [str(name) for name in rows["network"][~finite]]
    rows = rows[finite]
    if order == "value":
        rows = rows.sort_values("value", kind="stable")
    y = np.arange(len(rows)) if order == "value" else np.arange(len(rows))[::-1]
    value = rows["value"].to_numpy(dtype=float)
    options.optional_flags(log=log)
    if log is None:
        log = len(value) > 0 and bool(value.min() > 0 and value.max() > 100 * value.min())
    emphasis = np.array([name in chosen for name in rows["network"]], dtype=bool)
    if "null_mean" in rows:
        rows_of(table, measure, "null_low", "null_high")
        mean, low, high = (rows[key].to_numpy(dtype=float) for key in ("null_mean", "null_low", "null_high"))
        ax.hlines(y, low, high, color=GREY, lw=5, alpha=0.4, label="null, central 95 %")
        ax.plot(mean, y, "|", color=GREY, ms=8, mew=1.6)
        ax.hlines(y, np.fmin(mean, value), np.fmax(mean, value), color=GREY, lw=0.7, alpha=0.7)
    for chosen_ones, colour, size in ((~emphasis, BLUE, 28), (emphasis, VERMILION, 46)):
        marker = "D" if colour == VERMILION else "o"
        ax.scatter(value[chosen_ones], y[chosen_ones], s=size, c=colour, marker=marker, lw=0, zorder=3)
    named = rows_frame(ax, y, list(rows["network"]), keep=np.flatnonzero(emphasis), what="networks")
    for text, k in zip(ax.get_yticklabels(), named, strict=True):
        if emphasis[k]:
            text.set(color=VERMILION, fontweight="bold")
    ax.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    if log:
        ax.set_xscale("log")
        log_ticks(ax.xaxis)
    else:
        short_ticks(ax.xaxis)
    ax.set_xlabel(plain(measure if label is None else label))
    if left_out:
        who = left_out[0] if len(left_out) == 1 else f"{len(left_out)} networks"
        ax.set_title(f"Undefined for {short(who, 30)}", fontsize="small")
    fit(ax)
    return ax


def groups(
    table: Any,
    *,
    measure: str,
    by: str = "group",
    column: str = "value",
    averaged: Iterable[str] | str | None = None,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One measure in several groups of networks: every network a dot, over the mean and its 95 % interval.

    Parameters
    ----------
    table : DataFrame
        As returned by :func:`netanalysis.summarize`, with a column `by` that names the group of each row.
    measure : str
        Which of its measures.
    by, column : str
        Columns of the groups and of what is shown ("value", or "z" to show distances from null models).
    averaged : str or iterable of str, optional
        Groups whose mean is drawn; default: all. Leave out those that are no sample, such as one network of each kind.
    label : str, optional
        Axis label, with unit; default: the measure's name.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Groups from top to bottom in the order of the table, with their numbers of finite values. The interval is
        mean ± 1.96 standard errors, for groups of at least 3. Dots stand beside each other where they would overlap,
        so that a swarm is as wide as values are frequent.

    Raises
    ------
    ValueError
        If the table has no such column or measure, or a row no group.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> values = {"group": ["a", "a", "b"], "measure": "density", "value": [0.1, 0.3, 0.2]}
    >>> ax = na.plot.groups(pd.DataFrame(values), measure="density", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['a (2)', 'b (1)']
    """
    import pandas as pd

    rows = rows_of(table, measure, by=by, column=column)
    code, names = pd.factorize(rows[by])
    if (code < 0).any():
        raise ValueError(f"by must name the group of every row; {by!r} is empty in {(code < 0).sum()} of {len(rows)}")
    with_mean = list(names) if averaged is None else [averaged] if isinstance(averaged, str) else list(averaged)
    need_names(with_mean, "averaged", names)
    value = rows[column].to_numpy(dtype=float)
    shown = np.isfinite(value)
    count = np.bincount(code[shown], minlength=len(names))
    mean = np.array([n > 2 and name in with_mean for n, name in zip(count, names, strict=True)])
    ax = current_axes(ax)
    _swarms(ax, value[shown], code[shown], mean)
    rows_frame(ax, range(len(names)), [f"{name} ({n})" for name, n in zip(names, count, strict=True)], what="groups")
    ax.set_ylim(len(names) - 0.5, -0.5)
    short_ticks(ax.xaxis)
    ax.set_xlabel(plain(measure if label is None else label))
    fit(ax)
    return ax


def _swarms(ax: Axes, value: NDArray[np.float64], code: NDArray[np.intp], mean: NDArray[np.bool_]) -> None:
    """A swarm of dots for each group, over the mean of those that have one and its interval."""
    import pandas as pd
    import seaborn as sns  # a second to load, for this figure alone

    order = [str(k) for k in range(len(mean))]
    rows = pd.DataFrame({"group": code.astype(str), "value": value})
    colours = {group: module_style(int(group))[0] for group in order}
    common: dict[str, Any] = {"x": "value", "y": "group", "hue": "group", "order": order, "hue_order": order}
    common |= {"palette": colours, "orient": "h", "legend": False, "ax": ax}
    size = float(np.clip(36 / np.sqrt(np.bincount(code).max(initial=1)), 3, 5))  # so that many find room
    sns.swarmplot(rows, **common, size=size, alpha=0.85, linewidth=0, warn_thresh=1, zorder=3)
    sns.pointplot(
        rows[mean[code]],
        **common,
        errorbar=("se", 1.96),
        linestyle="none",
        markers="|",
        markersize=20,
        markeredgecolor=ink(ax),
        markeredgewidth=1.6,
        err_kws={"linewidth": 16, "alpha": 0.35, "solid_capstyle": "butt", "zorder": 1},
        zorder=4,
    )
