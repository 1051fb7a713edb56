"""Points from distances: exact in enough dimensions, scipy's and sklearn's numbers, signs and names."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import procrustes
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

import netanalysis as na


@given(st.integers(0, 10**6), st.sampled_from([1e-200, 1.0, 1e150]))
@settings(max_examples=20, deadline=None)
def test_points_of_a_plane_come_back(seed, scale):
    rng = np.random.default_rng(seed)
    place = rng.normal(size=(7, 2))
    found = na.embed(scale * cdist(place, place))
    assert procrustes(place, found.points / scale)[2] == pytest.approx(0, abs=1e-12)
    assert found.stress == pytest.approx(0, abs=1e-9)
    assert found.share.sum() == pytest.approx(1)
    assert found.negative_share == pytest.approx(0, abs=1e-9)
    order = rng.permutation(7)
    other = na.embed(scale * cdist(place[order], place[order]))
    assert np.abs(other.points) == pytest.approx(np.abs(found.points[order]), rel=1e-6, abs=1e-6 * scale)


def test_scaling_of_euclidean_distances_is_principal_components():
    x = np.random.default_rng(0).normal(size=(9, 5))
    a, b = na.embed(cdist(x, x)), na.embed(x, method="pca", standardize=False)
    assert a.points == pytest.approx(b.points)
    assert a.share == pytest.approx(b.share)
    assert a.stress == pytest.approx(b.stress)
    right = PCA(2).fit(StandardScaler().fit_transform(x))
    standard = na.embed(pd.DataFrame(x, index=list("abcdefghi")), method="pca")
    assert standard.share == pytest.approx(right.explained_variance_ratio_)
    assert standard.names == tuple("abcdefghi")


def test_distances_that_no_space_holds_say_so():
    ring = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]], float)  # hops around a square
    found = na.embed(ring)
    assert found.negative_share == pytest.approx(1 / 5)  # eigenvalues 2, 2, 0, -1
    assert found.share == pytest.approx([2 / 5, 2 / 5])
    assert found.stress > 0.1
    everything_alike = na.embed(np.zeros((4, 4)))
    assert (everything_alike.points == 0).all()
    assert everything_alike.stress == 0


def test_what_comes_from_elsewhere():
    rng = np.random.default_rng(1)
    nets = {name: (rng.random((9, 9)) < share).astype(float) for name, share in (("a", 0.2), ("b", 0.4), ("c", 0.7))}
    distances = na.network_distances(nets)
    found = na.embed(distances)
    assert found.names == ("a", "b", "c")
    assert found.what == "portrait_divergence"
    recs = [na.Recording(rng.normal(size=(6, 5, 3))) for _ in range(4)]
    apart = na.recording_similarity(recs, measure="procrustes_distance")
    assert na.embed(apart, n_dimensions=3).points.shape == (4, 3)
    for call, said in (
        (lambda: na.embed(np.ones((3, 4))), "symmetric distances"),
        (lambda: na.embed(np.ones((3, 3))), "0 on the diagonal"),
        (lambda: na.embed(-1 * (1 - np.eye(3))), "at least 0"),
        (lambda: na.embed(np.zeros((2, 2))), "more networks than dimensions"),
        (lambda: na.embed(np.ones((5, 1)), method="pca"), "at least 2 measures"),
        (lambda: na.embed(distances, names=["a"]), "names must have one"),
        (lambda: na.embed(distances, method="tsne"), "method must be one of"),
        (lambda: na.embed(np.full((3, 3), np.nan)), "must be finite"),
    ):
        with pytest.raises(ValueError, match=said):
            call()
