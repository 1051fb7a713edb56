"""Null models keep exactly what they say (that they are uniform over the rest: test_nulls_uniform.py)."""

from functools import partial

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import sparse
from scipy.stats import ks_2samp

import netanalysis as na
from netanalysis import _kernels
from netanalysis.nulls import _replicate, kernels, strength_error

POINTS = np.random.default_rng(5).random((150, 3))
DISTANCES = np.linalg.norm(POINTS[:, None] - POINTS, axis=-1)


def with_distances(null):
    """A null model that takes distances, on the first n of some fixed points."""
    return lambda w, rng=None, **k: null(w, rng, distances=DISTANCES[: w.shape[-1], : w.shape[-1]], **k)


def with_groups(null):
    """A null model that takes groups of nodes, on three of them."""
    return lambda w, rng=None, **k: null(w, rng, groups=np.arange(w.shape[-1]) % 3, **k)


OF_CORRELATIONS = {"hirschberger_qi_steuer"}  # see test_correlation.py
NULLS = {name: getattr(na.nulls, name) for name in na.nulls.__all__ if name not in OF_CORRELATIONS}
for _name in ("distance_binned", "geometry_preserving", "wiring_length_preserving"):
    NULLS[_name] = with_distances(NULLS[_name])
for _name in ("block_preserving", "block_degree_preserving"):
    NULLS[_name] = with_groups(NULLS[_name])
NULLS["lattice in space"] = with_distances(NULLS["lattice"])
NULLS["connected"] = partial(na.nulls.degree_preserving, connected=True)
KEEPS_DEGREES = set(NULLS) - {"block_preserving", "erdos_renyi", "distance_binned", "permute_positions"}
SPARSE_ALL_THE_WAY = {
    "block_preserving",
    "block_degree_preserving",
    "degree_preserving",
    "connected",
    "erdos_renyi",
    "permute_positions",
    "sign_preserving",
} | {
    "strength_preserving",
    "weight_shuffle",
}
each_null = pytest.mark.parametrize("name", list(NULLS))


@st.composite
def networks(draw, signed=True):
    """Weighted networks of 4 to 14 nodes with self-connections and ties; at least 2 edges and not complete."""
    n = draw(st.integers(4, 14))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    w = rng.integers(1, 6, (n, n)) * (rng.random((n, n)) < draw(st.floats(0.1, 0.9)))
    if signed:
        w = w * rng.choice([-1, 1], (n, n))
    w[0, 1], w[2, 3], w[1, 2], w[0, 3] = 1, 2, 0, 3
    if draw(st.booleans()):
        w = np.triu(w) + np.triu(w, 1).T
    else:
        w[2, 1] = 1  # makes sure that it is directed
    return w.astype(float)


def off_diagonal(w):
    return w * ~np.eye(len(w), dtype=bool)


def assert_same_set(a, b):
    np.testing.assert_array_equal(np.sort(a, axis=None), np.sort(b, axis=None))


def degrees(w):
    a = w != 0
    return np.concatenate([a.sum(0), a.sum(1)])


def dyads(w):
    """Of every node the one-way connections out and in, and the mutual ones."""
    a = w != 0
    return np.concatenate([(a & ~a.T).sum(1), (a & ~a.T).sum(0), (a & a.T).sum(1)])


