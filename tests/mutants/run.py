"""Run the tests of a file against its faults: ``python -m tests.mutants.run``, or ``make mutants``.

Every result is a line of ``results.jsonl``, kept with the code: a run that was killed goes on where it stopped, and a
fault that survived is tried again when its file or its tests have changed. Prints the share caught in each stratum,
and all that survived. A fault that changes nothing a test could see stands in ``equivalent.toml`` with the reason, one
that is left for another reason in ``survived.toml``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.mutants.belonging import tests_of
from tests.mutants.draw import ROOT, STRATA, Mutant, draw
from tests.mutants.tree import compile_anew, copied, enter, faulty, stale
from tests.reliability import record

RESULTS = Path(__file__).with_name("results.jsonl")
REASONS = Path(__file__).parent  # equivalent.toml and survived.toml
MOST_SECONDS = 300  # of computing; no test file takes half of it
COMPILING = 30  # seconds more for kernels that have to be compiled; a fault that makes a loop endless is caught by time
MEMORY = 6 * 2**30
# Imported once, before processes are forked that each run the tests of one fault; nothing of the project's own.
PRELOADED = ["pytest", "hypothesis", "numba", "scipy.stats", "scipy.sparse.linalg", "pandas", "networkx", "h5py"]
PRELOADED += ["sklearn.cluster", "matplotlib.figure", "seaborn", "bct", "torch", "safetensors.numpy", "openpyxl"]


def main() -> int:
    """Run what is left, then say what was caught."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=600)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--show", action="store_true", help="run nothing, print what is known")
    options.add_argument("--only", nargs="*", help="beginnings of the keys of the faults to run")
    asked = options.parse_args()
    mutants = draw(asked.count, asked.seed)
    if not asked.show:
        known, reasons = results(), equivalent()
        left = [m for m in mutants if m.key not in reasons and (m.key not in known or outdated(m, known[m.key]))]
        if asked.only:
            left = [m for m in mutants if m.key.startswith(tuple(asked.only))]
        run(left, asked.jobs)
    return report(mutants)


def run(mutants: list[Mutant], jobs: int) -> None:
    """Try all of them, `jobs` at a time, and write down each result as it comes."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    os.environ.setdefault("NETANALYSIS_SHARED", str(ROOT.parent / "shared"))
    with tempfile.TemporaryDirectory() as folder, RESULTS.open("a", encoding="utf-8") as file:
        trees: SimpleQueue[Path] = SimpleQueue()
        for job in range(jobs):
            trees.put(copied(Path(folder, f"tree{job}")))
        known = results()

        def write(key: str, **found: Any) -> dict[str, Any]:
            known[key] = {"key": key, **found}
            file.write(json.dumps(known[key]) + "\n")
            file.flush()
            return known[key]

        def one(mutant: Mutant) -> None:
            tree, tests = trees.get(), tests_of(mutant.path)
            sound = known.get(f"sound {' '.join(tests)}", {})
            if sound.get("tests") != state(mutant)["tests"]:
                sound = write(f"sound {' '.join(tests)}", **tried(tree, tests, set(), MOST_SECONDS), **state(mutant))
            if sound["outcome"] != "survived":
                found = {"outcome": "untested", "said": f"without any fault: {sound['said']}"}
            else:
                with faulty(tree, mutant):
                    found = tried(tree, tests, stale(mutant.path), 3 * sound["seconds"] + COMPILING)
            trees.put(tree)
            write(mutant.key, **found, **state(mutant))
            print(f"{found['outcome']:9s} {mutant.path}:{mutant.line}  {mutant.after}", flush=True)

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(one, mutants))


def tried(tree: Path, tests: tuple[str, ...], anew: set[str], seconds: float) -> dict[str, Any]:
    """Run tests in a process of their own, as the tree is, within so many seconds of computing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_tests, args=(tree, tests, anew, int(seconds), theirs))
    process.start()
    theirs.close()
    process.join(20 * seconds)  # a machine may be busy; a process that waits forever is ended, too
    if process.is_alive():
        process.kill()
        process.join()
    used = ours.recv() if process.exitcode in (0, 1) else seconds
    outcome = {0: "survived", 4: "untested", 5: "untested"}.get(process.exitcode, "caught")
    words = [line for line in (tree / "output.txt").read_text(errors="replace").splitlines() if line.strip()]
    failed = [line for line in words if line.startswith(("FAILED", "ERROR"))] or words[-1:]
    said = f"exit {process.exitcode}: {failed[0] if failed else ''}"
    return {"outcome": outcome, "seconds": round(used, 1), "said": said[:200] if outcome != "survived" else ""}


