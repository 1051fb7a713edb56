"""The figures of one network, in the order in which a neuroscientist asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from scipy import sparse

from netanalysis import plot, transform
from netanalysis._core import undefined
from netanalysis._core.text import cut
from netanalysis.connectome import Connectome
from netanalysis.page.content import measure_label
from netanalysis.page.costs import ALONE, cost
from netanalysis.page.svg import render
from netanalysis.plot._axes import heavy_tailed
from netanalysis.plot._text import number, plain
from netanalysis.structure.block_model import block_model
from netanalysis.structure.communities import detect_communities
from netanalysis.structure.hubs import hubs
from netanalysis.structure.pathways import pathways
from netanalysis.structure.rich_club import rich_club

# Above these sizes a figure costs minutes or shows nothing; the page says so instead.
MAX_EIGENVALUES, MAX_PATHWAYS, MAX_DRAWN_EDGES, MAX_POSITIONS, MAX_ROLES = 20_000, 2000, 600, 40, 1000
N_HOPS, N_RICH_CLUB = 8, 49
# Groups that would fill less of the axis than this, for the sake of other networks, are shown without those.
SQUEEZED = 0.1


@dataclass(frozen=True)
class Card:
    """A figure on the page."""

    title: str
    svg: Markup
    caption: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Plan:
    """A figure to draw; `draw` raises ValueError or MemoryError where the network does not allow it."""

    title: str
    draw: Callable[..., object]
    caption: str = ""
    size: tuple[float, float] = (4.4, 3.5)
    wide: bool = False


def network_cards(
    net: Connectome, *, key: str, null_tests: Mapping[str, Any] | None = None, rng: int = 0
) -> tuple[list[Card], list[str]]:
    """All figures that can be drawn of `net`, and for each that cannot the reason why."""
    with undefined.noted():  # the table has notes
        return draw_cards([*_plans(net, rng), *_null_plans(null_tests or {})], key=key, name=str(net.name))


def draw_cards(plans: Iterable[Plan], *, key: str, name: str) -> tuple[list[Card], list[str]]:
    """Figures of what is called `name`, and for each that cannot be drawn the reason why."""
    cards, missing = [], []
    for k, plan in enumerate(plans):
        try:
            svg = render(plan.draw, key=f"{key}-{k}", alt=f"{plan.title} of {name}", size=plan.size)
        except (ValueError, MemoryError) as error:
            missing.append(f"{plan.title.lower()} ({error})")
        else:
            cards.append(Card(plan.title, svg, plan.caption, plan.wide))
    return cards, missing


def _plans(net: Connectome, rng: int) -> Iterator[Plan]:
    n = net.n_nodes
    net, modules = _with_modules(net, rng)
    magnitudes = np.abs(net.weights.data if sparse.issparse(net.weights) else net.weights)
    scale = "log" if heavy_tailed(magnitudes[magnitudes > 0]) else "linear"
    unit = f" Weights: {cut(net.metadata['weight_unit'])}." if net.metadata.get("weight_unit") else ""
    yield Plan(
        "Weight matrix",
        partial(plot.weight_matrix, net, scale=scale),
        f"Sorted by {modules}. Empty: no connection." + (" Logarithmic colours." if scale == "log" else "") + unit,
    )
    if net.positions is None:
        yield Plan("Network in space", refuse("no node positions are given"))
    else:
        yield _in_space(net, modules)
    yield Plan("Weights", partial(plot.weight_distribution, net), "Connections between distinct nodes.")
    if net.density == 1:
        yield Plan(
            "Strengths", partial(plot.strength_distribution, net), "Every pair is connected, so degrees are all alike."
        )
    else:
        yield Plan("Degrees", partial(plot.degree_distribution, net), "Self-connections are not counted.")
    if not net.has_distances:
        yield Plan("Weight and distance", refuse("no distances are given"))
    else:
        yield Plan(
            "Weight and distance",
            partial(plot.weight_distance, net),
            "Each dot is a connection. Connections share nodes, so no p-value is attached to ρ.",
        )
        yield Plan(
            "Distances",
            partial(plot.distance_distribution, net),
            "Of connections and of all pairs.",
        )
    yield Plan(
        "Eigenvalues",
        _up_to(MAX_EIGENVALUES, n, partial(plot.eigenvalues, net)),
        "Of the weight matrix, in the complex plane" + ("; those not drawn lie in the grey disc." if n > 3000 else "."),
    )
    yield _hops(net)
    yield from _roles(net, rng)
    yield _blocks(net, rng)


def _with_modules(net: Connectome, rng: int) -> tuple[Connectome, str]:
    """The network with modules to sort by, and where they come from."""
    if net.modules is not None:
        return net, "the modules that came with the network"
    found = detect_communities(net, rng=rng)
    return net.replace(modules=found.labels), (
        f"{found.n_communities} communities found by the Leiden method (Q = {number(found.modularity)}, seed {rng})"
    )


def _in_space(net: Connectome, modules: str) -> Plan:
    total = net.weights.nnz if sparse.issparse(net.weights) else np.count_nonzero(net.weights)
    count = total if net.is_directed else total // 2
    share = float(f"{min(0.1, MAX_DRAWN_EDGES / max(1, count)):.2g}")
    spread = np.sort(np.ptp(net.positions, axis=0))[::-1]
    wide = bool(spread[0] > 2.5 * spread[1])
    return Plan(
        "Network in space",
        partial(plot.network, net, edges=share),
        f"Colours: {modules}; grey: connections between modules. Dots grow with strength.",
        size=(9.2, 2.6) if wide else (4.4, 3.9),
        wide=wide,
    )


def _hops(net: Connectome) -> Plan:
    ends: dict[str, Any] = {}
    if net.inputs is not None or net.outputs is not None:
        between = f"from {_end(net.inputs, 'inputs')} to {_end(net.outputs, 'outputs')}"
    elif net.modules is not None and {"sensory", "motor"} <= set(net.modules):
        ends = {"inputs": net.modules == "sensory", "outputs": net.modules == "motor"}
        between = "from sensory to motor nodes"
    else:
        between = "between all nodes, as neither inputs nor outputs are known"

    def draw(ax: Axes) -> Axes:
        return plot.hop_mass(pathways(net, max_hops=N_HOPS, normalize="spectral_radius", **ends), ax=ax)

    return Plan(
        "Pathways per hop",
        _up_to(MAX_PATHWAYS, net.n_nodes, draw),
        f"Walks over a given number of connections, {between}; weights scaled to spectral radius 1.",
    )


def _roles(net: Connectome, rng: int) -> Iterator[Plan]:
    def club(ax: Axes) -> Axes:
        return plot.rich_club(rich_club(net, n_nulls=N_RICH_CLUB, rng=rng), ax=ax)

    def named(ax: Axes) -> Axes:
        return plot.hubs(hubs(transform.absolute(net)), ax=ax)

    yield Plan(
        "Rich club",
        _up_to(MAX_ROLES, net.n_nodes, club),
        f"Share of connected pairs among nodes of high degree, and in {N_RICH_CLUB} networks with the same degrees "
        "(band: the middle 95 %).",
    )
    yield Plan(
        "Hubs",
        _up_to(MAX_ROLES, net.n_nodes, named),
        "Nodes that most measures put among the top 20 %, of |W|; larger dots stand higher among these.",
    )


def _blocks(net: Connectome, rng: int) -> Plan:
    def draw(ax: Axes) -> Axes:
        if net.density == 1:
            raise ValueError("every pair of nodes is connected")
        if (seconds := cost(net, "n_blocks")) > ALONE:
            raise ValueError(f"takes about {seconds:.2g} s of one core; call block_model")
        return plot.description_length(block_model(net, n_restarts=1, plain=False, rng=rng), ax=ax)

    return Plan(
        "Blocks",
        draw,
        "What it takes to describe which nodes are connected, by blocks of nodes that connect alike whatever their "
        "degrees (one search).",
    )


def _end(weights: Any, name: str) -> str:
    return "all nodes" if weights is None else f"the network’s {name}"


def _null_plans(null_tests: Mapping[str, Any]) -> Iterator[Plan]:
    for label, test in null_tests.items():
        yield Plan(f"{label}: null distribution", partial(plot.null_distribution, test, label=label))


def position_cards(table: pd.DataFrame, measures: list[str], highlight: list[str]) -> list[Card]:
    """Measures over all networks, those analysed brought out if there are others to compare with."""
    names = list(dict.fromkeys(table["network"]))
    if not 2 <= len(names) <= MAX_POSITIONS:
        return []
    marked = highlight if len(highlight) < len(names) else []
    size = (4.4, 0.75 + 0.27 * len(names))
    cards = []
    for k, measure in enumerate(measures):
        if not np.isfinite(table.loc[table["measure"] == measure, "value"].astype(float)).any():
            continue  # no network has what it needs
        label = measure_label(measure)
        draw = partial(plot.position, table, measure=measure, highlight=marked, label=label)
        cards.append(Card(label, render(draw, key=f"position-{k}", alt=f"{label} of all networks", size=size)))
    return cards


def epoch_cards(table: pd.DataFrame, measures: list[str]) -> list[Card]:
    """Measures over the epochs of training, a curve for each group; none without such groups."""
    cards = []
    for k, measure in enumerate(measures):
        rows = table[(table["measure"] == measure) & np.isfinite(table["value"])]
        if not len(rows):
            continue
        rows = rows.assign(epoch=rows["epoch"].astype(float))
        label = measure_label(measure)
        text = {group: plain(group) for group in rows["group"]} | {"epoch": "Epoch", "value": label}
        draw = partial(plot.curve, rows, x="epoch", y="value", by="group", log_x=False, labels=text)
        svg = render(draw, key=f"epochs-{k}", alt=f"{label} over epochs", size=(4.4, 3.2))
        cards.append(Card(f"{label} over training", svg))
    return cards


def group_cards(table: pd.DataFrame, others: pd.DataFrame, measures: list[str]) -> list[Card]:
    """Measures of groups of networks beside each other, and below them other networks if their scale allows."""
    size = (4.4, 1.5 + 0.5 * table["group"].nunique())
    cards: list[Card] = []
    if not len(table):
        return cards
    for k, measure in enumerate(measures):
        own, other = (t.loc[t["measure"] == measure, "value"].dropna().to_numpy() for t in (table, others))
        both = np.concatenate([own, other])
        squeezed = len(other) > 0 and np.ptp(own) < SQUEEZED * np.ptp(both)
        shown = table if squeezed else pd.concat([table, others], ignore_index=True)
        label = measure_label(measure)
        svg = render(
            partial(plot.groups, shown, measure=measure, averaged=set(table["group"]), label=label),
            key=f"groups-{k}",
            alt=f"{label} of the groups",
            size=size,
        )
        low, high = (number(value) for value in (other.min(), other.max())) if squeezed else ("", "")
        note = f"Off the scale: the networks of this page, at {low if low == high else f'{low} to {high}'}."
        cards.append(Card(label, svg, note if squeezed else ""))
    return cards


def refuse(reason: str) -> Callable[..., object]:
    """Instead of a figure, the reason why there is none."""

    def draw(ax: Axes) -> object:
        raise ValueError(reason)

    return draw


def _up_to(limit: int, n: int, draw: Callable[..., object]) -> Callable[..., object]:
    return draw if n <= limit else refuse(f"drawn up to {limit:,} nodes, this network has {n:,}")
