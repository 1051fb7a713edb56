"""Recurrent parts joined by feed-forward connections: the spectrum is that of the parts, whatever lies between."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from scipy import sparse
from scipy.sparse import csgraph
from threadpoolctl import threadpool_limits

import netanalysis as na
from netanalysis._core import components


def two_cycles(*, n=80, cycle=1.0, scale=1.0, seed=0):
    """Two 3-cycles at the ends of a feed-forward network, nodes in random order."""
    rng = np.random.default_rng(seed)
    w = np.triu(scale * rng.normal(size=(n, n)), 1)
    for first in (0, n - 3):
        w[first : first + 3, first : first + 3] = cycle * np.roll(np.eye(3), 1, axis=1)
    order = rng.permutation(n)
    return w[np.ix_(order, order)]


def parts_in_a_row(rng, *, n_parts=4, largest=5):
    """Strongly connected parts and single nodes, joined one way; their blocks, and the network in random order."""
    blocks = []
    for size in rng.integers(1, largest + 1, n_parts):
        ring = np.roll(np.eye(size), 1, axis=1) * rng.uniform(0.5, 2, size) if size > 1 else np.zeros((1, 1))
        blocks.append(ring + (size > 1) * np.diag(rng.normal(size=size)))
    ends = np.cumsum([len(b) for b in blocks])
    w = np.triu(5 * rng.normal(size=(ends[-1], ends[-1])), 1)
    for end, block in zip(ends, blocks, strict=True):
        w[end - len(block) : end, end - len(block) : end] = block
    order = rng.permutation(len(w))
    return blocks, w[np.ix_(order, order)]


def sorted_spectrum(values):
    return values[np.lexsort((values.imag.round(9), values.real.round(9)))]


@pytest.mark.parametrize("as_given", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("cycle", [1.0, 0.1, -2.0])
def test_two_cycles_have_six_eigenvalues_whatever_joins_them(as_given, scale, cycle):
    w = as_given(two_cycles(cycle=cycle, scale=scale))
    values = na.eigenvalues(w)
    assert (values != 0).sum() == 6  # nodes on no cycle have exactly 0
    np.testing.assert_allclose(np.abs(values[values != 0]), abs(cycle), rtol=1e-14)
    assert na.spectral_entropy(w) == pytest.approx(np.log2(6), rel=1e-14)
    assert na.spectral_participation_ratio(w) == pytest.approx(6, rel=1e-14)
    assert na.spectral_radius(w) == pytest.approx(abs(cycle), rel=1e-14)
    assert na.leading_real_part(w) == pytest.approx(cycle if cycle > 0 else -cycle / 2, rel=1e-14)
    assert na.spectral_radius(na.transform.normalize(w, by="spectral_radius")) == pytest.approx(1, rel=1e-14)


def test_the_plot_shows_them_too():
    w = two_cycles(cycle=0.1)
    ax = na.plot.eigenvalues(w, ax=Figure().subplots())
    assert any("0.1" in text.get_text() for text in ax.get_legend().get_texts())
    assert np.abs(ax.collections[0].get_offsets()).max() < 0.11


def test_stack_equals_loop_with_parts_of_many_sizes():
    rng = np.random.default_rng(1)
    stack = np.zeros((12, 30, 30))
    for k in range(12):
        _, w = parts_in_a_row(rng, n_parts=rng.integers(1, 6))
        stack[k, : len(w), : len(w)] = w
    stack[3] = rng.normal(size=(30, 30))
    stack[4] += stack[4].T.copy()
    found = na.eigenvalues(stack.reshape(3, 4, 30, 30)).reshape(12, 30)
    np.testing.assert_array_equal(found, [na.eigenvalues(w) for w in stack])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_spectrum_is_the_union_of_those_of_the_parts_in_any_order(seed):
    rng = np.random.default_rng(seed)
    blocks, w = parts_in_a_row(rng, n_parts=int(rng.integers(1, 6)))
    union = sorted_spectrum(np.concatenate([np.linalg.eigvals(b) for b in blocks]).astype(complex))
    order = rng.permutation(len(w))
    for net in (w, w[np.ix_(order, order)], sparse.csr_array(w)):
        np.testing.assert_allclose(sorted_spectrum(na.eigenvalues(net)), union, atol=1e-7)  # rings may be defective
    assert (na.eigenvalues(w) == 0).sum() >= sum(len(b) == 1 for b in blocks)


def test_strongly_connected_networks_are_taken_whole():
    rng = np.random.default_rng(2)
    for n in (30, 230):
        w = rng.normal(size=(n, n))
        with threadpool_limits(1):
            if n > 200:
                np.testing.assert_array_equal(na.eigenvalues(w), np.linalg.eigvals(w))
            np.testing.assert_array_equal(na.eigenvalues(w + w.T), np.linalg.eigvalsh(w + w.T))


def test_an_undirected_network_keeps_its_order_and_isolated_nodes_have_exactly_0():
    rng = np.random.default_rng(3)
    w = np.zeros((40, 40))
    nodes = rng.permutation(40)
    for part in (nodes[:12], nodes[12:20]):
        block = rng.normal(size=(len(part), len(part)))
        w[np.ix_(part, part)] = block + block.T
    values = na.eigenvalues(w)
    np.testing.assert_array_equal(values, np.sort(values.real))
    assert (values == 0).sum() == 20
    np.testing.assert_allclose(values.real, np.linalg.eigvalsh(w), atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 25), st.sampled_from([0.02, 0.08, 0.2, 1.0]))
def test_components_are_those_of_scipy_and_connections_lead_down(seed, n, density):
    rng = np.random.default_rng(seed)
    stack = (rng.random((3, n, n)) < density).astype(float)
    counts, members = components.strong_components(stack)
    for w, count, member in zip(stack, counts, members, strict=True):
        of_sparse = components.strong_components_of_sparse(sparse.csr_array(w))
        expected, labels = csgraph.connected_components(w, directed=True, connection="strong")
        assert count == expected == len({*zip(labels, member, strict=True)}) == len({*member})
        for numbered in (member, of_sparse):
            sources, targets = np.nonzero(w)
            assert (numbered[sources] >= numbered[targets]).all()
        assert sorted(np.concatenate(components.nodes_of(member))) == list(range(n))


def exact_resolvent(w, factor):
    with mpmath.workdps(120):
        m = mpmath.eye(len(w)) - mpmath.matrix(w.tolist()) * mpmath.mpf(factor)
        inverse = mpmath.inverse(m)
        return np.array([[float(inverse[i, j]) for j in range(len(w))] for i in range(len(w))])


@pytest.mark.parametrize(("scale", "cycle"), [(0.3, 0.1), (1.0, 1.0), (3.0, 1.0)])
def test_the_resolvent_keeps_its_digits_along_feed_forward_connections(scale, cycle):
    w = two_cycles(n=40, scale=scale, cycle=cycle)
    factor = 0.9 / na.spectral_radius(w)
    expected = exact_resolvent(w, factor)
    largest = np.abs(expected).max()
    assert largest > 1e3
    for net in (w, sparse.csr_array(w)):
        np.testing.assert_allclose(na.resolvent(net, alpha=0.9), expected, rtol=0, atol=1e-12 * largest)
        np.testing.assert_allclose(
            na.resolvent(net, inputs=[3], alpha=0.9), expected[[3]], rtol=0, atol=1e-12 * np.abs(expected[3]).max()
        )
    stack = np.stack([w, w.T])
    np.testing.assert_array_equal(na.resolvent(stack)[1], na.resolvent(w.T))


def test_pairs_without_a_pathway_have_exactly_0():
    w = np.abs(two_cycles(n=60))
    reach = csgraph.shortest_path(w != 0, unweighted=True)
    np.testing.assert_array_equal(na.resolvent(w) == 0, np.isinf(reach))


def test_a_large_sparse_network_is_solved_part_by_part():
    rng = np.random.default_rng(4)
    n = 2600
    chain = sparse.diags_array([np.full(n - 1, 2.0)], offsets=[1]).tolil()  # GMRES would need n products for it
    chain[50, 49] = chain[2000, 1990] = 0.1
    order = rng.permutation(n)
    w = sparse.csr_array(chain.tocsr()[order][:, order])
    place = np.argsort(order)
    found = na.resolvent(w, inputs=place[[30, 0]], outputs=place[[60, 40]], alpha=0.25, normalize=None)
    loop = 1 / (1 - 0.25**2 * 0.2)
    np.testing.assert_allclose(found, [[loop * 0.5**30, 0.5**10], [loop * 0.5**60, 0.5**40]], rtol=1e-13)


def test_what_rounding_would_make_up_is_refused():
    w = two_cycles(scale=0.3, cycle=0.1)
    _, members = components.strong_components(w[None])
    last, first = members[0].argmin(), members[0].argmax()
    w[last, first] = 1e-30  # now one part, all but feed-forward
    with pytest.raises(ValueError, match="condition number of at least"):
        na.resolvent(w)
    with pytest.raises(ValueError, match="condition number of at least"):  # not hidden by a node beside it
        na.resolvent(np.pad(w, (0, 1)))
    with pytest.raises(OverflowError, match="exceeds double precision"):
        na.resolvent(two_cycles(n=400, scale=3, cycle=0.1))


def test_estimates_of_singular_values_do_not_mind():
    w = two_cycles()
    singular = np.linalg.svd(w, compute_uv=False)
    share = singular / singular.sum()
    estimate = na.estimate_spectral_entropy(w, of="singular_values", rng=0)
    assert estimate.value == pytest.approx(-(share * np.log2(share)).sum(), abs=4 * estimate.standard_error + 1e-9)
    with pytest.raises(ValueError, match="directed"):
        na.estimate_spectral_entropy(w)
    isolated = np.pad(np.ones((4, 4)) - np.eye(4), (0, 60))
    undirected = na.estimate_spectral_entropy(isolated, rng=0)
    assert undirected.value == pytest.approx(na.spectral_entropy(isolated), abs=4 * undirected.standard_error + 1e-9)
