import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.multitest import multipletests

import netanalysis as na


def recording(kinds, n_trials=240, noise=1.0, seed=0):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, (2, n_trials))
    drive = {"pure": a, "linear mixed": a + b, "nonlinear mixed": a ^ b, "untuned": 0 * a}
    activity = np.stack([drive[k] for k in kinds], 1) + noise * rng.normal(size=(n_trials, len(kinds)))
    return na.Recording(activity[:, None, :], {"a": a.astype(str), "b": b.astype(str)})


def test_planted_units_are_classified():
    kinds = np.repeat(["pure", "linear mixed", "nonlinear mixed", "untuned"], 40)
    result = na.tuning(recording(kinds), ["a", "b"], windows=1, rng=0)
    right = result.classes[:, 0] == kinds
    for kind in np.unique(kinds):
        assert right[kinds == kind].mean() >= 0.9, kind
    assert result.terms == ("a", "b", "interaction")


def test_effects_equal_statsmodels_partial_r_squared():
    rec = recording(["pure", "linear mixed", "nonlinear mixed", "untuned"])
    result = na.tuning(rec, ["a", "b"], windows=1, n_nulls=1, rng=0)
    frame = pd.DataFrame(rec.conditions)
    for unit in range(4):
        frame["y"] = rec.activity[:, 0, unit]
        ssr = {f: smf.ols(f"y ~ {f}", frame).fit().ssr for f in ("a", "b", "a + b", "a * b")}
        expected = [1 - ssr["a + b"] / ssr["b"], 1 - ssr["a + b"] / ssr["a"], 1 - ssr["a * b"] / ssr["a + b"]]
        np.testing.assert_allclose(result.effect[unit, 0], expected, rtol=1e-8)


def test_permutation_p_follows_the_f_test():
    rec = recording(["untuned"] * 100, n_trials=100)
    result = na.tuning(rec, ["a", "b"], windows=1, n_nulls=999, rng=1)
    f = result.effect[:, 0, 0] / (1 - result.effect[:, 0, 0]) * 97
    np.testing.assert_allclose(result.p[:, 0, 0], stats.f.sf(f, 1, 97), atol=0.06)
    for term in range(3):
        assert stats.kstest(result.p[:, 0, term], "uniform").pvalue > 0.01


@pytest.mark.parametrize(("ours", "theirs"), [("benjamini-hochberg", "fdr_bh"), ("holm", "holm"), ("none", None)])
def test_corrections_equal_statsmodels(ours, theirs):
    rec = recording(["pure"] * 5 + ["untuned"] * 15)
    result = na.tuning(rec, ["a", "b"], windows=1, correction=ours, n_nulls=199, rng=0)
    p = result.p[:, 0, 0]
    expected = p if theirs is None else multipletests(p, method=theirs)[1]
    np.testing.assert_allclose(result.p_corrected[:, 0, 0], expected, rtol=1e-12)


def test_silent_units_and_single_variables():
    rec = recording(["pure", "untuned"])
    rec = na.Recording(np.concatenate([rec.activity, np.ones((240, 1, 1))], axis=2), rec.conditions)
    result = na.tuning(rec, ["a"], windows=1, rng=0)
    assert result.terms == ("a",)
    assert result.classes[:, 0].tolist() == ["pure", "untuned", "silent"]
    assert np.isnan(result.p[2]).all()


def test_confounded_variables_are_refused():
    rec = recording(["pure"])
    rec = na.Recording(rec.activity, rec.conditions.assign(c=rec.conditions["a"]))
    with pytest.raises(ValueError, match="'a' cannot be told apart"):
        na.tuning(rec, ["a", "c"], windows=1)


def test_demixed_parts_are_orthogonal_and_complete():
    rng = np.random.default_rng(0)
    a, b, c = (i.ravel() for i in np.indices((2, 3, 2)))
    rec = na.Recording(
        np.repeat(rng.normal(size=(12, 7, 5)), 2, axis=0),
        {k: np.repeat(v, 2) for k, v in zip("abc", (a, b, c), strict=True)},
    )
    result = na.demixed_variance(rec, ["a", "b", "c"])
    np.testing.assert_allclose(result.fractions.sum(axis=1), 1, rtol=1e-12)
    assert result.parts == ("time", "a", "b", "c", "a x b", "a x c", "b x c", "a x b x c")
    # A two-way analysis of variance by hand for one part, time included.
    mean = rec.activity[::2].reshape(2, 3, 2, 7, 5)
    centred = mean - mean.mean(axis=(0, 1, 2, 3))
    time = centred.mean(axis=(0, 1, 2))
    only_a = centred.mean(axis=(1, 2)) - time
    expected = (only_a**2).mean(axis=(0, 1)) / (centred**2).mean(axis=(0, 1, 2, 3))
    np.testing.assert_allclose(result.fractions[:, 1], expected, rtol=1e-12)


def test_demixing_needs_every_combination():
    rec = na.Recording(np.zeros((3, 1, 1)), {"a": [0, 0, 1], "b": [0, 1, 1]})
    with pytest.raises(ValueError, match=r"no trial has \{'a': .*1.*, 'b': .*0"):
        na.demixed_variance(rec, ["a", "b"])
    with pytest.raises(ValueError, match="variables must name columns"):
        na.demixed_variance(rec, ["z"])
    with pytest.raises(TypeError, match="list of columns"):
        na.demixed_variance(rec, "a")
    with pytest.warns(na.UndefinedWarning, match="demixed_variance is nan"):
        assert np.isnan(na.demixed_variance(rec, ["a"]).fractions).all()
