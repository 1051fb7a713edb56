"""Reading takes at most twice the array as float64, and no more than the limit."""

import tracemalloc

import h5py
import numpy as np
import openpyxl
import pytest
import scipy.io

import netanalysis as na
from netanalysis._core import memory

N = 400
SIZE = 8 * N * N


def _symmetric_mtx(path, w):
    scipy.io.mmwrite(path, w + w.T, symmetry="symmetric")


def _octave(path, w):
    rows = "\n".join(" ".join(f"{x:g}" for x in row) for row in w)
    path.write_text(f"# Created by Octave\n# name: W\n# type: matrix\n# rows: {N}\n# columns: {N}\n{rows}\n")


WRITERS = {
    "w.npy": np.save,
    "w.npz": lambda path, w: np.savez_compressed(path, W=w),
    "small.npy": lambda path, w: np.save(path, w.astype("i1")),
    "w.mat": lambda path, w: scipy.io.savemat(path, {"W": w}, do_compression=True),
    "v4.mat": lambda path, w: scipy.io.savemat(path, {"W": w}, format="4"),
    "octave.mat": _octave,
    "own.h5": lambda path, w: na.save(w, path),
    "own.mat": lambda path, w: na.save(w, path),
    "w.csv": lambda path, w: np.savetxt(path, w, fmt="%d", delimiter=","),
    "w.mtx": _symmetric_mtx,
}


@pytest.mark.parametrize("name", WRITERS)
def test_peak_of_memory(tmp_path, name):
    WRITERS[name](tmp_path / name, np.random.default_rng(0).integers(0, 3, (N, N)).astype(float))
    na.load(tmp_path / name, orientation="source_target")  # what is imported now is not counted
    tracemalloc.start()
    net = na.load(tmp_path / name, orientation="source_target")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert net.n_nodes == N
    assert peak < 2 * SIZE + 0.7e6  # buffers, and the first lines of a text: what does not grow with the array


def test_what_was_read_is_locked_and_in_one_piece(tmp_path):
    w = np.random.default_rng(0).random((5, 5))
    np.savez(tmp_path / "w.npz", W=w)
    na.save(na.Connectome(w), tmp_path / "w.csv")
    for name, turned in (("w.npz", w.T), ("w.csv", w)):
        net = na.load(tmp_path / name, orientation="target_source" if name == "w.npz" else None)
        np.testing.assert_array_equal(net.weights, turned)
        assert net.weights.flags.forc
        with pytest.raises(ValueError, match="cannot set WRITEABLE"):
            net.weights.flags.writeable = True


def test_half_of_the_limit_is_the_largest_array(tmp_path, monkeypatch):
    np.save(tmp_path / "w.npy", np.ones((10, 10)))
    monkeypatch.setattr(memory, "LIMIT_BYTES", 1600)
    assert na.load(tmp_path / "w.npy").n_nodes == 10
    monkeypatch.setattr(memory, "LIMIT_BYTES", 1599)
    said = r"w\.npy.* of shape \(10, 10\), twice its .* GiB .*, more than the limit .*NETANALYSIS_MEMORY"
    with pytest.raises(MemoryError, match=said):
        na.load(tmp_path / "w.npy")


def test_a_machine_without_memory_says_what_to_do(tmp_path, monkeypatch):
    np.save(tmp_path / "w.npy", np.ones((10, 10)))

    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np, "load", full)
    with pytest.raises(MemoryError, match=r"w\.npy: this machine has too little memory.*cut out the part"):
        na.load(tmp_path / "w.npy")


def test_small_files_that_stand_for_much(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "LIMIT_BYTES", 10**7)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("W", shape=(2_000, 2_000), dtype="u1", chunks=True, compression="gzip")
    book = openpyxl.Workbook()
    for row in range(1, 60):
        book.active.cell(row, 16_384, 1.0)
    book.save(tmp_path / "w.xlsx")
    (tmp_path / "w.json").write_text("[" + "[]," * 200_000 + "[]]")
    (tmp_path / "w.gml").write_text("graph [\n" + "node [ id 1 ]\n" * 40_000 + "]")
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(MemoryError, match=r"limit of .*NETANALYSIS_MEMORY"):
            na.load(path)
