"""The unit of weights does not matter: from 1e-300 to 1e300 answers are the same, times a power of it, or refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import netanalysis as na
from netanalysis._core import scaling
from netanalysis.comparison.ks import SAMPLES

RNG = np.random.default_rng(0)
W = RNG.lognormal(size=(10, 10)) * (RNG.random((10, 10)) < 0.6)
np.fill_diagonal(W, 0)
SIGNED = W * RNG.choice([-1.0, 1.0], size=W.shape)
MODULES = np.repeat([0, 1], 5)
PEOPLE = np.stack([W * (1 + 0.1 * k) + W.T * (0.1 * (k % 3)) for k in range(8)])
GROUP = [0] * 4 + [1] * 4


def table(values):
    return pd.DataFrame({"network": range(5), "seed": range(5), "measure": "m", "value": values})


def compared(x, **options):
    row = na.compare(table(x[0, 1:6]), table(x[1, 2:7]), n_nulls=99, rng=0, **options).iloc[0]
    return row[["cohen_dz" if options else "cohen_d", "t", "df", "p"]].to_numpy(float)


def z_of(x):
    test = na.null_test(x, lambda w: w[0].sum(), na.nulls.weight_shuffle, n_nulls=19, rng=0)
    return test.z, test.null_std / test.observed


# Statistics that have no unit.
FREE = {
    "Q of Leiden": lambda x: na.detect_communities(x, rng=0, n_restarts=1).modularity,
    "Q of spectral bisection": lambda x: na.detect_communities(np.abs(x), method="spectral", rng=0).modularity,
    "signed Q of given modules": lambda x: na.modularity(x * np.sign(SIGNED), MODULES),
    "correlation with distance": lambda x: na.weight_distance_correlation(na.Connectome(x, positions=W[:, :3])),
    "clustering": na.clustering,
    "Gini of hops": lambda x: na.pathways(x, max_hops=4, normalize="spectral_radius").gini,
    "cancelling signs": lambda x: (
        na.pathways(x * np.sign(SIGNED), max_hops=4, normalize="spectral_radius").cancellation_index
    ),
    "eigenvalues": lambda x: np.abs(na.eigenvalues(x)) / x.max(),
    "non-normality": na.non_normality,
    "communicability": na.mean_communicability,
    "communicability distance": lambda x: na.communicability_distance(x, W),
    "gradients": lambda x: na.gradients(x, n_components=2).values,
    "control": lambda x: na.modal_controllability(x / x.max()),
    "matching": lambda x: na.match_nodes(x, x[::-1, ::-1], n_restarts=2, rng=0).overlap,
    "z of a null test": z_of,
    "strength-preserving null": lambda x: na.nulls.strength_preserving(x, rng=0) / x.max(),
    "two groups": compared,
    "pairs": lambda x: compared(x, paired="seed"),
    "edges of people": lambda x: na.edge_test(PEOPLE * x.max(), GROUP)[["t", "p"]].to_numpy(),
    "their slopes": lambda x: na.edge_test(PEOPLE * x.max(), GROUP)["estimate"].to_numpy() / x.max(),
    "Welch": lambda x: na.edge_test(PEOPLE * x.max(), GROUP, variance="welch")["t"].to_numpy(),
    "components": lambda x: na.network_based_statistic(PEOPLE * x.max(), GROUP, threshold=2, n_nulls=9, rng=0).p,
    "prediction": lambda x: na.predict_score(PEOPLE * x.max(), np.arange(8.0), n_folds=4, n_nulls=0, rng=0).predicted,
    "reliability": lambda x: na.reliability(np.stack([PEOPLE[:4], PEOPLE[4:]], 1) * x.max()),
    "split halves": lambda x: na.split_half(PEOPLE * x.max(), na.strength, n_splits=2, rng=0).r,
    "identifiability": lambda x: na.identifiability(PEOPLE[:4] * x.max(), PEOPLE[4:] * x.max(), n_nulls=9, rng=0).p,
}


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
@pytest.mark.parametrize("name", FREE)
def test_answers_without_a_unit(name):
    """Powers of 2 round nothing: all differences come from what leaves the doubles."""
    right = np.asarray(FREE[name](W), float)
    for unit in (2.0**-990, 2.0**-700, 2.0**990):
        np.testing.assert_allclose(np.asarray(FREE[name](W * unit), float), right, rtol=1e-9, atol=1e-12, err_msg=unit)


# Lengths in another unit: what grows, how likely, and how far it is from another network.
PLACES = RNG.normal(size=(10, 3))
APART = np.linalg.norm(PLACES[:, None] - PLACES, axis=-1)
BRAIN = na.transform.binarize(W + W.T)


@pytest.mark.parametrize("unit", [2.0**-990, 2.0**-300, 2.0**990])
def test_wiring_rules_know_no_unit_of_length_nor_of_weights(unit):
    for rule in na.WIRING_RULES:
        right = na.wiring_probabilities(BRAIN, APART, rule=rule)
        np.testing.assert_allclose(
            na.wiring_probabilities(BRAIN * unit, APART * unit, rule=rule), right, rtol=1e-12, atol=0, err_msg=rule
        )
        grown = na.grow(APART, n_connections=15, rule=rule, eta=[-3, -1], rng=0)
        np.testing.assert_array_equal(na.grow(APART * unit, n_connections=15, rule=rule, eta=[-3, -1], rng=0), grown)


@pytest.mark.parametrize("objective", ["akarca", "communicability", "distance_communicability", "sernn"])
def test_weights_that_grow_want_their_step_in_the_unit_of_lengths(objective):
    options = {"n_connections": 15, "weights": objective, "rng": 0}
    right = na.grow(APART, alpha=0.01, omega=0.9, **options)
    step = 0.01 if objective == "communicability" else 0.01 * 4.0**-0.9
    np.testing.assert_allclose(na.grow(APART * 4, alpha=step, omega=0.9, **options), right, rtol=1e-9)


@pytest.mark.parametrize("unit", [2.0**-990, 2.0**-700, 2.0**990])
def test_energies_of_growth_have_no_unit(unit):
    for of in SAMPLES:
        one, other = (na.Connectome(w, distances=APART) for w in (W, W.T @ W * (W > 0)))
        right = na.ks_distance(one, other, of=of)
        scaled = [na.Connectome(net.weights * unit, distances=APART * unit) for net in (one, other)]
        assert na.ks_distance(*scaled, of=of) == right, of
        if of != "edge_length":  # whose unit is that of the positions: two brains have to share it
            assert na.ks_distance(scaled[0], other, of=of) == right, of
    options = {"rules": ["matching"], "n_steps": 2, "n_rounds": 1, "n_networks": 1, "n_held_out": 2, "rng": 0}
    options |= {"weights": "communicability"}
    right = na.fit_wiring(W + W.T, distances=APART, **options)
    again = na.fit_wiring((W + W.T) * unit, distances=APART * unit, **options)
    np.testing.assert_array_equal(again.energy, right.energy)
    assert again.tried == right.tried


def test_subnormal_weights_have_few_digits_and_are_measured_or_refused():
    tiny = W * 2.0**-1045
    assert na.mean_communicability(tiny) == pytest.approx(na.mean_communicability(W), rel=1e-3)
    assert na.non_normality(tiny) == pytest.approx(na.non_normality(W), rel=1e-3)
    assert na.modularity(tiny, MODULES) == pytest.approx(na.modularity(W, MODULES), rel=1e-3)
    with pytest.raises(ValueError, match="too small to have an inverse"):
        na.efficiency(tiny)
    with pytest.raises(ValueError, match="too small for a gain"):
        na.influence(tiny, sources=[0])
    with pytest.raises(OverflowError, match=r"beyond double precision.*transform\.normalize"):
        na.pathways(tiny, inputs=np.ones((1, 10)), outputs=[1], max_hops=2, normalize="spectral_radius")


# Every measure of a table, by the power of the unit in it.
def _network(directed):
    rng = np.random.default_rng(0)
    w = np.where(rng.random((12, 12)) < 0.4, rng.random((12, 12)), 0)
    np.fill_diagonal(w, 0.1)
    return na.Connectome(
        w if directed else w + w.T, positions=rng.random((12, 3)), modules=np.arange(12) % 3, name="net"
    )


POWER = {"total_weight": 1, "spectral_radius": 1, "leading_real_part": 1, "efficiency": 1, "path_length": -1}
POWER |= {"wiring_cost": 1}
OF_ONE_UNIT = {"average_controllability"}  # W / (1 + its spectral radius): its docstring says that the unit counts


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")  # nan scales to nan
@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("name", [name for name in na.MEASURES if name not in OF_ONE_UNIT])
def test_measures_scale_as_their_formula_over_the_range_of_doubles(name, directed):
    net = _network(directed)
    measure = na.MEASURES[name]
    right = measure(net)
    for exponent in (-300, -150, -100, -50, 50, 100, 150, 300):
        unit = 10.0**exponent
        got = measure(net.replace(weights=net.weights * unit))
        np.testing.assert_allclose(got, right * unit ** POWER.get(name, 0), rtol=1e-9, err_msg=f"{exponent}")


CLUSTERING = [(m, s) for m in ("onnela", "costantini", "fagiolo", "binary") for s in ("max", None)]


@pytest.mark.parametrize(("method", "scale"), CLUSTERING)
@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array, lambda w: np.stack([w, w])])
def test_clustering_scales(method, scale, storage):
    w = _network(False).weights
    for function in (na.clustering, na.transitivity):
        right = function(w, method=method, scale=scale)
        for unit in (1e-300, 1e-100, 1e100, 1e300):
            net = storage(w * unit)
            if sparse.issparse(net) and function is na.transitivity and scale is None:
                continue
            got = function(net, method=method, scale=scale)
            want = right * (unit if scale is None and method != "binary" else 1)
            np.testing.assert_allclose(got, np.broadcast_to(want, np.shape(got)), rtol=1e-9)


@pytest.mark.parametrize("e", [1e-6, 1e-9, 1e-16, 1e-30, 1e-150, 1e-300])
@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array])
def test_signed_clustering_keeps_its_digits_where_weights_differ_by_many_orders(e, storage):
    w = storage(np.array([[0, 1, e], [1, 0, 1], [e, 1, 0]]))
    np.testing.assert_allclose(na.clustering(w, method="costantini"), [1, e, 1], rtol=1e-12)
    faint = np.ones((4, 4)) - np.eye(4)
    faint[:3, :3] *= e
    faint[0, 3] = faint[3, 0] = 0
    # Node 0 has neighbours 1 and 2 over e, joined by e: C = e e e / e e, of the largest weight 1.
    assert na.clustering(storage(faint), method="costantini")[0] == pytest.approx(e, rel=1e-12)


def test_scaling_near_one_leaves_ordinary_weights_alone():
    w = _network(True).weights
    assert scaling.near_one(w)[0] is w
    assert scaling.near_one(np.zeros((2, 2)))[1] == 1
