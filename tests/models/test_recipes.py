"""Recipes are complete, survive being written as plain data, and have a quick preset each."""

import json

import numpy as np
import pytest

from models import penalties, recipes
from models.recipes import RECIPES, Recipe
from models.tasks import Batch
from models.training import train


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
