"""Similarity of recordings: closed forms, naive formulas, scipy and sklearn; invariances; nulls."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist
from sklearn.cross_decomposition import CCA

import netanalysis as na
from netanalysis.comparison.dynamics import vector_field_distance


def recording(rng, units=4, trials=8, steps=6, **options):
    return na.Recording(rng.normal(size=(trials, steps, units)), **options)


def rotated(rec, rng, scale=3.0):
    turn = np.linalg.qr(rng.normal(size=(rec.n_units, rec.n_units)))[0]
    return na.Recording(scale * rec.activity @ turn + rng.normal(size=rec.n_units))


def flat(rec):
    x = rec.activity.reshape(-1, rec.n_units)
    return x - x.mean(axis=0)


seeds = given(st.integers(0, 10**6))
few = settings(max_examples=12, deadline=None)


@seeds
@few
def test_cka_is_that_of_kernels(seed):
    rng = np.random.default_rng(seed)
    a, b = recording(rng), recording(rng, units=7)
    n = 48
    k, other = (flat(r) @ flat(r).T for r in (a, b))
    assert na.cka(a, b, debiased=False) == pytest.approx(
        (k * other).sum() / np.sqrt((k * k).sum() * (other * other).sum())
    )

    def hsic(x, y):
        x, y = (m - np.diag(np.diag(m)) for m in (x, y))
        one = np.ones(n)
        rest = (one @ x @ one) * (one @ y @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * one @ x @ y @ one
        return (np.trace(x @ y) + rest) / (n * (n - 3))

    right = hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other))
    assert na.cka(a, b) == pytest.approx(right, rel=1e-6, abs=1e-9)


def test_debiased_cka_of_unrelated_recordings_is_zero_and_the_plain_one_is_not():
    rng = np.random.default_rng(0)
    pairs = [(recording(rng, units=40), recording(rng, units=40)) for _ in range(40)]
    assert abs(np.mean([na.cka(a, b) for a, b in pairs])) < 0.03
    assert np.mean([na.cka(a, b, debiased=False) for a, b in pairs]) > 0.4


@seeds
@few
def test_procrustes_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    a, b = recording(rng), recording(rng)
    disparity = procrustes(a.activity.reshape(-1, 4), b.activity.reshape(-1, 4))[2]  # 1 - |X'Y|_*^2
    assert na.procrustes_distance(a, b) == pytest.approx(np.arccos(np.sqrt(1 - disparity)))
    chord = na.procrustes_distance(a, b, metric="euclidean")
    assert chord == pytest.approx(np.sqrt(2 - 2 * np.sqrt(1 - disparity)))


@seeds
@few
def test_canonical_correlations_are_those_of_sklearn(seed):
    rng = np.random.default_rng(seed)
    a, b = recording(rng, units=3), recording(rng, units=2)
    x, y = flat(a), flat(b)
    model = CCA(n_components=2, max_iter=5000, tol=1e-10, scale=False).fit(x, y)
    u, v = model.transform(x, y)
    right = np.mean([abs(np.corrcoef(u[:, k], v[:, k])[0, 1]) for k in range(2)])
    assert na.svcca(a, b, variance=1) == pytest.approx(right, abs=1e-4)


def test_svcca_leaves_out_what_holds_no_variance():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(8, 6, 1))
    a, b = (na.Recording(np.concatenate([shared, 1e-3 * rng.normal(size=(8, 6, 5))], axis=2)) for _ in range(2))
    assert na.svcca(a, b) == pytest.approx(1, abs=1e-3)
    assert na.svcca(a, b, variance=1) < 0.6


@seeds
@few
def test_representational_similarity_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    a, b = recording(rng), recording(rng, units=5, steps=3)
    x, y = (pdist(r.activity.reshape(8, -1), "correlation") for r in (a, b))
    assert na.representational_similarity(a, b) == pytest.approx(stats.spearmanr(x, y).statistic)
    x, y = (pdist(r.activity.reshape(8, -1), "sqeuclidean") for r in (a, b))
    options = {"dissimilarity": "euclidean"}
    assert na.representational_similarity(a, b, compare="pearson", **options) == pytest.approx(np.corrcoef(x, y)[0, 1])
    cosine = x @ y / np.sqrt((x @ x) * (y @ y))
    assert na.representational_similarity(a, b, compare="cosine", **options) == pytest.approx(cosine)


def test_trials_of_a_condition_are_averaged():
    rng = np.random.default_rng(2)
    conditions = pd.DataFrame({"choice": list("abcdabcd"), "side": [0, 1] * 4})
    a, b = (recording(rng, conditions=conditions) for _ in range(2))
    means = [na.Recording((r.activity[:4] + r.activity[4:]) / 2) for r in (a, b)]
    found = na.representational_similarity(a, b, by="choice")
    assert found == pytest.approx(na.representational_similarity(*means))
    assert na.representational_similarity(a, b, by=["choice", "side"]) == pytest.approx(found)
    with pytest.raises(ValueError, match="at least 3"):
        na.representational_similarity(a, b, by="side")
    with pytest.raises(ValueError, match="by names"):
        na.representational_similarity(a, recording(rng), by="choice")


def oscillation(rng, angle, units=3, trials=12, steps=25, noise=0.0):
    x = rng.normal(size=(trials, 2))
    turn = 0.97 * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    latent = np.stack([x @ np.linalg.matrix_power(turn, t) for t in range(steps)], axis=1)
    return na.Recording(latent @ rng.normal(size=(2, units)) + noise * rng.normal(size=(trials, steps, units)))


def test_the_same_dynamics_in_other_units_are_at_zero():
    rng = np.random.default_rng(3)
    a, b = oscillation(rng, 0.4), oscillation(rng, 0.4, units=6, trials=9)
    for n_delays in (1, 3):
        assert na.dynamical_distance(a, b, n_delays=n_delays, rank=2) == pytest.approx(0, abs=0.15)
    other = oscillation(rng, 1.2)
    # Rotations by other angles: tr A'B / |A||B| = cos of the difference.
    assert na.dynamical_distance(a, other, n_delays=1, rank=2) == pytest.approx(0.8, abs=0.1)
    assert na.dynamical_distance(a, rotated(a, rng, 5.0), n_delays=4, rank=2) < 0.2
    assert na.dynamical_distance(a, a) == pytest.approx(0, abs=1e-7)


@seeds
@settings(max_examples=6, deadline=None)
def test_the_best_change_of_coordinates_is_found(seed):
    """Beside all rotations and reflections of the plane, and a planted one in more dimensions."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 2, 2))
    angle = np.linspace(0, 2 * np.pi, 20001)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    every = np.concatenate([turn, turn * [1, -1]])
    right = np.linalg.norm(a - every @ b @ every.swapaxes(-1, -2), axis=(-2, -1)).min()
    found = vector_field_distance(a, b, 20, np.random.SeedSequence(0))
    assert found == pytest.approx(right, abs=1e-3)
    assert found <= right + 1e-6
    a, b = rng.normal(size=(2, 6, 6))
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    assert vector_field_distance(a, turn @ a @ turn.T, 1, np.random.SeedSequence(0)) == pytest.approx(0, abs=1e-6)
    spectra = [np.sort_complex(np.linalg.eigvals(m)) for m in (a + a.T, b + b.T)]  # symmetric: by sorted eigenvalues
    apart = vector_field_distance(a + a.T, b + b.T, 1, np.random.SeedSequence(0))
    assert apart == pytest.approx(np.linalg.norm(spectra[0] - spectra[1]), abs=1e-6)


