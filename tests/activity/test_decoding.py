import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import netanalysis as na
from netanalysis._core import random
from netanalysis.activity import decoding


@pytest.fixture(scope="module")
def recording():
    rng = np.random.default_rng(0)
    goal = np.repeat([0, 1, 2], [50, 30, 20])
    a = rng.normal(size=(100, 4, 8))
    a[:, 2:, :3] += 1.5 * np.eye(3)[goal][:, None, :]
    return na.Recording(a, {"goal": np.array(["x", "y", "z"])[goal], "noise": rng.integers(0, 2, 100)})


def test_equals_scikit_learn_on_the_same_folds(recording):
    result = na.decode(recording, "goal", windows=2, penalty=3.0, n_nulls=5, rng=1)
    split, _ = (np.random.default_rng(s) for s in random.seeds(1, 2))
    y = recording.conditions["goal"].to_numpy()
    folds = decoding._stratified(np.unique(y, return_inverse=True)[1], 5, split)
    for w, (a, b) in enumerate(result.windows):
        x = recording.activity[:, a:b].mean(axis=1)
        predicted = np.empty_like(y)
        for test in folds:
            train = np.setdiff1d(np.arange(100), test)
            model = make_pipeline(StandardScaler(), RidgeClassifier(alpha=3.0)).fit(x[train], y[train])
            predicted[test] = model.predict(x[test])
        assert result.score[w] == pytest.approx(balanced_accuracy_score(y, predicted), rel=1e-12)
        np.testing.assert_allclose(result.confusion[w], confusion_matrix(y, predicted, normalize="true"))


def test_options_have_names(recording):
    with pytest.raises(TypeError):
        na.decode(recording, "goal", 2)


def test_folds_are_stratified_and_cover_every_trial_once(recording):
    y = np.repeat([0, 1, 2], [50, 30, 20])
    folds = decoding._stratified(y, 5, np.random.default_rng(0))
    assert sorted(np.concatenate(folds)) == list(range(100))
    assert all(np.array_equal(np.bincount(y[f]), [10, 6, 4]) for f in folds)


def test_information_appears_when_it_was_put_in(recording):
    result = na.decode(recording, "goal", n_nulls=199, rng=0)
    assert result.score[2:].min() > 0.5
    assert result.p[2:].max() == 1 / 200
    assert result.p[:2].min() > 0.02
    assert len(result.windows) == 4


def test_decoding_noise_is_at_chance():
    rng = np.random.default_rng(3)
    scores, p = [], []
    for _ in range(60):
        rec = na.Recording(rng.normal(size=(60, 1, 10)), {"label": rng.permutation(np.repeat([0, 1, 2], 20))})
        result = na.decode(rec, "label", n_nulls=49, rng=rng)
        scores.append(result.score[0])
        p.append(result.p[0])
        assert abs(result.null_distribution.mean() - 1 / 3) < 0.06
    assert np.mean(scores) == pytest.approx(1 / 3, abs=0.02)
    assert stats.kstest(np.array(p) - rng.random(60) / 50, "uniform").pvalue > 0.01


def test_constant_units_do_no_harm(recording):
    a = np.concatenate([recording.activity, np.ones((100, 4, 1))], axis=2)
    with_constant = na.decode(na.Recording(a, recording.conditions), "goal", n_nulls=3, rng=0)
    np.testing.assert_allclose(with_constant.score, na.decode(recording, "goal", n_nulls=3, rng=0).score)


def test_bad_targets_are_named(recording):
    with pytest.raises(ValueError, match="target must name columns"):
        na.decode(recording, "colour")
    few = na.Recording(np.zeros((6, 1, 2)), {"goal": [0, 0, 0, 0, 0, 1]})
    with pytest.raises(ValueError, match=r"at least 2 classes of at least 5 trials each; got \{0: 5, 1: 1\}"):
        na.decode(few, "goal")


