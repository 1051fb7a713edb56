"""Text as it is written: matrices and edge lists in the layouts that people save, or the cause of a refusal."""

import gzip

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import netanalysis as na
from netanalysis._core import columns, memory

BOTH = pytest.mark.parametrize("orientation", ["source_target", "target_source"])


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
    path = _text(tmp_path, "source,target,delay,type\na,b,4,chem\n")
    with pytest.raises(ValueError, match=r"no column is named weight.*delay"):
        na.load(path)
    net = na.load(path, key="delay")
    assert net.weights[0, 1] == 4
    assert net.metadata["key"] == "delay"
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
        ("a,b,#c\na,0,32,0.1\nb,0.5,0,-2\n#c,5,0,0.25\n", ["a", "b", "#c"]),  # as long as other rows: no comment
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
    r"got 'x' \(from row 2, column 2 on\)": "0.5,1,2,3\n1,x,3,4\n1,2,3,4\n1,2,3,4\n",
    "row 3 has 2 cells": "0.5,1,2\n1,2,3\n1,2\n",
    "neither a square matrix nor an edge list": "0.5,1,2,3\n1,2,3,4\n",
    "neither a square matrix nor an edge list: 3 lines of 4": "a,x,2,3\nb,2,3,4\nc,6,7,8\n",
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


# ---------------------------------------------------------------- dialects

A = np.round(np.random.default_rng(0).random((5, 5)), 3)


def _rows(sep, end="\n", decimal="."):
    return "".join(sep.join(repr(float(x)).replace(".", decimal) for x in row) + end for row in A)


def _beside(sep, top, side, corner=""):
    lines = [sep.join([corner, *top])] + [
        sep.join([name, *map(repr, row)]) for name, row in zip(side, A.tolist(), strict=True)
    ]
    return "\n".join(lines) + "\n"


LAYOUTS = {
    "comment above a comma table": (".csv", "# made by x, y\n" + _rows(",")),
    "several comments": (".txt", "# a\n# b c\n\n" + _rows(" ")),
    "% comment": (".txt", "% made by x\n" + _rows(" ")),
    "// comment": (".txt", "// made by x\n" + _rows("\t")),
    "comment below": (".csv", _rows(",") + "# end\n"),
    "AFNI": (".1D", "# n = 5\n" + "".join("  " + line + "\n" for line in _rows("  ").splitlines())),
    "spaces in .csv": (".csv", _rows(" ")),
    "several spaces": (".dat", _rows("   ")),
    "spaces in .tsv": (".tsv", _rows(" ")),
    "commas in .tsv": (".tsv", _rows(",")),
    "comma and space": (".csv", _rows(", ")),
    "bars": (".txt", _rows("|")),
    "BrainNet Viewer": (".edge", _rows("\t")),
    "ssv": (".ssv", _rows(";")),
    "tab at the end": (".txt", _rows("\t", "\t\n")),
    "comma at the end": (".csv", _rows(",", ",\n")),
    "sep=;": (".csv", "sep=;\n" + _rows(";")),
    "decimal commas, semicolons": (".csv", _rows(";", decimal=",")),
    "decimal commas, tabs": (".txt", _rows("\t", decimal=",")),
    "decimal commas, spaces": (".txt", _rows(" ", decimal=",")),
    "Windows lines": (".csv", _rows(",", "\r\n")),
    "UTF-8 with BOM": (".csv", "\ufeff" + _rows(",")),
    "ids above": (".csv", "1,2,3,4,5\n" + _rows(",")),
    "long ids above": (".csv", ",".join(str(720575940600000001 + k) for k in range(5)) + "\n" + _rows(",")),
    "ids beside": (".txt", "".join(f"{k} {line}\n" for k, line in enumerate(_rows(" ").splitlines(), 1))),
    "ids above and beside": (".csv", _beside(",", "12345", "12345")),
    "R's write.csv of a matrix without names": (".csv", _beside(",", [f'"V{k}"' for k in range(1, 6)], "12345", '""')),
    "R's write.table": (".txt", "".join(_beside(" ", [f'"n{k}"' for k in "abcde"], [f'"n{k}"' for k in "abcde"])[1:])),
    "names above, pandas' count beside": (".csv", _beside(",", "abcde", "01234")),
    "a count above": (".txt", "5\n" + _rows(" ")),
}


