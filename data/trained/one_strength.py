"""Train one-choice networks of new seeds, many at one strength: ``python data/trained/one_strength.py DIR``.

Restartable. Puts their rows into one_choice.csv and one_choice_function.csv, by default here, and writes GROUP.npz of
some groups: of each strength the first networks that solve the task at epoch 9, as they are then, and all epochs of
one. README.md here says what the groups are for. Half an hour on one core.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from measure import HERE, functions, structures, update
from numpy.typing import NDArray

from models import Ensemble, recipes, train

KEPT = 20  # networks of a strength
FILES = {"sernn_one_strength": 1, "l1_one_strength": 1, "distance_one_strength": 0}  # networks with all epochs
EPOCHS = (0, 9, 10)  # of structure
_Run = tuple[str, tuple[float, ...] | NDArray[np.float64], range]
# Group: recipe, strengths, seeds; no seed is one of the networks that the first readings were made on. Every strength
# has all seeds; as many seeds as strengths are dealt out to them. Networks of one seed begin alike.
RUNS: dict[str, _Run] = {
    "sernn_one_strength": ("sernn", (0.1, 0.3), range(1000, 1036)),
    "l1_one_strength": ("l1", (0.0035, 0.0075, 0.01), range(1000, 1036)),
    "distance_one_strength": ("distance", (0.003,), range(1000, 1032)),
    "communicability_one_strength": ("communicability", (0.8,), range(1000, 1032)),
    "distance_new": ("distance", np.linspace(1e-5, 0.0095, 19), range(1100, 1101)),
    "sernn_hard_new": ("sernn_hard", np.linspace(1e-6, 0.45, 14), range(1100, 1102)),
    "sernn_hard_more": ("sernn_hard", np.linspace(1e-6, 0.45, 14), range(1102, 1103)),
    "l1_hard_new": ("l1_hard", np.linspace(1e-5, 0.013, 26), range(1100, 1102)),
    "sernn_new": ("sernn", np.linspace(1e-6, 0.65, 45), range(1200, 1245)),
    "l1_new": ("l1", np.linspace(1e-5, 0.026, 45), range(1200, 1245)),
}
LATER = ("sernn_new", "l1_new")  # not in the tables yet
HARD = ("sernn_hard_new", "sernn_hard_more", "l1_hard_new")  # codes and activity are read from the regular task


def trained(group: str, folder: Path, jobs: int) -> Ensemble:
    """All networks of a group, trained or read from their checkpoints."""
    name, strengths, seeds = RUNS[group]
    dealt = len(seeds) == len(strengths)
    gammas = strengths if dealt else np.repeat(strengths, len(seeds))
    return train(
        recipes.get(name),
        gammas,
        seeds if dealt else np.tile(seeds, len(strengths)),
        folder=folder / group,
        n_jobs=jobs,
    )


def kept(ensemble: Ensemble, complete: int) -> Ensemble:
    """What is worth its space: solutions at epoch 9, and the way to some of them."""
    table = ensemble.table
    solved = table[(table["epoch"] == 9) & (table["accuracy"] >= 0.9)]
    first: Any = solved.groupby("gamma").head(KEPT)
    return ensemble.select(table.index.isin(first.index) | table["network"].isin(first["network"].iloc[:complete]))


def main() -> None:
    """Train and measure the groups asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--groups",
        nargs="+",
        choices=RUNS,
        default=[g for g in RUNS if g not in LATER],
        metavar="GROUP",
        help=", ".join(RUNS),
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=HERE)
    options = parser.parse_args()
    for group in options.groups:
        ensemble = trained(group, options.folder, options.jobs)
        measured = ensemble.select(ensemble.table["epoch"].isin(EPOCHS))
        update(options.output / "one_choice.csv", [structures(group, measured)])
        if group not in HARD:
            update(options.output / "one_choice_function.csv", [functions(group, ensemble)])
        if group in FILES:
            kept(ensemble, FILES[group]).save(
                options.output / f"{group}.npz", command="python data/trained/one_strength.py DIR"
            )


if __name__ == "__main__":
    main()
