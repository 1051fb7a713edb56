"""One-choice inference: the problems of the paper, its timing and the score a network without memory can reach."""

import itertools
from collections import Counter

import numpy as np
import pytest

from models import tasks
from models.tasks.one_choice import DIRECTIONS, GOALS, PROBLEMS, OneChoice

# Extended Data Table 1 of the paper: goal, offered pair, correct answer.
REGULAR = {
    ("right-up", frozenset({"right", "down"}), "right"),
    ("right-up", frozenset({"up", "left"}), "up"),
    ("right-down", frozenset({"left", "right"}), "right"),
    ("right-down", frozenset({"left", "down"}), "down"),
    ("left-up", frozenset({"left", "right"}), "left"),
    ("left-up", frozenset({"up", "right"}), "up"),
    ("left-down", frozenset({"up", "left"}), "left"),
    ("left-down", frozenset({"right", "down"}), "down"),
}


def test_regular_problems_are_the_published_ones():
    assert {(goal, frozenset((a, b)), a) for goal, a, b in PROBLEMS[:8]} == REGULAR


def test_all_sixteen_problems_are_those_with_exactly_one_way_to_the_goal():
    every = {
        (goal, frozenset(pair), next(d for d in pair if d in goal))
        for goal in GOALS
        for pair in itertools.combinations(DIRECTIONS, 2)
        if sum(d in goal for d in pair) == 1
    }
    assert {(goal, frozenset((a, b)), a) for goal, a, b in PROBLEMS} == every
    assert len(every) == 16


def test_trial_has_cue_delay_and_choice():
    batch = OneChoice().sample(200, np.random.default_rng(0), noise=False)
    assert batch.inputs.shape == (200, 50, 8)
    assert batch.inputs.dtype == np.float32
    assert (batch.inputs[:, :20, :4].sum(axis=2) == 1).all()
    assert (batch.inputs[:, :20, 4:] == 0).all()
    assert (batch.inputs[:, 20:30] == 0).all()
    assert (batch.inputs[:, 30:, :4] == 0).all()
    assert (batch.inputs[:, 30:, 4:].sum(axis=2) == 2).all()
    for trial in range(200):
        goal = GOALS[batch.inputs[trial, 0, :4].argmax()]
        offered = {DIRECTIONS[i] for i in np.flatnonzero(batch.inputs[trial, -1, 4:])}
        correct = DIRECTIONS[batch.targets[trial]]
        assert (goal, frozenset(offered), correct) in REGULAR
        assert batch.conditions["goal"][trial] == goal
        assert batch.conditions["correct"][trial] == correct


@pytest.mark.parametrize(("hard", "ceiling"), [(False, 5 / 8), (True, 1 / 2)])
def test_without_memory_of_the_goal_the_ceiling_is_five_eighths(hard, ceiling):
    task = OneChoice(hard=hard)
    answers = {}
    for trial, target in zip(task.trials, task.targets, strict=True):
        answers.setdefault(trial[-1].tobytes(), Counter())[target] += 1
    assert sum(max(count.values()) for count in answers.values()) / len(task.trials) == ceiling


def test_noise_and_seeds():
    task = OneChoice()
    noisy, again = (task.sample(400, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(noisy.inputs, again.inputs)
    clean = task.sample(400, np.random.default_rng(3), noise=False)
    assert np.array_equal(clean.targets, noisy.targets)
    assert (noisy.inputs - clean.inputs).std() == pytest.approx(0.05, rel=0.02)
    assert OneChoice(noise=0).sample(8, np.random.default_rng(3)).inputs.max() == 1


def test_score_and_shuffled_labels():
    batch = OneChoice().sample(100, np.random.default_rng(0))
    assert OneChoice().score(np.eye(4)[batch.targets], batch).all()
    assert not OneChoice().score(np.eye(4)[(batch.targets + 1) % 4], batch).any()
    task = OneChoice(shuffle_labels=True)
    shuffled = task.sample(4000, np.random.default_rng(0))
    right = np.array([DIRECTIONS.index(d) for d in shuffled.conditions["correct"]])
    assert (right == shuffled.targets).mean() == pytest.approx(0.25, abs=0.03)


def test_random_inputs_say_nothing_of_the_problem():
    batch = OneChoice(random_inputs=True, noise=0).sample(2000, np.random.default_rng(0), noise=False)
    assert batch.inputs.shape == (2000, 50, 8)
    assert batch.inputs.std() == pytest.approx(1, abs=0.01)
    goals = np.unique(batch.conditions["goal"], return_inverse=True)[1]
    assert np.abs([batch.inputs[goals == k].mean(axis=(0, 1)) for k in range(4)]).max() < 0.03
    assert sorted(np.unique(batch.targets)) == [0, 1, 2, 3]


def test_unknown_task_is_refused():
    with pytest.raises(ValueError, match="one_choice"):
        tasks.get("two_choice")
