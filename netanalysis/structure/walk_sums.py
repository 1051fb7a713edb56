"""The resolvent: signed pathways of all lengths, damped and summed, by one linear solve.

After Sharma, Goodman & Akarca (doi:10.48550/arXiv.2605.03598).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import _walks
from netanalysis.structure._leading import leading_value
from netanalysis.structure.pathways import damping, pathways

__all__ = ["resolvent"]


@takes_stacks
def resolvent(
    net: Network,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    alpha: float = 0.9,
    normalize: str | float | None = "spectral_radius",
    max_hops: int | None = None,
    leak: float | None = None,
) -> NDArray[np.float64]:
    """Damped sum of the pathways of all lengths, ``sum_k (alpha W*)^k`` from inputs to outputs, W* = W / scale.

    ``(alpha/l)^c W_in (I - alpha W / l)^-1 W_out`` with l the scale and c = 0, 1 or 2 the number of ends given as
    weights, by a linear solve for the thinner end. With `max_hops` the sum stops there, as a sequence of
    ``max_hops + 1`` inputs does.

    Parameters
    ----------
    net, inputs, outputs, leak
        As in :func:`pathways`. Strongly connected parts of more than 2,000 nodes of a sparse network are solved by
        BiCGSTAB or GMRES (relative residual 1e-12), one column of the thinner end at a time.
    alpha : float
        Damping per hop.
    normalize : {"spectral_radius", None} or positive float
        As in :func:`pathways`.
    max_hops : int, optional
        Largest number of recurrent hops; without it all.

    Returns
    -------
    ndarray, shape (..., n_in, n_out)

    Raises
    ------
    ValueError
        If the infinite sum diverges, ``alpha * spectral radius / scale >= 1``; the error states the limit. If it
        converges, but grows so much among nodes on cycles before it does that rounding is all that would be left (a
        condition number above 1e14, named in the error).
    OverflowError
        If it exceeds double precision.

    Notes
    -----
    Solved in the order of the strongly connected parts of the network, so that feed-forward connections, along which
    walks may grow without bound, cost no digits, and pairs without a pathway have exactly 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.resolvent([[0, 1.0], [0, 0]], inputs=[0], outputs=[1], alpha=0.5, normalize=None)
    array([[0.5]])
    """
    if max_hops is not None:
        return pathways(
            net, inputs=inputs, outputs=outputs, max_hops=max_hops, alpha=alpha, normalize=normalize, leak=leak
        ).total
    w, left, right = _walks.block_graph(net, inputs, outputs, leak)
    own = leading_value(net if leak is None else None, w, "discrete")
    alpha, scale = damping(w, alpha, normalize, own)
    factor = alpha / np.asarray(scale)
    radius = np.abs(factor) * own
    # An eigenvalue computed to rounding must not decide whether exactly 1 converges.
    if np.any(radius >= 1 - 1e-12):
        limit = abs(alpha) / radius.max()
        raise ValueError(
            f"the sum over pathways of all lengths converges for alpha below {limit:.6g} (scale / spectral radius); "
            f"got alpha={alpha:g}. Lower alpha, or give max_hops. The steady state of a linear network can exist all "
            "the same: na.influence(net, sources=...)"
        )
    scaled = w * float(factor) if sparse.issparse(w) else w * factor[..., None, None]
    with np.errstate(over="ignore", invalid="ignore"):
        total = _walks.over_stack(_walks.solve, scaled, left, right)
    if not np.isfinite(total).all():
        raise OverflowError(
            "the sum over pathways exceeds double precision: it converges, but walks grow that much along strong "
            "connections first. Lower alpha, or give max_hops"
        )
    return np.asarray(total * (factor ** _walks.weight_blocks(left, right))[..., None, None])
