from functools import partial

import bct as bctpy
import igraph
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis._core import random
from netanalysis.structure.small_world import ring_lattice

exact = {"rtol": 1e-7, "atol": 1e-14}


def same_nulls(net, count, seed, **options):
    """The nulls that small_worldness draws for an integer seed."""
    root = random.child(random.seed_sequence(seed), 0)
    return na.nulls.degree_preserving(net, root, size=count, **options)


@pytest.fixture
def small_world():
    return nx.to_numpy_array(nx.watts_strogatz_graph(100, 8, 0.1, seed=2))


def test_compiled_nulls_against_igraph(undirected):
    result = na.small_worldness(undirected, n_nulls=5, rng=4)
    for w, c, length in zip(same_nulls(undirected, 5, 4), result.null_clustering, result.null_path_length, strict=True):
        graph = igraph.Graph.Adjacency((w != 0).tolist(), mode="max")
        assert c == pytest.approx(graph.transitivity_avglocal_undirected(mode="zero"), rel=1e-12)
        assert length == pytest.approx(graph.average_path_length(), rel=1e-12)
    graph = igraph.Graph.Adjacency((undirected != 0).tolist(), mode="max")
    assert result.clustering == pytest.approx(graph.transitivity_avglocal_undirected(mode="zero"), rel=1e-12)
    assert result.path_length == pytest.approx(graph.average_path_length(), rel=1e-12)


def test_compiled_nulls_of_a_directed_network_against_bctpy_and_networkx(directed):
    result = na.small_worldness(directed, n_nulls=4, swaps_per_edge=3, rng=4)
    made = same_nulls(directed, 4, 4, swaps_per_edge=3)
    for w, c, length in zip(made, result.null_clustering, result.null_path_length, strict=True):
        binary = (w != 0).astype(float)
        assert c == pytest.approx(bctpy.clustering_coef_bd(binary).mean(), rel=1e-12)
        graph = nx.from_numpy_array(binary, create_using=nx.DiGraph)
        hops = [d for _, to in nx.all_pairs_shortest_path_length(graph) for d in to.values() if d]
        assert length == pytest.approx(np.mean(hops), rel=1e-12)


def test_weighted_parts_against_bctpy_and_networkx(undirected):
    null = partial(na.nulls.degree_preserving, swaps_per_edge=2)
    result = na.small_worldness(undirected, weighted=True, null=null, n_nulls=3, rng=9)
    generators = random.generators(random.child(random.seed_sequence(9), 0), 3)
    for w, c, length in zip(
        [undirected, *(null(undirected, g) for g in generators)],
        [result.clustering, *result.null_clustering],
        [result.path_length, *result.null_path_length],
        strict=True,
    ):
        assert c == pytest.approx(bctpy.clustering_coef_wu(w / w.max()).mean(), rel=1e-9)
        graph = nx.from_numpy_array(np.divide(1, w, out=np.zeros_like(w), where=w > 0))
        assert length == pytest.approx(nx.average_shortest_path_length(graph, weight="weight"), rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["sigma", "omega", "propensity"])
def test_the_value_follows_from_its_parts(undirected, kind, weighted):
    r = na.small_worldness(undirected, kind=kind, weighted=weighted, n_nulls=6, n_lattices=3, rng=1)
    c, length, c_null, l_null = r.clustering, r.path_length, r.null_clustering.mean(), r.null_path_length.mean()
    assert r.null_clustering.shape == (6,)
    assert r.clustering_ratio == pytest.approx(c / c_null)
    assert r.path_length_ratio == pytest.approx(length / l_null)
    if kind == "sigma":
        assert r.lattice is None
        assert r.lattice_clustering is None
        assert r.value == pytest.approx((c / c_null) / (length / l_null))
        return
    c_lattice, l_lattice = r.lattice_clustering.mean(), r.lattice_path_length.mean()
    assert r.lattice_clustering.shape == (3,)
    if kind == "omega":
        assert (r.null, r.lattice) == ("degree_preserving", "lattice")
        assert r.value == pytest.approx(l_null / length - c / max(c_lattice, c))
    else:
        assert (r.null, r.lattice) == ("erdos_renyi", "ring_lattice")
        d_c = np.clip((c_lattice - c) / (c_lattice - c_null), 0, 1)
        d_l = np.clip((length - l_null) / (l_lattice - l_null), 0, 1)
        assert r.value == pytest.approx(1 - np.sqrt((d_c**2 + d_l**2) / 2))


