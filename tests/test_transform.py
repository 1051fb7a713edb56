import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.sparse import csgraph

import netanalysis as na
from netanalysis import transform

MATRICES = arrays(float, st.integers(1, 8).map(lambda n: (n, n)), elements=st.integers(-3, 3).map(float))
STEPS = {
    "absolute": transform.absolute,
    "positive_part": transform.positive_part,
    "negative_part": transform.negative_part,
    "binarize": transform.binarize,
    "remove_self_connections": transform.remove_self_connections,
    "mean": transform.symmetrize,
    "sum": lambda w: transform.symmetrize(w, how="sum"),
    "max": lambda w: transform.symmetrize(w, how="max"),
    "min": lambda w: transform.symmetrize(w, how="min"),
    "density": lambda w: transform.threshold(w, density=0.4),
    "weight": lambda w: transform.threshold(w, weight=2),
}


@pytest.mark.parametrize("name", STEPS)
@settings(max_examples=30)
@given(w=MATRICES)
def test_dense_sparse_stack_agree_and_input_is_untouched(name, w):
    step, before = STEPS[name], w.copy()
    dense = step(w)
    assert np.array_equal(w, before)
    assert np.array_equal(step(sparse.csr_array(w)).toarray(), dense)
    assert np.array_equal(step(np.stack([w, 2 * w])), np.stack([dense, step(2 * w)]))


@given(w=MATRICES)
def test_parts_add_up(w):
    assert np.array_equal(transform.positive_part(w) - transform.negative_part(w), w)
    assert np.array_equal(transform.positive_part(w) + transform.negative_part(w), transform.absolute(w))


@given(w=MATRICES, density=st.floats(0, 1))
def test_threshold_keeps_the_strongest_and_at_most_the_density(w, density):
    out = transform.threshold(w, density=density)
    n = len(w)
    kept, gone = out != 0, (out == 0) & (w != 0) & ~np.eye(n, dtype=bool)
    assert kept.sum() <= round(density * n * (n - 1)) + 1
    assert np.array_equal(out[kept], w[kept])
    if kept.any() and gone.any():
        assert np.abs(w[kept]).min() >= np.abs(w[gone]).max()
    if np.array_equal(w, w.T):
        assert np.array_equal(out, out.T)


def test_top_ten_percent_of_a_dense_matrix_has_that_density(signed):
    assert na.Connectome(transform.threshold(signed, density=0.1)).density == pytest.approx(0.1, abs=1 / 1560)


def test_a_connectome_remembers_what_was_done_and_keeps_its_fields():
    net = na.Connectome([[0, -2.0], [1, 0]], labels=["a", "b"], positions=[[0], [1]])
    out = transform.binarize(transform.absolute(net))
    assert out.history == ("absolute", "binarize")
    assert list(out.labels) == ["a", "b"]
    assert net.history == ()
    assert transform.threshold(net, density=0.5).history == ("threshold(density=0.5)",)


def test_subset_carries_everything_along():
    net = na.Connectome(
        np.arange(9).reshape(3, 3),
        positions=[[0], [1], [2]],
        labels=list("abc"),
        modules=[0, 0, 1],
        inputs=[[1, 2, 3]],
        outputs=[[1], [2], [3]],
        distances=[[0, 1, 5], [1, 0, 1], [5, 1, 0]],
    )
    part = transform.subset(net, [2, 0])
    assert np.array_equal(part.weights, [[8, 6], [2, 0]])
    assert list(part.labels) == ["c", "a"]
    assert list(part.inputs[0]) == [3, 1]
    assert list(part.outputs[:, 0]) == [3, 1]
    assert part.distances[0, 1] == 5
    assert np.array_equal(transform.subset(net, [False, True, True]).modules, [0, 1])


def test_largest_component_follows_csgraph():
    w = sparse.random_array((60, 60), density=0.02, rng=np.random.default_rng(1)).toarray()
    for connection in ("weak", "strong"):
        _, member = csgraph.connected_components(w, connection=connection)
        assert len(transform.largest_component(w, connection=connection)) == np.bincount(member).max()
    with pytest.raises(ValueError, match="stack"):
        transform.largest_component(np.ones((2, 3, 3)))


def test_normalize_by_each_scale(signed):
    assert np.abs(transform.normalize(signed)).max() == 1
    assert np.abs(transform.normalize(signed, by="total")).sum() == pytest.approx(1)
    scaled = transform.normalize(signed, by="spectral_radius")
    assert np.abs(np.linalg.eigvals(scaled)).max() == pytest.approx(1)
    with pytest.raises(ValueError, match="max 0"):
        transform.normalize(np.zeros((3, 3)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: transform.threshold(np.ones((2, 2))), "exactly one of density and weight"),
        (lambda: transform.threshold(np.ones((2, 2)), density=1.5), r"density must be at least 0 and at most 1"),
        (lambda: transform.threshold(np.ones((2, 2)), weight=-1), "weight must be at least 0"),
        (lambda: transform.symmetrize(np.ones((2, 2)), how="median"), "how must be one of"),
        (lambda: transform.normalize(np.ones((2, 2)), by="norm"), "by must be one of"),
        (lambda: transform.subset(np.ones((2, 2)), [2]), "nodes must lie in 0..1"),
        (lambda: transform.largest_component(np.ones((2, 2)), connection="loose"), "connection must be one of"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_subset_cuts_what_the_metadata_says_of_nodes():
    """Seen: tract lengths stayed 100 x 100 for 10 nodes."""
    human = na.datasets.load("human_schaefer100")
    part = na.transform.subset(human, [5, 2, 7])
    lengths = human.metadata["tract_length"]
    assert np.array_equal(part.metadata["tract_length"], lengths[np.ix_([5, 2, 7], [5, 2, 7])])
    worms = na.datasets.load("celegans_witvliet")
    few = na.transform.subset(worms, np.arange(4))
    assert np.array_equal(few.metadata["present"], worms.metadata["present"][:, :4])
    assert few.metadata["licence"] == worms.metadata["licence"]


def test_a_threshold_of_positive_connections_only():
    w = np.array([[0, -9.0, 3, 1], [-9, 0, 2, 0], [3, 2, 0, -8], [1, 0, -8, 0]])
    expected = np.array([[0, 0, 3.0, 0], [0, 0, 2, 0], [3, 2, 0, 0], [0, 0, 0, 0]])
    for net in (w, sparse.csr_array(w)):
        for options in ({"density": 1 / 3}, {"weight": 2}):
            got = na.transform.threshold(net, signs="positive", **options)
            np.testing.assert_array_equal(got.toarray() if sparse.issparse(got) else got, expected)
    got = na.transform.threshold(na.Connectome(w), weight=2, signs="positive")
    assert got.history[-1] == "threshold(weight=2, signs='positive')"
