"""Train one-choice networks of new seeds, many at one strength: ``python data/trained/one_strength.py DIR``.

Restartable. Puts their rows into one_choice.csv and one_choice_function.csv, by default here, and writes GROUP.npz of
some groups: of each strength the first networks that solve the task at epoch 9, as they are then, and all epochs of
one; of populations with one network a strength, some that solve it. README.md here says what the groups are for. Two
hours and a quarter on one core.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from measure import HERE, functions, structures, update
from numpy.typing import NDArray

from models import Ensemble, recipes, train

KEPT, SPREAD = 20, 10  # networks of a strength; of a population that has one network a strength
# Groups kept whole, and how many of their networks with all epochs
FILES = {"sernn_one_strength": 1, "l1_one_strength": 1, "distance_one_strength": 0}
FILES |= dict.fromkeys(("bimt_one_choice", "resolvent_one_choice", "resolvent_hop_one_choice"), 0)
EPOCHS = (0, 9, 10)  # of structure


@dataclass(frozen=True)
class Run:
    """Networks of a recipe. Every strength has all seeds; as many seeds as strengths are dealt out to them."""

    recipe: str
    gammas: Sequence[float] | NDArray[np.float64]
    seeds: range
    task: dict[str, Any] = field(default_factory=dict)  # what the task has otherwise

    def scaled(self, scale: float) -> "Run":
        """A share of seeds, or of strengths if they are many, one at least."""

        def few(count: int) -> int:
            return min(count, max(1, round(scale * count)))

        if len(self.gammas) < 5:
            return replace(self, seeds=self.seeds[: few(len(self.seeds))])
        chosen = np.linspace(0, len(self.gammas) - 1, few(len(self.gammas))).round().astype(int)
        dealt = len(self.seeds) == len(self.gammas)
        return replace(
            self,
            gammas=np.asarray(self.gammas)[chosen],
            seeds=self.seeds[: len(chosen)] if dealt else self.seeds,
        )


# No seed is one of the networks that the first readings were made on. Networks of one seed begin alike.
RUNS = {
    "sernn_one_strength": Run("sernn", (0.1, 0.3), range(1000, 1036)),
    "l1_one_strength": Run("l1", (0.0035, 0.0075, 0.01), range(1000, 1036)),
    "distance_one_strength": Run("distance", (0.003,), range(1000, 1032)),
    "communicability_one_strength": Run("communicability", (0.8,), range(1000, 1032)),
    "distance_new": Run("distance", np.linspace(1e-5, 0.0095, 19), range(1100, 1101)),
    "sernn_hard_new": Run("sernn_hard", np.linspace(1e-6, 0.45, 14), range(1100, 1102)),
    "sernn_hard_more": Run("sernn_hard", np.linspace(1e-6, 0.45, 14), range(1102, 1103)),
    "l1_hard_new": Run("l1_hard", np.linspace(1e-5, 0.013, 26), range(1100, 1102)),
    "sernn_new": Run("sernn", np.linspace(1e-6, 0.65, 45), range(1200, 1245)),
    "l1_new": Run("l1", np.linspace(1e-5, 0.026, 45), range(1200, 1245)),
    # 300 that solve the task, together: what differs less than networks of one strength do
    "sernn_many": Run("sernn", np.linspace(1e-6, 0.65, 250), range(1600, 1850)),
    "l1_many": Run("l1", np.linspace(1e-5, 0.026, 250), range(1600, 1850)),
    "bimt_one_choice": Run("bimt_one_choice", np.linspace(1e-5, 2e-3, 40), range(2000, 2040)),
    "resolvent_one_choice": Run("resolvent_one_choice", np.linspace(1e-5, 1, 40), range(2000, 2040)),
    "resolvent_hop_one_choice": Run("resolvent_hop_one_choice", np.linspace(1e-5, 1, 40), range(2000, 2040)),
}
# Half and twice the delay of 10 steps and the noise of 0.05 of the regular task
VARIANTS: dict[str, dict[str, Any]] = {
    "short_delay": {"delay": 5},
    "long_delay": {"delay": 20},
    "low_noise": {"noise": 0.025},
    "high_noise": {"noise": 0.1},
}
for variant, task in VARIANTS.items():
    RUNS[f"sernn_{variant}"] = Run("sernn", np.linspace(1e-6, 0.65, 30), range(1400, 1430), task)
    RUNS[f"l1_{variant}"] = Run("l1", np.linspace(1e-5, 0.026, 30), range(1400, 1430), task)
# Nothing to learn: the paper's control with random inputs, as we read it
RUNS["sernn_random_inputs"] = Run("sernn", np.linspace(1e-6, 0.65, 20), range(1500, 1520), {"random_inputs": True})
RUNS["l1_random_inputs"] = Run("l1", np.linspace(1e-5, 0.026, 20), range(1500, 1520), {"random_inputs": True})
# Codes and activity are read from the regular task
STRUCTURE_ONLY = [group for group, run in RUNS.items() if run.recipe.endswith("_hard") or run.task]


def trained(group: str, folder: Path, jobs: int, scale: float = 1.0) -> Ensemble:
    """All networks of a group, trained or read from their checkpoints."""
    run = RUNS[group].scaled(scale)
    recipe = recipes.get(run.recipe)
    dealt = len(run.seeds) == len(run.gammas)
    return train(
        replace(recipe, task_options=dict(recipe.task_options) | run.task),
        run.gammas if dealt else np.repeat(run.gammas, len(run.seeds)),
        run.seeds if dealt else np.tile(run.seeds, len(run.gammas)),
        folder=folder / group,
        n_jobs=jobs,
    )


def kept(ensemble: Ensemble, complete: int) -> Ensemble:
    """What is worth its space: solutions at epoch 9, or what is nearest to one, and the way to some of them."""
    table = ensemble.table
    at_9 = table[table["epoch"] == 9]
    solved = at_9[at_9["accuracy"] >= 0.9]
    solved = solved if len(solved) else at_9.nlargest(1, "accuracy")
    first: Any = solved.groupby("gamma").head(KEPT)
    if table["network"].nunique() == table["gamma"].nunique():
        first = first.iloc[np.unique(np.linspace(0, len(first) - 1, SPREAD).round().astype(int))]
    return ensemble.select(table.index.isin(first.index) | table["network"].isin(first["network"].iloc[:complete]))


def main() -> None:
    """Train and measure the groups asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--groups",
        nargs="+",
        choices=RUNS,
        default=list(RUNS),
        metavar="GROUP",
        help=", ".join(RUNS),
    )
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="share of networks, one at least of a strength")
    parser.add_argument("-o", "--output", type=Path, default=HERE)
    options = parser.parse_args()
    for group in options.groups:
        ensemble = trained(group, options.folder, options.jobs, options.scale)
        measured = ensemble.select(ensemble.table["epoch"].isin(EPOCHS))
        update(options.output / "one_choice.csv", [structures(group, measured)])
        if group not in STRUCTURE_ONLY:
            update(options.output / "one_choice_function.csv", [functions(group, ensemble)])
        if group in FILES:
            kept(ensemble, FILES[group]).save(
                options.output / f"{group}.npz", command="python data/trained/one_strength.py DIR"
            )


if __name__ == "__main__":
    main()
