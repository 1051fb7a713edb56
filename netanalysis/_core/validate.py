"""The one door: every public function turns its input into a weight matrix here."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import direction, frames, graphs, memory, sparse_parts
from netanalysis._core.direction import is_symmetric as is_symmetric
from netanalysis._core.kinds import is_instance, is_state_dict, lists_networks
from netanalysis._core.node_order import of_nodes, own_labels
from netanalysis._core.text import some, suggested, text_array, writable

ACCEPTED = (
    "a numpy array, nested list, scipy sparse matrix, pandas DataFrame, networkx graph, torch tensor or Connectome"
)
_EXPECTED = f"{ACCEPTED} of real numbers"


def as_weights(net: Any, *, name: str = "net", as_given: bool = False) -> Any:
    """Return float64 weights, ndarray (..., n, n) or csr_array (n, n), never the caller's to edit.

    Dense input that is already float64 is returned without a copy: treat the result as read-only. Weights that are
    symmetric up to rounding become exactly so (:mod:`netanalysis._core.direction`), unless `as_given`, for functions to
    which it makes no difference beyond rounding. Of a networkx graph, the weights
    are the edge attribute "weight" or another name of it, 1 if edges have no numbers; parallel edges are summed, and
    self-connections of an undirected graph count twice, once for each end, as in graph libraries.
    """
    if type(net) is np.ndarray:
        w = _square(as_array(net, name, expected=_EXPECTED), name)
        return w if as_given else direction.without_rounding(w, direction.precision_of(net.dtype))[0]
    if is_instance(net, "netanalysis.connectome", "Connectome"):
        return net.weights
    return as_network(net, name=name, precision=0.0 if as_given else None)[0]


def as_network(net: Any, *, name: str = "net", precision: float | None = None) -> tuple[Any, list[str]]:
    """:func:`as_weights`, and what was done to them, for the history.

    `precision` is the relative one in which they were stored, if their type does not tell.
    """
    notes: list[str] = []
    if type(net) is np.ndarray:
        pass  # by far the most common, and not to be asked what else it might be
    elif is_instance(net, "netanalysis.connectome", "Connectome"):
        return net.weights, notes
    elif sparse.issparse(net):
        return _undirected(_from_sparse(net, name), net.dtype, precision, notes)
    elif is_instance(net, "pandas", "DataFrame"):
        net = frames.weights_of(net, name)
    elif is_instance(net, "networkx", "Graph"):
        notes = graphs.not_taken(net)
        net, done, _ = graphs.weights_of(net, name)
        notes = [*done, *notes]
        if sparse.issparse(net):
            return _undirected(_from_sparse(net, name), np.float64, precision, notes)
    elif is_instance(net, "torch.nn", "Module") or is_state_dict(net):
        raise TypeError(
            f"{name} is torch's {type(net).__name__}, which holds many arrays, as [target, source]: "
            f"na.from_torch({name}) takes the recurrent ones and turns them"
        )
    elif is_instance(net, "torch.nn", "Parameter"):
        raise TypeError(
            f"{name} is a torch parameter, and torch's layers keep [target, source]: na.from_torch(module) turns them. "
            f"Of code of your own, detach it and say what its rows are: na.Connectome({name}.detach(), "
            "orientation='target_source') if they are targets, 'source_target' if they are sources"
        )
    elif is_instance(net, "torch", "Tensor"):
        if net.layout is not sys.modules["torch"].strided:
            raise TypeError(f"{name} is a sparse torch tensor; pass {name}.to_dense() or a scipy sparse matrix")
        if net.is_complex():
            raise TypeError(f"{name} must be real; got a complex torch tensor ({net.dtype})")
        if net.is_floating_point() and precision is None:
            precision = max(float(sys.modules["torch"].finfo(net.dtype).eps), direction.DOUBLE)
        net = net.detach().to("cpu", sys.modules["torch"].float64).numpy()
    elif lists_networks(net) and not isinstance(net[0], np.ndarray) and np.ndim(net[0]) == 2:
        net = of_list(net, name)
    given = getattr(net, "dtype", np.float64)
    return _undirected(_square(as_array(net, name, expected=_EXPECTED), name), given, precision, notes)


def _square(w: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if w.ndim < 2 or w.shape[-1] != w.shape[-2]:
        raise ValueError(
            f"{name} must be square, shape (n, n) or a stack (..., n, n), with {name}[i, j] the weight from "
            f"source i to target j; got shape {w.shape}"
        )
    if w.size == 0:
        raise ValueError(f"{name} must have at least one node; got shape {w.shape}")
    return w


def _undirected(w: Any, dtype: Any, precision: float | None, notes: list[str]) -> tuple[Any, list[str]]:
    w, largest = direction.without_rounding(w, direction.precision_of(dtype) if precision is None else precision)
    return w, [*notes, direction.rounding_note(largest)] if largest else notes


def of_list(nets: Any, name: str) -> NDArray[np.float64]:
    """Dense weights (k, n, n) of a list of networks, which must have the same nodes in the same order."""
    members = [as_weights(net, name=f"{name}[{k}]") for k, net in enumerate(nets)]
    shapes = sorted({w.shape for w in members})
    if len(shapes) > 1:
        raise ValueError(f"all networks of {name} must have the same nodes; got shapes {shapes}")
    labels = [own_labels(net) for net in nets]
    for k, own in enumerate(labels):
        if labels[0] is not None and own is not None and own != labels[0]:
            raise ValueError(f"{name}[{k}] must have the nodes of {name}[0] in the same order; their labels differ")
    return np.stack([w.toarray() if sparse.issparse(w) else w for w in members])


def as_array(
    values: Any,
    name: str,
    *,
    shape: tuple[int | None, ...] | None = None,
    expected: str = "an array of real numbers",
    undefined: bool = False,
) -> NDArray[np.float64]:
    """Finite float64 array of a given shape (None: any length), or an error that says what came.

    Where numbers may be `undefined`, nan is among them.
    """
    if type(values) is np.ndarray:
        pass
    elif isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise TypeError(f"{name} is a masked array; choose values for the masked entries (they are never filled here)")
    elif is_instance(values, "torch", "Tensor") and values.layout is sys.modules["torch"].strided:
        values = values.detach().to("cpu").numpy()
    elif sparse.issparse(values):
        sparse_parts.check(values, name)
        instead = "sum its rows by group into fewer, or name nodes instead"
        memory.require(8 * int(np.prod(values.shape)), f"{name} as a dense array", instead=instead)
        values = values.toarray()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{name} must be {expected}; got {type(values).__name__} of unequal rows") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be {expected}; got {type(values).__name__} with dtype {array.dtype}")
    array = array.astype(np.float64, copy=False)
    if shape is not None and (
        array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True))
    ):
        wanted = "(" + ", ".join("any" if s is None else str(s) for s in shape) + ")"
        raise ValueError(f"{name} must have shape {wanted}; got {array.shape}")
    known = np.where(np.isnan(array), 0.0, array) if undefined else array
    _refuse_nonfinite(known, known, name)
    return array


def _refuse_nonfinite(data: NDArray[np.float64], array: Any, name: str) -> None:
    # A finite sum of squares vouches for all, in half the time; BLAS would use threads on more than this.
    if data.size <= 10_000 and isfinite(np.vdot(data, data)):
        return
    finite = np.isfinite(data)
    if finite.all():
        return
    bad = ~finite
    n_nan = int(np.isnan(data).sum())
    where = ""
    if array is data:
        where = f", first at {name}[{', '.join(str(int(i)) for i in np.argwhere(bad)[0])}]"
    raise ValueError(
        f"{name} must be finite; got {n_nan} NaN and {int(bad.sum()) - n_nan} infinite values{where}. "
        f"They are never filled here: {_what_to_do(bad, name)}"
    )


def _what_to_do(bad: NDArray[np.bool_], name: str) -> str:
    """With entries that are not finite: all on the diagonal, or all of some nodes, are frequent."""
    *lead, rows, columns = bad.shape if bad.ndim > 1 else (1, 0)
    if rows == columns and rows > 2:
        off = bad & ~np.eye(rows, dtype=bool)
        if not off.any():
            of = f"{name}[..., range({rows}), range({rows})] = 0" if lead else f"np.fill_diagonal({name}, 0)"
            return f"all of them are on the diagonal, where they mostly do not count: {of}"
        lost = (off.sum(axis=-1) >= rows - 1).reshape(-1, rows).any(axis=0)
        if lost.any() and not off[..., ~lost, :][..., ~lost].any():
            nodes = np.flatnonzero(lost)
            whose = "all of them" if not (bad & ~off)[..., ~lost, :].any() else "those that are off the diagonal"
            return (
                f"{whose} are of the nodes {some(nodes, 8)}, which have no value at all: leave these out "
                f"everywhere, transform.subset(net, nodes)"
            )
    return "set them to a value you can defend, or leave those entries out"


def _from_sparse(net: Any, name: str) -> Any:
    if net.ndim != 2 or net.shape[0] != net.shape[1]:
        raise ValueError(f"{name} must be square, shape (n, n); got a sparse matrix of shape {net.shape}")
    if net.shape[0] == 0:
        raise ValueError(f"{name} must have at least one node; got shape {net.shape}")
    if net.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers; got a sparse matrix with dtype {net.dtype}")
    sparse_parts.check(net, name)
    canonical = (
        isinstance(net, sparse.csr_array)
        and net.dtype == np.float64
        and net.has_canonical_format
        and bool(np.all(net.data))
    )
    if not canonical:
        # In float64 first: entries stored twice are summed, and int8 or bool would not hold their sum.
        net = sparse.csr_array(net.astype(np.float64, copy=True))
        sparse_parts.check(net, name)
        net.sum_duplicates()
        net.eliminate_zeros()
    _refuse_nonfinite(net.data, net, name)
    return net


def as_labels(values: Any, n: int, name: str, *, net: Any = None) -> NDArray[Any]:
    """One label per node, as a read-only array of numbers or strings; of `net`, in the order of its nodes."""
    of_nodes(own_labels(net), values, name)
    array = label_array(values, name)
    if array.shape != (n,):
        raise ValueError(f"{name} must have one entry per node, {n}; got shape {array.shape}")
    array = array.copy()
    array.flags.writeable = False
    return array


def label_array(values: Any, name: str) -> NDArray[Any]:
    """Labels of any shape: all numbers or all strings, none of them missing; or a result that holds `labels`."""
    if not isinstance(values, np.ndarray) and isinstance(found := getattr(values, "labels", None), np.ndarray):
        values = found
    if isinstance(values, Iterable) and not isinstance(values, (str, np.ndarray)):
        values = list(values)
        if values and all(isinstance(value, str) for value in values):
            writable(values, name)
            return text_array(values)
    array = rectangular(values, name)
    if not isinstance(values, np.ndarray) or array.dtype.kind == "O":
        # numpy would make strings of the numbers among strings, and round the integers among floats.
        given = np.array(values, dtype=object).ravel()
        strings, numbers = (sum(isinstance(v, kind) for v in given) for kind in (str, (Real, np.bool_)))
        if len(given) not in (strings, numbers):
            odd = next(v for v in given if not isinstance(v, str if strings > numbers else (Real, np.bool_)))
            raise TypeError(f"{name} must be all numbers or all strings; got {odd!r} among them")
        if array.dtype.kind == "f" and any(isinstance(v, Integral) and int(v) != float(v) for v in given):
            raise TypeError(f"{name} mixes floats with integers too large to be one; give them all as strings")
        if array.dtype.kind == "O":
            array = (text_array if strings else np.array)(given.tolist()).reshape(array.shape)
    writable(array, name)
    if array.dtype.kind == "O" and array.size and all(isinstance(value, str) for value in array.flat):
        return array
    if array.dtype.kind not in "biufU":
        raise TypeError(f"{name} must be all numbers or all strings; got dtype {array.dtype}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} must not hold NaN or infinity")
    return array


def rectangular(values: Any, name: str) -> NDArray[Any]:
    """An array, of anything but rows of unequal lengths."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must have rows of one length; got {type(values).__name__} of unequal rows") from error


