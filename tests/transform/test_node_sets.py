"""Nodes that several networks have in common."""

import warnings

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main


def people(folder, lost):
    """Files of 8 people; of some, regions are missing."""
    rng = np.random.default_rng(0)
    for k in range(8):
        w = rng.random((6, 6)).round(3)
        w = w + w.T
        w[lost.get(k, [])], w[:, lost.get(k, [])] = np.nan, np.nan
        np.savetxt(folder / f"sub-{k:02d}.csv", w, delimiter=",")
    table = pd.DataFrame({"participant_id": [f"sub-{k:02d}" for k in range(8)], "age": rng.permutation(8) + 20.0})
    table.to_csv(folder / "people.tsv", sep="\t", index=False)
    return [na.load(folder / f"sub-{k:02d}.csv", missing=0) for k in range(8)], table


def test_nodes_that_one_network_has_no_value_of_are_left_out_of_all(tmp_path):
    nets, table = people(tmp_path, {1: [2], 5: [2, 4]})
    assert nets[5].metadata["without_values"].tolist() == [False, False, True, False, True, False]
    shared = na.transform.shared_nodes(nets)
    assert [net.n_nodes for net in shared] == [4] * 8
    for before, after in zip(nets, shared, strict=True):
        assert np.array_equal(after.weights, before.weights[np.ix_([0, 1, 3, 5], [0, 1, 3, 5])])
        assert after.name == before.name
    said = r"2 of 8 networks have no values of up to 2 nodes that others have.*transform.shared_nodes\(nets\)"
    with pytest.warns(UserWarning, match=said):
        na.edge_test(nets, "age", subjects=table, n_nulls=0)
    lacking = [nets[1], nets[1].weights, *(net.weights for net in nets[2:])]  # arrays say nothing of values
    with pytest.warns(UserWarning, match="1 of 8 networks have no values"):
        na.edge_test(lacking, table["age"].to_numpy(), n_nulls=0)
    stack = na.Connectome(np.stack([net.weights for net in nets]), metadata={"without_values": np.arange(6) == 2})
    with pytest.warns(UserWarning, match=r"stack have no values of 1 nodes.*~net.metadata\['without_values'\]"):
        na.edge_test(stack, table["age"].to_numpy(), n_nulls=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        na.edge_test(shared, "age", subjects=table, n_nulls=0)
        again = na.transform.shared_nodes(shared)
    assert all(one is other for one, other in zip(again, shared, strict=True))


def test_by_labels_in_the_order_of_the_first():
    a = na.Connectome(np.arange(9.0).reshape(3, 3), labels=["V1", "V2", "MT"])
    b = na.Connectome(np.arange(16.0).reshape(4, 4), labels=["MT", "LIP", "V1", "V4"])
    first, second = na.transform.shared_nodes([a, b])
    assert first.labels.tolist() == second.labels.tolist() == ["V1", "MT"]
    assert first.weights.tolist() == [[0, 2], [6, 8]]
    assert second.weights.tolist() == [[10, 8], [2, 0]]


@pytest.mark.parametrize(
    ("nets", "message"),
    [
        ([], "nets is empty"),
        ([np.ones((3, 3)), np.ones((2, 2))], r"same number of nodes; nets\[0\] has 3, nets\[1\] has 2"),
        ([np.ones((2, 2)), na.Connectome(np.ones((2, 2)), labels=["a", "b"])], r"nets\[0\] has no labels"),
        ([na.Connectome(np.ones((2, 2)), labels=["a", "a"])], r"nets\[0\] has 'a' twice"),
        ([na.Connectome(np.ones((2, 2)), labels=[a, b]) for a, b in ("ab", "cd")], "no node is in all"),
        ([np.ones((2, 3, 3))], "got a stack"),
    ],
)
def test_what_cannot_be_shared_is_refused(nets, message):
    with pytest.raises(ValueError, match=message):
        na.transform.shared_nodes(nets)


def test_on_the_command_line(tmp_path, monkeypatch):
    people(tmp_path, {1: [2], 5: [2, 4]})
    monkeypatch.chdir(tmp_path)
    files = [f"sub-{k:02d}.csv" for k in range(8)]
    given = ["groups", *files, "--people", "people.tsv", "--by", "age"]
    given += ["--test", "nodes", "--missing", "0", "--n-nulls", "20", "--quiet"]
    plain = CliRunner().invoke(main, given)
    assert plain.exit_code == 0, plain.output
    assert "2 of 8 networks have no values of up to 2 nodes that others have" in plain.output
    assert "--shared-nodes leaves these nodes out of all" in " ".join(plain.output.split())
    shared = CliRunner().invoke(main, [*given, "--shared-nodes"])
    assert shared.exit_code == 0, shared.output
    assert "no values" not in shared.output
    given = ["measure", *files, "--missing", "0", "--shared-nodes", "--measures", "density", "--quiet"]
    measured = CliRunner().invoke(main, given)
    assert measured.exit_code == 0, measured.output
    assert measured.stdout.count(",4\n") == 8
