"""Newman's spectral bisection with fine tuning (doi:10.1073/pnas.0601602103), deterministic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import parallel
from netanalysis.structure import kernels

TINY = 1e-10  # a split must gain more than this, in units of Q
_ARPACK_FROM = 500  # nodes; below, LAPACK finds one eigenvector as fast, and always


def bisect(b: NDArray[np.float64]) -> NDArray[np.intp]:
    """Labels from splitting in two, again and again, for a symmetric modularity matrix ``Q = sum_ij B_ij delta``."""
    n = len(b)
    labels = np.zeros(n, np.intp)
    pending = [np.arange(n)]
    with parallel.one_blas_thread():
        while pending:
            nodes = pending.pop()
            group = b[np.ix_(nodes, nodes)]
            second = _split(group - np.diag(group.sum(0)))
            if second is not None:
                labels[nodes[second]] = labels.max() + 1
                pending += [nodes[~second], nodes[second]]
    return labels


def _split(b: NDArray[np.float64]) -> NDArray[np.bool_] | None:
    """Which nodes to part from the others, or None if no split gains: signs of the leading eigenvector, then tuned."""
    leading = _leading(b)
    leading *= np.sign(leading[np.argmax(np.abs(leading))])
    side = np.where(leading < 0, -1.0, 1.0)
    gain = float(side @ b @ side)
    if gain <= TINY:
        return None
    best = np.empty_like(side)
    kernels.bisection.tune(b, side, b @ side - np.diag(b) * side, gain, best)
    second = best < 0
    return None if second.all() or not second.any() else second


def _leading(b: NDArray[np.float64]) -> NDArray[np.float64]:
    """The eigenvector of the largest eigenvalue of a symmetric matrix."""
    from scipy.linalg import eigh
    from scipy.sparse import linalg

    n = len(b)
    if n >= _ARPACK_FROM:
        try:
            start = np.random.default_rng(0).standard_normal(n)
            return np.asarray(linalg.eigsh(b, 1, which="LA", v0=start)[1][:, 0])
        except linalg.ArpackError:  # the largest ones lie too close together
            pass
    return np.asarray(eigh(b, subset_by_index=(n - 1, n - 1), check_finite=False)[1][:, 0])
