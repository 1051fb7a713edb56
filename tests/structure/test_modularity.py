"""Q of given partitions against closed forms, networkx, igraph, leidenalg and bctpy."""

import igraph as ig
import leidenalg
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

import netanalysis as na
from netanalysis.structure.modularity import modularity_matrix

LABELS = np.arange(30) % 4


def by_loop(w, labels, gamma=1.0):
    """Q* from its formula, entry by entry."""
    n = len(w)
    q = 0.0
    plus, minus = np.maximum(w, 0), np.maximum(-w, 0)
    for part, factor in ((plus, 1 / plus.sum()), (minus, -1 / (plus.sum() + minus.sum()))):
        if part.sum() == 0:
            continue
        for i in range(n):
            for j in range(n):
                if labels[i] == labels[j]:
                    q += factor * (part[i, j] - gamma * part[i].sum() * part[:, j].sum() / part.sum())
    return q


@pytest.mark.parametrize("gamma", [0.0, 0.7, 1.0, 2.0])
def test_undirected_equals_networkx_and_igraph(undirected, gamma):
    sets = [set(range(c, 30, 4)) for c in range(4)]
    expected = nx.community.modularity(nx.from_numpy_array(undirected), sets, resolution=gamma)
    graph = ig.Graph.Weighted_Adjacency(undirected, mode="undirected")
    found = na.modularity(undirected, LABELS, resolution=gamma)
    assert found == pytest.approx(expected, rel=1e-7)
    assert found == pytest.approx(graph.modularity(LABELS, weights="weight", resolution=gamma), rel=1e-7)
    assert isinstance(found, float)


@pytest.mark.parametrize("gamma", [0.7, 1.0, 2.0])
def test_directed_equals_networkx_and_igraph(directed, gamma):
    sets = [set(range(c, 30, 4)) for c in range(4)]
    graph = nx.from_numpy_array(directed, create_using=nx.DiGraph)
    found = na.modularity(directed, LABELS, resolution=gamma)
    assert found == pytest.approx(nx.community.modularity(graph, sets, resolution=gamma), rel=1e-7)
    other = ig.Graph.Weighted_Adjacency(directed, mode="directed")
    assert found == pytest.approx(other.modularity(LABELS, weights="weight", resolution=gamma, directed=True), rel=1e-7)


def test_toolbox_values(bct):
    for key, net in (("modularity_und", "input_U"), ("modularity_dir", "input_W")):
        q = na.modularity(bct[net], bct[f"bct_{key}"])
        assert q == pytest.approx(float(bct[f"bct_{key}_q"]), rel=1e-10)


@pytest.mark.parametrize("gamma", [0.6, 1.0, 1.5])
def test_signed_equals_formula_leidenalg_and_bctpy(bct, gamma):
    from bct import community_louvain

    w = bct["input_S"]
    labels = np.arange(100) % 5
    found = na.modularity(w, labels, resolution=gamma)
    assert found == pytest.approx(by_loop(w, labels, gamma), rel=1e-10)
    # Two layers of leidenalg, whose quality is m times Q of each layer's weights.
    plus, minus = np.maximum(w, 0), np.maximum(-w, 0)
    layers = []
    for part in (plus, minus):
        graph = ig.Graph.Weighted_Adjacency(part, mode="undirected")
        partition = leidenalg.RBConfigurationVertexPartition(
            graph, labels.tolist(), weights="weight", resolution_parameter=gamma
        )
        layers.append(partition.quality())
    assert layers[0] / plus.sum() - layers[1] / np.abs(w).sum() == pytest.approx(found, rel=1e-7)
    # bctpy starts from a partition and reports the Q it ends with, which must be that partition's.
    ci, q = community_louvain(w, gamma=gamma, B="negative_asym", seed=1)
    assert na.modularity(w, ci, resolution=gamma) == pytest.approx(q, rel=1e-7)


def test_signed_directed_equals_formula(signed):
    labels = np.arange(40) % 3
    assert na.modularity(signed, labels) == pytest.approx(by_loop(signed, labels), rel=1e-10)
    only_negative = -np.abs(signed)
    assert na.modularity(only_negative, labels) == pytest.approx(by_loop_negative(np.abs(signed), labels), rel=1e-10)


def by_loop_negative(w, labels):
    """Q* of -w: minus Q of w."""
    same = labels[:, None] == labels[None, :]
    return -((w - np.outer(w.sum(1), w.sum(0)) / w.sum()) * same).sum() / w.sum()


def test_planted_blocks_as_networkx():
    labels = np.repeat(np.arange(4), 25)
    w = np.where(labels[:, None] == labels[None, :], 1.0, 0.05)
    sets = [set(np.flatnonzero(labels == c).tolist()) for c in range(4)]
    graph = nx.from_numpy_array(w, create_using=nx.DiGraph)
    assert na.modularity(w, labels) == pytest.approx(nx.community.modularity(graph, sets), abs=1e-9)


def test_closed_forms():
    cliques = np.kron(np.eye(5), np.ones((4, 4)) - np.eye(4))
    assert na.modularity(cliques, np.repeat(np.arange(5), 4)) == pytest.approx(1 - 1 / 5, abs=1e-12)
    assert na.modularity(cliques, np.zeros(20)) == pytest.approx(0, abs=1e-12)
    assert na.modularity([[2.0]], [0]) == 0.0
    assert na.modularity([[0, 1.0], [0, 0]], [0, 1]) == pytest.approx(0.0)


