"""Influence against closed forms, integration of the dynamics and networks silenced by hand."""

import networkx as nx
import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp

import netanalysis as na

LOOP = np.array([[0, 0.5, 0.2], [0.1, 0, 0.4], [0, 0.3, 0]])
SPIRAL = np.array([[0.5, -2], [2, 0.5]])
TWO_LOOPS = np.array([[0, 4.0, 1, 0], [4, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
CUT = TWO_LOOPS * np.array([1, 1, 1, 0])[:, None] * [1, 1, 1, 0]
NEEDS_INHIBITION = np.array([[1.5, 2], [-1.5, 0]])


def signed(seed, n=30, radius=0.8):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.3)
    return w * radius / np.abs(np.linalg.eigvals(w)).max()


@pytest.mark.parametrize("unit", [1e160, 1e-170, 1e-15])
def test_large_sparse_signed_networks_in_any_unit(unit):
    rng = np.random.default_rng(0)
    w = sparse.random_array((2600, 2600), density=6 / 2600, rng=rng, data_sampler=rng.standard_normal).tocsr()
    one, other = (na.influence(k * w, sources=[0], gain=0.3 / k) for k in (1, unit))
    np.testing.assert_allclose(other.scores, one.scores, rtol=1e-9, atol=1e-12)
    assert na.spectral_radius(unit * w) / unit == pytest.approx(na.spectral_radius(w), rel=1e-9)


def test_the_drive_is_part_of_the_score():
    found = na.influence([[0, 0.5], [0.5, 0]], sources=[0], gain=1)
    np.testing.assert_allclose(found.scores, [4 / 3, 2 / 3], rtol=1e-14)


def test_a_set_of_sources_is_the_sum_of_its_members():
    together = na.influence(LOOP, sources=[0, 1], gain=1)
    np.testing.assert_allclose(together.scores, [1.1893204, 1.8932039, 0.9951456], atol=5e-8)
    each = na.influence(LOOP, sources=[0, 1], gain=1, each=True)
    np.testing.assert_allclose(each.scores.sum(axis=0), together.scores, rtol=1e-14)
    np.testing.assert_array_equal(na.influence(LOOP, sources=[[1, 1, 0]], gain=1).scores[0], together.scores)


def test_directions():
    both = na.influence(LOOP, sources=[2], gain=1, direction="both").scores
    np.testing.assert_allclose(both[0], [0.0364078, 0.3640777, 1.1529126], atol=5e-8)
    np.testing.assert_allclose(both[1], [0.4854369, 0.5097087, 1.1529126], atol=5e-8)
    np.testing.assert_array_equal(na.influence(LOOP, sources=[2], gain=1, direction="incoming").scores, both[1])


def test_sources_lie_in_rows():
    chain = [[0, 2.0, 0], [0, 0, 3], [0, 0, 0]]
    np.testing.assert_allclose(na.influence(chain, sources=[0], gain=0.5).scores, [1, 1, 1.5])
    u, v = np.array([1.0, 2, 0]), np.array([0, 1.0, 3])
    scores = na.influence(np.outer(u, v), sources=[0], gain=0.1).scores
    np.testing.assert_allclose(scores - [1, 0, 0], v * 0.1 / (1 - 0.1 * (v @ u)))


@pytest.mark.parametrize("seed", range(5))
def test_the_steady_state_is_where_the_dynamics_stay(seed):
    w = signed(seed)
    found = na.influence(w, sources=[3, 7], gain=1)
    s = np.zeros(30)
    s[[3, 7]] = 1
    rate = lambda t, x: -x + x @ w + s  # noqa: E731
    end = solve_ivp(rate, (0, 200), np.zeros(30), rtol=1e-10, atol=1e-12, method="LSODA").y[:, -1]
    np.testing.assert_allclose(found.scores, end, atol=1e-6)
    discrete = na.influence(w, sources=[3, 7], gain=1, dynamics="discrete")
    x = np.zeros(30)
    for _ in range(300):
        x = x @ w + s
    np.testing.assert_allclose(discrete.scores, x, atol=1e-9)


def test_what_has_to_settle_depends_on_the_dynamics():
    balanced = [[0, 2.0], [-2, 0]]
    np.testing.assert_allclose(na.influence(balanced, sources=[0], gain=1).scores, [0.2, 0.4])
    with pytest.raises(ValueError, match=r'largest modulus .* dynamics="discrete"; got 2\. gain must be below 0\.5'):
        na.influence(balanced, sources=[0], gain=1, dynamics="discrete")
    found = na.influence(SPIRAL, sources=[0])
    assert found.gain == pytest.approx(0.99 / 0.5)
    np.testing.assert_allclose(found.scores, [0.000637686, -0.2525236], atol=5e-8)
    with pytest.raises(ValueError, match="activity does not settle"):
        na.influence(SPIRAL, sources=[0], gain=0.99 / 0.5, dynamics="discrete")
    with pytest.raises(ValueError, match="largest real part"):
        na.influence([[0, 1.0], [1, 0]], sources=[0], gain=1)


def test_non_negative_weights_have_one_limit():
    for dynamics in ("continuous", "discrete"):
        found = na.influence([[0, 3.0], [12, 0]], sources=[0], dynamics=dynamics)
        assert found.gain == pytest.approx(0.99 / 6, rel=1e-13)
        np.testing.assert_allclose(found.scores, [50.2512563, 24.8743719], atol=5e-8)


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_without_cycles_there_is_nothing_to_scale_by(make):
    np.testing.assert_allclose(na.influence(make([[0, 10.0], [0, 0]]), sources=[0]).scores, [1, 10])
    rng = np.random.default_rng(0)
    order = rng.permutation(300)
    w = np.triu(rng.integers(1, 9, (300, 300)) * (rng.random((300, 300)) < 0.05), 1).astype(float)[order][:, order]
    assert na.influence(make(w), sources=[0]).gain == 1
    assert na.influence(make(-w), sources=[0], dynamics="discrete").gain == 1


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("n", [3, 4, 5])
def test_a_leading_value_of_rounding_is_nothing_to_scale_by(make, n):
    # The real parts of these eigenvalues are -n and 0, which a solver gives as 1e-16.
    found = na.influence(make(-np.ones((n, n))), sources=[0])
    assert found.gain == 1
    np.testing.assert_allclose(found.scores, np.eye(n)[0] - 1 / (n + 1), rtol=1e-12)


def test_a_singular_system_says_so():
    with pytest.raises(ValueError, match="cannot be told from rounding"):
        na.influence(np.full((4, 4), -1e200), sources=[0])


def test_silencing_keeps_the_gain():
    intact = na.influence(TWO_LOOPS, sources=[0])
    np.testing.assert_allclose(intact.scores, [50.2512563, 49.7487437, 13.2487550, 3.2790669], atol=5e-8)
    silenced = na.influence(TWO_LOOPS, sources=[0], silenced=[1])
    assert silenced.gain == intact.gain
    np.testing.assert_allclose(silenced.scores, [1, 0, 0.2636502, 0.0652534], atol=5e-8)
    np.testing.assert_allclose(intact.silencing(nodes=[1]).scores[0], silenced.scores, atol=1e-12)
    driven = na.influence(TWO_LOOPS, sources=[[1, 0.5, 0, 0]], silenced=[3]).scores
    np.testing.assert_allclose(driven, np.array([[1, 0.5, 0, 0]]) @ np.linalg.inv(np.eye(4) - intact.gain * CUT))


def test_silenced_nodes_add_up_to_no_effect_of_their_own():
    w = np.array([[0, 0.6, 0.6, 0], [0, 0, 0, 0.5], [0, 0, 0, 0.5], [0, 0, 0, 0]])
    intact = na.influence(w, sources=[0], gain=1)
    found = intact.silencing(targets=[3])
    assert found.nodes.tolist() == [1, 2, 3]
    np.testing.assert_allclose(found.scores[:, 0], [0.3, 0.3, 0])
    np.testing.assert_allclose(found.change[:, 0], [-0.3, -0.3, -0.6])
    assert na.influence(w, sources=[0], gain=1, silenced=[1, 2]).scores[3] == 0
    one = na.influence(w, sources=[0], gain=1, silenced=[1]).silencing(targets=[3])
    assert one.nodes.tolist() == [2, 3]
    assert one.scores[0, 0] == 0


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_a_network_that_needs_its_inhibitory_node_does_not_settle_without_it(make):
    intact = na.influence(make(NEEDS_INHIBITION), sources=[0], gain=1)
    np.testing.assert_allclose(intact.scores, [0.4, 0.8])
    found = intact.silencing()
    assert not found.settles.any()
    assert np.isnan(found.scores).all()
    with pytest.raises(ValueError, match=r"after silencing.* got 1\.5\. gain must be below 0\.666667"):
        na.influence(make(NEEDS_INHIBITION), sources=[0], gain=1, silenced=[1])


@pytest.mark.parametrize("dynamics", ["continuous", "discrete"])
@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array])
def test_silencing_each_equals_cutting_each(make, dynamics):
    rng = np.random.default_rng(1)
    for seed in range(6):
        w = signed(seed, n=25, radius=1) if seed % 2 else np.abs(signed(seed, n=25))
        if seed % 3 == 0:
            w[20:, :20] = 0  # two parts
        intact = na.influence(make(w), sources=[0, 4], dynamics=dynamics)
        found = intact.silencing()
        for node, scores, settles in zip(found.nodes, found.scores, found.settles, strict=True):
            cut = w.copy()
            cut[node] = cut[:, node] = 0
            values = np.linalg.eigvals(intact.gain * cut)
            assert settles == ((values.real if dynamics == "continuous" else abs(values)).max() < 1)
            if settles:
                s = np.zeros(25)
                s[[0, 4]] = 1
                np.testing.assert_allclose(scores, s @ np.linalg.inv(np.eye(25) - intact.gain * cut), atol=1e-9)
        some = rng.choice(found.nodes, 4, replace=False)
        part = intact.silencing(nodes=some, targets=[2, 9])
        at = np.searchsorted(found.nodes, some)
        np.testing.assert_allclose(part.scores, found.scores[at][:, [2, 9]], atol=1e-12)


