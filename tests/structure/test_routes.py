"""Search information, path transitivity, resource efficiency, navigation and matching index."""

import itertools

import bct as bctpy
import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

import netanalysis as na


def graph(n, *edges):
    """Undirected, edges as (i, j, weight)."""
    w = np.zeros((n, n))
    for i, j, weight in edges:
        w[i, j] = w[j, i] = weight
    return w


W4 = graph(4, (0, 1, 4), (1, 2, 4), (0, 2, 1), (2, 3, 2))
R4 = graph(4, (0, 1, 1), (0, 2, 1), (1, 2, 1), (2, 3, 1))
C4 = graph(4, (0, 1, 1), (1, 2, 1), (2, 3, 1), (0, 3, 1))
P5 = np.eye(5, k=1) + np.eye(5, k=-1)


def random_network(n, density, seed=0, symmetric=False, levels=None):
    rng = np.random.default_rng(seed)
    w = rng.lognormal(size=(n, n)) if levels is None else rng.integers(1, levels + 1, (n, n)).astype(float)
    w *= rng.random((n, n)) < density
    np.fill_diagonal(w, 0)
    return np.triu(w) + np.triu(w).T if symmetric else w


def off(a):
    return a[~np.eye(len(a), dtype=bool)]


class TestTraps:
    def test_search_information_counts_all_shortest_paths(self):
        bits = [
            na.search_information(C4, paths=paths, memory=memory)[0, 2]
            for memory in (False, True)
            for paths in ("one", "all")
        ]
        assert bits == pytest.approx([2, 1, 1, 0], abs=1e-12)

    def test_search_information_with_memory_leaves_out_the_step_back(self):
        assert na.search_information(W4)[0, 3] == pytest.approx(np.log2(35 / 4), rel=1e-12)
        right = [
            [0, 0.321928, 0.321928, 0.906891],
            [1, 0, 1, 1.584963],
            [0.807355, 0.807355, 0, 1.807355],
            [0.321928, 0.321928, 0, 0],
        ]
        np.testing.assert_allclose(na.search_information(W4, memory=True), right, rtol=1e-6, atol=1e-12)

    def test_path_transitivity_matches_weights_along_paths_by_lengths(self):
        right = graph(4, (0, 1, 1), (0, 2, 0.838095), (0, 3, 0.590476), (1, 2, 0.714286), (1, 3, 0.438095))
        np.testing.assert_allclose(na.path_transitivity(W4), right, rtol=1e-6)
        two_edges = graph(4, (0, 1, 1), (2, 3, 1))
        assert not na.path_transitivity(two_edges).any()

    def test_navigation_success_is_over_pairs_of_distinct_nodes(self):
        net = na.Connectome(P5, positions=[[0, 0], [-1, 0], [-1, 2], [2, 2], [2, 0]])
        away = na.navigation(net)
        assert away.success == pytest.approx(14 / 20)
        assert away.hops[4, 1] == 3
        assert away.path(4, 1) == (4, 3, 2, 1)
        assert away.lengths[0, 3] == np.inf
        assert away.efficiency == pytest.approx(np.mean(1 / off(away.lengths)))
        assert na.navigation(net, rule="only_closer").success == pytest.approx(13 / 20)
        with pytest.raises(ValueError, match="does not arrive"):
            away.path(0, 3)

    def test_resource_efficiency_below_one_message(self):
        half = na.resource_efficiency(R4)
        pairs = ([0, 0, 2, 3], [1, 3, 3, 2])
        np.testing.assert_allclose(half[pairs], [1, 0.263034, 0.584963, 1], rtol=1e-5)
        published = na.resource_efficiency(R4, certainty=0.3)
        np.testing.assert_allclose(published[pairs], [1.943358, 0.511170, 1.136792, 1], rtol=1e-5)
        capped = na.resource_efficiency(R4, certainty=0.3, variant="at_least_one")
        np.testing.assert_allclose(capped[pairs], [1, 0.511170, 1, 1], rtol=1e-5)
        np.testing.assert_allclose(2 ** -na.search_information(R4)[pairs], [1 / 2, 1 / 6, 1 / 3, 1], rtol=1e-12)

    def test_matching_index_is_symmetric_and_keeps_its_value_at_every_scale(self):
        pairs = ([0, 0, 0, 2], [1, 2, 3, 3])
        np.testing.assert_allclose(na.matching_index(R4, variant="degree")[pairs], [1, 2 / 3, 2 / 3, 0])
        np.testing.assert_allclose(na.matching_index(R4, variant="union")[pairs], [1, 0.5, 0.5, 0])
        right = graph(4, (0, 1, 1), (0, 2, 0.8), (0, 3, 3 / 7), (1, 2, 5 / 7), (1, 3, 0.6))
        for unit in (1e-200, 0.1, 1, 1e200):
            np.testing.assert_allclose(na.matching_index(W4 * unit), right, rtol=1e-12)


