"""A network on a sheet, between its inputs and its outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, validate
from netanalysis.connectome import Connectome
from netanalysis.plot._axes import ink
from netanalysis.plot._colour import BLUE, GREY, VERMILION
from netanalysis.plot._network import one_network, positions_of


def layers(
    net: Any,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    limit: int = 150,
    ax: Any = None,
) -> Axes:
    """Planes above each other, in three dimensions: inputs, the sheet of units twice, outputs, and the weights between.

    Parameters
    ----------
    net : Connectome
        One network, with positions of its units in two dimensions and, to have these planes, input weights
        (n_in, n) and output weights (n, n_out).
    inputs, outputs : array_like, shape (n_in, 2) and (n_out, 2), optional
        Where inputs and outputs stand, in the coordinates of the units, such as
        ``TrainedNetworks.places["input_positions"]``; default: on a circle about the middle of the sheet.
    limit : int
        At most so many of the strongest weights are drawn between two planes; the legend says how many of how many.
    ax : Axes, optional
        Three-dimensional, as ``figure.add_subplot(projection="3d")`` makes them. Default: new ones in pyplot's current
        figure.

    Returns
    -------
    Axes
        A line is as wide and as opaque as its weight is large: ``|w|`` over the largest between the same two planes.
        Red is positive, blue negative. Weights lead upwards, those from unit to unit from the lower sheet to the upper.

    Raises
    ------
    ValueError
        If positions are missing, of another number or not in two dimensions.
    TypeError
        If `ax` is not three-dimensional.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> net = na.Connectome(np.eye(4, k=1), positions=[[0, 0], [0, 1], [1, 0], [1, 1]], inputs=np.ones((2, 4)))
    >>> ax = na.plot.layers(net, ax=Figure().add_subplot(projection="3d"))
    >>> [text.get_text() for text in ax.texts]
    ['Inputs (2)', 'Units (4)', 'Units (4)']
    """
    w = validate.dense(one_network(net, "layers"), measure="layers", instead="a subset of nodes")
    limit = options.positive_int(limit, "limit")
    units = positions_of(net, None, len(w))
    if units.shape[1] != 2:
        raise ValueError(f"net must have positions in two dimensions to be drawn as a sheet; got {units.shape[1]}")
    ax = three_dimensional(ax)
    planes, weights = [("Units", units), ("Units", units)], [w]
    into = net.inputs if isinstance(net, Connectome) else None
    out = net.outputs if isinstance(net, Connectome) else None
    if into is not None:
        planes.insert(0, ("Inputs", _places(inputs, "inputs", len(into), units)))
        weights.insert(0, np.asarray(into))
    elif inputs is not None:
        raise ValueError("inputs gives places to inputs, but net has no input weights: na.Connectome(..., inputs=...)")
    if out is not None:
        planes.append(("Outputs", _places(outputs, "outputs", out.shape[1], units)))
        weights.append(np.asarray(out))
    elif outputs is not None:
        raise ValueError(
            "outputs gives places to outputs, but net has no output weights: na.Connectome(..., outputs=...)"
        )
    shown, there = 0, 0
    for height, block in enumerate(weights):
        below, above = planes[height][1], planes[height + 1][1]
        shown += _lines(ax, below, above, height, block, limit)
        there += int(np.count_nonzero(block))
    reach = np.concatenate([place for _, place in planes])
    names = [f"{name} ({len(place)})" for name, place in planes]
    for height, (name, (_, place)) in enumerate(zip(names, planes, strict=True)):
        _plane(ax, height, name, place, reach)
    _room_for_names(ax, max(map(len, names)), reach, len(planes))
    _legend(ax, f"{shown:,} strongest of {there:,} weights" if shown < there else f"{there:,} weights")
    return ax


def three_dimensional(ax: Any) -> Any:
    """The Axes given, if they are such; else new ones in the current figure."""
    if ax is None:
        import matplotlib.pyplot as plt

        return plt.gcf().add_subplot(projection="3d")
    if getattr(ax, "name", None) != "3d":
        raise TypeError(
            'ax must be three-dimensional: figure.add_subplot(projection="3d") makes one, in several panels '
            f'figure.subplot_mosaic(..., per_subplot_kw={{"a": {{"projection": "3d"}}}}); got {type(ax).__name__}'
        )
    return ax


def _places(given: ArrayLike | None, name: str, count: int, units: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those given, else a circle about the middle of the sheet."""
    if given is not None:
        return validate.as_array(given, name, shape=(count, 2))
    angle = 2 * np.pi * np.arange(count) / count
    middle, radius = (units.min(axis=0) + units.max(axis=0)) / 2, 0.35 * max(np.ptp(units, axis=0).max(), 1e-9)
    return np.asarray(middle + radius * np.column_stack([np.cos(angle), np.sin(angle)]))


