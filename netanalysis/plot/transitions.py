"""The way from one state to another."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes

from netanalysis._core import options
from netanalysis.plot._axes import current_axes, legend_above, open_frame
from netanalysis.plot._colour import GREY, PALETTE
from netanalysis.plot._fit import fit
from netanalysis.structure.control_energy import ControlEnergy


def transition(
    found: ControlEnergy,
    net: Any = None,
    *,
    of: Literal["states", "inputs"] = "states",
    top: int = 4,
    n_samples: int = 101,
    ax: Axes | None = None,
) -> Axes:
    """States or inputs of a controlled network on its way from one state to another, a line for each node.

    Parameters
    ----------
    found : ControlEnergy
        From :func:`netanalysis.control_energy`, of one network and one transition.
    net : Connectome, optional
        Gives names of nodes.
    of : {"states", "inputs"}
    top : int
        How many nodes have a colour and a name: those whose lines reach farthest. Others are grey.
    n_samples : int
        Points in time, as for :meth:`netanalysis.ControlEnergy.trajectory`.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        In discrete time inputs are constant from one step to the next.

    Raises
    ------
    ValueError
        For several networks or transitions.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> found = na.control_energy([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]], [1, 0, 0], [0, 0, 1])
    >>> ax = na.plot.transition(found, of="inputs", top=1, ax=Figure().subplots())
    >>> len(ax.lines), [text.get_text() for text in ax.get_legend().get_texts()]
    (4, ['node 2'])
    """
    options.choice(of, ["states", "inputs"], "of")
    top = options.positive_int(top, "top")
    if not isinstance(found, ControlEnergy):
        raise TypeError(f"found must be what na.control_energy returns; got {type(found).__name__}")
    if found.node_energy.ndim != 1:
        raise ValueError(
            "found must be of one network and one transition; got energies of shape "
            f"{found.node_energy.shape[:-1]}: ask control_energy for the one to draw"
        )
    ax = current_axes(ax)
    path = found.trajectory(n_samples)
    values = getattr(path, of)
    style = "default"
    if found.dynamics == "discrete" and of == "inputs":
        values = np.concatenate([values[:-1], values[-2:-1]])
        style = "steps-post"
    order = np.argsort(-np.abs(values).max(axis=0), kind="stable")
    named = [k for k in order[:top] if np.abs(values[:, k]).max() > 0]
    labels = getattr(net, "labels", None)
    for k in order[::-1]:
        if k not in named:
            ax.plot(path.time, values[:, k], color=GREY, lw=0.6, alpha=0.5, drawstyle=style, zorder=1)
    for colour, k in zip(PALETTE * (top // len(PALETTE) + 1), named, strict=False):
        name = f"node {k}" if labels is None else str(labels[k])
        ax.plot(path.time, values[:, k], color=colour, lw=1.4, drawstyle=style, label=name, zorder=2)
    ax.axhline(0, color=GREY, lw=0.6, zorder=0)
    unit = "steps" if found.dynamics == "discrete" else "time constants"
    ax.set(xlabel=f"Time ({unit})", ylabel="State" if of == "states" else "Input", xlim=(0, found.time))
    open_frame(ax)
    legend_above(ax)
    fit(ax)
    return ax
