"""Trials of many networks at once, each drawn from its network's own random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.tasks import Batch, Task

__all__ = ["NOISE", "START", "TEST", "TRAIN", "Trials", "stack", "stream"]

START, TRAIN, TEST, NOISE = range(4)


def stream(seed: int, purpose: int, step: int = 0) -> np.random.Generator:
    """The random numbers of one network for one purpose at one step."""
    return np.random.default_rng(np.random.SeedSequence(int(seed), spawn_key=(purpose, step)))


def stack(arrays: list[NDArray[Any]], device: str) -> Tensor:
    """One array per network as one tensor; float32 and int64 pass as they are."""
    return torch.from_numpy(np.stack(arrays)).to(device)


@dataclass
class Trials:
    """One batch per network, time before trials: (networks, time, batch, …).

    Where trials differ in length, the longest come first, and `running` of them go on at each step: nothing is
    computed for the padding, which is four steps in ten of the cognitive tasks.
    """

    batches: list[Batch]
    x: Tensor
    targets: Tensor
    weights: Tensor | None
    running: list[int] | None

    @classmethod
    def draw(
        cls,
        task: Task,
        size: int,
        seeds: NDArray[np.int64],
        purpose: int,
        step: int = 0,
        *,
        noise: bool = True,
        device: str = "cpu",
    ) -> Self:
        """`size` trials for each seed."""
        batches = [task.sample(size, stream(seed, purpose, step), noise=noise) for seed in seeds]
        every = task.read_out == "every"
        running: list[int] | None = None
        if every and batches[0].lengths is not None:
            batches, running = _longest_first(batches)
        x = stack([b.inputs.swapaxes(0, 1) for b in batches], device)
        targets = stack([b.targets.swapaxes(0, 1) if every else b.targets for b in batches], device)
        weights = [b.weights.swapaxes(0, 1) for b in batches if b.weights is not None]
        return cls(batches, x, targets, stack(weights, device) if weights else None, running)


def _longest_first(batches: list[Batch]) -> tuple[list[Batch], list[int]]:
    """Trials by falling length, padded to the longest of all networks; and the most that go on at each step."""
    t = np.arange(max(batch.inputs.shape[1] for batch in batches))
    out, running = [], np.zeros(len(t), int)
    for batch in batches:
        assert batch.lengths is not None
        order = np.argsort(-batch.lengths, kind="stable")
        running = np.maximum(running, (batch.lengths[:, None] > t).sum(0))
        ordered: dict[str, Any] = {}
        for name in ("inputs", "targets", "weights"):
            if (array := getattr(batch, name)) is not None:
                padding = [(0, 0), (0, len(t) - array.shape[1])] + [(0, 0)] * (array.ndim - 2)
                ordered[name] = np.pad(array[order], padding)
        conditions = {str(name): np.asarray(column)[order] for name, column in batch.conditions.items()}
        out.append(Batch(**ordered, lengths=batch.lengths[order], conditions=conditions))
    return out, running.tolist()
