"""Whether a figure can be read: no text over another, none cut off."""

from itertools import combinations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from mpl_toolkits.mplot3d.art3d import Text3D


def drawn_ticks(figure):
    """Tick labels that lie outside the view are not drawn, though they are there."""
    hidden = set()
    for ax in figure.findobj(lambda artist: hasattr(artist, "xaxis")):
        for axis in (ax.xaxis, ax.yaxis):
            shown = axis._update_ticks() if ax.axison and ax.get_visible() else []
            every = [*axis.majorTicks, *axis.minorTicks]
            hidden |= {id(label) for tick in every if tick not in shown for label in (tick.label1, tick.label2)}
    return hidden


def problems(figure):
    """A sentence for every two texts that overlap, and for every text that is cut off."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    canvas.draw()  # a layout engine settles at the second drawing
    renderer = canvas.get_renderer()
    hidden = drawn_ticks(figure)
    found = []
    for text in figure.findobj(Text):
        if id(text) in hidden or isinstance(text, Text3D) or not text.get_text().strip() or not text.get_visible():
            continue
        box = text.get_window_extent(renderer)
        if box.width and box.height:
            found.append((text.get_text(), box))
    said = []
    for (a, one), (b, other) in combinations(found, 2):
        wide = min(one.x1, other.x1) - max(one.x0, other.x0)
        high = min(one.y1, other.y1) - max(one.y0, other.y0)
        # Boxes have room for ascenders and descenders.
        room = 0.2 * min(min(one.size), min(other.size))
        if wide > room and high > room:
            said.append(f"{a!r} lies over {b!r}")
    page = figure.bbox
    for text, box in found:
        if box.x0 < -1 or box.y0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1:
            said.append(f"{text!r} is cut off: {np.round(box.extents)} of {page.x1:.0f} x {page.y1:.0f}")
    return said
