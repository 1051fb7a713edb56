"""Edges that differ between people."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netanalysis._core import options
from netanalysis._core.text import cut
from netanalysis.plot._axes import current_axes, ink
from netanalysis.plot._result import need_result
from netanalysis.plot._text import brief
from netanalysis.plot.matrix import weight_matrix

__all__ = ["network_based_statistic"]


def network_based_statistic(
    test: Any, *, level: float = 0.05, modules: Any = None, colorbar: bool = True, ax: Axes | None = None
) -> Axes:
    """The t of edges in significant components, as a matrix; all other edges are left empty.

    Parameters
    ----------
    test : NetworkBasedStatistic or ThresholdFreeTest
    level : float in (0, 1]
        Of p of the component, or of the edge without a threshold.
    modules : sequence of length n, optional
        As for :func:`netanalysis.plot.weight_matrix`, which draws the figure.
    colorbar : bool
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> x = np.random.default_rng(0).normal(size=(20, 8, 8))
    >>> x[:10, :3, :3] += 2
    >>> test = na.network_based_statistic(x + x.swapaxes(1, 2), ["a"] * 10 + ["b"] * 10, threshold=3, rng=0)
    >>> na.plot.network_based_statistic(test, ax=Figure().subplots()).get_xlabel()
    'Node (8)'
    """
    need_result(test, "test", "network_based_statistic", "t", "edge_mask", "contrast")
    level = options.number_in(level, "level", above=0, at_most=1)
    options.flags(colorbar=colorbar)
    ax = current_axes(ax)
    shown = np.where(test.edge_mask(level), test.t, 0.0)
    ax = weight_matrix(
        shown,
        modules=modules,
        label=f"{test.edge_statistic} ({cut(test.contrast, 40)})",
        over="connections",
        colorbar=colorbar and bool(shown.any()),
        ax=ax,
    )
    if not shown.any():
        ax.text(
            0.5, 0.5, f"no edge at p ≤ {brief(level)}", transform=ax.transAxes, ha="center", va="center", color=ink(ax)
        )
    return ax
