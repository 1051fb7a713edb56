"""Network neuroscience for any weight matrix, with a null model behind every number.

``W[i, j]`` is the weight from source i to target j, everywhere.
"""

from typing import Any

from netanalysis import datasets, nulls, transform
from netanalysis._estimate import Estimate
from netanalysis.alignment import ClusteringAlignment, clustering_alignment
from netanalysis.clustering import clustering, transitivity
from netanalysis.communicability import communicability, katz_communicability, total_communicability
from netanalysis.communities import (
    Communities,
    ResolutionSweep,
    detect_communities,
    resolution_sweep,
)
from netanalysis.compare import compare
from netanalysis.connectome import Connectome, Recording
from netanalysis.consensus import consensus_communities
from netanalysis.decoding import Decoding, Dichotomies, decode, dichotomies, dimensionality
from netanalysis.energy import EnergyModel, energy
from netanalysis.entropy import communicability_entropy, node_entropy, weight_entropy
from netanalysis.functional import (
    FunctionalClusters,
    TaskVariance,
    functional_clusters,
    functional_connectivity,
    task_variance,
)
from netanalysis.inference import NullTest, null_test
from netanalysis.io import load, save
from netanalysis.lesion import LesionEffects, lesion
from netanalysis.modularity import modularity
from netanalysis.path_estimates import estimate_efficiency, estimate_path_length
from netanalysis.paths import efficiency, local_efficiency, path_length, shortest_paths
from netanalysis.pathways import Pathways, pathways, resolvent
from netanalysis.selectivity import MixedSelectivity, mixed_selectivity
from netanalysis.small_world import SmallWorldness, small_worldness
from netanalysis.spatial import SpatialPermutation, spatial_permutation
from netanalysis.spectrum import (
    eigenvalues,
    leading_real_part,
    spectral_entropy,
    spectral_participation_ratio,
    spectral_radius,
)
from netanalysis.spectrum_estimates import SpectralDensity, estimate_spectral_entropy, spectral_density
from netanalysis.summary import MEASURES, Measure, summarize
from netanalysis.tuning import DemixedVariance, Tuning, demixed_variance, tuning
from netanalysis.wiring import connection_distance, weight_distance_correlation

__version__ = "0.1.0"

_LAZY = ("plot", "report")  # matplotlib and the page template load on first use


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        from importlib import import_module

        return import_module(f"netanalysis.{name}")
    raise AttributeError(f"module 'netanalysis' has no attribute {name!r}")


__all__ = [
    "MEASURES",
    "ClusteringAlignment",
    "Communities",
    "Connectome",
    "Decoding",
    "DemixedVariance",
    "Dichotomies",
    "EnergyModel",
    "Estimate",
    "FunctionalClusters",
    "LesionEffects",
    "Measure",
    "MixedSelectivity",
    "NullTest",
    "Pathways",
    "Recording",
    "ResolutionSweep",
    "SmallWorldness",
    "SpatialPermutation",
    "SpectralDensity",
    "TaskVariance",
    "Tuning",
    "clustering",
    "clustering_alignment",
    "communicability",
    "communicability_entropy",
    "compare",
    "connection_distance",
    "consensus_communities",
    "datasets",
    "decode",
    "demixed_variance",
    "detect_communities",
    "dichotomies",
    "dimensionality",
    "efficiency",
    "eigenvalues",
    "energy",
    "estimate_efficiency",
    "estimate_path_length",
    "estimate_spectral_entropy",
    "functional_clusters",
    "functional_connectivity",
    "katz_communicability",
    "leading_real_part",
    "lesion",
    "load",
    "local_efficiency",
    "mixed_selectivity",
    "modularity",
    "node_entropy",
    "null_test",
    "nulls",
    "path_length",
    "pathways",
    "resolution_sweep",
    "resolvent",
    "save",
    "shortest_paths",
    "small_worldness",
    "spatial_permutation",
    "spectral_density",
    "spectral_entropy",
    "spectral_participation_ratio",
    "spectral_radius",
    "summarize",
    "task_variance",
    "total_communicability",
    "transform",
    "transitivity",
    "tuning",
    "weight_distance_correlation",
    "weight_entropy",
]
