"""Trained pathway-regularised networks (arXiv:2605.03598): which of the paper's claims hold in our settings.

Medians over seeds of the bundled table of statistics, 20 for the main task and 5 for the others; data/trained/README.md
sums the verdicts up. The slow tests train anew.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind
from statsmodels.stats.multitest import multipletests

import netanalysis as na
from models import Ensemble, recipes
from models.tasks.modular import Modular
from models.training import train

TRAINED = Path(__file__).resolve().parents[2] / "data" / "trained"
OSCILLATING = Modular(signal="oscillating")
PENALTIES = ("l1", "sum", "hop")


@pytest.fixture(scope="module")
def table():
    return na.datasets.load("resolvent_statistics").astype({"signal": str})


@pytest.fixture(scope="module")
def median(table):
    def of(column, penalty="none", beta=0.0, **what):
        where = {"operation": "averaging", "signal": "oscillating", "activation": "tanh", "bias": False, "epochs": 10}
        where |= {"alpha": 0.9, "penalty": penalty, "beta": beta} | what
        rows = table[np.logical_and.reduce([table[key] == value for key, value in where.items()])]
        assert len(rows) >= 5
        return rows[column].abs().median() if column == "r_weights" else rows[column].median()

    return of


def measures(net, task=OSCILLATING):
    """r of pathways and of weights with the optimum, and off-signal mass."""
    total = na.pathways(net, max_hops=task.steps - 1, alpha=0.9).total
    r = [np.corrcoef(m.ravel(), task.optimal.ravel())[0, 1] for m in (total, net.weights)]
    return *r, na.pathways(net, max_hops=task.steps - 1).off_signal_mass(task.lag_profile)


@pytest.mark.parametrize(("name", "penalty"), [("resolvent", "sum"), ("resolvent_hop", "hop"), ("resolvent_l1", "l1")])
def test_the_table_describes_the_bundled_networks(name, penalty, table):
    ensemble = Ensemble.load(TRAINED / f"{name}.npz")
    strengths = ensemble.table["gamma"]
    assert sorted(strengths.unique()) == [0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
    assert (strengths.value_counts() == 5).all()
    for row in range(0, len(ensemble), 7):
        entry, net = ensemble.table.iloc[row], na.datasets.load(name)[row]
        known = table[
            (table["signal"] == "oscillating")
            & (table["operation"] == "averaging")
            & (table["activation"] == "tanh")
            & (table["alpha"] == 0.9)
            & (table["penalty"] == (penalty if entry["gamma"] else "none"))
            & (table["beta"] == entry["gamma"])
            & (table["seed"] == entry["seed"])
        ]
        r, r_weights, off = measures(net)
        assert known["r_pathways"].item() == pytest.approx(r, rel=1e-3, abs=1e-4)
        assert known["r_weights"].item() == pytest.approx(r_weights, rel=1e-3, abs=1e-4)
        assert known["off_signal_mass"].item() == pytest.approx(off, rel=1e-3, abs=1e-4)
        score = ensemble.record(row, trials=2000, rng=3).conditions["correct_response"].mean()
        assert 1 - score == pytest.approx(known["nmse"].item(), rel=0.1, abs=0.002)


def test_pathways_not_weights_are_the_optimum():
    """Claim 1, in the networks themselves."""
    trained = na.datasets.load("resolvent")
    free = trained.select(trained.table["gamma"] == 0)
    r, r_weights, off = np.median(np.abs([measures(net) for net in free]), axis=0)
    assert r >= 0.92
    assert r_weights <= 0.25
    assert off <= 0.10


@pytest.mark.parametrize("signal", ["oscillating", "full"])
@pytest.mark.parametrize("operation", ["averaging", "subtraction", "addition"])
def test_every_linear_task_is_solved_through_its_optimal_map(operation, signal, median):
    what = {"operation": operation, "signal": signal}
    assert median("nmse", **what) <= 0.01
    assert median("r_pathways", **what) >= 0.92
    assert median("r_weights", **what) <= 0.25


def test_hops_route_time(median):
    """Claim 2: hops of even length carry the signal."""
    assert min(median(f"r_{hop}") for hop in (2, 4, 6)) >= 0.95
    assert median("off_signal_mass") <= 0.10
    assert median("temporal_alignment") >= 0.9


def test_the_map_of_a_product_is_not_in_its_pathways(median):
    """Products of normal inputs are even: odd units without biases learn nothing, and at rest no map is to be seen."""
    product = {"operation": "multiplication", "signal": "full"}
    assert median("nmse", **product, inputs="normal") > 0.95
    assert 0.1 < median("nmse", **product, inputs="normal", bias=True) < 0.9
    # One of the two products is learned; the second takes long, and luck.
    assert 0.1 < median("nmse", **product, inputs="normal", bias=True, epochs=30) < 0.6
    # Uniform inputs: linear to 0.7 %, and the map is that around the mean input, not at rest.
    assert median("nmse", **product, inputs="uniform") <= 0.1
    assert median("r_pathways", **product, inputs="uniform") < 0.6
    assert median("r_jacobian", **product, inputs="uniform") > 0.95


def test_rectified_units_with_biases_learn_products(table):
    """Of normal inputs, which odd units do not learn: the map shows in trials, and at rest better than in weights."""
    product = table[(table["operation"] == "multiplication") & (table["activation"] == "relu") & table["bias"]]
    assert len(product) == 20
    assert product["nmse"].median() < 0.05
    assert (product["nmse"] < 0.1).sum() >= 14
    assert product["r_jacobian"].median() > 0.98
    assert 0.4 < product["r_pathways"].median() < 0.7
    assert product["r_weights"].median() < 0.2


@pytest.mark.parametrize("signal", ["oscillating", "full"])
def test_pathway_penalties_cost_less_accuracy_than_l1(signal, median):
    """Claims 4 and 5, errors."""
    error = {
        beta: {penalty: median("nmse", penalty, beta, signal=signal) for penalty in PENALTIES}
        for beta in (1e-3, 3e-3, 1e-2, 3e-2)
    }
    assert max(error[1e-3]["sum"], error[1e-3]["hop"]) < error[1e-3]["l1"]
    assert max(error[3e-3]["sum"], error[3e-3]["hop"]) <= 0.5 * error[3e-3]["l1"]
    assert error[1e-2]["l1"] >= 0.9
    assert error[1e-2]["sum"] <= 0.6
    half = {penalty: min([b for b in error if error[b][penalty] >= 0.5], default=np.inf) for penalty in PENALTIES}
    assert half["sum"] >= 3 * half["l1"]
    assert half["hop"] >= 3 * half["l1"]


def test_the_advantage_is_not_one_of_units(median):
    """In units of the penalty of the untrained network the hop-wise form and L1 are on one scale; the sum is weaker."""
    unit = {penalty: median("beta_omega_start", penalty, 1e-3) for penalty in PENALTIES}
    assert unit["hop"] == pytest.approx(unit["l1"], rel=0.1)
    assert 0.4 < unit["sum"] / unit["l1"] < 0.6
    # the sum at more than three times the strength of L1 still has the smaller error
    assert median("nmse", "sum", 1e-2) < median("nmse", "l1", 3e-3)


def test_error_at_matched_communication(median):
    """Sparsity aligned with function: L1 fails while its pathways still have their full size."""
    full = median("communication")
    assert median("nmse", "l1", 3e-3) > 0.3
    assert median("communication", "l1", 3e-3) > 0.9 * full
    assert median("nmse", "hop", 3e-3) < 0.03
    # Six networks of twenty have lost a module each, the others hardly any: five seeds had a median of 0.66.
    assert median("communication", "hop", 3e-3) < 0.85 * full
    assert median("nmse", "hop", 1e-2) < median("nmse", "l1", 3e-3)
    assert median("communication", "hop", 1e-2) < 0.1 * full


def test_only_the_hopwise_form_silences_hops_without_signal(median):
    """Claim 3 holds for the hop-wise form and fails for the signed sum, in which hops cancel."""
    assert median("off_signal_mass", "hop", 1e-3) <= 0.05
    assert median("r_pathways", "hop", 1e-3) >= 0.9
    assert median("off_signal_mass", "hop", 1e-3) < median("off_signal_mass", "l1", 1e-3)
    assert median("off_signal_mass", "sum", 1e-3) > median("off_signal_mass")
    for beta in (3e-3, 1e-2, 3e-2):
        assert median("off_signal_mass", "sum", beta) > 0.5
        assert median("r_pathways", "sum", beta) < 0.6
        assert median("cancellation", "sum", beta) > 100
        assert median("cancellation", "hop", beta) < (1.5 if beta < 0.03 else 2)  # at 0.03 hardly anything is left
    # Divided by the spectral radius, or asked for derivatives, the same networks still show the optimal map.
    assert median("r_pathways_scaled", "sum", 3e-3) > 0.9
    assert median("r_jacobian", "sum", 3e-3) > 0.95


def main_task(table, penalty, beta):
    where = {"operation": "averaging", "signal": "oscillating", "activation": "tanh", "bias": False, "epochs": 10}
    where |= {"alpha": 0.9, "penalty": penalty, "beta": beta}
    return table[np.logical_and.reduce([table[key] == value for key, value in where.items()])].sort_values("seed")


@pytest.mark.parametrize("seeds", [range(5), range(5, 20)], ids=["seeds of the first reading", "new seeds"])
def test_new_seeds_say_what_the_first_five_said(seeds, table):
    """Claims 3 and 4: the first five seeds had been looked at when the verdicts were written."""
    chosen = {
        (penalty, beta): rows[rows["seed"].isin(seeds)].median(numeric_only=True)
        for penalty in PENALTIES
        for beta in (3e-4, 1e-3, 3e-3)
        for rows in [main_task(table, penalty, beta)]
    }
    for beta in (3e-4, 1e-3):
        off = {penalty: chosen[penalty, beta]["off_signal_mass"] for penalty in PENALTIES}
        assert off["hop"] < off["l1"] < off["sum"]
    for beta in (3e-4, 1e-3, 3e-3):
        error = {penalty: chosen[penalty, beta]["nmse"] for penalty in PENALTIES}
        assert max(error["hop"], error["sum"]) < 0.5 * error["l1"]
    assert chosen["sum", 3e-3]["off_signal_mass"] > 0.5


def test_twenty_seeds_decide_after_correction(table):
    """Welch's p of error and of off-signal mass at four betas, corrected together by Holm's method."""
    p = {}
    for penalty in ("sum", "hop"):
        for beta in (1e-4, 3e-4, 1e-3, 3e-3):
            ours, l1 = (main_task(table, kind, beta) for kind in (penalty, "l1"))
            assert len(ours) == len(l1) == 20
            p[penalty, "error", beta] = ttest_ind(np.log(ours["nmse"]), np.log(l1["nmse"]), equal_var=False).pvalue
            off = ours["off_signal_mass"], l1["off_signal_mass"]
            p[penalty, "off", beta] = ttest_ind(*off, equal_var=False).pvalue
    corrected = dict(zip(p, multipletests(list(p.values()), method="holm")[1], strict=True))
    assert all(corrected[penalty, "error", beta] < 1e-6 for penalty, what, beta in corrected if what == "error")
    assert all(corrected["hop", "off", beta] < 0.01 for beta in (1e-4, 3e-4, 1e-3))
    assert all(corrected["sum", "off", beta] < 0.01 for beta in (3e-4, 1e-3, 3e-3))


def test_sparser_hops_than_under_l1_only_where_errors_are_small(table):
    """At equal error, between two betas, the advantage of the hop-wise form is gone at 0.015."""

    def off_at(error, penalty):
        betas = [1e-4, 3e-4, 1e-3, 3e-3]
        curves = [main_task(table, penalty, beta) for beta in betas]
        found = []
        for seed in range(20):
            rows = [curve[curve["seed"] == seed].iloc[0] for curve in curves]
            rows.sort(key=lambda row: row["nmse"])
            x, y = ([row[column] for row in rows] for column in ("nmse", "off_signal_mass"))
            found.append(np.interp(np.log(error), np.log(x), y))
        return found

    small, large = (ttest_ind(off_at(error, "hop"), off_at(error, "l1"), equal_var=False) for error in (0.0075, 0.015))
    assert small.statistic < 0
    assert small.pvalue < 0.001
    assert large.pvalue > 0.05


def test_less_damping_delays_evasion_and_buys_no_sparsity(median):
    """The sum with alpha 0.5 and 0.8: by 3e-3 at 0.9 all networks evade; none is below those without penalty."""
    free = median("off_signal_mass")
    for alpha, betas in ((0.5, (3e-4, 1e-3, 3e-3, 1e-2)), (0.8, (3e-4, 1e-3))):
        for beta in betas:
            assert median("r_pathways", "sum", beta, alpha=alpha) > 0.99
            assert median("cancellation", "sum", beta, alpha=alpha) < 1.2
            assert median("off_signal_mass", "sum", beta, alpha=alpha) > 0.95 * free
            assert median("off_signal_mass", "sum", beta, alpha=alpha) > median("off_signal_mass", "l1", 1e-3)
    assert median("off_signal_mass", "sum", 1e-2, alpha=0.8) > 0.5
    # It is not that the penalty is smaller: at the cost of 0.15 for the untrained network alpha decides.
    off = {}
    for alpha, beta in ((0.5, 1e-2), (0.8, 3e-3)):
        assert median("beta_omega_start", "sum", beta, alpha=alpha) == pytest.approx(0.146, abs=0.002)
        off[alpha] = median("off_signal_mass", "sum", beta, alpha=alpha)
    assert off[0.5] < 0.1 < 0.2 < off[0.8]


def test_walks_of_every_length_diverge_but_at_small_alpha(table):
    """The full inverse stops networks whose spectral radius passes 1 / alpha, where the sum over walks diverges."""
    inverse = table[table["penalty"] == "inverse"]
    stopped = inverse["nmse"].isna().groupby(inverse["alpha"]).sum()
    assert stopped.to_dict() == {0.5: 0, 0.8: 15, 0.9: 20}
    small = inverse[inverse["alpha"] == 0.5].groupby("beta").median(numeric_only=True)
    truncated = table[(table["penalty"] == "sum") & (table["alpha"] == 0.5)].groupby("beta").median(numeric_only=True)
    for column in ("nmse", "off_signal_mass"):
        assert small[column].to_numpy() == pytest.approx(truncated[column].to_numpy(), rel=0.15)


def test_total_weights_cannot_be_matched(table):
    """Penalties on pathways leave the weights large; L1 has smaller ones at every beta."""
    l1, pathways = (
        pd.concat([main_task(table, kind, beta) for kind in kinds for beta in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)])
        for kinds in (["l1"], ["sum", "hop"])
    )
    assert l1["total_weight"].max() < pathways["total_weight"].min()


@pytest.mark.parametrize("signal", ["sparse", "0.33"])
def test_signals_in_few_steps(signal, median):
    """One or two steps of six."""
    assert median("nmse", "sum", 1e-3, signal=signal) < 0.1 * median("nmse", "l1", 1e-3, signal=signal)
    assert median("nmse", "hop", 1e-3, signal=signal) < 0.6 * median("nmse", "l1", 1e-3, signal=signal)
    leak = {penalty: median("off_signal_mass", penalty, 1e-3, signal=signal) for penalty in PENALTIES}
    assert leak["hop"] < leak["l1"] < leak["sum"]


def test_rectified_units_leak_less_under_the_hopwise_form(median):
    leak = {penalty: median("off_signal_mass", penalty, 3e-4, activation="relu") for penalty in PENALTIES}
    assert median("off_signal_mass", activation="relu") > 0.2
    assert leak["hop"] <= 0.5 * leak["l1"]
    assert leak["sum"] > 0.5


def planted(share, aligned, rng):
    """Share of pathways within modules, of a network with this share of its connections within modules."""
    same = OSCILLATING.own > 0
    ends = [np.where(same, rng.normal(size=same.shape), 0) for _ in range(2)]
    if not aligned:
        ends = [ends[0][:, rng.permutation(16)], ends[1][rng.permutation(16)]]
    # of 16 possible targets four are in the own module
    w = rng.normal(size=same.shape) * (rng.random(same.shape) < np.where(same, share, (1 - share) / 3))
    net = na.Connectome(w / na.spectral_radius(w), inputs=ends[0], outputs=ends[1])
    size = np.abs(na.pathways(net, max_hops=5, alpha=0.9).total)
    return size[same].sum() / size.sum()


def test_structure_predicts_function_only_where_inputs_and_outputs_respect_the_modules():
    shares = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
    within = {
        aligned: [np.mean([planted(p, aligned, np.random.default_rng([s, i])) for s in range(40)]) for p in shares]
        for i, aligned in enumerate((True, False))
    }
    assert (np.diff(within[True]) > 0).all()
    assert within[True][0] < 0.45
    assert within[True][-1] == pytest.approx(1)
    assert np.ptp(within[False]) < 0.06
    assert np.mean(within[False]) == pytest.approx(0.25, abs=0.03)


def trained_anew(penalty, beta, **changes):
    """Medians over three seeds after half of the training: error, r of pathways and weights, off-signal mass."""
    recipe = recipes.get(penalty, quick=True, **changes)
    ensemble = train(recipe, beta, [0, 1, 2], group=3, progress=False).at(-1)
    rows = [(1 - score, *measures(net)) for net, score in zip(ensemble, ensemble.table["accuracy"], strict=True)]
    return np.median(rows, axis=0)


@pytest.mark.slow
def test_training_anew_without_penalty():
    error, r_paths, r_weights, off = trained_anew("resolvent", 0.0)
    assert error <= 0.01
    assert r_paths >= 0.92
    assert abs(r_weights) <= 0.25
    assert off <= 0.10


@pytest.mark.slow
def test_training_anew_with_penalties():
    l1, total, hop = (trained_anew(name, 3e-3) for name in ("resolvent_l1", "resolvent", "resolvent_hop"))
    assert max(total[0], hop[0]) <= 0.5 * l1[0]
    assert total[3] > 0.3
    assert hop[3] <= 0.10