@each_null
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_null_keeps_what_it_claims(name, data):
    signed = "lattice" not in name
    w = data.draw(networks(signed))
    if name == "connected":
        w[np.arange(len(w) - 1), np.arange(1, len(w))] = 7  # a path through all nodes
        if degrees(off_diagonal(w)).sum() == 2 * len(w) * (len(w) - 1):
            return
    before = w.copy()
    try:
        out = NULLS[name](w, data.draw(st.integers(0, 2**32)))
    except RuntimeError as error:  # a few connections fewer than all leave hardly another network
        assert name == "triad_preserving"
        assert "raise tolerance" in str(error)  # noqa: PT017
        return

    np.testing.assert_array_equal(w, before)
    assert out.shape == w.shape
    assert (out == out.T).all() or not (w == w.T).all()
    assert_same_set(out, w)
    if name == "permute_positions":
        assert_same_set(degrees(out), degrees(w))
        assert np.linalg.eigvals(out).sum() == pytest.approx(np.trace(w))
        return
    np.testing.assert_array_equal(np.diag(out), np.diag(w))
    if name in KEEPS_DEGREES:
        np.testing.assert_array_equal(degrees(out), degrees(w))
    if name == "weight_shuffle":
        np.testing.assert_array_equal(out != 0, w != 0)
    if name == "sign_preserving" or (name == "strength_preserving" and (w < 0).any()):
        for sign in (1, -1):
            np.testing.assert_array_equal(degrees(out * sign > 0), degrees(w * sign > 0))
    if name in ("degree_preserving", "connected", "block_degree_preserving") and not (w == w.T).all():
        np.testing.assert_allclose(out.sum(axis=1), w.sum(axis=1))
    if name == "triad_preserving":
        counts = [na.motif_census(x, directed=True).counts for x in (w, out)]
        np.testing.assert_array_equal(*counts)  # E is at most 0.001, and no count above 500
        assert na.nulls.triad_error(w, out) == 0
    if name in ("reciprocity_preserving", "triad_preserving"):
        np.testing.assert_array_equal(dyads(off_diagonal(out)), dyads(off_diagonal(w)))
        if not (w == w.T).all():
            np.testing.assert_allclose(out.sum(axis=1), w.sum(axis=1))
            for row, before_row in zip(out, w, strict=True):
                assert_same_set(row, before_row)
    if name == "connected":
        assert sparse.csgraph.connected_components(out, directed=True, connection="weak")[0] == 1
    d = DISTANCES[: len(w), : len(w)]
    if name == "wiring_length_preserving":
        assert (d * (out != 0)).sum() == pytest.approx((d * (w != 0)).sum(), rel=0.01 * (1 + 1e-9))
    if name == "geometry_preserving":
        own = np.triu(w, 1) if (w == w.T).all() else off_diagonal(w)
        limits = np.quantile(d[own != 0], np.linspace(0, 1, 11))
        which = np.searchsorted(limits[:-1], d, side="right")
        for k in range(11):
            assert_same_set(off_diagonal(out)[which == k], off_diagonal(w)[which == k])
    if name == "lattice in space":
        assert (d * out).sum() <= (d * w).sum() * (1 + 1e-12)
    if name == "distance_binned":
        limits = np.quantile(d[np.triu_indices(len(w), 1)], np.linspace(0, 1, 11))
        if not (w == w.T).all():
            limits = np.quantile(d[~np.eye(len(w), dtype=bool)], np.linspace(0, 1, 11))
        which = np.searchsorted(limits[:-1], d, side="right")
        for k in range(1, 11):
            inside = (which == k) & ~np.eye(len(w), dtype=bool)
            assert_same_set(out[inside], w[inside])


@each_null
def test_replicates_stacks_and_seeds(name, directed, undirected):
    null = NULLS[name]
    one = null(directed, 3)
    several = null(directed, 3, size=3)
    assert one.shape == directed.shape
    assert several.shape == (3, *directed.shape)
    np.testing.assert_array_equal(several[0], one)
    np.testing.assert_array_equal(null(directed, 3, size=5)[:3], several)
    assert len({m.tobytes() for m in several}) == 3
    assert not np.array_equal(one, directed)

    stack = np.stack([directed, undirected, directed])  # of mixed kind
    made = null(stack, 3, size=2)
    assert made.shape == (2, *stack.shape)
    np.testing.assert_array_equal(null(stack, 3), made[0])
    for k, w in enumerate(stack):
        np.testing.assert_array_equal(made[:, k], null(w, 3, size=2))
    made = null(stack[:, None], np.random.default_rng(1))
    rng = np.random.default_rng(1)
    assert made.shape == (3, 1, *directed.shape)
    for k, w in enumerate(stack):
        np.testing.assert_array_equal(made[k, 0], null(w, rng))


