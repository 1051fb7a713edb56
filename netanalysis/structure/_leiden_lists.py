"""Leiden and Louvain on lists of connections: the form of the network, and one run, stage by stage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import validate
from netanalysis.structure import kernels

Form = tuple[tuple[Any, ...], float, bool]


def form(w: Any, resolution: float) -> Form:
    """Of a csr_array: CSR of S without its diagonal, p and q; the sum of that diagonal; whether all of one sign."""
    positive = w.data[w.data > 0].sum()
    negative = -w.data[w.data < 0].sum()
    with np.errstate(divide="ignore"):
        data = w.data * np.where(w.data > 0, 1.0 / positive, 1.0 / (positive + negative))
    s = sparse.csr_array((data, w.indices, w.indptr), shape=w.shape)
    directed = not validate.is_symmetric(w)
    if directed:
        s = sparse.csr_array((s + s.T) * 0.5)
    parts = (sparse.csr_array((np.maximum(sign * w.data, 0.0), w.indices, w.indptr), shape=w.shape) for sign in (1, -1))
    strengths = np.array([part.sum(axis) for part in parts for axis in (1, 0)])
    p, q = kernels.quality_form.null_terms(strengths, resolution, directed)
    return _lists(s, p, q), float(s.diagonal().sum()), bool(negative == 0)


def potts_form(w: Any, resolution: float) -> Form:
    """:func:`form` for the quality of :mod:`.constant_potts`, but for a constant."""
    whole = float(np.abs(w.data).sum() - np.abs(w.diagonal()).sum()) or 1.0
    s = sparse.csr_array((w + w.T) * (0.5 / whole))
    ones = np.ones((1, w.shape[0]))
    return _lists(s, ones * (resolution / whole), ones), 0.0, not validate.has_negative(w)


def _lists(s: Any, p: NDArray[np.float64], q: NDArray[np.float64]) -> tuple[Any, ...]:
    """Off-diagonal part of S in CSR form, with p and q, as kernels take them."""
    diagonal = s.diagonal()
    if diagonal.any():
        s = sparse.csr_array(s - sparse.diags_array(diagonal))
        s.eliminate_zeros()
    return (
        s.indptr.astype(np.int64),
        s.indices.astype(kernels.labels.NODE),
        s.data,
        np.ascontiguousarray(p.T),
        np.ascontiguousarray(q.T),
    )


def run(of: Form, refined: bool, iterations: int, seed: np.uint64, out: NDArray[np.intp]) -> float:
    """One run on a :func:`form`, as ``kernels.leiden.optimize``; writes the labels, returns Q.

    What is better for many nodes: it starts from single ones, communities stay whole in the first iteration, and parts
    merge from the communities they are of rather than from scratch.
    """
    stages, move, tiny = kernels.leiden_sparse, kernels.sparse_moves.move_along, kernels.node_moves.TINY
    network, trace, positive = of
    data, n = network[2], len(out)
    state = _kernels.random.new_state(seed)
    theta = tiny  # something to divide by without connections
    if len(data):
        theta += kernels.leiden.THETA * float(np.abs(data).mean())
    label, bond = np.arange(n, dtype=kernels.labels.NODE), np.empty(n)
    move(*network, label, state, bond)
    best, best_label, failed = -np.inf, label.copy(), 0
    for iteration in range(iterations + 1 if refined else 1):
        if iteration == 0:
            part = label.copy()
        else:
            part = np.arange(n, dtype=label.dtype)
            stages.refine(*network, label, bond, theta, state, part)
        if failed == 1:
            move(*network, part, state, bond)
            label = part.copy()
        stages.merge(*network, part, label, state)
        move(*network, label, state, bond)
        found = stages.quality(*network, trace, label)
        if found > best + tiny:
            best, best_label, failed = found, label.copy(), 0
        elif failed == 1:
            break
        else:
            failed = 1
    if refined and positive:
        stages.split_components(*network[:2], best_label)
    kernels.labels.number_by_size(best_label, out)
    if len(data) == 0 and trace == 0.0:
        return np.nan
    return float(stages.quality(*network, trace, best_label))
