"""Colours that work on white and on black, and the scales that turn weights into them.

Data are drawn in mid-tones of the Okabe-Ito palette, told apart by readers of every kind of colour vision, on light
and dark alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize, SymLogNorm, to_rgb
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis.plot._axes import log_ticks, powers
from netanalysis.plot._fit import COLOUR_BAR, LINE, break_lines, points, size_of

BLUE, VERMILION, GREEN, PURPLE = "#2B7CB8", "#D55E00", "#009E73", "#B56A9C"
ORANGE, SKY, GREY, OLIVE = "#D08F00", "#4AA3DF", "#8A8F98", "#8C8A1F"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, OLIVE, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P")


def module_style(index: int) -> tuple[str, str]:
    """Colour and marker of the k-th module: colours repeat after 8, with another marker."""
    return PALETTE[index % len(PALETTE)], MARKERS[(index // len(PALETTE)) % len(MARKERS)]


def fading(name: str, *stops: tuple[str, float]) -> LinearSegmentedColormap:
    """A colour map from (colour, opacity) stops: weak values fade into the page, whatever its colour."""
    return LinearSegmentedColormap.from_list(name, [(*to_rgb(colour), alpha) for colour, alpha in stops])


SEQUENTIAL = fading("na_sequential", (ORANGE, 0.12), (VERMILION, 0.65), ("#B23A1E", 1.0))
DIVERGING = fading("na_diverging", ("#1F6FB5", 1.0), (SKY, 0.45), (GREY, 0.0), (ORANGE, 0.45), ("#C2410C", 1.0))


def weight_map(values: NDArray[np.float64]) -> LinearSegmentedColormap:
    """The map for these weights: diverging where some are negative."""
    return DIVERGING if bool((values < 0).any()) else SEQUENTIAL


def weight_norm(values: NDArray[np.float64], scale: str) -> Normalize:
    """Colour scale over all values, nothing clipped: from 0 if none is negative, else symmetric about 0."""
    options.choice(scale, ["linear", "log"], "scale")
    magnitude = np.abs(values[values != 0])
    top = float(magnitude.max(initial=0.0)) or 1.0
    signed = bool((values < 0).any())
    if scale == "linear" or magnitude.size == 0:
        return Normalize(-top if signed else 0.0, top)
    low = float(magnitude.min())
    if not signed:
        return LogNorm(low if low < top else top / 10, top)
    # Linear below the 5 % quantile of magnitudes, so that the log part covers what can be seen.
    return SymLogNorm(linthresh=min(float(np.quantile(magnitude, 0.05)), top / 10), vmin=-top, vmax=top)


def colour_bar(ax: Axes | list[Axes], image: Any, label: str, *, location: str = "right") -> None:
    """A colour bar with plain-text ticks, as long as its Axes, drawn as pixels because vector strips show seams.

    One that lies above or below its Axes, or belongs to several, takes room from them.
    """
    if isinstance(ax, Axes) and location == "right":
        bar = ax.figure.colorbar(image, cax=ax.inset_axes((1.03, 0, 0.05, 1), label=COLOUR_BAR))
    else:
        shape: dict[str, Any] = {"fraction": 0.046} if location == "right" else {"fraction": 0.06, "aspect": 40}
        bar = image.axes.figure.colorbar(image, ax=ax, pad=0.03, location=location, **shape)
    bar.set_label(label)
    if location == "right":
        break_lines(bar.ax.yaxis.label, size_of(image.axes)[1])
    bar.outline.set_visible(False)
    if bar.solids is not None:
        bar.solids.set(rasterized=True)  # no edges: they would double the opacity
    if isinstance(image.norm, LogNorm):
        log_ticks(bar.ax.yaxis)
    elif isinstance(image.norm, SymLogNorm):
        top = float(np.abs(image.get_array()).max())
        decades = range(int(np.ceil(np.log10(image.norm.linthresh))), int(np.floor(np.log10(top))) + 1)
        # A layout may yet make the bar little more than half as long as the Axes are now.
        room = 0.55 * size_of(image.axes)[location in ("right", "left")]
        text = LINE * points(bar.ax.yaxis.get_ticklabels()[0].get_fontsize())
        marks = _apart([10.0**k for k in decades], image.norm, text / room)
        bar.set_ticks([-x for x in reversed(marks)] + [0.0, *marks])
        bar.ax.yaxis.set_major_formatter(powers())
    elif location in ("top", "bottom"):
        bar.ax.xaxis.set_major_locator(MaxNLocator(3))
    bar.ax.minorticks_off()


def _apart(marks: list[float], norm: Normalize, least: float) -> list[float]:
    """The largest mark and those below it that keep so much of the bar between each other and from 0."""
    kept: list[float] = []
    for mark in reversed(marks):
        if not kept or min(norm(kept[0]) - norm(mark), norm(mark) - norm(0.0)) >= least:
            kept.insert(0, mark)
    return kept
