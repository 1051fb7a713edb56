"""Walks from the left end of a network to its right end: products and solves for the thinner end.

An end is a set of nodes (1-D integers) or weights: (..., n_in, n) on the left, (..., n, n_out) on the right.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import components, options, parallel, products, stacks, validate
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome

End = NDArray[Any]

_DENSE_SOLVE = 2000  # up to here LAPACK is as fast as GMRES, and exact
_ELIMINATED_UP_TO = 8000  # nodes, half a GiB and half a minute, where iterations do not converge
_RESIDUAL = 1e-12  # of Krylov solutions, relative
_CONDITION = 1e14  # beyond it solutions have less than two digits


def block_graph(net: Network, inputs: Any, outputs: Any, leak: float | None) -> tuple[Any, End, End]:
    """Recurrent weights and the two ends, as the leak leaves them."""
    w = validate.as_weights(net, as_given=True)
    n, lead = w.shape[-1], w.shape[:-2]
    if isinstance(net, Connectome):
        _say_half(net, inputs, outputs)
        inputs = net.inputs if inputs is None else inputs
        outputs = net.outputs if outputs is None else outputs
    left = _end(inputs, net, n, lead, "inputs", nodes_axis=-1)
    right = _end(outputs, net, n, lead, "outputs", nodes_axis=-2)
    if leak is not None:
        leak = options.number_in(leak, "leak", above=0, at_most=1)
        one = sparse.eye_array(n, format="csr") if sparse.issparse(w) else np.eye(n)
        w = leak * w + (1 - leak) * one
        left = left * leak if left.ndim > 1 else left
    return w, left, right


def _say_half(net: Connectome, inputs: Any, outputs: Any) -> None:
    """A network that knows one of its ends does not mean all its nodes by the other."""
    for given, own, other, known, name in (
        (outputs, net.outputs, inputs, net.inputs, "outputs"),
        (inputs, net.inputs, outputs, net.outputs, "inputs"),
    ):
        if given is None and own is None and other is None and known is not None:
            warnings.warn(
                f"the network has {'input' if name == 'outputs' else 'output'} weights and no {name}: every node "
                f"counts as one. Pass {name}= to say which do",
                stacklevel=5,
            )


def _end(end: Any, net: Network, n: int, lead: tuple[int, ...], name: str, nodes_axis: int) -> End:
    if end is None:
        return np.arange(n)
    if not sparse.issparse(end) and np.ndim(end) < 2:
        return validate.as_nodes(end, n, name, net=net)
    weights = validate.as_array(end, name)
    wanted = f"(..., {'any' if nodes_axis == -1 else n}, {n if nodes_axis == -1 else 'any'})"
    if weights.shape[nodes_axis] != n or 0 in weights.shape:
        raise ValueError(f"{name} must be nodes (1-D) or weights of shape {wanted}; got shape {weights.shape}")
    try:
        np.broadcast_to(weights, lead + weights.shape[-2:])
    except ValueError as error:
        raise ValueError(
            f"{name} has leading axes {weights.shape[:-2]} that do not fit those of the stack, {lead}"
        ) from error
    return weights


def over_stack(
    one: Callable[[Any, End, End], Any], w: Any, left: End, right: End, *, by_products: bool = False
) -> NDArray[np.float64]:
    """``one(w, left, right)`` for every network of a stack; `by_products`: the time goes to matrix products."""
    if sparse.issparse(w):
        with parallel.one_blas_thread():
            return np.asarray(one(w, left, right))
    flat, lead = stacks.flatten(w)
    lefts, rights = per_network(left, lead), per_network(right, lead)
    results: list[Any] = [None] * len(flat)

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            results[k] = one(flat[k], lefts[k], rights[k])

    parallel.blas_blocks(block, len(flat), order=flat.shape[-1] if by_products else 0)
    stacked = results[0][None] if len(results) == 1 else np.stack(results)
    return np.asarray(stacked.reshape(lead + stacked.shape[1:]))


def per_network(end: End, lead: tuple[int, ...]) -> Any:
    count = int(np.prod(lead, dtype=int))
    if end.ndim == 1:
        return [end] * count
    return np.broadcast_to(end, lead + end.shape[-2:]).reshape(count, *end.shape[-2:])


def propagate(w: Any, left: End, right: End, max_hops: int) -> NDArray[np.float64]:
    """``left w^h right`` for h = 0 … max_hops, (max_hops + 1, n_in, n_out), of one network."""
    n, n_in, n_out = w.shape[0], width(left, -2), width(right, -1)
    if n_in < n_out:
        return np.swapaxes(propagate(w.T, right.T, left.T, max_hops), -1, -2)
    maps = np.empty((max_hops + 1, n_in, n_out))
    if not sparse.issparse(w):
        step = products.lists_if_few(w, max_hops * n_out)
        state = _columns(right, slice(None), n)
        for h in range(max_hops + 1):
            if h:
                state = w[:, right] if h == 1 and right.ndim == 1 else step @ state
            maps[h] = _read(left, state)
        return maps
    product, blocks = products.BlockProduct(w), products.blocks(n_out)
    last = [products.BlockProduct(ends) for ends in _first_hops(left, w, max_hops)]

    def block(start: int, stop: int) -> None:
        for part in blocks[start:stop]:
            state, spare = products.padded(_columns(right, part, n)), products.zeros(n)
            for h in range(max_hops + 1 - len(last)):
                if h:
                    state, spare = product(state, spare), state
                maps[h, :, part] = _read(left, state)[:, : part.stop - part.start]
            for h, ends in enumerate(last, max_hops + 1 - len(last)):
                maps[h, :, part] = ends(state)[:, : part.stop - part.start]

    parallel.blas_blocks(block, len(blocks))
    return maps


def _first_hops(left: End, w: Any, max_hops: int) -> list[Any]:
    """``left w^h`` for h = 1, 2, … as csr, as many as together cost less than half a product of w.

    Walks from the right end are read where they meet these, which spares them as many hops through all of the network.
    """
    if left.ndim > 1 and 2 * np.count_nonzero(left) > w.nnz:
        return []  # before a copy is made
    n = w.shape[0]
    by_row = sparse.csr_array(w)
    walks, cost = [sparse.csr_array(left) if left.ndim > 1 else sparse.eye_array(n, format="csr")[left]], 0
    while len(walks) <= max_hops:
        # The multiplications to come, which bound the entries, and a look at every node.
        cost += np.diff(by_row.indptr)[walks[-1].indices].sum() + n
        if 2 * cost > w.nnz:
            break
        walks.append(sparse.csr_array(walks[-1] @ by_row))
    return walks[1:]


def within_doubles(walks: NDArray[np.float64], max_hops: int) -> NDArray[np.float64]:
    """The sums of walks, refused where they have left double precision."""
    if not np.isfinite(walks).all():
        raise OverflowError(
            f"walks of up to {max_hops} hops sum up beyond double precision; divide the weights "
            "(normalize='spectral_radius', or netanalysis.transform.normalize), or lower alpha or the number of hops"
        )
    return walks


def solve(m: Any, left: End, right: End) -> NDArray[np.float64]:
    """``left (I - m)^-1 right`` of one network, by a solve for the thinner end.

    In the order of its strongly connected parts: elimination then stays within a part, and what leads from part to part
    is only substituted. In another order long feed-forward chains of strong weights, along which walks grow without any
    cycle, can cost all digits.
    """
    if width(left, -2) < width(right, -1):
        turned = sparse.csr_array(m.T) if sparse.issparse(m) else np.ascontiguousarray(m.T)
        return solve(turned, right.T, left.T).T
    n = m.shape[0]
    b = _columns(right, slice(None), n)
    if sparse.issparse(m) and n > _DENSE_SOLVE:
        system = sparse.csr_array(sparse.eye_array(n) - m)
        member = components.strong_components_of_sparse(m)
    else:
        system = -(m.toarray() if sparse.issparse(m) else m)
        np.fill_diagonal(system, system.diagonal() + 1.0)
        member = components.strong_components(system[None])[1][0]
    sizes = np.bincount(member)[::-1]
    if len(sizes) == 1:
        return _read(left, _solve_part(system, b))
    order = np.argsort(-member, kind="stable")
    x = np.empty(b.shape)
    sorted_system = system[order][:, order] if sparse.issparse(system) else system.take(order, 0).take(order, 1)
    x[order] = _substitute(sorted_system, b[order], sizes)
    return _read(left, x)


def _substitute(system: Any, b: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Solve a block upper triangular system, from the last block to the first; runs of single nodes at once."""
    ends = np.cumsum(sizes)
    large = sizes > 1
    cuts = np.unique(np.concatenate([[0, ends[-1]], (ends - sizes)[large], ends[large]]))
    x = np.empty(b.shape)
    for start, stop in reversed(list(pairwise(cuts))):
        known = b[start:stop] - system[start:stop, stop:] @ x[stop:]
        single = sizes[np.searchsorted(ends, start, side="right")] == 1
        x[start:stop] = (_solve_run if single else _solve_part)(system[start:stop, start:stop], known)
    return x


