"""Function laid out in space: preferences and clusters of units where they sit, and how unlikely that is."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import validate
from netanalysis.activity.selectivity import MixedSelectivity
from netanalysis.connectome import Connectome
from netanalysis.plot import _style
from netanalysis.plot.matrix import colour_bar
from netanalysis.plot.space import _plane, unit_of

MEASURE_LABELS = {
    "isolated": "Isolated units",
    "isolated_order": "Isolated units, in row order",
    "index_variance": "Index variance",
    "join_count": "Like neighbours (join count)",
    "moran": "Moran’s I",
    "pair_distance": "Pair distance, within / all",
    "within_cluster_squares": "Within-cluster squares",
    "similarity_distance": "Dissimilarity ~ distance",
    "ami_positions": "AMI with k-means of place",
    "ari_positions": "ARI with k-means of place",
    "ami_communities": "AMI with communities",
    "ari_communities": "ARI with communities",
    "modularity": "Modularity Q",
    "within_between": "Weight, within / between",
    "assortativity": "Assortativity",
}


def tuning_in_space(
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
    >>> na.plot.tuning_in_space([1, -0.5], positions=[[0, 0], [1, 0]], ax=Figure().subplots()).get_xlabel()
    'x'
    """
    ax = _style.axes(ax)
    if isinstance(preference, MixedSelectivity):
        first, second = preference.variables if variables is None else variables
        value, silent = preference.preference(variables)[:, window], preference.silent[:, window]
        start, stop = preference.windows[window]
        label = f"|EV {_style.plain(first)}| − |EV {_style.plain(second)}|"
        title = f"Steps {start}–{stop - 1}"
    else:
        value = validate.as_array(preference, "preference", shape=(None,))
        silent, title = np.zeros(len(value), bool), ""
    place, names, unit = _on_plane(net, positions, plane, len(value))
    top = float(np.abs(value[~silent]).max(initial=0.0)) or 1.0
    size = _dot_area(place)
    if silent.any():
        ax.scatter(place[silent, 0], place[silent, 1], s=size / 2, c=_style.GREY, marker="x", lw=0.9)
        title += f"; ×: {int(silent.sum())} silent units"
    ax.set_title(title, fontsize="medium")
    dots = ax.scatter(
        place[~silent, 0],
        place[~silent, 1],
        s=size,
        c=value[~silent],
        cmap=_style.DIVERGING,
        norm=Normalize(-top, top),
        edgecolors=_style.GREY,
        lw=0.4,
    )
    colour_bar(ax, dots, label)
    _spatial_axes(ax, names, unit)
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
    ax = _style.axes(ax)
    labels = np.asarray(getattr(functional, "labels", functional))
    labels = validate.as_labels(labels, len(np.atleast_1d(labels)), "functional")
    place, names, unit = _on_plane(net, positions, plane, len(labels))
    inactive = labels < 0 if labels.dtype.kind in "iuf" else np.zeros(len(labels), bool)
    step = _grid_step(place)
    groups = [(name, labels == name) for name in np.unique(labels[~inactive])]
    for k, (name, members) in enumerate([*groups, ("inactive", inactive)]):
        if not members.any():
            continue
        colour, marker = ("none", "o") if name == "inactive" else _style.module_style(k)
        edge = _style.GREY if name == "inactive" else colour
        text = f"{_style.plain(name)} ({int(members.sum())})"
        if step:
            cells = [Rectangle((x - step / 2, y - step / 2), step, step) for x, y in place[members]]
            line = 0.3 if name == "inactive" else 0.0
            ax.add_collection(PatchCollection(cells, facecolor=colour, edgecolor=edge, lw=line))
            ax.scatter([], [], s=30, marker="s", facecolors=colour, edgecolors=edge, label=text)
        else:
            ax.scatter(
                place[members, 0],
                place[members, 1],
                s=_dot_area(place),
                marker=marker,
                facecolors=colour,
                edgecolors=edge,
                lw=0.8,
                label=text,
            )
    ax.legend(
        title="Cluster (units)",
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        frameon=False,
        fontsize="small",
        title_fontsize="small",
        handletextpad=0.2,
        ncols=1 + (len(groups) > 12),
    )
    if step:
        ax.set(xlim=(place[:, 0].min() - step, place[:, 0].max() + step))
        ax.set(ylim=(place[:, 1].min() - step, place[:, 1].max() + step))
    _spatial_axes(ax, names, unit)
    return ax


