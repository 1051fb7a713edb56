"""Agreement of models of communication."""

import numpy as np
import pytest
from scipy import stats

import netanalysis as na
from netanalysis import plot


def test_cells_are_rank_correlations_of_how_easy_pairs_are(ax):
    rng = np.random.default_rng(0)
    net = na.Connectome(rng.random((12, 12)) * (rng.random((12, 12)) < 0.3), positions=rng.random((12, 3)))
    models = na.communication(net, models=["shortest_paths", "communicability", "matching_index"])
    plot.communication(models, ax=ax)
    off = ~np.eye(12, dtype=bool)
    got = ax.images[0].get_array()
    right = stats.spearmanr(-models["shortest_paths"][off], models["communicability"][off]).statistic
    assert got[0, 1] == pytest.approx(right)
    assert got[1, 2] == pytest.approx(stats.spearmanr(models.matrices[1][off], models.matrices[2][off]).statistic)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["shortest paths", "communicability", "matching index"]


def test_models_that_do_not_vary_have_no_colour(ax):
    models = na.communication(np.ones((5, 5)) - np.eye(5), models=["shortest_paths", "flow_graph"])
    plot.communication(models, ax=ax)
    assert np.ma.getmaskarray(ax.images[0].get_array()).any()
    with pytest.raises(TypeError, match=r"netanalysis\.communication"):
        plot.communication(np.eye(3), ax=ax)
    with pytest.raises(ValueError, match="one network"):
        plot.communication(na.communication(np.ones((2, 4, 4)), models="shortest_paths"), ax=ax)
