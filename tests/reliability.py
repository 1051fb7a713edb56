"""The table of what `make thorough` found: ``python -m tests.reliability`` prints it, ``-o FILE`` writes it.

Slow tests record their figures as they run, in ``.thorough/figures.jsonl``; of several runs the latest counts.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / ".thorough" / "figures.jsonl"
# Sections in the order of the page, and what stands above their table.
SECTIONS = {
    "Tests": "How often a test finds something where nothing is, over simulated data sets: 5 % is right.",
    "Intervals": "How often an interval of 95 % misses the true value, over simulated data sets: 5 % is right.",
    "Damaged files": "Files of each format with one to four places damaged, packed ones inside as well. HDF5 and "
    "MATLAB are read by libraries of C, which a file can end; the command line reads them in a process of its own, "
    "`na.load(path, isolated=True)` does, too.",
    "Kills": "Processes that write networks, tables and checkpoints, killed at random moments: harm is a file that is "
    "not whole, or a run that does not go on to the same numbers.",
    "Kernels": "Lines of compiled kernels that tests run, as Python.",
    "Faults": "Faults put into the code one at a time (`make mutants`), and how many the tests of the file notice. "
    "Equivalent ones change nothing that a test could see.",
    "Faults that survive": "What the tests of the file do not notice, and why it is left so.",
    "Packages": "Oldest and newest packages, interpreters, and what is packed (`make oldest`).",
}


def record(section: str, **cells: Any) -> None:
    """Keep a row; its first cell names it."""
    if section not in SECTIONS:
        raise ValueError(f"section must be one of {list(SECTIONS)}; got {section!r}")
    FIGURES.parent.mkdir(exist_ok=True)
    with FIGURES.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"section": section, "cells": cells}) + "\n")


def rows() -> dict[str, dict[str, dict[str, Any]]]:
    """The latest rows by section and name."""
    lines = FIGURES.read_text(encoding="utf-8").splitlines() if FIGURES.exists() else []
    found: dict[str, dict[str, dict[str, Any]]] = {section: {} for section in SECTIONS}
    for row in map(json.loads, lines):
        found[row["section"]][str(next(iter(row["cells"].values())))] = row["cells"]
    return found


def page() -> str:
    """All sections that have rows, as Markdown."""
    parts = ["# What `make thorough` found"]
    for section, named in rows().items():
        if named:
            order = sorted(named, key=lambda name: (name == "all", name))  # two workers end in any order
            parts += [f"## {section}", SECTIONS[section], _table([named[name] for name in order])]
    return "\n\n".join(parts) + "\n"


def _table(cells: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in cells for column in row))
    lines = [columns, ["---"] * len(columns), *([_shown(row.get(column, "")) for column in columns] for row in cells)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _shown(cell: Any) -> str:
    text = f"{cell:,}" if isinstance(cell, int) else "; ".join(map(str, cell)) if isinstance(cell, list) else str(cell)
    return text.replace("|", "\\|")


def main() -> None:
    """Print the page, or write it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-o", "--output", type=Path)
    asked = options.parse_args()
    if asked.output:
        asked.output.write_text(page(), encoding="utf-8")
    else:
        print(page())


if __name__ == "__main__":
    main()
