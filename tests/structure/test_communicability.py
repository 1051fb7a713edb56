"""Communicability against scipy, networkx and closed forms."""

import runpy
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from math import factorial
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse
from threadpoolctl import threadpool_limits

import netanalysis as na
from netanalysis.structure import _expm


def by_hand(w, normalize):
    """The definition, written out (netneurotools' communicability_wei is the "out" form)."""
    a = np.abs(w)
    out, into = a.sum(1), a.sum(0)
    left, right = {"out": (out, out), "in": (into, into), "both": (out, into)}[normalize]
    root = [np.where(s > 0, 1 / np.sqrt(np.where(s > 0, s, 1)), 0) for s in (left, right)]
    return linalg.expm(np.diag(root[0]) @ a @ np.diag(root[1]))


@pytest.mark.parametrize("normalize", ["out", "in", "both"])
def test_normalised_forms(directed, undirected, signed, normalize):
    for w in (directed, undirected, signed):
        c = na.communicability(w, normalize=normalize)
        np.testing.assert_allclose(c, by_hand(w, normalize), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(na.communicability(-3e5 * w, normalize=normalize), c, rtol=1e-12)
        assert (c >= 0).all()


def test_undirected_forms_agree(undirected):
    c = na.communicability(undirected)
    np.testing.assert_allclose(na.communicability(undirected, normalize="in"), c, rtol=1e-13)
    np.testing.assert_allclose(na.communicability(undirected, normalize="both"), c, rtol=1e-13)
    np.testing.assert_allclose(c, c.T, rtol=1e-13)


def test_directions_mirror(directed):
    np.testing.assert_allclose(
        na.communicability(directed, normalize="in"), na.communicability(directed.T, normalize="out").T, rtol=1e-13
    )


def test_raw_against_networkx():
    graph = nx.karate_club_graph()
    expected = nx.communicability_exp(nx.from_numpy_array(nx.to_numpy_array(graph, weight=None)))
    c = na.communicability(nx.to_numpy_array(graph, weight=None), normalize=None)
    np.testing.assert_allclose(c, [[expected[i][j] for j in range(34)] for i in range(34)], rtol=1e-10)


@pytest.mark.parametrize("scale", [0.01, 0.5, 3, 40])
def test_raw_against_scipy(signed, directed, scale):
    for w in (signed, directed / 10):
        expected = linalg.expm(scale * w)
        got = na.communicability(scale * w, normalize=None)
        assert np.abs(got - expected).max() <= 2e-13 * (1 + scale) * np.abs(expected).max()


def test_raw_large_symmetric_takes_the_eigenproblem():
    w = np.random.default_rng(0).normal(size=(320, 320)) / 5
    w += w.T
    with threadpool_limits(1):
        expected = linalg.expm(w)
        got = na.communicability(w, normalize=None)
    assert np.abs(got - expected).max() <= 1e-12 * np.abs(expected).max()


def test_two_nodes_in_closed_form():
    np.testing.assert_allclose(
        na.communicability([[0, 7.0], [7.0, 0]]), [[np.cosh(1), np.sinh(1)], [np.sinh(1), np.cosh(1)]], rtol=1e-14
    )
    np.testing.assert_allclose(na.communicability([[0, 7.0], [0, 0]], normalize=None), [[1, 7], [0, 1]], rtol=1e-14)
    np.testing.assert_allclose(na.communicability([[5.0]]), [[np.e]], rtol=1e-14)


def test_uniform_network_sums_to_n_e():
    assert na.communicability(np.full((100, 100), 0.3)).sum() == pytest.approx(100 * np.e, rel=1e-12)  # 271.83


def test_zero_strength_nodes(directed):
    w = directed.copy()
    w[3] = 0  # no output
    w[:, 3] = 0
    w[5] = 0  # no output, but input: the out-normalised matrix has a zero column all the same
    for net in (w, sparse.csr_array(w)):
        c = na.communicability(net)
        assert c[3, 3] == c[5, 5] == 1
        assert c[3].sum() == c[:, 3].sum() == c[5].sum() == c[:, 5].sum() == 1
        assert (na.total_communicability(net)[[3, 5]] == 1).all()
    assert na.communicability(w, normalize="both")[:, 5].sum() > 1
    np.testing.assert_array_equal(na.communicability(np.zeros((4, 4))), np.eye(4))


def test_no_entry_drowns_in_rounding():
    """A chain: the far corner of exp is 1/h!, thirteen digits below the diagonal."""
    w = np.eye(16, k=1)
    w[15, 0] = 1e-300  # the last node needs an output to keep its column
    factorials = np.cumprod(np.concatenate([[1], np.arange(1, 16)]))
    np.testing.assert_allclose(na.communicability(w, normalize="both")[0], 1 / factorials, rtol=1e-13)


def test_polynomials_are_the_taylor_series():
    """Both schemes expanded in exact rational arithmetic, polynomials being lists of coefficients."""

    def times(p, q):
        return [sum(p[i] * q[k - i] for i in range(k + 1) if i < len(p) and k - i < len(q)) for k in range(25)]

    def plus(p, q):
        return [a + b for a, b in zip_longest(p, q, fillvalue=Fraction(0))]

    def rows(table, exponents):
        return [[Fraction(r[exponents.index(k)]) if k in exponents else Fraction(0) for k in range(7)] for r in table]

    assert (_expm._POSITIVE >= 0).all()
    b = rows(_expm._POSITIVE, [1, 2, 3, 4, 0])
    q = [Fraction(0)] * 4 + b[0]
    positive = plus(times(plus(b[1], q), plus(b[2], q)), b[3])
    b = rows(_expm._OPTIMAL, [1, 2, 3, 6, 0])
    q = plus(times(b[0], b[4]), b[3])
    for polynomial, degree in ((positive, 16), (plus(b[1], times(plus(b[2], q), q)), 18)):
        assert not any(polynomial[degree + 1 :])
        for k, c in enumerate(polynomial[: degree + 1]):
            assert abs(float(c * factorial(k)) - 1) < 3e-15


def test_the_table_is_the_one_that_is_derived():
    derived = runpy.run_path(str(Path(__file__).parents[1] / "oracles" / "expm_table.py"))["table"]
    np.testing.assert_array_equal(derived(), _expm._POSITIVE)
    for free, possible in ((6.511, False), (6.512, True), (6.55, False), (8.303, False), (8.304, True), (9.075, False)):
        assert (np.min(derived(Decimal(free))) >= 0) == possible


@pytest.mark.parametrize("normalize", ["out", "in", "both", None])
def test_blocks_and_sparse_equal_the_whole(directed, normalize):
    w = directed / 4
    w[:, 4] = 0
    whole = na.communicability(w, normalize=normalize)
    for net in (w, sparse.csr_array(w)):
        np.testing.assert_allclose(na.communicability(net, normalize=normalize), whole, rtol=1e-12, atol=1e-15)
        thin = na.communicability(net, normalize=normalize, sources=[7, 2], targets=range(20))
        np.testing.assert_allclose(thin, whole[[7, 2]][:, :20], rtol=1e-11, atol=1e-14)
        tall = na.communicability(net, normalize=normalize, targets=[4, 29, 0])
        np.testing.assert_allclose(tall, whole[:, [4, 29, 0]], rtol=1e-11, atol=1e-14)
        square = na.communicability(net, normalize=normalize, sources=range(15), targets=range(12))
        np.testing.assert_allclose(square, whole[:15, :12], rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(na.total_communicability(net, normalize=normalize), whole.sum(1), rtol=1e-11)
        np.testing.assert_allclose(
            na.total_communicability(net, normalize=normalize, direction="in"), whole.sum(0), rtol=1e-11
        )


def test_action_for_larger_norms(signed):
    for scale in (1, 20):
        expected = linalg.expm(scale * signed)
        got = na.communicability(scale * signed, normalize=None, targets=[0, 3])
        assert np.abs(got - expected[:, [0, 3]]).max() < 1e-11 * np.abs(expected).max()


def test_sparse_answers_repeat():
    w = sparse.random_array((800, 800), density=0.02, rng=np.random.default_rng(1)).tocsr() * 3
    first = na.communicability(w, normalize=None, sources=[1, 2, 3], targets=[5, 6])
    np.random.seed(99)  # noqa: NPY002 (scipy's own routine would change its answer with this)
    np.testing.assert_array_equal(na.communicability(w, normalize=None, sources=[1, 2, 3], targets=[5, 6]), first)
    np.testing.assert_allclose(first, linalg.expm(w.toarray())[np.ix_([1, 2, 3], [5, 6])], rtol=1e-8)


@pytest.mark.parametrize("normalize", ["out", "both", None])
def test_stack_equals_loop(normalize):
    stack = np.random.default_rng(2).normal(size=(2, 3, 24, 24))
    for measure in (
        lambda w: na.communicability(w, normalize=normalize),
        lambda w: na.communicability(w, normalize=normalize, sources=[1, 2]),
        lambda w: na.total_communicability(w, normalize=normalize),
        lambda w: na.katz_communicability(w, alpha=0.05),
    ):
        got = measure(stack)
        for i, j in np.ndindex(2, 3):
            np.testing.assert_array_equal(got[i, j], measure(stack[i, j]))


def test_katz(directed, signed):
    for w in (directed, signed):
        alpha = 0.7 / na.spectral_radius(w)
        expected = linalg.inv(np.eye(len(w)) - alpha * w)
        np.testing.assert_allclose(na.katz_communicability(w, alpha=alpha), expected, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(
            na.katz_communicability(w, alpha=0.7, normalize="spectral_radius", sources=[3], targets=[1, 2]),
            expected[[3]][:, [1, 2]],
            rtol=1e-9,
            atol=1e-13,
        )
        with pytest.raises(ValueError, match="converges for alpha below"):
            na.katz_communicability(w, alpha=1.01 / na.spectral_radius(w))


def test_katz_centrality_of_networkx(undirected):
    alpha = 0.5 / na.spectral_radius(undirected)
    expected = nx.katz_centrality_numpy(nx.from_numpy_array(undirected), alpha=alpha, weight="weight", normalized=False)
    ours = na.katz_communicability(undirected, alpha=alpha).sum(0)
    np.testing.assert_allclose(ours, [expected[i] for i in range(len(undirected))], rtol=1e-9)


def test_refusals(directed):
    with pytest.raises(ValueError, match="normalize must be one of"):
        na.communicability(directed, normalize="rows")
    with pytest.raises(ValueError, match="direction must be one of"):
        na.total_communicability(directed, direction="rows")
    with pytest.raises(OverflowError, match="beyond double precision"):
        na.communicability(directed * 1e4, normalize=None)
    with pytest.raises(OverflowError, match="beyond double precision"):
        na.total_communicability(directed * 1e3, normalize=None)
    with pytest.raises(MemoryError, match="sources= or targets="):
        na.communicability(sparse.eye_array(30_000).tocsr())
    with pytest.raises(ValueError, match="sources must lie in"):
        na.communicability(directed, sources=[30])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 20), st.sampled_from(["out", "in", "both", None]))
def test_relabelling_permutes(seed, n, normalize):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.4)
    order = rng.permutation(n)
    c = na.communicability(w, normalize=normalize)
    np.testing.assert_allclose(
        na.communicability(w[np.ix_(order, order)], normalize=normalize),
        c[np.ix_(order, order)],
        rtol=1e-9,
        atol=1e-12 * np.abs(c).max(),
    )


def test_some_sources_or_some_targets_are_rows_and_columns_of_all(directed):
    whole = na.communicability(directed)
    many = np.arange(0, 30, 2)  # too many for the action on vectors
    np.testing.assert_allclose(na.communicability(directed, sources=many), whole[many], rtol=1e-12)
    np.testing.assert_allclose(na.communicability(directed, targets=many), whole[:, many], rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_exponentials_at_the_end_of_the_doubles():
    """Finite entries may have no finite sum, and threads have error states of their own: seen as RuntimeWarnings."""
    edge = np.array([[709.0, 700], [0, 709]])
    assert np.isfinite(na.communicability(np.kron(np.eye(4), [[709.7]]), normalize=None)).all()
    for w in (1e3 * edge, 1e300 * np.eye(4)[::-1], np.stack([edge, 1e200 * edge])):
        for measure in (na.communicability, na.communicability_entropy, na.total_communicability):
            with pytest.raises(OverflowError, match=r"beyond double precision .*transform\.normalize"):
                measure(w, normalize=None)
