"""Every figure labels its axes, leaves the caller's style alone, and draws on the Axes it was given."""

import re
from functools import partial
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis import plot


def draw_all(net, hops, test_result, selective, clusters, alignment, grid, make_ax):
    table = pd.DataFrame({"network": list("ab"), "measure": "m", "value": [1.0, 2]})
    table = table.assign(null_mean=1.5, null_low=1.4, null_high=1.7)
    recording, result = selective
    yield plot.weight_matrix(net, ax=make_ax())
    yield plot.network(net, ax=make_ax())
    people = np.random.default_rng(0).normal(size=(8, 4, 4))
    yield plot.network_based_statistic(
        na.network_based_statistic(people, list("aaaabbbb"), threshold=1, n_nulls=9, rng=0), ax=make_ax()
    )
    yield plot.weight_distance(net, ax=make_ax())
    yield plot.communication(na.communication(net, models=["shortest_paths", "matching_index"]), ax=make_ax())
    yield plot.degree_distribution(net, ax=make_ax())
    yield plot.description_length(na.block_model(net, n_restarts=1, rng=0), ax=make_ax())
    yield plot.strength_distribution(net, ax=make_ax())
    yield plot.weight_distribution(net, ax=make_ax())
    yield plot.distance_distribution(net, ax=make_ax())
    yield plot.eigenvalues(net, ax=make_ax())
    yield plot.embedding(na.embed([[0, 3, 5], [3, 0, 4], [5, 4, 0]]), ax=make_ax())
    yield plot.hop_mass(hops, ax=make_ax())
    yield plot.pathway_map(hops, hop=1, ax=make_ax())
    yield plot.mediators(na.pathways(net, max_hops=2).through(), ax=make_ax())
    yield plot.routing(na.pathways(net, max_hops=2).through(net.modules), ax=make_ax())
    yield plot.influence(na.influence(net, sources=[0]), ax=make_ax())
    yield plot.transition(na.control_energy(net, np.eye(net.n_nodes)[0], np.eye(net.n_nodes)[1]), ax=make_ax())
    yield plot.pathway_graph(na.strongest_paths(net, max_hops=2), ax=make_ax())
    yield plot.module_roles(
        na.participation_coefficient(net, np.arange(net.n_nodes) % 3), np.zeros(net.n_nodes), ax=make_ax()
    )
    yield plot.motifs(na.motif_test(net, n_nulls=3, rng=0), ax=make_ax())
    yield plot.null_distribution(test_result, ax=make_ax())
    yield plot.position(table, measure="m", highlight="a", ax=make_ax())
    yield plot.groups(table.assign(group=["x", "y"]), measure="m", ax=make_ax())
    yield plot.selectivity(result, ax=make_ax())
    yield plot.preference_in_space(result, positions=grid, ax=make_ax())
    yield plot.decoding(na.decode(recording, "goal", n_nulls=5, rng=0), time=recording.time, ax=make_ax())
    yield plot.task_variance(clusters, ax=make_ax())
    yield plot.functional_sheet(clusters, positions=grid, ax=make_ax())
    yield plot.clustering_alignment(alignment, ax=make_ax())
    tidy = pd.DataFrame({"epoch": [0, 0, 1, 1], "q": [0.1, 0.2, 0.3, 0.5], "group": list("abab")})
    yield plot.curve(tidy, x="epoch", y="q", ax=make_ax())
    yield plot.scatter(tidy, x="epoch", y="q", by="group", fit="linear", ax=make_ax())
    yield plot.histogram(tidy, x="q", by="group", ax=make_ax())
    yield plot.heat_map(tidy.assign(gamma=[1, 2, 2, 2]), x="epoch", y="gamma", value="q", ax=make_ax())
    yield plot.bars(tidy, x="group", y="q", by="epoch", reference=1, ax=make_ax())
    yield plot.ranks(tidy, value="q", ax=make_ax())
    yield plot.lesions([[-0.5, 0.1], [0.0, -0.3]], ax=make_ax())
    yield plot.activity(recording, by="goal", ax=make_ax())
    yield plot.trajectory(recording, by="goal", ax=make_ax())
    yield plot.rich_club(na.rich_club(net, n_nulls=5, rng=0), ax=make_ax())
    yield plot.hubs(na.hubs(na.transform.absolute(net)), ax=make_ax())
    yield plot.coupling(na.structure_function_coupling(net, net, pairs="connected"), net, ax=make_ax())
    yield plot.gradients(na.gradients(net, sparsity=0, n_components=2), ax=make_ax())
    yield plot.low_rank(na.low_rank(net, rank=2, inputs=[0], n_nulls=9, rng=0), ax=make_ax())
    yield plot.parcels(np.arange(net.n_nodes), net, ax=make_ax())
    fitted = na.fit_wiring(
        na.transform.symmetrize(net), rules=["spatial", "matching"], n_steps=2, n_rounds=1, n_held_out=2, rng=0
    )
    grown = na.grow(net, **fitted.options("matching"), size=3, rng=0)
    yield plot.wiring_landscape(fitted, rule="matching", ax=make_ax())
    yield plot.wiring_energies(fitted, ax=make_ax())
    yield plot.wiring_distribution(net, grown, ax=make_ax())
    yield plot.snapshots([net, net], figure=make_ax().figure)[0]


