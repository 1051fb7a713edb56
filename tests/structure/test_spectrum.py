"""Spectral measures against closed forms, slow loops and scipy."""

from functools import partial

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse, stats
from threadpoolctl import threadpool_limits

import netanalysis as na
from netanalysis._core import eigenvalues as _eigenvalues


def slow_entropy(w):
    moduli = [abs(complex(x)) for x in linalg.eigvals(w)]
    total = sum(moduli)
    return -sum(m / total * np.log2(m / total) for m in moduli if m > 0)


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_orthogonal_matrix(n):
    w = stats.ortho_group.rvs(n, random_state=3) if n > 1 else np.array([[-1.0]])
    assert na.spectral_entropy(w) == pytest.approx(np.log2(n), abs=1e-12)
    assert na.spectral_radius(w) == pytest.approx(1, abs=1e-12)
    assert na.leading_real_part(w) <= 1 + 1e-12
    assert na.spectral_participation_ratio(w) == pytest.approx(n, rel=1e-12)


def test_against_slow_loop_and_scipy(signed):
    values = linalg.eigvals(signed)
    assert na.spectral_entropy(signed) == pytest.approx(slow_entropy(signed), abs=1e-10)
    assert na.spectral_radius(signed) == pytest.approx(np.abs(values).max(), rel=1e-12)
    assert na.leading_real_part(signed) == pytest.approx(values.real.max(), rel=1e-12)
    assert na.leading_real_part(signed, log=True) == pytest.approx(np.log(values.real.max()), rel=1e-12)
    moduli = np.abs(values)
    assert na.spectral_participation_ratio(signed) == pytest.approx(moduli.sum() ** 2 / (moduli**2).sum(), rel=1e-12)


def test_against_networkx(undirected):
    ours = np.sort(na.eigenvalues(undirected).real)
    np.testing.assert_allclose(ours, np.sort(nx.adjacency_spectrum(nx.from_numpy_array(undirected)).real), rtol=1e-9)
    assert not na.eigenvalues(undirected).imag.any()


def test_known_spectra():
    ring = np.roll(np.eye(12), 1, axis=1)
    assert na.spectral_radius(ring + ring.T) == pytest.approx(2)
    assert na.leading_real_part(-(ring + ring.T) + 3 * np.eye(12)) == pytest.approx(5)
    assert na.spectral_entropy(np.ones((8, 8))) == pytest.approx(0, abs=1e-12)
    assert na.spectral_participation_ratio(np.ones((8, 8))) == pytest.approx(1, rel=1e-12)


def test_acyclic_network_has_no_spectrum():
    w = np.triu(np.ones((20, 20)), 1)[::-1, ::-1]
    for net in (w, sparse.csr_array(w)):
        assert na.spectral_radius(net) == 0
        assert na.leading_real_part(net) == 0
        for measure, why in (
            (partial(na.leading_real_part, log=True), "not positive"),
            (na.spectral_entropy, "every eigenvalue is 0"),
            (na.spectral_participation_ratio, "every eigenvalue is 0"),
        ):
            with pytest.warns(na.UndefinedWarning, match=why):
                assert np.isnan(measure(net))


def test_tiny_networks():
    assert na.spectral_radius([[-3.0]]) == 3
    assert na.leading_real_part([[-3.0]]) == -3
    with pytest.warns(na.UndefinedWarning, match="leading_real_part is nan"):
        assert np.isnan(na.leading_real_part([[-3.0]], log=True))
    assert na.spectral_entropy([[-3.0]]) == 0
    assert na.spectral_entropy([[0, 1.0], [-1, 0]]) == 1


@pytest.mark.parametrize(
    "measure", [na.spectral_radius, na.leading_real_part, na.spectral_entropy, na.spectral_participation_ratio]
)
def test_stack_equals_loop(measure):
    stack = np.random.default_rng(0).normal(size=(3, 4, 20, 20))
    stack[1, 2] += stack[1, 2].T.copy()
    got = measure(stack)
    assert got.shape == (3, 4)
    np.testing.assert_array_equal(got, [[measure(w) for w in row] for row in stack])
    assert isinstance(measure(stack[0, 0]), float)


@pytest.mark.parametrize("symmetric", [False, True])
def test_sparse_goes_to_arpack_and_agrees(symmetric):
    rng = np.random.default_rng(5)
    w = sparse.random_array((560, 560), density=0.02, rng=rng, data_sampler=rng.standard_normal).tocsr()
    if symmetric:
        w = sparse.csr_array(w + w.T)
    # a second, small component and a node that is only its own
    w = sparse.csr_array(sparse.block_diag([w, [[0, 2.0], [1, 0]], [[1.5]]]))
    with threadpool_limits(1):
        exact = linalg.eigvals(w.toarray())
    assert na.spectral_radius(w) == pytest.approx(np.abs(exact).max(), rel=1e-9)
    assert na.leading_real_part(w) == pytest.approx(exact.real.max(), rel=1e-9)
    assert na.spectral_radius(w) == na.spectral_radius(w)


def test_leading_eigenvalue_may_sit_in_a_small_component():
    rng = np.random.default_rng(5)
    big = sparse.random_array((600, 600), density=0.01, rng=rng)
    w = sparse.csr_array(sparse.block_diag([big, [[0, 90.0], [90.0, 0]], [[-200.0]]]))
    assert na.spectral_radius(w) == pytest.approx(200)
    assert na.leading_real_part(w) == pytest.approx(90)


def test_no_convergence_says_what_to_do(monkeypatch):
    ring = sparse.csr_array((np.ones(600), (np.arange(600), np.roll(np.arange(600), -1))))  # all moduli are 1
    assert na.spectral_radius(ring) == pytest.approx(1, rel=1e-12)  # by LAPACK
    monkeypatch.setattr(_eigenvalues, "_LAPACK_UP_TO", 500)
    assert na.spectral_radius(ring) == pytest.approx(1, rel=1e-12)  # its vector is that of ones
    for hard in (ring * np.where(np.arange(600) == 7, -1.0, 1.0), ring * np.linspace(1, 2, 600)):
        with pytest.raises(RuntimeError, match="looser tolerance"):
            na.spectral_radius(sparse.csr_array(hard))
        with pytest.raises(RuntimeError, match="largest real part"):
            na.leading_real_part(sparse.csr_array(hard))


def test_too_large_names_the_estimator():
    with pytest.raises(MemoryError, match="estimate_spectral_entropy"):
        na.spectral_entropy(sparse.eye_array(30_000).tocsr())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.integers(2, 15))
def test_scaling_and_relabelling(seed, scale, n):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n))
    order = rng.permutation(n)
    assert na.spectral_radius(scale * w) == pytest.approx(scale * na.spectral_radius(w), rel=1e-9)
    assert na.spectral_entropy(scale * w[np.ix_(order, order)]) == pytest.approx(na.spectral_entropy(w), abs=1e-8)
    assert 0 <= na.spectral_entropy(w) <= np.log2(n) + 1e-12
    assert 1 - 1e-12 <= na.spectral_participation_ratio(w) <= n + 1e-9


def test_one_eigenvalue_and_rounding():
    """An outer product has one eigenvalue: its entropy was 1e-14, another in every network, and had a t and a p."""
    for seed in range(5):
        u, v = np.random.default_rng(seed).random((2, 9)) + 0.1
        for w in (np.outer(u, u), np.outer(u, v)):
            assert na.spectral_entropy(w) == 0
            assert na.spectral_participation_ratio(w) == 1