@pytest.mark.parametrize(("suffix", "text"), LAYOUTS.values(), ids=LAYOUTS)
def test_layouts_of_a_matrix(tmp_path, suffix, text):
    net = na.load(_text(tmp_path, text, suffix), orientation="source_target")
    np.testing.assert_array_equal(net.weights, A)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("ids above", [1, 2, 3, 4, 5]),
        ("long ids above", [720575940600000001 + k for k in range(5)]),
        ("ids beside", [1, 2, 3, 4, 5]),
        ("R's write.csv of a matrix without names", None),
        ("R's write.table", ["na", "nb", "nc", "nd", "ne"]),
        ("names above, pandas' count beside", list("abcde")),
        ("comment above a comma table", None),
        ("% comment", None),
    ],
)
def test_labels_of_layouts(tmp_path, name, labels):
    suffix, text = LAYOUTS[name]
    net = na.load(_text(tmp_path, text, suffix), orientation="source_target")
    assert net.labels is None if labels is None else net.labels.tolist() == labels


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "w.csv"
    path.write_bytes(("caf\u00e9,b,c,d,e\n" + _rows(",")).encode(encoding))
    net = na.load(path, orientation="source_target")
    np.testing.assert_array_equal(net.weights, A)
    assert net.labels[0] == "caf\u00e9"
    assert net.history == (("load: not UTF-8, so read as Latin-1",) if encoding == "latin-1" else ())


def test_latin_1_far_behind_the_first_lines(tmp_path):
    path = tmp_path / "w.csv"
    rows = "".join(f"n{k},n{k + 1},1\n" for k in range(3000))
    path.write_bytes(("source,target,weight\n" + rows + "\u00e9,n0,2\n").encode("latin-1"))
    assert na.load(path).labels[-1] == "\u00e9"


@pytest.mark.parametrize("suffix", [".csv.gz", ".tsv.gz", ".txt.gz"])
def test_packed_text(tmp_path, suffix):
    path = tmp_path / f"brain{suffix}"
    path.write_bytes(gzip.compress(_rows(",").encode()))
    net = na.load(path, orientation="source_target")
    np.testing.assert_array_equal(net.weights, A)
    assert net.name == "brain"


def test_packed_text_that_unpacks_to_any_size(tmp_path, monkeypatch):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 10**6))
    monkeypatch.setattr(memory, "LIMIT_BYTES", 10**5)
    with pytest.raises(MemoryError, match="limit"):
        na.load(path)
    path.write_bytes(gzip.compress(_rows(",").encode())[:40])
    with pytest.raises(ValueError, match=r"bomb\.csv\.gz"):
        na.load(path)


@pytest.mark.parametrize(("true", "false"), [("True", "False"), ("TRUE", "FALSE"), ("true", "false")])
def test_tables_of_truth(tmp_path, true, false):
    b = A > 0.5
    text = "".join(",".join(true if x else false for x in row) + "\n" for row in b)
    np.testing.assert_array_equal(na.load(_text(tmp_path, text), orientation="source_target").weights, b)


