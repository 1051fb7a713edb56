"""Train from the command line: ``python -m models train sernn -o DIR``, ``python -m models sweep -o DIR``."""

from __future__ import annotations

import inspect
import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from models import recipes
from models._recipe import Recipe
from models.ensemble import Ensemble
from models.training import TOGETHER, prepare, train

_DEFAULT = {name: parameter.default for name, parameter in inspect.signature(train).parameters.items()}


class Numbers(click.ParamType):
    """``0.1``, ``0,1,5`` or ``LOW:HIGH:COUNT`` (evenly spaced, both ends included); none negative."""

    name = "numbers"

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole

    def convert(self, value: Any, param: Any, ctx: Any) -> NDArray[Any]:
        """Text to array."""
        try:
            if ":" in value:
                low, high, count = value.split(":")
                numbers = np.linspace(float(low), float(high), int(count))
            else:
                numbers = np.array([float(entry) for entry in value.split(",")])
        except ValueError:
            self.fail(f"{value!r} is neither numbers with commas nor LOW:HIGH:COUNT", param, ctx)
        if not numbers.size:
            self.fail(f"{value!r} is no number at all", param, ctx)
        if not (np.isfinite(numbers).all() and (numbers >= 0).all()):
            self.fail(f"{value!r} has numbers that are negative or not finite", param, ctx)
        if not self.whole:
            return numbers
        if (numbers % 1).any() or numbers.max() > 2**53:
            self.fail(f"{value!r} has numbers that are not whole", param, ctx)
        return numbers.astype(np.int64)


class Setting(click.ParamType):
    """``NAME=VALUE`` of a recipe; the value as in JSON, or else as text."""

    name = "name=value"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, Any]:
        """Text to name and value."""
        name, equals, text = value.partition("=")
        if not equals:
            self.fail(f"{value!r} is not NAME=VALUE", param, ctx)
        try:
            return name, json.loads(text)
        except ValueError:
            return name, text


@dataclass(frozen=True)
class _Options:
    """What both commands are told beside the networks."""

    output: Path
    keep: NDArray[np.int64] | None
    complete: int
    device: str
    jobs: int
    group: int | None


def _settings(command: Any) -> Any:
    """Options that both commands take."""
    for option in (
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path, file_okay=False),
            required=True,
            help="Folder for results.",
        ),
        click.option("--quick", is_flag=True, help="The small preset of the recipe."),
        click.option(
            "--set",
            "changes",
            type=Setting(),
            multiple=True,
            help='A setting of the recipe, the value in JSON: --set lr=0.002, --set \'penalty_options={"alpha": 0.5, '
            '"steps": 6}\'; with --set name=… under a name of its own.',
        ),
        click.option("--epochs", type=click.IntRange(1), help="Length of training; default: the recipe's."),
        click.option("--keep", type=Numbers(whole=True), help="Epochs in the file; default: all."),
        click.option(
            "--complete",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="With --keep: networks, evenly spread, of which all epochs are in the file.",
        ),
        click.option(
            "--device", default=_DEFAULT["device"], show_default=True, help="cpu, or a torch device such as cuda."
        ),
        click.option(
            "--jobs",
            type=int,
            default=_DEFAULT["n_jobs"],
            show_default=True,
            help="Groups of networks at a time on a CPU; -1: one per core.",
        ),
        click.option(
            "--group",
            type=click.IntRange(1),
            help=f"Networks per group; default: 1 to {TOGETHER} on a CPU, growing with their number, and all on "
            "another device. Tiny networks train fastest 30 at a time.",
        ),
    ):
        command = option(command)
    return command


class _Refusal(click.ClickException):
    """One line, before any work."""

    exit_code = 2


class _Group(click.Group):
    """Says what is wrong with an option in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            raise _Refusal(error.format_message()) from error


@click.group(cls=_Group)
def main() -> None:
    """Grow connectomes: train the papers' networks. A run that was interrupted goes on where it stopped."""


