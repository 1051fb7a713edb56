"""What Growing Brains claims (arXiv:2310.07711), on the bundled networks: with distance as a cost and units that move,
functional clusters are compact in space; with plain L1 they are not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import netanalysis as na
from models import Ensemble
from models.tasks.cognitive import TASKS

FOLDER = Path(__file__).resolve().parents[2] / "data" / "trained"
MATCHED = {"bimt": 3e-4, "bimt_l1": 1e-3}  # strengths that leave about as many units active


@pytest.fixture(scope="module")
def networks():
    """The networks of matched strength, by kind and seed."""
    found = {}
    for name, gamma in MATCHED.items():
        last = Ensemble.load(FOLDER / f"{name}.npz").at(-1)
        last = last.select(np.isclose(last.table["gamma"], gamma))
        found |= {(name, seed): last.select([row]) for row, seed in enumerate(last.table["seed"])}
    return found


@pytest.fixture(scope="module")
def seeds(networks):
    seeds = {seed for name, seed in networks if name == "bimt"} & {seed for name, seed in networks if name == "bimt_l1"}
    assert len(seeds) >= 5
    return sorted(seeds)


@pytest.fixture(scope="module")
def alignments(networks):
    found = {}
    for key, ensemble in networks.items():
        clean = ensemble.record(trials=2000, rng=2, noise=False)
        clusters = na.functional_clusters(clean, start="stimulus_1_on", stop="end", k=7, n_init=5, rng=0)
        found[key] = na.clustering_alignment(ensemble.connectome(), clusters, n_nulls=500, rng=0)
    return found


@pytest.fixture(scope="module")
def accuracies(networks):
    """Accuracy in every task, with noise."""
    rows = {}
    for key, ensemble in networks.items():
        conditions = ensemble.record(trials=2000, rng=1).conditions
        rows[key] = conditions.groupby("task")["correct_response"].mean()[list(TASKS)]
    return pd.DataFrame(rows).T


@pytest.mark.parametrize("measure", ["within_cluster_squares", "pair_distance", "similarity_distance"])
@pytest.mark.slow
def test_function_is_compact_in_space_with_distance_and_exchanges_only(alignments, seeds, measure):
    z = {key: alignment[measure].z for key, alignment in alignments.items()}
    sign = 1 if alignments["bimt", seeds[0]][measure].aligned == "high" else -1
    for seed in seeds:
        assert sign * z["bimt", seed] > sign * z["bimt_l1", seed]
    assert sign * np.mean([z["bimt", seed] for seed in seeds]) > 2
    assert abs(np.mean([z["bimt_l1", seed] for seed in seeds])) < 2


@pytest.mark.slow
def test_wiring_alone_does_not_tell(alignments, seeds):
    """Both kinds wire units of a cluster together: measures that see no place cannot show the effect."""
    for name in MATCHED:
        assert np.mean([alignments[name, seed]["within_between"].z for seed in seeds]) > 2


def test_wires_are_shorter(networks, seeds):
    def length(name, seed):
        net = networks[name, seed].connectome()
        return (np.abs(net.weights) * net.distances).sum()

    for seed in seeds:
        assert length("bimt", seed) < 0.75 * length("bimt_l1", seed)


@pytest.mark.slow
def test_tasks_are_learned(accuracies, seeds):
    means = accuracies.mean(axis=1)
    assert (accuracies[list(TASKS[:6])].mean(axis=1) > 0.95).all()
    for seed in seeds:
        assert abs(means["bimt", seed] - means["bimt_l1", seed]) < 0.1


def test_trained_networks_are_a_data_set():
    for name, gamma in MATCHED.items():
        trained = na.datasets.load(name)
        net = trained[0]
        assert net.metadata["gamma"] == gamma
        assert {"penalty", "seed", "epoch", "accuracy", "licence"} <= net.metadata.keys()
        assert net.distances[0, 11] == pytest.approx(0.2)  # Manhattan
        first = trained.table[trained.table["network"] == 0]
        assert first["epoch"].tolist() == list(range(7))
