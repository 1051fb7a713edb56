"""Structure-function coupling and dominance."""

from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from scipy import linalg, stats
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import LeaveOneOut, cross_val_predict

import netanalysis as na


def matrix(n, values):
    """Symmetric, from the upper triangle by rows."""
    out = np.zeros((n, n))
    out[np.triu_indices(n, 1)] = values
    return out + out.T


SC = matrix(5, [4, 1, 0, 0, 2, 0, 0, 3, 0, 1])
FC = matrix(5, [0.8, 0.3, 0.2, 0.05, 0.6, 0.1, 0.15, 0.7, 0.25, 0.4])
TWO = {"paths": na.shortest_paths(SC), "communicability": linalg.expm((SC > 0) * 1.0)}
quiet = pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")


class TestTraps:
    @quiet
    def test_coupling_leaves_out_the_diagonal_and_names_its_pairs(self):
        every = na.structure_function_coupling(SC, FC + np.eye(5), predictors="weight")
        assert every.rho[0] == pytest.approx(0.934199, rel=1e-6)
        right = [0.948683, 0.948683, 1, 0.948683, 0.774597]
        np.testing.assert_allclose(every.regional_rho[:, 0], right, rtol=1e-6)
        edges = na.structure_function_coupling(SC, FC, predictors="weight", pairs="connected")
        assert edges.rho[0] == pytest.approx(0.974679, rel=1e-6)
        assert (every.n_pairs, edges.n_pairs) == (10, 5)

    @quiet
    def test_coupling_explained_in_three_ways(self):
        found = na.structure_function_coupling(SC, FC, predictors=TWO)
        assert found.r2 == pytest.approx(0.690662, rel=1e-6)
        assert found.adjusted_r2 == pytest.approx(0.602280, rel=1e-6)
        assert found.cross_validated_r2 == pytest.approx(0.347104, rel=1e-6)
        of_all = na.structure_function_coupling(SC, FC, predictors=TWO, against="all")
        assert of_all.cross_validated_r2 == pytest.approx(0.193955, rel=1e-5)
        assert found.dominance.sum() == pytest.approx(found.r2)

    def test_dominance_in_sample_and_adjusted(self):
        x = np.column_stack([np.arange(1, 9), [0, 1, 1, 3, 2, 5, 4, 8]])
        y = [1, 3, 2, 5, 4, 7, 5, 9]
        found, adjusted = na.dominance(x, y), na.dominance(x, y, adjusted=True)
        np.testing.assert_allclose(found.shares, [0.396857, 0.561974], rtol=2e-6)
        np.testing.assert_allclose(found.unique, [0.000063, 0.165180], rtol=1e-2)
        assert found.total == pytest.approx(0.958831, rel=1e-6)
        np.testing.assert_allclose(adjusted.shares, [0.374864, 0.567500], rtol=2e-6)
        assert adjusted.total == pytest.approx(0.942363, rel=1e-6)


@pytest.fixture(scope="module")
def brain():
    return na.datasets.load("human_schaefer100"), na.datasets.load("human_schaefer100_fc")


@pytest.fixture(scope="module")
def coupled(brain):
    return na.structure_function_coupling(*brain)


@quiet
def test_sensory_cortex_is_coupled_best_by_explained_variance_and_not_by_ranks_of_all_weights(brain, coupled):
    """What notebooks/real_brains.ipynb says, and why: strong connections, not weak ones."""
    anatomy, function = brain
    sensory = np.isin(anatomy.modules, ["Vis", "SomMot"])
    others = np.isin(anatomy.modules, ["Default", "Cont", "Limbic"])

    def means(values):
        return [round(float(values[part].mean()), 2) for part in (sensory, others)]

    def ranks(net):
        found = na.structure_function_coupling(net, function, predictors="weight", pairs="connected")
        return means(found.regional_rho[:, 0])

    assert means(coupled.regional_adjusted_r2) == [0.22, 0.11]
    assert ranks(anatomy) == [0.23, 0.25]
    strong = ranks(na.transform.threshold(anatomy, density=0.5))
    weak = ranks(anatomy.replace(weights=np.where(anatomy.weights < 34, anatomy.weights, 0)))
    assert strong[0] > strong[1]
    assert weak[0] < weak[1]


