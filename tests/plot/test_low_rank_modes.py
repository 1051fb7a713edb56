"""Shares of inputs and outputs along modes."""

import numpy as np
import pytest

import netanalysis as na


def test_a_mode_that_inputs_feed_is_filled(ax):
    rng = np.random.default_rng(0)
    w = rng.normal(size=(40, 40)) * 0.1
    read, write = np.zeros(40), rng.normal(size=40)
    read[:5] = 1.0
    w += np.outer(read, write)
    found = na.low_rank(w, rank=3, inputs=[0, 1, 2, 3, 4], n_nulls=199, rng=0)
    na.plot.low_rank(found, ax=ax)
    dots = ax.collections[-1]
    np.testing.assert_allclose(dots.get_offsets(), np.column_stack([[1, 2, 3], found.inputs.by_mode]))
    assert [face[3] > 0 for face in dots.get_facecolors()] == [True, False, False]
    assert "Inputs: " in ax.get_legend().get_texts()[-1].get_text()


def test_nothing_to_draw_is_named(ax):
    with pytest.raises(ValueError, match="neither inputs nor outputs"):
        na.plot.low_rank(na.low_rank(np.eye(4), rank=2), ax=ax)
