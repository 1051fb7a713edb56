"""MATLAB of all versions and Octave: structs, cells, what they say of the nodes."""

import h5py
import numpy as np
import scipy.io

import netanalysis as na
from tests.io.foreign import W


def test_matlab_stack_has_its_pages_last(tmp_path):
    stack = np.stack([W, 2 * W])
    scipy.io.savemat(tmp_path / "v5.mat", {"W": np.moveaxis(stack, 0, -1)})
    with h5py.File(tmp_path / "v73.mat", "w", userblock_size=512) as file:
        file["W"] = np.moveaxis(stack, 0, -1).T
        file["W"].attrs["MATLAB_class"] = np.bytes_("double")
    for name in ("v5.mat", "v73.mat"):
        net = na.load(tmp_path / name, orientation="source_target")
        np.testing.assert_array_equal(net.weights, stack, err_msg=name)


def test_empty_sparse_of_matlab_73(tmp_path):
    with h5py.File(tmp_path / "w.mat", "w", userblock_size=512) as file:
        group = file.create_group("W")
        group.attrs["MATLAB_sparse"] = np.uint64(3)
        group["jc"] = np.zeros(4, np.uint64)
    net = na.load(tmp_path / "w.mat")
    assert (net.n_nodes, net.weights.nnz) == (3, 0)
