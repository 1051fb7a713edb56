"""Distance-binned nulls of large sparse networks: pairs are drawn, not listed."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse, stats

import netanalysis as na
from netanalysis.nulls import _pairs_by_distance, geometry


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    monkeypatch.setattr(geometry, "LARGE", 0)


def network(directed, n=60, density=0.1, seed=0):
    rng = np.random.default_rng(seed)
    w = rng.random((n, n)) * (rng.random((n, n)) < density)
    w = w if directed else np.triu(w) + np.triu(w, 1).T
    return na.Connectome(sparse.csr_array(w), positions=rng.normal(size=(n, 2)))


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("bins", [5, [0.3, 0.8, 1.5, 2.5]])
@pytest.mark.parametrize("seed", range(3))
def test_every_bin_keeps_its_weights(directed, bins, seed):
    net = network(directed, seed=seed)
    w, d = net.weights.toarray(), net.distances
    null = na.nulls.distance_binned(net, seed, bins=bins)
    assert sparse.issparse(null)
    made = null.toarray()
    assert np.array_equal(made, made.T) == (not directed)
    assert np.array_equal(np.diag(made), np.diag(w))
    limits = geometry.equal_limits(net.positions, bins) if isinstance(bins, int) else np.array(bins)
    which = np.searchsorted(limits, d, side="right") - 1
    off = ~np.eye(len(w), dtype=bool)
    for k in range(len(limits) - 1):
        inside = (which == k) & off
        assert np.array_equal(np.sort(made[inside]), np.sort(w[inside]))
        assert inside.sum() == w[inside].astype(bool).sum() or not np.array_equal(made[inside], w[inside])
    outside = (which < 0) | (which >= len(limits) - 1)
    assert np.array_equal(made[outside], w[outside])


def test_given_distances_count_and_not_positions():
    net = network(True, seed=1)
    tract = np.triu(np.random.default_rng(2).random((60, 60)), 1)
    tract = tract + tract.T
    w, made = (
        x.toarray() for x in (net.weights, na.nulls.distance_binned(net, 0, distances=tract, bins=[0.0, 0.5, 1.0]))
    )
    for inside in (tract < 0.5, tract >= 0.5):
        inside &= ~np.eye(60, dtype=bool)
        assert np.array_equal(np.sort(made[inside]), np.sort(w[inside]))
    assert (made != w).any()


@pytest.mark.parametrize("directed", [True, False])
def test_all_pairs_of_a_bin_are_equally_likely(directed):
    net = network(directed, n=12, density=0.2)
    limits = [0.5, 1.5, 10]
    counts = sum((m != 0).toarray().astype(int) for m in na.nulls.distance_binned(net, 0, bins=limits, size=400))
    off = ~np.eye(12, dtype=bool) if directed else np.tri(12, k=-1, dtype=bool)
    for low, high in pairwise(limits):
        inside = counts[(net.distances >= low) & (net.distances < high) & off]
        p = (net.weights.toarray()[(net.distances >= low) & (net.distances < high) & off] != 0).mean()
        # Of draws without replacement the spread is that of a binomial, times pairs - 1 over pairs in the mean.
        spread = ((inside - inside.mean()) ** 2).sum() / (400 * p * (1 - p))
        assert stats.chi2.cdf(spread, len(inside) - 1) < 1 - 1e-5
        assert stats.chi2.cdf(spread, len(inside) - 1) > 1e-5


def test_the_same_for_any_size_and_a_full_bin_is_refused(monkeypatch):
    net = network(True)
    one, two = na.nulls.distance_binned(net, 3, size=2)
    assert (one != na.nulls.distance_binned(net, 3)).nnz == 0
    assert (one != two).nnz
    full = na.Connectome(sparse.csr_array(np.ones((8, 8))), positions=np.arange(8.0)[:, None])
    monkeypatch.setattr(_pairs_by_distance, "_DRAWS", 4)
    with pytest.raises(ValueError, match=r"bins: .* connections have lengths from 0 to inf.*wider bins"):
        na.nulls.distance_binned(full, 0, bins=1)


def test_pairs_are_drawn_until_every_bin_is_full(monkeypatch):
    net = network(True)
    monkeypatch.setattr(_pairs_by_distance, "_DRAWS", 16)
    null = na.nulls.distance_binned(net, 0, bins=3)
    assert null.nnz == net.weights.nnz
    assert null.sum() == pytest.approx(net.weights.sum())
