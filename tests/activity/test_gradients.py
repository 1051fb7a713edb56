"""Gradients against general eigensolvers, independent similarities and planted rotations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import cosine_similarity

import netanalysis as na
from netanalysis.activity._affinity import affinity

PAIRS = {(0, 1): 0.9, (1, 2): 0.5, (2, 3): 0.8, (0, 3): 0.1, (0, 2): 0.2}
FOUR = np.eye(4)
for (i, j), value in PAIRS.items():
    FOUR[i, j] = FOUR[j, i] = value


def similar(seed, n=12):
    x = np.random.default_rng(seed).normal(size=(n, 40))
    x[1:] += 0.7 * x[:-1]
    return np.corrcoef(x)


@pytest.mark.parametrize(
    ("alpha", "eigenvalues"),
    [
        (0, [0.688454, 0.144729, -0.035655]),
        (0.5, [0.703142, 0.144559, -0.035370]),
        (1, [0.717156, 0.143671, -0.034969]),
    ],
)
def test_eigenvalues_are_those_of_the_operator(alpha, eigenvalues):
    found = na.gradients(FOUR, kernel=None, alpha=alpha, n_components=3)
    np.testing.assert_allclose(found.eigenvalues, eigenvalues, atol=5e-7)
    if alpha == 0.5:
        scale = found.values / na.gradients(FOUR, kernel=None, n_components=3, diffusion_time=1).values
        np.testing.assert_allclose(scale[:, 0] * found.eigenvalues[0], 2.368617, atol=5e-7)


@pytest.mark.parametrize("time", [0, 1, 2.5])
@pytest.mark.parametrize("alpha", [0, 0.3, 1])
def test_gradients_are_right_eigenvectors_of_the_steps(alpha, time):
    a = affinity(similar(0), "normalized_angle")
    degree = a.sum(axis=1)
    steps = a / np.outer(degree, degree) ** alpha
    steps /= steps.sum(axis=1, keepdims=True)
    found = na.gradients(similar(0), sparsity=0, alpha=alpha, diffusion_time=time, n_components=4)
    np.testing.assert_allclose(steps @ found.values, found.values * found.eigenvalues, atol=1e-10)
    general = np.sort(np.linalg.eigvals(steps).real)[::-1]
    np.testing.assert_allclose(found.eigenvalues, general[1:5], atol=1e-10)
    np.testing.assert_allclose(general[0], 1)
    # Orthogonal, and of length 1, under the density in which the walk stays.
    mass = (a / np.outer(degree, degree) ** alpha).sum(axis=1)
    by_time = found.eigenvalues**time if time else found.eigenvalues / (1 - found.eigenvalues)
    unit = found.values / by_time
    np.testing.assert_allclose(unit.T @ (unit * (mass / mass.sum())[:, None]), np.eye(4), atol=1e-9)


@pytest.mark.parametrize("kernel", ["cosine", "normalized_angle", "pearson", "spearman", "gaussian"])
def test_similarities_equal_those_of_other_libraries(kernel):
    x = np.random.default_rng(1).normal(size=(8, 8))
    expected = {
        "cosine": lambda: cosine_similarity(x),
        "normalized_angle": lambda: 1 - np.arccos(np.clip(cosine_similarity(x), -1, 1)) / np.pi,
        "pearson": lambda: np.corrcoef(x),
        "spearman": lambda: stats.spearmanr(x, axis=1).statistic,
        "gaussian": lambda: np.exp(-cdist(x, x, "sqeuclidean") / 8),
    }[kernel]()
    np.testing.assert_allclose(affinity(x, kernel), expected, atol=2e-8)


def test_sparsity_keeps_the_largest_entries_of_each_row():
    w = similar(2)
    by_hand = w.copy()
    for row in by_hand:
        row[np.argsort(row)[:9]] = 0
    np.testing.assert_allclose(na.gradients(w, sparsity=0.75).values, na.gradients(by_hand, sparsity=0).values)


def test_a_row_keeps_one_entry_at_least():
    """Seen: numpy's own words, of 4 nodes."""
    with pytest.raises(ValueError, match="falls into parts"):
        na.gradients(similar(0, n=4), kernel="cosine")


