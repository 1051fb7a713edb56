"""Planted rules and exponents are found again, and rules are compared by networks that did not choose."""

import numpy as np
import pytest

import netanalysis as na


def planted(rule="matching", eta=-1.0, gamma=1.0, n=50, m=150, seed=0):
    place = np.random.default_rng(seed).normal(size=(n, 3))
    net = na.Connectome(np.zeros((n, n)), positions=place)
    return net.replace(weights=na.grow(net, n_connections=m, rule=rule, eta=eta, gamma=gamma, rng=seed))


def test_a_planted_rule_is_found_and_what_was_tried_is_kept():
    net = planted()
    found = na.fit_wiring(net, rules=["spatial", "matching", "deg-avg"], n_steps=4, n_rounds=2, n_held_out=10, rng=1)
    assert found.best == "matching"
    assert found.energy.shape == (3, 10)
    table = found.table()
    assert table["rule"][0] == "matching"
    assert (table["energy_low"] <= table["energy"]).all()
    tried = found.landscape()
    assert tried.groupby("rule").size().to_dict() == {"spatial": 2 * 4, "matching": 2 * 16, "deg-avg": 2 * 16}
    assert tried.query("rule == 'matching' and round == 2")["eta"].agg(np.ptp) == pytest.approx(3)
    again = na.fit_wiring(net, rules=["spatial", "matching", "deg-avg"], n_steps=4, n_rounds=2, n_held_out=10, rng=1)
    np.testing.assert_array_equal(again.energy, found.energy)


def test_energies_are_those_of_ks_distance():
    net = planted(n=20, m=40)
    found = na.fit_wiring(net, rules="spatial", n_steps=2, n_rounds=1, n_networks=1, n_held_out=2, rng=0)
    assert set(found.landscape()["eta"]) == {-6.0, 0.0}
    assert ((found.energy >= 0) & (found.energy <= 1)).all()
    weighted = net.replace(weights=net.weights * 3.5)
    same = na.fit_wiring(weighted, rules="spatial", n_steps=2, n_rounds=1, n_networks=1, n_held_out=2, rng=0)
    np.testing.assert_array_equal(same.energy, found.energy)


@pytest.mark.slow
def test_planted_exponents_are_recovered():
    """Within the spread that the noise of networks leaves, in most of ten planted networks."""
    near = []
    for seed in range(10):
        net = planted(eta=-2.0, gamma=1.0, n=60, m=240, seed=seed)
        found = na.fit_wiring(net, rules="matching", n_steps=7, n_rounds=3, n_networks=8, rng=seed)
        near.append([found.eta[0], found.gamma[0]])
    eta, gamma = np.median(near, axis=0)
    assert abs(eta + 2.0) < 0.75
    assert abs(gamma - 1.0) < 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rules": []}, "rules must name some of"),
        ({"rules": ["spatal"]}, "rules must be one of"),
        ({"eta": (0, -1)}, r"eta must be \(low, high\)"),
        ({"n_steps": 1}, "n_steps must be at least 2"),
        ({"n_held_out": 1}, "n_held_out must be at least 2"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.fit_wiring(planted(n=10, m=12), **options)


def test_refusals_of_networks():
    with pytest.raises(ValueError, match="one undirected network"):
        na.fit_wiring(np.triu(np.ones((4, 4))), distances=np.ones((4, 4)))
    with pytest.raises(ValueError, match="no connections to grow"):
        na.fit_wiring(np.eye(4), distances=np.ones((4, 4)))
    with pytest.raises(ValueError, match="distances= must be given"):
        na.fit_wiring(np.ones((4, 4)))
