"""One network that stands for many people's."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, stacks, validate
from netanalysis.connectome import Connectome, node_distances
from netanalysis.groups._people import Edges, edges_of
from netanalysis.transform.connections import round_half_up

__all__ = ["edge_variation", "group_consensus"]


def group_consensus(
    stack: Any,
    *,
    method: Literal["distance", "consistency", "average"] = "distance",
    weights: Literal["carriers", "all", "binary"] = "carriers",
    distances: ArrayLike | None = None,
    hemispheres: Sequence[Any] | str | None = None,
    bins: int | None = None,
    density: float | None = None,
    over: Literal["all", "carriers"] = "all",
) -> Any:
    """One network for a group of people: edges that many have, with the length that edges have in them.

    Parameters
    ----------
    stack : network, shape (people, n, n), or list of networks
        The same nodes in the same order in all. Undirected if all are; self-connections are left out.
    method : {"distance", "consistency", "average"}
        "distance": as many edges of every length as people have on average, those that most people have (Betzel et al.
        2019). Keeping what most people have, whatever its length, would leave out the long edges, which tracking finds
        in fewer people.

        "consistency": edges whose weight varies least between people, relative to its mean (Roberts et al. 2017).

        "average": the strongest of the mean network; all of it unless `density` is given.
    weights : {"carriers", "all", "binary"}
        Weight of an edge kept: its mean over people who have it, over all (0 where it is absent), or 1.
    distances : array_like, shape (n, n), optional
        Lengths of edges for "distance". Default: those of the Connectome.
    hemispheres : sequence of length n, "modules", or a name in the metadata such as "side", optional
        Edges within hemispheres and between them are chosen separately, each with its own mean number of edges.
        "modules": the modules of the Connectome. Default: all edges together.
    bins : int, optional
        Bins of length, each with the same share of all people's edges. Default: as many as edges to keep.
    density : float in [0, 1], optional
        Share of the pairs of nodes to keep, for "consistency" (default: the mean density of people) and "average".
    over : {"all", "carriers"}
        Of "consistency": as for :func:`netanalysis.edge_variation`.

    Returns
    -------
    Connectome or ndarray, shape (n, n)
        A Connectome if the stack is one or a list of them, with the step in its history.

    Raises
    ------
    ValueError
        Without distances for "distance"; for options that the method does not heed.

    Notes
    -----
    Of "distance", candidates are sorted by length, each standing for as many edges as people have it, divided by the
    number of people: together the mean number of edges per person, which is kept, rounded half up. They are cut into
    bins of equal share, an edge belonging to the bin in which its middle lies; so the longest edge is in the last bin
    and no edge in two. A bin keeps as many edges as it holds per person (what rounding leaves goes to the largest
    remainders): those that most people have, of equals the stronger on average. An edge that everybody has is always
    kept.

    References
    ----------
    Betzel et al. 2019, doi:10.1162/netn_a_00075; Roberts et al. 2017, doi:10.1016/j.neuroimage.2016.09.053.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> a, b = np.zeros((2, 3, 3))
    >>> a[0, 1] = a[1, 0] = 2
    >>> b[0, 1] = b[1, 0] = b[1, 2] = b[2, 1] = 1
    >>> na.group_consensus([a, b, a], distances=1 - np.eye(3)).round(2)
    array([[0.  , 1.67, 0.  ],
           [1.67, 0.  , 0.  ],
           [0.  , 0.  , 0.  ]])
    """
    options.choice(method, ["distance", "consistency", "average"], "method")
    options.choice(weights, ["carriers", "all", "binary"], "weights")
    options.choice(over, ["all", "carriers"], "over")
    _unheeded(method, distances=distances, hemispheres=hemispheres, bins=bins, density=density)
    edges = edges_of(stack)
    first = stack[0] if isinstance(stack, (list, tuple)) else stack
    net = first if isinstance(first, Connectome) else None
    if method == "distance":
        length = node_distances(first, distances, edges.n)[edges.rows, edges.columns]
        kept = _by_length(edges, length, _within(hemispheres, edges, net), bins)
    else:
        has = (edges.values != 0).any(axis=0)
        count = _count(edges, density, method)
        if method == "average":
            size = -np.abs(edges.values.mean(axis=0))
        else:
            _require_two(edges)
            size = _variation(edges.values, over, 1)
        known = has & ~np.isnan(size)
        kept = np.zeros(len(has), bool)
        kept[np.argsort(np.where(known, size, np.inf), kind="stable")[:count]] = True
        kept &= known
        if kept.sum() < min(count, has.sum()):
            warnings.warn(
                f"{int((has & ~known).sum())} connections of a single person have no variation among carriers, and are "
                f"left out: {int(kept.sum())} are kept, not {min(count, int(has.sum()))}. Say over='all'",
                stacklevel=2,
            )
    value = _mean(edges.values, weights)
    consensus = edges.matrix(np.where(kept, value, 0.0), otherwise=0.0)
    if net is None:
        return consensus
    step = f"group_consensus(method={method!r}, people={len(edges.values)}, weights={weights!r})"
    own = {"weights": consensus, "history": (*net.history, step), "metadata": _shared(stack, net)}
    return net.replace(**own) if net is stack else net.replace(**own, name=None)


def _shared(stack: Any, net: Connectome) -> dict[str, Any]:
    """Metadata that are not of single people."""
    members = [net[0], net[len(net) - 1]] if net is stack else stack
    return {
        key: value
        for key, value in net.metadata.items()
        if all(
            isinstance(m, Connectome) and key in m.metadata and np.array_equal(m.metadata[key], value) for m in members
        )
    }


def edge_variation(
    stack: Any, *, over: Literal["all", "carriers"] = "all", ddof: Literal[0, 1] = 1
) -> NDArray[np.float64]:
    """Coefficient of variation of every edge over people: standard deviation of its weight over its mean.

    Parameters
    ----------
    stack : network, shape (people, n, n), or list of networks
    over : {"all", "carriers"}
        All people, absent edges counting as 0, or those who have the edge. Under "carriers" an edge of few people can
        look most consistent, and one of a single person has no variation (nan with ``ddof=1``).
    ddof : {0, 1}
        Divide squares by n - ddof.

    Returns
    -------
    ndarray, shape (n, n)
        nan where nobody has the edge, and on the diagonal. The mean is taken by its magnitude.

    References
    ----------
    Roberts et al. 2017, doi:10.1016/j.neuroimage.2016.09.053.

    Examples
    --------
    >>> import netanalysis as na
    >>> float(na.edge_variation([[[0, w], [w, 0]] for w in (0.5, 0.6, 0.4)])[0, 1].round(6))
    0.2
    """
    options.choice(over, ["all", "carriers"], "over")
    if ddof not in (0, 1):
        raise ValueError(f"ddof must be 0 or 1; got {ddof!r}")
    edges = edges_of(stack)
    _require_two(edges)
    return edges.matrix(_variation(edges.values, over, ddof), otherwise=np.nan)


def _require_two(edges: Edges) -> None:
    if len(edges.values) < 2:
        raise ValueError("stack must hold at least 2 people for edges to vary between them; got 1")


def _variation(values: NDArray[np.float64], over: str, ddof: int) -> NDArray[np.float64]:
    counts = values != 0 if over == "carriers" else np.ones(values.shape, bool)
    n = counts.sum(axis=0)
    mean = stacks.ratio(values.sum(axis=0), n)
    squares = (np.where(counts, values - mean, 0.0) ** 2).sum(axis=0)
    return stacks.ratio(np.sqrt(stacks.ratio(squares, np.maximum(n - ddof, 0))), np.abs(mean))


def _mean(values: NDArray[np.float64], weights: str) -> NDArray[np.float64]:
    if weights == "binary":
        return np.ones(values.shape[1])
    count: Any = len(values) if weights == "all" else (values != 0).sum(axis=0)
    return stacks.ratio(values.sum(axis=0), count, otherwise=0.0)


def _unheeded(method: str, **given: Any) -> None:
    heeded = ("distances", "hemispheres", "bins") if method == "distance" else ("density",)
    for name, value in given.items():
        if value is not None and name not in heeded:
            raise ValueError(f"method={method!r} heeds no {name}: it would be ignored; leave it out")


def _count(edges: Edges, density: float | None, method: str) -> int:
    """How many edges to keep."""
    if density is not None:
        return round_half_up(options.number_in(density, "density", at_least=0, at_most=1) * len(edges.rows))
    if method == "average":
        return len(edges.rows)
    return round_half_up(np.count_nonzero(edges.values) / len(edges.values))


def _within(hemispheres: Any, edges: Edges, net: Connectome | None) -> NDArray[np.bool_]:
    """Whether an edge stays in its hemisphere."""
    if hemispheres is None:
        return np.ones(len(edges.rows), bool)
    if isinstance(hemispheres, str):
        known = {} if net is None else {"modules": net.modules, **net.metadata}
        if known.get(hemispheres) is None:
            there = [name for name, value in known.items() if np.shape(value)[:1] == (edges.n,)]
            raise ValueError(
                "hemispheres must be a label per node, or the name of such labels that the networks have, among "
                f"{there}; got {hemispheres!r}"
            )
        hemispheres = known[hemispheres]
    side = validate.as_labels(hemispheres, edges.n, "hemispheres")
    return np.asarray(side[edges.rows] == side[edges.columns])


def _by_length(
    edges: Edges, length: NDArray[np.float64], within: NDArray[np.bool_], bins: int | None
) -> NDArray[np.bool_]:
    """Which edges to keep, within and between hemispheres."""
    if bins is not None:
        bins = options.count(bins, "bins")
    carriers = (edges.values != 0).sum(axis=0)
    strength = np.abs(edges.values).mean(axis=0)
    kept = np.zeros(len(length), bool)
    for part in (within, ~within):
        candidates = np.flatnonzero(part & (carriers > 0))
        if not len(candidates):
            continue
        have = carriers[candidates]  # whole numbers, so that nothing hangs on rounding
        total, people = int(have.sum()), len(edges.values)
        count = round_half_up(total / people)
        order = np.lexsort((-strength[candidates], -have, length[candidates]))
        middle = np.empty(len(order))
        middle[order] = np.cumsum(have[order]) - have[order] / 2
        number = bins or max(1, count)
        bin_of = (middle * number / total).astype(np.intp)
        held = np.bincount(bin_of, weights=have, minlength=number).astype(np.intp)
        quota, rest = held // people, held % people
        quota[np.argsort(-rest, kind="stable")[: count - quota.sum()]] += 1
        best = np.lexsort((length[candidates], -strength[candidates], -have, bin_of))
        place = np.arange(len(best)) - np.searchsorted(bin_of[best], bin_of[best])
        kept[candidates[best[place < quota[bin_of[best]]]]] = True
    return kept
