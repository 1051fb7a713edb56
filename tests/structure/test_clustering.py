import warnings

import bct as bctpy
import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

import netanalysis as na

exact = {"rtol": 1e-7, "atol": 1e-14}


@pytest.mark.parametrize(
    ("key", "matrix", "options"),
    [
        ("cc_bu", "B", {"method": "binary"}),
        ("cc_bd", "A", {"method": "binary"}),
        ("cc_wu", "U", {"method": "onnela", "scale": None}),
        ("cc_wd", "W", {"method": "fagiolo", "scale": None}),
        ("cc_wu_sign", "S", {"method": "costantini", "scale": None}),
        ("T_bu", "B", {"method": "binary"}),
        ("T_bd", "A", {"method": "binary"}),
        ("T_wu", "U", {"method": "onnela", "scale": None}),
        ("T_wd", "W", {"method": "fagiolo", "scale": None}),
    ],
)
def test_brain_connectivity_toolbox(bct, key, matrix, options):
    measure = na.transitivity if key.startswith("T_") else na.clustering
    net = bct[f"input_{matrix}"]
    np.testing.assert_allclose(measure(net, **options), bct[f"bct_{key}"], **exact)
    np.testing.assert_allclose(measure(sparse.csr_array(net), **options), bct[f"bct_{key}"], **exact)


def test_networkx(directed, undirected):
    und, dire = nx.from_numpy_array(undirected), nx.from_numpy_array(directed, create_using=nx.DiGraph)
    np.testing.assert_allclose(na.clustering(undirected), list(nx.clustering(und, weight="weight").values()), **exact)
    np.testing.assert_allclose(na.clustering(directed), list(nx.clustering(dire, weight="weight").values()), **exact)
    np.testing.assert_allclose(na.clustering(undirected, method="binary"), list(nx.clustering(und).values()), **exact)
    np.testing.assert_allclose(na.clustering(directed, method="binary"), list(nx.clustering(dire).values()), **exact)
    assert na.transitivity(undirected, method="binary") == pytest.approx(nx.transitivity(und), rel=1e-12)


@pytest.mark.parametrize("density", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("n", [63, 64, 65, 130])
def test_every_kernel_against_bctpy(n, density):
    rng = np.random.default_rng(n)
    w = rng.random((n, n)) * (rng.random((n, n)) < density)
    np.fill_diagonal(w, 0)
    u = np.triu(w) + np.triu(w).T
    signed = u * np.where(np.triu(rng.random((n, n)) < 0.4) | np.triu(rng.random((n, n)) < 0.4).T, -1, 1)
    signed = np.triu(signed) + np.triu(signed).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "wu": bctpy.clustering_coef_wu(u),
            "wd": bctpy.clustering_coef_wd(w),
            "bu": bctpy.clustering_coef_bu((u != 0).astype(float)),
            "bd": bctpy.clustering_coef_bd((w != 0).astype(float)),
            "out": bctpy.clustering_coef_bu((w != 0).astype(float)),
        }
        if n == 63:
            expected["signed"] = bctpy.clustering_coef_wu_sign(signed.copy(), "costantini")
    for form in (np.asarray, sparse.csr_array):
        np.testing.assert_allclose(na.clustering(form(u), scale=None), expected["wu"], **exact)
        np.testing.assert_allclose(na.clustering(form(w), scale=None), expected["wd"], **exact)
        np.testing.assert_allclose(na.clustering(form(u), method="binary"), expected["bu"], **exact)
        np.testing.assert_allclose(na.clustering(form(w), method="binary"), expected["bd"], **exact)
        np.testing.assert_allclose(na.clustering(form(w), method="out"), expected["out"], **exact)
        if n == 63:
            got = na.clustering(form(signed), method="costantini", scale=None)
            np.testing.assert_allclose(got, expected["signed"], **exact)


def test_directed_formula_of_a_symmetric_matrix_is_the_undirected_one(undirected):
    assert np.array_equal(na.clustering(undirected, method="fagiolo"), na.clustering(undirected, method="onnela"))
    mixed = np.stack([undirected, np.triu(undirected)])
    assert np.array_equal(na.clustering(mixed)[0], na.clustering(undirected))


@pytest.mark.parametrize("method", ["onnela", "fagiolo", "binary"])
def test_zero_one_matrices_give_the_binary_value(undirected, method):
    b = (undirected != 0).astype(float)
    np.testing.assert_allclose(na.clustering(b, method=method), na.clustering(b, method="binary"), rtol=1e-12)
    np.testing.assert_allclose(na.clustering(3 * b), na.clustering(b, method="binary"), rtol=1e-12)


