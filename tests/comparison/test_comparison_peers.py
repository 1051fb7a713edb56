"""Values of netrd, graspologic and dsa-metric, where they are right (tests/oracles/comparison_peers.py)."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import netanalysis as na
from tests.oracles import comparison_peers


@pytest.fixture(scope="module")
def peers():
    with np.load(Path(comparison_peers.__file__).with_suffix(".npz"), allow_pickle=False) as file:
        return {name: float(value) for name, value in file.items()}


@pytest.fixture(scope="module")
def networks():
    return comparison_peers.networks()


def test_portraits_are_those_of_netrd_which_takes_the_printed_formula(peers, networks):
    a, b, small = networks
    assert na.portrait_divergence(a, b, variant="formula") == pytest.approx(peers["portrait"], rel=1e-12)
    assert na.portrait_divergence(a, small, variant="formula") == pytest.approx(peers["portrait of sizes"], rel=1e-12)
    assert abs(na.portrait_divergence(a, b) - peers["portrait"]) > 0.005  # the authors' program says otherwise


def test_communicability_is_that_of_netrd_for_networks_of_one_size(peers, networks):
    a, b, small = networks
    options = {"variant": "divergence", "normalize": None}
    assert na.communicability_distance(a, b, **options) == pytest.approx(peers["communicability"], rel=1e-9)
    assert np.isnan(peers["communicability of sizes"])  # it raises, where the shares of the smaller are filled up
    assert 0 < na.communicability_distance(a, small, **options) < 1


def test_laplacian_spectra_are_those_of_netrd_without_a_kernel(peers, networks):
    a, b, _ = networks
    for matrix in ("laplacian", "normalized_laplacian"):
        found = na.spectral_distance(a, b, matrix=matrix, rule="padded")
        assert found == pytest.approx(peers[matrix.replace("_", " ")], rel=1e-9)
    # With its kernel a ring and a star of four nodes are at nan: numbers of order 1e-300 under a logarithm.
    assert np.isnan(peers["laplacian of ring and star"])
    ring, star = (nx.to_numpy_array(g) for g in (nx.cycle_graph(4), nx.star_graph(3)))
    assert na.spectral_distance(ring, star) == pytest.approx(0, abs=1e-12)  # both are 0, 1, 1, 2


def test_matchings_are_as_good_as_those_of_graspologic(peers, networks):
    a, b, _ = networks
    ours = na.match_nodes(a, b, n_restarts=100, refine=False, rng=0).scores.mean()
    assert ours == pytest.approx(peers["matching, mean of 100 starts"], abs=2.0)  # standard error 0.3 each
    order = comparison_peers.order_of_nodes()
    planted = na.match_nodes(a, a[np.ix_(order, order)], n_restarts=20, rng=0)
    assert planted.score == peers["matching, planted"] == a.sum()


def test_dynamics_are_at_most_as_far_apart_as_dsa_finds_them(peers):
    """Both bound a minimum from above; its "euclidean" is the chord of the angle, whatever the matrices' sizes."""
    a, b = map(na.Recording, comparison_peers.recordings())
    angle = na.dynamical_distance(a, b, n_delays=comparison_peers.DELAYS, rank=comparison_peers.RANK)
    assert angle <= peers["angular"] + 1e-6
    assert angle == pytest.approx(2 * np.arcsin(peers["euclidean"] / 2), abs=1e-4)
    sizes = na.dynamical_distance(
        a, b, n_delays=comparison_peers.DELAYS, rank=comparison_peers.RANK, metric="euclidean"
    )
    assert sizes > 1.5 * peers["euclidean"]
