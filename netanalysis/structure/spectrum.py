"""Eigenvalues of the weights, signed as they are, and the numbers read from them."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, stacks, undefined, validate
from netanalysis._core.eigenvalues import eigenvalues as all_eigenvalues
from netanalysis._core.eigenvalues import extreme_eigenvalue
from netanalysis._core.types import Network, takes_stacks
from netanalysis.connectome import Connectome

__all__ = [
    "eigenvalues",
    "leading_real_part",
    "spectral_entropy",
    "spectral_participation_ratio",
    "spectral_radius",
]

_ALL_ZERO = "every eigenvalue is 0, as no cycle passes through any node or cycles cancel"

# A Connectome cannot change, so the measures below share one decomposition of it while it lives.
_known: WeakKeyDictionary[Connectome, NDArray[np.complex128]] = WeakKeyDictionary()


@takes_stacks
def eigenvalues(net: Network) -> NDArray[np.complex128]:
    """All eigenvalues of W, signed and with its diagonal.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Sparse input is made dense, up to the limit stated in the error beyond it.

    Returns
    -------
    ndarray of complex, shape (..., n)
        In no particular order (ascending for an exactly symmetric W, whose eigenvalues are real).

    Notes
    -----
    They are those of the strongly connected parts of the network: whatever connections lead from one part to another
    and however strong, they do not matter, and a node on no cycle contributes exactly its self-connection, 0 without.

    *Multiple eigenvalues within a part*, 0 above all, may be defective: k equal ones with one eigenvector (a Jordan
    block of size k). Any algorithm finds them spread round the true one at a distance of about ``(1e-16)^(1/k)`` times
    the norm of W, for that is how far a rounding error of the weights moves them: 1e-8 for k = 2, no matter to any
    measure, but 1e-2 for k = 9. Where cycles cancel so that a power of W is exactly 0, eigenvalues are exactly 0: that
    is told without rounding. Numbers of other such networks, :func:`spectral_entropy` first, are those of some network
    within rounding of W. So it is with cycles joined one way by strong connections and back by one that is all but 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.eigenvalues([[0, 4.0], [1.0, 0]])
    array([ 2.+0.j, -2.+0.j])
    """
    if not isinstance(net, Connectome):
        return all_eigenvalues(validate.as_weights(net)).copy()
    if net not in _known:
        _known[net] = all_eigenvalues(net.weights)
    return _known[net].copy()


@takes_stacks
def spectral_radius(net: Network, *, tolerance: float = 1e-10) -> Any:
    """Largest modulus of an eigenvalue, ``max_k |lambda_k|``.

    Below 1 a linear network with these weights forgets, above 1 its activity grows. Exactly 0 if no cycle
    passes through any node, or cycles cancel so that a power of W is 0.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Sparse networks are split into strongly connected components (whose spectra together are that of W);
        components of 500 nodes or more go to ARPACK, from a fixed starting vector, so the answer repeats.
    tolerance : float
        Relative accuracy asked of ARPACK. Where many eigenvalues have nearly the largest modulus, as in random
        signed networks, the one found may be the second or third of them, off by about the gap between them.

    Returns
    -------
    float, or array over the leading axes

    Raises
    ------
    RuntimeError
        If ARPACK does not get there in a few thousand products; ask for a looser tolerance.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.spectral_radius([[3.0, 5], [0, -4]])
    4.0
    """
    tolerance = options.number_in(tolerance, "tolerance", at_least=0)
    w = validate.as_weights(net)
    if sparse.issparse(w):
        return float(np.abs(extreme_eigenvalue(w, "LM", tolerance)))
    return stacks.number(np.abs(eigenvalues(net)).max(axis=-1))


@takes_stacks
def leading_real_part(net: Network, *, log: bool = False, tolerance: float = 1e-10) -> Any:
    """Largest real part of an eigenvalue, ``max_k Re(lambda_k)``.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights. Sparse networks as in :func:`spectral_radius`.
    log : bool
        Return its natural logarithm, the leading eigenvalue statistic of Sheeran et al.
        (doi:10.48550/arXiv.2409.17693); nan where the real part is not positive.
    tolerance : float
        For large sparse networks, as in :func:`spectral_radius`.

    Returns
    -------
    float, or array over the leading axes

    Raises
    ------
    RuntimeError
        If ARPACK does not get there in a few thousand products; ask for a looser tolerance.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.leading_real_part([[0, -4.0], [1.0, 0]])
    0.0
    """
    options.flags(log=log)
    tolerance = options.number_in(tolerance, "tolerance", at_least=0)
    w = validate.as_weights(net)
    if sparse.issparse(w):
        value = np.asarray(extreme_eigenvalue(w, "LR", tolerance).real)
    else:
        value = eigenvalues(net).real.max(axis=-1)
    if log:
        value = np.log(value, out=np.full(value.shape, np.nan), where=value > 0)
    return undefined.spoken(stacks.number(value), "leading_real_part", "a real part that is not positive has no log")


def _moduli(net: Network) -> NDArray[np.float64]:
    """Magnitudes of all eigenvalues; 0 where they are 0 but for rounding, beside the largest of the network."""
    moduli = np.abs(eigenvalues(net))
    rounding = moduli.shape[-1] * np.finfo(float).eps * moduli.max(axis=-1, keepdims=True)
    return np.where(moduli <= rounding, 0.0, moduli)


@takes_stacks
def spectral_entropy(net: Network) -> Any:
    """Shannon entropy of the eigenvalue moduli, in bits.

    ``l_k = |lambda_k(W)|``, ``q_k = l_k / sum l``, ``SE = - sum_k q_k log2 q_k`` with 0 log 0 = 0: log2(n) for
    any orthogonal W, 0 for a single non-zero eigenvalue. Not the von Neumann entropy of a density matrix, and no
    histogram (Sheeran et al., doi:10.48550/arXiv.2409.17693).

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included. Too large a sparse network is refused; for a symmetric one see
        :func:`estimate_spectral_entropy`.

    Returns
    -------
    float, or array over the leading axes
        nan if every eigenvalue is 0: there is no distribution to speak of. Eigenvalues of nodes on no cycle are
        exactly 0 and count nothing; for multiple ones within strongly connected parts see :func:`eigenvalues`.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.spectral_entropy([[0, 1.0], [-1, 0]])
    1.0
    """
    moduli = _moduli(net)
    total = moduli.sum(axis=-1, keepdims=True)
    share = stacks.ratio(moduli, total)
    logs = np.log2(share, out=np.zeros_like(share), where=share != 0)
    entropy = stacks.number(np.abs(-(share * logs).sum(axis=-1)))  # abs: a single eigenvalue gives 0, not -0
    return undefined.spoken(entropy, "spectral_entropy", _ALL_ZERO)


@takes_stacks
def spectral_participation_ratio(net: Network) -> Any:
    """How many eigenvalues share the spectrum, ``(sum_k l_k)^2 / sum_k l_k^2`` with ``l_k = |lambda_k(W)|``.

    From 1 (one eigenvalue carries all) to n (equal moduli); for a covariance matrix it is the participation ratio
    of principal components (Gao & Ganguli, doi:10.1016/j.conb.2015.04.003).

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed weights, diagonal included.

    Returns
    -------
    float, or array over the leading axes
        nan if every eigenvalue is 0.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.spectral_participation_ratio([[2.0, 0, 0], [0, -2.0, 0], [0, 0, 0]])
    2.0
    """
    moduli = _moduli(net)
    # Scaled first, so that squares neither overflow nor vanish.
    top = moduli.max(axis=-1, keepdims=True)
    scaled = stacks.ratio(moduli, top)
    ratio = stacks.number(scaled.sum(axis=-1) ** 2 / (scaled**2).sum(axis=-1))
    return undefined.spoken(ratio, "spectral_participation_ratio", _ALL_ZERO)
