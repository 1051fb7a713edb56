"""How a measure is distributed in each group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, legend_above, open_frame, short_ticks
from netanalysis.plot._tidy import counted, text_of, tidy
from netanalysis.plot.distributions import _bins

_LINES = ("-", "--", "-.", ":")


def histogram(
    table: Any,
    *,
    x: str,
    by: str | None = None,
    bins: int | ArrayLike | str = "auto",
    share: bool = False,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How many rows of each group have which value: step outlines over light fills, in common bins.

    Parameters
    ----------
    table : DataFrame, one row per observation
        Rows in which `x` is no finite number are left out.
    x : str
        Column of numbers.
    by : str, optional
        Column of the groups; without it all rows are one.
    bins : int, array_like of edges, or str
        How many, the edges themselves, or a rule of :func:`numpy.histogram_bin_edges`; "auto": Freedman-Diaconis,
        8 to 50 of them, over all groups together.
    share : bool
        Shares of each group, which add up to 1 over the bins, instead of counts: for groups of unequal size.
    labels : mapping, optional
        Text for columns and groups, with units.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The legend gives the number of values of each group. Edges that leave values out say how many.

    Raises
    ------
    ValueError
        If a column is missing, holds no numbers, or a row no group; if edges do not rise.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"q": [0.1, 0.2, 0.4, 0.3], "group": ["l1", "l1", "sernn", "sernn"]})
    >>> ax = na.plot.histogram(table, x="q", by="group", share=True, ax=Figure().subplots())
    >>> ax.get_ylabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('Share', ['l1 (n = 2)', 'sernn (n = 2)'])
    """
    options.flags(share=share)
    import seaborn as sns

    data = tidy(table, by, x=x)
    values = data.rows["x"].to_numpy()
    edges = _edges(values, bins)
    ax = current_axes(ax)
    palette = data.palette()
    handles = []
    for k, group in enumerate(data.groups):
        own = data.of(group)
        sns.histplot(
            own,
            x="x",
            bins=edges,
            stat="proportion" if share else "count",
            element="step",
            color=palette[group],
            fill=True,
            alpha=0.2,
            linewidth=1.4,
            linestyle=_LINES[k % len(_LINES)],
            legend=False,
            ax=ax,
        )
        name = counted(text_of(labels, group), len(own))
        handles.append(Patch(fc=(*_rgb(palette[group]), 0.2), ec=palette[group], ls=_LINES[k % 4], lw=1.4, label=name))
    outside = int(((values < edges[0]) | (values > edges[-1])).sum())
    legend_above(ax, handles, title=f"{outside:,} outside the bins" if outside else None)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=not share))
    short_ticks(ax.xaxis, ax.yaxis)
    ax.set(xlabel=text_of(labels, x), ylabel="Share" if share else "Count")
    open_frame(ax)
    return ax


def _rgb(colour: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(colour)


def _edges(values: Any, bins: Any) -> Any:
    """Edges common to all groups."""
    if isinstance(bins, str) and bins == "auto":
        return _bins(values, log=False, integer=False)
    edges = np.histogram_bin_edges(values, bins)
    if len(edges) < 2 or (np.diff(edges) <= 0).any():
        raise ValueError(f"bins must be a number, a rule or edges that rise; got {bins!r}")
    return edges
