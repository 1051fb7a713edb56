"""Influence where nodes sit, and in order where they sit nowhere."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot._colour import BLUE, VERMILION

W = np.array([[0, 0.5, -0.25, 0, 0], [0, 0, 0, 0.5, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
PLACE = np.random.default_rng(0).normal(size=(5, 3))
NET = na.Connectome(W, positions=PLACE, labels=["in", "a", "b$", "c", "far"])


@pytest.fixture(scope="module")
def found():
    return na.influence(NET, sources=[0])


def test_every_node_is_drawn_once_and_sources_have_no_colour(ax, found):
    plot.influence(found, plane="xy", ax=ax)
    dots, sources, unreached = ax.collections[:3]
    np.testing.assert_allclose(dots.get_array(), [-0.25, 0.25, 0.5])  # the strongest on top
    strength = np.argsort([0, 0.5, 0.26, 0.25, 0])[-3:]
    shown = np.argsort(np.abs(found.scores[strength]), kind="stable")
    assert set(map(tuple, dots.get_offsets())) == set(map(tuple, PLACE[strength[shown], :2]))
    np.testing.assert_allclose(sources.get_offsets(), PLACE[[0], :2])
    np.testing.assert_allclose(unreached.get_offsets(), PLACE[[4], :2])
    assert dots.norm.vmin == -dots.norm.vmax == -0.5
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["source (1)", "no influence (1)"]


def test_without_positions_in_order(ax, found):
    plot.influence(na.influence(NET.replace(positions=None), sources=[0]), ax=ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", r"b\$", "c"]
    assert [bar.get_width() for bar in ax.patches] == [0.5, -0.25, 0.25]
    assert [to_rgb(bar.get_facecolor()) for bar in ax.patches] == [to_rgb(c) for c in (VERMILION, BLUE, VERMILION)]
    assert ax.get_title() == "Without 1 source"
    top = plot.influence(found.adjusted, top=2, ax=Figure().subplots())
    assert [bar.get_width() for bar in top.patches] == sorted(found.adjusted)[:-3:-1]


def test_scores_of_ones_own_and_nothing_at_all(ax):
    plot.influence(np.zeros(5), NET, ax=ax)
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no influence (5)"]
    empty = plot.influence(np.zeros(5), ax=Figure().subplots())
    empty.figure.canvas.draw()
    assert not empty.patches


def test_refusals(ax, found):
    with pytest.raises(ValueError, match="one drive and one direction"):
        plot.influence(na.influence(NET, sources=[0, 1], each=True), ax=ax)
    with pytest.raises(ValueError, match="no positions"):
        plot.influence(found.scores, plane="xy", ax=ax)
    with pytest.raises(ValueError, match="scale must be"):
        plot.influence(found, scale="cubic", ax=ax)
    with pytest.raises(ValueError, match="positions must have shape"):
        plot.influence(found, positions=PLACE[:3], ax=ax)


def test_a_short_colour_bar_of_both_signs_has_few_numbers():
    scores = np.array([-100.0, -10, -1, 1, 10, 100])
    counts = []
    for height in (0.8, 8):
        ax = Figure(figsize=(2, height)).subplots()
        plot.influence(scores, positions=np.eye(6)[:, :2], ax=ax)
        counts.append(len(ax.child_axes[0].get_yticks()))
    assert counts == [3, 7]
