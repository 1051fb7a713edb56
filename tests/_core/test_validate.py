import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import netanalysis as na
from netanalysis._core import validate

W = np.array([[0, 2.0, 0], [0, 0, 3], [1, 0, 0]])
GRAPH = nx.DiGraph()
GRAPH.add_nodes_from(range(3))
GRAPH.add_weighted_edges_from([(0, 1, 2.0), (1, 2, 3.0), (2, 0, 1.0)])


@pytest.mark.parametrize(
    "net",
    [
        W,
        W.tolist(),
        W.astype(np.float32),
        W.astype(int),
        pd.DataFrame(W, index=list("abc"), columns=list("abc")),
        GRAPH,
        torch.tensor(W, requires_grad=True),
        torch.tensor(W, dtype=torch.bfloat16),
        na.Connectome(W),
        sparse.csr_array(W),
        sparse.coo_matrix(W),
    ],
    ids=["array", "list", "float32", "int", "frame", "networkx", "torch", "bf16", "connectome", "csr", "coo"],
)
def test_every_kind_of_network_gives_the_same_weights(net):
    w = validate.as_weights(net)
    assert w.dtype == np.float64
    assert np.array_equal(w.toarray() if sparse.issparse(w) else w, W)


def test_multigraph_edges_add_up_and_missing_weights_count_one():
    graph = nx.MultiDiGraph([(0, 1), (0, 1), (1, 0)])
    assert np.array_equal(validate.as_weights(graph), [[0, 2], [1, 0]])


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (np.ones((2, 3)), ValueError, "square"),
        (np.ones(4), ValueError, "square"),
        (np.zeros((0, 0)), ValueError, "at least one node"),
        ([[0, np.nan], [0, 0]], ValueError, r"1 NaN and 0 infinite values, first at net\[0, 1\]"),
        ([[0, np.inf], [0, 0]], ValueError, "0 NaN and 1 infinite"),
        (sparse.csr_array([[0, np.nan], [0, 0]]), ValueError, "finite"),
        (sparse.csr_array(np.ones((2, 3))), ValueError, "square"),
        (np.array([["a", "b"], ["c", "d"]]), TypeError, "real numbers"),
        (np.ones((2, 2), dtype=complex), TypeError, "complex"),
        (torch.ones((2, 2), dtype=torch.complex64), TypeError, "complex"),
        (torch.eye(2).to_sparse(), TypeError, "to_dense"),
        (np.array([[None, 1], [1, 0]]), TypeError, "object"),
        ([[0, 1], [2]], TypeError, "unequal rows"),
        ("matrix.npy", TypeError, "real numbers"),
        (None, TypeError, "NoneType"),
        (pd.DataFrame(np.ones((2, 2)), index=["a", "b"], columns=["b", "a"]), ValueError, "same index and columns"),
        (pd.DataFrame(np.ones((2, 3))), ValueError, "edge list"),
        (nx.DiGraph(), ValueError, "at least one node"),
        (np.ma.masked_array(np.ones((2, 2)), mask=[[0, 1], [0, 0]]), TypeError, "masked"),
    ],
)
def test_bad_networks_are_refused_by_name(bad, error, message):
    with pytest.raises(error, match=message) as caught:
        validate.as_weights(bad)
    assert "net" in str(caught.value)


def test_large_finite_values_are_not_mistaken_for_infinity():
    w = np.full((2, 2), 1e308)
    assert np.array_equal(validate.as_weights(w), w)


def test_nodes():
    assert list(validate.as_nodes([True, False, True], 3, "inputs")) == [0, 2]
    assert list(validate.as_nodes([-1, 0], 3, "inputs")) == [2, 0]
    for bad, error in [([3], ValueError), ([0.5], TypeError), ([], ValueError), ([True, False], ValueError)]:
        with pytest.raises(error, match="inputs"):
            validate.as_nodes(bad, 3, "inputs")


def test_values_that_are_not_finite_come_with_what_to_do():
    """Seen: Fisher z of correlations, infinite on the diagonal, and regions that a person lacks."""
    w = np.ones((3, 5, 5))
    z = w.copy()
    z[:, range(5), range(5)] = np.inf
    with pytest.raises(ValueError, match=r"all of them are on the diagonal.*np.fill_diagonal\(net, 0\)"):
        validate.as_weights(z[0])
    with pytest.raises(ValueError, match=r"on the diagonal.*net\[..., range\(5\), range\(5\)\] = 0"):
        validate.as_weights(z)
    w[1, 2], w[1, :, 2] = np.nan, np.nan
    with pytest.raises(ValueError, match="all of them are of the nodes 2, which have no value at all: leave these out"):
        validate.as_weights(w)
    w[0, 1, 3] = np.nan
    with pytest.raises(ValueError, match="set them to a value you can defend, or leave those entries out"):
        validate.as_weights(w)
