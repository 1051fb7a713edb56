"""One rule of direction, for arrays, frames, tensors, graphs, sparse matrices and everything behind them."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis._core import direction, validate

EPS = np.finfo(float).eps


def _nearly_symmetric(n=30, seed=1):
    rng = np.random.default_rng(seed)
    c = np.corrcoef(rng.normal(size=(n, 50)))
    c = (c + c.T) / 2
    c[np.tril_indices(n, -1)] *= 1 + 2 * EPS * rng.integers(-1, 2, size=n * (n - 1) // 2)
    assert (c != c.T).any()
    return c


KINDS = {
    "array": lambda c: c,
    "list": lambda c: c.tolist(),
    "stack": lambda c: np.stack([c, np.eye(len(c)), np.triu(c)]),
    "float32": lambda c: c.astype(np.float32) * (1 + np.tril(np.full(c.shape, 1e-7, np.float32), -1)),
    "float32 in float64": lambda c: KINDS["float32"](c).astype(float),
    "frame": pd.DataFrame,
    "frame of float32": lambda c: pd.DataFrame(KINDS["float32"](c)),
    "tensor": torch.tensor,
    "tensor of float32": lambda c: torch.tensor(KINDS["float32"](c)),
    "csr": sparse.csr_array,
    "coo": sparse.coo_matrix,
    "graph": lambda c: nx.from_numpy_array(c, create_using=nx.DiGraph),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rounding_is_no_direction(kind):
    net = KINDS[kind](_nearly_symmetric())
    w = validate.as_weights(net)
    first = w[0] if kind == "stack" else w
    assert validate.is_symmetric(first)
    connectome = na.Connectome(net)
    assert connectome.is_directed == (kind == "stack")
    assert "symmetric up to rounding (largest difference" in connectome.history[-1]
    if kind == "stack":
        assert not validate.is_symmetric(w[2])
        np.testing.assert_array_equal(w[2], np.triu(_nearly_symmetric()))


def test_the_mean_of_both_directions_is_taken_and_the_input_left_alone():
    c = _nearly_symmetric()
    kept = c.copy()
    np.testing.assert_array_equal(validate.as_weights(c), c * 0.5 + c.T * 0.5)
    np.testing.assert_array_equal(c, kept)
    exact = (c + c.T) / 2
    assert validate.as_weights(exact) is exact
    assert na.Connectome(exact).history == ()


DIRECTED = {
    "a tiny weight one way only": [[0, 1, 1e-18], [1, 0, 1], [0, 1, 0]],
    "a difference beyond the precision": [[0, 1], [1 + 3 * EPS, 0]],
    "whole numbers": [[0, 2**52, 1], [2**52, 0, 0], [2, 0, 0]],
    "float64 beside float32's precision": [[0, 1], [1 + 1e-8, 0]],
}


@pytest.mark.parametrize("weights", DIRECTED.values(), ids=DIRECTED)
def test_what_is_no_rounding_stays(weights):
    w = np.array(weights, float)
    assert validate.as_weights(w) is w
    assert na.Connectome(w).is_directed
    assert na.Connectome(sparse.csr_array(w)).is_directed
    np.testing.assert_array_equal(validate.as_weights(np.array(weights).astype(int)), np.array(weights).astype(int))


def test_integers_have_no_rounding():
    w = np.array([[0, 2**60], [2**60 + 2**9, 0]])
    assert na.Connectome(w).is_directed


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32), st.sampled_from([0, 1, 2]), st.floats(0, 1))
def test_dense_sparse_and_compiled_agree(n, seed, kind, density):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n)) * (rng.random((n, n)) < density)
    if kind:
        w = w + w.T
    if kind == 2:
        w *= 1 + EPS * rng.integers(-1, 2, size=(n, n))
    s = sparse.csr_array(w)
    s.sum_duplicates()
    s.eliminate_zeros()
    assert direction.is_symmetric(w) == direction.is_symmetric(s) == bool((w == w.T).all())
    some = direction._sparse_difference(s)
    compiled_from, direction._COMPILED_FROM = direction._COMPILED_FROM, 0
    try:
        assert direction._sparse_difference(s) == some
    finally:
        direction._COMPILED_FROM = compiled_from
    dense, d = direction.without_rounding(w, direction.DOUBLE)
    thin, e = direction.without_rounding(s, direction.DOUBLE)
    assert d == e
    np.testing.assert_array_equal(dense, thin.toarray())


def test_tiles_and_compiled_code_agree_on_large_networks():
    c = _nearly_symmetric(600)
    w, largest = direction.without_rounding(c, direction.DOUBLE)
    assert 0 < largest < 1e-15
    c[500, 3] = 0.0
    assert direction.without_rounding(c, direction.DOUBLE)[0] is c
    s = sparse.csr_array(w)
    assert validate.is_symmetric(s)
    big = sparse.block_diag([s] * 2, format="csr")
    assert big.nnz > direction._COMPILED_FROM
    assert validate.is_symmetric(sparse.csr_array(big))


@pytest.mark.parametrize("density", [0.03, 0.1, 0.31, 0.5])
def test_thresholds_leave_no_one_way_connections(density):
    c = _nearly_symmetric()
    for net in (c, sparse.csr_array(c)):
        kept = na.transform.threshold(net, density=density)
        kept = kept.toarray() if sparse.issparse(kept) else kept
        assert ((kept != 0) == (kept != 0).T).all()


def test_threshold_rounds_half_up_as_the_toolbox_does():
    w = np.triu(np.arange(1.0, 26).reshape(5, 5), 1)
    w += w.T
    for density, pairs in ((0.25, 3), (0.45, 5), (0.05, 1), (0.35, 4)):  # 2.5, 4.5, 0.5 and 3.5 of 10 pairs
        assert np.count_nonzero(na.transform.threshold(w, density=density)) == 2 * pairs
        assert na.transform.threshold(sparse.csr_array(w), density=density).nnz == 2 * pairs


def test_measures_and_nulls_take_it_as_undirected():
    c = _nearly_symmetric()
    exact = (c + c.T) / 2
    np.testing.assert_allclose(na.clustering(c, method="costantini"), na.clustering(exact, method="costantini"))
    assert na.modularity(c, np.arange(30) % 3) == pytest.approx(na.modularity(exact, np.arange(30) % 3))
    null = na.nulls.weight_shuffle(c, 0)
    assert (null == null.T).all()
    net = na.Connectome(exact)
    distances = np.abs(c) + 1
    null = (
        na.nulls.distance_preserving(net, 0, distances=distances) if hasattr(na.nulls, "distance_preserving") else null
    )
    assert (null == null.T).all()


# ---------------------------------------------------------------- identity and types at the door


def test_sums_in_types_too_small_for_them():
    for dtype, values, right in ((np.int8, [100, 100], 200), (np.uint8, [200, 100], 300), (bool, [True, True], 2)):
        w = sparse.coo_array((np.array(values, dtype), ([0, 0], [1, 1])), shape=(2, 2))
        assert validate.as_weights(w)[0, 1] == right
    half = sparse.coo_array((np.array([60000, 60000], np.float32), ([0, 0], [1, 1])), shape=(2, 2))
    assert validate.as_weights(half)[0, 1] == 120000


FRAME = pd.DataFrame([[0, 1.0], [2, 0]])
FRAMES = {
    "read back from .csv": (FRAME.set_axis(["0", "1"], axis=1), None),
    "Int64": (FRAME.astype(int).astype("Int64"), None),
    "Float64": (FRAME.astype("Float64"), None),
    "convert_dtypes": (FRAME.convert_dtypes(), None),
    "boolean": ((FRAME > 0).astype("boolean"), None),
    "objects of ids": (FRAME.set_axis([10, 20]).set_axis(["10", "20"], axis=1), ["10", "20"]),
    "floats and text": (FRAME.set_axis([1.0, 2.0]).set_axis(["1", "2"], axis=1), ["1.0", "2.0"]),
    "names above only": (FRAME.set_axis(["a", "b"], axis=1), ["a", "b"]),
    "names beside only": (FRAME.set_axis(["a", "b"]), ["a", "b"]),
}


@pytest.mark.parametrize(("frame", "labels"), FRAMES.values(), ids=FRAMES)
def test_frames(frame, labels):
    net = na.Connectome(frame)
    np.testing.assert_array_equal(net.weights, frame.to_numpy(dtype=float))
    assert net.labels is None if labels is None else net.labels.tolist() == labels


BAD_FRAMES = {
    r"1 missing values \(NaN or NA\), the first in row 1, column 0": FRAME.convert_dtypes().replace(2, pd.NA),
    "the column 'a' with dtype (object|str)": pd.DataFrame({"a": ["x", "y"], "b": [1, 2]}, index=["a", "b"]),
    r"netanalysis\.load\(net\)": pd.DataFrame({"source": [1], "target": [2]}),
}


@pytest.mark.parametrize("message", BAD_FRAMES)
def test_bad_frames_are_refused(message):
    with pytest.raises((TypeError, ValueError), match=message):
        validate.as_weights(BAD_FRAMES[message])


@pytest.mark.parametrize(
    "frame",
    [FRAME.set_axis(["a", "b"]).set_axis(["b", "a"], axis=1), FRAME.set_axis([1, 0]).set_axis(["0", "1"], axis=1)],
)
def test_the_advice_for_frames_in_another_order_works(frame):
    with pytest.raises(ValueError, match="Reorder with") as caught:
        na.Connectome(frame)
    order, _, advice = str(caught.value).partition("Reorder with order = ")[2].partition("; ")
    names = {"weights": frame, "list": list}
    names["order"] = eval(order, names)
    assert na.Connectome(eval(advice, names)).n_nodes == 2


# ---------------------------------------------------------------- networkx


def _chain(of=nx.DiGraph, **data):
    graph = of()
    graph.add_edge("a", "b", **{k: v[0] for k, v in data.items()})
    graph.add_edge("b", "c", **{k: v[1] for k, v in data.items()})
    return graph


@pytest.mark.parametrize("name", ["weight", "synapses", "count", "syn_count", "Weight"])
def test_weights_of_graphs_by_their_names(name):
    net = na.Connectome(_chain(**{name: (40, 2), "kind": ("x", "y")}))
    np.testing.assert_array_equal(net.weights, [[0, 40, 0], [0, 0, 2], [0, 0, 0]])
    assert net.labels.tolist() == ["a", "b", "c"]
    assert net.history == (() if name == "weight" else (f"weights from the edge attribute {name!r}",))


def test_graphs_without_numbers_count_one():
    assert na.Connectome(_chain(kind=("x", "y"))).weights.sum() == 2
    assert na.Connectome(_chain()).weights.sum() == 2


def test_graphs_that_leave_a_doubt_are_refused():
    with pytest.raises(ValueError, match=r"no 'weight'.*to_scipy_sparse_array.*\['delay'\]"):
        na.Connectome(_chain(delay=(1, 2)))
    with pytest.raises(ValueError, match="'count' and 'synapses' could all be the weights"):
        na.Connectome(_chain(count=(1, 2), synapses=(1, 2)))
    with pytest.raises(ValueError, match="does not hold numbers"):
        na.Connectome(_chain(weight=("1", "2")))
    half = _chain(weight=(1, 2))
    half.add_edge("c", "a")
    with pytest.raises(ValueError, match=r"1 edges lack the attribute 'weight', the first \('c', 'a'\)"):
        na.Connectome(half)


def test_parallel_edges_are_summed_and_said():
    graph = _chain(nx.MultiDiGraph, weight=(1, 2))
    graph.add_edge("a", "b", weight=5)
    net = na.Connectome(graph)
    assert net.weights[0, 1] == 6
    assert net.history == ("1 parallel edges summed",)


def test_self_connections_of_undirected_graphs_have_two_ends():
    graph = nx.Graph()
    graph.add_edge(0, 0, weight=3.0)
    graph.add_edge(0, 1, weight=1.0)
    net = na.Connectome(graph)
    np.testing.assert_array_equal(net.weights.sum(axis=1), [d for _, d in graph.degree(weight="weight")])
    assert na.modularity(graph, [0, 1]) == pytest.approx(nx.community.modularity(graph, [{0}, {1}]), abs=1e-15)
    assert na.Connectome(nx.DiGraph(graph)).weights[0, 0] == 3


def test_large_graphs_are_sparse_and_alike():
    graph = nx.path_graph(6000)
    graph.add_edge(0, 0)
    w = validate.as_weights(graph)
    assert sparse.issparse(w)
    assert w.diagonal()[0] == 2
