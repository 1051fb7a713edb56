"""The command line: one file per recipe, the populations of the papers by default, restartable."""

import inspect
from dataclasses import replace

import joblib
import numpy as np
import pytest
from click.testing import CliRunner

import models
import netanalysis as na
from models import recipes, training
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--gamma a:b", "'--gamma': 'a:b' is neither numbers with commas nor LOW:HIGH:COUNT"),
        ("--gamma 0:1:0", "'--gamma': '0:1:0' is no number at all"),
        ("--gamma nan", "'--gamma': 'nan' has numbers that are negative or not finite"),
        ("--gamma 0.1,inf", "'--gamma': '0.1,inf' has numbers that are negative or not finite"),
        ("--gamma -1", "'--gamma': '-1' has numbers that are negative or not finite"),
        ("--seeds -1", "'--seeds': '-1' has numbers that are negative or not finite"),
        ("--seeds 0.5", "'--seeds': '0.5' has numbers that are not whole"),
        ("--seeds 0:1:3", "'--seeds': '0:1:3' has numbers that are not whole"),
        ("--seeds 1e20", "'--seeds': '1e20' has numbers that are not whole"),
        ("--keep 99", "--keep: sernn has epochs 0 to 2; got 99"),
        ("--keep 0.5", "'--keep': '0.5' has numbers that are not whole"),
        ("--complete 1", "--complete: without --keep all epochs"),
        ("--keep 1 --complete 4", "--complete: there are 3 networks; got 4"),
        ("--keep 1 --complete -1", "'--complete': -1 is not in the range x>=0"),
        ("--epochs 0", "'--epochs': 0 is not in the range x>=1"),
        ("--epochs -1", "'--epochs': -1 is not in the range x>=1"),
        ("--group 0", "'--group': 0 is not in the range x>=1"),
        ("--group=-2", "'--group': -2 is not in the range x>=1"),
        ("--jobs 0", "--jobs: 0 groups at a time"),
        ("--set lr", "'--set': 'lr' is not NAME=VALUE"),
        ("--set lr=fast", "lr must be a number; got 'fast'"),
        ("--set epoch=3", "a recipe takes name, task,"),
        ("--device cudda", "device must be 'cpu' or a torch device that is here; got 'cudda'"),
        ("--device meta", "device must be 'cpu' or a torch device that is here; got 'meta'"),
        ("--epochs x", "'--epochs': 'x' is not a valid integer range"),
        ("--quickly", "No such option '--quickly'"),
        ("--device cuda:99", "device must be 'cpu' or a torch device that is here; got 'cuda:99'"),
    ],
)
def test_bad_options_are_refused_by_name_before_any_work(small, tmp_path, options, message):
    for command in ("train", "sweep"):
        result = CliRunner().invoke(main, [command, "sernn", *options.split(), "-o", str(tmp_path / "runs")])
        assert result.exit_code == 2
        assert result.output.startswith("Error: ")
        assert result.output.count("\n") == 1
        if command == "train" or options.split()[0] not in ("--gamma", "--seeds"):  # a sweep has those of its recipes
            assert message in result.output
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_take_results_are_refused_before_any_work(small, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "runs" / "sernn.npz").mkdir(parents=True)
    for output, message in (("file", "is a file"), ("file/runs", "file is a file"), ("runs", "sernn.npz is a folder")):
        result = CliRunner().invoke(main, ["train", "sernn", "-o", str(tmp_path / output)])
        assert result.exit_code == 2
        assert message in " ".join(result.output.split())
    assert len(list(tmp_path.rglob("*"))) == 3


def test_a_sweep_trains_nothing_where_one_of_its_runs_must_be_refused(small, tmp_path):
    call("train", "sernn", "--gamma", "0.1", "-o", tmp_path)
    result = CliRunner().invoke(main, ["sweep", "l1", "sernn", "-o", str(tmp_path)])
    assert result.exit_code == 2
    assert "belongs to another run" in result.output
    assert not (tmp_path / "l1").exists()


def test_a_damaged_checkpoint_is_an_error_of_one_line(small, tmp_path):
    call("train", "sernn", "-o", tmp_path)
    (tmp_path / "sernn" / "networks-1-1.npz").write_bytes(b"damaged")
    result = CliRunner().invoke(main, ["train", "sernn", "-o", str(tmp_path)])
    assert result.exit_code == 2
    assert "networks-1-1.npz is damaged" in result.output
    assert result.output.endswith("delete it, and its networks are trained anew while others go on\n")
    assert result.output.count("\n") == 1
    assert models.Ensemble.load(tmp_path / "sernn.npz").table["network"].nunique() == 3


@pytest.mark.parametrize("command", ["train", "sweep"])
def test_help_tells_the_defaults_of_the_code(command):
    text = " ".join(CliRunner().invoke(main, [command, "--help"]).output.split())
    defaults = {name: p.default for name, p in inspect.signature(models.train).parameters.items()}
    assert defaults["group"] is None
    assert f"default: 1 to {training.TOGETHER} on a CPU" in text
    assert f"[default: {defaults['n_jobs']}]" in text
    assert f"[default: {defaults['device']}]" in text
    options = {option.name: option.default for option in main.commands[command].params}
    assert (options["jobs"], options["device"]) == (defaults["n_jobs"], defaults["device"])


def test_groups_are_of_as_many_networks_as_help_says(small):
    sizes = {n: len(training.prepare(recipes.get("sernn"), 0, range(n)).groups[0]) for n in (1, 15, 16, 64, 1000)}
    assert sizes == {1: 1, 15: 1, 16: 2, 64: 8, 1000: training.TOGETHER}


def test_a_folder_of_another_run_is_an_error_without_traceback(small, tmp_path):
    call("train", "sernn", "--gamma", "0.1", "-o", tmp_path)
    result = CliRunner().invoke(main, ["train", "sernn", "--gamma", "0.2", "-o", str(tmp_path)])
    assert result.exit_code == 2
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


def test_settings_of_a_recipe_from_the_command_line(small, tmp_path):
    call("train", "sernn", "--gamma", 0.1, "--set", "lr=0.01", "--set", "name=fast", "--set", "clip=1", "-o", tmp_path)
    recipe = models.Ensemble.load(tmp_path / "fast.npz").recipe
    assert (recipe.lr, recipe.name, recipe.clip) == (0.01, "fast", 1)
    options = ("--set", 'penalty_options={"blocks": ["W", "W_out"]}')
    call("sweep", "l1", *options, "-o", tmp_path)
    assert models.Ensemble.load(tmp_path / "l1.npz").recipe.make_penalty().blocks == ("W", "W_out")
    result = CliRunner().invoke(main, ["sweep", "--set", "name=one", "-o", str(tmp_path)])
    assert result.exit_code == 2
    assert "several runs would be written to one.npz" in result.output


def test_length_of_training_and_what_is_kept_of_it(small, tmp_path):
    output = call("train", "sernn", "--gamma", "0,0.1", "--epochs", 3, "--keep", "2", "--complete", 1, "-o", tmp_path)
    table = models.Ensemble.load(tmp_path / "sernn.npz").table
    assert table.groupby("network")["epoch"].agg(list).tolist() == [[0, 1, 2, 3], [2]]
    saved = [np.load(path)["history"][-1, 2] for path in sorted((tmp_path / "sernn").glob("*.npz"))]
    assert f"mean accuracy {np.mean(saved):.3f}" in output  # of all networks, whatever is kept
