"""Values in order of size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netanalysis._core import options, validate
from netanalysis.plot._axes import current_axes, legend_above, log_ticks, open_frame, short_ticks, whole_ticks
from netanalysis.plot._colour import PALETTE
from netanalysis.plot._tidy import counted, text_of, tidy

_LINES = ("-", "--", "-.", ":")


def ranks(
    values: Any,
    *,
    value: str | None = None,
    by: str | None = None,
    log: bool = True,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Values from the largest to the smallest, such as the importance of every unit.

    Parameters
    ----------
    values : DataFrame, array_like of shape (n,), or mapping of such arrays
        One row, or one entry, per unit. Values that are no finite numbers are left out.
    value : str, optional
        Column of a DataFrame; text of the y axis otherwise (default "Value").
    by : str, optional
        Column of the groups (networks) of a DataFrame: a line for each.
    log : bool
        Logarithmic y. Values of 0 or less cannot stand there; the legend counts them.
    labels : mapping, optional
        Text for the column and groups, with units.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The legend gives the number of values of each line.

    Raises
    ------
    ValueError
        If a column is missing or holds no numbers, or nothing is left to draw.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.ranks([0.1, 10, 0, 1], value="Task variance", ax=Figure().subplots())
    >>> ax.lines[0].get_ydata().tolist(), ax.get_legend().get_texts()[0].get_text()
    ([10.0, 1.0, 0.1], 'n = 4, 1 at 0 or below')
    """
    options.flags(log=log)
    lines = _lines(values, value, by)
    if log and not any((line > 0).any() for line in lines.values()):
        raise ValueError("log=True needs values above 0; got none: log=False draws the others")
    ax = current_axes(ax)
    for k, (name, line) in enumerate(lines.items()):
        ordered = np.sort(line)[::-1]
        shown = ordered[ordered > 0] if log else ordered
        hidden = len(ordered) - len(shown)
        said = [f"{hidden:,} at 0 or below"] if hidden else []
        style: dict[str, Any] = {"color": PALETTE[k % len(PALETTE)], "ls": _LINES[k // len(PALETTE) % 4]}
        ax.plot(np.arange(1, len(shown) + 1), shown, lw=1.2, marker=".", ms=3.5, **style,
                label=counted(text_of(labels, name), len(line), *said))  # fmt: skip
    legend_above(ax, ax.lines)
    if log:
        ax.set_yscale("log")
        log_ticks(ax.yaxis)
    whole_ticks(ax.xaxis)
    short_ticks(ax.yaxis)
    ax.set(xlabel="Rank", ylabel=text_of(labels, "Value" if value is None else value))
    open_frame(ax)
    return ax


def _lines(values: Any, value: str | None, by: str | None) -> dict[Any, NDArray[np.float64]]:
    """The values of each line."""
    import pandas as pd

    if isinstance(values, pd.DataFrame):
        if value is None:
            raise ValueError(f"value must name a column of the table; the columns are {', '.join(map(str, values))}")
        data = tidy(values, by, value=value)
        return {group: data.of(group)["value"].to_numpy() for group in data.groups}
    if by is not None:
        raise ValueError("by names a column of a DataFrame; give arrays of several groups as a mapping instead")
    arrays = values if isinstance(values, Mapping) else {"": values}
    lines = {}
    for name, array in arrays.items():
        line = (
            np.asarray(array, dtype=float) if np.ndim(array) == 1 else validate.as_array(array, "values", shape=(None,))
        )
        lines[name] = line[np.isfinite(line)]
        if not lines[name].size:
            raise ValueError(f"values must hold finite numbers; got none{f' of {name}' if name else ''}")
    return lines
