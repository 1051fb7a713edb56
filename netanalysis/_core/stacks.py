"""Every network of a stack, and the numbers that come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import kinds, parallel, validate


def flatten(w: NDArray[Any]) -> tuple[NDArray[Any], tuple[int, ...]]:
    """(..., n, n) to (m, n, n), and the leading shape to restore."""
    return w.reshape(-1, *w.shape[-2:]), w.shape[:-2]


def restore(values: NDArray[Any], lead: tuple[int, ...]) -> Any:
    """(m, ...) to (*lead, ...); a Python float or int where that leaves a single number."""
    return number(np.asarray(values).reshape(lead + np.shape(values)[1:]))


def number(values: Any) -> Any:
    """An array as it is, an array without axes as a Python number."""
    array = np.asarray(values)
    return array if array.ndim else array.item()


def ratio(part: Any, whole: Any, *, otherwise: float = np.nan) -> NDArray[np.float64]:
    """``part / whole``, and `otherwise` where the whole is 0."""
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, otherwise), where=whole != 0)


def one_network(net: Any, *, instead: str, name: str = "net") -> Any:
    """Weights of a single network; a stack is refused, with what to do `instead`."""
    w = validate.as_weights(net, name=name)
    if w.ndim != 2:
        raise ValueError(f"{name} must be one network; got a stack of shape {w.shape}: {instead}")
    return w


def members(net: Any, name: str = "net") -> tuple[list[Any], tuple[int, ...]]:
    """The networks of a stack or list, each as a Connectome where it is one, or the one there is; the leading shape."""
    if kinds.lists_networks(net):
        lead = validate.of_list(net, name).shape[:-2]
        if len(lead) > 1:
            raise ValueError(f"{name} must be a list of networks; got a list of stacks")
        return list(net), lead
    w = validate.as_weights(net, name=name)
    lead = w.shape[:-2]
    if not lead:
        return [net], ()
    of = net if hasattr(net, "is_stack") else w
    return [of[index] for index in np.ndindex(lead)], lead


def padded(arrays: Sequence[NDArray[Any]], length: int, lead: tuple[int, ...], axis: int = -1) -> NDArray[Any]:
    """Arrays that differ in length along an axis as one, (*lead, ...), nan (or 0, of integers) behind the shorter."""

    def longer(array: NDArray[Any]) -> NDArray[Any]:
        behind = [(0, 0)] * array.ndim
        behind[axis] = (0, length - array.shape[axis])
        return np.pad(array, behind, constant_values=np.nan if array.dtype.kind == "f" else 0)

    return np.asarray(restore(np.stack([longer(array) for array in arrays]), lead))


def numbers_of(lead: tuple[int, ...]) -> NDArray[Any]:
    """What a table calls the networks of a stack: 0, 1, 2 …, or their indices as text where there are several axes."""
    return np.arange(lead[0]) if len(lead) == 1 else np.array([str(index) for index in np.ndindex(lead)])


def each(w: Any, function: Callable[[Any], Any], shape: tuple[int, ...] = ()) -> Any:
    """``function(m)``, of some `shape`, for every network m of a stack, or for the one there is."""
    if sparse.issparse(w):
        return number(function(w))
    flat, lead = flatten(w)
    return restore(np.array([function(m) for m in flat], dtype=float).reshape(len(flat), *shape), lead)


def in_threads(block: Callable[[int, int], Any], flat: NDArray[Any], *, work: int = 2**18) -> None:
    """``block(start, stop)`` over the networks of a stack, in threads that have at least `work` entries to do each.

    The block must release the GIL. Starting a thread costs as much as a kernel does with 10,000 to a million entries.
    """
    if len(flat) == 1:
        block(0, 1)  # the rest would take as long as a kernel does for a small network
    else:
        parallel.thread_blocks(block, len(flat), min_block=1 + work // (flat.shape[-2] * flat.shape[-1]))
