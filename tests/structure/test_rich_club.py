import bct as bctpy
import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse

import netanalysis as na
from tests.structure.small import C5, S5, W6, random_network, undirected

FORMS = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])


def coefficients(w, **options):
    return na.rich_club(w, null=lambda w, rng: w, n_nulls=1, rng=0, **options).observed


@FORMS
def test_trap_levels_of_the_rich_club(form):
    """Degree above k, and 1 where the bctpy function says nan."""
    np.testing.assert_allclose(coefficients(form(S5)), [0.6, 0.6, 1])
    np.testing.assert_allclose(coefficients(form(S5), weighted=True), [1, 1, 1 / 6])
    assert coefficients(form(C5))[1] == 0.5
    assert coefficients(form(C5), weighted=True)[1] == 1


@FORMS
def test_trap_a_null_without_connections_at_a_level(form):
    """nan, neither an error nor infinite."""
    two_hubs = undirected(8, (0, 1, 1), *[(0, k, 1) for k in (2, 3, 4)], *[(1, k, 1) for k in (5, 6, 7)])
    apart = undirected(8, *[(0, k, 1) for k in (2, 3, 4, 5)], *[(1, k, 1) for k in (5, 6, 7, 4)])
    club = na.rich_club(form(two_hubs), weighted=True, null=lambda w, rng: form(apart), n_nulls=5)
    assert club.observed[3] == 1
    for values in (club.null_mean, club.ratio, club.z, club.p_corrected):
        assert np.isnan(values[3])
    plain = na.rich_club(form(two_hubs), null=lambda w, rng: form(apart), n_nulls=5)
    assert plain.null_mean[3] == 0
    assert np.isnan(plain.ratio[3])
    assert not np.isinf(plain.z).any()


@FORMS
def test_rich_club_against_libraries(form):
    w = random_network(40, 0.2, symmetric=True)
    club = coefficients(form(w))
    want = nx.rich_club_coefficient(nx.from_numpy_array(w), normalized=False)
    np.testing.assert_allclose(club[: len(want)], list(want.values()))
    weighted = coefficients(form(w), weighted=True)
    with np.errstate(all="ignore"):
        binary, theirs = bctpy.rich_club_bu((w > 0) * 1.0)[0], bctpy.rich_club_wu(w)
    np.testing.assert_allclose(club[1:], binary[: len(club) - 1])
    both = np.isfinite(theirs[: len(weighted)])  # theirs begins with level 1, degree 1 or more
    assert both.sum() > 5
    np.testing.assert_allclose(weighted[both], theirs[: len(weighted)][both])


def test_rich_club_of_a_directed_network():
    w = random_network(40, 0.2)
    got = coefficients(w)
    a = w > 0
    degree = a.sum(0) + a.sum(1)
    for k in (0, 12, 18):
        inside = degree > k
        assert got[k] == pytest.approx(a[np.ix_(inside, inside)].sum() / (inside.sum() * (inside.sum() - 1)))


def test_rich_club_of_planted_hubs():
    rng = np.random.default_rng(0)
    w = np.triu(rng.random((80, 80)) < 0.06, 1)
    w[:12, 12:] |= np.triu(rng.random((12, 68)) < 0.25)
    w[:12, :12] = np.triu(rng.random((12, 12)) < 0.9, 1)
    w = (w | w.T) * 1.0
    club = na.rich_club(w, n_nulls=99, rng=0)
    assert np.nanmin(club.p_corrected) <= 0.03
    assert (club.p_corrected >= club.p)[np.isfinite(club.p_corrected)].all()
    np.testing.assert_array_equal(na.rich_club(w, n_nulls=99, rng=0).z, club.z)
    random = na.rich_club(na.nulls.degree_preserving(w, 1), n_nulls=99, rng=0)
    assert np.nanmin(random.p_corrected) > 0.05
    assert list(club.table().columns[:3]) == ["level", "n_nodes", "n_connections"]
    assert len(club.table()) == len(club.levels)
    inside = na.degree(w) > 10
    assert club.n_nodes[10] == inside.sum()
    assert club.n_connections[10] == w[np.ix_(inside, inside)].sum() / 2


@pytest.mark.parametrize("options", [{}, {"weighted": True, "null": "weight_shuffle"}])
def test_a_stack_of_rich_clubs_equals_the_loop(options):
    stack = np.stack([random_network(12, density, 7) for density in (0.2, 0.3, 0.5)])[None]
    clubs = na.rich_club(na.Connectome(stack), n_nulls=9, rng=0, **options)
    assert clubs.null_distribution.shape == (1, 3, 9, len(clubs.levels))
    table = clubs.table().set_index("network")
    for k, w in enumerate(stack[0]):
        one = na.rich_club(w, n_nulls=9, rng=0, **options)
        m = len(one.levels)
        assert (m < len(clubs.levels)) == (k < 2)
        for name in ("n_nodes", "n_connections", "observed", "ratio", "z", "p", "p_corrected"):
            values = getattr(clubs, name)[0, k]
            np.testing.assert_allclose(values[:m], getattr(one, name), rtol=1e-12, err_msg=name)
            if name[:2] != "n_":
                assert np.isnan(values[m:]).all()
        above = (na.degree(w) > np.arange(len(clubs.levels))[:, None]).sum(1)
        np.testing.assert_array_equal(clubs.n_nodes[0, k], above)
        np.testing.assert_array_equal(table.loc[f"(0, {k})", "n_nodes"], above)


