"""Many recordings beside each other, and whether two are more alike than chance would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, random, undefined, validate
from netanalysis._core.pvalues import Side, p_value
from netanalysis._core.ranks import ranks
from netanalysis._core.results import result
from netanalysis.comparison._pairs import parts_of
from netanalysis.comparison.distances import as_number
from netanalysis.comparison.dynamics import dynamical_distance
from netanalysis.comparison.representation import cka, procrustes_distance, representational_similarity, svcca
from netanalysis.nulls._null_test import NullTest, callable_name, from_values
from netanalysis.recording import Recording, as_recording

__all__ = [
    "SIMILARITIES",
    "DistanceCorrelation",
    "RecordingSimilarity",
    "correlate_distances",
    "recording_similarity",
    "similarity_test",
]

Shuffle = Literal["trials", "shift", "time"]
Measure = Callable[[Recording, Recording], Any] | str
SIMILARITIES: dict[str, Callable[..., float]] = {
    function.__name__: function
    for function in (cka, procrustes_distance, svcca, representational_similarity, dynamical_distance)
}


def _measure(measure: Any) -> Callable[..., Any]:
    if isinstance(measure, str):
        return SIMILARITIES[options.choice(measure, SIMILARITIES, "measure")]
    if not callable(measure):
        raise TypeError(f"measure must be a function of two recordings, or the name of one; got {measure!r}")
    return measure


def similarity_test(
    a: Recording,
    b: Recording,
    *,
    measure: Measure = "cka",
    shuffle: Shuffle = "trials",
    n_nulls: int = 100,
    alternative: Side = "two-sided",
    rng: random.RNG = None,
    n_jobs: int | None = None,
) -> NullTest:
    """Are two recordings more alike than if b had been recorded in other trials, or at other times?

    Parameters
    ----------
    a, b : Recording
    measure : callable (a, b) -> number, or name
        "cka", "procrustes_distance", "svcca", "representational_similarity", "dynamical_distance", or any function;
        options by :func:`functools.partial`. The null says nothing of which trials agree where the measure does not
        look: ``dynamical_distance`` needs ``shuffle="time"``.
    shuffle : {"trials", "shift", "time"}
        What is done to b. "trials": its trials change places, which keeps what all trials have in common, such as a
        ramp: alike beyond that. "shift": each trial is turned by a random number of steps, the last coming first, which
        keeps its smoothness. "time": steps change places within each trial, all units alike, which destroys dynamics,
        and smoothness with it.
    n_nulls, alternative, rng
        As for :func:`null_test`. Of distances "less" asks whether they are closer.
    n_jobs : int, optional

    Returns
    -------
    NullTest

    Raises
    ------
    ValueError
        A single trial with "trials", a single step with the others.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> latent = rng.normal(size=(20, 8, 2))
    >>> a, b = (na.Recording(latent @ rng.normal(size=(2, 6)) + rng.normal(size=(20, 8, 6))) for _ in range(2))
    >>> test = na.similarity_test(a, b, alternative="greater", n_nulls=99, rng=0)
    >>> test.observed > 0.2, test.p
    (True, 0.01)
    """
    function = _measure(measure)
    options.choice(shuffle, get_args(Shuffle), "shuffle")
    options.choice(alternative, get_args(Side), "alternative")
    options.count(n_nulls, "n_nulls")
    options.jobs(n_jobs)
    first, second = as_recording(a, "a"), as_recording(b, "b")
    count = second.n_trials if shuffle == "trials" else second.n_time
    if count < 2:
        what = "trials" if shuffle == "trials" else "time steps"
        raise ValueError(f"shuffle={shuffle!r} needs at least 2 {what}; got {count}")
    with undefined.noted() as reasons:
        observed = as_number(function(first, second))
    task = partial(_shuffled_value, first, second, function, shuffle)
    values = parallel.parallel_map(task, random.generators(rng, n_nulls), n_jobs=n_jobs)
    names = callable_name(function), f"{shuffle} shuffled"
    return from_values(np.array([observed]), np.array([values]), (), alternative, *names, reasons=reasons)


def _shuffled_value(
    a: Recording, b: Recording, function: Callable[..., Any], shuffle: str, rng: np.random.Generator
) -> float:
    x = b.activity
    if shuffle == "trials":
        x = x[rng.permutation(len(x))]
    else:
        n = x.shape[1]
        if shuffle == "time":
            order = rng.permuted(np.tile(np.arange(n), (len(x), 1)), axis=1)
        else:
            order = (np.arange(n) + rng.integers(n, size=(len(x), 1))) % n
        x = np.take_along_axis(x, order[..., None], axis=1)
    with undefined.noted():  # they are counted; conditions stay, so that trials of other conditions come under them
        return as_number(function(a, Recording(x, b.conditions, time=b.time)))


@result
class RecordingSimilarity:
    """Similarity, or distance, of every two recordings, from :func:`recording_similarity`.

    Attributes
    ----------
    matrix : ndarray, shape (m, m)
    names : tuple of str
    measure : str
        With its options.
    """

    matrix: NDArray[np.float64]
    names: tuple[str, ...]
    measure: str


def recording_similarity(
    recordings: Iterable[Recording] | Mapping[str, Recording], *, measure: Measure = "cka", n_jobs: int | None = None
) -> RecordingSimilarity:
    """A measure of similarity, or a distance, between every two of many recordings.

    Parameters
    ----------
    recordings : sequence of Recording, or mapping of name to Recording
        Two at least; of the same trials and steps for all measures but "dynamical_distance".
    measure : callable (a, b) -> number, or name
        As for :func:`similarity_test`; symmetric.
    n_jobs : int, optional

    Returns
    -------
    RecordingSimilarity
        The diagonal is that of each recording with itself.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> activity = np.random.default_rng(0).normal(size=(10, 5, 3))
    >>> found = na.recording_similarity([na.Recording(activity), na.Recording(activity[..., :2])])
    >>> found.matrix.round(2)
    array([[1.  , 0.89],
           [0.89, 1.  ]])
    """
    function = _measure(measure)
    options.jobs(n_jobs)
    if isinstance(recordings, (Recording, str)):
        raise TypeError(f"recordings must be several, in a list or mapping; got {type(recordings).__name__}")
    if isinstance(recordings, Mapping):
        named = {str(name): as_recording(r, f"recordings[{name!r}]") for name, r in recordings.items()}
    else:
        listed = [as_recording(r, f"recordings[{k}]") for k, r in enumerate(recordings)]
        named = {f"{r.name or 'recording'} [{k}]": r for k, r in enumerate(listed)}
    if len(named) < 2:
        raise ValueError(f"recordings must be at least two; got {len(named)}")
    parts = parts_of(function)
    described = parallel.parallel_map(partial(_noted, parts.describe), [(r,) for r in named.values()], n_jobs=n_jobs)
    m = len(described)
    pairs = [(described[i][0], described[j][0]) for i in range(m) for j in range(i, m)]
    found = parallel.parallel_map(partial(_noted, parts.between), pairs, n_jobs=n_jobs)
    matrix = np.zeros((m, m))
    matrix[np.triu_indices(m)] = [as_number(value) for value, _ in found]
    with undefined.once():
        for _, said in [*described, *found]:
            for text in said:
                undefined.say(text)
    return RecordingSimilarity(np.triu(matrix) + np.triu(matrix, 1).T, tuple(named), callable_name(function))


def _noted(function: Callable[..., Any], given: tuple[Any, ...]) -> tuple[Any, list[str]]:
    """What a part of a measure gives, with one BLAS thread, and what was said meanwhile."""
    with parallel.one_blas_thread(), undefined.noted() as said:
        return function(*given), said


@result
class DistanceCorrelation:
    """Rank correlation of two matrices over pairs, from :func:`correlate_distances`; p by relabelling (Mantel)."""

    rho: float
    p: float
    null_distribution: NDArray[np.float64]
    n_pairs: int
    n_nulls: int


def correlate_distances(
    a: Any, b: Any, *, n_nulls: int = 999, alternative: Side = "two-sided", rng: random.RNG = None
) -> DistanceCorrelation:
    """Do two matrices over the same networks agree, such as distances of wiring and similarities of activity?

    Parameters
    ----------
    a, b : NetworkDistances, RecordingSimilarity or array_like, shape (m, m)
        Symmetric, of the same networks in the same order; 4 at least. The diagonal does not count.
    n_nulls : int
        Orders of the networks of b, at random: pairs share networks, so that they are not independent, but whole rows
        can be exchanged (Mantel).
    alternative, rng
        As for :func:`null_test`. A distance and a similarity that agree have rho below 0.

    Returns
    -------
    DistanceCorrelation
        rho is Spearman's, over the m (m - 1) / 2 pairs; nan, with a warning, where all entries of one are equal.

    References
    ----------
    Mantel 1967, Cancer Research 27(2), 209-220.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> x = np.random.default_rng(0).random(9)
    >>> apart = np.abs(x[:, None] - x)
    >>> found = na.correlate_distances(apart, 1 - apart**2, n_nulls=199, rng=0)
    >>> round(found.rho, 6), found.p
    (-1.0, 0.01)
    """
    options.count(n_nulls, "n_nulls")
    options.choice(alternative, get_args(Side), "alternative")
    x, y = (_symmetric(values, name) for values, name in ((a, "a"), (b, "b")))
    if len(x) != len(y):
        raise ValueError(f"a and b must be of the same networks; got {len(x)} and {len(y)}")
    n = len(x)
    rows, columns = np.triu_indices(n, 1)
    first, second = (ranks(m[rows, columns]) for m in (x, y))
    left, other = first - first.mean(), np.zeros((n, n))
    other[rows, columns] = other[columns, rows] = second - second.mean()
    whole = float(np.linalg.norm(left) * np.linalg.norm(second - second.mean()))
    if not whole:
        undefined.say("correlate_distances is nan: all pairs are equally far apart in one of the matrices")
        return DistanceCorrelation(np.nan, np.nan, np.full(n_nulls, np.nan), len(rows), n_nulls)
    generator = np.random.default_rng(random.seed_sequence(rng))
    orders = [generator.permutation(n) for _ in range(n_nulls)]
    null = np.array([left @ other[order[rows], order[columns]] for order in orders]) / whole
    rho = float(left @ other[rows, columns] / whole)
    return DistanceCorrelation(rho, float(p_value(rho, null, alternative)), null, len(rows), n_nulls)


def _symmetric(values: Any, name: str) -> NDArray[np.float64]:
    m = validate.as_array(getattr(values, "matrix", values), name, shape=(None, None))
    if m.shape[0] != m.shape[1] or len(m) < 4 or not np.allclose(m, m.T, rtol=1e-9, atol=1e-12 * np.abs(m).max()):
        raise ValueError(f"{name} must be a symmetric matrix over at least 4 networks; got shape {m.shape}")
    return m
