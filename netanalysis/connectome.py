"""The two data types: what is connected to what, and what the units did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, Self
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from netanalysis._core import html, memory, node_order, options, records, validate
from netanalysis._core.text import as_text, writable
from netanalysis._core.types import Network

_FARTHEST = 1e150  # coordinates; squares of their differences must be finite

# Arrays that Connectomes and Recordings hold, by id: only these are known to have no owner elsewhere.
_held: WeakValueDictionary[int, NDArray[Any]] = WeakValueDictionary()


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that nobody can write to, nor unlock; the array itself if it is such a copy or a part of one."""
    if array.base is not None and _held.get(id(array.base)) is array.base and not array.flags.writeable:
        return array
    return hold(np.array(array))


def hold(array: NDArray[Any]) -> NDArray[Any]:
    """:func:`frozen` without a copy, for an array that nobody else has."""
    array.flags.writeable = False
    _held[id(array)] = array
    return array.view()  # a view of a locked array cannot be unlocked, the array itself could


def own(array: NDArray[Any]) -> NDArray[Any]:
    """:func:`hold` for an array, or a view of one, that nobody else has: it is not copied any more."""
    root = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    if root.nbytes > array.nbytes:  # a part, which would keep all of it in memory
        return array
    hold(root)
    view = array.view()
    view.flags.writeable = False
    return view if view.base is root else array


def steps(history: Iterable[str]) -> list[str]:
    """A history, each step of it text."""
    if isinstance(history, (str, Mapping)) or not isinstance(history, Iterable):
        raise TypeError(f"history must be a list of steps, each of them text; got {type(history).__name__}")
    return [as_text(step, f"history[{k}]") for k, step in enumerate(history)]


