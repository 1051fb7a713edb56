"""Before a release: does what is packed work with the packages and the interpreters that it allows? (``make oldest``)

- ``wheel``: it holds code and data only.
- ``minimal``: in an empty environment, without extras, a measure works from an empty folder.
- ``oldest``, ``newest``: with the lowest and the highest versions that pyproject.toml allows, tests pass.
- ``pythons``: the same as ``minimal`` for every Python from 3.11 that numba has wheels for; those that are not on this
  machine are skipped by name.

torch stays as constraints.txt has it, on both sides: its older versions are gigabytes of libraries for GPUs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.reliability import ROOT, record

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
KINDS = {".py", ".npz", ".csv", ".json", ".md", ".txt", ".js", ".css", ".j2", ".typed", ""}
MEASURE = """
import netanalysis as na
worm = na.datasets.load("celegans_chemical")
test = na.null_test(worm, na.reciprocity, "degree_preserving", n_nulls=39, rng=0)
assert 0.3 < test.observed < 0.6 and test.p == 0.05, test
assert na.__file__.startswith(%r), na.__file__
"""
# Warnings of packages about each other, which a later or an earlier version does not give.
LENIENT = [f"-Wdefault::{kind}Warning" for kind in ("Deprecation", "PendingDeprecation", "Future", "Syntax")]
TESTS = ["tests/_core", "tests/activity", "tests/comparison", "tests/groups", "tests/io", "tests/nulls", "tests/plot"]
TESTS += ["tests/structure", "tests/table", "tests/test_cli.py", "tests/test_cli_groups.py", "tests/test_cli_paths.py"]


def uv(*words: object, check: bool = True) -> str:
    """What uv prints; an error says all of it."""
    return ran([str(Path(sys.executable).parent / "uv"), *map(str, words)], check=check)


def ran(command: list[str], *, check: bool = True, cwd: Path | None = None, **environment: str) -> str:
    """What a command prints."""
    alone = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    if "PIP_FIND_LINKS" in alone:  # wheels that lie on this machine
        alone.setdefault("UV_FIND_LINKS", alone["PIP_FIND_LINKS"])
    done = subprocess.run(command, cwd=cwd, env=alone | environment, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command[:8])} …\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout if done.returncode == 0 else ""


def built(folder: Path) -> Path:
    """The wheel of this clone."""
    uv("build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    return next(folder.glob("*.whl"))


def environment(folder: Path, wheel: str, *options: object, python: str = HERE) -> Path:
    """The interpreter of a new environment with the wheel in it."""
    uv("venv", "--quiet", "--clear", "--python", python, folder)
    uv("pip", "install", "--quiet", "--compile-bytecode", "--python", folder, *options, wheel)
    return folder / "bin" / "python"


def versions(python: Path) -> str:
    """Of the packages that a user would ask about."""
    listed = dict(line.split("==") for line in uv("pip", "freeze", "--python", python).splitlines() if "==" in line)
    return ", ".join(f"{name} {listed[name]}" for name in ("numpy", "scipy", "pandas", "numba", "click"))


def wheel(folder: Path) -> str:
    names = zipfile.ZipFile(built(folder)).namelist()
    odd = [n for n in names if n.split("/")[0] not in ("netanalysis", "models") and ".dist-info/" not in n]
    odd += [n for n in names if "__pycache__" in n or (Path(n).suffix not in KINDS and ".dist-info/" not in n)]
    if odd:
        raise SystemExit(f"the wheel holds what is neither code nor data: {odd}")
    return f"{len(names)} files, code and data only"


def minimal(folder: Path, python: str = HERE) -> str:
    made = environment(folder / f"minimal{python[-4:]}", str(built(folder)), python=python)
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    ran([str(made), "-c", MEASURE % str(made.parents[1])], cwd=empty)
    told = ran([str(made.parent / "netanalysis"), "info", "celegans_chemical"], cwd=empty)
    if "302" not in told:
        raise SystemExit(f"netanalysis info said: {told}")
    return f"a measure works, {versions(made)}"


def oldest(folder: Path) -> str:
    return tested(folder, "lowest-direct")


def newest(folder: Path) -> str:
    return tested(folder, "highest")


def tested(folder: Path, resolution: str) -> str:
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch==")]
    (folder / "overrides").write_text("\n".join(pinned))
    # Of pyproject.toml: what a wheel requires is indirect to uv, and would come in its newest versions.
    pins = uv(
        *("pip", "compile", "--quiet", "--python-version", HERE, "--resolution", resolution, "--extra", "test"),
        *("--overrides", folder / "overrides", ROOT / "pyproject.toml"),
    )
    (folder / "pins").write_text(pins)
    options = ["--constraints", folder / "pins", "--overrides", folder / "overrides"]
    made = environment(folder / resolution, f"{built(folder)}[test]", *options)
    command = [str(made), "-m", "pytest", "-q", "-n", str(os.cpu_count()), *LENIENT, *TESTS]
    cache = {"NUMBA_CACHE_DIR": str(folder / f"{resolution}-kernels")}
    shared = {"NETANALYSIS_SHARED": os.environ.get("NETANALYSIS_SHARED", str(ROOT.parent / "shared"))}
    said = ran(command, cwd=ROOT, **cache, **shared).strip().splitlines()[-1]
    return f"{said.split(' in ')[0]}, {versions(made)}"


def pythons(folder: Path) -> list[tuple[str, str]]:
    """One answer for every Python that numba has wheels for."""
    found = []
    for minor in range(11, 30):
        version = f"3.{minor}"
        wheels = ["--only-binary", "numba", "--only-binary", "llvmlite"]
        if not uv(
            "pip", "compile", "--quiet", *wheels, "--python-version", version, ROOT / "pyproject.toml", check=False
        ):
            return found
        python = interpreter(version)
        found.append((version, minimal(folder, python) if python else "skipped: not on this machine"))
    return found


def interpreter(version: str) -> str:
    """On the path, or among those that pyenv keeps."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
    on_path = uv("python", "find", "--no-python-downloads", version, check=False).strip()
    return on_path or next((str(path) for path in kept), "")


STEPS: dict[str, Callable[[Path], str | list[tuple[str, str]]]] = {
    "wheel": wheel,
    "minimal": minimal,
    "pythons": pythons,
    "oldest": oldest,
    "newest": newest,
}


def main() -> None:
    """Take the steps, and keep what they say for the page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("steps", nargs="*", default=list(STEPS), metavar="STEP", help=", ".join(STEPS))
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for step in asked.steps:
            said = STEPS[step](Path(name))
            for what, result in said if isinstance(said, list) else [(step, said)]:
                what = f"Python {what}" if isinstance(said, list) else what
                print(f"{what}: {result}", flush=True)
                record("Packages", packages=what, result=result)


if __name__ == "__main__":
    main()
