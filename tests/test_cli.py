"""The command line, through click's runner and once as a real process."""

import inspect
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import netanalysis as na
from netanalysis import cli, page
from netanalysis.cli import main
from netanalysis.io import _READERS
from netanalysis.table.measures import MEASURES


def run(*args, code=0):
    result = CliRunner().invoke(main, [str(a) for a in args])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def files(tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for k in range(4):
        net = na.Connectome(
            rng.normal(1 + k, 1, size=(10, 10)) * (rng.random((10, 10)) < 0.6),
            positions=rng.random((10, 3)),
            name=f"net{k}",
            metadata={"species": "none"},
        )
        paths.append(tmp_path / f"net{k}.npz")
        na.save(net, paths[-1])
    return paths


def test_help_everywhere():
    for command in (
        "",
        "info",
        "measure",
        "compare",
        "report",
        "groups",
        "paths",
        "measures",
        "datasets",
        "datasets list",
        "distances",
        "wiring",
    ):
        result = run(*command.split(), "--help")
        assert "Usage:" in result.output
        assert len(result.output.splitlines()) > 4
    assert na.__version__ in run("--version").output


def test_info(files):
    text = run("info", files[0], files[1]).output
    net = na.load(files[0])
    for expected in ("net0", "net1", "10", f"{net.density:.4g}", "directed", "signed", "sha256", "3 coordinates"):
        assert expected in text


def test_wiring_rules_of_a_network_in_space(tmp_path):
    sizes = ["--n-steps", "2", "--n-rounds", "1", "--n-networks", "1", "--n-held-out", "2", "--quiet"]
    options = ["--density", "0.05", "--rules", "spatial,deg-avg", *sizes, "--checkpoint", str(tmp_path / "fit.jsonl")]
    table = pd.read_csv(io.StringIO(run("wiring", "human_schaefer100", *options).stdout))
    human = na.transform.threshold(na.datasets.load("human_schaefer100"), density=0.05)
    small = {"n_steps": 2, "n_rounds": 1, "n_networks": 1, "n_held_out": 2, "rng": 0}
    pd.testing.assert_frame_equal(table, na.fit_wiring(human, rules=["spatial", "deg-avg"], **small).table())
    assert (tmp_path / "fit.jsonl").read_text().count("\n") == 5
    assert "or --directed:" in run("wiring", "celegans_chemical", "--quiet", code=1).output


def test_distances_of_every_two_networks(files, tmp_path):
    table = pd.read_csv(io.StringIO(run("distances", *files, "--quiet").stdout))
    right = na.network_distances(files).table()
    pd.testing.assert_frame_equal(table, right)
    run("distances", *files, "--quiet", "--distance", "ks_distance", "--set", "of=degree", "-o", tmp_path / "d.csv")
    degree = pd.read_csv(tmp_path / "d.csv")
    assert degree["distance"].tolist() == pytest.approx(
        [na.ks_distance(na.load(files[0]), na.load(path), of="degree") for path in files[1:]]
        + [na.ks_distance(na.load(files[1]), na.load(path), of="degree") for path in files[2:]]
        + [na.ks_distance(na.load(files[2]), na.load(files[3]), of="degree")]
    )
    assert "at least two" in run("distances", files[0], code=1).output
    assert "has variant, lengths, bins" in run("distances", *files, "--set", "of=degree", code=2).output


def test_measure_prints_the_table_of_summarize(files):
    result = run("measure", *files, "--measures", "density,total_weight", "--quiet")
    table = pd.read_csv(io.StringIO(result.stdout))
    expected = na.summarize([na.load(f) for f in files], ["density", "total_weight"], progress=False)
    assert list(table.columns) == list(expected.columns)
    np.testing.assert_allclose(table["value"], expected["value"], rtol=1e-15)
    assert list(table["network"]) == list(expected["network"])
    assert result.stderr == ""


def test_measure_with_a_null_writes_a_file(files, tmp_path):
    out = tmp_path / "table.csv"
    args = ["measure", *files[:2], "--measures", "clustering,weight_entropy", "--null", "weight_shuffle"]
    args += ["--n-nulls", 9, "--seed", 3, "-o", out]
    result = run(*args, "--jobs", 1)
    assert result.stdout == ""
    assert "4 rows" in result.stderr
    table = pd.read_csv(out)
    assert (table["null"] == "weight_shuffle").all()
    assert (table["n_nulls"] == 9).all()
    assert table["p"].between(0, 1).all()
    first = out.read_text()
    run(*args, "--quiet", "--checkpoint", tmp_path / "c.jsonl")
    assert out.read_text() == first
    run(*args, "--quiet", "--checkpoint", tmp_path / "c.jsonl")
    assert out.read_text() == first


def test_compare_of_networks_and_of_tables_agree(files, tmp_path):
    result = run("compare", "--a", *files[:2], "--b", *files[2:], "--measures", "total_weight,density")
    table = pd.read_csv(io.StringIO(result.stdout))
    assert list(table["measure"]) == ["total_weight", "density"]
    weights = [np.abs(na.load(f).weights).sum() for f in files]
    assert table["mean_a"][0] == pytest.approx(np.mean(weights[:2]))
    assert (table["n_a"][0], table["n_b"][0]) == (2, 2)
    for name, group in (("a", files[:2]), ("b", files[2:])):
        run("measure", *group, "--measures", "total_weight,density", "-o", tmp_path / f"{name}.csv", "--quiet")
    again = run("compare", "--a", tmp_path / "a.csv", "--b", tmp_path / "b.csv", "-o", tmp_path / "c.csv")
    assert again.stdout == ""
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "c.csv"), table)


