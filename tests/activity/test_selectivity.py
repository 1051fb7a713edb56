import numpy as np
import pytest
from numba import njit
from sklearn.linear_model import Lasso, LassoCV

import netanalysis as na
from netanalysis._core import random
from netanalysis.activity import _design, kernels, selectivity


def recording(n_trials=120, n_steps=10, n_units=6, noise=0.5, seed=0):
    """Unit 0 codes goal, 1 choice, 2 both, 3 neither, 4 is silent, 5 codes goal in the second half only."""
    rng = np.random.default_rng(seed)
    goal, choice = rng.integers(0, 3, n_trials), rng.integers(0, 2, n_trials)
    a = noise * rng.normal(size=(n_trials, n_steps, n_units))
    a[:, :, 0] += goal[:, None]
    a[:, :, 1] += choice[:, None]
    a[:, :, 2] += (goal + choice)[:, None]
    a[:, :, 4] = 0.7
    a[:, n_steps // 2 :, 5] += goal[:, None]
    conditions = {"goal": np.array(["up", "left", "right"])[goal], "choice": choice}
    return na.Recording(a, conditions)


def by_scikit_learn(x, z, groups, five, splits):
    """The published recipe, fold by fold, with scikit-learn."""
    n = len(x)
    folds = [(np.setdiff1d(np.arange(n), t), t) for t in five]
    search = LassoCV(cv=folds, tol=1e-12, max_iter=100_000).fit(x, z)
    total, drops = [], []
    for test in splits:
        train = np.setdiff1d(np.arange(n), test)
        model = Lasso(search.alpha_, tol=1e-14, max_iter=100_000).fit(x[train], z[train])
        sst = ((z[test] - z[test].mean()) ** 2).sum()
        full = 1 - ((z[test] - model.predict(x[test])) ** 2).sum() / sst
        total.append(full)
        row = []
        for g in range(groups.max() + 1):
            b = np.where(groups == g, 0, model.coef_)
            prediction = z[train].mean() + (x[test] - x[train].mean(axis=0)) @ b
            row.append(full - (1 - ((z[test] - prediction) ** 2).sum() / sst))
        drops.append(row)
    return search.alpha_, np.mean(total), np.mean(drops, axis=0)


def test_equals_the_recipe_written_with_scikit_learn(monkeypatch):
    monkeypatch.setattr(selectivity, "_TOLERANCE", 1e-13)
    monkeypatch.setattr(selectivity, "_SWEEPS", 100_000)
    rec = recording()
    result = na.mixed_selectivity(rec, ["goal", "choice"], windows=2, rng=5)
    x, _, groups = _design.predictors(rec, ["goal", "choice"])
    y, _ = _design.window_means(rec, 2)
    five, split, _ = (np.random.default_rng(s) for s in random.seeds(5, 3))
    five, splits = _design.folds(120, 5, 1, five), _design.folds(120, 3, 2, split)
    for unit, window in [(0, 0), (1, 1), (2, 0), (3, 1), (5, 1)]:
        z = (y[:, unit, window] - y[:, unit, window].mean()) / y[:, unit, window].std()
        alpha, total, drops = by_scikit_learn(x, z, groups, five, splits)
        assert result.alpha[unit, window] == pytest.approx(alpha, rel=1e-9)
        assert result.total[unit, window] == pytest.approx(total, abs=1e-8)
        np.testing.assert_allclose(result.explained_variance[unit, window], drops, atol=1e-8)


@njit
def descended(gram, xy, limit, tolerance, sweeps):
    beta, slope = np.zeros_like(xy), np.zeros_like(xy)
    kernels.lasso.descend(gram, xy, limit, beta, slope, tolerance, sweeps)
    return beta


@pytest.mark.parametrize("limit", [1e-1, 1e-3, 1e-5])
def test_predictors_that_depend_on_each_other_are_fitted_to_the_minimum(limit):
    """Of a, b and a + b the last alone has the least norm; sweeps from 0 take a and b, and creep on by limit / 2."""
    gram = np.array([[1.0, 0, 1], [0, 1, 1], [1, 1, 2]])
    beta = descended(gram, np.array([1.0, 1, 2]), limit, selectivity._TOLERANCE, selectivity._SWEEPS)
    np.testing.assert_allclose(beta, [0, 0, 1 - limit / 2], atol=1e-7)


def test_steps_along_a_direction_stop_where_a_coefficient_is_zero():
    """Random moments of 12 predictors of rank 7, against scikit-learn after a hundred times as many sweeps."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.normal(size=(30, 7)) @ rng.normal(size=(7, 12))
        z = rng.normal(size=30)
        gram, xy = x.T @ x, x.T @ z
        limit = 1e-2 * np.abs(xy).max()
        beta = descended(gram, xy, limit, selectivity._TOLERANCE, selectivity._SWEEPS)
        slow = Lasso(limit / 30, fit_intercept=False, tol=1e-11, max_iter=100_000).fit(x, z).coef_
        best, found = (b @ gram @ b / 2 - b @ xy + limit * np.abs(b).sum() for b in (slow, beta))
        assert found == pytest.approx(best, rel=1e-9)


def test_units_code_what_they_were_made_to_code():
    result = na.mixed_selectivity(recording(), ["goal", "choice"], windows=2, n_nulls=99, rng=0)
    goal, choice = result.explained_variance.transpose(2, 0, 1)
    assert goal[0].min() > 0.5 > 0.05 > abs(choice[0]).max()
    assert choice[1].min() > 0.5 > 0.05 > abs(goal[1]).max()
    assert min(goal[2].min(), choice[2].min()) > 0.1
    assert goal[5, 1] > 0.5 > 0.1 > goal[5, 0]
    assert result.p[0, 0, 0] == 1 / 100
    assert result.p[3].min() > 0.01


def test_silent_units_are_marked_and_never_huge():
    rec = recording()
    spoiled = rec.activity.copy()
    spoiled[:, :, 4] += 1e-9 * np.random.default_rng(0).normal(size=spoiled.shape[:2])
    for activity in (rec.activity, spoiled):
        result = na.mixed_selectivity(na.Recording(activity, rec.conditions), ["goal", "choice"], windows=2, rng=0)
        assert result.silent[4].all()
        assert not result.silent[[0, 1, 2, 3, 5]].any()
        assert np.isnan(result.explained_variance[4]).all()
        assert np.nanmax(np.abs(result.explained_variance)) < 2


def test_correlation_across_units_skips_silent_ones():
    result = na.mixed_selectivity(recording(), ["goal", "choice"], windows=2, rng=0)
    kept = [0, 1, 2, 3, 5]
    expected = np.corrcoef(result.explained_variance[kept, 1, 0], result.explained_variance[kept, 1, 1])[0, 1]
    assert result.correlation("goal", "choice")[1] == pytest.approx(expected)
    assert expected < 0
    with pytest.raises(ValueError, match="variables must be one of"):
        result.correlation("goal", "colour")


def test_p_values_are_uniform_when_nothing_is_coded():
    rng = np.random.default_rng(1)
    rec = na.Recording(rng.normal(size=(60, 1, 150)), {"goal": rng.integers(0, 2, 60).astype(str)})
    p = na.mixed_selectivity(rec, ["goal"], windows=1, n_nulls=99, rng=0).p.ravel()
    # A penalty can remove a useless variable entirely: its drop is then 0, shared with many permutations.
    assert (p <= 0.05).mean() < 0.12


def test_variables_may_be_columns_arrays_or_several_columns():
    rec = recording()
    dummies = (rec.conditions["goal"].to_numpy()[:, None] == ["left", "right", "up"]).astype(float)
    a = na.mixed_selectivity(rec, {"goal": "goal", "choice": "choice"}, windows=1, rng=0)
    b = na.mixed_selectivity(rec, {"goal": dummies, "choice": rec.conditions["choice"].to_numpy()}, windows=1, rng=0)
    np.testing.assert_allclose(a.explained_variance, b.explained_variance, equal_nan=True)
    c = na.mixed_selectivity(rec, {"both": ["goal", "choice"]}, windows=1, rng=0)
    np.testing.assert_allclose(c.explained_variance[:3, 0, 0], a.total[:3, 0], rtol=0.02)
    assert len(a.to_frame()) == 6 * 1 * 2


def test_same_seed_same_answer_with_permutations():
    a, b = (na.mixed_selectivity(recording(), ["goal"], windows=2, n_nulls=20, rng=3) for _ in range(2))
    assert np.array_equal(a.p, b.p, equal_nan=True)
    assert np.array_equal(a.total, b.total, equal_nan=True)


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        ((["colour"],), {}, ValueError, "variables must name columns"),
        (("goal",), {}, TypeError, "a list of columns"),
        (([],), {}, ValueError, "variables is empty"),
        (({"x": np.ones(120)},), {}, ValueError, "same value on every trial"),
        (({"x": np.ones(3)},), {}, ValueError, "one row per trial, 120"),
        ((["goal"],), {"windows": 3}, ValueError, "divide the 10 time steps"),
        ((["goal"],), {"windows": [(5, 20)]}, ValueError, "0 <= start < stop <= 10"),
    ],
)
def test_bad_arguments_are_named(args, kwargs, error, message):
    with pytest.raises(error, match=message):
        na.mixed_selectivity(recording(), *args, **kwargs)


def test_missing_conditions_and_few_trials_are_refused():
    rec = na.Recording(np.random.default_rng(0).normal(size=(4, 2, 2)), {"goal": ["a", "b", "a", "b"]})
    with pytest.raises(ValueError, match="at least 10 trials"):
        na.mixed_selectivity(rec, ["goal"], windows=1)
    rec = na.Recording(rec.activity, {"goal": ["a", None, "a", "b"]})
    with pytest.raises(ValueError, match="missing values"):
        na.mixed_selectivity(rec, ["goal"], windows=1)
