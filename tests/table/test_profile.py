"""Profiles: the numbers of summarize, null by null, and what is made of them."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na
from netanalysis._core import random

MEASURES = ["clustering_binary", "efficiency_binary", "modularity"]


def networks():
    rng = np.random.default_rng(0)
    made = {}
    for k, n in enumerate((14, 18, 22)):
        place = rng.random((n, 2))
        near = np.exp(-2 * np.linalg.norm(place[:, None] - place, axis=2))
        w = np.triu(rng.random((n, n)) < near, 1) * rng.random((n, n))
        made[f"net {k}"] = na.Connectome(w + w.T, positions=place, metadata={"species": "none"})
    return made


@pytest.fixture(scope="module")
def found():
    return na.profile(networks(), MEASURES, n_nulls=15, rng=0, progress=False, metadata=["species"])


def test_each_null_gives_the_table_of_summarize(found):
    assert found.density is None
    assert list(found.table["kept"].unique()) == ["degree", "space"]
    for k, null in enumerate(("degree_preserving", "wiring_length_preserving")):
        seed = random.child(random.seed_sequence(0), k)
        right = na.summarize(
            networks(), MEASURES, null=null, n_nulls=15, rng=seed, progress=False, metadata=["species"]
        )
        part = found.table[found.table["kept"] == ["degree", "space"][k]].reset_index(drop=True)
        assert part["ratio"].to_numpy() == pytest.approx((right["value"] / right["null_mean"]).to_numpy())
        pd.testing.assert_frame_equal(part.drop(columns=["kept", "ratio"]), right)


def test_vectors_and_their_distances(found):
    wide = found.vectors("z")
    assert list(wide.index) == ["net 0", "net 1", "net 2"]
    assert list(wide.columns) == [(kept, m) for kept in ("degree", "space") for m in MEASURES]
    row = found.table[(found.table["network"] == "net 1") & (found.table["kept"] == "space")]
    assert wide.loc["net 1", ("space", "modularity")] == row.set_index("measure").loc["modularity", "z"]
    x = wide.to_numpy()
    d = found.distances()
    assert d.matrix[0, 2] == pytest.approx(np.linalg.norm(x[0] - x[2]))
    r = found.distances(metric="correlation").matrix
    assert r == pytest.approx(1 - np.corrcoef(x), abs=1e-12)
    unit = found.vectors("z", unit=True).to_numpy()
    assert np.linalg.norm(unit, axis=1) == pytest.approx([1, 1, 1])
    assert found.distances(unit=True).matrix.max() <= 2
    assert "unit z" in found.distances(unit=True).distance


def test_what_has_no_z_is_refused_or_left_out():
    nets = networks()
    bare = {"a": nets["net 0"], "b": na.Connectome(nets["net 1"].weights)}
    with pytest.warns(UserWarning, match="1 of 2 networks could not be measured in full"):
        found = na.profile(bare, MEASURES, n_nulls=5, rng=0, progress=False)
    assert found.vectors()["space"].loc["b"].isna().all()
    with pytest.raises(ValueError, match=r"modularity \(space\).*column note"):
        found.distances()
    kept = found.distances(missing="drop", unit=True)
    assert kept.matrix.shape == (2, 2)
    full = {"a": nets["net 0"], "all to all": np.ones((8, 8))}
    with pytest.warns(UserWarning, match="1 of 2 networks could not be measured in full"):
        lost = na.profile(full, MEASURES, nulls={"degree": "degree_preserving"}, n_nulls=5, rng=0, progress=False)
    with pytest.raises(ValueError, match=r'no number for all to all, whatever the measure.*density="lowest"'):
        lost.distances(missing="drop")
    assert repr(lost) == f"<Profile: table table {lost.table.shape}, density None>"
    x = found.vectors()["degree"].to_numpy(copy=True)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert kept.matrix[0, 1] == pytest.approx(np.linalg.norm(x[0] - x[1]))


def test_networks_of_one_density():
    nets = networks()
    lowest = min(net.density for net in nets.values())
    options = {"nulls": {"degree": "degree_preserving"}, "n_nulls": 3, "rng": 0, "progress": False}
    found = na.profile(nets, ["density"], density="lowest", **options)
    assert found.density == lowest
    assert found.table["value"].to_numpy() == pytest.approx(lowest, abs=0.02)
    assert found.table["history"].str.contains("threshold").all()
    assert found.table["z"].isna().all()  # which this null keeps
    with pytest.raises(ValueError, match="more than network"):
        na.profile(nets, ["density"], density=0.9, **options)


def test_bad_input_is_named(tmp_path):
    with pytest.raises(TypeError, match="nulls must be a mapping"):
        na.profile(networks(), nulls="degree_preserving")
    with pytest.raises(ValueError, match="null must be one of"):
        na.profile(networks(), nulls={"a": "nothing"})
    with pytest.raises(ValueError, match="density must be one of"):
        na.profile(networks(), density="highest")
    with pytest.raises(ValueError, match="is empty"):
        na.profile([])
    options = {"nulls": {"degree": "degree_preserving"}, "n_nulls": 3, "progress": False}
    first = na.profile(networks(), ["density"], checkpoint=tmp_path / "run", rng=0, **options)
    again = na.profile(networks(), ["density"], checkpoint=tmp_path / "run", rng=0, **options)
    pd.testing.assert_frame_equal(first.table, again.table)
    with pytest.raises(ValueError, match="at least 3 entries"):
        na.profile(networks(), ["modularity", "efficiency"], rng=0, **options).distances(metric="correlation")
