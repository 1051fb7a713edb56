"""The plane of roles: who stands where, and what its regions are called."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from netanalysis import plot


def axes(width=7.0):
    return Figure(figsize=(width, 0.8 * width)).subplots()


def test_dots_stand_where_the_numbers_say():
    ax = plot.module_roles([0.1, 0.7, np.nan], [0.0, 3.0, 1.0], ax=axes())
    np.testing.assert_allclose(ax.collections[0].get_offsets(), [[0.1, 0.0], [0.7, 3.0]])


def test_regions_are_named_inside_their_borders():
    texts = plot.module_roles([0.1, 0.7], [0.0, 3.0], ax=axes()).texts
    assert [text.get_text().split()[0] for text in texts] == ["R1", "R2", "R3", "R4", "R5", "R6", "R7"]
    assert texts[5].get_text() == "R6 connector hub"
    for text, low, high in zip(
        texts, (0, 0.05, 0.62, 0.8, 0, 0.3, 0.75), (0.05, 0.62, 0.8, 1, 0.3, 0.75, 1), strict=True
    ):
        x, y = text.get_position()
        assert low <= x <= high
        assert (y > 2.5) == (text.get_text() >= "R5")
    small = plot.module_roles([0.1, 0.7], [0.0, 3.0], ax=axes(2.0)).texts
    assert small[3].get_text() == "R4"


def test_modules_have_colours():
    ax = plot.module_roles([0.1, 0.7], [0.0, 3.0], modules=["motor", "sensory"], ax=axes())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["motor", "sensory"]
    with pytest.raises(ValueError, match="within_z must have shape"):
        plot.module_roles([0.1, 0.7], [0.0], ax=axes())
    with pytest.raises(ValueError, match="modules must have one entry per node"):
        plot.module_roles([0.1, 0.7], [0.0, 1.0], modules=[0], ax=axes())
