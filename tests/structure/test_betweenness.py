import bct as bctpy
import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

import netanalysis as na
from netanalysis.structure import betweenness as file
from tests.structure.small import undirected

FORMS = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def whole_numbers(n, density, *, symmetric, seed=0):
    """Weights 1 to 4: many paths tie."""
    rng = np.random.default_rng(seed)
    w = rng.integers(1, 5, (n, n)) * (rng.random((n, n)) < density) * 1.0
    np.fill_diagonal(w, 0)
    return np.triu(w) + np.triu(w).T if symmetric else w


def of_networkx(w, lengths, edges):
    """Normalised; lengths as whole numbers, so that networkx sees ties."""
    directed = not (w == w.T).all()
    if lengths == "inverse":
        w = np.where(w > 0, 12 / np.where(w > 0, w, 1), 0)
    net = nx.from_numpy_array(w, create_using=nx.DiGraph if directed else nx.Graph)
    weight = None if lengths == "hops" else "weight"
    if not edges:
        return np.array(list(nx.betweenness_centrality(net, weight=weight).values()))
    out = np.zeros_like(w)
    for (i, j), x in nx.edge_betweenness_centrality(net, weight=weight).items():
        out[i, j] = x
        if not directed:
            out[j, i] = x
    return out


@pytest.mark.parametrize("edges", [False, True], ids=["nodes", "edges"])
@pytest.mark.parametrize("lengths", ["hops", "inverse", "weights"])
@pytest.mark.parametrize(("n", "density"), [(2, 1.0), (20, 0.3), (70, 0.04), (70, 0.5)])
@pytest.mark.parametrize("symmetric", [False, True], ids=["directed", "undirected"])
def test_networkx(n, density, symmetric, lengths, edges, monkeypatch):
    w = whole_numbers(n, density, symmetric=symmetric)
    want = of_networkx(w, lengths, edges)
    if n == 2 and not edges:
        want = np.full(2, np.nan)
        with pytest.warns(na.UndefinedWarning, match=r"betweenness is nan.*no pairs"):
            assert np.isnan(na.betweenness(w, lengths=lengths, counting="share")).all()
        return
    options = {"lengths": lengths, "edges": edges, "counting": "share"}
    np.testing.assert_allclose(na.betweenness(w, **options), want, rtol=1e-10, atol=1e-13)
    for dense_up_to in (file._DENSE_UP_TO, 0):  # the way of small networks, and that of large ones
        monkeypatch.setattr(file, "_DENSE_UP_TO", dense_up_to)
        got = na.betweenness(sparse.csr_array(w), **options)
        np.testing.assert_allclose(got.toarray() if edges else got, want, rtol=1e-10, atol=1e-13)


def test_brain_connectivity_toolbox(directed):
    a = (directed > 0) * 1.0
    np.testing.assert_allclose(na.betweenness(a, lengths="hops"), bctpy.betweenness_bin(a))
    np.testing.assert_allclose(na.betweenness(directed, lengths="weights"), bctpy.betweenness_wei(directed))
    connections, nodes = bctpy.edge_betweenness_wei(directed)
    np.testing.assert_allclose(na.betweenness(directed, lengths="weights", edges=True), connections)
    np.testing.assert_allclose(na.betweenness(directed, lengths="weights"), nodes)
    u = np.maximum(a, a.T)
    connections, _ = bctpy.edge_betweenness_bin(u)
    np.testing.assert_allclose(
        na.betweenness(u, lengths="hops", edges=True, counting="unordered"), connections, rtol=1e-10
    )


@FORMS
def test_trap_sums_of_decimals_tie(form):
    """0.1 + 0.2 is not 0.3 in floats; networkx gives 0, 0.25, 2, 0."""
    w = form(undirected(4, (0, 1, 0.1), (1, 2, 0.2), (0, 2, 0.3), (2, 3, 1.0)))
    nodes = na.betweenness(w, lengths="weights", counting="unordered")
    np.testing.assert_allclose(nodes, [0, 1, 2, 0], atol=1e-12)
    edges = na.betweenness(w, lengths="weights", counting="unordered", edges=True)
    if sparse.issparse(edges):
        edges = edges.toarray()
    np.testing.assert_allclose(edges, undirected(4, (0, 1, 2), (0, 2, 1), (1, 2, 3), (2, 3, 3)), atol=1e-12)


