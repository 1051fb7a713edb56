import numpy as np
import pytest

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


def test_k_can_be_given_and_is_checked(planted):
    rec, _ = planted
    assert na.functional_clusters(rec, k=4).k == 4
    with pytest.raises(ValueError, match="k must be below the number of active units, 12"):
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
        ({"by": "nothing"}, "by must name a column"),
        ({"start": "nothing"}, "start or stop must name a column"),
        ({"start": 99}, "no time step with at least two trials"),
        ({"by": "trial"}, "1 trials in all"),
    ],
)
def test_task_variance_refuses_by_name(kwargs, message):
    rec = na.Recording(np.ones((3, 4, 2)), {"task": list("aaa"), "trial": [0, 1, 2]})
    with pytest.raises(ValueError, match=message):
        na.task_variance(rec, **kwargs)


def test_lesion_scores_each_group_once_and_the_intact_network_first():
    calls = []

    def run(silenced):
        calls.append(silenced.copy())
        return {"left": float((~silenced)[:2].sum()), "right": float((~silenced)[2:].sum())}

    result = na.lesion(run, ["a", "a", "b", "b"])
    assert (result.groups, result.scores) == (("a", "b"), ("left", "right"))
    assert np.array_equal(result.effects, [[-2, 0], [0, -2]])
    assert np.array_equal(result.baseline, [2, 2])
    assert len(calls) == 3
    assert not calls[0].any()


def test_lesion_leaves_inactive_units_alone_and_refuses_empty_groups():
    result = na.lesion(lambda silenced: [silenced.sum()], [-1, 0, 0, 1])
    assert np.array_equal(result.lesioned.ravel(), [2, 1])
    assert np.array_equal(na.lesion(lambda s: [s.sum()], [-1, 0, 0, 1], which=[1]).lesioned, [[1]])
    with pytest.raises(ValueError, match="without units: \\[5\\]"):
        na.lesion(lambda s: [0.0], [0, 1], which=[5])
