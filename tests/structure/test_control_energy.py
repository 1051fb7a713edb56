"""Control energy against direct integration, a least-squares solve and known values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse

import netanalysis as na

PATH = np.array([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]])


def random(seed, n=6):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, n)), rng.normal(size=(3, n)), rng.normal(size=(3, n))


def test_right_values():
    """Trap 43: the energy of a node is the integral of its own squared input."""
    everywhere = na.control_energy(PATH, [1, 0, 0], [0, 0, 1])
    assert everywhere.energy == pytest.approx(2.762712, abs=1e-6)
    assert (everywhere.dynamics, everywhere.scaling, everywhere.time) == ("continuous", "eigenvalue", 1)
    assert everywhere.scale == pytest.approx(1 + np.sqrt(5))
    two = na.control_energy(PATH, [1, 0, 0], [0, 0, 1], control=[0, 1])
    assert two.energy == pytest.approx(89.567660, rel=1e-7)
    assert two.node_energy == pytest.approx([1.927961, 87.639699, 0], abs=1e-6)
    assert two.node_energy[2] == 0
    assert two.error < 1e-12


@pytest.mark.parametrize("control", [None, [0, 2, 3]])
def test_inputs_lead_to_the_target_when_they_are_integrated(control):
    w, x0, xf = random(0)
    found = na.control_energy(w, x0[0], xf[0], control=control, time=2.0)
    path = found.trajectory(4001)
    a, h = w.T / found.scale - np.eye(6), 2.0 / 4000
    x, half = x0[0], linalg.expm(a * h)
    for left, right in zip(path.inputs, path.inputs[1:], strict=False):  # trapezoids
        x = half @ (x + 0.5 * h * left) + 0.5 * h * right
    assert x == pytest.approx(xf[0], abs=1e-5 * np.abs(path.inputs).max())
    assert path.states[0] == pytest.approx(x0[0])
    assert path.states[-1] == pytest.approx(xf[0], abs=1e-8)
    squares = np.square(path.inputs)
    assert found.node_energy == pytest.approx(h * (squares.sum(axis=0) - 0.5 * (squares[0] + squares[-1])), rel=1e-4)
    assert np.all(path.inputs[:, np.setdiff1d(np.arange(6), found.control)] == 0)


def test_discrete_energy_is_the_shortest_solution_of_the_linear_equations():
    w, x0, xf = random(1)
    found = na.control_energy(w, x0[0], xf[0], dynamics="discrete", time=5, control=[1, 4])
    a, b = w.T / found.scale, np.eye(6)[:, [1, 4]]
    reach = np.hstack([np.linalg.matrix_power(a, 4 - t) @ b for t in range(5)])
    inputs = np.linalg.lstsq(reach, xf[0] - np.linalg.matrix_power(a, 5) @ x0[0], rcond=None)[0].reshape(5, 2)
    path = found.trajectory()
    assert path.inputs[:5, [1, 4]] == pytest.approx(inputs, rel=1e-6)
    assert found.energy == pytest.approx(np.square(inputs).sum(), rel=1e-7)
    assert found.node_energy[[1, 4]] == pytest.approx(np.square(inputs).sum(axis=0), rel=1e-6)
    x = x0[0]
    for t in range(5):
        x = a @ x + path.inputs[t]
        assert path.states[t + 1] == pytest.approx(x)
    assert np.isnan(path.inputs[5, 1])


def test_all_pairs_and_stacks_are_the_loop():
    w, x0, xf = random(2)
    stack = np.stack([w, w.T])
    pairs = na.control_energy(stack, x0[:, None], xf, time=1.5)
    assert pairs.energy.shape == (2, 3, 3)
    assert pairs.node_energy.shape == (2, 3, 3, 6)
    for k in range(2):
        for i in range(3):
            for j in range(3):
                one = na.control_energy(stack[k], x0[i], xf[j], time=1.5)
                assert pairs.energy[k, i, j] == pytest.approx(one.energy)
                assert pairs.trajectory(7).inputs[k, i, j] == pytest.approx(one.trajectory(7).inputs)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["discrete", "continuous"]))
def test_properties(seed, dynamics):
    w, x0, xf = random(seed)
    options = {"dynamics": dynamics, "time": 3}
    found = na.control_energy(w, x0, xf, **options)
    order = np.random.default_rng(seed).permutation(6)
    moved = na.control_energy(w[np.ix_(order, order)], x0[:, order], xf[:, order], **options)
    assert moved.node_energy == pytest.approx(found.node_energy[:, order], rel=1e-6, abs=1e-9)
    assert na.control_energy(w, 3 * x0, 3 * xf, **options).energy == pytest.approx(9 * found.energy)
    fewer = na.control_energy(w, x0, xf, control=range(5), **options)
    assert np.all(fewer.energy >= found.energy * (1 - 1e-9))  # a choice less never helps
    assert na.control_energy(w, np.zeros(6), np.zeros(6), **options).energy == 0


def test_names_and_sparse_networks():
    net = na.Connectome(PATH, labels=["a", "b", "c"])
    known = na.control_energy(PATH, [1, 0, 0], [0, 0, 1], control=[0, 1]).energy
    assert na.control_energy(net, "a", "c", control=["a", "b"]).energy == pytest.approx(known)
    assert na.control_energy(sparse.csr_array(PATH), [1, 0, 0], [0, 0, 1]).energy == pytest.approx(2.762712, abs=1e-6)
    assert na.control_energy([[0.0]], [0], [1]).energy == pytest.approx(2 / (1 - np.exp(-2)))


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"1 of 3 nodes take input.*add nodes"):
        na.control_energy(np.zeros((3, 3)), [1, 0, 0], [0, 0, 1], control=[0])
    with pytest.raises(ValueError, match="add nodes to control, or take more time"):
        na.control_energy(PATH, [1, 0, 0], [0, 0, 1], control=[0], dynamics="discrete", time=2)
    with pytest.raises(ValueError, match="xf must have shape"):
        na.control_energy(PATH, [1, 0, 0], [0, 1])
    with pytest.raises(ValueError, match="x0 must be finite"):
        na.control_energy(PATH, [np.nan, 0, 0], [0, 1, 0])
    with pytest.raises(ValueError, match="x0 and xf must broadcast"):
        na.control_energy(PATH, np.ones((2, 3)), np.ones((3, 3)))
    for far in (1e200, 1e-200):
        with pytest.raises(ValueError, match="x0 must be 0 or have its largest magnitude"):
            na.control_energy(PATH, [far, 0, 0], [0, 0, 1])
    with pytest.raises(ValueError, match="time must be finite"):
        na.control_energy(PATH, [1, 0, 0], [0, 0, 1], time=np.inf)
    with pytest.raises(ValueError, match="below 1"):
        na.control_energy(PATH, [1, 0, 0], [0, 0, 1], scaling=None)
    with pytest.raises(MemoryError, match="trajectory of 1 transitions would take"):
        na.control_energy(PATH, [1, 0, 0], [0, 0, 1]).trajectory(10**9)
