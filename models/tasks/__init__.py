"""Tasks: what a network is trained on. Anything with ``sample`` and ``score`` is one; ``get`` finds the papers'.

A task of your own is one small class::

    class Echo:
        name, kind, read_out = "echo", "regression", "last"
        n_in = n_out = 1

        def sample(self, batch, rng, *, noise=True):
            x = rng.standard_normal((batch, 10, 1), dtype=np.float32)
            return Batch(inputs=x, targets=x[:, 0], conditions={"first": x[:, 0, 0]})

        def score(self, outputs, batch):
            return np.abs(outputs - batch.targets)[:, 0] < 0.1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Batch", "Task", "get"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Trials: what goes in, what should come out, and what each trial is about.

    Parameters
    ----------
    inputs : float32 array, shape (batch, time, n_in)
    targets : array
        Class task: int64, (batch,) if the last step is read, else (batch, time). Regression: float32,
        (batch, n_out) or (batch, time, n_out).
    weights : float32 array, shape (batch, time) or (batch, time, n_out), optional
        Weight of each step in the loss (a mean with these weights); None where the last step is read. The shape with
        n_out is for regression.
    lengths : int array, shape (batch,), optional
        Steps of each trial before the padding, where weights are 0 and nothing is computed; None: all of them.
    conditions : DataFrame or mapping of columns, one row per trial
        A mapping of arrays is cheaper to build at every training step; :class:`netanalysis.Recording` takes both.
    """

    inputs: NDArray[np.float32]
    targets: NDArray[Any]
    weights: NDArray[np.float32] | None = None
    lengths: NDArray[np.int64] | None = None
    conditions: pd.DataFrame | Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Task(Protocol):
    """What the trainer needs of a task.

    Attributes
    ----------
    name : str
    n_in, n_out : int
        Channels of the input and of the read-out.
    kind : {"class", "regression"}
        Cross-entropy on integer targets, or mean squared error.
    read_out : {"last", "every"}
        Whether the output counts after the last step only or at every step.
    """

    name: str
    n_in: int
    n_out: int
    kind: str
    read_out: str

    def sample(self, batch: int, rng: np.random.Generator, *, noise: bool = True) -> Batch:
        """`batch` fresh trials; the same state of `rng` gives the same ones. Without `noise`: clean inputs."""
        ...

    def score(self, outputs: NDArray[np.float32], batch: Batch) -> NDArray[Any]:
        """Score of each trial, (batch,): 1 if correct, else 0 (or a graded score where nothing is right or wrong).

        `outputs` are (batch, n_out) if the last step is read, else (batch, time, n_out).
        """
        ...


# name -> (module, class); a module is imported when one of its tasks is asked for
_TASKS = {
    "one_choice": ("one_choice", "OneChoice"),
    "cognitive": ("cognitive", "Cognitive"),
    "modular": ("modular", "Modular"),
    "digits": ("digits", "Digits"),
}


def get(name: str, **options: Any) -> Task:
    """A task of the papers by its name, with its options.

    Examples
    --------
    >>> get("one_choice", delay=5).sample(4, np.random.default_rng(0)).inputs.shape
    (4, 45, 8)
    """
    if name not in _TASKS:
        raise ValueError(f"name must be one of {sorted(_TASKS)}; got {name!r}")
    module, cls = _TASKS[name]
    task: Task = getattr(import_module(f"models.tasks.{module}"), cls)(**options)
    return task
