"""How one kind of network is trained: task, cell, space, penalty and optimiser, as data."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import penalties, tasks
from models._settings import lacking, number
from models.cells import CELLS, Cell, RateCell
from models.space import Space
from netanalysis._core.options import choice, positive_int

__all__ = ["Recipe", "spelled_out"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Recipe:
    """How one kind of network is trained.

    Parameters
    ----------
    name : str
    task, task_options
        Name and options for :func:`models.tasks.get`, or a task itself.
    cell : Cell
        :class:`models.RateCell`, :class:`models.SpikingCell` or one of your own (:class:`models.cells.Cell`).
    space : Space, optional
        Places of the units, as many as the cell has.
    penalty, penalty_options
        Name and options for :func:`models.penalties.get`, or a penalty itself.
    gammas : (float, float)
        The published or calibrated range of penalty strengths.
    spacing : {"linear", "log"}
        Of the population's strengths over that range.
    networks : int
        Size of the published population: one network per gamma.
    epochs, steps, batch : int
        `epochs` of `steps` updates with `batch` trials each; a snapshot is kept before training and after each epoch.
    lr, epsilon, clip
        Adam's, and the largest gradient norm per network (None: no clipping).
    lr_end : float
        Share of `lr` that is left at the end; it falls linearly from the first update on. 1: constant.
    ramp : float
        Share of training at a tenth of gamma, before gamma itself.
    relocate : int
        Every so many updates units may exchange places (:mod:`models.relocation`); 0: never.
    top : int, optional
        Only the `top` most important units propose an exchange; default: all.
    held_out : int
        Trials of the test set, drawn once per network, without noise.
    quick : mapping
        What the small preset of the recipe changes; no setting of its own.

    Raises
    ------
    ValueError, TypeError
        If a setting is out of bounds or of another kind; the message names it.
    """

    name: str
    task: str | tasks.Task
    task_options: Mapping[str, Any] = field(default_factory=dict)
    cell: Cell = field(default_factory=RateCell)
    space: Space | None = None
    penalty: str | penalties.Penalty = "none"
    penalty_options: Mapping[str, Any] = field(default_factory=dict)
    gammas: tuple[float, float] = (0.0, 0.0)
    spacing: str = "linear"
    networks: int = 1
    epochs: int = 10
    steps: int = 40
    batch: int = 128
    lr: float = 1e-3
    lr_end: float = 1.0
    epsilon: float = 1e-8
    clip: float | None = None
    ramp: float = 0.0
    relocate: int = 0
    top: int | None = None
    held_out: int = 512
    quick: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"name must be a text, of files and folders; got {self.name!r}")
        for name in ("networks", "epochs", "steps", "batch", "held_out"):
            positive_int(getattr(self, name), name)
        if self.top is not None:
            positive_int(self.top, "top")
        positive_int(self.relocate, "relocate", minimum=0)
        number(self.lr, "lr", above=0)
        number(self.lr_end, "lr_end", least=0)
        number(self.epsilon, "epsilon", above=0)
        number(self.ramp, "ramp", least=0, most=1)
        if self.clip is not None:
            number(self.clip, "clip", above=0)
        choice(self.spacing, ("linear", "log"), "spacing")
        if np.shape(self.gammas) != (2,):
            raise ValueError(f"gammas must be the two ends of a range; got {self.gammas!r}")
        for gamma in self.gammas:
            number(gamma, "each of gammas", least=0, above=0 if self.spacing == "log" else -np.inf)
        if not isinstance(self.task, str) and (lacks := lacking(self.task, tasks.Task)):
            raise TypeError(f"task must be a name or a models.tasks.Task; {self.task!r} lacks {', '.join(lacks)}")
        if (lacks := lacking(self.cell, Cell)) or not is_dataclass(self.cell):
            raise TypeError(
                f"cell must be a models.cells.Cell, a dataclass; {self.cell!r} "
                + (f"lacks {', '.join(lacks)}" if lacks else "is none")
            )
        if not (isinstance(self.penalty, str) or callable(self.penalty)):
            raise TypeError(f"penalty must be a name or a function of the parameters; got {self.penalty!r}")
        if self.space is not None and len(self.space.units) != self.cell.n:
            raise ValueError(
                f"space must have a place for each of the {self.cell.n} units of the cell; got {len(self.space.units)}"
            )
        if self.relocate and self.space is None:
            raise ValueError("relocate needs a space: units without places cannot exchange them")

    def strengths(self) -> NDArray[np.float64]:
        """Penalty strength of each network of the population."""
        spaced: Callable[..., NDArray[np.float64]] = np.linspace if self.spacing == "linear" else np.geomspace
        return spaced(*self.gammas, self.networks)

    def make_task(self) -> tasks.Task:
        """The task itself."""
        return tasks.get(self.task, **self.task_options) if isinstance(self.task, str) else self.task

    def make_penalty(self) -> penalties.Penalty | None:
        """The penalty itself; None for "none"."""
        if not isinstance(self.penalty, str):
            return self.penalty
        return penalties.get(self.penalty, self.space, **self.penalty_options)

    def settings(self) -> dict[str, Any]:
        """Everything as plain data, for provenance and to recognise a run; tasks and penalties of your own by name."""
        plain = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in ("space", "quick")}
        cell = {f.name: _plain(getattr(self.cell, f.name)) for f in fields(self.cell)}  # type: ignore[arg-type]
        return plain | {"cell": {"type": type(self.cell).__name__} | cell}

    @classmethod
    def of(cls, settings: Mapping[str, Any], space: Space | None) -> Recipe:
        """The recipe whose :meth:`settings` these are, if its cell is one of :data:`models.cells.CELLS`."""
        values = _tuples(spelled_out(settings))
        cell = values.pop("cell")
        kind = cell.pop("type")
        if kind not in CELLS:
            raise ValueError(f"the cell must be one of {sorted(CELLS)} to be made from settings; got {kind!r}")
        return cls(**values, cell=CELLS[kind](**cell), space=space)


def spelled_out(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in the words of today; those of older files may have others."""
    return {**settings, "penalty_options": penalties.spelled_out(settings["penalty_options"])}


def _tuples(value: Any) -> Any:
    """What JSON made of settings, with its lists as tuples again."""
    if isinstance(value, Mapping):
        return {key: _tuples(entry) for key, entry in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Numbers, text, lists and dicts as JSON gives them back; of a function its name, of anything else its class's."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (str, int, float, type(None))):
        return value
    return getattr(value, "__name__", type(value).__name__)
