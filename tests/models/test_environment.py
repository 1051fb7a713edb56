"""An environment with trials becomes a task that the trainer takes."""

import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from models import recipes
from models.tasks.environment import Environment
from models.training import train


class Match:
    """Say whether two tones, a random time apart, were the same."""

    observation_space, action_space = SimpleNamespace(shape=(3,)), SimpleNamespace(n=3)

    @property
    def unwrapped(self):
        return self

    def seed(self, seed):
        self.rng = np.random.default_rng(seed)

    def reset(self):
        self.new_trial()

    def new_trial(self):
        first, second = self.rng.integers(2, size=2)
        wait = self.rng.integers(1, 4)
        self.ob = np.zeros((wait + 3, 3))
        self.ob[0, first] = self.ob[wait + 1, second] = self.ob[-1, 2] = 1
        self.gt = np.zeros(wait + 3, int)
        self.gt[-1] = 1 + (first == second)
        return {"first": first, "second": second, "wait": wait}


def test_trials_are_padded_and_reproducible():
    task = Environment(Match(), steps=8)
    assert (task.name, task.n_in, task.n_out) == ("Match", 3, 3)
    batch, again = (task.sample(50, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(batch.inputs, again.inputs)
    assert np.array_equal(batch.lengths, batch.conditions["wait"] + 3)
    assert np.array_equal(batch.weights.sum(axis=1), batch.lengths)
    last = batch.targets[np.arange(50), batch.lengths - 1]
    assert np.array_equal(last, 1 + (batch.conditions["first"] == batch.conditions["second"]))
    assert task.score(np.eye(3)[batch.targets], batch).all()
    assert not task.score(np.eye(3)[(batch.targets + 1) % 3], batch).any()


def test_too_long_a_trial_is_refused():
    with pytest.raises(ValueError, match="steps=6"):
        Environment(Match(), steps=5).sample(50, np.random.default_rng(0))


def test_the_trainer_takes_it():
    recipe = recipes.get("sernn", task=Environment(Match(), steps=6), epochs=2, steps=5, batch=16, held_out=32)
    trained = train(recipe, 1e-3, 0, progress=False)
    assert trained.table["accuracy"].between(0, 1).all()
    assert set(trained.record(trials=8, task=recipe.task).conditions) >= {"first", "second", "wait", "correct_response"}


def test_networks_in_threads_do_not_disturb_each_other_s_trials():
    recipe = recipes.get("sernn", task=Environment(Match(), steps=6), epochs=1, steps=5, batch=64, held_out=64)
    alone = train(recipe, 1e-3, range(4), progress=False, n_jobs=1)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        together = train(recipe, 1e-3, range(4), progress=False, n_jobs=4)
    finally:
        sys.setswitchinterval(before)
    assert np.array_equal(together.parameters["W"], alone.parameters["W"])


def test_neurogym_environment():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yang19 = pytest.importorskip("neurogym.envs.collections.yang19", exc_type=ImportError)
        task = Environment(yang19.dlygo(), steps=20)
        batch, again = (task.sample(31, np.random.default_rng(0)) for _ in range(2))
    assert batch.inputs.shape == (31, 20, 33)
    assert np.array_equal(batch.inputs, again.inputs)
    assert task.score(np.eye(17)[batch.targets], batch).all()
