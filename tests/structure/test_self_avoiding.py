"""Paths that visit no node twice: closed forms against enumeration of permutations, networkx and samples."""

from itertools import permutations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na

B = np.array([[0, 2, -1, 0, 1], [1, 0, 3, -2, 0], [0, 1, 0, 2, -1], [2, 0, 1, 0, 3], [-1, 1, 0, 2, 0.0]])
forms = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def by_permutations(w, hops):
    out = np.zeros(w.shape)
    for nodes in permutations(range(len(w)), hops + 1):
        out[nodes[0], nodes[-1]] += np.prod(w[nodes[:-1], nodes[1:]])
    return out


@forms
@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32 - 1))
def test_closed_forms_and_enumeration_of_signed_networks(form, seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(7, 7)) * (rng.random((7, 7)) < 0.7)
    ends = {"inputs": [0, 3, 3, 5], "outputs": [1, 2, 3]} if seed % 2 else {}
    got = na.self_avoiding_mass(form(w), max_hops=6, **ends)
    assert got.methods == ("closed form",) * 5 + ("enumeration",) * 2
    rows, columns = ends.get("inputs", range(7)), ends.get("outputs", range(7))
    for h in range(1, 7):
        np.testing.assert_allclose(got.maps[h], by_permutations(w, h)[np.ix_(rows, columns)], atol=1e-11)
    np.testing.assert_array_equal(got.maps[0], np.eye(7)[np.ix_(rows, columns)])
    assert not got.standard_error.any()


@forms
def test_values_by_hand(form):
    complete = np.ones((4, 4)) - np.eye(4)
    assert np.linalg.matrix_power(complete, 3)[0, :2].tolist() == [6, 7]
    assert na.self_avoiding_mass(form(complete), max_hops=3).maps[3, 0].tolist() == [0, 2, 2, 2]
    got = na.self_avoiding_mass(form(B), inputs=[0], max_hops=4).maps[:, 0]
    assert got[2:].tolist() == [[0, 0, 6, -4, 1], [0, 1, 1, 14, -24], [0, -4, -2, -8, 46]]
    assert np.linalg.matrix_power(B, 3)[0].tolist() == [-9, 9, -5, 14, -17]  # walks, with circles
    assert np.linalg.matrix_power(B, 4)[0].tolist() == [54, -40, 50, -62, 38]
    c = [[0.5, 1, 0], [0, 0.5, 1], [0, 0, 0.5]]
    assert na.self_avoiding_mass(form(c), max_hops=3).maps[3, 0, 2] == 0
    assert na.pathways(form(c), max_hops=3).maps[3, 0, 2] == 1.5


def test_counts_as_networkx_counts():
    rng = np.random.default_rng(3)
    w = rng.normal(size=(9, 9)) * (rng.random((9, 9)) < 0.4)
    np.fill_diagonal(w, 0)
    graph = nx.from_numpy_array(w, create_using=nx.DiGraph)
    simple = na.path_counts(w, max_hops=6, simple=True)
    for i, j in permutations(range(9), 2):
        lengths = [len(p) - 1 for p in nx.all_simple_paths(graph, i, j, cutoff=6)]
        assert simple[:, i, j].tolist() == np.bincount(lengths, minlength=7).tolist()
    walks = na.path_counts(w, inputs=[0, 2], outputs=[5], max_hops=4)
    np.testing.assert_array_equal(walks[4], np.linalg.matrix_power((w != 0) * 1, 4)[[0, 2]][:, [5]])
    strong = na.path_counts(w, max_hops=3, simple=True, threshold=0.8)
    np.testing.assert_array_equal(strong, na.path_counts(w * (abs(w) >= 0.8), max_hops=3, simple=True))


def test_rows_of_one_pair_are_summed_before_the_threshold():
    w = sparse.coo_array(([3.0, 2.0], ([0, 0], [1, 1])), shape=(2, 2))
    assert na.path_counts(w, inputs=[0], outputs=[1], max_hops=1, threshold=5).tolist() == [[[0]], [[1]]]


