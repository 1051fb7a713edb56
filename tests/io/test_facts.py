"""What files say of the network itself: age, sex, group, threshold."""

import h5py
import numpy as np
import pytest
import scipy.io

import netanalysis as na

RNG = np.random.default_rng(0)
W, STACK = RNG.random((4, 4)), RNG.random((3, 4, 4))
FACTS = {"age": 23.5, "sex": "f", "threshold": 0.1}


def _load(path, **how):
    return na.load(path, orientation="source_target", **how).metadata


def _mat(path, **values):
    scipy.io.savemat(path, values)


def _hdf5(path, **values):
    with h5py.File(path, "w") as file:
        for name, value in values.items():
            file[name] = value


@pytest.mark.parametrize(("suffix", "write"), [(".mat", _mat), (".npz", np.savez), (".h5", _hdf5)])
def test_single_values_beside_the_weights_are_metadata(tmp_path, suffix, write):
    """Seen: an age in a .mat went without a word."""
    write(tmp_path / f"w{suffix}", conn=W, **FACTS)
    assert dict(_load(tmp_path / f"w{suffix}")) | FACTS == dict(_load(tmp_path / f"w{suffix}"))


@pytest.mark.parametrize(("suffix", "write"), [(".mat", _mat), (".npz", np.savez)])
def test_one_value_for_each_network_goes_with_it(tmp_path, suffix, write):
    stack = STACK if suffix == ".npz" else np.moveaxis(STACK, 0, -1)
    write(tmp_path / f"w{suffix}", conn=stack, age=[8.0, 9, 11])
    net = na.load(tmp_path / f"w{suffix}", orientation="source_target")
    assert net.metadata["age"].tolist() == [8, 9, 11]
    assert net[1].metadata["age"] == 9


def test_a_table_of_the_networks_is_named(tmp_path):
    np.savez(tmp_path / "w.npz", conn=STACK, scores=np.ones((3, 2)))
    with pytest.warns(UserWarning, match=r"'scores' \(3, 2\): left out"):
        assert "scores" not in _load(tmp_path / "w.npz")


def test_facts_of_a_struct_are_those_of_its_own_network(tmp_path):
    subjects = np.zeros(3, dtype=[("conn", object), ("age", object), ("sex", object)])
    for k in range(3):
        subjects[k] = STACK[k], 20 + k, "fmf"[k]
    scipy.io.savemat(tmp_path / "w.mat", {"subjects": subjects, "study": "x", "other": {"age": 99.0}})
    one = _load(tmp_path / "w.mat", key="subjects(2).conn")
    assert (one["age"], one["sex"], one["study"]) == (21, "m", "x")
    assert _load(tmp_path / "w.mat", key="subjects.conn")["age"].tolist() == [20, 21, 22]


def test_attributes_of_hdf5_are_metadata(tmp_path):
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["W"] = W
        file.attrs["species"] = "rat"
        file["W"].attrs["age"] = 3
        file["W"].attrs["CLASS"] = "ARRAY"
    said = _load(tmp_path / "w.h5")
    assert (said["species"], said["age"]) == ("rat", 3)
    assert "CLASS" not in said


def test_facts_do_not_stand_in_for_provenance(tmp_path):
    np.savez(tmp_path / "w.npz", conn=W, key=3)
    said = _load(tmp_path / "w.npz")
    assert said["key"] == "conn"
    assert said["origin"] == {"key": 3}


@pytest.mark.parametrize("attribute", ["scale_factor", "add_offset"])
def test_packed_numbers_are_refused(tmp_path, attribute):
    """Seen: 20 was read where NetCDF's scale_factor of 0.1 makes it 2."""
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["W"] = (W * 100).astype("i2")
        file["W"].attrs[attribute] = 0.1
    with pytest.raises(ValueError, match=f"'W' is packed .{attribute}"):
        _load(tmp_path / "w.h5")
