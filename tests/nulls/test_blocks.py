"""Connections between the same groups: kept counts and weights, and uniform over the pairs."""

from collections import Counter
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import chisquare

import netanalysis as na
from netanalysis.nulls import block_preserving


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([0.1, 0.5, 0.95]), st.booleans())
def test_weights_between_groups_are_kept_as_sets(seed, directed, density, as_sparse):
    rng = np.random.default_rng(seed)
    n = 11
    w = rng.integers(-4, 5, (n, n)) * (rng.random((n, n)) < density) * 1.0
    w = w if directed else np.triu(w) + np.triu(w, 1).T
    kind = rng.choice(["a", "b", "c", "d"], n, p=[0.4, 0.4, 0.1, 0.1])
    made = block_preserving(sparse.csr_array(w) if as_sparse else w, seed, groups=kind)
    made = made.toarray() if as_sparse else made
    np.testing.assert_array_equal(np.diag(made), np.diag(w))
    if not directed:
        np.testing.assert_array_equal(made, made.T)
    for a in "abcd":
        for b in "abcd":
            part = np.ix_(kind == a, kind == b)
            assert sorted(made[part].ravel()) == sorted(w[part].ravel())


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("edges", [1, 2, 3])
def test_every_network_of_a_block_is_as_likely(directed, edges):
    """Sparse blocks are drawn again, crowded ones shuffled; weights tell connections apart."""
    w, kind = np.zeros((4, 4)), ["x", "x", "x", "y"]
    pairs = [(0, 1), (0, 2), (1, 2)]
    for k in range(edges):
        i, j = pairs[k]
        w[i, j] = k + 1
        if not directed:
            w[j, i] = k + 1
    if directed:
        w[3, 0] = 9  # and a block of its own
    made = block_preserving(w, 0, groups=kind, size=6000)
    counts = Counter(m[:3, :3].tobytes() for m in made)
    possible = 6 if directed else 3
    assert len(counts) == np.prod(np.arange(possible, possible - edges, -1))
    assert chisquare(list(counts.values())).pvalue > 1e-4
    if directed:
        assert chisquare(made[:, 3, :3].astype(bool).sum(0)).pvalue > 1e-4


def test_modules_by_name_and_a_larger_network():
    rng = np.random.default_rng(0)
    w = sparse.random_array((4000, 4000), density=0.003, rng=rng).tocsr()
    kind = rng.integers(0, 300, 4000)
    made = block_preserving(w, 1, groups=kind)
    before, after = (na.transform.aggregate(x, by=kind) for x in (w, made))
    assert abs(before - after).max() < 1e-12 * 100
    assert made.nnz == w.nnz
    assert (made != w).nnz > w.nnz
    worm = na.datasets.load("celegans_chemical")
    test = na.null_test(worm, na.reciprocity, "block_preserving", n_nulls=9, rng=0)
    again = na.null_test(worm.weights, na.reciprocity, partial(block_preserving, groups=worm.modules), n_nulls=9, rng=0)
    np.testing.assert_array_equal(test.null_distribution, again.null_distribution)


def test_refusals():
    with pytest.raises(ValueError, match="no modules"):
        block_preserving(np.ones((3, 3)))
    with pytest.raises(ValueError, match="one entry per node"):
        block_preserving(np.ones((3, 3)), groups=[1, 2])
