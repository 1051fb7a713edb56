"""Every format with a directed network (a transposition would show), and every refusal refusing."""

import json
import pickle
import sys
import zipfile

import h5py
import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
import safetensors.torch
import scipy.io
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

import netanalysis as na
from netanalysis.io import _entries
from netanalysis.io._refused import REFUSED

# W[i, j] is from i to j: 32 from ASEL to AIYL, 0.25 back.
W = np.array([[0, 32.0, 0.1], [0.25, 0, -2], [5, 0, 1 / 3]])
LABELS = ["ASEL", "AIYL", "RIA, left"]
BOTH = pytest.mark.parametrize("orientation", ["source_target", "target_source"])


def stored(orientation):
    return W if orientation == "source_target" else W.T


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


# ---------------------------------------------------------------- what save() writes, load() reads


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
    fields = ("positions", "distances", "labels", "modules", "inputs", "outputs", "name")
    assert all(getattr(back, name) is None for name in fields)
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
    na.save(weights, path)
    np.testing.assert_array_equal(na.load(path).weights, weights)


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


# ---------------------------------------------------------------- foreign files, both ways round


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


FOREIGN = [
    (_npy, ".npy"), (_npz, ".npz"), (_scipy_sparse, ".npz"), (_scipy_coo, ".npz"), (_mat5, ".mat"), (_mat4, ".mat"),
    (_mat5_sparse, ".mat"), (_mat73, ".mat"), (_mat73_sparse, ".mat"), (_h5, ".h5"), (_h5, ".hdf5"),
    (_safetensors, ".safetensors"), (_torch, ".pt"), (_torch, ".pth"), (_csv, ".csv"), (_tsv_labelled, ".tsv"),
    (_header_only, ".csv"), (_index_only, ".csv"), (_savetxt, ".txt"),
]  # fmt: skip


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


@pytest.mark.parametrize("compress", [True, False])
def test_damaged_mat_never_crashes(tmp_path, compress):
    """Unknown part types and sizes beyond the end make scipy itself read outside memory."""
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, {"dt": 0.5, "W": W}, do_compression=compress)
    good = path.read_bytes()
    refused = 0
    for position in range(128, len(good)):
        path.write_bytes(good[:position] + b"\xff" + good[position + 1 :])
        try:
            na.load(path, key="W", orientation="source_target")
        except (ValueError, MemoryError):
            refused += 1
    assert refused > 40


def test_mat_bomb_and_complex(tmp_path, monkeypatch):
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, {"other": np.zeros((500, 500)), "z": W * 1j, "W": W}, do_compression=True)
    with pytest.raises(ValueError, match="'z' is complex"):
        na.load(path, key="z")
    scipy.io.savemat(path, {"W": sparse.csc_array(np.ones((200, 200)))}, do_compression=True)
    monkeypatch.setattr(_entries, "SIZE_LIMIT_BYTES", 200 * 200 * 8)
    monkeypatch.setattr(scipy.io, "loadmat", lambda *_, **__: pytest.fail("read before its size was checked"))
    with pytest.raises(MemoryError, match="'W', unpacked"):
        na.load(path)


def test_saved_mat_is_a_matlab_matrix(tmp_path):
    na.save(na.Connectome(sparse.csr_array(W), labels=LABELS), tmp_path / "w.mat")
    w = scipy.io.loadmat(tmp_path / "w.mat", spmatrix=False)["weights"]
    np.testing.assert_array_equal(w.toarray(), W)


@pytest.mark.parametrize("directed", [True, False])
def test_graphml_settles_direction_and_labels(tmp_path, directed):
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_edge("ASEL", "AIYL", weight=32.0, length=1.5)
    graph.add_node("RIA")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    net = na.load(tmp_path / "g.graphml")
    expected = np.zeros((3, 3))
    expected[0, 1] = 32
    np.testing.assert_array_equal(net.weights, expected if directed else expected + expected.T)
    assert net.labels.tolist() == ["ASEL", "AIYL", "RIA"]
    assert na.load(tmp_path / "g.graphml", key="length").weights[0, 1] == 1.5
    with pytest.raises(ValueError, match=r"no attribute 'x'.*length"):
        na.load(tmp_path / "g.graphml", key="x")


