"""Centralities that nodes get from the nodes that connect to them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import components, eigenvalues, options, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks

__all__ = ["eigenvector_centrality", "pagerank"]

_TIED = 1e-9  # leading eigenvalues of two components that differ by less are one
_DENSE_UP_TO = 2000
_STEPS_SETTLED, _MEET, _SMALL = 96, 1e-13, 200
_STEPS, _FEW_STEPS, _CLOSE = 10_000, 64, 1e-14


@takes_stacks
def eigenvector_centrality(net: Network, *, direction: Literal["in", "out"] = "in") -> Any:
    r"""Centrality of each node in proportion to the centralities of the nodes connected to it.

    :math:`\lambda x_j = \sum_i w_{ij} x_i` with the largest eigenvalue :math:`\lambda`; x has length 1 and no negative
    entry.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Non-negative weights; self-connections count.
    direction : {"in", "out"}
        "in": by incoming connections (networkx, igraph). "out": by outgoing ones, :math:`\lambda x_i = \sum_j w_{ij}
        x_j` (the Brain Connectivity Toolbox). The same for undirected networks.

    Returns
    -------
    ndarray, shape (..., n)
        Of several (strong) components the one with the largest eigenvalue has all centrality, with what it leads to;
        other nodes have 0. Where two components have the same largest eigenvalue any mixture of theirs would do, and
        without a cycle every eigenvalue is 0: nan, with an :class:`UndefinedWarning`.

    Raises
    ------
    ValueError
        Negative weights.

    References
    ----------
    Bonacich 1972, doi:10.1080/0022250X.1972.9989806.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.eigenvector_centrality([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]]).round(6)
    array([0.5     , 0.707107, 0.5     ])
    """
    options.choice(direction, ["in", "out"], "direction")
    w = _non_negative(net, "eigenvector centrality")
    if direction == "out":
        w = sparse.csr_array(w.T) if sparse.issparse(w) else np.swapaxes(w, -1, -2)
    values = np.asarray(stacks.each(w, _leading_vector, w.shape[-1:]))
    why = "no cycle passes through any node, or several components have the same largest eigenvalue"
    return undefined.spoken(values, "eigenvector_centrality", why, of="values")


def _leading_vector(w: Any) -> NDArray[np.float64]:
    n = w.shape[0]
    if not sparse.issparse(w) and n <= _DENSE_UP_TO and (x := _settled(w)) is not None:
        return x
    w = sparse.csr_array(w)
    parts = components.nodes_of(components.strong_components_of_sparse(w))
    within = [w[nodes][:, nodes] if len(nodes) > 1 else None for nodes in parts]
    own = w.diagonal()
    radius = np.array(
        [own[nodes[0]] if m is None else eigenvalues.perron(m) for nodes, m in zip(parts, within, strict=True)]
    )
    at = int(radius.argmax())
    top = radius[at]
    if top == 0 or (radius > top * (1 - _TIED)).sum() > 1:
        return np.full(n, np.nan)
    x = np.zeros(n)
    nodes = parts[at]
    x[nodes] = 1.0 if within[at] is None else _perron_vector(within[at] / top)
    others = np.setdiff1d(np.arange(n), nodes)
    if len(others):  # they get what comes to them, which does not come back
        from scipy.sparse import linalg

        given = w[nodes][:, others].T @ x[nodes]
        rest = sparse.csc_array(top * sparse.eye_array(len(others)) - w[others][:, others].T)
        x[others] = np.maximum(linalg.spsolve(rest, given), 0.0)
    return np.asarray(x / np.linalg.norm(x))


def _settled(w: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The vector of a strongly connected network by powers, if few of them do: then it is as exact as their quotients.

    These bound the largest eigenvalue from both sides (Collatz & Wielandt), and meet within `_STEPS_SETTLED` steps
    only where the next eigenvalue is well below. Small networks are helped by inverse iteration from the upper bound,
    which closes in by squares (Noda).
    """
    top = float(w.max(initial=0.0))
    if top == 0 or int(components.strong_components(w[None])[0][0]) != 1:
        return None
    turned = w.T / top
    x = turned.sum(axis=1)
    for step in range(_STEPS_SETTLED):
        x /= x.max()
        y = turned @ x
        if step % 8 == 7 or (step > 8 and len(x) <= _SMALL):
            quotient = y / x
            high = float(quotient.max())
            if np.ptp(quotient) <= _MEET * high:
                return np.asarray(y / np.linalg.norm(y))
            if len(x) <= _SMALL:
                x = np.abs(np.linalg.solve(high * (1 + 1e-12) * np.eye(len(x)) - turned, x))
                continue
        x = y + 0.3 * y.max() * x  # the shift lets networks of a period settle, too
    return None


