"""Memory of reservoirs against closed forms of linear ones."""

import numpy as np
import pytest
from scipy import linalg, sparse

import netanalysis as na

LINEAR = {"activation": "linear", "radius": None, "inputs": [0], "n_steps": 4000}


def exact(w, entry, delays):
    """Squared correlations of a linear network from its state covariance: ``c_k P^-1 c_k / var(u)``."""
    moved = np.array([entry @ np.linalg.matrix_power(w, k) for k in delays])
    p = linalg.solve_discrete_lyapunov(w.T, np.outer(entry, entry))
    return np.array([c @ np.linalg.pinv(p, rcond=1e-10) @ c for c in moved])


def test_a_shift_register_holds_as_many_values_as_it_has_units():
    found = na.memory_capacity(np.diag(np.ones(2), 1), max_delay=5, **LINEAR)
    np.testing.assert_allclose(found.by_delay[:3], 1, atol=1e-6)
    assert found.by_delay[3:].max() < 0.01
    assert found.total == pytest.approx(3, abs=0.02)
    assert found.delays.tolist() == [0, 1, 2, 3, 4, 5]


def test_what_ridge_shrinks_is_told_all_the_same():
    found = na.memory_capacity(np.diag(np.ones(2), 1), max_delay=2, **(LINEAR | {"ridge": 1.0}))
    np.testing.assert_allclose(found.by_delay, 1, atol=1e-3)  # correlations; of variance explained 0.75 would be left
    assert found.by_delay[1:].sum() == pytest.approx(2, abs=2e-3)  # from delay 1 on


def test_features_without_memory_score_nothing_on_steps_they_were_not_fitted_to():
    noise = na.memory_capacity(np.zeros((50, 50)), radius=None, max_delay=20, n_steps=1000)
    assert noise.by_delay[1:].mean() < 0.005  # 0.05 each on the steps they were fitted to


def test_one_unit_forgets_by_half():
    found = na.memory_capacity([[0.5]], max_delay=4, **(LINEAR | {"n_steps": 20_000}))
    np.testing.assert_allclose(found.by_delay, 0.75 * 0.25 ** np.arange(5), atol=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_linear_networks_have_the_capacity_of_their_covariance(seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(5, 5))
    w *= 0.8 / np.abs(np.linalg.eigvals(w)).max()
    entry = rng.normal(size=5)
    options = LINEAR | {"inputs": entry, "n_steps": 20_000, "ridge": 1e-12}
    for make in (np.asarray, sparse.csr_array):
        found = na.memory_capacity(make(w), max_delay=12, **options)
        np.testing.assert_allclose(found.by_delay, exact(w, entry, range(13)), atol=0.02)
        assert found.total <= 5.1


def test_weights_are_scaled_to_the_radius():
    w = np.random.default_rng(0).random((10, 10))
    found = na.memory_capacity(w, radius=0.5)
    assert found.scale * na.spectral_radius(w) == pytest.approx(0.5)
    assert na.memory_capacity(7 * w, radius=0.5).total == pytest.approx(found.total, rel=1e-9)
    assert na.memory_capacity(np.triu(w, 1), radius=None).scale == 1


def test_a_radius_of_0_or_of_rounding_is_nothing_to_scale_by():
    w = np.random.default_rng(0).normal(size=(10, 10))
    for make in (np.asarray, sparse.csr_array):
        with pytest.raises(ValueError, match=r"the spectral radius is 0, .*radius=None"):
            na.memory_capacity(make(np.triu(w, 1)))
    with pytest.raises(ValueError, match="of network 1 of the stack is 0"):
        na.memory_capacity(np.stack([w, np.triu(w, 1)]))
    q = linalg.qr(w)[0]
    turned = q @ np.triu(w, 1) @ q.T
    for make in (np.asarray, sparse.csr_array):
        with pytest.raises(ValueError, match="cannot be told from rounding"):
            na.memory_capacity(make(turned))
    assert na.memory_capacity(w, n_steps=200).scale == pytest.approx(0.9 / na.spectral_radius(w))


def test_a_network_has_one_score_and_a_stack_those_of_its_members():
    stack = np.random.default_rng(1).normal(size=(3, 12, 12))
    found = na.memory_capacity(stack, n_steps=300)
    for k, w in enumerate(stack):
        one = na.memory_capacity(w, n_steps=300)
        assert one.total == pytest.approx(found.total[k], rel=1e-9)
    assert na.memory_capacity(stack[0], n_steps=300, rng=1).total != found.total[0]
    assert na.memory_capacity(stack[0], n_steps=300, leak=0.5).total != found.total[0]


def test_what_says_nothing_is_nan_and_said():
    with pytest.warns(na.UndefinedWarning, match="does not vary"):
        assert np.isnan(na.memory_capacity(np.ones((3, 3)), inputs=np.zeros(3)).total)
    with pytest.warns(na.UndefinedWarning, match="grows"):
        assert np.isnan(na.memory_capacity([[2.0]], radius=None, activation="linear").total)


def test_input_weights_of_a_connectome():
    w = np.diag(np.ones(2), 1)
    net = na.Connectome(w, inputs=[[1.0, 0, 0]])
    found = na.memory_capacity(net, activation="linear", radius=None, max_delay=3)
    assert found.by_delay[2] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "relu"}, "activation must be one of"),
        ({"radius": 0}, "radius must be above 0"),
        ({"leak": 0}, "leak must be above 0"),
        ({"max_delay": 1001}, "max_delay must be at most half of n_steps, 1000"),
        ({"n_steps": 3}, "n_steps must be at least 10"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.memory_capacity(np.eye(3), **options)


@pytest.mark.parametrize("activation", ["linear", "tanh"])
def test_the_unit_of_the_input_does_not_matter_where_units_are_linear(activation):
    shift = np.diag(np.ones(2), 1)
    options = {"inputs": [0], "activation": activation, "radius": None, "max_delay": 4, "n_steps": 500}
    for scale in (1e-200, 1e200) if activation == "linear" else (1e-200,):
        found = na.memory_capacity(shift, input_scale=scale, **options)
        np.testing.assert_allclose(found.by_delay, [1, 1, 1, 0, 0], atol=0.05)
