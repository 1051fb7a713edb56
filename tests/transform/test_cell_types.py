"""Cell types as nodes and as signs, against groups of a table and values worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis.transform import aggregate, normalize, signed

TYPES = list("AAAABBC")
W = np.zeros((7, 7))
W[0, 4], W[1, 4], W[0, 5], W[6, 5] = 8, 2, 3, 27
forms = pytest.mark.parametrize("form", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
MEANS = {"sum": 13, "mean_source": 3.25, "mean_target": 6.5, "mean_pair": 1.625, "mean_connected": 13 / 3}


def dense(w):
    return w.toarray() if sparse.issparse(w) else np.asarray(w)


@forms
def test_five_means_and_two_shares(form):
    for how, value in MEANS.items():
        assert dense(aggregate(form(W), by=TYPES, how=how))[0, 1] == pytest.approx(value, rel=1e-14)
    each = dense(aggregate(form(W), by=TYPES, how="input_fraction"))
    np.testing.assert_allclose(each[:, 1], [0.55, 0, 0.45])
    pooled = dense(normalize(aggregate(form(W), by=TYPES), by="input"))
    np.testing.assert_allclose(pooled[:, 1], [0.325, 0, 0.675])


@forms
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_groups_of_a_table_of_pairs(form, seed):
    rng = np.random.default_rng(seed)
    n = 8
    w = rng.integers(-3, 4, (n, n)) * (rng.random((n, n)) < 0.6) * 1.0
    kind = rng.integers(0, 3, n) * 10**17 + 5
    cells = pd.Series(kind).value_counts()
    rows = pd.DataFrame({"a": np.repeat(kind, n), "b": np.tile(kind, n), "w": w.ravel()})
    sums = rows.groupby(["a", "b"]).w
    want = {
        "sum": sums.sum(),
        "mean_pair": sums.mean(),
        "mean_connected": rows[rows.w != 0].groupby(["a", "b"]).w.mean().reindex(sums.sum().index, fill_value=0.0),
        "mean_source": sums.sum() / sums.sum().index.get_level_values("a").map(cells),
        "mean_target": sums.sum() / sums.sum().index.get_level_values("b").map(cells),
    }
    for how, table in want.items():
        got = aggregate(form(w), by=kind, how=how)
        np.testing.assert_allclose(dense(got), table.unstack("b").to_numpy(), rtol=1e-12, atol=1e-14)
    shares = pd.DataFrame(normalize(w, by="input")).groupby(kind).sum().T.groupby(kind).mean().T
    np.testing.assert_allclose(dense(aggregate(form(w), by=kind, how="input_fraction")), shares, atol=1e-14)
    shares = pd.DataFrame(normalize(w, by="output")).groupby(kind).mean().T.groupby(kind).sum().T
    np.testing.assert_allclose(dense(aggregate(form(w), by=kind, how="output_fraction")), shares, atol=1e-14)


def test_a_connectome_of_types():
    ids = np.array([2**63 + 7, 2**63 + 7, 2**63 + 1], dtype=np.uint64)
    net = na.Connectome(
        [[0, 1.0, 2], [0, 0, 3], [0, 0, 0]],
        modules=ids,
        inputs=np.eye(3)[:2],
        metadata={"side": ["L", "R", "L"], "x": 1},
    )
    types = aggregate(net)
    assert types.labels.tolist() == [2**63 + 1, 2**63 + 7]
    assert types.weights.tolist() == [[0, 0], [5, 1]]
    assert types.inputs.tolist() == [[0, 1], [0, 1]]
    assert types.metadata["n_cells"].tolist() == [1, 2]
    assert "side" not in types.metadata
    assert types.metadata["x"] == 1
    assert aggregate(net, how="mean_pair").history[-1].endswith("without ['inputs']")


def test_types_of_walks_are_not_walks_of_types():
    w = np.zeros((4, 4))
    w[0, 1] = w[2, 3] = 1
    types = aggregate(w, by=list("ABBC"))
    assert (types @ types)[0, 2] == 1
    of_cells = na.pathways(w, max_hops=2).routing(list("ABBC"), list("ABBC"))
    assert of_cells["maps"][2, 0, 2] == 0


@forms
def test_signs_go_with_the_source(form):
    got = dense(signed(form([[0, 3.0], [2, 0]]), ["acetylcholine", "GABA"], rule="fly"))
    assert got.tolist() == [[0, 3], [-2, 0]]


def test_unknown_transmitters_are_asked_for_or_left_out():
    w = np.zeros((4, 4))
    w[:3, 3] = 6, 2, 2
    kinds = ["ACh", "gaba", "dopamine", "ach"]
    with pytest.raises(ValueError, match=r"1 of 4 nodes .* dopamine"):
        signed(w, kinds, rule="fly")
    with pytest.raises(ValueError, match=r"\(none\)"):
        signed(w, ["ach", "gaba", "", "ach"], rule="fly")
    after = signed(normalize(w, by="input"), kinds, rule="fly", others="exclude")
    np.testing.assert_allclose(after[:, 3], [0.6, -0.2, 0, 0])
    first = normalize(signed(w, kinds, rule="fly", others="exclude"), by="input")
    np.testing.assert_allclose(first[:, 3], [0.75, -0.25, 0, 0])
    assert signed(w, kinds, rule={"acetylcholine": 1, "GABA": -1, "dopamine": 0.5})[2, 3] == 1


def test_the_sign_of_glutamate_is_a_matter_of_species():
    w = [[0, 1.0], [0, 0]]
    assert signed(w, ["glutamate"] * 2, rule="fly")[0, 1] == -1
    assert signed(w, ["glutamate"] * 2, rule="vertebrate")[0, 1] == 1


def test_probabilities():
    w = np.zeros((2, 2))
    w[0, 1] = 1
    table = pd.DataFrame({"acetylcholine": [0.7, 1], "gaba": [0.2, 0], "glutamate": [0.1, 0]})
    assert signed(w, table, rule="fly")[0, 1] == 1
    assert signed(w, table, rule="fly", take="expected")[0, 1] == pytest.approx(0.4)
    excited = {"acetylcholine": 1, "gaba": -1, "glutamate": 1}
    assert signed(w, table, rule=excited, take="expected")[0, 1] == pytest.approx(0.6)
    net = na.Connectome(w, metadata={"kinds": {name: table[name].to_numpy() for name in table}})
    assert signed(net, "kinds", rule="fly").history[-1].startswith("signed(rule='fly'")


def test_signs_are_drawn_per_cell():
    w = np.zeros((3, 3))
    w[0, 1:] = 1
    even = {"ach": [0.5] * 3, "gaba": [0.5] * 3}
    sums = [signed(w, even, rule="fly", take="draw", rng=r).sum() for r in range(400)]
    assert set(sums) == {-2, 2}
    assert np.var(sums) == pytest.approx(4, abs=0.1)
    assert signed(w, {"ach": [1, 0, 0], "gaba": [0, 1, 1.0]}, rule="fly", take="draw", rng=0).sum() == 2


def test_refusals():
    for bad, words in [
        ({"transmitters": ["ach"] * 7, "rule": "mouse"}, "rule must be one of"),
        ({"transmitters": ["ach"] * 7, "rule": {}}, "rule must be"),
        ({"transmitters": ["ach"], "rule": "fly"}, "one entry per node"),
        ({"transmitters": "nt", "rule": "fly"}, "no entry of the metadata"),
        ({"transmitters": {"ach": [0.5] * 7}, "rule": "fly"}, "sum to 1"),
        ({"transmitters": {"ach": [1.0] * 7}, "rule": "fly", "take": "mean"}, "take must be"),
    ]:
        with pytest.raises(ValueError, match=words):
            signed(W, **bad)
    with pytest.raises(ValueError, match="non-negative weights"):
        signed(-W, ["ach"] * 7, rule="fly")
    with pytest.raises(ValueError, match="no modules"):
        aggregate(W)
    with pytest.raises(ValueError, match="how must be"):
        aggregate(W, by=TYPES, how="mean")
    with pytest.raises(ValueError, match="one entry per node"):
        aggregate(W, by=["A"])


@pytest.mark.parametrize("how", [*MEANS, "input_fraction", "output_fraction"])
def test_groups_without_connections(how):
    found = aggregate(sparse.csr_array((3, 3)), by=["A", "A", "B"], how=how)
    assert found.shape == (2, 2)
    assert found.nnz == 0
