"""Input-to-output pathways, hop by hop."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, log_ticks, open_frame
from netanalysis.plot._cells import cell_means, cell_sizes, per_cell
from netanalysis.plot._colour import BLUE, colour_bar, weight_map, weight_norm
from netanalysis.plot._fit import BAR, fit, size_of
from netanalysis.plot._result import need_result


def hop_mass(pathways: Any, *, log: bool | None = None, ax: Axes | None = None) -> Axes:
    """Total magnitude of the pathways with each number of hops (connections travelled).

    Parameters
    ----------
    pathways : Pathways
        From :func:`netanalysis.pathways`.
    log : bool, optional
        Logarithmic y axis, drawn as points because bars need a zero. Default: if the largest mass exceeds 100
        times the smallest.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> paths = na.pathways([[0, 1.0], [0.5, 0]], inputs=[0], outputs=[1], max_hops=3)
    >>> na.plot.hop_mass(paths, ax=Figure().subplots()).get_ylabel()
    'Hop mass, sum of |pathway weights|'
    """
    need_result(pathways, "pathways", "pathways", "hops", "maps")
    ax = current_axes(ax)
    hops = np.asarray(pathways.hops)
    mass = np.asarray(pathways.hop_mass)
    if mass.ndim != 1:
        raise ValueError(f"pathways must be of one network for hop_mass; got maps of shape {pathways.maps.shape}")
    positive = mass[mass > 0]
    options.optional_flags(log=log)
    if log is None:
        log = positive.size > 1 and bool(positive.max() > 100 * positive.min())
    if log:
        shown = mass > 0
        ax.plot(hops[shown], mass[shown], "-o", color=BLUE, ms=5, lw=1.2)
        ax.set_yscale("log")
        log_ticks(ax.yaxis)
        if not shown.all():
            ax.set_title("none at " + ", ".join(str(h) for h in hops[~shown]) + " hops", fontsize="medium")
    else:
        ax.bar(hops, mass, color=BLUE, alpha=0.85, width=0.7)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.set(xlabel="Hops", ylabel="Hop mass, sum of |pathway weights|")
    open_frame(ax)
    fit(ax)
    return ax


def pathway_map(
    pathways: Any, *, hop: int, scale: str = "linear", colorbar: bool = True, ax: Axes | None = None
) -> Axes:
    """The map from inputs to outputs over all pathways with one number of hops.

    Parameters
    ----------
    pathways : Pathways
        From :func:`netanalysis.pathways`.
    hop : int
        Number of hops, one of ``pathways.hops``.
    scale : {"linear", "log"}
        As for :func:`weight_matrix`. More ends than the Axes have room for are drawn as means over cells of them, as
        there.
    colorbar : bool
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> paths = na.pathways([[0, 1.0], [0.5, 0]], inputs=[0], outputs=[1], max_hops=3)
    >>> na.plot.pathway_map(paths, hop=1, ax=Figure().subplots()).get_title()
    '1 hop'
    """
    options.flags(colorbar=colorbar)
    need_result(pathways, "pathways", "pathways", "hops", "maps")
    ax = current_axes(ax)
    hops = [int(h) for h in pathways.hops]
    if hop not in hops:
        raise ValueError(f"hop must be one of {hops}; got {hop!r}")
    maps = np.asarray(pathways.maps)
    if maps.ndim != 3:
        raise ValueError(f"pathways must be of one network; got those of a stack, maps of shape {maps.shape}")
    whole = maps[hops.index(hop)]
    width, height = size_of(ax)
    size = cell_sizes(whole.shape, (height, width - BAR * colorbar))
    values = cell_means(whole, size)
    rows, columns = (m * k - 0.5 for m, k in zip(values.shape, size, strict=True))
    image = ax.imshow(
        np.ma.masked_equal(values, 0.0),
        cmap=weight_map(values),
        norm=weight_norm(values, scale),
        interpolation="none",
        aspect="auto",
        extent=(-0.5, columns, rows, -0.5),
    )
    ax.set(xlim=(-0.5, whole.shape[1] - 0.5), ylim=(whole.shape[0] - 0.5, -0.5))
    if colorbar:
        colour_bar(ax, image, per_cell("Pathway weight", size))
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.set(xlabel="Output", ylabel="Input", title=f"{hop} hop{'' if hop == 1 else 's'}")
    fit(ax)
    return ax
