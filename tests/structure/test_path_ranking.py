"""Strongest paths against enumeration, networkx and values worked out by hand."""

from itertools import islice, pairwise, product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na

forms = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def enumerated(w, inputs, outputs, lengths, simple, alpha=1.0):
    """Magnitudes of all paths, strongest first."""
    found, ends = [((i,), 1.0) for i in inputs], []
    for h in range(1, max(lengths) + 1):
        found = [((*p, int(j)), x * alpha * w[p[-1], j]) for p, x in found for j in np.flatnonzero(w[p[-1]])]
        if simple:
            found = [(p, x) for p, x in found if len(set(p)) == len(p)]
        ends += [(p, x) for p, x in found if h in lengths and p[-1] in outputs]
    return dict(sorted(ends, key=lambda end: -abs(end[1])))


@forms
@settings(deadline=None, max_examples=120)
@given(
    st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([(1, 1), (1, 3), (1, 4), (3, 3), (2, 4)]), st.booleans()
)
def test_enumeration_of_signed_networks_with_loops(form, seed, simple, lengths, small):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(6, 6)) * (rng.random((6, 6)) < 0.6)
    if small:
        w /= np.abs(w).max()  # Yen's search, where paths are simple and of any length
    inputs, outputs, k = [0, 1], [1, 4, 5], 12
    low, high = lengths
    every = enumerated(w, inputs, outputs, range(low, high + 1), simple, 0.9)
    ask = {"inputs": inputs, "outputs": outputs, "k": k, "min_hops": low, "max_hops": high, "alpha": 0.9}
    if not every:
        with pytest.raises(ValueError, match="path of"):
            na.strongest_paths(form(w), simple=simple, **ask)
        return
    got = na.strongest_paths(form(w), simple=simple, **ask)
    assert len(got) == min(k, len(every)) == len(set(got.paths))
    np.testing.assert_allclose(np.abs(got.strengths), np.abs(list(every.values()))[:k], rtol=1e-10)
    for path, strength, hops, weakest in zip(got.paths, got.strengths, got.hops, got.weakest, strict=True):
        assert strength == pytest.approx(every[path], rel=1e-10)
        assert hops == len(path) - 1
        assert abs(weakest) == pytest.approx(min(abs(w[a, b]) for a, b in pairwise(path)))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_simple_paths_as_networkx_orders_them(seed):
    rng = np.random.default_rng(seed)
    w = rng.random((7, 7)) * (rng.random((7, 7)) < 0.5)
    np.fill_diagonal(w, 0)
    graph = nx.from_numpy_array(np.where(w, -np.log(np.where(w, w, 1)), 0), create_using=nx.DiGraph)
    if w[0].any() and nx.has_path(graph, 0, 6):
        theirs = list(islice(nx.shortest_simple_paths(graph, 0, 6, weight="weight"), 10))
        ours = na.strongest_paths(w, inputs=[0], outputs=[6], k=10, max_hops=6, simple=True)
        assert [list(path) for path in ours.paths] == theirs


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([1, 3]))
def test_ties_of_binary_networks(seed, simple, low):
    rng = np.random.default_rng(seed)
    w = (rng.random((6, 6)) < 0.5).astype(float)
    every = enumerated(w, [0, 1], [4, 5], range(low, 4), simple)
    if every:
        ask = {"inputs": [0, 1], "outputs": [4, 5], "min_hops": low, "max_hops": 3, "simple": simple}
        got = na.strongest_paths(w, k=8, **ask)
        assert set(got.paths) <= set(every)
        assert got.paths == tuple(sorted(every, key=lambda p: (len(p), p))[:8])
        assert got.tied == (len(every) > 8)
        assert not na.strongest_paths(w, k=10_000, **ask).tied


@pytest.mark.parametrize("seed", range(8))
def test_the_same_weights_in_another_order_are_a_tie(seed):
    # Sums of logarithms depend on their order, and a rounded rest is not the rest of a rounded sum.
    rng = np.random.default_rng(seed)
    w = rng.choice([0, -1.35, 0.45, 0.9], (4, 4))
    every = [
        (round(-np.log(abs(np.prod(w[p[:-1], p[1:]]))), 9), len(p), tuple(p.tolist()))
        for h in (3, 4)
        for p in np.array(list(product(range(4), repeat=h + 1)))
        if w[p[:-1], p[1:]].all()
    ]
    every.sort()
    for k in (3, 7, 20):
        found = na.strongest_paths(w, max_hops=4, min_hops=3, k=k)
        assert found.paths == tuple(path for *_, path in every[:k])
        assert found.tied == (every[k][0] == every[k - 1][0])