def test_compare_of_pairs_is_that_of_the_library(files, tmp_path):
    rng = np.random.default_rng(1)
    groups = {}
    for group, scale in (("a", 2.0), ("b", 1.0)):
        nets = [na.Connectome(scale * rng.random((5, 5)), metadata={"seed": k}, name=f"n{k}") for k in range(6)]
        groups[group] = [tmp_path / f"{group}{k}.npz" for k in range(6)]
        for net, path in zip(nets, groups[group], strict=True):
            na.save(net, path)
    args = ["compare", "--a", *groups["a"], "--b", *groups["b"][::-1], "--measures", "total_weight"]
    table = pd.read_csv(io.StringIO(run(*args, "--paired", "seed").stdout))
    expected = na.compare(groups["a"], groups["b"], ["total_weight"], paired="seed", rng=0)
    assert table["n_pairs"][0] == 6
    assert table["p"][0] == expected["p"][0]
    assert table["difference"][0] == pytest.approx(expected["difference"][0])


def trained(tmp_path):
    """Checkpoints whose epoch stands in the name of some, and in the metadata of one."""
    paths = [tmp_path / name for name in ("epoch_2.npy", "run7-epoch10.npy", "5.npy", "last.npz")]
    for k, path in enumerate(paths[:3]):
        np.save(path, (k + 1.0) * np.ones((4, 4)))
    na.save(na.Connectome(9 * np.ones((4, 4)), metadata={"epoch": 12}), paths[3])
    return paths


def test_compare_over_epochs(tmp_path):
    paths = trained(tmp_path)
    args = ["compare", *paths, "--over", "epoch", "--measures", "total_weight,density"]
    table = pd.read_csv(io.StringIO(run(*args).stdout))
    assert list(table.columns[:3]) == ["network", "epoch", "measure"]
    weight = table[table["measure"] == "total_weight"]
    assert weight["epoch"].tolist() == [2, 5, 10, 12]
    assert weight["value"].tolist() == [k * 16.0 for k in (1, 3, 2, 9)]
    result = run(*args, "--figure", tmp_path / "curves.png", "-o", tmp_path / "t.csv")
    assert result.stdout == ""
    assert (tmp_path / "curves.svg").is_file()
    assert (tmp_path / "curves.png").stat().st_size > 5000
    assert len(pd.read_csv(tmp_path / "t.csv")) == 8


def test_compare_over_the_steps_of_a_recording_of_training(tmp_path):
    path = tmp_path / "run.npz"
    stack = np.arange(1, 4)[:, None, None] * np.ones((3, 4, 4))
    na.save(na.Connectome(stack, metadata={"step": [0, 100, 200]}), path)
    table = pd.read_csv(io.StringIO(run("compare", path, "--over", "step", "--measures", "total_weight").stdout))
    assert table["step"].tolist() == [0, 100, 200]
    assert table["value"].tolist() == [16.0, 32.0, 48.0]
    for idle in (["--column", "z"], ["--test", "wilcoxon"], ["--n-nulls", "5"]):
        assert f"{idle[0]} is for two groups" in run("compare", path, "--over", "step", *idle, code=2).output
    na.save(na.Connectome(stack, metadata={"step": [0, 100]}), path)
    assert "step must be a number for each network; got (2,)" in run("compare", path, "--over", "step", code=1).output


