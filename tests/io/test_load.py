"""Files of all kinds: orientation, the choice among arrays, refusals."""

import pickle

import h5py
import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import scipy.io
import torch
from scipy import sparse

import netanalysis as na
import netanalysis.io
from netanalysis.io._refused import REFUSED
from tests.io.foreign import BOTH, FOREIGN, LABELS, W, _header_only, _index_only, _tsv_labelled, stored


@BOTH
@pytest.mark.parametrize(("write", "suffix"), FOREIGN, ids=[f"{w.__name__}{s}" for w, s in FOREIGN])
def test_foreign_files_are_oriented_as_stated(tmp_path, write, suffix, orientation):
    path = tmp_path / f"file{suffix}"
    write(path, stored(orientation))
    with pytest.raises(ValueError, match=f"{path.name}.*not symmetric.*pass orientation="):
        na.load(path)
    net = na.load(path, orientation=orientation)
    weights = net.weights.toarray() if net.is_sparse else net.weights
    np.testing.assert_allclose(weights, W, rtol=1e-7)
    assert net.is_sparse == ("sparse" in write.__name__ or "coo" in write.__name__)
    assert net.name == "file"
    assert net.metadata["orientation"] == orientation
    if write in (_tsv_labelled, _header_only, _index_only):
        assert net.labels.tolist() == LABELS


@pytest.mark.parametrize(("write", "suffix"), FOREIGN, ids=[f"{w.__name__}{s}" for w, s in FOREIGN])
def test_symmetric_weights_need_no_orientation(tmp_path, write, suffix):
    path = tmp_path / f"file{suffix}"
    write(path, W + W.T)
    assert na.load(path).metadata["orientation"] == "symmetric"


def test_rate_network_names(tmp_path):
    w_in, w_out = np.ones((3, 2)) * [1, 2], np.ones((4, 3)) * [[1], [2], [3], [4]]
    np.savez(tmp_path / "m.npz", W_rec=W.T, W_in=w_in, W_out=w_out, mask=W.T != 0)
    net = na.load(tmp_path / "m.npz", key="W_rec", orientation="target_source")
    np.testing.assert_array_equal(net.weights, W)
    np.testing.assert_array_equal(net.inputs, w_in.T)
    np.testing.assert_array_equal(net.outputs, w_out.T)
    other = na.load(tmp_path / "m.npz", key="W_rec", orientation="source_target")
    assert other.inputs is None  # shapes do not agree with what was stated
    assert other.outputs is None


MANY = {
    ".npz": lambda p: np.savez(p, chem=W, gap=W + W.T, labels=np.array(LABELS)),
    ".mat": lambda p: scipy.io.savemat(p, {"chem": W, "gap": sparse.csc_array(W + W.T), "labels": LABELS}),
    ".h5": lambda p: [h5py.File(p, "a").__setitem__(k, v) for k, v in {"chem": W, "gap": W + W.T}.items()],
    ".safetensors": lambda p: safetensors.numpy.save_file({"chem": W, "gap": W + W.T}, p),
    ".pt": lambda p: torch.save({"chem": torch.tensor(W), "gap": torch.tensor(W + W.T)}, p),
}


@pytest.mark.parametrize("suffix", MANY)
def test_key_chooses_among_several(tmp_path, suffix):
    path = tmp_path / f"two{suffix}"
    MANY[suffix](path)
    with pytest.raises(ValueError, match=r"several arrays.*key=.*'chem' \(3, 3\).*'gap' \(3, 3\)"):
        na.load(path)
    net = na.load(path, key="gap")
    np.testing.assert_array_equal(net.weights.toarray() if net.is_sparse else net.weights, W + W.T)
    np.testing.assert_array_equal(na.load(path, key="chem", orientation="target_source").weights, W.T)
    with pytest.raises(ValueError, match=r"no array named 'x'; it holds.*'chem' \(3, 3\)"):
        na.load(path, key="x")


def test_key_of_what_is_no_matrix(tmp_path):
    path = tmp_path / "m.npz"
    np.savez(path, W=W, labels=np.array(LABELS), wide=np.ones((3, 5)), z=W * 1j)
    for key, message in {"labels": "real numbers", "wide": "not square", "z": "real numbers"}.items():
        with pytest.raises(ValueError, match=rf"'{key}'.*{message}"):
            na.load(path, key=key)
    np.savez(path, wide=np.ones((3, 6)))
    with pytest.raises(ValueError, match=r"not square.*2 square blocks.*key='wide\[0\]' to 'wide\[1\]'"):
        na.load(path, key="wide")
    for name, shape in {"wide": (3, 5), "tall": (5, 3)}.items():
        np.savez(path, **{name: np.ones(shape)})
        with pytest.raises(ValueError, match=rf"no square array.*'{name}' \({shape[0]}, {shape[1]}\)"):
            na.load(path)