def test_a_ring_has_cosine_and_sine():
    """Closed form: of a ring, each gradient is a wave of the lowest frequency."""
    n = 16
    ring = np.eye(n) + 0.5 * (np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0))
    found = na.gradients(ring, kernel=None, n_components=2, diffusion_time=1)
    np.testing.assert_allclose(found.eigenvalues, (1 + np.cos(2 * np.pi / n)) / 2)
    np.testing.assert_allclose((found.values**2).sum(axis=1), 2 * found.eigenvalues[0] ** 2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["cosine", "normalized_angle", "pearson", "spearman"]))
def test_names_and_units_of_nodes_do_not_matter(seed, kernel):
    w = similar(seed)
    alike = affinity(w, kernel) > 0  # what is unlike everything else is a part by itself, and refused
    assume(sparse.csgraph.connected_components(alike)[0] == 1)
    order = np.random.default_rng(seed).permutation(len(w))
    one = na.gradients(w, kernel=kernel, sparsity=0, n_components=2)
    other = na.gradients(3e9 * w[order][:, order], kernel=kernel, sparsity=0, n_components=2)
    np.testing.assert_allclose(other.eigenvalues, one.eigenvalues, atol=1e-9)
    if np.diff(one.eigenvalues)[0] < -1e-3:
        np.testing.assert_allclose(np.abs(other.values[:, 0]), np.abs(one.values[order, 0]), atol=1e-5)


def test_the_largest_entry_is_positive():
    values = na.gradients(similar(3), n_components=5).values
    assert (values[np.abs(values).argmax(axis=0), np.arange(5)] > 0).all()


def test_incoming_connections_are_rows_of_the_transpose():
    w = np.random.default_rng(4).random((9, 9))
    np.testing.assert_allclose(na.gradients(w, direction="in", sparsity=0).values, na.gradients(w.T, sparsity=0).values)


def test_a_stack_equals_the_loop_and_a_table_names_the_nodes():
    stack = np.array([similar(k) for k in range(3)])
    found = na.gradients(stack, n_components=2)
    for k in range(3):
        np.testing.assert_array_equal(found.values[k], na.gradients(stack[k], n_components=2).values)
    net = na.Connectome(stack[0], labels=[f"n{k}" for k in range(12)], modules=["a", "b"] * 6)
    table = na.gradients(net, n_components=2).table()
    assert table.columns.tolist() == ["node", "label", "module", "gradient_1", "gradient_2"]
    of_three = found.table()
    assert of_three.columns.tolist() == ["subject", "node", "gradient_1", "gradient_2"]
    one = of_three[of_three["subject"] == 1].drop(columns="subject").reset_index(drop=True)
    assert one.equals(na.gradients(stack[1], n_components=2).table())


@pytest.mark.parametrize(
    ("w", "options", "message"),
    [
        (np.eye(4) - 0.1, {"kernel": None}, "this one is signed: name a kernel"),
        (np.triu(np.ones((4, 4))), {"kernel": None}, "this one is directed: name a kernel"),
        (np.kron(np.eye(2), np.ones((3, 3))), {"kernel": "cosine", "sparsity": 0}, "falls into parts"),
        (np.diag([1.0, 1, 1, 0]) + 1e-3 * np.outer([1, 1, 1, 0], [1, 1, 1, 0]), {"sparsity": 0}, "node 3 has no conn"),
        (np.ones((4, 4)), {"kernel": "pearson", "sparsity": 0}, "node 0 has a constant row"),
        (FOUR, {"n_components": 4}, "n_components must be below the number of nodes, 4"),
        (FOUR, {"kernel": "angle"}, "kernel must be one of"),
        (FOUR, {"sparsity": 1}, "sparsity must be"),
        (FOUR, {"alpha": 2}, "alpha must be"),
        (FOUR, {"diffusion_time": -1}, "diffusion_time must be"),
    ],
)
def test_refusals(w, options, message):
    with pytest.raises(ValueError, match=message):
        na.gradients(w, **options)


