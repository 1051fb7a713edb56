"""What every public measure promises, whatever it measures."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, partial
from inspect import isfunction

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import netanalysis as na


@dataclass(frozen=True)
class Measure:
    """A public measure and how it is called; `permutes` says what relabelling the nodes does to its result."""

    call: Callable
    permutes: str  # "invariant", "nodes", "matrix", or "random" where the answer depends on node order through rng
    signed: bool | None = True  # None: as it says itself
    binary: bool = False

    @property
    def takes_signs(self):
        """Asked when a test needs it: every worker collects all tests, and would compile what answers."""
        return _takes_signs(self.call) if self.signed is None else self.signed


def _labels(w):
    return np.arange(np.shape(w)[-1]) % 2


def _nodes(net):
    n = net.n_nodes if isinstance(net, na.Connectome) else len(net) if isinstance(net, (list, nx.Graph)) else None
    return np.arange(n or net.shape[-1])


def _modularity(net):
    return na.modularity(net, _nodes(net) % 2)


def _communication(net):
    return na.communication(net).matrices


def _in_modules(function, net):
    """A measure that needs modules besides the network: every other node in one of two."""
    return function(net, [0] if net is None else _nodes(net) % 2)


def _field(function, field, net, **options):
    return getattr(function(net, **options), field)


def _influence(net):
    return na.influence(net, sources=[0] if net is None else _nodes(net), each=True).scores


MEASURES = {
    "density": Measure(na.density, "invariant"),
    "total_weight": Measure(na.total_weight, "invariant"),
    "self_connection_share": Measure(na.self_connection_share, "invariant"),
    "reciprocity": Measure(na.reciprocity, "invariant"),
    "degree": Measure(na.degree, "nodes"),
    "strength": Measure(na.strength, "nodes"),
    "degree_heterogeneity": Measure(na.degree_heterogeneity, "invariant"),
    "strength_heterogeneity": Measure(na.strength_heterogeneity, "invariant"),
    "mean_communicability": Measure(na.mean_communicability, "invariant"),
    "spectral_radius": Measure(na.spectral_radius, "invariant"),
    "leading_real_part": Measure(na.leading_real_part, "invariant"),
    "spectral_entropy": Measure(na.spectral_entropy, "invariant"),
    "spectral_participation_ratio": Measure(na.spectral_participation_ratio, "invariant"),
    "weight_entropy": Measure(na.weight_entropy, "invariant"),
    "weight_entropy without self": Measure(partial(na.weight_entropy, self_connections=False), "invariant"),
    "weight_entropy histogram": Measure(partial(na.weight_entropy, variant="histogram"), "invariant"),
    "communicability_entropy": Measure(na.communicability_entropy, "invariant"),
    "communicability": Measure(na.communicability, "matrix"),
    "communicability raw": Measure(partial(na.communicability, normalize=None), "matrix"),
    "total_communicability": Measure(na.total_communicability, "nodes"),
    "communication": Measure(_communication, "matrix", signed=False),
    "katz_communicability": Measure(partial(na.katz_communicability, alpha=0.01), "matrix"),
    "pathways": Measure(partial(na.pathways, max_hops=3), "matrix"),
    "resolvent": Measure(partial(na.resolvent, alpha=0.5), "matrix"),
    "influence": Measure(_influence, "matrix"),
    "average_controllability": Measure(na.average_controllability, "nodes"),
    "average_controllability continuous": Measure(
        partial(na.average_controllability, dynamics="continuous", horizon=1), "nodes"
    ),
    "modal_controllability": Measure(na.modal_controllability, "nodes"),
    "self_avoiding_mass": Measure(partial(na.self_avoiding_mass, max_hops=3), "matrix"),
    "path_counts": Measure(partial(na.path_counts, max_hops=3), "matrix"),
    "clustering": Measure(na.clustering, "nodes", signed=False),
    "clustering binary": Measure(partial(na.clustering, method="binary"), "nodes"),
    "clustering fagiolo": Measure(partial(na.clustering, method="fagiolo"), "nodes", signed=False),
    "shortest_paths": Measure(na.shortest_paths, "matrix", signed=False),
    "path_length": Measure(na.path_length, "invariant", signed=False),
    "path_length hops": Measure(partial(na.path_length, lengths="hops"), "invariant"),
    "efficiency": Measure(na.efficiency, "invariant", signed=False),
    "local_efficiency": Measure(na.local_efficiency, "nodes", signed=False),
    "components": Measure(na.components, "random"),
    "small_worldness": Measure(partial(na.small_worldness, n_nulls=5, rng=0), "random"),
    "omega": Measure(partial(na.small_worldness, kind="omega", n_nulls=5, rng=0), "random"),
    "propensity": Measure(partial(na.small_worldness, kind="propensity", n_nulls=5, rng=0), "random"),
    "modularity": Measure(_modularity, "random"),
    "module_quality": Measure(partial(_in_modules, na.module_quality), "random"),
    "constant Potts": Measure(partial(na.detect_communities, quality="constant_potts", n_restarts=3, rng=0), "random"),
    "participation_coefficient": Measure(partial(_in_modules, na.participation_coefficient), "random", signed=False),
    "within_module_z": Measure(partial(_in_modules, na.within_module_z), "random"),
    "gateway_coefficient": Measure(partial(_in_modules, na.gateway_coefficient), "random", signed=False),
    "core_periphery": Measure(partial(_field, na.core_periphery, "quality"), "invariant", signed=False),
    "core_periphery gain": Measure(partial(_field, na.core_periphery, "gain"), "nodes", signed=False),
    "hubs": Measure(partial(_field, na.hubs, "score"), "nodes", signed=False),
    "motif_census": Measure(partial(_field, na.motif_census, "counts"), "invariant"),
    "motif_census of 4": Measure(partial(_field, na.motif_census, "counts", size=4, directed=True), "invariant"),
    "leiden": Measure(partial(na.detect_communities, n_restarts=3, rng=0), "random"),
    "louvain": Measure(partial(na.detect_communities, method="louvain", n_restarts=3, rng=0), "random"),
    "block_model": Measure(partial(na.block_model, n_restarts=2, rng=0), "random"),
    "spectral": Measure(partial(na.detect_communities, method="spectral"), "random"),
}

# Marked as taking stacks, and no measure of a network alone: what more each needs is tested in its own file.
NEEDS_MORE = {
    "weight_distance_correlation",
    "connection_distance",
    "wiring_cost",
    "correlation_modularity",
    "eigenvalues",
    "memory_capacity",
    "gradients",  # of networks all of whose nodes have something to compare, and in one part
    "navigation",
    "silent_rows",
    "portrait_divergence",  # and the other distances: of two networks
    "ks_distance",
    "spectral_distance",
    "communicability_distance",
    "fingerprint_distance",
}


def _inner(call):
    while isinstance(call, partial):
        call = call.func
    return call


def _covered():
    calls = [measure.call for measure in MEASURES.values()]
    given = {call.args[0] for call in calls if isinstance(call, partial) and call.args}
    return {na.modularity, na.influence, *given, *map(_inner, calls)}


@cache
def _takes_signs(function):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", na.UndefinedWarning)
        try:
            function([[0, -1.0, 1], [1, 0, -1], [1, 1, 0]])
        except ValueError:
            return False
    return True


# A new measure is held to the contract from the day it is public.
MEASURES |= {
    name: Measure(function, "by shape", signed=None)
    for name in na.__all__
    if getattr(function := getattr(na, name), "takes_stacks", False)
    and isfunction(function)
    and name not in NEEDS_MORE
    and function not in _covered()
}
every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())


def parts(result):
    """The numbers in a result, as a list of arrays."""
    if is_dataclass(result):
        values = [getattr(result, f.name) for f in fields(result)]
        return [np.asarray(v) for v in values if isinstance(v, (int, float, np.ndarray))]
    return [np.asarray(result)]


def assert_same(a, b, rtol=1e-9):
    a, b = parts(a), parts(b)
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=1e-12)


def network(measure, rng_seed=3, n=14, density=0.35):
    rng = np.random.default_rng(rng_seed)
    w = rng.lognormal(size=(n, n)) * (rng.random((n, n)) < density)
    if measure.takes_signs:
        w *= np.where(rng.random((n, n)) < 0.3, -1, 1)
    np.fill_diagonal(w, 0)
    return w


KINDS = {
    "list": lambda w: w.tolist(),
    "float32": lambda w: w.astype(np.float32).astype(float),
    "frame": lambda w: pd.DataFrame(w, index=range(len(w)), columns=range(len(w))),
    "networkx": lambda w: nx.from_numpy_array(w, create_using=nx.DiGraph),
    "torch": torch.tensor,
    "csr": sparse.csr_array,
    "coo_matrix": sparse.coo_matrix,
    "connectome": na.Connectome,
    "fortran": np.asfortranarray,
}


@every_measure
@pytest.mark.parametrize("kind", KINDS)
def test_accepts_every_kind_of_network(measure, kind):
    w = network(measure).astype(np.float32).astype(float)
    assert_same(measure.call(KINDS[kind](w)), measure.call(w), rtol=1e-6)


@every_measure
def test_a_stack_equals_the_loop(measure):
    if measure.call is _modularity:
        stack = np.stack([network(measure, seed) for seed in range(3)])
        assert_same(na.modularity(stack, _labels(stack)), [na.modularity(w, _labels(w)) for w in stack])
        return
    stack = np.stack([network(measure, seed) for seed in range(6)]).reshape(2, 3, 14, 14)
    got = measure.call(stack)
    for k in np.ndindex(2, 3):
        one = measure.call(stack[k])
        if not is_dataclass(one):
            np.testing.assert_allclose(np.asarray(got)[k], one, rtol=1e-9, atol=1e-12)
            continue
        for f in fields(one):
            value = getattr(one, f.name)
            if isinstance(value, (int, float, np.ndarray)) and not isinstance(value, bool):
                of_stack = np.asarray(getattr(got, f.name))
                if of_stack.ndim < 2 or of_stack.shape[:2] != (2, 3):
                    np.testing.assert_allclose(of_stack, value)  # a parameter, the same for all
                    continue
                # Members with fewer entries (say, communities) may be padded by the stack; the values must agree.
                np.testing.assert_allclose(of_stack[k], value, rtol=1e-9, atol=1e-12, err_msg=f.name)


@every_measure
def test_the_input_is_not_modified(measure):
    w = network(measure)
    s = sparse.csr_array(w)
    before = w.copy()
    measure.call(w)
    measure.call(s)
    assert np.array_equal(w, before)
    assert np.array_equal(s.toarray(), before)
    w.flags.writeable = False
    measure.call(w)


BAD = {
    "nan": (np.array([[0, np.nan], [1, 0]]), ValueError),
    "inf": (np.array([[0, np.inf], [1, 0]]), ValueError),
    "not square": (np.ones((2, 3)), ValueError),
    "vector": (np.ones(4), ValueError),
    "empty": (np.zeros((0, 0)), ValueError),
    "text": (np.array([["a", "b"], ["c", "d"]]), TypeError),
    "complex": (np.ones((2, 2), dtype=complex), TypeError),
    "objects": (np.array([[None, 1], [1, 0]]), TypeError),
    "none": (None, TypeError),
}


@every_measure
@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_refused_by_name(measure, kind):
    bad, error = BAD[kind]
    call = partial(na.modularity, communities=[0, 1]) if measure.call is _modularity else measure.call
    with pytest.raises(error, match="net"):
        call(bad)


DEGENERATE = {
    "one node": np.zeros((1, 1)),
    "one node with a self-connection": np.ones((1, 1)),
    "two nodes": np.array([[0.0, 1], [1, 0]]),
    "two nodes, one way": np.array([[0.0, 1], [0, 0]]),
    "no connections": np.zeros((5, 5)),
    "two components": np.kron(np.eye(2), np.ones((3, 3)) - np.eye(3)),
    "self-connections only": np.eye(4),
    "a silent node": np.pad(np.ones((4, 4)) - np.eye(4), (0, 1)),
    "complete": np.ones((6, 6)) - np.eye(6),
}


@every_measure
@pytest.mark.parametrize("kind", DEGENERATE)
@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array], ids=["dense", "sparse"])
def test_degenerate_networks_give_a_number_or_a_reason(measure, kind, storage):
    """Warnings are errors here, so a division by zero inside would show."""
    w = DEGENERATE[kind]
    refusal, result = "", None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", na.UndefinedWarning)
        try:
            result = measure.call(storage(w))
        except ValueError as error:
            refusal = str(error)
    said = [str(warning.message) for warning in caught]
    assert len(said) < 2, "said more than once"
    if result is None:
        assert len(refusal) > 30
        return
    undefined = any(np.isnan(value).any() for value in parts(result))
    assert undefined == bool(said or getattr(result, "note", "")), "nan without a word, or a word without nan"
    shape = np.shape(w)[-1]
    for value in parts(result):
        if measure.permutes == "nodes":
            assert value.shape == (shape,)
        assert value.dtype.kind in "iufb"


@every_measure
def test_signed_weights_are_measured_or_refused(measure):
    w = network(Measure(measure.call, "", signed=True))
    if measure.takes_signs:
        assert any(np.isfinite(p).any() for p in parts(measure.call(w)))
    else:
        with pytest.raises(ValueError, match="negative"):
            measure.call(w)


@every_measure
def test_relabelling_nodes_permutes_the_result(measure):
    if measure.permutes == "random":
        pytest.skip("depends on node order through random numbers or tie breaking")
    w = network(measure)
    order = np.random.default_rng(0).permutation(len(w))
    got, want = measure.call(w[np.ix_(order, order)]), measure.call(w)
    if hasattr(want, "maps"):
        got, want = got.maps, want.maps
    permutes = measure.permutes
    if permutes == "by shape":
        permutes = ("invariant", "nodes", "matrix")[np.ndim(want)]
    if permutes == "nodes":
        want = np.asarray(want)[order]
    elif permutes == "matrix":
        want = np.asarray(want)[..., order[:, None], order]
    np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-10)


@every_measure
def test_the_same_seed_gives_the_same_answer(measure):
    w = network(measure)
    assert_same(measure.call(w), measure.call(w), rtol=0)
