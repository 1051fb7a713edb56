"""What distance has to do with weight."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from netanalysis.connectome import edge_distances
from netanalysis.plot._axes import current_axes, heavy_tailed, ink, legend_above, log_ticks, open_frame
from netanalysis.plot._colour import BLUE, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._network import edge_list, one_network, unit_of
from netanalysis.plot._text import number


def weight_distance(
    net: Any, *, distances: ArrayLike | None = None, label: str = "Weight", ax: Axes | None = None
) -> Axes:
    """Weight of each connection against the distance it spans, with their rank correlation.

    Parameters
    ----------
    net : network, shape (n, n)
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome (given, or Euclidean between its positions).
    label : str
        Label of the weight axis; put the unit here.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        One dot per connection between distinct nodes (undirected ones once), the median weight in ten groups of
        equal size along distance, and Spearman's rho over the connections. Pairs without a connection do not
        enter. No p-value is given: connections that share a node are not independent, test it against a
        spatial null with :func:`netanalysis.null_test`. The weight axis is logarithmic where all weights are
        positive and the largest exceeds ten times the median.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 4, 1], [4, 0, 3], [1, 3, 0]], positions=[[0, 0], [1, 0], [3, 0]])
    >>> na.plot.weight_distance(net, ax=Figure().subplots()).get_xlabel()
    'Distance'
    """
    ax = current_axes(ax)
    w = one_network(net, "weight_distance")
    row, col, data, _ = edge_list(w)
    span = edge_distances(net, distances, w.shape[-1], row, col)
    shown = len(data)
    ax.scatter(
        span,
        data,
        s=7 if shown < 2000 else 3,
        c=BLUE,
        alpha=float(np.clip(60 / np.sqrt(max(shown, 1)) / 3, 0.08, 0.6)),
        lw=0,
        rasterized=shown > 1500,
        label=f"connections ({shown:,})",
    )
    if shown >= 50:
        groups = np.array_split(np.argsort(span, kind="stable"), 10)
        middle = [[np.median(span[g]) for g in groups], [np.median(data[g]) for g in groups]]
        ax.plot(*middle, "-o", color=VERMILION, ms=3.5, lw=1.4, label="median by decile")
    if heavy_tailed(data):
        ax.set_yscale("log")
        log_ticks(ax.yaxis)
    elif (data < 0).any():
        ax.axhline(0, color=ink(ax), lw=0.6, alpha=0.6)
    else:
        ax.set_ylim(bottom=0)
    ax.set_xlim(left=0)
    legend_above(ax)
    ax.set_title(f"Spearman ρ = {number(_spearman(span, data))}", fontsize="medium")
    open_frame(ax)
    ax.set(xlabel=f"Distance{unit_of(net)}", ylabel=label)
    fit(ax)
    return ax


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    from scipy import stats

    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(stats.spearmanr(x, y).statistic)
