"""Network neuroscience for any weight matrix, with a null model behind every number.

``W[i, j]`` is the weight from source i to target j, everywhere. Every function takes an array, nested list, sparse
matrix, DataFrame, networkx graph, torch tensor or Connectome, and a stack ``(..., n, n)`` where it says so.

Networks and files
    Connectome, Recording, load, save, from_torch, from_keras, from_flax, datasets, transform
What is there
    density, total_weight, self_connection_share, reciprocity, degree, strength, degree_heterogeneity,
    strength_heterogeneity
How a signal travels
    pathways, effective_pathways, slopes, resolvent, influence, adjusted_influence, shortest_paths, shortest_path_tree,
    path_length, efficiency, local_efficiency, estimate_path_length, estimate_efficiency
Who carries it
    mediator_test, strongest_paths, self_avoiding_mass, path_counts, traversal, mean_hop, compare_types
How well nodes communicate
    communication, COMMUNICATION, communicability, mean_communicability, total_communicability, katz_communicability,
    search_information, path_transitivity, navigation, mean_first_passage_time, diffusion_efficiency,
    resource_efficiency, matching_index, flow_graph
Modules
    modularity, module_quality, detect_communities, consensus_communities, resolution_sweep,
    correlation_modularity, correlation_communities, compare_partitions, agreement
Blocks
    block_model
Motifs
    motif_census, motif_test
Roles in modules
    participation_coefficient, within_module_z, gateway_coefficient, core_periphery
Small worlds
    clustering, transitivity, small_worldness
Order
    weight_entropy, node_entropy, silent_rows, communicability_entropy, spectral_entropy, estimate_spectral_entropy
Roles of nodes
    betweenness, eigenvector_centrality, pagerank, nodal_efficiency, eccentricity, diameter, radius, k_core, s_core,
    rich_club, assortativity, components, hubs
Spectra
    eigenvalues, spectral_radius, leading_real_part, spectral_participation_ratio, spectral_density, non_normality,
    numerical_abscissa, transient_gain, low_rank
Control
    average_controllability, modal_controllability, control_energy
Space
    weight_distance_correlation, connection_distance, wiring_cost
What units code for
    mixed_selectivity, tuning, demixed_variance, decode, dichotomies, dimensionality
What units do together, and where
    task_variance, functional_connectivity, functional_clusters, clustering_alignment, spatial_permutation, lesion,
    energy, structure_function_coupling, dominance, gradients, align_gradients
Could it be chance?
    null_test, map_test, wiring_test, memory_capacity, uncertainty, nulls, maps, choose_null, takes_stacks,
    UndefinedWarning
Networks that are drawn, or grow
    draw_blocks, grow, wiring_probabilities, fit_wiring, WIRING_RULES
Many networks
    summarize, compare, MEASURES, Measure, cite, rerun
Two networks, of any size
    network_distances, portrait_divergence, network_portrait, ks_distance, spectral_distance,
    communicability_distance, fingerprint_distance, topological_fingerprint, distance_test, profile, match_density,
    bootstrap, split_half, match_nodes, embed
Two recordings, in other units
    cka, procrustes_distance, svcca, representational_similarity, dynamical_distance, similarity_test,
    recording_similarity, correlate_distances
Networks of many people
    group_consensus, edge_variation, network_based_statistic, threshold_free_test, threshold_free_scores, edge_test,
    node_test, predict_score, identifiability, reliability
Pictures
    plot, report
What functions return
    NullTest, Communities, ResolutionSweep, Pathways, Mediators, MediatorTest, StrongestPaths, ShortestPathTree,
    SelfAvoidingMass, Influence, Silencing, EffectivePathways, TransientGain, ControlEnergy,
    ControlTrajectory, WiringTest, MemoryCapacity,
    SmallWorldness, Estimate, SpectralDensity, MixedSelectivity, Tuning, DemixedVariance, Decoding, Dichotomies,
    TaskVariance, FunctionalClusters, ClusteringAlignment, SpatialPermutation, LesionEffects, EnergyModel,
    CorrelationCommunities, Traversal, Uncertainty, Communication, CommunicationModel, Navigation,
    StructureFunctionCoupling, Dominance, Components, RichClub, Hubs, MapTest, PartitionComparison, MotifCensus,
    MotifTest, CorePeriphery, TypeComparison, LowRank, Overlap,
    NetworkBasedStatistic, ThresholdFreeTest, Identifiability, ScorePrediction, NetworkDistances,
    Profile, SplitHalf, NodeMatching, RecordingSimilarity, DistanceCorrelation,
    Embedding, Gradients, AlignedGradients, WiringFit, BlockModel, Rerun
"""

