import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import netanalysis as na


def test_weights_are_source_to_target_float64_and_frozen():
    mine = np.array([[0, 2], [0, 0]])
    net = na.Connectome(mine)
    assert net.weights.dtype == np.float64
    assert net.weights[0, 1] == 2
    mine[0, 1] = 9
    assert net.weights[0, 1] == 2
    with pytest.raises(ValueError, match="read-only"):
        net.weights[0, 1] = 3
    with pytest.raises(AttributeError):
        net.name = "other"


def test_properties_of_a_small_directed_signed_network():
    net = na.Connectome([[5.0, -1, 0], [0, 0, 2], [0, 0, 0]])
    assert (net.n_nodes, net.is_directed, net.is_signed, net.is_sparse) == (3, True, True, False)
    assert net.density == pytest.approx(2 / 6)  # the self-connection does not count


def test_sparse_weights_stay_sparse_and_lose_explicit_zeros():
    w = sparse.coo_matrix(([1.0, 0.0, 2.0, 3.0], ([0, 0, 1, 1], [1, 2, 2, 2])), shape=(3, 3))
    net = na.Connectome(w)
    assert isinstance(net.weights, sparse.csr_array)
    assert net.weights.nnz == 2
    assert net.weights[1, 2] == 5
    assert net.density == pytest.approx(2 / 6)
    assert w.nnz == 4
    with pytest.raises(TypeError, match="toarray"):
        np.asarray(net)


def test_distances_come_from_positions_unless_given():
    positions = [[0, 0], [3, 4]]
    assert na.Connectome(np.ones((2, 2)), positions=positions).distances[0, 1] == 5
    tracts = [[0, 9], [9, 0]]
    given = na.Connectome(np.ones((2, 2)), positions=positions, distances=tracts)
    assert given.distances[0, 1] == 9
    assert given.replace(name="x").distances[0, 1] == 9
    assert given.replace(positions=[[0, 0], [0, 1]]).distances[0, 1] == 1
    assert na.Connectome(np.ones((2, 2))).distances is None


def test_a_stack_has_one_density_per_member():
    net = na.Connectome(np.stack([np.ones((3, 3)), np.eye(3)]))
    assert net.is_stack
    assert np.array_equal(net.density, [1, 0])
    assert np.asarray(net).shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"positions": np.zeros((3, 2))}, ValueError, "positions must have shape"),
        ({"distances": np.zeros((2, 3))}, ValueError, "distances must have shape"),
        ({"labels": ["a"]}, ValueError, "labels must have one entry per node, 2"),
        ({"modules": [1, None]}, TypeError, "modules"),
        ({"inputs": np.zeros((1, 3))}, ValueError, "inputs must have shape"),
        ({"outputs": np.zeros((1, 3))}, ValueError, "outputs must have shape"),
        ({"positions": [[np.nan, 0], [0, 0]]}, ValueError, "positions must be finite"),
    ],
)
def test_bad_fields_are_named(changes, error, message):
    with pytest.raises(error, match=message):
        na.Connectome(np.ones((2, 2)), **changes)


def test_replace_refuses_unknown_fields():
    with pytest.raises(TypeError, match="wieghts"):
        na.Connectome(np.ones((2, 2))).replace(wieghts=1)


def test_frames_and_graphs_bring_their_labels():
    frame = pd.DataFrame(np.eye(2), index=["a", "b"], columns=["a", "b"])
    assert list(na.Connectome(frame).labels) == ["a", "b"]
    assert list(na.Connectome(frame, labels=["x", "y"]).labels) == ["x", "y"]
    assert list(na.Connectome(nx.DiGraph([("ASEL", "AIYL")])).labels) == ["ASEL", "AIYL"]
    assert na.Connectome(nx.DiGraph([(0, 1)])).labels is None
    assert na.Connectome(pd.DataFrame(np.eye(2))).labels is None


def test_recording_checks_its_conditions():
    rec = na.Recording(np.zeros((4, 5, 3)), {"goal": list("abab")}, labels=["u", "v", "w"])
    assert (rec.n_trials, rec.n_time, rec.n_units) == (4, 5, 3)
    assert list(rec.conditions["goal"]) == list("abab")
    assert rec.time[-1] == 4
    with pytest.raises(ValueError, match="one row per trial"):
        na.Recording(np.zeros((4, 5, 3)), {"goal": [1, 2]})
    with pytest.raises(ValueError, match="activity must have shape"):
        na.Recording(np.zeros((4, 5)))
    with pytest.raises(ValueError, match="time must have shape"):
        na.Recording(np.zeros((4, 5, 3)), time=[0, 1])
    with pytest.raises(ValueError, match="at least one trial"):
        na.Recording(np.zeros((0, 5, 3)))
