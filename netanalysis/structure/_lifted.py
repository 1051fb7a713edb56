"""Walks of either sign apart, without cancellation: products with the lifted matrix ``[[P, N], [N, P]]``.

P and N are the positive and the negative weights, both as magnitudes. A state of 2n holds what reaches every node by
walks of positive sign, then by walks of negative sign. A network without negative weights stays as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import products, validate
from netanalysis.structure._walks import End


def is_signed(w: Any, left: End, right: End) -> bool:
    """Whether walks of both signs are possible."""
    return any(validate.has_negative(m) for m in (w, *(end for end in (left, right) if end.ndim > 1)))


def lift(w: Any, signed: bool) -> Any:
    """``[[P, N], [N, P]]``."""
    if not signed:
        return w
    plus, minus = _parts(w)
    block = sparse.block_array if sparse.issparse(w) else np.block
    lifted = block([[plus, minus], [minus, plus]])
    return sparse.csr_array(lifted) if sparse.issparse(w) else lifted


def lift_end(end: End, n: int, signed: bool, *, nodes_axis: int, member: Any = None) -> sparse.csr_array:
    """An end as sparse rows (k, n or 2n): ``[P, N]``, summed by the groups of `member` (k, groups) if given."""
    if end.ndim == 1:
        ones = np.ones(len(end))
        rows = sparse.csr_array((ones, (np.arange(len(end)), end)), shape=(len(end), n))
    else:
        rows = sparse.csr_array(end if nodes_axis == 1 else end.T)
    parts = _parts(rows) if signed else (rows,)
    if member is not None:
        parts = tuple(member.T @ part for part in parts)
    if signed and len(parts) == 1:
        parts = (*parts, sparse.csr_array(parts[0].shape))
    return sparse.csr_array(sparse.hstack(parts))


def _parts(w: Any) -> tuple[Any, Any]:
    """Positive and negative weights as magnitudes."""
    if not sparse.issparse(w):
        return np.maximum(w, 0.0), np.maximum(-w, 0.0)
    kept = []
    for values in (np.maximum(w.data, 0.0), np.maximum(-w.data, 0.0)):
        part = sparse.csr_array((values, w.indices.copy(), w.indptr.copy()), shape=w.shape)
        part.eliminate_zeros()
        kept.append(part)
    return kept[0], kept[1]


class Product:
    """``m @ states`` for columns of states (lanes, width), by whichever product is fastest for this width."""

    def __init__(self, m: Any, width: int) -> None:
        self._in_blocks = sparse.issparse(m) and width > 1
        self._m: Any = products.BlockProduct(m) if self._in_blocks else m

    def state(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Columns as this product takes them: a sparse one pads them to 16."""
        return products.padded(columns) if self._in_blocks else columns

    def __call__(self, states: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self._m(states) if self._in_blocks else self._m @ states)


def column_blocks(m: Any, count: int) -> list[slice]:
    """Columns cut into blocks: 16 for a sparse matrix, of a dense one as many as take 32 MiB."""
    if sparse.issparse(m):
        return products.blocks(count)
    step = max(16, 2**22 // m.shape[0])
    return [slice(k, min(k + step, count)) for k in range(0, count, step)]