class TestAgainstTheToolbox:
    """Values of the MATLAB toolbox, and bctpy where it is right."""

    def test_stored_values(self, bct):
        a, b, w, u = (bct[f"input_{k}"] for k in "ABWU")
        close = {"rtol": 1e-10, "atol": 1e-14}
        for paths in ("one", "all"):  # no ties
            bits = na.search_information(w, paths=paths)
            np.testing.assert_allclose(off(bits), off(bct["bct_search_information"]), **close)
        np.testing.assert_allclose(off(na.path_transitivity(u)), off(bct["bct_path_transitivity"]), **close)
        np.testing.assert_allclose(off(na.resource_efficiency(b)), off(bct["bct_resource_efficiency"]), **close)
        assert na.navigation(u, distances=bct["input_D"]).success == pytest.approx(float(bct["bct_navigation"]))
        stored = bct["bct_matching_ind_und"]
        np.testing.assert_allclose(na.matching_index(b, variant="degree"), stored, **close)
        stored = bct["bct_matching_ind"]
        got = na.matching_index(a, variant="degree", direction="in")
        np.testing.assert_allclose(np.triu(got), np.triu(stored), **close)

    def test_bctpy(self):
        w = random_network(25, 0.4, seed=1)
        net = na.Connectome(np.maximum(w, w.T), positions=np.random.default_rng(0).random((25, 3)))
        found = na.navigation(net)
        with np.errstate(divide="ignore"):
            length = np.where(net.weights > 0, 1 / net.weights, 0)
        ratio, hops, long, _, _ = bctpy.navigation_wu(length, net.distances)
        assert found.success == pytest.approx(ratio)
        np.testing.assert_allclose(off(found.hops), off(hops))
        np.testing.assert_allclose(off(found.lengths), off(long), rtol=1e-12)
        a = (w > 0).astype(float)
        for direction, stored in zip(("in", "out", "both"), bctpy.matching_ind(a), strict=True):
            got = na.matching_index(a, variant="degree", direction=direction)
            np.testing.assert_allclose(got, stored, rtol=1e-12)


def choice_probability(w, path, memory):
    """Of a walker who follows a path."""
    out = 1.0
    for k, (i, j) in enumerate(itertools.pairwise(path)):
        back = w[i, path[k - 1]] if memory and k else 0.0
        out *= w[i, j] / (w[i].sum() - back)
    return out


@pytest.mark.parametrize("lengths", ["inverse", "hops", "weights"])
@pytest.mark.parametrize("symmetric", [False, True])
def test_paths_by_listing_them(lengths, symmetric):
    """networkx lists every shortest path; weights of few levels have many of equal length."""
    w = random_network(12, 0.3, seed=4, symmetric=symmetric, levels=2)
    inverse = np.divide(1.0, w, out=np.zeros_like(w), where=w > 0)
    walk = {"inverse": w, "hops": (w > 0) * 1.0, "weights": inverse}[lengths]
    length = {"inverse": inverse, "hops": np.ones_like(w), "weights": w}[lengths]
    g = nx.DiGraph()
    g.add_nodes_from(range(12))
    for i, j in np.argwhere(w):
        g.add_edge(int(i), int(j), length=length[i, j])
    matching = na.matching_index(walk)
    transitivity = na.path_transitivity(w, lengths=lengths)
    bits = {
        (kind, memory): na.search_information(w, lengths=lengths, paths=kind, memory=memory)
        for kind in ("all", "one")
        for memory in (False, True)
    }
    several = 0
    for i, j in itertools.permutations(range(12), 2):
        paths = list(nx.all_shortest_paths(g, i, j, weight="length")) if nx.has_path(g, i, j) else []
        paths.sort(key=lambda path: path[::-1])
        several += len(paths) > 1
        for memory in (False, True):
            p = [choice_probability(walk, path, memory) for path in paths]
            assert 2 ** -bits["all", memory][i, j] == pytest.approx(sum(p), rel=1e-10)
            assert 2 ** -bits["one", memory][i, j] == pytest.approx(p[0] if p else 0.0, rel=1e-10)
        if symmetric and i > j:
            assert transitivity[i, j] == transitivity[j, i]
        elif paths:
            pairs = [matching[a, b] for a, b in itertools.combinations(paths[0], 2)]
            assert transitivity[i, j] == pytest.approx(np.mean(pairs), rel=1e-10, abs=1e-14)
        else:
            assert transitivity[i, j] == 0
    assert several > 3


def test_matching_index_by_its_definition():
    w = random_network(15, 0.4, seed=2)
    for direction in ("out", "in", "both"):
        profile = {"out": w, "in": w.T, "both": np.hstack([w, w.T])}[direction]
        weight, union = (
            na.matching_index(w, direction=direction),
            na.matching_index(w, variant="union", direction=direction),
        )
        for i, j in itertools.permutations(range(15), 2):
            keep = ~np.isin(np.arange(profile.shape[1]) % 15, [i, j])
            a, b = profile[i, keep], profile[j, keep]
            both, any_ = (a > 0) & (b > 0), (a > 0) | (b > 0)
            assert weight[i, j] == pytest.approx((a + b)[both].sum() / (a + b).sum(), rel=1e-12)
            assert union[i, j] == pytest.approx(both.sum() / any_.sum(), rel=1e-12)


