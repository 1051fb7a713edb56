import warnings
from functools import partial

import bct as bctpy
import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse
from scipy.sparse import csgraph

import netanalysis as na

exact = {"rtol": 1e-7, "atol": 1e-14}
FORMS = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def random_network(n, density, seed=0, symmetric=False):
    rng = np.random.default_rng(seed)
    w = rng.random((n, n)) * (rng.random((n, n)) < density)
    np.fill_diagonal(w, 0)
    return np.triu(w) + np.triu(w).T if symmetric else w


@FORMS
def test_brain_connectivity_toolbox(bct, form):
    a, b, w, u = (form(bct[f"input_{k}"]) for k in "ABWU")
    assert np.array_equal(na.shortest_paths(a, lengths="hops"), bct["bct_distance_bin"])
    np.testing.assert_allclose(na.shortest_paths(w), bct["bct_distance_wei_floyd"], **exact)
    lengths = form(bct["input_WL"])
    np.testing.assert_allclose(na.shortest_paths(lengths, lengths="weights"), bct["bct_distance_wei"], **exact)
    assert na.efficiency(a, lengths="hops") == pytest.approx(float(bct["bct_efficiency_bin"]), rel=1e-12)
    assert na.efficiency(u) == pytest.approx(float(bct["bct_efficiency_wei"]), rel=1e-12)
    assert na.efficiency(w) == pytest.approx(float(bct["bct_efficiency_wei_d"]), rel=1e-12)
    np.testing.assert_allclose(na.local_efficiency(b, lengths="hops"), bct["bct_efficiency_bin_local"], **exact)
    np.testing.assert_allclose(na.local_efficiency(u), bct["bct_efficiency_wei_local2"], **exact)
    original = na.local_efficiency(u, variant="original")
    np.testing.assert_allclose(original, bct["bct_efficiency_wei_local"], **exact)


@FORMS
@pytest.mark.parametrize("n", [1, 2, 7, 8, 63, 65, 130])
@pytest.mark.parametrize("density", [0.02, 0.2, 0.9])
def test_distances_against_scipy(n, density, form):
    w = random_network(n, density)
    with np.errstate(divide="ignore"):
        length = np.where(w > 0, 1 / w, 0)
    np.testing.assert_allclose(na.shortest_paths(form(w)), csgraph.dijkstra(length), **exact)
    np.testing.assert_allclose(na.shortest_paths(form(w), lengths="weights"), csgraph.dijkstra(w), **exact)
    hops = csgraph.shortest_path(w, unweighted=True)
    assert np.array_equal(na.shortest_paths(form(w), lengths="hops"), hops)
    assert np.array_equal(na.shortest_paths(form(-w), lengths="hops"), hops)


@FORMS
@pytest.mark.parametrize("density", [0.004, 0.02])
def test_more_nodes_than_one_batch(density, form):
    w = random_network(1100, density)
    hops = csgraph.shortest_path(w, unweighted=True)
    pairs = np.isfinite(hops) & (hops > 0)
    assert np.array_equal(na.shortest_paths(form(w), lengths="hops"), hops)
    assert na.path_length(form(w), lengths="hops") == pytest.approx(hops[pairs].mean(), rel=1e-12)
    assert na.efficiency(form(w), lengths="hops") == pytest.approx((1 / hops[pairs]).sum() / (1100 * 1099), rel=1e-12)


@FORMS
def test_networkx_and_igraph(directed, undirected, form):
    import igraph

    und, dire = nx.from_numpy_array(undirected), nx.from_numpy_array(directed, create_using=nx.DiGraph)
    assert na.path_length(form(undirected), lengths="weights") == pytest.approx(
        nx.average_shortest_path_length(und, weight="weight"), rel=1e-12
    )
    assert na.path_length(form(directed), lengths="hops") == pytest.approx(
        nx.average_shortest_path_length(dire), rel=1e-12
    )
    assert na.efficiency(form(undirected), lengths="hops") == pytest.approx(nx.global_efficiency(und), rel=1e-12)
    assert na.local_efficiency(form(undirected), lengths="hops").mean() == pytest.approx(
        nx.local_efficiency(und), rel=1e-12
    )
    sparse_net = random_network(80, 0.02)
    graph = igraph.Graph.Adjacency((sparse_net > 0).tolist())
    assert na.path_length(form(sparse_net), lengths="hops") == pytest.approx(
        graph.average_path_length(unconn=True), rel=1e-12
    )


