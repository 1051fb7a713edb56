"""Networks that grow connection by connection, near nodes and alike nodes first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis import _kernels
from netanalysis._core import node_order, options, parallel, random, validate
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.generate import _rules
from netanalysis.generate._rules import WIRING_RULES, Form, Rule
from netanalysis.generate.weights import OBJECTIVES, Objective, tuned

__all__ = ["WIRING_RULES", "grow", "wiring_probabilities"]

_NEARER = "take exponents nearer to 0, distances in a larger unit, or another epsilon"


def grow(
    net: Network,
    *,
    n_connections: int,
    rule: Rule = "matching",
    eta: ArrayLike = -2.0,
    gamma: ArrayLike = 0.4,
    start: Network | None = None,
    among: Network | None = None,
    distance_form: Form = "power",
    value_form: Form = "power",
    epsilon: float = 1e-6,
    directed: bool = False,
    weights: Objective | None = None,
    alpha: ArrayLike = 0.05,
    omega: ArrayLike = 0.9,
    size: int | None = None,
    rng: random.RNG = None,
) -> NDArray[np.float64]:
    """Networks that grow connection by connection.

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
        their mean ("avg"), "min", "max", difference ("diff") or product ("prod"); "communicability" that of the two
        (:func:`communicability`), with eta = gamma their distance times communicability, the cost of spatially embedded
        networks. :data:`WIRING_RULES` lists them. What they mean in directed networks is said below.
    eta, gamma : float or array_like
        Exponents; arrays are matched as numpy broadcasts, and networks get their axes.
    start : network, optional
        Connections to begin with, which stay; with `weights`, those they begin with.
    among : network, optional
        Connect only pairs that are connected in it (w != 0). With as many connections as it has, its own ones are made,
        in an order that the rule would choose: what `weights` make of them does not depend on which connections grew.
    distance_form, value_form : {"power", "exponential"}
        In the exponential form eta has the unit of 1 over distance; in that of powers the unit does not matter.
    epsilon : float
        Above 0, so that pairs without a value may be connected too. Below 0, gamma makes it decide: state it.
    directed : bool
        Grow connections from one node to another, each direction a pair of its own.
    weights : {"akarca", "communicability", "distance_communicability", "sernn"}, optional
        Grow weights, too: a new connection has the weight 1, and after each of them all weights go one step down this
        objective, as below. Which connections grow does not depend on them.
    alpha, omega : float or array_like
        Length of that step, and exponent of the objective; of no consequence without `weights`. Broadcast with `eta`.
        Distances in another unit, c times as large, want an alpha ``c^omega`` times as small (but for the objective
        "communicability", which has no distances).
    size : int, optional
        Number of replicates; None gives a single network.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    ndarray, shape (..., [size], n, n)
        0 and 1, or weights; the axes of the parameters first. The network of one place among the parameters and of one
        replicate does not depend on `size`, nor on how many threads made it.

    Raises
    ------
    ValueError
        More connections than pairs, or than pairs of `among`, fewer than `start` has; distances that are not positive
        or not symmetric; exponents at which no pair has a probability that is a number; a rule of clustering for
        directed networks; a negative `alpha`.

    Notes
    -----
    In a directed network, of the pair from i to j, "deg-" puts together the out-degree of i and the in-degree of j (as
    preferential attachment does, Bollobás et al. 2003); "neighbors" counts targets and sources in common; "matching" is
    twice those over all connections of both, without those between the two (:func:`matching_index`, both directions:
    Hilgetag et al. 2000). "clu-" is refused: there are five clustering coefficients of directed networks, and no
    published rule says which. "communicability" is that from i to j, scaled by out- and
    in-strengths.

    Weights follow the weighted generative model (Akarca et al. 2023), with ``C = exp(S^-1/2 W S^-1/2)``, S the
    (out-)strengths: after every connection each weight becomes ``max(0, w - alpha slope)``.

    ==============================  ================================================================================
    "akarca"                        slope of ``(d_ij sum C)^omega``, i and j the nodes of this connection, against
                                    changes of its weight by a twentieth. The published code fits a line through
                                    changes of up to a quarter; this is the limit of small ones
    "communicability"               gradient of ``sum C^omega``
    "distance_communicability"      gradient of ``sum (d C)^omega``
    "sernn"                         gradient of ``sum (w d C)^omega``, at omega = 1 the penalty of spatially embedded
                                    networks (Achterberg et al. 2023)
    ==============================  ================================================================================

    Sums run over the whole matrix, diagonal included. Gradients are the derivative by one entry, of undirected networks
    the mean of both, as in the toolbox of generative models. With "akarca" a weight that has come to 0 stays there. A
    step costs one exponential of the matrix, and so does one with the rule "communicability".

    References
    ----------
    Betzel et al. 2016, doi:10.1016/j.neuroimage.2015.09.041; Vértes et al. 2012, doi:10.1073/pnas.1111738109.
    Akarca et al. 2023, doi:10.1101/2023.06.23.546237. Achterberg et al. 2023, doi:10.1038/s42256-023-00748-9.
    Hilgetag et al. 2000, doi:10.1098/rstb.2000.0551. Bollobás et al. 2003, "Directed scale-free graphs", SODA. bctpy's
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
    d, form = _distances(net), _rules.form_of(rule, distance_form, value_form, directed)
    n = len(d)
    n_connections = options.positive_int(n_connections, "n_connections", minimum=0)
    epsilon = options.number_in(epsilon, "epsilon", above=0)
    for key, given in (("start", start), ("among", among)):
        if given is not None:
            node_order.same_nodes(net, given, ("net", key))
    first = _start(start, n, "start", directed)
    allowed = None if among is None else _start(among, n, "among", directed) | first
    each_is = 1 if directed else 2  # entries of a matrix
    begun, pairs = int(first.sum()) // each_is, (n * (n - 1) if allowed is None else int(allowed.sum())) // each_is
    steps = n_connections - begun
    if not begun <= n_connections <= pairs:
        raise ValueError(
            f"n_connections must lie between those of start, {begun}, and the pairs "
            f"{f'of {n} nodes' if allowed is None else 'of among and start'}, {pairs}; got {n_connections}"
        )
    given = {"eta": eta, "gamma": gamma, "alpha": alpha, "omega": omega}
    if weights is not None:
        options.choice(weights, OBJECTIVES, "weights")
        begin_with = _weights_of(start, first, directed)
    arrays = [validate.as_array(value, name) for name, value in given.items()]
    try:
        points = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(given, arrays, strict=True))
        raise ValueError(f"eta, gamma, alpha and omega must have shapes that broadcast; got {shapes}") from None
    if (points[2] < 0).any():
        raise ValueError(f"alpha must not be below 0, or weights would climb; got {points[2].min():g}")
    lead = points[0].shape
    each = 1 if size is None else options.count(size, "size")
    etas, gammas, alphas, omegas = (np.repeat(e.ravel(), each) for e in points)
    roots = [random.child(random.seed_sequence(rng), k) for k in range(int(np.prod(lead, dtype=int)))]
    seeds = np.concatenate([random.seeds(root, each) for root in roots]) if roots else np.empty(0, np.uint64)
    out = np.empty((len(etas), n, n))
    made = np.empty(len(etas), np.intp)

    def block(begin: int, stop: int) -> None:
        g = _rules.room(form, n, epsilon, directed)
        order = np.empty((steps, 2), np.int64)
        for k in range(begin, stop):
            if k == begin or etas[k] != etas[k - 1]:
                cost = _rules.cost_of(d, form, etas[k])
                cost = cost if allowed is None else cost * allowed
            g.adjacent[:], g.cost[:] = first, cost
            g = g._replace(gamma=gammas[k])
            made[k] = _rules.grow(g, form, _kernels.random.new_state(seeds[k]), order)
            if weights is None:
                out[k] = g.adjacent
            elif made[k] == steps:
                with np.errstate(over="ignore", invalid="ignore"):  # looked at below
                    step = {"alpha": alphas[k], "omega": omegas[k]}
                    out[k] = tuned(begin_with.copy(), order, d, objective=weights, directed=directed, **step)

    parallel.blas_blocks(block, len(etas))
    if (made < steps).any():
        k = int(np.argmin(made))
        raise ValueError(
            f"after {made[k]} of {steps} connections no pair had a probability that is a number above 0, at "
            f"eta={etas[k]:g}, gamma={gammas[k]:g}: {_NEARER}"
        )
    if weights is not None and not (finite := np.isfinite(out).all(axis=(-2, -1))).all():
        k = int(np.argmin(finite))
        raise ValueError(
            f"weights grew beyond what doubles hold, at alpha={alphas[k]:g}, omega={omegas[k]:g}: take an omega nearer "
            "to 1, a smaller alpha, or distances in another unit"
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
    directed: bool = False,
) -> NDArray[np.float64]:
    """Probability of each pair to be connected next, as :func:`grow` draws it.

    Parameters
    ----------
    net : network
        What is connected already (w != 0) has a probability of 0.
    distances : array_like, shape (n, n), optional
        Default: those of a Connectome.
    rule, eta, gamma, distance_form, value_form, epsilon, directed
        As in :func:`grow`.

    Returns
    -------
    ndarray, shape (n, n)
        From source to target. Sums to 1 over pairs: of an undirected network symmetric, 2 over the matrix. 0 where all
        pairs are connected.

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
    form = _rules.form_of(rule, distance_form, value_form, directed)
    eta, gamma = options.number_in(eta, "eta"), options.number_in(gamma, "gamma")
    epsilon = options.number_in(epsilon, "epsilon", above=0)
    if distances is None and not isinstance(net, Connectome):
        raise ValueError("distances= must be given for a network that is no Connectome with positions or distances")
    d = _distances(net if distances is None else distances)
    adjacent = _start(net, len(d), "net", directed)
    g = _rules.room(form, len(d), epsilon, directed)._replace(
        adjacent=adjacent, cost=_rules.cost_of(d, form, eta), gamma=gamma
    )
    with np.errstate(over="ignore", invalid="ignore"):  # looked at below
        _rules.begin(g, form)
    free = g.weight[: len(d), : len(d)].T.copy()
    total = free.sum() / (1 if directed else 2)
    if not np.isfinite(total) or (total == 0 and (adjacent + np.eye(len(d)) == 0).any()):
        raise ValueError(f"no pair has a probability that is a number, at eta={eta:g}, gamma={gamma:g}: {_NEARER}")
    return free / total if total > 0 else free


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
        why = "one is negative" if (apart < 0).any() else "two nodes lie in one place"
        raise ValueError(f"distances between distinct nodes must be above 0: {why}")
    return validate.for_kernels(d)


def _start(given: Any, n: int, name: str, directed: bool) -> NDArray[np.uint8]:
    if given is None:
        return np.zeros((n, n), np.uint8)
    w = validate.dense(validate.as_weights(given), measure="growth", instead="fewer nodes")
    if w.shape != (n, n) or not (directed or validate.is_symmetric(w)):
        raise ValueError(
            f"{name} must be one {'network' if directed else 'undirected network'} of {n} nodes; got shape {w.shape}"
            f"{'' if w.shape != (n, n) else ', directed: say directed=True, or symmetrise it by transform.symmetrize'}"
        )
    out = np.ascontiguousarray(w != 0, np.uint8)
    np.fill_diagonal(out, 0)
    return out


def _weights_of(start: Any, first: NDArray[np.uint8], directed: bool) -> NDArray[np.float64]:
    """The weights to begin with, of the connections to begin with."""
    if start is None:
        return first.astype(float)
    w = np.where(first, validate.dense(validate.as_weights(start), measure="growth", instead="fewer nodes"), 0.0)
    validate.require_nonnegative(w, "start", measure="grow with weights", instead="Choose transform.absolute(start)")
    return w if directed else (w + w.T) / 2
