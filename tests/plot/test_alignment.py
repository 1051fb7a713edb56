"""Alignment of function and anatomy: what is drawn is what was computed."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot


def test_alignment_turns_right_into_aligned_and_leaves_out_what_is_undefined(alignment, ax, grid):
    plot.clustering_alignment(alignment, ax=ax)
    dots = [c for c in ax.collections if type(c).__name__ == "PathCollection"]
    drawn = [float(c.get_offsets()[0, 0]) for c in dots]
    frame = alignment.to_frame()
    expected = np.where(frame["aligned"] == "low", -frame["z"], frame["z"])
    np.testing.assert_allclose(drawn, expected[np.isfinite(expected)])
    filled = [len(c.get_facecolors()) > 0 for c in dots]
    assert filled == (frame["p"] <= 0.05)[np.isfinite(frame["z"])].tolist()
    only_place = na.clustering_alignment(None, [0, 0, 1, 1], positions=grid[:4], n_nulls=9, rng=0)
    assert "undefined" in plot.clustering_alignment(only_place, ax=Figure().subplots()).get_title()
    nothing = na.clustering_alignment(None, [0, 0, 1, 1], n_nulls=3, rng=0)
    with pytest.raises(ValueError, match="no measure whose null varies"):
        plot.clustering_alignment(nothing, ax=ax)
