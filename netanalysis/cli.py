"""The command line: look into files, measure, compare, report, and the bundled data sets."""

from __future__ import annotations

import inspect
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
import numpy as np
import pandas as pd

import netanalysis as na
from netanalysis import nulls
from netanalysis.connectome import Connectome
from netanalysis.datasets.trained import TrainedNetworks
from netanalysis.io import _READERS
from netanalysis.table.measures import MEASURES

F = TypeVar("F", bound=Callable[..., Any])

NULLS = tuple(nulls.__all__)
TRAINED = ("l1", "sernn")  # compared in the report on the bundled data: the baseline first


class _Group(click.Group):
    """Turns errors of the library into one clean line; --traceback shows where they come from."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except (ValueError, TypeError, OSError, MemoryError, ImportError, ArithmeticError, RuntimeError) as error:
            if ctx.params.get("traceback"):
                raise
            notes = getattr(error, "__notes__", [])
            raise click.ClickException(": ".join([*reversed(notes), " ".join(str(error).split())])) from error


class _ManyValues(click.Command):
    """Lets an option of several values be written once: --a x y z means --a x --a y --a z, up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        several = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        spread: list[str] = []
        option, first = None, False
        for arg in args:
            if arg.startswith("-"):
                name, equals, _ = arg.partition("=")
                option, first = (name if name in several else None), not equals
            elif option is not None:
                spread += [] if first else [option]
                first = False
            spread.append(arg)
        return super().parse_args(ctx, spread)


def _options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several click options as one decorator."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _default(function: Callable[..., Any], argument: str) -> Any:
    """What an argument of the library is by default, so that no help text can say otherwise."""
    return inspect.signature(function).parameters[argument].default


reading = _options(
    click.option("--key", help="Which array of the files holds the weights, where several could."),
    click.option(
        "--orientation",
        type=click.Choice(["source_target", "target_source"]),
        help="What rows and columns are, where the format does not say: W[i, j] from i to j, or to i from j (torch).",
    ),
)
sampling = _options(
    click.option(
        "--n-nulls",
        type=click.IntRange(1),
        default=_default(na.summarize, "n_nulls"),
        show_default=True,
        help="Null networks for each network.",
    ),
    click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of everything random."),
    click.option("--jobs", type=int, help="Parallel workers; -1 for one per core."),
    click.option("--quiet", is_flag=True, help="No progress bars."),
)


def _choosing(default: str) -> Callable[[F], F]:
    return click.option(
        "--measures",
        metavar="NAMES",
        help=f"Comma-separated names; default: {default}. `netanalysis measures` lists them.",
    )


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--traceback", is_flag=True, help="Show Python's traceback of an error.")
@click.version_option(na.__version__, prog_name="netanalysis")
def main(traceback: bool) -> None:
    """Network neuroscience for any weight matrix, with a null model behind every number."""


# A docstring cannot be computed, and a list typed by hand falls behind.
main.help = f"""{main.help}

FILES are weight matrices: {", ".join(_READERS)}. A name of the bundled data sets (`netanalysis datasets`) can stand
for a file."""


@main.command()
@click.argument("files", nargs=-1, required=True)
@reading
def info(files: Sequence[str], key: str | None, orientation: str | None) -> None:
    """Say what is in FILES: nodes, connections, weights, provenance."""
    for number, file in enumerate(files):
        net = _load(file, key, orientation)
        click.echo("\n" * (number > 0) + (_described(net) if isinstance(net, Connectome) else repr(net)))


