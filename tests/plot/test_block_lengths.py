"""The description length over the number of blocks."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot


def test_the_curve_is_that_of_the_result_and_the_dot_its_least():
    rng = np.random.default_rng(0)
    p = np.kron([[0.6, 0.05], [0.05, 0.6]], np.ones((15, 15)))
    w = (rng.random((30, 30)) < p) & ~np.eye(30, dtype=bool)
    found = na.block_model(w, n_restarts=1, rng=0)
    ax = Figure().subplots()
    assert plot.description_length(found, ax=ax) is ax
    curve, one, plain, dot = ax.lines
    numbers, lengths = curve.get_data()
    assert dict(zip(numbers, lengths * w.sum(), strict=True)) == pytest.approx(found.by_number[0])
    assert one.get_ydata()[0] * w.sum() == pytest.approx(found.one_block)
    assert plain.get_ydata()[0] * w.sum() == pytest.approx(found.plain)
    (x,), (y,) = dot.get_data()
    assert (x, y * w.sum()) == pytest.approx((2, found.description_length))
    low, high = ax.get_ylim()
    assert low < min(plain.get_ydata()[0], y) < one.get_ydata()[0] < high


def test_what_it_cannot_draw_is_refused_by_name():
    with pytest.raises(TypeError, match=r"netanalysis\.block_model"):
        plot.description_length(np.eye(3), ax=Figure().subplots())
    with pytest.raises(ValueError, match="one network; got a stack of 2"):
        plot.description_length(na.block_model(np.ones((2, 3, 3)), n_restarts=1), ax=Figure().subplots())
