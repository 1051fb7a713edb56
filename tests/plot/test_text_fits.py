"""No text of any figure lies on other text, in another panel or outside the canvas: small, large, alone, as a panel."""

import warnings
from itertools import combinations

import matplotlib.style
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from netanalysis import plot
from tests.plot.examples import examples

SMALL, LARGE = 2.4, 7.0  # inches: a column of a narrow panel, a page
SLACK = 1.0  # pixels of a bounding box that hold no ink


def laid_out(figure):
    """The texts that are drawn, with their boxes."""
    drawn = []
    draw = Text.draw

    def record(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            drawn.append((self.get_text(), self.get_window_extent(renderer)))
        return draw(self, renderer, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.draw_without_rendering()
    return drawn


def faults(figure):
    """What is wrong with the text of a figure, in words."""
    texts = laid_out(figure)
    canvas = figure.bbox
    found = [
        f"{text!r} leaves the canvas"
        for text, box in texts
        if min(box.x0 - canvas.x0, box.y0 - canvas.y0, canvas.x1 - box.x1, canvas.y1 - box.y1) < -SLACK
    ]
    for (one, a), (other, b) in combinations(texts, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > SLACK:
            found.append(f"{one!r} lies on {other!r}")
    return found


def drawn(name, width, *, panels):
    """The figure called `name`, alone or in panels of 2 x 3 with their letters, as a user would draw it."""
    with matplotlib.style.context("default"), warnings.catch_warnings():
        warnings.simplefilter("error")  # a layout that collapses is only a warning
        if panels:
            figure = Figure(figsize=(3 * width, 2 * 0.8 * width), layout="constrained")
            for letter, ax in zip("abcdef", figure.subplots(2, 3).flat, strict=True):
                if letter in "ace":  # a panel in every row and column: six take twice as long
                    examples()[name](ax=ax)
                ax.set_title(letter, loc="left", fontweight="bold")
        else:
            figure = Figure(figsize=(width, 0.8 * width), layout="constrained")
            examples()[name](ax=figure.subplots())
        return figure


# Drawn from tables and recordings: test_legible.py and test_sheets.py look at these, at the same sizes.
ELSEWHERE = {
    "activity",
    "bars",
    "curve",
    "heat_map",
    "histogram",
    "layers",
    "lesions",
    "ranks",
    "scatter",
    "snapshots",
    "surface",
}
ELSEWHERE |= {"trajectory", "panel_letters", "save"}
HERE = sorted(set(plot.__all__) - ELSEWHERE)


def test_every_figure_has_an_example():
    assert sorted(examples()) == HERE


@pytest.mark.parametrize("panels", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["alone", "panel"])
@pytest.mark.parametrize("width", [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)], ids=["small", "large"])
@pytest.mark.parametrize("name", HERE)
def test_text_lies_on_nothing_and_inside_the_canvas(name, width, panels):
    figure = drawn(name, width, panels=panels)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not faults(figure)
    smallest = min(min(ax.get_window_extent().size) for ax in figure.axes)
    assert smallest > 0.15 * width * figure.dpi, "the data have no room left"
