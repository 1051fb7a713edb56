"""Who carries the signal: the strongest paths in layers, the strongest mediators, and types from hop to hop."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from netanalysis._core import options, stacks
from netanalysis._core.pvalues import is_significant
from netanalysis.plot._axes import current_axes, legend_above, open_frame, rows_frame
from netanalysis.plot._colour import BLUE, PALETTE, VERMILION
from netanalysis.plot._fit import fit
from netanalysis.plot._result import need_result
from netanalysis.plot._text import short


def pathway_graph(paths: Any, *, ax: Axes | None = None) -> Axes:
    """The strongest paths, hop by hop from left to right, each connection as wide as the paths along it are strong.

    A node stands in every column in which a path visits it. Connections are red where their weight is positive, blue
    where it is negative.

    Parameters
    ----------
    paths : StrongestPaths
        From :func:`netanalysis.strongest_paths`; ten to twenty can be told apart.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> best = na.strongest_paths([[0, 1.0, -2], [0, 0, 3], [0, 0, 0]], inputs=[0], outputs=[2], max_hops=2)
    >>> na.plot.pathway_graph(best, ax=Figure().subplots()).get_xlabel()
    'Hops from the input'
    """
    need_result(paths, "paths", "strongest_paths", "names", "strengths", "weights")
    ax = current_axes(ax)
    carried: dict[tuple[int, Any, Any], float] = {}
    sign: dict[tuple[int, Any, Any], float] = {}
    through: dict[tuple[int, Any], float] = {}
    for names, weights, strength in zip(paths.names, paths.weights, np.abs(paths.strengths), strict=True):
        for t, name in enumerate(names):
            through[t, name] = through.get((t, name), 0.0) + strength
            if t:
                edge = (t - 1, names[t - 1], name)
                carried[edge] = carried.get(edge, 0.0) + strength
                sign[edge] = weights[t - 1]
    place = _places(through, carried)
    most = max(carried.values())
    width, height = _inches(ax)
    rows = max(np.bincount([t for t, _ in through]))
    size = float(np.clip(72 * height / (rows + 1) * 0.55, 4.0, 8.0))
    columns = max(t for t, _ in through) + 1
    limit = max(3, int(72 * width / columns / (0.62 * size)) - 1)
    for edge in sorted(carried, key=carried.__getitem__):
        t, a, b = edge
        share = carried[edge] / most
        ax.add_patch(
            FancyArrowPatch(
                place[t, a],
                place[t + 1, b],
                arrowstyle="-",
                connectionstyle="arc3,rad=0",
                lw=0.5 + 3.5 * share,
                color=VERMILION if sign[edge] > 0 else BLUE,
                alpha=0.35 + 0.5 * share,
                shrinkA=0,
                shrinkB=0,
                zorder=1,
            )
        )
    for (_, name), (x, y) in place.items():
        ax.annotate(
            short(name, limit),
            (x, y),
            ha="center",
            va="center",
            fontsize=size,
            bbox={"boxstyle": "round,pad=0.2", "fc": ax.get_facecolor(), "ec": "0.6", "lw": 0.5},
            zorder=2,
        )
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(-0.04, 1.04), xlabel="Hops from the input", ylabel="Nodes")
    ax.set_xticks(range(columns))
    ax.set_yticks([])
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax


def _inches(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes, as they are before a layout makes room for labels."""
    box = ax.get_window_extent()
    return box.width / ax.figure.dpi, box.height / ax.figure.dpi


def _places(
    through: dict[tuple[int, Any], float], carried: dict[Any, float]
) -> dict[tuple[int, Any], tuple[int, float]]:
    """Column and height of every node: evenly spaced, in the order of the mean height of those before it."""
    place: dict[tuple[int, Any], tuple[int, float]] = {}
    for t in range(max(step for step, _ in through) + 1):
        here = [name for step, name in through if step == t]
        if t == 0:
            here.sort(key=lambda name: through[0, name])
        else:
            wanted = {}
            for name in here:
                before = [(place[t - 1, a][1], x) for (s, a, b), x in carried.items() if (s, b) == (t - 1, name)]
                wanted[name] = sum(y * x for y, x in before) / sum(x for _, x in before)
            here.sort(key=lambda name: wanted[name])
        for k, name in enumerate(here):
            place[t, name] = (t, (k + 0.5) / len(here))
    return place


