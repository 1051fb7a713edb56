"""Energy of steering a linear network from one state to another."""

from __future__ import annotations

from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import memory, options, parallel, stacks, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.structure._control_states import as_state_cost, transitions
from netanalysis.structure._leading import Dynamics
from netanalysis.structure._linear_system import Scaling, as_horizon, linear_system
from netanalysis.structure._optimal_spans import Problem, along

__all__ = ["ControlEnergy", "ControlTrajectory", "control_energy"]

Array = NDArray[np.float64]

_CONDITION = 1e12
_MISSED = 1e-6


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
    cost : float or ndarray
        What was minimised: `rho` times the energy, and what the states cost on the way.
    error : float or ndarray
        How far from the target the state ends that these inputs lead to, stepped through in time: the distance
        relative to the largest of ``|x0|``, ``|xf|`` and the distance that was to be steered.
    condition : float or ndarray
        Condition number of the Gramian (with a cost of states: of what takes its place), of each network.
    scale : float or ndarray
        What the weights were divided by, of each network.
    time, dynamics, scaling, control, rho
        As they were asked for; control as node indices.
    """

    energy: Any
    node_energy: Array
    cost: Any
    error: Any
    condition: Any
    scale: Any
    time: float
    dynamics: str
    scaling: str | None
    control: NDArray[np.intp]
    rho: float
    _problems: tuple[Problem, ...] = field(repr=False)
    _start: Array = field(repr=False)
    _costate: Array = field(repr=False)
    _reference: Array = field(repr=False)

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
            else options.positive_int(n_samples, "n_samples", minimum=2) - 1
        )
        m, (k, n) = len(self._problems), self._start.shape
        size = 16 * (count + 1) * m * k * n
        memory.require(size, f"trajectory of {m * k} transitions", instead="ask for fewer transitions or samples")
        times = np.linspace(0, self.time, count + 1)
        states, inputs = np.empty((2, m, k, count + 1, n))
        for i, problem in enumerate(self._problems):
            found = _sampled(problem, self._start.T, self._costate[i].T, self._reference.T, times)
            states[i], inputs[i] = (values.transpose(2, 0, 1) for values in found)
        shape = (*np.shape(self.node_energy)[:-1], count + 1, n)
        return ControlTrajectory(times, states.reshape(shape), inputs.reshape(shape))


def control_energy(
    net: Network,
    x0: ArrayLike,
    xf: ArrayLike,
    *,
    control: ArrayLike | None = None,
    time: float = 1.0,
    dynamics: Dynamics = "continuous",
    scaling: Scaling = "eigenvalue",
    state_cost: ArrayLike | None = None,
    reference: ArrayLike | None = None,
    rho: float = 1.0,
) -> ControlEnergy:
    """Energy of the best inputs that steer a network from one state to another.

    ``dx/dt = A x + B u`` with ``A = W^T / c - I``, or ``x(t + 1) = A x(t) + B u(t)`` with ``A = W^T / c``; B has a 1
    for every node that takes input. The inputs minimise ``integral of rho |u|^2 + (x - r)^T S (x - r)`` (sums in
    discrete time, of states after the first and before the last), and lead to the target exactly.

    By default states cost nothing (minimum energy): with G the Gramian over `time` and d what is left of the way
    without input, ``xf - exp(A time) x0``, the energy is ``d^T G^-1 d``. With `state_cost` (optimal control) the way
    keeps near the reference, at the price of more energy. All transitions share one factorisation.

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
    state_cost : float, array_like (n,) or (n, n), or names of modules or labels, optional
        S: the same for all nodes, one for each, or symmetric without negative eigenvalues; names stand for 1 at these
        nodes. Default: 0. nctpy's default is 1.
    reference : array_like (..., n), or names of modules or labels, optional
        r, the state from which distance costs; broadcast with `x0` and `xf`. ``reference=xf`` asks for ways that come
        near their target early. Default: 0.
    rho : float
        What inputs cost. Only its ratio to `state_cost` matters for the way.

    Returns
    -------
    ControlEnergy
        Leading axes are those of the networks, then those of the states.

    Raises
    ------
    ValueError
        If activity does not settle; if the Gramian is singular or its condition number exceeds 1e12, or inputs miss
        the target by more than 1e-6: the target cannot be reached from these nodes in numbers that mean anything. If
        `reference` or `rho` is given and states cost nothing.
    MemoryError
        If a sparse network is too large to be dense.

    Notes
    -----
    State and costate are never followed through time together, where errors grow like ``exp(time)``, as where the
    exponential of the whole Hamiltonian is taken (nctpy): short spans are joined by halves, so that long times cost
    accuracy neither of the target nor of the energy.

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

    With a cost of leaving the target, the way there is steeper:

    >>> near = na.control_energy(path, [1, 0, 0], [0, 0, 1], state_cost=10, reference=[0, 0, 1])
    >>> round(near.energy, 6), round(near.cost, 6)
    (4.032714, 7.268049)
    """
    a, scale, lead = linear_system(net, dynamics, scaling, "control_energy")
    n = a.shape[-1]
    time = as_horizon(time, dynamics, "time")
    if np.isinf(time):
        raise ValueError("time must be finite; got inf")
    nodes = np.arange(n) if control is None else np.unique(validate.as_nodes(control, n, "control", net=net))
    rho = options.number_in(rho, "rho", above=0)
    cost = as_state_cost(state_cost, n, net)
    if cost is None and (rho != 1 or reference is not None):
        raise ValueError(
            "rho and reference weigh inputs against states, which cost nothing: give state_cost, or leave them out"
        )
    start, end, around, states = transitions(x0, xf, reference, n, net)
    start, around = start.copy(), around.copy()  # for trajectories, which are computed when they are asked for
    problems = tuple(Problem(one.copy(), nodes, None if cost is None else cost / rho, time, dynamics) for one in a)
    with parallel.one_blas_thread():
        found = [_solved(problem, start.T, end.T, around.T) for problem in problems]
    costate, node_energy, on_states, error, condition = (np.stack(values) for values in zip(*found, strict=True))
    if not np.all(error <= _MISSED):
        raise ValueError(
            f"control_energy: inputs miss the target by {float(np.max(error)):.2g} of its size, more than {_MISSED:g} "
            f"(condition number {float(condition.max()):.2g}): add nodes to control, or change time"
        )
    shape = (*lead, *states)
    energy = node_energy.sum(axis=-1)
    return ControlEnergy(
        energy=stacks.number(energy.reshape(shape)),
        node_energy=node_energy.reshape(*shape, n),
        cost=stacks.number((rho * (energy + on_states)).reshape(shape)),
        error=stacks.number(error.reshape(shape)),
        condition=stacks.restore(condition, lead),
        scale=stacks.restore(scale, lead),
        time=time,
        dynamics=dynamics,
        scaling=scaling,
        control=nodes,
        rho=rho,
        _problems=problems,
        _start=start,
        _costate=costate,
        _reference=around,
    )


def _solved(problem: Problem, x0: Array, xf: Array, r: Array) -> tuple[Array, Array, Array, Array, Any]:
    """Last costate and squared inputs (k, n), what states cost and the error (k,), and the condition number."""
    whole = problem.whole()
    condition = _condition(whole.g, len(problem.nodes), len(x0))
    way = xf - whole.end(x0, np.zeros_like(x0), r)
    costate: Array = np.asarray(np.linalg.solve(whole.g, way), np.float64)
    x, p = along(whole, x0, costate, r)
    energy, cost = problem.squares(x, p, r)
    one, reached = problem.step(), x0
    for later in p[1:]:
        reached = one.end(reached, later, r)
    size = np.max([np.linalg.norm(state, axis=0) for state in (way, x0, xf)], axis=0)
    error = stacks.ratio(np.linalg.norm(reached - xf, axis=0), size, otherwise=0.0)
    return costate.T, energy.T, cost, error, condition


def _condition(g: Array, n_control: int, n: int) -> float:
    values = np.linalg.eigvalsh(g)
    condition = float(values[-1] / values[0]) if values[0] > 0 else np.inf
    if not condition <= _CONDITION:
        raise ValueError(
            f"control_energy: {n_control} of {n} nodes take input, and from these not every state can be reached in "
            f"double precision (condition number of the Gramian {condition:.2g}, limit {_CONDITION:.0e}): "
            "add nodes to control, or take more time"
        )
    return condition


def _sampled(problem: Problem, x0: Array, costate: Array, r: Array, times: Array) -> tuple[Array, Array]:
    """States and inputs (len(times), n, k)."""
    x, p = along(problem.whole(), x0, costate, r)
    if problem.dynamics == "discrete":
        states, costates = np.stack(x), np.stack([*p[1:], np.full_like(costate, np.nan)])
    else:
        length = problem.time / problem.steps
        step = np.minimum((times / length).astype(int), problem.steps - 1)
        states, costates = np.empty((2, len(times), *x0.shape))
        for k in np.unique(step):
            at = step == k
            states[at], costates[at] = problem.inside(x[k], p[k], r, times[at] - k * length)
    inputs = np.zeros_like(costates)
    inputs[:, problem.nodes] = costates[:, problem.nodes]
    return states, inputs
