"""Tables: DataFrames, Parquet, Feather, SQLite, sheets; and tables of nodes joined by id."""

import sqlite3
import sys
import zipfile
from contextlib import closing

import numpy as np
import openpyxl
import pandas as pd
import pytest

import netanalysis as na
from netanalysis._core import memory

A, B = 720575940628857210, 720575940628857211
EDGES = pd.DataFrame(
    {
        "pre_root_id": [A, B, A, B],
        "post_root_id": [B, A, B, 7],
        "neuropil": ["AL_L", "AL_L", "AL_R", "AL_R"],
        "syn_count": [5, 6, 2, 1],
    }
)
RIGHT = [[0, 0, 0], [0, 0, 7], [1, 6, 0]]


def _parquet(frame, path):
    pytest.importorskip("pyarrow")
    frame.to_parquet(path)


def _feather(frame, path):
    pytest.importorskip("pyarrow")
    frame.to_feather(path)


def _xlsx(frame, path):
    pytest.importorskip("openpyxl")
    frame.astype({c: str for c in frame.columns if "root_id" in c}).to_excel(path, index=False)


def _sqlite(frame, path):
    with sqlite3.connect(path) as database:
        frame.to_sql("connections", database, index=False)
        database.execute("CREATE TABLE neurons (root_id INTEGER, side TEXT)")
    database.close()


WRITERS = {".parquet": _parquet, ".feather": _feather, ".xlsx": _xlsx, ".sqlite": _sqlite, ".db": _sqlite}


@pytest.mark.parametrize("suffix", WRITERS)
def test_edge_tables(tmp_path, suffix):
    path = tmp_path / f"flywire{suffix}"
    WRITERS[suffix](EDGES, path)
    net = na.load(path)
    np.testing.assert_array_equal(net.weights, RIGHT)
    assert net.labels.tolist() == [7, A, B]
    assert (net.name, net.metadata["key"], net.metadata["orientation"]) == ("flywire", "syn_count", "source_target")
    assert net.history[-1].endswith("between the same nodes (rows of one pair for each 'neuropil')")
    key = {".xlsx": "Sheet1!syn_count", ".sqlite": "connections.syn_count", ".db": "connections"}.get(
        suffix, "syn_count"
    )
    np.testing.assert_array_equal(na.load(path, key=key).weights, RIGHT)
    with pytest.raises(ValueError, match=rf"flywire\{suffix}.*no column 'x'"):
        na.load(path, key="x")


def test_an_edge_table_from_memory():
    net = na.load(EDGES)
    np.testing.assert_array_equal(net.weights, RIGHT)
    assert net.labels.tolist() == [7, A, B]
    assert net.name is None
    text = EDGES.rename(columns={"pre_root_id": "from", "post_root_id": "to"}).astype({"from": str, "to": str})
    assert na.load(text).labels.tolist() == [7, A, B]


@pytest.mark.parametrize("dtype", ["Int64", "Int32", "Float64", "boolean", "uint8", "float32", "int8", "bool"])
def test_column_types(dtype):
    frame = pd.DataFrame({"pre": [1, 1, 2], "post": [2, 2, 1], "weight": pd.array([1, 1, 1], dtype=dtype)})
    assert na.load(frame).weights[0, 1] == 2
    assert na.load(frame.astype({"pre": "Int64", "post": "float64"})).labels.tolist() == [1, 2]


def test_sums_do_not_overflow_a_small_type():
    frame = pd.DataFrame({"pre": [1, 1], "post": [2, 2], "weight": np.array([100, 100], np.int8)})
    assert na.load(frame).weights[0, 1] == 200


