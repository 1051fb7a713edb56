"""What the commands are given: files, bundled data sets and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

import netanalysis as na
from netanalysis.cli._show import in_options
from netanalysis.cli._transforms import applied
from netanalysis.connectome import Connectome
from netanalysis.datasets.trained import TrainedNetworks
from netanalysis.table._collection import Reading, in_folder, names_of_files
from netanalysis.transform import shared_nodes


def split(names: Iterable[str]) -> list[str]:
    """Names one by one, of lists with commas too; a file may have a comma in its name."""
    parts = ([name] if Path(name).exists() else name.split(",") for name in names)
    return [part.strip() for each in parts for part in each if part.strip()]


def _is_read(name: str) -> bool:
    """Whether it is a file to be read, and neither a bundled data set nor a table of measures."""
    name = name.partition("=")[2] or name
    return bool(Path(name).exists() or Path(name).suffix) and not is_table(name)


def is_table(name: str) -> bool:
    """Whether it is a table that `measure` wrote."""
    if Path(name).suffix != ".csv" or not Path(name).is_file():
        return False
    with Path(name).open(encoding="utf-8", errors="replace") as file:
        return file.readline().startswith("network,measure,value,")


@dataclass
class Files:
    """Reads what a command is given, one after the other; what cannot be read is named and left out unless `strict`."""

    reading: Reading
    strict: bool = False
    steps: Sequence[tuple[str, dict[str, Any]]] = ()
    shared: bool = False
    failed: list[str] = field(default_factory=list)
    apart: str | None = None  # a file in a folder of networks that is none

    def networks(self, files: Iterable[str]) -> Iterator[Connectome]:
        """Files and data sets one by one, and each snapshot of an ensemble; `shared`, of the nodes that all have."""
        if self.shared:
            whole = replace(self, shared=False, steps=())
            yield from (applied(net, self.steps) for net in shared_nodes(whole.networks(files)))
        else:
            yield from self._networks(files)

    def _networks(self, files: Iterable[str]) -> Iterator[Connectome]:
        before, found = len(self.failed), False
        for loaded in self.each(files):
            found = True
            yield from [loaded] if isinstance(loaded, Connectome) else loaded
        if not found and len(self.failed) > before:
            raise click.ClickException("no file could be read")

    def each(self, files: Iterable[str]) -> Iterator[Connectome | TrainedNetworks]:
        """Files and data sets one by one, and the files of folders."""
        every = [str(each) for name in files for each in in_folder(name)]
        apart = names_of_files(every)
        for file in every:
            if file == self.apart:
                continue
            try:
                net = self.load(file)
                if isinstance(net, Connectome) and net.name == Path(file).stem and file in apart:
                    net = net.replace(name=apart[file])
                yield net
            except (ValueError, TypeError, OSError, ImportError, MemoryError) as error:
                if self.strict:
                    raise
                self.failed.append(file)
                said = in_options(str(error))
                click.echo(f"{file}: not loaded: {said.removeprefix(f'{file}: ')}", err=True)

    def load(self, file: str) -> Connectome | TrainedNetworks:
        """A file, or a bundled data set by its name."""
        plain = self.reading.key in (None, "weights") and self.reading.orientation in (None, "source_target")
        if not Path(file).exists() and not Path(file).suffix:
            if file in na.MEASURES:
                raise click.UsageError(f"{file} is a measure, not a file: write measures with commas, density,{file}")
            net = na.datasets.load(file)
        elif plain and not self.reading.undirected and self.reading.nodes is None and TrainedNetworks.is_one(file):
            net = TrainedNetworks(file)
        else:
            net = self.reading.load(file)
        if isinstance(net, TrainedNetworks):
            if self.steps:
                raise ValueError(
                    f"{file} is an ensemble of trained networks, which --transform does not change: save the networks "
                    "that you want, na.save(transform(net), path) of each"
                )
            return net
        if not isinstance(net, Connectome):
            raise ValueError(f"{file} is a {type(net).__name__.lower()}, not a network")
        return applied(net if net.name else net.replace(name=Path(file).stem), self.steps)

    def heeded_by(self, *lists: Iterable[str]) -> None:
        """Refuse options on how to read files where there is none: they would be ignored."""
        options = {
            f"--{name}": getattr(self.reading, name)
            for name in ("key", "orientation", "undirected", "nodes", "missing")
        }
        given = [option for option, value in options.items() if value is not None and value is not False]
        if given and not any(_is_read(name) for names in lists for name in split(names)):
            raise click.UsageError(
                f"{' and '.join(given)} would be ignored: it says how to read files, and none is given"
            )

    def group(self, files: Sequence[str]) -> Any:
        """A table of `measure`, or networks."""
        files = split(files)
        return pd.read_csv(files[0]) if len(files) == 1 and is_table(files[0]) else list(self.networks(files))

    def groups(self, files: Sequence[str]) -> dict[str, Any]:
        """Ensembles by the names of their files, those of one name in different folders by their paths; NAME=A,B,C."""
        named = [file.partition("=") for file in files if "=" in file and not Path(file).exists()]
        files = split(file for file in files if "=" not in file or Path(file).exists())
        stems = [Path(file).stem for file in files]
        names = stems if len(set(stems)) == len(stems) else list(files)
        if len(set(names)) < len(names):
            raise click.BadParameter(f"{max(names, key=names.count)} is given twice", param_hint="--group")
        groups: dict[str, Any] = {}
        for name, file in zip(names, files, strict=True):
            for ensemble in self.each([file]):
                groups[name] = ensemble
        return groups | {name: list(self.networks(split([members]))) for name, _, members in named}

    def finish(self) -> None:
        """Exit with 1 if something could not be read."""
        if self.failed:
            raise SystemExit(1)
