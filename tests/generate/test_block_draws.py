"""Networks drawn from block models: what is exact is kept, what is expected is met, each as likely as it should be."""

from collections import Counter
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

import netanalysis as na


def between(w, label):
    part = np.eye(max(label) + 1)[label]
    return part.T @ w @ part


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans(), st.booleans())
def test_exact_draws_have_the_connections_and_degrees_given(seed, directed, corrected, as_sparse):
    rng = np.random.default_rng(seed)
    n = 9
    label = np.r_[0, 1, 2, rng.integers(0, 3, n - 3)]
    w = rng.integers(0, 4, (n, n)) * 1.0
    if not directed:
        w = np.triu(w) + np.triu(w).T  # self-connections count twice
    degrees = np.array([w.sum(1), w.sum(0)])[: 1 + directed]
    given = {"block_matrix": between(w, label), "kind": "exact", "rng": seed, "as_sparse": as_sparse}
    if corrected:
        given["degrees"] = degrees[0] if not directed else degrees
    drawn = na.draw_blocks(label, directed=directed, **given)
    drawn = drawn.toarray() if as_sparse else drawn
    np.testing.assert_array_equal(between(drawn, label), between(w, label))
    if corrected:
        np.testing.assert_array_equal(drawn.sum(1), w.sum(1))
        np.testing.assert_array_equal(drawn.sum(0), w.sum(0))
    if not directed:
        np.testing.assert_array_equal(drawn, drawn.T)


