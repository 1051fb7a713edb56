"""The strongest paths from inputs to outputs, each by itself."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import options, products, stacks, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.structure import _walks
from netanalysis.structure._best_first import TIE, Found, Layers, best_simple_paths, best_walks, on_grid
from netanalysis.structure.pathways import damping

__all__ = ["StrongestPaths", "strongest_paths"]

MAX_LOOKS = 200_000  # walks looked at for simple paths of given lengths: some ten seconds


@result
class StrongestPaths:
    """What :func:`strongest_paths` returns, the strongest first.

    Attributes
    ----------
    paths : tuple of tuples of int
        Nodes of each path, from the input to the output.
    names : tuple of tuples
        The same by label, or by index where nodes have none.
    strengths : ndarray, shape (k,)
        Product of the weights along each path, with its sign and the damping.
    hops : ndarray, shape (k,)
    weights : tuple of tuples of float
        Weights of the connections along each path.
    tied : bool
        Whether paths that were not returned are as strong as the last.
    dropped : float
        Share of the summed magnitudes of all weights that the threshold left out.
    """

    paths: tuple[tuple[int, ...], ...]
    names: tuple[tuple[Any, ...], ...]
    strengths: NDArray[np.float64]
    hops: NDArray[np.intp]
    weights: tuple[tuple[float, ...], ...]
    tied: bool
    dropped: float

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def weakest(self) -> NDArray[np.float64]:
        """Weight of the connection of smallest magnitude on each path."""
        return np.array([min(weights, key=abs) for weights in self.weights])

    def table(self) -> Any:
        """A DataFrame with one row for each path: path, strength, sign, hops, weakest."""
        import pandas as pd

        return pd.DataFrame(
            {
                "path": list(self.names),
                "strength": self.strengths,
                "sign": np.sign(self.strengths).astype(int),
                "hops": self.hops,
                "weakest": self.weakest,
            }
        )


@recorded
def strongest_paths(
    net: Network,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    k: int = 10,
    max_hops: int,
    min_hops: int = 1,
    simple: bool = False,
    alpha: float = 1.0,
    normalize: str | float | None = None,
    threshold: float = 0.0,
    max_looks: int = MAX_LOOKS,
) -> StrongestPaths:
    """The k strongest paths from inputs to outputs, by the magnitude of the product of their weights.

    A path of h connections has the strength ``(alpha / scale)^h w_1 w_2 … w_h``: what :func:`netanalysis.pathways`
    sums over all of them. Paths of one length rank alike at any scale; across lengths `alpha` and `normalize` decide.
    (``1 / w`` as a length would rank otherwise, see :func:`netanalysis.shortest_path_tree`.)

    Parameters
    ----------
    net : network
        Signed weights, dense or sparse of any size.
    inputs, outputs : node indices or mask, or names of modules or labels; default: every node
    k : int
    max_hops, min_hops : int
        Numbers of connections; equal for an exact length.
    simple : bool
        Paths that visit no node twice, their ends included. Default: walks.
    alpha : float
        Damping per connection, positive.
    normalize : {None, "spectral_radius"} or positive float
        As in :func:`netanalysis.pathways`.
    threshold : float
        Leave out connections of smaller magnitude. Paths themselves are never cut off.
    max_looks : int
        Walks to look at before giving up on simple paths, where it may come to that (see Notes).

    Returns
    -------
    StrongestPaths
        Fewer than k only if there are no more. Equally strong paths, up to rounding (1e-12), go by length, then by
        node indices; `tied` says whether others follow that are as strong as the last.

    Raises
    ------
    ValueError
        For a stack, whose networks have different paths, and different numbers of them: rank them in a loop. If no path
        leads from inputs to outputs in so many hops.
    RuntimeError
        If more than `max_looks` walks come before the k-th simple path. A shorter list is never given instead.

    Notes
    -----
    Walks: least costs from (connections to go, node) by dynamic programming, then Lawler's search. Simple paths of at
    most `max_hops`, where no step gains (``alpha |w| <= scale``): Yen's search, each spur within the connections that
    are left. Simple paths otherwise (a smallest number of hops, or steps that gain, so that going in circles pays):
    those among the strongest walks, without any that begin with a circle.

    Examples
    --------
    >>> import netanalysis as na
    >>> best = na.strongest_paths([[0, 0.9, 0.5, 0.1], [0, 0, 0.9, 0], [0, 0, 0, 0.9], [0, 0, 0, 0]],
    ...                           inputs=[0], outputs=[3], max_hops=3)
    >>> best.paths
    ((0, 1, 2, 3), (0, 2, 3), (0, 3))
    >>> best.strengths.round(3)
    array([0.729, 0.45 , 0.1  ])
    """
    options.flags(simple=simple)
    w = stacks.one_network(
        net,
        instead="rank the paths of its networks one by one, [strongest_paths(w, ...) for w in net]: each has its own",
    )
    n = w.shape[-1]
    rows = np.arange(n) if inputs is None else validate.as_nodes(inputs, n, "inputs", net=net)
    columns = np.arange(n) if outputs is None else validate.as_nodes(outputs, n, "outputs", net=net)
    k, max_hops = options.positive_int(k, "k"), options.positive_int(max_hops, "max_hops")
    min_hops = options.positive_int(min_hops, "min_hops")
    max_looks = options.positive_int(max_looks, "max_looks")
    if min_hops > max_hops:
        raise ValueError(f"min_hops must be at most max_hops, {max_hops}; got {min_hops}")
    alpha, scale = damping(w, options.number_in(alpha, "alpha", above=0), normalize)
    kept, dropped = without_weak(w, threshold)
    # Logarithms one by one: the quotient itself may leave the doubles.
    costs = on_grid(-(np.log(np.abs(kept.data)) + np.log(alpha) - np.log(float(scale))), max_hops) + 0.0
    lists = validate.lists_for_kernels(kept.indptr, kept.indices, costs)
    layers = Layers(lists, rows, columns, max_hops)
    if simple and min_hops == 1 and costs.min(initial=0.0) >= 0:
        ordered = best_simple_paths(layers)
    else:
        ordered = best_walks(layers, min_hops, simple=simple, looks=max_looks if simple else np.inf)
    found = list(islice(ordered, k + 1))
    if not found:
        kind = "simple path" if simple else "path"
        raise ValueError(
            f"no {kind} of {min_hops} to {max_hops} hops leads from inputs to outputs"
            + (f" along weights of at least {threshold:g}" if threshold else "")
        )
    tied = len(found) > k and found[k].cost - found[k - 1].cost <= TIE
    found = _by_nodes(found[:k])
    weights = [kept.data[list(path.edges)] for path in found]
    hops = np.array([len(path.edges) for path in found])
    labels = getattr(net, "labels", None)
    names = np.arange(n) if labels is None else np.asarray(labels)
    with np.errstate(over="ignore"):
        strengths = np.array([np.prod(x * (alpha / float(scale))) for x in weights])
    return StrongestPaths(
        paths=tuple(path.nodes for path in found),
        names=tuple(tuple(names[list(path.nodes)].tolist()) for path in found),
        strengths=_walks.within_doubles(strengths, max_hops),
        hops=hops,
        weights=tuple(tuple(x.tolist()) for x in weights),
        tied=bool(tied),
        dropped=dropped,
    )


def without_weak(w: Any, threshold: Any) -> tuple[Any, float]:
    """Connections of at least so much magnitude, as csr, and the share of all magnitudes left out."""
    threshold = options.number_in(threshold, "threshold", at_least=0)
    kept = sparse.csr_array(w) if sparse.issparse(w) else products.lists(w)
    if threshold == 0:
        return kept, 0.0
    size = np.abs(kept.data)
    kept = sparse.csr_array((np.where(size >= threshold, kept.data, 0.0), kept.indices, kept.indptr), shape=w.shape)
    kept.eliminate_zeros()
    return kept, float(stacks.ratio(size[size < threshold].sum(), size.sum(), otherwise=0.0))


def _by_nodes(found: list[Found]) -> list[Found]:
    """Ties in order of length and nodes."""
    tie, order = 0, []
    for place, path in enumerate(found):
        tie += bool(place and path.cost - found[place - 1].cost > TIE)
        order.append((tie, len(path.nodes), path.nodes, place))
    return [found[place] for *_, place in sorted(order)]
