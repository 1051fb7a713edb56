"""Null models of correlation matrices keep what they say, give correlation matrices, and are chosen for them."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal, sparse, stats

import netanalysis as na
from netanalysis.nulls._correlation_kind import correlation_kind

BOLD = na.datasets.load("human_schaefer100_bold")
FC = na.datasets.load("human_schaefer100_fc")
R = na.functional_connectivity(BOLD)
RECORDING = na.Recording(np.random.default_rng(0).normal(size=(3, 101, 6)).cumsum(axis=1))
OF_A_RECORDING = [na.nulls.phase_randomized, na.nulls.circular_shift]


def off_diagonal(w):
    return w[..., *np.triu_indices(w.shape[-1], 1)]


def random_correlations(seed, n=12, factors=3, samples=30):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, factors)) @ rng.normal(size=(factors, samples))
    return np.corrcoef(shared + 2 * rng.normal(size=(n, samples)))


# --- Hirschberger, Qi & Steuer ----------------------------------------------------------------------------------


@pytest.mark.parametrize("r", [R, np.corrcoef(np.random.default_rng(1).normal(size=(30, 60)))], ids=["BOLD", "noise"])
def test_covariances_have_the_mean_and_variance_asked_for(r):
    made = na.nulls.hirschberger_qi_steuer(r, 0, size=400, rescale=False)
    pairs, drawn = off_diagonal(r), off_diagonal(made)
    error = drawn.mean(axis=1).std() / np.sqrt(400)
    assert drawn.mean() == pytest.approx(max(pairs.mean(), 0), abs=5 * error)
    assert drawn.var() == pytest.approx(pairs.var(), rel=0.05)
    assert np.diagonal(made, axis1=1, axis2=2).mean() == pytest.approx(1, abs=0.03)
    # The number of columns in closed form, and its rank.
    columns = int((1 - max(pairs.mean(), 0) ** 2) / pairs.var())
    assert np.linalg.matrix_rank(made[0]) == min(len(r), columns)


def test_correlations_that_vary_most_have_two_columns():
    halves = np.repeat([1.0, -1], 5)
    made = na.nulls.hirschberger_qi_steuer(np.outer(halves, halves), 0, rescale=False)
    assert np.linalg.matrix_rank(made) == 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 20), st.integers(1, 4))
def test_every_draw_is_a_correlation_matrix(seed, n, factors):
    r = random_correlations(seed, n, factors)
    made = na.nulls.hirschberger_qi_steuer(r, seed, size=3)
    np.testing.assert_array_equal(made, made.swapaxes(-1, -2))
    np.testing.assert_array_equal(np.diagonal(made, axis1=1, axis2=2), 1)
    assert np.linalg.eigvalsh(made).min() > -1e-12
    assert np.abs(made).max() <= 1


def test_replicates_follow_the_rules_of_all_null_models():
    null = na.nulls.hirschberger_qi_steuer
    some = null(R, 3, size=4)
    np.testing.assert_array_equal(null(R, 3, size=2), some[:2])
    np.testing.assert_array_equal(null(R, 3), some[0])
    stack = np.stack([random_correlations(1), random_correlations(2)])
    np.testing.assert_array_equal(null(stack, 5, size=3)[:, 1], null(stack[1], 5, size=3))
    np.testing.assert_array_equal(null(stack.reshape(2, 1, 12, 12), 5)[1, 0], null(stack[1], 5))
    as_sparse = null(sparse.csr_array(R), 3)
    np.testing.assert_array_equal(as_sparse.toarray(), some[0])


def test_a_diagonal_left_out_stays_out():
    assert not np.diag(FC.weights).any()
    made = na.nulls.hirschberger_qi_steuer(FC, 0, size=20)
    assert not np.diagonal(made, axis1=1, axis2=2).any()
    full = np.array(FC.weights)
    np.fill_diagonal(full, 1)
    np.testing.assert_array_equal(off_diagonal(made), off_diagonal(na.nulls.hirschberger_qi_steuer(full, 0, size=20)))


def test_drift_is_what_it_says():
    made = na.nulls.hirschberger_qi_steuer(R, 0, size=50)
    drift = na.nulls.correlation_drift(R, made)
    assert drift.mean == pytest.approx(np.mean([off_diagonal(m).mean() for m in made]) - off_diagonal(R).mean())
    assert drift.std == pytest.approx(np.mean([off_diagonal(m).std() for m in made]) - off_diagonal(R).std())
    assert drift.diagonal == 0
    assert max(abs(drift.mean), abs(drift.std)) < 0.02
    with pytest.raises(ValueError, match="got shapes"):
        na.nulls.correlation_drift(R, made[0][:5, :5])


def test_a_mean_below_0_is_drawn_as_0():
    x = np.random.default_rng(0).normal(size=(20, 100))
    r = np.corrcoef(x - x.mean(axis=0))
    assert off_diagonal(r).mean() < 0
    assert abs(na.nulls.correlation_drift(r, na.nulls.hirschberger_qi_steuer(r, 0, size=300)).mean) < 1 / 19 + 0.01


@pytest.mark.parametrize(
    ("w", "match"),
    [
        (np.where(np.abs(R) > 0.3, R, 0), "weak ones are set to 0"),
        (np.arctanh(R - np.eye(100)), "Fisher's z"),
        (np.maximum(R, 0), "negative ones are set to 0"),
        (np.random.default_rng(0).normal(size=(9, 9)), "got entries from"),
        (np.full((4, 4), 0.5) + np.eye(4) / 2, "that differ; all are 0.5"),
        (np.eye(2), "at least 3 units"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused_by_its_name(w, match):
    with pytest.raises(ValueError, match=match):
        na.nulls.hirschberger_qi_steuer(w)


# --- recordings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("null", OF_A_RECORDING)
@pytest.mark.parametrize("center", ["trial", "all"])
def test_the_change_of_nothing_gives_functional_connectivity(null, center, monkeypatch):
    from netanalysis.nulls import time_series

    monkeypatch.setattr(time_series, "_with_new_phases", lambda activity, _: activity)
    monkeypatch.setattr(time_series, "_shifted", lambda activity, _: activity)
    made = null(RECORDING, 0, center=center)
    np.testing.assert_allclose(made, na.functional_connectivity(RECORDING, center=center), atol=1e-14)


@pytest.mark.parametrize("steps", [100, 101])
def test_new_phases_keep_means_and_spectra_and_are_uniform(steps):
    from netanalysis.nulls.time_series import _with_new_phases

    activity = RECORDING.activity[:, :steps]
    made = _with_new_phases(activity, np.random.default_rng(0))
    np.testing.assert_allclose(made.mean(axis=1), activity.mean(axis=1), atol=1e-12)
    own, new = (signal.periodogram(x, axis=1)[1] for x in (activity, made))
    np.testing.assert_allclose(new, own, rtol=1e-9, atol=1e-9)
    phases = np.angle(np.fft.rfft(made, axis=1))[:, 1 : (steps + 1) // 2]
    assert stats.kstest(phases.ravel() / (2 * np.pi) + 0.5, "uniform").pvalue > 0.001
    assert not np.allclose(made, activity)


def test_shifts_keep_values_and_their_circular_order_and_are_uniform():
    from netanalysis.nulls.time_series import _shifted

    counted = np.broadcast_to(np.arange(50.0)[:, None], (40, 50, 30))
    made = _shifted(counted, np.random.default_rng(0))
    np.testing.assert_array_equal(np.diff(made, axis=1) % 50, 1)
    assert stats.chisquare(np.bincount(made[:, 0].astype(int).ravel(), minlength=50)).pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("null", OF_A_RECORDING)
def test_units_that_share_nothing_are_as_correlated_as_their_nulls(null):
    rng = np.random.default_rng(3)
    p = []
    for _ in range(40):
        slow = signal.lfilter([1], [1, -0.8], rng.normal(size=(2, 120, 4)), axis=1)[:, 20:]
        recording = na.Recording(slow)
        bound = partial(null, recording=recording)
        r = na.functional_connectivity(recording)
        test = na.null_test(r, lambda w: np.square(off_diagonal(np.asarray(w))).mean(), bound, n_nulls=39, rng=1)
        p.append(test.p)
    assert 0.25 < np.mean(p) < 0.75


@pytest.mark.parametrize("null", OF_A_RECORDING)
def test_they_are_null_models_of_the_correlations(null):
    bound = partial(null, recording=RECORDING)
    r = na.functional_connectivity(RECORDING)
    some = bound(r, 2, size=3)
    np.testing.assert_array_equal(bound(r, 2), some[0])
    np.testing.assert_array_equal(null(RECORDING, 2, size=3), some)
    empty = r - np.eye(6)
    np.testing.assert_array_equal(bound(empty, 2), some[0] - np.eye(6))
    test = na.null_test(na.Connectome(r), na.weight_entropy, bound, n_nulls=5, rng=0)
    assert test.null_distribution.shape == (5,)


@pytest.mark.parametrize("null", OF_A_RECORDING)
def test_what_does_not_belong_to_the_recording_is_refused(null):
    r = na.functional_connectivity(RECORDING)
    with pytest.raises(TypeError, match="needs the recording"):
        null(r)
    with pytest.raises(ValueError, match=r"\(6, 6\) correlation matrix"):
        null(R, recording=RECORDING)
    with pytest.raises(ValueError, match="differ by up to"):
        null(random_correlations(0, n=6), recording=RECORDING)
    with pytest.raises(ValueError, match="center must be one of"):
        null(RECORDING, center="none")
    still = np.concatenate([RECORDING.activity, np.ones((3, 101, 1))], axis=2)
    with pytest.raises(ValueError, match="the first is unit 6"):
        null(na.Recording(still))


# --- what a matrix is ---------------------------------------------------------------------------------------------


KINDS = {
    "correlations": (R, "correlation"),
    "diagonal left out": (FC, "correlation"),
    "single precision": (R.astype(np.float32), "correlation"),
    "three decimals": (R.round(3), "correlation"),
    "fewer samples than units": (np.corrcoef(np.random.default_rng(0).normal(size=(60, 20))), "correlation"),
    "partial correlations": (random_correlations(4, 20), "correlation"),
    "Fisher's z": (np.arctanh(R - np.eye(100)), "z-transformed"),
    "strong ones only": (np.where(np.abs(R) > 0.3, R, 0), "thresholded"),
    "strongest tenth": (np.where(np.quantile(R, 0.9) < R, R, 0), "thresholded"),
    "positive ones": (np.maximum(R, 0), "rectified"),
    "magnitudes": (np.abs(R), "rectified"),
    "a structural connectome": (na.datasets.load("human_schaefer100"), "network"),
    "a directed one": (na.datasets.load("celegans_chemical"), "network"),
    "symmetric weights of a model": (
        (lambda w: (w + w.T) / np.sqrt(2))(np.random.default_rng(0).normal(size=(50, 50)) / np.sqrt(50)),
        "network",
    ),
    "binary with self-connections": (np.eye(9) + np.roll(np.eye(9), 1, 0) + np.roll(np.eye(9), -1, 0), "network"),
    "all the same": (np.ones((9, 9)), "network"),
}


@pytest.mark.parametrize("name", KINDS)
def test_correlations_are_recognised_and_what_was_done_to_them(name):
    w, kind = KINDS[name]
    assert correlation_kind(w) == kind


def test_correlations_get_their_null_model_and_the_reason_says_how_far_it_drifts():
    for r in (R, FC, sparse.csr_array(R)):
        null, reason = na.choose_null(r)
        assert null is na.nulls.hirschberger_qi_steuer
        assert "in the mean and" in reason
        assert reason.endswith(".")
    assert na.choose_null(R, kind="network")[0] is na.nulls.weight_shuffle
    assert str(na.choose_null(R, kind="network")).startswith("nulls.weight_shuffle: the same weights")
    few = random_correlations(0, n=5) - np.eye(5)
    assert na.choose_null(few, kind="correlation")[0] is na.nulls.hirschberger_qi_steuer


def test_altered_correlations_are_refused_with_the_way_out():
    for name in ("Fisher's z", "strong ones only", "positive ones", "magnitudes"):
        w, _ = KINDS[name]
        with pytest.raises(ValueError, match='kind="network"'):
            na.choose_null(w)
        assert na.choose_null(w, kind="network")[0] is not na.nulls.hirschberger_qi_steuer
    with pytest.raises(ValueError, match="kind must be one of"):
        na.choose_null(R, kind="graph")
    with pytest.raises(TypeError):
        na.choose_null(R, "network")


def test_what_was_assumed_is_said():
    thresholded = np.where(np.abs(FC.weights) > 0.3, FC.weights, 0)
    assert 'say kind="correlation"' in na.choose_null(thresholded)[1]
    assert 'say kind="correlation"' not in na.choose_null(thresholded, kind="network")[1]
    with pytest.raises(ValueError, match="weak ones are set to 0"):
        na.choose_null(thresholded, kind="correlation")


def test_transitivity_is_no_longer_a_discovery():
    """Shuffled weights make the paths of any correlation matrix a surprise; correlation matrices do not."""

    def length(r):
        return na.path_length(na.transform.remove_self_connections(np.abs(r)))

    noise = np.corrcoef(np.random.default_rng(0).normal(size=(60, 30)))
    options = {"n_nulls": 60, "rng": 0, "vectorized": True}
    assert abs(na.null_test(noise, length, na.nulls.hirschberger_qi_steuer, **options).z) < 3
    shuffled = na.null_test(R, length, na.nulls.weight_shuffle, **options).z
    assert abs(na.null_test(R, length, na.nulls.hirschberger_qi_steuer, **options).z) < abs(shuffled) / 20
