"""The weight matrix: its order, its colours, what is left empty."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm, SymLogNorm
from matplotlib.figure import Figure
from scipy import sparse

from netanalysis import plot


def test_sorts_by_module_and_keeps_the_order_inside(ax):
    w = np.arange(16.0).reshape(4, 4)
    plot.weight_matrix(w, modules=["b", "a", "b", "a"], ax=ax)
    order = [1, 3, 0, 2]
    np.testing.assert_array_equal(ax.images[0].get_array().filled(0), w[np.ix_(order, order)])


def test_signed_weights_are_centred_on_zero_and_nothing_is_clipped(signed, ax):
    plot.weight_matrix(signed, ax=ax)
    norm = ax.images[0].norm
    assert norm.vmin == -norm.vmax
    assert norm.vmax == np.abs(signed).max()


@pytest.mark.parametrize(("sign", "kind"), [(1, LogNorm), (-1, SymLogNorm)])
def test_log_scale(undirected, sign, kind, ax):
    w = undirected.copy()
    w[0, 1] *= sign
    w[0, 1] = w[0, 1] or sign
    plot.weight_matrix(w, scale="log", ax=ax)
    assert isinstance(ax.images[0].norm, kind)
    ax.figure.canvas.draw()


def test_absent_connections_are_empty(ax):
    plot.weight_matrix([[0, 2.0], [0, 0]], ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array().mask, [[True, False], [True, True]])


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("w", [np.zeros((1, 1)), np.zeros((3, 3)), np.ones((2, 2))])
def test_empty_and_constant(w, scale, ax):
    plot.weight_matrix(w, scale=scale, ax=ax).figure.canvas.draw()


def test_refuses_a_stack_and_an_unknown_scale(ax):
    with pytest.raises(ValueError, match="one network"):
        plot.weight_matrix(np.zeros((2, 3, 3)), ax=ax)
    with pytest.raises(ValueError, match="scale must be one of"):
        plot.weight_matrix(np.eye(2), scale="cubic", ax=ax)


@pytest.mark.parametrize("modules", [None, np.arange(1003) % 3])
def test_cells_of_a_large_network_are_means_and_the_figure_says_so(modules, ax):
    w = sparse.random_array((1003, 1003), density=0.006, rng=np.random.default_rng(0)).tocsr()
    plot.weight_matrix(w, modules=modules, ax=ax)
    order = np.arange(1003) if modules is None else np.argsort(modules, kind="stable")
    shown = ax.images[0].get_array().filled(0)
    k = -(-1003 // len(shown))
    assert k > 1
    full = np.pad(w.toarray()[np.ix_(order, order)], (0, k * len(shown) - 1003), constant_values=np.nan)
    means = np.nanmean(full.reshape(len(shown), k, len(shown), k), axis=(1, 3))
    np.testing.assert_allclose(shown, means)
    assert f"mean of {k} × {k}" in ax.child_axes[0].get_ylabel().replace("\n", " ")
    dense = plot.weight_matrix(w.toarray(), modules=modules, ax=Figure(layout="constrained").subplots())
    np.testing.assert_allclose(dense.images[0].get_array().filled(0), means)


@pytest.mark.parametrize("width", [2.4, 7.0])
def test_a_large_sparse_matrix_is_not_blank(width):
    w = sparse.random_array((2000, 2000), density=0.006, rng=np.random.default_rng(0)).tocsr()
    figure = Figure(figsize=(width, width), layout="constrained")
    ax = plot.weight_matrix(w, ax=figure.subplots())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    left, low, right, high = ax.bbox.padded(-4).extents.astype(int)
    ink = 255 - np.asarray(canvas.buffer_rgba())[::-1][low:high, left:right, :3].min(axis=-1)
    assert ink.max() > 0.5 * 255


def test_only_directed_networks_have_sources_and_targets(directed, undirected, ax):
    assert plot.weight_matrix(directed, ax=ax).get_ylabel() == "Source node (30)"
    other = plot.weight_matrix(undirected, ax=Figure().subplots())
    assert (other.get_xlabel(), other.get_ylabel()) == ("Node (30)", "Node (30)")


@pytest.mark.parametrize(("n_modules", "said"), [(6, ""), (200, "of 200 modules named")])
def test_no_name_of_a_module_vanishes_silently(n_modules, said, ax):
    sizes = np.ones(n_modules, int)
    sizes[0] = 300
    plot.weight_matrix(np.eye(sizes.sum()), modules=np.repeat(np.arange(n_modules), sizes), ax=ax)
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert "0" in names
    assert said in ax.get_xlabel()
    assert said or len(names) == n_modules