def test_every_figure_labels_its_axes_and_leaves_rcparams_and_input_alone(
    net, hops, test_result, selective, clusters, alignment, grid
):
    before, weights = dict(mpl.rcParams), net.weights.copy()
    given = net, hops, test_result, selective, clusters, alignment, grid
    drawn = list(draw_all(*given, lambda: Figure(layout="constrained").subplots()))
    in_three_dimensions, whole_figure = {"layers", "surface"}, {"panel_letters", "save"}
    assert len(drawn) == len(set(plot.__all__) - in_three_dimensions - whole_figure)
    for ax in drawn:
        assert ax.get_xlabel() or any(re.search("[a-z]", text.get_text()) for text in ax.get_xticklabels())
        assert ax.get_ylabel() or ax.get_yticklabels()
        ax.figure.canvas.draw()
    assert dict(mpl.rcParams) == before
    np.testing.assert_array_equal(net.weights, weights)


def test_no_module_of_plot_is_hidden_by_a_function():
    modules = {path.stem for path in Path(plot.__file__).parent.glob("*.py")}
    assert not modules & set(plot.__all__)
    for name in modules - {"__init__"}:
        assert isinstance(getattr(plot, name, ModuleType("")), ModuleType)


def test_the_old_name_of_preference_in_space_works_and_says_the_new_one(grid):
    with pytest.warns(FutureWarning, match=r"tuning_in_space is now netanalysis\.plot\.preference_in_space"):
        ax = plot.tuning_in_space(np.linspace(-1, 1, 20), positions=grid, ax=Figure().subplots())
    assert ax.get_xlabel()


NOT = 3.0  # neither a result nor a table


@pytest.mark.parametrize(
    ("draw", "maker"),
    [
        (plot.hop_mass, "pathways"),
        (partial(plot.pathway_map, hop=1), "pathways"),
        (plot.null_distribution, "null_test"),
        (plot.selectivity, "mixed_selectivity"),
        (plot.decoding, "decode"),
        (plot.clustering_alignment, "clustering_alignment"),
        (partial(plot.position, measure="m"), "summarize"),
        (partial(plot.groups, measure="m"), "summarize"),
    ],
)
def test_what_is_no_result_is_refused_by_the_name_of_what_makes_one(draw, maker):
    with pytest.raises(TypeError, match=rf"must be .*netanalysis\.{maker} returns.* got float"):
        draw(NOT, ax=Figure().subplots())


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
