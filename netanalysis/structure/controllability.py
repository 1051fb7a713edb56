"""Average and modal controllability: what driving one node alone can do to a linear network."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import components, options, parallel, stacks
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._leading import Dynamics
from netanalysis.structure._linear_system import DOUBLINGS, Scaling, as_horizon, gramian, linear_system

__all__ = ["average_controllability", "modal_controllability"]

Modes = Literal["schur", "eigenvectors"]
Array = NDArray[np.float64]

_PRODUCTS = 48  # in which all modes less than half as large as the leading one round away
_UNIQUE = 1e-8  # eigenvalues closer than this share of the largest have no eigenvectors of their own


@takes_stacks
def average_controllability(
    net: Network,
    *,
    dynamics: Dynamics = "discrete",
    horizon: float = np.inf,
    scaling: Scaling = "eigenvalue",
) -> Array:
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
        If activity does not settle, which only ``scaling=None`` or weights beyond 1e12 bring about.
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
    until = as_horizon(horizon, dynamics, "horizon")
    # What starts at node i, seen at every node: the Gramian of the transposed system has it on its diagonal.
    turned = np.swapaxes(a, -1, -2)
    symmetric = (a == turned).all(axis=(-2, -1))
    out = np.empty(a.shape[:-1])
    with parallel.one_blas_thread():
        if symmetric.any():
            values, vectors = np.linalg.eigh(a[symmetric])
            out[symmetric] = (vectors**2 @ _response(values, until, dynamics)[..., None])[..., 0]
        if not symmetric.all():
            start = turned[~symmetric]
            if dynamics == "discrete" and np.isinf(until):
                out[~symmetric] = _without_leading_mode(start)
            else:
                found = gramian(start, np.eye(a.shape[-1]), until, dynamics)
                out[~symmetric] = np.diagonal(found, axis1=-2, axis2=-1)
    return out.reshape(*lead, a.shape[-1])


def _without_leading_mode(a: Array) -> Array:
    """Diagonals of ``sum_t A^t (A^T)^t``, where one mode of most networks decays far more slowly than all others.

    With right and left vectors v and u of that mode, ``u^T v = 1``, ``A^t = r^t v u^T + B^t (I - v u^T)`` and
    ``B = A - r v u^T``. Sums over r are closed, and those over B are short.
    """
    v, u, r, alone = _leading_mode(a)
    v, u, r = (np.where(alone[:, None], x, 0.0) for x in (v, u, r[:, None]))
    rest = a - (r * v)[..., None] * u[:, None]
    size = (u**2).sum(axis=-1, keepdims=True)
    cross = np.linalg.solve(np.eye(a.shape[-1]) - r[..., None] * rest, (u - v * size)[..., None])[..., 0]
    out = np.array([_sum_of_squares(b) for b in rest])
    return np.asarray(out + 2 * v * (cross - u) + v**2 * size * (1 + 1 / ((1 - r) * (1 + r))))


def _sum_of_squares(step: Array) -> Array:
    """The diagonal of ``sum_t B^t (B^T)^t`` by doubling, as long as the next doubling is more than rounding."""
    part = np.eye(len(step))
    for doubling in range(DOUBLINGS):
        moved = step @ part if doubling else step
        if (step**2).sum() ** 2 < 1e-17:
            return np.asarray(np.diagonal(part) + (moved * step).sum(axis=-1))
        part = part + moved @ step.T
        step = step @ step
    return np.asarray(np.diagonal(part))


def _leading_mode(a: Array) -> tuple[Array, Array, Array, Any]:
    """Right and left vectors and value of the mode that products with A leave; where there is one, well conditioned."""
    v = u = np.ones(a.shape[:-1])
    for _ in range(_PRODUCTS):
        v, u = (_unit((m @ x[..., None])[..., 0]) for m, x in ((a, v), (np.swapaxes(a, -1, -2), u)))
    moved = (a @ v[..., None])[..., 0]
    r, both = (v * moved).sum(axis=-1), (u * v).sum(axis=-1)
    left = (np.swapaxes(a, -1, -2) @ u[..., None])[..., 0]
    error = np.maximum(*(np.abs(x - r[:, None] * y).max(axis=-1) for x, y in ((moved, v), (left, u))))
    alone = (error <= 4e-15) & (np.abs(both) > 0.1) & (np.abs(r) > 0.5)
    return v, stacks.ratio(u, both[:, None], otherwise=0.0), r, alone


def _unit(x: Array) -> Array:
    return np.asarray(stacks.ratio(x, np.linalg.norm(x, axis=-1, keepdims=True), otherwise=0.0))


def _response(values: Array, horizon: float, dynamics: str) -> Array:
    """Sum or integral of the squared response of a mode of length 1, by its eigenvalue in A."""
    if dynamics == "continuous":
        return np.expm1(2 * horizon * values) / (2 * values)
    size = np.abs(values)
    with np.errstate(divide="ignore"):  # log(0) leads to 0 ** (2 horizon)
        return -np.expm1(2 * horizon * np.log(size)) / ((1 - size) * (1 + size))


@takes_stacks
def modal_controllability(net: Network, *, scaling: Scaling = "eigenvalue", modes: Modes = "schur") -> Array:
    """How well each node reaches the modes that decay fast: ``sum_j (1 - |lambda_j|^2) |v_ij|^2``.

    lambda_j are eigenvalues of ``W / c``, v_j the vectors of its modes, of length 1: an input u at node i moves mode j
    of ``x(t + 1) = (W / c)^T x(t)`` by ``v_ij u``. Time is discrete.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included. Sparse networks become dense.
    scaling : {"eigenvalue", "singular_value", None}
        c, as in :func:`average_controllability`.
    modes : {"schur", "eigenvectors"}
        v_j. The same for symmetric and all other normal networks, whose eigenvectors are orthogonal. For others,
        Schur vectors, the slowest modes first: each the part of a mode that is orthogonal to all slower ones. Or right
        eigenvectors of W as they are (Hamdan & Nayfeh), which have to be unique.

    Returns
    -------
    ndarray, shape (..., n)
        By Schur vectors between 0 and 1, with the sum ``sum_j (1 - |lambda_j|^2)``; of a symmetric network
        ``1 - diag((W / c)^2)``, which falls with the sum of squared weights.

    Raises
    ------
    ValueError
        If activity does not settle; with ``modes="eigenvectors"`` if a network that is not symmetric has eigenvalues
        that coincide (as networks do in which several nodes lie on no cycle).
    MemoryError
        If a sparse network is too large to be dense.

    Notes
    -----
    Schur vectors in order of ``|lambda|`` have a meaning without eigenvectors: with P(r) the orthogonal projection onto
    all modes slower than r, ``1 - |P(r) e_i|^2`` is the share of an impulse at node i that decays as ``r^t`` or faster,
    and modal controllability is its mean over ``r^2`` between 0 and 1. Eigenvalues that coincide fall into the same
    step of P, so that values are unique, and change little with the weights, for every network. nctpy takes real Schur
    vectors too, in the order in which LAPACK finds them, which is not defined and differs with the order of the nodes,
    and of a complex eigenvalue the real part alone: for networks that are not symmetric its values differ.

    References
    ----------
    Gu et al. 2015, doi:10.1038/ncomms9414; Hamdan & Nayfeh 1989, doi:10.2514/3.20424.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.modal_controllability([[0, 1.0, 0], [1, 0, 2], [0, 2, 0]]).round(5)
    array([0.90451, 0.52254, 0.61803])
    """
    options.choice(modes, get_args(Modes), "modes")
    a, _, lead = linear_system(net, "discrete", scaling, "modal_controllability")
    w = np.swapaxes(a, -1, -2)
    out = np.empty(a.shape[:-1])
    symmetric = (a == w).all(axis=(-2, -1))
    out[symmetric] = 1 - (a[symmetric] ** 2).sum(axis=-1)
    others = np.flatnonzero(~symmetric)
    with parallel.one_blas_thread():
        for k in others:
            out[k] = _by_schur_vectors(w[k]) if modes == "schur" else _by_eigenvectors(w[k])
    return out.reshape(*lead, a.shape[-1])


def _by_eigenvectors(w: Array) -> Array:
    values, vectors = np.linalg.eig(w)
    largest = np.abs(values).max()
    gaps = np.abs(values[:, None] - values) + np.diag(np.full(len(values), np.inf))
    if np.min(gaps, initial=np.inf) <= _UNIQUE * largest:
        close = int((gaps.min(axis=1) <= _UNIQUE * largest).sum())
        raise ValueError(
            f'modal_controllability with modes="eigenvectors" needs eigenvectors that are unique, and {close} '
            'eigenvalues of this directed network coincide: use modes="schur", which any network has'
        )
    return np.asarray(np.abs(vectors) ** 2 @ (1 - np.abs(values) ** 2))


def _by_schur_vectors(w: Array) -> Array:
    """Real Schur vectors, moved into the order of the modulus of their eigenvalues; conjugates stay together."""
    from scipy.linalg import lapack, schur

    # Strongly connected parts one after the other: what leads from part to part must not round into their eigenvalues,
    # which as those of nodes on no cycle would else be spread by the n-th root of the precision.
    member = components.strong_components(w[None])[1][0]
    order = np.argsort(-member, kind="stable")
    t, q = (np.asfortranarray(m) for m in schur(w[np.ix_(order, order)], output="real"))
    n, done = len(w), 0
    size, begins, paired = _blocks(t)
    while done < n:
        place = done + int(np.argmax(np.where(begins[done:], size[done:], -1.0)))
        width = 2 if paired[place] else 1
        if place != done:
            # Blocks too close to be exchanged in double precision stay as they are: their moduli hardly differ.
            t, q, _ = lapack.dtrexc(t, q, place + 1, done + 1, overwrite_a=1, overwrite_q=1)
            size, begins, paired = _blocks(t)
            width = 2 if paired[done] else 1
        done += width
    out = np.empty(n)
    out[order] = q**2 @ (1 - size)
    return out


def _blocks(t: Array) -> tuple[Any, Any, Any]:
    """Of each row of a real Schur form: |lambda|^2; does a block begin there, and is it one of two conjugates?"""
    low = np.diagonal(t, -1) != 0
    diagonal = np.diagonal(t)
    size = diagonal**2
    first = np.flatnonzero(low)
    size[first] = size[first + 1] = diagonal[first] * diagonal[first + 1] - t[first, first + 1] * t[first + 1, first]
    return size, np.concatenate([[True], ~low]), np.concatenate([low, [False]])
