"""Search information: what a walker must be told to take the shortest path."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths
from netanalysis.structure._routes import by_source, elsewhere, routes

__all__ = ["search_information"]

Paths = Literal["all", "one"]


@takes_stacks
def search_information(
    net: Network, *, lengths: Lengths = "inverse", paths: Paths = "all", memory: bool = False
) -> NDArray[np.float64]:
    r"""Bits that a random walker must be told to get from i to j by a shortest path; less is better.

    :math:`-\log_2 \sum_\pi \prod_k p(\pi_{k-1} \to \pi_k)` over the shortest paths :math:`\pi`, the walker going from
    i to j with probability :math:`p(i \to j) = w_{ij} / \sum_l w_{il}`.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections. Self-connections are ignored.
    lengths : {"inverse", "hops", "weights"}
        Length of a connection, as for :func:`shortest_paths`. "hops" is the binary measure: the walker chooses among
        the neighbours evenly, whatever the weights and signs. With "weights" it chooses by 1 / length.
    paths : {"all", "one"}
        Of several shortest paths, all count (Rosvall et al. 2005), or one (Goñi et al. 2014): that whose node before
        last has the lowest number, and so on back to the source. Lengths that differ by less than 1e-10 of
        themselves are equal.
    memory : bool
        The walker does not turn back: from the second step on it chooses among all but the node that it came from.

    Returns
    -------
    ndarray, shape (..., n, n)
        In bits, 0 on the diagonal, inf where there is no path. Not symmetric, even if W is.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.
    MemoryError
        Sparse networks whose n x n matrix does not fit. Time grows with n times the number of connections.

    Notes
    -----
    With memory, a step is divided by the weight that is left without the step *back*. The toolboxes divide by what is
    left without the last step forward, which is the same in regular networks only, and gives probabilities above 1 in
    weighted ones.

    References
    ----------
    Rosvall et al. 2005, doi:10.1103/PhysRevLett.94.028701. Goñi et al. 2014, doi:10.1073/pnas.1315529111.

    Examples
    --------
    >>> import netanalysis as na
    >>> ring = [[0, 1.0, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    >>> na.search_information(ring)[0]
    array([0., 1., 1., 1.])
    >>> na.search_information(ring, paths="one")[0]
    array([0., 1., 2., 1.])
    """
    probabilities = log_probabilities(net, lengths, paths=paths, memory=memory, measure="search_information")
    return np.maximum(0.0, probabilities / -np.log(2)) + 0.0  # no -0.0


def log_probabilities(
    net: Network, lengths: Lengths, *, paths: str = "all", memory: bool = False, measure: str
) -> NDArray[np.float64]:
    """Natural logarithm of the probability that a walker takes a shortest path; 0 on the diagonal, -inf without one."""
    options.choice(paths, ["all", "one"], "paths")
    options.flags(memory=memory)
    found = routes(net, lengths, measure)
    out = np.empty(found.weights.shape)

    def prepare(k: int) -> Any:
        w, ways, order = found.weights[k], found.ways(k), found.order(k)
        with np.errstate(divide="ignore"):  # nodes without output, or with nowhere to go but back
            steps = np.log(ways.gather(w.T))
            leaving = np.log(w.sum(axis=-1))
            choices = np.log(ways.gather(elsewhere(w))) if memory else np.empty(0)

        def rows(start: int, stop: int) -> None:
            kernels.routes.log_probabilities(
                start, stop, found.distances[k], order, *ways, steps, leaving, choices, paths == "one", out[k]
            )

        return rows

    by_source(prepare, found.weights)
    return out.reshape(*found.lead, *out.shape[1:])
