"""Recurrent cells of many networks at once: states of whole sequences, and their gradient, in few large products.

Every parameter has a leading axis of networks and runs from source (row) to target (column): ``h @ W``. A group of
one network is what a CPU core runs, its sequence staying in cache; a GPU takes groups of hundreds through the same
lines. Back-propagation through time is written out: the loop holds one product and one elementwise product per step,
all else is a single call over time and batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.initial import draw

__all__ = ["RateCell"]

Parameters = Mapping[str, Tensor]


def _softplus_(x: Tensor) -> Tensor:
    return x.copy_(functional.softplus(x))


# name -> (in place on the drive, slope as a function of the output)
_ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "relu": (Tensor.relu_, Tensor.sign),
    "tanh": (Tensor.tanh_, lambda r: (r * r).neg_().add_(1)),
    "softplus": (_softplus_, lambda r: torch.expm1(-r).neg_()),
    "linear": (lambda x: x, torch.ones_like),
}


class _Recurrence(torch.autograd.Function):
    """States ``h_t = (1 - a) h_{t-1} + a f(x_t W_in + b + noise_t + h_{t-1} W)``, ``h_0 = 0``.

    Inputs are (networks, time, batch, n_in); the result is (networks, time, batch, n), or the last step alone.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, x: Tensor, w_in: Tensor, b: Tensor, w: Tensor, noise: Tensor | None, cell: RateCell, last: bool
    ) -> Tensor:
        activate_, _ = _ACTIVATIONS[cell.activation]
        networks, steps, batch, _ = x.shape
        flat = torch.baddbmm(b[:, None], x.flatten(1, 2), w_in)
        rates = flat.view(networks, steps, batch, -1)
        if noise is not None:
            rates += noise
        states = rates if cell.leak == 1 else torch.empty_like(rates)
        h = None
        for r, state in zip(rates.unbind(1), states.unbind(1), strict=True):
            activate_(r if h is None else r.baddbmm_(h, w))
            if cell.leak != 1:
                torch.mul(r, cell.leak, out=state)
                if h is not None:
                    state.add_(h, alpha=1 - cell.leak)
            h = state
        ctx.save_for_backward(x, w, rates, states)
        ctx.cell, ctx.last = cell, last
        return states[:, -1].clone() if last else states

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        x, w, rates, states = ctx.saved_tensors
        leak, transposed = ctx.cell.leak, w.mT
        outer = None if ctx.last else grad.unbind(1)
        # Becomes the gradient with respect to the drive, in place.
        deltas = _ACTIVATIONS[ctx.cell.activation][1](rates)
        if leak != 1:
            deltas *= leak
        g = (grad if outer is None else outer[-1]).clone()
        steps = deltas.unbind(1)
        for t in range(len(steps) - 1, -1, -1):
            delta = steps[t].mul_(g)
            if t:
                g.baddbmm_(delta, transposed, beta=1 - leak)
                if outer is not None:
                    g += outer[t - 1]
        flat = deltas.flatten(1, 2)
        d_in = torch.bmm(x.flatten(1, 2).mT, flat)
        d_w = torch.bmm(states[:, :-1].flatten(1, 2).mT, deltas[:, 1:].flatten(1, 2))
        return None, d_in, flat.sum(1), d_w, None, None, None


@dataclass(frozen=True)
class RateCell:
    """A rate network with a read-out at each step.

    ``h_t = (1 - leak) h_{t-1} + leak f(x_t W_in + h_{t-1} W + b + noise)``, ``y = h W_out + b_out``, ``h_0 = 0``.

    Parameters
    ----------
    n : int
        Recurrent units.
    activation : {"relu", "tanh", "softplus", "linear"}
    leak : float
        Share of the state renewed in a step, dt / tau; 1: no memory beside the recurrence.
    noise : float
        Standard deviation of Gaussian noise inside the nonlinearity, in training only.
    bias : bool
        Whether units and read-out have biases.
    output : {"linear", "sigmoid"}
        What the read-out makes of y.
    initial : mapping
        (scheme, gain) per block of weights; see :func:`models.initial.draw`.

    Examples
    --------
    >>> cell = RateCell(n=3)
    >>> {name: shape for name, shape in cell.shapes(n_in=2, n_out=1).items()}
    {'W_in': (2, 3), 'W': (3, 3), 'b': (3,), 'W_out': (3, 1), 'b_out': (1,)}
    """

    n: int = 100
    activation: str = "relu"
    leak: float = 1.0
    noise: float = 0.0
    bias: bool = True
    output: str = "linear"
    initial: Mapping[str, tuple[str, float]] = field(
        default_factory=lambda: {"W_in": ("glorot", 1.0), "W": ("orthogonal", 1.0), "W_out": ("glorot", 1.0)}
    )

    def __post_init__(self) -> None:
        if self.activation not in _ACTIVATIONS:
            raise ValueError(f"activation must be one of {sorted(_ACTIVATIONS)}; got {self.activation!r}")
        if self.output not in ("linear", "sigmoid"):
            raise ValueError(f"output must be 'linear' or 'sigmoid'; got {self.output!r}")
        if not 0 < self.leak <= 1:
            raise ValueError(f"leak must lie in (0, 1]; got {self.leak}")

    def shapes(self, n_in: int, n_out: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter of one network."""
        shapes: dict[str, tuple[int, ...]] = {"W_in": (n_in, self.n), "W": (self.n, self.n)}
        bias: dict[str, tuple[int, ...]] = {"b": (self.n,)} if self.bias else {}
        shapes |= bias | {"W_out": (self.n, n_out)}
        return shapes | ({"b_out": (n_out,)} if self.bias else {})

    def start(self, n_in: int, n_out: int, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
        """Parameters of one untrained network; biases are 0."""
        return {
            name: draw(*self.initial[name], shape, rng) if name in self.initial else np.zeros(shape, np.float32)
            for name, shape in self.shapes(n_in, n_out).items()
        }

    def states(self, p: Parameters, x: Tensor, *, noise: Tensor | None = None, last: bool = False) -> Tensor:
        """Activity, (networks, time, batch, n), or (networks, batch, n) of the last step.

        `x` is (networks, time, batch, n_in), `noise` (networks, time, batch, n).
        """
        b = p["b"] if self.bias else p["W"].new_zeros(p["W"].shape[:2])
        states: Tensor = _Recurrence.apply(x, p["W_in"], b, p["W"], noise, self, last)
        return states

    def outputs(self, p: Parameters, states: Tensor) -> Tensor:
        """Read-out of states: (networks, …, n) to (networks, …, n_out)."""
        y = torch.bmm(states.flatten(1, -2), p["W_out"])
        if self.bias:
            y = y + p["b_out"][:, None]
        if self.output == "sigmoid":
            y = y.sigmoid()
        return y.unflatten(1, states.shape[1:-1])

    def decisions(self, p: Parameters, states: Tensor) -> Tensor:
        """What a task scores; here the read-out itself."""
        return self.outputs(p, states)

    def constrain(self, p: Parameters) -> None:
        """Bounds on parameters, in place after every update; here none."""
