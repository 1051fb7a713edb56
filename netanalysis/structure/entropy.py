"""Entropies of the weight distribution, in bits."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import memory, options, products, stacks, undefined, validate
from netanalysis._core.renamed import renamed_argument
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import _expm
from netanalysis.structure.communicability import Normalize, _check, _scaled, once

__all__ = ["communicability_entropy", "node_entropy", "silent_rows", "weight_entropy"]

# From here on, 18 products of few connections with every column take less than five dense products.
_BLOCKS_FROM = 1000  # nodes
_DENSER = 30  # pairs for each connection


@renamed_argument("axis", "direction")
@takes_stacks
def node_entropy(
    net: Network, *, direction: Literal["out", "in"] = "out", self_connections: bool = True
) -> NDArray[np.float64]:
    """Entropy of one random step from every node, in bits.

    ``p_ij = |w_ij| / sum_j |w_ij|`` and ``H_i = - sum_j p_ij log2 p_ij``, with 0 log 0 = 0: from 0 (one connection)
    to log2(n) (equal connections to all n).

    Parameters
    ----------
    net : network or stack (..., n, n)
        Magnitudes are used. Dense or sparse of any size.
    direction : {"out", "in"}
        Distribution of a node's outgoing weights (rows) or of its incoming weights (columns).
    self_connections : bool
        Whether the diagonal takes part.

    Returns
    -------
    ndarray, shape (..., n)
        0 for a node without connections on this side: 0 log 0 = 0 in every term.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.node_entropy([[0, 1.0, 1.0], [-3.0, 0, 0], [0, 0, 0]])
    array([1., 0., 0.])
    """
    options.flags(self_connections=self_connections)
    options.choice(direction, ["out", "in"], "direction")
    w = validate.as_weights(net, as_given=True)
    if sparse.issparse(w):
        entries = sparse.coo_array(w)
        keep = slice(None) if self_connections else entries.row != entries.col
        node = (entries.row if direction == "out" else entries.col)[keep]
        magnitude = np.abs(entries.data[keep])
        strength = np.bincount(node, magnitude, minlength=w.shape[0])
        return np.asarray(np.bincount(node, _surprise(magnitude / strength[node]), minlength=w.shape[0]), float)
    return _row_entropy(_magnitudes(w, direction, self_connections))


@takes_stacks
def silent_rows(
    net: Network, *, min_peak: float, direction: Literal["out", "in"] = "out", self_connections: bool = True
) -> Any:
    """Count the nodes none of whose weights reaches a magnitude: the rows that :func:`weight_entropy` can leave out.

    Training by Adam under an L1 penalty never ends at 0: weights that are done with jitter by a few learning rates. A
    row of nothing else has an entropy near the largest, and weighs as much in the mean as one that carries signals.

    Parameters
    ----------
    net : network or stack (..., n, n)
    min_peak : float
        In units of the weights. A row is silent if its largest magnitude is below it; so are all rows without
        connections, if it is above 0. Trained networks: a few times the learning rate, such as 5e-3.
    direction : {"out", "in"}
        Rows of outgoing, or columns of incoming weights.
    self_connections : bool
        Whether the diagonal takes part.

    Returns
    -------
    int, or array over the leading axes

    Examples
    --------
    >>> import netanalysis as na
    >>> na.silent_rows([[0, 1.0, 1.0], [0, 0, 0.5], [0.001, 0.002, 0]], min_peak=5e-3)
    1
    """
    options.flags(self_connections=self_connections)
    min_peak = options.number_in(min_peak, "min_peak", at_least=0)
    count = (_peaks(net, direction, self_connections) < min_peak).sum(axis=-1)
    return int(count) if count.ndim == 0 else count


@renamed_argument("axis", "direction")
@takes_stacks
def weight_entropy(
    net: Network,
    *,
    direction: Literal["out", "in"] = "out",
    self_connections: bool = True,
    variant: Literal["row", "histogram"] = "row",
    bins: int = 30,
    min_peak: float | None = None,
) -> Any:
    """Shannon entropy of the weights, in bits.

    ``variant="row"`` (default): mean over all n nodes of the entropy of a random step, :func:`node_entropy`, as
    Sheeran et al. measure trained networks (doi:10.48550/arXiv.2409.17693). No binning; at most log2(n).
    ``variant="histogram"``: entropy of the pooled magnitudes ``|w_ij|`` of all ordered pairs, absent connections
    included as zeros, in `bins` equal bins from 0 to the largest magnitude; at most log2(bins).

    Parameters
    ----------
    net : network or stack (..., n, n)
        Magnitudes are used; the answer does not change when W is scaled.
    direction : {"out", "in"}
        Outgoing or incoming weights (row variant only).
    self_connections : bool
        Whether the diagonal takes part. In networks trained under a distance penalty self-connections are free of
        it and can dominate: look at both.
    variant : {"row", "histogram"}
    bins : int
        Number of bins of the histogram variant.
    min_peak : float, optional
        Leave nodes out of the mean whose largest magnitude is below this, in units of the weights (row variant only);
        :func:`silent_rows` counts them. By default every node counts, and where a penalty has silenced nodes
        all but for the noise of training, that noise raises the mean: look at both.

    Returns
    -------
    float, or array over the leading axes
        A node without connections counts as 0 in the mean. A network without connections has entropy 0. With
        `min_peak`, nan and a warning if it leaves no node.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.weight_entropy([[1.0, 1, 1, 1]] * 4)
    2.0
    >>> na.weight_entropy([[1.0, 0], [0, 1.0]], variant="histogram", bins=2)
    1.0
    >>> na.weight_entropy([[1.0, 0], [1e-3, 1e-3]]), na.weight_entropy([[1.0, 0], [1e-3, 1e-3]], min_peak=5e-3)
    (0.5, 0.0)
    """
    options.flags(self_connections=self_connections)
    bins = options.count(bins, "bins")
    if options.choice(variant, ["row", "histogram"], "variant") == "row":
        entropy = node_entropy(net, direction=direction, self_connections=self_connections)
        if min_peak is None:
            return stacks.number(entropy.mean(axis=-1))
        live = _peaks(net, direction, self_connections) >= options.number_in(min_peak, "min_peak", at_least=0)
        mean = stacks.number(stacks.ratio(np.where(live, entropy, 0).sum(axis=-1), live.sum(axis=-1)))
        return undefined.spoken(mean, "weight_entropy", f"no node has a magnitude of min_peak={min_peak}")
    if min_peak is not None:
        raise ValueError(f'min_peak is of variant="row", the mean over nodes; got {min_peak} with variant={variant!r}')
    options.choice(direction, ["out", "in"], "direction")
    bins = options.count(bins, "bins")
    w = validate.as_weights(net, as_given=True)
    n = w.shape[-1]
    pairs = n * n if self_connections else n * (n - 1)
    off = ~np.eye(n, dtype=bool) if not self_connections and not sparse.issparse(w) else None

    def one(m: Any) -> float:
        if sparse.issparse(m):
            entries = sparse.coo_array(m)
            kept = entries.data if self_connections else entries.data[entries.row != entries.col]
        else:
            kept = m.ravel() if off is None else m[off]
        return _histogram_entropy(np.abs(kept), pairs, bins)

    return stacks.each(w, one)


@renamed_argument("axis", "direction")
@takes_stacks
def communicability_entropy(
    net: Network, *, normalize: Normalize = "out", direction: Literal["out", "in"] = "out"
) -> Any:
    """Mean over nodes of the entropy of their communicability with all nodes, in bits.

    The row entropy of :func:`weight_entropy` applied to :func:`~netanalysis.communicability`, whose diagonal is
    kept (Sheeran et al., doi:10.48550/arXiv.2409.17693).

    Parameters
    ----------
    net : network or stack (..., n, n)
    normalize : {"out", "in", "both", None}
        As in :func:`~netanalysis.communicability`. With None and signed weights the magnitudes of ``exp(W)`` count.
    direction : {"out", "in"}
        Rows or columns of the communicability matrix.

    Returns
    -------
    float, or array over the leading axes
        An isolated node communicates with itself alone and counts 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> round(na.communicability_entropy([[0, 1.0], [1.0, 0]]), 4)
    0.9867
    """
    _check(normalize)
    options.choice(direction, ["out", "in"], "direction")
    w = validate.as_weights(net, as_given=True)
    n = w.shape[-1]
    few = w.ndim == 2 and n >= _BLOCKS_FROM and memory.fits(8 * n * n)
    if few and normalize is not None and (w.nnz if sparse.issparse(w) else np.count_nonzero(w)) * _DENSER < n * n:
        return _of_columns(_scaled(products.lists(w) if isinstance(w, np.ndarray) else w, normalize), direction)
    return weight_entropy(once(net, normalize), direction=direction)


def _of_columns(a: Any, direction: str) -> float:
    """The mean entropy of the communicability of few connections, 16 nodes at a time."""
    entropies = np.empty(a.shape[0])

    def use(part: slice, block: NDArray[np.float64]) -> None:
        entropies[part] = _surprise(block / block.sum(axis=0)).sum(axis=0)

    _expm.expm_blocks(a.T if direction == "out" else a, np.arange(len(entropies)), use, contraction=True)
    return float(entropies.mean())


def _magnitudes(w: NDArray[np.float64], direction: str, self_connections: bool) -> NDArray[np.float64]:
    """One row per node; without self-connections 0 stands in their place."""
    magnitude = np.abs(w if direction == "out" else np.swapaxes(w, -1, -2))
    if not self_connections:
        n = w.shape[-1]
        magnitude[..., np.arange(n), np.arange(n)] = 0.0
    return magnitude


def _peaks(net: Network, direction: str, self_connections: bool) -> NDArray[np.float64]:
    """Largest magnitude of every node."""
    options.choice(direction, ["out", "in"], "direction")
    w = validate.as_weights(net, as_given=True)
    if sparse.issparse(w):
        entries = sparse.coo_array(w)
        keep = slice(None) if self_connections else entries.row != entries.col
        peaks = np.zeros(w.shape[0])
        np.maximum.at(peaks, (entries.row if direction == "out" else entries.col)[keep], np.abs(entries.data[keep]))
        return peaks
    return _magnitudes(w, direction, self_connections).max(axis=-1)


def _surprise(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """-p log2 p, 0 where p is 0."""
    return np.abs(p * np.log2(np.where(p > 0, p, 1.0)))  # a logarithm of all is faster than of some


def _row_entropy(magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    flat, lead = stacks.flatten(magnitude)
    out = np.empty(flat.shape[:2])

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):  # one by one, in cache
            strength = flat[k].sum(axis=-1, keepdims=True)
            strength[strength == 0] = 1.0
            out[k] = _surprise(flat[k] / strength).sum(axis=-1)

    stacks.in_threads(block, flat)
    return out.reshape(lead + out.shape[1:])


def _histogram_entropy(magnitude: NDArray[np.float64], pairs: int, bins: int) -> float:
    top = magnitude.max(initial=0.0)
    if top == 0:
        return 0.0
    counts = np.histogram(magnitude, bins=bins, range=(0.0, top))[0]
    counts[0] += pairs - len(magnitude)
    return float(_surprise(counts / pairs).sum())
