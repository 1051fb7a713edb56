"""Parcels on a surface: values find their vertices; nilearn draws, where it is installed."""

import importlib.util
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from netanalysis import plot
from netanalysis.plot import surfaces

CORNERS = np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
FACES = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
needs_nilearn = pytest.mark.skipif(importlib.util.find_spec("nilearn") is None, reason="nilearn is not installed")


def on(values, labels, parcels=None):
    return surfaces._of_vertices(np.array(values, float), np.asarray(labels), parcels)


def test_labels_count_from_1_and_0_is_no_parcel():
    np.testing.assert_array_equal(on([5, 6, 7], [1, 3, 0, -1]), [5, 7, np.nan, np.nan])


def test_parcels_say_what_labels_stand_for():
    np.testing.assert_array_equal(on([5, 6], [12, 0, 11], parcels=[11, 12]), [6, np.nan, 5])
    np.testing.assert_array_equal(on([5, 6], ["v", "", "m"], parcels=["m", "v"]), [6, np.nan, 5])
    np.testing.assert_array_equal(on([5, 6], [0, 1], parcels=[0, 1]), [5, 6])


@pytest.mark.parametrize(
    ("labels", "parcels", "message"),
    [
        ([1, 2, 9, 8], None, "2 labels without a value, first 8, 9"),
        ([0, 0], None, "no vertex would be coloured"),
        ([1, 2], [1, 2, 3], "must name each of the 2 values once"),
        ([1, 2], [1, 1], "must name each of the 2 values once"),
    ],
)
def test_labels_that_lead_nowhere_are_refused(labels, parcels, message):
    with pytest.raises(ValueError, match=message):
        on([1, 2], labels, parcels)


def test_a_map_is_no_labelling():
    with pytest.raises(ValueError, match="is it a map"):
        surfaces._labels(np.array([0.5, 1.0]), None)
    np.testing.assert_array_equal(surfaces._labels(np.array([2.0, np.nan]), None), [2, 0])
    with pytest.raises(ValueError, match="one label per vertex"):
        surfaces._labels(np.eye(2), None)


def test_without_nilearn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "nilearn", None)
    with pytest.raises(ImportError, match=r"pip install 'netanalysis\[surface\]'"):
        plot.surface([1.0], (CORNERS, FACES), [1] * 4)


@needs_nilearn
def test_faces_have_the_colours_of_their_parcels():
    ax = plot.surface([0.0, 10], (CORNERS, FACES), [1, 1, 1, 2], ax=Figure().add_subplot(projection="3d"))
    assert ax.collections
    assert ax.figure.axes[-1].get_ylabel() == "Value"
    with pytest.raises(ValueError, match="each of the 4 vertices of mesh; got 3"):
        plot.surface([0.0, 10], (CORNERS, FACES), [1, 1, 2], ax=Figure().add_subplot(projection="3d"))
    with pytest.raises(TypeError, match="three-dimensional"):
        plot.surface([0.0, 10], (CORNERS, FACES), [1, 1, 1, 2], ax=Figure().subplots())
