"""Eigenvalues of the weights, signed as they are, and the numbers read from them."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis import _kernels, _parallel, _validate
from netanalysis.connectome import Connectome

__all__ = [
    "eigenvalues",
    "leading_real_part",
    "spectral_entropy",
    "spectral_participation_ratio",
    "spectral_radius",
]

# Below this size LAPACK's full spectrum is as fast as ARPACK's single eigenvalue, and never fails to converge.
_ARPACK_FROM = 500

# Up to this size general matrices go to a kernel that takes four at a time and leaves Python free for other threads;
# alone, a matrix takes it up to 1.3 times as long as LAPACK.
_KERNEL_UP_TO = 200

# A Connectome cannot change, so the measures below share one decomposition of it while it lives.
_known: WeakKeyDictionary[Connectome, NDArray[np.complex128]] = WeakKeyDictionary()


def eigenvalues(net: Any) -> NDArray[np.complex128]:
    """All eigenvalues of W, signed and with its diagonal.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Sparse input is made dense, up to the limit stated in the error beyond it.

    Returns
    -------
    ndarray of complex, shape (..., n)
        In no particular order (ascending for an exactly symmetric W, whose eigenvalues are real).

    Examples
    --------
    >>> import netanalysis as na
    >>> na.eigenvalues([[0, 4.0], [1.0, 0]])
    array([ 2.+0.j, -2.+0.j])
    """
    if not isinstance(net, Connectome):
        return _eigenvalues(_validate.as_weights(net))
    if net not in _known:
        _known[net] = _eigenvalues(net.weights)
    return _known[net].copy()


def _eigenvalues(w: Any) -> NDArray[np.complex128]:
    w = _validate.dense(
        w,
        measure="the full spectrum",
        instead="spectral_radius, leading_real_part or the estimators spectral_density and estimate_spectral_entropy",
    )
    flat, lead = _validate.flatten_stack(w)
    out = np.empty(flat.shape[:2], complex)
    symmetric = np.array([_validate.is_symmetric(m) for m in flat])
    in_fours = ~symmetric & (flat.shape[-1] <= _KERNEL_UP_TO)
    if in_fours.any():
        general = _validate.for_kernels(flat[in_fours])
        found = np.empty(general.shape[:2], complex)

        def fours(start: int, stop: int) -> None:
            part = slice(4 * start, 4 * stop)
            if not _in_fours(general[part], found[part]):
                raise np.linalg.LinAlgError("Eigenvalues did not converge")

        _parallel.thread_blocks(fours, -(-len(general) // 4))
        out[in_fours] = found
    rest = np.flatnonzero(~in_fours)

    def lapack(start: int, stop: int) -> None:
        for k in rest[start:stop]:
            out[k] = np.linalg.eigvalsh(flat[k]) if symmetric[k] else np.linalg.eigvals(flat[k])

    _parallel.blas_blocks(lapack, len(rest), order=flat.shape[-1])
    return out.reshape(lead + out.shape[1:])


def _in_fours(stack: NDArray[np.float64], values: NDArray[np.complex128]) -> bool:
    """Eigenvalues of small matrices by compiled code; whether it converged."""
    kernels = _kernels.eigenvalues
    groups, n = -(-len(stack) // 4), stack.shape[1]
    # Rows and columns of zeros to spare, so that reflections may reach over the edge; an odd number of them in a row,
    # so that the entries of a column do not all compete for the same lines of the cache.
    lanes = np.zeros((groups, n + 2, n + 2 + (n + 1) % 2, 4))
    last, factors = np.full((groups, 4), -1), np.ones((groups, 4))
    kernels.prepare(stack, lanes, last, factors, values)
    kernels.to_hessenberg(lanes, last)
    return bool(kernels.iterate(lanes, last, factors, values))


def spectral_radius(net: Any, *, tolerance: float = 1e-10) -> Any:
    """Largest modulus of an eigenvalue, ``max_k |lambda_k|``.

    Below 1 a linear network with these weights forgets, above 1 its activity grows. Exactly 0 if no cycle
    passes through any node.

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
    w = _validate.as_weights(net)
    if sparse.issparse(w):
        return float(np.abs(_extreme_eigenvalue(w, "LM", tolerance)))
    return _scalar(np.abs(eigenvalues(net)).max(axis=-1))


