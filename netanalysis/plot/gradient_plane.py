"""Nodes along two gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from netanalysis._core import validate
from netanalysis.activity.gradients import Gradients
from netanalysis.plot._axes import current_axes, open_frame, short_ticks
from netanalysis.plot._fit import CHARACTER, break_lines, fit, points, size_of
from netanalysis.plot.space import dots, name_colours

__all__ = ["gradients"]


def gradients(
    found: Gradients,
    *,
    components: tuple[int, int] = (0, 1),
    modules: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Nodes in the plane of two gradients, in the colours of their modules.

    For a gradient in space, ``plot.parcels(found.values[:, 0], net)``.

    Parameters
    ----------
    found : Gradients
        Of :func:`netanalysis.gradients`, of one network.
    components : two ints
        Which gradients, counted from 0.
    modules : sequence of length n, optional
        Default: those of the network.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        The eigenvalue of each gradient stands at its axis.

    Raises
    ------
    ValueError
        Gradients of a stack, or components that are not there.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> found = na.gradients(na.datasets.load("human_schaefer100_fc"))
    >>> na.plot.gradients(found, ax=Figure().subplots()).get_ylabel()
    'Gradient 2 (λ = 0.071)'
    """
    if found.values.ndim != 2:
        raise ValueError(f"found must be gradients of one network; got a stack, {found.values.shape}")
    n, k = found.values.shape
    which = np.asarray(components)
    if which.shape != (2,) or which.dtype.kind != "i" or (which < 0).any() or (which >= k).any():
        raise ValueError(f"components must be two of the {k} gradients, counted from 0; got {components!r}")
    known = found.modules if modules is None else modules
    names: Any = None
    member = np.zeros(n, np.intp)
    if known is not None:
        names, member = np.unique(validate.as_labels(known, n, "modules"), return_inverse=True)
    ax = current_axes(ax)
    place = found.values[:, which]
    low, high = place.min(axis=0), place.max(axis=0)
    room = 0.06 * np.where(high > low, high - low, 1.0)
    ax.set(xlim=(low[0] - room[0], high[0] + room[0]), ylim=(low[1] - room[1], high[1] + room[1]))
    dots(ax, place, np.full(n, min(18.0, 0.08 * size_of(ax)[0])), member)
    if names is not None:
        name_colours(ax, names, np.bincount(member))
    labels = [f"Gradient {c + 1} (λ = {found.eigenvalues[c]:.2g})" for c in which]
    width, height = size_of(ax)
    sides = (width, height if names is None else 0.6 * height)  # the legend takes its part
    fits = [
        CHARACTER * points(ax.xaxis.label.get_fontsize()) * len(text) <= side
        for text, side in zip(labels, sides, strict=True)
    ]
    x, y = (text if room else text.partition(" (")[0] for text, room in zip(labels, fits, strict=True))
    ax.set(xlabel=x, ylabel=y)
    short_ticks(ax.xaxis)
    short_ticks(ax.yaxis)
    open_frame(ax)
    fit(ax)
    if names is not None:
        break_lines(ax.yaxis.label, 0.4 * size_of(ax)[1])  # the legend takes its part
    return ax
