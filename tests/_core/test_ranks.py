"""Ranks with ties up to rounding."""

import numpy as np
import pytest
from scipy import stats

from netanalysis._core.ranks import rank_correlations, ranks


def test_values_that_differ_by_rounding_are_ties():
    assert ranks([0.3, 0.1 + 0.2, 0.5, -1.0]).tolist() == [2.5, 2.5, 4, 1]
    assert ranks([np.inf, 1, np.inf, -np.inf, 0, 1e-300]).tolist() == [5.5, 4, 5.5, 1, 2, 3]
    assert np.isnan(ranks([np.nan, 1.0])).all()


def test_correlations_are_those_of_scipy():
    x = np.random.default_rng(0).integers(0, 9, (3, 40)).astype(float)
    x[0, 3] = np.inf
    right = stats.spearmanr(x, axis=1).statistic
    np.testing.assert_allclose(rank_correlations(x, x), right, rtol=1e-12)
    assert np.isnan(rank_correlations(np.ones((1, 5)), np.arange(5.0)[None])[0, 0])
    assert rank_correlations(x[:1], -x[:1])[0, 0] == pytest.approx(-1)
