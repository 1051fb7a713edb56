"""A cell of one's own needs what models.cells.Cell says, and nothing in other files."""

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import pytest
import torch

import netanalysis as na
from models import Ensemble, cells, recipes, train
from models.cells import RateCell
from models.loop import Trainer
from models.relocation import move
from models.space import Space


@dataclass(frozen=True)
class GainCell:
    """Linear units, each with a gain that is learned."""

    n: int = 6
    scale: float = 0.5
    noise: ClassVar[float] = 0.0
    axes: ClassVar[dict] = {
        "W_in": ("input", "unit"),
        "W": ("unit", "unit"),
        "gain": ("unit",),
        "W_out": ("unit", "output"),
    }

    def start(self, n_in, n_out, rng):
        sizes = {"W_in": (n_in, self.n), "W": (self.n, self.n), "W_out": (self.n, n_out)}
        weights = {name: self.scale * rng.standard_normal(size).astype(np.float32) for name, size in sizes.items()}
        return weights | {"gain": 1 + 0.1 * rng.standard_normal(self.n).astype(np.float32)}

    def states(self, p, x, *, noise=None, last=False, running=None):
        h = x.new_zeros(len(x), x.shape[2], self.n)
        states = []
        for t in range(x.shape[1]):
            h = (x[:, t] @ p["W_in"] + h @ p["W"]) * p["gain"][:, None]
            states.append(h)
        return h if last else torch.stack(states, dim=1)

    def outputs(self, p, states):
        return torch.einsum("k...n,kno->k...o", states, p["W_out"])

    def decisions(self, p, states):
        return self.outputs(p, states)

    def constrain(self, p):
        p["gain"].clamp_(0.5, 2)


@pytest.fixture
def settings(impulse):
    rng = np.random.default_rng(0)
    space = Space(rng.random((6, 2)), rng.random((2, 2)), rng.random((2, 2)))
    return {"task": impulse, "cell": GainCell(), "space": space, "epochs": 1, "steps": 9, "batch": 4, "held_out": 4}


def test_it_trains_records_and_moves_with_all_that_is_its(settings):
    still = train(recipes.Recipe(name="still", **settings), 0.0, [1, 2], progress=False)
    moving = train(recipes.Recipe(name="moving", relocate=2, top=6, **settings), 0.0, [1, 2], progress=False)
    # gains and their moments that stayed behind would change what the network computes
    assert np.allclose(still.table["loss"], moving.table["loss"], rtol=1e-5)
    assert not np.allclose(still.parameters["gain"], moving.parameters["gain"], atol=1e-3)
    assert np.allclose(np.sort(still.parameters["gain"]), np.sort(moving.parameters["gain"]), atol=1e-5)
    assert still.record(trials=3).activity.shape == (3, 4, 6)


def test_a_file_names_it_and_the_recipe_brings_it_back(settings, tmp_path):
    recipe = recipes.Recipe(name="own", penalty=lambda p: p["gain"].square().sum(-1), **settings)
    trained = train(recipe, 0.1, 1, progress=False)
    path = tmp_path / "own.npz"
    trained.save(path)
    assert np.array_equal(na.datasets.TrainedNetworks(path)[-1].weights, trained.connectome().weights)
    with pytest.raises(ValueError, match=r"own\.npz: the cell must be .* got 'GainCell'\. Pass .* as recipe="):
        Ensemble.load(path)
    again = Ensemble.load(path, recipe=recipe)
    assert np.array_equal(again.record(trials=3).activity, trained.record(trials=3).activity)


def test_a_row_registers_it(settings, monkeypatch):
    monkeypatch.setitem(cells.CELLS, "GainCell", GainCell)
    recipe = recipes.Recipe(name="own", **settings)
    assert recipes.Recipe.of(recipe.settings() | {"task": "modular"}, recipe.space).cell == recipe.cell


def test_what_a_cell_lacks_is_named():
    @dataclass
    class Half:
        n: int = 6
        noise: float = 0.0

    with pytest.raises(TypeError, match=r"cell must be .* lacks axes, constrain, decisions, outputs, start, states"):
        recipes.get("l1", cell=Half(), space=None)
    plain = type("Plain", (), {name: None for name in cells.Cell.__dict__ if not name.startswith("_")})
    with pytest.raises(TypeError, match=r"cell must be a models\.cells\.Cell, a dataclass; .* is none"):
        recipes.get("l1", cell=plain(), space=None)


