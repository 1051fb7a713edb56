"""Motifs: how often each pattern of three or four nodes occurs."""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import transform
from netanalysis._core import options, parallel, stacks, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._motif_classes import Classes, classes_of, matrices

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MotifCensus", "motif_census"]

_THREAD_WORK = 2**22  # entries of matrices


@result
class MotifCensus:
    """Result of :func:`motif_census`.

    Attributes
    ----------
    counts : ndarray of int64, shape (..., classes)
    classes : tuple of str
    size : int
        Nodes of a motif.
    directed : bool
    induced : bool
    """

    counts: NDArray[np.int64]
    classes: tuple[str, ...]
    size: int
    directed: bool
    induced: bool

    def to_frame(self) -> pd.DataFrame:
        """A row per class: motif, count (for one network, not a stack)."""
        import pandas as pd

        return pd.DataFrame({"motif": self.classes, "count": self.counts})


@recorded
@takes_stacks
def motif_census(
    net: Network,
    *,
    size: Literal[3, 4] = 3,
    directed: bool | None = None,
    induced: bool = True,
    connected: bool = True,
) -> MotifCensus:
    """Count the motifs of three or four nodes of each class.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Every weight that is not 0, of either sign, counts as a connection. Self-connections are left out.
    size : {3, 4}
        Nodes of a motif.
    directed : bool, optional
        Whether to tell classes apart by direction. Default: unless the network, or every network of a stack, is
        undirected.
    induced : bool
        Count sets of nodes by all connections among them, so that each set is of one class ("functional" motifs of
        bctpy are not). Otherwise count every subgraph: a complete set of four nodes holds four stars as well.
    connected : bool
        Leave out classes in which a node is tied to no other. False is for 3 nodes: the 16 triads.

    Returns
    -------
    MotifCensus
        Undirected: path and triangle; star, path, paw (a triangle and a link to it), ring, diamond (a ring with one
        diagonal) and complete. Directed: of 3 nodes the 13 triads as networkx names them, with D for down and U for up
        (111D is a <-> b <- c); of 4 nodes 199 classes, each named by the smallest number that its connections make,
        counting ``2 ** (4 i + j)`` for one from i to j: bi-fan 204, bi-parallel 904, as in mfinder.

    Notes
    -----
    Time grows with the number of connected sets: about 10 ns each. Counts have 64 bits.

    Whether a count is large is asked by :func:`motif_test`: against :func:`netanalysis.nulls.degree_preserving`, or, so
    that mutual pairs do not make every motif that holds one stand out, against
    :func:`netanalysis.nulls.reciprocity_preserving`, or, motifs of four, :func:`netanalysis.nulls.triad_preserving`.

    References
    ----------
    Milo et al. 2002, doi:10.1126/science.298.5594.824; Holland & Leinhardt 1970, doi:10.1086/224954 (triads); Sporns &
    Kötter 2004, doi:10.1371/journal.pbio.0020369 (brains); Wernicke 2006, doi:10.1109/TCBB.2006.51 (algorithm).

    Examples
    --------
    >>> import netanalysis as na
    >>> feed_forward_loop = [[0, 1.0, 1], [0, 0, 1], [0, 0, 0]]
    >>> census = na.motif_census(feed_forward_loop)
    >>> dict(zip(census.classes, census.counts.tolist()))["030T"]
    1
    >>> na.motif_census([[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], size=4).to_frame()
          motif  count
    0      star      0
    1      path      0
    2       paw      1
    3      ring      0
    4   diamond      0
    5  complete      0
    """
    if isinstance(size, (bool, float, np.floating)) or size not in (3, 4):
        raise ValueError(f"size must be 3 or 4 (an integer); got {size!r}")
    options.flags(induced=induced, connected=connected)
    options.optional_flags(directed=directed)
    if not connected and size == 4:
        raise ValueError("connected=False is for size=3 only; classes of 4 nodes are connected")
    w = validate.as_weights(net)
    one_way = not all(
        validate.is_symmetric(m)
        for m in (stacks.flatten(w != 0)[0] if not sparse.issparse(w) else [(w != 0).astype(float)])
    )
    if directed is False and one_way:
        raise ValueError("directed=False needs an undirected network; use transform.symmetrize(net, how=...) first")
    by_direction = one_way if directed is None else bool(directed)
    table = classes_of(size, by_direction)
    hits, lead = _hits(w, size)
    counts = np.zeros((len(hits), len(table.names)), np.int64)
    np.add.at(counts.T, table.of_code[table.of_code >= 0], hits.T[table.of_code >= 0])
    if size == 3:
        _unconnected(w, counts, table)
    if not induced:
        counts = counts @ table.within
    keep = table.connected | (not connected)
    return MotifCensus(
        counts=counts[:, keep].reshape(*lead, -1),
        classes=tuple(name for name, kept in zip(table.names, keep, strict=True) if kept),
        size=int(size),
        directed=by_direction,
        induced=bool(induced),
    )


