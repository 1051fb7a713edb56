"""Graph formats: direction, weights, labels and isolated nodes as the file has them; hostile files refused."""

import gzip
import json

import igraph
import networkx as nx
import numpy as np
import pytest
import scipy.io
from scipy import sparse

import netanalysis as na
from netanalysis._core import memory

W = np.array([[0, 32.0, 0.1], [0.25, 0, -2], [5, 0, 1 / 3]])
LABELS = ["ASEL", "AIYL", "RIA, left"]


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
    other.add_edge(0, 1, delay=2)
    nx.write_graphml(other, path)
    with pytest.raises(ValueError, match=r"no 'weight'.*delay"):
        na.load(path)
    nx.write_graphml(nx.DiGraph(), path)
    with pytest.raises(ValueError, match="without nodes"):
        na.load(path)
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><graphml/>')
    with pytest.raises(ValueError, match="entities"):
        na.load(path)


def test_graphml_weights_must_be_numbers(tmp_path):
    graph = nx.DiGraph()
    graph.add_edge("a", "b", kind="chemical")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(ValueError, match="'kind' does not hold numbers"):
        na.load(tmp_path / "g.graphml", key="kind")


# ---------------------------------------------------------------- other graph formats


def _graph(directed):
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_node("ASEL")
    graph.add_node("RIA, left")
    graph.add_edge("ASEL", "AIYL", weight=32.5, length=1.5)
    graph.add_edge("AIYL", "AIYL", weight=3.0, length=1.0)
    return graph


def _json(graph, path):
    path.write_text(json.dumps(nx.node_link_data(graph, edges="links")))


WRITERS = {".gml": nx.write_gml, ".gexf": nx.write_gexf, ".graphml": nx.write_graphml, ".json": _json}


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("suffix", WRITERS)
def test_files_of_networkx(tmp_path, suffix, directed):
    path = tmp_path / f"g{suffix}"
    WRITERS[suffix](_graph(directed), path)
    net = na.load(path)
    right = [[0, 0, 32.5], [0, 0, 0], [0, 0, 3]] if directed else [[0, 0, 32.5], [0, 0, 0], [32.5, 0, 6]]
    np.testing.assert_array_equal(net.weights, right)
    assert net.labels.tolist() == ["ASEL", "RIA, left", "AIYL"]
    assert net.is_directed == directed
    assert na.load(path, key="length").weights[0, 2] == 1.5
    with pytest.raises(ValueError, match=r"no attribute 'x'.*length"):
        na.load(path, key="x")
    np.testing.assert_array_equal(na.load(path).weights, na.Connectome(_graph(directed)).weights)
    if directed:
        with pytest.raises(ValueError, match="says itself that its connections are directed"):
            na.load(path, undirected=True)
    else:
        assert not na.load(path, undirected=True).is_directed
        assert net.history == ("load: 1 self-connections of an undirected graph count twice, once for each end",)


def test_gml_of_igraph(tmp_path):
    graph = igraph.Graph.Weighted_Adjacency(W.tolist(), mode="directed")
    graph.vs["label"] = LABELS
    graph.write_gml(str(tmp_path / "g.gml"))
    net = na.load(tmp_path / "g.gml")
    np.testing.assert_allclose(net.weights, W, rtol=1e-14)
    assert net.labels.tolist() == LABELS


def test_undirected_graphs_make_the_round_trip(tmp_path):
    w = np.array([[3.0, 1], [1, 0]])
    na.save(w, tmp_path / "g.graphml")
    graph = nx.read_graphml(tmp_path / "g.graphml")
    assert dict(graph.degree(weight="weight")) == {"0": 4, "1": 1}
    np.testing.assert_array_equal(na.load(tmp_path / "g.graphml").weights, w)


JSON = {
    "D3, by place": {
        "nodes": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
        "links": [{"source": 0, "target": 2, "value": 4}, {"source": 2, "target": 0, "value": 1}],
    },
    "D3, by id": {
        "nodes": [{"id": "a", "group": 1}, {"id": "b", "group": 2}, {"id": "c", "group": 1}],
        "links": [{"source": "a", "target": "c", "value": 4}, {"source": "c", "target": "a", "value": 1}],
    },
    "names alone": {
        "nodes": ["a", "b", "c"],
        "edges": [{"from": "a", "to": "c", "weight": 4}, {"from": "c", "to": "a"}],
    },
}


@pytest.mark.parametrize("data", JSON.values(), ids=JSON)
def test_node_link_data(tmp_path, data):
    path = tmp_path / "g.json"
    path.write_text(json.dumps(data))
    if data is JSON["names alone"]:
        with pytest.raises(ValueError, match="1 edges lack the attribute 'weight'"):
            na.load(path)
        return
    net = na.load(path)
    np.testing.assert_array_equal(net.weights, [[0, 0, 4], [0, 0, 0], [1, 0, 0]])
    assert net.labels.tolist() == ["a", "b", "c"]


