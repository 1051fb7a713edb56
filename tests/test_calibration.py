"""Where nothing is, one test in twenty finds something, and one interval of 95 % in twenty misses the truth.

2,000 simulated data sets each: at 5 % their rate lies within 4 % and 6 % for 19 seeds in 20. The numbers of null values
are such that a p of exactly 0.05 can be attained.
"""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na

pytestmark = pytest.mark.slow
COUNT = 2_000


def checked(reported, section, what, of, errors):
    rate = float(np.mean(errors))
    reported(section, **{section.lower(): what, "data": of, "rate": f"{100 * rate:.1f} %"})
    assert len(errors) == COUNT
    assert 0.04 <= rate <= 0.06, rate


@pytest.mark.parametrize(("side", "n_nulls"), [("two-sided", 39), ("two-sided", 199), ("greater", 19), ("less", 99)])
def test_null_test(reported, side, n_nulls):
    stack = np.random.default_rng(n_nulls).lognormal(size=(COUNT, 6, 6))
    found = na.null_test(
        stack, lambda w: w[..., 0, :].sum(-1), na.nulls.weight_shuffle,
        n_nulls=n_nulls, alternative=side, rng=1, vectorized=True,
    )  # fmt: skip
    of = "lognormal weights, weight_shuffle, first strength"
    checked(reported, "Tests", f"`null_test`, {side}, {n_nulls} nulls", of, found.p <= 0.05)


def test_null_test_of_rewired_networks(reported):
    """Networks drawn by the null model itself are as its other draws; a sum of unequal places has no ties."""
    rng = np.random.default_rng(5)
    w = np.triu(rng.random((16, 16)) < 0.35, 1) * 1.0
    worth = rng.normal(size=(16, 16))
    stack = na.nulls.degree_preserving(w + w.T, rng=0, size=COUNT)
    found = na.null_test(
        stack, lambda w: (w * worth).sum((-1, -2)), na.nulls.degree_preserving, n_nulls=79, rng=1, vectorized=True
    )
    checked(
        reported, "Tests", "`null_test`, rewired, 79 nulls", "one degree sequence, sum over places", found.p <= 0.05
    )


def of_groups(rng, size, kind):
    """A table of as many measures as there are simulations."""
    values = rng.normal(size=(COUNT, size)) if kind == "normal" else rng.exponential(size=(COUNT, size))
    frame = pd.DataFrame(values, index=[f"m{k}" for k in range(COUNT)])
    return frame.rename_axis("measure").reset_index().melt("measure", var_name="network").assign(definition="")


@pytest.mark.parametrize("test", ["welch", "permutation"])
def test_compare_of_groups(reported, test):
    rng = np.random.default_rng(7)
    found = na.compare(of_groups(rng, 15, "normal"), of_groups(rng, 20, "normal"), test=test, n_nulls=999, rng=0)
    of = "15 and 20 normal values"
    checked(reported, "Tests", f"`compare`, {test}", of, found.p <= 0.05)
    if test == "welch":
        misses = (found.difference_low > 0) | (found.difference_high < 0)
        checked(reported, "Intervals", "`compare`, difference of means", of, misses)


@pytest.mark.parametrize("test", ["permutation", "wilcoxon"])
def test_compare_of_pairs(reported, test):
    rng = np.random.default_rng(8)
    a, b = (of_groups(rng, 18, "normal").assign(seed=lambda t: t.network) for _ in range(2))
    found = na.compare(a, b, paired="seed", test=test, n_nulls=999, rng=0)
    checked(reported, "Tests", f"`compare`, pairs, {test}", "18 pairs of normal values", found.p <= 0.05)
    if test == "permutation":
        misses = (found.difference_low > 0) | (found.difference_high < 0)
        checked(reported, "Intervals", "`compare`, difference of pairs", "18 pairs of normal values", misses)


def test_compare_effect_sizes(reported):
    rng = np.random.default_rng(9)
    a = of_groups(rng, 20, "normal")
    found = na.compare(a.assign(value=a.value + 0.8), of_groups(rng, 25, "normal"))
    misses = (found.g_low > 0.8) | (found.g_high < 0.8)
    checked(reported, "Intervals", "`compare`, Hedges' g", "20 and 25 normal values, true effect 0.8", misses)


@pytest.mark.parametrize("n_people", [12, 40])
def test_bootstrap_over_people(reported, n_people):
    rng = np.random.default_rng(n_people)
    misses = []
    for k in range(COUNT):
        people = np.zeros((n_people, 2, 2))
        people[:, 0, 1] = rng.normal(1, 0.5, size=n_people)
        low, high = na.bootstrap(people, lambda w: w[0, 1], over="people", rng=k).interval
        misses.append(not low <= 1 <= high)
    checked(reported, "Intervals", f"`bootstrap` over {n_people} people", "a normal weight, its mean", misses)


def test_bootstrap_over_nodes(reported):
    """Nodes that differ in how many connections they make: which were drawn matters most."""
    rng = np.random.default_rng(3)
    misses = []
    for k in range(COUNT):
        rate = rng.uniform(0.1, 0.9, size=30)
        w = (rng.random((30, 30)) < rate[:, None] * rate) * 1.0
        np.fill_diagonal(w, 0)
        low, high = na.bootstrap(w, density, rng=k).interval
        misses.append(not low <= 0.25 <= high)
    checked(reported, "Intervals", "`bootstrap` over 30 nodes", "directed network of unlike nodes, density", misses)


def density(w):
    return np.count_nonzero(w) / (w.shape[0] * (w.shape[0] - 1))


def test_uncertainty_of_counts(reported):
    rng = np.random.default_rng(4)
    rates = rng.uniform(20, 60, size=(5, 5))
    misses = []
    for k in range(COUNT):
        found = na.uncertainty(rng.poisson(rates).astype(float), lambda w: w.sum(), noise="resampling", rng=k)
        misses.append(not found.interval[0] <= rates.sum() <= found.interval[1])
    checked(reported, "Intervals", "`uncertainty`, resampling", "Poisson counts of 25 connections, their sum", misses)


def test_decoding(reported):
    """With so many trials scores are seldom equal, which p counts as extreme."""
    rng, label = np.random.default_rng(11), {"label": np.repeat([0, 1], 250)}
    found = [
        na.decode(na.Recording(rng.normal(size=(500, 1, 4)), label), "label", penalty=100.0, n_nulls=39, rng=rng)
        for _ in range(COUNT)
    ]
    of = "2 labels of 250 trials of noise, 4 units"
    checked(reported, "Tests", "`decode`, 39 nulls", of, [one.p[0] <= 0.05 for one in found])
