"""How well structure predicts function: node by node in modules or in space, and by hop."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame, rows_frame, short_ticks
from netanalysis.plot._colour import DIVERGING, GREY, SEQUENTIAL, colour_bar, module_style
from netanalysis.plot._fit import fit, fitting, points, size_of
from netanalysis.plot._network import modules_of
from netanalysis.plot._plane import dot_area, on_plane, spatial_axes
from netanalysis.plot._result import need_result
from netanalysis.plot._text import plain

_R2 = {"r2": "R²", "adjusted_r2": "Adjusted R²", "cross_validated_r2": "Cross-validated R²"}


def coupling(
    found: Any,
    net: Any = None,
    *,
    view: Literal["modules", "space", "hops"] = "modules",
    value: str = "adjusted_r2",
    modules: Any = None,
    positions: ArrayLike | None = None,
    plane: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Coupling of structure and function: of the nodes of each module, of nodes in space, or of pairs by hop.

    Parameters
    ----------
    found : StructureFunctionCoupling
        From :func:`netanalysis.structure_function_coupling`.
    net : Connectome, optional
        Gives modules and positions.
    view : {"modules", "space", "hops"}
        A row per module, that with the mean farthest from 0 on top; nodes at their positions, coloured by value; or
        the rank correlation of each predictor over pairs that are so many hops apart.
    value : {"adjusted_r2", "r2", "cross_validated_r2"} or name of a predictor
        Of the nodes: explained variance of the whole model, or Spearman's correlation of one predictor. Not for hops,
        which show all predictors.
    modules : sequence of length n, optional
        Default: those of the Connectome; without any, all nodes are one row.
    positions : array_like, shape (n, d), optional
    plane : str, optional
        The two axes to show, as for :func:`network`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Modules have the colours that :func:`network` gives them; lines mark means, and names carry numbers of nodes.
        The ticks of hops carry numbers of pairs. Nodes whose value is undefined are crosses in space, and left out and
        counted in the title elsewhere.

    Raises
    ------
    TypeError
        If it is no result of that function.
    ValueError
        If there is no such value or no node that has one, or nowhere to draw nodes in space.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> anatomy, function = na.datasets.load("human_schaefer100"), na.datasets.load("human_schaefer100_fc")
    >>> found = na.structure_function_coupling(anatomy, function)
    >>> ax = na.plot.coupling(found, anatomy, ax=Figure().subplots())
    >>> ax.get_yticklabels()[0].get_text()
    'Vis (17)'
    """
    need_result(found, "found", "structure_function_coupling", "regional_rho", "rho_by_hop", "names")
    options.choice(view, ["modules", "space", "hops"], "view")
    options.choice(value, [*_R2, *found.names], "value")
    ax = current_axes(ax)
    if view == "hops":
        _by_hop(ax, found)
        return ax
    if value in _R2:
        values, label = getattr(found, f"regional_{value}"), _R2[value]
    else:
        values, label = found.regional_rho[:, found.names.index(value)], f"ρ of {_text(value)} and function"
    if not np.isfinite(values).any():
        raise ValueError(f"found must have a node whose {value} is defined; got none: too few pairs, or all alike")
    if view == "modules":
        groups = modules_of(net, modules, len(values))
        _by_module(ax, values, np.repeat("all nodes", len(values)) if groups is None else groups, label)
    else:
        _in_space(ax, values, net, positions, plane, label, signed=value not in _R2)
    return ax


