"""Mass of the paths that visit no node twice: in closed form, by enumeration, or estimated."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import memory, options, parallel, products, random, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure.path_ranking import without_weak
from netanalysis.structure.pathways import pathways
from netanalysis.transform import binarize, remove_self_connections

__all__ = ["SelfAvoidingMass", "path_counts", "self_avoiding_mass"]

CLOSED = 4  # hops up to which inclusion and exclusion are written out
MAX_WALKS = 1e9  # to enumerate: some ten seconds of one core


@result
class SelfAvoidingMass:
    """What :func:`self_avoiding_mass` returns. Over a stack arrays but `hops` have the leading axes of the stack.

    Attributes
    ----------
    maps : ndarray, shape (..., max_hops + 1, n_in, n_out)
        ``maps[h]``: signed sum over the paths of h connections that visit no node twice. 0 from a node to itself, but
        for h = 0.
    hops : ndarray, shape (max_hops + 1,)
    methods : tuple of str
        "closed form", "enumeration" or "sampled", for each number of hops; of a stack one such tuple a network.
    standard_error : ndarray, shape of maps
        0 where exact; nan for a pair that no sample ended at although walks lead there.
    interval : (ndarray, ndarray)
        Normal confidence interval.
    confidence : float
    n_samples : int
        Paths drawn for each input and number of hops.
    """

    maps: NDArray[np.float64]
    hops: NDArray[np.intp]
    methods: tuple[Any, ...]
    standard_error: NDArray[np.float64]
    interval: tuple[NDArray[np.float64], NDArray[np.float64]]
    confidence: float
    n_samples: int


@takes_stacks
def self_avoiding_mass(
    net: Network,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    max_hops: int,
    method: Literal["auto", "enumerate", "sample"] = "auto",
    max_walks: float = MAX_WALKS,
    n_samples: int = 10_000,
    confidence: float = 0.95,
    rng: random.RNG = None,
) -> SelfAvoidingMass:
    """Signed weight of all paths that visit no node twice, for each number of hops.

    What :func:`netanalysis.pathways` gives, without walks in circles. Up to 4 hops in closed form, at any size, by
    inclusion and exclusion of coinciding nodes; with zero diagonal and off the diagonal of the result, ``o`` the
    elementwise product, ``B = W o W^T``, ``D2 = diag(W^2)``, ``D3 = diag(W^3)``:

    - 3 hops: ``W^3 - D2 W - W D2 + B o W``
    - 4 hops: ``W^4 - D2 W^2 - W D2 W - W^2 D2 - D3 W - W D3 + (W o B) W + W (W o B) + 2 B o W^2
      + W o W o (W^2)^T``

    More hops are enumerated if there are few enough walks, else estimated from random paths.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Signed; self-connections are on no such path.
    inputs, outputs : node indices or mask, or names of modules or labels; default: every node
    max_hops : int
    method : {"auto", "enumerate", "sample"}
        For 5 hops and more.
    max_walks : float
        "auto" samples, and "enumerate" refuses, if more walks than this leave the inputs.
    n_samples : int
        Paths drawn for each input and number of hops, each node with a probability in proportion to the magnitude of
        the connection times that of the walks from there to the outputs. Unbiased.
    confidence : float
        Coverage of the interval.
    rng : seed, Generator or SeedSequence, optional
        The same seed gives the same answer for any number of threads.

    Returns
    -------
    SelfAvoidingMass
        Differences of large numbers in closed form: errors are about 1e-16 of the walks of that length.

    Raises
    ------
    MemoryError
        ``method="enumerate"`` and too many walks, or maps that do not fit.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> paths = na.self_avoiding_mass(np.ones((4, 4)), inputs=[0], outputs=[0, 1], max_hops=3)
    >>> paths.maps[:, 0]
    array([[1., 0.],
           [0., 1.],
           [0., 2.],
           [0., 2.]])
    """
    w = validate.as_weights(net)
    n, lead = w.shape[-1], w.shape[:-2]
    rows = np.arange(n) if inputs is None else validate.as_nodes(inputs, n, "inputs", net=net)
    columns = np.arange(n) if outputs is None else validate.as_nodes(outputs, n, "outputs", net=net)
    max_hops = options.positive_int(max_hops, "max_hops", minimum=0)
    n_samples = options.count(n_samples, "n_samples", minimum=2)
    options.choice(method, ["auto", "enumerate", "sample"], "method")
    max_walks = max_walks if max_walks == np.inf else options.number_in(max_walks, "max_walks", at_least=0)
    confidence = options.number_in(confidence, "confidence", above=0, below=1)
    size = 4 * 8 * (max_hops + 1) * len(rows) * len(columns) * int(np.prod(lead))
    memory.require(size, f"maps from {len(rows)} inputs to {len(columns)} outputs", instead="name fewer")
    each = [w] if sparse.issparse(w) else list(stacks.flatten(w)[0])
    found = [
        _of_one(sparse.csr_array(one), rows, columns, max_hops, method, max_walks, n_samples, seed)
        for one, seed in zip(each, random.per_network(rng, len(each)), strict=True)
    ]
    shape = (*lead, *found[0][0].shape)
    maps, error = np.array([one[0] for one in found]).reshape(shape), np.array([one[1] for one in found]).reshape(shape)
    undefined.spoken(error, "standard_error", "no sample ended there although walks lead there", of="pairs")
    methods = tuple(one[2] for one in found) if lead else found[0][2]
    from scipy.special import ndtri

    half = float(ndtri(0.5 + confidence / 2)) * error
    interval = (maps - half, maps + half)
    return SelfAvoidingMass(maps, np.arange(max_hops + 1), methods, error, interval, confidence, n_samples)


def _of_one(
    w: Any, rows: Any, columns: Any, max_hops: int, method: str, max_walks: float, n_samples: int, rng: random.RNG
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Maps, their standard errors and methods of one network."""
    w = remove_self_connections(w)
    shape = (max_hops + 1, len(rows), len(columns))
    maps, error = np.zeros(shape), np.zeros(shape)
    maps[: CLOSED + 1] = _closed(w, rows, columns, min(max_hops, CLOSED))
    methods = ["closed form"] * min(max_hops + 1, CLOSED + 1)
    if max_hops > CLOSED:
        count = _walks_from(w, rows, max_hops)
        if method == "enumerate" and count > max_walks:
            raise MemoryError(
                f"{count:.2g} walks of up to {max_hops} hops leave the inputs, more than max_walks={max_walks:.2g}; "
                'name fewer inputs, ask for fewer hops, or use method="sample"'
            )
        if method == "enumerate" or (method == "auto" and count <= max_walks):
            maps[CLOSED + 1 :] = _enumerated(w, rows, columns, max_hops)[CLOSED + 1 :]
            methods += ["enumeration"] * (max_hops - CLOSED)
        else:
            for h, seed in zip(range(CLOSED + 1, max_hops + 1), random.seeds(rng, max_hops - CLOSED), strict=True):
                maps[h], error[h] = _sampled(w, rows, columns, h, n_samples, int(seed))
            methods += ["sampled"] * (max_hops - CLOSED)
    return maps, error, tuple(methods)


