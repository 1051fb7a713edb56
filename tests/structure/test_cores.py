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
from tests.structure.small import directed, random_network, undirected

FORMS = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def peeled(w, direction):
    """By the definition: at every level nodes below it are taken off until none is."""
    levels = np.zeros(len(w))
    left = np.ones(len(w), bool)
    symmetric = (w == w.T).all()
    while left.any():
        inside = w * left[:, None] * left
        out, into = inside.sum(1), inside.sum(0)
        strength = {"out": out, "in": into, "both": out if symmetric else out + into}[direction]
        least = strength[left].min()
        levels[left] = np.maximum(levels[left], least)
        left &= strength > least
    return np.maximum.accumulate(levels) if len(w) == 1 else levels


@FORMS
@pytest.mark.parametrize("direction", ["both", "out", "in"])
def test_cores_by_definition(form, direction):
    for w in (random_network(40, 0.15), random_network(40, 0.1, symmetric=True)):
        np.testing.assert_allclose(na.k_core(form(w), direction=direction), peeled((w > 0) * 1.0, direction))
        np.testing.assert_allclose(na.s_core(form(w), direction=direction), peeled(w, direction))
        np.testing.assert_array_equal(
            na.s_core(form((w > 0) * 1.0), direction=direction), na.k_core(w, direction=direction)
        )


def test_libraries():
    w = random_network(60, 0.08, symmetric=True)
    a = (w > 0) * 1.0
    net = nx.from_numpy_array(a)
    assert na.k_core(w).tolist() == list(nx.core_number(net).values())
    assert na.k_core(w).tolist() == bctpy.kcoreness_centrality_bu(a)[0].tolist()
    for s in np.quantile(w.sum(0), [0.1, 0.4, 0.8]):
        assert (na.s_core(w) >= s).sum() == bctpy.score_wu(w, s)[1]
    d = random_network(60, 0.08)
    graph = igraph.Graph.Adjacency((d > 0).tolist())
    for direction, mode in (("both", "all"), ("in", "in"), ("out", "out")):
        assert na.k_core(d, direction=direction).tolist() == graph.coreness(mode=mode)


def test_a_network_whose_connections_all_go_both_ways_counts_pairs_once():
    w = np.array([[0, 2.0], [1, 0]])
    assert na.k_core(w).tolist() == na.degree(w).tolist() == [1, 1]
    assert na.s_core(w).tolist() == na.strength(w).tolist() == [3, 3]


@FORMS
def test_trap_coreness_of_directed_networks(form):
    """bctpy loses the node without incoming connections: 0, 2, 2."""
    w = form(directed(3, (0, 1), (0, 2), (1, 2)))
    assert na.k_core(w).tolist() == [2, 2, 2]
    assert na.k_core(w, direction="in").tolist() == na.k_core(w, direction="out").tolist() == [0, 0, 0]


@FORMS
def test_trap_strengths_of_the_s_core_are_counted_anew(form):
    """Strengths are 4, 4, 5.5, 2.5, 1."""
    core = na.s_core(form(undirected(5, (0, 1, 2), (1, 2, 2), (0, 2, 2), (2, 3, 1.5), (3, 4, 1))))
    np.testing.assert_allclose(core, [4, 4, 4, 1.5, 1])
    assert [int((core >= s).sum()) for s in (1.5, 2, 4, 4.5)] == [4, 3, 3, 0]
    assert (core > 4).sum() == 0


@FORMS
@pytest.mark.parametrize("kind", ["weak", "strong"])
def test_components(form, kind):
    w = random_network(60, 0.02) * -1
    net = nx.from_numpy_array(w, create_using=nx.DiGraph)
    want = (nx.weakly_connected_components if kind == "weak" else nx.strongly_connected_components)(net)
    got = na.components(form(w), kind=kind)
    assert {frozenset(np.flatnonzero(got.labels == k)) for k in range(got.count)} == set(map(frozenset, want))
    assert got.sizes.tolist() == sorted(np.bincount(got.labels), reverse=True)
    assert got.largest_share == got.sizes[0] / 60
    graph = igraph.Graph.Adjacency((w != 0).tolist())
    assert got.count == len(graph.connected_components(mode=kind))


def test_components_of_a_stack_are_padded():
    stack = np.stack([np.zeros((3, 3)), np.ones((3, 3))])
    got = na.components(stack)
    assert got.count.tolist() == [3, 1]
    assert got.sizes.tolist() == [[1, 1, 1], [3, 0, 0]]
    assert got.largest_share.tolist() == [1 / 3, 1]


networks = hnp.arrays(
    float, st.integers(1, 12).map(lambda n: (n, n)), elements=st.sampled_from([0.0, 0.0, 0.0, 0.25, 1.0, 3.0])
)


@settings(max_examples=25, deadline=None)
@given(networks, st.sampled_from(["both", "out", "in"]), st.integers(0, 99))
def test_properties(w, direction, seed):
    order = np.random.default_rng(seed).permutation(len(w))
    moved = w[np.ix_(order, order)]
    core = na.s_core(w, direction=direction)
    np.testing.assert_allclose(na.s_core(moved, direction=direction), core[order])
    np.testing.assert_allclose(na.s_core(4 * w, direction=direction), 4 * core)
    np.testing.assert_allclose(na.s_core(sparse.csr_array(w), direction=direction), core)
    assert (core <= na.strength(w, direction=direction) + 1e-12).all()
    assert (na.k_core(moved, direction=direction) == na.k_core(w, direction=direction)[order]).all()
    assert sorted(na.components(moved).sizes) == sorted(na.components(w).sizes)
