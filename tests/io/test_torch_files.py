"""PyTorch state dicts: gates, layers, parts of a model, weights kept in parts."""

import pickle

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from torch.nn.utils import parametrizations, prune

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


# ---------------------------------------------------------------- weights kept in parts


def _weight_norm_old(dim):
    def make(rnn):
        module = torch.nn.utils.weight_norm(rnn, "weight_hh_l0", dim=dim)
        with torch.no_grad():
            module.weight_hh_l0_g.mul_(3)
        return module

    return make


def _weight_norm_new(rnn):
    module = parametrizations.weight_norm(rnn, "weight_hh_l0")
    with torch.no_grad():
        module.parametrizations.weight_hh_l0.original0.mul_(torch.arange(1.0, 6)[:, None])
    return module


def _pruned(rnn):
    return prune.random_unstructured(rnn, "weight_hh_l0", 0.5)


def _pruned_and_normalised(rnn):
    return prune.random_unstructured(_weight_norm_old(0)(rnn), "weight_hh_l0_v", 0.5)


PARTS = {
    "weight norm, old": (_weight_norm_old(0), "weight_hh_l0_v"),
    "weight norm of columns": (_weight_norm_old(1), "weight_hh_l0_v"),
    "weight norm of the whole": (_weight_norm_old(None), "weight_hh_l0_g"),
    "weight norm, new": (_weight_norm_new, "parametrizations.weight_hh_l0.original1"),
    "spectral norm, old": (lambda rnn: torch.nn.utils.spectral_norm(rnn, "weight_hh_l0"), "weight_hh_l0_orig"),
    "spectral norm, new": (
        lambda rnn: parametrizations.spectral_norm(rnn, "weight_hh_l0"),
        "parametrizations.weight_hh_l0.original",
    ),
    "pruning": (_pruned, "weight_hh_l0_mask"),
    "pruning of a part": (_pruned_and_normalised, "weight_hh_l0_v_orig"),
}


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated:FutureWarning")
@pytest.mark.filterwarnings("ignore:RNN module weights are not part of single contiguous chunk:UserWarning")
@pytest.mark.parametrize(("make", "part"), PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("prefix", ["", "core.rnn."])
def test_weights_in_parts_come_whole(tmp_path, seeded, make, part, prefix):
    rnn = make(torch.nn.RNN(3, 5)).eval()
    rnn(torch.zeros(2, 1, 3))  # hooks compute the weight
    state = {prefix + name: value for name, value in rnn.state_dict().items()}
    torch.save(state, tmp_path / "m.pt")
    net = na.load(tmp_path / "m.pt", orientation="target_source")
    np.testing.assert_allclose(net.weights, rnn.weight_hh_l0.detach().T, rtol=1e-6, atol=1e-9)
    assert net.metadata["key"] == f"{prefix}weight_hh_l0"
    assert net.inputs.shape == (3, 5)
    assert net.history[-1].startswith(f"load: {prefix}weight_hh_l0 by ")
    with pytest.raises(ValueError, match="is a part of"):
        na.load(tmp_path / "m.pt", key=part, orientation="target_source")
    np.testing.assert_array_equal(na.from_torch(state).weights, net.weights)


def test_gates_of_weights_in_parts(tmp_path, seeded):
    gru = parametrizations.weight_norm(torch.nn.GRU(2, 5), "weight_hh_l0")
    torch.save(gru.state_dict(), tmp_path / "m.pt")
    net = na.load(tmp_path / "m.pt", key="weight_hh_l0[n]", orientation="target_source")
    np.testing.assert_allclose(net.weights, gru.weight_hh_l0[10:].detach().T, rtol=1e-6)


def test_a_weight_made_by_code_is_refused_and_taken_from_the_module(tmp_path, seeded):
    module = parametrizations.orthogonal(torch.nn.RNN(3, 5), "weight_hh_l0")
    torch.save(module.state_dict(), tmp_path / "m.pt")
    for key in (None, "weight_hh_l0", "original"):
        with pytest.raises(ValueError, match=r"code that the file does not hold.*remove_parametrizations"):
            na.load(tmp_path / "m.pt", key=key, orientation="target_source")
    net = na.from_torch(module)
    np.testing.assert_allclose(net.weights, module.weight_hh_l0.detach().T, rtol=1e-6)
    assert net.history == ("load: weight_hh_l0 as the module computes it",)


def test_a_projected_lstm_hears_its_projection(tmp_path, seeded):
    """From unit to unit: a cell's output o tanh(c) reaches the gates through W_hr and W_hh."""
    model = torch.nn.ModuleDict({"lstm": torch.nn.LSTM(3, 6, proj_size=2), "fc": torch.nn.Linear(2, 4)})
    torch.save(model.state_dict(), tmp_path / "m.pt")
    lstm = model["lstm"]
    hh, hr = lstm.weight_hh_l0.detach().double(), lstm.weight_hr_l0.detach().double()
    for k, gate in enumerate("ifgo"):
        net = na.load(tmp_path / "m.pt", key=f"weight_hh_l0[{gate}]", orientation="target_source")
        np.testing.assert_allclose(net.weights, (hh[6 * k : 6 * k + 6] @ hr).T, rtol=1e-6)
        np.testing.assert_allclose(net.outputs, (model["fc"].weight.detach().double() @ hr).T, rtol=1e-6)
        assert "weight_hr_l0, the projection of the units" in net.history[0]


# ---------------------------------------------------------------- parts of a model


SEQUENCE_TO_SEQUENCE = torch.nn.ModuleDict(
    {
        "encoder": torch.nn.ModuleDict({"rnn": torch.nn.RNN(2, 4)}),
        "decoder": torch.nn.ModuleDict({"rnn": torch.nn.RNN(3, 4), "fc": torch.nn.Linear(4, 3)}),
    }
)
RATE_UNITS = {
    "rnn.input2h.weight": torch.randn(5, 2),
    "rnn.h2h.weight": torch.randn(5, 5),
    "rnn.h2h.bias": torch.zeros(5),
    "fc.weight": torch.randn(3, 5),
}


@pytest.mark.parametrize("name", ["fc", "head", "decoder", "readout", "linear", "out", "output_layer"])
@pytest.mark.parametrize("cell", [torch.nn.RNN, torch.nn.RNNCell])
def test_readouts_are_found_under_the_names_that_people_use(tmp_path, seeded, name, cell):
    model = torch.nn.ModuleDict({"rnn": cell(2, 5), name: torch.nn.Linear(5, 3)})
    torch.save(model.state_dict(), tmp_path / "m.pt")
    net = na.load(tmp_path / "m.pt", orientation="target_source")
    np.testing.assert_array_equal(net.outputs, model[name].weight.detach().T)
    assert net.metadata["outputs"] == f"{name}.weight"


def test_a_part_of_a_model_gets_no_other_part_s_ends(tmp_path, seeded):
    torch.save(SEQUENCE_TO_SEQUENCE.state_dict(), tmp_path / "m.pt")
    encoder = na.load(tmp_path / "m.pt", key="encoder.rnn.weight_hh_l0", orientation="target_source")
    assert (encoder.inputs.shape, encoder.outputs) == ((2, 4), None)
    assert encoder.metadata["outputs"].startswith("none")
    decoder = na.load(tmp_path / "m.pt", key="decoder.rnn.weight_hh_l0", orientation="target_source")
    assert (decoder.inputs.shape, decoder.outputs.shape) == ((3, 4), (4, 3))
    # A readout of the whole model could be either's.
    state = SEQUENCE_TO_SEQUENCE.state_dict()
    state["fc.weight"] = state.pop("decoder.fc.weight")
    torch.save(state, tmp_path / "m.pt")
    for part in ("encoder", "decoder"):
        assert na.load(tmp_path / "m.pt", f"{part}.rnn.weight_hh_l0", "target_source").outputs is None


def test_two_readouts_are_a_doubt_and_named(tmp_path, seeded):
    state = Net(torch.nn.RNN).state_dict() | {"head.weight": torch.ones(1, 3)}
    torch.save(state, tmp_path / "m.pt")
    net = na.load(tmp_path / "m.pt", orientation="target_source")
    assert net.outputs is None
    assert net.metadata["outputs"] == "none: 'readout.weight' and 'head.weight' could both be it"
    with pytest.warns(UserWarning, match="no outputs"):
        na.pathways(net, max_hops=1)


def test_the_readout_reads_from_the_last_layer_in_both_directions(tmp_path, seeded):
    model = torch.nn.ModuleDict(
        {"rnn": torch.nn.RNN(2, 3, num_layers=2, bidirectional=True), "fc": torch.nn.Linear(6, 4)}
    )
    torch.save(model.state_dict(), tmp_path / "m.pt")
    readout = model["fc"].weight.detach().T
    for key, expected in {"l1": readout[:3], "l1_reverse": readout[3:], "l0": None}.items():
        net = na.load(tmp_path / "m.pt", key=f"weight_hh_{key}", orientation="target_source")
        if expected is None:
            assert net.outputs is None
            assert "last layer" in net.metadata["outputs"]
        else:
            np.testing.assert_array_equal(net.outputs, expected)


def test_layers_of_ones_own_code(tmp_path):
    torch.save(RATE_UNITS, tmp_path / "m.pt")
    net = na.load(tmp_path / "m.pt", orientation="target_source")
    assert (net.metadata["key"], net.inputs.shape, net.outputs.shape) == ("rnn.h2h.weight", (2, 5), (5, 3))
    np.testing.assert_array_equal(net.weights, RATE_UNITS["rnn.h2h.weight"].T)


@pytest.mark.parametrize(
    "state",
    [
        {"0.weight": torch.eye(4), "2.weight": torch.ones(2, 4)},
        {"mlp_extractor.policy_net.2.weight": torch.eye(4)},
        {"fc1.weight": torch.ones(4, 2), "fc2.weight": torch.eye(4)},
        {"attn.q_proj.weight": torch.eye(4)},
        {"embedding.weight": torch.eye(4)},
        {"optimizer_state": {"state": {0: {"exp_avg": torch.eye(4)}}}, "W": torch.ones(2, 4)},
        {"state": {0: {"momentum_buffer": torch.eye(4)}}},
    ],
    ids=lambda state: next(iter(state)),
)
def test_feed_forward_layers_and_moments_are_no_networks(tmp_path, state):
    torch.save(state, tmp_path / "m.pt")
    with pytest.raises(ValueError, match="holds no square array"):
        na.load(tmp_path / "m.pt", orientation="target_source")


def test_checkpoints_of_all_names(tmp_path, seeded):
    """Lightning's .ckpt, .pth.tar and Hugging Face's .bin, with plain things beside the weights."""
    model = Net(torch.nn.RNN)
    state = {f"model.{name}": value for name, value in model.state_dict().items()}
    checkpoint = {
        "epoch": 3,
        "global_step": 120,
        "pytorch-lightning_version": "2.1",
        "state_dict": state,
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(3, 3)}}}],
        "hyper_parameters": {"lr": 0.01},
    }
    for name in ("m.ckpt", "m.pth.tar", "m.bin"):
        torch.save(checkpoint, tmp_path / name)
        net = na.load(tmp_path / name, orientation="target_source")
        np.testing.assert_array_equal(net.weights, model.rnn.weight_hh_l0.detach().T)
        assert (net.name, net.outputs.shape) == ("m", (3, 4))