def test_rich_club_refuses():
    with pytest.raises(ValueError, match=r"net\[1\] has no two nodes with connections"):
        na.rich_club(np.stack([S5, np.zeros((5, 5))]), n_nulls=2)
    with pytest.raises(ValueError, match="no two nodes with connections"):
        na.rich_club(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="negative"):
        na.rich_club(-S5, weighted=True)


@FORMS
def test_trap_assortativity(form):
    strength = {"of": "strength"}
    assert na.assortativity(form(S5), **strength) == pytest.approx(-0.596059, rel=2e-6)
    assert na.assortativity(form(S5), **strength, each="weight") == pytest.approx(-0.75)
    assert na.assortativity(form(W6)) == pytest.approx(-1 / 6)
    with pytest.warns(na.UndefinedWarning, match="assortativity is nan.*same degree"):
        assert np.isnan(na.assortativity(form(C5)))
    ring = undirected(5, *[(k, (k + 1) % 5, 0.1 + 0.2) for k in range(4)], (4, 0, 0.3))
    with pytest.warns(na.UndefinedWarning, match="same strength"):
        assert np.isnan(na.assortativity(form(ring), of="strength"))


@FORMS
def test_assortativity_against_libraries(form):
    u, d = random_network(40, 0.2, symmetric=True), random_network(40, 0.2)
    net = nx.from_numpy_array(u)
    assert na.assortativity(form(u)) == pytest.approx(nx.degree_assortativity_coefficient(net))
    assert na.assortativity(form(u)) == pytest.approx(bctpy.assortativity_bin((u > 0) * 1.0))
    assert na.assortativity(form(u), of="strength") == pytest.approx(bctpy.assortativity_wei(u))
    net = nx.from_numpy_array(d, create_using=nx.DiGraph)
    for ends in ("out-in", "in-out", "out-out", "in-in"):  # bctpy has one mean for both ends, wrong if directed
        x, y = ends.split("-")
        assert na.assortativity(form(d), ends=ends) == pytest.approx(nx.degree_assortativity_coefficient(net, x=x, y=y))
    i, j = np.nonzero(d)
    by_hand = np.corrcoef(d.sum(1)[i], d.sum(0)[j])[0, 1]
    assert na.assortativity(form(d), of="strength") == pytest.approx(by_hand)


@FORMS
def test_signs_are_refused_where_weights_count_and_only_there(form):
    w = random_network(12, 0.4)
    w[:6] *= -1
    assert na.assortativity(form(w)) == na.assortativity(form(np.abs(w)))
    for options in ({"of": "strength"}, {"each": "weight"}):
        with pytest.raises(ValueError, match="assortativity by weight"):
            na.assortativity(form(w), **options)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_properties(seed, symmetric):
    w = random_network(15, 0.3, seed, symmetric=symmetric)
    order = np.random.default_rng(seed).permutation(15)
    moved = w[np.ix_(order, order)]
    for of in ("degree", "strength"):
        value = na.assortativity(w, of=of)
        assert na.assortativity(moved, of=of) == pytest.approx(value)
        assert na.assortativity(9 * w, of=of) == pytest.approx(value)
    for weighted in (False, True):
        np.testing.assert_allclose(coefficients(moved, weighted=weighted), coefficients(3 * w, weighted=weighted))
    assert (na.hubs(moved).score == na.hubs(w).score[order]).all()


def test_hubs_by_hand():
    w = np.asarray(nx.to_numpy_array(nx.barbell_graph(4, 1)))
    found = na.hubs(w, measures=("degree", "betweenness", "low_clustering"))
    assert found.score.tolist() == [0, 0, 0, 3, 3, 0, 0, 0, 2]  # the bridge comes last here
    assert found.table()["score"].is_monotonic_decreasing
    net = na.Connectome(W6, labels=list("abcdef"))
    assert set(na.hubs(net).table()["node"]) == set("abcdef")
    with pytest.raises(ValueError, match="measures must be one of"):
        na.hubs(W6, measures=["fame"])
    with pytest.raises(ValueError, match="each measure once"):
        na.hubs(W6, measures=["degree", "degree"])
    with pytest.raises(ValueError, match="negative"):
        na.hubs(-W6)
