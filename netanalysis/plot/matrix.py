"""The weight matrix, sorted by module."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from netanalysis._core import validate
from netanalysis.plot._axes import current_axes, ink
from netanalysis.plot._colour import colour_bar, module_style, weight_map, weight_norm
from netanalysis.plot._network import modules_of, one_network
from netanalysis.plot._text import short


def weight_matrix(
    net: Any,
    *,
    modules: Any = None,
    scale: str = "linear",
    cmap: Any = None,
    label: str = "Weight",
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
    colorbar : bool
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Notes
    -----
    Zero means "no connection" and is left empty. Sparse networks are made dense, an error above 4 GiB.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.weight_matrix([[0, 2.0], [-1, 0]], modules=["a", "b"], ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Target node (2), by module'
    """
    validate.flags(colorbar=colorbar)
    ax = current_axes(ax)
    w = validate.dense(one_network(net, "weight_matrix"), measure="weight_matrix", instead="a subset of nodes")
    n = len(w)
    groups = modules_of(net, modules, n)
    if groups is not None:
        order = np.argsort(groups, kind="stable")
        w = w[np.ix_(order, order)]
    image = ax.imshow(
        np.ma.masked_equal(w, 0.0),
        cmap=cmap if cmap is not None else weight_map(w),
        norm=weight_norm(w, scale),
        interpolation="none" if n <= 1000 else "antialiased",  # vector files keep one pixel per entry
        interpolation_stage="rgba",
        extent=(0, n, n, 0),
    )
    if colorbar:
        colour_bar(ax, image, label)
    sorted_by = "" if groups is None else ", by module"
    ax.set(xlabel=f"Target node ({n:,}){sorted_by}", ylabel=f"Source node ({n:,}){sorted_by}")
    if groups is None:
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    else:
        _module_borders(ax, groups, n)
    return ax


def _module_borders(ax: Axes, groups: NDArray[Any], n: int) -> None:
    """Border lines, a coloured strip along both sides, and names of the modules large enough to carry one."""
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
    shown = counts >= 0.045 * n
    centres = (edges[:-1] + edges[1:]) / 2
    ax.set_xticks([])
    ax.set_yticks(centres[shown], [short(name) for name in names[shown]], fontsize="small")
    ax.tick_params(axis="y", length=0, pad=11)
