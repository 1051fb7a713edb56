"""Motifs against values worked out by hand, networkx, igraph, and every set of nodes looked at."""

from itertools import combinations
from math import comb

import igraph as ig
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis.nulls import kernels, triads
from netanalysis.structure._motif_classes import classes_of, drawings
from tests.structure.graphs import network

FOUR = ("star", "path", "paw", "ring", "diamond", "complete")
K4 = np.ones((4, 4)) - np.eye(4)
WHEEL = network("0-1, 0-2, 0-3, 0-4, 1-2, 2-3, 3-4, 4-1", 5)


def counted(net, **options):
    census = na.motif_census(net, **options)
    return {name: count for name, count in zip(census.classes, census.counts.tolist(), strict=True) if count}


def random_network(n, density, seed, *, directed=True):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n)) * (rng.random((n, n)) < density)
    return w if directed else np.triu(w) + np.triu(w).T


def test_trap_census_of_4_nodes_is_induced_or_not():
    assert counted(K4, size=4) == {"complete": 1}
    assert counted(WHEEL, size=4) == {"diamond": 4, "ring": 1}
    not_induced = dict(zip(FOUR, (4, 12, 12, 3, 6, 1), strict=True))
    assert counted(K4, size=4, induced=False) == not_induced
    assert counted(WHEEL, size=4, induced=False) == {"star": 8, "path": 28, "paw": 16, "ring": 5, "diamond": 4}


def test_trap_triads_by_picture():
    net = network("0>1, 0>2, 1>2, 2>3, 3>2", 4)
    assert counted(net, connected=False) == {"012": 1, "111D": 2, "030T": 1}


def test_trap_empty_triads_need_64_bits():
    n = 3000
    net = sparse.csr_array((np.ones(2), ([0, 5], [1, 6])), shape=(n, n))
    assert counted(net, connected=False) == {"003": comb(n, 3) - 2 * (n - 2), "012": 2 * (n - 2)}


@pytest.mark.parametrize("density", [0.05, 0.3, 0.8])
def test_triads_equal_networkx_and_igraph(density):
    w = random_network(25, density, 1)
    graph = nx.from_numpy_array(w - np.diag(w.diagonal()), create_using=nx.DiGraph)
    census = na.motif_census(w, connected=False)
    assert dict(zip(census.classes, census.counts.tolist(), strict=True)) == nx.triadic_census(graph)
    other = ig.Graph.Adjacency((w != 0).astype(int).tolist(), mode="directed").simplify().triad_census()
    assert [getattr(other, "t" + name) for name in census.classes] == census.counts.tolist()
    assert census.counts.sum() == comb(25, 3)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("size", [3, 4])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_igraph(directed, size, form):
    w = random_network(24, 0.2, 2, directed=directed)
    graph = ig.Graph.Adjacency((w != 0).astype(int).tolist(), mode="directed" if directed else "undirected")
    theirs = graph.simplify().motifs_randesu(size)
    census = na.motif_census(form(w), size=size)
    assert len(census.classes) == {(True, 3): 13, (True, 4): 199, (False, 3): 2, (False, 4): 6}[directed, size]
    drawn = drawings(size, directed)
    for name, count in zip(census.classes, census.counts, strict=True):
        one = ig.Graph.Adjacency(drawn[name].astype(int).tolist(), mode="directed" if directed else "undirected")
        assert theirs[one.isoclass()] == count, name


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_every_set_of_four_nodes(seed, directed):
    w = random_network(8, 0.4, seed, directed=directed)
    np.fill_diagonal(w, 0)
    kind = nx.DiGraph if directed else nx.Graph
    drawn = {name: nx.from_numpy_array(a, create_using=kind) for name, a in drawings(4, directed).items()}
    expected = dict.fromkeys(drawn, 0)
    for nodes in combinations(range(8), 4):
        part = nx.from_numpy_array(w[np.ix_(nodes, nodes)] != 0, create_using=kind)
        for name, one in drawn.items():
            if nx.faster_could_be_isomorphic(one, part) and nx.is_isomorphic(one, part):
                expected[name] += 1
    assert counted(w, size=4, directed=directed) == {name: n for name, n in expected.items() if n}


def test_names_of_directed_motifs_of_4_nodes():
    bi_fan = network("0>2, 0>3, 1>2, 1>3", 4)
    assert counted(bi_fan, size=4) == {"204": 1}
    assert counted(network("0>1, 0>2, 1>3, 2>3", 4), size=4) == {"904": 1}


def test_what_does_not_count():
    w = random_network(20, 0.2, 5)
    for other in (-3 * w, w + np.diag(np.ones(20)), w.astype(bool), sparse.csr_array(w + 9 * np.eye(20))):
        np.testing.assert_array_equal(na.motif_census(other, size=4).counts, na.motif_census(w, size=4).counts)
    turned = na.motif_census(w.T).counts
    renamed = {"021D": "021U", "021U": "021D", "111D": "111U", "111U": "111D", "120D": "120U", "120U": "120D"}
    plain = counted(w)
    assert dict(zip(na.motif_census(w).classes, turned, strict=True)) == pytest.approx(
        {name: plain.get(renamed.get(name, name), 0) for name in na.motif_census(w).classes}
    )