def test_self_connections_count():
    w = np.array([[3.0, 1], [1, 0]])
    assert na.modularity(w, [0, 1]) == pytest.approx((3 - (4 * 4 + 1) / 5) / 5)
    assert na.modularity(na.transform.remove_self_connections(w), [0, 1]) == pytest.approx(-0.5)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_without_weights_is_nan(n):
    for w in (np.zeros((n, n)), sparse.csr_array((n, n))):
        with pytest.warns(na.UndefinedWarning, match="modularity is nan: there are no weights"):
            assert np.isnan(na.modularity(w, np.zeros(n)))


def test_sparse_equals_dense(directed, signed):
    for w in (directed, signed, np.abs(signed)):
        labels = np.array(list("abc"))[np.arange(len(w)) % 3]
        assert na.modularity(sparse.csr_array(w), labels) == pytest.approx(na.modularity(w, labels), rel=1e-12)
    both = na.modularity(sparse.csr_array(directed), [LABELS, LABELS % 2])
    assert both == pytest.approx([na.modularity(directed, LABELS), na.modularity(directed, LABELS % 2)])


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
def test_stacks(directed, undirected):
    stack = np.stack([[directed, undirected], [-directed, np.zeros((30, 30))], [directed.T, undirected - directed]])
    labels = np.random.default_rng(0).integers(0, 5, (3, 2, 30))
    one = na.modularity(stack, LABELS)
    many = na.modularity(stack, labels)
    assert one.shape == many.shape == (3, 2)
    for g in np.ndindex(3, 2):
        assert np.array_equal(one[g], na.modularity(stack[g], LABELS), equal_nan=True)
        assert np.array_equal(many[g], na.modularity(stack[g], labels[g]), equal_nan=True)
    partitions = na.modularity(directed, labels)
    assert partitions[2, 1] == na.modularity(directed, labels[2, 1])


def test_blocks_of_a_large_stack(monkeypatch, directed):
    stack = np.stack([directed * k for k in range(1, 8)])
    labels = np.random.default_rng(0).integers(0, 5, (7, 30))
    whole = na.modularity(stack, labels)
    monkeypatch.setattr("netanalysis.structure.modularity._BLOCK", 2 * 30 * 30)
    assert np.array_equal(whole, na.modularity(stack, labels))


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(float, (7, 7), elements=st.integers(-3, 3).map(float)),
    hnp.arrays(int, 7, elements=st.integers(0, 3)),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.permutations(range(7)),
)
def test_properties(w, labels, gamma, order):
    q = na.modularity(w, labels, resolution=gamma)
    if not w.any():
        assert np.isnan(q)
        return
    assert q == pytest.approx(na.modularity(w.T, labels, resolution=gamma), abs=1e-12)
    assert q == pytest.approx(na.modularity(w * 2.5, labels, resolution=gamma), abs=1e-12)
    assert q == pytest.approx(na.modularity(w[np.ix_(order, order)], labels[list(order)], resolution=gamma), abs=1e-12)
    same = labels[:, None] == labels[None, :]
    assert q == pytest.approx((modularity_matrix(w, gamma) * same).sum(), abs=1e-12)
    assert -2.5 * gamma - 1 < q <= 1 + gamma


@pytest.mark.parametrize(
    ("labels", "error", "match"),
    [
        ([0, 1], ValueError, "one label per node"),
        (0, ValueError, "one label per node"),
        ([[0, 1, 2, 0]] * 3, ValueError, "do not match"),
        ([0, 1, np.nan, 0], ValueError, "NaN"),
        ([0, 1, None, 0], TypeError, "all numbers or all strings; got None"),
    ],
)
def test_bad_communities(labels, error, match):
    with pytest.raises(error, match=match):
        na.modularity(np.ones((2, 4, 4)), labels)


@pytest.mark.parametrize("gamma", [-1, np.nan, np.inf, "1", None, True])
def test_bad_resolution(gamma):
    with pytest.raises((TypeError, ValueError), match="resolution"):
        na.modularity(np.ones((2, 2)), [0, 1], resolution=gamma)


def test_what_each_community_adds_to_q(directed, undirected, signed):
    for w in (directed, undirected, signed + 0.1 * np.eye(40)):
        labels = np.array(list("cabd"))[np.arange(len(w)) % 4]
        for net in (w, sparse.csr_array(w)):
            each = na.module_quality(net, labels, resolution=1.2)
            assert each.sum() == pytest.approx(na.modularity(net, labels, resolution=1.2), rel=1e-12)
            for k, name in enumerate("abcd"):
                own = labels == name
                b = modularity_matrix(w, 1.2)
                assert each[k] == pytest.approx(b[np.ix_(own, own)].sum(), abs=1e-12)
    stack, rows = np.stack([directed, directed.T]), np.stack([LABELS, LABELS // 2])
    expected = [na.module_quality(w, c) for w, c in zip(stack, rows, strict=True)]
    got = na.module_quality(stack, rows)
    np.testing.assert_allclose(got[0], expected[0], atol=1e-15)
    np.testing.assert_allclose(got[1], [*expected[1], 0, 0], atol=1e-15)  # labels that it does not use