@takes_stacks
def path_counts(
    net: Network,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    max_hops: int,
    simple: bool = False,
    threshold: float = 0.0,
) -> NDArray[np.float64]:
    """Number of paths from inputs to outputs, for each number of hops.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Connections count as one each, whatever their weight (two rows of one pair are summed into one before).
    inputs, outputs : node indices or mask, or names of modules or labels; default: every node
    max_hops : int
    simple : bool
        Paths that visit no node twice. Default: walks.
    threshold : float
        Leave out connections of smaller magnitude.

    Returns
    -------
    ndarray, shape (..., max_hops + 1, n_in, n_out)
        Whole numbers, exact up to 2^53.

    Raises
    ------
    MemoryError
        Simple paths of more than 4 hops of which there are too many to enumerate; :func:`self_avoiding_mass` of the
        binarised network estimates their number.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> na.path_counts(np.ones((4, 4)), inputs=[0], outputs=[1], max_hops=3)[:, 0, 0]
    array([ 0.,  1.,  4., 16.])
    >>> na.path_counts(np.ones((4, 4)), inputs=[0], outputs=[1], max_hops=3, simple=True)[:, 0, 0]
    array([0., 1., 2., 2.])
    """
    options.flags(simple=simple)
    w = validate.as_weights(net)
    n = w.shape[-1]
    ends: dict[str, Any] = {
        name: np.arange(n) if nodes is None else validate.as_nodes(nodes, n, name, net=net)
        for name, nodes in (("inputs", inputs), ("outputs", outputs))
    }
    each = [w] if sparse.issparse(w) else list(stacks.flatten(w)[0])
    counts = []
    for one in each:
        kept = binarize(without_weak(one, threshold)[0])
        if simple:
            found = self_avoiding_mass(kept, **ends, max_hops=max_hops, method="enumerate").maps
            counts.append(np.round(found))
        else:
            counts.append(pathways(kept, **ends, max_hops=max_hops).maps)
    return np.array(counts).reshape(*w.shape[:-2], *counts[0].shape)


