"""A network as a reservoir: how well a linear read-out of its activity tells what came in."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, stacks, undefined, validate
from netanalysis._core.eigenvalues import spectral_radius
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import Connectome

__all__ = ["MemoryCapacity", "memory_capacity"]


@result
class MemoryCapacity:
    """What :func:`memory_capacity` returns. Over a stack each field has the leading axes of the stack.

    Attributes
    ----------
    total : float or ndarray
        Sum over delays of the squared correlation.
    by_delay : ndarray, shape (..., max_delay + 1)
        Squared correlation of read-out and input at each delay, on steps that the read-out was not fitted to.
    delays : ndarray of int
    scale : float or ndarray
        What the weights were multiplied by.
    """

    total: Any
    by_delay: NDArray[np.float64]
    delays: NDArray[np.intp]
    scale: Any


@takes_stacks
def memory_capacity(
    net: Network,
    *,
    inputs: ArrayLike | None = None,
    radius: float | None = 0.9,
    activation: Literal["tanh", "linear"] = "tanh",
    leak: float = 1.0,
    input_scale: float = 1.0,
    max_delay: int | None = None,
    n_steps: int = 2000,
    ridge: float = 1e-8,
    rng: random.RNG = 0,
) -> MemoryCapacity:
    """Short-term memory of a network used as a reservoir (Jaeger).

    White input u, uniform in [-1, 1], drives ``h_t = (1 - a) h_{t-1} + a f(h_{t-1} W + s u_t w_in)``; for every delay k
    a ridge regression with intercept reads u_{t-k} from h_t, and its squared correlation with u_{t-k} on other steps
    is summed. A linear network of n units holds at most n, from delay 0 on.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights as they are.
    inputs : nodes, or weights (n,), optional
        Where the input enters. Default: the input weights of the Connectome, if it has one input, else every node, with
        weights of +1 or -1 drawn from `rng`.
    radius : float, optional
        Scale W to this spectral radius. None leaves W as it is: scaled alike, null networks cannot differ through
        their radius. A network without cycles has radius 0, which nothing can scale: an error that asks for None.
    activation : {"tanh", "linear"}
    leak : float in (0, 1]
        a.
    input_scale : float
        s.
    max_delay : int, optional
        Default: n, at most 100 and a tenth of `n_steps`.
    n_steps : int
        Steps the read-out is fitted to, and as many it is judged by; a tenth as many, at least 100, come before.
    ridge : float
        Penalty, relative to the mean variance of the units.
    rng : seed, Generator or SeedSequence, optional
        Of the input signal. Fixed by default, so that a network has one score.

    Returns
    -------
    MemoryCapacity

    Raises
    ------
    ValueError
        If options are out of range, or there is no radius to scale to: it is 0, or all rounding (it moves by more than
        5 % when weights move in their tenth digit, as where cycles of both signs cancel).

    References
    ----------
    Jaeger 2001, GMD report 152; on connectomes Suárez et al. 2021, doi:10.1038/s42256-021-00376-1, who sum correlations
    unsquared; on limits of the numbers Ballarin, Grigoryeva & Ortega 2023, arXiv:2305.01457.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> shift = np.diag(np.ones(2), 1)
    >>> found = na.memory_capacity(shift, inputs=[0], activation="linear", radius=None, max_delay=4)
    >>> found.by_delay.round(2)
    array([1., 1., 1., 0., 0.])
    """
    options.choice(activation, ["tanh", "linear"], "activation")
    if radius is not None:
        radius = options.number_in(radius, "radius", above=0)
    leak = options.number_in(leak, "leak", above=0, at_most=1)
    input_scale = options.number_in(input_scale, "input_scale", above=0)
    ridge = options.number_in(ridge, "ridge", at_least=0)
    n_steps = options.positive_int(n_steps, "n_steps", minimum=10)
    w = validate.as_weights(net, as_given=True)
    n, lead = w.shape[-1], w.shape[:-2]
    longest = min(n, 100, n_steps // 10) if max_delay is None else max_delay
    longest = options.positive_int(longest, "max_delay", minimum=0)
    if longest > n_steps // 2:
        raise ValueError(f"max_delay must be at most half of n_steps, {n_steps // 2}; got {longest}")
    generator = np.random.default_rng(random.seed_sequence(rng))
    washout = max(100, n_steps // 10, longest)
    u = generator.uniform(-1, 1, washout + 2 * n_steps)
    w_in = input_scale * _entry(net, inputs, n, generator)
    scale = _scales(w, radius)
    delays = np.arange(longest + 1)
    if sparse.issparse(w):
        by_delay = _capacities(w * float(scale), u, w_in, washout, n_steps, delays, activation, leak, ridge)
    else:
        flat = stacks.flatten(w * scale[..., None, None])[0]
        found = np.empty((len(flat), len(delays)))

        def block(start: int, stop: int) -> None:
            for k in range(start, stop):
                found[k] = _capacities(flat[k], u, w_in, washout, n_steps, delays, activation, leak, ridge)

        parallel.blas_blocks(block, len(flat))
        by_delay = found.reshape(*lead, len(delays))
    total = stacks.number(by_delay.sum(axis=-1))
    why = "activity does not vary, or grows beyond double precision"
    return MemoryCapacity(undefined.spoken(total, "memory_capacity", why), by_delay, delays, stacks.number(scale))


def _entry(net: Network, inputs: Any, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Weights from the input to each node."""
    signs = rng.choice([-1.0, 1.0], n)  # drawn in any case, so that the choice of inputs does not change the signal
    if inputs is None:
        own = net.inputs if isinstance(net, Connectome) else None
        return np.asarray(own[0], float) if own is not None and len(own) == 1 else signs
    given = np.asarray(inputs)
    if given.dtype.kind == "f" and given.shape == (n,):
        return validate.as_array(given, "inputs")
    entry = np.zeros(n)
    entry[validate.as_nodes(inputs, n, "inputs", net=net)] = 1.0
    return entry


