"""Average and modal controllability against Lyapunov solvers, the response itself and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse

import netanalysis as na

PATH = np.array([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]])


def random(seed, n=8):
    return np.random.default_rng(seed).normal(size=(n, n))


def system(w, scaling="eigenvalue"):
    return w.T / (1 + (np.abs(np.linalg.eigvals(w)).max() if scaling == "eigenvalue" else np.linalg.norm(w, 2)))


def test_right_values():
    """Trap 42: a weighted path of three nodes, scaled by 1 + sqrt(5)."""

    def average(**options):
        return na.average_controllability(PATH, **options)

    for scaling in ("eigenvalue", "singular_value"):  # which are equal of a symmetric network
        assert average(scaling=scaling) == pytest.approx([1.182744, 1.913720, 1.730976], abs=1e-6)
        modal = na.modal_controllability(PATH, scaling=scaling)
        assert modal == pytest.approx([0.904508, 0.522543, 0.618034], abs=1e-6)
    infinite = average(dynamics="continuous")
    assert infinite == pytest.approx([0.591372, 0.956860, 0.865488], abs=1e-6)
    assert average(dynamics="continuous", horizon=1) == pytest.approx([0.449021, 0.515774, 0.499085], abs=1e-6)
    scaled = PATH / (1 + np.sqrt(5))
    assert modal == pytest.approx(1 - np.diag(scaled @ scaled))
    assert na.modal_controllability(scaled, scaling=None) == pytest.approx(modal)


@pytest.mark.parametrize("seed", range(3))
def test_average_is_what_lyapunov_solvers_say(seed):
    w = random(seed)
    a, one = system(w), np.eye(8)
    discrete = linalg.solve_discrete_lyapunov(a.T, one)
    assert na.average_controllability(w) == pytest.approx(np.diag(discrete), rel=1e-9)
    continuous = linalg.solve_continuous_lyapunov((a - one).T, -one)
    assert na.average_controllability(w, dynamics="continuous") == pytest.approx(np.diag(continuous), rel=1e-9)
    by_norm = linalg.solve_discrete_lyapunov(system(w, "singular_value").T, one)
    assert na.average_controllability(w, scaling="singular_value") == pytest.approx(np.diag(by_norm), rel=1e-9)


def test_average_is_the_response_to_an_impulse():
    w = random(3)
    a = system(w)
    for horizon in (1, 2, 7, 100):
        response = [np.linalg.matrix_power(a, t) for t in range(horizon)]
        energy = np.square(response).sum(axis=(0, 1))
        assert na.average_controllability(w, horizon=horizon) == pytest.approx(energy, rel=1e-10)
    points, weights = np.polynomial.legendre.leggauss(60)
    for horizon in (0.01, 3.0):
        moved = [linalg.expm((a - np.eye(8)) * t) for t in horizon * (points + 1) / 2]
        energy = horizon / 2 * np.einsum("t,tij->j", weights, np.square(moved))
        found = na.average_controllability(w, dynamics="continuous", horizon=horizon)
        assert found == pytest.approx(energy, rel=1e-10)
    long = na.average_controllability(w, dynamics="continuous", horizon=1e6)
    assert long == pytest.approx(na.average_controllability(w, dynamics="continuous"), rel=1e-9)


def test_the_source_is_what_is_driven():
    w = [[0, 3.0], [0, 0]]  # node 0 reaches node 1, which reaches nobody
    assert na.average_controllability(w).tolist() == [10, 1]


def test_modal_of_a_directed_network_is_how_far_inputs_move_its_modes():
    w = random(1)
    scaled = w / (1 + np.abs(np.linalg.eigvals(w)).max())
    values, left, _ = linalg.eig(scaled.T, left=True)  # left vectors of the system that inputs enter
    moved = np.abs(left / np.linalg.norm(left, axis=0)) ** 2
    found = na.modal_controllability(w)
    assert found == pytest.approx(moved @ (1 - np.abs(values) ** 2), rel=1e-9)
    rotated = linalg.qr(w)[0] * 0.5  # of a normal network it is that of a symmetric one
    assert na.modal_controllability(rotated, scaling=None) == pytest.approx(np.full(8, 0.75))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["discrete", "continuous"]))
def test_relabelling_stacks_and_bounds(seed, dynamics):
    w, order = random(seed, 5), np.random.default_rng(seed).permutation(5)
    average = na.average_controllability(w, dynamics=dynamics)
    assert na.average_controllability(w[np.ix_(order, order)], dynamics=dynamics) == pytest.approx(average[order])
    assert average.min() >= (1 if dynamics == "discrete" else 0)
    symmetric = w + w.T
    modal = na.modal_controllability(symmetric)
    assert np.all((modal >= 0) & (modal <= 1))
    stack = np.stack([w, symmetric, 10 * w])
    both = na.average_controllability(stack, dynamics=dynamics)
    assert both[0] == pytest.approx(average)
    assert both[2] == pytest.approx(na.average_controllability(10 * w, dynamics=dynamics))
    assert na.modal_controllability(stack[1:2])[0] == pytest.approx(modal)


def test_edges_and_other_kinds():
    assert na.average_controllability(np.zeros((3, 3))).tolist() == [1, 1, 1]
    horizon_one = na.average_controllability(np.zeros((2, 2)), dynamics="continuous", horizon=1)
    assert horizon_one == pytest.approx(np.full(2, (1 - np.exp(-2)) / 2))
    assert na.modal_controllability([[0.0]]).tolist() == [1]
    for function in (na.average_controllability, na.modal_controllability):
        assert function(sparse.csr_array(PATH)) == pytest.approx(function(PATH))
        assert function(PATH * 1e-200) == pytest.approx(np.ones(3))


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"must be below 1; got 2\.23607"):
        na.average_controllability(PATH, scaling=None)
    with pytest.raises(ValueError, match="divide the weights"):
        na.average_controllability(PATH * 1e20)
    with pytest.raises(ValueError, match="largest real part"):
        na.average_controllability(PATH, scaling=None, dynamics="continuous")
    with pytest.raises(ValueError, match="must be whole"):
        na.average_controllability(PATH, horizon=1.5)
    with pytest.raises(ValueError, match="horizon must be above 0"):
        na.average_controllability(PATH, horizon=0)
    with pytest.raises(ValueError, match="scaling must be one of"):
        na.modal_controllability(PATH, scaling="norm")
    with pytest.raises(ValueError, match="3 eigenvalues of this directed network coincide"):
        na.modal_controllability(np.triu(np.ones((3, 3)), 1))
    large = sparse.csr_array((40_000, 40_000))
    with pytest.raises(MemoryError, match=r"average_controllability needs a dense.*transform.subset"):
        na.average_controllability(large)


def test_against_null_networks():
    worm = np.random.default_rng(0).random((12, 12)) * (np.random.default_rng(1).random((12, 12)) < 0.4)
    test = na.null_test(worm, na.average_controllability, na.nulls.degree_preserving, n_nulls=9, rng=0)
    assert test.observed == pytest.approx(na.average_controllability(worm))
    assert np.shape(test.p) == (12,)
