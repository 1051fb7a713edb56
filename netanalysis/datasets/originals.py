"""Public files of connectomes, as their authors put them out, turned into the one form that all data sets have.

Every reader takes the contents of the files by their part (``weights``, ``labels``, ...) and returns plain arrays:
``weights`` with sources in rows and targets in columns, and what else there is about nodes. Nothing is unpickled.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
import pickletools
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

__all__ = ["READERS", "digest"]

Array = NDArray[Any]
Files = Mapping[str, bytes]
_GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
_HARMLESS = {"PROTO", "FRAME", "EMPTY_LIST", "MARK", "APPEND", "APPENDS", "BINPUT", "LONG_BINPUT", "MEMOIZE", "STOP"}
_TEXT = {"BINUNICODE", "SHORT_BINUNICODE"}


def digest(arrays: Mapping[str, Array]) -> str:
    """The sha256 of arrays: their names, types, shapes and bytes, however a file compresses them.

    Examples
    --------
    >>> digest({"weights": np.eye(2)})[:12]
    '0e4b4ebc49a4'
    """
    total = hashlib.sha256()
    for key in sorted(arrays):
        value = np.ascontiguousarray(arrays[key])
        value = value.astype(value.dtype.newbyteorder("<"), copy=False)
        total.update(f"{key} {value.dtype.str} {value.shape}\n".encode())
        total.update(value.tobytes())
    return total.hexdigest()


def bio2art(files: Files) -> dict[str, Array]:
    """A matrix of numpy and its pickled list of names, of which the text alone is read."""
    return {
        "weights": np.load(io.BytesIO(files["weights"]), allow_pickle=False),
        "labels": np.array(listed_text(files["labels"])),
    }


def listed_text(content: bytes) -> list[str]:
    """The text in a pickled list of text, taken from its instructions without following them.

    Examples
    --------
    >>> import pickle
    >>> listed_text(pickle.dumps(["V1", "V2"]))
    ['V1', 'V2']
    """
    text = []
    for instruction, argument, _ in pickletools.genops(content):
        if instruction.name in _TEXT:
            text.append(str(argument))
        elif instruction.name not in _HARMLESS:
            raise ValueError(f"a pickled list of names holds more than text: {instruction.name}")
    return text


def edge_list(files: Files) -> dict[str, Array]:
    """Rows of ``source target``, and the place of each node in the hyperbolic disk (radius, angle)."""
    edges = [line.split() for line in files["edges"].decode().splitlines()]
    places = {name: (float(r), float(a)) for name, r, a in map(str.split, files["places"].decode().splitlines())}
    names = sorted(places, key=_natural)
    index = {name: k for k, name in enumerate(names)}
    w = np.zeros((len(names), len(names)), np.uint8)
    for source, target in edges:
        w[index[source], index[target]] = 1
    return {"weights": w, "labels": np.array(names), "hyperbolic": np.array([places[name] for name in names])}


def undirected_edge_list(files: Files) -> dict[str, Array]:
    """:func:`edge_list` whose rows name each pair of nodes once."""
    arrays = edge_list(files)
    return arrays | {"weights": np.maximum(arrays["weights"], arrays["weights"].T)}


def _natural(name: str) -> list[Any]:
    """EA2 before EA10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def workbook(files: Files) -> dict[str, Array]:
    """A table of cells (rows: presynaptic) whose rows and columns are not the same; totals are left out."""
    try:
        import openpyxl
    except ModuleNotFoundError as error:
        raise ImportError(
            "this data set is an .xlsx file, which needs openpyxl: pip install 'netanalysis[datasets]'"
        ) from error
    sheet = openpyxl.load_workbook(io.BytesIO(files["weights"]), read_only=True, data_only=True).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    targets = [str(name) for name in head[1:-1]]
    sources = [str(row[0]) for row in rows[:-1]]
    if (head[-1], rows[-1][0]) != ("Total", "Total"):
        raise ValueError("the last row and the last column of the table must be totals")
    names = sorted({*sources, *targets})
    index = {name: k for k, name in enumerate(names)}
    w = np.zeros((len(names), len(names)))
    for source, row in zip(sources, rows, strict=False):
        for target, value in zip(targets, row[1:], strict=False):
            w[index[source], index[target]] = value or 0
    return {"weights": w, "labels": np.array(names)}


