"""Energy of steering a linear network from one state to another."""

from __future__ import annotations

from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import parallel, stacks, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.structure._leading import Dynamics
from netanalysis.structure._linear_system import Scaling, as_horizon, gramian, linear_system

__all__ = ["ControlEnergy", "ControlTrajectory", "control_energy"]

Array = NDArray[np.float64]

_CONDITION = 1e12
_MISSED = 1e-6
_POINTS = 8  # of Gauss's rule in each span, over which A changes a state by less than e


@result
class ControlTrajectory:
    """What :meth:`ControlEnergy.trajectory` returns.

    Attributes
    ----------
    time : ndarray, shape (k,)
    states, inputs : ndarray, shape (..., k, n)
        In discrete time the last input is nan: the target is reached, nothing follows.
    """

    time: Array
    states: Array
    inputs: Array


@result
class ControlEnergy:
    """What :func:`control_energy` returns.

    Attributes
    ----------
    energy : float or ndarray
        Of each transition: the sum over nodes.
    node_energy : ndarray, shape (..., n)
        Integral (or sum over steps) of the squared input of each node; 0 where there is none.
    error : float or ndarray
        How far from the target the state ends that these inputs lead to, stepped through in time: the distance
        relative to the largest of ``|x0|``, ``|xf|`` and the distance that was to be steered.
    condition : float or ndarray
        Condition number of the Gramian, of each network.
    scale : float or ndarray
        What the weights were divided by, of each network.
    time, dynamics, scaling, control
        As they were asked for; control as node indices.
    """

    energy: Any
    node_energy: Array
    error: Any
    condition: Any
    scale: Any
    time: float
    dynamics: str
    scaling: str | None
    control: NDArray[np.intp]
    _system: Array = field(repr=False)
    _start: Array = field(repr=False)
    _costate: Array = field(repr=False)

    def trajectory(self, n_samples: int = 101) -> ControlTrajectory:
        """States and inputs along the way, of every transition.

        Parameters
        ----------
        n_samples : int
            Points in time, the first and last included. In discrete time there is one per step, whatever it says.

        Returns
        -------
        ControlTrajectory
        """
        count = (
            int(self.time)
            if self.dynamics == "discrete"
            else validate.positive_int(n_samples, "n_samples", minimum=2) - 1
        )
        m, k, n = self._start.shape
        if 16 * (count + 1) * m * k * n > validate.DENSE_LIMIT_BYTES:
            raise MemoryError(
                f"trajectory needs {16 * (count + 1) * m * k * n / 2**30:.0f} GiB for {m * k} transitions, more than "
                f"the limit of {validate.DENSE_LIMIT_BYTES / 2**30:.0f} GiB; ask for fewer transitions or samples"
            )
        states, inputs = _steps(self._system, self._start, self._costate, self.time, count, self.dynamics, self.control)
        shape = (*np.shape(self.node_energy)[:-1], count + 1, n)
        order = (1, 2, 0, 3)
        return ControlTrajectory(
            np.linspace(0, self.time, count + 1),
            states.transpose(order).reshape(shape),
            inputs.transpose(order).reshape(shape),
        )


def control_energy(
    net: Network,
    x0: ArrayLike,
    xf: ArrayLike,
    *,
    control: ArrayLike | None = None,
    time: float = 1.0,
    dynamics: Dynamics = "continuous",
    scaling: Scaling = "eigenvalue",
) -> ControlEnergy:
    """Least energy of inputs that steer a network from one state to another: ``min integral |u|^2 dt``.

    ``dx/dt = A x + B u`` with ``A = W^T / c - I``, or ``x(t + 1) = A x(t) + B u(t)`` with ``A = W^T / c``; B has a 1
    for every node that takes input. With G the Gramian over `time` and d what is left of the way without input,
    ``xf - exp(A time) x0``, the energy is ``d^T G^-1 d``. All transitions share one factorisation.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included. Sparse networks become dense.
    x0, xf : array_like (..., n), or names of modules or labels
        States; names stand for 1 at these nodes and 0 elsewhere. Leading axes are broadcast: ``x0[:, None]`` and
        ``xf`` of shape (k, n) give all pairs of k states.
    control : node indices or mask, or names of modules or labels, optional
        Nodes that take input. Default: all.
    time : float
        Time constants, or whole steps.
    dynamics : {"continuous", "discrete"}
    scaling : {"eigenvalue", "singular_value", None}
        c: 1 + the largest modulus of an eigenvalue; 1 + the largest singular value; or 1.

    Returns
    -------
    ControlEnergy
        Leading axes are those of the networks, then those of the states.

    Raises
    ------
    ValueError
        If activity does not settle; if the Gramian is singular or its condition number exceeds 1e12, or inputs miss
        the target by more than 1e-6: the target cannot be reached from these nodes in numbers that mean anything.
    MemoryError
        If a sparse network is too large to be dense.

    References
    ----------
    Gu et al. 2017, doi:10.1016/j.neuroimage.2017.01.003; Parkes et al. 2024, doi:10.1038/s41596-024-01023-w.

    Examples
    --------
    >>> import netanalysis as na
    >>> path = [[0, 1.0, 0], [1, 0, 2], [0, 2, 0]]
    >>> round(na.control_energy(path, [1, 0, 0], [0, 0, 1]).energy, 6)
    2.762712
    >>> na.control_energy(path, [1, 0, 0], [0, 0, 1], control=[0, 1]).node_energy.round(6)
    array([ 1.927961, 87.639699,  0.      ])
    """
    a, scale, lead = linear_system(net, dynamics, scaling, "control_energy")
    n = a.shape[-1]
    time = as_horizon(time, dynamics, "time")
    if np.isinf(time):
        raise ValueError("time must be finite; got inf")
    nodes = np.arange(n) if control is None else np.unique(validate.as_nodes(control, n, "control", net=net))
    start, end = _state(x0, n, "x0", net), _state(xf, n, "xf", net)
    try:
        start, end = np.broadcast_arrays(start, end)
    except ValueError as wrong:
        raise ValueError(f"x0 and xf must broadcast; got shapes {start.shape} and {end.shape}") from wrong
    states = start.shape[:-1]
    start, end = start.reshape(-1, n), end.reshape(-1, n)
    with parallel.one_blas_thread():
        g = gramian(a, _inputs(n, nodes), time, dynamics)
        condition = _condition(g, len(nodes), n)
        begin = np.broadcast_to(start, (len(a), *start.shape))
        way = end - begin @ np.swapaxes(_over(a, time, dynamics), -1, -2)
        costate = np.swapaxes(np.linalg.solve(g, np.swapaxes(way, -1, -2)), -1, -2)
        spans = int(time) if dynamics == "discrete" else max(1, int(np.ceil(time * np.abs(a).sum(axis=-1).max())))
        node_energy = _node_energy(a, costate, time, spans, dynamics, nodes)
        reached = _steps(a, begin, costate, time, spans, dynamics, nodes, last=True)[0][-1]
    size = np.maximum(np.linalg.norm(way, axis=-1), np.linalg.norm(start, axis=-1))
    size = np.maximum(size, np.linalg.norm(end, axis=-1))
    error = stacks.ratio(np.linalg.norm(reached - end, axis=-1), size, otherwise=0.0)
    if not np.all(error <= _MISSED):
        raise ValueError(
            f"control_energy: inputs miss the target by {float(np.max(error)):.2g} of its size, more than {_MISSED:g} "
            f"(condition number {float(condition.max()):.2g}): add nodes to control, or change time"
        )
    shape = (*lead, *states)
    return ControlEnergy(
        energy=stacks.number(node_energy.sum(axis=-1).reshape(shape)),
        node_energy=node_energy.reshape(*shape, n),
        error=stacks.number(error.reshape(shape)),
        condition=stacks.restore(condition, lead),
        scale=stacks.restore(scale, lead),
        time=time,
        dynamics=dynamics,
        scaling=scaling,
        control=nodes,
        _system=a,
        _start=begin,
        _costate=costate,
    )


