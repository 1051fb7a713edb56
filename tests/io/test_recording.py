"""Recordings on disk: everything comes back, nothing is pickled, what cannot be kept is refused."""

import json

import numpy as np
import pandas as pd
import pytest

import netanalysis as na


@pytest.fixture
def recording():
    conditions = pd.DataFrame(
        {
            "goal": ["up", "größe", "up"],
            "coherence": [0.1, np.nan, 0.3],
            "correct": [True, False, True],
            "block": [1, 2, 3],
            "size": pd.Categorical(["s", "l", "s"], categories=["s", "m", "l"], ordered=True),
        }
    )
    activity = np.random.default_rng(0).normal(size=(3, 4, 2))
    return na.Recording(
        activity, conditions, time=[0, 0.5, 1, 1.5], labels=["A", "B"], name="r", metadata={"time_unit": "second"}
    )


def test_round_trip_keeps_everything(recording, tmp_path):
    path = tmp_path / "r.npz"
    na.save(recording, path)
    back = na.load(path)
    assert isinstance(back, na.Recording)
    np.testing.assert_array_equal(back.activity, recording.activity)
    np.testing.assert_array_equal(back.time, recording.time)
    assert back.labels.tolist() == ["A", "B"]
    pd.testing.assert_frame_equal(back.conditions, recording.conditions)
    assert (back.name, back.metadata["time_unit"], back.metadata["file"]) == ("r", "second", "r.npz")
    with np.load(path, allow_pickle=False) as arrays:
        assert all(not arrays[name].dtype.hasobject for name in arrays.files)


def test_where_it_came_from_first_is_kept(recording, tmp_path):
    na.save(recording, tmp_path / "a.npz")
    na.save(na.load(tmp_path / "a.npz"), tmp_path / "b.npz")
    metadata = na.load(tmp_path / "b.npz").metadata
    assert metadata["file"] == "b.npz"
    assert metadata["origin"]["file"] == "a.npz"


def test_without_conditions_labels_and_name(tmp_path):
    na.save(na.Recording(np.zeros((1, 2, 3))), tmp_path / "r.npz")
    back = na.load(tmp_path / "r.npz")
    assert back.conditions.shape == (1, 0)
    assert back.labels is None
    assert back.name is None


def test_a_bundled_recording_can_be_saved(tmp_path):
    recording = na.datasets.load("human_schaefer100_bold")
    na.save(recording, tmp_path / "bold.npz")
    back = na.load(tmp_path / "bold.npz")
    np.testing.assert_array_equal(back.activity, recording.activity)
    assert back.metadata["doi"] == recording.metadata["doi"]


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"a": [1, "x", None]}, r"conditions\['a'\] must be all text or all numbers to be saved; it holds NoneType"),
        ({"a": pd.to_datetime(["2020-01-01"] * 3)}, r"conditions\['a'\] cannot be saved: it holds datetime64"),
        ({0: [1, 2, 3]}, "names that are text"),
    ],
)
def test_columns_that_cannot_be_kept_are_refused(conditions, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        na.save(na.Recording(np.zeros((3, 1, 1)), conditions), tmp_path / "r.npz")
    assert not list(tmp_path.iterdir())


def test_other_suffixes_keys_orientations_and_versions_are_refused(recording, tmp_path):
    with pytest.raises(ValueError, match=r"a Recording is saved as \.npz"):
        na.save(recording, tmp_path / "r.h5")
    path = tmp_path / "r.npz"
    na.save(recording, path)
    with pytest.raises(ValueError, match="leave key out"):
        na.load(path, key="activity")
    with pytest.raises(ValueError, match="no orientation"):
        na.load(path, orientation="source_target")
    with np.load(path) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays["netanalysis"]))
    np.savez(path, **(arrays | {"netanalysis": json.dumps(header | {"version": 99})}))
    with pytest.raises(ValueError, match="recording version 99"):
        na.load(path)
    del arrays["conditions.2"]
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"lacks the array 'conditions.2'"):
        na.load(path)


def test_a_recording_is_no_network(recording, tmp_path):
    na.save(recording, tmp_path / "r.npz")
    with pytest.raises(TypeError, match="is a recording, not a network"):
        na.summarize(tmp_path / "r.npz", ["density"], progress=False)
    with pytest.raises(TypeError, match="is a recording, not a network"):
        na.summarize([recording], ["density"], progress=False)


@pytest.mark.parametrize("option", [{"orientation": "source_target"}, {"undirected": True}, {"nodes": ["a", "b"]}])
def test_what_only_networks_have_is_named(recording, tmp_path, option):
    na.save(recording, tmp_path / "r.npz")
    with pytest.raises(ValueError, match=rf"holds a recording, which has no .*; leave out {next(iter(option))}="):
        na.load(tmp_path / "r.npz", **option)
