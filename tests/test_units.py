"""The unit of weights does not matter: from 1e-300 to 1e300 answers are the same, times a power of it, or refused."""

import numpy as np
import pandas as pd
import pytest

import netanalysis as na

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
