"""Many networks as points, in the colours of their kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame
from netanalysis.plot._colour import MARKERS, PALETTE
from netanalysis.plot._fit import break_lines, fit, points
from netanalysis.plot._result import need_result
from netanalysis.plot._text import short
from netanalysis.plot._tidy import counted, text_of

__all__ = ["embedding"]

_DOT = 5.0  # points across
# Where a name stands from its dot: to the right, left, above, below, and in between.
_PLACES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_FARTHER = (0.0, 8.0, 16.0, 24.0, 32.0)  # points; with a line to the dot


def embedding(
    found: Any,
    *,
    groups: Sequence[Any] | None = None,
    names: Sequence[str] | bool | None = None,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Networks as points, those that are alike close together.

    Parameters
    ----------
    found : Embedding
        Of :func:`netanalysis.embed`; its first two dimensions are drawn, in equal scales.
    groups : sequence, one per network, optional
        Kinds, such as "brain" and "seRNN": colours, markers and a legend with numbers of networks.
    names : sequence of str, or bool, optional
        Which networks are named beside their dots. None: those that are alone in their group, all if there are no more
        than 12. A name that finds no room between the others is left out, and the axis says how many are there.
    labels : mapping, optional
        Text for groups and names.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> found = na.embed([[0, 3, 5], [3, 0, 4], [5, 4, 0]], names=["worm", "fly", "human"])
    >>> ax = na.plot.embedding(found, ax=Figure().subplots())
    >>> ax.get_xlabel(), sorted(text.get_text() for text in ax.texts)
    ('Dimension 1 (78 %)', ['fly', 'human', 'worm'])
    """
    need_result(found, "found", "embed", "points", "share", "names")
    m = len(found.points)
    kind = np.array(["networks"] * m, dtype=object)
    if groups is not None:
        if len(groups) != m:
            raise ValueError(f"groups must have one entry per network, {m}; got {len(groups)}")
        kind = np.array([str(g) for g in groups], dtype=object)
    xy = found.points[:, :2] if found.points.shape[1] > 1 else np.pad(found.points, ((0, 0), (0, 1)))
    ax = current_axes(ax)
    order = list(dict.fromkeys(kind))
    handles = []
    for k, name in enumerate(order):
        own = kind == name
        style: dict[str, Any] = {"color": PALETTE[k % len(PALETTE)], "marker": MARKERS[k % len(MARKERS)]}
        ax.plot(*xy[own].T, ls="", ms=_DOT, mew=0, alpha=0.8 if own.sum() < 50 else 0.5, zorder=2, **style)
        said = counted(text_of(labels, name), int(own.sum()))
        handles.append(Line2D([], [], ls="", ms=_DOT, mew=0, label=said, **style))
    if groups is not None:
        legend_above(ax, handles)
    for axis, k in ((ax.xaxis, 0), (ax.yaxis, 1)):
        if k < len(found.share):
            axis.set_label_text(f"Dimension {k + 1} ({100 * found.share[k]:.0f} %)")
        axis.set_major_locator(_few_ticks())
    open_frame(ax)
    letters: dict[str, Any] = {"fontsize": points("x-small"), "ha": "center", "va": "center", "alpha": 0.85}
    called = {k: short(text_of(labels, found.names[k]), 18, tail=6) for k in _wanted(found, kind, names)}
    texts = {k: ax.text(xy[k, 0], xy[k, 1], name, color=ink(ax), zorder=3, **letters) for k, name in called.items()}
    lines = LineCollection([], lw=0.5, colors=ink(ax), alpha=0.5, zorder=1)
    ax.add_collection(lines, autolim=False)
    placed = _Placed(xy, texts, lines, ax.get_xlabel())
    placed(ax)
    fit(ax)
    ax.set_axes_locator(placed)  # type: ignore[arg-type]
    return ax


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(4)


def _wanted(found: Any, kind: NDArray[Any], names: Any) -> list[int]:
    every = list(range(len(kind)))
    if names is None:
        return every if len(every) <= 12 else [k for k in every if (kind == kind[k]).sum() == 1]
    if isinstance(names, (bool, np.bool_)):
        return every if names else []
    if isinstance(names, str):
        names = [names]
    for name in names:
        options.choice(name, found.names, "names")
    return [k for k in every if found.names[k] in set(names)]


class _Placed:
    """Gives both axes one scale, and every name a place, whenever the Axes are laid out anew.

    Names cover neither each other nor a dot; one without room is not shown.
    """

    def __init__(self, xy: NDArray[np.float64], texts: dict[int, Text], lines: LineCollection, label: str) -> None:
        self.xy, self.texts, self.lines, self.label, self.last = xy, texts, lines, label, (0.0, 0.0)

    def __call__(self, ax: Axes, renderer: Any = None) -> Any:
        position = ax.get_position(original=True)
        whole = np.array(ax.figure.bbox.size) * 72 / ax.figure.dpi  # type: ignore[union-attr]
        room = whole * (position.width, position.height)
        if tuple(room.round(3)) != self.last:
            self.last = tuple(room.round(3))
            self.place(ax, room)
        return position

    def place(self, ax: Axes, room: NDArray[np.float64]) -> None:
        """Set limits and names for Axes of this width and height in points."""
        low, high = self.xy.min(axis=0), self.xy.max(axis=0)
        per_point = float(max((high - low) / (0.74 * room)) or 1.0 / room[0])
        start = (low + high - per_point * room) / 2
        ax.set(xlim=(start[0], start[0] + per_point * room[0]), ylim=(start[1], start[1] + per_point * room[1]))
        at = (self.xy - start) / per_point
        dpi, segments = ax.figure.dpi, []
        taken = [(x - _DOT / 2, x + _DOT / 2, y - _DOT / 2, y + _DOT / 2) for x, y in at]
        for k, text in self.texts.items():
            text.set_visible(True)  # what is not has no extent
            written = text.get_window_extent(dpi=dpi)
            w, h = 72 * written.width / dpi + 4, 72 * written.height / dpi + 1
            for far, (right, up) in product(_FARTHER, _PLACES):
                x = at[k, 0] + right * (0.8 * _DOT + far + w / 2)
                y = at[k, 1] + up * (0.6 * _DOT + far + h / 2)
                box = (x - w / 2, x + w / 2, y - h / 2, y + h / 2)
                if box[0] < 4 or box[1] > room[0] or box[2] < 4 or box[3] > room[1]:
                    continue
                if not any(box[0] < b[1] and b[0] < box[1] and box[2] < b[3] and b[2] < box[3] for b in taken):
                    taken.append(box)
                    text.set_position(tuple(start + per_point * np.array([x, y])))
                    if far:
                        end = [x - right * w / 2, y - up * h / 2]
                        segments.append([self.xy[k], start + per_point * np.array(end)])
                    break
            else:
                text.set_visible(False)
        self.lines.set_segments(segments)
        count = sum(text.get_visible() for text in self.texts.values())
        said = f"; {count} of {len(self.texts)} named" if count < len(self.texts) else ""
        ax.xaxis.label.set_text(self.label + said)
        break_lines(ax.xaxis.label, 0.9 * room[0])
