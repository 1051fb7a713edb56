"""Control with a cost of states against a quadratic program, a boundary-value solver, Riccati equations and nctpy."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg
from scipy.integrate import solve_bvp

import netanalysis as na
from tests.oracles import control_peers

COST = np.array([0.5, 2.0, 0, 1.0, 3.0])


def random(seed, n=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, n)), *rng.normal(size=(3, n))


def program(w, x0, xf, r, cost, rho, steps, nodes):
    """All inputs at once: the minimum of a quadratic form under linear equations (Karush, Kuhn, Tucker)."""
    n, m = len(w), len(nodes)
    a, b = w.T / (1 + np.abs(np.linalg.eigvals(w)).max()), np.eye(n)[:, nodes]
    reach, drift = np.zeros((n, m * steps)), x0
    square, linear = rho * np.eye(m * steps), np.zeros(m * steps)
    for t in range(steps):
        if t:
            square += reach.T @ cost @ reach
            linear += reach.T @ cost @ (drift - r)
        reach, drift = a @ reach, a @ drift
        reach[:, m * t : m * (t + 1)] += b
    both = np.block([[square, reach.T], [reach, np.zeros((n, n))]])
    return np.linalg.solve(both, np.concatenate([-linear, xf - drift]))[: m * steps].reshape(steps, m)


@pytest.mark.parametrize("nodes", [[0, 1, 2, 3, 4], [0, 2, 3]])
@pytest.mark.parametrize("rho", [1.0, 0.05])
def test_discrete_control_is_a_quadratic_program(nodes, rho):
    w, x0, xf, r = random(0)
    found = na.control_energy(
        w, x0, xf, control=nodes, dynamics="discrete", time=7, state_cost=COST, reference=r, rho=rho
    )
    inputs = program(w, x0, xf, r, np.diag(COST), rho, 7, nodes)
    path = found.trajectory()
    assert path.inputs[:-1][:, nodes] == pytest.approx(inputs, rel=1e-8)
    assert found.node_energy[nodes] == pytest.approx(np.square(inputs).sum(axis=0), rel=1e-8)
    on_states = (COST * (path.states[1:-1] - r) ** 2).sum()
    assert found.cost == pytest.approx(rho * np.square(inputs).sum() + on_states, rel=1e-10)
    assert found.error < 1e-12


def test_continuous_control_solves_the_boundary_value_problem():
    w, x0, xf, r = random(1)
    a = w.T / (1 + np.abs(np.linalg.eigvals(w)).max()) - np.eye(5)
    nodes, rho, cost = [0, 1, 2, 4], 0.4, np.diag(COST)
    b = np.diag([1.0, 1, 1, 0, 1])

    def moves(_, z):
        return np.vstack([a @ z[:5] + b @ z[5:], cost / rho @ (z[:5] - r[:, None]) - a.T @ z[5:]])

    def ends(first, last):
        return np.concatenate([first[:5] - x0, last[:5] - xf])

    grid = np.linspace(0, 2, 41)
    solved = solve_bvp(moves, ends, grid, np.zeros((10, 41)), tol=1e-8, max_nodes=10**5)
    found = na.control_energy(w, x0, xf, control=nodes, time=2, state_cost=cost, reference=r, rho=rho)
    path = found.trajectory(41)
    assert path.states == pytest.approx(solved.sol(grid)[:5].T, abs=1e-5)
    assert path.inputs == pytest.approx((b @ solved.sol(grid)[5:]).T, abs=1e-5)
    points, weights = np.polynomial.legendre.leggauss(60)
    z = solved.sol(points + 1)
    squares = np.square(b @ z[5:]) @ weights
    assert found.node_energy == pytest.approx(squares, rel=1e-6)
    on_states = (COST[:, None] * (z[:5] - r[:, None]) ** 2).sum(axis=0) @ weights
    assert found.cost == pytest.approx(rho * squares.sum() + on_states, rel=1e-6)


@pytest.mark.parametrize("dynamics", ["continuous", "discrete"])
def test_steps_that_become_shorter_lead_to_continuous_control(dynamics):
    """A node alone, dx/dt = -x + u, in closed form: x = (xf sinh(k t) + x0 sinh(k (T - t))) / sinh(k T)."""
    x0, xf, cost, time = 1.0, -0.5, 3.0, 2.0
    if dynamics == "continuous":
        k = np.sqrt(1 + cost)
        t = np.linspace(0, time, 11)
        known = (xf * np.sinh(k * t) + x0 * np.sinh(k * (time - t))) / np.sinh(k * time)
        found = na.control_energy([[0.0]], [x0], [xf], time=time, state_cost=cost).trajectory(11)
        assert found.states[:, 0] == pytest.approx(known, abs=1e-12)
    else:  # x' = u: two steps over one state, whose cost is what lies between
        found = na.control_energy([[0.0]], [x0], [xf], time=2, state_cost=cost, dynamics="discrete")
        assert found.trajectory().states[:, 0] == pytest.approx([1, 0, -0.5])
        assert found.energy == pytest.approx(0.25)


def test_long_times_cost_no_accuracy():
    """What stays is to settle and to leave: a Riccati equation each. The exponential of the Hamiltonian is exp(170)."""
    w, x0, xf, _ = random(2)
    a = w.T / (1 + np.abs(np.linalg.eigvals(w)).max()) - np.eye(5)
    settle = linalg.solve_continuous_are(a, np.eye(5), np.diag(COST), np.eye(5))
    leave = linalg.solve_continuous_are(-a, np.eye(5), np.diag(COST), np.eye(5))
    found = na.control_energy(w, x0, xf, time=100, state_cost=COST)
    assert found.cost == pytest.approx(x0 @ settle @ x0 + xf @ leave @ xf, rel=1e-9)
    assert found.error < 1e-12
    assert found.trajectory(3).states[1] == pytest.approx(np.zeros(5), abs=1e-9)
    away = na.control_energy(w, x0, xf, time=20, state_cost=400, reference=xf)
    assert away.trajectory(3).states[1] == pytest.approx(xf, rel=0.1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["discrete", "continuous"]), st.sampled_from([0.01, 1.0, 30.0]))
def test_properties(seed, dynamics, cost):
    w, x0, xf, r = random(seed)
    options = {"dynamics": dynamics, "time": 4}
    least = na.control_energy(w, x0, xf, **options)
    found = na.control_energy(w, x0, xf, state_cost=cost, reference=r, **options)
    assert found.energy >= least.energy * (1 - 1e-9)
    assert least.cost == pytest.approx(least.energy)
    assert found.error < 1e-9
    dearer = na.control_energy(w, x0, xf, state_cost=2 * cost, reference=r, rho=2, **options)
    assert dearer.node_energy == pytest.approx(found.node_energy)
    assert dearer.cost == pytest.approx(2 * found.cost)
    assert na.control_energy(w, x0, xf, state_cost=1e-9 * cost, **options).energy == pytest.approx(least.energy)
    order = np.random.default_rng(seed).permutation(5)
    moved = na.control_energy(
        w[np.ix_(order, order)], x0[order], xf[order], state_cost=cost, reference=r[order], **options
    )
    assert moved.node_energy == pytest.approx(found.node_energy[order], rel=1e-6, abs=1e-9)
    both = na.control_energy(
        np.stack([w, w.T]), np.stack([x0, xf])[:, None], np.stack([xf, x0]), state_cost=cost, reference=r, **options
    )
    assert both.energy.shape == (2, 2, 2)
    assert both.node_energy[0, 0, 0] == pytest.approx(found.node_energy)
    assert both.trajectory(5).states[0, 0, 0] == pytest.approx(found.trajectory(5).states)


def test_costs_may_be_a_number_names_or_a_matrix():
    w, x0, xf, _ = random(3)
    net = na.Connectome(w, labels=list("abcde"))

    def energy(cost, **options):
        return na.control_energy(net, x0, xf, state_cost=cost, **options).energy

    assert energy(2.0) == pytest.approx(energy(np.full(5, 2.0))) == pytest.approx(energy(2 * np.eye(5)))
    assert energy(["a", "c"]) == pytest.approx(energy([1, 0, 1, 0, 0]))
    assert energy(0) == pytest.approx(energy(None)) == pytest.approx(na.control_energy(net, x0, xf).energy)
    assert energy(1, reference="a") == pytest.approx(energy(1, reference=[1, 0, 0, 0, 0]))
    for bad, match in [
        (-1, "state_cost must be at least 0"),
        ([1, -1, 0, 0, 0], "at least 0 at every node"),
        (np.diag([1.0, 1, 1, 1, -1]), "no negative eigenvalues"),
        (np.triu(np.ones((5, 5))), "must be symmetric"),
        (np.ones(4), "state_cost must have shape"),
    ]:
        with pytest.raises(ValueError, match=match):
            energy(bad)
    for options in ({"rho": 2.0}, {"reference": xf}):
        with pytest.raises(ValueError, match="give state_cost, or leave them out"):
            energy(None, **options)
    for dynamics, options in [("continuous", {"rho": 1e-200}), ("discrete", {"time": 2e6})]:
        with pytest.raises(ValueError, match=r"steps over which little changes.*shorter time, or less state_cost"):
            energy(1e100, dynamics=dynamics, **options)
    with pytest.raises(ValueError, match="rho must be above 0"):
        energy(1, rho=0)
    with pytest.raises(ValueError, match="x0 and xf and reference must broadcast"):
        na.control_energy(net, np.stack([x0, xf]), xf, state_cost=1, reference=np.ones((3, 5)))


@pytest.fixture(scope="module")
def nctpy():
    with np.load(Path(control_peers.__file__).with_suffix(".npz"), allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize("case", control_peers.CASES)
@pytest.mark.parametrize("dynamics", control_peers.TIME)
def test_energies_and_trajectories_agree_with_nctpy(nctpy, case, dynamics):
    """Its inputs come from one exponential of the Hamiltonian, and its energies from Simpson's rule."""
    cost, rho = control_peers.CASES[case]
    x0, xf, r = nctpy["states"]
    weighed = {"state_cost": cost, "rho": rho, "reference": r} if cost else {}
    time = control_peers.TIME[dynamics]
    found = na.control_energy(
        nctpy["weights"], x0, xf, control=control_peers.CONTROL, time=time, dynamics=dynamics, **weighed
    )
    energy, x, u = (nctpy[f"{case} {dynamics} {what}"] for what in ("energy", "x", "u"))
    path = found.trajectory(len(x))
    assert found.node_energy == pytest.approx(energy, rel=1e-8)
    assert path.states == pytest.approx(x, abs=1e-8)
    assert path.inputs[: len(u)] == pytest.approx(u, rel=1e-7, abs=1e-8)


def test_controllability_agrees_with_nctpy_where_that_is_right(nctpy):
    w = nctpy["weights"]
    assert na.average_controllability(w) == pytest.approx(nctpy["average discrete"], rel=1e-10)
    continuous = na.average_controllability(w, dynamics="continuous", horizon=1)
    assert continuous == pytest.approx(nctpy["average continuous"], rel=1e-9)
    assert na.modal_controllability(w + w.T) == pytest.approx(nctpy["modal_symmetric"], rel=1e-10)
    # Of a directed network its values depend on the order in which nodes are listed; ours do not.
    assert np.abs(nctpy["modal_directed"] - nctpy["modal_directed_relabelled"]).max() > 0.01
    turned = na.modal_controllability(w[::-1, ::-1])[::-1]
    assert na.modal_controllability(w) == pytest.approx(turned, rel=1e-10)
