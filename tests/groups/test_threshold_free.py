"""Threshold-free scores against a closed form, networkx at every height, and sums of ever smaller steps."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import netanalysis as na


def matrix(n, *edges):
    t = np.zeros((n, n))
    for i, j, value in edges:
        t[i, j] = t[j, i] = value
    return t


CHAIN = matrix(6, (0, 1, 1), (1, 2, 2), (2, 3, 3), (4, 5, 3))
AT = [0, 1, 2, 4], [1, 2, 3, 5]


@pytest.mark.parametrize(
    ("options", "right"),
    [
        ({"extent_power": 0.5, "height_power": 2}, [0.577350, 3.877182, 10.210515, 9]),
        ({"extent_power": 0.4, "height_power": 3}, [0.387961, 5.336116, 21.586116, 20.25]),
        ({"extent_power": 0.5, "height_power": 2, "step": 0.1}, [0.666840, 4.181160, 10.766160, 9.455]),
    ],
)
def test_powers_and_step_decide_the_scores(options, right):
    assert na.threshold_free_scores(CHAIN, **options)[AT] == pytest.approx(right, abs=1e-6)
    assert na.threshold_free_scores(-CHAIN, **options)[AT] == pytest.approx([-x for x in right], abs=1e-6)


def test_the_defaults_are_reported():
    assert na.threshold_free_scores(CHAIN)[2, 3] == pytest.approx(21.586116)
    w = np.random.default_rng(0).normal(size=(8, 4, 4))
    table = na.threshold_free_test(w, np.arange(8), n_nulls=9, rng=0).table()
    assert table[["extent_power", "height_power", "step"]].iloc[0].tolist() == [0.4, 3.0, "exact"]
    assert len(table) == 12


def by_heights(t, extent_power, height_power):
    """Integral piece by piece between the heights at which components change."""
    n, out = len(t), np.zeros_like(t)
    heights = np.unique(np.concatenate([[0.0], t[t > 0]]))
    for low, high in pairwise(heights):
        g = nx.Graph([(i, j) for i in range(n) for j in range(i) if t[i, j] >= high])
        piece = (high ** (height_power + 1) - low ** (height_power + 1)) / (height_power + 1)
        for nodes in nx.connected_components(g):
            component = g.subgraph(nodes)
            for i, j in component.edges:
                out[i, j] += component.number_of_edges() ** extent_power * piece
                out[j, i] = out[i, j]
    return out


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_scores_are_the_integral_at_every_height(seed):
    rng = np.random.default_rng(seed)
    t = rng.normal(size=(9, 9)).round(1)  # ties
    t = t + t.T
    np.fill_diagonal(t, 0)
    score = na.threshold_free_scores(t, extent_power=0.7, height_power=1.5)
    assert score == pytest.approx(by_heights(t, 0.7, 1.5) - by_heights(-t, 0.7, 1.5), rel=1e-9, abs=1e-12)
    order = rng.permutation(9)
    turned = na.threshold_free_scores(t[np.ix_(order, order)], extent_power=0.7, height_power=1.5)
    assert turned == pytest.approx(score[np.ix_(order, order)], rel=1e-9, abs=1e-12)
    fine = na.threshold_free_scores(t, extent_power=0.7, height_power=1.5, step=1e-4)
    assert fine == pytest.approx(score, rel=3e-2, abs=1e-4)


def test_p_is_that_of_the_largest_score_of_any_edge():
    w = np.random.default_rng(4).normal(size=(6, 5, 5))
    w += w.swapaxes(1, 2)
    test = na.threshold_free_test(w, list("aaabbb"), n_nulls=50)
    i, j = np.triu_indices(5, 1)
    null = []
    for first in map(list, combinations(range(6), 3)):
        t = np.zeros((5, 5))
        t[i, j] = t[j, i] = stats.ttest_ind(w[first][:, i, j], np.delete(w, first, axis=0)[:, i, j]).statistic
        null.append(np.abs(na.threshold_free_scores(t)).max())
    assert test.exact
    assert sorted(test.null_distribution) == pytest.approx(sorted(null), rel=1e-9)
    share = [(np.array(null) >= abs(s) * (1 - 1e-9)).mean() for s in test.score[i, j]]
    assert test.p[i, j] == pytest.approx(share)


def test_a_planted_difference_is_found_and_threads_change_nothing():
    w = np.random.default_rng(0).normal(size=(30, 12, 12))
    w[:15, :4, :4] += 1.5
    w += w.swapaxes(1, 2)
    one, two = (na.threshold_free_test(w, np.repeat([1, 0], 15), n_nulls=299, rng=0, n_jobs=k) for k in (1, 2))
    assert np.array_equal(one.null_distribution, two.null_distribution)
    found = one.edge_mask()
    assert found[:4, :4].sum() == 12
    assert found.sum() <= 14
    assert not na.threshold_free_test(w, np.repeat([1, 0], 15), side="less", n_nulls=99, rng=0).edge_mask().any()


def test_nan_is_no_edge_and_infinity_is_refused():
    t = np.where(CHAIN == 0, np.nan, CHAIN)
    assert np.array_equal(na.threshold_free_scores(t), na.threshold_free_scores(CHAIN))
    with pytest.raises(ValueError, match="t must be finite"):
        na.threshold_free_scores(np.where(CHAIN == 3, np.inf, CHAIN))


def test_bad_powers_are_named():
    with pytest.raises(ValueError, match="extent_power must be at least 0"):
        na.threshold_free_scores(CHAIN, extent_power=-1)
    with pytest.raises(ValueError, match="step must be above 0"):
        na.threshold_free_scores(CHAIN, step=0)
    with pytest.raises(ValueError, match="step must not be below"):
        na.threshold_free_scores(CHAIN, step=1e-9)


@pytest.mark.slow
def test_one_null_data_set_in_twenty_is_a_false_alarm():
    alarms = 0
    for seed in range(1000):
        w = np.random.default_rng(seed).normal(size=(16, 10, 10))
        test = na.threshold_free_test(w + w.swapaxes(1, 2), np.repeat([0, 1], 8), n_nulls=99, rng=seed)
        alarms += bool(test.edge_mask().any())
    low, high = stats.binom.ppf([0.0005, 0.9995], 1000, 0.05)
    print(f"{alarms} of 1,000, expected between {low:g} and {high:g}")
    assert low <= alarms <= high
