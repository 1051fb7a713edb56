"""Direction: the one rule by which a network counts as undirected.

A network is undirected if W equals its transpose up to rounding: every pair whose two weights differ is stored both
ways, and the difference is at most the precision in which the weights were stored times the largest weight. The
precision is that of the array's type; float64 weights that are all float32 numbers were stored as float32; a text has
that of its digits, if it prints 6 to 9. Where all weights are whole numbers there is no rounding. Such a network is
taken as the mean of both directions, once, where it comes in, so that everything behind that tests for exact symmetry.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels

_TILE = 256
_SMALL = 10_000  # entries; BLAS would use threads on more
_COMPILED_FROM = 2**19  # connections: below, making the transpose takes less than loading the kernel
SINGLE = float(np.finfo(np.float32).eps)
DOUBLE = float(np.finfo(np.float64).eps)


@cache
def precision_of(dtype: Any) -> float:
    """Relative spacing of numbers of a type; 0 for integers, which are exact."""
    dtype = np.dtype(dtype)
    return max(float(np.finfo(dtype).eps), DOUBLE) if dtype.kind == "f" else 0.0


def is_symmetric(w: Any) -> bool:
    """Exact symmetry: rounding has been taken out where the network came in."""
    if sparse.issparse(w):
        return _sparse_symmetric(w)
    if w.ndim == 2 and len(w) <= _TILE:
        return bool((w == w.T).all())
    return all((tile == turned).all() for tile, turned in _tiles(w))


def _tiles(w: NDArray[Any]) -> Any:
    """Tiles of W and of its transpose, on and above the diagonal: both stay in cache."""
    cuts = range(0, w.shape[-1], _TILE)
    turned = w.swapaxes(-1, -2)
    for i in cuts:
        for j in cuts[i // _TILE :]:
            tile = ..., slice(i, i + _TILE), slice(j, j + _TILE)
            yield w[tile], turned[tile]


def _sparse_symmetric(w: Any) -> bool:
    if not (isinstance(w, sparse.csr_array) and w.has_canonical_format and w.data.all()):
        return bool((w != w.T).nnz == 0)
    return _sparse_difference(w) == 0.0


def _sparse_difference(w: Any) -> float | None:
    """Largest difference between both directions of a canonical csr_array; None if one is stored without the other."""
    if not np.array_equal(np.bincount(w.indices, minlength=w.shape[0]), np.diff(w.indptr)):
        return None
    if w.nnz < _COMPILED_FROM:
        turned = w.T.tocsr()
        same = np.array_equal(w.indices, turned.indices)
        return float(np.abs(w.data - turned.data).max(initial=0.0)) if same else None
    lists = (np.require(x, kind, ["C", "W"]) for x, kind in ((w.indptr, np.int64), (w.indices, np.int32)))
    found = float(_kernels.mirror.largest_difference(*lists, np.require(w.data, np.float64, ["C", "W"])))
    return None if found < 0 else found


def without_rounding(w: Any, precision: float) -> tuple[Any, float]:
    """The same weights, or the means of both directions where they differ by rounding only; and the largest difference.

    Of a stack each network by itself. Weights that need no change are returned as they are.
    """
    if precision == 0.0:
        return w, 0.0
    if sparse.issparse(w):
        largest = _sparse_difference(w)
        if not largest or not _is_rounding(largest, w.data, precision):
            return w, 0.0
        turned = w.T.tocsr()
        return sparse.csr_array((w.data * 0.5 + turned.data * 0.5, w.indices, w.indptr), shape=w.shape), largest
    if w.ndim == 2 and w.size <= _SMALL:
        # What most small networks are, in a few microseconds: exactly symmetric, or plainly directed.
        if w[0].tobytes() == w[:, 0].tobytes():
            if (w == w.T).all():
                return w, 0.0
        else:
            squares = float(np.vdot(w, w))
            plain = 1e-250 < squares < 1e250
            if plain and np.abs(w[0] - w[:, 0]).max() > max(precision, SINGLE) * squares**0.5:
                return w, 0.0
    flat = w.reshape(-1, *w.shape[-2:])
    found = {k: d for k in _candidates(flat, precision) if (d := _largest_difference(flat[k], precision))}
    if not found:
        return w, 0.0
    flat = flat.copy()
    for k in found:
        flat[k] = flat[k] * 0.5 + flat[k].T * 0.5
    return flat.reshape(w.shape), max(found.values())


def _candidates(flat: NDArray[np.float64], precision: float) -> NDArray[np.intp]:
    """Networks of a stack whose first node does not show already that they are directed."""
    out, back = flat[:, 0], flat[:, :, 0]
    differ = out != back
    undecided = ~(differ & ((out == 0) | (back == 0))).any(axis=-1)
    if (differ.any(axis=-1) & undecided).any():
        limit = max(precision, SINGLE) * max(float(flat.max()), -float(flat.min()))
        with np.errstate(over="ignore"):
            undecided &= (np.abs(out - back) <= limit).all(axis=-1)
    return np.flatnonzero(undecided)


def _largest_difference(w: NDArray[np.float64], precision: float) -> float:
    """Largest difference between both directions if all of them are rounding, else 0."""
    largest, limit = 0.0, None
    for tile, turned in _tiles(w):
        differ = tile != turned
        if not differ.any():
            continue
        if (differ & ((tile == 0) | (turned == 0))).any():
            return 0.0
        if limit is None:
            limit = max(precision, SINGLE) * max(float(w.max()), -float(w.min()))
        with np.errstate(over="ignore"):
            largest = max(largest, float(np.abs(tile - turned).max()))
        if largest > limit:
            return 0.0
    return largest if largest and _is_rounding(largest, w, precision) else 0.0


def _is_rounding(difference: float, values: NDArray[np.float64], precision: float) -> bool:
    largest = max(float(values.max()), -float(values.min()))
    if largest <= 2**53 and bool((values == np.floor(values)).all()):
        return False
    if difference <= precision * largest:
        return True
    if precision > DOUBLE or difference > SINGLE * largest:
        return False
    with np.errstate(over="ignore", under="ignore"):
        return bool((values == values.astype(np.float32)).all())


def printed_precision(w: Any) -> float | None:
    """The relative precision of numbers that were printed with 6 to 9 digits; None where it does not matter.

    Fewer digits are taken as exact: such tables are rounded on purpose or written by hand.
    """
    if not sparse.issparse(w) and not np.isfinite(w).all():
        w = np.where(np.isfinite(w), w, 0.0)  # they are refused, or replaced, later
    if not without_rounding(w, 1e-5)[1]:
        return None
    rows = [w.data] if sparse.issparse(w) else w.reshape(-1, w.shape[-1])  # row by row: Python's numbers are large
    digits = max(
        len(repr(x).split("e")[0].replace(".", "").lstrip("-0").rstrip("0")) for row in rows for x in row.tolist()
    )
    return max(float(10.0 ** (1 - digits)), SINGLE) if 6 <= digits <= 9 else None


def rounding_note(largest: float) -> str:
    """What the history of a network says of it."""
    return f"symmetric up to rounding (largest difference {largest:.2g}): the mean of both directions taken"


def empty_triangle(w: Any) -> str | None:
    """The side of the diagonal, "lower" or "upper", that holds nothing while the other one does; else None."""
    if sparse.issparse(w):
        rows, cols = w.tocoo().coords
        above, below = bool((rows < cols).any()), bool((rows > cols).any())
    else:
        above = any(w[..., i, i + 1 :].any() for i in range(w.shape[-1]))
        below = any(w[..., i, :i].any() for i in range(w.shape[-1]))
    return None if above == below else "lower" if above else "upper"


def mirrored(w: Any, *, ends_meet: bool) -> Any:
    """Undirected weights from a list or triangle that has every pair once, or from all of both directions.

    With `ends_meet` (a list of edges) a self-connection has both its ends at the node and counts twice; in a matrix
    the diagonal stays. Raises ValueError where pairs are stored both ways, but not all of them or with other weights.
    """
    turned = sparse.csr_array(w.T) if sparse.issparse(w) else np.swapaxes(w, -1, -2)
    if sparse.issparse(w):
        loops = sparse.diags_array(w.diagonal())
        both = int(((w - loops) != 0).multiply((turned - loops) != 0).nnz) // 2
    else:
        loops = w * np.eye(w.shape[-1])
        both = int(np.count_nonzero((w != 0) & (turned != 0) & (np.eye(w.shape[-1]) == 0))) // 2
    if is_symmetric(w):
        out = w + loops if ends_meet else w
    elif both:
        raise ValueError(
            f"undirected=True, but {both} pairs of nodes are stored in both directions, not all with the same "
            "weight: they could be one connection stored twice or two that add up. Load it as directed and choose with "
            'transform.symmetrize(net, how="mean", "sum" or "max")'
        )
    else:
        out = w + turned if ends_meet else w + turned - loops
    if sparse.issparse(out):
        out = sparse.csr_array(out)
        out.eliminate_zeros()
    return out
