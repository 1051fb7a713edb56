"""How sure is a number, given which nodes or people happened to be sampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, random, scaling, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, Statistic
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import as_values
from netanalysis.nulls._uncertainty import Uncertainty, central, uncertainty
from netanalysis.transform import subset

__all__ = ["SplitHalf", "bootstrap", "split_half"]

Over = Literal["nodes", "people"]


def bootstrap(
    net: Network,
    statistic: Statistic,
    *,
    over: Over = "nodes",
    combine: Callable[[Any], Any] | None = None,
    n_draws: int = 200,
    confidence: float = 0.95,
    rng: random.RNG = None,
) -> Uncertainty:
    """Interval of a statistic under another sample of nodes, or of people.

    Parameters
    ----------
    net : network, or stack (people, n, n)
        One network for ``over="nodes"``, a network per person for "people".
    statistic : callable, network -> float or array
    over : {"nodes", "people"}
        "nodes": n nodes are drawn with replacement and take their connections, positions and modules along. Two copies
        of one node have the connection of two nodes drawn at random, both ways (Snijders & Borgatti). Draws hold nodes
        that are alike, so that clustering and modules come out changed: the mean beside the observed value says by how
        much. "people": people are drawn with replacement, `combine` makes one network of them.
    combine : callable, stack -> network, optional
        For "people"; None: the mean. Such as ``lambda stack: na.group_consensus(stack, ...)``.
    n_draws, confidence, rng
        As for :func:`uncertainty`.

    Returns
    -------
    Uncertainty
        ``noise`` is "bootstrap over nodes" or "bootstrap over people". The interval is the central part of the draws;
        over people it is widened for few of them: draws of n vary by ``(n - 1) / n`` of what samples do, and a mean of
        few is as Student's t, so that of 20 people it holds 96.8 % of the draws for a confidence of 95 %.

    Raises
    ------
    ValueError
        A stack with "nodes", anything but (people, n, n) with "people", fewer than 2 of either.

    References
    ----------
    Snijders & Borgatti 1999, Connections 22(2), 161-170 (nodes); Efron & Tibshirani 1993 (people);
    Hesterberg 2015, doi:10.1080/00031305.2015.1089789 (intervals of few).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = (np.random.default_rng(0).random((30, 30)) < 0.3).astype(float)
    >>> found = na.bootstrap(w, na.density, rng=0)
    >>> low, high = found.interval
    >>> bool(low < found.observed < high)
    True
    """
    options.choice(over, get_args(Over), "over")
    if over == "nodes":
        if combine is not None:
            raise ValueError('combine is for over="people": it makes one network of theirs')
        w = stacks.one_network(net, instead='give each by itself, or over="people" for a network per person')
        if w.shape[0] < 2:
            raise ValueError("a bootstrap over nodes needs at least 2 nodes; got 1")
        found = uncertainty(net, statistic, noise=_nodes_drawn, n_draws=n_draws, confidence=confidence, rng=rng)
        return replace(found, noise="bootstrap over nodes")
    people = _people(net)
    made = _combined(combine)
    keep = net if isinstance(net, Connectome) else None

    def of(stack: Any) -> Any:
        return statistic(made(stack if keep is None else keep.replace(weights=stack, metadata={})))

    options.count(n_draws, "n_draws", minimum=2)
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    observed = as_values(of(people))
    with undefined.once():
        draws = np.array(
            [
                as_values(of(people[generator.integers(len(people), size=len(people))]))
                for generator in random.generators(rng, n_draws)
            ]
        )
    low, high = central(draws, _widened(confidence, len(people)))
    number = stacks.number
    return Uncertainty(
        observed=number(observed),
        mean=number(draws.mean(axis=0)),
        std=number(draws.std(axis=0, ddof=1)),
        interval=(number(low), number(high)),
        draws=draws,
        noise="bootstrap over people",
    )


def _widened(confidence: float, n: int) -> float:
    """Share of the draws whose interval misses a mean as often as Student's t of n values does (Hesterberg 2015)."""
    from scipy import stats

    tail = stats.norm.sf(np.sqrt(n / (n - 1)) * stats.t.isf((1 - confidence) / 2, n - 1))
    return float(min(1 - 2 * tail, 1 - np.finfo(float).eps))


