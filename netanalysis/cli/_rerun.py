"""Make a table again, and say whether it is the same."""

from __future__ import annotations

import click

import netanalysis as na
from netanalysis.cli._show import shown_rows

SHOWN = 20


@click.command()
@click.argument("table", type=click.Path(dir_okay=False))
@click.option("--folder", type=click.Path(file_okay=False), help="Where to look for its files, too.")
@click.option("--jobs", type=click.INT, metavar="N", help="Parallel workers; -1 for one per core.")
def rerun(table: str, folder: str | None, jobs: int | None) -> None:
    """Make TABLE (.csv) again from what stands beside it, and say whether every cell is the same, to the last bit.

    Files are looked for by the name that was given, where that led to then, beside TABLE and in --folder; what counts
    is their sha256. Exits with 1 if a cell differs.

    \b
    netanalysis measure weights.npz --null weight_shuffle -o measures.csv
    netanalysis rerun measures.csv
    """
    found = na.rerun(table, folder=folder, n_jobs=jobs)
    for name, (before, now) in found.versions.items():
        click.echo(f"{name}: {before} then, {now} now", err=True)
    if found.note:
        click.echo(found.note, err=True)
    if found.equal:
        click.echo(f"{table}: {len(found.table)} rows, equal to the last bit")
        return
    click.echo(f"{table}: {len(found.differences)} cells differ")
    if len(found.differences):
        click.echo(shown_rows(found.differences.head(SHOWN)))
    raise SystemExit(1)
