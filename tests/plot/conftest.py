"""What figures are drawn of."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

import netanalysis as na
from netanalysis.structure.pathways import Pathways

GRID = np.stack(np.indices((4, 5)), -1).reshape(-1, 2).astype(float)


@pytest.fixture
def ax():
    return Figure(layout="constrained").subplots()


@pytest.fixture
def net(undirected):
    place = np.random.default_rng(3).normal(size=(30, 3)) * [1, 10, 5]
    return na.Connectome(undirected, positions=place, modules=np.arange(30) % 3, metadata={"unit": "mm"})


@pytest.fixture
def hops():
    maps = np.random.default_rng(1).normal(size=(4, 3, 5)) * 10.0 ** -np.arange(4)[:, None, None]
    return Pathways(maps=maps, hops=np.arange(4), alpha=1.0, scale=1.0)


@pytest.fixture
def test_result():
    null = np.random.default_rng(2).normal(0.3, 0.01, 99)
    return SimpleNamespace(null_distribution=null, observed=0.42, z=12.1, p=0.02)


@pytest.fixture
def grid():
    """Positions of 20 units on a sheet."""
    return GRID.copy()


@pytest.fixture(scope="module")
def selective():
    rng = np.random.default_rng(0)
    goal, choice = rng.integers(0, 2, (2, 60))
    a = rng.normal(size=(60, 2, 20))
    a[:, :, :8] += 2 * goal[:, None, None]
    a[:, 1:, 8:14] += 2 * choice[:, None, None]
    a[:, :, 19] = 0
    rec = na.Recording(a, {"goal": goal, "choice": choice.astype(str)}, time=[0.5, 1.0])
    return rec, na.mixed_selectivity(rec, ["goal", "choice"], windows=2, rng=0)


@pytest.fixture(scope="module")
def clusters():
    rng = np.random.default_rng(1)
    gain = np.kron(np.eye(3), np.ones((6, 1)))
    gain = np.concatenate([gain, np.zeros((2, 3))])[rng.permutation(20)]
    a = rng.normal(size=(30, 4, 20)) * gain[:, np.repeat([0, 1, 2], 10)].T[:, None, :]
    return na.functional_clusters(na.Recording(a, {"task": np.repeat(["go$", "anti", "match"], 10)}), k=3)


@pytest.fixture(scope="module")
def alignment(clusters):
    weights = np.random.default_rng(2).random((20, 20))
    return na.clustering_alignment(na.Connectome(weights, positions=GRID), clusters, n_nulls=49, rng=0)
