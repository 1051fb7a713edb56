"""One example of every figure, drawn on the Axes it is given: what the tests of all figures walk over.

They are as crowded as figures get in papers: many networks, long names, every legend and every note.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

import netanalysis as na
from netanalysis import plot
from netanalysis.structure.pathways import Pathways

_ENDS = {"inputs": "sensory", "outputs": "motor"}
GRID = np.stack(np.indices((5, 6)), -1).reshape(-1, 2).astype(float)


@cache
def examples() -> dict[str, Callable[..., Axes]]:
    """Name of the function: the function with all its arguments but `ax`."""
    rng = np.random.default_rng(0)
    net, table, hops = _network(rng), _table(rng), _hops(rng)
    recording = _recording(rng)
    mixed = na.mixed_selectivity(recording, ["goal", "choice"], windows=2, rng=0)
    clusters = _clusters(rng)
    sheet = na.Connectome(rng.random((30, 30)), positions=GRID)
    test: Any = SimpleNamespace(null_distribution=rng.normal(0.3, 0.01, 99), observed=0.42, z=12.1, p=0.02)
    return {
        "clustering_alignment": partial(
            plot.clustering_alignment, na.clustering_alignment(sheet, clusters, n_nulls=49, rng=0)
        ),
        "communication": partial(plot.communication, na.communication(net)),
        "coupling": partial(plot.coupling, _coupled(net), net),
        "decoding": partial(
            plot.decoding,
            na.decode(recording, "goal", n_nulls=19, rng=0),
            time=recording.time,
            label="Time from cue (s)",
        ),
        "degree_distribution": partial(plot.degree_distribution, net),
        "description_length": partial(plot.description_length, na.block_model(net, n_restarts=2, rng=0)),
        "distance_distribution": partial(plot.distance_distribution, net),
        "eigenvalues": partial(plot.eigenvalues, na.Connectome(net.weights / 60)),
        "embedding": _embedding(rng),
        "functional_sheet": partial(plot.functional_sheet, clusters, positions=GRID),
        "groups": partial(plot.groups, table, measure="small_world_omega"),
        "hop_mass": partial(plot.hop_mass, hops),
        "hubs": partial(plot.hubs, na.hubs(net)),
        "influence": partial(plot.influence, na.influence(_signed(net), sources="sensory")),
        "transition": partial(plot.transition, na.control_energy(net, "sensory", "motor", time=3.0), net, of="inputs"),
        "module_roles": partial(
            plot.module_roles,
            na.participation_coefficient(net),
            na.within_module_z(net),
            modules=net.modules,
        ),
        "gradients": partial(plot.gradients, na.gradients(net, sparsity=0, n_components=2)),
        "low_rank": partial(plot.low_rank, na.low_rank(net, rank=6, n_nulls=99, rng=0, **_ENDS)),
        "motifs": partial(plot.motifs, na.motif_test(net, n_nulls=19, rng=0)),
        "mediators": partial(
            plot.mediators,
            na.pathways(net, max_hops=3).through(),
            test=na.mediator_test(net, "weight_shuffle", max_hops=3, hops=3, at=2, n_nulls=39, rng=0),
        ),
        "network": partial(plot.network, net),
        "network_based_statistic": partial(plot.network_based_statistic, _components(rng), modules=net.modules),
        "null_distribution": partial(plot.null_distribution, test, label="Modularity Q"),
        "parcels": partial(plot.parcels, _map(rng), net, label="Strength (synapses)"),
        "pathway_graph": partial(plot.pathway_graph, na.strongest_paths(net, max_hops=3, min_hops=2, k=12)),
        "pathway_map": partial(plot.pathway_map, hops, hop=2, scale="log"),
        "position": partial(plot.position, table, measure="small_world_omega", highlight="network_007"),
        "preference_in_space": partial(plot.preference_in_space, mixed, positions=GRID),
        "rich_club": partial(plot.rich_club, na.rich_club(net, n_nulls=19, rng=0)),
        "routing": partial(plot.routing, na.pathways(net, max_hops=4, **_ENDS).through(net.modules)),
        "selectivity": partial(plot.selectivity, mixed),
        "strength_distribution": partial(plot.strength_distribution, net, label="Strength (synapses)"),
        "task_variance": partial(plot.task_variance, clusters),
        "weight_distance": partial(plot.weight_distance, net, label="Weight (synapses)"),
        "weight_distribution": partial(plot.weight_distribution, net, label="Weight (synapses)"),
        "weight_matrix": partial(plot.weight_matrix, net, scale="log", label="Weight (synapses)"),
        **_wiring(),
    }


def _wiring() -> dict[str, Callable[..., Axes]]:
    """All rules, of which the names of some are long; two rounds of grids."""
    net = na.Connectome(np.zeros((30, 30)), positions=GRID)
    net = net.replace(weights=na.grow(net, n_connections=60, eta=-1, rng=0))
    found = na.fit_wiring(net, n_steps=4, n_rounds=2, n_networks=1, n_held_out=8, rng=0)
    grown = na.grow(net, **found.options("matching"), size=20, rng=1)
    return {
        "wiring_distribution": partial(plot.wiring_distribution, net, grown, of="relative_edge_length"),
        "wiring_energies": partial(plot.wiring_energies, found),
        "wiring_landscape": partial(plot.wiring_landscape, found, rule="communicability"),
    }


def _embedding(rng: np.random.Generator) -> Callable[..., Axes]:
    """Brains of several species, each named, and models of three kinds."""
    species = ["worm", "fly mushroom body", "mouse cortex", "human", "macaque"]
    kinds = [*species, *["seRNN"] * 30, *["L1 regularised"] * 30]
    place = rng.normal(size=(len(kinds), 3)) + 4 * (np.array(kinds) == "seRNN")[:, None]
    apart = np.linalg.norm(place[:, None] - place, axis=2)
    groups = [*["brain"] * len(species), *kinds[len(species) :]]
    return partial(plot.embedding, na.embed(apart, names=kinds), groups=groups, names=species)


def _network(rng: np.random.Generator) -> na.Connectome:
    """A directed network in space, with a large module, middling ones and two that are hardly there."""
    n = 120
    weights = np.ceil(rng.lognormal(1, 1.5, (n, n))) * (rng.random((n, n)) < 0.1)
    np.fill_diagonal(weights, 0)
    names = np.repeat(["interneuron", "motor", "sensory", "unknown", "pharynx", "glia"], [50, 30, 25, 12, 2, 1])
    place = rng.normal(size=(n, 3)) * [60, 10, 30]
    return na.Connectome(weights, positions=place, modules=names, metadata={"unit": "micrometre"})


def _map(rng: np.random.Generator) -> np.ndarray:
    """One value is missing."""
    return np.append(rng.normal(size=119), np.nan)


def _components(rng: np.random.Generator) -> na.NetworkBasedStatistic:
    """Patients have more among the first nodes, and less between two other parts."""
    w = rng.normal(size=(24, 120, 120))
    w[:12, :40, :30] += 0.8
    w[:12, 60:80, 90:] -= 0.8
    groups = ["patients"] * 12 + ["controls"] * 12
    contrast = ("patients", "controls")
    return na.network_based_statistic(w + w.swapaxes(1, 2), groups, contrast=contrast, threshold=3, n_nulls=39, rng=0)


def _signed(net: na.Connectome) -> na.Connectome:
    """Interneurons inhibit; glia connect to nobody and nobody to them."""
    sign = np.where(net.modules == "interneuron", -1.0, 1.0)
    sign[net.modules == "glia"] = 0.0
    return net.replace(weights=net.weights * sign[:, None] * np.abs(sign))


def _table(rng: np.random.Generator) -> pd.DataFrame:
    """Of 36 networks in three groups, one of them undefined."""
    names = [f"network_{k:03d}" for k in range(36)]
    value = np.append(rng.normal(size=35), np.nan)
    table = pd.DataFrame({"network": names, "measure": "small_world_omega", "value": value})
    null = {"null_mean": value * 0.3, "null_low": value * 0.3 - 0.2, "null_high": value * 0.3 + 0.2}
    return table.assign(**null, group=np.repeat(["L1", "space + communicability", "no penalty"], 12))


def _hops(rng: np.random.Generator) -> Pathways:
    maps = rng.normal(size=(6, 12, 20)) * 10.0 ** -np.arange(6)[:, None, None]
    maps[4] = 0
    return Pathways(maps=maps, hops=np.arange(6), alpha=1.0, scale=1.0)


def _recording(rng: np.random.Generator) -> na.Recording:
    goal, choice = rng.integers(0, 2, (2, 60))
    activity = rng.normal(size=(60, 6, 30))
    activity[:, 2:, :8] += 2 * goal[:, None, None]
    activity[:, 3:, 8:14] += 2 * choice[:, None, None]
    activity[:, :, 29] = 0
    return na.Recording(activity, {"goal": goal, "choice": choice}, time=np.linspace(0.1, 1.1, 6))


def _coupled(net: na.Connectome) -> Any:
    function = np.exp(-net.distances / 50) + 0.1 * np.random.default_rng(0).random((120, 120))
    return na.structure_function_coupling(net, function, predictors=["distance", "weight"], pairs="connected")


def _clusters(rng: np.random.Generator) -> Any:
    gain = np.concatenate([np.kron(np.eye(4), np.ones((7, 1))), np.zeros((2, 4))])[rng.permutation(30)]
    activity = rng.normal(size=(40, 4, 30)) * gain[:, np.repeat([0, 1, 2, 3], 10)].T[:, None, :]
    tasks = np.repeat(["go", "anti", "delayed match", "delayed go"], 10)
    return na.functional_clusters(na.Recording(activity, {"task": tasks}), k=4)
