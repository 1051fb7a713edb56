"""Recipes are complete, survive being written as plain data, and have a quick preset each."""

import json

import pytest

from models import penalties, recipes
from models.recipes import QUICK, RECIPES, Recipe


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
    assert QUICK.keys() == RECIPES.keys()
    for name in RECIPES:
        full, quick = recipes.get(name), recipes.get(name, quick=True)
        size = [r.networks * r.epochs * r.steps * r.cell.n for r in (full, quick)]
        assert size[1] <= size[0] / 4


def test_seRNN_is_that_of_the_paper():
    recipe = recipes.get("sernn")
    assert (recipe.epochs, recipe.steps, recipe.batch, recipe.lr, recipe.epsilon) == (10, 40, 128, 1e-3, 1e-7)
    assert (recipe.cell.n, recipe.cell.activation, recipe.cell.leak, recipe.clip) == (100, "relu", 1.0, None)
    assert isinstance(recipe.make_penalty(), penalties.Wiring)


def test_unknown_recipe_and_unplaced_units_are_refused():
    with pytest.raises(ValueError, match="sernn"):
        recipes.get("rnn")
    with pytest.raises(ValueError, match="space"):
        recipes.get("l1", space=None, relocate=10)
