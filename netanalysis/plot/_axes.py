"""Frames, ticks and legends that figures share.

Nothing here sets rcParams. Text and frames keep the colour that the caller's style gives them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    ScalarFormatter,
)
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from netanalysis.plot._fit import CHARACTER, lines, name_rows, points, size_of
from netanalysis.plot._text import superscript


def current_axes(ax: Axes | None) -> Axes:
    """The Axes to draw on: the one given, else pyplot's current one."""
    if ax is not None:
        if not hasattr(ax, "transAxes") or ax.name != "rectilinear":
            raise TypeError(
                "ax must be flat Axes of matplotlib with straight axes, as figure.subplots() makes one; got "
                f"{type(ax).__name__}"
            )
        return ax
    import matplotlib.pyplot as plt

    return plt.gca()


def ink(ax: Axes) -> Any:
    """The colour of text on these Axes, for lines that belong to the frame rather than to the data."""
    return ax.xaxis.label.get_color()


def open_frame(ax: Axes) -> None:
    """Leave only the two spines that carry a scale."""
    ax.spines[["top", "right"]].set_visible(False)


def rows_frame(
    ax: Axes, rows: ArrayLike, names: Sequence[str], *, keep: Collection[int] = (), what: str = "rows"
) -> NDArray[np.intp]:
    """A frame for a list of rows: names as of :func:`name_rows` instead of ticks, and lines that lead the eye."""
    named = name_rows(ax, rows, names, keep=keep, what=what)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", lw=0.4, alpha=0.3)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    open_frame(ax)
    return named


