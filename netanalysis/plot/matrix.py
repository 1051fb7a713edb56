"""The weight matrix, sorted by module."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, validate
from netanalysis.plot._axes import current_axes, ink
from netanalysis.plot._cells import cell_means, cell_means_of_connections, cell_sizes, per_cell
from netanalysis.plot._colour import colour_bar, module_style, weight_map, weight_norm
from netanalysis.plot._fit import BAR, CHARACTER, LINE, SMALLEST, fit, points, size_of
from netanalysis.plot._network import modules_of, one_network
from netanalysis.plot._square import keep_room_for_text
from netanalysis.plot._text import short

NAMES = 30.0  # points that names of modules take beyond the room of numbers


def weight_matrix(
    net: Any,
    *,
    modules: Any = None,
    scale: str = "linear",
    cmap: Any = None,
    label: str = "Weight",
    over: Literal["pairs", "connections"] = "pairs",
    colorbar: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Weights from source (row) to target (column), nodes sorted by module, lines at module borders.

    Parameters
    ----------
    net : network, shape (n, n)
    modules : sequence of length n, optional
        Module of each node. Default: those of the Connectome; without any, nodes keep their order.
        Within a module nodes keep their order too.
    scale : {"linear", "log"}
        Colour scale. Signed weights get a diverging map centred on 0, whose log version is linear below the
        5 % quantile of the non-zero magnitudes. All values are within the scale, none is clipped.
    cmap : Colormap or str, optional
        Default: weak values fade into the page, so that strong ones stand out on light and dark.
    label : str
        Label of the colour bar; put the unit here.
    over : {"pairs", "connections"}
        Of what a cell of several nodes shows the mean: of all its pairs, or of the connections among them, so that few
        that matter do not fade away.
    colorbar : bool
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Notes
    -----
    Zero means "no connection" and is left empty. Where the Axes have fewer than one point (1/72 inch) for two nodes,
    cells of several nodes are drawn instead, as many as there are points: their colour is the mean weight over all
    pairs of the cell, absent connections counted as 0 (but for `over`), and the label of the colour bar gives their
    size. Positive and negative weights cancel in such a mean. Sparse networks stay sparse: 139,000 nodes take seconds.

    Every module has its name as long as there is room; the axis counts the smaller ones that have none. Rows are
    sources and columns targets, which labels say only of directed networks.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.weight_matrix([[0, 2.0], [-1, 0]], modules=["a", "b"], ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Target node (2)'
    """
    options.flags(colorbar=colorbar)
    options.choice(over, ["pairs", "connections"], "over")
    ax = current_axes(ax)
    w = one_network(net, "weight_matrix")
    n = w.shape[-1]
    groups = modules_of(net, modules, n)
    width, height = size_of(ax)
    side = max(20.0, min(width - BAR * colorbar - NAMES * (groups is not None), 0.9 * height))
    size = cell_sizes(w.shape, (side, side))
    order = None if groups is None else np.argsort(groups, kind="stable")
    of_connections = over == "connections"
    values = (cell_means_of_connections if of_connections else cell_means)(_sorted(w, order), size)
    rows, columns = (m * k for m, k in zip(values.shape, size, strict=True))
    image = ax.imshow(
        np.ma.masked_equal(values, 0.0),
        cmap=cmap if cmap is not None else weight_map(values),
        norm=weight_norm(values, scale),
        interpolation="none",  # vector files keep one pixel per cell
        interpolation_stage="rgba",
        extent=(0, columns, rows, 0),
    )
    ax.set(xlim=(0, n), ylim=(n, 0))
    if colorbar:
        colour_bar(ax, image, per_cell(label, size, "of edges " if of_connections else ""))
    ends = ("Node", "Node") if validate.is_symmetric(w) else ("Target node", "Source node")
    ax.set(xlabel=f"{ends[0]} ({n:,})", ylabel=f"{ends[1]} ({n:,})")
    if groups is None:
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    else:
        _module_borders(ax, groups, side)
    fit(ax, width=side + NAMES)
    keep_room_for_text(ax)
    return ax


def _sorted(w: Any, order: NDArray[np.intp] | None) -> Any:
    """Rows and columns in this order."""
    if order is None:
        return w
    if not sparse.issparse(w):
        return w[np.ix_(order, order)]
    place, w = np.argsort(order), sparse.coo_array(w)
    return sparse.coo_array((w.data, (place[w.row], place[w.col])), shape=w.shape)


def _module_borders(ax: Axes, groups: NDArray[Any], side: float) -> None:
    """Border lines, a coloured strip along both sides, and the names of the modules."""
    names, counts = np.unique(groups, return_counts=True)
    edges = np.concatenate([[0], np.cumsum(counts)])
    for edge in edges[1:-1]:
        ax.axhline(edge, color=ink(ax), lw=0.4, alpha=0.6)
        ax.axvline(edge, color=ink(ax), lw=0.4, alpha=0.6)
    for k, (start, size) in enumerate(zip(edges[:-1], counts, strict=True)):
        colour = module_style(k)[0]
        left, top = ax.get_yaxis_transform(), ax.get_xaxis_transform()
        ax.add_patch(Rectangle((-0.035, start), 0.025, size, transform=left, color=colour, lw=0, clip_on=False))
        ax.add_patch(Rectangle((start, 1.01), size, 0.025, transform=top, color=colour, lw=0, clip_on=False))
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0, pad=0.06 * side + 4)
    _name_modules(ax, names, (edges[:-1] + edges[1:]) / 2, counts, side)


def _name_modules(
    ax: Axes, names: NDArray[Any], centres: NDArray[np.float64], counts: NDArray[np.intp], side: float
) -> None:
    """Names beside the middles of their modules, moved apart where they would touch; the smallest are counted if the
    Axes are too low for all.
    """
    n = counts.sum()
    side *= 0.8  # some room goes to labels of several lines
    size = float(np.clip(0.8 * side / len(names) / LINE, SMALLEST, points("small")))
    room = max(1, int(side / (LINE * size)))
    named = np.sort(np.argsort(-counts, kind="stable")[:room])
    place = _apart(centres[named], LINE * size / side * n, n)
    limit = int(np.clip(0.75 * side / (CHARACTER * size), 8, 14))
    ax.set_yticks(place, [short(name, limit) for name in names[named]], fontsize=size)
    for middle, at in zip(centres[named], place, strict=True):
        if middle != at:
            ends = [-0.035, -0.07], [middle, at]
            ax.plot(*ends, transform=ax.get_yaxis_transform(), color=ink(ax), lw=0.4, alpha=0.6, clip_on=False)
    if len(named) < len(names):
        ax.set_xlabel(f"{ax.get_xlabel()}, {len(named)} of {len(names)} modules named")


def _apart(centres: NDArray[np.float64], gap: float, n: float) -> NDArray[np.float64]:
    """Ascending places nearest to the centres (least squares) that are `gap` apart, between 0 and n."""
    from scipy.optimize import isotonic_regression

    steps = gap * np.arange(len(centres))
    moved = isotonic_regression(centres - steps).x
    return np.clip(moved, gap / 2, max(gap / 2, n - gap * (len(centres) - 0.5))) + steps
