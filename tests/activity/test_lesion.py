"""Lesions: one call per group, the intact network first."""

import numpy as np
import pytest

import netanalysis as na


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


def test_scores_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match=r"run must return scores that are numbers; got \['x'\]"):
        na.lesion(lambda silenced: {"a": "x"}, [0, 0, 1])
