"""Pathways against block-graph powers, linear and tanh recurrent networks, and closed forms."""

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import linalg

import netanalysis as na
from netanalysis._core import products
from netanalysis.structure import _walks

RNG = np.random.default_rng(0)
N_IN, N, N_OUT, L = 5, 16, 3, 6
W_IN, W, W_OUT = RNG.normal(size=(N_IN, N)), RNG.normal(size=(N, N)) / 5, RNG.normal(size=(N, N_OUT))


def block_graph(w_in=W_IN, w=W, w_out=W_OUT):
    i, n, o = w_in.shape[0], len(w), w_out.shape[1]
    graph = np.zeros((i + n + o,) * 2)
    graph[:i, i : i + n], graph[i : i + n, i : i + n], graph[i : i + n, i + n :] = w_in, w, w_out
    return graph


@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("alpha", [1.0, 0.8])
def test_block_powers(storage, alpha):
    result = na.pathways(storage(W), inputs=W_IN, outputs=W_OUT, max_hops=L - 1, alpha=alpha)
    np.testing.assert_array_equal(result.hops, range(2, L + 2))
    for k, ours in zip(result.hops, result.maps, strict=True):
        power = np.linalg.matrix_power(alpha * block_graph(), k)[:N_IN, -N_OUT:]
        np.testing.assert_allclose(ours, power, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(result.total, result.maps.sum(0), rtol=1e-14)


@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize(("inputs", "outputs"), [([3], [1, 4, 9]), (range(10), [2, 2]), (None, None), (None, [0])])
def test_node_sets_select_powers(storage, inputs, outputs):
    result = na.pathways(storage(W), inputs=inputs, outputs=outputs, max_hops=4)
    rows = np.arange(N) if inputs is None else list(inputs)
    columns = np.arange(N) if outputs is None else list(outputs)
    for h in range(5):
        np.testing.assert_allclose(result.maps[h], np.linalg.matrix_power(W, h)[rows][:, columns], atol=1e-13)
    np.testing.assert_array_equal(result.hops, range(5))


def test_mixed_ends_and_masks():
    mask = np.arange(N) % 2 == 0
    result = na.pathways(W, inputs=mask, outputs=W_OUT, max_hops=2)
    np.testing.assert_array_equal(result.hops, [1, 2, 3])
    np.testing.assert_allclose(result.maps[2], (W @ W @ W_OUT)[mask], atol=1e-13)


def test_a_connectome_brings_its_ends():
    net = na.Connectome(W, inputs=W_IN, outputs=W_OUT)
    expected = na.pathways(W, inputs=W_IN, outputs=W_OUT, max_hops=3).maps
    np.testing.assert_array_equal(na.pathways(net, max_hops=3).maps, expected)
    assert na.pathways(net, inputs=[0], outputs=[1], max_hops=3).maps.shape == (4, 1, 1)


@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array])
def test_closed_form_of_the_truncated_sum(storage):
    radius = na.spectral_radius(W)
    m = 0.9 * W / radius
    expected = (0.9 / radius) ** 2 * W_IN @ np.linalg.inv(np.eye(N) - m)
    truncated = expected @ (np.eye(N) - np.linalg.matrix_power(m, L)) @ W_OUT
    ours = na.resolvent(storage(W), inputs=W_IN, outputs=W_OUT, alpha=0.9, max_hops=L - 1)
    np.testing.assert_allclose(ours, truncated, rtol=1e-10, atol=1e-10)
    infinite = na.resolvent(storage(W), inputs=W_IN, outputs=W_OUT)
    np.testing.assert_allclose(infinite, expected @ W_OUT, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(
        na.resolvent(storage(W), inputs=W_IN, outputs=W_OUT, max_hops=400), infinite, rtol=1e-10, atol=1e-10
    )


def test_large_sparse_resolvent_goes_to_gmres():
    rng = np.random.default_rng(4)
    w = sparse.random_array((2500, 2500), density=0.004, rng=rng, data_sampler=rng.standard_normal).tocsr()
    ours = na.resolvent(w, inputs=[0, 1, 2], outputs=[7, 8], alpha=0.8)
    system = np.eye(2500) - 0.8 / na.spectral_radius(w) * w.toarray()
    expected = np.linalg.solve(system, np.eye(2500)[:, [7, 8]])[:3]
    np.testing.assert_allclose(ours, expected, atol=1e-11)


def test_where_bicgstab_loses_its_way_gmres_answers():
    """Pairs that turn, on a ring: eigenvalues of I - W far from the real axis."""
    n = 2500
    turns = np.zeros(n - 1)
    turns[::2] = 10 * np.random.default_rng(0).uniform(0.9, 1.1, n // 2)
    ring = sparse.csr_array((np.full(n, 1e-3), (np.arange(n), (np.arange(n) + 1) % n)), shape=(n, n))
    w = sparse.csr_array(sparse.diags_array([turns, -turns], offsets=[1, -1]) + ring)
    drive = np.zeros((1, n))
    drive[0, [0, 7]] = 1
    system = sparse.eye_array(n, format="csr") - w.T
    x, _ = linalg.bicgstab(system, drive[0], rtol=1e-13, atol=0, maxiter=300)
    assert np.linalg.norm(system @ x - drive[0]) > 1e-10
    x = _walks.solve(w, drive, np.arange(n))[0]
    assert np.linalg.norm(system @ x - drive[0]) < 2e-12


def test_a_dense_network_of_few_connections_goes_by_its_lists():
    """Of 300 nodes with 9 connections each; answers are those of products of matrices."""
    rng = np.random.default_rng(8)
    w = rng.normal(size=(300, 300)) * (rng.random((300, 300)) < 0.03)
    assert sparse.issparse(products.lists_if_few(w, 1000))
    powers = [np.linalg.matrix_power(w, h) for h in range(5)]
    np.testing.assert_allclose(na.pathways(w, max_hops=4).maps, powers, rtol=1e-12, atol=1e-12)
    ends = {"inputs": np.arange(290), "outputs": np.arange(5, 300)}
    part = [m[:290, 5:] for m in powers]
    np.testing.assert_allclose(na.pathways(w, **ends, max_hops=4).maps, part, rtol=1e-12, atol=1e-12)
    stack = np.stack([w, 2 * w])
    np.testing.assert_array_equal(na.pathways(stack, max_hops=4).maps[1], na.pathways(2 * w, max_hops=4).maps)


def test_block_graph_has_the_radius_of_its_recurrent_part():
    assert na.spectral_radius(block_graph()) == pytest.approx(na.spectral_radius(W), abs=1e-10)


def run(phi, inputs, leak=1.0):
    h = np.zeros(N)
    for u in inputs:
        h = (1 - leak) * h + leak * phi(u @ W_IN + h @ W)
    return h @ W_OUT


@pytest.mark.parametrize("leak", [None, 0.3])
def test_linear_network_impulse_response(leak):
    maps = na.pathways(W, inputs=W_IN, outputs=W_OUT, max_hops=L - 1, leak=leak).maps
    for t in range(1, L + 1):
        for unit in range(N_IN):
            u = np.zeros((L, N_IN))
            u[t - 1, unit] = 1
            np.testing.assert_allclose(run(lambda x: x, u, leak or 1), maps[L - t, unit], atol=1e-10)
    constant = np.ones((L, N_IN))
    np.testing.assert_allclose(run(lambda x: x, constant, leak or 1), maps.sum((0, 1)), atol=1e-10)


def test_all_lags_together_do_not_feel_the_leak():
    chain = [[0, 1.0], [0, 0]]
    maps = na.pathways(chain, max_hops=2, leak=0.5).maps
    assert maps[2, 0, 1] == 0.5
    assert na.pathways(chain, max_hops=2).maps[2, 0, 1] == 0
    leaky = na.resolvent(chain, alpha=1, normalize=None, leak=0.5)
    np.testing.assert_allclose(0.5 * leaky, [[1, 1], [0, 1]])
    np.testing.assert_allclose(na.resolvent(chain, alpha=1, normalize=None), [[1, 1], [0, 1]])


def test_shares_of_input_alone_do_not_converge_where_every_node_has_input():
    w = na.transform.normalize(np.ones((4, 4)) - np.eye(4), by="input")
    assert na.spectral_radius(w) == pytest.approx(1, rel=1e-14)
    with pytest.raises(ValueError, match="converges for alpha below 1 "):
        na.resolvent(w, alpha=1, normalize=None)


def test_only_the_longest_pathway_carries_the_first_input():
    u = RNG.normal(size=(L, N_IN))
    changed = u.copy()
    changed[0] += 1
    difference = run(lambda x: x, changed) - run(lambda x: x, u)
    maps = na.pathways(W, inputs=W_IN, outputs=W_OUT, max_hops=L - 1).maps
    np.testing.assert_allclose(difference, maps[-1].sum(0), atol=1e-10)


def test_tanh_network_jacobian_at_rest():
    maps = na.pathways(W, inputs=W_IN, outputs=W_OUT, max_hops=L - 1).maps
    step = 1e-4
    for t in range(1, L + 1):
        for unit in range(N_IN):
            u = np.zeros((L, N_IN))
            u[t - 1, unit] = step
            slope = (8 * (run(np.tanh, u) - run(np.tanh, -u)) - run(np.tanh, 2 * u) + run(np.tanh, -2 * u)) / 12 / step
            np.testing.assert_allclose(slope, maps[L - t, unit], atol=1e-8)


def test_normalisation_cancels_a_scaling_of_all_weights():
    def ours(scale, normalize):
        return na.resolvent(
            scale * W, inputs=scale * W_IN, outputs=scale * W_OUT, alpha=0.9, normalize=normalize, max_hops=5
        )

    np.testing.assert_allclose(ours(2, "spectral_radius"), ours(1, "spectral_radius"), rtol=1e-12)
    assert not np.allclose(ours(2, None), ours(1, None))
    np.testing.assert_allclose(ours(1, na.spectral_radius(W)), ours(1, "spectral_radius"), rtol=1e-12)


def test_acyclic_network_is_left_unscaled():
    chain = np.diag([2.0, 3.0], 1)
    result = na.pathways(chain, inputs=[0], outputs=[2], max_hops=2, normalize="spectral_radius")
    assert result.scale == 1
    assert result.maps[2] == 6
    assert na.resolvent(chain, inputs=[0], outputs=[2], alpha=5) == pytest.approx(150)


def test_infinite_sum_states_its_limit():
    with pytest.raises(ValueError, match="converges for alpha below 1 "):
        na.resolvent(W, inputs=W_IN, outputs=W_OUT, alpha=1.0)
    limit = 1 / na.spectral_radius(W)
    with pytest.raises(ValueError, match=f"alpha below {limit:.6g} "):
        na.resolvent(W, inputs=W_IN, outputs=W_OUT, alpha=1.2 * limit, normalize=None)
    assert np.isfinite(na.resolvent(W, inputs=W_IN, outputs=W_OUT, alpha=3, max_hops=5)).all()


def test_numbers_of_a_result():
    maps = np.array([[[1.0, -2], [3, 0]], [[-1, 2], [0, 0.1]], [[0, 0], [0, 0]]])
    result = na.Pathways(maps, np.array([2, 3, 4]), 1.0, 1.0)
    np.testing.assert_allclose(result.hop_mass, [6, 3.1, 0])
    np.testing.assert_allclose(result.hop_share, np.array([6, 3.1, 0]) / 9.1)
    assert result.cancellation_index == pytest.approx(9.1 / 3.1)
    mass = result.hop_mass
    assert result.gini == pytest.approx(np.abs(mass[:, None] - mass).sum() / (2 * 3 * mass.sum()))
    assert result.sparsity == pytest.approx(7 / 12)
    assert result.hop_sparsity == pytest.approx(1 / 3)
    assert result.temporal_alignment([6, 3.1, 0]) == pytest.approx(1)
    assert result.temporal_alignment([0, 0, 5]) == pytest.approx(0)
    assert result.temporal_alignment([1, 1, 0]) == pytest.approx(1 - (abs(6 / 9.1 - 0.5) + abs(3.1 / 9.1 - 0.5)) / 2)
    assert result.off_signal_mass([1, 0, 1]) == pytest.approx(3.1 / 9.1)
    assert result.off_signal_mass([True, True, True]) == 0
    assert not result.collapsed


def test_routing_tables():
    result = na.pathways(W, inputs=W_IN, outputs=W_OUT, max_hops=2)
    groups_in, groups_out = ["b", "a", "a", "b", "b"], [1, 0, 1]
    table = result.routing(groups_in, groups_out)
    assert list(table["inputs"]) == ["a", "b"]
    assert list(table["outputs"]) == [0, 1]
    np.testing.assert_allclose(table["maps"][1, 0, 1], result.maps[1][[1, 2]][:, [0, 2]].sum())
    np.testing.assert_allclose(table["total"].sum(), result.total.sum())
    mean = result.routing(groups_in, groups_out, how="mean", magnitude=True)
    np.testing.assert_allclose(mean["maps"][2, 1, 0], np.abs(result.maps[2][[0, 3, 4], 1]).mean())
    np.testing.assert_allclose(mean["total"][0, 0], np.abs(result.total[[1, 2], 1]).mean())


@pytest.mark.filterwarnings("ignore::netanalysis.UndefinedWarning")
def test_collapsed_network_is_nan():
    result = na.pathways(W * 0, inputs=[0], outputs=[1], max_hops=3)
    assert result.collapsed
    for value in (
        result.gini,
        result.sparsity,
        result.hop_sparsity,
        result.cancellation_index,
        result.temporal_alignment([1, 0, 0, 0]),
        result.off_signal_mass([1, 0, 0, 0]),
    ):
        assert np.isnan(value)
    assert np.isnan(result.hop_share).all()


def test_stack_equals_loop():
    rng = np.random.default_rng(3)
    nets, ins = rng.normal(size=(2, 3, 10, 10)), rng.normal(size=(2, 3, 4, 10))
    for options in (
        {"inputs": ins, "outputs": [1, 2]},
        {"inputs": ins[0, 0], "outputs": None},
        {"inputs": [5], "outputs": rng.normal(size=(10, 2)), "normalize": "spectral_radius", "alpha": 0.9},
    ):
        stack = na.pathways(nets, max_hops=3, **options)
        infinite = na.resolvent(nets, **{"normalize": "spectral_radius"} | options | {"alpha": 0.5})
        profile = [1, 0, 1, 0]
        for i, j in np.ndindex(2, 3):
            own = options | ({"inputs": ins[i, j]} if np.ndim(options["inputs"]) == 4 else {})
            single = na.pathways(nets[i, j], max_hops=3, **own)
            np.testing.assert_array_equal(stack.maps[i, j], single.maps)
            for name in ("total", "hop_mass", "hop_share", "gini", "sparsity", "hop_sparsity", "cancellation_index"):
                np.testing.assert_allclose(getattr(stack, name)[i, j], getattr(single, name), rtol=1e-13)
            assert stack.temporal_alignment(profile)[i, j] == pytest.approx(single.temporal_alignment(profile))
            assert stack.off_signal_mass(profile)[i, j] == pytest.approx(single.off_signal_mass(profile))
            np.testing.assert_allclose(
                infinite[i, j], na.resolvent(nets[i, j], **{"normalize": "spectral_radius"} | own | {"alpha": 0.5})
            )
    assert isinstance(single.gini, float)


def test_many_columns_through_a_sparse_network():
    rng = np.random.default_rng(8)
    w = sparse.random_array((400, 400), density=0.05, rng=rng, data_sampler=rng.standard_normal).tocsr()
    dense = w.toarray()
    for inputs, outputs in (
        (range(150), range(100, 300)),
        (range(200), range(100)),
        (rng.normal(size=(130, 400)), None),
    ):
        sparse_maps = na.pathways(w, inputs=inputs, outputs=outputs, max_hops=5).maps
        dense_maps = na.pathways(dense, inputs=inputs, outputs=outputs, max_hops=5).maps
        np.testing.assert_allclose(sparse_maps, dense_maps, atol=1e-11 * np.abs(dense_maps).max())


@pytest.mark.parametrize("max_hops", [0, 1, 2, 5])
@pytest.mark.parametrize("counts", [(3, 20), (20, 3), (40, 40)])
def test_walks_through_a_large_sparse_network_as_scipy_multiplies_them(max_hops, counts):
    n, rng = 70_000, np.random.default_rng(9)
    w = sparse.random_array((n, n), density=1e-4, rng=rng, data_sampler=rng.standard_normal).tocsr()
    inputs, outputs = (rng.choice(n, k, replace=False) for k in counts)
    maps = na.pathways(w, inputs=inputs, outputs=outputs, max_hops=max_hops).maps
    state = np.zeros((n, len(outputs)))
    state[outputs, np.arange(len(outputs))] = 1.0
    for found in maps:
        np.testing.assert_allclose(found, state[inputs], rtol=1e-9, atol=1e-12 * np.abs(state).max())
        state = w @ state


def test_refusals():
    for bad in (
        {"max_hops": -1},
        {"inputs": np.ones((2, 5)), "max_hops": 1},
        {"outputs": np.ones((5, 2)), "max_hops": 1},
        {"inputs": [16], "max_hops": 1},
        {"inputs": np.ones((3, 2, 16)), "max_hops": 1},
        {"leak": 0.0, "max_hops": 1},
        {"normalize": "max", "max_hops": 1},
        {"normalize": -1.0, "max_hops": 1},
    ):
        with pytest.raises(ValueError, match=next(iter(bad))):
            na.pathways(W, **bad)
    with pytest.raises(TypeError, match="max_hops"):
        na.pathways(W, max_hops=2.0)
    with pytest.raises(MemoryError, match="name fewer"):
        na.pathways(sparse.eye_array(40_000).tocsr(), max_hops=1)
    result = na.pathways(W, max_hops=1)
    with pytest.raises(ValueError, match="profile must"):
        result.temporal_alignment([0, 0])
    with pytest.raises(ValueError, match="signal must have shape"):
        result.off_signal_mass([1])
    with pytest.raises(ValueError, match="modules_in"):
        result.routing([1], [1] * 16)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(0, 4))
def test_nonnegative_pathways_never_cancel(seed, n, max_hops):
    w = np.random.default_rng(seed).random((n, n))
    result = na.pathways(w, inputs=[0], max_hops=max_hops)
    assert result.cancellation_index == pytest.approx(1)
    signed = na.pathways(w - 0.5, inputs=[0], max_hops=max_hops)
    assert signed.cancellation_index >= 1 - 1e-12
    assert 0 <= signed.gini <= 1


def test_a_network_that_knows_one_end_says_that_all_nodes_are_the_other():
    net = na.Connectome(np.eye(3, k=1), inputs=[[1.0, 0, 0]])
    with pytest.warns(UserWarning, match="input weights and no outputs: every node"):
        maps = na.pathways(net, max_hops=1).maps
    assert maps.shape == (2, 1, 3)
    na.pathways(net, outputs=[2], max_hops=1)  # told: no warning
    na.pathways(net.replace(inputs=None), max_hops=1)  # a bare network: every node is both, as documented
    with pytest.warns(UserWarning, match="output weights and no inputs: every node"):
        na.pathways(net.replace(inputs=None, outputs=np.ones((3, 1))), max_hops=1)


def test_maps_of_a_large_connectome_are_computed_when_asked_for():
    w = sparse.random_array((30, 30), density=0.2, rng=0, data_sampler=np.random.default_rng(0).standard_normal).tocsr()
    now = na.pathways(w, inputs=[0, 1], outputs=[2], max_hops=3, alpha=0.5, normalize="spectral_radius")
    later = na.pathways(
        na.Connectome(w), inputs=[0, 1], outputs=[2], max_hops=3, alpha=0.5, normalize="spectral_radius"
    )
    assert repr(later) == repr(now)
    later.through(at=1, hops=2)
    assert "maps" not in vars(later)
    travelled = pickle.loads(pickle.dumps(later))  # from memory, as to another process
    for paths in (later, travelled, dataclasses.replace(later)):
        np.testing.assert_array_equal(paths.maps, now.maps)
    np.testing.assert_array_equal(later.hop_share, now.hop_share)
    with pytest.raises(AttributeError, match="no attribute 'map'"):
        getattr(later, "map")  # noqa: B009


@pytest.mark.parametrize(("end", "shape"), [("inputs", r"\(\.\.\., any, 3\)"), ("outputs", r"\(\.\.\., 3, any\)")])
def test_weights_of_an_end_that_do_not_fit_are_refused_with_the_shape_that_does(end, shape):
    with pytest.raises(ValueError, match=rf"{end} must be nodes .* weights of shape {shape}; got shape \(2, 2\)"):
        na.pathways(np.ones((3, 3)), **{end: np.ones((2, 2))}, max_hops=1)


def test_maps_that_do_not_fit_are_refused_by_their_true_size(monkeypatch):
    w = sparse.random_array((20, 20), density=0.3, rng=0).tocsr()
    monkeypatch.setattr("netanalysis._core.memory.LIMIT_BYTES", 3 * 5 * 7 * 8)
    assert na.pathways(w, inputs=range(5), outputs=range(7), max_hops=2).maps.shape == (3, 5, 7)
    with pytest.raises(MemoryError, match=r"3 maps from 5 inputs to 8 outputs"):
        na.pathways(w, inputs=range(5), outputs=range(8), max_hops=2)


@pytest.mark.parametrize("sparse_", [False, True])
def test_training_may_go_on(sparse_):
    """Results of an array hold a copy: what is asked of them later is of the network that was given."""
    w = np.random.default_rng(0).random((6, 6)) * 0.1
    net = sparse.csr_array(w) if sparse_ else w
    paths = na.pathways(net, max_hops=2, inputs=[0], outputs=[5])
    found = na.influence(net, sources=[0], gain=0.5)
    energy = na.control_energy(w, np.eye(6)[0], np.eye(6)[1])
    asked = [
        lambda: paths.through().total.sum(),
        lambda: found.silencing().change.sum(),
        lambda: energy.trajectory().states.sum(),
    ]
    before = [ask() for ask in asked]
    w *= 2
    if sparse_:
        net.data *= 2
    assert [ask() for ask in asked] == before


def test_the_line_of_maps_not_computed_yet_is_that_of_maps():
    stack = na.Connectome(np.stack([W, W.T]))
    later = na.pathways(stack, inputs=np.stack([W_IN, -W_IN]), outputs=W_OUT, max_hops=2)
    assert f"(2, 3, {N_IN}, {N_OUT}): hops 2..4" in (said := repr(later))
    assert "maps" not in vars(later)
    assert later.maps.shape == (2, 3, N_IN, N_OUT)
    assert repr(later) == said