def described(metadata: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Metadata that nobody can change, its arrays :func:`frozen`."""
    if metadata is not None and not isinstance(metadata, Mapping):
        raise TypeError(f"metadata must be a mapping of names to values; got {type(metadata).__name__}")
    writable(metadata, "metadata")
    return MappingProxyType(
        {key: frozen(value) if isinstance(value, np.ndarray) else value for key, value in (metadata or {}).items()}
    )


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
    positions : array_like, shape (n, d), optional
        Node coordinates, in the unit named by ``metadata["unit"]``.
    distances : array_like, shape (n, n), optional
        Distances between nodes, at least 0, when they are not those of `positions` (tract lengths,
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
    orientation : {"source_target", "target_source"}
        What rows and columns of `weights` are. torch keeps recurrent weights as ``[target, source]``: they are turned
        round on the way in.

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
    >>> stack = na.Connectome([[[0, 1.0], [1, 0]]] * 3, name="children", metadata={"age": [8, 9, 11]})
    >>> len(stack), stack[1].name, stack[1].metadata["age"]
    (3, 'children [1]', 9)
    """

    weights: Any
    positions: Any = None
    given_distances: NDArray[np.float64] | None = None
    labels: Any = None
    modules: Any = None
    inputs: Any = None
    outputs: Any = None
    name: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[str, ...] = ()

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
        orientation: Literal["source_target", "target_source"] = "source_target",
    ) -> None:
        w, done = validate.as_network(weights, name="weights")
        if options.choice(orientation, ["source_target", "target_source"], "orientation") == "target_source":
            w = sparse.csr_array(w.T) if sparse.issparse(w) else w.swapaxes(-1, -2)
        n = w.shape[-1]
        w = w.copy() if sparse.issparse(w) else frozen(w)
        if labels is None:
            labels = node_order.own_labels(weights)
        for key, of_them in (("positions", positions), ("distances", distances), ("modules", modules)):
            node_order.of_nodes(labels, of_them, key)
        if positions is not None:
            positions = frozen(validate.as_array(positions, "positions", shape=(n, None)))
            if np.abs(positions).max(initial=0.0) > _FARTHEST:
                raise ValueError(f"positions must lie within {_FARTHEST:g}, or distances between them are infinite")
        if distances is not None:
            distances = frozen(_checked_distances(distances, n))
        if inputs is not None:
            inputs = frozen(validate.as_array(inputs, "inputs", shape=(None, n)))
        if outputs is not None:
            outputs = frozen(validate.as_array(outputs, "outputs", shape=(n, None)))
        values = {
            "weights": w,
            "positions": positions,
            "given_distances": distances,
            "labels": None if labels is None else frozen(validate.as_labels(labels, n, "labels")),
            "modules": None if modules is None else frozen(validate.as_labels(modules, n, "modules")),
            "inputs": inputs,
            "outputs": outputs,
            "name": None if name is None else as_text(name, "name"),
            "metadata": described(metadata),
            "history": (*steps(history), *done),
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {key: getattr(self, key) for key in self.__dataclass_fields__}
        return _unpickled, (type(self), fields | {"metadata": dict(self.metadata)})

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields replaced; the result is validated like a new one."""
        current = {key: getattr(self, key) for key in self.__dataclass_fields__}
        distances = current.pop("given_distances")
        current["distances"] = None if "positions" in changes else distances
        unknown = set(changes) - set(current)
        if unknown:
            raise TypeError(f"replace() got unknown field(s) {sorted(unknown)}; a Connectome has {sorted(current)}")
        made = type(self)(**(current | changes))
        return made if "weights" in changes else self._with_record(made, changes)

    def _with_record(self, made: Self, changes: dict[str, Any]) -> Self:
        """A copy that knows where it came from, unless it holds what cannot be written down."""
        if not hasattr(self, "_record"):
            return made
        known = self.metadata
        if (new := changes.get("metadata")) is not None and all(new.get(key) is known[key] for key in known):
            added = {key: value for key, value in new.items() if key not in known}
            changes = {key: value for key, value in changes.items() if key != "metadata"} | {"added": added}
        derived: Self = records.derived(made, self, ".replace", changes)
        return derived

    @cached_property
    def distances(self) -> NDArray[np.float64] | None:
        """Distances between nodes, (n, n): as given, else Euclidean between `positions`, else None."""
        if self.given_distances is not None or self.positions is None:
            return self.given_distances
        instead = "take them per edge from positions"
        memory.require(8 * self.n_nodes**2, f"distances of {self.n_nodes} nodes", instead=instead)
        from scipy.spatial.distance import cdist

        return frozen(cdist(self.positions, self.positions))

    def edge_distances(self, rows: NDArray[np.integer], columns: NDArray[np.integer]) -> NDArray[np.float64] | None:
        """Distances of the pairs (rows[k], columns[k]), without the n x n matrix where positions give them.

        None if the nodes have neither distances nor positions.
        """
        if self.given_distances is None and self.positions is not None:
            return np.asarray(np.linalg.norm(self.positions[rows] - self.positions[columns], axis=1))
        return None if self.distances is None else self.distances[rows, columns]

    @property
    def has_distances(self) -> bool:
        """Whether the nodes have distances, given or from positions."""
        return self.given_distances is not None or self.positions is not None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the weights, (..., n, n)."""
        return tuple(self.weights.shape)

    def __len__(self) -> int:
        if not self.is_stack:
            raise TypeError("this Connectome is one network: it has n_nodes, and a length only as a stack")
        return int(self.weights.shape[0])

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[Self]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index: int | tuple[int, ...]) -> Self:
        """A network of a stack (of several leading axes: a stack of those that the index leaves).

        Its name gets the index. Of the metadata, an array, list or tuple with an entry for each place along the first
        leading axis gives that entry, what this holds its own along the second, and so on. In a stack of as many
        networks as nodes arrays stay whole, as they may be of nodes; lists and tuples do not.
        """
        lead = self.weights.shape[:-2]
        index = index if isinstance(index, tuple) else (index,)
        if not self.is_stack or len(index) > len(lead) or not all(isinstance(k, (int, np.integer)) for k in index):
            raise IndexError(
                f"an index must be up to {len(lead)} integers, for the leading axes {lead} of the stack; got {index}"
                if self.is_stack
                else "this Connectome is one network; transform.subset(net, nodes) takes some of its nodes"
            )
        place = tuple(range(size)[k] for k, size in zip(index, lead, strict=False))
        one = self.replace(
            weights=self.weights[place],
            name=f"{self.name or 'network'} [{', '.join(map(str, place))}]",
            metadata={key: _dealt(value, place, lead, self.n_nodes) for key, value in self.metadata.items()},
        )
        of_stack: Self = records.derived(one, self, "[]", {"index": place})
        return of_stack

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
        density = "" if lead else f", density {self.density:.3g}"
        has = [k for k in ("positions", "labels", "modules", "inputs", "outputs") if getattr(self, k) is not None]
        stack = f"stack {lead} of " if lead else ""
        return (
            f"<Connectome {self.name or 'unnamed'}: {stack}{self.n_nodes} nodes, {kind}{density}"
            f"{storage}{'; ' + ', '.join(has) if has else ''}>"
        )

    def _repr_html_(self) -> str:
        lead = self.weights.shape[:-2]
        kind = ["signed"] * self.is_signed + ["directed" if self.is_directed else "undirected"]
        rows: list[tuple[str, Any]] = [("networks", lead)] if lead else []
        rows += [("nodes", f"{self.n_nodes:,}"), ("kind", ", ".join(kind + ["sparse"] * self.is_sparse))]
        if not lead:
            rows.append(("density", f"{self.density:.3g}"))
        if self.modules is not None:
            names = np.unique(np.asarray(self.modules).astype(str))
            rows.append(("modules", f"{len(names):,}: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}"))
        rows += [(k, "yes") for k in ("positions", "labels", "inputs", "outputs") if getattr(self, k) is not None]
        rows += [(k, self.metadata[k]) for k in ("species", "file", "licence", "doi") if self.metadata.get(k)]
        return html.table(f"Connectome {self.name or 'unnamed'}", rows + [("step", step) for step in self.history[-5:]])


