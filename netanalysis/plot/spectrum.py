"""Eigenvalues of the weight matrix in the complex plane."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, validate
from netanalysis._core.eigenvalues import largest as of_largest_modulus
from netanalysis.connectome import Connectome
from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame, short_ticks
from netanalysis.plot._colour import BLUE, MARKERS, PALETTE, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._network import one_network
from netanalysis.plot._square import keep_room_for_text
from netanalysis.plot._text import number, plain
from netanalysis.structure import spectrum

_ALL_UP_TO, _LARGEST = 3000, 200


def eigenvalues(
    net: Any, *, largest: int | None = None, labels: Iterable[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Eigenvalues of W, with the circle of the spectral radius and, where it can be seen, the unit circle.

    Parameters
    ----------
    net : network, shape (n, n), or a list or mapping of several
        Several are laid over each other, each in its own colour and marker, with the unit circle alone.
    largest : int, optional
        Of one network, how many eigenvalues to draw, those of largest modulus; all others lie in the grey disc.
        Default: all up to 3,000 nodes, of which they take about 25 n^3 operations and n x n memory (a minute of one
        core for 5,000 nodes), and 200 of larger networks, found by ARPACK from products alone in seconds.
    labels : iterable of str, optional
        What the legend calls several networks; default: the keys of a mapping, else names of Connectomes or numbers.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Equal scales on both axes. The unit circle, the border of stability of a linear network in discrete
        time, is left out where it would be under a fifth of the size of the other circle or over five times
        as large. The legend gives the spectral radius of each of several networks.

    Raises
    ------
    ValueError
        If numbers of networks and labels differ, or `largest` is given with several networks.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> ax = na.plot.eigenvalues([[0, 1.0], [-1, 0]], ax=Figure().subplots())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Real part', 'Imaginary part')
    >>> two = {"L1": na.Connectome([[0, 1.0], [-1, 0]]), "seRNN": na.Connectome([[0, 2.0], [2, 0]])}
    >>> [text.get_text() for text in na.plot.eigenvalues(two, ax=Figure().subplots()).get_legend().get_texts()]
    ['L1 (radius 1)', 'seRNN (radius 2)', 'unit circle']
    """
    several = _several(net)
    ax = current_axes(ax)
    if several is not None:
        if largest is not None:
            raise ValueError("largest is of one network; net holds several")
        return _clouds(several, labels, ax)
    if labels is not None:
        raise ValueError("labels are of several networks; net is one")
    largest = None if largest is None else options.positive_int(largest, "largest")
    net = one_network(net, "eigenvalues")
    values, inner = _of_one(net, largest)
    radius = float(np.abs(values).max())
    show_unit = _frame(ax, radius)
    if inner:
        shade = {"color": ink(ax), "alpha": 0.15, "lw": 0}
        ax.fill(*_circle(inner), **shade, label=f"the other {net.shape[-1] - len(values):,}")
    if radius > 0:
        ax.plot(*_circle(radius), color=VERMILION, lw=1.3, label=f"spectral radius {number(radius)}")
    if show_unit:
        ax.plot(*_circle(1.0), color=ink(ax), lw=1, ls=(0, (4, 3)), label="unit circle")
    ax.scatter(values.real, values.imag, s=9, c=BLUE, alpha=0.75, lw=0, zorder=3)
    legend_above(ax)
    fit(ax)
    keep_room_for_text(ax)
    return ax


def _of_one(net: Any, largest: int | None) -> tuple[NDArray[np.complex128], float]:
    """The eigenvalues to draw, and the radius within which all others lie; 0 if there are none."""
    n = net.shape[-1]
    if largest is None:
        largest = n if n <= _ALL_UP_TO else _LARGEST
    if largest < n // 4:
        found = of_largest_modulus(sparse.csr_array(validate.as_weights(net)), largest)
        if found is not None and len(found):
            return found, float(np.abs(found).min())
    values = spectrum.eigenvalues(net)
    order = np.argsort(-np.abs(values), kind="stable")
    kept = values[order[:largest]]
    return kept, float(np.abs(kept).min()) if len(kept) < n else 0.0


def _several(net: Any) -> dict[Any, Any] | None:
    """Networks by name, if they are several; a list of rows is one."""
    if isinstance(net, Mapping) and not hasattr(net, "adj"):
        named = dict(net)
    elif isinstance(net, Sequence) and not isinstance(net, (str, Connectome)) and len(net) and _is_network(net[0]):
        names = [one.name if isinstance(one, Connectome) and one.name else str(k) for k, one in enumerate(net)]
        unique = names if len(set(names)) == len(names) else range(len(names))
        named = dict(zip(unique, net, strict=True))
    else:
        return None
    if not named:
        raise ValueError("net must hold at least one network; got none")
    return named


def _is_network(one: Any) -> bool:
    """Whether it is more than a row of numbers."""
    return isinstance(one, Connectome) or hasattr(one, "adj") or getattr(one, "ndim", np.ndim(one)) >= 2


def _clouds(networks: dict[Any, Any], labels: Iterable[str] | None, ax: Axes) -> Axes:
    """Eigenvalues of several networks over each other."""
    names = [plain(name) for name in networks] if labels is None else [str(label) for label in labels]
    if len(names) != len(networks):
        raise ValueError(f"labels must be as many as networks, {len(networks)}; got {len(names)}")
    clouds = [spectrum.eigenvalues(one_network(one, "eigenvalues")) for one in networks.values()]
    radii = [float(np.abs(values).max()) for values in clouds]
    show_unit = _frame(ax, max(radii))
    handles = []
    for k, (name, values, radius) in enumerate(zip(names, clouds, radii, strict=True)):
        style: dict[str, Any] = {"color": PALETTE[k % len(PALETTE)], "marker": MARKERS[k % len(MARKERS)]}
        ax.scatter(values.real, values.imag, s=9, alpha=0.6, lw=0, zorder=3, **style)
        label = f"{name} (radius {number(radius)})"
        handles.append(Line2D([], [], ls="", ms=4, mew=0, label=label, **style))
    if show_unit:
        handles += ax.plot(*_circle(1.0), color=ink(ax), lw=1, ls=(0, (4, 3)), label="unit circle")
    legend_above(ax, handles)
    fit(ax)
    keep_room_for_text(ax)
    return ax


def _circle(radius: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points = radius * np.exp(2j * np.pi * np.linspace(0, 1, 361))
    return points.real, points.imag


def _frame(ax: Axes, radius: float) -> bool:
    """Axes round 0 for all within a radius; whether the unit circle can be seen there."""
    show_unit = radius == 0 or 0.2 <= 1 / radius <= 5
    ax.axhline(0, color=ink(ax), lw=0.5, alpha=0.35)
    ax.axvline(0, color=ink(ax), lw=0.5, alpha=0.35)
    reach = 1.08 * max(radius, 1.0 if show_unit else 0.0)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="Real part", ylabel="Imaginary part", aspect="equal")
    short_ticks(ax.xaxis, ax.yaxis)
    open_frame(ax)
    return show_unit
