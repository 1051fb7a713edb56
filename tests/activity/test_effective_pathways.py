"""Pathways of the working network against products by hand, automatic differentiation and finite differences."""

import numpy as np
import pytest
import torch
from scipy import sparse

import netanalysis as na

W = np.array([[0.5, -1], [2, 0.3]])
FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu, "softplus": torch.nn.functional.softplus, "sigmoid": torch.sigmoid}


def run(w, w_in, b, inputs, activation, leak=1.0):
    """States (trials, time, n) and pre-activations of ``h = (1 - a) h + a f(h W + u W_in + b)``."""
    h = torch.zeros(len(inputs), len(w), dtype=torch.float64)
    states, before = [], []
    for u in inputs.unbind(1):
        pre = h @ w + u @ w_in + b
        h = (1 - leak) * h + leak * FUNCTIONS[activation](pre)
        states.append(h)
        before.append(pre)
    return torch.stack(states, 1), torch.stack(before, 1)


def example(seed, n=6, n_in=3, n_out=2, trials=4, steps=7):
    rng = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(*shape, generator=rng, dtype=torch.float64)  # noqa: E731
    return 0.6 * draw(n, n), draw(n_in, n), 0.3 * draw(n), draw(n, n_out), draw(trials, steps, n_in)


def by_autograd(w, w_in, b, w_out, u, activation, leak, max_lag):
    """Derivatives of the output at t with respect to the input at t - lag, every trial and time, one at a time."""
    maps = [[] for _ in range(max_lag + 1)]
    for trial in u:
        jacobian = torch.autograd.functional.jacobian(
            lambda x: run(w, w_in, b, x[None], activation, leak)[0][0] @ w_out, trial
        )  # (time, n_out, time, n_in)
        for lag in range(max_lag + 1):
            maps[lag] += [jacobian[t, :, t - lag, :].T.numpy() for t in range(lag, len(trial))]
    return [np.array(m) for m in maps]


@pytest.mark.parametrize("leak", [1.0, 0.3])
@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize(("n_in", "n_out"), [(3, 2), (2, 3)])
def test_equal_to_automatic_differentiation(activation, leak, n_in, n_out):
    w, w_in, b, w_out, u = example(0, n_in=n_in, n_out=n_out)
    before = run(w, w_in, b, u, activation, leak)[1]
    s = na.slopes(FUNCTIONS[activation](before).numpy(), activation=activation)
    found = na.effective_pathways(w.numpy(), slopes=s, inputs=w_in.numpy(), outputs=w_out.numpy(), max_lag=5, leak=leak)
    right = by_autograd(w, w_in, b, w_out, u, activation, leak, 5)
    assert found.n_samples.tolist() == [len(m) for m in right]
    for lag, maps in enumerate(right):
        np.testing.assert_allclose(found.maps[lag], maps.mean(axis=0), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.spread[lag], maps.std(axis=0), rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(found.mean_square[lag], (maps**2).sum((1, 2)).mean(), rtol=1e-10)


def test_right_values_of_two_units():
    h, u = np.array([0.2, -0.4]), np.array([0.1, 0.3])
    states = []
    for _ in range(2):
        h = np.tanh(h @ W + u)
        states.append(h)
    np.testing.assert_allclose(states[0], [-0.5370496, -0.0199973], atol=5e-8)
    # A step before the first one, whose slope nothing meets, so that two lags have where to start.
    s = na.slopes([[[0, 0], *states]], activation="tanh")
    found = na.effective_pathways(W, slopes=s, max_lag=2)
    last = na.effective_pathways(W, slopes=s, max_lag=1, times=[1])
    np.testing.assert_allclose(last.maps[1], [[0.3557889, -0.9996001], [1.4231555, 0.29988]], atol=5e-8)
    np.testing.assert_allclose(found.maps[2], [[-1.7443549, -0.3515599], [1.2559333, -0.7148374]], atol=5e-8)
    np.testing.assert_allclose(found.linear.maps[2], [[-1.75, -0.8], [1.6, -1.91]])


def test_products_are_averaged_and_not_jacobians():
    s = np.zeros((2, 3, 1))
    s[0] = 1
    found = na.effective_pathways([[1.0]], slopes=s, max_lag=2)
    assert found.maps[:, 0, 0].tolist() == [1, 0.5, 0.5]
    assert found.spread[:, 0, 0].tolist() == [0, 0.5, 0.5]
    assert found.n_samples.tolist() == [6, 4, 2]
    np.testing.assert_allclose(found.ratio, [1, 0.5**0.5, 0.5**0.5])


def test_leaky_slopes_are_those_of_pre_activations():
    found = na.effective_pathways([[-2.0]], slopes=[[[1.0], [0.0]]], max_lag=1, leak=0.2)
    assert found.maps[1, 0, 0] == pytest.approx(0.8)
    chain = na.effective_pathways([[0, 1.0], [0, 0]], slopes=np.ones((1, 3, 2)), max_lag=2, leak=0.5)
    assert chain.maps[2, 0, 1] == 0.5


@pytest.mark.parametrize("ends", ["weights", "nodes", "every"])
def test_slopes_of_one_give_the_pathways_of_the_weights(ends):
    w, w_in, _, w_out, _ = (x.numpy() for x in example(1))
    options = {"weights": {"inputs": w_in, "outputs": w_out}, "nodes": {"inputs": [0], "outputs": [1, 4]}, "every": {}}
    for leak in (None, 0.4):
        found = na.effective_pathways(w, slopes=np.ones((2, 6, 6)), max_lag=5, leak=leak, **options[ends])
        right = na.pathways(w, max_hops=5, leak=leak, **options[ends])
        np.testing.assert_allclose(found.maps, right.maps, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found.linear.maps, right.maps)
        start = ends == "nodes"  # between other nodes nothing arrives without a hop
        np.testing.assert_allclose(found.ratio[start:], 1)
        np.testing.assert_allclose(found.correlation[1:], 1)
        np.testing.assert_allclose(found.spread, 0, atol=1e-12)


def test_every_lag_has_its_own_correlation():
    rng = np.random.default_rng(5)
    found = na.effective_pathways(rng.normal(size=(4, 4)), slopes=rng.random((3, 6, 4)), max_lag=3)
    right = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(found.maps, found.linear.maps, strict=True)]
    np.testing.assert_allclose(found.correlation, right, rtol=1e-12)


