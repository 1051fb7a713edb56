"""Spectral distance: how far apart the eigenvalues of two networks are."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, stacks, validate
from netanalysis._core.types import Network
from netanalysis.comparison._distributions import wasserstein
from netanalysis.comparison._pairs import LARGE, Parts, in_parts, over, sized

__all__ = ["spectral_distance"]

Matrix = Literal["normalized_laplacian", "laplacian", "adjacency", "singular_values"]
Rule = Literal["wasserstein", "padded"]


def _spectrum(net: Any, matrix: str) -> NDArray[np.float64]:
    """Sorted eigenvalues, or singular values, the largest first."""
    w = validate.as_weights(net)
    w = validate.dense(w, measure="spectral_distance", instead="a part of the network, na.transform.subset")
    if matrix == "singular_values":
        return np.asarray(np.linalg.svd(w, compute_uv=False))
    if not validate.is_symmetric(w):
        raise ValueError(
            f"matrix={matrix!r} needs undirected networks; got a directed one. Symmetrise both, "
            'na.transform.symmetrize(net), or take matrix="singular_values", which are defined for both'
        )
    if matrix == "adjacency":
        return np.asarray(np.linalg.eigvalsh(w)[::-1])
    validate.require_nonnegative(
        w, "the network", measure=f"matrix={matrix!r}", instead="Take na.transform.absolute(net) of both"
    )
    w = w - np.diag(np.diag(w))
    strength = w.sum(axis=1)
    if matrix == "laplacian":
        return np.maximum(np.linalg.eigvalsh(np.diag(strength) - w)[::-1], 0.0)
    root = stacks.ratio(1.0, np.sqrt(strength), otherwise=0.0)
    there = (strength > 0).astype(float)
    return np.clip(np.linalg.eigvalsh(np.diag(there) - root[:, None] * w * root)[::-1], 0.0, 2.0)


def _padded(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    longest = max(len(x), len(y))
    return float(np.linalg.norm(_sorted_with_zeros(x, longest) - _sorted_with_zeros(y, longest)))


def _sorted_with_zeros(x: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.sort(np.pad(x, (0, length - len(x))))


@sized("spectral_distance", LARGE)
def _parts(*, matrix: Matrix = "normalized_laplacian", rule: Rule = "wasserstein", order: int = 1) -> Parts:
    options.choice(matrix, get_args(Matrix), "matrix")
    options.choice(rule, get_args(Rule), "rule")
    if order not in (1, 2) or isinstance(order, bool):
        raise ValueError(f"order must be 1 or 2; got {order!r}")
    return Parts(partial(_spectrum, matrix=matrix), _padded if rule == "padded" else partial(_quantiles, order=order))


def _quantiles(x: NDArray[np.float64], y: NDArray[np.float64], order: int) -> float:
    return wasserstein(x, y, order)


@in_parts(_parts)
def spectral_distance(
    a: Network,
    b: Network,
    *,
    matrix: Matrix = "normalized_laplacian",
    rule: Rule = "wasserstein",
    order: int = 1,
) -> Any:
    r"""Distance between the spectra of two networks of any size. 0 does not mean that they are the same network.

    Parameters
    ----------
    a, b : network or stack (..., n, n)
        Leading axes are matched as numpy broadcasts.
    matrix : {"normalized_laplacian", "laplacian", "adjacency", "singular_values"}
        With S the strengths and W without self-connections:

        "normalized_laplacian" ``I - S^-1/2 W S^-1/2``: eigenvalues in [0, 2] whatever the size and the unit of the
        weights; 0 for a node without connections;
        "laplacian" ``S - W``;
        "adjacency" ``W`` with its self-connections, signed or not: eigenvalues grow with weights and size;
        "singular_values" of W as it is, the only one for directed networks.
    rule : {"wasserstein", "padded"}
        "wasserstein": ``(∫ |F_a^-1(q) - F_b^-1(q)|^order dq)^(1/order)``, between the quantiles of both spectra: of
        networks of equal size, the mean difference of sorted eigenvalues (order 1) or its root mean square (order 2).
        "padded": the Euclidean distance of sorted eigenvalues, the shorter list filled up with zeros, as isolated
        nodes would fill up the smaller network; it grows with size.
    order : {1, 2}
        Of the Wasserstein distance.

    Returns
    -------
    float, or array over the leading axes
        Symmetric, and the triangle inequality holds; networks with the same spectrum are at 0, so that it is no metric
        of networks: a star of 5 nodes and a ring of 4 with one node alone have the same adjacency spectrum.

    Raises
    ------
    ValueError
        Directed networks, unless "singular_values"; negative weights, for the Laplacians.
    MemoryError
        A sparse network too large to be dense.

    References
    ----------
    Wilson & Zhu 2008, doi:10.1016/j.patcog.2008.03.011 (padded); Gu, Hua & Liu 2015, doi:10.1016/j.dam.2015.04.011
    (distributions of eigenvalues).

    Examples
    --------
    >>> import netanalysis as na
    >>> star = [[0, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0]]
    >>> ring = [[0, 1, 0, 1, 0], [1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]]
    >>> round(na.spectral_distance(star, ring, matrix="adjacency"), 6)
    0.0
    >>> round(na.spectral_distance(star, ring, matrix="laplacian"), 6)
    0.8
    """
    return over(a, b, _parts(matrix=matrix, rule=rule, order=order))
