"""Nodes in the plane of two gradients."""

import numpy as np
import pytest

import netanalysis as na


def test_dots_stand_where_the_gradients_say(ax):
    fc = na.datasets.load("human_schaefer100_fc")
    found = na.gradients(fc)
    na.plot.gradients(found, components=(1, 0), ax=ax)
    drawn = np.vstack([np.asarray(part.get_offsets()) for part in ax.collections])
    assert sorted(map(tuple, drawn.round(9))) == sorted(map(tuple, found.values[:, [1, 0]].round(9)))
    assert ax.get_xlabel().startswith("Gradient 2")


def test_what_cannot_be_drawn_is_named(ax):
    stack = na.gradients(np.random.default_rng(0).random((2, 9, 9)), sparsity=0)
    with pytest.raises(ValueError, match="one network; got a stack"):
        na.plot.gradients(stack, ax=ax)
    one = na.gradients(np.random.default_rng(0).random((9, 9)), sparsity=0, n_components=2)
    with pytest.raises(ValueError, match="components must be two of the 2 gradients"):
        na.plot.gradients(one, components=(0, 2), ax=ax)
