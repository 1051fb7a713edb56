"""A null distribution with the observed value."""

from types import SimpleNamespace

import numpy as np
import pytest

from netanalysis import plot


def test_shows_every_null_value_the_observed_one_and_the_numbers(test_result, ax):
    plot.null_distribution(test_result, label="Q", ax=ax)
    assert ax.get_title() == "z = 12.1, p = 0.02"
    observed = next(line for line in ax.lines if line.get_label() == "observed")
    assert observed.get_xdata()[0] == 0.42
    assert ax.get_xlim()[0] < test_result.null_distribution.min()
    assert ax.get_xlim()[1] > 0.42


def test_a_statistic_the_null_keeps(ax):
    kept = SimpleNamespace(null_distribution=np.full(9, 2.0), observed=2.0, z=np.nan, p=1.0)
    plot.null_distribution(kept, ax=ax).figure.canvas.draw()
    assert "z = undefined" in ax.get_title()


def test_undefined_replicates_are_counted(test_result, ax):
    test_result.null_distribution[:3] = np.nan
    assert "3 of 99 undefined" in plot.null_distribution(test_result, ax=ax).get_title()


def test_refuses_several_statistics(ax):
    several = SimpleNamespace(null_distribution=np.zeros((9, 2)), observed=np.zeros(2), z=0.0, p=1.0)
    with pytest.raises(ValueError, match="scalar statistic"):
        plot.null_distribution(several, ax=ax)
