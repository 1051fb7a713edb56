"""Fixed and slow points of a recurrent layer: where its state stays, or hardly moves, under a constant input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from models.differentiating import as_tensor, jacobians
from netanalysis._core.options import number_in, positive_int
from netanalysis._core.results import result

__all__ = ["FixedPoints", "fixed_points"]

_FIXED = 1e-8  # speed below which a point counts as fixed: Newton's steps there end at rounding
_EDGE = 1e-6  # eigenvalues so close to the unit circle decide nothing


@result
class FixedPoints:
    """What :func:`fixed_points` returns, points in order of their speed.

    Attributes
    ----------
    points : ndarray, shape (k, n)
    speed : ndarray, shape (k,)
        ``|F(h) - h|``, the way the state makes in a step; 0 up to rounding at a fixed point. Half its square is the
        q of Sussillo & Barak.
    fixed : ndarray of bool, shape (k,)
        Speed below 1e-8. The others are slow points, local minima of the speed; there may be no fixed point near.
    eigenvalues : ndarray of complex, shape (k, n)
        Of the Jacobian of a step, by decreasing modulus.
    stable : ndarray of bool, shape (k,)
        Fixed, with every modulus below 1.
    undecided : ndarray of bool, shape (k,)
        A modulus is 1 to within 1e-6: the linear picture does not tell.
    n_starts : ndarray of int, shape (k,)
        Starts that came to each point.
    """

    points: NDArray[np.float64]
    speed: NDArray[np.float64]
    fixed: NDArray[np.bool_]
    eigenvalues: NDArray[np.complex128]
    stable: NDArray[np.bool_]
    undecided: NDArray[np.bool_]
    n_starts: NDArray[np.intp]

    @property
    def time_constants(self) -> NDArray[np.float64]:
        """``-1 / ln |lambda|`` in steps, (k, n): negative where a mode grows, inf on the unit circle, 0 for 0."""
        with np.errstate(divide="ignore"):
            return np.asarray(-1.0 / np.log(np.abs(self.eigenvalues)) + 0.0)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """``|angle(lambda)| / 2 pi`` in cycles a step, (k, n): 0 for a positive eigenvalue, 0.5 for a negative one."""
        return np.asarray(np.abs(np.angle(self.eigenvalues)) / (2 * np.pi))


def fixed_points(
    step: nn.Module | Callable[[Tensor], Tensor],
    starts: ArrayLike | Tensor,
    *,
    input: ArrayLike | Tensor | None = None,
    max_iterations: int = 200,
    apart: float = 1e-4,
) -> FixedPoints:
    """Points at which the state of a recurrent layer stays, or moves least, under a constant input.

    From each start the squared speed ``|F(h) - h|^2`` is minimised by Levenberg & Marquardt's method.

    Parameters
    ----------
    step : torch.nn.RNN, GRU or LSTM, or callable
        A layer, or a function of states, tensors (m, n) of float64, that gives those one step later and that torch
        can differentiate.
    starts : array_like or tensor, shape (m, n)
        States to start from: those visited in trials (noise helps), as many as are worth the time. Of an LSTM h and c
        side by side.
    input : array_like or tensor, shape (n_in,), optional
        Constant input of a layer; default 0.
    max_iterations : int
    apart : float
        Points closer together than this, relative to the norm of the largest, are one.

    Returns
    -------
    FixedPoints

    References
    ----------
    Sussillo & Barak 2013, doi:10.1162/NECO_a_00409.

    Examples
    --------
    >>> import torch
    >>> found = fixed_points(lambda h: torch.tanh(1.5 * h), [[1.2], [-1.2], [0.0]])
    >>> sorted(found.points[:, 0].round(4).tolist()), int(found.stable.sum())
    ([-0.8586, 0.0, 0.8586], 2)
    """
    positive_int(max_iterations, "max_iterations")
    number_in(apart, "apart", above=0)
    h = as_tensor(starts, "starts")
    if h.ndim != 2 or 0 in h.shape:
        raise ValueError(f"starts must have shape (m, n), a state each; got {tuple(h.shape)}")
    if isinstance(step, nn.RNNCellBase):
        raise TypeError(f"step is a {type(step).__name__}, which takes its input first: give lambda h: cell(input, h)")
    if isinstance(step, nn.Module) and not isinstance(step, nn.RNNBase):
        inner = [name for name, part in step.named_modules() if isinstance(part, nn.RNNBase)]
        if inner:
            raise TypeError(
                f"step is a {type(step).__name__}, which holds more than its layer: give the {inner[0]} of it"
            )
    look = _of_layer(step, input) if isinstance(step, nn.RNNBase) else _of_function(step, input)
    h = _least_speed(look, h, max_iterations)
    new, j = look(h)
    points, speed = h.numpy(), torch.linalg.vector_norm(new - h, dim=-1).numpy()
    chosen, counts = _distinct(points, speed, apart * max(1.0, float(np.linalg.norm(points, axis=1).max())))
    values = np.linalg.eigvals(j.numpy()[chosen]).astype(complex)
    values = np.take_along_axis(values, np.argsort(-np.abs(values), axis=-1, kind="stable"), -1)
    top, fixed = np.abs(values), speed[chosen] < _FIXED
    undecided = (np.abs(top - 1) <= _EDGE).any(axis=-1)
    stable = fixed & (top < 1).all(axis=-1) & ~undecided
    return FixedPoints(points[chosen], speed[chosen], fixed, values, stable, undecided, counts)


_Look = Callable[[Tensor], tuple[Tensor, Tensor]]


def _of_layer(module: nn.Module, given: Any) -> _Look:
    """The state one step later and the Jacobian, rows from the earlier state."""
    size = int(module.input_size)  # type: ignore[arg-type]
    x = torch.zeros(size, dtype=torch.float64)
    if given is not None:
        x = as_tensor(given, "input")
        if x.shape != (size,):
            raise ValueError(f"input must have shape ({size},); got {tuple(x.shape)}")

    def look(h: Tensor) -> tuple[Tensor, Tensor]:
        found = jacobians(module, x.expand(len(h), 1, -1), start=h)
        return torch.from_numpy(found.states[:, 0]), torch.from_numpy(found.recurrent[:, 0])

    return look


def _of_function(step: Callable[[Tensor], Tensor], given: Any) -> _Look:
    if given is not None:
        raise ValueError("input is that of a layer; a function of states has its input inside")
    one = torch.func.jacrev(lambda h: step(h[None])[0])

    def look(h: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            new = step(h)
        if new.shape != h.shape:
            raise ValueError(f"step must give states of the shape it gets, {tuple(h.shape)}; got {tuple(new.shape)}")
        if not torch.isfinite(new).all():
            raise ValueError("step must give finite states")
        return new, torch.func.vmap(one)(h).detach().mT

    return look


def _least_speed(look: _Look, h: Tensor, max_iterations: int) -> Tensor:
    """Levenberg & Marquardt on ``F(h) - h``, each start by itself."""
    n = h.shape[-1]
    one = torch.eye(n, dtype=h.dtype)
    damping = torch.full((len(h), 1, 1), 1e-3, dtype=h.dtype)
    new, j = look(h)
    for _ in range(max_iterations):
        rest, slope = (new - h)[:, :, None], (j - one).mT
        gradient = slope.mT @ rest
        change = torch.linalg.solve(slope.mT @ slope + damping * one, -gradient)[..., 0]
        tried = h + change
        there, j_there = look(tried)
        before, after = rest[..., 0].square().sum(-1), (there - tried).square().sum(-1)
        better = after < before
        h, new = torch.where(better[:, None], tried, h), torch.where(better[:, None], there, new)
        j = torch.where(better[:, None, None], j_there, j)
        damping = torch.where(better[:, None, None], damping * 0.2, damping * 5).clamp(1e-14, 1e14)
        still = change.abs().amax(-1) <= 1e-14 * (1 + h.abs().amax(-1))
        if bool((still | (damping[:, 0, 0] >= 1e13)).all()):
            break
    return h


def _distinct(
    points: NDArray[np.float64], speed: NDArray[np.float64], apart: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The slowest of points that lie together, and how many each stands for."""
    chosen: list[int] = []
    counts: list[int] = []
    for k in np.argsort(speed, kind="stable").tolist():
        near = np.linalg.norm(points[chosen] - points[k], axis=1) if chosen else np.empty(0)
        if near.size and near.min() <= apart:
            counts[int(near.argmin())] += 1
        else:
            chosen.append(k)
            counts.append(1)
    return np.array(chosen, np.intp), np.array(counts, np.intp)
