"""Figures. Every function takes ``ax=`` and returns the Axes it drew on; none of them touches rcParams.

Text keeps the colour of the style in force and data are drawn in mid-tones that a reader with any kind of colour
vision can tell apart, so that a figure works on a light and on a dark page.
"""

from netanalysis._core.renamed import renamed
from netanalysis.plot.agreement import communication
from netanalysis.plot.alignment import clustering_alignment
from netanalysis.plot.block_lengths import description_length
from netanalysis.plot.brains import parcels
from netanalysis.plot.cartography import module_roles
from netanalysis.plot.categories import bars
from netanalysis.plot.components import network_based_statistic
from netanalysis.plot.curves import curve
from netanalysis.plot.distance import weight_distance
from netanalysis.plot.distributions import (
    degree_distribution,
    distance_distribution,
    strength_distribution,
    weight_distribution,
)
from netanalysis.plot.driven import influence
from netanalysis.plot.embeddings import embedding
from netanalysis.plot.figures import panel_letters, save
from netanalysis.plot.gradient_plane import gradients
from netanalysis.plot.heat_maps import heat_map, lesions
from netanalysis.plot.histograms import histogram
from netanalysis.plot.hops import hop_mass, pathway_map
from netanalysis.plot.low_rank_modes import low_rank
from netanalysis.plot.matrix import weight_matrix
from netanalysis.plot.motif_profile import motifs
from netanalysis.plot.nulls import null_distribution
from netanalysis.plot.pathways import mediators, pathway_graph, routing
from netanalysis.plot.ranking import ranks
from netanalysis.plot.recordings import activity, trajectory
from netanalysis.plot.roles import hubs, rich_club
from netanalysis.plot.scatters import scatter
from netanalysis.plot.sheets import layers
from netanalysis.plot.space import functional_sheet, network, preference_in_space
from netanalysis.plot.spectrum import eigenvalues
from netanalysis.plot.structure_function import coupling
from netanalysis.plot.surfaces import surface
from netanalysis.plot.tables import groups, position
from netanalysis.plot.training import snapshots
from netanalysis.plot.transitions import transition
from netanalysis.plot.units import decoding, selectivity, task_variance
from netanalysis.plot.wiring import wiring_distribution, wiring_energies, wiring_landscape

tuning_in_space = renamed(
    "netanalysis.plot.tuning_in_space", "netanalysis.plot.preference_in_space", preference_in_space
)

__all__ = [
    "activity",
    "bars",
    "clustering_alignment",
    "communication",
    "coupling",
    "curve",
    "decoding",
    "degree_distribution",
    "description_length",
    "distance_distribution",
    "eigenvalues",
    "embedding",
    "functional_sheet",
    "gradients",
    "groups",
    "heat_map",
    "histogram",
    "hop_mass",
    "hubs",
    "influence",
    "layers",
    "lesions",
    "low_rank",
    "mediators",
    "module_roles",
    "motifs",
    "network",
    "network_based_statistic",
    "null_distribution",
    "panel_letters",
    "parcels",
    "pathway_graph",
    "pathway_map",
    "position",
    "preference_in_space",
    "ranks",
    "rich_club",
    "routing",
    "save",
    "scatter",
    "selectivity",
    "snapshots",
    "strength_distribution",
    "surface",
    "task_variance",
    "trajectory",
    "transition",
    "weight_distance",
    "weight_distribution",
    "weight_matrix",
    "wiring_distribution",
    "wiring_energies",
    "wiring_landscape",
]


def __dir__() -> list[str]:
    return __all__
