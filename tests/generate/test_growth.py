"""Growth against probabilities computed by hand, step by step from the same draws, and as many connections as asked."""

import networkx as nx
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

import netanalysis as na
from netanalysis._core import random

FIVE = np.zeros((5, 5))
for _i, _j in ((0, 1), (1, 2), (0, 2), (2, 3)):
    FIVE[_i, _j] = FIVE[_j, _i] = 1
ROW = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
FREE = ((0, 3), (0, 4), (1, 3), (1, 4), (2, 4), (3, 4))
SPATIAL = [0.062257, 0.035019, 0.140078, 0.062257, 0.140078, 0.560311]
RIGHT = {
    "spatial": SPATIAL,
    "neighbors": [0.306484, 0.000172, 0.689589, 0.000306, 0.000690, 0.002758],
    "matching": [0.306214, 0.000211, 0.688981, 0.000375, 0.000844, 0.003375],
    "clu-avg": [0.163285, 0.091848, 0.367391, 0.163285, 0.212114, 0.002078],
    "clu-min": SPATIAL,
    "clu-max": [0.163384, 0.091904, 0.367615, 0.163384, 0.212243, 0.001470],
    "clu-diff": [0.163384, 0.091904, 0.367615, 0.163384, 0.212243, 0.001470],
    "clu-prod": SPATIAL,
    "deg-avg": [0.083529, 0.038363, 0.187940, 0.068201, 0.187940, 0.434028],
    "deg-min": [0.306484, 0.000172, 0.689589, 0.000306, 0.000690, 0.002758],
    "deg-max": [0.071776, 0.040374, 0.161497, 0.071776, 0.197793, 0.456783],
    "deg-diff": [0.054476, 0.043335, 0.122570, 0.077040, 0.212298, 0.490281],
    "deg-prod": [0.306837, 0.000122, 0.690383, 0.000217, 0.000488, 0.001953],
}


def places(seed, n):
    x = np.random.default_rng(seed).normal(size=(n, 3))
    return np.linalg.norm(x[:, None] - x, axis=-1)


def uniforms(seed):
    """xoshiro256++ seeded by splitmix64, in whole numbers of Python."""
    mask = (1 << 64) - 1

    def rotl(x, k):
        return ((x << k) | (x >> (64 - k))) & mask

    s, z = [], int(seed)
    for _ in range(4):
        z = (z + 0x9E3779B97F4A7C15) & mask
        x = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
        s.append(x ^ (x >> 31))
    while True:
        drawn = (rotl((s[0] + s[3]) & mask, 23) + s[0]) & mask
        t = (s[1] << 17) & mask
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        yield (drawn >> 11) / 2.0**53


DIRECTED = [rule for rule in na.WIRING_RULES if not rule.startswith("clu")]


def value(a, rule, directed=False):
    """k of every pair, from networkx."""
    graph = nx.from_numpy_array(a, create_using=nx.DiGraph if directed else nx.Graph)
    n = len(a)
    if rule == "communicability":
        sent, received = np.maximum(a.sum(axis=1), 1), np.maximum(a.sum(axis=0), 1)
        return scipy.linalg.expm(a / np.sqrt(np.outer(sent, received)))
    if rule in ("neighbors", "matching"):
        out = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                if i == j:
                    continue
                lists = [(set(graph[i]), set(graph[j]))]
                if directed:
                    lists += [(set(graph.predecessors(i)), set(graph.predecessors(j)))]
                shared = sum(len(near & far) for near, far in lists)
                whole = sum(len(near - {j}) + len(far - {i}) for near, far in lists)
                out[i, j] = shared if rule == "neighbors" else 2 * shared / max(whole, 1)
        return out
    if rule.startswith("deg"):
        from_, to = (dict(graph.out_degree()), dict(graph.in_degree())) if directed else 2 * [dict(graph.degree())]
    else:
        from_ = to = nx.clustering(graph)
    how = {
        "avg": lambda x, y: (x + y) / 2,
        "min": min,
        "max": max,
        "diff": lambda x, y: abs(x - y),
        "prod": lambda x, y: x * y,
    }[rule.split("-")[1]]
    return np.array([[float(how(from_[i], to[j])) for j in range(n)] for i in range(n)])


