"""HDF5: Keras weights, laid out as Keras 3.15 does, and sparse groups."""

import h5py
import numpy as np
import pytest
from scipy import sparse

import netanalysis as na
from tests.io.foreign import LABELS, W


def _keras(path, kind, cell, kernel, recurrent, readout, optimizer=True):
    """A recurrent layer "rec" and a Dense layer "readout", in the layout of save_weights or of save."""
    with h5py.File(path, "w") as file:
        if path.name.endswith(".weights.h5"):
            at = file.create_group(f"layers/{kind}/cell/vars")
            at.attrs["name"] = cell
            at["0"], at["1"], at["2"] = kernel, recurrent, np.zeros(recurrent.shape[1])
            at = file.create_group("layers/dense/vars")
            at.attrs["name"] = "readout"
            at["0"], at["1"] = readout, np.zeros(readout.shape[1])
            if optimizer:
                file["optimizer/vars/2"] = recurrent
        else:
            base = f"model_weights/rec/sequential/rec/{cell}"
            file[f"{base}/kernel"], file[f"{base}/recurrent_kernel"] = kernel, recurrent
            file["model_weights/readout/sequential/readout/kernel"] = readout
            if optimizer:
                file["optimizer_weights/adam/sequential_rec_recurrent_kernel"] = recurrent


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])
def test_keras_kernels_are_source_target(tmp_path, suffix):
    rng = np.random.default_rng(0)
    kernel, readout = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    path = tmp_path / f"model{suffix}"
    _keras(path, "simple_rnn", "simple_rnn_cell", kernel, W, readout)
    net = na.load(path)
    np.testing.assert_array_equal(net.weights, W)
    np.testing.assert_array_equal(net.inputs, kernel)
    np.testing.assert_array_equal(net.outputs, readout)
    assert net.name == "model"
    with pytest.raises(ValueError, match="contradicts"):
        na.load(path, orientation="target_source")


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])
@pytest.mark.parametrize(("kind", "gates"), [("gru", "zrh"), ("lstm", "ifco")])
def test_keras_gates(tmp_path, suffix, kind, gates):
    rng = np.random.default_rng(0)
    kernel, recurrent = rng.normal(size=(2, 3 * len(gates))), rng.normal(size=(3, 3 * len(gates)))
    path = tmp_path / f"model{suffix}"
    _keras(path, kind, f"{kind}_cell_1", kernel, recurrent, rng.normal(size=(3, 4)))
    name = "cell/vars/1" if suffix == ".weights.h5" else "recurrent_kernel"
    with pytest.raises(ValueError, match=rf"{name}\[{gates[0]}\]"):
        na.load(path)
    for k, gate in enumerate(gates):
        net = na.load(path, key=f"{name}[{gate}]")
        columns = slice(3 * k, 3 * k + 3)
        np.testing.assert_array_equal(net.weights, recurrent[:, columns])
        np.testing.assert_array_equal(net.inputs, kernel[:, columns])


