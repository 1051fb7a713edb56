"""Figures of function: what they draw is what was computed, silent and inactive units included."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot import _text

GRID = np.stack(np.indices((4, 5)), -1).reshape(-1, 2).astype(float)


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


@pytest.fixture(scope="module")
def selective():
    rng = np.random.default_rng(0)
    goal, choice = rng.integers(0, 2, (2, 60))
    a = rng.normal(size=(60, 2, 20))
    a[:, :, :8] += 2 * goal[:, None, None]
    a[:, 1:, 8:14] += 2 * choice[:, None, None]
    a[:, :, 19] = 0
    rec = na.Recording(a, {"goal": goal, "choice": choice.astype(str)}, time=[0.5, 1.0])
    return rec, na.mixed_selectivity(rec, ["goal", "choice"], windows=2, rng=0)


@pytest.fixture(scope="module")
def clusters():
    rng = np.random.default_rng(1)
    gain = np.kron(np.eye(3), np.ones((6, 1)))
    gain = np.concatenate([gain, np.zeros((2, 3))])[rng.permutation(20)]
    a = rng.normal(size=(30, 4, 20)) * gain[:, np.repeat([0, 1, 2], 10)].T[:, None, :]
    return na.functional_clusters(na.Recording(a, {"task": np.repeat(["go$", "anti", "match"], 10)}), k=3)


@pytest.fixture(scope="module")
def alignment(clusters):
    weights = np.random.default_rng(2).random((20, 20))
    return na.clustering_alignment(na.Connectome(weights, positions=GRID), clusters, n_nulls=49, rng=0)


def test_every_figure_draws_without_touching_rcparams(selective, clusters, alignment):
    before = dict(mpl.rcParams)
    recording, result = selective
    decoded = na.decode(recording, "goal", n_shuffles=5, rng=0)

    def new():
        return Figure(layout="constrained").subplots()

    for ax in (
        plot.selectivity(result, ax=new()),
        plot.preference_in_space(result, positions=GRID, ax=new()),
        plot.decoding(decoded, time=recording.time, ax=new()),
        plot.task_variance(clusters, ax=new()),
        plot.functional_sheet(clusters, positions=GRID, ax=new()),
        plot.clustering_alignment(alignment, ax=new()),
    ):
        assert ax.get_xlabel()
        ax.figure.canvas.draw()
    assert dict(mpl.rcParams) == before


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


def test_preference_in_space_has_a_symmetric_scale_and_marks_silent_units(selective, ax):
    _, result = selective
    plot.preference_in_space(result, positions=GRID, ax=ax)
    silent, dots = ax.collections
    np.testing.assert_array_equal(silent.get_offsets(), GRID[19:])
    np.testing.assert_allclose(dots.get_array(), result.preference()[:19, 1])
    assert dots.norm.vmin == -dots.norm.vmax == -np.abs(dots.get_array()).max()
    assert "1 silent" in ax.get_title()


def test_preference_in_space_of_an_array_and_of_nothing(ax):
    plot.preference_in_space(np.zeros(3), positions=np.eye(3), ax=ax).figure.canvas.draw()
    with pytest.raises(ValueError, match="no positions"):
        plot.preference_in_space(np.zeros(3), np.eye(3), ax=ax)
    with pytest.raises(ValueError, match="positions must have shape"):
        plot.preference_in_space(np.zeros(3), positions=np.eye(4), ax=ax)


def test_decoding_stands_at_the_middle_of_its_windows(selective, ax):
    recording, _ = selective
    result = na.decode(recording, "goal", windows=1, n_shuffles=19, rng=0)
    plot.decoding(result, time=recording.time, ax=ax)
    line = next(line for line in ax.lines if line.get_label() == "decoded")
    assert line.get_xdata().tolist() == [0.75]
    assert line.get_ydata().tolist() == result.score.tolist()
    assert {text.get_text() for text in ax.get_legend().get_texts()} >= {"chance, 1/2", "decoded"}
    without = na.decode(recording, "goal", n_shuffles=0, rng=0)
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


def test_sheet_draws_every_unit_once_as_a_cell_or_as_a_dot(clusters, ax):
    plot.functional_sheet(clusters, positions=GRID, ax=ax)
    cells = [c for c in ax.collections if type(c).__name__ == "PatchCollection"]
    assert sorted(len(c.get_paths()) for c in cells) == [2, 6, 6, 6]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0 (6)", "1 (6)", "2 (6)", "inactive (2)"]
    other = Figure().subplots()
    plot.functional_sheet(clusters, positions=np.random.default_rng(0).normal(size=(20, 3)), ax=other)
    assert sum(len(c.get_offsets()) for c in other.collections) == 20


def test_alignment_turns_right_into_aligned_and_leaves_out_what_is_undefined(alignment, ax):
    plot.clustering_alignment(alignment, ax=ax)
    dots = [c for c in ax.collections if type(c).__name__ == "PathCollection"]
    drawn = [float(c.get_offsets()[0, 0]) for c in dots]
    frame = alignment.to_frame()
    expected = np.where(frame["aligned"] == "low", -frame["z"], frame["z"])
    np.testing.assert_allclose(drawn, expected[np.isfinite(expected)])
    filled = [len(c.get_facecolors()) > 0 for c in dots]
    assert filled == (frame["p"] <= 0.05)[np.isfinite(frame["z"])].tolist()
    only_place = na.clustering_alignment(None, [0, 0, 1, 1], positions=GRID[:4], n_nulls=9, rng=0)
    assert "undefined" in plot.clustering_alignment(only_place, ax=Figure().subplots()).get_title()
    nothing = na.clustering_alignment(None, [0, 0, 1, 1], n_nulls=3, rng=0)
    with pytest.raises(ValueError, match="no measure whose null varies"):
        plot.clustering_alignment(nothing, ax=ax)
