"""Components: the parts that a network falls into."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from netanalysis._core import options, stacks, validate
from netanalysis._core.components import strong_components
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels

__all__ = ["Components", "components"]


@result
class Components:
    """What :func:`components` returns; the axes of a stack come first.

    Attributes
    ----------
    count : int or ndarray
    labels : ndarray of int, shape (..., n)
        Component of each node, 0 the largest, ties by the first node.
    sizes : ndarray of int, shape (..., c)
        Nodes of each component; of a stack, c is the largest count and what is missing is 0.
    largest_share : float or ndarray
        Share of the nodes that are in the largest component.
    """

    count: Any
    labels: NDArray[np.intp]
    sizes: NDArray[np.intp]
    largest_share: Any


@takes_stacks
def components(net: Network, *, kind: Literal["weak", "strong"] = "weak") -> Components:
    """Sets of nodes that reach each other.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Every weight that is not 0, of either sign, is a connection. Dense or sparse of any size.
    kind : {"weak", "strong"}
        "weak": along connections of either direction; "strong": there and back along their direction. The same for
        undirected networks.

    Returns
    -------
    Components

    References
    ----------
    Tarjan 1972, doi:10.1137/0201010.

    Examples
    --------
    >>> import netanalysis as na
    >>> parts = na.components([[0, 0, 0], [0, 0, 1.0], [0, 0, 0]])
    >>> parts.labels, parts.sizes
    (array([1, 0, 0]), array([2, 1]))
    >>> na.components([[0, 0, 0], [0, 0, 1.0], [0, 0, 0]], kind="strong").count
    3
    """
    options.choice(kind, ["weak", "strong"], "kind")
    w = validate.as_weights(net, as_given=True)
    if sparse.issparse(w):
        member = csgraph.connected_components(w, directed=True, connection=kind)[1][None]
        lead: tuple[int, ...] = ()
    else:
        flat, lead = stacks.flatten(w)
        if kind == "weak":
            present = flat != 0
            flat = (present | present.swapaxes(-1, -2)).astype(float)
        member = strong_components(flat)[1]
    labels = np.empty(member.shape, np.intp)
    for given, out in zip(member.astype(np.uint32), labels, strict=True):
        kernels.labels.number_by_size(given, out)
    count = labels.max(axis=-1) + 1
    sizes = np.array([np.bincount(of, minlength=count.max()) for of in labels])
    return Components(
        count=stacks.restore(count, lead),
        labels=labels.reshape(*lead, -1),
        sizes=sizes.reshape(*lead, -1),
        largest_share=stacks.restore(sizes[:, 0] / labels.shape[-1], lead),
    )
