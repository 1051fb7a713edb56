"""Real connectomes and trained networks by name, with their licence, citation and checksum: bundled, or fetched.

The bundled files and their manifest live in ``data/`` of the repository, rebuilt from pinned sources by
``data/build.py``, and in ``netanalysis/_data`` of an installed wheel.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import records
from netanalysis._core.records import recorded
from netanalysis._core.text import suggested
from netanalysis.connectome import Connectome
from netanalysis.datasets import fetched
from netanalysis.datasets.trained import TrainedNetworks
from netanalysis.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

_PROVENANCE = ("species", "what", "licence", "doi", "citation", "source", "file", "weight_unit", "unit", "time_unit")
_TABLE = ("kind", "species", "n_nodes", "n_networks", "directed", "weighted", "signed", "what")
_ATLAS = ("where", "bytes", "orientation")
_CREDIT = ("licence", "doi", "citation")


@cache
def _folder() -> Path:
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_data", package.parent / "data"):
        if (folder / "manifest.json").is_file():
            return folder
    raise FileNotFoundError(
        f"the bundled data sets are missing: no manifest.json in {package / '_data'} or {package.parent / 'data'}; "
        "reinstall netanalysis, or run python data/build.py in a clone"
    )


@cache
def _manifest() -> dict[str, Any]:
    return dict(json.loads((_folder() / "manifest.json").read_text(encoding="utf-8")))


@cache
def _trained() -> dict[str, Any]:
    """Ensembles of trained networks, listed by data/trained/manifest.py."""
    path = _folder() / "trained" / "manifest.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


@cache
def _atlas() -> dict[str, Any]:
    """Sets that are fetched, and their original files, as data/atlas.py pins them."""
    return dict(json.loads((_folder() / "atlas.json").read_text(encoding="utf-8")))


def _listed() -> dict[str, dict[str, Any]]:
    """Every data set by name: what the manifests say, where it is, and the bytes of its files."""
    manifest, atlas = _manifest(), _atlas()
    bundled = {
        name: {"where": "bundled", "bytes": manifest["files"][entry["file"]]["bytes"]} | entry
        for name, entry in manifest["datasets"].items()
    }
    to_fetch = {
        name: {"where": "fetched", "bytes": sum(atlas["originals"][file]["bytes"] for file in entry["files"].values())}
        | entry
        for name, entry in atlas["datasets"].items()
    }
    return bundled | {name: {"where": "bundled"} | entry for name, entry in _trained().items()} | to_fetch


def available() -> pd.DataFrame:
    """List the data sets: those that come along, and those that are fetched from their public source when loaded.

    Returns
    -------
    DataFrame
        One row per data set with columns ``name``, ``kind`` (``"connectome"``, ``"recording"``, ``"ensemble"``,
        ``"table"``), ``species``, ``n_nodes``, ``n_networks`` (above 1: a stack; of a recording, its trials),
        ``directed``, ``weighted``, ``signed`` (None where the question does not arise), ``what``, ``licence``,
        ``doi``, ``citation``, ``where`` (``"bundled"``, ``"fetched"``), ``bytes`` (of its files) and, of what is
        fetched, ``orientation``: which fact of biology the direction of connections was checked against.

    Examples
    --------
    >>> import netanalysis as na
    >>> table = na.datasets.available().set_index("name")
    >>> int(table.loc["celegans_chemical", "n_nodes"]), table.loc["celegans_chemical", "doi"]
    (302, '10.1038/s41586-019-1352-7')
    >>> list(table.index[(table["where"] == "fetched") & table["species"].str.startswith("Macaca")])
    ['macaque_markov29', 'macaque_cocomac242']
    """
    import pandas as pd

    columns = (*_TABLE, *_CREDIT, *_ATLAS)
    return pd.DataFrame([{"name": name} | {k: d.get(k) for k in columns} for name, d in _listed().items()])


def credit(name: str) -> dict[str, Any] | None:
    """Licence, DOI and citation of a data set; None if there is none of this name."""
    entry = _listed().get(name)
    return None if entry is None else {key: entry.get(key) for key in _CREDIT}


@cache
def references() -> dict[str, dict[str, Any]]:
    """Authors, year, title and journal of papers, by DOI, as far as they were looked up."""
    return dict(json.loads((_folder() / "references.json").read_text(encoding="utf-8")))


@recorded(files=("path",))
def load(name: str, *, path: str | os.PathLike[str] | None = None) -> Any:
    """Load a data set by name, after comparing its files with the checksums in the manifest.

    What is not bundled is fetched once from where its authors put it (with pooch: ``netanalysis[datasets]``), at a
    pinned commit; its licence and citation are shown before. Afterwards no network is needed.

    Parameters
    ----------
    name : str
        One of ``available()["name"]``.
    path : path, optional
        For sets that are fetched: a folder with copies of their files, or the .npz that ``data/atlas.py`` makes of
        them; nothing is fetched then. So the folder in the environment variable ``NETANALYSIS_DATA`` is looked into
        first. ``NETANALYSIS_CACHE`` is the folder that keeps what was fetched, ``NETANALYSIS_MIRROR`` an address that
        serves the same files instead of https://raw.githubusercontent.com.

    Returns
    -------
    Connectome, Recording, TrainedNetworks or DataFrame
        ``weights[i, j]`` is from i to j; several individuals of one kind are a stack. ``metadata`` says what it is
        (species, what, weight_unit, unit of the positions) and where it comes from (source: package==version and
        member, or repository, commit and path; licence, doi, citation, file, sha256), and holds what a data set has
        beside the network: subjects, strains, stages, tract lengths. Ensembles of trained networks are a sequence of
        Connectomes, tables of measurements a DataFrame.

    Raises
    ------
    ValueError
        If there is no such data set, or a file of it is not the one in the manifest.
    ConnectionError
        If a file cannot be fetched.
    PermissionError
        If what is fetched cannot be kept.
    FileNotFoundError
        If `path` lacks a file of the data set.
    ImportError
        If the data set is fetched and pooch is not installed.

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.datasets.load("celegans_chemical")
    >>> worm
    <Connectome celegans_chemical: 302 nodes, directed, density 0.0404; positions, labels, modules>
    >>> asel, aiyl = (list(worm.labels).index(cell) for cell in ("ASEL", "AIYL"))
    >>> float(worm.weights[asel, aiyl]), float(worm.weights[aiyl, asel])
    (32.0, 0.0)
    """
    datasets = _listed()
    if name not in datasets:
        hint = suggested(name, datasets)
        raise ValueError(f"name must be one of the data sets; got {name!r}. {hint}All: {', '.join(datasets)}")
    entry = datasets[name]
    if entry["where"] == "fetched":
        return fetched.load(name, entry, _atlas()["originals"], None if path is None else Path(path))
    if path is not None:
        raise ValueError(f"path is for data sets that are fetched; {name} is bundled")
    if entry["kind"] == "table":
        import pandas as pd

        return pd.read_csv(io.BytesIO(_content(entry["file"], entry["sha256"])[0]))
    if entry["kind"] == "ensemble":
        _, sha256 = _content(entry["file"], entry["sha256"])
        records.told("datasets.load", sha256=sha256)
        return TrainedNetworks(_folder() / entry["file"], {k: entry[k] for k in _CREDIT} | {"sha256": sha256})
    arrays, sha256 = _read(entry["file"])
    records.told("datasets.load", sha256=sha256)
    metadata = {key: entry[key] for key in _PROVENANCE if key in entry} | {"sha256": sha256}
    for key, source in entry.get("extras", {}).items():
        metadata[key] = _square(arrays, source)
        metadata[key].flags.writeable = False
    if entry["kind"] == "recording":
        return Recording(
            arrays["activity"] * entry["scale"],
            {key: arrays[key] for key in entry["conditions"]},
            time=np.arange(arrays["activity"].shape[1]) * entry["sampling_interval"],
            labels=arrays["labels"].tolist(),
            name=name,
            metadata=metadata,
        )
    weights = _square(arrays, entry["weights"])
    groups = entry.get("mean_over")
    if groups == "all":
        weights = weights.mean(axis=0)
    elif groups is not None:
        metadata[groups] = np.array(list(dict.fromkeys(arrays[groups])))
        metadata[groups].flags.writeable = False
        weights = np.stack([weights[arrays[groups] == group].mean(axis=0) for group in metadata[groups]])
    fields = ("positions", "labels", "modules", "inputs", "outputs")
    nodes: dict[str, Any] = {key: arrays.get(entry.get(key, key)) for key in fields}
    return Connectome(weights, name=name, metadata=metadata, **nodes)


def _read(file: str) -> tuple[dict[str, NDArray[Any]], str]:
    """The arrays of a bundled file and its sha256."""
    content, got = _content(file, _manifest()["files"][file]["sha256"])
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive), got


def _content(file: str, wanted: str) -> tuple[bytes, str]:
    """A bundled file and its sha256, which must be the one in the manifest."""
    content = (_folder() / file).read_bytes()
    got = hashlib.sha256(content).hexdigest()
    if got != wanted:
        raise ValueError(
            f"{_folder() / file} is not the file in the manifest: its sha256 is {got}, expected {wanted}; "
            "restore it, or rebuild it with python data/build.py"
        )
    return content, got


def _square(arrays: dict[str, NDArray[Any]], key: str) -> NDArray[Any]:
    """An array of the file; ``*_upper`` is the strict upper triangle(s) of symmetric matrices, stored once."""
    if not key.endswith("_upper"):
        return arrays[key]
    upper = arrays[key]
    n = round((1 + (1 + 8 * upper.shape[-1]) ** 0.5) / 2)
    i, j = np.triu_indices(n, 1)
    w = np.zeros((*upper.shape[:-1], n, n))
    w[..., i, j] = w[..., j, i] = upper
    return w
