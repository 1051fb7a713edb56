"""The bundled ensembles of trained networks, and what their papers say of them."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

import netanalysis as na
from netanalysis.datasets.trained import TrainedNetworks

TRAINED = Path(__file__).resolve().parents[2] / "data" / "trained"
MANIFEST = json.loads((TRAINED / "manifest.json").read_text(encoding="utf-8"))
ENSEMBLES = [name for name, entry in MANIFEST.items() if entry["kind"] == "ensemble"]


@pytest.fixture(scope="module")
def accurate():
    """Networks that solve one-choice inference at epoch 9, the paper's filter."""
    return {
        name: trained.select((trained.table["epoch"] == 9) & (trained.table["accuracy"] >= 0.9))
        for name, trained in ((name, na.datasets.load(name)) for name in ENSEMBLES)
        if trained.metadata["recipe"]["task"] == "one_choice"
    }


def cohens_d(a, b):
    a, b = np.asarray(a), np.asarray(b)
    pooled = (a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)) / (len(a) + len(b) - 2)
    return (a.mean() - b.mean()) / np.sqrt(pooled)


@pytest.mark.parametrize("name", ENSEMBLES)
def test_the_manifest_describes_what_loads(name):
    trained, entry = na.datasets.load(name), MANIFEST[name]
    assert isinstance(trained, TrainedNetworks)
    assert len(trained) == entry["n_networks"]
    if not entry["command"].startswith("python data/trained/"):
        assert entry["command"].startswith("python -m models train ")
        called = re.search(r"--set name=(\S+)", entry["command"]) or re.search(r"train (\S+)", entry["command"])
        assert called[1] == trained.metadata["model"]
    assert hashlib.sha256((TRAINED / f"{name}.npz").read_bytes()).hexdigest() == entry["sha256"]
    net, row = trained[-1], trained.table.iloc[-1]
    assert net.n_nodes == entry["n_nodes"]
    assert net.inputs.shape[1] == net.outputs.shape[0] == net.n_nodes
    for key in ("gamma", "seed", "epoch", "accuracy", "network"):
        assert net.metadata[key] == row[key]
    assert net.metadata["penalty_kind"] == trained.metadata["recipe"]["penalty"]
    assert net.metadata["licence"] == "BSD-3-Clause"
    stack = na.load(TRAINED / f"{name}.npz")
    assert np.array_equal(stack.weights[-1], net.weights)
    assert trained[-2:][-1].name == trained[-1].name
    assert sum(1 for _ in trained) == len(trained)


def test_all_of_it_is_small():
    assert sum(path.stat().st_size for path in TRAINED.iterdir()) < 38e6


def test_files_of_another_kind_are_refused(tmp_path):
    na.save(na.Connectome([[0, 1.0], [0, 0]]), tmp_path / "net.npz")
    np.savez(tmp_path / "bare.npz", weights=np.eye(2))
    np.save(tmp_path / "array.npy", np.eye(2))
    (tmp_path / "text.npz").write_text("no archive")
    for path in tmp_path.iterdir():
        assert not TrainedNetworks.is_one(path)
        with pytest.raises(ValueError, match=r"open it with netanalysis\.load"):
            TrainedNetworks(path)
    assert not TrainedNetworks.is_one(tmp_path / "nowhere.npz")
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.npz"):
        TrainedNetworks(tmp_path / "nowhere.npz")


def test_damaged_and_incomplete_files_are_refused_by_name(tmp_path):
    with np.load(TRAINED / "resolvent.npz") as archive:
        arrays = dict(archive)
    whole, path = tmp_path / "whole.npz", tmp_path / "damaged.npz"
    np.savez(whole, **arrays)
    np.savez(path, **{name: value for name, value in arrays.items() if name != "W_out"})
    with pytest.raises(ValueError, match=r"damaged\.npz could not be read: .*lacks W_out"):
        TrainedNetworks(path)
    np.savez(path, **arrays | {"W_in": arrays["W_in"][1:]})
    with pytest.raises(ValueError, match=r"damaged\.npz .*not as many of W_in"):
        TrainedNetworks(path)
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged\.npz could not be read: .*CRC.*damaged or incomplete"):
        TrainedNetworks(path)


def test_parts_of_an_ensemble():
    trained = na.datasets.load("sernn")
    last = trained.at(-1)
    assert isinstance(last, TrainedNetworks)
    assert last.table["network"].tolist() == list(range(100))
    assert (last.table["epoch"] == trained.table.groupby("network")["epoch"].max()).all()
    assert [net.name for net in trained.at(9)] == [net.name for net in trained if net.metadata["epoch"] == 9]
    assert len(trained.select([])) == 0
    assert trained.select([5, 3])[1].name == trained[3].name
    with pytest.raises(ValueError, match=r"epoch must be -1 or one of \[0, 1, .* 10\]; got 99"):
        trained.at(99)
    with pytest.raises(IndexError):
        trained[len(trained)]


def test_wires_of_spatially_embedded_networks_are_short(accurate):
    r = {name: [na.weight_distance_correlation(net) for net in nets] for name, nets in accurate.items()}
    assert -0.45 < np.mean(r["sernn"]) < -0.2
    assert abs(np.mean(r["l1"])) < 0.05
    assert cohens_d(r["sernn"], r["l1"]) < -2
    assert np.mean(r["sernn"]) < np.mean(r["distance"]) < -0.05


def test_penalties_prune(accurate):
    for nets in accurate.values():
        total = [np.abs(net.weights).sum() for net in nets]
        assert max(total) < 830
    gamma = accurate["sernn"].table["gamma"]
    assert spearmanr(gamma, [np.abs(net.weights).sum() for net in accurate["sernn"]]).statistic < -0.7


def test_the_sign_of_the_modularity_difference_depends_on_the_diagonal(accurate):
    """Published: with the diagonal, Cohen's d 1.07; self-connections, free in seRNNs, count as modules."""

    def q(matrix):
        return na.detect_communities(matrix, method="spectral", rng=0).modularity

    def without_diagonal(net):
        a = np.abs(net.weights)
        np.fill_diagonal(a, 0)
        return (a + a.T) / 2

    def strongest_tenth(net):
        a = np.abs(net.weights)
        strong = a >= np.quantile(a, 0.9)
        np.fill_diagonal(strong, False)
        return (strong | strong.T).astype(float)

    sernn, l1 = accurate["sernn"], accurate["l1"]
    difference = {
        variant.__name__: cohens_d([q(variant(net)) for net in sernn], [q(variant(net)) for net in l1])
        for variant in (lambda net: np.abs(net.weights), without_diagonal, strongest_tenth)
    }
    assert difference["<lambda>"] > 0.4
    assert difference["without_diagonal"] < 0
    assert difference["strongest_tenth"] > 0.4


def test_spectra_of_spatially_embedded_networks_are_heterogeneous(accurate):
    entropy = {name: np.mean([na.spectral_entropy(net) for net in nets]) for name, nets in accurate.items()}
    assert entropy["sernn"] - entropy["l1"] > 0.2
