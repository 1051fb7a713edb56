"""First passage: how long a random walker takes to arrive."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
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
    From one inverse; where that would lose digits (nodes that walkers hardly ever visit, parts that they hardly ever
    leave) or does not exist, by an elimination without subtraction, which loses none. As everywhere, weights that are
    symmetric up to the rounding of the largest one are taken as the mean of both directions: of weights that differ by
    more than 15 orders of magnitude the faint ones may come out alike both ways.

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
    options.choice(diagonal, ["zero", "return"], "diagonal")
    flat, lead = walking_weights(net, weighted, "mean_first_passage_time")
    p = transitions(flat)
    out = passage_times(p)
    n = p.shape[-1]
    if diagonal == "return":
        out[..., np.arange(n), np.arange(n)] = return_times(p, out)
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


def passage_times(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times for a stack of transition probabilities; a row of 0 is a walker who stays."""
    out, done = np.empty(p.shape), np.zeros(len(p), bool)

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            done[k] = _by_inverse(p[k], out[k])

    parallel.blas_blocks(block, len(p))
    rest = validate.for_kernels(p[~done])
    if len(rest):
        times = np.empty(rest.shape)
        stacks.in_threads(lambda a, b: kernels.first_passage.times(a, b, rest, times), rest, work=2**12)
        out[~done] = times
    return out


def _by_inverse(p: NDArray[np.float64], out: NDArray[np.float64]) -> bool:
    """Times from the fundamental matrix, in a third of the time; whether 10 digits are right."""
    if not p.any(axis=-1).all():
        return False
    try:
        inverse = np.linalg.inv(np.eye(len(p)) - p + 1.0 / len(p))
    except np.linalg.LinAlgError:
        return False
    visits = inverse.mean(axis=0)  # shares of time; 0 or rounding of it where walkers do not come back
    if not np.finfo(float).eps * max(inverse.max(), -inverse.min()) < 1e-10 * visits.min():
        return False
    np.divide(np.diag(inverse) - inverse, visits, out=out)
    return True


def return_times(p: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """One step, and then back from where it led to."""
    back = np.multiply(p, times.swapaxes(-1, -2), out=np.zeros(p.shape), where=p > 0).sum(axis=-1)
    return np.where(p.any(axis=-1), 1.0 + back, np.inf)
