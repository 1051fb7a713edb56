"""Gated recurrent units, as torch.nn.GRU has them (doi:10.3115/v1/D14-1179)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from models.cells._gated import GatedCell
from models.cells._protocol import Parameters

__all__ = ["GRUCell"]


@dataclass(frozen=True)
class GRUCell(GatedCell):
    """Gated recurrent units with a linear read-out.

    ``r = s(x W_in_r + h W_r + b_r)``, ``z = s(x W_in_z + h W_z + b_z)``, ``c = tanh(x W_in + b + r (h W + b_rec))``,
    ``h <- (1 - z) c + z h``, with s the logistic function and h = 0 at first: torch.nn.GRU, whose gates r, z, n are
    W_r, W_z, W here, transposed.

    W, the candidate's kernel, along which activity itself travels, is the network in files and as a Connectome;
    penalties and relocation see ``|W| + |W_r| + |W_z|``, and inputs alike: every gate is wiring.

    Parameters
    ----------
    n : int
        Recurrent units.
    initial : mapping
        (scheme, gain) per block of weights, the same for all gates; biases are 0.

    Examples
    --------
    >>> sorted(GRUCell(n=3).shapes(n_in=2, n_out=1))
    ['W', 'W_in', 'W_in_r', 'W_in_z', 'W_out', 'W_r', 'W_z', 'b', 'b_out', 'b_r', 'b_rec', 'b_z']
    """

    suffixes: ClassVar[tuple[str, ...]] = ("_r", "_z")
    biases: ClassVar[dict[str, float]] = {"b": 0.0, "b_rec": 0.0, "b_r": 0.0, "b_z": 0.0}

    def step(self, p: Parameters, h: Tensor, memory: Tensor, x: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """One step of all networks."""
        n = self.n
        b = torch.cat([p["b_r"], p["b_z"]], -1)[:, None]
        reset, keep = (x[..., n:] + heard[..., n:] + b).sigmoid().chunk(2, -1)
        candidate = (x[..., :n] + p["b"][:, None] + reset * (heard[..., :n] + p["b_rec"][:, None])).tanh()
        return torch.lerp(candidate, h, keep), memory
