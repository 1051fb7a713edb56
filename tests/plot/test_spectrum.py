"""Eigenvalues and their circles."""

import numpy as np
import pytest

from netanalysis import plot


def test_all_eigenvalues_and_the_circle_of_the_largest(signed, ax):
    plot.eigenvalues(signed, ax=ax)
    dots = ax.collections[0].get_offsets()
    values = np.linalg.eigvals(signed)
    np.testing.assert_allclose(np.sort(np.hypot(*dots.T)), np.sort(np.abs(values)))
    circle = next(line for line in ax.lines if "radius" in str(line.get_label()))
    np.testing.assert_allclose(np.hypot(*circle.get_data()), np.abs(values).max())


@pytest.mark.parametrize(("scale", "shown"), [(1, True), (1000, False)])
def test_unit_circle_where_it_can_be_seen(signed, scale, shown, ax):
    plot.eigenvalues(scale * signed, ax=ax)
    assert ("unit circle" in [line.get_label() for line in ax.lines]) == shown


def test_nilpotent(ax):
    plot.eigenvalues([[0, 1.0], [0, 0]], ax=ax).figure.canvas.draw()
