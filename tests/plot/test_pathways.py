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
    with pytest.raises(TypeError, match="strongest_paths"):
        plot.pathway_graph(paths, ax=Figure().subplots())