def test_an_undirected_network_by_directed_classes():
    net = random_network(20, 0.3, 6, directed=False)
    plain, by_direction = counted(net), counted(net, directed=True)
    assert by_direction == {"201": plain["path"], "300": plain["triangle"]}
    with pytest.raises(ValueError, match="directed=False needs an undirected network"):
        na.motif_census(random_network(9, 0.5, 0), directed=False)
    census = na.motif_census(net, connected=False)
    assert census.counts.sum() == comb(20, 3)
    assert na.motif_census(K4).to_frame()["count"].tolist() == [0, 4]


def test_subgraphs_of_classes_keep_their_sum():
    """Every subset of connections is a subgraph, so a pattern of m has 2 to the power m."""
    table = classes_of(3, True)
    arcs = [drawings(3, True)[name].sum() for name in table.names]
    np.testing.assert_array_equal(table.within.sum(1), 2 ** np.array(arcs))


def test_a_large_sparse_network_in_parts():
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 6000, (2, 15000))
    net = sparse.csr_array((np.ones(15000), (rows, columns)), shape=(6000, 6000))
    graph = ig.Graph(n=6000, edges=list(zip(rows.tolist(), columns.tolist(), strict=True)), directed=True).simplify()
    other = graph.triad_census()
    census = na.motif_census(net, connected=False)
    assert [int(getattr(other, "t" + name)) for name in census.classes[2:]] == census.counts[2:].tolist()


def test_motifs_beyond_chance():
    """Feed-forward loops put into a random network stand out, against the null model by hand."""
    w = np.zeros((30, 30))
    for first in range(0, 30, 3):
        w[first, first + 1] = w[first, first + 2] = w[first + 1, first + 2] = 1.0
    rng = np.random.default_rng(0)
    w[rng.integers(0, 30, 20), rng.integers(0, 30, 20)] = 1.0
    np.fill_diagonal(w, 0)
    test = na.motif_test(w, n_nulls=99, rng=0)
    k = test.classes.index("030T")
    assert test.z[k] > 4
    assert test.p[k] == 0.02
    assert test.p_corrected[k] <= 0.02
    assert np.nansum(test.profile**2) == pytest.approx(1)
    by_hand = na.null_test(
        w, lambda net: na.motif_census(net, directed=True).counts, "degree_preserving", n_nulls=99, rng=0
    )
    np.testing.assert_array_equal(test.z, by_hand.z)
    assert (test.p_corrected >= test.p).all()
    assert list(test.to_frame()) == ["motif", "count", "null_mean", "null_std", "z", "p", "p_corrected"]
    assert test.null == "degree_preserving"


def test_a_stack_and_a_fixed_count():
    ring = network("0-1, 1-2, 2-3, 3-4, 4-5, 5-0", 6)
    two = na.motif_test(np.stack([ring, ring]), size=4, n_nulls=20, rng=1)
    one = na.motif_test(ring, size=4, n_nulls=20, rng=1)
    np.testing.assert_array_equal(two.p_corrected, [one.p_corrected] * 2)
    assert "null model keeps it fixed" in one.note
    star = list(FOUR).index("star")
    assert np.isnan(one.z[star])
    assert one.p_corrected[star] == 1


def test_correlations_have_no_motifs():
    r = np.corrcoef(np.random.default_rng(0).normal(size=(8, 100)))
    with pytest.raises(ValueError, match="correlations"):
        na.motif_test(r, n_nulls=5)
    with pytest.raises(ValueError, match="size must be 3 or 4"):
        na.motif_census(K4, size=5)
    with pytest.raises(ValueError, match=r"size must be 3 or 4 \(an integer\); got 3\.0"):
        na.motif_census(K4, size=3.0)
    with pytest.raises(ValueError, match="connected=False"):
        na.motif_census(K4, size=4, connected=False)


def test_four_nodes_beyond_their_parts_of_three():
    """Rings of four are planted among triangles: against degrees alone, motifs that only hold triangles stand out."""
    rng = np.random.default_rng(3)
    w = np.zeros((40, 40))
    for _ in range(14):
        a, b, c, d = rng.choice(40, 4, replace=False)
        w[[a, a, b, b], [c, d, c, d]] = 1  # bi-fans
        w[np.ix_([a, b, c], [a, b, c])] = 1 - np.eye(3)
    options = {"size": 4, "n_nulls": 39, "rng": 0}
    test = na.motif_test(w, null="triad_preserving", **options)
    assert test.null == "triad_preserving"
    null = na.nulls.triad_preserving(w, 5)
    np.testing.assert_array_equal(na.motif_census(null).counts, na.motif_census(w).counts)
    degrees = na.motif_test(w, null="reciprocity_preserving", **options)
    assert np.nansum(np.abs(test.z) > 3) < np.nansum(np.abs(degrees.z) > 3) / 2
    with pytest.raises(ValueError, match="keeps the numbers of motifs of 3 nodes: it is for size=4"):
        na.motif_test(w, null="triad_preserving")


def test_triads_that_cannot_be_kept_are_said(monkeypatch):
    monkeypatch.setattr(triads, "_STARTS", 1)
    monkeypatch.setattr(kernels.triads, "anneal", lambda *args: args[-1].__setitem__(slice(None), 0.5))
    with pytest.raises(RuntimeError, match=r"off by 0\.5 at least, in 1 attempts: raise tolerance=0\.001"):
        na.nulls.triad_preserving(random_network(12, 0.3, 0), 0)
