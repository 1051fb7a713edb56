"""HDF5: Keras weights, laid out as Keras 3.15 does, and sparse groups."""

import h5py
import numpy as np
import pytest

import netanalysis as na
from tests.io.foreign import W


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
