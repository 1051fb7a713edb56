"""Counts and sums against networkx, bctpy and definitions."""

import bct
import networkx as nx
import numpy as np
import pytest
from scipy import sparse

import netanalysis as na


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_counts_equal_networkx(directed, undirected, kind):
    for w, graph in ((directed, nx.DiGraph), (undirected, nx.Graph)):
        g = nx.from_numpy_array(w, create_using=graph)
        assert na.density(kind(w)) == pytest.approx(nx.density(g))
        assert na.degree(kind(w)).tolist() == [d for _, d in g.degree()]
        np.testing.assert_allclose(na.strength(kind(w)), [s for _, s in g.degree(weight="weight")])
    g = nx.from_numpy_array(directed, create_using=nx.DiGraph)
    assert na.reciprocity(kind(directed)) == pytest.approx(nx.overall_reciprocity(g))
    assert na.degree(kind(directed), direction="in").tolist() == [d for _, d in g.in_degree()]
    assert na.degree(kind(directed), direction="out").tolist() == [d for _, d in g.out_degree()]


def test_degrees_and_strengths_equal_the_toolbox(directed, undirected, signed):
    into, out, both = bct.degrees_dir(directed)
    assert np.array_equal(na.degree(directed, direction="in"), into)
    assert np.array_equal(na.degree(directed, direction="out"), out)
    assert np.array_equal(na.degree(directed), both)
    assert np.array_equal(na.degree(undirected), bct.degrees_und(undirected))
    np.testing.assert_allclose(na.strength(undirected), bct.strengths_und(undirected))
    np.testing.assert_allclose(na.strength(directed), bct.strengths_dir(directed))
    off = signed - np.diag(np.diag(signed))
    np.testing.assert_allclose(na.strength(signed, direction="out", magnitude=True), np.abs(off).sum(1))
    np.testing.assert_allclose(na.strength(signed, direction="in"), off.sum(0))


def test_self_connections_are_counted_where_it_says_so():
    w = np.array([[3.0, 1], [0, 0]])
    assert na.total_weight(w) == 4
    assert na.self_connection_share(w) == 0.75
    assert na.degree(w).tolist() == [1, 1]
    assert na.strength(w).tolist() == [1, 1]
    assert na.density(w) == 0.5


def test_heterogeneity_is_the_ratio_of_moments():
    star = np.zeros((5, 5))
    star[0, 1:] = star[1:, 0] = 2.0
    k = np.array([4, 1, 1, 1, 1])
    assert na.degree_heterogeneity(star) == pytest.approx((k**2).mean() / k.mean() ** 2)
    assert na.strength_heterogeneity(star) == pytest.approx(na.degree_heterogeneity(star))


@pytest.mark.parametrize(
    "measure", [na.reciprocity, na.self_connection_share, na.degree_heterogeneity, na.strength_heterogeneity]
)
def test_shares_of_nothing_are_undefined(measure):
    with pytest.warns(na.UndefinedWarning, match=rf"{measure.__name__} is nan: .*connections"):
        assert np.isnan(measure(np.zeros((3, 3))))


def test_what_the_table_measures_a_function_measures(directed):
    """Seen: na.reciprocity did not exist, and na.MEASURES["reciprocity"] of an array was an AttributeError."""
    names = ["density", "total_weight", "self_connection_share", "reciprocity", "degree_heterogeneity"]
    for name in [*names, "strength_heterogeneity", "mean_communicability"]:
        assert na.MEASURES[name](directed) == getattr(na, name)(directed)
