"""Distances by name, and whether two networks are farther apart than chance would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, stacks, undefined, validate
from netanalysis._core.pvalues import Side
from netanalysis._core.types import Network
from netanalysis.comparison._pairs import Parts, parts_of
from netanalysis.comparison.communication_distance import communicability_distance
from netanalysis.comparison.fingerprints import fingerprint_distance
from netanalysis.comparison.ks import ks_distance
from netanalysis.comparison.portrait import portrait_divergence
from netanalysis.comparison.spectra import spectral_distance
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import (
    NullTest,
    as_null,
    as_values,
    callable_name,
    chunk_size,
    from_values,
    takes_size,
)

__all__ = ["DISTANCES", "as_distance", "distance_test"]

DISTANCES: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        portrait_divergence,
        ks_distance,
        spectral_distance,
        communicability_distance,
        fingerprint_distance,
    )
}


def as_distance(distance: Any) -> Callable[..., Any]:
    """A function of two networks, from a function or the name of one of ours."""
    if isinstance(distance, str):
        return DISTANCES[options.choice(distance, DISTANCES, "distance")]
    if not callable(distance):
        raise TypeError(f"distance must be a function of two networks, or the name of one; got {distance!r}")
    return distance


def as_number(value: Any) -> float:
    """What a distance returned, as a float."""
    array = as_values(value)
    if array.ndim:
        raise TypeError(f"a distance must be one number for two networks; got an array of shape {array.shape}")
    return float(array)


def distance_test(
    a: Network,
    b: Network,
    *,
    distance: Callable[..., Any] | str = "portrait_divergence",
    null: Callable[..., Any] | str,
    n_nulls: int = 100,
    alternative: Side = "two-sided",
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> NullTest:
    """Are two networks farther apart, or closer, than their null networks are from each other?

    Networks of different size or density are at a distance whatever their wiring. Here the distance of a and b is
    compared with that of a null network of a and a null network of b, which have kept what the null model keeps.

    Parameters
    ----------
    a, b : network
    distance : callable (a, b) -> number, or name
        "portrait_divergence", "ks_distance", "spectral_distance", "communicability_distance", "fingerprint_distance",
        or any function; options by :func:`functools.partial`.
    null : callable or name
        As for :func:`null_test`, of both networks. To randomise one of them alone, give
        ``partial(na.portrait_divergence, b)`` to :func:`null_test`.
    n_nulls, alternative, rng
        As for :func:`null_test`; "less" asks whether they are closer.
    n_jobs : int, optional
    progress : bool

    Returns
    -------
    NullTest

    Raises
    ------
    ValueError
        For stacks.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> ring = np.roll(np.eye(16), 1, axis=1) + np.roll(np.eye(16), 2, axis=1)
    >>> ring += ring.T
    >>> rewired = na.nulls.degree_preserving(ring, rng=1)
    >>> test = na.distance_test(ring, rewired, null=na.nulls.degree_preserving, n_nulls=99, rng=0)
    >>> test.observed > test.null_mean, test.p
    (True, 0.04)
    """
    model, function = as_null(null), as_distance(distance)
    options.count(n_nulls, "n_nulls")
    options.choice(alternative, get_args(Side), "alternative")
    options.flags(progress=progress)
    options.jobs(n_jobs)
    nets = []
    for net, name in ((a, "a"), (b, "b")):
        w = stacks.one_network(net, instead="test each network by itself", name=name)
        nets.append(net if isinstance(net, Connectome) else w)
    parts = parts_of(function)
    with undefined.noted() as reasons:
        observed = as_number(parts.between(*map(parts.describe, nets)))
    roots = [random.child(random.seed_sequence(rng), k) for k in range(2)]
    drawn = zip(
        *(_replicates(net, model, n_nulls, root, name) for net, root, name in zip(nets, roots, "ab", strict=True)),
        strict=True,
    )
    values = parallel.parallel_map(
        _Between(parts),
        drawn,
        n_jobs=n_jobs,
        progress=f"{callable_name(function)}, {n_nulls} nulls" if progress else None,
        total=n_nulls,
    )
    names = callable_name(function), callable_name(model)
    return from_values(np.array([observed]), np.array([values]), (), alternative, *names, reasons=reasons)


class _Between:
    """The distance of two null networks; picklable, to travel to other processes."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def __call__(self, pair: tuple[Any, Any]) -> float:
        with undefined.noted():  # they are counted
            return as_number(self.parts.between(*map(self.parts.describe, pair)))


def _replicates(net: Any, null: Any, count: int, root: np.random.SeedSequence, name: str) -> Iterator[Any]:
    """Null networks of a or b; an error says of which."""
    try:
        yield from _drawn(net, null, count, root)
    except Exception as error:
        error.add_note(f"the null networks of {name}")
        raise


def _drawn(net: Any, null: Any, count: int, root: np.random.SeedSequence) -> Iterator[Any]:
    """Null networks, one after the other, made in chunks of bounded memory; replicate k does not depend on `count`."""
    n = validate.as_weights(net).shape[-1]
    if not takes_size(null):
        for k in range(count):
            yield _wrapped(null(net, np.random.default_rng(random.child(root, k))), net)
        return
    step = chunk_size(n)
    for chunk, start in enumerate(range(0, count, step)):
        for made in null(net, rng=random.child(root, chunk), size=min(step, count - start)):
            yield _wrapped(made, net)


def _wrapped(made: Any, net: Any) -> Any:
    weights: NDArray[Any] | Any = validate.as_weights(made, name="the network that null returned")
    n = validate.as_weights(net).shape[-1]
    if weights.shape != (n, n) and not sparse.issparse(weights):
        raise ValueError(f"null must return weights of shape {(n, n)}; got {weights.shape}")
    if isinstance(made, Connectome) or not isinstance(net, Connectome):
        return made if isinstance(made, Connectome) else weights
    return net.replace(weights=weights)
