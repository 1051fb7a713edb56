"""Mean activity over time, and its path in the plane of two components."""

import numpy as np
import pytest
from scipy import stats

import netanalysis as na
from netanalysis import plot

RNG = np.random.default_rng(5)
RECORDING = na.Recording(
    RNG.normal(size=(12, 6, 5)) + np.arange(5),
    {"choice": ["left", "right", "left"] * 4, "gap": [None] + [1] * 11},
    time=np.arange(6) * 10.0,
    metadata={"time_unit": "ms"},
)
LEFT = (RECORDING.conditions["choice"] == "left").to_numpy()


def test_means_and_intervals_are_over_trials(ax):
    plot.activity(RECORDING, by="choice", units=[1, 3], interval="se2", ax=ax)
    trials = RECORDING.activity[LEFT][:, :, [1, 3]].mean(axis=2)
    np.testing.assert_allclose(ax.lines[0].get_xydata(), np.column_stack([RECORDING.time, trials.mean(axis=0)]))
    points = ax.collections[0].get_paths()[0].vertices
    high = [points[points[:, 0] == t, 1].max() for t in RECORDING.time]
    np.testing.assert_allclose(high, trials.mean(axis=0) + 2 * stats.sem(trials))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left (n = 8)", "right (n = 4)"]
    assert ax.get_xlabel() == "Time (ms)"


def test_paths_are_projections_of_condition_means(ax):
    plot.trajectory(RECORDING, by="choice", ax=ax)
    means = np.stack([RECORDING.activity[LEFT].mean(axis=0), RECORDING.activity[~LEFT].mean(axis=0)])
    flat = means.reshape(-1, 5) - means.reshape(-1, 5).mean(axis=0)
    _, s, axes = np.linalg.svd(flat, full_matrices=False)
    sign = np.sign(axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)])
    drawn = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 6]
    np.testing.assert_allclose(np.concatenate(drawn), sign * (flat @ axes[:2].T), atol=1e-12)
    share = 100 * s**2 / (s**2).sum()
    assert ax.get_xlabel() == f"PC 1 ({share[0]:.3g} %)"
    assert ax.get_ylabel() == f"PC 2 ({share[1]:.3g} %)"


def test_first_step_and_last_are_marked(ax):
    plot.trajectory(RECORDING, by="choice", ax=ax)
    paths = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 6]
    rings = [line.get_xydata()[0] for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(rings, [path[0] for path in paths])
    np.testing.assert_allclose([arrow.xy for arrow in ax.texts], [path[-1] for path in paths])
    assert "first step" in ax.get_legend().get_title().get_text()


@pytest.mark.parametrize("draw", [plot.activity, plot.trajectory])
def test_what_cannot_be_drawn_is_named(draw, ax):
    with pytest.raises(ValueError, match="by must name a column of the recording's conditions; got 'side', the col"):
        draw(RECORDING, by="side", ax=ax)
    with pytest.raises(ValueError, match="'gap' is empty in 1"):
        draw(RECORDING, by="gap", ax=ax)
    with pytest.raises(TypeError, match="recording must be a Recording"):
        draw(np.zeros((2, 2, 2)), by="choice", ax=ax)


def test_a_plane_needs_something_that_varies(ax):
    with pytest.raises(ValueError, match="all alike"):
        plot.trajectory(na.Recording(np.ones((2, 3, 4)), {"c": [0, 1]}), by="c", ax=ax)
    with pytest.raises(ValueError, match="at least two units"):
        plot.trajectory(na.Recording(RNG.normal(size=(2, 3, 1)), {"c": [0, 1]}), by="c", ax=ax)
