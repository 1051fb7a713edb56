"""Archives: Keras 3 models, Stable-Baselines policies, connectivities of The Virtual Brain. Never code."""

from __future__ import annotations

import bz2
import io
import zipfile
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from netanalysis._core import memory
from netanalysis._core.text import text_array
from netanalysis.io import hdf5_files, torch_files
from netanalysis.io._entries import Entry, FileError, Loaded, check_bytes
from netanalysis.io._roles import select, with_roles

NEEDS = {"read_keras": "h5py", "read_zip": "torch, for policies"}
_TVB = {"weights": "weights", "centres": "positions", "centers": "positions", "tract_lengths": "distances"}
_PER_NODE = ("areas", "cortical", "hemisphere", "hemispheres", "average_orientations")


def read_keras(path: Path, key: str | None) -> Loaded:
    """Keras 3 models: the weights of the archive; its configuration, which may hold code, is not looked at."""
    with zipfile.ZipFile(path) as archive:
        name = "model.weights.h5"
        if name not in archive.namelist():
            raise FileError(f"{path} lacks {name!r}; in Keras, model.save_weights('model.weights.h5') writes it alone")
        content = _member(archive, name, path)
    return hdf5_files.read(path, key, content)


def read_zip(path: Path, key: str | None) -> Loaded:
    """The Virtual Brain (weights, centres, tract lengths) and Stable-Baselines (weights of the policy)."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
        if "policy.pth" in names:
            return torch_files.read(path, key, _member(archive, "policy.pth", path))
        members = {_stem(name): name for name in names}
        if "weights" in members:
            texts = {stem: _text(archive, members[stem], path) for stem in (*_TVB, *_PER_NODE) if stem in members}
            return _tvb(texts, key, path)
    shown = ", ".join(names[:20])
    raise FileError(
        f"{path} holds {shown or 'nothing'}; load() reads from a .zip the weights.txt of The Virtual Brain or the "
        "policy.pth of Stable-Baselines. Unpack it and load the member you mean"
    )


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """One member, whose size unpacked is known before."""
    check_bytes(archive.getinfo(name).file_size, f"{path}: {name!r}, unpacked,")
    with archive.open(name) as member:
        content = member.read(memory.LIMIT_BYTES + 1)
    check_bytes(len(content), f"{path}: {name!r}, unpacked,")
    return content


def _stem(name: str) -> str:
    """``weights`` of ``connectivity_76/weights.txt.bz2``; nothing of a member that is no text."""
    last = PurePosixPath(name).name.lower().removesuffix(".bz2")
    return last.removesuffix(".txt") if last.endswith(".txt") else ""


def _text(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    content = _member(archive, name, path)
    if name.lower().endswith(".bz2"):
        unzip = bz2.BZ2Decompressor()
        content = unzip.decompress(content, memory.LIMIT_BYTES)
        if not unzip.eof:
            check_bytes(memory.LIMIT_BYTES + 1 if not unzip.needs_input else 0, f"{path}: {name!r}, unpacked,")
            raise FileError(f"{path}: {name!r} is damaged or incomplete")
    return content.decode("utf-8-sig", "replace")


def _tvb(texts: dict[str, str], key: str | None, path: Path) -> Loaded:
    """Arrays of the text files; the first column of the centres holds the labels."""
    entries = []
    for stem, text in texts.items():
        if stem in ("centres", "centers"):
            rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
            if any(len(row) != 4 for row in rows):
                raise FileError(f"{path}: every line of {stem}.txt should hold a label and three coordinates")
            entries.append(_entry("labels", text_array([row[0] for row in rows])))
            entries.append(_entry("positions", _floats([row[1:] for row in rows], stem, path)))
        else:
            rows = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
            array = _floats(rows, stem, path)
            entries.append(_entry(_TVB.get(stem, f"node {stem}"), array if array.shape[1] > 1 else array[:, 0]))
    return select(with_roles(entries), key, path)


def _entry(name: str, values: Any) -> Entry:
    role = name if name in ("labels", "positions", "distances") else ""
    return Entry(
        name,
        values.shape,
        values.dtype.str if values.dtype.kind == "f" else "U1",
        partial(np.asarray, values),
        role=role,
    )


def _floats(rows: list[list[str]], stem: str, path: Path) -> Any:
    try:
        return np.loadtxt(io.StringIO("\n".join(" ".join(row) for row in rows)), ndmin=2)
    except ValueError as error:
        raise FileError(f"{path}: {stem}.txt is not a table of numbers: {error}") from error
