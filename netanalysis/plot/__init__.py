"""Figures. Every function takes ``ax=`` and returns the Axes it drew on; none of them touches rcParams.

Text keeps the colour of the style in force and data are drawn in mid-tones that a reader with any kind of colour
vision can tell apart, so that a figure works on a light and on a dark page.
"""

from netanalysis.plot._eigenvalues import eigenvalues
from netanalysis.plot._groups import groups
from netanalysis.plot._position import position
from netanalysis.plot.distributions import (
    degree_distribution,
    distance_distribution,
    strength_distribution,
    weight_distribution,
)
from netanalysis.plot.function import decoding, selectivity, task_variance
from netanalysis.plot.hops import hop_mass, pathway_map
from netanalysis.plot.layout import clustering_alignment, functional_sheet, tuning_in_space
from netanalysis.plot.matrix import weight_matrix
from netanalysis.plot.nulls import null_distribution
from netanalysis.plot.space import network, weight_distance

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
    "selectivity",
    "strength_distribution",
    "task_variance",
    "tuning_in_space",
    "weight_distance",
    "weight_distribution",
    "weight_matrix",
]
