"""Missing values of files: refused, unless a number is asked to stand for them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.io import savemat

import netanalysis as na

NAMES = [f"region {k}" for k in range(6)]


def z_of_a_scan_without_a_region():
    """Fisher's z: infinite on the diagonal, and nothing of node 2."""
    r = np.random.default_rng(0).uniform(-0.8, 0.8, (6, 6)).round(3)
    z = np.arctanh((r + r.T) / 2)
    np.fill_diagonal(z, np.inf)
    z[2], z[:, 2] = np.nan, np.nan
    return z


def in_every_format(folder, z):
    np.save(folder / "z.npy", z)
    np.save(folder / "single.npy", z.astype(np.float32))
    np.savez(folder / "z.npz", W=z)
    np.savetxt(folder / "z.txt", z)
    savemat(folder / "z.mat", {"conn": z})
    frame = pd.DataFrame(z, index=NAMES, columns=NAMES)
    frame.to_csv(folder / "z.csv")
    frame.to_csv(folder / "r.tsv", sep="\t", na_rep="NA")
    frame.replace(np.inf, np.nan).to_excel(folder / "z.xlsx")
    (folder / "z.json").write_text(frame.replace(np.inf, np.nan).to_json(orient="values", double_precision=15))
    frame.to_parquet(folder / "z.parquet")
    frame.to_feather(folder / "z.feather")


def test_every_format_is_refused_and_read_with_a_number_in_their_place(tmp_path):
    z = z_of_a_scan_without_a_region()
    in_every_format(tmp_path, z)
    wanted = np.where(np.isfinite(z), z, 0.0)
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(ValueError, match=rf"{path.name}: .*(finite|number, got).*load with missing=0"):
            na.load(path)
        net = na.load(path, missing=0)
        assert np.allclose(net.weights, wanted, atol=1e-6), path.name
        (said,) = [line for line in net.history if "missing" in line]
        assert said == (
            "load: 0 stands for 16 missing values (6 on the diagonal); without any value of their own: nodes 2"
        )


@pytest.mark.parametrize("lost", [(), (0,), (5,), (11,), (0, 5), "diagonal"], ids=str)
@pytest.mark.parametrize("whole", [False, True], ids=["decimals", "whole"])
@pytest.mark.parametrize("header", ["no header", "text", "ids"])
def test_no_table_is_taken_for_another_one(tmp_path, lost, whole, header):
    """Seen: a first row of NA taken for a header, so that a region was gone and all others moved by one."""
    rng = np.random.default_rng(0)
    w = rng.permutation(1000)[:144].reshape(12, 12) / (1 if whole else 1000)
    w = w + w.T
    if lost == "diagonal":
        np.fill_diagonal(w, np.nan)
    else:
        w[list(lost)], w[:, list(lost)] = np.nan, np.nan
    names = list(range(100, 112)) if header == "ids" else [f"r{k}" for k in range(12)]
    frame = pd.DataFrame(w, index=names, columns=names).astype("Int64" if whole else float)
    for sep in (",", "\t"):
        for nothing in ("", "NA", "None"):
            for index in (False, True):
                path = tmp_path / ("w.tsv" if sep == "\t" else "w.csv")
                frame.to_csv(path, sep=sep, na_rep=nothing, header=header != "no header", index=index)
                blank = (lost, whole, header, index) == ("diagonal", True, "ids", True)  # or of one node more
                if blank or (lost, whole, header, nothing, index) == ("diagonal", True, "no header", "", False):
                    with pytest.raises(ValueError, match="cannot tell whether the first line"):
                        na.load(path, missing=0)
                    continue
                net = na.load(path, missing=0)
                assert np.array_equal(net.weights, np.nan_to_num(w))
                assert (net.labels is None) == (header == "no header" and not index)
                if lost:
                    with pytest.raises(ValueError, match="load with missing=0"):
                        na.load(path)


BLANK_ENDS = {
    "header and names": ",A,B,C\n1,0,2,3\n2,2,0,4\n3,3,4,0\n",
    "neither": "1,7,9,11\n7,1,4,5\n9,4,1,6\n11,5,6,1\n",
    "tabs": "0\t1\t2\t3\n1\t0\t4\t5\n2\t4\t0\t6\n3\t5\t6\t0\n",
    "edges": "source,target,weight\n1,2,3\n2,3,1\n3,1,1\n",
}


@pytest.mark.parametrize("kind", BLANK_ENDS)
def test_empty_cells_that_a_program_left_at_the_end_are_no_node(tmp_path, kind):
    sign, text = ("\t" if kind == "tabs" else ","), BLANK_ENDS[kind]
    line = sign * text.split("\n")[0].count(sign) + "\n"
    path = tmp_path / ("w.tsv" if kind == "tabs" else "w.csv")
    path.write_text(text)
    wanted = na.load(path, orientation="source_target").weights
    path.write_text(text + line + line)
    for missing in (None, 0):
        assert np.array_equal(na.load(path, orientation="source_target", missing=missing).weights, wanted)


