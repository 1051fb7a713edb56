"""Names first, then shapes: an array is never the network against its name, and comes along where its name says so."""

import h5py
import numpy as np
import pytest
import safetensors.numpy
import scipy.io
import torch

import netanalysis as na
from netanalysis.io import _names
from tests.io.foreign import LABELS, W

WRITE = {
    ".npz": lambda path, arrays: np.savez(path, **arrays),
    ".mat": lambda path, arrays: scipy.io.savemat(path, arrays),
    ".safetensors": lambda path, arrays: safetensors.numpy.save_file(arrays, path),
    ".pt": lambda path, arrays: torch.save({k: torch.tensor(v) for k, v in arrays.items()}, path),
}


def _h5(path, arrays):
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array


WRITE[".h5"] = _h5
FORMATS = pytest.mark.parametrize("suffix", WRITE)
NOT_NETWORKS = [
    "W_out", "w_out", "wo", "readout", "output", "W_in", "wi", "inputs", "W_fb", "distances", "dist",
    "tract_lengths", "fiber_length", "positions", "coords", "xyz", "centres", "mask", "delays", "pvals",
]  # fmt: skip


@FORMATS
@pytest.mark.parametrize("name", NOT_NETWORKS)
def test_the_only_square_array_is_not_the_network_against_its_name(tmp_path, suffix, name):
    path = tmp_path / f"a{suffix}"
    WRITE[suffix](path, {name: np.eye(6), "w1": np.ones((7, 2)), "strength": np.ones(5)})
    with pytest.raises(ValueError, match=rf"leaves free to be the network; .*key='{name}'.*'{name}' \(6, 6\)"):
        na.load(path, orientation="source_target")
    assert na.load(path, key=name).n_nodes == 6  # who names it, gets it


