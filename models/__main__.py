"""Train from the command line: ``python -m models train sernn -o DIR``, ``python -m models sweep -o DIR``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from models import recipes
from models.ensemble import Ensemble
from models.training import train


class Numbers(click.ParamType):
    """``0.1``, ``0,1,5`` or ``LOW:HIGH:COUNT`` (evenly spaced, both ends included)."""

    name = "numbers"

    def convert(self, value: Any, param: Any, ctx: Any) -> NDArray[np.float64]:
        """Text to array."""
        try:
            if ":" in value:
                low, high, count = value.split(":")
                return np.linspace(float(low), float(high), int(count))
            return np.array([float(entry) for entry in value.split(",")])
        except ValueError:
            self.fail(f"{value!r} is neither numbers with commas nor LOW:HIGH:COUNT", param, ctx)


def _settings(command: Any) -> Any:
    """Options that both commands take."""
    for option in (
        click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder for results."),
        click.option("--quick", is_flag=True, help="The small preset of the recipe."),
        click.option("--epochs", type=click.IntRange(1), help="Length of training; default: the recipe's."),
        click.option("--keep", type=Numbers(), help="Epochs in the file; default: all."),
        click.option("--complete", type=int, default=0, help="Networks, evenly spread, of which all epochs are kept."),
        click.option("--device", default="cpu", show_default=True, help="cpu, or a torch device such as cuda."),
        click.option("--jobs", type=int, default=-1, show_default=True, help="Groups of networks at a time on a CPU."),
        click.option("--group", type=int, help="Networks per group; default: 1 on a CPU. Tiny ones want 30."),
    ):
        command = option(command)
    return command


@click.group()
def main() -> None:
    """Grow connectomes: train the papers' networks. A run that was interrupted goes on where it stopped."""


@main.command(name="train")
@click.argument("recipe", type=click.Choice(sorted(recipes.RECIPES)))
@click.option("--gamma", type=Numbers(), help="Penalty strengths; default: the recipe's range, one network each.")
@click.option("--seeds", type=Numbers(), help="Seeds, each with every gamma; default: 0, 1, 2, … one per gamma.")
@_settings
def train_one(
    recipe: str,
    gamma: NDArray[np.float64] | None,
    seeds: NDArray[np.float64] | None,
    quick: bool,
    epochs: int | None,
    **options: Any,
) -> None:
    """Train one RECIPE and write OUTPUT/RECIPE.npz."""
    chosen = _chosen(recipe, quick, epochs)
    strengths = chosen.strengths() if gamma is None else gamma
    if seeds is None:
        pairs = strengths, np.arange(len(strengths))
    else:
        pairs = np.repeat(strengths, len(seeds)), np.tile(seeds.astype(int), len(strengths))
    _train(chosen, *pairs, **options)


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(recipes.RECIPES)))
@_settings
def sweep(names: tuple[str, ...], quick: bool, epochs: int | None, **options: Any) -> None:
    """Train the whole population of each recipe (default: all recipes) over its range of gamma."""
    for name in names or sorted(recipes.RECIPES):
        chosen = _chosen(name, quick, epochs)
        _train(chosen, chosen.strengths(), np.arange(chosen.networks), **options)


def _chosen(name: str, quick: bool, epochs: int | None) -> recipes.Recipe:
    return recipes.get(name, quick=quick, **({} if epochs is None else {"epochs": epochs}))


def _train(
    recipe: recipes.Recipe,
    gammas: NDArray[np.float64],
    seeds: NDArray[np.int64],
    *,
    output: Path,
    keep: NDArray[np.float64] | None,
    complete: int,
    device: str,
    jobs: int,
    group: int | None,
) -> None:
    try:
        trained = train(recipe, gammas, seeds, folder=output / recipe.name, device=device, n_jobs=jobs, group=group)
    except ValueError as error:  # checkpoints of another run, mostly
        raise click.ClickException(str(error)) from error
    last = trained.at(recipe.epochs).table["accuracy"]
    if keep is not None:
        trained = _kept(trained, keep, complete)
    path = output / f"{recipe.name}.npz"
    trained.save(path, command=shlex.join(["python", "-m", "models", *sys.argv[1:]]))
    solved = f"{(last >= 0.9).mean():.0%} at 90 % or more"
    click.echo(f"{path}: {trained}; after training, mean accuracy {last.mean():.3f}, {solved}")


def _kept(trained: Ensemble, epochs: NDArray[np.float64], complete: int) -> Ensemble:
    networks = trained.table["network"].unique()
    whole = networks[np.linspace(0, len(networks) - 1, complete).astype(int)]
    return trained.select(trained.table["epoch"].isin(epochs) | trained.table["network"].isin(whole))


if __name__ == "__main__":
    main(prog_name="python -m models")