def as_nodes(nodes: Any, n: int, name: str, *, net: Any = None) -> NDArray[np.intp]:
    """Node indices from integers, a boolean mask of length n, or names of modules and labels of a Connectome."""
    if isinstance(nodes, str) or (isinstance(nodes, (list, tuple)) and nodes and isinstance(nodes[0], str)):
        return _named_nodes([nodes] if isinstance(nodes, str) else list(nodes), name, net)
    array = np.atleast_1d(rectangular(nodes, name))
    if array.dtype.kind == "U" and array.ndim == 1:
        return _named_nodes(array.tolist(), name, net)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"{name} must be a non-empty list of node indices, a mask of length {n}, or names of modules or labels; "
            f"got {nodes!r}"
        )
    if array.dtype == bool:
        if array.shape != (n,):
            raise ValueError(f"{name} as a mask must have length {n}; got {array.shape[0]}")
        if not array.any():
            modules = getattr(net, "modules", None)
            there = "" if modules is None else f"; the modules of net are {some(np.unique(modules), 8)}"
            raise ValueError(f"{name} selects no node: the mask is False everywhere{there}")
        return np.flatnonzero(array)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers, booleans or names; got dtype {array.dtype}")
    if array.min() < -n or array.max() >= n:
        raise ValueError(f"{name} must lie in 0..{n - 1}; got {int(array.min())}..{int(array.max())}")
    return (array % n).astype(np.intp)


