"""Distances between networks: traps with their right values, networkx, scipy and brute force, and what all promise."""

import warnings
from functools import partial

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from scipy.spatial.distance import jensenshannon

import netanalysis as na
from netanalysis.comparison._distributions import kolmogorov_smirnov, wasserstein
from netanalysis.comparison.distances import DISTANCES

P4, C4, STAR4, STAR5, P5 = (
    nx.to_numpy_array(g)
    for g in (nx.path_graph(4), nx.cycle_graph(4), nx.star_graph(3), nx.star_graph(4), nx.path_graph(5))
)
ALONE = np.pad(C4, (0, 1))
ROW = np.arange(5.0)[:, None]


def random_network(rng, n=None, *, directed=False, weighted=True, share=0.35):
    n = int(rng.integers(5, 14)) if n is None else n
    w = (rng.random((n, n)) < share) * (rng.lognormal(size=(n, n)) if weighted else 1.0)
    np.fill_diagonal(w, 0)
    w = w if directed else np.triu(w) + np.triu(w).T
    return na.Connectome(w, positions=rng.normal(size=(n, 3)))


def shuffled(net, rng):
    order = rng.permutation(net.n_nodes)
    return na.Connectome(net.weights[np.ix_(order, order)], positions=net.positions[order])


@pytest.mark.parametrize(
    ("a", "b", "code", "formula"),
    [(P4, STAR4, 0.598289, 0.522433), (P4, C4, 0.155639, 0.209411), (C4, STAR4, 0.75, 0.75)],
)
def test_portrait_divergence_has_two_variants(a, b, code, formula):
    assert na.portrait_divergence(a, b) == pytest.approx(code, abs=1e-6)
    assert na.portrait_divergence(a, b, variant="formula") == pytest.approx(formula, abs=1e-6)


def brute_portrait(graph):
    """Shares of (distance, number of nodes), by networkx, as both texts define them."""
    n = len(graph)
    b = {}
    for _, found in nx.all_pairs_shortest_path_length(graph):
        counts = np.bincount(list(found.values()), minlength=n)
        for length, k in enumerate(counts):
            b[length, int(k)] = b.get((length, int(k)), 0) + 1
    pairs = sum(k * count for (_, k), count in b.items())
    code = {key: key[1] * count / pairs for key, count in b.items()}
    formula = {
        (length, k): count / n * sum(j * c for (m, j), c in b.items() if m == length) / pairs
        for (length, k), count in b.items()
    }
    return {"code": code, "formula": formula}


@given(st.integers(0, 10**6), st.booleans(), st.sampled_from(["code", "formula"]))
@settings(max_examples=20, deadline=None)
def test_portrait_divergence_is_that_of_networkx_and_scipy(seed, directed, variant):
    rng = np.random.default_rng(seed)
    nets = [random_network(rng, directed=directed, share=0.25) for _ in range(2)]
    p, q = (
        brute_portrait(nx.from_numpy_array(net.weights, create_using=nx.DiGraph if directed else nx.Graph))[variant]
        for net in nets
    )
    keys = sorted(set(p) | set(q))
    right = jensenshannon([p.get(k, 0) for k in keys], [q.get(k, 0) for k in keys], base=2) ** 2
    assert na.portrait_divergence(*nets, variant=variant) == pytest.approx(right, abs=1e-9)


def test_the_portrait_counts_nodes_at_each_distance():
    portrait = na.network_portrait(STAR5)
    assert portrait.tolist() == [[0, 5, 0, 0, 0], [0, 4, 0, 0, 1], [1, 0, 0, 4, 0]]
    with pytest.raises(ValueError, match="a stack"):
        na.network_portrait(np.ones((2, 3, 3)))


def test_weighted_portraits_are_those_of_hops_where_bins_hold_one_length_each():
    cuts = np.arange(1, 8) + 0.5
    for weights in ("weights", "inverse"):
        weighted = na.portrait_divergence(P5, STAR5, lengths=weights, bins=cuts)
        assert weighted == pytest.approx(na.portrait_divergence(P5, STAR5))
    rng = np.random.default_rng(0)
    a, b = random_network(rng, 9), random_network(rng, 12)
    assert na.portrait_divergence(a, b, lengths="inverse") > 0
    # Quantiles do not change with the unit of both, and each bin of the pooled lengths is one of the cuts.
    same = na.portrait_divergence(3 * a.weights, 3 * b.weights, lengths="inverse")
    assert same == pytest.approx(na.portrait_divergence(a, b, lengths="inverse"))
    lengths = [d[np.isfinite(d) & (d > 0)] for d in (na.shortest_paths(a), na.shortest_paths(b))]
    cuts = np.quantile(np.unique(np.concatenate(lengths).round(12)), [0.25, 0.5, 0.75])
    assert na.portrait_divergence(a, b, lengths="inverse", bins=4) == pytest.approx(
        na.portrait_divergence(a, b, lengths="inverse", bins=cuts)
    )


