"""Average and modal controllability against Lyapunov solvers, the response itself and closed forms."""

import itertools

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


@pytest.mark.parametrize(
    "w",
    [
        np.random.default_rng(0).lognormal(size=(40, 40)),  # one slow mode, which is taken out
        np.kron(np.eye(2), np.random.default_rng(1).lognormal(size=(20, 20))),  # two of them, equally slow
        np.random.default_rng(2).normal(size=(40, 40)),  # a pair of complex ones
        np.triu(np.random.default_rng(3).lognormal(size=(40, 40)), 1),  # none: activity leaves the network
        np.eye(40, k=1) * 3
        + np.eye(40)
        + np.eye(40, k=-39) * 1e-9,  # one on a ring, with vectors nearly at right angles
    ],
    ids=["one", "two", "complex", "none", "ring"],
)
def test_average_is_a_sum_over_time_whatever_the_slowest_modes_are(w):
    a = w / (1 + np.abs(np.linalg.eigvals(w)).max())
    reached, total = np.eye(40), np.zeros(40)
    for _ in range(8000):
        total += (reached**2).sum(axis=1)
        reached = reached @ a
    np.testing.assert_allclose(na.average_controllability(a, scaling=None), total, rtol=1e-9)


@pytest.mark.parametrize("w", [random(3), random(3) + random(3).T], ids=["directed", "undirected"])
def test_average_is_the_response_to_an_impulse(w):
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


def test_modal_by_eigenvectors_is_how_far_inputs_move_the_modes_of_a_directed_network():
    w = random(1)
    values, left, _ = linalg.eig(system(w), left=True)  # left vectors of the system that inputs enter
    moved = np.abs(left / np.linalg.norm(left, axis=0)) ** 2
    found = na.modal_controllability(w, modes="eigenvectors")
    assert found == pytest.approx(moved @ (1 - np.abs(values) ** 2), rel=1e-9)


def by_projections(w):
    """1 - integral over r^2 of |P(r) e_i|^2, each P(r) from a Schur form of its own, sorted by LAPACK."""
    a = system(w).T
    sizes = np.unique(np.abs(linalg.eigvals(a)).round(9))
    steps = np.concatenate([[0.0], sizes])
    out = np.ones(len(w))
    for below, above in itertools.pairwise(steps):
        limit = (below + above) / 2
        _, q, count = linalg.schur(a.astype(complex), output="complex", sort=lambda value, r=limit: abs(value) > r)
        out -= (above**2 - below**2) * (np.abs(q[:, :count]) ** 2).sum(axis=1)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_modal_is_the_share_of_an_impulse_that_decays_averaged_over_rates(seed):
    w = random(seed)
    found = na.modal_controllability(w)
    assert found == pytest.approx(by_projections(w), abs=1e-7)
    vectors = slowest_first(w)
    assert found == pytest.approx(vectors, abs=1e-9)
    assert found.sum() == pytest.approx((1 - np.abs(np.linalg.eigvals(system(w))) ** 2).sum())
    rotated = linalg.qr(w)[0] * 0.5  # of a normal network it is that of a symmetric one
    assert na.modal_controllability(rotated, scaling=None) == pytest.approx(np.full(8, 0.75))


def slowest_first(w):
    """Gram-Schmidt of the eigenvectors, in plain numpy."""
    values, vectors = np.linalg.eig(system(w).T)
    order = np.argsort(-np.abs(values), kind="stable")
    q = np.linalg.qr(vectors[:, order])[0]
    return np.abs(q) ** 2 @ (1 - np.abs(values[order]) ** 2)


def test_modal_of_networks_whose_eigenvalues_coincide():
    """The worm among them: values do not depend on the order of nodes, nor on the last digits of weights."""
    worm = np.asarray(na.transform.binarize(na.datasets.load("celegans_chemical")).weights, float)[:120, :120]
    chain = np.triu(np.ones((30, 30)), 1)
    twice = np.kron(np.eye(2), random(0, 4))
    rng = np.random.default_rng(0)
    for w in (worm, chain, twice):
        with pytest.raises(ValueError, match=r"eigenvalues of this directed network coincide.*schur"):
            na.modal_controllability(w, modes="eigenvectors")
        found, order = na.modal_controllability(w), rng.permutation(len(w))
        assert np.all((found >= 0) & (found <= 1))
        assert na.modal_controllability(w[np.ix_(order, order)]) == pytest.approx(found[order], abs=1e-9)
        near = w * (1 + 1e-12 * rng.normal(size=w.shape))
        assert na.modal_controllability(near) == pytest.approx(found, abs=1e-7)
    assert na.modal_controllability(chain) == pytest.approx(np.ones(30), abs=1e-12)
    scale = 1 + np.abs(np.linalg.eigvals(twice)).max()
    assert na.modal_controllability(twice)[:4] == pytest.approx(
        na.modal_controllability(twice[:4, :4] / scale, scaling=None)
    )


def test_modal_does_not_depend_on_how_directed_a_cycle_is_numbered():
    """A ring with a tail: all eigenvalues of the ring have one modulus, the tail has none."""
    w = np.zeros((6, 6))
    w[[0, 1, 2, 3], [1, 2, 3, 0]] = 1
    w[3, 4] = w[4, 5] = 1
    assert na.modal_controllability(w) == pytest.approx(by_projections(w), abs=1e-9)
    assert na.modal_controllability(w)[4:] == pytest.approx([1, 1])


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
        na.modal_controllability(np.triu(np.ones((3, 3)), 1), modes="eigenvectors")
    with pytest.raises(ValueError, match="modes must be one of"):
        na.modal_controllability(PATH, modes="left")
    large = sparse.csr_array((40_000, 40_000))
    with pytest.raises(MemoryError, match=r"average_controllability needs a dense.*transform.subset"):
        na.average_controllability(large)


def test_nodes_beside_other_measures():
    w = np.abs(random(0))
    found = na.hubs(w, measures=["strength", "average_controllability"])
    assert found.values[:, 1] == pytest.approx(na.average_controllability(w))
    assert set(found.table().columns) >= {"node", "average_controllability"}
    assert na.MEASURES["average_controllability"](w) == pytest.approx(na.average_controllability(w).mean())


def test_against_null_networks():
    worm = np.random.default_rng(0).random((12, 12)) * (np.random.default_rng(1).random((12, 12)) < 0.4)
    test = na.null_test(worm, na.average_controllability, na.nulls.degree_preserving, n_nulls=9, rng=0)
    assert test.observed == pytest.approx(na.average_controllability(worm))
    assert np.shape(test.p) == (12,)
