"""How to read is said of files and arrays; where it would be ignored it is refused."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main

NET = na.Connectome([[0, 1.0, 2], [0, 0, 3], [1, 0, 0]], name="net")
ARRAY = NET.weights


def _summarize(networks, **how):
    return na.summarize(networks, ["density"], progress=False, **how)


@pytest.mark.parametrize(
    "networks", [ARRAY, [ARRAY, NET], {"a": ARRAY}, pd.DataFrame(ARRAY), NET], ids=lambda x: type(x).__name__
)
def test_a_key_is_refused_without_files(networks):
    """Seen: summarize(array, key="w") ignored the key."""
    with pytest.raises(ValueError, match="key= says how to read files, and networks holds none"):
        _summarize(networks, key="w")


@pytest.mark.parametrize("how", [{"orientation": "target_source"}, {"undirected": True}], ids=str)
def test_a_direction_is_refused_for_connectomes_alone(how):
    with pytest.raises(ValueError, match=f"{next(iter(how))}= says how to read files and arrays"):
        _summarize([NET, NET], **how)
    assert len(_summarize([NET, np.triu(ARRAY)], **how)) == 2


def test_what_an_iterator_gives_is_looked_at_one_by_one():
    with pytest.raises(ValueError, match="key="):
        _summarize(iter([NET]), key="w", strict=True)


def test_compare_and_report_refuse_alike(tmp_path):
    table = _summarize([NET, NET])
    for groups in ((table, table), ([NET, NET], table)):
        with pytest.raises(ValueError, match="orientation= says how"):
            na.compare(*groups, orientation="source_target")
    with pytest.raises(ValueError, match="key= says how"):
        na.compare([ARRAY, ARRAY], table, key="w")
    for given in ({"against": ARRAY}, {"groups": {"a": [ARRAY]}}, {}):
        with pytest.raises(ValueError, match="key= says how"):
            na.report(NET, key="w", output=tmp_path, **given)


def test_a_key_for_the_files_among_others_is_heeded(tmp_path):
    np.savez(tmp_path / "w.npz", w=ARRAY, v=ARRAY * 2)
    assert len(_summarize([tmp_path / "w.npz", NET], key="w", orientation="source_target")) == 2


def test_an_undirected_network_has_no_orientation():
    with pytest.raises(ValueError, match="undirected network has no orientation"):
        _summarize(ARRAY, undirected=True, orientation="source_target")


def test_files_of_one_name_are_called_by_their_folders(tmp_path):
    """Seen: data.npz of every data set, called data, data (2), data (3)."""
    for name in ("cat", "rat"):
        (tmp_path / name).mkdir()
        np.savez(tmp_path / name / "data.npz", weights=np.ones((3, 3)))
    np.savez(tmp_path / "other.npz", weights=np.ones((3, 3)))
    files = [tmp_path / "cat" / "data.npz", tmp_path / "rat" / "data.npz", tmp_path / "other.npz"]
    right = ["cat/data", "rat/data", "other"]
    assert na.summarize(files, ["density"], progress=False)["network"].tolist() == right
    done = CliRunner().invoke(main, ["measure", *map(str, files), "--measures", "density", "--quiet"])
    assert [line.split(",")[0] for line in done.stdout.splitlines()[1:]] == right
    assert na.summarize(files[:1] * 2, ["density"], progress=False)["network"].tolist() == ["data", "data (2)"]
