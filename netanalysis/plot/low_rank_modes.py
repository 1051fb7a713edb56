"""Who feeds the modes of a network, and who reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netanalysis.plot._axes import current_axes, legend_above, open_frame, short_ticks, whole_ticks
from netanalysis.plot._colour import GREY, PALETTE
from netanalysis.plot._fit import fit
from netanalysis.structure.modes import LowRank

__all__ = ["low_rank"]


def low_rank(found: LowRank, *, alpha: float = 0.05, ax: Axes | None = None) -> Axes:
    """Share of the squared input and output weights that lies along each mode.

    Filled where the mode holds more than if nodes were dealt anew to inputs or outputs (p, corrected over modes, below
    `alpha`), open otherwise. The dashed line is what a mode holds of random patterns, 1 / n; the grey steps are the
    modes' own share of the squared weights of the network.

    Parameters
    ----------
    found : LowRank
        Of :func:`netanalysis.low_rank`, of a network with inputs or outputs.
    alpha : float
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The legend gives, of all modes together, the share and its p.

    Raises
    ------
    ValueError
        If neither inputs nor outputs were given.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> w = np.random.default_rng(0).normal(size=(30, 30))
    >>> found = na.low_rank(w, rank=3, inputs=[0, 1], n_nulls=99, rng=0)
    >>> ax = na.plot.low_rank(found, ax=Figure().subplots())
    >>> ax.get_ylabel()
    'Share of squared weight'
    """
    ends = [(name, end) for name, end in (("Inputs", found.inputs), ("Outputs", found.outputs)) if end is not None]
    if not ends:
        raise ValueError("found has neither inputs nor outputs: na.low_rank(net, rank=..., inputs=...) gives them")
    ax = current_axes(ax)
    mode = np.arange(1, len(found.values) + 1)
    shown: list[Any] = [ax.step(mode, found.share, where="mid", color=GREY, lw=1, label="Network")[0]]
    for k, (name, end) in enumerate(ends):
        place, colour = mode + 0.16 * (2 * k - 1) * (len(ends) > 1), PALETTE[k]
        ax.vlines(place, 0, end.by_mode, color=colour, lw=1)
        fill = np.where(end.p_by_mode < alpha, colour, "none")
        ax.scatter(place, end.by_mode, s=22, c=fill, edgecolors=colour, zorder=3)
        label = f"{name}: {end.share:.2g} in all, p = {end.p:.2g}"
        shown.append(ax.plot([], [], "o", color=colour, ms=4.5, label=label)[0])
    ax.axhline(1 / len(found.reads), color=GREY, lw=0.8, ls="--")
    legend_above(ax, shown)
    whole_ticks(ax.xaxis)
    short_ticks(ax.yaxis)
    ax.set(xlabel="Mode", ylabel="Share of squared weight", ylim=(0, None))
    open_frame(ax)
    fit(ax)
    return ax
