"""How single units combine variables: linear models with interactions, and demixed variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from threading import Lock
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, random, scaling, stacks, undefined
from netanalysis._core.pvalues import at_least_as_extreme, benjamini_hochberg, holm, is_significant, share_as_extreme
from netanalysis._core.renamed import renamed_argument, renamed_field
from netanalysis._core.results import result
from netanalysis._core.rounding import alike, centred
from netanalysis.activity import _design
from netanalysis.recording import Recording

__all__ = ["DemixedVariance", "Tuning", "demixed_variance", "tuning"]


@result
class Tuning:
    """Tuning of every unit in every window.

    ``terms`` are the variables, then "interaction". ``effect[u, w, t]`` is the share of variance left over by the
    other terms that term t explains (partial R^2), ``p`` its permutation p-value and ``p_corrected`` the same
    corrected over units and windows. ``classes[u, w]`` is "pure" (one variable, no interaction), "linear mixed"
    (several variables, no interaction), "nonlinear mixed" (an interaction), "untuned" or "silent".
    """

    classes: NDArray[np.str_]
    effect: NDArray[np.float64]
    p: NDArray[np.float64]
    p_corrected: NDArray[np.float64]
    terms: tuple[str, ...]
    windows: tuple[tuple[int, int], ...]
    correction: str
    level: float
    n_nulls: int
    n_permutations = renamed_field("n_permutations", "n_nulls")


@renamed_argument("n_permutations", "n_nulls")
def tuning(
    recording: Recording,
    variables: Sequence[str] | Mapping[str, Any],
    *,
    windows: int | Sequence[tuple[int, int]] = 10,
    correction: Literal["benjamini-hochberg", "holm", "none"] = "benjamini-hochberg",
    level: float = 0.05,
    min_std: float = 1e-6,
    n_nulls: int = 1000,
    rng: random.RNG = None,
) -> Tuning:
    """Classify units as pure, linear mixed or nonlinear mixed selective (Rigotti et al. 2013).

    Ordinary least squares of a unit's window averages. A variable is tested by leaving it out of the model of all
    variables, the interaction by adding the products of all pairs of variables to it. P-values come from permuting
    the residuals of the smaller model (Freedman & Lane 1983): ``(1 + #{permuted >= observed}) / (n_nulls + 1)``.

    Parameters
    ----------
    recording, variables, windows, min_std
        As for :func:`mixed_selectivity`.
    correction : {"benjamini-hochberg", "holm", "none"}
        Over units and windows, separately for each term.
    level : float
        A term counts as present if its corrected p is at most this.
    n_nulls : int
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    Tuning

    Raises
    ------
    ValueError
        If the variables cannot be told apart, or leave too few trials per parameter.

    References
    ----------
    Rigotti et al. 2013, doi:10.1038/nature12160; Freedman & Lane 1983, doi:10.1080/07350015.1983.10509354;
    Winkler et al. 2014, doi:10.1016/j.neuroimage.2014.01.060.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.integers(0, 2, (2, 200))
    >>> activity = np.stack([a, a + b, a * b], 1)[:, None, :] + 0.1 * rng.normal(size=(200, 1, 3))
    >>> rec = na.Recording(activity, {"a": a, "b": b})
    >>> na.tuning(rec, ["a", "b"], windows=1, rng=0).classes.ravel().tolist()
    ['pure', 'linear mixed', 'nonlinear mixed']
    """
    options.choice(correction, ["benjamini-hochberg", "holm", "none"], "correction")
    n_nulls = options.count(n_nulls, "n_nulls")
    level = options.number_in(level, "level", above=0, below=1)
    min_std = options.number_in(min_std, "min_std", at_least=0)
    x, names, groups = _design.predictors(recording, variables)
    y, spans = _design.window_means(recording, windows)
    y, unit = scaling.to_one(y.reshape(len(x), -1), axis=0)
    silent = (y.std(axis=0) * unit[0] <= min_std) | alike(y, 0)
    y = y - y.mean(axis=0)

    blocks = [x[:, groups == g] for g in range(len(names))]
    blocks = [b - b.mean(axis=0) for b in blocks]
    products = [(p[:, :, None] * q[:, None, :]).reshape(len(x), -1) for p, q in combinations(blocks, 2)]
    mains = np.concatenate(blocks, axis=1)
    tests = [
        (np.concatenate([np.zeros((len(x), 1)), *blocks[:g], *blocks[g + 1 :]], axis=1), mains)
        for g in range(len(names))
    ]
    if products:
        tests.append((mains, np.concatenate([mains, *products], axis=1)))
    terms = (*names, "interaction") if products else names
    orders = np.random.default_rng(random.seeds(rng, 1)[0]).permuted(np.tile(np.arange(len(x)), (n_nulls, 1)), axis=1)
    effect, p = np.empty((2, y.shape[1], len(terms)))
    for t, (small, large) in enumerate(tests):
        effect[:, t], p[:, t] = _freedman_lane(small, large, y, orders, terms[t])
    effect[silent], p[silent] = np.nan, np.nan
    corrected = p.copy()
    for t in range(len(terms)):
        if correction != "none":
            corrected[:, t] = {"benjamini-hochberg": benjamini_hochberg, "holm": holm}[correction](p[:, t])
    present = is_significant(corrected, level)
    main, interaction = present[:, : len(names)].sum(axis=1), present[:, len(names) :].any(axis=1)
    classes = np.select(
        [silent, interaction, main > 1, main == 1], ["silent", "nonlinear mixed", "linear mixed", "pure"], "untuned"
    )
    shape = (recording.n_units, len(spans))
    effect, p, corrected = (a.reshape(*shape, -1) for a in (effect, p, corrected))
    return Tuning(classes.reshape(shape), effect, p, corrected, terms, spans, correction, level, n_nulls)


def _basis(columns: NDArray[np.float64], inside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal basis of what `columns` add to the constant and to the orthonormal `inside`."""
    rest = columns - columns.mean(axis=0)
    rest = rest - inside @ (inside.T @ rest)
    u, s, _ = np.linalg.svd(rest, full_matrices=False)
    return u[:, s > 1e-9 * max(1.0, np.abs(columns).max()) * np.sqrt(len(columns))]


def _freedman_lane(
    small: NDArray[np.float64], large: NDArray[np.float64], y: NDArray[np.float64], orders: NDArray[np.int64], term: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Partial R^2 of the larger model over the smaller one, and its permutation p, for every column of y."""
    kept = _basis(small, np.zeros((len(y), 0)))
    added = _basis(large, kept)
    freedom = len(y) - 1 - kept.shape[1] - added.shape[1]
    if added.shape[1] == 0 or freedom < 1:
        raise ValueError(
            f"variables: {term!r} cannot be told apart from the others with {len(y)} trials "
            f"({added.shape[1]} parameters of its own, {freedom} degrees of freedom left)"
        )
    residual = y - kept @ (kept.T @ y)
    total = np.einsum("ij,ij->j", residual, residual)

    def share(order: Any) -> NDArray[np.float64]:
        # Permuting the rows of the basis the other way round is the same as permuting the residuals.
        gained = np.square(added[order].T @ residual).sum(axis=0)
        left = total - np.square(kept[order].T @ residual).sum(axis=0)
        return np.divide(gained, left, out=np.zeros_like(gained), where=left > 1e-12 * total)

    observed = share(np.arange(len(y)))
    at_least = np.zeros(y.shape[1], np.int64)
    lock = Lock()

    def block(start: int, stop: int) -> None:
        larger = sum(
            at_least_as_extreme(share(orders[k]), observed, "greater", scale=1.0).astype(np.int64)
            for k in range(start, stop)
        )
        with lock:
            at_least[...] += larger

    parallel.blas_blocks(block, len(orders))
    return observed, share_as_extreme(at_least, len(orders))


@result
class DemixedVariance:
    """Shares of the variance of each unit's condition averages.

    ``fractions[u, m]`` belongs to ``parts[m]``: "time" (common to all conditions), each variable, and each
    combination of variables ("a x b": what they do only together), all with their course in time. Rows sum to 1;
    nan for units whose averages do not vary.
    """

    fractions: NDArray[np.float64]
    parts: tuple[str, ...]
    total: NDArray[np.float64]


def demixed_variance(recording: Recording, variables: Sequence[str]) -> DemixedVariance:
    """Split the variance of trial averages into what time, each variable and their interactions contribute.

    Trials are averaged within each combination of the variables' values, every combination counting the same; the
    averages are split into orthogonal marginal parts as in demixed principal component analysis. Trial noise
    that averaging leaves counts mostly towards the interaction: use enough trials per combination.

    Parameters
    ----------
    recording : Recording
    variables : sequence of str
        Columns of ``recording.conditions``, discrete.

    Returns
    -------
    DemixedVariance

    Raises
    ------
    ValueError
        If a combination of values has no trial: the parts would not be orthogonal.

    References
    ----------
    Kobak et al. 2016, doi:10.7554/eLife.10989.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> rec = na.Recording(np.stack([a, a + b, a ^ b], 1)[:, None, :], {"a": a, "b": b})
    >>> result = na.demixed_variance(rec, ["a", "b"])
    >>> result.parts
    ('time', 'a', 'b', 'a x b')
    >>> result.fractions
    array([[0. , 1. , 0. , 0. ],
           [0. , 0.5, 0.5, 0. ],
           [0. , 0. , 0. , 1. ]])
    """
    if isinstance(variables, str):
        raise TypeError(f"variables must be a list of columns; got the string {variables!r}")
    variables = options.names(variables, "variables", "columns of recording.conditions")
    coded = [np.unique(_design.column(recording, v, "variables"), return_inverse=True) for v in variables]
    shape = tuple(len(levels) for levels, _ in coded)
    cell = np.ravel_multi_index(tuple(index for _, index in coded), shape)
    count = np.bincount(cell, minlength=int(np.prod(shape)))
    if not count.all():
        empty = np.unravel_index(int(np.argmin(count)), shape)
        values = {v: levels[i] for v, (levels, _), i in zip(variables, coded, empty, strict=True)}
        raise ValueError(f"variables: no trial has {values}; every combination of values must occur")
    activity, unit = scaling.to_one(recording.activity, axis=(0, 1))
    mean = np.stack([activity[cell == c].mean(axis=0) for c in range(len(count))])
    mean = mean.reshape(*shape, recording.n_time, recording.n_units)
    axes = tuple(range(len(variables)))
    beyond = centred(mean, (*axes, len(axes)))
    marginal: dict[tuple[int, ...], NDArray[np.float64]] = {}
    for size in range(len(axes) + 1):
        for subset in combinations(axes, size):
            part = beyond.mean(axis=tuple(a for a in axes if a not in subset), keepdims=True)
            for smaller, known in marginal.items():
                if set(smaller) < set(subset):
                    part = part - known
            marginal[subset] = part
    total = np.square(beyond).mean(axis=(*axes, len(axes)))
    squares = np.stack([np.square(part).mean(axis=(*axes, len(axes))) for part in marginal.values()], axis=1)
    fractions = stacks.ratio(squares, total[:, None])
    undefined.spoken(fractions[:, 0], "demixed_variance", "their averages do not vary", of="units")
    names = tuple(" x ".join(variables[a] for a in subset) or "time" for subset in marginal)
    with np.errstate(over="ignore"):
        return DemixedVariance(fractions, names, total * unit[0, 0] * unit[0, 0])
