"""The 20 tasks as Yang et al. 2019 had them: steps of 20 ms, rings of 32, a bump of activity as the answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.tasks import Batch
from models.tasks._trials import DELAYED, DM, MATCH, Floats, Ints, Timing, among, bump, directions

RING = 32
DT = 20  # ms
NOISE = 0.01 * np.sqrt(2 / 0.2)  # at a time constant of 100 ms
GRACE = 100 // DT  # steps without weight, at the start and after the go signal


class Yang:
    """See :class:`models.tasks.cognitive.Cognitive`."""

    ring = RING
    kind = "regression"

    def timing(self, task: Ints, rng: np.random.Generator) -> Timing:
        """Drawn in ms, as whole steps."""

        def uniform(low: float, high: float) -> Ints:
            return (rng.uniform(low, high, size=n) / DT).astype(np.int64)

        def choice(*values: int) -> Ints:
            return rng.choice(np.array(values) // DT, size=n)

        on, off = np.zeros((2, len(task), 2), np.int64)
        go, end = np.zeros((2, len(task)), np.int64)
        ring = rng.integers(2, size=(len(task), 2))
        for kind in range(3):  # Go, RT Go, Dly Go and their opposites
            rows = np.flatnonzero((task < 6) & (task % 3 == kind))
            n = len(rows)
            start = [uniform(300, 700), uniform(500, 2500), choice(300, 500, 700)][kind]
            stop = start + choice(200, 400, 600)
            go[rows] = [start + uniform(500, 1500), start, stop + choice(200, 400, 800, 1600)][kind]
            end[rows] = go[rows] + 500 // DT
            on[rows, 0], off[rows, 0] = start, stop if kind == 2 else end[rows]
            on[rows, 1] = off[rows, 1] = end[rows]

        rows = among(task, range(DM.start, DELAYED.start))
        n = len(rows)
        start = uniform(100, 400)
        go[rows] = start + choice(400, 800, 1600)
        end[rows] = go[rows] + 500 // DT
        on[rows], off[rows] = start[:, None], go[rows, None]

        rows = among(task, range(DELAYED.start, MATCH.stop))
        n = len(rows)
        matching = task[rows] >= MATCH.start
        on[rows, 0] = choice(200, 400, 600)
        off[rows, 0] = on[rows, 0] + choice(200, 400, 600)
        on[rows, 1] = off[rows, 0] + choice(200, 400, 800, 1600)
        stop = on[rows, 1] + choice(200, 400, 600)
        go[rows] = np.where(matching, on[rows, 1], stop + uniform(100, 300))
        long = np.where(task[rows] >= MATCH.start + 2, choice(200, 400, 600), 500 // DT)
        end[rows] = go[rows] + np.where(matching, long, 500 // DT)
        off[rows, 1] = np.where(matching, end[rows], stop)

        fixation = np.where((task == 1) | (task == 4) | (task >= MATCH.start), end, go)
        return Timing(on, off, fixation, go, end, ring)

    def locations(self, n: int, rng: np.random.Generator) -> Floats:
        """Anywhere."""
        return rng.uniform(0, 2 * np.pi, size=n)

    def separations(self, n: int, rng: np.random.Generator) -> Floats:
        """Either sign of 90 to 270 degrees, which come to the same."""
        return rng.uniform(0.5 * np.pi, 1.5 * np.pi, size=n)

    def strengths(self, task: Ints, rng: np.random.Generator) -> Floats:
        """Independent in the rings; but where both decide, each alternative is split between them."""
        n = len(task)
        delayed = task >= DELAYED.start
        coherence = rng.choice([0.01, 0.02, 0.04, 0.08], size=(n, 2))
        coherence = np.where(delayed[:, None], rng.choice([0.08, 0.16, 0.32], size=(n, 2)), coherence)
        half = coherence * rng.choice([-1, 1], size=(n, 2))
        mean = rng.uniform(0.8, 1.2, size=(n, 2))
        apart = np.stack([mean + half, mean - half], axis=1)
        whole = apart[:, :, :1]
        share = rng.uniform(0.2, 0.8, size=(n, 2, 1)) * rng.choice([-1, 1], size=(n, 2, 1))
        split = whole * (1 + share * [0.5, -0.5])
        return np.where(((task - DM.start) % 5 == 4)[:, None, None], split, apart)

    def pairs(self, category: NDArray[np.bool_], match: NDArray[np.bool_], rng: np.random.Generator) -> Floats:
        """Same place or at least 20 degrees apart; categories are halves of the ring, with five places each."""
        n = len(match)
        first, away = rng.uniform(0, 2 * np.pi, size=n), rng.uniform(np.pi / 9, 17 * np.pi / 9, size=n)
        place, half = rng.integers(5, size=(2, n)), rng.integers(2, size=n)
        places = (0.1 + 0.2 * (place + 5 * np.stack([half, half ^ ~match]))) * np.pi
        return np.where(category[:, None], places.T, np.stack([first, first + np.where(match, 0, away)], axis=1))

    def add_noise(self, inputs: NDArray[np.float32], task: Ints, timing: Timing, rng: np.random.Generator) -> None:
        """On all inputs, at all times."""
        for trial, end in zip(inputs, timing.end.tolist(), strict=True):
            draws = rng.standard_normal((end, inputs.shape[2]), dtype=np.float32)
            draws *= np.float32(NOISE)
            trial[:end] += draws

    def goals(
        self, timing: Timing, response: Floats, steps: int, response_weight: float | None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Fixation output until `go`, then a bump; the published weights 1 : 25, fixation fourfold."""
        t = np.arange(steps)
        answers = ~np.isnan(response)
        due = t >= timing.go[:, None]
        targets = np.full((len(response), steps, 1 + RING), 0.05, np.float32)
        targets[..., 0] = np.where(due & answers[:, None], 0.05, 0.8)
        ring = (bump(np.nan_to_num(response), RING) * answers[:, None]).astype(np.float32)
        targets[..., 1:] += due[:, :, None] * ring[:, None]
        steps_since = t - timing.go[:, None]
        each = 25 if response_weight is None else response_weight / (timing.end - timing.go - GRACE)[:, None]
        weights = np.where(due, each * (steps_since >= GRACE), t >= GRACE)
        weights *= t < timing.end[:, None]
        channels = np.ones(1 + RING, np.float32)
        channels[0] = 4
        return targets, weights.astype(np.float32)[:, :, None] * channels

    def correct(self, last: NDArray[np.float32], batch: Batch) -> NDArray[np.bool_]:
        """Fixating when it should; else the direction of the population vector, within 36 degrees."""
        response = np.asarray(batch.conditions["response"])
        fixating = last[:, 0] > 0.5
        angle = directions(RING)
        answer = np.arctan2(last[:, 1:] @ np.sin(angle), last[:, 1:] @ np.cos(angle))
        off = np.abs((answer - np.nan_to_num(response) + np.pi) % (2 * np.pi) - np.pi)
        return np.where(np.isnan(response), fixating, ~fixating & (off < 0.2 * np.pi))