def graphml(files: Files) -> dict[str, Array]:
    """Nodes with name, group, segment and side; weights of connections that are listed twice are added."""
    root = ElementTree.fromstring(files["weights"])
    names = {key.get("id"): key.get("attr.name") for key in root.iter(f"{_GRAPHML}key")}

    def data(element: ElementTree.Element) -> dict[str | None, str]:
        return {names.get(item.get("key")): item.text or "" for item in element.iter(f"{_GRAPHML}data")}

    nodes = {node.get("id"): data(node) for node in root.iter(f"{_GRAPHML}node")}
    index = {name: k for k, name in enumerate(nodes)}
    w = np.zeros((len(nodes), len(nodes)), np.uint16)
    for edge in root.iter(f"{_GRAPHML}edge"):
        w[index[edge.get("source")], index[edge.get("target")]] += np.uint16(data(edge)["weight"])
    columns = {"labels": "name", "modules": "group", "segment": "segment", "side": "side"}
    return {"weights": w} | {
        key: np.array([node.get(column, "") for node in nodes.values()]) for key, column in columns.items()
    }


def enigma(files: Files) -> dict[str, Array]:
    """Structure and function in one parcellation, and where its parcels lie on the surface of the cortex."""
    labels = files["labels"].decode().strip().split(",")
    parcel = np.array(files["parcels"].decode().split(), float)
    left, right = surface(files["left"]), surface(files["right"])
    points = np.concatenate([left, right])
    side = np.repeat([True, False], [len(left), len(right)])
    ids = [k for k in np.unique(parcel) if k > 0]
    if len(ids) == 70:  # Desikan-Killiany counts the corpus callosum of each side, which has no connections
        ids = [k for k in ids if k not in (4, 39)]
    of_left = [label.removeprefix("7Networks_").startswith("L") for label in labels]
    # Within a hemisphere: one file of the source gives the medial wall of the right one the number of a left parcel.
    parts = [points[(parcel == k) & (side == here)] for k, here in zip(ids, of_left, strict=True)]
    centre = [[math.fsum(axis) / len(axis) for axis in part.T] for part in parts]
    names = [re.fullmatch(r"7Networks_[LR]H_(\w+?)(_\w+)?_\d+", label) for label in labels]
    function = _numbers(files["function"])
    arrays = {
        "sc": _numbers(files["structure"]),
        "fc": (function + function.T) / 2,  # symmetric but for rounding
        "labels": np.array(labels),
        "positions": np.round(centre, 2),
    }
    return arrays | ({"modules": np.array([name[1] for name in names if name])} if all(names) else {})


def _numbers(content: bytes) -> Array:
    """Rows of numbers between commas."""
    return np.loadtxt(io.BytesIO(content), delimiter=",", ndmin=2)


def surface(content: bytes) -> Array:
    """The vertices of a GIfTI surface, in mm."""
    for array in ElementTree.fromstring(content).iter("DataArray"):
        if array.get("Intent") == "NIFTI_INTENT_POINTSET":
            form = tuple(array.get(key) for key in ("DataType", "Encoding", "Endian"))
            if form != ("NIFTI_TYPE_FLOAT32", "GZipBase64Binary", "LittleEndian"):
                raise ValueError(f"vertices of a surface must be compressed little-endian float32; got {form}")
            raw = zlib.decompress(base64.b64decode(array.findtext("Data", "")))
            return np.frombuffer(raw, "<f4").reshape(-1, 3).astype(float)
    raise ValueError("a GIfTI surface must hold vertices (NIFTI_INTENT_POINTSET); there are none")


def matlab(files: Files) -> dict[str, Array]:
    """Matrices and names of MATLAB 7.3 files, of which each holds one network."""
    try:
        import h5py
    except ModuleNotFoundError as error:
        raise ImportError(
            "this data set is a MATLAB 7.3 file, which needs h5py: pip install 'netanalysis[datasets]'"
        ) from error

    def variable(part: str, name: str | None = None) -> Array:
        with h5py.File(io.BytesIO(files[part]), "r") as file:
            value = file[name or next(key for key in file if not key.startswith("#"))]
            if value.dtype == h5py.ref_dtype:  # cells of text
                return np.array(["".join(map(chr, file[cell][()].ravel())) for cell in value[()].ravel()])
            return np.ascontiguousarray(value[()].T)

    arrays = {"weights": variable("weights"), "labels": variable("regions", "region_names")}
    if "modules" in files:
        arrays["modules"] = variable("modules", "RSN_names")
    else:
        arrays["positions"] = variable("regions", "region_centroids")
    return arrays


READERS: dict[str, Callable[[Files], dict[str, Array]]] = {
    "bio2art": bio2art,
    "edge list": edge_list,
    "undirected edge list": undirected_edge_list,
    "workbook": workbook,
    "graphml": graphml,
    "enigma": enigma,
    "matlab": matlab,
}
