"""Block models: the description length against plain Python and graph-tool, the search against all partitions."""

from functools import partial
from itertools import combinations_with_replacement, product

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import netanalysis as na
from netanalysis.structure import _block_search
from netanalysis.structure._description_length import description_length
from netanalysis.structure.block_model import _graph
from tests.structure import small_blocks

quick = partial(na.block_model, n_restarts=2, rng=0)


def planted(sizes, p, rng, directed=False):
    """A binary network whose connections have the probabilities p between groups; and the groups."""
    label = np.repeat(np.arange(len(sizes)), sizes)
    a = rng.random((len(label),) * 2) < np.asarray(p)[label[:, None], label]
    a = a if directed else np.triu(a, 1) | np.triu(a, 1).T
    return a * (1.0 - np.eye(len(label))), label


def agreement(found, label):
    return na.compare_partitions(found.labels, label).adjusted_mutual_information


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("corrected", [False, True])
def test_the_probabilities_of_all_networks_sum_to_one(directed, corrected):
    """What the plain formula that we are held to is: a distribution over multigraphs and partitions."""
    cells = [(i, j) for i in range(3) for j in range(3) if directed or i <= j]
    partitions = [c for c in product(range(3), repeat=3) if set(c) == set(range(max(c) + 1))]
    total = 0.0
    for chosen in combinations_with_replacement(cells, 2):
        a = [[0] * 3 for _ in range(3)]
        for i, j in chosen:
            a[i][j] += 1
            a[j][i] += 1 if not directed and i != j else 0
        total += sum(small_blocks.probability(a, c, directed=directed, corrected=corrected) for c in partitions)
    assert total == pytest.approx(1, rel=1e-12)


@settings(max_examples=25, deadline=None, derandomize=True)  # a search: of 6,000 such networks it missed one
@given(seed=st.integers(0, 2**32 - 1), directed=st.booleans(), corrected=st.booleans(), most=st.sampled_from([1, 4]))
def test_no_partition_of_few_nodes_has_a_shorter_description(seed, directed, corrected, most):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    w = rng.integers(1, most + 1, (n, n)) * (rng.random((n, n)) < rng.random()) * 1.0
    if rng.random() < 0.5:  # something to find
        label = rng.integers(0, 2, n)
        w = 3.0 * most * (label[:, None] != label)
    w = w if directed else np.triu(w) + np.triu(w, 1).T
    np.fill_diagonal(w, 0)
    directed = bool((w != w.T).any())
    counts = w.astype(int).tolist()
    lengths = {
        labels: small_blocks.description_length(counts, labels, directed=directed, corrected=corrected)
        for labels in small_blocks.set_partitions(n)
    }
    graph = _graph(w, "counts")
    for labels, length in lengths.items():
        assert description_length(graph, np.array(labels), corrected) == pytest.approx(length, abs=1e-9)
    found = quick(w, weights="counts", degree_corrected=corrected, n_restarts=4)
    assert found.description_length == pytest.approx(min(lengths.values()), abs=1e-9)
    assert found.one_block == pytest.approx(lengths[(0,) * n], abs=1e-9)


# Of graph-tool 2.45 (Debian), BlockState.entropy(): plain, and degree-corrected without the description of the degrees.
# That comes from a table of partitions of integers in which q(2, 2) is 1, so ours is added: ln q n! / prod eta!.
GRAPH_TOOL = {
    "undirected": (19.41037808243807, 14.164405314584048, 10 * 3 * 7 * 6),
    "directed": (24.080086789563733, 16.66506032134019, (5 * 3) * (3 * 1) * (2 * 3) * (4 * 3)),
}


@pytest.mark.parametrize("kind", GRAPH_TOOL)
def test_values_of_graph_tool(kind):
    w = np.zeros((6, 6))
    for i, j in [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (2, 3), (2, 3)]:
        w[i, j] += 1
    graph = _graph(w if kind == "directed" else w + w.T, "counts")
    plain, corrected, degrees = GRAPH_TOOL[kind]
    labels = np.array([0, 0, 0, 1, 1, 1])
    assert description_length(graph, labels, False) == pytest.approx(plain, abs=1e-9)
    assert description_length(graph, labels, True) == pytest.approx(corrected + np.log(degrees), abs=1e-9)


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("corrected", [False, True])
def test_planted_blocks_are_found(directed, corrected):
    """Communities, two sides that connect to each other only, and a core with its periphery."""
    rng = np.random.default_rng(1)
    for sizes, p in [
        ([30, 30, 30], 0.05 + 0.45 * np.eye(3)),
        ([40, 50], [[0.02, 0.4], [0.4, 0.02]]),
        ([20, 70], [[0.7, 0.3], [0.3, 0.02]]),
    ]:
        a, label = planted(sizes, p, rng, directed)
        found = quick(a, degree_corrected=corrected)
        assert agreement(found, label) > 0.95
        assert found.n_blocks == len(sizes)
        assert found.description_length < found.one_block


