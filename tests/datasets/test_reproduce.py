"""What `make reproduce` runs: the commands of the manifest, each once, and files replaced only when all are there."""

import importlib.util
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

TRAINED = Path(__file__).resolve().parents[2] / "data" / "trained"
MANIFEST = json.loads((TRAINED / "manifest.json").read_text(encoding="utf-8"))
PAPERS = ("entropy", "growing_brains", "resolvent", "sernn")

MAKE = """
import sys
from pathlib import Path
Path("log").open("a").write(sys.argv[1] + "\\n")
if any(Path(path).is_absolute() for path in sys.argv[2:]):
    sys.exit("a path of this machine")
if Path("broken").exists() and sys.argv[1] in Path("broken").read_text().split():
    sys.exit(1)
for path in map(Path, sys.argv[2:]):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sys.argv[1])
"""


def script(name):
    """A script of the folder as a module."""
    spec = importlib.util.spec_from_file_location(name, TRAINED / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A small repository of one network and one table, of which the network was written again for the table."""
    module = script("reproduce")
    data = tmp_path / "data" / "trained"
    data.mkdir(parents=True)
    for name, content in (("models/make.py", MAKE), ("broken", ""), ("log", ""), ("netanalysis/none.py", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    (data / "manifest.py").write_text('open("log", "a").write("manifest\\n")')
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "execute.py").write_text('import sys; open("log", "a").write(f"run {sys.argv[1]}\\n")')
    for name in ("net.npz", "table.csv", "other.csv"):
        (data / name).write_text("old")

    def step(name, *paths):
        return {"command": " ".join(["python models/make.py", name, *paths]), "count": 10, "seconds": 180}

    entries = {
        "net": {"steps": [step("train", "DIR/net/any.npz")], "file": "trained/net.npz"},
        "other": {"steps": [], "file": "trained/other.csv"},
        "table": {
            "steps": [step("all", "DIR/net/any.npz"), step("measure", "DIR/table.csv", "DIR/other.csv")],
            "file": "trained/table.csv",
        },
    }
    (data / "manifest.json").write_text(json.dumps({k: v | {"papers": ["paper"]} for k, v in entries.items()}))
    monkeypatch.setattr(module, "HERE", data)
    monkeypatch.setattr(module, "ROOT", tmp_path)

    def run(*options, paper="paper"):
        monkeypatch.setattr(sys, "argv", ["reproduce.py", paper, *options])
        module.main()
        return tmp_path

    run.root, run.module = tmp_path, module
    return run


def contents(root):
    return {path.name: path.read_text() for path in (root / "data" / "trained").iterdir() if path.suffix != ".json"}


def test_a_dry_run_says_how_long_and_does_nothing(place, capsys):
    before = sorted(place.root.rglob("*"))
    assert "1.5 hours of one core left" in capsys_of(place, capsys, "--dry-run")
    assert sorted(place.root.rglob("*")) == before


def capsys_of(place, capsys, *options, **more):
    place(*options, **more)
    return capsys.readouterr().out


def test_each_step_is_run_once_and_all_files_are_replaced(place, capsys):
    root = place()
    assert (root / "log").read_text().split() == ["train", "all", "measure", "manifest", "run", "paper"]
    found = contents(root)
    assert found["net.npz"] == "train"  # not what was written there for the table
    assert found["table.csv"] == found["other.csv"] == "measure"
    assert "0.0 hours" in capsys_of(place, capsys)
    assert (root / "log").read_text().split()[6:] == ["manifest", "run", "paper"]


def test_it_goes_on_after_a_failure_and_replaces_nothing_before(place):
    (place.root / "broken").write_text("measure")
    with pytest.raises(SystemExit, match=r"make\.py measure .* ended with 1; the same call goes on"):
        place()
    assert contents(place.root)["net.npz"] == "old"
    (place.root / "broken").write_text("")
    root = place()
    assert (root / "log").read_text().split() == ["train", "all", "measure", "measure", "manifest", "run", "paper"]
    assert contents(root)["net.npz"] == "train"


def test_a_share_is_tried_in_a_copy_and_leaves_everything_as_it_was(place, capsys):
    out = capsys_of(place, capsys, "--scale", "0.1")
    assert "9 minutes of one core left" in out  # a tenth of three times ten networks of 180 s
    assert contents(place.root)["net.npz"] == "old"
    assert (place.root / "log").read_text() == ""
    copy = place.root / "build" / "scale-0.1"
    assert contents(copy)["net.npz"] == "train"
    assert (copy / "log").read_text().split() == ["train", "all", "measure", "manifest", "run", "paper"]
    assert "0 minutes" in capsys_of(place, capsys, "--scale", "0.1")
    with pytest.raises(SystemExit):
        place("--scale", "0")
    assert "--scale must be above 0 and at most 1, such as 0.02; got 0" in capsys.readouterr().err


def test_what_is_added_later_is_a_table_of_its_own(place, monkeypatch, capsys):
    command = "python models/make.py more DIR/more_statistics.csv"
    monkeypatch.setitem(place.module.LATER, "more", ("paper", "more_statistics", [(command, 2, 1800)]))
    assert "1.0 hours of one core left, for more" in capsys_of(place, capsys, "--dry-run", paper="more")
    place(paper="more")
    found = contents(place.root)
    assert found["more_statistics.csv"] == "more"
    assert found["net.npz"] == "old"
    assert (place.root / "log").read_text().split() == ["more", "manifest", "run", "paper"]


def test_a_file_that_no_step_makes_is_named(place):
    path = place.root / "data" / "trained" / "manifest.json"
    entries = json.loads(path.read_text())
    entries["third"] = {"steps": [], "papers": ["paper"], "file": "trained/third.csv"}
    path.write_text(json.dumps(entries))
    with pytest.raises(SystemExit, match=r"third\.csv"):
        place()
    assert contents(place.root)["net.npz"] == "old"


def test_every_file_is_of_a_paper_and_has_measured_seconds():
    assert {paper for entry in MANIFEST.values() for paper in entry["papers"]} == set(PAPERS)
    for name, entry in MANIFEST.items():
        assert entry["papers"], name
        for step in entry["steps"]:
            assert step["count"] > 0
            assert step["seconds"] >= 0
            assert "DIR" in step["command"]


@pytest.mark.parametrize("scale", [0.02, 0.3, 1.0])
def test_a_share_of_a_group_keeps_its_few_strengths_or_the_range_of_many(monkeypatch, scale):
    monkeypatch.syspath_prepend(TRAINED)
    for name, run in script("one_strength").RUNS.items():
        some, few = run.scaled(scale), len(run.gammas) < 5
        assert list(some.gammas[:1]) == list(run.gammas[:1]), name
        assert len(some.gammas) == (len(run.gammas) if few else max(1, round(scale * len(run.gammas)))), name
        if few:
            assert some.seeds == run.seeds[: max(1, round(scale * len(run.seeds)))], name
        elif len(run.gammas) == len(run.seeds):  # dealt
            assert len(some.seeds) == len(some.gammas), name
        if scale > 0.1 and not few:
            assert some.gammas[-1] == run.gammas[-1], name


@pytest.mark.parametrize("thin", [None, 0.02, 0.3], ids=["whole", "0.02", "0.3"])
@pytest.mark.parametrize("paper", [*PAPERS, "growing_400"])
def test_commands_name_only_what_exists(paper, thin):
    """Recipes and options of the command line, and files that an earlier step has made."""
    from models.__main__ import main

    module, made = script("reproduce"), set()
    entries = {name: entry["steps"] for name, entry in MANIFEST.items() if paper in entry["papers"]}
    if paper in module.LATER:
        keys = ("command", "count", "seconds")
        entries = {paper: [dict(zip(keys, step, strict=True)) for step in module.LATER[paper][2]]}
    for name, steps in entries.items():
        for step in steps:
            assert "-o data/trained" not in step["command"], "data/trained is replaced when all is there"
            if thin is not None:
                step = module.thinned(step, thin)
            words = shlex.split(step["command"])
            if words[1] != "-m":
                assert (TRAINED.parents[1] / words[1]).exists()
                needed = set(re.findall(r"DIR/\S+\.npz", step["command"]))
                assert needed <= made, f"{name}: {needed - made}"
                continue
            assert words[1:4] == ["-m", "models", "train"]
            command = main.commands["train"]
            found = command.make_context("train", words[4:])
            gammas, seeds = found.params["gamma"], found.params["seeds"]
            assert step["count"] == len(gammas) * (1 if seeds is None else len(seeds))
            recipe = dict(found.params["changes"]).get("name", words[4])
            made.add(f"{words[words.index('-o') + 1]}/{recipe}.npz")
