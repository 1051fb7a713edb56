"""Networks drawn from a block model: fitted, or given by groups, connections between them, and degrees."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import direction, options, random, validate
from netanalysis.structure.block_model import BlockModel

__all__ = ["draw_blocks"]

Kind = Literal["binary", "poisson", "exact"]
_MOST = 2**31  # connections: at 50 bytes each


def draw_blocks(
    groups: ArrayLike | BlockModel,
    *,
    block_matrix: ArrayLike | None = None,
    degrees: ArrayLike | None = None,
    directed: bool | None = None,
    kind: Kind = "binary",
    size: int | None = None,
    as_sparse: bool = False,
    rng: random.RNG = None,
) -> Any:
    r"""Draw networks of a stochastic block model, plain or degree-corrected.

    Nodes i and j of groups r and s are expected to have :math:`\lambda_{ij} = \theta_i \theta_j e_{rs}` connections,
    :math:`e_{rs}` the connections from r to s and :math:`\theta_i` the share that node i has in the degrees of its
    group; the same for all nodes of a group if there are no degrees. (Directed: shares of the out-degrees for i, of
    the in-degrees for j.)

    Parameters
    ----------
    groups : sequence of labels, one per node, or result of :func:`netanalysis.block_model`
        A result brings its block matrix and, if it is degree-corrected, its degrees along.
    block_matrix : array_like, shape (k, k), optional
        Connections from each group to each, in the order of the sorted labels, as in
        :class:`~netanalysis.BlockModel`: symmetric if undirected, with twice the connections within a group on its
        diagonal.
    degrees : array_like, shape (n,) or (2, n), optional
        Degrees, or the out- and the in-degrees of a directed network; only their shares within groups count, unless
        `kind` is "exact".
    directed : bool, optional
        Default: whether the block matrix is not symmetric, or in- and out-degrees differ.
    kind : {"binary", "poisson", "exact"}
        ``"binary"``: pairs are connected, once and not to themselves, each with its own probability: for a plain model
        the one that gives every two groups the expected number of connections, for a degree-corrected one
        :math:`1 - \exp(-\lambda_{ij})`, so that the strongest nodes of dense groups get fewer than asked for.
        ``"poisson"``: independent numbers of connections of mean :math:`\lambda_{ij}`, self-connections included.
        ``"exact"``: exactly the connections and degrees given, of which it is the microcanonical model; their ends are
        joined at random, so that parallel connections and self-connections arise. Without either,
        :func:`netanalysis.nulls.block_degree_preserving` rewires a network.
    size : int, optional
        Number of replicates; None gives a single network.
    as_sparse : bool
        csr_arrays instead of arrays, for many nodes.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    ndarray (n, n), with `size` (size, n, n); or csr_array, with `size` a list of them
        Whole numbers of connections. Self-connections of undirected networks count twice, once for each end. Draw r
        does not depend on `size`.

    Raises
    ------
    ValueError
        If the block matrix does not fit the groups, or is not symmetric for an undirected network; if there are more
        connections than pairs ("binary", plain); if degrees do not add up to the rows of the block matrix or are not
        whole ("exact"); if a group that has connections has no degrees.

    References
    ----------
    Holland, Laskey & Leinhardt 1983, doi:10.1016/0378-8733(83)90021-7; Karrer & Newman 2011,
    doi:10.1103/PhysRevE.83.016107; Peixoto 2017, doi:10.1103/PhysRevE.95.012317 ("exact").

    Examples
    --------
    >>> import netanalysis as na
    >>> groups = [0] * 30 + [1] * 30
    >>> net = na.draw_blocks(groups, block_matrix=[[300, 20], [20, 300]], kind="exact", rng=0)
    >>> net[:30, :30].sum(), net[:30, 30:].sum()
    (np.float64(300.0), np.float64(20.0))
    >>> drawn = na.draw_blocks(groups, block_matrix=[[300, 20], [20, 300]], rng=0)
    >>> na.block_model(drawn, rng=0).n_blocks
    2
    """
    options.choice(kind, get_args(Kind), "kind")
    options.flags(as_sparse=as_sparse)
    options.optional_flags(directed=directed)
    count = 1 if size is None else options.count(size, "size")
    if isinstance(groups, BlockModel):
        if not all(given is None for given in (block_matrix, degrees, directed)):
            raise ValueError(
                "a fitted model brings block_matrix, degrees and directed along; give only groups to change them"
            )
        if groups.labels.ndim != 1:
            raise ValueError("groups must be the model of one network; got that of a stack")
        directed, block_matrix = bool(groups.directed), groups.block_matrix
        if groups.degree_corrected:
            degrees = groups.degrees if directed else groups.degrees[0]
        groups = groups.labels
    elif block_matrix is None:
        raise ValueError("block_matrix must be given beside groups: the connections from each group to each")
    shape = np.shape(np.asarray(groups, object) if groups is None else groups)
    if len(shape) != 1 or not shape[0]:
        raise ValueError(
            f"groups must be one label for each node, or a fitted model, of one node at least; got shape {shape}"
        )
    label = np.unique(validate.as_labels(groups, shape[0], "groups"), return_inverse=True)[1]
    model = _Model(label, block_matrix, degrees, directed, kind)
    drawn = [model.draw(generator, as_sparse) for generator in random.generators(rng, count)]
    if size is None:
        return drawn[0]
    return drawn if as_sparse else np.array(drawn)


class _Model:
    """Groups, expected or exact connections between them, and the shares of their nodes in these."""

    def __init__(self, label: NDArray[np.intp], matrix: Any, degrees: Any, directed: bool | None, kind: str) -> None:
        self.n, self.kind, self.sizes = len(label), kind, np.bincount(label)
        k = len(self.sizes)
        m = validate.as_array(matrix, "block_matrix", shape=(k, k))
        if (m < 0).any():
            raise ValueError("block_matrix must not be negative: it holds numbers of connections")
        symmetric = direction.is_symmetric(m)
        weights, both = self._degrees(degrees)
        self.directed = (not symmetric or not both) if directed is None else directed
        if not self.directed and not symmetric:
            raise ValueError("block_matrix must be symmetric for an undirected network, directed=False")
        if not self.directed and not both:
            raise ValueError("degrees must be one row, or two alike, for an undirected network")
        if degrees is not None and self.directed and weights.shape[0] == 1:
            raise ValueError("degrees of a directed network must have shape (2, n): out-degrees, in-degrees")
        weights = np.broadcast_to(weights, (2, self.n))
        # Undirected, every two groups once, and each connection within a group.
        self.m = m if self.directed else np.triu(m, 1) + np.diag(np.diag(m)) / 2
        self.order = np.argsort(label, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(self.sizes)])
        self.weights = weights[:, self.order]
        self.ends = np.array([np.add.reduceat(w, self.start[:-1]) for w in self.weights])
        wanted = (m.sum(1), m.sum(0))
        for have, need in zip(self.ends, wanted, strict=True):
            if ((have == 0) & (need > 0)).any():
                raise ValueError("degrees are 0 throughout a group to which block_matrix gives connections")
            if kind == "exact" and degrees is not None and (have != need).any():
                raise ValueError(
                    'degrees must add up, group by group, to the rows and columns of block_matrix for kind="exact"; '
                    f"got {have.tolist()} for {need.tolist()}"
                )
        self.corrected = degrees is not None
        self._require_possible()

    def _degrees(self, degrees: Any) -> tuple[NDArray[np.float64], bool]:
        """Rows of degrees, and whether out- and in-degrees are alike."""
        if degrees is None:
            return np.ones((1, self.n)), True
        d = validate.as_array(degrees, "degrees")
        if d.shape not in ((self.n,), (2, self.n)):
            raise ValueError(f"degrees must have shape ({self.n},) or (2, {self.n}); got {d.shape}")
        if (d < 0).any():
            raise ValueError("degrees must not be negative")
        d = d.reshape(-1, self.n)
        if self.kind != "exact" and d.any():  # shares count, whose sums are numbers in any unit
            d = d / d.max()
        return d, bool((d[0] == d[-1]).all())

    def _require_possible(self) -> None:
        if self.m.sum() > _MOST:
            raise ValueError(
                f"block_matrix asks for {self.m.sum():.3g} connections, each of which is drawn by itself; more than "
                f"{_MOST} are not"
            )
        whole = (self.m == np.floor(self.m)).all() and (self.weights == np.floor(self.weights)).all()
        if self.kind == "exact" and not whole:
            raise ValueError(
                'kind="exact" needs whole degrees and numbers of connections: even ones on the diagonal of an '
                "undirected block_matrix, which counts connections within a group twice"
            )
        self.full = np.zeros(self.m.shape, bool)
        self.rates = self.m
        if self.kind != "binary" or self.corrected:
            return
        n = self.sizes.astype(float)
        within = np.eye(len(n), dtype=bool)
        pairs = np.outer(n, n) - np.diag(n)
        pairs = np.where(within & (not self.directed), pairs / 2, pairs)
        if (self.m > pairs).any():
            r, s = np.argwhere(self.m > pairs)[0]
            raise ValueError(
                f"block_matrix asks for {self.m[r, s]:g} connections between groups {r} and {s}, which have "
                f'{pairs[r, s]:g} pairs of nodes; kind="poisson" allows parallel ones'
            )
        share = np.divide(self.m, pairs, out=np.zeros_like(self.m), where=pairs > 0)
        self.full = (share == 1) & (pairs > 0)
        # A pair is connected if one or more of a Poisson number of connections falls on it.
        rate = -np.log1p(-np.where(self.full, 0.0, share)) * np.outer(n, n)
        self.rates = np.where(within & (not self.directed), rate / 2, rate)

    def draw(self, rng: np.random.Generator, as_sparse: bool) -> Any:
        """One network."""
        source, target = self._joined(rng) if self.kind == "exact" and self.corrected else self._placed(rng)
        source, target = self.order[source], self.order[target]
        if self.kind == "binary":
            source, target = source[source != target], target[source != target]
        w = sparse.csr_array((np.ones(len(source)), (source, target)), shape=(self.n, self.n))
        w = w if self.directed else sparse.csr_array(w + w.T)
        w.sum_duplicates()
        if self.kind == "binary":
            w.data[:] = 1.0
        return w if as_sparse else w.toarray()

    def _placed(self, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Connections whose ends fall on nodes by their shares."""
        number = (self.m.astype(np.int64) if self.kind == "exact" else rng.poisson(self.rates)).ravel()
        k = len(self.sizes)
        blocks = np.repeat(np.arange(k * k), number)
        ends = [self._nodes(of, d, rng) for d, of in enumerate((blocks // k, blocks % k))]
        for r, s in np.argwhere(self.full):
            i, j = np.meshgrid(*(np.arange(self.start[g], self.start[g + 1]) for g in (r, s)), indexing="ij")
            ends = [np.concatenate([ends[0], i.ravel()]), np.concatenate([ends[1], j.ravel()])]
        return ends[0], ends[1]

    def _nodes(self, group: NDArray[np.intp], d: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """A node of each of these groups, in proportion to degrees."""
        total = np.concatenate([[0.0], np.cumsum(self.weights[d])])
        low, high = total[self.start[:-1]], total[self.start[1:]]
        at = np.searchsorted(total, low[group] + rng.random(len(group)) * (high - low)[group], side="right") - 1
        return np.minimum(at, self.start[1:][group] - 1)

    def _joined(self, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """All ends of all nodes, dealt to the pairs of groups and joined at random."""
        k = len(self.sizes)
        m = self.m.astype(np.int64)
        if self.directed:
            nodes = [self._shuffled(d, rng) for d in (0, 1)]
            # Sources lie group by group, cut by target group; targets group by group, cut by source group.
            cut = np.argsort(np.tile(np.arange(k), k).repeat(m.T.ravel()), kind="stable")
            return nodes[0], nodes[1][cut]
        return self._paired(m, rng)

    def _paired(self, m: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        ends = self._shuffled(0, rng)
        k = len(m)
        both = m + m.T  # of each group, how many ends go to each: on the diagonal twice the connections
        cut = np.concatenate([[0], np.cumsum(both.ravel())])
        parts = [ends[cut[r * k + s] : cut[r * k + s + 1]] for r in range(k) for s in range(k)]
        source = [parts[r * k + r][0::2] for r in range(k)] + [parts[r * k + s] for r in range(k) for s in range(r)]
        target = [parts[r * k + r][1::2] for r in range(k)] + [parts[s * k + r] for r in range(k) for s in range(r)]
        return np.concatenate(source), np.concatenate(target)

    def _shuffled(self, d: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Every node as often as its degree, group by group in random order."""
        nodes = np.repeat(np.arange(self.n), self.weights[d].astype(np.int64))
        group = np.searchsorted(self.start, nodes, side="right") - 1
        return nodes[np.lexsort((rng.random(len(nodes)), group))]
