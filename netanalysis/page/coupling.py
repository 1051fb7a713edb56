"""The part of the page on structure and function, where functional connectivity of the same nodes is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

import netanalysis as na
from netanalysis import plot
from netanalysis._core import node_order, undefined, validate
from netanalysis._core.files import written_whole
from netanalysis._core.text import cells
from netanalysis.activity.coupling import rank_coupling
from netanalysis.connectome import Connectome
from netanalysis.nulls._choose_null import choose_null
from netanalysis.page.content import cell, null_name
from netanalysis.page.figures import Plan, draw_cards, refuse
from netanalysis.page.inputs import is_bundled
from netanalysis.plot._colour import SEQUENTIAL
from netanalysis.plot._text import number, p_value
from netanalysis.plot.brains import opaque
from netanalysis.recording import Recording

MAX_NODES = 1000  # above, hundreds of null networks would take minutes
N_NULLS, N_MAPS = 100, 200
MODELS = ("weight", "distance", "shortest_paths", "communicability")


def as_connectivity(function: Any, net: Connectome) -> NDArray[np.float64]:
    """Functional connectivity of the nodes of `net`: as it is, or correlations of activity over time."""
    given = _opened(function)
    if isinstance(given, Recording):
        _same_nodes(given.labels, given.n_units, net)
        return na.functional_connectivity(given)
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.shape[0] != given.shape[1]:
        return as_connectivity(Recording(given[None]), net)
    labels = given.labels if isinstance(given, Connectome) else node_order.own_labels(given)
    w = validate.dense(validate.as_weights(given, name="function"), measure="coupling", instead="a dense array")
    if w.ndim != 2:
        raise ValueError(f"function must be one network of functional connectivity; got a stack of shape {w.shape}")
    _same_nodes(labels, len(w), net)
    return np.asarray(w)


def _opened(function: Any) -> Any:
    """What a path or the name of a bundled set stands for; a table of time x nodes is one, too."""
    if not isinstance(function, (str, PathLike)):
        return function
    if is_bundled(function):
        return na.datasets.load(str(function))
    path = Path(function)
    series = _time_series(path)
    return na.load(path) if series is None else series


def _time_series(path: Path) -> NDArray[np.float64] | None:
    """The numbers of a text or .npy file that holds other than a square matrix: time x nodes, with or without names."""
    if not path.is_file():
        return None
    if path.suffix == ".npy":
        array = np.load(path, allow_pickle=False)
    elif path.suffix in (".csv", ".tsv", ".txt", ".1D", ".1d"):
        try:
            table = pd.read_csv(path, sep=None, engine="python", header=None)
            if not all(kind.kind in "if" for kind in table.dtypes):
                table = pd.read_csv(path, sep=None, engine="python")
            array = table.to_numpy(float)
        except (ValueError, pd.errors.ParserError):
            return None
    else:
        return None
    return array if array.ndim == 2 and array.shape[0] != array.shape[1] and np.isfinite(array).all() else None


def _same_nodes(labels: Any, count: int, net: Connectome) -> None:
    if count != net.n_nodes:
        raise ValueError(
            f"function must be of the nodes of {net.name}: it has {count}, the network {net.n_nodes} nodes "
            "(activity is time x nodes)"
        )
    if labels is None or net.labels is None:
        return
    differ = np.flatnonzero(np.asarray(labels).astype(str) != np.asarray(net.labels).astype(str))
    if len(differ) and sorted(map(str, labels)) == sorted(map(str, net.labels)):
        raise ValueError(
            f"function and {net.name} must have their nodes in the same order; node {differ[0]} is "
            f"{str(labels[differ[0]])!r} and {str(net.labels[differ[0]])!r}"
        )


def coupling_part(
    net: Connectome, connectivity: NDArray[np.float64], folder: Path, *, rng: int = 0
) -> dict[str, Any] | None:
    """Figures and the table of predictors, each beside its values in null networks; written as coupling.csv."""
    if net.n_nodes > MAX_NODES:
        return _only_said(f"drawn up to {MAX_NODES:,} nodes, this network has {net.n_nodes:,}")
    predictors = [name for name in MODELS if name != "distance" or net.has_distances]
    if net.is_signed:
        predictors = [name for name in predictors if name in ("weight", "distance")]
    try:
        with undefined.noted():
            found = na.structure_function_coupling(net, connectivity, predictors=predictors)
            tests = dict(_tested(net, connectivity, predictors, found, rng))
    except ValueError as error:
        return _only_said(str(error))
    table = found.table()
    whole = table["hops"] == 0
    for key, test in tests.items():
        for column in ("null_mean", "z", "p"):
            values = np.full(len(table), np.nan)
            values[np.flatnonzero(whole)] = getattr(test, column)
            table[f"{column}_{key}"] = values
    with written_whole(folder / "coupling.csv") as part:
        cells(table).to_csv(part, index=False)
    where = _map_of(net, found.regional_adjusted_r2)
    with undefined.noted():
        of_map, why = _map_tested(where, rng)
    if of_map is not None:
        with written_whole(folder / "coupling_map.csv") as part:
            cells(of_map.table()).to_csv(part, index=False)
    plans = [*_plans(net, connectivity, found), *_map_plans(where, of_map, why, rng)]
    cards, missing = draw_cards(plans, key="coupling", name=str(net.name))
    if net.is_signed:
        missing.append("shortest paths and communicability (they have no meaning for negative weights)")
    return {
        "facts": [
            f"{found.n_pairs:,} pairs",
            f"R² of all predictors {number(found.r2)}",
            f"adjusted {number(found.adjusted_r2)}",
            f"of pairs left out {number(found.cross_validated_r2)}",
        ],
        "nulls": [key.replace("_", " ") for key in tests],
        "n_nulls": N_NULLS,
        "rows": list(_rows(found, tests)),
        "map": None if of_map is None else _map_rows(of_map),
        "figures": cards,
        "missing": missing,
    }


def _only_said(why: str) -> dict[str, Any]:
    missing = [f"coupling of structure and function ({why})"]
    return {"facts": [], "nulls": [], "n_nulls": N_NULLS, "rows": [], "map": None, "figures": [], "missing": missing}


def _tested(
    net: Connectome, connectivity: NDArray[np.float64], predictors: list[str], found: Any, rng: int
) -> Iterator[tuple[str, Any]]:
    """The rank correlations of all predictors in null networks: the one that fits, and one that keeps lengths."""

    def rho(null: Any) -> NDArray[np.float64]:
        weights = null.weights if isinstance(null, Connectome) else null
        return rank_coupling(net.replace(weights=weights), connectivity, predictors=predictors)

    models: list[Callable[..., Any]] = []
    with_reason = _fitting(net)
    if with_reason is not None:
        models.append(with_reason)
    if net.has_distances and not net.is_signed and 0 < float(net.density) < 1:
        models.append(na.nulls.distance_binned)
    for model in models:
        try:
            yield null_name(model), na.null_test(net, rho, model, n_nulls=N_NULLS, rng=rng)
        except ValueError:  # a network too small to be rewired
            continue


class _Map(NamedTuple):
    """How well each node is coupled, its strength, and where it is: of the nodes of which that is known."""

    net: Connectome
    coupling: NDArray[np.float64]
    strength: NDArray[np.float64]
    of_all: NDArray[np.float64]  # coupling of all nodes, nan where unknown
    known: NDArray[np.bool_]


def _map_of(net: Connectome, coupling: NDArray[np.float64]) -> _Map:
    known = np.isfinite(coupling)
    return _Map(net, coupling[known], np.asarray(na.strength(na.transform.absolute(net)))[known], coupling, known)


def _map_tested(where: _Map, rng: int) -> tuple[Any, str]:
    """Do strong nodes couple better, beside maps as smooth in space? By every null model that is valid; or why not."""
    net = where.net
    if not net.has_distances:
        return None, "no node positions or distances are given"
    sphere = net.positions if net.positions is not None and net.positions.shape[1] == 3 else None
    try:
        found = na.map_test(
            where.coupling,
            where.strength,
            positions=None if sphere is None else sphere[where.known],
            distances=net.distances[np.ix_(where.known, where.known)],  # type: ignore[index]
            statistic="spearman",
            n_nulls=N_MAPS,
            rng=rng,
        )
    except ValueError as error:
        return None, str(error)
    return found, ""


def _map_rows(test: Any) -> dict[str, Any]:
    """What the page says of the test."""
    of = {"a": "coupling", "b": "strength"}
    valid = [row for row in test.rows if np.isfinite(row["p"])]
    return {
        "rho": number(test.r),
        "p": p_value(test.p),
        "n_nulls": N_MAPS,
        "rows": [
            {
                "label": row["null"],
                "randomised": of[row["randomised"]],
                "cells": [cell(row["null_std"]), cell(row["z"], p=row["p"], z=row["z"]), cell(row["p"])],
                "note": row["note"],
            }
            for row in valid
        ],
        "left_out": list(dict.fromkeys(f"{row['null']}: {row['note']}" for row in test.rows if row not in valid)),
    }


def _map_plans(where: _Map, test: Any, why: str, rng: int) -> Iterator[Plan]:
    if test is None:
        yield Plan("Coupling and strength of nodes", refuse(why))
        return
    table = pd.DataFrame({"strength": where.strength, "coupling": where.coupling})
    said = f"Spearman’s ρ {number(test.r)}, {p_value(test.p)}: the largest of all null models that are valid here."
    labels = {"strength": "Strength", "coupling": "Adjusted R²"}
    draw = partial(plot.scatter, table, x="strength", y="coupling", labels=labels)
    yield Plan("Coupling and strength of nodes", draw, f"Every dot a node. {said}")
    if where.net.positions is None or where.net.positions.shape[1] != 3:
        return
    try:
        distances = where.net.distances[np.ix_(where.known, where.known)]  # type: ignore[index]
        one = na.maps.moran(where.coupling, rng, distances=distances)
    except ValueError:
        return
    drawn = np.full(len(where.of_all), np.nan)
    drawn[where.known] = one
    caption = "One of the maps that coupling is set against: random, and as smooth in space (Moran)."
    draw = partial(_in_space, drawn, where.net, like=where.of_all)
    yield Plan("A map as smooth, at random", draw, caption, size=(7.6, 2.6), wide=True)


def _fitting(net: Connectome) -> Callable[..., Any] | None:
    try:
        return choose_null(net, kind="network")[0]
    except ValueError:
        return None


def _rows(found: Any, tests: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for k, name in enumerate(found.names):
        columns = [cell(found.rho[k])]
        for test in tests.values():
            columns += [
                cell(test.null_mean[k]),
                cell(test.z[k], p=test.p[k], z=test.z[k]),
                cell(test.p[k] if np.isfinite(test.z[k]) else np.nan),
            ]
        yield {"label": name.replace("_", " "), "cells": [*columns, cell(found.dominance[k])]}


def _plans(net: Connectome, connectivity: NDArray[np.float64], found: Any) -> Iterator[Plan]:
    r = connectivity.copy()
    np.fill_diagonal(r, 0.0)
    order = "Sorted by module; " if net.modules is not None else ""
    yield Plan(
        "Functional connectivity",
        partial(_matrix, r, net.modules),
        f"{order}the diagonal is left empty." if order else "The diagonal is left empty.",
    )
    yield Plan(
        "Coupling by distance in hops",
        partial(plot.coupling, found, view="hops"),
        "Rank correlation of each predictor with functional connectivity, of pairs so many connections apart.",
    )
    names = ", ".join(name.replace("_", " ") for name in found.names)
    caption = f"Of the pairs of each node, explained by {names}."
    yield Plan("Coupling of nodes", partial(plot.coupling, found, net), f"{caption} A line marks the mean.")
    if net.positions is None:
        yield Plan("Coupling in space", refuse("no node positions are given"))
    elif net.positions.shape[1] == 3:
        draw = partial(_in_space, found.regional_adjusted_r2, net)
        yield Plan("Coupling in space", draw, caption, size=(7.6, 2.6), wide=True)
    else:
        yield Plan("Coupling in space", partial(plot.coupling, found, net, view="space"), caption)


def _in_space(r2: NDArray[np.float64], net: Connectome, *, like: NDArray[np.float64] | None = None, ax: Axes) -> Axes:
    """Adjusted R^2 may fall below 0, which is no other side; colours are those of another map, if it is like one."""
    scale = r2 if like is None else like
    known = scale[np.isfinite(scale)]
    limits = (min(0.0, float(known.min())), float(known.max())) if known.size and known.max() > 0 else None
    return plot.parcels(r2, net, limits=limits, cmap=opaque(SEQUENTIAL), label="Adjusted R²", ax=ax)


def _matrix(r: NDArray[np.float64], modules: Any, *, ax: Axes) -> Axes:
    return plot.weight_matrix(r, modules=modules, label="Functional connectivity", ax=ax)
