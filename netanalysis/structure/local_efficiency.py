"""Local efficiency: how well the neighbours of a node reach each other without it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, stacks, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure import kernels
from netanalysis.structure._lengths import Lengths, checked, connections, lists, to_length

__all__ = ["local_efficiency"]


@takes_stacks
def local_efficiency(
    net: Network, *, lengths: Lengths = "inverse", variant: Literal["modified", "original"] = "modified"
) -> Any:
    r"""Efficiency of the network among the neighbours of each node, the node itself taken out.

    .. math::

        E_i = \frac{\sum_{j \ne k} s_{ij} s_{ik} f_{jk}}{\bigl(\sum_j a_{ij}\bigr)^2 - \sum_j a_{ij}^2}

    over the neighbours j, k of i in either direction, with :math:`a_{ij}` the number of directions (1 or 2) and
    distances :math:`d_{jk}` within the neighbourhood.

    Parameters
    ----------
    net : network or stack (..., n, n)
    lengths : {"inverse", "hops", "weights"}
        "hops" is the binary definition: :math:`s = a` and :math:`f_{jk} = 1 / d_{jk}`; for undirected networks the
        mean efficiency of the neighbourhood (Latora & Marchiori 2001). Otherwise
        :math:`s_{ij} = w_{ij}^{1/3} + w_{ji}^{1/3}`, with :math:`w = 1 / \text{length}` when `lengths` is "weights".
    variant : {"modified", "original"}
        For weighted networks. "modified" (Wang et al. 2017): :math:`f_{jk} = 1 / d_{jk}` with each connection of
        length :math:`w^{-1/3}`; it reduces to the binary value for 0/1 weights. "original" (Rubinov & Sporns
        2010): :math:`f_{jk} = d_{jk}^{-1/3}` with lengths :math:`1 / w`; it does not.

    Returns
    -------
    ndarray, shape (..., n)
        0 for nodes with fewer than two neighbours.

    Raises
    ------
    ValueError
        Negative weights, unless ``lengths="hops"``.

    Notes
    -----
    Self-connections are ignored. Values scale with the weights, which are taken as they are; published values expect
    them between 0 and 1 (:func:`netanalysis.transform.normalize`). Paths stay among the neighbours, as in networkx;
    igraph's (Vragović et al. 2005, doi:10.1103/PhysRevE.71.036122) take any way round the node: 0 and 1/2 for a 4-ring.

    References
    ----------
    Latora & Marchiori 2001, doi:10.1103/PhysRevLett.87.198701. Rubinov & Sporns 2010,
    doi:10.1016/j.neuroimage.2009.10.003. Wang et al. 2017, doi:10.1162/NECO_a_00914.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.local_efficiency([[0, 1.0, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]])
    array([1.        , 1.        , 0.33333333, 0.        ])
    """
    options.choice(variant, ["modified", "original"], "variant")
    w = checked(net, lengths)
    if sparse.issparse(w):
        present = sparse.csr_array((np.ones(w.nnz), w.indices, w.indptr), shape=w.shape)
        return _local_efficiency(lists(w), lists(present + present.T), lengths, variant)
    flat, lead = stacks.flatten(validate.for_kernels(w))
    out = np.empty(flat.shape[:2])
    for k, m in enumerate(flat):
        present = (m != 0).astype(np.float64)
        out[k] = _local_efficiency(_dense_lists(m), _dense_lists(present + present.T), lengths, variant)
    return out.reshape(lead + out.shape[1:])


def _local_efficiency(connections: Any, neighbours: Any, lengths: Lengths, variant: str) -> NDArray[np.float64]:
    """From the lists of the connections, and of the neighbours in either direction with how many directions."""
    indptr, indices, weights = connections
    near_ptr, near, presence = neighbours
    n = len(indptr) - 1
    data, ties = to_length(weights, lengths), presence
    if lengths != "hops":
        tie = sparse.csr_array((np.cbrt(1.0 / data), indices, indptr), shape=(n, n))
        ties = sparse.csr_array(tie + tie.T).data
        if variant == "modified":
            data = np.cbrt(data)
    out = np.empty(n)
    parallel.thread_blocks(
        lambda a, b: kernels.neighbourhoods.local_efficiency(
            a, b, near_ptr, near, ties, presence, indptr, indices, data, lengths == "hops", variant == "original", out
        ),
        n,
        min_block=64,
    )
    return out


def _dense_lists(m: NDArray[np.float64]) -> tuple[Any, ...]:
    """:func:`lists` of a dense network."""
    indptr, indices = connections(validate.for_kernels(m))
    weights = m[np.repeat(np.arange(len(m)), np.diff(indptr)), indices]
    return indptr, indices, weights
