"""Navigation: routes of a walker who knows where things are, and goes to the neighbour nearest to the target."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis import transform
from netanalysis._core import options, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import node_distances
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths, checked, length_matrices
from netanalysis.structure._routes import binary

__all__ = ["Navigation", "navigation"]


@result
class Navigation:
    """What :func:`navigation` returns.

    Attributes
    ----------
    success : float, or array over the leading axes
        Share of the ordered pairs of distinct nodes whose walker arrives; nan for a single node.
    efficiency : float, or array over the leading axes
        Mean over the same pairs of one over the length of the route, 0 where the walker does not arrive.
    hops : ndarray, shape (..., n, n)
        Connections on the route from i to j; 0 on the diagonal, inf where the walker does not arrive.
    lengths : ndarray, shape (..., n, n)
        Sum of their lengths; likewise.
    next_nodes : ndarray of int, shape (..., n, n)
        Where a walker at i goes if its target is j; -1 if nowhere.
    """

    success: Any
    efficiency: Any
    hops: NDArray[np.float64]
    lengths: NDArray[np.float64]
    next_nodes: NDArray[np.int32]

    def path(self, source: int, target: int) -> tuple[int, ...]:
        """Nodes of the route of a single network.

        Raises
        ------
        ValueError
            If the walker does not arrive, or the result is of a stack.
        """
        if self.hops.ndim != 2:
            raise ValueError(f"path is of one network; this is of a stack of shape {self.hops.shape}")
        at, end = (
            int(validate.as_nodes([node], len(self.hops), name)[0])
            for node, name in ((source, "source"), (target, "target"))
        )
        if self.hops[at, end] == np.inf:
            raise ValueError(f"navigation from {source} does not arrive at {target}")
        nodes = [at]
        while nodes[-1] != end:
            nodes.append(int(self.next_nodes[nodes[-1], end]))
        return tuple(nodes)


@takes_stacks
def navigation(
    net: Network,
    *,
    distances: ArrayLike | None = None,
    lengths: Lengths = "inverse",
    rule: Literal["unless_revisiting", "only_closer"] = "unless_revisiting",
) -> Navigation:
    """Greedy routes: every step goes to the neighbour that is nearest to the target. Shorter routes are better.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections (w != 0). Self-connections are ignored.
    distances : array_like, shape (n, n), optional
        ``distances[k, j]`` from neighbour k to target j, at least 0. Default: those of the Connectome.
    lengths : {"inverse", "hops", "weights"}
        Length of a connection, as for :func:`shortest_paths`. It does not change the routes, only how long they are.
    rule : {"unless_revisiting", "only_closer"}
        Whether a step may lead away from the target, until the walker would come to a node for the second time
        (Seguin et al. 2018), or the walker stops where no neighbour is nearer than it is itself.

    Returns
    -------
    Navigation
        A target that is a neighbour is always taken; among other neighbours at the same distance that with the lowest
        number.

    Raises
    ------
    ValueError
        Without distances; negative distances; negative weights, unless ``lengths="hops"``.
    MemoryError
        Sparse networks whose n x n matrix does not fit. Time grows with n times the number of connections.

    Notes
    -----
    How much longer routes are than shortest paths: ``na.shortest_paths(net) / na.navigation(net).lengths``, whose mean
    over pairs is the efficiency ratio of Seguin et al.

    References
    ----------
    Boguñá et al. 2009, doi:10.1038/nphys1130. Seguin et al. 2018, doi:10.1073/pnas.1801351115.

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 1.0, 0], [1, 0, 1], [0, 1, 0]]
    >>> routes = na.navigation(na.Connectome(chain, positions=[[0.0], [1], [2]]))
    >>> routes.success, routes.path(0, 2)
    (1.0, (0, 1, 2))
    """
    options.choice(rule, ["unless_revisiting", "only_closer"], "rule")
    w = validate.dense(
        checked(net, lengths), measure="navigation", instead="transform.subset for a part of the network"
    )
    n = w.shape[-1]
    between = validate.for_kernels(node_distances(net, distances, n))
    flat, lead = stacks.flatten(transform.remove_self_connections(w))
    steps = length_matrices(binary(flat) if lengths == "hops" else flat, "weights" if lengths == "hops" else lengths)
    nexts, hops, long = np.empty(flat.shape, np.int32), np.empty(flat.shape), np.empty(flat.shape)

    def block(start: int, stop: int) -> None:
        kernels.routes.navigate(start, stop, steps, between, rule == "only_closer", nexts, hops, long)

    stacks.in_threads(block, flat, work=2**13)
    pairs = n * (n - 1.0)
    arrived = (hops < np.inf).sum(axis=(-2, -1)) - n
    inverse = stacks.ratio(1.0, long, otherwise=0.0).sum(axis=(-2, -1))
    numbers = (stacks.restore(stacks.ratio(part, pairs), lead) for part in (arrived, inverse))
    success, efficiency = numbers
    shape = (*lead, n, n)
    undefined.spoken(success, "navigation", "a single node has no pairs")
    return Navigation(success, efficiency, hops.reshape(shape), long.reshape(shape), nexts.reshape(shape))
