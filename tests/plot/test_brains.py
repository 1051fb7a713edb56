"""Parcels as dots: every value in every view, on the right side, on one scale."""

import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot.brains import opaque
from tests.plot._legible import problems

# right front top, left front top, left back bottom, right back bottom
PLACE = np.array([[30.0, 40, 50], [-30, 40, 50], [-30, -60, -10], [20, -60, -10]])


def ax_of(size=(7, 2.6)):
    return Figure(size, layout="constrained").subplots()


def dots(ax):
    """Places and values of each view."""
    return [(part.get_offsets(), np.asarray(part.get_array())) for part in ax.collections]


def test_three_views_show_what_they_say():
    ax = plot.parcels([1.0, 2, 3, 4], positions=PLACE, ax=ax_of())
    (left, of_left), (top, of_top), (front, of_front) = dots(ax)
    assert sorted(of_left) == [2, 3]
    assert sorted(of_top) == sorted(of_front) == [1, 2, 3, 4]
    at = dict(zip(of_left, left, strict=True))
    assert at[2.0][0] < at[3.0][0]  # the front of the head looks to the left
    assert at[2.0][1] > at[3.0][1]
    at = dict(zip(of_top, top, strict=True))
    assert at[2.0][0] < at[1.0][0]
    assert at[1.0][1] > at[4.0][1]
    at = dict(zip(of_front, front, strict=True))
    assert at[1.0][0] < at[2.0][0]  # seen from the front, the right is on the left
    assert of_front[-1] in (1.0, 2.0)  # near ones are drawn last
    assert [text.get_text() for text in ax.get_xticklabels()] == ["left (2)", "top (4)", "front (4)"]
    letters = sorted((text.get_position()[0], text.get_text()) for text in ax.texts)
    assert [letter for _, letter in letters] == ["L", "R", "R", "L"]


def test_all_views_are_on_the_same_scale():
    ax = plot.parcels(np.arange(4.0), positions=PLACE, views=["back", "bottom", "right"], ax=ax_of())
    (back, _), (bottom, _), (right, _) = dots(ax)
    assert np.ptp(back[:, 0]) == pytest.approx(60)
    assert np.ptp(bottom[:, 1]) == pytest.approx(100)
    assert np.ptp(right[:, 0]) == pytest.approx(100)
    assert ax.get_aspect() == 1


def test_colours_are_of_all_values_and_symmetric_for_signed_ones():
    norms = [
        plot.parcels(v, positions=PLACE, limits=limits, ax=ax_of()).collections[0].norm
        for v, limits in (([1.0, 2, 3, 5], None), ([-1.0, 2, 3, 5], None), ([-1.0, 2, 3, 5], (0, 2)), ([2.0] * 4, None))
    ]
    assert [(n.vmin, n.vmax) for n in norms] == [(1, 5), (-5, 5), (0, 2), (0, 2)]


def test_parcels_without_a_value_are_crosses_and_counted():
    ax = plot.parcels([1.0, np.nan, 2, 3], positions=PLACE, views="top", ax=ax_of())
    known, crosses = ax.collections
    assert len(known.get_offsets()) == 3
    assert len(crosses.get_offsets()) == 1
    assert ax.get_title() == "×: no value for 1 parcels"


def test_hemispheres_come_from_labels_or_are_left_out():
    shifted = PLACE + np.array([500, 0, 0])
    assert [len(v) for _, v in dots(plot.parcels(np.ones(4), positions=shifted, ax=ax_of()))] == [4, 4, 4]
    ax = plot.parcels(np.arange(4.0), positions=shifted, hemispheres=["R", "L", "L", "R"], ax=ax_of())
    assert sorted(dots(ax)[0][1]) == [1, 2]
    ax = plot.parcels(np.arange(4.0), positions=PLACE, hemispheres=False, ax=ax_of())
    assert len(dots(ax)[0][1]) == 4


def test_the_bar_has_a_round_length_and_the_unit():
    net = na.Connectome(np.eye(4), positions=PLACE * 10, metadata={"unit": "micrometre"})
    ax = plot.parcels(np.ones(4), net, ax=ax_of())
    assert ax.get_ylabel() == "500 µm"
    assert ax.spines["left"].get_bounds() == (0, 500)
    flat = plot.parcels(np.ones(4), positions=PLACE[:, :2], ax=ax_of())
    assert [text.get_text() for text in flat.get_xticklabels()] == ["top (4)"]


def test_colours_do_not_depend_on_what_lies_below():
    colours = opaque(plot._colour.DIVERGING)(np.linspace(0, 1, 5))
    np.testing.assert_allclose(colours[:, 3], 1)
    np.testing.assert_allclose(colours[2, :3], 1, atol=0.02)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"views": "behind"}, "views must be one of"),
        ({"views": []}, "at least one view"),
        ({"positions": PLACE[:, :2], "views": ["left"]}, "only the view 'top'"),
        ({"positions": PLACE[:, :1]}, "2 or 3 coordinates"),
        ({"positions": None}, "there are no positions"),
        ({"hemispheres": list("abca")}, "hemispheres must be two"),
        ({"limits": (2, 1)}, "low below high"),
        ({"values": [[1.0]]}, "values must"),
        ({"values": []}, "one per parcel"),
        ({"values": [np.inf, 1, 2, 3]}, "infinite"),
        ({"limits": "ab"}, "limits must be two numbers"),
        ({"positions": PLACE * 1e200}, "positions must be of a size"),
        ({"positions": PLACE[1:3], "values": [1, 2], "hemispheres": [0, 0]}, "hemispheres must be two"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    given = {"values": np.arange(4.0), "positions": PLACE} | change
    with pytest.raises(ValueError, match=message):
        plot.parcels(given.pop("values"), ax=ax_of(), **given)


@pytest.mark.parametrize("values", [[np.nan] * 4, [0.0] * 4, [1e-300, 2e-300, 0, 0], [1e300, -1e300, 0, 5]])
def test_extreme_maps_are_drawn(values):
    ax = plot.parcels(values, positions=PLACE, ax=ax_of())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.canvas.draw()
    one = plot.parcels([3.0], positions=[[1.0, 2, 3]], ax=ax_of())
    one.figure.canvas.draw()


@pytest.mark.parametrize("views", [None, ["left", "right", "top", "back"]])
@pytest.mark.parametrize("size", [(2.4, 1.9), (7, 2.6)], ids=str)
def test_it_can_be_read_small_and_large(size, views):
    rng = np.random.default_rng(0)
    ax = plot.parcels(rng.normal(size=60), positions=rng.normal(size=(60, 3)), views=views, ax=ax_of(size))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not problems(ax.figure)