class TestAlignment:
    def planted(self, noise=0.0):
        rng = np.random.default_rng(0)
        true = rng.normal(size=(30, 3))
        turns = [np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(6)]
        return true, np.array([true @ turn + noise * rng.normal(size=true.shape) for turn in turns])

    def test_rotations_and_reflections_are_taken_back(self):
        true, given = self.planted()
        found = na.align_gradients(given, reference=true)
        np.testing.assert_allclose(found.values, np.broadcast_to(true, given.shape), atol=1e-12)
        np.testing.assert_allclose(found.values, given @ found.rotations)
        np.testing.assert_allclose(found.rotations @ np.swapaxes(found.rotations, 1, 2), [np.eye(3)] * 6, atol=1e-12)
        assert found.distance == pytest.approx(0, abs=1e-20)

    def test_the_mean_of_noisy_people_is_what_they_share_but_for_a_turn(self):
        true, given = self.planted(noise=0.2)
        found = na.align_gradients(given)
        again = na.align_gradients([found.reference], reference=true).values[0]
        assert np.corrcoef(again.ravel(), true.ravel())[0, 1] > 0.99
        assert found.distance < na.align_gradients(given, reference=given[0]).distance
        np.testing.assert_allclose(found.reference, found.values.mean(axis=0))

    def test_equals_scipy(self):
        from scipy.linalg import orthogonal_procrustes

        _, given = self.planted(noise=0.5)
        for turned, own in zip(na.align_gradients(given, reference=given[0]).values, given, strict=True):
            np.testing.assert_allclose(turned, own @ orthogonal_procrustes(own, given[0])[0], atol=1e-12)

    def test_refusals(self):
        _, given = self.planted(noise=0.5)
        with pytest.raises(ValueError, match="values must have shape"):
            na.align_gradients(given[0])
        with pytest.raises(ValueError, match="reference must have shape"):
            na.align_gradients(given, reference=given[0][:, :2])
        with pytest.raises(RuntimeError, match="still moved after max_iterations=1"):
            na.align_gradients(given, max_iterations=1)


def test_nodes_that_do_not_differ_have_gradients_of_0_and_not_of_rounding():
    for w, count in ((np.ones((6, 6)), 3), (np.kron(np.eye(2), np.ones((5, 5))), 2)):
        with pytest.warns(na.UndefinedWarning, match=f"gradients: {count} of 3 are 0"):
            found = na.gradients(w, sparsity=0)
        assert not found.values[:, 3 - count :].any()
        assert not found.eigenvalues[3 - count :].any()
    assert np.abs(found.values[:, 0]).tolist() == pytest.approx([0.5] * 10)


@pytest.mark.parametrize("kernel", ["normalized_angle", "cosine", "pearson", "spearman"])
def test_units_do_not_matter_to_gradients(kernel):
    w = similar(0)
    plain = na.gradients(w, n_components=2, kernel=kernel, sparsity=0.5).values
    for unit in (2.0**-700, 2.0**700):
        assert np.array_equal(na.gradients(w * unit, n_components=2, kernel=kernel, sparsity=0.5).values, plain)


def test_a_list_of_networks_has_its_nodes_in_one_order():
    """Of any measure: labels of DataFrames were ignored."""
    names = [f"n{k}" for k in range(12)]
    first = pd.DataFrame(similar(0), index=names, columns=names)
    both = na.gradients([first, first], n_components=2)
    assert both.values.shape == (2, 12, 2)
    for measure in (na.gradients, na.strength):
        with pytest.raises(ValueError, match=r"net\[1\] must have the nodes of net\[0\] in the same order"):
            measure([first, first.iloc[::-1, ::-1]])


def test_gradients_align_as_they_come():
    stack = np.array([similar(k) for k in range(3)])
    whole = na.gradients(stack, n_components=2)
    apart = [na.gradients(w, n_components=2) for w in stack]
    right = na.align_gradients(whole.values).values
    assert np.array_equal(na.align_gradients(whole).values, right)
    assert np.array_equal(na.align_gradients(apart).values, right)
    onto = na.align_gradients(whole, reference=apart[0])
    assert onto.values[0] == pytest.approx(apart[0].values)
    with pytest.raises(ValueError, match="at least one person"):
        na.align_gradients(np.zeros((0, 5, 2)))
    with pytest.raises(ValueError, match="between 1e-100 and 1e100"):
        na.align_gradients(whole.values * 1e200)
