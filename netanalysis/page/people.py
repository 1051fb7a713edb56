"""The part of the page on people, where a table of them comes with their networks: what differs, who is found again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

import netanalysis as na
from netanalysis import plot
from netanalysis._core import undefined
from netanalysis._core.files import written_whole
from netanalysis._core.text import cells, cut
from netanalysis.connectome import Connectome
from netanalysis.page.content import cell, measure_label
from netanalysis.page.figures import Plan, draw_cards, refuse
from netanalysis.plot._text import number, p_value, plain
from netanalysis.table._study import Study

N_ARRANGEMENTS, N_LISTED = 1000, 10
MAX_NODES = 1000  # half a million edges of everybody
LEVELS = (0.01, 0.001, 0.0001)  # of p of a single edge: thresholds of the network-based statistic
DRAWN = 0.001


def people_part(
    study: Study, net: Connectome, measures: Sequence[str], folder: Path, *, rng: int = 0, n_jobs: int | None = None
) -> dict[str, Any]:
    """Tables and figures of what goes with a group or a score; written to `folder` as .csv. `net` has the nodes."""
    n = net.n_nodes
    part: dict[str, Any] = {
        "by": study.by,
        "facts": _facts(study),
        "said": study.said,
        "measures": [],
        "components": [],
    }
    part |= {
        "edges": [],
        "nodes": [],
        "scans": [],
        "contrast": "",
        "statistic": study.statistic,
        "size": "|t|" if study.statistic == "t" else "F",
        "threshold_free": "",
        "files": [],
        "n_arrangements": N_ARRANGEMENTS,
    }
    plans: list[Plan] = []
    with undefined.noted():
        whole, dropped = study.measures(measures, n_nulls=N_ARRANGEMENTS, rng=rng, n_jobs=n_jobs)
        part["undefined"] = [measure_label(name).lower() for name in dropped]
        if whole is not None:
            part["measures"] = [_row(measure_label(str(row["measure"])), row) for row in whole.to_dict("records")]
            _write(whole, folder / "people_measures.csv", part)
        if n > MAX_NODES:
            plans.append(Plan("Edges that differ", refuse(f"tested up to {MAX_NODES:,} nodes, these have {n:,}")))
        else:
            plans += _edges(study, net, folder, part, rng, n_jobs)
        if study.scans is not None:
            plans += _again(study.scans, part, rng)
    part["figures"], part["missing"] = draw_cards(plans, key="people", name=study.by)
    return part


def _facts(study: Study) -> list[str]:
    count = len(study.stack)
    out = [f"{count} {'scans' if study.within else 'people'}"]
    if study.groups:
        groups = study.subjects[study.by]
        out += [f"{cut(name)}: {int((groups == name).sum())}" for name in study.groups]
    else:
        scores = study.subjects[study.by].to_numpy(float)
        out.append(f"{cut(study.by)}: {number(scores.min())} to {number(scores.max())}")
    if study.covariates:
        out.append(f"held constant: {', '.join(map(cut, study.covariates))}")
    return out + ([f"change places as a whole: {cut(study.whole)}"] if study.whole else [])


def _edges(
    study: Study, net: Connectome, folder: Path, part: dict[str, Any], rng: int, n_jobs: int | None
) -> Iterator[Plan]:
    named = study.networks
    options = {**study.options, "rng": rng, "n_jobs": n_jobs}
    nodes = na.node_test(na.strength(study.stack), study.effect, n_nulls=N_ARRANGEMENTS, **options)
    labels = np.arange(net.n_nodes) if net.labels is None else net.labels
    nodes["node"] = labels
    edges = na.edge_test(named, study.effect, n_nulls=N_ARRANGEMENTS, **options)
    part["contrast"] = str(edges["contrast"].iloc[0]) if len(edges) else ""
    _write(nodes, folder / "people_nodes.csv", part)
    _write(edges, folder / "people_edges.csv", part)
    part["nodes"] = [_row(str(row["node"]), row) for row in _first(nodes)]
    part["edges"] = [_row(f"{row['source']} – {row['target']}", row) for row in _first(edges)]
    part["n_edges"], part["n_nodes"] = len(edges), len(nodes)
    tests = {}
    for level in LEVELS:
        tests[level] = na.network_based_statistic(
            named, study.effect, threshold=study.threshold(level), n_nulls=N_ARRANGEMENTS, **options
        )
    _write(pd.concat([test.table() for test in tests.values()]), folder / "people_components.csv", part)
    part["components"] = [row for level, test in tests.items() for row in _components(level, test)]
    free = na.threshold_free_test(named, study.effect, n_nulls=N_ARRANGEMENTS, **options)
    _write(free.table(), folder / "people_threshold_free.csv", part)
    kept = int(free.edge_mask().sum()) // (1 if free.edges.directed else 2)
    least = float(np.nanmin(free.p)) if np.isfinite(free.p).any() else 1.0
    powers = f"E = {free.extent_power:g}, H = {free.height_power:g}, exact integral"
    part["threshold_free"] = (
        f"edges scored by their component at every threshold ({powers}), against the largest score of any edge in the "
        f"same arrangements. Family-wise p is at most 0.05 of {kept:,} edge{'s' * (kept != 1)}; the least is "
        f"{number(least)}."
    )
    drawn = tests[DRAWN]
    said = f"{N_ARRANGEMENTS:,} arrangements of people" if not drawn.exact else f"all {drawn.n_nulls} arrangements"
    yield Plan(
        "Components that differ",
        partial(plot.network_based_statistic, drawn, modules=net.modules),
        f"Network-based statistic: edges of {part['size']} > {number(drawn.threshold)} in components with a "
        f"family-wise p of at most 0.05 ({said}). Nothing is said of single edges.",
    )
    yield Plan(
        "Edges without a threshold",
        partial(plot.network_based_statistic, free, modules=net.modules),
        f"Threshold-free scores ({powers}): {study.statistic} of edges with a family-wise p of at most 0.05 ({said}). "
        "A score is that of an edge among its neighbours.",
    )
    if net.positions is not None and drawn.edge_mask().any():
        shown = net.replace(weights=np.where(drawn.edge_mask(), np.nan_to_num(drawn.t), 0.0))
        yield Plan(
            "Components in space",
            partial(plot.network, shown, edges=1.0),
            f"The same edges where they lie; wider: of larger {part['size']}.",
        )
    if net.positions is not None:
        values = nodes[study.statistic].to_numpy(float)
        yield Plan(
            "Strength of nodes",
            partial(plot.parcels, values, net, label=f"{study.statistic} ({cut(part['contrast'], 40)})"),
            f"{study.statistic} of the strength of each node, where it lies; uncorrected.",
            size=(7.6, 2.6),
            wide=True,
        )
    yield from _distributions(study, part)


def _distributions(study: Study, part: dict[str, Any]) -> Iterator[Plan]:
    """The whole-network measure with the largest t or F, person by person."""
    if not part["measures"]:
        return
    strongest = max(part["measures"], key=lambda row: abs(float(row["cells"][1]["sort"] or 0.0)))
    name = next(m for m in na.MEASURES if measure_label(m) == strongest["label"])
    values = na.summarize(study.networks, [name], progress=False)["value"].to_numpy(float)
    table = pd.DataFrame({"value": values, study.by: study.subjects[study.by].to_numpy()})
    text = {"value": strongest["label"], study.by: plain(study.by)}
    caption = f"Of the measures of whole networks, the one with the largest {part['size']}; every dot a person."
    if study.groups:
        rows = table.assign(measure=name, network=[str(k) for k in range(len(table))], group=table[study.by])
        draw = partial(plot.groups, rows, measure=name, label=strongest["label"])
        height = 1.1 + 0.7 * max(2, len(study.groups))
        yield Plan(f"{strongest['label']} of people", draw, caption, size=(4.4, min(height, 5.0)))
    else:
        draw = partial(plot.scatter, table, x=study.by, y="value", fit="linear", labels=text)
        yield Plan(f"{strongest['label']} of people", draw, caption)


def _again(scans: Any, part: dict[str, Any], rng: int) -> Iterator[Plan]:
    """Are people found again in their second scan?"""
    if len(scans[0]) < 2:
        part["scans"] = [("Scans of one person", "fewer than 2 people have two")]
        return
    found = na.identifiability(*scans, rng=rng)
    icc = na.reliability(np.stack(scans, axis=1))
    upper = icc[np.triu_indices(len(icc), 1)]
    upper = upper[np.isfinite(upper)]
    quartiles = " to ".join(number(x) for x in np.quantile(upper, [0.25, 0.75])) if len(upper) else "undefined"
    part["scans"] = [
        ("People with two scans", f"{len(scans[0])}"),
        ("Found again in the other scan", f"{100 * found.accuracy:.3g} % (mean of both directions)"),
        (
            "Similarity",
            f"{number(found.with_self)} with oneself, {number(found.with_others)} with others: difference "
            f"{number(found.difference)}, {p_value(found.p)} ({found.n_nulls:,} random pairings)",
        ),
        (
            "Reliability of edges",
            f"ICC(2,1) median {number(float(np.median(upper))) if len(upper) else 'undefined'}, quartiles {quartiles}",
        ),
    ]
    yield Plan(
        "People in two scans",
        partial(_similarity, found.similarity),
        "Correlation over edges of each person’s first scan with everybody’s second; on the diagonal with oneself.",
    )


def _similarity(similarity: NDArray[np.float64], *, ax: Axes) -> Axes:
    plot.weight_matrix(similarity, label="Correlation of edges", ax=ax)
    ax.set(xlabel="Person, second scan", ylabel="Person, first scan")
    return ax


def _components(level: float, test: Any) -> Iterator[dict[str, Any]]:
    names = {1: "positive", -1: "negative"}
    size = "|t|" if test.edge_statistic == "t" else "F"
    label = f"{size} > {number(test.threshold)} (p < {level:g})"
    if not len(test.p):
        yield {"label": label, "sign": "no edge", "n_edges": 0, "n_nodes": 0, "p": cell(1.0)}
    for k in range(min(len(test.p), 3)):
        yield {
            "label": label if k == 0 else "",
            "sign": names[int(test.sign[k])],
            "n_edges": int(test.n_edges[k]),
            "n_nodes": len(test.nodes[k]),
            "p": cell(test.p[k]),
        }


def _first(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Rows with the largest |t| or F."""
    name = "t" if "t" in table else "F"
    order = table[name].abs().sort_values(ascending=False, kind="stable").index[:N_LISTED]
    return table.loc[order].dropna(subset=[name]).to_dict("records")


def _row(label: str, row: Any) -> dict[str, Any]:
    keys = (*(("estimate", "t") if "t" in row else ("partial_r2", "F")), "p", "p_bh", "p_max")
    return {"label": cut(label, 60), "cells": [cell(row[key]) for key in keys]}


def _write(table: pd.DataFrame, path: Path, part: dict[str, Any]) -> None:
    with written_whole(path) as whole:
        cells(table).to_csv(whole, index=False)
    part["files"].append(path.name)