def test_compare_over_what_nothing_tells_is_refused(tmp_path):
    paths = trained(tmp_path)
    np.save(tmp_path / "run1_seed2.npy", np.ones((4, 4)))
    measures = ["--measures", "density"]
    assert "run1_seed2.npy" in run("compare", tmp_path / "run1_seed2.npy", "--over", "epoch", *measures, code=1).output
    assert "before all options" in run("compare", "--over", "epoch", code=2).output
    assert "--over" in run("compare", *paths, code=2).output
    assert "--over" in run("compare", "--a", paths[0], "--b", paths[1], "--figure", "f", code=2).output


def test_report_passes_everything_on(files, tmp_path, monkeypatch):
    import importlib

    called = {}

    def fake(networks, **options):
        called.update(options, networks=networks)
        return tmp_path / "index.html"

    monkeypatch.setattr(importlib.import_module("netanalysis.page"), "report", fake)
    result = run(
        "report", files[0], "--against", f"celegans_chemical, {files[1]}", "-o", tmp_path / "r",
        "--measures", "density", "--null", "weight_shuffle", "--n-nulls", 7, "--seed", 4, "--quiet",
    )  # fmt: skip
    assert "index.html" in result.output
    assert [net.name for net in called["networks"]] == ["net0"]
    assert [net.name for net in called["against"]] == ["celegans_chemical", "net1"]
    assert called["null"] == "weight_shuffle"
    assert (called["n_nulls"], called["rng"], called["measures"]) == (7, 4, ["density"])
    assert called["output"] == str(tmp_path / "r")
    run("report", "--datasets", "-o", tmp_path / "r")
    assert len(called["networks"]) >= 5
    assert len({net.metadata["species"] for net in called["networks"]}) >= 5
    assert called["against"] is None
    assert "FILES" in run("report", code=2).output


def called_by(args, monkeypatch, tmp_path):
    """What the command hands to the report."""
    called = {}

    def fake(networks, **options):
        called.update(options, networks=networks)
        return tmp_path / "index.html"

    monkeypatch.setattr("netanalysis.page.report", fake)
    run(*args)
    return called


@pytest.mark.parametrize(
    "against",
    [
        ["--against", "celegans_gap", "NET"],
        ["--against", "celegans_gap", "--against", "NET"],
        ["--against=celegans_gap", "NET"],
        ["--against", "celegans_gap,NET"],
        ["--quiet", "--against", "celegans_gap, NET", "--jobs", "2"],
    ],
)
def test_against_takes_several(files, tmp_path, monkeypatch, against):
    given = [word.replace("NET", str(files[1])) for word in against]
    called = called_by(["report", files[0], *given, "-o", tmp_path / "r"], monkeypatch, tmp_path)
    assert [net.name for net in called["networks"]] == ["net0"]
    assert [net.name for net in called["against"]] == ["celegans_gap", "net1"]
    assert called["output"] == str(tmp_path / "r")


def test_report_takes_several_groups_recordings_and_jobs(files, tmp_path, monkeypatch):
    args = ["report", files[0], "--group", "distance", files[1], "--recording", "human_schaefer100_bold", "--jobs", "2"]
    called = called_by(args, monkeypatch, tmp_path)
    assert list(called["groups"]) == ["distance", "net1"]
    assert called["recording"] == "human_schaefer100_bold"
    assert (called["n_jobs"], called["progress"]) == (2, True)


def test_groups_of_one_name_are_told_apart_and_none_is_lost(files, tmp_path, monkeypatch):
    other = tmp_path / "other" / "net1.npz"
    other.parent.mkdir()
    other.write_bytes(files[2].read_bytes())
    called = called_by(["report", files[0], "--group", files[1], other], monkeypatch, tmp_path)
    assert list(called["groups"]) == [str(files[1]), str(other)]
    assert "given twice" in run("report", files[0], "--group", "distance", "distance", code=2).output


def test_files_after_an_option_of_several_values_belong_to_it(files):
    assert "give FILES before all options" in run("report", "--against", "celegans_gap", files[0], code=2).output


