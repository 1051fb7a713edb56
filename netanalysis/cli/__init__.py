"""The command line: look into files, measure, compare, report, find paths, and the bundled data sets."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Sequence
from typing import Literal

import click
from click.core import ParameterSource

import netanalysis as na
from netanalysis import nulls
from netanalysis._core.records import write_record
from netanalysis.cli._datasets import datasets
from netanalysis.cli._distances import distances
from netanalysis.cli._files import Files, split
from netanalysis.cli._groups import groups
from netanalysis.cli._options import (
    Group,
    ManyValues,
    choosing,
    default_of,
    folder_of_none_read,
    listed,
    of_people,
    reading,
    sampling,
    to_table,
    written,
)
from netanalysis.cli._over import draw, trajectory
from netanalysis.cli._paths import paths
from netanalysis.cli._records import of_command
from netanalysis.cli._rerun import rerun
from netanalysis.cli._show import described, show_table
from netanalysis.cli._wiring import wiring
from netanalysis.connectome import Connectome
from netanalysis.io import _READERS
from netanalysis.table.measures import MEASURES
from netanalysis.table.summary import measure_meant

NULLS = tuple(nulls.__all__)
TRAINED = ("l1", "sernn")  # compared in the report on the bundled data: the baseline first


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="Show Python's traceback of an error.")
@click.option("--trusted", is_flag=True, help="Files of your own: read .mat and .h5 here, a second a file faster.")
@click.version_option(na.__version__, prog_name="netanalysis")
def main(traceback: bool, trusted: bool) -> None:
    """Network neuroscience for any weight matrix, with a null model behind every number."""


# A docstring cannot be computed, and a list typed by hand falls behind.
main.help = f"""{main.help}

