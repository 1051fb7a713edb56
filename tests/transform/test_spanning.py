"""Backbones against networkx, bctpy and what they promise."""

import bct as bctpy
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis import transform


@pytest.fixture
def net():
    w = np.triu(np.random.default_rng(0).random((25, 25)), 1)
    return w + w.T


def test_the_tree_is_that_of_networkx_and_bctpy(net):
    tree = nx.to_numpy_array(nx.maximum_spanning_tree(nx.from_numpy_array(net)))
    np.testing.assert_array_equal(transform.backbone(net), tree)
    theirs, filled = bctpy.backbone_wu(net, 6)
    np.testing.assert_array_equal(transform.backbone(net), theirs)
    np.testing.assert_array_equal(transform.backbone(net, density=(filled > 0).sum() / (25 * 24)), filled)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1))
def test_it_holds_the_network_together_at_the_density_asked_for(seed, density):
    rng = np.random.default_rng(seed)
    w = np.triu(rng.integers(-3, 4, (12, 12)) * (rng.random((12, 12)) < 0.4)).astype(float)
    w = w + np.triu(w, 1).T
    got = transform.backbone(w, density=density)
    graph, kept = (nx.from_numpy_array(m - np.diag(m.diagonal())) for m in (w, got))
    assert sorted(map(sorted, nx.connected_components(graph))) == sorted(map(sorted, nx.connected_components(kept)))
    forest = 12 - nx.number_connected_components(graph)
    wanted = max(forest, min(int(density * 66 + 0.5), graph.number_of_edges()))
    assert kept.number_of_edges() == wanted
    assert set(np.unique(got - w * (got != 0))) <= {0.0}
    weighs = sum(
        abs(w[a, b]) for a, b in nx.maximum_spanning_edges(nx.from_numpy_array(np.abs(w)), data=False) if a != b
    )
    tree = transform.backbone(w)
    assert np.abs(tree).sum() / 2 == pytest.approx(weighs)
    assert ((got != 0) >= (tree != 0)).all()
    np.testing.assert_array_equal(transform.backbone(sparse.csr_array(w), density=density).toarray(), got)


def test_a_stack_and_a_connectome(net):
    stack = np.stack([net, net**2])
    np.testing.assert_array_equal(transform.backbone(stack, density=0.3)[1], transform.backbone(net**2, density=0.3))
    got = transform.backbone(na.Connectome(net), density=0.3)
    assert got.history[-1] == "backbone(density=0.3)"
    with pytest.raises(ValueError, match="undirected"):
        transform.backbone(np.triu(net))
    with pytest.raises(ValueError, match="density"):
        transform.backbone(net, density=2)
