"""Edges of significant components: what is drawn and what is left empty."""

import numpy as np
import pytest

import netanalysis as na
from netanalysis import plot


@pytest.fixture
def test_of_groups():
    w = np.random.default_rng(0).normal(size=(20, 8, 8))
    w[:10, :3, :3] += 2
    return na.network_based_statistic(w + w.swapaxes(1, 2), ["a"] * 10 + ["b"] * 10, threshold=2, n_nulls=99, rng=0)


def test_only_edges_of_significant_components_are_drawn(test_of_groups, ax):
    plot.network_based_statistic(test_of_groups, ax=ax)
    drawn = ax.images[0].get_array()
    mask = test_of_groups.edge_mask()
    assert np.array_equal(~np.ma.getmaskarray(drawn), mask)
    assert drawn.data[mask] == pytest.approx(test_of_groups.t[mask])
    assert ax.child_axes[0].get_ylabel() == "t (a - b)"


def test_without_any_the_figure_says_so(test_of_groups, ax):
    plot.network_based_statistic(test_of_groups, level=1e-9, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["no edge at p ≤ 1×10⁻⁹"]


def test_the_threshold_free_test_is_drawn_too(ax):
    w = np.random.default_rng(0).normal(size=(20, 8, 8))
    w[:10, :3, :3] += 2
    test = na.threshold_free_test(w + w.swapaxes(1, 2), ["a"] * 10 + ["b"] * 10, n_nulls=99, rng=0)
    plot.network_based_statistic(test, ax=ax)
    assert np.array_equal(~np.ma.getmaskarray(ax.images[0].get_array()), test.edge_mask())


def test_another_object_is_refused(ax):
    with pytest.raises(TypeError, match="network_based_statistic returns"):
        plot.network_based_statistic(np.eye(3), ax=ax)
