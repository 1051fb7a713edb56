"""Tables that are made again from what they record of themselves."""

import inspect
import json
import shutil
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis.cli import main

KEY = "netanalysis"
MEASURES = ["density", "clustering", "modularity"]


def weights(seed, n=12):
    rng = np.random.default_rng(seed)
    return rng.lognormal(size=(n, n)) * (rng.random((n, n)) < 0.4)


@pytest.fixture
def files(tmp_path):
    for k in range(3):
        np.savez(tmp_path / f"net{k}.npz", w=weights(k))
    return [tmp_path / f"net{k}.npz" for k in range(3)]


def summary(networks, **options):
    return na.summarize(networks, MEASURES, progress=False, **options)


def record(table):
    return json.loads(table.attrs[KEY])


def run(*args, code=0):
    done = CliRunner().invoke(main, [str(arg) for arg in args])
    assert done.exit_code == code, done.output
    return done.output


@pytest.mark.parametrize("rng", [3, None, "generator", "sequence"])
def test_a_table_from_files_is_the_same_for_any_number_of_jobs(files, rng):
    rng = {"generator": np.random.default_rng(5), "sequence": np.random.SeedSequence(7)}.get(rng, rng)
    options = {"orientation": "target_source", "null": partial(na.nulls.degree_preserving), "n_nulls": 20, "rng": rng}
    table, other = (summary(files, **options) for _ in range(2))
    again = [na.rerun(table, n_jobs=n_jobs) for n_jobs in ((1, 2) if rng == 3 else (None,))]
    with joblib.parallel_config(backend="threading"):
        again += [na.rerun(table, n_jobs=n_jobs) for n_jobs in (2, 3)]
    assert all(found.equal and not len(found.differences) and not found.versions for found in again)
    assert na.rerun(other).equal
    if rng is None or isinstance(rng, np.random.Generator):
        assert not table["z"].equals(other["z"])
    step = record(table)["steps"][-1]
    assert step["arguments"]["orientation"] == "target_source"
    assert [note["file"] for note in step["arguments"]["networks"]] == list(map(str, files))
    assert set(record(table)["versions"]) == {"netanalysis", "numpy", "scipy", "numba", "python", "machine"}


def test_differing_cells_are_named_with_the_difference(files):
    table = summary(files, orientation="source_target")
    table.loc[4, "value"] = np.nextafter(table.loc[4, "value"], 1)
    table.loc[0, "note"] = "edited"
    found = na.rerun(table)
    assert not found.equal
    assert found.differences[["row", "column"]].values.tolist() == [[4, "value"], [0, "note"]]
    assert 0 < abs(found.differences["difference"].iloc[0]) < 1e-15
    assert "2 cells differ" in repr(found)
    table.loc[4, "value"] = np.nan
    assert np.isnan(na.rerun(table).differences["before"].iloc[0])


def test_parts_of_a_table_are_compared_by_row_and_column(files):
    table = summary(files, orientation="source_target")
    part = table[table["measure"] == "modularity"][["network", "value"]]
    found = na.rerun(part)
    assert found.equal
    assert "3 of the 9 rows" in found.note
    more = na.rerun(table.assign(mine=1))
    assert not more.equal
    assert "mine" in more.note


