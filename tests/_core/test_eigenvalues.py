"""The eigenvalue kernel for many small matrices against LAPACK, and against itself in other company."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse, stats
from scipy.optimize import linear_sum_assignment

import netanalysis as na
from netanalysis._core import eigenvalues


def distance(a, b):
    """Largest distance between eigenvalues that belong together."""
    apart = abs(a[:, None] - b)
    return apart[linear_sum_assignment(apart)].max()


def awkward():
    """Matrices that an eigenvalue routine may stumble over."""
    rng = np.random.default_rng(5)
    n = 24
    dense = rng.normal(size=(n, n))
    ring = np.roll(np.eye(n), 1, axis=1)
    yield "rotation of nodes: the usual shifts never converge", ring
    yield "two rotations, one with a weight", np.kron(np.diag([1.0, 3.0]), ring)
    yield "orthogonal", stats.ortho_group.rvs(n, random_state=1)
    yield "nothing", np.zeros((n, n))
    yield "acyclic with self-connections", np.triu(dense)
    yield "acyclic part and cycles", np.triu(dense) * (np.arange(n) % 2 == 0) + ring
    yield "badly scaled", dense * np.geomspace(1e-8, 1e8, n) / np.geomspace(1e-8, 1e8, n)[:, None]
    yield "tiny", dense * 1e-290
    yield "huge", dense * 1e290
    yield "rank one", np.outer(rng.random(n), rng.random(n))
    yield "sparse", dense * (rng.random((n, n)) < 0.08)
    yield "real and complex in blocks", np.kron(np.eye(n // 2), [[1.0, 2], [-3, 1]]) + np.triu(dense, 3)
    yield "repeated", np.eye(n) + np.triu(np.ones((n, n)), n - 1) + 1e-3 * dense


@pytest.mark.parametrize("w", [pytest.param(w, id=name) for name, w in awkward()])
def test_against_lapack(w):
    expected = np.linalg.eigvals(w)
    # A perturbation of rounding size moves an eigenvalue by its condition number times that.
    moved = max(
        distance(expected, np.linalg.eigvals(w + np.finfo(float).eps * abs(w) * sign))
        for sign in (np.random.default_rng(k).choice([-1, 1], w.shape) for k in range(5))
    )
    assert distance(na.eigenvalues(w), expected) <= 1e-13 * abs(expected).max() + 30 * moved


def test_exact_where_triangular():
    w = np.triu(np.arange(36.0).reshape(6, 6) + 1)
    order = [3, 0, 5, 1, 4, 2]
    np.testing.assert_array_equal(np.sort(na.eigenvalues(w[order][:, order]).real), np.sort(np.diag(w)))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9).flatmap(lambda n: arrays(float, (n, n), elements=st.integers(-3, 3).map(float))))
def test_small_integer_matrices(w):
    found = na.eigenvalues(w)
    # Their characteristic polynomials, which defective eigenvalues do not disturb.
    np.testing.assert_allclose(np.poly(found), np.round(np.poly(np.linalg.eigvals(w)).real), atol=1e-5, rtol=1e-9)
    assert found.sum().real == pytest.approx(np.trace(w), abs=1e-9)
    assert np.prod(found).real == pytest.approx(np.linalg.det(w), abs=1e-6, rel=1e-8)


@pytest.mark.parametrize("n", [5, 100])
def test_eigenvalues_do_not_depend_on_company(n):
    rng = np.random.default_rng(0)
    stack = rng.normal(size=(11, n, n)) * (rng.random((11, n, n)) < rng.random((11, 1, 1)))
    together = na.eigenvalues(stack)
    for w, found in zip(stack, together, strict=True):
        np.testing.assert_array_equal(na.eigenvalues(w), found)
    np.testing.assert_array_equal(na.eigenvalues(stack[::-1]), together[::-1])


def cancelling(rng, n, scale=1.0):
    """A feed-forward network in a basis of whole numbers: it has cycles, and a power that is 0."""
    p, q = np.eye(n), np.eye(n)
    for _ in range(2 * n):
        i, j = rng.choice(n, 2, replace=False)
        sign = rng.choice([-1, 1])
        p[i] += sign * p[j]
        q[:, j] -= sign * q[:, i]
    return scale * (p @ np.triu(rng.integers(-2, 3, (n, n)), 1) @ q)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.sampled_from([1.0, 2.0**-30, 0.75]))
def test_cycles_that_cancel_have_eigenvalues_that_are_exactly_0(seed, n, scale):
    rng = np.random.default_rng(seed)
    w = cancelling(rng, n, scale)
    assert not na.eigenvalues(w).any()
    assert na.spectral_radius(sparse.csr_array(w)) == 0
    power, whole = np.eye(n, dtype=object), (w / scale).astype(int).astype(object)
    for _ in range(n):
        power = power @ whole
    assert not power.any()  # in whole numbers of any size
    i, j = rng.choice(n, 2, replace=False)
    w[i, j] += scale
    w[j, i] -= scale / 2
    found = na.eigenvalues(np.stack([w, cancelling(rng, n)]))
    assert not found[1].any()
    by_powers = (w / scale * 2).astype(int).astype(object)
    power = by_powers
    for _ in range(n):
        power = power @ by_powers
    assert found[0].any() == power.any()


def test_weights_of_any_size_and_of_rounding():
    assert na.spectral_radius([[0.1, 0.1], [-0.1, -0.1]]) == 0
    assert na.spectral_radius([[0, 1.0, 1], [1, 0, 0], [-1, 0, 0]]) == 0
    for small in (1e-8, 1e-200, 1e-300):  # no power of it is 0, though some leave the doubles
        w = np.array([[0, 1.0, 1], [1, 0, 0], [-1, small, 0]])
        assert na.eigenvalues(w).any()
    assert na.spectral_radius([[1e-160, 1e160], [0.0, 1e-160]]) == 1e-160
    assert na.spectral_radius([[1e150, 1e150], [-1e150, -1e150]]) == 0
    assert na.influence([[1.0, 1], [-1, -1]], sources=[0]).gain == 1
    assert na.pathways([[1.0, 1], [-1, -1]], max_hops=2, normalize="spectral_radius").scale == 1
    with pytest.raises(ValueError, match="cannot be scaled"):
        na.transform.normalize([[0, 1.0, 1], [1, 0, 0], [-1, 0, 0]], by="spectral_radius")


def by_share(n=300, density=0.03):
    """Shares of each target's input, in two parts that scarcely meet: powers take thousands of steps."""
    rng = np.random.default_rng(6)
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < density)
    w[: n // 2, n // 2 :] = w[n // 2 :, : n // 2] = 0
    w += np.roll(np.eye(n), 1, axis=1) * np.where(np.arange(n)[:, None] % (n // 2) == n // 2 - 1, 1e-3, 1.0)
    return w / w.sum(0)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_a_radius_that_powers_are_slow_to_find_needs_no_full_spectrum(form, monkeypatch):
    w = by_share()
    assert np.sort(np.abs(np.linalg.eigvals(w)))[-2] > 0.99  # the power method gains a digit in a hundred steps
    monkeypatch.setattr(eigenvalues, "eigenvalues", None)
    assert eigenvalues.perron(form(w)) == pytest.approx(1, rel=1e-12)
    assert eigenvalues.perron(form(7e5 * w.T)) == pytest.approx(7e5, rel=1e-12)


@pytest.mark.parametrize("first", [0.5, 3.0])
def test_the_radius_is_the_largest_of_the_parts_in_whatever_order(first):
    w = np.zeros((400, 400))
    w[:300, :300], w[300:, 300:] = first * by_share(), by_share(100, 0.1)
    w[:300, 300:] = 1.0
    assert eigenvalues.perron(w) == pytest.approx(max(first, 1), rel=1e-12)
