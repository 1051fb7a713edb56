"""Resource efficiency: how few messages must be sent for one to arrive by a shortest path."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis._core.types import Network, takes_stacks
from netanalysis.structure._lengths import Lengths
from netanalysis.structure.search_information import log_probabilities

__all__ = ["resource_efficiency"]


@takes_stacks
def resource_efficiency(
    net: Network,
    *,
    certainty: float = 0.5,
    lengths: Lengths = "hops",
    variant: Literal["published", "at_least_one"] = "published",
) -> NDArray[np.float64]:
    r"""One over the number of messages of which one arrives by a shortest path with some certainty; more is better.

    :math:`\log(1 - P_{ij}) / \log(1 - \lambda)`, with :math:`P_{ij}` the probability that a random walker from i takes
    a shortest path to j (:func:`search_information` is its :math:`-\log_2`).

    Parameters
    ----------
    net : network or stack (..., n, n)
        Along the direction of the connections. Self-connections are ignored.
    certainty : float in (0, 1)
        :math:`\lambda`, the probability that at least one message arrives.
    lengths : {"hops", "inverse", "weights"}
        As for :func:`search_information`; the published measure is binary.
    variant : {"published", "at_least_one"}
        Where :math:`P > \lambda`, the formula asks for less than one message and efficiency exceeds 1, but is set to 1
        where :math:`P = 1`: it does not grow with P. "at_least_one" is never above 1.

    Returns
    -------
    ndarray, shape (..., n, n)
        0 on the diagonal and where there is no path. Not symmetric, even if W is.

    Raises
    ------
    ValueError, MemoryError
        As for :func:`search_information`.

    References
    ----------
    Goñi et al. 2013, doi:10.1371/journal.pone.0058070.

    Examples
    --------
    >>> import netanalysis as na
    >>> na.resource_efficiency([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]], certainty=0.3).round(3)
    array([[0.   , 1.   , 1.943],
           [1.943, 0.   , 1.943],
           [1.943, 1.   , 0.   ]])
    """
    certainty = options.number_in(certainty, "certainty", above=0, below=1)
    options.choice(variant, ["published", "at_least_one"], "variant")
    probability = np.exp(np.minimum(0.0, log_probabilities(net, lengths, measure="resource_efficiency")))
    sure = probability >= 1 - 1e-12  # up to the rounding of a sum over paths
    out = np.log1p(-np.where(sure, 0.0, probability)) / np.log1p(-certainty)
    out[sure] = 1.0
    n = out.shape[-1]
    out[..., np.arange(n), np.arange(n)] = 0.0
    return np.minimum(out, 1.0) if variant == "at_least_one" else out