@each_null
def test_sparse_networks_stay_sparse(name, directed, undirected):
    for w in (directed, undirected):
        w = w + np.diag(np.arange(len(w)) % 3)
        out = NULLS[name](sparse.csr_array(w), 1)
        assert isinstance(out, sparse.csr_array)
        assert_same_set(out.data, w[w != 0])
        if name in KEEPS_DEGREES:
            np.testing.assert_array_equal(degrees(out.toarray()), degrees(w))
        if name != "permute_positions":
            np.testing.assert_array_equal(out.diagonal(), np.diag(w))
        assert (w == w.T).all() == ((out != out.T).nnz == 0)
        several = NULLS[name](sparse.csr_array(w), 1, size=2)
        assert isinstance(several, list)
        assert (several[0] != out).nnz == 0
        assert (several[1] != out).nnz > 0


def test_a_connectome_brings_its_distances(undirected):
    net = na.Connectome(undirected, positions=POINTS[:30])
    for null in (na.nulls.distance_binned, na.nulls.geometry_preserving, na.nulls.wiring_length_preserving):
        np.testing.assert_array_equal(null(net, 1), null(undirected, 1, distances=DISTANCES[:30, :30]))


# --- against other implementations ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["directed", "undirected"])
def test_rewired_networks_look_like_those_of_igraph(kind, request):
    igraph = pytest.importorskip("igraph")
    import random

    ring = np.arange(30)
    near = np.abs((ring[:, None] - ring + 15) % 30 - 15) <= 4
    w = off_diagonal((near & (request.getfixturevalue(kind) < 0.5)).astype(float))  # clustered, to be destroyed
    ours = na.nulls.degree_preserving(w, 1, size=300)
    random.seed(1)
    start = igraph.Graph.Adjacency(w, mode=kind)
    theirs = []
    for _ in range(300):
        g = start.copy()
        g.rewire(n=10 * g.ecount())
        theirs.append(np.array(g.get_adjacency().data, float))

    def clustered(stack):
        return np.trace(np.linalg.matrix_power(np.asarray(stack), 3), axis1=1, axis2=2)

    assert clustered(w[None])[0] > np.quantile(clustered(ours), 0.99)
    assert ks_2samp(clustered(ours), clustered(theirs)).pvalue > 1e-3
    assert ks_2samp(np.einsum("kij,kji->k", ours, ours), np.einsum("kij,kji->k", theirs, theirs)).pvalue > 1e-3


