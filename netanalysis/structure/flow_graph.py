"""Flow graph: a network of what random walkers carry within a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, parallel, undefined, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import _expm
from netanalysis.structure._routes import transitions, walking_weights
from netanalysis.structure.first_passage import passage_times, return_times

__all__ = ["flow_graph"]


@takes_stacks
def flow_graph(
    net: Network, *, t: float = 1.0, rates: ArrayLike | None = None, weighted: bool = True
) -> NDArray[np.float64]:
    r"""Flow of random walkers from i to j within a time, in continuous time and at equilibrium; more is better.

    :math:`F(t) = S R^{-1} e^{-t R (I - P)}`, with :math:`P_{ij} = w_{ij} / \sum_k w_{ik}`, R the rates at which walkers
    leave nodes and S the flow through nodes at equilibrium: the strengths of an undirected network.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections. Self-connections count: a walker who leaves may come back at once.
    t : float, at least 0
        Time, in units of 1 / rate.
    rates : array_like, shape (n,), optional
        Rate at which a walker leaves each node, above 0. Default: 1.
    weighted : bool
        False: all connections (w != 0) are equally likely, whatever their weights and signs.

    Returns
    -------
    ndarray, shape (..., n, n)
        In the unit of the weights. Rows and columns sum to ``s_i / r_i`` at any time; diagonal at ``t=0``, and in the
        long run the product of these sums over their total, within each part of the network; as exact after a long time
        as after a short one. Symmetric if W is. For
        directed networks s is the stationary distribution of P times the sum of the weights; where walkers can end in
        several parts (isolated nodes aside) it is not unique, and the flow is nan. Rows and columns of nodes without
        flow are 0.

    Raises
    ------
    ValueError
        Negative weights, unless ``weighted=False``; rates that are not above 0, or differ by a factor of over 1e300.
    MemoryError
        Sparse networks whose n x n matrix does not fit. Time grows with the cube of n.

    References
    ----------
    Lambiotte et al. 2011, doi:10.1103/PhysRevE.84.017102.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.flow_graph([[0, 2.0, 1], [2, 0, 1], [1, 1, 0]]).round(3)
    array([[1.507, 0.941, 0.552],
           [0.941, 1.507, 0.552],
           [0.552, 0.552, 0.895]])
    """
    t = options.number_in(t, "t", at_least=0)
    flat, lead = walking_weights(net, weighted, "flow_graph", scaled=False)
    n = flat.shape[-1]
    leaving = np.ones(n) if rates is None else validate.as_array(rates, "rates", shape=(n,))
    if (leaving <= 0).any():
        raise ValueError(f"rates must be above 0; got {leaving.min():g} at least")
    if leaving.min() / leaving.max() < 1e-300:
        raise ValueError(f"rates must be within a factor of 1e300; got {leaving.min():g} to {leaving.max():g}")
    p = transitions(flat)
    flow = np.array([_flow(w, step) for w, step in zip(flat, p, strict=True)]) / leaving
    out = flow[..., None] * _moved(p, leaving, t)
    why = "walkers can end in several parts of the network, so that their flow at equilibrium is not unique"
    return np.asarray(undefined.spoken(out.reshape(*lead, n, n), "flow_graph", why, of="pairs of nodes"))


def _moved(p: NDArray[np.float64], leaving: NDArray[np.float64], t: float) -> NDArray[np.float64]:
    """Probability that a walker at i is at j after t, ``exp(-t R (I - P))``, for a stack of P.

    Of a short time, squared until it is t. All numbers are non-negative and rows sum to 1 anew after each step, so that
    slow exchange between parts of the network keeps its digits and any t is as good as another.
    """
    fastest = leaving.max()
    ends = np.eye(p.shape[-1]) * ~(p > 0).any(axis=-1, keepdims=True)  # a walker who has no way on stays
    share = leaving / fastest
    jumps = share[:, None] * (p + ends) + np.diag(1.0 - share)  # rows sum to 1
    (time, time_power), (rate, rate_power) = np.frexp(t), np.frexp(fastest)
    power = int(time_power) + int(rate_power)  # t * fastest, which may not be a double, is time * rate * 2**power
    short = np.full(jumps.shape[:2], np.ldexp(time * rate, min(power, 0)))  # below 1
    out = _expm.expm_scaled(jumps, lambda m: (short[: len(m)], np.ones(m.shape[:2])))

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            _squared(out[k], max(power, 0))

    parallel.blas_blocks(block, len(out), order=p.shape[-1])
    return out


def _squared(m: NDArray[np.float64], times: int) -> None:
    """Bring the rows of m to sum 1 and square it, so many times or until that changes nothing; in place."""
    m /= m.sum(axis=-1, keepdims=True)
    tolerance = max(1e-14, len(m) * np.finfo(float).eps)
    for _ in range(times):
        twice = m @ m
        twice /= twice.sum(axis=-1, keepdims=True)
        settled = bool((np.abs(twice - m) <= tolerance * twice).all())
        m[:] = twice
        if settled:
            return


def _flow(w: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flow through every node at equilibrium; nan where there are several."""
    if validate.is_symmetric(w):
        return np.asarray(w.sum(axis=-1))
    p = p.copy()
    ends = ~w.any(axis=-1) & w.any(axis=0)
    p[ends, ends] = 1.0
    share = 1.0 / return_times(p, passage_times(p[None])[0])  # 1 in all for each part that walkers cannot leave
    return np.asarray(share * w.sum()) if share.sum() < 1.5 else np.full(len(w), np.nan)