def _named_nodes(wanted: list[str], name: str, net: Any) -> NDArray[np.intp]:
    """Nodes of modules and labels of these names, in the order of the names."""
    known: dict[str, NDArray[Any]] = {}
    for kind in ("modules", "labels"):
        if getattr(net, kind, None) is not None:
            known[kind] = text_array([str(value) for value in np.asarray(getattr(net, kind)).tolist()])
    if not known:
        raise ValueError(f"{name}={wanted!r} names nodes, and net has neither modules nor labels to find them by")
    found: list[NDArray[np.intp]] = []
    for each in wanted:
        hits = {kind: np.flatnonzero(values == str(each)) for kind, values in known.items()}
        hits = {kind: nodes for kind, nodes in hits.items() if len(nodes)}
        if not hits:
            there = "; ".join(f"{kind} {some(np.unique(values), 8)}" for kind, values in known.items())
            meant = suggested(each, [value for values in known.values() for value in np.unique(values)])
            raise ValueError(f"{name}: nothing is called {each!r}. {meant}net has {there}")
        if len(hits) == 2 and not np.array_equal(hits["modules"], hits["labels"]):
            raise ValueError(f"{name}: {each!r} is a module and also the label of another node; give indices or a mask")
        found.append(next(iter(hits.values())))
    return np.concatenate(found).astype(np.intp)


