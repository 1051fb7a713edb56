"""Tests of single edges and nodes against scipy and statsmodels."""

from contextlib import nullcontext
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

import netanalysis as na


def one_edge(values):
    return [[[0, v], [v, 0]] for v in values]


def test_pooled_or_welch_and_the_table_says_which():
    a, b = [5.0, 6, 7], [1.0, 2, 3, 9]
    pooled = na.edge_test(one_edge(a + b), list("aaabbbb")).iloc[0]
    welch = na.edge_test(one_edge(a + b), list("aaabbbb"), variance="welch").iloc[0]
    assert (pooled.t, pooled.df, pooled.p) == pytest.approx((1.031918, 5, 0.349417), abs=1e-6)
    assert (welch.t, welch.df, welch.p) == pytest.approx((1.192079, 3.593880, 0.305953), abs=1e-6)
    assert (pooled.variance, welch.variance) == ("pooled", "welch")
    assert pooled.estimate == welch.estimate == pytest.approx(2.25)


def test_an_edge_without_variance_is_left_out_of_the_correction():
    w = np.random.default_rng(0).normal(size=(9, 4, 4))
    w += w.swapaxes(1, 2)
    w[:, 0, 1] = w[:, 1, 0] = 0.1
    table = na.edge_test(w, np.arange(9.0), n_nulls=99, rng=0)
    assert len(table) == 6  # triangles counted once
    assert table[["estimate", "t", "df", "p", "p_holm", "p_bh", "p_max"]].iloc[0].isna().all()
    assert table.note.tolist() == ["does not vary"] + [""] * 5
    rest = table.iloc[1:]
    assert rest.p_holm.to_numpy() == pytest.approx(multipletests(rest.p, method="holm")[1])
    assert rest.p_bh.to_numpy() == pytest.approx(multipletests(rest.p, method="fdr_bh")[1])
    assert rest.p_max.notna().all()


def test_what_differs_by_rounding_does_not_vary():
    values = np.array([[0.3, 1.0], [0.1 + 0.2, 2.0], [0.3, 3.0]] * 2)
    assert len(set(values[:, 0])) == 2
    table = na.node_test(values, list("abbaba"))
    assert table.note.tolist() == ["does not vary", ""]


def test_covariates_are_those_of_freedman_and_lane():
    y, z = [1, 1.5, 4, 2, 6.5, 5.5], np.arange(1.0, 7)
    group = [0, 0, 1, 0, 1, 1]
    row = na.edge_test(one_edge(y), group, covariates=z, n_nulls=720).iloc[0]
    assert (row.t, row.df, row.p) == pytest.approx((3.311849, 3, 0.045329), abs=1e-6)
    assert (row.p_max, row.n_nulls) == (pytest.approx(38 / 720), 720)
    without = na.edge_test(one_edge(y), group, n_nulls=720).iloc[0]
    assert without.t == pytest.approx(4.903616, abs=1e-6)
    assert (without.p_max, without.n_nulls) == (pytest.approx(72 / 720), 20)  # splits of six people


def test_t_and_slopes_are_those_of_statsmodels():
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"age": rng.normal(50, 9, 15), "site": list("abc") * 5, "score": rng.normal(size=15)})
    values = rng.normal(size=(15, 6)) + people[["age"]].to_numpy()
    table = na.node_test(values, "score", subjects=people, covariates=["age", "site"])
    x = pd.get_dummies(people[["age", "site"]], drop_first=True, dtype=float).assign(score=people.score, constant=1.0)
    for k, row in table.iterrows():
        fit = sm.OLS(values[:, k], x).fit()
        assert (row.estimate, row.t, row.p) == pytest.approx(
            (fit.params["score"], fit.tvalues["score"], fit.pvalues["score"]), rel=1e-8
        )
    assert set(table.covariates) == {"age, site b, site c"}


@pytest.mark.parametrize("variance", ["pooled", "welch"])
def test_the_largest_t_of_any_node_corrects_for_their_number(variance):
    """Against scipy, an arrangement at a time."""
    values = np.random.default_rng(2).normal(size=(6, 4)) ** 3
    equal = variance == "pooled"
    centred = values - values.mean(axis=0)
    few, many = (part.var(axis=0, ddof=1) / (centred**2).sum(axis=0) for part in (values[:2], values[2:]))
    said = f"p_max is too small .* the 2 people of one vary {few.mean() / many.mean():.2g} times .* as the 4 of"
    with nullcontext() if equal else pytest.warns(UserWarning, match=said):
        table = na.node_test(values, list("aabbbb"), variance=variance, n_nulls=100)
    every = {tuple(sorted(p[:2])) for p in permutations(range(6))}
    null = np.array([
        np.abs(stats.ttest_ind(values[list(k)], np.delete(values, k, axis=0), equal_var=equal).statistic).max()
        for k in every
    ])  # fmt: skip
    t = stats.ttest_ind(values[:2], values[2:], equal_var=equal)
    assert table.t.to_numpy() == pytest.approx(t.statistic, rel=1e-9)
    assert table.p.to_numpy() == pytest.approx(t.pvalue, rel=1e-9)
    assert table.p_max.to_numpy() == pytest.approx([(null >= abs(x) - 1e-9).mean() for x in t.statistic])


