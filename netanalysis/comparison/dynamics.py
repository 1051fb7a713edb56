"""Dynamical similarity: are two systems the same dynamics in other coordinates?"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, random, undefined
from netanalysis._core.rounding import alike
from netanalysis.comparison._pairs import Parts, in_parts
from netanalysis.recording import Recording, as_recording

__all__ = ["dynamical_distance"]

Array = NDArray[np.float64]
_FIRST, _STEPS, _BEST = 60, 2000, 3
_GAIN = 1e-12


def _parts(
    *,
    n_delays: int = 10,
    delay: int = 1,
    rank: int | None = None,
    metric: str = "angular",
    n_restarts: int = 20,
    rng: random.RNG = 0,
) -> Parts:
    for value, name in ((n_delays, "n_delays"), (delay, "delay"), (n_restarts, "n_restarts")):
        options.positive_int(value, name)
    options.choice(metric, ["angular", "euclidean"], "metric")
    if rank is not None:
        options.positive_int(rank, "rank")
    between = partial(_apart, rank=rank, metric=metric, n_restarts=n_restarts, root=random.seed_sequence(rng))
    return Parts(partial(_embedded, n_delays=n_delays, delay=delay), between)


def _apart(a: Any, b: Any, rank: int | None, metric: str, n_restarts: int, root: np.random.SeedSequence) -> float:
    if a is None or b is None:
        return float(undefined.spoken(float("nan"), "dynamical_distance", "a recording does not vary"))
    r = _rank([singular for _, singular in (a, b)], rank)
    first, second = (_step_matrix(v[..., :r]) for v, _ in (a, b))
    sizes = np.linalg.norm(first), np.linalg.norm(second)
    if metric == "angular":
        if min(sizes) == 0:
            return float(undefined.spoken(float("nan"), "dynamical_distance", "dynamics without any next step"))
        first, second = first / sizes[0], second / sizes[1]
    apart = vector_field_distance(first, second, n_restarts, root)
    return apart if metric == "euclidean" else float(2 * np.arcsin(min(1.0, apart / 2)))


@in_parts(_parts, stacks=False)
def dynamical_distance(
    a: Recording,
    b: Recording,
    *,
    n_delays: int = 10,
    delay: int = 1,
    rank: int | None = None,
    metric: Literal["angular", "euclidean"] = "angular",
    n_restarts: int = 20,
    rng: random.RNG = 0,
) -> float:
    r"""Dynamical similarity analysis (DSA): distance between the linear dynamics of two delay embeddings.

    Each recording is embedded with delays, its samples are written in their leading right singular vectors v, and the
    matrix that takes v to the next step is fitted by least squares (dynamic mode decomposition, reduced rank). The two
    matrices A and B are compared up to an orthogonal change of coordinates (Procrustes analysis over vector fields):

    .. math::

        \min_{C \in O(r)} \arccos \frac{tr(A^T C B C^T)}{|A| |B|}
        \quad\text{or}\quad \min_{C \in O(r)} |A - C B C^T|.

    Parameters
    ----------
    a, b : Recording
        Units, trials and steps may differ; the time step should be the same.
    n_delays : int
        Steps in an embedded sample; 1 for none.
    delay : int
        Between them, in steps.
    rank : int, optional
        Number r of components. None: what holds 99 % of the variance in the recording that needs more, but at most what
        both have.
    metric : {"angular", "euclidean"}
        0 to pi, or unbounded. "angular" leaves out the size of A: of one component (rank 1) it tells the sign alone,
        and decays at whatever speed are 0 apart.
    n_restarts : int
        Starts of the search for C: one from eigenvectors, which is exact where B is a rotated A, the others, an even
        number of them, random.
    rng : seed, Generator or SeedSequence, optional
        Of the random starts. By default always the same.

    Returns
    -------
    float
        0 for the same dynamics up to rotation. An upper bound of the minimum, which no search guarantees. nan, with a
        warning, where a recording does not vary.

    Raises
    ------
    ValueError
        Trials too short for the delays; a rank beyond that of an embedding.

    Notes
    -----
    It does not compare trial by trial: the null of :func:`similarity_test` is ``shuffle="time"``. Compare recordings of
    equally many samples, since noise adds to A.

    References
    ----------
    Ostrow, Eisen, Kozachkov & Fiete 2023, doi:10.48550/arXiv.2306.10168.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> def spiral(angle, x=np.random.default_rng(0).normal(size=(20, 2))):
    ...     turn = 0.98 * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    ...     return na.Recording(np.stack([x @ np.linalg.matrix_power(turn, t) for t in range(30)], axis=1))
    >>> a, stretched = spiral(0.3), spiral(0.3).activity @ [[1, 2], [0, 3]]
    >>> round(na.dynamical_distance(a, na.Recording(stretched), n_delays=1), 3)
    0.0
    >>> round(na.dynamical_distance(a, spiral(0.9), n_delays=1), 3)
    0.6
    """
    model: dict[str, Any] = {"n_delays": n_delays, "delay": delay, "rank": rank, "metric": metric}
    parts = _parts(**model, n_restarts=n_restarts, rng=rng)
    with parallel.one_blas_thread():
        return parts.between(*(parts.describe(as_recording(r, name)) for r, name in ((a, "a"), (b, "b"))))


def _embedded(recording: Recording, n_delays: int, delay: int) -> tuple[Array, Array] | None:
    """Right singular vectors of the delay embedding, (trials, steps, components), and the singular values.

    None of a recording that does not vary.
    """
    x = recording.activity / (np.abs(recording.activity).max() or 1.0)
    left = x.shape[1] - (n_delays - 1) * delay
    if left < 2:
        raise ValueError(
            f"a recording has {x.shape[1]} time steps, too few for n_delays={n_delays} and delay={delay}: two embedded "
            f"samples need {(n_delays - 1) * delay + 2}"
        )
    if alike(x, (0, 1)).all():
        return None
    h = np.concatenate([x[:, k * delay : k * delay + left] for k in range(n_delays)], axis=2)
    u, s, _ = np.linalg.svd(h.reshape(-1, h.shape[-1]), full_matrices=False)
    return u.reshape(*h.shape[:2], -1), s


def _rank(singular: list[Array], rank: int | None) -> int:
    there = min(int((s > 1e-9 * s[0]).sum()) for s in singular)
    if rank is None:
        needed = [int(np.searchsorted(np.cumsum(s**2) / (s**2).sum(), 0.99) + 1) for s in singular]
        return min(max(needed), there)
    if rank > there:
        raise ValueError(f"rank={rank} is more than both embeddings have; they have {there}. Give at most that")
    return rank


def _step_matrix(v: Array) -> Array:
    """The matrix that takes each sample to the next one of its trial, by least squares."""
    r = v.shape[-1]
    before, after = v[:, :-1].reshape(-1, r), v[:, 1:].reshape(-1, r)
    return np.asarray(np.linalg.lstsq(before, after, rcond=None)[0].T)


def vector_field_distance(a: Array, b: Array, n_restarts: int, root: np.random.SeedSequence) -> float:
    """``min |A - C B C^T|`` over orthogonal C: all starts a while, the best of them to the end."""
    # With this much of |C|^2 added, tr(A'CBC') is convex in C, so that going to the orthogonal matrix nearest to the
    # gradient never lowers it.
    shift = 2 * float(np.linalg.norm(a, 2) * np.linalg.norm(b, 2))
    c = _starts(a, b, n_restarts, root)
    for _ in range(_FIRST):
        c = _ascended(a, b, c, shift)
    c = c[np.argsort(-_agreement(a, b, c), kind="stable")[:_BEST]]
    best = -np.inf
    for step in range(_STEPS):
        if step % 20 == 0:
            value = float(_agreement(a, b, c).max())
            if value - best <= _GAIN * float(np.linalg.norm(a) * np.linalg.norm(b)):
                break
            best = value
        c = _ascended(a, b, c, shift)
    return float(np.linalg.norm(a - c @ b @ c.swapaxes(-1, -2), axis=(-2, -1)).min())


def _agreement(a: Array, b: Array, c: Array) -> Array:
    return np.asarray((a * (c @ b @ c.swapaxes(-1, -2))).sum(axis=(-2, -1)))


def _ascended(a: Array, b: Array, c: Array, shift: float) -> Array:
    u, _, v = np.linalg.svd(a @ c @ b.T + a.T @ c @ b + shift * c)
    return np.asarray(u @ v)


def _starts(a: Array, b: Array, count: int, root: np.random.SeedSequence) -> Array:
    """Orthogonal matrices: one that aligns eigenvectors of symmetric parts, the others random, of either hand.

    Each of these comes with its transpose, so that a and b may change places.
    """
    n = len(a)
    u, v = (np.linalg.eigh(m + m.T)[1] for m in (a, b))
    # Eigenvectors have no sign: those that agree best in the antisymmetric parts.
    agreement = (u.T @ (a - a.T) @ u) * (v.T @ (b - b.T) @ v)
    sign = np.where(np.linalg.eigh(agreement)[1][:, -1] < 0, -1.0, 1.0)
    random_ones = np.linalg.qr(np.random.default_rng(root).normal(size=(count // 2, n, n)))[0]
    random_ones[1::2, :, 0] *= -1
    starts: Any = np.concatenate([((u * sign) @ v.T)[None], random_ones, random_ones.swapaxes(-1, -2)])
    return np.asarray(starts)
