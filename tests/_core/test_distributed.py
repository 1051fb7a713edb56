"""The same call on a cluster: a local one here, with a worker that dies."""

import functools
import os
import time

import joblib
import numpy as np
import pandas as pd
import pytest

import netanalysis as na

distributed = pytest.importorskip("distributed")
# The cluster is not ours to clean: sockets and event loops close in their own time.
pytestmark = pytest.mark.filterwarnings("ignore")

MEASURES = ["density", "weight_entropy", "clustering"]


@pytest.fixture(scope="module")
def client():
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as found:
        yield found


@pytest.fixture(scope="module")
def networks():
    rng = np.random.default_rng(0)
    return [rng.random((20 + k, 20 + k)) * (rng.random((20 + k, 20 + k)) < 0.3) for k in range(6)]


def table(networks, **options):
    return na.summarize(networks, MEASURES, null=na.nulls.weight_shuffle, n_nulls=20, rng=0, progress=False, **options)


@pytest.mark.slow
def test_a_cluster_gives_bit_identical_results(client, networks):
    with joblib.parallel_config(backend="dask"):
        on_cluster = table(networks)
    pd.testing.assert_frame_equal(on_cluster, table(networks), check_exact=True)


def _dies_once(flag, net):
    """A measure whose first call takes its worker down with it."""
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return float(np.sum(net.weights))
    time.sleep(0.2)
    os._exit(1)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(client, networks, tmp_path):
    measure = {"total": functools.partial(_dies_once, str(tmp_path / "died"))}
    with joblib.parallel_config(backend="dask"):
        got = na.summarize(networks, measure, rng=0, progress=False)
    assert (tmp_path / "died").exists()
    assert got["value"].tolist() == [float(w.sum()) for w in networks]