def test_parameters_without_units_stay_when_units_move():
    rng = np.random.default_rng(0)
    cell = RateCell(n=4)
    values = cell.start(2, 4, rng) | {"b_out": np.arange(4.0)}  # as many outputs as units
    order = np.array([2, 0, 1, 3])
    moved = move(values, order, cell.axes)
    assert np.array_equal(moved["b_out"], np.arange(4.0))
    assert np.array_equal(moved["W"], values["W"][order][:, order])
    assert np.array_equal(moved["W_out"], values["W_out"][order])
    assert np.array_equal(moved["W_in"], values["W_in"][:, order])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": RateCell(n=6), "space": Space(np.zeros((6, 2)), np.zeros((3, 2)), np.zeros((2, 2)))}, r"\(2, 2\).*3"),
        ({"cell": cells.SpikingCell(n=6), "space": None}, "outputs of SpikingCell must be .*read at every step"),
        (
            {"penalty": lambda p: p["W"].abs().sum()},
            r"penalty must give one cost per network, \(2,\) for two; got \(\)",
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_refused_before_any_work(settings, changes, message, tmp_path):
    recipe = recipes.Recipe(name="own", **settings | changes)
    with pytest.raises(ValueError, match=message):
        train(recipe, 0.1, 1, folder=tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_trials_that_are_not_what_the_task_says_are_refused(settings):
    class Wrong(type(settings["task"])):
        def sample(self, batch, rng, *, noise=True):
            trials = super().sample(batch, rng, noise=noise)
            vars(trials).update(self.wrong(trials))
            return trials

    for wrong, message in (
        (lambda b: {"inputs": b.inputs.astype(float)}, r"inputs of 2 trials .* must be float32 of shape \(2, 4, 2\)"),
        (lambda b: {"inputs": b.inputs[..., :1]}, r"inputs .* got float32 of shape \(2, 4, 1\)"),
        (lambda b: {"targets": b.targets[:, 0]}, r"targets .* must be float of shape \(2, 4, 2\)"),
        (lambda b: {"weights": b.weights[:, 0]}, r"weights .* must be float of shape"),
        (lambda b: {"lengths": np.ones(3, int)}, r"lengths .* must be int of shape \(2,\)"),
        (lambda b: {"conditions": {"input": np.zeros(3)}}, r"conditions\['input'\] of 2 trials"),
    ):
        task = Wrong()
        task.wrong = wrong
        with pytest.raises(ValueError, match=message):
            Trainer(recipes.Recipe(name="own", **settings | {"task": task}), "cpu").rehearse()


def test_initial_weights_are_given_for_every_block():
    for initial in ({"W": ("normal", 1.0)}, dict.fromkeys(("W_in", "W", "W_out", "b"), ("normal", 1.0))):
        with pytest.raises(ValueError, match=r"initial must have a \(scheme, gain\) for each of W_in, W, W_out"):
            RateCell(initial=initial)
    with pytest.raises(ValueError, match="scheme must be one of"):
        RateCell(initial=dict.fromkeys(("W_in", "W", "W_out"), ("xavier", 1.0)))


@pytest.mark.parametrize("kind", cells.CELLS.values())
def test_cells_refuse_settings_out_of_bounds_by_name(kind):
    for options, error, message in (
        ({"n": 0}, ValueError, "n must be at least 1"),
        ({"n": 2.5}, TypeError, "n must be an integer"),
        ({"noise": -1.0}, ValueError, "noise must be at least 0"),
        ({"leak": float("nan")}, ValueError, "leak must be above 0 and at most 1"),
        ({"slope": 0}, ValueError, "slope must be above 0"),
        ({"dt": 0}, ValueError, "dt must be above 0"),
        ({"decays": (0.9, 0.5)}, ValueError, "upper of decays must be at least 0.9"),
    ):
        if options.keys() <= {f.name for f in fields(kind)}:
            with pytest.raises(error, match=message):
                kind(**options)
