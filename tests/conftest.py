"""Fixtures shared by all tests."""

import gc
import os
from pathlib import Path

# Workers share the cores, and threads of one would wait for those of another: a tenth of the time of all tests. Read
# where numpy and torch are imported, here and in every process that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("NETANALYSIS_SHARED", ROOT.parent / "shared")) / "data"

# Modules and tests are millions of objects, and stay: to search them for garbage took a third of the time of all tests.
gc.disable()


def pytest_collection_finish():
    """Look for garbage among what comes after."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def bct():
    """Inputs and outputs of the Brain Connectivity Toolbox 2019-03-03 (see tests/oracles/README.md)."""
    with np.load(Path(__file__).parent / "oracles" / "bct_2019_matrix_a.npz") as archive:
        return dict(archive)


@pytest.fixture(scope="session")
def shared_data():
    """Folder of real connectomes kept beside the project; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("no shared data beside the project")
    return SHARED


@pytest.fixture
def reported():
    """What a slow test found, for the table of ``python -m tests.reliability``: its section, and cells by column."""
    from tests.reliability import record

    return record


@pytest.fixture
def directed():
    """A 30-node weighted directed network without self-connections, density about .3."""
    rng = np.random.default_rng(7)
    w = rng.lognormal(size=(30, 30)) * (rng.random((30, 30)) < 0.3)
    np.fill_diagonal(w, 0)
    return w


@pytest.fixture
def undirected(directed):
    """Its symmetric version."""
    return np.maximum(directed, directed.T)


@pytest.fixture
def signed():
    """A dense signed 40 x 40 matrix, as trained recurrent weights are."""
    return np.random.default_rng(11).normal(size=(40, 40)) / np.sqrt(40)