def test_adjusted_scores():
    found = na.adjusted_influence([1, 0.5, -0.5, 1e-5, np.exp(-24), 0, 0.5 / 8, 0.75])
    right = [24, 23.3068528, -23.3068528, 12.4870745, 0, 0, 21.2274113, 23.7123179]
    np.testing.assert_allclose(found, right, atol=5e-8)
    intact = na.influence(LOOP, sources=[0], gain=1)
    np.testing.assert_array_equal(intact.adjusted, na.adjusted_influence(intact.scores))


def test_adjusted_scores_of_networks_that_do_not_settle():
    without = na.influence(NEEDS_INHIBITION, sources=[0], gain=1).silencing()
    assert not without.settles.any()
    assert np.isnan(na.adjusted_influence(without.scores)).all()
    assert np.isnan(na.adjusted_influence([np.nan, 1.0])[0])
    with pytest.raises(ValueError, match="scores must be finite"):
        na.adjusted_influence([np.inf])
    with pytest.raises(TypeError, match="scores must be an array of real numbers"):
        na.adjusted_influence(["a"])


def test_a_stack_equals_the_loop():
    stack = np.array([signed(k, n=10) for k in range(4)])
    for options in ({}, {"each": True}, {"direction": "both"}, {"dynamics": "discrete"}):
        found = na.influence(stack, sources=[1, 2], **options)
        for k, w in enumerate(stack):
            one = na.influence(w, sources=[1, 2], **options)
            here = found.scores[:, k] if options.get("direction") == "both" else found.scores[k]
            np.testing.assert_allclose(here, one.scores, rtol=1e-12, atol=1e-14)
            assert found.gain[k] == pytest.approx(one.gain, rel=1e-12)


