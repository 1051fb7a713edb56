"""Names of nodes that several arguments bring along must be in one order: none is matched by place."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na

NAMES = list("abcdef")
TYPES = pd.Series([0, 0, 0, 1, 1, 1], index=NAMES)
Q = [3, 1, 5, 0, 2, 4]  # another order of six nodes


@pytest.mark.parametrize(
    "call",
    [
        lambda w, of: na.wiring_cost(w, distances=of(w + w.T)),
        lambda w, of: na.weight_distance_correlation(w, distances=of(w + w.T)),
        lambda w, of: na.modularity(w, of(TYPES)),
        lambda w, of: na.participation_coefficient(w, of(TYPES)),
        lambda w, of: na.transform.aggregate(w, by=of(TYPES)),
        lambda w, of: na.nulls.block_preserving(w, 0, groups=of(TYPES)),
        lambda w, of: na.compare_types((9 * w).round(), (9 * w).round(), by=of(TYPES)),
        lambda w, of: na.Connectome(w, modules=of(TYPES)),
        lambda w, of: na.Connectome(w, distances=of(w + w.T)),
        lambda w, of: na.Connectome(w, positions=of(pd.DataFrame(np.arange(18.0).reshape(6, 3), index=w.index))),
        lambda w, of: na.grow(
            na.Connectome(w, positions=np.random.default_rng(1).random((6, 3))),
            n_connections=9,
            start=of((w + w.T) > 1.2),
        ),
    ],
)
def test_values_of_nodes_by_name_must_have_the_order_of_the_network(call):
    """Seen: they were taken by place, and wiring costs and modularities of other networks came out."""
    w = pd.DataFrame(np.random.default_rng(0).random((6, 6)) * (1 - np.eye(6)), NAMES, NAMES)
    call(w, lambda values: values)

    def other_order(values):
        square = values.ndim == 2 and values.shape[0] == values.shape[1]
        return values.iloc[Q, Q] if square else values.iloc[Q]

    with pytest.raises(ValueError, match=r"in another order|in the same order"):
        call(w, other_order)


def test_people_of_other_node_orders_are_no_repetition():
    """Seen: identifiability of the same networks with their nodes reordered was 0.2, and reliability 0.04."""
    x = np.random.default_rng(0).normal(size=(5, 6, 6))
    first = [na.Connectome(one, labels=NAMES) for one in x]
    second = [na.Connectome(one[np.ix_(Q, Q)], labels=[NAMES[k] for k in Q]) for one in x]
    assert na.identifiability(first, first, n_nulls=9, rng=0).accuracy == 1
    with pytest.raises(ValueError, match="second must have the nodes of first in the same order"):
        na.identifiability(first, second, n_nulls=9, rng=0)
    assert na.reliability([[one, one] for one in first]).shape == (6, 6)
    with pytest.raises(ValueError, match=r"scans\[0\]\[1\] must have the nodes of scans\[0\]\[0\]"):
        na.reliability(list(zip(first, second, strict=True)))
    with pytest.raises(ValueError, match=r"scans\[1\]\[0\] must have the nodes of scans\[0\]\[0\]"):
        na.reliability([first[:2], second[:2]])
