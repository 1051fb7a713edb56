"""The part of the page about what the units do, where a recording of them is given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, pairwise
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import netanalysis as na
from netanalysis import plot
from netanalysis._core.files import written_whole
from netanalysis._core.text import cells
from netanalysis.connectome import Connectome
from netanalysis.page.content import cell
from netanalysis.page.figures import Plan, draw_cards, refuse
from netanalysis.page.inputs import is_bundled
from netanalysis.plot._text import number, p_value
from netanalysis.plot.alignment import MEASURE_LABELS
from netanalysis.recording import Recording

N_SHUFFLES = 1000
MAX_CLASSES, MIN_TRIALS, MAX_TARGETS = 12, 5, 4  # of a column that is decoded
PLACE, WIRING = "pair_distance", "within_between"  # the two to read first
FIXED_K = 7
QUIET = 1e-3
_SYMBOLS = {"second": "s", "millisecond": "ms"}


def as_recording(recording: Any, net: Connectome) -> Recording:
    """The recording, from a file if need be, of the very units of `net`."""
    if isinstance(recording, (str, PathLike)):
        recording = na.datasets.load(str(recording)) if is_bundled(recording) else na.load(recording)
    if not isinstance(recording, Recording):
        raise TypeError(f"recording must be a Recording or a file that na.save made from one; got {recording!r}")
    if recording.n_units != net.n_nodes:
        raise ValueError(
            f"recording must be of the units of {net.name}: it has {recording.n_units}, the network {net.n_nodes} nodes"
        )
    both = recording.labels is not None and net.labels is not None
    if both and not np.array_equal(recording.labels, net.labels):
        first = int(np.flatnonzero(recording.labels != net.labels)[0])
        raise ValueError(
            f"recording and {net.name} must name their units alike, in the same order; "
            f"unit {first} is {str(recording.labels[first])!r} and {str(net.labels[first])!r}"
        )
    return recording


def function_part(net: Connectome, recording: Recording, folder: Path, *, rng: int = 0) -> dict[str, Any]:
    """Figures, the alignment table and what to say about them; tables are written to `folder` as .csv."""
    targets = discrete(recording.conditions)
    plans = [*_selectivity(net, recording, targets, folder, rng), *_decoding(recording, targets, rng)]
    part: dict[str, Any] = {"facts": _facts(recording), "rows": [], "headlines": [], "clusters": ""}
    try:
        clusters, how = _clusters(recording, targets, rng)
    except ValueError as error:
        plans.append(Plan("Functional clusters", refuse(str(error))))
    else:
        alignment = na.clustering_alignment(net, clusters, n_nulls=N_SHUFFLES, rng=rng)
        strict = None
        if net.positions is not None:
            strict = na.clustering_alignment(net, clusters, n_nulls=N_SHUFFLES, null="eccentricity", rng=rng)
        with written_whole(folder / "alignment.csv") as whole:
            cells(_table(alignment, strict)).to_csv(whole)
        part["clusters"] = (
            f"{alignment.n_units} of {recording.n_units} units in {clusters.k} clusters by {how}; mean silhouette "
            f"{number(clusters.silhouette)}, the largest of k = {min(clusters.silhouettes)} to "
            f"{max(clusters.silhouettes)}."
        )
        part["rows"] = list(_rows(alignment, strict))
        again = _with_k(net, recording, targets, clusters, rng)
        part["headlines"] = [_headline(alignment, again, name) for name in (PLACE, WIRING)]
        plans += _cluster_plans(net, recording, clusters, alignment)
    part["figures"], part["missing"] = draw_cards(plans, key="function", name=str(net.name))
    return part


def discrete(conditions: pd.DataFrame) -> list[str]:
    """Columns of a few classes, each of enough trials to decode it."""
    kept = []
    for name in conditions.columns:
        count = conditions[name].value_counts(dropna=False)
        if 2 <= len(count) <= MAX_CLASSES and count.min() >= MIN_TRIALS and not conditions[name].isna().any():
            kept.append(name)
    return kept


def _facts(recording: Recording) -> list[str]:
    n, steps, units = recording.activity.shape
    unit = recording.metadata.get("time_unit")
    span = f"{number(recording.time[0])} to {number(recording.time[-1])}" + (f" {unit}s" if unit else "")
    columns = ", ".join(str(c) for c in recording.conditions.columns) or "none"
    return [f"{n:,} trial{'s' if n > 1 else ''}", f"{steps:,} time steps, {span}", f"{units:,} units",
            f"conditions: {columns}"]  # fmt: skip


def _spans(steps: int, count: int) -> list[tuple[int, int]]:
    """At most `count` windows of nearly equal length over all steps."""
    return [(int(a), int(b)) for a, b in pairwise(np.linspace(0, steps, min(count, steps) + 1).round().astype(int))]


def _selectivity(net: Connectome, recording: Recording, targets: list[str], folder: Path, rng: int) -> Iterator[Plan]:
    pair = _pair(recording.conditions, [name for name in targets if name != "task"])
    if pair is None or recording.n_trials < 20:
        yield Plan("Selectivity", refuse("it needs two different conditions of a few classes, at least 20 trials"))
        return
    first, second = pair
    result = na.mixed_selectivity(recording, [first, second], windows=_spans(recording.n_time, 10), rng=rng)
    with written_whole(folder / "selectivity.csv") as part:
        cells(result.to_frame()).to_csv(part, index=False)
    yield Plan(
        "Selectivity",
        partial(plot.selectivity, result),
        f"Each dot a unit: cross-validated variance explained by {first} and by {second} in the last of "
        f"{len(result.windows)} windows. r near 0: mixed selectivity; negative: units specialise.",
    )
    if net.positions is None:
        yield Plan("Selectivity in space", refuse("no node positions are given"))
        return
    test = na.spatial_permutation(result, net, n_nulls=N_SHUFFLES, rng=rng)
    yield Plan(
        "Selectivity in space",
        partial(plot.preference_in_space, result, net),
        f"Which of the two explains more. Closer together than chance ({N_SHUFFLES:,} random sets): units that prefer "
        f"{first} {p_value(test.p_first[-1])}, {second} {p_value(test.p_second[-1])}.",
    )


def _pair(conditions: pd.DataFrame, names: list[str]) -> tuple[str, str] | None:
    """The first two conditions that are not the same under other names."""
    for first, second in combinations(names, 2):
        parts = conditions[first].nunique(), conditions[second].nunique()
        if conditions.groupby([first, second], observed=True).ngroups > max(parts):
            return first, second
    return None


def _decoding(recording: Recording, targets: list[str], rng: int) -> Iterator[Plan]:
    if not targets:
        yield Plan("Decoding", refuse(f"no condition has 2 to {MAX_CLASSES} classes of {MIN_TRIALS} trials or more"))
    unit = recording.metadata.get("time_unit")
    label = f"Time ({_SYMBOLS.get(unit, unit)})" if unit else "Time"
    for target in targets[:MAX_TARGETS]:
        result = na.decode(recording, target, windows=_spans(recording.n_time, 50), rng=rng)
        yield Plan(
            f"Decoding of {target}",
            partial(plot.decoding, result, time=recording.time, label=label),
            f"Cross-validated ridge read-out of all units over {len(result.windows)} windows, {len(result.classes)} "
            "classes.",
        )


def _clusters(recording: Recording, targets: list[str], rng: int, k: int | None = None) -> tuple[Any, str]:
    """Functional clusters, and by what."""
    if "task" in recording.conditions:
        return na.functional_clusters(recording, k=k, rng=rng), "their variance in each task"
    # Trials of a task differ on purpose, runs of rest by their baseline.
    center: Literal["all", "trial"] = "all" if targets else "trial"
    how = "over all trials" if targets else "within runs"
    a = recording.activity
    least = QUIET * float((a - a.mean(axis=(0, 1) if targets else 1, keepdims=True)).var(axis=(0, 1)).max())
    found = na.functional_clusters(recording, method="correlation", center=center, threshold=least, k=k, rng=rng)
    return found, (
        f"their functional connectivity (correlation of activity {how}; units with less than {QUIET:g} of the largest "
        "variance are left out)"
    )


def _cluster_plans(net: Connectome, recording: Recording, clusters: Any, alignment: Any) -> Iterator[Plan]:
    active = np.flatnonzero(clusters.active)
    if clusters.method == "task_variance":
        yield Plan("Variance in each task", partial(plot.task_variance, clusters), "Units sorted by cluster.")
    else:
        r = clusters.profiles[active].copy()
        np.fill_diagonal(r, 0.0)
        yield Plan(
            "Functional connectivity",
            partial(_correlations, r, clusters.labels[active]),
            "Units sorted by functional cluster; the diagonal is left empty.",
        )
    if net.positions is None:
        yield Plan("Functional clusters in space", refuse("no node positions are given"))
    else:
        yield Plan("Functional clusters in space", partial(plot.functional_sheet, clusters, net))
    defined = [m for m in alignment.measures.values() if np.isfinite(m.z)]
    yield Plan(
        "Is function laid out in space, and wired together?",
        partial(plot.clustering_alignment, alignment),
        "Bars: central 95 % of shuffles among active units. Filled: p ≤ 0.05, one-sided, uncorrected.",
        size=(4.8, 1.2 + 0.21 * len(defined)),
    )


def _with_k(net: Connectome, recording: Recording, targets: list[str], clusters: Any, rng: int) -> Any:
    """The alignment for a fixed number of clusters, to see whether it depends on the one found; None if the same."""
    if clusters.k == FIXED_K or clusters.active.sum() <= FIXED_K:
        return None
    try:
        fixed, _ = _clusters(recording, targets, rng, k=FIXED_K)
    except ValueError:  # fewer different profiles
        return None
    return na.clustering_alignment(net, fixed, n_nulls=N_SHUFFLES, rng=rng)


def _correlations(r: Any, labels: Any, *, ax: Axes) -> Axes:
    plot.weight_matrix(r, modules=labels, label="Correlation", ax=ax)
    ax.set(xlabel=f"Unit ({len(r):,}), by cluster", ylabel=f"Unit ({len(r):,}), by cluster")
    return ax


def _headline(alignment: Any, again: Any, name: str) -> dict[str, str]:
    measure = alignment[name]
    if not np.isfinite(measure.observed):
        why = "undefined without node positions" if measure.sees == "place" else "undefined for these weights"
        return {"sees": measure.sees, "label": MEASURE_LABELS[name], "value": "–", "note": why, "again": ""}
    other = "" if again is None else number(again[name].observed) + ", " + p_value(again[name].p)
    return {
        "again": f"With {FIXED_K} clusters: {other}" if other else "",
        "sees": measure.sees,
        "label": MEASURE_LABELS[name],
        "value": number(measure.observed),
        "note": f"{number(measure.null_mean)} ± {number(measure.null_std)} when labels are shuffled, "
        f"{p_value(measure.p)}; {measure.aligned} = aligned",
    }


def _rows(alignment: Any, strict: Any) -> Iterator[dict[str, Any]]:
    for name, measure in alignment.measures.items():
        if not np.isfinite(measure.observed):
            continue
        numbers = (measure.observed, measure.null_mean, measure.null_std, measure.z)
        stricter = strict[name].p if strict is not None else float("nan")
        yield {
            "label": MEASURE_LABELS[name],
            "definition": measure.definition,
            "sees": measure.sees,
            "aligned": measure.aligned,
            "is_headline": name in (PLACE, WIRING),
            "cells": [*map(cell, numbers), *map(_p_cell, (measure.p, stricter))],
        }


def _p_cell(p: float) -> dict[str, Any]:
    return cell(p) | ({"value": f"{p:.2g}"} if np.isfinite(p) else {})


def _table(alignment: Any, strict: Any) -> pd.DataFrame:
    table = alignment.to_frame()
    table.insert(7, "p_eccentricity", np.nan if strict is None else strict.to_frame()["p"])
    return table
