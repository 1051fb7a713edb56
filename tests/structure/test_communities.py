"""Communities: quality against other implementations and exhaustive search, guarantees, reproducibility."""

import random

import igraph as ig
import leidenalg
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import csgraph

import netanalysis as na
from netanalysis.structure.kernels.labels import grouped
from netanalysis.structure.modularity import modularity_matrix

METHODS = ["leiden", "louvain", "spectral"]


@pytest.fixture(params=["matrix", "lists"])
def form(request, monkeypatch):
    """Small networks run on a matrix by themselves; here also on lists of connections."""
    if request.param == "lists":
        monkeypatch.setattr("netanalysis.structure._search._NEVER_MATRIX", 0)
        monkeypatch.setattr("netanalysis.structure._search._ALWAYS_MATRIX", 0)
    return request.param


def planted(n, k, *, inside, directed, seed, density=0.15):
    """A weighted network with a share of its connections inside k random groups, and the groups."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, k, n)
    same = group[:, None] == group[None, :]
    chance = density * np.where(same, inside * k, (1 - inside) * k / (k - 1))
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < chance)
    np.fill_diagonal(w, 0)
    return (w if directed else np.maximum(w, w.T)), group


def same_partition(a, b):
    a, b = np.asarray(a).ravel(), np.asarray(b).ravel()
    return np.array_equal(a[:, None] == a[None, :], b[:, None] == b[None, :])


def all_partitions(n):
    """Restricted growth strings: every partition of n nodes once."""
    rows = [[0]]
    for _ in range(n - 1):
        rows = [[*r, c] for r in rows for c in range(max(r) + 2)]
    return np.array(rows)


PARTITIONS = all_partitions(7)


@pytest.mark.parametrize(("key", "net"), [("modularity_und", "input_U"), ("modularity_dir", "input_W")])
def test_spectral_reproduces_the_toolbox(bct, key, net):
    found = na.detect_communities(bct[net], method="spectral")
    assert same_partition(found.labels, bct[f"bct_{key}"])
    assert found.modularity == pytest.approx(float(bct[f"bct_{key}_q"]), rel=1e-10)


@pytest.mark.parametrize(("key", "net"), [("louvain_U_best_of_20", "input_U"), ("louvain_W_best_of_20", "input_W")])
def test_reaches_the_toolbox_best_of_20(bct, key, net):
    found = na.detect_communities(bct[net], n_restarts=20, rng=0)
    assert found.modularity >= float(bct[f"bct_{key}"])


LUCKY = [(100, 5, 0.15), (100, 8, 0.3), (100, 5, 0.08), (302, 8, 0.03), (302, 20, 0.06)]


@pytest.mark.parametrize(
    ("directed", "networks"),
    [(False, LUCKY[:3]), *(pytest.param(directed, LUCKY, marks=pytest.mark.slow) for directed in (False, True))],
)
@pytest.mark.usefixtures("form")
def test_quality_at_least_that_of_igraph_and_leidenalg(directed, networks):
    mean, best = [], []
    for n, k, density in networks:
        w, _ = planted(n, k, inside=0.45, directed=directed, seed=n + k, density=density)
        graph = ig.Graph.Weighted_Adjacency(w, mode="directed" if directed else "undirected")
        by_igraph, by_leidenalg = [], []
        for seed in range(10):
            options = {"weights": "weight", "n_iterations": -1}
            partition = leidenalg.find_partition(graph, leidenalg.ModularityVertexPartition, seed=seed, **options)
            by_leidenalg.append(partition.membership)
            random.seed(seed)  # igraph draws from Python's generator
            by_igraph.append(graph.community_leiden(objective_function="modularity", **options).membership)
        q = [na.modularity(w, labels) for labels in (by_igraph, by_leidenalg)]
        q.append(na.detect_communities(w, rng=1).modularities)
        mean.append([x.mean() for x in q])
        best.append([x.max() for x in q])
    for igraph, leiden, ours in (np.mean(mean, axis=0), np.mean(best, axis=0)):
        assert ours >= max(igraph, leiden) - 1e-3  # within the luck of thirty runs


def test_signed_quality_at_least_that_of_the_peers(bct):
    from bct import community_louvain

    w = bct["input_S"]
    found = na.detect_communities(w, rng=0)
    peers = [community_louvain(w, B="negative_asym", seed=s)[1] for s in range(10)]
    assert found.modularity >= max(peers) - 1e-9
    assert found.modularities.mean() >= np.mean(peers)


@pytest.mark.parametrize("kind", ["undirected", "directed", "signed", "signed directed"])
def test_finds_the_optimum_of_small_networks(kind):
    rng = np.random.default_rng(len(kind))
    missed = 0
    for trial in range(25):
        w = np.round(rng.normal(size=(7, 7)), 2) * (rng.random((7, 7)) < 0.6)
        if "signed" not in kind:
            w = np.abs(w)
        if "directed" not in kind.split():
            w = w + w.T
        gamma = (0.6, 1.0, 1.7)[trial % 3]
        best = np.nanmax(na.modularity(w, PARTITIONS, resolution=gamma))
        found = na.detect_communities(w, resolution=gamma, n_restarts=30, rng=trial)
        assert found.modularity <= best + 1e-12
        missed += found.modularity < best - 1e-12
    assert missed <= 2  # moves and merges do not lead everywhere


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("directed", [False, True])
def test_planted_partition_is_found(method, directed):
    w, group = planted(120, 4, inside=0.9, directed=directed, seed=3)
    found = na.detect_communities(w, method=method, rng=0)
    assert found.n_communities == 4
    if method == "spectral":  # a greedy bisection: near the planted groups, not always at them
        assert found.modularity > 0.95 * na.modularity(w, group)
    else:
        assert same_partition(found.labels, group)


@pytest.mark.parametrize("method", METHODS)
def test_planted_signed_factions_are_found(method):
    side = np.random.default_rng(0).integers(0, 3, 60)
    w = np.where(side[:, None] == side[None, :], 1.0, -1.0) * np.random.default_rng(1).random((60, 60))
    assert same_partition(na.detect_communities(w, method=method, rng=0).labels, side)


def test_random_orthogonal_matrix_has_little_modularity():
    w = np.abs(np.linalg.qr(np.random.default_rng(0).normal(size=(100, 100)))[0])
    assert na.detect_communities(w, method="spectral").modularity == pytest.approx(0.05, abs=0.015)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("as_sparse", [False, True])
def test_reported_values_are_those_of_the_labels(method, as_sparse, signed, directed):
    for w in (signed, directed, directed + np.eye(30), np.maximum(directed, directed.T)):
        net = sparse.csr_array(w) if as_sparse else w
        found = na.detect_communities(net, method=method, resolution=1.3, rng=5)
        assert found.modularity == pytest.approx(na.modularity(w, found.labels, resolution=1.3), abs=1e-13)
        assert found.modularities == pytest.approx(na.modularity(w, found.partitions, resolution=1.3), abs=1e-13)
        assert found.modularity == found.modularities.max()
        assert found.n_communities == len(np.unique(found.labels))
        for row in [found.labels, *found.partitions]:
            sizes = np.bincount(row)
            firsts = [np.flatnonzero(row == c)[0] for c in range(len(sizes))]
            assert list(zip(-sizes, firsts, strict=True)) == sorted(zip(-sizes, firsts, strict=True))


@pytest.mark.usefixtures("form")
def test_sparse_equals_dense(directed, undirected):
    for w in (directed, undirected):
        a = na.detect_communities(w, rng=2)
        b = na.detect_communities(sparse.csr_array(w), rng=2)
        assert np.array_equal(a.partitions, b.partitions)


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")  # of networks without weights
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    directed=st.booleans(),
    gamma=st.sampled_from([0.3, 1.0, 2.0]),
    lists=st.booleans(),
)
@example(seed=339, directed=False, gamma=0.3, lists=False)  # no weights
@example(seed=214, directed=True, gamma=2.0, lists=False)  # one connection, whose ends are better apart, at Q = 0
def test_leiden_communities_are_connected_and_locally_optimal(seed, directed, gamma, lists):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < rng.uniform(0.02, 0.4))
    if not directed:
        w = np.maximum(w, w.T)
    with pytest.MonkeyPatch.context() as patch:
        if lists:
            patch.setattr("netanalysis.structure._search._ALWAYS_MATRIX", 0)
            patch.setattr("netanalysis.structure._search._NEVER_MATRIX", 0)
        found = na.detect_communities(w, resolution=gamma, n_restarts=3, rng=seed)
    b = modularity_matrix(w, gamma)
    np.fill_diagonal(b, 0)
    for labels in found.partitions:
        for c in range(labels.max() + 1):
            members = np.flatnonzero(labels == c)
            inner = sparse.csr_array(w[np.ix_(members, members)])
            assert csgraph.connected_components(inner, connection="weak")[0] == 1
        to = np.stack([b[:, labels == c].sum(1) for c in range(labels.max() + 1)], axis=1)
        here = to[np.arange(n), labels]
        assert (np.maximum(to.max(1), 0) - here).max() < 1e-9  # no move, nor leaving, gains


def test_runs_do_not_depend_on_their_number_or_the_threads(monkeypatch, directed):
    few = na.detect_communities(directed, n_restarts=3, rng=9)
    many = na.detect_communities(directed, n_restarts=40, rng=9)
    assert np.array_equal(few.partitions, many.partitions[:3])
    assert len(np.unique(many.modularities)) > 1
    monkeypatch.setattr("joblib.cpu_count", lambda: 1)
    alone = na.detect_communities(np.stack([directed] * 30), n_restarts=40, rng=9)
    monkeypatch.setattr("joblib.cpu_count", lambda: 4)
    threads = na.detect_communities(np.stack([directed] * 30), n_restarts=40, rng=9)
    assert np.array_equal(alone.partitions, threads.partitions)
    assert np.array_equal(alone.partitions[0], many.partitions)


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("consensus", [False, True])
def test_stack_equals_loop(method, consensus, directed, undirected):
    stack = np.stack([[directed, undirected], [directed.T, directed - undirected], [undirected * 0, directed**2]])
    options = {"method": method, "consensus": consensus, "n_restarts": 4}
    for make in (lambda: 3, lambda: np.random.default_rng(3)):
        whole = na.detect_communities(stack, rng=make(), **options)
        assert whole.labels.shape == (3, 2, 30)
        assert whole.modularity.shape == whole.n_communities.shape == (3, 2)
        rng = make()
        for g in np.ndindex(3, 2):
            one = na.detect_communities(stack[g], rng=rng, **options)
            assert np.array_equal(whole.labels[g], one.labels)
            assert np.array_equal(whole.partitions[g], one.partitions)
            assert np.array_equal(whole.modularity[g], one.modularity, equal_nan=True)
            assert np.array_equal(whole.modularities[g], one.modularities, equal_nan=True)
            assert whole.n_communities[g] == one.n_communities
            assert np.array_equal(whole.agreement[g], one.agreement)


def test_input_is_not_modified(directed):
    for net in (directed, sparse.csr_array(directed + np.eye(30))):
        before = net.copy()
        na.detect_communities(net, rng=0)
        assert (before != net).sum() == 0


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("method", METHODS)
def test_small_and_empty_networks(method):
    for n in (1, 2, 5):
        found = na.detect_communities(np.zeros((n, n)), method=method, rng=0)
        assert np.isnan(found.modularity)
        assert found.labels.tolist() == (list(range(n)))
    assert na.detect_communities([[2.0]], method=method, rng=0).modularity == 0
    pair = na.detect_communities([[0, 1.0], [1, 0]], method=method, rng=0)
    assert pair.labels.tolist() == [0, 0]
    assert pair.modularity == 0
    lonely = np.zeros((5, 5))
    lonely[1, 2] = lonely[2, 1] = lonely[3, 4] = lonely[4, 3] = 1
    found = na.detect_communities(lonely, method=method, rng=0)
    assert found.modularity == pytest.approx(0.5)
    if method != "spectral":
        assert found.labels.tolist() == [2, 0, 0, 1, 1]


@pytest.mark.usefixtures("form")
def test_more_iterations_never_lose(directed):
    q = [na.detect_communities(directed, n_iterations=k, n_restarts=30, rng=0).modularities for k in (1, 2, 4, None)]
    assert np.all(np.diff(q, axis=0) >= 0)
    assert np.all(q[-1].mean() > q[0].mean())


def test_scale_of_weights_does_not_matter(directed):
    a = na.detect_communities(directed, rng=0)
    b = na.detect_communities(directed * 2.0**-40, rng=0)
    assert np.array_equal(a.partitions, b.partitions)


def test_nodes_are_grouped_in_the_order_given():
    """As Python, which notices what would be written beyond an array."""
    members, start = getattr(grouped, "py_func", grouped)(np.array([1, 0, 1, 2]), 3, np.array([3, 2, 1, 0]))
    assert members.tolist() == [1, 2, 0, 3]
    assert start[:4].tolist() == [0, 1, 3, 4]


def test_agreement_and_consensus(directed):
    found = na.detect_communities(directed, n_restarts=25, rng=1)
    slow = np.mean([p[:, None] == p[None, :] for p in found.partitions], axis=0)
    assert found.agreement == pytest.approx(slow, abs=1e-15)
    labels = na.consensus_communities(found, rng=0)
    assert np.array_equal(labels, na.consensus_communities(found.partitions, rng=0))
    # Nodes always together stay together; nodes never together are parted.
    same = labels[:, None] == labels[None, :]
    assert same[found.agreement == 1].all()
    chosen = na.detect_communities(directed, n_restarts=25, rng=1, consensus=True)
    assert np.array_equal(chosen.partitions, found.partitions)
    assert chosen.modularity == pytest.approx(na.modularity(directed, chosen.labels))
    assert "consensus of 25 leiden runs" in repr(chosen)


def test_consensus_recovers_what_noise_hides():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 20)
    noisy = np.array(
        [np.where(rng.random(60) < 0.25, rng.integers(0, 3, 60), rng.permutation(3)[truth]) for _ in range(40)]
    )
    assert same_partition(na.consensus_communities(noisy, rng=0, threshold=0.3), truth)
    assert na.consensus_communities([[5, 5, 2]]).tolist() == [0, 0, 1]
    assert na.consensus_communities(noisy, rng=0, threshold=1).tolist() == list(range(60))
    halves = noisy.reshape(2, 20, 60)
    together = na.consensus_communities(halves, rng=0, threshold=0.3)
    assert np.array_equal(together, [na.consensus_communities(half, rng=0, threshold=0.3) for half in halves])


@pytest.mark.parametrize("bad", [[0, 1, 0], np.zeros((0, 4)), np.zeros((2, 0, 4))])
def test_bad_partitions(bad):
    with pytest.raises(ValueError, match="partitions must have shape"):
        na.consensus_communities(bad)


def test_resolution_sweep_equals_single_calls(directed):
    sweep = na.resolution_sweep(directed, resolutions=[0.5, 1, 2], rng=4)
    for k, gamma in enumerate([0.5, 1, 2]):
        one = na.detect_communities(directed, resolution=gamma, rng=4)
        assert np.array_equal(sweep.labels[k], one.labels)
        assert sweep.modularity[k] == one.modularity
        assert sweep.n_communities[k] == one.n_communities
    assert np.all(np.diff(sweep.n_communities) >= 0)
    frame = sweep.to_frame()
    assert list(frame.columns) == ["resolution", "n_communities", "modularity"]
    assert len(na.resolution_sweep(np.ones((3, 3)), rng=0).resolutions) == 9
    with pytest.raises(ValueError, match="resolutions"):
        na.resolution_sweep(directed, resolutions=[])


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"method": "infomap"}, "method must be one of"),
        ({"n_restarts": 0}, "n_restarts"),
        ({"n_iterations": 0}, "n_iterations"),
        ({"resolution": -1.0}, "resolution"),
        ({"rng": -1}, "rng"),
        ({"fixed": [0, 1]}, "fixed must map indices of nodes to labels"),
    ],
)
def test_bad_options(directed, options, match):
    with pytest.raises((TypeError, ValueError), match=match):
        na.detect_communities(directed, **options)


@pytest.mark.parametrize("density", [0.01, 0.2])
def test_the_form_depends_on_the_network_alone(density):
    """Two of 300 nodes: the sparser runs on lists, the denser on a matrix, whatever they come in and beside."""
    rng = np.random.default_rng(1)
    one, other = (rng.random((300, 300)) * (rng.random((300, 300)) < d) for d in (density, 0.05))
    stack = na.detect_communities(np.stack([one, other]), n_restarts=2, rng=0)
    for g, w in enumerate((one, other)):
        alone = na.detect_communities(w, n_restarts=2, rng=0)
        assert np.array_equal(stack.partitions[g], alone.partitions)
        assert np.array_equal(
            na.detect_communities(sparse.csr_array(w), n_restarts=2, rng=0).partitions, alone.partitions
        )
        assert alone.modularity == pytest.approx(na.modularity(w, alone.labels), abs=1e-13)


def test_what_needs_a_matrix_refuses_large_networks():
    big = sparse.csr_array((30_000, 30_000))
    with pytest.raises(MemoryError, match="leiden"):
        na.detect_communities(big, method="spectral")
    with pytest.warns(na.UndefinedWarning, match="no weights"):
        found = na.detect_communities(big, n_restarts=1, rng=0)
    with pytest.raises(MemoryError, match="agreement"):
        found.agreement  # noqa: B018


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e8])
@pytest.mark.parametrize("method", ["leiden", "louvain", "spectral"])
def test_a_network_without_structure_is_one_community(method, scale):
    """No partition of equal weights, of a star, of an outer product has a Q above 0: rounding made 3 to 18 of them."""
    rng = np.random.default_rng(1)
    u = rng.random(20) + 0.1
    star, apart = np.zeros((20, 20)), np.zeros((20, 20))
    star[0, 1:] = star[1:, 0] = rng.random(19)
    apart[:15, :15] = np.outer(u, u)[:15, :15]
    for w in (np.outer(u, u), np.full((20, 20), 0.1), star):
        for net in (w * scale, sparse.csr_array(w * scale)):
            found = na.detect_communities(net, method=method, rng=0)
            assert found.n_communities == 1
            assert found.modularity == 0
            assert not found.modularities.any()
    if method != "spectral":
        pair = na.detect_communities(np.array([[0, 1.0], [1, 0]]), method=method, resolution=2.0, rng=0)
        assert (pair.labels.tolist(), pair.modularity) == ([0, 1], -1)
        found = na.detect_communities(np.stack([apart, np.outer(u, u)]), method=method, rng=0)
        assert found.n_communities.tolist() == [6, 1]


def test_q_that_is_rounding_does_not_vary():
    star = np.zeros((12, 12))
    star[0, 1:] = star[1:, 0] = np.random.default_rng(1).random(11)
    measures = ["modularity", "modularity_spectral"]
    table = na.summarize(star, measures, null="weight_shuffle", n_nulls=50, rng=0, progress=False)
    assert table["z"].isna().all()
    assert (table["p"] == 1).all()
    assert set(table["note"]) == {"the null model keeps this measure fixed"}
