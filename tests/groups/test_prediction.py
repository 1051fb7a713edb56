"""Prediction of a score against scikit-learn, least squares by hand, and what nulls promise."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.preprocessing import StandardScaler

import netanalysis as na


def people(seed, m=40, n=7, effect=1.0):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(m, n, n))
    w += w.swapaxes(1, 2)
    return w, effect * (w[:, 0, 1] - w[:, 2, 3]) + rng.normal(size=m)


def test_ridge_is_that_of_scikit_learn():
    w, y = people(0)
    found = na.predict_score(w, y, n_folds=5, n_nulls=0, rng=0)
    x = w[:, *np.triu_indices(7, 1)]
    grid = 10.0 ** (np.arange(-4, 9) / 2)
    predicted, weights = np.empty(40), 0
    for k in range(5):
        test = found.fold == k
        scale = StandardScaler().fit(x[~test])
        model = RidgeCV(21 * grid).fit(scale.transform(x[~test]), y[~test])
        predicted[test] = model.predict(scale.transform(x[test]))
        assert found.penalties[k] == pytest.approx(model.alpha_ / 21)
        weights = weights + model.coef_ / 5
    assert found.predicted == pytest.approx(predicted)
    assert found.edge_weights[np.triu_indices(7, 1)] == pytest.approx(weights)
    assert np.isnan(found.p_r2)


def test_connectome_is_that_of_edges_selected_one_by_one():
    w, y = people(1)
    found = na.predict_score(w, y, method="connectome", selection=0.05, n_folds=4, n_nulls=0, rng=0)
    x = w[:, *np.triu_indices(7, 1)]
    for k in range(4):
        test = found.fold == k
        tests = [stats.pearsonr(edge, y[~test]) for edge in x[~test].T]
        sign = np.array([np.sign(t.statistic) * (t.pvalue < 0.05) for t in tests])
        assert sign.any()
        line = LinearRegression().fit((x @ sign)[~test, None], y[~test])
        assert found.predicted[test] == pytest.approx(line.predict((x @ sign)[test, None]))


@pytest.mark.parametrize("method", ["ridge", "connectome"])
def test_a_null_is_the_same_procedure_on_a_rearranged_score(method):
    w, y = people(2)
    found = na.predict_score(w, y, method=method, n_nulls=70, rng=3)
    assert (found.n_nulls, found.p_r, found.p_r2) == (70, 1 / 71, 1 / 71)
    assert found.r == pytest.approx(np.corrcoef(found.predicted - found.baseline, y - found.baseline)[0, 1])
    assert found.r2 == pytest.approx(1 - ((y - found.predicted) ** 2).sum() / ((y - found.baseline) ** 2).sum())
    assert found.table().groupby("fold").size().tolist() == [4] * 10
    two = na.predict_score(w, y, method=method, n_nulls=70, rng=3, n_jobs=2)
    assert two.null_r2 == pytest.approx(found.null_r2)
    draw = np.random.SeedSequence(3).spawn(2)[1]
    order = np.random.default_rng(draw).permutation(40)
    again = na.predict_score(w, (y - y.mean())[order] + y.mean(), method=method, n_nulls=0, rng=3)
    assert again.r2 == pytest.approx(found.null_r2[0])


@pytest.mark.parametrize("method", ["ridge", "connectome"])
def test_covariates_alone_predict_nothing(method):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.normal(50, 10, 60), "site": list("abc") * 20})
    shift = frame.age.to_numpy() / 10 + np.repeat([[0, 3, 5]], 20, axis=0).ravel()
    w = rng.normal(size=(60, 5, 5)) + shift[:, None, None]
    frame["score"] = shift + rng.normal(size=60)
    options = {"subjects": frame, "method": method, "n_nulls": 99, "rng": 0}
    with_age = na.predict_score(w, "score", **options)
    without = na.predict_score(w, "score", covariates=["age", "site"], **options)
    assert with_age.p_r2 == 0.01
    assert without.p_r2 > 0.1
    assert without.r2 < 0.05
    assert without.covariates == ("age", "site b", "site c")


def test_another_unit_of_the_score_or_another_order_of_nodes_changes_nothing():
    w, y = people(4)
    order = np.random.default_rng(0).permutation(7)
    for method in ("ridge", "connectome"):
        found = na.predict_score(w, y, method=method, n_nulls=5, rng=0)
        other = na.predict_score(w[:, order][:, :, order], 3 * y + 5, method=method, n_nulls=5, rng=0)
        assert other.r2 == pytest.approx(found.r2)
        assert other.predicted == pytest.approx(3 * found.predicted + 5)
        assert other.null_r == pytest.approx(found.null_r)


def test_nothing_selected_is_the_baseline():
    w, y = people(5, effect=0)
    found = na.predict_score(w, y, method="connectome", selection=1e-12, n_nulls=9, rng=0)
    assert (found.r, found.r2, found.p_r2) == (0, 0, 1)
    assert np.array_equal(found.predicted, found.baseline)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"score": ["a"] * 20 + ["b"] * 20}, "numbers that vary"),
        ({"score": np.ones(40)}, "numbers that vary"),
        ({"score": np.ones(39)}, "a value per person"),
        ({"n_folds": 41}, "too few"),
        ({"penalties": [0.0]}, "above 0"),
        ({"method": "lasso"}, "method must be one of"),
        ({"selection": 0}, "selection"),
    ],
)
def test_bad_input_is_named(options, message):
    w, y = people(0)
    given = {"score": y} | options
    with pytest.raises(ValueError, match=message):
        na.predict_score(w, given.pop("score"), **given)


@pytest.mark.parametrize("progress", [True, False])
def test_progress_counts_folds_if_it_is_asked_for(progress, capsys):
    na.predict_score(*people(0), n_folds=3, n_nulls=0, rng=0, progress=progress)
    assert ("folds" in capsys.readouterr().err) == progress


@pytest.mark.slow
@pytest.mark.parametrize("method", ["ridge", "connectome"])
def test_one_null_data_set_in_twenty_is_a_false_alarm(method):
    alarms = 0
    for seed in range(400):
        w, y = people(seed, m=20, n=6, effect=0)
        alarms += na.predict_score(w, y, method=method, selection=0.2, n_folds=5, n_nulls=99, rng=seed).p_r2 <= 0.05
    low, high = stats.binom.ppf([0.0005, 0.9995], 400, 0.05)
    print(f"{method}: {alarms} of 400, expected between {low:g} and {high:g}")
    assert low <= alarms <= high


def test_nothing_is_predicted_from_edges_that_differ_by_rounding():
    """Their noise was scaled to unit variance, as if it were theirs."""
    rng = np.random.default_rng(0)
    b = rng.random((5, 5))
    b = np.triu(b, 1) + np.triu(b, 1).T
    stack, score = np.stack([b / f * f for f in rng.random(20)]), rng.random(20)
    assert np.ptp(stack, axis=0).any()
    found = na.predict_score(stack, score, n_folds=5, n_nulls=19, rng=0)
    assert found.r == 0
    assert not found.edge_weights.any()
    assert found.p_r == 1
    with pytest.raises(ValueError, match="score must be numbers that vary"):
        na.predict_score(rng.random((20, 5, 5)), 0.1 * (1 + 1e-16 * rng.integers(0, 3, 20)), rng=0)