BAD = {
    "edge 2 lacks a source or a target": {"pre": [1, None], "post": [2, 3]},
    "edge 2 lacks its weight, column": {"pre": [1, 2], "post": [2, 3], "weight": pd.array([1, None], "Int64")},
    "'kind' does not hold numbers": {"pre": [1], "post": [2], "kind": ["x"]},
    "last digits were lost": {"pre": [7.2e17], "post": [1.0]},
    "no column is named weight": {"pre": [1], "post": [2], "delay": [3.0]},
    "could all be the weights": {"pre": [1], "post": [2], "count": [3], "synapses": [3]},
    "no square matrix": {"a": [1, 2], "b": [3, 4], "c": [5, 6], "d": [5, 6]},
    "without edges": {"pre": [], "post": []},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_tables_are_refused(message):
    with pytest.raises(ValueError, match=f"the DataFrame.*{message}"):
        na.load(pd.DataFrame(BAD[message]), key="kind" if "kind" in message else None)


def test_square_tables(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame([[0, 1.5], [2, 0]], index=["a", "b"], columns=["a", "b"])
    frame.to_parquet(tmp_path / "w.parquet")
    frame.reset_index().to_parquet(tmp_path / "beside.parquet")
    for name in ("w.parquet", "beside.parquet"):
        with pytest.raises(ValueError, match="orientation="):
            na.load(tmp_path / name)
        net = na.load(tmp_path / name, orientation="target_source")
        np.testing.assert_array_equal(net.weights, [[0, 2], [1.5, 0]])
        assert net.labels.tolist() == ["a", "b"]


def test_sheets(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "w.xlsx"
    frame = pd.DataFrame([[0, 1.5], [2, 0]], index=["a", "b"], columns=["a", "b"])
    with pd.ExcelWriter(path) as writer:
        frame.to_excel(writer, sheet_name="sc")
        (frame + frame.T).to_excel(writer, sheet_name="fc")
        pd.DataFrame().to_excel(writer, sheet_name="empty")
    with pytest.raises(ValueError, match=r"sheets \['sc', 'fc'\]; choose one with key="):
        na.load(path)
    np.testing.assert_array_equal(na.load(path, key="fc").weights, [[0, 3.5], [3.5, 0]])
    pd.DataFrame({"pre": [A], "post": [B]}).to_excel(path, index=False)
    with pytest.raises(ValueError, match="keeps 15 digits"):
        na.load(path)


def test_databases_of_something_else(tmp_path):
    path = tmp_path / "w.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE points (x, y)")
        database.execute("CREATE VIEW edges AS SELECT x AS source, y AS target FROM points")
    database.close()
    with pytest.raises(ValueError, match=r"no table with columns of sources.*points"):
        na.load(path)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (pre, post)")
        database.execute("CREATE TABLE b (pre, post, weight)")
        database.execute("INSERT INTO b VALUES (1, 2, NULL)")
    database.close()
    with pytest.raises(ValueError, match=r"edge tables \['a', 'b'\]"):
        na.load(path)
    with pytest.raises(ValueError, match="without edges"):
        na.load(path, key="a")
    with pytest.raises(ValueError, match="expected a number, got ''"):
        na.load(path, key="b")


def test_databases_not_whole(tmp_path):
    """Seen: 8 bytes cut off read as zeros, and edges still in the write-ahead log were left out without a word."""
    path = tmp_path / "w.sqlite"
    WRITERS[".sqlite"](EDGES, path)
    good = path.read_bytes()
    path.write_bytes(good[:-8])
    with pytest.raises(ValueError, match="cut off"):
        na.load(path)
    path.write_bytes(good)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("DELETE FROM connections")
        database.commit()
        with pytest.raises(ValueError, match=r"changes still in w\.sqlite-wal"):
            na.load(path)


# ---------------------------------------------------------------- hostile files


@pytest.mark.parametrize("suffix", WRITERS)
def test_damaged_files_never_crash(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"w{suffix}"
    WRITERS[suffix](EDGES, path)
    good = path.read_bytes()
    for content in (b"", bytes(range(256)) * 9, good[: len(good) // 3], good[:-20]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"w\{suffix}"):
            na.load(path)
    rng = np.random.default_rng(0)
    for _ in range(40):
        bad = bytearray(good)
        bad[rng.integers(len(bad))] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(bad))
        try:
            na.load(path)
        except (ValueError, MemoryError) as error:
            assert path.name in str(error)  # noqa: PT017
    path.write_bytes(good)
    monkeypatch.setattr(memory, "LIMIT_BYTES", 20)
    with pytest.raises(MemoryError, match="limit"):
        na.load(path)


def test_sheets_with_a_document_type_are_refused(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "w.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>')
    with pytest.raises(ValueError, match="document type"):
        na.load(path)


@pytest.mark.parametrize(
    ("suffix", "library"), [(".parquet", "pyarrow"), (".feather", "pyarrow"), (".xlsx", "openpyxl")]
)
def test_missing_library_names_the_extra(tmp_path, monkeypatch, suffix, library):
    path = tmp_path / f"w{suffix}"
    path.write_bytes(b"x")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=r"netanalysis\[tables\]"):
        na.load(path)


# ---------------------------------------------------------------- nodes


NODES = pd.DataFrame(
    {
        "root_id": [B, A, 7, 99],
        "super_class": ["motor", "sensory", "central", "optic"],
        "side": ["left", "right", "left", "left"],
        "top_nt": ["ACH", "GABA", None, "ACH"],
        "size": [1.5, 2.5, np.nan, 1],
        "pos_x": [1, 2, 3, 4],
        "pos_y": [1, 2, 3, 4],
        "pos_z": [0, 0, 1, 4],
    }
)


def test_nodes_are_joined_by_id(tmp_path):
    NODES.to_csv(tmp_path / "nodes.csv", index=False)
    EDGES.to_csv(tmp_path / "edges.csv", index=False)
    for nodes in (NODES, tmp_path / "nodes.csv", NODES.set_index("root_id"), NODES.astype({"root_id": str})):
        net = na.load(tmp_path / "edges.csv", nodes=nodes)
        assert net.labels.tolist() == [7, A, B]
        assert net.modules.tolist() == ["central", "sensory", "motor"]
        np.testing.assert_array_equal(net.positions, [[3, 3, 1], [2, 2, 0], [1, 1, 0]])
        assert net.metadata["side"].tolist() == ["left", "right", "left"]
        assert net.metadata["transmitter"].tolist() == ["", "GABA", "ACH"]
        np.testing.assert_array_equal(net.metadata["size"], [np.nan, 2.5, 1.5])
        assert not net.metadata["side"].flags.writeable
        assert "1 rows of the table are of nodes that the network lacks" in net.history[-1]
        part = na.transform.subset(net, [2, 0])
        assert part.metadata["side"].tolist() == ["left", "left"]
        assert part.metadata["transmitter"].tolist() == ["ACH", ""]
    assert na.load(EDGES, nodes=NODES).modules.tolist() == ["central", "sensory", "motor"]


def test_nodes_without_a_row_are_named():
    with (
        pytest.warns(UserWarning, match=r"1 of 3 nodes have no row in the table: \[7\]"),
        pytest.warns(UserWarning, match="1 nodes have no position, so none are taken"),
    ):
        net = na.load(EDGES, nodes=NODES[NODES.root_id != 7])
    assert net.modules.tolist() == ["", "sensory", "motor"]
    assert net.positions is None


def test_places_in_one_column():
    nodes = pd.DataFrame({"id": [7, A, B], "pt_position": ["[1 2 3]", "[4, 5, 6]", "(7.5 8 9e0)"]})
    np.testing.assert_array_equal(na.load(EDGES, nodes=nodes).positions, [[1, 2, 3], [4, 5, 6], [7.5, 8, 9]])
    nodes["pt_position"] = [[1, 2], np.array([3.5, 4]), (5, 6)]
    np.testing.assert_array_equal(na.load(EDGES, nodes=nodes).positions, [[1, 2], [3.5, 4], [5, 6]])
    nodes["pt_position"] = [[1, 2], None, (5, 6)]
    with pytest.warns(UserWarning, match="1 nodes have no position"):
        assert na.load(EDGES, nodes=nodes).positions is None


def test_nodes_of_a_matrix(tmp_path):
    np.save(tmp_path / "w.npy", np.ones((2, 2)))
    nodes = pd.DataFrame({"node": [1, 0], "class": ["b", "a"]})
    assert na.load(tmp_path / "w.npy", nodes=nodes).modules.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (pd.DataFrame({"colour": ["red"]}), "no column holds the ids"),
        (pd.DataFrame({"id": [1, 2]}), "no id in 'id'"),
        (pd.DataFrame({"id": [A, A]}), "occurs twice"),
    ],
)
def test_tables_that_cannot_be_joined(nodes, message):
    with pytest.raises(ValueError, match=message):
        na.load(EDGES, nodes=nodes)


def test_files_that_cannot_be_joined(tmp_path):
    with pytest.raises(ValueError, match=r"nodes must be a DataFrame or a table in a file \.csv"):
        na.load(EDGES, nodes=tmp_path / "nodes.mat")
    with pytest.raises(FileNotFoundError, match="no file"):
        na.load(EDGES, nodes=tmp_path / "nodes.csv")


def test_text_of_a_sheet_may_be_quoted_as_cdata(tmp_path):
    """It begins as a document type does, which is refused."""
    book = openpyxl.Workbook()
    for row in ([None, "a", "b"], ["a", 0, 1], ["b", 2, 0]):
        book.active.append(row)
    book.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as plain, zipfile.ZipFile(tmp_path / "w.xlsx", "w") as quoted:
        for name in plain.namelist():
            quoted.writestr(name, plain.read(name).replace(b"<t>a</t>", b"<t><![CDATA[a]]></t>"))
    with zipfile.ZipFile(tmp_path / "w.xlsx") as quoted:
        assert any(b"CDATA" in quoted.read(name) for name in quoted.namelist())
    assert na.load(tmp_path / "w.xlsx", orientation="source_target").labels.tolist() == ["a", "b"]


def test_ids_that_count_from_1_are_not_taken_for_places(tmp_path):
    """Seen: in a matrix without labels, node 0 had no module and every other one that of the node before it."""
    np.savetxt(tmp_path / "sc.csv", np.ones((4, 4)), delimiter=",")
    table = pd.DataFrame({"id": [1, 2, 3, 4], "network": list("abcd")})
    net = na.load(tmp_path / "sc.csv", nodes=table)
    assert net.modules.tolist() == list("abcd")
    assert "'id', counted from 1" in net.history[-1]
    assert na.load(tmp_path / "sc.csv", nodes=table.assign(id=range(4))).modules.tolist() == list("abcd")
    for ids, message in (
        ([0, 1, 2, 4], "goes from 0 to 4, and the network has 4 nodes"),
        ([5, 6, 7, 8], "its 4 nodes are counted from 0 or 1; 'id' goes from 5 to 8"),
        (list("wxyz"), r"no names to look up 'id' \(\['w', 'x', 'y'\]\) by. .* column node_id of 0 to 3"),
    ):
        with pytest.raises(ValueError, match=message):
            na.load(tmp_path / "sc.csv", nodes=table.assign(id=ids))