def test_a_file_that_is_gone_or_other_is_an_error_that_says_where_it_was_looked_for(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = summary(["net0.npz", "net1.npz"], orientation="source_target")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move("net1.npz", elsewhere / "net1.npz")
    with pytest.raises(FileNotFoundError, match=r"there is no net1.npz.*Looked for at .*net1.npz; folder="):
        na.rerun(table)
    assert na.rerun(table, folder=elsewhere).equal
    np.savez(tmp_path / "net1.npz", w=weights(9))
    with pytest.raises(ValueError, match=r"net1.npz has changed: .* sha256 \w{64}, and there is .*net1.npz \(sha256"):
        na.rerun(table)
    assert na.rerun(table, folder=elsewhere).equal


def test_transforms_stacks_items_and_names_are_part_of_it(files, tmp_path):
    np.savez(tmp_path / "stack.npz", w=np.stack([weights(k) for k in range(3)]))
    stack = na.load(tmp_path / "stack.npz", orientation="source_target")
    net = na.transform.threshold(na.transform.absolute(stack[1]), density=0.2).replace(
        name="one", modules=["a", "b"] * 6, metadata=stack.metadata | {"group": "x"}
    )
    table = summary([net, na.transform.subset(net, "a")], rng=0, metadata=["group"])
    assert na.rerun(table).equal
    calls = [step["call"] for step in record(table)["steps"]]
    assert calls == [
        "load",
        "[]",
        "transform.absolute",
        "transform.threshold",
        ".replace",
        "transform.subset",
        "summarize",
    ]
    assert na.rerun(na.hubs(net).table()).equal
    assert list(table["group"].unique()) == ["x"]


def test_what_is_read_once_only_is_noted_while_it_is_read(files):
    table = summary(na.load(file, orientation="source_target") for file in files)
    assert na.rerun(table).equal
    assert len(record(table)["steps"]) == 4


def test_folders(files, tmp_path):
    table = summary(tmp_path, orientation="source_target")
    assert na.rerun(table).equal
    np.savez(tmp_path / "more.npz", w=weights(5))
    with pytest.raises(ValueError, match=r"did not hold .*: more.npz"):
        na.rerun(table)


def test_arrays_must_be_handed_over_again():
    nets = {"a": weights(0), "b": weights(1)}
    table = summary(nets, null="weight_shuffle", n_nulls=20)
    with pytest.raises(ValueError, match=r"networks was a ndarray of shape \(12, 12\) in memory.*na.rerun\(table, net"):
        na.rerun(table)
    with pytest.raises(ValueError, match="of the 1 that were handed over none is the same"):
        na.rerun(table, networks=weights(3))
    assert na.rerun(table, networks=nets).equal
    assert na.rerun(table, networks=[weights(1), [weights(0)]]).equal
    made = na.Connectome(weights(0), name="mine")
    assert na.rerun(summary([made]), networks=made).equal


def test_functions_of_ones_own_must_be_handed_over_again():
    def mine(net):
        return float(np.asarray(net.weights).max())

    table = na.summarize(weights(0), {"largest": mine}, progress=False)
    with pytest.raises(ValueError, match=r'function of your own, mine, .*functions=\{"mine": mine\}'):
        na.rerun(table, networks=weights(0))
    assert na.rerun(table, networks=weights(0), functions={"mine": mine}).equal


def test_a_checkpoint_gives_its_seed(files, tmp_path):
    path = tmp_path / "sweep.jsonl"
    options = {"orientation": "source_target", "null": "weight_shuffle", "n_nulls": 9, "checkpoint": path}
    table = summary(files, **options)
    path.unlink()
    assert na.rerun(table).equal
    assert not path.exists()


def test_compare_records_its_tables_and_which_rows_of_them(files):
    table = summary(files * 2, orientation="source_target")
    first = table["network"].isin(["net0", "net1", "net2"])
    compared = na.compare(table[first], table[~first], test="permutation", n_nulls=50)
    assert na.rerun(compared).equal
    compared.loc[1, "p"] = 0.5
    assert na.rerun(compared).differences["column"].tolist() == ["p"]
    edited = table[first].assign(value=1.0)
    compared = na.compare(edited, table[~first])
    with pytest.raises(ValueError, match=r"a was a table that does not come out the same, or was edited"):
        na.rerun(compared)
    assert na.rerun(compared, networks=edited).equal
    assert na.rerun(na.compare(files[:2], files[1:], MEASURES, orientation="source_target")).equal


def test_tables_of_results():
    worm = na.transform.subset(na.datasets.load("celegans_chemical"), ["sensory", "motor"])
    walks = na.pathways(worm, inputs="sensory", outputs="motor", max_hops=2)
    people = [weights(k) for k in range(6)]
    people = np.stack([w + w.T for w in people])
    groups = ["a", "b"] * 3
    for table in (
        na.hubs(worm).table(),
        walks.through(groups=worm.modules, hops=1).table(),
        na.strongest_paths(worm, inputs="sensory", outputs="motor", k=3, max_hops=2).table(),
        na.rich_club(worm, n_nulls=5).table(),
        na.motif_test(worm, n_nulls=5).to_frame(),
        na.influence(worm, sources="sensory").table(),
        na.profile({"w": worm}, ["clustering"], nulls={"d": "degree_preserving"}, n_nulls=5, progress=False).table,
    ):
        assert na.rerun(table).equal
    for table in (
        na.edge_test(people, groups, contrast=("a", "b"), n_nulls=9),
        na.network_based_statistic(people, groups, contrast=("a", "b"), threshold=0.5, n_nulls=9).table(),
        na.network_distances(list(people)).table(),
    ):
        assert na.rerun(table, networks=people).equal


def test_every_public_function_that_makes_tables_records_them():
    makes = []
    for name in na.__all__:
        function = getattr(na, name)
        if not inspect.isfunction(function):
            continue
        returned = str(inspect.signature(function).return_annotation)
        kind = getattr(na, returned.split(".")[-1].split(" ")[0], None)
        tables = {"table", "to_frame"} & set(dir(kind)) if inspect.isclass(kind) else ()
        if "DataFrame" in returned or tables:
            makes.append(name)
    assert len(makes) > 20
    assert [name for name in makes if not hasattr(getattr(na, name), "_recorded")] == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"call": "save", "arguments": {"net": [[0.0]], "path": "x.npz"}}, "may call"),
        ({"call": "plot.save", "arguments": {}}, "may call"),
        ({"call": "density", "arguments": {"net": [[0.0]]}}, "makes no table"),
        ({"call": "os.system", "arguments": {}}, "may call"),
        ({"call": "__import__", "arguments": {}}, "no function"),
        ({"call": "._repr_html_", "of": 0, "arguments": {}}, "may not"),
    ],
)
def test_a_record_from_elsewhere_calls_nothing_but_what_makes_tables(step, said, tmp_path):
    first = {"call": "datasets.load", "arguments": {"name": "celegans_gap"}}
    table = pd.DataFrame({"value": [1.0]})
    table.attrs[KEY] = json.dumps({"versions": {}, "steps": [first, step], "fingerprint": ""})
    with pytest.raises(ValueError, match=said):
        na.rerun(table)


