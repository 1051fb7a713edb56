"""What gated cells have in common: a kernel for each gate, a read-out, and how penalties see them.

The recurrent products of all gates are one product a step, ``h @ [W, W_r, …]``, for all networks at once; torch
differentiates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.cells._initial import Initial, check, draw
from models.cells._protocol import BLOCKS, Axes, Parameters, sized
from netanalysis._core.options import positive_int

__all__ = ["GatedCell"]


@dataclass(frozen=True)
class GatedCell:
    """Settings and read-out of a gated cell; `step` is that of its kind."""

    n: int = 100
    initial: Initial = field(
        default_factory=lambda: {"W_in": ("glorot", 1.0), "W": ("orthogonal", 1.0), "W_out": ("glorot", 1.0)}
    )
    noise: ClassVar[float] = 0.0
    suffixes: ClassVar[tuple[str, ...]]  # of the gates beside the candidate, whose parameters have none
    biases: ClassVar[dict[str, float]]  # with their initial values

    def __post_init__(self) -> None:
        positive_int(self.n, "n")
        check(self.initial)

    @property
    def axes(self) -> Axes:
        """What each axis of each parameter counts."""
        kernels: dict[str, tuple[str, ...]] = {}
        for suffix in ("", *self.suffixes):
            kernels |= {f"W_in{suffix}": ("input", "unit"), f"W{suffix}": ("unit", "unit")}
        biases: Axes = dict.fromkeys(self.biases, ("unit",))
        return {**kernels, **biases, "W_out": ("unit", "output"), "b_out": ("output",)}

    def shapes(self, n_in: int, n_out: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter of one network."""
        return sized(self.axes, n_in, self.n, n_out)

    def start(self, n_in: int, n_out: int, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
        """Parameters of one untrained network: every gate is drawn as `initial` says of its block."""
        values = {}
        for name, shape in self.shapes(n_in, n_out).items():
            block = next((b for b in BLOCKS if name in (b, *(b + suffix for suffix in self.suffixes))), None)
            values[name] = (
                np.full(shape, self.biases.get(name, 0.0), np.float32)
                if block is None
                else draw(*self.initial[block], shape, rng)
            )
        return values

    def gates(self, p: Parameters) -> list[Parameters]:
        """Input and recurrent weights of each gate, the candidate first; the read-out is with it."""
        first = {block: p[block] for block in BLOCKS}
        return [first, *({b: p[b + suffix] for b in ("W_in", "W")} for suffix in self.suffixes)]

    def states(
        self,
        p: Parameters,
        x: Tensor,
        *,
        noise: Tensor | None = None,
        last: bool = False,
        running: Sequence[int] | None = None,
    ) -> Tensor:
        """Activity h, (networks, time, batch, n), or (networks, batch, n) of the last step."""
        w_in, w = (torch.cat([gate[block] for gate in self.gates(p)], -1) for block in ("W_in", "W"))
        drive = torch.bmm(x.flatten(1, 2), w_in).unflatten(1, x.shape[1:3])
        h = x.new_zeros(len(x), x.shape[2], self.n)
        kept, memory = [], h
        for now in drive.unbind(1):
            h, memory = self.step(p, h, memory, now, torch.bmm(h, w))
            kept.append(h)
        return h if last else torch.stack(kept, 1)

    def step(self, p: Parameters, h: Tensor, memory: Tensor, x: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """Next state and memory; `x` and `heard` are what inputs and units give to all gates, candidate first."""
        raise NotImplementedError

    def outputs(self, p: Parameters, states: Tensor) -> Tensor:
        """Read-out of states: (networks, …, n) to (networks, …, n_out)."""
        y: Tensor = torch.baddbmm(p["b_out"][:, None], states.flatten(1, -2), p["W_out"])
        return y.unflatten(1, states.shape[1:-1])

    def decisions(self, p: Parameters, states: Tensor) -> Tensor:
        """What a task scores; here the read-out itself."""
        return self.outputs(p, states)

    def constrain(self, p: Parameters) -> None:
        """Bounds on parameters, in place after every update; here none."""
