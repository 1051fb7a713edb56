"""Text that fits: titles and labels broken into lines, names of rows made smaller and then fewer.

Everything goes by the size of the Axes when the figure is drawn on them. A layout engine changes it a little later, so
some room is left.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike, NDArray

from netanalysis.plot._text import short

CHARACTER, LINE = 0.57, 1.2  # width of a character and height of a line, in font sizes
READABLE = 6.0  # points of text that may as well stand upright, and larger
SMALLEST, LONGEST = 5.0, 30  # names of rows: at least so many points large, at most so many characters long
LETTER = 1.5  # font sizes kept free on either side of a title, for the letter of a panel
COLOUR_BAR = "<colorbar>"
_PIXEL = 0.01  # inches
BAR = 45.0  # points that a colour bar takes with its numbers and its label


def extent(figure: Any) -> tuple[Bbox, bool]:
    """What a figure that has been arranged takes, in inches, and whether some of it lies outside of the figure.

    Labels of Axes without a layout do, and constrained layout can leave some of Axes of fixed aspect there. What lies
    further away than the figure is large is no label, and does not count.
    """
    whole, drawn = figure.bbox_inches, figure.get_tightbbox()
    drawn = Bbox.intersection(drawn, Bbox([whole.min - whole.size, whole.max + whole.size])) or whole
    beyond = max(*(whole.min - drawn.min), *(drawn.max - whole.max)) > _PIXEL
    return Bbox.union([whole, drawn.padded(0.03)]) if beyond else whole, beyond


def size_of(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes in points."""
    box, dpi = ax.get_window_extent(), ax.figure.get_dpi()
    return 72 * box.width / dpi, 72 * box.height / dpi


def points(size: str | float) -> float:
    """A font size such as "small" in points, in the style in force."""
    return float(FontProperties(size=size).get_size_in_points())


def fit(ax: Axes, *, width: float | None = None) -> None:
    """Make the title and the labels of the axes fit, in small letters and several lines; called when all is drawn."""
    whole, height = size_of(ax)
    if width is None:
        names = max(map(_length, ax.get_yticklabels()), default=0.0)
        bars = sum(BAR for child in ax.child_axes if child.get_label() == COLOUR_BAR)
        width = max(0.6 * whole, whole - max(0.0, names - 0.2 * whole) - bars)  # the default margins are 0.2 wide
    break_lines(ax.title, 0.9 * width - 2 * LETTER * points(ax.title.get_fontsize()))
    break_lines(ax.xaxis.label, 0.9 * width)
    more = LINE * points("small") * "".join([ax.title.get_text(), ax.xaxis.label.get_text()]).count("\n")
    break_lines(ax.yaxis.label, 0.9 * (height - more))


def break_lines(text: Text, room: float) -> None:
    """Make a text that is longer than `room` points small and, if need be, break it into lines.

    They end at spaces, underscores and slashes. A word that is longer than the room makes the letters smaller yet.
    """
    if _length(text) > room:
        size = min(points(text.get_fontsize()), points("small"))
        text.set_text(lines(text.get_text(), room, size))
        longest = max(map(len, text.get_text().split("\n")))
        text.set_fontsize(min(size, max(READABLE, room / (CHARACTER * longest))))


def _length(text: Text) -> float:
    return len(text.get_text()) * CHARACTER * points(text.get_fontsize())


def lines(text: str, room: float, size: float, *, shortest: int = 8) -> str:
    """A text with line breaks where it would be longer than `room` points in a font of that size.

    No line is broken that has at most `shortest` characters.
    """
    limit = max(shortest, int(room / (CHARACTER * size)))
    out = [""]
    for word in re.split(r"(?<=[\s_/])", text):
        if out[-1] and len((out[-1] + word).rstrip()) > limit:
            out.append("")
        out[-1] += word
    return "\n".join(line.rstrip() for line in out)


def name_categories(ax: Axes, names: Sequence[str]) -> float:
    """Name what stands side by side at 0, 1, 2 …: in lines as wide as there is room for, else upright.

    Upright names shrink with the room, and are broken, then shortened, where they would take half of the height.
    Returns how many points high the names are.
    """
    width, height = size_of(ax)
    slot = width / max(len(names), 1)
    usual = min(8.3, points(ax.xaxis.get_major_ticks(1)[0].label1.get_fontsize()))
    for size in (usual, max(0.85 * usual, READABLE), READABLE):
        level = [lines(name, 0.9 * slot, size, shortest=1) for name in names]
        parts = [name.split("\n") for name in level]
        longest = max((len(part) for name in parts for part in name), default=0)
        if longest * CHARACTER * size <= 0.95 * slot and max(map(len, parts), default=0) <= 3:
            ax.set_xticks(range(len(names)), level, fontsize=size)
            return LINE * size * max(map(len, parts), default=0)
    size = min(fitting(slot), usual)
    room, most = 0.5 * height, max(1, int(0.9 * slot / (LINE * size)))
    limit = max(8, int(room / (CHARACTER * size)))
    upright = [lines(name, room, size).split("\n") for name in names]
    upright = [[*parts[: most - 1], short(" ".join(parts[most - 1 :]), limit, tail=limit // 3)] for parts in upright]
    ax.set_xticks(range(len(names)), ["\n".join(parts) for parts in upright], rotation=90, fontsize=size)
    return CHARACTER * size * max(len(part) for parts in upright for part in parts)


def fitting(slot: float) -> float:
    """Font size for labels that are `slot` points apart, less when laid out: small, but no smaller than can be read."""
    return float(np.clip(0.78 * slot, 3.5, 8.3))


def name_rows(
    ax: Axes, rows: ArrayLike, names: Sequence[str], *, keep: Collection[int] = (), what: str = "rows"
) -> NDArray[np.intp]:
    """Name the rows of a figure in a font that fits; where none does, as many as find room, and the axis says so.

    Returns the rows that are named: those to `keep` and, away from them, evenly spaced ones.
    """
    rows = np.asarray(rows, float)
    width, height = size_of(ax)
    pitch = 0.8 * height / (np.ptp(rows) + 1 if rows.size else 1)
    size = float(np.clip(pitch / LINE, SMALLEST, ax.yaxis.get_major_ticks(1)[0].label1.get_fontsize()))
    if max(map(len, map(str, names)), default=0) * CHARACTER * size > 0.5 * width:
        size = min(size, points("small"))
    step = int(np.ceil(LINE * size / pitch - 1e-9))
    named = np.array(sorted(keep), int)
    for k in range(0, len(rows), step):
        if not named.size or np.abs(named - k).min() >= step:
            named = np.append(named, k)
    named.sort()
    limit = int(np.clip(0.5 * width / (CHARACTER * size), 8, LONGEST))
    ax.set_yticks(rows[named], [short(names[k], limit, tail=limit // 3) for k in named], fontsize=size)
    ax.set_ylabel(f"{len(named)} of {len(rows)} {what} named" if len(named) < len(rows) else "")
    return named
