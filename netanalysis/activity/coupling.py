"""Structure and function: how well anatomy and models of communication on it predict who works with whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import node_order, options, random, ranks, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.activity import _least_squares
from netanalysis.activity.dominance import MOST, of_columns
from netanalysis.connectome import Connectome
from netanalysis.structure.communication import COMMUNICATION, communication
from netanalysis.structure.paths import shortest_paths

__all__ = ["StructureFunctionCoupling", "structure_function_coupling"]

Pairs = Literal["all", "connected"]


@result
class StructureFunctionCoupling:
    """What :func:`structure_function_coupling` returns; of a stack, every number has the axes of the stack in front.

    Attributes
    ----------
    names : tuple of str, length k
        The predictors.
    rho : ndarray, shape (..., k)
        Spearman's correlation of each with functional connectivity over all pairs; negative for a length, if short
        pairs work together.
    r2, adjusted_r2, cross_validated_r2 : float, or array over the leading axes
        Of the linear model with all predictors.
    dominance : ndarray, shape (..., k)
        Shares of the predictors in `r2` (:func:`dominance`); nan for more than 15, or where one does not vary.
    regional_rho : ndarray, shape (..., n, k)
        The same, of the pairs of each node.
    regional_r2, regional_adjusted_r2, regional_cross_validated_r2 : ndarray, shape (..., n)
    hops : ndarray of int, shape (h,)
        Numbers of hops that pairs are apart, in any network of a stack.
    rho_by_hop : ndarray, shape (..., h, k)
        Correlations over the pairs of so many hops, nan where a network of a stack has none.
    pairs_by_hop : ndarray of int, shape (..., h)
    n_pairs : int, or array over the leading axes
        Pairs that took part.
    """

    names: tuple[str, ...]
    rho: NDArray[np.float64]
    r2: Any
    adjusted_r2: Any
    cross_validated_r2: Any
    dominance: NDArray[np.float64]
    regional_rho: NDArray[np.float64]
    regional_r2: NDArray[np.float64]
    regional_adjusted_r2: NDArray[np.float64]
    regional_cross_validated_r2: NDArray[np.float64]
    hops: NDArray[np.int64]
    rho_by_hop: NDArray[np.float64]
    pairs_by_hop: NDArray[np.int64]
    n_pairs: Any

    def table(self) -> Any:
        """A DataFrame with a row for each predictor and set of pairs: all of them, and those so many hops apart.

        Columns: subject (of a stack, counting from 0; of several axes, their indices), predictor, hops (0 for all
        pairs), n_pairs, rho, dominance (nan but for all pairs), and model_r2, model_adjusted_r2 and
        model_cross_validated_r2 of all predictors together on all pairs, alike in every row of a network.
        """
        import pandas as pd

        lead = self.rho.shape[:-1]
        hops = np.concatenate([[0], self.hops])
        columns: dict[str, Any] = {}
        if lead:
            columns["subject"] = stacks.numbers_of(lead).reshape(*lead, 1, 1)
        columns["predictor"] = np.array(self.names)
        columns["hops"] = hops[:, None]
        columns["n_pairs"] = np.concatenate([np.asarray(self.n_pairs)[..., None], self.pairs_by_hop], -1)[..., None]
        columns["rho"] = np.concatenate([self.rho[..., None, :], self.rho_by_hop], axis=-2)
        columns["dominance"] = self.dominance[..., None, :]
        parts = ("r2", "adjusted_r2", "cross_validated_r2")
        columns |= {f"model_{name}": np.asarray(getattr(self, name))[..., None, None] for name in parts}
        shape = (*lead, len(hops), len(self.names))
        table = pd.DataFrame({name: np.broadcast_to(values, shape).ravel() for name, values in columns.items()})
        table.loc[table["hops"] > 0, ["dominance", *(f"model_{name}" for name in parts)]] = np.nan
        return table


@recorded
def structure_function_coupling(
    net: Network,
    connectivity: Network,
    *,
    predictors: str | Iterable[str] | Mapping[str, ArrayLike] = ("distance", "shortest_paths", "communicability"),
    pairs: Pairs = "all",
    distances: ArrayLike | None = None,
    folds: int | None = None,
    against: Literal["training", "all"] = "training",
    rng: Any = None,
) -> StructureFunctionCoupling:
    """How well structure predicts functional connectivity, over all pairs, for every node and by hop.

    Rank correlation of each predictor, and a linear model with all of them (Vázquez-Rodríguez et al. 2019), which is
    judged in sample, adjusted and on pairs that it was not fitted to.

    Parameters
    ----------
    net : network, stack (..., n, n) or list of networks
        Structural connectivity. Negative weights are refused by predictors that have no meaning for them.
    connectivity : network, stack (..., n, n) or list of networks
        Of the same people in the same order, or one of the two for all people, such as a group's anatomy. Functional
        connectivity. Where it is symmetric, pairs count once, and predictors that are not are taken as the mean of both
        directions; otherwise both directions count, and a node's pairs are its outgoing ones.
    predictors : names, or mapping of name to array (n, n) or (..., n, n)
        Keys of :data:`COMMUNICATION`, or "weight" for the structural weights themselves.
    pairs : {"all", "connected"}
        Whether pairs without a structural connection take part. Self-connections never do; nor do pairs for which a
        predictor is infinite, such as paths between separate parts: `n_pairs` says how many are left.
    distances : array_like, shape (n, n), optional
        Default: those of the Connectome.
    folds : int, optional
        Parts into which pairs are dealt for cross-validation, at random. Default: every pair is left out once.
    against : {"training", "all"}
        Cross-validated R^2 compares with the mean of the pairs fitted to, or with the mean of all.
    rng : seed, Generator or SeedSequence, optional
        For `folds`: a seed deals the pairs of every person of a stack as it does for one, a Generator hands each a
        child of its own.

    Returns
    -------
    StructureFunctionCoupling
        nan, with a warning, where there are fewer than 3 pairs or they do not vary.

    Raises
    ------
    ValueError
        Networks of different size or with their nodes in another order, stacks of different people, or unknown
        predictors.

    References
    ----------
    Vázquez-Rodríguez et al. 2019, doi:10.1073/pnas.1903403116. Zamani Esfahlani et al. 2022,
    doi:10.1038/s41467-022-29770-y.

    Examples
    --------
    >>> import netanalysis as na
    >>> anatomy, function = na.datasets.load("human_schaefer100"), na.datasets.load("human_schaefer100_fc")
    >>> found = na.structure_function_coupling(anatomy, function, predictors=["distance", "communicability"])
    >>> found.rho.round(2), found.regional_r2.shape
    (array([-0.22,  0.17]), (100,))
    >>> people = na.structure_function_coupling(anatomy, [function, function], predictors="distance")
    >>> people.regional_r2.shape, people.table()["subject"].unique().tolist()
    ((2, 100), [0, 1])
    """
    options.choice(pairs, ["all", "connected"], "pairs")
    options.choice(against, ["training", "all"], "against")
    if folds is not None:
        options.positive_int(folds, "folds", minimum=2)
    structures, lead = stacks.members(net, "net")
    functions, own = stacks.members(connectivity, "connectivity")
    if lead and own and lead != own:
        raise ValueError(
            f"net and connectivity must be of the same people, or one of them of all; got stacks of {lead} and {own}"
        )
    lead = lead or own
    people = _broadcast(structures, functions, predictors, lead)
    found = []
    with undefined.once():
        for (one, other, named), seed in zip(people, random.per_network(rng, len(people)), strict=True):
            found.append(_of_one(one, other, named, pairs, distances, folds, against, seed))
            _say(found[-1])
    return found[0] if not lead else _together(found, lead)


def _broadcast(structures: list[Any], functions: list[Any], predictors: Any, lead: tuple[int, ...]) -> list[Any]:
    """Structure, function and predictors of everybody."""
    count = max(len(structures), len(functions))
    named = [predictors] * count
    if lead and isinstance(predictors, Mapping):
        named = [{} for _ in range(count)]
        for name, value in predictors.items():
            own = not isinstance(value, Connectome) and np.shape(value)[:-2] == lead
            each = np.reshape(value, (-1, *np.shape(value)[-2:])) if own else [value] * count
            for k in range(count):
                named[k][name] = each[k]
    both = [nets * count if len(nets) == 1 else nets for nets in (structures, functions)]
    return list(zip(*both, named, strict=True))


def _together(found: list[StructureFunctionCoupling], lead: tuple[int, ...]) -> StructureFunctionCoupling:
    """Results of a stack as one, with a place for every number of hops that any of them has."""
    hops = np.unique(np.concatenate([one.hops for one in found]))
    rho = np.full((len(found), len(hops), len(found[0].names)), np.nan)
    count = np.zeros(rho.shape[:2], np.int64)
    for k, one in enumerate(found):
        at = np.searchsorted(hops, one.hops)
        rho[k, at], count[k, at] = one.rho_by_hop, one.pairs_by_hop
    apart = {"names", "hops", "rho_by_hop", "pairs_by_hop"}
    joined = {
        field.name: stacks.restore(np.array([getattr(one, field.name) for one in found]), lead)
        for field in fields(StructureFunctionCoupling)
        if field.name not in apart
    }
    of_hops = {"rho_by_hop": stacks.restore(rho, lead), "pairs_by_hop": stacks.restore(count, lead)}
    return StructureFunctionCoupling(names=found[0].names, hops=hops, **of_hops, **joined)


def _of_one(
    net: Any,
    connectivity: Any,
    predictors: Any,
    pairs: Pairs,
    distances: Any,
    folds: int | None,
    against: str,
    seed: Any,
) -> StructureFunctionCoupling:
    names, x, y, w, keep, once = _pairs(net, connectivity, predictors, pairs, distances)
    n = len(w)
    hops = shortest_paths(w, lengths="hops")
    if once:
        hops = np.minimum(hops, hops.T)

    def fitted(own: NDArray[np.float64], target: NDArray[np.float64], number: int) -> _least_squares.Explained:
        parts = None
        if folds is not None:
            parts = np.arange(len(target)) % folds
            np.random.default_rng(random.child(seed, number)).shuffle(parts)
        return _least_squares.explained(own.T, target, parts=parts, means_of_training=against == "training")

    counted = _each_once(keep, once)
    whole = fitted(x[:, counted], y[counted], n)
    rows = [(x[:, i, keep[i]], y[i, keep[i]]) for i in range(n)]
    regional = np.array([fitted(own, target, i) for i, (own, target) in enumerate(rows)])
    apart = np.unique(hops[counted & np.isfinite(hops)]).astype(np.int64)
    at = [counted & (hops == h) for h in apart]
    return StructureFunctionCoupling(
        names=names,
        rho=_rank_correlations(x[:, counted], y[counted]),
        r2=whole.r2,
        adjusted_r2=whole.adjusted,
        cross_validated_r2=whole.cross_validated,
        dominance=_shares(x[:, counted].T, y[counted]),
        regional_rho=np.array([_rank_correlations(own, target) for own, target in rows]),
        regional_r2=regional[:, 0],
        regional_adjusted_r2=regional[:, 1],
        regional_cross_validated_r2=regional[:, 2],
        hops=apart,
        rho_by_hop=np.reshape([_rank_correlations(x[:, which], y[which]) for which in at], (len(apart), len(names))),
        pairs_by_hop=np.array([which.sum() for which in at], np.int64),
        n_pairs=int(counted.sum()),
    )


def rank_coupling(net: Network, connectivity: Network, *, predictors: Iterable[str]) -> NDArray[np.float64]:
    """The field `rho` of :func:`structure_function_coupling` alone, a tenth of the work: for null networks."""
    _, x, y, _, keep, once = _pairs(net, connectivity, predictors, "all", None)
    counted = _each_once(keep, once)
    return _rank_correlations(x[:, counted], y[counted])


def _pairs(
    net: Any, connectivity: Any, predictors: Any, pairs: str, distances: Any
) -> tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], bool]:
    """Names and matrices of predictors, function and structure, which pairs take part, and whether they count once."""
    w = _one(net, "net")
    y = _one(connectivity, "connectivity")
    n = len(w)
    if y.shape != w.shape:
        raise ValueError(f"connectivity must be of the {n} nodes of net; got {len(y)} nodes")
    node_order.same_order(net, connectivity, ("net", "connectivity"))
    names, x = _predictors(net, w, predictors, distances)
    once = validate.is_symmetric(y)
    if once:
        x = x / 2 + x.swapaxes(-1, -2) / 2
    keep = np.isfinite(x).all(axis=0) & ~np.eye(n, dtype=bool)
    if pairs == "connected":
        keep &= ((w != 0) | (w.T != 0)) if once else w != 0
    return names, x, y, w, keep, once


def _each_once(keep: NDArray[np.bool_], once: bool) -> NDArray[np.bool_]:
    return keep & np.triu(np.ones(keep.shape, bool)) if once else keep


def _say(found: StructureFunctionCoupling) -> None:
    """What is nan."""
    numbers = [v for v in vars(found).values() if isinstance(v, (float, np.ndarray))]
    missing = sum(int(np.isnan(v).sum()) for v in numbers)
    if missing:
        undefined.say(
            f"structure_function_coupling: {missing} numbers are nan: too few pairs, or pairs that do not vary"
        )


def _one(net: Any, name: str) -> NDArray[np.float64]:
    return validate.dense(
        validate.as_weights(net, name=name),
        measure="structure_function_coupling",
        instead="transform.subset for a part of the network",
    )


def _predictors(
    net: Any, w: NDArray[np.float64], wanted: Any, distances: Any
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and matrices (k, n, n)."""
    n = len(w)
    if isinstance(wanted, Mapping):
        names = tuple(map(str, wanted))
        found = [_matrix(value, f"predictors[{name!r}]", n) for name, value in wanted.items()]
    else:
        names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
        for name in names:
            options.choice(name, ["weight", *COMMUNICATION], "predictors")
        models = [name for name in names if name != "weight"]
        known: Any = communication(net, models=models, distances=distances) if models else {}
        found = [w if name == "weight" else known[name] for name in names]
    if not names:
        raise ValueError("predictors must name at least one predictor; got none")
    return names, np.stack(found)


def _matrix(value: Any, name: str, n: int) -> NDArray[np.float64]:
    """Numbers, infinite ones too."""
    if isinstance(value, Connectome):
        return validate.as_array(value.weights, name, shape=(n, n))
    array = np.asarray(value, float)
    finite = np.where(np.isinf(array), 0.0, array)
    validate.as_array(finite, name, shape=(n, n))
    return array


def _rank_correlations(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spearman's correlation of every row of x with y; nan where ranks do not vary."""
    return ranks.rank_correlations(x, y[None])[:, 0] if len(y) > 2 else np.full(len(x), np.nan)


def _shares(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    k = x.shape[1]
    if k > MOST or len(y) < k + 2 or not (x != x[0]).any(axis=0).all() or not (y != y[0]).any():
        return np.full(k, np.nan)
    return of_columns(x, y).shares
