import pickle

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


def test_nobody_can_change_a_connectome_through_an_array_of_their_own():
    mine = np.ones((2, 2))
    mine.flags.writeable = False
    net = na.Connectome(mine, positions=mine, metadata={"lengths": mine})
    recording = na.Recording(mine[None], metadata={"lengths": mine})
    mine.flags.writeable = True
    mine[0, 1] = 9
    assert net.weights[0, 1] == net.positions[0, 1] == net.metadata["lengths"][0, 1] == 1
    assert recording.activity[0, 0, 1] == recording.metadata["lengths"][0, 1] == 1
    with pytest.raises(ValueError, match="WRITEABLE"):
        net.weights.flags.writeable = True


def test_connectomes_share_what_they_hold():
    net = na.Connectome(np.ones((4, 3, 3)), positions=np.zeros((3, 2)))
    again = net.replace(name="b")
    assert np.shares_memory(net.weights, again.weights)
    assert np.shares_memory(net.positions, again.positions)
    assert np.shares_memory(net.weights, net[2].weights)


def test_a_stack_has_shape_length_and_members():
    ages = np.array([8, 9, 11])
    stack = na.Connectome(np.arange(12.0).reshape(3, 2, 2), name="child", metadata={"age": ages, "study": "a"})
    assert stack.shape == (3, 2, 2)
    assert len(stack) == 3
    assert [net.metadata["age"] for net in stack] == [8, 9, 11]
    assert stack[-1].name == "child [2]"
    assert stack[1].metadata["study"] == "a"
    assert np.array_equal(stack[1].weights, stack.weights[1])
    grid = na.Connectome(np.zeros((2, 4, 3, 3)), metadata={"seed": np.arange(8).reshape(2, 4)})
    assert grid[1].shape == (4, 3, 3)
    assert grid[1, 3].metadata["seed"] == 7
    one = stack[0]
    assert one
    with pytest.raises(TypeError, match="one network"):
        len(one)
    for bad in ((0, 0), "a", slice(1)):
        with pytest.raises(IndexError, match="index"):
            stack[bad]
    with pytest.raises(IndexError):
        stack[3]
    with pytest.raises(IndexError, match="one network"):
        one[0]


def test_metadata_of_as_many_nodes_as_networks_stays_whole():
    volume = np.arange(3)
    found = na.Connectome(np.zeros((3, 3, 3)), metadata={"volume": volume})[1].metadata["volume"]
    np.testing.assert_array_equal(found, volume)


def test_metadata_in_lists_is_dealt_out_along_the_leading_axes():
    """Seen: a list of seeds stayed whole where there were as many nodes; x[1][0] got the age of person 0."""
    stack = na.Connectome(np.ones((4, 4, 4)), metadata={"seed": [0, 1, 2, 3]})
    assert [net.metadata["seed"] for net in stack] == [0, 1, 2, 3]
    assert na.summarize(stack, ["density"], metadata=["seed"], progress=False).seed.tolist() == [0, 1, 2, 3]
    scans = na.Connectome(np.ones((2, 2, 5, 5)), metadata={"age": [10, 70], "run": [[0, 1], [2, 3]], "site": "x"})
    assert dict(scans[1, 0].metadata) == dict(scans[1][0].metadata) == {"age": 70, "run": 2, "site": "x"}


def test_distances_of_edges_need_no_matrix():
    positions = np.random.default_rng(0).random((5, 3))
    net = na.Connectome(np.ones((5, 5)), positions=positions)
    rows, columns = np.array([0, 3]), np.array([1, 4])
    np.testing.assert_allclose(net.edge_distances(rows, columns), net.distances[rows, columns], rtol=1e-15)
    given = net.replace(distances=np.arange(25.0).reshape(5, 5))
    assert given.edge_distances(rows, columns).tolist() == [1, 19]
    assert na.Connectome(np.ones((2, 2))).edge_distances(rows[:1], columns[:1]) is None
    assert not na.Connectome(np.ones((2, 2))).has_distances
    huge = na.Connectome(sparse.csr_array((100_000, 100_000)), positions=np.zeros((100_000, 3)))
    assert huge.edge_distances(rows, columns).tolist() == [0, 0]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_orientation_is_converted_on_the_way_in(kind):
    w = np.array([[0, 2.0], [0, 0]])
    assert na.Connectome(kind(w), orientation="target_source").weights[1, 0] == 2
    with pytest.raises(ValueError, match="orientation must be one of"):
        na.Connectome(w, orientation="torch")


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_a_connectome_can_be_pickled(kind):
    net = na.Connectome(kind([[0, 1.0], [0, 0]]), positions=[[0], [1]], labels=["a", "b"], metadata={"seed": 3})
    back = pickle.loads(pickle.dumps(net))
    assert repr(back) == repr(net)
    assert back.metadata == net.metadata
    with pytest.raises(ValueError, match="read-only"):
        back.positions[0] = 1
    with pytest.raises(TypeError):
        back.metadata["seed"] = 4


