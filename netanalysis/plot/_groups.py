"""Groups of networks beside each other, every network a dot."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netanalysis.plot import _style


def groups(
    table: Any,
    *,
    measure: str,
    by: str = "group",
    column: str = "value",
    averaged: Collection[str] | None = None,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One measure in several groups of networks: every network a dot, the mean with its 95 % interval a line.

    Parameters
    ----------
    table : DataFrame
        As returned by :func:`netanalysis.summarize`, with a column `by` that names the group of each row.
    measure : str
        Which of its measures.
    by, column : str
        Columns of the groups and of what is shown ("value", or "z" to show distances from null models).
    averaged : collection of str, optional
        Groups whose mean is drawn; default: all. Networks that are no sample of anything have none.
    label : str, optional
        Axis label, with unit; default: the measure's name.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Groups from top to bottom in the order of the table, with their numbers of finite values. The interval is
        mean +- 1.96 standard errors, for groups of at least 3.

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
    ax = _style.axes(ax)
    rows = table[table["measure"] == measure]
    if len(rows) == 0:
        raise ValueError(f"measure must be one of {sorted(set(table['measure']))}; got {measure!r}")
    names = list(dict.fromkeys(rows[by]))
    labels = []
    for y, name in enumerate(names):
        value = rows.loc[rows[by] == name, column].to_numpy(dtype=float)
        value = np.sort(value[np.isfinite(value)])
        colour, marker = _style.module_style(y)
        ax.scatter(value, y + _spread(value), s=16, c=colour, marker=marker, lw=0, alpha=0.75)
        if len(value) > 2 and (averaged is None or name in averaged):
            mean, error = value.mean(), 1.96 * value.std(ddof=1) / np.sqrt(len(value))
            ax.hlines(y + 0.36, mean - error, mean + error, color=colour, lw=3)
            ax.plot(mean, y + 0.36, "|", color=colour, ms=11, mew=2)
        labels.append(f"{_style.short(name, 24)} ({len(value)})")
    ax.set_yticks(range(len(names)), labels)
    ax.set_ylim(len(names) - 0.4, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", lw=0.4, alpha=0.3)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    _style.short_ticks(ax.xaxis)
    _style.open_frame(ax)
    ax.set_xlabel(_style.plain(measure if label is None else label))
    return ax


def _spread(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Offsets that keep near dots of a group apart: equal values alternate around the line."""
    lanes = np.array([0.0, -0.1, 0.1, -0.2, 0.2])
    return lanes[np.arange(len(value)) % len(lanes)]
