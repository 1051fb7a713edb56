"""Null models are uniform over what they do not keep: all realisations equally often, true nulls rarely rejected."""

import itertools
from collections import Counter
from functools import partial

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import chisquare

import netanalysis as na

POINTS = np.random.default_rng(5).random((30, 3))
DISTANCES = np.linalg.norm(POINTS[:, None] - POINTS, axis=-1)


def off_diagonal(w):
    return w * ~np.eye(len(w), dtype=bool)


def degrees(w):
    a = w != 0
    return np.concatenate([a.sum(0), a.sum(1)])


def matrix(edges, n, directed, diagonal=False):
    w = np.zeros((n, n))
    for a, b in edges:
        w[a, b] = 1
        if not directed:
            w[b, a] = 1
    return w + np.diag(np.arange(n) % 2) * diagonal


def realisations(w, directed, connected=False):
    """All 0/1 matrices with the degrees of w, by trying every set of pairs."""
    n, m = len(w), int(w.sum()) // (1 if directed else 2)
    pairs = list(itertools.permutations(range(n), 2) if directed else itertools.combinations(range(n), 2))
    # Which degrees a pair adds to; sums of rows are degree sequences of sets of pairs.
    counts = np.stack([degrees(matrix([p], n, directed)) for p in pairs]).astype(np.int8)
    sets = np.array(list(itertools.combinations(range(len(pairs)), m)))
    found = set()
    for edges in sets[(counts[sets].sum(axis=1) == degrees(w)).all(axis=1)]:
        a = matrix([pairs[e] for e in edges], n, directed)
        if not connected or sparse.csgraph.connected_components(a, connection="weak")[0] == 1:
            found.add((a != 0).tobytes())
    return found


def uniformity(made, expected):
    """p of the chi-square test that all expected matrices come equally often, and no other."""
    counts = Counter(m.tobytes() for m in made)
    assert set(counts) <= set(expected)
    return chisquare([counts[x] for x in expected]).pvalue


UNDIRECTED = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 3)]
# The first needs a triangle reversal (igraph issue 1456); so does a lone 3-cycle.
DIRECTED = {
    "no way out by switches": (4, [(2, 3), (2, 0), (0, 3), (0, 1), (1, 3), (1, 2)], 2),
    "3-cycle": (3, [(0, 1), (1, 2), (2, 0)], 2),
    "five nodes": (5, [(0, 1), (1, 2), (2, 0), (3, 1), (1, 4), (4, 0), (0, 3)], 42),
}


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("kind", ["undirected", *DIRECTED])
@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array])
def test_rewiring_is_uniform(kind, connected, storage):
    n, edges, count = DIRECTED.get(kind, (6, UNDIRECTED, 54))
    w = matrix(edges, n, kind != "undirected", diagonal=True)
    expected = realisations(off_diagonal(w), kind != "undirected", connected)
    assert len(expected) == count
    size = 40 * max(count, 20)
    made = na.nulls.degree_preserving(storage(w), 1, size=size, swaps_per_edge=60, connected=connected)
    made = [off_diagonal(np.asarray(m.todense() if sparse.issparse(m) else m)) != 0 for m in made]
    assert uniformity(made, expected) > 1e-3


def same_dyads(w):
    """All 0/1 matrices in which every node has as many one-way ties out, in, and mutual ones, as in w."""

    def numbers(a):
        both = a & a.swapaxes(-1, -2)
        return np.concatenate([(a & ~both).sum(-1), (a & ~both).sum(-2), both.sum(-1)], axis=-1)

    n = len(w)
    pairs = np.array(list(itertools.combinations(range(n), 2)))
    codes = np.array(list(itertools.product(range(4), repeat=len(pairs))))
    every = np.zeros((len(codes), n, n), bool)
    every[:, *pairs.T], every[:, *pairs.T[::-1]] = codes & 1, codes >> 1
    return list(every[(numbers(every) == numbers(w != 0)).all(axis=1)])


@pytest.mark.parametrize(
    ("n", "edges", "count"),
    [
        (4, [(0, 1), (1, 2), (2, 0), (0, 3), (3, 0)], 2),  # a cycle that only turns round
        (4, [(0, 1), (1, 0), (1, 2), (2, 3), (3, 2), (3, 0)], 4),  # ties of two kinds in each other's way
        pytest.param(*(5, [(0, 1), (1, 0), (2, 3), (3, 2), (0, 2), (4, 1), (3, 4)], 8), marks=pytest.mark.slow),
    ],
)
def test_rewiring_that_keeps_mutual_ties_is_uniform(n, edges, count):
    w = matrix(edges, n, True, diagonal=True)
    expected = {a.tobytes() for a in same_dyads(off_diagonal(w))}
    assert len(expected) == count
    made = na.nulls.reciprocity_preserving(w, 1, size=40 * max(count, 20), swaps_per_edge=60)
    assert uniformity([off_diagonal(m) != 0 for m in made], expected) > 1e-3


