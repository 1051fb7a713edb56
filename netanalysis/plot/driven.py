"""What driving some nodes does to the others."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, validate
from netanalysis.connectome import Connectome
from netanalysis.plot._axes import current_axes, ink, legend_below, rows_frame
from netanalysis.plot._colour import BLUE, GREY, VERMILION, colour_bar, weight_map, weight_norm
from netanalysis.plot._fit import fit
from netanalysis.plot._plane import dot_area, on_plane, spatial_axes
from netanalysis.structure.influence import Influence


def influence(
    scores: Any,
    net: Any = None,
    *,
    positions: ArrayLike | None = None,
    plane: str | None = None,
    scale: Literal["log", "linear"] = "log",
    top: int = 15,
    label: str = "Influence",
    ax: Axes | None = None,
) -> Axes:
    """Influence on every node: dots where the nodes sit, or the strongest nodes in order where they have no positions.

    Parameters
    ----------
    scores : Influence, or array_like of shape (n,)
        From :func:`netanalysis.influence`, of one network, one drive and one direction; or scores, such as the
        ``adjusted`` ones or a row of ``silencing().change``.
    net : Connectome, optional
        Gives positions and names. Default: the network of an Influence.
    positions : array_like, shape (n, d), optional
    plane : str, optional
        The two axes to show, as for :func:`network`.
    scale : {"log", "linear"}
        Of the colours, as for :func:`weight_matrix`: scores span decades.
    top : int
        Without positions: how many nodes.
    label : str
        What the scores are.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Red is positive, blue negative, on a scale that is symmetric about 0 where there are both. Sources, whose score
        holds the drive itself, are diamonds without a colour, and nodes with a score of 0 are grey points; the legend
        counts both. In the order of nodes sources are left out.

    Raises
    ------
    ValueError
        For several networks, drives or directions.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> found = na.influence([[0, 0.5, -0.5], [0, 0, 0], [0, 0, 0]], sources=[0])
    >>> ax = na.plot.influence(found, positions=[[0, 0], [1, 0], [0, 1]], ax=Figure().subplots())
    >>> ax.get_legend().get_texts()[0].get_text(), ax.collections[0].get_array().tolist()
    ('source (1)', [0.5, -0.5])
    >>> ax = na.plot.influence(found, ax=Figure().subplots())
    >>> ax.get_title(), [float(bar.get_width()) for bar in ax.patches]
    ('Without 1 source', [0.5, -0.5])
    """
    options.choice(scale, ["log", "linear"], "scale")
    top = options.positive_int(top, "top")
    value, source, net = _scores(scores, net)
    ax = current_axes(ax)
    if positions is None and plane is None and getattr(net, "positions", None) is None:
        return _in_order(ax, value, source, net, top, label)
    place, names, unit = on_plane(net, positions, plane, len(value))
    size = dot_area(place)
    reached = ~source & (value != 0)
    unreached = ~source & (value == 0)
    order = np.flatnonzero(reached)[np.argsort(np.abs(value[reached]), kind="stable")]  # the strongest on top
    x, y = place[order].T
    norm, cmap = weight_norm(value[order], scale), weight_map(value[order])
    dots = ax.scatter(x, y, s=size, c=value[order], cmap=cmap, norm=norm, edgecolors=GREY, lw=0.4, zorder=2)
    if source.any():
        x, y = place[source].T
        hollow: dict[str, Any] = {"marker": "D", "facecolors": "none", "edgecolors": ink(ax), "lw": 0.9}
        ax.scatter(x, y, s=1.3 * size, zorder=3, label=f"source ({source.sum():,})", **hollow)
    if unreached.any():
        x, y = place[unreached].T
        ax.scatter(x, y, s=size / 6, c=GREY, lw=0, zorder=1, label=f"no influence ({unreached.sum():,})")
    if source.any() or unreached.any():
        legend_below(ax)
    colour_bar(ax, dots, label)
    spatial_axes(ax, names, unit)
    return ax


def _in_order(ax: Axes, value: NDArray[np.float64], source: NDArray[np.bool_], net: Any, top: int, label: str) -> Axes:
    """Bars of the nodes with the largest magnitudes."""
    size = np.where(source, 0.0, np.abs(value))
    order = np.argsort(-size, kind="stable")[:top]
    order = order[size[order] > 0]
    labels = getattr(net, "labels", None)
    rows = np.arange(len(order))[::-1]
    colours = np.where(value[order] > 0, VERMILION, BLUE).tolist()
    ax.barh(rows, value[order], color=colours, height=0.7)
    rows_frame(ax, rows, [str(k if labels is None else labels[k]) for k in order])
    ax.set(xlabel=label)
    count = int(source.sum())
    ax.set_title(f"Without {count:,} source{'' if count == 1 else 's'}" if count else "", fontsize="medium")
    fit(ax)
    return ax


def _scores(scores: Any, net: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_], Any]:
    """One score a node, which nodes are driven, and the network that knows more of them."""
    if not isinstance(scores, Influence):
        value = validate.as_array(scores, "scores", shape=(None,))
        return value, np.zeros(len(value), bool), net
    value = scores.scores
    if value.ndim != 1:
        raise ValueError(
            "scores must be of one network, one drive and one direction; got an Influence whose scores have shape "
            f"{value.shape}: draw rows of its scores one by one"
        )
    own = scores.network if isinstance(scores.network, Connectome) else None
    return value, scores.drive != 0, own if net is None else net
