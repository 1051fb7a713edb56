"""What a table was made from: the calls that led to it, their arguments, files by sha256, seeds and versions.

A function marked :func:`recorded` leaves a :class:`Step` on what it returns, and on a DataFrame the steps as one text
of JSON, in ``attrs["netanalysis"]``. A text, since pandas copies attrs at every turn, and files keep what is text.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, partial, wraps
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from scipy import sparse

from netanalysis._core.files import written_whole
from netanalysis._core.text import cells

__all__ = [
    "KEY",
    "SIDECAR",
    "Step",
    "derived",
    "fingerprint",
    "noted",
    "of_columns",
    "opened",
    "print_of",
    "record_of",
    "recorded",
    "sha256",
    "told",
    "versions",
    "write_table",
]

KEY = "netanalysis"  # of DataFrame.attrs
SIDECAR = ".provenance.json"  # behind the name of a table's file
SOFTWARE = ("numpy", "scipy", "numba")
_HOW = ("n_jobs", "progress", "checkpoint", "isolated")  # they do not change what comes out
_SMALL = 2_000  # entries of a list of labels, groups or scores that is kept whole

F = TypeVar("F", bound=Callable[..., Any])
_step: ContextVar[Step | None] = ContextVar("_step", default=None)


@dataclass(frozen=True, eq=False)
class Step:
    """A call: of a public function by its name, or of a method (".table", "[]") of what another step gave."""

    call: str
    arguments: dict[str, Any]
    of: Step | None = None


def recorded(function: F | None = None, *, files: tuple[str, ...] = (), cheap: bool = False) -> Any:
    """Mark a function whose results, or the tables of its results, can be repeated.

    `files` are arguments in which text is the path of a file. Of a `cheap` function, one that others call all the time,
    only what it does to a network that has a record itself is written down.
    """
    if function is None:
        return partial(recorded, files=files, cheap=cheap)
    signature = inspect.signature(function)
    name = _public_name(function)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if _step.get() is not None or (cheap and (not args or getattr(args[0], "_record", None) is None)):
            return function(*args, **kwargs)
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)  # which says it better
        arguments = given.arguments
        if "rng" in signature.parameters and arguments.get("rng") is None and arguments.get("checkpoint") is None:
            arguments["rng"] = np.random.default_rng()  # so that what nobody seeded can be repeated, too
        kept = {}
        for key, value in arguments.items():
            if key not in _HOW:
                kept[key], arguments[key] = _watched(value, key in files)
        step = Step(name, kept)
        token = _step.set(step)
        try:
            got = function(*given.args, **given.kwargs)
        finally:
            _step.reset(token)
        return _attach(got, step)

    call._recorded = name  # type: ignore[attr-defined]
    return call


def _public_name(function: Any) -> str:
    space = function.__module__.split(".")[1]
    return f"{space}.{function.__name__}" if space in ("transform", "datasets") else str(function.__name__)


def told(call: str, **arguments: Any) -> None:
    """Replace arguments of this call, if it is in progress, by what they turned out to be: the seed of a checkpoint."""
    step = _step.get()
    if step is not None and step.call == call:
        step.arguments.update({key: noted(value) for key, value in arguments.items()})


def opened(made: Any, call: str, **arguments: Any) -> None:
    """The first step of an object that its class makes from a file."""
    if _step.get() is None:
        _attach(made, Step(call, {key: noted(value) for key, value in arguments.items()}))


def derived(made: Any, parent: Any, call: str, arguments: Mapping[str, Any]) -> Any:
    """What a method gave, with its step, if its object has one and the arguments can be written down."""
    before = getattr(parent, "_record", None)
    if before is None or _step.get() is not None:
        return made
    kept = {key: noted(value) for key, value in arguments.items()}
    return made if any(map(_is_given, kept.values())) else _attach(made, Step(call, kept, before))


def _is_given(value: Any) -> bool:
    return isinstance(value, dict) and "given" in value


def _attach(made: Any, step: Step) -> Any:
    if _is_frame(made):
        made.attrs[KEY] = written(step, made)
    elif is_dataclass(made) and not isinstance(made, type):
        object.__setattr__(made, "_record", step)
        for field in fields(made):
            value = vars(made).get(field.name)
            if _is_frame(value):
                _attach(value, Step(f".{field.name}", {}, step))
    elif hasattr(made, "__dict__") and type(made).__module__.startswith("netanalysis."):
        made._record = step
    return made


def _is_frame(value: Any) -> bool:
    return type(value).__name__ == "DataFrame" and type(value).__module__.startswith("pandas")


def written(step: Step, table: Any) -> str:
    """The steps up to this one as JSON, each once and after those it needs."""
    order: dict[int, int] = {}
    steps: list[dict[str, Any]] = []

    def place(step: Step) -> int:
        if id(step) not in order:
            entry: dict[str, Any] = {"call": step.call}
            if step.of is not None:
                entry["of"] = place(step.of)
            entry["arguments"] = {key: plain(value) for key, value in step.arguments.items()}
            order[id(step)] = len(steps)
            steps.append(entry)
        return order[id(step)]

    def plain(value: Any) -> Any:
        if isinstance(value, Step):
            return {"step": place(value)}
        if isinstance(value, list):
            return [plain(entry) for entry in value]
        if isinstance(value, dict):
            return {key: plain(entry) for key, entry in value.items()}
        return value

    place(step)
    return json.dumps({"versions": versions(), "steps": steps, "fingerprint": of_columns(table)}, ensure_ascii=False)


@cache
def versions() -> dict[str, str]:
    """What computed: this package, the libraries under it, the interpreter and the kind of machine."""
    from importlib.metadata import PackageNotFoundError, version

    own = getattr(sys.modules["netanalysis"], "__version__", "")
    found = {"netanalysis": str(own)}
    for name in SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | {"python": platform.python_version(), "machine": platform.machine()}


def record_of(table: Any) -> dict[str, Any]:
    """What a table says of itself, and if it is a part of what was made, which part."""
    record = dict(json.loads(table.attrs[KEY]))
    return record if record["fingerprint"] == of_columns(table) else record | {"rows": table.index.tolist()}


def write_table(table: Any, path: str | os.PathLike[str], record: Mapping[str, Any]) -> None:
    """A table as .csv, and beside it what it was made from."""
    path = Path(path)
    with written_whole(path) as part:
        cells(table).to_csv(part, index=False)
    if path.is_file():  # no pipe
        write_record(path, record)


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """What the table in a file was made from, beside it."""
    with written_whole(path.with_name(path.name + SIDECAR)) as part:
        said = json.dumps({**record, "sha256": sha256(path)}, ensure_ascii=False, indent=1)
        part.write_text(said + "\n", encoding="utf-8")


def _watched(value: Any, is_file: bool) -> tuple[Any, Any]:
    """A note of an argument, and the argument: of what can be read once only, one that is noted while it is read."""
    if isinstance(value, Iterator) or (is_file and _is_stream(value)):
        notes: list[Any] = []
        return notes, (_Sized if isinstance(value, Sized) else _Stream)(value, notes, is_file)
    return noted(value, is_file=is_file), value


def _is_stream(value: Any) -> bool:
    known = (str, bytes, os.PathLike, list, tuple, Mapping, np.ndarray)
    known_by = any(hasattr(value, name) for name in ("_record", "history", "columns", "shape", "path", "adj"))
    return isinstance(value, Iterable) and not isinstance(value, known) and not known_by


class _Stream:
    """Notes each entry as it is taken."""

    def __init__(self, entries: Any, notes: list[Any], is_file: bool) -> None:
        self.entries, self.notes, self.is_file = entries, notes, is_file

    def __iter__(self) -> Iterator[Any]:
        self.notes.clear()
        entries = iter(self.entries)
        while True:
            outside = _step.set(None)  # what makes the next entry is no part of the call that takes it
            try:
                entry = next(entries)
            except StopIteration:
                return
            finally:
                _step.reset(outside)
            self.notes.append(noted(entry, is_file=self.is_file))
            yield entry


class _Sized(_Stream):
    def __len__(self) -> int:
        return len(self.entries)


def noted(value: Any, *, is_file: bool = False) -> Any:
    """An argument as JSON says it, steps aside; arrays by their fingerprint, unless they are short lists."""
    if isinstance(getattr(value, "_record", None), Step):
        return value._record
    if isinstance(value, os.PathLike) or (is_file and isinstance(value, str)):
        return _of_file(value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float, np.generic)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, tuple):
        return {"tuple": [noted(entry, is_file=is_file) for entry in value]}
    if isinstance(value, list):
        return [noted(entry, is_file=is_file) for entry in value]
    if isinstance(value, Mapping):
        return {"mapping": [[key, noted(entry, is_file=is_file)] for key, entry in value.items()]}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if isinstance(value, np.random.SeedSequence):
        return {"seed": _of_seed(value)}
    if isinstance(value, np.random.Generator) and isinstance(value.bit_generator.seed_seq, np.random.SeedSequence):
        bits = value.bit_generator
        return {"generator": type(bits).__name__, "seed": _of_seed(bits.seed_seq), "state": _of_state(bits.state)}
    if _is_frame(value) and KEY in value.attrs and value.index.is_unique:
        record = json.loads(value.attrs[KEY])
        rows = None if record.get("fingerprint") == of_columns(value) else value.index.tolist()
        return {"table": record, "rows": rows, "columns": list(map(str, value.columns)), **_of_given(value)}
    if isinstance(value, partial):
        return {"partial": noted(value.func), "args": noted(list(value.args)), "options": noted(value.keywords)}
    if callable(value) and not hasattr(value, "shape"):
        return _of_callable(value)
    flat = len(getattr(value, "shape", ())) == 1 and not sparse.issparse(value)
    array = np.asarray(value) if flat else None
    if array is not None and array.size <= _SMALL and array.dtype.kind in "biufUO":
        entries = [noted(entry) for entry in array.tolist()]
        name = str(getattr(value, "name", None) or "")  # of a Series
        return {"array": entries, "dtype": "" if array.dtype.kind in "UO" else array.dtype.str, "name": name}
    return _of_given(value)


def _of_callable(value: Any) -> dict[str, Any]:
    module, name = getattr(value, "__module__", "") or "", getattr(value, "__name__", "")
    package = sys.modules["netanalysis"]
    for prefix, space in (("", package), *((f"{s}.", getattr(package, s)) for s in ("nulls", "maps", "transform"))):
        if module.startswith("netanalysis.") and name in space.__all__ and getattr(space, name) is value:
            return {"function": prefix + name}
    for column, measure in package.MEASURES.items():
        if measure is value:
            return {"measure": column}
    return {"own": name or type(value).__name__}


def _of_seed(seed: Any) -> dict[str, Any]:
    state = seed.state
    entropy = state["entropy"]
    entropy = entropy if isinstance(entropy, int) else np.asarray(entropy).tolist()
    keys = {"spawn_key": [int(key) for key in state["spawn_key"]], "pool_size": int(state["pool_size"])}
    return {"entropy": entropy, **keys, "n_children_spawned": int(state["n_children_spawned"])}


def _of_state(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {key: _of_state(value) for key, value in state.items()}
    return state.tolist() if isinstance(state, (np.ndarray, np.generic)) else state


def _of_file(path: Any) -> dict[str, Any]:
    """A file by its sha256, a folder by those of what is in it; what cannot be read will say so itself."""
    at = Path(os.fsdecode(path))
    folder = str(Path.cwd())
    try:
        if at.is_dir():
            inside = {p.name: sha256(p) for p in sorted(at.iterdir()) if p.is_file() and not p.name.startswith(".")}
            return {"folder": str(at), "from": folder, "files": inside}
        return {"file": str(at), "from": folder, "sha256": sha256(at) if at.is_file() else None}
    except OSError:
        return {"file": str(at), "from": folder, "sha256": None}


def sha256(path: Path) -> str:
    """Of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_given(value: Any) -> dict[str, Any]:
    """What can only be handed over again: its kind and its fingerprint."""
    shape = getattr(value, "shape", None)
    kind = type(value).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")
    return {"given": kind, "fingerprint": print_of(value)}


