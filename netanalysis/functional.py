"""Groups of units by what they do: task variance, activity correlation, and what a lesion of each costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis import _random, _validate
from netanalysis.connectome import Recording

__all__ = ["FunctionalClusters", "LesionEffects", "TaskVariance", "functional_clusters", "lesion", "task_variance"]


@dataclass(frozen=True, eq=False)
class TaskVariance:
    """Variance of each unit in each task, ``values[unit, task]``, with the task names."""

    values: NDArray[np.float64]
    tasks: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class FunctionalClusters:
    """Clusters of units.

    ``labels[u]`` is the cluster of unit u, -1 if it is inactive; ``profiles`` (units x features) is what was
    clustered, rows of inactive units 0, with `features` naming its columns; `silhouettes` holds the mean
    silhouette for every k tried, `silhouette` the one of `k`; `total` is what decided which units are active.
    """

    labels: NDArray[np.int64]
    profiles: NDArray[np.float64]
    features: tuple[Any, ...]
    k: int
    silhouette: float
    silhouettes: Mapping[int, float]
    total: NDArray[np.float64]
    method: str

    @property
    def active(self) -> NDArray[np.bool_]:
        """Which units take part."""
        return self.labels >= 0


@dataclass(frozen=True, eq=False)
class LesionEffects:
    """What silencing each group does: ``effects[group, score] = lesioned[group, score] - baseline[score]``."""

    groups: tuple[Any, ...]
    scores: tuple[Any, ...]
    baseline: NDArray[np.float64]
    lesioned: NDArray[np.float64]

    @property
    def effects(self) -> NDArray[np.float64]:
        """Change from the intact network; negative is a loss."""
        return self.lesioned - self.baseline


def task_variance(
    recording: Recording, *, by: str = "task", start: float | str | None = None, stop: float | str | None = None
) -> TaskVariance:
    """Variance across the trials of each task, averaged over time (Yang et al. 2019).

    ``values[u, k] = mean_t var_trials(activity[trials of task k, t, u])``, the population variance. Use trials
    without noise, or the noise counts as variance of the task.

    Parameters
    ----------
    recording : Recording
    by : str
        Column of ``recording.conditions`` that names the task of each trial.
    start, stop : float or str, optional
        Use samples with ``start <= time < stop`` (say, from the end of fixation). A string names a column of
        conditions with one value per trial, for trials of unequal length: a step counts where at least two
        trials of the task have it.

    Returns
    -------
    TaskVariance
        Tasks in order of first appearance.

    Raises
    ------
    ValueError
        If a task has fewer than two trials, or no step is left.

    References
    ----------
    Yang et al. 2019, doi:10.1038/s41593-018-0310-2.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rec = na.Recording([[[0.0, 1]], [[2.0, 1]]], {"task": ["go", "go"]})
    >>> na.task_variance(rec).values
    array([[1.],
           [0.]])
    """
    task = _column(recording, by, "by").to_numpy()
    valid = np.ones((recording.n_trials, recording.n_time), bool)
    for edge, keep in ((start, np.greater_equal), (stop, np.less)):
        if edge is not None:
            limit = _column(recording, edge, "start or stop").to_numpy() if isinstance(edge, str) else edge
            valid &= keep(recording.time[None, :], np.broadcast_to(limit, recording.n_trials)[:, None])
    tasks = tuple(dict.fromkeys(task.tolist()))
    values = np.empty((recording.n_units, len(tasks)))
    for k, name in enumerate(tasks):
        trials = task == name
        mask = valid[trials]
        count = mask.sum(axis=0)
        steps = count >= 2
        if not steps.any():
            raise ValueError(
                f"task {name!r} has no time step with at least two trials ({int(trials.sum())} trials in all): "
                "variance across trials is undefined; widen start and stop or record more trials"
            )
        a = recording.activity[trials][:, steps]
        share = mask[:, steps, None] / count[steps, None]
        mean = (share * a).sum(axis=0)
        values[:, k] = (share * (a - mean) ** 2).sum(axis=0).mean(axis=0)
    return TaskVariance(values, tasks)


def _column(recording: Recording, name: str, argument: str) -> Any:
    if name not in recording.conditions:
        raise ValueError(
            f"{argument} must name a column of recording.conditions; got {name!r}, "
            f"there are {list(recording.conditions.columns)}"
        )
    return recording.conditions[name]


def functional_clusters(
    recording: Recording,
    *,
    method: str = "task_variance",
    by: str = "task",
    start: float | str | None = None,
    stop: float | str | None = None,
    threshold: float = 1e-3,
    k: int | None = None,
    k_max: int = 29,
    n_init: int = 20,
    rng: _random.RNG = 0,
) -> FunctionalClusters:
    """Cluster units by their task-variance profiles or by the correlation of their activity.

    Parameters
    ----------
    recording : Recording
    method : {"task_variance", "correlation"}
        k-means of each unit's task variances divided by their largest (Yang et al. 2019), or average-linkage
        clustering of the distance 1 - r between activities over all trials and steps.
    by, start, stop
        As for :func:`task_variance`; `by` is not used by "correlation".
    threshold : float
        A unit is active if its summed task variance ("correlation": its variance) exceeds this, in squared units of
        activity. Inactive units get label -1.
    k : int, optional
        Number of clusters; default: the k in 2..k_max with the largest mean silhouette (smallest such k).
    k_max, n_init : int
        Largest k tried (at most active units - 1) and restarts of k-means.
    rng : seed or Generator

    Returns
    -------
    FunctionalClusters
        Clusters are numbered by their preferred feature (the first column in which their mean profile peaks),
        then by size.

    Raises
    ------
    ValueError
        With fewer than 3 active units, or a k they do not allow.

    References
    ----------
    Yang et al. 2019, doi:10.1038/s41593-018-0310-2; Liu et al. 2023, doi:10.48550/arXiv.2310.07711.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> a = np.zeros((4, 1, 6))
    >>> a[1, 0, :3], a[3, 0, 3:] = 1.0, 1.0
    >>> rec = na.Recording(a + [0, 1e-3, 2e-3, 0, 1e-3, 2e-3] * a, {"task": ["go", "go", "anti", "anti"]})
    >>> na.functional_clusters(rec).labels
    array([0, 0, 0, 1, 1, 1])
    """
    _validate.choice(method, ["task_variance", "correlation"], "method")
    features: tuple[Any, ...]
    if method == "task_variance":
        variance = task_variance(recording, by=by, start=start, stop=stop)
        raw, features = variance.values, variance.tasks
        total = raw.sum(axis=1)
    else:
        flat = recording.activity.reshape(-1, recording.n_units)
        total = flat.var(axis=0)
        raw, features = flat, tuple(range(recording.n_units))
    active = np.flatnonzero(total > threshold)
    if len(active) < 3:
        raise ValueError(
            f"only {len(active)} of {recording.n_units} units are active (more than threshold={threshold:g}); "
            "clustering needs at least 3"
        )
    if method == "task_variance":
        profiles = raw[active] / raw[active].max(axis=1, keepdims=True)
        fits = _k_means(profiles, n_init, rng)
    else:
        profiles = np.corrcoef(raw[:, active], rowvar=False)
        fits = _average_linkage(profiles)
        features = tuple(active.tolist())
    candidates = range(2, min(k_max, len(active) - 1) + 1) if k is None else [_validate.positive_int(k, "k", minimum=2)]
    if max(candidates) > len(active) - 1:
        raise ValueError(f"k must be below the number of active units, {len(active)}; got {max(candidates)}")
    found = {c: fits(c) for c in candidates}
    best = max(found, key=lambda c: (found[c][1], -c))
    labels = np.full(recording.n_units, -1, np.int64)
    labels[active] = _by_preference(found[best][0], profiles)
    everyone = np.zeros((recording.n_units, profiles.shape[1]))
    everyone[active] = profiles
    silhouettes = {c: s for c, (_, s) in found.items()}
    return FunctionalClusters(labels, everyone, features, best, silhouettes[best], silhouettes, total, method)


def _k_means(profiles: NDArray[np.float64], n_init: int, rng: _random.RNG) -> Callable[[int], tuple[Any, float]]:
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    seed = int(_random.seeds(rng, 1)[0]) % 2**32
    distinct = len(np.unique(profiles, axis=0))

    def fit(k: int) -> tuple[Any, float]:
        if k > distinct:
            return np.zeros(len(profiles), int), -1.0
        labels = KMeans(k, n_init=n_init, random_state=seed).fit(profiles).labels_
        return labels, float(silhouette_score(profiles, labels))

    return fit


def _average_linkage(correlation: NDArray[np.float64]) -> Callable[[int], tuple[Any, float]]:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from sklearn.metrics import silhouette_score

    distance = np.clip(1 - correlation, 0, 2)
    np.fill_diagonal(distance, 0)
    distance = (distance + distance.T) / 2
    tree = linkage(squareform(distance, checks=False), "average")

    def fit(k: int) -> tuple[Any, float]:
        labels = fcluster(tree, k, "maxclust")
        if len(np.unique(labels)) < 2:
            return labels, -1.0
        return labels, float(silhouette_score(distance, labels, metric="precomputed"))

    return fit


def _by_preference(labels: NDArray[Any], profiles: NDArray[np.float64]) -> NDArray[np.int64]:
    """Renumber clusters by where their mean profile peaks, larger clusters first among equals."""
    names, index = np.unique(labels, return_inverse=True)
    peak = [int(profiles[index == c].mean(axis=0).argmax()) for c in range(len(names))]
    order = sorted(range(len(names)), key=lambda c: (peak[c], -int((index == c).sum()), c))
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return rank[index]


def lesion(
    run: Callable[[NDArray[np.bool_]], Mapping[Any, float] | ArrayLike],
    groups: ArrayLike | FunctionalClusters,
    *,
    which: Iterable[Any] | None = None,
) -> LesionEffects:
    """Silence each group of units in turn and score what is left.

    Parameters
    ----------
    run : callable
        ``run(silenced)`` re-runs the model with the units where the mask is True silenced, and returns its
        scores: a mapping name -> score (accuracy per task, say) or an array.
    groups : FunctionalClusters or array_like, shape (n,)
        Group of each unit; negative integers belong to no group.
    which : iterable, optional
        Groups to lesion; default all.

    Returns
    -------
    LesionEffects

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> strength = np.array([1.0, 2, 3])
    >>> na.lesion(lambda silenced: {"sum": strength[~silenced].sum()}, [0, 0, 1]).effects
    array([[-3.],
           [-3.]])
    """
    raw = np.asarray(getattr(groups, "labels", groups))
    labels = _validate.as_labels(raw, len(np.atleast_1d(raw)), "groups")
    if which is None:
        which = np.unique(labels[labels >= 0] if labels.dtype.kind in "iuf" else labels).tolist()
    which = tuple(which)
    missing = [g for g in which if not np.any(labels == g)]
    if missing or not which:
        raise ValueError(f"which must name groups that have units; got {list(which)}, without units: {missing}")
    intact = run(np.zeros(len(labels), bool))
    names = tuple(intact) if isinstance(intact, Mapping) else tuple(range(np.size(intact)))

    def scores(result: Any) -> NDArray[np.float64]:
        values = [result[name] for name in names] if isinstance(result, Mapping) else np.ravel(result)
        return np.asarray(values, dtype=float)

    lesioned = np.stack([scores(run(labels == g)) for g in which])
    return LesionEffects(which, names, scores(intact), lesioned)
