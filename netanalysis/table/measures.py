"""The measures of the table: one number per network each, with its definition, source and needs."""

from __future__ import annotations

from functools import partial

import numpy as np

from netanalysis._core import undefined
from netanalysis.connectome import Connectome
from netanalysis.structure.basic import (
    degree_heterogeneity,
    density,
    reciprocity,
    self_connection_share,
    strength_heterogeneity,
    total_weight,
)
from netanalysis.structure.clustering import clustering
from netanalysis.structure.communicability import mean_communicability, total_communicability
from netanalysis.structure.communities import detect_communities
from netanalysis.structure.entropy import communicability_entropy, silent_rows, weight_entropy
from netanalysis.structure.modularity import modularity
from netanalysis.structure.non_normality import non_normality
from netanalysis.structure.paths import efficiency, path_length
from netanalysis.structure.pathways import pathways
from netanalysis.structure.small_world import small_worldness
from netanalysis.structure.spectrum import (
    leading_real_part,
    spectral_entropy,
    spectral_participation_ratio,
    spectral_radius,
)
from netanalysis.structure.wiring import connection_distance, weight_distance_correlation, wiring_cost
from netanalysis.table._blocks import BLOCKS
from netanalysis.table._communication import COMMUNICATION
from netanalysis.table._control import CONTROL
from netanalysis.table._measure import Measure
from netanalysis.table._modules import MODULES
from netanalysis.table._roles import ROLES

__all__ = ["MEASURES", "Measure"]

_RESTARTS = 3
_FAINT = 0.005
_MUCH = 0.1  # of the weight; 100 nodes that all connect to all, themselves included, have 0.01 on the diagonal
# Measures are functions of the network alone: those that search or sample always do so alike.
_communities = partial(detect_communities, n_restarts=_RESTARTS, rng=0)
_small_world = partial(small_worldness, n_nulls=10, n_lattices=1, rng=0)
_pathways = partial(pathways, max_hops=5, alpha=0.9, normalize="spectral_radius")

_SERNN = "doi:10.1038/s42256-023-00748-9"
_ENTROPY = "doi:10.48550/arXiv.2409.17693"
_PATHWAYS = "doi:10.48550/arXiv.2605.03598"
_Q = "Q = 1/l sum_ij (a_ij - k_i k_j / l) [m_i = m_j], directed form if W is directed, resolution 1, of "
_LEIDEN = f", best of {_RESTARTS} Leiden runs"
_HOPS = "pathways of 0 to 5 hops of signed W over its spectral radius, alpha 0.9, inputs (or all nodes) to outputs"


def _rows_of_noise(net: Connectome, *, self_connections: bool = True) -> str:
    """Nodes that a penalty has silenced all but for the noise of training; nodes without connections are none."""
    largest = abs(net.weights).max()
    faint, bare = (
        silent_rows(net, min_peak=peak, self_connections=self_connections)
        for peak in (_FAINT * largest, np.nextafter(0, 1))
    )
    if faint <= bare:
        return ""
    return (
        f"{faint - bare} of {net.n_nodes} nodes have no outgoing weight above {_FAINT} of the largest and count as "
        "much as any other; weight_entropy(min_peak=) leaves them out"
    )


def diagonal_remark(net: Connectome) -> str:
    """Self-connections that hold much of the weight, as tracts within a region do."""
    with undefined.noted():
        share = self_connection_share(net)
    if not share > _MUCH:
        return ""
    return (
        f"self-connections hold {100 * share:.0f} % of the weight and count; transform.remove_self_connections leaves "
        "them out"
    )


def _noise_and_diagonal(net: Connectome) -> str:
    return "; ".join(filter(None, (_rows_of_noise(net), diagonal_remark(net))))


