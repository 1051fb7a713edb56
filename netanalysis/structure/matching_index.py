"""Matching index: how much of their neighbourhoods two nodes share."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis import transform
from netanalysis._core import options, parallel, scaling, stacks, validate
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._routes import binary, elsewhere
from netanalysis.structure.basic import Direction

__all__ = ["matching_index"]


@takes_stacks
def matching_index(
    net: Network,
    *,
    variant: Literal["weight", "degree", "union"] = "weight",
    direction: Direction = "both",
) -> NDArray[np.float64]:
    """Share of the connections of two nodes that go to neighbours of both; more is better.

    =====================  ===========================================================================================
    ``variant="weight"``   weight onto shared neighbours over all weight of the two, ``sum_k (w_ik + w_jk) [both] /
                           sum_k (w_ik + w_jk)`` (Goñi et al. 2014)
    ``variant="degree"``   twice the number of shared neighbours over the sum of both degrees (the toolbox); what
                           "weight" is for weights that are all 1
    ``variant="union"``    number of shared neighbours over that of all neighbours
    =====================  ===========================================================================================

    The connection between the two nodes takes part in none of them.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Self-connections are ignored.
    variant : {"weight", "degree", "union"}
        The last two are binary (w != 0), and take weights of either sign.
    direction : {"both", "out", "in"}
        Neighbours that a node connects to ("out"), that connect to it ("in"), or both lists one after the other. For
        undirected networks all are the same.

    Returns
    -------
    ndarray, shape (..., n, n)
        Symmetric, between 0 and 1, unchanged when W is scaled; 0 on the diagonal, and for two nodes that have no
        other neighbours.

    Raises
    ------
    ValueError
        Negative weights with "weight".
    MemoryError
        Sparse networks whose n x n matrix does not fit.

    References
    ----------
    Hilgetag et al. 2000, doi:10.1098/rstb.2000.0551. Goñi et al. 2014, doi:10.1073/pnas.1315529111.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.matching_index([[0, 1.0, 1, 0], [1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]], variant="union")[0]
    array([0. , 1. , 0.5, 0.5])
    """
    options.choice(variant, ["weight", "degree", "union"], "variant")
    options.choice(direction, ["out", "in", "both"], "direction")
    w = transform.remove_self_connections(validate.as_weights(net))
    if variant == "weight":
        validate.require_nonnegative(
            w,
            "net",
            measure='matching_index with variant="weight"',
            instead='Use "degree" or "union", or choose transform.absolute(net) or transform.positive_part(net)',
        )
    w = validate.dense(w, measure="matching_index", instead="transform.subset for a part of the network")
    flat, lead = stacks.flatten(w)
    flat = scaling.near_one(flat)[0] if variant == "weight" else binary(flat)
    out = np.empty(flat.shape)

    def block(start: int, stop: int) -> None:
        for k in range(start, stop):
            out[k] = matching(flat[k], direction, union=variant == "union")

    parallel.blas_blocks(block, len(flat), order=flat.shape[-1])
    return out.reshape(*lead, *out.shape[1:])


def matching(w: NDArray[np.float64], direction: str = "both", *, union: bool = False) -> NDArray[np.float64]:
    """Of one network without self-connections and negative weights."""
    symmetric = validate.is_symmetric(w)
    profiles = [w] if direction == "out" or symmetric else [w.T] if direction == "in" else [w, w.T]
    shared, whole = np.zeros(w.shape), np.zeros(w.shape)
    for profile in profiles:
        both = profile @ binary(profile).T
        rest = elsewhere(profile)
        shared += both + both.T
        whole += rest + rest.T
    if union:  # of ones, `shared` counts every neighbour twice
        whole -= shared / 2
        shared /= 2
    out = np.minimum(1.0, stacks.ratio(shared, whole, otherwise=0.0))
    np.fill_diagonal(out, 0.0)
    return out
