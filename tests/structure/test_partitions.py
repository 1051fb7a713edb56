"""Comparing partitions against values worked out by hand, bctpy, scikit-learn and igraph."""

import bct as bctpy
import igraph as ig
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import netanalysis as na

A, B = [0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]


def test_trap_variation_of_information_has_four_scales():
    found = na.compare_partitions(A, B)
    assert found.variation_of_information == pytest.approx(0.867563, rel=1e-6)
    assert found.variation_in_bits == pytest.approx(1.251629, rel=1e-6)
    assert found.variation_over_log_n == pytest.approx(0.484196, rel=1e-6)
    assert found.variation_over_joint_entropy == pytest.approx(0.652469, rel=1e-6)
    assert found.adjusted_rand_index == pytest.approx(0.242424, rel=2e-6)


@pytest.mark.parametrize(
    ("mean", "normalized", "adjusted"),
    [
        ("arithmetic", 0.515804, 0.298792),
        ("geometric", 0.529541, 0.310456),
        ("max", 0.420620, 0.225042),
        ("min", 0.666667, 0.444444),
    ],
)
def test_trap_mutual_information_names_its_mean(mean, normalized, adjusted):
    found = na.compare_partitions(A, B, mean=mean)
    assert found.normalized_mutual_information == pytest.approx(normalized, abs=1e-6)
    assert found.adjusted_mutual_information == pytest.approx(adjusted, abs=1e-6)
    assert found.mean == mean


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=40))
def test_bctpy_igraph_and_scikit_learn(pairs):
    a, b = np.array(pairs).T
    found = na.compare_partitions(a, b)
    numbered = [np.unique(labels, return_inverse=True)[1].tolist() for labels in (a, b)]
    variation = ig.compare_communities(*numbered, method="vi")
    assert found.variation_of_information == pytest.approx(variation, abs=1e-9)
    assert found.adjusted_rand_index == pytest.approx(metrics.adjusted_rand_score(b, a), abs=1e-9)
    normalized = metrics.normalized_mutual_info_score(a, b)
    assert found.normalized_mutual_information == pytest.approx(normalized, abs=1e-9)
    if len(set(pairs)) > 1:
        vin, mutual = bctpy.partition_distance(a, b)
        assert found.variation_over_log_n == pytest.approx(vin, abs=1e-9)
        assert found.normalized_mutual_information == pytest.approx(mutual, abs=1e-9)
    other = na.compare_partitions(b, np.array(list("vwxyz"))[a])
    for field in ("variation_of_information", "normalized_mutual_information", "joint_entropy"):
        assert getattr(other, field) == pytest.approx(getattr(found, field), abs=1e-12)


@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 1, 2, 3], [5], [0, 0, 1, 1]])
def test_the_same_partition(labels):
    found = na.compare_partitions(labels, np.array(labels) * 2 + 1)
    assert found.variation_over_log_n == found.variation_over_joint_entropy == pytest.approx(0, abs=1e-12)
    assert found.normalized_mutual_information == pytest.approx(1)
    assert found.adjusted_mutual_information == found.adjusted_rand_index == pytest.approx(1)


def test_runs_against_one_partition(undirected):
    found = na.detect_communities(undirected, n_restarts=4, rng=0)
    together = na.compare_partitions(found.partitions, found.labels)
    each = [na.compare_partitions(run, found.labels).adjusted_rand_index for run in found.partitions]
    np.testing.assert_array_equal(together.adjusted_rand_index, each)
    assert together.variation_in_bits.shape == (4,)
    with pytest.raises(ValueError, match="same nodes"):
        na.compare_partitions([0, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="do not match"):
        na.compare_partitions(np.zeros((2, 3)), np.zeros((3, 3)))


def test_agreement_of_plain_labels():
    rows = np.random.default_rng(0).integers(0, 4, (7, 12))
    expected = np.mean([row[:, None] == row for row in rows], axis=0)
    np.testing.assert_array_equal(na.agreement(rows), expected)
    np.testing.assert_array_equal(na.agreement(np.array(list("dabc"))[rows]), expected)
    np.testing.assert_array_equal(na.agreement(np.stack([rows, rows[::-1]])), [expected, expected])
    member = (rows[:, :, None] == np.arange(4)).transpose(1, 0, 2).reshape(12, -1).astype(float)
    np.testing.assert_allclose(na.agreement(rows), member @ member.T / 7)  # bctpy.agreement's way; it does not run
    with pytest.raises(ValueError, match="a row of labels per run"):
        na.agreement(rows[0])


def test_results_stand_for_their_labels():
    """Seen: compare_partitions of two results of detect_communities asked for numbers or strings."""
    net = na.datasets.load("human_schaefer100")
    a, b = (na.detect_communities(net, rng=k) for k in (0, 1))
    assert (
        na.compare_partitions(a, b).adjusted_rand_index == na.compare_partitions(a.labels, b.labels).adjusted_rand_index
    )
    assert na.modularity(net, a) == na.modularity(net, a.labels)
    assert np.array_equal(na.participation_coefficient(net, a), na.participation_coefficient(net, a.labels))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60), k=st.integers(1, 60))
def test_adjusted_scores_are_those_of_scikit_learn(seed, n, k):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, k, n), rng.integers(0, max(1, k // 2), n)
    b = np.where(rng.random(n) < rng.random(), a, b)
    for mean in ("arithmetic", "geometric", "max", "min"):
        found = na.compare_partitions(a, b, mean=mean)
        expected = metrics.adjusted_mutual_info_score(a, b, average_method=mean)
        parts = {len(np.unique(a)), len(np.unique(b))}
        if n in parts and len(parts) > 1:
            expected = 0.0  # there scikit-learn divides rounding by rounding
        if parts == {n} or parts == {1}:
            expected = (
                1.0  # the same partition, of which scikit-learn before 1.6 divides 0 by 0 or rounding by rounding
            )
        assert found.adjusted_mutual_information == pytest.approx(expected, abs=1e-9)
    assert found.adjusted_rand_index == pytest.approx(metrics.adjusted_rand_score(a, b), abs=1e-12)
