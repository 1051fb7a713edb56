"""Cells hold the means of the table, those without rows are hatched, and heights are true or said to be ranks."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection, QuadMesh

import netanalysis as na
from netanalysis import plot


def grid(strengths, epochs=3):
    rows = [{"epoch": e, "gamma": g, "q": e + k / 10} for e in range(epochs) for k, g in enumerate(strengths)]
    return pd.DataFrame(rows)


def mesh(ax):
    return next(c for c in ax.collections if isinstance(c, QuadMesh))


def hatched(ax):
    return [len(c.get_paths()) for c in ax.collections if isinstance(c, PolyCollection) and c.get_hatch()]


def test_cells_are_means_of_their_rows(ax):
    table = pd.concat([grid([0.1, 0.2]), grid([0.1, 0.2]).assign(q=7.0)])
    plot.heat_map(table, x="epoch", y="gamma", value="q", ax=ax)
    drawn = mesh(ax).get_array().reshape(2, 3)
    np.testing.assert_allclose(drawn, (np.array([[0, 1, 2], [0.1, 1.1, 2.1]]) + 7) / 2)
    assert not hatched(ax)
    assert ax.get_legend() is None


def test_cells_without_data_are_hatched_and_cells_of_0_are_not(ax):
    table = grid([0.1, 0.2]).assign(q=[0.0, 1, 2, np.nan, 4, 5])
    plot.heat_map(table, x="epoch", y="gamma", value="q", ax=ax)
    assert hatched(ax) == [1]
    corners = ax.collections[1].get_paths()[0].vertices
    np.testing.assert_allclose([corners.min(axis=0), corners.max(axis=0)], [[0.5, 0.15], [1.5, 0.25]])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no data"]


@pytest.mark.parametrize(
    ("strengths", "log_y", "scale", "label"),
    [
        ([0.1, 0.2, 0.4], None, "linear", "gamma"),
        ([1e-6, 0.5, 1.0], None, "linear", "gamma"),  # evenly spaced, though over six decades
        ([1e-4, 1e-3, 0.01, 1.0], None, "log", "gamma"),
        ([1.0, 2.0, 4.0], True, "log", "gamma"),
        ([0, 1e-4, 0.003, 0.1], None, "linear", "gamma, in order"),
    ],
)
def test_heights_are_true_to_the_scale_or_said_to_be_ranks(strengths, log_y, scale, label, ax):
    plot.heat_map(grid(strengths), x="epoch", y="gamma", value="q", log_y=log_y, ax=ax)
    assert (ax.get_yscale(), ax.get_ylabel()) == (scale, label)
    borders = mesh(ax).get_coordinates()[:, 0, 1]
    levels = np.arange(len(strengths)) if "order" in label else np.array(strengths)
    inside = np.log(borders) if scale == "log" else borders
    middle = np.log(levels) if scale == "log" else levels
    np.testing.assert_allclose(inside[1:-1], (middle[:-1] + middle[1:]) / 2)
    if "order" in label:
        assert [text.get_text() for text in ax.get_yticklabels()] == ["0", "0.0001", "0.003", "0.1"]


def test_no_log_axis_for_a_strength_of_0(ax):
    with pytest.raises(ValueError, match="log_y=True needs levels above 0; got 0"):
        plot.heat_map(grid([0, 1.0]), x="epoch", y="gamma", value="q", log_y=True, ax=ax)


def test_a_single_cell(ax):
    plot.heat_map(grid([0.1], 1), x="epoch", y="gamma", value="q", ax=ax).figure.canvas.draw()


def test_lesions_show_what_lesion_returns(ax):
    strength = np.array([1.0, 2, 3, 4])
    effects = na.lesion(lambda off: {"sum": strength[~off].sum(), "n": 2.0 + off[0]}, [0, 0, 1, 1])
    plot.lesions(effects, labels={0: "first"}, ax=ax)
    np.testing.assert_allclose(ax.collections[0].get_array().reshape(2, 2), [[3, -1], [7, 0]])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["first", "1"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["sum", "n"]
    norm = ax.collections[0].norm
    assert norm.vmin == -norm.vmax == -7


def test_lesions_of_a_table_and_of_what_is_none(ax):
    frame = pd.DataFrame([[-0.5, 0.0]], index=["c1"], columns=["go", "dms"])
    plot.lesions(frame, ax=ax)
    np.testing.assert_allclose(ax.collections[0].get_array().ravel(), [0.5, 0])
    assert ax.collections[0].norm.vmin == 0
    with pytest.raises(ValueError, match="effects must be finite"):
        plot.lesions([[np.nan]], ax=ax)
    with pytest.raises(ValueError, match="effects must have shape"):
        plot.lesions([1.0, 2.0], ax=ax)