def has_negative(w: Any) -> bool:
    """Whether any weight is negative."""
    return bool((w.data < 0).any() if sparse.issparse(w) else (w < 0).any())


def require_nonnegative(w: Any, name: str, *, measure: str, instead: str) -> None:
    """Refuse signed weights where the measure has no meaning for them."""
    if has_negative(w):
        count = int((w.data < 0).sum() if sparse.issparse(w) else (w < 0).sum())
        raise ValueError(f"{measure} needs non-negative weights; {name} has {count} negative ones. {instead}")


def dense(w: Any, *, measure: str, instead: str) -> NDArray[np.float64]:
    """The n x n array a measure needs, or an error naming the estimator that does without."""
    if not sparse.issparse(w):
        return np.asarray(w)
    n = w.shape[0]
    memory.require(8 * n * n, f"{measure} needs a dense {n} x {n} array, which", instead=f"use {instead}")
    return np.asarray(w.toarray())


def for_kernels(array: NDArray[Any]) -> NDArray[Any]:
    """The same values as a row-major read-only array: numba compiles a kernel anew for every other kind."""
    out = np.ascontiguousarray(array).view()
    out.flags.writeable = False
    return out


def lists_for_kernels(indptr: Any, indices: Any, *data: Any) -> tuple[NDArray[Any], ...]:
    """Neighbour lists as kernels make them, writeable too: :func:`for_kernels` would be a second kind."""
    kinds = (np.int64, np.int32, *[np.float64] * len(data))
    return tuple(np.require(x, kind, ["C", "W"]) for x, kind in zip((indptr, indices, *data), kinds, strict=True))
