"""The command line: one file per recipe, the populations of the papers by default, restartable."""

from dataclasses import replace

import joblib
import numpy as np
import pytest
from click.testing import CliRunner

import models
import netanalysis as na
from models import recipes
from models.__main__ import main


@pytest.fixture
def small(monkeypatch):
    """All recipes shortened to two epochs of two updates, three networks."""
    changes = {"epochs": 2, "steps": 2, "batch": 8, "held_out": 8, "networks": 3}
    quick = {"sernn": {"networks": 2}, "l1": {}}
    short = {name: replace(recipes.RECIPES[name], **changes, quick=quick[name]) for name in quick}
    monkeypatch.setattr(recipes, "RECIPES", short)


def call(*arguments):
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_train_writes_an_ensemble(small, tmp_path):
    output = call("train", "sernn", "--gamma", "0:0.2:3", "--seeds", "4,5", "-o", tmp_path)
    assert "18 snapshots of 6 networks" in output
    table = models.Ensemble.load(tmp_path / "sernn.npz").table
    last = table[table["epoch"] == 2]
    assert last["gamma"].tolist() == pytest.approx([0, 0, 0.1, 0.1, 0.2, 0.2])
    assert last["seed"].tolist() == [4, 5] * 3
    stack = na.load(tmp_path / "sernn.npz")
    assert stack.metadata["command"].startswith("python -m models")


def test_the_default_is_one_network_per_gamma_over_the_range(small, tmp_path):
    call("train", "l1", "--keep", "2", "--complete", "1", "-o", tmp_path)
    table = models.Ensemble.load(tmp_path / "l1.npz").table
    assert table["epoch"].tolist() == [0, 1, 2, 2, 2]
    assert table["network"].tolist() == [0, 0, 0, 1, 2]
    assert table["gamma"].unique() == pytest.approx(np.linspace(1e-5, 0.04, 3))
    assert table["seed"].tolist() == [0, 0, 0, 1, 2]


def test_sweep_trains_all_recipes_and_goes_on_where_it_stopped(small, tmp_path):
    call("sweep", "--quick", "-o", tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.npz")}
    assert len(before) == 2 + 3
    call("sweep", "--quick", "-o", tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.npz")} == before
    assert models.Ensemble.load(tmp_path / "sernn.npz").table["network"].nunique() == 2


def test_bad_numbers_are_refused(small, tmp_path):
    result = CliRunner().invoke(main, ["train", "sernn", "--gamma", "a:b", "-o", str(tmp_path)])
    assert result.exit_code == 2
    assert "LOW:HIGH:COUNT" in result.output


def test_a_folder_of_another_run_is_an_error_without_traceback(small, tmp_path):
    call("train", "sernn", "--gamma", "0.1", "-o", tmp_path)
    result = CliRunner().invoke(main, ["train", "sernn", "--gamma", "0.2", "-o", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.endswith("choose an empty folder or delete it\n")


def test_processes_give_the_same_networks(small):
    recipe = recipes.get("sernn")
    threads = models.train(recipe, [0.1, 0.2], [0, 1], progress=False)
    with joblib.parallel_config("loky", n_jobs=2):
        processes = models.train(recipe, [0.1, 0.2], [0, 1], n_jobs=None, progress=False)
    assert np.array_equal(threads.parameters["W"], processes.parameters["W"])


def test_groups_make_the_same_networks(small, tmp_path):
    call("train", "sernn", "-o", tmp_path / "alone")
    call("train", "sernn", "--group", "3", "-o", tmp_path / "together")
    assert len(list((tmp_path / "together").glob("sernn/*.npz"))) == 1
    alone, together = (models.Ensemble.load(tmp_path / place / "sernn.npz") for place in ("alone", "together"))
    assert np.allclose(alone.parameters["W"], together.parameters["W"], atol=1e-5)


@pytest.mark.parametrize("recipe", ["resolvent", "resolvent_hop", "resolvent_l1", "spiking_sernn", "spiking_l1"])
def test_quick_presets_run_on_their_own_tasks(monkeypatch, tmp_path, recipe):
    whole = recipes.RECIPES[recipe]
    short = replace(whole, quick={**whole.quick, "epochs": 1, "steps": 2, "networks": 2})
    monkeypatch.setitem(recipes.RECIPES, recipe, short)
    output = call("train", recipe, "--quick", "--group", "2", "-o", tmp_path)
    assert "4 snapshots of 2 networks" in output
    trained = models.Ensemble.load(tmp_path / f"{recipe}.npz")
    assert not np.array_equal(trained.parameters["W"][0], trained.parameters["W"][1])
    assert trained.record(trials=2).activity.shape[0] == 2


def test_length_of_training_and_what_is_kept_of_it(small, tmp_path):
    output = call("train", "sernn", "--gamma", "0,0.1", "--epochs", 3, "--keep", "2", "--complete", 1, "-o", tmp_path)
    table = models.Ensemble.load(tmp_path / "sernn.npz").table
    assert table.groupby("network")["epoch"].agg(list).tolist() == [[0, 1, 2, 3], [2]]
    saved = [np.load(path)["history"][-1, 2] for path in sorted((tmp_path / "sernn").glob("*.npz"))]
    assert f"mean accuracy {np.mean(saved):.3f}" in output  # of all networks, whatever is kept
