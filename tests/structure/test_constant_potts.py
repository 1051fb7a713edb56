"""The constant Potts model, and nodes whose community is given: leidenalg, igraph, and every partition looked at."""

import igraph as ig
import leidenalg
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis.structure.constant_potts import potts_quality


def partitions(n):
    """Restricted growth strings: every partition of n nodes once."""
    rows = [[0]]
    for _ in range(n - 1):
        rows = [[*r, c] for r in rows for c in range(max(r) + 2)]
    return np.array(rows)


EVERY = partitions(7)


def small(seed, *, signed=False):
    rng = np.random.default_rng(seed)
    w = rng.random((7, 7)) * (rng.random((7, 7)) < 0.6)
    return w * np.where(rng.random((7, 7)) < 0.3, -1, 1) if signed else w


def test_a_dense_network_is_searched_as_a_matrix_where_lists_would_suit_it(undirected, monkeypatch):
    found = na.detect_communities(undirected, quality="constant_potts", resolution=0.2, rng=0)
    monkeypatch.setattr("netanalysis.structure._matrix_search.suits_matrix", lambda w: False)
    assert np.array_equal(
        na.detect_communities(undirected, quality="constant_potts", resolution=0.2, rng=0).labels, found.labels
    )


@pytest.mark.parametrize("gamma", [0.05, 0.3, 1.0])
def test_the_quality_is_leidenalgs(undirected, directed, gamma):
    labels = np.arange(30) % 4
    for w, mode in ((undirected, "undirected"), (directed, "directed")):
        graph = ig.Graph.Weighted_Adjacency(w, mode=mode)
        theirs = leidenalg.CPMVertexPartition(
            graph, labels.tolist(), weights="weight", resolution_parameter=gamma
        ).quality()
        for net in (w, sparse.csr_array(w), w + 5 * np.eye(30)):
            assert potts_quality(net, labels[None], gamma)[0] == pytest.approx(theirs / w.sum(), rel=1e-10)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.05, 0.2, 0.6]))
def test_the_best_of_all_partitions(seed, signed, gamma):
    w = small(seed, signed=signed)
    found = na.detect_communities(w, quality="constant_potts", resolution=gamma, rng=0)
    assert found.modularity == pytest.approx(potts_quality(w, EVERY, gamma).max(), abs=1e-10)
    assert found.modularity == pytest.approx(potts_quality(w, found.labels[None], gamma)[0], rel=1e-12)


@pytest.mark.parametrize("method", ["leiden", "louvain"])
def test_as_good_as_igraph_on_matrices_and_on_lists(method, monkeypatch):
    rng = np.random.default_rng(1)
    group = rng.integers(0, 4, 80)
    w = (rng.random((80, 80)) < np.where(group[:, None] == group, 0.5, 0.03)).astype(float)
    w = np.triu(w, 1) + np.triu(w, 1).T
    graph = ig.Graph.Adjacency(w.astype(int).tolist(), mode="undirected")
    theirs = graph.community_leiden(objective_function="CPM", resolution=0.2, n_iterations=-1).membership
    best = potts_quality(w, np.array([theirs]), 0.2)[0]
    options = {"quality": "constant_potts", "resolution": 0.2, "method": method, "rng": 0}
    on_matrix = na.detect_communities(w, **options)
    monkeypatch.setattr("netanalysis.structure._search._NEVER_MATRIX", 0)
    monkeypatch.setattr("netanalysis.structure._search._ALWAYS_MATRIX", 0)
    on_lists = na.detect_communities(sparse.csr_array(w), **options)
    for found in (on_matrix, on_lists):
        assert found.modularity >= best - 1e-9
        assert na.compare_partitions(found.labels, group).adjusted_rand_index > 0.95
    assert "constant Potts" in repr(on_matrix)
    assert on_matrix.modularity == pytest.approx(on_lists.modularity)
    assert on_matrix.quality == "constant_potts"


