import numpy as np
import pytest
from scipy import stats

import netanalysis as na

GRID = np.stack(np.indices((5, 5, 4)), -1).reshape(-1, 3).astype(float)
NET = na.Connectome(np.zeros((100, 100)), positions=GRID)


def test_statistic_is_the_weighted_mean_of_the_submatrix():
    p = np.random.default_rng(0).normal(size=100)
    result = na.spatial_permutation(p, NET, n_nulls=10, rng=0)
    members = p > 0
    rows = NET.distances[np.ix_(members, members)] * np.abs(p[members])[:, None]
    assert result.statistic_first == pytest.approx(rows.mean(), rel=1e-12)
    assert result.n_first + result.n_second == 100


def test_null_mean_equals_its_expectation():
    """Over random sets of m units the mean of D[G, G] with its diagonal is (m - 1) / m times the mean distance."""
    p = np.ones(100)
    p[40:] = 0
    d = NET.distances
    off = d.sum() / (100 * 99)
    fractions = [
        na.spatial_permutation(
            np.where(np.random.default_rng(s).permutation(100) < 40, 1.0, 0.0), NET, n_nulls=50, rng=s
        )
        for s in range(60)
    ]
    mean = np.mean([f.statistic_first for f in fractions])
    assert mean == pytest.approx(39 / 40 * off, rel=0.02)
    assert all(np.isnan(f.statistic_second) and np.isnan(f.p_second) and f.n_second == 0 for f in fractions)


def test_a_compact_set_is_clustered_and_its_complement_is_tested_apart():
    p = np.where(GRID[:, 0] < 2, 1.0, -1.0)
    result = na.spatial_permutation(np.stack([p, -p], 1), NET, n_nulls=199, rng=0)
    assert result.p_perm_first[0] == 0
    assert result.p_first[0] == 1 / 200
    assert result.n_first.tolist() == [40, 60]
    assert result.statistic_first[0] == result.statistic_second[1]


def test_a_shell_is_dispersed():
    p = np.where(np.abs(GRID - GRID.mean(0)).max(1) > 1.6, 1.0, 0.0)
    assert na.spatial_permutation(p, NET, n_nulls=300, rng=0).p_perm_first > 0.95


def test_random_preferences_give_uniform_p():
    rng = np.random.default_rng(1)
    p = [na.spatial_permutation(rng.normal(size=100), NET, n_nulls=99, rng=rng).p_perm_first for _ in range(200)]
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_top_units_use_plain_distances():
    p = np.linspace(-1, 1, 100)
    result = na.spatial_permutation(p, NET, top=25, n_nulls=20, rng=0)
    assert result.n_first == result.n_second == 25
    assert result.statistic_first == pytest.approx(NET.distances[75:, 75:].mean(), rel=1e-12)


def selectivity(rng):
    """Goal and choice explain random shares in 3 windows; units 0-9 are silent in the last."""
    ev = rng.normal(size=(100, 3, 2))
    silent = np.zeros((100, 3), bool)
    silent[:10, 2] = True
    ev[silent] = np.nan
    spans = ((0, 1), (1, 2), (2, 3))
    return na.MixedSelectivity(ev, ev.sum(-1), silent, ("goal", "choice"), spans, np.ones((100, 3)), None, 0)


def test_preference_of_a_mixed_selectivity_is_the_difference_of_magnitudes():
    found = selectivity(np.random.default_rng(0))
    got = na.spatial_permutation(found, NET, n_nulls=20, rng=0)
    p = np.abs(found.explained_variance[..., 0]) - np.abs(found.explained_variance[..., 1])
    plain = na.spatial_permutation(p[:, :2], NET, n_nulls=20, rng=0)
    assert np.array_equal(got.p_first[:2], plain.p_first)
    turned = na.spatial_permutation(found, NET, variables=("choice", "goal"), n_nulls=20, rng=0)
    np.testing.assert_allclose(turned.statistic_first, got.statistic_second)


def test_silent_units_take_no_part_not_even_in_the_null():
    found = selectivity(np.random.default_rng(0))
    got = na.spatial_permutation(found, NET, n_nulls=50, rng=3)
    assert got.n_first[2] + got.n_second[2] == 90
    p = np.zeros((90, 3))
    p[:, 2] = found.preference()[10:, 2]
    without = na.spatial_permutation(p, distances=NET.distances[10:, 10:], n_nulls=50, rng=3)
    assert (got.statistic_first[2], got.p_first[2]) == (without.statistic_first[2], without.p_first[2])
    with pytest.raises(ValueError, match="not silent, 90"):
        na.spatial_permutation(found, NET, top=95)
    with pytest.raises(ValueError, match="variables must be two of"):
        na.spatial_permutation(found, NET, variables=("goal",))
    with pytest.raises(ValueError, match="variables= name those of a MixedSelectivity"):
        na.spatial_permutation(np.zeros(100), NET, variables=("goal", "choice"))


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((np.zeros(100), np.zeros((100, 100))), {}, "positions"),
        ((np.zeros(99), NET), {}, "distances must have shape"),
        ((np.zeros((100, 2, 2)), NET), {}, "preference must have shape"),
        ((np.full(100, np.nan), NET), {}, "preference must be finite"),
        ((np.zeros(100), NET), {"top": 101}, "top must be at most"),
    ],
)
def test_bad_arguments_are_named(args, kwargs, message):
    with pytest.raises(ValueError, match=message):
        na.spatial_permutation(*args, **kwargs)
