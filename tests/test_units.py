"""The unit of weights does not matter: from 1e-300 to 1e300 answers are the same, times a power of it, or refused."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na
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