def _lines(
    ax: Any, below: NDArray[np.float64], above: NDArray[np.float64], height: int, w: NDArray[np.float64], limit: int
) -> int:
    """Draw the strongest weights between two planes, the weakest of them first; how many."""
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    source, target = np.nonzero(w)
    strength = np.abs(w[source, target])
    strongest = np.argsort(-strength, kind="stable")[:limit][::-1]
    if not len(strongest):
        return 0
    source, target, strength = source[strongest], target[strongest], strength[strongest] / strength.max()
    ends = np.empty((len(strongest), 2, 3))
    ends[:, 0, :2], ends[:, 1, :2] = below[source], above[target]
    ends[:, :, 2] = height, height + 1
    colour = np.where((w[source, target] > 0)[:, None], to_rgb(VERMILION), to_rgb(BLUE))
    widest = np.clip(ax.get_window_extent().width / ax.figure.get_dpi() / 3, 0.5, 1.6)  # small panels, thin lines
    lines = Line3DCollection(ends, colors=np.column_stack([colour, strength]), linewidths=widest * strength)
    lines.set_rasterized(len(strongest) > 1000)
    ax.add_collection3d(lines)
    return len(strongest)


def _plane(ax: Any, height: int, name: str, place: NDArray[np.float64], reach: NDArray[np.float64]) -> None:
    """The border of a plane, its cells and its name, beside its right corner."""
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    low, high = reach.min(axis=0), reach.max(axis=0)
    margin = 0.06 * max(np.ptp(reach, axis=0).max(), 1e-9)
    (x0, y0), (x1, y1) = low - margin, high + margin
    corners = [[(x0, y0, height), (x1, y0, height), (x1, y1, height), (x0, y1, height)]]
    ax.add_collection3d(Poly3DCollection(corners, facecolors=[(*to_rgb(GREY), 0.08)], edgecolors=GREY, linewidths=0.6))
    ax.scatter(*place.T, height, s=float(np.clip(400 / len(place), 1, 8)), color=GREY, depthshade=False, lw=0)
    ax.text(x1, y1, height, name, fontsize="small", ha="left", va="bottom", color=ink(ax))


def _room_for_names(ax: Any, longest: int, reach: NDArray[np.float64], planes: int) -> None:
    """Limits that leave the right of the Axes, as wide as the longest name, empty."""
    share = min(4.6 * longest / (72 * ax.get_window_extent().width / ax.figure.get_dpi()), 0.5)
    low, size = reach.min(axis=0), np.ptp(reach, axis=0).max()
    empty = 1 + 1.3 * share
    ax.set(xlim=(low[0] - 0.06 * size, low[0] + empty * 1.06 * size))
    ax.set(ylim=(low[1] - 0.06 * size, low[1] + empty * 1.06 * size), zlim=(0, planes - 1))
    ax.set_box_aspect((1, 1, 1.25 / empty**0.5), zoom=1.15)


def _legend(ax: Any, title: str) -> None:
    from matplotlib.lines import Line2D

    signs = [Line2D([], [], color=VERMILION, label="positive"), Line2D([], [], color=BLUE, label="negative")]
    small = {"fontsize": "small", "title_fontsize": "small", "handlelength": 1.2, "labelspacing": 0.2}
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.02), "borderaxespad": 0}
    ax.legend(handles=signs, title=title, ncols=2, frameon=False, **small, **below)
    ax.set_axis_off()
    ax.view_init(elev=14, azim=-62)
