"""Matrix Market (.mtx, packed by gzip or not). scipy's own reader ends the process on some damaged files."""

from __future__ import annotations

import io
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis.io._dialect import open_bytes
from netanalysis.io._entries import FileError, Loaded, check_bytes, check_size

_WORDS = (
    ("matrix",),
    ("coordinate", "array"),
    ("real", "double", "integer", "pattern"),
    ("general", "symmetric", "skew-symmetric"),
)


def read(path: Path, key: str | None) -> Loaded:
    """Matrix Market: sparse if it lists coordinates; a symmetric one says that it is undirected."""
    if key is not None:
        raise FileError(f"{path} holds one matrix; leave key out, got {key!r}")
    with open_bytes(path) as raw, io.TextIOWrapper(raw, encoding="latin-1") as file:
        words = file.readline().lower().split()
        if len(words) != 5 or words[0] != "%%matrixmarket":
            raise FileError(f"{path} does not begin with %%MatrixMarket and what it holds")
        if words[3] == "complex" or words[4] == "hermitian":
            raise FileError(f"{path} holds complex numbers; weights are real")
        for word, known in zip(words[1:], _WORDS, strict=True):
            if word not in known:
                raise FileError(f"{path} holds {word!r}, which is none of {', '.join(known)}")
        line = file.readline()
        while line and (line.startswith("%") or not line.strip()):
            line = file.readline()
        sizes = [int(word) for word in line.split()]
        listed, symmetry = words[2] == "coordinate", words[4]
        if len(sizes) != 2 + listed or sizes[0] != sizes[1] or sizes[0] < 1:
            raise FileError(f"{path} holds a matrix of size {line.strip()!r}; a network has a square one")
        n = sizes[0]
        width = 1 if not listed else 2 if words[3] == "pattern" else 3
        whole = {"general": n * n, "symmetric": n * (n + 1) // 2, "skew-symmetric": n * (n - 1) // 2}
        count = sizes[2] if listed else whole[symmetry]
        if listed:
            check_bytes(8 * n + 24 * count, f"the {count} entries between {n} nodes in {path}")
        else:
            check_size((n, n), f"the matrix in {path}")
        table = _numbers(file, width)
    if len(table) != count:
        raise FileError(f"{path} promises {count} entries and holds {len(table)}: incomplete")
    matrix = _listed(path, table, n) if listed else _whole(table[:, 0], n, symmetry)
    if symmetry != "general" and listed:
        mirrored = matrix.T if symmetry == "symmetric" else -matrix.T
        matrix = matrix + mirrored
        if symmetry == "symmetric":
            matrix.setdiag(matrix.diagonal() / 2)
    undirected = symmetry == "symmetric"
    return Loaded(
        sparse.csr_array(matrix) if listed else matrix,
        None,
        "source_target" if undirected else None,
        undirected,
        undirected=True if undirected else None,
    )


def _numbers(file: Any, width: int) -> np.ndarray:
    """The entries that follow, a line each."""
    lines = (line for line in file if line.strip() and not line.startswith("%"))
    first = next(lines, None)
    table = np.empty((0, width)) if first is None else np.loadtxt(chain([first], lines), ndmin=2)
    if table.shape[1] != width:
        raise FileError(f"an entry has {table.shape[1]} numbers; {width} were announced")
    return table


def _listed(path: Path, table: np.ndarray, n: int) -> Any:
    ends = table[:, :2]
    if not ((ends >= 1) & (ends <= n) & (ends == np.floor(ends))).all():
        raise FileError(f"{path} names a row or column beyond its {n}")
    values = table[:, 2] if table.shape[1] == 3 else np.ones(len(table))
    rows, columns = (ends[:, k].astype(np.int64) - 1 for k in (0, 1))
    return sparse.csr_array((values, (rows, columns)), shape=(n, n))


def _whole(values: np.ndarray, n: int, symmetry: str) -> np.ndarray:
    """Values column by column; of a symmetric matrix those on and below the diagonal, of a skew one below it."""
    if symmetry == "general":
        return values.reshape(n, n).T
    matrix = np.zeros((n, n))
    skew, at = symmetry != "symmetric", 0
    for k in range(n):
        part = values[at : (at := at + n - k - skew)]
        matrix[k + skew :, k] = part
        matrix[k, k + skew :] = -part if skew else part
    return matrix