def test_large_sparse_networks_settle_to_the_floor_of_adjusted_scores():
    graph = nx.gnm_random_graph(2500, 25_000, seed=1, directed=True)
    w = sparse.csr_array(nx.to_scipy_sparse_array(graph, dtype=float))
    sign = np.where(np.random.default_rng(0).random(2500) < 0.3, -1.0, 1)
    for net in (w, sparse.csr_array(sparse.diags_array(sign) @ w)):
        found = na.influence(net, sources=np.arange(50))
        s = np.zeros(2500)
        s[:50] = 1
        assert np.abs(found.scores - found.gain * (net.T @ found.scores) - s).max() < 1e-10
        node = int(np.argmax(np.abs(found.scores[50:]))) + 50
        again = na.influence(net, sources=np.arange(50), silenced=[node], gain=found.gain)
        without = found.silencing(nodes=[node])
        assert without.settles.all()
        np.testing.assert_allclose(without.scores[0], again.scores, atol=1e-9)


def ring(n, back):
    """Every node to the next, and back with another weight."""
    w = sparse.diags_array([1.0, back, back, 1.0], offsets=[1, -1, n - 1, 1 - n], shape=(n, n))
    return sparse.csr_array(w)


@pytest.mark.parametrize("dynamics", ["continuous", pytest.param("discrete", marks=pytest.mark.slow)])
def test_a_skew_ring_whose_eigenvalues_hardly_differ(dynamics):
    """Seen: ARPACK's own error, of 2,501 nodes."""
    n = 601
    w = ring(n, -1.0)
    found = na.influence(w, sources=[0], dynamics=dynamics)
    leading = 0.0 if dynamics == "continuous" else 2 * np.sin(2 * np.pi * 150 / n)
    assert found.gain == pytest.approx(0.99 / leading if leading else 1.0, rel=1e-6)
    np.testing.assert_allclose(found.scores, found.gain * (w.T @ found.scores) + np.eye(n)[0], atol=1e-10)
    assert found.silencing(nodes=[3], targets=[0]).settles.all()


