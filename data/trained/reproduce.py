"""Train a paper's networks anew and measure them: ``python data/trained/reproduce.py PAPER [--dry-run] [--scale S]``.

Says first how many hours of one core it takes, from the seconds of each network in manifest.json, whose commands it
runs in build/trained, where papers find what another has trained. Nothing is done twice: killed and called again it
goes on, training from checkpoints, and ``rm -r build/trained`` starts afresh. Files and tables of this folder and their
manifest are replaced once all of them are there, and notebooks/PAPER.ipynb is run on them. ``growing_400`` are networks
that claims still wait for: they add a table to this folder in the same way.

``--scale 0.02`` tries all that in minutes, in a copy of everything in build/scale-0.02: a fiftieth of the networks of
each command, one at least; of updates, but for one-choice networks, which learn within seconds; and of trials and
shuffled labels that networks are measured with. Nothing outside the copy changes, and no verdict there is to be read:
where the share is so small that no network learns its task, a notebook has none to draw, and says so.
"""

import argparse
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from models import recipes

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Scripts that measure or train a share, too
SCALED = ("one_strength.py", "resolvent.py", "cognitive.py")
START = 5.0
TRAIN = "python -m models train"

# Networks that claims still wait for: the paper, the table, and the steps that make it.
_PENALTY = {"bimt": "1e-5,2e-5,4e-5,7e-5,1e-4,2e-4,4e-4", "l1": "3e-5,6e-5,1.2e-4,2e-4,3e-4,6e-4,1.2e-3", "none": "0"}
LATER: dict[str, tuple[str, str, list[tuple[str, int, float]]]] = {
    "growing_400": (
        "growing_brains",
        "growing_400_statistics",
        [
            *(
                (
                    f"{TRAIN} {'bimt' if kind == 'bimt' else 'bimt_l1'} --gamma {gammas} --seeds 0,1,2 --group 1 "
                    f"--keep 16 --set name=growing_{kind}_400 -o DIR/growing_400",
                    3 * len(gammas.split(",")),
                    480,
                )
                for kind, gammas in _PENALTY.items()
            ),
            (
                "python data/trained/cognitive.py "
                + " ".join(f"DIR/growing_400/growing_{kind}_400.npz" for kind in _PENALTY)
                + " -o DIR/growing_400_statistics.csv --resume",
                45,
                30,
            ),
        ],
    ),
}


