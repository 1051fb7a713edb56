"""Snapshots share their scales."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot

RNG = np.random.default_rng(6)
PLACE = RNG.normal(size=(20, 3))
NETS = [
    na.Connectome(RNG.normal(size=(20, 20)) / k, positions=PLACE, metadata={"epoch": k}, name="n") for k in (1, 3, 10)
]


@pytest.mark.parametrize("what", ["weights", "matrix", "distance"])
def test_scales_are_common(what):
    axes = plot.snapshots(NETS, what=what, figure=Figure((7, 3), layout="constrained"))
    assert len({ax.get_xlim() for ax in axes}) == len({ax.get_ylim() for ax in axes}) == 1
    assert [ax.get_title().split("\n")[0] for ax in axes] == ["Epoch 1", "Epoch 3", "Epoch 10"]
    assert axes[0].get_ylabel()
    assert not axes[1].get_ylabel()
    if what == "matrix":
        largest = max(np.abs(net.weights).max() for net in NETS)
        for net, ax in zip(NETS, axes, strict=True):
            np.testing.assert_array_equal(ax.images[0].get_array(), net.weights)
            assert ax.images[0].norm.vmax == -ax.images[0].norm.vmin == largest
    if what == "distance":
        dots = np.concatenate([ax.collections[0].get_offsets() for ax in axes])
        assert len(dots) == 3 * 380
        low, high = axes[0].get_ylim()
        assert low < dots[:, 1].min() < dots[:, 1].max() < high


def test_histograms_count_all_connections():
    axes = plot.snapshots(NETS, figure=Figure())
    for ax in axes:
        outline = ax.collections[0].get_paths()[0].vertices
        assert outline[:, 1].max() <= ax.get_ylim()[1]
    assert max(ax.collections[0].get_paths()[0].vertices[:, 1].max() for ax in axes) > 100


def test_on_the_axes_given_with_the_titles_given():
    given = Figure().subplots(1, 3)
    drawn = plot.snapshots(NETS, titles="abc", axes=given)
    assert drawn == list(given)
    assert [ax.get_title() for ax in drawn] == list("abc")


def test_what_cannot_be_drawn_is_named():
    with pytest.raises(ValueError, match="axes must be as many as networks, 3; got 2"):
        plot.snapshots(NETS, axes=Figure().subplots(1, 2))
    with pytest.raises(ValueError, match="titles must have one entry per network, 3; got 1"):
        plot.snapshots(NETS, titles=["a"], figure=Figure())
    with pytest.raises(ValueError, match="what must be"):
        plot.snapshots(NETS, what="spectrum", figure=Figure())
    with pytest.raises(ValueError, match="nets must hold at least one network"):
        plot.snapshots([], figure=Figure())
    with pytest.raises(ValueError, match="nets must be several networks"):
        plot.snapshots(NETS[0], figure=Figure())
    with pytest.raises(ValueError, match="give one"):
        plot.snapshots(NETS, axes=Figure().subplots(1, 3), figure=Figure())
