"""What every figure shares: colours that work on white and on black, labels that cannot be mistaken for markup.

Nothing here sets rcParams. Text and frames keep the colour the caller's style gives them; data are drawn in
mid-tones of the Okabe-Ito palette, told apart by readers of every kind of colour vision, on light and dark alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, ScalarFormatter
from numpy.typing import NDArray

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

BLUE, VERMILION, GREEN, PURPLE = "#2B7CB8", "#D55E00", "#009E73", "#B56A9C"
ORANGE, SKY, GREY, OLIVE = "#D08F00", "#4AA3DF", "#8A8F98", "#8C8A1F"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, OLIVE, GREY)
MARKERS = ("o", "s", "^", "D", "v", "P")


def _fading(name: str, *stops: tuple[str, float]) -> LinearSegmentedColormap:
    """A colour map from (colour, opacity) stops: weak values fade into the page, whatever its colour."""
    return LinearSegmentedColormap.from_list(name, [(*to_rgb(colour), alpha) for colour, alpha in stops])


SEQUENTIAL = _fading("na_sequential", (ORANGE, 0.12), (VERMILION, 0.65), ("#B23A1E", 1.0))
DIVERGING = _fading("na_diverging", ("#1F6FB5", 1.0), (SKY, 0.45), (GREY, 0.0), (ORANGE, 0.45), ("#C2410C", 1.0))


def axes(ax: Axes | None) -> Axes:
    """The Axes to draw on: the one given, else pyplot's current one."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.gca()


def ink(ax: Axes) -> Any:
    """The colour of text on these Axes, for lines that belong to the frame rather than to the data."""
    return ax.xaxis.label.get_color()


def plain(text: Any) -> str:
    """Text shown as it is: labels come from files, and a ``$`` in them is not mathematics."""
    return str(text).replace("$", r"\$")


def short(name: Any, limit: int = 14) -> str:
    """A name as plain text, its end left out beyond `limit` characters: names must not push the data aside."""
    text = str(name)
    return plain(text if len(text) <= limit else text[: limit - 1] + "…")


def open_frame(ax: Axes) -> None:
    """Leave only the two spines that carry a scale."""
    ax.spines[["top", "right"]].set_visible(False)


def module_style(index: int) -> tuple[str, str]:
    """Colour and marker of the k-th module: colours repeat after 8, with another marker."""
    return PALETTE[index % len(PALETTE)], MARKERS[(index // len(PALETTE)) % len(MARKERS)]


def heavy_tailed(values: NDArray[np.float64]) -> bool:
    """Whether a log axis serves better: all positive, and the largest more than 10 times the median."""
    return bool(values.size and values.min() > 0 and values.max() > 10 * np.median(values))


def number(value: float) -> str:
    """Three significant digits with a real minus sign: −0.516, 1,200, 5.91×10⁵."""
    if not np.isfinite(value):
        return "undefined" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        digits, power = f"{value:.2e}".split("e")
        return f"{digits}×10{str(int(power)).translate(_SUPERSCRIPT)}".replace("-", "−")
    return f"{float(f'{value:.3g}'):,g}".replace("-", "−")


def p_value(p: float) -> str:
    """``p = 0.012``; below 0.001 all digits a permutation test has."""
    return "p undefined" if np.isnan(p) else f"p = {p:.2g}"


def _power_of_ten(value: float, _position: int | None = None) -> str:
    """Tick labels of log axes as plain text (10⁻³), so that no mathematics renderer is needed."""
    exponent = np.log10(abs(value)) if value else 0.0
    if abs(exponent - round(exponent)) > 1e-6:
        return ""
    power, sign = round(exponent), "−" if value < 0 else ""
    if value == 0 or -2 <= power <= 3:
        return f"{sign}{abs(value):g}"
    return f"{sign}10{str(power).translate(_SUPERSCRIPT)}"


def powers() -> FuncFormatter:
    """Formatter of signed log axes."""
    return FuncFormatter(_power_of_ten)


def log_ticks(axis: Any) -> None:
    """Plain-text tick labels, at powers of ten or, over less than two decades, at 1, 2 and 5 too."""
    low, high = sorted(axis.get_view_interval())
    if low > 0 and high / low < 100:
        axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    else:
        axis.set_major_formatter(powers())
    axis.set_minor_formatter(NullFormatter())


def short_ticks(*axis: Any) -> None:
    """Linear axes with a common factor instead of long numbers."""
    for one in axis:
        if one.get_scale() == "linear":
            formatter = ScalarFormatter(useMathText=False)
            formatter.set_powerlimits((-3, 4))
            one.set_major_formatter(formatter)
