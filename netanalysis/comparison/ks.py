"""Kolmogorov-Smirnov distances between distributions of nodal measures and edge lengths; the largest is the energy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, stacks, undefined, validate
from netanalysis._core.types import Network
from netanalysis.comparison._distributions import kolmogorov_smirnov
from netanalysis.comparison._pairs import Parts, in_parts, over, sized
from netanalysis.connectome import edge_distances
from netanalysis.structure.basic import degree, strength
from netanalysis.structure.betweenness import betweenness
from netanalysis.structure.clustering import clustering
from netanalysis.transform import remove_self_connections

__all__ = ["ks_distance"]

Samples = dict[str, NDArray[np.float64]]


def _degrees(net: Any) -> NDArray[np.float64]:
    """In- plus out-degree of every node over twice the number of others: undirected and directed networks compare."""
    w = validate.as_weights(net)
    return (degree(w, direction="in") + degree(w, direction="out")) / max(1, 2 * (w.shape[-1] - 1))


def _clustering(net: Any) -> NDArray[np.float64]:
    return np.asarray(clustering(validate.as_weights(net), method="binary"))


def _betweenness(net: Any) -> NDArray[np.float64]:
    w = validate.as_weights(net)
    n = w.shape[-1]
    return stacks.ratio(betweenness(w, lengths="hops"), (n - 1) * (n - 2), otherwise=0.0)


def _edge_lengths(net: Any) -> NDArray[np.float64]:
    w = validate.as_weights(remove_self_connections(validate.as_weights(net)))
    rows, columns = w.tocoo().coords if sparse.issparse(w) else np.nonzero(w)
    try:
        return np.asarray(edge_distances(net, None, w.shape[-1], rows, columns), float)
    except ValueError:
        raise ValueError(
            '"edge_length" needs distances in both networks: give Connectomes with positions or distances, or leave it '
            'out, of=("degree", "clustering", "betweenness")'
        ) from None


def _relative_lengths(net: Any) -> NDArray[np.float64]:
    """Lengths over the mean distance between all pairs of distinct nodes."""
    lengths = _edge_lengths(net)
    n = validate.as_weights(net).shape[-1]
    return stacks.ratio(lengths, net.distances.sum() / max(1, n * (n - 1)), otherwise=0.0)


def _relative_weights(net: Any) -> NDArray[np.float64]:
    """Weights of connections over their mean."""
    w = validate.as_weights(remove_self_connections(validate.as_weights(net)))
    validate.require_nonnegative(w, "net", measure='ks_distance of "weight"', instead="Choose transform.absolute(net)")
    values = w.data[w.data != 0] if sparse.issparse(w) else w[w != 0]
    return values / values.mean() if len(values) else values


def _strengths(net: Any) -> NDArray[np.float64]:
    """In- plus out-strength of every node over twice that of a node with the largest weight to and from all others."""
    w = remove_self_connections(validate.as_weights(net))
    both = strength(w, direction="in") + strength(w, direction="out")
    return stacks.ratio(both, 2 * (w.shape[-1] - 1) * w.max(), otherwise=0.0)


def _weighted_clustering(net: Any) -> NDArray[np.float64]:
    return np.asarray(clustering(validate.as_weights(net)))


def _weighted_betweenness(net: Any) -> NDArray[np.float64]:
    w = validate.as_weights(net)
    n = w.shape[-1]
    return stacks.ratio(betweenness(w), (n - 1) * (n - 2), otherwise=0.0)


SAMPLES: dict[str, Callable[[Any], NDArray[np.float64]]] = {
    "degree": _degrees,
    "clustering": _clustering,
    "betweenness": _betweenness,
    "weight": _relative_weights,
    "strength": _strengths,
    "weighted_clustering": _weighted_clustering,
    "weighted_betweenness": _weighted_betweenness,
    "edge_length": _edge_lengths,
    "relative_edge_length": _relative_lengths,
}
BINARY_ENERGY = ("degree", "clustering", "betweenness", "edge_length")
WEIGHTED_ENERGY = ("strength", "weighted_clustering", "weighted_betweenness", "edge_length")


def _samples(net: Any, of: tuple[str, ...]) -> Samples:
    return {name: SAMPLES[name](net) for name in of}


def _largest(a: Samples, b: Samples) -> float:
    values = {name: kolmogorov_smirnov(a[name], b[name]) for name in a}
    empty = [name for name, value in values.items() if np.isnan(value)]
    if empty:
        undefined.say(f"ks_distance is nan: one network has no {' and no '.join(empty)} at all")
    return float(np.max(list(values.values())))


_SPARSE = 'Large networks have of=("degree", "clustering", "edge_length"); '


@sized("ks_distance", _SPARSE)
def _parts(*, of: str | Sequence[str] = BINARY_ENERGY) -> Parts:
    chosen = (of,) if isinstance(of, str) else tuple(of)
    if not chosen:
        raise ValueError(f"of must name at least one of {list(SAMPLES)}; got none")
    for name in chosen:
        options.choice(name, SAMPLES, "of")
    return Parts(partial(_samples, of=chosen), _largest)


@in_parts(_parts)
def ks_distance(a: Network, b: Network, *, of: str | Sequence[str] = BINARY_ENERGY) -> Any:
    """Largest Kolmogorov-Smirnov distance between distributions of nodal measures and edge lengths.

    Parameters
    ----------
    a, b : network or stack (..., n, n)
        Of any size; leading axes are matched as numpy broadcasts.
    of : name or sequence of names
        One name gives the distance of that distribution, several the largest of theirs. Without self-connections, and
        relative to what there could be, so that sizes and directions compare. Binary (w != 0):

        "degree" in- plus out-degree over 2 (n - 1);
        "clustering" na.clustering(method="binary");
        "betweenness" by hops, as a share of all pairs;
        "edge_length" distance between connected nodes, in the unit of the positions;
        "relative_edge_length" the same over the mean distance between all nodes, for brains of different size.

        Weighted, for weights that are not negative, and the same when W is scaled:

        "weight" of connections over their mean;
        "strength" in- plus out-strength over 2 (n - 1) times the largest weight;
        "weighted_clustering" na.clustering with its defaults;
        "weighted_betweenness" along paths of lengths 1 / w, as a share of all pairs.

        The default, the largest of degree, clustering, betweenness and edge length, is the energy of generative models
        (Betzel et al. 2016).

    Returns
    -------
    float, or array over the leading axes
        0 to 1. Symmetric, 0 for relabelled networks, and the triangle inequality holds; 0 does not mean the same
        network. nan where one network has connections and the other none, for edge lengths.

    Raises
    ------
    ValueError
        Edge lengths of networks without distances.

    Notes
    -----
    Values that differ by less than 1e-9 of the largest tie: betweenness, summed in another order, differs in its last
    digits, and an exact comparison would count that as a difference of the whole distribution.

    References
    ----------
    Betzel et al. 2016, doi:10.1016/j.neuroimage.2015.09.041; Vértes et al. 2012, doi:10.1073/pnas.1111738109.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> row = np.arange(5.0)[:, None]
    >>> chain = na.Connectome(np.eye(5, k=1) + np.eye(5, k=-1), positions=row)
    >>> star = na.Connectome([[0, 1, 1, 1, 1]] + [[1, 0, 0, 0, 0]] * 4, positions=row)
    >>> na.ks_distance(chain, star, of="degree"), na.ks_distance(chain, star)
    (0.4, 0.75)
    """
    return over(a, b, _parts(of=of))