def todo(entries: dict[str, dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """The steps of all files in order, each once; `mark` is there once it is done."""
    found: dict[str, dict[str, Any]] = {}
    for name, entry in entries.items():
        for step in entry["steps"]:
            code = hashlib.sha256(step["command"].encode()).hexdigest()[:12]
            found.setdefault(code, step | {"of": name, "mark": folder / "done" / code})
    return list(found.values())


def lasts(step: dict[str, Any]) -> float:
    """Seconds of one core, those included that a command takes to start."""
    return float(START + step["count"] * step["seconds"])


def thinned(step: dict[str, Any], scale: float) -> dict[str, Any]:
    """The step with a share of its networks, and what each takes with a share of its updates, trials and nulls."""
    words = shlex.split(step["command"])
    share: dict[str, Any] = {
        "command": step["command"],
        "count": max(1, round(scale * step["count"])),
        "seconds": step["seconds"],
    }
    if words[1:3] != ["-m", "models"]:
        if words[1].endswith(SCALED):
            share["command"] += f" --scale {scale:g}"
            share |= {"count": 1, "seconds": max(100.0, scale * step["count"] * step["seconds"])}
        return step | share
    count = 1
    for name in ("--gamma", "--seeds"):
        if name in words:
            place = words.index(name) + 1
            words[place], n = few(words[place], scale, whole=name == "--seeds")
            count *= n
    if "--complete" in words:
        place = words.index("--complete") + 1
        words[place] = str(min(int(words[place]), count))
    recipe = recipes.get(words[4], quick="--quick" in words)
    if recipe.task != "one_choice":
        words[5:5] = ["--set", f"steps={max(1, round(scale * recipe.steps))}"]
        share["seconds"] *= scale
    return step | share | {"command": shlex.join(words), "count": count}


def few(numbers: str, scale: float, *, whole: bool) -> tuple[str, int]:
    """A share of the numbers of a command: the first of its seeds, the range of its strengths, of a list each once."""
    if ":" not in numbers:
        once = list(dict.fromkeys(numbers.split(",")))
        once = once[: max(1, round(scale * len(once)))] if whole else once
        return ",".join(once), len(once)
    low, high, count = numbers.split(":")
    n = min(int(count), max(1 if whole else 5, round(scale * int(count))))  # of one strength alone none may learn
    return (",".join(str(int(low) + k) for k in range(n)) if whole else f"{low}:{high}:{n}"), n


def copy_to(root: Path) -> None:
    """What runs, and what is replaced when all has run; once."""
    if (root / "notebooks").exists():
        return
    for name in ("netanalysis", "models", "data", "notebooks"):  # the last says that all are there
        part = root / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(ROOT / name, part, ignore=shutil.ignore_patterns("__pycache__", "figures"))
        shutil.rmtree(root / name, ignore_errors=True)
        part.rename(root / name)


def run(command: str, folder: Path, root: Path) -> None:
    """One command of the manifest, run in `root`, DIR being `folder`; if it fails, so does this."""
    place = folder.relative_to(root).as_posix()  # commands are kept in files, where no path of this machine belongs
    words = [word.replace("DIR", place) for word in shlex.split(command)]
    assert words[0] == "python"
    quick = {} if root == ROOT else {"NETANALYSIS_NOTEBOOKS": "quick"}
    environment = os.environ | {"PYTHONPATH": str(root)} | quick
    if failed := subprocess.run([sys.executable, *words[1:]], cwd=root, check=False, env=environment).returncode:
        raise SystemExit(f"{command} ended with {failed}; the same call goes on from there")


def keep(entry: dict[str, Any], name: str, folder: Path) -> None:
    """Put the file of this name that the last step left in the folder among those that are done."""
    file = Path(entry["file"]).name
    for made in (folder / file, *sorted((folder / name).glob("*.npz"))):
        if made.exists():
            shutil.copyfile(made, folder / "files" / file)


def main() -> None:
    """Do what is left to do."""
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    papers = sorted({paper for entry in manifest.values() for paper in entry["papers"]})
    parser.add_argument("paper", choices=[*papers, *LATER])
    parser.add_argument("--dry-run", action="store_true", help="only say what would be run, and for how long")
    parser.add_argument("--scale", type=float, default=1.0, help="try it in a copy, with a share of everything")
    options = parser.parse_args()
    if not 0 < options.scale <= 1:
        parser.error(f"--scale must be above 0 and at most 1, such as 0.02; got {options.scale:g}")

    root = ROOT if options.scale == 1 else ROOT / "build" / f"scale-{options.scale:g}"
    folder, here = root / "build" / "trained", root / "data" / "trained"
    paper = options.paper
    entries = {name: entry for name, entry in manifest.items() if paper in entry["papers"]}
    if paper in LATER:
        paper, table, later = LATER[paper]
        steps = [dict(zip(("command", "count", "seconds"), step, strict=True)) for step in later]
        entries = {table: {"steps": steps, "file": f"trained/{table}.csv"}}
    if options.scale < 1:
        for name, entry in entries.items():
            entries[name] = entry | {"steps": [thinned(step, options.scale) for step in entry["steps"]]}
    todos = todo(entries, folder)
    for step in todos:
        takes = f"{lasts(step) / 60:.0f} min"
        print(f"{'done' if step['mark'].exists() else takes:>8}  {step['command']}")
    left = [step for step in todos if not step["mark"].exists()]
    seconds = sum(map(lasts, left))
    takes = f"{seconds / 3600:.1f} hours" if options.scale == 1 else f"{seconds / 60:.0f} minutes"
    print(f"{options.paper}: {takes} of one core left, for {', '.join(entries)}")
    place = folder.relative_to(ROOT)
    print(f"DIR is {place}; data/trained is replaced when all is there, and notebooks/{paper}.ipynb run", flush=True)
    if options.dry_run:
        return
    if root != ROOT:
        copy_to(root)
    for part in ("done", "files"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for step in left:
        print(f"\n{step['command']}", flush=True)
        run(step["command"], folder, root)
        keep(entries[step["of"]], step["of"], folder)
        step["mark"].touch()
    for name, entry in entries.items():
        if not entry["steps"]:  # made by a step of another
            keep(entry, name, folder)
    files = [folder / "files" / Path(entry["file"]).name for entry in entries.values()]
    if missing := [path.name for path in files if not path.exists()]:
        raise SystemExit(f"no step has made {', '.join(missing)}; data/trained stays as it was")
    for path in files:
        shutil.copyfile(path, here / path.name)
    run("python data/trained/manifest.py", folder, root)
    run(f"python notebooks/execute.py {paper}", folder, root)


if __name__ == "__main__":
    main()
