"""Ranked values, and those that a log axis cannot show."""

import numpy as np
import pandas as pd
import pytest

from netanalysis import plot


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_sorted_from_the_largest_with_zeros_counted(ax):
    plot.ranks([0.0, 3, 1, -1, 2, np.nan], ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[1, 3], [2, 2], [3, 1]])
    assert legend(ax) == ["n = 5, 2 at 0 or below"]
    assert ax.get_yscale() == "log"


def test_a_linear_axis_shows_all(ax):
    plot.ranks([0.0, 3, -1], log=False, ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [3, 0, -1])


def test_lines_of_a_table_and_of_a_mapping_are_alike(ax):
    values = {"b": [1.0, 5, 2], "a": [4.0, 3]}
    table = pd.DataFrame([(name, v) for name, own in values.items() for v in own], columns=["group", "v"])
    plot.ranks(table, value="v", by="group", ax=ax)
    plot.ranks(values, ax=ax)
    for k in range(2):
        np.testing.assert_array_equal(ax.lines[k].get_xydata(), ax.lines[k + 2].get_xydata())


def test_what_cannot_be_drawn_is_named(ax):
    with pytest.raises(ValueError, match="value must name a column of the table; the columns are v"):
        plot.ranks(pd.DataFrame({"v": [1.0]}), ax=ax)
    with pytest.raises(ValueError, match="by names a column of a DataFrame"):
        plot.ranks([1.0], by="group", ax=ax)
    with pytest.raises(ValueError, match="log=True needs values above 0"):
        plot.ranks([0.0, -1], ax=ax)
    with pytest.raises(ValueError, match="values must hold finite numbers; got none of a"):
        plot.ranks({"a": [np.nan]}, ax=ax)
    with pytest.raises(ValueError, match="values must have shape"):
        plot.ranks([[1.0]], ax=ax)
