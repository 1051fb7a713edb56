"""Eigenvalues of weight matrices: all of them, or the one of largest modulus or real part."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import components, parallel, products, reuse, scaling, stacks, validate
from netanalysis._core.nilpotent import are_nilpotent

# Below this size LAPACK's full spectrum is as fast as ARPACK's single eigenvalue, and never fails to converge.
_ARPACK_FROM = 500

# Up to this size, half a minute of one core, LAPACK answers where ARPACK does not, as on rings, many of whose
# eigenvalues hardly differ from the one of largest modulus or real part.
_LAPACK_UP_TO = 5000

# Powers of a non-negative matrix that are worth their time, after how many of them bounds are looked at, how close they
# come; and up to how many nodes linear systems are worth more, after as many powers as the few that are needed take.
_POWERS, _BETWEEN, _PERRON = 320, 8, 1e-13
_SOLVED_UP_TO, _SOLVED_AFTER = 2000, 160

# Up to this size general matrices go to a kernel that takes four at a time and leaves Python free for other threads;
# alone, a matrix takes it up to 1.3 times as long as LAPACK.
_KERNEL_UP_TO = 200


def eigenvalues(w: Any) -> NDArray[np.complex128]:
    """All eigenvalues, not to be written to: those of the strongly connected parts, as a cycle does not leave its part.

    What leads from part to part does not count, but taken into the iteration its rounding does: enough feed-forward
    connections between two cycles move every eigenvalue.
    """
    return reuse.once(_eigenvalues, w)


def _eigenvalues(w: Any) -> NDArray[np.complex128]:
    w = validate.dense(
        w,
        measure="the full spectrum",
        instead="spectral_radius, leading_real_part or the estimators spectral_density and estimate_spectral_entropy",
    )
    flat, lead = stacks.flatten(w)
    counts, members = components.strong_components(flat)
    symmetric = np.array([validate.is_symmetric(m) for m in flat])
    parted = np.array(
        [
            # Nodes on no cycle that lie before or after all cycles are taken off as a first step in any case.
            count > 1 and bool(same or (np.bincount(member) > 1).sum() > 1)
            for count, member, same in zip(counts, members, symmetric, strict=True)
        ]
    )
    out = np.empty(flat.shape[:2], complex)
    whole = ~parted
    if whole.any():
        out[whole] = _of_connected(flat if whole.all() else flat[whole], symmetric[whole])
    if parted.any():
        out[parted] = _of_parts(flat[parted], members[parted], symmetric[parted])
    return out.reshape(lead + out.shape[1:])


def _of_parts(
    flat: NDArray[np.float64], members: NDArray[np.intp], symmetric: NDArray[np.bool_]
) -> NDArray[np.complex128]:
    """The union of the spectra of strongly connected parts, those of equal size taken together."""
    out = np.empty(flat.shape[:2], complex)
    places: dict[int, list[tuple[int, int, NDArray[np.intp]]]] = {}  # by size: network, first place in out, nodes
    for k, member in enumerate(members):
        first = 0
        for nodes in components.nodes_of(member):
            places.setdefault(len(nodes), []).append((k, first, nodes))
            first += len(nodes)
    for size, parts in places.items():
        blocks = np.array([flat[k][nodes[:, None], nodes] for k, _, nodes in parts])
        found = _of_connected(blocks, symmetric[[k for k, _, _ in parts]]) if size > 1 else blocks[:, 0]
        for (k, first, _), values in zip(parts, found, strict=True):
            out[k, first : first + size] = values
    out[symmetric] = np.sort(out[symmetric], axis=-1)
    return out


def _of_connected(flat: NDArray[np.float64], symmetric: NDArray[np.bool_]) -> NDArray[np.complex128]:
    out = np.zeros(flat.shape[:2], complex)
    others = ~are_nilpotent(flat)
    in_fours = others & ~symmetric & (flat.shape[-1] <= _KERNEL_UP_TO)
    if in_fours.any():
        general = validate.for_kernels(flat[in_fours])
        found = np.empty(general.shape[:2], complex)

        def fours(start: int, stop: int) -> None:
            part = slice(4 * start, 4 * stop)
            if not _in_fours(general[part], found[part]):
                raise np.linalg.LinAlgError("Eigenvalues did not converge")

        parallel.thread_blocks(fours, -(-len(general) // 4))
        out[in_fours] = found
    rest = np.flatnonzero(others & ~in_fours)

    def lapack(start: int, stop: int) -> None:
        for k in rest[start:stop]:
            out[k] = np.linalg.eigvalsh(flat[k]) if symmetric[k] else np.linalg.eigvals(flat[k])

    parallel.blas_blocks(lapack, len(rest))
    return out


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


def spectral_radius(w: Any, tolerance: float = 1e-10) -> NDArray[np.float64]:
    """Largest modulus of an eigenvalue of each network."""
    if sparse.issparse(w):
        return np.abs(extreme_eigenvalue(w, "LM", tolerance))
    return np.abs(eigenvalues(w)).max(axis=-1)


def perron(w: Any) -> float:
    """Spectral radius of a non-negative network, which is an eigenvalue: the largest of its strongly connected parts'.

    By powers of ``W + cI``, whose quotients bound the radius from both sides (Collatz & Wielandt), to rounding. Where
    they are slow to close in, as on a long ring or for shares of a target's input, inverse iteration from the upper
    bound closes in by squares (Noda 1971, doi:10.1007/BF01436383), in large sparse networks ARPACK.
    """
    if sparse.issparse(w):
        member = components.strong_components_of_sparse(w)
    else:
        member = components.strong_components(w[None])[1][0]
        w = products.lists_if_few(w, _POWERS)
    top = float(w.diagonal().max())
    for nodes in sorted(components.nodes_of(member), key=len, reverse=True):
        if len(nodes) > 1:
            part = w[nodes][:, nodes] if len(nodes) < w.shape[0] else w
            top = max(top, _perron_of_component(part, top))
    return top


def _perron_of_component(w: Any, known: float) -> float:
    """Its radius, or `known` if that is larger."""
    n, unit = w.shape[0], float(w.max())
    turned = (w.T.tocsr() if sparse.issparse(w) else w.T) / unit

    def powers(x: Any, y: Any, high: float) -> Any:
        shift = 0.3 * high  # so that periodic networks converge as well
        x = y + shift * x
        for _ in range(_BETWEEN - 1):
            x = turned @ x + shift * x
        return x

    def inverse(x: Any, y: Any, high: float) -> Any:
        system = turned.toarray() if sparse.issparse(turned) else turned
        with parallel.one_blas_thread():
            return np.linalg.solve(high * np.eye(n) - system, x)

    rounds = (_SOLVED_AFTER if n <= _SOLVED_UP_TO else _POWERS) // _BETWEEN
    steps = [powers] * rounds + [inverse] * (10 if n <= _SOLVED_UP_TO else 0)
    x = np.asarray(turned.sum(axis=1), float)  # in-strengths, not far from it; none is 0
    try:
        for step in steps:
            x /= x.max()
            y = turned @ x
            ratio = y / x
            low, high = float(ratio.min()), float(ratio.max())
            if high * unit <= known:
                return known
            if high - low <= _PERRON * high:
                return 0.5 * (low + high) * unit
            x = step(x, y, high)
            if not 0 < x.min() <= x.max() < np.inf:
                break
    except np.linalg.LinAlgError:  # the upper bound is the radius, to the last digit
        pass
    if sparse.issparse(w):
        return float(np.abs(_of_component(w, "LM", 1e-10)).max())
    return float(np.abs(eigenvalues(w)).max())


def extreme_eigenvalue(w: Any, which: str, tolerance: float) -> complex:
    """Eigenvalue of largest modulus ("LM") or real part ("LR") of a csr_array."""
    parts = components.nodes_of(components.strong_components_of_sparse(w))
    alone = np.array([nodes[0] for nodes in parts if len(nodes) == 1], int)
    candidates = [w.diagonal()[alone].astype(complex)]
    candidates += [_of_component(w[nodes][:, nodes], which, tolerance) for nodes in parts if len(nodes) > 1]
    values = np.concatenate(candidates)
    return complex(values[np.argmax(np.abs(values) if which == "LM" else values.real)])


def largest(w: Any, count: int) -> NDArray[np.complex128] | None:
    """So many eigenvalues of largest modulus of a csr_array, conjugates together; None if ARPACK does not find them."""
    from scipy.sparse import linalg

    n = w.shape[0]
    w, unit = scaling.to_one(w)
    options = {
        "k": count,
        "v0": np.random.default_rng(0).standard_normal(n),
        "ncv": min(n, 3 * count),
        "tol": 1e-8,
        "return_eigenvectors": False,
    }
    try:
        with parallel.one_blas_thread():
            found = linalg.eigsh(w, **options) if validate.is_symmetric(w) else linalg.eigs(w, **options)
    except linalg.ArpackError:
        return None
    found = np.asarray(found, complex) * unit
    smallest = np.abs(found).min()
    alone = ~np.isclose(found[:, None], found.conj(), rtol=0, atol=1e-6 * np.abs(found).max()).any(axis=1)
    kept: NDArray[np.complex128] = found[~(alone & (np.abs(found) <= smallest * (1 + 1e-6)))]
    return kept


def _of_component(w: Any, which: str, tolerance: float) -> NDArray[np.complex128]:
    n = w.shape[0]
    if n < _ARPACK_FROM:
        return eigenvalues(w)
    from scipy.sparse import linalg

    given = w
    w, unit = scaling.to_one(w)  # squares of large weights overflow, and ARPACK takes small ones for 0
    symmetric = validate.is_symmetric(w)
    # Few vectors find what lies apart from the rest, and may mistake what does not. The radius of a non-negative
    # network is an eigenvalue, and its vector positive, as the start is.
    if not validate.has_negative(w):
        with suppress(linalg.ArpackError):
            return _by_arpack(w, which, tolerance, symmetric, n_vectors=20, start=np.ones(n)) * unit
    try:
        return _by_arpack(w, which, tolerance, symmetric, 100, np.random.default_rng(0).standard_normal(n)) * unit
    except linalg.ArpackError as error:  # of which not converging is one
        if n <= _LAPACK_UP_TO:
            return eigenvalues(given)
        raise RuntimeError(
            f"ARPACK found no eigenvalue of largest {'modulus' if which == 'LM' else 'real part'} in this network of "
            f"{n} connected nodes: too many lie close together. Give a looser tolerance (now {tolerance:g}) where the "
            "function has one, or a dense array if n x n fits in memory"
        ) from error


def _by_arpack(
    w: Any, which: str, tolerance: float, symmetric: bool, n_vectors: int, start: NDArray[np.float64]
) -> NDArray[np.complex128]:
    from scipy.sparse import linalg

    options = {"k": 1, "v0": start, "ncv": n_vectors, "maxiter": 40, "tol": tolerance, "return_eigenvectors": False}
    with parallel.one_blas_thread():
        if symmetric:
            return np.asarray(linalg.eigsh(w, which="LA" if which == "LR" else which, **options), complex)
        return np.asarray(linalg.eigs(w, which=which, **options), complex)
