"""Findings are what other programs compute, and verdicts follow their rule."""

import findings
import numpy as np
import pandas as pd
import pytest
from claims import Claims, as_markdown, together, verdict
from findings import Finding
from scipy import stats


def found(value, low, high, p=0.001, null=0.0):
    return Finding("d", value, low, high, p, "20, 20", "a test", "ours", null)


def verdict_of(finding, side, expected=None):
    claims = Claims("A paper")
    claims.add("A claim", "published", finding, side, expected=expected)
    return claims.verdicts()[0]


class TestVerdicts:
    @pytest.mark.parametrize(
        ("finding", "side", "expected", "said"),
        [
            (found(1, 0.5, 1.5), "above", None, "replicated"),
            (found(1, 0.5, 1.5), "above", 1.2, "replicated"),
            (found(1, 0.5, 1.5), "above", 0.2, "replicated"),  # stronger than published
            (found(1, 0.5, 1.5), "above", 1.6, "partly"),  # weaker
            (found(-1, -1.5, -0.5), "below", -1.6, "partly"),
            (found(-1, -1.5, -0.5), "below", -0.4, "replicated"),
            (found(1, -0.1, 2.1), "above", None, "not"),
            (found(1, 0.5, 1.5, p=0.06), "above", None, "not"),
            (found(-1, -1.5, -0.5), "above", None, "not, the opposite"),
            (found(-1, -1.5, 0.5, p=0.2), "above", None, "not"),
            (found(1.4, 1.2, 1.6, null=1), "above", None, "replicated"),
            (found(0.8, 0.7, 0.9, null=1), "above", None, "not, the opposite"),
            (found(np.nan, np.nan, np.nan, p=np.nan), "above", None, "undecided"),
            (found(0.0, -0.1, 0.1), (-0.2, 0.2), None, "replicated"),
            (found(0.0, -0.3, 0.3), (-0.2, 0.2), None, "partly"),
            (found(0.5, 0.4, 0.6), (-0.2, 0.2), None, "not"),
        ],
    )
    def test_rule(self, finding, side, expected, said):
        assert verdict_of(finding, side, expected) == said

    def test_p_is_corrected_over_rows_with_a_side(self):
        claims = Claims("A paper")
        for _ in range(3):
            claims.add("A claim", "", found(1, 0.5, 1.5, p=0.02), "above")
        assert claims.verdicts() == ["not"] * 3
        alone = Claims("A paper")
        alone.add("A claim", "", found(1, 0.5, 1.5, p=0.02), "above")
        for _ in range(2):
            alone.add("Another", "", found(0, -0.1, 0.1, p=0.02), (-0.2, 0.2))
            alone.untested("A third", "published", "no data")
        assert alone.verdicts()[0] == "replicated"
        assert alone.table()["p (Holm)"].notna().sum() == 1

    @pytest.mark.parametrize(
        ("verdicts", "said"),
        [
            (["replicated", "replicated"], "replicated"),
            (["replicated", "not"], "partly"),
            (["not", "not, the opposite"], "not"),
            (["partly", "not tested"], "partly"),
            (["not tested"], "not tested"),
        ],
    )
    def test_of_several_parts(self, verdicts, said):
        assert together(verdicts) == said

    def test_other_readings_stand_beside_and_do_not_count(self):
        claims = Claims("A paper")
        claims.add("A claim", "", found(1, 0.5, 1.5), "above")
        claims.add("A claim", "", found(-1, -1.5, -0.5), "above", reading="found by looking")
        assert claims.overall() == {"A claim": "replicated"}
        assert claims.summary()["in other readings"][0] == "found by looking: not, the opposite"
        shown = claims._repr_markdown_()
        assert "not, the opposite" in shown
        assert shown.index("A claim") < shown.index("claimed")

    def test_one_line_a_row(self):
        assert as_markdown(pd.DataFrame({"a|b": ["c\nd"]})).splitlines()[-1] == "| c d |"