def _tests(tree: Path, tests: tuple[str, ...], anew: set[str], seconds: int, pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    enter(tree)
    compile_anew(anew)
    with (tree / "output.txt").open("w") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    import pytest

    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--rootdir", str(tree), "--no-header"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is here already
    # Test files first: imported by its path before them, the file itself would be there twice, with two of each class.
    code = pytest.main([*options, *reversed(tests)])
    sys.stdout.flush()
    pipe.send(sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    os._exit(int(code))


def state(mutant: Mutant) -> dict[str, str]:
    """What a result depends on."""
    tests = "".join(_digest(test) for test in tests_of(mutant.path))
    return {"file": _digest(mutant.path), "tests": hashlib.sha256(tests.encode()).hexdigest()[:16]}


def outdated(mutant: Mutant, found: dict[str, str]) -> bool:
    """A fault that was caught stays so as long as its line stands: its key says that; tests are not taken away."""
    return found["outcome"] != "caught" and any(found[part] != now for part, now in state(mutant).items())


def _digest(path: str) -> str:
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()[:16]


def history() -> list[dict[str, str]]:
    """Every result, the earliest first."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    return [json.loads(line) for line in lines]


def results() -> dict[str, dict[str, str]]:
    """The latest result of every fault by its key."""
    return {row["key"]: row for row in history()}


def equivalent() -> dict[str, str]:
    """Keys of the faults that change nothing that a test could see, and why."""
    return _reasons("equivalent")


def _reasons(what: str) -> dict[str, str]:
    rows = tomllib.loads((REASONS / f"{what}.toml").read_text(encoding="utf-8"))[what]
    return {row["key"]: row["reason"] for row in rows}


def report(mutants: Iterable[Mutant]) -> int:
    """Print the table and what survived; the number of survivors."""
    known, reasons = results(), equivalent()
    missed = {row["key"] for row in history() if row["outcome"] == "survived"}
    survivors = []
    total = dict.fromkeys(("drawn", "run", "equivalent", "caught", "by tests added since"), 0)
    print(f"\n| stratum | {' | '.join(total)} | share |\n|{' --- |' * (len(total) + 2)}")
    mutants = list(mutants)
    for stratum in STRATA:
        counts = dict.fromkeys(total, 0)
        for mutant in (m for m in mutants if m.stratum == stratum):
            outcome = known.get(mutant.key, {}).get("outcome")
            counts["drawn"] += 1
            counts["run"] += outcome is not None or mutant.key in reasons
            counts["equivalent"] += mutant.key in reasons
            caught = outcome == "caught" and mutant.key not in reasons
            counts["caught"] += caught
            counts["by tests added since"] += caught and mutant.key in missed
            if outcome in ("survived", "untested") and mutant.key not in reasons:
                survivors.append((outcome, mutant))
        _row(stratum, counts)
        total = {name: total[name] + count for name, count in counts.items()}
    _row("all", total)
    why = _reasons("survived")
    for outcome, mutant in survivors:
        place, reason = f"{mutant.path}:{mutant.line}", why.get(mutant.key, "no reason is given")
        print(f"\n{mutant.key} {outcome}: {place} ({reason})\n    - {mutant.before}\n    + {mutant.after}")
        record("Faults that survive", place=place, code=mutant.before, fault=mutant.after, reason=reason)
    return len(survivors)


def _row(stratum: str, counts: dict[str, int]) -> None:
    share = counts["caught"] / max(counts["run"] - counts["equivalent"], 1)
    print(f"| {stratum} | {' | '.join(map(str, counts.values()))} | {100 * share:.1f} % |")
    record("Faults", stratum=stratum, **counts, share=f"{100 * share:.1f} %")


if __name__ == "__main__":
    sys.exit(min(main(), 1))