def test_what_the_coefficients_say(small_world):
    ring = nx.to_numpy_array(nx.watts_strogatz_graph(100, 8, 0))
    random = na.nulls.erdos_renyi(ring, 0)
    value = {
        kind: [na.small_worldness(w, kind=kind, n_nulls=20, rng=0).value for w in (ring, small_world, random)]
        for kind in ("sigma", "omega", "propensity")
    }
    assert value["sigma"][1] > 3
    assert value["sigma"][1] > value["sigma"][2]
    assert value["sigma"][2] == pytest.approx(1, abs=0.3)
    assert value["omega"][0] < -0.4 < value["omega"][1] < 0.5 < value["omega"][2]
    assert value["propensity"][1] > 0.6
    # Half of the propensity is lost by a perfect lattice, half by a random network.
    assert value["propensity"][0] == pytest.approx(1 - np.sqrt(0.5), abs=0.05)
    assert value["propensity"][2] == pytest.approx(1 - np.sqrt(0.5), abs=0.12)


KNOWN_OMEGA = {  # between what the definition allows and what other seeds give
    "ring": (nx.watts_strogatz_graph(200, 6, 0), -0.85, -0.75),
    "dense ring": (nx.watts_strogatz_graph(200, 10, 0), -0.85, -0.7),
    "caves": (nx.connected_caveman_graph(20, 10), -0.9, -0.6),
    "cliques joined by a path": (nx.barbell_graph(5, 1), -0.9, 0.0),
    "small world": (nx.watts_strogatz_graph(200, 8, 0.1, seed=1), -0.15, 0.15),
    "nearly random": (nx.watts_strogatz_graph(200, 8, 0.9, seed=1), 0.8, 1.0),
}


@pytest.mark.parametrize("name", KNOWN_OMEGA)
def test_omega_of_known_networks(name):
    graph, low, high = KNOWN_OMEGA[name]
    assert (
        low < na.small_worldness(nx.to_numpy_array(graph), kind="omega", n_nulls=20, n_lattices=3, rng=0).value < high
    )


def test_omega_falls_from_random_networks_to_lattices():
    values = [
        na.small_worldness(nx.to_numpy_array(nx.watts_strogatz_graph(150, 8, p, seed=3)), kind="omega", rng=0).value
        for p in (1, 0.3, 0.1, 0.03, 0)
    ]
    assert (np.diff(values) < 0).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 14), st.floats(0.15, 0.8))
def test_omega_is_above_minus_1(seed, n, p):
    w = nx.to_numpy_array(nx.disjoint_union(nx.gnp_random_graph(n, p, seed=seed), nx.complete_graph(4)))
    omega = na.small_worldness(w, kind="omega", n_nulls=3, n_lattices=1, rng=seed).value
    assert np.isnan(omega) or omega > -1


def test_omega_above_1_is_told_and_not_clipped():
    petersen = nx.to_numpy_array(nx.petersen_graph())  # no shorter paths with these degrees, and no triangle
    assert na.small_worldness(petersen, kind="omega", n_nulls=50, rng=0).value > 1
    assert "exceeds 1" in na.small_worldness.__doc__


def test_published_readings_of_one_sigma():
    trained = np.random.default_rng(0).normal(size=(100, 100))
    top = na.transform.binarize(na.transform.threshold(na.transform.absolute(trained), density=0.1))
    coded = na.small_worldness(top, null="erdos_renyi", n_nulls=50, clustering_method="out", rng=0)
    expected = bctpy.clustering_coef_bu(top).mean()
    assert coded.clustering == pytest.approx(expected, rel=1e-12)
    # Erdős-Rényi networks of either kind have clustering equal to the density.
    assert coded.null_clustering.mean() == pytest.approx(0.1, rel=0.05)
    assert coded.clustering_ratio == pytest.approx(expected / 0.1, rel=0.05)
    proper = na.small_worldness(na.transform.symmetrize(top, how="max"), null="erdos_renyi", n_nulls=50, rng=0)
    assert proper.value != pytest.approx(coded.clustering_ratio, rel=0.01)


def test_randomness(undirected, directed):
    short = na.small_worldness(undirected, n_nulls=3, rng=5)
    long = na.small_worldness(undirected, n_nulls=7, rng=5)
    assert np.array_equal(short.null_clustering, long.null_clustering[:3])
    other = na.small_worldness(undirected, n_nulls=7, rng=6)
    assert not np.array_equal(other.null_clustering, long.null_clustering)
    runs = [
        na.small_worldness(directed, kind="omega", null="erdos_renyi", n_nulls=4, n_lattices=2, rng=5, n_jobs=jobs)
        for jobs in (1, 2)
    ]
    assert np.array_equal(runs[0].null_path_length, runs[1].null_path_length)
    assert np.array_equal(runs[0].lattice_clustering, runs[1].lattice_clustering)
    assert runs[0].value == runs[1].value


