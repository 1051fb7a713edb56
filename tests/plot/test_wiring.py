"""Landscapes, energies and distributions of wiring rules show the numbers they were given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import netanalysis as na


@pytest.fixture(scope="module")
def fitted():
    place = np.random.default_rng(0).normal(size=(15, 3))
    net = na.Connectome(np.zeros((15, 15)), positions=place)
    net = net.replace(weights=na.grow(net, n_connections=35, weights="akarca", alpha=0.3, rng=0))
    options = {"rules": ["spatial", "matching"], "n_steps": 3, "n_rounds": 2, "n_networks": 1, "n_held_out": 3}
    return net, na.fit_wiring(net, weights="akarca", rng=0, **options)


def axes():
    return Figure(layout="constrained").subplots()


def test_a_landscape_has_a_cell_for_every_point_and_marks_the_least(fitted):
    _, found = fitted
    ax = na.plot.wiring_landscape(found, rule="matching", ax=axes())
    meshes = [c for c in ax.collections if hasattr(c, "get_coordinates")]
    tried = found.landscape().query("rule == 'matching' and alpha.isna()")
    assert sorted(np.concatenate([m.get_array().ravel() for m in meshes])) == sorted(tried["energy"])
    least = tried.loc[tried["energy"].idxmin()]
    np.testing.assert_array_equal(ax.collections[-1].get_offsets()[0], [least["eta"], least["gamma"]])
    weights = na.plot.wiring_landscape(found, rule="matching", of="weights", ax=axes())
    assert (weights.get_xlabel(), weights.get_ylabel()) == ("alpha", "omega")
    line = na.plot.wiring_landscape(found, rule="spatial", ax=axes())
    assert (line.get_xlabel(), line.get_ylabel()) == ("eta", "Energy")


def test_rules_stand_in_the_order_of_their_mean_energies(fitted):
    _, found = fitted
    ax = na.plot.wiring_energies(found, ax=axes())
    assert [text.get_text() for text in ax.get_yticklabels()] == list(found.table()["rule"])
    first = ax.collections[0].get_offsets()[:, 0]
    assert sorted(first) == sorted(found.energy[found.rules.index(found.best)])


def test_distributions_are_those_of_the_network_and_of_the_grown_ones(fitted):
    net, found = fitted
    grown = na.grow(net, **found.options("matching"), size=5, rng=1)
    ax = na.plot.wiring_distribution(net, grown, of="edge_length", ax=axes())
    own = ax.lines[1].get_xydata()
    lengths = net.distances[np.nonzero(net.weights)]
    x, y = own[len(own) // 2]
    assert y == pytest.approx((lengths <= x).mean())
    assert own[-1, 1] == 1
    mean = na.ks_distance(net.replace(weights=grown), net, of="edge_length").mean()
    assert f"{mean:.2g}"[:4] in ax.get_title()


def test_refusals(fitted):
    net, found = fitted
    with pytest.raises(TypeError, match=r"found must be what netanalysis.fit_wiring returns"):
        na.plot.wiring_energies(pd.DataFrame({"rule": []}), ax=axes())
    with pytest.raises(ValueError, match="rule must be one of"):
        na.plot.wiring_landscape(found, rule="deg-avg", ax=axes())
    with pytest.raises(ValueError, match="of must be one of"):
        na.plot.wiring_distribution(net, net.weights, of="size", ax=axes())
    plain = na.fit_wiring(net, rules="spatial", n_steps=2, n_rounds=1, n_networks=1, n_held_out=2, rng=0)
    with pytest.raises(ValueError, match="needs a fit of weights"):
        na.plot.wiring_landscape(plain, of="weights", ax=axes())