def navigated(w, distances, i, j, only_closer):
    """One route, step by step."""
    at, seen = i, {i}
    while at != j:
        near = np.flatnonzero(w[at])
        if len(near) == 0:
            return np.inf
        step = j if w[at, j] else int(near[np.argmin(distances[near, j])])
        if step != j and (step in seen or (only_closer and distances[step, j] >= distances[at, j])):
            return np.inf
        seen.add(step)
        at = step
    return len(seen) - 1


@pytest.mark.parametrize("rule", ["unless_revisiting", "only_closer"])
def test_navigation_step_by_step(rule):
    """In directed networks walkers go round cycles of more than two nodes, where bctpy does not come back."""
    w = random_network(30, 0.08, seed=3)
    d = np.random.default_rng(1).integers(1, 5, (30, 30)).astype(float)  # ties, and not symmetric
    np.fill_diagonal(d, 0)
    found = na.navigation(w, distances=d, rule=rule)
    right = [[navigated(w, d, i, j, rule == "only_closer") for j in range(30)] for i in range(30)]
    assert np.array_equal(found.hops, right)
    assert 0 < found.success < 1
    for i, j in np.argwhere(np.isfinite(found.hops)):
        path = found.path(i, j)
        assert len(path) - 1 == found.hops[i, j]
        assert found.lengths[i, j] == pytest.approx(sum(1 / w[a, b] for a, b in itertools.pairwise(path)))


def test_connections_that_are_lost_in_a_path_are_taken_all_the_same():
    """1 + 1e-25 is 1: nodes at both ends of such a connection are equally far, and one comes after the other."""
    w = graph(4, (0, 3, 1e-25), (3, 1, 1), (1, 2, 1))
    np.testing.assert_allclose(na.search_information(w)[0], [0, 0, 1, 0], atol=1e-9)
    np.testing.assert_allclose(na.path_transitivity(w)[0], [0, 1 / 6, 1 / 4, 0], atol=1e-9)


def test_probabilities_too_small_for_a_double():
    w = np.diag(np.full(29, 1e-20), k=1)
    w[1:, 0] = 1.0  # back to the start, nearly always
    assert na.search_information(w)[0, 29] == pytest.approx(28 * np.log2(1e20), rel=1e-12)
    assert na.resource_efficiency(w, lengths="inverse")[0, 29] == 0


def test_negative_distances_are_refused():
    w, d = random_network(4, 1.0, seed=0), np.eye(4) - 1
    for call in (lambda: na.navigation(w, distances=d), lambda: na.Connectome(w, distances=d)):
        with pytest.raises(ValueError, match="distances must not be negative; got -1"):
            call()


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_a_negative_self_connection_is_ignored_as_others_are(form):
    w = random_network(6, 0.6, seed=0, symmetric=True)
    np.fill_diagonal(w, 0)
    d = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6)))
    for call in (
        na.s_core,
        na.matching_index,
        na.shortest_paths,
        na.efficiency,
        na.nodal_efficiency,
        na.local_efficiency,
        na.betweenness,
        na.eccentricity,
        na.search_information,
        na.path_transitivity,
        lambda w: na.navigation(w, distances=d).lengths,
        lambda w: na.shortest_path_tree(w, sources=[0]).distances,
    ):
        np.testing.assert_allclose(call(form(w - np.diag([3.0, 0, 0, 1, 0, 0]))), call(form(w)))


def test_large_sparse_networks_are_refused_by_name():
    w = sparse.csr_array(([1.0], ([0], [1])), shape=(40_000, 40_000))
    for name in ("search_information", "path_transitivity", "resource_efficiency", "matching_index"):
        with pytest.raises(MemoryError, match=rf"{name}.*transform\.subset"):
            getattr(na, name)(w)


@pytest.mark.parametrize(
    "call",
    [
        lambda w, d: na.search_information(w, memory=True),
        lambda w, d: na.resource_efficiency(w, lengths="inverse"),
        lambda w, d: na.path_transitivity(w),
        lambda w, d: na.matching_index(w),
        lambda w, d: na.navigation(w, distances=d).hops,
        lambda w, d: na.navigation(w, distances=d).lengths * np.maximum(w.max(axis=(-2, -1), keepdims=True), 1e-9),
    ],
)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), density=st.floats(0, 1), symmetric=st.booleans())
def test_relabelling_scaling_and_stacks(call, seed, density, symmetric):
    rng = np.random.default_rng(seed)
    w = np.stack([random_network(9, density, seed + k, symmetric) for k in range(3)])
    positions = rng.random((9, 2))
    d = np.linalg.norm(positions[:, None] - positions, axis=-1)
    got = call(w, d)
    order = rng.permutation(9)
    mixed = np.ix_(order, order)
    for k in range(3):
        np.testing.assert_allclose(call(w[k], d), got[k], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(call(w[k][mixed], d[mixed]), got[k][mixed], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(call(w[k] * 1e-3, d), got[k], rtol=1e-9, atol=1e-12)