def test_graphml_of_igraph(tmp_path):
    graph = igraph.Graph.Weighted_Adjacency(W.tolist(), mode="directed")
    graph.vs["name"] = LABELS
    graph.write_graphml(str(tmp_path / "g.graphml"))
    net = na.load(tmp_path / "g.graphml")
    np.testing.assert_allclose(net.weights, W, rtol=1e-14)
    assert net.labels.tolist() == LABELS


def test_graphml_default_of_an_attribute(tmp_path):
    path = tmp_path / "g.graphml"
    path.write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="w" for="edge" attr.name="weight" '
        'attr.type="double"><default>7.5</default></key><graph edgedefault="directed"><node id="a"/><node id="b"/>'
        '<edge source="a" target="b"/><edge source="b" target="a"><data key="w">2</data></edge></graph></graphml>'
    )
    np.testing.assert_array_equal(na.load(path).weights, [[0, 7.5], [2, 0]])


def test_graphml_edges(tmp_path):
    path = tmp_path / "g.graphml"
    nx.write_graphml(nx.DiGraph([(0, 1)]), path)
    np.testing.assert_array_equal(na.load(path).weights, [[0, 1], [0, 0]])
    multi = nx.MultiDiGraph()
    multi.add_edge("a", "b", weight=1.5)
    multi.add_edge("a", "b", weight=2.0)
    nx.write_graphml(multi, path)
    net = na.load(path)
    assert net.weights[0, 1] == 3.5
    assert net.history == ("load: 1 parallel edges summed",)
    some = nx.DiGraph()
    some.add_edge(0, 1, weight=2.0)
    some.add_edge(1, 0, kind="x")
    nx.write_graphml(some, path)
    with pytest.raises(ValueError, match="1 edges lack"):
        na.load(path)
    with pytest.raises(ValueError, match="1 edges lack"):
        na.load(path, key="kind")
    other = nx.DiGraph()
    other.add_edge(0, 1, synapses=2)
    nx.write_graphml(other, path)
    with pytest.raises(ValueError, match=r"no 'weight'.*synapses"):
        na.load(path)
    nx.write_graphml(nx.DiGraph(), path)
    with pytest.raises(ValueError, match="without nodes"):
        na.load(path)
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><graphml/>')
    with pytest.raises(ValueError, match="entities"):
        na.load(path)


# ---------------------------------------------------------------- tables and edge lists


def _text(tmp_path, content, suffix=".csv"):
    path = tmp_path / f"t{suffix}"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "header", ["source,target,weight", "from,to,weight", "Pre,Post,Weight", "weight,target,source"]
)
def test_named_edge_list_settles_direction(tmp_path, header):
    order = ["weight", "target", "source"] if header.startswith("weight") else ["source", "target", "weight"]
    edges = pd.DataFrame({"source": ["b", "a", "c"], "target": ["a", "c", "c"], "weight": [0.1, -2.0, 3.0]})
    net = na.load(_text(tmp_path, header + "\n" + edges[order].to_csv(index=False, header=False)))
    frame = pd.DataFrame(net.weights, net.labels, net.labels)
    assert (frame.loc["b", "a"], frame.loc["a", "c"], frame.loc["c", "c"]) == (0.1, -2.0, 3.0)
    assert np.count_nonzero(net.weights) == 3
    assert net.metadata["orientation"] == "source_target"


@pytest.mark.parametrize(
    ("suffix", "sep"), [(".csv", ","), (".csv", ";"), (".tsv", "\t"), (".txt", " "), (".txt", ",")]
)
def test_separators(tmp_path, suffix, sep):
    net = na.load(_text(tmp_path, sep.join(["source", "target"]) + "\n" + sep.join(["10", "9"]) + "\n", suffix))
    np.testing.assert_array_equal(net.weights, [[0, 0], [1, 0]])
    np.testing.assert_array_equal(net.labels, [9, 10])


