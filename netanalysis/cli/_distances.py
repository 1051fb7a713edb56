"""How far apart networks are, pair by pair."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any

import click

import netanalysis as na
from netanalysis.cli._files import Files
from netanalysis.cli._options import default_of, reading, to_table
from netanalysis.cli._show import show_table
from netanalysis.comparison.distances import DISTANCES


@click.command()
@click.argument("files", nargs=-1, required=True)
@reading
@click.option(
    "--distance",
    type=click.Choice(list(DISTANCES)),
    default=default_of(na.network_distances, "distance"),
    show_default=True,
    help="Which distance.",
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An option of it, such as of=degree.")
@click.option("--jobs", type=click.INT, metavar="N", help="Parallel workers; -1 for one per core.")
@click.option("--quiet", is_flag=True, help="No progress bars.")
@to_table
def distances(
    files: Sequence[str],
    reading: Files,
    distance: str,
    settings: Sequence[str],
    jobs: int | None,
    quiet: bool,
    output: str | None,
) -> None:
    """Distance between every two of FILES, of any size: a table with one row per pair, as .csv.

    A file that holds a stack counts as so many networks. Nodes are not matched by name.

    \b
    netanalysis distances celegans_chemical human_schaefer100 trained.npz --distance ks_distance --set of=degree
    """
    reading.heeded_by(files)
    options = _options(distance, settings)
    found = na.network_distances(
        list(reading.networks(files)),
        distance=partial(DISTANCES[distance], **options) if options else distance,
        n_jobs=jobs,
        progress=not quiet,
    )
    show_table(found.table(), output, of="distances")
    reading.finish()


def _options(distance: str, settings: Sequence[str]) -> dict[str, Any]:
    """Options of a distance: numbers where they are numbers, else words."""
    known = [name for name in inspect.signature(DISTANCES[distance]).parameters if name not in ("a", "b")]
    options: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or name not in known:
            raise click.BadParameter(
                f"{setting!r} is no option of {distance}, which has {', '.join(known)}: write {known[0]}=VALUE",
                param_hint="--set",
            )
        options[name] = int(value) if value.isdigit() else None if value == "None" else value
    return options
