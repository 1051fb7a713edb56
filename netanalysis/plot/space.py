"""The network in its space, and what distance has to do with weight."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import validate
from netanalysis.connectome import Connectome, edge_distances
from netanalysis.plot import _style
from netanalysis.plot.matrix import modules_of, one_network

_SYMBOLS = {"micrometre": "µm", "millimetre": "mm", "nanometre": "nm"}


def edge_list(w: Any) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], bool]:
    """Sources, targets and weights of the connections between distinct nodes; undirected pairs once."""
    directed = not validate.is_symmetric(w)
    kept = sparse.coo_array(w)
    row, col, data = kept.row.astype(np.intp), kept.col.astype(np.intp), kept.data
    keep = (row != col if directed else row < col) & (data != 0)
    return row[keep], col[keep], data[keep], directed


def unit_of(net: Any) -> str:
    """The length unit of a Connectome, as `` (mm)``; empty if unknown."""
    unit = net.metadata.get("unit") if isinstance(net, Connectome) else None
    unit = str(unit).split(" (")[0] if unit else None  # "millimetre (some surface)"
    return f" ({_SYMBOLS.get(unit, unit)})" if unit else ""


def network(
    net: Any,
    *,
    positions: ArrayLike | None = None,
    modules: Any = None,
    plane: str | None = None,
    edges: float = 0.1,
    ax: Axes | None = None,
) -> Axes:
    """Nodes at their positions, seen along one axis, with the strongest connections.

    Parameters
    ----------
    net : network, shape (n, n)
    positions : array_like, shape (n, d), optional
        Default: those of the Connectome.
    modules : sequence of length n, optional
        Colours (and, beyond eight modules, markers). Default: those of the Connectome.
    plane : str, optional
        The two axes to show, such as ``"xz"``. Default: the two along which the nodes spread widest.
    edges : float in [0, 1]
        Share of connections drawn, strongest magnitudes first; the title states it. Ties at the cut go by node
        order. Lines are wider for stronger connections, coloured inside a module and grey between modules.
        Direction is not drawn, and self-connections are left out.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Equal scales on both axes. Node area grows with strength (sum of magnitudes in and out).

    Raises
    ------
    ValueError
        Without positions: a layout computed from the weights is not a place in space.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.network([[0, 2.0], [1, 0]], positions=[[0, 0], [3, 1]], edges=1, ax=Figure().subplots())
    >>> ax.get_title()
    'All 2 connections'
    """
    ax = _style.axes(ax)
    w = one_network(net, "network")
    n = w.shape[-1]
    if positions is None:
        positions = net.positions if isinstance(net, Connectome) else None
    if positions is None:
        raise ValueError("net has no positions to draw it in space; pass positions= with shape (n, d), d >= 2")
    place = validate.as_array(positions, "positions", shape=(n, None))
    if not 0 <= edges <= 1:
        raise ValueError(f"edges must be a share in [0, 1]; got {edges}")
    first, second = _plane(place, plane)
    xy = place[:, [first, second]]
    groups = modules_of(net, modules, n)
    names, member = (None, np.zeros(n, int)) if groups is None else np.unique(groups, return_inverse=True)

    row, col, data, _ = edge_list(w)
    count = round(edges * len(data))
    top = np.argsort(-np.abs(data), kind="stable")[:count][::-1]  # strongest last, on top
    if count:
        relative = np.abs(data[top]) / np.abs(data).max()
        inside = member[row[top]] == member[col[top]]
        colours = [
            _style.module_style(k)[0] if same else _style.GREY for k, same in zip(member[row[top]], inside, strict=True)
        ]
        ax.add_collection(
            LineCollection(
                list(np.stack([xy[row[top]], xy[col[top]]], axis=1)),
                colors=colours,
                linewidths=0.3 + 1.7 * relative,
                alpha=0.45,
                zorder=1,
            )
        )
    magnitude = abs(w)
    strength = np.asarray(magnitude.sum(axis=0)).ravel() + np.asarray(magnitude.sum(axis=1)).ravel()
    size = 6 + 44 * strength / (strength.max() or 1.0)
    for k in range(member.max() + 1):
        colour, marker = _style.module_style(k)
        chosen = member == k
        name = "" if names is None else _style.short(names[k])
        x, y = xy[chosen].T
        ax.scatter(x, y, s=size[chosen], c=colour, marker=marker, lw=0, zorder=2, label=name)
    if names is not None and len(names) <= 16:
        ax.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, 0.0),
            borderaxespad=4.0,  # in font sizes: clear of tick and axis labels whatever the height of the Axes
            ncols=-(-len(names) // -(-len(names) // 4)),  # rows of equal length, up to 4
            frameon=False,
            fontsize="small",
            scatterpoints=1,
            handletextpad=0.1,
            columnspacing=1.0,
        )
    ax.set_aspect("equal")
    unit = unit_of(net)
    ax.set(xlabel=f"{'xyz'[first]}{unit}", ylabel=f"{'xyz'[second]}{unit}", title=_edge_title(count, len(data), edges))
    ax.title.set_fontsize("medium")
    _style.open_frame(ax)
    return ax


def _edge_title(count: int, total: int, share: float) -> str:
    if count == total:
        return f"All {total:,} connections"
    return f"Strongest {100 * share:.3g} % of {total:,} connections"


def _plane(place: NDArray[np.float64], plane: str | None) -> tuple[int, int]:
    d = place.shape[1]
    if d not in (2, 3):
        raise ValueError(f"positions must have 2 or 3 coordinates to be drawn; got {d}")
    if plane is None:
        first, second = sorted(np.argsort(-np.ptp(place, axis=0), kind="stable")[:2])
        return int(first), int(second)
    axes = "xyz"[:d]
    if len(plane) != 2 or plane[0] == plane[1] or any(letter not in axes for letter in plane):
        raise ValueError(f"plane must be two different letters of {axes!r}, such as 'xy'; got {plane!r}")
    return axes.index(plane[0]), axes.index(plane[1])


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
    ax = _style.axes(ax)
    w = one_network(net, "weight_distance")
    row, col, data, _ = edge_list(w)
    span = edge_distances(net, distances, w.shape[-1], row, col)
    shown = len(data)
    ax.scatter(
        span,
        data,
        s=7 if shown < 2000 else 3,
        c=_style.BLUE,
        alpha=float(np.clip(60 / np.sqrt(max(shown, 1)) / 3, 0.08, 0.6)),
        lw=0,
        rasterized=shown > 1500,
        label=f"connections ({shown:,})",
    )
    if shown >= 50:
        groups = np.array_split(np.argsort(span, kind="stable"), 10)
        middle = [[np.median(span[g]) for g in groups], [np.median(data[g]) for g in groups]]
        ax.plot(*middle, "-o", color=_style.VERMILION, ms=3.5, lw=1.4, label="median by decile")
    if _style.heavy_tailed(data):
        ax.set_yscale("log")
        _style.log_ticks(ax.yaxis)
    elif (data < 0).any():
        ax.axhline(0, color=_style.ink(ax), lw=0.6, alpha=0.6)
    else:
        ax.set_ylim(bottom=0)
    ax.set_xlim(left=0)
    ax.legend(frameon=False, fontsize="small", loc="upper right", markerscale=1.5)
    ax.set_title(f"Spearman ρ = {_style.number(_spearman(span, data))}", fontsize="medium")
    _style.open_frame(ax)
    ax.set(xlabel=f"Distance{unit_of(net)}", ylabel=label)
    return ax


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    from scipy import stats

    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(stats.spearmanr(x, y).statistic)