@pytest.mark.parametrize("directed", [False, True])
def test_exact_draws_follow_the_microcanonical_model(directed):
    """Given degrees and blocks, P(A) goes with one over the factorials of its parallel connections."""
    w = np.array([[0, 1, 1, 0], [0, 0, 1, 0], [1, 0, 0, 1], [0, 1, 0, 0]]) * 1.0
    w = w if directed else w + w.T
    label = np.array([0, 0, 1, 1])
    degrees = np.array([w.sum(1), w.sum(0)]) if directed else w.sum(1)
    drawn = na.draw_blocks(
        label, block_matrix=between(w, label), degrees=degrees, directed=directed, kind="exact", size=1500, rng=0
    )
    counts = Counter(m.tobytes() for m in drawn)

    def weight(a):
        a = a.astype(int)
        if directed:
            return 1 / prod(factorial(x) for x in a.ravel())
        loops = [int(x) // 2 for x in np.diag(a)]
        return 1 / prod(factorial(x) for x in a[np.triu_indices(4, 1)]) / prod(2**x * factorial(x) for x in loops)

    share = np.array([weight(np.frombuffer(a).reshape(4, 4)) for a in counts])
    assert chisquare(list(counts.values()), 1500 * share / share.sum()).pvalue > 1e-4


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("corrected", [False, True])
@pytest.mark.parametrize("kind", ["binary", "poisson"])
def test_expected_numbers_of_connections_are_met(directed, corrected, kind):
    label = np.r_[np.zeros(8, int), np.ones(6, int)]
    m = np.array([[40.0, 9], [9 if not directed else 17, 0]])
    theta = np.r_[1:9, 1:7] * 1.0
    degrees = (np.array([theta, theta[::-1]]) if directed else theta) if corrected else None
    made = na.draw_blocks(label, block_matrix=m, degrees=degrees, kind=kind, size=800, rng=1, directed=directed)
    shares = np.array([theta, theta[::-1] if directed else theta]) if corrected else np.ones((2, 14))
    sums = np.array([[s[label == r].sum() for r in (0, 1)] for s in shares])
    rate = np.outer(shares[0] / sums[0][label], shares[1] / sums[1][label]) * m[label][:, label]
    if kind == "binary":
        assert set(np.unique(made)) == {0, 1}
        assert not made[:, np.arange(14), np.arange(14)].any()
        pairs = np.outer([8, 6], [8, 6]) - np.diag([8, 6])
        rate = 1 - np.exp(-rate) if corrected else (m / pairs)[label][:, label]
        np.fill_diagonal(rate, 0)
    error = np.sqrt(np.maximum(rate, 0.02) / 800) * (1 if directed else np.where(np.eye(14), np.sqrt(2), 1))
    assert (np.abs(made.mean(0) - rate) < 5 * error).all()
    if not directed:
        np.testing.assert_array_equal(made, made.swapaxes(1, 2))


def test_full_groups_are_full():
    made = na.draw_blocks([0, 0, 0, 1, 1], block_matrix=[[6, 0], [0, 2]], rng=0)
    np.testing.assert_array_equal(made, np.kron([[1, 0], [0, 1]], np.ones((3, 3)))[[0, 1, 2, 3, 4]][:, :5] - np.eye(5))


@pytest.mark.parametrize(
    ("directed", "corrected"),
    [
        (True, True),
        *(pytest.param(d, c, marks=pytest.mark.slow) for d, c in [(False, False), (False, True), (True, False)]),
    ],
)
def test_a_fitted_model_is_drawn_and_found_again(directed, corrected):
    label = np.repeat([0, 1, 2], 25)
    net = na.draw_blocks(label, block_matrix=250 * np.eye(3) + 20, directed=directed, rng=3, as_sparse=True)
    found = na.block_model(net, n_restarts=2, rng=0, degree_corrected=corrected)
    for kind in ("binary", "poisson", "exact"):
        drawn = na.draw_blocks(found, kind=kind, rng=4)
        if kind == "exact":
            assert drawn.sum() == net.sum()
            if corrected:
                np.testing.assert_array_equal([drawn.sum(1), drawn.sum(0)], found.degrees)
        again = na.block_model(drawn, n_restarts=2, rng=0, weights="counts" if kind == "poisson" else "binary")
        assert na.compare_partitions(again, found).adjusted_mutual_information > 0.9


def test_seeds_and_sizes():
    given = {"block_matrix": [[20, 4], [4, 20]], "rng": 5}
    label = list("aaaaaabbbbbb")
    one = na.draw_blocks(label, **given)
    np.testing.assert_array_equal(one, na.draw_blocks(label, size=3, **given)[0])
    np.testing.assert_array_equal(one, na.draw_blocks(label, size=2, as_sparse=True, **given)[0].toarray())
    assert not np.array_equal(one, na.draw_blocks(label, size=2, **given)[1])


def test_only_shares_of_degrees_count():
    options = {"block_matrix": [[6, 3], [3, 6]], "rng": 0}
    one = na.draw_blocks([0, 0, 0, 1, 1, 1], degrees=[1, 2, 1, 2, 1, 1], **options)
    for unit in (1e308, 1e-320):
        again = na.draw_blocks([0, 0, 0, 1, 1, 1], degrees=np.array([0.5, 1, 0.5, 1, 0.5, 0.5]) * unit, **options)
        np.testing.assert_array_equal(again, one)


@pytest.mark.parametrize("groups", [None, 3, [], np.zeros((2, 3))])
def test_groups_are_labels_of_nodes(groups):
    with pytest.raises(ValueError, match="groups must be one label for each node, or a fitted model"):
        na.draw_blocks(groups, block_matrix=[[0]])


def test_bad_input_is_refused_by_name():
    label = [0, 0, 1, 1]
    for options, message in [
        ({}, "block_matrix must be given"),
        ({"block_matrix": [[1e12, 0], [0, 0]], "kind": "poisson"}, r"asks for 5e\+11 connections, .* by itself"),
        ({"block_matrix": np.ones((3, 3))}, r"block_matrix must have shape \(2, 2\)"),
        ({"block_matrix": [[0, -1], [-1, 0]]}, "block_matrix must not be negative"),
        (
            {"block_matrix": [[0, 5], [5, 0]]},
            'asks for 5 connections between groups 0 and 1, which have 4 pairs.*"poisson"',
        ),
        ({"block_matrix": [[0, 1], [2, 0]], "directed": False}, "must be symmetric"),
        ({"block_matrix": [[1, 1], [1, 0]], "kind": "exact"}, "even ones on the diagonal"),
        ({"block_matrix": [[0, 1], [1, 0]], "degrees": [1, 1, 1]}, r"degrees must have shape \(4,\) or \(2, 4\)"),
        ({"block_matrix": [[0, 1], [2, 0]], "degrees": [1, 1, 1, 1]}, r"degrees of a directed network"),
        ({"block_matrix": [[0, 1], [1, 0]], "degrees": [0, 0, 1, 1]}, "degrees are 0 throughout"),
        ({"block_matrix": [[0, 1], [1, 0]], "degrees": [1, 1, 1, 0], "kind": "exact"}, "degrees must add up"),
        ({"block_matrix": [[0, 1], [1, 0]], "degrees": [-1, 2, 1, 0]}, "degrees must not be negative"),
    ]:
        with pytest.raises(ValueError, match=message):
            na.draw_blocks(label, **options)
    found = na.block_model(np.ones((2, 4, 4)), n_restarts=1, rng=0)
    with pytest.raises(ValueError, match="model of one network"):
        na.draw_blocks(found)
    with pytest.raises(ValueError, match="a fitted model brings"):
        na.draw_blocks(na.block_model(np.ones((4, 4)), n_restarts=1), directed=True)