def examples():
    """The command lines in README, in help texts and in docstrings."""
    texts = [Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8"), cli.__doc__]
    commands = [main, *main.commands.values(), *main.commands["datasets"].commands.values()]
    texts += [command.help for command in commands]
    lines = [line.strip() for text in texts for line in text.splitlines()]
    return sorted({line for line in lines if line.startswith("netanalysis ")})


@pytest.mark.parametrize("args", [["celegans_gap"], ["celegans_gap", "-o", "page"]], ids=" ".join)
def test_a_page_is_written_over_whoever_makes_the_command(args, tmp_path, monkeypatch):
    """As after `make report`: the folder is there, and a program of one's own calls the command without its group."""
    monkeypatch.chdir(tmp_path)
    for folder in ("report", "page"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "measures.csv").write_text("network,measure,value\na,b,1\n")
    assert main.commands["report"].make_context("report", args).params["files"] == ("celegans_gap",)


@pytest.mark.parametrize("line", examples())
def test_examples_are_commands_and_their_data_sets_exist(line):
    _, name, *args = shlex.split(line)
    params = main.commands[name].make_context(name, args).params
    words = [*params.get("files", ()), *params.get("group", ()), *params.get("a", ()), *params.get("b", ())]
    words += [word for words in params.get("against", ()) for word in words.split(",")]
    words += [params[name] for name in ("recording", "function", "file") if params.get(name)]
    names = {word.strip() for word in words if "." not in word and not word.endswith("/")}
    assert names <= set(na.datasets.available()["name"])


def test_there_are_examples():
    assert len(examples()) >= 6
    assert any("--against celegans_chemical human_schaefer100" in line for line in examples())


def test_names_of_data_sets_in_readme_exist():
    text = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    names = re.findall(r"""(?:datasets\.load|export|info)\(?["' ]+([a-z]\w*_?\w*)["']""", text)
    assert {"celegans_chemical", "sernn"} <= set(names) <= set(na.datasets.available()["name"])


def test_help_states_the_formats_that_are_read():
    assert set(re.findall(r"(?<![\w`.])(?:\.[a-z0-9]\w+)+", " ".join(main.help.split()))) == set(_READERS)


@pytest.mark.parametrize(
    ("command", "option", "function", "argument"),
    [
        ("measure", "n_nulls", na.summarize, "n_nulls"),
        ("report", "n_nulls", na.report, "n_nulls"),
        ("report", "seed", na.report, "rng"),
        ("report", "output", na.report, "output"),
        ("compare", "column", na.compare, "column"),
        ("compare", "test", na.compare, "test"),
        ("paths", "k", na.strongest_paths, "k"),
    ],
)
def test_defaults_in_help_are_those_of_the_functions(command, option, function, argument):
    (shown,) = [p for p in main.commands[command].params if p.name == option]
    assert shown.show_default
    assert shown.default == inspect.signature(function).parameters[argument].default


def test_help_says_which_measures_are_taken_by_default(files, tmp_path):
    assert f"default: {len(page.MEASURES)} that" in " ".join(run("report", "--help").output.split())
    table = pd.read_csv(io.StringIO(run("measure", files[0], "--quiet").stdout))
    assert list(table["measure"]) == list(MEASURES)


def test_measures_lists_all():
    text = run("measures").output
    for name, measure in MEASURES.items():
        assert name in text
        assert measure.source in text


def test_datasets(tmp_path):
    listed = run("datasets").output
    assert listed == run("datasets", "list").output
    assert "celegans_chemical" in listed
    assert "10.1038/s41586-019-1352-7" in run("datasets", "info", "celegans_chemical").output
    run("datasets", "export", "celegans_chemical", tmp_path / "worm.npz")
    np.testing.assert_array_equal(na.load(tmp_path / "worm.npz").weights, na.datasets.load("celegans_chemical").weights)
    assert "302" in run("info", "celegans_chemical").output
    assert "302.0" not in listed
    for name, held in (("sernn", "snapshots"), ("human_schaefer100_bold", "Recording"), ("one_choice", "rows of")):
        text = run("datasets", "info", name).output
        row = na.datasets.available().set_index("name").loc[name]
        assert held in text
        assert row["doi"] in text
        assert row["citation"] in text


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["measure"], 2, "Missing argument"),
        (["measure", "NET", "--measures", "densty"], 2, "no measure named densty"),
        (["measure", "NET", "--null", "nonsense"], 2, "nonsense"),
        (["measure", "NET", "--n-nulls", "0"], 2, "n-nulls"),
        (["compare", "--a", "NET"], 2, "--b"),
        (["frobnicate"], 2, "No such command"),
        (["info", "no_such_thing"], 1, "no_such_thing"),
        (["info", "nowhere/missing.npz"], 1, "missing.npz"),
        (["info", "BAD"], 1, "orientation"),
        (["datasets", "info", "celegans_chemicl"], 1, "Did you mean celegans_chemical"),
        (["info", "human_schaefer100_bold"], 1, "recording"),
    ],
)
def test_errors_are_one_line_with_a_code(files, tmp_path, args, code, message):
    np.save(tmp_path / "bad.npy", np.arange(9.0).reshape(3, 3))
    replace = {"NET": str(files[0]), "BAD": str(tmp_path / "bad.npy")}
    result = run(*[replace.get(a, a) for a in args], code=code)
    assert message in result.output
    assert "Traceback" not in result.output
    if code == 1:
        assert len(result.output.strip().splitlines()) == 1
        strict = ["--strict"] if args[0] == "info" else []
        again = ["--traceback", *[replace.get(a, a) for a in args], *strict]
        with pytest.raises((ValueError, OSError)):
            CliRunner().invoke(main, again, catch_exceptions=False)