@BOTH
def test_edge_list_without_header_must_be_told_its_direction(tmp_path, orientation):
    path = _text(tmp_path, "# comment\n0 1 2.5\n1 2 1\n2 5 1\n7 0 1\n", ".txt")
    with pytest.raises(ValueError, match="orientation="):
        na.load(path)
    net = na.load(path, orientation=orientation)
    assert net.labels.tolist() == [0, 1, 2, 5, 7]
    assert net.weights[(0, 1) if orientation == "source_target" else (1, 0)] == 2.5


def test_edge_list_of_named_nodes_without_header(tmp_path):
    path = _text(tmp_path, "ASEL,AIYL,32\nAIYL,RIA,1\n")
    net = na.load(path, orientation="source_target")
    assert net.labels.tolist() == ["ASEL", "AIYL", "RIA"]
    assert net.weights[0, 1] == 32
    assert net.weights[1, 0] == 0


def test_repeated_edges_add_up_and_the_history_says_so(tmp_path):
    net = na.load(_text(tmp_path, "source,target\na,b\na,b\na,b\nb,a\n"))
    np.testing.assert_array_equal(net.weights, [[0, 3], [1, 0]])
    assert net.history == ("load: 2 repeated edges added to others between the same nodes",)


def test_long_edge_list_becomes_sparse(tmp_path):
    net = na.load(_text(tmp_path, "source,target\n" + "".join(f"{i},{i + 1}\n" for i in range(6000))))
    assert net.is_sparse
    assert (net.n_nodes, net.weights.nnz, net.weights[3, 4], net.weights[4, 3]) == (6001, 6000, 1, 0)


def test_key_names_the_weight_column(tmp_path):
    path = _text(tmp_path, "source,target,synapses,type\na,b,4,chem\n")
    with pytest.raises(ValueError, match=r"no column is named weight.*synapses"):
        na.load(path)
    net = na.load(path, key="synapses")
    assert net.weights[0, 1] == 4
    assert net.metadata["key"] == "synapses"
    with pytest.raises(ValueError, match="no column 'x'"):
        na.load(path, key="x")
    with pytest.raises(ValueError, match="expected a number, got 'chem'"):
        na.load(path, key="type")


AMBIGUOUS = {
    "3 x 3 of whole numbers": "0,1,1\n1,0,0\n2,0,1\n",
    "2 x 2 of whole numbers": "0,1\n1,0\n",
    "numbered header": "0,1,2\n0,1,5\n1,2,5\n2,0,5\n",
    "labelled corner": "x,0,1\n0,1,2\n1,3,4\n",
    "unknown header": "a,b,c\n0,1,5\n1,2,5\n2,0,5\n",
    "labels at the side": "A,1,2\nB,3,4\n",
}


@pytest.mark.parametrize("content", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_could_be_both_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"could be an edge list or a matrix.*source,target"):
        na.load(_text(tmp_path, content), orientation="source_target")


@pytest.mark.parametrize("content", ["id1,id2,w\n0,1,5\n1,2,5\n", "a,b\nc,d\n", "x,y\n0,1\n1,2\n2,3\n"])
def test_unknown_header_of_an_edge_list_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match="is a header"):
        na.load(_text(tmp_path, content), orientation="source_target")


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (",0,1,2\n0,0,32,0.1\n1,0.5,0,-2\n2,5,0,0.25\n", None),  # pandas' default
        ("0,1,2\n0,32,0.1\n0.5,0,-2\n5,0,0.25\n", None),
        (",10,20,30\n10,0,32,0.1\n20,0.5,0,-2\n30,5,0,0.25\n", [10, 20, 30]),
        ("a,b,c\na,0,32,0.1\nb,0.5,0,-2\nc,5,0,0.25\n", ["a", "b", "c"]),  # R: no corner
        ("\ufeff,a,b,c\r\na,0,32,0.1\r\nb,0.5,0,-2\r\nc,5,0,0.25\r\n", ["a", "b", "c"]),  # Excel
        ("0,32,0.1\n\n0.5,0,-2\n5,0,0.25\n\n", None),
    ],
)
def test_where_labels_are(tmp_path, content, labels):
    net = na.load(_text(tmp_path, content), orientation="source_target")
    np.testing.assert_array_equal(net.weights, [[0, 32, 0.1], [0.5, 0, -2], [5, 0, 0.25]])
    assert net.labels is None if labels is None else net.labels.tolist() == labels


