"""What units do: selectivity, decoding, variance in each task."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, validate
from netanalysis._core.pvalues import is_significant
from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame
from netanalysis.plot._colour import BLUE, GREY, SEQUENTIAL, VERMILION, colour_bar, module_style
from netanalysis.plot._fit import fit, name_rows
from netanalysis.plot._result import need_result, need_window
from netanalysis.plot._text import number, plain


def selectivity(
    result: Any, *, variables: tuple[str, str] | None = None, window: int = -1, ax: Axes | None = None
) -> Axes:
    """Variance of each unit that one variable explains against what another explains, in one window.

    Parameters
    ----------
    result : MixedSelectivity
        From :func:`netanalysis.mixed_selectivity`.
    variables : (first, second), optional
        Default: the only two.
    window : int
        Index into ``result.windows``; default the last.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        One dot per unit, in the colour of the axis whose variable explains more of it; equal scales, so that the
        diagonal parts the two. The title gives the steps, Pearson's r across units and how many are silent. Explained
        variance on unseen trials falls below 0 where a variable only misleads: nothing is cut off.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> rng = np.random.default_rng(0)
    >>> conditions = {"goal": rng.integers(0, 2, 60), "choice": rng.integers(0, 2, 60)}
    >>> rec = na.Recording(rng.normal(size=(60, 1, 5)), conditions)
    >>> result = na.mixed_selectivity(rec, ["goal", "choice"], windows=1, rng=0)
    >>> na.plot.selectivity(result, ax=Figure().subplots()).get_ylabel()
    'Variance explained by choice'
    """
    need_result(result, "result", "mixed_selectivity", "preference", "windows")
    need_window(result, window)
    ax = current_axes(ax)
    preference = result.preference(variables)[:, window]
    first, second = result.variables if variables is None else variables
    x, y = (result.explained_variance[:, window, result.variables.index(v)] for v in (first, second))
    silent = result.silent[:, window]
    for line in (ax.axhline, ax.axvline):
        line(0, color=ink(ax), lw=0.6, alpha=0.5)
    for prefers, colour in ((preference > 0, VERMILION), (preference <= 0, BLUE)):
        ax.scatter(x[prefers], y[prefers], s=16, c=colour, alpha=0.75, lw=0, zorder=3)
    ax.margins(0.08)
    for axis in (ax.xaxis, ax.yaxis):  # numbers of one width, whatever limits equal scales need
        axis.set_major_locator(MaxNLocator(4, steps=[1, 5, 10]))
    ax.set_aspect("equal", adjustable="datalim")
    low = min(*ax.get_xlim(), *ax.get_ylim())
    ax.axline((low, low), slope=1, color=GREY, lw=0.8, ls="--", zorder=1)
    start, stop = result.windows[window]
    r = float(result.correlation(first, second)[window])
    ax.set_title(
        f"Steps {start}–{stop - 1}: r = {number(r)} over {int((~silent).sum())} units"
        + (f", {int(silent.sum())} silent" if silent.any() else ""),
        fontsize="medium",
    )
    ax.set(xlabel=f"Variance explained by {plain(first)}", ylabel=f"Variance explained by {plain(second)}")
    ax.xaxis.label.set_color(VERMILION)
    ax.yaxis.label.set_color(BLUE)
    open_frame(ax)
    fit(ax)
    return ax


def decoding(result: Any, *, time: ArrayLike | None = None, label: str = "Time step", ax: Axes | None = None) -> Axes:
    """Decoding accuracy over time, against shuffled labels.

    Parameters
    ----------
    result : Decoding
        From :func:`netanalysis.decode`.
    time : array_like, shape (time,), optional
        Time of each step of the recording (``recording.time``); default: step numbers. A window stands at its middle.
    label : str
        Label of the time axis; put the unit here.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Balanced accuracy from 0 to 1, the central 95 % of the shuffles in every window, chance, and a bar along the
        bottom over the windows with p <= 0.05, not corrected for their number.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> rec = na.Recording(np.random.default_rng(0).normal(size=(20, 4, 3)), {"side": ["l", "r"] * 10})
    >>> na.plot.decoding(na.decode(rec, "side", n_nulls=9, rng=0), ax=Figure().subplots()).get_ylabel()
    'Balanced accuracy'
    """
    need_result(result, "result", "decode", "score", "windows", "classes")
    ax = current_axes(ax)
    last = max(stop for _, stop in result.windows)
    steps = np.arange(last, dtype=float) if time is None else validate.as_array(time, "time", shape=(None,))
    if len(steps) < last:
        raise ValueError(f"time must have one entry per step of the recording, at least {last}; got {len(steps)}")
    centre = np.array([steps[start:stop].mean() for start, stop in result.windows])
    chance = 1 / len(result.classes)
    marker = "o" if len(centre) <= 25 else ""
    if result.n_nulls:
        low, high = np.quantile(result.null_distribution, [0.025, 0.975], axis=0)
        name = f"95 % of {result.n_nulls:,} shuffles"
        if len(centre) == 1:
            ax.plot(centre.repeat(2), [low[0], high[0]], color=GREY, alpha=0.3, lw=9, label=name)
        else:
            ax.fill_between(centre, low, high, color=GREY, alpha=0.3, lw=0, label=name)
    ax.axhline(chance, color=GREY, lw=1, ls="--", label=f"chance, 1/{len(result.classes)}")
    ax.plot(centre, result.score, color=BLUE, marker=marker, ms=4, lw=1.6, label="decoded")
    if result.n_nulls:
        half = np.diff(centre).min() / 2 if len(centre) > 1 else 0.25
        significant = is_significant(result.p)
        ax.hlines(
            np.full(significant.sum(), 0.02),
            centre[significant] - half,
            centre[significant] + half,
            color=VERMILION,
            lw=3,
            label="p ≤ 0.05, uncorrected",
        )
    ax.set_ylim(0, 1.02)
    legend_above(ax)
    ax.set(xlabel=label, ylabel="Balanced accuracy")
    open_frame(ax)
    fit(ax)
    return ax


def task_variance(clusters: Any, *, colorbar: bool = True, ax: Axes | None = None) -> Axes:
    """Variance of each active unit in each task, over its largest, units sorted by cluster (Yang et al. 2019).

    Parameters
    ----------
    clusters : FunctionalClusters
        From :func:`netanalysis.functional_clusters` with ``method="task_variance"``.
    colorbar : bool
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Rows are tasks, columns units; the strip below numbers the clusters as ``clusters.labels`` does.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> a = np.zeros((4, 1, 6))
    >>> a[1, 0, :3], a[3, 0, 3:] = 1.0, 1.0
    >>> rec = na.Recording(a + [0, 1e-3, 2e-3, 0, 1e-3, 2e-3] * a, {"task": ["go", "go", "anti", "anti"]})
    >>> na.plot.task_variance(na.functional_clusters(rec), ax=Figure().subplots()).get_xlabel()
    '6 active units, by cluster'
    """
    options.flags(colorbar=colorbar)
    if getattr(clusters, "method", None) != "task_variance":
        raise ValueError('clusters must be those of functional_clusters(method="task_variance")')
    ax = current_axes(ax)
    active = np.flatnonzero(clusters.active)
    order = active[np.argsort(clusters.labels[active], kind="stable")]
    n, tasks = len(order), list(clusters.features)
    image = ax.imshow(
        clusters.profiles[order].T,
        cmap=SEQUENTIAL,
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="none",
        extent=(0, n, len(tasks), 0),
    )
    if colorbar:
        colour_bar(ax, image, "Normalised task variance")
    name_rows(ax, np.arange(len(tasks)) + 0.5, tasks, what="tasks")
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([])
    _cluster_strip(ax, clusters.labels[order])
    ax.set(xlim=(0, n), ylim=(len(tasks), 0))
    ax.set_xlabel(f"{n} active units, by cluster", labelpad=26)
    fit(ax)
    return ax


def _cluster_strip(ax: Axes, labels: NDArray[np.int64]) -> None:
    """Coloured bars below the Axes, one per cluster, with its number; lines at the borders."""
    names, counts = np.unique(labels, return_counts=True)
    edges = np.concatenate([[0], np.cumsum(counts)])
    below = ax.get_xaxis_transform() + ScaledTranslation(0, -7 / 72, ax.figure.dpi_scale_trans)
    for name, start, size in zip(names, edges, counts, strict=False):
        colour = module_style(int(name))[0]
        ends = [start, start + size]
        ax.plot(ends, [0, 0], color=colour, lw=6, solid_capstyle="butt", transform=below, clip_on=False)
        ax.annotate(
            str(name),
            (start + size / 2, 0),
            xycoords=below,
            xytext=(0, -4),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize="small",
        )
        if start:
            ax.axvline(start, color=ink(ax), lw=0.5, alpha=0.6)
