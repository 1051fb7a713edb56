"""Communities of correlation matrices against all partitions, planted ones and noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

import netanalysis as na


def grouped(sizes, samples, *, shared=0.0, noise=1.0, seed=0):
    """Groups of units with opposed signals, beside one that all share."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    own = rng.normal(size=(len(sizes), samples))
    x = (own - own.mean(axis=0))[groups] + shared * rng.normal(size=samples)
    return groups, np.corrcoef(x + noise * rng.normal(size=(len(groups), samples)))


def partitions(n):
    """All labellings of n nodes, each partition once."""
    rows = [[0]]
    for _ in range(n - 1):
        rows = [[*row, k] for row in rows for k in range(max(row) + 2)]
    return rows


def by_hand(r, labels, samples, remove):
    """The formula, term by term."""
    values, vectors = np.linalg.eigh(r)
    b = np.zeros_like(r)
    for k, value in enumerate(values):
        if value > (1 + np.sqrt(len(r) / samples)) ** 2 and not (remove and k == len(r) - 1):
            b += value * np.outer(vectors[:, k], vectors[:, k])
    inside = sum(b[i, j] for i in range(len(r)) for j in range(len(r)) if labels[i] == labels[j])
    return inside / r.sum()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_modularity_is_the_formula_and_leiden_finds_the_best_partition(seed, remove):
    _, r = grouped([2, 2, 2], 40, shared=0.5, seed=seed)
    found = na.correlation_communities(r, n_samples=40, remove_global_mode=remove, rng=seed)
    assert found.modularity == pytest.approx(by_hand(r, found.labels, 40, remove), abs=1e-12)
    best = max(na.correlation_modularity(r, p, n_samples=40, remove_global_mode=remove) for p in partitions(6))
    assert found.modularity == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("shared", [0.0, 1.0])
def test_planted_groups_are_found_beside_a_mode_common_to_all(shared):
    groups, r = grouped([20, 15, 10, 5], 400, shared=shared)
    found = na.correlation_communities(r, n_samples=400, remove_global_mode=shared > 0, rng=0)
    assert adjusted_mutual_info_score(groups, found.labels) > 0.9
    assert found.n_group_eigenvalues == 3  # opposed signals of four groups
    assert (found.global_same_sign == 1) == (shared > 0)


def test_noise_has_no_communities_where_the_usual_null_term_finds_some():
    r = np.corrcoef(np.random.default_rng(0).normal(size=(80, 300)))
    found = na.correlation_communities(r, n_samples=300, remove_global_mode=False, rng=0)
    assert found.n_group_eigenvalues <= 1  # the largest of noise is at the edge
    quiet = na.correlation_communities(r, n_samples=300, rng=0)
    assert quiet.n_group_eigenvalues == 0
    assert (quiet.n_communities, quiet.modularity) == (80, 0.0)
    assert na.detect_communities(r, rng=0).modularity > 0.05


def test_fewer_samples_than_units_raise_the_edge():
    groups, r = grouped([30, 30, 30], 45, noise=0.7, seed=2)
    found = na.correlation_communities(r, n_samples=45, remove_global_mode=False, rng=0)
    assert found.samples_per_unit == 0.5
    assert found.noise_edge == pytest.approx((1 + np.sqrt(2)) ** 2)
    assert adjusted_mutual_info_score(groups, found.labels) > 0.9


def test_negative_groups_and_order_of_units():
    rng = np.random.default_rng(1)
    sign = rng.choice([-1, 1], 40)
    r = np.corrcoef(sign[:, None] * rng.normal(size=200) + rng.normal(size=(40, 200)))
    found = na.correlation_communities(r, n_samples=200, remove_global_mode=False, rng=0)
    assert adjusted_mutual_info_score(sign, found.labels) == pytest.approx(1)
    assert 0.4 < found.global_same_sign < 0.7
    order = rng.permutation(40)
    again = na.correlation_communities(r[np.ix_(order, order)], n_samples=200, remove_global_mode=False, rng=0)
    assert again.modularity == pytest.approx(found.modularity, rel=1e-12)


def test_the_diagonal_may_be_left_out():
    _, r = grouped([8, 8], 100)
    kept = na.correlation_communities(r, n_samples=100, rng=0)
    left_out = na.correlation_communities(r - np.eye(16), n_samples=100, rng=0)
    assert left_out.modularity == pytest.approx(kept.modularity, rel=1e-12)


def test_bad_input_is_refused():
    _, r = grouped([4, 4], 50)
    with pytest.raises(ValueError, match="n_samples must be at least 2"):
        na.correlation_communities(r, n_samples=1)
    with pytest.raises(ValueError, match="one label per unit, 8"):
        na.correlation_modularity(r, [0, 1], n_samples=50)
    with pytest.raises(ValueError, match="must be one network"):
        na.correlation_communities(np.stack([r, r]), n_samples=50)
    with pytest.raises(ValueError, match="must be a correlation matrix"):
        na.correlation_communities(np.arange(64.0).reshape(8, 8), n_samples=50)


def test_a_modularity_above_one_or_undefined_says_so():
    """Seen: Q = 2 without a word, where negative correlations leave little to divide by."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=200) * np.repeat([1, -1], 6)[:, None]
    r = np.corrcoef(common + 0.5 * rng.normal(size=(12, 200)))
    found = na.correlation_communities(r, n_samples=200, remove_global_mode=False, rng=0)
    assert found.modularity > 1
    assert "above 1" in found.note
    opposed = np.kron([[1, 0.5], [0.5, 1]], [[1.0, -1], [-1, 1]])
    with pytest.warns(na.UndefinedWarning, match="correlation_modularity is nan: the correlations sum to 0"):
        assert np.isnan(na.correlation_modularity(opposed, [0, 0, 1, 1], n_samples=50))
    noise = np.corrcoef(rng.normal(size=(5, 50)))
    plain = na.correlation_communities(noise, n_samples=50, rng=0)
    assert plain.note == ""
