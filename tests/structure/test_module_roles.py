"""Roles in modules against values worked out by hand, bctpy, and the formulas node by node."""

import bct as bctpy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from tests.structure.graphs import W6, network

HALVES = [0, 0, 0, 1, 1, 1]
LABELS = np.arange(30) % 4
ROLES = [na.participation_coefficient, na.within_module_z, na.gateway_coefficient]


def test_trap_spread_of_within_module_z_by_sample_or_population():
    w = network(W6, 6)
    sample, population = na.within_module_z(w, HALVES), na.within_module_z(w, HALVES, spread="population")
    np.testing.assert_allclose(sample, [0, 1, -1, -1.091089, 0.872872, 0.218218], atol=1e-6)
    np.testing.assert_allclose(population, [0, 1.224745, -1.224745, -1.336306, 1.069045, 0.267261], atol=1e-6)


def test_trap_direction_of_within_module_z():
    w = network("0>1, 0>2, 0>3, 1>2", 4)
    out, into = (na.within_module_z(w, [0] * 4, direction=d) for d in ("out", "in"))
    np.testing.assert_allclose(out, [1.414214, 0, -0.707107, -0.707107], atol=1e-6)
    np.testing.assert_allclose(into, [-1.224745, 0, 1.224745, 0], atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 0.1, 1e-200, 1e200])
def test_trap_z_of_a_module_of_equal_degrees_is_0(scale):
    ring = scale * network("0-1:0.1, 1-2:0.2, 2-3:0.1, 3-0:0.2, 0-2:0.3, 1-3:0.3, 4-5", 6)
    assert not na.within_module_z(ring, [0, 0, 0, 0, 1, 2]).any()


def test_trap_participation_does_not_depend_on_the_unit():
    w = network(W6, 6)
    for net in (w, w / 10, 1e-200 * w, sparse.csr_array(w / 10)):
        np.testing.assert_allclose(na.participation_coefficient(net, HALVES), [0, 0, 0.375, 0.375, 0, 0], atol=1e-12)
    binary = na.participation_coefficient(w != 0, HALVES)
    np.testing.assert_allclose(binary, [0, 0, 0.444444, 0.444444, 0, 0], atol=1e-6)


def test_trap_participation_of_directions():
    w = network("0>1, 0>2, 0>3, 1>2, 3>2", 4)
    out, into = (na.participation_coefficient(w, [0, 0, 1, 1], direction=d) for d in ("out", "in"))
    np.testing.assert_allclose(into, [0, 0, 0.444444, 0], atol=1e-6)
    np.testing.assert_allclose(out, [0.444444, 0, 0, 0], atol=1e-6)
    apart = na.participation_coefficient(w, [0, 0, 1, 1], direction="in", isolated=np.nan)
    assert np.isnan(apart).tolist() == [True, False, False, False]


