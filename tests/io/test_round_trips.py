"""What save() writes, load() reads."""

import json

import h5py
import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

import netanalysis as na
from netanalysis._core import memory
from tests.io.foreign import LABELS, W


@pytest.fixture
def full():
    rng = np.random.default_rng(0)
    return na.Connectome(
        W,
        positions=rng.normal(size=(3, 3)),
        distances=rng.random((3, 3)),
        labels=LABELS,
        modules=["a", "b", "b"],
        inputs=rng.normal(size=(2, 3)),
        outputs=rng.normal(size=(3, 4)),
        name="three cells",
        metadata={"species": "C. elegans", "seed": np.int64(3), "doi": ["10.1/x"], "note": "größe"},
        history=("absolute",),
    )


EVERYTHING = pytest.mark.parametrize("suffix", [".npz", ".h5", ".hdf5", ".mat", ".safetensors"])


@EVERYTHING
def test_round_trip_keeps_everything(tmp_path, full, suffix):
    path = tmp_path / f"net{suffix}"
    na.save(full, path)
    back = na.load(path)
    np.testing.assert_array_equal(back.weights, W)
    for name in ("positions", "distances", "labels", "modules", "inputs", "outputs"):
        np.testing.assert_array_equal(getattr(back, name), getattr(full, name), err_msg=name)
    assert (back.name, back.history) == (full.name, full.history)
    assert {k: back.metadata[k] for k in full.metadata} == {k: full.metadata[k] for k in full.metadata}
    assert back.metadata["file"] == path.name
    assert back.metadata["orientation"] == "source_target"


@EVERYTHING
def test_round_trip_of_a_bare_network_adds_nothing(tmp_path, suffix):
    na.save(W, tmp_path / f"net{suffix}")
    back = na.load(tmp_path / f"net{suffix}")
    np.testing.assert_array_equal(back.weights, W)
    fields = ("positions", "distances", "labels", "modules", "inputs", "outputs")
    assert all(getattr(back, name) is None for name in fields)
    assert back.name == "net"  # that of its file, as of any other file
    assert back.history == ()


@EVERYTHING
def test_round_trip_keeps_sparse_weights_sparse(tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    na.save(na.Connectome(sparse.csr_array(W), modules=[1, 2, 3]), path)
    back = na.load(path)
    assert back.is_sparse
    np.testing.assert_array_equal(back.weights.toarray(), W)
    np.testing.assert_array_equal(back.modules, [1, 2, 3])


@EVERYTHING
def test_round_trip_of_a_stack(tmp_path, suffix):
    stack = np.stack([W, 2 * W, -W, W + 1])
    na.save(stack, tmp_path / f"net{suffix}")
    np.testing.assert_array_equal(na.load(tmp_path / f"net{suffix}").weights, stack)


@EVERYTHING
def test_round_trip_of_one_node(tmp_path, suffix):
    na.save([[2.5]], tmp_path / f"net{suffix}")
    np.testing.assert_array_equal(na.load(tmp_path / f"net{suffix}").weights, [[2.5]])


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".graphml"])
@pytest.mark.parametrize("labels", [LABELS, None, [7, 3, 5]])
def test_round_trip_of_text_formats_is_exact(tmp_path, suffix, labels):
    path = tmp_path / f"net{suffix}"
    na.save(na.Connectome(W, labels=labels), path)
    back = na.load(path)
    np.testing.assert_array_equal(back.weights, W)
    assert back.labels is None if labels is None else back.labels.tolist() == labels


def test_npy_keeps_weights_and_says_nothing_of_direction(tmp_path):
    na.save(W, tmp_path / "w.npy")
    with pytest.raises(ValueError, match="orientation="):
        na.load(tmp_path / "w.npy")
    np.testing.assert_array_equal(na.load(tmp_path / "w.npy", orientation="source_target").weights, W)