def test_closed_forms():
    complete = np.ones((5, 5))
    for method in ("binary", "onnela", "fagiolo", "costantini", "out"):
        np.testing.assert_allclose(na.clustering(complete, method=method), 1.0)
    cycle = np.roll(np.eye(3), 1, axis=1)
    # Fagiolo: of the two directed triangles through the pair of neighbours of a node, one is there.
    np.testing.assert_allclose(na.clustering(cycle), 0.5)
    # Signed triangle with one negative side: balance is broken everywhere.
    signed = np.array([[0, 1.0, -1], [1, 0, 1], [-1, 1, 0]])
    np.testing.assert_allclose(na.clustering(signed, method="costantini"), -1.0)
    # Watts-Strogatz ring of k neighbours: 3 (k - 2) / 4 (k - 1).
    ring = nx.to_numpy_array(nx.watts_strogatz_graph(60, 10, 0))
    np.testing.assert_allclose(na.clustering(ring), 3 * 8 / (4 * 9))


@pytest.mark.parametrize("method", ["onnela", "fagiolo", "costantini"])
def test_scale(undirected, method):
    w = na.clustering(undirected, method=method, scale=None)
    np.testing.assert_allclose(na.clustering(undirected, method=method), w / undirected.max(), rtol=1e-12)
    np.testing.assert_allclose(na.clustering(7 * undirected, method=method, scale=None), 7 * w, rtol=1e-12)


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
def test_nodes_without_two_neighbours_and_networks_without_triangles():
    for w in (np.zeros((1, 1)), np.zeros((2, 2)), np.ones((2, 2)), np.zeros((4, 4))):
        for method in ("binary", "onnela", "fagiolo", "costantini", "out"):
            assert np.array_equal(na.clustering(w, method=method), np.zeros(len(w)))
            assert np.array_equal(na.clustering(sparse.csr_array(w), method=method), np.zeros(len(w)))
            assert np.isnan(na.transitivity(w, method=method))
    mutual = np.array([[0, 1.0, 0], [1, 0, 0], [0, 0, 0]])  # in- plus out-degree 2, one neighbour
    assert np.array_equal(na.clustering(mutual, method="fagiolo"), np.zeros(3))


def test_self_connections_are_ignored(directed, undirected):
    heavy = 100 * np.eye(30)
    for net, method in ((directed, "fagiolo"), (directed, "binary"), (undirected, "costantini"), (directed, "out")):
        plain = na.clustering(net, method=method)
        np.testing.assert_array_equal(na.clustering(net + heavy, method=method), plain)
        np.testing.assert_allclose(na.clustering(sparse.csr_array(net + heavy), method=method), plain, rtol=1e-12)


def test_what_is_refused(directed, signed):
    with pytest.raises(ValueError, match=r"net is directed.*fagiolo.*symmetrize"):
        na.clustering(directed, method="onnela")
    with pytest.raises(ValueError, match="net is directed"):
        na.clustering(signed, method="costantini")
    with pytest.raises(ValueError, match=r"non-negative weights; net has negative.*costantini"):
        na.clustering(signed)
    with pytest.raises(ValueError, match=r"method .*must be one of"):
        na.clustering(directed, method="zhang")
    with pytest.raises(ValueError, match="scale"):
        na.clustering(directed, scale="mean")
    na.clustering(signed, method="binary")


networks = hnp.arrays(
    float, st.integers(1, 9).map(lambda n: (n, n)), elements=st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.0])
)


@settings(max_examples=60, deadline=None)
@given(networks, st.randoms(use_true_random=False))
def test_range_and_relabelling(w, random):
    order = list(range(len(w)))
    random.shuffle(order)
    for method in ("binary", "fagiolo", "out"):
        c = na.clustering(w, method=method)
        assert ((c >= 0) & (c <= 1 + 1e-12)).all()
        np.testing.assert_allclose(na.clustering(w[np.ix_(order, order)], method=method), c[order], rtol=1e-9)
        np.testing.assert_allclose(na.clustering(w.T, method=method), c, rtol=1e-9) if method != "out" else None


def test_large_sparse_is_never_made_dense():
    rng = np.random.default_rng(0)
    n, m = 50_000, 300_000
    edges = sparse.coo_array((rng.random(m), (rng.integers(n, size=m), rng.integers(n, size=m))), shape=(n, n))
    c = na.clustering(edges)
    assert c.shape == (n,)
    some = np.flatnonzero(c)[:5]
    net = edges.tocsr()
    for i in some:
        near = np.union1d(np.append(net[[i]].indices, net[:, [i]].tocoo().row), i)
        inside = na.clustering(net[near][:, near].toarray(), scale=None)[np.searchsorted(near, i)]
        off = net - sparse.diags_array(net.diagonal())
        np.testing.assert_allclose(c[i], inside / off.max(), rtol=1e-9)