def by_definition(w, *, tie, length, value):
    """Local efficiency pair by pair, with distances from scipy."""
    out = np.zeros(len(w))
    for i in range(len(w)):
        near = np.flatnonzero((w[i] > 0) | (w[:, i] > 0))
        with np.errstate(divide="ignore"):
            d = csgraph.dijkstra(np.where(w > 0, length(w), 0)[np.ix_(near, near)])
            gain = np.where(np.eye(len(near)), 0, value(d))
        s = (tie(w[i, near]) + tie(w[near, i])) if len(near) else np.zeros(0)
        a = 1.0 * (w[i, near] > 0) + (w[near, i] > 0)
        if len(near) > 1:
            out[i] = s @ gain @ s / (a.sum() ** 2 - (a**2).sum())
    return out


@FORMS
@pytest.mark.parametrize("density", [0.1, 0.5])
def test_local_efficiency_of_directed_networks_by_definition(density, form):
    w = random_network(40, density)
    hops = by_definition(w, tie=np.sign, length=np.ones_like, value=lambda d: 1 / d)
    modified = by_definition(w, tie=np.cbrt, length=lambda x: np.cbrt(1 / x), value=lambda d: 1 / d)
    original = by_definition(w, tie=np.cbrt, length=lambda x: 1 / x, value=lambda d: np.cbrt(1 / d))
    np.testing.assert_allclose(na.local_efficiency(form(w), lengths="hops"), hops, **exact)
    np.testing.assert_allclose(na.local_efficiency(form(w)), modified, **exact)
    np.testing.assert_allclose(na.local_efficiency(form(w), variant="original"), original, **exact)


