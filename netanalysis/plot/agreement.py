"""How far models of communication agree on who reaches whom."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from netanalysis._core import ranks
from netanalysis.plot._axes import current_axes, ink
from netanalysis.plot._colour import colour_bar, weight_map
from netanalysis.plot._fit import CHARACTER, fitting, size_of
from netanalysis.plot._result import need_result
from netanalysis.plot._text import plain


def communication(models: Any, *, ax: Axes | None = None) -> Axes:
    """Rank correlation of every two models of communication, over ordered pairs of distinct nodes.

    Models of lengths, times and bits are turned round, so that two models correlate positively where the same pairs
    communicate easily in both. Pairs without a path are the hardest of all.

    Parameters
    ----------
    models : Communication
        From :func:`netanalysis.communication`, of one network.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Cells without a colour have no correlation: one of the two models is the same for all pairs, or undefined.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> net = [[0, 3.0, 1, 0], [3, 0, 2, 0], [1, 2, 0, 1], [0, 0, 1, 0]]
    >>> ax = na.plot.communication(na.communication(net), ax=Figure().subplots())
    >>> ax.get_yticklabels()[0].get_text()
    'shortest paths'
    """
    need_result(models, "models", "communication", "matrices", "better", "names")
    if models.matrices.ndim != 3:
        raise ValueError(f"models must be of one network; got matrices of shape {models.matrices.shape}")
    ax = current_axes(ax)
    r = _rank_correlations(models)
    k = len(r)
    names = [plain(name.replace("_", " ")) for name in models.names]
    image = ax.imshow(
        np.ma.masked_invalid(r), cmap=weight_map(np.array([-1.0])), norm=Normalize(-1, 1), interpolation="none"
    )
    width, height = size_of(ax)
    size = fitting(min(width, height) / (k + 0.45 * CHARACTER * max(map(len, names))))
    ax.set_xticks(range(k), names, rotation=90, fontsize=size)
    ax.set_yticks(range(k), names, fontsize=size)
    ax.tick_params(length=0)
    for edge in np.arange(k - 1) + 0.5:
        ax.axhline(edge, color=ink(ax), lw=0.3, alpha=0.3)
        ax.axvline(edge, color=ink(ax), lw=0.3, alpha=0.3)
    colour_bar(ax, image, "Rank correlation")
    return ax


def _rank_correlations(models: Any) -> NDArray[np.float64]:
    """Spearman's correlation, nan where ranks do not vary."""
    off = ~np.eye(models.matrices.shape[-1], dtype=bool)
    sign = np.where(np.array(models.better) == "less", -1.0, 1.0)
    easy = sign[:, None] * models.matrices[:, off]
    return np.asarray(ranks.rank_correlations(easy, easy))