def test_corner_cell_settles_direction(tmp_path):
    path = _text(tmp_path, "target\\source,a,b\na,0,0\nb,7,0\n")
    assert na.load(path).weights[0, 1] == 7
    with pytest.raises(ValueError, match="contradicts"):
        na.load(path, orientation="source_target")


BAD_TEXT = {
    "same labels in another order": ",a,b\nb,0,1\na,2,0\n",
    "other labels": ",a,b\na,0,1\nc,2,0\n",
    "got ''": ",a,b\na,0,\nb,2,0\n",
    "got 'x'": "0.5,1,2,3\n1,x,3,4\n1,2,3,4\n1,2,3,4\n",
    "row 3 has 2 cells": "0.5,1,2\n1,2,3\n1,2\n",
    "neither a square matrix nor an edge list": "0.5,1,2,3\n1,2,3,4\n",
    "NaN": "0.5,nan\n1.5,2\n",
    "lacks a source or a target": "source,target\na,b\na,\n",
    "without edges": "source,target,weight\n",
    "holds no numbers": "\n\n",
    "key names the weight column": None,
}


@pytest.mark.parametrize("message", BAD_TEXT)
def test_bad_tables_are_refused(tmp_path, message):
    content = BAD_TEXT[message]
    path = _text(tmp_path, content if content is not None else "0.5,1\n2,3\n")
    with pytest.raises(ValueError, match=rf"t\.csv.*{message}"):
        na.load(path, key="w" if content is None else None, orientation="source_target")


# ---------------------------------------------------------------- torch


class Net(torch.nn.Module):
    def __init__(self, cell, layers=1):
        super().__init__()
        self.rnn = cell(2, 3, num_layers=layers)
        self.readout = torch.nn.Linear(3, 4)


@pytest.fixture
def seeded():
    torch.manual_seed(0)


@pytest.mark.parametrize("suffix", [".pt", ".safetensors", ".npz"])
def test_torch_rnn_from_hidden_unit_to_hidden_unit(tmp_path, seeded, suffix):
    model = Net(torch.nn.RNN)
    path = tmp_path / f"model{suffix}"
    state = model.state_dict()
    arrays = {k: v.numpy() for k, v in state.items()}
    if suffix == ".pt":
        torch.save({"epoch": 3, "state": state, "optimizer": {"m": torch.ones(3, 3)}}, path)
    elif suffix == ".npz":
        np.savez(path, **arrays)
    else:
        safetensors.numpy.save_file(arrays, path)
    with pytest.raises(ValueError, match="torch stores weight_hh as target_source"):
        na.load(path)
    net = na.load(path, orientation="target_source")
    # One step from rest, on the linear part: what unit 0 receives and sends.
    hidden, x = torch.tensor([1.0, 0, 0]), torch.tensor([1.0, 0])
    weight_hh, weight_ih = model.rnn.weight_hh_l0, model.rnn.weight_ih_l0
    np.testing.assert_allclose(net.weights[0], (weight_hh @ hidden).detach(), rtol=1e-6)
    np.testing.assert_allclose(net.inputs[0], (weight_ih @ x).detach(), rtol=1e-6)
    np.testing.assert_allclose(net.outputs[0], (model.readout.weight @ hidden).detach(), rtol=1e-6)
    assert net.metadata["key"].endswith("rnn.weight_hh_l0")
    with_key = na.load(path, key="weight_hh_l0", orientation="target_source")
    np.testing.assert_array_equal(with_key.weights, net.weights)


