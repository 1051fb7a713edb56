"""The strongest weights between planes, from the place of the source to that of the target."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import proj3d
from mpl_toolkits.mplot3d.art3d import Line3DCollection

import netanalysis as na
from netanalysis import plot
from netanalysis.plot._colour import BLUE, VERMILION

PLACE = np.stack(np.indices((3, 3)), -1).reshape(-1, 2).astype(float)


@pytest.fixture
def ax():
    return Figure(layout="constrained").add_subplot(projection="3d")


@pytest.fixture
def net():
    rng = np.random.default_rng(4)
    w, into, out = rng.normal(size=(9, 9)), rng.normal(size=(4, 9)), rng.normal(size=(9, 2))
    return na.Connectome(w, positions=PLACE, inputs=into, outputs=out)


def lines(ax):
    return [c for c in ax.collections if isinstance(c, Line3DCollection)]


def test_the_strongest_weights_are_drawn_between_their_places(net, ax):
    plot.layers(net, limit=5, ax=ax)
    blocks = [net.inputs, net.weights, net.outputs]
    for height, (block, drawn) in enumerate(zip(blocks, lines(ax), strict=True)):
        ends = np.array(drawn._segments3d)
        assert ends.shape == (5, 2, 3)
        assert (ends[:, 0, 2] == height).all()
        assert (ends[:, 1, 2] == height + 1).all()
        strongest = np.sort(np.abs(block).ravel())[-5:] / np.abs(block).max()
        np.testing.assert_allclose(drawn.get_colors()[:, 3], strongest)
        np.testing.assert_allclose(np.array(drawn.get_linewidths()) / max(drawn.get_linewidths()), strongest)
    source, target = np.unravel_index(np.abs(net.weights).argmax(), (9, 9))
    np.testing.assert_allclose(np.array(lines(ax)[1]._segments3d)[-1, :, :2], [PLACE[source], PLACE[target]])
    colour = VERMILION if net.weights[source, target] > 0 else BLUE
    np.testing.assert_allclose(lines(ax)[1].get_colors()[-1, :3], to_rgb(colour))
    assert ax.get_legend().get_title().get_text() == "15 strongest of 135 weights"


def test_planes_are_named_and_inputs_stand_where_they_are_put(net, ax):
    inputs = np.array([[0.0, 0], [0, 2], [2, 0], [2, 2]])
    plot.layers(net, inputs=inputs, ax=ax)
    assert [text.get_text() for text in ax.texts] == ["Inputs (4)", "Units (9)", "Units (9)", "Outputs (2)"]
    starts = np.array(lines(ax)[0]._segments3d)[:, 0, :2]
    assert {tuple(place) for place in starts} == {tuple(place) for place in inputs}
    assert ax.get_legend().get_title().get_text() == "135 weights"


@pytest.mark.parametrize("width", [2.4, 7])
def test_names_lie_within_the_figure(width, net):
    figure = Figure((width, width), layout="constrained")
    ax = plot.layers(net, ax=figure.add_subplot(projection="3d"))
    figure.canvas.draw()
    for text in ax.texts:
        x, y, _ = proj3d.proj_transform(*text.get_position_3d(), ax.get_proj())
        left, low = ax.transData.transform((x, y))
        right = left + 0.58 * 8.3 / 72 * figure.dpi * len(text.get_text())
        assert 0 < left < right < figure.bbox.x1
        assert 0 < low < figure.bbox.y1 - 10


def test_what_cannot_be_drawn_is_named(net, ax):
    with pytest.raises(TypeError, match=r"ax must be three-dimensional: figure\.add_subplot"):
        plot.layers(net, ax=Figure().subplots())
    with pytest.raises(ValueError, match=r"inputs must have shape \(4, 2\); got \(3, 2\)"):
        plot.layers(net, inputs=PLACE[:3], ax=ax)
    with pytest.raises(ValueError, match="outputs gives places to outputs, but net has no output weights"):
        plot.layers(na.Connectome(net.weights, positions=PLACE), outputs=PLACE[:2], ax=ax)
    with pytest.raises(ValueError, match="positions in two dimensions"):
        plot.layers(na.Connectome(net.weights, positions=np.ones((9, 3))), ax=ax)
    with pytest.raises(ValueError, match="there are no positions"):
        plot.layers(net.weights, ax=ax)
    with pytest.raises(ValueError, match="limit must be"):
        plot.layers(net, limit=0, ax=ax)


def test_no_weights_draw_no_lines(ax):
    plot.layers(na.Connectome(np.zeros((9, 9)), positions=PLACE), ax=ax).figure.canvas.draw()
    assert not lines(ax)
