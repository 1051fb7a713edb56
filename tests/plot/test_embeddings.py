"""Networks as points: colours of kinds, names that cover nothing, equal scales."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.spatial.distance import cdist

import netanalysis as na
from netanalysis import plot


def axes(width=4.0):
    return Figure(figsize=(width, 0.8 * width)).subplots()


def many(count=30):
    place = np.random.default_rng(0).normal(size=(count, 2))
    return na.embed(cdist(place, place), names=[f"net {k}" for k in range(count)])


def test_dots_are_the_points_in_equal_scales():
    found = many()
    ax = plot.embedding(found, groups=["model"] * 28 + ["worm", "fly"], ax=axes())
    drawn = np.concatenate([np.column_stack(line.get_data()) for line in ax.lines])
    np.testing.assert_allclose(drawn, found.points)
    ax.figure.canvas.draw()
    scale = ax.transData.transform([[0, 0], [1, 1]])
    assert np.ptp(scale, axis=0)[0] == pytest.approx(np.ptp(scale, axis=0)[1])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["model (n = 28)", "worm (n = 1)", "fly (n = 1)"]
    assert {t.get_text() for t in ax.texts} <= {"net 28", "net 29"}  # alone in their groups
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({line.get_marker() for line in ax.lines}) == 3


@pytest.mark.parametrize("width", [2.4, 7.0])
def test_names_cover_neither_each_other_nor_the_count_of_those_left_out(width):
    ax = plot.embedding(many(), names=True, ax=axes(width))
    figure = ax.figure
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_visible()]
    for k, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:k])
    if len(boxes) < 30:
        assert f"{len(boxes)} of 30 named" in ax.get_xlabel().replace("\n", " ")


def test_chosen_names_and_bad_ones():
    ax = plot.embedding(many(), names=["net 3"], labels={"net 3": "third"}, ax=axes())
    assert [t.get_text() for t in ax.texts] == ["third"]
    assert ax.texts[0].get_visible()
    assert not plot.embedding(many(), names=False, ax=axes()).texts
    with pytest.raises(ValueError, match="names must be one of"):
        plot.embedding(many(), names=["nobody"], ax=axes())
    with pytest.raises(ValueError, match="one entry per network, 30"):
        plot.embedding(many(), groups=["a"], ax=axes())
    line = na.embed(cdist([[0.0], [1], [3]], [[0.0], [1], [3]]), n_dimensions=1)
    assert plot.embedding(line, ax=axes()).get_ylabel() == ""
    assert len(plot.embedding(na.embed(np.zeros((3, 3))), ax=axes()).lines) == 1