from importlib import import_module
from typing import Any

from netanalysis import datasets, maps, nulls, transform
from netanalysis._core.types import takes_stacks
from netanalysis._core.undefined import UndefinedWarning
from netanalysis.activity.alignment import ClusteringAlignment, clustering_alignment
from netanalysis.activity.coupling import StructureFunctionCoupling, structure_function_coupling
from netanalysis.activity.decoding import Decoding, Dichotomies, decode, dichotomies, dimensionality
from netanalysis.activity.dominance import Dominance, dominance
from netanalysis.activity.effective_pathways import EffectivePathways, effective_pathways, slopes
from netanalysis.activity.energy import EnergyModel, energy
from netanalysis.activity.functional import (
    FunctionalClusters,
    TaskVariance,
    functional_clusters,
    functional_connectivity,
    task_variance,
)
from netanalysis.activity.gradients import AlignedGradients, Gradients, align_gradients, gradients
from netanalysis.activity.lesion import LesionEffects, lesion
from netanalysis.activity.reservoir import MemoryCapacity, memory_capacity
from netanalysis.activity.selectivity import MixedSelectivity, mixed_selectivity
from netanalysis.activity.spatial import SpatialPermutation, spatial_permutation
from netanalysis.activity.tuning import DemixedVariance, Tuning, demixed_variance, tuning
from netanalysis.comparison.communication_distance import communicability_distance
from netanalysis.comparison.density_matching import match_density
from netanalysis.comparison.distances import distance_test
from netanalysis.comparison.dynamics import dynamical_distance
from netanalysis.comparison.embedding import Embedding, embed
from netanalysis.comparison.fingerprints import fingerprint_distance, topological_fingerprint
from netanalysis.comparison.ks import ks_distance
from netanalysis.comparison.node_matching import NodeMatching, match_nodes
from netanalysis.comparison.portrait import network_portrait, portrait_divergence
from netanalysis.comparison.recordings import (
    DistanceCorrelation,
    RecordingSimilarity,
    correlate_distances,
    recording_similarity,
    similarity_test,
)
from netanalysis.comparison.representation import cka, procrustes_distance, representational_similarity, svcca
from netanalysis.comparison.resampling import SplitHalf, bootstrap, split_half
from netanalysis.comparison.spectra import spectral_distance
from netanalysis.connectome import Connectome
from netanalysis.generate.block_draws import draw_blocks
from netanalysis.generate.fitting import WiringFit, fit_wiring
from netanalysis.generate.growth import WIRING_RULES, grow, wiring_probabilities
from netanalysis.groups.components import NetworkBasedStatistic, network_based_statistic
from netanalysis.groups.consensus import edge_variation, group_consensus
from netanalysis.groups.edgewise import edge_test, node_test
from netanalysis.groups.prediction import ScorePrediction, predict_score
from netanalysis.groups.reliability import Identifiability, identifiability, reliability
from netanalysis.groups.threshold_free import ThresholdFreeTest, threshold_free_scores, threshold_free_test
from netanalysis.io import load, save
from netanalysis.io.from_memory import from_flax, from_keras, from_torch
from netanalysis.maps._map_test import MapTest, map_test
from netanalysis.nulls._choose_null import choose_null
from netanalysis.nulls._null_test import NullTest, null_test
from netanalysis.nulls._uncertainty import Uncertainty, uncertainty
from netanalysis.nulls._wiring_test import WiringTest, wiring_test
from netanalysis.recording import Recording
from netanalysis.structure._estimate import Estimate
from netanalysis.structure.assortativity import assortativity
from netanalysis.structure.basic import (
    degree,
    degree_heterogeneity,
    density,
    reciprocity,
    self_connection_share,
    strength,
    strength_heterogeneity,
    total_weight,
)
from netanalysis.structure.betweenness import betweenness
from netanalysis.structure.block_model import BlockModel, block_model
from netanalysis.structure.centrality import eigenvector_centrality, pagerank
from netanalysis.structure.clustering import clustering, transitivity
from netanalysis.structure.communicability import (
    communicability,
    katz_communicability,
    mean_communicability,
    total_communicability,
)
from netanalysis.structure.communication import (
    COMMUNICATION,
    Communication,
    CommunicationModel,
    communication,
)
from netanalysis.structure.communities import (
    Communities,
    ResolutionSweep,
    detect_communities,
    resolution_sweep,
)
from netanalysis.structure.components import Components, components
from netanalysis.structure.consensus import agreement, consensus_communities
from netanalysis.structure.control_energy import ControlEnergy, ControlTrajectory, control_energy
from netanalysis.structure.controllability import average_controllability, modal_controllability
from netanalysis.structure.core_and_periphery import CorePeriphery, core_periphery
from netanalysis.structure.cores import k_core, s_core
from netanalysis.structure.correlation_communities import (
    CorrelationCommunities,
    correlation_communities,
    correlation_modularity,
)
from netanalysis.structure.eccentricity import diameter, eccentricity, nodal_efficiency, radius
from netanalysis.structure.entropy import communicability_entropy, node_entropy, silent_rows, weight_entropy
from netanalysis.structure.first_passage import diffusion_efficiency, mean_first_passage_time
from netanalysis.structure.flow_graph import flow_graph
from netanalysis.structure.hubs import Hubs, hubs
from netanalysis.structure.influence import Influence, Silencing, adjusted_influence, influence
from netanalysis.structure.layers import Traversal, mean_hop, traversal
from netanalysis.structure.local_efficiency import local_efficiency
from netanalysis.structure.matching_index import matching_index
from netanalysis.structure.mediator_nulls import MediatorTest, mediator_test
from netanalysis.structure.mediators import Mediators
from netanalysis.structure.modes import LowRank, Overlap, low_rank
from netanalysis.structure.modularity import modularity, module_quality
from netanalysis.structure.module_roles import gateway_coefficient, participation_coefficient, within_module_z
from netanalysis.structure.motif_nulls import MotifTest, motif_test
from netanalysis.structure.motifs import MotifCensus, motif_census
from netanalysis.structure.navigation import Navigation, navigation
from netanalysis.structure.non_normality import TransientGain, non_normality, numerical_abscissa, transient_gain
from netanalysis.structure.partitions import PartitionComparison, compare_partitions
from netanalysis.structure.path_estimates import estimate_efficiency, estimate_path_length
from netanalysis.structure.path_ranking import StrongestPaths, strongest_paths
from netanalysis.structure.path_transitivity import path_transitivity
from netanalysis.structure.path_trees import ShortestPathTree, shortest_path_tree
from netanalysis.structure.paths import efficiency, path_length, shortest_paths
from netanalysis.structure.pathways import Pathways, pathways
from netanalysis.structure.resource_efficiency import resource_efficiency
from netanalysis.structure.rich_club import RichClub, rich_club
from netanalysis.structure.search_information import search_information
from netanalysis.structure.self_avoiding import SelfAvoidingMass, path_counts, self_avoiding_mass
from netanalysis.structure.small_world import SmallWorldness, small_worldness
from netanalysis.structure.spectrum import (
    eigenvalues,
    leading_real_part,
    spectral_entropy,
    spectral_participation_ratio,
    spectral_radius,
)
from netanalysis.structure.spectrum_estimates import SpectralDensity, estimate_spectral_entropy, spectral_density
from netanalysis.structure.type_comparison import TypeComparison, compare_types
from netanalysis.structure.walk_sums import resolvent
from netanalysis.structure.wiring import connection_distance, weight_distance_correlation, wiring_cost
from netanalysis.table.citing import cite
from netanalysis.table.compare import compare
from netanalysis.table.distances import NetworkDistances, network_distances
from netanalysis.table.profile import Profile, profile
from netanalysis.table.rerun import Rerun, rerun
from netanalysis.table.summary import MEASURES, Measure, summarize

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    """Matplotlib and the template of the page load on first use."""
    if name == "plot":
        return import_module("netanalysis.plot")
    if name == "report":
        return import_module("netanalysis.page").report
    raise AttributeError(f"module 'netanalysis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


__all__ = [
    "COMMUNICATION",
    "MEASURES",
    "WIRING_RULES",
    "AlignedGradients",
    "BlockModel",
    "ClusteringAlignment",
    "Communication",
    "CommunicationModel",
    "Communities",
    "Components",
    "Connectome",
    "ControlEnergy",
    "ControlTrajectory",
    "CorePeriphery",
    "CorrelationCommunities",
    "Decoding",
    "DemixedVariance",
    "Dichotomies",
    "DistanceCorrelation",
    "Dominance",
    "EffectivePathways",
    "Embedding",
    "EnergyModel",
    "Estimate",
    "FunctionalClusters",
    "Gradients",
    "Hubs",
    "Identifiability",
    "Influence",
    "LesionEffects",
    "LowRank",
    "MapTest",
    "Measure",
    "MediatorTest",
    "Mediators",
    "MemoryCapacity",
    "MixedSelectivity",
    "MotifCensus",
    "MotifTest",
    "Navigation",
    "NetworkBasedStatistic",
    "NetworkDistances",
    "NodeMatching",
    "NullTest",
    "Overlap",
    "PartitionComparison",
    "Pathways",
    "Profile",
    "Recording",
    "RecordingSimilarity",
    "Rerun",
    "ResolutionSweep",
    "RichClub",
    "ScorePrediction",
    "SelfAvoidingMass",
    "ShortestPathTree",
    "Silencing",
    "SmallWorldness",
    "SpatialPermutation",
    "SpectralDensity",
    "SplitHalf",
    "StrongestPaths",
    "StructureFunctionCoupling",
    "TaskVariance",
    "ThresholdFreeTest",
    "TransientGain",
    "Traversal",
    "Tuning",
    "TypeComparison",
    "Uncertainty",
    "UndefinedWarning",
    "WiringFit",
    "WiringTest",
    "adjusted_influence",
    "agreement",
    "align_gradients",
    "assortativity",
    "average_controllability",
    "betweenness",
    "block_model",
    "bootstrap",
    "choose_null",
    "cite",
    "cka",
    "clustering",
    "clustering_alignment",
    "communicability",
    "communicability_distance",
    "communicability_entropy",
    "communication",
    "compare",
    "compare_partitions",
    "compare_types",
    "components",
    "connection_distance",
    "consensus_communities",
    "control_energy",
    "core_periphery",
    "correlate_distances",
    "correlation_communities",
    "correlation_modularity",
    "datasets",
    "decode",
    "degree",
    "degree_heterogeneity",
    "demixed_variance",
    "density",
    "detect_communities",
    "diameter",
    "dichotomies",
    "diffusion_efficiency",
    "dimensionality",
    "distance_test",
    "dominance",
    "draw_blocks",
    "dynamical_distance",
    "eccentricity",
    "edge_test",
    "edge_variation",
    "effective_pathways",
    "efficiency",
    "eigenvalues",
    "eigenvector_centrality",
    "embed",
    "energy",
    "estimate_efficiency",
    "estimate_path_length",
    "estimate_spectral_entropy",
    "fingerprint_distance",
    "fit_wiring",
    "flow_graph",
    "from_flax",
    "from_keras",
    "from_torch",
    "functional_clusters",
    "functional_connectivity",
    "gateway_coefficient",
    "gradients",
    "group_consensus",
    "grow",
    "hubs",
    "identifiability",
    "influence",
    "k_core",
    "katz_communicability",
    "ks_distance",
    "leading_real_part",
    "lesion",
    "load",
    "local_efficiency",
    "low_rank",
    "map_test",
    "maps",
    "match_density",
    "match_nodes",
    "matching_index",
    "mean_communicability",
    "mean_first_passage_time",
    "mean_hop",
    "mediator_test",
    "memory_capacity",
    "mixed_selectivity",
    "modal_controllability",
    "modularity",
    "module_quality",
    "motif_census",
    "motif_test",
    "navigation",
    "network_based_statistic",
    "network_distances",
    "network_portrait",
    "nodal_efficiency",
    "node_entropy",
    "node_test",
    "non_normality",
    "null_test",
    "nulls",
    "numerical_abscissa",
    "pagerank",
    "participation_coefficient",
    "path_counts",
    "path_length",
    "path_transitivity",
    "pathways",
    "plot",
    "portrait_divergence",
    "predict_score",
    "procrustes_distance",
    "profile",
    "radius",
    "reciprocity",
    "recording_similarity",
    "reliability",
    "report",
    "representational_similarity",
    "rerun",
    "resolution_sweep",
    "resolvent",
    "resource_efficiency",
    "rich_club",
    "s_core",
    "save",
    "search_information",
    "self_avoiding_mass",
    "self_connection_share",
    "shortest_path_tree",
    "shortest_paths",
    "silent_rows",
    "similarity_test",
    "slopes",
    "small_worldness",
    "spatial_permutation",
    "spectral_density",
    "spectral_distance",
    "spectral_entropy",
    "spectral_participation_ratio",
    "spectral_radius",
    "split_half",
    "strength",
    "strength_heterogeneity",
    "strongest_paths",
    "structure_function_coupling",
    "summarize",
    "svcca",
    "takes_stacks",
    "task_variance",
    "threshold_free_scores",
    "threshold_free_test",
    "topological_fingerprint",
    "total_communicability",
    "total_weight",
    "transform",
    "transient_gain",
    "transitivity",
    "traversal",
    "tuning",
    "uncertainty",
    "weight_distance_correlation",
    "weight_entropy",
    "wiring_cost",
    "wiring_probabilities",
    "wiring_test",
    "within_module_z",
]
