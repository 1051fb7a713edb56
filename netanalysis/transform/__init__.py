"""Explicit changes to a network. A Connectome in gives a Connectome out, with the step in its history.

Everything here returns something new; any other accepted network gives an array or csr_array.
"""

from netanalysis.transform.cell_types import aggregate, signed
from netanalysis.transform.connections import (
    absolute,
    binarize,
    largest_component,
    negative_part,
    positive_part,
    remove_self_connections,
    subset,
    symmetrize,
    threshold,
)
from netanalysis.transform.node_sets import shared_nodes
from netanalysis.transform.scales import invert, normalize
from netanalysis.transform.spanning import backbone

__all__ = [
    "absolute",
    "aggregate",
    "backbone",
    "binarize",
    "invert",
    "largest_component",
    "negative_part",
    "normalize",
    "positive_part",
    "remove_self_connections",
    "shared_nodes",
    "signed",
    "subset",
    "symmetrize",
    "threshold",
]


def __dir__() -> list[str]:
    return __all__