def test_jacobians_equal_slopes():
    rng = np.random.default_rng(2)
    w, s = rng.normal(size=(4, 4)), rng.random((3, 6, 4))
    j = w * s[..., None, :]
    for ends in ({"inputs": [0, 1], "outputs": [3]}, {"inputs": [2], "outputs": [0, 1, 3]}, {}):
        found = na.effective_pathways(jacobians=j, max_lag=4, **ends)
        right = na.effective_pathways(w, slopes=s, max_lag=4, **ends)
        np.testing.assert_allclose(found.maps, right.maps, rtol=1e-12)
        assert found.linear is None
    with pytest.raises(ValueError, match="Jacobians alone"):
        _ = found.ratio


def test_derivatives_with_respect_to_inputs_go_with_jacobians():
    rng = np.random.default_rng(4)
    w, s, w_in, w_out = rng.normal(size=(4, 4)), rng.random((3, 6, 4)), rng.normal(size=(2, 4)), rng.normal(size=(4, 3))
    j, b = w * s[..., None, :], w_in * s[..., None, :]
    for ends in ({"outputs": w_out}, {"outputs": [1]}):
        found = na.effective_pathways(jacobians=j, input_jacobians=b, max_lag=4, **ends)
        right = na.effective_pathways(w, slopes=s, inputs=w_in, max_lag=4, **ends)
        np.testing.assert_allclose(found.maps, right.maps, rtol=1e-12)
    with pytest.raises(ValueError, match="input_jacobians must have shape"):
        na.effective_pathways(jacobians=j, input_jacobians=b[:, :2], max_lag=1)
    with pytest.raises(ValueError, match="inputs= or input_jacobians="):
        na.effective_pathways(jacobians=j, input_jacobians=b, inputs=[0], max_lag=1)


def test_a_stack_equals_the_loop_and_sparse_equals_dense():
    rng = np.random.default_rng(3)
    stack, s = rng.normal(size=(3, 5, 5)), rng.random((3, 2, 6, 5))
    w_in = rng.normal(size=(3, 2, 5))
    found = na.effective_pathways(stack, slopes=s, inputs=w_in, outputs=[0, 1, 2], max_lag=3, times=[3, 5])
    for k in range(3):
        options = {"slopes": s[k], "inputs": w_in[k], "outputs": [0, 1, 2], "max_lag": 3, "times": [3, 5]}
        for make in (np.asarray, sparse.csr_array):
            one = na.effective_pathways(make(stack[k]), **options)
            np.testing.assert_allclose(found.maps[k], one.maps, rtol=1e-12)
            np.testing.assert_allclose(found.ratio[k], one.ratio, rtol=1e-12)
    shared = na.effective_pathways(stack, slopes=s[0], max_lag=1)
    np.testing.assert_allclose(shared.maps[1], na.effective_pathways(stack[1], slopes=s[0], max_lag=1).maps)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slopes": np.ones((1, 3, 2)), "max_lag": 3}, "max_lag must be at most 2"),
        ({"slopes": np.ones((1, 3, 2)), "max_lag": 2, "times": [1]}, "max_lag must be at most 1"),
        ({"slopes": np.ones((1, 3, 3)), "max_lag": 1}, r"slopes must have shape \(trials, time, 2\)"),
        ({"max_lag": 1}, "either slopes"),
        ({"slopes": np.ones((1, 3, 2)), "jacobians": np.ones((1, 3, 2, 2)), "max_lag": 1}, "either slopes"),
        ({"jacobians": np.ones((1, 3, 2, 2)), "max_lag": 1}, "hold the weights"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(ValueError, match=message):
        na.effective_pathways(W, **options)


def test_slopes_refuse_states_that_are_no_outputs():
    with pytest.raises(ValueError, match=r"must lie in \[-1, 1\]"):
        na.slopes([1.5], activation="tanh")
    with pytest.raises(ValueError, match="activation must be one of"):
        na.slopes([0.5], activation="gelu")
    assert na.slopes([0.0, 2], activation="relu").tolist() == [0, 1]


@pytest.mark.parametrize("unit", [1e-200, 1e100])
def test_the_unit_of_the_weights_is_that_of_the_maps(unit):
    w, slopes = np.array([[0, 2.0, 1], [3, 0, 1], [1, 1, 0]]), np.random.default_rng(0).random((3, 4, 3))
    a, b = (na.effective_pathways(m, slopes=slopes, max_lag=1) for m in (w, unit * w))
    assert np.allclose(b.spread[1], unit * a.spread[1], rtol=1e-12, atol=0)
    assert np.allclose([b.ratio, b.correlation], [a.ratio, a.correlation], rtol=1e-12, atol=0)
    with pytest.raises(OverflowError, match="beyond double precision"):
        na.effective_pathways(1e160 * w, slopes=slopes, max_lag=1)
