"""Frames, ticks and legends that figures share.

Nothing here sets rcParams. Text and frames keep the colour that the caller's style gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, ScalarFormatter
from numpy.typing import ArrayLike, NDArray

from netanalysis.plot._text import superscript


def current_axes(ax: Axes | None) -> Axes:
    """The Axes to draw on: the one given, else pyplot's current one."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.gca()


def ink(ax: Axes) -> Any:
    """The colour of text on these Axes, for lines that belong to the frame rather than to the data."""
    return ax.xaxis.label.get_color()


def open_frame(ax: Axes) -> None:
    """Leave only the two spines that carry a scale."""
    ax.spines[["top", "right"]].set_visible(False)


def rows_frame(ax: Axes, rows: ArrayLike, names: Sequence[str]) -> None:
    """A frame for a list of rows: a name instead of a tick for each, and lines that lead the eye to the scale."""
    ax.set_yticks(np.asarray(rows), names)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", lw=0.4, alpha=0.3)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    open_frame(ax)


def legend_above(ax: Axes, *, gap: float | None = None) -> None:
    """A legend of two columns above the Axes; `gap` is its distance from them, in font sizes."""
    ax.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        borderaxespad=gap,
        ncols=2,
        frameon=False,
        fontsize="small",
        handlelength=1.4,
        columnspacing=1.2,
    )


def heavy_tailed(values: NDArray[np.float64]) -> bool:
    """Whether a log axis serves better: all positive, and the largest more than 10 times the median."""
    return bool(values.size and values.min() > 0 and values.max() > 10 * np.median(values))


def short_ticks(*axis: Any) -> None:
    """Linear axes with a common factor instead of long numbers."""
    for one in axis:
        if one.get_scale() == "linear":
            formatter = ScalarFormatter(useMathText=False)
            formatter.set_powerlimits((-3, 4))
            one.set_major_formatter(formatter)


def log_ticks(axis: Any) -> None:
    """Plain-text tick labels, at powers of ten or, over less than two decades, at 1, 2 and 5 too."""
    low, high = sorted(axis.get_view_interval())
    if low > 0 and high / low < 100:
        axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    else:
        axis.set_major_formatter(powers())
    axis.set_minor_formatter(NullFormatter())


def powers() -> FuncFormatter:
    """Formatter of signed log axes."""
    return FuncFormatter(_power_of_ten)


def _power_of_ten(value: float, _position: int | None = None) -> str:
    """Tick labels of log axes as plain text (10⁻³), so that no mathematics renderer is needed."""
    exponent = np.log10(abs(value)) if value else 0.0
    if abs(exponent - round(exponent)) > 1e-6:
        return ""
    power, sign = round(exponent), "−" if value < 0 else ""
    if value == 0 or -2 <= power <= 3:
        return f"{sign}{abs(value):g}"
    return f"{sign}10{superscript(power)}"