def test_a_smaller_group_that_varies_more_is_warned_of(recwarn):
    values = np.random.default_rng(0).normal(size=(32, 10))
    for times, said in ((1, False), (3, True), (1 / 3, False)):
        spread = values * np.where(np.arange(32) < 8, times, 1)[:, None]
        recwarn.clear()
        na.node_test(spread, ["a"] * 8 + ["b"] * 24, variance="welch", n_nulls=9, rng=0)
        assert ["p_holm" in str(w.message) for w in recwarn] == [True] * said


def test_names_of_nodes_are_in_the_table():
    net = na.Connectome(np.random.default_rng(0).normal(size=(8, 3, 3)), labels=["a", "b", "c"])
    table = na.edge_test(net, np.arange(8))
    assert len(table) == 6  # directed: both ways
    assert table[["source", "target"]].to_numpy()[2].tolist() == ["b", "a"]
    frame = pd.DataFrame(np.random.default_rng(0).random((8, 2)), columns=["x", "y"])
    assert na.node_test(frame, np.arange(8)).node.tolist() == ["x", "y"]


@pytest.mark.parametrize("of", ["effect", "subjects", "covariates"])
def test_people_in_another_order_are_refused(of):
    values = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 2)), index=list("abcdef"))
    effect, turned = ["x", "y"] * 3, list("bacdef")
    other = {
        "effect": {"effect": pd.Series(effect, index=turned)},
        "subjects": {"effect": "group", "subjects": pd.DataFrame({"group": effect}, index=turned)},
        "covariates": {"effect": effect, "covariates": pd.DataFrame({"age": range(6)}, index=turned)},
    }[of]
    with pytest.raises(ValueError, match=of):
        na.node_test(values, **other)


@pytest.mark.parametrize("shape", [(6, 3), (6, 2, 3, 3)])
def test_one_network_a_person(shape):
    with pytest.raises(ValueError, match=r"a network per person, shape \(people, n, n\)|square"):
        na.edge_test(np.ones(shape), list("aaabbb"))


def test_a_score_has_no_welch():
    with pytest.raises(ValueError, match="compares two groups without covariates"):
        na.node_test(np.eye(5), np.arange(5), variance="welch")
    with pytest.raises(ValueError, match="at least 2 people in each group"):
        na.node_test(np.eye(5), list("abbbb"), variance="welch")


def test_within_people_is_a_paired_test():
    rng = np.random.default_rng(5)
    first = rng.normal(size=(6, 4)) + 3 * rng.normal(size=(6, 1))
    second = first + rng.normal(size=(6, 4)) + 0.5
    frame = pd.DataFrame({"scan": ["before"] * 6 + ["after"] * 6, "person": list("abcdef") * 2})
    order = rng.permutation(12)
    values = np.concatenate([first, second])[order]
    table = na.node_test(values, "scan", subjects=frame.iloc[order], within="person", n_nulls=64)
    right = stats.ttest_rel(second, first)
    assert table.t.to_numpy() == pytest.approx(right.statistic, rel=1e-9)
    assert table.p.to_numpy() == pytest.approx(right.pvalue, rel=1e-9)
    assert table.df.tolist() == [5] * 4
    assert table.estimate.to_numpy() == pytest.approx((second - first).mean(axis=0))
    assert set(table.covariates) == {"within person"}
    # All 2^6 exchanges of the two scans of a person flip signs of differences.
    signs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1).T
    null = np.abs(stats.ttest_1samp(signs[:, :, None] * (second - first), 0, axis=1).statistic).max(axis=1)
    assert table.n_nulls.tolist() == [64] * 4
    assert table.p_max.to_numpy() == pytest.approx([(null >= abs(t) - 1e-9).mean() for t in right.statistic])


def test_people_of_a_site_change_places_among_themselves():
    """A group that is more common at a site that is different: without sites all seems to differ."""
    rng = np.random.default_rng(0)
    site = np.repeat(["a", "b"], 30)
    group = np.where(rng.random(60) < np.repeat([0.2, 0.8], 30), "x", "y")
    values = rng.normal(size=(60, 5)) + 4 * (site == "a")[:, None]
    assert (na.node_test(values, group, n_nulls=199, rng=0).p_max < 0.05).all()
    table = na.node_test(values, group, within=site, n_nulls=199, rng=0)
    assert (table.p_max > 0.05).all()
    with pytest.raises(ValueError, match="leaves nothing to test"):
        na.node_test(values, site, within=site)


