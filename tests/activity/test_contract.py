"""What every function on activity promises: any kind of network, inputs left alone, clear refusals, fixed seeds."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import netanalysis as na

N = 12


@dataclass(frozen=True)
class Inputs:
    """One network with positions and one recording of its units."""

    net: np.ndarray
    positions: np.ndarray
    activity: np.ndarray
    conditions: pd.DataFrame

    @property
    def recording(self):
        return na.Recording(self.activity, self.conditions)

    def permuted(self, order):
        return Inputs(
            self.net[np.ix_(order, order)], self.positions[order], self.activity[:, :, order], self.conditions
        )


@pytest.fixture(scope="module")
def inputs():
    """Two functional groups, well apart, so that clusters do not hang on the order of units."""
    rng = np.random.default_rng(4)
    group = np.repeat([0, 1], N // 2)
    task, goal, choice = np.repeat(["go", "anti"], 30), rng.integers(0, 2, 60), rng.integers(0, 2, 60)
    active = group[None, :] == (task == "anti")[:, None]
    a = rng.normal(size=(60, 4, N)) * np.where(active, 1.0, 0.05)[:, None, :] + 0.3 * goal[:, None, None]
    net = rng.lognormal(size=(N, N)) * (1 + 3 * (group[:, None] == group))
    np.fill_diagonal(net, 0)
    net = net.astype(np.float32).astype(float)
    conditions = pd.DataFrame({"task": task, "goal": goal, "choice": choice})
    return Inputs(net, rng.normal(size=(N, 2)) + 4 * group[:, None], a, conditions)


LABELS = np.arange(N) % 3


@dataclass(frozen=True)
class Function:
    """`call(inputs, net, rng)`; `per_unit` names results with one entry per unit, `invariant` those of the whole."""

    call: Callable
    per_unit: tuple = ()
    invariant: tuple = ()
    takes_net: bool = False
    random: bool = True


FUNCTIONS = {
    "mixed_selectivity": Function(
        lambda i, net, rng: na.mixed_selectivity(i.recording, ["goal", "choice"], windows=2, n_nulls=9, rng=rng),
        per_unit=("explained_variance", "total", "silent", "alpha", "p"),
    ),
    "tuning": Function(
        lambda i, net, rng: na.tuning(i.recording, ["goal", "choice"], windows=2, n_nulls=19, rng=rng),
        per_unit=("classes", "effect", "p", "p_corrected"),
    ),
    "demixed_variance": Function(
        lambda i, net, rng: na.demixed_variance(i.recording, ["goal", "choice"]),
        per_unit=("fractions", "total"),
        random=False,
    ),
    "decode": Function(
        lambda i, net, rng: na.decode(i.recording, "goal", n_nulls=9, rng=rng),
        invariant=("score", "null_distribution", "p", "confusion"),
    ),
    "dimensionality": Function(lambda i, net, rng: na.dimensionality(i.recording), invariant=("",), random=False),
    "dichotomies": Function(lambda i, net, rng: na.dichotomies(i.recording, "task", rng=rng), invariant=("accuracy",)),
    "task_variance": Function(lambda i, net, rng: na.task_variance(i.recording), per_unit=("values",), random=False),
    "functional_connectivity": Function(
        lambda i, net, rng: na.functional_connectivity(i.recording).sum(axis=0), per_unit=("",), random=False
    ),
    "functional_clusters": Function(
        lambda i, net, rng: na.functional_clusters(i.recording, k=2, rng=rng),
        per_unit=("labels", "profiles", "total"),
        invariant=("silhouette",),
    ),
    "clustering_alignment": Function(
        lambda i, net, rng: na.clustering_alignment(
            net,
            LABELS,
            positions=i.positions,
            communities=LABELS // 2,
            profiles=i.activity.mean(axis=(0, 1))[:, None],
            n_nulls=19,
            rng=rng,
        ),
        takes_net=True,
    ),
    "spatial_permutation": Function(
        lambda i, net, rng: na.spatial_permutation(
            i.activity.mean(axis=(0, 1)) - 0.14, na.Connectome(net, positions=i.positions), n_nulls=19, rng=rng
        ),
        invariant=("statistic_first", "statistic_second", "n_first", "n_second"),
        takes_net=True,
    ),
    "energy": Function(
        lambda i, net, rng: na.energy(
            [net, i.net, 2 * i.net, 3 * i.net, i.net + 1],
            [na.Recording(i.activity * k) for k in range(1, 6)],
            list("aabbb"),
            start=0,
            stop=4,
        ),
        invariant=("coefficient", "standard_error"),
        takes_net=True,
        random=False,
    ),
    "lesion": Function(
        lambda i, net, rng: na.lesion(lambda silenced: [i.activity[:, :, ~silenced].mean()], LABELS),
        random=False,
    ),
}
every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())
every_net_function = pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS.values() if f.takes_net], ids=[k for k, f in FUNCTIONS.items() if f.takes_net]
)
KINDS = {
    "list": lambda w: w.tolist(),
    "float32": lambda w: w.astype(np.float32),
    "frame": pd.DataFrame,
    "networkx": lambda w: nx.from_numpy_array(w, create_using=nx.DiGraph),
    "torch": torch.tensor,
    "csr": sparse.csr_array,
    "coo_matrix": sparse.coo_matrix,
    "connectome": na.Connectome,
    "fortran": np.asfortranarray,
}


def numbers(result):
    """Every number in a result, by name."""
    if isinstance(result, na.ClusteringAlignment):
        frame = result.to_frame()
        return {k: frame[k].to_numpy() for k in ("observed", "null_mean", "null_std", "p")}
    if is_dataclass(result):
        values = {f.name: getattr(result, f.name) for f in fields(result)}
        return {k: np.asarray(v) for k, v in values.items() if isinstance(v, (int, float, np.ndarray))}
    return {"": np.asarray(result)}


def assert_same(a, b, rtol=0.0):
    a, b = numbers(a), numbers(b)
    assert set(a) == set(b)
    for name, value in a.items():
        if value.dtype.kind == "f":
            np.testing.assert_allclose(value, b[name], rtol=rtol, atol=1e-12 if rtol else 0.0, err_msg=name)
        else:
            np.testing.assert_array_equal(value, b[name], err_msg=name)


@every_net_function
@pytest.mark.parametrize("kind", KINDS)
def test_accepts_every_kind_of_network(inputs, function, kind):
    assert_same(function.call(inputs, KINDS[kind](inputs.net), 0), function.call(inputs, inputs.net, 0), rtol=1e-9)


BAD = {
    "nan": (np.full((N, N), np.nan), ValueError),
    "inf": (np.full((N, N), np.inf), ValueError),
    "not square": (np.ones((N, 3)), ValueError),
    "text": (np.full((N, N), "a"), TypeError),
    "complex": (np.ones((N, N), dtype=complex), TypeError),
}


@every_net_function
@pytest.mark.parametrize("kind", BAD)
def test_bad_networks_are_refused_by_name(inputs, function, kind):
    bad, error = BAD[kind]
    with pytest.raises(error, match=r"net|weights"):
        function.call(inputs, bad, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_activity_that_is_not_finite_is_refused_by_name(inputs, value):
    spoiled = inputs.activity.copy()
    spoiled[3, 2, 1] = value
    with pytest.raises(ValueError, match=r"activity must be finite.*activity\[3, 2, 1\]"):
        na.Recording(spoiled, inputs.conditions)


@every_function
def test_inputs_are_not_modified(inputs, function):
    before = inputs.net.copy(), inputs.positions.copy(), inputs.activity.copy(), inputs.conditions.copy()
    function.call(inputs, inputs.net, 0)
    function.call(inputs, sparse.csr_array(inputs.net), 0)
    assert np.array_equal(inputs.net, before[0])
    assert np.array_equal(inputs.positions, before[1])
    assert np.array_equal(inputs.activity, before[2])
    pd.testing.assert_frame_equal(inputs.conditions, before[3])


@every_function
def test_the_same_seed_gives_the_same_answer(inputs, function):
    assert_same(function.call(inputs, inputs.net, 3), function.call(inputs, inputs.net, 3))
    generators = [np.random.default_rng(7) for _ in range(2)]
    assert_same(*[function.call(inputs, inputs.net, g) for g in generators])


@every_function
def test_relabelling_units_permutes_what_belongs_to_units_and_nothing_else(inputs, function):
    order = np.random.default_rng(0).permutation(N)
    a, b = (numbers(function.call(i, i.net, 0)) for i in (inputs, inputs.permuted(order)))
    for name in function.per_unit:
        if a[name].dtype.kind == "f":
            np.testing.assert_allclose(b[name], a[name][order], rtol=1e-6, atol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(b[name], a[name][order], err_msg=name)
    for name in function.invariant:
        np.testing.assert_allclose(b[name], a[name], rtol=1e-8, atol=1e-12, err_msg=name)


def test_relabelling_units_with_their_labels_leaves_alignment_as_it_is(inputs):
    order = np.random.default_rng(0).permutation(N)
    a, b = (
        na.clustering_alignment(i.net, labels, positions=i.positions, communities=labels // 2, n_nulls=9, rng=0)
        for i, labels in ((inputs, LABELS), (inputs.permuted(order), LABELS[order]))
    )
    for name, measure in a.measures.items():
        if name not in ("ami_positions", "ari_positions"):  # k-means starts from units in their order
            assert b[name].observed == pytest.approx(measure.observed, nan_ok=True), name


@pytest.mark.parametrize("name", [k for k, f in FUNCTIONS.items() if f.random and k != "clustering_alignment"])
@pytest.mark.parametrize("bad", [-1, 1.5, True, "seed"])
def test_bad_seeds_are_refused_by_name(inputs, name, bad):
    with pytest.raises(TypeError, match="rng must be"):
        FUNCTIONS[name].call(inputs, inputs.net, bad)
