"""Entropies against slow loops, scipy.stats and the anchors of Sheeran et al."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import linalg, sparse, stats

import netanalysis as na
from netanalysis.structure import entropy


def slow_rows(w, self_connections=True):
    entropies = []
    for i in range(len(w)):
        row = [abs(w[i, j]) for j in range(len(w)) if self_connections or i != j]
        total = sum(row)
        entropies.append(sum(-x / total * np.log2(x / total) for x in row if x > 0))
    return np.array(entropies)


def test_against_slow_loop_and_scipy(directed, signed):
    for w in (directed, signed):
        np.testing.assert_allclose(na.node_entropy(w), slow_rows(w), atol=1e-12)
        np.testing.assert_allclose(na.node_entropy(w), stats.entropy(np.abs(w), axis=1, base=2), atol=1e-12)
        np.testing.assert_allclose(na.node_entropy(w, direction="in"), slow_rows(w.T), atol=1e-12)
        assert na.weight_entropy(w) == pytest.approx(slow_rows(w).mean(), abs=1e-12)
        assert na.weight_entropy(w, direction="in") == pytest.approx(slow_rows(w.T).mean(), abs=1e-12)
        assert na.weight_entropy(w, self_connections=False) == pytest.approx(slow_rows(w, False).mean(), abs=1e-12)


def test_exact_anchors():
    assert na.weight_entropy(np.ones((100, 100))) == pytest.approx(np.log2(100), abs=1e-12)
    assert na.weight_entropy(-np.ones((100, 100)), self_connections=False) == pytest.approx(np.log2(99), abs=1e-12)
    assert na.weight_entropy(np.eye(100)) == 0
    assert na.weight_entropy(np.eye(100), self_connections=False) == 0
    assert na.communicability_entropy(np.eye(100)) == 0


def test_random_orthogonal_anchors():
    w = np.stack([stats.ortho_group.rvs(100, random_state=seed) for seed in range(4)])
    np.testing.assert_allclose(na.weight_entropy(w), 6.23, atol=0.01)
    np.testing.assert_allclose(na.communicability_entropy(w), 5.02, atol=0.01)
    np.testing.assert_allclose(na.spectral_entropy(w), np.log2(100), atol=1e-9)
    np.testing.assert_allclose(np.abs(w).sum(axis=(1, 2)), 799.9, atol=5)


def test_communicability_entropy_keeps_the_diagonal(directed):
    a = directed / np.sqrt(np.outer(directed.sum(1), directed.sum(1)))
    assert na.communicability_entropy(directed) == pytest.approx(slow_rows(linalg.expm(a)).mean(), abs=1e-11)
    assert na.communicability_entropy(directed, direction="in") == pytest.approx(
        slow_rows(linalg.expm(a).T).mean(), abs=1e-11
    )
    assert na.communicability_entropy(directed * 99) == pytest.approx(na.communicability_entropy(directed), abs=1e-12)


def test_silent_nodes_count_as_zero(directed):
    w = directed.copy()
    w[2] = 0
    assert na.node_entropy(w)[2] == 0
    others = stats.entropy(np.delete(w, 2, axis=0), axis=1, base=2)
    assert na.weight_entropy(w) == pytest.approx(others.sum() / 30)
    assert na.weight_entropy(np.zeros((5, 5))) == 0
    assert na.weight_entropy(np.zeros((5, 5)), variant="histogram") == 0


def test_rows_of_noise_can_be_left_out():
    """Uniform rows of 2^k entries hold k bits; noise holds as many as its row is long."""
    w = np.zeros((9, 9))
    w[0, 1], w[1, 4:6], w[2, 5:9] = 3.0, -1.0, 0.5
    w[3:8] = 1e-3
    assert na.weight_entropy(w) == pytest.approx((0 + 1 + 2 + 5 * np.log2(9)) / 9, abs=1e-12)
    assert na.silent_rows(w, min_peak=5e-3) == 6
    assert na.weight_entropy(w, min_peak=5e-3) == pytest.approx(1, abs=1e-12)
    assert na.weight_entropy(w.T, min_peak=5e-3, direction="in") == pytest.approx(1, abs=1e-12)
    assert na.silent_rows(w, min_peak=1e-3) == 1  # no connections at all; one that reaches it is not silent
    assert na.silent_rows(w, min_peak=0) == 0
    assert na.weight_entropy(w, min_peak=0) == na.weight_entropy(w)
    w[8, 8] = 1.0
    assert na.silent_rows(w, min_peak=5e-3) == 5
    assert na.silent_rows(w, min_peak=5e-3, self_connections=False) == 6
    assert na.silent_rows(w, min_peak=5e-3, direction="in") == 3
    assert na.weight_entropy(w, min_peak=5e-3) == pytest.approx(3 / 4, abs=1e-12)
    with pytest.warns(na.UndefinedWarning, match="no node has a magnitude of min_peak=7"):
        assert np.isnan(na.weight_entropy(w, min_peak=7))


@pytest.mark.parametrize("self_connections", [True, False])
@pytest.mark.parametrize("options", [{}, {"direction": "in"}, {"min_peak": 5.0}, {"variant": "histogram", "bins": 7}])
def test_sparse_equals_dense(directed, options, self_connections):
    w = directed.copy()
    w[0] = 0
    w[4, 4] = 9.5
    assert na.weight_entropy(sparse.csr_array(w), self_connections=self_connections, **options) == pytest.approx(
        na.weight_entropy(w, self_connections=self_connections, **options), abs=1e-12
    )


def test_histogram_variant(signed):
    counts = np.histogram(np.abs(signed), bins=30, range=(0, np.abs(signed).max()))[0]
    assert na.weight_entropy(signed, variant="histogram") == pytest.approx(stats.entropy(counts, base=2), abs=1e-12)
    off = np.abs(signed[~np.eye(len(signed), dtype=bool)])
    counts = np.histogram(off, bins=12, range=(0, off.max()))[0]
    assert na.weight_entropy(signed, variant="histogram", bins=12, self_connections=False) == pytest.approx(
        stats.entropy(counts, base=2), abs=1e-12
    )


def test_stack_equals_loop():
    stack = np.random.default_rng(2).normal(size=(2, 3, 20, 20))
    for measure in (
        na.node_entropy,
        na.weight_entropy,
        lambda w: na.weight_entropy(w, self_connections=False, direction="in"),
        lambda w: na.weight_entropy(w, variant="histogram", bins=9),
        lambda w: na.weight_entropy(w, min_peak=2.5),
        lambda w: na.silent_rows(w, min_peak=2.5, direction="in"),
        na.communicability_entropy,
    ):
        np.testing.assert_allclose(measure(stack), [[measure(w) for w in row] for row in stack], rtol=1e-14)
    assert isinstance(na.weight_entropy(stack[0, 0]), float)


def test_input_stays_as_it_was(directed):
    directed[3, 3] = 5
    before = directed.copy()
    na.weight_entropy(directed, self_connections=False)
    na.weight_entropy(directed, self_connections=False, direction="in")
    np.testing.assert_array_equal(directed, before)


def test_refusals(directed):
    with pytest.raises(ValueError, match="variant must be one of"):
        na.weight_entropy(directed, variant="pooled")
    with pytest.raises(ValueError, match="bins must be at least 1"):
        na.weight_entropy(directed, variant="histogram", bins=0)
    with pytest.raises(ValueError, match="direction must be one of"):
        na.node_entropy(directed, direction="rows")
    with pytest.raises(ValueError, match="direction must be one of"):
        na.silent_rows(directed, min_peak=1, direction="rows")
    with pytest.raises(ValueError, match="min_peak must be"):
        na.weight_entropy(directed, min_peak=-1)
    with pytest.raises(ValueError, match='min_peak is of variant="row"'):
        na.weight_entropy(directed, min_peak=1, variant="histogram")


weights = st.integers(1, 9).flatmap(
    lambda n: arrays(float, (n, n), elements=st.floats(-1e3, 1e3).map(lambda x: 0.0 if abs(x) < 1e-3 else x))
)


@settings(max_examples=60, deadline=None)
@given(weights, st.floats(1e-3, 1e3), st.randoms())
def test_bounds_scaling_relabelling(w, scale, random):
    n = len(w)
    order = random.sample(range(n), n)
    entropy = na.weight_entropy(w)
    assert 0 <= entropy <= np.log2(n) + 1e-12
    assert na.weight_entropy(-scale * w) == pytest.approx(entropy, abs=1e-9)
    np.testing.assert_allclose(na.node_entropy(w[np.ix_(order, order)]), na.node_entropy(w)[order], atol=1e-12)


@pytest.mark.parametrize("kind", [sparse.csr_array, np.asarray])
@pytest.mark.parametrize("normalize", ["out", "in", "both"])
def test_communicability_entropy_of_few_connections_is_that_of_the_whole_matrix(monkeypatch, kind, normalize):
    rng = np.random.default_rng(0)
    w = rng.normal(size=(150, 150)) * (rng.random((150, 150)) < 0.02)
    w[7], w[:, 8] = 0, 0
    for direction in ("out", "in"):
        whole = na.communicability_entropy(w, normalize=normalize, direction=direction)
        with monkeypatch.context() as patch:
            patch.setattr(entropy, "_BLOCKS_FROM", 100)
            patch.setattr(entropy, "once", None)  # the matrix is not made
            few = na.communicability_entropy(kind(w), normalize=normalize, direction=direction)
        assert few == pytest.approx(whole, rel=1e-12)