def _closed(w: Any, rows: Any, columns: Any, max_hops: int) -> NDArray[np.float64]:
    """Maps of up to 4 hops, by products with the thinner end."""
    if len(rows) < len(columns):
        return _closed(sparse.csr_array(w.T), columns, rows, max_hops).swapaxes(-1, -2)
    back = sparse.csr_array(w.T)
    both = w.multiply(back)
    twice = np.asarray(both.sum(axis=1))[:, None]  # D2
    there_back = sparse.csr_array(w.multiply(both))
    if max_hops > 3:
        squares = back.copy()
        squares.data = _squares(w, back)  # W^2 where there is a connection back
        closing = sparse.csr_array(squares.T)
        thrice = np.asarray(w.multiply(closing).sum(axis=1))[:, None]  # D3
        pairs = sparse.csr_array(2 * both.multiply(squares) + w.multiply(w).multiply(closing))
    maps = np.zeros((max_hops + 1, len(rows), len(columns)))
    blocks = products.blocks(len(columns))

    def block(start: int, stop: int) -> None:
        for part in blocks[start:stop]:
            y = products.unit_columns(len(back.indptr) - 1, columns[part])
            powers = [y]
            for _ in range(max_hops):
                powers.append(w @ powers[-1])
            if max_hops > 2:
                powers[3] = powers[3] - twice * powers[1] - w @ (twice * y) + there_back @ y
            if max_hops > 3:
                walks = w @ (w @ powers[2])
                powers[4] = (
                    walks
                    - twice * powers[2]
                    - w @ (twice * powers[1])
                    - w @ (w @ (twice * y))
                    - thrice * powers[1]
                    - w @ (thrice * y)
                    + there_back @ powers[1]
                    + w @ (there_back @ y)
                    + pairs @ y
                )
            for h, values in enumerate(powers):
                maps[h, :, part] = values[rows]

    parallel.blas_blocks(block, len(blocks))
    maps[1:, rows[:, None] == columns] = 0.0
    return maps


def _squares(w: Any, back: Any) -> NDArray[np.float64]:
    indptr, indices, data = validate.lists_for_kernels(w.indptr, w.indices, w.data)
    back_indptr, back_indices = validate.lists_for_kernels(back.indptr, back.indices)
    out = np.empty(back.nnz)
    parallel.thread_blocks(
        lambda a, b: kernels.self_avoiding.squares_back(a, b, indptr, indices, data, back_indptr, back_indices, out),
        w.shape[0],
        min_block=256,
    )
    return out


def _walks_from(w: Any, rows: Any, max_hops: int) -> float:
    """How many walks of up to so many hops leave the inputs."""
    there = binarize(w).T
    state, count = np.bincount(rows, minlength=w.shape[0]).astype(float), 0.0
    for _ in range(max_hops):
        state = there @ state
        count += float(state.sum())
    return count


def _enumerated(w: Any, rows: Any, columns: Any, max_hops: int) -> NDArray[np.float64]:
    lists, column, place, ends = _lists(w, columns)
    least = np.full((max_hops + 1, w.shape[0]), np.inf)
    least[0, ends] = 0.0
    kernels.walk_bounds.remaining(lists[0], lists[1], np.ones(w.nnz), least)
    within, maps = least.min(axis=0), np.zeros((max_hops + 1, len(rows), len(ends)))
    parallel.thread_blocks(
        lambda a, b: kernels.self_avoiding.enumerate_paths(a, b, rows, *lists, column, within, maps), len(rows)
    )
    return maps[..., place]


def _sampled(w: Any, rows: Any, columns: Any, hops: int, draws: int, seed: int) -> tuple[Any, Any]:
    """Estimated map of some hops, and its standard error."""
    lists, column, place, ends = _lists(w, columns)
    size, ahead = abs(w), np.zeros((hops, w.shape[0]))
    ahead[0, ends] = 1.0
    for h in range(1, hops):
        ahead[h] = size @ ahead[h - 1]
    sums = np.zeros((3, len(rows), len(ends)))
    seeds = random.seeds(seed, len(rows))
    sample = kernels.self_avoiding.sample_paths
    parallel.thread_blocks(lambda a, b: sample(a, b, rows, *lists, column, ahead, hops, draws, seeds, sums), len(rows))
    mean = sums[0] / draws
    error = np.sqrt(np.maximum(sums[1] / draws - mean**2, 0.0) / (draws - 1))
    reached = pathways(size, inputs=rows, outputs=ends, max_hops=hops).maps[-1] > 0
    reached[rows[:, None] == ends] = False
    error[reached & (sums[2] == 0)] = np.nan
    return mean[:, place], error[:, place]


def _lists(w: Any, columns: Any) -> tuple[Any, ...]:
    """Lists for the kernels, the place of every node among the outputs, and theirs among the distinct ones."""
    ends, place = np.unique(columns, return_inverse=True)
    column = np.full(w.shape[0], -1)
    column[ends] = np.arange(len(ends))
    return validate.lists_for_kernels(w.indptr, w.indices, w.data), column, place, ends
