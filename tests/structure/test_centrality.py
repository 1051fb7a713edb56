import bct as bctpy
import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import igraph
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

import netanalysis as na
from netanalysis.structure import centrality
from tests.structure.small import W6, directed, random_network, undirected

FORMS = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
close = {"rtol": 1e-6, "atol": 1e-9}


@FORMS
def test_libraries(form):
    for symmetric in (False, True):
        w = random_network(50, 0.15, symmetric=symmetric)
        net = nx.from_numpy_array(w, create_using=nx.DiGraph)
        want = list(nx.eigenvector_centrality_numpy(net, weight="weight").values())
        np.testing.assert_allclose(na.eigenvector_centrality(form(w)), np.abs(want), **close)
        np.testing.assert_allclose(na.pagerank(form(w)), list(nx.pagerank(net, tol=1e-14).values()), **close)
        graph = igraph.Graph.Weighted_Adjacency(w.tolist(), mode="directed")
        np.testing.assert_allclose(
            na.pagerank(form(w), damping=0.5), graph.pagerank(weights="weight", damping=0.5), **close
        )
        farthest = [max(d for d in row if np.isfinite(d)) for row in graph.distances()]
        np.testing.assert_allclose(na.eccentricity(form(w), lengths="hops"), farthest)
    np.testing.assert_allclose(na.eigenvector_centrality(w), np.abs(bctpy.eigenvector_centrality_und(w)), **close)
    _, _, eccentricity, radius, diameter = bctpy.charpath(na.shortest_paths(w))
    np.testing.assert_allclose(na.eccentricity(form(w)), eccentricity)
    assert (na.radius(form(w)), na.diameter(form(w))) == pytest.approx((radius, diameter))
    harmonic = nx.harmonic_centrality(nx.from_numpy_array(w))
    np.testing.assert_allclose(na.nodal_efficiency(form(w), lengths="hops") * 49, list(harmonic.values()))


@pytest.mark.parametrize("symmetric", [False, True])
def test_large_networks_by_arpack_are_as_small_ones(monkeypatch, symmetric):
    w = random_network(150, 0.1, symmetric=symmetric)
    small = na.eigenvector_centrality(w)
    monkeypatch.setattr(centrality, "_DENSE_UP_TO", 5)
    np.testing.assert_allclose(na.eigenvector_centrality(sparse.csr_array(w)), small, **close)


@FORMS
def test_trap_weights_are_not_lengths(form):
    inverse = [1.112225, 1.322222, 1.087619, 1.109091, 1.519048, 1.347261]
    np.testing.assert_allclose(na.nodal_efficiency(form(W6)), inverse, rtol=1e-6)
    np.testing.assert_allclose(
        na.nodal_efficiency(form(W6), lengths="weights"),
        [0.483333, 0.323333, 0.666667, 0.666667, 0.323333, 0.483333],
        rtol=2e-6,
    )
    assert na.nodal_efficiency(W6).mean() == pytest.approx(na.efficiency(W6))


@FORMS
def test_trap_pagerank_follows_connections_forwards(form):
    w = directed(3, (0, 1), (1, 2), (0, 2))
    np.testing.assert_allclose(na.pagerank(form(w)), [0.197580, 0.281551, 0.520869], atol=1e-6)
    np.testing.assert_allclose(na.pagerank(form(np.zeros((3, 3)))), 1 / 3)


@FORMS
def test_trap_eigenvector_by_incoming_connections(form):
    w = directed(3, (0, 1), (1, 0), (1, 2), (2, 0))
    np.testing.assert_allclose(na.eigenvector_centrality(form(w)), [0.726517, 0.548432, 0.413999], rtol=1e-6)
    outgoing = na.eigenvector_centrality(form(w), direction="out")
    np.testing.assert_allclose(outgoing, [0.548432, 0.726517, 0.413999], rtol=1e-6)


@FORMS
def test_trap_eigenvector_of_several_components(form):
    w = undirected(5, (0, 1, 1), (1, 2, 1), (0, 2, 1), (3, 4, 1))
    np.testing.assert_allclose(na.eigenvector_centrality(form(w)), [3**-0.5] * 3 + [0, 0], atol=1e-12)
    for tied in (np.kron(np.eye(2), w[:3, :3]), directed(3, (0, 1), (1, 2))):
        with pytest.warns(na.UndefinedWarning, match=r"eigenvector_centrality is nan.*no cycle.*several components"):
            assert np.isnan(na.eigenvector_centrality(form(tied))).all()


@FORMS
def test_eigenvector_flows_downstream(form):
    w = random_network(12, 0.6)
    w[:, 8:] = 0
    w[3, 8] = w[8, 9] = w[9, 8] = 0.1
    w[10, 2] = 1.0
    x = na.eigenvector_centrality(form(w))
    np.testing.assert_allclose(w.T @ x, na.spectral_radius(w) * x, atol=1e-9)
    assert x[9] > 0
    assert x[10] == x[11] == 0


def test_large_sparse_networks_take_another_way(monkeypatch):
    w = random_network(150, 0.1)
    want = na.eigenvector_centrality(w)
    monkeypatch.setattr(centrality, "_DENSE_UP_TO", 0)
    np.testing.assert_allclose(na.eigenvector_centrality(sparse.csr_array(w)), want, **close)


@FORMS
def test_unreachable_nodes(form):
    w = form(directed(3, (0, 1)))
    with pytest.warns(na.UndefinedWarning, match="eccentricity is nan for 2 of 3 values: no path leads from it"):
        np.testing.assert_array_equal(na.eccentricity(w), [1, np.nan, np.nan])
    assert na.diameter(w) == na.radius(w) == 1
    assert na.diameter(w, unreachable="infinite") == np.inf
    assert na.nodal_efficiency(w).tolist() == [0.5, 0, 0]


networks = hnp.arrays(
    float, st.integers(2, 10).map(lambda n: (n, n)), elements=st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.0])
)


@settings(max_examples=20, deadline=None)
@given(networks, st.integers(0, 99))
@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
def test_properties(w, seed):
    order = np.random.default_rng(seed).permutation(len(w))
    moved = w[np.ix_(order, order)]
    for measure in (na.pagerank, na.eigenvector_centrality, na.eccentricity, na.nodal_efficiency):
        np.testing.assert_allclose(measure(moved), measure(w)[order], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(na.pagerank(5 * w), na.pagerank(w))
    np.testing.assert_allclose(na.eigenvector_centrality(5 * w), na.eigenvector_centrality(w), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(na.nodal_efficiency(5 * w), 5 * na.nodal_efficiency(w))
    assert na.pagerank(w).sum() == pytest.approx(1)


@pytest.mark.parametrize("n", [30, 260])
def test_small_and_large_dense_networks_are_those_of_other_programs(n):
    """Small ones are solved, large ones iterated until they settle; heavy tails settle late."""
    rng = np.random.default_rng(n)
    w = rng.lognormal(0, 1.5, (n, n)) * (rng.random((n, n)) < 0.2)
    values, vectors = np.linalg.eig(w.T)
    leading = np.abs(vectors[:, values.real.argmax()].real)
    np.testing.assert_allclose(na.eigenvector_centrality(w), leading / np.linalg.norm(leading), rtol=1e-9)
    steps = w / w.sum(axis=1, keepdims=True)
    x = np.linalg.solve(np.eye(n) - 0.85 * steps.T, np.full(n, 0.15 / n))
    np.testing.assert_allclose(na.pagerank(w), x, rtol=1e-10)
    late = na.pagerank(w, damping=0.999)
    np.testing.assert_allclose(late @ (0.999 * steps) + 0.001 / n, late, rtol=1e-8)
