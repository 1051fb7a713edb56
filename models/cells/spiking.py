"""Recurrent leaky integrate-and-fire networks, trained with surrogate gradients (arXiv:2409.17693).

Shapes as in :class:`models.cells.Cell`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models._settings import number
from models.cells._initial import Initial, check, draw
from models.cells._protocol import BLOCKS, Axes, Parameters, sized
from netanalysis._core.options import positive_int

__all__ = ["SpikingCell"]

THRESHOLD = 1.0


class _Spikes(torch.autograd.Function):
    """Spikes ``s_t = [u_t > 1]`` of ``u_t = beta u_{t-1} + x_t W_in + b + s_{t-1} W - s_{t-1}``.

    Backward, the step has the slope of a fast sigmoid, and the reset has none.
    """

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, x: Tensor, w_in: Tensor, b: Tensor, w: Tensor, beta: Tensor, slope: float
    ) -> Tensor:
        networks, steps, batch, _ = x.shape
        u = torch.baddbmm(b[:, None], x.flatten(1, 2), w_in).view(networks, steps, batch, -1)
        spikes = torch.empty_like(u)
        decay = beta[:, None]
        # One product for recurrence and reset.
        with_reset = w - THRESHOLD * torch.eye(w.shape[-1], dtype=w.dtype, device=w.device)
        before = None
        for now, fired in zip(u.unbind(1), spikes.unbind(1), strict=True):
            if before is not None:
                now.addcmul_(decay, before[0]).baddbmm_(before[1], with_reset)
            fired.copy_(now > THRESHOLD)
            before = now, fired
        ctx.save_for_backward(x, w, beta, u, spikes)
        ctx.slope = slope
        return spikes

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        x, w, beta, u, spikes = ctx.saved_tensors
        decay, transposed = beta[:, None], w.mT
        # Becomes the gradient with respect to the membranes, in place.
        deltas = (u - THRESHOLD).abs_().mul_(ctx.slope).add_(1).pow_(-2)
        outer, steps = grad.unbind(1), deltas.unbind(1)
        later = None
        for t in range(len(steps) - 1, -1, -1):
            if later is None:
                later = steps[t].mul_(outer[t])
            else:
                through = torch.baddbmm(outer[t], later, transposed)
                later = steps[t].mul_(through).addcmul_(decay, later)
        flat = deltas.flatten(1, 2)
        after = deltas[:, 1:].flatten(1, 2)
        d_in = torch.bmm(x.flatten(1, 2).mT, flat)
        d_w = torch.bmm(spikes[:, :-1].flatten(1, 2).mT, after)
        d_beta = (u[:, :-1].flatten(1, 2) * after).sum(1)
        return None, d_in, flat.sum(1), d_w, d_beta, None


class _Membrane(torch.autograd.Function):
    """Membranes ``m_t = decay m_{t-1} + i_t - [m_{t-1} > 1]`` of the read-out; the reset has no gradient."""

    @staticmethod
    def forward(ctx: Any, current: Tensor, decay: float) -> Tensor:  # type: ignore[override]
        membranes = current.clone()
        before = None
        for now in membranes.unbind(1):
            if before is not None:
                now.add_(before, alpha=decay).sub_((before > THRESHOLD).to(now.dtype), alpha=THRESHOLD)
            before = now
        ctx.decay = decay
        return membranes

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        out = grad.clone()
        steps = out.unbind(1)
        for t in range(len(steps) - 2, -1, -1):
            steps[t].add_(steps[t + 1], alpha=ctx.decay)
        return out, None


def decay_of(tau: Any, dt: float = 0.5) -> Any:
    """Decay per step of a membrane with time constant `tau`, both in ms."""
    return np.exp(-dt / np.asarray(tau))


@dataclass(frozen=True)
class SpikingCell:
    """Leaky integrate-and-fire units with all-to-all recurrence and a leaky, resetting read-out.

    ``u_t = beta u_{t-1} + x_t W_in + s_{t-1} W + b - s_{t-1}``; a unit spikes where u exceeds 1 and 1 is subtracted in
    the next step. Each unit learns its decay beta, kept within `decays`. A class is read from the largest membrane
    value over time of each read-out unit in training, and from the sum over time when scored.

    Parameters
    ----------
    n : int
        Recurrent units.
    slope : float
        Of the surrogate: ``1 / (1 + slope |u - 1|)^2`` stands for the derivative of the spike.
    dt : float
        Step in ms; time constants are drawn from Gamma(3, 20/3 ms).
    decays : (float, float)
        Bounds of beta; the default is 1.5 to 100 ms at the default dt.
    initial : mapping
        (scheme, gain) per block of weights; the schemes are in :mod:`models.cells._initial`. Biases are drawn like
        torch's.
    """

    n: int = 100
    slope: float = 100.0
    dt: float = 0.5
    decays: tuple[float, float] = (0.7165, 0.995)
    initial: Initial = field(default_factory=lambda: dict.fromkeys(BLOCKS, ("uniform", 1.0)))
    noise: ClassVar[float] = 0.0
    axes: ClassVar[Axes] = {
        "W_in": ("input", "unit"),
        "W": ("unit", "unit"),
        "b": ("unit",),
        "beta": ("unit",),
        "W_out": ("unit", "output"),
        "b_out": ("output",),
    }

    def __post_init__(self) -> None:
        positive_int(self.n, "n")
        number(self.slope, "slope", above=0)
        number(self.dt, "dt", above=0)
        low, high = self.decays
        number(low, "the lower of decays", least=0)
        number(high, "the upper of decays", least=low, most=1)
        check(self.initial)

    def shapes(self, n_in: int, n_out: int) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter of one network."""
        return sized(self.axes, n_in, self.n, n_out)

    def start(self, n_in: int, n_out: int, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
        """Parameters of one untrained network."""
        shapes = self.shapes(n_in, n_out)
        values = {name: draw(*self.initial[name], shapes[name], rng) for name in BLOCKS}
        # The bias stands for those of two layers, from the input and from the units.
        b = sum(rng.uniform(-1, 1, self.n) / np.sqrt(fan) for fan in (n_in, self.n))
        b_out = rng.uniform(-1, 1, n_out) / np.sqrt(self.n)
        beta = np.clip(decay_of(rng.gamma(3, 20 / 3, self.n), self.dt), *self.decays)
        values |= {k: np.asarray(v, np.float32) for k, v in {"b": b, "b_out": b_out, "beta": beta}.items()}
        return values

    def states(
        self,
        p: Parameters,
        x: Tensor,
        *,
        noise: Tensor | None = None,
        last: bool = False,
        running: Sequence[int] | None = None,
    ) -> Tensor:
        """Spikes, (networks, time, batch, n): all, whatever `last` and `running` say, as the read-out integrates."""
        spikes: Tensor = _Spikes.apply(x, p["W_in"], p["b"], p["W"], p["beta"], self.slope)
        return spikes

    def membranes(self, p: Parameters, spikes: Tensor) -> Tensor:
        """Membranes of the read-out units, (networks, time, batch, n_out)."""
        current = torch.baddbmm(p["b_out"][:, None], spikes.flatten(1, 2), p["W_out"])
        membranes: Tensor = _Membrane.apply(current.unflatten(1, spikes.shape[1:3]), float(decay_of(20.0, self.dt)))
        return membranes

    def outputs(self, p: Parameters, states: Tensor) -> Tensor:
        """What the loss sees: largest membrane value over time, (networks, batch, n_out)."""
        return self.membranes(p, states).amax(1)

    def decisions(self, p: Parameters, states: Tensor) -> Tensor:
        """What a task scores: membranes summed over time, (networks, batch, n_out)."""
        return self.membranes(p, states).sum(1)

    def constrain(self, p: Parameters) -> None:
        """Keep decays within bounds, in place."""
        p["beta"].clamp_(*self.decays)