@FORMATS
def test_recurrent_weights_go_before_other_squares(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    WRITE[suffix](path, {"W_in": np.eye(3), "W_rec": W, "W_out": np.eye(3), "mask": np.eye(3), "A": np.eye(3)})
    with pytest.warns(UserWarning, match=r"'A' \(3, 3\), 'mask' \(3, 3\) \(a mask that is not applied\): left out"):
        net = na.load(path, orientation="source_target")
    np.testing.assert_array_equal(net.weights, W)
    np.testing.assert_array_equal(net.inputs, np.eye(3))
    assert (net.metadata["inputs"], net.metadata["outputs"]) == ("W_in", "W_out")


def test_recurrent_weights_that_are_not_square_do_not_make_another_array_the_network(tmp_path):
    np.savez(tmp_path / "a.npz", W_rec=np.ones((6, 2)), A=np.eye(6))
    with pytest.raises(ValueError, match="no square array"):
        na.load(tmp_path / "a.npz")


def test_factors_of_a_low_rank_matrix_are_recognised(tmp_path):
    np.savez(tmp_path / "a.npz", m=np.ones((6, 2)), n=np.ones((6, 2)), wi=np.ones((3, 6)), wo=np.ones((6, 1)))
    with pytest.raises(ValueError, match=r"factors of a low-rank matrix.*na\.Connectome\(n @ m\.T / len\(m\)\)"):
        na.load(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("name", "role"),
    {
        "fc": "", "fc.weight": "outputs", "fc2.weight": "layer", "net.0.weight": "layer", "SC": "", "conn": "",
        "rnn.weight_ih_l0": "inputs", "rnn.bias_hh_l0_reverse": "bias", "tractLengths": "distances",
        "optimizer.state.0.exp_avg": "optimizer", "opt_state/0/mu/h2h/kernel": "optimizer", "mu": "",
        "lstm/kernel/Adam_1": "optimizer", "layers/dense/vars/0": "outputs", "sub(2).nodeNames": "labels",
        "W_rec_grad": "optimizer", "J": "", "h2h.weight": "recurrent", "cellTypes": "modules", "weights": "",
    }.items(),
)  # fmt: skip
def test_what_names_say(name, role):
    assert _names.role(name) == role


# ---------------------------------------------------------------- what a file says of its nodes


POSITIONS = np.arange(9.0).reshape(3, 3) ** 2


def test_what_the_names_say_of_nodes_comes_along(tmp_path):
    types = np.array(["s", "m", "m"])
    lengths = np.arange(9.0).reshape(3, 3)
    np.savez(
        tmp_path / "a.npz", sc=W, region_labels=np.array(LABELS), coords=POSITIONS, cell_type=types, lengths=lengths
    )
    for orientation, turn in (("source_target", np.asarray), ("target_source", np.transpose)):
        net = na.load(tmp_path / "a.npz", orientation=orientation)
        np.testing.assert_array_equal(net.weights, turn(W))
        np.testing.assert_array_equal(net.distances, turn(lengths))
        np.testing.assert_array_equal(net.positions, POSITIONS)
        assert net.labels.tolist() == LABELS
        assert net.modules.tolist() == ["s", "m", "m"]


def test_columns_of_matlab_become_labels_and_positions(tmp_path):
    names = np.array(LABELS, dtype=object).reshape(3, 1)
    content = {"A": W, "names": names, "ci": np.array([[1.0], [2], [2]]), "xyz": POSITIONS.T[:2], "n": 3}
    scipy.io.savemat(tmp_path / "a.mat", content)
    net = na.load(tmp_path / "a.mat", orientation="source_target")
    assert (net.labels.tolist(), net.modules.tolist()) == (LABELS, [1, 2, 2])
    np.testing.assert_array_equal(net.positions, POSITIONS[:, :2])


def test_what_describes_nodes_under_another_name_is_named_once(tmp_path):
    np.savez(tmp_path / "a.npz", A=W, volume=np.ones(3), labels=np.array(["a", "b"]), bias=np.ones(3), dt=0.1)
    with pytest.warns(UserWarning, match=r"'labels' \(2,\), 'volume' \(3,\): left out") as said:
        net = na.load(tmp_path / "a.npz", orientation="source_target")
    assert len(said) == 1
    assert net.labels is None
    np.savez(tmp_path / "b.npz", A=W, distances=np.full((3, 3), np.nan))
    with pytest.warns(UserWarning, match=r"'distances' \(3, 3\): left out"):
        na.load(tmp_path / "b.npz", orientation="source_target")


def test_what_only_matlab_reads_is_named_too(tmp_path):
    with h5py.File(tmp_path / "w.mat", "w", userblock_size=512) as file:
        for name, kind, value in (("A", "double", W.T), ("labels", "string", np.zeros((1, 6), np.uint32))):
            file[name] = value
            file[name].attrs["MATLAB_class"] = np.bytes_(kind)
    with pytest.warns(UserWarning, match="also holds 'labels': left out"):
        na.load(tmp_path / "w.mat", orientation="source_target")


def test_single_words_describe_no_node(tmp_path):
    scipy.io.savemat(tmp_path / "w.mat", {"A": W, "region": "V1", "atlas": "abc"})
    assert na.load(tmp_path / "w.mat", orientation="source_target").labels is None


# ---------------------------------------------------------------- stacks along any axis


@pytest.mark.parametrize("axis", [0, 1, 2])
@FORMATS
def test_networks_are_stacked_along_any_axis(tmp_path, suffix, axis):
    stack = np.stack([W, 2 * W, -W, W + 1])
    path = tmp_path / f"a{suffix}"
    WRITE[suffix](path, {"sc": np.ascontiguousarray(np.moveaxis(stack, 0, axis))})
    net = na.load(path, orientation="source_target")
    np.testing.assert_array_equal(net.weights, stack)
    assert bool(net.history) == (axis > 0)


@FORMATS
def test_as_many_networks_as_nodes_leave_a_doubt(tmp_path, suffix):
    WRITE[suffix](tmp_path / f"a{suffix}", {"sc": np.stack([W, W, W])})
    with pytest.raises(ValueError, match=r"\(3, 3, 3\) stacks networks along an axis that its shape does not settle"):
        na.load(tmp_path / f"a{suffix}", orientation="source_target")