def weights(a, d, rule, eta, gamma, epsilon=1e-6, directed=False):
    with np.errstate(divide="ignore"):
        found = np.where(np.eye(len(d)), 0, d**eta)
    if rule != "spatial":
        found = found * (value(a, rule, directed) + epsilon) ** gamma
    return np.where((a > 0) | np.eye(len(a), dtype=bool), 0, found)


def grown_by_hand(d, m, rule, eta, gamma, draws, directed=False):
    """One pair after the other, everything computed anew."""
    a = np.zeros(d.shape)
    for _ in range(m):
        cumulated = np.cumsum(weights(a, d, rule, eta, gamma, directed=directed))
        i, j = divmod(int(np.searchsorted(cumulated, next(draws) * cumulated[-1], side="right")), len(d))
        a[i, j] = 1
        a[j, i] = a[j, i] if directed else 1
    return a


@pytest.mark.parametrize("rule", RIGHT)
def test_probabilities_of_one_step(rule):
    found = na.wiring_probabilities(FIVE, ROW, rule=rule, eta=-2, gamma=0.5)
    np.testing.assert_allclose([found[pair] for pair in FREE], RIGHT[rule], atol=1e-6)
    assert found.sum() == pytest.approx(2)
    assert (found[FIVE > 0] == 0).all()
    np.testing.assert_array_equal(found, found.T)


def test_below_0_the_constant_decides():
    for epsilon, expected in ((1e-5, 0.000302), (1e-6, 0.000096)):
        found = na.wiring_probabilities(FIVE, ROW, rule="matching", eta=-2, gamma=-0.5, epsilon=epsilon)
        assert found[1, 3] == pytest.approx(expected, abs=1e-6) or found[0, 3] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rule", na.WIRING_RULES)
def test_always_as_many_connections_as_asked(rule):
    d = np.abs(np.subtract.outer(np.arange(8.0), np.arange(8.0)))
    grown = na.grow(d, n_connections=12, rule=rule, eta=-1, gamma=0.5, size=60, rng=0)
    assert (grown.sum(axis=(-2, -1)) == 24).all()
    np.testing.assert_array_equal(grown, np.swapaxes(grown, -1, -2))
    assert (np.diagonal(grown, axis1=-2, axis2=-1) == 0).all()
    whole = na.grow(d, n_connections=28, rule=rule, eta=-1, gamma=0.5, rng=0)
    np.testing.assert_array_equal(whole, 1 - np.eye(8))


@pytest.mark.parametrize(("rule", "directed"), [(r, False) for r in na.WIRING_RULES] + [(r, True) for r in DIRECTED])
def test_probabilities_are_those_computed_by_hand(rule, directed):
    d = places(1, 14)
    for m in (0, 5, 20, 60):
        a = na.grow(d, n_connections=m, rule=rule, eta=-1.5, gamma=0.7, rng=m, directed=directed)
        by_hand = weights(a, d, rule, -1.5, 0.7, directed=directed)
        found = na.wiring_probabilities(a, d, rule=rule, eta=-1.5, gamma=0.7, directed=directed)
        np.testing.assert_allclose(found, by_hand / (by_hand.sum() / (1 if directed else 2)), rtol=1e-9)


@pytest.mark.parametrize("n", [12, 19])
@pytest.mark.parametrize(("rule", "directed"), [(r, False) for r in na.WIRING_RULES] + [(r, True) for r in DIRECTED])
def test_step_by_step_from_the_same_draws(rule, directed, n):
    d = places(2, n)
    seed = random.seeds(random.child(random.seed_sequence(5), 0), 1)[0]
    by_hand = grown_by_hand(d, 50, rule, -2.0, 0.4, uniforms(seed), directed)
    found = na.grow(d, n_connections=50, rule=rule, eta=-2, gamma=0.4, rng=5, directed=directed)
    np.testing.assert_array_equal(found, by_hand)