def legend_above(ax: Axes, handles: Sequence[Any] | None = None, *, title: str | None = None) -> None:
    """A legend above the Axes, of up to three columns if they find room, without handles that have no text.

    A title of the Axes, set before or after, goes above the legend.
    """
    if handles is None:
        handles = ax.get_legend_handles_labels()[0]
    handles = [handle for handle in handles if handle.get_label()]
    if not handles:
        return
    width, height = size_of(ax)
    size, room = points("small" if height > 120 else "x-small"), 1.15 * width
    names = [lines(str(handle.get_label()), room - 3 * size, size) for handle in handles]
    longest = max(len(line) for name in names for line in name.split("\n"))
    columns = int(np.clip(room // (size * (CHARACTER * longest + 3)), 1, 3))
    ax.legend(
        handles=handles,
        labels=names,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        borderaxespad=0.2,
        borderpad=0.2,
        ncols=min(columns, len(handles)),
        title=title,
        frameon=False,
        fontsize=size,
        title_fontsize=size,
        handlelength=1.4,
        handletextpad=0.5,
        labelspacing=0.3,
        columnspacing=1.0,
    )
    keep_room_above([ax])


def legend_below(ax: Axes) -> None:
    """A legend of up to four columns below the Axes, clear of the ticks and one line of label."""
    labels = ax.get_legend_handles_labels()[1]
    size, most = points("small"), _columns_that_fit(ax, labels, points("small"))
    if most < min(3, len(labels)):
        size = points("x-small")
        most = _columns_that_fit(ax, labels, size)
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        borderaxespad=36 / size,
        ncols=-(-len(labels) // -(-len(labels) // most)),  # rows of equal length
        frameon=False,
        fontsize=size,
        scatterpoints=1,
        handletextpad=0.1,
        labelspacing=0.3,
        columnspacing=1.0,
    )


def legend_beside(ax: Axes, *, title: str | None = None, columns: int = 1) -> None:
    """A legend to the right of the Axes."""
    ax.legend(
        title=title,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        borderaxespad=0.2,
        ncols=columns,
        frameon=False,
        fontsize="small",
        title_fontsize="small",
        handletextpad=0.2,
        labelspacing=0.3,
    )


def legend_fits_beside(ax: Axes, across: float, up: float) -> bool:
    """Whether a map in equal scales is larger with its legend beside it than with the legend below."""
    labels = ax.get_legend_handles_labels()[1]
    (width, height), size = size_of(ax), points("small")
    rows = -(-len(labels) // _columns_that_fit(ax, labels, size))
    beside = width - size * (CHARACTER * max(map(len, labels)) + 4)
    below = height - 1.4 * size * rows
    return 1.5 * size * len(labels) < height and min(beside / across, height / up) > min(width / across, below / up)


def _columns_that_fit(ax: Axes, labels: Sequence[str], size: float) -> int:
    """At most four, filled one after the other as legends are."""
    for columns in (4, 3, 2):
        parts = np.array_split([len(label) for label in labels], columns)
        width = sum(CHARACTER * part.max(initial=0) + 3.2 for part in parts if part.size)
        if width * size < 1.15 * size_of(ax)[0]:
            return columns
    return 1


def keep_room_above(row: Sequence[Axes]) -> None:
    """Titles of Axes beside each other rise above all their legends, however late these are drawn."""
    for ax in row:
        room = ax.inset_axes((0, 1, 1, 0))  # titles rise above child Axes, not above legends
        room.set_axis_off()
        room.set_in_layout(False)
        room.set_axes_locator(partial(_up_to_the_legends, row, ax))


def _up_to_the_legends(row: Sequence[Axes], below: Axes, _: Any, renderer: Any) -> Bbox:
    """From the upper border of Axes to that of the highest legend of a row, in shares of the figure."""
    figure: Any = below.figure
    renderer = figure._get_renderer() if renderer is None else renderer
    frame = below.get_window_extent(renderer)
    legends = [legend for ax in row if (legend := ax.get_legend()) is not None]
    top = max((legend.get_window_extent(renderer).y1 for legend in legends), default=frame.y1)
    room = Bbox([[frame.x0, frame.y1], [frame.x1, max(top, frame.y1)]])
    return room.transformed(figure.transSubfigure.inverted())


@contextmanager
def linear_while_drawing(ax: Axes) -> Iterator[None]:
    """Log axes become linear for a while: seaborn averages what it sees on the axis."""
    scales = ax.get_xscale(), ax.get_yscale()
    ax.set(xscale="linear", yscale="linear")
    try:
        yield
    finally:
        ax.set(xscale=scales[0], yscale=scales[1])


def log_or_zero(axis: Any, values: NDArray[np.float64], log: bool | None) -> None:
    """A log axis if asked for, or if it serves better; a value of 0 stands one decade below the smallest."""
    positive = values[values > 0]
    spans = bool(positive.size and values.min() >= 0 and positive.max() > 100 * positive.min())
    if not (spans if log is None else log):
        return
    if not positive.size or values.min() < 0:
        raise ValueError(f"log_{axis.axis_name}=True needs values above 0; got {values.min():g} at least")
    set_scale = getattr(axis.axes, f"set_{axis.axis_name}scale")
    if values.min() > 0:
        set_scale("log")
        log_ticks(axis)
        return
    low = float(positive.min())
    set_scale("symlog", linthresh=low, linscale=1.0)
    getattr(axis.axes, f"set_{axis.axis_name}lim")(-0.3 * low, 1.3 * float(positive.max()))
    first, last = int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(positive.max()) + 1e-9))
    axis.set_major_locator(FixedLocator([0.0, *10.0 ** np.arange(first, last + 1)]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(powers())
    axis.set_minor_formatter(NullFormatter())


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


def factor_in_label(axis: Any) -> None:
    """The common factor of the ticks goes into the label, which is set before: above the axis a legend may lie."""
    formatter = axis.get_major_formatter()
    if isinstance(formatter, ScalarFormatter):
        formatter.set_locs(axis.get_majorticklocs())
        if factor := formatter.get_offset():
            axis.set_label_text(f"{axis.get_label_text()} ({factor})".strip())
            axis.offsetText.set_visible(False)


def whole_ticks(axis: Any) -> None:
    """Few ticks, at whole numbers: epochs, ranks."""
    axis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))


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
