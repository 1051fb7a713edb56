"""How deep in the network a node lies, counted from some sources."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, parallel, products, random, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import _walks
from netanalysis.transform import absolute, normalize

__all__ = ["Traversal", "mean_hop", "traversal"]


@result
class Traversal:
    """What :func:`traversal` returns.

    Attributes
    ----------
    mean_step : ndarray, shape (n,)
        Mean over the runs that reached a node of the step at which they did; the sources are step 1. nan, with a
        warning, if none did.
    std_step : ndarray, shape (n,)
        Its standard deviation over those runs, with their number less 1 in the denominator.
    reached : ndarray, shape (n,)
        Share of runs that reached it.
    reached_by : ndarray, shape (max_steps, n)
        Share of runs that had reached it by step 1, 2, …
    n_runs : int
    """

    mean_step: NDArray[np.float64]
    std_step: NDArray[np.float64]
    reached: NDArray[np.float64]
    reached_by: NDArray[np.float64]
    n_runs: int

    @property
    def ranking(self) -> NDArray[np.intp]:
        """Nodes by mean step, earliest first; of equals the one reached more often, then the lower index.

        Without those that no run reached.
        """
        order = np.lexsort((np.arange(len(self.reached)), -self.reached, self.mean_step))
        return order[self.reached[order] > 0]


def traversal(
    net: Network,
    *,
    sources: ArrayLike,
    threshold: float = 0.3,
    totals: ArrayLike | None = None,
    n_runs: int = 1000,
    max_steps: int = 50,
    rng: random.RNG = None,
) -> Traversal:
    """Layers of nodes by a probabilistic spread from some sources, as of the fly's connectomes.

    At every step each node that is not yet reached joins with probability ``min(1, f / threshold)``, f the share of
    its input that comes from all nodes reached before, together (Schlegel et al. 2021, doi:10.7554/eLife.66018;
    Dorkenwald et al. 2024, doi:10.1038/s41586-024-07558-y). One trial per node and step: a trial per connection, as
    some code has it, would reach nodes of many weak inputs more slowly.

    Parameters
    ----------
    net : network
        Magnitudes are used: numbers of synapses, or shares of input, which stay as they are with ``totals`` of 1.
    sources : node indices or mask, or names of modules or labels
        Reached at step 1.
    threshold : float
        Share of its input at which a node joins for certain.
    totals : array_like, shape (n,), optional
        As in :func:`netanalysis.transform.normalize`: all the input of each node. Default: that in the network.
    n_runs : int
    max_steps : int
        Steps after which a run ends, the sources' included.
    rng : seed, Generator or SeedSequence, optional
        The same seed gives the same answer for any number of threads.

    Returns
    -------
    Traversal
        Means are over the runs that reached a node, so look at `reached` with them.

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 1.0, 0], [0, 0, 1.0], [0, 0, 0]]
    >>> na.traversal(chain, sources=[0], n_runs=10, rng=0).mean_step
    array([1., 2., 3.])
    """
    w = stacks.one_network(net, instead="take its networks one by one")
    n = w.shape[-1]
    first = validate.as_nodes(sources, n, "sources", net=net)
    threshold = options.number_in(threshold, "threshold", above=0)
    n_runs, max_steps = options.count(n_runs, "n_runs"), options.positive_int(max_steps, "max_steps")
    share = normalize(absolute(w), by="input", totals=totals)
    blocks = products.blocks(n_runs)
    seeds = random.generators(rng, len(blocks))
    ahead: Any = products.BlockProduct(share.T) if sparse.issparse(share) else share.T
    counts = np.zeros((len(blocks), 3, n))
    joined = np.zeros((max_steps, n), np.int64)
    joined_of: list[Any] = [None] * len(blocks)

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            width = blocks[k].stop - blocks[k].start
            joined_of[k] = _run(ahead, first, n, width, threshold, max_steps, seeds[k], counts[k])

    parallel.blas_blocks(block, len(blocks))
    for each in joined_of:
        joined += each
    hits, total, squares = counts.sum(axis=0)
    mean = stacks.ratio(total, hits)
    spread = np.maximum(squares - total * np.where(hits > 0, mean, 0.0), 0.0)
    std = np.sqrt(stacks.ratio(spread, np.maximum(hits - 1, 0)))
    if (hits == 0).any():
        undefined.spoken(mean, "mean_step", "no run reached them (std_step takes two)", of="nodes")
    else:
        undefined.spoken(std, "std_step", "only one run reached them", of="nodes")
    return Traversal(mean, std, hits / n_runs, np.cumsum(joined, axis=0) / n_runs, n_runs)


def _run(
    ahead: Any, first: Any, n: int, width: int, threshold: float, max_steps: int, rng: np.random.Generator, counts: Any
) -> NDArray[np.int64]:
    """Some runs at once: how many join at each step; runs, steps and squared steps by node are added to `counts`."""
    joined = np.zeros((max_steps, n), np.int64)
    reached, fresh, input_share = (products.zeros(n) for _ in range(3))
    fresh[first, :width] = 1.0
    reached[:, width:] = 1.0  # columns without a run
    for step in range(1, max_steps + 1):
        reached += fresh
        hits = fresh.sum(axis=1)
        joined[step - 1] = hits
        counts += hits * np.array([1.0, step, step**2])[:, None]
        if step == max_steps:
            break
        input_share += ahead(fresh) if isinstance(ahead, products.BlockProduct) else ahead @ fresh
        row, column = np.nonzero((input_share > 0) & (reached == 0))
        if len(row) == 0:
            break
        joins = rng.random(len(row)) * threshold < input_share[row, column]
        fresh[:] = 0.0
        fresh[row[joins], column[joins]] = 1.0
    return joined


@takes_stacks
def mean_hop(
    net: Network, *, sources: ArrayLike | None = None, max_hops: int = 20, alpha: float = 1.0, normalize: Any = None
) -> NDArray[np.float64]:
    """Mean number of hops of the walks that reach each node from some sources, each walk by its magnitude.

    ``sum_h h m_h / sum_h m_h`` with ``m_h = (alpha / scale)^h 1_s |W|^h``, h = 0 … max_hops: the derivative of
    ``log sum m_h`` with respect to ``log alpha``. It depends on the damping.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Shares of input (:func:`netanalysis.transform.normalize`) keep walks from growing.
    sources : node indices or mask, or names of modules or labels; default: every node
    max_hops : int
    alpha : float
        Damping per hop, positive.
    normalize : {None, "spectral_radius"} or positive float
        Divide W by this first.

    Returns
    -------
    ndarray, shape (..., n)
        nan, with a warning, where no walk leads. A source has its walk of 0 hops, and those that come back.

    Raises
    ------
    OverflowError
        If the walks sum up beyond double precision.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.mean_hop([[0, 1.0, 0.5], [0, 0, 1], [0, 0, 0]], sources=[0]).round(4)
    array([0.    , 1.    , 1.6667])
    """
    from netanalysis.structure.pathways import damping

    w = absolute(validate.as_weights(net, as_given=True))
    n = w.shape[-1]
    start = np.arange(n) if sources is None else validate.as_nodes(sources, n, "sources", net=net)
    max_hops = options.positive_int(max_hops, "max_hops")
    alpha, scale = damping(w, options.number_in(alpha, "alpha", above=0), normalize)
    factor = np.asarray(alpha / np.asarray(scale))[..., None]
    lead = w.shape[:-2]
    state = np.broadcast_to(np.bincount(start, minlength=n).astype(float), (*lead, n))
    mass, hops = state.copy(), np.zeros((*lead, n))
    with np.errstate(over="ignore", invalid="ignore"):
        for h in range(1, max_hops + 1):
            state = factor * (w.T @ state if sparse.issparse(w) else (state[..., None, :] @ w)[..., 0, :])
            mass, hops = mass + state, hops + h * state
    _walks.within_doubles(hops, max_hops)
    why = "no walk of so many hops leads there from the sources"
    return np.asarray(undefined.spoken(stacks.ratio(hops, mass), "mean_hop", why, of="nodes"))
