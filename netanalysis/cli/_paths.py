"""The strongest paths between types of nodes, and who carries the signal."""

from __future__ import annotations

from typing import Any

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import netanalysis as na
from netanalysis._core import validate
from netanalysis.cli._files import Files
from netanalysis.cli._options import default_of, reading, to_table
from netanalysis.cli._show import show_table
from netanalysis.connectome import Connectome

MAX_HOPS = 3


@click.command()
@click.argument("file")
@click.option("--from", "sources", required=True, metavar="TYPES", help="Modules or labels that the signal comes from.")
@click.option("--to", "targets", required=True, metavar="TYPES", help="Modules or labels that it goes to.")
@reading
@click.option("--max-hops", type=click.IntRange(1), show_default=str(MAX_HOPS), help="Longest walks.")
@click.option("--hop", type=click.IntRange(1), metavar="N", help="Walks of exactly N hops instead.")
@click.option(
    "-k",
    type=click.IntRange(1),
    default=default_of(na.strongest_paths, "k"),
    show_default=True,
    help="How many paths, and how many mediators at each hop and step.",
)
@click.option("--simple", is_flag=True, help="Paths that visit no node twice; mediators are always those of all walks.")
@click.option(
    "--by", type=click.Choice(["node", "type"]), default="node", show_default=True, help="Mediators: nodes, or modules."
)
@click.option(
    "--normalize",
    type=click.Choice(["input", "output"]),
    help="Weights as shares of what each node receives or sends; raw, long paths of large weights come first.",
)
@to_table
def paths(
    file: str,
    sources: str,
    targets: str,
    reading: Files,
    max_hops: int | None,
    hop: int | None,
    k: int,
    simple: bool,
    by: str,
    normalize: Any,
    output: str | None,
) -> None:
    """Say how a signal gets from some nodes of FILE to others: the strongest paths, and the mediators.

    TYPES are names with commas; indices, too, where nodes have no names. A mediator's share is that of the summed
    magnitudes of all walks of so many hops that are at it after so many steps.

    \b
    netanalysis paths celegans_chemical --from sensory --to motor --normalize input --by type
    """
    if hop is not None and max_hops is not None:
        raise click.UsageError("--hop takes walks of one length, and --max-hops all up to one: give either")
    reading.heeded_by([file])
    net = reading.load(file)
    if not isinstance(net, Connectome):
        raise ValueError(
            f"{file} holds {len(net)} networks; na.save one of them, as na.load(...)[0], into its own file"
        )
    if by == "type" and net.modules is None:
        raise ValueError(f"{file} has no modules, which --by type needs: --nodes TABLE joins them")
    first, last = nodes_of(sources, net, "--from"), nodes_of(targets, net, "--to")
    if normalize is not None:
        net = na.transform.normalize(net, by=normalize)
    longest = hop or max_hops or MAX_HOPS
    best = na.strongest_paths(net, inputs=first, outputs=last, k=k, max_hops=longest, min_hops=hop or 1, simple=simple)
    walks = na.pathways(net, inputs=first, outputs=last, max_hops=longest)
    carried = walks.through(net.modules if by == "type" else None, hops=hop)
    table = pd.concat([path_rows(best), mediator_rows(carried, k)], ignore_index=True)
    show_table(table, output, of="paths", parts="what")
    if best.tied:
        click.echo(f"Others are as strong as the last of the {len(best)} paths.", err=True)


def nodes_of(names: str, net: Connectome, option: str) -> NDArray[np.intp]:
    """Nodes by the names of modules and labels, each once; by index where they have none."""
    words: list[Any] = [word.strip() for word in names.split(",") if word.strip()]
    if not words:
        raise click.UsageError(f"{option} needs at least one name")
    if net.modules is None and net.labels is None and all(word.isdecimal() for word in words):
        words = [int(word) for word in words]
    return np.unique(validate.as_nodes(words, net.n_nodes, option, net=net))


def path_rows(best: na.StrongestPaths) -> pd.DataFrame:
    """A row for each path, the strongest first."""
    table = best.table()
    nodes = [" → ".join(map(str, names)) for names in table["path"]]
    return pd.DataFrame({"what": "path", "nodes": nodes}).join(table[["hops", "strength", "weakest"]])


def mediator_rows(carried: na.Mediators, top: int) -> pd.DataFrame:
    """A row for each of the largest shares, at every step between the ends."""
    table = carried.table()
    between = table[(table["step"] > 0) & (table["step"] < table["hops"])]
    largest = between.groupby(["hops", "step"]).head(top).rename(columns={"mediator": "nodes"}).drop(columns="net")
    return largest.assign(what="mediator", nodes=largest["nodes"].astype(str), step=largest["step"].astype("Int64"))
