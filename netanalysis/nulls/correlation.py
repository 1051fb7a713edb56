"""Null models of correlation matrices, whose entries cannot change one by one: if A and B go with C, they go together.

Shuffled or rewired, a correlation matrix loses that transitivity, so that every measure is far from such nulls whatever
the data (Zalesky, Fornito & Bullmore 2012, doi:10.1016/j.neuroimage.2012.02.001). These return correlation matrices.
What is done to correlations before they are measured, such as a threshold, belongs into the statistic, where it is
done to the nulls too: ``null_test(r, lambda r: measure(transform.threshold(r, density=0.1)), null)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, stacks, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.nulls._correlation_kind import ALTERED, correlation_kind, is_without_diagonal

_AT_ONCE = 2**22  # random numbers held for one replicate


def hirschberger_qi_steuer(
    net: Network, rng: random.RNG = None, *, size: int | None = None, rescale: bool = True
) -> NDArray[np.float64]:
    r"""Random covariance matrices with the mean and the variance of the correlations (Hirschberger, Qi & Steuer).

    ``C = Q Q'`` with Q of n rows and :math:`m = \max(2, \lfloor (1 - e^2) / v \rfloor)` columns, independent and
    normal with mean :math:`\mu = \sqrt{e / m}` and variance :math:`\sqrt{\mu^4 + v / m} - \mu^2`, where e and v are the
    mean and the variance of the correlations of `net` off the diagonal. As m samples of n units with one common factor
    would have it.

    **Keeps**, in expectation: mean and variance off the diagonal, and the mean of the diagonal but for the rounding of
    m. **Destroys**: which units are correlated. **Imposes**: positive semidefinite matrices, so transitivity.
    Rescaling to a diagonal of 1 moves mean and variance somewhat, the more the fewer columns m; say by how much with
    :func:`correlation_drift`.

    Parameters
    ----------
    net : correlation matrix, or stack (..., n, n)
        A diagonal of zeros counts as left out, and is left out again of the result.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    rescale : bool
        Divide by the standard deviations, so that the diagonal is 1. False leaves covariances, and keeps the
        diagonal of the draw.

    Raises
    ------
    ValueError
        If `net` is no correlation matrix, and says what it looks like; if all correlations are equal.

    Notes
    -----
    A mean below 0, as after regression of the global signal, is drawn as 0. In a correlation matrix it is above
    -1 / (n - 1), so that this moves it by less.

    References
    ----------
    Hirschberger, Qi & Steuer 2007, doi:10.1016/j.ejor.2005.10.014; Zalesky, Fornito & Bullmore 2012,
    doi:10.1016/j.neuroimage.2012.02.001.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> r = np.corrcoef(np.random.default_rng(0).normal(size=(20, 40)) + np.random.default_rng(1).normal(size=40))
    >>> null = na.nulls.hirschberger_qi_steuer(r, 0)
    >>> null.shape, bool(np.linalg.eigvalsh(null).min() > -1e-12), na.nulls.correlation_drift(r, null).mean < 0.1
    ((20, 20), True, True)
    """
    options.flags(rescale=rescale)
    w = validate.as_weights(net)
    full = validate.dense(w, measure="this null model", instead="the correlations of fewer units")
    flat, lead = stacks.flatten(full)
    for member in flat:
        require_correlations(member)
    count = 1 if size is None else options.count(size, "size")
    seeds = np.array([random.seeds(source, count) for source in random.per_network(rng, len(flat))]).T.ravel()
    out = np.empty((len(seeds), *flat.shape[1:]))

    def block(start: int, stop: int) -> None:
        for r in range(start, stop):
            member = flat[r % len(flat)]
            c = _draw(member, np.random.default_rng(seeds[r]))
            out[r] = _correlations_of(c) if rescale else c
            if is_without_diagonal(member):
                np.fill_diagonal(out[r], 0)

    parallel.blas_blocks(block, len(seeds), order=flat.shape[-1])
    made: Any = out.reshape(count, *lead, *flat.shape[1:])
    made = [sparse.csr_array(m) for m in made] if sparse.issparse(w) else made
    return made[0] if size is None else made


def _draw(member: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    n = len(member)
    pairs = member[np.triu_indices(n, 1)]
    variance, mean = pairs.var(), max(pairs.mean(), 0.0)
    columns = max(2, int((1 - mean**2) / variance))
    centre = np.sqrt(mean / columns)
    spread = np.sqrt(np.sqrt(centre**4 + variance / columns) - centre**2)
    c = np.zeros((n, n))
    step = max(1, _AT_ONCE // n)
    for first in range(0, columns, step):
        q = generator.normal(centre, spread, (n, min(step, columns - first)))
        c += q @ q.T
    return c


def _correlations_of(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    deviation = np.sqrt(covariance.diagonal())
    r = np.clip(covariance / deviation[:, None] / deviation, -1, 1)
    np.fill_diagonal(r, 1)
    return (r + r.T) / 2


def require_correlations(member: NDArray[np.float64]) -> None:
    """Refuse what is not, or no longer, a correlation matrix."""
    kind = correlation_kind(member, stated=True)
    if kind in ALTERED:
        raise ValueError(
            f"net must be a correlation matrix; it looks like {ALTERED[kind]}. Give the correlations themselves, and "
            "let the statistic do to them and to the nulls what is to be done: "
            "null_test(r, lambda r: measure(transform.threshold(r, density=0.1)), null)"
        )
    if kind != "correlation":
        raise ValueError(
            "net must be a correlation matrix of at least 3 units: symmetric, no entry above 1 in magnitude, 1 (or "
            f"nothing) on the diagonal; got entries from {member.min():g} to {member.max():g}. Of Fisher's z take "
            "np.tanh; for other networks see the other null models"
        )
    pairs = member[np.triu_indices(len(member), 1)]
    if pairs.std() <= 1e-9:
        raise ValueError(f"net must hold correlations that differ; all are {pairs.mean():g}, and so is every null")


@result
class CorrelationDrift:
    """What :func:`correlation_drift` returns: null minus network, averaged over replicates.

    Attributes
    ----------
    mean, std : float
        Of the correlations off the diagonal.
    diagonal : float
        Of the mean of the diagonal.
    """

    mean: float
    std: float
    diagonal: float


def correlation_drift(net: Network, null: Network) -> CorrelationDrift:
    """By how much a null model changed what it should keep of a correlation matrix.

    Parameters
    ----------
    net : correlation matrix (n, n)
    null : network (n, n), or replicates (size, n, n)

    Examples
    --------
    >>> import netanalysis as na
    >>> fc = na.datasets.load("human_schaefer100_fc")
    >>> drift = na.nulls.correlation_drift(fc, na.nulls.hirschberger_qi_steuer(fc, 0, size=100))
    >>> abs(drift.mean) < 0.02, abs(drift.std) < 0.02
    (True, True)
    """
    own, made = (
        validate.dense(validate.as_weights(x), measure="the drift", instead="fewer units") for x in (net, null)
    )
    if own.ndim != 2 or made.shape[-2:] != own.shape:
        raise ValueError(f"net must be (n, n) and null (..., n, n); got shapes {own.shape} and {made.shape}")
    rows, columns = np.triu_indices(len(own), 1)
    pairs, others = own[rows, columns], made[..., rows, columns]
    return CorrelationDrift(
        mean=float(others.mean() - pairs.mean()),
        std=float(others.std(axis=-1).mean() - pairs.std()),
        diagonal=float(np.diagonal(made, axis1=-2, axis2=-1).mean() - own.diagonal().mean()),
    )
