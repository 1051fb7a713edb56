"""Matrix Market (.mtx, packed by gzip or not) through scipy."""

from __future__ import annotations

from pathlib import Path

from scipy import sparse

from netanalysis.io._dialect import open_bytes
from netanalysis.io._entries import FileError, Loaded, check_bytes, check_size


def read(path: Path, key: str | None) -> Loaded:
    """The matrix; sparse if it lists coordinates. A symmetric one says that it is undirected."""
    import scipy.io

    if key is not None:
        raise FileError(f"{path} holds one matrix; leave key out, got {key!r}")
    with open_bytes(path) as file:
        size = 0
        while part := file.read(2**20):
            size += len(part)
    rows, columns, entries, layout, field, symmetry = scipy.io.mminfo(path)
    if rows != columns or rows == 0:
        raise FileError(f"{path} holds a matrix of shape {(rows, columns)}; a network has a square one")
    if field == "complex" or symmetry == "hermitian":
        raise FileError(f"{path} holds complex numbers; weights are real")
    if layout == "array":
        check_size((rows, columns), f"the matrix in {path}")
    else:
        check_bytes(max(rows, entries) * 16, f"the {entries} entries of the matrix in {path}")
        if entries * 4 > size + 4:  # "1 1" and the end of the line
            raise FileError(f"{path} promises {entries} entries, more than its {size} bytes can hold: incomplete")
    matrix = scipy.io.mmread(path, spmatrix=False)
    undirected = symmetry == "symmetric"
    return Loaded(
        sparse.csr_array(matrix) if layout == "coordinate" else matrix,
        None,
        "source_target" if undirected else None,
        undirected,
        undirected=True if undirected else None,
    )