def _dealt(value: Any, place: tuple[int, ...], lead: tuple[int, ...], n_nodes: int) -> Any:
    """What an entry of the metadata of a stack says of the network at one place."""
    if isinstance(value, np.ndarray) and lead == (n_nodes,):
        return value
    for k, size in zip(place, lead, strict=False):
        many = value.ndim > 0 if isinstance(value, np.ndarray) else isinstance(value, (list, tuple))
        if not many or len(value) != size:
            break
        value = value[k]
    return value.item() if isinstance(value, np.generic) else value


def _unpickled(kind: type[Connectome], fields: dict[str, Any]) -> Connectome:
    """A Connectome whose fields have been checked before."""
    net = object.__new__(kind)
    for key, value in fields.items():
        if isinstance(value, np.ndarray):
            value = hold(value if value.base is None else np.array(value))
        object.__setattr__(net, key, MappingProxyType(dict(value)) if key == "metadata" else value)
    return net


def node_distances(net: Network, distances: ArrayLike | None, n: int) -> NDArray[np.float64]:
    """Distances between n nodes, (n, n): those given, else those of a Connectome."""
    if distances is not None:
        node_order.of_nodes(node_order.own_labels(net), distances, "distances")
        return _checked_distances(distances, n)
    return _known(net.distances if isinstance(net, Connectome) else None, n)


def edge_distances(net: Network, distances: ArrayLike | None, n: int, rows: Any, columns: Any) -> NDArray[np.float64]:
    """:func:`node_distances` of some pairs, without the n x n matrix where positions give them."""
    if distances is not None:
        return node_distances(net, distances, n)[rows, columns]
    return _known(net.edge_distances(rows, columns) if isinstance(net, Connectome) else None, n)


def _checked_distances(distances: ArrayLike, n: int) -> NDArray[np.float64]:
    """At least 0; what lies below by rounding, such as a diagonal of ``1 - correlation``, is 0."""
    out = validate.as_array(distances, "distances", shape=(n, n))
    if (lowest := out.min(initial=0.0)) < -1e-12 * out.max(initial=0.0):
        raise ValueError(f"distances must not be negative; got {lowest:g}")
    return np.maximum(out, 0.0) if lowest < 0 else out


def _known(distances: NDArray[np.float64] | None, n: int) -> NDArray[np.float64]:
    if distances is None:
        raise ValueError("net has no distances: give distances= (n, n), or a Connectome with positions or distances")
    if distances.ndim == 2 and len(distances) != n:
        raise ValueError(f"distances must have shape ({n}, {n}); got those of a Connectome, {distances.shape}")
    return distances