@pytest.mark.parametrize(
    "options", ["w.csv -o w.csv", "-ow.csv w.csv", "--output=./w.csv w.csv", "f -o f/w.csv", "w.csv --checkpoint w.csv"]
)
def test_no_file_that_is_read_is_written_over(tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f").mkdir()
    for path in (tmp_path / "w.csv", tmp_path / "f" / "w.csv"):
        np.savetxt(path, [[0.0, 2.0], [1.0, 0.0]], delimiter=",")
    before = (tmp_path / "w.csv").read_bytes()
    how = ["measure", "--orientation", "source_target", "--measures", "density", "--quiet"]
    result = CliRunner().invoke(main, [*how, *options.split()])
    assert result.exit_code == 2
    assert "w.csv is among the files that are read" in result.output
    assert (tmp_path / "w.csv").read_bytes() == (tmp_path / "f" / "w.csv").read_bytes() == before
    (tmp_path / "density").mkdir()  # a folder of nothing that an argument happens to name
    run(*how, "f", "-o", "f/table.csv")
    assert CliRunner().invoke(main, [*how, "w.csv", "-o", "f/table.csv"]).exit_code == 0
    assert CliRunner().invoke(main, [*how, "f", "-o", "f/table.csv"]).exit_code != 2  # our own may be made anew
    table = ["compare", "--a", "f/table.csv", "--b", "f/table.csv"]
    assert CliRunner().invoke(main, [*table, "-o", "f/table.csv"]).exit_code == 2


def test_orientation_reaches_the_reader(tmp_path):
    np.save(tmp_path / "w.npy", [[0.0, 2.0], [0.0, 0.0]])
    run("datasets", "list")
    text = run("info", tmp_path / "w.npy", "--orientation", "target_source").output
    assert "target_source" in text


def test_as_a_process(files):
    command = [sys.executable, "-m", "netanalysis", "measure", str(files[0]), "--measures", "density"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert pd.read_csv(io.StringIO(done.stdout))["value"][0] == pytest.approx(na.load(files[0]).density)


def test_an_ensemble_of_trained_networks_counts_one_by_one():
    trained = na.datasets.load("distance")
    table = pd.read_csv(io.StringIO(run("measure", "distance", "--measures", "weight_entropy", "--quiet").stdout))
    assert list(table["network"]) == [net.name for net in trained]
    assert table["value"][0] == na.weight_entropy(trained[0])
    assert repr(trained) in run("info", "distance").output
    assert run("info", trained.path).output == run("info", "distance").output


def test_report_on_groups(tmp_path, files):
    run(
        *["report", files[0], "--group", "distance", "--group", files[1], "--measures", "weight_entropy"],
        *["--n-nulls", 3, "--quiet", "-o", tmp_path / "page"],
    )
    groups = pd.read_csv(tmp_path / "page" / "groups.csv")
    assert set(groups["group"]) == {"distance", "net1"}


def test_ensembles_and_tables_are_exported_whole(tmp_path):
    trained = na.datasets.load("distance")
    run("datasets", "export", "distance", tmp_path / "copy.npz")
    assert (tmp_path / "copy.npz").read_bytes() == trained.path.read_bytes()
    run("datasets", "export", "spiking_statistics", tmp_path / "table.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table.csv"), na.datasets.load("spiking_statistics"))
    assert "distance is written as .npz" in run("datasets", "export", "distance", tmp_path / "x.csv", code=1).output


def test_a_group_of_files_has_a_name(tmp_path):
    """Seen: the files of a group became as many groups of one network each."""
    rng = np.random.default_rng(0)
    for k in range(4):
        np.save(tmp_path / f"{k}.npy", rng.random((8, 8)))
    (tmp_path / "4.npy").write_bytes(b"torn")
    files = [str(tmp_path / f"{k}.npy") for k in range(5)]
    groups = [f"controls={files[0]},{files[1]}", f"patients={files[2]},{files[3]},{files[4]}"]
    command = ["report", files[0], "--group", *groups, "--measures", "density", "--n-nulls", "2", "--quiet"]
    done = CliRunner().invoke(main, [*command, "--orientation", "source_target", "-o", str(tmp_path / "page")])
    assert done.exit_code == 1
    assert "4.npy: not loaded" in done.output
    table = pd.read_csv(tmp_path / "page" / "groups.csv")
    assert table.groupby("group")["network"].nunique().to_dict() == {"controls": 2, "patients": 2}


def test_nodes_join_on_the_command_line(tmp_path):
    (tmp_path / "edges.csv").write_text("pre,post,syn_count\na,b,3\nb,c,2\n")
    (tmp_path / "nodes.csv").write_text("id;type;x;y;z\na;in;1,5;2;0\nb;mid;2,5;2;0\nc;out;3,5;2;0\n")
    done = CliRunner().invoke(main, ["info", str(tmp_path / "edges.csv"), "--nodes", str(tmp_path / "nodes.csv")])
    assert done.exit_code == 0, done.output
    assert "positions    3 coordinates" in done.output
    assert "modules      3" in done.output


def test_messages_name_the_options_of_the_command_line(tmp_path):
    """Seen: "pass orientation='source_target'" and "undirected=True" where only options can be passed."""
    np.save(tmp_path / "w.npy", np.triu(np.ones((4, 4)), 1))
    np.save(tmp_path / "silent.npy", np.zeros((4, 4)))
    output = run("measure", tmp_path / "w.npy", "--measures", "density", "--quiet", code=1).output
    assert "--orientation source_target" in output
    assert "--undirected" in output
    assert "=True" not in output
    assert output.count("w.npy") == 1
    told = ["--orientation", "source_target", "--measures", "density", "--null", "degree_preserving", "--quiet"]
    output = run("measure", tmp_path / "w.npy", tmp_path / "silent.npy", *told).output
    assert "--strict stops at the first" in output


def test_info_says_what_it_can_and_names_the_rest(files, tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"torn")
    output = run("info", tmp_path / "bad.npz", files[0], code=1).output
    assert "bad.npz: not loaded" in output
    assert "nodes" in output


def test_groups_of_compare_are_lists_with_commas_too(files):
    """Seen: --against was split at commas, --a and --b were not; compare had neither --quiet nor --n-nulls."""
    plain = ["--measures", "density", "--test", "permutation", "--n-nulls", "9", "--quiet"]
    spaced = run("compare", "--a", *files[:2], "--b", *files[2:], *plain).output
    assert run("compare", "--a", f"{files[0]},{files[1]}", "--b", f"{files[2]}, {files[3]}", *plain).output == spaced


def test_a_file_may_have_a_comma_in_its_name(files, tmp_path):
    odd = tmp_path / "a,b.npz"
    files[0].rename(odd)
    said = run("compare", "--a", odd, files[1], "--b", *files[2:], "--measures", "density", "--quiet")
    table = pd.read_csv(io.StringIO(said.stdout))
    assert table["n_a"][0] == 2


@pytest.mark.parametrize("option", [["--key", "w"], ["--orientation", "source_target"], ["--undirected"]])
def test_options_on_files_are_refused_where_there_is_none(option):
    """Seen: a bundled data set with --key was measured as if nothing had been asked."""
    said = run("measure", "celegans_chemical", "--measures", "density", *option, code=2).output
    assert f"{option[0]} would be ignored" in said


def test_no_workers_are_refused(files):
    assert "--jobs" in run("measure", files[0], "--jobs", 0, code=2).output
