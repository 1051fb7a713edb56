"""F tests, contrasts and people who are not independent, against statsmodels, scipy and brute force."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.anova import AnovaRM

import netanalysis as na


@pytest.fixture
def people():
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "group": rng.permutation(list("abc") * 8),
            "age": rng.normal(50, 9, 24),
            "dose": rng.normal(size=24),
            "site": rng.permutation(list("xy") * 12),
        }
    )


@pytest.fixture
def values(people):
    return np.random.default_rng(8).normal(size=(24, 5)) + 0.1 * people[["age"]].to_numpy()


def full_model(people):
    groups = pd.get_dummies(people.group, dtype=float)
    return groups.assign(age=people.age, y=(people.site == "y").astype(float))


def test_more_than_two_groups_are_an_f_test(people, values):
    plain = na.node_test(values, "group", subjects=people)
    right = stats.f_oneway(*(values[people.group == name] for name in "abc"))
    assert plain.F.to_numpy() == pytest.approx(right.statistic, rel=1e-9)
    assert plain.p.to_numpy() == pytest.approx(right.pvalue, rel=1e-9)
    assert (plain.df_effect.tolist(), plain.df.tolist()) == ([2] * 5, [21] * 5)
    table = na.node_test(values, "group", subjects=people, covariates=["age", "site"])
    x = full_model(people)
    for k, row in table.iterrows():
        fit, reduced = sm.OLS(values[:, k], x).fit(), sm.OLS(values[:, k], sm.add_constant(x[["age", "y"]])).fit()
        test = fit.f_test("a = b, b = c")
        assert (row.F, row.p, row.df) == pytest.approx((test.fvalue, test.pvalue, test.df_denom), rel=1e-8)
        assert row.partial_r2 == pytest.approx(1 - fit.ssr / reduced.ssr, rel=1e-8)
    assert set(table.contrast) == {"differences of a, b, c"}


@pytest.mark.parametrize(
    ("contrast", "said", "label"),
    [
        (("a", "c"), "a - c", "a - c"),
        ({"b": 1, "a": -0.5, "c": -0.5}, "b - 0.5 * a - 0.5 * c", "b - 0.5 a - 0.5 c"),
    ],
)
def test_a_contrast_of_some_groups_leaves_the_others_in_the_model(people, values, contrast, said, label):
    table = na.node_test(values, "group", subjects=people, covariates=["age", "site"], contrast=contrast)
    for k, row in table.iterrows():
        test = sm.OLS(values[:, k], full_model(people)).fit().t_test(said)
        right = (test.effect[0], test.tvalue.item(), float(test.pvalue))
        assert (row.estimate, row.t, row.p) == pytest.approx(right, rel=1e-8)
    assert set(table.contrast) == {label}


@pytest.mark.parametrize(("count", "end"), [(9, "g7, g8"), (10, "g7, g8 …")])
def test_the_names_of_many_groups_are_cut(count, end):
    values = np.random.default_rng(0).normal(size=(2 * count, 2))
    table = na.node_test(values, [f"g{k % count}" for k in range(2 * count)])
    assert table.contrast[0].endswith(end)


def test_several_contrasts_or_scores_are_tested_together(people, values):
    two = na.node_test(values, "group", subjects=people, covariates="age", contrast=[("a", "b"), {"b": 2, "c": -2}])
    whole = na.node_test(values, "group", subjects=people, covariates="age")
    assert two.F.to_numpy() == pytest.approx(whole.F.to_numpy(), rel=1e-9)
    scores = na.node_test(values, people[["age", "dose"]], covariates=people[["site"]])
    x = sm.add_constant(full_model(people)[["age", "y"]].assign(dose=people.dose))
    for k, row in scores.iterrows():
        test = sm.OLS(values[:, k], x).fit().f_test("age = 0, dose = 0")
        assert (row.F, row.p) == pytest.approx((test.fvalue, test.pvalue), rel=1e-8)
    assert set(scores.contrast) == {"any of age, dose"}


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_f_of_one_effect_is_the_square_of_t(seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(10, 5, 5))
    w += w.swapaxes(1, 2)
    z, x = rng.normal(size=(10, 1)), rng.normal(size=10)
    options = {"covariates": z, "n_nulls": 50, "rng": 3}
    t = na.edge_test(w, x, **options)
    f = na.edge_test(w, x[:, None], **options)
    assert f.F.to_numpy() == pytest.approx(t.t.to_numpy() ** 2, rel=1e-9)
    assert f.p.to_numpy() == pytest.approx(t.p.to_numpy(), rel=1e-9)
    assert f.p_max.to_numpy() == pytest.approx(t.p_max.to_numpy())
    by_t = na.network_based_statistic(w, x, threshold=1, statistic="intensity", **options)
    by_f = na.network_based_statistic(w, x[:, None], threshold=1, statistic="intensity", **options)
    assert np.array_equal(by_f.component > 0, by_t.component > 0)
    assert (by_f.edge_statistic, by_f.df_effect, by_f.sign.tolist()) == ("F", 1, [1] * len(by_f.p))
    scored = [na.threshold_free_test(w, effect, **options) for effect in (x, x[:, None])]
    assert scored[1].t == pytest.approx(scored[0].t ** 2, nan_ok=True)


def test_arrangements_of_an_f_test_are_those_of_freedman_and_lane():
    """Refitted by least squares, for all orders of six people in three groups."""
    rng = np.random.default_rng(3)
    y, z, group = rng.normal(size=(6, 3)), rng.normal(size=6), np.repeat(list("abc"), 2)
    table = na.node_test(y, group, covariates=z, n_nulls=720)
    reduced = np.column_stack([np.ones(6), z])
    full = np.column_stack([reduced, group == "a", group == "b"])

    def missed(x, values):
        return ((values - x @ np.linalg.lstsq(x, values, rcond=None)[0]) ** 2).sum(axis=0)

    fit = reduced @ np.linalg.lstsq(reduced, y, rcond=None)[0]
    null = []
    for order in permutations(range(6)):
        new = fit + (y - fit)[list(order)]
        null.append(((missed(reduced, new) - missed(full, new)) / 2 / (missed(full, new) / 2)).max())
    assert table.n_nulls.tolist() == [720] * 3
    expected = [(np.array(null) >= f * (1 - 1e-9)).mean() for f in table.F]
    assert table.p_max.to_numpy() == pytest.approx(expected)


def test_repeated_measures_are_those_of_an_analysis_of_variance():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"person": np.repeat(list("pqrstu"), 3), "time": list("abc") * 6})
    y = rng.normal(size=18) + 3 * np.repeat(rng.normal(size=6), 3)
    row = na.node_test(y[:, None], "time", subjects=frame, within="person", n_nulls=99, rng=0).iloc[0]
    right = AnovaRM(frame.assign(y=y), "y", "person", ["time"]).fit().anova_table.iloc[0]
    assert (row.F, row.p) == pytest.approx((right["F Value"], right["Pr > F"]), rel=1e-9)
    assert (row.df_effect, row.df, row.exchange) == (2, 10, "people within person")


def test_families_change_places_as_a_whole():
    """All arrangements by hand: families of two among themselves, those of three among themselves."""
    rng = np.random.default_rng(2)
    family = np.array(list("aabbbccdddee"))
    y, x = rng.normal(size=(12, 3)), rng.normal(size=12)
    table = na.node_test(y, x, whole=family, n_nulls=12)
    pairs, triples = [[0, 1], [5, 6], [10, 11]], [[2, 3, 4], [7, 8, 9]]
    null = []
    for two, three in product(permutations(pairs), permutations(triples)):
        order = np.arange(12)
        order[np.ravel(pairs)], order[np.ravel(triples)] = np.ravel(two), np.ravel(three)
        null.append(np.abs([stats.linregress(x[order], y[:, k]).rvalue for k in range(3)]))
    observed = np.abs([stats.linregress(x, y[:, k]).rvalue for k in range(3)])
    assert set(table.n_nulls) == {12}
    assert table.p.to_numpy() == pytest.approx([(np.array(null)[:, k] >= observed[k] - 1e-12).mean() for k in range(3)])
    assert table.p_max.to_numpy() == pytest.approx([(np.max(null, axis=1) >= r - 1e-12).mean() for r in observed])
    assert set(table.exchange) == {"whole blocks"}
    site = np.where(np.isin(family, list("abc")), "x", "y")
    nested = na.node_test(y, x, whole=pd.Series(family, name="family"), within=site, n_nulls=12)
    assert set(nested.n_nulls) == {2 * 1 * 1 * 1}
    assert set(nested.exchange) == {"whole family within blocks"}
    with pytest.raises(ValueError, match="give n_nulls"):
        na.node_test(y, x, whole=family)


def test_as_many_people_as_terms_are_too_few():
    """They would be fitted perfectly."""
    with pytest.raises(ValueError, match="2 people are too few for an effect, a constant"):
        na.node_test([[1.0, 2], [2, 4]], list("ab"))


@pytest.mark.parametrize("weights", [{"a": 1, "b": -0.5}, {"a": 1, "b": 1}, {"a": 0, "b": 0}])
def test_weights_of_a_contrast_sum_to_0(people, values, weights):
    with pytest.raises(ValueError, match="weights of contrast must sum to 0 and not all be 0"):
        na.node_test(values, "group", subjects=people, contrast=weights)


def of_families(rng, count, size, edges):
    """Values (people, edges) that members of a family share in part."""
    shared = np.repeat(rng.normal(size=(count, edges)), size, axis=0)
    return shared + 0.6 * rng.normal(size=shared.shape)


def as_networks(values, n):
    w = np.zeros((len(values), n, n))
    w[:, *np.triu_indices(n, 1)] = values
    return w + w.swapaxes(1, 2)


def test_an_effect_of_families_and_of_three_groups_is_found():
    rng = np.random.default_rng(0)
    family, group = np.repeat(np.arange(18), 2), np.repeat(np.repeat(list("abc"), 6), 2)
    values = of_families(rng, 18, 2, 45)
    values[group == "c", :4] += 6  # edges of node 0 with 1 to 4
    w = as_networks(values, 10)
    test = na.network_based_statistic(w, group, whole=family, threshold=8, n_nulls=200, rng=0)
    assert test.smallest_p < 0.05
    assert test.edge_mask()[0, 1:5].all()
    table = na.edge_test(w, group, whole=family, n_nulls=200, rng=0)
    assert (table.p_max[:4] < 0.05).all()
    assert (table.p_max[4:] > 0.05).sum() >= 35
    assert na.threshold_free_test(w, group, whole=family, n_nulls=200, rng=0).edge_mask()[0, 1:5].all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["families", "three groups", "covariate"])
def test_false_alarms_of_one_in_twenty(kind):
    """1,000 null data sets; 0.05 lies in the interval of what is found, and families taken as independent do not."""
    n_sets, level = 1000, 0.05
    rng = np.random.default_rng(0)
    alarms, naive = 0, 0
    family = np.repeat(np.arange(16), 2)
    for k in range(n_sets):
        if kind == "families":
            values, effect = of_families(rng, 16, 2, 15), np.repeat(rng.permutation(list("ab") * 8), 2)
            options = {"whole": family}
            naive += na.edge_test(as_networks(values, 6), effect, n_nulls=99, rng=k).p_max.min() <= level
        else:
            age = rng.normal(size=32)
            values = rng.standard_t(4, size=(32, 15)) + age[:, None]
            effect = rng.permutation(list("abcd") * 8) if kind == "three groups" else age + rng.normal(size=32)
            options = {"covariates": age[:, None]}
        threshold = 4.0 if kind == "three groups" else 2.0
        w = as_networks(values, 6)
        test = na.network_based_statistic(
            w, effect, threshold=threshold, statistic="intensity", n_nulls=99, rng=k, **options
        )
        alarms += test.smallest_p <= level
    found = stats.binomtest(alarms, n_sets).proportion_ci(0.999)
    assert found.low < level < found.high, (alarms, naive)
    assert kind != "families" or naive > 2 * level * n_sets
