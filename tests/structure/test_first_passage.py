"""Mean first passage times, diffusion efficiency and flow graphs."""

from fractions import Fraction

import bct as bctpy
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import linalg, sparse

import netanalysis as na

P3 = np.eye(3, k=1) + np.eye(3, k=-1)
TRIANGLE = np.array([[0, 2.0, 1], [2, 0, 1], [1, 1, 0]])


def random_network(n, density, seed=0, symmetric=False):
    rng = np.random.default_rng(seed)
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < density)
    return np.triu(w) + np.triu(w).T if symmetric else w


class TestTraps:
    def test_first_passage_of_periodic_networks(self):
        np.testing.assert_allclose(na.mean_first_passage_time(P3), [[0, 1, 4], [3, 0, 3], [4, 1, 0]], rtol=1e-12)
        returns = np.diag(na.mean_first_passage_time(P3, diagonal="return"))
        np.testing.assert_allclose(returns, [4, 2, 4], rtol=1e-12)
        assert na.diffusion_efficiency(P3) == pytest.approx(0.527778, rel=1e-5)
        star = np.zeros((4, 4))
        star[0, 1:] = star[1:, 0] = [2, 1, 1]
        right = [[0, 3, 7, 7], [1, 0, 8, 8], [1, 4, 0, 8], [1, 4, 8, 0]]
        np.testing.assert_allclose(na.mean_first_passage_time(star), right, rtol=1e-12)

    def test_flow_graph_with_rates_of_the_node_left(self):
        one = na.flow_graph(TRIANGLE)
        got = one[[0, 0, 0, 2], [0, 1, 2, 2]]
        np.testing.assert_allclose(got, [1.507162, 0.940536, 0.552302, 0.895396], rtol=1e-6)
        three = na.flow_graph(TRIANGLE, rates=[1, 2, 4])
        got = three[[0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]]
        np.testing.assert_allclose(got, [1.902424, 0.814116, 0.283460, 0.526021, 0.159862, 0.056677], rtol=1e-5)
        np.testing.assert_allclose(three.sum(axis=0), [3, 1.5, 0.5], rtol=1e-12)
        np.testing.assert_allclose(three.sum(axis=1), [3, 1.5, 0.5], rtol=1e-12)
        np.testing.assert_allclose(na.flow_graph(TRIANGLE, t=0, rates=[1, 2, 4]), np.diag([3, 1.5, 0.5]), atol=1e-14)
        late = na.flow_graph(TRIANGLE, t=200, rates=[1, 2, 4])
        np.testing.assert_allclose(late, np.outer([3, 1.5, 0.5], [3, 1.5, 0.5]) / 5, rtol=1e-9)


def by_definition(w):
    """Times to one node after the other: a linear system of all that are sure to get there."""
    n = len(w)
    s = w.sum(axis=1, keepdims=True)
    p = np.divide(w, s, out=np.zeros_like(w), where=s > 0)
    out = np.full((n, n), np.inf)
    for j in range(n):
        step = (p > 0) & (np.arange(n) != j)[:, None]
        reach = np.linalg.matrix_power(np.eye(n) + step, n) > 0
        sure = [i for i in range(n) if reach[np.flatnonzero(reach[i]), j].all()]
        before = [i for i in sure if i != j]
        times = np.linalg.solve(np.eye(len(before)) - p[np.ix_(before, before)], np.ones(len(before)))
        out[before, j], out[j, j] = times, 0
    return out


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), density=st.floats(0, 0.6), n=st.integers(1, 9), symmetric=st.booleans())
def test_first_passage_by_one_system_for_each_target(seed, density, n, symmetric):
    """Also where parts cannot be left, where a walker may end in several of them, and behind nodes nobody avoids."""
    w = random_network(n, density, seed, symmetric)
    np.testing.assert_allclose(na.mean_first_passage_time(w), by_definition(w), rtol=1e-8)
    np.testing.assert_allclose(na.mean_first_passage_time(sparse.csr_array(w)), by_definition(w), rtol=1e-8)


@pytest.mark.parametrize("seed", range(6))
def test_larger_networks_in_pieces(seed):
    w = random_network(40, 0.05, seed)
    times = na.mean_first_passage_time(w)
    np.testing.assert_allclose(times, by_definition(w), rtol=1e-8)
    assert np.isinf(times).any()


