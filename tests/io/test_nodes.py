"""One table of nodes for a folder of files that labs have written in several ways."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na

NAMES = ["L_bankssts", "L_cuneus", "R_bankssts", "R_cuneus"]


@pytest.mark.parametrize("ids", ["id", "index", "node_id", "parcel"])
@pytest.mark.parametrize("names", ["name", "label", "region", "region_name"])
def test_names_find_named_nodes_and_numbers_the_others(tmp_path, ids, names):
    """Seen: 22 of 30 files could not be loaded with one atlas, whichever column it had first."""
    w = np.random.default_rng(0).random((4, 4))
    w = w + w.T
    order = [2, 0, 3, 1]
    atlas = pd.DataFrame({ids: range(1, 5), names: NAMES, "network": list("abab"), "thickness": [2.0, 3, 4, 5]})
    np.save(tmp_path / "plain.npy", w)
    pd.DataFrame(w, index=NAMES, columns=NAMES).iloc[order, order].to_csv(tmp_path / "named.csv")
    for table in (atlas, atlas[atlas.columns[::-1]]):
        plain = na.load(tmp_path / "plain.npy", nodes=table)
        named = na.load(tmp_path / "named.csv", nodes=table)
        assert plain.labels.tolist() == NAMES
        assert plain.modules.tolist() == list("abab")
        assert plain.metadata["thickness"].tolist() == [2, 3, 4, 5]
        assert f"labels from {names!r}" in plain.history[-1]
        assert named.labels.tolist() == [NAMES[k] for k in order]
        assert named.modules.tolist() == [list("abab")[k] for k in order]
        assert np.array_equal(na.transform.subset(named, NAMES).weights, plain.weights)


def test_a_count_of_rows_is_the_last_to_be_taken_for_ids(tmp_path):
    w = pd.DataFrame(np.ones((4, 4)), index=[1, 2, 3, 4], columns=[1, 2, 3, 4])
    w.to_csv(tmp_path / "w.csv")
    table = pd.DataFrame({"index": [1, 2, 3, 4], "id": [10, 3, 1, 2], "type": ["t10", "t3", "t1", "t2"]})
    with pytest.warns(UserWarning, match="1 of 4 nodes have no row"):
        net = na.load(tmp_path / "w.csv", nodes=table)
    assert net.modules.tolist() == ["t1", "t2", "t3", ""]


def test_what_is_no_name_of_each_node_is_no_label(tmp_path):
    np.save(tmp_path / "w.npy", np.ones((3, 3)))
    atlas = pd.DataFrame({"id": [0, 1, 2]})
    for column in (["a", "a", "b"], ["a", None, "b"], ["1", "2", "3"], [5.0, 6.0, 7.0]):
        assert na.load(tmp_path / "w.npy", nodes=atlas.assign(name=column)).labels is None
    with pytest.raises(ValueError, match="no names to look up"):
        na.load(tmp_path / "w.npy", nodes=pd.DataFrame({"name": ["x", "y", "z"]}))