def test_strengths_are_nearer_than_bctpys(undirected, signed):
    import warnings

    import bct

    assert strength_error(undirected, na.nulls.degree_preserving(undirected, 0)) > 0.1
    ours = na.nulls.strength_preserving(undirected, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, _ = bct.null_model_und_sign(undirected, bin_swaps=5, wei_freq=0.1, seed=1)
    assert strength_error(undirected, ours) < min(0.02, strength_error(undirected, theirs))
    assert strength_error(signed, na.nulls.strength_preserving(signed, 0)) < 0.001
    for k, null in enumerate(na.nulls.strength_preserving(undirected, 0, size=3)):
        by_hand = np.sqrt(np.mean((null.sum(0) - undirected.sum(0)) ** 2)) / undirected.sum(0).mean()
        assert strength_error(undirected, null) == pytest.approx(by_hand)
        assert strength_error(undirected, na.nulls.strength_preserving(undirected, 0, size=3))[k] == pytest.approx(
            by_hand
        )


def test_strength_error_by_hand_and_of_a_stack():
    """Positive and negative weights apart, also where only one of the two networks has negative ones."""
    rng = np.random.default_rng(0)
    nets, nulls = rng.random((3, 5, 5)) * [[[1]], [[10]], [[100]]], rng.normal(size=(3, 5, 5))
    for stack, others in ((nets, nulls), (nulls, nets)):
        by_hand = []
        for pair in zip(stack, others, strict=True):
            a, b = (np.ravel([np.clip(w, *s).sum(k) for s in ((0, None), (None, 0)) for k in (0, 1)]) for w in pair)
            by_hand.append(np.sqrt(np.mean((a - b) ** 2)) / np.abs(a).mean())
        assert strength_error(stack, others) == pytest.approx(by_hand)
        assert strength_error(stack[1], others[1]) == pytest.approx(by_hand[1])


BY_EDGES = [(name, 2_010) for name in ("degree_preserving", "erdos_renyi", "weight_shuffle", "sign_preserving")]


def test_a_network_is_large_by_its_nodes_not_by_how_many_there_are(monkeypatch):
    """A stack of more networks than a large network has nodes equals the loop, which rewires them as small ones."""
    rng = np.random.default_rng(0)
    stack = np.where(rng.random((12, 8, 8)) < 0.4, rng.random((12, 8, 8)), 0.0) * (1 - np.eye(8))
    small = na.nulls.degree_preserving(stack, 3)
    monkeypatch.setattr(_replicate, "LARGE", 10)
    np.testing.assert_array_equal(na.nulls.degree_preserving(stack, 3), small)


@pytest.mark.parametrize("kind", ["directed", "undirected", "signed"])
@pytest.mark.parametrize(("name", "n"), [*((name, 40) for name in NULLS), *BY_EDGES])
def test_a_sparse_network_has_the_replicates_of_the_array(name, n, kind):
    rng = np.random.default_rng(n)
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < 8 / n)
    if kind == "undirected":
        w = np.triu(w) + np.triu(w, 1).T
    if kind == "signed" and "lattice" not in name:
        w *= np.sign(rng.normal(size=(n, n)))
    for full, thin in zip(NULLS[name](w, 0, size=3), NULLS[name](sparse.csr_array(w), 0, size=3), strict=True):
        assert np.array_equal(full, thin.toarray())
    if n > 40 and kind == "directed":
        assert np.array_equal(NULLS[name](np.stack([w, w]), 0)[1], NULLS[name](w, 0))


def test_heavy_weights_find_a_place():
    """Where a few connections carry most of the weight, their places must be found together with all others."""
    rng = np.random.default_rng(1)
    w = np.triu(rng.lognormal(size=(100, 100)) * (rng.random((100, 100)) < 0.1), 1)
    assert np.median(strength_error(w + w.T, na.nulls.strength_preserving(w + w.T, 0, size=5))) < 0.1
    few, many = (na.nulls.strength_preserving(w, 0, size=60, sweeps=sweeps) for sweeps in (50, 5000))
    found = [(strength_error(w, nulls) < 0.05).mean() for nulls in (few, many)]
    assert found[0] == 0
    assert found[1] > 0.4  # 0.58 of 1,500


def test_complete_networks_get_their_weights_placed_anew():
    w = np.random.default_rng(0).lognormal(size=(25, 25))
    null = na.nulls.strength_preserving(w, 0)
    assert strength_error(w, null) < 0.001
    assert not np.allclose(null, w)


def test_lattice_is_as_clustered_and_longer_than_bctpys(undirected):
    import warnings

    import bct

    a = (undirected > np.quantile(undirected, 0.8)).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = [bct.latmio_und(a, 10, seed=k)[0] for k in range(3)]
    c_theirs = np.mean([bct.clustering_coef_bu(x).mean() for x in theirs])
    c_ours = np.mean([bct.clustering_coef_bu(x).mean() for x in na.nulls.lattice(a, 0, size=5)])
    c_random = np.mean([bct.clustering_coef_bu(x).mean() for x in na.nulls.degree_preserving(a, 0, size=5)])
    assert c_ours > 0.95 * c_theirs
    assert c_ours > c_random + 0.1


def total_length(w, distances):
    return (w * distances).sum()


