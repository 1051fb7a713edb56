"""Every reader against damaged, lying and dangerous files."""

import json
import sys
import zipfile

import h5py
import numpy as np
import pytest
import scipy.io
import torch
from scipy import sparse

import netanalysis as na
from netanalysis import io
from netanalysis._core import memory
from tests.io.foreign import FOREIGN, Bomb, W, _mat73, _octave_binary, _octave_text


def test_wrong_sparse_indices_are_refused(tmp_path):
    np.savez(
        tmp_path / "net.npz",
        format=b"csr",
        shape=[3, 3],
        data=[1.0, 1.0],
        indices=np.array([0, 10**6]),
        indptr=[0, 1, 2, 2],
    )
    with pytest.raises(ValueError, match=r"net.npz.*indices"):
        na.load(tmp_path / "net.npz", orientation="source_target")


def _mat5_plain(path, w):
    scipy.io.savemat(path, {"dt": 0.5, "W": w}, do_compression=False)


def _mat5_packed(path, w):
    scipy.io.savemat(path, {"dt": 0.5, "W": w}, do_compression=True)


def _mat5_plain_struct(path, w):
    cells = np.empty((1, 2), dtype=object)
    cells[0, 0], cells[0, 1] = "a", w
    scipy.io.savemat(path, {"s": {"W": w, "C": cells}, "n": ["a", "b"]}, do_compression=False)


@pytest.mark.filterwarnings("ignore:.*left out:UserWarning")
@pytest.mark.parametrize("write", [_mat5_plain, _mat5_packed, _mat5_plain_struct, _octave_text, _octave_binary])
def test_damaged_mat_never_crashes(tmp_path, write):
    """Unknown part types and sizes beyond the end, at every place of the file."""
    path = tmp_path / "w.mat"
    write(path, W)
    good = path.read_bytes()
    refused = 0
    for position in range(128 if write.__name__.startswith("_mat5") else 0, len(good)):
        path.write_bytes(good[:position] + b"\xff" + good[position + 1 :])
        try:
            na.load(path, key="W", orientation="source_target")
        except (ValueError, MemoryError):
            refused += 1
    assert refused > 30


def test_references_in_circles_end(tmp_path, monkeypatch):
    monkeypatch.setattr("netanalysis.io._matlab73._MEMBERS", 2_000)  # 100,000 take 20 s
    with h5py.File(tmp_path / "w.mat", "w", userblock_size=512) as file:
        cell = file.create_dataset("C", shape=(3, 1), dtype=h5py.ref_dtype)
        cell.attrs["MATLAB_class"] = np.bytes_("cell")
        cell[...] = np.array([[cell.ref]] * 3, dtype=h5py.ref_dtype)
    with pytest.raises(ValueError, match="more than 2,000 values"):
        na.load(tmp_path / "w.mat")


def test_matlab_73_and_sparse_groups_do_not_read_other_files(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["W"], file["data"] = np.ones((3, 3)), np.ones(3)
    with h5py.File(tmp_path / "w.mat", "w", userblock_size=512) as file:
        file["s/W"] = h5py.ExternalLink("other.h5", "W")
        file["s"].attrs["MATLAB_class"] = np.bytes_("struct")
    with pytest.raises(ValueError, match="no arrays"):
        na.load(tmp_path / "w.mat", key="W")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        group = file.create_group("A")
        group["indices"], group["indptr"] = np.arange(3), np.arange(4)
        group["data"] = h5py.ExternalLink("other.h5", "data")
        group.attrs["shape"] = (3, 3)
    with pytest.raises(ValueError, match="no square array"):
        na.load(tmp_path / "w.h5")
    with h5py.File(tmp_path / "own.h5", "w") as file:
        file["netanalysis"] = json.dumps({"format": "connectome", "version": 1})
        file["weights"] = h5py.ExternalLink("other.h5", "W")
    with pytest.raises(ValueError, match="lies in another file"):
        na.load(tmp_path / "own.h5")


def test_mat_bomb_and_complex(tmp_path, monkeypatch):
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, {"other": np.zeros((500, 500)), "z": W * 1j, "W": W}, do_compression=True)
    with pytest.raises(ValueError, match="'z' is complex"):
        na.load(path, key="z")
    scipy.io.savemat(path, {"W": sparse.csc_array(np.ones((200, 200)))}, do_compression=True)
    monkeypatch.setattr(memory, "LIMIT_BYTES", 200 * 200 * 8)
    monkeypatch.setattr(scipy.io, "loadmat", lambda *_, **__: pytest.fail("read before its size was checked"))
    with pytest.raises(MemoryError, match="'W', unpacked"):
        na.load(path)


def test_object_arrays_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    objects = np.array([[Bomb(), 1], [2, 3]], dtype=object)
    np.save("o.npy", objects, allow_pickle=True)
    np.savez("o.npz", a=objects)
    np.savez("mixed.npz", a=objects, W=W)
    for name, key in (("o.npy", None), ("o.npz", None), ("o.npz", "a"), ("mixed.npz", "a")):
        with pytest.raises(ValueError, match=r"Python objects.*numpy\.savez"):
            na.load(name, key=key)
    np.testing.assert_array_equal(na.load("mixed.npz", orientation="source_target").weights, W)
    assert not (tmp_path / "exploded").exists()


