"""A null distribution with the observed value."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from netanalysis.plot._axes import current_axes, open_frame
from netanalysis.plot._colour import GREY, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._result import need_result
from netanalysis.plot._text import number, p_value, plain


def null_distribution(test: Any, *, label: str = "Statistic", ax: Axes | None = None) -> Axes:
    """Histogram of a statistic under the null model, its central 95 %, and the observed value with z and p.

    Parameters
    ----------
    test : NullTest
        From :func:`netanalysis.null_test`, of a single network and statistic.
    label : str
        Name and unit of the statistic.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> test = na.null_test([[0, 1.0], [2, 0]], lambda w: w[..., 0, 1], na.nulls.weight_shuffle, n_nulls=20, rng=0)
    >>> na.plot.null_distribution(test, label="First weight", ax=Figure().subplots()).get_xlabel()
    'First weight'
    """
    need_result(test, "test", "null_test", "null_distribution", "observed", "z", "p")
    ax = current_axes(ax)
    null = np.asarray(test.null_distribution, dtype=float)
    observed = np.asarray(test.observed, dtype=float)
    if null.ndim != 1 or observed.ndim:
        raise ValueError(f"test must be of one network and a scalar statistic; got a null of shape {null.shape}")
    finite = null[np.isfinite(null)]
    if finite.size == 0:
        raise ValueError("test has no finite null value to draw")
    spread = np.ptp(finite)
    scale = max(abs(finite).max(), abs(float(observed)) if np.isfinite(observed) else 0.0, 1e-300)
    if spread > 1e-9 * scale:
        bins = min(30, max(6, len(np.histogram_bin_edges(finite, "sturges")) + 4))
        low, high = np.quantile(finite, [0.025, 0.975])
        ax.axvspan(low, high, color=GREY, alpha=0.18, lw=0, label="central 95 %")
        ax.hist(finite, bins, color=GREY, alpha=0.75, label=f"null ({len(null):,})")
    else:  # a statistic the null keeps
        ax.plot([finite[0]] * 2, [0, len(finite)], color=GREY, lw=4, solid_capstyle="butt", label="null (constant)")
    if np.isfinite(observed):
        ax.axvline(float(observed), color=VERMILION, lw=2, label="observed")
    missing = len(null) - len(finite)
    ax.set_ylim(0, 1.3 * ax.get_ylim()[1])  # room for the legend where the observed value is inside the null
    ax.legend(loc="best", frameon=False, fontsize="small", handlelength=1.1, handletextpad=0.5, borderpad=0.9)
    ax.set_title(
        f"z = {number(float(test.z))}, {p_value(float(test.p))}"
        + (f"; {missing} of {len(null)} undefined" if missing else ""),
        fontsize="medium",
    )
    ax.margins(x=0.06)
    ax.set(xlabel=plain(label), ylabel="Null networks")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    open_frame(ax)
    fit(ax)
    return ax