def _perron_vector(w: Any) -> NDArray[np.float64]:
    """The positive left eigenvector of a strongly connected network whose largest eigenvalue is 1."""
    n = w.shape[0]
    x = np.full(n, 1.0 / n)
    if n <= _DENSE_UP_TO:
        shifted = w.toarray().T - (1 + 1e-10) * np.eye(n)  # all but singular: each solution is all but the eigenvector
        for _ in range(3):
            x = np.abs(np.linalg.solve(shifted, x))
            x /= x.sum()
        return x
    from scipy.sparse import linalg

    turned = sparse.csr_array(w.T)
    solver = linalg.eigsh if validate.is_symmetric(w) else linalg.eigs
    _, vectors = solver(turned, k=1, v0=x, which="LA" if solver is linalg.eigsh else "LR", ncv=100)
    return np.asarray(np.abs(vectors[:, 0].real))


@takes_stacks
def pagerank(net: Network, *, damping: float = 0.85) -> Any:
    r"""Share of the time that a walker spends at each node who follows connections, and sometimes jumps anywhere.

    With probability `damping` the walker leaves i for j in proportion to :math:`w_{ij}`, else for any node; from a node
    without outgoing connections always for any node.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Non-negative weights; self-connections count.
    damping : float
        At least 0, below 1.

    Returns
    -------
    ndarray, shape (..., n)
        Sums to 1; the same for all nodes without connections.

    Raises
    ------
    ValueError
        Negative weights.

    Notes
    -----
    Importance comes in by incoming connections; ``pagerank_centrality`` of bctpy, given ``W[i, j]`` from i to j,
    follows them backwards.

    References
    ----------
    Brin & Page 1998, doi:10.1016/S0169-7552(98)00110-X.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.pagerank([[0, 1.0, 1], [0, 0, 1], [0, 0, 0]]).round(4)
    array([0.1976, 0.2816, 0.5209])
    """
    damping = options.number_in(damping, "damping", at_least=0, below=1)
    w = _non_negative(net, "PageRank")
    largest = w.max() if sparse.issparse(w) else w.max(axis=(-2, -1), keepdims=True)
    w = w / np.where(largest > 0, largest, 1.0)
    n = w.shape[-1]
    leaving = np.asarray(w.sum(axis=-1), float)
    inverse = stacks.ratio(1.0, leaving, otherwise=0.0)
    if sparse.issparse(w):
        return _visited(sparse.csr_array(w.T), inverse, damping, _STEPS)
    if n <= _SMALL:
        step = np.eye(n) - damping * np.swapaxes(w * inverse[..., None], -1, -2)
        x = np.linalg.solve(step, np.ones((*w.shape[:-1], 1)))[..., 0]
        return x / x.sum(axis=-1, keepdims=True)
    pairs = zip(w.reshape(-1, n, n), inverse.reshape(-1, n), strict=True)
    found = [_visited(m.T, each, damping, _FEW_STEPS, solved=True) for m, each in pairs]
    return np.array(found).reshape(w.shape[:-1])


def _visited(
    follow: Any, inverse: NDArray[np.float64], damping: float, steps: int, *, solved: bool = False
) -> NDArray[np.float64]:
    """Where the walker is after many steps; what is slow to settle is `solved` instead, if asked."""
    n = len(inverse)
    x = np.full(n, 1.0 / n)
    for _ in range(steps):
        after = damping * (follow @ (x * inverse))
        after += (1.0 - after.sum()) / n
        change = np.abs(after - x).sum()
        x = after
        if change < _CLOSE:
            return x
    if solved:
        x = np.linalg.solve(np.eye(n) - damping * (follow * inverse), np.ones(n))
    return np.asarray(x / x.sum())


def _non_negative(net: Network, measure: str) -> Any:
    w = validate.as_weights(net)
    validate.require_nonnegative(
        w, "net", measure=measure, instead="Choose transform.absolute(net) or transform.positive_part(net)"
    )
    return w
