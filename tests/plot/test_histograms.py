"""Counts and shares of each group, in common bins."""

import numpy as np
import pandas as pd
import pytest

from netanalysis import plot

RNG = np.random.default_rng(2)
TABLE = pd.DataFrame({"q": RNG.normal(size=90), "group": ["a"] * 60 + ["b"] * 30})
EDGES = np.linspace(-4, 4, 17)


def heights(ax, index, edges):
    """Height of a step outline in the middle of each bin."""
    outline = ax.collections[index].get_paths()[0].vertices
    middles = (edges[:-1] + edges[1:]) / 2
    x, y = outline[:, 0], outline[:, 1]
    out = []
    for middle in middles:
        crossing = [k for k in range(len(x) - 1) if min(x[k], x[k + 1]) < middle < max(x[k], x[k + 1])]
        out.append(max(y[k] for k in crossing))
    return np.array(out)


@pytest.mark.parametrize("share", [False, True])
def test_heights_are_counts_or_shares_of_each_group(share, ax):
    plot.histogram(TABLE, x="q", by="group", bins=EDGES, share=share, ax=ax)
    for k, (_, rows) in enumerate(TABLE.groupby("group")):
        count, _ = np.histogram(rows["q"], EDGES)
        np.testing.assert_allclose(heights(ax, k, EDGES), count / len(rows) if share else count)
    assert ax.get_ylabel() == ("Share" if share else "Count")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a (n = 60)", "b (n = 30)"]


def test_values_outside_the_edges_are_counted(ax):
    plot.histogram(TABLE, x="q", bins=[-0.5, 0, 0.5], ax=ax)
    outside = int((TABLE["q"].abs() > 0.5).sum())
    assert ax.get_legend().get_title().get_text() == f"{outside} outside the bins"


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [0.0, 1e6], np.arange(5.0)])
def test_few_values_and_far_ones(values, ax):
    plot.histogram(pd.DataFrame({"q": values}), x="q", ax=ax).figure.canvas.draw()


def test_edges_must_rise(ax):
    with pytest.raises(ValueError, match="bins must"):
        plot.histogram(TABLE, x="q", bins=[0, 0, 1], ax=ax)