def _hits(w: Any, size: int) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """How often each pattern of connected nodes occurs in each network, and the leading shape."""
    codes = 4 ** comb(size, 2)
    found: list[tuple[int, NDArray[np.int64]]] = []
    if sparse.issparse(w):
        present = (transform.remove_self_connections(w) != 0).astype(np.uint8)
        pairs = sparse.csr_array(present + 2 * present.T)
        kinds = ((pairs.indptr, np.int64), (pairs.indices, np.int32), (pairs.data, np.uint8))
        lists = [np.require(x, kind, ["C", "W"]) for x, kind in kinds]

        def listed(start: int, stop: int) -> None:
            hits = np.zeros(codes, np.int64)
            kernels.motifs.count(start, stop, *lists, size, hits)
            found.append((0, hits[None]))

        parallel.thread_blocks(listed, w.shape[0], min_block=1 + _THREAD_WORK // (1 + pairs.nnz))
        return np.sum([hits for _, hits in found], axis=0), ()
    flat, lead = stacks.flatten(validate.for_kernels(w))
    n = flat.shape[-1]

    def dense(start: int, stop: int) -> None:
        first, last = start // n, (stop - 1) // n + 1
        hits = np.zeros((last - first, codes), np.int64)
        kernels.motifs.count_dense(start - first * n, stop - first * n, flat[first:last], size, hits)
        found.append((first, hits))

    parallel.thread_blocks(dense, len(flat) * n, min_block=1 + _THREAD_WORK // n**2)
    out = np.zeros((len(flat), codes), np.int64)
    for first, hits in found:
        out[first : first + len(hits)] += hits
    return out, lead


def _unconnected(w: Any, counts: NDArray[np.int64], table: Classes) -> None:
    """Fill in the triads that no kernel meets, from the numbers of pairs.

    A pair is in n - 2 triads: what connected ones do not hold of them, triads with one connected pair do.
    """
    n = w.shape[-1]
    present = w != 0
    both_ways = present.multiply(present.T) if sparse.issparse(w) else present & np.swapaxes(present, -1, -2)
    arcs, mutual = (
        np.asarray([x.sum() - x.diagonal().sum()] if sparse.issparse(w) else _off(x)) for x in (present, both_ways)
    )
    drawn = matrices(3)[table.codes]
    own = (drawn & drawn.swapaxes(1, 2)).sum((1, 2)) // 2
    single = drawn.sum((1, 2)) - 2 * own
    one_way, two_way = (single, arcs - mutual), (own, mutual // 2)
    for name, (each, pairs) in {"012": one_way, "102": two_way, "one edge": two_way}.items():
        if name in table.names:
            counts[:, table.names.index(name)] = pairs * (n - 2) - (counts * each * table.connected).sum(1)
    counts[:, 0] = comb(n, 3) - counts.sum(1) + counts[:, 0]


def _off(x: NDArray[np.bool_]) -> NDArray[np.int64]:
    flat, _ = stacks.flatten(x)
    return np.asarray(flat.sum((1, 2)) - np.diagonal(flat, axis1=1, axis2=2).sum(1))
