"""Products of a network with blocks of vectors, and the form in which they are fastest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels

WIDTH = 16  # columns of a block: a row of it is two cache lines
_LINE = 64  # bytes
_TILE = 32768  # rows of a block that stay in cache, 4 MiB
_DENSER = 16  # entries of a dense product in the time of one of a sparse product
_FEW = 256  # vectors: below, the lists take longer than they save


def lists(w: NDArray[np.float64]) -> sparse.csr_array:
    """The connections of a dense network."""
    there = w != 0  # first made boolean: scipy's own way takes most of the time of a small network
    place = np.flatnonzero(there)
    ends = np.concatenate([[0], np.cumsum(np.count_nonzero(there, axis=1))])
    return sparse.csr_array((w.ravel()[place], place % len(w), ends), shape=w.shape)


def lists_if_few(w: NDArray[np.float64], count: int) -> Any:
    """A dense network as lists where its products with `count` vectors are faster so, as with most connectomes."""
    return lists(w) if len(w) >= _FEW <= count and np.count_nonzero(w) * _DENSER < w.size else w


class BlockProduct:
    """``w @ x`` for a sparse w (m, n) and blocks x (n, 16).

    Random access to the rows of x is what such a product costs. It is done tile by tile of x, each small enough for
    the cache, with rows that begin where a cache line does: 1.7 ms per column at 140,000 nodes and 5 million edges,
    where scipy takes 10 to 15. While x is mostly zero (walks from a few nodes) only the edges that leave its other
    rows are followed.

    Parameters
    ----------
    w : sparse matrix of any format
        A transposed csr, which is csc, needs no conversion.
    """

    def __init__(self, w: Any) -> None:
        by_source = w.tocsc()
        self.n_out = w.shape[0]
        self._push = (by_source.indptr.astype(np.int64), by_source.indices.astype(np.int32), by_source.data)
        self._tiles = []
        for start in range(0, w.shape[1], _TILE):
            tile = by_source[:, start : start + _TILE].tocsr()
            self._tiles.append((tile.indptr.astype(np.int64), tile.indices.astype(np.uint16), tile.data))

    def __call__(self, x: NDArray[np.float64], out: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """``w @ x``, written over `out` if given; both from :func:`zeros` or a product before."""
        if out is None:
            out = zeros(self.n_out)
        else:
            out[:] = 0.0
        # A pushed edge costs about three pulled ones: it writes where the other reads.
        if not _kernels.sparse.push(*self._push, x, out, self._push[0][-1] // 3):
            for k, tile in enumerate(self._tiles):
                _kernels.sparse.pull(*tile, x[k * _TILE : (k + 1) * _TILE], out)
        return out


def blocks(count: int) -> list[slice]:
    """`count` columns cut into slices of at most 16."""
    return [slice(k, min(k + WIDTH, count)) for k in range(0, count, WIDTH)]


def zeros(n: int) -> NDArray[np.float64]:
    """(n, 16) zeros at the start of a cache line: elsewhere every row would lie in three lines, not two."""
    spare = np.zeros(n * WIDTH * 8 + _LINE, np.uint8)
    start = -spare.ctypes.data % _LINE
    return spare[start : start + n * WIDTH * 8].view(np.float64).reshape(n, WIDTH)


def unit_columns(n: int, nodes: NDArray[np.intp]) -> NDArray[np.float64]:
    """One column per node, 1 there and 0 elsewhere."""
    columns = np.zeros((n, len(nodes)))
    columns[nodes, np.arange(len(nodes))] = 1.0
    return columns


def padded(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """A block of at most 16 columns, filled up with zeros."""
    block = zeros(len(columns))
    block[:, : columns.shape[1]] = columns
    return block
