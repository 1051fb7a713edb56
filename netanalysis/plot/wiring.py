"""Wiring rules fitted to a network: energies over exponents and by rule, and grown networks beside it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from netanalysis._core import options, validate
from netanalysis.comparison.ks import SAMPLES
from netanalysis.plot._axes import current_axes, ink, legend_above, open_frame, rows_frame, short_ticks
from netanalysis.plot._colour import BLUE, GREEN, GREY, ORANGE, PURPLE, SEQUENTIAL, VERMILION, colour_bar
from netanalysis.plot._fit import fit
from netanalysis.plot._result import need_result
from netanalysis.plot._text import number
from netanalysis.plot.heat_maps import borders

# The kinds of rules, in the colours of the figures: what a rule's name begins with.
_KINDS = {
    "spatial": ("space", GREY),
    "neighbors": ("homophily", VERMILION),
    "matching": ("homophily", VERMILION),
    "communicability": ("communicability", PURPLE),
    "clu": ("clustering", GREEN),
    "deg": ("degree", BLUE),
}
_NAMES = {
    "degree": "Degree (share of other nodes)",
    "clustering": "Clustering",
    "betweenness": "Betweenness (share of pairs)",
    "weight": "Weight / mean weight",
    "strength": "Strength (share of the largest possible)",
    "weighted_clustering": "Weighted clustering",
    "weighted_betweenness": "Weighted betweenness (share of pairs)",
    "edge_length": "Length of connections",
    "relative_edge_length": "Length of connections / mean distance",
}


def wiring_landscape(
    found: Any,
    *,
    rule: str | None = None,
    of: Literal["wiring", "weights"] = "wiring",
    ax: Axes | None = None,
) -> Axes:
    """Energy over the exponents that were tried for one rule: grids within grids, and the best point.

    Parameters
    ----------
    found : WiringFit
        From :func:`netanalysis.fit_wiring`.
    rule : str, optional
        One of ``found.rules``; default: the best.
    of : {"wiring", "weights"}
        Over eta and gamma, or, where weights were fitted, over alpha and omega.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Cells of later rounds, which are smaller, lie on those of earlier ones; the cross marks the least energy, dots
        the points that are not told from it. A rule without gamma, or a parameter that was held, leaves a line of
        energies over the other one.

    Raises
    ------
    TypeError
        If it is no result of that function.
    ValueError
        If the rule was not fitted, or weights were not.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import numpy as np
    >>> import netanalysis as na
    >>> place = np.random.default_rng(0).normal(size=(20, 3))
    >>> net = na.Connectome(np.zeros((20, 20)), positions=place)
    >>> net = net.replace(weights=na.grow(net, n_connections=40, rng=0))
    >>> found = na.fit_wiring(net, rules="matching", n_steps=4, n_rounds=2, n_held_out=2, rng=0)
    >>> na.plot.wiring_landscape(found, ax=Figure().subplots()).get_title()
    'matching'
    """
    need_result(found, "found", "fit_wiring", "rules", "tried", "energy")
    rule = found.best if rule is None else rule
    options.choice(rule, found.rules, "rule")
    options.choice(of, ["wiring", "weights"], "of")
    if of == "weights" and found.weights is None:
        raise ValueError('of="weights" needs a fit of weights: give fit_wiring weights=')
    tried = found.landscape()
    tried = tried[tried["rule"] == rule]
    if found.weights is not None:
        tried = tried[tried["alpha"].notna() == (of == "weights")]
    x, y = ("eta", "gamma") if of == "wiring" else ("alpha", "omega")
    if tried[x].nunique() == 1:
        x, y = y, x
    ax = current_axes(ax)
    least, near = tried.loc[tried["energy"].idxmin()], tried[tried["near"]]
    if tried[y].nunique() == 1:
        ax.scatter(tried[x], tried["energy"], s=14, color=BLUE, lw=0)
        ax.scatter(near[x], near["energy"], s=2, color=ink(ax), lw=0)
        ax.scatter(least[x], least["energy"], s=40, color=ink(ax), marker="x", lw=1.2)
        ax.set(xlabel=x, ylabel="Energy")
        open_frame(ax)
    else:
        low, high = float(tried["energy"].min()), float(tried["energy"].max())
        cells: dict[str, Any] = {
            "cmap": SEQUENTIAL,
            "vmin": low,
            "vmax": high if high > low else low + 1,
            "rasterized": True,
        }
        for k, (_, one) in enumerate(tried.groupby("round")):
            grid = one.pivot_table(index=y, columns=x, values="energy")
            widths, heights = (borders(axis.to_numpy(), False) for axis in (grid.columns, grid.index))
            inside = [widths[0], widths[-1], widths[-1], widths[0]], [heights[0], heights[0], heights[-1], heights[-1]]
            ax.fill(*inside, color=ax.get_facecolor(), lw=0, zorder=1 + k)  # colours are partly transparent
            image = ax.pcolormesh(widths, heights, grid.to_numpy(), zorder=1.5 + k, **cells)
            if k:
                ax.fill(*inside, fill=False, ec=ink(ax), lw=0.5, zorder=1.7 + k)
        ax.scatter(near[x], near[y], s=2, color=ink(ax), lw=0, zorder=10 + k)
        ax.scatter(least[x], least[y], s=40, color=ink(ax), marker="x", lw=1.2, zorder=10 + k)
        ax.set(xlabel=x, ylabel=y)
        colour_bar(ax, image, "Energy")
    short_ticks(ax.xaxis, ax.yaxis)
    ax.set_title(rule)
    fit(ax)
    return ax


def wiring_energies(found: Any, *, ax: Axes | None = None) -> Axes:
    """Energies of new networks by rule, the best rule on top.

    Parameters
    ----------
    found : WiringFit, or DataFrame with columns rule and energy
        From :func:`netanalysis.fit_wiring`; a table has a row for each network, which may be those of many fits.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        A dot for each network, a line for the mean of each rule, a colour for each kind of rule.

    Raises
    ------
    TypeError
        If it is neither.

    Examples
    --------
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> table = pd.DataFrame({"rule": ["spatial", "matching"] * 2, "energy": [0.3, 0.2, 0.4, 0.1]})
    >>> ax = na.plot.wiring_energies(table, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['matching', 'spatial']
    """
    import pandas as pd

    if isinstance(found, pd.DataFrame) and {"rule", "energy"} <= set(found.columns):
        rows = {str(rule): own.to_numpy(float) for rule, own in found.groupby("rule", sort=False)["energy"]}
    else:
        need_result(found, "found", "fit_wiring", "rules", "tried", "energy")
        rows = dict(zip(found.rules, found.energy, strict=True))
    ax = current_axes(ax)
    order = sorted(rows, key=lambda rule: float(rows[rule].mean()))
    for y, rule in enumerate(order):
        own = np.sort(rows[rule])
        height = 0.56 * (np.arange(len(own)) * 0.618034 % 1 - 0.5)
        ax.scatter(own, y + height, s=float(np.clip(300 / len(own), 4, 14)), color=_kind(rule)[1], alpha=0.7, lw=0)
        ax.plot([own.mean()] * 2, [y - 0.38, y + 0.38], color=ink(ax), lw=1.4, zorder=3)
    kinds = dict(_kind(rule) for rule in order)
    marks: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4, "mew": 0}
    if len(kinds) > 1:
        legend_above(ax, [Line2D([], [], color=colour, label=name, **marks) for name, colour in kinds.items()])
    ax.set_xlabel("Energy")
    ax.figure.canvas.figure.draw_without_rendering()  # names get the room that a layout engine leaves below the legend
    rows_frame(ax, range(len(order)), order, what="rules")
    ax.set_ylim(len(order) - 0.5, -0.5)
    short_ticks(ax.xaxis)
    fit(ax)
    return ax


def wiring_distribution(net: Any, grown: Any, *, of: str = "degree", ax: Axes | None = None) -> Axes:
    """One of the distributions that an energy is made of: of a network and of those that grew like it.

    Parameters
    ----------
    net : network, shape (n, n)
    grown : stack, shape (..., n, n), or Connectome of one
        From :func:`netanalysis.grow`. Lengths are by the distances of `net`.
    of : name
        As for :func:`netanalysis.ks_distance`: "degree", "clustering", "betweenness", "edge_length" …
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Shares of values up to x: a line for the network, the median and the range of 95 % of the grown ones. The title
        is the mean distance (Kolmogorov-Smirnov) between them.

    Raises
    ------
    ValueError
        If there is no such distribution, or lengths are asked of a network without distances.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import numpy as np
    >>> import netanalysis as na
    >>> place = np.random.default_rng(0).normal(size=(20, 3))
    >>> net = na.Connectome(np.zeros((20, 20)), positions=place)
    >>> net = net.replace(weights=na.grow(net, n_connections=40, rng=0))
    >>> grown = na.grow(net, n_connections=40, size=9, rng=1)
    >>> na.plot.wiring_distribution(net, grown, of="degree", ax=Figure().subplots()).get_ylabel()
    'Share of nodes'
    """
    from netanalysis.comparison.ks import ks_distance
    from netanalysis.connectome import Connectome

    options.choice(of, SAMPLES, "of")
    w = validate.as_weights(grown, name="grown")
    one = net if isinstance(net, Connectome) else Connectome(validate.as_weights(net))
    many = one.replace(weights=w.reshape(-1, *w.shape[-2:]))
    own = np.sort(SAMPLES[of](one))
    samples = [np.sort(SAMPLES[of](many[k])) for k in range(len(many.weights))]
    at = np.unique(np.concatenate([own, *samples]))
    shares = np.array([_share(sample, at) for sample in samples])
    low, median, high = np.quantile(shares, [0.025, 0.5, 0.975], axis=0)
    given = _share(own, at)
    at = np.append(at[:1], at)  # lines rise from 0
    low, median, high, given = (np.append(0.0, values) for values in (low, median, high, given))
    ax = current_axes(ax)
    ax.fill_between(at, low, high, step="post", color=ORANGE, alpha=0.3, lw=0)
    ax.step(at, median, where="post", color=ORANGE, lw=1.2)
    ax.step(at, given, where="post", color=ink(ax), lw=1.4)
    handles = [
        Line2D([], [], color=ink(ax), lw=1.4, label="network"),
        Line2D([], [], color=ORANGE, lw=1.2, label="grown, median"),
        Patch(color=ORANGE, alpha=0.3, lw=0, label="95 % of them"),
    ]
    legend_above(ax, handles)
    apart = float(np.mean(ks_distance(many, one, of=of)))
    ax.set_title(f"Mean KS distance {number(apart)}", fontsize="small")
    ax.set(
        xlabel=_NAMES[of],
        ylabel="Share of connections" if of == "weight" or "length" in of else "Share of nodes",
        ylim=(0, 1.02),
    )
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))  # shares of others have many digits
    short_ticks(ax.xaxis, ax.yaxis)
    open_frame(ax)
    fit(ax)
    return ax


def _share(sample: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of a sorted sample, the share up to each value."""
    return np.searchsorted(sample, at, side="right") / len(sample)


def _kind(rule: str) -> tuple[str, str]:
    return _KINDS.get(rule.partition("-")[0], ("other", GREY))