def test_strengths_above_one_and_the_damping():
    a = [[0, 3, 1], [0, 0, 3], [0, 0, 0]]
    ends = {"inputs": [0], "outputs": [2], "max_hops": 2}
    for simple in (False, True):
        got = na.strongest_paths(a, simple=simple, **ends)
        assert got.paths == ((0, 1, 2), (0, 2))
        np.testing.assert_allclose(got.strengths, [9, 1])
        damped = na.strongest_paths(a, simple=simple, alpha=0.05, **ends)
        assert damped.paths == ((0, 2), (0, 1, 2))
        np.testing.assert_allclose(damped.strengths, [0.05, 0.0225])


def test_a_self_connection_equal_to_the_scale():
    ends = {"inputs": [0], "outputs": [1], "max_hops": 3, "k": 5}
    got = na.strongest_paths([[1, 1], [0, 0]], **ends)
    assert got.paths == ((0, 1), (0, 0, 1), (0, 0, 0, 1))
    assert got.strengths.tolist() == [1, 1, 1]
    assert na.strongest_paths([[1, 1], [0, 0]], **(ends | {"k": 2})).tied
    assert na.strongest_paths([[1, 1], [0, 0]], simple=True, **ends).paths == ((0, 1),)


def test_products_and_inverse_weights_rank_differently():
    c = [[0, 0.9, 0.25], [0, 0, 0.3], [0, 0, 0]]
    got = na.strongest_paths(c, inputs=[0], outputs=[2], k=1, max_hops=2)
    assert got.paths == ((0, 1, 2),)
    assert got.strengths[0] == pytest.approx(0.27)
    assert na.shortest_path_tree(c, sources=[0]).path(0, 2) == (0, 2)


def test_a_limit_of_hops_is_no_matter_of_the_best_label_of_a_node():
    a = np.array([[0, 0.9, 0.5, 0.1], [0, 0, 0.9, 0], [0, 0, 0, 0.9], [0, 0, 0, 0]])
    for simple in (False, True):
        for hops, want in ((2, [0.45, 0.1]), (3, [0.729, 0.45, 0.1])):
            got = na.strongest_paths(a, inputs=[0], outputs=[3], max_hops=hops, simple=simple)
            np.testing.assert_allclose(got.strengths, want)
    b = np.array([[0, 1, 0, 1], [1, 0, 0.1, 0], [0, 0, 0, 0.1], [0, 0, 0, 0]])
    ends = {"inputs": [0], "outputs": [3], "min_hops": 3, "max_hops": 3}
    assert na.strongest_paths(b, k=1, **ends).paths == ((0, 1, 0, 3),)
    simple = na.strongest_paths(b, simple=True, **ends)
    assert simple.paths == ((0, 1, 2, 3),)
    np.testing.assert_allclose(simple.strengths, [0.01])


def test_a_circle_is_no_simple_path():
    ring = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    with pytest.raises(ValueError, match="no simple path of 1 to 3 hops"):
        na.strongest_paths(ring, inputs=[0], outputs=[0], max_hops=3, simple=True)
    assert na.strongest_paths(ring, inputs=[0], outputs=[0], max_hops=3).paths == ((0, 1, 2, 0),)


def test_an_error_rather_than_a_short_list():
    n = 12
    w = np.ones((n, n)) * 1e-6
    w[:3, :3] = 1
    with pytest.raises(RuntimeError, match="max_looks"):
        na.strongest_paths(w, inputs=[0], outputs=[11], min_hops=9, max_hops=9, simple=True, max_looks=50)


def test_extreme_weights_and_signs():
    w = np.zeros((4, 4))
    w[0, 1], w[1, 3], w[0, 2], w[2, 3] = 1e-200, -1e-180, 1e-200, 1e-190
    got = na.strongest_paths(w, inputs=[0], outputs=[3], max_hops=2, normalize=1e-190)
    assert got.paths == ((0, 1, 3), (0, 2, 3))
    np.testing.assert_allclose(got.strengths, [-1, 1e-10], rtol=1e-12)


