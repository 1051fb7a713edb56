"""A network as a few modes, each of which reads one pattern and writes another, and who feeds and reads them."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, sparse

from netanalysis._core import options, parallel, random, scaling, stacks, validate
from netanalysis._core.pvalues import p_value, standard_score, standardized_maximum_p
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.connectome import Connectome

__all__ = ["LowRank", "Overlap", "low_rank"]

Modes = Literal["singular", "eigen"]

_WHOLE_UP_TO = 500  # nodes; a few singular vectors of larger networks are found by themselves
_ROUNDING = 1e-13  # of a value that is 0, relative to the largest
_DEFECTIVE = 1e-12  # what reads and writes overlap by; of so little no digit is known


@result
class Overlap:
    """How far inputs feed the modes of a network, or outputs read them.

    Attributes
    ----------
    cosines : ndarray, shape (rank, k)
        Of each mode and each of the k inputs or outputs; of complex modes magnitudes. nan for one without weights.
    angles : ndarray
        Principal angles between the space of the modes and that of the inputs or outputs, in radians, ascending.
    share : float
        Of the squared weights of all inputs or outputs, how much lies in the space of the modes.
    null_mean, null_std, z, p : float
        Of `share` where nodes are dealt anew to inputs or outputs: p says how often that gives as large a share.
    by_mode : ndarray, shape (rank,)
        The same share for each mode by itself.
    p_by_mode : ndarray, shape (rank,)
        Corrected over modes by the maximum statistic.
    """

    cosines: NDArray[np.float64]
    angles: NDArray[np.float64]
    share: float
    null_mean: float
    null_std: float
    z: float
    p: float
    by_mode: NDArray[np.float64]
    p_by_mode: NDArray[np.float64]


@result
class LowRank:
    """What :func:`low_rank` returns, the largest mode first.

    Attributes
    ----------
    values : ndarray, shape (rank,)
        Singular values, or eigenvalues (complex).
    reads : ndarray, shape (n, rank)
        The unit pattern that each mode reads: ``x W`` holds ``(x @ reads[:, k])`` of mode k. A left singular vector of
        W, or a right eigenvector.
    writes : ndarray, shape (n, rank)
        The unit pattern that it writes. A right singular vector, or a left eigenvector. The largest entry is positive.
    share : ndarray, shape (rank,)
        ``|value|^2 / ||W||_F^2``. Of all singular values they sum to 1, of all eigenvalues to 1 less the square of
        :func:`netanalysis.non_normality`.
    recurrence : ndarray, shape (rank, rank)
        ``writes[:, j] @ reads[:, k]``: how far what mode j writes is what mode k reads.
    inputs, outputs : Overlap or None
        Of the input weights with what modes read, of the output weights with what they write.
    modes : str
    n_nulls : int
    """

    values: NDArray[Any]
    reads: NDArray[Any]
    writes: NDArray[Any]
    share: NDArray[np.float64]
    recurrence: NDArray[Any]
    inputs: Overlap | None
    outputs: Overlap | None
    modes: str
    n_nulls: int

    @property
    def eigenvalues(self) -> NDArray[np.complex128]:
        """Eigenvalues of the network of these modes alone: of ``diag(values) @ recurrence``, the others being 0."""
        if self.modes == "eigen":
            return np.asarray(self.values, complex)
        return np.asarray(np.linalg.eigvals(self.values[:, None] * self.recurrence), complex)

    def table(self) -> Any:
        """A DataFrame with a row for each mode.

        Columns: mode, value, share, cumulative, and of inputs and outputs the share in each mode and its corrected p.
        """
        import pandas as pd

        columns: dict[str, Any] = {"mode": np.arange(len(self.values)) + 1, "value": self.values, "share": self.share}
        columns["cumulative"] = np.cumsum(self.share)
        for name, end in (("inputs", self.inputs), ("outputs", self.outputs)):
            if end is not None:
                columns |= {name: end.by_mode, f"{name}_p": end.p_by_mode}
        return pd.DataFrame(columns)


@recorded
def low_rank(
    net: Network,
    *,
    rank: int,
    modes: Modes = "singular",
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    n_nulls: int = 1000,
    rng: random.RNG = None,
) -> LowRank:
    """The few modes that hold most of a network, and their overlap with its inputs and outputs.

    ``W = sum_k values[k] reads[:, k] writes[:, k]^T``: an input that overlaps with what a mode reads drives it, an
    output that overlaps with what it writes hears it, and what feeds back goes by the overlap of the two. (In code of
    target rows, ``W = m n^T``, n reads and m writes.) These overlaps, not the size of a mode, decide what a network of
    low rank computes (Mastrogiuseppe & Ostojic 2018, doi:10.1016/j.neuron.2018.07.003); training changes weights in few
    modes (Schuessler et al. 2020, arXiv:2006.11036).

    So it is of singular vectors. Eigenvectors of length 1 overlap by less than 1, and mode k is
    ``values[k] / recurrence[k, k] reads[:, k] writes[:, k]^T``; modes of one eigenvalue together are
    ``values[k] reads recurrence^-1 writes^T``, of their own columns. They make W if they are all that are not 0.

    Parameters
    ----------
    net : network
        Signed weights. Of more than 500 nodes few singular vectors are found by Lanczos' method, sparse ones too.
    rank : int
        How many modes.
    modes : {"singular", "eigen"}
        Eigenvectors of a network that is not normal are not orthogonal: their shares do not add up to that of the
        network of these modes.
    inputs : weights (n_in, n) or (n,), or nodes; default: of the Connectome, if it has any
    outputs : weights (n, n_out) or (n,), or nodes; default: likewise
        Nodes are inputs or outputs with a weight of 1 each.
    n_nulls : int
        Networks in which the nodes are dealt anew to inputs, all inputs alike, or outputs: weights as they are, and the
        overlap of vectors with a mean, which all share, is in the null too.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    LowRank

    Raises
    ------
    ValueError
        A stack, a rank above that of the weights, or eigenvectors of a defective network, which has too few.

    Notes
    -----
    Modes of equal value are not unique, nor are their cosines one by one; the share and the angles of all of them are.
    The same holds for the last mode if the next is as large.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> found = na.low_rank(np.outer([1, 2, 0], [0, 1, 3]), rank=1, inputs=[1.0, 0, 0], n_nulls=99, rng=0)
    >>> found.values.round(4), found.eigenvalues.real.round(4), found.inputs.cosines.round(4)
    (array([7.0711]), array([2.]), array([[0.4472]]))
    """
    w = stacks.one_network(net, instead="take the modes of its networks one by one")
    n = w.shape[0]
    rank = options.positive_int(rank, "rank")
    options.choice(modes, get_args(Modes), "modes")
    n_nulls = options.count(n_nulls, "n_nulls")
    if rank > n:
        raise ValueError(f"rank must be at most the number of nodes, {n}; got {rank}")
    w, unit = scaling.to_one(w)
    norm = float(np.linalg.norm(w.data if sparse.issparse(w) else w))
    if norm == 0:
        raise ValueError(f"rank must be at most 0, because all weights are 0; got {rank}")
    with parallel.one_blas_thread():
        values, reads, writes, floor = (_singular if modes == "singular" else _eigen)(w, rank)
    known = int((np.abs(values) > floor).sum())
    if known < rank:
        raise ValueError(
            f"rank must be at most {known}, the number of modes of these weights that are not 0; got {rank}"
        )
    recurrence = writes.T @ reads
    if modes == "eigen" and np.linalg.svd(recurrence, compute_uv=False)[-1] < _DEFECTIVE:
        alike = values[np.abs(np.diag(recurrence)).argmin()] * unit
        raise ValueError(
            f"modes='eigen' needs an eigenvector for every eigenvalue, and these weights are defective, or all but: "
            f"those of {alike:.6g} are one or hardly differ. modes='singular' always has as many as it needs"
        )
    seeds = random.generators(rng, 2)
    ends = []
    for name, given, patterns, generator in (
        ("inputs", inputs, reads, seeds[0]),
        ("outputs", outputs, writes, seeds[1]),
    ):
        weights = _end(net, given, n, name)
        ends.append(None if weights is None else _overlap(patterns, weights, n_nulls, generator))
    return LowRank(
        values=values * unit,
        reads=reads,
        writes=writes,
        share=(np.abs(values) / norm) ** 2,
        recurrence=recurrence,
        inputs=ends[0],
        outputs=ends[1],
        modes=modes,
        n_nulls=n_nulls,
    )


def _singular(w: Any, rank: int) -> tuple[Any, Any, Any, float]:
    found = _few_singular(w, rank)
    if found is not None:
        left, values, right = found
        order = np.argsort(-values, kind="stable")
        left, values, right = left[:, order], values[order], right[order]
    else:
        dense = validate.dense(w, measure="so many modes", instead="a lower rank")
        left, values, right = np.linalg.svd(dense)
        left, values, right = left[:, :rank], values[:rank], right[:rank]
    sign = np.sign(right[np.arange(rank), np.abs(right).argmax(axis=1)])
    return values, left * sign, right.T * sign, w.shape[0] * _ROUNDING * float(values[0])


def _few_singular(w: Any, rank: int) -> tuple[Any, Any, Any] | None:
    """The largest of a large network, in any order; None where all are as fast, or ARPACK does not tell them apart."""
    from scipy.sparse.linalg import ArpackError, svds

    n = w.shape[0]
    if n <= _WHOLE_UP_TO or rank > n // 10:
        return None
    try:
        found: tuple[Any, Any, Any] = svds(w, k=rank, v0=np.random.default_rng(0).standard_normal(n))
    except ArpackError:
        return None
    return found


def _eigen(w: Any, rank: int) -> tuple[Any, Any, Any, float]:
    dense = validate.dense(w, measure='modes="eigen"', instead='modes="singular"')
    values, left, right = linalg.eig(dense, left=True, right=True)
    order = np.argsort(-np.abs(values), kind="stable")[:rank]
    reads, writes = right[:, order], left[:, order].conj()
    for patterns in (reads, writes):
        largest = patterns[np.abs(patterns).argmax(axis=0), np.arange(rank)]
        patterns /= largest / np.abs(largest) * np.linalg.norm(patterns, axis=0)
    floor = len(dense) * _ROUNDING * float(np.linalg.norm(dense))
    if not values[order].imag.any():
        return values[order], reads.real, writes.real, floor
    return values[order], reads, writes, floor


def _end(net: Network, given: Any, n: int, name: str) -> NDArray[np.float64] | None:
    """Weights of inputs or outputs as rows (k, n)."""
    if given is None:
        own = getattr(net, name) if isinstance(net, Connectome) else None
        return None if own is None else np.asarray(own if name == "inputs" else own.T, float)
    array = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    if array.dtype.kind == "f" or array.ndim > 1:
        array = validate.as_array(array, name)
        axis = "(n_in, n)" if name == "inputs" else "(n, n_out)"
        rows = np.atleast_2d(array if name == "inputs" or array.ndim == 1 else array.T)
        if rows.ndim != 2 or rows.shape[1] != n or 0 in rows.shape:
            raise ValueError(f"{name} must be nodes, or weights {axis} or (n,) with n = {n}; got shape {array.shape}")
        return rows
    return np.asarray(np.eye(n)[validate.as_nodes(given, n, name, net=net)])


def _overlap(patterns: NDArray[Any], rows: NDArray[np.float64], n_nulls: int, rng: np.random.Generator) -> Overlap:
    size = np.linalg.norm(rows)
    if size == 0:
        raise ValueError("inputs and outputs must have weights; got none but 0")
    rows = rows / size
    space = linalg.orth(np.hstack([patterns.real, patterns.imag]) if np.iscomplexobj(patterns) else patterns)
    both = np.hstack([space, patterns])

    def shares(both: NDArray[Any]) -> NDArray[np.float64]:
        """In the space of all modes, then in each."""
        squares = (np.abs(rows @ both) ** 2).sum(axis=0)
        return np.concatenate([[squares[: space.shape[1]].sum()], squares[space.shape[1] :]])

    observed = shares(both)
    values = np.array([observed, *(shares(both[rng.permutation(len(both))]) for _ in range(n_nulls))])
    null = values[1:, 0]
    mean, std, z = map(float, standard_score(observed[0], null))
    inner = patterns.T @ rows.T
    inner = np.abs(inner) if np.iscomplexobj(inner) else inner
    return Overlap(
        cosines=stacks.ratio(inner, np.linalg.norm(rows, axis=1)),
        angles=linalg.subspace_angles(space, linalg.orth(rows.T))[::-1],
        share=float(observed[0]),
        null_mean=mean,
        null_std=std,
        z=z,
        p=float(p_value(observed[0], null, "greater")),
        by_mode=observed[1:],
        p_by_mode=standardized_maximum_p(observed[1:], values[1:, 1:], "greater"),
    )
