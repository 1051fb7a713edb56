"""The calls behind a table, made again from what was written down about them; none but public ones are made."""

from __future__ import annotations

import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis._core import records
from netanalysis.table.measures import MEASURES

# Functions that write, or make others run; a note from elsewhere must not call them.
_NEVER = {"save", "report", "rerun"}


class Replay:
    """Makes the calls of one record again.

    `given` are the objects that were handed over, `functions` those of the user's own by their names, `folders` where
    to look for files, `n_jobs` how many workers calls get that take some.
    """

    def __init__(
        self, given: Any, functions: Mapping[str, Callable[..., Any]], folders: list[Path], n_jobs: int | None
    ) -> None:
        self.given: dict[str, deque[Any]] = defaultdict(deque)
        for value in _each(given):
            if (key := records.print_of(value)) is not None:
                self.given[key].append(value)
        self.functions, self.folders, self.n_jobs = functions, folders, n_jobs

    def table(self, record: Mapping[str, Any]) -> Any:
        """What the last step gives."""
        made: list[Any] = []
        for step in record["steps"]:
            arguments = {key: self.value(value, made, key) for key, value in step["arguments"].items()}
            made.append(self._call(step["call"], arguments, made[step["of"]] if "of" in step else None))
        return made[-1]

    def _call(self, call: str, arguments: dict[str, Any], of: Any) -> Any:
        if of is None:
            wanted = arguments.pop("sha256", None)
            function = self._function(call)
            if not hasattr(function, "_recorded") and call != "datasets.TrainedNetworks":
                raise ValueError(f"the record calls {call}, which makes no table")
            if self.n_jobs is not None and "n_jobs" in _parameters(function):
                arguments["n_jobs"] = self.n_jobs
            if "progress" in _parameters(function):
                arguments["progress"] = False
            made = _called(function, arguments)
            _same_data(made, wanted, arguments)
            return made
        if call == "[]":
            return of[arguments["index"]]
        name = call.removeprefix(".")
        if name.startswith("_") or not type(of).__module__.startswith("netanalysis."):
            raise ValueError(f"the record calls {name!r} of a {type(of).__name__}, which it may not")
        if name == "replace" and "added" in arguments:
            arguments["metadata"] = {**of.metadata, **arguments.pop("added")}
        attribute = getattr(of, name)
        return attribute(**arguments) if callable(attribute) else attribute

    def _function(self, name: str) -> Any:
        """A public function by its name."""
        space, _, leaf = name.rpartition(".")
        package = sys.modules["netanalysis"]
        if space not in ("", "transform", "nulls", "maps", "datasets") or name in _NEVER:
            raise ValueError(f"the record names {name!r}, which is no function that it may call")
        holder = getattr(package, space) if space else package
        if leaf not in holder.__all__:
            raise ValueError(f"this version of netanalysis has no function {name}")
        return getattr(holder, leaf)

    def value(self, note: Any, made: list[Any], name: str) -> Any:
        """An argument, from what was written down about it."""
        if isinstance(note, list):
            return [self.value(entry, made, name) for entry in note]
        if not isinstance(note, dict):
            return note
        kind = next(iter(note))
        if kind == "step":
            return made[note["step"]]
        if kind == "tuple":
            return tuple(self.value(note["tuple"], made, name))
        if kind == "mapping":
            return {key: self.value(entry, made, name) for key, entry in note["mapping"]}
        if kind == "slice":
            return slice(*note["slice"])
        if kind == "seed":
            return _seed(note["seed"])
        if kind == "generator":
            return _generator(note)
        if kind == "array":
            return _array(note)
        if kind == "file":
            return found(note, self.folders)
        if kind == "folder":
            return found_folder(note, self.folders)
        if kind == "function":
            return self._function(note["function"])
        if kind == "measure":
            return MEASURES[note["measure"]]
        if kind == "partial":
            args, options = self.value(note["args"], made, name), self.value(note["options"], made, name)
            return partial(self.value(note["partial"], made, name), *args, **options)
        if kind == "own":
            return self._own(note["own"], name)
        if kind == "table":
            return self._table(note, name)
        return self._given(note, name)

    def _own(self, called: str, name: str) -> Any:
        if called not in self.functions:
            raise ValueError(
                f"{name} was a function of your own, {called}, of which only the name is known: hand it over, as "
                f'na.rerun(table, functions={{"{called}": {called if called.isidentifier() else "function"}}})'
            )
        return self.functions[called]

    def _table(self, note: dict[str, Any], name: str) -> Any:
        """A table that another record makes: the rows and columns of it that were used, if they come out the same."""
        if note["fingerprint"] in self.given:
            return self._next(note["fingerprint"])
        table = self.table(note["table"])
        if note["rows"] is not None:
            rows, columns = set(note["rows"]), set(note["columns"])
            if not rows <= set(table.index) or not columns <= set(table.columns):
                raise ValueError(
                    f"{name} was a table to which rows or columns had been added; hand it over: "
                    "na.rerun(table, networks=[…])"
                )
            table = table.loc[note["rows"], note["columns"]]
        if records.of_columns(table) != note["fingerprint"]:
            raise ValueError(
                f"{name} was a table that does not come out the same, or was edited after it was made: na.rerun says "
                "of it what differs; or hand it over: na.rerun(table, networks=[…])"
            )
        return table

    def _next(self, key: str) -> Any:
        """What was handed over with this fingerprint; of several that differ in name alone, one after the other."""
        self.given[key].rotate(-1)
        return self.given[key][-1]

    def _given(self, note: dict[str, Any], name: str) -> Any:
        key = note.get("fingerprint")
        if key is not None and key in self.given:
            return self._next(key)
        others = f"; of the {len(self.given)} that were handed over none is the same" if self.given else ""
        raise ValueError(
            f"{name} was a {note['given']} in memory, of which only a fingerprint is kept ({key}){others}. Hand it "
            f"over again: na.rerun(table, networks={name})"
        )


