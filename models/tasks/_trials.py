"""What the trials of the 20 cognitive tasks have in common: their stimuli, and the answer these call for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.tasks import Batch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TASKS = (
    *("go", "rtgo", "dlygo", "anti", "rtanti", "dlyanti"),
    *("dm1", "dm2", "ctxdm1", "ctxdm2", "multidm"),
    *("dlydm1", "dlydm2", "ctxdlydm1", "ctxdlydm2", "multidlydm"),
    *("dms", "dnms", "dmc", "dnmc"),
)
GO, DM, DELAYED, MATCH = range(0, 6), range(6, 16), range(11, 16), range(16, 20)
# Of the five decision tasks in either group: the rings that show stimuli, and those that decide.
SHOWN = np.array([[1, 0], [0, 1], [1, 1], [1, 1], [1, 1]])
DECIDES = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [1, 1]])


@dataclass(frozen=True, eq=False)
class Timing:
    """When things happen, in steps, one row per trial; the ring of each of two stimuli where a task has one at a time.

    A stimulus is shown at steps ``on <= t < off``, the fixation cue until `fixation`; the answer is due from `go` on.
    """

    on: Ints
    off: Ints
    fixation: Ints
    go: Ints
    end: Ints
    ring: Ints

    def __getitem__(self, rows: Ints) -> Timing:
        return Timing(*(value[rows] for value in vars(self).values()))


@dataclass(frozen=True, eq=False)
class Stimuli:
    """What is shown: ``location[trial, stimulus]`` in radians, ``strength[trial, stimulus, ring]``.

    `response` is the direction to answer with, nan where the network is to keep fixating.
    """

    location: Floats
    strength: Floats
    response: Floats


class Profile(Protocol):
    """One published version of the tasks."""

    ring: int
    kind: str

    def timing(self, task: Ints, rng: np.random.Generator) -> Timing:
        """When things happen in a trial of each of these tasks."""
        ...

    def locations(self, n: int, rng: np.random.Generator) -> Floats:
        """n directions."""
        ...

    def separations(self, n: int, rng: np.random.Generator) -> Floats:
        """n angles between two alternatives."""
        ...

    def strengths(self, task: Ints, rng: np.random.Generator) -> Floats:
        """Strengths [trial, stimulus, ring] in these decision tasks, as if both rings were shown."""
        ...

    def pairs(self, category: NDArray[np.bool_], match: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
        """First and second location, [trial, 2], that match or not, in place or (where `category`) in category."""
        ...

    def add_noise(self, inputs: NDArray[np.float32], task: Ints, timing: Timing, rng: np.random.Generator) -> None:
        """Noise on the inputs, in place."""
        ...

    def goals(
        self, timing: Timing, response: Floats, steps: int, response_weight: float | None
    ) -> tuple[NDArray[np.int64] | NDArray[np.float32], NDArray[np.float32]]:
        """Targets and their weights in the loss."""
        ...

    def correct(self, last: NDArray[np.float32], batch: Batch) -> NDArray[np.bool_]:
        """Whether the output at the last step of each trial is right."""
        ...


def bump(location: Floats, ring: int) -> Floats:
    """Response of a ring of units to a direction: a Gaussian of height 0.8 and width pi / 8."""
    away = np.abs(location[..., None] - directions(ring))
    away = np.minimum(away, 2 * np.pi - away)
    return np.asarray(0.8 * np.exp(-0.5 * (away / (np.pi / 8)) ** 2))


def directions(ring: int) -> Floats:
    """Preferred directions of a ring of units."""
    return np.asarray(2 * np.pi * np.arange(ring) / ring)


def among(task: Ints, group: range) -> NDArray[np.intp]:
    """Which trials are of a group of tasks."""
    return np.flatnonzero((task >= group.start) & (task < group.stop))


def draw_stimuli(profile: Profile, task: Ints, ring: Ints, rng: np.random.Generator) -> Stimuli:
    """Locations, strengths and responses, the same for all profiles but for what these draw them from."""
    location, strength = np.zeros((len(task), 2)), np.zeros((len(task), 2, 2))
    response = np.full(len(task), np.nan)

    rows = among(task, GO)
    location[rows, 0] = profile.locations(len(rows), rng)
    strength[rows, 0, ring[rows, 0]] = 1
    response[rows] = location[rows, 0] + np.pi * (task[rows] >= 3)

    rows = among(task, DM)
    location[rows, 0] = profile.locations(len(rows), rng)
    location[rows, 1] = location[rows, 0] + profile.separations(len(rows), rng)
    strengths = profile.strengths(task[rows], rng)
    rule = (task[rows] - DM.start) % 5
    strength[rows] = strengths * SHOWN[rule][:, None]
    for_first = np.einsum("ijk,ik,j->i", strengths, DECIDES[rule], [1, -1])
    tie = np.abs(for_first) < 1e-9
    second = np.where(tie, rng.random(len(rows)) < 0.5, for_first < 0)
    response[rows] = location[rows, second.astype(int)]

    rows = among(task, MATCH)
    match = rng.random(len(rows)) < 0.5
    location[rows] = profile.pairs(task[rows] >= MATCH.start + 2, match, rng)
    strength[rows[:, None], [0, 1], ring[rows]] = 1
    on_match = task[rows] % 2 == 0
    response[rows] = np.where(match == on_match, location[rows, 1], np.nan)

    return Stimuli(location % (2 * np.pi), strength, response % (2 * np.pi))