class TestFindings:
    def test_difference(self):
        rng = np.random.default_rng(0)
        a, b = rng.normal(1, 1, 40), rng.normal(0, 1, 30)
        f = findings.difference(a, [*b, np.nan])
        sd = np.sqrt((39 * a.var(ddof=1) + 29 * b.var(ddof=1)) / 68)
        assert f.value == pytest.approx((a.mean() - b.mean()) / sd)
        assert f.p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
        assert f.low < f.value < f.high
        assert f.n == "40, 30"

    def test_difference_of_logarithms(self):
        f = findings.difference([1, 10, 100], [10, 100, 1000], log=True)
        assert f.value == pytest.approx(-1)
        assert f.ours.startswith("10 [")

    def test_at_equal_weight(self):
        """The same as statsmodels, and a difference that the covariate explains is none."""
        import statsmodels.api as sm

        rng = np.random.default_rng(1)
        weight = rng.uniform(50, 500, 90)
        group = rng.random(90) < np.log(weight / 40) / 3
        table = pd.DataFrame({"total_weight": weight, "q": np.log(weight) ** 2 + rng.normal(0, 0.5, 90)})
        a, b = table[group], table[~group]
        assert findings.difference(a["q"], b["q"]).p < 0.01
        f = findings.at_equal(a, b, "q", in_units=True, overlap=False)
        both = pd.concat([a, b])
        log = np.log(both["total_weight"])
        log = log - log.mean()
        design = np.column_stack([np.ones(90), np.repeat([1, 0], [len(a), len(b)]), log, log**2])
        fit = sm.OLS(both["q"].to_numpy(), design).fit(cov_type="HC3", use_t=True)
        assert f.value == pytest.approx(fit.params[1])
        assert f.p == pytest.approx(fit.pvalues[1])
        assert [f.low, f.high] == pytest.approx(fit.conf_int()[1])
        assert f.p > 0.05
        assert findings.at_equal(a, b, "q").value == pytest.approx(
            (e := findings.at_equal(a, b, "q", in_units=True)).value
            / (e.high - e.low)
            * (findings.at_equal(a, b, "q").high - findings.at_equal(a, b, "q").low)
        )

    def test_at_equal_weight_without_overlap(self):
        a, b = (pd.DataFrame({"total_weight": [1.0, 2.0, 3.0], "q": 1.0}) * k for k in (1, 10))
        assert verdict_of(findings.at_equal(a, b, "q"), "above") == "undecided"

    def test_one_group(self):
        x = np.random.default_rng(2).normal(1, 1, 30)
        f = findings.level(x, 0.5)
        assert f.p == pytest.approx(stats.ttest_1samp(x, 0.5).pvalue)
        assert [f.low, f.high] == pytest.approx(stats.t.interval(0.95, 29, x.mean(), stats.sem(x)))
        m = findings.median(x, 0.5)
        assert m.low < np.median(x) < m.high
        assert np.isnan(findings.level([1.0, 1.0]).p)

    def test_medians(self):
        a, b = np.random.default_rng(3).normal([[1], [0]], 1, (2, 30))
        f = findings.medians(a, b)
        assert f.value == pytest.approx(np.median(a) - np.median(b))
        assert f.p == pytest.approx(stats.mannwhitneyu(a, b).pvalue)
        assert f.low < f.value < f.high
        assert f == findings.medians(a, b)

    def test_correlation_share_and_ranks(self):
        x = np.arange(20.0)
        assert findings.correlation(x, x**3).value == pytest.approx(1)
        assert findings.correlation(x, x**3).low > 0.99
        half = findings.share([True] * 10 + [False] * 10, 0.5)
        assert (half.value, half.p) == (0.5, 1.0)
        assert findings.uniform(np.linspace(0, 1, 50)).p > 0.9
        assert findings.uniform(np.linspace(0, 0.3, 50)).p < 1e-6

    @pytest.mark.parametrize(
        ("value", "said"), [(0.123456, "0.123"), (798.6, "799"), (0, "0"), (2e-5, "2e-05"), (np.nan, "undefined")]
    )
    def test_numbers(self, value, said):
        assert findings.number(value) == said

    @pytest.mark.parametrize(
        "found",
        [
            lambda: findings.difference([1.0], [2.0, 3.0]),
            lambda: findings.medians([np.nan], [2.0, 3.0]),
            lambda: findings.level([], 0.5),
            lambda: findings.median([np.nan]),
            lambda: findings.uniform([]),
            lambda: findings.share([], 0.39),
            lambda: findings.correlation([1, 2, np.nan], [1, 2, 3]),
        ],
    )
    def test_too_few_networks_leave_a_claim_undecided(self, found):
        claims = Claims("A paper")
        claims.add("A claim", "", found(), "above")
        assert claims.verdicts() == ["undecided"]
        assert "too few networks" in claims._repr_markdown_()


def test_verdict_needs_a_finding():
    claims = Claims("A paper")
    claims.untested("A claim", "published", "no networks")
    assert verdict(claims.rows[0], np.nan) == "not tested"
    assert claims.table()["ours"][0] == "no networks"


def test_a_perfect_order_of_few_networks_is_no_proof():
    """Student's t has p 0 there. Of all orders of seven two are as far from chance."""
    finding = findings.correlation(range(7), [7, 6, 5, 4, 3, 2, 1])
    assert finding.p == pytest.approx(2 / 5040)
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 6)).round(1)
    assert findings.correlation(x, y).p == pytest.approx(
        stats.permutation_test(
            (x,), lambda x: stats.spearmanr(x, y)[0], permutation_type="pairings", n_resamples=np.inf
        ).pvalue,
        abs=0.01,
    )