def test_ids_above_a_blank_diagonal_may_be_weights(tmp_path):
    (tmp_path / "w.csv").write_text(",1,2,3\n1,,1,2\n2,1,,1\n3,2,1,\n")
    with pytest.raises(ValueError, match="cannot tell whether the first line"):
        na.load(tmp_path / "w.csv", missing=0)


def test_a_large_table_of_which_the_last_node_has_no_values(tmp_path):
    w = np.random.default_rng(0).random((230, 230)).round(3)
    w = w + w.T
    w[-1], w[:, -1] = np.nan, np.nan
    for index in (False, True):
        pd.DataFrame(w, index=[f"r{k}" for k in range(230)]).to_csv(tmp_path / "w.csv", header=False, index=index)
        with pytest.raises(ValueError, match=r"last cell of every line is empty.*Write nan"):
            na.load(tmp_path / "w.csv", missing=0)


def test_in_a_process_of_its_own_too(tmp_path):
    savemat(tmp_path / "z.mat", {"conn": z_of_a_scan_without_a_region()})
    assert na.load(tmp_path / "z.mat", missing=0, isolated=True).weights[2].sum() == 0
    with pytest.raises(ValueError, match="load with missing=0"):
        na.load(tmp_path / "z.mat", isolated=True)


def test_sparse_matrices_edge_lists_and_stacks(tmp_path):
    w = sparse.csr_array(([1.0, np.nan, np.inf], ([0, 1, 2], [1, 2, 2])), shape=(3, 3))
    sparse.save_npz(tmp_path / "w.npz", w)
    net = na.load(tmp_path / "w.npz", orientation="source_target", missing=0.5)
    assert net.weights.toarray().tolist() == [[0, 1, 0], [0, 0, 0.5], [0, 0, 0.5]]
    assert "0.5 stands for 2 missing values (1 on the diagonal)" in net.history[0]
    (tmp_path / "e.csv").write_text("source,target,weight\na,b,2\nb,c,\nc,a,1\n")
    with pytest.raises(ValueError, match=r"expected a number, got '' \(from row 2, column 3 on\).*missing=0"):
        na.load(tmp_path / "e.csv")
    net = na.load(tmp_path / "e.csv", missing=0)
    assert net.weights.tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]
    (tmp_path / "r.csv").write_text("source,target,weight,neuropil\na,b,3,X\na,b,,Y\nb,c,nan,X\nc,a,1,X\n")
    net = na.load(tmp_path / "r.csv", missing=0.5)
    assert net.weights.tolist() == [[0, 3.5, 0], [0, 0, 0.5], [1, 0, 0]]
    assert "load: 0.5 stands for 2 missing values (0 on the diagonal)" in net.history
    (tmp_path / "i.csv").write_text("source,target,weight\na,b,inf\na,b,-inf\nb,c,1\n")
    with pytest.raises(ValueError, match="edge 1 has an infinite weight"):
        na.load(tmp_path / "i.csv", missing=0)
    (tmp_path / "f.csv").write_text("source,target,foo\na,b,2.5\nb,c,\nc,a,1.5\n")
    with pytest.raises(ValueError, match="no column is named weight"):
        na.load(tmp_path / "f.csv", missing=0)
    z = z_of_a_scan_without_a_region()
    np.save(tmp_path / "stack.npy", np.stack([z, np.where(np.isnan(z), 0.25, z)], axis=-1))
    stack = na.load(tmp_path / "stack.npy", missing=0)
    assert stack.weights.shape == (2, 6, 6)
    assert [w.sum() for w in stack.weights == 0.25] == [0, 11]


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.csv", "NA,0.5,0.2\n0.5,NA,0.3\n0.2,0.3,NA\n", [[0, 0.5, 0.2], [0.5, 0, 0.3], [0.2, 0.3, 0]]),
        ("a.csv", ",1,2,3\n,,4,5\n,,,6\n,,,\n", [[0, 1, 2, 3], [0, 0, 4, 5], [0, 0, 0, 6], [0, 0, 0, 0]]),
        ("a.csv", "0,2,5,\n2,0,4,\n5,4,0,\n,,,\n", [[0, 2, 5, 0], [2, 0, 4, 0], [5, 4, 0, 0], [0, 0, 0, 0]]),
        ("a.tsv", "a\tb\tc\td\n0\t1\t\t2\n1\t0\t\t3\n\t\t\t\n2\t3\t\t0\n",
         [[0, 1, 0, 2], [1, 0, 0, 3], [0, 0, 0, 0], [2, 3, 0, 0]]),
        ("a.txt", "0 0.5 NA 0.1\n0.5 0 NA 0.7\nNA NA NA NA\n0.1 0.7 NA 0\n",
         [[0, 0.5, 0, 0.1], [0.5, 0, 0, 0.7], [0, 0, 0, 0], [0.1, 0.7, 0, 0]]),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:all connections lie")
