"""NumPy and scipy.sparse files."""

import numpy as np
import pytest
from scipy import sparse

import netanalysis as na
from tests.io.foreign import W


def test_names_of_bytes_are_text(tmp_path):
    np.savez(tmp_path / "w.npz", W=W, labels=np.array([f"é{k}".encode() for k in range(len(W))]))
    net = na.load(tmp_path / "w.npz", orientation="source_target")
    assert net.labels.tolist() == [f"é{k}" for k in range(len(W))]


def test_other_sparse_files_are_refused(tmp_path):
    path = tmp_path / "w.npz"
    for made, name in ((sparse.bsr_array(W), "bsr"), (sparse.dia_array(W), "dia")):
        sparse.save_npz(path, made)
        with pytest.raises(ValueError, match=rf"'{name}' format.*tocsr"):
            na.load(path)
    with pytest.raises(ValueError, match="leave key out"):
        na.load(path, key="data")
    sparse.save_npz(path, sparse.coo_array(W[0]))
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        na.load(path)


def test_structured_arrays_are_no_matrices(tmp_path):
    np.save(tmp_path / "w.npy", np.zeros((3, 3), dtype=[("größe", float)]))
    with pytest.raises(ValueError, match="structured"):
        na.load(tmp_path / "w.npy")
    with (tmp_path / "v2.npy").open("wb") as file:
        np.lib.format.write_array(file, W, version=(2, 0))
    np.testing.assert_array_equal(na.load(tmp_path / "v2.npy", orientation="source_target").weights, W)


def test_a_second_square_array_is_named(tmp_path):
    """Seen: beside A, a square B was taken for biases and dropped without a word."""
    np.savez(tmp_path / "two.npz", A=np.arange(16.0).reshape(4, 4), B=np.ones((4, 4)))
    with pytest.warns(UserWarning, match=r"also holds 'B' \(4, 4\)"):
        na.load(tmp_path / "two.npz", orientation="source_target")


def test_version_3_holds_what_is_no_matrix(tmp_path):
    with (tmp_path / "w.npy").open("wb") as file:
        np.lib.format.write_array(file, W, version=(3, 0))
    with pytest.raises(ValueError, match=r"format version \(3, 0\).*not a matrix"):
        na.load(tmp_path / "w.npy")


@pytest.mark.parametrize("shape", [(2**40, 2), (2, 2**40)])
def test_the_index_of_a_sparse_matrix_of_any_kind_fits_in_memory(tmp_path, shape):
    one = {"data": [1.0], "row": [0], "col": [1], "indices": [1], "indptr": [0, 1, 1]}
    for kind in (b"coo", b"csr"):
        np.savez(tmp_path / "w.npz", format=kind, shape=shape, **one)
        with pytest.raises(MemoryError, match="index of the sparse matrix"):
            na.load(tmp_path / "w.npz")
