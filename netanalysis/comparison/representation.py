"""How alike two recordings are: of the same trials and time steps, in units that need not be the same nor as many."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, stacks, undefined
from netanalysis._core.ranks import ranks
from netanalysis._core.rounding import centred
from netanalysis.comparison._pairs import Parts, in_parts
from netanalysis.recording import Recording, as_recording

__all__ = ["cka", "procrustes_distance", "representational_similarity", "svcca"]

Array = NDArray[np.float64]
_SILENT = "a recording is the same at all trials and steps"


class Patterns(NamedTuple):
    """Activity of a recording (trials and steps, units), each unit less its mean, and of which trials and steps."""

    x: Array
    shape: tuple[int, ...]
    conditions: Any


def _patterns(recording: Recording) -> Patterns:
    return Patterns(_centred(recording.activity), recording.activity.shape[:2], recording.conditions)


def _same_trials(a: Patterns, b: Patterns) -> None:
    if a.shape != b.shape:
        raise ValueError(
            "a and b must have the same trials and time steps, as they are compared one by one; got "
            f"{a.shape} and {b.shape}"
        )
    for name in a.conditions.columns:
        if name not in b.conditions.columns or a.conditions[name] is b.conditions[name]:
            continue
        x, y = (part.conditions[name].to_numpy() for part in (a, b))
        if not all(p == q or (p != p and q != q) for p, q in zip(x.tolist(), y.tolist(), strict=True)):
            raise ValueError(f"a and b must have the same trials in the same order; their condition {name!r} differs")


def _of_two(a: Any, b: Any, parts: Parts) -> float:
    """A measure of two recordings from its parts."""
    with parallel.one_blas_thread():
        return parts.between(*(parts.describe(as_recording(r, name)) for r, name in ((a, "a"), (b, "b"))))


def _centred(activity: Array) -> Array:
    x = activity.reshape(-1, activity.shape[-1])
    x = x / (np.abs(x).max() or 1.0)
    return centred(x, 0)


def _cka_parts(*, debiased: bool = True) -> Parts:
    options.flags(debiased=debiased)
    return Parts(_patterns, partial(_cka, debiased=debiased))


def _cka(a: Patterns, b: Patterns, debiased: bool) -> float:
    _same_trials(a, b)
    x, y = a.x, b.x
    if debiased:
        if len(x) < 4:
            raise ValueError(f"debiased cka needs at least 4 samples (trials times steps); got {len(x)}")
        between, first, second = (_hsic(p, q) for p, q in ((x, y), (x, x), (y, y)))
        whole = np.sqrt(first) * np.sqrt(second) if first > 0 and second > 0 else 0.0
    else:
        between = float((x.T @ y).ravel() @ (x.T @ y).ravel())
        whole = float(np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
    return float(undefined.spoken(stacks.number(stacks.ratio(between, whole)), "cka", _SILENT))


@in_parts(_cka_parts, stacks=False)
def cka(a: Recording, b: Recording, *, debiased: bool = True) -> float:
    r"""Linear centred kernel alignment of two recordings: 1 if they are the same up to rotation and scale.

    Parameters
    ----------
    a, b : Recording
        Of the same trials and time steps; of other units, as many as there may be.
    debiased : bool
        With :math:`K = X X^T` of one and L of the other recording, over all samples (trials and steps):
        :math:`HSIC(K, L) / \sqrt{HSIC(K, K) HSIC(L, L)}`, HSIC estimated without bias (Song et al. 2012), so that
        unrelated recordings have 0 on average however few samples they have; it can be negative. False:
        :math:`|Y^T X|^2 / |X^T X| |Y^T Y|` of centred activity (Kornblith et al. 2019), between 0 and 1, which few
        samples of many units raise towards 1.

    Returns
    -------
    float
        nan, with a warning, where a recording does not vary.

    Raises
    ------
    ValueError
        Other trials or steps; fewer than 4 samples, debiased.

    References
    ----------
    Kornblith et al. 2019, doi:10.48550/arXiv.1905.00414; Song et al. 2012,
    https://jmlr.org/papers/v13/song12a.html; Murphy, Zylberberg & Fyshe 2024, doi:10.48550/arXiv.2405.01012 (bias).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> activity = np.random.default_rng(0).normal(size=(10, 5, 3))
    >>> turned = activity @ np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    >>> round(na.cka(na.Recording(activity), na.Recording(7 * turned)), 9)
    1.0
    """
    return _of_two(a, b, _cka_parts(debiased=debiased))


def _hsic(x: Array, y: Array) -> float:
    """Unbiased HSIC of linear kernels, from the samples: nothing of samples times samples is made."""
    n = len(x)
    of_x, of_y = (x * x).sum(axis=1), (y * y).sum(axis=1)
    sums_x, sums_y = x @ x.sum(axis=0) - of_x, y @ y.sum(axis=0) - of_y  # rows of kernels without their diagonal
    trace = float(((x.T @ y) ** 2).sum() - of_x @ of_y)
    rest = float(sums_x.sum() * sums_y.sum()) / ((n - 1) * (n - 2)) - 2 * float(sums_x @ sums_y) / (n - 2)
    return (trace + rest) / (n * (n - 3))


def _procrustes_parts(*, metric: Literal["angular", "euclidean"] = "angular") -> Parts:
    options.choice(metric, ["angular", "euclidean"], "metric")
    return Parts(_patterns, partial(_procrustes, metric=metric))


def _procrustes(a: Patterns, b: Patterns, metric: str) -> float:
    _same_trials(a, b)
    if min(np.abs(p.x).max() for p in (a, b)) == 0:
        return float(undefined.spoken(float("nan"), "procrustes_distance", _SILENT))
    x, y = (p.x / np.linalg.norm(p.x) for p in (a, b))
    width = max(x.shape[1], y.shape[1])
    x, y = (np.pad(p, ((0, 0), (0, width - p.shape[1]))) for p in (x, y))
    u, _, v = np.linalg.svd(x.T @ y)
    chord = float(np.linalg.norm(x @ u - y @ v.T))  # sqrt(2 - 2 |X'Y|) without the digits that 1 - 1 loses
    return chord if metric == "euclidean" else float(2 * np.arcsin(min(1.0, chord / 2)))


@in_parts(_procrustes_parts, stacks=False)
def procrustes_distance(a: Recording, b: Recording, *, metric: Literal["angular", "euclidean"] = "angular") -> float:
    r"""How far two recordings are apart after the best rotation of one onto the other: a metric.

    Parameters
    ----------
    a, b : Recording
        Of the same trials and time steps; the smaller one counts as if it had more units, silent ones.
    metric : {"angular", "euclidean"}
        Of centred activity of norm 1: :math:`\arccos |X^T Y|_*` (nuclear norm), 0 to pi / 2, or
        :math:`\sqrt{2 - 2 |X^T Y|_*}`.

    Returns
    -------
    float
        0 for recordings that are the same up to rotation, reflection, shift and scale. Symmetric, and the triangle
        inequality holds. nan, with a warning, where a recording does not vary.

    References
    ----------
    Williams, Kunz, Kornblith & Linderman 2021, doi:10.48550/arXiv.2110.14739; Schönemann 1966,
    doi:10.1007/BF02289451.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> activity = np.random.default_rng(0).normal(size=(10, 5, 3))
    >>> a, mirrored = na.Recording(activity), na.Recording(activity[..., ::-1] + 5)
    >>> round(na.procrustes_distance(a, mirrored), 6)
    0.0
    """
    return _of_two(a, b, _procrustes_parts(metric=metric))


def _svcca_parts(*, variance: float = 0.99) -> Parts:
    options.number_in(variance, "variance", above=0, at_most=1)
    return Parts(partial(_components, variance=variance), _correlations)


def _components(recording: Recording, variance: float) -> Patterns:
    found = _patterns(recording)
    return found._replace(x=_leading(found.x, variance))


def _correlations(a: Patterns, b: Patterns) -> float:
    _same_trials(a, b)
    if not min(a.x.shape[1], b.x.shape[1]):
        return float(undefined.spoken(float("nan"), "svcca", _SILENT))
    return float(np.linalg.svd(a.x.T @ b.x, compute_uv=False).clip(0, 1).mean())


@in_parts(_svcca_parts, stacks=False)
def svcca(a: Recording, b: Recording, *, variance: float = 0.99) -> float:
    """Mean canonical correlation of two recordings, each first cut to the components that hold its variance.

    Parameters
    ----------
    a, b : Recording
        Of the same trials and time steps.
    variance : float in (0, 1]
        Share of the variance that the kept principal components hold; 1 keeps all (CCA). Without such a cut, noise
        counts as much as signal.

    Returns
    -------
    float
        Between 0 and 1, over as many correlations as the recording with fewer components has. Unchanged by any
        invertible linear map of the units, if all components are kept. With not many more samples than units it is
        near 1 for unrelated recordings: see :func:`similarity_test`. nan, with a warning, where a recording does not
        vary.

    References
    ----------
    Raghu et al. 2017, doi:10.48550/arXiv.1706.05806; Hotelling 1936, doi:10.1093/biomet/28.3-4.321.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> activity = np.random.default_rng(0).normal(size=(10, 5, 3))
    >>> mixed = activity @ [[1, 2, 0], [0, 1, 0], [3, 0, 1]]
    >>> round(na.svcca(na.Recording(activity), na.Recording(mixed), variance=1), 9)
    1.0
    """
    return _of_two(a, b, _svcca_parts(variance=variance))


def _leading(x: Array, variance: float) -> Array:
    """Orthonormal components of the samples that hold a share of the variance."""
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    there = s > 1e-10 * s[0] if s[0] > 0 else np.zeros(len(s), bool)
    held = np.cumsum(s**2) / max((s**2).sum(), np.finfo(float).tiny)
    count = int(np.searchsorted(held, variance * (1 - 1e-12)) + 1) if variance < 1 else len(s)
    return np.asarray(u[:, : min(count, int(there.sum()))])


class Dissimilarities(NamedTuple):
    """Of every two trials or conditions of a recording, and which these are."""

    values: Array
    keys: list[Any]
    n_trials: int


def _rsa_parts(*, by: Any = None, dissimilarity: str = "correlation", compare: str = "spearman") -> Parts:
    options.choice(dissimilarity, ["correlation", "euclidean"], "dissimilarity")
    options.choice(compare, ["spearman", "pearson", "cosine"], "compare")
    names = [by] if isinstance(by, str) else list(by or [])
    return Parts(partial(_described, names=names, kind=dissimilarity), partial(_compared, compare=compare))


def _described(recording: Recording, names: list[str], kind: str) -> Dissimilarities:
    missing = [name for name in names if name not in recording.conditions.columns]
    if missing:
        raise ValueError(f"by names {missing}, which a recording lacks; it has {list(recording.conditions.columns)}")
    n = recording.n_trials
    keys = list(map(tuple, recording.conditions[names].to_numpy().tolist())) if names else list(range(n))
    known = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    if len(known) < 3:
        raise ValueError(f"representational similarity needs at least 3 trials or conditions; got {len(known)}")
    group = np.array([known[key] for key in keys], dtype=np.intp)
    return Dissimilarities(_dissimilarities(recording.activity, group, kind), keys, n)


def _compared(a: Dissimilarities, b: Dissimilarities, compare: str) -> float:
    if a.n_trials != b.n_trials:
        raise ValueError(f"a and b must have the same trials; got {a.n_trials} and {b.n_trials}")
    if a.keys != b.keys:
        raise ValueError("a and b must have the same trials in the same order; the conditions of by differ")
    x, y = a.values, b.values
    if compare == "spearman":
        x, y = ranks(x), ranks(y)
    if compare != "cosine":
        x, y = centred(x, 0), centred(y, 0)
    r = stacks.number(stacks.ratio(x @ y, np.linalg.norm(x) * np.linalg.norm(y)))
    why = "all pairs of trials of a recording are equally dissimilar, or a pattern is flat"
    return float(np.clip(undefined.spoken(r, "representational_similarity", why), -1.0, 1.0))


@in_parts(_rsa_parts, stacks=False)
def representational_similarity(
    a: Recording,
    b: Recording,
    *,
    by: str | Sequence[str] | None = None,
    dissimilarity: Literal["correlation", "euclidean"] = "correlation",
    compare: Literal["spearman", "pearson", "cosine"] = "spearman",
) -> float:
    """Representational similarity analysis: do two recordings find the same trials alike?

    Parameters
    ----------
    a, b : Recording
        Of the same trials; their units and time steps need not be as many.
    by : str or sequence of str, optional
        Conditions: trials that agree in them are averaged. None: each trial by itself.
    dissimilarity : {"correlation", "euclidean"}
        Of the patterns (time and units) of two trials or conditions: 1 less Pearson's r, or the squared distance.
    compare : {"spearman", "pearson", "cosine"}
        How the dissimilarities of all pairs in both recordings are compared. "cosine" is for those with a meaningful 0.

    Returns
    -------
    float
        -1 to 1; nan, with a warning, where the dissimilarities of a recording are all the same, or a pattern is flat.

    Raises
    ------
    ValueError
        Fewer than 3 trials or conditions; other conditions in a than in b.

    References
    ----------
    Kriegeskorte, Mur & Bandettini 2008, doi:10.3389/neuro.06.004.2008.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> activity = np.random.default_rng(0).normal(size=(10, 5, 3))
    >>> a, b = na.Recording(activity), na.Recording(2 * activity + 1)
    >>> round(na.representational_similarity(a, b), 9)
    1.0
    """
    return _of_two(a, b, _rsa_parts(by=by, dissimilarity=dissimilarity, compare=compare))


def _dissimilarities(activity: Array, group: NDArray[np.intp], kind: str) -> Array:
    counts = np.bincount(group)
    x = np.zeros((len(counts), activity[0].size))
    np.add.at(x, group, activity.reshape(len(activity), -1))
    x /= counts[:, None]
    x /= np.abs(x).max() or 1.0
    rows, columns = np.triu_indices(len(x), 1)
    if kind == "euclidean":
        return np.asarray(((x[rows] - x[columns]) ** 2).sum(axis=1))
    left = x - x.mean(axis=1, keepdims=True)
    size = np.linalg.norm(left, axis=1)
    size[size <= 1e-12 * np.linalg.norm(x, axis=1)] = 0.0
    return 1 - stacks.ratio((left @ left.T)[rows, columns], (size[rows] * size[columns]))