@pytest.mark.parametrize(("cell", "gates"), [(torch.nn.GRU, "rzn"), (torch.nn.LSTM, "ifgo")])
def test_torch_gates(tmp_path, seeded, cell, gates):
    model = Net(cell)
    path = tmp_path / "model.pt"
    torch.save(model.state_dict(), path)
    with pytest.raises(ValueError, match=rf"stacks {len(gates)} gates.*weight_hh_l0\[{gates[0]}\]"):
        na.load(path, orientation="target_source")
    for k, gate in enumerate(gates):
        for name in (gate, k):
            net = na.load(path, key=f"rnn.weight_hh_l0[{name}]", orientation="target_source")
            rows = slice(3 * k, 3 * k + 3)
            np.testing.assert_array_equal(net.weights, model.rnn.weight_hh_l0[rows].detach().T)
            np.testing.assert_array_equal(net.inputs, model.rnn.weight_ih_l0[rows].detach().T)
            np.testing.assert_array_equal(net.outputs, model.readout.weight.detach().T)
            assert net.metadata["key"] == f"rnn.weight_hh_l0[{gate}]"
    for wrong in ("q", "9"):
        with pytest.raises(ValueError, match="no gate"):
            na.load(path, key=f"weight_hh_l0[{wrong}]", orientation="target_source")
    with pytest.raises(ValueError, match="does not stack square blocks"):
        na.load(path, key="readout.weight[0]", orientation="target_source")


def test_torch_gate_order_is_that_of_the_equations(tmp_path, seeded):
    """The block called n is the one that the candidate state of torch's GRU uses."""
    gru = torch.nn.GRUCell(1, 3)
    torch.save(gru.state_dict(), tmp_path / "gru.pt")
    part = {
        g: na.load(tmp_path / "gru.pt", key=f"weight_hh[{g}]", orientation="target_source").weights.T for g in "rzn"
    }
    h = np.array([0.3, -0.2, 0.9])
    bias_i, bias_h = (b.detach().double().numpy().reshape(3, 3) for b in (gru.bias_ih, gru.bias_hh))
    sigmoid = lambda a: 1 / (1 + np.exp(-a))  # noqa: E731
    r, z = (sigmoid(bias_i[k] + part[g] @ h + bias_h[k]) for k, g in enumerate("rz"))
    n = np.tanh(bias_i[2] + r * (part["n"] @ h + bias_h[2]))
    expected = gru(torch.zeros(1, 1), torch.tensor(h, dtype=torch.float32)[None])[0].detach()
    np.testing.assert_allclose((1 - z) * n + z * h, expected, rtol=1e-5)


def test_layers_are_candidates_of_their_own(tmp_path, seeded):
    torch.save(Net(torch.nn.RNN, layers=2).state_dict(), tmp_path / "m.pt")
    with pytest.raises(ValueError, match=r"several arrays.*weight_hh_l0' \(3, 3\).*weight_hh_l1' \(3, 3\)") as error:
        na.load(tmp_path / "m.pt", orientation="target_source")
    assert "weight_ih" not in str(error.value)
    net = na.load(tmp_path / "m.pt", key="rnn.weight_hh_l0", orientation="target_source")
    assert net.inputs.shape == (2, 3)
    assert net.outputs is None  # the readout may read from the other layer


