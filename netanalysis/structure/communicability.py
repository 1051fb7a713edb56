"""Communicability: walks of every length between two nodes, longer ones counted less."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, parallel, reuse, scaling, stacks, undefined, validate
from netanalysis._core.renamed import renamed_argument
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import _expm

__all__ = ["communicability", "katz_communicability", "mean_communicability", "total_communicability"]

Normalize = Literal["out", "in", "both"] | None
_NORMALIZE = ["out", "in", "both", None]


@takes_stacks
def communicability(
    net: Network, *, normalize: Normalize = "out", sources: ArrayLike | None = None, targets: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Communicability matrix: the exponential of the weights, by default scaled by node strengths.

    ======================  ==========================================================================
    ``normalize="out"``     ``exp(S^-1/2 |W| S^-1/2)``, S the out-strengths (row sums of ``|W|``)
    ``normalize="in"``      the same with S the in-strengths (column sums)
    ``normalize="both"``    ``exp(S_out^-1/2 |W| S_in^-1/2)``
    ``normalize=None``      ``exp(W)``, weights and signs as they are (Estrada & Hatano)
    ======================  ==========================================================================

    For an undirected network the first three are one: Crofts & Higham's weighted communicability
    (doi:10.1098/rsif.2008.0484). "out" is the form in the penalty of spatially embedded networks
    (doi:10.1038/s42256-023-00748-9), there with the diagonal set to 0 afterwards; here it stays.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Self-connections count, in strengths too. The three normalised forms use magnitudes and do not change when
        W is scaled.
    normalize : {"out", "in", "both", None}
        A node whose strength is 0 has a zero row and column in the scaled matrix ("both": a node without output has
        a zero row, one without input a zero column), so a node isolated in it has ``C[i, i] = 1`` and zeros elsewhere.
    sources, targets : node indices or mask, or names of modules or labels, optional
        Only these rows and columns. A block that is thin on one side is computed from products with vectors; this
        is what a large sparse network needs.

    Returns
    -------
    ndarray, shape (..., n_sources, n_targets)
        ``C[i, j]`` from i to j. Non-negative unless `normalize` is None and weights are signed.

    Raises
    ------
    OverflowError
        If ``exp(W)`` exceeds double precision (spectral radius near 700).
    MemoryError
        If a sparse network is too large for the result; name sources or targets.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.communicability([[0, 5.0], [5.0, 0]]).round(4)  # cosh 1 and sinh 1
    array([[1.5431, 1.1752],
           [1.1752, 1.5431]])
    >>> na.communicability([[0, 5.0], [0, 0]], normalize=None)
    array([[1., 5.],
           [0., 1.]])
    """
    _check(normalize)
    w = validate.as_weights(net, as_given=True)
    n = w.shape[-1]
    rows = np.arange(n) if sources is None else validate.as_nodes(sources, n, "sources", net=net)
    columns = np.arange(n) if targets is None else validate.as_nodes(targets, n, "targets", net=net)
    contraction = normalize is not None
    # Per column the action costs 18 products with a vector or more, the whole five products of matrices.
    if min(len(rows), len(columns)) * 4 <= n:
        a, lead = _stack(_scaled(w, normalize))
        blocks = [_block(m, rows, columns, contraction) for m in a]
        return np.stack(blocks).reshape(*lead, len(rows), len(columns))
    w = validate.dense(w, measure="the whole communicability matrix", instead="sources= or targets= with few nodes")
    c = _whole(w, normalize)
    return c if sources is None and targets is None else c[..., rows[:, None], columns]


def _whole(w: NDArray[np.float64], normalize: Normalize) -> NDArray[np.float64]:
    flat, _ = stacks.flatten(w if normalize is None else scaling.near_one(w)[0])
    factors = partial(_factors, normalize=normalize)
    c = _expm.expm(flat) if normalize is None else _expm.expm_scaled(flat, factors)
    return c.reshape(w.shape)


def once(net: Network, normalize: Normalize) -> NDArray[np.float64]:
    """:func:`communicability` for measures that only read it, which share it while many are asked for."""
    return reuse.once(_communicability, net, normalize)


def _communicability(net: Network, normalize: Normalize) -> NDArray[np.float64]:
    return communicability(net, normalize=normalize)


