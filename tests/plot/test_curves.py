"""A curve shows the means, the intervals and the numbers of the table."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from netanalysis import plot

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "epoch": np.tile(np.arange(4), 14),
        "q": RNG.gamma(2.0, size=56),
        "group": np.repeat(["b", "a"], 28),
        "text": "x",
    }
)


def line(ax, index=0):
    return ax.lines[index].get_xydata()


def band(ax, index=0):
    """Lowest and highest point of a band at each x."""
    points = ax.collections[index].get_paths()[0].vertices
    return np.array([[points[points[:, 0] == x, 1].min(), points[points[:, 0] == x, 1].max()] for x in range(4)])


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def expected(values, interval):
    mean, n = values.mean(), len(values)
    if interval == "ci":
        return stats.t.interval(0.95, n - 1, mean, stats.sem(values))
    if interval == "quartiles":
        return np.percentile(values, [25, 75])
    half = {"se2": 2 * stats.sem(values), "sd": values.std(ddof=1)}[interval]
    return mean - half, mean + half


@pytest.mark.parametrize("interval", ["ci", "se2", "sd", "quartiles"])
@pytest.mark.parametrize("log_y", [False, True])
def test_means_and_intervals_are_those_of_the_values(interval, log_y, ax):
    plot.curve(TABLE, x="epoch", y="q", by="group", interval=interval, log_y=log_y, ax=ax)
    for k, group in enumerate("ba"):
        values = [TABLE["q"][(TABLE["group"] == group) & (TABLE["epoch"] == epoch)] for epoch in range(4)]
        centre = [np.median(v) if interval == "quartiles" else v.mean() for v in values]
        np.testing.assert_allclose(line(ax, k), np.column_stack([range(4), centre]))
        np.testing.assert_allclose(band(ax, k), [expected(v, interval) for v in values])
    said = {"ci": "95 %", "se2": "2 SE", "sd": "SD", "quartiles": "quartiles"}
    assert said[interval] in ax.get_legend().get_title().get_text()


def test_the_legend_counts_what_is_drawn(ax):
    table = TABLE.assign(q=TABLE["q"].where((TABLE.index != 3) & (TABLE["group"] == "b") | (TABLE.index > 40)))
    plot.curve(table, x="epoch", y="q", by="group", labels={"a": "$a$", "q": "Q (1)"}, ax=ax)
    assert legend(ax) == ["b (n = 6–7)", "$a$ (n = 3–4)"]
    assert ax.get_ylabel() == "Q (1)"


def test_one_observation_has_no_interval_and_no_name_of_one(ax):
    plot.curve(TABLE[:4], x="epoch", y="q", ax=ax)
    assert ax.get_legend().get_title().get_text() == ""
    assert legend(ax) == ["n = 1"]
    np.testing.assert_allclose(line(ax), TABLE[:4][["epoch", "q"]])


def test_axes_that_are_logarithmic_already_do_not_change_the_means(ax):
    ax.set(xscale="log", yscale="log")
    plot.curve(TABLE.assign(epoch=TABLE["epoch"] + 1), x="epoch", y="q", log_x=False, ax=ax)
    np.testing.assert_allclose(line(ax)[:, 1], TABLE.groupby("epoch")["q"].mean())
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


@pytest.mark.parametrize(
    ("strengths", "scale"), [([1, 2, 3], "linear"), ([1, 30, 900], "log"), ([0, 1, 900], "symlog")]
)
def test_strengths_over_decades_stand_on_a_log_axis_and_0_at_its_left(strengths, scale, ax):
    table = pd.DataFrame({"gamma": strengths, "q": [1.0, 2, 3]})
    plot.curve(table, x="gamma", y="q", ax=ax)
    assert ax.get_xscale() == scale
    places = ax.transData.transform(line(ax))[:, 0]
    assert (np.diff(places) > 20).all()
    ax.figure.canvas.draw()
    if scale == "symlog":
        assert [text.get_text() for text in ax.get_xticklabels()][:2] == ["0", "1"]


def test_groups_keep_the_order_of_the_table_and_numbers_can_name_them(ax):
    plot.curve(TABLE.assign(seed=[3] * 28 + [1] * 28), x="epoch", y="q", by="seed", ax=ax)
    assert legend(ax) == ["3 (n = 7)", "1 (n = 7)"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"x": "step"},
            ValueError,
            "x must name a column of table; got 'step', the columns are epoch, q, group, text, minus",
        ),
        ({"y": "text"}, ValueError, "y must name a column of numbers; 'text' holds"),
        ({"by": "kind"}, ValueError, "by must name a column of table; got 'kind'"),
        ({"interval": "se"}, ValueError, "interval must be"),
        ({"log_x": True, "x": "minus"}, ValueError, "log_x=True needs values above 0"),
        ({"labels": ["a"]}, TypeError, "labels must be a mapping"),
    ],
)
def test_what_cannot_be_drawn_is_named(arguments, error, message, ax):
    with pytest.raises(error, match=message):
        plot.curve(TABLE.assign(minus=-1.0), **({"x": "epoch", "y": "q", "ax": ax} | arguments))


def test_tables_with_nothing_to_draw_are_refused(ax):
    with pytest.raises(ValueError, match="rows with finite values of 'epoch', 'q'; got none among 56"):
        plot.curve(TABLE.assign(q=np.nan), x="epoch", y="q", ax=ax)
    with pytest.raises(ValueError, match="at least one row"):
        plot.curve(TABLE[:0], x="epoch", y="q", ax=ax)
    with pytest.raises(ValueError, match="'group' is empty in 1 of 56"):
        plot.curve(TABLE.assign(group=["a"] * 55 + [None]), x="epoch", y="q", by="group", ax=ax)
    with pytest.raises(TypeError, match="table must be a DataFrame"):
        plot.curve({"epoch": [1]}, x="epoch", y="q", ax=ax)