def _state(values: Any, n: int, name: str, net: Any) -> Array:
    if isinstance(values, str) or (isinstance(values, (list, tuple)) and values and isinstance(values[0], str)):
        out = np.zeros(n)
        out[validate.as_nodes(values, n, name, net=net)] = 1
        return out
    array = validate.as_array(values, name)
    if array.ndim == 0 or array.shape[-1] != n or array.size == 0:
        raise ValueError(f"{name} must have shape (..., {n}), one number per node; got {array.shape}")
    return array


def _inputs(n: int, nodes: NDArray[np.intp]) -> Array:
    out = np.zeros((n, n))
    out[nodes, nodes] = 1
    return out


def _condition(g: Array, n_control: int, n: int) -> Array:
    values = np.linalg.eigvalsh(g)
    condition = np.where(values[:, 0] > 0, stacks.ratio(values[:, -1], values[:, 0]), np.inf)
    if not np.all(condition <= _CONDITION):
        raise ValueError(
            f"control_energy: {n_control} of {n} nodes take input, and from these not every state can be reached in "
            f"double precision (condition number of the Gramian {float(condition.max()):.2g}, limit {_CONDITION:.0e}): "
            "add nodes to control, or take more time"
        )
    return condition


def _over(a: Array, time: float, dynamics: str) -> Array:
    from scipy.linalg import expm

    return np.asarray(np.linalg.matrix_power(a, int(time)) if dynamics == "discrete" else expm(a * time))


def _node_energy(a: Array, costate: Array, time: float, spans: int, dynamics: str, nodes: NDArray[np.intp]) -> Array:
    """Integral of the squared input of each node, by Gauss's rule in every span; time runs back from the target."""
    step = time / spans
    if dynamics == "discrete":
        points, weights = np.zeros(1), np.ones(1)
    else:
        points, weights = np.polynomial.legendre.leggauss(_POINTS)
        points, weights = 0.5 * step * (points + 1), 0.5 * step * weights
    moves = [np.eye(a.shape[-1])] if dynamics == "discrete" else [_over(a, t, dynamics) for t in points]
    whole = _over(a, step, dynamics)
    out = np.zeros_like(costate)
    for _ in range(spans):
        for move, weight in zip(moves, weights, strict=True):
            out += weight * (costate @ move) ** 2
        costate = costate @ whole
    kept = np.zeros_like(out)
    kept[..., nodes] = out[..., nodes]
    return kept


def _steps(
    a: Array,
    x: Array,
    costate: Array,
    time: float,
    count: int,
    dynamics: str,
    nodes: NDArray[np.intp],
    *,
    last: bool = False,
) -> tuple[Array, Array]:
    """States and inputs (count + 1, m, k, n) at equal steps, or the last state alone, each from the one before."""
    step = time / count
    whole, part = _over(a, step, dynamics), gramian(a, _inputs(a.shape[-1], nodes), step, dynamics)
    back = [costate]
    for _ in range(count):
        back.append(back[-1] @ whole)
    states = [x]
    for k in range(count):
        x = x @ np.swapaxes(whole, -1, -2) + back[count - 1 - k] @ part
        states = [x] if last else [*states, x]
    if last:
        return np.stack(states), np.empty(0)
    inputs = np.zeros((count + 1, *x.shape))
    order = back[::-1] if dynamics == "continuous" else [*back[-2::-1], np.full_like(costate, np.nan)]
    inputs[..., nodes] = np.stack(order)[..., nodes]
    return np.stack(states), inputs
