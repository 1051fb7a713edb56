"""`netanalysis paths`: the strongest paths and the mediators, from a file to a table."""

import io

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main
from netanalysis.cli._show import readable

W = np.array([[0, 2.0, -1, 0], [0, 0.5, 3, -1], [0, -2, 0, 4], [0, 0, 0, 0]])


def run(*args, code=0):
    result = CliRunner().invoke(main, ["paths", *map(str, args)])
    assert result.exit_code == code, result.output
    return result


def table_of(*args):
    return pd.read_csv(io.StringIO(run(*args).stdout))


@pytest.fixture
def small(tmp_path):
    net = na.Connectome(W, labels=["a", "b", "c", "d"], modules=["in", "mid", "mid", "out"])
    na.save(net, tmp_path / "small.npz")
    return tmp_path / "small.npz"


def test_says_what_the_library_says(small):
    table = table_of(small, "--from", "in", "--to", "out", "-k", 3)
    ends = {"inputs": [0], "outputs": [3], "max_hops": 3}
    best = na.strongest_paths(W, **ends, k=3)
    paths = table[table["what"] == "path"]
    assert paths["nodes"].tolist() == [" → ".join("abcd"[k] for k in path) for path in best.paths]
    np.testing.assert_allclose(paths["strength"], best.strengths)
    assert paths["hops"].tolist() == best.hops.tolist()
    carried = na.pathways(W, **ends).through()
    with pytest.warns(na.UndefinedWarning, match="nothing flows"):  # without a hop
        share = carried.share
    for row in table[table["what"] == "mediator"].itertuples():
        assert 0 < row.step < row.hops
        node = "abcd".index(row.nodes)
        assert row.share == pytest.approx(share[row.hops, int(row.step), node])
        assert row.inhibitory == pytest.approx(carried.inhibitory[row.hops, int(row.step), node])
    largest = table[table["what"] == "mediator"].groupby(["hops", "step"])["share"]
    np.testing.assert_allclose(largest.sum(), 1)


def test_by_type_and_one_length(small, tmp_path):
    table = table_of(small, "--from", "in", "--to", "out", "--hop", 2, "--by", "type")
    assert set(table["hops"]) == {2}
    mediators = table[table["what"] == "mediator"]
    assert mediators[["nodes", "share"]].values.tolist() == [["mid", 1.0]]
    result = run(small, "--from", "in", "--to", "out", "--hop", 2, "--by", "type", "-o", tmp_path / "out.csv")
    assert result.stdout == ""
    assert "rows" in result.stderr
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out.csv"), table)


def test_k_names_commas_and_simple_paths(small):
    table = table_of(small, "--from", "a, b,in", "--to", "out", "--max-hops", 4, "-k", 1)
    assert (table["what"] == "path").sum() == 1
    assert table[table["what"] == "mediator"].groupby(["hops", "step"]).size().max() == 1
    best = na.strongest_paths(W, inputs=[0, 1], outputs=[3], max_hops=4, k=1)
    assert table["strength"][0] == pytest.approx(best.strengths[0])
    walks = table_of(small, "--from", "in", "--to", "out", "--max-hops", 5)["nodes"]
    simple = table_of(small, "--from", "in", "--to", "out", "--max-hops", 5, "--simple")
    assert any(path.count("b") > 1 for path in walks)
    assert not any(path.count(node) > 1 for path in simple.loc[simple["what"] == "path", "nodes"] for node in "abcd")


def test_weights_as_shares_of_input(small):
    found = table_of(small, "--from", "in", "--to", "out", "--normalize", "input", "-k", 1)
    scaled = na.transform.normalize(W, by="input")
    strongest = na.strongest_paths(scaled, inputs=[0], outputs=[3], max_hops=3, k=1).strengths[0]
    assert found["strength"][0] == pytest.approx(strongest, rel=1e-14)  # pandas 2 reads but the last bit


def test_one_hop_has_no_mediators(small):
    table = table_of(small, "--from", "b", "--to", "d", "--hop", 1)
    assert table[["what", "nodes", "strength"]].values.tolist() == [["path", "b → d", -1.0]]


def test_nodes_without_names_go_by_index_and_tables_name_them(tmp_path):
    np.save(tmp_path / "plain.npy", W)
    told = ["--orientation", "source_target", "--to", 3, "-k", 1]
    assert table_of(tmp_path / "plain.npy", "--from", "0", *told)["nodes"][0] == "0 → 1 → 2 → 3"
    (tmp_path / "edges.csv").write_text("pre,post,syn_count\nx,y,3\ny,z,2\n")
    (tmp_path / "nodes.csv").write_text("id,type\nx,first\ny,middle\nz,last\n")
    table = table_of(
        tmp_path / "edges.csv", "--nodes", tmp_path / "nodes.csv", "--from", "first", "--to", "last", "--by", "type"
    )
    assert table[["what", "nodes"]].values.tolist() == [["path", "x → y → z"], ["mediator", "middle"]]


def test_ties_are_said(tmp_path):
    np.save(tmp_path / "even.npy", [[0, 1.0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]])
    args = [tmp_path / "even.npy", "--orientation", "source_target", "--from", 0, "--to", 3]
    assert "as strong as the last" in run(*args, "-k", 1).stderr
    assert "as strong" not in run(*args, "-k", 2).stderr


def test_a_person_reads_two_tables(small):
    table = table_of(small, "--from", "in", "--to", "out")
    mediators, paths = (readable(rows, "paths").splitlines()[0].split() for _, rows in table.groupby("what"))
    assert paths == ["what", "nodes", "hops", "strength", "weakest"]
    assert mediators == ["what", "nodes", "hops", "step", "gross", "inhibitory", "share"]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["NET", "--from", "in"], 2, "--to"),
        (["NET", "--from", "in", "--to", "out", "--hop", "2", "--max-hops", "3"], 2, "give either"),
        (["NET", "--from", " ,", "--to", "out"], 2, "--from needs"),
        (["NET", "--from", "inn", "--to", "out"], 1, "--from: nothing is called 'inn'"),
        (["NET", "--from", "out", "--to", "in"], 1, "no path of 1 to 3 hops"),
        (["PLAIN", "--from", "0", "--to", "3", "--by", "type"], 1, "--nodes TABLE"),
        (["PLAIN", "--from", "first", "--to", "3"], 1, "neither modules nor labels"),
        (["PLAIN", "--from", "0", "--to", "4"], 1, "0..3"),
        (["distance", "--from", "0", "--to", "4"], 1, "50 networks"),
        (["mouse_dti_strains", "--from", "midbrain", "--to", "isocortex"], 1, "one by one"),
        (["missing.npz", "--from", "0", "--to", "4"], 1, "missing.npz"),
        (["celegans_chemical", "--key", "w", "--from", "sensory", "--to", "motor"], 2, "would be ignored"),
    ],
)
def test_errors_are_one_line_with_a_code(small, tmp_path, args, code, message):
    na.save(na.Connectome(W), tmp_path / "plain.npz")
    result = run(*[{"NET": small, "PLAIN": tmp_path / "plain.npz"}.get(word, word) for word in args], code=code)
    assert message in result.output
    assert "Traceback" not in result.output
    if code == 1:
        assert len(result.output.strip().splitlines()) == 1