FILES are weight matrices: {", ".join(_READERS)}. A name of the bundled data sets (`netanalysis datasets`) can stand
for a file."""


@main.command()
@click.argument("files", nargs=-1, required=True)
@reading
def info(files: Sequence[str], reading: Files) -> None:
    """Say what is in FILES: nodes, connections, weights, provenance."""
    reading.heeded_by(files)
    for number, net in enumerate(reading.each(files)):
        click.echo("\n" * (number > 0) + (described(net) if isinstance(net, Connectome) else repr(net)))
    reading.finish()


@main.command()
@click.argument("files", nargs=-1, required=True)
@reading
@choosing("all")
@click.option("--null", type=click.Choice(NULLS), help="Compare every value with this null model.")
@sampling(na.summarize, "Null networks for each network.")
@written("--checkpoint", help="Append finished networks here; resumes from it.")
@to_table
def measure(
    files: Sequence[str],
    reading: Files,
    measures: str | None,
    null: str | None,
    n_nulls: int,
    seed: int,
    jobs: int | None,
    quiet: bool,
    checkpoint: str | None,
    output: str | None,
) -> None:
    """Measure FILES: a table with one row per network and measure, as .csv."""
    reading.heeded_by(files)
    table = na.summarize(
        reading.networks(files),
        _names(measures),
        null=null,
        n_nulls=n_nulls,
        rng=seed,
        n_jobs=jobs,
        progress=not quiet,
        checkpoint=checkpoint,
        strict=reading.strict,
    )
    show_table(table, output, of="measure")
    reading.finish()


@main.command(cls=ManyValues)
@click.argument("files", nargs=-1)
@click.option("--a", "a", multiple=True, metavar="FILES", help="Networks of the first group (also with commas).")
@click.option("--b", "b", multiple=True, metavar="FILES", help="Networks of the second group (also with commas).")
@click.option("--over", metavar="NAME", help="Compare FILES along this number instead, such as the epoch.")
@click.option("--figure", metavar="PATH", help="With --over: draw a curve for each measure, as PATH.svg and PATH.png.")
@reading
@choosing("all that both groups have")
@click.option(
    "--column",
    type=click.Choice(["value", "z"]),
    default=default_of(na.compare, "column"),
    show_default=True,
    help="Compare values, or distances from each network's own null model (tables of `measure --null` only).",
)
@click.option(
    "--test",
    type=click.Choice(["welch", "permutation", "wilcoxon"]),
    default=default_of(na.compare, "test"),
    show_default="welch; of pairs permutation",
    help="Where p is from.",
)
@click.option(
    "--paired", metavar="NAMES", help="Compare pairs: networks that agree in this of their metadata, such as the seed."
)
@sampling(na.compare, "Relabellings of the permutation test.")
@to_table
def compare(
    files: Sequence[str],
    a: Sequence[str],
    b: Sequence[str],
    over: str | None,
    figure: str | None,
    reading: Files,
    measures: str | None,
    column: Literal["value", "z"],
    test: Literal["welch", "permutation", "wilcoxon"] | None,
    paired: str | None,
    n_nulls: int,
    seed: int,
    jobs: int | None,
    quiet: bool,
    output: str | None,
) -> None:
    """Compare two groups of networks: effect sizes, intervals, corrected p.

    A group is networks (--a one.npz two.npz …; a file that holds a stack counts as so many), or one .csv table that
    `netanalysis measure -o` wrote. Networks of a group must be independent of each other, or with --paired the pairs.

    With --over, FILES are checkpoints of a training run: one row per checkpoint and measure, the epoch (say) from the
    metadata of each file or from its name. FILES come before the options.

    Several epochs of one training are no independent pairs: give files that hold one.

    \b
    netanalysis compare --a trained_with.npz --b trained_without.npz --paired seed
    netanalysis compare run/*.pt --over epoch --figure run/over_epochs
    """
    if over is not None:
        reading.heeded_by(files)
        if a or b or paired or not files:
            raise click.UsageError("--over takes FILES, before all options, and neither --a, --b nor --paired")
        given = click.get_current_context().get_parameter_source
        idle = [name for name in ("column", "test", "n_nulls", "seed") if given(name) is ParameterSource.COMMANDLINE]
        if idle:
            raise click.UsageError(f"--{idle[0].replace('_', '-')} is for two groups; --over tests nothing")
        table = trajectory(reading.networks(files), over, _names(measures), n_jobs=jobs, strict=reading.strict)
        if figure is not None:
            click.echo(" ".join(map(str, draw(table, over, figure))), err=True)
        show_table(table, output, of="over", also=over)
        reading.finish()
        return
    if files or figure:
        both = f"--a {files[0]} --b {' '.join(files[1:])}" if len(files) > 1 else "--a FILES --b FILES"
        raise click.UsageError(f"FILES and --figure go with --over; two groups are: netanalysis compare {both}")
    if not (a and b):
        raise click.UsageError(f"Missing option '--{'b' if a else 'a'}', or FILES with --over.")
    reading.heeded_by(a, b)
    table = na.compare(
        reading.group(a),
        reading.group(b),
        _names(measures),
        column=column,
        test=test,
        paired=split([paired]) if paired else None,
        n_nulls=n_nulls,
        rng=seed,
        n_jobs=jobs,
        progress=not quiet,
        strict=reading.strict,
    )
    show_table(table, output, of="compare")
    reading.finish()


@main.command(cls=ManyValues)
@click.argument("files", nargs=-1)
@reading
@click.option(
    "--against",
    multiple=True,
    metavar="FILES",
    help="Networks to compare with (also with commas).",
)
@click.option(
    "--datasets", "bundled", is_flag=True, help="Analyse the bundled networks: single ones, and seRNN against L1."
)
@click.option(
    "--group",
    multiple=True,
    metavar="FILES",
    help="Ensembles, or NAME=FILE,FILE,…, to compare with each other: the first with all others.",
)
@click.option("--recording", metavar="FILE", help="Activity of the units of the one network: adds a part on function.")
@click.option(
    "--function",
    metavar="FILE",
    help="Functional connectivity of its nodes, or activity (time x nodes): adds coupling.",
)
@click.option("--function-key", metavar="NAME", help="Which array of that file it is, where several could be.")
@of_people(required=False)
@choosing("13 that are quick to take of many null networks")
@click.option("--null", type=click.Choice(NULLS), help="One null model for all; default: for each one that fits it.")
@sampling(na.summarize, "Null networks for each network.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False),
    default="report",
    show_default=True,
    help="Folder.",
    callback=folder_of_none_read,
)
def report(
    files: Sequence[str],
    reading: Files,
    against: Sequence[str],
    bundled: bool,
    group: Sequence[str],
    recording: str | None,
    function: str | None,
    function_key: str | None,
    people: str | None,
    by: str | None,
    contrast: str | None,
    covariates: str | None,
    person: str | None,
    whole: str | None,
    measures: str | None,
    null: str | None,
    n_nulls: int,
    seed: int,
    jobs: int | None,
    quiet: bool,
    output: str,
) -> None:
    """Analyse FILES (or folders of files) and write measures.csv and one self-contained index.html.

    FILES come first: names after --against and --group belong to those. With --by, FILES are the networks of people:
    the page is about their consensus, and about what goes with a group or a score.

    \b
    netanalysis report my_weights.npz --against celegans_chemical drosophila_larva_mb_left -o report
    netanalysis report human_schaefer100 --recording human_schaefer100_bold --function human_schaefer100_fc
    netanalysis report matrices/ --nodes regions.csv --people people.csv --by group --covariates age,sex
    netanalysis report --datasets -o report
    """
    if not files and not bundled:
        raise click.UsageError("give FILES before all options, or --datasets for the bundled networks")
    from netanalysis.page import report as write_report

    reading.heeded_by(files, against, group)
    if function_key is not None and function is None:
        raise click.UsageError("--function-key would be ignored: it says what to take of the file of --function")
    reading.apart = people
    networks = list(reading.networks(files))
    if bundled:
        networks += [na.datasets.load(name) for name in _bundled()]
        group = group or TRAINED
    begin = time.time_ns()
    path = write_report(
        networks,
        against=list(reading.networks(split(against))) or None,
        groups=reading.groups(group),
        recording=recording,
        function=function if function is None or function_key is None else na.load(function, key=function_key),
        people=people,
        by=by,
        contrast=listed(contrast) or None,
        covariates=listed(covariates),
        person=person,
        whole=whole,
        output=output,
        measures=_names(measures),
        null=null,
        n_nulls=n_nulls,
        rng=seed,
        n_jobs=jobs,
        progress=not quiet,
        command=shlex.join(["netanalysis", *sys.argv[1:]]),
        strict=reading.strict,
    )
    for table in sorted(path.parent.glob("*.csv")):
        if table.stat().st_mtime_ns >= begin:  # others lay there already
            write_record(table, of_command(table.name))
    click.echo(str(path))
    reading.finish()


@main.command()
def measures() -> None:
    """List the measures: name, definition, source."""
    family = ""
    for name, measure in MEASURES.items():
        if measure.family != family:
            family = measure.family
            click.echo(click.style(f"\n{family}", bold=True))
        click.echo(f"{name}\n    {measure.definition}  {measure.source}")


def _bundled() -> list[str]:
    """Names of the bundled single networks; stacks of individuals would crowd a report."""
    table = na.datasets.available()
    return list(
        table["name"][(table["where"] == "bundled") & (table["kind"] == "connectome") & (table["n_networks"] == 1)]
    )


def _names(text: str | None) -> list[str] | None:
    """Names of measures, checked here so that a misspelling is an error of usage."""
    names = [name for part in (text or "").split(",") if (name := part.strip())]
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        meant = measure_meant(unknown[0])
        raise click.BadParameter(
            f"no measure named {', '.join(unknown)}. {meant}All: `netanalysis measures`", param_hint="--measures"
        )
    return names or None


main.add_command(groups)
main.add_command(paths)
main.add_command(datasets)
main.add_command(distances)
main.add_command(wiring)
main.add_command(rerun)