def test_equal_lengths_in_other_digits_share_a_bin():
    direct, detour = np.zeros((3, 3)), np.zeros((3, 3))
    direct[0, 1], direct[1, 2] = 0.1, 0.2  # 0.1 + 0.2 is not 0.3
    detour[0, 1], detour[1, 2], detour[0, 2] = 0.1, 0.2, 0.3
    assert na.portrait_divergence(direct, detour, lengths="weights", bins=[0.15, 0.25, 0.3]) == 0


def test_spectra_are_compared_by_quantiles_or_filled_up():
    distance = partial(na.spectral_distance, STAR5, ALONE)
    assert distance(matrix="adjacency") == pytest.approx(0, abs=1e-12)  # and yet they are not the same
    assert distance(matrix="laplacian") == pytest.approx(0.8)  # 0 1 1 1 5 and 0 0 2 2 4
    assert distance(matrix="laplacian", order=2) == pytest.approx(np.sqrt(4 / 5))
    assert distance(matrix="laplacian", rule="padded") == pytest.approx(2)
    assert na.spectral_distance(P4, np.pad(P4, (0, 3)), matrix="adjacency", rule="padded") == pytest.approx(0)
    assert na.spectral_distance(P4, np.pad(P4, (0, 3)), matrix="adjacency") > 0
    with pytest.raises(ValueError, match=r"directed one\. Symmetrise both"):
        na.spectral_distance(np.triu(np.ones((3, 3))), C4)
    assert na.spectral_distance(np.triu(np.ones((3, 3))), C4, matrix="singular_values") > 0
    with pytest.raises(ValueError, match="negative"):
        na.spectral_distance(-P4, C4)


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_spectra_are_those_of_networkx_and_distances_those_of_scipy(seed):
    rng = np.random.default_rng(seed)
    a, b = random_network(rng), random_network(rng)
    of = {
        "normalized_laplacian": nx.normalized_laplacian_spectrum,
        "laplacian": nx.laplacian_spectrum,
        "adjacency": nx.adjacency_spectrum,
    }
    for matrix, spectrum in of.items():
        x, y = (np.real(spectrum(nx.from_numpy_array(net.weights))) for net in (a, b))
        found = na.spectral_distance(a, b, matrix=matrix)
        assert found == pytest.approx(stats.wasserstein_distance(x, y), abs=1e-9)