def _scales(w: Any, radius: float | None) -> NDArray[np.float64]:
    if radius is None:
        return np.ones(w.shape[:-2])
    own = np.asarray(spectral_radius(w))
    what = f" of network {np.flatnonzero(own.ravel() == 0)[0]} of the stack" if own.ndim and not own.all() else ""
    if not own.all():
        raise ValueError(
            f"the spectral radius{what} is 0, as no cycle passes through any node or cycles cancel: nothing can scale "
            f"it to radius={radius:g}. Give radius=None to take the weights as they are"
        )
    if validate.has_negative(w):
        values = w.data if sparse.issparse(w) else w
        digits = 1 + 1e-10 * np.random.default_rng(0).choice([-1.0, 1.0], values.shape)
        moved = w.copy()
        if sparse.issparse(w):
            moved.data = values * digits
        else:
            moved = values * digits
        again = np.asarray(spectral_radius(moved))
        if (np.abs(again - own) > 0.05 * own).any():
            worst = int(np.argmax(np.abs(again - own) / own))
            raise ValueError(
                f"the spectral radius cannot be told from rounding: it is {own.ravel()[worst]:.3g}, and "
                f"{again.ravel()[worst]:.3g} where weights move in their tenth digit, as cycles of both signs cancel. "
                "Give radius=None to take the weights as they are"
            )
    return np.asarray(radius / own)


def _capacities(
    w: Any,
    u: NDArray[np.float64],
    w_in: NDArray[np.float64],
    washout: int,
    n_steps: int,
    delays: NDArray[np.intp],
    activation: str,
    leak: float,
    ridge: float,
) -> NDArray[np.float64]:
    """Squared correlations by delay, of one network."""
    turned = sparse.csr_array(w.T) if sparse.issparse(w) else np.ascontiguousarray(w.T)
    h = np.zeros(len(w_in))
    if activation == "linear":  # to which the unit of the input makes no difference
        w_in = w_in / (np.abs(w_in).max() or 1.0)
    states = np.empty((2 * n_steps, len(w_in)))
    with np.errstate(over="ignore", invalid="ignore"):
        for t, value in enumerate(u):
            drive = turned @ h + value * w_in
            new = np.tanh(drive) if activation == "tanh" else drive
            h = new if leak == 1 else (1 - leak) * h + leak * new
            if t >= washout:
                states[t - washout] = h
        if not np.isfinite(states[-1]).all() or np.abs(states[-1]).max(initial=0.0) > 1e100:
            return np.full(len(delays), np.nan)
    states /= np.abs(states).max() or 1.0  # squares of small ones would vanish
    wanted = np.lib.stride_tricks.sliding_window_view(u, len(delays))[:, ::-1]
    wanted = wanted[washout - len(delays) + 1 :][: 2 * n_steps]  # wanted[t, k] = u at k steps before state t
    fitted, judged = states[:n_steps], states[n_steps:]
    mean, target_mean = fitted.mean(axis=0), wanted[:n_steps].mean(axis=0)
    x, y = fitted - mean, wanted[:n_steps] - target_mean
    gram = x.T @ x
    size = float(np.trace(gram)) / len(gram)
    if size == 0:
        return np.full(len(delays), np.nan)
    read = np.linalg.lstsq(gram + ridge * size * np.eye(len(gram)), x.T @ y, rcond=None)[0]
    told = (judged - mean) @ read
    return _squared_correlation(told, wanted[n_steps:])


def _squared_correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of columns; 0 where the read-out says nothing."""
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return stacks.ratio((a * b).sum(axis=0) ** 2, (a**2).sum(axis=0) * (b**2).sum(axis=0), otherwise=0.0)
