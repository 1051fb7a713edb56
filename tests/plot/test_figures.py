"""Letters of panels, and files that are written whole or not at all."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from netanalysis import plot

TABLE = pd.DataFrame({"x": [0.0, 1, 0, 1], "y": [1.0, 2, 3, 4], "g": list("aabb")})


def boxes(figure, texts):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    canvas.draw()
    return [text.get_window_extent(canvas.get_renderer()) for text in texts]


def test_letters_are_bold_outside_clear_of_titles_and_at_one_height():
    figure = Figure((7, 4), layout="constrained")
    axes = figure.subplots(1, 2)
    plot.curve(TABLE, x="x", y="y", by="g", ax=axes[0])
    axes[0].set_title("A title above a legend")
    letters = plot.panel_letters(axes)
    legend = axes[0].get_legend()
    title, first, second, below = boxes(figure, [axes[0].title, *letters, legend])
    assert all(letter.get_fontweight() == "bold" for letter in letters)
    for ax, letter in zip(axes, (first, second), strict=True):
        frame = ax.get_window_extent()
        assert letter.x1 <= frame.x0 + 1
        assert letter.y0 >= frame.y1
    assert not first.overlaps(title)
    assert title.y0 >= below.y1 - 1
    assert first.y0 == pytest.approx(second.y0, abs=1)
    assert first.y1 <= figure.bbox.y1 + 1


def test_letters_of_a_mosaic_are_its_keys_and_others_can_be_given():
    mosaic = Figure().subplot_mosaic("xy")
    assert [text.get_text() for text in plot.panel_letters(mosaic)] == ["x", "y"]
    axes = Figure().subplots(1, 2)
    assert [text.get_text() for text in plot.panel_letters(axes, letters="CD")] == ["C", "D"]
    assert [text.get_text() for text in plot.panel_letters(axes[0])] == ["a"]


def test_letters_and_axes_must_be_as_many():
    axes = Figure().subplots(1, 2)
    with pytest.raises(ValueError, match="letters must be as many as Axes, 2; got 1"):
        plot.panel_letters(axes, letters="a")
    with pytest.raises(TypeError, match="Axes, an array, iterable or mapping of them; got int"):
        plot.panel_letters([axes[0], 3])


def drawn():
    figure = Figure((2, 1), layout="constrained")
    plot.curve(TABLE, x="x", y="y", ax=figure.subplots())
    return figure


def test_both_files_are_written_and_leave_nothing_else(tmp_path):
    before = dict(mpl.rcParams)
    svg, png = plot.save(drawn(), tmp_path / "fig.1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fig.1.png", "fig.1.svg"]
    assert svg.read_text().startswith("<?xml")
    assert "<dc:date>" not in svg.read_text()
    from matplotlib.image import imread

    assert imread(png).shape[:2] == (300, 600)
    assert dict(mpl.rcParams) == before
    assert plot.save(drawn(), tmp_path / "fig.1.png") == (svg, png)


def test_labels_beyond_the_figure_are_not_cut(tmp_path):
    """Seen: `plot.hubs` in a script; names of regions are wider than the margin that pyplot leaves."""
    from matplotlib.image import imread

    figure = Figure((2, 1.5))
    ax = figure.subplots()
    ax.set_yticks([0, 1], ["the name of a region", "another name of one"])
    with pytest.warns(UserWarning, match=r"beyond the figure of 2 x 1\.5 inches.*layout='constrained'"):
        _, png = plot.save(figure, tmp_path / "fig", dpi=100)
    ink = imread(png)[..., :3].min(axis=2) < 0.99
    assert ink.shape[1] > 220
    assert ink.any()
    assert not ink[[0, -1]].any()
    assert not ink[:, [0, -1]].any()
    whole = Figure((2, 1.5))
    whole.add_axes((0, 0, 1, 1)).set_axis_off()  # all of it, and nothing beyond
    plot.save(whole, tmp_path / "whole")


def test_what_lies_far_away_does_not_make_a_huge_file(tmp_path):
    from matplotlib.image import imread

    figure = Figure((4, 3))
    ax = figure.subplots()
    ax.plot([0, 1e6], [0, 1], clip_on=False)
    ax.text(4000, 0.5, "far")
    ax.set_xlim(0, 1)
    with pytest.warns(UserWarning, match="beyond the figure of 4 x 3 inches"):
        _, png = plot.save(figure, tmp_path / "fig", dpi=50)
    assert max(imread(png).shape) <= 3 * 200


def test_an_error_in_the_second_file_leaves_the_first_as_it_was(tmp_path, monkeypatch):
    svg, png = plot.save(drawn(), tmp_path / "fig")
    older = svg.read_bytes(), png.read_bytes()
    figure = drawn()
    write = figure.savefig

    def fail(path, format, **options):
        if format == "png":
            raise OSError("no space left")
        write(path, format=format, **options)

    figure.savefig = fail
    with pytest.raises(OSError, match="no space"):
        plot.save(figure, tmp_path / "fig")
    assert (svg.read_bytes(), png.read_bytes()) == older
    assert len(list(tmp_path.iterdir())) == 2


def test_what_is_no_figure_is_named(tmp_path):
    with pytest.raises(TypeError, match="figure must be a matplotlib Figure, or Axes of one; got ndarray"):
        plot.save(np.zeros(3), tmp_path / "fig")
    with pytest.raises(ValueError, match="dpi must be"):
        plot.save(drawn(), tmp_path / "fig", dpi=0)
    assert plot.save(drawn().axes[0], tmp_path / "fig")[0].is_file()