@settings(max_examples=20, deadline=None)
@given(
    hnp.arrays(np.float64, (4, 4), elements=st.floats(allow_nan=False, allow_infinity=False)),
    st.sampled_from([".npz", ".csv", ".tsv", ".graphml", ".mat", ".h5", ".safetensors"]),
)
def test_any_weights_survive_to_the_last_bit(tmp_path_factory, weights, suffix):
    path = tmp_path_factory.mktemp("bits") / f"w{suffix}"
    net = na.Connectome(weights)  # what hypothesis draws may be symmetric up to rounding, which is taken out here
    na.save(net.weights, path)
    np.testing.assert_array_equal(na.load(path).weights, net.weights)


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".tsv", ".graphml"])
def test_save_names_what_it_drops(tmp_path, full, suffix):
    with pytest.warns(UserWarning, match="distances, history, inputs, .*metadata, modules, name, outputs, positions"):
        na.save(full, tmp_path / f"net{suffix}")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".graphml"])
def test_save_refuses_stacks_where_one_network_fits(tmp_path, suffix):
    with pytest.raises(ValueError, match="one network"):
        na.save(np.stack([W, W]), tmp_path / f"net{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["net.pkl", "net.pt", "net", "net.xyz"])
def test_save_refuses_other_formats(tmp_path, name):
    with pytest.raises(ValueError, match=r"save\(\) writes \.npz"):
        na.save(W, tmp_path / name)


def test_save_replaces_in_one_step(tmp_path, full, monkeypatch):
    path = tmp_path / "net.npz"
    na.save(full, path)
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez_compressed", lambda file, **_: file.write(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        na.save(W, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_save_into_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere"):
        na.save(W, tmp_path / "nowhere" / "net.npz")


def test_save_refuses_metadata_that_are_not_plain(tmp_path):
    with pytest.raises(TypeError, match="metadata\\['f'\\]"):
        na.save(na.Connectome(W, metadata={"f": object()}), tmp_path / "net.npz")
    with pytest.raises(TypeError, match="keys must be strings"):
        na.save(na.Connectome(W, metadata={1: 2}), tmp_path / "net.npz")


def test_npz_is_plain_and_needs_no_pickle(tmp_path, full):
    na.save(full, tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["weights"], W)
        assert json.loads(str(arrays["netanalysis"]))["orientation"] == "source_target"


def test_provenance_of_the_first_file_survives_a_second(tmp_path):
    np.save(tmp_path / "first.npy", W)
    first = na.load(tmp_path / "first.npy", orientation="target_source")
    na.save(first, tmp_path / "second.npz")
    second = na.load(tmp_path / "second.npz")
    assert second.metadata["file"] == "second.npz"
    assert second.metadata["origin"] == dict(first.metadata)
    assert len(first.metadata["sha256"]) == 64


def test_saved_files_settle_their_orientation(tmp_path):
    na.save(W, tmp_path / "net.npz")
    np.testing.assert_array_equal(na.load(tmp_path / "net.npz", "weights", "source_target").weights, W)
    with pytest.raises(ValueError, match="contradicts"):
        na.load(tmp_path / "net.npz", orientation="target_source")
    for suffix in (".npz", ".mat", ".h5", ".safetensors"):
        na.save(W, tmp_path / f"net{suffix}")
        with pytest.raises(ValueError, match="leave key out"):
            na.load(tmp_path / f"net{suffix}", key="positions")


def test_newer_layout_is_refused(tmp_path):
    np.savez(tmp_path / "net.npz", weights=W, netanalysis=json.dumps({"format": "connectome", "version": 99}))
    with pytest.raises(ValueError, match="update netanalysis"):
        na.load(tmp_path / "net.npz")


def test_saved_mat_is_a_matlab_matrix(tmp_path):
    na.save(na.Connectome(sparse.csr_array(W), labels=LABELS), tmp_path / "w.mat")
    w = scipy.io.loadmat(tmp_path / "w.mat", spmatrix=False)["weights"]
    np.testing.assert_array_equal(w.toarray(), W)


