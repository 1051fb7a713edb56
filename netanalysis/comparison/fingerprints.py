"""Topological fingerprints: how nodal measures of a network go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, stacks, undefined, validate
from netanalysis._core.types import Network
from netanalysis.comparison._distributions import SAME
from netanalysis.comparison._pairs import Parts, in_parts, over, sized
from netanalysis.comparison.ks import SAMPLES
from netanalysis.connectome import Connectome
from netanalysis.structure.local_efficiency import local_efficiency
from netanalysis.structure.matching_index import matching_index
from netanalysis.transform import binarize, remove_self_connections

__all__ = ["fingerprint_distance", "topological_fingerprint"]


def _local_efficiency(net: Any) -> NDArray[np.float64]:
    return np.asarray(local_efficiency(validate.as_weights(net), lengths="hops"))


def _matching(net: Any) -> NDArray[np.float64]:
    w = validate.as_weights(net)
    return np.asarray(matching_index(w, variant="degree").sum(axis=1) / max(1, w.shape[-1] - 1))


def _total_length(net: Any) -> NDArray[np.float64]:
    if not isinstance(net, Connectome) or not net.has_distances:
        raise ValueError(
            '"total_edge_length" needs distances: give a Connectome with positions or distances, or leave it out of '
            "measures"
        )
    w = validate.as_weights(binarize(remove_self_connections(net)))
    lengths = (w.toarray() if sparse.issparse(w) else w) * net.distances
    return np.asarray(lengths.sum(axis=0) + lengths.sum(axis=1))


_NODAL: dict[str, Callable[[Any], NDArray[np.float64]]] = {
    "degree": SAMPLES["degree"],
    "clustering": SAMPLES["clustering"],
    "betweenness": SAMPLES["betweenness"],
    "total_edge_length": _total_length,
    "local_efficiency": _local_efficiency,
    "matching_index": _matching,
}
_MEASURES = ("degree", "clustering", "betweenness", "local_efficiency", "matching_index")


def _fingerprint(net: Any, measures: tuple[str, ...]) -> NDArray[np.float64]:
    values = np.array([_NODAL[name](net) for name in measures])
    left = values - values.mean(axis=1, keepdims=True)
    left[np.abs(left).max(axis=1) <= SAME * np.abs(values).max(axis=1)] = 0.0
    size = np.linalg.norm(left, axis=1)
    out = np.clip(stacks.ratio(left @ left.T, np.outer(size, size)), -1.0, 1.0)
    flat = [name for name, s in zip(measures, size, strict=True) if not s]
    if flat:
        undefined.say(
            f"topological_fingerprint is nan for {', '.join(flat)}: alike for all nodes, it has no correlation"
        )
    np.fill_diagonal(out, np.where(size > 0, 1.0, np.nan))
    return out


def _chosen(measures: Sequence[str]) -> tuple[str, ...]:
    if isinstance(measures, str) or len(options.names(measures, "measures", "nodal measures")) < 2:
        raise ValueError(f"measures must be at least two of {list(_NODAL)}; got {measures!r}")
    return tuple(options.choice(name, _NODAL, "measures") for name in measures)


def topological_fingerprint(net: Network, *, measures: Sequence[str] = _MEASURES) -> NDArray[np.float64]:
    """Correlations, over the nodes of a network, between its nodal measures.

    Parameters
    ----------
    net : network or stack (..., n, n)
    measures : sequence of str
        Two or more of "degree" (in plus out), "clustering", "betweenness", "local_efficiency" (by hops),
        "matching_index" (mean over the other nodes), and "total_edge_length" (summed distance to neighbours, in and
        out), which needs distances; all six are the published fingerprint. All of the binary network (w != 0).

    Returns
    -------
    ndarray, shape (..., measures, measures)
        Pearson's r; nan, with a warning, for a measure that all nodes have alike.

    References
    ----------
    Akarca et al. 2022, doi:10.1101/2022.03.09.483605.

    Examples
    --------
    >>> import netanalysis as na
    >>> star = [[0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    >>> na.topological_fingerprint(star, measures=["degree", "betweenness"])
    array([[1., 1.],
           [1., 1.]])
    """
    chosen = _chosen(measures)
    w = validate.as_weights(net)
    if sparse.issparse(w) or w.ndim == 2:
        return _fingerprint(net if isinstance(net, Connectome) else w, chosen)
    flat, lead = stacks.flatten(w)
    members = [net[index] for index in np.ndindex(lead)] if isinstance(net, Connectome) else flat
    with undefined.once():
        return np.array([_fingerprint(m, chosen) for m in members]).reshape(*lead, len(chosen), len(chosen))


def _euclidean(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(a - b))


_SPARSE = 'Large networks have measures=("degree", "clustering"); '


@sized("fingerprint_distance", _SPARSE)
def _parts(*, measures: Sequence[str] = _MEASURES) -> Parts:
    return Parts(partial(_fingerprint, measures=_chosen(measures)), _euclidean)


@in_parts(_parts)
def fingerprint_distance(a: Network, b: Network, *, measures: Sequence[str] = _MEASURES) -> Any:
    """Euclidean distance between the topological fingerprints of two networks of any size.

    Parameters
    ----------
    a, b : network or stack (..., n, n)
        Leading axes are matched as numpy broadcasts.
    measures : sequence of str
        As for :func:`topological_fingerprint`; of all entries of both matrices, each pair of measures twice.

    Returns
    -------
    float, or array over the leading axes
        Symmetric, 0 for relabelled networks, the triangle inequality holds; 0 does not mean the same network. nan,
        with a warning, where a measure is alike for all nodes of either.

    References
    ----------
    Akarca et al. 2022, doi:10.1101/2022.03.09.483605 (dissimilarity of topological fingerprints).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> a, b = ((rng.random((12, 12)) < share).astype(float) for share in (0.2, 0.4))
    >>> round(float(na.fingerprint_distance(a, b)), 3)
    1.575
    """
    return over(a, b, _parts(measures=measures))