def _by_module(ax: Axes, values: NDArray[np.float64], groups: NDArray[Any], label: str) -> None:
    """A row of dots for each module; lengths couple best where their correlations are lowest."""
    defined = np.isfinite(values)
    names, member = np.unique(groups[defined], return_inverse=True)
    colour_of = {name: module_style(k)[0] for k, name in enumerate(np.unique(groups))}
    rows = [values[defined][member == k] for k in range(len(names))]
    order = np.argsort([-abs(row.mean()) for row in rows], kind="stable")
    for y, k in enumerate(order):
        colour = colour_of[names[k]]
        size = float(np.clip(400 / len(rows[k]), 5, 16))
        ax.scatter(rows[k], y + _spread(rows[k]), s=size, color=colour, alpha=0.8, lw=0, zorder=2)
        ax.plot([rows[k].mean()] * 2, [y - 0.38, y + 0.38], color=ink(ax), lw=1.4, zorder=3)
    rows_frame(ax, range(len(order)), [f"{names[k]} ({len(rows[k])})" for k in order], what="modules")
    ax.set_ylim(len(order) - 0.5, -0.5)
    if (values[defined] < 0).any():
        ax.axvline(0, color=ink(ax), lw=0.6, alpha=0.6)
    short_ticks(ax.xaxis)
    ax.set_xlabel(plain(label))
    if not defined.all():
        ax.set_title(f"Undefined for {(~defined).sum():,} nodes", fontsize="small")
    fit(ax)


def _spread(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights within a row: neighbours in value lie apart, in an order that is always the same."""
    place = np.empty(len(row))
    place[np.argsort(row, kind="stable")] = np.arange(len(row)) * 0.618034 % 1
    return 0.56 * (place - 0.5)


def _in_space(
    ax: Axes, values: NDArray[np.float64], net: Any, positions: Any, plane: Any, label: str, *, signed: bool
) -> None:
    """Dots; correlations have a scale symmetric about 0, explained variance one from 0 or the least value."""
    place, names, unit = on_plane(net, positions, plane, len(values))
    defined = np.isfinite(values)
    least = float(values[defined].min(initial=0.0))
    top = max(float(values[defined].max(initial=0.0)), -least if signed else 0.0) or 1.0
    size = dot_area(place)
    if not defined.all():
        ax.scatter(place[~defined, 0], place[~defined, 1], s=size / 2, c=GREY, marker="x", lw=0.9)
        ax.set_title(f"×: undefined for {(~defined).sum():,} nodes", fontsize="small")
    dots = ax.scatter(
        place[defined, 0],
        place[defined, 1],
        s=size,
        c=values[defined],
        cmap=DIVERGING if signed else SEQUENTIAL,
        norm=Normalize(-top if signed else least, top),
        edgecolors=GREY,
        lw=0.4,
    )
    colour_bar(ax, dots, plain(label))
    spatial_axes(ax, names, unit)


def _by_hop(ax: Axes, found: Any) -> None:
    """A line for each predictor; colour and marker tell them apart."""
    place = np.arange(len(found.hops))
    handles = []
    for k, name in enumerate(found.names):
        colour = module_style(k)[0]
        style: dict[str, Any] = {"color": colour, "marker": "os^DvP"[k % 6], "ms": 4, "mew": 0, "lw": 1.2}
        ax.plot(place, found.rho_by_hop[:, k], **style)
        handles.append(Line2D([], [], label=_text(name), **style))
    ax.axhline(0, color=ink(ax), lw=0.6, alpha=0.6)
    size = points("small")
    room = size_of(ax)[0] / max(len(place), 1)
    counts = [f"{n:,}" for n in found.pairs_by_hop]
    beside = max(map(len, counts), default=0) * 0.65 * size < 0.85 * room
    join = "\n" if beside else ": "
    ticks = [f"{h}{join}{n}" for h, n in zip(found.hops, counts, strict=True)]
    ax.set_xticks(
        place, ticks, fontsize=size if beside else min(size, fitting(0.8 * room)), rotation=0 if beside else 90
    )
    ax.margins(x=0.12)
    short_ticks(ax.yaxis)
    ax.set(xlabel="Hops (number of pairs)", ylabel="Spearman's ρ with function")
    legend_above(ax, handles)
    open_frame(ax)
    fit(ax)


def _text(name: str) -> str:
    return plain(name.replace("_", " "))
