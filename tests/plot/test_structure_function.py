"""Coupling of structure and function in modules, in space and by hop."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot
from netanalysis.plot._colour import module_style
from tests.plot._legible import problems


@pytest.fixture(scope="module")
def ring():
    """Nodes up to 15 hops apart, not quite on a circle."""
    angle = np.arange(30) / 30 * 2 * np.pi
    place = np.column_stack([np.cos(angle), np.sin(angle)]) + np.random.default_rng(1).normal(0, 0.05, (30, 2))
    w = np.roll(np.eye(30), 1, axis=1)
    names = np.repeat(["somatomotor", "visual", "default"], [10, 15, 5])
    return na.Connectome(w + w.T, positions=place, modules=names, metadata={"unit": "mm"})


@pytest.fixture(scope="module")
def found(ring):
    noise = np.random.default_rng(0).normal(size=(30, 30))
    function = np.exp(-ring.distances) + 0.1 * (noise + noise.T)
    predictors = {"distance": ring.distances, "noise": noise @ noise.T}
    return na.structure_function_coupling(ring, function, predictors=predictors)


def test_modules_stand_in_order_of_their_means_in_the_colours_of_the_network(ring, found, ax):
    plot.coupling(found, ring, ax=ax)
    mean = {name: found.regional_adjusted_r2[ring.modules == name].mean() for name in np.unique(ring.modules)}
    order = sorted(mean, key=lambda name: -mean[name])
    counts = {"somatomotor": 10, "visual": 15, "default": 5}
    assert [text.get_text() for text in ax.get_yticklabels()] == [f"{name} ({counts[name]})" for name in order]
    assert [line.get_xdata()[0] for line in ax.lines[:3]] == pytest.approx([mean[name] for name in order])
    for dots, name in zip(ax.collections, order, strict=True):
        expected = found.regional_adjusted_r2[ring.modules == name]
        np.testing.assert_allclose(np.sort(dots.get_offsets()[:, 0]), np.sort(expected))
        assert to_hex(dots.get_facecolor()[0]) == module_style(sorted(mean).index(name))[0].lower()


def test_a_predictor_is_shown_by_its_rank_correlation(ring, found, ax):
    plot.coupling(found, ring, value="distance", ax=ax)
    got = np.sort(np.concatenate([dots.get_offsets()[:, 0] for dots in ax.collections]))
    np.testing.assert_allclose(got, np.sort(found.regional_rho[:, 0]))
    assert ax.get_xlabel() == "ρ of distance and function"
    every = plot.coupling(found, ax=Figure().subplots())
    assert [text.get_text() for text in every.get_yticklabels()] == ["all nodes (30)"]


def test_hops_have_a_line_a_predictor_and_numbers_of_pairs(found, ax):
    plot.coupling(found, view="hops", ax=ax)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), found.rho_by_hop[:, 1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["distance", "noise"]
    ticks = [text.get_text().replace("\n", ": ") for text in ax.get_xticklabels()]
    assert ticks == [f"{h}: {n}" for h, n in zip(found.hops, found.pairs_by_hop, strict=True)]


def test_space_holds_every_value_and_crosses_those_that_are_undefined(ring, found, ax):
    values = found.regional_r2.copy()
    values[3] = np.nan
    plot.coupling(_with(found, regional_r2=values), ring, view="space", value="r2", ax=ax)
    crosses, dots = ax.collections
    np.testing.assert_allclose(crosses.get_offsets(), ring.positions[[3]])
    np.testing.assert_allclose(dots.get_array(), np.delete(values, 3))
    assert dots.norm.vmin <= np.nanmin(values)
    assert dots.norm.vmax == np.nanmax(values)
    signed = plot.coupling(found, ring, view="space", value="distance", ax=Figure().subplots()).collections[0].norm
    assert signed.vmin == -signed.vmax


def test_undefined_nodes_are_counted(ring, found, ax):
    values = found.regional_adjusted_r2.copy()
    values[:2] = np.nan
    plot.coupling(_with(found, regional_adjusted_r2=values), ring, ax=ax)
    assert ax.get_title() == "Undefined for 2 nodes"
    assert sum(len(dots.get_offsets()) for dots in ax.collections) == 28


def _with(found, **changed):
    return replace(found, **changed)


@pytest.mark.parametrize("view", ["space", "hops"])
@pytest.mark.parametrize("size", [(2.4, 1.9), (7, 4)], ids=str)
def test_other_views_can_be_read_small_and_large(ring, found, view, size):
    figure = Figure(size, layout="constrained")
    plot.coupling(found, ring, view=view, ax=figure.subplots())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not problems(figure)


def test_what_cannot_be_drawn_is_refused(ring, found, ax):
    with pytest.raises(TypeError, match=r"netanalysis\.structure_function_coupling"):
        plot.coupling(np.eye(3), ax=ax)
    with pytest.raises(ValueError, match="value must be"):
        plot.coupling(found, ring, value="communicability", ax=ax)
    with pytest.raises(ValueError, match="view must be"):
        plot.coupling(found, ring, view="brain", ax=ax)
    with pytest.raises(ValueError, match="positions"):
        plot.coupling(found, view="space", ax=ax)