def test_a_brain_against_scikit_learn(brain, coupled):
    anatomy, function = brain
    models = na.communication(anatomy, models=coupled.names)
    upper = np.triu_indices(100, 1)
    x, y = models.matrices[:, *upper].T, function.weights[upper]
    assert coupled.r2 == pytest.approx(LinearRegression().fit(x, y).score(x, y))
    right = [stats.spearmanr(column, y).statistic for column in x.T]
    np.testing.assert_allclose(coupled.rho, right)
    for node in (0, 57):
        others = np.arange(100) != node
        x, y = models.matrices[:, node, others].T, function.weights[node, others]
        x = (x - x.mean(axis=0)) / x.std(axis=0)
        assert coupled.regional_r2[node] == pytest.approx(LinearRegression().fit(x, y).score(x, y))
        missed = y - cross_val_predict(LinearRegression(), x, y, cv=LeaveOneOut())
        means = (y.sum() - y) / 98
        right = 1 - (missed**2).sum() / ((y - means) ** 2).sum()
        assert coupled.regional_cross_validated_r2[node] == pytest.approx(right, rel=1e-9)


def test_hop_by_hop(brain, coupled):
    anatomy, function = brain
    hops = na.shortest_paths(anatomy, lengths="hops")
    assert coupled.hops.tolist() == [1, 2]
    assert coupled.pairs_by_hop.sum() == coupled.n_pairs == 4950
    direct = np.triu(hops == 1)
    right = stats.spearmanr(anatomy.distances[direct], function.weights[direct]).statistic
    assert coupled.rho_by_hop[0, 0] == pytest.approx(right)


def test_folds_are_dealt_by_the_seed(brain, coupled):
    once, again, other = (na.structure_function_coupling(*brain, folds=5, rng=seed) for seed in (0, 0, 1))
    assert once.cross_validated_r2 == again.cross_validated_r2 != other.cross_validated_r2
    np.testing.assert_array_equal(once.regional_cross_validated_r2, again.regional_cross_validated_r2)
    assert once.cross_validated_r2 == pytest.approx(coupled.cross_validated_r2, abs=0.005)
    assert once.r2 == coupled.r2


def test_scrambled_function_is_not_explained(brain):
    anatomy, function = brain
    rng = np.random.default_rng(0)
    noise = matrix(100, rng.permutation(function.weights[np.triu_indices(100, 1)]))
    found = na.structure_function_coupling(anatomy, noise)
    assert np.abs(found.rho).max() < 0.05
    assert found.cross_validated_r2 < 0.002
    assert np.mean(found.regional_r2) > 0.01  # in sample, noise is explained all the same
    assert np.mean(found.regional_cross_validated_r2) < 0


@quiet
def test_units_of_predictors_and_labels_of_nodes_do_not_matter():
    base = na.structure_function_coupling(SC, FC, predictors=TWO)
    scaled = na.structure_function_coupling(SC, FC, predictors={k: 1e9 * v + 5 for k, v in TWO.items()})
    order = np.array([3, 0, 4, 1, 2])
    mixed = np.ix_(order, order)
    moved = na.structure_function_coupling(SC[mixed], FC[mixed], predictors={k: v[mixed] for k, v in TWO.items()})
    for name in ("rho", "r2", "cross_validated_r2", "dominance"):
        np.testing.assert_allclose(getattr(scaled, name), getattr(base, name), rtol=1e-7)
        np.testing.assert_allclose(getattr(moved, name), getattr(base, name), rtol=1e-9)
    np.testing.assert_allclose(moved.regional_r2, base.regional_r2[order], rtol=1e-9)