# bctpy takes only the out-neighbours of a directed network, where the toolbox takes both: undirected only.
@pytest.mark.parametrize("density", [0.1, 0.5])
def test_local_efficiency_against_bctpy(density):
    w = random_network(30, density, symmetric=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        binary = bctpy.efficiency_bin((w > 0).astype(float), local=True)
        modified = bctpy.efficiency_wei(w.copy(), local=True)
        original = bctpy.efficiency_wei(w.copy(), local="original")
    np.testing.assert_allclose(na.local_efficiency(w, lengths="hops"), binary, **exact)
    np.testing.assert_allclose(na.local_efficiency(w), modified, **exact)
    np.testing.assert_allclose(na.local_efficiency(w, variant="original"), original, **exact)


def test_local_efficiency_of_hubs():
    # A hub with more than 512 neighbours goes through several batches; dense and loose neighbourhoods take
    # Floyd-Warshall and Dijkstra.
    w = random_network(700, 0.01, symmetric=True)
    w[0, 1:] = w[1:, 0] = 1.0
    inside = w[1:, 1:]
    assert na.local_efficiency(w, lengths="hops")[0] == pytest.approx(na.efficiency(inside, lengths="hops"), rel=1e-12)
    assert na.local_efficiency((w > 0) * 1.0)[0] == pytest.approx(na.efficiency(inside > 0), rel=1e-12)


def test_modified_local_efficiency_of_a_binary_network_is_the_binary_one(directed):
    a = (directed > 0).astype(float)
    np.testing.assert_allclose(na.local_efficiency(a), na.local_efficiency(a, lengths="hops"), rtol=1e-12)


def test_lengths_are_inverse_weights(directed):
    with np.errstate(divide="ignore"):
        length = np.where(directed > 0, 1 / directed, 0)
    for measure in (na.path_length, na.efficiency, na.local_efficiency):
        np.testing.assert_allclose(measure(directed), measure(length, lengths="weights"), rtol=1e-12)


@FORMS
def test_closed_forms(form):
    n = 9
    chain = np.diag(np.ones(n - 1), 1)
    for lengths in ("hops", "inverse", "weights"):
        assert na.path_length(form(chain + chain.T), lengths=lengths) == pytest.approx((n + 1) / 3)
        assert na.path_length(form(chain), lengths=lengths) == pytest.approx((n + 1) / 3)  # reachable pairs only
        assert na.path_length(form(chain), lengths=lengths, unreachable="infinite") == np.inf
        assert na.efficiency(form(np.ones((n, n))), lengths=lengths) == pytest.approx(1.0)
    np.testing.assert_allclose(na.local_efficiency(form(np.ones((5, 5)))), 1.0)


@FORMS
def test_one_and_two_nodes_and_no_connections(form):
    for lengths in ("hops", "inverse", "weights"):
        for w in (np.zeros((1, 1)), np.ones((1, 1))):
            for measure in (na.path_length, partial(na.path_length, unreachable="infinite"), na.efficiency):
                with pytest.warns(na.UndefinedWarning, match="is nan: a single node has no pairs"):
                    assert np.isnan(measure(form(w), lengths=lengths))
            assert np.array_equal(na.shortest_paths(form(w), lengths=lengths), [[0.0]])
            assert np.array_equal(na.local_efficiency(form(w), lengths=lengths), [0.0])
        empty = np.zeros((2, 2))
        with pytest.warns(na.UndefinedWarning, match="path_length is nan: no pair"):
            assert np.isnan(na.path_length(form(empty), lengths=lengths))
        assert na.path_length(form(empty), lengths=lengths, unreachable="infinite") == np.inf
        assert na.efficiency(form(empty), lengths=lengths) == 0.0


@FORMS
def test_self_connections_are_ignored(directed, form):
    heavy = directed + 5 * np.eye(30)
    for measure in (na.shortest_paths, na.path_length, na.efficiency, na.local_efficiency):
        for lengths in ("hops", "inverse", "weights"):
            plain = measure(form(directed), lengths=lengths)
            np.testing.assert_array_equal(measure(form(heavy), lengths=lengths), plain)


@FORMS
def test_what_is_refused(directed, signed, form):
    with pytest.raises(ValueError, match=r"net has .* negative ones.*hops"):
        na.path_length(form(signed))
    with pytest.raises(ValueError, match="lengths must be one of"):
        na.efficiency(form(directed), lengths="binary")
    with pytest.raises(ValueError, match="unreachable must be one of"):
        na.path_length(form(directed), unreachable="zero")
    with pytest.raises(ValueError, match="variant must be one of"):
        na.local_efficiency(form(directed), variant="wang")
    with pytest.raises(ValueError, match="too small to have an inverse"):
        na.path_length(form(np.array([[0, 1e-310], [1.0, 0]])))


def test_large_sparse_networks_are_refused_with_the_name_of_the_estimator():
    n, m = 150_000, 2_000_000
    rng = np.random.default_rng(0)
    big = sparse.coo_array((np.ones(m), (rng.integers(n, size=m), rng.integers(n, size=m))), shape=(n, n)).tocsr()
    with pytest.raises(MemoryError, match="estimate_path_length"):
        na.path_length(big)
    with pytest.raises(MemoryError, match="estimate_efficiency"):
        na.efficiency(big)
    with pytest.raises(MemoryError, match="path_length or efficiency"):
        na.shortest_paths(big, lengths="hops")
    assert na.estimate_path_length(big, n_sources=3, lengths="hops", rng=0).n_samples == 3


@pytest.mark.parametrize("lengths", ["hops", pytest.param("inverse", marks=pytest.mark.slow)])
def test_estimates_cover_the_exact_value_and_converge_to_it(lengths):
    w = random_network(1000, 0.008)
    for estimate, measure in ((na.estimate_path_length, na.path_length), (na.estimate_efficiency, na.efficiency)):
        value = measure(w, lengths=lengths)
        runs = [estimate(w, n_sources=50, lengths=lengths, rng=seed) for seed in range(40)]
        covered = sum(run.interval[0] <= value <= run.interval[1] for run in runs)
        assert covered >= 33
        errors = np.array([run.value - value for run in runs])
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.mean([r.standard_error for r in runs]), rel=0.4)
        every = estimate(w, n_sources=1000, lengths=lengths)
        assert every.value == pytest.approx(value, rel=1e-12)
        assert every.standard_error == 0.0
    assert na.estimate_path_length(w, rng=3) == na.estimate_path_length(w, rng=3)


