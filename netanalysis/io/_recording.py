"""The layout in which save() writes a Recording: activity, time, labels, one array per column of the conditions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core.text import as_text, writable
from netanalysis.io import _layout
from netanalysis.io._entries import FileError
from netanalysis.recording import Recording

VERSION = 1


def pack(recording: Recording) -> tuple[dict[str, Any], str]:
    """Arrays and JSON header of a recording."""
    arrays: dict[str, Any] = {"activity": recording.activity, "time": recording.time}
    long = recording.labels is not None and recording.labels.dtype.kind == "O"
    if recording.labels is not None and not long:
        arrays["labels"] = recording.labels
    columns = []
    for k, name in enumerate(recording.conditions.columns):
        if not isinstance(name, str):
            raise TypeError(f"columns of conditions must have names that are text to be saved; got {name!r}")
        values = recording.conditions[name]
        column: dict[str, Any] = {"name": name}
        if values.dtype.name == "category":
            column["categories"] = _plain(values.cat.categories, name).tolist()
            column["ordered"] = bool(values.cat.ordered)
            arrays[f"conditions.{k}"] = values.cat.codes.to_numpy()
        else:
            arrays[f"conditions.{k}"] = _plain(values, name)
        columns.append(column)
    header = {
        "format": "recording",
        "version": VERSION,
        "conditions": columns,
        "name": recording.name,
        "metadata": dict(recording.metadata),
        **({"labels": recording.labels.tolist()} if long else {}),
    }
    return arrays, _layout.to_json(header)


def _plain(values: Any, name: str) -> NDArray[Any]:
    """Numbers, booleans or text; missing values only as NaN among floats."""
    array = np.asarray(values.to_numpy())
    if array.dtype == object:
        kinds = {type(value) for value in array}
        if kinds == {str}:
            return array.astype(str)
        if kinds <= {bool, np.bool_}:
            return array.astype(bool)
        shown = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise TypeError(f"conditions[{name!r}] must be all text or all numbers to be saved; it holds {shown}")
    if array.dtype.kind not in "biufU":
        raise TypeError(f"conditions[{name!r}] cannot be saved: it holds {array.dtype}, not text or numbers")
    return array


def is_recording(header: str) -> bool:
    """Whether a netanalysis header is that of a recording."""
    parsed = json.loads(header)
    return isinstance(parsed, dict) and parsed.get("format") == "recording"


def unpack(header_text: str, names: set[str], read: Callable[[str], Any], key: str | None) -> Recording:
    """The recording of a marked file; `read` gives the array of a name."""
    import pandas as pd

    if key is not None:
        raise FileError(f"it was saved by netanalysis and holds one recording; leave key out, got {key!r}")
    header = json.loads(header_text)
    if header.get("version") != VERSION:
        raise FileError(
            f"it has recording version {header.get('version')}, this netanalysis reads {VERSION}: update netanalysis"
        )
    activity = read("activity")
    conditions = pd.DataFrame(index=range(len(activity)))
    for k, column in enumerate(header["conditions"]):
        values = read(f"conditions.{k}")
        as_text(column["name"], "the name of a condition")
        writable(values, f"conditions[{column['name']!r}]")
        if "categories" in column:
            values = pd.Categorical.from_codes(values, column["categories"], ordered=column["ordered"])
        conditions[column["name"]] = values
    return Recording(
        activity,
        conditions,
        time=read("time"),
        labels=read("labels") if "labels" in names else header.get("labels"),
        name=header["name"],
        metadata=header["metadata"],
    )
