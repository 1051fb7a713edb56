"""Do units that work together sit together, and are they wired together?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, parallel, random, stacks, validate
from netanalysis._core.pvalues import Side, p_value, standard_score
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.activity import _relabel, kernels
from netanalysis.activity._k_means import k_means
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import callable_name

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AlignmentMeasure", "ClusteringAlignment", "clustering_alignment"]

# name: (what it sees, the side on which place and function agree, definition)
_DEFINITIONS = {
    "isolated": ("place", "low", "share of units none of whose neighbours in space carries their label"),
    "isolated_order": ("place", "low", "share of units whose predecessor and successor in row order both differ"),
    "index_variance": (
        "place",
        "low",
        "variance of the units' ranks in row order inside a cluster, summed over clusters",
    ),
    "join_count": ("place", "high", "share of neighbouring pairs that carry the same label"),
    "moran": ("place", "high", "Moran's I of each label's indicator, averaged with weights equal to label frequency"),
    "pair_distance": ("place", "low", "mean distance of pairs inside a cluster over that of all pairs"),
    "within_cluster_squares": ("place", "low", "squared distance to the own cluster's centroid, mean over units"),
    "similarity_distance": ("place", "high", "Spearman correlation of functional dissimilarity with distance (Mantel)"),
    "ami_positions": ("place", "high", "adjusted mutual information with k-means of the positions, same k"),
    "ari_positions": ("place", "high", "adjusted Rand index with k-means of the positions, same k"),
    "ami_communities": ("wiring", "high", "adjusted mutual information with communities of |W|"),
    "ari_communities": ("wiring", "high", "adjusted Rand index with communities of |W|"),
    "modularity": ("wiring", "high", "Leicht-Newman Q of the functional partition on |W|, no self-connections"),
    "within_between": ("wiring", "high", "mean |W| inside clusters over mean |W| between them"),
    "assortativity": ("wiring", "high", "Q of the functional partition over its largest possible value"),
}


_OF_STACK = ("observed", "null_distribution", "note")


@result
class AlignmentMeasure:
    """One measure of alignment with its null distribution.

    `sees` is "place" (changes when units swap places) or "wiring" (does not); `aligned` is the side, "low" or
    "high", on which function agrees with it, and the side `p` looks at: ``p = (1 + #{null at least as far on
    that side}) / (n_nulls + 1)``. Values are nan where the measure is undefined; `note` says why. Of a stack
    every number is an array (...), the null distribution (..., n_nulls), and the note one text per network.
    """

    name: str
    sees: str
    aligned: str
    definition: str
    observed: Any
    null_distribution: NDArray[np.float64]
    note: Any = ""

    @property
    def null_mean(self) -> Any:
        """Mean over the null."""
        return self._standard_score[0]

    @property
    def null_std(self) -> Any:
        """Standard deviation over the null; 0 where its values differ by rounding only."""
        return self._standard_score[1]

    @property
    def z(self) -> Any:
        """``(observed - null_mean) / null_std``; nan where the null does not vary."""
        return self._standard_score[2]

    @property
    def _standard_score(self) -> tuple[Any, ...]:
        return tuple(map(stacks.number, standard_score(self.observed, self.null_distribution)))

    @property
    def p(self) -> Any:
        """One-sided p-value on the aligned side."""
        side: Side = "less" if self.aligned == "low" else "greater"
        return stacks.number(p_value(self.observed, self.null_distribution, side))


@result
class ClusteringAlignment:
    """All alignment measures of one labelling: index by name, or :meth:`to_frame`.

    `null` names the shuffle, `neighbours` the rule for neighbours in space, `n_units` the active units; of a stack,
    where these may differ, the last three are arrays (...).
    """

    measures: dict[str, AlignmentMeasure]
    null: str
    n_nulls: int
    neighbours: Any
    n_units: Any
    n_clusters: Any

    def __getitem__(self, name: str) -> AlignmentMeasure:
        return self.measures[name]

    def to_frame(self) -> pd.DataFrame:
        """One row per measure: what it sees, its numbers, its definition, and in `note` why one of them is nan.

        Of a stack there is a row for each network and measure; the column network comes first, counting from 0; of
        several axes, their indices.
        """
        import pandas as pd

        columns = ("sees", "aligned", "observed", "null_mean", "null_std", "z", "p", "definition", "note")
        lead = np.shape(self.n_units)
        if not lead:
            rows = {name: [getattr(m, c) for c in columns] for name, m in self.measures.items()}
            return pd.DataFrame.from_dict(rows, orient="index", columns=list(columns)).rename_axis("measure")
        of_measure = {
            name: {c: np.broadcast_to(getattr(m, c), lead).ravel() for c in columns}
            for name, m in self.measures.items()
        }
        frames = [
            pd.DataFrame({"network": stacks.numbers_of(lead), "measure": name} | values)
            for name, values in of_measure.items()
        ]
        order = np.arange(len(frames) * len(frames[0])).reshape(len(frames), -1).T.ravel()
        return pd.concat(frames).iloc[order].set_index("measure")


@recorded
def clustering_alignment(
    net: Network,
    functional: Any,
    *,
    positions: ArrayLike | None = None,
    profiles: ArrayLike | None = None,
    communities: ArrayLike | None = None,
    neighbours: int | None = None,
    null: Literal["shuffle", "eccentricity", "spin"] | Callable[[int, np.random.Generator], Any] = "shuffle",
    n_nulls: int = 1000,
    rng: random.RNG = None,
) -> ClusteringAlignment:
    """Alignment of functional clusters with anatomy: place and wiring, each against label shuffles.

    Measures that see only wiring do not change when units swap places, so they cannot show that function is
    laid out in space; measures of place say nothing about weights. Both kinds are always reported: read one
    of each.

    Parameters
    ----------
    net : network of n units, stack (..., n, n), or None
        Magnitudes ``|W|`` are used, self-connections left out. None: positions only, and measures of wiring are nan.
    functional : FunctionalClusters or array_like, shape (n,) or (..., n)
        Cluster of each unit; negative integers mark inactive units, which take no part. Of a stack the same for all
        networks, or their own.
    positions : array_like, shape (n, d), optional
        Default: those of the Connectome. Without any, measures of place are nan.
    profiles : array_like, shape (n, features) or (..., n, features), optional
        Functional profiles for the similarity-distance correlation (Euclidean dissimilarity); default: those of
        `functional` if it carries them, else that measure is nan.
    communities : array_like, shape (n,) or (..., n), optional
        Structural communities to compare with. Default: Leiden on ``|W|`` among active units.
    neighbours : int, optional
        Neighbours in space are the k nearest units (of either of the two). Default: on a regular grid, units one
        step away along one axis (the 4 neighbours of a sheet; for Moran's I the 8 one step away along any axes),
        elsewhere the 6 nearest.
    null : {"shuffle", "eccentricity", "spin"}, or callable
        Labels are shuffled among active units; only among units about equally far from the centre (ten bins), since
        strong units tend to the middle and clusters differ in strength; or rotated on the sphere, hemispheres
        (sign of the first coordinate) mirrored and each projected on a sphere about its own centre, each unit
        matched to one (Markello & Misic 2021, doi:10.1016/j.neuroimage.2021.118052). Or a function of your own,
        (n, rng) -> order: unit u of the n active ones receives the label of unit ``order[u]``.
    n_nulls : int
    rng : seed, Generator or SeedSequence, optional
        Also seeds k-means and Leiden.

    Returns
    -------
    ClusteringAlignment

    Raises
    ------
    ValueError
        Fewer than 3 active units or 2 clusters, wrong lengths, or a spin test without 3-D positions; a stack whose
        labels are of another.

    Notes
    -----
    "isolated" and "index_variance" are the two statistics of Liu et al. (doi:10.48550/arXiv.2310.07711), as far as
    they can be recovered from their figures; the order is row-major (first coordinate first). Adjusted mutual
    information is corrected for chance with the mean of both entropies (scikit-learn's). Two-dimensional inertia
    and pair distances are the measures that separate layouts best.

    Examples
    --------
    Two clusters on the two halves of a line of units:

    >>> import numpy as np, netanalysis as na
    >>> line = na.Connectome(np.eye(8, k=1), positions=np.arange(8.0)[:, None])
    >>> result = na.clustering_alignment(line, [0, 0, 0, 0, 1, 1, 1, 1], n_nulls=99, rng=0)
    >>> round(result["pair_distance"].observed, 3), round(result["modularity"].observed, 3)
    (0.556, 0.367)
    """
    if not callable(null):
        options.choice(null, ["shuffle", "eccentricity", "spin"], "null")
    n_nulls = options.count(n_nulls, "n_nulls")
    if positions is None and isinstance(net, Connectome):
        positions = net.positions
    if profiles is None:
        profiles = getattr(functional, "profiles", None)
    raw = validate.label_array(getattr(functional, "labels", functional), "functional")
    networks, lead = ([None], ()) if net is None else stacks.members(net)
    of_network = bool(lead)
    lead = lead or raw.shape[:-1]
    count = int(np.prod(lead, dtype=int))
    networks = networks if of_network else networks * count
    given = {
        "functional": _dealt(raw, lead, 1, "functional"),
        "profiles": _dealt(profiles, lead, 2, "profiles"),
        "communities": _dealt(communities, lead, 1, "communities"),
    }
    found = [
        _of_one(networks[k], raw_of, positions, profiles_of, communities_of, neighbours, null, n_nulls, source)
        for k, (raw_of, profiles_of, communities_of, source) in enumerate(
            zip(*given.values(), random.per_network(rng, count), strict=True)
        )
    ]
    return found[0] if not lead else _together(found, lead)


def _dealt(values: Any, lead: tuple[int, ...], axes: int, name: str) -> list[Any]:
    """What each network of a stack has of values that are all networks' (of so many axes), or have the stack's too."""
    count = int(np.prod(lead, dtype=int))
    if values is None or np.ndim(values) <= axes:
        return [values] * count
    own = np.shape(values)
    if own[:-axes] != lead:
        raise ValueError(f"{name} must be the same for all networks, or have the axes of the stack {lead}; got {own}")
    return list(np.reshape(values, (count, *own[-axes:])))


def _together(found: list[ClusteringAlignment], lead: tuple[int, ...]) -> ClusteringAlignment:
    """Results of a stack as one."""
    measures = {}
    for name, first in found[0].measures.items():
        own = [one.measures[name] for one in found]
        joined = {key: stacks.restore(np.array([getattr(m, key) for m in own]), lead) for key in _OF_STACK}
        measures[name] = AlignmentMeasure(first.name, first.sees, first.aligned, first.definition, **joined)
    several = {
        key: stacks.restore(np.array([getattr(one, key) for one in found]), lead)
        for key in ("neighbours", "n_units", "n_clusters")
    }
    return ClusteringAlignment(measures, found[0].null, found[0].n_nulls, **several)


def _of_one(
    net: Any,
    raw: NDArray[Any],
    positions: Any,
    profiles: Any,
    communities: Any,
    neighbours: int | None,
    null: Any,
    n_nulls: int,
    rng: np.random.SeedSequence,
) -> ClusteringAlignment:
    """The alignment of one network, or of positions alone."""
    weights = None if net is None else validate.as_weights(net)
    labels, active = _clusters(raw, weights)
    n, k = len(active), int(labels.max()) + 1
    place = None if positions is None else validate.as_array(positions, "positions", shape=(len(raw), None))[active]
    seed_null, seed_fit = rng.generate_state(2, np.uint64)

    orders = _relabel.relabellings(place, n, null, n_nulls, int(seed_null))
    values = {name: np.full(n_nulls + 1, np.nan) for name in _DEFINITIONS}
    rule = "none"
    if place is not None:
        rule = _measure_place(values, orders, labels, place, neighbours)
        if k <= len(np.unique(place, axis=0)):
            _measure_overlap(values, orders, labels, k_means(place, k, n_init=10, seed=int(seed_fit)), "positions")
        if profiles is not None:
            features = validate.as_array(profiles, "profiles", shape=(len(raw), None))[active]
            values["similarity_distance"] = _mantel(orders, features, place)
    if weights is not None:
        part = weights[active][:, active]
        whole = validate.dense(part, measure="clustering_alignment", instead="a subset of the units")
        magnitude = np.ascontiguousarray(np.abs(whole))
        np.fill_diagonal(magnitude, 0.0)
        if communities is None:
            from netanalysis.structure.communities import detect_communities

            found = np.asarray(detect_communities(magnitude, rng=int(seed_fit)).labels)
        else:
            found = validate.as_labels(communities, len(raw), "communities")[active]
        _measure_overlap(values, orders, labels, np.unique(found, return_inverse=True)[1], "communities")
        out = np.empty((n_nulls + 1, 3))
        _run("wiring", orders, labels, k, magnitude, out)
        values["modularity"], values["within_between"], values["assortativity"] = out.T
    return ClusteringAlignment(
        measures={
            name: AlignmentMeasure(
                name, *definition, float(x[0]), x[1:], _note(name, x, place is not None, weights is not None, profiles)
            )
            for name, definition in _DEFINITIONS.items()
            for x in [values[name]]
        },
        null=null if isinstance(null, str) else callable_name(null),
        n_nulls=n_nulls,
        neighbours=rule,
        n_units=n,
        n_clusters=k,
    )


def _note(name: str, values: NDArray[np.float64], has_place: bool, has_weights: bool, profiles: Any) -> str:
    """Why values of a measure, or its z, are nan."""
    if np.isnan(values[0]):
        if _DEFINITIONS[name][0] == "wiring":
            return "weights do not tell clusters apart" if has_weights else "no network"
        if not has_place:
            return "no positions"
        if name == "similarity_distance":
            return "no functional profiles" if profiles is None else "profiles or distances are all the same"
        return "positions do not tell clusters apart"
    if np.isnan(values).any():
        return f"undefined for {np.isnan(values).sum()} of {len(values) - 1} shuffles"
    return "the null does not vary" if standard_score(values[0], values[1:])[1] == 0 else ""


def _clusters(raw: NDArray[Any], weights: Any) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Labels 0..k-1 of the active units, and which units they are."""
    if raw.ndim != 1 or (weights is not None and len(raw) != weights.shape[-1]):
        expected = "(n,)" if weights is None else f"({weights.shape[-1]},)"
        raise ValueError(f"functional must have one label per unit, shape {expected}; got shape {raw.shape}")
    raw = validate.as_labels(raw, len(raw), "functional")
    active = np.flatnonzero(raw >= 0) if raw.dtype.kind in "iuf" else np.arange(len(raw))
    names, labels = np.unique(raw[active], return_inverse=True)
    if len(active) < 3 or len(names) < 2:
        raise ValueError(
            f"functional must have at least 3 active units in 2 clusters; got {len(active)} active units in "
            f"{len(names)} (negative labels mark inactive units)"
        )
    return labels.astype(np.int64), active


def _run(kernel: str, orders: NDArray[np.int64], *args: Any) -> None:
    function = getattr(kernels.alignment, kernel)
    parallel.thread_blocks(lambda start, stop: function(start, stop, orders, *args), len(orders), min_block=32)


def _neighbour_lists(place: NDArray[np.float64], neighbours: int | None) -> tuple[str, list[Any]]:
    """Neighbours for isolation and joins, then for Moran's I, each as CSR (indices, indptr)."""
    from scipy.spatial import cKDTree

    tree = cKDTree(place)
    if neighbours is None:
        nearest = tree.query(place, k=2)[0][:, 1]
        step = nearest.min()
        steps = (place - place[0]) / step if step > 0 else place
        if step > 0 and np.allclose(steps, np.round(steps), atol=1e-6):
            lists = [tree.query_ball_point(place, r * step, p=norm) for norm, r in ((1, 1.001), (np.inf, 1.001))]
            pairs = [[(u, v) for u, near in enumerate(lst) for v in near if u != v] for lst in lists]
            return "one grid step", [_csr(p, len(place)) for p in pairs]
        neighbours = 6
    k = min(options.positive_int(neighbours, "neighbours"), len(place) - 1)
    found = tree.query(place, k=k + 1)[1]
    both = {pair for u, row in enumerate(found) for v in row if u != v for pair in ((u, int(v)), (int(v), u))}
    return f"{k} nearest", [_csr(sorted(both), len(place))] * 2


def _csr(pairs: list[tuple[int, int]], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    array = np.array(pairs, np.int64).reshape(-1, 2)
    return array[:, 1].copy(), np.concatenate([[0], np.cumsum(np.bincount(array[:, 0], minlength=n))])


def _measure_place(
    values: dict[str, Any], orders: NDArray[np.int64], labels: Any, place: Any, neighbours: int | None
) -> str:
    from scipy.spatial.distance import cdist

    rule, ((near, near_ptr), (moore, moore_ptr)) = _neighbour_lists(place, neighbours)
    out = np.empty((len(orders), 7))
    row_major = np.lexsort(place.T[::-1])
    place = np.ascontiguousarray(place)
    args = (place, cdist(place, place), row_major, near, near_ptr, moore, moore_ptr, out)
    _run("place", orders, labels, int(labels.max()) + 1, *args)
    names = ("isolated", "isolated_order", "index_variance", "join_count", "moran", "pair_distance")
    values.update(zip((*names, "within_cluster_squares"), out.T, strict=True))
    return rule


def _measure_overlap(values: dict[str, Any], orders: NDArray[np.int64], labels: Any, other: Any, what: str) -> None:
    """AMI and ARI. Shuffles keep both partitions' cluster sizes, so what is expected by chance is computed once."""
    from scipy.special import comb
    from scipy.stats import entropy
    from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

    other = np.asarray(other, np.int64)
    k, k_other, n = int(labels.max()) + 1, int(other.max()) + 1, len(labels)
    out = np.empty((len(orders), 2))
    _run("overlap", orders, labels, k, other, k_other, out)
    chance = expected_mutual_information(contingency_matrix(labels, other, sparse=True), n)
    top = (entropy(np.bincount(labels)) + entropy(np.bincount(other))) / 2
    if top > chance:
        values[f"ami_{what}"] = (out[:, 0] - chance) / (top - chance)
    pairs, pairs_other = (comb(np.bincount(p), 2).sum() for p in (labels, other))
    expected = pairs * pairs_other / comb(n, 2)
    if (pairs + pairs_other) / 2 > expected:
        values[f"ari_{what}"] = (out[:, 1] - expected) / ((pairs + pairs_other) / 2 - expected)


def _mantel(
    orders: NDArray[np.int64], features: NDArray[np.float64], place: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Spearman correlation over pairs; relabelling permutes rows and columns of one rank matrix together."""
    from scipy.spatial.distance import pdist, squareform
    from scipy.stats import rankdata

    ranks = []
    for points in (features, place):
        rank = rankdata(pdist(points))
        rank -= rank.mean()
        norm = np.linalg.norm(rank)
        if norm == 0:
            return np.full(len(orders), np.nan)
        ranks.append(squareform(rank / norm))
    out = np.empty(len(orders))
    _run("mantel", orders, ranks[0], ranks[1], out)
    return out
