"""Which motifs a network has more or less often than its null model, with a drawing of each."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, ink, rows_frame
from netanalysis.plot._colour import BLUE, GREY, VERMILION
from netanalysis.plot._fit import fit, size_of
from netanalysis.structure._motif_classes import drawings
from netanalysis.structure.motif_nulls import MotifTest

__all__ = ["motifs"]

_ROOM = 13.0  # points of a row from which on motifs are drawn
_CORNERS = {3: [(0.5, 0.95), (0.95, 0.15), (0.05, 0.15)], 4: [(0.08, 0.92), (0.92, 0.92), (0.92, 0.08), (0.08, 0.08)]}

_ARROWS = {(True, False): "-|>", (False, True): "<|-", (True, True): "<|-|>"}


def motifs(test: MotifTest, *, most: int = 16, level: float = 0.05, ax: Axes | None = None) -> Axes:
    """z of every class of motifs against the null model, the classes drawn.

    Parameters
    ----------
    test : MotifTest
        Of one network.
    most : int
        So many classes at most, those of largest magnitude of z; the axis says how many there are.
    level : float
        Bars are coloured where the corrected p is at most this: more frequent, or less; and grey otherwise.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        A class whose count the null model keeps fixed has no bar. Motifs are drawn where rows are high enough.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> test = na.motif_test(na.datasets.load("celegans_gap"), n_nulls=20, rng=0)
    >>> [label.get_text() for label in na.plot.motifs(test, ax=Figure().subplots()).get_yticklabels()]
    ['path', 'triangle']
    """
    if not isinstance(test, MotifTest) or np.ndim(test.z) != 1:
        raise TypeError(f"test must be what motif_test returns of one network; got {type(test).__name__}")
    most = options.positive_int(most, "most")
    level = options.number_in(level, "level", at_least=0, at_most=1)
    ax = current_axes(ax)
    shown = np.sort(np.argsort(-np.nan_to_num(np.abs(test.z)), kind="stable")[:most])
    z, p = np.asarray(test.z)[shown], np.asarray(test.p_corrected)[shown]
    rows = np.arange(len(shown))[::-1]
    colours = np.where(p <= level, np.where(z > 0, VERMILION, BLUE), GREY)
    ax.barh(rows, np.nan_to_num(z), height=0.65, color=colours, lw=0)
    ax.axvline(0, color=ink(ax), lw=0.6)
    rows_frame(ax, rows, [test.classes[k] for k in shown], keep=range(len(shown)), what="motifs")
    pitch = 0.8 * size_of(ax)[1] / len(shown)
    if pitch >= _ROOM:
        side = 0.8 * pitch
        ax.tick_params(axis="y", pad=side + 7)
        drawn = drawings(test.size, test.directed)
        for row, k in zip(rows, shown, strict=True):
            _draw(ax, drawn[test.classes[k]], float(row), side, directed=test.directed)
    ax.set_ylim(-0.6, len(shown) - 0.4)
    of_all = f", {len(shown)} of {len(test.classes)} motifs" if len(shown) < len(test.classes) else ""
    ax.set_xlabel(f"z against {test.null.replace('_', ' ')}{of_all}")
    fit(ax)
    return ax


def _draw(ax: Axes, adjacency: NDArray[np.bool_], row: float, side: float, *, directed: bool) -> None:
    """A motif beside its row, `side` points wide, left of the Axes."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    place: Any = blended_transform_factory(ax.transAxes, ax.transData)
    corners = side * (np.array(_CORNERS[len(adjacency)]) - [1.0, 0.5]) - [5.0, 0.0]
    at = [place + ScaledTranslation(x / 72, y / 72, ax.figure.dpi_scale_trans) for x, y in corners]
    for i, j in np.argwhere(adjacency | adjacency.T):
        if i > j:
            continue
        style = _ARROWS[bool(adjacency[i, j]), bool(adjacency[j, i])] if directed else "-"
        ax.annotate(
            "", xy=(0.0, row), xycoords=at[j], xytext=(0.0, row), textcoords=at[i], annotation_clip=False,
            arrowprops={"arrowstyle": style, "color": ink(ax), "lw": 0.7, "shrinkA": 1.6, "shrinkB": 1.6,
                        "mutation_scale": max(3.0, 0.3 * side)},
        )  # fmt: skip
    for t in at:
        ax.plot([0.0], [row], "o", ms=max(1.6, 0.12 * side), color=GREY, mew=0, transform=t, clip_on=False, zorder=4)