@pytest.mark.parametrize("kind", ["sigma", "omega", "propensity"])
def test_a_stack_equals_the_loop(undirected, directed, kind):
    stack = np.stack([undirected, directed, directed.T, np.ones((30, 30))]).reshape(2, 2, 30, 30)
    got = na.small_worldness(stack, kind=kind, n_nulls=4, n_lattices=2, rng=3)
    for k in np.ndindex(2, 2):
        one = na.small_worldness(stack[k], kind=kind, n_nulls=4, n_lattices=2, rng=3)
        np.testing.assert_allclose(got.value[k], one.value, **exact)
        np.testing.assert_allclose(got.null_clustering[k], one.null_clustering, **exact)
        if kind != "sigma":
            np.testing.assert_allclose(got.lattice_path_length[k], one.lattice_path_length, **exact)


def test_any_function_is_a_null(small_world):
    result = na.small_worldness(small_world, null=lambda w, rng: w, n_nulls=2)
    assert result.value == 1.0
    assert result.null == "<lambda>"
    result = na.small_worldness(small_world, kind="omega", lattice=lambda w, rng: w, null=lambda w, rng: w, n_nulls=1)
    assert result.value == 0.0


def test_undefined_values_are_nan():
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = 1
    nets = {
        "one node": np.zeros((1, 1)),
        "two nodes": np.array([[0, 1.0], [1, 0]]),
        "no connections": np.zeros((5, 5)),
        "complete": np.ones((5, 5)),
        "no triangles": star,
    }
    for name, w in nets.items():
        for kind in ("sigma", "omega", "propensity"):
            for weighted in (False, True):
                result = na.small_worldness(w, kind=kind, weighted=weighted, n_nulls=3, n_lattices=2, rng=0)
                if (kind, name) != ("propensity", "no triangles"):
                    assert np.isnan(result.value), (name, kind)
    assert na.small_worldness(nets["complete"], n_nulls=2).clustering == 1.0


def test_disconnected_networks_follow_the_rule():
    two = np.kron(np.eye(2), np.ones((6, 6)))
    two[0, 1] = two[1, 0] = 0
    assert np.isnan(na.small_worldness(two, unreachable="infinite", n_nulls=5, rng=0).value)
    result = na.small_worldness(two, n_nulls=5, rng=0)
    assert np.isfinite(result.value)
    assert result.path_length == na.path_length(two, lengths="hops")


def test_signs_self_connections_and_sparse_input(signed, undirected):
    thin = na.transform.threshold(signed, density=0.2)
    plain = na.small_worldness(thin, n_nulls=3, rng=0)
    for same in (np.abs(thin), thin + np.eye(40), sparse.csr_array(thin)):
        assert na.small_worldness(same, n_nulls=3, rng=0).value == plain.value
    heavy = na.small_worldness(undirected + 9 * np.eye(30), weighted=True, n_nulls=3, rng=0)
    assert heavy.value == na.small_worldness(undirected, weighted=True, n_nulls=3, rng=0).value


def test_large_sparse_networks_stay_sparse():
    graph = nx.watts_strogatz_graph(5000, 6, 0.1, seed=0)
    net = nx.to_scipy_sparse_array(graph, dtype=float)
    result = na.small_worldness(net, n_nulls=1, rng=0)
    assert result.value > 50
    assert na.small_worldness(net, kind="propensity", n_nulls=1, n_lattices=1, rng=0).value > 0.5


def test_what_is_refused(signed, undirected):
    with pytest.raises(ValueError, match="non-negative weights"):
        na.small_worldness(signed, weighted=True)
    with pytest.raises(ValueError, match="kind must be one of"):
        na.small_worldness(undirected, kind="gamma")
    with pytest.raises(ValueError, match="null must be one of"):
        na.small_worldness(undirected, null="rewired")
    with pytest.raises(ValueError, match="n_nulls must be at least 1"):
        na.small_worldness(undirected, n_nulls=0)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("n", [2, 3, 6, 7, 20])
def test_ring_lattice(n, form):
    rng = np.random.default_rng(n)
    for density in (0.2, 0.6, 1.0):
        w = rng.random((n, n)) * (rng.random((n, n)) < density)
        np.fill_diagonal(w, 0)
        for net in (w, np.triu(w) + np.triu(w).T):
            got = ring_lattice(form(net), 0)
            assert sparse.issparse(got) == (form is sparse.csr_array)
            got = got.toarray() if sparse.issparse(got) else got
            assert np.array_equal(np.sort(got, axis=None), np.sort(net, axis=None))
            assert not got.diagonal().any()
            assert (got == got.T).all() or not (net == net.T).all()
            i, j = np.indices((n, n))
            gap = np.minimum(abs(i - j), n - abs(i - j))
            for d in range(1, n // 2):  # nothing further out is stronger than anything nearer
                assert got[gap == d].min() >= got[gap > d].max()


def test_ring_lattice_of_a_ring_is_that_ring():
    ring = nx.to_numpy_array(nx.watts_strogatz_graph(20, 6, 0))
    assert np.array_equal(ring_lattice(ring, 0), ring)
