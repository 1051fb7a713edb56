"""Nodes where they sit: the network, what its units prefer, and their functional clusters."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.colors import Normalize, to_rgb
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import validate
from netanalysis.activity.selectivity import MixedSelectivity
from netanalysis.plot._axes import current_axes, legend_below, legend_beside, legend_fits_beside
from netanalysis.plot._colour import DIVERGING, GREY, colour_bar, module_style
from netanalysis.plot._fit import size_of
from netanalysis.plot._network import edge_list, modules_of, one_network, plane_of, positions_of, unit_of
from netanalysis.plot._plane import dot_area, on_plane, spatial_axes
from netanalysis.plot._result import need_window
from netanalysis.plot._text import plain, short

MANY = 5000  # dots or lines that vector files hold as pixels
MOST_EDGES = 2000


def network(
    net: Any,
    *,
    positions: ArrayLike | None = None,
    modules: Any = None,
    plane: str | None = None,
    edges: float | None = None,
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
    edges : float in [0, 1], optional
        Share of connections drawn, strongest magnitudes first; the title states it. Default: 0.1, but at most 2,000
        connections, beyond which lines hide what they lie on. Ties at the cut go by a random order that is always the
        same. Lines are wider and more opaque for stronger connections, coloured inside a module and grey between
        modules. Direction is not drawn, and self-connections are left out.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Equal scales on both axes. Node area grows with strength (sum of magnitudes in and out). Thousands of nodes are
        drawn so small that they cover a third of the Axes at most and where they lie dense looks darker; modules are
        mixed then, none lies on top. The legend names the 15 largest of more than 16 modules and counts the others.

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
    ax = current_axes(ax)
    w = one_network(net, "network")
    n = w.shape[-1]
    place = positions_of(net, positions, n)
    if edges is not None and not 0 <= edges <= 1:
        raise ValueError(f"edges must be a share in [0, 1]; got {edges}")
    first, second = plane_of(place, plane)
    xy = place[:, [first, second]]
    groups = modules_of(net, modules, n)
    names, member = (None, np.zeros(n, int)) if groups is None else np.unique(groups, return_inverse=True)

    row, col, data, _ = edge_list(w)
    count = round((0.1 if edges is None else edges) * len(data))
    if edges is None:
        count = min(count, MOST_EDGES)
    any_order = np.random.default_rng(0).permutation(len(data))
    top = np.lexsort((any_order, np.abs(data)))[len(data) - count :]  # strongest last, on top
    if count:
        _lines(ax, xy[row[top]], xy[col[top]], np.abs(data[top]) / np.abs(data).max(), _colours(member, row, col, top))
    magnitude = abs(w)
    strength = np.asarray(magnitude.sum(axis=0)).ravel() + np.asarray(magnitude.sum(axis=1)).ravel()
    dots(ax, xy, 6 + 44 * strength / (strength.max() or 1.0), member)
    if names is not None:
        name_colours(ax, names, np.bincount(member), spread=np.ptp(xy, axis=0))
    unit = unit_of(net)
    ax.set_title(_edge_title(count, len(data), edges), fontsize="medium")
    spatial_axes(ax, ("xyz"[first], "xyz"[second]), unit)
    return ax


def _edge_title(count: int, total: int, share: float | None) -> str:
    if count == total:
        return f"All {total:,} connections"
    if share is None and count == MOST_EDGES:
        return f"Strongest {count:,} of {total:,} connections"
    return f"Strongest {100 * (0.1 if share is None else share):.3g} % of {total:,} connections"


def _colours(member: NDArray[np.intp], row: NDArray[np.intp], col: NDArray[np.intp], top: NDArray[np.intp]) -> Any:
    """Those of the module inside one, grey between two."""
    palette = np.array([to_rgb(module_style(k)[0]) for k in range(member.max() + 1)])
    inside = member[row[top]] == member[col[top]]
    return np.where(inside[:, None], palette[member[row[top]]], to_rgb(GREY))


def _lines(ax: Axes, start: Any, stop: Any, relative: NDArray[np.float64], colours: NDArray[np.float64]) -> None:
    """Connections, the wider and the more opaque the stronger; the fainter the more there are."""
    opacity = np.clip(15 / np.sqrt(len(relative)), 0.05, 0.6) * (0.6 + 0.4 * relative)
    lines = LineCollection(
        list(np.stack([start, stop], axis=1)),
        colors=np.column_stack([colours, opacity]),
        linewidths=0.3 + 1.7 * relative,
        zorder=1,
        rasterized=len(relative) > MANY,
    )
    ax.add_collection(lines)


def dots(ax: Axes, xy: NDArray[np.float64], size: NDArray[np.float64], member: NDArray[np.intp]) -> None:
    """Nodes in the colours and markers of their modules, mixed where there are so many that one would hide another."""
    size = size * min(1.0, np.prod(size_of(ax)) / 3 / size.sum())
    styles = [module_style(k) for k in range(member.max() + 1)]
    colours = np.array([to_rgb(colour) for colour, _ in styles])[member]
    order = np.random.default_rng(0).permutation(len(xy)) if len(xy) > MANY else np.argsort(member, kind="stable")
    markers = np.array([marker for _, marker in styles])[member[order]]
    for marker in dict.fromkeys(markers):
        shown = order[markers == marker]
        x, y = xy[shown].T
        drawn = ax.scatter(x, y, s=size[shown], c=colours[shown], marker=marker, lw=0, zorder=2)
        drawn.set_rasterized(len(xy) > MANY)


def name_colours(
    ax: Axes, names: NDArray[Any], counts: NDArray[np.intp], *, spread: NDArray[np.float64] | None = None
) -> None:
    """A legend of the modules, of the largest if there are more than 16, below the Axes.

    Beside a map of a given `spread` across and up, where that leaves it larger: its scales are equal.
    """
    named = np.arange(len(names)) if len(names) <= 16 else np.sort(np.argsort(-counts, kind="stable")[:15])
    for k in named:
        colour, marker = module_style(int(k))
        ax.scatter([], [], s=24, c=colour, marker=marker, lw=0, label=short(names[k]))
    if len(named) < len(names):
        ax.scatter([], [], s=0, label=f"and {len(names) - len(named)} smaller")
    if spread is not None and legend_fits_beside(ax, *np.maximum(spread, 1e-9 * spread.max())):
        legend_beside(ax)
    else:
        legend_below(ax)


def preference_in_space(
    preference: Any,
    net: Any = None,
    *,
    variables: tuple[str, str] | None = None,
    window: int = -1,
    positions: ArrayLike | None = None,
    plane: str | None = None,
    label: str = "Preference",
    ax: Axes | None = None,
) -> Axes:
    """Units at their positions, coloured by which of two variables they prefer.

    Parameters
    ----------
    preference : MixedSelectivity, or array_like of shape (n,)
        Of a :func:`netanalysis.mixed_selectivity`, ``|EV_first| - |EV_second|`` in one window.
    net : Connectome, optional
        Gives the positions. Not needed with `positions`.
    variables : (first, second), optional
        Of a MixedSelectivity; default: its only two.
    window : int
        Index into the windows of a MixedSelectivity; default the last.
    positions : array_like, shape (n, d), optional
    plane : str, optional
        The two axes to show, as for :func:`network`.
    label : str
        Label of the colour bar for an array.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The colour scale is symmetric about 0 and holds every value; silent units are crosses.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> na.plot.preference_in_space([1, -0.5], positions=[[0, 0], [1, 0]], ax=Figure().subplots()).get_xlabel()
    'x'
    """
    ax = current_axes(ax)
    if isinstance(preference, MixedSelectivity):
        need_window(preference, window)
        first, second = preference.variables if variables is None else variables
        value, silent = preference.preference(variables)[:, window], preference.silent[:, window]
        start, stop = preference.windows[window]
        label = f"|EV {plain(first)}| − |EV {plain(second)}|"
        title = f"Steps {start}–{stop - 1}"
    else:
        value = validate.as_array(preference, "preference", shape=(None,))
        silent, title = np.zeros(len(value), bool), ""
    place, names, unit = on_plane(net, positions, plane, len(value))
    top = float(np.abs(value[~silent]).max(initial=0.0)) or 1.0
    size = dot_area(place)
    if silent.any():
        ax.scatter(place[silent, 0], place[silent, 1], s=size / 2, c=GREY, marker="x", lw=0.9)
        title += f"; ×: {int(silent.sum())} silent units"
    ax.set_title(title, fontsize="medium")
    dots = ax.scatter(
        place[~silent, 0],
        place[~silent, 1],
        s=size,
        c=value[~silent],
        cmap=DIVERGING,
        norm=Normalize(-top, top),
        edgecolors=GREY,
        lw=0.4,
    )
    colour_bar(ax, dots, label)
    spatial_axes(ax, names, unit)
    return ax


def functional_sheet(
    functional: Any,
    net: Any = None,
    *,
    positions: ArrayLike | None = None,
    plane: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Units at their positions, coloured by functional cluster: cells of a sheet, or dots where there is no grid.

    Parameters
    ----------
    functional : FunctionalClusters or array_like, shape (n,)
        Cluster of each unit; negative integers mark inactive units, drawn as empty cells.
    net : Connectome, optional
        Gives the positions. Not needed with `positions`.
    positions : array_like, shape (n, d), optional
    plane : str, optional
        The two axes to show, as for :func:`network`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> grid = np.stack(np.indices((3, 3)), -1).reshape(-1, 2)
    >>> ax = na.plot.functional_sheet([0, 0, 0, 1, 1, 1, -1, -1, -1], positions=grid, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0 (3)', '1 (3)', 'inactive (3)']
    """
    ax = current_axes(ax)
    labels = np.asarray(getattr(functional, "labels", functional))
    labels = validate.as_labels(labels, len(np.atleast_1d(labels)), "functional")
    place, names, unit = on_plane(net, positions, plane, len(labels))
    inactive = labels < 0 if labels.dtype.kind in "iuf" else np.zeros(len(labels), bool)
    step = _grid_step(place)
    groups = [(name, labels == name) for name in np.unique(labels[~inactive])]
    for k, (name, members) in enumerate([*groups, ("inactive", inactive)]):
        if not members.any():
            continue
        colour, marker = ("none", "o") if name == "inactive" else module_style(k)
        edge = GREY if name == "inactive" else colour
        text = f"{plain(name)} ({int(members.sum())})"
        if step:
            cells = [Rectangle((x - step / 2, y - step / 2), step, step) for x, y in place[members]]
            line = 0.3 if name == "inactive" else 0.0
            ax.add_collection(PatchCollection(cells, facecolor=colour, edgecolor=edge, lw=line))
            ax.scatter([], [], s=30, marker="s", facecolors=colour, edgecolors=edge, label=text)
        else:
            ax.scatter(
                place[members, 0],
                place[members, 1],
                s=dot_area(place),
                marker=marker,
                facecolors=colour,
                edgecolors=edge,
                lw=0.8,
                label=text,
            )
    legend_beside(ax, title="Cluster (units)", columns=1 + (len(groups) > 12))
    if step:
        ax.update_datalim([place.min(axis=0) - step, place.max(axis=0) + step])
        ax.margins(0)
    spatial_axes(ax, names, unit)
    return ax


def _grid_step(place: NDArray[np.float64]) -> float:
    """Spacing of a regular square grid with one unit per cell, or 0."""
    levels = [np.unique(place[:, axis]) for axis in (0, 1)]
    gaps = np.concatenate([np.diff(x) for x in levels])
    step = float(gaps.min(initial=np.inf))
    regular = np.isfinite(step) and np.allclose(gaps / step, np.round(gaps / step), atol=1e-6)
    alone = len(np.unique(place, axis=0)) == len(place)
    # Scattered points can share a fine raster too: a sheet fills at least half of its cells.
    filled = len(place) >= 0.5 * np.prod(1 + np.ptp(place, axis=0) / step) if regular else False
    return step if regular and alone and filled else 0.0
