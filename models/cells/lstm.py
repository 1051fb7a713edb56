"""Long short-term memory, as torch.nn.LSTM has it (doi:10.1162/neco.1997.9.8.1735)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from models.cells._gated import GatedCell
from models.cells._protocol import Parameters

__all__ = ["LSTMCell"]


@dataclass(frozen=True)
class LSTMCell(GatedCell):
    """Long short-term memory with a linear read-out.

    ``i, f, o = s(x W_in_i + h W_i + b_i), …``, ``c <- f c + i tanh(x W_in + h W + b)``, ``h <- o tanh(c)``, with s the
    logistic function, c and h 0 at first: torch.nn.LSTM, whose gates i, f, g, o are W_i, W_f, W, W_o here, transposed.

    W, the candidate's kernel, along which activity itself travels, is the network in files and as a Connectome;
    penalties and relocation see ``|W| + |W_i| + |W_f| + |W_o|``, and inputs alike: every gate is wiring.

    Parameters
    ----------
    n : int
        Recurrent units.
    initial : mapping
        (scheme, gain) per block of weights, the same for all gates; biases are 0, of the forget gate 1.

    Examples
    --------
    >>> LSTMCell(n=3).shapes(n_in=2, n_out=1)["W_f"]
    (3, 3)
    """

    suffixes: ClassVar[tuple[str, ...]] = ("_i", "_f", "_o")
    biases: ClassVar[dict[str, float]] = {"b": 0.0, "b_i": 0.0, "b_f": 1.0, "b_o": 0.0}

    def step(self, p: Parameters, h: Tensor, memory: Tensor, x: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        """One step of all networks."""
        b = torch.cat([p["b"], p["b_i"], p["b_f"], p["b_o"]], -1)[:, None]
        drive = x + heard + b
        write, forget, read = drive[..., self.n :].sigmoid().chunk(3, -1)
        memory = forget * memory + write * drive[..., : self.n].tanh()
        return read * memory.tanh(), memory
