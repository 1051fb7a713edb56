"""The data sets: list, info, export."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pandas as pd

import netanalysis as na
from netanalysis._core.files import written_whole
from netanalysis.cli._show import aligned, described
from netanalysis.connectome import Connectome
from netanalysis.datasets.trained import TrainedNetworks


@click.group("datasets", invoke_without_command=True)
@click.pass_context
def datasets(ctx: click.Context) -> None:
    """Connectomes and trained networks, bundled or fetched: list, info NAME, export NAME PATH."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_datasets)


@datasets.command("list")
def list_datasets() -> None:
    """Names, species, sizes, licences, and whether a set comes along or is fetched when it is first used."""
    table = na.datasets.available().convert_dtypes()  # or a column with gaps would count 302.0 nodes
    table["size"] = [f"{size / 1000:.0f} kB" for size in table["bytes"]]
    columns = ["name", "species", "n_nodes", "n_networks", "directed", "where", "size", "licence"]
    click.echo(table[columns].to_string(index=False, na_rep=""))


@datasets.command("info")
@click.argument("name")
def dataset_info(name: str) -> None:
    """Say what data set NAME is and how to cite it."""
    rows = na.datasets.available().convert_dtypes().set_index("name")
    if name in rows.index and rows.loc[name, "where"] == "fetched":  # to be read before it is fetched
        click.echo(aligned(name, {str(key): value for key, value in rows.loc[name].dropna().items()}))
        return
    data = na.datasets.load(name)
    if isinstance(data, Connectome):
        click.echo(described(data))
        return
    row = rows.loc[name].dropna()
    holds = f"{len(data)} rows of {', '.join(data.columns)}" if isinstance(data, pd.DataFrame) else repr(data)
    click.echo(aligned(name, {"holds": holds} | {str(key): value for key, value in row.items()}))


@datasets.command("export")
@click.argument("name")
@click.argument("path", type=click.Path(dir_okay=False))
def export(name: str, path: str) -> None:
    """Write data set NAME to PATH, in the format of its suffix; ensembles as .npz, tables as .csv."""
    data = na.datasets.load(name)
    wanted = {TrainedNetworks: ".npz", pd.DataFrame: ".csv"}.get(type(data))
    if wanted and Path(path).suffix != wanted:
        raise ValueError(f"{name} is written as {wanted}; got {path}")
    if isinstance(data, TrainedNetworks):
        with written_whole(path) as part:
            shutil.copyfile(data.path, part)
    elif isinstance(data, pd.DataFrame):
        with written_whole(path) as part:
            data.to_csv(part, index=False)
    else:
        na.save(data, path)
    click.echo(path)
