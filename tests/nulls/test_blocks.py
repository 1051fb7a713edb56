"""Connections between the same groups: kept counts and weights, and uniform over the pairs."""

from collections import Counter
from functools import partial
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import chisquare

import netanalysis as na
from netanalysis.nulls import block_degree_preserving, block_preserving


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
    possible = 6 if directed else 3
    every = int(np.prod(np.arange(possible, possible - edges, -1)))
    made = block_preserving(w, 0, groups=kind, size=max(600, 25 * every))
    counts = Counter(m[:3, :3].tobytes() for m in made)
    assert len(counts) == every
    assert chisquare(list(counts.values())).pvalue > 1e-4
    if directed:
        assert chisquare(made[:, 3, :3].astype(bool).sum(0)).pvalue > 1e-4


def test_replicates_of_a_sparse_network_do_not_follow_from_each_other():
    rng = np.random.default_rng(0)
    w = sparse.random_array((60, 60), density=0.2, rng=rng).tocsr()
    kind = np.arange(60) % 4
    five, two = (block_preserving(w, 3, groups=kind, size=k) for k in (5, 2))
    assert all((a != b).nnz == 0 for a, b in zip(five, two, strict=False))
    dense = block_preserving(w.toarray(), 3, groups=kind, size=2)
    np.testing.assert_array_equal(dense, [m.toarray() for m in two])


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


def test_a_network_of_one_connection_leaves_the_others_of_its_stack_theirs():
    rng = np.random.default_rng(0)
    w = np.triu(rng.random((40, 40)) < 0.2, 1)
    w = w + w.T
    one = np.zeros((40, 40))
    one[3, 7] = one[7, 3] = 1
    made = block_degree_preserving(np.stack([one, w]), 0, groups=np.arange(40) % 2)
    np.testing.assert_array_equal(made[0], one)
    assert (made[1] != w).sum() > 0.5 * w.sum()


def test_refusals():
    with pytest.raises(ValueError, match="no modules"):
        block_preserving(np.ones((3, 3)))
    with pytest.raises(ValueError, match="one entry per node"):
        block_preserving(np.ones((3, 3)), groups=[1, 2])


def connected(w, kind):
    """Connections from each group to each, and degrees."""
    part = (kind[:, None] == np.unique(kind)) * 1.0
    a = (w - np.diag(np.diag(w))) != 0
    return part.T @ a @ part, a.sum(0), a.sum(1)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([0.1, 0.5, 0.95]), st.booleans())
def test_degrees_and_connections_between_groups_are_kept(seed, directed, density, as_sparse):
    rng = np.random.default_rng(seed)
    n = 13
    w = rng.integers(-4, 5, (n, n)) * (rng.random((n, n)) < density) * 1.0
    w = w if directed else np.triu(w) + np.triu(w, 1).T
    kind = rng.choice(["a", "b", "c"], n, p=[0.5, 0.4, 0.1])
    made = block_degree_preserving(sparse.csr_array(w) if as_sparse else w, seed, groups=kind)
    made = made.toarray() if as_sparse else made
    for before, after in zip(connected(w, kind), connected(made, kind), strict=True):
        np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(np.sort(w, None), np.sort(made, None))
    np.testing.assert_array_equal(np.diag(made), np.diag(w))
    if not directed:
        np.testing.assert_array_equal(made, made.T)
    elif (w != w.T).any():
        np.testing.assert_array_equal(made.sum(1), w.sum(1))


def same_blocks_and_degrees(w, kind):
    """All binary networks with the degrees of w and its connections between groups."""
    n, directed = len(w), bool((w != w.T).any())
    pairs = list(permutations(range(n), 2) if directed else combinations(range(n), 2))
    wanted = connected(w, kind)
    for chosen in combinations(pairs, int(w.sum()) // (2 - directed)):
        a = np.zeros((n, n))
        for i, j in chosen:
            a[i, j] = 1
            a[j, i] = a[j, i] if directed else 1
        if all((x == y).all() for x, y in zip(connected(a, kind), wanted, strict=True)):
            yield a.tobytes()


@pytest.mark.parametrize(
    ("n", "edges", "directed", "count"),
    [
        (6, [(0, 1), (0, 3), (1, 2), (2, 5), (3, 4), (4, 5), (1, 4)], False, 30),
        pytest.param(
            *(5, [(0, 1), (1, 2), (2, 0), (3, 1), (1, 4), (4, 0), (0, 3)], True, 34), marks=pytest.mark.slow
        ),  # of a million networks
        (3, [(0, 1), (1, 2), (2, 0)], True, 2),  # only by turning it round
    ],
)
@pytest.mark.parametrize("as_sparse", [True, False])
def test_every_network_with_these_blocks_and_degrees_is_as_likely(n, edges, directed, count, as_sparse):
    w = np.zeros((n, n))
    for i, j in edges:
        w[i, j] = 1
        w[j, i] = w[j, i] if directed else 1
    kind = np.arange(n) > n // 2
    every = set(same_blocks_and_degrees(w, kind))
    assert len(every) == count
    null = partial(block_degree_preserving, groups=kind, size=25 * max(20, len(every)), swaps_per_edge=60)
    counts = Counter(
        (m.toarray() if as_sparse else m).tobytes() for m in null(sparse.csr_array(w) if as_sparse else w, 1)
    )
    assert set(counts) == every
    assert chisquare(list(counts.values())).pvalue > 1e-4


def test_blocks_that_a_model_finds_explain_what_rewiring_does_not():
    rng = np.random.default_rng(0)
    p = np.kron([[0.5, 0.05], [0.05, 0.5]], np.ones((20, 20)))
    w = np.triu(rng.random((40, 40)) < p, 1) * 1.0
    w += w.T
    blocks = na.block_model(w, n_restarts=2, rng=0)

    def clustered(net):
        return na.transitivity(net)

    within = na.null_test(w, clustered, partial(block_degree_preserving, groups=blocks), n_nulls=99, rng=0)
    rewired = na.null_test(w, clustered, na.nulls.degree_preserving, n_nulls=99, rng=0)
    assert rewired.p < 0.05
    assert abs(within.z) < 3


def test_a_network_has_to_say_its_groups():
    with pytest.raises(ValueError, match=r"groups must be one label per node.*nulls\.block_degree_preserving"):
        block_degree_preserving(np.ones((4, 4)))
    net = na.Connectome(np.ones((4, 4)) - np.eye(4), modules=list("aabb"))
    np.testing.assert_array_equal(block_degree_preserving(net, 0), net.weights)
