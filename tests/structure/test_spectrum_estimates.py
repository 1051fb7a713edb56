"""Stochastic estimates of spectra converge to the exact values, within their stated errors."""

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

import netanalysis as na


@pytest.fixture(scope="module")
def network():
    """1,000 nodes, sparse, symmetric, signed."""
    rng = np.random.default_rng(1)
    w = sparse.random_array((1000, 1000), density=0.01, rng=rng, data_sampler=rng.standard_normal).tocsr()
    return sparse.csr_array(w + w.T)


@pytest.fixture(scope="module")
def spectrum(network):
    with threadpool_limits(1):
        return np.linalg.eigvalsh(network.toarray())


def exact_entropy(moduli):
    share = moduli / moduli.sum()
    return -np.sum(share * np.log2(share))


def test_entropy_within_its_interval(network, spectrum):
    exact = exact_entropy(np.abs(spectrum))
    estimates = [na.estimate_spectral_entropy(network, n_vectors=8, n_steps=60, rng=seed) for seed in range(20)]
    covered = [e.interval[0] < exact < e.interval[1] for e in estimates]
    assert np.mean(covered) >= 0.9
    assert max(e.standard_error for e in estimates) < 0.02
    assert {e.n_samples for e in estimates} == {8}


def test_entropy_converges(network, spectrum):
    exact = exact_entropy(np.abs(spectrum))
    coarse = na.estimate_spectral_entropy(network, n_vectors=5, n_steps=20, rng=0)
    fine = na.estimate_spectral_entropy(network, n_vectors=20, n_steps=140, rng=0)
    assert abs(fine.value - exact) < 0.005 < 3 * coarse.standard_error
    assert fine.standard_error < coarse.standard_error / 2


def test_singular_values_of_a_directed_network():
    rng = np.random.default_rng(2)
    w = sparse.random_array((600, 600), density=0.02, rng=rng).tocsr()
    exact = exact_entropy(np.linalg.svd(w.toarray(), compute_uv=False))
    estimate = na.estimate_spectral_entropy(w, of="singular_values", n_vectors=40, n_steps=120, rng=0)
    assert abs(estimate.value - exact) < 3 * estimate.standard_error < 0.06
    with pytest.raises(ValueError, match="of='singular_values'"):
        na.estimate_spectral_entropy(w)
    with pytest.raises(ValueError, match="of='singular_values'"):
        na.spectral_density(w)


def test_all_steps_are_exact():
    """With as many steps as distinct eigenvalues, and moduli all equal, nothing is left to chance."""
    swap = np.kron(np.eye(10), [[0, 1.0], [1.0, 0]])
    estimate = na.estimate_spectral_entropy(swap, rng=3)
    assert estimate.value == pytest.approx(np.log2(20), abs=1e-10)
    assert estimate.standard_error < 1e-10


def test_density(network, spectrum):
    grid = np.linspace(-10, 10, 80)
    found = na.spectral_density(network, points=grid, width=0.4, n_vectors=40, rng=0)
    exact = np.exp(-(((grid[:, None] - spectrum) / 0.4) ** 2) / 2).mean(1) / (0.4 * np.sqrt(2 * np.pi))
    inside = exact > 1e-3
    assert np.mean(np.abs(found.density - exact)[inside] < 3 * found.error[inside]) > 0.95
    assert np.abs(found.density - exact).max() < 0.06 * exact.max()
    default = na.spectral_density(network, rng=0)
    assert np.trapezoid(default.density, default.points) == pytest.approx(1, abs=0.005)
    values = na.spectral_density(network, of="singular_values", rng=0)
    assert values.points[-1] == pytest.approx(np.abs(spectrum).max() + 3 * values.width, rel=0.02)


def test_dense_networks_have_the_density_of_sparse_ones(network):
    w = network[:50, 50:100]
    sparse_one, dense = (na.spectral_density(x, of="singular_values", rng=0) for x in (w, w.toarray()))
    np.testing.assert_allclose(dense.points, sparse_one.points, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(dense.density, sparse_one.density, rtol=1e-6, atol=1e-9)


def test_seed_decides(network):
    def estimate(seed, count):
        return na.estimate_spectral_entropy(network, n_vectors=count, n_steps=10, rng=seed)

    assert estimate(1, 4) == estimate(1, 4)
    assert estimate(1, 4).value != estimate(2, 4).value
    assert estimate(np.random.default_rng(0), 4).value != estimate(1, 4).value


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
def test_edge_cases():
    empty = na.estimate_spectral_entropy(np.zeros((5, 5)), rng=0)
    assert np.isnan(empty.value)
    assert na.estimate_spectral_entropy([[3.0]], rng=0).value == pytest.approx(0, abs=1e-12)
    assert na.spectral_density([[3.0]], points=[3.0], width=1, rng=0).density == pytest.approx(1 / np.sqrt(2 * np.pi))
    with pytest.raises(ValueError, match="one network"):
        na.estimate_spectral_entropy(np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match="n_vectors"):
        na.estimate_spectral_entropy(np.eye(3), n_vectors=1)
    with pytest.raises(ValueError, match="width"):
        na.spectral_density(np.eye(3), width=-1.0)


def test_the_unit_of_the_weights_does_not_matter():
    """Seen: nan at 1e160, where norms of vectors overflow."""
    w = np.random.default_rng(0).lognormal(size=(12, 12))
    w += w.T
    for scale in (2.0**-600, 2.0**600):
        one, other = (na.estimate_spectral_entropy(x, rng=0, n_vectors=5) for x in (w, w * scale))
        assert other.value == pytest.approx(one.value, rel=1e-9)
        one, other = (na.spectral_density(x, rng=0, n_vectors=5, points=20) for x in (w, w * scale))
        np.testing.assert_allclose(other.points / scale, one.points, rtol=1e-9)
        np.testing.assert_allclose(other.density * scale, one.density, rtol=1e-6, atol=1e-9 * one.density.max())


def test_few_steps_are_refused():
    with pytest.raises(ValueError, match="n_steps must be at least 4"):
        na.estimate_spectral_entropy(np.ones((5, 5)), n_steps=3)