def test_a_large_resolution_leaves_all_alone_and_0_joins_what_is_connected(undirected):
    alone = na.detect_communities(undirected, quality="constant_potts", resolution=1e3, rng=0)
    assert alone.n_communities == 30
    joined = na.detect_communities(undirected, quality="constant_potts", resolution=0.0, rng=0)
    assert joined.n_communities == 1
    with pytest.warns(na.UndefinedWarning, match="constant_potts"):
        assert np.isnan(na.detect_communities(np.zeros((4, 4)), quality="constant_potts").modularity)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["modularity", "constant_potts"]))
def test_fixed_nodes_and_the_best_of_all_partitions_that_hold_them(seed, quality):
    w = small(seed, signed=seed % 2 == 0)
    fixed = {0: "a", 3: "b", 5: "a"}
    found = na.detect_communities(w, quality=quality, resolution=0.8, fixed=fixed, rng=0)
    for labels in found.partitions:
        assert labels[0] == labels[5] != labels[3]
    allowed = EVERY[(EVERY[:, 0] == EVERY[:, 5]) & (EVERY[:, 0] != EVERY[:, 3])]
    if quality == "modularity":
        best = na.modularity(w, allowed, resolution=0.8).max()
    else:
        best = potts_quality(w, allowed, 0.8).max()
    assert found.modularity == pytest.approx(best, abs=1e-10)


@pytest.mark.parametrize("n", [3, 4, 6])
def test_one_fixed_node_constrains_nothing(n):
    rng = np.random.default_rng(n)
    for _ in range(15):
        w = np.triu(rng.random((n, n)) * (rng.random((n, n)) < 0.6), 1)
        w[0, 1] = 0.1
        w += w.T
        free, one, none = (na.detect_communities(w, fixed=f, rng=0) for f in (None, {1: "a"}, {}))
        assert one.modularity == pytest.approx(free.modularity, abs=1e-10)
        np.testing.assert_array_equal(none.partitions, free.partitions)


def test_a_hub_that_is_fixed_leaves_its_star_whole():
    """Every diagonal entry of B is negative here."""
    star = np.array([[0, 0, 0.5], [0, 0, 0.1], [0.5, 0.1, 0]])
    assert na.detect_communities(star, fixed={1: "a"}, rng=0).modularity == pytest.approx(0, abs=1e-12)


def test_repelling_nodes_that_are_fixed_together():
    found = na.detect_communities([[0, -0.6], [-0.6, 0]], quality="constant_potts", fixed={0: "a", 1: "a"}, rng=0)
    np.testing.assert_array_equal(found.labels, [0, 0])


def test_all_nodes_fixed_and_a_stack(directed):
    labels = np.arange(30) % 3
    fixed = dict(enumerate(labels.tolist()))
    for net in (directed, sparse.csr_array(directed), np.stack([directed, directed.T])):
        found = na.detect_communities(net, fixed=fixed, rng=0)
        np.testing.assert_allclose(found.modularity, na.modularity(net, labels))
    two = na.detect_communities(np.stack([directed, directed.T]), fixed={0: 1, 1: 2}, rng=0)
    one = na.detect_communities(directed.T, fixed={0: 1, 1: 2}, rng=0)
    np.testing.assert_array_equal(two.partitions[1], one.partitions)


def test_what_is_refused(directed):
    with pytest.raises(ValueError, match="spectral"):
        na.detect_communities(directed, method="spectral", quality="constant_potts")
    with pytest.raises(ValueError, match="consensus"):
        na.detect_communities(directed, consensus=True, fixed={0: 1})
    with pytest.raises(ValueError, match="fixed names a node twice"):
        na.detect_communities(directed, fixed={0: 1, -30: 2})
    with pytest.raises(ValueError, match="fixed must lie in"):
        na.detect_communities(directed, fixed={30: 1})
    for wrong in ([0, 1], [], {"AVAL": 1}):
        with pytest.raises(TypeError, match="fixed must map indices of nodes"):
            na.detect_communities(directed, fixed=wrong)