def test_small_weights_are_not_drowned_by_what_rounding_leaves_of_large_ones():
    """Two nodes lie so close that their weight is 1e16 times that of all others; afterwards these decide as before."""
    d = places(8, 20)
    d[0, 1] = d[1, 0] = 1e-4
    seed = random.seeds(random.child(random.seed_sequence(5), 0), 1)[0]
    found = na.grow(d, n_connections=40, rule="deg-avg", eta=-5, gamma=0.4, rng=5)
    np.testing.assert_array_equal(found, grown_by_hand(d, 40, "deg-avg", -5.0, 0.4, uniforms(seed)))
    assert found[0, 1] == 1


@pytest.mark.parametrize("rule", DIRECTED)
def test_directed_networks_have_as_many_connections_as_asked_up_to_all(rule):
    d = places(3, 8)
    grown = na.grow(d, n_connections=20, rule=rule, eta=-1, gamma=0.5, size=30, rng=0, directed=True)
    assert (grown.sum(axis=(-2, -1)) == 20).all()
    assert not np.array_equal(grown, np.swapaxes(grown, -1, -2))
    whole = na.grow(d, n_connections=56, rule=rule, eta=-1, gamma=0.5, rng=0, directed=True)
    np.testing.assert_array_equal(whole, 1 - np.eye(8))
    begun = na.grow(d, n_connections=30, rule=rule, start=grown[0], rng=1, directed=True)
    assert begun.sum() == 30
    assert (begun[grown[0] > 0] == 1).all()


def test_directed_matching_is_the_matching_index_of_both_directions():
    d = places(4, 15)
    a = na.grow(d, n_connections=60, rng=0, directed=True)
    found = na.wiring_probabilities(a, d, eta=0, gamma=1, rule="matching", directed=True)
    index = (na.matching_index(a, variant="degree") + 1e-6) * (1 - a) * (1 - np.eye(15))
    np.testing.assert_allclose(found, index / index.sum(), rtol=1e-9)


def test_rules_of_clustering_are_refused_for_directed_networks():
    with pytest.raises(ValueError, match=r'rule="clu-avg" has no directed meaning'):
        na.grow(places(0, 5), n_connections=3, rule="clu-avg", directed=True)
    with pytest.raises(ValueError, match=r"net must be one undirected network of 5 nodes; .*say directed=True"):
        na.wiring_probabilities(np.triu(np.ones((5, 5))), places(0, 5), rule="spatial")


def test_seeds_places_and_replicates():
    d = places(3, 15)
    many = na.grow(d, n_connections=30, eta=[-3, -1], gamma=[[0.1], [0.4], [1.0]], size=4, rng=7)
    assert many.shape == (3, 2, 4, 15, 15)
    fewer = na.grow(d, n_connections=30, eta=[-3, -1], gamma=[[0.1], [0.4], [1.0]], size=2, rng=7)
    np.testing.assert_array_equal(many[:, :, :2], fewer)
    alone = na.grow(d, n_connections=30, eta=[-3, -1], gamma=[[0.1], [0.4], [1.0]], rng=7)
    np.testing.assert_array_equal(many[:, :, 0], alone)
    assert not np.array_equal(many[0, 0, 0], many[0, 0, 1])
    net = na.Connectome(np.zeros((15, 15)), distances=d)
    np.testing.assert_array_equal(na.grow(net, n_connections=9, rng=0), na.grow(d, n_connections=9, rng=0))


def test_connections_to_begin_with_stay():
    d = places(4, 10)
    start = na.grow(d, n_connections=8, rng=0)
    grown = na.grow(d, n_connections=20, start=start, size=5, rng=1)
    assert (grown[:, start > 0] == 1).all()
    assert (grown.sum(axis=(-2, -1)) == 40).all()
    np.testing.assert_array_equal(na.grow(d, n_connections=8, start=start), start)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(na.WIRING_RULES))
def test_names_of_nodes_and_the_unit_of_length_do_not_matter(seed, rule):
    d = places(seed, 9)
    a = na.grow(d, n_connections=12, rng=seed)
    order = np.random.default_rng(seed).permutation(9)
    one = na.wiring_probabilities(a, d, rule=rule)
    other = na.wiring_probabilities(a[order][:, order], 1e3 * d[order][:, order], rule=rule)
    np.testing.assert_allclose(other, one[order][:, order], rtol=1e-9)