def leading_real_part(net: Any, *, log: bool = False, tolerance: float = 1e-10) -> Any:
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
    w = _validate.as_weights(net)
    if sparse.issparse(w):
        return _scalar(_log_positive(np.asarray(_extreme_eigenvalue(w, "LR", tolerance).real), log))
    return _scalar(_log_positive(eigenvalues(net).real.max(axis=-1), log))


def spectral_entropy(net: Any) -> Any:
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
        nan if every eigenvalue is 0: there is no distribution to speak of.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.spectral_entropy([[0, 1.0], [-1, 0]])
    1.0
    """
    moduli = np.abs(eigenvalues(net))
    total = moduli.sum(axis=-1, keepdims=True)
    share = np.divide(moduli, total, out=np.full(moduli.shape, np.nan), where=total > 0)
    logs = np.log2(share, out=np.zeros_like(share), where=share != 0)
    return _scalar(np.abs(-(share * logs).sum(axis=-1)))  # abs: a single eigenvalue gives 0, not -0


def spectral_participation_ratio(net: Any) -> Any:
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
    moduli = np.abs(eigenvalues(net))
    # Scaled first, so that squares neither overflow nor vanish.
    top = moduli.max(axis=-1, keepdims=True)
    scaled = np.divide(moduli, top, out=np.full(moduli.shape, np.nan), where=top > 0)
    return _scalar(scaled.sum(axis=-1) ** 2 / (scaled**2).sum(axis=-1))


def _scalar(values: NDArray[Any]) -> Any:
    return _validate.restore_stack(values.reshape(-1), values.shape)


def _log_positive(value: NDArray[np.float64], log: bool) -> NDArray[np.float64]:
    return np.log(value, out=np.full(value.shape, np.nan), where=value > 0) if log else value


def _extreme_eigenvalue(w: Any, which: str, tolerance: float) -> complex:
    """Eigenvalue of largest modulus ("LM") or real part ("LR") of a csr_array."""
    _, member = csgraph.connected_components(w, directed=True, connection="strong")
    sizes = np.bincount(member)
    candidates = [w.diagonal()[sizes[member] == 1].astype(complex)]
    order = np.argsort(member, kind="stable")
    components = np.split(order, np.cumsum(sizes)[:-1])
    candidates += [_of_component(w[nodes][:, nodes], which, tolerance) for nodes in components if len(nodes) > 1]
    values = np.concatenate(candidates)
    return complex(values[np.argmax(np.abs(values) if which == "LM" else values.real)])


def _of_component(w: Any, which: str, tolerance: float) -> NDArray[np.complex128]:
    n = w.shape[0]
    if n < _ARPACK_FROM:
        return eigenvalues(w)
    from scipy.sparse import linalg

    options = {
        "k": 1,
        "v0": np.random.default_rng(0).standard_normal(n),
        "ncv": 100,
        "maxiter": 40,
        "tol": tolerance,
        "return_eigenvectors": False,
    }
    try:
        with _parallel.one_blas_thread():
            if _validate.is_symmetric(w):
                found = linalg.eigsh(w, which="LA" if which == "LR" else which, **options)
            else:
                found = linalg.eigs(w, which=which, **options)
    except linalg.ArpackNoConvergence as error:
        raise RuntimeError(
            f"ARPACK found no eigenvalue of largest {'modulus' if which == 'LM' else 'real part'} in this network of "
            f"{n} connected nodes: too many lie close together. Give a looser tolerance (now {tolerance:g}), or a "
            "dense array if n x n fits in memory"
        ) from error
    return np.asarray(found, complex)
