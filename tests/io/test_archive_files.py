"""Archives: Keras 3 models, policies of Stable-Baselines, connectivities of The Virtual Brain."""

import bz2
import io
import json
import pickle
import zipfile

import h5py
import numpy as np
import pytest
import torch

import netanalysis as na
from netanalysis._core import memory
from tests.io.foreign import Bomb, W


def _zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _keras_weights(recurrent=W):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        at = file.create_group("layers/simple_rnn/cell/vars")
        at["0"], at["1"], at["2"] = np.ones((2, 3)), recurrent, np.zeros(3)
        at = file.create_group("layers/dense/vars")
        at.attrs["name"] = "readout"
        at["0"], at["1"] = np.ones((3, 4)), np.zeros(4)
        file["optimizer/vars/2"] = recurrent
    return buffer.getvalue()


def test_keras_models_give_their_weights_and_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = {"class_name": "Lambda", "config": {"function": pickle.dumps(Bomb()).hex()}}
    members = {"metadata.json": "{}", "config.json": json.dumps(config), "model.weights.h5": _keras_weights()}
    _zip(tmp_path / "m.keras", members)
    net = na.load(tmp_path / "m.keras")
    np.testing.assert_array_equal(net.weights, W)
    assert (net.inputs.shape, net.outputs.shape, net.name) == ((2, 3), (3, 4), "m")
    assert not (tmp_path / "exploded").exists()
    _zip(tmp_path / "m.keras", {"config.json": "{}"})
    with pytest.raises(ValueError, match=r"lacks 'model\.weights\.h5'; .*save_weights"):
        na.load(tmp_path / "m.keras")


def _bytes_of(state):
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def test_policies_of_stable_baselines_give_their_weights_and_no_objects(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lstm = torch.nn.LSTM(2, 3)
    state = {
        f"{part}.{name}": value for part in ("lstm_actor", "lstm_critic") for name, value in lstm.state_dict().items()
    }
    state |= {"action_net.weight": torch.ones(2, 3), "mlp_extractor.policy_net.0.weight": torch.eye(3)}
    members = {"data": json.dumps({"policy_class": {":serialized:": "gAWV"}}), "policy.pth": _bytes_of(state)}
    _zip(tmp_path / "ppo.zip", members | {"policy.optimizer.pth": _bytes_of({"x": torch.eye(3)})})
    net = na.load(tmp_path / "ppo.zip", key="lstm_actor.weight_hh_l0[g]", orientation="target_source")
    np.testing.assert_array_equal(net.weights, lstm.weight_hh_l0[6:9].detach().T)
    assert net.outputs is None  # one action_net, two cells
    _zip(tmp_path / "bad.zip", {"policy.pth": pickle.dumps(Bomb())})
    with pytest.raises(ValueError, match=r"bad\.zip could not be read as tensors alone"):
        na.load(tmp_path / "bad.zip")
    assert not (tmp_path / "exploded").exists()


TABLE = "\n".join(" ".join(map(repr, row)) for row in (W + W.T).tolist())
CENTRES = "ASEL 0 1 2\nAIYL 3 4 5\nRIA 6 7 8.5\n"


@pytest.mark.parametrize("folder", ["", "connectivity_3/"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("centres", ["centres", "centers"])
def test_connectivities_of_the_virtual_brain(tmp_path, folder, packed, centres):
    lengths = "0,1,2\n1,0,3\n2,3,0\n"
    members = {"weights": TABLE, centres: "# region x y z\n" + CENTRES, "tract_lengths": lengths}
    members = {
        f"{folder}{name}.txt{'.bz2' * packed}": bz2.compress(text.encode()) if packed else text
        for name, text in members.items()
    }
    _zip(tmp_path / "brain.zip", members | {f"{folder}info.txt": "by hand", "__MACOSX/._weights.txt": "\0"})
    net = na.load(tmp_path / "brain.zip")
    np.testing.assert_array_equal(net.weights, W + W.T)
    assert net.labels.tolist() == ["ASEL", "AIYL", "RIA"]
    np.testing.assert_array_equal(net.positions, [[0, 1, 2], [3, 4, 5], [6, 7, 8.5]])
    np.testing.assert_array_equal(net.distances, [[0, 1, 2], [1, 0, 3], [2, 3, 0]])


def test_what_else_a_connectivity_holds_is_named(tmp_path):
    _zip(tmp_path / "brain.zip", {"weights.txt": TABLE, "areas.txt": "1\n2\n3\n", "cortical.txt": "1\n1\n0\n"})
    with pytest.warns(UserWarning, match=r"'node areas' \(3,\), 'node cortical' \(3,\): left out"):
        na.load(tmp_path / "brain.zip")
    _zip(tmp_path / "brain.zip", {"weights.txt": TABLE, "centres.txt": "only two\n"})
    with pytest.raises(ValueError, match="a label and three coordinates"):
        na.load(tmp_path / "brain.zip")
    _zip(tmp_path / "brain.zip", {"weights.txt": "a b\nc d\n"})
    with pytest.raises(ValueError, match=r"weights\.txt is not a table of numbers"):
        na.load(tmp_path / "brain.zip")


def test_archives_of_something_else_say_what_they_hold(tmp_path):
    _zip(tmp_path / "a.zip", {"a.csv": "0,1\n1,0\n"})
    with pytest.raises(ValueError, match=r"holds a\.csv; .*Unpack it"):
        na.load(tmp_path / "a.zip")


BOMBS = {
    "weights.zip": {"weights.txt": "0 " * 2**21},
    "bz2.zip": {"weights.txt.bz2": bz2.compress(b"0 " * 2**21)},
    "policy.zip": {"policy.pth": b"\0" * 2**22},
    "model.keras": {"model.weights.h5": b"\0" * 2**22},
}


@pytest.mark.parametrize("name", BOMBS)
def test_members_are_unpacked_up_to_the_limit(tmp_path, name, monkeypatch):
    _zip(tmp_path / name, BOMBS[name])
    assert (tmp_path / name).stat().st_size < 10_000
    monkeypatch.setattr(memory, "LIMIT_BYTES", 2**20)
    with pytest.raises(MemoryError, match="unpacked"):
        na.load(tmp_path / name)
