"""Reading in a process of its own, for files from outside: what crashes or hangs there harms nothing here.

The libraries that read HDF5 are large and in C; damaged files make them crash or never end, and no check of ours comes
before their own parsing. The process is a fresh Python, which takes about a second to start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from scipy import sparse

from netanalysis._core import memory
from netanalysis.connectome import Connectome
from netanalysis.io._entries import FileError

__all__ = ["FORMATS", "by_default", "is_default", "load", "work"]

FORMATS = (".mat", ".h5", ".hdf5", ".h5ad", ".keras")  # by default on the command line
SECONDS = float(os.environ.get("NETANALYSIS_SECONDS", "120"))
_ERRORS = (FileError, MemoryError, ImportError, FileNotFoundError, PermissionError, OSError, TypeError, ValueError)
_MAIN = "from netanalysis.io._isolated import work; work()"

_default: ContextVar[bool] = ContextVar("_isolated_by_default", default=False)


@contextmanager
def by_default() -> Iterator[None]:
    """Within it, :data:`FORMATS` are read in a process of their own unless load() is told otherwise."""
    token = _default.set(True)
    try:
        yield
    finally:
        _default.reset(token)


def is_default(suffix: str) -> bool:
    """Whether files of this kind are read so here."""
    return _default.get() and suffix in FORMATS


def load(
    path: Path, key: str | None, orientation: str | None, *, undirected: bool, missing: float | None = None
) -> Any:
    """:func:`netanalysis.load` in another process; its errors and warnings are those of that one."""
    how = {"key": key, "orientation": orientation, "undirected": undirected, "missing": missing}
    asked = json.dumps({"path": str(path), **how})
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(part or str(Path.cwd()) for part in sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", _MAIN],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            answer, said = process.communicate(asked.encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise FileError(
                f"{path} could not be read within {SECONDS:g} s: it is damaged, made to never end, or large. For a "
                "file that you trust, set the environment variable NETANALYSIS_SECONDS, or pass isolated=False"
            ) from None
        finally:
            process.kill()
    if process.returncode != 0 or not answer:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        raise FileError(
            f"{path}: reading it ended the process that did ({_how(process.returncode, lines)}): it is damaged or made "
            "to do so. Write it anew where it was made"
        )
    try:
        found, raised, warned = _answered(answer)
    except Exception:  # whatever a process says that was taken over
        raise FileError(f"{path}: reading it ended in an answer that is none: the file is made to do so") from None
    for text in warned:
        warnings.warn(text, stacklevel=4)
    if raised is not None:
        name, message = raised
        raise next((kind for kind in _ERRORS if kind.__name__ == name), FileError)(message)
    return None if found is None else Connectome(**found)


def _write(answer: Any, stream: BinaryIO) -> None:
    """An answer as .npz: arrays apart, the rest as JSON. A process that a file took over can send nothing else."""
    arrays: dict[str, Any] = {}

    def plain(value: Any) -> Any:
        if sparse.issparse(value):
            return {"sparse": [plain(value.data), plain(value.indices), plain(value.indptr), list(value.shape)]}
        if isinstance(value, np.ndarray) and value.dtype != object:
            arrays[name := f"array_{len(arrays)}"] = value
            return {"array": name}
        if isinstance(value, np.ndarray):
            return {"texts": value.tolist()}
        if isinstance(value, Mapping):
            return {"mapping": [[key, plain(entry)] for key, entry in value.items()]}
        if isinstance(value, tuple | list):
            return {type(value).__name__: [plain(entry) for entry in value]}
        return value.item() if isinstance(value, np.generic) else value

    text = json.dumps(plain(answer)).encode()
    np.savez(stream, allow_pickle=False, answer=np.frombuffer(text, np.uint8), **arrays)


def _answered(answer: bytes) -> Any:
    with np.load(BytesIO(answer), allow_pickle=False) as arrays:

        def read(value: Any) -> Any:
            if not isinstance(value, dict):
                return value
            ((kind, held),) = value.items()
            if kind == "array":
                return arrays[held]
            if kind == "texts":
                return np.array(held, dtype=object)
            if kind == "mapping":
                return {key: read(entry) for key, entry in held}
            if kind == "sparse":
                return sparse.csr_array(tuple(map(read, held[:3])), shape=held[3])
            return (tuple if kind == "tuple" else list)(map(read, held))

        return read(json.loads(arrays["answer"].tobytes()))


def _fields(net: Connectome) -> dict[str, Any]:
    """What a Connectome is made of anew from, and so checked again."""
    fields = {key: getattr(net, key) for key in net.__dataclass_fields__}
    return fields | {"distances": fields.pop("given_distances")}


def _how(code: int, lines: list[str]) -> str:
    if code < 0:
        return signal.Signals(-code).name
    return lines[-1][:200] if lines else f"exit status {code}"


def work() -> None:
    """What the other process does: reads a request, answers with a network or an error."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries that print do not print into the answer
    from netanalysis import io

    asked = json.loads(sys.stdin.buffer.read())
    _limit_memory()
    found, raised = None, None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", UserWarning)
        try:
            found = _fields(io.load(**asked, isolated=False))
        except _ERRORS as error:
            kind = next(kind for kind in _ERRORS if isinstance(error, kind))
            raised = (kind.__name__, str(error) or f"{asked['path']}: not enough memory to read it")
    texts = [str(warning.message) for warning in warned if issubclass(warning.category, UserWarning)]
    with answer:
        _write((found, raised, texts), answer)


def _limit_memory() -> None:
    """No more than reading the largest array takes, where the system knows such a limit."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + 3 * memory.LIMIT_BYTES
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
    except (ImportError, OSError, ValueError):
        return
