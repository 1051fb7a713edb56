"""The two data types: what is connected to what, and what the units did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import validate

if TYPE_CHECKING:
    pass


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that cannot be written to; the array itself if nobody can write to it, such as a part of another's."""
    owner = array if array.base is None else array.base
    if isinstance(owner, np.ndarray) and not (array.flags.writeable or owner.flags.writeable):
        return array
    array = np.array(array)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Connectome:
    """A weighted network with what is known about its nodes and where it came from.

    Parameters
    ----------
    weights : array_like or sparse matrix, shape (..., n, n)
        ``weights[..., i, j]`` is the weight from node i (source) to node j (target).
        Leading axes make a stack of networks over the same nodes. Kept as float64, dense
        or :class:`scipy.sparse.csr_array`; zero means "no connection".
        Weights that equal their transpose up to rounding (all pairs that differ are stored both ways and differ by
        at most the precision of their type times the largest weight) become the means of both directions, and the
        history names the largest difference. Of networkx graphs: the edge attribute "weight" or another name of it
        ("synapses", "count", …), 1 if edges have no numbers; parallel edges summed; self-connections of an undirected
        graph count twice, once for each end, as graph libraries count them.
        A torch or PyTorch-style ``[target, source]`` matrix must be transposed first.
    positions : array_like, shape (n, d), optional
        Node coordinates, in the unit named by ``metadata["unit"]``.
    distances : array_like, shape (n, n), optional
        Distances between nodes when they are not those of `positions` (tract lengths,
        say). Without it :attr:`distances` is Euclidean, computed from `positions`.
    labels : sequence of str, length n, optional
        Default: the index of a DataFrame or the nodes of a graph, unless they only count 0, 1, 2, …
    modules : sequence, length n, optional
        A partition known beforehand (cell class, anatomical system).
    inputs : array_like, shape (n_in, n), optional
        ``inputs[a, i]`` is the weight from input a to node i.
    outputs : array_like, shape (n, n_out), optional
        ``outputs[i, b]`` is the weight from node i to output b.
    name : str, optional
    metadata : mapping, optional
        Provenance: file, sha256, species, model, seed, epoch, licence, doi, …
    history : iterable of str
        The transforms applied so far, oldest first (kept by :mod:`netanalysis.transform`).

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or shape, or weights hold NaN or infinity.

    Examples
    --------
    >>> import netanalysis as na
    >>> net = na.Connectome([[0, 2.0], [0, 0]], labels=["ASEL", "AIYL"], name="two cells")
    >>> net.n_nodes, net.is_directed, net.density
    (2, True, 0.5)
    """

    weights: Any
    positions: Any = None
    labels: Any = None
    modules: Any = None
    inputs: Any = None
    outputs: Any = None
    name: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[str, ...] = ()

    if TYPE_CHECKING:
        _given_distances: NDArray[np.float64] | None

    def __init__(
        self,
        weights: Any,
        *,
        positions: ArrayLike | None = None,
        distances: ArrayLike | None = None,
        labels: Sequence[Any] | None = None,
        modules: Sequence[Any] | None = None,
        inputs: ArrayLike | None = None,
        outputs: ArrayLike | None = None,
        name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        history: Iterable[str] = (),
    ) -> None:
        w, done = validate.as_network(weights, name="weights")
        n = w.shape[-1]
        w = w.copy() if sparse.issparse(w) else _frozen(w)
        if labels is None:
            labels = validate.own_labels(weights)
        if positions is not None:
            positions = _frozen(validate.as_array(positions, "positions", shape=(n, None)))
        if distances is not None:
            distances = _frozen(validate.as_array(distances, "distances", shape=(n, n)))
        if inputs is not None:
            inputs = _frozen(validate.as_array(inputs, "inputs", shape=(None, n)))
        if outputs is not None:
            outputs = _frozen(validate.as_array(outputs, "outputs", shape=(n, None)))
        values = {
            "weights": w,
            "positions": positions,
            "_given_distances": distances,
            "labels": None if labels is None else validate.as_labels(labels, n, "labels"),
            "modules": None if modules is None else validate.as_labels(modules, n, "modules"),
            "inputs": inputs,
            "outputs": outputs,
            "name": name,
            "metadata": MappingProxyType(dict(metadata or {})),
            "history": (*history, *done),
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields replaced; the result is validated like a new one."""
        current = {key: getattr(self, key) for key in self.__dataclass_fields__}
        current["distances"] = None if "positions" in changes else self._given_distances
        unknown = set(changes) - set(current)
        if unknown:
            raise TypeError(f"replace() got unknown field(s) {sorted(unknown)}; a Connectome has {sorted(current)}")
        return type(self)(**(current | changes))

    @cached_property
    def distances(self) -> NDArray[np.float64] | None:
        """Distances between nodes, (n, n): as given, else Euclidean between `positions`, else None."""
        if self._given_distances is not None or self.positions is None:
            return self._given_distances
        if self.n_nodes**2 * 8 > validate.DENSE_LIMIT_BYTES:
            raise MemoryError(
                f"distances of {self.n_nodes} nodes do not fit in "
                f"{validate.DENSE_LIMIT_BYTES / 2**30:.0f} GiB; take them per edge from positions"
            )
        from scipy.spatial.distance import cdist

        return _frozen(cdist(self.positions, self.positions))

    @property
    def n_nodes(self) -> int:
        """Number of nodes n."""
        return int(self.weights.shape[-1])

    @property
    def is_stack(self) -> bool:
        """Whether the weights have leading axes."""
        return self.weights.ndim > 2

    @property
    def is_sparse(self) -> bool:
        """Whether the weights are a :class:`scipy.sparse.csr_array`."""
        return bool(sparse.issparse(self.weights))

    @property
    def is_directed(self) -> bool:
        """Whether any weight differs from its transpose by more than rounding (which is taken out, see `history`)."""
        return not validate.is_symmetric(self.weights)

    @property
    def is_signed(self) -> bool:
        """Whether any weight is negative."""
        return validate.has_negative(self.weights)

    @property
    def density(self) -> float | NDArray[np.float64]:
        """Share of the n (n - 1) ordered pairs of distinct nodes that are connected; 0 for a single node."""
        n = self.n_nodes
        if sparse.issparse(self.weights):
            off = self.weights.nnz - np.count_nonzero(self.weights.diagonal())
        else:
            diagonal = np.diagonal(self.weights, axis1=-2, axis2=-1)
            off = np.count_nonzero(self.weights, axis=(-2, -1)) - np.count_nonzero(diagonal, axis=-1)
        density = np.asarray(off / max(1, n * (n - 1)))
        return density if density.ndim else float(density)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if sparse.issparse(self.weights):
            raise TypeError(
                "this Connectome is sparse and numpy would have to make it dense; "
                "use .weights (a csr_array), or .weights.toarray() if n x n fits in memory"
            )
        return np.array(self.weights, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        lead = self.weights.shape[:-2]
        kind = "signed " if self.is_signed else ""
        kind += "directed" if self.is_directed else "undirected"
        storage = ", sparse" if self.is_sparse else ""
        density = f"{self.density:.3g}" if not lead else "stack"
        has = [k for k in ("positions", "labels", "modules", "inputs", "outputs") if getattr(self, k) is not None]
        stack = f"stack {lead} of " if lead else ""
        return (
            f"<Connectome {self.name or 'unnamed'}: {stack}{self.n_nodes} nodes, {kind}, "
            f"density {density}{storage}{'; ' + ', '.join(has) if has else ''}>"
        )
