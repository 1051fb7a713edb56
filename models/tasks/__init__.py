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

from models._settings import built
from netanalysis._core.options import choice

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
        raise ValueError(f"name must be one of {sorted(_TASKS)}; got {name!r}. A task of your own goes in itself")
    module, cls = _TASKS[name]
    task: Task = built(getattr(import_module(f"models.tasks.{module}"), cls), options, f"the task {name!r}")
    return task


def check(task: Task, batch: Batch, size: int) -> None:
    """Refuse a task, or `size` of its trials, that are not what :class:`Task` and :class:`Batch` say of them."""
    choice(task.kind, ("class", "regression"), f"kind of the task {task.name!r}")
    choice(task.read_out, ("last", "every"), f"read_out of the task {task.name!r}")
    time = np.shape(batch.inputs)[1] if np.ndim(batch.inputs) == 3 else "time"
    read: tuple[Any, ...] = (size, time) if task.read_out == "every" else (size,)
    answers = read if task.kind == "class" else (*read, task.n_out)
    wanted: dict[str, tuple[str, set[tuple[Any, ...]]]] = {
        "inputs": ("float32", {(size, time, task.n_in)}),
        "targets": ("int64" if task.kind == "class" else "float", {answers}),
    }
    if batch.weights is not None:
        wanted["weights"] = "float", {read, answers} if task.read_out == "every" else set()
    if batch.lengths is not None:
        wanted["lengths"] = "int", {(size,)}
    for name, (dtype, shapes) in wanted.items():
        array = np.asarray(getattr(batch, name))
        if array.shape not in shapes or not str(array.dtype).startswith(dtype):
            expected = f"{dtype} of shape {' or '.join(map(str, shapes))}" if shapes else "None"
            raise ValueError(
                f"{name} of {size} trials of the task {task.name!r} must be {expected}; "
                f"got {array.dtype} of shape {array.shape}"
            )
    for name, column in dict(batch.conditions).items():
        if len(column) != size:
            raise ValueError(f"conditions[{name!r}] of {size} trials must have as many rows; got {len(column)}")
