"""Average and modal controllability: what driving one node alone can do to a linear network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import parallel
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._leading import Dynamics
from netanalysis.structure._linear_system import Scaling, as_horizon, gramian, linear_system

__all__ = ["average_controllability", "modal_controllability"]

_UNIQUE = 1e-8  # eigenvalues closer than this share of the largest have no eigenvectors of their own


@takes_stacks
def average_controllability(
    net: Network,
    *,
    dynamics: Dynamics = "discrete",
    horizon: float = np.inf,
    scaling: Scaling = "eigenvalue",
) -> NDArray[np.float64]:
    """Trace of the Gramian of each node driven alone: the energy of the network's response to an impulse there.

    ``sum_t |A^t e_i|^2`` (discrete) or ``integral |exp(A t) e_i|^2 dt`` (continuous), with ``A = W^T / c``, less the
    identity in continuous time.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included. Sparse networks become dense.
    dynamics : {"discrete", "continuous"}
        ``x(t + 1) = A x(t)``, or ``dx/dt = A x``.
    horizon : float
        How long the response is followed: steps (t = 0 … horizon - 1) or time constants. inf by default; nctpy takes
        inf in discrete and 1 in continuous time.
    scaling : {"eigenvalue", "singular_value", None}
        c: 1 + the largest modulus of an eigenvalue; 1 + the largest singular value, the same if W is symmetric; or 1.
        Because of the 1, values depend on the unit of the weights.

    Returns
    -------
    ndarray, shape (..., n)
        At least 1 in discrete time. Without connections 1, or ``(1 - exp(-2 horizon)) / 2``.

    Raises
    ------
    ValueError
        If activity does not settle, which only ``scaling=None`` or an eigenvalue beyond 1e12 brings about.
    MemoryError
        If a sparse network is too large to be dense.

    References
    ----------
    Gu et al. 2015, doi:10.1038/ncomms9414; Karrer et al. 2020, doi:10.1088/1741-2552/ab6e8b.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.average_controllability([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]]).round(6)
    array([1.182744, 1.91372 , 1.730976])
    """
    a, _, lead = linear_system(net, dynamics, scaling, "average_controllability")
    n = a.shape[-1]
    # What starts at node i, seen at every node: the Gramian of the transposed system has it on its diagonal.
    with parallel.one_blas_thread():
        found = gramian(np.swapaxes(a, -1, -2), np.eye(n), as_horizon(horizon, dynamics, "horizon"), dynamics)
    return np.diagonal(found, axis1=-2, axis2=-1).reshape(*lead, n).copy()


@takes_stacks
def modal_controllability(net: Network, *, scaling: Scaling = "eigenvalue") -> NDArray[np.float64]:
    """How well each node reaches the modes that decay fast: ``sum_j (1 - |lambda_j|^2) |v_ij|^2``.

    lambda_j are eigenvalues of ``W / c`` and v_j its right eigenvectors, of length 1: an input u at node i moves mode
    j of ``x(t + 1) = (W / c)^T x(t)`` by ``v_ij u``. Time is discrete.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included. Sparse networks become dense.
    scaling : {"eigenvalue", "singular_value", None}
        c, as in :func:`average_controllability`.

    Returns
    -------
    ndarray, shape (..., n)
        Of a symmetric network between 0 and 1, ``1 - diag((W / c)^2)``: it falls with the sum of squared weights.

    Raises
    ------
    ValueError
        If activity does not settle; if a network that is not symmetric has eigenvalues that coincide (as networks
        do in which several nodes lie on no cycle): its eigenvectors, and so the values, are not unique then.
    MemoryError
        If a sparse network is too large to be dense.

    Notes
    -----
    For directed networks nctpy takes Schur vectors, which depend on the order of the eigenvalues.

    References
    ----------
    Gu et al. 2015, doi:10.1038/ncomms9414; Hamdan & Nayfeh 1989, doi:10.2514/3.20424.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.modal_controllability([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]]).round(5)
    array([0.90451, 0.52254, 0.61803])
    """
    a, _, lead = linear_system(net, "discrete", scaling, "modal_controllability")
    out = np.empty(a.shape[:-1])
    for k, m in enumerate(a):
        if np.array_equal(m, m.T):
            out[k] = 1 - (m * m).sum(axis=1)
            continue
        values, vectors = np.linalg.eig(m.T)
        _require_unique(values)
        out[k] = np.abs(vectors) ** 2 @ (1 - np.abs(values) ** 2)
    return out.reshape(*lead, a.shape[-1])


def _require_unique(values: NDArray[Any]) -> None:
    largest = np.abs(values).max()
    gaps = np.abs(values[:, None] - values) + np.diag(np.full(len(values), np.inf))
    if np.min(gaps, initial=np.inf) <= _UNIQUE * largest:
        close = int((gaps.min(axis=1) <= _UNIQUE * largest).sum())
        raise ValueError(
            f"modal_controllability needs eigenvectors that are unique, and {close} eigenvalues of this directed "
            "network coincide: use average_controllability, or transform.symmetrize(net) first"
        )