def test_a_table_without_a_record():
    with pytest.raises(ValueError, match="records nothing of itself"):
        na.rerun(pd.DataFrame({"value": [1.0]}))
    with pytest.raises(TypeError, match="DataFrame or the path"):
        na.rerun(3)


def test_other_versions_are_named(files):
    table = summary(files, orientation="source_target")
    said = record(table)
    table.attrs[KEY] = json.dumps(said | {"versions": said["versions"] | {"numpy": "1.0"}})
    assert list(na.rerun(table).versions) == ["numpy"]


def test_saved_tables_keep_what_they_were_made_from(files, tmp_path):
    table = summary(files, orientation="source_target", null="weight_shuffle", n_nulls=10)
    na.save(table, tmp_path / "table.csv")
    na.save(table[table["measure"] == "density"], tmp_path / "part.csv")
    assert na.rerun(tmp_path / "table.csv").equal
    assert na.rerun(tmp_path / "part.csv").equal
    text = (tmp_path / "table.csv").read_text()
    (tmp_path / "table.csv").write_text(text.replace("density", "intensity", 1))
    found = na.rerun(tmp_path / "table.csv")
    assert found.differences["before"].tolist() == ["intensity"]
    assert "no longer as it was written" in found.note


def test_the_command_line_says_whether_its_tables_are_the_same(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    how = ["--orientation", "source_target", "--quiet"]
    run("measure", *[f.name for f in files], *how, "--measures", "density,modularity", "--null", "weight_shuffle",
        "--n-nulls", 9, "-o", "measures.csv")  # fmt: skip
    (tmp_path / "away").mkdir()
    shutil.move("net1.npz", tmp_path / "away" / "net1.npz")
    assert "there is no net1.npz" in run("rerun", "measures.csv", code=1)
    assert "equal to the last bit" in run("rerun", "measures.csv", "--folder", "away")


@pytest.mark.slow
def test_tables_of_every_command_are_the_same(files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nets = [
        net.replace(weights=(net.weights + net.weights.T))
        for net in (na.load(f, orientation="source_target") for f in files)
    ]
    (tmp_path / "people").mkdir()
    for k, net in enumerate([*nets, *nets]):
        na.save(net.replace(weights=net.weights * (1 + k)), tmp_path / "people" / f"sub-{k}.npz")
    pd.DataFrame({"who": [f"sub-{k}" for k in range(6)], "age": range(6)}).to_csv("people.csv", index=False)
    quiet = ["--quiet", "-o"]
    run(
        "compare",
        "--a",
        "people/sub-0.npz,people/sub-1.npz",
        "--b",
        "people/sub-2.npz",
        "people/sub-3.npz",
        *quiet,
        "c.csv",
    )
    run("groups", "people", "--people", "people.csv", "--by", "age", "--test", "edges", "--n-nulls", 9, *quiet, "g.csv")
    run("distances", "people/sub-0.npz", "celegans_gap", *quiet, "d.csv")
    run("paths", "celegans_chemical", "--from", "sensory", "--to", "motor", "-o", "p.csv")
    run("report", "people/sub-0.npz", "--measures", "density", "--n-nulls", 9, *quiet, "page")
    for table in ("c.csv", "g.csv", "d.csv", "p.csv", "page/measures.csv"):
        assert "equal to the last bit" in run("rerun", table, *(["--jobs", 2] if table == "g.csv" else []))
    table = pd.read_csv("d.csv")
    table.assign(distance=table["distance"] + 1).to_csv("d.csv", index=False)
    assert "1 cells differ" in run("rerun", "d.csv", code=1)


def test_networks_that_differ_in_name_alone_are_taken_in_order():
    w = np.array([[0, 1.0], [1, 0]])
    networks = [na.Connectome(w, name="x"), na.Connectome(w, name="y")]
    assert na.rerun(na.summarize(networks, ["density"], progress=False), networks=networks).equal