def _solve_run(system: Any, b: NDArray[np.float64]) -> Any:
    if sparse.issparse(system):
        from scipy.sparse.linalg import spsolve_triangular

        lists = (part.astype(np.int32, copy=False) for part in (system.indices, system.indptr))  # before scipy 1.16
        return spsolve_triangular(sparse.csr_array((system.data, *lists), shape=system.shape), b, lower=False)
    from scipy.linalg import solve_triangular

    return solve_triangular(system, b, check_finite=False)


def _solve_part(system: Any, b: NDArray[np.float64]) -> NDArray[np.float64]:
    n = system.shape[0]
    if sparse.issparse(system):
        if n > _DENSE_SOLVE:
            found = [x for column in b.T if (x := _by_krylov(system, column)) is not None]
            if len(found) == b.shape[1]:
                return np.stack(found, axis=1)
            if n > _ELIMINATED_UP_TO:
                raise RuntimeError(
                    f"GMRES did not converge among {n} nodes on cycles: alpha (of influence: gain) is too close to its "
                    "limit; lower it, or follow walks of few hops by pathways(net, max_hops=...)"
                )
        system = system.toarray()
    return _eliminate(system, b)


def _eliminate(system: Any, b: NDArray[np.float64]) -> NDArray[np.float64]:
    n = system.shape[0]
    try:
        x: NDArray[np.float64] = np.linalg.solve(system, b)
    except np.linalg.LinAlgError:
        x = np.full(b.shape, np.inf)
    given = np.abs(b).max(axis=0)
    amplified = np.abs(x).max(axis=0)[given > 0] / given[given > 0]
    condition = float(np.abs(system).sum(axis=1).max() * amplified.max(initial=0.0))
    if condition > _CONDITION:
        raise ValueError(
            f"the sum over pathways cannot be told from rounding: I - alpha W / scale has a condition number of at "
            f"least {condition:.1e} among {n} nodes on cycles, where activity grows by that much along strong "
            "connections before the cycles damp it. Lower alpha, or give max_hops"
        )
    return x


def _by_krylov(system: Any, b: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """By BiCGSTAB, half the time of GMRES; by that where the residual it ends with is not what it thinks, else None."""
    from scipy.sparse.linalg import bicgstab, gmres

    with np.errstate(all="ignore"):
        x, _ = bicgstab(system, b, rtol=_RESIDUAL / 2, atol=0.0, maxiter=300)
        if np.linalg.norm(b - system @ x) <= _RESIDUAL * np.linalg.norm(b):
            return np.asarray(x)
    x, failed = gmres(system, b, rtol=_RESIDUAL, atol=0.0, restart=60, maxiter=50)
    return None if failed else np.asarray(x)


def _columns(right: End, part: slice, n: int) -> NDArray[np.float64]:
    """Some columns of the right end, as weights."""
    return right[:, part] if right.ndim > 1 else products.unit_columns(n, right[part])


def _read(left: End, state: NDArray[np.float64]) -> NDArray[np.float64]:
    return left @ state if left.ndim > 1 else state[left]


def width(end: End, axis: int) -> int:
    return len(end) if end.ndim == 1 else int(end.shape[axis])


def weight_blocks(left: End, right: End) -> int:
    return int(left.ndim > 1) + int(right.ndim > 1)
