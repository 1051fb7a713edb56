"""Error against active units and wiring of 400 units, over strengths of either penalty, beside what Growing Brains
published (arXiv:2310.07711, read off its figures)."""

import numpy as np
import pytest

import netanalysis as na
from models.tasks.cognitive import TASKS

# active units, error, wiring
PUBLISHED = {
    "bimt": [
        (25, 0.174, 9.9e2),
        (44, 0.095, 3.07e3),
        (70, 0.057, 6.1e3),
        (82, 0.044, 1.09e4),
        (109, 0.031, 2.03e4),
        (146, 0.026, 4.9e4),
        (200, 0.028, 1.0e5),
    ],
    "bimt_l1": [
        (41, 0.195, 1.37e4),
        (66, 0.097, 3.83e4),
        (109, 0.044, 6.8e4),
        (131, 0.031, 1.0e5),
        (180, 0.030, 2.27e5),
        (239, 0.033, 4.1e5),
        (285, 0.036, 7.2e5),
    ],
}
CEILING = dict.fromkeys(TASKS, 1.0) | dict.fromkeys(TASKS[6:10], 0.965) | {"multidm": 0.918, "multidlydm": 0.903}
DM = TASKS[6:11]
DIFFERS = "as measured here, and not as published: data/trained/README.md"


@pytest.fixture(scope="module")
def table():
    return na.datasets.load("bimt_400_statistics").sort_values("gamma").assign(error=lambda t: 1 - t["noisy_accuracy"])


@pytest.fixture(scope="module")
def curves(table):
    """Each penalty's networks, by strength; none has collapsed."""
    curves = {name: table[(table["model"] == name) & (table["gamma"] > 0)] for name in PUBLISHED}
    return {name: curve[curve["error"] < 0.3] for name, curve in curves.items()}


def at_error(curve, column, error):
    """A quantity where the curve has this error, by interpolation of its logarithm."""
    curve = curve.sort_values("error")
    return np.exp(np.interp(error, curve["error"], np.log(curve[column])))


def test_bundled_networks_are_in_the_table(table):
    for name, data in (("bimt", "bimt_400"), ("bimt_l1", "bimt_l1_400")):
        net = na.datasets.load(data)[0]
        row = table[(table["model"] == name) & np.isclose(table["gamma"], net.metadata["gamma"])]
        assert net.n_nodes == 400
        assert row["accuracy"].item() == pytest.approx(net.metadata["accuracy"], abs=1e-4)
        lengths = np.abs(net.weights) * net.distances
        assert row["weighted_wiring"].item() == pytest.approx(lengths.sum(), rel=1e-3)


@pytest.mark.parametrize("name", PUBLISHED)
def test_stronger_penalties_leave_fewer_units(table, name):
    curve = table[(table["model"] == name) & (table["gamma"] > 0)]
    assert (np.diff(curve["active"]) < 0).all()
    assert curve["active"].max() >= 180
    assert curve["active"].min() <= 60
    assert curve["importance_gap"].max() <= 0.05


@pytest.mark.parametrize("error", [0.066, 0.08, 0.11])
def test_equal_error_for_about_a_third_of_the_wires(curves, error):
    """Published: 1/6 to 1/12."""
    ours, l1 = (at_error(curves[name], "wiring", error) for name in PUBLISHED)
    assert 0.2 < ours / l1 < 0.4
    assert ours / at_error(curves["bimt"], "active", error) < l1 / at_error(curves["bimt_l1"], "active", error)


def test_wiring_of_as_many_units_is_near_the_published(curves):
    """Within a factor of two, over the published range of units, for either penalty."""
    for name, published in PUBLISHED.items():
        units, _, wiring = np.array(published).T
        here = curves[name].sort_values("active")
        inside = (here["active"] >= units.min()) & (here["active"] <= units.max())
        expected = np.exp(np.interp(here["active"][inside], units, np.log(wiring)))
        ratio = here["wiring"][inside] / expected
        assert inside.sum() >= 6
        assert ratio.between(0.4, 1.3).all()


def test_error_comes_near_the_published(curves):
    """After 16,000 updates; never below it by more than what 8,000 trials leave uncertain."""
    for name, published in PUBLISHED.items():
        units, error, _ = np.array(published).T
        above = curves[name]["error"] - np.interp(curves[name]["active"], units, error)
        assert above.between(-0.01, 0.075).all()
    assert min(curve["error"].min() for curve in curves.values()) < 0.05


def test_all_tasks_are_learned_under_weak_penalties(table):
    weak = table[(table["gamma"] > 0) & (table["gamma"] < 4e-5) | (table["gamma"] == 6e-5)]
    accuracy = weak[[f"accuracy_{task}" for task in TASKS]].set_axis(TASKS, axis=1)
    assert len(weak) == 4
    assert (accuracy[list(TASKS[:6])] >= 0.99).all(axis=None)
    assert (accuracy[list(TASKS[16:])] >= 0.93).all(axis=None)
    assert (accuracy[list(DM)] >= [CEILING[task] - 0.15 for task in DM]).all(axis=None)


@pytest.mark.xfail(reason=DIFFERS, strict=True)
def test_about_110_units_make_an_error_below_a_twentieth(curves):
    assert curves["bimt"]["error"][curves["bimt"]["active"].between(80, 140)].min() <= 0.05


@pytest.mark.xfail(reason=DIFFERS, strict=True)
def test_without_a_penalty_all_tasks_are_learned(table):
    free = table[table["gamma"] == 0]
    assert free["noisy_accuracy"].item() >= 0.95


def test_far_fewer_wires_than_without_a_penalty(table, curves):
    free = table[table["gamma"] == 0]["wiring"].item()
    assert free == pytest.approx(1.99e6, rel=0.1)  # published
    assert at_error(curves["bimt"], "wiring", 0.066) < free / 100


def test_neighbours_have_strong_connections(curves):
    assert (np.diff(curves["bimt"]["neighbour_ratio"]) > 0).all()
    assert (curves["bimt"]["neighbour_ratio"] >= 2.8).all()
    weak = curves["bimt_l1"][curves["bimt_l1"]["gamma"] <= 3e-4]
    assert weak["neighbour_ratio"].between(0.67, 1.5).all()


def test_function_is_compact_at_every_strength(curves):
    z = {name: curve["pair_distance_z_seven"] for name, curve in curves.items()}
    assert z["bimt"].max() < -2.5
    assert z["bimt_l1"].abs().max() < 2
    squares = {name: curve["within_cluster_squares_z_seven"] for name, curve in curves.items()}
    assert squares["bimt"].mean() < -2.5
    assert squares["bimt_l1"].min() > -1


@pytest.mark.xfail(reason=DIFFERS, strict=True)
def test_half_of_the_clusters_serve_a_family_of_tasks(curves):
    assert (curves["bimt"]["lesions"] >= 0.5).all()
