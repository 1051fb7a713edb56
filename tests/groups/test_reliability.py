"""Intraclass correlations and identifiability against published and closed values, statsmodels and numpy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

import netanalysis as na

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
RIGHT = {"1,1": 0.165742, "2,1": 0.289764, "3,1": 0.714841, "1,k": 0.442797, "2,k": 0.620051, "3,k": 0.909316}


@pytest.mark.parametrize(("icc", "right"), RIGHT.items())
def test_six_intraclass_correlations(icc, right):
    assert na.reliability(SHROUT_FLEISS, icc=icc) == pytest.approx(right, abs=1e-6)
    networks = np.broadcast_to(SHROUT_FLEISS[..., None, None], (6, 4, 3, 3)) * (1 - np.eye(3))
    found = na.reliability(networks, icc=icc)
    assert found[~np.eye(3, dtype=bool)] == pytest.approx(right, abs=1e-6)
    assert np.isnan(np.diag(found)).all()


def test_a_shift_between_scans_separates_agreement_from_consistency():
    x = np.random.default_rng(0).normal(size=(30, 1)) + np.array([0.0, 3.0])
    assert na.reliability(x, icc="3,1") == pytest.approx(1)
    assert na.reliability(x, icc="2,1") < 0.5
    assert na.reliability(x, icc="1,1") < na.reliability(x, icc="2,1")


@given(st.integers(0, 10**6), st.sampled_from(list(RIGHT)))
@example(297, "2,k")  # the estimate of what varies is negative
@settings(max_examples=15, deadline=None)
def test_mean_squares_are_those_of_an_analysis_of_variance(seed, icc):
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(2, 9)), int(rng.integers(2, 5))
    x = rng.normal(size=(n, k)) + 2 * rng.normal(size=(n, 1)) + rng.normal(size=k) + 50
    frame = pd.DataFrame({"y": x.ravel(), "person": np.repeat(range(n), k), "scan": np.tile(range(k), n)})
    table = anova_lm(ols("y ~ C(person) + C(scan)", frame).fit())
    bp, bs, e = table["sum_sq"].to_numpy() / [n - 1, k - 1, (n - 1) * (k - 1)]
    w = (table["sum_sq"].iloc[1] + table["sum_sq"].iloc[2]) / (n * (k - 1))
    right = {
        "1,1": (bp - w) / (bp + (k - 1) * w),
        "2,1": (bp - e) / (bp + (k - 1) * e + k * (bs - e) / n),
        "3,1": (bp - e) / (bp + (k - 1) * e),
        "1,k": (bp - w) / bp,
        "2,k": (bp - e) / (bp + (bs - e) / n),
        "3,k": (bp - e) / bp,
    }[icc]
    assert na.reliability(x, icc=icc) == pytest.approx(right, rel=1e-6)
    assert na.reliability(-3 * x + 7, icc=icc) == pytest.approx(right, rel=1e-6)


def test_what_does_not_vary_has_no_reliability_and_says_so():
    with pytest.warns(na.UndefinedWarning, match="reliability is nan: nothing varies between people"):
        assert np.isnan(na.reliability([[0.1, 0.1], [0.1, 0.1], [0.1, 0.1]]))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least 2 of both"):
        na.reliability([[1.0], [2.0]])
    with pytest.raises(ValueError, match="icc must be one of"):
        na.reliability(SHROUT_FLEISS, icc="4,1")
    w = np.random.default_rng(0).normal(size=(3, 4, 4))
    with pytest.raises(ValueError, match="same people and nodes"):
        na.identifiability(w, w[:2])
    with pytest.raises(ValueError, match="at least 2 people"):
        na.identifiability(w[:1], w[:1])
    with pytest.raises(ValueError, match="second must have edges that differ; those of person 1"):
        na.identifiability(w, np.where(np.arange(3)[:, None, None] == 1, 0.1, w))


def test_scans_are_checked_as_all_arrays_are():
    x = np.random.default_rng(0).normal(size=(8, 3, 4, 4))
    with pytest.raises(TypeError, match="scans is a masked array"):
        na.reliability(np.ma.masked_greater(x, 1.0))
    with pytest.raises(TypeError, match=r"scans must be .* unequal rows"):
        na.reliability([[1, 2], [3]])
    assert na.reliability(na.Connectome(x)).shape == (4, 4)
    with pytest.raises(ValueError, match=r"shape \(people, scans, \.\.\.\)"):
        na.reliability(na.Connectome(x[:, 0]))


def test_as_many_scans_as_nodes_are_no_network():
    x = np.random.default_rng(0).normal(size=(6, 3, 3))
    assert na.reliability(x).shape == (3,)
    with pytest.raises(ValueError, match="scans look like one network per person"):
        na.reliability(x + x.swapaxes(1, 2))


def test_a_result_knows_how_it_was_made():
    w = np.random.default_rng(0).random((4, 5, 5))
    found = na.identifiability(w, w + 0.1, n_nulls=9, rng=3)
    assert found._record.call == "identifiability"
    assert found._record.arguments["n_nulls"] == 9


def test_identifiability_is_that_of_correlations_by_numpy():
    rng = np.random.default_rng(1)
    first = rng.normal(size=(9, 7, 7))
    first += first.swapaxes(1, 2)
    second = first + 3 * (noise := rng.normal(size=first.shape)) + 3 * noise.swapaxes(1, 2)
    found = na.identifiability(first, second, n_nulls=99, rng=0)
    i, j = np.triu_indices(7, 1)
    right = np.corrcoef(first[:, i, j], second[:, i, j])[:9, 9:]
    assert found.similarity == pytest.approx(right)
    assert found.with_self == pytest.approx(np.diag(right).mean())
    assert found.with_others == pytest.approx(right[~np.eye(9, dtype=bool)].mean())
    assert found.difference == pytest.approx(found.with_self - found.with_others)
    hits = [(right.argmax(axis=k) == np.arange(9)).mean() for k in (0, 1)]
    assert found.accuracy == pytest.approx(np.mean(hits))
    table = found.table()
    assert table.with_self.mean() == pytest.approx(found.with_self)
    assert table.with_others.mean() == pytest.approx(found.with_others)
    assert ((table.closer_in_second == 0).mean() + (table.closer_in_first == 0).mean()) / 2 == found.accuracy
    turned = na.identifiability(second, first, n_nulls=99, rng=0)
    assert turned.difference == pytest.approx(found.difference)


def test_strangers_are_not_found():
    rng = np.random.default_rng(0)
    p = [na.identifiability(*rng.normal(size=(2, 8, 5, 5)), n_nulls=99, rng=k).p for k in range(200)]
    assert 2 <= sum(x <= 0.05 for x in p) <= 20


def test_two_scans_of_many_people_are_not_many_scans_of_two():
    """Seen: `reliability([scan1, scan2])`, as identifiability takes them, gave an ICC of 0.0001 instead of 0.96."""
    rng = np.random.default_rng(0)
    first = rng.random((9, 5, 5))
    second = first + 0.1 * rng.random((9, 5, 5))
    with pytest.warns(UserWarning, match=r"are 2 people with 9 scans of each; of 2 scans of 9 people they"):
        na.reliability(np.stack([first, second]))
    assert np.nanmean(na.reliability(np.stack([first, second], axis=1))) > 0.9