def mediators(
    carried: Any,
    *,
    hop: int | None = None,
    step: int | None = None,
    top: int = 10,
    test: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """The mediators that carry the largest shares of the gross flow, excitatory and inhibitory parts end to end.

    Parameters
    ----------
    carried : Mediators
        From :meth:`netanalysis.Pathways.through`, of one network, with inputs and outputs summed.
    hop : int, optional
        One of ``carried.hops``; default the last.
    step : int, optional
        One of ``carried.steps``; default the middle one of a walk of that many hops. Not for flows without steps.
    top : int
        How many.
    test : MediatorTest, optional
        From :func:`netanalysis.mediator_test` of the same mediators, with that hop and step: those with a corrected p
        of at most 0.05 get a star.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> paths = na.pathways([[0, 1.0, -2], [0, 0, 3], [0, 0, 0]], inputs=[0], outputs=[2], max_hops=2)
    >>> na.plot.mediators(paths.through(), ax=Figure().subplots()).get_xlabel()
    'Share of the flow'
    """
    top = options.positive_int(top, "top")
    need_result(carried, "carried", "Pathways.through", "excitatory", "inhibitory", "total")
    if carried.total.ndim > 1:
        raise ValueError(
            "carried must be of one network, with inputs and outputs summed (per=None); got flows of shape "
            f"{carried.excitatory.shape}"
        )
    ax = current_axes(ax)
    at, said = _chosen_hop(carried, hop)
    parts = (part[at] for part in (carried.excitatory, carried.inhibitory))
    excitatory, inhibitory = (stacks.ratio(part, carried.total[at], otherwise=0.0) for part in parts)
    if carried.step_axis:
        there = np.flatnonzero(~np.isnan(carried.excitatory[at]).all(axis=-1))
        steps = carried.steps.tolist()
        known = [steps[k] for k in there]
        step = known[len(known) // 2] if step is None and known else step
        if step not in known:
            raise ValueError(f"step must be one of {known} for {said}; got {step}")
        excitatory, inhibitory = excitatory[steps.index(step)], inhibitory[steps.index(step)]
        said += f", step {step}"
    elif step is not None:
        raise ValueError("these flows have no steps to choose from: leave step out")
    order = _strongest(excitatory + inhibitory, top)
    rows = np.arange(len(order))[::-1]
    names = _named(carried.names[order])
    ax.barh(rows, excitatory[order], color=VERMILION, height=0.7, label="Excitatory")
    ax.barh(rows, inhibitory[order], left=excitatory[order], color=BLUE, height=0.7, label="Inhibitory")
    rows_frame(ax, rows, names)
    ax.set(xlabel="Share of the flow", title=said)
    ax.title.set_fontsize("medium")
    if test is not None:
        step = step if carried.step_axis or carried.steps is None else int(carried.steps[0])
        starred = _significant(test, carried, int(carried.hops[at]), step)[order]
        _star(ax, rows, (excitatory + inhibitory)[order], starred)
    if inhibitory[order].any():
        ax.legend(frameon=False, fontsize="small", loc="lower right")
    fit(ax)
    return ax


def routing(
    carried: Any, *, hop: int | None = None, input: Any = None, output: Any = None, top: int = 7, ax: Axes | None = None
) -> Axes:
    """Which types of nodes have the signal after how many hops: shares of the flow, stacked, from inputs to outputs.

    Parameters
    ----------
    carried : Mediators
        From :meth:`netanalysis.Pathways.through`, of one network, such as ``paths.through(types)``. With
        ``at=t`` the columns are lengths of walks instead of their steps.
    hop : int, optional
        Length of the walks, one of ``carried.hops``; default the longest. Not for flows at a single step.
    input, output : optional
        One of ``carried.inputs`` and ``carried.outputs``, where these were kept apart (``per="pair"`` with
        ``modules_in`` and ``modules_out``: types at the ends and in the middle). Default: their sum.
    top : int
        How many types are told apart, those with the largest share at any step; the others are one grey part.
    ax : Axes, optional
        Default: pyplot's current Axes.

    Returns
    -------
    Axes
        Columns are the hops made so far; each holds all of the gross flow of the walks, so that parts fill it to 1
        (to less where nodes are in no type). Types are stacked in the order of their names.

    Raises
    ------
    ValueError
        For ``at="any"``, whose shares do not add up, for stacks, unknown hops and ends.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import netanalysis as na
    >>> w = [[0, 1.0, 3, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    >>> paths = na.pathways(w, inputs=[0], outputs=[3], max_hops=2)
    >>> ax = na.plot.routing(paths.through(["in", "a", "b", "out"]), ax=Figure().subplots())
    >>> [float(bar.get_height()) for bar in ax.patches if bar.get_x() == 0.6]
    [0.25, 0.75, 0.0, 0.0]
    """
    top = options.positive_int(top, "top")
    need_result(carried, "carried", "Pathways.through", "excitatory", "inhibitory", "total")
    if not carried.step_axis and carried.steps is None:
        raise ValueError(
            'carried must hold steps: a walk that meets several types counts for each with at="any", and such shares '
            "do not add up; netanalysis.plot.mediators draws them"
        )
    flow, total = _between(carried, input, output)
    if total.ndim > 1:
        raise ValueError(f"carried must be of one network; got flows of shape {carried.excitatory.shape}")
    if carried.step_axis:
        at, said = _chosen_hop(carried, hop)
        there = ~np.isnan(flow[at]).all(axis=-1)
        columns, amount, whole = carried.steps[there], flow[at][there], total[at]
    elif hop is not None:
        raise ValueError("these flows are at a single step, and every length of walk has its column: leave hop out")
    else:
        there = ~np.isnan(flow).all(axis=-1)
        columns, amount, whole = carried.hops[there], flow[there], total[there, None]
        step = int(carried.steps[0])
        said = f"after {step} hop{'' if step == 1 else 's'}"
    share = stacks.ratio(amount, whole, otherwise=0.0)
    ax = current_axes(ax)
    names = _named(carried.names)
    told = np.sort(np.argsort(-share.max(axis=0, initial=0.0), kind="stable")[:top])
    parts = [(short(names[k], 18), PALETTE[j % (len(PALETTE) - 1)], share[:, k]) for j, k in enumerate(told)]
    if len(told) < len(names):
        rest = np.delete(share, told, axis=1).sum(axis=1)
        parts.append((f"{len(names) - len(told):,} others", PALETTE[-1], rest))
    below = np.zeros(len(columns))
    for name, colour, part in parts:
        ax.bar(columns, part, bottom=below, color=colour, width=0.8, lw=0, label=name)
        below = below + part
    legend_above(ax)
    ax.set_xticks(columns)
    ax.set(xlabel="Hops from the input" if carried.step_axis else "Hops in all", ylabel="Share of the flow", title=said)
    ax.set(
        xlim=(columns.min(initial=0) - 0.6, columns.max(initial=0) + 0.6), ylim=(0, max(1.0, below.max(initial=0.0)))
    )
    ax.title.set_fontsize("medium")
    open_frame(ax)
    fit(ax)
    return ax


def _between(carried: Any, source: Any, target: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gross flow and flow of all walks, from one input to one output or summed over those there are."""
    flow, total = carried.gross, carried.total
    # Each end is the last axis of the totals, the last but one of flows, once those after it are gone.
    for labels, chosen, argument in ((carried.outputs, target, "output"), (carried.inputs, source, "input")):
        if labels is None:
            if chosen is not None:
                raise ValueError(f"the {argument}s are summed: per={argument!r} or 'pair' keeps them apart")
            continue
        if chosen is None:
            flow, total = flow.sum(axis=-2), total.sum(axis=-1)
            continue
        if chosen not in list(labels):
            raise ValueError(f"{argument} must be one of {', '.join(map(str, labels))}; got {chosen!r}")
        k = list(labels).index(chosen)
        flow, total = flow.take(k, axis=-2), total.take(k, axis=-1)
    return flow, total


def _chosen_hop(carried: Any, hop: int | None) -> tuple[int, str]:
    """Where the walks of so many hops stand, and how to call them."""
    hops = carried.hops.tolist()
    hop = hops[-1] if hop is None else hop
    if hop not in hops:
        raise ValueError(f"hop must be one of {hops}; got {hop}")
    return hops.index(hop), f"{hop} hop{'' if hop == 1 else 's'}"


def _named(names: NDArray[Any]) -> list[str]:
    """Nodes and groups by name, connections by both."""
    return [" → ".join(map(str, np.atleast_1d(name))) for name in names]


def _significant(test: Any, carried: Any, hop: int, step: int | None) -> NDArray[np.bool_]:
    """Which mediators are, at a hop and step that was tested."""
    need_result(test, "test", "mediator_test", "p_corrected", "step_axis", "names")
    if test.inputs is not None or test.outputs is not None:
        raise ValueError("test must be of inputs and outputs summed (per=None), as the flows are")
    if not np.array_equal(test.names, carried.names):
        raise ValueError("test must be of the same mediators as carried, by the same groups; got others")
    hops, steps = test.hops.tolist(), None if test.steps is None else test.steps.tolist()
    if hop not in hops or (steps is None) != (step is None) or (steps is not None and step not in steps):
        tested = f"{hops} hops" + (" at any step" if steps is None else f", steps {steps}")
        at = "at any step" if step is None else f"at step {step}"
        raise ValueError(f"test must be of {hop} hops {at}; got one of {tested}")
    p = test.p_corrected[hops.index(hop)]
    return is_significant(p[steps.index(step)] if test.step_axis and steps is not None else p)


def _star(ax: Axes, rows: NDArray[np.intp], ends: NDArray[np.float64], starred: NDArray[np.bool_]) -> None:
    """Stars behind bars, and what they mean."""
    for row, end in zip(rows[starred], ends[starred], strict=True):
        ax.annotate("*", (end, row), (2, -1), textcoords="offset points", va="center", fontsize="medium")
    ax.set_xlim(0, 1.1 * ends.max(initial=1e-300))
    ax.set_xlabel(f"{ax.get_xlabel()} (*: p ≤ 0.05)")


def _strongest(gross: NDArray[np.float64], top: int) -> NDArray[np.intp]:
    gross = np.nan_to_num(gross)
    order = np.argsort(-gross, kind="stable")[:top]
    return order[gross[order] > 0]