MEASURES: dict[str, Measure] = {
    "density": Measure(
        function=density,
        definition="Share of ordered pairs of distinct nodes with w != 0.",
        source="doi:10.1038/nrn2575",
        family="connections",
    ),
    "total_weight": Measure(
        function=total_weight,
        definition="sum_ij |w_ij|, self-connections included.",
        source=_SERNN,
        family="connections",
        remark=diagonal_remark,
    ),
    "self_connection_share": Measure(
        function=self_connection_share,
        definition="sum_i |w_ii| / sum_ij |w_ij|; nan without connections.",
        source=_ENTROPY,
        family="connections",
    ),
    "reciprocity": Measure(
        function=reciprocity,
        definition=(
            "Share of connections between distinct nodes (w != 0) whose reverse exists; nan without connections."
        ),
        source="doi:10.1103/PhysRevLett.93.268701",
        family="connections",
    ),
    "degree_heterogeneity": Measure(
        function=degree_heterogeneity,
        definition="<k^2> / <k>^2 of in- plus out-degree (w != 0, no self-connections): 1 if all degrees are equal.",
        source="doi:10.1103/PhysRevLett.86.3200",
        family="connections",
    ),
    "strength_heterogeneity": Measure(
        function=strength_heterogeneity,
        definition=(
            "<s^2> / <s>^2 of in- plus out-strength of |W| without self-connections: 1 if all strengths are equal."
        ),
        source="doi:10.1103/PhysRevLett.86.3200",
        family="connections",
    ),
    "clustering_binary": Measure(
        function=partial(clustering, method="binary"),
        of="magnitude",
        over_nodes="mean",
        definition="Mean over nodes of the binary clustering coefficient (w != 0; Fagiolo's if directed).",
        source="doi:10.1038/30918",
        family="small world",
    ),
    "clustering": Measure(
        function=clustering,
        of="magnitude",
        over_nodes="mean",
        definition=(
            "Mean over nodes of the clustering coefficient of |W| / max |W|: Onnela's, or Fagiolo's if directed."
        ),
        source="doi:10.1103/PhysRevE.76.026107",
        family="small world",
    ),
    "path_length_binary": Measure(
        function=partial(path_length, lengths="hops"),
        of="magnitude",
        definition="Mean over ordered reachable pairs of the fewest hops (w != 0).",
        source="doi:10.1038/30918",
        family="small world",
        needs=("dense",),
        instead="estimate_path_length",
    ),
    "path_length": Measure(
        function=path_length,
        of="magnitude",
        definition="Mean over ordered reachable pairs of the shortest path, a connection being 1 / |w| long.",
        source="doi:10.1016/j.neuroimage.2009.10.003",
        family="small world",
        needs=("dense",),
        instead="estimate_path_length",
    ),
    "efficiency_binary": Measure(
        function=partial(efficiency, lengths="hops"),
        of="magnitude",
        definition="Mean over ordered pairs of 1 / fewest hops (w != 0), 0 if unreachable.",
        source="doi:10.1103/PhysRevLett.87.198701",
        family="small world",
        needs=("dense",),
        instead="estimate_efficiency",
    ),
    "efficiency": Measure(
        function=efficiency,
        of="magnitude",
        definition="Mean over ordered pairs of 1 / shortest path, a connection being 1 / |w| long, 0 if unreachable.",
        source="doi:10.1103/PhysRevLett.87.198701",
        family="small world",
        needs=("dense",),
        instead="estimate_efficiency",
    ),
    "modularity": Measure(
        function=_communities,
        of="magnitude",
        field="modularity",
        definition=_Q + "|W| with self-connections" + _LEIDEN + ".",
        source="doi:10.1038/s41598-019-41695-z",
        family="modularity",
        remark=diagonal_remark,
    ),
    "modularity_no_self": Measure(
        function=_communities,
        of="undirected",
        field="modularity",
        definition=_Q + "(|W| + |W|^T) / 2 without self-connections" + _LEIDEN + ".",
        source=_SERNN,
        family="modularity",
    ),
    "modularity_top10": Measure(
        function=_communities,
        of="strongest",
        field="modularity",
        definition=_Q + "the strongest 10 % of |W|, each counted 1, without self-connections" + _LEIDEN + ".",
        source=_SERNN,
        family="modularity",
    ),
    "modularity_spectral": Measure(
        function=partial(detect_communities, method="spectral"),
        of="magnitude",
        field="modularity",
        definition=_Q + "|W| with self-connections, by spectral bisection with fine tuning (deterministic).",
        source=_ENTROPY,
        family="modularity",
        needs=("dense",),
        instead='the measure "modularity"',
        remark=diagonal_remark,
    ),
    "modularity_known": Measure(
        function=modularity,
        of="magnitude",
        definition=_Q + "|W| with self-connections, for the modules known beforehand.",
        source="doi:10.1103/PhysRevLett.100.118703",
        family="modularity",
        needs=("modules",),
        remark=diagonal_remark,
    ),
    "sigma": Measure(
        function=_small_world,
        field="value",
        definition="(C / C_null) / (L / L_null), binary (w != 0), means over 10 degree-preserving nulls of its own.",
        source="doi:10.1371/journal.pone.0002051",
        family="small world",
        needs=("dense",),
        instead="estimate_path_length and clustering of the network and of nulls.degree_preserving",
    ),
    "sigma_top10": Measure(
        function=_small_world,
        of="strongest",
        field="value",
        definition="sigma of the strongest 10 % of |W|, each counted 1, without self-connections.",
        source=_SERNN,
        family="small world",
        needs=("dense",),
        instead="estimate_path_length and clustering of the network and of nulls.degree_preserving",
    ),
    "omega": Measure(
        function=partial(_small_world, kind="omega"),
        field="value",
        definition=(
            "L_null / L - C / max(C_lattice, C), binary (w != 0), means over 10 degree-preserving nulls; 1 lattice."
        ),
        source="doi:10.1089/brain.2011.0038",
        family="small world",
        needs=("dense",),
        instead="estimate_path_length and clustering of the network and of nulls.degree_preserving",
    ),
    "propensity": Measure(
        function=partial(_small_world, kind="propensity"),
        field="value",
        definition=(
            "1 - sqrt((D_C^2 + D_L^2) / 2), binary (w != 0), between a lattice and 10 random networks of its own."
        ),
        source="doi:10.1038/srep22057",
        family="small world",
        needs=("dense",),
        instead="estimate_path_length and clustering of the network and of nulls.erdos_renyi",
    ),
    "mean_communicability": Measure(
        function=mean_communicability,
        definition="Mean over pairs of distinct nodes of exp(S^-1/2 |W| S^-1/2), S the out-strengths.",
        source="doi:10.1098/rsif.2008.0484",
        family="communicability",
        needs=("dense",),
        instead='the measure "total_communicability"',
    ),
    "total_communicability": Measure(
        function=total_communicability,
        over_nodes="sum",
        definition="Sum of all entries of exp(S^-1/2 |W| S^-1/2), S the out-strengths, diagonal included.",
        source=_SERNN,
        family="communicability",
    ),
    "communicability_entropy": Measure(
        function=communicability_entropy,
        definition="Mean over nodes of the entropy (bits) of their rows of exp(S^-1/2 |W| S^-1/2), diagonal included.",
        source=_ENTROPY,
        family="entropy",
        needs=("dense",),
        instead="communicability with sources=",
    ),
    "weight_entropy": Measure(
        function=weight_entropy,
        definition="Mean over nodes of the entropy (bits) of p_ij = |w_ij| / sum_j |w_ij|, self-connections included.",
        source=_ENTROPY,
        family="entropy",
        remark=_noise_and_diagonal,
    ),
    "weight_entropy_no_self": Measure(
        function=partial(weight_entropy, self_connections=False),
        definition="Mean over nodes of the entropy (bits) of p_ij = |w_ij| / sum_j |w_ij|, without self-connections.",
        source=_ENTROPY,
        family="entropy",
        remark=partial(_rows_of_noise, self_connections=False),
    ),
    "spectral_entropy": Measure(
        function=spectral_entropy,
        definition="Entropy (bits) of the eigenvalue moduli of signed W, as shares of their sum.",
        source=_ENTROPY,
        family="spectrum",
        needs=("dense",),
        instead="estimate_spectral_entropy",
    ),
    "spectral_radius": Measure(
        function=spectral_radius,
        definition="Largest modulus of an eigenvalue of signed W.",
        source="doi:10.1137/1.9781611971446",
        family="spectrum",
    ),
    "leading_real_part": Measure(
        function=leading_real_part,
        definition="Largest real part of an eigenvalue of signed W.",
        source=_ENTROPY,
        family="spectrum",
    ),
    "spectral_participation_ratio": Measure(
        function=spectral_participation_ratio,
        definition="(sum_k l_k)^2 / sum_k l_k^2 of the eigenvalue moduli l_k of signed W.",
        source="doi:10.1016/j.conb.2015.04.003",
        family="spectrum",
        needs=("dense",),
        instead="spectral_density",
    ),
    "non_normality": Measure(
        function=non_normality,
        definition="sqrt(|W|_F^2 - sum_k |lambda_k|^2) / |W|_F of signed W: 0 where eigenvectors are orthogonal.",
        source="doi:10.1007/BF01386294",
        family="spectrum",
        needs=("dense",),
        instead="transform.subset for a part of it",
    ),
    "weight_distance_correlation": Measure(
        function=weight_distance_correlation,
        definition="Pearson r of |w_ij| and distance over connections (w != 0) between distinct nodes.",
        source=_SERNN,
        family="space",
        needs=("distances",),
    ),
    "weight_distance_correlation_with_self": Measure(
        function=partial(weight_distance_correlation, self_connections=True),
        definition=(
            "Pearson r of |w_ij| and distance over connections (w != 0), self-connections included at distance 0."
        ),
        source=_SERNN,
        family="space",
        needs=("distances",),
    ),
    "connection_distance": Measure(
        function=connection_distance,
        definition="Mean distance over connections (w != 0) between distinct nodes.",
        source="doi:10.1038/nrn3214",
        family="space",
        needs=("distances",),
    ),
    "wiring_cost": Measure(
        function=wiring_cost,
        definition="Sum of |w_ij| times distance over connections, undirected ones counted once.",
        source="doi:10.1038/nrn3214",
        family="space",
        needs=("distances",),
    ),
    "pathway_mean_hops": Measure(
        function=_pathways,
        field="mean_hops",
        definition="sum_h h p_h, p_h the share of |map_h| in the sum over hops; " + _HOPS + ".",
        source=_PATHWAYS,
        family="pathways",
        needs=("dense",),
        instead="pathways with inputs= and outputs=",
    ),
    "pathway_gini": Measure(
        function=_pathways,
        field="gini",
        definition="Gini coefficient over hops of the mass of " + _HOPS + ".",
        source=_PATHWAYS,
        family="pathways",
        needs=("dense",),
        instead="pathways with inputs= and outputs=",
    ),
    "pathway_cancellation": Measure(
        function=_pathways,
        field="cancellation_index",
        definition="Sum over hops of |map_h| over |sum over hops of map_h|, both summed over entries; " + _HOPS + ".",
        source=_PATHWAYS,
        family="pathways",
        needs=("dense",),
        instead="pathways with inputs= and outputs=",
    ),
    **BLOCKS,
    **COMMUNICATION,
    **CONTROL,
    **MODULES,
    **ROLES,
}