def test_participation_ratio_from_eigenvalues():
    rng = np.random.default_rng(0)
    for shape in [(5, 6, 40), (50, 4, 7)]:
        a = rng.normal(size=shape) * np.linspace(0.1, 2, shape[2])
        values = np.linalg.eigvalsh(np.cov(a.reshape(-1, shape[2]), rowvar=False))
        expected = values.sum() ** 2 / (values**2).sum()
        assert na.dimensionality(na.Recording(a)) == pytest.approx(expected, rel=1e-9)
    with pytest.warns(na.UndefinedWarning, match="dimensionality is nan"):
        assert np.isnan(na.dimensionality(na.Recording(np.ones((2, 3, 4)))))


def test_corners_of_a_cube_and_a_line_of_points():
    """All splits of the corners of a simplex are linear; of points on a line only the cuts."""
    rng = np.random.default_rng(0)
    condition = np.repeat(np.arange(5), 20)
    simplex = np.eye(5)[condition] + 0.05 * rng.normal(size=(100, 5))
    high = na.dichotomies(na.Recording(simplex[:, None], {"c": condition}), "c", rng=0)
    assert high.n_implementable == len(high.accuracy) == 15
    line = condition[:, None] + 0.01 * rng.normal(size=(100, 1))
    low = na.dichotomies(na.Recording(line[:, None], {"c": condition}), "c", threshold=0.99, rng=0)
    assert {low.sides[d] for d in np.flatnonzero(low.accuracy >= 0.99)} <= {(0,), (0, 1), (0, 1, 2), (0, 1, 2, 3)}
    assert low.fraction < high.fraction
    with pytest.raises(ValueError, match="at most 14"):
        na.dichotomies(na.Recording(np.zeros((75, 1, 1)), {"c": np.repeat(np.arange(15), 5)}), "c")


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "units", "penalty", "folds"), [(20, 3, 1e4, 5), (100, 1, 1.0, 5), (20, 1, 1.0, 10)])
def test_noise_is_decoded_in_one_of_twenty(trials, units, penalty, folds):
    """Labels shuffled over folds scored below chance, their training sets leaning the other way: 0.09 to 0.46."""
    label = {"label": np.repeat([0, 1], trials // 2)}
    alarms = 0
    for seed in range(200):
        noise = na.Recording(np.random.default_rng(seed).normal(size=(trials, 1, units)), label)
        alarms += na.decode(noise, "label", n_nulls=39, penalty=penalty, n_folds=folds, rng=seed).p[0] <= 0.05
    assert alarms <= stats.binom.isf(1e-4, 200, 0.05)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.5])
def test_nothing_is_decoded_from_what_does_not_vary(value):
    """0.1 is not the mean of many 0.1 to the last bit."""
    result = na.decode(na.Recording(np.full((20, 1, 3), value), {"label": np.repeat([0, 1], 10)}), "label", rng=0)
    assert result.score == 0.5
    assert result.p == 1


@pytest.mark.parametrize("value", [0.1, 0.5])
def test_units_that_do_not_vary_have_no_dimension(value):
    """0.1 everywhere was of one dimension, and all of its variance was time."""
    still = na.Recording(np.full((24, 12, 6), value), {"choice": np.tile([0, 1], 12)})
    with pytest.warns(na.UndefinedWarning):
        assert np.isnan(na.dimensionality(still))
    with pytest.warns(na.UndefinedWarning):
        found = na.demixed_variance(still, ["choice"])
    assert np.isnan(found.fractions).all()
    assert not found.total.any()


def test_a_window_is_two_steps(recording):
    with pytest.raises(ValueError, match=r"window must be the steps \(start, stop\); got 5"):
        na.dichotomies(recording, "goal", window=5)
    with pytest.raises(ValueError, match=r"windows must be a number, or \(start, stop\) pairs"):
        na.decode(recording, "goal", windows=[1, 2])
