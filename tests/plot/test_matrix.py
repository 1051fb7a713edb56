"""The weight matrix: its order, its colours, what is left empty."""

import numpy as np
import pytest
from matplotlib.colors import LogNorm, SymLogNorm

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
