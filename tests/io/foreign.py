"""Files as other programs write them, of one directed network (a transposition would show)."""

import struct
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
import safetensors.torch
import scipy.io
import torch
from scipy import sparse

# W[i, j] is from i to j: 32 from ASEL to AIYL, 0.25 back.
W = np.array([[0, 32.0, 0.1], [0.25, 0, -2], [5, 0, 1 / 3]])


LABELS = ["ASEL", "AIYL", "RIA, left"]


BOTH = pytest.mark.parametrize("orientation", ["source_target", "target_source"])


def stored(orientation):
    return W if orientation == "source_target" else W.T


def _npy(path, w):
    np.save(path, w)


def _npz(path, w):
    np.savez(path, weights=w.astype(np.float32), bias=np.zeros(3))


def _scipy_sparse(path, w):
    sparse.save_npz(path, sparse.csc_array(w))


def _scipy_coo(path, w):
    sparse.save_npz(path, sparse.coo_matrix(w))


def _mat5(path, w):
    scipy.io.savemat(path, {"W": w, "dt": 0.1, "name": "x"})


def _mat4(path, w):
    scipy.io.savemat(path, {"W": w}, format="4")


def _mat5_sparse(path, w):
    scipy.io.savemat(path, {"W": sparse.csc_array(w)})


def _mat73(path, w):
    """As MATLAB does: a 512-byte user block, columns first, classes in attributes."""
    with h5py.File(path, "w", userblock_size=512) as file:
        file["W"] = w.T
        file["W"].attrs["MATLAB_class"] = np.bytes_("double")
        file["name"] = np.frombuffer(b"xyz" * 3, np.uint8).astype(np.uint16).reshape(3, 3)
        file["name"].attrs["MATLAB_class"] = np.bytes_("char")
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 schema 1.00 .")


def _mat73_sparse(path, w):
    matrix = sparse.csc_array(w)
    with h5py.File(path, "w", userblock_size=512) as file:
        group = file.create_group("W")
        group.attrs["MATLAB_class"] = np.bytes_("double")
        group.attrs["MATLAB_sparse"] = np.uint64(w.shape[0])
        group["data"], group["ir"] = matrix.data, matrix.indices.astype(np.uint64)
        group["jc"] = matrix.indptr.astype(np.uint64)


def _h5(path, w):
    with h5py.File(path, "w") as file:
        file["model/W"] = w
        file["model/b"] = np.zeros(3)


def _safetensors(path, w):
    safetensors.numpy.save_file({"W": np.ascontiguousarray(w), "b": np.zeros(3)}, path)


def _torch(path, w):
    torch.save({"W": torch.tensor(w), "b": torch.zeros(3)}, path)


def _csv(path, w):
    pd.DataFrame(w).to_csv(path, index=False, header=False)


def _tsv_labelled(path, w):
    pd.DataFrame(w, LABELS, LABELS).to_csv(path, sep="\t")


def _header_only(path, w):
    pd.DataFrame(w, columns=LABELS).to_csv(path, index=False)


def _index_only(path, w):
    pd.DataFrame(w, LABELS).to_csv(path, header=False)


def _savetxt(path, w):
    np.savetxt(path, w, fmt="%.17g", header="a comment")


def _mat5_struct(path, w):
    scipy.io.savemat(path, {"s": {"W": w, "dt": 0.1}}, do_compression=True)


def _octave_text(path, w):
    rows = "\n".join(" ".join(map(repr, row)) for row in w.tolist())
    path.write_text(
        f"# Created by Octave 8\n# name: W\n# type: matrix\n# rows: {len(w)}\n# columns: {len(w)}\n{rows}\n"
    )


def _octave_binary(path, w):
    head = struct.pack("<i", 1) + b"W" + struct.pack("<i", 0) + b"\0\xff" + struct.pack("<i", 6) + b"matrix"
    path.write_bytes(b"Octave-1-L\0" + head + struct.pack("<iii", -2, *w.shape) + b"\x07" + w.tobytes(order="F"))


def _h5_sparse(path, w):
    matrix = sparse.csr_array(w)
    with h5py.File(path, "w") as file:
        group = file.create_group("obsp/connectivities")
        group.attrs.update({"encoding-type": "csr_matrix", "shape": w.shape})
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(matrix, part)


def _tvb(path, w):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weights.txt", "\n".join(" ".join(map(repr, row)) for row in w.tolist()))


FOREIGN = [
    (_npy, ".npy"), (_npz, ".npz"), (_scipy_sparse, ".npz"), (_scipy_coo, ".npz"), (_mat5, ".mat"), (_mat4, ".mat"),
    (_mat5_sparse, ".mat"), (_mat73, ".mat"), (_mat73_sparse, ".mat"), (_h5, ".h5"), (_h5, ".hdf5"),
    (_safetensors, ".safetensors"), (_torch, ".pt"), (_torch, ".pth"), (_csv, ".csv"), (_tsv_labelled, ".tsv"),
    (_header_only, ".csv"), (_index_only, ".csv"), (_savetxt, ".txt"),
]  # fmt: skip


class Bomb:
    def __reduce__(self):
        return (exec, ("import pathlib; pathlib.Path('exploded').touch()",))
