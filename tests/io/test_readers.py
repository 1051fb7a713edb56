"""Text and graph files: matrices, edge lists, and every refusal refusing."""

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest

import netanalysis as na
from tests.io.foreign import BOTH, LABELS, W


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


# ---------------------------------------------------------------- Keras, laid out as Keras 3.15 does


# ---------------------------------------------------------------- choosing among arrays


# ---------------------------------------------------------------- refusals


def test_graphml_weights_must_be_numbers(tmp_path):
    graph = nx.DiGraph()
    graph.add_edge("a", "b", kind="chemical")
    nx.write_graphml(graph, tmp_path / "g.graphml")
    with pytest.raises(ValueError, match="'kind' does not hold numbers"):
        na.load(tmp_path / "g.graphml", key="kind")
