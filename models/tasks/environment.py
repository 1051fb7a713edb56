"""Any environment with trials, such as those of neurogym, as a task.

>>> import neurogym                                                                              # doctest: +SKIP
>>> task = Environment(neurogym.make("PerceptualDecisionMaking-v0"), steps=30)                   # doctest: +SKIP
>>> recipe = recipes.get("sernn", task=task)                                                     # doctest: +SKIP
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.tasks import Batch
from netanalysis._core.options import positive_int

# Networks that are trained in threads share the environment, which can be in one trial only.
_ALONE = threading.Lock()


class Environment:
    """One trial per sequence; each step has an observation and a correct action.

    Parameters
    ----------
    env
        Has ``new_trial()``, which returns what the trial is about as a mapping, and then holds all its observations
        ``ob`` (time, channels) and correct actions ``gt`` (time,); also ``observation_space.shape``,
        ``action_space.n``, ``seed(int)`` and ``reset()``. Wrappers may surround it. Noise is its own, and always there.
    steps : int
        Length of a sequence: shorter trials are padded, with weight 0; longer ones are refused.
    """

    kind, read_out = "class", "every"

    def __init__(self, env: Any, steps: int) -> None:
        self.env, self.steps = env, positive_int(steps, "steps")
        self.name = type(env.unwrapped).__name__
        self.n_in, self.n_out = int(env.observation_space.shape[0]), int(env.action_space.n)

    def sample(self, batch: int, rng: np.random.Generator, *, noise: bool = True) -> Batch:
        """`batch` trials of the environment, seeded from `rng`."""
        inputs = np.zeros((batch, self.steps, self.n_in), np.float32)
        targets, lengths, about = np.zeros((batch, self.steps), np.int64), np.zeros(batch, np.int64), []
        with _ALONE:
            self.env.seed(int(rng.integers(2**31)))
            self.env.reset()  # the next trial must not depend on the last one
            for k in range(batch):
                about.append(self.env.new_trial())
                ob, gt = self.env.unwrapped.ob, self.env.unwrapped.gt
                if len(ob) > self.steps:
                    raise ValueError(f"a trial of {self.name} has {len(ob)} steps; give steps={len(ob)} or more")
                inputs[k, : len(ob)], targets[k, : len(ob)], lengths[k] = ob, gt, len(ob)
        weights = (np.arange(self.steps) < lengths[:, None]).astype(np.float32)
        columns = {key: np.array([trial[key] for trial in about]) for key in about[0]}
        return Batch(inputs=inputs, targets=targets, weights=weights, lengths=lengths, conditions=columns)

    def score(self, outputs: NDArray[np.float32], batch: Batch) -> NDArray[Any]:
        """Whether the largest output at the end of the trial is the correct action."""
        assert batch.lengths is not None
        end = np.arange(len(outputs)), batch.lengths - 1
        return np.asarray(outputs[end].argmax(axis=-1) == batch.targets[end])