def test_json_matrices(tmp_path):
    path = tmp_path / "w.json"
    path.write_text(json.dumps(W.tolist()))
    np.testing.assert_array_equal(na.load(path, orientation="source_target").weights, W)
    path.write_text(json.dumps({"sc": W.tolist(), "fc": (W + W.T).tolist(), "name": "x"}))
    with pytest.raises(ValueError, match=r"choose with key=, among \['sc', 'fc'\]"):
        na.load(path)
    np.testing.assert_array_equal(na.load(path, key="fc").weights, W + W.T)


BAD_JSON = {
    "neither nodes and links": {"a": 1},
    "link 1 has no source": {"nodes": [1], "links": [{"a": 1}]},
    "names the node 'z'": {"nodes": [{"id": "a"}], "links": [{"source": "a", "target": "z"}]},
    "several nodes have the same id": {"nodes": [{"id": "a"}, {"id": "a"}], "links": [{"source": "a", "target": "a"}]},
    "links must name": {"links": [[0, 1]]},
    "without nodes": {"nodes": [], "links": []},
}


@pytest.mark.parametrize("message", BAD_JSON)
def test_bad_json(tmp_path, message):
    (tmp_path / "g.json").write_text(json.dumps(BAD_JSON[message]))
    with pytest.raises(ValueError, match=rf"g\.json.*{message}"):
        na.load(tmp_path / "g.json")


PAJEK = """*Vertices 4
1 "left eye" 0.1 0.2 0.5
2 "right eye" 0.3 0.2 0.5
3 "brain" 0.5 0.5 0.5
4 "alone" 0.9 0.9 0.5
"""


