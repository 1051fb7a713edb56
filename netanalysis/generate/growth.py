"""Wiring rules: networks that grow connection by connection, near nodes and alike nodes first."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis import _kernels
from netanalysis._core import parallel, random, validate
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.generate import kernels

__all__ = ["WIRING_RULES", "grow", "wiring_probabilities"]

Rule = Literal[
    "spatial",
    "neighbors",
    "matching",
    "clu-avg",
    "clu-min",
    "clu-max",
    "clu-diff",
    "clu-prod",
    "deg-avg",
    "deg-min",
    "deg-max",
    "deg-diff",
    "deg-prod",
]
Form = Literal["power", "exponential"]

WIRING_RULES: tuple[str, ...] = get_args(Rule)

_KINDS = {"spatial": 0, "neighbors": 1, "matching": 2, "clu": 3, "deg": 4}
_HOW = {"avg": 0, "min": 1, "max": 2, "diff": 3, "prod": 4}


def grow(
    net: Network,
    *,
    n_connections: int,
    rule: Rule = "matching",
    eta: ArrayLike = -2.0,
    gamma: ArrayLike = 0.4,
    start: Network | None = None,
    distance_form: Form = "power",
    value_form: Form = "power",
    epsilon: float = 1e-6,
    size: int | None = None,
    rng: random.RNG = None,
) -> NDArray[np.float64]:
    """Undirected networks that grow connection by connection.

    Each step connects one of the pairs that are not connected yet, drawn with a probability proportional to
    ``d^eta (k + epsilon)^gamma``: d the distance of the pair, k its value by the rule in the network as it is by then.
    Exponential forms are ``exp(eta d)`` and ``exp(gamma (k + epsilon))``.

    Parameters
    ----------
    net : Connectome with positions or distances, or matrix of distances (n, n)
        Where the nodes are; connections of a Connectome are not looked at.
    n_connections : int
        Of each network in the end, those of `start` included.
    rule : name
        Value k of a pair: "spatial" none; "neighbors" neighbours in common; "matching" twice those over the degrees of
        both, without the connection between them; "clu-" and "deg-" binary clustering and degree of the two nodes,
        their mean ("avg"), "min", "max", difference ("diff") or product ("prod"). :data:`WIRING_RULES` lists them.
    eta, gamma : float or array_like
        Exponents; arrays are matched as numpy broadcasts, and networks get their axes.
    start : network, optional
        Undirected connections to begin with, which stay.
    distance_form, value_form : {"power", "exponential"}
    epsilon : float
        Above 0, so that pairs without a value may be connected too. Below 0, gamma makes it decide: state it.
    size : int, optional
        Number of replicates; None gives a single network.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    ndarray, shape (..., [size], n, n)
        0 and 1; the axes of `eta` and `gamma` first. The network of one place among the parameters and of one replicate
        does not depend on `size`, nor on how many threads made it.

    Raises
    ------
    ValueError
        More connections than pairs, fewer than `start` has; distances that are not positive or not symmetric; exponents
        at which no pair has a probability that is a number.

    References
    ----------
    Betzel et al. 2016, doi:10.1016/j.neuroimage.2015.09.041; Vértes et al. 2012, doi:10.1073/pnas.1111738109. bctpy's
    ``generative_model`` may choose a pair twice and stop short of the connections asked for.

    Examples
    --------
    >>> import numpy as np
    >>> import netanalysis as na
    >>> place = np.random.default_rng(0).normal(size=(30, 3))
    >>> d = np.linalg.norm(place[:, None] - place, axis=-1)
    >>> grown = na.grow(d, n_connections=60, rule="matching", eta=[-3, -1], gamma=0.5, size=5, rng=0)
    >>> grown.shape, set(grown.sum(axis=(-2, -1)).ravel().tolist())
    ((2, 5, 30, 30), {120.0})
    """
    d, form = _distances(net), _form(rule, distance_form, value_form)
    n = len(d)
    n_connections = validate.positive_int(n_connections, "n_connections", minimum=0)
    epsilon = validate.number_in(epsilon, "epsilon", above=0)
    first = _start(start, n)
    steps = n_connections - int(first.sum()) // 2
    if not 0 <= steps <= n * (n - 1) // 2 - int(first.sum()) // 2:
        raise ValueError(
            f"n_connections must lie between those of start, {int(first.sum()) // 2}, and the pairs of {n} nodes, "
            f"{n * (n - 1) // 2}; got {n_connections}"
        )
    exponents = np.broadcast_arrays(validate.as_array(eta, "eta"), validate.as_array(gamma, "gamma"))
    lead = exponents[0].shape
    each = 1 if size is None else validate.positive_int(size, "size")
    etas, gammas = (np.repeat(e.ravel(), each) for e in exponents)
    roots = [random.child(random.seed_sequence(rng), k) for k in range(int(np.prod(lead, dtype=int)))]
    seeds = np.concatenate([random.seeds(root, each) for root in roots]) if roots else np.empty(0, np.uint64)
    out = np.empty((len(etas), n, n))
    made = np.empty(len(etas), np.intp)

    def block(begin: int, stop: int) -> None:
        for k in range(begin, stop):
            adjacent = first.copy()
            grown = _growth(d, adjacent, form, etas[k], gammas[k], epsilon)
            made[k] = kernels.growth.grow(_kernels.random.new_state(seeds[k]), steps, *grown)
            out[k] = adjacent

    parallel.thread_blocks(block, len(etas))
    if (made < steps).any():
        k = int(np.argmin(made))
        raise ValueError(
            f"after {made[k]} of {steps} connections no pair had a probability that is a number above 0, at "
            f"eta={etas[k]:g}, gamma={gammas[k]:g}: take exponents nearer to 0, distances in a larger unit, or another "
            "epsilon"
        )
    return out.reshape(*lead, *(() if size is None else (each,)), n, n)


def wiring_probabilities(
    net: Network,
    distances: ArrayLike | None = None,
    *,
    rule: Rule = "matching",
    eta: float = -2.0,
    gamma: float = 0.4,
    distance_form: Form = "power",
    value_form: Form = "power",
    epsilon: float = 1e-6,
) -> NDArray[np.float64]:
    """Probability of each pair to be connected next, as :func:`grow` draws it.

    Parameters
    ----------
    net : network
        Undirected; what is connected already (w != 0) has a probability of 0.
    distances : array_like, shape (n, n), optional
        Default: those of a Connectome.
    rule, eta, gamma, distance_form, value_form, epsilon
        As in :func:`grow`.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric; sums to 1 over pairs, 2 over the matrix. 0 where all pairs are connected.

    References
    ----------
    Betzel et al. 2016, doi:10.1016/j.neuroimage.2015.09.041.

    Examples
    --------
    >>> import numpy as np
    >>> import netanalysis as na
    >>> d = np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    >>> na.wiring_probabilities(np.zeros((3, 3)), d, rule="spatial", eta=-1)[0].round(2)
    array([0. , 0.4, 0.2])
    """
    form = _form(rule, distance_form, value_form)
    eta, gamma = validate.number_in(eta, "eta"), validate.number_in(gamma, "gamma")
    epsilon = validate.number_in(epsilon, "epsilon", above=0)
    if distances is None and not isinstance(net, Connectome):
        raise ValueError("distances= must be given for a network that is no Connectome with positions or distances")
    d = _distances(net if distances is None else distances)
    adjacent = _start(net, len(d))
    weight = _growth(d, adjacent, form, eta, gamma, epsilon)[7]
    free = np.where((adjacent != 0) | np.eye(len(d), dtype=bool), 0.0, weight)
    total = free.sum() / 2
    return free / total if total > 0 else free


def _growth(d: Any, adjacent: Any, form: Any, eta: float, gamma: float, epsilon: float) -> tuple[Any, ...]:
    """What the kernel grows a network from, in its order, begun."""
    kind, how, by_distance, by_value = form
    n = len(d)
    with np.errstate(divide="ignore", over="ignore"):
        cost = np.exp(eta * d) if by_distance else np.where(np.eye(n, dtype=bool), 0.0, d) ** eta
    np.fill_diagonal(cost, 0.0)
    rule = cost, kind, how, float(gamma), by_value, float(epsilon)
    scratch = (
        np.empty((n, n)),
        np.empty((n, n), np.int32),
        np.empty(n, np.int32),
        np.empty(n),
        np.empty((n, n), np.int32),
    )
    kernels.growth.begin(adjacent, *rule, *scratch)
    return (adjacent, *rule, *scratch)


def _form(rule: Any, distance_form: Any, value_form: Any) -> tuple[int, int, bool, bool]:
    validate.choice(rule, WIRING_RULES, "rule")
    validate.choice(distance_form, get_args(Form), "distance_form")
    validate.choice(value_form, get_args(Form), "value_form")
    family, _, how = rule.partition("-")
    return _KINDS[family], _HOW.get(how, 0), distance_form == "exponential", value_form == "exponential"


def _distances(net: Any) -> NDArray[np.float64]:
    d = net.distances if isinstance(net, Connectome) else validate.dense(
        validate.as_weights(net, name="distances"), measure="growth", instead="fewer nodes"
    )  # fmt: skip
    if d is None:
        raise ValueError("net must know where its nodes are: a Connectome with positions or distances; it has neither")
    d = np.asarray(d, float)
    if d.ndim != 2 or not validate.is_symmetric(d):
        raise ValueError(f"distances must be one symmetric matrix (n, n); got shape {d.shape}")
    apart = d[~np.eye(len(d), dtype=bool)]
    if (apart <= 0).any():
        raise ValueError("distances between distinct nodes must be above 0: two nodes lie in one place")
    return validate.for_kernels(d)


def _start(start: Any, n: int) -> NDArray[np.uint8]:
    if start is None:
        return np.zeros((n, n), np.uint8)
    w = validate.dense(validate.as_weights(start), measure="growth", instead="fewer nodes")
    if w.shape != (n, n) or not validate.is_symmetric(w):
        raise ValueError(f"start must be one undirected network of {n} nodes; got shape {w.shape}, or directed")
    out = (w != 0).astype(np.uint8)
    np.fill_diagonal(out, 0)
    return out