@each_null
def test_a_network_without_a_choice_leaves_the_others_theirs(name):
    """In one stack, and of more nodes than a word has bits."""
    rng = np.random.default_rng(3)
    stack = np.zeros((2, 150, 150))
    stack[0, 0, 1:] = 2  # a star is the only network of its degrees
    stack[1] = rng.random((150, 150)) * (rng.random((150, 150)) < 0.05)
    np.fill_diagonal(stack[1], 0)
    made = NULLS[name](stack, 0)
    assert_same_set(made[0], stack[0])
    assert_same_set(made[1], stack[1])
    assert (made[1] != stack[1]).sum() > 0.5 * (stack[1] != 0).sum()
    if name in KEEPS_DEGREES:
        for before, after in zip(stack, made, strict=True):
            np.testing.assert_array_equal(degrees(after), degrees(before))


def test_cycles_of_two_signs_are_not_turned_round_in_sparse_networks():
    rng = np.random.default_rng(4)
    w = rng.choice([-1.0, 1.0], (12, 12)) * (rng.random((12, 12)) < 0.25)
    np.fill_diagonal(w, 0)
    made = na.nulls.sign_preserving(sparse.csr_array(w), 0, size=20, swaps_per_edge=50)
    for m in (x.toarray() for x in made):
        for sign in (1, -1):
            np.testing.assert_array_equal(degrees(m * sign > 0), degrees(w * sign > 0))


@pytest.mark.parametrize("symmetric", [False, True])
def test_many_triads_are_kept_while_most_connections_go_elsewhere(symmetric):
    rng = np.random.default_rng(8)
    w = rng.random((40, 40)) * (rng.random((40, 40)) < 0.15)
    np.fill_diagonal(w, 0)
    w = np.triu(w) + np.triu(w).T if symmetric else w
    out = na.nulls.triad_preserving(w, 0)
    assert na.nulls.triad_error(w, out) <= 0.001
    np.testing.assert_array_equal(dyads(out), dyads(w))
    assert ((out != 0) & (w == 0)).sum() > 0.5 * (w != 0).sum()


def ring_of(n):
    gap = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return np.minimum(gap, n - gap)


@pytest.mark.parametrize(("n", "degree", "longer"), [(100, 4, 1.25), (200, 8, 1.1), (400, 6, 1.1)])
def test_a_latticised_ring_is_nearly_that_ring_however_large(n, degree, longer):
    ring = nx.to_numpy_array(nx.watts_strogatz_graph(n, degree, 0))
    places = np.random.default_rng(1).permutation(n)
    distances = ring_of(n)[np.ix_(places, places)]
    made = na.nulls.lattice(ring, 0, distances=distances)
    assert total_length(made, distances) < longer * total_length(ring, ring_of(n))
    assert na.clustering(na.nulls.lattice(ring, 0, size=3)).mean() > 0.94 * na.clustering(ring).mean()


def test_a_lattice_is_done_where_more_attempts_hardly_matter(directed):
    w = directed * (directed > np.quantile(directed, 0.9))
    distances = ring_of(len(w))
    attempts = (1, 10, 1000, 100_000)
    made = [na.nulls.lattice(w, 0, swaps_per_edge=k, distances=distances) for k in attempts]
    length = [total_length(m, distances) for m in made]
    assert length[0] > length[1] > length[2] == length[3]  # it stopped by itself
    further = made[-1]
    for seed in range(30):
        further = na.nulls.lattice(further, seed, swaps_per_edge=100, distances=distances)
    assert length[-1] < 1.05 * total_length(further, distances)


def test_the_unit_of_weights_and_distances_does_not_tell_when_a_lattice_is_done(directed):
    distances = DISTANCES[: len(directed), : len(directed)]
    made = na.nulls.lattice(directed, 0, distances=distances)
    for unit, of_length in ((2.0**-20, 1), (1, 2.0**20)):
        again = na.nulls.lattice(unit * directed, 0, distances=of_length * distances)
        np.testing.assert_array_equal(again, unit * made)