@quiet
@pytest.mark.parametrize(("a", "b"), [(1, 1e160), (1e-170, 1), (1e300, 1e300), (4e307, 1e-300)])
def test_explained_variance_of_values_whose_squares_are_no_doubles(a, b):
    x, y = np.array([[1.0], [2], [4], [3]]) - 2, np.array([1.0, 2, 3, 5])
    assert na.dominance(a * x, b * y).shares[0] == pytest.approx(0.462857, abs=1e-6)
    rng = np.random.default_rng(1)
    w, function, other = rng.random((3, 10, 10))
    function += function.T
    one = na.structure_function_coupling(w, function, predictors={"x": w, "y": other})
    scaled = na.structure_function_coupling(w, b * function, predictors={"x": a * w, "y": other})
    for name in ("rho", "r2", "adjusted_r2", "cross_validated_r2", "dominance", "regional_r2"):
        np.testing.assert_allclose(getattr(scaled, name), getattr(one, name), rtol=1e-9, err_msg=name)


def test_directions():
    """Both count if functional connectivity has directions; else a predictor that has is averaged."""
    rng = np.random.default_rng(3)
    w, f = rng.random((8, 8)) + 0.1, rng.random((8, 8))
    both = na.structure_function_coupling(w, f, predictors="search_information")
    off = ~np.eye(8, dtype=bool)
    bits = na.search_information(w)
    assert both.n_pairs == 56
    assert both.rho[0] == pytest.approx(stats.spearmanr(bits[off], f[off]).statistic)
    f, upper = f + f.T, np.triu_indices(8, 1)
    once = na.structure_function_coupling(w, f, predictors="search_information")
    assert once.n_pairs == 28
    assert once.rho[0] == pytest.approx(stats.spearmanr((bits + bits.T)[upper], f[upper]).statistic)


def test_pairs_without_a_path_are_left_out_and_what_is_undefined_is_said():
    apart = linalg.block_diag(SC, SC)
    found = na.structure_function_coupling(apart, np.kron(np.ones((2, 2)), FC), predictors="shortest_paths")
    assert found.n_pairs == 20
    with pytest.warns(na.UndefinedWarning, match="numbers are nan"):
        na.structure_function_coupling(SC, FC, predictors="weight", pairs="connected")


@pytest.mark.parametrize("adjusted", [False, True])
def test_dominance_by_all_models(adjusted):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 4))
    x[:, 3] += x[:, 0]
    y = x @ [1, 0.5, 0, 1] + rng.normal(size=40)

    def r2(columns):
        if not columns:
            return 0.0
        score = LinearRegression().fit(x[:, columns], y).score(x[:, columns], y)
        return 1 - (1 - score) * 39 / (39 - len(columns)) if adjusted else score

    found = na.dominance(x, y, adjusted=adjusted)
    for i in range(4):
        others = [k for k in range(4) if k != i]
        gains = [
            np.mean([r2([*chosen, i]) - r2(list(chosen)) for chosen in combinations(others, size)]) for size in range(4)
        ]
        assert found.shares[i] == pytest.approx(np.mean(gains), rel=1e-9)
        assert found.unique[i] == pytest.approx(r2([0, 1, 2, 3]) - r2(others), rel=1e-9)
        assert found.alone[i] == pytest.approx(r2([i]), rel=1e-9)
    assert found.shares.sum() == pytest.approx(found.total)


def test_bad_input_is_refused_by_name():
    with pytest.raises(ValueError, match="connectivity must be of the 5 nodes"):
        na.structure_function_coupling(SC, np.ones((4, 4)))
    with pytest.raises(ValueError, match="predictors must be one of"):
        na.structure_function_coupling(SC, FC, predictors=["length"])
    with pytest.raises(ValueError, match="predictors must name at least one"):
        na.structure_function_coupling(SC, FC, predictors=[])
    with pytest.raises(ValueError, match=r"predictors\['a'\] must have shape"):
        na.structure_function_coupling(SC, FC, predictors={"a": np.ones((3, 3))})
    with pytest.raises(ValueError, match="must vary"):
        na.dominance(np.ones((9, 2)), np.arange(9))
    with pytest.raises(ValueError, match="1 to 15 columns"):
        na.dominance(np.ones((90, 20)), np.arange(90))
    with pytest.raises(ValueError, match="at least 4 rows"):
        na.dominance(np.ones((3, 2)), np.arange(3))