def test_pajek(tmp_path):
    path = tmp_path / "g.net"
    path.write_text("% made by hand\n" + PAJEK + "*Arcs\n1 3 2.5\n3 1 1\n*Edges\n1 2 4\n")
    net = na.load(path)
    np.testing.assert_array_equal(net.weights, [[0, 4, 2.5, 0], [4, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    assert net.labels.tolist() == ["left eye", "right eye", "brain", "alone"]
    np.testing.assert_array_equal(net.positions[0], [0.1, 0.2, 0.5])
    path.write_text("*Vertices 3\n*Edgeslist\n1 2 3\n")
    net = na.load(path, undirected=True)
    np.testing.assert_array_equal(net.weights, [[0, 1, 1], [1, 0, 0], [1, 0, 0]])
    assert net.labels is None
    path.write_text("*Vertices 2\n*Matrix\n0 2\n3 0\n")
    np.testing.assert_array_equal(na.load(path).weights, [[0, 2], [3, 0]])
    for text, message in {
        "*Vertices 3 1\n*Edges\n1 2\n": "two-mode",
        "*Vertices 3\n*Edges\n1 9\n": "beyond its 3",
        "*Arcs\n1 2\n": "no .Vertices",
    }.items():
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            na.load(path)


def test_pajek_of_networkx(tmp_path):
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", weight=2.0)
    graph.add_edge("b", "c", weight=3.0)
    nx.write_pajek(graph, tmp_path / "g.net")
    net = na.load(tmp_path / "g.net")
    np.testing.assert_array_equal(net.weights, [[0, 2, 0], [0, 0, 3], [0, 0, 0]])


def test_metis(tmp_path):
    path = tmp_path / "g.graph"
    path.write_text("% comment\n4 2\n2 3\n1\n1\n\n")
    np.testing.assert_array_equal(na.load(path).weights, [[0, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
    path.write_text("2 1 011\n7 2 5.5\n9 1 5.5\n")
    np.testing.assert_array_equal(na.load(path).weights, [[0, 5.5], [5.5, 0]])
    for text, message in {
        "2 1\n2\n": "promises 2 nodes",
        "2 2\n2\n1\n": "promises 2 edges",
        "2 1\n9\n1\n": "neighbour 9",
        "x\n": "METIS begins",
    }.items():
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            na.load(path)


def test_matrix_market(tmp_path):
    path = tmp_path / "w.mtx"
    scipy.io.mmwrite(path, sparse.coo_array(W))
    with pytest.raises(ValueError, match="orientation="):
        na.load(path)
    net = na.load(path, orientation="target_source")
    assert net.is_sparse
    np.testing.assert_allclose(net.weights.toarray(), W.T, rtol=1e-15)
    path.write_text("%%MatrixMarket matrix coordinate integer symmetric\n% x\n3 3 2\n2 1 4\n3 3 7\n")
    net = na.load(path)
    np.testing.assert_array_equal(net.weights.toarray(), [[0, 4, 0], [4, 0, 0], [0, 0, 7]])
    (tmp_path / "w.mtx.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert na.load(tmp_path / "w.mtx.gz").weights.nnz == 3
    path.write_text("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 2\n")
    np.testing.assert_array_equal(na.load(path, orientation="source_target").weights.toarray(), [[0, 1], [0, 0]])
    path.write_text("%%MatrixMarket matrix coordinate real general\n2 2 0\n")
    assert (na.load(path).n_nodes, na.load(path).weights.nnz) == (2, 0)
    for w, symmetry in ((W, "general"), (W + W.T, "symmetric"), (W - W.T, "skew-symmetric")):
        for matrix in (w, sparse.coo_array(w)):
            scipy.io.mmwrite(path, matrix, symmetry=symmetry, precision=17)
            net = na.load(path, orientation=None if symmetry == "symmetric" else "source_target")
            np.testing.assert_array_equal(net.weights.toarray() if net.is_sparse else net.weights, w)
    for text, message in {
        "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 2 1\n": "square",
        "%%MatrixMarket matrix array real general\n2 2 4\n1\n2\n3\n4\n": "square",
        "%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 2 1 1\n": "complex",
        "%%MatrixMarket matrix coordinate real general\n2 2 1000000\n1 2 1\n": "incomplete",
        "%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n": "promises 6 entries and holds 2: incomplete",
        "%%MatrixMarket matrix array real skew-symmetric\n3 3\n1\n2\n": "promises 3 entries and holds 2: incomplete",
        "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 9 1\n": "beyond its 2",
        "%%MatrixMarket matrix coordinate real general\n2 2 1\n1 2 \xff\n": "could not be read",
        "%%MatrixMarket vector coordinate real general\n2 2 1\n1 2 1\n": "none of matrix",
        "1 2 3\n": "does not begin",
    }.items():
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            na.load(path)
    path.write_text("%%MatrixMarket matrix array real general\n1000000 1000000\n1\n")
    with pytest.raises(MemoryError, match="limit"):
        na.load(path)


# ---------------------------------------------------------------- hostile files


def _samples(folder):
    for suffix, write in WRITERS.items():
        write(_graph(True), folder / f"g{suffix}")
    (folder / "g.net").write_text(PAJEK + "*Arcs\n1 3 2.5\n")
    (folder / "g.graph").write_text("% made by hand\n3 2\n2 3\n1\n1\n")
    scipy.io.mmwrite(folder / "g.mtx", sparse.coo_array(W))
    return sorted(folder.iterdir())


def test_files_of_something_else(tmp_path):
    for path in _samples(tmp_path):
        for content in (b"", bytes(range(256)) * 9, b"\x00" * 100, b"[" * 100_000, b"1 2 3\n" * 5):
            path.write_bytes(content)
            with pytest.raises(ValueError, match=rf"g\{path.suffix}"):
                na.load(path, orientation="source_target")


def test_damaged_files_never_crash(tmp_path):
    rng = np.random.default_rng(0)
    for path in _samples(tmp_path):
        good = path.read_bytes()
        for _ in range(60):
            bad = bytearray(good[: rng.integers(1, len(good))] if rng.random() < 0.5 else good)
            bad[rng.integers(len(bad))] = rng.integers(256)
            path.write_bytes(bytes(bad))
            try:
                na.load(path)
            except (ValueError, MemoryError) as error:
                assert path.name in str(error)  # noqa: PT017


def test_size_is_checked(tmp_path, monkeypatch):
    paths = _samples(tmp_path)
    monkeypatch.setattr(memory, "LIMIT_BYTES", 20)
    for path in paths:
        with pytest.raises(MemoryError, match="limit"):
            na.load(path, orientation="source_target")


def test_sizes_that_a_few_bytes_promise(tmp_path):
    for name, text in {
        "g.net": "*Vertices 1000000000000\n",
        "g.graph": "1000000000000 0\n",
        "g.mtx": "%%MatrixMarket matrix coordinate real general\n1000000000000 1000000000000 1\n1 1 1\n",
    }.items():
        (tmp_path / name).write_text(text)
        with pytest.raises((MemoryError, ValueError), match=r"limit|promises"):
            na.load(tmp_path / name, orientation="source_target")


@pytest.mark.parametrize("suffix", [".graphml", ".gexf"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_encoding(tmp_path, suffix, encoding):
    path = tmp_path / f"g{suffix}"
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode(encoding))
    with pytest.raises(ValueError, match="entities"):
        na.load(path)