@main.command()
@click.argument("files", nargs=-1, required=True)
@reading
@_choosing("all")
@click.option("--null", type=click.Choice(NULLS), help="Compare every value with this null model.")
@sampling
@click.option("--checkpoint", type=click.Path(dir_okay=False), help="Append finished networks here; resumes from it.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write a .csv here instead of to the terminal.")
def measure(
    files: Sequence[str],
    key: str | None,
    orientation: str | None,
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
    table = na.summarize(
        _load(files[0], key, orientation) if len(files) == 1 else _networks(files, key, orientation),
        _names(measures),
        null=None if null is None else getattr(nulls, null),
        n_nulls=n_nulls,
        rng=seed,
        n_jobs=jobs,
        progress=not quiet,
        checkpoint=checkpoint,
    )
    _write(table, output)


@main.command(cls=_ManyValues)
@click.option("--a", "a", multiple=True, required=True, metavar="FILES", help="Networks of the first group.")
@click.option("--b", "b", multiple=True, required=True, metavar="FILES", help="Networks of the second group.")
@reading
@_choosing("all that both groups have")
@click.option(
    "--column",
    type=click.Choice(["value", "z"]),
    default=_default(na.compare, "column"),
    show_default=True,
    help="Compare values, or distances from each network's own null model (tables of `measure --null` only).",
)
@click.option(
    "--test",
    type=click.Choice(["welch", "permutation"]),
    default=_default(na.compare, "test"),
    show_default=True,
    help="Where p is from.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the permutations.")
@click.option("--jobs", type=int, help="Parallel workers; -1 for one per core.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write a .csv here instead of to the terminal.")
def compare(
    a: Sequence[str],
    b: Sequence[str],
    key: str | None,
    orientation: str | None,
    measures: str | None,
    column: Literal["value", "z"],
    test: Literal["welch", "permutation"],
    seed: int,
    jobs: int | None,
    output: str | None,
) -> None:
    """Compare two groups of networks: effect sizes, intervals, corrected p.

    A group is networks (--a one.npz two.npz …; a file that holds a stack counts as so many), or one .csv table that
    `netanalysis measure -o` wrote. Networks of a group must be independent of each other.
    """
    table = na.compare(
        _group(a, key, orientation),
        _group(b, key, orientation),
        _names(measures),
        column=column,
        test=test,
        rng=seed,
        n_jobs=jobs,
    )
    _write(table, output)


@main.command(cls=_ManyValues)
@click.argument("files", nargs=-1)
@reading
@click.option(
    "--against",
    multiple=True,
    metavar="FILES",
    help="Networks to compare with (also one list with commas).",
)
@click.option(
    "--datasets", "bundled", is_flag=True, help="Analyse the bundled networks: single ones, and seRNN against L1."
)
@click.option(
    "--group", multiple=True, metavar="FILES", help="Ensembles to compare with each other, the first with all others."
)
@click.option("--recording", metavar="FILE", help="Activity of the units of the one network: adds a part on function.")
@_choosing("13 that are quick to take of many null networks")
@click.option("--null", type=click.Choice(NULLS), help="One null model for all; default: for each one that fits it.")
@sampling
@click.option("-o", "--output", type=click.Path(file_okay=False), default="report", show_default=True, help="Folder.")
def report(
    files: Sequence[str],
    key: str | None,
    orientation: str | None,
    against: Sequence[str],
    bundled: bool,
    group: Sequence[str],
    recording: str | None,
    measures: str | None,
    null: str | None,
    n_nulls: int,
    seed: int,
    jobs: int | None,
    quiet: bool,
    output: str,
) -> None:
    """Analyse FILES and write measures.csv and one self-contained index.html.

    FILES come first: names after --against and --group belong to those.

    \b
    netanalysis report my_weights.npz --against celegans_chemical drosophila_larva_mb_left -o report
    netanalysis report human_schaefer100 --recording human_schaefer100_bold
    netanalysis report --datasets -o report
    """
    if not files and not bundled:
        raise click.UsageError("give FILES before all options, or --datasets for the bundled networks")
    from netanalysis.page import report as write_report

    networks = list(_networks(files, key, orientation))
    if bundled:
        networks += [na.datasets.load(name) for name in _bundled()]
        group = group or TRAINED
    path = write_report(
        networks,
        against=list(_networks([name for names in against for name in _split(names)], key, orientation)) or None,
        groups=_groups(group, key, orientation),
        recording=recording,
        output=output,
        measures=_names(measures),
        null=None if null is None else getattr(nulls, null),
        n_nulls=n_nulls,
        rng=seed,
        n_jobs=jobs,
        progress=not quiet,
        command=shlex.join(["netanalysis", *sys.argv[1:]]),
    )
    click.echo(str(path))


@main.command()
def measures() -> None:
    """List the measures: name, definition, source."""
    family = ""
    for name, measure in MEASURES.items():
        if measure.family != family:
            family = measure.family
            click.echo(click.style(f"\n{family}", bold=True))
        click.echo(f"{name}\n    {measure.definition}  {measure.source}")


@main.group(invoke_without_command=True)
@click.pass_context
def datasets(ctx: click.Context) -> None:
    """Bundled connectomes and trained networks: list, info NAME, export NAME PATH."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_datasets)


@datasets.command("list")
def list_datasets() -> None:
    """Names, species, sizes, licences."""
    table = na.datasets.available().convert_dtypes()  # or a column with gaps would count 302.0 nodes
    columns = ["name", "species", "n_nodes", "n_networks", "directed", "licence"]
    click.echo(table[columns].to_string(index=False, na_rep=""))


@datasets.command("info")
@click.argument("name")
def dataset_info(name: str) -> None:
    """Say what data set NAME is and how to cite it."""
    data = na.datasets.load(name)
    if isinstance(data, Connectome):
        click.echo(_described(data))
        return
    row = na.datasets.available().convert_dtypes().set_index("name").loc[name].dropna()
    holds = f"{len(data)} rows of {', '.join(data.columns)}" if isinstance(data, pd.DataFrame) else repr(data)
    click.echo(_aligned(name, {"holds": holds} | {str(key): value for key, value in row.items()}))


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
        shutil.copyfile(data.path, path)
    elif isinstance(data, pd.DataFrame):
        data.to_csv(path, index=False)
    else:
        na.save(data, path)
    click.echo(path)


def _networks(files: Iterable[str], key: str | None, orientation: str | None) -> Iterator[Connectome]:
    """Files and data sets one by one, and each snapshot of an ensemble of trained networks."""
    for file in files:
        loaded = _load(file, key, orientation)
        yield from [loaded] if isinstance(loaded, Connectome) else loaded


def _load(file: str, key: str | None = None, orientation: str | None = None) -> Connectome | TrainedNetworks:
    """A file, or a bundled data set by its name."""
    if not Path(file).exists() and not Path(file).suffix:
        net = na.datasets.load(file)
    elif TrainedNetworks.is_one(file) and key in (None, "weights") and orientation in (None, "source_target"):
        net = TrainedNetworks(file)
    else:
        net = na.load(file, key=key, orientation=orientation)
    if isinstance(net, TrainedNetworks):
        return net
    if not isinstance(net, Connectome):
        raise ValueError(f"{file} is a {type(net).__name__.lower()}, not a network")
    return net if net.name else net.replace(name=Path(file).stem)


def _bundled() -> list[str]:
    """Names of the bundled single networks; stacks of individuals would crowd a report."""
    table = na.datasets.available()
    return list(table["name"][(table["kind"] == "connectome") & (table["n_networks"] == 1)])


def _group(files: Sequence[str], key: str | None, orientation: str | None) -> Any:
    """A table of `measure`, or networks."""
    if len(files) == 1 and Path(files[0]).suffix == ".csv":
        with Path(files[0]).open(encoding="utf-8", errors="replace") as file:
            header = file.readline()
        if header.startswith("network,measure,value,"):
            return pd.read_csv(files[0])
    return list(_networks(files, key, orientation))


def _groups(files: Sequence[str], key: str | None, orientation: str | None) -> dict[str, Any]:
    """Ensembles by the names of their files; those of one name in different folders by their paths."""
    stems = [Path(file).stem for file in files]
    names = stems if len(set(stems)) == len(stems) else list(files)
    if len(set(names)) < len(names):
        raise click.BadParameter(f"{max(names, key=names.count)} is given twice", param_hint="--group")
    return {name: _load(file, key, orientation) for name, file in zip(names, files, strict=True)}


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _names(text: str | None) -> list[str] | None:
    """Names of measures, checked here so that a misspelling is an error of usage."""
    names = _split(text)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        raise click.BadParameter(
            f"no measure named {', '.join(unknown)}; see `netanalysis measures`", param_hint="--measures"
        )
    return names or None


def _write(table: pd.DataFrame, output: str | None) -> None:
    if output is None:
        click.echo(table.to_csv(index=False), nl=False)
        return
    table.to_csv(output, index=False)
    click.echo(f"{output}: {len(table)} rows", err=True)


def _described(net: Connectome) -> str:
    """A few lines about a network, or about a stack and its members."""
    w = net.weights.data if net.is_sparse else net.weights
    density = np.atleast_1d(net.density)
    lines = {
        "nodes": f"{net.n_nodes:,}",
        "networks": f"{density.size:,} in a stack of shape {net.weights.shape[:-2]}" if net.is_stack else None,
        "connections": f"{int(np.count_nonzero(w)):,}" + (" in all" if net.is_stack else ""),
        "density": _span(density),
        "direction": "directed" if net.is_directed else "undirected",
        "weights": f"{w.min(initial=0.0):.4g} to {w.max(initial=0.0):.4g}{', signed' if net.is_signed else ''}",
        "storage": "sparse" if net.is_sparse else "dense",
        "positions": f"{net.positions.shape[1]} coordinates" if net.positions is not None else None,
        "modules": f"{len(np.unique(net.modules))}" if net.modules is not None else None,
        "inputs": f"{net.inputs.shape[0]}" if net.inputs is not None else None,
        "outputs": f"{net.outputs.shape[1]}" if net.outputs is not None else None,
        "labels": ", ".join(map(str, net.labels[:4])) + " …" * (net.n_nodes > 4) if net.labels is not None else None,
        "history": "; ".join(net.history) or None,
    }
    lines |= {k: str(v) for k, v in net.metadata.items() if isinstance(v, (str, int, float)) and k not in lines}
    return _aligned(net.name or "unnamed", lines)


def _aligned(title: str, lines: dict[str, Any]) -> str:
    """A title and below it what is known, one thing a line."""
    width = max(map(len, lines))
    return "\n".join([title] + [f"  {k:<{width}}  {v}" for k, v in lines.items() if v is not None])


def _span(values: Any) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"


if __name__ == "__main__":
    main()