EVERY = {
    "cka": (na.cka, 1.0),
    "cka, biased": (partial(na.cka, debiased=False), 1.0),
    "procrustes": (na.procrustes_distance, 0.0),
    "procrustes, euclidean": (partial(na.procrustes_distance, metric="euclidean"), 0.0),
    "svcca": (na.svcca, 1.0),
    "cca": (partial(na.svcca, variance=1), 1.0),
    "rsa": (partial(na.representational_similarity, dissimilarity="euclidean"), 1.0),
    "dsa": (partial(na.dynamical_distance, n_delays=1), 0.0),
}
every = pytest.mark.parametrize(("measure", "same"), EVERY.values(), ids=EVERY)


@every
@example(seed=7897)  # dynamical_distance found different minima from either side
@given(seed=st.integers(0, 10**6))
@settings(max_examples=6, deadline=None)
def test_what_every_measure_promises(measure, same, seed):
    rng = np.random.default_rng(seed)
    a, b = recording(rng), recording(rng)
    assert measure(a, a) == pytest.approx(same, abs=1e-6)
    assert measure(a, b) == pytest.approx(measure(b, a), abs=1e-5)
    if "dsa" not in str(measure) and measure is not EVERY["dsa"][0]:
        assert measure(a, rotated(a, rng)) == pytest.approx(same, abs=1e-6)
        assert measure(rotated(a, rng), b) == pytest.approx(measure(a, b), abs=1e-6)