# --- kernels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["directed", "undirected"])
def test_rewiring_in_place_of_a_batch(kind, request):
    w = request.getfixturevalue(kind) > 0
    i, j = (x.astype(np.int32) for x in np.nonzero(w if kind == "directed" else np.triu(w)))
    m = len(i)
    begins, directed = np.array([0, m, m + 1]), np.array([kind == "directed", False])
    states = np.stack([_kernels.random.new_state(3), _kernels.random.new_state(4)])
    sources, targets = np.append(i, i[0]), np.append(j, j[0])  # the second network has a lone edge
    kernels.rewire.rewire_edges(begins, directed, sources, targets, 10 * np.diff(begins), states, len(w))
    out = np.zeros_like(w)
    out[sources[:m], targets[:m]] = True
    if kind == "undirected":
        out |= out.T
    assert out.sum() == w.sum()
    np.testing.assert_array_equal(degrees(out), degrees(w))
    assert 0.2 * w.sum() < (out & w).sum() < 0.8 * w.sum()
    assert (sources[m], targets[m]) == (i[0], j[0])


def test_bins_that_leave_pairs_out_in_a_stack(directed, undirected):
    n = len(directed)
    d = abs(np.subtract.outer(np.arange(n), np.arange(n)))
    stack, options = np.stack([directed, undirected]), {"distances": d, "bins": [2, 4, 7]}
    nulls = na.nulls.distance_binned(stack, 0, size=3, **options)
    for k, w in enumerate(stack):
        np.testing.assert_array_equal(nulls[:, k], na.nulls.distance_binned(w, 0, size=3, **options))
    outside = (d < 2) | (d >= 7)
    np.testing.assert_array_equal(nulls[..., outside], np.broadcast_to(stack[:, outside], nulls[..., outside].shape))


@pytest.mark.parametrize("n", [50, 30_000])
def test_pair_set_is_a_set(n):
    sets = kernels.pair_set
    add, discard, holds, pair = (
        njit(getattr(f, "py_func", f)) for f in (sets.add, sets.discard, sets.holds, sets.pair)
    )
    rng = np.random.default_rng(0)
    table, shift = sets.new(n, 300)
    assert (shift == 0) == (n == 50)
    keys = np.unique(rng.integers(0, n * n, 400)).astype(np.uint64)
    inside = set()
    for key in rng.choice(keys, 5000):
        if key in inside:
            inside.discard(key)
            discard(table, shift, key)
        elif len(inside) < 300:
            inside.add(key)
            add(table, shift, key)
    assert {key for key in keys if holds(table, shift, key)} == inside
    assert pair(3, 7, n, False) == pair(7, 3, n, False) != pair(3, 7, n, True)


@pytest.mark.parametrize("connected", [False, True])
def test_large_sparse_networks(connected):
    n, rng = 25_000, np.random.default_rng(0)
    ends = rng.integers(0, n, (2, 100_000))
    ring = np.arange(n)
    ends = np.concatenate([ends, [ring, (ring + 1) % n]], axis=1)
    w = sparse.csr_array((rng.random(ends.shape[1]), ends), shape=(n, n))
    for net in (w, na.transform.symmetrize(w)):
        out = na.nulls.degree_preserving(net, 1, swaps_per_edge=2, connected=connected)
        assert_same_set(out.data, net.data)
        for axis in (0, 1):
            np.testing.assert_array_equal(np.asarray((out != 0).sum(axis)), np.asarray((net != 0).sum(axis)))
        np.testing.assert_array_equal(out.diagonal(), net.diagonal())
        assert ((out != 0) != (net != 0)).nnz > net.nnz
        if connected:
            assert sparse.csgraph.connected_components(out, connection="weak")[0] == 1


def test_dense_networks_beyond_the_byte_kernel():
    rng = np.random.default_rng(0)
    w = (rng.random((2_100, 2_100)) < 0.01).astype(float)
    np.testing.assert_array_equal(degrees(na.nulls.degree_preserving(w, 0, swaps_per_edge=2)), degrees(w))


# --- refusals and edge cases ------------------------------------------------------------------------------------


