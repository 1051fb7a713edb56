"""compare against scipy, statsmodels and closed forms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

import netanalysis as na
from netanalysis._core import pvalues


def table(values, measure="q", **columns):
    return pd.DataFrame({"network": np.arange(len(values)), "measure": measure, "value": values} | columns)


@pytest.fixture
def groups():
    rng = np.random.default_rng(0)
    return rng.normal(1.0, 2.0, 13), rng.normal(0.2, 0.7, 29)


def test_welch_equals_scipy_and_statsmodels(groups):
    x, y = groups
    row = na.compare(table(x), table(y), confidence=0.9).iloc[0]
    reference = stats.ttest_ind(x, y, equal_var=False)
    interval = reference.confidence_interval(0.9)
    assert row.t == pytest.approx(reference.statistic, rel=1e-12)
    assert row.p == pytest.approx(reference.pvalue, rel=1e-12)
    assert row.df == pytest.approx(reference.df, rel=1e-12)
    assert (row.difference_low, row.difference_high) == pytest.approx((interval.low, interval.high), rel=1e-12)
    other = CompareMeans(DescrStatsW(x), DescrStatsW(y))
    assert row.t == pytest.approx(other.ttest_ind(usevar="unequal")[0], rel=1e-12)
    assert (row.difference_low, row.difference_high) == pytest.approx(
        other.tconfint_diff(alpha=0.1, usevar="unequal"), rel=1e-12
    )
    assert (row.n_a, row.n_b) == (13, 29)
    assert row.difference == pytest.approx(x.mean() - y.mean())
    assert (row.median_a, row.std_b) == pytest.approx((np.median(x), np.std(y, ddof=1)))


def test_effect_sizes_equal_closed_forms_and_statsmodels(groups):
    from statsmodels.stats.meta_analysis import effectsize_smd

    x, y = groups
    row = na.compare(table(x), table(y)).iloc[0]
    n, m = len(x), len(y)
    t = stats.ttest_ind(x, y).statistic  # pooled
    assert row.cohen_d == pytest.approx(t * np.sqrt(1 / n + 1 / m), rel=1e-12)
    k = n + m - 2
    exact = special.gamma(k / 2) / (np.sqrt(k / 2) * special.gamma((k - 1) / 2))
    assert row.hedges_g == pytest.approx(row.cohen_d * exact, rel=1e-12)
    smd, _ = effectsize_smd(x.mean(), x.std(ddof=1), n, y.mean(), y.std(ddof=1), m)
    assert row.hedges_g == pytest.approx(smd, rel=1e-4)  # statsmodels: approximate correction 1 - 3/(4k - 1)
    half = 1.959964 * exact * np.sqrt((n + m) / (n * m) + row.cohen_d**2 / (2 * (n + m)))
    assert (row.g_low, row.g_high) == pytest.approx((row.hedges_g - half, row.hedges_g + half), rel=1e-6)


@pytest.mark.slow
def test_the_interval_of_g_covers_the_true_effect():
    rng = np.random.default_rng(1)
    hit = 0
    for _ in range(300):
        row = na.compare(table(rng.normal(0.8, 1, 20)), table(rng.normal(0, 1, 25))).iloc[0]
        hit += row.g_low <= 0.8 <= row.g_high
    assert 0.91 <= hit / 300 <= 0.99


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=12))
def test_corrections_equal_statsmodels(p):
    p = np.array([*p, np.nan])
    holm, bh = pvalues.holm(p), pvalues.benjamini_hochberg(p)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", int)  # at every call, which takes a third of a second among all tests
        np.testing.assert_allclose(holm[:-1], multipletests(p[:-1], method="holm")[1], rtol=1e-12)
        np.testing.assert_allclose(bh[:-1], multipletests(p[:-1], method="fdr_bh")[1], rtol=1e-12)
    assert np.isnan(holm[-1])
    assert np.isnan(bh[-1])


def test_permutation_p_equals_scipy(groups):
    x, y = groups
    many = na.compare(table(x), table(y), test="permutation", n_nulls=999, rng=5).iloc[0]
    again = na.compare(table(x), table(y), test="permutation", n_nulls=999, rng=5).iloc[0]
    assert many.p == again.p
    assert many.p * 1000 == pytest.approx(round(many.p * 1000))
    exact = na.compare(table(x[:4]), table(y[:4]), test="permutation").iloc[0]
    reference = stats.ttest_ind(x[:4], y[:4], method=stats.PermutationMethod())
    assert exact.p == pytest.approx(reference.pvalue, rel=1e-12)


def test_one_row_per_common_measure_with_corrections():
    rng = np.random.default_rng(2)
    a = pd.concat([table(rng.normal(1, 1, 20), m) for m in ("q", "sigma", "only a")])
    b = pd.concat([table(rng.normal(0, 1, 20), m) for m in ("sigma", "q")])
    result = na.compare(a, b)
    assert list(result.measure) == ["q", "sigma"]
    np.testing.assert_allclose(result.p_holm, multipletests(result.p, method="holm")[1])
    assert list(na.compare(a, b, ["sigma"]).measure) == ["sigma"]
    at = list(result.columns).index("p")
    assert list(result.columns)[at : at + 3] == ["p", "p_holm", "p_bh"]


def test_comparing_z_scores(groups):
    x, y = groups
    a = table(np.zeros(13), z=x, null="n")
    b = table(np.zeros(29), z=y, null="n")
    assert na.compare(a, b, column="z").iloc[0].t == pytest.approx(stats.ttest_ind(x, y, equal_var=False)[0])
    with pytest.raises(ValueError, match="different ways"):
        na.compare(a, b.assign(null="other"), column="z")
    with pytest.raises(ValueError, match="no 'z'"):
        na.compare(table(x), table(y), column="z")


def test_undefined_values_are_counted_not_hidden():
    row = na.compare(table([1.0, np.nan, 2.0, 3.0]), table([4.0, 5.0])).iloc[0]
    assert (row.n_a, row.undefined_a, row.n_b, row.undefined_b) == (3, 1, 2, 0)
    assert row.mean_a == 2
    with pytest.raises(ValueError, match="infinite"):
        na.compare(table([1.0, np.inf]), table([4.0, 5.0]))


def test_networks_that_cannot_be_measured_are_undefined_unless_strict():
    good, bad = np.ones((4, 4)), np.full((4, 4), np.nan)
    with pytest.warns(UserWarning, match="1 of 3 networks could not be measured in full"):
        row = na.compare([good, bad, good], [good, good], ["density"]).iloc[0]
    assert (row.n_a, row.undefined_a, row.n_b) == (2, 1, 2)
    with pytest.raises(ValueError, match="weights must be finite"):
        na.compare([good, bad, good], [good, good], ["density"], strict=True)


def test_too_little_to_test():
    single = na.compare(table([1.0]), table([2.0, 3.0])).iloc[0]
    assert single.difference == -1.5
    assert np.isnan([single.cohen_d, single.p, single.p_holm, single.std_a]).all()
    same = na.compare(table([0.1 + 0.2] * 3), table([0.3] * 3)).iloc[0]
    assert np.isnan([same.cohen_d, same.t, same.p]).all()


def test_bad_arguments_are_refused():
    a, b = table([1.0, 2]), table([2.0, 3])
    with pytest.raises(ValueError, match="no rows for"):
        na.compare(a, b, ["sigma"])
    with pytest.raises(ValueError, match="no measure in common"):
        na.compare(a, table([1.0], "sigma"))
    with pytest.raises(ValueError, match="different ways"):
        na.compare(a.assign(definition="one"), b.assign(definition="two"))
    with pytest.raises(ValueError, match="confidence"):
        na.compare(a, b, confidence=95)
    with pytest.raises(ValueError, match="column"):
        na.compare(a, b, column="p")
    with pytest.raises(ValueError, match="test"):
        na.compare(a, b, test="paired")


def test_what_cannot_be_tested_says_why():
    """Seen: a comparison of one network with one was nan everywhere, without a word."""
    row = na.compare(table([1.0]), table([2.0, 3.0])).iloc[0]
    assert np.isnan(row.p)
    assert row.note == "fewer than 2 defined values in a: no variance to compare with"
    assert na.compare(table([1.0, 1.0]), table([2.0, 2.0])).iloc[0].note == "no variance in either group"
    assert na.compare(table([1.0, 2.0]), table([2.0, 4.0])).iloc[0].note == ""
    assert na.compare(table([0.1 + 0.2] * 3), table([0.3] * 3), test="permutation").iloc[0].p == 1


@pytest.mark.parametrize("offset", [0, 1, 1000])
def test_permutations_of_tied_values_count_wherever_zero_is(offset):
    """Seen: p 0.0286 for an exact 0.171, as differences of values near 1000 are rounded."""
    a, b = np.array([0.1, 0.2, 0.2, 0.1]), np.array([0.3, 0.3, 0.2, 0.2])
    result = na.compare(table(a + offset), table(b + offset), test="permutation").iloc[0]
    assert result.p == pytest.approx(12 / 70)


def test_as_many_relabellings_as_there_are_make_the_test_exact():
    a, b = table([4.0, 5, 6]), table([1.0, 2, 3])
    assert na.compare(a, b, test="permutation", n_nulls=20).iloc[0].p == 2 / 20  # all that there are
    assert na.compare(a, b, test="permutation", n_nulls=19, rng=0).iloc[0].p >= 2 / 20
