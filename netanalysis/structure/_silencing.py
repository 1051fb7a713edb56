"""A steady state without each of many nodes, from the one of the intact network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import components, eigenvalues, memory, parallel, validate
from netanalysis.structure import _walks

_WHOLE = 4000  # nodes, up to which the inverse is formed
_SPECTRUM = 500  # nodes of a sparse network, up to which the full spectrum is as fast as one eigenvalue
_EDGE = 1e-12
_BATCH = 2**24  # entries of networks looked at together


def each(
    gw: Any, x: NDArray[np.float64], nodes: NDArray[np.intp], targets: NDArray[np.intp] | None, *, dynamics: str
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores (k, targets) without each node, nan where activity no longer settles, and whether it does."""
    n = gw.shape[-1]
    wanted = np.arange(n) if targets is None else targets
    scores = f"scores of {len(wanted)} nodes without each of {len(nodes)}"
    memory.require(8 * len(nodes) * len(wanted), scores, instead="name fewer nodes or targets")
    # Rows of M = (I - gW)^-1 where the nodes' activity enters, and their diagonal.
    ends = np.concatenate([wanted, nodes])
    with parallel.one_blas_thread():
        if n <= _WHOLE:
            rows = _walks.solve(gw, nodes, np.arange(n))
            own, rows = rows[np.arange(len(nodes)), nodes], rows[:, wanted]
        else:
            found = [_walks.solve(gw, nodes[[k]], ends)[0] for k in range(len(nodes))]
            own = np.array([row[len(wanted) + k] for k, row in enumerate(found)])
            rows = np.array([row[: len(wanted)] for row in found])
    settles = still_settles(gw, nodes, own, dynamics)
    # The node itself keeps nothing: it is not driven.
    rows = rows - (nodes[:, None] == wanted)
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = x[wanted] - (x[nodes] / own)[:, None] * rows
    scores[nodes[:, None] == wanted] = 0.0
    scores[~settles] = np.nan
    return scores, settles


def still_settles(gw: Any, nodes: NDArray[np.intp], own: NDArray[np.float64], dynamics: str) -> NDArray[np.bool_]:
    """Whether activity settles without each node; it does in the intact network."""
    settles = np.ones(len(nodes), bool)
    if not validate.has_negative(gw) or eigenvalues.perron(abs(gw)) < 1 - _EDGE:
        return settles  # a part of a non-negative matrix has no larger eigenvalue
    if _range_below_one(gw, dynamics):
        return settles
    # det(I - gW without m) / det(I - gW): below 0, an odd number of real eigenvalues has passed 1.
    settles[own <= 0] = False
    member = (
        components.strong_components_of_sparse(gw)
        if sparse.issparse(gw)
        else components.strong_components(gw[None])[1][0]
    )
    size = np.bincount(member)[member]
    for part in np.unique(member[nodes[settles & (size[nodes] > 1)]]):
        within = np.flatnonzero(member == part)
        block = gw[within][:, within]
        asked = np.flatnonzero(settles & (member[nodes] == part))
        _look(block, np.searchsorted(within, nodes[asked]), asked, settles, dynamics)
    return settles


def _range_below_one(gw: Any, dynamics: str) -> bool:
    """Whether the numerical range (continuous) or the largest singular value (discrete) vouches for every part."""
    from scipy.sparse import linalg

    n = gw.shape[0]
    if sparse.issparse(gw) and n > _SPECTRUM:
        try:
            if dynamics == "continuous":
                top = linalg.eigsh((gw + gw.T) * 0.5, k=1, which="LA", v0=np.ones(n), return_eigenvectors=False)
            else:
                top = linalg.svds(gw, k=1, v0=np.ones(n), return_singular_vectors=False, random_state=0)
        except linalg.ArpackError:  # as of a ring, whose largest values hardly differ: nothing vouches
            return False
        return bool(top[0] < 1 - 1e-6)
    m = gw.toarray() if sparse.issparse(gw) else gw
    top = np.linalg.eigvalsh(0.5 * (m + m.T))[-1] if dynamics == "continuous" else np.linalg.norm(m, 2)
    return bool(top < 1 - _EDGE)


def _look(
    block: Any, places: NDArray[np.intp], asked: NDArray[np.intp], settles: NDArray[np.bool_], dynamics: str
) -> None:
    """The eigenvalues of one strongly connected part without each of its nodes."""
    n = block.shape[0]
    if sparse.issparse(block) and n > _SPECTRUM:
        for place, k in zip(places, asked, strict=True):
            kept = np.delete(np.arange(n), place)
            top = eigenvalues.extreme_eigenvalue(block[kept][:, kept], "LR" if dynamics == "continuous" else "LM", 1e-8)
            settles[k] = (top.real if dynamics == "continuous" else abs(top)) < 1 - _EDGE
        return
    m = block.toarray() if sparse.issparse(block) else block
    step = max(1, _BATCH // (n * n))
    for first in range(0, len(places), step):
        some = places[first : first + step]
        kept = np.array([np.delete(np.arange(n), place) for place in some])
        found = eigenvalues.eigenvalues(m[kept[:, :, None], kept[:, None, :]])
        top = (found.real if dynamics == "continuous" else np.abs(found)).max(axis=-1)
        settles[asked[first : first + step]] = top < 1 - _EDGE
