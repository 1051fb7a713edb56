"""Groups of units by what they do: their variance in each task, or their functional connectivity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, random, scaling, undefined
from netanalysis._core.results import result
from netanalysis._core.rounding import centred
from netanalysis.activity import _design
from netanalysis.activity._k_means import k_means
from netanalysis.recording import Recording, as_recording

__all__ = [
    "FunctionalClusters",
    "TaskVariance",
    "functional_clusters",
    "functional_connectivity",
    "task_variance",
]


@result
class TaskVariance:
    """Variance of each unit in each task, ``values[unit, task]``, with the task names."""

    values: NDArray[np.float64]
    tasks: tuple[Any, ...]


@result
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
    task = _design.column(recording, by, "by")
    valid = np.ones((recording.n_trials, recording.n_time), bool)
    for edge, keep in ((start, np.greater_equal), (stop, np.less)):
        if edge is not None:
            limit = _design.column(recording, edge, "start or stop") if isinstance(edge, str) else edge
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


def functional_connectivity(recording: Recording, *, center: Literal["trial", "all"] = "trial") -> NDArray[np.float64]:
    """Pearson correlation of the activities of every pair of units, over all trials and steps.

    Parameters
    ----------
    recording : Recording
    center : {"trial", "all"}
        What is subtracted first: each trial's own mean over time, for runs differ in baseline and a difference
        between runs, shared by all units, would pass for correlation; or the mean over everything, for trials of a
        task whose differences are signal.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, 1 on the diagonal; nan in the rows and columns of units that do not vary.

    Examples
    --------
    Two runs at different levels, in which the units move in opposite directions:

    >>> import numpy as np, netanalysis as na
    >>> wave = np.sin(np.arange(20))
    >>> runs = np.stack([np.stack([wave, -wave], 1), 9 + np.stack([wave, -wave], 1)])
    >>> na.functional_connectivity(na.Recording(runs)).round(2)
    array([[ 1., -1.],
           [-1.,  1.]])
    >>> na.functional_connectivity(na.Recording(runs), center="all").round(2)
    array([[1.  , 0.95],
           [0.95, 1.  ]])
    """
    r = _connectivity(recording, center)[0]
    undefined.spoken(np.diag(r), "functional_connectivity", "units that do not vary correlate with none", of="units")
    return r


def _connectivity(
    recording: Recording, center: Literal["trial", "all"]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correlations, and the variance of each unit."""
    options.choice(center, ["trial", "all"], "center")
    axis = (1,) if center == "trial" else (0, 1)
    a, unit = scaling.to_one(as_recording(recording).activity, axis=(0, 1))
    x = centred(a, axis).reshape(-1, recording.n_units)
    squares = np.einsum("ij,ij->j", x, x)
    varies = squares > 0
    z = np.divide(x, np.sqrt(squares), out=np.full(x.shape, np.nan), where=varies)
    r = np.clip(z.T @ z, -1, 1)
    np.fill_diagonal(r, np.where(varies, 1.0, np.nan))
    with np.errstate(over="ignore"):  # inf exceeds any threshold
        return r, np.where(varies, squares, 0.0) / len(x) * unit[0, 0] * unit[0, 0]


