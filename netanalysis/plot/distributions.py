"""Distributions over nodes and connections; log axes where a linear one would hide the tail."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options
from netanalysis.connectome import edge_distances
from netanalysis.plot._axes import current_axes, heavy_tailed, ink, log_ticks, open_frame, short_ticks
from netanalysis.plot._colour import BLUE, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._network import edge_list, one_network, unit_of

MOST_PAIRS = 1_000_000


def degree_distribution(net: Any, *, log: bool | None = None, ax: Axes | None = None) -> Axes:
    """How many connections nodes have: of either sign, without self-connections, in and out if directed.

    Parameters
    ----------
    net : network, shape (n, n)
    log : bool, optional
        Logarithmic x axis. Default: if the largest value exceeds ten times the median. Nodes at 0 cannot
        stand on a log axis; the figure says how many there are.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> na.plot.degree_distribution([[0, 1], [1, 0]], ax=Figure().subplots()).get_ylabel()
    'Nodes'
    """
    return _node_histogram(net, binary=True, log=log, label="Degree (connections per node)", ax=ax)


def strength_distribution(
    net: Any, *, log: bool | None = None, label: str = "Strength", ax: Axes | None = None
) -> Axes:
    """Sum of the weights of each node, signs kept, without self-connections; in and out if directed.

    Parameters
    ----------
    net : network, shape (n, n)
    log : bool, optional
        As for :func:`degree_distribution`; refused for strengths below 0.
    label : str
        Label of the strength axis; put the unit here.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> na.plot.strength_distribution([[0, 1], [2, 0]], ax=Figure().subplots()).get_xlabel()
    'Strength'
    """
    return _node_histogram(net, binary=False, log=log, label=label, ax=ax)


def weight_distribution(net: Any, *, log: bool | None = None, label: str = "Weight", ax: Axes | None = None) -> Axes:
    """Weights of all connections between distinct nodes; absent connections (0) are not counted.

    Parameters
    ----------
    net : network, shape (n, n)
    log : bool, optional
        As for :func:`degree_distribution`; refused for negative weights.
    label : str
        Label of the weight axis; put the unit here.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> na.plot.weight_distribution([[0, 1], [2, 0]], ax=Figure().subplots()).get_ylabel()
    'Connections'
    """
    _, _, data, _ = edge_list(one_network(net, "weight_distribution"))
    return _histogram({"": data}, log=log, xlabel=label, ylabel="Connections", ax=ax)


def distance_distribution(
    net: Any, *, distances: ArrayLike | None = None, log: bool | None = None, ax: Axes | None = None
) -> Axes:
    """Distances spanned by connections, against the distances of all pairs of nodes.

    Parameters
    ----------
    net : network, shape (n, n)
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome.
    log : bool, optional
        As for :func:`degree_distribution`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Both as densities (area 1), because there are more pairs than connections. Of more than a million pairs, as
        many are drawn with replacement, the same ones every time, and the legend says so: a bar of the histogram is
        then off by about a thousandth of the area.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 4, 1], [4, 0, 0], [1, 0, 0]], positions=[[0, 0], [1, 0], [3, 0]])
    >>> na.plot.distance_distribution(net, ax=Figure().subplots()).get_xlabel()
    'Distance'
    """
    w = one_network(net, "distance_distribution")
    row, col, _, directed = edge_list(w)
    if not len(row):
        raise ValueError("net has no connections, whose distances could be drawn")
    n = w.shape[-1]
    total = n * (n - 1) if directed else n * (n - 1) // 2
    if total <= MOST_PAIRS:
        pairs, name = np.nonzero(~np.eye(n, dtype=bool)) if directed else np.triu_indices(n, 1), "all pairs"
    else:
        rng = np.random.default_rng(0)
        start = rng.integers(0, n, MOST_PAIRS)
        pairs, name = (start, (start + rng.integers(1, n, MOST_PAIRS)) % n), f"{MOST_PAIRS:,} random pairs"
    values = {
        "connections": edge_distances(net, distances, n, row, col),
        name: edge_distances(net, distances, n, *pairs),
    }
    return _histogram(values, log=log, xlabel=f"Distance{unit_of(net)}", ylabel="Density", ax=ax, stat="density")


def _node_histogram(net: Any, *, binary: bool, log: bool | None, label: str, ax: Axes | None) -> Axes:
    w = one_network(net, "this distribution")
    row, col, data, directed = edge_list(w)
    weight = np.ones_like(data) if binary else data
    out = np.bincount(row, weight, minlength=w.shape[-1])
    into = np.bincount(col, weight, minlength=w.shape[-1])
    values = {"out": out, "in": into} if directed else {"": out + into}
    return _histogram(values, log=log, xlabel=label, ylabel="Nodes", ax=ax, integer=binary)


def _histogram(
    values: dict[str, NDArray[Any]],
    *,
    log: bool | None,
    xlabel: str,
    ylabel: str,
    ax: Axes | None,
    stat: str = "count",
    integer: bool = False,
) -> Axes:
    """One or two histograms over common bins."""
    ax = current_axes(ax)
    pooled = np.concatenate(list(values.values()))
    options.optional_flags(log=log)
    if log and (pooled < 0).any():
        raise ValueError(f"log=True needs non-negative values; {xlabel.lower()} goes down to {pooled.min():g}")
    positive = pooled[pooled > 0]
    if log is None:
        log = pooled.size > 0 and bool(pooled.min() >= 0) and heavy_tailed(positive)
    bins = _bins(positive if log else pooled, log=log, integer=integer)
    for (name, data), colour, line in zip(values.items(), (BLUE, VERMILION), ("-", "--"), strict=False):
        height, _ = np.histogram(data, bins, density=stat == "density")
        ax.stairs(height, bins, fill=True, color=colour, alpha=0.25 if len(values) > 1 else 0.45, lw=0)
        ax.stairs(height, bins, color=colour, ls=line, lw=1.4, label=name)
    if log:
        ax.set_xscale("log")
        log_ticks(ax.xaxis)
        hidden = int((pooled == 0).sum())
        if hidden:
            ax.set_title(f"{hidden:,} at 0 not shown", fontsize="medium")
    elif pooled.size and pooled.min() < 0 < pooled.max():
        ax.axvline(0, color=ink(ax), lw=0.6, alpha=0.6)
    if len(values) > 1:
        ax.legend(frameon=False, fontsize="small", loc="best")
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=stat == "count"))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    short_ticks(ax.xaxis, ax.yaxis)
    open_frame(ax)
    fit(ax)
    return ax


def _bins(values: NDArray[Any], *, log: bool, integer: bool) -> NDArray[Any]:
    """Freedman-Diaconis bins, 8 to 50 of them, of equal width on the axis shown; whole numbers get whole bins."""
    if values.size == 0:
        return np.array([0.0, 1.0])
    integer = integer or bool(np.all(values == np.round(values)) and np.ptp(values) < 1e6)
    x = np.log10(values) if log else values
    if np.ptp(x) == 0:
        half = 0.05 if log else 0.5 * (abs(float(x[0])) or 1.0)
        edges = np.array([x[0] - half, x[0] + half])
        return 10**edges if log else edges
    has_width = np.subtract(*np.quantile(x, [0.75, 0.25])) > 0
    count = int(np.clip(len(np.histogram_bin_edges(x, "fd")) - 1 if has_width else 0, 8, 50))
    if integer and log:
        return np.unique(np.round(np.geomspace(values.min(), values.max() + 1, count + 1))) - 0.5
    if integer:
        step = max(1, int(np.ceil((np.ptp(x) + 1) / count)))
        return np.arange(x.min() - 0.5, x.max() + 0.5 + step, step)
    edges = np.linspace(x.min(), x.max(), count + 1)
    edges = 10**edges if log else edges
    edges[[0, -1]] = values.min(), values.max()  # rounding must not push the extremes out
    return edges
