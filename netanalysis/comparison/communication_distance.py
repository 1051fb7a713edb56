"""Distance between the communicabilities of two networks."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, stacks, validate
from netanalysis._core.types import Network
from netanalysis.comparison._distributions import jensen_shannon, wasserstein
from netanalysis.comparison._pairs import LARGE, Parts, in_parts, over, sized
from netanalysis.structure.communicability import Normalize, communicability

__all__ = ["communicability_distance"]

Variant = Literal["wasserstein", "divergence"]


def _sequence(net: Any, variant: str, normalize: Normalize) -> NDArray[np.float64]:
    w = validate.as_weights(net)
    c = communicability(w, normalize=normalize)
    validate.require_nonnegative(
        c, "exp(W)", measure="communicability_distance", instead='Take normalize="out", which uses magnitudes'
    )
    if variant == "wasserstein":
        return np.asarray(np.sort(c, axis=None) / c.mean())
    if not validate.is_symmetric(w):
        raise ValueError(
            'variant="divergence" needs undirected networks; got a directed one. Symmetrise both, '
            'na.transform.symmetrize(net), or take variant="wasserstein"'
        )
    values = np.sort(c[np.triu_indices(len(c))])[::-1]
    return np.asarray(stacks.ratio(values, values.sum()))


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    length = max(len(p), len(q))
    return jensen_shannon(*(np.pad(x, (0, length - len(x))) for x in (p, q)))


def _wasserstein(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return wasserstein(x, y, 1)


@sized("communicability_distance", LARGE)
def _parts(*, variant: Variant = "wasserstein", normalize: Normalize = "out") -> Parts:
    options.choice(variant, get_args(Variant), "variant")
    if normalize not in ("out", "in", "both", None):
        raise ValueError(f"normalize must be one of ['out', 'in', 'both', None]; got {normalize!r}")
    describe = partial(_sequence, variant=variant, normalize=normalize)
    return Parts(describe, _wasserstein if variant == "wasserstein" else _divergence)


@in_parts(_parts)
def communicability_distance(
    a: Network, b: Network, *, variant: Variant = "wasserstein", normalize: Normalize = "out"
) -> Any:
    r"""Distance between how two networks spread their communicability over pairs of nodes.

    Parameters
    ----------
    a, b : network or stack (..., n, n)
        Leading axes are matched as numpy broadcasts.
    variant : {"wasserstein", "divergence"}
        "wasserstein": area between the cumulative distributions of ``C[i, j] / mean(C)`` over all pairs, self included,
        so that networks of any size and direction compare. "divergence": Jensen-Shannon divergence in bits of the
        shares ``C[i, j] / sum(C)`` over pairs i <= j, sorted, as published; undirected networks of the same size (the
        shares of a smaller one are filled up with zeros, so that size itself counts).
    normalize : {"out", "in", "both", None}
        As for :func:`communicability`; the paper takes None of binary networks.

    Returns
    -------
    float, or array over the leading axes
        Symmetric, 0 for relabelled networks. "wasserstein" obeys the triangle inequality, of "divergence" the root
        does. 0 does not mean the same network.

    Raises
    ------
    ValueError
        "divergence" of directed networks; ``normalize=None`` of networks whose exponential has negative entries.

    References
    ----------
    Chen, Shi, Qin, Xu & Pan 2018, doi:10.1103/PhysRevE.98.012319.

    Examples
    --------
    >>> import netanalysis as na
    >>> chain = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    >>> triangle = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    >>> round(na.communicability_distance(chain, triangle, variant="divergence", normalize=None), 6)
    0.016951
    """
    return over(a, b, _parts(variant=variant, normalize=normalize))