def test_samples_are_unbiased_and_their_intervals_cover():
    rng = np.random.default_rng(1)
    w = rng.normal(size=(12, 12)) * (rng.random((12, 12)) < 0.5)
    ends = {"inputs": [0, 1], "outputs": [8, 9, 10], "max_hops": 6}
    exact = na.self_avoiding_mass(w, method="enumerate", **ends)
    runs = [na.self_avoiding_mass(w, method="sample", n_samples=2000, rng=r, **ends) for r in range(60)]
    assert runs[0].methods[5:] == ("sampled", "sampled")
    means, errors = np.array([r.maps[5:] for r in runs]), np.array([r.standard_error[5:] for r in runs])
    z = (means.mean(0) - exact.maps[5:]) / (means.std(0, ddof=1) / np.sqrt(60))
    assert np.abs(z).max() < 4
    np.testing.assert_allclose(errors.mean(0), means.std(0, ddof=1), rtol=0.4)
    covered = [(r.interval[0] <= exact.maps)[5:] & (exact.maps <= r.interval[1])[5:] for r in runs]
    assert 0.9 < np.mean(covered) < 0.99
    again = na.self_avoiding_mass(w, method="sample", n_samples=2000, rng=7, **ends)
    np.testing.assert_array_equal(again.maps, runs[7].maps)


def test_the_limit_of_enumeration():
    w = np.ones((30, 30))
    ends = {"inputs": [0], "outputs": [1], "max_hops": 6, "max_walks": 1000}
    with pytest.raises(MemoryError, match="max_walks"):
        na.self_avoiding_mass(w, method="enumerate", **ends)
    got = na.self_avoiding_mass(w, rng=0, **ends)
    assert got.methods[-1] == "sampled"
    true = 28 * 27 * 26 * 25 * 24
    assert abs(got.maps[6, 0, 0] - true) < 4 * got.standard_error[6, 0, 0] + 1e-9 * true
    ring = np.roll(np.eye(30), 1, axis=1)
    lonely = na.self_avoiding_mass(ring + 1e-12 * (ring @ ring), inputs=[0], outputs=[5, 4], max_hops=5,
                                   method="sample", n_samples=50, rng=0)  # fmt: skip
    assert lonely.maps[5, 0].tolist() == [pytest.approx(1), 0]
    assert not np.isnan(lonely.standard_error[5, 0, 0])


def test_refusals():
    for bad, words in [
        ({"max_hops": -1}, "max_hops"),
        ({"max_hops": 5, "method": "guess"}, "method must be"),
        ({"max_hops": 5, "confidence": 1}, "confidence"),
        ({"max_hops": 2, "inputs": [9]}, "inputs"),
    ]:
        with pytest.raises(ValueError, match=words):
            na.self_avoiding_mass(np.ones((3, 3)), **bad)


def test_a_stack_equals_the_loop():
    rng = np.random.default_rng(5)
    stack = rng.normal(size=(2, 2, 7, 7)) * (rng.random((2, 2, 7, 7)) < 0.7)
    stack[1, 1] *= np.triu(np.ones((7, 7)))  # few enough walks to enumerate, where the others are sampled
    options = {"inputs": [0, 1], "outputs": [5, 6], "max_hops": 5, "max_walks": 2000, "n_samples": 500, "rng": 3}
    got = na.self_avoiding_mass(stack, **options)
    for k in np.ndindex(2, 2):
        one = na.self_avoiding_mass(stack[k], **options)
        np.testing.assert_array_equal(got.maps[k], one.maps)
        np.testing.assert_array_equal(got.standard_error[k], one.standard_error)
        np.testing.assert_array_equal(got.interval[1][k], one.interval[1])
        assert got.methods[2 * k[0] + k[1]] == one.methods
    assert {methods[-1] for methods in got.methods} == {"sampled", "enumeration"}
    for simple in (False, True):
        counts = na.path_counts(stack, max_hops=5, simple=simple, threshold=0.3)
        assert counts.shape == (2, 2, 6, 7, 7)
        np.testing.assert_array_equal(
            counts[1, 0], na.path_counts(stack[1, 0], max_hops=5, simple=simple, threshold=0.3)
        )


def test_errors_that_no_sample_tells_are_said():
    w = np.zeros((9, 9))
    w[[0, 1, 2, 3, 4, 0], [1, 2, 3, 4, 5, 6]] = 1
    w[[6, 7, 8, 4], [7, 8, 3, 2]] = 1e-12
    w[4, 6] = 1e-9
    with pytest.warns(na.UndefinedWarning, match="standard_error is nan") as caught:
        found = na.self_avoiding_mass(w, inputs=[0], outputs=[5, 6], max_hops=5, method="sample", n_samples=3, rng=0)
    assert [w.category for w in caught if w.category is not RuntimeWarning] == [na.UndefinedWarning]
    assert np.isnan(found.standard_error).any()