REFUSED = {
    "could be 2345 with thousands separators or 2.345 with a decimal comma": "0;1,234\n2,345;0\n",
    "could be 1234.5 with thousands separators": "a;b\n1,234.5;0\n0;1\n",
    "has a decimal point, other numbers a decimal comma": "0,5;1.5\n0,25;1\n",
    "a triangle of a matrix": "0.5\n1.5,2\n3,4,5\n",
    "first line, .'5', '3'., could be an edge or the numbers": "5 3\n1 2\n2 3\n3 4\n",
    "could count nodes and edges": "7\n0.5 1\n2 3\n",
    "could all be the weights": "source,target,count,synapses\na,b,1,2\n",
    "last digits were lost": "source,target\n7.205759406e+17,1\n1,2\n",
    "neither called directed nor undirected": "source,target,type\n" + "a,b,Directed\n" * 1001 + "b,c,sideways\n",
    "row 7, .'x', '1', 'y'., is not an edge": "1,2,0.5\n2,3,1\n3,1,1\n4,5,1\n5,6,1\n6,7,1\nx,1,y\n",
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_ambiguous_or_lost_is_refused_with_the_cause(tmp_path, message):
    with pytest.raises(ValueError, match=rf"t\.csv.*{message}"):
        na.load(_text(tmp_path, REFUSED[message]), orientation="source_target")


def test_no_text_is_refused(tmp_path):
    path = tmp_path / "w.csv"
    path.write_bytes(b"\1\0\2\3\0\0" * 100)
    with pytest.raises(ValueError, match="no text"):
        na.load(path)


def test_counts_above_an_edge_list(tmp_path):
    net = na.load(_text(tmp_path, "6 3\n1 2 0.5\n2 4 1\n4 5 2\n", ".txt"), orientation="source_target")
    assert net.labels.tolist() == [1, 2, 3, 4, 5, 6]
    assert (net.weights[0, 1], net.weights[3, 4]) == (0.5, 2)


# ---------------------------------------------------------------- edge lists as people name them

HEADERS = [
    "source,target,weight",
    "Source,Target,Weight",
    "from,to,count",
    "pre,post,synapses",
    "pre_root_id,post_root_id,syn_count",
    "pre_pt_root_id,post_pt_root_id,n_syn",
    "bodyId_pre,bodyId_post,weight",
    "presynaptic,postsynaptic,strength",
    "Presynaptic ID,Postsynaptic ID,Number of Synapses",
    "presynaptic_neuron,postsynaptic_neuron,weights",
    "src,dst,w8 value:value",
    "preNeuron,postNeuron,nSynapses",
]


@pytest.mark.parametrize("header", HEADERS)
def test_names_of_columns(tmp_path, header):
    header = header.replace("w8 value:", "")
    net = na.load(_text(tmp_path, f"{header}\n5,7,2\n7,5,3\n"))
    np.testing.assert_array_equal(net.weights, [[0, 2], [3, 0]])
    assert net.labels.tolist() == [5, 7]


@pytest.mark.parametrize("ends", columns.ENDS, ids=lambda row: row[0])
def test_every_alias_is_read(tmp_path, ends):
    source, target, said = ends
    path = _text(tmp_path, f"{target},{source}\nb,a\nc,a\n")
    if not said:
        with pytest.raises(ValueError, match=r"which end is the source.*undirected=True"):
            na.load(path)
    net = na.load(path, orientation=None if said else "source_target")
    assert net.weights[net.labels.tolist().index("a")].sum() == 2


def test_a_comment_may_name_the_columns(tmp_path):
    net = na.load(_text(tmp_path, "# source target weight\n0 1 2.5\n1 0 1\n1 2 1\n", ".edgelist"))
    np.testing.assert_array_equal(net.weights, [[0, 2.5, 0], [1, 0, 1], [0, 0, 0]])


def test_long_ids_are_exact(tmp_path):
    a, b = 720575940628857210, 720575940628857211
    net = na.load(_text(tmp_path, f"pre_root_id,post_root_id,syn_count\n{a},{b},5\n{b},{a},6\n"))
    assert net.labels.tolist() == [a, b]
    assert net.labels.dtype == np.int64
    np.testing.assert_array_equal(net.weights, [[0, 5], [6, 0]])
    beyond = 2**64 + 1
    assert na.load(_text(tmp_path, f"source,target\n{beyond},{beyond + 1}\n")).labels.tolist() == [
        str(beyond),
        str(beyond + 1),
    ]


@pytest.mark.parametrize(
    ("ids", "labels"),
    [
        (["1", "1.0", "2", "2.0"], [1, 2]),
        (["1.5", "1.50", "2", "2"], [1.5, 2]),
        (["007", "7", "a", "a"], ["007", "7", "a"]),
        (["1", "a", "1.0", "a"], ["1", "a", "1.0"]),
    ],
)
def test_one_node_has_one_name(tmp_path, ids, labels):
    text = "source,target\n" + "".join(f"{x},{y}\n" for x, y in zip(ids[::2], ids[1::2], strict=True))
    assert na.load(_text(tmp_path, text)).labels.tolist() == labels


def test_neuropils_are_summed_and_said(tmp_path):
    rows = "10,11,AL_L,5,ACH\n10,11,AL_R,7,ACH\n11,10,ME_L,2,GABA\n"
    net = na.load(_text(tmp_path, "pre_root_id,post_root_id,neuropil,syn_count,nt_type\n" + rows))
    np.testing.assert_array_equal(net.weights, [[0, 12], [2, 0]])
    assert net.history == (
        "load: weights from the column 'syn_count'",
        "load: columns not read: ['neuropil', 'nt_type']",
        "load: 1 repeated edges added to others between the same nodes (rows of one pair for each 'neuropil')",
    )


def test_edges_that_say_their_direction(tmp_path):
    header = "Source,Target,Type,Id,Label,Weight\n"
    net = na.load(_text(tmp_path, header + "0,1,Undirected,0,,2.0\n1,2,Undirected,1,,1.0\n2,2,Undirected,2,,3\n"))
    np.testing.assert_array_equal(net.weights, [[0, 2, 0], [2, 0, 1], [0, 1, 6]])
    mixed = na.load(_text(tmp_path, header + "0,1,Undirected,0,,2.0\n1,2,Directed,1,,1.0\n"))
    np.testing.assert_array_equal(mixed.weights, [[0, 2, 0], [2, 0, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"connections are directed; undirected=True contradicts"):
        na.load(_text(tmp_path, header + "0,1,Directed,0,,2.0\n"), undirected=True)


def test_undirected_edge_lists(tmp_path):
    pairs = "a,b,2\nb,c,1\nc,c,4\n"
    right = [[0, 2, 0], [2, 0, 1], [0, 1, 8]]  # a self-connection has both its ends at c
    for header in ("source,target,weight\n", "node1,node2,weight\n"):
        net = na.load(_text(tmp_path, header + pairs), undirected=True)
        np.testing.assert_array_equal(net.weights, right)
        assert net.history[-1] == "load: undirected: every connection stored once stands for both directions"
    both = na.load(_text(tmp_path, "source,target,weight\na,b,2\nb,a,2\nb,c,1\nc,b,1\nc,c,4\n"), undirected=True)
    np.testing.assert_array_equal(both.weights, right)
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 2), ("b", "c", 1), ("c", "c", 4)])
    np.testing.assert_array_equal(na.Connectome(graph).weights, right)
    with pytest.raises(ValueError, match=r"1 pairs of nodes are stored in both directions.*symmetrize"):
        na.load(_text(tmp_path, "source,target,weight\na,b,2\nb,a,3\nb,c,1\n"), undirected=True)