@pytest.mark.parametrize("directed", [False, True])
def test_a_stack_of_dense_and_sparse_networks_equals_the_loop(directed):
    rng = np.random.default_rng(0)
    stack = rng.random((6, 100, 100)) * (
        rng.random((6, 100, 100)) < np.array([0.9, 0.05, 0.3, 0.95, 0, 0.1])[:, None, None]
    )
    stack[2] = (stack[2] + stack[2].T) / 2
    stack = stack if directed else stack + stack.swapaxes(-1, -2)
    np.testing.assert_array_equal(na.clustering(stack), [na.clustering(w) for w in stack])


@pytest.mark.parametrize("x", [5e-324, 1e-310, 1e-200, 3.0, 3e200, np.finfo(float).max])
@pytest.mark.parametrize("directed", [False, True])
def test_weights_of_any_size_have_cube_roots(x, directed):
    w = np.array([[0.0, 1, x], [1, 0, 1], [0 if directed else x, 1, 0]])
    expected = np.cbrt(x) * np.array([1.0, 0.5, 1.0]) if directed else np.cbrt(x)
    np.testing.assert_allclose(na.clustering(w, scale=None), expected, rtol=1e-15)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 100, 128, 130])
def test_rows_of_bits_hold_every_entry(n):
    from netanalysis._kernels.bits import pack

    w = np.random.default_rng(n).random((n, n)) < 0.3
    bits = np.unpackbits(pack(w.astype(float)).view(np.uint8), axis=1, bitorder="little")[:, :n]
    np.testing.assert_array_equal(bits, w & ~np.eye(n, dtype=bool))


def by_triangles(w, value, weight):
    """Sum of value over the ordered pairs of neighbours that are connected, over that of weight over all pairs."""
    n, out = len(w), []
    for i in range(n):
        pairs = [(j, k) for j in range(n) for k in range(n) if len({i, j, k}) == 3 and w[i, j] != 0 and w[i, k] != 0]
        closed = sum(value(w[i, j], w[i, k], w[j, k]) for j, k in pairs if w[j, k] != 0)
        out.append(closed / sum(weight(w[i, j], w[i, k]) for j, k in pairs) if pairs else 0.0)
    return out


@pytest.mark.parametrize("density", [0.05, 0.3, 0.9])
def test_barrat_equals_igraph_and_the_loop(density):
    import igraph as ig

    rng = np.random.default_rng(3)
    w = np.triu(rng.lognormal(size=(70, 70)) * (rng.random((70, 70)) < density), 1)
    w += w.T
    graph = ig.Graph.Weighted_Adjacency(w, mode="undirected")
    theirs = graph.transitivity_local_undirected(mode="zero", weights="weight")
    for net in (w, sparse.csr_array(w), w + np.eye(70), np.stack([w, 2 * w])[1]):
        np.testing.assert_allclose(na.clustering(net, method="barrat"), theirs, rtol=1e-10, atol=1e-12)
    small = w[:25, :25]
    loop = by_triangles(small, lambda a, b, _: (a + b) / 2, lambda a, b: (a + b) / 2)
    np.testing.assert_allclose(na.clustering(small, method="barrat", scale=None), loop, rtol=1e-10)
    np.testing.assert_allclose(na.clustering(1e200 * small, method="barrat"), loop, rtol=1e-10)


@pytest.mark.parametrize("density", [0.1, 0.4, 0.9])
def test_signed_onnela_equals_the_loop_and_matrix_product(density):
    rng = np.random.default_rng(4)
    w = np.triu(rng.normal(size=(24, 24)) * (rng.random((24, 24)) < density), 1)
    w += w.T
    loop = by_triangles(w, lambda a, b, c: np.cbrt(a * b * c), lambda a, b: 1.0)
    degree = (w != 0).sum(0)
    product = np.diag(np.linalg.matrix_power(np.cbrt(w), 3)) / np.maximum(degree * (degree - 1), 1)
    for net in (w, sparse.csr_array(w), np.stack([w, w])[1]):
        got = na.clustering(net, method="signed_onnela", scale=None)
        np.testing.assert_allclose(got, loop, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(got, product, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(na.clustering(net, method="signed_onnela"), got / np.abs(w).max(), atol=1e-12)
    np.testing.assert_array_equal(na.clustering(np.abs(w), method="signed_onnela"), na.clustering(np.abs(w)))


def test_signs_and_directions_of_barrat_and_signed_onnela():
    signed = np.array([[0, 1.0, -1], [1, 0, 1], [-1, 1, 0]])
    np.testing.assert_allclose(na.clustering(signed, method="signed_onnela"), -1.0)
    for form in (np.asarray, sparse.csr_array):
        with pytest.raises(ValueError, match=r"negative.*signed_onnela"):
            na.clustering(form(signed), method="barrat")
        for method in ("barrat", "signed_onnela"):
            with pytest.raises(ValueError, match="undirected"):
                na.clustering(form(np.triu(np.abs(signed))), method=method)
