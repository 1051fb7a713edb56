"""Files and objects that lie about what they hold, where libraries would believe them and end the process."""

import itertools
import json
import struct
import subprocess
import sys
import tracemalloc

import h5py
import numpy as np
import pyarrow as pa
import pytest
import safetensors.numpy
import scipy.io
from pyarrow import feather
from scipy import sparse

import netanalysis as na
from netanalysis._core import memory
from tests.io.foreign import W

LIE = {"data": np.ones(4), "indices": np.array([0, 1, 2, 0]), "indptr": np.array([0, 3, 3, 0])}
HEADER = {"format": "connectome", "version": 1, "name": None, "metadata": {}, "history": [], "sparse_shape": [3, 3]}
# What may end the process is read in another one, and says what became of each file.
LOAD = """
import sys, netanalysis as na
for path in sys.argv[1:]:
    try:
        na.load(path, orientation="source_target")
        print("read")
    except (ValueError, MemoryError) as error:
        print(" ".join(str(error).split()))
"""


def _lying_sparse_files(folder):
    np.savez(folder / "scipy.npz", format=b"csc", shape=[3, 3], **LIE)
    own = {f"weights.{part}": value for part, value in LIE.items()}
    np.savez(folder / "own.npz", netanalysis=np.array(json.dumps(HEADER)), **own)
    safetensors.numpy.save_file(own, folder / "own.safetensors", metadata={"netanalysis": json.dumps(HEADER)})
    with h5py.File(folder / "anndata.h5", "w") as file:
        group = file.create_group("A")
        group.update(LIE)
        group.attrs.update({"shape": (3, 3), "encoding-type": "csc_matrix"})
    with h5py.File(folder / "own.h5", "w") as file:
        file.update(own | {"netanalysis": json.dumps(HEADER)})
    with h5py.File(folder / "matlab73.mat", "w", userblock_size=512) as file:
        group = file.create_group("A")
        group.update({"data": LIE["data"], "ir": LIE["indices"], "jc": LIE["indptr"]})
        group.attrs.update({"MATLAB_class": np.bytes_("double"), "MATLAB_sparse": np.uint64(3)})
    path = folder / "matlab5.mat"
    honest = sparse.csc_array([[1.0, 0, 1], [1, 0, 0], [1, 0, 0]])
    scipy.io.savemat(path, {"W": honest}, do_compression=False)
    path.write_bytes(path.read_bytes().replace(struct.pack("<4i", 0, 3, 3, 4), struct.pack("<4i", 0, 3, 3, 0)))


def test_sparse_arrays_that_lie_are_refused_in_every_format(tmp_path):
    _lying_sparse_files(tmp_path)
    paths = sorted(map(str, tmp_path.iterdir()))
    done = subprocess.run([sys.executable, "-c", LOAD, *paths], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for path, said in zip(paths, done.stdout.splitlines(), strict=True):
        assert "is no sparse matrix: indptr" in said or ("matlab5" in path and "damaged" in said), (path, said)


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("indptr", [0, 3, 2, 3, 3, 3], "must not decrease; it does at 2"),
        ("indptr", [1, 3, 3, 3, 3, 3], "must begin with 0"),
        ("indptr", [0, 3, 3, 3, 3], "must have 6 entries"),
        ("indptr", [0, 3, 3, 3, 3, 900], "ends at 900, for 3 indices"),
        ("indices", [0, 1, 5], "must lie in 0..4; got 0..5"),
        ("indices", [0, -1, 4], "must lie in 0..4; got -1..4"),
        ("data", [1.0, 2.0], "for 3 indices and 2 values"),
    ],
)
@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_arrays_in_memory_that_lie(make, part, value, said):
    net = make((np.ones(3), [0, 1, 4], [0, 3, 3, 3, 3, 3]), shape=(5, 5))
    setattr(net, part, np.array(value))
    for takes in (na.density, na.Connectome, lambda net: na.Connectome(np.ones((5, 5)), distances=net)):
        with pytest.raises(ValueError, match=f"is no sparse matrix: .*{said}"):
            takes(net)


def test_other_sparse_formats_that_lie():
    def lying(format):
        net = sparse.random_array((6, 6), density=0.5, format=format, rng=0)
        return net, (net.coords[0] if format == "coo" else net.rows[0] if format == "lil" else net.indices)

    for format in ("coo", "lil", "bsr"):
        net, places = lying(format)
        places[0] = 10**6
        with pytest.raises(ValueError, match="is no sparse matrix"):
            na.density(net)


