"""Pathways hop by hop."""

import numpy as np
import pytest

from netanalysis import plot


def test_mass_is_the_sum_of_magnitudes(hops, ax):
    plot.hop_mass(hops, log=False, ax=ax)
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, np.abs(hops.maps).sum(axis=(1, 2)))


def test_log_leaves_out_empty_hops_and_says_so(hops, ax):
    hops.maps[2] = 0  # before the masses are computed
    plot.hop_mass(hops, ax=ax)
    assert ax.get_yscale() == "log"
    assert "none at 2 hops" in ax.get_title()


def test_map_of_one_hop(hops, ax):
    plot.pathway_map(hops, hop=2, ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), hops.maps[2])
    with pytest.raises(ValueError, match="hop must be one of"):
        plot.pathway_map(hops, hop=9, ax=ax)
    with pytest.raises(ValueError, match="scale must be one of"):
        plot.pathway_map(hops, hop=2, scale="cubic", ax=ax)
