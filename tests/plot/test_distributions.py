"""Distributions: every node and connection counts once, none is lost."""

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import pdist

import netanalysis as na
from netanalysis import plot


def test_counts_every_node_once(directed, ax):
    plot.degree_distribution(directed, ax=ax)
    outlines = [patch for patch in ax.patches if not patch.get_fill()]
    assert [patch.get_data().values.sum() for patch in outlines] == [30, 30]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["out", "in"]


def test_counts_undirected_connections_once_and_no_self_connection(undirected, ax):
    w = undirected.copy()
    np.fill_diagonal(w, 5)
    plot.weight_distribution(w, ax=ax)
    assert ax.patches[1].get_data().values.sum() == np.count_nonzero(np.triu(undirected, 1))


def test_bins_cover_the_whole_range_of_a_heavy_tail(ax):
    w = np.zeros((20, 20))
    w[0, 1:] = np.geomspace(1e-4, 1e3, 19)
    plot.weight_distribution(w, ax=ax)
    assert ax.get_xscale() == "log"
    assert ax.patches[1].get_data().values.sum() == 19


def test_whole_numbers_get_whole_bins(ax):
    w = np.triu(np.random.default_rng(0).poisson(3, (60, 60)), 1)
    plot.weight_distribution(w, log=True, ax=ax)
    edges = ax.patches[1].get_data().edges
    np.testing.assert_allclose(edges % 1, 0.5)
    assert ax.patches[1].get_data().values.sum() == np.count_nonzero(w)


def test_says_how_many_are_off_a_log_axis(ax):
    w = np.zeros((5, 5))
    w[0, 1] = w[1, 0] = 3
    plot.strength_distribution(w, log=True, ax=ax)
    assert ax.get_title() == "3 at 0 not shown"


def test_refuses_log_of_negative_weights(signed, ax):
    with pytest.raises(ValueError, match="log=True needs non-negative"):
        plot.weight_distribution(signed, log=True, ax=ax)


@pytest.mark.parametrize("draw", [plot.degree_distribution, plot.strength_distribution, plot.weight_distribution])
@pytest.mark.parametrize("w", [[[0.0]], np.zeros((3, 3)), np.ones((4, 4)), [[0, -1e-9], [2, 0]]])
def test_small_and_empty_networks(draw, w, ax):
    draw(w, ax=ax).figure.canvas.draw()


def test_distances_of_connections_and_of_all_pairs(net, ax):
    plot.distance_distribution(net, ax=ax)
    for patch in ax.patches[1::2]:
        values, edges, _ = patch.get_data()
        assert np.isclose(np.sum(values * np.diff(edges)), 1)


def test_pairs_of_many_nodes_are_sampled_and_the_legend_says_so(ax):
    place = np.random.default_rng(0).normal(size=(2000, 2))
    weights = sparse.random_array((2000, 2000), density=0.001, rng=np.random.default_rng(0)).tocsr()
    plot.distance_distribution(na.Connectome(weights, positions=place), ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["connections", "1,000,000 random pairs"]
    stairs = ax.patches[-1].get_data()
    exact, _ = np.histogram(pdist(place), stairs.edges, density=True)
    area = np.abs(stairs.values - exact) * np.diff(stairs.edges)
    assert area.max() < 0.002


def test_distances_of_no_connections_are_not_drawn():
    with pytest.raises(ValueError, match="net has no connections, whose distances could be drawn"):
        na.plot.distance_distribution(na.Connectome(np.zeros((5, 5)), positions=np.eye(5)[:, :3]))