def functional_clusters(
    recording: Recording,
    *,
    method: Literal["task_variance", "correlation"] | None = None,
    by: str = "task",
    start: float | str | None = None,
    stop: float | str | None = None,
    center: Literal["trial", "all"] = "trial",
    threshold: float = 1e-3,
    k: int | None = None,
    k_max: int = 29,
    n_init: int = 20,
    rng: random.RNG = None,
) -> FunctionalClusters:
    """Cluster units by their task-variance profiles or by the correlation of their activity, with k-means.

    Parameters
    ----------
    recording : Recording
    method : {"task_variance", "correlation"}, optional
        What is clustered: each unit's task variances divided by their largest (Yang et al. 2019), or its functional
        connectivity with every active unit (Yeo et al. 2011), as :func:`functional_connectivity`. Default: task
        variances if the recording has more than one task, by the column that `by` names, else correlations; the
        result says which.
    by, start, stop
        As for :func:`task_variance`; not used by "correlation".
    center : {"trial", "all"}
        As for :func:`functional_connectivity`; not used by "task_variance".
    threshold : float
        A unit is active if its summed task variance ("correlation": its variance) exceeds this, in squared units of
        activity. Inactive units get label -1.
    k : int, optional
        Number of clusters; default: the k in 2..k_max with the largest mean silhouette (smallest such k).
    k_max, n_init : int
        Largest k tried (at most active units - 1) and restarts of k-means.
    rng : seed, Generator or SeedSequence, optional

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
    Yang et al. 2019, doi:10.1038/s41593-018-0310-2; Yeo et al. 2011, doi:10.1152/jn.00338.2011;
    Liu et al. 2023, doi:10.48550/arXiv.2310.07711.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> a = np.zeros((4, 1, 6))
    >>> a[1, 0, :3], a[3, 0, 3:] = 1.0, 1.0
    >>> rec = na.Recording(a + [0, 1e-3, 2e-3, 0, 1e-3, 2e-3] * a, {"task": ["go", "go", "anti", "anti"]})
    >>> na.functional_clusters(rec, rng=0).labels
    array([0, 0, 0, 1, 1, 1])
    """
    if method is None:
        known = as_recording(recording).conditions
        if by != "task":  # a name that was given
            _design.column(recording, by, "by")
        several = by in known and known[by].nunique() > 1
        method = "task_variance" if several else "correlation"
    options.choice(method, ["task_variance", "correlation"], "method")
    options.choice(center, ["trial", "all"], "center")
    threshold = options.number_in(threshold, "threshold")
    k_max = options.positive_int(k_max, "k_max", minimum=2)
    n_init = options.count(n_init, "n_init")
    features: tuple[Any, ...]
    if method == "task_variance":
        variance = task_variance(recording, by=by, start=start, stop=stop)
        values, features = variance.values, variance.tasks
        total = values.sum(axis=1)
    else:
        values, total = _connectivity(recording, center)
    active = np.flatnonzero(total > max(threshold, 0.0))
    if len(active) < 3:
        raise ValueError(
            f"only {len(active)} of {recording.n_units} units are active (more than threshold={threshold:g}); "
            "clustering needs at least 3"
        )
    if method == "task_variance":
        profiles = values[active] / values[active].max(axis=1, keepdims=True)
    else:
        profiles, features = values[np.ix_(active, active)], tuple(active.tolist())
    most = min(len(active) - 1, len(np.unique(profiles, axis=0)))
    candidates = range(2, min(k_max, most) + 1) if k is None else [options.positive_int(k, "k", minimum=2)]
    if not candidates or max(candidates) > most:
        raise ValueError(
            f"k must be 2 … {most} for {len(active)} active units with {len(np.unique(profiles, axis=0))} different "
            f"profiles; got k={k}, k_max={k_max}"
        )
    seed = int(random.seeds(rng, 1)[0])
    found = {c: k_means(profiles, c, n_init=n_init, seed=seed) for c in candidates}
    silhouettes = {c: _silhouette(profiles, labels) for c, labels in found.items()}
    best = max(found, key=lambda c: (silhouettes[c], -c))
    labels = np.full(recording.n_units, -1, np.int64)
    labels[active] = _by_preference(found[best], profiles)
    everyone = np.zeros((recording.n_units, profiles.shape[1]))
    everyone[active] = profiles
    return FunctionalClusters(labels, everyone, features, best, silhouettes[best], silhouettes, total, method)


def _silhouette(profiles: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return float(silhouette_score(profiles, labels))


def _by_preference(labels: NDArray[Any], profiles: NDArray[np.float64]) -> NDArray[np.int64]:
    """Renumber clusters by where their mean profile peaks, larger clusters first among equals."""
    names, index = np.unique(labels, return_inverse=True)
    peak = [int(profiles[index == c].mean(axis=0).argmax()) for c in range(len(names))]
    order = sorted(range(len(names)), key=lambda c: (peak[c], -int((index == c).sum()), c))
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    return rank[index]
