"""What part a node plays in its module and between modules: participation, within-module z, gateway."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis import transform
from netanalysis._core import options, stacks, validate
from netanalysis._core.rounding import ROUNDING
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure.modularity import codes_of

__all__ = ["gateway_coefficient", "participation_coefficient", "within_module_z"]

Direction = Literal["both", "out", "in"]
Sign = Literal["positive", "negative"]
Spread = Literal["sample", "population"]
_FEW = 16  # modules: the weights to all of them are one product
_AXES = {"both": (-1, -2), "out": (-1,), "in": (-2,)}


@takes_stacks
def participation_coefficient(
    net: Network,
    communities: ArrayLike | None = None,
    *,
    direction: Direction = "both",
    sign: Sign | None = None,
    isolated: float = 0.0,
) -> Any:
    r"""Participation coefficient: how evenly the connections of each node are spread over the modules.

    .. math:: P_i = 1 - \sum_m (k_{im} / k_i)^2

    with :math:`k_{im}` the weight between node i and the nodes of module m and :math:`k_i` its sum over modules: 0
    where all connections stay in one module, 1 - 1/(number of modules) where they are spread evenly.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Weights count as they are; multiplying all of them changes nothing. Self-connections are left out.
    communities : array_like, shape (n,) or (..., n), optional
        A label per node, numbers or strings; default: the modules of the Connectome.
    direction : {"both", "out", "in"}
        Over outgoing connections, over incoming ones, or over their sum. The same for an undirected network.
    sign : {"positive", "negative"}, optional
        Take the connections of one sign alone, by magnitude. A network with negative weights needs it: in the sum of
        both signs weights cancel, and the formula loses its meaning (Rubinov & Sporns 2011 treat them apart).
    isolated : float
        The value of a node without connections (of that direction and sign); nan is another choice.

    Returns
    -------
    ndarray, shape (..., n)

    Raises
    ------
    ValueError
        Negative weights without `sign`; `communities` without a label for each node.

    References
    ----------
    Guimerà & Amaral 2005, doi:10.1038/nature03288; signed: Rubinov & Sporns 2011, doi:10.1016/j.neuroimage.2011.03.069.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.participation_coefficient([[0, 3.0, 1], [3, 0, 0], [1, 0, 0]], ["a", "a", "b"])
    array([0.375, 0.   , 0.   ])
    """
    ties = _ties(net, communities, direction, sign=sign, measure="participation_coefficient")
    share = stacks.ratio(ties.weight, ties.total[..., None])
    return _filled(1.0 - (share**2).sum(axis=-1), ties, isolated)


@takes_stacks
def within_module_z(
    net: Network,
    communities: ArrayLike | None = None,
    *,
    direction: Direction = "both",
    spread: Spread = "sample",
) -> Any:
    r"""Within-module z: how strongly each node is tied to its own module, against the other nodes of that module.

    .. math:: z_i = (k_i - \bar k) / \sigma_k

    with :math:`k_i` the weight between node i and its module, and mean and standard deviation over the module.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Weights count as they are, negative ones negatively; :func:`netanalysis.transform.positive_part`,
        ``negative_part`` or ``absolute`` make another choice. Self-connections are left out.
    communities : array_like, shape (n,) or (..., n), optional
        A label per node, numbers or strings; default: the modules of the Connectome.
    direction : {"both", "out", "in"}
        Over outgoing connections, over incoming ones, or over their sum. The same for an undirected network.
    spread : {"sample", "population"}
        Standard deviation with the number of nodes less 1 in the denominator, as the Brain Connectivity Toolbox for
        MATLAB has it, or with their number, as bctpy has it.

    Returns
    -------
    ndarray, shape (..., n)
        0 in a module whose nodes are all tied to it alike, up to rounding; so too for a module of one node.

    References
    ----------
    Guimerà & Amaral 2005, doi:10.1038/nature03288.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.within_module_z([[0, 3.0, 1], [3, 0, 2], [1, 2, 0]], ["a", "a", "a"])
    array([ 0.,  1., -1.])
    """
    options.choice(spread, get_args(Spread), "spread")
    w, codes = _off_diagonal(net, communities, direction)
    if sparse.issparse(w) or codes.ndim > 1 or codes.max() < _FEW:
        weight = _ties_of(w, codes, direction).weight
        codes = np.broadcast_to(codes, weight.shape[:-1])
        own = np.take_along_axis(weight, codes[..., None], -1)[..., 0]
    else:
        own = np.empty(w.shape[:-1])
        for module in range(codes.max() + 1):
            nodes = np.flatnonzero(codes == module)
            inside = w[..., nodes[:, None], nodes]
            sums = [inside.sum(axis=axis) for axis in _AXES[direction]]
            own[..., nodes] = sum(sums[1:], start=sums[0])
    return _standardized(own, np.broadcast_to(codes, own.shape), ddof=1 if spread == "sample" else 0)


@takes_stacks
def gateway_coefficient(
    net: Network,
    communities: ArrayLike | None = None,
    *,
    centrality: ArrayLike | None = None,
    direction: Direction = "both",
    sign: Sign | None = None,
    isolated: float = 0.0,
) -> Any:
    r"""Gateway coefficient: participation that counts more where a node is what holds two modules together.

    .. math:: G_i = 1 - \sum_m (k_{im} / k_i)^2 (1 - \bar k_{im} \bar c_{im})^2

    with :math:`\bar k_{im}` the share of node i in all weight between its module and module m (pairs inside a module
    are counted once), and :math:`\bar c_{im}` the centrality of its neighbours in m, summed, over that of the most
    central module.

    Parameters
    ----------
    net : network or stack (..., n, n)
        As for :func:`participation_coefficient`.
    communities : array_like, shape (n,) or (..., n), optional
        A label per node, numbers or strings; default: the modules of the Connectome.
    centrality : array_like, shape (n,) or (..., n), optional
        A value of at least 0 per node. Default: the strength, of that direction and sign.
    direction, sign, isolated
        As for :func:`participation_coefficient`.

    Returns
    -------
    ndarray, shape (..., n)

    Raises
    ------
    ValueError
        Negative weights without `sign`; a negative centrality.

    Notes
    -----
    A node that is alone in its module holds all of its module's connections. The Brain Connectivity Toolbox sets its
    share to 0 instead; bctpy also sums the weight between modules over all modules, so that its values are lower.

    References
    ----------
    Vargas & Wahl 2014, doi:10.1140/epjb/e2014-40800-7.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.gateway_coefficient([[0, 1.0, 1], [1, 0, 0], [1, 0, 0]], ["a", "a", "b"]).round(3)
    array([0.778, 0.889, 0.889])
    """
    ties = _ties(net, communities, direction, sign=sign, measure="gateway_coefficient", as_given=False)
    n = ties.codes.shape[-1]
    central = ties.total if centrality is None else validate.as_array(centrality, "centrality")
    if central.ndim == 0 or central.shape[-1] != n:
        raise ValueError(f"centrality must hold one value per node, shape (..., {n}); got {central.shape}")
    if (central < 0).any():
        raise ValueError(f"centrality must be at least 0; got {central.min():g}")
    member, of_node = ties.member, central[..., None]
    between = np.swapaxes(member, -1, -2) @ ties.weight
    # Pairs inside a module are counted from both ends, unless connections are and only one way is asked for.
    twice = True if direction == "both" else stacks.each(ties.w, validate.is_symmetric, ())
    between = between * (1.0 - 0.5 * np.eye(between.shape[-1]) * np.asarray(twice)[..., None, None])
    held = stacks.ratio(ties.weight, member @ between, otherwise=0.0)
    of_module = np.swapaxes(member, -1, -2) @ of_node
    near = _to_modules(ties.w, member * of_node, direction, present=True)
    reach = stacks.ratio(near, of_module.max(axis=(-2, -1))[..., None, None], otherwise=0.0)
    share = stacks.ratio(ties.weight, ties.total[..., None])
    return _filled(1.0 - (share**2 * (1.0 - held * reach) ** 2).sum(axis=-1), ties, isolated)


class _Ties(NamedTuple):
    """The weight between each node and each module, without self-connections."""

    w: Any
    codes: NDArray[np.intp]  # (..., n)
    member: NDArray[np.float64]  # 1 where a node is in a module, (..., n, modules)
    weight: NDArray[np.float64]  # (..., n, modules)
    total: NDArray[np.float64]  # (..., n)


def _off_diagonal(
    net: Network, communities: ArrayLike | None, direction: str, *, as_given: bool = True
) -> tuple[Any, NDArray[np.intp]]:
    """Weights without self-connections, and the module of each node."""
    options.choice(direction, get_args(Direction), "direction")
    w = validate.as_weights(net, as_given=as_given)
    codes = codes_of(net, communities, w.shape[-1])
    if sparse.issparse(w) and codes.ndim > 1:
        raise ValueError(f"communities of a sparse network must be one partition, shape (n,); got {codes.shape}")
    if (w.diagonal() if sparse.issparse(w) else np.diagonal(w, axis1=-2, axis2=-1)).any():
        w = transform.remove_self_connections(w)
    return w, codes


def _ties(
    net: Network,
    communities: ArrayLike | None,
    direction: str,
    *,
    sign: str | None,
    measure: str,
    as_given: bool = True,
) -> _Ties:
    """Of the chosen direction and sign; negative weights are refused unless a sign is chosen."""
    if sign is not None:
        options.choice(sign, get_args(Sign), "sign (None or a string)")
    w, codes = _off_diagonal(net, communities, direction, as_given=as_given)
    if sign is not None:
        w = (transform.positive_part if sign == "positive" else transform.negative_part)(w)
    else:
        instead = 'Choose sign="positive" or sign="negative", or transform.absolute(net) for both by magnitude'
        validate.require_nonnegative(w, "net", measure=measure, instead=instead)
    return _ties_of(w, codes, direction)


def _ties_of(w: Any, codes: NDArray[np.intp], direction: str) -> _Ties:
    member = (codes[..., None] == np.arange(codes.max() + 1)).astype(float)
    weight = _to_modules(w, member, direction)
    return _Ties(w, codes, member, weight, weight.sum(axis=-1))


def _to_modules(w: Any, member: NDArray[np.float64], direction: str, *, present: bool = False) -> NDArray[np.float64]:
    """Sums over the nodes of each module of weights, or of where there is one; (..., n, modules)."""
    if direction == "both" and present:
        turned = w.T if sparse.issparse(w) else np.swapaxes(w, -1, -2)
        w, direction = w + turned, "out"  # a node tied both ways is one neighbour
    if present:
        w = (w != 0).astype(float)
    if sparse.issparse(w):
        n, k = member.shape
        codes, value = member.argmax(axis=1), member.max(axis=1)
        rows, columns = np.repeat(np.arange(n), np.diff(w.indptr)), w.indices.astype(np.intp)
        ends = {"out": [(rows, columns)], "in": [(columns, rows)]}
        ends["both"] = ends["out"] + ends["in"]
        sums = [np.bincount(i * k + codes[j], w.data * value[j], n * k) for i, j in ends[direction]]
        return np.asarray(sum(sums[1:], start=sums[0]), float).reshape(n, k)
    out = w @ member if direction != "in" else 0.0
    return np.asarray(out if direction == "out" else out + np.swapaxes(np.swapaxes(member, -1, -2) @ w, -1, -2))


def _filled(values: NDArray[np.float64], ties: _Ties, isolated: Any) -> NDArray[np.float64]:
    if not isinstance(isolated, (int, float, np.integer, np.floating)) or isinstance(isolated, bool):
        raise TypeError(f"isolated must be a number; got {isolated!r}")
    return np.where(ties.total > 0, values, float(isolated))


def _standardized(values: NDArray[np.float64], codes: NDArray[np.intp], *, ddof: int) -> NDArray[np.float64]:
    """z of each value among those of its module; 0 where they differ by rounding alone."""
    n, modules = codes.shape[-1], int(codes.max()) + 1
    flat = values.reshape(-1, n)
    place = codes.reshape(-1, n) + modules * np.arange(len(flat))[:, None]
    size = np.bincount(place.ravel())

    def mean(x: NDArray[np.float64], less: int = 0) -> NDArray[np.float64]:
        return np.asarray(stacks.ratio(np.bincount(place.ravel(), x.ravel()), size - less, otherwise=0.0)[place])

    largest = np.abs(flat).max(axis=-1, keepdims=True)
    flat = np.ldexp(flat, -np.frexp(largest)[1])  # squares of very large or small values stay numbers
    apart = flat - mean(flat)
    spread = np.sqrt(mean(apart**2, ddof))
    alike = spread <= ROUNDING * np.sqrt(mean(flat**2))
    return np.where(alike, 0.0, stacks.ratio(apart, spread)).reshape(values.shape)
