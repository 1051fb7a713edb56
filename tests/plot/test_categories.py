"""Bars are means of the table, whiskers their intervals."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from netanalysis import plot
from tests.plot._legible import problems

RNG = np.random.default_rng(3)
TASKS = ["go", "anti", "dm$1", "dms"]
TABLE = pd.DataFrame({"task": np.tile(TASKS, 10), "accuracy": RNG.random(40), "model": np.repeat(["bimt", "l1"], 20)})


def bars(ax):
    return [bar for bar in ax.patches if bar.get_width() > 0]


def test_heights_are_means_in_the_order_of_the_table(ax):
    plot.bars(TABLE, x="task", y="accuracy", by="model", reference=1, labels={"reference": "all"}, ax=ax)
    means = TABLE.groupby(["model", "task"])["accuracy"].mean()
    expected = [means[model, task] for model in ("bimt", "l1") for task in TASKS]
    np.testing.assert_allclose([bar.get_height() for bar in bars(ax)], expected)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["go", "anti", r"dm\$1", "dms"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["bimt (n = 5)", "l1 (n = 5)", "all"]
    assert any(set(line.get_ydata()) == {1} for line in ax.lines)


def test_whiskers_are_the_interval_that_the_legend_names(ax):
    plot.bars(TABLE, x="task", y="accuracy", ax=ax)
    whiskers = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 2]
    for task, drawn in zip(TASKS, whiskers, strict=True):
        values = TABLE["accuracy"][TABLE["task"] == task]
        np.testing.assert_allclose(drawn, stats.t.interval(0.95, 9, values.mean(), stats.sem(values)))
    assert ax.get_legend().get_title().get_text() == "mean, 95 % interval"


def test_one_network_has_no_whiskers_and_number_names_keep_their_order(ax):
    plot.bars(pd.DataFrame({"k": [10, 2, 1], "q": [0.1, 0.2, 0.3]}), x="k", y="q", ax=ax)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["10", "2", "1"]
    np.testing.assert_allclose([bar.get_height() for bar in bars(ax)], [0.1, 0.2, 0.3])
    assert ax.get_legend().get_title().get_text() == ""


def test_what_cannot_be_drawn_is_named(ax):
    with pytest.raises(ValueError, match="y must name a column of numbers; 'task' holds"):
        plot.bars(TABLE, x="model", y="task", ax=ax)
    with pytest.raises(ValueError, match="x must name a column of table; got 'tasks'"):
        plot.bars(TABLE, x="tasks", y="accuracy", ax=ax)


@pytest.mark.parametrize(("width", "height"), [(2.4, 2.2), (3.5, 2.6), (7, 4)])
def test_long_names_stay_level_in_lines_where_they_find_room(width, height):
    figure = Figure((width, height), layout="constrained")
    names = ["first", "first, settled", "new", "new, settled"]
    ax = plot.bars(pd.DataFrame({"when": names, "z": [1.0, 2.0, 3.0, 4.0]}), x="when", y="z", ax=figure.subplots())
    shown = [text.get_text().replace("\n", " ") for text in ax.get_xticklabels()]
    assert shown == names
    assert {text.get_rotation() for text in ax.get_xticklabels()} == {0}
    assert not problems(figure)


def test_upright_names_are_broken_before_they_are_shortened():
    figure = Figure((2.4, 2.2), layout="constrained")
    names = [
        "distance as a cost, no exchanges",
        "both",
        "Heidelberg_Digits_recordings",
        "L1 with exchanges in training",
    ]
    ax = plot.bars(pd.DataFrame({"kind": names, "z": [1.0, 2.0, 3.0, 4.0]}), x="kind", y="z", ax=figure.subplots())
    shown = [text.get_text() for text in ax.get_xticklabels()]
    assert {text.get_rotation() for text in ax.get_xticklabels()} == {90}
    assert max(name.count("\n") for name in shown) >= 1
    assert [name.split("\n")[0][:4] for name in shown] == [name[:4] for name in names]
    assert not problems(figure)
