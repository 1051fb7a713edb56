"""Nodes by the part they play in and between modules."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from netanalysis._core import validate
from netanalysis.plot._axes import current_axes, ink, open_frame
from netanalysis.plot._fit import CHARACTER, break_lines, fit, points, size_of
from netanalysis.plot.space import dots, name_colours

__all__ = ["module_roles"]

_HUB = 2.5
# Where the regions of Guimerà & Amaral end, with their names.
_OTHERS = {"ultra-peripheral": 0.05, "peripheral": 0.62, "connector": 0.8, "kinless": 1.0}
_HUBS = {"provincial hub": 0.3, "connector hub": 0.75, "kinless hub": 1.0}


def module_roles(
    participation: ArrayLike, within_z: ArrayLike, *, modules: ArrayLike | None = None, ax: Axes | None = None
) -> Axes:
    """Participation between modules against the tie to the own one, with the roles of Guimerà & Amaral.

    Parameters
    ----------
    participation : array_like, shape (n,)
        Of :func:`netanalysis.participation_coefficient`; nodes without one, nan, are left out.
    within_z : array_like, shape (n,)
        Of :func:`netanalysis.within_module_z`.
    modules : sequence of length n, optional
        Colours and, beyond eight modules, markers.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Hubs are above z = 2.5. Regions are numbered as in the paper: R1 ultra-peripheral, R2 peripheral, R3 connector,
        R4 kinless; hubs R5 provincial, R6 connector, R7 kinless; with their names where there is room. Their borders
        were drawn for metabolic networks without weights.

    References
    ----------
    Guimerà & Amaral 2005, doi:10.1038/nature03288.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> net = na.datasets.load("celegans_chemical")
    >>> p, z = na.participation_coefficient(net), na.within_module_z(net)
    >>> na.plot.module_roles(p, z, modules=net.modules, ax=Figure().subplots()).get_xlabel()
    'Participation coefficient'
    """
    x = validate.as_array(participation, "participation", shape=(None,), undefined=True)
    y = validate.as_array(within_z, "within_z", shape=(len(x),), undefined=True)
    shown = np.isfinite(x) & np.isfinite(y)
    if not shown.any():
        raise ValueError("no node has both a participation and a within_z: there is nothing to draw")
    if x[shown].min() < 0 or x[shown].max() > 1:
        raise ValueError(f"participation must lie in [0, 1]; got {x[shown].min():.4g} to {x[shown].max():.4g}")
    names: Any = None
    member = np.zeros(len(x), np.intp)
    if modules is not None:
        names, member = np.unique(validate.as_labels(modules, len(x), "modules"), return_inverse=True)
    ax = current_axes(ax)
    low, high = min(float(y[shown].min(initial=0.0)), -1.0), max(float(y[shown].max(initial=0.0)), _HUB + 1.0)
    room = 0.16 * (high - low)
    ax.set(xlim=(-0.02, 1.0), ylim=(low - room, high + room))
    width, height = size_of(ax)
    dots(ax, np.column_stack([x, y])[shown], np.full(shown.sum(), min(18.0, 0.08 * width)), member[shown])
    line = {"color": ink(ax), "lw": 0.6, "alpha": 0.5, "zorder": 1}
    ax.axhline(_HUB, **line)
    size = points("x-small")
    last = 0
    for ends, bottom, top, at in ((_OTHERS, 0.0, _HUB, low - 0.5 * room), (_HUBS, _HUB, 0.0, high + 0.5 * room)):
        start = ax.get_xlim()[0]
        for name, end in ends.items():
            last += 1
            if end < 1.0:
                span = (ax.get_ylim()[0], top) if ends is _OTHERS else (bottom, ax.get_ylim()[1])
                ax.plot([end, end], span, **line)
            words = f"R{last} {name}"
            fits = CHARACTER * size * len(words) < 0.95 * width * (end - start) / 1.02
            narrow = CHARACTER * size * 2.5 > width * (end - start) / 1.02
            ax.text(
                (start + end) / 2, at, words if fits else f"R{last}", ha="center", va="center",
                fontsize=size, alpha=0.75, rotation=90 if narrow else 0, zorder=3,
            )  # fmt: skip
            start = end
    if names is not None:
        name_colours(ax, names, np.bincount(member))
    label = "Participation coefficient"
    if names is not None and CHARACTER * points("small") * len(label) > 0.9 * width:
        label = "Participation"  # the legend leaves room for one line
    ax.set(xlabel=label, ylabel="Within-module z")
    open_frame(ax)
    fit(ax)
    if names is not None:
        break_lines(ax.yaxis.label, 0.5 * height)  # the legend takes its part
    return ax
