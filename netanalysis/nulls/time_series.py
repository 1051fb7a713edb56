"""Null models of correlation matrices from the recording itself: what every unit does stays, what they share goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, validate
from netanalysis._core.types import Network
from netanalysis.nulls._correlation_kind import is_without_diagonal
from netanalysis.nulls.correlation import require_correlations
from netanalysis.recording import Recording

Change = Callable[[NDArray[np.float64], np.random.Generator], NDArray[np.float64]]


def phase_randomized(
    net: Network | Recording,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    recording: Recording | None = None,
    center: Literal["trial", "all"] = "trial",
) -> NDArray[np.float64]:
    """Correlations after the phases of every unit have been drawn anew, independently in every trial.

    The Fourier amplitudes stay, the phases between 0 and the Nyquist frequency are uniform.

    **Keeps** exactly, of every unit in every trial: mean, variance, power spectrum, so its circular autocorrelation and
    the number of independent samples that goes with it. **Destroys**: correlations between units, at any lag; the
    distribution of values, which becomes nearly normal; what is locked to the time in the trial.

    Parameters
    ----------
    net : Recording; or correlation matrix (n, n), with `recording`
        For :func:`netanalysis.null_test`: ``partial(na.nulls.phase_randomized, recording=recording)`` is a null model
        of ``na.functional_connectivity(recording)``. A diagonal of zeros stays so.
    rng : seed, Generator or SeedSequence, optional
    size : int, optional
        Number of replicates; None gives a single network (see :mod:`netanalysis.nulls`).
    recording : Recording, optional
    center : {"trial", "all"}
        As for :func:`netanalysis.functional_connectivity`. With "all" the means of trials are part of the
        correlations, and are kept.

    Returns
    -------
    ndarray (n, n); with `size`, (size, n, n)

    Raises
    ------
    ValueError
        If units do not vary, or `net` is not the correlation matrix of the recording.

    References
    ----------
    Theiler et al. 1992, doi:10.1016/0167-2789(92)90102-S; Prichard & Theiler 1994, doi:10.1103/PhysRevLett.73.951.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from functools import partial
    >>> shared = np.random.default_rng(0).normal(size=(1, 200, 1))
    >>> recording = na.Recording(shared + np.random.default_rng(1).normal(size=(1, 200, 5)))
    >>> r = na.functional_connectivity(recording)
    >>> null = partial(na.nulls.phase_randomized, recording=recording)
    >>> na.null_test(r, lambda r: r.mean(axis=(-2, -1)), null, n_nulls=99, rng=0, vectorized=True).p
    0.02
    """
    return _correlations(net, rng, size, recording, center, _with_new_phases)


def circular_shift(
    net: Network | Recording,
    rng: random.RNG = None,
    *,
    size: int | None = None,
    recording: Recording | None = None,
    center: Literal["trial", "all"] = "trial",
) -> NDArray[np.float64]:
    """Correlations after the time course of every unit has been turned round by its own random lag, trial by trial.

    **Keeps** exactly, of every unit in every trial: all values, their circular order and so the circular
    autocorrelation, whatever the distribution. **Destroys**: what units share at the same time. Where the ends of a
    trial do not fit together, a jump is made.

    Parameters
    ----------
    net, rng, size, recording, center
        As for :func:`phase_randomized`. Lags are uniform from 0 to the length of a trial.

    Returns
    -------
    ndarray (n, n); with `size`, (size, n, n)

    References
    ----------
    Harris 2020, doi:10.1101/2020.08.13.250241 (nonsense correlations, and what shifts do about them).

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> recording = na.Recording(np.random.default_rng(1).normal(size=(3, 200, 5)))
    >>> na.nulls.circular_shift(recording, 0, size=10).shape
    (10, 5, 5)
    """
    return _correlations(net, rng, size, recording, center, _shifted)


def _with_new_phases(activity: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(activity, axis=1)
    inner = slice(1, (activity.shape[1] + 1) // 2)  # the mean and the Nyquist frequency are real
    turn = np.exp(2j * np.pi * generator.random(spectrum[:, inner].shape))
    spectrum[:, inner] = np.abs(spectrum[:, inner]) * turn
    return np.fft.irfft(spectrum, n=activity.shape[1], axis=1)


def _shifted(activity: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float64]:
    trials, steps, units = activity.shape
    lags = generator.integers(steps, size=(trials, 1, units))
    return np.take_along_axis(activity, (np.arange(steps)[:, None] + lags) % steps, axis=1)


def _correlations(
    net: Any, rng: random.RNG, size: int | None, recording: Recording | None, center: str, change: Change
) -> Any:
    options.choice(center, ["trial", "all"], "center")
    own = net if isinstance(net, Recording) else recording
    if not isinstance(own, Recording):
        raise TypeError(
            "this null model needs the recording behind the correlations: give a Recording as net, or recording= "
            f"(functools.partial(..., recording=recording) for a null test); got {type(own).__name__}"
        )
    observed = _correlate(own.activity, center)
    empty, is_sparse = False, False
    if net is not own:
        w = validate.as_weights(net)
        is_sparse = sparse.issparse(w)
        w = w.toarray() if is_sparse else w
        if w.shape != observed.shape:
            raise ValueError(
                f"net must be the ({own.n_units}, {own.n_units}) correlation matrix of the recording; got {w.shape}"
            )
        require_correlations(w)
        empty = is_without_diagonal(w)
        apart = np.abs(w - observed)[~np.eye(len(w), dtype=bool)].max()
        if apart > 1e-3:
            raise ValueError(
                f"net must be na.functional_connectivity(recording, center={center!r}); correlations differ by up to "
                f"{apart:.2g}. Are trials, units or center others?"
            )
    count = 1 if size is None else options.count(size, "size")
    seeds = random.seeds(rng, count)
    out = np.empty((count, *observed.shape))

    def block(start: int, stop: int) -> None:
        for r in range(start, stop):
            out[r] = _correlate(change(own.activity, np.random.default_rng(seeds[r])), center)
            if empty:
                np.fill_diagonal(out[r], 0)

    parallel.blas_blocks(block, count)
    made: Any = [sparse.csr_array(m) for m in out] if is_sparse else out
    return made[0] if size is None else made


def _correlate(activity: NDArray[np.float64], center: str) -> NDArray[np.float64]:
    """As :func:`netanalysis.functional_connectivity`, of units that vary."""
    axis = (1,) if center == "trial" else (0, 1)
    x = (activity - activity.mean(axis=axis, keepdims=True)).reshape(-1, activity.shape[2])
    squares = np.einsum("ij,ij->j", x, x)
    still = np.flatnonzero(squares <= 1e-24 * np.einsum("ijk,ijk->k", activity, activity))
    if len(still):
        raise ValueError(
            f"units must vary to be correlated; {len(still)} do not, the first is unit {still[0]}. Leave them out"
        )
    z = x / np.sqrt(squares)
    r = np.clip(z.T @ z, -1, 1)
    np.fill_diagonal(r, 1)
    return (r + r.T) / 2