def test_estimates_refuse(directed):
    with pytest.raises(ValueError, match="one network"):
        na.estimate_path_length(np.stack([directed, directed]))
    with pytest.raises(ValueError, match="n_sources must be at most the number of nodes, 30"):
        na.estimate_path_length(directed, n_sources=31)
    with pytest.raises(ValueError, match="confidence"):
        na.estimate_efficiency(directed, confidence=95)
    with pytest.raises(ValueError, match="at least 2 nodes"):
        na.estimate_path_length([[1.0]])
    with pytest.warns(na.UndefinedWarning, match="estimate_path_length is nan: no pair"):
        assert np.isnan(na.estimate_path_length(np.zeros((4, 4))).value)


networks = hnp.arrays(
    float, st.integers(1, 12).map(lambda n: (n, n)), elements=st.sampled_from([0.0, 0.0, 0.0, 0.25, 1.0, 3.0])
)


@settings(max_examples=60, deadline=None)
@given(networks, st.sampled_from(["hops", "inverse", "weights"]), st.randoms(use_true_random=False))
def test_properties(w, lengths, random):
    d = na.shortest_paths(w, lengths=lengths)
    n = len(w)
    assert (d <= (d[:, :, None] + d[None, :, :]).min(axis=1) * (1 + 1e-12)).all()
    off = ~np.eye(n, dtype=bool)
    reached = off & np.isfinite(d)
    if reached.any():
        assert na.path_length(w, lengths=lengths) == pytest.approx(d[reached].mean(), rel=1e-12)
    if n > 1:
        assert na.efficiency(w, lengths=lengths) == pytest.approx((1 / d[off]).mean(), rel=1e-12)
    np.testing.assert_allclose(na.shortest_paths(w.T, lengths=lengths), d.T, rtol=1e-12)
    order = list(range(n))
    random.shuffle(order)
    moved = na.local_efficiency(w[np.ix_(order, order)], lengths=lengths)
    np.testing.assert_allclose(moved, na.local_efficiency(w, lengths=lengths)[order], rtol=1e-9)


def test_published_values_of_the_karate_club():
    club = nx.to_numpy_array(nx.karate_club_graph(), weight=None)
    assert na.clustering(club, method="binary").mean() == pytest.approx(0.571, abs=5e-4)
    assert na.path_length(club, lengths="hops") == pytest.approx(2.408, abs=5e-4)
    assert na.transitivity(club, method="binary") == pytest.approx(0.2557, abs=5e-5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("estimate", [na.estimate_path_length, na.estimate_efficiency])
def test_estimates_of_huge_and_tiny_weights(directed, estimate):
    """Seen: an error of nan at 1e160, where squares of lengths overflow."""
    one = estimate(directed, n_sources=4, rng=0)
    for scale in (2.0**-600, 2.0**600):
        other = estimate(directed * scale, n_sources=4, rng=0)
        power = scale if estimate is na.estimate_efficiency else 1 / scale
        assert (other.value, other.standard_error) == (one.value * power, one.standard_error * power)
