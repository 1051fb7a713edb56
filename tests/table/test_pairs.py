"""Pairs of networks: which belong together, how large the difference is, and its p."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import netanalysis as na

RNG = np.random.default_rng(0)


def table(values, seeds, **more):
    return pd.DataFrame({"network": range(len(values)), "measure": "m", "value": values, "seed": seeds} | more)


A, B = RNG.normal(0.3, 1, 9), RNG.normal(0, 1, 9)


def test_the_difference_is_that_of_the_pairs_in_any_order():
    order = RNG.permutation(9)
    row = na.compare(table(A, range(9)), table(B[order], order), paired="seed", confidence=0.9).iloc[0]
    difference = A - B
    low, high = stats.t.interval(0.9, 8, difference.mean(), stats.sem(difference))
    assert row["n_pairs"] == 9
    assert row["difference"] == pytest.approx(difference.mean())
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((low, high))
    assert row["cohen_dz"] == pytest.approx(difference.mean() / difference.std(ddof=1))
    assert row["hedges_gz"] == pytest.approx(row["cohen_dz"] * (1 - 3 / (4 * 8 - 1)), rel=2e-3)
    assert row["t"] == pytest.approx(stats.ttest_rel(A, B).statistic)


def test_p_of_sign_flips_is_that_of_all_of_them():
    difference = A - B
    signs = np.array(list(product([1, -1], repeat=9)))
    means = (signs * difference).mean(axis=1)
    p = min(1, 2 * min((means >= difference.mean() - 1e-12).mean(), (means <= difference.mean() + 1e-12).mean()))
    assert na.compare(table(A, range(9)), table(B, range(9)), paired="seed")["p"][0] == pytest.approx(p)


def test_p_of_random_sign_flips_is_near_and_repeats_itself():
    a, b = table(A, range(9)), table(B, range(9))
    exact = na.compare(a, b, paired="seed")["p"][0]
    drawn = [na.compare(a, b, paired="seed", n_nulls=400, rng=1)["p"][0] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] == pytest.approx(exact, abs=0.1)


def test_p_of_wilcoxon_is_that_of_scipy():
    p = na.compare(table(A, range(9)), table(B, range(9)), paired="seed", test="wilcoxon")["p"][0]
    assert p == pytest.approx(stats.wilcoxon(A, B).pvalue)


@pytest.mark.parametrize("test", ["permutation", "wilcoxon"])
def test_pairs_that_differ_by_rounding_do_not_differ(test):
    row = na.compare(table(A, range(9)), table(A * (1 + 1e-15), range(9)), paired="seed", test=test).iloc[0]
    assert row["p"] == 1
    assert np.isnan(row["cohen_dz"])


def test_networks_without_a_partner_or_a_value_are_counted():
    a, b = table([1.0, 2, np.nan, 4], [0, 1, 2, 7]), table([0.0, 0, 0], [2, 1, 0])
    row = na.compare(a, b, paired="seed").iloc[0]
    assert row[["n_pairs", "undefined", "unpaired_a", "unpaired_b"]].tolist() == [2, 1, 1, 0]
    assert row["difference"] == 1.5
    few = na.compare(a[:1], b, paired="seed").iloc[0]
    assert np.isnan(few["p"])
    assert few["note"] == "fewer than 2 pairs of defined values"


def test_several_columns_can_tell_the_pairs():
    a = table([1.0, 2, 3, 4], [0, 0, 1, 1], gamma=[1, 2, 1, 2])
    b = a.assign(value=[0.0, 0, 0, 0])[::-1]
    with pytest.raises(ValueError, match="paired must tell the networks of a apart; seed 0 comes more than once"):
        na.compare(a, b, paired="seed")
    assert na.compare(a, b, paired=["seed", "gamma"])["difference"][0] == 2.5


def test_networks_are_paired_by_their_metadata():
    def nets(scale):
        rng = np.random.default_rng(5)
        return [na.Connectome(scale * rng.random((4, 4)), metadata={"seed": k}, name=f"n{k}") for k in range(5)]

    row = na.compare(nets(2.0), nets(1.0)[::-1], ["total_weight"], paired="seed").iloc[0]
    assert row["difference"] == pytest.approx(row["mean_b"])
    assert row["p"] == pytest.approx(2 / 2**5)


def test_what_cannot_be_paired_is_named():
    a, b = table(A, range(9)), table(B, range(9))
    with pytest.raises(
        ValueError, match=r"paired names 'animal', but a has no such column: summarise it with metadata="
    ):
        na.compare(a, b, paired="animal")
    with pytest.raises(ValueError, match="but b has networks whose metadata lack it"):
        na.compare(a, b.assign(seed=[None] * 9), paired="seed")
    with pytest.raises(ValueError, match=r"a and b have no pair: seed is 0, 1, 2, 3, 4, … \(9 in all\) in a, 100"):
        na.compare(a, b.assign(seed=range(100, 109)), paired="seed")
    with pytest.raises(ValueError, match="test must be one of"):
        na.compare(a, b, paired="seed", test="welch")
    with pytest.raises(ValueError, match="test must be one of"):
        na.compare(a, b, test="wilcoxon")
    with pytest.raises(ValueError, match="paired is empty"):
        na.compare(a, b, paired=[])


def test_epochs_of_one_training_are_said_to_be_no_independent_pairs():
    rows = [
        {"network": f"{seed}-{epoch}", "measure": "m", "value": seed + 0.1 * epoch, "seed": seed, "epoch": epoch}
        for seed in range(4)
        for epoch in (1, 2)
    ]
    a = pd.DataFrame(rows)
    b = a.assign(value=a["value"] + np.arange(8) ** 2)
    assert "epochs of 4 trainings" in na.compare(a, b, paired=["seed", "epoch"])["note"].iloc[0]
    once = [table[table["epoch"] == 2] for table in (a, b)]
    assert na.compare(*once, paired=["seed", "epoch"])["note"].iloc[0] == ""