# ---------------------------------------------------------------- from memory


def test_a_module_and_its_file_are_one_network(tmp_path, seeded):
    model = Net(torch.nn.GRU)
    torch.save(model.state_dict(), tmp_path / "m.pt")
    for gate in "rzn":
        net = na.from_torch(model, gate=gate)
        file = na.load(tmp_path / "m.pt", key=f"weight_hh_l0[{gate}]", orientation="target_source")
        for field in ("weights", "inputs", "outputs"):
            np.testing.assert_array_equal(getattr(net, field), getattr(file, field))
        assert net.metadata["biases"][f"rnn.bias_hh_l0[{gate}]"].shape == (3,)
    stack = na.from_torch(model)
    file = na.load(tmp_path / "m.pt", key="weight_hh_l0[:]", orientation="target_source")
    np.testing.assert_array_equal(stack.weights, file.weights)
    np.testing.assert_array_equal(stack.weights, [na.from_torch(model, gate=g).weights for g in "rzn"])
    np.testing.assert_array_equal(
        stack.metadata["inputs_of_stack"], [na.from_torch(model, gate=g).inputs for g in "rzn"]
    )
    assert (stack.metadata["gates"], stack.inputs) == ("r z n", None)
    np.testing.assert_array_equal(na.from_torch(model.state_dict(), gate=2).weights, stack.weights[2])


