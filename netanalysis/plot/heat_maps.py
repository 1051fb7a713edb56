"""A measure over epochs and strengths, and what lesions cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Patch
from numpy.typing import NDArray

from netanalysis._core import options, validate
from netanalysis.plot._axes import current_axes, ink, legend_above, log_ticks, short_ticks, whole_ticks
from netanalysis.plot._colour import GREY, colour_bar, weight_map, weight_norm
from netanalysis.plot._fit import fitting
from netanalysis.plot._text import brief
from netanalysis.plot._tidy import text_of, tidy


def heat_map(
    table: Any,
    *,
    x: str,
    y: str,
    value: str,
    log_y: bool | None = None,
    labels: Mapping[Any, str] | None = None,
    colour_label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One measure over two others, such as epoch and strength of the penalty: a cell for each pair that occurs.

    Parameters
    ----------
    table : DataFrame, one row per observation
        A cell is the mean of its rows; rows in which a column is no finite number are left out.
    x, y, value : str
        Columns of numbers.
    log_y : bool, optional
        Logarithmic y. Default: if levels above 0 span more than two decades; then, if one of them is 0, levels stand
        in their order, equally spaced, and the label says so. Otherwise cells are as high as levels are apart.
    labels : mapping, optional
        Text for columns, with units.
    colour_label : str, optional
        Of the colour bar; default: the text of `value`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Borders of cells lie midway between levels. Cells without data are hatched, which no value is, 0 included.

    Raises
    ------
    ValueError
        If a column is missing or holds no numbers, or ``log_y=True`` meets a level of 0 or less.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"epoch": [0, 1, 0], "gamma": [0.1, 0.1, 0.2], "q": [0.0, 0.2, 0.1]})
    >>> ax = na.plot.heat_map(table, x="epoch", y="gamma", value="q", ax=Figure().subplots())
    >>> ax.get_legend().get_texts()[0].get_text()
    'no data'
    """
    options.optional_flags(log_y=log_y)
    data = tidy(table, x=x, y=y, value=value)
    cells = data.rows.pivot_table(index="y", columns="x", values="value", aggfunc="mean")
    across, up = cells.columns.to_numpy(), cells.index.to_numpy()
    log, ranks = _scale(up, log_y)
    ax = current_axes(ax)
    heights = borders(np.arange(len(up), dtype=float) if ranks else up, log)
    widths = borders(across, False)
    grid = np.ma.masked_invalid(cells.to_numpy())
    cmap = weight_map(grid.compressed())
    # Not seaborn's heat map: its cells are all alike, and these are as large as levels are apart.
    image = ax.pcolormesh(widths, heights, grid, cmap=cmap, norm=_norm(grid), rasterized=True)
    missing = np.argwhere(np.ma.getmaskarray(grid))
    if len(missing):
        _hatch(ax, widths, heights, missing)
    if log:
        ax.set_yscale("log")
        log_ticks(ax.yaxis)
    elif ranks:
        shown = np.unique(np.linspace(0, len(up) - 1, min(len(up), 6)).round().astype(int))
        ax.set_yticks(shown, [brief(up[k]) for k in shown])
    if np.array_equal(across, np.round(across)):
        whole_ticks(ax.xaxis)
    short_ticks(ax.xaxis, *([] if ranks else [ax.yaxis]))
    ax.set(xlabel=text_of(labels, x), ylabel=text_of(labels, y) + (", in order" if ranks else ""))
    colour_bar(ax, image, text_of(labels, value) if colour_label is None else colour_label)
    return ax