@pytest.mark.filterwarnings("ignore:'torch.load' received a zip file")
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_other_containers_of_torch(tmp_path):
    torch.save({"W": torch.tensor(W)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    np.testing.assert_array_equal(na.load(tmp_path / "old.pt", orientation="source_target").weights, W)
    torch.jit.save(torch.jit.script(torch.nn.Linear(3, 3)), tmp_path / "script.pt")
    with pytest.raises(ValueError, match="state_dict"):
        na.load(tmp_path / "script.pt")


def test_bfloat16(tmp_path):
    tensor = torch.tensor(W).bfloat16()
    torch.save({"W": tensor}, tmp_path / "w.pt")
    net = na.load(tmp_path / "w.pt", orientation="source_target")
    np.testing.assert_array_equal(net.weights, tensor.double().numpy())
    safetensors.torch.save_file({"W": tensor}, tmp_path / "w.safetensors")
    net = na.load(tmp_path / "w.safetensors", orientation="source_target")
    np.testing.assert_array_equal(net.weights, tensor.double().numpy())


def test_a_tensor_alone(tmp_path):
    torch.save(torch.tensor(W), tmp_path / "w.pt")
    np.testing.assert_array_equal(na.load(tmp_path / "w.pt", orientation="source_target").weights, W)


class Bomb:
    def __reduce__(self):
        return (exec, ("import pathlib; pathlib.Path('exploded').touch()",))


def test_torch_never_unpickles_objects(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"W": torch.tensor(W), "x": Bomb()}, tmp_path / "m.pt")
    (tmp_path / "legacy.pth").write_bytes(pickle.dumps(Bomb()))
    torch.save(Net(torch.nn.RNN), tmp_path / "module.pt")
    for name in ("m.pt", "legacy.pth", "module.pt"):
        with pytest.raises(ValueError, match=rf"{name}.*state_dict"):
            na.load(tmp_path / name, orientation="source_target")
    assert not (tmp_path / "exploded").exists()


# ---------------------------------------------------------------- Keras, laid out as Keras 3.15 does


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


# ---------------------------------------------------------------- choosing among arrays


def test_rate_network_names(tmp_path):
    w_in, w_out = np.ones((3, 2)) * [1, 2], np.ones((4, 3)) * [[1], [2], [3], [4]]
    np.savez(tmp_path / "m.npz", W_rec=W.T, W_in=w_in, W_out=w_out, mask=np.eye(3))
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
    np.savez(path, wide=np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"no square array.*'wide' \(3, 5\)"):
        na.load(path)


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
    net = na.load(psych, key="W_rec", orientation="target_source")
    assert (net.inputs.shape, net.outputs.shape) == ((2, 50), (50, 2))
    assert net.metadata["sha256"] == "46644e2d953d1badbcefb544d6fff866c937be77531c40cb20955335c921d3b7"


# ---------------------------------------------------------------- refusals


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
    with pytest.raises(ValueError, match="not a file"):
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


ALL_SUFFIXES = [".npz", ".npy", ".mat", ".h5", ".graphml", ".safetensors", ".pt", ".csv", ".tsv", ".txt"]


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
    monkeypatch.setattr(_entries, "SIZE_LIMIT_BYTES", 20)
    with pytest.raises(MemoryError, match="limit"):
        na.load(path, orientation="source_target")


@pytest.mark.parametrize("suffix", [".npz", ".mat", ".h5", ".safetensors", ".csv", ".graphml"])
def test_size_of_saved_files_is_checked(tmp_path, suffix, monkeypatch):
    na.save(W, tmp_path / f"w{suffix}")
    monkeypatch.setattr(_entries, "SIZE_LIMIT_BYTES", 20)
    with pytest.raises(MemoryError, match="limit"):
        na.load(tmp_path / f"w{suffix}")


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
    monkeypatch.setattr(_entries, "SIZE_LIMIT_BYTES", 2**20)
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("read before its size was checked"))
    with pytest.raises(MemoryError, match="1500, 1500"):
        na.load(tmp_path / "w.npz")


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


def test_other_sparse_files_are_refused(tmp_path):
    path = tmp_path / "w.npz"
    sparse.save_npz(path, sparse.bsr_array(W))
    with pytest.raises(ValueError, match=r"'bsr' format.*tocsr"):
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


def test_graphml_weights_must_be_numbers(tmp_path):
    graph = nx.DiGraph()
    graph.add_edge("a", "b", kind="chemical")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(ValueError, match="'kind' does not hold numbers"):
        na.load(tmp_path / "g.graphml", key="kind")


def test_recurrent_kernel_of_another_shape_is_no_candidate(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file["rnn/recurrent_kernel"] = np.ones((3, 6))
    with pytest.raises(ValueError, match=r"no square array.*\(3, 6\)"):
        na.load(tmp_path / "m.h5")


def test_mat_stack_of_stacks_is_refused(tmp_path):
    with pytest.raises(ValueError, match="stacks of shape"):
        na.save(np.zeros((2, 2, 3, 3)), tmp_path / "w.mat")


def test_torch_tensors_that_are_not_plain_are_refused(tmp_path):
    torch.save({"z": torch.tensor(W * 1j), "W": torch.tensor(W)}, tmp_path / "w.pt")
    with pytest.raises(ValueError, match=r"'z'.*real numbers"):
        na.load(tmp_path / "w.pt", key="z")
