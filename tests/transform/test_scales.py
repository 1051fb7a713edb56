"""Weights as shares of input and output, and as lengths."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

import netanalysis as na
from netanalysis.transform import invert, normalize, remove_self_connections, threshold

MATRICES = arrays(float, st.integers(1, 8).map(lambda n: (n, n)), elements=st.integers(-3, 3).map(float))


@settings(deadline=None)
@given(w=MATRICES, by=st.sampled_from(["input", "output"]))
def test_shares_sum_to_one_where_there_is_anything(w, by):
    share = normalize(w, by=by)
    axis = 0 if by == "input" else 1
    np.testing.assert_allclose(np.abs(share).sum(axis), np.abs(w).any(axis), atol=1e-12)
    np.testing.assert_array_equal(np.sign(share), np.sign(w))
    np.testing.assert_allclose(normalize(sparse.csr_array(w), by=by).toarray(), share, rtol=1e-14)
    np.testing.assert_allclose(normalize(np.stack([w, 3 * w]), by=by), np.stack([share, share]), rtol=1e-14)
    np.testing.assert_allclose(normalize(w, by=by, totals=2 * np.abs(w).sum(axis)), share / 2, rtol=1e-14)
    np.testing.assert_allclose(normalize(w.T, by="output" if by == "input" else "input"), share.T)


def test_values_by_hand():
    a = [[2, 6.0], [0, 4]]
    np.testing.assert_allclose(normalize(a, by="input"), [[1, 0.6], [0, 0.4]])
    np.testing.assert_allclose(normalize(a, by="output"), [[0.25, 0.75], [0, 1]])
    assert normalize(remove_self_connections(a), by="input")[0, 1] == 1
    np.testing.assert_allclose(normalize([[0, 3.0], [0, -1]], by="input")[:, 1], [0.75, -0.25])
    c = np.array([[0, 0.5, 0], [0, 0, 1], [0, 0.5, 0]])
    assert np.array_equal(normalize(c, by="input"), c)
    sums = [np.linalg.matrix_power(c, h).sum(0).tolist() for h in (1, 2, 3)]
    assert sums == [[0, 1, 1], [0, 0.5, 1], [0, 0.5, 0.5]]


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_shares_of_weights_whose_inverse_overflows(make):
    found = normalize(make([[0, 1e-310], [0, 3e-310]]), by="input")
    found = found.toarray() if sparse.issparse(found) else found
    np.testing.assert_allclose(found, [[0, 0.25], [0, 0.75]], rtol=1e-9)


def test_which_synapses_are_in_the_denominator():
    w = np.zeros((4, 4))
    w[:3, 3] = 10, 4, 4
    totals = [0, 0, 0, 30]
    assert normalize(w, by="input", totals=totals)[0, 3] == pytest.approx(1 / 3)
    assert normalize(w, by="input")[0, 3] == pytest.approx(10 / 18)
    assert normalize(threshold(w, weight=5), by="input")[0, 3] == 1
    edges = pd.DataFrame({"source": [0, 1, 2], "target": 3, "n": [10, 4, 4]})
    by_group = edges.n / edges.groupby("target").n.transform("sum")
    np.testing.assert_allclose(normalize(w, by="input")[:3, 3], by_group)


def test_a_connectome_remembers():
    net = normalize(na.Connectome([[0, 2.0], [0, 0]]), by="input", totals=[0, 4])
    assert net.history == ("normalize(by='input', totals given)",)
    assert net.weights[0, 1] == 0.5


@settings(deadline=None)  # compiles
@given(w=MATRICES)
def test_inverted_twice_is_the_same(w):
    assert np.allclose(invert(invert(w)), w)
    np.testing.assert_array_equal(invert(sparse.csr_array(w)).toarray(), invert(w))
    np.testing.assert_allclose(
        na.shortest_paths(np.abs(invert(w)), lengths="weights"), na.shortest_paths(np.abs(w)), rtol=1e-12
    )


def test_refusals():
    w = [[0, 4.0], [1, 0]]
    with pytest.raises(ValueError, match=r"totals must be at least .* node 1: 3, and 4"):
        normalize(w, by="input", totals=[1, 3])
    with pytest.raises(ValueError, match='by="input" or "output"'):
        normalize(w, by="max", totals=[1, 4])
    with pytest.raises(ValueError, match="totals must have shape"):
        normalize(w, by="input", totals=[1])
    with pytest.raises(ValueError, match="by must be one of"):
        normalize(w, by="column")
    with pytest.raises(ValueError, match="too small to have an inverse"):
        invert([[0, 5e-324], [0, 0]])
