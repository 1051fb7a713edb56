"""The 20 tasks as neurogym had them in November 2022: steps of 100 ms, rings of 16, one class per direction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.tasks import Batch
from models.tasks._trials import DELAYED, DM, MATCH, Floats, Ints, Timing, among

RING = 16
NOISE = 0.1

# First and second stimulus on and off, response, end. Decision tasks have 2 to 4 steps of fixation before these.
_TIMES = np.array(
    [(5, 10, 15, 15, 10, 15), (5, 10, 10, 10, 5, 10), (5, 10, 20, 20, 15, 20)] * 2
    + [(0, 5, 0, 5, 5, 7)] * 5
    + [(0, 5, 15, 20, 20, 22)] * 5
    + [(3, 8, 18, 23, 23, 32)] * 4
)
# Strengths of the two alternatives; the reverse of entry k is entry -1 - k.
_COHERENCES = np.array([-0.64, -0.32, -0.16, -0.08, 0.08, 0.16, 0.32, 0.64])
_AT_ONCE = np.column_stack([0.5 + _COHERENCES / 2, 0.5 - _COHERENCES / 2])
_IN_TURN = np.array([(0.3, 1.0), (0.6, 1.0), (0.3, 0.6), (0.6, 0.3), (1.0, 0.6), (1.0, 0.3)])


class Neurogym:
    """See :class:`models.tasks.cognitive.Cognitive`."""

    ring = RING
    kind = "class"

    def __init__(self, *, compat: bool) -> None:
        self.compat = compat

    def timing(self, task: Ints, rng: np.random.Generator) -> Timing:
        """Only fixation before decisions varies."""
        times = _TIMES[task]
        rows = among(task, DM)
        times[rows] += rng.integers(2, 5, size=(len(rows), 1))
        ring = np.repeat(rng.integers(2, size=(len(task), 1)), 2, axis=1)
        return Timing(times[:, 0:4:2], times[:, 1:4:2], times[:, 4], times[:, 4], times[:, 5], ring)

    def locations(self, n: int, rng: np.random.Generator) -> Floats:
        """On the grid."""
        return np.asarray(rng.integers(RING, size=n) * (2 * np.pi / RING))

    def separations(self, n: int, rng: np.random.Generator) -> Floats:
        """On the grid: any, or at least a quarter turn."""
        low, high = (1, RING - 1) if self.compat else (RING // 4, 3 * RING // 4)
        return np.asarray(rng.integers(low, high + 1, size=n) * (2 * np.pi / RING))

    def strengths(self, task: Ints, rng: np.random.Generator) -> Floats:
        """Independent in the rings, but that without `compat` the rings never cancel."""
        out = np.empty((len(task), 2, 2))
        delayed = task >= DELAYED.start
        for rows, table in ((np.flatnonzero(~delayed), _AT_ONCE), (np.flatnonzero(delayed), _IN_TURN)):
            choices = len(table)
            first = rng.integers(choices, size=len(rows))
            if self.compat:
                second = rng.integers(choices, size=len(rows))
            else:
                second = (choices - 1 - first + rng.integers(1, choices, size=len(rows))) % choices
            out[rows] = np.stack([table[first], table[second]], axis=-1)
        return out

    def pairs(self, category: NDArray[np.bool_], match: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
        """Same or opposite place; with `compat`, place 8 as a sample is taken for the first half of the ring."""
        n, half = len(match), RING // 2
        first = rng.integers(RING, size=n)
        side = (first > half) if self.compat else (first >= half)
        other = half * (side == match) + rng.integers(half, size=n)
        second = np.where(category, other, first + np.where(match, 0, half))
        return np.stack([first, second], axis=1) * (2 * np.pi / RING)

    def add_noise(self, inputs: NDArray[np.float32], task: Ints, timing: Timing, rng: np.random.Generator) -> None:
        """While stimuli are on: decisions on fixation and both rings, matching on the ring in use."""
        t = np.arange(inputs.shape[1])
        shown = ((t >= timing.on[..., None]) & (t < timing.off[..., None])).any(axis=1)
        decision, matching = ((task >= group.start) & (task < group.stop) for group in (DM, MATCH))
        trial, step = np.nonzero(shown & decision[:, None])
        draws = rng.standard_normal((len(trial), 1 + 2 * RING), dtype=np.float32)
        inputs[trial, step, : 1 + 2 * RING] += np.float32(NOISE) * draws
        trial, step = np.nonzero(shown & matching[:, None])
        units = 1 + RING * timing.ring[trial, :1] + np.arange(RING)
        draws = rng.standard_normal(units.shape, dtype=np.float32)
        inputs[trial[:, None], step[:, None], units] += np.float32(NOISE) * draws

    def goals(
        self, timing: Timing, response: Floats, steps: int, response_weight: float | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Class 0 (fixate), or 1 + direction from `go` on."""
        t = np.arange(steps)
        answer = np.where(np.isnan(response), 0, 1 + np.rint(np.nan_to_num(response) * RING / (2 * np.pi)) % RING)
        due = t >= timing.go[:, None]
        targets = due * answer.astype(np.int64)[:, None]
        targets[t >= timing.end[:, None]] = 0
        each = 1 if response_weight is None else response_weight / (timing.end - timing.go)[:, None]
        weights = np.where(due, each, 1) * (t < timing.end[:, None])
        return targets, weights.astype(np.float32)

    def correct(self, last: NDArray[np.float32], batch: Batch) -> NDArray[np.bool_]:
        """Whether the largest output is the target."""
        assert batch.lengths is not None
        return np.asarray(last.argmax(axis=-1) == batch.targets[np.arange(len(last)), batch.lengths - 1])
