"""Figures of function: what they draw is what was computed, silent units included."""

from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot import _text


def test_selectivity_shows_both_values_of_every_unit_that_is_not_silent(selective, ax):
    _, result = selective
    plot.selectivity(result, variables=("choice", "goal"), window=1, ax=ax)
    dots = np.concatenate([c.get_offsets() for c in ax.collections])
    expected = result.explained_variance[:19, 1, ::-1]
    np.testing.assert_allclose(np.sort(dots, axis=0), np.sort(expected, axis=0))
    prefers_choice = ax.collections[0].get_offsets()
    assert (np.abs(prefers_choice[:, 0]) > np.abs(prefers_choice[:, 1])).all()
    r = _text.number(result.correlation("choice", "goal")[1])
    assert ax.get_title() == f"Steps 1–1: r = {r} over 19 units, 1 silent"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Variance explained by choice", "Variance explained by goal")


def test_decoding_stands_at_the_middle_of_its_windows(selective, ax):
    recording, _ = selective
    result = na.decode(recording, "goal", windows=1, n_nulls=19, rng=0)
    plot.decoding(result, time=recording.time, ax=ax)
    line = next(line for line in ax.lines if line.get_label() == "decoded")
    assert line.get_xdata().tolist() == [0.75]
    assert line.get_ydata().tolist() == result.score.tolist()
    assert {text.get_text() for text in ax.get_legend().get_texts()} >= {"chance, 1/2", "decoded"}
    without = na.decode(recording, "goal", n_nulls=0, rng=0)
    other = plot.decoding(without, ax=Figure().subplots())
    assert not other.collections
    with pytest.raises(ValueError, match="time must have one entry per step"):
        plot.decoding(without, time=[1.0], ax=ax)


def test_task_variance_shows_active_units_by_cluster(clusters, ax):
    plot.task_variance(clusters, ax=ax)
    active = np.flatnonzero(clusters.active)
    order = active[np.argsort(clusters.labels[active], kind="stable")]
    np.testing.assert_array_equal(ax.images[0].get_array(), clusters.profiles[order].T)
    assert ax.get_xlabel() == "18 active units, by cluster"
    assert [text.get_text() for text in ax.get_yticklabels()] == [r"go\$", "anti", "match"]
    assert [text.get_text() for text in ax.texts] == ["0", "1", "2"]
    assert ax.get_xlim() == (0, 18)
    with pytest.raises(ValueError, match="task_variance"):
        plot.task_variance([0, 1], ax=ax)


def test_a_window_must_be_there(selective, grid, ax):
    _, result = selective
    for draw in (plot.selectivity, partial(plot.preference_in_space, positions=grid)):
        with pytest.raises(ValueError, match="window must be an index into the 2 windows of the result; got 2"):
            draw(result, window=2, ax=ax)
        draw(result, window=-2, ax=Figure().subplots())