def test_many_edges_from_lower_to_higher_ids_may_be_half_of_an_undirected_network(tmp_path):
    rng = np.random.default_rng(0)
    i, j = np.nonzero(np.triu(rng.random((20, 20)) < 0.5, 1))
    path = _text(tmp_path, pd.DataFrame({"source": i, "target": j}).to_csv(index=False))
    with pytest.warns(UserWarning, match=r"above the diagonal.*undirected=True.*no cycle"):
        na.load(path)
    assert not na.load(path, undirected=True).is_directed


def test_half_a_matrix(tmp_path):
    rng = np.random.default_rng(0)
    u = np.triu(rng.random((8, 8)))
    for half, words in ((u, "upper triangle; the lower triangle is empty"), (u.T, "lower triangle; the upper")):
        path = tmp_path / "half.csv"
        np.savetxt(path, half, delimiter=",", fmt="%.17g")
        with pytest.raises(ValueError, match=f"{words}.*undirected=True.*orientation="):
            na.load(path)
        with pytest.warns(UserWarning, match=f"{words}.*undirected=True"):
            na.load(path, orientation="source_target")
        net = na.load(path, undirected=True)
        np.testing.assert_array_equal(net.weights, u + u.T - np.diag(u.diagonal()))
        assert not net.is_directed
    with pytest.raises(ValueError, match="no orientation"):
        na.load(path, undirected=True, orientation="source_target")
    with pytest.raises(TypeError, match="undirected must be"):
        na.load(path, undirected="yes")


