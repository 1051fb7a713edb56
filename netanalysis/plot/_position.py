"""Where networks stand among each other, each beside its own null model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netanalysis.plot import _style


def position(
    table: Any,
    *,
    measure: str,
    highlight: Iterable[str] | str = (),
    label: str | None = None,
    log: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One measure over several networks: value (dot), null mean and central 95 % of the null (bar).

    Parameters
    ----------
    table : DataFrame
        As returned by :func:`netanalysis.summarize`: columns ``network``, ``measure``, ``value`` and, if nulls
        were computed, ``null_mean``, ``null_low`` and ``null_high``.
    measure : str
        Which of its measures.
    highlight : str or iterable of str
        Networks to bring out; the others stay grey.
    label : str, optional
        Axis label, with unit; default: the measure's name.
    log : bool, optional
        Logarithmic axis. Default: if all values are positive and the largest exceeds 100 times the smallest.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Networks from the lowest value (bottom) to the highest; those without a finite value are left out and
        counted.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"network": ["a", "b"], "measure": "density", "value": [0.1, 0.3]})
    >>> ax = na.plot.position(table, measure="density", highlight="a", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['a', 'b']
    """
    ax = _style.axes(ax)
    rows = table[table["measure"] == measure]
    if len(rows) == 0:
        raise ValueError(f"measure must be one of {sorted(set(table['measure']))}; got {measure!r}")
    chosen = {highlight} if isinstance(highlight, str) else set(highlight)
    finite = np.isfinite(rows["value"].to_numpy(dtype=float))
    left_out = [str(name) for name in rows["network"][~finite]]
    rows = rows[finite].sort_values("value", kind="stable")
    y = np.arange(len(rows))
    value = rows["value"].to_numpy(dtype=float)
    if log is None:
        log = len(value) > 0 and bool(value[0] > 0 and value[-1] > 100 * value[0])
    emphasis = np.array([name in chosen for name in rows["network"]], dtype=bool)
    if "null_mean" in rows:
        mean, low, high = (rows[key].to_numpy(dtype=float) for key in ("null_mean", "null_low", "null_high"))
        ax.hlines(y, low, high, color=_style.GREY, lw=5, alpha=0.4, label="null, central 95 %")
        ax.plot(mean, y, "|", color=_style.GREY, ms=8, mew=1.6)
        ax.hlines(y, np.fmin(mean, value), np.fmax(mean, value), color=_style.GREY, lw=0.7, alpha=0.7)
    for chosen_ones, colour, size in ((~emphasis, _style.BLUE, 28), (emphasis, _style.VERMILION, 46)):
        marker = "D" if colour == _style.VERMILION else "o"
        ax.scatter(value[chosen_ones], y[chosen_ones], s=size, c=colour, marker=marker, lw=0, zorder=3)
    ax.set_yticks(y, [_style.short(name, 30) for name in rows["network"]])
    for text, strong in zip(ax.get_yticklabels(), emphasis, strict=True):
        if strong:
            text.set(color=_style.VERMILION, fontweight="bold")
    ax.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", lw=0.4, alpha=0.3)
    ax.set_axisbelow(True)
    if log:
        ax.set_xscale("log")
        _style.log_ticks(ax.xaxis)
    else:
        _style.short_ticks(ax.xaxis)
    ax.spines["left"].set_visible(False)
    _style.open_frame(ax)
    ax.set_xlabel(_style.plain(measure if label is None else label))
    if left_out:
        who = left_out[0] if len(left_out) == 1 else f"{len(left_out)} networks"
        ax.set_title(f"Undefined for {_style.short(who, 30)}", fontsize="small")
    return ax
