"""Which nodes stand out by several measures: what counts, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na
from tests.structure.small import random_network

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


def test_a_stack_of_hubs_equals_the_loop():
    stack = np.stack([random_network(12, 0.3, seed) for seed in range(6)]).reshape(2, 3, 12, 12)
    net = na.Connectome(stack, labels=list("abcdefghijkl"))
    found = na.hubs(net)
    rows = found.table().groupby("network", sort=False)
    for (name, table), index in zip(rows, np.ndindex(2, 3), strict=True):
        one = na.hubs(net[index])
        for field in ("score", "values", "top"):
            np.testing.assert_array_equal(getattr(found, field)[index], getattr(one, field))
        assert name == str(index)
        assert table.drop(columns="network").reset_index(drop=True).equals(one.table())


def test_names_of_frames_and_graphs_are_names_of_hubs():
    """Seen: nodes of a DataFrame were numbers in the table, those of the same Connectome names."""
    names = list("vwxyz")
    for net in (pd.DataFrame(STAR, names, names), [na.Connectome(STAR, labels=names)] * 2):
        assert na.hubs(net).table()["node"][0] == "v"