def test_undirected_matrices_of_any_format(tmp_path):
    u = np.triu(np.random.default_rng(0).random((6, 6)), 1)
    np.save(tmp_path / "stack.npy", np.stack([u, 2 * u]))
    net = na.load(tmp_path / "stack.npy", undirected=True)
    np.testing.assert_array_equal(net.weights, np.stack([u + u.T, 2 * (u + u.T)]))


@pytest.mark.parametrize("fmt", ["%.6g", "%.7g", "%.8e", "%.18e"])
def test_rounding_of_printed_single_precision_is_no_direction(tmp_path, fmt):
    rng = np.random.default_rng(3)
    c = np.corrcoef(rng.normal(size=(40, 60)))
    noisy = (c * (1 + 1e-7 * np.tril(rng.integers(-1, 2, c.shape), -1))).astype(np.float32)
    assert (noisy != noisy.T).any()
    np.savetxt(tmp_path / "c.txt", noisy, fmt=fmt)
    net = na.load(tmp_path / "c.txt")
    assert not net.is_directed
    np.testing.assert_allclose(net.weights, c, atol=2e-6)


def test_few_printed_digits_are_exact(tmp_path):
    with pytest.raises(ValueError, match="orientation="):
        na.load(_text(tmp_path, "0.5,0.25,0.125\n0.24,0.5,0.5\n0.125,0.5,0.5\n"))


@pytest.mark.parametrize("content", ["0,1,2\n1,NA,3\n2,3,0\n", "0,NA\n1,0\n", "0,<1,2\n1,0,3\n2,3,0\n", "0,1\n-,0\n"])
def test_a_matrix_with_a_cell_that_is_no_number_is_no_edge_list(tmp_path, content):
    """Seen: a missing value made a network of other nodes, without a word."""
    (tmp_path / "w.csv").write_text(content)
    with pytest.raises(ValueError, match=r"expected a number|neither a square matrix|could be an edge list or"):
        na.load(tmp_path / "w.csv", orientation="source_target")


@pytest.mark.parametrize("corner", [True, False])
def test_a_matrix_of_nodes_that_are_called_like_columns_of_edges_is_a_matrix(tmp_path, corner):
    """Seen: connectomes of "region 1", "region 2", … were taken for lists of edges."""
    labels = [f"region {k}" for k in range(5)]
    w = np.arange(25.0).reshape(5, 5) + np.arange(25.0).reshape(5, 5).T
    lines = [",".join([""] * corner + labels)] + [
        ",".join([a, *map(str, row)]) for a, row in zip(labels, w, strict=True)
    ]
    (tmp_path / "w.csv").write_text("\n".join(lines) + "\n")
    net = na.load(tmp_path / "w.csv")
    np.testing.assert_array_equal(net.weights, w)
    assert net.labels.tolist() == labels