def _nodes_drawn(net: Any, rng: np.random.Generator) -> Any:
    """The network of n nodes drawn with replacement."""
    w = validate.as_weights(net)
    w = validate.dense(w, measure="a bootstrap over nodes", instead="noise of counting, na.uncertainty")
    n = len(w)
    chosen = rng.integers(n, size=n)
    out = w[np.ix_(chosen, chosen)]
    rows, columns = np.nonzero(np.triu(chosen[:, None] == chosen, 1))
    first = rng.integers(n, size=len(rows))
    second = (first + rng.integers(1, n, size=len(rows))) % n  # another one
    out[rows, columns], out[columns, rows] = w[first, second], w[second, first]
    if not isinstance(net, Connectome):
        return out
    changes: dict[str, Any] = {"labels": None, "history": (*net.history, "nodes drawn with replacement")}
    for key, per_node in (("positions", 0), ("modules", 0), ("inputs", 1), ("outputs", 0)):
        if (value := getattr(net, key)) is not None:
            changes[key] = np.take(value, chosen, axis=per_node)
    if net.given_distances is not None:
        changes["distances"] = net.given_distances[np.ix_(chosen, chosen)]
    return net.replace(weights=out, **changes)


def _people(net: Any) -> NDArray[np.float64]:
    w = validate.as_weights(net)
    if w.ndim != 3 or len(w) < 2:
        raise ValueError(f'over="people" needs a network per person, shape (people, n, n), 2 at least; got {w.shape}')
    return np.asarray(w)


def _combined(combine: Any) -> Callable[[Any], Any]:
    if combine is None:
        return _mean
    if not callable(combine):
        raise TypeError(f"combine must be a function, stack -> network, or None for the mean; got {combine!r}")
    return combine  # type: ignore[no-any-return]


def _mean(stack: Any) -> Any:
    mean = np.mean(validate.as_weights(stack), axis=0)
    return stack.replace(weights=mean) if isinstance(stack, Connectome) else mean


@result
class SplitHalf:
    """What :func:`split_half` returns.

    Attributes
    ----------
    reliability : float
        ``2 r / (1 + r)``: what r would be of two samples as large as the whole (Spearman-Brown).
    r : float
        Mean over splits of Pearson's r between the values of both halves.
    interval : tuple of float
        The same of the central 95 % of the r of single splits: how much the split matters, not how sure r is.
    first, second : ndarray, shape (n_splits, values)
    over : str
    """

    reliability: float
    r: float
    interval: tuple[float, float]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    over: str


def split_half(
    networks: Any,
    statistic: Statistic,
    *,
    over: Over = "people",
    combine: Callable[[Any], Any] | None = None,
    n_splits: int = 100,
    rng: random.RNG = None,
) -> SplitHalf:
    """Split-half reliability: do two halves of a sample tell values apart in the same way?

    Parameters
    ----------
    networks : stack (people, n, n), or sequence of networks
    statistic : callable, network -> float or array
        An array of at least 3 values with "people" (one per node, or several measures), a number with "nodes".
    over : {"people", "nodes"}
        "people": people are split at random into two halves, `combine` makes one network of each, and the values of
        the statistic are correlated between both networks. "nodes": the nodes of every network are split at random,
        and the numbers of the two parts are correlated over networks, 3 at least, such as a trained network per seed:
        a measure that does not depend on which nodes were recorded. Connections between the halves are lost.
    combine : callable, stack -> network, optional
        For "people"; None: the mean.
    n_splits : int
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    SplitHalf
        nan, with a warning, where the values of a half do not vary.

    Raises
    ------
    ValueError
        Fewer than 3 values to correlate, fewer than 4 nodes or 2 people.

    References
    ----------
    Spearman 1910, doi:10.1111/j.2044-8295.1910.tb00206.x; Brown 1910, doi:10.1111/j.2044-8295.1910.tb00207.x.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> mean = rng.random((12, 12)); people = mean + 0.3 * rng.normal(size=(20, 12, 12))
    >>> found = na.split_half(people, na.strength, rng=0)
    >>> round(found.r, 2), round(found.reliability, 2)
    (0.91, 0.95)
    """
    options.choice(over, get_args(Over), "over")
    options.count(n_splits, "n_splits")
    generators = random.generators(rng, n_splits)
    with undefined.once():
        if over == "people":
            halves = _halves_of_people(networks, statistic, _combined(combine), generators)
        else:
            if combine is not None:
                raise ValueError('combine is for over="people": it makes one network of theirs')
            halves = _halves_of_nodes(networks, statistic, generators)
        first, second = halves[:, 0], halves[:, 1]
        if first.shape[1] < 3:
            raise ValueError(
                f"a correlation needs at least 3 values of each half; got {first.shape[1]}: "
                + ("the statistic must return one per node, say" if over == "people" else "give at least 3 networks")
            )
        r = _correlations(first, second)
        undefined.spoken(float(np.mean(r)), "split_half", "the values of a half do not vary")
    low, mean, high = (_of_the_whole(x) for x in (np.quantile(r, 0.025), np.mean(r), np.quantile(r, 0.975)))
    return SplitHalf(mean, float(np.mean(r)), (low, high), first, second, over)


