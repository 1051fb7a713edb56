"""What the commands share: how options are written, and how an error is said."""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from netanalysis.cli import _transforms
from netanalysis.cli._files import Files, is_table
from netanalysis.cli._records import words
from netanalysis.cli._show import in_options
from netanalysis.io import _isolated
from netanalysis.table._collection import Reading, in_folder

_FORESEEN = (ValueError, TypeError, OSError, MemoryError, ImportError, ArithmeticError, RuntimeError)

F = TypeVar("F", bound=Callable[..., Any])


class Group(click.Group):
    """Turns errors of the library into one clean line; --traceback shows where they come from."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.obj = list(args)  # what tables say that they were made by
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            apart = nullcontext() if ctx.params.get("trusted") else _isolated.by_default()
            with apart, warnings.catch_warnings():
                warnings.simplefilter("always", UserWarning)
                warnings.showwarning = _sayer()  # type: ignore[assignment]
                return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            _stop_workers()
            raise
        except Exception as error:
            if ctx.params.get("traceback"):
                raise
            said = in_options(str(error))
            if not said or not isinstance(error, _FORESEEN):  # of a library, such as a backend of joblib
                said = f"{type(error).__name__}: {said}. `netanalysis --traceback` before the command shows where"
            raise click.ClickException(": ".join([*reversed(getattr(error, "__notes__", [])), said])) from error


def _stop_workers() -> None:
    """End joblib's processes, which would otherwise warn of what they leave behind."""
    if loky := sys.modules.get("joblib.externals.loky.reusable_executor"):
        executor = getattr(loky, "_executor", None)
        if executor is not None:
            executor.shutdown(wait=True, kill_workers=True)


def _sayer() -> Callable[..., None]:
    """What prints each warning of a command once: several measures and figures may have the same to say."""
    known: set[str] = set()

    def say(message: Warning | str, *_: Any) -> None:
        if (said := in_options(str(message))) not in known:
            known.add(said)
            click.echo(f"Warning: {said}", err=True)

    return say


class ManyValues(click.Command):
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


