"""First passage: how long a random walker takes to arrive."""

from __future__ import annotations

from typing import Any, Literal

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from netanalysis._core import components, parallel, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._routes import transitions, walking_weights

__all__ = ["diffusion_efficiency", "mean_first_passage_time"]


@takes_stacks
def mean_first_passage_time(
    net: Network, *, weighted: bool = True, diagonal: Literal["zero", "return"] = "zero"
) -> NDArray[np.float64]:
    """Expected number of steps of a random walker from i until it first comes to j; less is better.

    It goes from i to j with probability ``w_ij / sum_k w_ik``.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections. Self-connections count: a walker may stay for a step.
    weighted : bool
        False: all connections (w != 0) are equally likely, whatever their weights and signs.
    diagonal : {"zero", "return"}
        0, or the expected time of return: ``sum(s) / s_i`` with strengths s in a connected undirected network.

    Returns
    -------
    ndarray, shape (..., n, n)
        inf where it is not certain that the walker arrives: where no path leads to j, or where the walker can end in a
        part of the network that does not lead to j. A walker at a node without output stays there and never returns.
        Not symmetric, even if W is. Periodic networks (bipartite ones) have these times too.

    Raises
    ------
    ValueError
        Negative weights, unless ``weighted=False``.
    MemoryError
        Sparse networks whose n x n matrix does not fit. Time grows with the cube of n.

    Notes
    -----
    From one inverse for each strongly connected part that the walker cannot leave, and a linear system for each node
    outside of them that others cannot avoid.

    References
    ----------
    Kemeny & Snell 1976, Finite Markov chains. Goñi et al. 2013, doi:10.1371/journal.pone.0058070.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.mean_first_passage_time([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])
    array([[0., 1., 4.],
           [3., 0., 3.],
           [4., 1., 0.]])
    """
    validate.choice(diagonal, ["zero", "return"], "diagonal")
    flat, lead = walking_weights(net, weighted, "mean_first_passage_time")
    p = transitions(flat)
    counts, members = components.strong_components(p)
    out = np.empty(p.shape)
    n = p.shape[-1]

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            out[k] = to_ergodic(p[k], np.arange(n))[0] if counts[k] == 1 else _between_parts(p[k], members[k])

    parallel.blas_blocks(block, len(p))
    if diagonal == "return":
        out[..., np.arange(n), np.arange(n)] = _return_times(p, out)
    return out.reshape(*lead, n, n)


@takes_stacks
def diffusion_efficiency(net: Network, *, weighted: bool = True) -> Any:
    """Mean over ordered pairs of distinct nodes of one over the mean first passage time; more is better.

    The matrix is ``1 / na.mean_first_passage_time(net)``.

    Parameters
    ----------
    net, weighted
        As in :func:`mean_first_passage_time`.

    Returns
    -------
    float, or array over the leading axes
        Pairs whose walker may never arrive count 0; nan for a single node.

    Raises
    ------
    ValueError, MemoryError
        As for :func:`mean_first_passage_time`.

    References
    ----------
    Goñi et al. 2013, doi:10.1371/journal.pone.0058070.

    Examples
    --------
    >>> import netanalysis as na
    >>> round(na.diffusion_efficiency([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]]), 6)
    0.527778
    """
    times = mean_first_passage_time(net, weighted=weighted)
    n = times.shape[-1]
    total = stacks.ratio(1.0, times, otherwise=0.0).sum(axis=(-2, -1))
    values = stacks.number(stacks.ratio(total, n * (n - 1.0)))
    return undefined.spoken(values, "diffusion_efficiency", "a single node has no pairs")


def to_ergodic(p: NDArray[np.float64], nodes: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times to some nodes, (n, k), and how often a walker is at each node in the long run, (n,).

    All walkers must end in one part, of which these nodes are. A row of 0 is a walker who stays.
    """
    n = len(p)
    system = np.eye(n) - p + 1.0 / n
    still = ~p.any(axis=-1)
    system[still, still] -= 1.0
    inverse = np.linalg.inv(system)
    share = inverse.mean(axis=0)
    times = (inverse[nodes, nodes] - inverse[:, nodes]) / share[nodes]
    times[nodes, np.arange(len(nodes))] = 0.0
    return times, share


def final_parts(p: NDArray[np.float64], member: NDArray[np.intp]) -> NDArray[np.intp]:
    """For every node the component in which all its walkers end, -1 if they can end in several.

    `member` is the component of each node, numbered so that connections lead to lower numbers.
    """
    final = np.empty(member.max() + 1, np.intp)
    for c, nodes in enumerate(components.nodes_of(member)):
        after = np.unique(member[p[nodes].any(axis=0)])
        ends = np.unique(final[after[after != c]])
        final[c] = c if len(ends) == 0 else ends[0] if len(ends) == 1 else -1
    return final[member]


def _between_parts(p: NDArray[np.float64], member: NDArray[np.intp]) -> NDArray[np.float64]:
    """Times in a network of several strongly connected components."""
    n = len(p)
    out = np.full((n, n), np.inf)
    np.fill_diagonal(out, 0.0)
    final = final_parts(p, member)
    stays = final == member
    for c in np.unique(member[stays]):
        basin = np.flatnonzero(final == c)
        inside = np.flatnonzero(member[basin] == c)
        out[np.ix_(basin, basin[inside])] = to_ergodic(p[np.ix_(basin, basin)], inside)[0]
    for node, before in _unavoidable(p, stays).items():
        out[before, node] = np.linalg.solve(np.eye(len(before)) - p[np.ix_(before, before)], np.ones(len(before)))
    return out


def _unavoidable(p: NDArray[np.float64], stays: NDArray[np.bool_]) -> dict[int, list[int]]:
    """Of nodes that walkers leave for good, all from where they cannot but come by."""
    end = -1
    backward = nx.DiGraph()
    backward.add_node(end)
    for i, j in zip(*np.nonzero(p * ~stays[:, None]), strict=True):
        backward.add_edge(end if stays[j] else int(j), int(i))
    dominator = nx.immediate_dominators(backward, end)
    before: dict[int, list[int]] = {}
    for i in backward:
        at = i
        while at != end and (at := dominator[at]) != end:
            before.setdefault(at, []).append(i)
    return before


def _return_times(p: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """One step, and then back from where it led to."""
    back = np.multiply(p, times.swapaxes(-1, -2), out=np.zeros(p.shape), where=p > 0).sum(axis=-1)
    return np.where(p.any(axis=-1), 1.0 + back, np.inf)
