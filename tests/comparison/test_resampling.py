"""Density matching, the bootstrap over nodes and people, and split halves, against closed values and numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_matched_networks_keep_their_strongest_connections(seed):
    rng = np.random.default_rng(seed)
    nets = [rng.normal(size=(n, n)) * (rng.random((n, n)) < share) for n, share in ((9, 0.3), (14, 0.7))]
    nets.append(nets[1] + nets[1].T)
    matched = na.match_density(nets)
    lowest = min(map(na.density, nets))
    for before, after in zip(nets, matched, strict=True):
        n = len(before)
        assert na.density(after) == pytest.approx(lowest, abs=2 / (n * (n - 1)))
        kept = after != 0
        assert (after[kept] == before[kept]).all()
        gone = ~kept & ~np.eye(n, dtype=bool)
        assert np.abs(before[gone]).max(initial=0) <= np.abs(before[kept]).min(initial=np.inf)


def test_matching_takes_every_collection_and_says_what_it_did():
    rng = np.random.default_rng(0)
    a, b = (na.Connectome(rng.random((8, 8)) * (rng.random((8, 8)) < share), name=f"{share}") for share in (0.4, 0.9))
    made = na.match_density({"a": a, "b": b})
    assert set(made) == {"a", "b"}
    assert "threshold(density=" in made["b"].history[-1]
    stack = na.match_density(np.stack([a.weights, b.weights]), density=0.2)
    assert na.density(stack) == pytest.approx([0.2, 0.2], abs=1 / 56)
    thin = na.match_density([sparse.csr_array(a.weights), b], density=0.2)
    assert sparse.issparse(thin[0])
    with pytest.raises(ValueError, match=r"density=0.9 is more than network 0.4 has"):
        na.match_density([a, b], density=0.9)
    with pytest.raises(ValueError, match="must be several"):
        na.match_density(a)
    with pytest.raises(ValueError, match="is empty"):
        na.match_density([])
    with pytest.raises(ValueError, match="density must be above 0"):
        na.match_density([a, b], density=0)


def test_matching_never_leaves_a_network_without_connections():
    """A small network at the density of a large sparse one was empty, without a word."""
    rng = np.random.default_rng(0)
    n = 4000
    large = sparse.csr_array((np.ones(n), (np.arange(n), np.roll(np.arange(n), 1))), shape=(n, n))
    small = na.Connectome((rng.random((20, 20)) < 0.3).astype(float), name="small")
    with pytest.raises(ValueError, match=r"0\.00025 leaves network small without any connection.*too few nodes"):
        na.match_density([large, small])
    with pytest.raises(ValueError, match=r"network \[1\] has no connections.*leave it out"):
        na.match_density([small, np.zeros((4, 4))])
    with pytest.raises(ValueError, match="without any connection"):
        na.match_density(rng.random((2, 5, 5)), density=0.01)
    twice = [small, na.Connectome(np.asarray(small.weights) * (rng.random((20, 20)) < 0.5), name="small")]
    first, second = na.match_density(twice)  # networks may share a name
    assert na.density(first) == pytest.approx(na.density(second), abs=1 / 380)


def test_a_bootstrap_over_nodes_covers_the_share_of_connections():
    """The density of a random directed network: binomial over pairs, that of a network of types: over nodes."""
    rng = np.random.default_rng(1)
    types = rng.random(30) < 0.5
    w = (rng.random((30, 30)) < np.where(types[:, None] & types, 0.8, 0.1)).astype(float)
    np.fill_diagonal(w, 0)
    found = na.bootstrap(w, na.density, rng=0)
    rate = [(types.mean() ** 2) * 0.7 + 0.1]
    assert found.interval[0] < rate[0] < found.interval[1]
    over_pairs = np.sqrt(found.observed * (1 - found.observed) / (30 * 29))
    assert found.std > 2 * over_pairs  # which nodes were drawn matters more than which pairs
    assert found.mean == pytest.approx(found.observed, abs=0.03)
    assert found.noise == "bootstrap over nodes"
    again = na.bootstrap(w, na.density, n_draws=10, rng=0)
    assert again.draws.tolist() == found.draws[:10].tolist()


def test_drawn_nodes_bring_what_is_known_of_them():
    rng = np.random.default_rng(2)
    w = np.triu(rng.random((7, 7)), 1)
    net = na.Connectome(w + w.T, positions=np.arange(7.0)[:, None], modules=list("aabbccc"), labels=list("abcdefg"))
    seen = []

    def look(drawn):
        seen.append(drawn)
        return na.density(drawn)

    na.bootstrap(net, look, n_draws=5, rng=0)
    for drawn in seen[1:]:
        place = drawn.positions[:, 0].astype(int)
        assert list(drawn.modules) == [net.modules[i] for i in place]
        assert not drawn.is_directed
        other = place[:, None] != place
        assert (drawn.weights[other] == net.weights[np.ix_(place, place)][other]).all()
        copies = ~other & ~np.eye(7, dtype=bool)
        assert np.isin(drawn.weights[copies], net.weights[net.weights > 0]).all()
    far = na.Connectome(net.weights, distances=np.abs(np.subtract.outer(np.arange(7.0), np.arange(7.0))))
    assert na.bootstrap(far, na.connection_distance, n_draws=5, rng=0).draws.shape == (5,)


def test_a_bootstrap_over_people_is_that_of_the_mean():
    rng = np.random.default_rng(3)
    people = rng.normal(2, 1, size=(40, 6, 6))
    found = na.bootstrap(people, lambda w: w[0, 1], over="people", n_draws=800, rng=0)
    assert found.observed == pytest.approx(people[:, 0, 1].mean())
    assert found.std == pytest.approx(people[:, 0, 1].std() / np.sqrt(40), rel=0.1)
    median = na.bootstrap(
        people, na.total_weight, over="people", combine=lambda s: np.median(s, axis=0), n_draws=9, rng=0
    )
    assert median.observed == pytest.approx(na.total_weight(np.median(people, axis=0)))
    net = na.Connectome(people, positions=rng.normal(size=(6, 2)))
    assert np.ndim(na.bootstrap(net, na.connection_distance, over="people", n_draws=5, rng=0).observed) == 0


def test_split_halves_of_people_agree_as_their_noise_allows():
    rng = np.random.default_rng(4)
    truth = rng.normal(size=(12, 12))
    people = truth + rng.normal(size=(30, 12, 12))
    found = na.split_half(people, lambda w: w.ravel(), n_splits=40, rng=0)
    r = 1 / (1 + 1 / 15)  # variance 1 of the truth, 1/15 of the noise of a half
    assert found.r == pytest.approx(r, abs=0.04)
    assert found.reliability == pytest.approx(2 * r / (1 + r), abs=0.03)
    right = [np.corrcoef(a, b)[0, 1] for a, b in zip(found.first, found.second, strict=True)]
    assert found.r == pytest.approx(np.mean(right))
    nothing = na.split_half(rng.normal(size=(30, 12, 12)), lambda w: w.ravel(), n_splits=40, rng=0)
    assert abs(nothing.r) < 0.15
    assert found.interval[0] < found.reliability < found.interval[1]


def test_split_halves_of_nodes_tell_networks_apart():
    rng = np.random.default_rng(5)
    nets = [(rng.random((n, n)) < share).astype(float) for n, share in ((20, 0.1), (26, 0.3), (30, 0.6), (24, 0.8))]
    assert na.split_half(nets, na.density, over="nodes", n_splits=10, rng=0).reliability > 0.95
    alike = np.broadcast_to(1 - np.eye(8), (4, 8, 8))
    with pytest.warns(na.UndefinedWarning, match="do not vary"):
        assert np.isnan(na.split_half(alike, na.density, over="nodes", n_splits=3, rng=0).reliability)


def test_what_cannot_be_resampled_is_said():
    w, people = np.ones((3, 3)), np.ones((4, 5, 5))
    for call, said in (
        (lambda: na.bootstrap(people, na.density), "give each by itself"),
        (lambda: na.bootstrap(w, na.density, over="people"), "a network per person"),
        (lambda: na.bootstrap(w, na.density, over="edges"), "over must be one of"),
        (lambda: na.bootstrap(w, na.density, combine=np.mean), "combine is for"),
        (lambda: na.bootstrap([[1.0]], na.density), "at least 2 nodes"),
        (lambda: na.split_half(people, na.density), "at least 3 values"),
        (lambda: na.split_half(w, na.density, over="nodes"), "several networks"),
        (lambda: na.split_half([w, w, w], na.density, over="nodes"), "at least 4 nodes"),
        (lambda: na.split_half([people[0]] * 3, na.degree, over="nodes"), "one number"),
        (lambda: na.split_half([people[0]] * 2, na.density, over="nodes"), "at least 3 networks"),
    ):
        with pytest.raises(ValueError, match=said):
            call()
    with pytest.raises(TypeError, match="combine must be"):
        na.bootstrap(people, na.density, over="people", combine="mean")
