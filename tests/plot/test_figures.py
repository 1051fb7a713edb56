"""Figures: they draw the data they were given, say what they left out, and leave the caller's style alone."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import LogNorm, SymLogNorm
from matplotlib.figure import Figure
from scipy import sparse, stats

import netanalysis as na
from netanalysis import plot
from netanalysis.plot import _colour, _text
from netanalysis.structure.pathways import Pathways


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


@pytest.fixture
def net(undirected):
    place = np.random.default_rng(3).normal(size=(30, 3)) * [1, 10, 5]
    return na.Connectome(undirected, positions=place, modules=np.arange(30) % 3, metadata={"unit": "mm"})


@pytest.fixture
def hops():
    maps = np.random.default_rng(1).normal(size=(4, 3, 5)) * 10.0 ** -np.arange(4)[:, None, None]
    return Pathways(maps=maps, hops=np.arange(4), alpha=1.0, scale=1.0)


@pytest.fixture
def test_result():
    null = np.random.default_rng(2).normal(0.3, 0.01, 99)
    return SimpleNamespace(null_distribution=null, observed=0.42, z=12.1, p=0.02)


def draw_all(net, hops, test_result, make_ax):
    table = pd.DataFrame({"network": list("ab"), "measure": "m", "value": [1.0, 2]})
    table = table.assign(null_mean=1.5, null_low=1.4, null_high=1.7)
    yield plot.weight_matrix(net, ax=make_ax())
    yield plot.network(net, ax=make_ax())
    yield plot.weight_distance(net, ax=make_ax())
    yield plot.degree_distribution(net, ax=make_ax())
    yield plot.strength_distribution(net, ax=make_ax())
    yield plot.weight_distribution(net, ax=make_ax())
    yield plot.distance_distribution(net, ax=make_ax())
    yield plot.eigenvalues(net, ax=make_ax())
    yield plot.hop_mass(hops, ax=make_ax())
    yield plot.pathway_map(hops, hop=1, ax=make_ax())
    yield plot.null_distribution(test_result, ax=make_ax())
    yield plot.position(table, measure="m", highlight="a", ax=make_ax())
    yield plot.groups(table.assign(group=["x", "y"]), measure="m", ax=make_ax())


def test_every_figure_labels_its_axes_and_leaves_rcparams_and_input_alone(net, hops, test_result):
    before, weights = dict(mpl.rcParams), net.weights.copy()
    drawn = list(draw_all(net, hops, test_result, lambda: Figure(layout="constrained").subplots()))
    of_function = {
        "clustering_alignment",
        "decoding",
        "functional_sheet",
        "selectivity",
        "task_variance",
        "preference_in_space",
    }
    assert len(drawn) == len(set(plot.__all__) - of_function)  # test_plot_function.py
    for ax in drawn:
        assert ax.get_xlabel()
        assert ax.get_ylabel() or ax.get_yticklabels()
        ax.figure.canvas.draw()
    assert dict(mpl.rcParams) == before
    np.testing.assert_array_equal(net.weights, weights)


def test_text_takes_the_colour_of_the_style_in_force(net):
    with mpl.rc_context({"text.color": "white", "axes.labelcolor": "white"}):
        ax = plot.eigenvalues(na.Connectome(net.weights / 50), ax=Figure().subplots())
    unit_circle = next(line for line in ax.lines if line.get_label() == "unit circle")
    assert unit_circle.get_color() == "white"


def test_without_ax_it_draws_on_the_current_axes(net):
    import matplotlib.pyplot as plt

    with mpl.rc_context({"backend": "agg"}):
        figure, current = plt.subplots()
        assert plot.weight_distribution(net) is current
        plt.close(figure)


class TestWeightMatrix:
    def test_sorts_by_module_and_keeps_the_order_inside(self, ax):
        w = np.arange(16.0).reshape(4, 4)
        plot.weight_matrix(w, modules=["b", "a", "b", "a"], ax=ax)
        order = [1, 3, 0, 2]
        np.testing.assert_array_equal(ax.images[0].get_array().filled(0), w[np.ix_(order, order)])

    def test_signed_weights_are_centred_on_zero_and_nothing_is_clipped(self, signed, ax):
        plot.weight_matrix(signed, ax=ax)
        norm = ax.images[0].norm
        assert norm.vmin == -norm.vmax
        assert norm.vmax == np.abs(signed).max()

    @pytest.mark.parametrize(("sign", "kind"), [(1, LogNorm), (-1, SymLogNorm)])
    def test_log_scale(self, undirected, sign, kind, ax):
        w = undirected.copy()
        w[0, 1] *= sign
        w[0, 1] = w[0, 1] or sign
        plot.weight_matrix(w, scale="log", ax=ax)
        assert isinstance(ax.images[0].norm, kind)
        ax.figure.canvas.draw()

    def test_absent_connections_are_empty(self, ax):
        plot.weight_matrix([[0, 2.0], [0, 0]], ax=ax)
        np.testing.assert_array_equal(ax.images[0].get_array().mask, [[True, False], [True, True]])

    @pytest.mark.parametrize("scale", ["linear", "log"])
    @pytest.mark.parametrize("w", [np.zeros((1, 1)), np.zeros((3, 3)), np.ones((2, 2))])
    def test_empty_and_constant(self, w, scale, ax):
        plot.weight_matrix(w, scale=scale, ax=ax).figure.canvas.draw()

    def test_refuses_a_stack_and_an_unknown_scale(self, ax):
        with pytest.raises(ValueError, match="one network"):
            plot.weight_matrix(np.zeros((2, 3, 3)), ax=ax)
        with pytest.raises(ValueError, match="scale must be one of"):
            plot.weight_matrix(np.eye(2), scale="cubic", ax=ax)


class TestNetwork:
    def test_draws_the_stated_share_of_the_strongest(self, net, ax):
        plot.network(net, edges=0.2, ax=ax)
        weights = net.weights[np.triu_indices(30, 1)]
        weights = weights[weights > 0]
        count = round(0.2 * len(weights))
        lines = ax.collections[0]
        assert len(lines.get_segments()) == count
        assert ax.get_title() == f"Strongest 20 % of {len(weights)} connections"
        strongest = np.sort(weights)[-count:]
        np.testing.assert_allclose(lines.get_linewidths(), 0.3 + 1.7 * strongest / strongest.max())

    def test_shows_the_widest_plane_and_its_unit(self, net, ax):
        plot.network(net, ax=ax)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("y (mm)", "z (mm)")
        assert ax.get_aspect() == 1.0

    def test_plane_by_name(self, net, ax):
        assert plot.network(net, plane="xz", ax=ax).get_xlabel() == "x (mm)"
        with pytest.raises(ValueError, match="plane must be"):
            plot.network(net, plane="xx", ax=ax)

    def test_refuses_without_positions(self, ax):
        with pytest.raises(ValueError, match="no positions"):
            plot.network(np.eye(3), ax=ax)
        with pytest.raises(ValueError, match="share"):
            plot.network(np.eye(3), positions=np.eye(3), edges=2, ax=ax)

    def test_sparse_equals_dense(self, net, ax):
        other = Figure().subplots()
        plot.network(net, ax=ax)
        plot.network(net.replace(weights=sparse.csr_array(net.weights)), ax=other)
        for a, b in zip(ax.collections, other.collections, strict=True):
            np.testing.assert_allclose(a.get_offsets(), b.get_offsets())


class TestWeightDistance:
    def test_one_dot_per_connection_and_rank_correlation(self, net, ax):
        plot.weight_distance(net, ax=ax)
        row, col = np.nonzero(np.triu(net.weights, 1))
        dots = ax.collections[0].get_offsets()
        np.testing.assert_allclose(np.sort(dots[:, 0]), np.sort(net.distances[row, col]))
        rho = stats.spearmanr(net.distances[row, col], net.weights[row, col]).statistic
        assert ax.get_title() == f"Spearman ρ = {_text.number(rho)}"
        assert ax.get_legend().get_texts()[0].get_text() == f"connections ({len(row)})"
        assert ax.get_xlabel() == "Distance (mm)"

    def test_given_distances_count_before_positions(self, net, ax):
        tract = np.full((30, 30), 7.0)
        plot.weight_distance(net.replace(distances=tract), ax=ax)
        assert set(ax.collections[0].get_offsets()[:, 0]) == {7.0}
        assert "undefined" in ax.get_title()

    def test_refuses_without_distances(self, ax):
        with pytest.raises(ValueError, match="neither distances nor positions"):
            plot.weight_distance(np.eye(3), ax=ax)


class TestDistributions:
    def test_counts_every_node_once(self, directed, ax):
        plot.degree_distribution(directed, ax=ax)
        outlines = [patch for patch in ax.patches if not patch.get_fill()]
        assert [patch.get_data().values.sum() for patch in outlines] == [30, 30]
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["out", "in"]

    def test_counts_undirected_connections_once_and_no_self_connection(self, undirected, ax):
        w = undirected.copy()
        np.fill_diagonal(w, 5)
        plot.weight_distribution(w, ax=ax)
        assert ax.patches[1].get_data().values.sum() == np.count_nonzero(np.triu(undirected, 1))

    def test_bins_cover_the_whole_range_of_a_heavy_tail(self, ax):
        w = np.zeros((20, 20))
        w[0, 1:] = np.geomspace(1e-4, 1e3, 19)
        plot.weight_distribution(w, ax=ax)
        assert ax.get_xscale() == "log"
        assert ax.patches[1].get_data().values.sum() == 19

    def test_whole_numbers_get_whole_bins(self, ax):
        w = np.triu(np.random.default_rng(0).poisson(3, (60, 60)), 1)
        plot.weight_distribution(w, log=True, ax=ax)
        edges = ax.patches[1].get_data().edges
        np.testing.assert_allclose(edges % 1, 0.5)
        assert ax.patches[1].get_data().values.sum() == np.count_nonzero(w)

    def test_says_how_many_are_off_a_log_axis(self, ax):
        w = np.zeros((5, 5))
        w[0, 1] = w[1, 0] = 3
        plot.strength_distribution(w, log=True, ax=ax)
        assert ax.get_title() == "3 at 0 not shown"

    def test_refuses_log_of_negative_weights(self, signed, ax):
        with pytest.raises(ValueError, match="log=True needs non-negative"):
            plot.weight_distribution(signed, log=True, ax=ax)

    @pytest.mark.parametrize("draw", [plot.degree_distribution, plot.strength_distribution, plot.weight_distribution])
    @pytest.mark.parametrize("w", [[[0.0]], np.zeros((3, 3)), np.ones((4, 4)), [[0, -1e-9], [2, 0]]])
    def test_small_and_empty_networks(self, draw, w, ax):
        draw(w, ax=ax).figure.canvas.draw()

    def test_distances_of_connections_and_of_all_pairs(self, net, ax):
        plot.distance_distribution(net, ax=ax)
        for patch in ax.patches[1::2]:
            values, edges, _ = patch.get_data()
            assert np.isclose(np.sum(values * np.diff(edges)), 1)


class TestEigenvalues:
    def test_all_eigenvalues_and_the_circle_of_the_largest(self, signed, ax):
        plot.eigenvalues(signed, ax=ax)
        dots = ax.collections[0].get_offsets()
        values = np.linalg.eigvals(signed)
        np.testing.assert_allclose(np.sort(np.hypot(*dots.T)), np.sort(np.abs(values)))
        circle = next(line for line in ax.lines if "radius" in str(line.get_label()))
        np.testing.assert_allclose(np.hypot(*circle.get_data()), np.abs(values).max())

    @pytest.mark.parametrize(("scale", "shown"), [(1, True), (1000, False)])
    def test_unit_circle_where_it_can_be_seen(self, signed, scale, shown, ax):
        plot.eigenvalues(scale * signed, ax=ax)
        assert ("unit circle" in [line.get_label() for line in ax.lines]) == shown

    def test_nilpotent(self, ax):
        plot.eigenvalues([[0, 1.0], [0, 0]], ax=ax).figure.canvas.draw()


class TestHops:
    def test_mass_is_the_sum_of_magnitudes(self, hops, ax):
        plot.hop_mass(hops, log=False, ax=ax)
        heights = [bar.get_height() for bar in ax.patches]
        np.testing.assert_allclose(heights, np.abs(hops.maps).sum(axis=(1, 2)))

    def test_log_leaves_out_empty_hops_and_says_so(self, hops, ax):
        hops.maps[2] = 0  # before the masses are computed
        plot.hop_mass(hops, ax=ax)
        assert ax.get_yscale() == "log"
        assert "none at 2 hops" in ax.get_title()

    def test_map_of_one_hop(self, hops, ax):
        plot.pathway_map(hops, hop=2, ax=ax)
        np.testing.assert_array_equal(ax.images[0].get_array(), hops.maps[2])
        with pytest.raises(ValueError, match="hop must be one of"):
            plot.pathway_map(hops, hop=9, ax=ax)


class TestNullDistribution:
    def test_shows_every_null_value_the_observed_one_and_the_numbers(self, test_result, ax):
        plot.null_distribution(test_result, label="Q", ax=ax)
        assert ax.get_title() == "z = 12.1, p = 0.02"
        observed = next(line for line in ax.lines if line.get_label() == "observed")
        assert observed.get_xdata()[0] == 0.42
        assert ax.get_xlim()[0] < test_result.null_distribution.min()
        assert ax.get_xlim()[1] > 0.42

    def test_a_statistic_the_null_keeps(self, ax):
        kept = SimpleNamespace(null_distribution=np.full(9, 2.0), observed=2.0, z=np.nan, p=1.0)
        plot.null_distribution(kept, ax=ax).figure.canvas.draw()
        assert "z = undefined" in ax.get_title()

    def test_undefined_replicates_are_counted(self, test_result, ax):
        test_result.null_distribution[:3] = np.nan
        assert "3 of 99 undefined" in plot.null_distribution(test_result, ax=ax).get_title()

    def test_refuses_several_statistics(self, ax):
        several = SimpleNamespace(null_distribution=np.zeros((9, 2)), observed=np.zeros(2), z=0.0, p=1.0)
        with pytest.raises(ValueError, match="scalar statistic"):
            plot.null_distribution(several, ax=ax)


class TestPosition:
    def test_sorted_by_value_with_undefined_ones_counted(self, ax):
        table = pd.DataFrame({"network": ["b$x$", "a", "c"], "measure": "m", "value": [2.0, 1.0, np.nan]})
        plot.position(table, measure="m", ax=ax)
        assert [text.get_text() for text in ax.get_yticklabels()] == ["a", r"b\$x\$"]
        assert ax.get_title() == "Undefined for c"

    @pytest.mark.parametrize(("largest", "scale"), [(50, "linear"), (500, "log")])
    def test_log_axis_where_networks_differ_by_orders(self, largest, scale, ax):
        table = pd.DataFrame({"network": ["a", "b"], "measure": "m", "value": [1.0, largest]})
        assert plot.position(table, measure="m", ax=ax).get_xscale() == scale

    def test_long_names_leave_room_for_the_data(self):
        figure = Figure(figsize=(4.4, 1.5), layout="constrained")
        table = pd.DataFrame({"network": ["n" * 500], "measure": "m", "value": [2.0]})
        plot.position(table, measure="m", ax=figure.subplots()).figure.canvas.draw()
        assert figure.axes[0].get_position().width > 0.2

    def test_refuses_an_unknown_measure(self, ax):
        table = pd.DataFrame({"network": ["a"], "measure": "m", "value": [2.0]})
        with pytest.raises(ValueError, match="measure must be one of"):
            plot.position(table, measure="q", ax=ax)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.51649, "0.516"), (-2, "−2"), (591000.0, "5.91×10⁵"), (1234.0, "1,230"), (np.nan, "undefined"), (0, "0")],
)
def test_numbers(value, text):
    assert _text.number(value) == text


def test_module_colours_stay_distinct():
    assert len({_colour.module_style(k) for k in range(48)}) == 48


def test_groups_average_only_what_they_are_told_to():
    table = pd.DataFrame({"group": list("aaabbb"), "measure": "m", "value": [1.0, 2, 3, 4, 5, np.nan]})
    every = plot.groups(table, measure="m", ax=Figure().subplots())
    assert [text.get_text() for text in every.get_yticklabels()] == ["a (3)", "b (2)"]
    assert [line.get_xdata()[0] for line in every.lines] == [2]  # b has too few values for an interval
    assert not plot.groups(table, measure="m", averaged=(), ax=Figure().subplots()).lines
    with pytest.raises(ValueError, match="measure must be one of"):
        plot.groups(table, measure="x", ax=Figure().subplots())