@pytest.mark.parametrize("suffix", [".npz", ".mat", ".h5", ".safetensors", ".csv", ".graphml"])
def test_size_of_saved_files_is_checked(tmp_path, suffix, monkeypatch):
    na.save(W, tmp_path / f"w{suffix}")
    monkeypatch.setattr(memory, "LIMIT_BYTES", 20)
    with pytest.raises(MemoryError, match="limit"):
        na.load(tmp_path / f"w{suffix}")


def test_saved_files_that_lack_an_array(tmp_path):
    header = json.dumps({"format": "connectome", "version": 1})
    np.savez(tmp_path / "w.npz", netanalysis=header)
    scipy.io.savemat(tmp_path / "w.mat", {"netanalysis": header})
    safetensors.numpy.save_file({"x": W}, tmp_path / "w.safetensors", metadata={"netanalysis": header})
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["netanalysis"] = header
    for suffix in (".npz", ".mat", ".safetensors", ".h5"):
        with pytest.raises(ValueError, match=rf"w\{suffix} lacks the .* 'weights'"):
            na.load(tmp_path / f"w{suffix}")
    np.savez(tmp_path / "w.npz", netanalysis=json.dumps(["x"]), weights=W)
    with pytest.raises(ValueError, match="not that of a connectome"):
        na.load(tmp_path / "w.npz")


def test_metadata_arrays_become_lists(tmp_path):
    na.save(na.Connectome(W, metadata={"a": np.arange(3), "b": {"c": (1, 2)}}), tmp_path / "w.npz")
    metadata = na.load(tmp_path / "w.npz").metadata
    assert (metadata["a"], metadata["b"]) == ([0, 1, 2], {"c": [1, 2]})


def test_mat_stack_of_stacks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="stacks of shape"):
        na.save(np.zeros((2, 2, 3, 3)), tmp_path / "w.mat")


@pytest.mark.parametrize(
    ("suffix", "label"),
    [(".csv", " c "), (".tsv", "c\n"), (".csv", "c\x01"), (".graphml", "c\x00d"), (".h5", "c\x00d")],
)
def test_labels_that_a_format_would_change_are_refused(tmp_path, suffix, label):
    net = na.Connectome(np.eye(3), labels=["a", "b", label])
    with pytest.raises(ValueError, match=rf"a {suffix} file cannot hold the label .* save net.npz"):
        na.save(net, tmp_path / f"net{suffix}")
    assert not list(tmp_path.iterdir())
    na.save(net, tmp_path / "net.npz")
    assert na.load(tmp_path / "net.npz").labels.tolist() == ["a", "b", label]


@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
@pytest.mark.parametrize(
    "labels",
    [["L;V1", "R;V1", "L;V2"], ["L|V1", "R|V1", "a"], ["a", "b", ",;"], ["x\ty", "b", "c,d"], ['q"t;', "b", "c"]],
)
def test_names_with_what_separates_cells_come_back(tmp_path, suffix, labels):
    """Seen: save wrote L;V1 into a .csv file that load then cut at the semicolons."""
    net = na.Connectome(np.arange(9.0).reshape(3, 3), labels=labels)
    na.save(net, tmp_path / f"n{suffix}")
    back = na.load(tmp_path / f"n{suffix}")
    assert back.labels.tolist() == labels
    np.testing.assert_array_equal(back.weights, net.weights)


def test_unquoted_names_with_semicolons_of_other_programs_are_read(tmp_path):
    (tmp_path / "n.csv").write_text("node,L;V1,R;V1,L;V2\nL;V1,0,1,2\nR;V1,1,0,4\nL;V2,2,4,0\n")
    assert na.load(tmp_path / "n.csv").labels.tolist() == ["L;V1", "R;V1", "L;V2"]
