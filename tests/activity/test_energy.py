import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import netanalysis as na


@pytest.fixture(scope="module")
def population():
    rng = np.random.default_rng(2)
    groups = ["L1"] * 9 + ["seRNN"] * 8
    networks = [rng.normal(size=(12, 12)) * rng.uniform(0.2, 2) for _ in groups]
    recordings = []
    for w, g in zip(networks, groups, strict=True):
        level = 1 - 0.25 * (g == "seRNN") + 0.5 * np.abs(w).mean() + 0.2 * rng.normal()
        recordings.append(na.Recording(level + rng.normal(size=(6, 10, 12)), time=np.arange(30, 40)))
    return networks, recordings, groups


def test_coefficients_and_errors_equal_statsmodels(population):
    networks, recordings, groups = population
    fit = na.energy(networks, recordings, groups, start=32, stop=40)
    frame = pd.DataFrame(
        {
            "y": np.concatenate([r.activity[:, 2:].mean(axis=(0, 1)) for r in recordings]),
            "group": np.repeat(groups, 12),
            "w": np.repeat([np.abs(w).mean() for w in networks], 12),
            "net": np.repeat(np.arange(17), 12),
        }
    )
    naive = smf.ols("y ~ group + w", frame).fit()
    robust = smf.ols("y ~ group + w", frame).fit(cov_type="cluster", cov_kwds={"groups": frame["net"]}, use_t=True)
    np.testing.assert_allclose(fit.coefficient, naive.params, rtol=1e-9)
    np.testing.assert_allclose(fit.naive_standard_error, naive.bse, rtol=1e-9)
    np.testing.assert_allclose(fit.standard_error, robust.bse, rtol=1e-9)
    np.testing.assert_allclose(fit.p, robust.pvalues, rtol=1e-7)
    np.testing.assert_allclose(fit.interval, robust.conf_int(), rtol=1e-8)
    assert fit.terms == ("intercept", "seRNN", "mean weight")
    assert (fit.n_units, fit.n_networks) == (204, 17)


def test_clustered_errors_are_larger_when_units_of_a_network_share_noise(population):
    fit = na.energy(*population, start=30, stop=40)
    assert fit.standard_error[1] > 1.5 * fit.naive_standard_error[1]


def test_bad_input_is_named(population):
    networks, recordings, groups = population
    with pytest.raises(ValueError, match="equally many; got 17, 17 and 3"):
        na.energy(networks, recordings, groups[:3], start=30, stop=40)
    with pytest.raises(ValueError, match=r"recordings\[0\] must have the 12 units"):
        na.energy(networks, recordings, groups, start=90, stop=99)
    other = na.Recording(np.ones((6, 10, 11)), time=np.arange(30, 40))
    with pytest.raises(ValueError, match=r"recordings\[0\] must have the 12 units .* got 11 units"):
        na.energy(networks, [other, *recordings[1:]], groups, start=30, stop=40)
    with pytest.raises(ValueError, match="groups must be at least 2"):
        na.energy(networks, recordings, ["a"] * 17, start=30, stop=40)
    with pytest.raises(ValueError, match="networks must be finite"):
        na.energy([np.full((12, 12), np.nan), *networks[1:]], recordings, groups, start=30, stop=40)