def test_where_iterations_do_not_converge_the_system_is_eliminated(monkeypatch):
    """Seen: GMRES did not converge, of skew networks of 2,600 nodes."""
    from netanalysis.structure import _walks

    rng = np.random.default_rng(0)
    n = 300
    w = sparse.random_array(
        (n, n), density=0.05, rng=rng, data_sampler=lambda size: rng.lognormal(0, 1.5, size) * rng.choice([-1, 1], size)
    )
    w = sparse.csr_array(w - w.T)
    exact = na.influence(w, sources=[0]).scores
    monkeypatch.setattr(_walks, "_DENSE_SOLVE", 100)
    monkeypatch.setattr(_walks, "_by_krylov", lambda system, b: None)
    np.testing.assert_array_equal(na.influence(w, sources=[0]).scores, exact)
    monkeypatch.setattr(_walks, "_ELIMINATED_UP_TO", 200)
    with pytest.raises(
        RuntimeError, match=r"GMRES did not converge among 300 nodes on cycles: alpha \(of influence: gain"
    ):
        na.influence(w, sources=[0])


def test_null_models_give_z_of_every_node():
    net = na.datasets.load("celegans_chemical")
    scores = na.takes_stacks(lambda w: na.influence(w, sources=[0, 1]).scores)
    found = na.null_test(net, scores, na.nulls.weight_shuffle, n_nulls=19, rng=0)
    assert found.z.shape == (net.n_nodes,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sources": [0], "silenced": [0]}, "silenced must not hold sources; node 0 is driven"),
        ({"sources": [0], "gain": 0}, "gain must be above 0"),
        ({"sources": [0], "dynamics": "both"}, "dynamics must be one of"),
        ({"sources": [0], "direction": "up"}, "direction must be one of"),
        ({"sources": [[0, 0, 0]]}, "row of zeros"),
        ({"sources": [[1, 0, 0]], "each": True}, "each=True needs sources as nodes"),
        ({"sources": [5]}, "sources must lie in"),
        ({"sources": ["ASEL"]}, "neither modules nor labels"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.influence(LOOP, **options)


def test_silencing_is_of_one_network_drive_and_direction():
    for options in ({"each": True, "sources": [0, 1]}, {"direction": "both", "sources": [0]}):
        with pytest.raises(ValueError, match="one network, one drive and one direction"):
            na.influence(LOOP, **options).silencing()
    with pytest.raises(ValueError, match="nodes must not hold sources"):
        na.influence(LOOP, sources=[0]).silencing(nodes=[0])


def test_the_resolvent_names_influence_where_its_series_diverges():
    with pytest.raises(ValueError, match=r"na\.influence"):
        na.resolvent([[0, 2.0], [-2, 0]], alpha=0.9, normalize=None)


def test_scores_as_a_table_with_names():
    worm = na.datasets.load("celegans_chemical")
    found = na.influence(worm, sources=["ASHL", "AWCL"], each=True, direction="both")
    table = found.table()
    assert list(table.columns) == ["source", "direction", "node", "label", "module", "score", "adjusted"]
    assert table["score"].abs().is_monotonic_decreasing
    row = table.iloc[7]
    way = ["outgoing", "incoming"].index(row["direction"])
    assert row["score"] == found.scores[way, row["source"], row["node"]]
    assert row["label"] == worm.labels[row["node"]]
    assert list(na.influence([[0, 0.5], [0.5, 0]], sources=[0]).table().columns) == ["node", "score", "adjusted"]
    with pytest.raises(ValueError, match="one of a stack"):
        na.influence(np.full((2, 3, 3), 0.1), sources=[0]).table()
