"""Core and periphery against all divisions of small networks."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from tests.structure.graphs import network

DIVISIONS = np.array(list(product([False, True], repeat=7)))


def quality(w, core, gamma, *, diagonal):
    """The definition, with the mean over all n^2 entries or those off the diagonal."""
    n = len(w)
    mean = w.sum() / (n * n if diagonal else n * (n - 1))
    b = w - gamma * mean * (1.0 if diagonal else 1 - np.eye(n))
    return (b[np.ix_(core, core)].sum() - b[np.ix_(~core, ~core)].sum()) / w.sum()


def test_trap_the_core_is_the_best_of_all_divisions():
    w = network("0-1, 0-2, 1-2, 0-3, 1-4, 2-5, 0-4", 6)
    for diagonal in (True, False):
        every = sorted(quality(w, np.array(c), 1, diagonal=diagonal) for c in product([False, True], repeat=6))
        assert every[-1] == pytest.approx(0.428571, abs=1e-6)
        assert every[-2] == pytest.approx(0.380952, abs=1e-6)
    for net in (w, sparse.csr_array(w), 5e200 * w, w + np.eye(6)):
        found = na.core_periphery(net)
        assert found.core.tolist() == [True, True, True, False, False, False]
        assert found.quality == pytest.approx(3 / 7, rel=1e-12)
        assert found.n_core == 3


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.6, 1.0, 1.7]), st.booleans())
def test_no_division_is_better(seed, gamma, diagonal):
    rng = np.random.default_rng(seed)
    w = rng.random((7, 7)) * (rng.random((7, 7)) < 0.5)
    np.fill_diagonal(w, 0)
    w[0, 1] = 1.0
    found = na.core_periphery(w, resolution=gamma)
    assert found.quality == pytest.approx(quality(w, found.core, gamma, diagonal=diagonal), abs=1e-12)
    assert found.quality == pytest.approx(max(quality(w, c, gamma, diagonal=diagonal) for c in DIVISIONS), abs=1e-12)
    order = rng.permutation(7)
    moved = na.core_periphery(w[np.ix_(order, order)], resolution=gamma)
    np.testing.assert_array_equal(moved.core, found.core[order])
    for i in range(7):
        other = found.core.copy()
        other[i] = not other[i]
        change = quality(w, other, gamma, diagonal=diagonal) - found.quality
        assert change == pytest.approx(-found.gain[i] if found.core[i] else found.gain[i], abs=1e-12)


def test_bctpy_from_the_best_start_finds_nothing_better(directed):
    import bct as bctpy

    found = na.core_periphery(directed)
    theirs = [bctpy.core_periphery_dir(directed.copy(), seed=s)[1] for s in range(3)]
    assert found.quality >= max(theirs) - 1e-12
    assert found.quality == pytest.approx(max(theirs), rel=1e-9)


def test_degenerate_networks_and_stacks(directed):
    ring = 0.1 * network("0-1, 1-2, 2-3, 3-4, 4-0", 5)
    assert na.core_periphery(ring).n_core == 0
    assert na.core_periphery(ring).quality == 0
    with pytest.warns(na.UndefinedWarning, match="no weights"):
        assert np.isnan(na.core_periphery(np.zeros((3, 3))).quality)
    stack = np.stack([directed, directed.T**2])
    got = na.core_periphery(stack)
    for k in range(2):
        one = na.core_periphery(stack[k])
        np.testing.assert_array_equal(got.core[k], one.core)
        assert got.quality[k] == one.quality
    with pytest.raises(ValueError, match="negative"):
        na.core_periphery(-directed)
