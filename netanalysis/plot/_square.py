"""Axes of a fixed shape, as matrices and circles need them, and how they tell a layout engine of their text.

A layout engine measures how far text sticks out of the place that it gave to the Axes. Square Axes that do not fill
theirs hide text in what they leave free; when the engine then makes the place smaller, that text leaves the figure.
"""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox


def keep_room_for_text(ax: Axes) -> None:
    """Make the Axes as large for layout engines as if they filled their place; called when all else is drawn."""
    place = ax.inset_axes((0, 0, 1, 1))
    place.set_axis_off()
    place.set_axes_locator(_FilledPlace(ax))


class _FilledPlace:
    """Locator of Axes that reach to where text would if `ax` filled their place; not above them, where titles are."""

    def __init__(self, ax: Axes) -> None:
        self.ax = ax

    def __call__(self, _: Any, renderer: Any) -> Bbox:
        ax = self.ax
        drawn, whole = ax.get_position(), ax.get_position(original=True)
        if renderer is None:
            return drawn
        text = [axis.get_tightbbox(renderer) for axis in (ax.xaxis, ax.yaxis)]
        text += [child.get_tightbbox(renderer) for child in ax.child_axes if child.axison]
        boxes = [box for box in text if box is not None]
        inside = Bbox.union([ax.bbox, *boxes]).transformed(ax.figure.transSubfigure.inverted())
        left, below, right = drawn.x0 - inside.x0, drawn.y0 - inside.y0, inside.x1 - drawn.x1
        return Bbox.from_extents(whole.x0 - left, whole.y0 - below, whole.x1 + right, drawn.y1)
