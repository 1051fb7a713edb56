"""A scatter shows every row, and a correlation only if asked for one."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netanalysis import plot

RNG = np.random.default_rng(1)
TABLE = pd.DataFrame({"h": RNG.normal(size=30), "group": ["a"] * 20 + ["b"] * 10, "gamma": np.geomspace(1e-4, 1, 30)})
TABLE["q"] = TABLE["h"] ** 3 + RNG.normal(size=30)
TABLE.loc[3, "q"] = np.nan


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_every_finite_row_is_a_dot(ax):
    plot.scatter(TABLE, x="h", y="q", by="group", ax=ax)
    dots = ax.collections[0].get_offsets()
    np.testing.assert_allclose(dots, TABLE[["h", "q"]].dropna())
    assert legend(ax) == ["a (n = 19)", "b (n = 10)"]
    assert len({tuple(colour) for colour in ax.collections[0].get_facecolors()}) == 2


def test_correlations_only_if_asked_for(ax):
    rows = TABLE.dropna()
    plot.scatter(TABLE, x="h", y="q", fit="rank", ax=ax)
    rho = stats.spearmanr(rows["h"], rows["q"]).statistic
    assert legend(ax) == [f"n = 29, ρ = {rho:.3g}"]
    assert not ax.lines


def test_the_line_is_that_of_least_squares(ax):
    rows = TABLE.dropna()
    plot.scatter(TABLE, x="h", y="q", fit="linear", ax=ax)
    slope, start = np.polyfit(rows["h"], rows["q"], 1)
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(y, start + slope * x)
    assert (x.min(), x.max()) == (rows["h"].min(), rows["h"].max())
    assert f"r = {stats.pearsonr(rows['h'], rows['q']).statistic:.3g}" in legend(ax)[0]


def test_area_grows_with_a_column_and_the_legend_says_from_where_to_where(ax):
    plot.scatter(TABLE, x="h", y="q", size="gamma", labels={"gamma": "γ"}, ax=ax)
    areas = ax.collections[0].get_sizes()
    assert (np.diff(areas) > 0).all()
    assert legend(ax)[1:] == ["0.0001", "1"]
    assert ax.get_legend().get_title().get_text() == "area: γ"


@pytest.mark.parametrize("rows", [TABLE[:2], TABLE[:5].assign(h=1.0)])
def test_nothing_is_fitted_to_two_dots_or_to_one_place(rows, ax):
    plot.scatter(rows, x="h", y="q", fit="linear", ax=ax)
    assert not ax.lines
    assert "r =" not in legend(ax)[0]


def test_what_cannot_be_drawn_is_named(ax):
    with pytest.raises(ValueError, match="fit must be"):
        plot.scatter(TABLE, x="h", y="q", fit="cubic", ax=ax)
    with pytest.raises(ValueError, match="size must name a column of table; got 'n'"):
        plot.scatter(TABLE, x="h", y="q", size="n", ax=ax)
