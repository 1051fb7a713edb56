"""The same circuit in two brains: weights and walks between types, beside what counting and individuals make of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, stacks, validate
from netanalysis._core.pvalues import holm
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome
from netanalysis.structure import _count_ratios as ratios
from netanalysis.structure._count_ratios import Amounts
from netanalysis.transform import absolute

__all__ = ["TypeComparison", "compare_types"]

How = Literal["sum", "mean_source", "mean_target", "mean_pair", "input_share", "output_share"]
Noise = Literal["poisson", "none"]

_SHARED = {"input_share": 0, "output_share": 1}  # the axis over which shares sum to 1, so that one of them is no news


@result
class TypeComparison:
    """What :func:`compare_types` returns; entries ``[h, A, B]`` are from type A to type B along h + 1 connections.

    Attributes
    ----------
    types : ndarray, shape (T,)
        Types that both networks have, sorted.
    hops : ndarray, shape (H,)
        1 … max_hops: numbers of connections.
    a, b : ndarray, shape (H, T, T)
        Amounts in each network; shares of nothing are nan.
    ratio : ndarray, shape (H, T, T)
        ``a / b``; 0 or inf where one of them has none, nan where neither has any or one is nan.
    interval : (ndarray, ndarray)
        Of the ratio.
    z, p : ndarray
        Of the hypothesis that the ratio is 1, each pair of types by itself.
    p_corrected : ndarray
        Corrected over the pairs of types of one number of hops (Holm).
    spread : ndarray, shape (H,)
        Standard deviation of the logarithm of an amount (of what shares are shares of) between networks alike, beyond
        the noise of counting; 0 where no networks alike were given, or counting explains all.
    n_spread : int
        Independent comparisons that it rests on.
    only_a, only_b : tuple
        Types that one of the networks does not have.
    how, noise : str
    confidence : float
    note : str
        What is nan and why.
    """

    types: NDArray[Any]
    hops: NDArray[np.intp]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    ratio: NDArray[np.float64]
    interval: tuple[NDArray[np.float64], NDArray[np.float64]]
    z: NDArray[np.float64]
    p: NDArray[np.float64]
    p_corrected: NDArray[np.float64]
    spread: NDArray[np.float64]
    n_spread: int
    only_a: tuple[Any, ...]
    only_b: tuple[Any, ...]
    how: str
    noise: str
    confidence: float
    note: str = ""

    def table(self) -> Any:
        """A DataFrame with a row for each pair of types that is connected in either network, least p first.

        Columns: hops, source, target, a, b, ratio, low, high, z, p, p_corrected.
        """
        import pandas as pd

        h, i, j = np.nonzero((self.a > 0) | (self.b > 0))
        columns: dict[str, Any] = {"hops": self.hops[h], "source": self.types[i], "target": self.types[j]}
        values = {"a": self.a, "b": self.b, "ratio": self.ratio, "low": self.interval[0], "high": self.interval[1]}
        values |= {"z": self.z, "p": self.p, "p_corrected": self.p_corrected}
        columns |= {name: array[h, i, j] for name, array in values.items()}
        return pd.DataFrame(columns).sort_values(["hops", "p", "source", "target"], ignore_index=True)


@recorded
def compare_types(
    a: Network,
    b: Network,
    *,
    by: Any = None,
    how: How = "input_share",
    max_hops: int = 1,
    spread: Any = None,
    noise: Noise | None = None,
    confidence: float = 0.95,
) -> TypeComparison:
    """Compare two networks type by type: how much leads from each type to each, directly and along walks.

    Which differences are more than chance depends on what two networks of the same kind differ by anyway. Two sources
    of it are reckoned with: the noise of counting, from the counts themselves, and what lies between individuals or
    sides of a brain beyond that, from other networks (`spread`). Without those, p asks whether the two are one circuit
    counted twice, which two brains hardly are.

    Parameters
    ----------
    a, b : networks
        Of any numbers of nodes. Magnitudes are used: amounts, of walks of either sign.
    by : sequence of labels, or callable, network -> labels; default: the modules of each Connectome
        A sequence is for networks of the same nodes.
    how : {"input_share", "output_share", "sum", "mean_source", "mean_target", "mean_pair"}
        The share of all that reaches type B, or leaves type A (which does not mind how completely synapses were found),
        or the amounts, as :func:`netanalysis.transform.aggregate` has them. Means over cells of their own fractions
        are not on offer: those of cells with few synapses do not vary as any count does.
    max_hops : int
        Walks of up to so many connections, from cell to cell, summed by type at their ends.
    spread : list of networks or stack, or list of pairs of networks, optional
        Networks alike, every two of which are compared (individuals); or pairs alike (left and right).
    noise : {"poisson", "none"}, optional
        "poisson": counts of two circuits alike are Poisson numbers of the same mean. (The same tissue counted twice
        differs by less.) "none": weights are exact; `spread` is all there is. Default: "poisson" if all weights are
        whole numbers.
    confidence : float
        Of the intervals.

    Returns
    -------
    TypeComparison

    Raises
    ------
    ValueError
        A stack, no type in common, noise of counting in weights that are no counts, neither noise nor spread.

    Notes
    -----
    The variance that counts give an amount is that of the delta method; as mean m and variance v it is as good as a
    count of m^2 / v. Two counts are compared after the transform that makes variances equal, of a negative binomial
    number (inverse hyperbolic sine: the square root of small counts, so that 0 is as good as any, the logarithm of
    large ones; Anscombe 1948, doi:10.1093/biomet/35.3-4.246), at any ratio as Gu et al. 2008
    (doi:10.1002/bimj.200710403) do for Poisson rates; the interval holds the ratios that this test keeps.

    A share s is one of N counts, as many as give it the variance ``s (1 - s) / N``; of one connection, all that its
    type gets or sends. Shares of 0 and 1 do not tell; N is then that of the total, as m^2 / v. Two shares are compared
    likewise, after the transform of a binomial number (arc sine, by Anscombe too): 1 of 1 is near 60 of 100, and a
    share of few counts has a wide interval whatever it is.

    The dispersion is that at which the mean square of z is 1 over all pairs of types of the networks alike (Paule &
    Mandel 1982, doi:10.6028/jres.087.022). It is one for all pairs of types, so that pairs which vary more than others
    are found too easily; z then has a Student's t with `n_spread` degrees of freedom. Of an undirected network a count
    stands at both its entries; twice the variance is taken, the most it can be.

    On two hemispheres see Pedigo et al. 2023 (doi:10.7554/eLife.83739), on three Schlegel et al. 2024
    (doi:10.1038/s41586-024-07686-5).

    Examples
    --------
    >>> import netanalysis as na
    >>> left, right = (na.datasets.load(f"drosophila_larva_mb_{side}") for side in ("left", "right"))
    >>> found = na.compare_types(left, right, how="mean_target")
    >>> found.table()[["source", "target", "ratio"]].round(3).values.tolist()[0]
    ['output neuron', 'output neuron', 0.217]
    """
    options.choice(how, get_args(How), "how")
    if noise is not None:
        options.choice(noise, get_args(Noise), "noise")
    max_hops = options.positive_int(max_hops, "max_hops")
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    pairs, count = _pairs(spread)
    if pairs and a is not b and all({id(one), id(other)} == {id(a), id(b)} for one, other in pairs):
        raise ValueError(
            "spread must hold other networks than a and b, or pairs alike of which they are one: what a "
            "differs from b by cannot be its own measure"
        )
    nets = {id(net): net for pair in [(a, b), *pairs] for net in pair}
    named = {id(a): "a", id(b): "b"}
    known = {key: _typed(net, by, named.get(key, "spread")) for key, net in nets.items()}
    counted = _counted(noise, known.values(), bool(pairs))
    types = _common([known[id(a)], known[id(b)]])
    found = {key: net.amounts(how, max_hops, counted=counted) for key, net in known.items()}

    def at(net: Network, types: NDArray[Any]) -> Amounts:
        place = np.searchsorted(known[id(net)].types, types)
        return found[id(net)][:, place[:, None], place]

    dispersion, n_spread = np.zeros(max_hops), 0
    if pairs:
        alike, n_values = [], 0
        for one, other in pairs:
            both = _common([known[id(one)], known[id(other)]])
            left, right = (at(net, both) for net in (one, other))
            defined = ~np.isnan(ratios.z_of_ratio(left, right, 1.0)[0])
            n_values += defined.sum() - (defined.any(axis=_SHARED[how]).sum() if how in _SHARED else 0)
            alike.append([net.flat(max_hops) for net in (left, right)])
        dispersion = ratios.dispersion(*(Amounts.join([pair[k] for pair in alike]) for k in (0, 1)))
        n_spread = int(n_values * count // len(pairs))
        if n_spread < 1 or (not counted and not dispersion.all()):
            raise ValueError("spread must hold networks that differ in how types are connected; these do not")
    x, y = at(a, types), at(b, types)
    phi = dispersion[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x.value / y.value
    z = ratios.z_of_ratio(x, y, phi)
    p = ratios.two_sided(z, n_spread)
    shareless, neither = np.isnan(x.value + y.value), (x.value == 0) & (y.value == 0)
    exact = np.isnan(p) & ~neither & ~shareless
    noted = []
    for lacking, why in (
        (shareless, "in one network nothing is there to have a share of"),
        (neither, "neither network has such walks"),
    ):
        if lacking.any():
            noted.append(f"ratio is nan for {lacking.sum()} of {ratio.size} values: {why}")
    if exact.any():
        noted.append(
            f"p is nan for {exact.sum()} of {ratio.size} values: they cannot vary, or only one network has any"
        )
    return TypeComparison(
        types=types,
        hops=np.arange(max_hops) + 1,
        a=x.value,
        b=y.value,
        ratio=ratio,
        interval=ratios.interval(x, y, phi, confidence, n_spread),
        z=z,
        p=p,
        p_corrected=np.array([holm(each.ravel()).reshape(each.shape) for each in p]),
        spread=np.sqrt(dispersion),
        n_spread=n_spread,
        only_a=tuple(np.setdiff1d(known[id(a)].types, types).tolist()),
        only_b=tuple(np.setdiff1d(known[id(b)].types, types).tolist()),
        how=how,
        noise="poisson" if counted else "none",
        confidence=confidence,
        note="; ".join(noted),
    )


@dataclass(frozen=True)
class _Typed:
    """Magnitudes of the weights, and the type of every node."""

    name: str
    w: Any
    types: NDArray[Any]
    kind: NDArray[np.intp]

    def amounts(self, how: str, max_hops: int, *, counted: bool) -> Amounts:
        """How much leads from type to type, (max_hops, T, T), and what one count of it is worth."""
        w, turned = self.w, how == "output_share"
        if turned:  # what leaves is what reaches in the network turned round
            w = sparse.csr_array(w.T) if sparse.issparse(w) else np.ascontiguousarray(w.T)
        n, cells = w.shape[-1], np.bincount(self.kind)
        member = sparse.csr_array((np.ones(n), self.kind, np.arange(n + 1)), shape=(n, len(cells))).toarray()
        start = member / cells if how in ("mean_source", "mean_pair") else member
        end = member / cells if how in ("mean_target", "mean_pair") else member
        ahead, back = [start.T], [end]
        for _ in range(max_hops):
            ahead.append(np.asarray(w.T @ ahead[-1].T).T)
            back.append(np.asarray(w @ back[-1]))
        value = np.array([left @ end for left in ahead[1:]])
        total = value.sum(axis=1, keepdims=True) if how.endswith("share") else None
        share = value if total is None else stacks.ratio(value, total)
        unit = whole = None
        if counted:
            twice = 2 if validate.is_symmetric(w) else 1
            variance = twice * _variance(w, ahead, back, None if total is None else share)
            if total is not None:
                variance = stacks.ratio(variance, total**2)
                all_sources = [left.sum(axis=0, keepdims=True) for left in ahead]
                whole = stacks.ratio(total**2, twice * _variance(w, all_sources, back, None))
                # None or all of a few walks vary by nothing only as far as the delta method sees.
                binomial = share * (1 - share)
                sure = (binomial < 1e-9) | (variance < 1e-9 * binomial)
                whole = np.where(sure, whole, stacks.ratio(binomial, variance))
            unit = stacks.ratio(variance, share)
        # The logarithm of a share moves with its own amount and with those of the other sources, by their shares.
        others = (share**2).sum(axis=1, keepdims=True)
        found = Amounts(share, unit, np.ones(share.shape) if total is None else 1 - 2 * share + others, whole)
        return found.turned() if turned else found


def _variance(w: Any, ahead: list[Any], back: list[Any], share: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Variance of amounts M by number of hops if every count is Poisson: squared derivatives times counts.

    The derivative of what leads from A to B in h hops with respect to the weight of (i, j) is
    ``sum_t ahead[t][A, i] back[h-1-t][j, B]``. With shares: of ``M - share T``, T the sum of M over sources.
    """
    hops, types = len(ahead) - 1, len(ahead[0])
    whole = [left.sum(axis=0) for left in ahead]
    out = np.zeros((hops, types, back[0].shape[1]))
    for s in range(hops):
        for t in range(s + 1):
            products = [ahead[s] * ahead[t]]
            if share is not None:
                products += [ahead[s] * whole[t] + whole[s] * ahead[t], (whole[s] * whole[t])[None]]
            each = np.split(np.asarray(w.T @ np.concatenate(products).T).T, [types, 2 * types])
            for h in range(s, hops):
                both = back[h - s] * back[h - t]
                part = each[0] @ both
                if share is not None:
                    part = part - share[h] * (each[1] @ both) + share[h] ** 2 * (each[2] @ both)
                out[h] += part if s == t else 2 * part
    return np.maximum(out, 0.0)