def print_of(value: Any) -> str | None:
    """The fingerprint of a network, recording, array, sparse matrix or table; None of anything else."""
    if _is_frame(value):
        return of_columns(value)
    if isinstance(value, (list, tuple)):
        try:
            value = np.asarray(value)
        except ValueError:
            return None
    if hasattr(value, "weights") and hasattr(value, "given_distances"):
        names = ("positions", "given_distances", "inputs", "outputs", "modules", "labels")
        return fingerprint(value.weights, *(getattr(value, name) for name in names))
    if hasattr(value, "activity") and hasattr(value, "conditions"):
        return fingerprint(value.activity, value.time, of_columns(value.conditions))
    if sparse.issparse(value) or hasattr(value, "shape"):
        try:
            return fingerprint(value if sparse.issparse(value) else np.asarray(value))
        except (TypeError, ValueError):
            return None
    if hasattr(value, "adj"):
        return fingerprint(json.dumps([repr(value.nodes(data=True)), repr(value.edges(data=True))]))
    return None


def fingerprint(*parts: Any) -> str:
    """Hash of arrays, sparse matrices and texts; None among them counts."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        kept = sparse.csr_array(part) if sparse.issparse(part) else None  # any format of the same network says the same
        for array in (part,) if kept is None else (kept.data, kept.indices, kept.indptr):
            digest.update(b"-" if array is None else f"{np.shape(array)}{np.asarray(array).dtype}".encode())
            if array is not None:
                held = np.asarray(array)
                words = held.dtype == object  # of which numpy would give the addresses
                digest.update(repr(held.tolist()).encode() if words else np.ascontiguousarray(held).tobytes())
    return digest.hexdigest()


def of_columns(table: Any) -> str:
    """Hash of the cells of a table, with the names of its columns and rows."""
    digest = hashlib.blake2b(digest_size=16)
    for name, column in [("", table.index), *table.items()]:
        kind = getattr(column.dtype, "kind", "O")
        values = column.to_numpy() if kind in "biufc" else None
        digest.update(f"{name}{'' if values is None else values.dtype.str}".encode())
        said = values.tobytes() if values is not None else "\0".join(map(_cell, column)).encode()
        digest.update(said)
    return digest.hexdigest()


def _cell(value: Any) -> str:
    missing = value is None or (isinstance(value, float) and np.isnan(value)) or type(value).__name__ == "NAType"
    return "" if missing else f"{type(value).__name__}{value!r}"