def test_a_stack_of_one_and_a_network_of_one_node(tmp_path):
    for w in (W[None], np.ones((1, 1)), np.ones((2, 1, 1))):
        np.savez(tmp_path / "m.npz", W=w)
        assert na.load(tmp_path / "m.npz", orientation="source_target").weights.shape == w.shape


def test_of_a_folder_what_can_be_a_network_is_read(tmp_path):
    names = ["a.csv", "b.CSV.gz", ".hidden.csv", "a.csv.provenance.json", "notes.md"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "folder.npz").mkdir()
    read = [name for name in [*names, "folder.npz", "absent.npz"] if netanalysis.io.is_read(tmp_path / name)]
    assert read == ["a.csv", "b.CSV.gz"]


def test_the_same_ending_twice(tmp_path):
    np.savez(tmp_path / "m.npz", **{"a.W": W, "b.W": W})
    with pytest.raises(ValueError, match="full name"):
        na.load(tmp_path / "m.npz", key="W")


def test_ensemble_is_a_stack(tmp_path):
    np.savez(tmp_path / "e.npz", weights=np.stack([W, 2 * W]).transpose(0, 2, 1))
    net = na.load(tmp_path / "e.npz", orientation="target_source")
    np.testing.assert_array_equal(net.weights, np.stack([W, 2 * W]))


def test_real_trained_networks(shared_data):
    """The GRU's last block is its candidate; PsychRNN keeps [target, source]."""
    folder = shared_data / "connectomes"
    gru = folder / "rnn_g2p_gru256" / "data.npz"
    block = na.load(gru, key="enc_w_hh[2]", orientation="target_source")
    alone = na.load(gru, key="enc_candidate", orientation="target_source")
    np.testing.assert_array_equal(block.weights, alone.weights)
    psych = folder / "rnn_psychrnn_2afc50" / "data.npz"
    with pytest.warns(UserWarning, match=r"also holds 'init_state' \(1, 50\)"):
        net = na.load(psych, key="W_rec", orientation="target_source")
    assert (net.inputs.shape, net.outputs.shape) == ((2, 50), (50, 2))
    assert net.metadata["sha256"] == "46644e2d953d1badbcefb544d6fff866c937be77531c40cb20955335c921d3b7"


@pytest.mark.parametrize("suffix", [".pkl", ".pickle", ".joblib", *REFUSED])
def test_refused_formats_say_what_to_do(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(pickle.dumps(W))
    with pytest.raises(ValueError, match=rf"w\{suffix} is refused: ..."):
        na.load(path)


def test_other_arguments_are_checked(tmp_path):
    np.save(tmp_path / "w.npy", W)
    (tmp_path / "w.foo").touch()
    (tmp_path / "d.npy").mkdir()
    with pytest.raises(ValueError, match=r"suffix '\.foo'.*reads \.npz"):
        na.load(tmp_path / "w.foo")
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.npy"):
        na.load(tmp_path / "none.npy")
    with pytest.raises(ValueError, match="is a folder; give its files"):
        na.load(tmp_path / "d.npy")
    with pytest.raises(ValueError, match="orientation must be one of"):
        na.load(tmp_path / "w.npy", orientation="rows")
    with pytest.raises(TypeError, match="key must be"):
        na.load(tmp_path / "w.npy", key=0)
    with pytest.raises(ValueError, match="leave key out"):
        na.load(tmp_path / "w.npy", key="w", orientation="source_target")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path, value):
    np.save(tmp_path / "w.npy", W + np.diag([0, 0, value]))
    with pytest.raises(ValueError, match=r"w\.npy: weights must be finite"):
        na.load(tmp_path / "w.npy", orientation="source_target")


def test_ends_of_one_network_among_several_belong_to_none(tmp_path):
    ends = {"W_rec": W, "W_in": np.ones((2, 3))}
    np.savez(tmp_path / "one.npz", **ends)
    np.savez(tmp_path / "two.npz", **ends, **{"other.W_rec": 2 * W})
    assert na.load(tmp_path / "one.npz", orientation="source_target").inputs.shape == (2, 3)
    assert na.load(tmp_path / "two.npz", key="W_rec", orientation="source_target").inputs is None


@pytest.mark.parametrize("count", [40, 42])
def test_forty_arrays_are_named_and_of_others_the_number(tmp_path, count):
    np.savez(tmp_path / "w.npz", **{f"a{k}": W for k in range(count)})
    with pytest.raises(ValueError, match="'a39'") as caught:
        na.load(tmp_path / "w.npz", "b")
    assert ("and 2 more" in str(caught.value)) == (count == 42)
    assert "and 0 more" not in str(caught.value)