def clustering_alignment(result: Any, *, ax: Axes | None = None) -> Axes:
    """Every alignment measure against its null: what sees place above, what sees wiring below.

    Parameters
    ----------
    result : ClusteringAlignment
        From :func:`netanalysis.clustering_alignment`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        One row per measure, in standard deviations from its null mean, turned so that right means aligned: bar, the
        central 95 % of the null; dot, the observed value, filled where one-sided p <= 0.05 (uncorrected; p at the
        right). Measures that are undefined or that the null cannot change are left out and counted.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> line = na.Connectome(np.eye(8, k=1), positions=np.arange(8.0)[:, None])
    >>> result = na.clustering_alignment(line, [0, 0, 0, 0, 1, 1, 1, 1], n_nulls=99, rng=0)
    >>> na.plot.clustering_alignment(result, ax=Figure().subplots()).get_xlabel()
    'Alignment, in standard deviations from the null mean'
    """
    ax = _style.axes(ax)
    shown = [m for m in result.measures.values() if np.isfinite(m.z)]
    if not shown:
        raise ValueError("result has no measure whose null varies")
    gap = next((k for k, m in enumerate(shown) if m.sees != shown[0].sees), len(shown))
    rows = np.arange(len(shown)) + np.where(np.arange(len(shown)) >= gap, 1.2, 0.0)
    right = ax.get_yaxis_transform()
    for y, measure in zip(rows, shown, strict=True):
        turn = -1 if measure.aligned == "low" else 1
        null = turn * (measure.null_distribution - measure.null_mean) / measure.null_std
        low, high = np.quantile(null[np.isfinite(null)], [0.025, 0.975])
        colour = _style.BLUE if measure.sees == "place" else _style.VERMILION
        ax.hlines(y, low, high, color=_style.GREY, lw=6, alpha=0.4)
        face = colour if measure.p <= 0.05 else "none"
        ax.scatter(turn * measure.z, y, s=34, facecolors=face, edgecolors=colour, lw=1.3, zorder=3)
        ax.text(1.02, y, _style.p_value(measure.p), transform=right, va="center", fontsize="small")
    for start, stop in ((0, gap), (gap, len(shown))):
        if stop > start:
            ax.text(
                0.0,
                rows[start] - 0.62,
                f"sees {shown[start].sees}",
                transform=right,
                fontsize="small",
                fontweight="bold",
                va="bottom",
            )
    ax.axvline(0, color=_style.ink(ax), lw=0.6, alpha=0.6)
    ax.set_yticks(rows, [MEASURE_LABELS[m.name] for m in shown])
    ax.set_ylim(rows[-1] + 0.7, -1.5)
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.06)
    ax.grid(axis="x", lw=0.4, alpha=0.3)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    missing = len(result.measures) - len(shown)
    kind = {"shuffle": "labels shuffled", "spin": "labels rotated", "eccentricity": "labels shuffled at equal radius"}
    ax.set_title(
        f"{result.n_nulls:,} times {kind[result.null]}" + (f"; {missing} undefined" if missing else ""),
        fontsize="medium",
    )
    ax.set_xlabel("Alignment, in standard deviations from the null mean")
    _style.open_frame(ax)
    return ax


def _on_plane(
    net: Any, positions: ArrayLike | None, plane: str | None, n: int
) -> tuple[NDArray[np.float64], tuple[str, str], str]:
    """Two coordinates of each unit, the names of the axes and their unit."""
    if positions is None:
        positions = net.positions if isinstance(net, Connectome) else None
    if positions is None:
        raise ValueError("there are no positions to draw units in space; pass positions= with shape (n, d), d >= 2")
    place = validate.as_array(positions, "positions", shape=(n, None))
    first, second = _plane(place, plane)
    flat, names = place[:, [first, second]], ("xyz"[first], "xyz"[second])
    cells = np.unique(flat, axis=0)
    if len(cells) < len(np.unique(place, axis=0)):
        # Layers of a three-dimensional grid hide each other: shift them along the diagonal, less than a grid step.
        third = 3 - first - second
        gaps = np.concatenate([np.diff(np.unique(axis)) for axis in flat.T])
        depth = place[:, third] - place[:, third].mean()
        flat = flat + (0.6 * gaps.min(initial=np.inf if len(cells) > 1 else 1.0) * depth / np.ptp(depth))[:, None]
        names = (names[0], f"{names[1]}, layers shifted by {'xyz'[third]}")
    return flat, names, unit_of(net)


def _spatial_axes(ax: Axes, names: tuple[str, str], unit: str) -> None:
    ax.set_aspect("equal")
    ax.set(xlabel=f"{names[0]}{unit}", ylabel=f"{names[1]}{unit}")
    _style.open_frame(ax)


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


def _dot_area(place: NDArray[np.float64]) -> float:
    """Dots that shrink as there are more of them."""
    return float(np.clip(5000 / len(place), 6, 60))
