"""Eigenvalues of the weight matrix in the complex plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame, short_ticks
from netanalysis.plot._colour import BLUE, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._network import one_network
from netanalysis.plot._square import keep_room_for_text
from netanalysis.plot._text import number
from netanalysis.structure import spectrum


def eigenvalues(net: Any, *, ax: Axes | None = None) -> Axes:
    """All eigenvalues of W, with the circle of the spectral radius and, where it can be seen, the unit circle.

    Parameters
    ----------
    net : network, shape (n, n)
        All n eigenvalues are computed, which takes about 25 n^3 operations (a tenth of it if symmetric) and
        n x n memory: minutes for 5,000 nodes on one core, unless they fall into small strongly connected parts.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Equal scales on both axes. The unit circle, the border of stability of a linear network in discrete
        time, is left out where it would be under a fifth of the size of the other circle or over five times
        as large.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.eigenvalues([[0, 1.0], [-1, 0]], ax=Figure().subplots())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Real part', 'Imaginary part')
    """
    ax = current_axes(ax)
    values = spectrum.eigenvalues(one_network(net, "eigenvalues"))
    radius = float(np.abs(values).max())
    circle = np.exp(2j * np.pi * np.linspace(0, 1, 361))
    show_unit = radius == 0 or 0.2 <= 1 / radius <= 5
    ax.axhline(0, color=ink(ax), lw=0.5, alpha=0.35)
    ax.axvline(0, color=ink(ax), lw=0.5, alpha=0.35)
    if radius > 0:
        ax.plot(
            radius * circle.real,
            radius * circle.imag,
            color=VERMILION,
            lw=1.3,
            label=f"spectral radius {number(radius)}",
        )
    if show_unit:
        ax.plot(circle.real, circle.imag, color=ink(ax), lw=1, ls=(0, (4, 3)), label="unit circle")
    ax.scatter(values.real, values.imag, s=9, c=BLUE, alpha=0.75, lw=0, zorder=3)
    reach = 1.08 * max(radius, 1.0 if show_unit else 0.0)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="Real part", ylabel="Imaginary part", aspect="equal")
    legend_above(ax)
    short_ticks(ax.xaxis, ax.yaxis)
    open_frame(ax)
    fit(ax)
    keep_room_for_text(ax)
    return ax