def test_a_chain_that_ends():
    right = [[0, 1, 2], [np.inf, 0, 1], [np.inf, np.inf, 0]]
    np.testing.assert_allclose(na.mean_first_passage_time(np.eye(3, k=1)), right, rtol=1e-14)
    assert np.isinf(np.diag(na.mean_first_passage_time(np.eye(3, k=1), diagonal="return"))).all()


def test_the_toolbox(bct):
    w = bct["input_W"]
    got, right = na.mean_first_passage_time(w), bct["bct_mfpt"]
    off = ~np.eye(len(w), dtype=bool)
    np.testing.assert_allclose(got[off], right[off], rtol=1e-10)
    np.testing.assert_allclose(got, bctpy.mean_first_passage_time(w), rtol=1e-8, atol=1e-8)
    assert na.diffusion_efficiency(w) == pytest.approx(float(bct["bct_diffusion_efficiency"]), rel=1e-10)


def test_return_times_are_one_over_the_share_of_visits(undirected, directed):
    strength = undirected.sum(axis=0)
    got = np.diag(na.mean_first_passage_time(undirected, diagonal="return"))
    np.testing.assert_allclose(got, strength.sum() / strength, rtol=1e-10)
    p = directed / directed.sum(axis=1, keepdims=True)
    share = np.linalg.matrix_power(p, 2**14)[0]
    np.testing.assert_allclose(np.diag(na.mean_first_passage_time(directed, diagonal="return")), 1 / share, rtol=1e-8)
    assert na.mean_first_passage_time([[1.0]], diagonal="return") == 1


def test_first_passage_by_walking():
    w = random_network(5, 0.8, seed=3)
    p = w / w.sum(axis=1, keepdims=True)
    rng = np.random.default_rng(0)
    steps = []
    for _ in range(1500):
        at, count = 0, 0
        while at != 4:
            at, count = rng.choice(5, p=p[at]), count + 1
        steps.append(count)
    error = np.std(steps) / np.sqrt(len(steps))
    assert abs(na.mean_first_passage_time(w)[0, 4] - np.mean(steps)) < 4 * error


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), t=st.floats(0, 20), symmetric=st.booleans())
def test_flow_graphs_keep_their_sums(seed, t, symmetric):
    w = random_network(7, 0.6, seed, symmetric) + np.roll(np.eye(7), 1, axis=1)
    w = np.maximum(w, w.T) if symmetric else w
    rates = np.random.default_rng(seed).uniform(0.2, 3, 7)
    flow = na.flow_graph(w, t=t, rates=rates)
    p = w / w.sum(axis=1, keepdims=True)
    share = linalg.null_space((np.eye(7) - p).T)[:, 0]
    s = share / share.sum() * w.sum()
    np.testing.assert_allclose(flow.sum(axis=1), s / rates, rtol=1e-8)
    np.testing.assert_allclose(flow.sum(axis=0), s / rates, rtol=1e-8)
    np.testing.assert_allclose(
        flow, (s / rates)[:, None] * linalg.expm(t * rates[:, None] * (p - np.eye(7))), atol=1e-9
    )
    np.testing.assert_allclose(na.flow_graph(7 * w, t=t, rates=rates), 7 * flow, rtol=1e-9, atol=1e-300)
    if symmetric:
        np.testing.assert_allclose(flow, flow.T, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("t", [1e3, 1e9, 1e18, 1e30, 1e300])
def test_flow_after_a_long_time(t):
    """Rates far apart come to rest, two faintly linked nodes follow their closed form, separate parts stay separate."""
    rates = np.array([1e12, 1, 1])
    late = na.flow_graph(TRIANGLE, t=t, rates=rates)
    share = TRIANGLE.sum(0) / rates
    np.testing.assert_allclose(late, np.outer(share, share) / share.sum(), rtol=1e-10)
    pair = np.array([[1, 1e-9], [3e-9, 1]])
    a, b = 1e-9 / (1 + 1e-9), 3e-9 / (1 + 3e-9)
    gone = -np.expm1(-(a + b) * t) / (a + b)
    flow = na.flow_graph(pair, t=t)
    right = np.array([b, a])[:, None] / (a + b) * [[1 - a * gone, a * gone], [b * gone, 1 - b * gone]] * pair.sum()
    np.testing.assert_allclose(flow, right, rtol=1e-9)
    for seed in range(3):
        w = random_network(12, 0.5, seed, symmetric=True) + np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, 1)
        whole = na.flow_graph(np.kron(np.eye(2), w), t=t)
        half = w.sum(0)
        if t > 1e6:
            np.testing.assert_allclose(whole, np.kron(np.eye(2), np.outer(half, half) / half.sum()), rtol=1e-10)
        np.testing.assert_allclose(whole.sum(axis=0), np.tile(half, 2), rtol=1e-10)


