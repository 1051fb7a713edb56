"""Spoken digits: files in the layout of the Spiking Heidelberg Digits, and the words invented without them."""

import h5py
import numpy as np
import pytest

from models import recipes, tasks
from models.tasks.digits import Digits
from models.training import train

KEYS = ("spikes/times", "spikes/units", "labels", "extra/speaker")


def write(path, times, units, labels, speakers):
    """What the published files hold, with their types."""
    with h5py.File(path, "w") as file:
        for name, values, kind in (("times", times, np.float16), ("units", units, np.uint16)):
            spikes = file.create_dataset(f"spikes/{name}", (len(values),), h5py.vlen_dtype(kind))
            for k, value in enumerate(values):
                spikes[k] = np.asarray(value, kind)
        file["labels"] = np.asarray(labels, np.uint16)
        file["extra/speaker"] = np.asarray(speakers, np.uint16)


@pytest.fixture
def folder(tmp_path):
    """Eight recordings to train on and three to test: word k has its spikes in channels 35 k to 35 k + 34."""
    rng = np.random.default_rng(0)
    for name, words, speakers in (
        ("shd_train.h5", [0, 1, 2, 3, 4, 5, 6, 19], [0, 1] * 4),
        ("shd_test.h5", [2, 0, 19], [4, 5, 5]),
    ):
        size = rng.integers(200, 300, len(words))
        times = [np.sort(rng.uniform(0, 0.5 + word / 20, n)) for word, n in zip(words, size, strict=True)]
        units = [35 * word + rng.integers(35, size=n) for word, n in zip(words, size, strict=True)]
        write(tmp_path / name, times, units, words, speakers)
    return tmp_path


def test_files_load(folder):
    task = tasks.get("digits", folder=str(folder), drop=0.0)
    batch = task.sample(8, np.random.default_rng(0))
    assert batch.inputs.shape == (8, 200, 700)
    assert batch.inputs.dtype == np.float32
    assert sorted(batch.targets) == [0, 1, 2, 3, 4, 5, 6, 19]  # each recording once
    assert set(batch.conditions["speaker"]) == {0, 1}
    for x, word in zip(batch.inputs, batch.targets, strict=True):
        assert set(np.flatnonzero(x.any(axis=0)) // 35) == {word}
        assert 200 <= x.sum() < 300
        assert x[0].any()  # each recording fills the frames, however long it lasted
        assert x[-1].any()


def test_held_out_trials_come_from_the_test_file(folder):
    task = Digits(folder=folder)
    batch = task.sample(3, np.random.default_rng(0), noise=False)
    assert sorted(batch.targets) == [0, 2, 19]
    assert set(batch.conditions["speaker"]) == {4, 5}
    many = task.sample(50, np.random.default_rng(0), noise=False)
    assert set(many.targets) == {0, 2, 19}


def test_bins_are_of_equal_width_from_first_to_last_spike(tmp_path):
    for name in ("shd_train.h5", "shd_test.h5"):
        write(tmp_path / name, [[0.5, 0.5, 0.75, 1.5], [2.0], []], [[0, 9, 10, 699], [350], []], [7, 1, 2], [0, 0, 0])
    task = Digits(folder=tmp_path, frames=4, channels=70)
    batch = task.sample(3, np.random.default_rng(0), noise=False)
    counts = {word: np.argwhere(x).tolist() for word, x in zip(batch.targets, batch.inputs, strict=True)}
    assert counts == {7: [[0, 0], [1, 1], [3, 69]], 1: [[0, 35]], 2: []}
    assert batch.inputs[list(batch.targets).index(7), 0, 0] == 2  # two neighbours counted together


def test_a_file_is_read_once_until_it_changes(folder):
    first, again = Digits(folder=folder), Digits(folder=folder)
    assert first._recordings[0] is again._recordings[0]
    write(folder / "shd_test.h5", [[0.0, 1.0]], [[1, 2]], [3], [0])
    assert Digits(folder=folder).sample(1, np.random.default_rng(0), noise=False).targets.tolist() == [3]


def test_spikes_are_lost_in_training_only(folder):
    whole = Digits(folder=folder, drop=0.0)
    lossy = Digits(folder=folder, drop=0.3)
    kept, every = (task.sample(8, np.random.default_rng(2)).inputs.sum() for task in (lossy, whole))
    assert kept / every == pytest.approx(0.7, abs=0.05)
    held_out = [task.sample(3, np.random.default_rng(2), noise=False).inputs for task in (lossy, whole)]
    assert np.array_equal(*held_out)


def test_a_folder_without_files_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"shd_train.h5 and shd_test.h5.*zenkelab"):
        Digits(folder=tmp_path)
    (tmp_path / "shd_train.h5").write_bytes(b"gzip")
    (tmp_path / "shd_test.h5").write_bytes(b"gzip")
    with pytest.raises(ValueError, match="gunzip"):
        Digits(folder=tmp_path)