@main.command(name="train")
@click.argument("recipe", type=click.Choice(sorted(recipes.RECIPES)))
@click.option("--gamma", type=Numbers(), help="Penalty strengths; default: the recipe's range, one network each.")
@click.option(
    "--seeds", type=Numbers(whole=True), help="Seeds, each with every gamma; default: 0, 1, 2, … one per gamma."
)
@_settings
def train_one(
    recipe: str,
    gamma: NDArray[np.float64] | None,
    seeds: NDArray[np.int64] | None,
    quick: bool,
    changes: tuple[tuple[str, Any], ...],
    epochs: int | None,
    **options: Any,
) -> None:
    """Train one RECIPE and write OUTPUT/RECIPE.npz."""
    chosen = _chosen(recipe, quick, changes, epochs)
    strengths = chosen.strengths() if gamma is None else gamma
    if seeds is None:
        pairs = strengths, np.arange(len(strengths))
    else:
        pairs = np.repeat(strengths, len(seeds)), np.tile(seeds, len(strengths))
    _train([(chosen, *pairs)], _Options(**options))


@main.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(recipes.RECIPES)))
@_settings
def sweep(
    names: tuple[str, ...], quick: bool, changes: tuple[tuple[str, Any], ...], epochs: int | None, **options: Any
) -> None:
    """Train the whole population of each recipe (default: all recipes) over its range of gamma."""
    populations = [_chosen(name, quick, changes, epochs) for name in names or sorted(recipes.RECIPES)]
    _train([(recipe, recipe.strengths(), np.arange(recipe.networks)) for recipe in populations], _Options(**options))


def _chosen(name: str, quick: bool, changes: tuple[tuple[str, Any], ...], epochs: int | None) -> Recipe:
    with _plainly(_Refusal):
        return recipes.get(name, quick=quick, **dict(changes) | ({} if epochs is None else {"epochs": epochs}))


def _train(runs: list[tuple[Recipe, NDArray[np.float64], NDArray[np.int64]]], o: _Options) -> None:
    """Refuse what cannot be done of all runs, then do them one by one."""
    names = [recipe.name for recipe, _, _ in runs]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise click.BadParameter(f"several runs would be written to {twice[0]}.npz", param_hint="the names")
    with _plainly(_Refusal):
        for recipe, gammas, seeds in runs:
            _refuse(recipe, len(seeds), o)
            prepare(recipe, gammas, seeds, folder=o.output / recipe.name, device=o.device, group=o.group)
    with _plainly(click.ClickException):
        for recipe, gammas, seeds in runs:
            folder = o.output / recipe.name
            trained = train(recipe, gammas, seeds, folder=folder, device=o.device, n_jobs=o.jobs, group=o.group)
            last = trained.at(recipe.epochs).table["accuracy"]
            if o.keep is not None:
                trained = _kept(trained, o.keep, o.complete)
            path = o.output / f"{recipe.name}.npz"
            trained.save(path, command=shlex.join(["python", "-m", "models", *sys.argv[1:]]))
            solved = f"{(last >= 0.9).mean():.0%} at 90 % or more"
            click.echo(f"{path}: {trained}; after training, mean accuracy {last.mean():.3f}, {solved}")


@contextmanager
def _plainly(kind: type[click.ClickException]) -> Iterator[None]:
    """Errors as one line."""
    try:
        yield
    except (ValueError, TypeError, OSError) as error:  # checkpoints of another run, mostly
        raise kind(" ".join(str(error).split())) from error


def _refuse(recipe: Recipe, networks: int, o: _Options) -> None:
    """Options that do not fit the run."""
    if o.jobs == 0:
        raise click.BadParameter("0 groups at a time would never end; -1 is one per core", param_hint="--jobs")
    if o.complete and o.keep is None:
        raise click.BadParameter("without --keep all epochs of all networks are in the file", param_hint="--complete")
    if o.complete > networks:
        raise click.BadParameter(f"there are {networks} networks; got {o.complete}", param_hint="--complete")
    if o.keep is not None and (beyond := o.keep[o.keep > recipe.epochs]).size:
        raise click.BadParameter(
            f"{recipe.name} has epochs 0 to {recipe.epochs}; got {', '.join(map(str, beyond))}", param_hint="--keep"
        )
    if (path := o.output / f"{recipe.name}.npz").is_dir():
        raise click.BadParameter(f"{path} is a folder", param_hint="--output")


def _kept(trained: Ensemble, epochs: NDArray[np.int64], complete: int) -> Ensemble:
    networks = trained.table["network"].unique()
    whole = networks[np.linspace(0, len(networks) - 1, complete).astype(int)]
    return trained.select(trained.table["epoch"].isin(epochs) | trained.table["network"].isin(whole))


if __name__ == "__main__":
    main(prog_name="python -m models")