def _each(given: Any) -> Iterable[Any]:
    """What was handed over, and what is in it."""
    if given is None:
        return
    yield given
    if isinstance(given, Mapping):
        for value in given.values():
            yield from _each(value)
    elif isinstance(given, (list, tuple)) or getattr(given, "ndim", 0) == 3:
        for value in given:
            yield from _each(value)


def _parameters(function: Any) -> Mapping[str, Any]:
    from inspect import signature

    return signature(function).parameters


def _called(function: Any, arguments: dict[str, Any]) -> Any:
    """A call by names, and by place where names may not be used."""
    args: list[Any] = []
    for name, parameter in _parameters(function).items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args += arguments.pop(name, ())
        elif parameter.kind is parameter.VAR_KEYWORD:
            arguments |= arguments.pop(name, {})
    return function(*args, **arguments)


def _same_data(made: Any, wanted: str | None, arguments: Mapping[str, Any]) -> None:
    holder = getattr(made, "credit", None) or getattr(made, "metadata", {})
    if wanted is not None and holder.get("sha256") not in (None, wanted):
        raise ValueError(
            f"the data set {arguments.get('name')} is another one in this version: its sha256 is {holder['sha256']}, "
            f"the table was made from {wanted}"
        )


def found(note: Mapping[str, Any], folders: list[Path]) -> str:
    """Where the file of a record is now: as it was called, where it was, or in `folders`."""
    given, wanted = Path(note["file"]), note["sha256"]
    places = _places(given, note["from"], folders)
    changed = []
    for place in places:
        if place.is_file():
            got = records.sha256(place)
            if got == wanted:
                return str(place)
            changed.append(f"{place} (sha256 {got})")
    looked = ", ".join(map(str, places))
    if wanted is None:
        raise FileNotFoundError(f"{given} could not be read when the table was made; looked for at {looked}")
    if changed:
        raise ValueError(
            f"{given.name} has changed: the table was made from a file with sha256 {wanted}, and there is "
            f"{', '.join(changed)}. Looked for at {looked}; folder= names another place"
        )
    raise FileNotFoundError(
        f"there is no {given.name}, from which the table was made (sha256 {wanted}). Looked for at {looked}; folder= "
        "names another place"
    )


def found_folder(note: Mapping[str, Any], folders: list[Path]) -> str:
    """Where the folder of a record is now, with the same files in it."""
    places = _places(Path(note["folder"]), note["from"], folders)
    place = next((place for place in places if place.is_dir()), None)
    if place is None:
        raise FileNotFoundError(
            f"there is no folder {note['folder']}, from which the table was made. Looked for at "
            f"{', '.join(map(str, places))}; folder= names another place"
        )
    now = {p.name for p in place.iterdir() if p.is_file() and not p.name.startswith(".")}
    if more := sorted(now - set(note["files"])):
        raise ValueError(f"{place} holds files that it did not hold when the table was made: {', '.join(more)}")
    for name, wanted in note["files"].items():
        found({"file": name, "from": str(place), "sha256": wanted}, [])
    return str(place)


def _places(path: Path, before: str, folders: list[Path]) -> list[Path]:
    places = [Path.cwd() / path, Path(before) / path]
    places += [place for folder in folders for place in (folder / path, folder / path.name)]
    return list(dict.fromkeys(place.resolve() for place in places))


def _seed(note: Mapping[str, Any]) -> np.random.SeedSequence:
    return np.random.SeedSequence(
        note["entropy"],
        spawn_key=tuple(note["spawn_key"]),
        pool_size=note["pool_size"],
        n_children_spawned=note["n_children_spawned"],
    )


def _generator(note: Mapping[str, Any]) -> np.random.Generator:
    kinds = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    if note["generator"] not in kinds:
        raise ValueError(f"a generator must be one of numpy's {', '.join(kinds)}; got {note['generator']}")
    bits = getattr(np.random, note["generator"])(_seed(note["seed"]))
    bits.state = _state(note["state"])
    return np.random.Generator(bits)


def _state(note: Any) -> Any:
    if isinstance(note, dict):
        return {key: _state(value) for key, value in note.items()}
    return np.array(note, dtype=np.uint64) if isinstance(note, list) else note


def _array(note: Mapping[str, Any]) -> Any:
    values = np.array(note["array"], dtype=note["dtype"]) if note["dtype"] else np.array(note["array"])
    if not note["name"]:
        return values
    import pandas as pd

    return pd.Series(values, name=note["name"])
