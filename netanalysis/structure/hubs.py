"""Hubs: nodes that stand out by several measures at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis import transform
from netanalysis._core import kinds, node_order, options, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import Connectome
from netanalysis.structure.basic import degree, strength
from netanalysis.structure.betweenness import betweenness
from netanalysis.structure.centrality import eigenvector_centrality, pagerank
from netanalysis.structure.clustering import clustering
from netanalysis.structure.controllability import average_controllability
from netanalysis.structure.cores import k_core, s_core
from netanalysis.structure.eccentricity import nodal_efficiency

__all__ = ["Hubs", "hubs"]

# What each is of a node, large for a hub.
_MEASURES: dict[str, Callable[[Any], NDArray[np.float64]]] = {
    "degree": degree,
    "strength": strength,
    "betweenness": betweenness,
    "nodal_efficiency": nodal_efficiency,
    "low_clustering": lambda w: np.where(degree(w) < 2, np.nan, -clustering(w)),
    "eigenvector_centrality": eigenvector_centrality,
    "pagerank": pagerank,
    "k_core": k_core,
    "s_core": s_core,
    "average_controllability": average_controllability,
}
_WITH_SELF_CONNECTIONS = {"eigenvector_centrality", "pagerank", "average_controllability"}
_DEFAULT = ("strength", "betweenness", "nodal_efficiency", "low_clustering")


@result
class Hubs:
    """What :func:`hubs` returns; of a stack, `score`, `values` and `top` have its axes in front.

    Attributes
    ----------
    score : ndarray of int, shape (..., n)
        By how many of the measures the node is among the top ones.
    measures : tuple of str
    values : ndarray, shape (..., n, m)
        The measures; nan where a node has none, as a single node has no efficiency.
    top : ndarray of bool, shape (..., n, m)
        Whether the node is among the top ones.
    labels : ndarray, shape (n,)
        Names of the nodes, where a Connectome, DataFrame or graph has them, or their numbers.
    share : float
    """

    score: NDArray[np.intp]
    measures: tuple[str, ...]
    values: NDArray[np.float64]
    top: NDArray[np.bool_]
    labels: NDArray[Any]
    share: float

    def table(self) -> Any:
        """A DataFrame with one row for each node, the highest score first, ties by the first measure.

        Of a stack the column network comes first, counting from 0; of several axes, their indices.
        """
        import pandas as pd

        *lead, n = self.score.shape
        score, values = self.score.ravel(), self.values.reshape(-1, len(self.measures))
        network, node = np.divmod(np.arange(len(score)), n)
        order = np.lexsort((-values[:, 0], -score, network))
        columns = {"network": stacks.numbers_of(tuple(lead))[network[order]]} if lead else {}
        columns |= {"node": self.labels[node[order]], "score": score[order]}
        return pd.DataFrame(columns | dict(zip(self.measures, values[order].T, strict=True)))


@recorded
@takes_stacks
def hubs(net: Network, *, measures: Sequence[str] = _DEFAULT, share: float = 0.2) -> Hubs:
    """Score of every node: by how many measures it is among the top 20 % of nodes.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Non-negative weights, directed or not (paths then lead along the connections; degree and strength are in- plus
        outgoing). Self-connections count in "eigenvector_centrality", "pagerank" and "average_controllability" only.
        Choose ``transform.absolute(net)`` for signed ones.
    measures : names
        Of "degree", "strength", "betweenness", "nodal_efficiency", "low_clustering", "eigenvector_centrality",
        "pagerank", "k_core", "s_core" and "average_controllability", each with its defaults. By default the four of
        van den Heuvel et al. 2010: high strength, high betweenness, short paths (here nodal
        efficiency, defined for nodes in separate parts too) and low clustering (nodes with fewer than two neighbours
        have none).
    share : float
        Of nodes that are the top ones. Nodes that tie with the last of them are too, unless they have the least value
        of all.

    Returns
    -------
    Hubs

    Raises
    ------
    ValueError
        Negative weights, unknown, repeated or no measures.

    References
    ----------
    van den Heuvel et al. 2010, doi:10.1523/JNEUROSCI.2874-10.2010.

    Examples
    --------
    >>> import netanalysis as na
    >>> star = [[0, 1.0, 1, 1, 1], [1, 0, 1, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    >>> na.hubs(star).score
    array([4, 0, 0, 0, 0])
    """
    w = validate.as_weights(net)
    share = options.number_in(share, "share", above=0, at_most=1)
    names = tuple(options.names(measures, "measures", f"measures {list(_MEASURES)}"))
    for name in names:
        options.choice(name, _MEASURES, "measures")
    if len(set(names)) < len(names):
        raise ValueError(f"measures must name each measure once, as each adds 1 to the score; got {list(names)}")
    if not set(names) & _WITH_SELF_CONNECTIONS:
        w = transform.remove_self_connections(w)
    validate.require_nonnegative(w, "net", measure="the hub score", instead="Choose transform.absolute(net)")
    with undefined.noted():  # what is nan stays so in the values
        values = np.stack([np.asarray(_MEASURES[name](w), float) for name in names], axis=-1)
    n = values.shape[-2]
    count = max(1, round(share * n))
    with_least = np.where(np.isnan(values), -np.inf, values)
    last = np.sort(with_least, axis=-2)[..., n - count, None, :]
    least = np.min(np.where(np.isnan(values), np.inf, values), axis=-2, keepdims=True)
    margin = 1e-12 * np.abs(last)
    top = (with_least >= last - margin) & (with_least > least + margin)
    first = net[0] if kinds.lists_networks(net) else net
    labels = first.labels if isinstance(first, Connectome) else node_order.own_labels(first)
    return Hubs(
        score=top.sum(axis=-1),
        measures=names,
        values=np.where(np.array(names) == "low_clustering", -values, values),
        top=top,
        labels=np.arange(n) if labels is None else np.asarray(labels),
        share=share,
    )
