"""What connections cost: the penalties of the papers, each a callable from parameters to one cost per network.

A penalty of your own is any function of the parameters (leading axis: networks), differentiated by torch::

    def square_wiring(p):
        return (p["W"] ** 2 * distances).sum((-2, -1))

One with a method ``shrink(p, by)`` is not differentiated: it acts on the weights after each step (:class:`ProximalL1`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from models._settings import built, number
from models.cells._protocol import BLOCKS, Parameters
from models.space import Space
from netanalysis._core.options import choice, positive_int
from netanalysis._core.renamed import renamed_argument, warn

__all__ = ["BIMT", "BLOCKS", "L1", "Penalty", "ProximalL1", "Resolvent", "Wiring", "communicability", "get"]

Penalty = Callable[[Parameters], Tensor]

# exp(m) to degree 12, as a polynomial in m^4 whose coefficients are polynomials of degree 3.
_TAYLOR = [1 / math.factorial(k) for k in range(13)]


class _Communicability(torch.autograd.Function):
    """``C = exp(m)`` with ``m = S^-1/2 |w| S^-1/2``, as the Taylor series of degree 12.

    Five products, and ten for the gradient. m has spectral radius 1: what is left out is below 2e-10.
    """

    @staticmethod
    def forward(ctx: Any, w: Tensor, normalize: str) -> Tensor:  # type: ignore[override]
        a = w.abs()
        strength = a.sum(-1 if normalize == "out" else -2)
        used = strength > 0
        strength = torch.where(used, strength, 1)
        root = strength.rsqrt() * used
        scale = root[..., :, None] * root[..., None, :]
        m = a.mul_(scale)
        m2 = m @ m
        m3, m4 = m2 @ m, m2 @ m2
        high = _cubic(m, m2, m3, 8).add_(m4, alpha=_TAYLOR[12])
        middle = _cubic(m, m2, m3, 4).add_(high @ m4)
        ctx.save_for_backward(w, m, m2, m4, middle, high, scale, strength)
        ctx.normalize = normalize
        return _cubic(m, m2, m3, 0).add_(middle @ m4)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        w, m, m2, m4, middle, high, scale, strength = ctx.saved_tensors
        c = _TAYLOR
        g_middle = g @ m4.mT
        g_high = g_middle @ m4.mT
        g4 = (middle.mT @ g).add_(high.mT @ g_middle).add_(g_high, alpha=c[12])
        g3 = (g * c[3]).add_(g_middle, alpha=c[7]).add_(g_high, alpha=c[11])
        g2 = (g * c[2]).add_(g_middle, alpha=c[6]).add_(g_high, alpha=c[10])
        g2.add_(g4 @ m2.mT).add_(m2.mT @ g4).add_(g3 @ m.mT)
        g1 = (g * c[1]).add_(g_middle, alpha=c[5]).add_(g_high, alpha=c[9])
        g1.add_(m2.mT @ g3).add_(g2 @ m.mT).add_(m.mT @ g2)
        # A strength scales the row and the column of its unit.
        both = g1 * m
        through = (both.sum(-1) + both.sum(-2)).div_(strength).mul_(-0.5)
        g1.mul_(scale).add_(through[..., :, None] if ctx.normalize == "out" else through[..., None, :])
        return g1.mul_(w.sign()), None


def _cubic(m: Tensor, m2: Tensor, m3: Tensor, first: int) -> Tensor:
    """Four terms of the series, as powers 0 to 3."""
    c = _TAYLOR[first : first + 4]
    out = (m * c[1]).add_(m2, alpha=c[2]).add_(m3, alpha=c[3])
    out.diagonal(dim1=-2, dim2=-1).add_(c[0])
    return out


def communicability(w: Tensor, *, normalize: str = "out") -> Tensor:
    """``exp(S^-1/2 |W| S^-1/2)`` with S the out- or in-strengths, as :func:`netanalysis.communicability`, in torch."""
    choice(normalize, ("out", "in"), "normalize")
    c: Tensor = _Communicability.apply(w, normalize)
    return c


class _Constant:
    """Costs of connections, kept once for each device and precision of the weights that they are asked for."""

    def __init__(self, values: Tensor) -> None:
        self._kept = {(values.device, values.dtype): values}
        self._values = values

    def like(self, w: Tensor) -> Tensor:
        """The costs, to be multiplied with `w`."""
        key = w.device, w.dtype
        if key not in self._kept:
            self._kept[key] = self._values.to(w)
        return self._kept[key]


class L1:
    """``sum |W|`` over blocks of weights: the recurrent ones, or all (``blocks=BLOCKS``)."""

    def __init__(self, *, blocks: tuple[str, ...] = ("W",)) -> None:
        if isinstance(blocks, str) or not blocks or not set(blocks) <= set(BLOCKS):
            raise ValueError(f"blocks must be some of {BLOCKS}; got {blocks!r}")
        self.blocks = blocks

    def __call__(self, p: Parameters) -> Tensor:
        """Cost of each network."""
        return torch.stack([p[block].abs().sum((-2, -1)) for block in self.blocks]).sum(0)


class ProximalL1(L1):
    """``sum |W|`` whose weights reach 0 exactly: a soft threshold after each step, in place of a gradient.

    ``W <- sign(W) max(|W| - lr gamma, 0)``, the proximal step of L1 (doi:10.1561/2400000003). Under a subgradient, Adam
    keeps weights that the task does not use jittering about 0 by the size of a step, and units with no other weights
    look as if they were connected to all. Adam's steps are about lr at most, so gamma is a share of a step: at 1
    hardly any weight leaves 0.
    """

    def shrink(self, p: Parameters, by: Tensor) -> None:
        """Bring weights nearer to 0 by so much for each network, in place; the trainer calls it after a step."""
        by = by[:, None, None]
        for block in self.blocks:
            if block in p:  # of a cell with gates only the first has a read-out
                p[block].sub_(p[block].clamp(-by, by))


class Wiring:
    """``sum |W| * D * C``: distance, communicability, or both, the penalty of spatially embedded networks (seRNN).

    Achterberg et al. 2023 (doi:10.1038/s42256-023-00748-9). Distance is 0 from a unit to itself and so are the
    diagonal entries of C here: self-connections are free.

    Parameters
    ----------
    space : Space, optional
        Without distance there need not be one.
    distance, communicability : bool
        The factors.
    detach_communicability : bool
        Treat C as a constant of the gradient, as the paper's later spiking networks do.
    diagonal : bool
        Keep the diagonal of C (with distance it has no effect).
    normalize : {"out", "in"}
        Strengths that scale C.
    """

    @renamed_argument("comm", "communicability")
    @renamed_argument("detach_comm", "detach_communicability")
    def __init__(
        self,
        space: Space | None = None,
        *,
        distance: bool = True,
        communicability: bool = True,
        detach_communicability: bool = False,
        diagonal: bool = False,
        normalize: str = "out",
    ) -> None:
        choice(normalize, ("out", "in"), "normalize")
        self.distances = None
        if distance:
            self.distances = _Constant(torch.from_numpy(_placed(space).distances()))
        self.communicability, self.detach, self.normalize = communicability, detach_communicability, normalize
        self.free_self = communicability and not diagonal

    def __call__(self, p: Parameters) -> Tensor:
        """Cost of each network."""
        w = p["W"]
        cost = w.abs()
        if self.distances is not None:
            cost = cost * self.distances.like(w)
        if self.communicability:
            with torch.set_grad_enabled(torch.is_grad_enabled() and not self.detach):
                c = communicability(w, normalize=self.normalize)
            cost = cost * c
        if self.free_self and self.distances is None:
            cost = cost * (1 - torch.eye(w.shape[-1], dtype=w.dtype, device=w.device))
        return cost.sum((-2, -1))


class BIMT:
    """``sum |w| (a d + y0)`` over input, recurrent and output weights (Growing Brains, arXiv:2310.07711).

    Distances are of the space; ``a = 0`` is plain L1 times y0.

    Parameters
    ----------
    space : Space
        With positions of inputs and outputs.
    a, y0 : float
        Cost per distance, and constant.
    reduction : {"sum", "mean"}
        Over the weights of each block; the method's own examples use both.
    """

    def __init__(self, space: Space | None, *, a: float = 2.0, y0: float = 0.5, reduction: str = "sum") -> None:
        choice(reduction, ("sum", "mean"), "reduction")
        number(a, "a", least=0)
        number(y0, "y0", least=0)
        costs = {block: torch.from_numpy(a * _placed(space).distances(block) + y0) for block in BLOCKS}
        self.costs = {
            block: _Constant(cost / cost.numel() if reduction == "mean" else cost) for block, cost in costs.items()
        }

    def __call__(self, p: Parameters) -> Tensor:
        """Cost of each network."""
        blocks = [(p[block].abs() * cost.like(p[block])).sum((-2, -1)) for block, cost in self.costs.items()]
        return torch.stack(blocks).sum(0)


class Resolvent:
    """Size of the pathways from inputs to outputs, by hop (arXiv:2605.03598).

    With the hop maps ``M_k = alpha^k W_in W^(k-2) W_out``, k = 2 … steps + 1:

    ===================  =========================================================================
    ``reduction="sum"``  ``sum |sum_k M_k|``, the truncated signed resolvent: hops can cancel
    ``reduction="hop"``  ``sum_k sum |M_k|``: each hop counts; never less than the former
    ===================  =========================================================================

    Parameters
    ----------
    steps : int, optional
        Inputs in a sequence; no walk longer than ``steps + 1`` hops is realised. Of the truncated form only.
    alpha : float
        Damping per hop, of the raw weights, at most 1.
    form : {"truncated", "inverse"}
        Hops up to ``steps + 1``, or all of them: ``sum |alpha^2 W_in (I - alpha W)^-1 W_out|``. The inverse needs
        ``reduction="sum"``, and a spectral radius of W below 1 / alpha: beyond, the sum over walks diverges, and the
        cost of the network is inf. An untrained network with such a cost is refused, one that comes to it in training
        stops there, like any that diverges.
    """

    def __init__(
        self, *, steps: int | None = None, alpha: float = 0.9, reduction: str = "sum", form: str = "truncated"
    ) -> None:
        self.alpha = number(alpha, "alpha", above=0, most=1)
        self.reduction = choice(reduction, ("sum", "hop"), "reduction")
        self.form = choice(form, ("truncated", "inverse"), "form")
        if form == "inverse":
            if steps is not None:
                raise ValueError(f"steps are of form='truncated'; the inverse has walks of any length; got {steps!r}")
            if reduction == "hop":
                raise ValueError("form='inverse' sums over hops before it takes magnitudes; reduction must be 'sum'")
        elif steps is None:
            raise ValueError("steps must be the inputs in a sequence for form='truncated'; got None")
        self.steps = 0 if steps is None else positive_int(steps, "steps")

    def __call__(self, p: Parameters) -> Tensor:
        """Cost of each network."""
        if self.form == "inverse":
            return self._inverse(p)
        right = self.alpha**2 * p["W_out"]
        maps = []
        for hop in range(self.steps):
            right = self.alpha * (p["W"] @ right) if hop else right
            maps.append(p["W_in"] @ right)
        if self.reduction == "sum":
            return torch.stack(maps).sum(0).abs().sum((-2, -1))
        return torch.stack(maps).abs().sum((0, -2, -1))

    def _inverse(self, p: Parameters) -> Tensor:
        """Walks of any length."""
        w = self.alpha * p["W"]
        converges = torch.linalg.eigvals(w.detach()).abs().amax(-1) < 1
        w = torch.where(converges[..., None, None], w, 0)  # one singular matrix would fail the whole stack
        walks = torch.linalg.solve(torch.eye(w.shape[-1], dtype=w.dtype, device=w.device) - w, p["W_out"])
        cost = (self.alpha**2 * p["W_in"] @ walks).abs().sum((-2, -1))
        return torch.where(converges, cost, torch.inf)


def _placed(space: Space | None) -> Space:
    if space is None:
        raise ValueError("a penalty on distance needs a space, where units sit; got None")
    return space


_PENALTIES: dict[str, Callable[..., Penalty]] = {
    "l1": L1,
    "l1_proximal": ProximalL1,
    "distance": partial(Wiring, communicability=False),
    "communicability": partial(Wiring, distance=False),
    "sernn": Wiring,
    "bimt": BIMT,
    "resolvent": Resolvent,
    "resolvent_hop": partial(Resolvent, reduction="hop"),
}
_RENAMED = {"comm": "communicability", "detach_comm": "detach_communicability"}


def spelled_out(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a penalty under the names that they have now; saved recipes may have the old ones."""
    return {_RENAMED.get(name, name): value for name, value in options.items()}


def get(name: str, space: Space | None = None, **options: Any) -> Penalty | None:
    """A penalty by its name; "none" is None.

    `space` goes to those that have a parameter of that name: costs of distance need one, the others do without.

    Examples
    --------
    >>> get("l1", blocks=("W_in",))({"W_in": torch.ones(2, 3, 4)})
    tensor([12., 12.])
    """
    if name == "none":
        return None
    if name not in _PENALTIES:
        raise ValueError(
            f"name must be 'none' or one of {sorted(_PENALTIES)}; got {name!r}. A penalty of your own goes in itself"
        )
    for old in _RENAMED.keys() & options:
        warn(f"penalties.get({old}=)", f"{_RENAMED[old]}=")
    return built(_PENALTIES[name], spelled_out(options), f"the penalty {name!r}", space=space)