def test_networks_that_cannot_be_rewired_are_refused(signed):
    for null in (
        na.nulls.degree_preserving,
        NULLS["wiring_length_preserving"],
        NULLS["geometry_preserving"],
        na.nulls.lattice,
    ):
        with pytest.raises(ValueError, match=r"complete.*weight_shuffle"):
            null(np.abs(signed))
        with pytest.raises(ValueError, match="at least 2 connections"):
            null(np.array([[0, 1.0, 0], [1, 0, 0], [0, 0, 4]]))
    with pytest.raises(ValueError, match="complete"):
        na.nulls.degree_preserving(np.stack([np.eye(40), signed]) + np.triu(np.ones((40, 40)), 1) * [[[1]], [[0]]])
    two_parts = np.kron(np.eye(2), np.ones((3, 3)))
    with pytest.raises(ValueError, match="2 components"):
        na.nulls.degree_preserving(two_parts, connected=True)


def test_a_network_alone_with_its_degrees_comes_back():
    star = np.zeros((6, 6))
    star[0, 1:] = star[1:, 0] = 1
    np.testing.assert_array_equal(na.nulls.degree_preserving(star, 0), star)


@pytest.mark.parametrize("name", ["weight_shuffle", "erdos_renyi", "permute_positions", "sign_preserving"])
def test_smallest_networks(name):
    for w in ([[2.0]], [[0.0]], [[0, 1.0], [1, 0]], np.zeros((3, 3))):
        assert_same_set(NULLS[name](w, 0), w)
    assert_same_set(na.nulls.strength_preserving([[0, 1.0], [3, 0]], 0), [0, 0, 1, 3])


def test_refusals(directed, undirected, signed):
    with pytest.raises(ValueError, match="size must be at least 1"):
        na.nulls.weight_shuffle(directed, size=0)
    with pytest.raises(ValueError, match="swaps_per_edge must be at least 1"):
        na.nulls.degree_preserving(directed, swaps_per_edge=0)
    with pytest.raises(TypeError, match="rng"):
        na.nulls.weight_shuffle(directed, "seed")
    with pytest.raises(ValueError, match="negative"):
        na.nulls.lattice(signed)
    for null in (na.nulls.distance_binned, na.nulls.geometry_preserving, na.nulls.wiring_length_preserving):
        with pytest.raises(ValueError, match="distances="):
            null(directed)
        with pytest.raises(ValueError, match="distances must have shape"):
            null(directed, distances=DISTANCES)
        with pytest.raises(ValueError, match="distances must be symmetric"):
            null(undirected, distances=np.triu(DISTANCES[:30, :30]))
    with pytest.raises(ValueError, match="not be negative"):
        na.nulls.wiring_length_preserving(directed, distances=-DISTANCES[:30, :30])
    with pytest.raises(ValueError, match="tolerance"):
        na.nulls.wiring_length_preserving(directed, distances=DISTANCES[:30, :30], tolerance=-1)
    for null in (na.nulls.distance_binned, na.nulls.geometry_preserving):
        with pytest.raises(ValueError, match="bins must be at least two increasing edges"):
            null(directed, distances=DISTANCES[:30, :30], bins=[1, 1])


def test_pairs_outside_the_bins_stay(directed):
    d = DISTANCES[:30, :30]
    out = na.nulls.distance_binned(directed, 0, distances=d, bins=[0.2, 0.5])
    moved = (d >= 0.2) & (d < 0.5)
    np.testing.assert_array_equal(out[~moved], directed[~moved])
    assert_same_set(out[moved], directed[moved])
    assert not np.array_equal(out, directed)


@pytest.mark.parametrize("seed", range(4))
def test_signed_directed_networks_keep_the_signs_that_enter_and_leave_every_node(seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(14, 14)) * (rng.random((14, 14)) < 0.4)
    np.fill_diagonal(w, 0)
    for sign in (1, -1):
        made = na.nulls.strength_preserving(w, rng=seed)
        for axis in (0, 1):
            np.testing.assert_array_equal((sign * made > 0).sum(axis), (sign * w > 0).sum(axis))
        np.testing.assert_array_equal(np.sort(made[made != 0]), np.sort(w[w != 0]))
