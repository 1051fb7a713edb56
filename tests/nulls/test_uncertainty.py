"""Noise of counting against the moments of the distributions it draws from."""

from functools import partial

import numpy as np
import pytest
from scipy import sparse

import netanalysis as na

CHAIN = np.array([[0, 10.0, 0], [0, 0, 5], [0, 0, 0]])


def test_thinning_is_unbiased_and_has_the_variance_of_a_binomial():
    found = na.uncertainty(CHAIN, lambda w: np.array([w[0, 1], w[1, 2]]), keep=0.8, n_draws=8000, rng=0)
    np.testing.assert_array_equal(found.observed, [10, 5])
    np.testing.assert_allclose(found.mean, [10, 5], atol=0.1)
    np.testing.assert_allclose(found.std**2, [2.5, 1.25], rtol=0.06)
    assert found.draws.shape == (8000, 2)
    kept = found.draws[:, 1] * 0.8 >= 5 - 1e-9
    assert kept.mean() == pytest.approx(0.32768, abs=0.02)


def test_resampling_adds_noise_to_noise_and_restores_nothing():
    found = na.uncertainty(CHAIN, lambda w: np.array([w[0, 1], w[0, 2]]), noise="resampling", n_draws=8000, rng=0)
    assert found.std[0] ** 2 == pytest.approx(10, rel=0.06)
    assert not found.draws[:, 1].any()


@pytest.mark.slow
def test_walks_that_use_a_connection_twice_are_biased_by_its_variance():
    found = na.uncertainty([[10.0]], lambda w: float((w @ w)[0, 0]), keep=0.8, n_draws=20_000, rng=1)
    assert found.mean == pytest.approx(102.5, abs=0.5)
    assert found.observed == 100


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_undirected_networks_stay_so_and_signs_stay(make):
    rng = np.random.default_rng(0)
    w = np.triu(rng.integers(-9, 10, (12, 12)).astype(float))
    w = w + np.triu(w, 1).T

    def check(drawn):
        m = drawn.toarray() if sparse.issparse(drawn) else drawn
        np.testing.assert_array_equal(m, m.T)
        assert ((m == 0) | (np.sign(m) == np.sign(w))).all()
        return m.sum()

    found = na.uncertainty(make(w), check, keep=0.5, n_draws=20, rng=0)
    assert found.std > 0
    dense = na.uncertainty(w, check, keep=0.5, n_draws=20, rng=0)
    np.testing.assert_allclose(found.draws, dense.draws)


def test_draws_do_not_depend_on_how_many():
    few, many = (na.uncertainty(CHAIN, na.total_weight, n_draws=n, rng=3).draws for n in (5, 20))
    np.testing.assert_array_equal(few, many[:5])
    low, high = na.uncertainty(CHAIN, na.total_weight, n_draws=50, rng=3, confidence=0.8).interval
    assert low < 15 < high


def test_a_connectome_and_a_noise_of_ones_own():
    net = na.Connectome(CHAIN, modules=["a", "b", "b"])

    def share(net):
        return float(na.pathways(net, inputs="a", outputs="b", max_hops=2).hop_share[1])

    assert na.uncertainty(net, share, n_draws=10, rng=0).std > 0
    found = na.uncertainty(net, na.total_weight, noise=partial(na.nulls.weight_shuffle), n_draws=10, rng=0)
    assert (found.std, found.noise) == (0, "weight_shuffle")
    signs = partial(na.transform.signed, transmitters=[{"acetylcholine": 0.5, "GABA": 0.5}] * 3, rule="fly")
    assert callable(signs)


@pytest.mark.parametrize(
    ("net", "options", "message"),
    [
        (CHAIN / 3, {}, "weights must be whole numbers"),
        (np.array([CHAIN, CHAIN]), {}, "each network by itself"),
        (CHAIN, {"keep": 0}, "keep must be above 0"),
        (CHAIN, {"n_draws": 1}, "n_draws must be at least 2"),
        (CHAIN, {"noise": "shuffle"}, "noise .* must be one of"),
        (CHAIN, {"confidence": 1}, "confidence must be above 0 and below 1"),
    ],
)
def test_refusals(net, options, message):
    with pytest.raises(ValueError, match=message):
        na.uncertainty(net, na.total_weight, **options)
