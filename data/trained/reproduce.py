"""Train a paper's networks anew and measure them: ``python data/trained/reproduce.py PAPER [--dry-run]``.

Says first how many hours of one core it takes, from the seconds of each network in manifest.json, whose commands it
runs in build/PAPER. Nothing is done twice: killed and called again it goes on, training from checkpoints, and
``rm -r build/PAPER`` starts afresh. Files and tables of this folder and their manifest are replaced once all of them
are there, and notebooks/PAPER.ipynb is run on them.
"""

import argparse
import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def todo(entries: dict[str, dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """The steps of all files in order, each once; `mark` is there once it is done."""
    found: dict[str, dict[str, Any]] = {}
    for name, entry in entries.items():
        for step in entry["steps"]:
            code = hashlib.sha256(step["command"].encode()).hexdigest()[:12]
            found.setdefault(code, step | {"of": name, "mark": folder / "done" / code})
    return list(found.values())


def run(command: str, folder: Path) -> None:
    """One command of the manifest, DIR being `folder`; if it fails, so does this."""
    place = folder.relative_to(ROOT).as_posix()  # commands are kept in files, where no path of this machine belongs
    words = [word.replace("DIR", place) for word in shlex.split(command)]
    assert words[0] == "python"
    subprocess.run([sys.executable, *words[1:]], cwd=ROOT, check=True)


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
    parser.add_argument("paper", choices=sorted({paper for entry in manifest.values() for paper in entry["papers"]}))
    parser.add_argument("--dry-run", action="store_true", help="only say what would be run, and for how long")
    options = parser.parse_args()

    folder = ROOT / "build" / options.paper
    entries = {name: entry for name, entry in manifest.items() if options.paper in entry["papers"]}
    steps = todo(entries, folder)
    for step in steps:
        takes = f"{step['count'] * step['seconds'] / 60:.0f} min"
        print(f"{'done' if step['mark'].exists() else takes:>8}  {step['command']}")
    left = [step for step in steps if not step["mark"].exists()]
    hours = sum(step["count"] * step["seconds"] for step in left) / 3600
    print(f"{options.paper}: {hours:.1f} hours of one core left, for {', '.join(entries)}", flush=True)
    if options.dry_run:
        return
    for part in ("done", "files"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for step in left:
        print(f"\n{step['command']}", flush=True)
        run(step["command"], folder)
        keep(entries[step["of"]], step["of"], folder)
        step["mark"].touch()
    for name, entry in entries.items():
        if not entry["steps"]:  # made by a step of another
            keep(entry, name, folder)
    files = [folder / "files" / Path(entry["file"]).name for entry in entries.values()]
    if missing := [path.name for path in files if not path.exists()]:
        raise SystemExit(f"no step has made {', '.join(missing)}; data/trained stays as it was")
    for path in files:
        shutil.copyfile(path, HERE / path.name)
    run("python data/trained/manifest.py", folder)
    run(f"python notebooks/execute.py {options.paper}", folder)


if __name__ == "__main__":
    main()