@seeds
@few
def test_procrustes_obeys_the_triangle_inequality(seed):
    rng = np.random.default_rng(seed)
    a, b, c = (recording(rng, units=u) for u in (2, 3, 4))
    for metric in ("angular", "euclidean"):
        d = partial(na.procrustes_distance, metric=metric)
        assert d(a, c) <= d(a, b) + d(b, c) + 1e-9


@every
@pytest.mark.parametrize("scale", [1e-200, 1e150])
def test_units_of_any_size(measure, same, scale):
    rng = np.random.default_rng(4)
    a, b = recording(rng), recording(rng)
    assert measure(na.Recording(scale * a.activity), b) == pytest.approx(measure(a, b), abs=1e-6)


def test_silent_recordings_are_undefined_and_say_so():
    rng = np.random.default_rng(5)
    a, silent = recording(rng), na.Recording(np.full((8, 6, 4), 0.1))
    for measure in (na.cka, na.procrustes_distance, na.svcca, na.representational_similarity):
        with pytest.warns(na.UndefinedWarning, match="is nan"):
            assert np.isnan(measure(a, silent))
    for value in (0.0, 0.1, 0.5):
        with pytest.warns(na.UndefinedWarning, match="does not vary"):
            assert np.isnan(na.dynamical_distance(a, na.Recording(np.full((8, 6, 4), value)), n_delays=1))
    test = na.similarity_test(silent, a, n_nulls=9, rng=0)
    assert test.note.startswith("observed is nan: ")


@pytest.mark.slow
def test_shuffles_are_the_scale_of_chance():
    rng = np.random.default_rng(6)
    latent = rng.normal(size=(15, 8, 2))
    a, b = (na.Recording(latent @ rng.normal(size=(2, 5)) + 0.5 * rng.normal(size=(15, 8, 5))) for _ in range(2))
    unrelated = recording(rng, units=5, trials=15, steps=8)
    for shuffle in ("trials", "shift", "time"):
        test = na.similarity_test(a, b, shuffle=shuffle, alternative="greater", n_nulls=39, rng=0)
        assert test.p == pytest.approx(1 / 40)
        assert test.null == f"{shuffle} shuffled"
        assert na.similarity_test(a, unrelated, shuffle=shuffle, n_nulls=39, rng=0).p > 0.03
    closer = na.similarity_test(a, b, measure="procrustes_distance", alternative="less", n_nulls=39, rng=0)
    assert closer.p == pytest.approx(1 / 40)
    again = na.similarity_test(a, b, measure="procrustes_distance", alternative="less", n_nulls=9, rng=0)
    assert again.null_distribution.tolist() == closer.null_distribution[:9].tolist()
    x, y = (oscillation(rng, 0.4, noise=0.05) for _ in range(2))
    dsa = partial(na.dynamical_distance, n_delays=3, rank=4)
    turned = na.similarity_test(x, y, measure=dsa, shuffle="time", alternative="less", n_nulls=19, rng=0)
    assert turned.p == pytest.approx(1 / 20)


def test_a_ramp_that_all_trials_share_is_kept_by_the_shuffle_of_trials():
    rng = np.random.default_rng(7)
    ramp = np.arange(8.0)[None, :, None]
    a, b = (na.Recording(ramp * rng.normal(size=5) + rng.normal(size=(15, 8, 5))) for _ in range(2))
    kept, lost = (na.similarity_test(a, b, shuffle=shuffle, n_nulls=19, rng=0) for shuffle in ("trials", "time"))
    assert kept.null_mean > 0.95 * kept.observed
    assert abs(lost.null_mean) < 0.1