def test_threshold_names_and_table():
    ids = [720575940600000001, 720575940600000003, 720575940600000005]
    net = na.Connectome([[0, 4, -2], [0, 0, 3], [0, 0, 0]], labels=ids, modules=["s", "i", "m"])
    got = na.strongest_paths(net, inputs="s", outputs="m", max_hops=2)
    assert got.names == (tuple(ids), (ids[0], ids[2]))
    assert got.table().sign.tolist() == [1, -1]
    assert got.table().weakest.tolist() == [3, -2]
    assert got.dropped == 0
    strong = na.strongest_paths(net, inputs="s", outputs="m", max_hops=2, threshold=3)
    assert strong.paths == ((0, 1, 2),)
    assert strong.dropped == pytest.approx(2 / 9)
    with pytest.raises(ValueError, match="at least 5"):
        na.strongest_paths(net, inputs="s", outputs="m", max_hops=2, threshold=5)


def test_refusals():
    w = np.ones((3, 3))
    for bad, words in [
        ({"max_hops": 0}, "max_hops"),
        ({"max_hops": 2, "min_hops": 3}, "min_hops must be at most"),
        ({"max_hops": 2, "k": 0}, "k must be"),
        ({"max_hops": 2, "alpha": 0}, "alpha"),
        ({"max_hops": 2, "threshold": -1}, "threshold"),
        ({"max_hops": 2, "inputs": [7]}, "inputs"),
        ({"max_hops": 2, "outputs": np.ones((3, 2))}, "outputs"),
    ]:
        with pytest.raises(ValueError, match=words):
            na.strongest_paths(w, **bad)
    with pytest.raises(ValueError, match=r"one by one, \[strongest_paths\(w, \.\.\.\) for w in net\]"):
        na.strongest_paths(np.ones((2, 3, 3)), max_hops=1)


@pytest.mark.parametrize("lengths", ["inverse", "hops", "weights"])
def test_shortest_path_trees(lengths, directed):
    whole = na.shortest_paths(directed, lengths=lengths)
    for form in (np.asarray, sparse.csr_array):
        np.testing.assert_allclose(na.shortest_paths(form(directed), lengths=lengths, sources=[4, 2]), whole[[4, 2]])
        tree = na.shortest_path_tree(form(directed), sources=[4, 2], lengths=lengths)
        np.testing.assert_allclose(tree.distances, whole[[4, 2]])
        for target in range(30):
            path = tree.path(2, target)
            length = {"inverse": lambda x: 1 / x, "hops": np.ones_like, "weights": np.asarray}[lengths]
            steps = length(np.array([directed[a, b] for a, b in pairwise(path)]))
            assert steps.sum() == pytest.approx(whole[2, target])
            assert (path[0], path[-1]) == (2, target)


def test_the_target_of_a_tree_is_a_node():
    tree = na.shortest_path_tree(np.ones((3, 3)), sources=[0])
    assert tree.path(0, -1) == (0, 2)
    with pytest.raises(ValueError, match=r"target must lie in 0\.\.2"):
        tree.path(0, 3)
    with pytest.raises(TypeError, match="target must be integers"):
        tree.path(0, 1.0)


def test_trees_say_what_cannot_be_reached():
    tree = na.shortest_path_tree([[5, 1.0, 0], [0, 0, 0], [0, 0, 0]], sources=[0])
    assert tree.path(0, 0) == (0,)
    assert tree.path(0, 1) == (0, 1)
    with pytest.raises(ValueError, match="no path leads from 0 to 2"):
        tree.path(0, 2)
    with pytest.raises(ValueError, match="sources"):
        tree.path(1, 2)


def test_walks_beyond_double_precision_are_refused():
    w = 1e160 * np.array([[0, 2.0, 1], [3, 0, 1], [1, 1, 0]])
    for walk in (
        lambda: na.pathways(w, max_hops=3),
        lambda: na.pathways(na.Connectome(w), max_hops=3).maps,
        lambda: na.strongest_paths(w, max_hops=3, k=3),
        lambda: na.pathways(na.Connectome(w), max_hops=3).through(),
    ):
        with pytest.raises(OverflowError, match="walks of up to 3 hops sum up beyond double precision"):
            walk()
