"""What in people's networks goes with a group or a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import click
import numpy as np
import pandas as pd
from click.core import ParameterSource

import netanalysis as na
from netanalysis.cli._files import Files
from netanalysis.cli._options import default_of, listed, of_people, reading, sampling, to_table, written
from netanalysis.cli._show import show_table
from netanalysis.connectome import Connectome
from netanalysis.table._people import people_of
from netanalysis.table._study import consensus_of, study_of

LEVEL = 0.001  # of p of a single edge, where no threshold is given


@click.command()
@click.argument("files", nargs=-1, required=True)
@reading
@of_people(required=True)
@click.option(
    "--test",
    type=click.Choice(["components", "edges", "nodes", "measures"]),
    default="components",
    show_default=True,
    help="Network-based statistic; every edge; the strength of every node; or measures of whole networks.",
)
@click.option("--threshold", type=click.FloatRange(0, min_open=True), help=f"|t| of edges; default: p < {LEVEL:g}.")
@click.option(
    "--statistic",
    type=click.Choice(["extent", "intensity", "excess"]),
    default=default_of(na.network_based_statistic, "statistic"),
    show_default=True,
    help="Size of components: number of edges, sum of their |t|, or of its excess over the threshold.",
)
@click.option("--measures", metavar="NAMES", help="With --test measures; default: all that everybody has.")
@written("--consensus", help="Write the consensus network of all here, too.")
@sampling(na.network_based_statistic, "Arrangements of people.")
@to_table
def groups(
    files: Sequence[str],
    reading: Files,
    people: str | None,
    by: str,
    contrast: str | None,
    covariates: str | None,
    person: str | None,
    whole: str | None,
    test: Literal["components", "edges", "nodes", "measures"],
    threshold: float | None,
    statistic: Any,
    measures: str | None,
    consensus: str | None,
    n_nulls: int,
    seed: int,
    jobs: int | None,
    quiet: bool,
    output: str | None,
) -> None:
    """Test what goes with a group or a score of people: FILES (or a folder of them) are one network per person.

    Rows of the table of people find their networks by name: a whole name in one column, or a word of it, such as
    sub-01 of sub-01_connectome.csv.

    \b
    netanalysis groups matrices/ --people people.csv --by group -o components.csv
    netanalysis groups matrices/ --people people.csv --by age --covariates sex --test edges -o edges.csv
    netanalysis groups mouse_dti_individuals --by strain --contrast B6,BTBR

    More than two groups are compared by F, unless --contrast names two.
    """
    from netanalysis.page.inputs import as_connectomes

    reading.heeded_by(files)
    reading.apart = people
    given = click.get_current_context().get_parameter_source
    heeded = {"threshold": "components", "statistic": "components", "measures": "measures"}
    for option, only in heeded.items():
        if test != only and given(option) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{option} would be ignored with --test {test}")
    networks = as_connectomes(list(reading.networks(files)))
    found = people_of(networks, people)
    study = study_of(
        found,
        by,
        contrast=listed(contrast) or None,
        covariates=listed(covariates),
        person=person,
        whole=whole,
    )
    for sentence in study.said:
        click.echo(sentence, err=True)
    if consensus is not None:
        na.save(consensus_of(study.networks), consensus)
        click.echo(consensus, err=True)
    options = {"n_nulls": n_nulls, "rng": seed, "n_jobs": jobs, **study.options}
    stack = study.networks
    if test == "components":
        table = _components(stack, study, threshold, statistic, options)
    elif test == "edges":
        table = na.edge_test(stack, study.effect, **options)
    elif test == "nodes":
        table = na.node_test(_strengths(stack), study.effect, **options)
    else:
        table = _measures(study, listed(measures), seed, jobs, quiet, options)
    show_table(table, output, of="groups")
    reading.finish()


def _components(stack: Connectome, study: Any, threshold: float | None, statistic: Any, options: Any) -> pd.DataFrame:
    if threshold is None:
        threshold = study.threshold(LEVEL)
        of = "|t| of p < {:g}, two-sided" if study.statistic == "t" else "F of p < {:g}"
        click.echo(f"--threshold {threshold:.4g}: {of.format(LEVEL)}. It is a choice", err=True)
    test = na.network_based_statistic(stack, study.effect, threshold=threshold, statistic=statistic, **options)
    table = test.table()
    if not len(table):
        click.echo(f"no edge has {'|t|' if test.edge_statistic == 't' else 'F'} > {threshold:.4g}: p = 1", err=True)
    names = np.arange(stack.n_nodes) if stack.labels is None else stack.labels
    return table.assign(nodes=["; ".join(map(str, names[nodes])) for nodes in test.nodes])


def _strengths(stack: Connectome) -> pd.DataFrame:
    return pd.DataFrame(na.strength(stack), columns=range(stack.n_nodes) if stack.labels is None else stack.labels)


def _measures(study: Any, names: list[str], seed: int, jobs: int | None, quiet: bool, options: Any) -> pd.DataFrame:
    table, dropped = study.measures(
        names or None, rng=seed, n_jobs=jobs, progress=not quiet, n_nulls=options["n_nulls"]
    )
    if dropped:
        click.echo(f"undefined for somebody, and not tested: {', '.join(dropped)}", err=True)
    if table is None:
        raise ValueError("no measure is defined for everybody")
    return table
