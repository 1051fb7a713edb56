"""Planted rules and exponents are found again, and rules are compared by networks that did not choose."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis.comparison.ks import WEIGHTED_ENERGY
from netanalysis.generate import fitting


def planted(rule="matching", eta=-1.0, gamma=1.0, n=50, m=150, seed=0, **options):
    place = np.random.default_rng(seed).normal(size=(n, 3))
    net = na.Connectome(np.zeros((n, n)), positions=place)
    return net.replace(weights=na.grow(net, n_connections=m, rule=rule, eta=eta, gamma=gamma, rng=seed, **options))


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


def test_a_killed_fit_goes_on_after_its_last_round(tmp_path, monkeypatch):
    net, options = planted(n=20, m=40), {"rules": ["spatial", "matching"], "n_steps": 2, "n_rounds": 2, "n_held_out": 3}
    whole = na.fit_wiring(net, **options, rng=4)
    path, done = tmp_path / "fit.jsonl", []
    grow = fitting.grow

    def killed(*args, **given):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(given["rule"])
        return grow(*args, **given)

    monkeypatch.setattr(fitting, "grow", killed)
    with pytest.raises(KeyboardInterrupt):
        na.fit_wiring(net, **options, rng=4, checkpoint=path)
    monkeypatch.setattr(fitting, "grow", lambda *args, **given: done.append(given["rule"]) or grow(*args, **given))
    again = na.fit_wiring(net, **options, checkpoint=path)  # with the seed in the file
    assert done == ["spatial"] * 3 + ["matching"] * 3
    np.testing.assert_array_equal(again.energy, whole.energy)
    assert again.tried == whole.tried
    with pytest.raises(ValueError, match="was made with other settings: n_steps 2, now 3"):
        na.fit_wiring(net, **(options | {"n_steps": 3}), rng=4, checkpoint=path)
    with pytest.raises(ValueError, match="was made with other settings: net"):
        na.fit_wiring(planted(n=20, m=41), **options, rng=4, checkpoint=path)


def test_directed_networks_are_fitted_by_the_rules_that_mean_something():
    net = planted(rule="deg-prod", eta=-1.0, gamma=2.0, n=25, m=80, directed=True)
    options = {"n_steps": 2, "n_rounds": 1, "n_networks": 1, "n_held_out": 2, "rng": 0, "directed": True}
    found = na.fit_wiring(net, **options)
    assert found.rules == tuple(rule for rule in na.WIRING_RULES if not rule.startswith("clu"))
    grown = na.grow(net, **found.options("deg-prod"), size=2, rng=1)
    assert (grown.sum(axis=(-2, -1)) == 80).all()
    with pytest.raises(ValueError, match="has no directed meaning"):
        na.fit_wiring(net, rules="clu-avg", **options)


def test_weights_are_fitted_after_the_connections_on_which_they_have_no_influence():
    options = {"rules": ["matching"], "n_steps": 3, "n_rounds": 2, "n_networks": 2, "n_held_out": 3, "rng": 0}
    net = planted(n=15, m=35, weights="akarca", alpha=0.3)
    found = na.fit_wiring(net, weights="akarca", alpha=(0.0, 0.4), **options)
    plain = na.fit_wiring(net, **options)
    assert (found.eta, found.gamma) == (plain.eta, plain.gamma)
    assert np.isnan(plain.alpha).all()
    tried = found.landscape()
    assert tried["alpha"].isna().sum() == 2 * 9
    assert tried["alpha"].dropna().between(0, 0.4).all()
    assert tried["alpha"].nunique() > 3
    assert {"alpha", "omega"} <= set(found.table().columns)
    assert not {"alpha", "omega"} & set(plain.table().columns)
    grown = na.grow(net, **found.options(), size=3, rng=5)
    assert na.ks_distance(net.replace(weights=grown), net, of=WEIGHTED_ENERGY).shape == (3,)


def test_near_points_are_those_that_noise_does_not_tell_from_new_networks_at_the_best():
    net = planted(n=20, m=40)
    found = na.fit_wiring(net, rules=["spatial", "matching"], n_steps=4, n_rounds=2, n_held_out=5, rng=3)
    table = found.table().set_index("rule")
    for rule, new in zip(found.rules, found.energy, strict=True):
        tried = found.landscape().query("rule == @rule")
        limit = new.mean() + 1.645 * new.std(ddof=1) * np.sqrt(1 / 4 + 1 / 5)
        near = tried[tried["energy"] <= max(limit, tried["energy"].min())]
        assert len(near) == tried["near"].sum()
        row = table.loc[rule]
        assert (row["eta_low"], row["eta_high"]) == (near["eta"].min(), near["eta"].max())
        assert row["gamma_low"] <= row["gamma"] <= row["gamma_high"]


def test_equal_ends_hold_a_parameter():
    options = {"rules": "matching", "n_steps": 3, "n_rounds": 2, "n_networks": 1, "n_held_out": 2, "rng": 0}
    found = na.fit_wiring(planted(n=15, m=30), eta=(-1, -1), **options)
    assert set(found.landscape()["eta"]) == {-1.0}
    assert found.landscape()["gamma"].nunique() > 3
    assert na.plot.wiring_landscape(found, ax=Figure().subplots()).get_xlabel() == "gamma"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objective", "alpha", "omega", "ends"), [("akarca", 0.3, 0.9, (0.0, 1.0)), ("sernn", 0.005, 1.0, (0.0, 0.02))]
)
def test_the_planted_step_of_weights_is_recovered_where_its_exponent_is_held(objective, alpha, omega, ends):
    """Within a factor of 2, since the order in which connections grew is not in the network."""
    options = {"rules": "matching", "eta": (-1, -1), "gamma": (1, 1), "weights": objective, "n_networks": 8}
    found = []
    for seed in range(6):
        net = planted(n=30, m=90, seed=seed, weights=objective, alpha=alpha, omega=omega)
        found.append(na.fit_wiring(net, alpha=ends, omega=(omega, omega), rng=seed, **options).alpha[0])
    assert alpha / 2 < np.median(found) < alpha * 2


@pytest.mark.slow
def test_a_step_and_its_exponent_are_not_told_apart_and_the_fit_says_so():
    """``alpha omega d^omega``: a longer step with a smaller exponent makes weights as unequal."""
    options = {"rules": "matching", "eta": (-1, -1), "gamma": (1, 1), "weights": "akarca", "n_networks": 8}
    wide = []
    for seed in range(4):
        net = planted(n=30, m=90, seed=seed, weights="akarca", alpha=0.3, omega=0.9)
        row = na.fit_wiring(net, alpha=(0.05, 1.0), omega=(0.5, 1.3), rng=seed, **options).table().iloc[0]
        assert row["omega_low"] <= 0.9 <= row["omega_high"]
        wide.append(row["alpha_high"] / row["alpha_low"])
    assert np.median(wide) > 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "gamma", "options"),
    [
        ("matching", 1.0, {"n": 60, "m": 240}),
        ("neighbors", 0.5, {"n": 60, "m": 360, "directed": True}),
        ("communicability", 0.5, {"n": 40, "m": 120}),
    ],
)
def test_planted_exponents_are_recovered(rule, gamma, options):
    """Within the spread that the noise of networks leaves, in most of ten planted networks."""
    near, inside = [], 0
    for seed in range(10):
        net = planted(rule, -2.0, gamma, seed=seed, **options)
        directed = options.get("directed", False)
        found = na.fit_wiring(net, rules=rule, n_steps=7, n_rounds=3, n_networks=8, rng=seed, directed=directed)
        near.append([found.eta[0], found.gamma[0]])
        row = found.table().iloc[0]
        inside += row["eta_low"] <= -2.0 <= row["eta_high"] and row["gamma_low"] <= gamma <= row["gamma_high"]
    eta, gamma_found = np.median(near, axis=0)
    assert abs(eta + 2.0) < 0.75
    assert abs(gamma_found - gamma) < 0.5
    assert inside >= 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rules": []}, "rules is empty"),
        ({"rules": ["spatal"]}, "rules must be one of"),
        ({"eta": (0, -1)}, r"eta must be \(low, high\)"),
        ({"alpha": (-1, 1)}, "alpha must not be below 0"),
        ({"weights": "none"}, "weights must be one of"),
        ({"n_steps": 1}, "n_steps must be at least 2"),
        ({"n_held_out": 1}, "n_held_out must be at least 2"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.fit_wiring(planted(n=10, m=12), **options)


def test_refusals_of_networks():
    with pytest.raises(ValueError, match="one undirected network, or directed=True"):
        na.fit_wiring(np.triu(np.ones((4, 4))), distances=np.ones((4, 4)))
    with pytest.raises(ValueError, match="no connections to grow"):
        na.fit_wiring(np.eye(4), distances=np.ones((4, 4)))
    with pytest.raises(ValueError, match="distances= must be given"):
        na.fit_wiring(np.ones((4, 4)))
