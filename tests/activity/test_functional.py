import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

import netanalysis as na


@pytest.fixture(scope="module")
def planted():
    """Three groups of units, each driven by one of three tasks, two silent units, trials of two lengths."""
    rng = np.random.default_rng(0)
    task = np.repeat(["go", "anti", "match"], 30)
    gain = np.zeros((14, 3))
    gain[:5, 0], gain[5:9, 1], gain[9:12, 2] = 1, 1, 1
    gain[:12] += 0.1 * rng.random((12, 3))
    drive = rng.normal(size=(90, 8, 14)) * gain[:, np.repeat([0, 1, 2], 30)].T[:, None, :]
    return na.Recording(drive, {"task": task, "n_steps": np.tile([6, 8], 45)}), gain


def test_task_variance_is_the_mean_over_time_of_the_variance_over_trials(planted):
    rec, _ = planted
    got = na.task_variance(rec, start=2)
    assert got.tasks == ("go", "anti", "match")
    for k, name in enumerate(got.tasks):
        trials = rec.activity[(rec.conditions["task"] == name).to_numpy()]
        np.testing.assert_allclose(got.values[:, k], trials[:, 2:].var(axis=0).mean(axis=0), rtol=1e-12)


def test_steps_after_the_end_of_a_trial_do_not_count(planted):
    rec, _ = planted
    got = na.task_variance(rec, stop="n_steps").values
    spoiled = rec.activity.copy()
    spoiled[::2, 6:] = 99.0
    assert np.array_equal(na.task_variance(na.Recording(spoiled, rec.conditions), stop="n_steps").values, got)
    trials = rec.activity[:30]
    by_hand = [trials[:, t].var(axis=0) for t in range(6)] + [trials[1::2, t].var(axis=0) for t in (6, 7)]
    np.testing.assert_allclose(got[:, 0], np.mean(by_hand, axis=0), rtol=1e-12)


@pytest.mark.parametrize("method", ["task_variance", "correlation"])
def test_planted_groups_are_found(planted, method):
    rec, gain = planted
    if method == "correlation":
        rng = np.random.default_rng(1)
        sources = rng.normal(size=(90, 8, 3))
        shared = sources @ (gain > 0.5).T + 0.3 * rng.normal(size=(90, 8, 14)) * (gain.sum(1) > 0)
        rec = na.Recording(shared, rec.conditions)
    found = na.functional_clusters(rec, method=method, rng=0)
    assert found.k == 3
    assert found.labels.tolist() == [0] * 5 + [1] * 4 + [2] * 3 + [-1] * 2
    assert found.silhouettes[3] == found.silhouette == max(found.silhouettes.values()) > 0.5
    assert found.active.sum() == 12
    assert not found.profiles[12:].any()
    if method == "task_variance":
        assert np.array_equal(found.profiles[:12].max(axis=1), np.ones(12))
        assert found.features == ("go", "anti", "match")


def test_a_column_that_is_named_must_be_there(planted):
    recording, _ = planted
    for wrong in ("tsak", "", 3):
        with pytest.raises(
            ValueError, match=r"by must name columns of recording.conditions; got .*, there are \['task'"
        ):
            na.functional_clusters(recording, by=wrong, rng=0)


def test_k_can_be_given_and_is_checked(planted):
    rec, _ = planted
    assert na.functional_clusters(rec, k=4).k == 4
    with pytest.raises(ValueError, match="k must be 2 … 11 for 12 active units"):
        na.functional_clusters(rec, k=12)
    with pytest.raises(ValueError, match="only 0 of 14 units are active"):
        na.functional_clusters(rec, threshold=1e9)


def test_clusters_repeat_with_the_seed(planted):
    rec, _ = planted
    a, b = (na.functional_clusters(rec, rng=7) for _ in range(2))
    assert np.array_equal(a.labels, b.labels)
    assert a.silhouettes == b.silhouettes


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"by": "nothing"}, "by must name columns"),
        ({"start": "nothing"}, "start or stop must name columns"),
        ({"start": 99}, "no time step with at least two trials"),
        ({"by": "trial"}, "1 trials in all"),
    ],
)
def test_task_variance_refuses_by_name(kwargs, message):
    rec = na.Recording(np.ones((3, 4, 2)), {"task": list("aaa"), "trial": [0, 1, 2]})
    with pytest.raises(ValueError, match=message):
        na.task_variance(rec, **kwargs)


def test_functional_connectivity_is_the_correlation_within_runs():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(3, 50, 6)) @ rng.normal(size=(6, 6))
    a[:, :, 4] = 7.1
    shifted = a + 100 * rng.normal(size=(3, 1, 6))
    with pytest.warns(na.UndefinedWarning, match="functional_connectivity is nan"):
        got = na.functional_connectivity(na.Recording(shifted))
    kept = [0, 1, 2, 3, 5]
    within = np.concatenate([run - run.mean(axis=0) for run in a])[:, kept]
    np.testing.assert_allclose(got[np.ix_(kept, kept)], np.corrcoef(within, rowvar=False), atol=1e-9)
    with pytest.warns(na.UndefinedWarning, match="functional_connectivity is nan"):
        assert np.isnan(na.functional_connectivity(na.Recording(a))[4]).all()
    with pytest.warns(na.UndefinedWarning, match="functional_connectivity is nan"):
        pooled = na.functional_connectivity(na.Recording(a), center="all")
    expected = np.corrcoef(a.reshape(150, 6)[:, kept], rowvar=False)
    np.testing.assert_allclose(pooled[np.ix_(kept, kept)], expected, atol=1e-12)


def test_identical_profiles_cannot_be_clustered():
    rec = na.Recording(np.random.default_rng(0).normal(size=(4, 5, 1)) * np.ones(4), {"task": list("aabb")})
    with pytest.raises(ValueError, match="1 different profiles"):
        na.functional_clusters(rec)


@pytest.fixture(scope="module")
def resting():
    return na.datasets.load("human_schaefer100_bold"), na.datasets.load("human_schaefer100")


def test_resting_brain_is_organised_in_space_and_by_wiring(resting):
    """Two real people: connectivity like that of their group, clusters like Yeo's networks, laid out in space."""
    recording, net = resting
    pairs = np.triu_indices(100, 1)
    group = na.datasets.load("human_schaefer100_fc").weights[pairs]
    assert np.corrcoef(na.functional_connectivity(recording)[pairs], group)[0, 1] > 0.9
    found = na.functional_clusters(recording, method="correlation", k=7, rng=0)
    assert adjusted_mutual_info_score(found.labels, net.modules) > 0.35
    shuffle, spin = (na.clustering_alignment(net, found, null=null, n_nulls=199, rng=0) for null in ("shuffle", "spin"))
    for name in ("join_count", "pair_distance", "similarity_distance", "within_between", "modularity"):
        assert shuffle[name].p == 1 / 200
        assert spin[name].p < 0.05
        # Neighbours in the cortex are alike in any case: a rotation keeps that, a shuffle does not.
        assert 1.5 < abs(spin[name].z) < abs(shuffle[name].z)
    # Baselines of runs are not connectivity: with them the networks are lost.
    lost = na.functional_clusters(recording, method="correlation", k=7, center="all")
    assert adjusted_mutual_info_score(lost.labels, net.modules) < 0.15