def test_exponential_forms():
    d = places(5, 8)
    a = na.grow(d, n_connections=10, rng=0)
    found = na.wiring_probabilities(
        a, d, rule="neighbors", eta=-0.7, gamma=0.3, distance_form="exponential", value_form="exponential"
    )
    w = np.exp(-0.7 * d) * np.exp(0.3 * (value(a, "neighbors") + 1e-6)) * (1 - a) * (1 - np.eye(8))
    np.testing.assert_allclose(found, w / (w.sum() / 2))


def test_near_nodes_connect_first_and_shares_are_those_of_the_probabilities():
    d = places(6, 6)
    grown = na.grow(d, n_connections=1, rule="spatial", eta=-1, size=20_000, rng=0).mean(axis=0)
    expected = na.wiring_probabilities(np.zeros((6, 6)), d, rule="spatial", eta=-1)
    np.testing.assert_allclose(grown, expected, atol=5 * np.sqrt(0.25 / 20_000))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_connections": 46}, r"n_connections must lie between those of start, 0, and the pairs of 10 nodes, 45"),
        ({"n_connections": 2, "start": np.ones((10, 10))}, "those of start, 45"),
        ({"n_connections": 2, "start": np.triu(np.ones((10, 10)))}, "start must be one undirected network"),
        ({"n_connections": 2, "rule": "degree"}, "rule must be one of"),
        ({"n_connections": 2, "epsilon": 0}, "epsilon must be above 0"),
        ({"n_connections": 2, "eta": [1, 2], "gamma": [1, 2, 3]}, r"broadcast; got eta \(2,\), gamma \(3,\), alpha"),
        ({"n_connections": 2, "eta": -1e6}, r"after 0 of 2 connections no pair had a probability .* eta=-1e\+06"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.grow(10 * (1 + places(0, 10)) * (1 - np.eye(10)), **options)


def test_refusals_of_places():
    with pytest.raises(ValueError, match="two nodes lie in one place"):
        na.grow(np.zeros((3, 3)), n_connections=1)
    with pytest.raises(ValueError, match="one is negative"):
        na.grow(np.eye(3) - 1, n_connections=1)
    with pytest.raises(ValueError, match="symmetric"):
        na.grow([[0, 1.0], [2, 0]], n_connections=1)
    with pytest.raises(ValueError, match="it has neither"):
        na.grow(na.Connectome(np.eye(3)), n_connections=1)
    with pytest.raises(ValueError, match="distances= must be given"):
        na.wiring_probabilities(FIVE)


@pytest.mark.parametrize("rule", ["matching", "communicability"])
@pytest.mark.parametrize("directed", [False, True])
def test_among_given_pairs_a_network_makes_its_own_connections(rule, directed):
    rng = np.random.default_rng(0)
    place = rng.normal(size=(12, 3))
    d = np.linalg.norm(place[:, None] - place, axis=-1)
    own = np.triu(rng.random((12, 12)) < 0.4, 1).astype(float)
    own = own if directed else own + own.T
    m = int(own.sum()) // (1 if directed else 2)
    options = {"rule": rule, "directed": directed, "rng": 0}
    np.testing.assert_array_equal(na.grow(d, n_connections=m, among=own, size=3, **options), np.stack([own] * 3))
    half = na.grow(d, n_connections=m // 2, among=3.5 * own, size=40, **options)
    assert (half.sum(axis=(-2, -1)) == m // 2 * (1 if directed else 2)).all()
    assert not half[:, own == 0].any()
    with pytest.raises(ValueError, match=f"the pairs of among and start, {m}; got {m + 1}"):
        na.grow(d, n_connections=m + 1, among=own, **options)
    weights = na.grow(d, n_connections=m, among=own, weights="sernn", alpha=0.001, omega=1.0, size=2, **options)
    np.testing.assert_array_equal(weights > 0, np.stack([own] * 2) > 0)


def test_probabilities_beyond_the_doubles_are_refused():
    d = np.abs(np.subtract.outer(np.arange(8.0), np.arange(8.0)))
    for eta in (-2000.0, -1e5):
        with pytest.raises(ValueError, match=r"no pair has a probability that is a number, at eta=.*nearer to 0"):
            na.wiring_probabilities(np.zeros((8, 8)), d, eta=eta)
    assert not na.wiring_probabilities(1 - np.eye(8), d, eta=-1).any()