def test_sparse_arrays_that_keep_room_are_read():
    net = sparse.csr_array((np.ones(3), [0, 1, 2], [0, 1, 2, 3]), shape=(3, 3))
    net.data, net.indices = (
        np.append(net.data, [7.0, 7.0]),
        np.append(net.indices, [99, 99]),
    )  # scipy's prune drops them
    np.testing.assert_array_equal(na.Connectome(net).weights.toarray(), np.eye(3))


@pytest.mark.parametrize("order", ["<", ">"])
def test_matlab_files_are_told_apart_by_the_bytes_that_decide(tmp_path, order):
    """A text header that is not MATLAB's, a mark that scipy believes and an unknown type of numbers: was a crash."""
    path = tmp_path / "w.mat"
    matrix = struct.pack(order + "8I", 6, 8, 6, 0, 5, 8, 3, 3)
    name = struct.pack(order + "2I8s", 1, 1, b"W")
    numbers = struct.pack(order + "2I", 99, 72) + W.astype(order + "f8").tobytes()
    body = matrix + name + numbers
    tag = struct.pack(order + "2I", 14, len(body))
    for text, mark in (
        (b"Matlab", b"IM"),
        (b"Matlab", b"IX"),
        (b"MATLAB 7.3", b"XI"),
        (b"MATLAB 5", b"MI"),
        (b"", b"I\0"),
    ):
        path.write_bytes(text.ljust(124) + struct.pack(order + "H", 256) + mark + tag + body)
        with pytest.raises(ValueError, match=r"w\.mat"):
            na.load(path, orientation="source_target")


def test_matlab_4_files(tmp_path):
    path = tmp_path / "w.mat"
    words = np.array(["AVAL", "AVAR", "PVCL"])
    scipy.io.savemat(path, {"W": W, "labels": words, "S": sparse.coo_array(W)}, format="4")
    net = na.load(path, key="W", orientation="source_target")
    np.testing.assert_array_equal(net.weights, W)
    assert net.labels.tolist() == words.tolist()
    np.testing.assert_array_equal(na.load(path, key="S", orientation="source_target").weights.toarray(), W)
    swapped = struct.pack(">5i2s", 1000, 3, 3, 0, 2, b"W\0") + W.astype(">f8").tobytes(order="F")
    path.write_bytes(swapped)
    np.testing.assert_array_equal(na.load(path, orientation="source_target").weights, W)


def test_damaged_matlab_4_files_never_crash(tmp_path):
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, {"S": sparse.coo_array(W), "W": W}, format="4")
    good = path.read_bytes()
    refused = 0
    for position in range(len(good)):
        path.write_bytes(good[:position] + b"\xff" + good[position + 1 :])
        try:
            na.load(path, key="S", orientation="source_target")
        except (ValueError, MemoryError):
            refused += 1
    assert refused > 30


def _elsewhere(h5py, group, name, kind, other):
    """A dataset whose values lie in another file: by a link, as raw bytes, or as a virtual dataset."""
    if kind == "link":
        group[name] = h5py.ExternalLink(other, "data")
    elif kind == "raw":
        group.create_dataset(name, shape=(3,), dtype="f8", external=[(other, 0, 24)])
    elif kind == "virtual":
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource(other, "data", (3,))
        group.create_virtual_dataset(name, layout)
    else:  # a link inside the file that leads on to one out of it
        group.file["out"] = h5py.ExternalLink(other, "/")
        group[name] = h5py.SoftLink("/out/data")


