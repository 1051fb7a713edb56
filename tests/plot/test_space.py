"""Nodes where they sit: what is drawn is what was given, silent and inactive units included."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import sparse

from netanalysis import plot


def test_draws_the_stated_share_of_the_strongest(net, ax):
    plot.network(net, edges=0.2, ax=ax)
    weights = net.weights[np.triu_indices(30, 1)]
    weights = weights[weights > 0]
    count = round(0.2 * len(weights))
    lines = ax.collections[0]
    assert len(lines.get_segments()) == count
    assert ax.get_title() == f"Strongest 20 % of {len(weights)} connections"
    strongest = np.sort(weights)[-count:]
    np.testing.assert_allclose(lines.get_linewidths(), 0.3 + 1.7 * strongest / strongest.max())


def test_shows_the_widest_plane_and_its_unit(net, ax):
    plot.network(net, ax=ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("y (mm)", "z (mm)")
    assert ax.get_aspect() == 1.0


def test_plane_by_name(net, ax):
    assert plot.network(net, plane="xz", ax=ax).get_xlabel() == "x (mm)"
    with pytest.raises(ValueError, match="plane must be"):
        plot.network(net, plane="xx", ax=ax)


def test_refuses_without_positions(ax):
    with pytest.raises(ValueError, match="no positions"):
        plot.network(np.eye(3), ax=ax)
    with pytest.raises(ValueError, match="share"):
        plot.network(np.eye(3), positions=np.eye(3), edges=2, ax=ax)


def test_sparse_equals_dense(net, ax):
    other = Figure().subplots()
    plot.network(net, ax=ax)
    plot.network(net.replace(weights=sparse.csr_array(net.weights)), ax=other)
    for a, b in zip(ax.collections, other.collections, strict=True):
        np.testing.assert_allclose(a.get_offsets(), b.get_offsets())


def test_preference_in_space_has_a_symmetric_scale_and_marks_silent_units(selective, ax, grid):
    _, result = selective
    plot.preference_in_space(result, positions=grid, ax=ax)
    silent, dots = ax.collections
    np.testing.assert_array_equal(silent.get_offsets(), grid[19:])
    np.testing.assert_allclose(dots.get_array(), result.preference()[:19, 1])
    assert dots.norm.vmin == -dots.norm.vmax == -np.abs(dots.get_array()).max()
    assert "1 silent" in ax.get_title()


def test_preference_in_space_of_an_array_and_of_nothing(ax):
    plot.preference_in_space(np.zeros(3), positions=np.eye(3), ax=ax).figure.canvas.draw()
    with pytest.raises(ValueError, match="no positions"):
        plot.preference_in_space(np.zeros(3), np.eye(3), ax=ax)
    with pytest.raises(ValueError, match="positions must have shape"):
        plot.preference_in_space(np.zeros(3), positions=np.eye(4), ax=ax)


def test_sheet_draws_every_unit_once_as_a_cell_or_as_a_dot(clusters, ax, grid):
    plot.functional_sheet(clusters, positions=grid, ax=ax)
    cells = [c for c in ax.collections if type(c).__name__ == "PatchCollection"]
    assert sorted(len(c.get_paths()) for c in cells) == [2, 6, 6, 6]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0 (6)", "1 (6)", "2 (6)", "inactive (2)"]
    other = Figure().subplots()
    plot.functional_sheet(clusters, positions=np.random.default_rng(0).normal(size=(20, 3)), ax=other)
    assert sum(len(c.get_offsets()) for c in other.collections) == 20


def test_many_connections_are_drawn_up_to_a_number_and_ties_come_from_everywhere(ax):
    place = np.random.default_rng(0).normal(size=(300, 2))
    plot.network(np.ones((300, 300)), positions=place, ax=ax)
    assert ax.get_title() == "Strongest 2,000 of 44,850 connections"
    starts = {tuple(segment[0]) for segment in ax.collections[0].get_segments()}
    assert len(starts) > 200


def test_the_legend_counts_the_modules_that_it_leaves_out(ax):
    plot.network(np.eye(40), positions=np.eye(40)[:, :2], modules=np.arange(40) // 2, ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()][-1] == "and 5 smaller"
