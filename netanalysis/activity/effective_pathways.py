"""Pathways of the working network: products of its Jacobians along what it did, lag by lag."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, parallel, scaling, stacks, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.recording import Recording
from netanalysis.structure import _walks
from netanalysis.structure.pathways import Pathways, pathways

__all__ = ["EffectivePathways", "effective_pathways", "slopes"]

Activation = Literal["tanh", "relu", "softplus", "sigmoid", "linear"]

_CHUNK = 2**21  # doubles of states that are held at once: few enough for a core's cache


def slopes(activity: Recording | ArrayLike, *, activation: Activation) -> NDArray[np.float64]:
    """Slopes of units at what they did, ``f'`` as a function of the output ``f``.

    Parameters
    ----------
    activity : Recording or array_like, shape (..., units)
        Outputs of the activation function. States of leaky units are no such outputs: take the slopes of their
        pre-activations instead.
    activation : {"tanh", "relu", "softplus", "sigmoid", "linear"}
        ``1 - h^2``, ``h > 0`` (0 at exactly 0, as torch has it), ``1 - exp(-h)``, ``h (1 - h)``, 1.

    Returns
    -------
    ndarray, shape of the activity

    Raises
    ------
    ValueError
        If the activity lies beyond what the function gives.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.slopes([[0.0, 0.5, -1]], activation="tanh")
    array([[1.  , 0.75, 0.  ]])
    """
    options.choice(activation, get_args(Activation), "activation")
    h = activity.activity if isinstance(activity, Recording) else validate.as_array(activity, "activity")
    low = {"tanh": -1.0, "linear": -np.inf}.get(activation, 0.0)
    high = 1.0 if activation in ("tanh", "sigmoid") else np.inf
    if h.size and not (h.min() >= low and h.max() <= high):
        raise ValueError(
            f"activity must lie in [{low:g}, {high:g}], what {activation} gives; got {h.min():.4g} to {h.max():.4g}. "
            "States of leaky units are no outputs: give the slopes of their pre-activations"
        )
    if activation == "tanh":
        return np.asarray(1.0 - h * h)
    if activation == "relu":
        return np.asarray(h > 0, float)
    if activation == "softplus":
        return np.asarray(-np.expm1(-h))
    return np.asarray(h * (1.0 - h) if activation == "sigmoid" else np.ones_like(h))


@result
class EffectivePathways:
    """What :func:`effective_pathways` returns. Over a stack each field has the leading axes of the stack.

    Attributes
    ----------
    maps : ndarray, shape (..., max_lag + 1, n_in, n_out)
        Mean over trials and times of the derivative of the output with respect to the input `lag` steps before.
    spread : ndarray, same shape
        Standard deviation over trials and times.
    mean_square : ndarray, shape (..., max_lag + 1)
        Mean over trials and times of the squared Frobenius norm of a map.
    n_samples : ndarray of int, shape (max_lag + 1,)
        Trials times final steps that a lag reaches back from.
    linear : Pathways or None
        The pathways of the weights alone, hop for lag; None where only Jacobians were given.
    """

    maps: NDArray[np.float64]
    spread: NDArray[np.float64]
    mean_square: NDArray[np.float64]
    n_samples: NDArray[np.intp]
    linear: Pathways | None = field(repr=False)

    @property
    def ratio(self) -> NDArray[np.float64]:
        """Root mean square norm of the maps over that of the linear ones, (..., max_lag + 1); nan where those are 0."""
        both = np.hypot(_norm(self.maps), _norm(self.spread))
        return stacks.ratio(both, _norm(self._linear_maps))

    @property
    def correlation(self) -> NDArray[np.float64]:
        """Pearson r over pairs of the mean map and the linear one, (..., max_lag + 1); nan where either is constant."""
        flat = [scaling.to_one(m, axis=(-2, -1))[0].reshape(*m.shape[:-2], -1) for m in (self.maps, self._linear_maps)]
        a, b = (m - m.mean(axis=-1, keepdims=True) for m in flat)
        return stacks.ratio((a * b).sum(-1), np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1))

    @property
    def _linear_maps(self) -> NDArray[np.float64]:
        if self.linear is None:
            raise ValueError("Jacobians alone do not say what the weights are: give net and slopes to compare the two")
        return self.linear.maps


def effective_pathways(
    net: Network | None = None,
    *,
    slopes: ArrayLike | None = None,
    jacobians: ArrayLike | None = None,
    input_jacobians: ArrayLike | None = None,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    max_lag: int,
    leak: float | None = None,
    times: ArrayLike | None = None,
) -> EffectivePathways:
    """Pathways from inputs to outputs of a network at work, by lag: products of Jacobians along its trajectories.

    For ``h_t = (1 - a) h_{t-1} + a f(h_{t-1} W + u_t W_in + b)`` with slopes ``s_t = f'`` at step t, the Jacobian is
    ``J_t = (1 - a) I + a W diag(s_t)``, rows from the earlier state, and the map of lag k that ends at t is
    ``a W_in diag(s_{t-k}) J_{t-k+1} … J_t W_out``: the derivative of the output at t with respect to the input at
    t - k. Products are averaged, not the Jacobians. With all slopes 1 they are :func:`pathways`.

    Parameters
    ----------
    net : network or stack (..., n, n)
    slopes : array_like, shape (..., trials, time, n)
        Slope of every unit at every step (:func:`slopes` has them from recorded activity); leading axes as those of
        the stack, or none.
    jacobians : array_like, shape (trials, time, n, n), instead of net and slopes
        ``jacobians[.., t, i, j]``: derivative of state j at t with respect to state i at t - 1. For cells that are
        not of the form above. Inputs and outputs are nodes or weights that meet the state directly.
    input_jacobians : array_like, shape (trials, time, n_in, n), instead of inputs
        ``input_jacobians[.., t, a, j]``: derivative of state j at t with respect to input a at t.
    inputs, outputs
        As in :func:`pathways`. Nodes are states themselves: then no slope meets the input.
    max_lag : int
    leak : float in (0, 1], optional
        a; default 1. Recorded states of leaky units are no rates: slopes must be those of the pre-activations.
    times : integers or mask, optional
        Final steps to average over; default all. A lag reaches back from those that have as many steps before them.

    Returns
    -------
    EffectivePathways

    Raises
    ------
    ValueError
        If no step has `max_lag` steps before it, or shapes do not fit.

    Notes
    -----
    From the thinner end, for all trials and times at once; an n x n product is never formed unless every node is both
    input and output.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> chain = [[0, 2.0, 0], [0, 0, 3.0], [0, 0, 0]]
    >>> half = np.full((1, 4, 3), 0.5)
    >>> found = na.effective_pathways(chain, slopes=half, inputs=[0], outputs=[2], max_lag=2)
    >>> found.maps[:, 0, 0], found.linear.maps[:, 0, 0]
    (array([0. , 0. , 1.5]), array([0., 0., 6.]))
    """
    max_lag = options.positive_int(max_lag, "max_lag", minimum=0)
    if (jacobians is None) == (slopes is None):
        raise ValueError("give either slopes=, of the units of net, or jacobians=")
    if jacobians is not None:
        if net is not None or leak is not None:
            raise ValueError("jacobians= hold the weights and the leak already; leave net and leak out")
        j = validate.as_array(jacobians, "jacobians", shape=(None, None, None, None))
        if j.shape[-1] != j.shape[-2]:
            raise ValueError(f"jacobians must have shape (trials, time, n, n); got {j.shape}")
        entries = None
        if input_jacobians is not None:
            if inputs is not None:
                raise ValueError("give either inputs= or input_jacobians=")
            entries = validate.as_array(input_jacobians, "input_jacobians", shape=(*j.shape[:2], None, j.shape[-1]))
        _, left, right = _walks.block_graph(np.eye(j.shape[-1]), inputs, outputs, None)
        rows = _rows(left, j.shape[-1], 1.0)
        maps, spread, square, counts = _one(_Given(j, rows, entries), right, max_lag, _final_steps(times, j, max_lag))
        return EffectivePathways(maps, spread, square, counts, None)
    if input_jacobians is not None:
        raise ValueError("input_jacobians= go with jacobians=; with slopes= give inputs=")
    w, left, right = _walks.block_graph(net, inputs, outputs, None)
    a = 1.0 if leak is None else options.number_in(leak, "leak", above=0, at_most=1)
    lead, n = w.shape[:-2], w.shape[-1]
    s = validate.as_array(slopes, "slopes")
    if s.ndim < 3 or s.shape[-1] != n or s.shape[:-3] not in ((), lead) or 0 in s.shape:
        raise ValueError(
            f"slopes must have shape (trials, time, {n}){f' or {lead} before it' if lead else ''}, one for every "
            f"unit at every step; got {s.shape}"
        )
    last = _final_steps(times, s[..., None], max_lag)
    flat = [w] if sparse.issparse(w) else stacks.flatten(w)[0]
    each = np.broadcast_to(s, (*lead, *s.shape[-3:])).reshape(len(flat), *s.shape[-3:])
    lefts, rights = _walks.per_network(left, lead), _walks.per_network(right, lead)
    found: list[Any] = [None] * len(flat)

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            steps = _Slopes(flat[k], each[k], a, _rows(lefts[k], n, a), by_weights=lefts[k].ndim > 1)
            found[k] = _one(steps, rights[k], max_lag, last)

    parallel.blas_blocks(block, len(flat), order=n)
    maps, spread, square = (np.array([f[i] for f in found]).reshape(lead + found[0][i].shape) for i in range(3))
    linear = pathways(net, inputs=inputs, outputs=outputs, max_hops=max_lag, leak=leak)
    return EffectivePathways(maps, spread, square, found[0][3], linear)


def _rows(left: Any, n: int, leak: float) -> NDArray[np.float64]:
    """Where inputs enter, (n_in, n): at a node, or through weights."""
    return np.asarray(np.eye(n)[left] if left.ndim == 1 else leak * left)


def _final_steps(times: Any, along: NDArray[np.float64], max_lag: int) -> NDArray[np.bool_]:
    """A mask of the steps that maps end at; `along` has the time on its third axis from the end."""
    steps = along.shape[-3]
    last = np.zeros(steps, bool)
    last[slice(None) if times is None else validate.as_nodes(times, steps, "times")] = True
    if not last[max_lag:].any():
        raise ValueError(
            f"max_lag must be at most {np.flatnonzero(last).max()}, the steps before the last of times; got {max_lag}"
        )
    return last


class _Slopes:
    """Jacobians ``(1 - a) I + a W diag(s)`` of all trials and times, never formed.

    Inputs enter by `rows` (n_in, n); those that do so by weights meet the slope of the step.
    """

    def __init__(
        self, w: Any, s: NDArray[np.float64], leak: float, rows: NDArray[np.float64], *, by_weights: bool
    ) -> None:
        self.w, self.s, self.leak, self.rows, self.by_weights = w, s, leak, rows, by_weights
        self.trials, self.steps, self.n = s.shape
        self.n_in = len(rows)

    def entries(self, trials: slice) -> NDArray[np.float64]:
        """Derivatives of states with respect to the inputs of the same step, (trials, time, n_in, n)."""
        if self.by_weights:
            return np.asarray(self.rows * self.s[trials, :, None, :])
        return np.broadcast_to(self.rows, (trials.stop - trials.start, self.steps, *self.rows.shape))

    def entered(self, y: NDArray[np.float64], trials: slice, at: NDArray[np.intp]) -> NDArray[np.float64]:
        """Maps to the rows y of read-outs, (trials, times, n_in, rows)."""
        met = y * self.s[trials][:, at][:, :, None, :] if self.by_weights else y
        return (met.reshape(-1, self.n) @ self.rows.T).reshape(*y.shape[:-1], -1).swapaxes(-1, -2)

    def forward(self, x: NDArray[np.float64], trials: slice, to: slice) -> NDArray[np.float64]:
        """Rows x of states, (trials, times, rows, n), one step on."""
        out = (x.reshape(-1, self.n) @ self.w).reshape(x.shape)
        out *= self.s[trials, to, None, :]
        return out if self.leak == 1 else self.leak * out + (1 - self.leak) * x

    def backward(self, y: NDArray[np.float64], trials: slice, of: NDArray[np.intp]) -> NDArray[np.float64]:
        """Rows y of read-outs, (trials, times, rows, n), one step back."""
        out = ((y * self.s[trials][:, of, None, :]).reshape(-1, self.n) @ self.w.T).reshape(y.shape)
        return out if self.leak == 1 else self.leak * out + (1 - self.leak) * y


class _Given:
    """Jacobians as they are, and the derivatives by which inputs enter, or the rows by which they always do."""

    def __init__(self, j: NDArray[np.float64], rows: NDArray[np.float64], entries: NDArray[np.float64] | None) -> None:
        self.j = j
        self.trials, self.steps, self.n = j.shape[:3]
        self.by_step = np.broadcast_to(rows, (*j.shape[:2], *rows.shape)) if entries is None else entries
        self.n_in = self.by_step.shape[-2]

    def entries(self, trials: slice) -> NDArray[np.float64]:
        return self.by_step[trials]

    def entered(self, y: NDArray[np.float64], trials: slice, at: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(self.by_step[trials][:, at] @ y.swapaxes(-1, -2))

    def forward(self, x: NDArray[np.float64], trials: slice, to: slice) -> NDArray[np.float64]:
        return np.asarray(x @ self.j[trials, to])

    def backward(self, y: NDArray[np.float64], trials: slice, of: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(y @ self.j[trials][:, of].swapaxes(-1, -2))


def _one(
    step: Any, right: Any, max_lag: int, last: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Mean and spread of maps, mean square norms and numbers of samples, of one network."""
    n_in, n_out = step.n_in, _walks.width(right, -1)
    columns = np.eye(step.n)[right] if right.ndim == 1 else np.ascontiguousarray(right.T)
    moments = [_Moments((n_in, n_out)) for _ in range(max_lag + 1)]
    ends = np.flatnonzero(last)
    forward = n_in * step.steps <= n_out * len(ends)
    size = max(1, _CHUNK // (step.n * min(n_in * step.steps, n_out * len(ends))))
    for start in range(0, step.trials, size):
        trials = slice(start, min(step.trials, start + size))
        count = trials.stop - start
        if forward:
            x = step.entries(trials)
            for lag in range(max_lag + 1):
                # x[:, u] entered at step u and has come to step u + lag
                here = x[:, last[lag:]]
                moments[lag].add(here[..., right] if right.ndim == 1 else here @ right)
                if lag < max_lag:
                    x = step.forward(x[:, :-1], trials, slice(lag + 1, None))
        else:
            y = np.broadcast_to(columns, (count, len(ends), *columns.shape))
            for lag in range(max_lag + 1):
                # y is read at the last steps and has gone back by the lag; where there is no step before, it ends
                at = ends[ends >= lag] - lag
                moments[lag].add(step.entered(y, trials, at))
                if lag < max_lag:
                    y = step.backward(y[:, at > 0], trials, at[at > 0])
    with np.errstate(over="ignore"):
        square = np.array([m.unit**2 * (m.mean**2 + m.squares / m.count).sum() for m in moments])
    return (
        np.array([m.unit * m.mean for m in moments]),
        np.array([m.unit * np.sqrt(m.squares / m.count) for m in moments]),
        _walks.within_doubles(square, max_lag),
        np.array([m.count for m in moments]),
    )


def _norm(maps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frobenius norms, of maps of any size."""
    scaled, unit = scaling.to_one(maps, axis=(-2, -1))
    return np.asarray(np.linalg.norm(scaled, axis=(-2, -1)) * unit[..., 0, 0])


class _Moments:
    """Mean and sum of squared deviations of many maps, block by block (Chan, Golub & LeVeque 1983).

    Over the unit of the first block, a power of 2, and its square.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.count, self.mean, self.squares, self.unit = 0, np.zeros(shape), np.zeros(shape), np.float64(0.0)

    def add(self, maps: NDArray[np.float64]) -> None:
        if not self.unit:
            self.unit = np.float64(scaling.to_one(maps)[1])
        maps = maps.reshape(-1, *self.mean.shape) / self.unit
        count, mean = len(maps), maps.mean(axis=0)
        apart = mean - self.mean
        both = self.count + count
        self.squares += ((maps - mean) ** 2).sum(axis=0) + apart**2 * (self.count * count / both)
        self.mean += apart * (count / both)
        self.count = both