def test_names_of_bytes_are_text(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["W"] = W
        file["labels"] = np.array([f"é{k}".encode() for k in range(len(W))])
    assert na.load(tmp_path / "m.h5", orientation="source_target").labels.tolist() == [f"é{k}" for k in range(len(W))]


def test_text_that_is_not_utf_8_is_named_and_stops_only_what_needs_it(tmp_path):
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["W"], file["note"] = W, np.bytes_("é".encode("latin1"))
    with pytest.warns(UserWarning, match=r"'note' \(text that is not UTF-8\)"):
        net = na.load(path, orientation="source_target")
    np.testing.assert_array_equal(net.weights, W)
    with h5py.File(path, "a") as file:
        file["labels"] = np.array([f"é{k}".encode("latin1") for k in range(len(W))])
    with pytest.raises(ValueError, match=r"m\.h5: 'labels' holds text that is not UTF-8 \(byte 0xe9\); write it as"):
        na.load(path, orientation="source_target")


def test_the_readout_is_known_by_the_name_that_its_layer_was_given(tmp_path):
    path = tmp_path / "m.weights.h5"
    _keras(path, "simple_rnn", "simple_rnn_cell", np.ones((2, 3)), W, np.ones((3, 4)))
    with h5py.File(path, "a") as file:
        file["layers/dense/vars"].attrs["name"] = "hidden"
        file["layers/dense_1/vars/0"] = np.full((3, 4), 2.0)
        file["layers/dense_1/vars"].attrs["name"] = "readout"
    np.testing.assert_array_equal(na.load(path).outputs, np.full((3, 4), 2.0))


def test_variables_of_a_cell_of_ones_own_are_not_guessed(tmp_path):
    path = tmp_path / "m.weights.h5"
    _keras(path, "rnn", "my_cell", np.ones((2, 3)), W, np.ones((3, 4)), optimizer=False)
    with pytest.raises(ValueError, match="orientation="):
        na.load(path)


def test_recurrent_kernel_of_another_shape_is_no_candidate(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["rnn/recurrent_kernel"] = np.ones((3, 6))
    with pytest.raises(ValueError, match=r"no square array.*\(3, 6\)"):
        na.load(tmp_path / "m.h5")


# ---------------------------------------------------------------- CuDNN layers, fused kernels, two directions


def _as_cudnn(plain, gates):
    """What Keras makes of a plain kernel when it moves weights to a CuDNN layer: every block the other way round."""
    return np.hstack([block.T.reshape(block.shape, order="C") for block in np.hsplit(plain, gates)])


@pytest.mark.parametrize("told_by", ["name", "bias"])
@pytest.mark.parametrize(("layer", "gates"), [("cu_dnngru", "zrh"), ("CuDNNLSTM", "ifco")])
def test_cudnn_kernels_are_turned_gate_by_gate(tmp_path, layer, gates, told_by):
    rng = np.random.default_rng(0)
    kernel, recurrent = rng.normal(size=(2, 4 * len(gates))), rng.normal(size=(4, 4 * len(gates)))
    name = layer if told_by == "name" else "memory"
    with h5py.File(tmp_path / "m.h5", "w") as file:
        group = file.create_group(f"{name}/{name}")
        group["kernel:0"] = _as_cudnn(kernel, len(gates))
        group["recurrent_kernel:0"] = np.hstack([b.T for b in np.hsplit(recurrent, len(gates))])
        if told_by == "bias":
            group["bias:0"] = np.zeros(2 * 4 * len(gates))
    for k, gate in enumerate(gates):
        net = na.load(tmp_path / "m.h5", key=f"recurrent_kernel:0[{gate}]")
        np.testing.assert_array_equal(net.weights, recurrent[:, 4 * k : 4 * k + 4])
        np.testing.assert_array_equal(net.inputs, kernel[:, 4 * k : 4 * k + 4])
    stack = na.load(tmp_path / "m.h5", key="recurrent_kernel:0[:]")
    np.testing.assert_array_equal(stack.weights, np.stack(np.hsplit(recurrent, len(gates))))


def test_a_gru_that_resets_after_is_a_plain_one(tmp_path):
    recurrent = np.arange(48.0).reshape(4, 12)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["gru/gru_cell/recurrent_kernel:0"], file["gru/gru_cell/bias:0"] = recurrent, np.zeros((2, 12))
    np.testing.assert_array_equal(na.load(tmp_path / "m.h5", "recurrent_kernel:0[h]").weights, recurrent[:, 8:])


def test_both_directions_share_a_readout(tmp_path):
    readout = np.arange(24.0).reshape(6, 4)
    with h5py.File(tmp_path / "m.h5", "w") as file:
        for direction in ("forward", "backward"):
            file[f"bidirectional/{direction}_simple_rnn/simple_rnn_cell/recurrent_kernel:0"] = W
        file["dense/dense/kernel:0"] = readout
    for k, direction in enumerate(("forward", "backward")):
        net = na.load(tmp_path / "m.h5", key=f"bidirectional/{direction}_simple_rnn/simple_rnn_cell/recurrent_kernel:0")
        np.testing.assert_array_equal(net.outputs, readout[3 * k : 3 * k + 3])


def test_several_recurrent_layers_of_keras_share_no_readout(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        for layer in ("encoder", "decoder"):
            file[f"{layer}/simple_rnn_cell/recurrent_kernel:0"] = W
        file["dense/dense/kernel:0"] = np.ones((3, 4))
    net = na.load(tmp_path / "m.h5", key="encoder/simple_rnn_cell/recurrent_kernel:0")
    assert (net.outputs, net.metadata["outputs"]) == (None, "none: several layers are recurrent")


FUSED = {
    "rnn/basic_lstm_cell/kernel": "ijfo",
    "rnn/multi_rnn_cell/cell_0/lstm_cell/kernel:0": "ijfo",
    "rnn/gru_cell/gates/kernel": "ru",
    "lstm/linear/w": "igfo",
}


@pytest.mark.parametrize(("name", "gates"), FUSED.items())
@pytest.mark.parametrize("n_in", [3, 12])
def test_kernels_of_inputs_and_units_are_split(tmp_path, name, gates, n_in):
    """With 3 inputs a unit for 4 gates, [inputs + units, gates units] is square by chance."""
    whole = np.random.default_rng(0).normal(size=(n_in + 4, 4 * len(gates)))
    np.savez(tmp_path / "m.npz", **{name: whole, "dense/kernel": np.ones((4, 2))})
    for k, gate in enumerate(gates):
        net = na.load(tmp_path / "m.npz", key=f"{name}[{gate}]")
        np.testing.assert_array_equal(net.weights, whole[n_in:, 4 * k : 4 * k + 4])
        np.testing.assert_array_equal(net.inputs, whole[:n_in, 4 * k : 4 * k + 4])
    with pytest.raises(ValueError, match=rf"stacks {len(gates)} gates"):
        na.load(tmp_path / "m.npz")


def test_a_kernel_of_one_block_is_split_too(tmp_path):
    whole = np.arange(28.0).reshape(7, 4)
    np.savez(tmp_path / "m.npz", **{"rnn/basic_rnn_cell/kernel": whole})
    net = na.load(tmp_path / "m.npz")
    np.testing.assert_array_equal(net.weights, whole[3:])
    np.testing.assert_array_equal(net.inputs, whole[:3])
    np.savez(
        tmp_path / "m.npz", **{"lstm_cell/kernel": np.ones((5, 16)), "lstm_cell/projection/kernel": np.ones((4, 2))}
    )
    with pytest.raises(ValueError, match="projection in one kernel"):
        na.load(tmp_path / "m.npz")


@pytest.mark.parametrize("suffix", [".weights.h5", ".h5"])
def test_dense_layers_alone_are_no_network(tmp_path, suffix):
    with h5py.File(tmp_path / f"m{suffix}", "w") as file:
        file["layers/dense_1/vars/0" if suffix == ".weights.h5" else "dense_1/dense_1/kernel:0"] = np.eye(4)
    with pytest.raises(ValueError, match="leaves free to be the network"):
        na.load(tmp_path / f"m{suffix}")


# ---------------------------------------------------------------- from memory


def test_layers_of_keras_from_memory():
    rng = np.random.default_rng(0)
    kernel, recurrent, bias = rng.normal(size=(2, 12)), rng.normal(size=(4, 12)), np.zeros((2, 12))

    class Variable:
        def __init__(self, path, value):
            self.path, self.value = path, value

        def __array__(self, dtype=None, copy=None):
            return self.value

    class Layer:
        weights = (
            Variable("sequential/gru/gru_cell/kernel", kernel),
            Variable("sequential/gru/gru_cell/recurrent_kernel", recurrent),
            Variable("sequential/gru/gru_cell/bias", bias),
            Variable("sequential/readout/kernel", np.ones((4, 3))),
        )

    named = {variable.path: variable.value for variable in Layer.weights}
    for source in (Layer(), named, [kernel, recurrent, bias]):
        for k, gate in enumerate("zrh"):
            net = na.from_keras(source, gate=gate)
            np.testing.assert_array_equal(net.weights, recurrent[:, 4 * k : 4 * k + 4])
            np.testing.assert_array_equal(net.inputs, kernel[:, 4 * k : 4 * k + 4])
        assert na.from_keras(source).weights.shape == (3, 4, 4)
    assert na.from_keras(Layer(), layer="gru", gate="h").outputs.shape == (4, 3)
    with pytest.raises(ValueError, match="no recurrent layer with layer='lstm'"):
        na.from_keras(Layer(), layer="lstm")
    with pytest.raises(TypeError, match="get_weights"):
        na.from_keras([kernel])


def _flax(names, n_in=2, n=4):
    rng = np.random.default_rng(len(names))
    return {
        name: {"kernel": rng.normal(size=(n if name[0] == "h" else n_in, n)), "bias": np.zeros(n)} for name in names
    }


@pytest.mark.parametrize(
    ("cell", "gates", "hidden", "inputs"),
    [
        ("GRUCell_0", "rzn", ["hr", "hz", "hn"], ["ir", "iz", "in"]),
        ("OptimizedLSTMCell_0", "ifgo", ["hi", "hf", "hg", "ho"], ["ii", "if", "ig", "io"]),
        ("SimpleCell_0", "h", ["h"], ["i"]),
    ],
)
def test_cells_of_flax_from_memory_and_from_files(tmp_path, cell, gates, hidden, inputs):
    parts = _flax(hidden) | _flax(inputs)
    params = {"params": {cell: parts, "Dense_0": {"kernel": np.ones((4, 3))}}}
    flat = {f"params/{cell}/{k}/{what}": v for k, part in parts.items() for what, v in part.items()}
    np.savez(tmp_path / "m.npz", **flat, **{"params/Dense_0/kernel": np.ones((4, 3))})
    for gate, h, i in zip(gates, hidden, inputs, strict=True):
        key = f"{cell}[{gate}]" if len(gates) > 1 else "h/kernel"
        for net in (na.from_flax(params, gate=gate if len(gates) > 1 else None), na.load(tmp_path / "m.npz", key=key)):
            np.testing.assert_array_equal(net.weights, parts[h]["kernel"])
            np.testing.assert_array_equal(net.inputs, parts[i]["kernel"])
            np.testing.assert_array_equal(net.outputs, np.ones((4, 3)))
    if len(gates) > 1:
        assert na.from_flax(params).weights.shape == (len(gates), 4, 4)


def test_cells_of_flax_nnx():
    rng = np.random.default_rng(0)
    hidden, inputs = rng.normal(size=(4, 12)), rng.normal(size=(2, 12))

    class Variable:
        def __init__(self, value):
            self.value = value

    state = {"cell": {"dense_h": {"kernel": Variable(hidden)}, "dense_i": {"kernel": Variable(inputs)}}}
    for k, gate in enumerate("rzn"):
        net = na.from_flax(state, gate=gate)
        np.testing.assert_array_equal(net.weights, hidden[:, 4 * k : 4 * k + 4])
        np.testing.assert_array_equal(net.inputs, inputs[:, 4 * k : 4 * k + 4])
    with pytest.raises(ValueError, match="several recurrent layers; choose with cell="):
        na.from_flax({"a": state["cell"], "b": state["cell"]})
    assert na.from_flax({"a": state["cell"], "b": state["cell"]}, cell="b").weights.shape == (3, 4, 4)


# ---------------------------------------------------------------- sparse groups


@pytest.mark.parametrize("kind", ["csr", "csc"])
@pytest.mark.parametrize("layout", ["AnnData", "h5sparse", "10x"])
def test_sparse_groups_stay_sparse(tmp_path, kind, layout):
    matrix = getattr(sparse, f"{kind}_array")(W)
    if layout == "10x" and kind == "csr":
        pytest.skip("10x has one format")
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        group = file.create_group("obsp/connectivities")
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(matrix, part)
        if layout == "AnnData":
            group.attrs.update({"encoding-type": f"{kind}_matrix", "shape": W.shape})
        elif layout == "h5sparse":
            group.attrs.update({"h5sparse_format": kind, "h5sparse_shape": W.shape})
        else:
            group["shape"] = W.shape
            group.attrs["encoding-type"] = "csc"
        file["obs/_index"] = np.array(LABELS, dtype=object)
        file["X"] = np.ones((3, 7), np.float32)
    with pytest.warns(UserWarning, match=r"'X' \(3, 7\): left out"):
        net = na.load(tmp_path / "a.h5ad", orientation="source_target")
    assert net.is_sparse
    np.testing.assert_array_equal(net.weights.toarray(), W)
    assert net.labels.tolist() == LABELS
    assert net.metadata["key"] == "obsp/connectivities"


def test_sparse_groups_whose_indices_lie_outside_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("A")
        group["data"], group["indices"], group["indptr"] = [1.0], [10**6], [0, 1, 1, 1]
        group.attrs["shape"] = (3, 3)
    with pytest.raises(ValueError, match=r"a\.h5.*indices"):
        na.load(tmp_path / "a.h5", orientation="source_target")


@pytest.mark.parametrize("part", ["", "model/"])
def test_another_network_beside_the_one_that_is_read_is_said(tmp_path, part):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file[f"{part}W"], file[f"{part}B"] = W, np.ones((3, 3))  # not biases, which are one for each node
    with pytest.warns(UserWarning, match=r"also holds '.*B' \(3, 3\): left out"):
        net = na.load(tmp_path / "w.h5", orientation="source_target")
    np.testing.assert_array_equal(net.weights, W)


def test_arrays_are_listed_by_name(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w", track_order=True) as file:
        for name in ("c", "b/y", "b/x", "a"):
            file[name] = W
    with pytest.raises(ValueError, match=r"key=: 'a' .*, 'b/x' .*, 'b/y' .*, 'c' "):
        na.load(tmp_path / "w.h5")


@pytest.mark.parametrize("turn", [np.asarray, np.transpose])
def test_positions_have_a_row_or_a_column_for_each_node(tmp_path, turn):
    positions = np.arange(6.0).reshape(3, 2)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["W"], file["positions"] = W, turn(positions)
    net = na.load(tmp_path / "w.h5", orientation="source_target")
    np.testing.assert_array_equal(net.positions, positions)


def test_what_is_saved_can_be_read_without_netanalysis(tmp_path):
    na.save(na.Connectome(W, labels=LABELS), tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5") as file:
        np.testing.assert_array_equal(file["weights"], W)
        assert file["labels"].asstr()[:].tolist() == LABELS