@pytest.mark.slow
def test_rewiring_that_keeps_mutual_ties_reaches_all_networks_of_four_nodes():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(300):
        w = (rng.random((4, 4)) < rng.choice([0.4, 0.6])) & ~np.eye(4, dtype=bool)
        expected = {a.tobytes() for a in same_dyads(w * 1.0)}
        if len(expected) > 1 and (w != w.T).any():
            made = na.nulls.reciprocity_preserving(w * 1.0, rng, size=100 * len(expected), swaps_per_edge=100)
            p.append(uniformity(made != 0, expected))
    assert len(p) > 60
    assert min(p) > 1e-5
    assert np.mean(np.array(p) < 0.05) < 0.15


def test_connected_rewiring_is_uniform_where_most_graphs_are_not_connected():
    tree = matrix([(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (2, 6)], 7, False)
    expected = realisations(tree, False, connected=True)
    assert len(expected) < len(realisations(tree, False))
    made = na.nulls.degree_preserving(tree, 2, size=100 * len(expected), swaps_per_edge=100, connected=True)
    assert uniformity(made != 0, expected) > 1e-3


def test_sign_preserving_is_uniform_on_complete_signed_networks():
    positive = matrix(UNDIRECTED, 6, False)
    w = off_diagonal(2 * positive - 1)
    made = na.nulls.sign_preserving(w, 1, size=8000, swaps_per_edge=60)
    assert uniformity(made > 0, realisations(positive, False)) > 1e-3


def test_sign_preserving_is_uniform_on_directed_networks_with_and_without_gaps():
    n, edges, count = DIRECTED["five nodes"]
    positive = matrix(edges, n, True)
    made = na.nulls.sign_preserving(off_diagonal(2 * positive - 1), 1, size=4000, swaps_per_edge=60)
    # switches alone do not turn 3-cycles round, as positive and negative weights of one network
    found = {(m > 0).tobytes() for m in made}
    assert found <= realisations(positive, True)
    assert uniformity(made > 0, found) > 1e-3
    assert len(found) > count / 2
    sparse_ones = na.nulls.sign_preserving(positive, 1, size=4000, swaps_per_edge=60)
    found = {(m > 0).tobytes() for m in sparse_ones}
    assert found <= realisations(positive, True)
    assert uniformity(sparse_ones > 0, found) > 1e-3


def test_erdos_renyi_is_uniform():
    for storage in (np.asarray, sparse.csr_array):
        for edges, directed, count in (([(0, 1), (1, 2)], False, 15), ([(0, 1), (2, 1)], True, 66)):
            made = na.nulls.erdos_renyi(storage(matrix(edges, 4, directed)), 0, size=100 * count)
            made = [(m.toarray() if sparse.issparse(m) else m) != 0 for m in made]
            pairs = list(itertools.permutations(range(4), 2) if directed else itertools.combinations(range(4), 2))
            expected = {(matrix(e, 4, directed) != 0).tobytes() for e in itertools.combinations(pairs, 2)}
            assert uniformity(made, expected) > 1e-3


def test_weight_shuffle_and_permutation_are_uniform():
    w = np.array([[0, 1.0, 2], [3, 5.0, 0], [0, 4, 0]])
    cells = off_diagonal(w) != 0
    expected = set()
    for order in itertools.permutations([1.0, 2, 3, 4]):
        a = w.copy()
        a[cells] = order
        expected.add(a.tobytes())
    assert uniformity(na.nulls.weight_shuffle(w, 1, size=4000), expected) > 1e-3
    expected = {w[np.ix_(p, p)].tobytes() for p in itertools.permutations(range(3))}
    assert uniformity(na.nulls.permute_positions(w, 1, size=2000), expected) > 1e-3


@pytest.mark.parametrize("kept", ["total length", "lengths in bins"])
def test_rewiring_in_space_is_uniform_over_what_its_switches_reach(kept):
    w = matrix(UNDIRECTED, 6, False)
    d = DISTANCES[:6, :6]
    total = (w * d).sum()
    limits = np.quantile(d[np.triu(w) != 0], [0, 0.5, 1])
    bins = np.searchsorted(limits[:2], d, side="right")

    def within(a):
        if kept == "total length":
            return abs((a * d).sum() - total) <= 0.15 * total
        return (np.bincount(bins[a != 0], minlength=3) == np.bincount(bins[w != 0], minlength=3)).all()

    expected, new = {(w != 0).tobytes()}, [w]
    while new:
        a = new.pop()
        edges = [(i, j) for i, j in zip(*np.nonzero(a), strict=True)]
        for (i, j), (k, m) in itertools.product(edges, edges):
            if len({i, j, k, m}) == 4 and not a[i, m] and not a[k, j]:
                b = a.copy()
                b[i, j] = b[j, i] = b[k, m] = b[m, k] = 0
                b[i, m] = b[m, i] = b[k, j] = b[j, k] = 1
                if within(b) and (b != 0).tobytes() not in expected:
                    expected.add((b != 0).tobytes())
                    new.append(b)
    assert 5 < len(expected) < 54
    null = (
        partial(na.nulls.wiring_length_preserving, tolerance=0.15)
        if kept == "total length"
        else partial(na.nulls.geometry_preserving, bins=2)
    )
    made = null(w, 1, size=100 * len(expected), distances=d)
    assert uniformity(made != 0, expected) > 1e-3


rewired = partial(na.nulls.degree_preserving, swaps_per_edge=20)
UNIFORM = {
    "degree_preserving": rewired,
    "connected": partial(rewired, connected=True),
    "sign_preserving": partial(na.nulls.sign_preserving, swaps_per_edge=20),
    "wiring_length_preserving": partial(na.nulls.wiring_length_preserving, distances=DISTANCES, swaps_per_edge=20),
    "geometry_preserving": partial(na.nulls.geometry_preserving, distances=DISTANCES, bins=3, swaps_per_edge=20),
    "distance_binned": partial(na.nulls.distance_binned, distances=DISTANCES),
    "erdos_renyi": na.nulls.erdos_renyi,
    "weight_shuffle": na.nulls.weight_shuffle,
    "permute_positions": na.nulls.permute_positions,
}


def _statistics(stack):
    """Statistics of networks (..., n, n) that differ between networks with the same degrees, (..., 3)."""
    a = (stack != 0).astype(float)
    weight, degree = (stack * DISTANCES).sum(axis=(-2, -1)), a.sum(axis=-1)
    triangles = np.einsum("...ij,...ji->...", a @ a, a)
    assortativity = (degree[..., :, None] * stack * degree[..., None, :]).sum(axis=(-2, -1))
    return np.stack([weight, triangles + 1e-3 * weight, assortativity], axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(UNIFORM))
def test_a_five_percent_test_rejects_five_percent_of_true_nulls(name):
    """Networks drawn from a null model itself: p <= .05 must come 5 % of the time (2,000 networks, 39 nulls each)."""
    rng = np.random.default_rng(3)
    w = rng.lognormal(size=(30, 30)) * (rng.random((30, 30)) < 0.15) * rng.choice([1, 1, -1], (30, 30))
    np.fill_diagonal(w, 0)
    null = UNIFORM[name]
    rejected = []
    for true in null(w, 1, size=2000).reshape(8, 250, 30, 30):
        nulls = _statistics(null(true, rng, size=39))
        rejected.append(((nulls >= _statistics(true)).sum(axis=0) + 1) / 40 <= 0.05)
    rate = np.concatenate(rejected).mean(axis=0)
    if name == "permute_positions":
        rate = rate[:1]  # the others do not depend on where the nodes are
    assert ((rate >= 0.035) & (rate <= 0.065)).all(), rate


@pytest.mark.parametrize("edges", [UNDIRECTED, [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (4, 5)]])
def test_rewiring_that_keeps_triads_is_uniform_over_networks_with_as_many(edges):
    w = matrix(edges, 6, False)
    alike = [np.frombuffer(a, bool).reshape(6, 6) for a in realisations(w, False)]
    census = na.motif_census(w).counts
    expected = {a.tobytes() for a in alike if np.array_equal(na.motif_census(a * 1.0).counts, census)}
    assert 4 < len(expected) < len(alike)
    made = na.nulls.triad_preserving(w, 1, size=60 * len(expected))
    assert uniformity(made != 0, expected) > 1e-3