def ks_statistic(x, y):
    """Of scipy, whose p, which is not asked for, may end in a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return stats.ks_2samp(x, y).statistic


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_distances_of_samples_are_those_of_scipy(seed):
    rng = np.random.default_rng(seed)
    x, y = (np.sort(rng.integers(0, 6, size=rng.integers(1, 12)).astype(float)) for _ in range(2))
    assert kolmogorov_smirnov(x, y) == pytest.approx(ks_statistic(x, y))
    assert wasserstein(x, y, 1) == pytest.approx(stats.wasserstein_distance(x, y))
    many = [np.repeat(v, k) for v, k in ((x, len(y)), (y, len(x)))]  # equally many, each as often as the other
    assert wasserstein(x, y, 2) == pytest.approx(np.sqrt(np.mean((many[0] - many[1]) ** 2)))


@pytest.mark.parametrize("directed", [False, True])
def test_weighted_distributions_are_those_of_bctpy(directed):
    import bct

    rng = np.random.default_rng(3)
    nets = []
    for n in (9, 12):
        w = np.where(rng.random((n, n)) < 0.5, rng.lognormal(size=(n, n)), 0) * (1 - np.eye(n))
        nets.append(w if directed else np.triu(w) + np.triu(w).T)
    scaled = [w / w.max() for w in nets]
    clustering = bct.clustering_coef_wd if directed else bct.clustering_coef_wu
    by_hand = {
        "strength": [(w.sum(axis=0) + w.sum(axis=1)) / (len(w) - 1) for w in scaled],
        "weighted_clustering": [clustering(w.copy()) for w in scaled],
        "weighted_betweenness": [
            bct.betweenness_wei(np.divide(1, w, where=w > 0, out=np.zeros_like(w))) / ((len(w) - 1) * (len(w) - 2))
            for w in nets
        ],
    }
    for name, (x, y) in by_hand.items():
        assert na.ks_distance(*nets, of=name) == pytest.approx(ks_statistic(x, y), abs=1e-9)
        assert na.ks_distance(nets[0], 7.5 * nets[0], of=name) == 0


def test_the_energy_is_the_largest_of_four_ks_distances():
    chain, star = na.Connectome(P5, positions=ROW), na.Connectome(STAR5, positions=ROW)
    right = {"degree": 0.4, "clustering": 0.0, "betweenness": 0.4, "edge_length": 0.75}
    for name, value in right.items():
        assert na.ks_distance(chain, star, of=name) == pytest.approx(value)
    assert na.ks_distance(chain, star) == pytest.approx(0.75)
    assert na.ks_distance(P5, STAR5, of=["degree", "clustering"]) == pytest.approx(0.4)
    far = na.Connectome(STAR5, positions=1000 * ROW)
    assert na.ks_distance(chain, far, of="edge_length") == 1
    assert na.ks_distance(chain, far, of="relative_edge_length") == pytest.approx(0.75)
    with pytest.raises(ValueError, match="needs distances in both"):
        na.ks_distance(chain, STAR5)
    with pytest.warns(na.UndefinedWarning, match="no edge_length at all"):
        assert np.isnan(na.ks_distance(chain, chain.replace(weights=np.zeros((5, 5)))))


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=15, deadline=None)
def test_samples_are_those_of_networkx_and_scipy(seed, directed):
    rng = np.random.default_rng(seed)
    nets = [random_network(rng, directed=directed) for _ in range(2)]
    graphs = [nx.from_numpy_array(net.weights, create_using=nx.DiGraph if directed else nx.Graph) for net in nets]
    measures = {
        "degree": lambda g: [d / (len(g) - 1) for _, d in g.degree],
        "clustering": lambda g: list(nx.clustering(g).values()),
        "betweenness": lambda g: list(nx.betweenness_centrality(g).values()),
    }
    for name, measure in measures.items():
        x, y = (np.round(measure(g), 9) for g in graphs)
        assert na.ks_distance(*nets, of=name) == pytest.approx(ks_statistic(x, y), abs=1e-9)


def test_communicability_is_that_of_networkx():
    graphs = nx.karate_club_graph(), nx.erdos_renyi_graph(34, 0.2, seed=1)
    nets = [nx.to_numpy_array(g, weight=None) for g in graphs]
    sequences = []
    for g in graphs:
        c = nx.communicability_exp(g)
        values = np.sort([c[i][j] for i in g for j in g if i <= j])
        sequences.append(values / values.sum())
    right = jensenshannon(*sequences, base=2) ** 2
    found = na.communicability_distance(*nets, variant="divergence", normalize=None)
    assert found == pytest.approx(right, rel=1e-6)
    c = [na.communicability(net) for net in nets]
    right = stats.wasserstein_distance(*((x / x.mean()).ravel() for x in c))
    assert na.communicability_distance(*nets) == pytest.approx(right)
    with pytest.raises(ValueError, match="needs undirected"):
        na.communicability_distance(np.triu(np.ones((3, 3)), 1), P4, variant="divergence")
    with pytest.raises(ValueError, match="negative"):
        na.communicability_distance(-P4, P4, normalize=None)


def test_fingerprints_are_correlations_over_nodes():
    net = random_network(np.random.default_rng(4), 16)
    graph = nx.from_numpy_array(net.weights)
    d = net.distances * (net.weights != 0)
    values = [[k for _, k in graph.degree], list(nx.clustering(graph).values())]
    values += [list(nx.betweenness_centrality(graph).values()), d.sum(axis=0)]
    names = ["degree", "clustering", "betweenness", "total_edge_length"]
    assert na.topological_fingerprint(net, measures=names) == pytest.approx(np.corrcoef(values))
    other = random_network(np.random.default_rng(5), 11)
    a, b = (na.topological_fingerprint(x) for x in (net, other))
    assert na.fingerprint_distance(net, other) == pytest.approx(np.sqrt(((a - b) ** 2).sum()))
    with pytest.warns(na.UndefinedWarning, match="clustering"):
        assert np.isnan(na.topological_fingerprint(P5)[1, 0])
    with pytest.raises(ValueError, match="needs distances"):
        na.topological_fingerprint(P5, measures=names)
    with pytest.raises(ValueError, match="at least two"):
        na.fingerprint_distance(P5, P5, measures=["degree"])


EVERY = {
    "portrait": na.portrait_divergence,
    "portrait, formula": partial(na.portrait_divergence, variant="formula"),
    "portrait, weighted": partial(na.portrait_divergence, lengths="inverse", bins=[0.2, 0.5, 1.0, 2.0]),
    "ks": na.ks_distance,
    "spectral": na.spectral_distance,
    "spectral, padded": partial(na.spectral_distance, matrix="laplacian", rule="padded"),
    "spectral, order 2": partial(na.spectral_distance, matrix="adjacency", order=2),
    "singular values": partial(na.spectral_distance, matrix="singular_values"),
    "communicability": na.communicability_distance,
    "communicability, divergence": partial(na.communicability_distance, variant="divergence"),
    "fingerprint": na.fingerprint_distance,
}
ROOT = ("portrait", "portrait, formula", "portrait, weighted", "communicability, divergence")  # whose root is a metric
every = pytest.mark.parametrize(("name", "distance"), EVERY.items(), ids=EVERY)


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")  # small networks may have no clustering that varies
@every
@given(seed=st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_what_every_distance_promises(name, distance, seed):
    rng = np.random.default_rng(seed)
    a, b, c = (random_network(rng, share=0.5) for _ in range(3))
    ab, bc, ac = distance(a, b), distance(b, c), distance(a, c)
    assume(not np.isnan([ab, bc, ac]).any())
    assert distance(a, a) == 0
    assert distance(a, shuffled(a, rng)) == pytest.approx(0, abs=1e-7)
    assert ab == distance(b, a)
    if name in ROOT:
        ab, bc, ac = np.sqrt([ab, bc, ac])
        assert max(ab, bc, ac) <= 1
    assert ac <= ab + bc + 1e-9


@every
def test_stacks_sparse_networks_and_single_nodes(name, distance):
    rng = np.random.default_rng(3)
    place = rng.normal(size=(8, 2))
    stack = na.Connectome(np.stack([random_network(rng, 8, share=0.6).weights for _ in range(3)]), positions=place)
    other = random_network(rng, 10, share=0.6)
    found = distance(stack, other)
    assert found.shape == (3,)
    assert found.tolist() == [distance(net, other) for net in stack]
    assert distance(stack, stack).tolist() == [0, 0, 0]
    thin = na.Connectome(sparse.csr_array(stack[0].weights), positions=place)
    assert distance(thin, other) == pytest.approx(found[0])
    if "fingerprint" not in name:
        one = na.Connectome([[0.0]], positions=[[0.0]])
        assert distance(one, one) == 0
    with pytest.raises(ValueError, match="leading axes match"):
        distance(stack, na.Connectome(stack.weights[:2], positions=place))
    with pytest.raises(ValueError, match="must be square"):
        distance(np.ones((2, 3)), other)
    with pytest.raises(ValueError, match="must be finite"):
        distance(other, np.full((2, 2), np.nan))


@every
def test_every_distance_can_be_tested_against_a_null(name, distance):
    rng = np.random.default_rng(0)
    a, b = random_network(rng, 10, share=0.6), random_network(rng, 12, share=0.6)
    test = na.null_test(a, partial(distance, b), na.nulls.weight_shuffle, n_nulls=5, rng=0)
    assert test.observed == distance(a, b)
    both = na.distance_test(a, b, distance=distance, null=na.nulls.weight_shuffle, n_nulls=5, rng=0)
    assert both.observed == test.observed
    assert len(both.null_distribution) == 5


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        (na.portrait_divergence, {"variant": "paper"}, "variant must be one of"),
        (na.portrait_divergence, {"lengths": "miles"}, "lengths must be one of"),
        (na.portrait_divergence, {"lengths": "inverse", "bins": 0}, "bins must be at least 1"),
        (na.portrait_divergence, {"lengths": "inverse", "bins": [2.0, 1.0]}, "rising order"),
        (na.spectral_distance, {"matrix": "hessian"}, "matrix must be one of"),
        (na.spectral_distance, {"order": 3}, "order must be 1 or 2"),
        (na.spectral_distance, {"rule": "nearest"}, "rule must be one of"),
        (na.communicability_distance, {"normalize": "rows"}, "normalize must be one of"),
        (na.communicability_distance, {"variant": "js"}, "variant must be one of"),
        (na.ks_distance, {"of": "weights"}, "of must be one of"),
        (na.ks_distance, {"of": []}, "at least one"),
        (na.fingerprint_distance, {"measures": ["degree", "speed"]}, "measures must be one of"),
    ],
)
def test_options_that_are_none_are_named(function, options, said):
    with pytest.raises(ValueError, match=said):
        function(P4, C4, **options)


def test_a_distance_between_nulls_is_the_scale_of_chance():
    rng = np.random.default_rng(1)
    ring = np.roll(np.eye(24), 1, axis=1) + np.roll(np.eye(24), 2, axis=1)
    ring += ring.T
    rewired = na.nulls.degree_preserving(ring, rng=5)
    far = na.distance_test(ring, rewired, null="degree_preserving", n_nulls=39, alternative="greater", rng=0)
    assert far.p == pytest.approx(1 / 40)
    alike = na.distance_test(
        rewired, na.nulls.degree_preserving(ring, rng=6), null="degree_preserving", n_nulls=39, rng=0
    )
    assert alike.p > 0.05
    again = na.distance_test(ring, rewired, null="degree_preserving", n_nulls=9, rng=0)
    assert again.null_distribution.tolist() == far.null_distribution[:9].tolist()

    def own(net, rng):
        return rng.permutation(net.ravel()).reshape(net.shape)

    few = na.distance_test(ring, rewired, null=own, distance=lambda a, b: abs(a.sum() - b.sum()), n_nulls=3, rng=0)
    assert few.observed == 0
    assert few.null_distribution.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="b must be one network"):
        na.distance_test(ring, rng.random((2, 3, 3)), null="weight_shuffle")
    with pytest.raises(ValueError, match="distance must be one of"):
        na.distance_test(ring, ring, distance="euclid", null="weight_shuffle")
    with pytest.raises(ValueError, match="must return weights of shape"):
        na.distance_test(ring, ring, null=lambda net, rng: net[:3, :3], n_nulls=2)
    with pytest.raises(ValueError, match="is complete") as said:
        na.distance_test(ring, np.ones((5, 5)) - np.eye(5), null="degree_preserving", n_nulls=2)
    assert said.value.__notes__ == ["the null networks of b"]


@pytest.fixture(scope="module")
def large():
    """As many nodes as the brain of a fly."""
    n, rng = 139_000, np.random.default_rng(0)
    ends = rng.integers(0, n, (2, 4 * n))
    w = sparse.csr_array((np.ones(4 * n), (ends[0], ends[1])), shape=(n, n))
    return na.Connectome(w.maximum(w.T), positions=rng.normal(size=(n, 2)))


@pytest.mark.parametrize("name", DISTANCES)
def test_large_networks_have_a_distance_or_are_told_of_one(name, large):
    small = na.Connectome(C4, positions=np.eye(4))
    with pytest.raises(
        MemoryError, match=rf"^{name}: .*[Ll]arge networks have .*degree.*na\.transform\.subset"
    ) as said:
        DISTANCES[name](large, small)
    assert "sources" not in str(said.value).partition("Large")[2]  # an option that distances do not have
    with pytest.raises(MemoryError, match=name):
        na.network_distances({"large": large, "small": small}, distance=name)
    if name == "ks_distance":
        assert 0 < DISTANCES[name](large, small, of=["degree", "clustering", "edge_length"]) <= 1
    if name == "fingerprint_distance":
        assert DISTANCES[name](large, large, measures=["degree", "clustering"]) == 0


def test_names_are_those_of_the_functions():
    assert all(getattr(na, name) is function for name, function in DISTANCES.items())


def test_a_null_that_keeps_the_distance_says_so():
    complete, ring = 1 - np.eye(7), np.roll(np.eye(7), 1, axis=1)
    test = na.distance_test(complete, ring, null="weight_shuffle", n_nulls=9, rng=0)
    assert test.null_std == 0
    assert "the null model keeps it fixed" in test.note