@pytest.mark.parametrize("directed", [False, True])
def test_random_networks_have_one_block(directed):
    rng = np.random.default_rng(2)
    for p in (0.05, 0.5, 0.95):
        a, _ = planted([60], [[p]], rng, directed)
        for corrected in (False, True):
            found = quick(a, degree_corrected=corrected)
            assert found.n_blocks == 1
            assert found.description_length == found.one_block


def test_hubs_are_no_block_if_degrees_are_corrected_for():
    """Karrer & Newman: without the correction, hubs are set apart from the rest."""
    rng = np.random.default_rng(3)
    degree = np.r_[np.full(20, 24), np.full(180, 4)]
    a = np.triu(rng.random((200, 200)) < np.outer(degree, degree) / degree.sum(), 1) * 1.0
    a += a.T
    assert quick(a).n_blocks == 1
    plain = quick(a, degree_corrected=False)
    assert plain.n_blocks > 1
    assert agreement(plain, degree) > 0.5


def test_a_ring_of_cliques():
    a = np.kron(np.eye(12), np.ones((6, 6)) - np.eye(6))
    for k in range(12):
        a[6 * k, (6 * k + 7) % 72] = a[(6 * k + 7) % 72, 6 * k] = 1
    found = quick(a)
    # Below about the root of the number of nodes cliques are not worth a block each: the resolution limit of the model.
    assert all(len(set(found.labels[6 * k : 6 * k + 6])) == 1 for k in range(12))
    assert quick(a, n_blocks=12).description_length >= found.description_length
    assert agreement(quick(a, n_blocks=12), np.repeat(np.arange(12), 6)) == pytest.approx(1)


@pytest.mark.parametrize("weights", ["binary", "counts"])
def test_other_kinds_of_input_and_stacks(weights):
    rng = np.random.default_rng(4)
    a, _ = planted([12, 12], [[0.6, 0.1], [0.1, 0.6]], rng, directed=True)
    w = a * rng.integers(1, 4, a.shape)
    one = quick(w, weights=weights)
    for other in (
        sparse.csr_array(w),
        pd.DataFrame(w),
        nx.from_numpy_array(w, create_using=nx.DiGraph),
        w.astype(np.float32),
        w + 5 * np.eye(24),
    ):
        found = quick(other, weights=weights)
        np.testing.assert_array_equal(found.labels, one.labels)
        assert found.description_length == one.description_length
        assert found.plain == one.plain
    if weights == "binary":
        assert quick(-0.3 * w).description_length == one.description_length
    many = quick(np.array([[w, 1 - np.eye(24)]]), weights=weights)
    np.testing.assert_array_equal(many.labels[0, 0], one.labels)
    assert many.block_matrix.shape[:2] == (1, 2)
    np.testing.assert_array_equal(many.block_matrix[0, 0], one.block_matrix)
    assert many.block_matrix[0, 1].sum() == 24 * 23


def test_what_a_result_holds():
    rng = np.random.default_rng(5)
    a, _ = planted([15, 25], [[0.5, 0.1], [0.1, 0.5]], rng)
    found = quick(a, n_restarts=3)
    assert found.labels[0] == 1  # the smaller one
    part = np.eye(2)[found.labels]
    np.testing.assert_array_equal(found.block_matrix, part.T @ a @ part)
    assert found.description_length == found.description_lengths.min()
    tried = found.to_frame().set_index("n_blocks").description_length
    assert tried[found.n_blocks] == tried.min() == found.description_length
    assert tried[1] == found.one_block
    assert "2 blocks" in repr(found)
    assert found.plain == quick(a, degree_corrected=False, n_restarts=3).description_length
    np.testing.assert_array_equal(quick(a, n_restarts=2).description_lengths, found.description_lengths[:2])
    saved = (found.one_block - found.description_length) / np.log(2) / (a.sum() / 2)
    assert found.compression == pytest.approx(saved, rel=1e-12)
    alone = quick(a, plain=False)
    assert np.isnan(alone.plain)
    assert "plain" not in repr(alone)
    with pytest.warns(na.UndefinedWarning, match="no connections"):
        assert np.isnan(quick(np.zeros((3, 3))).compression)


def test_columns_of_the_table():
    """Blocks are found beyond degrees; a shuffled network has none."""
    a, _ = planted([20, 20], [[0.05, 0.5], [0.5, 0.05]], np.random.default_rng(7), directed=True)
    table = na.summarize(
        a, ["n_blocks", "block_compression"], null=na.nulls.degree_preserving, n_nulls=5, rng=0, progress=False
    )
    number, saved = table.itertuples()
    assert (number.value, number.null_mean, saved.null_mean) == (2, 1, 0)
    assert saved.value == pytest.approx(na.block_model(a, n_restarts=1, plain=False, rng=0).compression)
    assert 0.2 < saved.value < 1