@renamed_argument("axis", "direction")
@takes_stacks
def total_communicability(
    net: Network, *, normalize: Normalize = "out", direction: Literal["out", "in"] = "out"
) -> NDArray[np.float64]:
    """Total communicability of every node: the row (or column) sums of its communicability matrix, which is not formed.

    ``direction="out"`` gives ``exp(A) 1``, how well a node broadcasts; ``direction="in"`` gives ``1' exp(A)``, how
    well it receives (Benzi & Klymko, doi:10.1093/comnet/cnt007). The sum over nodes is that of the whole matrix.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Dense or sparse of any size.
    normalize : {"out", "in", "both", None}
        As in :func:`communicability`.
    direction : {"out", "in"}

    Returns
    -------
    ndarray, shape (..., n)
        A node that is isolated in the scaled matrix has 1.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.total_communicability([[0, 5.0], [0, 0]], normalize=None)
    array([6., 1.])
    """
    options.choice(direction, ["out", "in"], "direction")
    _check(normalize)
    w = validate.as_weights(net, as_given=True)
    contraction = normalize is not None
    if sparse.issparse(w):
        a = _scaled(w, normalize)
        return _expm.expm_sums(a if direction == "out" else a.T, contraction=contraction)
    flat, lead = stacks.flatten(w)
    out = np.empty(flat.shape[:2])
    # a contraction takes the same series whatever its weights; any other matrix its own, so these go one by one
    step = max(1, 2**20 // flat[0].size) if contraction else 1

    def block(start: int, stop: int) -> None:
        for k in range(start, stop, step):
            part = slice(k, min(stop, k + step))
            a = _scaled(flat[part], normalize)
            a = a if direction == "out" else a.swapaxes(-1, -2)
            out[part] = _expm.expm_sums(a if contraction else a[0], contraction=contraction)

    parallel.blas_blocks(block, len(flat))
    return out.reshape(*lead, -1)


@takes_stacks
def mean_communicability(net: Network, *, normalize: Normalize = "out") -> Any:
    """Mean communicability of pairs of distinct nodes.

    Times n (n - 1) it is the sum off the diagonal, which is all that the penalty of spatially embedded networks sees
    (doi:10.1038/s42256-023-00748-9): self-connections, free of it, raise the diagonal.

    Parameters
    ----------
    net : network or stack (..., n, n)
    normalize : {"out", "in", "both", None}
        As in :func:`communicability`.

    Returns
    -------
    float, or array over the leading axes
        nan for a single node.

    Examples
    --------
    >>> import netanalysis as na
    >>> round(na.mean_communicability([[0, 5.0], [5.0, 0]]), 4)
    1.1752
    """
    c = once(net, normalize)
    n = c.shape[-1]
    off = c.sum(axis=(-2, -1)) - np.trace(c, axis1=-2, axis2=-1)
    mean = stacks.number(stacks.ratio(off, n * (n - 1.0)))
    return undefined.spoken(mean, "mean_communicability", "a single node has no pairs")


@takes_stacks
def katz_communicability(
    net: Network,
    *,
    alpha: float,
    normalize: str | float | None = None,
    sources: ArrayLike | None = None,
    targets: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Resolvent (Katz) communicability ``(I - alpha W)^-1 = sum_k (alpha W)^k``, weights signed as they are.

    The sum over walks in which k hops weigh ``alpha^k`` instead of ``1 / k!`` (Estrada & Higham,
    doi:10.1137/090761070).

    Parameters
    ----------
    net : network or stack (..., n, n)
    alpha : float
        Weight of a hop; ``alpha * spectral radius`` must be below 1.
    normalize : {None, "spectral_radius"} or positive float
        Divide W by this first; with "spectral_radius" any alpha below 1 will do.
    sources, targets : node indices or mask, or names of modules or labels, optional
        Only these rows and columns.

    Returns
    -------
    ndarray, shape (..., n_sources, n_targets)

    Raises
    ------
    ValueError
        If the sum over walks does not converge; the error states the limit of alpha.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.katz_communicability([[0, 1.0], [0, 0]], alpha=0.5)
    array([[1. , 0.5],
           [0. , 1. ]])
    """
    from netanalysis.structure.walk_sums import resolvent

    w = validate.as_weights(net, as_given=True)
    every = np.arange(w.shape[-1])
    return resolvent(
        w,
        inputs=every if sources is None else validate.as_nodes(sources, len(every), "sources", net=net),
        outputs=every if targets is None else validate.as_nodes(targets, len(every), "targets", net=net),
        alpha=alpha,
        normalize=normalize,
    )


def _check(normalize: Any) -> None:
    if normalize not in _NORMALIZE:
        raise ValueError(f"normalize must be one of {_NORMALIZE}; got {normalize!r}")


def _scaled(w: Any, normalize: str | None) -> Any:
    """The matrix that is exponentiated, dense or csr."""
    if normalize is None:
        return w
    magnitude, _ = scaling.near_one(abs(w))  # the unit of the weights does not matter
    left, right = _factors(magnitude, normalize)
    if sparse.issparse(w):
        return sparse.csr_array(sparse.diags_array(left) @ magnitude @ sparse.diags_array(right))
    magnitude *= left[..., :, None] * right[..., None, :]
    return magnitude


def _factors(magnitude: Any, normalize: str | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What rows and columns of the magnitudes are multiplied by."""
    left = _inverse_root(magnitude.sum(axis=-2 if normalize == "in" else -1))
    return left, _inverse_root(magnitude.sum(axis=-2)) if normalize == "both" else left


def _inverse_root(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    return stacks.ratio(1.0, np.sqrt(strength), otherwise=0.0)


def _stack(a: Any) -> tuple[Any, tuple[int, ...]]:
    return ([a], ()) if sparse.issparse(a) else stacks.flatten(a)


def _block(a: Any, rows: NDArray[np.intp], columns: NDArray[np.intp], contraction: bool) -> NDArray[np.float64]:
    """exp(a)[rows, columns] from the thinner side."""
    if len(rows) < len(columns):
        return _expm.expm_columns(a.T, columns, rows, contraction=contraction).T
    return _expm.expm_columns(a, rows, columns, contraction=contraction)
