"""Consensus of people's networks against values by hand and what the method promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na

PLACES = [(-3, 0), (-2, 0), (-1, 1), (1, 1), (2, 0), (4, 0)]
PEOPLE = [
    {(0, 1): 0.9, (1, 2): 0.8, (3, 4): 0.7, (4, 5): 0.6, (2, 3): 0.5, (0, 5): 0.2},
    {(0, 1): 0.8, (1, 2): 0.7, (3, 4): 0.9, (3, 5): 0.3, (2, 3): 0.6, (0, 5): 0.3},
    {(0, 1): 0.7, (0, 2): 0.4, (3, 4): 0.8, (4, 5): 0.5, (2, 3): 0.4, (0, 5): 0.1},
]


def three():
    w = np.zeros((3, 6, 6))
    for k, person in enumerate(PEOPLE):
        for (i, j), value in person.items():
            w[k, i, j] = w[k, j, i] = value
    return na.Connectome(w, positions=PLACES, modules=[1, 1, 1, 0, 0, 0])


def edges(w):
    return set(map(tuple, np.argwhere(np.triu(np.asarray(w))).tolist()))


@pytest.mark.parametrize("bins", [None, 1, 2, 3, 10])
def test_the_longest_edges_are_not_lost_and_none_is_chosen_twice(bins):
    found = na.group_consensus(three(), hemispheres="modules", bins=bins)
    assert edges(found) == {(0, 1), (1, 2), (3, 4), (4, 5), (2, 3), (0, 5)}
    assert found.weights[0, 5] == pytest.approx(0.2)
    assert found.weights[1, 2] == pytest.approx(0.75)  # of the two who have it
    assert found.history[-1].startswith("group_consensus(method='distance', people=3")
    assert not found.is_stack
    assert np.array_equal(found.positions, PLACES)


def test_one_hemisphere_only_is_no_error():
    found = na.group_consensus(three().weights[:, :3, :3], distances=1 - np.eye(3), hemispheres=["l"] * 3)
    assert edges(found) == {(0, 1), (1, 2)}


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=30, deadline=None)
def test_as_many_edges_as_people_have_and_all_that_everybody_has(seed, directed):
    rng = np.random.default_rng(seed)
    n, people = 14, int(rng.integers(1, 9))
    w = rng.random((people, n, n)) * (rng.random((people, n, n)) < rng.random((n, n)) ** rng.choice([0.2, 1, 3]))
    w[:, np.arange(n), np.arange(n)] = 0
    if not directed:
        w = np.triu(w)
        w += w.swapaxes(1, 2)
    side, place = rng.integers(0, 2, n), rng.normal(size=(n, 3))
    net = na.Connectome(w, positions=place)
    bins = None if rng.random() < 0.5 else int(rng.integers(1, 20))
    found = na.group_consensus(net, hemispheres=side, bins=bins).weights
    within = side[:, None] == side
    twice = 1 if net.is_directed else 2
    for part in (within, ~within):
        mean = np.count_nonzero(w[:, part]) / people / twice
        assert np.count_nonzero(found[part]) / twice == np.floor(mean + 0.5)
    assert (found[(w != 0).all(axis=0)] != 0).all()
    assert (found[(w == 0).all(axis=0)] == 0).all()
    order = rng.permutation(n)
    turned = na.Connectome(w[:, order][:, :, order], positions=place[order])
    again = na.group_consensus(turned, hemispheres=side[order], bins=bins).weights
    assert again == pytest.approx(found[np.ix_(order, order)])


def test_long_edges_stay_where_a_plain_majority_would_lose_them():
    rng = np.random.default_rng(0)
    place = rng.normal(size=(60, 3))
    length = np.linalg.norm(place[:, None] - place, axis=-1)
    chance = np.triu(np.exp(-1.5 * length), 1)
    w = (rng.random((20, 60, 60)) < chance).astype(float)
    w += w.swapaxes(1, 2)
    mean = length[np.nonzero(w)[1:]].mean()
    ours = na.group_consensus(w, distances=length)
    majority = na.group_consensus(w, method="average", density=np.count_nonzero(ours) / 60 / 59)
    assert np.count_nonzero(ours) == np.count_nonzero(majority)
    assert length[ours > 0].mean() == pytest.approx(mean, rel=0.03)
    assert length[majority > 0].mean() < 0.9 * mean


FOUR = [(0.5, 0.9, 0.1, 0), (0.6, 0.1, 0.2, 0.8), (0.4, 0.5, 0, 0.7)]
AT = [0, 0, 0, 1], [1, 2, 3, 2]


def four():
    w = np.zeros((3, 4, 4))
    w[(slice(None), *AT)] = w[(slice(None), *AT[::-1])] = FOUR
    return w


@pytest.mark.parametrize(
    ("options", "right"),
    [
        ({}, [0.2, 0.8, 1, 0.871780]),
        ({"ddof": 0}, [0.163299, 0.653197, 0.816497, 0.711805]),
        ({"over": "carriers"}, [0.2, 0.8, 0.471405, 0.094281]),
    ],
)
def test_variation_over_all_or_over_carriers(options, right):
    found = na.edge_variation(four(), **options)
    assert found[AT] == pytest.approx(right, abs=1e-6)
    assert np.isnan(found[1, 3])
    assert na.edge_variation(5 * four(), **options) == pytest.approx(found, nan_ok=True)


def test_the_most_consistent_edges_depend_on_whom_they_are_counted_over():
    keep = {"method": "consistency", "density": 2 / 6}
    assert edges(na.group_consensus(four(), **keep)) == {(0, 1), (0, 2)}
    assert edges(na.group_consensus(four(), over="carriers", **keep)) == {(0, 1), (1, 2)}
    assert len(edges(na.group_consensus(four(), method="consistency"))) == 3  # 10 edges of 3 people


def test_weights_of_the_consensus():
    keep = {"method": "consistency", "density": 1.0}
    mean, carriers, binary = (
        na.group_consensus(four(), weights=w, **keep)[1, 2] for w in ("all", "carriers", "binary")
    )
    assert (mean, carriers, binary) == pytest.approx((0.5, 0.75, 1))
    assert na.group_consensus(four(), method="average", weights="all") == pytest.approx(four().mean(axis=0))


def test_a_list_of_networks_is_a_stack():
    net = three()
    reference = na.group_consensus(net).weights
    assert na.group_consensus(list(net)).weights == pytest.approx(reference)
    listed = na.group_consensus([sparse.csr_array(w) for w in net.weights], distances=net.distances)
    assert listed == pytest.approx(reference)


def test_what_is_said_of_single_people_is_not_said_of_the_group():
    net = three().replace(metadata={"unit": "mm", "age": [8, 9, 11]}, name="children", labels=list("abcdef"))
    assert dict(na.group_consensus(net).metadata) == {"unit": "mm"}
    assert na.group_consensus(net).name == "children"
    listed = na.group_consensus(list(net))
    assert (dict(listed.metadata), listed.name) == ({"unit": "mm"}, None)
    with pytest.raises(ValueError, match=r"stack\[1\] must have the nodes of stack\[0\] in the same order"):
        na.group_consensus([net[0], net[1].replace(labels=list("abcdfe"))])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give distances="),
        ({"method": "average", "bins": 3}, "heeds no bins"),
        ({"density": 0.1, "distances": np.ones((4, 4))}, "heeds no density"),
        ({"method": "majority"}, "method must be one of"),
        ({"distances": np.ones((4, 4)), "hemispheres": [0, 1]}, "one entry per node"),
        ({"distances": np.ones((4, 4)), "hemispheres": "modules"}, r"networks have, among \[\]; got 'modules'"),
        ({"distances": np.ones((4, 4)), "bins": 0}, "bins must be at least 1"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        na.group_consensus(four(), **options)
    with pytest.raises(ValueError, match="ddof"):
        na.edge_variation(four(), ddof=2)


def test_of_edges_that_as_many_have_the_stronger_is_kept():
    people = np.zeros((2, 4, 4))
    people[0, 0, 1] = people[0, 1, 0] = 0.9
    people[1, 2, 3] = people[1, 3, 2] = 0.2
    for stack in (people, people[:, ::-1, ::-1]):
        found = na.group_consensus(stack, distances=1 - np.eye(4), hemispheres=["l"] * 4, bins=1)
        assert edges(found) == edges(stack[0])


def test_consistency_of_too_few_people_is_said():
    """Seen: an empty network, without a word."""
    one = np.random.default_rng(0).random((1, 5, 5))
    with pytest.raises(ValueError, match="at least 2 people for edges to vary"):
        na.group_consensus(one + one.swapaxes(1, 2), method="consistency", density=0.5)
    alone = np.zeros((3, 4, 4))
    for k in range(3):
        alone[k, k, k + 1] = alone[k, k + 1, k] = k + 1
    with pytest.warns(UserWarning, match=r"3 connections of a single person .* 0 are kept, not 3"):
        assert not na.group_consensus(alone, method="consistency", over="carriers", density=0.5).any()


def test_hemispheres_by_the_name_that_an_atlas_gave_them():
    rng = np.random.default_rng(0)
    stack = rng.random((5, 8, 8)) * (rng.random((5, 8, 8)) < 0.5)
    stack = np.triu(stack, 1) + np.triu(stack, 1).swapaxes(1, 2)
    places = rng.random((8, 3))
    side = np.array(list("LLLLRRRR"))
    nets = [na.Connectome(w, positions=places, metadata={"side": side, "age": 30}) for w in stack]
    named = na.group_consensus(nets, hemispheres="side")
    assert np.array_equal(named.weights, na.group_consensus(nets, hemispheres=side).weights)
    with pytest.raises(ValueError, match=r"that the networks have, among \['side'\]; got 'hemisphere'"):
        na.group_consensus(nets, hemispheres="hemisphere")
