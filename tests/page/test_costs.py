"""What a page of a large network holds is decided by stated cost, and said."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import netanalysis as na
from netanalysis.page import MEASURES, costs


def random_network(n, degree, seed=0):
    rng = np.random.default_rng(seed)
    w = sparse.random_array((n, n), density=degree / n, rng=rng, format="csr")
    return na.Connectome(w, positions=rng.normal(size=(n, 3)))


def test_what_5000_nodes_get():
    scope = costs.scope(random_network(5000, 50), MEASURES, 100)
    assert {"modularity", "clustering", "clustering_binary", "path_length_binary", "weight_entropy", "reciprocity"} <= {
        *scope.tested
    }
    assert set(scope.alone) == {"propensity", "communicability_entropy"}
    assert set(scope.left_out) == {"path_length", "efficiency", "spectral_entropy", "pathway_mean_hops"}
    assert "estimate_spectral_entropy" in scope.left_out["spectral_entropy"]


@pytest.mark.parametrize("n", [100, 360, 503])
def test_small_networks_get_everything(n):
    scope = costs.scope(random_network(n, n / 5), MEASURES, 100)
    assert scope.tested == list(MEASURES)
    assert not scope.is_large


@pytest.mark.usefixtures("undrawn")
def test_the_page_says_what_it_leaves_out(tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "ALONE", 0.0015)
    monkeypatch.setattr(costs, "NULLS", 0.006)
    net = random_network(120, 12)
    page = na.report(net, output=tmp_path, n_nulls=10, progress=False).read_text()
    table = pd.read_csv(tmp_path / "measures.csv").set_index("measure")
    scope = costs.scope(net, MEASURES, 10)
    assert scope.left_out.keys() == {"modularity"}
    assert np.isnan(table.loc["modularity", "value"])
    assert "not measured: takes about" in page
    for name in scope.alone:
        assert np.isfinite(table.loc[name, "value"])
        assert table.loc[name, "note"] == scope.alone[name]
        assert np.isnan(table.loc[name, "z"])
    c, length, sigma = (table.loc[name] for name in ("clustering_binary", "path_length_binary", "sigma"))
    assert sigma["value"] == pytest.approx((c["value"] / c["null_mean"]) / (length["value"] / length["null_mean"]))
    assert sigma["null_mean"] == pytest.approx(1, abs=0.05)
    by_itself = na.small_worldness(net, n_nulls=50, rng=1).value
    assert sigma["value"] == pytest.approx(by_itself, rel=0.1)
    # The same null networks as without limits, so the same numbers.
    whole = na.summarize(net, ["clustering"], null=na.choose_null(net)[0], n_nulls=10, rng=0, progress=False)
    assert whole["z"].item() == table.loc["clustering", "z"]