def lesions(effects: Any, *, labels: Mapping[Any, str] | None = None, ax: Axes | None = None) -> Axes:
    """What silencing each group of units costs each task.

    Parameters
    ----------
    effects : LesionEffects, DataFrame or array_like, shape (groups, tasks)
        From :func:`netanalysis.lesion`, or its ``effects``: lesioned minus intact, so that a loss is negative. A
        DataFrame names groups in its index and tasks in its columns.
    labels : mapping, optional
        Text for groups and tasks.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Rows are groups, columns tasks. Colours are losses (intact minus lesioned), and gains where there are any, on
        a scale that is symmetric about 0 then.

    Raises
    ------
    ValueError
        If `effects` is no finite matrix.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> effects = pd.DataFrame([[-0.5, 0.0], [0.0, -0.3]], columns=["go", "dms"])
    >>> ax = na.plot.lesions(effects, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['go', 'dms']
    """
    import seaborn as sns

    losses, groups, tasks = _losses(effects)
    ax = current_axes(ax)
    frame = 72 / ax.figure.get_dpi() * np.array(ax.get_window_extent().size)
    across, down = frame[0] / len(tasks), (frame[1] - 75) / len(groups)  # names and the colour bar take 75 points
    sns.heatmap(
        losses,
        cmap=weight_map(losses),
        norm=weight_norm(losses, "linear"),
        linewidths=0,
        cbar=False,
        xticklabels=[text_of(labels, task) for task in tasks],
        yticklabels=[text_of(labels, group) for group in groups],
        ax=ax,
    )
    ax.tick_params(axis="x", length=0, rotation=90)
    ax.tick_params(axis="y", length=0, rotation=0)
    for text in ax.get_xticklabels():
        text.set_fontsize(fitting(across))
    for text in ax.get_yticklabels():
        text.set_fontsize(fitting(down))
    for row in range(1, len(groups)):
        ax.axhline(row, color=ink(ax), lw=0.4, alpha=0.4)
    ax.set(xlabel="Task", ylabel="Silenced group")
    colour_bar(ax, ax.collections[0], "Loss of accuracy", location="top")  # beside them, it would take their width
    return ax


def _losses(effects: Any) -> tuple[NDArray[np.float64], list[Any], list[Any]]:
    """Intact minus lesioned, and the names of rows and columns."""
    import pandas as pd

    groups = tasks = None
    if hasattr(effects, "effects") and hasattr(effects, "groups"):
        groups, tasks, effects = list(effects.groups), list(effects.scores), effects.effects
    elif isinstance(effects, pd.DataFrame):
        groups, tasks, effects = list(effects.index), list(effects.columns), effects.to_numpy()
    matrix = validate.as_array(effects, "effects", shape=(None, None))
    if matrix.size == 0:
        raise ValueError(f"effects must have at least one group and one task; got shape {matrix.shape}")
    rows, columns = (list(range(k)) for k in matrix.shape)
    return 0.0 - matrix, rows if groups is None else groups, columns if tasks is None else tasks


def _scale(levels: NDArray[np.float64], log: bool | None) -> tuple[bool, bool]:
    """Whether levels stand on a log axis, and whether in their order only."""
    positive = levels[levels > 0]
    if log:
        if levels.min() <= 0:
            raise ValueError(f"log_y=True needs levels above 0; got {levels.min():g}: leave them out, or log_y=None")
        return True, False
    spans = positive.size > 1 and positive.max() > 100 * positive.min() and levels.min() >= 0
    if log is not None or not spans:
        return False, False
    # Evenly spaced levels from next to nothing to 1 span decades too, and are linear.
    even = np.diff(levels).max() < 2 * np.diff(levels).min()
    return (not even and levels.min() > 0), (not even and levels.min() <= 0)


def borders(levels: NDArray[np.float64], log: bool) -> NDArray[np.float64]:
    """Borders of cells, midway between levels; the first and last cell are as wide as their neighbours say."""
    at = np.log(levels) if log else levels.astype(float)
    gaps = np.diff(at) if len(at) > 1 else np.array([1.0])
    borders = np.concatenate([[at[0] - gaps[0] / 2], at[1:] - np.diff(at) / 2, [at[-1] + gaps[-1] / 2]])
    return np.exp(borders) if log else borders


def _hatch(ax: Axes, widths: NDArray[np.float64], heights: NDArray[np.float64], cells: NDArray[np.intp]) -> None:
    """Hatch the cells without data, and say so."""
    row, column = cells.T
    left, right, low, high = widths[column], widths[column + 1], heights[row], heights[row + 1]
    corners = np.stack([[left, low], [right, low], [right, high], [left, high]]).transpose(2, 0, 1)
    hatched: dict[str, Any] = {"facecolor": "none", "edgecolor": GREY, "hatch": "/////"}
    ax.add_collection(PolyCollection(list(corners), linewidth=0, **hatched), autolim=False)
    legend_above(ax, [Patch(**hatched, lw=0.5, label="no data")])


def _norm(grid: Any) -> Normalize:
    """From the smallest to the largest value; symmetric about 0 where there are both signs."""
    low, high = float(grid.min()), float(grid.max())
    if low < 0:
        return weight_norm(grid.compressed(), "linear")
    return Normalize(low, high if high > low else low + 1.0)