def test_faint_links_between_parts_after_a_long_time():
    """Two cliques that exchange walkers at a rate of 1e-12 come to rest as two nodes would."""
    w = np.kron(np.eye(2), np.ones((4, 4)) - np.eye(4))
    w[0, 4] = w[4, 0] = 4e-11
    for t in (1e10, 1e12, 3e13):
        across = na.flow_graph(w, t=t)[:4, 4:].sum()
        assert across == pytest.approx(-6 * np.expm1(-2 * 4e-11 * t / 12), rel=1e-9)


def test_flow_where_walkers_end():
    apart = np.kron(np.eye(2), P3)
    np.testing.assert_allclose(na.flow_graph(apart), np.kron(np.eye(2), na.flow_graph(P3)), rtol=1e-12)
    into_a_ring = np.array([[0, 1.0, 0, 0], [0, 0, 2, 0], [0, 2, 0, 0], [0, 0, 0, 0]])
    flow = na.flow_graph(into_a_ring)
    np.testing.assert_allclose(flow.sum(axis=1), [0, 2.5, 2.5, 0], rtol=1e-12, atol=1e-14)
    with pytest.warns(na.UndefinedWarning, match="several parts"):
        assert np.isnan(na.flow_graph([[0, 1.0, 1], [0, 0, 0], [0, 0, 0]])).all()


def test_binary_walks_take_weights_of_either_sign(signed):
    np.testing.assert_allclose(na.mean_first_passage_time(signed, weighted=False)[0, 1:], 40, rtol=1e-9)
    with pytest.raises(ValueError, match="negative"):
        na.diffusion_efficiency(signed)
    with pytest.raises(ValueError, match="rates must be above 0"):
        na.flow_graph(P3, rates=[1, 0, 1])
    with pytest.raises(ValueError, match="rates must be within"):
        na.flow_graph(P3, rates=[1e-300, 1, 1e100])
    large = sparse.csr_array(([1.0], ([0], [1])), shape=(40_000, 40_000))
    for function in (na.mean_first_passage_time, na.diffusion_efficiency, na.flow_graph):
        with pytest.raises(MemoryError, match=r"transform\.subset"):
            function(large)


def test_nodes_that_walkers_hardly_ever_visit():
    """The inverse alone gives times of any size and sign here."""
    w = random_network(6, 1.0, seed=5)
    w[:, 2] *= 1e-25
    w[:3, 3:] *= 1e-20
    w[3:, :3] *= 1e-18
    exact = [[exact_time(w, i, j) for j in range(6)] for i in range(6)]
    np.testing.assert_allclose(na.mean_first_passage_time(w), exact, rtol=1e-12)
    np.testing.assert_allclose(na.mean_first_passage_time(w * 1e-150), exact, rtol=1e-12)


def exact_time(w, i, j):
    """In fractions."""
    if i == j:
        return 0.0
    others = [k for k in range(len(w)) if k != j]
    w = [[Fraction(float(x)) for x in row] for row in w]
    a = [[(sum(w[r]) if r == c else 0) - w[r][c] for c in others] + [sum(w[r])] for r in others]
    for k in range(len(a)):
        for r in range(len(a)):
            if r != k:
                f = a[r][k] / a[k][k]
                a[r] = [x - f * y for x, y in zip(a[r], a[k], strict=True)]
    at = others.index(i)
    return float(a[at][-1] / a[at][at])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 33])
def test_halves_of_every_size(n):
    w = random_network(n, 1.0, seed=n)
    np.testing.assert_allclose(na.mean_first_passage_time(w), by_definition(w), rtol=1e-10)
