"""Distances between all pairs of many networks."""

from functools import partial

import numpy as np
import pytest

import netanalysis as na


def networks(count=4):
    rng = np.random.default_rng(0)
    sizes = rng.integers(6, 12, size=count)
    return {
        f"net {k}": na.Connectome((rng.random((n, n)) < 0.5).astype(float), positions=rng.normal(size=(n, 2)))
        for k, n in enumerate(sizes)
    }


@pytest.mark.parametrize(
    "distance",
    [
        "portrait_divergence",
        "ks_distance",
        "communicability_distance",
        "fingerprint_distance",
        partial(na.spectral_distance, matrix="singular_values"),
        partial(partial(na.portrait_divergence, variant="formula"), lengths="inverse"),
        lambda a, b: float(abs(a.n_nodes - b.n_nodes)),
    ],
)
def test_the_matrix_is_that_of_the_pairs(distance):
    nets = networks()
    found = na.network_distances(nets, distance=distance)
    function = getattr(na, distance) if isinstance(distance, str) else distance
    assert found.names == tuple(nets)
    right = [[function(a, b) if a is not b else 0.0 for b in nets.values()] for a in nets.values()]
    np.testing.assert_allclose(found.matrix, right, atol=1e-12)
    table = found.table()
    assert len(table) == 6
    assert table["distance"].tolist() == found.matrix[np.triu_indices(4, 1)].tolist()
    assert found.frame().loc["net 0", "net 2"] == found.matrix[0, 2]


def test_files_stacks_and_workers(tmp_path):
    nets = networks()
    for name, net in nets.items():
        na.save(net, tmp_path / f"{name}.npz")
    here = na.network_distances(nets)
    paths = na.network_distances([tmp_path / f"{name}.npz" for name in nets], n_jobs=2)
    np.testing.assert_array_equal(here.matrix, paths.matrix)
    assert paths.names == here.names
    stack = na.network_distances(np.random.default_rng(1).random((3, 5, 5)) < 0.5)
    assert stack.matrix.shape == (3, 3)
    assert stack.distance == "portrait_divergence"


def test_what_is_refused_and_what_is_said():
    with pytest.raises(ValueError, match="at least two"):
        na.network_distances([np.ones((3, 3))])
    with pytest.raises(TypeError, match="must be a function of two networks"):
        na.network_distances(networks(), distance=3)
    with pytest.raises(TypeError, match="one number"):
        na.network_distances(networks(), distance=lambda a, b: [1.0, 2.0])
    with pytest.raises(ValueError, match="Symmetrise") as caught:
        na.network_distances(networks(), distance="spectral_distance")
    assert "network net 0" in caught.value.__notes__
    chain = np.eye(5, k=1) + np.eye(5, k=-1)
    with pytest.warns(na.UndefinedWarning, match="clustering") as said:
        found = na.network_distances({"a": chain, "b": chain, "c": np.ones((4, 4))}, distance="fingerprint_distance")
    assert len(said) <= 2
    assert np.isnan(found.matrix[0, 1])
