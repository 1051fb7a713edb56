"""Weight-distance measures against scipy and plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse, stats
from scipy.spatial.distance import cdist

import netanalysis as na


@pytest.fixture
def net(signed):
    w = signed * (np.random.default_rng(0).random(signed.shape) < 0.4)
    return na.Connectome(w, positions=np.random.default_rng(1).random((40, 3)))


def test_connected_pairs_equal_scipy(net):
    w, d = net.weights, cdist(net.positions, net.positions)
    off = ~np.eye(40, dtype=bool)
    for self_connections, among in ((False, off), (True, np.ones_like(off))):
        keep = among & (w != 0)
        expected = stats.pearsonr(np.abs(w[keep]), d[keep]).statistic
        got = na.weight_distance_correlation(net, self_connections=self_connections)
        assert got == pytest.approx(expected, rel=1e-12)
        thin = net.replace(weights=sparse.csr_array(w))
        assert na.weight_distance_correlation(thin, self_connections=self_connections) == pytest.approx(expected)
        every = na.weight_distance_correlation(net, pairs="all", self_connections=self_connections)
        assert every == pytest.approx(np.corrcoef(np.abs(w[among]), d[among])[0, 1], rel=1e-12)
        assert na.weight_distance_correlation(thin, pairs="all", self_connections=self_connections) == every


def test_connection_distance_equals_the_loop(net):
    w, d = net.weights, net.distances
    pairs = [(i, j) for i in range(40) for j in range(40) if i != j and w[i, j] != 0]
    lengths, magnitudes = [d[p] for p in pairs], [abs(w[p]) for p in pairs]
    for weighted, expected in ((False, np.mean(lengths)), (True, np.average(lengths, weights=magnitudes))):
        assert na.connection_distance(net, weighted=weighted) == pytest.approx(expected, rel=1e-12)
        thin = net.replace(weights=sparse.csr_array(w))
        assert na.connection_distance(thin, weighted=weighted) == pytest.approx(expected, rel=1e-12)


def test_wiring_cost_equals_the_loop(net):
    both = np.triu(net.weights) + np.triu(net.weights, 1).T
    for w, pairs in (
        (net.weights, [(i, j) for i in range(40) for j in range(40)]),
        (both, [(i, j) for i in range(40) for j in range(i)]),
    ):
        one = net.replace(weights=w)
        for weighted in (False, True):
            expected = sum((abs(w[p]) if weighted else w[p] != 0) * net.distances[p] for p in pairs)
            assert na.wiring_cost(one, weighted=weighted) == pytest.approx(expected, rel=1e-12)
            thin = one.replace(weights=sparse.csr_array(w))
            assert na.wiring_cost(thin, weighted=weighted) == pytest.approx(expected, rel=1e-12)
    assert na.wiring_cost(np.zeros((2, 2)), distances=1 - np.eye(2)) == 0


def test_wiring_is_short_for_its_places_and_degrees_and_as_long_as_its_bins():
    """A planted answer: near nodes connect."""
    rng = np.random.default_rng(0)
    d = cdist(*[rng.random((60, 3))] * 2)
    w = np.triu((rng.random((60, 60)) < 2 * np.exp(-8 * d)) * rng.lognormal(size=d.shape), 1)
    net = na.Connectome(w + w.T, distances=d)
    z = {
        null: na.null_test(net, na.wiring_cost, null, n_nulls=50, rng=0).z
        for null in ("permute_positions", "degree_preserving", "geometry_preserving")
    }
    assert z["permute_positions"] < -8
    assert z["degree_preserving"] < -8
    assert abs(z["geometry_preserving"]) < 4


@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_units_do_not_matter_to_the_correlation(scale, stretch):
    rng = np.random.default_rng(0)
    w, d = rng.lognormal(size=(8, 8)), rng.random((8, 8))
    plain = na.weight_distance_correlation(w, distances=d)
    assert na.weight_distance_correlation(w * scale, distances=d * stretch) == pytest.approx(plain, rel=1e-9)


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
def test_a_stack_equals_the_loop(net):
    stack = np.stack([net.weights, net.weights.T, np.zeros((40, 40))])
    together = net.replace(weights=stack)
    for call in (na.weight_distance_correlation, na.connection_distance, na.wiring_cost):
        np.testing.assert_array_equal(call(together), [call(net.replace(weights=w)) for w in stack])
        assert call is na.wiring_cost or np.isnan(call(together)[2])


def test_given_distances_come_before_positions(net):
    d = np.random.default_rng(3).random((40, 40))
    tracts = net.replace(distances=d)
    expected = na.weight_distance_correlation(net.weights, distances=d)
    assert na.weight_distance_correlation(tracts) == expected
    thin = tracts.replace(weights=sparse.csr_array(net.weights))
    assert na.weight_distance_correlation(thin) == pytest.approx(expected, rel=1e-12)


def test_undefined_without_variation():
    ring = na.Connectome([[0, 1.0], [1, 0]], positions=[[0.0], [1]])
    with pytest.warns(na.UndefinedWarning, match="all the same"):
        assert np.isnan(na.weight_distance_correlation(ring))
    assert na.connection_distance(ring) == 1
    for form in (np.array, sparse.csr_array):
        with pytest.warns(na.UndefinedWarning, match="no connections"):
            assert np.isnan(na.connection_distance(form([[1.0]]), distances=[[0.0]]))


def test_distances_are_asked_for(net):
    for call in (na.weight_distance_correlation, na.connection_distance):
        with pytest.raises(ValueError, match="no distances"):
            call(net.weights)
        with pytest.raises(ValueError, match="no distances"):
            call(sparse.csr_array(net.weights))
        with pytest.raises(ValueError, match="distances must have shape"):
            call(net.weights, distances=np.zeros((3, 3)))
    with pytest.raises(ValueError, match="pairs"):
        na.weight_distance_correlation(net, pairs="some")