MIXED = [[1, "a"], [1.5, None], ["a", np.nan], np.array(["a", 1], dtype=object), [2**60 + 1, 0.5]]


@pytest.mark.parametrize("labels", MIXED, ids=repr)
def test_labels_are_never_converted_silently(labels):
    """Seen: [1, "a"] became ["1", "a"], and 2**60 + 1 among floats another number."""
    w = np.ones((2, 2))
    with pytest.raises(TypeError, match="labels"):
        na.Connectome(w, labels=labels)
    with pytest.raises(TypeError, match="communities"):
        na.modularity(w, labels)
    with pytest.raises(TypeError, match="partitions"):
        na.consensus_communities([labels, labels])
    with pytest.raises(TypeError, match="groups"):
        na.lesion(lambda silenced: {"x": 0.0}, labels)
    with pytest.raises(TypeError, match="functional"):
        na.clustering_alignment(w, labels)


def test_missing_labels_are_refused_everywhere():
    """Seen: NaN passed in consensus_communities and was refused in modularity."""
    for call in (
        lambda x: na.modularity(np.ones((2, 2)), x),
        lambda x: na.consensus_communities([x, x]),
        lambda x: na.Connectome(np.ones((2, 2)), modules=x),
    ):
        with pytest.raises(ValueError, match="NaN"):
            call([1.0, np.nan])


def test_whole_numbers_of_any_kind_are_labels():
    assert na.Connectome(np.ones((2, 2)), labels=[2**60, 2**60 + 1]).labels.tolist() == [2**60, 2**60 + 1]
    assert na.Connectome(np.ones((2, 2)), labels=pd.Series(["a", "b"])).labels.tolist() == ["a", "b"]
    assert na.Connectome(np.ones((2, 2)), labels=pd.Categorical(["a", "b"])).labels.tolist() == ["a", "b"]


def test_nodes_are_taken_by_name():
    net = na.Connectome(np.ones((4, 4)), labels=["a", "b", "c", "d"], modules=["in", "in", "out", "out"])
    assert na.transform.subset(net, "in").labels.tolist() == ["a", "b"]
    assert na.transform.subset(net, ["d", "in"]).labels.tolist() == ["d", "a", "b"]
    np.testing.assert_array_equal(
        na.pathways(net, inputs="in", outputs=["c"], max_hops=1).maps,
        na.pathways(net, inputs=[0, 1], outputs=[2], max_hops=1).maps,
    )
    with pytest.raises(
        ValueError, match=r"nothing is called 'inn'. Did you mean in\? net has modules in, out; labels a, b, c, d"
    ):
        na.transform.subset(net, "inn")
    with pytest.raises(ValueError, match=r"inputs selects no node: .*; the modules of net are in, out"):
        na.pathways(net, inputs=net.modules == "inn", max_hops=1)
    with pytest.raises(ValueError, match="neither modules nor labels"):
        na.transform.subset(net.weights, "in")


def test_a_recording_says_what_it_lacks():
    with pytest.raises(ValueError, match=r"got \(5, 3\). A single run of 5 steps is activity\[None\]"):
        na.Recording(np.zeros((5, 3)))
    for call in (na.functional_connectivity, na.dimensionality, na.task_variance, na.functional_clusters):
        with pytest.raises(TypeError, match=r"must be a Recording; got ndarray: na.Recording\(activity, conditions\)"):
            call(np.zeros((5, 3)))


def test_labels_cannot_be_unlocked():
    net = na.Connectome(np.ones((2, 2)), labels=["a", "b"], modules=[0, 1])
    for array in (net.labels, net.modules):
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


def test_a_matrix_in_the_metadata_of_as_many_networks_as_nodes_stays_whole():
    stack = na.Connectome(np.ones((6, 6, 6)), metadata={"tract_lengths": np.ones((6, 6))})
    assert stack[0].metadata["tract_lengths"].shape == (6, 6)


def test_what_a_graph_says_of_its_nodes_is_not_dropped_silently():
    graph = nx.DiGraph([("a", "b")])
    graph.nodes["a"]["type"] = "sensory"
    assert "node attributes type not taken" in na.Connectome(graph).history[0]


def test_distances_below_0_by_rounding_are_0():
    """Seen: 1 - r has -2e-16 on its diagonal."""
    distances = np.array([[-2e-16, 1.0], [1.0, 0.0]])
    assert na.Connectome(np.ones((2, 2)), distances=distances).distances[0, 0] == 0
    assert distances[0, 0] == -2e-16
    with pytest.raises(ValueError, match="must not be negative"):
        na.Connectome(np.ones((2, 2)), distances=[[0, -0.1], [-0.1, 0]])