def test_coupling_as_a_table():
    net, fc = (na.datasets.load(f"human_schaefer100{end}") for end in ("", "_fc"))
    found = na.structure_function_coupling(net, fc)
    table = found.table()
    assert table["rho"].tolist()[:3] == found.rho.tolist()
    assert table.loc[table["hops"] == 0, "dominance"].sum() == pytest.approx(found.r2)
    assert table.loc[table["hops"] == 1, "n_pairs"].tolist() == [found.pairs_by_hop[0]] * 3


@pytest.fixture(scope="module")
def people():
    """Six people of 12 nodes: one's anatomy falls into parts, so that some pairs have no path."""
    rng = np.random.default_rng(0)
    sc = rng.lognormal(size=(6, 12, 12)) * (rng.random((6, 12, 12)) < 0.4)
    sc[1, :4, 4:] = sc[1, 4:, :4] = 0
    sc = np.triu(sc, 1) + np.triu(sc, 1).swapaxes(1, 2)
    fc = np.array([np.corrcoef(rng.normal(size=(12, 30)) + one @ rng.normal(size=(12, 30))) for one in sc])
    return na.Connectome(sc, positions=rng.normal(size=(12, 3))), fc


def numbers(found):
    return {f.name: getattr(found, f.name) for f in fields(found) if f.name not in ("names", "hops")}


@quiet
@pytest.mark.parametrize("options", [{}, {"folds": 3, "rng": 4}, {"pairs": "connected", "predictors": ["weight"]}])
def test_a_stack_equals_the_loop(people, options):
    anatomy, function = people
    together = na.structure_function_coupling(anatomy, function, **options)
    for k in range(6):
        alone = na.structure_function_coupling(anatomy[k], function[k], **options)
        at = np.searchsorted(together.hops, alone.hops)
        for name, value in numbers(alone).items():
            of_stack = getattr(together, name)[k]
            if name.endswith("by_hop"):
                rest = np.delete(of_stack, at, axis=0)
                assert np.isnan(rest).all() if name == "rho_by_hop" else not rest.any()
                of_stack = of_stack[at]
            np.testing.assert_array_equal(of_stack, value, err_msg=name)


@quiet
def test_one_anatomy_for_everybody_lists_and_several_axes(people):
    anatomy, function = people
    shared = na.structure_function_coupling(anatomy[0], function)
    repeated = na.structure_function_coupling([anatomy[0]] * 6, list(function))
    square = na.structure_function_coupling(anatomy[0], function.reshape(2, 3, 12, 12))
    for name, value in numbers(shared).items():
        np.testing.assert_array_equal(getattr(repeated, name), value)
        np.testing.assert_array_equal(getattr(square, name).reshape(np.shape(value)), value)
    assert square.table()["subject"].unique()[4] == "(1, 1)"
    own = {"strength": np.array([np.add.outer(fc.sum(0), fc.sum(0)) for fc in function])}
    by_person = na.structure_function_coupling(anatomy, function, predictors=own)
    alone = na.structure_function_coupling(anatomy[2], function[2], predictors={"strength": own["strength"][2]})
    assert by_person.r2[2] == alone.r2


@quiet
def test_the_table_of_a_stack_is_those_of_its_people(people):
    anatomy, function = people
    table = na.structure_function_coupling(anatomy, function).table()
    for k in range(6):
        alone = na.structure_function_coupling(anatomy[k], function[k]).table()
        own = table[(table["subject"] == k) & (table["n_pairs"] > 0)].drop(columns="subject").reset_index(drop=True)
        assert own.equals(alone)


def test_people_and_nodes_must_be_the_same(people):
    anatomy, function = people
    with pytest.raises(ValueError, match=r"same people.*\(6,\) and \(5,\)"):
        na.structure_function_coupling(anatomy, function[:5])
    names = [f"r{k}" for k in range(12)]
    turned = na.Connectome(function[0], labels=names[::-1])
    with pytest.raises(ValueError, match="same order; node 0 is 'r0' and 'r11'"):
        na.structure_function_coupling(anatomy[0].replace(labels=names), turned)
    with pytest.raises(ValueError, match=r"connectivity\[1\] must have the nodes of connectivity\[0\]"):
        na.structure_function_coupling(anatomy[0], [turned.replace(labels=names), turned])