def test_trap_participation_is_split_by_sign():
    w = network("0-1:2, 0-2:-1, 0-3:1, 1-2:-2", 4)
    positive, negative = (na.participation_coefficient(w, [0, 0, 1, 1], sign=s) for s in ("positive", "negative"))
    np.testing.assert_allclose(positive, [0.444444, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(negative, 0, atol=1e-12)
    with pytest.raises(ValueError, match="negative"):
        na.participation_coefficient(w, [0, 0, 1, 1])


def test_bctpy(undirected, directed):
    np.testing.assert_allclose(
        na.participation_coefficient(undirected, LABELS), bctpy.participation_coef(undirected, LABELS), rtol=1e-12
    )
    for direction in ("out", "in"):
        np.testing.assert_allclose(
            na.participation_coefficient(directed, LABELS, direction=direction),
            bctpy.participation_coef(directed, LABELS, degree=direction),
            rtol=1e-12,
        )
    for direction, flag in (("out", 1), ("in", 2), ("both", 3)):
        np.testing.assert_allclose(
            na.within_module_z(directed, LABELS, direction=direction, spread="population"),
            bctpy.module_degree_zscore(directed, LABELS, flag),
            atol=1e-12,
        )


def test_signs_apart_equal_bctpy(signed):
    w, labels = signed + signed.T, np.arange(40) % 3
    np.fill_diagonal(w, 0)
    for sign, expected in zip(("positive", "negative"), bctpy.participation_coef_sign(w, labels), strict=True):
        np.testing.assert_allclose(na.participation_coefficient(w, labels, sign=sign), expected, rtol=1e-12)


def gateway_by_loop(w, labels, direction, centrality=None):
    """The formula node by node, of W_ij, W_ji or their sum."""
    w = {"out": w, "in": w.T, "both": w + w.T}[direction]
    n, modules = len(w), np.unique(labels)
    central = w.sum(1) if centrality is None else centrality
    out = np.zeros(n)
    for i in range(n):
        lost = 0.0
        for m in modules:
            tie = sum(w[i, j] for j in range(n) if labels[j] == m)
            all_ties = sum(w[a, b] for a in range(n) for b in range(n) if labels[a] == labels[i] and labels[b] == m)
            if direction == "both" and m == labels[i]:
                all_ties /= 2
            near = sum(central[j] for j in range(n) if labels[j] == m and w[i, j] != 0)
            most = max(sum(central[j] for j in range(n) if labels[j] == c) for c in modules)
            held = tie / all_ties if all_ties else 0.0
            lost += (tie / w[i].sum()) ** 2 * (1 - held * near / most) ** 2 if tie else 0.0
        out[i] = 1 - lost if w[i].any() else 0.0
    return out


@pytest.mark.parametrize("direction", ["out", "in", "both"])
def test_gateway_equals_the_loop(directed, direction):
    given = np.random.default_rng(0).random(30)
    for net in (directed, sparse.csr_array(directed)):
        got = na.gateway_coefficient(net, LABELS, direction=direction)
        np.testing.assert_allclose(got, gateway_by_loop(directed, LABELS, direction), rtol=1e-10)
        got = na.gateway_coefficient(net, LABELS, direction=direction, centrality=given)
        np.testing.assert_allclose(got, gateway_by_loop(directed, LABELS, direction, given), rtol=1e-10)


def test_gateway_of_an_undirected_network_is_the_same_in_any_direction(undirected, directed):
    stack = np.stack([undirected, directed])
    for net in (undirected, sparse.csr_array(undirected), stack):
        both, out, into = (na.gateway_coefficient(net, LABELS, direction=d) for d in ("both", "out", "in"))
        first = (0,) if net is stack else ()
        np.testing.assert_allclose(out[first], both[first], rtol=1e-12)
        np.testing.assert_allclose(into[first], both[first], rtol=1e-12)
    np.testing.assert_allclose(out[1], na.gateway_coefficient(directed, LABELS, direction="out"), rtol=1e-12)


def test_isolated_nodes_may_have_any_kind_of_number():
    w = network("0-1", 3)
    for value in (1, 1.0, np.int64(1), np.float32(1)):
        assert na.participation_coefficient(w, [0, 0, 1], isolated=value)[2] == 1


def test_the_only_link_between_two_modules_is_a_gateway():
    """Two triangles and the link 2-3: the share of its ends in what is between the modules is 1."""
    w = network("0-1, 0-2, 1-2, 2-3, 3-4, 3-5, 4-5", 6)
    got = na.gateway_coefficient(w, HALVES)
    # k = 2 + 1; inside: share 2/3, neighbours 4 of 7; across: share 1, neighbours 3 of 7.
    assert got[2] == pytest.approx(1 - (2 / 3) ** 2 * (1 - 2 / 3 * 4 / 7) ** 2 - (1 / 3) ** 2 * (1 - 3 / 7) ** 2)
    assert got[2] == got[3]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(ROLES), st.sampled_from(["out", "in", "both"]))
def test_relabelled_nodes_and_named_modules(seed, role, direction):
    rng = np.random.default_rng(seed)
    w = rng.random((9, 9)) * (rng.random((9, 9)) < 0.5)
    labels, order = rng.integers(0, 3, 9), rng.permutation(9)
    want = role(w, labels, direction=direction)
    moved = role(w[np.ix_(order, order)], labels[order], direction=direction)
    named = role(na.Connectome(sparse.csr_array(3 * w), modules=np.array(["x", "b", "k"])[labels]), direction=direction)
    np.testing.assert_allclose(moved, want[order], atol=1e-10)
    np.testing.assert_allclose(named, want, atol=1e-10)


@pytest.mark.parametrize("role", ROLES)
def test_a_partition_for_each_network_of_a_stack(directed, role):
    stack = np.stack([directed, directed.T, 2 * directed])
    labels = np.stack([LABELS, LABELS[::-1], np.zeros(30, int)])
    np.testing.assert_allclose(
        role(stack, labels), [role(w, c) for w, c in zip(stack, labels, strict=True)], atol=1e-12
    )
    np.testing.assert_allclose(role(directed, labels), [role(directed, c) for c in labels], atol=1e-12)


def test_self_connections_are_left_out(directed):
    full = directed + 1e9 * np.eye(30)
    for role in ROLES:
        np.testing.assert_array_equal(role(full, LABELS), role(directed, LABELS))
        np.testing.assert_array_equal(role(sparse.csr_array(full), LABELS), role(sparse.csr_array(directed), LABELS))


def test_what_is_refused(directed):
    with pytest.raises(ValueError, match="give communities"):
        na.participation_coefficient(directed)
    with pytest.raises(ValueError, match="sparse network must be one partition"):
        na.participation_coefficient(sparse.csr_array(directed), [LABELS, LABELS])
    with pytest.raises(ValueError, match="one label per node"):
        na.within_module_z(directed, [0, 1])
    with pytest.raises(ValueError, match="centrality must hold one value per node"):
        na.gateway_coefficient(directed, LABELS, centrality=[1.0])
    with pytest.raises(ValueError, match="centrality must be at least 0"):
        na.gateway_coefficient(directed, LABELS, centrality=-np.ones(30))
    with pytest.raises(TypeError, match="isolated"):
        na.participation_coefficient(directed, LABELS, isolated="zero")
