"""How sure is a number, given how its network was counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, random, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, Statistic
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import as_values

__all__ = ["Uncertainty", "uncertainty"]


@result
class Uncertainty:
    """What :func:`uncertainty` returns; each field but `draws` and `noise` has the shape of the statistic.

    Attributes
    ----------
    observed : float or ndarray
        The statistic of the network as counted.
    mean, std : float or ndarray
        Over the draws. A mean beside the observed value is bias: of counts that enter more than once, say.
    interval : tuple of float or ndarray
        Central quantiles of the draws.
    draws : ndarray, shape (n_draws, …)
    noise : str
    """

    observed: Any
    mean: Any
    std: Any
    interval: tuple[Any, Any]
    draws: NDArray[np.float64]
    noise: str


def uncertainty(
    net: Network,
    statistic: Statistic,
    *,
    noise: Literal["thinning", "resampling"] | Callable[[Any, np.random.Generator], Any] = "thinning",
    keep: float = 0.9,
    n_draws: int = 200,
    confidence: float = 0.95,
    rng: random.RNG = None,
) -> Uncertainty:
    """Spread of a statistic under the noise of counting, or any noise of your own.

    ======================  =======================================================================================
    ``noise="thinning"``    every synapse is kept with probability `keep`, and counts are divided by it: what a
                            reconstruction that finds this share of them again would give. Mean of a count c stays c,
                            its variance is c (1 - keep) / keep
    ``noise="resampling"``  counts are drawn as Poisson numbers around those observed. That adds noise to noise: the
                            variance over data sets is c, that of these draws around an observed one c again
    a function              ``noise(net, rng)`` returns weights of the same shape, such as signs drawn by
                            ``partial(transform.signed, transmitters=…, take="draw")`` or a threshold drawn at random
    ======================  =======================================================================================

    Neither restores a connection that was missed: 0 stays 0, so that intervals of what missed connections would change
    are too narrow.

    Parameters
    ----------
    net : network
        For the first two, magnitudes that are whole numbers. Undirected networks stay undirected.
    statistic : callable, network -> float or array
        Of a Connectome it gets Connectomes.
    noise, keep
        See above.
    n_draws : int
    confidence : float
        Share of the draws within the interval.
    rng : seed, Generator or SeedSequence, optional
        Draw k does not depend on `n_draws`.

    Returns
    -------
    Uncertainty

    Raises
    ------
    ValueError
        For a stack, or counts that are no whole numbers.

    Examples
    --------
    >>> import netanalysis as na
    >>> found = na.uncertainty([[0, 10.0], [0, 0]], na.total_weight, keep=0.8, n_draws=4000, rng=0)
    >>> found.observed, round(found.mean, 1), round(found.std**2, 1)
    (10.0, 10.0, 2.5)
    """
    w = stacks.one_network(net, instead="ask for each network by itself")
    if not callable(statistic):
        raise TypeError(f"statistic must be a callable, network -> number; got {statistic!r}")
    options.count(n_draws, "n_draws", minimum=2)
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    keep = options.number_in(keep, "keep", above=0, at_most=1)
    if callable(noise):
        draw, name = noise, str(getattr(noise, "__name__", getattr(getattr(noise, "func", None), "__name__", "noise")))
    else:
        name = options.choice(noise, ["thinning", "resampling"], "noise (a word or a function)")
        counts = _counts(w)

        def draw(_: Any, generator: np.random.Generator) -> Any:
            return _drawn(w, counts, generator, keep if name == "thinning" else None)

    def value(weights: Any) -> NDArray[np.float64]:
        if isinstance(net, Connectome):
            weights = weights if isinstance(weights, Connectome) else net.replace(weights=weights)
        return as_values(statistic(weights))

    observed = as_values(statistic(net if isinstance(net, Connectome) else w))
    with undefined.once():
        draws = np.array(
            [
                value(draw(net if isinstance(net, Connectome) else w, np.random.default_rng(seed)))
                for seed in random.seed_sequence(rng).spawn(n_draws)
            ]
        )
    low, high = central(draws, confidence)
    mean, std = draws.mean(axis=0), draws.std(axis=0, ddof=1)
    number = stacks.number
    return Uncertainty(number(observed), number(mean), number(std), (number(low), number(high)), draws, name)


def central(draws: NDArray[np.float64], confidence: float) -> NDArray[np.float64]:
    """Ends of the interval that another draw misses with probability ``1 - confidence``, whatever their number."""
    return np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0, method="weibull")


def _counts(w: Any) -> NDArray[np.int64]:
    """Magnitudes of the connections that are drawn: of an undirected network one of both directions."""
    values = np.abs(_drawn_values(w))
    if not (values == np.floor(values)).all() or values.max(initial=0.0) > 2**53:
        raise ValueError(
            "weights must be whole numbers, such as counts of synapses, for noise of counting; give a function as "
            "noise, or the counts before they were divided"
        )
    return values.astype(np.int64)


def _drawn_values(w: Any) -> NDArray[np.float64]:
    if validate.is_symmetric(w):
        w = sparse.triu(w, format="csr") if sparse.issparse(w) else np.triu(w)
    return np.asarray(w.data if sparse.issparse(w) else w[w != 0], float)


def _drawn(w: Any, counts: NDArray[np.int64], rng: np.random.Generator, keep: float | None) -> Any:
    new = rng.poisson(counts) if keep is None else rng.binomial(counts, keep) / keep
    both = validate.is_symmetric(w)
    values = np.sign(_drawn_values(w)) * new
    if sparse.issparse(w):
        part = sparse.triu(w, format="csr") if both else w
        out = sparse.csr_array((values, part.indices, part.indptr), shape=w.shape)
        out = sparse.csr_array(out + sparse.triu(out, 1).T) if both else out
        out.eliminate_zeros()
        return out
    out = np.zeros(w.shape)
    out[np.triu(w) != 0 if both else w != 0] = values
    return out + np.triu(out, 1).T if both else out
