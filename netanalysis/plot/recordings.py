"""What units do over time, by condition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import validate
from netanalysis.plot._axes import current_axes, legend_above, open_frame, short_ticks
from netanalysis.plot._colour import module_style
from netanalysis.plot._tidy import counted, text_of
from netanalysis.plot.curves import curve
from netanalysis.recording import Recording, as_recording


def activity(
    recording: Any,
    *,
    by: str,
    units: ArrayLike | None = None,
    interval: Literal["ci", "se2", "sd", "quartiles"] = "ci",
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Mean activity over time in each condition, with its interval over trials.

    Parameters
    ----------
    recording : Recording
    by : str
        Column of ``recording.conditions``: a line for each of its values.
    units : array_like, optional
        Units (indices or a mask) over which each trial is averaged; default: all.
    interval : {"ci", "se2", "sd", "quartiles"}
        As for :func:`curve`, over trials.
    labels : mapping, optional
        Text for conditions, for "time" and for "activity", with units.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The legend gives the number of trials of each condition.

    Raises
    ------
    TypeError
        If `recording` is no Recording.
    ValueError
        If there is no such condition.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> rec = na.Recording(np.zeros((4, 10, 3)), {"choice": ["left", "left", "right", "right"]})
    >>> ax = na.plot.activity(rec, by="choice", ax=Figure().subplots())
    >>> ax.get_xlabel(), ax.get_legend().get_texts()[0].get_text()
    ('Time step', 'left (n = 2)')
    """
    import pandas as pd

    rec, conditions = _conditions(recording, by)
    chosen = slice(None) if units is None else validate.as_nodes(units, rec.n_units, "units")
    trials = rec.activity[:, :, chosen].mean(axis=2)
    table = pd.DataFrame(
        {
            "time": np.tile(rec.time, rec.n_trials),
            "activity": trials.ravel(),
            "condition": conditions.repeat(rec.n_time).to_numpy(),
        }
    )
    text = {"time": _time_label(rec), "activity": "Mean activity"} | dict(labels or {})
    return curve(table, x="time", y="activity", by="condition", interval=interval, log_x=False, labels=text, ax=ax)


def trajectory(
    recording: Any,
    *,
    by: str,
    labels: Mapping[Any, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Mean activity of each condition over time, in the plane of its first two principal components.

    Parameters
    ----------
    recording : Recording
        At least two steps or conditions, and two units.
    by : str
        Column of ``recording.conditions``: a line for each of its values.
    labels : mapping, optional
        Text for conditions.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Components are of the condition means (conditions times steps, units), centred, not scaled; labels give the
        share of their variance that each explains. A ring marks the first step, an arrow head the last, dots those
        between. Equal scales. The sign of a component is arbitrary: its largest loading is positive here.

    Raises
    ------
    TypeError
        If `recording` is no Recording.
    ValueError
        If there is no such condition, or nothing varies.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from matplotlib.figure import Figure
    >>> a = np.zeros((2, 5, 3))
    >>> a[0, :, 0], a[1, :, 1] = np.arange(5), np.arange(5)
    >>> ax = na.plot.trajectory(na.Recording(a, {"choice": [0, 1]}), by="choice", ax=Figure().subplots())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('PC 1 (75 %)', 'PC 2 (25 %)')
    """
    rec, conditions = _conditions(recording, by)
    names = list(dict.fromkeys(conditions))
    masks = [(conditions == name).to_numpy() for name in names]
    means = np.stack([rec.activity[mask].mean(axis=0) for mask in masks])
    path, shares = _principal_plane(means)
    ax = current_axes(ax)
    handles = []
    for k, (name, mask) in enumerate(zip(names, masks, strict=True)):
        colour, _ = module_style(k)
        x, y = path[k].T
        dots = "." if rec.n_time <= 60 else ""
        ax.plot(x, y, color=colour, lw=1.3, marker=dots, ms=4, mew=0)
        ax.plot(x[:1], y[:1], "o", mfc="none", mec=colour, mew=1.3, ms=6)
        _arrow_head(ax, x, y, colour)
        label = counted(text_of(labels, name), int(mask.sum()))
        handles.append(Line2D([], [], color=colour, lw=1.3, label=label))
    legend_above(ax, handles, title="○ first step, ▸ last")
    ax.margins(0.1)
    ax.set_aspect("equal", adjustable="datalim")
    short_ticks(ax.xaxis, ax.yaxis)
    first, second = (f"{100 * share:.3g} %" for share in shares)
    ax.set(xlabel=f"PC 1 ({first})", ylabel=f"PC 2 ({second})")
    open_frame(ax)
    return ax


def _conditions(recording: Any, by: str) -> tuple[Recording, Any]:
    """The recording, and the condition of each trial."""
    rec = as_recording(recording)
    if by not in rec.conditions:
        there = ", ".join(map(str, rec.conditions.columns)) or "none"
        raise ValueError(f"by must name a column of the recording's conditions; got {by!r}, the columns are {there}")
    conditions = rec.conditions[by]
    if conditions.isna().any():
        raise ValueError(f"by must name the condition of every trial; {by!r} is empty in {conditions.isna().sum()}")
    return rec, conditions.astype(object)


def _time_label(rec: Recording) -> str:
    unit = rec.metadata.get("time_unit")
    if unit:
        return f"Time ({unit})"
    return "Time step" if np.array_equal(rec.time, np.arange(rec.n_time)) else "Time"


def _principal_plane(means: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places of condition means (conditions, time, units) on their first two components, and the shares explained."""
    from sklearn.decomposition import PCA

    flat = means.reshape(-1, means.shape[-1])
    if min(flat.shape) < 2 or not np.ptp(flat, axis=0).any():
        raise ValueError(
            "recording must have at least two units, and activity that differs between steps or conditions; "
            f"got means of shape {means.shape}" + ("" if min(flat.shape) < 2 else " that are all alike")
        )
    pca = PCA(2, svd_solver="full").fit(flat)
    largest = np.abs(pca.components_).argmax(axis=1)
    sign = np.sign(pca.components_[[0, 1], largest])
    path = sign * pca.transform(flat)
    return path.reshape(*means.shape[:2], 2), pca.explained_variance_ratio_


def _arrow_head(ax: Axes, x: NDArray[np.float64], y: NDArray[np.float64], colour: str) -> None:
    """An arrow head at the end of a path, along its last step that leads anywhere."""
    away = np.flatnonzero((x != x[-1]) | (y != y[-1]))
    if len(away):
        ax.annotate(
            "",
            (x[-1], y[-1]),
            (x[away[-1]], y[away[-1]]),
            arrowprops={
                "arrowstyle": "-|>",
                "color": colour,
                "lw": 0,
                "mutation_scale": 11,
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )
