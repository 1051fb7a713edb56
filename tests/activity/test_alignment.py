import networkx as nx
import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

import netanalysis as na

GRID = np.stack(np.indices((20, 20)), -1).reshape(-1, 2).astype(float)

# Read off a published figure; observed, null mean, z. Definitions: tests/oracles/README.md.
REFERENCE = {
    "bimt": {
        "isolated": (0.228, 0.469, -4.5),
        "isolated_order": (0.447, 0.642, -3.5),
        "join_count": (0.400, 0.205, 7.5),
        "moran": (0.188, -0.008, 8.3),
        "pair_distance": (0.856, 1.000, -9.7),
        "within_cluster_squares": (13.9, 18.7, -12.6),
    },
    "l1": {
        "isolated": (0.649, 0.733, -1.8),
        "isolated_order": (0.534, 0.591, -1.0),
        "join_count": (0.337, 0.237, 2.2),
        "moran": (0.128, -0.008, 3.2),
        "pair_distance": (1.000, 1.000, 0.0),
        "within_cluster_squares": (60.1, 61.5, -1.4),
    },
}


@pytest.fixture(scope="module")
def maps(request):
    path = request.config.rootpath / "tests" / "oracles" / "growing_brains_fig_a_c.npz"
    with np.load(path) as archive:
        return {name: archive[name].ravel() - 1 for name in ("bimt", "l1")}


@pytest.mark.parametrize("name", ["bimt", "l1"])
def test_published_maps(maps, name):
    result = na.clustering_alignment(None, maps[name], positions=GRID, n_nulls=3000, rng=0)
    assert (result.n_units, result.n_clusters) == ((123, 7) if name == "bimt" else (131, 5))
    for measure, (observed, null_mean, z) in REFERENCE[name].items():
        got = result[measure]
        digits = 0.5 * 10.0 ** -(len(str(observed).split(".")[1]))
        assert got.observed == pytest.approx(observed, abs=max(digits, 5e-4) * 1.01)
        assert got.null_mean == pytest.approx(null_mean, abs=0.01 * max(1, abs(null_mean)))
        assert got.z == pytest.approx(z, abs=0.35)
    assert result["ami_positions"].observed == pytest.approx(0.251 if name == "bimt" else 0.002, abs=0.015)
    assert result["ami_positions"].z > 10 if name == "bimt" else abs(result["ami_positions"].z) < 2


@pytest.fixture(scope="module")
def planted():
    """Units in three blobs of a plane, wired mostly at random, with labels that follow the blobs loosely."""
    rng = np.random.default_rng(5)
    blob = np.repeat(np.arange(3), 20)
    positions = rng.normal(size=(60, 2)) + 4 * np.stack([np.cos(2 * blob), np.sin(2 * blob)], 1)
    labels = np.where(rng.random(60) < 0.8, blob, rng.integers(0, 3, 60))
    weights = rng.normal(size=(60, 60)) * (1 + 2 * (labels[:, None] == labels))
    return na.Connectome(weights, positions=positions), labels, rng.normal(size=(60, 4)) + labels[:, None]


def test_every_measure_against_its_definition(planted):
    net, labels, profiles = planted
    communities = np.arange(60) % 4
    result = na.clustering_alignment(
        net, labels, profiles=profiles, communities=communities, neighbours=5, n_nulls=20, rng=0
    )
    d = cdist(net.positions, net.positions)
    near = np.zeros((60, 60), bool)
    np.put_along_axis(near, np.argsort(d, axis=1)[:, 1:6], True, axis=1)
    near |= near.T
    same = labels[:, None] == labels
    off = ~np.eye(60, dtype=bool)
    w = np.abs(net.weights) * off
    order = np.lexsort(net.positions.T[::-1])
    ranks = np.argsort(order)
    ordered = labels[order]
    differs = np.concatenate([[True], ordered[1:] != ordered[:-1], [True]])
    k_means = KMeans(3, n_init=10, random_state=0).fit(net.positions).labels_
    n, total = 60, near.sum()

    def moran(x):
        x = x - x.mean()
        return n / total * (x @ near @ x) / (x @ x)

    graph = nx.from_numpy_array(w, create_using=nx.DiGraph)
    parts = [set(np.flatnonzero(labels == c)) for c in range(3)]
    expected = {
        "isolated": 1 - (near & same).any(axis=1).mean(),
        "isolated_order": (differs[1:] & differs[:-1]).mean(),
        "index_variance": sum(np.var(ranks[labels == c]) for c in range(3)),
        "join_count": same[near].mean(),
        "moran": sum((labels == c).mean() * moran((labels == c).astype(float)) for c in range(3)),
        "pair_distance": d[same & off].mean() / d[off].mean(),
        "within_cluster_squares": sum(
            ((net.positions[labels == c] - net.positions[labels == c].mean(0)) ** 2).sum() for c in range(3)
        )
        / n,
        "similarity_distance": stats.spearmanr(pdist(profiles), pdist(net.positions)).statistic,
        "ami_positions": adjusted_mutual_info_score(labels, k_means),
        "ari_positions": adjusted_rand_score(labels, k_means),
        "ami_communities": adjusted_mutual_info_score(labels, communities),
        "ari_communities": adjusted_rand_score(labels, communities),
        "modularity": nx.community.modularity(graph, parts, weight="weight"),
        "within_between": w[same & off].mean() / w[~same].mean(),
        "assortativity": nx.attribute_assortativity_coefficient,
    }
    # networkx has no weighted assortativity: the mixing matrix of shares, by hand.
    e = np.array([[w[np.ix_(labels == a, labels == b)].sum() for b in range(3)] for a in range(3)]) / w.sum()
    expected["assortativity"] = (np.trace(e) - (e @ e).sum()) / (1 - (e @ e).sum())
    for name, value in expected.items():
        assert result[name].observed == pytest.approx(value, rel=1e-9), name
    assert set(expected) == set(result.measures)


def test_nulls_recompute_the_measure_on_shuffled_labels(planted):
    """The mean over shuffles of the pair-distance ratio is 1, and of Q is -sum of squares over n - 1."""
    net, labels, _ = planted
    result = na.clustering_alignment(net, labels, n_nulls=4000, rng=1)
    assert result["pair_distance"].null_mean == pytest.approx(1, abs=4 * result["pair_distance"].null_std / 63)
    assert result["ami_positions"].null_mean == pytest.approx(0, abs=0.02)
    sizes = np.bincount(labels)
    n = len(labels)
    # Closed form for the index variance, growing_brains section 5.2.
    expected = n * (n + 1) / 12 * (len(sizes) - np.sum(1 / sizes))
    assert result["index_variance"].null_mean == pytest.approx(expected, rel=0.02)


def test_swapping_places_changes_place_and_not_wiring(planted):
    net, labels, _ = planted
    moved = net.replace(positions=np.random.default_rng(0).permutation(net.positions))
    a, b = (na.clustering_alignment(x, labels, n_nulls=9, rng=0) for x in (net, moved))
    for name, measure in a.measures.items():
        if measure.sees == "wiring":
            assert measure.observed == b[name].observed
    assert a["pair_distance"].observed != b["pair_distance"].observed
    assert {m.sees for m in a.measures.values()} == {"place", "wiring"}


def test_a_compact_layout_has_the_smallest_possible_p():
    labels = np.repeat([0, 1, 2, 3], 25)
    positions = np.stack(np.indices((10, 10)), -1).reshape(-1, 2)
    result = na.clustering_alignment(None, labels, positions=positions, n_nulls=199, rng=0)
    assert result["pair_distance"].p == result["index_variance"].p == 1 / 200


def test_a_partition_that_never_changes_has_p_one():
    result = na.clustering_alignment(None, [0, 0, 0, 0, 1], positions=np.zeros((5, 2)), neighbours=2, n_nulls=19, rng=0)
    assert result["within_cluster_squares"].p == 1
    assert np.isnan(result["within_cluster_squares"].z)
    assert np.isnan(result["modularity"].observed)
    assert np.isnan(result["modularity"].p)


def test_eccentricity_null_keeps_units_near_their_radius():
    """Rings carry labels: the plain shuffle sees structure, the stricter null none beyond its bins."""
    positions = np.stack(np.indices((15, 15)), -1).reshape(-1, 2) - 7.0
    radius = np.linalg.norm(positions, axis=1)
    labels = np.searchsorted(np.quantile(radius, [0.3, 0.7]), radius)
    plain = na.clustering_alignment(None, labels, positions=positions, n_nulls=500, rng=0)
    strict = na.clustering_alignment(None, labels, positions=positions, null="eccentricity", n_nulls=500, rng=0)
    assert plain["join_count"].z > 5
    assert strict["join_count"].null_mean == pytest.approx(strict["join_count"].observed, rel=0.02)
    assert plain["join_count"].observed == strict["join_count"].observed


def test_spins_are_relabellings_that_keep_neighbours_together():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(80, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = (points[:, 2] > 0).astype(int)
    spin = na.clustering_alignment(None, labels, positions=points, null="spin", n_nulls=60, rng=0)
    shuffle = na.clustering_alignment(None, labels, positions=points, n_nulls=60, rng=0)
    # A rotated half sphere is still one piece, a shuffled one is not.
    assert spin["join_count"].null_mean > shuffle["join_count"].null_mean + 0.2
    with pytest.raises(ValueError, match="3 dimensions"):
        na.clustering_alignment(None, labels, positions=points[:, :2], null="spin")


@pytest.mark.slow
def test_p_values_are_uniform_under_the_null():
    positions = np.stack(np.indices((10, 10)), -1).reshape(-1, 2).astype(float)
    rng = np.random.default_rng(0)
    p = {"pair_distance": [], "join_count": [], "within_between": [], "ami_positions": []}
    for _ in range(200):
        net = na.Connectome(rng.random((100, 100)), positions=positions)
        labels = rng.permutation(np.repeat([0, 1, 2, 3], [40, 30, 20, 10]))
        result = na.clustering_alignment(net, labels, communities=np.arange(100) % 3, n_nulls=199, rng=rng)
        for name, values in p.items():
            values.append(result[name].p)
    for name, values in p.items():
        # Ties make p-values of counts conservative; break them at random for the test of uniformity.
        assert stats.kstest(np.array(values) - rng.random(200) / 200, "uniform").pvalue > 0.01, name


def test_same_seed_same_answer_and_frame(planted):
    net, labels, profiles = planted
    a, b = (na.clustering_alignment(net, labels, profiles=profiles, n_nulls=30, rng=4).to_frame() for _ in range(2))
    assert a.equals(b)
    assert list(a.columns) == ["sees", "aligned", "observed", "null_mean", "null_std", "z", "p", "definition", "note"]
    assert a.loc["moran", "p"] == 1 / 31


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"functional": [0, 1]}, "functional must have one label per unit"),
        ({"functional": [0] * 60}, "at least 3 active units in 2 clusters"),
        ({"functional": [-1] * 58 + [0, 1]}, "negative labels mark inactive"),
        ({"null": "turn"}, "null must be one of"),
        ({"n_nulls": 0}, "n_nulls must be at least 1"),
        ({"positions": np.zeros((3, 2))}, "positions must have shape"),
        ({"neighbours": 0}, "neighbours must be at least 1"),
    ],
)
def test_bad_arguments_are_named(planted, kwargs, message):
    net, labels, _ = planted
    with pytest.raises(ValueError, match=message):
        na.clustering_alignment(net, kwargs.pop("functional", labels), **kwargs)


def test_stacks_and_missing_positions():
    with pytest.raises(ValueError, match=r"functional.*axes of the stack \(2,\); got \(3, 4\)"):
        na.clustering_alignment(np.ones((2, 4, 4)), [[0, 0, 1, 1]] * 3)
    with pytest.raises(ValueError, match="needs positions"):
        na.clustering_alignment(np.ones((4, 4)), [0, 0, 1, 1], null="eccentricity")


def test_distances_in_the_mantel_statistic_match_a_permuted_square_form(planted):
    net, labels, profiles = planted
    result = na.clustering_alignment(net, labels, profiles=profiles, n_nulls=300, rng=2)
    assert result["similarity_distance"].null_mean == pytest.approx(0, abs=0.03)
    assert squareform(pdist(profiles)).shape == (60, 60)


def test_a_stack_equals_the_loop():
    rng = np.random.default_rng(5)
    places, stack = rng.normal(size=(14, 3)), rng.random((2, 1, 14, 14))
    own = (np.arange(14) % np.array([2, 3])[:, None]).reshape(2, 1, 14)
    own[0, 0, 9:] = -1  # inactive: another number of units
    net, options = na.Connectome(stack, positions=places), {"communities": np.arange(14) // 5, "n_nulls": 5, "rng": 0}
    together = na.clustering_alignment(net, own, **options)
    table = together.to_frame().set_index("network", append=True).swaplevel()
    for i in np.ndindex(2, 1):
        one = na.clustering_alignment(net[i], own[i], **options)
        assert (together.n_units[i], together.n_clusters[i]) == (one.n_units, one.n_clusters)
        frame = one.to_frame()
        assert table.loc[str(i)].loc[frame.index].equals(frame[table.columns])
    shared = na.clustering_alignment(net, own[1, 0], **options)
    assert shared["modularity"].observed[1, 0] == one["modularity"].observed
    maps = na.clustering_alignment(None, own, positions=places, n_nulls=5, rng=0)
    assert maps.n_units.tolist() == [[9], [14]]
    assert set(maps["modularity"].note.ravel()) == {"no network"}


def test_a_null_that_differs_by_rounding_does_not_vary():
    """Of equal weights every shuffle scores the same, in another order of summation: z was -0.97."""
    w = np.ones((12, 12)) - np.eye(12)
    found = na.clustering_alignment(w, np.repeat([0, 1, 2], 4), n_nulls=20, rng=0)
    for name in ("modularity", "within_between", "assortativity", "ami_communities"):
        assert found[name].null_std == 0
        assert np.isnan(found[name].z)
        assert found[name].note == "the null does not vary"
