"""Figures. Every function takes ``ax=`` and returns the Axes it drew on; none of them touches rcParams.

Text keeps the colour of the style in force and data are drawn in mid-tones that a reader with any kind of colour
vision can tell apart, so that a figure works on a light and on a dark page.
"""

from netanalysis._core.renamed import renamed
from netanalysis.plot.activity import decoding, selectivity, task_variance
from netanalysis.plot.alignment import clustering_alignment
from netanalysis.plot.distance import weight_distance
from netanalysis.plot.distributions import (
    degree_distribution,
    distance_distribution,
    strength_distribution,
    weight_distribution,
)
from netanalysis.plot.hops import hop_mass, pathway_map
from netanalysis.plot.matrix import weight_matrix
from netanalysis.plot.nulls import null_distribution
from netanalysis.plot.space import functional_sheet, network, preference_in_space
from netanalysis.plot.spectrum import eigenvalues
from netanalysis.plot.tables import groups, position

tuning_in_space = renamed(
    "netanalysis.plot.tuning_in_space", "netanalysis.plot.preference_in_space", preference_in_space
)

__all__ = [
    "clustering_alignment",
    "decoding",
    "degree_distribution",
    "distance_distribution",
    "eigenvalues",
    "functional_sheet",
    "groups",
    "hop_mass",
    "network",
    "null_distribution",
    "pathway_map",
    "position",
    "preference_in_space",
    "selectivity",
    "strength_distribution",
    "task_variance",
    "weight_distance",
    "weight_distribution",
    "weight_matrix",
]


def __dir__() -> list[str]:
    return __all__
