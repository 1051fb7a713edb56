"""Which node of one network is which of another: quadratic assignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.rounding import ROUNDING
from netanalysis._core.scaling import near_one
from netanalysis._core.types import Network
from netanalysis.nulls._null_test import NullTest, null_test

__all__ = ["NodeMatching", "match_nodes"]

Padding = Literal["naive", "adopted"]
Array = NDArray[np.float64]


@result
class NodeMatching:
    """Which node of b each node of a is, from :func:`match_nodes`.

    Attributes
    ----------
    nodes : ndarray of int, shape (nodes of a,)
        The node of b, or -1 for a node of a larger network that has none. ``na.transform.subset(b, nodes)`` puts b into
        the order of a, where every node has one.
    score : float
        ``sum_ij a_ij b_m(i)m(j)``: for binary networks the number of connections of both (undirected ones twice).
    overlap : float
        Score over ``sqrt(sum a^2 sum b^2)``: 1 if the matched networks are the same up to a factor. nan, with a
        warning, for a network without connections.
    overlap_by_chance : float
        Mean overlap of all matchings, none of them chosen.
    scores : ndarray, shape (n_restarts,)
        Of every start, refined: how often the best was found.
    n_seeds : int
    padding : str
    test : NullTest or None
        The overlap against that of a with null networks of b, each matched as well.
    """

    nodes: NDArray[np.intp]
    score: float
    overlap: float
    overlap_by_chance: float
    scores: Array
    n_seeds: int
    padding: str
    test: NullTest | None


def match_nodes(
    a: Network,
    b: Network,
    *,
    seeds: ArrayLike | None = None,
    n_restarts: int = 10,
    refine: bool = True,
    padding: Padding = "naive",
    null: Callable[..., Any] | str | None = None,
    n_nulls: int = 20,
    rng: random.RNG = None,
    n_jobs: int | None = None,
) -> NodeMatching:
    """Match the nodes of two networks, so that connections fall on connections.

    Parameters
    ----------
    a, b : network
        Of any direction and sign, and of different size if need be. Weights count as they are: normalise both, or
        binarise. Self-connections count.
    seeds : array_like of int, shape (k, 2), optional
        Pairs that are known: node of a, node of b.
    n_restarts : int
        The first start is the mean of all matchings, the others are random doubly stochastic matrices; the matching of
        the highest score is taken.
    refine : bool
        Exchange pairs of nodes, the best exchange first, until none raises the score (2-opt).
    padding : {"naive", "adopted"}
        The smaller network is filled up with nodes without connections. "naive": as they are, which rewards what is
        matched (the best part of the larger network that holds the smaller one as it is, and others besides).
        "adopted": weights between 0 and 1 become 2 w - 1 and the added nodes 0, so that a missing connection counts
        against a match (Fishkind et al. 2019); the score is that of the weights as they are, all the same.
    null : callable or name, optional
        Null model of b, as for :func:`null_test`. An optimised overlap is high by itself: what counts is how much
        higher it is than of a with a network that only shares, say, the degrees of b.
    n_nulls : int
        Null networks, each matched with the same restarts.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        For the null networks.

    Returns
    -------
    NodeMatching

    Raises
    ------
    ValueError
        Seeds that name a node twice or none at all, stacks, "adopted" with weights outside [0, 1].

    Notes
    -----
    scipy's fast approximate quadratic assignment, told to maximise (by default it minimises), from several starts: an
    approximation. Symmetric networks have several best matchings, of which one is returned: compare scores, not
    labels. 300 nodes take 0.1 s a start, and the refinement as much.

    References
    ----------
    Vogelstein et al. 2015, doi:10.1371/journal.pone.0121002; Fishkind et al. 2019, doi:10.1016/j.patcog.2018.09.014
    (seeds, padding).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> a = np.zeros((5, 5))
    >>> for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (1, 3)):
    ...     a[i, j] = a[j, i] = 1
    >>> place = np.array([3, 0, 4, 1, 2])
    >>> b = np.zeros((5, 5)); b[np.ix_(place, place)] = a
    >>> found = na.match_nodes(a, b, rng=0)
    >>> found.score, round(found.overlap, 9), round(found.overlap_by_chance, 9)
    (10.0, 1.0, 0.5)
    """
    options.count(n_restarts, "n_restarts")
    options.count(n_nulls, "n_nulls")
    options.flags(refine=refine)
    options.choice(padding, get_args(Padding), "padding")
    options.jobs(n_jobs)
    (first, unit_a), (second, unit_b) = (near_one(_dense(net, name)) for net, name in ((a, "a"), (b, "b")))
    known = _seeds(seeds, len(first), len(second))
    roots = [random.child(random.seed_sequence(rng), k) for k in range(2)]
    search = _Search(first, known, n_restarts, refine, padding, roots[0])
    matching, scores = search(second)
    nodes = matching[: len(first)].copy()
    nodes[nodes >= len(second)] = -1
    test = None
    if null is not None:
        test = null_test(b, search.overlap, null, n_nulls=n_nulls, alternative="greater", rng=roots[1], n_jobs=n_jobs)
    size = _size(first, second)
    if not size:
        undefined.say("match_nodes: the overlap is nan: a network without connections has none")
    with np.errstate(over="ignore"):  # a score may be beyond the doubles, and is infinite then; overlaps are not
        in_unit = scores * unit_a * unit_b
    return NodeMatching(
        nodes=nodes,
        score=float(in_unit.max()),
        overlap=stacks.number(stacks.ratio(scores.max(), size)),
        overlap_by_chance=stacks.number(stacks.ratio(_mean_score(first, second), size)),
        scores=in_unit,
        n_seeds=len(known),
        padding=padding,
        test=test,
    )


class _Search:
    """Matching of one network with others; picklable, so that null networks can be matched elsewhere."""

    def __init__(
        self, a: Array, known: NDArray[np.intp], n_restarts: int, refine: bool, padding: str, root: Any
    ) -> None:
        self.a, self.known, self.n_restarts, self.refine = a, known, n_restarts, refine
        self.padding, self.root = padding, root

    def overlap(self, b: Any) -> float:
        """What is compared with null networks."""
        second = near_one(_dense(b, "b"))[0]
        return float(stacks.ratio(self(second)[1].max(), _size(self.a, second)))

    def __call__(self, b: Array) -> tuple[NDArray[np.intp], Array]:
        """The best matching of the filled-up networks, and the score of every start."""
        from scipy.optimize import quadratic_assignment

        plain = [_filled(w, max(len(self.a), len(b)), "naive") for w in (self.a, b)]
        x, y = (_filled(w, len(plain[0]), self.padding) for w in (self.a, b))
        best, scores = np.arange(len(x)), np.empty(self.n_restarts)
        for k, generator in enumerate(random.generators(self.root, self.n_restarts)):
            start: Any = "randomized" if k else "barycenter"
            how = {"maximize": True, "P0": start, "rng": generator, "partial_match": self.known}
            matching = quadratic_assignment(x, y, method="faq", options=how).col_ind
            if self.refine:
                matching = _exchanged(x, y, matching, self.known[:, 0])
            scores[k] = (plain[0] * plain[1][np.ix_(matching, matching)]).sum()
            if scores[k] > scores[:k].max(initial=-np.inf):
                best = matching
        return best, scores


def _exchanged(a: Array, b: Array, matching: NDArray[np.intp], fixed: NDArray[np.intp]) -> NDArray[np.intp]:
    """The matching after the best exchanges of two nodes, one after the other, until none raises the score."""
    matching = matching.copy()
    diagonal = np.diag(a)
    while True:
        c = b[np.ix_(matching, matching)]
        # Exchanging i and j moves row and column i of c to j: sums over all k, then k = i and k = j set right.
        gain = np.zeros_like(a)
        for p, q in ((a, c), (a.T, c.T)):
            x = p @ q.T
            own = np.diag(x)
            gain += x + x.T - own[:, None] - own
            gain -= (diagonal[:, None] - p.T) * (q.T - np.diag(q)[:, None])
            gain -= (p - diagonal) * (np.diag(q) - q)
        loops = np.diag(c)
        gain += (diagonal[:, None] - diagonal) * (loops - loops[:, None]) + (a - a.T) * (c.T - c)
        gain[fixed] = gain[:, fixed] = 0.0
        i, j = np.unravel_index(gain.argmax(), gain.shape)
        scale = np.abs(a).sum(axis=1).max() * np.abs(b).max()
        if gain[i, j] <= max(ROUNDING * scale, 0.0) or i == j:
            return matching
        matching[i], matching[j] = matching[j], matching[i]


def _filled(w: Array, n: int, padding: str) -> Array:
    more = n - len(w)
    if padding == "naive":
        return np.pad(w, (0, more))
    if w.min() < 0 or w.max() > 1:
        raise ValueError(f'padding="adopted" needs weights between 0 and 1; got {w.min():g} to {w.max():g}: normalise')
    return np.pad(2 * w - 1, (0, more))


def _dense(net: Any, name: str) -> Array:
    w = stacks.one_network(net, instead="match each network by itself", name=name)
    return validate.dense(w, measure="match_nodes", instead="parts of both networks, na.transform.subset")


def _seeds(seeds: Any, n_a: int, n_b: int) -> NDArray[np.intp]:
    if seeds is None:
        return np.empty((0, 2), np.intp)
    pairs = np.asarray(seeds)
    if pairs.size == 0:
        return np.empty((0, 2), np.intp)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise ValueError(f"seeds must be pairs of node indices, shape (k, 2): of a, of b; got {np.shape(seeds)}")
    for column, n, name in ((0, n_a, "a"), (1, n_b, "b")):
        nodes = pairs[:, column]
        if nodes.min() < 0 or nodes.max() >= n:
            raise ValueError(f"seeds must name nodes of {name} within 0..{n - 1}; got {nodes.min()}..{nodes.max()}")
        if len(np.unique(nodes)) < len(nodes):
            raise ValueError(f"seeds must name each node of {name} once; some come again")
    return pairs.astype(np.intp)


def _size(a: Array, b: Array) -> float:
    return float(np.linalg.norm(a) * np.linalg.norm(b))


def _mean_score(a: Array, b: Array) -> float:
    """Over all matchings: each connection falls on each pair equally often, each self-connection on each node."""
    n = max(len(a), len(b))
    loops = float(np.trace(a) * np.trace(b)) / n
    pairs = n * (n - 1)
    return loops + (float((a.sum() - np.trace(a)) * (b.sum() - np.trace(b))) / pairs if pairs else 0.0)
