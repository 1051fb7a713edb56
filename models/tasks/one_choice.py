"""One-choice inference: remember a goal over a delay, then take the offered direction that leads there.

After Achterberg et al. 2023 (doi:10.1038/s42256-023-00748-9).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models._settings import number
from models.tasks import Batch
from netanalysis._core.options import positive_int

GOALS = ("left-up", "right-up", "left-down", "right-down")
DIRECTIONS = ("left", "up", "right", "down")

# (goal, the two options; the first is correct). The regular task has the first 8; all 16 are those in which
# exactly one of the two offered directions leads to the goal.
PROBLEMS = (
    ("right-up", "right", "down"),
    ("right-up", "up", "left"),
    ("right-down", "right", "left"),
    ("right-down", "down", "left"),
    ("left-up", "left", "right"),
    ("left-up", "up", "right"),
    ("left-down", "left", "up"),
    ("left-down", "down", "right"),
    ("right-up", "right", "left"),
    ("right-up", "up", "down"),
    ("right-down", "right", "up"),
    ("right-down", "down", "up"),
    ("left-up", "left", "down"),
    ("left-up", "up", "down"),
    ("left-down", "left", "right"),
    ("left-down", "down", "up"),
)


class OneChoice:
    """The task: goal cue, empty delay, two options; the choice is read after the last step.

    Eight inputs: one-hot goal (left-up, right-up, left-down, right-down; on during the cue), then the two offered
    directions (left, up, right, down; on during the choice). Four outputs, one per direction. Remembering nothing,
    the best network is right in 5 of 8 regular problems.

    Parameters
    ----------
    goal, delay, choice : int
        Steps of the three phases.
    hard : bool
        All 16 problems rather than 8.
    noise : float
        Standard deviation of Gaussian noise on every input and step.
    shuffle_labels : bool
        The control without a rule: the correct answers are random directions, so that accuracy stays at chance.
    random_inputs : bool
        The control without a cue: all inputs are Gaussian numbers (mean 0, standard deviation 1), whatever the problem.

    Examples
    --------
    >>> batch = OneChoice().sample(3, np.random.default_rng(0), noise=False)
    >>> batch.inputs.shape, batch.inputs[:, 20:30].any()
    ((3, 50, 8), np.False_)
    >>> {name: column.tolist() for name, column in batch.conditions.items()}["correct"]
    ['left', 'up', 'left']
    """

    name = "one_choice"
    kind = "class"
    read_out = "last"
    n_in = 8
    n_out = 4

    def __init__(
        self,
        *,
        goal: int = 20,
        delay: int = 10,
        choice: int = 20,
        hard: bool = False,
        noise: float = 0.05,
        shuffle_labels: bool = False,
        random_inputs: bool = False,
    ) -> None:
        positive_int(goal, "goal")
        positive_int(delay, "delay", minimum=0)
        positive_int(choice, "choice")
        self.noise = number(noise, "noise", least=0)
        self.shuffle_labels = shuffle_labels
        self.random_inputs = random_inputs
        problems = PROBLEMS if hard else PROBLEMS[:8]
        self.targets = np.array([DIRECTIONS.index(correct) for _, correct, _ in problems])
        self.columns = {
            "problem": np.arange(len(problems)),
            "goal": np.array([goal for goal, _, _ in problems]),
            "options": np.array(["-".join(sorted(options)) for _, *options in problems]),
            "correct": np.array([correct for _, correct, _ in problems]),
        }
        trials = np.zeros((len(problems), goal + delay + choice, 8), dtype=np.float32)
        for trial, (where, *options) in zip(trials, problems, strict=True):
            trial[:goal, GOALS.index(where)] = 1
            trial[goal + delay :, [4 + DIRECTIONS.index(option) for option in options]] = 1
        self.trials = trials

    def sample(self, batch: int, rng: np.random.Generator, *, noise: bool = True) -> Batch:
        """Problems drawn uniformly with replacement."""
        problem = rng.integers(len(self.trials), size=batch)
        inputs = self.trials[problem]
        targets = self.targets[problem]
        if self.shuffle_labels:
            targets = rng.integers(len(DIRECTIONS), size=batch)
        if self.random_inputs:
            inputs = rng.standard_normal(inputs.shape, dtype=np.float32)
        if noise and self.noise:
            inputs += np.float32(self.noise) * rng.standard_normal(inputs.shape, dtype=np.float32)
        columns = {name: values[problem] for name, values in self.columns.items()}
        return Batch(inputs=inputs, targets=targets, conditions=columns)

    def score(self, outputs: NDArray[np.float32], batch: Batch) -> NDArray[Any]:
        """Whether the largest output is the correct direction."""
        return np.asarray(outputs.argmax(axis=-1) == batch.targets)
