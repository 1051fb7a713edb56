"""Text: matrices with or without labels, and edge lists (.csv, .tsv, .txt and its kin, packed by gzip or not)."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import partial
from pathlib import Path

from netanalysis._core import validate
from netanalysis._core.text import in_cell
from netanalysis.connectome import Connectome
from netanalysis.io import _plain_rows, _tables
from netanalysis.io._dialect import dialects
from netanalysis.io._entries import FileError, Loaded


def read(path: Path, key: str | None) -> Loaded:
    """Text: a matrix, or an edge list, of which `key` names the column of weights."""
    for dialect, said in dialects(path):
        try:
            plain = partial(_plain_rows.read, path, dialect)
            found = _tables.read(path, dialect.rows(), dialect.numbers, key, dialect.commented_names, plain)
        except UnicodeDecodeError:
            continue
        fields = found.fields | {"history": (*said, *found.fields.get("history", ()))}
        return replace(found, fields=fields, first_missing=dialect.numbers.first_missing)
    raise FileError(f"{path} is no text in any encoding known here; save it as UTF-8")


def write(net: Connectome, path: Path) -> None:
    """Weights with the labels (or 0, 1, …) as header and first column; the corner cell says source\\target."""
    if net.is_stack:
        raise ValueError(f"a {path.suffix} file holds one network; got a stack {net.weights.shape}. Save it as .npz")
    weights = validate.dense(net.weights, measure=f"a {path.suffix} file", instead="an .npz file")
    labels = [in_cell(str(label)) for label in (range(net.n_nodes) if net.labels is None else net.labels.tolist())]
    with path.open("w", encoding="utf-8", newline="") as file:
        # Names with what could separate cells are quoted, all of them: numbers are written as repr() either way.
        odd = any(sign in label for label in labels for sign in ("\t", ";", "|", ","))
        writer = csv.writer(
            file,
            delimiter="\t" if path.suffix.lower() == ".tsv" else ",",
            lineterminator="\n",
            quoting=csv.QUOTE_NONNUMERIC if odd else csv.QUOTE_MINIMAL,
        )
        writer.writerow(["source\\target", *labels])
        for label, row in zip(labels, weights, strict=True):
            writer.writerow([label, *row.tolist()])
