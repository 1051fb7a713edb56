"""Networks of a table: sorted, grouped, and what is missing is said."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy import stats

from netanalysis import plot


def test_sorted_by_value_with_undefined_ones_counted(ax):
    table = pd.DataFrame({"network": ["b$x$", "a", "c"], "measure": "m", "value": [2.0, 1.0, np.nan]})
    plot.position(table, measure="m", ax=ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", r"b\$x\$"]
    assert ax.get_title() == "Undefined for c"


@pytest.mark.parametrize(("largest", "scale"), [(50, "linear"), (500, "log")])
def test_log_axis_where_networks_differ_by_orders(largest, scale, ax):
    table = pd.DataFrame({"network": ["a", "b"], "measure": "m", "value": [1.0, largest]})
    assert plot.position(table, measure="m", ax=ax).get_xscale() == scale


def test_long_names_leave_room_for_the_data():
    figure = Figure(figsize=(4.4, 1.5), layout="constrained")
    table = pd.DataFrame({"network": ["n" * 500], "measure": "m", "value": [2.0]})
    plot.position(table, measure="m", ax=figure.subplots()).figure.canvas.draw()
    assert figure.axes[0].get_position().width > 0.2


def test_refuses_an_unknown_measure(ax):
    table = pd.DataFrame({"network": ["a"], "measure": "m", "value": [2.0]})
    with pytest.raises(ValueError, match="measure must be one of"):
        plot.position(table, measure="q", ax=ax)


def means(ax):
    """The group and the mean of every mark, drawn in one line per group."""
    marks = [(line.get_ydata(), line.get_xdata()) for line in ax.lines if line.get_marker() == "|"]
    return {int(y): float(x) for ys, xs in marks for y, x in zip(ys, xs, strict=True) if np.isfinite(x)}


def intervals(ax):
    bars = [line.get_xdata() for line in ax.lines if line.get_marker() != "|" and len(line.get_xdata()) == 2]
    return [bar for bar in bars if np.isfinite(bar).all()]  # seaborn draws one for every group and colour


def test_groups_average_only_what_they_are_told_to():
    table = pd.DataFrame({"group": list("aaabbb"), "measure": "m", "value": [1.0, 2, 3, 4, 5, np.nan]})
    every = plot.groups(table, measure="m", ax=Figure().subplots())
    assert [text.get_text() for text in every.get_yticklabels()] == ["a (3)", "b (2)"]
    assert means(every) == {0: 2}  # b has too few values for an interval
    assert not means(plot.groups(table, measure="m", averaged=(), ax=Figure().subplots()))
    assert means(plot.groups(table, measure="m", averaged="a", ax=Figure().subplots())) == {0: 2}
    with pytest.raises(ValueError, match="measure must be one of"):
        plot.groups(table, measure="x", ax=Figure().subplots())
    with pytest.raises(ValueError, match="averaged must be among a, b; got c"):
        plot.groups(table, measure="m", averaged=["a", "c"], ax=Figure().subplots())


def test_groups_show_every_finite_value_and_the_interval_of_the_mean(ax):
    value = np.random.default_rng(0).normal(size=(3, 40))
    value[1, :2] = np.nan
    names = np.repeat(["x$", "y", "z"], 40)
    plot.groups(pd.DataFrame({"group": names, "measure": "m", "value": value.ravel()}), measure="m", ax=ax)
    dots = [np.asarray(c.get_offsets()) for c in ax.collections if len(c.get_offsets())]
    for own, drawn in zip(value, dots, strict=True):
        np.testing.assert_allclose(np.sort(drawn[:, 0]), np.sort(own[np.isfinite(own)]))
    error = 1.96 * stats.sem(value, axis=1, nan_policy="omit")
    mean = np.nanmean(value, axis=1)
    np.testing.assert_allclose(list(means(ax).values()), mean)
    np.testing.assert_allclose(intervals(ax), np.stack([mean - error, mean + error], axis=1))
    assert [text.get_text() for text in ax.get_yticklabels()] == [r"x\$ (40)", "y (38)", "z (40)"]
    assert ax.get_ylim() == (2.5, -0.5)


def test_groups_are_drawn_alike_twice_and_leave_numpys_random_numbers_alone():
    values = np.random.default_rng(0).normal(size=60)
    table = pd.DataFrame({"group": np.repeat([3, 1, 2], 20), "measure": "m", "value": values})
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    pictures = []
    for _ in range(2):
        figure = Figure()
        plot.groups(table, measure="m", ax=figure.subplots())
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pictures.append(np.asarray(canvas.buffer_rgba()).copy())
    np.testing.assert_array_equal(*pictures)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["3 (20)", "1 (20)", "2 (20)"]


@pytest.mark.parametrize("value", [[np.nan, np.nan], [2.0, 2.0], [0.0, np.inf]])
def test_groups_of_nothing_and_of_one_value(value, ax):
    table = pd.DataFrame({"group": "a", "measure": "m", "value": value})
    plot.groups(table, measure="m", ax=ax).figure.canvas.draw()


def test_a_column_that_the_table_does_not_have_is_named_with_those_there_are(ax):
    table = pd.DataFrame({"network": ["a", "b"], "measure": "m", "value": [1.0, 2.0]})
    there = "the columns are network, measure, value"
    with pytest.raises(ValueError, match=f"by must name a column of table; got 'group', {there}: .*assign"):
        plot.groups(table, measure="m", ax=ax)
    with pytest.raises(ValueError, match=f"column must name a column of table; got 'z', {there}"):
        plot.groups(table, measure="m", by="network", column="z", ax=ax)
    with pytest.raises(ValueError, match=r"table must have a column 'measure'.* the columns are network, value"):
        plot.groups(table.drop(columns="measure"), measure="m", by="network", ax=ax)
    with pytest.raises(ValueError, match=r"table must have a column 'network'.* the columns are measure, value"):
        plot.position(table.drop(columns="network"), measure="m", ax=ax)
    with pytest.raises(ValueError, match="table must have a column 'null_low'"):
        plot.position(table.assign(null_mean=1.0), measure="m", ax=ax)
    with pytest.raises(ValueError, match="by must name the group of every row; 'group' is empty in 1 of 2"):
        plot.groups(table.assign(group=["x", None]), measure="m", ax=ax)
    assert not ax.has_data()


def test_a_network_to_highlight_must_be_there(ax):
    table = pd.DataFrame({"network": ["a", "b"], "measure": "m", "value": [1.0, np.nan]})
    plot.position(table, measure="m", highlight="b", ax=ax)  # undefined, and said so
    with pytest.raises(ValueError, match="highlight must be among a, b; got c"):
        plot.position(table, measure="m", highlight=["a", "c"], ax=ax)


def test_the_order_of_time_is_kept_on_request(ax):
    table = pd.DataFrame({"network": ["epoch 0", "epoch 1", "epoch 2"], "measure": "m", "value": [2.0, 3, 1]})
    plot.position(table, measure="m", order="table", ax=ax)
    height = {text.get_text(): y for text, y in zip(ax.get_yticklabels(), ax.get_yticks(), strict=True)}
    assert height == {"epoch 0": 2, "epoch 1": 1, "epoch 2": 0}  # from top to bottom
    dots = np.concatenate([np.asarray(c.get_offsets()) for c in ax.collections])
    assert [2.0, 2.0] in dots.tolist()
    with pytest.raises(ValueError, match="order must be one of"):
        plot.position(table, measure="m", order="time", ax=ax)


def test_names_that_do_not_fit_are_counted_and_the_highlighted_one_is_there():
    table = pd.DataFrame({"network": [f"n{k:02d}" for k in range(60)], "measure": "m", "value": np.arange(60.0)})
    ax = plot.position(table, measure="m", highlight="n31", ax=Figure(figsize=(2.4, 2)).subplots())
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert "n31" in names
    assert ax.get_ylabel().replace("\n", " ") == f"{len(names)} of 60 networks named"


def test_a_measure_that_is_undefined_for_all_is_drawn_empty():
    """Seen: with null columns it was refused as unknown."""
    table = pd.DataFrame({"network": ["a", "b"], "measure": "m", "value": np.nan})
    table = table.assign(null_mean=np.nan, null_low=np.nan, null_high=np.nan)
    ax = plot.position(table, measure="m", ax=Figure().subplots())
    assert ax.get_title() == "Undefined for 2 networks"
