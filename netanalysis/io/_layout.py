"""The layout in which save() writes a whole Connectome: named arrays and one JSON header, in any container.

The header sits under the name ``netanalysis`` and marks the file: its weights are [source, target], always.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis.connectome import Connectome
from netanalysis.io._entries import FileError, Loaded, compressed

HEADER = "netanalysis"
VERSION = 1
_ARRAYS = ("positions", "distances", "labels", "modules", "inputs", "outputs")


def pack(net: Connectome, *, strings: bool = True, split_sparse: bool = True) -> tuple[dict[str, Any], str]:
    """Arrays and JSON header of a network.

    Without `strings` the container has no text arrays: labels go into the header. Without `split_sparse` it
    stores sparse matrices by itself.
    """
    header: dict[str, Any] = {
        "format": "connectome",
        "version": VERSION,
        "orientation": "source_target",
        "name": net.name,
        "metadata": dict(net.metadata),
        "history": list(net.history),
    }
    arrays: dict[str, Any] = {}
    if net.is_sparse and split_sparse:
        header["sparse_shape"] = list(net.weights.shape)
        arrays |= {f"weights.{part}": getattr(net.weights, part) for part in ("data", "indices", "indptr")}
    else:
        arrays["weights"] = net.weights
    for name in _ARRAYS:
        value = net.given_distances if name == "distances" else getattr(net, name)
        if value is None:
            continue
        if value.dtype.kind == "O" or (value.dtype.kind == "U" and not strings):
            header[name] = value.tolist()
        else:
            arrays[name] = value
    return arrays, to_json(header)


def to_json(header: dict[str, Any]) -> str:
    """The header as text; metadata must be plain data."""
    for key, value in header["metadata"].items():
        if not isinstance(key, str):
            raise TypeError(f"metadata keys must be strings to be saved; got {key!r}")
        try:
            json.dumps(value, default=_plain)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"metadata[{key!r}] cannot be saved: {error}. Metadata must be text, numbers, lists and dicts"
            ) from error
    return json.dumps(header, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufUO":
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not plain data")


def unpack(header_text: str, names: set[str], read: Callable[[str], Any], key: str | None) -> Loaded:
    """The network of a marked file; `read` gives the array of a name."""
    if key not in (None, "weights"):
        raise FileError(f"it was saved by netanalysis and holds one network; leave key out, got {key!r}")
    header = json.loads(header_text)
    if not isinstance(header, dict) or header.get("format") != "connectome":
        raise FileError(f"the {HEADER!r} header is not that of a connectome")
    for name, kind in (("metadata", dict), ("history", list), *((name, list) for name in _ARRAYS)):
        if name in header and not isinstance(header[name], kind):
            raise FileError(f"the {name} in the {HEADER!r} header must be a {kind.__name__}")
    if header.get("version") != VERSION:
        raise FileError(
            f"it has layout version {header.get('version')}, this netanalysis reads {VERSION}: update netanalysis"
        )
    if "sparse_shape" in header:
        data, indices, indptr = (read(f"weights.{part}") for part in ("data", "indices", "indptr"))
        weights = compressed("csr", data, indices, indptr, header["sparse_shape"], "'weights'")
    else:
        weights = read("weights")
        if sparse.issparse(weights):
            weights = sparse.csr_array(weights)
    fields: dict[str, Any] = {name: read(name) for name in _ARRAYS if name in names}
    fields |= {name: header[name] for name in _ARRAYS if name in header}
    for name in ("labels", "modules"):  # .mat knows no vectors
        if isinstance(fields.get(name), np.ndarray):
            fields[name] = np.ravel(fields[name])
    fields |= {key: header[key] for key in ("name", "metadata", "history")}
    return Loaded(weights, "weights", "source_target", settled=True, fields=fields, own=True)
