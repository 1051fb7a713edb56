"""Recipes are complete, survive being written as plain data, and have a quick preset each."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import netanalysis as na
from models import Ensemble, penalties, recipes, tasks
from models.recipes import RECIPES, Recipe
from models.space import grid
from models.tasks import Batch
from models.training import train

TRAINED = Path(__file__).resolve().parents[2] / "data" / "trained"
COUNTS = ("networks", "epochs", "steps", "batch", "top", "held_out")


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize("name", RECIPES)
def test_recipe(name, quick):
    recipe = recipes.get(name, quick=quick)
    assert recipe.name == name
    assert callable(recipe.make_penalty())
    assert recipe.space is None or len(recipe.space.units) == recipe.cell.n
    assert 0 <= recipe.gammas[0] < recipe.gammas[1]
    settings = json.loads(json.dumps(recipe.settings()))
    again = Recipe.of(settings, recipe.space)
    assert again.cell == recipe.cell
    assert again.settings() == recipe.settings()


def test_every_recipe_has_a_quick_preset():
    for name in RECIPES:
        full, quick = recipes.get(name), recipes.get(name, quick=True)
        size = [r.networks * r.epochs * r.steps * r.cell.n for r in (full, quick)]
        assert size[1] <= size[0] / 4


def test_seRNN_is_that_of_the_paper():
    recipe = recipes.get("sernn")
    assert (recipe.epochs, recipe.steps, recipe.batch, recipe.lr, recipe.epsilon) == (10, 40, 128, 1e-3, 1e-7)
    assert (recipe.cell.n, recipe.cell.activation, recipe.cell.leak, recipe.clip) == (100, "relu", 1.0, None)
    assert isinstance(recipe.make_penalty(), penalties.Wiring)


def test_strengths_of_a_population():
    assert recipes.get("sernn", networks=3).strengths() == pytest.approx([1e-6, 0.5, 1.0], abs=1e-6)
    ratios = np.divide(*np.lib.stride_tricks.sliding_window_view(recipes.get("bimt").strengths(), 2).T)
    assert ratios == pytest.approx(np.full(7, 80 ** (-1 / 7)))
    with pytest.raises(ValueError, match=r"spacing must be one of \['linear', 'log'\]"):
        recipes.get("bimt", spacing="cubic")


def test_unknown_recipe_and_unplaced_units_are_refused():
    with pytest.raises(ValueError, match="sernn"):
        recipes.get("rnn")
    with pytest.raises(ValueError, match="space"):
        recipes.get("l1", space=None, relocate=10)
    with pytest.raises(ValueError, match="a penalty on distance needs a space"):
        recipes.get("sernn", space=None).make_penalty()
    with pytest.raises(ValueError, match="a place for each of the 100 units of the cell; got 12"):
        recipes.get("l1", space=grid(3, 4))


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"epoch": 3}, TypeError, "a recipe takes name, task, .*; got epoch"),
        *(({name: 0}, ValueError, f"{name} must be at least 1; got 0") for name in COUNTS),
        *(({name: 1.5}, TypeError, f"{name} must be an integer; got 1.5") for name in COUNTS),
        ({"relocate": -1}, ValueError, "relocate must be at least 0; got -1"),
        ({"lr": 0}, ValueError, "lr must be above 0; got 0"),
        ({"lr": "fast"}, TypeError, "lr must be a number; got 'fast'"),
        ({"lr_end": -0.1}, ValueError, "lr_end must be at least 0"),
        ({"epsilon": 0}, ValueError, "epsilon must be above 0"),
        ({"name": 5}, TypeError, "name must be a text"),
        ({"clip": np.inf}, ValueError, "clip must be above 0; got inf"),
        ({"ramp": 1.1}, ValueError, "ramp must be at least 0 and at most 1; got 1.1"),
        ({"gammas": (0.1,)}, ValueError, r"gammas must be the two ends of a range; got \(0.1,\)"),
        ({"gammas": (-0.1, 1)}, ValueError, "each of gammas must be at least 0; got -0.1"),
        ({"gammas": (0, 1), "spacing": "log"}, ValueError, "each of gammas must be .*above 0; got 0"),
        ({"task": 3}, TypeError, "task must be a name or .*; 3 lacks kind, n_in, n_out, name, read_out, sample, score"),
        ({"penalty": 0.1}, TypeError, "penalty must be a name or a function .* got 0.1"),
    ],
)
def test_settings_out_of_bounds_are_refused_by_name(changes, error, message):
    with pytest.raises(error, match=message):
        recipes.get("sernn", **changes)


def test_options_of_tasks_are_refused_by_name():
    for name, options, error, message in (
        ("maze", {}, ValueError, "name must be one of .* got 'maze'"),
        ("one_choice", {"wait": 3}, TypeError, "the task 'one_choice' takes goal, delay, .* got wait"),
        ("one_choice", {"goal": 0}, ValueError, "goal must be at least 1; got 0"),
        ("one_choice", {"delay": -1}, ValueError, "delay must be at least 0; got -1"),
        ("one_choice", {"noise": np.nan}, ValueError, "noise must be at least 0; got nan"),
        ("modular", {"steps": 2.5}, TypeError, "steps must be an integer; got 2.5"),
        ("modular", {"modules": 0}, ValueError, "modules must be at least 1; got 0"),
        ("digits", {"frames": 0}, ValueError, "frames must be at least 1; got 0"),
        ("digits", {"channels": 701}, ValueError, "channels must be at most 700; got 701"),
        ("digits", {"drop": 1}, ValueError, "drop must be below 1"),
        ("cognitive", {"tasks": []}, ValueError, r"tasks must be some of .* got \[\]"),
        ("cognitive", {"tasks": "go"}, ValueError, "tasks must be some of .* got 'go'"),
        ("cognitive", {"response_weight": 0}, ValueError, "response_weight must be above 0; got 0"),
    ):
        with pytest.raises(error, match=message):
            tasks.get(name, **options)


def test_settings_are_plain_data_whatever_they_were_given_as(tmp_path):
    def square(p):
        return p["W"].square().sum((-2, -1))

    changes = {"epochs": np.int64(3), "task_options": {"delay": np.int32(5), "folder": tmp_path}, "penalty": square}
    settings = recipes.get("sernn", **changes).settings()
    assert settings["epochs"] == 3
    assert settings["task_options"] == {"delay": 5, "folder": str(tmp_path)}
    assert settings["penalty"] == "square"
    assert json.loads(json.dumps(settings)) == settings


def test_recipes_saved_in_older_words_still_load_and_train_without_a_warning(tmp_path):
    options = {"detach_communicability": True}
    recipe = recipes.get("sernn", epochs=1, steps=2, batch=8, held_out=8, penalty_options=options)
    trained = train(recipe, 0.1, 3, folder=tmp_path, progress=False)
    trained.save(tmp_path / "new.npz")
    for path in (tmp_path / "new.npz", *tmp_path.glob("networks*.npz")):
        with np.load(path) as saved:
            arrays = dict(saved)
        key = "settings" if "settings" in arrays else "netanalysis"
        text = str(arrays[key])
        assert "detach_communicability" in text
        arrays[key] = np.array(text.replace("detach_communicability", "detach_comm"))
        np.savez(path, **arrays)
    old = Ensemble.load(tmp_path / "new.npz")
    assert dict(old.recipe.penalty_options) == options
    again = train(old.recipe, 0.1, 3, progress=False)
    assert np.array_equal(again.parameters["W"], trained.parameters["W"])
    before = next(tmp_path.glob("networks*.npz")).stat().st_mtime_ns
    train(recipe, 0.1, 3, folder=tmp_path, progress=False)  # goes on from the checkpoint, where nothing is left to do
    assert next(tmp_path.glob("networks*.npz")).stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["sernn", "bimt", "spiking_l1", "resolvent_hop"])
def test_shipped_ensembles_can_be_trained_again_from_the_recipe_in_their_file(name):
    ensemble = Ensemble.load(TRAINED / f"{name}.npz")
    small = replace(ensemble.recipe, epochs=1, steps=1, batch=2, held_out=2)
    network = ensemble.table.iloc[0]
    again = train(small, network["gamma"], int(network["seed"]), progress=False)
    if network["epoch"] == 0:
        assert np.array_equal(again.parameters["W"][0], ensemble.parameters["W"][0])


def test_the_learning_rate_of_bimt_falls_in_every_preset_and_all_units_propose():
    for name in ("bimt", "bimt_l1"):
        for quick in (False, True):
            recipe = recipes.get(name, quick=quick)
            assert (recipe.lr_end, recipe.top) == (0.0, None)


def test_recipes_in_shipped_files_are_what_they_were():
    for path in sorted(TRAINED.glob("*.npz")):
        ensemble = Ensemble.load(path)
        if "lr_end" not in (saved := na.datasets.TrainedNetworks(path).metadata["recipe"]):
            assert ensemble.recipe.lr_end == 1.0
        made = ensemble.recipe.settings()
        assert saved["top"] == 30
        assert saved.items() <= json.loads(json.dumps(made)).items(), path


class Ring:
    """As many channels as the cognitive tasks: respond where the input was."""

    name, kind, read_out, n_in, n_out = "ring", "class", "every", 53, 17

    def sample(self, batch, rng, *, noise=True):
        place = rng.integers(16, size=batch)
        x = np.zeros((batch, 8, 53), np.float32)
        x[:, :6, 0] = 1
        x[np.arange(batch), 2:5, 1 + place[:, None].repeat(3, 1).T] = 1
        targets = np.where(np.arange(8) < 6, 0, 1 + place[:, None])
        return Batch(inputs=x, targets=targets, weights=np.ones((batch, 8), np.float32), conditions={"place": place})

    def score(self, outputs, batch):
        return outputs[:, -1].argmax(-1) == batch.targets[:, -1]


def test_bimt_recipe_runs_with_its_sheet_ramp_and_relocation():
    changes = {"task": Ring(), "epochs": 2, "steps": 4, "batch": 8, "held_out": 8, "relocate": 3}
    trained = train(recipes.get("bimt", quick=True, **changes), 1e-3, 0, progress=False)
    assert trained.table["accuracy"].between(0, 1).all()
    assert trained.table["penalty"].iloc[-1] < trained.table["penalty"].iloc[0]
    net = trained.connectome()
    assert net.distances[0, 1] == pytest.approx(0.1)  # Manhattan, on a unit square
    assert net.inputs.shape == (53, 100)
    assert trained.record(trials=3).activity.shape == (3, 8, 100)
