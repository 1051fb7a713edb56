"""One rule for p-values: ties, undefined values, corrections."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import netanalysis as na
from netanalysis._core.pvalues import (
    at_least_as_extreme,
    benjamini_hochberg,
    holm,
    is_significant,
    maximum_p,
    p_value,
    standardized_maximum_p,
)

VALUES = st.lists(st.integers(-3, 3), min_size=1, max_size=12)


@given(VALUES, st.integers(-3, 3), st.sampled_from([1e-9, 1.0, 1e9]), st.integers(0, 2**32))
def test_values_that_differ_by_rounding_are_ties(values, observed, scale, seed):
    exact, seen = scale * np.array(values, float), scale * float(observed)
    noise = 1 + 1e-14 * np.random.default_rng(seed).standard_normal(len(values))
    for side in ("greater", "less", "two-sided"):
        assert p_value(seen, exact * noise, side) == p_value(seen, exact, side)


def test_corrections_by_hand():
    """Others, and statsmodels: tests/table/test_compare.py."""
    p = [0.01, 0.04, np.nan, 0.03]
    np.testing.assert_allclose(holm(p), [0.03, 0.06, np.nan, 0.06])
    np.testing.assert_allclose(benjamini_hochberg(p), [0.03, 0.04, np.nan, 0.04])


def test_p_is_one_more_of_each():
    null = np.array([1.0, 2, 3, 4])
    assert p_value(3.0, null, "greater") == 3 / 5
    assert p_value(3.0, null, "less") == 4 / 5
    assert p_value(3.0, null, "two-sided") == 1
    assert p_value(9.0, null, "greater") == 1 / 5
    assert p_value(9.0, [], "greater") == 1


def test_undefined_values_count_as_extreme_and_have_no_p():
    assert p_value(9.0, [1.0, np.nan, np.inf], "greater") == 3 / 4
    assert np.isnan(p_value(np.nan, [1.0, 2], "greater"))
    assert p_value(np.inf, [1.0, np.inf], "greater") == 2 / 3


def test_a_value_that_cancelled_to_rounding_is_a_tie_of_zero():
    """Seen: modularities of 1e-17 and -3e-17 beside null values of order 1."""
    null = np.array([-3e-17, 0.0, 2e-17, 0.5, -0.5, 0.7, -0.7])
    assert p_value(1e-17, null, "greater") == p_value(0.0, np.round(null, 3), "greater")


def test_typical_values_are_those_that_are_defined():
    null = [-3e-17, 2e-17, 0.5, -0.5, 0.7, np.nan]
    assert p_value(1e-17, null, "greater") == p_value(0.0, np.round(null, 3), "greater")


def test_arrays_are_tested_along_the_last_axis():
    rng = np.random.default_rng(0)
    observed, null = rng.normal(size=(3, 2)), rng.normal(size=(3, 2, 19))
    p = p_value(observed, null, "greater")
    assert p.shape == (3, 2)
    for k in np.ndindex(3, 2):
        assert p[k] == (1 + np.sum(null[k] >= observed[k])) / 20


def test_significant_means_at_most_the_level():
    assert is_significant([0.05, 0.0500001, np.nan]).tolist() == [True, False, False]


def test_scale_is_the_callers_where_values_come_one_by_one():
    assert at_least_as_extreme(-1e-15, 0.0, "greater", scale=1.0)
    assert not at_least_as_extreme(-1e-15, 0.0, "greater", scale=0.0)


def test_tuning_counts_permutations_that_split_the_trials_alike():
    """Seen: of 339 permutations that give the very same split, 106 were not counted, so p was below what is possible.

    With 3 + 3 trials, 2 of the 20 splits are as far apart as the observed one: p cannot be far below 0.1.
    """
    a = np.array([0, 0, 0, 1, 1, 1])
    activity = np.array([0.1, 0.2, 0.3, 1.1, 1.2, 1.3]) / 3
    rec = na.Recording(np.tile(activity[:, None, None], (1, 1, 40)) * np.linspace(1, 2, 40), {"a": a})
    p = na.tuning(rec, ["a"], windows=1, n_nulls=2000, rng=0, correction="none").p.ravel()
    assert np.ptp(p) == 0
    assert p[0] == pytest.approx(0.1, abs=0.02)


def test_an_undefined_null_value_leaves_the_ties_of_the_others():
    null = np.r_[np.zeros(50), np.ones(60), -np.ones(60)]
    assert p_value(1e-15, null, "greater") == p_value(0.0, null, "greater")
    assert p_value(1e-15, np.r_[null, np.nan], "greater") == p_value(0.0, np.r_[null, np.nan], "greater")


def test_values_of_different_spread_are_corrected_together():
    """Each is standardised with its null values; one that never varies has no p, and none takes part for another."""
    rng = np.random.default_rng(0)
    null = rng.normal(size=(199, 3)) * [1, 1e6, 0] + [0, 5, 2]
    observed = np.array([6.0, 5.0, 2.0])
    p = standardized_maximum_p(observed, null, "two-sided")
    values = np.concatenate([observed[None], null])[:, :2]
    standard = np.abs((values - values.mean(0)) / values.std(0))
    largest = standard[1:].max(axis=1)
    assert p[:2].tolist() == [((largest >= value).sum() + 1) / 200 for value in standard[0]]
    assert p[0] == 1 / 200
    assert np.isnan(p[2])


def test_the_maximum_of_several_values_by_a_loop():
    """Ties up to rounding, of values near 0 beside nulls of order 1 too; nan of some nulls and infinite ones count."""
    null = np.array([[1.0, -4.0], [3.0, 0.5], [np.nan, 2.0], [-5.0, 1.0], [-np.inf, -6.0], [2.0, 2.5], [0, -0.1]])
    largest = {"greater": [1, 3, np.inf, 1, -6, 2.5, 0], "less": [4, -0.5, np.inf, 5, np.inf, -2, 0.1]}
    largest["two-sided"] = [4, 3, np.inf, 5, np.inf, 2.5, 0.1]
    for side, most in largest.items():
        for value in (3 + 1e-15, 3 + 1e-9, 2.5, 1e-16, -0.5 - 1e-14, -6.0, np.inf):
            far = {"greater": value, "less": -value, "two-sided": abs(value)}[side]
            count = sum(m >= far - 1e-13 for m in most)
            p = maximum_p(np.array([value, np.nan]), null, side)
            assert p[0] == (1 + count) / 8, (side, value)
            assert np.isnan(p[1])
    alone = maximum_p(np.array([1.0, 1.0]), np.array([[np.nan, 0.0], [np.nan, 2.0]]), "greater")
    assert np.isnan(alone[0])
    assert alone[1] == 2 / 3


def test_values_that_vary_by_rounding_alone_have_no_standard():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(20, 2))
    null = 1e6 * (1 + noise * [1e-14, 1e-10])
    p = standardized_maximum_p(np.array([1e6, 1e6 * (1 + 1e-8)]), null, "greater")
    assert np.isnan(p[0])
    assert p[1] == 1 / 21