def test_every_two_recordings():
    rng = np.random.default_rng(8)
    recs = {name: recording(rng, units=k + 2) for k, name in enumerate("abc")}
    found = na.recording_similarity(recs, measure="procrustes_distance")
    assert found.names == ("a", "b", "c")
    assert found.matrix[0, 2] == found.matrix[2, 0] == na.procrustes_distance(recs["a"], recs["c"])
    assert np.diag(found.matrix) == pytest.approx([0, 0, 0], abs=1e-7)
    listed = na.recording_similarity(list(recs.values()))
    assert listed.matrix[0, 1] == na.cka(recs["a"], recs["b"])
    with pytest.raises(ValueError, match="at least two"):
        na.recording_similarity({"a": recs["a"]})
    with pytest.raises(TypeError, match="must be several"):
        na.recording_similarity(recs["a"])
    with pytest.raises(TypeError, match=r"recordings\[1\] must be a Recording"):
        na.recording_similarity([recs["a"], 3])


@seeds
@few
def test_matrices_are_correlated_by_rank_and_tested_by_relabelling(seed):
    rng = np.random.default_rng(seed)
    x, y = (m + m.T for m in rng.random((2, 7, 7)))
    found = na.correlate_distances(x, y, n_nulls=19, rng=0)
    at = np.triu_indices(7, 1)
    assert found.rho == pytest.approx(stats.spearmanr(x[at], y[at]).statistic)
    assert found.n_pairs == 21
    order = np.random.default_rng(np.random.SeedSequence(0)).permutation(7)
    right = stats.spearmanr(x[at], y[np.ix_(order, order)][at]).statistic
    assert found.null_distribution[0] == pytest.approx(right)
    same = na.correlate_distances(x, x, n_nulls=19, alternative="greater", rng=0)
    assert (same.rho, same.p) == (pytest.approx(1), pytest.approx(1 / 20))


def test_bad_input_is_named():
    rng = np.random.default_rng(9)
    a = recording(rng, conditions={"choice": list("abababab")})
    for call, said in (
        (lambda: na.cka(a, recording(rng, steps=5)), "same trials and time steps"),
        (lambda: na.cka(a, na.Recording(a.activity, {"choice": list("babababa")})), "condition 'choice' differs"),
        (lambda: na.cka(na.Recording(np.ones((1, 3, 2))), na.Recording(np.ones((1, 3, 2)))), "at least 4 samples"),
        (lambda: na.procrustes_distance(a, a, metric="cosine"), "metric must be one of"),
        (lambda: na.svcca(a, a, variance=0), "variance must be above 0"),
        (lambda: na.representational_similarity(a, recording(rng, trials=5)), "same trials"),
        (lambda: na.dynamical_distance(a, a, n_delays=6), "too few for n_delays=6"),
        (lambda: na.dynamical_distance(a, a, n_delays=1, rank=9), "rank=9 is more than"),
        (lambda: na.similarity_test(a, a, shuffle="units"), "shuffle must be one of"),
        (lambda: na.similarity_test(a, a, measure="r2"), "measure must be one of"),
        (lambda: na.similarity_test(na.Recording(a.activity[:1]), na.Recording(a.activity[:1])), "at least 2 trials"),
        (lambda: na.correlate_distances(np.ones((3, 3)), np.ones((3, 3))), "at least 4 networks"),
        (lambda: na.correlate_distances(np.eye(4), np.eye(5)), "same networks"),
        (lambda: na.correlate_distances(rng.random((4, 4)), np.eye(4)), "a must be a symmetric matrix"),
    ):
        with pytest.raises(ValueError, match=said):
            call()
    with pytest.raises(TypeError, match="a must be a Recording"):
        na.cka(np.ones((3, 3, 3)), a)
    with pytest.warns(na.UndefinedWarning, match="equally far"):
        assert np.isnan(na.correlate_distances(np.eye(5), np.eye(5), n_nulls=3).rho)
