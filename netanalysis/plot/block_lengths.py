"""How many blocks a network has: what its description takes by their number."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from netanalysis.plot._axes import current_axes, ink, legend_above, log_ticks, open_frame, short_ticks, whole_ticks
from netanalysis.plot._colour import BLUE, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._result import need_result


def description_length(found: Any, *, ax: Axes | None = None) -> Axes:
    """The shortest description of a network by so many blocks, over their number; the dot is the one found.

    In nats for each connection. Lines show one block and the shortest description by the plain model. A curve that
    rises from one block on says that there are none.

    Parameters
    ----------
    found : BlockModel
        From :func:`netanalysis.block_model`, of one network.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> found = na.block_model([[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]], n_restarts=1, rng=0)
    >>> ax = na.plot.description_length(found, ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Blocks'
    """
    need_result(found, "found", "block_model", "by_number", "one_block", "plain")
    if len(found.by_number) != 1:
        raise ValueError(f"found must be of one network; got a stack of {len(found.by_number)}")
    ax = current_axes(ax)
    number, length = np.array(sorted(found.by_number[0].items())).T
    connections = max(1.0, found.block_matrix.sum() / (1 if found.directed else 2))
    length, one, plain, least = (
        each / connections for each in (length, found.one_block, found.plain, found.description_length)
    )
    ax.plot(number, length, color=BLUE, lw=1.2, marker="o", ms=2.5, mew=0)
    ax.axhline(one, color=ink(ax), lw=1, ls=(0, (4, 3)), label="one block")
    if found.degree_corrected and np.isfinite(plain):
        ax.axhline(plain, color=ink(ax), lw=1, ls=(0, (1, 2)), label="plain model")
    name = f"{found.n_blocks} block{'s' if found.n_blocks > 1 else ''}"
    ax.plot([found.n_blocks], [least], ls="", marker="o", ms=6, mew=0, color=VERMILION, label=name)
    ax.set(xlabel="Blocks", ylabel="Nats per connection")
    if number.max() > 20:
        ax.set_xscale("log")
        log_ticks(ax.xaxis)
    else:
        whole_ticks(ax.xaxis)
    # Far from the best, where every node is alone, descriptions are so long that nothing else could be told apart.
    low, high = np.fmin(least, plain), one
    near = length[length <= max(high, 2 * high - low)]
    high = max(near.max(), high)
    room = 0.08 * (high - low or abs(high) or 1.0)
    ax.set_ylim(low - room, high + room)
    short_ticks(ax.yaxis)
    open_frame(ax)
    legend_above(ax)
    fit(ax)
    return ax