@pytest.mark.parametrize("key", KEYS)
def test_a_file_without_one_of_its_arrays_is_refused(folder, key):
    with h5py.File(folder / "shd_test.h5", "a") as file:
        del file[key]
    with pytest.raises(ValueError, match=f"shd_test.h5 lacks '{key}'"):
        Digits(folder=folder)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"units": [[0, 700]]}, "recording 0: spikes/units must be 0 to 699; got 0 to 700"),
        ({"units": [[0]]}, "equally long"),
        ({"times": [[0.0, np.nan]]}, "finite"),
        ({"labels": [20]}, "labels must be 0 to 19; got 20"),
        ({"labels": [1, 2]}, "one entry per recording"),
        ({"times": [], "units": [], "labels": [], "speakers": []}, "one entry per recording"),
    ],
)
def test_malformed_recordings_are_refused(folder, values, message):
    good = {"times": [[0.0, 1.0]], "units": [[1, 2]], "labels": [3], "speakers": [0]}
    write(folder / "shd_test.h5", **good | values)
    with pytest.raises(ValueError, match=message):
        Digits(folder=folder)


def test_invented_words():
    task = Digits(frames=50, channels=70)
    batch = task.sample(400, np.random.default_rng(0))
    assert batch.inputs.shape == (400, 50, 70)
    assert set(batch.targets) == set(range(20))
    again = task.sample(400, np.random.default_rng(0))
    assert np.array_equal(batch.inputs, again.inputs)
    assert not np.array_equal(batch.inputs, task.sample(400, np.random.default_rng(1)).inputs)
    # as dense as the recordings
    full = Digits().sample(10, np.random.default_rng(0))
    assert full.inputs.shape == (10, 200, 700)
    assert full.inputs.sum() / 10 == pytest.approx(8000, rel=0.1)


def nearest(features, templates, targets):
    distance = np.square(features[:, None] - templates[None]).sum(axis=2)
    return (distance.argmin(axis=1) == targets).mean()


def test_invented_words_differ_in_time_as_well_as_in_channels():
    """Nearest mean: the spectrum alone cannot tell a word from the same word backwards."""
    task = Digits(frames=20, channels=70)
    learn, test = (task.sample(1000, np.random.default_rng(seed), noise=False) for seed in (1, 2))
    scores = {}
    for name, shape in (("order", (1000, -1)), ("spectrum", (1000, 20, -1))):
        a, b = (batch.inputs.reshape(shape) for batch in (learn, test))
        if name == "spectrum":
            a, b = a.sum(axis=1), b.sum(axis=1)
        means = np.stack([a[learn.targets == word].mean(axis=0) for word in range(20)])
        scores[name] = nearest(b, means, test.targets)
    assert scores["order"] > 0.9
    assert 0.2 < scores["spectrum"] < 0.6


@pytest.mark.parametrize("options", [{"frames": 0}, {"channels": 701}, {"channels": 0}, {"drop": 1.0}, {"drop": -0.1}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match="must be"):
        Digits(**options)


def test_a_network_trains_on_recordings(folder):
    options = {"folder": str(folder), "frames": 10, "channels": 70}
    changes = {"task_options": options, "epochs": 1, "steps": 2, "batch": 4, "held_out": 3}
    trained = train(recipes.get("spiking_sernn", quick=True, **changes), 1e-4, 0, progress=False)
    assert trained.parameters["W_in"].shape[1:] == (70, 100)
    recording = trained.record(task=Digits(**options), trials=3, noise=False)
    assert sorted(recording.conditions["word"]) == [0, 2, 19]