def _typed(net: Network, by: Any, name: str) -> _Typed:
    w = absolute(stacks.one_network(net, instead="compare its networks two by two", name=name))
    labels = by(net) if callable(by) else by
    if labels is None:
        labels = net.modules if isinstance(net, Connectome) else None
        if labels is None:
            raise ValueError(f"by must say the type of every node: {name} is no Connectome with modules to go by")
    types, kind = np.unique(validate.as_labels(labels, w.shape[-1], "by", net=net), return_inverse=True)
    return _Typed(name, w, types, kind)


def _common(nets: list[_Typed]) -> NDArray[Any]:
    types = np.intersect1d(nets[0].types, nets[1].types)
    if not len(types):
        raise ValueError(
            f"{nets[0].name} and {nets[1].name} must have types in common; got {nets[0].types[:5].tolist()} and "
            f"{nets[1].types[:5].tolist()}"
        )
    return types


def _pairs(spread: Any) -> tuple[list[tuple[Any, Any]], int]:
    """Pairs of networks alike, and how many of them are independent."""
    if spread is None:
        return [], 0
    each = list(spread)
    if each and all(isinstance(pair, (tuple, list)) and len(pair) == 2 and _is_network(pair[0]) for pair in each):
        return [tuple(pair) for pair in each], len(each)
    if len(each) < 2:
        raise ValueError(f"spread must be at least two networks alike, or a pair of them; got {len(each)}")
    return list(combinations(each, 2)), len(each) - 1


def _is_network(value: Any) -> bool:
    """And no row of one."""
    if hasattr(value, "shape"):
        return len(value.shape) == 2
    return np.ndim(value) == 2 if isinstance(value, (list, tuple)) else not np.isscalar(value)


def _counted(noise: Any, nets: Any, spread: bool) -> bool:
    odd = [net.name for net in nets if not _whole(net.w)]
    if noise is None:
        noise = "none" if odd else "poisson"
    if noise != "none" and odd:
        raise ValueError(
            f"noise={noise!r} is of counts, and the weights of {odd[0]} are no whole numbers: give the counts before "
            "they were divided (how= divides amounts), or noise='none' with spread="
        )
    if noise == "none" and not spread:
        raise ValueError(
            "weights that are no counts have no noise of their own: give spread=, networks or pairs of networks that "
            "differ by as much as two alike do"
        )
    return bool(noise == "poisson")


def _whole(w: Any) -> bool:
    values = w.data if sparse.issparse(w) else w
    return bool((values == np.floor(values)).all())
