"""Bars of motifs: their lengths, colours, names and drawings."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot._colour import BLUE, GREY, VERMILION


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    return na.motif_test(rng.random((15, 15)) < 0.2, n_nulls=9, rng=0)


def axes(width=7.0):
    return Figure(figsize=(width, 0.8 * width)).subplots()


def test_bars_are_z_and_coloured_where_p_is_small(found):
    z, p = np.linspace(-6, 6, 13), np.full(13, 0.5)
    z[3], p[:2], p[-1] = np.nan, 0.01, 0.05
    ax = plot.motifs(replace(found, z=z, p_corrected=p), ax=axes())
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches[:13]], np.nan_to_num(z))
    colours = [to_hex(bar.get_facecolor()).upper() for bar in ax.patches[:13]]
    assert colours == [BLUE.upper()] * 2 + [GREY.upper()] * 10 + [VERMILION.upper()]
    assert sorted(label.get_text() for label in ax.get_yticklabels()) == sorted(found.classes)


def test_the_most_extreme_of_many(found):
    z = np.zeros(13)
    z[[2, 7]] = 3, -4
    ax = plot.motifs(replace(found, z=z), most=2, ax=axes())
    assert [label.get_text() for label in ax.get_yticklabels()] == [found.classes[2], found.classes[7]]
    assert "2 of 13 motifs" in ax.get_xlabel()


def test_motifs_are_drawn_where_there_is_room(found):
    large, small = plot.motifs(found, ax=axes()), plot.motifs(found, ax=axes(2.0))
    arrows = [text for text in large.texts if text.arrow_patch is not None]
    dots = [line for line in large.lines if line.get_marker() == "o"]
    assert len(arrows) == 2 * 6 + 3 * 7  # pairs of 6 open and 7 closed triads
    assert len(dots) == 3 * 13
    assert not small.texts


def test_what_is_refused(found):
    with pytest.raises(TypeError, match="test must be what motif_test returns"):
        plot.motifs([1.0], ax=axes())
    with pytest.raises(ValueError, match="most must be at least 1"):
        plot.motifs(found, most=0, ax=axes())