@pytest.mark.parametrize("kind", ["link", "raw", "virtual", "soft"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_no_part_of_a_sparse_group_lies_in_another_file(tmp_path, kind, part):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["data"] = [1.0, 1.0, 1.0]
    names = {"anndata.h5": ("data", "indices", "indptr"), "matlab73.mat": ("data", "ir", "jc")}
    for place, parts in names.items():
        path = tmp_path / place
        with h5py.File(path, "w", userblock_size=512) as file:
            group = file.create_group("A")
            group.attrs.update({"shape": (3, 3)} if path.suffix == ".h5" else {"MATLAB_sparse": np.uint64(3)})
            for k, (name, value) in enumerate(zip(parts, ([1.0, 1, 1], [0, 1, 2], [0, 1, 2, 3]), strict=True)):
                if k == part:
                    _elsewhere(h5py, group, name, kind, tmp_path / "other.h5")
                else:
                    group[name] = value
        with pytest.raises(ValueError, match="no square array"):
            na.load(path, orientation="source_target")


@pytest.mark.parametrize("part", ["netanalysis", "weights", "labels"])
def test_no_part_of_our_own_layout_lies_in_another_file(tmp_path, part):
    na.save(na.Connectome(W, labels=["a", "b", "c"]), tmp_path / "other.h5")
    na.save(na.Connectome(W, labels=["a", "b", "c"]), tmp_path / "own.h5")
    with h5py.File(tmp_path / "own.h5", "a") as file:
        del file[part]
        file[part] = h5py.ExternalLink("other.h5", part)
    with pytest.raises(ValueError, match=f"'{part}' lies in another file"):
        na.load(tmp_path / "own.h5")


def test_the_shape_of_a_sparse_group_is_its_own(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["shape"] = [3, 3]
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["A/data"], file["A/indices"], file["A/indptr"] = np.ones(3), [0, 1, 2], [0, 1, 2, 3]
        file["A/shape"] = h5py.ExternalLink("other.h5", "shape")
    with pytest.raises(ValueError, match="no square array"):
        na.load(tmp_path / "w.h5")


def test_groups_that_are_nested_too_deep_or_too_many(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "deep.h5", "w") as file:
        group = file
        for _ in range(500):
            group = group.create_group("a")
    with pytest.raises(ValueError, match="more than 64 deep"):
        na.load(tmp_path / "deep.h5")
    with h5py.File(tmp_path / "circle.h5", "w") as file:
        file["W"] = W
        file["a/b/back"] = file["/"]
    np.testing.assert_array_equal(na.load(tmp_path / "circle.h5", orientation="source_target").weights, W)
    monkeypatch.setattr("netanalysis.io._hdf5_nodes._NODES", 2)
    with pytest.raises(ValueError, match="more than 2 groups and datasets"):
        na.load(tmp_path / "circle.h5")


def test_mappings_that_share_parts_end(tmp_path, monkeypatch):
    import torch

    monkeypatch.setattr("netanalysis.io._leaves._NAMES", 1_000)
    shared = {"w": torch.ones(2, 2)}
    for _ in range(30):
        shared = {"a": shared, "b": shared}
    torch.save(shared, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=r"w\.pt: it holds more than 1,000 names"):
        na.load(tmp_path / "w.pt")
    with pytest.raises(ValueError, match="more than 1,000 names"):
        na.from_torch(shared)
    circle: dict = {}
    circle["again"] = circle
    with pytest.raises(ValueError, match=r"names of more than 1,000 letters"):
        na.from_flax(circle)


def test_one_long_name_is_not_multiplied_by_the_number_of_nodes(tmp_path):
    """A label of 100,000 letters among 3,000 took 1.2 GB as text of a fixed width, several times over."""
    names = [f"n{k}" for k in range(3_000)]
    names[7] = "x" * 100_000
    edges = ["source,target,weight", *(f"{a},{b},1" for a, b in itertools.pairwise(names))]
    (tmp_path / "w.csv").write_text("\n".join(edges))
    tracemalloc.start()
    net = na.load(tmp_path / "w.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6  # the weights take 72 MB
    assert net.labels.dtype == object
    assert net.labels.tolist() == names
    few = net.replace(weights=sparse.csr_array(net.weights), modules=names)
    for suffix in (".npz", ".h5", ".mat", ".safetensors"):
        na.save(few, tmp_path / f"w{suffix}")
        again = na.load(tmp_path / f"w{suffix}")
        assert again.labels.tolist() == again.modules.tolist() == names, suffix
    assert na.transform.subset(few, [names[7], "n8"]).labels.tolist() == [names[7], "n8"]


def test_text_of_hdf5_that_points_to_one_place(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "LIMIT_BYTES", 10**6)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["W"] = np.ones((1_000, 1_000), "u1")[:100, :100]
        file["labels"] = ["x" * 10_000] * 100
    with pytest.raises(MemoryError, match="'labels' would take"):
        na.load(tmp_path / "w.h5", orientation="source_target")


def test_offsets_of_text_in_arrow_that_lie_are_refused(tmp_path):
    """Seen: a segmentation fault of pandas, which believes them."""
    path = tmp_path / "w.feather"
    table = pa.table({"pre": ["abc", "def", "ghi"], "post": ["b", "c", "d"], "weight": [1.0, 2, 3]})
    feather.write_feather(table, path, compression="uncompressed")
    good = path.read_bytes()
    offsets = struct.pack("<4i", 0, 3, 6, 9)
    assert good.count(offsets) == 1
    path.write_bytes(good.replace(offsets, struct.pack("<4i", 0, 3, 6, 2**31 - 1)))
    with pytest.raises(ValueError, match=r"w\.feather could not be read.*offsets"):
        na.load(path)