def several(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Several click options as one decorator."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def default_of(function: Callable[..., Any], argument: str) -> Any:
    """What an argument of the library is by default, so that no help text can say otherwise."""
    return inspect.signature(function).parameters[argument].default


def written(*names: str, help: str) -> Callable[[F], F]:
    """A file to write, which must be none of those that are read."""
    return click.option(*names, type=click.Path(dir_okay=False), help=help, callback=_not_read)


def _not_read(ctx: click.Context, _: click.Parameter, path: str | None) -> str | None:
    """Refuse a file that another argument names, or that a folder of networks holds and is no table of ours."""
    if path is not None and Path(path).is_file():
        named = sum(_names(arg, Path(path)) for arg in words(ctx))
        if named > 1:  # one is this option
            raise click.BadParameter(f"{path} is among the files that are read, and would be lost; write another one")
    return path


def _names(arg: str, path: Path) -> bool:
    """Whether an argument, such as --a=x.csv,y.csv or -ox.csv, holds the name of a file or of its folder."""
    for part in (arg, arg[2:], *re.split("[=,]", arg)):
        with suppress(OSError, ValueError):  # a name too long for a file, a folder of other things
            if Path(part).is_file() and path.samefile(part):
                return True
            if part and Path(part).is_dir() and any(map(path.samefile, in_folder(part))) and not is_table(str(path)):
                return True
    return False


def folder_of_none_read(ctx: click.Context, _: click.Parameter, folder: str) -> str:
    """Refuse a folder in which a file that another argument names has the name of one that is written."""
    from netanalysis.page.inputs import WRITTEN

    for path in (Path(folder, name) for name in WRITTEN):
        if path.is_file() and sum(_names(arg, path) for arg in words(ctx)) > _names(folder, path):
            raise click.BadParameter(f"{path} is among the files that are read, and would be lost; name another folder")
    return folder


to_table = written("-o", "--output", help="Write a .csv here instead of to the terminal.")


def reading(function: F) -> F:
    """Options on how to read the files; the command gets one argument `reading`, which reads them."""

    @wraps(function)
    def command(
        *args: Any,
        key: str | None,
        orientation: Any,
        undirected: bool,
        nodes: str | None,
        missing: float | None,
        shared_nodes: bool,
        strict: bool,
        transform: list[tuple[str, dict[str, Any]]],
        **options: Any,
    ) -> Any:
        how = Reading(orientation=orientation, key=key, undirected=undirected or None, nodes=nodes, missing=missing)
        return function(*args, reading=Files(how, strict, transform, shared_nodes), **options)

    return _reading(command)  # type: ignore[return-value]


_reading = several(
    click.option("--key", help="Which array of the files holds the weights, where several could."),
    click.option(
        "--orientation",
        type=click.Choice(["source_target", "target_source"]),
        help="What rows and columns are, where the format does not say: W[i, j] from i to j, or to i from j (torch).",
    ),
    click.option(
        "--undirected", is_flag=True, help="The files hold each connection once and mean both directions of it."
    ),
    click.option("--nodes", metavar="TABLE", help="Classes, positions and more of the nodes, joined by their ids."),
    click.option(
        "--missing",
        type=float,
        metavar="NUMBER",
        help="What stands for missing values: NaN, empty cells, infinite values on the diagonal. 0 for no connection.",
    ),
    click.option(
        "--shared-nodes",
        is_flag=True,
        help="Leave out nodes that one of the networks lacks, or has no value of, of all of them.",
    ),
    click.option(
        "--transform",
        multiple=True,
        metavar="NAME[:OPTION=VALUE]",
        callback=_transforms.parsed,
        help="What is done to every network first, in the order given: symmetrize:how=mean, remove_self_connections, "
        "threshold:density=0.1, absolute, normalize:by=max, … as in netanalysis.transform.",
    ),
    click.option("--strict", is_flag=True, help="Stop at the first network that cannot be read or measured."),
)


def sampling(function: Callable[..., Any], n_nulls: str) -> Callable[[F], F]:
    """Options of what is random and of how it is run, with the defaults of a function of the library."""
    return several(
        click.option(
            "--n-nulls",
            type=click.IntRange(1),
            default=default_of(function, "n_nulls"),
            show_default=True,
            help=n_nulls,
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of everything random."),
        click.option("--jobs", type=_jobs, metavar="N", help="Parallel workers; -1 for one per core."),
        click.option("--quiet", is_flag=True, help="No progress bars."),
    )


def _jobs(text: str) -> int:
    jobs = int(text)
    if jobs == 0:
        raise ValueError
    return jobs


def choosing(default: str) -> Callable[[F], F]:
    return click.option(
        "--measures",
        metavar="NAMES",
        help=f"Comma-separated names; default: {default}. `netanalysis measures` lists them.",
    )


def of_people(required: bool) -> Callable[[F], F]:
    """Options on a table of people, one network for each."""
    return several(
        click.option(
            "--people",
            metavar="TABLE",
            help="A row per network (.csv, .tsv, …), with its name or that of its file; default: their metadata.",
        ),
        click.option("--by", required=required, metavar="COLUMN", help="Column of TABLE: groups, or a score."),
        click.option(
            "--contrast", metavar="A,B", help="Of more than two groups, those to compare, for A - B; else all by F."
        ),
        click.option("--covariates", metavar="COLUMNS", help="Columns of TABLE that are held constant (with commas)."),
        click.option("--person", metavar="COLUMN", help="Who a network is of, where people were scanned repeatedly."),
        click.option(
            "--whole",
            metavar="COLUMN",
            help="Who stay together when people are rearranged, such as families: those of one size change places as a "
            "whole.",
        ),
    )


def listed(text: str | None) -> list[str]:
    """Names with commas, one by one."""
    return [name for part in (text or "").split(",") if (name := part.strip())]