def test_tables_that_were_taken_for_smaller_ones(tmp_path, name, text, wanted):
    (tmp_path / name).write_text(text)
    net = na.load(tmp_path / name, orientation="source_target", missing=0)
    assert net.weights.tolist() == wanted
    with pytest.raises(ValueError, match="load with missing=0"):
        na.load(tmp_path / name, orientation="source_target")


def test_nodes_may_be_called_na_or_none(tmp_path):
    (tmp_path / "e.csv").write_text("na,b,1\nb,none,2\nnone,na,3\n")
    net = na.load(tmp_path / "e.csv", orientation="source_target")
    assert net.labels.tolist() == ["na", "b", "none"]
    assert net.weights.tolist() == [[0, 1, 0], [0, 0, 2], [3, 0, 0]]


def test_few_edges_with_decimal_weights_are_edges(tmp_path):
    (tmp_path / "w.edge").write_text("0 1 589.0\n1 2 1.0\n2 3 7.0\n3 0 6.0\n")
    net = na.load(tmp_path / "w.edge", orientation="source_target")
    assert net.weights.tolist() == [[0, 589, 0, 0], [0, 0, 1, 0], [0, 0, 0, 7], [6, 0, 0, 0]]
    (tmp_path / "w.edge").write_text("0.0 3\n")
    assert na.load(tmp_path / "w.edge", orientation="source_target").n_nodes == 2
    frame = pd.DataFrame(np.arange(9.0).reshape(3, 3), index=[0.0, 1.0, 2.0], columns=[0.0, 1.0, 2.0])
    frame.to_csv(tmp_path / "w.csv")
    assert np.array_equal(na.load(tmp_path / "w.csv", orientation="source_target").weights, frame.to_numpy())


def test_frames(tmp_path):
    z = z_of_a_scan_without_a_region()
    frame = pd.DataFrame(z, index=NAMES, columns=NAMES)
    assert np.array_equal(na.load(frame, missing=0).weights, np.where(np.isfinite(z), z, 0.0))
    with pytest.raises(ValueError, match=r"got none \(row 'region 0', column 'region 2'\).*load with missing=0"):
        na.load(frame)
    edges = pd.DataFrame({"source": [1, 2, 3], "target": [2, 3, 1], "weight": pd.array([2, None, 1], dtype="Int64")})
    assert na.load(edges, missing=0.5).weights.tolist() == [[0, 2, 0], [0, 0, 0.5], [1, 0, 0]]
    with pytest.raises(ValueError, match=r"edge 2 lacks its weight, column 'weight'.*load with missing=0"):
        na.load(edges)


def test_what_is_infinite_between_nodes_stays_refused(tmp_path):
    z = z_of_a_scan_without_a_region()
    z[0, 1] = z[1, 0] = np.inf
    np.save(tmp_path / "z.npy", z)
    with pytest.raises(ValueError, match=r"2 infinite values, first at weights\[0, 1\]"):
        na.load(tmp_path / "z.npy", missing=0)


def test_what_is_no_number_that_could_stand_for_them(tmp_path):
    np.save(tmp_path / "z.npy", np.zeros((3, 3)))
    for bad, error in ((np.nan, ValueError), (np.inf, ValueError), ("0", TypeError), (True, TypeError)):
        with pytest.raises(error, match="missing must be"):
            na.load(tmp_path / "z.npy", missing=bad)
    recording = na.Recording(np.zeros((2, 3, 4)), conditions={"a": [0, 1]})
    na.save(recording, tmp_path / "r.npz")
    with pytest.raises(ValueError, match="leave out missing="):
        na.load(tmp_path / "r.npz", missing=0)


@pytest.mark.filterwarnings("ignore:all connections lie")
@given(st.data())
def test_nothing_else_changes(tmp_path_factory, data):
    """Any places, any number: the others are as they were, and all that were missing hold it."""
    n = data.draw(st.integers(2, 6))
    w = np.random.default_rng(data.draw(st.integers(0, 2**32))).normal(size=(n, n))
    lost = np.array(data.draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n))).reshape(n, n)
    number = data.draw(st.sampled_from([0.0, -1.5, 3.0]))
    path = tmp_path_factory.mktemp("any") / "w.npy"
    np.save(path, np.where(lost, np.nan, w))
    net = na.load(path, orientation="source_target", missing=number)
    assert np.array_equal(net.weights, np.where(lost, number, w))
    assert bool(net.history) == lost.any()
