"""Which nodes stand out by several measures: what counts, and what is refused."""

import numpy as np
import pytest

import netanalysis as na

STAR = np.array([[0, 1.0, 1, 1, 1], [1, 0, 1, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]])


def test_the_centre_of_a_star_is_a_hub():
    np.testing.assert_array_equal(na.hubs(STAR).score, [4, 0, 0, 0, 0])


def test_self_connections_count_where_the_measure_takes_them():
    """Seen: one negative self-connection was refused, although all four measures leave self-connections out."""
    own = STAR - np.diag([0, 0, 0, 0, 2.0])
    np.testing.assert_array_equal(na.hubs(own).values, na.hubs(STAR).values)
    for measure in ("pagerank", "eigenvector_centrality"):
        with pytest.raises(ValueError, match="non-negative"):
            na.hubs(own, measures=[measure])
    with pytest.raises(ValueError, match="non-negative"):
        na.hubs(-STAR)
