"""Recurrent cells of many networks at once: states of whole sequences, and their gradient, in few large products.

Every parameter has a leading axis of networks and runs from source (row) to target (column): ``h @ W``. A CPU
core runs groups of a few networks, whose sequences stay in cache; a GPU takes groups of hundreds through the same
lines. Back-propagation through time is written out: the loop holds one product and one elementwise product per step,
all else is a single call over time and batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models._settings import number
from models.cells._initial import Initial, check, draw
from models.cells._protocol import Axes, Parameters, sized
from netanalysis._core.options import positive_int

__all__ = ["RateCell"]


def _softplus_(x: Tensor) -> Tensor:
    return x.copy_(functional.softplus(x))


# name -> (in place on the drive, slope as a function of the output)
_ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]] = {
    "relu": (Tensor.relu_, lambda r, out: torch.sign(r, out=out)),
    "tanh": (Tensor.tanh_, lambda r, out: torch.mul(r, r, out=out).neg_().add_(1)),
    "softplus": (_softplus_, lambda r, out: torch.neg(r, out=out).expm1_().neg_()),
    "linear": (lambda x: x, lambda r, out: out.fill_(1)),
}
# Steps whose gradients with respect to the drive are held at once: few enough to stay in a core's cache.
_CHUNK = 10


class _Recurrence(torch.autograd.Function):
    """States ``h_t = (1 - a) h_{t-1} + a f(x_t W_in + b + noise_t + h_{t-1} W)``, ``h_0 = 0``.

    Inputs are (networks, time, batch, n_in); the result is (networks, time, batch, n), or the last step alone. State,
    input and a constant 1 lie side by side, ``z_t = [h_{t-1}, x_t, 1]``, so that a step is one product with
    ``[W; W_in; b]``, and so is the gradient of all three. Trials that have ended take no part: with the longest first,
    a step is about the first ``running[t]`` of them, and the states of the others are 0.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any,
        x: Tensor,
        w_in: Tensor,
        b: Tensor,
        w: Tensor,
        noise: Tensor | None,
        cell: RateCell,
        last: bool,
        running: Sequence[int],
    ) -> Tensor:
        activate_, _ = _ACTIVATIONS[cell.activation]
        networks, steps, batch, n_in = x.shape
        n, used = cell.n, cell.n + n_in + 1
        # rows at multiples of 64 bytes: faster products, and the same bits whatever a network's place in its group
        padding = -used % 16
        kernel = functional.pad(torch.cat([w, w_in, b[:, None]], 1), (0, 0, 0, padding))
        z = x.new_empty(networks, steps + 1, batch, used + padding)
        z[:, 0, :, :n] = 0
        z[:, :-1, :, n : used - 1] = x
        z[..., used - 1] = 1
        z[..., used:] = 0
        states = z[:, 1:, :, :n]
        rates = states if cell.leak == 1 else x.new_empty(states.shape)
        for t, m in enumerate(running):
            before, r = z[:, t, :m], rates[:, t, :m]
            torch.bmm(before, kernel, out=r)
            if noise is not None:
                r += noise[:, t, :m]
            activate_(r)
            if cell.leak != 1:
                torch.lerp(before[..., :n], r, cell.leak, out=states[:, t, :m])
            if m < states.shape[2]:
                states[:, t, m:] = 0
        ctx.save_for_backward(w, z, rates)
        ctx.cell, ctx.last, ctx.n_in, ctx.running = cell, last, n_in, running
        return states[:, -1].clone() if last else states

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        w, z, rates = ctx.saved_tensors
        leak, n, transposed = ctx.cell.leak, ctx.cell.n, w.mT
        _, slope = _ACTIVATIONS[ctx.cell.activation]
        outer = None if ctx.last else grad.unbind(1)
        g = (grad if outer is None else outer[-1]).clone(memory_format=torch.contiguous_format)
        networks, steps, batch, _ = rates.shape
        g[:, ctx.running[-1] :] = 0
        deltas = rates.new_empty(networks, min(_CHUNK, steps) * batch, n)
        kernel_grad = rates.new_zeros(networks, z.shape[-1], n)
        for start, stop in _chunks(ctx.running):
            m = ctx.running[start]
            chunk = deltas[:, : (stop - start) * m].unflatten(1, (stop - start, m))
            slope(rates[:, start:stop, :m], chunk)
            if leak != 1:
                chunk *= leak
            for t, delta in zip(range(stop - 1, start - 1, -1), reversed(chunk.unbind(1)), strict=True):
                delta.mul_(g[:, :m])
                if t:
                    g[:, :m].baddbmm_(delta, transposed, beta=1 - leak)
                    if outer is not None:
                        some = ctx.running[t - 1]
                        g[:, :some] += outer[t - 1][:, :some]
            kernel_grad.baddbmm_(z[:, start:stop, :m].flatten(1, 2).mT, chunk.flatten(1, 2))
        d_w, d_in, d_b = kernel_grad[:, : n + ctx.n_in + 1].split([n, ctx.n_in, 1], 1)
        return None, d_in, d_b[:, 0], d_w, None, None, None, None


def _chunks(running: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of at most _CHUNK steps with equally many trials, from the last to the first: (start, stop)."""
    stop = len(running)
    while stop:
        start = max(stop - _CHUNK, running.index(running[stop - 1]))
        yield start, stop
        stop = start


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
        (scheme, gain) per block of weights; the schemes are in :mod:`models.cells._initial`.

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
    initial: Initial = field(
        default_factory=lambda: {"W_in": ("glorot", 1.0), "W": ("orthogonal", 1.0), "W_out": ("glorot", 1.0)}
    )

    def __post_init__(self) -> None:
        positive_int(self.n, "n")
        if self.activation not in _ACTIVATIONS:
            raise ValueError(f"activation must be one of {sorted(_ACTIVATIONS)}; got {self.activation!r}")
        if self.output not in ("linear", "sigmoid"):
            raise ValueError(f"output must be 'linear' or 'sigmoid'; got {self.output!r}")
        number(self.leak, "leak", above=0, most=1)
        number(self.noise, "noise", least=0)
        check(self.initial)

    @property
    def axes(self) -> Axes:
        """What each axis of each parameter counts."""
        bias: Axes = {"b": ("unit",)} if self.bias else {}
        bias_out: Axes = {"b_out": ("output",)} if self.bias else {}
        return {"W_in": ("input", "unit"), "W": ("unit", "unit"), **bias, "W_out": ("unit", "output"), **bias_out}

    def shapes(self, n_in: int, n_out: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter of one network."""
        return sized(self.axes, n_in, self.n, n_out)

    def start(self, n_in: int, n_out: int, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
        """Parameters of one untrained network; biases are 0."""
        return {
            name: draw(*self.initial[name], shape, rng) if name in self.initial else np.zeros(shape, np.float32)
            for name, shape in self.shapes(n_in, n_out).items()
        }

    def states(
        self,
        p: Parameters,
        x: Tensor,
        *,
        noise: Tensor | None = None,
        last: bool = False,
        running: Sequence[int] | None = None,
    ) -> Tensor:
        """Activity, (networks, time, batch, n), or (networks, batch, n) of the last step.

        `x` is (networks, time, batch, n_in), `noise` (networks, time, batch, n). `running` says how many trials, from
        the first, go on at each step; it never rises. The states of those that have ended are 0.
        """
        b = p["b"] if self.bias else p["W"].new_zeros(p["W"].shape[:2])
        states: Tensor = _Recurrence.apply(
            x, p["W_in"], b, p["W"], noise, self, last, running or [x.shape[2]] * x.shape[1]
        )
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
