"""What a linear read-out can tell from the activity of all units, over time and against shuffled labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, random, scaling, stacks, undefined
from netanalysis._core.pvalues import p_value
from netanalysis._core.renamed import renamed_argument, renamed_field
from netanalysis._core.results import result
from netanalysis._core.rounding import alike, centred
from netanalysis.activity import _design
from netanalysis.recording import Recording, as_recording

__all__ = ["Decoding", "Dichotomies", "decode", "dichotomies", "dimensionality"]


@result
class Decoding:
    """Cross-validated decoding, one entry per window.

    ``score[w]`` is the balanced accuracy (mean over classes of the share decoded right), ``null_distribution[s, w]``
    the same for shuffle s, ``p[w] = (1 + #{null >= score}) / (n_nulls + 1)``. ``confusion[w, i, j]`` is the share of
    trials of class i decoded as class j, in the order of `classes`. Chance is ``1 / len(classes)``.
    """

    score: NDArray[np.float64]
    null_distribution: NDArray[np.float64]
    p: NDArray[np.float64]
    confusion: NDArray[np.float64]
    classes: tuple[Any, ...]
    windows: tuple[tuple[int, int], ...]
    n_nulls: int
    n_shuffles = renamed_field("n_shuffles", "n_nulls")


@renamed_argument("n_shuffles", "n_nulls")
def decode(
    recording: Recording,
    target: str,
    *,
    windows: int | Sequence[tuple[int, int]] | None = None,
    penalty: float = 1.0,
    n_folds: int = 5,
    n_nulls: int = 100,
    rng: random.RNG = None,
) -> Decoding:
    """Decode a discrete condition from the activity of all units, window by window.

    Ridge regression of one indicator per class on the units' window averages, standardised on the training trials; the
    class with the largest prediction wins. Folds keep the share of each class. Shuffles permute the labels among the
    trials of each fold, so that their folds keep it too: else they would be trained on other shares than they are
    tested on, and score below chance. They cost next to nothing, as the read-out is linear in the labels.

    Parameters
    ----------
    recording : Recording
    target : str
        Column of ``recording.conditions`` with at least two classes, each of at least `n_folds` trials.
    windows : int or sequence of (start, stop), optional
        Number of equal windows, or steps of each one; default every step by itself.
    penalty : float
        Ridge penalty (scikit-learn's alpha).
    n_folds, n_nulls : int
    rng : seed, Generator or SeedSequence, optional
        Draws folds and shuffles.

    Returns
    -------
    Decoding

    Raises
    ------
    ValueError
        For an unknown target or too few trials in a class.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> goal = np.repeat(["left", "right"], 50)
    >>> activity = rng.normal(size=(100, 2, 5))
    >>> activity[goal == "left", 1] += 2.0
    >>> result = na.decode(na.Recording(activity, {"goal": goal}), "goal", rng=0)
    >>> bool(result.score[0] < 0.65), bool(result.score[1] > 0.95)
    (True, True)
    """
    n_folds = options.positive_int(n_folds, "n_folds", minimum=2)
    n_nulls = options.count(n_nulls, "n_nulls", minimum=0)
    penalty = options.number_in(penalty, "penalty", above=0)
    y, classes = _classes(recording, target, n_folds, "target")
    x, spans = _design.window_means(recording, as_recording(recording).n_time if windows is None else windows)
    split, shuffle = (np.random.default_rng(s) for s in random.seeds(rng, 2))
    folds = _stratified(y, n_folds, split)
    labels = np.tile(y, (1 + n_nulls, 1))
    for test in folds:
        labels[1:, test] = shuffle.permuted(labels[1:, test], axis=1)
    indicators = np.eye(len(classes))[labels].transpose(1, 0, 2).reshape(len(y), -1)
    scores = np.empty((len(labels), len(spans)))
    confusion = np.empty((len(spans), len(classes), len(classes)))
    for w in range(len(spans)):
        predicted = np.empty(labels.shape, np.int64)
        for test, outcome in _ridge(x[:, :, w], indicators, folds, penalty):
            predicted[:, test] = outcome.reshape(len(test), len(labels), -1).argmax(axis=2).T
        right = predicted == labels
        scores[:, w] = np.mean(
            [np.where(labels == c, right, False).sum(axis=1) / (y == c).sum() for c in range(len(classes))], axis=0
        )
        confusion[w] = [np.bincount(predicted[0, y == c], minlength=len(classes)) for c in range(len(classes))]
        confusion[w] /= confusion[w].sum(axis=1, keepdims=True)
    p = p_value(scores[0], scores[1:].T, "greater")
    return Decoding(scores[0], scores[1:], p, confusion, tuple(classes.tolist()), spans, n_nulls)


def _classes(recording: Recording, target: str, minimum: int, argument: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
    values = _design.column(recording, target, argument)
    classes, y, count = np.unique(values, return_inverse=True, return_counts=True)
    if len(classes) < 2 or count.min() < minimum:
        raise ValueError(
            f"{argument} {target!r} must have at least 2 classes of at least {minimum} trials each; got "
            f"{dict(zip(classes.tolist()[:20], count.tolist(), strict=False))}"
        )
    return y, classes


def _stratified(y: NDArray[np.int64], k: int, generator: np.random.Generator) -> list[NDArray[np.intp]]:
    """Folds with nearly the same share of every class: deal each class's trials out in turn."""
    order = generator.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    return [order[f::k] for f in range(k)]


def _ridge(
    x: NDArray[np.float64], y: NDArray[np.float64], folds: list[NDArray[np.intp]], penalty: float
) -> list[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Test trials of each fold with their ridge predictions of every column of y."""
    predictions = []
    x, _ = scaling.to_one(x, axis=0)
    with parallel.one_blas_thread():
        for test in folds:
            train = np.setdiff1d(np.arange(len(x)), test)
            mean, std = x[train].mean(axis=0), x[train].std(axis=0)
            z = (x - mean) / np.where(alike(x[train], 0), 1.0, std)
            gram = z[train].T @ z[train] + penalty * np.eye(x.shape[1])
            hat = z[test] @ np.linalg.solve(gram, z[train].T)
            level = y[train].mean(axis=0)
            predictions.append((test, hat @ (y[train] - level) + level))
    return predictions


def dimensionality(recording: Recording) -> float:
    """Participation ratio of activity, ``(sum l)^2 / sum l^2`` over the eigenvalues l of its covariance.

    1 if all activity lies on a line, the number of units if it spreads evenly. All trials and steps are samples.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    float
        nan if no unit varies.

    References
    ----------
    Gao et al. 2017, doi:10.1101/214262.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> na.dimensionality(na.Recording(np.eye(4)[:, None, :2] - np.eye(4)[:, None, 2:]))
    2.0
    """
    x, _ = scaling.to_one(as_recording(recording).activity.reshape(-1, recording.n_units))
    x = centred(x, 0)
    # Both sums are traces: no eigenvalues needed, and the smaller product will do.
    product = x.T @ x if x.shape[1] <= x.shape[0] else x @ x.T
    square = np.square(product).sum()
    return undefined.spoken(float(stacks.ratio(np.trace(product) ** 2, square)), "dimensionality", "no unit varies")


@result
class Dichotomies:
    """Cross-validated accuracy of every way to split the conditions in two.

    ``accuracy[d]`` belongs to the split whose first side is ``sides[d]`` (indices into `conditions`); a split is
    implementable if its accuracy reaches `threshold`.
    """

    accuracy: NDArray[np.float64]
    sides: tuple[tuple[int, ...], ...]
    conditions: tuple[Any, ...]
    threshold: float

    @property
    def n_implementable(self) -> int:
        """Number of implementable splits."""
        return int((self.accuracy >= self.threshold).sum())

    @property
    def fraction(self) -> float:
        """Share of splits that are implementable."""
        return self.n_implementable / len(self.accuracy)


def dichotomies(
    recording: Recording,
    by: str,
    *,
    window: tuple[int, int] | None = None,
    threshold: float = 0.75,
    penalty: float = 1.0,
    n_folds: int = 5,
    rng: random.RNG = None,
) -> Dichotomies:
    """Which of all two-way splits of the conditions a linear read-out can make (Rigotti et al. 2013).

    A high-dimensional, mixed code implements many of the ``2^(C - 1) - 1`` splits of C conditions, a specialised one
    few. Accuracy is the mean over conditions of the share of trials put on the right side, by the cross-validated
    read-out of :func:`decode`.

    Parameters
    ----------
    recording : Recording
    by : str
        Column of conditions with C = 2 … 14 distinct values of at least `n_folds` trials each. (Join several
        variables into one column to take their combinations.)
    window : (start, stop), optional
        Steps to average; default all.
    threshold : float
    penalty, n_folds, rng
        As for :func:`decode`.

    Returns
    -------
    Dichotomies

    References
    ----------
    Rigotti et al. 2013, doi:10.1038/nature12160; Bernardi et al. 2020, doi:10.1016/j.cell.2020.09.031.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> condition = np.repeat(np.arange(4), 20)
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[condition] + 0.05 * rng.normal(size=(80, 2))
    >>> result = na.dichotomies(na.Recording(corners[:, None, :], {"condition": condition}), "condition", rng=0)
    >>> result.n_implementable, len(result.accuracy)  # all but exclusive-or
    (6, 7)
    """
    n_folds = options.positive_int(n_folds, "n_folds", minimum=2)
    penalty = options.number_in(penalty, "penalty", above=0)
    threshold = options.number_in(threshold, "threshold", at_least=0, at_most=1)
    y, classes = _classes(recording, by, n_folds, "by")
    if len(classes) > 14:
        raise ValueError(f"by={by!r} has {len(classes)} conditions and 2^{len(classes) - 1} - 1 splits; at most 14")
    if window is not None and np.shape(window) != (2,):
        raise ValueError(f"window must be the steps (start, stop); got {window!r}")
    x, _ = _design.window_means(recording, [window or (0, as_recording(recording).n_time)])
    others = range(1, len(classes))
    sides = [(0, *rest) for size in range(len(classes) - 1) for rest in combinations(others, size)]
    code = np.full((len(classes), len(sides)), -1.0)
    for d, side in enumerate(sides):
        code[list(side), d] = 1.0
    # Each side counts the same, however many conditions it has.
    weight = np.where(code > 0, 1 / (code > 0).sum(axis=0), -1 / (code < 0).sum(axis=0))
    folds = _stratified(y, n_folds, np.random.default_rng(random.seeds(rng, 1)[0]))
    right = np.zeros((len(classes), len(sides)))
    for test, outcome in _ridge(x[:, :, 0], weight[y], folds, penalty):
        middle = (weight.max(axis=0) + weight.min(axis=0)) / 2
        np.add.at(right, y[test], (outcome > middle) == (code[y[test]] > 0))
    accuracy = (right / np.bincount(y)[:, None]).mean(axis=0)
    return Dichotomies(accuracy, tuple(sides), tuple(classes.tolist()), threshold)
