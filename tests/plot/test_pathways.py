"""The strongest paths as a graph in layers, and mediators as bars."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

import netanalysis as na
from netanalysis import plot
from netanalysis.plot._colour import BLUE, VERMILION

W = np.array([[0, 2, -1, 0], [0, 0.5, 3, -1], [0, -2, 0, 4], [0, 0, 0, 0]])
NET = na.Connectome(W, labels=["in", "a", "b$", "out"])


def test_connections_are_as_wide_as_strong_and_coloured_by_sign():
    best = na.strongest_paths(NET, inputs=[0], outputs=[3], k=3, max_hops=3, min_hops=3)
    ax = plot.pathway_graph(best, ax=Figure(figsize=(7, 4)).subplots())
    lines = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    assert len(lines) == len({(t, a, b) for p in best.names for t, (a, b) in enumerate(pairwise(p))})
    assert {to_rgb(line.get_edgecolor()) for line in lines} == {to_rgb(BLUE), to_rgb(VERMILION)}
    widest = max(lines, key=lambda line: line.get_linewidth())
    assert widest.get_linewidth() == pytest.approx(4)
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("in") == 1
    assert {"a", r"b\$", "out"} <= set(texts)


def test_bars_add_up_to_the_shares():
    carried = na.pathways(NET, inputs=[0], outputs=[3], max_hops=3).through()
    ax = plot.mediators(carried, step=1, ax=Figure().subplots())
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", r"b\$"]
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(2, 2)
    np.testing.assert_allclose(widths, [[24 / 27, 0], [1 / 27, 2 / 27]])
    assert ax.get_title() == "3 hops, step 1"
    met = na.pathways(NET, inputs=[0], outputs=[3], max_hops=3).through(at="any")
    assert plot.mediators(met, top=2, ax=Figure().subplots()).get_title() == "3 hops"


def heights(ax):
    """Shares by part and column."""
    return np.array([[bar.get_height() for bar in part] for part in ax.containers])


@pytest.mark.filterwarnings("ignore:share is nan:netanalysis.UndefinedWarning")
def test_routing_fills_every_column_with_the_shares_of_types():
    types = ["x", "mid", "mid", "y"]
    paths = na.pathways(NET, inputs=[0], outputs=[3], max_hops=3)
    carried = paths.through(types)
    ax = plot.routing(carried, ax=Figure().subplots())
    np.testing.assert_allclose(heights(ax), carried.share[-1].T)
    np.testing.assert_allclose(heights(ax).sum(axis=0), 1)
    assert ax.get_title() == "3 hops"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["mid", "x", "y"]
    short = plot.routing(carried, hop=2, ax=Figure().subplots())
    np.testing.assert_allclose(heights(short), carried.share[2, :3].T)
    at_one = plot.routing(paths.through(types, at=1), ax=Figure().subplots())
    np.testing.assert_allclose(heights(at_one), np.nan_to_num(paths.through(types, at=1).share[1:].T))
    assert at_one.get_title() == "after 1 hop"


def test_routing_counts_the_types_that_it_does_not_tell_apart():
    carried = na.pathways(NET, inputs=[0], outputs=[3], max_hops=3).through()
    ax = plot.routing(carried, top=2, ax=Figure().subplots())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["in", "out", "2 others"]
    np.testing.assert_allclose(heights(ax).sum(axis=0), 1)


@pytest.mark.filterwarnings("ignore:share is nan:netanalysis.UndefinedWarning")
def test_routing_between_types_at_the_ends():
    types = ["x", "mid", "mid", "y"]
    paths = na.pathways(NET, inputs=[0, 1], outputs=[2, 3], max_hops=3)
    ends = {"modules_in": ["one", "two"], "modules_out": ["p", "q"]}
    table = paths.through(types, per="pair", **ends)
    ax = plot.routing(table, input="two", output="q", ax=Figure().subplots())
    alone = na.pathways(NET, inputs=[1], outputs=[3], max_hops=3).through(types)
    np.testing.assert_allclose(heights(ax), alone.share[-1].T)
    summed = plot.routing(table, ax=Figure().subplots())
    np.testing.assert_allclose(heights(summed), paths.through(types).share[-1].T)
    by_output = paths.through(types, per="output", modules_out=["p", "q"])
    of_one = plot.routing(by_output, output="p", ax=Figure().subplots())
    alone = na.pathways(NET, inputs=[0, 1], outputs=[2], max_hops=3).through(types)
    np.testing.assert_allclose(heights(of_one), alone.share[-1].T)
    with pytest.raises(ValueError, match="output must be one of p, q"):
        plot.routing(table, output="z", ax=Figure().subplots())
    with pytest.raises(ValueError, match="inputs are summed: per='input'"):
        plot.routing(by_output, input="one", ax=Figure().subplots())


def test_stars_are_those_of_the_test():
    rng = np.random.default_rng(5)
    w = (rng.random((30, 30)) < 0.2).astype(float)
    w[:5, 12] = w[12, 25:] = 1
    ends = {"inputs": range(5), "outputs": range(25, 30), "max_hops": 2}
    carried = na.pathways(w, **ends).through()
    test = na.mediator_test(w, "erdos_renyi", n_nulls=99, rng=0, **ends)
    ax = plot.mediators(carried, test=test, ax=Figure(figsize=(4, 3)).subplots())
    rows = {text.xy[1] for text in ax.texts}
    names = dict(zip(ax.get_yticks(), (label.get_text() for label in ax.get_yticklabels()), strict=True))
    assert {names[row] for row in rows} == {str(k) for k in np.flatnonzero(test.p_corrected[2, 1] <= 0.05)} == {"12"}
    assert "p ≤ 0.05" in ax.get_xlabel()
    one = na.mediator_test(w, "erdos_renyi", n_nulls=99, rng=0, at=1, **ends)
    for flows in (carried, na.pathways(w, **ends).through(at=1)):
        assert len(plot.mediators(flows, test=one, ax=Figure().subplots()).texts) == 1
    with pytest.raises(ValueError, match="test must be of 1 hops at step 0"):
        plot.mediators(carried, hop=1, step=0, test=one, ax=Figure().subplots())
    grouped = na.mediator_test(w, "erdos_renyi", groups=[0, 1] * 15, n_nulls=9, **ends)
    with pytest.raises(ValueError, match="same mediators"):
        plot.mediators(carried, test=grouped, ax=Figure().subplots())
    each = na.mediator_test(w, "erdos_renyi", per="input", n_nulls=9, **ends)
    with pytest.raises(ValueError, match="inputs and outputs summed"):
        plot.mediators(carried, test=each, ax=Figure().subplots())
    with pytest.raises(TypeError, match="mediator_test"):
        plot.mediators(carried, test=carried, ax=Figure().subplots())


def test_refusals():
    paths = na.pathways(NET, inputs=[0], outputs=[3], max_hops=3)
    with pytest.raises(ValueError, match="step must be one of"):
        plot.mediators(paths.through(), hop=2, step=3, ax=Figure().subplots())
    with pytest.raises(ValueError, match="hop must be one of"):
        plot.mediators(paths.through(), hop=9, ax=Figure().subplots())
    with pytest.raises(ValueError, match="per=None"):
        plot.mediators(paths.through(per="input"), ax=Figure().subplots())
    with pytest.raises(ValueError, match="no steps"):
        plot.mediators(paths.through(at="any"), step=1, ax=Figure().subplots())
    with pytest.raises(ValueError, match="do not add up"):
        plot.routing(paths.through(at="any"), ax=Figure().subplots())
    with pytest.raises(ValueError, match="hop must be one of"):
        plot.routing(paths.through(), hop=9, ax=Figure().subplots())
    with pytest.raises(ValueError, match="leave hop out"):
        plot.routing(paths.through(at=1), hop=2, ax=Figure().subplots())
    with pytest.raises(ValueError, match="one network"):
        plot.routing(na.pathways(np.stack([W, W]), max_hops=2).through(), ax=Figure().subplots())
    with pytest.raises(TypeError, match="strongest_paths"):
        plot.pathway_graph(paths, ax=Figure().subplots())
