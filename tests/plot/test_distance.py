"""Weight against distance."""

import numpy as np
import pytest
from scipy import stats

from netanalysis import plot
from netanalysis.plot import _text


def test_one_dot_per_connection_and_rank_correlation(net, ax):
    plot.weight_distance(net, ax=ax)
    row, col = np.nonzero(np.triu(net.weights, 1))
    dots = ax.collections[0].get_offsets()
    np.testing.assert_allclose(np.sort(dots[:, 0]), np.sort(net.distances[row, col]))
    rho = stats.spearmanr(net.distances[row, col], net.weights[row, col]).statistic
    assert ax.get_title() == f"Spearman ρ = {_text.number(rho)}"
    assert ax.get_legend().get_texts()[0].get_text() == f"connections ({len(row)})"
    assert ax.get_xlabel() == "Distance (mm)"


def test_given_distances_count_before_positions(net, ax):
    tract = np.full((30, 30), 7.0)
    plot.weight_distance(net.replace(distances=tract), ax=ax)
    assert set(ax.collections[0].get_offsets()[:, 0]) == {7.0}
    assert "undefined" in ax.get_title()


def test_refuses_without_distances(ax):
    with pytest.raises(ValueError, match="net has no distances"):
        plot.weight_distance(np.eye(3), ax=ax)