def _of_the_whole(r: Any) -> float:
    """Spearman and Brown: the reliability of a sample twice as large."""
    return float(2 * r / (1 + r)) if r > -1 else float("nan" if np.isnan(r) else "-inf")


def _halves_of_people(networks: Any, statistic: Any, combine: Any, generators: Any) -> NDArray[np.float64]:
    people = _people(networks)
    keep = networks if isinstance(networks, Connectome) else None

    def of(part: NDArray[np.intp]) -> NDArray[np.float64]:
        stack = people[part] if keep is None else keep.replace(weights=people[part], metadata={})
        return as_values(statistic(combine(stack))).ravel()

    return np.array([[of(part) for part in _halves(len(people), generator)] for generator in generators])


def _halves_of_nodes(networks: Any, statistic: Any, generators: Any) -> NDArray[np.float64]:
    if not isinstance(networks, (list, tuple)):
        w = validate.as_weights(networks, name="networks")
        if w.ndim == 2:
            raise ValueError('over="nodes" needs several networks, a list or stack, to correlate over; got one')
        networks = list(networks) if isinstance(networks, Connectome) else list(stacks.flatten(w)[0])
    sizes = [stacks.one_network(net, instead="list its networks", name="networks").shape[0] for net in networks]
    if min(sizes, default=0) < 4:
        raise ValueError(f"networks must have at least 4 nodes each to be split; got {min(sizes, default=0)}")

    def of(net: Any, part: NDArray[np.intp]) -> float:
        value = as_values(statistic(subset(net, part)))
        if value.ndim:
            raise ValueError(f'the statistic must be one number with over="nodes"; got shape {value.shape}')
        return float(value)

    out = np.empty((len(generators), 2, len(sizes)))
    for k, generator in enumerate(generators):
        for m, (net, n) in enumerate(zip(networks, sizes, strict=True)):
            out[k, :, m] = [of(net, part) for part in _halves(n, generator)]
    return out


def _halves(count: int, generator: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Two halves in their order; one left over by an odd number is in neither."""
    order = generator.permutation(count)
    half = count // 2
    return np.sort(order[:half]), np.sort(order[half : 2 * half])


def _correlations(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    first, second = (scaling.to_one(x, axis=1)[0] for x in (first, second))
    parts = [x - x.mean(axis=1, keepdims=True) for x in (first, second)]
    sizes = [np.linalg.norm(x, axis=1) for x in parts]
    flat = [s <= 1e-12 * np.linalg.norm(x, axis=1) for s, x in zip(sizes, (first, second), strict=True)]
    whole = np.where(flat[0] | flat[1], 0.0, sizes[0] * sizes[1])
    return np.clip(stacks.ratio((parts[0] * parts[1]).sum(axis=1), whole), -1.0, 1.0)