def test_layers_cells_and_directions_are_chosen(seeded):
    model = torch.nn.ModuleDict({"a": torch.nn.RNN(2, 3, 2, bidirectional=True), "b": torch.nn.RNNCell(2, 4)})
    assert na.from_torch(model, cell="b").n_nodes == 4
    net = na.from_torch(model, cell="a", layer=1, reverse=True)
    np.testing.assert_array_equal(net.weights, model["a"].weight_hh_l1_reverse.detach().T)
    with pytest.raises(ValueError, match=r"several recurrent layers; choose with cell=, layer=.*a\.weight_hh_l0.*b\.w"):
        na.from_torch(model)
    with pytest.raises(ValueError, match="has no recurrent layer with cell='c'"):
        na.from_torch(model, cell="c")
    with pytest.raises(ValueError, match="holds no recurrent weights"):
        na.from_torch(torch.nn.Linear(3, 3))
    with pytest.raises(TypeError, match="torch module or a state dict"):
        na.from_torch(torch.eye(3))
    with pytest.raises(ValueError, match=r"na\.Connectome\(W\.T\)"):
        na.from_torch({"W_rec": torch.eye(3)})


def test_parameters_modules_and_state_dicts_are_no_matrices(seeded):
    rnn = torch.nn.RNN(2, 3)
    for bad in (rnn, rnn.state_dict(), rnn.weight_hh_l0):
        for take in (na.Connectome, na.spectral_radius):
            with pytest.raises(TypeError, match=r"na\.from_torch"):
                take(bad)
    plain = torch.tensor(W)
    np.testing.assert_array_equal(na.Connectome(plain).weights, W)
    np.testing.assert_array_equal(na.Connectome(rnn.weight_hh_l0.detach().T).weights, na.from_torch(rnn).weights)


def test_arrays_under_torch_s_names_need_no_torch(seeded):
    state = {name: value.numpy() for name, value in Net(torch.nn.RNN).state_dict().items()}
    np.testing.assert_array_equal(na.from_torch(state).weights, state["rnn.weight_hh_l0"].T)


def test_a_gate_that_is_not_there_is_named_in_the_words_of_from_torch():
    with pytest.raises(ValueError, match="has no gate 'n'; choose gate='i' or gate='f'"):
        na.from_torch(torch.nn.LSTM(3, 5), gate="n")
