"""Real connectomes that are not bundled: fetched from where their authors put them, checked, kept and converted.

What there is stands in ``data/atlas.json``: every original file with its repository, commit, size and sha256.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis.connectome import Connectome
from netanalysis.datasets.originals import READERS, digest

__all__ = ["CACHE", "LOCAL", "MIRROR", "load", "one_form", "source"]

CACHE = "NETANALYSIS_CACHE"  # folder in which fetched files are kept, instead of pooch's
LOCAL = "NETANALYSIS_DATA"  # folder with copies of the files; what lies there is not fetched
MIRROR = "NETANALYSIS_MIRROR"  # address that serves repository/commit/path instead of GitHub
GITHUB = "https://raw.githubusercontent.com"
SECONDS = 30.0  # without an answer
PROVENANCE = ("species", "what", "licence", "doi", "citation", "orientation", "weight_unit", "unit")
_FIELDS = ("labels", "modules", "positions")
_OTHERS = ("hyperbolic", "segment", "side")  # of nodes, kept in the metadata


def load(name: str, entry: Mapping[str, Any], originals: Mapping[str, Any], path: Path | None) -> Connectome:
    """The data set `name` from `path`, from the local copies, from the cache, or fetched."""
    if path is not None and path.is_file():
        arrays = _read_npz(path, name, entry)
    else:
        arrays = one_form(entry, contents(name, entry, originals, path))
    metadata = {key: entry[key] for key in PROVENANCE if key in entry}
    metadata |= {"source": [source(file) for file in entry["files"].values()]}
    metadata |= {"sha256": originals[next(iter(entry["files"].values()))]["sha256"]}
    metadata |= {key: arrays[key] for key in _OTHERS if key in arrays}
    nodes: dict[str, Any] = {key: arrays.get(key) for key in _FIELDS}
    return Connectome(arrays[entry["weights"]].astype(float), name=name, metadata=metadata, **nodes)


def one_form(entry: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, NDArray[Any]]:
    """Arrays of a data set, sources in rows."""
    arrays = READERS[entry["reader"]](files)
    if entry.get("transpose"):
        arrays["weights"] = np.ascontiguousarray(arrays["weights"].T)
    return arrays


def source(file: str) -> str:
    """Where an original file comes from: its repository, commit and path.

    Examples
    --------
    >>> source("AlGoulas/bio2art/e46de2b/bio2art/connectomes/C_Drosophila.npy")
    'github.com/AlGoulas/bio2art at e46de2b: bio2art/connectomes/C_Drosophila.npy'
    """
    owner, repository, commit, path = file.split("/", 3)
    return f"github.com/{owner}/{repository} at {commit}: {path}"


def contents(
    name: str, entry: Mapping[str, Any], originals: Mapping[str, Any], path: Path | None = None
) -> dict[str, bytes]:
    """The original files of a data set by their part, each with the sha256 that it must have."""
    given = path if path is not None else Path(os.environ[LOCAL]) if os.environ.get(LOCAL) else None
    if given is not None and not given.is_dir():
        what = "path" if path is not None else LOCAL
        raise FileNotFoundError(f"{what} must be a folder with files of {name}, or its .npz; there is no {given}")
    found, missing = {}, {}
    for part, file in entry["files"].items():
        here = next((p for p in (given / file, given / Path(file).name) if p.is_file()), None) if given else None
        if here is None:
            missing[part] = file
        else:
            found[part] = _checked(here, originals[file]["sha256"])
    if missing and path is not None:
        names = ", ".join(Path(file).name for file in missing.values())
        raise FileNotFoundError(f"path must hold the files of {name}; {path} lacks {names}")
    return found | (_fetched(name, entry, originals, missing) if missing else {})


def _checked(path: Path, wanted: str) -> bytes:
    """The content of a file, which must have the sha256 that is wanted."""
    content = path.read_bytes()
    got = hashlib.sha256(content).hexdigest()
    if got != wanted:
        raise ValueError(f"{path} is not the file that is wanted: its sha256 is {got}, expected {wanted}; remove it")
    return content


def _fetched(
    name: str, entry: Mapping[str, Any], originals: Mapping[str, Any], files: Mapping[str, str]
) -> dict[str, bytes]:
    """Files from the cache, or through pooch; the licence is shown before anything is fetched."""
    cache = _cache(name)
    found = {part: _checked(cache / f, originals[f]["sha256"]) for part, f in files.items() if (cache / f).is_file()}
    missing = {part: file for part, file in files.items() if part not in found}
    if missing:
        size = sum(originals[file]["bytes"] for file in missing.values())
        _say(f"netanalysis: fetching {name}, {size / 1000:.0f} kB. Licence: {entry['licence']}. {entry['citation']}")
    for part, file in missing.items():
        found[part] = _fetch(name, file, originals[file]["sha256"], cache)
    return found


def _say(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line + "\n")


def _pooch(name: str) -> Any:
    try:
        import pooch
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{name} is not bundled but fetched, with pooch: pip install 'netanalysis[datasets]'; "
            f"or give path= or {LOCAL}, a folder with its files"
        ) from error
    return pooch


def _cache(name: str) -> Path:
    given = os.environ.get(CACHE)
    return Path(given) if given else Path(_pooch(name).os_cache("netanalysis"))


def _fetch(name: str, file: str, sha256: str, cache: Path) -> bytes:
    """One file, which stands in the cache whole and right, or not at all."""
    pooch = _pooch(name)
    address = f"{os.environ.get(MIRROR) or GITHUB}".rstrip("/") + f"/{file}"
    target = cache / file
    remedy = f"give path= or {LOCAL}, a folder with {target.name}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(f"{target.parent} may not be written")
    except OSError as error:
        reason = error.strerror or error
        raise PermissionError(
            f"{name} cannot be kept in {cache}: {reason}; set {CACHE} to a folder that can be written, or {remedy}"
        ) from error
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # what it would say has been said, with the licence
    try:
        pooch.retrieve(
            address,
            known_hash=f"sha256:{sha256}",
            fname=target.name,
            path=target.parent,
            downloader=pooch.HTTPDownloader(progressbar=False, timeout=SECONDS),
        )
    except ValueError as error:
        raise ValueError(
            f"what {address} serves is not the file that is wanted (its sha256 is not {sha256}): "
            f"{name} is not kept; {remedy}"
        ) from error
    except OSError as error:  # requests' errors, too
        raise ConnectionError(
            f"{name} could not be fetched from {address} ({type(error).__name__}): is there a network? Else {remedy}"
        ) from error
    finally:
        logger.setLevel(level)
    return _checked(target, sha256)


def _read_npz(path: Path, name: str, entry: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz that data/atlas.py wrote."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = dict(archive)
    except (ValueError, EOFError, OSError, AttributeError) as error:
        raise ValueError(f"path must be a folder with the files of {name}, or its .npz; got {path}") from error
    if digest(arrays) != entry["digest"]:
        raise ValueError(f"{path} does not hold {name} as data/atlas.py writes it: {', '.join(arrays) or 'nothing'}")
    return arrays
