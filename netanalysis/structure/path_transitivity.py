"""Path transitivity: detours along the shortest path."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import parallel, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths
from netanalysis.structure._routes import by_source, routes
from netanalysis.structure.matching_index import matching

__all__ = ["path_transitivity"]


@takes_stacks
def path_transitivity(net: Network, *, lengths: Lengths = "inverse") -> NDArray[np.float64]:
    """Mean matching index of all pairs of nodes on the shortest path from i to j; more is better.

    Neighbours that two nodes of the path share let signals leave the path and come back to it.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections; the matching index counts them in both. Self-connections are ignored.
    lengths : {"inverse", "hops", "weights"}
        Length of a connection, as for :func:`shortest_paths`. The matching index (:func:`matching_index`, "weight") is
        that of the weights: of 1 / length with "weights", and binary with "hops", whatever the weights and signs.

    Returns
    -------
    ndarray, shape (..., n, n)
        Between 0 and 1; 0 on the diagonal and where there is no path. Of equally short paths (up to 1e-10 of their
        length), that whose node before last has the lowest number, and so on back to the source; in undirected
        networks the path from the lower to the higher node, both ways.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.
    MemoryError
        Sparse networks whose n x n matrix does not fit. Time grows with n times the number of connections.

    References
    ----------
    Goñi et al. 2014, doi:10.1073/pnas.1315529111.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.path_transitivity([[0, 4.0, 1, 0], [4, 0, 4, 0], [1, 4, 0, 2], [0, 0, 2, 0]])[0].round(3)
    array([0.   , 1.   , 0.838, 0.59 ])
    """
    found = routes(net, lengths, "path_transitivity")
    out = np.empty(found.weights.shape)

    def prepare(k: int) -> Any:
        ways, order, values = found.ways(k), found.order(k), matching(found.weights[k])

        def rows(start: int, stop: int) -> None:
            kernels.routes.means_over_pairs(start, stop, found.distances[k], order, *ways, values, out[k])

        return rows

    with parallel.one_blas_thread():
        by_source(prepare, found.weights)
    for w, m in zip(found.weights, out, strict=True):
        if validate.is_symmetric(w):
            m[:] = np.triu(m) + np.triu(m).T
    return out.reshape(*found.lead, *out.shape[1:])