@pytest.mark.parametrize("seed", [2, 23])
def test_no_node_has_a_better_block(seed):
    """In noise, where moves that shorten the description by little are all there is in the end."""
    rng = np.random.default_rng(seed)
    label, p = rng.integers(0, 8, 120), rng.random((8, 8)) ** 2 / 2
    a = np.triu(rng.random((120, 120)) < ((p + p.T) / 2)[label[:, None], label], 1)
    found = na.block_model(a + a.T, n_restarts=1, plain=False, rng=0)
    graph = _graph((a + a.T) * 1.0, "counts")
    for i, block in product(range(120), range(found.n_blocks)):
        moved = np.where(np.arange(120) == i, block, found.labels)
        moved = np.unique(moved, return_inverse=True)[1]
        assert description_length(graph, moved, True) >= found.description_length - 1e-9


def test_progress_counts_partitions(capsys):
    na.block_model(np.ones((6, 6)), n_restarts=1, rng=0, progress=True)
    assert "partitions" in capsys.readouterr().err


@pytest.mark.parametrize("n_blocks", [None, 40])
def test_a_group_of_one_node_has_no_half(n_blocks, monkeypatch):
    monkeypatch.setattr(_block_search, "LARGE", 10)
    found = quick(np.ones((41, 41)), n_blocks=n_blocks, n_restarts=1, plain=False)
    assert found.n_blocks == (n_blocks or 1)


@pytest.mark.parametrize("directed", [False, True])
def test_groups_of_large_networks_divide(directed, monkeypatch):
    """From one group by divisions instead of from single nodes by mergers: unequal degrees are no blocks."""
    monkeypatch.setattr(_block_search, "LARGE", 100)
    rng = np.random.default_rng(8)
    label = np.repeat([0, 1, 2], [150, 100, 50])
    degrees = rng.lognormal(0, 0.6, (2, 300) if directed else 300)
    m = (1 if directed else 2) * np.array([[200, 900, 100], [900, 100, 300], [100, 300, 500]])
    a = na.draw_blocks(label, block_matrix=m, degrees=degrees, rng=9)
    found = quick(a, n_restarts=1, plain=False)
    assert found.n_blocks == 3
    assert agreement(found, label) > 0.8
    assert found.description_length <= description_length(_graph(a, "binary"), label, True)


@pytest.mark.parametrize("n_blocks", [1, 2, 5, 9])
def test_a_number_of_blocks_can_be_asked_for(n_blocks):
    rng = np.random.default_rng(6)
    a, _ = planted([9], [[0.5]], rng)
    found = quick(a, n_blocks=n_blocks)
    assert found.n_blocks == n_blocks
    assert sorted(set(found.labels)) == list(range(n_blocks))
    a[:] = 0  # nothing by which to choose
    assert quick(a, n_blocks=n_blocks).n_blocks == n_blocks


def test_many_parallel_connections():
    """Two sides, that is: within a group, that no node connects to itself would be evidence against it."""
    w = 1e6 * np.kron([[0, 1], [1, 0]], np.ones((5, 5)))
    found = quick(w, weights="counts")
    assert np.isfinite(found.description_length)
    assert found.labels.tolist() == [0] * 5 + [1] * 5


@pytest.mark.slow
def test_blocks_that_can_be_told_apart_and_blocks_worth_describing():
    """Two equal blocks, 8 connections a node: nothing finds them below c_in - c_out = 2 sqrt(8) (Decelle et al. 2011).

    A description states the block of every node: by its length they are found from about 1.75 times that on.
    """
    n, mean = 2000, 8.0
    label = np.repeat([0, 1], n // 2)
    overlap, worth = [], []
    for times in (0.5, 1.5, 2.0):
        half = times * np.sqrt(mean)
        m = n / 2 * (np.full((2, 2), mean - half) + 2 * half * np.eye(2)) / 2
        a = na.draw_blocks(label, block_matrix=m, as_sparse=True, rng=0)
        found = na.block_model(a, n_blocks=2, degree_corrected=False, n_restarts=1, rng=0)
        overlap.append(abs(2 * np.mean(found.labels == label) - 1))
        worth.append(description_length(_graph(a, "binary"), label, False) < found.one_block)
    assert worth == [False, False, True]
    assert max(overlap[:2]) < 0.1
    assert overlap[2] > 0.9


def test_bad_input_is_refused_by_name():
    w = np.ones((4, 4)) - np.eye(4)
    with pytest.raises(ValueError, match=r"n_blocks must be at most the number of nodes, 4; got 5"):
        na.block_model(w, n_blocks=5)
    with pytest.raises(ValueError, match=r'weights="counts" needs whole numbers.*weights="binary"'):
        na.block_model(w / 3, weights="counts")
    with pytest.raises(ValueError, match=r'weights="counts" needs non-negative'):
        na.block_model(-w, weights="counts")
    with pytest.raises(ValueError, match=r"more than 2\^53"):
        na.block_model(1e17 * w, weights="counts")
    with pytest.raises(ValueError, match="to_frame is for one network"):
        na.block_model(np.array([w, w]), n_restarts=1).to_frame()
