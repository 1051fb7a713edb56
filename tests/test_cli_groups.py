"""``netanalysis groups``: a folder of networks and a table of people in, a tidy table out."""

import io

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    w = rng.random((10, 6, 6))
    w[:5, :3, :3] += 2
    for k, x in enumerate(w):
        np.savetxt(tmp_path / f"sub-{k}.csv", (x + x.T) * (1 - np.eye(6)), delimiter=",")
    table = pd.DataFrame({"id": [f"sub-{k}" for k in range(10)], "group": ["a"] * 5 + ["b"] * 5})
    table.assign(age=rng.normal(size=10)).to_csv(tmp_path / "people.csv", index=False)
    return tmp_path


def run(*args, code=0):
    done = CliRunner().invoke(main, ["groups", *map(str, args)])
    assert done.exit_code == code, done.output
    return done


def loaded(folder):
    return np.stack([na.load(folder / f"sub-{k}.csv").weights for k in range(10)])


def test_components_are_those_of_the_library(folder):
    done = run(folder, "--people", folder / "people.csv", "--by", "group", "--threshold", 3, "--n-nulls", 100)
    table = pd.read_csv(io.StringIO(done.stdout))
    test = na.network_based_statistic(loaded(folder), ["a"] * 5 + ["b"] * 5, threshold=3, n_nulls=100, rng=0)
    assert table["p"].tolist() == pytest.approx(test.p.tolist())
    assert table["n_edges"][0] == 3
    assert table["nodes"][0] == "0; 1; 2"
    assert "rows belong to networks by id" in done.stderr


def test_the_table_of_people_in_the_folder_is_no_network(folder):
    done = run(folder, "--people", folder / "people.csv", "--by", "age", "--test", "edges", "--n-nulls", 20)
    assert "not loaded" not in done.stderr
    table = pd.read_csv(io.StringIO(done.stdout))
    expected = na.edge_test(loaded(folder), pd.read_csv(folder / "people.csv")["age"], n_nulls=20, rng=0)
    np.testing.assert_allclose(table["t"], expected["t"])
    np.testing.assert_allclose(table["p_max"], expected["p_max"])


def test_nodes_and_measures_and_the_consensus(folder):
    common = [folder, "--people", folder / "people.csv", "--by", "group", "--n-nulls", 20, "--quiet"]
    nodes = pd.read_csv(io.StringIO(run(*common, "--test", "nodes", "--consensus", folder / "c.npz").stdout))
    assert len(nodes) == 6
    assert na.load(folder / "c.npz").n_nodes == 6
    done = run(*common, "--test", "measures", "--measures", "total_weight,weight_distance_correlation")
    table = pd.read_csv(io.StringIO(done.stdout))
    assert table["measure"].tolist() == ["total_weight"]
    assert "undefined for somebody, and not tested: weight_distance_correlation" in done.stderr


def test_options_that_would_be_ignored_are_refused(folder):
    common = [folder, "--people", folder / "people.csv", "--by", "group"]
    assert "--threshold would be ignored" in run(*common, "--test", "edges", "--threshold", 2, code=2).output
    assert "--measures would be ignored" in run(*common, "--measures", "density", code=2).output
    assert "--statistic would be ignored" in run(*common, "--test", "nodes", "--statistic", "excess", code=2).output


def test_bundled_networks_bring_their_people_along():
    done = run("mouse_dti_individuals", "--by", "strain", "--contrast", "B6,BTBR", "--test", "nodes", "--n-nulls", 5)
    table = pd.read_csv(io.StringIO(done.stdout))
    assert table["contrast"][0] == "B6 - BTBR"
    assert "of other groups, and without a part: 16 rows" in done.stderr


def test_an_empty_folder_is_said(tmp_path):
    assert "holds no file of a format" in run(tmp_path, "--by", "x", code=1).output


def test_more_than_two_groups_are_compared_by_f():
    done = run("mouse_dti_individuals", "--by", "strain", "--test", "nodes", "--n-nulls", 5)
    table = pd.read_csv(io.StringIO(done.stdout))
    assert table["contrast"].str.startswith("differences of B6, BTBR").all()
    assert (table["df_effect"] > 1).all()
    found = run("mouse_dti_individuals", "--by", "strain", "--n-nulls", 5)
    assert "F of p < 0.001. It is a choice" in found.stderr
    assert (pd.read_csv(io.StringIO(found.stdout))["edge_statistic"] == "F").all()


def test_families_change_places_as_a_whole(folder):
    people = pd.read_csv(folder / "people.csv")
    half = np.arange(len(people)) // 2
    people.assign(family=[f"f{k}" for k in half]).to_csv(folder / "people.csv", index=False)
    common = [folder, "--people", folder / "people.csv", "--by", "age", "--whole", "family", "--n-nulls", 20]
    table = pd.read_csv(io.StringIO(run(*common, "--test", "edges").stdout))
    assert set(table["exchange"]) == {"whole family"}
    assert "no column 'kin'" in run(*common[:5], "--whole", "kin", code=1).output
