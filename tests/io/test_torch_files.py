"""PyTorch state dicts: gates, layers, parts of a model, weights kept in parts."""

import pickle

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import netanalysis as na
from tests.io.foreign import Bomb, W


class Net(torch.nn.Module):
    def __init__(self, cell, layers=1):
        super().__init__()
        self.rnn = cell(2, 3, num_layers=layers)
        self.readout = torch.nn.Linear(3, 4)


@pytest.fixture
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".npz"])
def test_torch_rnn_from_hidden_unit_to_hidden_unit(tmp_path, seeded, suffix):
    model = Net(torch.nn.RNN)
    path = tmp_path / f"model{suffix}"
    state = model.state_dict()
    arrays = {k: v.numpy() for k, v in state.items()}
    if suffix == ".pt":
        torch.save({"epoch": 3, "state": state, "optimizer": {"m": torch.ones(3, 3)}}, path)
    elif suffix == ".npz":
        np.savez(path, **arrays)
    else:
        safetensors.numpy.save_file(arrays, path)
    with pytest.raises(ValueError, match="torch stores weight_hh as target_source"):
        na.load(path)
    net = na.load(path, orientation="target_source")
    # One step from rest, on the linear part: what unit 0 receives and sends.
    hidden, x = torch.tensor([1.0, 0, 0]), torch.tensor([1.0, 0])
    weight_hh, weight_ih = model.rnn.weight_hh_l0, model.rnn.weight_ih_l0
    np.testing.assert_allclose(net.weights[0], (weight_hh @ hidden).detach(), rtol=1e-6)
    np.testing.assert_allclose(net.inputs[0], (weight_ih @ x).detach(), rtol=1e-6)
    np.testing.assert_allclose(net.outputs[0], (model.readout.weight @ hidden).detach(), rtol=1e-6)
    assert net.metadata["key"].endswith("rnn.weight_hh_l0")
    with_key = na.load(path, key="weight_hh_l0", orientation="target_source")
    np.testing.assert_array_equal(with_key.weights, net.weights)


@pytest.mark.parametrize(("cell", "gates"), [(torch.nn.GRU, "rzn"), (torch.nn.LSTM, "ifgo")])
def test_torch_gates(tmp_path, seeded, cell, gates):
    model = Net(cell)
    path = tmp_path / "model.pt"
    torch.save(model.state_dict(), path)
    with pytest.raises(ValueError, match=rf"stacks {len(gates)} gates.*weight_hh_l0\[{gates[0]}\]"):
        na.load(path, orientation="target_source")
    for k, gate in enumerate(gates):
        for name in (gate, k):
            net = na.load(path, key=f"rnn.weight_hh_l0[{name}]", orientation="target_source")
            rows = slice(3 * k, 3 * k + 3)
            np.testing.assert_array_equal(net.weights, model.rnn.weight_hh_l0[rows].detach().T)
            np.testing.assert_array_equal(net.inputs, model.rnn.weight_ih_l0[rows].detach().T)
            np.testing.assert_array_equal(net.outputs, model.readout.weight.detach().T)
            assert net.metadata["key"] == f"rnn.weight_hh_l0[{gate}]"
    for wrong in ("q", "9"):
        with pytest.raises(ValueError, match="no gate"):
            na.load(path, key=f"weight_hh_l0[{wrong}]", orientation="target_source")
    with pytest.raises(ValueError, match="does not stack square blocks"):
        na.load(path, key="readout.weight[0]", orientation="target_source")


def test_torch_gate_order_is_that_of_the_equations(tmp_path, seeded):
    """The block called n is the one that the candidate state of torch's GRU uses."""
    gru = torch.nn.GRUCell(1, 3)
    torch.save(gru.state_dict(), tmp_path / "gru.pt")
    part = {
        g: na.load(tmp_path / "gru.pt", key=f"weight_hh[{g}]", orientation="target_source").weights.T for g in "rzn"
    }
    h = np.array([0.3, -0.2, 0.9])
    bias_i, bias_h = (b.detach().double().numpy().reshape(3, 3) for b in (gru.bias_ih, gru.bias_hh))
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    r, z = (sigmoid(bias_i[k] + part[g] @ h + bias_h[k]) for k, g in enumerate("rz"))
    n = np.tanh(bias_i[2] + r * (part["n"] @ h + bias_h[2]))
    expected = gru(torch.zeros(1, 1), torch.tensor(h, dtype=torch.float32)[None])[0].detach()
    np.testing.assert_allclose((1 - z) * n + z * h, expected, rtol=1e-5)


def test_layers_are_candidates_of_their_own(tmp_path, seeded):
    torch.save(Net(torch.nn.RNN, layers=2).state_dict(), tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"several arrays.*weight_hh_l0' \(3, 3\).*weight_hh_l1' \(3, 3\)") as error:
        na.load(tmp_path / "m.pt", orientation="target_source")
    assert "weight_ih" not in str(error.value)
    net = na.load(tmp_path / "m.pt", key="rnn.weight_hh_l0", orientation="target_source")
    assert net.inputs.shape == (2, 3)
    assert net.outputs is None  # the readout may read from the other layer


@pytest.mark.filterwarnings("ignore:'torch.load' received a zip file")
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_other_containers_of_torch(tmp_path):
    torch.save({"W": torch.tensor(W)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    np.testing.assert_array_equal(na.load(tmp_path / "old.pt", orientation="source_target").weights, W)
    torch.jit.save(torch.jit.script(torch.nn.Linear(3, 3)), tmp_path / "script.pt")
    with pytest.raises(ValueError, match="state_dict"):
        na.load(tmp_path / "script.pt")


def test_bfloat16(tmp_path):
    tensor = torch.tensor(W).bfloat16()
    torch.save({"W": tensor}, tmp_path / "w.pt")
    net = na.load(tmp_path / "w.pt", orientation="source_target")
    np.testing.assert_array_equal(net.weights, tensor.double().numpy())
    safetensors.torch.save_file({"W": tensor}, tmp_path / "w.safetensors")
    net = na.load(tmp_path / "w.safetensors", orientation="source_target")
    np.testing.assert_array_equal(net.weights, tensor.double().numpy())


def test_a_tensor_alone(tmp_path):
    torch.save(torch.tensor(W), tmp_path / "w.pt")
    np.testing.assert_array_equal(na.load(tmp_path / "w.pt", orientation="source_target").weights, W)


def test_torch_never_unpickles_objects(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"W": torch.tensor(W), "x": Bomb()}, tmp_path / "m.pt")
    (tmp_path / "legacy.pth").write_bytes(pickle.dumps(Bomb()))
    torch.save(Net(torch.nn.RNN), tmp_path / "module.pt")
    for name in ("m.pt", "legacy.pth", "module.pt"):
        with pytest.raises(ValueError, match=rf"{name}.*state_dict"):
            na.load(tmp_path / name, orientation="source_target")
    assert not (tmp_path / "exploded").exists()


def test_torch_tensors_that_are_not_plain_are_refused(tmp_path):
    torch.save({"z": torch.tensor(W * 1j), "W": torch.tensor(W)}, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=r"'z'.*real numbers"):
        na.load(tmp_path / "w.pt", key="z")
