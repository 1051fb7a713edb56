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
    diagonal = s.diagonal()
    if diagonal.any():
        s = sparse.csr_array(s - sparse.diags_array(diagonal))
        s.eliminate_zeros()
    parts = (sparse.csr_array((np.maximum(sign * w.data, 0.0), w.indices, w.indptr), shape=w.shape) for sign in (1, -1))
    strengths = np.array([part.sum(axis) for part in parts for axis in (1, 0)])
    p, q = kernels.quality_form.null_terms(strengths, resolution, directed)
    network = (
        s.indptr.astype(np.int64),
        s.indices.astype(kernels.labels.NODE),
        s.data,
        np.ascontiguousarray(p.T),
        np.ascontiguousarray(q.T),
    )
    return network, float(diagonal.sum()), bool(negative == 0)


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
