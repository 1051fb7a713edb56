"""Spiking networks on spoken digits (arXiv:2409.17693): they learn, and the wires of embedded ones become short."""

from pathlib import Path

import numpy as np
import pytest

import netanalysis as na
from models import Ensemble, recipes
from models.draws import START, stream
from models.training import train

TRAINED = Path(__file__).resolve().parents[2] / "data" / "trained"
CHANCE = 1 / 20


@pytest.fixture(scope="module")
def bundled():
    return {group: Ensemble.load(TRAINED / f"spiking_{group}.npz") for group in ("sernn", "l1")}


def wire_correlation(weights, space):
    return na.weight_distance_correlation(na.Connectome(weights, positions=space.units))


def correlations(ensemble):
    """r(|W|, D) of the trained networks, seeds of each gamma."""
    r = [na.weight_distance_correlation(net) for net in ensemble]
    return ensemble.table.assign(r=r).groupby("gamma")["r"]


def test_five_seeds_of_five_strengths_each_learned_the_words(bundled):
    for ensemble in bundled.values():
        assert (ensemble.table["gamma"].value_counts() == 5).all()
        assert ensemble.table["gamma"].nunique() == 5
        assert ensemble.table["accuracy"].min() > 4 * CHANCE
        weakest = ensemble.table[ensemble.table["gamma"] == ensemble.table["gamma"].min()]
        assert weakest["accuracy"].median() > 0.6


@pytest.fixture(scope="module")
def trained():
    """Measures of all networks at epoch 10, by group."""
    table = na.datasets.load("spiking_statistics")
    return dict(list(table[table["epoch"] == 10].groupby("group")))


@pytest.mark.parametrize("column", ["entropy", "entropy_live", "entropy_no_self"])
def test_entropy_is_lower_with_distance_alone(trained, column):
    """In ten new seeds, than in any L1 network, of more or less weight; and they know as many words."""
    distance, l1 = trained["spiking_distance"], trained["spiking_l1"]
    assert len(distance) == 10
    assert distance[column].max() < l1[column].min()
    light = l1.groupby("gamma").median(numeric_only=True).iloc[-2:]
    assert light["total_weight"].iloc[1] < distance["total_weight"].median() < light["total_weight"].iloc[0]
    assert light["accuracy"].iloc[1] < distance["accuracy"].median() < light["accuracy"].iloc[0]
    assert distance["r_distance"].max() < -0.15


def test_entropy_of_embedded_networks_is_higher_and_falls_through_self_connections(trained):
    """With communicability in the penalty: higher than that of L1 at equal weight, until self-connections are left."""
    weak, strong, l1 = trained["spiking_sernn"], trained["spiking_sernn_strong"], trained["spiking_l1"]
    curve = l1.groupby("gamma")[["total_weight", "entropy"]].median().sort_values("total_weight")
    for _, rows in weak.groupby("gamma"):
        at_equal_weight = np.interp(rows["total_weight"], curve["total_weight"], curve["entropy"])
        assert (rows["entropy"] > at_equal_weight).all()
    assert len(strong) == 10
    assert strong["entropy"].max() < l1["entropy"].min()
    assert strong["entropy_no_self"].min() > l1.loc[l1["gamma"] == l1["gamma"].max(), "entropy_no_self"].max()
    assert (strong["self_weight"] / strong["total_weight"]).median() > 0.4


@pytest.mark.parametrize("group", ["sernn", "l1"])
def test_reloaded_networks_still_know_the_words(group, bundled):
    ensemble = bundled[group]
    for row in (0, len(ensemble) // 2, len(ensemble) - 1):
        right = ensemble.record(row, trials=400, noise=False, rng=8).conditions["correct_response"]
        assert right.mean() == pytest.approx(ensemble.table["accuracy"][row], abs=0.1)


def test_weights_start_without_regard_to_distance(bundled):
    recipe = bundled["sernn"].recipe
    task = recipe.make_task()
    start = [recipe.cell.start(task.n_in, task.n_out, stream(seed, START))["W"] for seed in range(5)]
    assert np.abs([wire_correlation(w, recipe.space) for w in start]).max() < 0.05


def test_the_embedding_penalty_shortens_wires_and_l1_does_not(bundled):
    embedded, sparse = correlations(bundled["sernn"]), correlations(bundled["l1"])
    assert (embedded.max()[[1e-3, 3e-3, 1e-2]] < -0.1).all()  # every seed
    assert embedded.median().is_monotonic_decreasing
    assert embedded.median().iloc[-1] < -0.4
    assert sparse.median().abs().max() < 0.05


def test_strength_costs_weights_and_accuracy(bundled):
    for ensemble in bundled.values():
        size = [np.abs(net.weights).sum() for net in ensemble]
        table = ensemble.table.assign(size=size).groupby("gamma")[["size", "accuracy"]].median()
        assert table["size"].is_monotonic_decreasing
        assert table["accuracy"].iloc[-1] < table["accuracy"].iloc[0]


@pytest.mark.slow
def test_a_network_learns_words_in_a_minute():
    recipe = recipes.get("spiking_sernn", quick=True, epochs=2, held_out=256)
    accuracy = train(recipe, 1e-4, 0, progress=False).table["accuracy"]
    assert accuracy.iloc[0] < 2 * CHANCE
    assert accuracy.iloc[-1] > 3 * CHANCE


def test_the_table_follows_every_network_through_training(bundled):
    table = na.datasets.load("spiking_statistics")
    assert len(table) == (2 * 25 + 2 * 10) * 11
    more = {group: Ensemble.load(TRAINED / f"spiking_{group}.npz") for group in ("distance", "sernn_strong")}
    for group, ensemble in (bundled | more).items():
        rows = table[table["group"] == f"spiking_{group}"]
        last = rows[rows["epoch"] == 10].sort_values("network")
        assert last["accuracy"].to_numpy() == pytest.approx(ensemble.table["accuracy"].to_numpy(), rel=1e-4)
        r = [na.weight_distance_correlation(net) for net in ensemble]
        assert last["r_distance"].to_numpy() == pytest.approx(r, rel=1e-3, abs=1e-5)
        strong = rows[rows["gamma"] == rows["gamma"].max()].groupby("epoch")[["r_distance", "entropy", "q"]].median()
        assert abs(strong["r_distance"][0]) < 0.05
        assert strong["entropy"][10] < strong["entropy"][0]
        assert strong["q"][10] > strong["q"][0]
