"""A file is written whole or not at all."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["written_together", "written_whole"]


_HERE = f".netanalysis-{zlib.crc32(platform.node().encode()):08x}-"  # parts of files that this machine writes


def _clear(folder: Path) -> None:
    """Remove the parts of files whose writer was killed: no such process is there any more."""
    if os.name != "posix":
        return
    for part in folder.glob(f"{_HERE}*"):
        pid = part.name.removeprefix(_HERE).partition("-")[0]
        try:
            if pid.isdigit():
                os.kill(int(pid), 0)
        except ProcessLookupError:
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)
        except (PermissionError, OverflowError):
            continue


@contextmanager
def written_together(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder to write to, whose files move to `folder` at the end of the ``with`` block; after an error none does."""
    folder = Path(folder)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{_HERE}{os.getpid()}-{uuid.uuid4().hex}"
    _clear(folder)
    part.mkdir()
    try:
        yield part
        for path in sorted(part.iterdir()):
            target = Path(os.path.realpath(folder / path.name))
            if target.exists():
                path.chmod(stat.S_IMODE(target.stat().st_mode))
            shutil.move(path, target)  # a link may lead to another disk
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A path to write to, which becomes `path` in one step at the end of the ``with`` block.

    After an error, or a Ctrl-C, nothing of it is left and an older file is as it was; so are its permissions once it is
    replaced, and a link still leads to the same place. A pipe or a device cannot be replaced: it is written directly.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "numbers.txt"
    >>> with written_whole(path) as part:
    ...     _ = part.write_text("1 2 3")
    >>> path.read_text()
    '1 2 3'
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder, not a file")
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} may not be written")
    if path.exists() and not path.is_file():
        yield path
        return
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}")
    _clear(target.parent)
    part = target.with_name(f"{_HERE}{os.getpid()}-{uuid.uuid4().hex}{path.suffix}")  # writers go by the suffix
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())  # else the new name may reach the disk before what it names
        if target.exists():
            part.chmod(stat.S_IMODE(target.stat().st_mode))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
