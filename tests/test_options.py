"""Every option of the public surface refuses what it does not know, by name: none is taken silently."""

import functools
import inspect
import os
import types
import typing

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot

_ONLY_FOR_TYPES = {"pd": pd, "PathLike": os.PathLike, "Axes": object, "Figure": object}


def _functions():
    """Public functions by name, those of the modules too."""
    for space, prefix in (
        (na, ""),
        (na.nulls, "nulls."),
        (na.maps, "maps."),
        (na.transform, "transform."),
        (plot, "plot."),
    ):
        for name in space.__all__:
            value = getattr(space, name)
            if inspect.isfunction(value):
                yield prefix + name, value
    yield "Connectome", na.Connectome
    yield "Measure", na.Measure
    yield "Pathways.routing", na.Pathways.routing


def _kinds(annotation):
    """The kinds that an annotation allows, None left out."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [kind for part in typing.get_args(annotation) for kind in _kinds(part)]
    return [] if annotation is type(None) else [annotation]


def _options(wanted):
    """(function, parameter) of every option that is only of the wanted kind."""
    for name, function in _functions():
        target = function.__init__ if inspect.isclass(function) and name != "Measure" else function
        hints = typing.get_type_hints(target, localns=_ONLY_FOR_TYPES)
        for parameter in inspect.signature(function).parameters.values():
            kinds = _kinds(hints.get(parameter.name, typing.Any))
            if kinds and all(wanted(kind) for kind in kinds):
                yield pytest.param(function, parameter.name, id=f"{name}-{parameter.name}")


def _is_literal(kind):
    return typing.get_origin(kind) is typing.Literal


class _Later:
    """What takes kernels to make, made when a test needs it: all workers collect all tests, and would compile them."""

    def __init__(self, make):
        self._make = make

    @functools.cached_property
    def value(self):
        return self._make()


_RNG = np.random.default_rng(0)
_W = _RNG.random((8, 8)) + 0.1
_W = (_W + _W.T) / 2
np.fill_diagonal(_W, 0)
_NET = na.Connectome(_W, positions=_RNG.random((8, 3)), modules=[0, 1] * 4)
_RECORDING = na.Recording(
    _RNG.normal(size=(40, 6, 8)),
    {"task": list("ab") * 20, "choice": _RNG.integers(0, 2, 40), "cue": _RNG.integers(0, 2, 40)},
)
_TABLE = pd.DataFrame({"network": list("abcd"), "group": list("xxyy"), "measure": "m", "value": [1.0, 2, 4, 3]})
# Enough of every argument that has no default for the call to get as far as its options.
_GIVEN = {
    "net": _NET,
    "networks": _NET,
    "connectivity": _W,
    "weights": _W,
    "a": [_W, _W],
    "b": [_W, _W],
    "recording": _RECORDING,
    "recordings": [_RECORDING],
    "groups": [0, 1] * 4,
    "variables": ["choice", "cue"],
    "by": ["choice", "cue"],
    "target": "choice",
    "communities": [0, 1] * 4,
    "functional": [0, 1] * 4,
    "partitions": [[0, 1] * 4] * 2,
    "n_samples": 100,
    "n_connections": 3,
    "max_hops": 2,
    "rank": 2,
    "alpha": 0.1,
    "statistic": na.density,
    "null": na.nulls.weight_shuffle,
    "preference": np.linspace(-1, 1, 8),
    "run": lambda silenced: [1.0],
    "nodes": [0, 1],
    "start": 0,
    "stop": 3,
    "function": na.density,
    "definition": "d",
    "modules_in": [0, 1] * 4,
    "modules_out": [0, 1] * 4,
    "hop": 1,
    "measure": "m",
    "table": _TABLE,
    "pathways": _Later(lambda: na.pathways(_NET, max_hops=2)),
    "self": _Later(lambda: na.pathways(_NET, max_hops=2)),
    "path": "w.csv",
    "source": torch.nn.GRU(2, 4),
    "sources": [0, 1],
    "inputs": [0, 1],
    "outputs": [2, 3],
    "k": 3,
    "max_lag": 1,
    "min_peak": 0.1,
    "activity": _RNG.random((2, 5, 8)),
    "transmitters": ["acetylcholine", "GABA"] * 4,
    "x": "value",
    "y": "value",
    "values": [3.0, 1, 2],
    "nets": [_NET, _NET],
    "figure": Figure(),
    "rule": "fly",
    "value": "value",
    "scores": np.linspace(-1, 1, 8),
    "x0": np.zeros(8),
    "xf": np.ones(8),
    "participation": [0.1, 0.5],
    "within_z": [0.0, 1.0],
    "carried": _Later(lambda: na.pathways(_NET, max_hops=2).through()),
}
_SPHERE = _RNG.normal(size=(40, 3)) / 1e3
_DISTANCES = np.linalg.norm(_SPHERE[:, None] - _SPHERE, axis=-1)
_THIN = _NET.replace(weights=np.where(_RNG.random((8, 8)) < 0.4, _W, 0))
_CORRELATIONS = np.corrcoef(_RNG.normal(size=(8, 100)))
_SELECTIVITY = _Later(lambda: na.mixed_selectivity(_RECORDING, ["choice", "cue"], windows=2, rng=0))
_GIVEN["club"] = _Later(lambda: na.rich_club(_THIN, n_nulls=5, rng=0))
_GIVEN["result"] = _Later(lambda: na.hubs(_THIN))
_GIVEN["data"] = 1 - np.eye(5)
_PEOPLE = _RNG.normal(size=(20, 4, 4))
_EFFECT = ["a", "b"] * 10
_GIVEN |= {"stack": _PEOPLE, "effect": _EFFECT, "threshold": 2.0, "score": _PEOPLE[:, 0, 1], "t": _PEOPLE[0]}
_GIVEN |= {"first": _PEOPLE, "second": _PEOPLE, "scans": _PEOPLE[:, 0]}
_GIVEN["found"] = _Later(lambda: na.control_energy(_W, np.eye(len(_W))[0], np.eye(len(_W))[1]))
_GIVEN["test"] = _Later(lambda: na.null_test(_NET, na.efficiency, "weight_shuffle", n_nulls=5, rng=0))
_FITTED = _Later(
    lambda: na.fit_wiring(
        _W + _W.T, distances=1 - np.eye(8), rules="spatial", n_steps=2, n_rounds=1, n_networks=1, n_held_out=2, rng=0
    )
)


_ALSO = {
    na.correlation_communities: {"net": _CORRELATIONS},
    na.correlation_modularity: {"net": _CORRELATIONS},
    na.nulls.hirschberger_qi_steuer: {"net": _CORRELATIONS},
    na.nulls.degree_preserving: {"net": _THIN},
    na.nulls.lattice: {"net": _THIN},
    na.nulls.reciprocity_preserving: {"net": _THIN},
    na.nulls.triad_preserving: {"net": _THIN},
    na.nulls.geometry_preserving: {"net": _THIN},
    na.nulls.wiring_length_preserving: {"net": _THIN},
    na.mixed_selectivity: {"windows": 2},
    na.map_test: {"a": _RNG.random(40), "b": _RNG.random(40)},
    na.maps.spin: {"values": _RNG.random(40), "positions": _SPHERE / np.linalg.norm(_SPHERE, axis=1, keepdims=True)},
    na.maps.variogram_matched: {"values": _RNG.random(40), "distances": _DISTANCES},
    na.maps.variogram: {"values": _RNG.random(40), "distances": _DISTANCES},
    na.maps.moran: {"values": _RNG.random(40), "distances": _DISTANCES},
    na.dominance: {"predictors": _RNG.random((9, 2)), "response": _RNG.random(9)},
    na.spatial_permutation: {"net": _NET},
    na.functional_clusters: {"by": "task"},
    na.compare: {"measures": ["density"]},
    na.report: {"measures": ["density"]},
    na.summarize: {"measures": ["density"]},
    na.group_consensus: {"distances": 1 - np.eye(4)},
    na.node_test: {"values": _PEOPLE[:, 0]},
    plot.network_based_statistic: {
        "test": _Later(lambda: na.network_based_statistic(_PEOPLE, _EFFECT, threshold=2, n_nulls=9, rng=0))
    },
    plot.motifs: {"test": _Later(lambda: na.motif_test(_THIN, n_nulls=5, rng=0))},
    plot.coupling: {
        "found": _Later(lambda: na.structure_function_coupling(_NET, _W, predictors=["weight", "distance"]))
    },
    plot.wiring_landscape: {"found": _FITTED},
    plot.wiring_energies: {"found": _FITTED},
    plot.wiring_distribution: {"net": _NET, "grown": _NET},
    plot.parcels: {"values": np.arange(8.0), "net": _NET},
    plot.surface: {"values": [1.0, 2.0], "mesh": (np.eye(3), [[0, 1, 2]]), "labelling": [1, 1, 2]},
    plot.task_variance: {"clusters": _Later(lambda: na.functional_clusters(_RECORDING, k=2, rng=0))},
    plot.preference_in_space: {"preference": _SELECTIVITY, "net": _NET},
    plot.activity: {"by": "choice"},
    plot.curve: {"table": _TABLE.assign(x=range(4)), "x": "x"},
    plot.heat_map: {"table": _TABLE.assign(x=range(4), y=range(4)), "x": "x", "y": "y"},
    plot.selectivity: {"result": _SELECTIVITY},
}


def _call(function, name, bad):
    given = _GIVEN | _ALSO.get(function, {})
    needed = {
        p.name: given[p.name]
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name != name
    }
    needed |= {p: given[p] for p in _ALSO.get(function, {}) if p != name}
    needed = {p: value.value if isinstance(value, _Later) else value for p, value in needed.items()}
    positional = [p for p in needed if p in list(inspect.signature(function).parameters)[: len(needed)]]
    kinds = inspect.signature(function).parameters
    first = [needed.pop(p) for p in positional if kinds[p].kind is not inspect.Parameter.KEYWORD_ONLY]
    return function(*first, **needed, **{name: bad})


@pytest.mark.parametrize(("function", "name"), list(_options(_is_literal)))
def test_a_choice_refuses_what_it_does_not_know(function, name):
    """Seen: consensus="zzz" was taken as True."""
    with pytest.raises(ValueError, match=rf"\b{name}\b.*'zzz'"):
        _call(function, name, "zzz")


@pytest.mark.parametrize(("function", "name"), list(_options(lambda kind: kind is bool)))
@pytest.mark.parametrize("value", ["zzz", 2], ids=str)
def test_a_switch_is_true_or_false(function, name, value):
    with pytest.raises(TypeError, match=rf"\b{name} must be True or False"):
        _call(function, name, value)


@pytest.mark.parametrize(("function", "name"), list(_options(lambda kind: kind is int)))
@pytest.mark.parametrize("value", ["zzz", 1.5], ids=str)
def test_a_count_is_a_whole_number(function, name, value):
    with pytest.raises((TypeError, ValueError), match=rf"\b{name} must be "):
        _call(function, name, value)
