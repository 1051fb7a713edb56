"""The measures of the table: one number per network each, with its definition, source and needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse

from netanalysis import transform
from netanalysis.connectome import Connectome
from netanalysis.structure.clustering import clustering
from netanalysis.structure.communicability import communicability, total_communicability
from netanalysis.structure.communities import detect_communities
from netanalysis.structure.entropy import communicability_entropy, weight_entropy
from netanalysis.structure.modularity import modularity
from netanalysis.structure.paths import efficiency, path_length
from netanalysis.structure.pathways import pathways
from netanalysis.structure.small_world import small_worldness
from netanalysis.structure.spectrum import (
    leading_real_part,
    spectral_entropy,
    spectral_participation_ratio,
    spectral_radius,
)
from netanalysis.structure.wiring import connection_distance, weight_distance_correlation
from netanalysis.table._measure import Measure

__all__ = ["MEASURES", "Measure"]

_SEED = 0  # measures are functions of the network alone: those that search or sample always do so alike
_RESTARTS = 3


def _off_diagonal(net: Connectome) -> Any:
    return transform.remove_self_connections(net.weights)


def _density(net: Connectome) -> Any:
    return net.density


def _total_weight(net: Connectome) -> Any:
    return abs(net.weights).sum(axis=(-2, -1)) if not net.is_sparse else abs(net.weights).sum()


def _self_share(net: Connectome) -> Any:
    w = abs(net.weights)
    on = w.diagonal().sum() if net.is_sparse else np.trace(w, axis1=-2, axis2=-1)
    return _ratio(on, _total_weight(net))


def _reciprocity(net: Connectome) -> Any:
    a = transform.binarize(_off_diagonal(net))
    if sparse.issparse(a):
        return _ratio(a.multiply(a.T).sum(), a.sum())
    return _ratio((a * np.swapaxes(a, -1, -2)).sum(axis=(-2, -1)), a.sum(axis=(-2, -1)))


def _heterogeneity(net: Connectome, *, weighted: bool) -> Any:
    a = _off_diagonal(net)
    a = abs(a) if weighted else transform.binarize(a)
    k = np.asarray(a.sum(axis=-1) + a.sum(axis=-2))
    return _ratio((k**2).mean(axis=-1), k.mean(axis=-1) ** 2)


def _ratio(part: Any, whole: Any) -> Any:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole != 0)


def _mean_clustering(net: Connectome, *, method: str | None) -> Any:
    return clustering(transform.absolute(net), method=method).mean(axis=-1)


def _magnitudes(net: Connectome, *, function: Callable[..., Any], **options: Any) -> Any:
    return function(transform.absolute(net), **options)


def _modularity(net: Connectome, *, method: str = "leiden") -> Any:
    return detect_communities(transform.absolute(net), method=method, n_restarts=_RESTARTS, rng=_SEED).modularity


def _modularity_no_self(net: Connectome) -> Any:
    a = transform.symmetrize(transform.absolute(_off_diagonal(net)))
    return detect_communities(a, n_restarts=_RESTARTS, rng=_SEED).modularity


def _top(net: Connectome) -> Any:
    return transform.binarize(transform.threshold(net.weights, density=0.1))


def _modularity_top(net: Connectome) -> Any:
    return detect_communities(_top(net), n_restarts=_RESTARTS, rng=_SEED).modularity


def _modularity_known(net: Connectome) -> Any:
    return modularity(transform.absolute(net.weights), net.modules)


def _small_world(net: Connectome, *, kind: str, top: bool = False) -> Any:
    w = _top(net) if top else net.weights
    return small_worldness(w, kind=kind, n_nulls=10, n_lattices=1, rng=_SEED).value


def _mean_communicability(net: Connectome) -> Any:
    n = net.n_nodes
    c = communicability(net)
    return _ratio(c.sum(axis=(-2, -1)) - np.trace(c, axis1=-2, axis2=-1), np.full(c.shape[:-2], n * (n - 1.0)))


def _total_communicability(net: Connectome) -> Any:
    return total_communicability(net).sum(axis=-1)


def _pathways(net: Connectome, *, what: str) -> Any:
    radius = np.asarray(spectral_radius(net))
    scale = np.where(radius > 0, radius, 1.0)[..., None, None]
    w = net.weights / float(scale.item()) if net.is_sparse else net.weights / scale
    found = pathways(net.replace(weights=w), max_hops=5, alpha=0.9)
    if what == "mean_hops":
        return (found.hop_share * np.arange(6)).sum(axis=-1)
    return getattr(found, what)


_SERNN = "doi:10.1038/s42256-023-00748-9"
_ENTROPY = "doi:10.48550/arXiv.2409.17693"
_PATHWAYS = "doi:10.48550/arXiv.2605.03598"
_Q = "Q = 1/l sum_ij (a_ij - k_i k_j / l) [m_i = m_j], directed form if W is directed, resolution 1, of "
_LEIDEN = f", best of {_RESTARTS} Leiden runs"
_HOPS = "pathways of 0 to 5 hops of signed W over its spectral radius, alpha 0.9, inputs (or all nodes) to outputs"

MEASURES: dict[str, Measure] = {
    "density": Measure(
        _density, "Share of ordered pairs of distinct nodes with w != 0.", "doi:10.1038/nrn2575", "connections"
    ),
    "total_weight": Measure(_total_weight, "sum_ij |w_ij|, self-connections included.", _SERNN, "connections"),
    "self_connection_share": Measure(
        _self_share, "sum_i |w_ii| / sum_ij |w_ij|; nan without connections.", _ENTROPY, "connections"
    ),
    "reciprocity": Measure(
        _reciprocity,
        "Share of connections between distinct nodes (w != 0) whose reverse exists; nan without connections.",
        "doi:10.1103/PhysRevLett.93.268701",
        "connections",
    ),
    "degree_heterogeneity": Measure(
        partial(_heterogeneity, weighted=False),
        "<k^2> / <k>^2 of in- plus out-degree (w != 0, no self-connections): 1 if all degrees are equal.",
        "doi:10.1103/PhysRevLett.86.3200",
        "connections",
    ),
    "strength_heterogeneity": Measure(
        partial(_heterogeneity, weighted=True),
        "<s^2> / <s>^2 of in- plus out-strength of |W| without self-connections: 1 if all strengths are equal.",
        "doi:10.1103/PhysRevLett.86.3200",
        "connections",
    ),
    "clustering_binary": Measure(
        partial(_mean_clustering, method="binary"),
        "Mean over nodes of the binary clustering coefficient (w != 0; Fagiolo's if directed).",
        "doi:10.1038/30918",
        "small world",
    ),
    "clustering": Measure(
        partial(_mean_clustering, method=None),
        "Mean over nodes of the clustering coefficient of |W| / max |W|: Onnela's, or Fagiolo's if directed.",
        "doi:10.1103/PhysRevE.76.026107",
        "small world",
    ),
    "path_length_binary": Measure(
        partial(_magnitudes, function=path_length, lengths="hops"),
        "Mean over ordered reachable pairs of the fewest hops (w != 0).",
        "doi:10.1038/30918",
        "small world",
        ("dense",),
        "estimate_path_length",
    ),
    "path_length": Measure(
        partial(_magnitudes, function=path_length),
        "Mean over ordered reachable pairs of the shortest path, a connection being 1 / |w| long.",
        "doi:10.1016/j.neuroimage.2009.10.003",
        "small world",
        ("dense",),
        "estimate_path_length",
    ),
    "efficiency_binary": Measure(
        partial(_magnitudes, function=efficiency, lengths="hops"),
        "Mean over ordered pairs of 1 / fewest hops (w != 0), 0 if unreachable.",
        "doi:10.1103/PhysRevLett.87.198701",
        "small world",
        ("dense",),
        "estimate_efficiency",
    ),
    "efficiency": Measure(
        partial(_magnitudes, function=efficiency),
        "Mean over ordered pairs of 1 / shortest path, a connection being 1 / |w| long, 0 if unreachable.",
        "doi:10.1103/PhysRevLett.87.198701",
        "small world",
        ("dense",),
        "estimate_efficiency",
    ),
    "modularity": Measure(
        _modularity, _Q + "|W| with self-connections" + _LEIDEN + ".", "doi:10.1038/s41598-019-41695-z", "modularity"
    ),
    "modularity_no_self": Measure(
        _modularity_no_self, _Q + "(|W| + |W|^T) / 2 without self-connections" + _LEIDEN + ".", _SERNN, "modularity"
    ),
    "modularity_top10": Measure(
        _modularity_top,
        _Q + "the strongest 10 % of |W|, each counted 1, without self-connections" + _LEIDEN + ".",
        _SERNN,
        "modularity",
    ),
    "modularity_spectral": Measure(
        partial(_modularity, method="spectral"),
        _Q + "|W| with self-connections, by spectral bisection with fine tuning (deterministic).",
        _ENTROPY,
        "modularity",
        ("dense",),
        'the measure "modularity"',
    ),
    "modularity_known": Measure(
        _modularity_known,
        _Q + "|W| with self-connections, for the modules known beforehand.",
        "doi:10.1103/PhysRevLett.100.118703",
        "modularity",
        ("modules",),
    ),
    "sigma": Measure(
        partial(_small_world, kind="sigma"),
        "(C / C_null) / (L / L_null), binary (w != 0), means over 10 degree-preserving nulls of its own.",
        "doi:10.1371/journal.pone.0002051",
        "small world",
        ("dense",),
        "estimate_path_length and clustering of the network and of nulls.degree_preserving",
    ),
    "sigma_top10": Measure(
        partial(_small_world, kind="sigma", top=True),
        "sigma of the strongest 10 % of |W|, each counted 1, without self-connections.",
        _SERNN,
        "small world",
        ("dense",),
        "estimate_path_length and clustering of the network and of nulls.degree_preserving",
    ),
    "omega": Measure(
        partial(_small_world, kind="omega"),
        "L_null / L - C / max(C_lattice, C), binary (w != 0), means over 10 degree-preserving nulls; 1 lattice.",
        "doi:10.1089/brain.2011.0038",
        "small world",
        ("dense",),
        "estimate_path_length and clustering of the network and of nulls.degree_preserving",
    ),
    "propensity": Measure(
        partial(_small_world, kind="propensity"),
        "1 - sqrt((D_C^2 + D_L^2) / 2), binary (w != 0), between a lattice and 10 random networks of its own.",
        "doi:10.1038/srep22057",
        "small world",
        ("dense",),
        "estimate_path_length and clustering of the network and of nulls.erdos_renyi",
    ),
    "mean_communicability": Measure(
        _mean_communicability,
        "Mean over pairs of distinct nodes of exp(S^-1/2 |W| S^-1/2), S the out-strengths.",
        "doi:10.1098/rsif.2008.0484",
        "communicability",
        ("dense",),
        'the measure "total_communicability"',
    ),
    "total_communicability": Measure(
        _total_communicability,
        "Sum of all entries of exp(S^-1/2 |W| S^-1/2), S the out-strengths, diagonal included.",
        _SERNN,
        "communicability",
    ),
    "communicability_entropy": Measure(
        communicability_entropy,
        "Mean over nodes of the entropy (bits) of their rows of exp(S^-1/2 |W| S^-1/2), diagonal included.",
        _ENTROPY,
        "entropy",
        ("dense",),
        "communicability with sources=",
    ),
    "weight_entropy": Measure(
        weight_entropy,
        "Mean over nodes of the entropy (bits) of p_ij = |w_ij| / sum_j |w_ij|, self-connections included.",
        _ENTROPY,
        "entropy",
    ),
    "weight_entropy_no_self": Measure(
        partial(weight_entropy, self_connections=False),
        "Mean over nodes of the entropy (bits) of p_ij = |w_ij| / sum_j |w_ij|, without self-connections.",
        _ENTROPY,
        "entropy",
    ),
    "spectral_entropy": Measure(
        spectral_entropy,
        "Entropy (bits) of the eigenvalue moduli of signed W, as shares of their sum.",
        _ENTROPY,
        "spectrum",
        ("dense",),
        "estimate_spectral_entropy",
    ),
    "spectral_radius": Measure(
        spectral_radius, "Largest modulus of an eigenvalue of signed W.", "doi:10.1137/1.9781611971446", "spectrum"
    ),
    "leading_real_part": Measure(
        leading_real_part, "Largest real part of an eigenvalue of signed W.", _ENTROPY, "spectrum"
    ),
    "spectral_participation_ratio": Measure(
        spectral_participation_ratio,
        "(sum_k l_k)^2 / sum_k l_k^2 of the eigenvalue moduli l_k of signed W.",
        "doi:10.1016/j.conb.2015.04.003",
        "spectrum",
        ("dense",),
        "spectral_density",
    ),
    "weight_distance_correlation": Measure(
        weight_distance_correlation,
        "Pearson r of |w_ij| and distance over connections (w != 0) between distinct nodes.",
        _SERNN,
        "space",
        ("distances",),
    ),
    "weight_distance_correlation_with_self": Measure(
        partial(weight_distance_correlation, self_connections=True),
        "Pearson r of |w_ij| and distance over connections (w != 0), self-connections included at distance 0.",
        _SERNN,
        "space",
        ("distances",),
    ),
    "connection_distance": Measure(
        connection_distance,
        "Mean distance over connections (w != 0) between distinct nodes.",
        "doi:10.1038/nrn3214",
        "space",
        ("distances",),
    ),
    "pathway_mean_hops": Measure(
        partial(_pathways, what="mean_hops"),
        "sum_h h p_h, p_h the share of |map_h| in the sum over hops; " + _HOPS + ".",
        _PATHWAYS,
        "pathways",
        ("dense",),
        "pathways with inputs= and outputs=",
    ),
    "pathway_gini": Measure(
        partial(_pathways, what="gini"),
        "Gini coefficient over hops of the mass of " + _HOPS + ".",
        _PATHWAYS,
        "pathways",
        ("dense",),
        "pathways with inputs= and outputs=",
    ),
    "pathway_cancellation": Measure(
        partial(_pathways, what="cancellation_index"),
        "Sum over hops of |map_h| over |sum over hops of map_h|, both summed over entries; " + _HOPS + ".",
        _PATHWAYS,
        "pathways",
        ("dense",),
        "pathways with inputs= and outputs=",
    ),
}
