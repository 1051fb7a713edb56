"""How far a network is from one whose eigenvectors are orthogonal, and how much activity grows on the way to rest."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import Connectome
from netanalysis.structure._leading import Dynamics
from netanalysis.structure.spectrum import eigenvalues

__all__ = ["TransientGain", "non_normality", "numerical_abscissa", "transient_gain"]

_GROWTH = 0.02  # by which activity can grow between two looks at it, as a logarithm
_LOOKS = 20_000


@takes_stacks
def non_normality(net: Network) -> Any:
    """Henrici's departure from normality, as a share of the weights' norm.

    ``sqrt(||W||_F^2 - sum_k |lambda_k|^2) / ||W||_F``: 0 for symmetric, antisymmetric and orthogonal matrices, whose
    eigenvectors are orthogonal, 1 for a network without cycles.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included.

    Returns
    -------
    float, or array over the leading axes
        nan for a network without connections.

    References
    ----------
    Henrici 1962, doi:10.1007/BF01386294; of connectomes Asllani et al. 2018, doi:10.1126/sciadv.aau9403.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.non_normality([[0, 4.0], [0, 0]]), na.non_normality([[0, 1.0], [-1, 0]])
    (1.0, 0.0)
    >>> round(na.non_normality([[1, 2.0], [0, 3]]), 7)
    0.5345225
    """
    w = _dense(net, "non_normality")
    top = np.abs(w).max(axis=(-2, -1))
    unit = np.where(top > 0, top, 1.0)[..., None]
    scaled = w / unit[..., None]
    norm = (scaled**2).sum(axis=(-2, -1))
    # A Connectome shares its eigenvalues with other measures; an array that is scaled can do without a second check.
    values = eigenvalues(net) / unit if isinstance(net, Connectome) else eigenvalues(scaled)
    normal = (np.abs(values) ** 2).sum(axis=-1)
    share = stacks.ratio(norm - normal, norm)
    # Of a normal matrix the difference is rounding, of either sign.
    found = stacks.number(np.sqrt(np.where(share < w.shape[-1] * 1e-15, 0.0 * share, share)))
    return undefined.spoken(found, "non_normality", "there are no connections")


@takes_stacks
def numerical_abscissa(net: Network) -> Any:
    """Largest eigenvalue of ``(W + W^T) / 2``: the rate at which activity can grow at first.

    ``d/dt log |x|`` of ``dx/dt = W^T x`` is at most this, and reaches it. Of a network that is normal it is the leading
    real part; of one that is not it is larger, and where it exceeds 1 activity of ``dx/dt = -x + W^T x`` grows before
    it decays, even if every eigenvalue says that it decays.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included.

    Returns
    -------
    float, or array over the leading axes

    References
    ----------
    Trefethen & Embree 2005, doi:10.1515/9780691213101; Neubert & Caswell 1997 (reactivity),
    doi:10.1890/0012-9658(1997)078[0653:ATRFMT]2.0.CO;2.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.numerical_abscissa([[0, 4.0], [0, 0]])
    2.0
    """
    flat, lead = stacks.flatten(_dense(net, "numerical_abscissa"))
    out = np.empty(len(flat))

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            out[k] = np.linalg.eigvalsh(0.5 * flat[k] + 0.5 * flat[k].T)[-1]

    parallel.blas_blocks(block, len(flat))
    return stacks.restore(out, lead)


@result
class TransientGain:
    """What :func:`transient_gain` returns.

    Attributes
    ----------
    gain : float
        Largest factor by which activity is amplified, at least 1.
    time : float
        When, in time constants (continuous) or steps (discrete).
    start, end : ndarray, shape (n,)
        The unit pattern that is amplified most, and what it has become by then, divided by the gain.
    """

    gain: float
    time: float
    start: NDArray[np.float64]
    end: NDArray[np.float64]


def transient_gain(net: Network, *, gain: float = 1.0, dynamics: Dynamics = "continuous") -> TransientGain:
    """Largest transient amplification of a network that settles: ``max_t ||exp((gW - I) t)||`` or ``max_k ||(gW)^k||``.

    Parameters
    ----------
    net : network
        Signed weights; rows are sources, so that a pattern x becomes ``x exp((gW - I) t)``.
    gain : float
        g.
    dynamics : {"continuous", "discrete"}
        ``dx/dt = -x + g W^T x``, or ``x' = g W^T x``.

    Returns
    -------
    TransientGain

    Raises
    ------
    ValueError
        For a stack, or if activity does not settle; the error states the limit of gain.
    RuntimeError
        If activity needs more than 20,000 looks to fall below 1.

    Notes
    -----
    Looked at from the start until the norm has fallen below 1, after which it cannot exceed what it has been. Looks are
    so close that it cannot grow by more than 2 % between them, as the numerical abscissa bounds; the best is refined.

    References
    ----------
    Trefethen & Embree 2005, doi:10.1515/9780691213101; in cortical circuits Hennequin, Vogels & Gerstner 2014,
    doi:10.1016/j.neuron.2014.04.045.

    Examples
    --------
    >>> import netanalysis as na
    >>> found = na.transient_gain([[0, 4.0], [0, 0]])
    >>> round(found.gain, 6), round(found.time, 4)
    (1.569775, 0.866)
    """
    from scipy.linalg import expm
    from scipy.optimize import minimize_scalar

    from netanalysis.structure._leading import leading_value, require_steady_state

    options.choice(dynamics, get_args(Dynamics), "dynamics")
    g = options.number_in(gain, "gain", above=0)
    w = stacks.one_network(net, instead="ask for the gain of each network by itself")
    require_steady_state(leading_value(net, w, dynamics), g, dynamics)
    gw = g * _dense(w, "transient_gain")
    n = len(gw)

    def norm(m: NDArray[np.float64]) -> float:
        return float(np.linalg.norm(m, 2))

    with parallel.one_blas_thread():
        if dynamics == "discrete":
            steps, best = _first_best(np.eye(n), gw, norm)
            time = float(steps)
        else:
            a = gw - np.eye(n)
            growth = float(np.linalg.eigvalsh(0.5 * (a + a.T))[-1])
            if growth <= 0:  # activity never grows
                time, best = 0.0, np.eye(n)
            else:
                step = _GROWTH / growth
                looks, _ = _first_best(np.eye(n), expm(step * a), norm)
                around = (max(0.0, (looks - 1) * step), (looks + 1) * step)
                found = minimize_scalar(
                    lambda t: -norm(expm(t * a)), bounds=around, method="bounded", options={"xatol": 1e-9 * around[1]}
                )
                time, best = float(found.x), expm(float(found.x) * a)
        left, values, right = np.linalg.svd(best)
    return TransientGain(max(1.0, float(values[0])), float(time), left[:, 0], right[0])


def _first_best(start: NDArray[np.float64], step: NDArray[np.float64], norm: Any) -> tuple[int, NDArray[np.float64]]:
    """How many steps, and their product, that are the largest before products fall below 1 for good."""
    power, best, at, largest = start, start, 0, 1.0
    for k in range(1, _LOOKS + 1):
        power = power @ step
        size = norm(power)
        if size > largest:
            best, at, largest = power, k, size
        if size < 1:
            return at, best
    raise RuntimeError(
        f"activity has not settled after {_LOOKS:,} looks: it decays very slowly beside the rate at which it grows. "
        "Lower gain"
    )


def _dense(net: Network, measure: str) -> NDArray[np.float64]:
    return validate.dense(
        validate.as_weights(net),
        measure=measure,
        instead="transform.subset(net, nodes) for a part of it, or spectral_radius and leading_real_part",
    )
