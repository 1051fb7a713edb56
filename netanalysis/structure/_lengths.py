"""Lengths of connections from their weights, and the networks that have them."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import _kernels
from netanalysis._core import options, validate
from netanalysis._core.types import Network
from netanalysis.transform import remove_self_connections

Lengths = Literal["inverse", "hops", "weights"]


def checked(net: Network, lengths: Lengths) -> Any:
    """Weights that can be turned into lengths."""
    w = validate.as_weights(net, as_given=True)
    options.choice(lengths, get_args(Lengths), "lengths")
    if lengths != "hops" and validate.has_negative(w):
        w = remove_self_connections(w)  # which lie on no shortest path
        validate.require_nonnegative(
            w,
            "net",
            measure="a weighted shortest path",
            instead='Use lengths="hops", or choose transform.absolute(net) or transform.positive_part(net)',
        )
    return w


def lists(w: Any) -> tuple[Any, ...]:
    """Out-neighbours and weights of a sparse network, without self-connections."""
    w = sparse.csr_array(w)
    if w.diagonal().any():
        w = remove_self_connections(w)
    return validate.lists_for_kernels(w.indptr, w.indices, w.data)


def connections(m: NDArray[np.float64]) -> tuple[Any, Any]:
    """Out-neighbours of a dense network."""
    return _kernels.bits.to_lists(_kernels.bits.pack(m))


def to_length(weights: NDArray[np.float64], lengths: Lengths, **where: Any) -> NDArray[np.float64]:
    """Lengths of connections from their weights."""
    if lengths != "inverse":
        return weights
    with np.errstate(over="raise"):
        try:
            return np.divide(1.0, weights, **where)
        except FloatingPointError:
            raise ValueError(
                f"net holds weights too small to have an inverse (down to {weights[weights > 0].min():.3g}); "
                "remove them with transform.threshold(net, weight=...)"
            ) from None


def length_matrices(flat: NDArray[np.float64], lengths: Lengths) -> NDArray[np.float64]:
    """Connection lengths, inf where there is no connection, 0 on the diagonal."""
    out = np.full(flat.shape, np.inf)
    connected = flat > 0
    if lengths == "inverse":
        to_length(flat, lengths, out=out, where=connected)
    else:
        np.copyto(out, flat, where=connected)
    n = flat.shape[-1]
    out[:, np.arange(n), np.arange(n)] = 0.0
    return out