def test_p_of_a_node_among_others_is_what_it_has_alone():
    rng = np.random.default_rng(4)
    values, score, family = rng.normal(size=(8, 3)), rng.normal(size=8), np.repeat(np.arange(4), 2)
    table = na.node_test(values, score, whole=family, n_nulls=24)
    assert table.p.tolist() == [na.node_test(x[:, None], score, whole=family, n_nulls=24).p[0] for x in values.T]
    assert table.p.nunique() == 3


@pytest.mark.parametrize("variance", ["pooled", "welch"])
def test_groups_without_any_overlap_or_variance_are_tied_with_their_mirror(variance):
    """Their t is as large as rounding allows, and so is that of exchanged groups."""
    table = na.node_test([[0.1], [0.1], [0.1], [0.7], [0.7], [0.7]], list("aaabbb"), variance=variance, n_nulls=20)
    assert table.p_max.tolist() == [2 / 20]
    assert table.t.iloc[0] < -1e5


def test_networks_in_a_list_bring_the_names_of_their_nodes():
    rng = np.random.default_rng(3)
    people = [na.Connectome(rng.normal(size=(3, 3)), labels=["a", "b", "c"]) for _ in range(6)]
    stack = na.Connectome(np.stack([net.weights for net in people]), labels=["a", "b", "c"])
    for given in (people, stack):
        table = na.edge_test(given, [0, 0, 0, 1, 1, 1])
        assert table["source"].tolist() == ["a", "a", "b", "b", "c", "c"]


def test_people_that_names_of_files_tell_must_be_in_the_order_of_the_table():
    """Seen: t = 0.75 instead of -15.6 of a shuffled table, as `sub-01_sc` is not `sub-01`."""
    rng = np.random.default_rng(0)
    people = pd.DataFrame({"participant_id": [f"sub-{k:02d}" for k in range(1, 13)], "age": rng.permutation(12) + 1.0})
    nets = []
    for name in people["participant_id"]:
        w = rng.random((5, 5))
        nets.append(na.Connectome(w + w.T, name=f"{name}_sc", metadata={"file": f"{name}_sc.csv"}))
    values = pd.DataFrame(rng.random((12, 3)), index=[net.name for net in nets])
    numbered = people.assign(participant_id=range(1, 13))
    for table in (people, numbered, people.set_index("participant_id")):
        na.node_test(values, "age", subjects=table, n_nulls=0)
        na.edge_test(nets, "age", subjects=table, n_nulls=0)
        shuffled = table.sample(frac=1, random_state=0)
        for call in (
            lambda table: na.edge_test(nets, "age", subjects=table, n_nulls=0),
            lambda table: na.predict_score(nets, "age", subjects=table, n_nulls=0, rng=0),
            lambda table: na.node_test(values, "age", subjects=table, n_nulls=0),
        ):
            with pytest.raises(ValueError, match=r"of subjects holds the names of .* in another order, first in row 0"):
                call(shuffled)
    # Names that are numbers, in a column of any name; a name of a column may come twice.
    for k, net in enumerate(nets):
        nets[k] = net.replace(name=str(100300 + k))
    ids = people.assign(ID=range(100300, 100312)).rename(columns={"participant_id": "note"})
    na.edge_test(nets, "age", subjects=ids, n_nulls=0)
    with pytest.raises(ValueError, match="'ID' of subjects holds the names of the networks in another order"):
        na.edge_test(nets, "age", subjects=ids[::-1].assign(note="x").reset_index(drop=True), n_nulls=0)
    twice = pd.concat([ids, ids[["note"]]], axis=1)
    na.edge_test(nets, ids["age"].to_numpy(), subjects=twice, n_nulls=0)
    na.edge_test(nets, "age", subjects=people.assign(visit=[str(k) for k in rng.permutation(12)]), n_nulls=0)
    # Ages may be the numbers of people: no names, in any order.
    na.edge_test(nets, "age", subjects=people[["age"]], n_nulls=0)


def test_a_table_that_was_shuffled_is_not_matched_by_place():
    """Seen: rows in another order than the networks of an array, which have no names, went unnoticed."""
    rng = np.random.default_rng(0)
    stack, people = rng.random((24, 4, 4)), pd.DataFrame({"group": list("aabb") * 6})
    shuffled = people.iloc[rng.permutation(24)]
    with pytest.raises(
        ValueError, match=r"the rows of subjects were put into another order .* subjects.sort_index\(\)"
    ):
        na.edge_test(stack, "group", subjects=shuffled)
    na.edge_test(stack, "group", subjects=shuffled.reset_index(drop=True))