ALL_SUFFIXES = list(io._READERS)


@pytest.mark.parametrize("suffix", ALL_SUFFIXES)
def test_empty_files(tmp_path, suffix):
    (tmp_path / f"w{suffix}").touch()
    with pytest.raises(ValueError, match=rf"w\{suffix} is empty"):
        na.load(tmp_path / f"w{suffix}")


@pytest.mark.parametrize("suffix", ALL_SUFFIXES)
def test_files_of_something_else(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(bytes(range(256)) * 9)
    with pytest.raises(ValueError, match=rf"w\{suffix}"):
        na.load(path, orientation="source_target")


TRUNCATED = [(w, s) for w, s in FOREIGN if s not in (".csv", ".tsv", ".txt")]


@pytest.mark.parametrize("share", [0.3, 0.97])
@pytest.mark.parametrize(("write", "suffix"), TRUNCATED, ids=[f"{w.__name__}{s}" for w, s in TRUNCATED])
def test_truncated_files(tmp_path, write, suffix, share):
    path = tmp_path / f"w{suffix}"
    write(path, np.random.default_rng(0).normal(size=(60, 60)) if "73" not in write.__name__ else np.tile(W, (20, 20)))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=rf"w\{suffix}"):
        na.load(path, orientation="source_target")


@pytest.mark.parametrize(("write", "suffix"), FOREIGN, ids=[f"{w.__name__}{s}" for w, s in FOREIGN])
def test_size_is_checked(tmp_path, write, suffix, monkeypatch):
    path = tmp_path / f"w{suffix}"
    write(path, W)
    monkeypatch.setattr(memory, "LIMIT_BYTES", 20)
    with pytest.raises(MemoryError, match="limit"):
        na.load(path, orientation="source_target")


def test_huge_headers_take_no_memory(tmp_path):
    """Headers that promise terabytes: refused from the header, with next to nothing on disk."""
    n = 2**20
    header = np.lib.format.header_data_from_array_1_0(np.zeros((1, 1))) | {"shape": (n, n)}
    with (tmp_path / "w.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(ValueError, match="promises"):
        na.load(tmp_path / "w.npy")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("W", shape=(n, n), dtype="f8", chunks=(256, 256), compression="gzip")
    with pytest.raises(MemoryError, match=r"8\.19e"):
        na.load(tmp_path / "w.h5")
    torch.save({"W": torch.zeros(1).expand(n, n)}, tmp_path / "w.pt")
    with pytest.raises(MemoryError, match=r"8\.19e"):
        na.load(tmp_path / "w.pt")


def test_zip_bomb(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("W.npy", "w") as file:
        np.save(file, np.zeros((1500, 1500)))
    assert (tmp_path / "w.npz").stat().st_size < 20_000
    monkeypatch.setattr(memory, "LIMIT_BYTES", 2**20)
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("read before its size was checked"))
    with pytest.raises(MemoryError, match="1500, 1500"):
        na.load(tmp_path / "w.npz")


def test_what_is_too_large_is_said_in_gib_beside_the_limit(tmp_path, monkeypatch):
    (tmp_path / "w.csv").write_bytes(b"0" * 3 * 2**20)
    monkeypatch.setattr(memory, "LIMIT_BYTES", 2**21)
    with pytest.raises(MemoryError, match=r"w\.csv would take 0\.00293 GiB, more than the limit of 0\.00195 GiB"):
        na.load(tmp_path / "w.csv")


def test_npz_member_that_belies_its_header(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive, archive.open("W.npy", "w") as file:
        np.lib.format.write_array_header_1_0(
            file, np.lib.format.header_data_from_array_1_0(np.zeros(1)) | {"shape": (3, 3)}
        )
        file.write(b"\0" * 5)
    with pytest.raises(ValueError, match="promises 72 bytes of data, the file holds 5"):
        na.load(tmp_path / "w.npz")


def test_hdf5_does_not_read_other_files(tmp_path):
    np.ones((3, 3)).tofile(tmp_path / "secret.bin")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["W"] = np.ones((3, 3))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("raw", shape=(3, 3), dtype="f8", external=[(tmp_path / "secret.bin", 0, 72)])
        file["link"] = h5py.ExternalLink("other.h5", "W")
        layout = h5py.VirtualLayout((3, 3), "f8")
        layout[:] = h5py.VirtualSource(tmp_path / "other.h5", "W", (3, 3))
        file.create_virtual_dataset("virtual", layout)
    for key in (None, "raw", "link", "virtual"):
        with pytest.raises(ValueError, match="no arrays"):
            na.load(tmp_path / "w.h5", key=key)


@pytest.mark.parametrize(
    ("suffix", "library", "extra"),
    [(".h5", "h5py", "formats"), (".safetensors", "safetensors.numpy", "formats"), (".pt", "torch", "models")],
)
def test_missing_library_names_the_extra(tmp_path, monkeypatch, suffix, library, extra):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(b"x")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"netanalysis\[{extra}\]"):
        na.load(path)


def test_matlab_73_without_h5py(tmp_path, monkeypatch):
    _mat73(tmp_path / "w.mat", W)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"netanalysis\[formats\]"):
        na.load(tmp_path / "w.mat")