def test_trap_counting_of_pairs():
    chain = undirected(3, (0, 1, 1), (1, 2, 1))
    assert [na.betweenness(chain, counting=c)[1] for c in ("ordered", "unordered", "share")] == [2, 1, 1]
    with pytest.raises(ValueError, match=r"unordered.*directed"):
        na.betweenness(np.triu(chain), counting="unordered")


def test_trap_strong_connections_are_short():
    w = undirected(3, (0, 1, 4), (1, 2, 4), (0, 2, 1))
    assert na.betweenness(w, counting="unordered").tolist() == [0, 1, 0]
    assert na.betweenness(w, lengths="weights", counting="unordered").tolist() == [0, 0, 0]


@FORMS
def test_lengths_of_very_different_size(form, monkeypatch):
    """A length of 1 is lost beside 1e18: sorted by distance alone, a node could come before the one it is behind."""
    monkeypatch.setattr(file, "_DENSE_UP_TO", 0)
    chain = np.diag([1e18, 1.0, 1.0, 1.0], 1) + np.diag([1e18, 1.0, 1.0, 1.0], -1)
    order = [4, 1, 3, 0, 2]
    for w in (chain, chain[np.ix_(order, order)]):
        got = na.betweenness(form(w), lengths="weights", counting="unordered")
        assert sorted(got) == pytest.approx([0, 0, 3, 3, 4])


def test_sources_add_up_to_all(directed):
    parts = [na.betweenness(directed, sources=s) for s in (np.arange(10), np.arange(10, 30))]
    np.testing.assert_allclose(parts[0] + parts[1], na.betweenness(directed))
    hops = [na.betweenness(directed, sources=[k], lengths="hops") for k in range(30)]
    np.testing.assert_allclose(np.sum(hops, axis=0), na.betweenness(directed, lengths="hops"))


def test_more_paths_than_a_float_holds_are_said():
    """Diamonds in a row: 2 paths through each, 2^1100 from end to end."""
    n = 1100
    w = sparse.lil_array((3 * n + 1, 3 * n + 1))
    for k in range(0, 3 * n, 3):
        for middle in (k + 1, k + 2):
            w[k, middle] = w[middle, k + 3] = 1.0
    with pytest.warns(na.UndefinedWarning, match="more shortest paths than a float"), np.errstate(all="ignore"):
        assert np.isnan(na.betweenness(w.tocsr(), lengths="hops", sources=[0])).any()


def test_large_sparse_networks_are_refused_with_the_way_out():
    n, m = 400_000, 300_000
    rng = np.random.default_rng(0)
    big = sparse.csr_array((np.ones(m), (rng.integers(n, size=m), rng.integers(n, size=m))), shape=(n, n))
    with pytest.raises(MemoryError, match="name sources"):
        na.betweenness(big)


networks = hnp.arrays(
    float, st.integers(1, 12).map(lambda n: (n, n)), elements=st.sampled_from([0.0, 0.0, 0.0, 0.25, 1.0, 3.0])
)


@settings(max_examples=60, deadline=None)
@given(networks, st.sampled_from(["inverse", "hops", "weights"]), st.integers(0, 99))
def test_properties(w, lengths, seed):
    n = len(w)
    b = na.betweenness(w, lengths=lengths)
    np.testing.assert_allclose(na.betweenness(7.3 * w, lengths=lengths), b, atol=1e-9)
    order = np.random.default_rng(seed).permutation(n)
    np.testing.assert_allclose(na.betweenness(w[np.ix_(order, order)], lengths=lengths), b[order], atol=1e-9)
    # Each path of k connections passes k - 1 nodes, and k connections.
    pairs = np.isfinite(na.shortest_paths(w, lengths=lengths)).sum() - n
    assert _directed_loads(w, lengths).sum() - b.sum() == pytest.approx(pairs)


def _directed_loads(w, lengths):
    loads = na.betweenness(w, lengths=lengths, edges=True)
    return loads / 2 if (w == w.T).all() else loads
