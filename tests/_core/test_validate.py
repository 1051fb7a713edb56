import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import netanalysis as na
from netanalysis._core import memory, options, validate
from netanalysis._core.parallel import parallel_map, thread_blocks
from netanalysis._core.random import generators, per_network, seeds

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


def test_nodes_labels_choices():
    assert list(validate.as_nodes([True, False, True], 3, "inputs")) == [0, 2]
    assert list(validate.as_nodes([-1, 0], 3, "inputs")) == [2, 0]
    for bad, error in [([3], ValueError), ([0.5], TypeError), ([], ValueError), ([True, False], ValueError)]:
        with pytest.raises(error, match="inputs"):
            validate.as_nodes(bad, 3, "inputs")
    with pytest.raises(ValueError, match=r"method must be one of \['a', 'b'\]; got 'c'"):
        options.choice("c", ["a", "b"], "method")
    with pytest.raises(TypeError, match="n_nulls"):
        options.positive_int(2.0, "n_nulls")
    with pytest.raises(ValueError, match="n_nulls must be at least 1"):
        options.positive_int(0, "n_nulls")


@pytest.mark.parametrize(
    "call",
    [
        lambda w, huge: na.null_test(w, na.reciprocity, "weight_shuffle", n_nulls=huge, rng=0),
        lambda w, huge: na.summarize(w, ["reciprocity"], null="weight_shuffle", n_nulls=huge, rng=0),
        lambda w, huge: na.nulls.weight_shuffle(w, rng=0, size=huge),
        lambda w, huge: na.nulls.degree_preserving(w, rng=0, size=huge),
        lambda w, huge: na.small_worldness(w, n_nulls=huge, rng=0),
        lambda w, huge: na.compare([1.0, 2, 3], [2.0, 3, 5], test="permutation", n_nulls=huge, rng=0),
        lambda w, huge: na.detect_communities(w, n_restarts=huge, rng=0),
        lambda w, huge: na.weight_entropy(w, bins=huge),
    ],
)
def test_numbers_that_no_memory_holds_are_refused_at_once(call):
    w = np.random.default_rng(0).random((12, 12))
    w[0, 1] = 0.0  # of complete networks nothing can be rewired
    with pytest.raises(MemoryError, match=r"would take 8 GiB, .* ask for fewer"):
        call(w, 2**30)
    with pytest.raises(ValueError, match=r"must be at most 2,147,483,647; got 1,000,000,000,000"):
        call(w, 10**12)


def test_dense_refuses_what_does_not_fit():
    big = sparse.csr_array((60_000, 60_000))
    with pytest.raises(MemoryError, match=r"x needs a .* would take 26\.8 GiB, .* of 4 GiB: use estimate_x.*NETANALYSIS_"):
        validate.dense(big, measure="x", instead="estimate_x")


@pytest.mark.parametrize("said", ["much", "0", "-4", "nan", "inf", ""])
def test_a_limit_that_is_no_number_of_gib_is_named(said):
    with pytest.raises(ValueError, match="variable NETANALYSIS_MEMORY must be a number of GiB above 0; got "):
        memory._limit(said)
    assert memory._limit("0.5") == 2**29


def test_streams_do_not_depend_on_how_many_are_asked_for():
    assert np.array_equal(seeds(3, 2), seeds(3, 5)[:2])
    assert [g.random() for g in generators(3, 2)] == [g.random() for g in generators(3, 5)[:2]]
    assert not np.array_equal(seeds(3, 2), seeds(4, 2))


def test_a_generator_gives_new_streams_each_call_and_a_seed_the_same():
    g = np.random.default_rng(0)
    assert not np.array_equal(seeds(g, 1), seeds(g, 1))
    assert np.array_equal(seeds(0, 1), seeds(0, 1))
    loop = np.random.default_rng(0)
    assert [seeds(s, 1)[0] for s in per_network(np.random.default_rng(0), 3)] == [seeds(loop, 1)[0] for _ in range(3)]
    assert len({seeds(s, 1)[0] for s in per_network(5, 3)}) == 1


@pytest.mark.parametrize("bad", [-1, 1.5, "seed", True, np.random.RandomState(0)])
def test_bad_rng_is_refused(bad):
    with pytest.raises(TypeError, match="rng"):
        seeds(bad, 1)


def _square(x):
    return x * x


def test_parallel_map_keeps_order_for_any_number_of_jobs():
    assert parallel_map(_square, range(5), n_jobs=1) == parallel_map(_square, range(5), n_jobs=2) == [0, 1, 4, 9, 16]


def test_thread_blocks_cover_everything_once():
    hits = np.zeros(37, dtype=int)

    def kernel(start, stop):
        hits[start:stop] += 1

    thread_blocks(kernel, 37)
    assert (hits == 1).all()


def test_thread_blocks_pass_errors_on():
    def kernel(start, stop):
        raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        thread_blocks(kernel, 10)


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
